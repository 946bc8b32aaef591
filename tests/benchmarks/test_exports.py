"""The comparison of exports finds what differs, and nothing where nothing does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.exports import FORMATS, compare, to_markdown

PROJECT = Path(__file__).resolve().parents[2]
METRIC = "topic_2_coverage"


def write(lake: Path, folder: Path) -> Path:
    folder.mkdir()
    script = [sys.executable, PROJECT / "benchmarks" / "exports.py"]
    arguments = ["--write", lake, folder, "--metrics", METRIC]
    environment = {"PYTHONPATH": str(PROJECT), "PATH": ""}
    subprocess.run([*script, *arguments], cwd=PROJECT, env=environment, check=True)
    return folder


@pytest.fixture(scope="module")
def exports(tiny_lake, tmp_path_factory) -> tuple[Path, Path]:
    """The exports of one lake, written twice."""
    folder = tmp_path_factory.mktemp("exports")
    return write(tiny_lake, folder / "old"), write(tiny_lake, folder / "new")


def test_every_grouping_month_basis_and_format_of_a_metric_is_written(exports):
    names = {path.name for path in exports[0].iterdir()}
    for format in FORMATS:
        assert f"{METRIC}.reported.2016-07.unit+sector.{format}" in names
        assert f"{METRIC}.reported.township+month.{format}" in names
        assert f"{METRIC}.verified.month.{format}" in names
        assert f"{METRIC}.modelled.2016-07.unit+sector.{format}" in names
    assert f"{METRIC}.modelled.2016-07.unit.refused" in names


def test_the_same_code_over_the_same_lake_gives_the_same_bytes(exports):
    n_alike, differences = compare(*exports)
    assert n_alike == len(list(exports[0].iterdir())) > 80
    assert differences == []


def test_each_file_that_differs_is_reported_by_its_columns_and_rows(exports):
    _, new = exports
    name = f"{METRIC}.reported.2016-07.unit+sector"
    table, column = new / f"{name}.csv", new / f"{name}.parquet"
    table.write_bytes(
        table.read_bytes().replace(b"350104,rural,2,4", b"350104,rural,3,4")
    )
    pq.write_table(pq.read_table(column).drop_columns(["n_blank"]), column)
    (new / f"{METRIC}.reported.2016-07.sector.csv").unlink()
    _, differences = compare(*exports)
    assert {
        (one.name.removeprefix(METRIC), one.kind, one.rows) for one in differences
    } == {
        (".reported.2016-07.unit+sector.csv", "numerator up", 1),
        (".reported.2016-07.unit+sector.parquet", "-n_blank", 0),
        (".reported.2016-07.sector.csv", "only old", 0),
    }
    assert f"| {METRIC} | reported | numerator up | 1 | 1 |" in to_markdown(
        1, differences, False
    )
