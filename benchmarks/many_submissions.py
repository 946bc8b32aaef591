"""What one more submission costs in a lake of few files and of many.

The lakes hold the same rows, a roll and nine months of ledgers, but cut into ever
smaller files: what grows with their number is what submissions cost by themselves. The
one more is a correction of a branch in the last month.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from benchmarks.stopwatch import Cost, measure, median_cost
from data_pipeline.registry import Registry, Unit, load_registry
from data_pipeline.registry.schema import layout_of, stored_schema
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import StoredFile, Submission
from data_pipeline.warehouse import build

SIZES = (100, 1_000, 10_000)
N_BRANCHES = 1_111
WORKBOOK = "更正.xlsx"


class _Writer:
    """Writes what `Lake.add` does, but reads nothing back and waits for no disk.

    `add` reads the whole manifest each time, so that ten thousand calls are no
    benchmark's work.
    """

    def __init__(self, root: Path, registry: Registry):
        self.lake, self.registry = Lake(root), registry
        self.sequence, self.chain = 0, ""
        self.lake.manifest.folder.mkdir(parents=True)

    def add(
        self, table: str, columns: Mapping[str, np.ndarray], part: str, at: datetime
    ) -> None:
        self.sequence += 1
        name = f"{table}-{part}-{self.sequence}.xlsx"
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        identity = f"{at:%Y%m%dT%H%M%S%fZ}-{sha256[:12]}"
        path = f"lake/{table}/{part}/{identity}.parquet"
        rows = self._rows(table, columns)
        place = self.lake.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, place, compression="zstd")
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
        layout = layout_of(self.registry.lake_tables[table])
        stored = StoredFile(table, part, path, rows.num_rows, digest, layout)
        submission, entry = self.lake.manifest.entry(
            Submission(
                self.sequence, identity, name, sha256, at, None, False, (stored,)
            ),
            self.chain,
        )
        self.lake.manifest.path(self.sequence).write_bytes(entry)
        self.chain = submission.seal

    def _rows(self, table: str, columns: Mapping[str, np.ndarray]) -> pa.Table:
        schema = stored_schema(self.registry.lake_tables[table])
        n = len(columns["branch"])
        sheet = self.registry.lake_tables[table].sheet
        given = columns | {
            "source_sheet": np.full(n, sheet),
            "source_row": np.arange(2, n + 2),
            "sequence": np.full(n, self.sequence),
        }
        return pa.table(
            [
                pa.array(given[f.name], f.type)
                if f.name in given
                else pa.nulls(n, f.type)
                for f in schema
            ],
            schema=schema,
        )


def write_lake(root: Path, n_submissions: int) -> None:
    """A lake of about so many submissions, built, and beside it the one more."""
    registry = load_registry()
    unit = next(iter(registry.units.values()))
    branches = _branches(registry, unit)
    writer = _Writer(root, registry)
    zone = registry.calendar.timezone
    writer.add("roll", branches, "all", datetime(2016, 4, 1, tzinfo=zone))
    months = registry.calendar.months
    for month in months:
        at = registry.calendar.filing_deadline(month).astimezone(zone)
        figures = _ledger(branches, month, unit)
        for part in np.array_split(np.arange(N_BRANCHES), n_submissions // len(months)):
            rows = {name: values[part] for name, values in figures.items()}
            writer.add("ledger", rows, month, at - timedelta(days=3))
    with writer.lake.writing():
        KnownRows(writer.lake, registry).keep()
        build(root, registry)
    write_workbook(root / WORKBOOK, branches, months[-1], registry, unit)


def _branches(registry: Registry, unit: Unit) -> dict[str, np.ndarray]:
    numbers = np.arange(N_BRANCHES)
    sectors = np.array(list(registry.sectors))
    return {
        "branch": np.array([f"{unit.code}-{number:06d}" for number in numbers]),
        "branch_name": np.array([f"第{number}党支部" for number in numbers]),
        "unit": np.full(N_BRANCHES, unit.code),
        "township": np.array([f"第{number % 60}镇" for number in numbers]),
        "sector": sectors[numbers % len(sectors)],
        "n_members": np.full(N_BRANCHES, 30),
        "n_leaders": np.full(N_BRANCHES, 2),
    }


def _ledger(
    branches: Mapping[str, np.ndarray], month: str, unit: Unit
) -> dict[str, np.ndarray]:
    return {
        **branches,
        "month": np.full(N_BRANCHES, month),
        "supervision_group": np.full(N_BRANCHES, unit.group),
        "basis": np.full(N_BRANCHES, "to_date"),
        "n_branches": np.ones(N_BRANCHES, np.int64),
    }


def write_workbook(
    path: Path,
    branches: Mapping[str, np.ndarray],
    month: str,
    registry: Registry,
    unit: Unit,
) -> None:
    """The one more: the first of these branches with another number of members."""
    ledger = registry.tables["ledger"]
    branch = {name: values[0] for name, values in branches.items()}
    row = {
        **branch,
        "month": month,
        "supervision_group": unit.group,
        "n_branches": 1,
        "n_members": 31,
    }
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(ledger.sheet)
        for number, column in enumerate(ledger.columns):
            sheet.write(0, number, column.heading)
            if column.name in row:
                value = row[column.name]
                is_text = isinstance(value, str)
                sheet.write(1, number, str(value) if is_text else int(value))


def ingest_one_more(root: Path) -> None:
    registry = load_registry()
    lake = Lake(root)
    received = registry.calendar.filing_deadline(registry.calendar.months[-1])
    with lake.writing():
        report = ingest_files([root / WORKBOOK], lake, registry, received=received)
    if report.findings:
        raise RuntimeError(report.findings[0].sentence())


def build_one_more(root: Path) -> None:
    with Lake(root).writing():
        build(root, load_registry())


def measure_submissions(folder: Path, rounds: int) -> dict[int, dict[str, Cost]]:
    """Submissions in the lake -> what ingest and build of one more took, medians."""
    module, costs = "benchmarks.many_submissions", {}
    for size in SIZES:
        written = folder / str(size)
        measure(f"{module}:write_lake", written, size)
        runs = []
        for number in range(rounds):
            root = folder / f"{size}-{number}"
            # With its times, or what was kept of the files would be read again.
            shutil.copytree(written, root, copy_function=shutil.copy2)
            ingest = measure(f"{module}:ingest_one_more", root)
            runs.append((ingest, measure(f"{module}:build_one_more", root)))
            shutil.rmtree(root)
        costs[size] = dict(
            zip(
                ("ingest", "build"),
                map(median_cost, zip(*runs, strict=True)),
                strict=True,
            )
        )
        shutil.rmtree(written)
    return costs


def to_markdown(costs: Mapping[int, Mapping[str, Cost]]) -> str:
    """Processor time of one more, also as a multiple of that in the smallest lake."""
    first = costs[min(costs)]
    lines = [
        "### One more submission in a lake of many",
        "",
        "| files | ingest, processor s | ÷ first | build, processor s | ÷ first |",
        "|---|---|---|---|---|",
    ]
    for size, cost in costs.items():
        figures = (
            f"{cost[work].processor:.2f} "
            f"| {cost[work].processor / first[work].processor:.1f}"
            for work in ("ingest", "build")
        )
        lines.append(f"| {size:,} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])
