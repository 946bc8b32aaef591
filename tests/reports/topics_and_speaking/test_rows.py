"""Who is late: past a due date, below the pace line, or silent."""

from __future__ import annotations

import pandas as pd
import pytest

from reports.topics_and_speaking.rows import (
    count_late,
    describe_bounds,
    late_rows,
    metrics_shown,
    speaking_rows,
)
from tests.reports.samples import REGISTRY, rates

SPEAKING = "member_speaking"
PLACES = ("unit", "sector")
SHORT = ["metric", "unit", "still_missing", "due", "status"]


def late(month: str, metric: str, *rows: tuple) -> list[list]:
    frame = rates(PLACES, [(unit, "rural", *rest) for unit, *rest in rows])
    found = late_rows({metric: frame}, REGISTRY, month)
    return found[SHORT[1:]].astype(object).fillna("?").values.tolist()


def test_past_its_due_date_whoever_is_short_is_overdue():
    rows = [("350181", 9, 10, 0, 0), ("350104", 10, 10, 0, 0)]
    assert late("2016-06", "topic_1_coverage", *rows) == [
        ["350181", 1, "2016-06-30", "overdue"]
    ]


def test_before_the_due_date_the_pace_line_decides():
    # At the end of July half of topic 2's time, 31 of 62 days, has passed.
    rows = [("350181", 49, 100, 0, 0), ("350104", 50, 100, 0, 0)]
    assert late("2016-07", "topic_2_coverage", *rows) == [
        ["350181", 51, "2016-08-31", "behind"]
    ]


def test_before_its_window_opens_nobody_is_late():
    assert late("2016-06", "topic_2_coverage", ("350181", 0, 100, 0, 0)) == []


@pytest.mark.parametrize(
    ("month", "n_spoke", "expected"),
    [
        ("2016-06", 99, ["350181", 1, "2016-06-30", "overdue"]),
        ("2016-06", 100, None),
        # A step that has passed counts before the pace to the next one.
        ("2016-07", 99, ["350181", 1, "2016-06-30", "overdue"]),
        ("2016-07", 149, ["350181", 51, "2016-08-31", "behind"]),
        ("2016-07", 150, None),
        ("2016-12", 299, ["350181", 1, "2016-11-10", "overdue"]),
        ("2016-12", 300, None),
    ],
)
def test_speaking_has_a_third_two_thirds_and_all_to_reach(month, n_spoke, expected):
    found = late(month, SPEAKING, ("350181", n_spoke, 300, 0, 0))
    assert found == ([expected] if expected else [])


def test_the_largest_gap_stands_first_and_silence_last():
    rows = [("LX", 0, 0, 0, 1), ("350181", 9, 10, 0, 0), ("350104", 3, 10, 0, 0)]
    assert late("2016-07", "topic_1_coverage", *rows) == [
        ["350104", 7, "2016-06-30", "overdue"],
        ["350181", 1, "2016-06-30", "overdue"],
        ["LX", "?", "2016-06-30", "not_filed"],
    ]


def test_the_topic_that_the_month_is_about_is_listed_first():
    names = ("topic_1_coverage", "topic_2_coverage", "topic_3_coverage")
    frames = {name: rates(PLACES, [("350181", "rural", 3, 10, 0, 0)]) for name in names}
    found = late_rows(frames, REGISTRY, "2016-11")
    assert found["metric"].tolist() == [names[2], *names[:2]]


def test_branches_and_persons_are_listed_apart():
    few = rates(PLACES, [("350181", "rural", 9, 10, 0, 0)])
    many = rates(PLACES, [("350181", "rural", 10, 900, 0, 0)])
    found = late_rows({"topic_1_coverage": few, SPEAKING: many}, REGISTRY, "2016-07")
    assert found[SHORT[:3]].values.tolist() == [
        ["topic_1_coverage", "350181", 1],
        [SPEAKING, "350181", 290],
    ]
    assert list(found.columns) == [
        *("metric", "unit", "sector", "numerator", "denominator", "rate"),
        *("pace", "target", "due", "still_missing", "status"),
    ]


def test_the_late_are_counted_by_what_they_are():
    rows = [("LX", 0, 0, 0, 1), ("350181", 9, 10, 0, 0), ("350104", 3, 10, 0, 0)]
    frame = rates(PLACES, [(unit, "rural", *rest) for unit, *rest in rows])
    found = late_rows({"topic_1_coverage": frame}, REGISTRY, "2016-07")
    assert count_late(found) == "共 3 项滞后：已逾期 2、未报 1。"
    assert count_late(found, "en") == "3 behind: 2 overdue, 1 not filed."
    assert count_late(found[:0]) == "各处均无滞后。"


def test_without_any_frame_row_the_list_still_has_its_columns():
    empty = rates(PLACES, [])
    found = late_rows({"topic_1_coverage": empty}, REGISTRY, "2016-07")
    assert found.empty
    assert {"unit", "sector", "still_missing", "status"} <= set(found.columns)


def test_bounds_stand_beside_the_rates_of_their_month():
    speaking = rates(("month",), [("2016-06", 3, 9, 0, 0), ("2016-07", 4, 9, 0, 0)])
    bounds = pd.DataFrame(
        [("2016-07", 2, 100, 30, 55, 0.30, 0.55)],
        columns=[
            *("month", "n_rows", "n_members", "n_spoke_least", "n_spoke_most"),
            *("lower", "upper"),
        ],
    )
    rows = speaking_rows(speaking, bounds)
    assert list(rows["numerator"]) == [3, 4]
    assert list(rows["n_spoke_most"].fillna(-1)) == [-1, 55]
    assert describe_bounds(bounds, "2016-06") == ""
    assert describe_bounds(bounds, "2016-07") == (
        "2 行台账（100 名党员）只按专题报发言人数。"
        "已发言人数只知道上下限：30.0 %–55.0 %。"
    )


def test_the_topics_come_in_order_and_speaking_after_them():
    assert metrics_shown(REGISTRY) == (
        "topic_1_coverage",
        "topic_2_coverage",
        "topic_3_coverage",
        "member_speaking",
    )
