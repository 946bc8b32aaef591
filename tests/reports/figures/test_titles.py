"""Titles that say what a figure finds, and the plain one where nothing stands out."""

from __future__ import annotations

import pytest

from reports.figures.titles import apart_of, largest_of, last_of, worst_of
from reports.sector_gaps.figures import sector_bars
from tests.reports.samples import REGISTRY, rates

COVERAGE = REGISTRY.metrics["topic_1_coverage"]
RELAPSE = REGISTRY.metrics["relapse_share"]
NAMED = [("机关", 0.966, ""), ("非公", 0.689, "⚑2 ↓"), ("平潭县", None, "")]


def test_the_worst_is_named_with_its_figure_and_the_best_never():
    assert worst_of(NAMED, COVERAGE, "zh", plain="–") == (
        "第一专题覆盖率：非公最低，68.9 % ⚑2 ↓"
    )
    title = worst_of(NAMED, RELAPSE, "en", plain="–")
    assert title.endswith(": highest in 机关, 96.6 %")


@pytest.mark.parametrize(
    "named",
    [
        [],
        [("机关", 0.5, ""), ("非公", None, "")],
        [("机关", 0.5, ""), ("非公", 0.5, ""), ("农村", 0.9, "")],
    ],
    ids=["nobody", "one figure", "the worst is shared"],
)
def test_where_no_place_stands_out_the_title_is_plain(named):
    assert worst_of(named, COVERAGE, "zh", plain="逐月") == "逐月"


def test_of_parts_of_a_whole_the_largest_is_named_and_none_is_the_worst():
    sites = REGISTRY.metrics["demo_sites_county"]
    parts = [("联系点", 1.79, ""), ("直接", 1.29, "")]
    title = largest_of(parts, sites, "zh", plain="–")
    assert title == "每个县区的示范点数：联系点最多，1.79"
    assert largest_of([*parts, ("其他", 1.79, "")], sites, "zh", plain="–") == "–"
    assert largest_of(parts[:1], sites, "zh", plain="–") == "–"
    counts = [("contact_point", 25, 14, 0, 0), ("direct", 18, 14, 0, 0)]
    rows = rates(("origin",), counts)
    drawn = sector_bars(rows, sites, REGISTRY, month="2016-12", by=("origin",))
    assert "最多" in drawn.title and "最低" not in drawn.title


def test_of_several_lines_it_is_said_how_far_apart_they_have_got():
    rates = {"2016-06": [0.1, 0.25], "2016-07": [0.2, 0.3, 0.5], "2016-05": [0.1]}
    assert apart_of(rates, COVERAGE, "zh") == (
        "第一专题覆盖率：最高与最低7月相差 30.0 个百分点，6月相差 15.0 个百分点"
    )
    assert apart_of(rates, COVERAGE, "en").endswith(
        ": highest and lowest 30.0 points apart in Jul, 15.0 points in Jun"
    )
    assert apart_of({"2016-07": [0.2, 0.5]}, COVERAGE, "zh") == ""
    assert apart_of(rates | {"2016-08": [0.5]}, COVERAGE, "zh") == "", "not the last"


def test_the_last_month_stands_beside_the_month_before():
    rates = {"2016-06": 0.5, "2016-07": 0.625, "2016-08": None}
    assert last_of(rates, COVERAGE, "zh", plain="–") == (
        "第一专题覆盖率：7月为 62.5 %，高于上月 12.5 个百分点"
    )
    # Nothing is compared over a month without a figure.
    gap = {"2016-06": 0.5, "2016-07": None, "2016-08": 0.75}
    assert last_of(gap, COVERAGE, "zh", plain="–") == "第一专题覆盖率：8月为 75.0 %"
    assert last_of({"2016-06": None}, COVERAGE, "zh", plain="逐月") == "逐月"
