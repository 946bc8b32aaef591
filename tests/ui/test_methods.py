"""Method cards: every figure of a worked example is one that the code gives."""

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from data_pipeline.cold_cells import (
    adjust_bh,
    classify,
    compare_with_city,
    find_weak_hotspots,
    funnel_limits,
    order_weak,
)
from data_pipeline.credibility import (
    find_all_at_100,
    find_copied_months,
    find_jumps,
    find_own_lectures,
    find_part_over_whole,
    find_round_digits,
)
from data_pipeline.deadlines import judge_progress, pace_line
from data_pipeline.exact_distributions import binomial_at_least
from data_pipeline.sampling import (
    RandomRecounts,
    RandomTally,
    allocate,
    estimate_factor,
    estimate_share,
    measure_prepared_bias,
    prove_by_all_pass,
)
from data_pipeline.unevenness import (
    index_of_disparity,
    mean_log_deviation,
    measure_unevenness,
    theil_index,
)
from ui import i18n, methods

NUMBER = re.compile(r"(?<![A-Za-z])\d[\d,]*(?:\.\d+)?(?:e-\d+)?")
THREE = pd.DataFrame(
    {"numerator": [100, 190, 60], "denominator": [100, 200, 100], "unit": list("AAB")}
)
MEASURED = measure_unevenness(THREE, target=1.0)
OF_THREE = "100 200 190 60 95 87.5"


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def short(value: float) -> str:
    """A figure without a tail of zeros, as the cards write it."""
    return f"{value:.10g}"


def still_missing():
    parts = [short(100 * part) for part in MEASURED.missing_share]
    missing = (THREE["denominator"] - THREE["numerator"]).astype(str)
    return OF_THREE, [*missing, short(MEASURED.still_missing), *parts]


def gap_to_target():
    return OF_THREE, [short(MEASURED.gap_to_target_points)]


def hottest_coldest():
    ends = (100 * MEASURED.hottest.rate, 100 * MEASURED.coldest.rate)
    return OF_THREE, [*map(short, ends), short(MEASURED.spread_points)]


def mean_distance():
    return OF_THREE, [short(MEASURED.mean_distance_points)]


def room_to_improve():
    best = 100 * MEASURED.best.rate
    return OF_THREE, [short(best), short(MEASURED.room_to_improve_points)]


def between_within():
    split = MEASURED.splits["unit"]
    parts = [f"{part:.2f}" for part in (split.total, split.between, split.within)]
    return OF_THREE, [*parts, percent(split.between_share)]


def analyst_measures():
    rates = 100 * THREE["numerator"] / THREE["denominator"]
    rates = (rates.to_numpy(), THREE["denominator"].to_numpy())
    return OF_THREE, [
        short(MEASURED.bgv),
        f"{MEASURED.bgsd:.2f}",
        f"{index_of_disparity(*rates):.2f}",
        f"{theil_index(*rates):.4f}",
        f"{mean_log_deviation(*rates):.4f}",
    ]


def cell_class():
    cells = classify([180, 11, 199], [200, 12, 200], 1.0, city_rate=0.95)
    assert cells["cell_class"].tolist()[:2] == ["cold", "below_unproven"]
    return "100 180 200 11 12", [
        short(100 * cells["rate"][0]),
        percent(cells["rate"][1]),
        f"{cells['points_below_target'][1]:.1f}",
        f"{cells['p_cold_adjusted'][1]:.2f}",
    ]


def benjamini_hochberg():
    first, second, third, last = adjust_bh([0.01, 0.02, 0.04, 0.20])
    shown = [f"{first:.2f}", f"{second:.2f}", f"{third:.3f}", f"{last:.2f}"]
    return "0.01 0.02 0.04 0.20", shown


def funnel():
    inner, outer = (funnel_limits([100, 400], 0.9, c) for c in (0.95, 0.998))
    ends = [*inner.lower, *inner.upper, outer.lower[0], outer.upper[0]]
    return "90 100 95 99.8 400", [percent(end) for end in ends]


def pace():
    topic = [SimpleNamespace(due=date(2016, 8, 31), target=1.0)]
    line = pace_line(date(2016, 7, 31), date(2016, 7, 1), topic)
    done = {"2016-06": 300, "2016-07": 400}
    judged = judge_progress(done, 1000, date(2016, 8, 31))
    assert judged.status == "will_miss"
    figures = (judged.still_needed, judged.needed_per_month, judged.recent_pace)
    # Days and months of the story: 7月1日, 8月31日, 6月底.
    return "1 7 8 31 6 1000 300 400", [short(100 * line), *map(short, figures)]


def compare_city():
    places = compare_with_city([80, 95, 98], [100, 100, 100])
    assert places["differs"].tolist() == ["below", "no", "above"]
    points = [f"{abs(value):.0f}" for value in places["points_from_city"]]
    return "100 80 95 98", [*points, f"{100 * (80 + 95 + 98) / 300:.0f}"]


def weak_hotspots():
    cells = pd.DataFrame(
        {"sector": "rural", "n_branches": [20, 100, 80], "n_weak": [8, 4, 3]}
    )
    found = find_weak_hotspots(cells).iloc[0]
    assert found["is_hotspot"]
    shown = [short(found["n_expected"]), f"{found['ratio']:.1f}"]
    return "200 15 20 8", [*shown, f"{found['p_adjusted']:.5f}"]


def weak_order():
    organizations = pd.DataFrame(
        {
            "branch": ["B1", "B2", "B3"],
            "is_verified_failure": [False, True, False],
            "shortfall": [5, 0, 9],
            "days_overdue": [10, 0, 3],
        }
    )
    verdicts = pd.DataFrame(
        {"topic": "failed"}, index=pd.Index(organizations["branch"], name="branch")
    )
    ordered = order_weak(organizations, verdicts)
    told = "、".join(f"{row.branch}({row.band})" for row in ordered.itertuples())
    assert told in i18n.text("zh", "methods.weak_order.example")
    return "1 5 10 9 3", []


def weak_stability():
    branches = [f"B{number:02d}" for number in range(20)]
    organizations = pd.DataFrame(
        {
            "branch": branches,
            "is_verified_failure": False,
            "shortfall": 0,
            "days_overdue": 0,
        }
    )
    verdicts = pd.DataFrame("passed", index=branches, columns=list("abcd"))
    verdicts.loc["B00"] = "failed"
    verdicts.loc["B01", ["a", "b"]] = "failed"
    verdicts.loc["B02", "c"] = "failed"
    stable = order_weak(organizations, verdicts).set_index("branch")["stability"]
    shown = [f"{100 * stable[branch]:.0f}" for branch in branches[:3]]
    return "20 4 2 1", shown


def check_draw():
    sizes = [1000, 100, 1]
    drawn = allocate(sizes, 110, [1, 2.5, 1]).tolist()
    chances = [short(n / size) for n, size in zip(drawn[:2], sizes[:2], strict=True)]
    return "1000 100 1 2.5 110", [*map(str, drawn), *chances]


def all_pass():
    proven = prove_by_all_pass(208, 21)
    return "208 21 95", [percent(proven), short(208 * (1 - proven))]


def stratified_estimate():
    checks = {"n_checked": [100, 50, 50], "n_confirmed": [91, 26, 35]}
    strata = {"unit": list("ABC"), "n_frame": [4421, 755, 1018]}
    result = estimate_share(RandomTally(pd.DataFrame(strata | checks)))
    shares = (result.estimate, result.std_error, result.lower, result.upper)
    unweighted = result.n_confirmed / result.n_checked
    given = "4421 755 1018 100 50 91 26 35 95"
    return given, [percent(share) for share in (*shares, unweighted)]


def verification_factor():
    rows = {"reported": [10, 20, 10], "recounted": [8, 17, 9]}
    recounts = pd.DataFrame({"unit": "A", "n_frame": 100, **rows})
    result = estimate_factor(RandomRecounts(recounts))
    assert result.band == "over_reported"
    shown = [f"{result.factor:.2f}", f"{result.std_error:.3f}"]
    return "100 3 10 20 8 17 9", shown


def prepared_bias():
    checks = {"n_frame": [1000], "n_checked": [100], "n_confirmed": [80]}
    tally = RandomTally(pd.DataFrame({"unit": ["A"], **checks}))
    bias = measure_prepared_bias(59, 60, estimate_share(tally))
    shown = (bias.points, bias.lower_points, bias.upper_points)
    return "60 59 1000 100 80 95", [f"{points:.1f}" for points in shown]


def ledger(**counts) -> pd.DataFrame:
    place = {"month": "2016-07", "unit": "350102", "sector": "rural", "branch": "B1"}
    return pd.DataFrame({name: [value] for name, value in (place | counts).items()})


def flags():
    rows = ledger(n_lectures=10, n_lectures_grassroots=12)
    wholes = {"n_lectures_grassroots": "n_lectures"}
    found = find_part_over_whole(rows, wholes)
    assert len(found) == 1
    return "", [short(found["value"][0]), short(found["reference"][0])]


def flag_all_at_100():
    rows = ledger(n_branches=50, a=50, b=50, c=50)
    duties = dict.fromkeys("abc", "n_branches")
    found = find_all_at_100(rows, duties, verified_rates=0.9)
    # Chinese counts the three duties in a word.
    return "50 90 100", [f"{found['p_value'].item():.1e}"]


def flag_copied():
    rows = ledger(n_branches=90, **dict.fromkeys("abcde", 7))
    rows = pd.concat([rows, rows.assign(month="2016-08")], ignore_index=True)
    found = find_copied_months(rows, list("abcde"), {}, {})
    return "90 7 8", [short(found["value"].item())]


def flag_jump():
    rows = pd.concat([ledger(n_branches=100)] * 3, ignore_index=True)
    rows = rows.assign(month=["2016-07", "2016-08", "2016-09"], done=[3, 7, 98])
    found = find_jumps(rows, {"done": "n_branches"}, {"done": "2016-07"})
    shown = [f"{100 * found[name].item():.0f}" for name in ("value", "reference")]
    return "100 3 7 98", shown


def flag_digits():
    def flagged(n_round: int) -> pd.DataFrame:
        values = [10 + 5 * i for i in range(n_round)]
        values += [11 + 5 * i for i in range(100 - n_round)]
        rows = pd.concat([ledger()] * 100, ignore_index=True)
        return find_round_digits(rows.assign(n=values), ["n"], {})

    found = flagged(31)
    assert flagged(24).empty
    shown = [f"{found['p_value'].item():.3f}", f"{100 * found['value'].item():.0f}"]
    return "100 0 5 24", [*shown, f"{binomial_at_least(24, 100, 0.2).item():.3f}"]


def flag_own_lectures():
    rows = ledger(n_branches=100, n_lectures=80, n_lectures_grassroots=80)
    rows["branch"] = None
    checks = pd.concat([ledger()] * 10, ignore_index=True)
    checks["branch"] = [f"B{number}" for number in range(10)]
    checks["found_lectures_grassroots"] = [1, 1] + [0] * 8
    found = find_own_lectures(rows, checks)
    figures = (short(found["value"].item()), short(found["reference"].item()))
    return "100 80 10", [*figures, f"{found['p_value'].item():.3f}"]


WORKED: dict[str, Callable[[], tuple[str, list[str]]]] = {
    function.__name__: function
    for function in (
        still_missing,
        gap_to_target,
        hottest_coldest,
        mean_distance,
        room_to_improve,
        between_within,
        analyst_measures,
        cell_class,
        benjamini_hochberg,
        funnel,
        pace,
        compare_city,
        weak_hotspots,
        weak_order,
        weak_stability,
        check_draw,
        all_pass,
        stratified_estimate,
        verification_factor,
        prepared_bias,
        flags,
        flag_all_at_100,
        flag_copied,
        flag_jump,
        flag_digits,
        flag_own_lectures,
    )
}


def test_every_card_has_a_worked_example_that_is_computed_here():
    assert list(WORKED) == list(methods.cards())


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("card", WORKED)
def test_an_example_holds_the_figures_that_the_code_gives_and_no_others(card, language):
    given, computed = WORKED[card]()
    example = i18n.text(language, f"methods.{card}.example")
    written = {number.replace(",", "") for number in NUMBER.findall(example)}
    assert set(computed) - written == set()
    assert written - set(computed) - set(given.split()) == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_card_says_all_five_things_and_its_sentence_is_one(language):
    for card in methods.cards():
        texts = [
            i18n.text(language, f"methods.{card}.{field}") for field in methods.FIELDS
        ]
        assert all(texts), card
        sentence = texts[1]
        assert sentence[-1] in "。." and sentence[:-1].count("。") == 0, card
