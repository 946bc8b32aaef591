"""What is timed: the build of the marts, and reading the columns that it reads."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.plain_pandas import UNREAD, build_marts
from data_pipeline.lake import Lake, layout_of, stored_schema
from data_pipeline.registry import load_registry
from data_pipeline.warehouse import MODELS, DuckDBEngine, build, current_snapshot

# What looks at every value of a column and copies none.
SUMS = {"int64": "sum({})", "int32": "sum({})", "string": "sum(strlen({}))"}


def run_build(root: Path) -> None:
    lake = Lake(root)
    with lake.writing():
        build(lake.root, load_registry())


def run_pandas(root: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build_marts(root, load_registry(), Path(folder))


def run_scan(root: Path) -> None:
    """Sum every column of the lake that the build reads; of a text its length."""
    registry = load_registry()
    submissions = Lake(root).submissions()
    with DuckDBEngine(root) as engine:
        for name, unread in UNREAD.items():
            files = [f for s in submissions for f in s.files if f.table == name]
            if not files:
                continue
            # As the build binds them, or one of the two opens every file once more.
            alike = {f.layout for f in files} == {layout_of(registry.tables[name])}
            engine.bind(name, [root / f.path for f in files], alike=alike)
            sums = [
                SUMS.get(str(field.type), "max({})").format(field.name)
                for field in stored_schema(registry.tables[name])
                if field.name not in unread
            ]
            engine.connection.table(name).aggregate(", ".join(sums)).fetchall()


def check_equal(root: Path) -> None:
    """Hold every mart of both programs against each other, row by row.

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
    names = {model.name for model in MODELS if model.is_mart}
    assert plain.keys() == names, f"marts of one program only: {plain.keys() ^ names}"
    for name, frame in plain.items():
        built = pd.read_parquet(root / "marts" / snapshot.id / f"{name}.parquet")
        assert set(built.columns) == set(frame.columns), name
        assert len(built) == len(frame), f"{name}: {len(built)} rows, {len(frame)}"
        expected = _comparable(frame[list(built.columns)])
        pd.testing.assert_frame_equal(
            _comparable(built), expected, check_dtype=False, obj=name
        )


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order of their own, whole numbers and blanks of one type."""
    frame = frame.convert_dtypes()
    for name in frame.select_dtypes("datetime"):
        frame[name] = frame[name].astype("datetime64[us]")
    return frame.sort_values(list(frame.columns), ignore_index=True)
