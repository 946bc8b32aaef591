"""Groups of places against groups of as many at random, counted on paper."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from data_pipeline.statistics import chance_grouping
from data_pipeline.statistics.chance_grouping import compare_groups
from data_pipeline.statistics.unevenness import measure_unevenness


def city(rates: dict[str, list[float]], owner: dict[str, str]) -> pd.DataFrame:
    """One cell of 100 branches for each rate of a unit."""
    rows = [
        (unit, owner[unit], 100 * rate, 100)
        for unit, found in rates.items()
        for rate in found
    ]
    return pd.DataFrame(rows, columns=["unit", "group", "numerator", "denominator"])


def compared(cells: pd.DataFrame) -> pd.DataFrame:
    return compare_groups(cells, "unit", "group").set_index("group")


def test_a_group_is_as_uneven_as_its_cells_measured_alone():
    rates = {"a": [1, 0.5], "b": [0.9], "c": [0.2, 0.4, 0.6], "d": [0.7]}
    cells = city(rates, {"a": "G1", "b": "G1", "c": "G2", "d": "G2"})
    found = compared(cells)
    for group, own in cells.groupby("group"):
        measured = measure_unevenness(own, None)
        row = found.loc[group]
        assert row["mean_distance_points"] == pytest.approx(
            measured.mean_distance_points
        )
        assert row["rate"] == pytest.approx(measured.rate)
        assert row["n_cells"] == measured.n_cells


def test_the_four_even_units_among_ten_are_more_even_than_chance():
    units = "abcdefghij"
    rates = {u: [0.5, 0.5] for u in units[:4]} | {u: [0.0, 1.0] for u in units[4:]}
    found = compared(city(rates, {u: "G1" if u in "abcd" else "G2" for u in units}))
    # One of the C(10, 4) = 210 ways has no unevenness at all: 2 tails, 2 groups.
    assert found.loc["G1", "p_adjusted"] == pytest.approx(2 * 2 / 210)
    assert found.loc["G1", "mean_distance_points"] == 0
    # Three even units and one of 0 and 100 %, which is 50 points off: 12.5.
    assert found.loc["G1", "chance_lower"] == pytest.approx(12.5)
    # All of the other six stand together in one of 210 ways, too.
    assert found.loc["G2", "p_adjusted"] == pytest.approx(2 * 2 / 210)
    assert found.loc["G2", "chance_upper"] < found.loc["G2", "mean_distance_points"]


def test_outside_the_range_is_the_same_as_a_small_p():
    random = np.random.default_rng(1)
    for _ in range(20):
        rates = {f"u{i:02}": list(random.random(3).round(2)) for i in range(9)}
        owner = {unit: f"G{i % 3}" for i, unit in enumerate(rates)}
        found = compared(city(rates, owner))
        outside = (found["mean_distance_points"] < found["chance_lower"]) | (
            found["mean_distance_points"] > found["chance_upper"]
        )
        assert (outside == (found["p_adjusted"] <= 0.05)).all()


def test_of_cities_without_a_difference_at_most_one_in_twenty_names_a_group():
    random = np.random.default_rng(2)
    units = [f"u{i:02}" for i in range(12)]
    n_named = 0
    for _ in range(300):
        rates = {unit: list(random.random(2)) for unit in units}
        owner = {unit: f"G{i % 3}" for i, unit in enumerate(units)}
        n_named += bool((compared(city(rates, owner))["p_adjusted"] <= 0.05).any())
    assert n_named / 300 <= 0.05 + 2 * (0.05 * 0.95 / 300) ** 0.5


def test_a_draw_of_the_ways_comes_close_to_all_of_them(monkeypatch):
    random = np.random.default_rng(3)
    units = [f"u{i:02}" for i in range(14)]
    rates = {unit: list(random.random(2)) for unit in units}
    cells = city(rates, {unit: f"G{i % 2}" for i, unit in enumerate(units)})
    every = compared(cells)
    monkeypatch.setattr(chance_grouping, "MOST_WAYS", 10)
    drawn = compared(cells)
    columns = ["chance_lower", "chance_upper"]
    assert (every[columns] - drawn[columns]).abs().to_numpy().max() < 0.5
    assert (every["p_adjusted"] - drawn["p_adjusted"]).abs().max() < 0.1
    pd.testing.assert_frame_equal(drawn, compared(cells))


def test_the_order_of_the_rows_changes_nothing_and_blanks_enter_nothing():
    rates = {"a": [1, 0.5], "b": [0.9], "c": [0.2, 0.4], "d": [0.7]}
    cells = city(rates, {"a": "G1", "b": "G1", "c": "G2", "d": "G2"})
    blank = pd.DataFrame({"unit": ["a", "d"], "group": ["G1", "G2"]})
    blank = blank.assign(numerator=[np.nan, 5], denominator=[30, 0])
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 97):
        mixed = pd.concat([blank, cells.iloc[list(order)]], ignore_index=True)
        pd.testing.assert_frame_equal(compared(mixed), compared(cells))


def test_a_group_that_has_all_places_cannot_be_compared():
    found = compared(city({"a": [1, 0.5], "b": [0.9]}, {"a": "G1", "b": "G1"}))
    assert found[["chance_lower", "chance_upper", "p_adjusted"]].isna().all(axis=None)


def test_where_nobody_reported_there_is_no_group():
    cells = city({"a": [1.0]}, {"a": "G1"}).assign(numerator=np.nan)
    assert compare_groups(cells, "unit", "group").empty


def test_a_place_of_two_groups_is_refused():
    cells = city({"a": [1.0], "b": [0.5]}, {"a": "G1", "b": "G2"})
    with pytest.raises(ValueError, match="one group only"):
        compared(pd.concat([cells, cells.assign(group="G3")]))
