"""A frame of rates as an XLSX workbook that explains itself.

The first sheet states the query, how the figure is made and what the colours mean;
the sheets behind it hold the figures, names beside codes, in the colours of the screen.
Nothing of it depends on the clock: the same frame gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data_pipeline.withheld import is_withheld
from data_pipeline.xlsx_file import new_workbook, share_format
from reports import tables
from reports.belief import LESS, SHARES, words
from reports.figures.colours import LIGHT, STEPS, as_number, step_range, step_words
from reports.figures.matrix import GOAL, Anchor, Captions, matrix_cells, paint
from reports.files.export_context import (
    INTERVAL,
    JUDGED,
    MISSING_SHARE,
    TOTAL_COLUMN,
    ExportContext,
    exported_rows,
)
from reports.words import catalogue, wording
from reports.words.standing import default_anchor

TEXTS = catalogue.texts("workbook")

HOT_COLD_TEXTS = catalogue.texts("hot_cold")

FONT = "Microsoft YaHei"
FAULT = "#c0182b"
PATTERN_STRIPES = 14  # "lightUp" of the file format
MAX_WIDTH = 44
LONG_WIDTH = 72


def rates_workbook(
    frame: pd.DataFrame, context: ExportContext, anchor: Anchor | None = None
) -> bytes:
    """Notes and one table: the rows of an export, names beside codes, in colour.

    Parameters
    ----------
    frame
        As `export.to_bytes` takes it.
    anchor
        The line the colours compare with, as on the screen; by default
        `default_anchor`.

    Returns
    -------
    bytes
        An XLSX file; the same input gives the same bytes.
    """
    anchor = anchor or default_anchor(context.metric, context.months)
    with _Book(context, anchor) as book:
        book.add_notes(frame)
        book.add_table(frame)
    return book.content


def matrix_workbook(
    frame: pd.DataFrame,
    context: ExportContext,
    anchor: Anchor | None = None,
    *,
    units: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
) -> bytes:
    """Notes, the heatmap page's matrix as a sheet, and its rows as a table.

    Parameters
    ----------
    frame
        As `hot_cold.matrix_cells` takes it: one metric, month and basis; unit and
        sector null where rolled up.
    anchor, units, sectors
        As on the screen; by default `default_anchor` and all of the registry.

    Returns
    -------
    bytes
        An XLSX file; the same input gives the same bytes.
    """
    anchor = anchor or default_anchor(context.metric, context.months)
    with _Book(context, anchor) as book:
        book.add_notes(frame)
        book.add_matrix(frame, units, sectors)
        book.add_table(frame)
    return book.content


class _Book:
    """One workbook being written, in one language and set of colours."""

    def __init__(self, context: ExportContext, anchor: Anchor) -> None:
        # A workbook is for people: names beside codes, the query on its own sheet.
        context = dataclasses.replace(context, is_named=True, is_long=False)
        self.context, self.anchor = context, anchor
        self.metric, self.language = context.metric, context.language
        self.texts = TEXTS[context.language]
        self._words = words(context.language)
        self.anchor_name = HOT_COLD_TEXTS[self.language][f"anchor_{anchor.kind}"]
        self._sink = io.BytesIO()
        look = {"font_name": FONT, "font_size": 10.5}
        self._book = new_workbook(self._sink, default_format_properties=look)
        self._formats: dict[tuple, Format] = {}
        self._book.set_properties(
            {
                "title": wording.in_language(self.metric, "label", self.language),
                "comments": f"{context.snapshot.id} {context.notice}".strip(),
                "created": wording.file_time(context.snapshot.built_at),
            }
        )

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    @property
    def content(self) -> bytes:
        return self._sink.getvalue()

    def format(self, **properties: Any) -> Format:
        """One format object for each set of properties: the file keeps few styles."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(
                {
                    "font_name": FONT,
                    "font_size": 10.5,
                    "valign": "vcenter",
                    **properties,
                }
            )
        return self._formats[key]

    def fill(self, step: int | None, **properties: Any) -> Format:
        if step is None:
            return self.format(**properties)
        colours = {"bg_color": LIGHT.background[step], "font_color": LIGHT.text[step]}
        return self.format(**colours, **properties)

    def stripes(self, **properties: Any) -> Format:
        return self.format(
            pattern=PATTERN_STRIPES,
            fg_color=LIGHT.hatch,
            bg_color="#ffffff",
            **properties,
        )

    @property
    def heading(self) -> Format:
        return self.format(
            bold=True, bg_color="#e8ebef", bottom=1, bottom_color="#aab2bb"
        )

    def add_notes(self, frame: pd.DataFrame) -> None:
        """The query, how it is computed, what columns and colours mean."""
        texts, metric = self.texts, self.metric
        sheet = self._add_sheet(texts["notes"])
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, LONG_WIDTH)
        title = wording.in_language(metric, "label", self.language)
        sheet.write_string(0, 0, title, self.format(bold=True, font_size=16))
        sheet.set_row(0, 28)
        row = 1
        if self.context.notice:
            warning = self.format(bold=True, font_color=FAULT)
            sheet.write_string(row, 0, texts["notice"], warning)
            sheet.write_string(row, 1, self.context.notice, warning)
            row += 1
        name = self.format(bold=True, valign="top")
        value = self.format(text_wrap=True, valign="top")
        for label, text in self._notes():
            sheet.write_string(row, 0, label, name)
            sheet.write_string(row, 1, text, value)
            row += 1
        row = self._add_section(sheet, row + 1, texts["columns"])
        for label, text in self._column_notes(frame):
            sheet.write_string(row, 0, label, name)
            sheet.write_string(row, 1, text, value)
            row += 1
        self._add_legend(sheet, self._add_section(sheet, row + 1, texts["colours"]))

    def add_table(self, frame: pd.DataFrame) -> None:
        """The rows, one below the other."""
        context, texts = self.context, self.texts
        rows = exported_rows(frame, context)
        headings = self._headings(rows)
        widths = [wording.text_width(heading) for heading, _ in headings]
        sheet = self._add_sheet(texts["data"])
        for column, (heading, _) in enumerate(headings):
            sheet.write_string(0, column, heading, self.heading)
        records = rows.to_dict("records")
        # The frame's own rows: a place may be compared with a line of its own.
        steps = [self._step(record) for record in frame.to_dict("records")]
        for number, (record, step) in enumerate(zip(records, steps, strict=True), 1):
            for column, (_, name) in enumerate(headings):
                text = self._write_cell(sheet, number, column, name, record, step)
                widths[column] = max(widths[column], wording.text_width(text))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 3, MAX_WIDTH))
        sheet.freeze_panes(1, min(2 * len(context.by), 4))
        if records:
            sheet.autofilter(0, 0, len(records), len(headings) - 1)

    def add_matrix(
        self,
        frame: pd.DataFrame,
        units: Sequence[str] | None,
        sectors: Sequence[str] | None,
    ) -> None:
        """Units × overall and sectors, in colour, as the page shows them."""
        matrix = matrix_cells(
            frame,
            self.metric,
            self.context.registry,
            self.anchor,
            self.language,
            captions=Captions(
                wording.in_language(self.metric, "label", self.language),
                self._months_text(),
                self.context.notice,
            ),
            units=units,
            sectors=sectors,
        )
        rates = {
            (_text(r.get("unit")), _text(r.get("sector"))): r["rate"]
            for r in frame.to_dict("records")
        }
        sheet = self._add_sheet(self.texts["matrix"])
        sheet.hide_gridlines(2)
        title = " · ".join(
            filter(None, (matrix["title"], matrix["subtitle"], matrix["notice"]))
        )
        sheet.write_string(0, 0, title, self.format(bold=True, font_size=14))
        goals = (s for s in matrix["legend"]["signs"] if s.get("mark") == GOAL)
        legend = [matrix["legend"]["name"], *matrix["legend"]["ends"]]
        legend += [f"{sign['mark']} {sign['label']}" for sign in goals]
        sheet.write_string(1, 0, "   ".join(legend), self.format(font_color="#555c64"))
        centred = self.format(bold=True, align="center", bg_color="#e8ebef")
        sheet.write_string(2, 0, matrix["corner"], self.heading)
        for column, entry in enumerate(matrix["columns"], 1):
            sheet.write_string(2, column, entry["label"], centred)
        for number, entry in enumerate(matrix["rows"], 3):
            sheet.set_row(number, 20)
            sheet.write_string(number, 0, entry["label"], self.format(bold=True))
            for column, cell in enumerate(entry["cells"], 1):
                self._write_matrix_cell(sheet, number, column, cell, rates)
        labels = [row["label"] for row in matrix["rows"]]
        width = max(map(wording.text_width, (*labels, matrix["corner"])), default=8)
        sheet.set_column(0, 0, min(width + 3, MAX_WIDTH))
        sheet.set_column(1, len(matrix["columns"]), 13)
        sheet.freeze_panes(3, 1)

    def _write_matrix_cell(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        cell: Mapping[str, Any],
        rates: Mapping[tuple[str, str], Any],
    ) -> None:
        edge = {"border": 1, "border_color": "#ffffff", "align": "center"}
        if cell["state"] in ("value", "over_100"):
            unit, sector = cell["id"].split("|")
            rate = float(rates[unit, sector])
            if self.metric.is_ceiling:
                rate = min(rate, 1.0)
            if cell["state"] == "over_100":
                edge |= {"border": 5, "border_color": FAULT}
            mark = cell["mark"][:1] if cell["step"] is not None else ""
            mark += cell.get("class_mark", "") + cell.get("goal", "")
            less = LESS if cell.get("finds_less") else ""
            support = cell.get("support", "") + less
            marks = " ".join(filter(None, (mark, support, cell.get("flags"))))
            number_format = self._rate_format(rate) + (f' "{marks}"' if marks else "")
            style = self.fill(cell["step"], num_format=number_format, **edge)
            sheet.write_number(row, column, rate, style)
        elif cell["state"] == "not_reported":
            sheet.write_string(row, column, cell["text"], self.stripes(**edge))
        elif cell["state"] in ("blank", "withheld"):
            style = self.format(font_color="#555c64", **edge)
            sheet.write_string(row, column, cell["text"], style)

    def _write_cell(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        name: str,
        record: Mapping[str, Any],
        step: int | None,
    ) -> str:
        """Write one cell of the table; returns roughly what will be seen of it."""
        value = record.get(name)
        if name == "rate" and wording.is_missing(value) and record.get("n_missing"):
            text = wording.NOT_REPORTED[self.language]
            sheet.write_string(row, column, text, self.stripes(align="right"))
            return text
        is_figure = name in ("numerator", "denominator", "rate")
        if is_figure and wording.is_missing(value) and is_withheld(record):
            text = wording.WITHHELD[self.language]
            style = self.format(font_color="#555c64", align="right")
            sheet.write_string(row, column, text, style)
            return text
        if wording.is_missing(value):
            sheet.write_blank(row, column, None, self.format())
            return ""
        if name == TOTAL_COLUMN:
            text = self.texts["total"] if value else ""
            sheet.write_string(row, column, text, self.format())
            return text
        if name == "is_registered":
            answer = wording.YES if value == "yes" else wording.NO
            value = answer[self.language]
        if isinstance(value, str) and name != "cell_class":
            sheet.write_string(row, column, value, self.format())
            return value
        if name == "rate":
            is_over = self.metric.unit == "share" and not self.metric.is_ceiling
            edge = {"border": 5, "border_color": FAULT} if is_over and value > 1 else {}
            style = self.fill(step, num_format=self._rate_format(value), **edge)
            sheet.write_number(row, column, float(value), style)
            return wording.rate_text(value, self.metric.unit)
        if name == "cell_class":
            word = HOT_COLD_TEXTS[self.language][value]
            sheet.write_string(row, column, word, self.format())
            return word
        if name in JUDGED:
            is_points = name == "points_below_target"
            style = self.format(num_format="0.0" if is_points else "0.0000")
            sheet.write_number(row, column, float(value), style)
            return f"{value:.1f}" if is_points else f"{value:.4f}"
        if name in self._words:
            word = self._words[name][value]
            sheet.write_string(row, column, word, self.format())
            return word
        if name in (*INTERVAL, *SHARES, MISSING_SHARE):
            style = self.format(num_format=share_format(value))
            sheet.write_number(row, column, float(value), style)
            return wording.percent(value)
        sheet.write_number(row, column, int(value), self.format(num_format="#,##0"))
        return wording.number(value)

    def _rate_format(self, rate: float) -> str:
        """The format under which a spreadsheet shows a rate as the screen writes it."""
        if self.metric.unit != "share":
            return "0.00"
        shown = share_format(rate)
        return f'"≤ "{shown}' if self.metric.is_ceiling else shown

    def _step(self, record: Mapping[str, Any]) -> int | None:
        place = (_text(record.get("unit")) or None, _text(record.get("sector")) or None)
        line = self.anchor.at(place, as_number(record["rate"]))
        judged = record.get("cell_class")
        return paint(record["rate"], line, self.metric, judged, self.anchor.edges)

    def _headings(self, rows: pd.DataFrame) -> list[tuple[str, str]]:
        """(heading, column) of the table."""
        registry, headings = self.context.registry, []
        for name in rows.columns:
            dimension = name.removesuffix("_name")
            if dimension in self.context.by:
                label = wording.dimension_label(registry, dimension, self.language)
                is_code = dimension == name and f"{name}_name" in rows.columns
                heading = self.texts["code"].format(name=label) if is_code else label
                headings.append((heading, name))
            elif name in ("numerator", "denominator"):
                heading = self._count_heading(name)
                if self.context.basis == "reported":
                    column = getattr(self.metric, name)
                    heading += f" {registry.label(column, self.language)}"
                headings.append((heading, name))
            else:
                headings.append((self._heading(name), name))
        return headings

    def _notes(self) -> list[tuple[str, str]]:
        texts, metric, context = self.texts, self.metric, self.context
        label = wording.in_language(metric, "label", self.language)
        numerator, denominator = (
            context.registry.label(column, self.language)
            for column in (metric.numerator, metric.denominator)
        )
        snapshot = context.snapshot
        notes = [
            (texts["metric"], f"{label} ({metric.id})"),
            (texts["formula"], f"{label} = {numerator} ÷ {denominator}"),
            (texts["fields"], f"{metric.numerator} / {metric.denominator}"),
            (texts["quote"], f"“{metric.quote}”"),
            (texts["target"], self._target_text()),
        ]
        if metric.window:
            window = f"{metric.window.start} – {metric.window.end}"
            notes.append((texts["window"], window))
        remark = wording.in_language(metric, "note", self.language)
        if remark:
            notes.append((texts["remark"], remark))
        by = [
            wording.dimension_label(context.registry, name, self.language)
            for name in context.by
        ]
        basis = wording.BASIS_LABELS[context.basis][self.language]
        notes += [
            (texts["months"], self._months_text()),
            (texts["by"], " × ".join(by) or texts["city_only"]),
            (texts["where"], self._where_text()),
            (texts["basis"], f"{basis} ({context.basis})"),
            (texts["snapshot"], str(snapshot.id)),
            (texts["built_at"], wording.time_text(snapshot.built_at)),
        ]
        if snapshot.as_of is not None:
            notes.append((texts["as_of"], wording.time_text(snapshot.as_of)))
        count = texts["submissions"].format(n=wording.number(snapshot.n_submissions))
        notes.append((texts["n_submissions"], count))
        return notes

    def _target_text(self) -> str:
        texts, metric = self.texts, self.metric
        parts = []
        for milestone in metric.milestones:
            target = wording.demand(milestone, metric.unit)
            if milestone.due is None:
                parts.append(texts["always"].format(target=target))
            else:
                day = milestone.due.isoformat()
                parts.append(texts["by_date"].format(day=day, target=target))
        return wording.join(parts, self.language, "clauses") or texts["none"]

    def _months_text(self) -> str:
        names = [wording.month_name(m, self.language) for m in self.context.months]
        return wording.join(names, self.language)

    def _where_text(self) -> str:
        registry, language = self.context.registry, self.language
        parts = []
        for dimension, codes in sorted(self.context.where.items()):
            names = []
            for code in codes:
                name = wording.place_name(registry, dimension, code, language)
                names.append(name if name == code else f"{name} ({code})")
            label = wording.dimension_label(registry, dimension, language)
            listed = wording.join(names, language)
            parts.append(self.texts["filter"].format(label=label, names=listed))
        return wording.join(parts, language, "clauses") or self.texts["all"]

    def _column_notes(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        texts, context = self.texts, self.context
        notes = []
        for name in context.by:
            label = wording.dimension_label(context.registry, name, self.language)
            if name not in ("township", "month"):
                notes.append((texts["code"].format(name=label), texts["about_code"]))
            notes.append((label, texts["about_name"]))
        for name in exported_rows(frame, context).columns:
            if name in ("numerator", "denominator"):
                notes.append((self._count_heading(name), self._count_note(name)))
            elif name.removesuffix("_name") not in context.by:
                notes.append((self._heading(name), self._about(name)))
        return notes

    @property
    def is_checked(self) -> bool:
        """Whether the counts are of random checks, not of ledgers."""
        return self.context.basis in ("verified", "modelled")

    def _count_heading(self, name: str) -> str:
        if self.is_checked:
            return self.texts[f"{name}_verified"]
        return self.texts[name]

    def _count_note(self, name: str) -> str:
        if self.is_checked:
            return self._about(name)
        column = getattr(self.metric, name)
        return f"{self.context.registry.label(column, self.language)} ({column})"

    def _heading(self, name: str) -> str:
        known = self.texts.get(name) or tables.heading(
            name, self.context.registry, self.language
        )
        return self.texts.get(f"{name}_verified", known) if self.is_checked else known

    def _about(self, name: str) -> str:
        about = self.texts.get(f"about_{name}") or tables.explanation(
            name, self.language
        )
        if not self.is_checked:
            return about
        kind = "verified" if self.metric.has_verdicts else "verified_heads"
        if self.context.basis == "modelled":
            kind = "modelled"
        fitting = (f"about_{name}_{kind}", f"about_{name}_verified")
        return next((self.texts[key] for key in fitting if key in self.texts), about)

    def _add_legend(self, sheet: Worksheet, row: int) -> None:
        texts, metric, anchor = self.texts, self.metric, self.anchor
        if anchor.value is None and anchor.by_place is None:
            sheet.write_string(row, 0, texts["uncoloured"], self.format())
            return
        name = self.anchor_name
        shown = name
        if anchor.by_place is None:
            shown = f"{name} {wording.rate_text(anchor.value, metric.unit)}"
        sheet.write_string(
            row, 0, texts["coloured_by"].format(anchor=shown), self.format()
        )
        unit = texts["per_cent" if metric.unit != "share" else "points"]
        for step in reversed(STEPS):
            row += 1
            sheet.write_blank(row, 0, None, self.fill(step))
            text = texts["step"].format(
                words=step_words(step, metric.better, self.language),
                anchor=name,
                range=step_range(step, metric.unit, metric.better, anchor.edges),
                unit=unit,
            )
            sheet.write_string(row, 1, text, self.format())
        word = wording.NOT_REPORTED[self.language]
        sheet.write_string(row + 1, 0, word, self.stripes(align="center"))
        sheet.write_string(row + 1, 1, texts["missing"], self.format())
        sheet.write_blank(row + 2, 0, None, self.format(border=5, border_color=FAULT))
        sheet.write_string(row + 2, 1, texts["over"], self.format())

    def _add_section(self, sheet: Worksheet, row: int, title: str) -> int:
        sheet.write_string(row, 0, title, self.heading)
        sheet.write_blank(row, 1, None, self.heading)
        return row + 1

    def _add_sheet(self, name: str) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        # & starts a code in a header; a doubled one prints itself.
        origin = f"{self.context.snapshot.id} {self.context.notice}".strip()
        sheet.set_footer(f"&L{origin.replace('&', '&&')}&R&P / &N")
        return sheet


def _text(value: Any) -> str:
    return "" if wording.is_missing(value) else str(value)
