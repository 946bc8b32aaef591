"""Lists as files: ledger rows, filings, checks, and what statistics say of places.

`export` writes rates; this writes any other frame that a page lists. CSV and Parquet
hold the frame, names beside its codes and the query in each row; the workbook its
headings and names as on the screen, with the codes beside them, behind a sheet that
states the query and the data. Times carry their zone. Remarks never leave.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any

import pandas as pd

from data_pipeline.csv_file import csv_bytes
from data_pipeline.rates import Snapshot
from data_pipeline.registry import load_registry
from reports.code_words import code_words
from reports.files.export import table_bytes
from reports.files.export_context import NOTE_COLUMN, TOTAL_COLUMN
from reports.tables import TIMES, DisplayTable
from reports.words import catalogue, wording

WORKBOOK_TEXTS = catalogue.texts("workbook")

NEVER_EXPORTED = "note"
TEXTS = catalogue.texts("files.records")
_FORMATS = {
    "integer": "#,##0",
    "ordinal": "0",
    "number": "0.00",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
}
_MAX_WIDTH = 44


@dataclasses.dataclass(frozen=True)
class Records:
    """A list and its query: `filters` are (label, value) in the reader's words.

    `tabulate` puts the frame into words, same rows in the same order: most lists are
    never opened. `words`, by column, is what codes are called that no place or metric
    stands for; `formulas` are (name, how it is computed) for the sheet of notes.
    Before the first build there is no `snapshot`, and so no file.
    """

    frame: pd.DataFrame
    tabulate: Callable[[], DisplayTable]
    title: str
    filters: tuple[tuple[str, str], ...]
    snapshot: Snapshot | None
    language: str = "zh"
    words: Mapping[str, Mapping[str | None, str]] = dataclasses.field(
        default_factory=dict
    )
    formulas: tuple[tuple[str, str], ...] = ()

    @functools.cached_property
    def table(self) -> DisplayTable:
        """The frame as people read it."""
        return self.tabulate()

    @property
    def notice(self) -> str:
        return self.snapshot.notice(self.language)

    @property
    def is_total(self) -> pd.Series:
        """Which rows sum up others of the list."""
        return wording.is_rolled_up(self.frame)

    @property
    def filter_text(self) -> str:
        """'单位=全市;统计月份=2016年7月': the filters as one text."""
        said = (
            f"{label}={value}" if label else value
            for label, value in self.filters
            if value
        )
        return ";".join(said)

    @property
    def public(self) -> pd.DataFrame:
        """The frame as CSV and Parquet hold it.

        Names beside codes, totals marked, times of the campaign's zone, and in each
        row the query, the snapshot and whether the data are real; no remarks.
        """
        registry = load_registry()
        frame = self.frame.drop(columns=NEVER_EXPORTED, errors="ignore")
        words = code_words(registry, self.language) | dict(self.words)
        frame = wording.add_names(frame, registry, self.language, words)
        for name in TIMES:
            if name in frame.columns:
                times = zoned_times(frame[name], registry.calendar.timezone)
                frame = frame.assign(**{name: times})
        if self.is_total.any():
            frame = frame.assign(**{TOTAL_COLUMN: self.is_total.astype("int64")})
        about = {"list": self.title, "filters": self.filter_text}
        frame = frame.assign(**about, snapshot=self.snapshot.id)
        return frame.assign(**{NOTE_COLUMN: self.notice}) if self.notice else frame


def to_bytes(records: Records, format: str) -> bytes:
    """The file of a list; the same records give the same bytes.

    Parameters
    ----------
    format
        "csv" (UTF-8 with BOM), "parquet" or "xlsx".

    Raises
    ------
    ValueError
        Unknown format.
    """
    if format == "csv":
        return _csv(records.public)
    if format == "parquet":
        return _parquet(records)
    if format == "xlsx":
        return _workbook(records)
    raise ValueError(f"format is one of csv, xlsx, parquet, not {format!r}")


def local_times(times: pd.Series, zone: timezone) -> pd.Series:
    """Times of the marts (UTC, said or not) as clocks of `zone` show them.

    >>> from datetime import timedelta
    >>> utc = pd.Series(pd.to_datetime(["2016-07-15 20:00"]))
    >>> str(local_times(utc, timezone(timedelta(hours=8)))[0])
    '2016-07-16 04:00:00'
    """
    return zoned_times(times, zone).dt.tz_localize(None)


def zoned_times(times: pd.Series, zone: timezone) -> pd.Series:
    """Times of the marts (UTC, said or not) with the zone that they are shown in."""
    aware = times if times.dt.tz is not None else times.dt.tz_localize("UTC")
    return aware.dt.tz_convert(zone)


def _csv(frame: pd.DataFrame) -> bytes:
    # A day that came as an instant is written as a day.
    for name in frame.select_dtypes("datetime"):
        known = frame[name].dropna()
        if known.eq(known.dt.normalize()).all():
            frame = frame.assign(**{name: frame[name].dt.date})
    return csv_bytes(frame)


def _parquet(records: Records) -> bytes:
    import pyarrow as pa

    table = pa.Table.from_pandas(records.public, preserve_index=False)
    return table_bytes(table, dict(_origin(records)))


def _origin(records: Records) -> list[tuple[str, str]]:
    texts, snapshot = TEXTS[records.language], records.snapshot
    notice = [(texts["notice"], records.notice)] if records.notice else []
    return [
        *notice,
        *records.filters,
        *records.formulas,
        (texts["n_rows"], wording.number(len(records.frame))),
        (texts["snapshot"], snapshot.id),
        (texts["built_at"], wording.time_text(snapshot.built_at)),
    ]


def _workbook(records: Records) -> bytes:
    from data_pipeline.xlsx_file import ColumnSheet, new_workbook, share_format

    texts = TEXTS[records.language]
    sink = io.BytesIO()
    built_at = wording.file_time(records.snapshot.built_at)
    zone = load_registry().calendar.timezone
    # Seen in every cell, as a spreadsheet's times know no zone.
    offset = str(zone).removeprefix("UTC")
    formats = _FORMATS | {"time": f'{_FORMATS["time"]}"{offset}"'}
    with new_workbook(sink, remove_timezone=True) as book:
        book.set_properties({"title": records.title, "created": built_at})
        bold = book.add_format({"bold": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        notes = book.add_worksheet(texts["notes"])
        notes.set_column(0, 0, 22)
        notes.set_column(1, 1, 72)
        large = book.add_format({"bold": True, "font_size": 16})
        notes.write_string(0, 0, records.title, large)
        for row, (label, value) in enumerate(_origin(records), 1):
            notes.write_string(row, 0, label, bold)
            notes.write_string(row, 1, value, wrapped)
        sheet = book.add_worksheet(texts["rows"], ColumnSheet)
        shape = functools.cache(lambda number: book.add_format({"num_format": number}))
        columns = _columns(records)
        cells, shapes = [], []
        for column, (heading, kind, values) in enumerate(columns):
            if kind == "percent":
                shapes.append(lambda share: shape(share_format(share)))
            else:
                shapes.append(shape(formats[kind]) if kind in formats else None)
            cells.append(_cells(values, kind))
            sheet.write_string(0, column, heading, bold)
            widths = (_width(value) for value in {heading, *cells[-1]})
            sheet.set_column(column, column, min(max(widths) + 3, _MAX_WIDTH))
        sheet.freeze_panes(1, 1)
        if len(records.frame):
            sheet.write_columns(1, cells, shapes)
            sheet.autofilter(0, 0, len(records.frame), len(columns) - 1)
    return sink.getvalue()


def _columns(records: Records) -> list[tuple[str, str, Any]]:
    """(heading, kind, values) of a workbook: the table, codes beside its names."""
    language, shown = records.language, records.table
    texts = WORKBOOK_TEXTS[language]
    codes = {
        labels[language]: records.frame[name]
        for name, labels in wording.CODED_LABELS.items()
        if name in records.frame
    }
    columns: list[tuple[str, str, Any]] = []
    for heading, values in shown.frame.items():
        if heading in codes:
            label = texts["code"].format(name=heading)
            columns.append((label, "text", codes[heading]))
        columns.append((heading, shown.hints[heading].kind, values))
    if records.is_total.any():
        marks = [texts["total"] if total else "" for total in records.is_total]
        columns.append((texts[TOTAL_COLUMN], "text", marks))
    return columns


def _cells(values: Any, kind: str) -> list[Any]:
    """The values of a column as a spreadsheet has them; None for a missing one."""
    column = pd.Series(values)
    if kind == "time":
        column = local_times(column, load_registry().calendar.timezone)
    known = column.astype(object).where(column.notna(), None).tolist()
    if kind == "day":
        return [date.fromisoformat(value) if value else None for value in known]
    return [value if _is_cell(value) else str(value) for value in known]


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, datetime))


def _width(value: Any) -> int:
    """How many columns of a fixed pitch a cell takes."""
    if value is None:
        return 0
    return 16 if isinstance(value, date) else wording.text_width(str(value))
