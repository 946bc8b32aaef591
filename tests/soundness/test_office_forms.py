"""Forms of many offices, written by other programs than ours, each outcome decided.

READ come out as the plain table does; REFUSED name the first code and cell. The cells
are read in this process: what the guarded child adds is tested elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data_pipeline.workbooks import open_workbook
from data_pipeline.workbooks.cell_values import Special
from data_pipeline.workbooks.guarded_readers import GuardedReaders
from data_pipeline.workbooks.read_workbook import Reading
from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    good_rows,
    put,
    read,
    sentences,
    write_xlsx,
)

Rows = list[list[Any]]
JULY = good_rows()
TABLE = [HEADINGS, *JULY]
WIDTH = len(HEADINGS)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def cells_of(_: GuardedReaders, data: bytes, name: str) -> dict[str, Any]:
        answer = json.dumps(open_workbook._answer(data, name))
        return json.loads(
            answer,
            object_hook=lambda d: Special(**d) if d.keys() == {"kind", "value"} else d,
        )

    monkeypatch.setattr(GuardedReaders, "read", cells_of)


def save(
    path: Path,
    rows: Rows,
    change: Callable[[Worksheet], Any] | None = None,
    sheet: str = "台账",
) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for number, row in enumerate(rows, 1):
        for index, cell in enumerate(row, 1):
            if cell not in (None, ""):
                page.cell(number, index, cell)
    if change:
        change(page)
    book.save(path / "台账.xlsx")
    return path / "台账.xlsx"


def figures(reading: Reading) -> list[dict[str, Any]]:
    assert not reading.findings, sentences(reading)
    table = reading.tables["ledger"].drop_columns(["source_row", "source_sheet"])
    return sorted(table.to_pylist(), key=lambda row: (row["unit"], row["sector"]))


def changed(address: str, value: Any) -> Rows:
    rows = good_rows()
    put(rows, address, value)
    return [HEADINGS, *rows]


def column(index: int, *values: Any) -> Rows:
    """The table with these values down a column, the last one again and again."""
    rows = good_rows()
    for number, row in enumerate(rows):
        row[index] = values[min(number, len(values) - 1)]
    return [HEADINGS, *rows]


def headed(change: Callable[[str], str]) -> Rows:
    return [[change(heading) for heading in HEADINGS], *JULY]


def total(label: str = "合计", at: int = 0, rows: Rows = JULY, more: int = 0) -> list:
    row: list[Any] = [""] * WIDTH
    row[6:21] = [sum(r[i] for r in rows) for i in range(6, 21)]
    row[8] += more
    row[at] = label
    return row


def units(*exceptions: tuple[int, str]) -> list[Any]:
    row = ["", "", "", "", "", "", "个", "个", *["人"] * 2, *["次"] * 2, *["个"] * 3]
    row = [*row, *["人"] * 6]
    for index, word in exceptions:
        row[index] = word
    return row


def numbered(rows: Rows, heading: str = "序号", form: str = "{}") -> Rows:
    head, *data = rows
    return [[heading, *head], *([form.format(n), *r] for n, r in enumerate(data, 1))]


def as_text(form: str) -> Rows:
    rows = [[form.format(c) if isinstance(c, int) else c for c in r] for r in JULY]
    return [HEADINGS, *rows]


MEASURED = {
    "数": "（个）",
    "次数": "(次)",
    "人数": "【人】",
    "党员总数": "\n(单位：人)",
}


def measured(heading: str) -> str:
    ends = sorted(MEASURED, key=len, reverse=True)
    return heading + next((MEASURED[e] for e in ends if heading.endswith(e)), " ")


def hide(page: Worksheet) -> None:
    page.row_dimensions[5].hidden = page.column_dimensions["I"].hidden = True
    page.auto_filter.ref, page.freeze_panes = "A1:V13", "B2"
    page.row_dimensions.group(7, 9, hidden=True)


# A heading of two rows: keys above and merged down, groups above the counts.
UPPER = [*HEADINGS[:6], "组织情况", "", "", "", "党课", "", "专题", "", "", "发言"]
UPPER = [*UPPER, *[""] * 5, HEADINGS[21]]
LOWER = [*[""] * 6, *HEADINGS[6:21], ""]
FOOT = ["填报人:甲", "", "", "审核人:乙"]

READ: dict[str, Rows] = {
    "total 合计数": [*TABLE, total("合计数")],
    "total 累计": [*TABLE, total("累计", at=2)],
    "total 合计(12行)": [*TABLE, total("合计(12行)")],
    "total 总数 of a unit": [
        HEADINGS, *JULY[:6], total("仓山区总数", rows=JULY[:6]), *JULY[6:]],
    "a row of units": [HEADINGS, units(), *JULY],
    "a row of units in brackets": [
        HEADINGS, ["单位:", *[f"（{u}）" if u else "" for u in units()[1:]]], *JULY],
    "rows are numbered": numbered(TABLE),
    "rows are numbered with points": numbered(TABLE, "行次", "{}、"),
    "a total in the column of numbers": [*numbered(TABLE), ["合计", *total("")]],
    "numbered rows left empty": [*numbered(TABLE), [13], ["14"], [15, "", "/"]],
    **{f"month {value}": column(0, value) for value in (
        201607, "201607", "2016.7", "2016.07", "2016/7", "2016/07", "2016年07月",
        "16年7月", "'2016-07", "2016-7 ", "２０１６年７月", 20160731, "2016.7.31")},
    "apostrophes before figures": as_text("'{}"),
    "full-width apostrophes and blanks after": as_text("＇{}　 "),
    "thousands": as_text("{:,}"),
    "thousands with a full-width comma": [
        [c.replace(",", "，") if isinstance(c, str) else c for c in row]
        for row in as_text("{:,}")],
    "units of measure in the headings": headed(measured),
    "line breaks in the headings": headed(lambda h: f"{h[:3]}\n{h[3:]}\n"),
    "blanks in the headings": headed(lambda h: f" {h[:2]}　{h[2:]} "),
    "a colon after each heading": headed(lambda h: f"{h}："),
    "党员总数/人": headed(lambda h: h + "/人" * (h == "党员总数")),
    "(必填) behind headings": headed(lambda h: h + "（必填）" * (h in HEADINGS[:3])),
    "numbers before headings": [[f"{n}.{h}" for n, h in enumerate(HEADINGS)], *JULY],
    "counts with 个": as_text("{}个"),
    "counts with 家": as_text("{}家"),
    "blanks around keys": [
        [f"\u200b{c}\u00a0\n" if isinstance(c, str) and c else c for c in row]
        for row in TABLE],
    "a heading of two rows over a row of units": [UPPER, LOWER, units(), *JULY],
    "a heading of three rows": [["", "", "基本情况", "", "进展"], UPPER, LOWER, *JULY],
    "columns from right to left": [row[::-1] for row in TABLE],
    "the table begins in C5": [[]] * 4 + [["", "", *row] for row in TABLE],
    "a line to be filled in above": [
        ["填报单位:第一督导组", "", "", "", "", "", "填报时间:2016年8月5日"], *TABLE],
    "an explanation below the heading": [HEADINGS, ["填表说明:按累计数"], *JULY],
    "a note between the rows": [*TABLE[:7], ["注:以上为仓山区"], *TABLE[7:]],
    "a row of dashes": [*TABLE[:4], ["-"] * WIDTH, *TABLE[4:]],
    "a signature and date over many cells": [
        *TABLE, ["填报单位(盖章):", "", "", "", "", "负责人:", "", "", "", "填报日期:",
                 "", "2016", "年", "8", "月", "5", "日"]],
    "a signature without colons": [
        *TABLE, ["填报人", "甲", "", "审核人", "乙", "", "联系电话", "0591-83800138"]],
    "a telephone and a date as numbers": [
        *TABLE, ["制表", "甲", "", "", "", "", "电话", 83800138, "日期", 20160805]],
    "office and date below the counts": [
        *TABLE, [*[""] * 15, "中共仓山区委组织部"], [*[""] * 15, "二〇一六年八月五日"]],
    "以下空白": [*TABLE, ["以下空白"]],
    "numbers of pages": [
        *TABLE[:7], ["第1页"], HEADINGS, *JULY[6:], ["第2页 共2页"]],
    "pages with units below each heading": [
        HEADINGS, units(), *JULY[:6], HEADINGS, units(), *JULY[6:]],
    "a heading above the last total": [*TABLE, ["第1页"], HEADINGS, total()],
    "totals of units and the city": [
        *TABLE, total("仓山区合计", rows=JULY[:6]), total("晋安区合计", rows=JULY[6:]),
        total("总计")],
    "totals of units before their rows": [
        HEADINGS, total("仓山区小计", 2, JULY[:6]), *JULY[:6],
        total("晋安区小计", 2, JULY[6:]), *JULY[6:]],
    "a total with the keys of its rows": [
        HEADINGS, *JULY[:6], [*JULY[0][:5], "合计", *total(rows=JULY[:6])[6:]],
        *JULY[6:]],
    "a total of a sector": [
        *TABLE, total("机关合计", 5, [JULY[0], JULY[6]])],
    "totals as text": [
        *TABLE, [f"{c:,}人" if isinstance(c, int) else c for c in total()]],
    "the total not filled in": [*TABLE, ["合计"]],
    "the total with the number of rows": [*TABLE, ["合计", 12, *total()[2:]]],
    "the total with the number of units": [*TABLE, ["合计", "", "2个", *total()[3:]]],
    "the total with its month": [*TABLE, [201607, "", "合计", *[""] * 3, *total()[6:]]],
    "totals in a numbered table": [
        *numbered(TABLE)[:7], ["小计", *total("", rows=JULY[:6])],
        *numbered(TABLE)[7:], ["合计", *total("")]],
    "names of units in many ways": column(
        2, "福州市仓山区", "仓山", "仓山区　", "350104", "'350104", "仓山区", "晋安"),
    "the last day as text with a time": column(0, "2016-07-31 00:00:00"),
    "the last day as a day": column(0, datetime(2016, 7, 31)),
}  # fmt: skip

REFUSED: dict[str, tuple[Rows, str, str]] = {
    "total 累计 one too many": ([*TABLE, total("累计", more=1)], "E_TOTAL_ROW", "I14"),
    "total 合计数 of zeros": (
        [*TABLE, total("合计数", rows=[[0] * WIDTH])], "E_TOTAL_ROW", "G14"),
    "a unit of measure %": ([HEADINGS, units((12, "%")), *JULY], "E_ROW", "M2"),
    "a unit of measure 万人": ([HEADINGS, units((8, "万人")), *JULY], "E_ROW", "I2"),
    "units of measure between the rows": (
        [*TABLE[:3], units(), *JULY[2:]], "E_ROW", "G4"),
    "a heading in 万人": (
        headed(lambda h: h.replace("党员总数", "党员总数(万人)")),
        "E_UNKNOWN_COLUMN", "I1"),
    "a heading in per cent": (
        headed(lambda h: h.replace("党员总数", "党员总数(%)")),
        "E_UNKNOWN_COLUMN", "I1"),
    "words in the column of numbers": (
        numbered(TABLE, form="仓山{}"), "E_UNKNOWN_COLUMN", "A2"),
    **{f"month {value}": (column(0, value), "E_DATE", "A2") for value in (
        20167, 201613, "16.7", "16-07", "7/2016", "2016", "2016年1-7月", 2016.1)},
    "month 15年7月": (column(0, "15年7月"), "E_PERIOD", "A2"),
    **{f"count {value}": (changed("I2", value), "E_NUMBER", "I2") for value in (
        "12（含预备3）", "≥12", "12+", "12~15", "l2", "〃", "12 3", "1.5", "12元",
        "12.", "待报", "不详", "0.16万", "1.6E+02", "160/147", "NULL", "4人次", "〇",
        True, datetime(2016, 7, 1), 0.5)},
    **{f"branch {value}": (changed("E2", value), "E_CODE", "E2") for value in (
        "3.50104E+11", 350104.5, "全部", "B-1、B-2", "B-1,B-2", "B-01至05",
        datetime(2016, 1, 2))},
    "names of units as titles between the rows": (
        [HEADINGS, ["一、仓山区"], *JULY[:6], ["二、晋安区"], *JULY[6:]],
        "E_ROW", "A2"),
    "a unit alone in its column": (
        [HEADINGS, ["", "", "仓山区"], *JULY], "E_ROW", "C2"),
    "a sentence below": ([*TABLE, ["共12行,党员2871人"]], "E_ROW", "A14"),
    "numbers of the columns": (
        [HEADINGS, list(range(1, WIDTH + 1)), *JULY], "E_ROW", "A2"),
    "栏次": ([HEADINGS, ["栏次", *[""] * 5, *range(1, 16)], *JULY], "E_ROW", "A2"),
    "甲乙丙 and numbers": (
        [HEADINGS, [*"甲乙丙丁戊己", *range(1, 16)], *JULY], "E_ROW", "A2"),
    "a heading in two rows whose parts are no headings": (
        [[*HEADINGS[:12], "专题已召开支部数", "", "", *HEADINGS[15:]],
         [*[""] * 12, "第一专题", "第二专题", "第三专题"], *JULY],
        "E_UNKNOWN_COLUMN", "M1"),
    "the total of a unit one too many": (
        [*TABLE, total("仓山区合计", rows=JULY[:6]),
         total("晋安区合计", rows=JULY[6:], more=3)], "E_TOTAL_ROW", "I15"),
    "a summary of words and figures below": (
        [*TABLE, ["党员总数", 2871]], "E_TOTAL_ROW", "B14"),
    "a total with another number of rows": (
        [*TABLE, ["合计", 13, *total()[2:]]], "E_TOTAL_ROW", "B14"),
    "a total beyond the table": ([*TABLE, [*total(), 5]], "E_TOTAL_ROW", "W14"),
    "a title in 万人": ([["单位：万人"], *TABLE], "E_ROW", "A1"),
    "a total in words": (
        [*TABLE, ["合计", *[""] * 7, "两千八百"]], "E_NUMBER", "I14"),
    "a mean as if a row": ([*TABLE, total("平均")], "E_DATE", "A14"),
    "其中": ([*TABLE, ["其中:非公", *JULY[4][1:]]], "E_DATE", "A14"),
    "a look-alike name": (column(2, *["苍山区"] * 6, "晋安区"), "E_CODE", "C2"),
    "another group's unit": (column(2, *["长乐市"] * 6, "晋安区"), "E_SCOPE", "C2"),
    "the unit once for six rows": (
        [*TABLE[:2], [*JULY[1][:2], "", *JULY[1][3:]], *TABLE[3:]], "E_BLANK", "C3"),
    "one heading under two names": (
        headed(lambda h: "支部数" if h == "党员总数" else h), "E_DUP_HEADER", "I1"),
    "figures under an empty heading": (
        headed(lambda h: "" if h == "党员总数" else h), "E_UNKNOWN_COLUMN", "I2"),
    "a column of totals": (
        [[*HEADINGS, "合计"], *[[*row, 9] for row in JULY]], "E_UNKNOWN_COLUMN", "W1"),
    "rows and columns changed places": (
        [list(row) for row in zip(*TABLE, strict=True)], "E_HEADER", "A1"),
}  # fmt: skip

SHAPES: dict[str, tuple[Rows, Callable[[Worksheet], Any], str]] = {
    "a title over two rows": (
        [["台账"], [], *TABLE], lambda p: p.merge_cells("A1:V2"), ""),
    "a heading of two rows, merged": (
        [["台账"], UPPER, LOWER, *JULY],
        lambda p: [p.merge_cells(a) for a in ("A2:A3", "C2:C3", "V2:V3", "G2:J2")], ""),
    "the total's label over six columns": (
        [*TABLE, total()], lambda p: p.merge_cells("A14:F14"), ""),
    "a group down six rows": (TABLE, lambda p: p.merge_cells("B2:B7"), "E_MERGED"),
    "two counts in one": (TABLE, lambda p: p.merge_cells("I2:I3"), "E_MERGED"),
    "hidden, filtered and frozen": (TABLE, hide, ""),
    "a count shown as 1.6万": (
        TABLE, lambda p: setattr(p["I2"], "number_format", '0!.0,"万"'), ""),
    "a count shown as a day": (
        TABLE, lambda p: setattr(p["I2"], "number_format", "yyyy-mm-dd"), "E_NUMBER"),
    "a count shown in per cent": (
        TABLE, lambda p: setattr(p["I2"], "number_format", "0%"), "E_NUMBER"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_form_is_read_as_the_plain_table(tmp_path: Path, name: str) -> None:
    assert figures(read(save(tmp_path, READ[name]))) == figures(
        read(save(tmp_path, TABLE))
    )


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_mean_two_things_is_refused_at_its_place(
    tmp_path: Path, name: str
) -> None:
    rows, code, cell = REFUSED[name]
    reading = read(save(tmp_path, rows))
    assert reading.tables == {}
    first = reading.findings[0]
    assert (first.code, first.cell) == (code, cell), sentences(reading)
    assert first.remedy


@pytest.mark.parametrize("name", SHAPES)
def test_merged_hidden_and_formatted_cells(tmp_path: Path, name: str) -> None:
    rows, change, code = SHAPES[name]
    reading = read(save(tmp_path, rows, change))
    if code:
        assert reading.findings[0].code == code, sentences(reading)
    else:
        assert figures(reading) == figures(read(save(tmp_path, TABLE)))


@pytest.mark.parametrize("sheet", ["6月", "2016年8月台账", "Sheet1", "2016年7月"])
@pytest.mark.parametrize(
    "title", ["2016年6月台账", "2016年7月份", "8月5日前报送", "台账"]
)
def test_an_old_month_in_title_and_name_is_reported(
    tmp_path: Path, sheet: str, title: str
) -> None:
    reading = read(save(tmp_path, [[title], *TABLE], sheet=sheet))
    assert len(figures(reading)) == 12
    names_july = "7月" in sheet + title
    names_another = "月" in sheet or "6月" in title
    warned = [w for w in reading.warnings if w.code == "W_MONTH"]
    assert bool(warned) == (names_another and not names_july)


@pytest.mark.parametrize(
    ("beside", "code"),
    [
        ([HEADINGS, total()], "E_TOTAL_ROW"),
        ([HEADINGS, total(rows=[[0] * WIDTH])], ""),
        ([["行标签", "求和项:党员总数"], ["总计", 2871]], "E_HEADER"),
        ([["单位", "党支部数", "党员总数"], ["仓山区", 9, 90]], "E_MISSING_COLUMN"),
        (TABLE, "E_DUP_KEY"),
    ],
)
def test_a_second_sheet_is_proven_too(tmp_path: Path, beside: Rows, code: str) -> None:
    path = write_xlsx(tmp_path / "台账.xlsx", {"台账": TABLE, "台账 (2)": beside})
    reading = read(path)
    if code:
        assert reading.findings[0].code == code, sentences(reading)
        assert reading.tables == {}
    else:
        assert len(figures(reading)) == 12


PLAIN = "\r\n".join(",".join(map(str, row)) for row in TABLE) + "\r\n"
CSVS: dict[str, tuple[bytes, str]] = {
    "UTF-16": (PLAIN.encode("utf-16"), "E_ENCODING"),
    "GBK": (PLAIN.encode("gbk"), ""),
    "old Macintosh lines": (PLAIN.replace("\r\n", "\r").encode(), ""),
    "all in quotes": (
        "\n".join(",".join(f'"{c}"' for c in row) for row in TABLE).encode(), ""),
    "a mark where DOS ends": (PLAIN.encode("gbk") + b"\x1a", ""),
    "tabs before texts": (PLAIN.replace(",", ",\t").encode(), ""),
    "a text formula": (PLAIN.replace(",160,", ',"=""160""",', 1).encode(), "E_NUMBER"),
    "a title of two lines": (f'"督导工作\n台账"\r\n{PLAIN}'.encode(), ""),
    "a short foot": (f"{PLAIN}填报人 甲\r\n以下空白\r\n".encode(), ""),
    "a short sentence": (f"{PLAIN}共十二行\r\n".encode(), "E_ROW"),
    "a figure alone": (f"{PLAIN}2871\r\n".encode(), "E_CSV"),
    "read as Latin letters": (
        PLAIN.encode("gbk").decode("latin-1").encode(), "E_HEADER"),
    "two files put together": (
        PLAIN.encode("utf-8-sig") + PLAIN.replace("2016-07", "2016-08").encode(
            "utf-8-sig"), "two"),
}  # fmt: skip


@pytest.mark.parametrize("name", CSVS)
def test_a_csv_of_another_program(tmp_path: Path, name: str) -> None:
    data, outcome = CSVS[name]
    path = tmp_path / "台账.csv"
    path.write_bytes(data)
    reading = read(path)
    if outcome == "two":
        assert len(figures(reading)) == 24
    elif outcome:
        assert reading.findings[0].code == outcome, sentences(reading)
    else:
        assert figures(reading) == figures(read(save(tmp_path, TABLE)))
