import hashlib
import itertools
from datetime import datetime
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sampling_simulation import simulate
from data_pipeline.statistics.sampling import (
    MIN_DRAWN,
    RandomChecks,
    RandomRecounts,
    RandomTally,
    allocate,
    chance_to_act,
    choose_lot_rule,
    draw_checks,
    effective_size,
    estimate_factor,
    estimate_head_share,
    estimate_head_shares,
    estimate_share,
    estimate_shares,
    inclusion_probabilities,
    measure_change,
    measure_prepared_bias,
    prove_by_all_pass,
    select_random,
    stratified_mean,
    tally_apart,
    tally_random,
)

DRAWN_AT = datetime(2016, 7, 20)


def make_roll(sizes):
    """A roll from {(unit, sector, is_weak): branches}."""
    return pd.DataFrame(
        [
            {"branch": f"{unit}-{sector}-{int(is_weak)}-{i:04d}"}
            | {"unit": unit, "sector": sector, "is_weak": is_weak}
            for (unit, sector, is_weak), size in sizes.items()
            for i in range(size)
        ]
    )


ROLL = make_roll(
    {
        ("A", "rural", False): 200,
        ("A", "rural", True): 40,
        ("A", "soe", False): 6,
        ("B", "rural", False): 150,
        ("B", "organ", True): 1,
    }
)


def make_tally(rows, **columns):
    names = ["unit", "n_frame", "n_checked", "n_confirmed"]
    return RandomTally(pd.DataFrame(rows, columns=names).assign(**columns))


@st.composite
def tallies(draw):
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        n_frame = draw(st.integers(1, 80))
        n_checked = draw(st.integers(0, n_frame))
        n_confirmed = draw(st.integers(0, n_checked))
        rows.append((draw(st.sampled_from("ABC")), n_frame, n_checked, n_confirmed))
    return make_tally(rows)


# The draw


def test_each_stratum_gives_its_share_and_weak_ones_two_and_a_half_times_it():
    n_drawn = allocate([200, 40, 6, 150, 1], 48, [1, 2.5, 1, 1, 2.5])
    # 48 of 458.5 weighted branches: 0.1047 for each.
    assert n_drawn.tolist() == [21, 10, 2, 16, 1]


def test_a_stratum_of_one_gives_one_and_an_empty_one_none():
    assert allocate([1, 0, 2, 3], 0).tolist() == [1, 0, 2, 2]


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=20),
    st.floats(0.10, 0.15),
    st.data(),
)
def test_in_the_permitted_range_the_allocation_is_the_written_formula(
    sizes, rate, data
):
    factor = data.draw(
        st.lists(st.sampled_from([1.0, 2.5]), min_size=len(sizes), max_size=len(sizes))
    )
    n = int(rate * sum(sizes))
    weighted = np.dot(sizes, factor)
    share = [
        n * N * f / weighted if N else 0 for N, f in zip(sizes, factor, strict=True)
    ]
    expected = [
        min(N, max(2, int(np.floor(s + 0.5 + 1e-9))))
        for N, s in zip(sizes, share, strict=True)
    ]
    assert allocate(sizes, n, factor).tolist() == expected


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=15), st.data())
def test_inclusion_probabilities_add_up_and_never_exceed_one(size, data):
    n = data.draw(st.integers(0, len(size)))
    chances = inclusion_probabilities(size, n)
    assert chances.sum() == pytest.approx(n)
    assert ((chances >= 0) & (chances <= 1)).all()
    by_size = chances[np.argsort(size)]
    assert (np.diff(by_size) >= -1e-9).all()


def test_the_order_is_that_of_the_hash_of_seed_and_code():
    draw = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    chosen = ROLL.query("unit == 'B' and sector == 'rural'")["branch"]
    in_order = sorted(
        chosen, key=lambda code: hashlib.sha256(f"7|{code}".encode()).hexdigest()
    )
    drawn = draw.drawn.query("unit == 'B' and sector == 'rural'")
    reserve = draw.reserve.query("unit == 'B' and sector == 'rural'")
    assert drawn["branch"].tolist() == in_order[: len(drawn)]
    assert reserve["branch"].tolist() == in_order[len(drawn) :][: len(reserve)]
    assert len(reserve) == -(-len(drawn) // 4)


def test_the_same_seed_draws_the_same_list_and_another_seed_another():
    first = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    shuffled = ROLL.sample(frac=1, random_state=1)
    again = draw_checks(shuffled, 0.12, seed=7, drawn_at=DRAWN_AT)
    pd.testing.assert_frame_equal(first.drawn, again.drawn)
    assert first.frame_sha256 == again.frame_sha256
    other = draw_checks(ROLL, 0.12, seed=8, drawn_at=DRAWN_AT)
    assert set(other.drawn["branch"]) != set(first.drawn["branch"])


def test_a_new_stratum_reshuffles_nobody():
    before = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    grown = pd.concat([ROLL, make_roll({("C", "soe", False): 90})])
    after = draw_checks(grown, 0.12, seed=7, drawn_at=DRAWN_AT)
    stratum = ["unit", "sector", "is_weak"]
    old = dict(list(before.drawn.groupby(stratum)["branch"]))
    new = dict(list(after.drawn.groupby(stratum)["branch"]))
    for label, branches in old.items():
        shared = min(len(branches), len(new[label]))
        assert new[label].tolist()[:shared] == branches.tolist()[:shared]
        assert abs(len(branches) - len(new[label])) <= 2
    assert before.frame_sha256 != after.frame_sha256


def test_the_weights_of_a_draw_sum_to_the_frame():
    draw = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    assert (1 / draw.drawn["inclusion_probability"]).sum() == pytest.approx(len(ROLL))
    assert draw.strata["n_frame"].sum() == len(ROLL)
    assert draw.strata["n_drawn"].sum() == len(draw.drawn)


def test_weak_branches_stand_first_on_the_list():
    draw = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    assert draw.drawn["is_weak"].is_monotonic_decreasing
    assert draw.drawn["is_weak"].iloc[0]


@pytest.mark.parametrize(
    ("roll", "rate", "message"),
    [
        (ROLL.drop(columns="is_weak"), 0.1, "no column is_weak"),
        (pd.concat([ROLL, ROLL.head(1)]), 0.1, "twice"),
        (ROLL.assign(unit=None), 0.1, "blank"),
        (ROLL, 0, "rate"),
    ],
)
def test_a_roll_that_cannot_be_drawn_from_is_refused(roll, rate, message):
    with pytest.raises(ValueError, match=message):
        draw_checks(roll, rate, seed=7, drawn_at=DRAWN_AT)


# What an all-pass proves


def all_pass_by_enumeration(n_frame, n_drawn, confidence):
    """Largest number of failures that a draw can miss, over every placement."""
    most = 0
    for failures in itertools.product(*(range(size + 1) for size in n_frame)):
        chance = 1.0
        for size, drawn, failed in zip(n_frame, n_drawn, failures, strict=True):
            chance *= comb(size - failed, drawn) / comb(size, drawn)
        if chance >= 1 - confidence - 1e-12:
            most = max(most, sum(failures))
    return 1 - most / sum(n_frame)


@pytest.mark.parametrize(
    ("n_frame", "n_drawn"),
    [([9, 6], [3, 2]), ([12, 4, 5], [2, 4, 1]), ([7, 7], [0, 3]), ([20], [5])],
)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.975])
def test_an_all_pass_proves_what_no_placement_of_failures_contradicts(
    n_frame, n_drawn, confidence
):
    expected = all_pass_by_enumeration(n_frame, n_drawn, confidence)
    assert prove_by_all_pass(n_frame, n_drawn, confidence) == pytest.approx(expected)


def test_a_census_proves_everything_and_an_empty_draw_nothing():
    assert prove_by_all_pass([5, 7], [5, 7]) == 1
    assert prove_by_all_pass([5, 7], [0, 0]) == 0


@given(st.integers(2, 300), st.data())
def test_more_checks_never_prove_less(n_frame, data):
    n_drawn = data.draw(st.integers(0, n_frame - 1))
    assert prove_by_all_pass(n_frame, n_drawn) <= prove_by_all_pass(
        n_frame, n_drawn + 1
    )


# From checks to counts


CHECKS = pd.DataFrame(
    [
        ("A-rural-0-0001", "random", "2016-07-20", False, "yes"),
        ("A-rural-0-0002", "random", "2016-07-20", True, "no_evidence"),
        ("A-rural-0-0003", "random", "2016-07-20", False, None),
        ("A-rural-0-0004", "prepared", "2016-07-20", True, "yes"),
        ("A-rural-0-0005", "targeted", "2016-07-20", False, "no"),
        ("B-rural-0-0001", "random", "2016-07-25", False, "yes"),
        ("B-rural-0-0001", "random", "2016-07-21", False, "no"),
    ],
    columns=["branch", "selection", "check_date", "is_announced", "found_topic_1"],
)


def test_only_random_checks_are_tallied_for_a_rate():
    strata = tally_random(CHECKS, ROLL, "found_topic_1").strata
    first = strata.query("unit == 'A' and sector == 'rural' and not is_weak").iloc[0]
    assert first[["n_frame", "n_checked", "n_confirmed", "n_blank"]].tolist() == [
        200,
        2,
        1,
        1,
    ]
    assert strata["n_checked"].sum() == 3
    assert strata["n_frame"].sum() == len(ROLL)


def test_a_branch_checked_twice_counts_once_with_its_last_verdict():
    strata = tally_random(CHECKS, ROLL, "found_topic_1").strata
    second = strata.query("unit == 'B' and sector == 'rural'").iloc[0]
    assert (second["n_checked"], second["n_confirmed"]) == (1, 1)


def test_unannounced_random_checks_can_be_tallied_alone():
    tally = tally_random(CHECKS, ROLL, "found_topic_1", is_announced=False)
    assert tally.strata["n_checked"].sum() == 2
    words = CHECKS.assign(is_announced=CHECKS["is_announced"].map({True: "yes"}))
    words["is_announced"] = words["is_announced"].fillna("no")
    same = tally_random(words, ROLL, "found_topic_1", is_announced=False)
    pd.testing.assert_frame_equal(same.strata, tally.strata)


def test_yes_and_no_may_be_booleans():
    checks = CHECKS.assign(
        found_topic_1=CHECKS["found_topic_1"].map(
            {"yes": True, "no": False, "no_evidence": False}
        )
    )
    pd.testing.assert_frame_equal(
        tally_random(checks, ROLL, "found_topic_1").strata,
        tally_random(CHECKS, ROLL, "found_topic_1").strata,
    )


def test_targeted_and_prepared_checks_are_counted_apart():
    apart = tally_apart(CHECKS, "found_topic_1")
    assert apart["n_checked"].to_dict() == {"targeted": 1, "prepared": 1}
    assert apart["n_confirmed"].to_dict() == {"targeted": 0, "prepared": 1}


def test_a_rate_cannot_be_estimated_from_checks_of_mixed_kinds():
    counts = pd.DataFrame(
        {"unit": ["A"], "n_frame": [200], "n_checked": [50], "n_confirmed": [40]}
    )
    for mixed in (CHECKS, tally_apart(CHECKS, "found_topic_1"), counts):
        with pytest.raises(TypeError, match="RandomTally"):
            estimate_share(mixed)
        with pytest.raises(TypeError, match="RandomTally"):
            estimate_shares(mixed)


def test_a_check_off_the_roll_or_without_a_known_verdict_is_refused():
    with pytest.raises(ValueError, match="not on the roll"):
        tally_random(CHECKS.assign(branch="Z"), ROLL, "found_topic_1")
    with pytest.raises(ValueError, match="perhaps"):
        tally_random(CHECKS.assign(found_topic_1="perhaps"), ROLL, "found_topic_1")


def test_a_tally_that_confirms_more_than_it_checked_is_refused():
    with pytest.raises(ValueError, match="n_confirmed <= n_checked"):
        make_tally([("A", 10, 5, 6)])


# The estimate


@given(tallies())
def test_the_interval_lies_between_0_and_1_and_holds_the_estimate(tally):
    result = estimate_share(tally, min_checked=1)
    if result.method == "none":
        assert np.isnan(result.estimate)
        return
    assert 0 <= result.lower <= result.estimate <= result.upper <= 1
    strata = tally.strata
    assert result.lower >= strata["n_confirmed"].sum() / strata["n_frame"].sum() - 1e-12


@given(tallies(), st.randoms(use_true_random=False))
def test_the_order_of_the_strata_does_not_change_the_estimate(tally, random):
    # Without lone strata, whose partner is the first of equals.
    strata = tally.strata[tally.strata["n_checked"] >= 2]
    order = list(range(len(strata)))
    random.shuffle(order)
    plain = estimate_share(RandomTally(strata), min_checked=1)
    shuffled = estimate_share(RandomTally(strata.iloc[order]), min_checked=1)
    for name in ("estimate", "std_error", "lower", "upper"):
        assert getattr(shuffled, name) == pytest.approx(
            getattr(plain, name), nan_ok=True, abs=1e-12
        )


def test_a_full_census_has_no_error():
    result = estimate_share(make_tally([("A", 30, 30, 20), ("B", 10, 10, 10)]))
    assert (result.estimate, result.std_error) == (0.75, 0)
    assert (result.lower, result.upper, result.method) == (0.75, 0.75, "census")


def test_dropping_the_weights_changes_the_over_sampled_example():
    # Weak branches: a tenth of the city, half of the checks.
    result = estimate_share(make_tally([("A", 900, 50, 48), ("A", 100, 50, 20)]))
    assert result.estimate == pytest.approx(0.9 * 0.96 + 0.1 * 0.4)
    assert result.n_confirmed / result.n_checked == 0.68
    assert result.lower > 0.68


def test_all_passed_is_bounded_exactly_and_not_called_certain():
    result = estimate_share(make_tally([("A", 208, 21, 21)]))
    assert (result.estimate, result.upper, result.method) == (1, 1, "exact")
    assert result.lower == prove_by_all_pass(208, 21, 0.975)
    mirrored = estimate_share(make_tally([("A", 208, 21, 0)]))
    assert (mirrored.estimate, mirrored.lower) == (0, 0)
    assert mirrored.upper == pytest.approx(1 - result.lower)


def test_under_ten_checks_there_is_a_fraction_and_no_rate():
    result = estimate_share(make_tally([("A", 80, 9, 7)]))
    assert (result.n_confirmed, result.n_checked) == (7, 9)
    assert np.isnan([result.estimate, result.lower, result.upper]).all()
    assert np.isnan(result.n_unconfirmed)
    assert result.reliability == "too_few"


@pytest.mark.parametrize(
    ("n", "word"), [(10, "starred"), (29, "starred"), (30, "sound")]
)
def test_under_thirty_checks_a_rate_is_starred(n, word):
    assert estimate_share(make_tally([("A", 200, n, n - 3)])).reliability == word


def test_a_lone_stratum_is_collapsed_inside_its_unit_and_it_is_said():
    rows = [("A", 50, 1, 0), ("A", 60, 4, 3), ("A", 90, 9, 9), ("B", 100, 10, 8)]
    tally = make_tally(rows, sector=["soe", "organ", "rural", "rural"])
    result = estimate_share(tally)
    assert result.collapsed == (("A", "soe"), ("A", "organ"))
    # The point estimate keeps each stratum's own rate and weight.
    expected = (50 * 0 + 60 * 0.75 + 90 * 1 + 100 * 0.8) / 300
    assert result.estimate == pytest.approx(expected)
    assert result.df == 24 - 3
    pooled = 5 / 4 * (3 / 5) * (2 / 5)  # of the five checks, each counted once
    by_hand = stratified_mean(
        [50, 60, 90, 100],
        [1, 4, 9, 10],
        [0, 0.75, 1, 0.8],
        [pooled, pooled, 0, 10 / 9 * 0.16],
    )
    assert (result.estimate, result.std_error) == pytest.approx(by_hand)


def test_one_check_of_a_heavy_stratum_does_not_hide_what_its_partner_found():
    # 1,000 branches known by one check that passed, beside ten of which nine failed.
    heavy = estimate_share(make_tally([("A", 1000, 1, 1), ("A", 10, 9, 0)]))
    assert heavy.std_error > 0.25
    assert heavy.lower < 0.2
    # Weighted by branches the same checks looked almost without spread.
    weighted = 1000 / 1010 * (10 / 1010) * 10 / 9
    assert heavy.std_error > 5 * np.sqrt(weighted / 10)


def test_ten_passes_elsewhere_prove_nothing_of_a_stratum_with_one():
    lone = estimate_share(make_tally([("A", 1000, 1, 1), ("A", 10, 9, 9)]))
    assert lone.method == "exact"
    assert lone.lower == prove_by_all_pass([1000, 10], [1, 9]) < 0.1


@given(tallies())
def test_a_failure_never_raises_the_lower_limit(tally):
    strata = tally.strata
    passed = strata.assign(n_confirmed=strata["n_checked"])
    best = estimate_share(RandomTally(passed), min_checked=1)
    result = estimate_share(tally, min_checked=1)
    if result.method == "none":
        return
    assert result.lower <= best.lower + 1e-12


def test_a_plan_promises_what_its_result_will_say():
    draw = draw_checks(ROLL, 0.12, seed=7, drawn_at=DRAWN_AT)
    strata = draw.strata.rename(columns={"n_drawn": "n_checked"})
    result = estimate_share(RandomTally(strata.assign(n_confirmed=strata["n_checked"])))
    assert result.lower == draw.all_pass_proves


def test_a_stratum_that_nobody_visited_takes_the_rate_of_its_partner():
    result = estimate_share(make_tally([("A", 50, 0, 0), ("A", 150, 15, 12)]))
    assert result.estimate == pytest.approx(0.8)
    assert result.collapsed == (("A",), ("A",))


def test_a_unit_with_one_lone_stratum_joins_another_unit():
    result = estimate_share(make_tally([("A", 5, 1, 1), ("B", 100, 10, 8)]))
    assert result.collapsed == (("A",), ("B",))
    assert result.estimate == pytest.approx((5 + 80) / 105)
    assert result.std_error > 0


def test_a_stratum_checked_whole_is_left_alone():
    result = estimate_share(make_tally([("A", 1, 1, 1), ("A", 100, 12, 8)]))
    assert result.collapsed == ()
    assert result.estimate == pytest.approx((1 + 100 * 8 / 12) / 101)


def test_estimates_by_unit_use_the_strata_of_that_unit_only():
    tally = make_tally(
        [("A", 100, 20, 18), ("A", 50, 10, 5), ("B", 300, 30, 30)],
        sector=["rural", "soe", "rural"],
    )
    by_unit = estimate_shares(tally, ["unit"]).set_index("unit")
    alone = estimate_share(make_tally([("A", 100, 20, 18), ("A", 50, 10, 5)]))
    assert by_unit.loc["A", "estimate"] == alone.estimate
    assert by_unit.loc["B", "method"] == "exact"
    assert estimate_shares(tally)["n_checked"].tolist() == [60]
    assert len(estimate_shares(tally, ["unit", "sector"])) == 3


def test_over_many_draws_the_estimate_is_unbiased_and_its_interval_holds_the_truth():
    sizes = {
        ("A", "rural", False): (500, 0.95),
        ("A", "rural", True): (100, 0.55),
        ("B", "rural", False): (300, 0.90),
        ("B", "soe", True): (60, 0.50),
    }
    roll = make_roll({label: size for label, (size, _) in sizes.items()})
    rank = roll.groupby(["unit", "sector", "is_weak"]).cumcount()
    share = [
        sizes[key][1] * sizes[key][0]
        for key in roll[["unit", "sector", "is_weak"]].itertuples(
            index=False, name=None
        )
    ]
    is_true = (rank < np.round(share)).to_numpy()
    # Lists as `draw_checks` draws them, which it asserts, without all their columns.
    drawn = simulate(roll, is_true, (0.12,), 200)[0.12]
    error = np.std(drawn.estimates) / np.sqrt(200)
    assert abs(np.mean(drawn.estimates) - is_true.mean()) < 3 * error
    assert 0.92 <= drawn.coverage <= 1
    # A quarter of the checks, not a sixth, fell on weak branches.
    assert np.mean(drawn.plain) < is_true.mean() - 0.05


# Verification factor and prepared sites


def test_the_verification_factor_is_a_ratio_of_weighted_sums():
    recounts = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B"],
            "n_frame": [20, 20, 100, 100],
            "reported": [10, 30, 5, 5],
            "recounted": [10, 30, 1, 4],
        }
    )
    result = estimate_factor(RandomRecounts(recounts))
    assert result.factor == pytest.approx((10 * 40 + 50 * 5) / (10 * 40 + 50 * 10))
    assert result.band == "consistent"  # four branches prove nothing
    z = np.array([10 * (10 - result.factor * 10), 10 * (30 - result.factor * 30)])
    y = 50 * np.array([1 - result.factor * 5, 4 - result.factor * 5])
    variance = (0.9 * 2 * np.var(z, ddof=1) + 0.98 * 2 * np.var(y, ddof=1)) / 900**2
    assert result.std_error == pytest.approx(np.sqrt(variance))
    assert result.df == 2


@pytest.mark.parametrize(
    ("recounted", "band"),
    [(89, "over_reported"), (92, "agrees"), (108, "agrees"), (111, "under_reported")],
)
def test_the_band_of_the_factor_runs_from_0_9_to_1_1(recounted, band):
    recounts = pd.DataFrame(
        {"unit": "A", "n_frame": 4000, "reported": [100] * 400, "recounted": recounted}
    )
    recounts["reported_after"] = 100
    assert estimate_factor(RandomRecounts(recounts)).band == band


def noisy(mean, after, n=60, seed=3):
    """Branches that claimed 100 each, and `after` in the ledger after the check."""
    found = np.random.default_rng(seed).normal(mean, 15, n).clip(0).round()
    rows = {"unit": "A", "n_frame": 600, "reported": 100, "recounted": found}
    return RandomRecounts(pd.DataFrame(rows | {"reported_after": after}))


@pytest.mark.parametrize(
    ("mean", "after", "band"),
    [
        (100, 100, "agrees"),  # both limits inside 0.90-1.10
        (80, 100, "over_reported"),
        (120, 140, "consistent"),  # between the two ledgers: work went on
        (120, 105, "under_reported"),
        (93, 100, "over_reported"),  # beyond chance, and the limits cross 0.90
        (120, np.nan, "consistent"),  # nobody knows yet what the next ledger claims
    ],
)
def test_a_recount_between_the_two_ledgers_is_no_fault(mean, after, band):
    result = estimate_factor(noisy(mean, after))
    assert result.band == band
    assert result.method == "linearised"
    half = np.log(result.upper / result.factor)
    assert half == pytest.approx(np.log(result.factor / result.lower))  # on the log


def test_a_wide_interval_is_in_no_band():
    rows = noisy(97, 100).rows.assign(recounted=[20, 174] * 30)
    result = estimate_factor(RandomRecounts(rows))
    assert 0.9 < result.factor < 1.1 and result.band == "consistent"


@pytest.mark.parametrize("n", [10, 20, 35])
def test_a_few_checks_never_agree_however_alike_they_are(n):
    rows = {"unit": "A", "n_frame": 600, "reported": [7] * n, "recounted": 7}
    few = estimate_factor(RandomRecounts(pd.DataFrame(rows)))
    # As many branches as n checks may miss could be found empty, or twice as full.
    unseen = 1 - 0.025 ** (1 / n)
    assert few.lower == pytest.approx(1 - unseen)
    assert few.upper == pytest.approx(1 / (1 - unseen))
    assert (few.method, few.band) == ("alike", "consistent")
    enough = pd.concat([pd.DataFrame(rows)] * 8)
    assert estimate_factor(RandomRecounts(enough)).band == "agrees"


def test_where_nearly_all_were_visited_the_rest_cannot_change_much():
    rows = {"unit": "A", "n_frame": 21, "reported": [7] * 20, "recounted": 7}
    result = estimate_factor(RandomRecounts(pd.DataFrame(rows)))
    assert result.lower == pytest.approx(20 / 21) and result.band == "agrees"


def test_where_nothing_was_found_the_branches_not_seen_may_have_some():
    rows = {"unit": "A", "n_frame": 600, "reported": [7] * 20, "recounted": 0}
    result = estimate_factor(RandomRecounts(pd.DataFrame(rows)))
    assert (result.factor, result.lower) == (0, 0)
    assert result.upper == pytest.approx(1 - 0.025 ** (1 / 20))
    assert result.band == "over_reported"


def test_limits_on_a_few_odd_branches_have_as_few_degrees_of_freedom():
    # One branch of sixty was empty: the kurtosis is near sixty, so is the variance's.
    odd = noisy(100, 100).rows.assign(recounted=[0] + [100] * 59)
    even = noisy(100, 100).rows.assign(recounted=[93, 107] * 30)
    odd, even = (estimate_factor(RandomRecounts(rows)) for rows in (odd, even))
    t = np.log(odd.upper / odd.factor) / (odd.std_error / odd.factor)
    assert t == pytest.approx(4.303, abs=0.001)  # two degrees of freedom
    assert even.upper == pytest.approx(even.factor / 0.025 ** (1 / 60))


HABITS = {
    "a tenth not found at all": lambda x, rng: x * (rng.random(x.size) > 0.1),
    "a quarter half found": lambda x, rng: np.where(
        rng.random(x.size) < 0.25, x // 2, x
    ),
    "honest, found a little more": lambda x, rng: (
        x + (rng.random(x.size) < 0.15) * rng.poisson(1, x.size)
    ),
    "one in twenty found threefold": lambda x, rng: (
        x * np.where(rng.random(x.size) < 0.05, 3, 1)
    ),
    "a third found empty, some fuller": lambda x, rng: (
        x * (rng.random(x.size) > 0.3) + (rng.random(x.size) < 0.2)
    ),
}


@pytest.mark.parametrize("n", [12, 28, 60, 90])
@pytest.mark.parametrize("habit", HABITS)
def test_limits_of_a_factor_hold_the_truth_as_often_as_they_say(habit, n):
    rng = np.random.default_rng(17)
    n_strata, n_draws = n // 4, 120
    reported = (1 + rng.poisson(3, 400 * n_strata)).astype(float)
    recounted = HABITS[habit](reported, rng)
    truth = recounted.sum() / reported.sum()
    start = 400 * np.arange(n_strata).repeat(4)
    about = {"unit": start.astype(str), "n_frame": 400.0}
    held = 0
    for _ in range(n_draws):
        within = [rng.choice(400, 4, replace=False) for _ in range(n_strata)]
        rows = start + np.concatenate(within)
        drawn = about | {"reported": reported[rows], "recounted": recounted[rows]}
        result = estimate_factor(RandomRecounts(pd.DataFrame(drawn)))
        held += result.lower <= truth <= result.upper
    # Three standard errors of 120 draws at 93 % are 7 points.
    assert held / n_draws >= 0.90


# Heads: members of one branch are alike


def heads(found, on_roll, n_frame=300):
    rows = {"unit": "A", "n_frame": n_frame, "reported": on_roll, "recounted": found}
    return estimate_head_share(RandomRecounts(pd.DataFrame(rows)))


def test_heads_of_one_branch_weigh_no_more_than_they_tell():
    # The same 40 of 80 heads: branches all or nothing, or half of each.
    alike = heads([4, 0] * 10, 4)
    spread = heads([2, 2] * 9 + [1, 3], 4)
    assert alike.ratio == spread.ratio == 0.5
    assert alike.upper - alike.lower > 1.5 * (spread.upper - spread.lower)
    # Twenty branches that go together know as much as twenty single heads.
    single = heads([1, 0] * 10, 1)
    assert (alike.lower, alike.upper) == pytest.approx(
        (single.lower, single.upper), abs=0.005
    )


def test_all_heads_found_prove_no_more_than_their_branches_do():
    assert heads([5] * 20, 5).lower == pytest.approx(0.025 ** (1 / 20))
    # One branch with nearly all heads counts for hardly more than one.
    assert heads([500, *[1] * 19], [500, *[1] * 19]).lower < 0.1


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=10))
def test_a_head_not_found_never_raises_the_lower_limit(pairs):
    on_roll = [n for n, _ in pairs]
    found = [min(n, k) for n, k in pairs]
    result = heads(found, on_roll)
    assert result.lower <= heads(on_roll, on_roll).lower + 1e-12
    assert 0 <= result.lower <= result.ratio <= result.upper <= 1


def lectures(selection="random"):
    """Ten branches that reported two lectures each, of which one was found."""
    roll = make_roll({("A", "rural", False): 10})
    checks = pd.DataFrame(
        {
            "branch": roll["branch"],
            "selection": selection,
            "check_date": "2016-07-20",
            "is_announced": False,
            "found_lectures": 1,
            "n_lectures": 2,
        }
    )
    return checks, roll


def test_a_factor_can_be_made_from_random_checks_only():
    checks, roll = lectures()
    mixed = pd.concat(
        [
            checks.head(4),
            checks.tail(6).assign(selection="prepared", found_lectures=2),
            checks.tail(6).assign(selection="targeted", found_lectures=0),
        ]
    )
    recounts = select_random(mixed, roll).recounts("found_lectures", "n_lectures")
    assert len(recounts.rows) == 4
    assert estimate_factor(recounts).factor == 0.5
    with pytest.raises(TypeError, match="only RandomRecounts give a factor"):
        estimate_factor(mixed.assign(unit="A", n_frame=10, reported=2, recounted=1))


def test_a_check_without_a_ledger_row_is_kept_and_not_used():
    checks, roll = lectures()
    checks["n_lectures"] = pd.array([2] * 7 + [None] * 3, dtype="Int64")
    recounts = select_random(checks, roll).recounts("found_lectures", "n_lectures")
    assert (len(recounts.rows), estimate_factor(recounts).n_checked) == (10, 7)


def test_a_place_of_the_recounts_is_estimated_as_if_it_were_the_whole():
    checks = pd.DataFrame(
        {
            "branch": ROLL["branch"][::10],
            "selection": "random",
            "check_date": "2016-07-20",
            "found_lectures": np.arange(len(ROLL["branch"][::10])) % 3,
            "n_lectures": 2,
        }
    )
    columns = ("found_lectures", "n_lectures")
    whole = select_random(checks, ROLL).recounts(*columns)
    for unit in ("A", "B"):
        roll = ROLL[ROLL["unit"] == unit]
        own = checks[checks["branch"].isin(roll["branch"])]
        expected = estimate_factor(select_random(own, roll).recounts(*columns))
        assert estimate_factor(whole.within("unit", unit)) == expected


def test_a_recount_below_zero_is_refused():
    checks, roll = lectures()
    with pytest.raises(ValueError, match="must not be negative"):
        select_random(checks.assign(found_lectures=-1), roll).recounts(
            "found_lectures", "n_lectures"
        )


def test_strata_with_one_recount_are_collapsed_and_named():
    recounts = pd.DataFrame(
        {
            "unit": "A",
            "sector": ["rural", "rural", "organ"],
            "n_frame": [30, 30, 20],
            "reported": [10, 8, 9],
            "recounted": [10, 7, 5],
        }
    )
    result = estimate_factor(RandomRecounts(recounts))
    assert sorted(result.collapsed) == [("A", "organ"), ("A", "rural")]
    assert result.df == 2


def test_a_factor_without_reports_is_undefined_and_one_check_has_no_error():
    recounts = pd.DataFrame(
        {"unit": ["A"], "n_frame": [9], "reported": [0], "recounted": [3]}
    )
    assert np.isnan(estimate_factor(RandomRecounts(recounts)).factor)
    single = estimate_factor(RandomRecounts(recounts.assign(reported=4)))
    assert single.factor == 0.75 and np.isnan(single.std_error)


def test_a_recount_with_a_blank_side_is_left_out():
    recounts = pd.DataFrame(
        {
            "unit": "A",
            "n_frame": 50,
            "reported": [10, 10, None],
            "recounted": [9, 9, 9],
        }
    )
    result = estimate_factor(RandomRecounts(recounts))
    assert (result.n_checked, result.factor) == (2, 0.9)


def test_a_stratum_recounted_whole_has_no_error():
    recounts = pd.DataFrame(
        {"unit": "A", "n_frame": 2, "reported": [10, 10], "recounted": [9, 4]}
    )
    result = estimate_factor(RandomRecounts(recounts))
    assert (result.factor, result.std_error) == (0.65, 0)


def test_the_bias_of_prepared_sites_is_their_rate_less_the_unannounced_one():
    unannounced = estimate_share(make_tally([("A", 1000, 100, 80)]))
    bias = measure_prepared_bias(58, 60, unannounced)
    assert bias.points == pytest.approx(100 * (58 / 60 - 0.8))
    assert 0 < bias.lower_points < bias.points < bias.upper_points < 100


def test_with_too_few_checks_on_either_side_there_is_no_bias_to_state():
    few = estimate_share(make_tally([("A", 1000, 9, 8)]))
    enough = estimate_share(make_tally([("A", 1000, 100, 80)]))
    assert np.isnan(measure_prepared_bias(58, 60, few).points)
    assert np.isnan(measure_prepared_bias(9, 9, enough).points)


@given(
    st.floats(0, 1), st.floats(0, 0.5), st.integers(MIN_DRAWN, 500), st.integers(1, 9)
)
def test_an_effective_size_is_never_more_than_was_checked(p, error, n, times):
    size, larger_error = effective_size([p, p], [error, times * error], [n, n])
    assert 1 <= larger_error <= size <= n


# Between rounds


def visits(roll, branches, confirmed):
    """Checks of some branches of a roll, the first `confirmed` of them confirmed."""
    held = ["yes" if at < confirmed else "no" for at in range(len(branches))]
    checks = {"branch": branches, "found_topic_1": held, "selection": "random"}
    return select_random(pd.DataFrame(checks | {"check_date": "2016-07-20"}), roll)


def test_the_change_over_one_panel_is_that_of_its_paired_differences():
    roll = make_roll({("A", "rural", False): 400})
    branches = roll["branch"].tolist()[:80]
    change = measure_change(
        visits(roll, branches, 50), visits(roll, branches, 62), "found_topic_1"
    )
    differences = np.repeat([0, 1, 0], [50, 12, 18])
    expected = np.sqrt((1 - 80 / 400) * differences.var(ddof=1) / 80)
    assert change.points == pytest.approx(100 * 12 / 80)
    assert change.std_error_points == pytest.approx(100 * expected)
    assert change.n_both == 80


def test_rounds_that_share_no_branch_are_independent():
    roll = make_roll({("A", "rural", False): 400})
    branches = roll["branch"].tolist()
    change = measure_change(
        visits(roll, branches[:80], 50),
        visits(roll, branches[100:180], 62),
        "found_topic_1",
    )
    errors = (change.earlier.std_error, change.later.std_error)
    assert change.std_error_points == pytest.approx(100 * np.hypot(*errors))
    assert change.n_both == 0


def test_a_round_of_under_ten_checks_is_not_compared():
    roll = make_roll({("A", "rural", False): 400})
    branches = roll["branch"].tolist()
    change = measure_change(
        visits(roll, branches[:9], 5), visits(roll, branches[:80], 62), "found_topic_1"
    )
    assert np.isnan(change.points) and change.n_both == 9


def test_over_many_pairs_of_rounds_the_limits_hold_the_true_change():
    roll = make_roll({("A", "rural", False): 300, ("A", "rural", True): 60})
    random = np.random.default_rng(5)
    first = random.random(len(roll)) < np.where(roll["is_weak"], 0.5, 0.8)
    last = first | (random.random(len(roll)) < 0.4)
    truth = 100 * (last.mean() - first.mean())
    strata = roll.groupby("is_weak").indices
    sizes = {False: 40, True: 16}
    held = 0
    for _ in range(200):
        rounds = []
        kept = {
            key: random.choice(rows, sizes[key], False) for key, rows in strata.items()
        }
        for truths, stays in ((first, 1.0), (last, 0.6)):
            drawn = []
            for key, rows in strata.items():
                stay = kept[key][: int(stays * sizes[key])]
                others = np.setdiff1d(rows, kept[key])
                new = random.choice(others, sizes[key] - len(stay), False)
                drawn.extend([*stay, *new])
            checks = pd.DataFrame(
                {
                    "branch": roll["branch"].to_numpy()[drawn],
                    "found_topic_1": truths[drawn],
                    "selection": "random",
                    "check_date": "2016-07-20",
                }
            )
            rounds.append(select_random(checks, roll))
        change = measure_change(*rounds, "found_topic_1")
        held += change.lower_points <= truth <= change.upper_points
    assert 0.92 <= held / 200 <= 1


# The rule for a unit


def test_the_rule_of_a_unit_has_its_exact_operating_characteristic():
    rule = choose_lot_rule(40, 12)
    bad = [
        sum(
            comb(marked, x) * comb(40 - marked, 12 - x)
            for x in range(rule.most_failures + 1, 13)
        )
        / comb(40, 12)
        for marked in (2, 8)
    ]
    assert (rule.acts_if_good, rule.acts_if_bad) == pytest.approx(tuple(bad))
    assert rule.acts_if_good <= 0.10
    # One failure fewer allowed, and good units would be wronged more often than that.
    assert chance_to_act(40, 12, rule.most_failures - 1, 0.95) > 0.10


@given(st.integers(1, 400), st.data())
def test_a_rule_acts_the_rarer_the_sounder_a_unit_is(n_frame, data):
    n_visits = data.draw(st.integers(1, n_frame))
    rule = choose_lot_rule(n_frame, n_visits)
    chances = chance_to_act(
        n_frame, n_visits, rule.most_failures, np.linspace(0, 1, 21)
    )
    assert (np.diff(chances) <= 1e-9).all()
    assert chances[-1] == 0 and rule.acts_if_good <= 0.10


def test_each_recount_keeps_whether_it_had_a_ledger_row_of_its_own():
    """A branch checked twice leaves a gap in the numbers of the rows."""
    rows = pd.DataFrame(
        {
            "branch": ["a", "a", "b", "c"],
            "stratum": [0, 0, 0, 0],
            "found": [1.0, 2.0, 3.0, 4.0],
            "reported": [1.0, 2.0, 3.0, 4.0],
            "is_own_row": [True, True, False, True],
        }
    )
    strata = pd.DataFrame({"unit": ["u"], "sector": ["s"], "n_frame": [9]})
    recounts = RandomChecks(rows, strata).recounts("found", "reported").rows
    assert recounts["is_own_row"].dtype == bool
    assert dict(zip(recounts["recounted"], recounts["is_own_row"], strict=True)) == {
        2.0: True,
        3.0: False,
        4.0: True,
    }


def test_what_was_claimed_of_too_few_checks_is_of_those_that_were_checked():
    """Beside 6 of 7 confirmed stand 5 of 7 claimed, whatever each branch stands for."""
    rows = [("A", 4, 4, 3), ("A", 290, 3, 3)]
    few = make_tally(rows, n_claimed=[2, 3])
    assert estimate_share(few).reported_before == pytest.approx(5 / 7)
    enough = make_tally([("A", 4, 4, 3), ("A", 290, 30, 30)], n_claimed=[2, 30])
    weighted = (4 * 2 / 4 + 290) / 294
    assert estimate_share(enough).reported_before == pytest.approx(weighted)


@pytest.mark.parametrize("n", [4, 5])
def test_heads_claimed_are_weighted_as_those_found(n):
    """Two heads a branch: `n` branches that stand for 10 each, and one for 1."""
    claimed = [1.0] * n + [0.2]
    rows = pd.DataFrame(
        {
            "unit": "A",
            "sector": ["rural"] * n + ["organ"],
            "n_frame": [10 * n] * n + [1],
            "reported": 2,
            "recounted": 2,
            "claimed": claimed,
        }
    )
    found = estimate_head_shares(RandomRecounts(rows), min_checked=6)
    weights = [10] * n + [1] if n == 5 else [1] * (n + 1)
    expected = np.average(claimed, weights=weights)
    assert found["reported_before"].item() == pytest.approx(expected)
