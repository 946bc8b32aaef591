"""Modelled rates: what partial pooling promises, held to cities of known truth."""

import numpy as np
import pandas as pd
import pytest

from data_pipeline.rates import ChoiceError, open_marts, read_rates
from data_pipeline.statistics.modelled import pool_shares
from data_pipeline.statistics.sampling import RandomTally

LIMITS = ["rate", "std_error", "lower", "upper"]


def city(n_frame, n_checked, n_confirmed) -> RandomTally:
    units = [f"U{number:03d}" for number in range(len(n_frame))]
    counts = {"n_checked": n_checked, "n_confirmed": n_confirmed}
    return RandomTally(pd.DataFrame({"unit": units, "n_frame": n_frame} | counts))


def simulate(mean: float, strength: float, n_cities: int = 20, n_cells: int = 78):
    """Cells of made-up cities with the true share and the direct estimate."""
    rng = np.random.default_rng(2016)
    cities = []
    for _ in range(n_cities):
        n_frame = rng.integers(20, 400, n_cells)
        chance = rng.beta(mean * strength, (1 - mean) * strength, n_cells)
        true = rng.binomial(n_frame, chance)
        n_checked = np.maximum(2, np.round(0.12 * n_frame)).astype(int)
        n_confirmed = rng.hypergeometric(true, n_frame - true, n_checked)
        cells = pool_shares(city(n_frame, n_checked, n_confirmed), ["unit"])
        cells["true"] = true / n_frame
        cells["direct"] = n_confirmed / n_checked
        cities.append(cells)
    return pd.concat(cities)


@pytest.mark.parametrize(("mean", "strength"), [(0.9, 20), (0.9, 60), (0.6, 8)])
def test_intervals_hold_the_truth_as_often_as_they_say_and_errors_are_smaller(
    mean, strength
):
    cells = simulate(mean, strength)
    is_held = (cells["lower"] <= cells["true"]) & (cells["true"] <= cells["upper"])
    assert 0.93 <= is_held.mean() <= 0.98
    modelled = np.sqrt(((cells["rate"] - cells["true"]) ** 2).mean())
    direct = np.sqrt(((cells["direct"] - cells["true"]) ** 2).mean())
    assert modelled < 0.9 * direct


def test_the_more_checks_the_less_a_rate_is_drawn_to_the_mean():
    sizes = [0, 4, 10, 40, 100]
    others = [40, 36] * 10
    cells = pool_shares(
        city(
            [200] * 25,
            [*sizes, *[40] * 20],
            [*(size // 2 for size in sizes), *others],
        ),
        ["unit"],
    )[:5]
    assert cells["rate"].is_monotonic_decreasing
    assert cells["rate"].iloc[0] > 0.85
    assert cells["rate"].iloc[-1] == pytest.approx(0.5, abs=0.08)
    width = cells["upper"] - cells["lower"]
    assert width.iloc[0] > 2 * width.iloc[-1]


def test_limits_hold_the_rate_and_lie_in_what_the_checks_leave_possible():
    n_frame, n_checked = [1, 2, 3, 50, 50, 8], [1, 1, 0, 20, 20, 8]
    n_confirmed = [1, 0, 0, 20, 0, 5]
    cells = pool_shares(city(n_frame, n_checked, n_confirmed), ["unit"])
    least = cells["n_confirmed"] / cells["n_frame"]
    most = 1 - (cells["n_checked"] - cells["n_confirmed"]) / cells["n_frame"]
    assert (least <= cells["lower"]).all() and (cells["lower"] <= cells["rate"]).all()
    assert (cells["rate"] <= cells["upper"]).all() and (cells["upper"] <= most).all()
    whole = cells[cells["n_checked"] == cells["n_frame"]]
    assert whole["rate"].tolist() == pytest.approx([1, 5 / 8])
    assert whole["std_error"].tolist() == pytest.approx([0, 0])


def test_the_same_checks_give_the_same_figures_in_any_order_of_strata():
    tally = city([200] * 4, [40, 10, 4, 0], [38, 7, 4, 0])
    once, twice = (pool_shares(tally, ["unit"]) for _ in range(2))
    pd.testing.assert_frame_equal(once, twice, check_exact=True)
    turned = pool_shares(RandomTally(tally.strata[::-1]), ["unit"])
    pd.testing.assert_frame_equal(once, turned)


def test_weak_strata_lean_on_weak_ones():
    strata = pd.DataFrame(
        {
            "unit": [f"U{number}" for number in range(12)] * 2,
            "is_weak": [False] * 12 + [True] * 12,
            "n_frame": 100,
            "n_checked": [20] * 12 + [10] * 11 + [0],
            "n_confirmed": [19] * 12 + [4] * 11 + [0],
        }
    )
    cells = pool_shares(RandomTally(strata), ["unit", "is_weak"])
    unchecked = cells[(cells["unit"] == "U11") & cells["is_weak"]]
    assert unchecked["rate"].item() == pytest.approx(0.4, abs=0.05)


def test_under_ten_checks_in_the_city_there_is_no_rate():
    cells = pool_shares(city([50, 50], [5, 4], [5, 4]), ["unit"])
    assert cells[LIMITS].isna().all(axis=None)
    with pytest.raises(TypeError):
        pool_shares(cells, ["unit"])


@pytest.fixture(scope="module")
def weak_marts(weak_lake):
    return open_marts(weak_lake)


def modelled(marts, **choice):
    choice = {"by": ["unit", "sector"], "months": ["2016-07"]} | choice
    return read_rates(marts, "topic_1_coverage", basis="modelled", **choice)


def test_every_unit_and_sector_on_the_roll_has_a_row_and_a_filter_changes_none(
    weak_marts,
):
    frame = modelled(weak_marts)
    roll = weak_marts.query("frame_rows", {"months": ["2016-07"]})
    pairs = roll[["unit", "sector"]].drop_duplicates().sort_values(["unit", "sector"])
    assert frame[["unit", "sector"]].values.tolist() == pairs.values.tolist()
    unit = frame["unit"].iloc[0]
    kept = modelled(weak_marts, where={"unit": [unit]})
    pd.testing.assert_frame_equal(kept, frame[frame["unit"] == unit])


@pytest.mark.parametrize("choice", [{"by": ["unit"]}, {"by": []}])
def test_any_other_breakdown_is_refused_with_a_sentence(weak_marts, choice):
    with pytest.raises(ChoiceError, match="--by unit,sector"):
        modelled(weak_marts, **choice)
