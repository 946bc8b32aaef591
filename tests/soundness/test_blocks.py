"""Blocks of one sheet, each read by its own heading, titles and totals, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_pipeline.workbooks.read_workbook import Reading
from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    codes,
    good_rows,
    places,
    put,
    read,
    sentences,
    write_csv,
)

JULY = good_rows()
JUNE = [["2016-06", *row[1:13], 0, *row[14:]] for row in JULY]
# 党员总数 to the front and the topics the other way round.
ORDER = [8, *range(8), *range(9, 12), 14, 13, 12, *range(15, 22)]
BARE = ["7月", *JULY[0][1:]]


def ordered(*rows: list[Any]) -> list[list[Any]]:
    """These rows under the heading of the other order."""
    return [[row[index] for index in ORDER] for row in (HEADINGS, *rows)]


def total(rows: list[list[Any]], word: str = "合计", more: int = 0) -> list[Any]:
    sums: list[Any] = [sum(row[i] for row in rows) for i in range(6, 21)]
    sums[2] += more
    return [word, *[""] * 5, *sums, ""]


def without(index: int, *rows: list[Any]) -> list[list[Any]]:
    return [[*row[:index], *row[index + 1 :]] for row in (HEADINGS, *rows)]


def read_rows(path: Path, rows: list[list[Any]]) -> Reading:
    return read(write_csv(path / "台账.csv", rows))


def figures(reading: Reading) -> list[dict[str, Any]]:
    assert not reading.findings, sentences(reading)
    rows = reading.tables["ledger"].drop_columns(["source_row"]).to_pylist()
    return sorted(rows, key=lambda row: (row["month"], row["unit"], row["sector"]))


BOTH = [HEADINGS, *JUNE, *JULY]
HALF = [HEADINGS, *JUNE, *JULY[:6]]
READ: dict[str, tuple[list[list[Any]], list[list[Any]]]] = {
    "another order below a blank row": (
        [HEADINGS, *JULY[:6], [], *ordered(*JULY[6:])], [HEADINGS, *JULY]),
    "another order below a total": (
        [HEADINGS, *JULY[:6], total(JULY[:6]), *ordered(*JULY[6:])],
        [HEADINGS, *JULY]),
    "another order below a title": (
        [["台账"], HEADINGS, *JULY[:6], ["晋安区"], *ordered(*JULY[6:])],
        [HEADINGS, *JULY]),
    "months with titles between": (
        [["2016年6月"], HEADINGS, *JUNE, ["2016年7月"], HEADINGS, *JULY], BOTH),
    "each month its total": (
        [["2016年6月"], HEADINGS, *JUNE, total(JUNE), ["填报人:甲"], [],
         ["2016年7月"], HEADINGS, *JULY[:6], total(JULY[:6])], HALF),
    "each month its total and no title": (
        [HEADINGS, *JUNE, total(JUNE), HEADINGS, *JULY[:6], total(JULY[:6])], HALF),
    "only the lower month has a total": (
        [["2016年6月"], HEADINGS, *JUNE, ["2016年7月"], HEADINGS, *JULY[:6],
         total(JULY[:6])], HALF),
    "a whole form copied below": (
        [["台账"], ["填报单位:", "", "仓山区", "", "", "", "2016", "年", "6", "月"],
         HEADINGS, *JUNE, ["填报人:甲"], ["台账"],
         ["填报单位:", "", "仓山区", "", "", "", "2016", "年", "7", "月"],
         HEADINGS, *JULY], BOTH),
    "pages with one total at the end": (
        [["台账"], HEADINGS, *JULY[:6], ["填报人:甲"], ["台账"], HEADINGS, *JULY[6:],
         total(JULY)], [HEADINGS, *JULY]),
    "units under titles with a grand total": (
        [["仓山区"], HEADINGS, *JULY[:6], total(JULY[:6]), ["晋安区"], HEADINGS,
         *JULY[6:], total(JULY[6:]), total(JULY, "总计")], [HEADINGS, *JULY]),
    "a heading of two rows": (
        [["统计月份", *HEADINGS[1:3], "", "", "领域", "组织", *[""] * 15],
         ["", "", "", *HEADINGS[3:5], "", *HEADINGS[6:]], *JULY], [HEADINGS, *JULY]),
    "units under titles with a total of the whole city": (
        [["仓山区"], HEADINGS, *JULY[:6], ["晋安区"], HEADINGS, *JULY[6:],
         total(JULY, "全市合计")], [HEADINGS, *JULY]),
    "titles that call themselves 汇总": (
        [["2016年6月汇总"], HEADINGS, *JUNE, ["2016年7月汇总"], HEADINGS, *JULY,
         total(JULY)], BOTH),
    "a total between title and heading": (
        [HEADINGS, *JUNE, ["2016年7月"], total(JUNE), HEADINGS, *JULY], BOTH),
    "years of their own titles": (
        [["2016年"], HEADINGS, ["6月", *JUNE[0][1:]], ["7月"], HEADINGS, BARE],
        [HEADINGS, JUNE[0], JULY[0]]),
    "a remark in one block only": (
        [HEADINGS, *JUNE, [], *without(21, *JULY)], BOTH),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_each_block_is_read_by_its_own_heading(tmp_path: Path, name: str) -> None:
    rows, plain = READ[name]
    found = figures(read_rows(tmp_path, rows))
    assert found == figures(read_rows(tmp_path, plain))


def wrong(address: str, value: Any, rows: list[list[Any]] = JULY) -> list[list[Any]]:
    changed = [list(row) for row in rows]
    put(changed, address, value)
    return changed


REFUSED: dict[str, tuple[list[list[Any]], list[tuple[str, str]]]] = {
    "another order between the rows": (
        [HEADINGS, *JULY[:6], *ordered(*JULY[6:])], [("E_ROW", "A8")]),
    "another set of counts": (
        [HEADINGS, *JUNE, [], *without(13, *JULY)], [("E_ROW", "A15")]),
    "a required column is missing below": (
        [HEADINGS, *JUNE, [], *without(5, *JULY)], [("E_MISSING_COLUMN", "A15")]),
    "a heading misspelt below": (
        [HEADINGS, *JUNE, [], ["统计月分", *HEADINGS[1:]], *JULY],
        [("E_UNKNOWN_COLUMN", "A15"), ("E_MISSING_COLUMN", "A15")]),
    "most headings misspelt below": (
        [HEADINGS, *JULY, [], [f"{heading}量" for heading in HEADINGS]],
        [("E_ROW", "A15")]),
    "a total of the other block": (
        [["2016年6月"], HEADINGS, *JUNE, ["2016年7月"], HEADINGS, *JULY[:6],
         total(JUNE)], [("E_TOTAL_ROW", "G23")]),
    "a total of both blocks": (
        [["2016年6月"], HEADINGS, *JUNE, total(JUNE), ["2016年7月"], HEADINGS,
         *JULY[:6], total([*JUNE, *JULY[:6]])], [("E_TOTAL_ROW", "G24")]),
    "a grand total one too many": (
        [["仓山区"], HEADINGS, *JULY[:6], ["晋安区"], HEADINGS, *JULY[6:],
         total(JULY, "总计", more=1)], [("E_TOTAL_ROW", "G17")]),
    "figures without keys above the title": (
        [HEADINGS, *JUNE, ["", "", "", "", "", "", "", "约30"], ["2016年7月"],
         HEADINGS, *JULY], [("E_ROW", "H14")]),
    "a fault in the lower block": (
        [HEADINGS, *JULY[:6], [], *ordered(*wrong("I8", "约30")[6:])],
        [("E_NUMBER", "A10")]),
    "one row in both blocks": (
        [HEADINGS, *JULY[:6], [], *ordered(*JULY[5:])], [("E_DUP_KEY", "B10")]),
    "a small summary below": (
        [HEADINGS, *JULY, [], ["单位", "党支部数", "党员总数"], ["仓山区", 84, 1444]],
        [("E_ROW", "A15")]),
    "a row of keys above the heading": (
        [HEADINGS, *JUNE, ["", "", "仓山区", "", "", "农村"], HEADINGS, *JULY],
        [("E_BLANK", "A14")]),
    "another table below": (
        [HEADINGS, *JULY, [], ["支部代码", "支部名称", "单位", "领域"],
         ["A-1", "甲", "仓山区", "农村"]], [("E_ROW", "A15")]),
    "a month without a year in any title": (
        [HEADINGS, JUNE[0], ["续"], HEADINGS, BARE], [("E_DATE", "A5")]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_second_heading_leaves_open_is_refused_at_its_place(
    tmp_path: Path, name: str
) -> None:
    rows, expected = REFUSED[name]
    width = len(HEADINGS)
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    reading = read_rows(tmp_path, padded)
    assert places(reading)[: len(expected)] == expected, sentences(reading)
    assert reading.tables == {}
    assert not {finding.code for finding in reading.findings} - {
        *(code for code, _ in expected),
        "E_MISSING_COLUMN",
    }


def test_each_block_declares_its_own_basis_or_keeps_the_one_above(
    tmp_path: Path,
) -> None:
    rows = [["口径:当月"], HEADINGS, *JUNE, ["口径:累计"], HEADINGS, *JULY]
    assert {(r["month"], r["basis"]) for r in figures(read_rows(tmp_path, rows))} == {
        ("2016-06", "month"),
        ("2016-07", "to_date"),
    }
    rows[14] = ["2016年7月"]
    reading = read_rows(tmp_path, rows)
    assert {row["basis"] for row in figures(reading)} == {"month"}
    assert "W_BASIS" in [warning.code for warning in reading.warnings]


def test_all_faults_of_all_blocks_come_at_once(tmp_path: Path) -> None:
    rows = [HEADINGS, *wrong("A2", "七月"), [], *ordered(*wrong("I2", "约30", JUNE))]
    assert codes(read_rows(tmp_path, rows)) == ["E_DATE", "E_NUMBER"]


def test_a_block_under_another_months_title_is_reported(tmp_path: Path) -> None:
    rows = [["2016年7月"], HEADINGS, *JULY[:6], ["2016年6月"], HEADINGS, *JULY[6:]]
    reading = read_rows(tmp_path, rows)
    assert len(figures(reading)) == 12
    assert [w.code for w in reading.warnings if w.code != "W_COLUMN"] == ["W_MONTH"]
