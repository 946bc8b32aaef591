"""Forms of many offices, written by other programs than ours, each outcome decided.

READ come out as the plain table does; REFUSED name the first code and cell. The cells
are read in this process: what the guarded child adds is tested elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data_pipeline.workbooks import open_workbook, read_workbook
from data_pipeline.workbooks.cell_values import Special
from data_pipeline.workbooks.read_workbook import Reading
from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    good_rows,
    put,
    read,
    sentences,
)

Rows = list[list[Any]]
JULY = good_rows()
TABLE = [HEADINGS, *JULY]
WIDTH = len(HEADINGS)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def cells_of(data: bytes, name: str) -> dict[str, Any]:
        answer = json.dumps(open_workbook._answer(data, name))
        return json.loads(
            answer,
            object_hook=lambda d: Special(**d) if d.keys() == {"kind", "value"} else d,
        )

    monkeypatch.setattr(read_workbook, "_cells_of", cells_of)


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
