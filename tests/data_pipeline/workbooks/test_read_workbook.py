"""Files built for one hazard each: what is read, what is refused, and where it says."""

from __future__ import annotations

import dataclasses
import io
import json
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_pipeline.registry import Column, Rule, Table, load_registry
from data_pipeline.registry.schema import incoming_schema
from data_pipeline.workbooks import guarded_readers, open_workbook, read_workbook
from data_pipeline.workbooks.cell_values import Fault, read_count, read_date, read_month
from data_pipeline.workbooks.finding import Finding, holds_personal_number, show
from tests.data_pipeline.filed_workbooks import (
    BAD_INPUTS,
    HEADINGS,
    RECEIVED,
    codes,
    good_rows,
    places,
    put,
    read,
    read_ledger,
    rewrite,
    sentences,
    write_csv,
    write_xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"


def ledger(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    return write_xlsx(path / "台账.xlsx", {"台账": [HEADINGS, *rows]}, **options)


def branch_row(row: list[Any], branch: str) -> list[Any]:
    """A row of an office's ledger as the ledger of one branch."""
    row = [*row[:4], branch, *row[5:]]
    for index in (6, 7, 12, 13, 14):
        row[index] = min(row[index], 1)
    return row


def total_row(rows: list[list[Any]], label: str = "合计") -> list[Any]:
    """A row that sums the counts of the rows."""
    row: list[Any] = [""] * len(HEADINGS)
    row[2] = label
    for index in range(6, 21):
        row[index] = sum(r[index] for r in rows)
    return row


# --- what is read right -----------------------------------------------------------


def test_a_ledger_keeps_codes_counts_and_where_each_row_stood(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "D2", " 鼓东街道　")
    put(rows, "V2", "第二行\n备注")
    first = read_ledger(ledger(tmp_path, rows))[0]
    assert first == {
        "month": "2016-07",
        "supervision_group": "G1",
        "unit": "350104",
        "township": "鼓东街道",
        "branch": None,
        "sector": "organ",
        "n_organizations": 20,
        "n_branches": 16,
        "n_members": 160,
        "n_leaders": 13,
        "n_lectures": 4,
        "n_lectures_grassroots": 3,
        "n_branches_topic_1": 16,
        "n_branches_topic_2": 13,
        "n_branches_topic_3": 0,
        "n_leaders_attended": 13,
        "n_leaders_spoke": 7,
        "n_leader_speeches": None,
        "n_members_spoke": 16,
        "n_speakers_topic_1": 15,
        "n_speakers_topic_2": 2,
        "n_speakers_topic_3": 0,
        "note": "第二行\n备注",
        "source_sheet": "台账",
        "source_row": 2,
        "basis": "to_date",
    }


def test_blank_words_are_not_reported_and_only_zero_is_zero(tmp_path: Path) -> None:
    rows = good_rows()
    words = ("", "/", "-", "—", "——", "无", "／", "－", "　")
    for row, word in zip(rows, words, strict=False):
        row[10] = row[11] = word
    rows[9][10] = rows[9][11] = 0
    read_rows = read_ledger(ledger(tmp_path, rows))
    assert [r["n_lectures"] for r in read_rows[: len(words)]] == [None] * len(words)
    assert read_rows[9]["n_lectures"] == 0


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("１２", 12),
        ("12次", 12),
        ("3 个", 3),
        ("320人", 320),
        ("５名", 5),
        ("1,234", 1234),
        ("１，２３４次", 1234),
        ("12.0", 12),
        ("　12\u00a0", 12),
        ("\u200b12", 12),
        ("'12", 12),
        ("’１２ ", 12),
        ("007", 7),
        (12.0, 12),
        (10_000_000, 10_000_000),
    ],
)
def test_an_unmistakable_count_is_read(cell: Any, count: int) -> None:
    assert read_count(cell) == count


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("85%", "E_NUMBER"),
        ("约30", "E_NUMBER"),
        ("30余", "E_NUMBER"),
        ("30多", "E_NUMBER"),
        ("近百", "E_NUMBER"),
        ("是", "E_NUMBER"),
        ("十二", "E_NUMBER"),
        ("12.5", "E_NUMBER"),
        (12.5, "E_NUMBER"),
        ("12²", "E_NUMBER"),
        ("①", "E_NUMBER"),
        ("١٢", "E_NUMBER"),
        ("1,23", "E_NUMBER"),
        ("1 2 人 次", "E_NUMBER"),
        ("1e3", "E_NUMBER"),
        ("nan", "E_NUMBER"),
        ("1_000", "E_NUMBER"),
        ("0x10", "E_NUMBER"),
        ("12+3", "E_NUMBER"),
        ("-5", "E_RANGE"),
        ("－５", "E_RANGE"),
        ("（5）", "E_RANGE"),
        (-3, "E_RANGE"),
        (10_000_001, "E_RANGE"),
        ("9" * 1900, "E_RANGE"),
    ],
)
def test_what_is_not_a_count_is_refused_with_its_code(cell: Any, code: str) -> None:
    fault = read_count(cell)
    assert isinstance(fault, Fault)
    assert fault.code == code


@pytest.mark.parametrize(
    "cell",
    [
        "2016-07",
        "2016-7",
        "2016/07",
        "2016.7",
        "2016年7月",
        "2016年7月份",
        "２０１６年０７月",
        " 2016 年 7 月 ",
        "2016-07-31",
        "2016年7月31日",
        "2016/7/1 00:00:00",
        "2016年07月",
        "16年7月",
        "'2016-07",
        "201607",
        "20160731",
        2016.7,
        201607,
        20160731,
    ],
)
def test_a_month_is_read_however_it_is_written(cell: Any) -> None:
    assert read_month(cell) == "2016-07"


@pytest.mark.parametrize(
    "cell",
    [42552, 201613, 20167, 2016, 2016.1, "42552", "2016年13月", "16-7", "七月", "7月"]
    + ["2016年1-7月", "2016-07-32", "Jul-16", "2016年第三季度"],
)
def test_a_month_is_never_guessed(cell: Any) -> None:
    fault = read_month(cell)
    assert isinstance(fault, Fault)
    assert fault.code == "E_DATE"


def test_a_day_that_does_not_exist_is_refused() -> None:
    assert read_date("2016-06-30") == date(2016, 6, 30)
    fault = read_date("2016-06-31")
    assert isinstance(fault, Fault)
    assert fault.code == "E_DATE"


def test_days_of_excel_are_days_in_every_chinese_format(tmp_path: Path) -> None:
    formats = ["yyyy-mm-dd", 'yyyy"年"m"月"', "[$-804]yyyy年m月", "mmm-yy", 57, 31, 14]
    rows = good_rows()

    def finish(book: Any, sheet: Any) -> None:
        for number, code in enumerate(formats, 1):
            style = book.add_format({"num_format": code})
            sheet.write_datetime(number, 0, datetime(2016, 7, 15), style)

    assert {r["month"] for r in read_ledger(ledger(tmp_path, rows, finish=finish))} == {
        "2016-07"
    }


def test_a_month_without_year_takes_the_only_year_of_the_titles(tmp_path: Path) -> None:
    rows = [["7月份", *row[1:]] for row in good_rows()]
    title = ["榕两学一做〔2015〕3号", "福州市台账（２０１６年）"]
    path = write_xlsx(tmp_path / "a.xlsx", {"台账": [title, HEADINGS, *rows]})
    assert {r["month"] for r in read_ledger(path)} == {"2016-07"}
    two = write_xlsx(
        tmp_path / "b.xlsx", {"台账": [["2015年至2016年"], HEADINGS, *rows]}
    )
    assert places(read(two))[0] == ("E_DATE", "A3")


@pytest.mark.parametrize(
    "title", ["口径: 当月", "口径：当月", "统计口径 ： 当 月", "(口径:当月数)"]
)
def test_a_title_declares_monthly_figures(tmp_path: Path, title: str) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, [["台账"], ["", title], HEADINGS, *good_rows()])
    assert {row["basis"] for row in read_ledger(path)} == {"month"}


def test_another_basis_is_said_and_a_signature_declares_nothing(tmp_path: Path) -> None:
    below = [*good_rows(), ["注:口径: 当月"]]
    other = write_xlsx(
        tmp_path / "a.xlsx", {"台账": [["口径: 当季"], HEADINGS, *below]}
    )
    reading = read(other)
    assert set(reading.tables["ledger"]["basis"].to_pylist()) == {"to_date"}
    assert "W_BASIS" in {warning.code for warning in reading.warnings}


def test_headings_are_known_by_alias_bracket_and_mark(tmp_path: Path) -> None:
    headings = list(HEADINGS)
    headings[0], headings[2], headings[7] = "月 份*", "督导对象", "支部数（个）"
    headings[8] = "党员数\n(人)"
    path = write_xlsx(tmp_path / "a.xlsx", {"台账": [headings, *good_rows()]})
    assert len(read_ledger(path)) == 12


def test_a_sheet_is_known_by_its_heading_when_its_name_says_nothing(
    tmp_path: Path,
) -> None:
    rows = good_rows()
    june = [["2016-06", *row[1:13], 0, *row[14:]] for row in rows]
    sheets = {"6月": [HEADINGS, *june], "Sheet2": [HEADINGS, *rows]}
    found = read_ledger(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert len(found) == 24
    assert {(r["source_sheet"], r["month"]) for r in found} == {
        ("6月", "2016-06"),
        ("Sheet2", "2016-07"),
    }


def test_hidden_sheets_do_not_count_and_hidden_rows_do(tmp_path: Path) -> None:
    old = [HEADINGS, *good_rows()]
    sheets = {"台账": old, "台账旧": old, "电话": [["0591-83800138"]]}

    def hide_rows(_: Any, sheet: Any) -> None:
        sheet.set_row(3, None, None, {"hidden": True})

    path = write_xlsx(
        tmp_path / "a.xlsx", sheets, hidden=("台账旧", "电话"), finish=hide_rows
    )
    assert len(read_ledger(path)) == 12
    said = {w.sheet: w.reason for w in read(path).warnings if w.code == "W_SHEET"}
    assert said == {"台账旧": "工作表是隐藏的，未读取"}


def test_a_workbook_of_hidden_sheets_only_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"台账": [HEADINGS, *good_rows()], "甲": []})
    rewrite(
        path,
        change={
            "xl/workbook.xml": lambda x: x.replace(
                b"<sheet ", b'<sheet state="hidden" '
            )
        },
    )
    assert codes(read(path)) == ["E_SHEETS"]


def test_a_cached_formula_gives_its_value(tmp_path: Path) -> None:
    def finish(_: Any, sheet: Any) -> None:
        sheet.write_formula("I2", "=100+60", None, 160)
        sheet.write_formula("C3", '="仓山区"', None, "仓山区")

    blank = (
        b'</row><row r="5"',
        b'<c r="W4" t="str"><f>""</f><v></v></c></row><row r="5"',
    )
    path = ledger(tmp_path, good_rows(), finish=finish)
    rewrite(path, change={SHEET: lambda xml: xml.replace(*blank, 1)})
    rows = read_ledger(path)
    assert rows[0]["n_members"] == 160
    assert rows[1]["unit"] == "350104"


def test_noise_behind_the_fifteenth_digit_is_no_fraction(tmp_path: Path) -> None:
    path = ledger(tmp_path, good_rows())
    rewrite(
        path,
        change={
            SHEET: lambda x: x.replace(b"<v>160</v>", b"<v>160.00000000000003</v>")
        },
    )
    assert read_ledger(path)[0]["n_members"] == 160


def test_what_shows_as_per_cent_is_no_count(tmp_path: Path) -> None:
    def finish(book: Any, sheet: Any) -> None:
        sheet.write_number("M2", 1, book.add_format({"num_format": 9}))
        sheet.write_number("M3", 1, book.add_format({"num_format": "0.0%"}))

    reading = read(ledger(tmp_path, good_rows(), finish=finish))
    assert places(reading) == [("E_NUMBER", "M2"), ("E_NUMBER", "M3")]
    assert "=100%:" in sentences(reading)


def test_prefixed_elements_and_missing_addresses_are_read(tmp_path: Path) -> None:
    import re

    def prefix(xml: bytes) -> bytes:
        xml = re.sub(rb"<(/?)(?!\?)", rb"<\1x:", xml)
        xml = xml.replace(b"xmlns=", b"xmlns:x=")
        return re.sub(rb'(<x:row) r="\d+"', rb"\1", xml)

    path = ledger(tmp_path, good_rows())
    right = read_ledger(path)
    rewrite(path, change={SHEET: prefix})
    assert read_ledger(path) == right


def test_openpyxl_and_this_reader_see_the_same_cells() -> None:
    for name in ("001_good.xlsx", "048_date1904.xlsx", "120_roll_good.xlsx"):
        book = openpyxl.load_workbook(BAD_INPUTS / name, data_only=True)
        expected = [
            [c.isoformat()[:10] if isinstance(c, datetime) else c for c in row]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
        answer = open_workbook.open_workbook((BAD_INPUTS / name).read_bytes(), name)
        found = [
            [c["value"] if isinstance(c, dict) else c for c in cells]
            + [None] * (len(expected[0]) - len(cells))
            for _, cells in answer["sheets"][0]["rows"]
        ]
        assert found == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_csv_is_read_in_each_encoding_of_the_office(
    tmp_path: Path, encoding: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *good_rows()], encoding)
    assert len(read_ledger(path)) == 12


def test_csv_titles_and_signatures_may_be_short(tmp_path: Path) -> None:
    rows = [["福州市台账"], [], HEADINGS, *good_rows(), [], ["填报人:某组 审核人:"]]
    path = write_csv(tmp_path / "a.csv", rows)
    found = read_ledger(path)
    assert [row["source_row"] for row in found] == list(range(4, 16))


# --- totals -----------------------------------------------------------------------


def test_sub_totals_in_the_middle_are_checked_and_left_out(tmp_path: Path) -> None:
    rows = good_rows()
    first, second = rows[:6], rows[6:]
    for sub_totals in (
        [*first, total_row(first, "小 计"), *second, total_row(second, "小计")],
        [total_row(rows, "全市总计"), *rows],
        [total_row(first, "仓山区合计"), *first, total_row(second, "小计："), *second],
        [*rows, total_row(first, "仓山区小计"), total_row(second, "晋安区小计")],
    ):
        path = ledger(tmp_path, [*sub_totals, total_row(rows, "总　计")])
        assert len(read_ledger(path)) == 12


def test_a_wrong_sub_total_names_its_cell_and_the_right_sum(tmp_path: Path) -> None:
    rows = good_rows()
    wrong = total_row(rows[:6], "小计")
    wrong[8] += 1
    reading = read(ledger(tmp_path, [*rows[:6], wrong, *rows[6:]]))
    assert places(reading) == [("E_TOTAL_ROW", "I8")]
    assert "党员总数=2872:不等于各行之和 2871" in sentences(reading)


def test_a_merged_total_row_is_no_merged_cell_of_the_table(tmp_path: Path) -> None:
    rows = good_rows()
    total = total_row(rows)
    total[0], total[2] = "合计", ""
    path = ledger(tmp_path, [*rows, total], merged=["A14:F14"])
    assert len(read_ledger(path)) == 12


def test_a_total_over_a_faulty_cell_is_not_called_wrong(tmp_path: Path) -> None:
    rows = good_rows()
    total = total_row(rows)
    put(rows, "I4", "约252")
    assert places(read(ledger(tmp_path, [*rows, total]))) == [("E_NUMBER", "I4")]


def test_a_total_without_cached_value_is_refused(tmp_path: Path) -> None:
    path = ledger(tmp_path, [*good_rows(), ["合计"]])
    row = (
        b'<row r="14"><c r="A14" t="inlineStr"><is><t>\xe5\x90\x88\xe8\xae\xa1</t></is>'
    )
    row += b'</c><c r="I14"><f>SUM(I2:I13)</f></c></row></sheetData>'

    def edit(xml: bytes) -> bytes:
        return (
            xml[: xml.index(b'<row r="14"')]
            + row
            + (xml[xml.index(b"</sheetData>") + len(b"</sheetData>") :])
        )

    rewrite(path, change={SHEET: edit})
    assert places(read(path)) == [("E_FORMULA_NO_VALUE", "I14")]


def test_thousands_of_sub_totals_are_checked_in_no_time(tmp_path: Path) -> None:
    registry = load_registry()
    rows: list[list[Any]] = []
    units = [u.name_zh for u in registry.units.values() if u.group == "G1"]
    template = good_rows()[0]
    for number in range(2_400):
        row = [*template[:2], units[number % 5], "", *template[4:]]
        rows.append(branch_row(row, f"B-{number}"))
        rows.append(total_row(rows[-1:], "小计"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert len(read_ledger(ledger(tmp_path, rows))) == 2_400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 8


# --- what is refused, and where ---------------------------------------------------


def test_all_findings_come_at_once_and_nothing_else_is_kept(tmp_path: Path) -> None:
    rows = good_rows()
    for address, value in {
        "A2": "2017-03",
        "B3": "第九督导组",
        "C4": "鼓楼县",
        "F5": "外星",
        "H6": "",
        "I7": "约30",
        "J8": -1,
        "L9": 999,
        "A10": "2016-09",
        "O11": 3,
        "K12": "#REF!",
        "V13": "\x07",
    }.items():
        put(rows, address, value)
    reading = read(ledger(tmp_path, rows))
    assert reading.tables == {}
    assert set(places(reading)) == {
        ("E_PERIOD", "A2"),
        ("E_CODE", "B3"),
        ("E_CODE", "C4"),
        ("E_CODE", "F5"),
        ("E_BLANK", "H6"),
        ("E_NUMBER", "I7"),
        ("E_RANGE", "J8"),
        ("E_RULE", "L9"),
        ("E_PERIOD", "A10"),
        ("E_RULE", "O11"),
        ("E_CELL_ERROR", "K12"),
        ("E_CONTROL_CHAR", "V13"),
    }


def test_a_sentence_names_file_place_heading_value_other_cell_and_remedy(
    tmp_path: Path,
) -> None:
    rows = good_rows()
    put(rows, "K7", 12)
    put(rows, "L7", 15)
    path = ledger(tmp_path, rows).rename(tmp_path / "2016-07.xlsx")
    assert sentences(read(path)) == (
        "E_RULE 2016-07.xlsx 台账!L7 领导干部下基层讲党课次数=15:"
        "大于领导干部讲党课次数12（K7）。请核对后重新提交。"
    )


def test_rules_name_the_parts_of_a_difference(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "R2", 148)
    reading = read(ledger(tmp_path, rows))
    assert places(reading) == [("E_RULE", "R2")]
    assert "大于普通党员数147（I2−J2）" in sentences(reading)


def test_a_blank_is_judged_by_no_rule(tmp_path: Path) -> None:
    rows = good_rows()
    for row in rows:
        row[6] = row[8] = row[9] = ""
    assert len(read_ledger(ledger(tmp_path, rows))) == 12


def test_a_topic_before_its_window_is_refused(tmp_path: Path) -> None:
    rows = [["2016-06", *row[1:]] for row in good_rows()]
    for row in rows[1:]:
        row[13] = 0
    reading = read(ledger(tmp_path, rows))
    assert places(reading) == [("E_RULE", "N2")]
    assert "2016-07 才开始" in sentences(reading)


def test_a_month_may_not_lie_after_the_receipt(tmp_path: Path) -> None:
    rows = good_rows()
    path = ledger(tmp_path, rows)
    in_july = datetime.fromisoformat("2016-07-20T00:00:00+08:00")
    assert codes(read(path, received=in_july)) == []
    # 30 June in Greenwich, but already July in Fuzhou.
    greenwich = datetime.fromisoformat("2016-06-30T17:00:00+00:00")
    assert codes(read(path, received=greenwich)) == []
    early = datetime.fromisoformat("2016-06-30T15:00:00+00:00")
    assert set(codes(read(path, received=early))) == {"E_PERIOD"}


def test_a_group_files_only_its_own_units(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "C7", "连江县")
    path = ledger(tmp_path, rows)
    assert places(read(path)) == [("E_SCOPE", "C7")]
    other = read(ledger(tmp_path, good_rows()), group="G2")
    assert places(other) == [("E_SCOPE", f"C{row}") for row in range(2, 14)]
    with pytest.raises(KeyError):
        read(path, group="第九督导组")


def test_one_key_twice_names_both_cells_across_sheets(tmp_path: Path) -> None:
    rows = good_rows()
    copy = [list(rows[0])]
    copy[0][0], copy[0][2], copy[0][5] = "２０１６年７月", "福州市仓山区", "党政机关"
    sheets = {"台账": [HEADINGS, *rows], "台账补": [["续"], HEADINGS, *copy]}
    reading = read(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert [(f.code, f.sheet, f.cell) for f in reading.findings] == [
        ("E_DUP_KEY", "台账补", "A3")
    ]
    assert "台账!A2" in reading.findings[0].reason


def test_two_grains_in_one_file_or_against_the_lake_are_refused(tmp_path: Path) -> None:
    rows = good_rows()
    branch = branch_row(rows[0], "350104-0001")
    reading = read(ledger(tmp_path, [*rows, branch]))
    assert places(reading) == [("E_GRAIN", "E14")]
    assert "E2" in reading.findings[0].reason
    filed = {("ledger", "2016-07", "350104", "organ"): "branch"}
    reading = read(ledger(tmp_path, rows), grains=filed)
    assert places(reading) == [("E_GRAIN", "E2")]
    same = {("ledger", "2016-07", "350104", "organ"): "total"}
    assert codes(read(ledger(tmp_path, rows), grains=same)) == []


def test_a_branch_stands_on_the_roll_in_the_same_place(tmp_path: Path) -> None:
    rows = [branch_row(row, f"B-{n}") for n, row in enumerate(good_rows())]
    roll = {f"B-{n}": ("350104", "organ") for n in (0, 1)}
    reading = read(ledger(tmp_path, rows), roll=roll)
    # 晋安区 has no branch on the roll and is not held to one.
    assert places(reading) == [
        ("E_CODE", "E3"),
        ("E_CODE", "E4"),
        ("E_CODE", "E5"),
        ("E_CODE", "E6"),
        ("E_CODE", "E7"),
    ]
    assert "在支部名册上属机关" in reading.findings[0].reason


def test_a_roll_in_the_same_file_counts(tmp_path: Path) -> None:
    row = branch_row(good_rows()[0], "B-1")
    roll = [["支部代码", "单位", "领域"], ["B-1", "仓山区", "机关"]]
    sheets = {"台账": [HEADINGS, row], "名册": roll}
    reading = read(
        write_xlsx(tmp_path / "a.xlsx", sheets), roll={"B-2": ("350104", "organ")}
    )
    assert codes(reading) == []
    assert reading.tables["roll"].num_rows == 1


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "１３８００１３８０００",
        "138-0013-8000",
        "138 0013 8000",
        "+86 13800138000",
        "电话：138\u200b00138000。",
        "350102198001011237",
        "35010219800101123x",
        "350102 19800101 1237",
        "３５０１０２１９８００１０１１２３７",
    ],
)
def test_personal_numbers_are_found_and_never_repeated(
    tmp_path: Path, text: str
) -> None:
    rows = good_rows()
    put(rows, "V6", f"联系 {text}")
    reading = read(ledger(tmp_path, [*rows, ["", "", "", text]]))
    assert places(reading) == [("E_PERSONAL", "V6"), ("E_PERSONAL", "D14")]
    assert not holds_personal_number(sentences(reading))
    assert "****" in sentences(reading)


def test_a_mobile_as_a_number_or_on_another_sheet_is_found(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "D2", 13800138000)
    sheets = {"台账": [HEADINGS, *rows], "附件": [["", 350102198001010000.0]]}
    reading = read(write_xlsx(tmp_path / "a.xlsx", sheets))
    personal = [f for f in reading.findings if f.code == "E_PERSONAL"]
    assert [(f.sheet, f.cell) for f in personal] == [("台账", "D2"), ("附件", "B1")]


@pytest.mark.parametrize(
    "text",
    ["2016-07-15至2016-08-15", "350102001001001001", "0591-83312345", "1380013800"],
)
def test_other_long_numbers_are_no_persons(text: str) -> None:
    assert not holds_personal_number(text)


def test_lists_of_persons_are_refused_on_any_visible_sheet(tmp_path: Path) -> None:
    sheets = {
        "台账": [HEADINGS, *good_rows()],
        "通讯录": [["姓名", "电话"], ["某", ""]],
    }
    reading = read(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert [(f.code, f.sheet, f.cell) for f in reading.findings] == [
        ("E_PERSONAL", "通讯录", "A1"),
        ("E_PERSONAL", "通讯录", "B1"),
    ]
    sheets["通讯录"] = [["科室", "手机(11位)"]]
    assert codes(read(write_xlsx(tmp_path / "c.xlsx", sheets))) == ["E_PERSONAL"]
    columns = write_xlsx(
        tmp_path / "b.xlsx",
        {"台账": [[*HEADINGS, "联系人"], *[[*r, "某某"] for r in good_rows()]]},
    )
    reading = read(columns)
    assert places(reading) == [("E_PERSONAL", "W1")]
    assert "某某" not in sentences(reading)


def test_merged_cells_in_the_table_are_refused_once_each(tmp_path: Path) -> None:
    reading = read(ledger(tmp_path, good_rows(), merged=["C2:C7", "A1:A2", "F9:G9"]))
    found = places(reading)
    assert ("E_MERGED", "C2") in found
    assert ("E_MERGED", "A1") in found
    assert ("E_MERGED", "F9") in found
    assert "E_BLANK" not in codes(reading)


def test_a_remark_merged_over_empty_columns_hides_nothing(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "V3", "说明")
    path = ledger(tmp_path, rows, merged=["V1:X1", "V2:X2", "V3:X3"])
    assert len(read_ledger(path)) == 12
    put(rows, "H2", "")
    wide = ledger(tmp_path, rows, merged=["V1:X1", "H2:I2"])
    assert places(read(wide)) == [("E_MERGED", "H2")]


def test_signatures_with_dates_and_labels_in_any_column_are_left_out(
    tmp_path: Path,
) -> None:
    below = [
        ["填报单位(盖章)", "", "填表人\uff1a", "", "2016-08-10"],
        ["2016年8月10日", "审核人:", "负责人:", "", "联系电话:", "0591-"],
        ["", "", "", "", "", "", "签字", "", "盖章"],
        ["注:本表每月15日前报送。"],
    ]
    cover = [["封面"], ["联系人:", "", "联系电话:"]]
    sheets = {"台账": [HEADINGS, *good_rows(), *below], "封面": cover}
    assert len(read_ledger(write_xlsx(tmp_path / "a.xlsx", sheets))) == 12


def test_headings_that_miss_repeat_or_are_unknown_are_named(tmp_path: Path) -> None:
    headings = [h for h in HEADINGS if h != "领域"]
    headings[8], headings[20] = "领导干部数 ", "备注一"
    rows = [[*row[:5], *row[6:]] for row in good_rows()]
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": [headings, *rows]}))
    assert ("E_MISSING_COLUMN", "A1") in places(reading)
    assert ("E_UNKNOWN_COLUMN", "U1") in places(reading)
    headings[7] = "党员数"
    headings[8] = "党员总数"
    reading = read(write_xlsx(tmp_path / "b.xlsx", {"台账": [headings, *rows]}))
    assert ("E_DUP_HEADER", "I1") in places(reading)


def test_a_near_heading_is_suggested(tmp_path: Path) -> None:
    headings = ["党支部个数" if h == "党支部数" else h for h in HEADINGS]
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": [headings, *good_rows()]}))
    assert "是否为“党支部数”" in sentences(reading)


def test_figures_under_no_heading_are_not_lost_in_silence(tmp_path: Path) -> None:
    rows = good_rows()
    rows[3].append(7)
    assert places(read(ledger(tmp_path, rows))) == [("E_UNKNOWN_COLUMN", "W5")]


def test_a_row_of_figures_with_wrong_names_is_not_taken_for_a_note(
    tmp_path: Path,
) -> None:
    rows = good_rows()
    rows[3] = ["2016-07", "第一督导组", "某某县", "", "", "外星", *[""] * 16]
    assert places(read(ledger(tmp_path, rows))) == [
        ("E_CODE", "C5"),
        ("E_CODE", "F5"),
        ("E_BLANK", "H5"),
    ]


def test_a_heading_without_rows_is_an_empty_file(tmp_path: Path) -> None:
    assert codes(read(ledger(tmp_path, []))) == ["E_EMPTY"]
    assert codes(read(write_xlsx(tmp_path / "b.xlsx", {"台账": []}))) == ["E_EMPTY"]
    assert codes(read(write_csv(tmp_path / "c.csv", [HEADINGS]))) == ["E_EMPTY"]
    assert codes(read(write_csv(tmp_path / "d.csv", [[" "], []]))) == ["E_EMPTY"]


def test_long_texts_are_refused_at_their_limits(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "V2", "长" * 500)
    put(rows, "V3", "长" * 501)
    put(rows, "D4", "长" * 201)
    put(rows, "C5", "长" * 2001)
    assert places(read(ledger(tmp_path, rows))) == [
        ("E_CELL_TOO_LONG", "C5"),
        ("E_CELL_TOO_LONG", "D4"),
        ("E_CELL_TOO_LONG", "V3"),
    ]


def test_five_thousand_rows_are_read_and_one_more_is_not(tmp_path: Path) -> None:
    base = good_rows()[0]
    rows = [branch_row(base, f"B-{n}") for n in range(5_001)]
    assert places(read(ledger(tmp_path, rows))) == [("E_TOO_MANY_ROWS", "A5002")]
    assert len(read_ledger(ledger(tmp_path, [*rows[:5_000], total_row(rows[:5000])])))


def test_error_words_and_formulas_to_other_books_are_refused(tmp_path: Path) -> None:
    def finish(_: Any, sheet: Any) -> None:
        sheet.write_formula("I2", "=[1]Sheet1!A1", None, 160)
        sheet.write_formula("I3", "='C:\\数据\\[总表.xlsx]Sheet1'!B2", None, 780)
        sheet.write_formula("I4", "=SUM(表1[党员总数])", None, 252)
        sheet.write_formula("V5", "=1/0", None, "#DIV/0!")

    rows = good_rows()
    put(rows, "D6", "#N/A")
    put(rows, "D7", "＃REF！")
    assert places(read(ledger(tmp_path, rows, finish=finish))) == [
        ("E_CELL_ERROR", "D6"),
        ("E_CELL_ERROR", "D7"),
        ("E_EXTERNAL_LINK", "I2"),
        ("E_EXTERNAL_LINK", "I3"),
        ("E_CELL_ERROR", "V5"),
    ]


def test_cells_that_share_a_linked_formula_are_all_found(tmp_path: Path) -> None:
    def share(xml: bytes) -> bytes:
        first = b'<c r="I2"><f t="shared" ref="I2:I3" si="0">[1]A!A1</f><v>160</v></c>'
        xml = xml.replace(b'<c r="I2"><v>160</v></c>', first)
        other = b'<c r="I3"><f t="shared" si="0"/><v>780</v></c>'
        return xml.replace(b'<c r="I3"><v>780</v></c>', other)

    path = rewrite(ledger(tmp_path, good_rows()), change={SHEET: share})
    assert places(read(path)) == [("E_EXTERNAL_LINK", "I2"), ("E_EXTERNAL_LINK", "I3")]


def test_a_formula_that_was_never_computed_is_neither_zero_nor_blank(
    tmp_path: Path,
) -> None:
    book = openpyxl.load_workbook(ledger(tmp_path, good_rows()))
    book["台账"]["K3"] = "=1+2"
    book.save(tmp_path / "a.xlsx")
    assert places(read(tmp_path / "a.xlsx")) == [("E_FORMULA_NO_VALUE", "K3")]


@pytest.mark.parametrize("value", ["1e400", "nan", "INF", "-1E5", "1e2.5"])
def test_numbers_that_no_one_counts_are_refused(tmp_path: Path, value: str) -> None:
    path = ledger(tmp_path, good_rows())
    cell = f"<v>{value}</v>".encode()
    rewrite(path, change={SHEET: lambda xml: xml.replace(b"<v>160</v>", cell)})
    assert [f.cell for f in read(path).findings][0] == "I2"
    assert set(codes(read(path))) <= {"E_NUMBER", "E_RANGE"}


# --- containers -------------------------------------------------------------------


def test_names_and_contents_that_disagree_are_distinguished(tmp_path: Path) -> None:
    xlsx = ledger(tmp_path, good_rows()).read_bytes()
    csv_bytes = (BAD_INPUTS / "002_good.csv").read_bytes()
    xls = (BAD_INPUTS / "006_real_legacy.xls").read_bytes()
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("a.txt", "x")
    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    cases = {
        "a.csv": (xlsx, "E_TYPE"),
        "b.xlsx": (csv_bytes, "E_TYPE"),
        "c.xlsx": (b"%PDF-1.4 ...", "E_TYPE"),
        "d.xlsx": (plain.getvalue(), "E_TYPE"),
        "e.xlsx": (word.getvalue(), "E_TYPE"),
        "f.csv": (b"<html><table>", "E_TYPE"),
        "g.xlsx": (xls, "E_LEGACY_XLS"),
        "h.txt": (csv_bytes, "E_NAME"),
        "i.xls": (xlsx, "E_NAME"),
        "j.xlsx.exe": (xlsx, "E_NAME"),
        "k.xlsx": (xlsx[:-200], "E_CORRUPT"),
        "l.xlsx": (xlsx[:600] + b"\0" * 100 + xlsx[700:], "E_CORRUPT"),
        "m.xlsx": (b"\0" * (5 * 1024**2 + 1), "E_BOMB"),
    }
    for name, (content, code) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        reading = read(path)
        assert codes(reading) == [code], (name, sentences(reading))
        assert (reading.findings[0].sheet, reading.findings[0].cell) == ("", "")
    upper = tmp_path / "大写.XLSX"
    upper.write_bytes(xlsx)
    assert len(read_ledger(upper)) == 12


def test_protected_and_macro_workbooks_are_refused(tmp_path: Path) -> None:
    protected = tmp_path / "a.xlsx"
    entries = "".join(("Root Entry\0", "EncryptionInfo\0", "EncryptedPackage\0"))
    protected.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + entries.encode("utf-16-le")
    )
    assert codes(read(protected)) == ["E_ENCRYPTED"]
    macro = rewrite(ledger(tmp_path, good_rows()), add={"xl/vbaProject.bin": b"x"})
    assert codes(read(macro)) == ["E_MACRO"]
    types = {
        "[Content_Types].xml": lambda x: x.replace(
            b"sheet.main", b"sheet.macroEnabled.main"
        )
    }
    named = rewrite(ledger(tmp_path, good_rows()), change=types)
    # The parts decide, not what a content type says of them: SheetJS says it of all.
    assert codes(read(named)) == []
    assert codes(read(named, name="台账.xlsm")) == ["E_NAME"]


@pytest.mark.parametrize(
    "name", ["../../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil", "C:/evil"]
)
def test_members_that_reach_outside_are_refused(tmp_path: Path, name: str) -> None:
    path = rewrite(ledger(tmp_path, good_rows()), add={name: b"x"})
    assert codes(read(path)) == ["E_ZIP_PATH"]


def test_names_that_differ_only_in_case_are_doubles(tmp_path: Path) -> None:
    add = {"xl/Worksheets/Sheet1.xml": b"<worksheet/>"}
    path = rewrite(ledger(tmp_path, good_rows()), add=add)
    assert codes(read(path)) == ["E_ZIP_DUP"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "docProps/core.xml", SHEET])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_part_is_refused(
    tmp_path: Path, part: str, encoding: str
) -> None:
    def declare(xml: bytes) -> bytes:
        body = xml.decode().partition("?>")[2]
        text = f'<?xml version="1.0" encoding="{encoding}"?>'
        text += '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + body
        return text.encode(encoding)

    path = rewrite(ledger(tmp_path, good_rows()), change={part: declare})
    assert codes(read(path)) == ["E_XML_DTD"]


def test_a_sheet_that_lists_one_cell_twice_is_corrupt(tmp_path: Path) -> None:
    cell = b'<c r="I2"><v>160</v></c>'
    for change in (
        lambda xml: xml.replace(cell, cell + b'<c r="I2"><v>1</v></c>'),
        lambda xml: xml.replace(b'<row r="3"', b'<row r="2"'),
        lambda xml: xml.replace(b'r="I2"', b'r="I9"'),
        lambda xml: xml.replace(b"</row>", b"", 1),
    ):
        path = rewrite(ledger(tmp_path, good_rows()), change={SHEET: change})
        assert codes(read(path)) == ["E_CORRUPT"]


def test_one_part_named_by_many_sheets_is_corrupt(tmp_path: Path) -> None:
    def multiply(xml: bytes) -> bytes:
        entry = xml[xml.index(b"<sheet ") : xml.index(b"</sheets>")]
        copies = [entry.replace("台账".encode(), b"%d" % n) for n in range(500)]
        return xml.replace(b"</sheets>", b"".join(copies) + b"</sheets>")

    path = rewrite(ledger(tmp_path, good_rows()), change={"xl/workbook.xml": multiply})
    assert codes(read(path)) == ["E_CORRUPT"]


def bomb(tmp_path: Path, part: str, content: bytes) -> Path:
    return rewrite(ledger(tmp_path, good_rows()), change={part: lambda _: content})


def test_a_member_that_lies_about_its_size_is_not_believed(tmp_path: Path) -> None:
    path = bomb(tmp_path, SHEET, b" " * 80_000_000)
    size = struct.pack("<I", 80_000_000)
    data = path.read_bytes().replace(size, struct.pack("<I", 7_000))
    path.write_bytes(data)
    assert codes(read(path)) == ["E_BOMB"]


def test_a_million_shared_strings_end_in_a_refusal(tmp_path: Path) -> None:
    content = b"<sst>" + b"<si><t>ab</t></si>" * 1_000_000 + b"</sst>"
    path = bomb(tmp_path, "xl/sharedStrings.xml", content)
    assert codes(read(path)) == ["E_HEADER"]


@pytest.mark.skipif(sys.platform != "linux", reason="others do not limit memory")
def test_a_child_that_needs_too_much_memory_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"<sst>" + b"<si><t>ab</t></si>" * 1_000_000 + b"</sst>"
    greedy = bomb(tmp_path, "xl/sharedStrings.xml", content).rename(tmp_path / "b.xlsx")
    program = tmp_path / "child.sh"
    program.write_text(f'#!/bin/sh\nulimit -v 90000\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(guarded_readers.sys, "executable", str(program))
    assert codes(read(ledger(tmp_path, good_rows()))) == []
    assert codes(read(greedy)) == ["E_BOMB"]


def test_one_long_text_in_every_cell_is_a_bomb(tmp_path: Path) -> None:
    text = b"<sst><si><t>" + b"x" * 1_000_000 + b"</t></si></sst>"
    path = bomb(tmp_path, "xl/sharedStrings.xml", text)
    cells = "".join(
        f'<row r="{r}">' + '<c t="s"><v>0</v></c>' * 60 + "</row>"
        for r in range(1, 5_000)
    )
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()
    rewrite(path, change={SHEET: lambda _: sheet})
    assert codes(read(path)) == ["E_BOMB"]


def test_deeply_nested_xml_ends_without_a_crash(tmp_path: Path) -> None:
    path = bomb(tmp_path, SHEET, b"<a>" * 1_000_000)
    assert codes(read(path))[0] in ("E_BOMB", "E_CORRUPT")


def test_a_child_that_dies_or_hangs_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ledger(tmp_path, good_rows())
    program = tmp_path / "child.sh"
    monkeypatch.setattr(guarded_readers.sys, "executable", str(program))
    program.write_text("#!/bin/sh\nkill -ABRT $$\n")
    program.chmod(0o755)
    assert codes(read(path)) == ["E_BOMB"]
    monkeypatch.setattr(guarded_readers, "WALL_SECONDS", 0.2)
    program.write_text("#!/bin/sh\nexec sleep 20\n")
    assert codes(read(path)) == ["E_BOMB"]


def test_the_child_works_under_limits_with_the_standard_library_alone() -> None:
    program = (
        "import sys, json, resource;"
        "from data_pipeline.workbooks import open_workbook as o;"
        "o._limit_resources();"
        "o._limit_processor_time();"
        "print(json.dumps([sorted(m.partition('.')[0] for m in sys.modules),"
        "resource.getrlimit(resource.RLIMIT_CPU)[0],"
        "resource.getrlimit(resource.RLIMIT_NOFILE)[0]]))"
    )
    root = Path(open_workbook.__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-E", "-s", "-S", "-c", program],
        cwd=root,
        capture_output=True,
        check=True,
    )
    modules, processor, files = json.loads(answer.stdout)
    assert not {"numpy", "pandas", "pyarrow", "python_calamine"} & set(modules)
    assert processor == open_workbook.PROCESSOR_SECONDS
    assert files == open_workbook.OPEN_FILES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("﻿统计月份,单位\n".encode("utf-16"), "E_ENCODING"),
        (b"\xef\xbb\xbf\xcd\xb3\xbc\xc6,\n", "E_ENCODING"),
        (
            "统计月份,单位,领域\n".encode("gbk") + "福清市机关支部".encode() + b"\n",
            "E_ENCODING",
        ),
        ("統計月份,單位\n".encode("big5"), "E_ENCODING"),
        (b"a,b,c\n1,2,3\n", "E_HEADER"),
        (b'a,"b"c,d\n', "E_CSV"),
        (b"a\0b,c\n", "E_NUL"),
    ],
)
def test_csv_bytes_that_cannot_be_trusted_are_refused(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert codes(read(path)) == [code]


def test_csv_rows_of_other_width_are_named_even_when_cut_short(tmp_path: Path) -> None:
    rows = good_rows()
    rows[3] = rows[3][:9]
    rows[4] = [*rows[4], "", ""]  # Two commas more and nothing between them.
    rows[5] = [*rows[5], "", "3"]
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *rows, ["2016-07"]])
    assert places(read(path)) == [("E_CSV", "A5"), ("E_CSV", "A7"), ("E_CSV", "A14")]


def test_csv_addresses_count_quoted_line_breaks_as_one_row(tmp_path: Path) -> None:
    rows = good_rows()
    put(rows, "V2", "两\n行")
    put(rows, "I3", "约300")
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *rows])
    assert places(read(path)) == [("E_NUMBER", "I3")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_damage_to_the_bytes_ends_in_a_traceback(data: st.DataObject) -> None:
    content = bytearray((BAD_INPUTS / "001_good.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(4, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    answer = open_workbook._answer(bytes(content), "a.xlsx")
    assert set(answer) == {"kind", "encoding", "refusals", "sheets", "hidden"}
    json.dumps(answer)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=24), max_size=8))
def test_any_cells_at_all_give_tables_or_findings(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        text = io.StringIO()
        import csv

        csv.writer(text).writerows([HEADINGS, *rows])
        path.write_bytes(text.getvalue().encode("utf-8", "replace"))
        reading = read(path)
    assert bool(reading.findings) != bool(reading.tables)
    for finding in reading.findings:
        assert "\n" not in finding.sentence()
        assert finding.remedy


# --- the registry decides ---------------------------------------------------------


def test_a_table_that_is_only_described_is_read_without_new_code(
    tmp_path: Path,
) -> None:
    registry = load_registry()

    def column(name: str, heading: str, type_: str, **more: Any) -> Column:
        return Column(name, heading, type_, heading, name, **more)

    table = Table(
        name="school_visit",
        sheet="学校走访",
        label_zh="学校走访",
        label_en="School visits",
        title_zh="学校走访",
        order=99,
        key=("visit_date", "unit"),
        columns=(
            column("visit_date", "走访日期", "date", required=True),
            column("unit", "单位", "unit", required=True),
            column("kind", "形式", "word", words={"座谈": "talk", "无": "none"}),
            column("is_done", "完成", "yes_no"),
            column("n_present", "到场人数", "count", kind="state"),
            column("n_spoke", "发言人数", "count", kind="state"),
        ),
    )
    rule = Rule(
        id="spoke_within_present",
        table="school_visit",
        kind="at_most",
        severity="refuse",
        column="n_spoke",
        other="n_present",
    )
    wider = dataclasses.replace(
        registry,
        tables=MappingProxyType({**registry.tables, "school_visit": table}),
        rules=(*registry.rules, rule),
    )
    headings = [c.heading for c in table.columns]
    rows = [
        ["2016年7月15日", "鼓楼", "座谈", "是", "12次", 3],
        ["2016-07-16", "台江区", "无", "", 8, 9],
    ]
    path = write_xlsx(tmp_path / "走访.xlsx", {"学校走访": [headings, *rows]})
    options = {"received": RECEIVED}
    reading = read_workbook.read_workbook(path, wider, **options)
    assert places(reading) == [("E_RULE", "F3")]
    rows[1][5] = 8
    path = write_csv(tmp_path / "走访.csv", [headings, *rows])
    reading = read_workbook.read_workbook(path, wider, **options)
    assert reading.tables["school_visit"].to_pylist() == [
        {
            "visit_date": date(2016, 7, 15),
            "unit": "350102",
            "kind": "talk",
            "is_done": True,
            "n_present": 12,
            "n_spoke": 3,
            "source_sheet": "",
            "source_row": 2,
        },
        {
            "visit_date": date(2016, 7, 16),
            "unit": "350103",
            "kind": "none",
            "is_done": None,
            "n_present": 8,
            "n_spoke": 8,
            "source_sheet": "",
            "source_row": 3,
        },
    ]


def test_every_table_of_the_registry_has_a_schema_that_its_rows_fit() -> None:
    for table in load_registry().tables.values():
        schema = incoming_schema(table)
        assert schema.names[: len(table.columns)] == [c.name for c in table.columns]
        assert schema.field("source_row").type == pa.int32()
        assert ("basis" in schema.names) == (table.name == "ledger")


def test_spot_checks_and_weak_cases_are_read_from_their_description(
    tmp_path: Path,
) -> None:
    spot = ["日期", "督导组", "支部代码", "抽取方式", "方式", "第一专题核实", "评级"]
    weak = ["编号", "支部代码", "列入日期", "问题类型", "状态", "转化日期"]
    sheets = {
        "抽查": [
            spot,
            ["2016-07-20", "第一督导组", "B-1", "随机", "暗访", "无据", "优"],
        ],
        "软弱涣散": [weak, ["R-1", "B-1", "2015-11-02", "班子不齐", "整顿中", ""]],
    }
    reading = read(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert not reading.findings, sentences(reading)
    check = reading.tables["spot_check"].to_pylist()[0]
    assert (check["selection"], check["is_announced"]) == ("random", False)
    assert check["found_topic_1"] == "no_evidence"
    assert reading.tables["weak_case"].to_pylist()[0]["status"] == "under_way"
    sheets["抽查"][1][0] = "2016-03-20"
    sheets["软弱涣散"][1][1] = ""
    reading = read(write_xlsx(tmp_path / "b.xlsx", sheets))
    assert places(reading) == [("E_PERIOD", "A2"), ("E_BLANK", "B2")]


def test_a_flood_of_findings_is_cut_and_says_so(tmp_path: Path) -> None:
    rows = [[*good_rows()[0][:6], *["约"] * 15, ""] for _ in range(1_000)]
    reading = read(ledger(tmp_path, rows))
    assert len(reading.findings) == 10_001
    assert "其余未列出" in reading.findings[-1].sentence()


def test_strings_that_stand_in_the_sheet_itself_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for row in (HEADINGS, *good_rows()):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert len(read_ledger(tmp_path / "a.xlsx")) == 12
    text = "<si><t>机关</t></si>"
    aloud = "<rPh sb='0' eb='2'><t>jiguan</t></rPh>"
    rich = f"<si><r><t>机</t></r><r><t>关</t></r>{aloud}</si>"
    path = ledger(tmp_path, good_rows())
    rewrite(
        path,
        change={
            "xl/sharedStrings.xml": lambda x: x.replace(text.encode(), rich.encode()),
            SHEET: lambda x: x.replace(
                b'<c r="I2"><v>160</v></c>',
                b'<c r="I2" t="inlineStr"><is><t>160</t></is></c>',
            ),
        },
    )
    first = read_ledger(path)[0]
    assert (first["sector"], first["n_members"]) == ("organ", 160)


def test_a_finding_is_one_short_printable_line() -> None:
    finding = Finding("E_CODE", "a.xlsx", "", "", "", "", "为什么", "怎么办")
    assert finding.sentence() == "E_CODE a.xlsx:为什么。怎么办。"
    assert show("a\nb\u202e") == "a b"
    assert len(show("长" * 400_000)) == 41
