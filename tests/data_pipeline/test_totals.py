"""Roll-ups made from one frame are those that the marts would have given."""

import itertools

import pandas as pd
import pytest

from data_pipeline.rates import ChoiceError, add_totals, open_marts, read_rates
from data_pipeline.registry import load_registry
from tests.office_city import build_office_city

COUNTS_OF_NOTHING = {"numerator": 0, "denominator": 0, "n_blank": 0, "n_missing": 0}
OFFICE = ("2016-05", "2016-06")
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")


def read_of(marts, metric: str, months):
    """What asks for a metric by fewer dimensions."""
    return lambda by: read_rates(marts, metric, by=by, months=months)


@pytest.fixture(scope="session")
def office_marts(shared_lakes):
    """Further tables, some of whose rows reach no sector, no unit or no branch."""
    return open_marts(shared_lakes.of(build_office_city))


@pytest.mark.parametrize("metric", load_registry().metrics)
@pytest.mark.parametrize(
    ("city", "month"),
    [*(("tiny_marts", m) for m in MONTHS), *(("office_marts", m) for m in OFFICE)],
)
def test_every_roll_up_equals_the_one_computed_directly(city, metric, month, request):
    read = read_of(request.getfixturevalue(city), metric, (month,))
    definition = load_registry().metrics[metric]
    by = tuple(d for d in ("unit", "sector") if d in definition.dimensions)
    frame = read(by)
    levels = [
        read(part)
        for size in range(len(by))
        for part in itertools.combinations(by, size)
    ]
    expected = pd.concat([*levels, frame], ignore_index=True)[frame.columns]
    if month < definition.remembered_month:
        # Nothing is remembered before the due day; a total of nothing is 0 of 0.
        assert expected.empty
        expected = pd.DataFrame([COUNTS_OF_NOTHING]).reindex(columns=frame.columns)
    found = add_totals(frame, by, read)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_problem_without_a_sector_counts_in_its_unit_and_in_the_city(office_marts):
    read = read_of(office_marts, "problems_closed_on_time", ("2016-06",))
    by = ("unit", "sector")
    assert read(by).empty
    city, unit = add_totals(read(by), by, read).to_dict("records")
    assert (city["numerator"], city["denominator"]) == (2, 3)
    assert (unit["unit"], unit["denominator"]) == ("350102", 3)


def test_the_city_counted_by_hand_stands_first(tiny_marts):
    by = ("unit", "sector")
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=("2016-06",))
    read = read_of(tiny_marts, "topic_1_coverage", ("2016-06",))
    city = add_totals(frame, by, read).iloc[0]
    # 仓山 6 of 6; 福清 10 of 10 and 3 of 4; 市直 1 + 3 + 1 of 5, April as corrected.
    assert pd.isna(city["unit"]) and pd.isna(city["sector"])
    assert (city["numerator"], city["denominator"]) == (24, 25)


def test_months_are_never_added_up(tiny_marts):
    by = ("month", "unit")
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=MONTHS)
    read = read_of(tiny_marts, "topic_1_coverage", MONTHS)
    city = add_totals(frame, by, read)
    city = city[city["unit"].isna()]
    expected = read_rates(tiny_marts, "topic_1_coverage", by=("month",), months=MONTHS)
    assert list(city["month"]) == list(MONTHS)
    assert list(city["numerator"]) == list(expected["numerator"])


def test_townships_are_not_added_up(tiny_marts):
    by = ("township",)
    frame = read_rates(tiny_marts, "topic_1_coverage", by=by, months=("2016-06",))
    with pytest.raises(ChoiceError, match="townships"):
        add_totals(frame, by, read_of(tiny_marts, "topic_1_coverage", ("2016-06",)))
