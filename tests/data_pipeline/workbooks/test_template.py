"""The empty workbook: made from the registry, and read back by the same registry."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data_pipeline.registry import Column, Registry, Table, load_registry
from data_pipeline.workbooks.cell_values import LARGEST_COUNT
from data_pipeline.workbooks.read_workbook import read_workbook
from data_pipeline.workbooks.template import LISTS_SHEET, NOTES_SHEET, write_template
from tests.data_pipeline.filed_workbooks import RECEIVED, codes, read, sentences

FILLED = {
    "month": "2016-07",
    "group": "第一督导组",
    "unit": "鼓楼区",
    "sector": "机关",
    "branch": "350102-0001",
    "date": "2016-07-15",
    "text": "文字",
    "case": "1号",
    "round": 1,
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "模板.xlsx"
    write_template(path, load_registry())
    return path


def fill(sheet: Worksheet, table: Table) -> None:
    """One row below the heading, as a group would fill it."""
    for index, column in enumerate(table.columns, 1):
        value: Any = 0 if column.type == "count" else FILLED.get(column.type)
        if column.type in ("word", "words", "yes_no"):
            value = next(iter(column.words), "是")
        # A row with a branch speaks for one; a case with its day has been converted.
        if column.name in ("n_organizations", "n_branches"):
            value = 1
        if table.name == "weak_case" and column.name == "status":
            value = "已转化"
        sheet.cell(3, index, value)


def drop_downs(book: openpyxl.Workbook, sheet: Worksheet) -> dict[str, list[str]]:
    """Heading -> what its drop-down offers in the first row below."""
    offers = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            cell = next(iter(rule.sqref.ranges))
            area = rule.formula1.split("!")[1].replace("$", "")
            choices = [c[0].value for c in book[LISTS_SHEET][area]]
            offers[sheet.cell(2, cell.min_col).value] = choices
    return offers


def test_the_empty_template_is_an_empty_file_and_nothing_worse(template: Path) -> None:
    assert codes(read(template)) == ["E_EMPTY"]


def test_one_filled_row_of_every_sheet_comes_back(
    template: Path, tmp_path: Path
) -> None:
    registry = load_registry()
    book = openpyxl.load_workbook(template)
    for table in registry.tables.values():
        fill(book[table.sheet], table)
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert not reading.findings, sentences(reading)
    assert set(reading.tables) == set(registry.tables)
    row = reading.tables["ledger"].to_pylist()[0]
    assert (row["month"], row["unit"], row["sector"]) == ("2016-07", "350102", "organ")
    assert (row["n_branches"], row["source_row"]) == (1, 3)
    assert reading.tables["roll"].to_pylist()[0]["is_weak_base"] is True
    check = reading.tables["spot_check"].to_pylist()[0]
    assert check["check_date"] == date(2016, 7, 15)


def test_sheets_and_headings_are_those_of_the_registry(template: Path) -> None:
    registry = load_registry()
    book = openpyxl.load_workbook(template)
    names = [table.sheet for table in registry.tables.values()]
    assert book.sheetnames == [*names, NOTES_SHEET, LISTS_SHEET]
    assert book[LISTS_SHEET].sheet_state == "hidden"
    for table in registry.tables.values():
        sheet = book[table.sheet]
        assert sheet["A1"].value == table.title_zh
        headings = [cell.value for cell in sheet[2]]
        assert headings == [column.heading for column in table.columns]
        assert sheet.freeze_panes == "A3"
        for cell, column in zip(sheet[2], table.columns, strict=True):
            assert column.definition_zh in cell.comment.text


def test_drop_downs_offer_what_the_reader_takes(template: Path) -> None:
    registry = load_registry()
    book = openpyxl.load_workbook(template)
    ledger = drop_downs(book, book["台账"])
    assert ledger["单位"] == [unit.name_zh for unit in registry.units.values()]
    assert ledger["领域"] == [s.name_zh for s in registry.sectors.values()]
    assert ledger["督导组"] == [g.name_zh for g in registry.groups.values()]
    roll = drop_downs(book, book["名册"])
    assert roll["类型"] == ["普通", "联合", "流动", "离退休", "改制企业"]
    assert roll["基础薄弱"] == ["是", "否"]
    assert drop_downs(book, book["抽查"])["方式"] == ["明查", "暗访"]


def test_counts_take_whole_numbers_only(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)["台账"]
    whole = [r for r in sheet.data_validations.dataValidation if r.type == "whole"]
    headings = {
        sheet.cell(2, next(iter(rule.sqref.ranges)).min_col).value for rule in whole
    }
    table = load_registry().tables["ledger"]
    assert headings == {table.column(name).heading for name in table.counts}
    assert {(rule.formula1, rule.formula2) for rule in whole} == {
        ("0", str(LARGEST_COUNT))
    }


def test_a_new_column_stands_in_the_template_without_new_code(tmp_path: Path) -> None:
    registry = load_registry()
    roll = registry.tables["roll"]
    level = Column(
        "level",
        "层级",
        "word",
        "层级。",
        "Level.",
        words={"市": "city", "县": "county"},
    )
    wider = dataclasses.replace(roll, columns=(*roll.columns, level))
    changed: Registry = dataclasses.replace(
        registry, tables=MappingProxyType({"roll": wider})
    )
    write_template(tmp_path / "a.xlsx", changed)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert drop_downs(book, book["名册"])["层级"] == ["市", "县"]
    fill(book["名册"], wider)
    book.save(tmp_path / "b.xlsx")
    reading = read_workbook(tmp_path / "b.xlsx", changed, received=RECEIVED)
    assert reading.tables["roll"].to_pylist()[0]["level"] == "city"
