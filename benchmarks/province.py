"""A made-up province, written straight into a lake: nothing of it means anything.

160,000 branches in 18 units file each month, in files of about 5,000 rows as groups
send them. One unit in nine files month-only figures, one row of twenty leaves a count
blank, and one of fifty is filed again a week later.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_pipeline.registry import Registry, Table, load_registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.lake import Lake

ROWS_PER_FILE = 5000
TOWNSHIPS_PER_UNIT = 60
BLANK = 0.05
REVISED = 0.02


def write_province(
    root: Path,
    n_branches: int,
    *,
    n_months: int | None = None,
    rows_per_file: int = ROWS_PER_FILE,
) -> None:
    """Fill an empty lake with the first months, by default all."""
    registry = load_registry()
    dice = np.random.default_rng(2016)
    lake = Lake(root)
    units = list(registry.units)
    with lake.writing():
        for number, unit in enumerate(units):
            branches = _branches(unit, n_branches // len(units), registry, dice)
            roll = _to_table(branches, registry.tables["roll"])
            _add(lake, registry, "roll", roll, f"roll-{unit}", datetime(2016, 4, 1))
            basis = "month" if number % 9 == 8 else "to_date"
            ledgers = _ledgers(branches, basis, registry, dice)
            for month, figures in itertools.islice(ledgers, n_months):
                received = registry.calendar.filing_deadline(month) - timedelta(days=3)
                n = len(figures["branch"])
                again = np.flatnonzero(dice.random(n) < REVISED)
                table = _to_table(figures, registry.tables["ledger"])
                for start in range(0, n, rows_per_file):
                    name = f"{month}-{unit}-{start}"
                    rows = table.slice(start, rows_per_file)
                    _add(lake, registry, "ledger", rows, name, received)
                late = received + timedelta(days=7)
                rows = table.take(pa.array(again))
                _add(lake, registry, "ledger", rows, f"{month}-{unit}-again", late)


def _branches(
    unit: str, n: int, registry: Registry, dice: np.random.Generator
) -> dict[str, np.ndarray]:
    sectors = np.array(list(registry.sectors))
    n_members = dice.integers(3, 120, n)
    townships = dice.integers(0, TOWNSHIPS_PER_UNIT, n)
    return {
        "branch": np.array([f"{unit}-{number:05d}" for number in range(n)]),
        "unit": np.full(n, unit),
        "township": np.array([f"第{t}镇" for t in townships]),
        "sector": sectors[dice.integers(0, len(sectors), n)],
        "n_members": n_members,
        "n_leaders": np.minimum(dice.integers(0, 6, n), n_members),
    }


def _ledgers(
    branches: dict[str, np.ndarray],
    basis: str,
    registry: Registry,
    dice: np.random.Generator,
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Month by month the rows of one unit; blanks are -1."""
    n = len(branches["branch"])
    group = registry.units[branches["unit"][0]].group
    cumulative = [
        column.name
        for column in registry.tables["ledger"].columns
        if column.kind == "cumulative"
    ]
    so_far = {name: np.zeros(n, np.int64) for name in cumulative}
    for month in registry.calendar.months:
        figures = {
            **branches,
            "month": np.full(n, month),
            "supervision_group": np.full(n, group),
            "n_organizations": np.ones(n, np.int64),
            "n_branches": np.ones(n, np.int64),
            "basis": np.full(n, basis),
            "source_row": np.arange(4, n + 4),
        }
        # The column that a row leaves blank, if any.
        left_out = dice.integers(0, int(len(cumulative) / BLANK), n)
        for position, name in enumerate(cumulative):
            added = dice.integers(0, 3, n)
            so_far[name] = so_far[name] + added
            values = (added if basis == "month" else so_far[name]).copy()
            values[left_out == position] = -1
            figures[name] = values
        yield month, figures


def _to_table(columns: dict[str, np.ndarray], table: Table) -> pa.Table:
    schema = stored_schema(table)
    schema = schema.remove(schema.get_field_index("sequence"))
    n = len(columns["branch"])
    arrays = []
    for field in schema:
        values = columns.get(field.name)
        if field.name == "source_sheet":
            arrays.append(pa.array([table.sheet] * n))
        elif values is None:
            arrays.append(pa.nulls(n, field.type))
        elif pa.types.is_integer(field.type):
            arrays.append(pa.array(values, field.type, mask=values < 0))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.table(arrays, schema=schema)


def _add(
    lake: Lake,
    registry: Registry,
    name: str,
    rows: pa.Table,
    file: str,
    received: datetime,
) -> None:
    zone = registry.calendar.timezone
    lake.add(
        {name: rows},
        registry,
        file=f"{file}.xlsx",
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        received=received.replace(tzinfo=received.tzinfo or zone),
    )
