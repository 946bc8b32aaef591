"""What is timed: the build of the marts, and reading the columns that it reads."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.plain_pandas import build_marts
from data_pipeline.engines import DuckDBEngine
from data_pipeline.flags import build_with_flags
from data_pipeline.models import models
from data_pipeline.registry import Registry, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.snapshots import Snapshot
from data_pipeline.warehouse import build, current_snapshot

UNREAD = {"supervision_group", "note", "source_sheet", "source_row"}
COMPARED = {
    "leaf": [
        *("metric", "month", "unit", "township", "sector"),
        *("numerator", "denominator", "n_blank"),
    ],
    "fine_leaf": [
        *("metric", "month", "unit", "township", "sector"),
        *("branch_type", "is_weak_base"),
        *("numerator", "denominator", "n_blank"),
    ],
    "spine": [
        *("month", "unit", "sector", "township", "branch_type", "is_weak_base"),
        *("is_due", "is_filed"),
    ],
    "filing": [
        *("month", "unit", "n_sectors_due", "n_sectors_filed"),
        *("n_units_due", "n_units_on_time"),
    ],
}


def run_build(root: Path, *, has_flags: bool = False) -> None:
    """All marts from the lake alone: no snapshot before has anything to take over.

    With flags as an office builds: they, and what is withheld from others, as well.
    """
    shutil.rmtree(root / "marts", ignore_errors=True)
    (root / "CURRENT").unlink(missing_ok=True)
    lake = Lake(root)
    with lake.writing():
        _build(lake, load_registry(), has_flags)


def run_build_with_flags(root: Path) -> None:
    run_build(root, has_flags=True)


def run_added_with_flags(root: Path) -> None:
    run_added(root, has_flags=True)


def _build(lake: Lake, registry: Registry, has_flags: bool) -> None:
    if has_flags:
        build_with_flags(lake.root, registry, for_all=True)
    else:
        build(lake.root, registry)


def run_added(root: Path, *, has_flags: bool = False) -> None:
    """The marts after one more file: the last month's last ledger with a head fewer."""
    lake, registry = Lake(root), load_registry()
    known = lake.submissions()
    of_ledger = [
        (file.month, submission.sequence, submission, file)
        for submission in known
        for file in submission.files
        if file.table == "ledger"
    ]
    _, _, submission, file = max(of_ledger, key=lambda one: one[:2])
    rows = _with_a_head_fewer(pq.read_table(root / file.path))
    with lake.writing():
        lake.add(
            {"ledger": rows},
            registry,
            file=submission.file,
            sha256=submission.sha256,
            received=max(one.received for one in known) + timedelta(seconds=1),
        )
        _build(lake, registry, has_flags)


def _with_a_head_fewer(rows: pa.Table) -> pa.Table:
    """Of those who attended, where there were most, so that sums are others."""
    name = "n_leaders_attended"
    counts = rows[name].to_pylist()
    most = max(range(len(counts)), key=lambda at: counts[at] or 0)
    counts[most] -= 1
    at = rows.column_names.index(name)
    field = rows.schema.field(name)
    changed = rows.set_column(at, field, pa.array(counts, field.type))
    return changed.drop_columns(["sequence"])


def run_pandas(root: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build_marts(root, load_registry(), Path(folder))


def run_scan(root: Path) -> None:
    """Sum every ledger column that the build reads; of a text its length."""
    registry = load_registry()
    paths = [
        root / file.path
        for submission in Lake(root).submissions()
        for file in submission.files
        if file.table == "ledger"
    ]
    counts = registry.tables["ledger"].counts
    names = {column.name for column in registry.tables["ledger"].columns}
    texts = sorted({*names, "basis"} - UNREAD - set(counts))
    with DuckDBEngine(root) as engine:
        engine.bind("lake_ledger", paths)
        sums = [f"sum({name})" for name in (*counts, "sequence")]
        sums += [f"sum(strlen({name}))" for name in texts]
        engine.connection.table("lake_ledger").aggregate(", ".join(sums)).fetchall()


def check_equal(root: Path) -> None:
    """Hold the marts of both programs against each other, row by row.

    Raises
    ------
    AssertionError
        A mart differs.
    """
    registry = load_registry()
    run_build(root)
    snapshot = current_snapshot(root)
    with tempfile.TemporaryDirectory() as folder:
        plain = build_marts(root, registry, Path(folder))
    for name, columns in COMPARED.items():
        folder = root / "marts" / snapshot.id
        built = pd.concat(
            pd.read_parquet(folder / path, columns=columns)
            for path in snapshot.parts(name)
        )
        if name in ("leaf", "fine_leaf"):
            tables = {m.id: m.table for m in registry.metrics.values()}
            built = built[
                built.metric.map(tables).isin(["ledger", "ledger_sums", "filing"])
            ]
        expected = plain[name][columns]
        built, expected = (
            frame.sort_values(columns, ignore_index=True) for frame in (built, expected)
        )
        pd.testing.assert_frame_equal(built, expected, check_dtype=False)


def differing_marts(root: Path, ours: Snapshot, theirs: Snapshot) -> list[str]:
    """Where the marts of two snapshots of a lake differ: mart: how; [] for nowhere.

    Rows are compared as a bag, both ways; columns by order, name and type.
    """
    found = []
    with DuckDBEngine(root) as engine:
        for model in models(load_registry()):
            if not model.is_mart:
                continue
            paths = [
                [
                    str(root / "marts" / snapshot.id / path)
                    for path in snapshot.parts(model.name)
                ]
                for snapshot in (ours, theirs)
            ]
            columns = [
                list(
                    dict.fromkeys(
                        f"{column.name} {column.type}"
                        for path in of_one
                        for column in pq.read_schema(path)
                    )
                )
                for of_one in paths
            ]
            if columns[0] != columns[1]:
                odd = [c for c in columns[1] if c not in columns[0]] or columns[1]
                found.append(f"{model.name}: columns are {', '.join(odd)}")
                continue
            left, right = map(engine.connection.read_parquet, paths)
            missing, added = (
                one.query("one", f"from one except all {other.sql_query()}")
                for one, other in ((left, right), (right, left))
            )
            n_missing, n_added = len(missing.fetchall()), len(added.fetchall())
            if n_missing or n_added:
                found.append(
                    f"{model.name}: {n_missing} rows missing, {n_added} too many"
                )
    return found
