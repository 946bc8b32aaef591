"""What a build joins beside the lake's rows: registry, calendar and manifest as tables.

They lie in the folder of the snapshot, so that it can be read without the registry.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline.engines import Engine
from data_pipeline.registry import Calendar, Metric, OwedBy, Registry, Table, month_end
from data_pipeline.registry.schema import layout_of, stored_schema
from data_pipeline.store.lake import StoredFile, Submission

# A registry may have no count that anybody owes: the columns are there all the same.
OWED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("metric", "month", "supervision_group", "unit")]
    + [("sector", pa.string()), ("n_owed", pa.int64())]
)
INPUTS = (
    "metrics",
    "units",
    "months",
    "filed_months",
    "made_month",
    "rounds",
    "owed",
    "cumulative_columns",
    "manifest",
)
# The month that is being made is one of the months.
INPUT_FILES = {"made_month": "months"}
NOTHING_CARRIED = "empty_carried.parquet"


def input_rows(
    registry: Registry,
    submissions: Sequence[Submission],
    files: Sequence[StoredFile],
    known_until: datetime,
) -> dict[str, list[dict]]:
    """The registry and the manifest as rows, by the file that they lie in."""
    calendar = registry.calendar
    return {
        "metrics": [
            {
                "metric": m.id,
                "source": "measured" if m.is_measured else m.table,
                "numerator": _numerator(m, registry),
                "denominator": m.denominator,
                "remembered_month": m.remembered_month,
                "is_of_topic": _is_of_topic(m, registry) and not m.remembers,
                "is_clustered": m.is_clustered and not m.remembers,
                "is_verified": m.verified is not None and not m.remembers,
            }
            for m in registry.metrics.values()
        ],
        "units": [
            {"unit": u.code, "supervision_group": u.group}
            for u in registry.units.values()
        ],
        **_months(registry, known_until),
        **_filed_months(registry, files),
        "rounds": _rounds(calendar),
        "owed": _owed(registry, calendar.months),
        "cumulative_columns": [
            {"column_name": c.name, "first_month": registry.opens(c.name)}
            for c in registry.tables["ledger"].columns
            if c.kind == "cumulative"
        ],
        "manifest": [
            {
                "sequence": s.sequence,
                "submission": s.id,
                "source_file": s.file,
                "supervision_group": s.group or "",
                "received": _utc(s.received),
                "received_day": s.received.astimezone(calendar.timezone).date(),
            }
            for s in submissions
        ],
    }


def write_inputs(
    folder: Path,
    registry: Registry,
    submissions: Sequence[Submission],
    files: Sequence[StoredFile],
    known_until: datetime,
) -> None:
    """The registry and the manifest as tables that SQL can join."""
    inputs = input_rows(registry, submissions, files, known_until)
    for name, rows in inputs.items():
        schema = OWED_SCHEMA if name == "owed" else None
        table = pa.Table.from_pylist(rows, schema=schema)
        path = folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(table, path)
    # Bound beside the lake's files, so that a table nobody has filed yet still has
    # its columns, and an old file gains those that the registry added since.
    for table in registry.lake_tables.values():
        empty = stored_schema(table).empty_table()
        pq.write_table(empty, folder / f"empty_{table.name}.parquet")
    counts = registry.tables["ledger"].columns
    carried = [(name, pa.string()) for name in ("month", "unit", "reporter")]
    carried += [(c.name, pa.int64()) for c in counts if c.kind == "cumulative"]
    pq.write_table(pa.schema(carried).empty_table(), folder / NOTHING_CARRIED)


def _months(registry: Registry, known_until: datetime) -> dict[str, list[dict]]:
    """Every month that has begun, by the file that it lies in alone."""
    calendar = registry.calendar
    last_month = known_until.astimezone(calendar.timezone).strftime("%Y-%m")
    return {
        f"months/{month}": [
            {
                "month": month,
                "position": position,
                "first_day": month_end(month).replace(day=1),
                "last_day": month_end(month),
                "deadline": _utc(calendar.filing_deadline(month)),
                "topic_column": registry.topic_of(month).numerator,
                "is_closed": calendar.filing_deadline(month) <= known_until,
                "n_rounds": calendar.n_owed("round", month),
                "n_rounds_before": sum(
                    one.end < month_end(month).replace(day=1) for one in calendar.rounds
                ),
            }
        ]
        for position, month in enumerate(calendar.months, 1)
        if month <= max(last_month, calendar.start)
    }


def filed_months(registry: Registry, files: Sequence[StoredFile]) -> tuple[str, ...]:
    """The months that ledgers speak of; where there is none, one without rows."""
    months = {file.month for file in files if file.table == "ledger"}
    return tuple(sorted(months or {registry.calendar.start}))


def _filed_months(
    registry: Registry, files: Sequence[StoredFile]
) -> dict[str, list[dict]]:
    """Each of these months and the one before it, '' before the first."""
    months = filed_months(registry, files)
    return {
        f"filed_months/{month}": [{"month": month, "month_before": before}]
        for before, month in zip(("", *months), months, strict=False)
    }


def _owed(registry: Registry, months: Sequence[str]) -> list[dict]:
    """How often each place owes a count by the end of each month."""
    rows = []
    for metric in registry.metrics.values():
        if metric.owed_by is None:
            continue
        owing = _places_owing(metric.owed_by, registry)
        for month in months:
            n_owed = registry.calendar.n_owed(metric.owed_by.each, month)
            rows += [
                {**place, "metric": metric.id, "month": month, "n_owed": n_owed}
                for place in owing
            ]
    return rows


def _places_owing(owed: OwedBy, registry: Registry) -> list[dict[str, str]]:
    if owed.place == "supervision_group":
        codes = [{"supervision_group": code} for code in registry.groups]
    elif owed.place == "sector":
        codes = [{"sector": code} for code in registry.sectors]
    else:
        codes = [
            {"unit": unit.code}
            for unit in registry.units.values()
            if not owed.kinds or unit.kind in owed.kinds
        ]
    nowhere = {"supervision_group": "", "unit": "", "sector": ""}
    return [nowhere | place for place in codes]


def _numerator(metric: Metric, registry: Registry) -> str:
    """Its column; of one that remembers its due day's month that of the topic then."""
    if metric.remembers and _is_of_topic(metric, registry):
        return registry.topic_of(metric.remembered_month).numerator
    return metric.numerator


def _is_of_topic(metric: Metric, registry: Registry) -> bool:
    derived = registry.derived.get(metric.numerator)
    return derived is not None and derived.of_topic


def bind_inputs(
    engine: Engine,
    root: Path,
    folder: Path,
    registry: Registry,
    files: Sequence[StoredFile],
) -> None:
    """Bind the inputs that lie in a snapshot's folder, and the files of the lake."""
    for name in INPUTS:
        # Months lie one by one.
        paths = sorted(folder.glob(f"{INPUT_FILES.get(name, name)}/*.parquet"))
        engine.bind(name, paths or [folder / f"{name}.parquet"])
    # Before the first month nothing has been brought.
    engine.bind("carried", [folder / NOTHING_CARRIED])
    for table in registry.lake_tables.values():
        bind_table(engine, root, folder, table, files)


def bind_table(
    engine: Engine,
    root: Path,
    folder: Path,
    table: Table,
    files: Sequence[StoredFile],
    month: str = "",
) -> None:
    """Bind what was filed in one table, of one month or at all."""
    of_table = [
        file
        for file in files
        if file.table == table.name and (not month or file.month == month)
    ]
    alike = {file.layout for file in of_table} == {layout_of(table)}
    paths = [stored_path(root, file.path) for file in of_table]
    if not alike:
        paths.append(folder / f"empty_{table.name}.parquet")
    engine.bind(f"lake_{table.name}", paths, alike=alike)


@functools.lru_cache(maxsize=100_000)
def stored_path(root: Path, path: str) -> Path:
    """Where a file of the lake lies; joined once, since each month asks for all."""
    return root / path


def _rounds(calendar: Calendar) -> list[dict]:
    """Every day of the campaign belongs to a round: each lasts until the next begins.

    The first begins with the campaign; without rounds the campaign is one.
    """
    start, end = (month_end(month) for month in (calendar.start, calendar.end))
    first_days = [start.replace(day=1), *(one.start for one in calendar.rounds[1:])]
    ends = [day - timedelta(days=1) for day in first_days[1:]] + [end]
    return [
        {"round": number, "first_day": first, "last_day": last}
        for number, (first, last) in enumerate(zip(first_days, ends, strict=True), 1)
    ]


def _utc(instant: datetime) -> datetime:
    """SQL compares instants without a zone: all of them are UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None)
