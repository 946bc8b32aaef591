"""A frame of rates as a file: CSV, Parquet or XLSX, always with the same columns.

A file leaves the dashboard and must be believed on its own, so each carries what the
reader of a screen sees around the figure: the filters, the snapshot, and whether the
data are made up or of a past state. The same frame and context give the same bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_pipeline.csv_file import csv_bytes
from data_pipeline.disk import file_words, replace_file
from data_pipeline.rates import Snapshot
from reports import belief
from reports.files.export_context import (
    COUNTS,
    INTERVAL,
    JUDGED,
    MISSING_SHARE,
    REGISTERED,
    TOTAL_COLUMN,
    ExportContext,
    exported_rows,
)
from reports.words import wording

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "xlsx", "parquet")
LONGEST_NAME = 240  # bytes; file systems take 255, a browser adds " (1)"


class UsageError(ValueError):
    """What a command was given does not exist; the message says what does."""


def check_folder(out: Path) -> None:
    """Raises UsageError where a file is to go into a folder that does not exist."""
    if not out.parent.is_dir():
        raise UsageError(f"the folder {out.parent} does not exist; make it.")


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
        return csv_bytes(exported_rows(frame, context))
    if format == "parquet":
        import pyarrow as pa

        counts = (*COUNTS, *REGISTERED[:2], TOTAL_COLUMN, *belief.COUNTS)
        types = {name: pa.int64() for name in counts}
        shares = ("rate", *INTERVAL, MISSING_SHARE, *JUDGED[1:], *belief.SHARES)
        types |= {name: pa.float64() for name in shares}
        rows = exported_rows(frame, context)
        return parquet_bytes(rows, types, describe(context))
    if format == "xlsx":
        # The writer is only needed here, and costs every page start otherwise.
        from reports.files.workbook import rates_workbook

        return rates_workbook(frame, context)
    raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")


def write(content: bytes, path: str | Path) -> None:
    """Write a file; a reader sees the old one or the whole new one.

    Raises
    ------
    OSError
        The folder does not exist or cannot be written; `path` is then untouched.
    """
    replace_file(path, content)


def file_name(
    parts: Sequence[str], snapshot: Snapshot | None, identity: str, ending: str
) -> str:
    """A name that says what is in a file, as any file system takes it.

    Parameters
    ----------
    parts
        The query, as `ExportContext.name_parts`.
    snapshot
        None for a file of what has not been built yet.
    identity
        First 8 hex of a sha256 that changes with any figure: a browser that knows a
        download by its name never hands out another one's.

    Examples
    --------
    >>> file_name(("on_time", "城关/镇"), snapshot, "1a2b3c4d", "csv")  # doctest: +SKIP
    'on_time_城关-镇_20160815T010000Z-0f826f73_示例数据_1a2b3c4d.csv'
    """
    origin = []
    if snapshot:
        origin.append(snapshot.id)
        origin += ["示例数据"] if snapshot.is_demo else []
        origin += [f"截至{snapshot.as_of:%Y-%m-%dT%H%M}"] if snapshot.as_of else []
    tail = "_".join(("", *origin, f"{identity}.{ending}"))
    room = LONGEST_NAME - len(tail.encode())
    # A choice of many places may be longer than a name can be: its identity stays.
    stem = file_words("_".join(parts)).encode()[:room]
    return stem.decode(errors="ignore") + file_words(tail)


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
        "built_at": wording.time_text(snapshot.built_at),
        "as_of": wording.time_text(snapshot.as_of) if snapshot.as_of else "",
        "notice": snapshot.notice("zh"),
        "notice_en": snapshot.notice("en"),
    }


def parquet_bytes(
    frame: pd.DataFrame, types: Mapping[str, Any], metadata: Mapping[str, str]
) -> bytes:
    """A frame as Parquet; a column is text unless `types` names its Arrow type."""
    import pyarrow as pa

    schema = pa.schema([(c, types.get(c, pa.string())) for c in frame.columns])
    columns = [
        [None if wording.is_missing(value) else value for value in frame[name]]
        for name in frame.columns
    ]
    arrays = [
        pa.array(column, type=field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return table_bytes(pa.table(arrays, schema=schema), metadata)


def table_bytes(table: pa.Table, metadata: Mapping[str, str]) -> bytes:
    """An Arrow table as Parquet that says no more of itself than `metadata`."""
    import pyarrow.parquet as pq

    # pandas' own metadata would name library versions: other bytes on each machine.
    table = table.replace_schema_metadata(dict(metadata))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
