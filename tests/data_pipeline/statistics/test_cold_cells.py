from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from data_pipeline.statistics.cold_cells import (
    COLD_TO_HOT,
    adjust_bh,
    classify,
    compare_with_city,
    find_weak_hotspots,
    funnel_limits,
    measure_over_dispersion,
    order_weak,
    over_dispersed_limits,
)

WARMTH = {word: i for i, word in enumerate(COLD_TO_HOT)}
probabilities = st.floats(0, 1)


def exact_tail(x, n, p):
    """P(X <= x) of a binomial in whole-number arithmetic."""
    p = Fraction(p)
    return float(sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(x + 1)))


def class_of(x, n, target=1.0, city_rate=0.9):
    return classify([x], [n], target, city_rate)["cell_class"][0]


@pytest.mark.parametrize(
    ("x", "n", "expected"),
    [
        (0, 9, "too_small"),
        (8, 10, "very_cold"),  # 80 %: P(X <= 8 | 10, .99) = 0.004
        (17, 20, "very_cold"),  # 15 points below, exactly
        (18, 20, "cold"),  # 90 %: P(X <= 18 | 20, .99) = 0.017
        (9, 10, "below_unproven"),  # 90 %: P(X <= 9 | 10, .99) = 0.096
        (95, 100, "cold"),  # 5 points below, exactly
        (96, 100, "as_expected"),
        (1952, 2000, "as_expected"),  # proven below 99 %, but only by 2.4 points
        (100, 100, "hot"),
        (20, 20, "as_expected"),  # 0.9 ** 20 = 0.12: no proof
        (0, 0, None),
        (float("nan"), 50, None),
        (50, float("nan"), None),
        (120, 100, "hot"),  # a fault for `check`, and no reason to break here
    ],
)
def test_the_class_of_a_cell(x, n, expected):
    assert class_of(x, n) == expected


def test_before_the_due_date_the_pace_line_is_the_target():
    assert class_of(40, 100, target=30 / 91, city_rate=0.38) == "as_expected"
    assert class_of(40, 100, target=30 / 91, city_rate=0.2) == "hot"
    assert class_of(20, 100, target=30 / 91) == "cold"
    assert class_of(40, 100, target=1.0) == "very_cold"


def test_far_below_the_target_is_still_unproven_when_chance_explains_it():
    # 20 points below; P(X <= 1 | 10, 0.3) = 0.149.
    assert class_of(1, 10, target=0.3) == "below_unproven"


def test_where_nothing_is_demanded_a_cell_is_neither_cold_nor_hot():
    assert class_of(0, 100, target=float("nan")) == "as_expected"


def test_both_numbers_of_the_audit_are_kept_beside_the_word():
    row = classify([8], [10], 1.0, 0.9).iloc[0]
    assert row["points_below_target"] == pytest.approx(20)
    assert row["p_cold"] == pytest.approx(exact_tail(8, 10, Fraction(99, 100)))
    assert row["p_cold_adjusted"] == row["p_cold"]
    assert row["p_hot"] == pytest.approx(1 - exact_tail(7, 10, Fraction(9, 10)))


def test_a_doubtful_cell_loses_its_proof_in_a_large_family_of_sound_ones():
    x, n = [18] + [100] * 40, [20] + [100] * 40
    assert class_of(18, 20) == "cold"
    assert classify(x, n, 1.0)["cell_class"][0] == "below_unproven"


def test_small_and_blank_cells_are_not_of_the_family():
    alone = classify([18], [20], 1.0, 0.9)["p_cold_adjusted"][0]
    among = classify([18, 3, np.nan], [20, 9, 50], 1.0, 0.9)["p_cold_adjusted"]
    assert among[0] == alone
    assert among[1:].isna().all()


def test_classes_keep_the_index_and_take_nullable_columns():
    cells = pd.DataFrame(
        {"x": [95, None], "n": [100, 100]}, index=["a", "b"], dtype="Int64"
    )
    result = classify(cells["x"], cells["n"], 1.0)
    assert result["cell_class"].to_dict() == {"a": "cold", "b": None}


def test_an_empty_city_gives_an_empty_frame():
    assert classify([], [], 1.0).empty
    assert compare_with_city([], []).empty


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(10, 60)), min_size=1, max_size=10
    ),
    st.floats(0.05, 1),
    probabilities,
    st.data(),
)
def test_a_cell_never_gets_colder_when_its_count_rises(cells, target, city_rate, data):
    x, n = (np.array(column, float) for column in zip(*cells, strict=True))
    chosen = data.draw(st.integers(0, len(cells) - 1))
    more = x.copy()
    more[chosen] += data.draw(st.integers(1, 20))
    before = classify(x, n, target, city_rate)["cell_class"][chosen]
    after = classify(more, n, target, city_rate)["cell_class"][chosen]
    assert WARMTH[after] >= WARMTH[before]


@given(st.lists(st.one_of(probabilities, st.just(float("nan"))), max_size=30))
def test_the_adjusted_p_keeps_the_order_and_is_never_below_p(p):
    p = np.array(p, float)
    adjusted = adjust_bh(p)
    assert (np.isnan(adjusted) == np.isnan(p)).all()
    known = ~np.isnan(p)
    assert (adjusted[known] >= p[known]).all() and (adjusted[known] <= 1).all()
    in_order = adjusted[known][np.argsort(p[known], kind="stable")]
    assert (np.diff(in_order) >= 0).all()


def test_a_p_value_above_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust_bh([0.1, 1.1])


def test_places_that_do_not_differ_from_the_city_say_so():
    result = compare_with_city([60, 95, 93, 4, np.nan], [100, 100, 100, 5, 10])
    assert result["differs"].tolist() == ["below", "above", "above", None, None]
    even = compare_with_city([90, 91, 92], [100, 100, 100])
    assert even["differs"].tolist() == ["no"] * 3
    assert even["points_from_city"].tolist() == pytest.approx([-1, 0, 1])


def test_a_report_above_100_percent_does_not_break_the_comparison():
    result = compare_with_city([130, 50], [100, 100])
    assert result["differs"].tolist() == ["above", "below"]


def test_when_everybody_is_at_100_percent_nobody_differs():
    assert compare_with_city([50, 80], [50, 80])["differs"].tolist() == ["no", "no"]


@given(st.integers(1, 3000), st.floats(0.001, 0.999))
def test_funnel_limits_hold_the_city_rate_and_lie_between_0_and_1(n, p):
    inner, outer = funnel_limits([n], p, 0.95), funnel_limits([n], p, 0.998)
    if n * p * (1 - p) >= 5:
        assert inner.lower[0] <= p <= inner.upper[0]
    for limits in (inner, outer):
        assert 0 <= limits.lower[0] <= limits.upper[0] <= 1
    assert outer.lower[0] <= inner.lower[0] and outer.upper[0] >= inner.upper[0]


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.sampled_from([0.95, 0.998]))
def test_exact_funnel_limits_stand_on_the_step_that_the_tail_falls_into(n, p, coverage):
    tail = (1 - coverage) / 2
    low, high = (
        float(limit[0]) * n for limit in funnel_limits([n], p, coverage, "exact")
    )
    for quantile, limit in ((tail, low), (1 - tail, high)):
        reached = binom.ppf(quantile, n, p)
        assert reached - 1 - 1e-6 <= limit <= reached + 1e-6


def test_exact_limits_take_over_where_the_normal_ones_fail():
    normal, exact, auto = (
        funnel_limits([30, 3000], 0.97, method=method)
        for method in ("normal", "exact", "auto")
    )
    assert auto.lower[0] == exact.lower[0] != normal.lower[0]
    assert auto.lower[1] == normal.lower[1] != exact.lower[1]


def test_a_funnel_at_100_percent_is_a_line():
    limits = funnel_limits([5, 50], 1.0)
    assert limits.lower.tolist() == limits.upper.tolist() == [1, 1]


def test_a_place_without_size_has_no_limits():
    limits = funnel_limits([0, np.nan], 0.9)
    assert np.isnan(limits.lower).all() and np.isnan(limits.upper).all()


def test_places_that_differ_by_chance_only_are_not_over_dispersed():
    over = measure_over_dispersion([90, 91, 89], [100, 100, 100])
    assert over.tau2 == 0
    assert over.z_adjusted.tolist() == over.z.tolist()


@given(st.floats(0, 0.1), st.floats(0.01, 0.99))
def test_over_dispersed_limits_are_never_narrower(tau2, p):
    plain = over_dispersed_limits([20, 200, 2000], p, 0.0)
    wide = over_dispersed_limits([20, 200, 2000], p, tau2)
    assert (wide.lower <= plain.lower + 1e-12).all()
    assert (wide.upper >= plain.upper - 1e-12).all()


def test_a_weak_hotspot_is_measured_inside_its_own_sector():
    cells = pd.DataFrame(
        {
            "unit": ["L", "L", "Y", "Y", "Y", "Y"],
            "township": ["A", "B", "A", "C", "D", "E"],
            "sector": [
                "rural",
                "rural",
                "rural",
                "nonpublic",
                "nonpublic",
                "nonpublic",
            ],
            "n_branches": [20, 90, 90, 20, 20, 4],
            "n_weak": [8, 2, 2, 8, 8, 4],
        }
    )
    result = find_weak_hotspots(cells)
    assert result["is_hotspot"].tolist() == [True] + [False] * 5
    first = result.iloc[0]
    assert first["n_expected"] == pytest.approx(20 * 12 / 200)
    assert first["ratio"] == pytest.approx(8 / 1.2)
    tail = sum(comb(12, i) * comb(188, 20 - i) for i in range(8, 13)) / comb(200, 20)
    assert first["p_value"] == pytest.approx(tail, rel=1e-9)
    assert np.isnan(result["p_adjusted"].iloc[5])  # four branches: not judged


def test_two_weak_branches_are_not_a_hotspot_however_unlikely():
    cells = pd.DataFrame(
        {"sector": ["soe"] * 2, "n_branches": [5, 5000], "n_weak": [2, 0]}
    )
    result = find_weak_hotspots(cells)
    assert result["p_adjusted"].iloc[0] < 0.001
    assert not result["is_hotspot"].any()


def test_a_sector_without_weak_branches_has_no_ratio_and_no_hotspot():
    cells = pd.DataFrame({"sector": ["soe"], "n_branches": [50], "n_weak": [0]})
    result = find_weak_hotspots(cells)
    assert np.isnan(result["ratio"].iloc[0]) and not result["is_hotspot"].iloc[0]


def test_more_weak_branches_than_branches_are_refused():
    cells = pd.DataFrame({"sector": ["soe"], "n_branches": [5], "n_weak": [6]})
    with pytest.raises(ValueError, match="n_weak"):
        find_weak_hotspots(cells)


def weak_organizations(n, rng):
    codes = [f"B{i:03d}" for i in range(n)]
    organizations = pd.DataFrame(
        {
            "branch": codes,
            "is_refuted": rng.random(n) < 0.1,
            "shortfall": rng.integers(0, 4, n),
            "days_overdue": rng.integers(0, 3, n),
        }
    )
    words = rng.choice(["failed", "passed", "not_due", "unknown"], (n, 5))
    return organizations, pd.DataFrame(words, index=codes)


def test_weak_organizations_stand_in_the_order_that_the_rule_says():
    organizations = pd.DataFrame(
        {
            "branch": ["f", "e", "d", "c", "b", "a"],
            "is_refuted": [False, False, False, False, True, False],
            "shortfall": [9, 5, 5, 5, 0, 9],
            "days_overdue": [0, 1, 2, 2, 0, 99],
        }
    )
    failed = {"f": 2, "e": 1, "d": 1, "c": 1, "b": 0, "a": 0}
    verdicts = pd.DataFrame(
        {
            "one": ["failed" if failed[b] > 0 else "unknown" for b in failed],
            "two": ["failed" if failed[b] > 1 else None for b in failed],
            "three": ["not_due"] * 6,
        },
        index=list(failed),
    )
    result = order_weak(organizations, verdicts)
    assert result["branch"].tolist() == ["b", "f", "c", "d", "e", "a"]
    assert result["position"].tolist() == [1, 1, 2, 3, 4, 5]
    assert result["n_in_list"].tolist() == [1, 5, 5, 5, 5, 5]
    assert result["band"].tolist() == ["A", "B", "B", "B", "B", "C"]
    assert result["n_unknown"].tolist() == [2, 0, 1, 1, 1, 2]
    assert result["n_passed"].tolist() == [0] * 6
    assert result["n_not_due"].tolist() == [1] * 6


@pytest.mark.parametrize("is_refuted", [False, True])
def test_stability_is_the_share_of_weightings_that_keep_the_top_tenth(is_refuted):
    rng = np.random.default_rng(5)
    organizations, verdicts = weak_organizations(57, rng)
    mine = organizations["is_refuted"] == is_refuted
    result = order_weak(organizations, verdicts, seed=3, n_weightings=200)

    # The same, one weighting and one sort at a time.
    weights = np.random.default_rng(3).dirichlet(np.ones(5), 200)
    n_top = -(-int(mine.sum()) // 10)
    kept = pd.Series(0, index=organizations.loc[mine, "branch"])
    for weighting in weights:
        score = (verdicts == "failed").to_numpy() @ weighting
        top = organizations.assign(score=score.round(12))[mine].sort_values(
            ["score", "shortfall", "days_overdue", "branch"],
            ascending=[False, False, False, True],
        )
        kept[top["branch"].head(n_top)] += 1
    stability = result[result["is_refuted"] == is_refuted].set_index("branch")
    assert stability["stability"].to_dict() == pytest.approx((kept / 200).to_dict())
    assert stability["stability"].sum() == pytest.approx(n_top)


def test_the_order_and_its_stability_do_not_depend_on_the_order_of_the_rows():
    organizations, verdicts = weak_organizations(40, np.random.default_rng(1))
    result = order_weak(organizations, verdicts)
    shuffled = order_weak(organizations.sample(frac=1, random_state=2), verdicts)
    pd.testing.assert_frame_equal(
        shuffled.reset_index(drop=True), result.reset_index(drop=True)
    )


def test_a_verdict_that_is_no_word_of_ours_is_refused():
    organizations, verdicts = weak_organizations(3, np.random.default_rng(1))
    verdicts.iloc[0, 0] = "maybe"
    with pytest.raises(ValueError, match="maybe"):
        order_weak(organizations, verdicts)


def test_an_organization_without_verdicts_is_refused():
    organizations, verdicts = weak_organizations(3, np.random.default_rng(1))
    with pytest.raises(ValueError, match="B000"):
        order_weak(organizations, verdicts.iloc[1:])
