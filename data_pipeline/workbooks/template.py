"""The empty workbook that groups fill in, made from the registry.

Every sheet of it goes back through `read_workbook` unchanged: headings are the
registry's, notes are cell comments and a sheet of their own, lists are drop-downs.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data_pipeline.disk import replace_file
from data_pipeline.registry import YES_NO, Column, Registry, Table
from data_pipeline.words import text, texts
from data_pipeline.workbooks.cell_values import LARGEST_COUNT
from data_pipeline.workbooks.refusal_words import listed
from data_pipeline.workbooks.sheet_cells import letters_of
from data_pipeline.workbooks.sheet_layout import DATA_ROWS
from data_pipeline.xlsx_file import new_workbook

FONT = "Microsoft YaHei"
NOTES_SHEET = text("zh", "template.guide_sheet")
LISTS_SHEET = text("zh", "template.lists_sheet")
HEADING_ROW = 1  # from 0; the title stands above it


def write_template(path: Path | str, registry: Registry) -> None:
    """Write the empty workbook.

    Parameters
    ----------
    path
        Where it is written, .xlsx; an existing file is replaced.
    registry
        Its tables become sheets, their columns headings, words and places drop-downs.

    Examples
    --------
    >>> import tempfile
    >>> from data_pipeline.registry import load_registry
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(f"{folder}/模板.xlsx", load_registry())
    """
    content = io.BytesIO()
    with new_workbook(content) as workbook:
        styles = Styles(workbook)
        lists = Lists(registry)
        for table in registry.tables.values():
            write_table(workbook, table, lists, styles)
        _write_notes(workbook, registry, styles)
        lists.write(workbook)
        workbook.worksheets()[0].activate()
    replace_file(path, content.getvalue())


class Styles:
    """The cell formats of a workbook that is filled in."""

    def __init__(self, workbook: Workbook) -> None:
        def add(**properties: Any) -> Format:
            return workbook.add_format({"font_name": FONT, **properties})

        heading = {"bold": True, "text_wrap": True, "border": 1, "align": "center"}
        heading |= {"valign": "vcenter"}
        self.title = add(bold=True, font_size=15, valign="vcenter")
        self.required = add(bg_color="#FCE4D6", **heading)
        self.optional = add(bg_color="#E7EEF7", **heading)
        self.text = add(num_format="@")
        self.count = add(num_format="0")
        self.prose = add(text_wrap=True, valign="top")
        self.strong = add(bold=True, valign="top")


class Lists:
    """Drop-downs; long ones stand on a hidden sheet, since Excel allows 255 signs."""

    def __init__(self, registry: Registry) -> None:
        self._places = {
            "unit": [unit.name_zh for unit in registry.units.values()],
            "sector": [sector.name_zh for sector in registry.sectors.values()],
            "group": [group.name_zh for group in registry.groups.values()],
        }
        self._columns: dict[tuple[str, ...], int] = {}

    def choices(self, column: Column) -> list[str]:
        """What may stand in a column; empty where anything of its type may."""
        if column.type == "yes_no":
            return list(column.words or YES_NO)
        return list(column.words) or self._places.get(column.type, [])

    def source(self, choices: Sequence[str]) -> str:
        """Formula of the range that holds these choices."""
        index = self._columns.setdefault(tuple(choices), len(self._columns))
        letters = letters_of(index + 1)
        return f"={LISTS_SHEET}!${letters}$1:${letters}${len(choices)}"

    def write(self, workbook: Workbook) -> None:
        sheet = workbook.add_worksheet(LISTS_SHEET)
        for choices, index in self._columns.items():
            sheet.write_column(0, index, choices)
        sheet.hide()


def write_table(
    workbook: Workbook,
    table: Table,
    lists: Lists,
    styles: Styles,
    rows: Iterable[Mapping[str, str]] = (),
) -> None:
    """Add the sheet of a table: title, headings with notes, drop-downs.

    `rows` are filled in beforehand, as what people write, by column name.
    """
    sheet = workbook.add_worksheet(table.sheet)
    sheet.write_string(0, 0, table.title_zh, styles.title)
    sheet.set_row(0, 28)
    sheet.set_row(HEADING_ROW, 64)
    for index, column in enumerate(table.columns):
        style = styles.required if column.required else styles.optional
        sheet.write_string(HEADING_ROW, index, column.heading, style)
        sheet.write_comment(
            HEADING_ROW,
            index,
            "\n".join(_notes_of(column, lists)),
            {"x_scale": 2, "y_scale": 1.2},
        )
        # Months and codes are kept as written; Excel would turn them into days.
        is_count = column.type == "count"
        width = 12 if is_count else 24 if column.max_chars > 200 else 16
        sheet.set_column(index, index, width, styles.count if is_count else styles.text)
        _restrict(sheet, index, column, lists)
    for number, row in enumerate(rows, HEADING_ROW + 1):
        for index, column in enumerate(table.columns):
            if column.name in row:
                sheet.write_string(number, index, row[column.name], styles.text)
    sheet.freeze_panes(HEADING_ROW + 1, 0)


def _restrict(sheet: Worksheet, index: int, column: Column, lists: Lists) -> None:
    area = (HEADING_ROW + 1, index, HEADING_ROW + DATA_ROWS, index)
    choices = lists.choices(column)
    if choices and column.type != "words":  # a drop-down would allow one of them
        rule = {
            "validate": "list",
            "source": lists.source(choices),
            "error_title": column.heading[:32],
            "error_message": text("zh", "template.choose"),
        }
    elif column.type == "count":
        rule = {
            "validate": "integer",
            "criteria": "between",
            "minimum": 0,
            "maximum": LARGEST_COUNT,
            "error_title": column.heading[:32],
            "error_message": text("zh", "template.count"),
        }
    else:
        return
    sheet.data_validation(*area, rule)


def _notes_of(column: Column, lists: Lists) -> list[str]:
    need = text("zh", f"template.{'required' if column.required else 'not_required'}")
    kind = text("zh", f"template.types.{column.type}")
    notes = [column.definition_zh, text("zh", "template.need", need=need, kind=kind)]
    if column.aliases:
        names = listed(column.aliases)
        notes.append(text("zh", "template.aliases", names=names))
    if column.type in ("word", "words", "yes_no"):
        words = listed(lists.choices(column))
        notes.append(text("zh", "template.choices", words=words))
    return notes


def _write_notes(workbook: Workbook, registry: Registry, styles: Styles) -> None:
    """One line a column, headings downwards: a row of them would be a table."""
    sheet = workbook.add_worksheet(NOTES_SHEET)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, 2, 90)
    guide = texts("template.guide").values()
    for row, line in enumerate(guide):
        sheet.write_string(row, 0, line)
    row = len(guide) + 1
    for table in registry.tables.values():
        for column in table.columns:
            notes = "".join(_notes_of(column, Lists(registry)))
            sheet.write_string(row, 0, table.sheet, styles.strong)
            sheet.write_string(row, 1, column.heading, styles.strong)
            sheet.write_string(row, 2, notes, styles.prose)
            row += 1
