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
from tests.doubtful_city import FLAGS, build_doubtful_city
from tests.submitted_rows import ledger_row, submit

PLACE = ("month", "unit", "sector", "branch")
SOURCE = ("source_file", "sheet", "row")


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory):
    return build_doubtful_city(tmp_path_factory.mktemp("doubtful"))


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


def test_the_file_holds_every_fault_and_every_flag_with_its_place(doubtful, tmp_path):
    code, lines = check_csv(doubtful, tmp_path)
    assert code == 1
    told = {(line["rule"], line["unit"], line["sector"]) for line in lines}
    queried = {"part_over_whole": "grassroots_within_lectures"}
    wanted = {
        (queried.get(rule, rule), unit, sector or "rural")
        for rule, unit, sector, *_ in FLAGS
    }
    assert told == wanted
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
    assert jump["sentence"].startswith("连江县 农村 2016-09:第二专题覆盖率一个月增加")
    assert jump["sentence"].endswith("请看会议记录的日期。")


def test_every_line_names_file_sheet_and_row_and_each_list_of_them_is_as_long(
    doubtful, tmp_path
):
    for line in check_csv(doubtful, tmp_path)[1]:
        numbers = {len(line[name].split("; ")) for name in SOURCE}
        assert numbers == {1}
        assert line["month"] and line["unit"] and line["sector"] and line["row"]


def test_figures_alike_in_two_units_name_the_rows_of_both(doubtful, tmp_path):
    lines = check_csv(doubtful, tmp_path)[1]
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


def test_the_text_and_the_file_hold_the_same_lines(doubtful, tmp_path, capsys):
    lines = check_csv(doubtful, tmp_path)[1]
    capsys.readouterr()
    assert main(["check", "--lake", str(doubtful)]) == 1
    told = capsys.readouterr()
    texts = [line.split("\t") for line in told.out.splitlines()]
    assert [text[:4] for text in texts] == [
        [line[name] for name in ("rule", "severity", "month", "sentence")]
        for line in lines
    ]
    assert texts[0][4] == "{source_file} {sheet} 第 {row} 行".format(**lines[0])
    faults = sum(line["severity"] == "fault" for line in lines)
    flags = sum(line["severity"] == "flag" for line in lines)
    assert f"{len(lines)} findings: " in told.err
    assert f"{faults} faults" in told.err and f"{flags} flags" in told.err


def test_without_a_file_the_csv_goes_to_standard_output(
    doubtful, tmp_path, capsysbinary
):
    lines = check_csv(doubtful, tmp_path)[1]
    capsysbinary.readouterr()
    assert main(["check", "--lake", str(doubtful), "--format", "csv"]) == 1
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


def test_a_file_that_cannot_be_written_is_said_without_a_traceback(doubtful, capsys):
    out = "/proc/核对.csv"
    assert main(["check", "--lake", str(doubtful), "--out", out]) == 1
    assert capsys.readouterr().err.startswith(out)


def test_every_rule_over_several_rows_has_its_words_in_the_registry():
    registry = load_registry()
    of_rows = {"part_over_whole", "cumulative_falls"}
    patterns = {rule.id for rule in registry.rules if rule.kind == "pattern"}
    assert patterns | of_rows == set(REASONS)
    assert {rule.severity for rule in registry.rules if rule.kind == "pattern"} == {
        "fault",
        "flag",
    }
