"""Everyday workbooks of many hands: the right rows, or a refusal; never a loss.

Each outcome was decided before the file was read. A number is how many rows must come
out, with the sums of the figures that went in; REFUSED is any finding.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from data_pipeline.workbooks.read_workbook import Reading
from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    good_rows,
    put,
    read,
    sentences,
    write_xlsx,
)

REFUSED = "refused"
JULY = good_rows()
JUNE = [["2016-06", *row[1:13], 0, *row[14:]] for row in JULY]


def changed(address: str, value: Any) -> list[list[Any]]:
    rows = good_rows()
    put(rows, address, value)
    return [HEADINGS, *rows]


def column(index: int, value: Any) -> list[list[Any]]:
    return [[*row[:index], value, *row[index + 1 :]] for row in JULY]


def total(label: str = "合计", at: int = 2, rows: Any = JULY, more: int = 0) -> list:
    row: list[Any] = [""] * len(HEADINGS)
    row[at] = label
    for index in range(6, 21):
        row[index] = sum(r[index] for r in rows)
    row[8] += more
    return row


def each(change: Any) -> list[list[Any]]:
    """The rows with every count changed."""
    return [[change(c) if isinstance(c, int) else c for c in row] for row in JULY]


def wide(count: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(count))


def measured(heading: str) -> str:
    units = {"支部数": "(个)", "党员总数": "（人）", "次数": "(次)"}
    return heading + next((u for k, u in units.items() if heading.endswith(k)), "")


TABLE = [HEADINGS, *JULY]
WORKBOOKS: dict[str, tuple[list[list[Any]], Any]] = {
    "two months under one heading each": ([HEADINGS, *JUNE, *TABLE], 24),
    "two months with a blank row between": ([HEADINGS, *JUNE, [], *TABLE], 24),
    "total above the rows": ([HEADINGS, total(), *JULY], 12),
    "total above the heading": ([total(), *TABLE], REFUSED),
    **{f"total in column {i}": ([*TABLE, total(at=i)], 12) for i in range(6)},
    "total one too many": ([*TABLE, total(more=1)], REFUSED),
    "total one too many in column A": ([*TABLE, total(at=0, more=1)], REFUSED),
    "spaced total": ([*TABLE, total("总  计：")], 12),
    "total of the city": ([*TABLE, total("全市合计")], 12),
    "total without a label": ([*TABLE, total("")], REFUSED),
    "sub-totals and total": (
        [HEADINGS, *JULY[:6], total("小计", rows=JULY[:6]), *JULY[6:],
         total("小计", rows=JULY[6:]), total()], 12),
    "named sub-total": (
        [HEADINGS, *JULY[:6], total("仓山区小计", rows=JULY[:6]), *JULY[6:]], 12),
    "wrongly named sub-total": (
        [HEADINGS, *JULY[:6], total("晋安区小计", rows=JULY[:6]), *JULY[6:]], REFUSED),
    "sum of a unit as if a row": ([*TABLE, total("仓山区", rows=JULY[:6])], REFUSED),
    "notes and signatures": (
        [*TABLE, [], ["注:截至7月31日"], ["填报人:甲", "", "审核人:乙"]], 12),
    "a figure in a note": ([*TABLE, ["说明:党员总数含流动党员30人"]], 12),
    "a row below the notes": ([*TABLE[:12], ["注:略"], [], TABLE[12]], 12),
    "a hundred empty rows": ([*TABLE, *[[]] * 100, ["填报人:"]], 12),
    "an empty row after each": ([row for r in TABLE for row in (r, [])], 12),
    "an empty column A": ([["", *row] for row in TABLE], 12),
    "a row of column numbers": ([HEADINGS, list(map(str, range(1, 23))), *JULY],
                                REFUSED),
    "units in the headings": ([list(map(measured, HEADINGS)), *JULY], 12),
    "digits in the headings": (
        [[h.replace("第一", "第1").replace("第二", "第 2 ") for h in HEADINGS], *JULY],
        12),
    "line breaks in the headings": ([[f" {h}\n" for h in HEADINGS], *JULY], 12),
    "counts as text": ([HEADINGS, *each(str)], 12),
    "full-width counts": ([HEADINGS, *each(wide)], 12),
    "thousands": ([HEADINGS, *each("{:,}".format)], 12),
    "counts with a fraction of 0": ([HEADINGS, *each(float)], 12),
    **{f"count {value}": (changed("I5", value), REFUSED) for value in (
        "1 234", "12人左右", "一百六十", "160.5", "√", "160(含预备)", "160+5", "O",
        "90\n40", "1.000", "160、170")},
    "keys of a row blank": (
        [*TABLE[:4], ["", "", "", *JULY[3][3:5], "", *JULY[3][6:]], *TABLE[5:]],
        REFUSED),
    "unit only in the first row": (
        [*TABLE[:2], *[[*r[:2], "", *r[3:]] for r in JULY[1:6]], *TABLE[7:]],
        REFUSED),
    "ditto marks": (
        [*TABLE[:2], *[[*r[:2], "〃", *r[3:]] for r in JULY[1:6]], *TABLE[7:]],
        REFUSED),
    "year in the title": ([["2016年7月台账"], HEADINGS, *column(0, "7月")], 12),
    "two years in the title": (
        [["2016年7月台账(2015年略)"], HEADINGS, *column(0, "7月")], REFUSED),
    "month with a dot": ([HEADINGS, *column(0, "2016.07")], 12),
    "last day of the month": ([HEADINGS, *column(0, "2016年7月31日")], 12),
    "another table below": (
        [*TABLE, [], ["支部代码", "支部名称", "单位", "领域"],
         ["A-1", "甲", "仓山区", "农村"]], REFUSED),
    "a small summary below": ([*TABLE, [], ["", "", "全市", "党支部数", 144]], REFUSED),
    "a small summary beside": ([[*HEADINGS, "", "小结", 144], *JULY], REFUSED),
    "a remark beside the table": ([*TABLE[:3], [*TABLE[3], "", "见附件"]], REFUSED),
    "a heading over the headings": ([[*[""] * 6, "组织情况"], *TABLE], 12),
    "the same row twice": ([*TABLE, JULY[3]], REFUSED),
    "one key, other figures": ([*TABLE, [*JULY[3][:8], 999, *JULY[3][9:]]], REFUSED),
    "a column of shares": (
        [[*HEADINGS, "占比"], *[[*r, "12%"] for r in JULY]], REFUSED),
    "a heading misspelt": (
        [[h.replace("党员总数", "党员总人数") for h in HEADINGS], *JULY], REFUSED),
    "a sector for the whole": ([*TABLE, [*JULY[0][:5], "总体", *JULY[0][6:]]], REFUSED),
}  # fmt: skip


def sum_of_members(reading: Reading) -> int:
    return sum(reading.tables["ledger"].column("n_members").to_pylist())


def check(reading: Reading, outcome: Any) -> None:
    if outcome == REFUSED:
        assert reading.findings
        assert reading.tables == {}
        return
    assert not reading.findings, sentences(reading)
    assert reading.tables["ledger"].num_rows == outcome
    assert sum_of_members(reading) == sum(row[8] for row in JULY) * (outcome // 12)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_an_everyday_workbook_comes_out_right_or_refused(
    tmp_path: Path, name: str
) -> None:
    rows, outcome = WORKBOOKS[name]
    check(read(write_xlsx(tmp_path / "台账.xlsx", {"台账": rows})), outcome)


def test_filtered_and_hidden_rows_and_columns_count(tmp_path: Path) -> None:
    def hide(_: Any, sheet: Any) -> None:
        sheet.autofilter(0, 0, 12, 21)
        sheet.set_row(5, None, None, {"hidden": True})
        sheet.set_column(8, 8, None, None, {"hidden": True})

    check(read(write_xlsx(tmp_path / "台账.xlsx", {"台账": TABLE}, finish=hide)), 12)


def text_of(rows: list[list[Any]], separator: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


PLAIN = text_of(TABLE)
CSVS: dict[str, tuple[str, Any]] = {
    "as Excel writes it": (PLAIN, 12),
    "Unix lines": (PLAIN.replace("\r\n", "\n"), 12),
    "semicolons": (text_of(TABLE, ";"), REFUSED),
    "tabs": (text_of(TABLE, "\t"), REFUSED),
    "sep=,": (f"sep=,\r\n{PLAIN}", REFUSED),
    "last row cut": (PLAIN[:-30], REFUSED),
    "no last line break": (PLAIN.rstrip(), 12),
    "title and signature": (f"督导工作台账\r\n{PLAIN}填报人:甲\r\n", 12),
    "padded title": (f"督导工作台账{',' * 21}\r\n{PLAIN}", 12),
    "total": (PLAIN + text_of([total()]), 12),
    "wrong total": (PLAIN + text_of([total(more=5)]), REFUSED),
    "thousands without quotes": (PLAIN.replace(",160,", ",1,160,", 1), REFUSED),
    "line break in a note": (text_of([HEADINGS, *column(21, "甲\n乙")]), 12),
    "line break in a count": (text_of(changed("I2", "16\n0")), REFUSED),
    "a row too short": (text_of([*TABLE[:4], TABLE[4][:20], *TABLE[5:]]), REFUSED),
    "a row too long": (text_of([*TABLE[:4], [*TABLE[4], 1], *TABLE[5:]]), REFUSED),
    "an empty cell too many": (text_of([*TABLE[:4], [*TABLE[4], ""], *TABLE[5:]]), 12),
    "empty lines": (PLAIN.replace("\r\n", "\r\n\r\n"), 12),
    "lines of commas": (PLAIN.replace("\r\n", f"\r\n{',' * 21}\r\n"), 12),
    "rows above the heading": (text_of([*JULY[:3], HEADINGS, *JULY[3:]]), REFUSED),
    "a count as 1.6E+2": (text_of(changed("I2", "1.6E+2")), REFUSED),
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", CSVS)
def test_an_everyday_csv_comes_out_right_or_refused(
    tmp_path: Path, name: str, encoding: str
) -> None:
    text, outcome = CSVS[name]
    path = tmp_path / "台账.csv"
    path.write_bytes(text.encode(encoding))
    check(read(path), outcome)
