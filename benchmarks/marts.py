"""What is timed: the build of the marts; and that plain programs make the same."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline.engines import DuckDBEngine
from data_pipeline.flags import build_with_flags
from data_pipeline.models import models
from data_pipeline.registry import Registry, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.snapshots import Snapshot
from data_pipeline.warehouse import build, current_snapshot

# Programs that make the same marts -> where they do.
PEERS = {
    "pandas": "benchmarks.plain_pandas:build_marts",
    "polars": "benchmarks.plain_polars:build_marts",
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


def check_equal(root: Path) -> None:
    """Hold every column of every mart of the plain programs against the build's.

    Raises
    ------
    AssertionError
        A mart differs; all that do are named.
    """
    run_build(root)
    snapshot = current_snapshot(root)
    found = []
    for peer, work in PEERS.items():
        module, name = work.split(":")
        with tempfile.TemporaryDirectory(dir=root) as folder:
            getattr(importlib.import_module(module), name)(root, Path(folder))
            differing = differing_from_peer(root, snapshot, Path(folder))
        found += [f"{peer}: {one}" for one in differing]
    if found:
        raise AssertionError("; ".join(found))


def differing_from_peer(
    root: Path, snapshot: Snapshot, folder: Path, names: Sequence[str] = ()
) -> list[str]:
    """Where marts that a plain program wrote below the lake's folder are others.

    Rows are compared as a bag, both ways; columns by name and type. Without names of
    marts all are.
    """
    found = []
    with DuckDBEngine(root) as engine:
        for name in names or mart_names():
            left = engine.connection.read_parquet(_paths(root, snapshot, name))
            right = engine.connection.read_parquet(str(folder / f"{name}.parquet"))
            ours, theirs = (
                {f"{c} {t}" for c, t in zip(one.columns, one.types, strict=True)}
                for one in (left, right)
            )
            if ours != theirs:
                odd = ", ".join(sorted(ours ^ theirs))
                found.append(f"{name}: columns are {odd}")
                continue
            found += _differing_rows(name, left, right.select(*left.columns))
    return found


def differing_marts(root: Path, ours: Snapshot, theirs: Snapshot) -> list[str]:
    """Where the marts of two snapshots of a lake differ: mart: how; [] for nowhere.

    Rows are compared as a bag, both ways; columns by order, name and type.
    """
    found = []
    with DuckDBEngine(root) as engine:
        for name in mart_names():
            paths = [_paths(root, snapshot, name) for snapshot in (ours, theirs)]
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
                found.append(f"{name}: columns are {', '.join(odd)}")
                continue
            left, right = map(engine.connection.read_parquet, paths)
            found += _differing_rows(name, left, right)
    return found


def mart_names() -> list[str]:
    return [model.name for model in models(load_registry()) if model.is_mart]


def _paths(root: Path, snapshot: Snapshot, name: str) -> list[str]:
    folder = root / "marts" / snapshot.id
    return [str(folder / path) for path in snapshot.parts(name)]


def _differing_rows(
    name: str, left: duckdb.DuckDBPyRelation, right: duckdb.DuckDBPyRelation
) -> list[str]:
    """How many rows each of two bags lacks, as a sentence; [] for none."""
    missing, added = (
        len(one.query("one", f"from one except all {other.sql_query()}").fetchall())
        for one, other in ((left, right), (right, left))
    )
    if missing or added:
        return [f"{name}: {missing} rows missing, {added} too many"]
    return []
