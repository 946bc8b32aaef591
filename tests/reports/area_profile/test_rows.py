"""Where a unit stands on every metric, counted on paper."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.statistics.design_effects import SUMS
from reports.area_profile import rows as profile
from reports.figures.matrix import Captions
from tests.reports.samples import REGISTRY, rates

METRIC = "member_speaking"
UNITS = rates(
    ("month", "unit"),
    [
        ("2016-06", "350102", 30, 100, 0, 0),
        ("2016-07", "350102", 60, 100, 0, 0),
        ("2016-07", "350103", 95, 100, 0, 0),
        ("2016-07", "350104", 96, 100, 0, 0),
        ("2016-07", "350105", 0, 0, 0, 2),
    ],
)
CITY = rates(("month",), [("2016-06", 30, 100, 0, 0), ("2016-07", 251, 300, 0, 2)])
MONTHS = ("2016-06", "2016-07")
UNIT_CODES = ("350102", "350103", "350104", "350105")
# A branch of one head each, filed in one row: then heads are independent.
SPREADS = {
    METRIC: pd.DataFrame({"unit": UNIT_CODES, "sector": "rural"}).assign(
        **dict.fromkeys(SUMS, 0.0) | {"n_branches": 100.0, "n_heads": 100.0}
    )
}


def stand(unit: str | None, metric: str = METRIC, units: pd.DataFrame = UNITS):
    return stand_all(unit, {metric: units}, {metric: CITY}).iloc[0]


def stand_all(unit: str | None, units: dict, city: dict) -> pd.DataFrame:
    return profile.stand(units, city, REGISTRY, unit, MONTHS, SPREADS)


def test_a_unit_has_its_value_the_city_the_middle_half_and_its_change():
    row = stand("350102")
    assert (row["numerator"], row["denominator"], row["rate"]) == (60, 100, 0.6)
    assert row["city"] == pytest.approx(251 / 300)
    assert list(row.index[:3]) == ["metric", "rate", "city"]  # what is read first
    assert row["lower_quartile"] == pytest.approx(0.775)
    assert row["upper_quartile"] == pytest.approx(0.955)
    assert row["highest"] == 0.96
    assert (row["target"], row["due"]) == (pytest.approx(2 / 3), "2016-08-31")
    assert row["change"] == pytest.approx(0.3)


def test_ranks_come_with_whether_the_unit_differs_from_the_city():
    # The example of cold_cells.compare_with_city: 60, 95 and 96 of 100.
    found = [stand(unit) for unit in ("350102", "350103", "350104")]
    assert [row["differs"] for row in found] == ["below", "above", "above"]
    assert [(row["rank"], row["n_ranked"]) for row in found] == [(3, 3), (2, 3), (1, 3)]


def test_heads_of_a_few_branches_do_not_set_a_unit_apart_from_the_city():
    few = {METRIC: SPREADS[METRIC].assign(n_branches=4.0)}
    about = ({METRIC: UNITS}, {METRIC: CITY}, REGISTRY, "350102", MONTHS)
    assert profile.stand(*about, few)["differs"][0] == "no"
    assert profile.stand(*about, SPREADS)["differs"][0] == "below"
    with pytest.raises(ValueError, match="member_speaking counts heads"):
        profile.stand(*about)


def test_a_unit_that_does_not_differ_has_no_rank_among_those_that_do():
    # 84 of 100 beside 60 and 96: as good as the city, so second of three by chance.
    units = UNITS.replace({"numerator": {95: 84}, "rate": {0.95: 0.84}})
    found = [stand(unit, units=units) for unit in ("350102", "350103", "350104")]
    assert [row["differs"] for row in found] == ["below", "no", "above"]
    assert [row["rank"] for row in found] == [3, pd.NA, 1]
    assert found[1]["n_ranked"] is pd.NA


@pytest.mark.parametrize("metric", ["lectures_per_leader", "lecture_reach_ceiling"])
def test_what_cannot_be_tested_is_not_ranked(metric):
    row = stand("350102", metric)
    assert row["differs"] == "untested"
    assert row["rank"] is pd.NA


def test_a_unit_too_small_to_be_compared_is_said_to_be_small():
    few = UNITS.replace({"denominator": {100: 9}, "numerator": {60: 5, 95: 9, 96: 9}})
    row = stand("350102", units=few.assign(rate=few["numerator"] / few["denominator"]))
    assert (row["differs"], row["rank"]) == ("too_small", pd.NA)
    assert profile.STANDINGS[row["differs"]]["zh"] == "不足 10 个，不作比较"


def test_where_all_are_alike_nobody_is_first():
    same = UNITS.assign(numerator=0, rate=0.0)
    row = stand("350102", units=same)
    assert row["differs"] == "no"
    assert row["rank"] is pd.NA


def test_a_unit_that_filed_nothing_keeps_its_row():
    row = stand("350105")
    assert pd.isna(row["rate"])
    assert row["n_missing"] == 2
    assert row["differs"] is None


def test_the_city_itself_is_not_compared_with_itself():
    row = stand(None)
    assert (row["numerator"], row["denominator"]) == (251, 300)
    assert row["change"] == pytest.approx(251 / 300 - 0.3)
    assert row["rank"] is pd.NA


def test_the_city_is_held_to_its_targets():
    rows = stand_all(None, {METRIC: UNITS}, {METRIC: CITY})
    # 251 of 300 is over two thirds.
    said = profile.summary(rows, REGISTRY, "全市", "2016-07")
    assert said == "1 项指标本月有目标，1 项达到。"
    behind = rows.assign(rate=0.66)
    said = profile.summary(behind, REGISTRY, "the city", "2016-07", "en")
    assert said == "Targets reached this month: 0 of 1."
    assert profile.summary(rows.assign(target=None), REGISTRY, "全市", "2016-07") == ""


def test_the_summary_counts_what_differs():
    rows = stand_all("350102", {METRIC: UNITS}, {METRIC: CITY})
    summary = profile.summary(rows, REGISTRY, "鼓楼区", "2016-07")
    assert summary == "1 项指标中，1 项低于全市（已排除偶然）。"
    silent = stand_all("350105", {METRIC: UNITS}, {METRIC: CITY})
    summary = profile.summary(silent, REGISTRY, "Mawei", "2016-07", "en")
    assert summary == "No ledger was received from Mawei for Jul 2016."


def matrix(sectors: dict[str, pd.DataFrame], **frames: pd.DataFrame):
    units = {METRIC: UNITS} | frames
    city = dict.fromkeys(units, CITY)
    rows = stand_all("350102", units, city)
    divided = profile.sector_frames(rows, sectors)
    return profile.sector_matrix(
        divided, rows, REGISTRY, unit="350102", captions=Captions("鼓楼区")
    )


def test_a_row_of_the_matrix_is_a_metric_against_the_city():
    sectors = {METRIC: rates(("sector",), [("organ", 55, 60, 0, 0)])}
    (row,) = matrix(sectors)["rows"]
    assert (row["id"], row["label"]) == (METRIC, "普通党员发言率")
    drawn = {cell["id"]: cell for cell in row["cells"] if "text" in cell}
    assert drawn[f"{METRIC}|"]["text"] == "60.0 %"
    assert drawn[f"{METRIC}|"]["mark"] == "▼23.7"
    assert drawn[f"{METRIC}|organ"]["mark"] == "▲8.0"
    assert drawn[f"{METRIC}|organ"]["aria"].startswith(
        "普通党员发言率：鼓楼区 机关 91.7 % 高于全市 8.0 个百分点"
    )


def test_a_metric_without_sectors_keeps_one_cell_and_one_without_data_has_no_row():
    found = matrix({}, on_time=UNITS, check_rate=UNITS[:0])
    assert [row["id"] for row in found["rows"]] == [METRIC, "on_time"]
    for row in found["rows"]:
        assert sum("text" in cell for cell in row["cells"]) == 1
    assert found["legend"]["name"] == "与全市之差（百分点）"


def test_what_lies_furthest_behind_stands_first_whatever_it_is_counted_in():
    """Shares by points, counts by the missing part of their line, 'lower' reversed."""
    lower = next(m.id for m in REGISTRY.metrics.values() if m.better == "lower")
    shares = ["member_speaking", "topic_1_coverage", "topic_2_coverage", lower]
    rows = pd.DataFrame(
        {
            "metric": [*shares, "lectures_per_leader", "leader_attendance"],
            "rate": [0.5, 0.4, 0.9, 0.5, 1.0, None],
            "city": [0.6, 0.7, 0.8, 0.3, 2.0, 0.5],
            "target": [0.55, 0.4, 1.0, 0.5, 4.0, 1.0],
        }
    )
    ordered = profile.worst_first(rows, REGISTRY, "350102")["metric"]
    # By half, by 30, 20 and 10 points; of one nothing is known; one is ahead.
    assert list(ordered) == [
        *("lectures_per_leader", "topic_1_coverage", lower, "member_speaking"),
        *("leader_attendance", "topic_2_coverage"),
    ]
    assert profile.worst_first(rows, REGISTRY, None)["metric"].iloc[1] == (
        "topic_2_coverage"
    )
