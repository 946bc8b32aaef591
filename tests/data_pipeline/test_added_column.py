"""A count column stands in one file: from there it is filed, summed, checked, shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.check_findings import check_rows
from data_pipeline.demo_city.sheets import plain_sheet
from data_pipeline.flags import build_with_flags, read_flags
from data_pipeline.rates import open_marts, read_ledger, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.unit_findings import read_duties
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
STATE = """
[[column]]
name = "n_branches_study_plan"
heading = "已制定学习计划支部数"
type = "count"
kind = "state"
definition_zh = "有学习计划的支部数。"
definition_en = "Branches with a study plan, as of the month's end."
"""
DUTIES = """
[[metric]]
id = "study_plan_share"
label_zh = "学习计划制定率"
label_en = "Branches with a study plan"
numerator = "n_branches_study_plan"
denominator = "n_branches"
unit = "share"
better = "higher"
milestones = [{ target = 1.0 }]
quote = "全市16198个党支部"

[[metric]]
id = "converted_of_branches"
label_zh = "已转化组织占支部数"
label_en = "Converted organisations of branches"
numerator = "n_weak_converted"
denominator = "n_branches"
unit = "share"
better = "higher"
milestones = [{ target = 1.0 }]
quote = "全市16198个党支部"

[[metric]]
id = "plans_of_listed"
label_zh = "整顿组织学习计划率"
label_en = "Study plans of weak organisations"
numerator = "n_branches_study_plan"
denominator = "n_weak_listed"
unit = "share"
better = "higher"
milestones = [{ target = 1.0 }]
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


def test_the_flags_judge_a_state_as_a_duty_and_leave_what_other_tables_count(tmp_path):
    folder = copy_registry(tmp_path)
    for file, text in (
        ("tables/ledger.toml", STATE),
        ("metrics/members.toml", DUTIES),
    ):
        with open(folder / file, "a", encoding="utf-8") as written:
            written.write(text)
    registry = load_registry(folder)
    assert registry.metrics["converted_of_branches"].table == "weak_case"
    duties = read_duties(registry)
    assert duties.shares["n_branches_study_plan"] == "n_branches"
    assert "n_weak_converted" not in duties.shares
    lake = Lake(tmp_path / "lake_root")
    done = dict.fromkeys(
        ("n_branches", "n_branches_study_plan", "n_branches_topic_1"), 60
    )
    places = [("350102", "rural"), ("350104", "rural"), ("350105", "rural")]
    rows = [ledger_row("2016-07", *place, **done) for place in places]
    rows[0] |= {"n_branches_topic_2": 60}
    # Nobody else had all three, so that nobody can say it was the order of the month.
    for row in rows[1:]:
        row |= {"n_branches_study_plan": 30, "n_branches_topic_2": 20}
    with lake.writing():
        submit(lake, "2016-08-10", rows, registry=registry)
        build_with_flags(lake.root, registry)
    flags = read_flags(open_marts(lake.root, registry)).found
    found = flags[flags["rule"] == "all_at_100"]
    assert found["unit"].tolist() == ["350102"]
    assert "n_branches_study_plan" in found["fields"].item()


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
