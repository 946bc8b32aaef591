"""A sheet that is given columns reads like one that is given cells."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data_pipeline.xlsx_file import (
    ROWS_AT_ONCE,
    ColumnSheet,
    new_workbook,
    share_format,
)

COLUMNS: list[list[Any]] = [
    ["=1+1", "http://example.org", " 两学一做 & <做> ", "", "a\x01b", "007"],
    [1, True, 1.0, False, 0, None],
    [0.1, 1e15, -2.5, 123_456_789, None, 3],
    [datetime(2016, 7, 15, 20, 30), date(2016, 7, 1), None, None, None, None],
]
NUMBERS = ["", "", "0.00 %", "yyyy-mm-dd hh:mm"]


def written(write: Callable[[Any, list], None], kind: type | None) -> Worksheet:
    sink = io.BytesIO()
    with new_workbook(sink) as book:
        shapes = [
            book.add_format({"num_format": number}) if number else None
            for number in NUMBERS
        ]
        sheet = book.add_worksheet("rows", kind)
        for column in range(len(COLUMNS)):
            sheet.write_string(0, column, f"heading {column}")
        write(sheet, shapes)
    return openpyxl.load_workbook(io.BytesIO(sink.getvalue())).active


def cell_by_cell(sheet: Any, shapes: list) -> None:
    for column, (values, shape) in enumerate(zip(COLUMNS, shapes, strict=True)):
        for row, value in enumerate(values, 1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write(row, column, value, shape)


def by_columns(sheet: ColumnSheet, shapes: list) -> None:
    sheet.write_columns(1, COLUMNS, shapes)


def seen(sheet: Worksheet) -> list[tuple]:
    return [
        (cell.coordinate, cell.data_type, cell.value, cell.number_format)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def test_columns_read_like_cells_and_no_text_is_run_or_followed():
    sheet = written(by_columns, ColumnSheet)
    assert seen(sheet) == seen(written(cell_by_cell, None))
    texts = [sheet.cell(row, 1) for row in range(2, 8)]
    assert not any(cell.data_type == "f" or cell.hyperlink for cell in texts)
    assert sheet["A2"].value == "=1+1"


def test_a_format_may_depend_on_the_value_so_that_shares_are_as_pages_write_them():
    shares, sink = [0.0, 0.5, 0.99996, 1.0, None], io.BytesIO()
    with new_workbook(sink) as book:
        shape = functools.cache(lambda number: book.add_format({"num_format": number}))
        sheet = book.add_worksheet("rows", ColumnSheet)
        sheet.write_columns(0, [shares], [lambda share: shape(share_format(share))])
    cells = openpyxl.load_workbook(io.BytesIO(sink.getvalue())).active["A"][:4]
    formats = [cell.number_format for cell in cells]
    assert formats == ["0 %", "0.0 %", '"99.9 %"', "0 %"]
    assert [cell.value for cell in cells] == shares[:4]


def test_more_rows_than_are_put_together_at_once_keep_their_order():
    n_rows, sink = 2 * ROWS_AT_ONCE + 1, io.BytesIO()
    with new_workbook(sink) as book:
        sheet = book.add_worksheet("rows", ColumnSheet)
        sheet.write_columns(0, [list(range(n_rows))], [None])
    rows = openpyxl.load_workbook(io.BytesIO(sink.getvalue())).active.values
    assert [number for (number,) in rows] == list(range(n_rows))


def test_a_text_that_is_too_long_for_a_cell_is_cut():
    sink = io.BytesIO()
    with new_workbook(sink) as book:
        sheet = book.add_worksheet("rows", ColumnSheet)
        sheet.write_columns(0, [["𠮷" * 20_000]], [None])
    cut = openpyxl.load_workbook(io.BytesIO(sink.getvalue())).active["A1"].value
    assert cut == "𠮷" * (32_767 // 2)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_of_a_spreadsheet_is_refused(value):
    with (
        pytest.raises(ValueError, match="no number of a spreadsheet"),
        new_workbook(io.BytesIO()) as book,
    ):
        book.add_worksheet("rows", ColumnSheet).write_columns(0, [[value]], [None])
