"""The same SQL text, unchanged, over Spark Connect gives the same marts.

Runs where an engine of that protocol is installed (pip install pysail pyspark-client);
the project itself needs none.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import (
    CHECKED_ROWS,
    CHECKS,
    INPUTS,
    Snapshot,
    build,
    check,
    models,
)
from tests.submitted_rows import day, ledger_row, roll_row, submit

pytest.importorskip("pysail")
pytest.importorskip("pyspark")

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}


class SparkEngine:
    """What `DuckDBEngine` is to DuckDB: binds Parquet to names and runs selects."""

    def __init__(self, session):
        self.session = session

    def bind(self, name: str, paths: list[Path]) -> None:
        reader = self.session.read.option("mergeSchema", "true")
        frame = reader.parquet(*(str(path) for path in paths))
        frame.createOrReplaceTempView(name)

    def view(self, name: str, select: str) -> None:
        self.session.sql(select).createOrReplaceTempView(name)

    def write(self, name: str, select: str, path: Path) -> None:
        pq.write_table(self.session.sql(select).toArrow(), path)
        self.bind(name, [path])


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    yield SparkEngine(session)
    session.stop()
    server.stop()


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    """A built lake with revisions, blanks, both bases, rolls, checks and weak cases."""
    dice = random.Random(2016)
    registry = load_registry()
    lake = Lake(tmp_path_factory.mktemp("crowded") / "lake_root")
    units, sectors = list(registry.units)[:6], list(registry.sectors)
    branches = [
        (f"{unit}-{number:03d}", unit, dice.choice(sectors))
        for unit in units[:4]
        for number in range(60)
    ]
    roll = [
        roll_row(
            *branch,
            dice.choice([None, "东镇", "西镇"]),
            n_members=30,
            n_leaders=3,
            is_weak_base=dice.random() < 0.3,
        )
        for branch in branches
    ]
    spot_checks = [
        {
            "check_date": day(f"2016-0{dice.randint(5, 8)}-{dice.randint(10, 28)}"),
            "supervision_group": "G1",
            "branch": branch,
            "selection": dice.choice(["random", "targeted"]),
            "found_topic_1": dice.choice(["yes", "no", "no_evidence", None]),
            "found_members_spoke": dice.choice([None, 3, 40]),
        }
        for branch, _, _ in dice.sample(branches, 50)
    ]
    weak_cases = [
        {
            "case_code": str(number),
            "branch": branch,
            "listed_date": day("2016-05-02"),
            "status": dice.choice(["converted", "relapsed", "under_way"]),
            "converted_date": day("2016-07-01"),
        }
        for number, (branch, _, _) in enumerate(dice.sample(branches, 20))
    ]
    with lake.writing():
        submit(lake, "2016-04-10", roll=roll)
        submit(lake, "2016-09-01", spot_check=spot_checks, weak_case=weak_cases)
        for number in range(12):
            rows = {}
            for _ in range(300):
                row = _any_ledger_row(dice, branches, units, sectors)
                rows[row["month"], row["branch"] or row["unit"] + row["sector"]] = row
            submit(lake, f"2016-10-{10 + number}", list(rows.values()))
        return lake.root, build(lake.root, registry)


def _any_ledger_row(dice: random.Random, branches, units, sectors) -> dict:
    registry = load_registry()
    branch, unit, sector = dice.choice(branches)
    if dice.random() < 0.2:
        branch, unit = None, dice.choice(units)
    if dice.random() < 0.1:
        sector = dice.choice(sectors)
    return ledger_row(
        dice.choice(registry.calendar.months[:6]),
        unit,
        sector,
        branch,
        # Two units of six mix both bases.
        basis=dice.choice(["to_date", "month"]) if unit in units[1:3] else "to_date",
        **{
            name: dice.choice([None, 0, 1, 2, 3, 5])
            for name in registry.tables["ledger"].counts
        },
    )


def bind_inputs(engine: SparkEngine, root: Path, snapshot: Snapshot) -> None:
    folder = root / "marts" / snapshot.id
    for name in INPUTS:
        engine.bind(name, [folder / f"{name}.parquet"])
    for name in load_registry().tables:
        paths = [root / file.path for file in snapshot.files if file.table == name]
        engine.bind(f"lake_{name}", [folder / f"empty_{name}.parquet", *paths])


def as_rows(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))


def test_spark_builds_the_same_marts_and_finds_the_same_faults(
    spark, crowded, tmp_path
):
    root, snapshot = crowded
    registry = load_registry()
    bind_inputs(spark, root, snapshot)
    for model in (*models(registry), CHECKED_ROWS):
        if not model.is_mart:
            spark.view(model.name, model.sql(registry))
            continue
        path = tmp_path / f"{model.name}.parquet"
        spark.write(model.name, model.sql(registry), path)
        ours = pq.read_table(root / "marts" / snapshot.id / path.name)
        theirs = pq.read_table(path)
        assert theirs.schema.names == ours.schema.names, model.name
        assert as_rows(theirs) == as_rows(ours), model.name
    found = [spark.session.sql(model.sql(registry)).toArrow() for model in CHECKS]
    theirs = pa.concat_tables(found, promote_options="permissive")
    ours = check(root, snapshot, registry)
    assert ours.num_rows > 100
    assert as_rows(theirs) == as_rows(ours)
