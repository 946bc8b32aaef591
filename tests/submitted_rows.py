"""Rows put straight into a lake, for tests that need no workbook.

    submit(lake, "2016-08-10", [ledger_row("2016-07", "350102", "organ", n_branches=3)])

A count that is not named is blank, as it is in a ledger.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_pipeline.registry import Registry, load_registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.lake import Lake, Submission
from data_pipeline.warehouse import Snapshot, build, open_snapshot

_arrivals = itertools.count(1)


def instant(text: str) -> datetime:
    """A day, or a time of a day, at +08:00."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=load_registry().calendar.timezone)


def ledger_row(
    month: str,
    unit: str,
    sector: str,
    branch: str | None = None,
    *,
    basis: str = "to_date",
    **values: int | str | None,
) -> dict[str, Any]:
    """One row of the ledger; `values` are counts, township or note by column name."""
    group = load_registry().units[unit].group
    key = {"month": month, "unit": unit, "sector": sector, "branch": branch}
    return {**key, "supervision_group": group, "basis": basis, **values}


def roll_row(
    branch: str, unit: str, sector: str, township: str | None = None, **values: Any
) -> dict[str, Any]:
    """One branch of the roll."""
    key = {"branch": branch, "unit": unit, "sector": sector, "township": township}
    return {**key, **values}


def to_table(
    rows: Sequence[Mapping[str, Any]], table: str, registry: Registry
) -> pa.Table:
    """The rows as the reader hands them over."""
    schema = stored_schema(registry.tables[table])
    schema = schema.remove(schema.get_field_index("sequence"))
    places = {"source_sheet": registry.tables[table].sheet}
    numbered = [
        {"source_row": number, **places, **row} for number, row in enumerate(rows, 4)
    ]
    unknown = {key for row in numbered for key in row} - set(schema.names)
    assert not unknown, f"{table} has no column {unknown}"
    return pa.Table.from_pylist(numbered, schema)


def submit(
    lake: Lake,
    received: str,
    ledger: Sequence[Mapping[str, Any]] = (),
    *,
    registry: Registry | None = None,
    file: str | None = None,
    sha256: str | None = None,
    **tables: Sequence[Mapping[str, Any]],
) -> Submission:
    """Add one submission of ledger rows, and rows of other tables by their name."""
    registry = registry or load_registry()
    number = next(_arrivals)
    rows = {"ledger": ledger, **tables} if ledger else tables
    submission, is_new = lake.add(
        {name: to_table(given, name, registry) for name, given in rows.items()},
        registry,
        file=file or f"{number}.xlsx",
        sha256=sha256 or hashlib.sha256(str(number).encode()).hexdigest(),
        received=instant(received),
    )
    assert is_new
    return submission


def rows_of(
    root: Path, model: str, *columns: str, registry: Registry | None = None
) -> list[tuple]:
    """Build the lake and return the named columns of one model, in order."""
    registry = registry or load_registry()
    snapshot = build(root, registry)
    return read_model(root, snapshot, model, *columns, registry=registry)


def read_model(
    root: Path,
    snapshot: Snapshot,
    model: str,
    *columns: str,
    registry: Registry | None = None,
) -> list[tuple]:
    """The named columns of one model of a snapshot, in order."""
    with open_snapshot(root, snapshot, registry or load_registry()) as engine:
        relation = engine.connection.table(model).project(", ".join(columns))
        return sorted(relation.fetchall(), key=repr)


def day(text: str) -> date:
    return date.fromisoformat(text)
