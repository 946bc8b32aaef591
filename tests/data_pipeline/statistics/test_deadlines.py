from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_pipeline.statistics import deadlines
from data_pipeline.statistics.deadlines import judge_progress, pace_line


@dataclass(frozen=True)
class Milestone:
    target: float
    due: date | None = None


TOPIC_1 = [Milestone(1.0, date(2016, 6, 30))]
SPEAKING = [
    Milestone(1 / 3, date(2016, 6, 30)),
    Milestone(2 / 3, date(2016, 9, 30)),
    Milestone(1.0, date(2016, 12, 31)),
]
APRIL, AUGUST_END = date(2016, 4, 1), date(2016, 8, 31)


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2016, 3, 31), 0),
        (date(2016, 4, 30), 30 / 91),
        (date(2016, 5, 31), 61 / 91),
        (date(2016, 6, 30), 1),
        (date(2016, 12, 31), 1),
    ],
)
def test_the_pace_line_is_the_share_of_the_window_that_has_passed(day, share):
    assert pace_line(day, APRIL, TOPIC_1) == pytest.approx(share)


def test_the_pace_line_of_several_milestones_meets_each_on_its_day():
    for milestone in SPEAKING:
        assert pace_line(milestone.due, APRIL, SPEAKING) == milestone.target
    middle = pace_line(date(2016, 8, 15), APRIL, SPEAKING)
    assert middle == pytest.approx(1 / 3 + 46 / 92 / 3)


def test_a_target_without_a_due_date_holds_at_all_times():
    assert pace_line(date(2016, 4, 1), None, [Milestone(1.0)]) == 1.0


def test_a_target_without_a_window_counts_in_full_from_the_beginning():
    assert pace_line(date(2016, 4, 30), None, TOPIC_1) == 1.0


def test_where_nothing_is_demanded_there_is_no_pace_line():
    assert np.isnan(pace_line(date(2016, 4, 30), APRIL, []))


def test_milestones_out_of_order_are_refused():
    with pytest.raises(ValueError, match="one after the other"):
        pace_line(date(2016, 4, 30), APRIL, SPEAKING[::-1])


@given(st.integers(-40, 300), st.integers(0, 100))
def test_the_pace_line_never_falls(start, step):
    day = APRIL + timedelta(days=start)
    later = day + timedelta(days=step)
    assert pace_line(day, APRIL, SPEAKING) <= pace_line(later, APRIL, SPEAKING) <= 1


def judge(counts, due=AUGUST_END, **options):
    months = ["2016-04", "2016-05", "2016-06", "2016-07", "2016-08", "2016-09"]
    return judge_progress(dict(zip(months, counts, strict=False)), 1000, due, **options)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ([200, 400, 600, 800], "ahead"),  # 200 a month, 200 needed
        ([100, 500, 600, 700], "at_risk"),  # 100 a month, 300 needed, once 400
        ([100, 200, 300, 400], "will_miss"),  # never more than 100, 600 needed
        ([100, 300, 500, 700, 900], "overdue"),
        ([100, 300, 500, 700, 1000], "ahead"),
        ([100, 300, 1000], "ahead"),
        ([400], None),  # one report and no window: no pace
        ([], None),
        ([float("nan")], None),
    ],
)
def test_the_class_follows_from_needed_recent_and_best_pace(counts, status):
    assert judge(counts).status == status


def test_the_three_numbers_are_those_a_clerk_would_work_out():
    result = judge([100, 500, 600, 700])
    assert (result.month, result.done, result.still_needed) == ("2016-07", 700, 300)
    assert result.months_left == pytest.approx(1)
    assert result.needed_per_month == pytest.approx(300)
    assert result.recent_pace == pytest.approx(100)
    assert result.best_pace == pytest.approx(400)
    assert result.projected == pytest.approx(800)


def test_the_first_month_is_paced_from_the_opening_of_the_window():
    result = judge([300], due=date(2016, 6, 30), window_start=APRIL)
    assert result.recent_pace == pytest.approx(300)
    assert result.needed_per_month == pytest.approx(350)
    assert result.status == "will_miss"


def test_months_before_the_window_opens_do_not_slow_the_pace():
    result = judge([0, 0, 0, 500], window_start=date(2016, 7, 1))
    assert result.recent_pace == pytest.approx(500)
    assert result.status == "ahead"


def test_before_the_window_opens_nothing_is_judged():
    assert judge([0, 0], window_start=date(2016, 7, 1)).status is None


def test_a_month_without_a_report_is_bridged_and_not_taken_as_zero():
    result = judge([100, None, 500])
    assert result.recent_pace == pytest.approx(200)
    assert not result.has_fallen


def test_a_fall_is_named_as_a_fault_of_the_data():
    assert judge([400, 300, 500]).has_fallen


def test_a_share_of_the_total_may_be_the_target():
    result = judge([100, 600, 666], target=2 / 3)
    assert result.still_needed == 1
    assert judge([100, 600, 667], target=2 / 3).status == "ahead"


def test_a_due_date_inside_a_month_leaves_that_part_of_the_month():
    result = judge([0, 0, 0, 200], due=date(2016, 8, 10))
    assert result.months_left == pytest.approx(10 / 31)


def test_a_place_without_anybody_to_cover_has_no_class():
    assert judge_progress({"2016-07": 0}, 0, AUGUST_END).status is None


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="negative"):
        judge([-1])


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=5),
    st.integers(0, 500),
)
def test_a_higher_last_count_never_worsens_the_class(counts, extra):
    rank = {status: i for i, status in enumerate(deadlines.STATUSES)}
    counts = sorted(counts)
    higher = [*counts[:-1], counts[-1] + extra]
    before = judge(counts, window_start=APRIL).status
    after = judge(higher, window_start=APRIL).status
    assert rank[after] <= rank[before]
