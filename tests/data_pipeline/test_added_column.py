"""A count column stands in one file: from there it is filed, summed, checked, shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.check_findings import check_rows
from data_pipeline.demo_city.sheets import plain_sheet
from data_pipeline.rates import open_marts, read_ledger, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.extended_registry import copy_registry
from tests.submitted_rows import ledger_row, submit

COLUMN = """
[[column]]
name = "n_volunteer_acts"
heading = "志愿服务次数"
type = "count"
kind = "cumulative"
definition_zh = "志愿服务累计次数。"
definition_en = "Volunteer acts, to date."
"""
METRIC = """
[[metric]]
id = "volunteer_acts_per_branch"
label_zh = "支部平均志愿服务次数"
label_en = "Volunteer acts per branch"
numerator = "n_volunteer_acts"
denominator = "n_branches"
unit = "per_head"
better = "higher"
quote = "全市16198个党支部"
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A built lake of a registry with one column more; 鼓楼's acts fall in June."""
    folder = copy_registry(tmp_path)
    for file, text in (
        ("tables/ledger.toml", COLUMN),
        ("metrics/members.toml", METRIC),
    ):
        with open(folder / file, "a", encoding="utf-8") as written:
            written.write(text)
    registry = load_registry(folder)
    lake = Lake(tmp_path / "lake_root")
    place = ("350102", "organ")
    rows = [
        ledger_row("2016-05", *place, n_branches=4, n_volunteer_acts=6),
        ledger_row("2016-06", *place, n_branches=4, n_volunteer_acts=5),
        ledger_row("2016-05", "350181", "rural", n_branches=9),
        ledger_row(
            "2016-05", "ZSJG", "organ", n_branches=2, n_volunteer_acts=1, basis="month"
        ),
        ledger_row(
            "2016-06", "ZSJG", "organ", n_branches=2, n_volunteer_acts=2, basis="month"
        ),
    ]
    with lake.writing():
        submit(lake, "2016-07-10", rows, registry=registry)
        build(lake.root, registry)
    lake.registry = registry
    return lake


def test_a_metric_of_it_has_rates_and_a_month_only_file_adds_up(lake):
    marts = open_marts(lake.root, lake.registry)
    frame = read_rates(
        marts, "volunteer_acts_per_branch", by=["unit"], months=["2016-06"]
    )
    found = frame[["unit", "numerator", "denominator"]].to_numpy().tolist()
    assert found == [["350102", 5, 4], ["350181", 0, 0], ["ZSJG", 3, 2]]
    may = read_rates(marts, "volunteer_acts_per_branch", months=["2016-05"])
    assert may[["numerator", "denominator", "n_blank"]].to_numpy().tolist() == [
        [7, 6, 1]
    ]


def test_the_rows_behind_a_figure_show_it(lake):
    rows = read_ledger(open_marts(lake.root, lake.registry), months=["2016-05"])
    assert sorted(rows["n_volunteer_acts"].dropna()) == [1, 6]


def test_a_total_that_falls_is_found_without_a_word_about_it(lake):
    found = check_rows(open_marts(lake.root, lake.registry))
    falls = [row for row in found if row["rule"] == "cumulative_falls"]
    assert [(row["column_name"], row["unit"], row["total"]) for row in falls] == [
        ("n_volunteer_acts", "350102", 5)
    ]


def test_the_made_up_city_files_what_it_has_and_leaves_it_out(tmp_path, monkeypatch):
    table = load_registry().tables["activity"]
    had = pd.DataFrame({column.name: ["1"] for column in table.columns})
    before = plain_sheet("activity", had)
    folder = copy_registry(tmp_path)
    with open(folder / "tables" / "activity.toml", "a", encoding="utf-8") as file:
        file.write(COLUMN.replace("cumulative", "in_month"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    assert "n_volunteer_acts" in load_registry().tables["activity"].counts
    assert plain_sheet("activity", had) == before
