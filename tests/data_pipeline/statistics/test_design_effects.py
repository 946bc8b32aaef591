"""Heads of a branch are alike: how much less they prove, and that nobody is accused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from data_pipeline.rates import read_branch_spread, read_ledger
from data_pipeline.registry import load_registry
from data_pipeline.statistics.cold_cells import classify, compare_with_city
from data_pipeline.statistics.design_effects import (
    CELL,
    SUMS,
    design_effects,
    measure_likeness,
)

METRICS = load_registry().metrics
COLD = ("cold", "very_cold")


def spread_of(cells: dict[str, list[tuple[int, int]]], totals: tuple = ()):
    """The mart's sums of branches (heads done, heads) by unit; `totals` in one row."""
    rows = []
    for unit, branches in cells.items():
        x, n = np.array(branches, float).T
        of_rows = [len(n), x.sum(), n.sum(), x @ x, x @ n, n @ n]
        if unit in totals:
            of_rows = [0] * 6
        rows.append((unit, "rural", len(n), n.sum(), *of_rows))
    return pd.DataFrame(rows, columns=[*CELL, *SUMS])


def effects_of(spread: pd.DataFrame) -> dict[str, float]:
    """By unit, in its order."""
    return design_effects(spread, ["unit"]).set_index("unit")["design_effect"].to_dict()


def test_the_effect_of_a_place_is_its_linearised_variance_over_the_binomial_one():
    # By hand: y = 13/20; e = x - y n = -0.9, 0.75, -0.8, 0.75, 0.2; sum e^2 = 2.6150;
    # times 5/4, over n y q = 20 * 0.65 * 0.35 = 4.55.
    branches = [(3, 6), (4, 5), (1, 3), (4, 5), (1, 1)]
    exact = [Fraction(x) - Fraction(13, 20) * n for x, n in branches]
    by_hand = Fraction(5, 4) * sum(e * e for e in exact) / Fraction(455, 100)
    alike = [(1, 2), (2, 4), (1, 2), (3, 6)] * 15
    effects = effects_of(spread_of({"a": branches, "b": alike}))
    # What the city shows is below 0 inside b and lifts nobody.
    assert effects["a"] == pytest.approx(max(1.0, float(by_hand)))
    assert effects["b"] == pytest.approx(1.0)


def test_branches_of_which_all_came_or_none_count_as_one_head_each():
    cells = {"a": [(5, 5)] * 30 + [(0, 5)] * 10}
    assert measure_likeness(spread_of(cells)) == 1
    assert effects_of(spread_of(cells)) == pytest.approx({"a": 5.0})


def test_heads_that_are_independent_are_tested_as_they_are():
    rng = np.random.default_rng(3)
    cells = {
        f"{unit}": [(rng.binomial(10, 0.8), 10) for _ in range(200)]
        for unit in range(30)
    }
    assert measure_likeness(spread_of(cells)) < 0.01
    assert np.mean(list(effects_of(spread_of(cells)).values())) < 1.15


def test_one_branch_that_stayed_away_as_a_whole_is_seen_in_its_own_place():
    # The city is of independent heads; here ten of the two hundred are one branch.
    rng = np.random.default_rng(5)
    cells = {
        f"{unit}": [(rng.binomial(10, 0.99), 10) for _ in range(20)]
        for unit in range(30)
    }
    cells["one away"] = [(10, 10)] * 19 + [(0, 10)]
    effect = effects_of(spread_of(cells))["one away"]
    assert effect == pytest.approx(10.0)
    assert classify([190], [200], 1.0, 0.99)["cell_class"][0] == "cold"
    judged = classify([190], [200], 1.0, 0.99, effect)["cell_class"][0]
    assert judged == "below_unproven"


def test_a_row_of_a_whole_sector_leans_on_what_the_branches_of_the_city_show():
    cells = {"a": [(4, 4)] * 60 + [(0, 4)] * 20, "b": [(4, 4)] * 30 + [(0, 4)] * 10}
    effects = effects_of(spread_of(cells, totals=("b",)))
    assert effects["b"] == pytest.approx(effects["a"])


def test_where_no_ledger_shows_branches_each_branch_counts_as_one_head():
    cells = {"a": [(4, 4)] * 10 + [(2, 6)] * 10}
    spread = spread_of(cells, totals=("a",))
    assert measure_likeness(spread) == 1
    assert effects_of(spread) == pytest.approx({"a": 100 / 20})


def test_a_metric_of_branches_is_not_touched():
    """Of one head a branch the effect is 1, however the branches differ."""
    cells = {"a": [(1, 1)] * 30 + [(0, 1)] * 20, "b": [(1, 1)] * 50}
    assert effects_of(spread_of(cells)) == {"a": 1.0, "b": 1.0}
    assert not METRICS["topic_1_coverage"].is_clustered
    clustered = {name for name, metric in METRICS.items() if metric.is_clustered}
    assert clustered == {
        "leader_attendance",
        "leader_speaking",
        "member_speaking",
        "grassroots_lecture_share",
        "leaders_down_ceiling",
    }


def test_tests_of_a_share_do_not_change_at_an_effect_of_one():
    x, n = [60, 95, 96, 7], [100, 100, 100, 9]
    pd.testing.assert_frame_equal(classify(x, n, 0.9), classify(x, n, 0.9, None, [1.0]))
    pd.testing.assert_frame_equal(
        compare_with_city(x, n), compare_with_city(x, n, np.ones(4))
    )
    with pytest.raises(ValueError, match="at least 1"):
        classify(x, n, 0.9, None, 0.5)
    with pytest.raises(ValueError, match="at least 1"):
        compare_with_city(x, n, 0.5)


def honest_city(rng: np.random.Generator, rate: float, alike: float):
    """Sixty places that really do what is required; branches differ as `alike` says."""
    cells = {}
    for unit in range(60):
        heads = 1 + rng.geometric(0.25, rng.integers(5, 40))
        if alike < 1:
            spare = (1 - alike) / max(alike, 1e-9)
            of_branch = rng.beta(rate * spare, (1 - rate) * spare, heads.size)
        else:
            of_branch = (rng.random(heads.size) < rate).astype(float)
        came = rng.binomial(heads, of_branch)
        cells[f"{unit:02}"] = list(zip(came, heads, strict=True))
    # Every third files one row for all its branches.
    return cells, spread_of(cells, totals=tuple(list(cells)[::3]))


@pytest.mark.parametrize("alike", [0.0, 0.1, 0.4, 1.0])
@pytest.mark.parametrize("rate", [0.99, 0.8, 0.5])
def test_an_honest_city_is_not_called_cold_however_alike_its_branches_are(rate, alike):
    rng = np.random.default_rng(11)
    n_cold, n_low, n_naive, n_judged = 0, 0, 0, 0
    for _ in range(12):
        cells, spread = honest_city(rng, rate, alike)
        x = [sum(came for came, _ in branches) for branches in cells.values()]
        n = [sum(heads for _, heads in branches) for branches in cells.values()]
        effect = list(effects_of(spread).values())
        judged = classify(x, n, rate, rate, effect)
        n_cold += judged["cell_class"].isin(COLD).sum()
        n_low += (judged["p_cold"] <= 0.05).sum()
        n_naive += (classify(x, n, rate, rate)["p_cold"] <= 0.05).sum()
        n_judged += judged["p_cold"].notna().sum()
    assert n_low / n_judged <= 0.05
    assert n_cold / n_judged <= 0.005
    if alike >= 0.4:
        # Taken as independent, honest places are accused more often than said.
        assert n_naive / n_judged > 0.075


def test_an_honest_city_has_no_place_above_or_below_it():
    rng = np.random.default_rng(12)
    verdicts = []
    for _ in range(2):
        cells, spread = honest_city(rng, 0.9, 0.4)
        x = [sum(came for came, _ in branches) for branches in cells.values()]
        n = [sum(heads for _, heads in branches) for branches in cells.values()]
        effect = list(effects_of(spread).values())
        verdicts.append(compare_with_city(x, n, effect)["differs"])
        assert compare_with_city(x, n)["differs"].isin(["above", "below"]).sum() >= 3
    assert pd.concat(verdicts).isin(["above", "below"]).mean() <= 0.01


def test_a_place_that_really_stays_behind_is_still_found():
    rng = np.random.default_rng(13)
    cells, _ = honest_city(rng, 0.95, 0.3)
    cells["00"] = [(rng.binomial(4, 0.5), 4) for _ in range(60)]
    spread = spread_of(cells)
    x, n = np.array([np.sum(branches, axis=0) for branches in cells.values()]).T
    effect = list(effects_of(spread).values())
    assert classify(x, n, 0.95, 0.95, effect)["cell_class"][0] == "very_cold"
    assert compare_with_city(x, n, effect)["differs"][0] == "below"


def test_the_mart_holds_the_sums_of_the_ledger_rows(tiny_marts):
    for name in ("leader_attendance", "member_speaking", "grassroots_lecture_share"):
        metric = METRICS[name]
        ledger = read_ledger(tiny_marts, months=["2016-07"])
        ledger["n_members_ordinary"] = ledger["n_members"] - ledger["n_leaders"]
        x, n = (ledger[c].astype(float) for c in (metric.numerator, metric.denominator))
        is_known = x.notna() & (n > 0)
        ledger, x, n = ledger[is_known], x[is_known], n[is_known]
        is_branch = (ledger["branch"] != "").astype(float)
        n_branches = ledger["n_branches"].astype(float).where(is_branch == 0, 1.0)
        terms = (n_branches, n, is_branch, x, n, x * x, x * n, n * n)
        sums = {
            column: term if at < 3 else term * is_branch
            for at, (column, term) in enumerate(zip(SUMS, terms, strict=True))
        }
        expected = ledger[["unit", "sector"]].assign(**sums)
        expected = expected.groupby(["unit", "sector"], as_index=False).sum()
        found = read_branch_spread(tiny_marts, name, "2016-07")
        found = found.groupby(["unit", "sector"], as_index=False)[list(SUMS)].sum()
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert read_branch_spread(tiny_marts, "topic_1_coverage", "2016-07") is None
