"""The same SQL text, unchanged, over Spark Connect gives the same marts.

Sail speaks that protocol without Java and runs with every test; a cluster of Apache
Spark itself is tried by `make spark-check`.
"""

from __future__ import annotations

import functools
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pysail.spark import SparkConnectServer

from benchmarks.marts import differing_marts
from data_pipeline import engines
from data_pipeline.__main__ import main
from data_pipeline.engines import DuckDBEngine, EngineError, SparkEngine
from data_pipeline.models import CHECKED_ROWS, CHECKS, models
from data_pipeline.registry import load_registry
from data_pipeline.store.snapshots import Snapshot, current_snapshot
from data_pipeline.warehouse import bind_snapshot, build, check
from tests.crowded_city import build_crowded_city
from tests.office_city import build_office_city

NOBODY = "sc://127.0.0.1:1"


@pytest.fixture(scope="module", autouse=True)
def _main_module() -> Iterator[None]:
    """The client takes a process whose main module is no file for its own doctests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
        yield


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield address_of(server)
    server.stop()


def address_of(server: SparkConnectServer) -> str:
    host, port = server.listening_address
    return f"sc://{host}:{port}"


@pytest.fixture(scope="module")
def crowded(shared_lakes) -> Path:
    return shared_lakes.of(build_crowded_city)


@pytest.fixture(scope="module")
def built(
    remote: str, shared_lakes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Snapshot, Snapshot]]:
    """City -> its lake with a snapshot by DuckDB and the current one by Spark."""
    both = {}
    for make in (build_crowded_city, build_office_city):
        source = shared_lakes.of(make)
        root = tmp_path_factory.mktemp("spark") / "lake_root"
        shutil.copytree(source, root, symlinks=True)
        before = current_snapshot(root)
        command = ["build", "--lake", str(root), "--engine", "spark"]
        assert main([*command, "--remote", remote]) == 0
        both[make.__name__] = (root, before, current_snapshot(root))
    return both


@pytest.mark.parametrize("city", [build_crowded_city, build_office_city])
def test_spark_writes_the_marts_that_duckdb_writes(built, city):
    root, ours, theirs = built[city.__name__]
    assert (ours.engine, theirs.engine) == ("duckdb", "spark")
    assert ours.id != theirs.id
    assert differing_marts(root, ours, theirs) == []


def test_between_them_the_cities_fill_every_mart(built):
    marts = {model.name for model in models(load_registry()) if model.is_mart}
    filled = {
        mart
        for root, _, theirs in built.values()
        for mart in marts
        for path in theirs.parts(mart)
        if pq.read_metadata(root / "marts" / theirs.id / path).num_rows
    }
    assert marts == filled


def test_a_mart_that_differs_is_named_with_the_reason(built, tmp_path):
    root, ours, theirs = built["build_office_city"]
    copy = shutil.copytree(root, tmp_path / "lake_root", symlinks=True)
    folder = copy / "marts" / theirs.id
    path = max(folder.glob("leaf/*.parquet"), key=lambda one: one.stat().st_size)
    leaf = pq.read_table(path)
    # One row twice in the place of another: as sets of rows they would be equal.
    twice = pa.concat_tables([leaf.slice(0, leaf.num_rows - 1), leaf.slice(0, 1)])
    pq.write_table(twice, path)
    roll = pq.read_table(folder / "roll.parquet")
    place = roll.schema.get_field_index("n_members")
    narrow = roll.set_column(place, "n_members", roll["n_members"].cast(pa.int32()))
    pq.write_table(narrow, folder / "roll.parquet")
    found = differing_marts(copy, ours, theirs)
    assert [line.split(":")[0] for line in found] == ["roll", "leaf"]
    assert "int32" in found[0]
    assert "1 rows" in found[1]


def test_the_checks_find_the_same_faults(remote, built):
    root, ours, _ = built["build_crowded_city"]
    registry = load_registry()
    with SparkEngine(remote) as engine:
        bind_snapshot(engine, root, ours, registry)
        engine.view(CHECKED_ROWS.name, CHECKED_ROWS.sql(registry))
        found = [engine.session.sql(m.sql(registry)).toArrow() for m in CHECKS]
    theirs = pa.concat_tables(found, promote_options="permissive")
    expected = check(root, ours, registry)
    assert expected.num_rows > 100
    assert as_rows(theirs) == as_rows(expected)


def as_rows(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))


# --- what goes wrong ----------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "spark"], "needs --remote sc://HOST:PORT"),
        (["--remote", NOBODY], "is for --engine spark alone"),
    ],
)
def test_engine_and_remote_go_together(tmp_path, capsys, arguments, message):
    assert main(["build", "--lake", str(tmp_path), *arguments]) == 2
    assert message in capsys.readouterr().err


def files_of(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.name != ".lock"}


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        (NOBODY, f"{NOBODY} does not answer"),
        (
            "http://127.0.0.1:1",
            "http://127.0.0.1:1 cannot go on: [INVALID_CONNECT_URL]",
        ),
        ("sc://", "sc:// cannot go on: [INVALID_CONNECT_URL]"),
    ],
)
def test_a_cluster_that_is_not_there_is_a_sentence(
    copy_lake, monkeypatch, capsys, remote, message
):
    monkeypatch.setattr(engines, "ANSWER_SECONDS", 0.5)
    root = copy_lake(build_crowded_city)
    before = files_of(root)
    command = ["build", "--lake", str(root), "--engine", "spark", "--remote", remote]
    assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
    assert files_of(root) == before


def test_without_its_client_the_remedy_is_named(copy_lake, monkeypatch, capsys):
    root = copy_lake(build_crowded_city)
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    command = ["build", "--lake", str(root), "--engine", "spark", "--remote", NOBODY]
    assert main(command) == 1
    assert "pip install pyspark-client" in capsys.readouterr().err


def test_a_cluster_that_goes_away_leaves_the_snapshot_before(copy_lake, monkeypatch):
    monkeypatch.setattr(engines, "MAX_RETRIES", 1)
    root = copy_lake(build_crowded_city)
    before, files = current_snapshot(root), files_of(root)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    address = address_of(server)

    def stop_at_spine(step: str, *_: Any) -> None:
        if step == "spine":
            server.stop()

    with pytest.raises(EngineError, match=f"^{address} cannot go on: ") as fault:
        build(
            root,
            load_registry(),
            progress=stop_at_spine,
            open_engine=functools.partial(SparkEngine, address),
        )
    assert "\n" not in str(fault.value)
    assert current_snapshot(root) == before
    assert files_of(root) == files


def test_both_engines_have_what_a_build_asks_for():
    required = {name for name in vars(engines.Engine) if not name.startswith("_")}
    for engine in (DuckDBEngine, SparkEngine):
        assert required <= set(vars(engine))
