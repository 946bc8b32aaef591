"""A copy of a refused workbook in which every fault is marked where it stands.

Written anew from the cells as the guarded child has read them: the file itself is not
opened a second time, and what goes out holds neither formulas nor links, whatever came
in. Personal data is left out.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from data_pipeline.words import text, texts
from data_pipeline.workbooks.cell_values import Cell, Special, text_of
from data_pipeline.workbooks.finding import Finding, holds_personal_number, show
from data_pipeline.workbooks.read_workbook import OpenedFile
from data_pipeline.xlsx_file import new_workbook

SHEET_NAME_CHARS = 31
COMMENT_CHARS = 1_000
MARKED_COLOUR, HEAD_COLOUR = "#ffc7ce", "#eef2f6"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
PERSONAL = "E_PERSONAL"


def is_markable(opened: OpenedFile) -> bool:
    """Whether it has cells to mark: a workbook that could be opened safely."""
    is_workbook = opened.content.get("kind") == "xlsx"
    return not opened.fault and is_workbook and bool(opened.content["sheets"])


def mark_workbook(opened: OpenedFile, findings: Sequence[Finding]) -> bytes:
    """The marked copy, .xlsx, of what `is_markable`.

    The first sheet lists all findings; then come the sheets as they were filed, the
    cells at fault coloured, each with a comment that says why and what to do.
    """
    sheets, hidden = opened.content["sheets"], opened.content["hidden"]
    sink = io.BytesIO()
    with new_workbook(sink) as book:
        names = _Names()
        _write_list(book, names, findings)
        for raw, is_hidden in [
            *((s, False) for s in sheets),
            *((s, True) for s in hidden),
        ]:
            own = [f for f in findings if f.sheet == show(raw["name"])]
            _write_sheet(book, names, raw, own, is_hidden=is_hidden)
    return sink.getvalue()


class _Names:
    """Names of sheets that a spreadsheet takes, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        plain = _NOT_IN_NAMES.sub("_", show(name)).strip("'")[:SHEET_NAME_CHARS] or "_"
        found, number = plain, 2
        while found.casefold() in self._taken:
            end = f" {number}"
            found, number = plain[: SHEET_NAME_CHARS - len(end)] + end, number + 1
        self._taken.add(found.casefold())
        return found


def _write_list(book: Workbook, names: _Names, findings: Sequence[Finding]) -> None:
    sheet = book.add_worksheet(names.take(text("zh", "marked_copy.sheet")))
    headings = texts("marked_copy.headings")
    head = book.add_format({"bold": True, "bg_color": HEAD_COLOUR, "text_wrap": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    widths = {"reason": 48, "remedy": 48, "heading": 28, "value": 20}
    for column, (name, heading) in enumerate(headings.items()):
        sheet.set_column(column, column, widths.get(name, 14))
        sheet.write_string(0, column, heading, head)
        for row, finding in enumerate(findings, 1):
            sheet.write_string(row, column, str(getattr(finding, name)), wrap)
    sheet.freeze_panes(1, 0)


def _write_sheet(
    book: Workbook,
    names: _Names,
    raw: dict[str, Any],
    findings: Sequence[Finding],
    *,
    is_hidden: bool,
) -> None:
    sheet = book.add_worksheet(names.take(raw["name"]))
    if is_hidden:
        sheet.hide()
    marked = book.add_format({"bg_color": MARKED_COLOUR, "text_wrap": True})
    comments: dict[tuple[int, int], list[str]] = defaultdict(list)
    personal: dict[int, int] = {}
    for finding in findings:
        # Of rows and ranges the first cell.
        if found := _CELL.match(finding.cell):
            place = xl_cell_to_rowcol(found[0])
            comments[place].append(_comment(finding))
            if finding.code == PERSONAL and not finding.value:
                personal[place[1]] = place[0]
    left_out = text("zh", "marked_copy.left_out")
    written = set()
    for row, column, cell in _cells(raw):
        style = marked if (row, column) in comments else None
        if row > personal.get(column, row):
            sheet.write_string(row, column, left_out, style)
        else:
            _write_cell(sheet, row, column, cell, style)
        written.add((row, column))
    for (row, column), sentences in comments.items():
        if (row, column) not in written:
            sheet.write_blank(row, column, None, marked)
        comment = "\n".join(sentences)[:COMMENT_CHARS]
        size = {"x_scale": 2.5, "y_scale": 1 + comment.count("\n") / 2}
        sheet.write_comment(row, column, comment, size)


def _cells(raw: dict[str, Any]) -> Iterator[tuple[int, int, Cell]]:
    for number, cells in raw["rows"]:
        for column, cell in enumerate(cells):
            if cell is not None:
                yield number - 1, column, cell


def _write_cell(
    sheet: Worksheet, row: int, column: int, cell: Cell, style: Any
) -> None:
    """A number as a number, all else as the text that a person saw."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell, style)
        return
    seen = text_of(cell)
    if isinstance(cell, Special) and cell.kind == "date":
        seen = seen.removesuffix("T00:00:00")
    if holds_personal_number(seen):
        seen = show(seen, len(seen))
    sheet.write_string(row, column, seen[:32_000], style)


def _comment(finding: Finding) -> str:
    return text(
        "zh",
        "marked_copy.comment",
        code=finding.code,
        reason=finding.reason,
        remedy=finding.remedy,
    )
