"""Roll-ups made from one frame are those that the marts would have given."""

import itertools

import pandas as pd
import pytest

from data_pipeline.rates import ChoiceError, add_totals, read_rates
from data_pipeline.registry import load_registry

COUNTS_OF_NOTHING = {"numerator": 0, "denominator": 0, "n_blank": 0, "n_missing": 0}
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")


@pytest.mark.parametrize("metric", load_registry().metrics)
@pytest.mark.parametrize("month", MONTHS)
def test_every_roll_up_equals_the_one_that_is_asked(tiny_marts, metric, month):
    asked_of = load_registry().metrics[metric]
    by = tuple(d for d in ("unit", "sector") if d in asked_of.dimensions)
    if asked_of.owed_by:
        # Along another dimension nobody owes it: no part of that adds up to the city.
        by = (asked_of.owed_by.place,)
    frame = read_rates(tiny_marts, metric, by=by, months=(month,))
    asked = [
        read_rates(tiny_marts, metric, by=part, months=(month,))
        for size in range(len(by))
        for part in itertools.combinations(by, size)
    ]
    expected = pd.concat([*asked, frame], ignore_index=True)[frame.columns]
    if month < asked_of.remembered_month:
        # Nothing is remembered before the due day; a total of nothing is 0 of 0.
        assert expected.empty
        expected = pd.DataFrame([COUNTS_OF_NOTHING]).reindex(columns=frame.columns)
    pd.testing.assert_frame_equal(add_totals(frame, by), expected, check_dtype=False)


def test_the_city_counted_by_hand_stands_first(tiny_marts):
    by = ("unit", "sector")
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=("2016-06",))
    city = add_totals(frame, by).iloc[0]
    # 仓山 6 of 6; 福清 10 of 10 and 3 of 4; 市直 1 + 3 + 1 of 5, April as corrected.
    assert pd.isna(city["unit"]) and pd.isna(city["sector"])
    assert (city["numerator"], city["denominator"]) == (24, 25)


def test_months_are_never_added_up(tiny_marts):
    by = ("month", "unit")
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=MONTHS)
    city = add_totals(frame, by)
    city = city[city["unit"].isna()]
    expected = read_rates(tiny_marts, "topic_1_coverage", by=("month",), months=MONTHS)
    assert list(city["month"]) == list(MONTHS)
    assert list(city["numerator"]) == list(expected["numerator"])


def test_townships_are_not_added_up(tiny_marts):
    by = ("township",)
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=("2016-06",))
    with pytest.raises(ChoiceError, match="townships"):
        add_totals(frame, by)
