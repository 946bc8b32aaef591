"""A workbook that goes out to be filled in and comes back through `ingest`.

The sheet of a table is the template's own, its rows filled in beforehand; all other
sheets are named as explanations, which the reader passes over.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from xlsxwriter.worksheet import Worksheet

from data_pipeline.registry import Registry
from data_pipeline.workbooks.template import HEADING_ROW, Lists, Styles, write_table
from data_pipeline.xlsx_file import new_workbook
from reports.words import wording

FIRST_ROW = HEADING_ROW + 2  # of the rows that are filled in, as Excel counts


def prefilled_workbook(
    table: str,
    rows: Iterable[Mapping[str, str]],
    registry: Registry,
    *,
    title: str,
    facts_sheet: str,
    facts: Sequence[tuple[str, str]],
    created: datetime,
) -> bytes:
    """The sheet of a table with its first cells filled in, behind a sheet of facts.

    Parameters
    ----------
    table
        Name of a table of the registry.
    rows
        What people write, by column name; columns that are left out stay empty.
    facts_sheet
        Its name; one of the registry's `explanation_words` stands in it.
    facts
        Label and value, one line each.
    created
        When what it holds was made: the same input gives the same bytes.

    Returns
    -------
    bytes
        An XLSX file.
    """
    sink = io.BytesIO()
    with new_workbook(sink) as book:
        book.set_properties({"title": title, "created": wording.file_time(created)})
        styles, lists = Styles(book), Lists(registry)
        sheet = book.add_worksheet(facts_sheet)
        write_facts(sheet, styles, title, facts)
        write_table(book, registry.tables[table], lists, styles, rows)
        lists.write(book)
    return sink.getvalue()


def write_facts(
    sheet: Worksheet, styles: Styles, title: str, facts: Sequence[tuple[str, str]]
) -> None:
    """A title and, below it, one line a fact."""
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, title, styles.title)
    for number, (label, value) in enumerate(facts, 2):
        sheet.write_string(number, 0, label, styles.strong)
        sheet.write_string(number, 1, value, styles.prose)
