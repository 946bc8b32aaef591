"""Method cards: every figure of a worked example is one that the code gives."""

import math
import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from data_pipeline.rates import open_marts, read_speaking_bounds
from data_pipeline.registry import load_registry
from data_pipeline.statistics import deadlines
from data_pipeline.statistics.chance_grouping import compare_groups
from data_pipeline.statistics.cold_cells import (
    adjust_bh,
    classify,
    compare_with_city,
    find_weak_hotspots,
    funnel_limits,
    measure_over_dispersion,
    order_weak,
    over_dispersed_limits,
)
from data_pipeline.statistics.credibility import (
    ALPHA,
    MOST_OFF,
    REASONS,
    find_ahead_of_window,
    find_all_at_100,
    find_copied_months,
    find_cumulative_falls,
    find_jumps,
    find_last_days,
    find_lucky_digits,
    find_near_neighbours,
    find_off_last_month,
    find_off_roll,
    find_organizations_equal,
    find_own_lectures,
    find_part_over_whole,
    find_round_digits,
    find_same_in_two_units,
    find_too_smooth,
)
from data_pipeline.statistics.design_effects import SUMS, design_effects
from data_pipeline.statistics.exact_distributions import binomial_at_least
from data_pipeline.statistics.modelled import pool_shares
from data_pipeline.statistics.sampling import (
    RandomRecounts,
    RandomTally,
    allocate,
    choose_lot_rule,
    estimate_factor,
    estimate_share,
    measure_change,
    measure_prepared_bias,
    prove_by_all_pass,
    select_random,
)
from data_pipeline.statistics.unevenness import (
    index_of_disparity,
    mean_log_deviation,
    measure_unevenness,
    theil_index,
    trace_unevenness,
)
from data_pipeline.statistics.withholding import Counts, withhold
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.area_profile.rows import stand
from reports.findings import list_courses, sum_by_group
from reports.overview.rows import largest_changes
from reports.sector_gaps.unevenness import describe_trend
from reports.talks.rank import rank_candidates
from reports.topics_and_speaking.rows import OUTCOMES, outcome_rows
from reports.weak_organizations.rows import STATES, count_states, count_types, stand_at
from reports.words import catalogue, sentences
from tests.submitted_rows import ledger_row, submit
from ui.parts import methods

PROJECT = Path(__file__).resolve().parents[3]
NUMBER = re.compile(r"(?<![A-Za-z])\d[\d,]*(?:\.\d+)?(?:e-\d+)?")
THREE = pd.DataFrame(
    {
        "numerator": [100, 190, 60],
        "denominator": [100, 200, 100],
        "unit": list("AAB"),
        "sector": list("rsr"),
    }
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


def groups_by_chance():
    even = [(unit, "G1", part, 2) for unit in "abcd" for part in (1, 1)]
    uneven = [(unit, "G2", part, 2) for unit in "efghij" for part in (0, 2)]
    columns = ["unit", "group", "numerator", "denominator"]
    cells = pd.DataFrame(even + uneven, columns=columns)
    found = compare_groups(cells, "unit", "group").set_index("group").loc["G1"]
    shown = [f"{found['p_adjusted']:.3f}", short(found["chance_lower"])]
    distance = short(found["mean_distance_points"])
    return "10 4 6 100 2 1", [distance, short(math.comb(10, 4)), *shown]


def room_to_improve():
    best = 100 * MEASURED.best.rate
    return OF_THREE, [short(best), short(MEASURED.room_to_improve_points)]


def between_within():
    split = MEASURED.splits["unit"]
    parts = [f"{part:.2f}" for part in (split.total, split.between, split.within)]
    by_sector = MEASURED.splits["sector"]
    parts += [percent(split.between_share), percent(by_sector.between_share)]
    return OF_THREE, [*parts, f"{by_sector.between:.2f}"]


def unevenness_trend():
    cells = pd.DataFrame(
        {
            "month": ["2016-04", "2016-04", "2016-05", "2016-05"],
            "numerator": [40, 30, 100, 40],
            "denominator": [100] * 4,
        }
    )
    traced = trace_unevenness(cells, 1.0)
    assert describe_trend(traced).startswith("平均升，差距拉大")
    shown = [100 * traced["rate"], traced["mean_distance_points"]]
    return "100 4 40 30 5", [short(value) for values in shown for value in values]


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


def by_branch():
    came = np.array([10.0] * 8 + [0.0] * 2)
    ten = np.full(10, 10.0)
    sums = [10, 100, 10, 80, 100, came @ came, came @ ten, ten @ ten]
    spread = pd.DataFrame(
        [["350102", "rural", *sums]], columns=["unit", "sector", *SUMS]
    )
    effect = design_effects(spread, ["unit"])["design_effect"]
    judged, alone = (classify([80], [100], 0.9, 0.9, d) for d in (effect, 1))
    assert judged["cell_class"][0] == "below_unproven"
    assert alone["cell_class"][0] == "cold"
    return "90 10 10 8 2 80 100 10 8 100 30", [
        f"{100 * judged['rate'][0]:.0f}",
        f"{effect[0]:.0f}",
        f"{judged['p_cold'][0]:.2f}",
        f"{alone['p_cold'][0]:.3f}",
    ]


def pace_line():
    topic = [SimpleNamespace(due=date(2016, 6, 30), target=1.0)]
    start, end = date(2016, 4, 1), date(2016, 6, 30)
    line = deadlines.pace_line(date(2016, 4, 30), start, topic)
    days = (end - start).days + 1
    # Days and months of the story: 4月1日, 6月30日; the number of topic 1.
    return "1 4 6 30 100", [percent(line), str(days)]


def withheld():
    leaders = np.array([[3.0], [40.0], [60.0]])
    places = np.vstack([np.eye(3, dtype=bool), np.ones((1, 3), bool)])
    totals = ((3, (0, 1, 2)),)
    counts = Counts({"n": leaders}, (), frozenset(), places, totals)
    hidden = withhold(counts)["n"].ravel()
    sums = counts.sums("n").ravel()
    shown = [short(number) for number in sums[~hidden]]
    return " ".join(shown), [short(number) for number in sums[hidden]]


def benjamini_hochberg():
    first, second, third, last = adjust_bh([0.01, 0.02, 0.04, 0.20])
    shown = [f"{first:.2f}", f"{second:.2f}", f"{third:.3f}", f"{last:.2f}"]
    return "0.01 0.02 0.04 0.20", shown


def funnel():
    inner, outer = (funnel_limits([100, 400], 0.9, c) for c in (0.95, 0.998))
    ends = [*inner.lower, *inner.upper, outer.lower[0], outer.upper[0]]
    return "90 100 95 99.8 400", [percent(end) for end in ends]


def over_dispersion():
    done, size = [78, 88, 91, 94, 97], [100]
    spread = measure_over_dispersion(done, size * 5)
    solid = funnel_limits(size, spread.city_rate, 0.998)
    dashed = over_dispersed_limits(size, spread.city_rate, spread.tau2)
    limits = (solid.lower[0], dashed.lower[0])
    assert limits[0] > done[0] / 100 > limits[1]
    shown = [percent(share) for share in (spread.city_rate, *limits)]
    return "100 78 88 91 94 97 99.8", shown


def pace():
    done = {"2016-06": 300, "2016-07": 400}
    judged = deadlines.judge_progress(done, 1000, date(2016, 8, 31))
    assert judged.status == "will_miss"
    figures = (judged.still_needed, judged.needed_per_month, judged.recent_pace)
    # Days and months of the story: 8月31日, 6月底, 7月底.
    return "7 8 31 6 1000 300 400", [*map(short, figures)]


def in_time():
    done = {"2016-08": 700, "2016-09": 900, "2016-10": 960}
    registry = load_registry()
    topic = registry.metrics["topic_2_coverage"]
    dates = {"due": topic.due, "window_end": topic.window.end}
    judged = deadlines.judge_progress(done, 1000, **dates)
    (row,) = outcome_rows({topic.id: (judged, 1000.0)}, registry).to_dict("records")
    shown = [round(1000 * row[name]) for name in OUTCOMES if row[name]]
    assert shown == [700, 200, 60, 40]
    # Days and months of the story: 8月31日, 9月30日, 8月底, 9月底, 10月底.
    figures = [*map(short, shown), percent(judged.in_time)]
    return "1000 8 31 9 30 10 700 900 960", figures


def changes():
    rows = [("A", 40, 65, 100), ("B", 30, 33, 60)]
    cells = pd.DataFrame(
        [
            {"month": month, "unit": unit, "numerator": done, "denominator": n}
            for unit, *months, n in rows
            for month, done in zip(("2016-07", "2016-08"), months, strict=True)
        ]
    )
    cells["rate"] = cells["numerator"] / cells["denominator"]
    moved = largest_changes(cells, ("2016-07", "2016-08"))
    assert moved["unit"].tolist() == ["A", "B"]
    return "100 40 65 60 30 33", [f"{100 * change:.0f}" for change in moved["change"]]


def compare_city():
    places = compare_with_city([80, 95, 98], [100, 100, 100])
    assert places["differs"].tolist() == ["below", "no", "above"]
    points = [f"{abs(value):.0f}" for value in places["points_from_city"]]
    return "100 80 95 98", [*points, f"{100 * (80 + 95 + 98) / 300:.0f}"]


def quartile_band():
    units = pd.DataFrame(
        {
            "month": "2016-07",
            "unit": list("ABCDE"),
            "numerator": [60, 70, 80, 90, 100],
            "denominator": 100,
        }
    )
    units["rate"] = units["numerator"] / units["denominator"]
    name = "topic_2_coverage"
    whole = units.drop(columns="unit")[:0]
    rows = stand({name: units}, {name: whole}, load_registry(), None, ("2016-07",))
    ends = rows[["lower_quartile", "upper_quartile"]].iloc[0]
    return "100 60 70 80 90", [percent(end) for end in ends]


def reach_ceiling():
    metric = load_registry().metrics["lecture_reach_ceiling"]
    sentence = sentences.reach_ceiling(metric, 2366, 16198, "en")
    return "", [number.replace(",", "") for number in NUMBER.findall(sentence)]


def speaking_bounds():
    spoke = {f"n_speakers_topic_{n}": x for n, x in enumerate((18, 15, 10), 1)}
    row = ledger_row("2016-12", "GX", "school", n_branches=1, n_members=50, **spoke)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        with lake.writing():
            submit(lake, "2017-01-10", [row])
            build(lake.root, load_registry())
        found = read_speaking_bounds(open_marts(lake.root), months=["2016-12"]).iloc[0]
    counts = [f"{found[name]:.0f}" for name in ("n_spoke_least", "n_spoke_most")]
    # English writes no number of topics, Chinese says 三.
    return "50 18 15 10", [*counts, percent(found["lower"]), percent(found["upper"])]


def weak_hotspots():
    cells = pd.DataFrame(
        {"sector": "rural", "n_branches": [20, 100, 80], "n_weak": [8, 4, 3]}
    )
    found = find_weak_hotspots(cells).iloc[0]
    assert found["is_hotspot"]
    shown = [short(found["n_expected"]), f"{found['ratio']:.1f}"]
    return "200 15 20 8", [*shown, f"{found['p_adjusted']:.5f}"]


def weak_states():
    listed = ["2016-04-20", "2016-05-10", "2016-08-01", "2016-04-20"]
    converted = ["2016-08-10", None, None, "2016-06-20"]
    cases = pd.DataFrame(
        {
            "listed_date": pd.to_datetime(listed),
            "converted_date": pd.to_datetime(converted),
            "status": ["converted", "under_way", "under_way", "relapsed"],
        }
    )
    counts = count_states(cases, load_registry(), ["2016-09"]).iloc[0]
    assert (counts[[f"n_{state}" for state in STATES]] == 1).all()
    days = stand_at(cases, load_registry(), "2016-09")["days_listed"]
    shown = [str(counts["n_listed"]), percent(counts["rate"]), *map(str, days[1:3])]
    # Days and months of the story: 9月30日, 8月, 5月10日, 8月1日.
    return "9 30 8 5 10 1", shown


def weak_types():
    branches = [f"B{number:02d}" for number in range(20)]
    roll = {"branch": branches, "sector": "community", "is_weak": True}
    roll = pd.DataFrame(roll | {"n_members": 30})
    ways = ["random"] * 2 + ["targeted"] + ["prepared"] * 4
    checks = pd.DataFrame({"branch": branches[: len(ways)], "selection": ways})
    cases = pd.DataFrame({"branch": [], "state": []})
    types = count_types(roll, cases, checks).set_index("sector").loc["community"]
    given = [short(types[f"n_{way}"]) for way in ("random", "targeted", "prepared")]
    shown = [short(types["n_checked"]), percent(types["share"])]
    return "20", [*given, *shown]


def weak_order():
    organizations = pd.DataFrame(
        {
            "branch": ["B1", "B2", "B3"],
            "is_refuted": [False, True, False],
            "shortfall": [5, 0, 9],
            "days_overdue": [10, 0, 3],
        }
    )
    verdicts = pd.DataFrame(
        {"topic": "failed"}, index=pd.Index(organizations["branch"], name="branch")
    )
    ordered = order_weak(organizations, verdicts)
    order = "、".join(f"{row.branch}（{row.band}）" for row in ordered.itertuples())
    assert order in catalogue.text("zh", "methods.weak_order.example")
    return "1 5 10 9 3", []


def weak_stability():
    branches = [f"B{number:02d}" for number in range(20)]
    organizations = pd.DataFrame(
        {
            "branch": branches,
            "is_refuted": False,
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
    metric = load_registry().metrics["topic_1_coverage"]
    sentence = sentences.verified_headline(
        metric, 0.99, result.estimate, (result.lower, result.upper), result.n_frame
    )
    unverified = re.findall(r"约 ([\d,]+)（([\d,]+)–([\d,]+)）", sentence)[0]
    given = "4421 755 1018 100 50 91 26 35 95 99.0"
    shown = [percent(share) for share in (*shares, unweighted)]
    return given, [*shown, *(number.replace(",", "") for number in unverified)]


def lot_rule():
    rule = choose_lot_rule(200, 24)
    shown = [percent(rule.acts_if_good), percent(rule.acts_if_bad)]
    return "200 24 95 80", [str(rule.most_failures), *shown]


def change_of_rounds():
    branches = range(1000)
    roll = pd.DataFrame({"branch": branches, "unit": "350102", "sector": "rural"})

    def visits(first: int, confirmed: int):
        held = ["yes"] * confirmed + ["no"] * (100 - confirmed)
        checks = {"branch": branches[first : first + 100], "found_topic_1": held}
        about = {"selection": "random", "check_date": "2016-07-20"}
        return select_random(pd.DataFrame(checks | about), roll)

    change = measure_change(visits(0, 80), visits(50, 95), "found_topic_1")
    shown = (change.points, change.std_error_points)
    limits = (change.lower_points, change.upper_points)
    given = "1000 100 80 95"
    return given, [str(change.n_both), *(f"{one:.1f}" for one in (*shown, *limits))]


def modelled_rate():
    checks = {"n_checked": [40, 40, 40, 4, 0], "n_confirmed": [38, 34, 30, 2, 0]}
    strata = pd.DataFrame({"unit": list("ABCDE"), "n_frame": 200} | checks)
    few, none = pool_shares(RandomTally(strata), ["unit"]).to_dict("records")[3:]
    shown = (few["rate"], none["rate"], none["lower"], none["upper"])
    return "200 40 38 34 30 4 2 0 50 95", [percent(share) for share in shown]


def verification_factor():
    rows = pd.DataFrame({"reported": [10, 20, 10], "recounted": [8, 17, 9]})
    rows = rows.assign(unit="A", n_frame=400)
    many = estimate_factor(RandomRecounts(pd.concat([rows] * 12)))
    few = estimate_factor(RandomRecounts(rows))
    assert (many.band, few.band) == ("over_reported", "consistent")
    limits = (many.lower, many.upper, few.lower, few.upper)
    shown = [f"{many.std_error:.3f}", *(f"{one:.2f}" for one in (many.factor, *limits))]
    return "400 36 10 20 10 8 17 9 3", shown


def prepared_bias():
    checks = {"n_frame": [1000], "n_checked": [100], "n_confirmed": [80]}
    tally = RandomTally(pd.DataFrame({"unit": ["A"], **checks}))
    bias = measure_prepared_bias(59, 60, estimate_share(tally))
    shown = (bias.points, bias.lower_points, bias.upper_points)
    return "60 59 1000 100 80 95", [f"{points:.1f}" for points in shown]


def ledger(**counts) -> pd.DataFrame:
    place = {"month": "2016-07", "unit": "350102", "sector": "rural", "branch": "B1"}
    return pd.DataFrame({name: [value] for name, value in (place | counts).items()})


LECTURES = (
    ledger(n_lectures=10, n_lectures_grassroots=12),
    {"n_lectures_grassroots": "n_lectures"},
)


def flags():
    found = find_part_over_whole(*LECTURES)
    return "12 10", [str(len(REASONS)), str(len(found))]


def flag_part_over_whole():
    found = find_part_over_whole(*LECTURES)
    return "", [short(found["value"][0]), short(found["reference"][0])]


def flag_cumulative_falls():
    rows = pd.concat([ledger(n_lectures=40), ledger(n_lectures=12)], ignore_index=True)
    rows["month"] = ["2016-06", "2016-07"]
    found = find_cumulative_falls(rows, ["n_lectures"])
    return "6 7", [short(found[name].item()) for name in ("value", "reference")]


def flag_all_at_100():
    rows = ledger(n_branches=50, a=50, b=50, c=50)
    duties = dict.fromkeys("abc", "n_branches")
    found = find_all_at_100(rows, duties)
    n_checks = next(n for n in range(1, 100) if 0.9**n <= ALPHA)
    # Chinese counts the three duties in a word.
    figures = [short(found[name].item()) for name in ("value", "reference")]
    return "50 90 100", [*figures, str(n_checks)]


def flag_copied_month():
    rows = ledger(n_branches=90, **dict.fromkeys("abcde", 7))
    rows = pd.concat([rows, rows.assign(month="2016-08")], ignore_index=True)
    found = find_copied_months(rows, list("abcde"), {}, {})
    return "90 7 8", [short(found["value"].item())]


def flag_same_in_two_units():
    rows = pd.concat([ledger(n_branches=90, **dict.fromkeys("abcde", 17))] * 2)
    rows = rows.reset_index(drop=True).assign(unit=["350102", "350104"])
    found = find_same_in_two_units(rows, list("abcde"))
    shown = [short(found[name].iloc[0]) for name in ("value", "reference")]
    return "90 17 8", shown


def flag_last_days():
    days = ["2016-07-05"] * 4 + ["2016-07-30"] * 6
    found = find_last_days(pd.DataFrame({"date": days, "unit": "350102"}))
    rows = len(found["rows"].item())
    return "10 7 30", [str(rows), f"{100 * found['value'].item():.0f}"]


def flag_ahead_of_window():
    rows = ledger(n_branches_topic_2=4).assign(month="2016-06")
    found = find_ahead_of_window(rows, {"n_branches_topic_2": "2016-07"})
    # English numbers the topic: topic 2.
    return "2 7 6", [short(found["value"].item())]


def flag_jump():
    rows = pd.concat([ledger(n_branches=100)] * 3, ignore_index=True)
    rows = rows.assign(month=["2016-07", "2016-08", "2016-09"], done=[3, 7, 98])
    found = find_jumps(rows, {"done": "n_branches"}, {"done": "2016-07"})
    shown = [f"{100 * found[name].item():.0f}" for name in ("value", "reference")]
    return "100 3 7 98", shown


def flag_round_digits():
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


def flag_off_roll():
    roll = ledger(n_branches=309)[["unit", "sector", "n_branches"]]
    found = find_off_roll(ledger(n_branches=5000), roll, ["n_branches"])
    figures = [short(found[name].item()) for name in ("value", "reference")]
    return "10", [*figures, f"{MOST_OFF * 309:.1f}"]


def flag_off_last_month():
    rows = pd.concat([ledger(n_branches=309), ledger(n_branches=250)])
    rows = rows.reset_index(drop=True).assign(month=["2016-06", "2016-07"])
    found = find_off_last_month(rows, ["n_branches"])
    apart = found["reference"].item() - found["value"].item()
    return "309 250 6 7", [short(apart), f"{MOST_OFF * 309:.1f}"]


def flag_organizations_equal():
    rows = pd.concat([ledger(n_branches=12), ledger(n_branches=30)])
    rows = rows.reset_index(drop=True)
    rows["n_organizations"] = rows["n_branches"]
    return "12 30", [short(find_organizations_equal(rows)["value"].item())]


def flag_lucky_digits():
    values = [16 + 10 * i for i in range(31)] + [11 + 10 * i for i in range(69)]
    rows = pd.concat([ledger()] * 100, ignore_index=True).assign(n=values)
    found = find_lucky_digits(rows, ["n"], {})
    shown = [f"{100 * found['value'].item():.0f}", f"{found['p_value'].item():.3f}"]
    return "100 6 8", shown


def flag_too_smooth():
    rows = pd.concat([ledger()] * 5, ignore_index=True)
    rows["month"] = [f"2016-{month:02d}" for month in range(4, 9)]
    rows["a"], rows["b"] = [0, 10, 20, 30, 40], [0, 30, 60, 90, 121]
    rows["c"] = [0, 6, 12, 18, 25]
    found = find_too_smooth(rows, list("abc"), {})
    assert found["value"].item() == 3
    gains = rows[list("abc")].diff().dropna()
    apart = (gains.max() - gains.min()).max()
    median = (gains.var() / gains.mean()).median()
    return "10 30 6 1", [f"{median:.2f}", short(apart)]


def flag_near_neighbour():
    counts = {f"n{i}": [40 + 9 * i, 41 + 9 * i] for i in range(6)}
    rows = pd.concat([ledger(n_branches=90), ledger(n_branches=120)])
    rows = rows.reset_index(drop=True).assign(unit=["350111", "350112"], **counts)
    found = find_near_neighbours(rows, list(counts), {})
    assert len(found) == 2
    given = " ".join(str(values[0]) for values in counts.values())
    return f"1 {given}", [f"{100 * found['value'].max():.1f}"]


def talk_order():
    cells = pd.DataFrame(
        {
            "supervision_group": "G1",
            "unit": ["350103", "350102"],
            "sector": "rural",
            "still_missing": [9, 5],
            "cold": 1,
            "flagged": [0, 1],
        }
    )
    weights = {r.id: r for r in load_registry().talks.reasons}
    ranked = rank_candidates(cells, [weights["cold"], weights["flagged"]], 10)
    assert ranked["unit"].tolist() == ["350102", "350103"]
    given = [short(weights[reason].weight) for reason in ("cold", "flagged")]
    sums = [short(weight) for weight in ranked["weight"]]
    return "5 9", [*given, *sums]


def days_to_close():
    filed = pd.DataFrame(
        {
            "finding": ["jump-HTZ-all-2016-05", "jump-HTZ-all-2016-06"],
            "finding_state": ["explained", "corrected"],
            "date": pd.to_datetime(["2016-06-28", "2016-08-01"]),
            "received": pd.to_datetime(["2016-08-20"] * 2),
            "supervision_group": "G2",
        }
    )
    courses = list_courses(filed, load_registry())
    sums = sum_by_group(courses, courses, load_registry())
    median = sums.set_index("supervision_group").loc["G2", "median_days"]
    days = [*courses["days_to_close"], median]
    return "6 15 28 7 8 1", [short(number) for number in days]


# The worked example of a card is the function above that bears its name.
WORKED: dict[str, Callable[[], tuple[str, list[str]]]] = {
    card: globals()[card] for card in methods.cards() if card in globals()
}


def test_every_card_has_a_worked_example_that_is_computed_here():
    assert set(methods.cards()) - set(WORKED) == set(), "no function of that name here"


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
@pytest.mark.parametrize("card", WORKED)
def test_an_example_holds_the_figures_that_the_code_gives_and_no_others(card, language):
    given, computed = WORKED[card]()
    example = catalogue.text(language, f"methods.{card}.example")
    written = {number.replace(",", "") for number in NUMBER.findall(example)}
    assert set(computed) - written == set()
    assert written - set(computed) - set(given.split()) == set()


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_a_card_says_all_five_things_and_its_sentence_is_one(language):
    for card in methods.cards():
        texts = [
            catalogue.text(language, f"methods.{card}.{field}")
            for field in methods.FIELDS
        ]
        assert all(texts), card
        sentence = texts[1]
        assert sentence[-1] in "。." and sentence[:-1].count("。") == 0, card
