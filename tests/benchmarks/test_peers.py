"""The plain programs make the very marts of the build, and a difference is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import build_speed, marts, plain_pandas, plain_polars
from benchmarks.province import write_province
from benchmarks.stopwatch import Cost
from data_pipeline.store.snapshots import current_snapshot
from tests.checked_city import build_checked_city
from tests.crowded_city import build_crowded_city
from tests.office_city import build_office_city
from tests.tiny_city import build_tiny_city

CITIES = (
    build_crowded_city,
    build_office_city,
    build_checked_city,
)


@pytest.mark.parametrize("city", CITIES)
def test_every_column_of_every_mart_is_that_of_the_build(copy_lake, city):
    marts.check_equal(copy_lake(city))


def test_so_it_is_of_a_small_province(tmp_path):
    write_province(tmp_path, 360, n_months=3)
    marts.check_equal(tmp_path)


@pytest.fixture(scope="module")
def written(shared_lakes, tmp_path_factory) -> Path:
    """A lake of the crowded city with marts of a plain program in `written`."""
    root = tmp_path_factory.mktemp("peers") / "lake_root"
    shutil.copytree(shared_lakes.of(build_crowded_city), root, symlinks=True)
    (root / "written").mkdir()
    plain_polars.build_marts(root, root / "written")
    assert differing(root) == []
    return root


def differing(root: Path, *names: str) -> list[str]:
    snapshot = current_snapshot(root)
    return marts.differing_from_peer(root, snapshot, root / "written", names)


@pytest.mark.parametrize("name", marts.mart_names())
def test_a_changed_row_of_any_mart_is_found(written, name):
    path = written / "written" / f"{name}.parquet"
    kept = path.read_bytes()
    rows = pq.read_table(path)
    assert rows.num_rows, "a mart without rows proves nothing"
    try:
        pq.write_table(rows.slice(1), path)
        assert differing(written, name) == [f"{name}: 1 rows missing, 0 too many"]
        counts = [f.name for f in rows.schema if pa.types.is_int64(f.type)]
        if counts:
            column = rows[counts[-1]]
            more = pc.add(pc.fill_null(column.slice(0, 1), 0), 1)
            changed = pa.chunked_array([*more.chunks, *column.slice(1).chunks])
            at = rows.column_names.index(counts[-1])
            pq.write_table(rows.set_column(at, counts[-1], changed), path)
            assert differing(written, name) == [f"{name}: 1 rows missing, 1 too many"]
        pq.write_table(rows.rename_columns(["x", *rows.column_names[1:]]), path)
        (sentence,) = differing(written, name)
        assert sentence.startswith(f"{name}: columns are ")
    finally:
        path.write_bytes(kept)


def test_a_program_that_makes_another_mart_is_not_timed(copy_lake, monkeypatch):
    whole = plain_pandas.sum_ledger

    def one_short(*given):
        return whole(*given).iloc[1:]

    monkeypatch.setattr(plain_pandas, "sum_ledger", one_short)
    monkeypatch.setattr(marts, "PEERS", {"pandas": marts.PEERS["pandas"]})
    with pytest.raises(AssertionError, match="pandas: .*ledger_sums: 1 rows missing"):
        marts.check_equal(copy_lake(build_tiny_city))


def test_the_score_is_the_mean_of_what_each_work_takes_over_the_best():
    costs = {
        "build": Cost(0, 7.99, 0),
        "one more file": Cost(0, 0.49, 0),
        "pandas": Cost(0, 3.99, 0),
        "polars": Cost(0, 1.99, 0),
        "scan": Cost(0, 0.1, 0),
    }
    ratios = build_speed.over_best(costs)
    assert ratios == pytest.approx({"build": 4.0, "one more file": 1.0})
    assert build_speed.score(ratios).startswith("Score 2.00,")
