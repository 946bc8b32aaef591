"""Adding a metric is one TOML table and nothing else: it is found everywhere."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.documents import metrics_page
from tests.extended_registry import (
    ADDED_LABEL,
    ADDED_METRIC,
    ADDED_TABLE,
    copy_registry,
    extended_registry,  # noqa: F401
)
from tests.pages.drawn import draw_page
from tests.submitted_rows import ledger_row, submit

ROWS = [
    ledger_row("2016-07", "350102", "organ", n_organizations=4, n_branches=3),
    ledger_row("2016-07", "350102", "rural", n_organizations=6, n_branches=5),
    ledger_row("2016-07", "350181", "rural", n_branches=9),
]


@pytest.fixture
def lake(tmp_path: Path, extended_registry: Path) -> Path:  # noqa: F811
    """A built lake of the registry with one metric more."""
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        submit(lake, "2016-08-10", ROWS)
        build(lake.root, load_registry(extended_registry))
    return lake.root


def test_the_project_itself_does_not_have_the_metric(monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert ADDED_METRIC not in load_registry().metrics


def test_the_registry_knows_it(extended_registry):  # noqa: F811
    registry = load_registry()
    assert registry.folder == extended_registry
    assert registry.metrics[ADDED_METRIC].label_zh == ADDED_LABEL


def test_the_marts_have_its_rates(lake):
    frame = read_rates(open_marts(lake), ADDED_METRIC, by=["unit"])
    assert frame.astype({"rate": object}).fillna("").to_numpy().tolist() == [
        ["350102", 8, 10, 0.8, 0, 0],
        ["350181", 0, 0, "", 1, 0],
    ]


def test_the_command_exports_it(lake):
    command = [sys.executable, "-m", "reports", "export", ADDED_METRIC]
    choices = ["--lake", str(lake), "--month", "2016-07", "--by", "sector"]
    done = subprocess.run(
        [*command, *choices], check=True, capture_output=True, env=os.environ
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8-sig"))))
    figures = [(r["sector"], r["numerator"], r["denominator"], r["rate"]) for r in rows]
    assert figures == [
        ("organ", "3", "4", "0.75"),
        ("rural", "5", "6", rows[1]["rate"]),
    ]
    assert float(rows[1]["rate"]) == 5 / 6
    assert [r["n_blank"] for r in rows] == ["0", "1"]


def test_the_profile_of_a_unit_shows_it(lake, monkeypatch):
    choices = {"month": "2016-07", "unit": "350102"}
    drawn = draw_page("area_profile", lake, monkeypatch, **choices)
    rows = {row["metric"]: row for row in drawn.rows_of("csv-profile")}
    assert (rows[ADDED_METRIC]["numerator"], rows[ADDED_METRIC]["rate"]) == ("8", "0.8")
    strips = drawn.figure("profile")["layout"]["annotations"]
    assert ADDED_LABEL in [strip["text"] for strip in strips]
    matrix = drawn.component("hot_cold_matrix")["rows"]
    (line,) = (row for row in matrix if row["label"] == ADDED_LABEL)
    texts = [cell["text"] for cell in line["cells"] if "text" in cell]
    assert texts == ["0.80", "0.75", "0.83"]


def test_the_selector_the_heatmap_and_its_table_show_it(lake, monkeypatch):
    choices = {"metric": ADDED_METRIC, "month": "2016-07"}
    drawn = draw_page("county_heatmap", lake, monkeypatch, **choices)
    assert (
        ADDED_LABEL
        in drawn.app.selectbox(key="choose:county_heatmap:metric:zh").options
    )
    matrix = drawn.component("hot_cold_matrix")["rows"]
    (line,) = (row for row in matrix if row["label"] == "鼓楼区")
    assert line["cells"][0]["text"] == "0.80"
    table = drawn.rows_of("csv-matrix")
    city = [row for row in table if not row["unit"] and not row["sector"]]
    assert [(row["numerator"], row["denominator"]) for row in city] == [("8", "10")]


def test_the_documents_describe_it(extended_registry):  # noqa: F811
    page = metrics_page(load_registry(extended_registry))
    assert f"## {ADDED_METRIC}" in page
    assert ADDED_LABEL in page


def test_a_draft_is_offered_on_no_page_and_found_by_its_other_name(
    tmp_path, monkeypatch
):
    folder = copy_registry(tmp_path)
    with open(folder / "metrics" / "members.toml", "a", encoding="utf-8") as file:
        file.write(f'{ADDED_TABLE}status = "draft"\nsynonyms = ["支部密度"]\n')
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        submit(lake, "2016-08-10", ROWS)
        build(lake.root, load_registry(folder))

    def options(**choices: str) -> list[str]:
        drawn = draw_page("county_heatmap", lake.root, monkeypatch, **choices)
        return drawn.app.selectbox(key="choose:county_heatmap:metric:zh").options

    assert ADDED_LABEL not in options(month="2016-07")
    assert ADDED_LABEL in options(month="2016-07", metric="支部密度")
    choices = {"month": "2016-07", "unit": "350102"}
    drawn = draw_page("area_profile", lake.root, monkeypatch, **choices)
    assert ADDED_METRIC not in {row["metric"] for row in drawn.rows_of("csv-profile")}
    assert read_rates(open_marts(lake.root), ADDED_METRIC)["numerator"].tolist() == [8]
    assert "Also called" in metrics_page(load_registry(folder))
