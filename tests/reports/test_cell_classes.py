"""The class of a cell, the line it is judged by, and the sentences that say so."""

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.cold_cells import classify
from reports.cell_classes import (
    count_classes,
    explain_cold,
    judge_cells,
    judging_line,
)
from reports.files.export_context import JUDGED

METRICS = load_registry().metrics
TOPIC_1 = METRICS["topic_1_coverage"]
# unit, sector, numerator, denominator; the city and a unit as a whole among them.
CELLS = [
    (None, None, 300, 400),
    ("350181", None, 130, 200),
    ("350181", "rural", 40, 100),
    ("350181", "school", 90, 100),
    ("350102", "rural", 100, 100),
    ("350102", "school", 70, 91),
    ("350103", "soe", 8, 9),
    ("350104", "soe", 0, 0),
]


@pytest.fixture
def cells() -> pd.DataFrame:
    frame = pd.DataFrame(CELLS, columns=["unit", "sector", "numerator", "denominator"])
    frame["rate"] = frame["numerator"] / frame["denominator"]
    return frame.assign(n_blank=0, n_missing=[0] * 7 + [1])


def test_cells_of_one_level_are_one_family_and_sums_are_not_of_it(cells):
    judged = judge_cells(cells, TOPIC_1, "2016-07")
    leaf = cells.dropna(subset=["unit", "sector"])
    expected = classify(leaf["numerator"], leaf["denominator"], 1.0, city_rate=0.75)
    numbers = list(JUDGED[1:])
    pd.testing.assert_frame_equal(judged.loc[leaf.index, numbers], expected[numbers])
    assert judged["cell_class"].where(judged["cell_class"].notna(), "").tolist() == [
        *("very_cold", "very_cold", "very_cold", "cold"),
        *("hot", "very_cold", "too_small", ""),
    ]


def test_a_cell_is_judged_the_same_whatever_sums_stand_beside_it(cells):
    alone = cells.dropna(subset=["unit", "sector"]).reset_index(drop=True)
    beside = judge_cells(cells, TOPIC_1, "2016-07").dropna(subset=["unit", "sector"])
    without = judge_cells(alone, TOPIC_1, "2016-07")
    assert without["p_cold_adjusted"].tolist() == pytest.approx(
        beside["p_cold_adjusted"].tolist(), nan_ok=True
    )


@pytest.mark.parametrize(
    ("metric", "month", "kind", "value"),
    [
        ("topic_1_coverage", "2016-05", "pace", 61 / 91),
        ("topic_1_coverage", "2016-06", "target", 1.0),
        ("leader_attendance", "2016-04", "target", 1.0),
        ("member_speaking", "2016-07", "pace", 0.5),
    ],
)
def test_cells_are_judged_by_the_pace_until_the_target_is_due(
    metric, month, kind, value
):
    line = judging_line(METRICS[metric], month)
    assert (line.kind, line.value) == (kind, pytest.approx(value))


@pytest.mark.parametrize(
    ("metric", "month"),
    [
        ("topic_3_coverage", "2016-07"),  # opens in October
        ("lectures_per_leader", "2016-07"),  # no target, no share
        ("grassroots_lecture_share", "2016-07"),  # no target
        ("lecture_reach_ceiling", "2016-07"),  # only a bound
    ],
)
def test_where_nothing_is_demanded_yet_nothing_is_judged(cells, metric, month):
    assert judging_line(METRICS[metric], month) is None
    assert judge_cells(cells, METRICS[metric], month) is cells
    assert count_classes(cells) == ""


def test_an_estimate_from_spot_checks_is_not_judged(cells):
    verified = cells.drop(columns="n_missing").assign(lower=0.1, upper=0.9)
    assert judge_cells(verified, TOPIC_1, "2016-07") is verified


def test_classes_are_counted_from_cold_to_hot_without_the_sums(cells):
    judged = judge_cells(cells, TOPIC_1, "2016-07")
    assert count_classes(judged) == (
        "6 个单位×领域中：极冷 2、冷 1、热 1、不足 10 个而不判 1、未报 1。"
    )
    assert count_classes(judged, "en") == (
        "Of 6 unit × sector cells: 2 very cold, 1 cold, 1 hot, "
        "1 too small to judge (under 10), 1 not reported."
    )


def test_cold_is_explained_with_the_line_of_the_month():
    assert explain_cold(TOPIC_1, "2016-07") == (
        "冷 = 比目标 100 % 低 5 个百分点以上，且以该单位的规模不能用偶然解释；"
        "高出同样多而不能排除偶然的，不着色。"
    )
    assert "进度线 67.0 %（6月30日应达到 100 %）" in explain_cold(TOPIC_1, "2016-05")
    # A count has a target, but chance cannot be judged.
    sites = explain_cold(METRICS["demo_sites_county"], "2016-12")
    assert sites == "这项指标不是比率，不能检验是否偶然，不判冷热。"
    assert explain_cold(METRICS["topic_3_coverage"], "2016-07", "en") == (
        "It opens on 1 Oct; until then no cell is called cold."
    )
