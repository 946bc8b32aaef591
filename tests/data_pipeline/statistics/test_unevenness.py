import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_pipeline.statistics.unevenness import (
    between_group_variance,
    index_of_disparity,
    mean_distance,
    mean_log_deviation,
    measure_unevenness,
    split_theil,
    split_variance,
    theil_index,
    trace_unevenness,
    weighted_mean,
)

SCALARS = (
    "rate",
    "still_missing",
    "n_over",
    "gap_to_target_points",
    "spread_points",
    "mean_distance_points",
    "room_to_improve_points",
    "bgv",
    "bgsd",
    "idis",
    "theil",
    "mld",
)


@st.composite
def ledgers(draw, min_size=1, max_size=12):
    """Cells with a unit, a sector, a size and a count that never exceeds it."""
    size = draw(st.integers(min_size, max_size))
    n = draw(st.lists(st.integers(1, 400), min_size=size, max_size=size))
    x = [draw(st.integers(0, total)) for total in n]
    place = st.sampled_from(["A", "B", "C"])
    return pd.DataFrame(
        {
            "unit": draw(st.lists(place, min_size=size, max_size=size)),
            "sector": draw(st.lists(place, min_size=size, max_size=size)),
            "numerator": x,
            "denominator": n,
        }
    )


def test_a_city_of_three_places_counted_by_hand():
    cells = pd.DataFrame(
        {
            "unit": ["gulou", "gulou", "lianjiang"],
            "sector": ["organ", "rural", "rural"],
            "numerator": [50, 30, 20],
            "denominator": [50, 50, 100],
        },
        index=["a", "b", "c"],
    )
    result = measure_unevenness(cells, target=0.8)
    # Rates 100, 60, 20; weights 1/4, 1/4, 1/2; mean 50.
    assert result.rate == 0.5
    assert result.still_missing == 100
    assert result.missing_share.tolist() == [0, 0.2, 0.8]
    assert result.gap_to_target_points == pytest.approx(0.25 * 20 + 0.5 * 60)
    assert (result.hottest.index, result.coldest.index) == ("a", "c")
    assert result.spread_points == pytest.approx(80)
    assert result.mean_distance_points == pytest.approx(
        0.25 * 50 + 0.25 * 10 + 0.5 * 30
    )
    assert result.room_to_improve_points == pytest.approx(50)
    assert result.bgv == pytest.approx(0.25 * 2500 + 0.25 * 100 + 0.5 * 900)
    assert result.idis == pytest.approx(60)
    # gulou stands at 80, lianjiang at 20, each half of the city.
    assert result.splits["unit"].between == pytest.approx(900)
    assert result.splits["unit"].within == pytest.approx(0.5 * 400)
    # organ at 100 (a quarter), rural at 33.3 (three quarters).
    assert result.splits["sector"].between_share == pytest.approx(2500 / 3 / 1100)


def test_blank_and_empty_cells_enter_nothing_and_are_counted():
    full = pd.DataFrame({"numerator": [30, 20], "denominator": [40, 40]})
    blanks = pd.DataFrame(
        {"numerator": [None, 5, 0], "denominator": [40, None, 0]}, dtype="Int64"
    )
    with_blanks = pd.concat([full.astype("Int64"), blanks], ignore_index=True)
    plain, result = measure_unevenness(full, 1.0), measure_unevenness(with_blanks, 1.0)
    for name in SCALARS:
        assert getattr(result, name) == getattr(plain, name), name
    assert (result.n_cells, result.n_blank) == (2, 3)
    assert result.missing_share.isna().tolist() == [False, False, True, True, True]


def test_a_city_that_reported_nothing_is_blank_and_not_zero():
    result = measure_unevenness(
        pd.DataFrame({"numerator": [np.nan], "denominator": [0.0]}), 1.0
    )
    assert all(np.isnan(getattr(result, name)) for name in SCALARS)
    assert result.hottest is None and result.coldest is None and result.best is None


def test_a_report_above_100_percent_is_kept_and_the_missing_it_hides_is_counted():
    cells = pd.DataFrame({"numerator": [60, 80], "denominator": [50, 100]})
    result = measure_unevenness(cells, 1.0)
    assert result.still_missing == 10  # 150 - 140, as a reader subtracts
    assert result.n_over == 10
    # What is reported beyond the total is counted above; it is nobody's share.
    assert result.missing_share.tolist() == [0.0, 1.0]
    assert result.hottest.rate == 1.2
    assert result.gap_to_target_points == pytest.approx(100 / 150 * 20)


def test_small_cells_are_neither_named_nor_held_up_as_an_example():
    cells = pd.DataFrame(
        {"numerator": [9, 0, 12, 10, 20], "denominator": [9, 9, 12, 40, 40]}
    )
    result = measure_unevenness(cells, 1.0)
    assert (result.hottest.index, result.coldest.index) == (2, 3)
    assert result.best.index == 4
    assert result.room_to_improve_points == pytest.approx(100 * (0.5 - 51 / 110))


def test_among_equal_extremes_the_largest_is_named_and_the_ties_are_counted():
    cells = pd.DataFrame(
        {"numerator": [20, 50, 10], "denominator": [20, 50, 40]}, index=["a", "b", "c"]
    )
    result = measure_unevenness(cells, 1.0)
    assert (result.hottest.index, result.hottest.n_tied) == ("b", 2)


def test_without_a_target_there_is_no_gap_but_everything_else():
    cells = pd.DataFrame({"numerator": [10, 20], "denominator": [40, 40]})
    result = measure_unevenness(cells, None)
    assert np.isnan(result.gap_to_target_points)
    assert result.mean_distance_points == 12.5


def test_a_rate_of_zero_leaves_only_the_log_deviation_undefined():
    cells = pd.DataFrame({"numerator": [0, 40], "denominator": [40, 40]})
    result = measure_unevenness(cells, 1.0)
    assert np.isnan(result.mld)
    assert result.theil == pytest.approx(np.log(2))
    assert result.bgv == 2500


@pytest.mark.parametrize(
    ("cells", "target", "message"),
    [
        ({"numerator": [1]}, 1.0, "no column denominator"),
        ({"numerator": [-1], "denominator": [2]}, 1.0, "negative"),
        ({"numerator": [1], "denominator": [2]}, float("nan"), "target"),
    ],
)
def test_wrong_input_is_refused_with_a_sentence(cells, target, message):
    with pytest.raises(ValueError, match=message):
        measure_unevenness(pd.DataFrame(cells), target)


def test_a_group_without_a_label_is_a_group_of_its_own():
    split = split_variance([100, 0], [1, 1], ["A", None])
    assert (split.between, split.within) == (2500, 0)


def test_the_average_rises_while_the_gap_widens():
    cells = pd.DataFrame(
        {
            "month": ["2016-05", "2016-05", "2016-04", "2016-04"],
            "numerator": [100, 40, 40, 30],
            "denominator": [100, 100, 100, 100],
        }
    )
    trace = trace_unevenness(cells, {"2016-04": 0.5, "2016-05": 1.0})
    assert trace.index.tolist() == ["2016-04", "2016-05"]
    assert trace["rate"].tolist() == [0.35, 0.7]
    assert trace["mean_distance_points"].tolist() == pytest.approx([5, 30])
    assert trace["gap_to_target_points"].tolist() == pytest.approx([15, 30])


@given(ledgers())
def test_between_and_within_add_up_to_the_whole(cells):
    result = measure_unevenness(cells, 1.0)
    for split in result.splits.values():
        assert split.between + split.within == pytest.approx(result.bgv, abs=1e-9)
        assert split.between >= 0 and split.within >= 0
    if result.rate > 0:
        rates = cells["numerator"] / cells["denominator"]
        theil = split_theil(rates, cells["denominator"], cells["unit"])
        assert theil.total == pytest.approx(result.theil, abs=1e-12)
        assert 0 <= theil.between <= theil.total


@given(ledgers(min_size=2))
def test_merging_two_cells_never_raises_the_variance(cells):
    merged = pd.concat(
        [cells.iloc[2:], cells.iloc[:2].sum(numeric_only=True).to_frame().T]
    )
    before = measure_unevenness(cells, 1.0, groups=())
    after = measure_unevenness(merged, 1.0, groups=())
    assert after.bgv <= before.bgv + 1e-9
    assert after.rate == pytest.approx(before.rate)


@given(st.integers(0, 20), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_equal_rates_are_not_uneven(tenths, sizes):
    n = 20 * np.array(sizes)
    cells = pd.DataFrame({"numerator": tenths * np.array(sizes), "denominator": n})
    result = measure_unevenness(cells, None)
    for name in ("bgv", "mean_distance_points", "spread_points"):
        assert getattr(result, name) == pytest.approx(0, abs=1e-9), name
    if tenths:
        for name in ("idis", "theil", "mld"):
            assert getattr(result, name) == pytest.approx(0, abs=1e-9), name


@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(cells, random):
    order = list(range(len(cells)))
    random.shuffle(order)
    plain = measure_unevenness(cells, 0.9)
    shuffled = measure_unevenness(cells.iloc[order], 0.9)
    for name in SCALARS:
        assert getattr(shuffled, name) == pytest.approx(
            getattr(plain, name), nan_ok=True, abs=1e-9
        ), name
    assert (shuffled.hottest, shuffled.coldest) == (plain.hottest, plain.coldest)
    pd.testing.assert_series_equal(
        shuffled.missing_share.sort_index(), plain.missing_share
    )


@given(ledgers())
def test_the_array_functions_agree_with_the_frame(cells):
    rates = 100 * cells["numerator"] / cells["denominator"]
    n = cells["denominator"]
    result = measure_unevenness(cells, 1.0)
    assert weighted_mean(rates, n) == pytest.approx(100 * result.rate)
    assert between_group_variance(rates, n) == pytest.approx(result.bgv)
    assert mean_distance(rates, n) == pytest.approx(result.mean_distance_points)
    assert theil_index(rates, n) == pytest.approx(result.theil, nan_ok=True)
    assert mean_log_deviation(rates, n) == pytest.approx(result.mld, nan_ok=True)
    assert index_of_disparity(rates, n) == pytest.approx(result.idis, nan_ok=True)
    if result.rate > 0:
        assert 0 <= result.idis <= 200
