"""A frame of rates as a file: CSV, Parquet or XLSX, always with the same columns.

A file leaves the dashboard and must be believed on its own, so each carries what the
reader of a screen sees around the figure: the filters, the snapshot, and whether the
data are made up or of a past state. The same frame and context give the same bytes.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data_pipeline.csv_file import csv_bytes
from reports.files.export_context import (
    COUNTS,
    INTERVAL,
    JUDGED,
    MISSING_SHARE,
    NOTE_COLUMN,
    ExportContext,
    columns_of,
)
from reports.words import wording

FORMATS = ("csv", "xlsx", "parquet")


def to_bytes(frame: pd.DataFrame, context: ExportContext, format: str) -> bytes:
    """The file of a frame.

    Parameters
    ----------
    frame
        As `rates.read_rates` gives it: the columns of `context.by` (codes), then
        numerator, denominator, rate (0–1 or per head, missing where undefined),
        n_blank and n_missing (counts of ledger rows and of pairs).
    format
        "csv" (UTF-8 with BOM, ready for spreadsheets), "parquet" or "xlsx".

    Raises
    ------
    ValueError
        Unknown format.

    Examples
    --------
    >>> to_bytes(frame, context, "csv")  # doctest: +SKIP
    b'\\xef\\xbb\\xbfunit,numerator,denominator,rate,n_blank,n_missing\\n350102,...'
    """
    if format == "csv":
        return csv_bytes(_with_note(frame, context))
    if format == "parquet":
        import pyarrow as pa

        types = {name: pa.int64() for name in COUNTS}
        shares = ("rate", *INTERVAL, MISSING_SHARE, *JUDGED[1:])
        types |= {name: pa.float64() for name in shares}
        return parquet_bytes(_with_note(frame, context), types, describe(context))
    if format == "xlsx":
        # The writer is only needed here, and costs every page start otherwise.
        from reports.files.workbook import rates_workbook

        return rates_workbook(frame, context)
    raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")


def write(
    frame: pd.DataFrame, context: ExportContext, format: str, path: str | Path
) -> None:
    """Write the file of a frame; a reader sees the old file or the whole new one.

    Raises
    ------
    OSError
        The folder does not exist or cannot be written; `path` is then untouched.
    """
    content = to_bytes(frame, context, format)
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def describe(context: ExportContext) -> dict[str, str]:
    """Filters and origin of a frame as flat texts, codes not names."""
    snapshot = context.snapshot
    return {
        "metric": context.metric.id,
        "label_zh": context.metric.label_zh,
        "numerator": context.metric.numerator,
        "denominator": context.metric.denominator,
        "basis": context.basis,
        "months": json.dumps(list(context.months)),
        "by": json.dumps(list(context.by)),
        "where": json.dumps(
            {key: list(codes) for key, codes in sorted(context.where.items())},
            ensure_ascii=False,
        ),
        "snapshot": str(snapshot.id),
        "built_at": str(snapshot.built_at),
        "as_of": "" if snapshot.as_of is None else str(snapshot.as_of),
        "notice": snapshot.notice("zh"),
        "notice_en": snapshot.notice("en"),
    }


def _with_note(frame: pd.DataFrame, context: ExportContext) -> pd.DataFrame:
    columns = columns_of(frame, context)
    if context.has_note:
        frame = frame.assign(**{NOTE_COLUMN: context.notice})
    return frame[list(columns)]


def parquet_bytes(
    frame: pd.DataFrame, types: Mapping[str, Any], metadata: Mapping[str, str]
) -> bytes:
    """A frame as Parquet; a column is text unless `types` names its Arrow type."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(c, types.get(c, pa.string())) for c in frame.columns])
    columns = [
        [None if wording.is_missing(value) else value for value in frame[name]]
        for name in frame.columns
    ]
    arrays = [
        pa.array(column, type=field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    # pandas' own metadata would name library versions: other bytes on each machine.
    table = pa.table(arrays, schema=schema.with_metadata(dict(metadata)))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
