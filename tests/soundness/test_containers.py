"""Workbooks of which two programs would read different figures are turned away."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    codes,
    good_rows,
    read,
    read_ledger,
    rewrite,
    sentences,
    write_xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"


def ledger(path: Path, finish: Any = None) -> Path:
    return write_xlsx(
        path / "台账.xlsx", {"台账": [HEADINGS, *good_rows()]}, finish=finish
    )


def member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as workbook:
        return workbook.read(name)


def replace(old: str, new: str) -> Callable[[bytes], bytes]:
    def edit(xml: bytes) -> bytes:
        changed = re.sub(old.encode(), new.encode(), xml, count=1)
        assert changed != xml
        return changed

    return edit


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'<c r="I2"><v>160</v>', '<c r="I2"><v>1</v><v>60</v>'),
        (r'<c r="I2"><v>160</v>', '<c r="I2"><v>160</v><is><t>999</t></is>'),
        (r'<c r="I2"><v>160</v>', '<c r="I2"><f>1+1</f><f>2+2</f><v>160</v>'),
        (r'<c r="I2"><v>160</v></c>', '<c r="I2"><v>160</v></c><c r="I2"><v>9</v></c>'),
        (r'<c r="I2"><v>160</v></c>', '<c r="I2"><v>160</v></c><c r="H2"><v>9</v></c>'),
        (r'<row r="3"', '<row r="2"'),
        (r'<row r="3"', '<row r="30"'),
        (r"</sheetData>", '</sheetData><sheetData><row r="40"/></sheetData>'),
    ],
)
def test_a_cell_or_row_that_stands_twice_or_out_of_order_is_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    path = rewrite(ledger(tmp_path), change={SHEET: replace(old, new)})
    assert codes(read(path)) == ["E_CORRUPT"]


def test_rich_text_in_the_cell_itself_is_one_value(tmp_path: Path) -> None:
    runs = '<c r="I2" t="inlineStr"><is><r><t>16</t></r><r><t>0</t></r></is>'
    old = r'<c r="I2"><v>160</v>'
    path = rewrite(ledger(tmp_path), change={SHEET: replace(old, runs)})
    assert read_ledger(path)[0]["n_members"] == 160


def test_cells_of_an_extension_below_the_table_are_no_figures(tmp_path: Path) -> None:
    more = '<extLst><ext><row r="1"><c r="A1"><v>9</v></c></row></ext></extLst></work'
    path = rewrite(ledger(tmp_path), change={SHEET: replace("</work", more)})
    assert len(read_ledger(path)) == 12


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (
            "[Content_Types].xml",
            "</Types>",
            '<Override PartName="/xl/other.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        ),
        (
            "_rels/.rels",
            "</Relationships>",
            '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships/officeDocument" Target="xl/other.xml"/>'
            "</Relationships>",
        ),
    ],
)
def test_two_workbook_parts_are_refused(
    tmp_path: Path, part: str, old: str, new: str
) -> None:
    path = ledger(tmp_path)
    other = {"xl/other.xml": member(path, WORKBOOK)}
    rewrite(path, change={part: replace(old, new)}, add=other)
    assert codes(read(path)) == ["E_CORRUPT"]
    assert "xl/other.xml" in sentences(read(path))


def test_two_lists_of_shared_strings_are_refused(tmp_path: Path) -> None:
    path = ledger(tmp_path)
    more = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/sharedStrings" Target="other.xml"/>'
        "</Relationships>"
    )
    rels = "xl/_rels/workbook.xml.rels"
    strings = {"xl/other.xml": member(path, "xl/sharedStrings.xml")}
    rewrite(path, change={rels: replace("</Relationships>", more)}, add=strings)
    assert codes(read(path)) == ["E_CORRUPT"]


def test_a_sheet_that_the_workbook_names_and_does_not_hold_is_refused(
    tmp_path: Path,
) -> None:
    more = '<sheet name="6月" sheetId="9" r:id="rId77"/></sheets>'
    change = {WORKBOOK: replace("</sheets>", more)}
    path = rewrite(ledger(tmp_path), change=change)
    assert codes(read(path)) == ["E_CORRUPT"]


@pytest.mark.parametrize("formula", ["六月数", "SUM(六月数,1)", "累计"])
def test_a_figure_that_reaches_another_workbook_through_a_name_is_refused(
    tmp_path: Path, formula: str
) -> None:
    def finish(book: Any, sheet: Any) -> None:
        book.define_name("六月数", "=台账!$K$2")
        book.define_name("累计", "=六月数*2")
        sheet.write_formula("K2", f"={formula}", None, 4)

    path = ledger(tmp_path, finish)
    change = {WORKBOOK: replace(r"(六月数\">)台账", r"\1[1]台账")}
    reading = read(rewrite(path, change=change))
    assert [(f.code, f.cell) for f in reading.findings] == [("E_EXTERNAL_LINK", "K2")]


def test_a_left_over_name_that_no_figure_uses_does_no_harm(tmp_path: Path) -> None:
    def finish(book: Any, sheet: Any) -> None:
        book.define_name("旧表", "=台账!$K$2")
        sheet.write_formula("K2", '=LEN("旧表")+2', None, 4)

    change = {WORKBOOK: replace(r"(旧表\">)台账", r"\1[1]台账")}
    path = rewrite(ledger(tmp_path, finish), change=change)
    assert read_ledger(path)[0]["n_lectures"] == 4
