"""A frame of rates as an XLSX workbook that explains itself.

The first sheet says what was asked, how the figure is made and what the colours mean;
the sheets behind it hold the figures, names beside codes, in the colours of the screen.
Nothing of it depends on the clock: the same frame gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from data_pipeline.deadlines import pace_line
from data_pipeline.registry import Metric, month_end
from reports import wording
from reports.colours import LIGHT, STEPS, step_of, step_range, step_words
from reports.export import (
    INTERVAL,
    NOTE_COLUMN,
    ExportContext,
    columns_of,
)
from reports.hot_cold import TEXTS as HOT_COLD_TEXTS
from reports.hot_cold import Anchor, Captions, matrix_cells

FONT = "Microsoft YaHei"
FAULT = "#c0182b"
PATTERN_STRIPES = 14  # "lightUp" of the file format
MAX_WIDTH = 44
LONG_WIDTH = 72

TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "notes": "说明",
        "data": "数据",
        "matrix": "冷热图",
        "metric": "指标",
        "formula": "算法",
        "fields": "字段",
        "quote": "依据",
        "target": "目标与期限",
        "window": "集中学习时间",
        "remark": "备注",
        "months": "统计月份",
        "by": "分组",
        "where": "筛选",
        "basis": "口径",
        "snapshot": "数据快照",
        "built_at": "生成时间",
        "as_of": "数据截至",
        "n_submissions": "采用报送",
        "submissions": "{n} 份",
        "notice": "请注意",
        "all": "全部",
        "city_only": "不分组(全市)",
        "by_date": "{day}前达到 {target}",
        "always": "始终达到 {target}",
        "none": "未规定",
        "columns": "各列含义",
        "colours": "颜色含义",
        "code": "{name}代码",
        "numerator": "分子",
        "denominator": "分母",
        "rate": "比率",
        "n_blank": "空白行数",
        "n_missing": "未报数",
        "std_error": "标准误",
        "lower": "区间下限",
        "upper": "区间上限",
        "data_note": "数据说明",
        "about_code": "稳定代码,供程序和其他表格对照。",
        "about_name": "名称,以登记册为准。",
        "about_rate": "分子 ÷ 分母,先合计后相除;分母为 0 时留空;超过 100 % 是台账有误,"
        "照实列出。",
        "about_n_blank": "分子或分母为空白而未计入的台账行数。空白不是 0。",
        "about_n_missing": "当月应报而未报的单位×领域个数。",
        "about_std_error": "分层抽样估计的标准误(0–1)。",
        "about_lower": "95 % 区间下限。",
        "about_upper": "95 % 区间上限。",
        "about_data_note": "示例数据或历史状态的标记。",
        "coloured_by": "颜色按比率与{anchor}之差分七级,与屏幕一致;橙色为热,蓝色为冷。",
        "uncoloured": "没有可比的线,不着色。",
        "step": "{words}{anchor}({range}{unit})",
        "points": " 点",
        "per_cent": " %",
        "missing": "未报:当月没有收到这一格的台账",
        "over": "超过 100 %,请核对台账",
    },
    "en": {
        "notes": "Notes",
        "data": "Data",
        "matrix": "Heatmap",
        "metric": "Metric",
        "formula": "Formula",
        "fields": "Fields",
        "quote": "Demanded by",
        "target": "Target and due date",
        "window": "Study window",
        "remark": "Remark",
        "months": "Months",
        "by": "Grouped by",
        "where": "Filters",
        "basis": "Basis",
        "snapshot": "Snapshot",
        "built_at": "Built at",
        "as_of": "State as of",
        "n_submissions": "Submissions used",
        "submissions": "{n}",
        "notice": "Please note",
        "all": "all",
        "city_only": "not grouped (whole city)",
        "by_date": "{target} by {day}",
        "always": "{target} at all times",
        "none": "none set",
        "columns": "What the columns mean",
        "colours": "What the colours mean",
        "code": "{name} code",
        "numerator": "Numerator",
        "denominator": "Denominator",
        "rate": "Rate",
        "n_blank": "Blank rows",
        "n_missing": "Not filed",
        "std_error": "Standard error",
        "lower": "Lower limit",
        "upper": "Upper limit",
        "data_note": "Note on the data",
        "about_code": "Stable code, to match other tables.",
        "about_name": "Name as registered.",
        "about_rate": "Numerator ÷ denominator, summed first and divided then; empty "
        "where the denominator is 0; above 100 % is a fault of the ledger, shown as it "
        "is.",
        "about_n_blank": "Ledger rows left out because either side is blank. Blank is "
        "not 0.",
        "about_n_missing": "Unit × sector pairs due that filed nothing for the month.",
        "about_std_error": "Standard error of the stratified estimate (0–1).",
        "about_lower": "Lower limit of the 95 % interval.",
        "about_upper": "Upper limit of the 95 % interval.",
        "about_data_note": "Says so when data are made up or of a past state.",
        "coloured_by": "Seven colours by the difference of the rate from {anchor}, as "
        "on the screen; orange is hot, blue is cold.",
        "uncoloured": "No line to compare with: not coloured.",
        "step": "{words} {anchor} ({range}{unit})",
        "points": " points",
        "per_cent": " %",
        "missing": "Not filed: no ledger came in for this cell in the month",
        "over": "Over 100 %, please check the ledger",
    },
}


def default_anchor(metric: Metric, months: Sequence[str]) -> Anchor:
    """The line cells are compared with when nobody chose one.

    Before a due date it is the pace line of the last month, so that April is not all
    cold; from the due date on it is the target. Without a target there is none.
    """
    milestone = wording.milestone_in(metric, max(months)) if months else None
    if milestone is None:
        return Anchor("target")
    start = metric.window.start if metric.window else None
    pace = pace_line(month_end(max(months)), start, metric.milestones)
    if pace < milestone.target:
        return Anchor("pace", pace)
    return Anchor("target", milestone.target)


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
        book.add_notes()
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
        book.add_notes()
        book.add_matrix(frame, units, sectors)
        book.add_table(frame)
    return book.content


class _Book:
    """One workbook being written, in one language and set of colours."""

    def __init__(self, context: ExportContext, anchor: Anchor) -> None:
        self.context, self.anchor = context, anchor
        self.metric, self.language = context.metric, context.language
        self.texts = TEXTS[context.language]
        self.anchor_name = HOT_COLD_TEXTS[self.language][f"anchor_{anchor.kind}"]
        self._sink = io.BytesIO()
        self._book = Workbook(
            self._sink,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": FONT, "font_size": 10.5},
            },
        )
        self._formats: dict[tuple, Format] = {}
        self._book.set_properties(
            {
                "title": wording.in_language(self.metric, "label", self.language),
                "comments": f"{context.snapshot.id} {context.notice}".strip(),
                "created": _fixed_time(context.snapshot.built_at),
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

    def add_notes(self) -> None:
        """What was asked, how it is computed, what columns and colours mean."""
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
        for label, text in self._column_notes():
            sheet.write_string(row, 0, label, name)
            sheet.write_string(row, 1, text, value)
            row += 1
        self._add_legend(sheet, self._add_section(sheet, row + 1, texts["colours"]))

    def add_table(self, frame: pd.DataFrame) -> None:
        """The rows, one below the other."""
        context, texts = self.context, self.texts
        headings = self._headings(frame)
        widths = [wording.text_width(heading) for heading, _ in headings]
        sheet = self._add_sheet(texts["data"])
        for column, (heading, _) in enumerate(headings):
            sheet.write_string(0, column, heading, self.heading)
        records = frame.to_dict("records")
        for number, record in enumerate(records, 1):
            step = self._step(record)
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
        legend = [matrix["legend"]["name"], *matrix["legend"]["ends"]]
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
            number_format = self._rate_format + (f' "{mark}"' if mark else "")
            style = self.fill(cell["step"], num_format=number_format, **edge)
            sheet.write_number(row, column, rate, style)
        elif cell["state"] == "not_reported":
            sheet.write_string(row, column, cell["text"], self.stripes(**edge))
        elif cell["state"] == "blank":
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
        if name.startswith("name_of_"):
            dimension = name.removeprefix("name_of_")
            code = record.get(dimension)
            text = (
                wording.OVERALL[self.language]
                if wording.is_missing(code) and dimension in ("unit", "sector")
                else wording.place_name(
                    self.context.registry, dimension, code, self.language
                )
            )
            sheet.write_string(row, column, text, self.format())
            return text
        if name == NOTE_COLUMN:
            sheet.write_string(row, column, self.context.notice, self.format())
            return self.context.notice
        value = record.get(name)
        if name == "rate" and wording.is_missing(value) and record.get("n_missing"):
            text = wording.NOT_REPORTED[self.language]
            sheet.write_string(row, column, text, self.stripes(align="right"))
            return text
        if wording.is_missing(value):
            sheet.write_blank(row, column, None, self.format())
            return ""
        if name in self.context.by:
            sheet.write_string(row, column, str(value), self.format())
            return str(value)
        if name == "rate":
            is_over = self.metric.unit == "share" and not self.metric.is_ceiling
            edge = {"border": 5, "border_color": FAULT} if is_over and value > 1 else {}
            style = self.fill(step, num_format=self._rate_format, **edge)
            sheet.write_number(row, column, float(value), style)
            return wording.rate_text(value, self.metric.unit)
        if name in INTERVAL:
            style = self.format(num_format="0.0 %")
            sheet.write_number(row, column, float(value), style)
            return wording.percent(value)
        sheet.write_number(row, column, int(value), self.format(num_format="#,##0"))
        return wording.number(value)

    @property
    def _rate_format(self) -> str:
        if self.metric.unit == "per_head":
            return "0.00"
        return '"≤ "0.0 %' if self.metric.is_ceiling else "0.0 %"

    def _step(self, record: Mapping[str, Any]) -> int | None:
        place = (_text(record.get("unit")) or None, _text(record.get("sector")) or None)
        line = self.anchor.at(place)
        return step_of(record["rate"], line, self.metric.unit, self.metric.better)

    def _headings(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        """(heading, column) of the table; name_of_x stands beside the code x."""
        texts, registry = self.texts, self.context.registry
        headings = []
        for name in columns_of(frame, self.context):
            if name in self.context.by:
                label = wording.DIMENSION_LABELS[name][self.language]
                if name in ("township", "month"):
                    headings.append((label, name))
                    continue
                headings.append((texts["code"].format(name=label), name))
                headings.append((label, f"name_of_{name}"))
            elif name in ("numerator", "denominator"):
                column = getattr(self.metric, name)
                label = registry.label(column, self.language)
                headings.append((f"{texts[name]} {label}", name))
            else:
                headings.append((texts[name], name))
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
        by = [wording.DIMENSION_LABELS[name][self.language] for name in context.by]
        basis = wording.BASIS_LABELS[context.basis][self.language]
        notes += [
            (texts["months"], self._months_text()),
            (texts["by"], " × ".join(by) or texts["city_only"]),
            (texts["where"], self._where_text()),
            (texts["basis"], f"{basis} ({context.basis})"),
            (texts["snapshot"], str(snapshot.id)),
            (texts["built_at"], str(snapshot.built_at)),
        ]
        if snapshot.as_of is not None:
            notes.append((texts["as_of"], str(snapshot.as_of)))
        count = texts["submissions"].format(n=wording.number(snapshot.n_submissions))
        notes.append((texts["n_submissions"], count))
        return notes

    def _target_text(self) -> str:
        texts, metric = self.texts, self.metric
        parts = []
        for milestone in metric.milestones:
            target = wording.rate_text(milestone.target, metric.unit)
            if milestone.due is None:
                parts.append(texts["always"].format(target=target))
            else:
                day = milestone.due.isoformat()
                parts.append(texts["by_date"].format(day=day, target=target))
        return ("; " if self.language == "en" else ";").join(parts) or texts["none"]

    def _months_text(self) -> str:
        names = [wording.month_name(m, self.language) for m in self.context.months]
        return ("、" if self.language == "zh" else ", ").join(names)

    def _where_text(self) -> str:
        registry, language = self.context.registry, self.language
        parts = []
        for dimension, codes in sorted(self.context.where.items()):
            names = []
            for code in codes:
                name = wording.place_name(registry, dimension, code, language)
                names.append(name if name == code else f"{name} ({code})")
            label = wording.DIMENSION_LABELS[dimension][language]
            parts.append(f"{label}: {', '.join(names)}")
        return "; ".join(parts) or self.texts["all"]

    def _column_notes(self) -> list[tuple[str, str]]:
        texts, context = self.texts, self.context
        notes = []
        for name in context.by:
            label = wording.DIMENSION_LABELS[name][self.language]
            if name not in ("township", "month"):
                notes.append((texts["code"].format(name=label), texts["about_code"]))
            notes.append((label, texts["about_name"]))
        for name in ("numerator", "denominator"):
            column = getattr(self.metric, name)
            label = context.registry.label(column, self.language)
            notes.append((texts[name], f"{label} ({column})"))
        extra = INTERVAL if context.basis == "verified" else ()
        note = (NOTE_COLUMN,) if context.has_note else ()
        for name in ("rate", "n_blank", "n_missing", *extra, *note):
            notes.append((texts[name], texts[f"about_{name}"]))
        return notes

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
        unit = texts["per_cent" if metric.unit == "per_head" else "points"]
        for step in reversed(STEPS):
            row += 1
            sheet.write_blank(row, 0, None, self.fill(step))
            text = texts["step"].format(
                words=step_words(step, metric.better, self.language),
                anchor=name,
                range=step_range(step, metric.unit, metric.better),
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


def _fixed_time(moment: Any) -> datetime:
    """The snapshot's time without a zone: the writer's clock must not be asked."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return moment.replace(tzinfo=None, microsecond=0)


def _text(value: Any) -> str:
    return "" if wording.is_missing(value) else str(value)
