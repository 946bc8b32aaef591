"""What `check` says, as people and programs read it: nothing hidden, nothing run."""

from __future__ import annotations

import csv
import io

import pytest

from data_pipeline.__main__ import main
from data_pipeline.check_findings import COLUMNS
from data_pipeline.registry import load_registry
from data_pipeline.statistics.credibility import REASONS
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.doubtful_city import FLAGS
from tests.submitted_rows import day, ledger_row, roll_row, submit

PLACE = ("month", "unit", "sector", "branch")
SOURCE = ("source_file", "sheet", "row")


def check_csv(lake, tmp_path) -> tuple[int, list[dict[str, str]]]:
    """Exit code and lines of `check --format csv --out`."""
    out = tmp_path / "核对.csv"
    code = main(["check", "--lake", str(lake), "--format", "csv", "--out", str(out)])
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert all(tuple(line) == COLUMNS for line in lines)
    return code, lines


def lake_of(tmp_path, *submissions) -> str:
    """A built lake; each submission is (day, rows) or (day, rows, options)."""
    lake = Lake(tmp_path / "lake")
    with lake.writing():
        for received, rows, *options in submissions:
            submit(lake, received, rows, **(options[0] if options else {}))
        build(lake.root, load_registry())
    return str(lake.root)


def test_the_file_holds_every_fault_and_every_flag_with_its_place(
    doubtful_lake, tmp_path
):
    code, lines = check_csv(doubtful_lake, tmp_path)
    assert code == 1
    found = {(line["rule"], line["unit"], line["sector"]) for line in lines}
    queried = {"part_over_whole": "grassroots_within_lectures"}
    wanted = {
        (queried.get(rule, rule), unit, sector or "rural")
        for rule, unit, sector, *_ in FLAGS
    }
    assert found == wanted
    (jump,) = (line for line in lines if line["rule"] == "jump")
    assert [jump[name] for name in (*PLACE, *SOURCE)] == [
        "2016-09",
        "350122",
        "rural",
        "",
        "台账.xlsx",
        "台账",
        "8–10",
    ]
    assert jump["severity"] == "flag"
    assert jump["sentence"].startswith("连江县 农村 2016-09：第二专题覆盖率一个月增加")
    assert jump["sentence"].endswith("请看会议记录的日期。")


def test_every_line_names_file_sheet_and_row_and_each_list_of_them_is_as_long(
    doubtful_lake, tmp_path
):
    for line in check_csv(doubtful_lake, tmp_path)[1]:
        numbers = {len(line[name].split("; ")) for name in SOURCE}
        assert numbers == {1}
        assert line["month"] and line["unit"] and line["sector"] and line["row"]


def test_figures_alike_in_two_units_name_the_rows_of_both(doubtful_lake, tmp_path):
    lines = check_csv(doubtful_lake, tmp_path)[1]
    rows = [line["row"] for line in lines if line["rule"] == "same_in_two_units"]
    assert rows == ["11–12"] * 2


def test_a_copied_month_names_the_files_of_both_months_in_the_same_order(tmp_path):
    counts = dict.fromkeys(
        ("n_lectures", "n_leaders_attended", "n_leaders_spoke", "n_leader_speeches"), 7
    )
    counts |= {"n_branches_topic_2": 9, "n_branches": 20, "n_leaders": 30}
    lake = lake_of(
        tmp_path,
        *(
            (received, [ledger_row(month, "350111", "rural", **counts)], {"file": file})
            for received, month, file in (
                ("2016-08-10", "2016-07", "七月.xlsx"),
                ("2016-09-10", "2016-08", "八月.xlsx"),
            )
        ),
    )
    code, (line,) = check_csv(lake, tmp_path)
    assert code == 0, "a flag is no fault"
    assert (line["rule"], line["month"]) == ("copied_month", "2016-08")
    assert [line[name] for name in SOURCE] == [
        "七月.xlsx; 八月.xlsx",
        "台账; 台账",
        "4; 4",
    ]


def test_a_flag_of_the_whole_campaign_is_one_line_for_each_month(tmp_path):
    rows = [
        ledger_row(
            month,
            "350128",
            "rural",
            f"350128-R{number:04d}",
            n_branches=1,
            n_members=900,
            n_leaders=1,
            n_members_spoke=10 * number + 10,
        )
        for number in range(60)
        for month in ("2016-07", "2016-08")
    ]
    for number, row in enumerate(rows):
        row["n_members_spoke"] += 5 * (number % 2)
    code, lines = check_csv(lake_of(tmp_path, ("2016-12-20", rows)), tmp_path)
    assert code == 0
    assert [(line["rule"], line["month"]) for line in lines] == [
        ("round_digits", "2016-07"),
        ("round_digits", "2016-08"),
    ]


def test_the_text_and_the_file_hold_the_same_lines(doubtful_lake, tmp_path, capsys):
    lines = check_csv(doubtful_lake, tmp_path)[1]
    capsys.readouterr()
    assert main(["check", "--lake", str(doubtful_lake)]) == 1
    captured = capsys.readouterr()
    texts = [line.split("\t") for line in captured.out.splitlines()]
    assert [text[:4] for text in texts] == [
        [line[name] for name in ("rule", "severity", "month", "sentence")]
        for line in lines
    ]
    assert texts[0][4] == "{source_file} {sheet} 第 {row} 行".format(**lines[0])
    faults = sum(line["severity"] == "fault" for line in lines)
    flags = sum(line["severity"] == "flag" for line in lines)
    assert f"{len(lines)} findings: " in captured.err
    assert f"{faults} faults" in captured.err and f"{flags} flags" in captured.err


def test_without_a_file_the_csv_goes_to_standard_output(
    doubtful_lake, tmp_path, capsysbinary
):
    lines = check_csv(doubtful_lake, tmp_path)[1]
    capsysbinary.readouterr()
    assert main(["check", "--lake", str(doubtful_lake), "--format", "csv"]) == 1
    out = capsysbinary.readouterr().out.decode("utf-8-sig")
    assert list(csv.DictReader(io.StringIO(out))) == lines


def test_a_file_named_like_a_formula_is_not_run_by_a_spreadsheet(tmp_path):
    rows = [
        ledger_row(month, "350111", "rural", n_branches=9, n_lectures=n)
        for month, n in (("2016-07", 9), ("2016-08", 4))
    ]
    lake = lake_of(tmp_path, ("2016-09-10", rows, {"file": "=cmd|'/C calc'!A0.xlsx"}))
    code, (line,) = check_csv(lake, tmp_path)
    assert code == 1
    assert line["source_file"] == "'=cmd|'/C calc'!A0.xlsx"


def test_a_clean_lake_gives_the_headings_alone_and_exit_code_0(tmp_path):
    lake = lake_of(tmp_path, ("2016-08-10", [ledger_row("2016-07", "GQ", "soe")]))
    assert check_csv(lake, tmp_path) == (0, [])


def test_a_file_that_cannot_be_written_is_said_without_a_traceback(
    doubtful_lake, capsys
):
    out = "/proc/核对.csv"
    assert main(["check", "--lake", str(doubtful_lake), "--out", out]) == 1
    assert capsys.readouterr().err.startswith(out)


def test_every_rule_over_several_rows_has_its_words_in_the_registry():
    registry = load_registry()
    of_rows = {rule.id for rule in registry.rules if rule.kind == "rows"}
    patterns = {rule.id for rule in registry.rules if rule.kind == "pattern"}
    assert patterns | of_rows == set(REASONS)
    assert {rule.severity for rule in registry.rules if rule.kind == "pattern"} == {
        "fault",
        "question",
        "flag",
    }


def roll_of(unit, sector, n, **values):
    return [
        roll_row(f"{unit}-{sector[0].upper()}{i:04d}", unit, sector, **values)
        for i in range(n)
    ]


def lines_of(lake, tmp_path, rule) -> list[dict[str, str]]:
    """The lines of one rule, faults all of which make the exit code 1."""
    code, lines = check_csv(lake, tmp_path)
    found = [line for line in lines if line["rule"] == rule]
    assert code == (1 if any(line["severity"] == "fault" for line in lines) else 0)
    return found


def test_rows_that_a_later_file_of_the_unit_and_month_leaves_out_are_named(tmp_path):
    def row(sector, n=9):
        return ledger_row("2016-07", "350102", sector, n_branches=n)

    lake = lake_of(
        tmp_path,
        ("2016-08-10", [row("organ"), row("rural")], {"file": "七月.xlsx"}),
        ("2016-08-12", [row("organ", 10)], {"file": "七月补.xlsx"}),
        (
            "2016-08-13",
            [ledger_row("2016-07", "350103", "rural", n_branches=9)],
            {"file": "另一单位.xlsx"},
        ),
    )
    (line,) = lines_of(lake, tmp_path, "left_out_later")
    assert [line[name] for name in (*PLACE, *SOURCE)] == [
        "2016-07",
        "350102",
        "rural",
        "",
        "七月.xlsx",
        "台账",
        "5",
    ]
    assert line["sentence"] == (
        "鼓楼区 农村 2016-07：同一单位、同一月份后来的文件没有这一行，这一行仍然有效"
        "（七月补.xlsx）。仍然属实的无需处理；已经取消的，请重新提交这一行，各数填实际数。"
    )


def test_a_file_of_an_earlier_receipt_leaves_nothing_out(tmp_path):
    def row(sector):
        return ledger_row("2016-07", "350102", sector, n_branches=9)

    lake = lake_of(
        tmp_path,
        ("2016-08-12", [row("organ"), row("rural")]),
        ("2016-08-10", [row("organ")]),
    )
    assert lines_of(lake, tmp_path, "left_out_later") == []


def test_a_branch_filed_before_a_roll_that_does_not_name_it_is_named(tmp_path):
    rows = [
        ledger_row("2016-07", "350102", "organ", f"350102-O{i:04d}", n_branches=1)
        for i in (0, 77)
    ]
    other = ledger_row("2016-07", "350103", "organ", "350103-O0001", n_branches=1)
    lake = lake_of(
        tmp_path,
        ("2016-08-10", [*rows, other]),
        ("2016-08-11", [], {"roll": roll_of("350102", "organ", 2)}),
    )
    (line,) = lines_of(lake, tmp_path, "branch_off_roll")
    assert (line["branch"], line["row"]) == ("350102-O0077", "5")


def test_a_branch_that_the_roll_has_elsewhere_is_named(tmp_path):
    rows = [ledger_row("2016-07", "350102", "rural", "350102-O0000", n_branches=1)]
    lake = lake_of(
        tmp_path,
        ("2016-08-10", rows),
        ("2016-08-11", [], {"roll": roll_of("350102", "organ", 2)}),
    )
    (line,) = lines_of(lake, tmp_path, "branch_elsewhere")
    assert (line["branch"], line["sector"]) == ("350102-O0000", "rural")


def test_checks_and_cases_whose_branch_no_roll_names_are_not_lost_in_silence(tmp_path):
    check = {
        "check_date": day("2016-07-20"),
        "supervision_group": "G1",
        "selection": "random",
        "found_topic_1": "yes",
    }
    case = {"case_code": "RS-1", "listed_date": day("2016-02-01"), "status": "relapsed"}
    lake = lake_of(
        tmp_path,
        (
            "2016-08-10",
            [ledger_row("2016-07", "350102", "organ", n_branches=2)],
            {
                "spot_check": [check | {"branch": f"350102-O{i:04d}"} for i in (0, 7)],
                "weak_case": [case | {"branch": "350102-O0009"}],
            },
        ),
        ("2016-08-11", [], {"roll": roll_of("350102", "organ", 2)}),
    )
    lines = lines_of(lake, tmp_path, "record_off_roll")
    places = [[line[n] for n in ("month", "branch", "sheet")] for line in lines]
    assert places == [
        ["", "350102-O0009", "软弱涣散"],
        ["2016-07", "350102-O0007", "抽查"],
    ]
    assert lines[0]["sentence"].startswith("350102-O0009：名册上没有这个支部")


def test_a_blank_of_a_month_only_column_names_month_unit_and_column(tmp_path):
    counts = [
        {"n_lectures": 4, "n_branches_topic_2": None, "n_leader_speeches": None},
        {"n_lectures": None, "n_branches_topic_2": None, "n_leader_speeches": None},
        {"n_lectures": 5, "n_branches_topic_2": 3, "n_leader_speeches": None},
        {"n_lectures": 5, "n_branches_topic_2": 2, "n_leader_speeches": None},
    ]
    months = ("2016-04", "2016-05", "2016-06", "2016-07")
    rows = [
        ledger_row(month, "350121", "rural", basis="month", n_branches=9, **values)
        for month, values in zip(months, counts, strict=True)
    ]
    rows[2]["n_branches_topic_2"] = None  # topic 2 opens in July
    lines = lines_of(lake_of(tmp_path, ("2016-08-10", rows)), tmp_path, "blank_in_flow")
    (line,) = lines
    assert [line[name] for name in (*PLACE, "row")] == [
        "2016-05",
        "350121",
        "rural",
        "",
        "5",
    ]
    assert "领导干部讲党课次数。请补填这一列" in line["sentence"]


def test_blanks_of_cumulative_files_are_no_fault_of_the_sums(tmp_path):
    rows = [
        ledger_row(month, "350121", "rural", n_branches=9, n_lectures=n)
        for month, n in (("2016-04", 4), ("2016-05", None), ("2016-06", 9))
    ]
    lake = lake_of(tmp_path, ("2016-08-10", rows))
    assert lines_of(lake, tmp_path, "blank_in_flow") == []


def test_5000_branches_where_the_roll_has_309_do_not_pass_as_100_per_cent(tmp_path):
    row = ledger_row(
        "2016-07", "350102", "organ", n_branches=5000, n_branches_topic_1=5000
    )
    lake = lake_of(
        tmp_path,
        ("2016-07-01", [], {"roll": roll_of("350102", "organ", 309)}),
        ("2016-08-10", [row]),
    )
    (line,) = lines_of(lake, tmp_path, "off_roll")
    assert line["severity"] == "fault"
    assert line["sentence"].startswith(
        "鼓楼区 机关 2016-07：党支部数与名册相差超过 10 %；"
        "相差最多的党支部数上报 5,000，名册 309。"
    )


@pytest.mark.parametrize(
    ("filed", "on_roll", "is_found"),
    [
        ({"n_branches": 22}, {}, False),  # exactly a tenth of 20
        ({"n_branches": 23}, {}, True),
        ({"n_branches": 17}, {}, True),
        ({"n_members": 230}, {"n_members": 10}, True),
        ({"n_members": 219}, {"n_members": 10}, False),
        ({"n_members": 230}, {"n_members": None}, False),
        ({"n_leaders": 41}, {"n_leaders": 1}, True),
    ],
)
def test_members_and_leaders_are_held_against_the_roll_too(
    tmp_path, filed, on_roll, is_found
):
    row = ledger_row("2016-07", "350102", "organ", **({"n_branches": 20} | filed))
    lake = lake_of(
        tmp_path,
        ("2016-07-01", [], {"roll": roll_of("350102", "organ", 20, **on_roll)}),
        ("2016-08-10", [row]),
    )
    assert bool(lines_of(lake, tmp_path, "off_roll")) == is_found


def test_a_sector_that_the_roll_of_the_unit_does_not_have_is_found(tmp_path):
    rows = [
        ledger_row("2016-07", unit, "soe", n_branches=12) for unit in ("350102", "GQ")
    ]
    lake = lake_of(
        tmp_path,
        ("2016-07-01", [], {"roll": roll_of("350102", "organ", 20)}),
        ("2016-08-10", rows),
    )
    (line,) = lines_of(lake, tmp_path, "off_roll")
    assert (line["unit"], line["sector"]) == ("350102", "soe")


def test_a_tenth_less_than_the_last_report_is_found_across_a_missing_month(tmp_path):
    rows = [
        ledger_row(month, "350102", "organ", n_branches=n, n_members=members)
        for month, n, members in (
            ("2016-05", 100, 3000),
            ("2016-07", 89, None),
            ("2016-08", 89, 3010),
        )
    ]
    lake = lake_of(tmp_path, ("2016-09-10", rows))
    (line,) = lines_of(lake, tmp_path, "off_last_month")
    assert (line["month"], line["row"]) == ("2016-07", "4–5")
    assert "上报 89，上一次 100" in line["sentence"]


def test_one_leader_more_in_a_small_cell_is_no_finding(tmp_path):
    rows = [
        ledger_row(month, "350102", "organ", n_branches=3, n_leaders=n)
        for month, n in (("2016-07", 4), ("2016-08", 5))
    ]
    code, lines = check_csv(lake_of(tmp_path, ("2016-09-10", rows)), tmp_path)
    assert (code, lines) == (0, [])


def test_organizations_equal_to_branches_everywhere_is_a_question_and_no_fault(
    tmp_path,
):
    rows = [
        ledger_row("2016-07", unit, sector, n_branches=9, n_organizations=n)
        for unit, sector, n in (
            ("350102", "organ", 9),
            ("350102", "rural", 9),
            ("350103", "organ", 9),
            ("350103", "rural", 10),
        )
    ]
    code, lines = check_csv(lake_of(tmp_path, ("2016-08-10", rows)), tmp_path)
    assert code == 0
    assert {(line["rule"], line["severity"], line["unit"]) for line in lines} == {
        ("organizations_equal", "question", "350102")
    }
    assert [line["sector"] for line in lines] == ["organ", "rural"]


def test_speakers_of_a_topic_before_its_window_are_found(tmp_path):
    row = ledger_row(
        "2016-06", "350102", "organ", n_branches=9, n_members=90, n_speakers_topic_2=3
    )
    (line,) = lines_of(
        lake_of(tmp_path, ("2016-07-10", [row])), tmp_path, "ahead_of_window"
    )
    assert "第二专题发言人数在窗口开始以前已填 3" in line["sentence"]
