"""The made-up city obeys the contract in every row and says what the speech says.

The workbooks are read back here with nothing of the product but its registry, so that
a fault of the reader cannot hide a fault of the demo.
"""

import sys
import types
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from data_pipeline.check_plan import draw_plan
from data_pipeline.demo_city import plan_rounds, write_workbooks
from data_pipeline.demo_city.branches import (
    load_allocation,
    load_townships,
    make_branches,
    split_whole,
)
from data_pipeline.demo_city.reporting import COUNTS, FLOWS, HABITS, WHOLES
from data_pipeline.rates import open_marts, read_checks, read_rates
from data_pipeline.statistics.sampling import draw_checks, estimate_share, tally_random
from data_pipeline.store.draw_register import draw_id, register_draw
from data_pipeline.warehouse import build
from tests.demo_city import REGISTRY, SMALL, City, honest, read_sheet, sheets_of

MONTHS = REGISTRY.calendar.months


def names_of(deliveries) -> list[str]:
    """What each file is about: the first table in it."""
    return [sheets_of(delivery.path)[0][0] for delivery in deliveries]


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> City:
    return City(tmp_path_factory.mktemp("city"))


def test_the_roll_has_every_branch_of_the_allocation_and_all_185_townships(city):
    counts = city.roll.groupby(["unit", "sector"]).size().unstack(fill_value=0)
    expected = load_allocation()
    assert counts.loc[expected.index, expected.columns].equals(
        expected.rename_axis(index="unit", columns="sector")
    )
    assert city.roll["branch"].is_unique and len(city.roll) == 16_198
    places = city.roll[city.roll["township"] != ""]
    placed = set(zip(places["unit"], places["township"], strict=True))
    townships = load_townships()
    assert placed == set(zip(townships["unit"], townships["township"], strict=True))
    assert len(placed) == 185


def test_the_roll_comes_first_and_uses_only_the_allowed_words(city):
    tables = names_of(city.deliveries)
    assert set(tables[: tables.count("roll")]) == {"roll"}
    words = REGISTRY.tables["roll"].column("branch_type").words
    assert set(city.roll["branch_type"]) == set(words)
    assert set(city.roll["is_weak_base"]) == {"是", "否"}
    assert (city.roll["n_members"] >= city.roll["n_leaders"]).all()
    codes = city.roll["branch"].str.fullmatch(r"(\d{6}|[A-Z]+)-[OSRCNE]\d{4}")
    assert codes.all()


def test_july_totals_are_those_of_the_speech(city):
    july = city.month("2016-07")
    assert july["n_lectures"].sum() == 2366
    assert july["n_leader_speeches"].sum() == 7499
    assert july["n_branches"].sum() == 16_198


def test_topic_1_is_reported_nearly_everywhere_and_was_held_far_less(city):
    july = city.month("2016-07")
    reported = july["n_branches_topic_1"].sum() / july["n_branches"].sum()
    assert 0.998 <= reported < 1
    true = city.truth[city.truth["month"] == "2016-07"]["n_branches_topic_1"].mean()
    assert 0.89 < true < 0.92


def test_non_public_and_mobile_branches_are_truly_colder(city):
    true = city.truth[city.truth["month"] == "2016-07"]
    by_sector = true.groupby("sector")["n_branches_topic_1"].mean()
    assert by_sector.idxmin() == "nonpublic"
    assert by_sector["organ"] - by_sector["nonpublic"] > 0.1
    by_type = true.groupby("branch_type")["n_branches_topic_1"].mean()
    assert by_type["流动"] < by_type["普通"] - 0.15
    weak = {(w["unit"], w["township"]) for w in city.notes["weak_townships"]}
    is_weak = [key in weak for key in zip(true["unit"], true["township"], strict=True)]
    in_weak = true["n_branches_topic_1"][is_weak].mean()
    assert in_weak < true["n_branches_topic_1"].mean() - 0.05


def broken_rules(rows: pd.DataFrame) -> list[str]:
    rows = rows.assign(n_members_ordinary=rows["n_members"] - rows["n_leaders"])
    broken = []
    for rule in REGISTRY.rules:
        if rule.table != "ledger" or rule.is_reported:
            continue
        left = rows[rule.column]
        if rule.kind == "zero_before":
            is_broken = (rows["month"] < rule.month) & (left > 0)
        elif rule.kind == "at_most":
            is_broken = left > rows[rule.other]
        elif rule.kind == "one_with":
            is_filled = rows[rule.other].fillna("") != ""
            is_broken = is_filled & left.notna() & (left != 1)
        else:
            assert rule.kind == "at_least"
            is_broken = left < rows[rule.other]
        if is_broken.any():
            broken.append(f"{rule.id}: {rows[is_broken].iloc[0].to_dict()}")
    return broken


@pytest.mark.parametrize("size", ["city", "small_city"])
def test_every_row_ever_filed_obeys_every_rule(size, request):
    made = request.getfixturevalue(size)
    assert broken_rules(made.ledger) == []
    assert broken_rules(made.state) == []
    assert (made.ledger[list(COUNTS)].fillna(0) >= 0).all(axis=None)
    assert made.ledger["n_branches"].notna().all()


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_another_seed_keeps_rules_and_totals(seed, tmp_path):
    made = City(tmp_path, seed=seed, branches_share=0.03)
    assert broken_rules(made.ledger) == []
    july = made.month("2016-07")
    share = len(made.roll) / 16_198
    assert july["n_lectures"].sum() == round(2366 * share)
    assert july["n_leader_speeches"].sum() == round(7499 * share)


def test_every_file_and_sheet_stays_within_the_limits(city):
    assert len(city.deliveries) > 60
    for delivery in city.deliveries:
        assert delivery.path.stat().st_size < 5 * 1024**2
        assert all(len(cells) < 5000 for _, cells in sheets_of(delivery.path))
    assert any(d.path.suffix == ".csv" for d in city.deliveries)
    assert any(len(sheets_of(d.path)) > 1 for d in city.deliveries)


def test_every_workbook_says_that_it_is_made_up(city):
    for delivery in city.deliveries:
        if delivery.path.suffix == ".xlsx":
            assert all("示例数据" in c[0][0] for _, c in sheets_of(delivery.path))


def test_totals_and_subtotals_are_the_sums_of_their_rows(small_city):
    n_totals = 0
    for delivery in small_city.deliveries:
        for table, cells in sheets_of(delivery.path):
            if table != "ledger":
                continue
            rows, totals, _ = read_sheet("ledger", cells)
            of_units = [t for t in totals if "小计" in t.values()]
            overall = [t for t in totals if "合计" in t.values()]
            assert len(overall) == 1
            for column in ("n_branches", "n_lectures", "n_members_spoke"):
                blank = rows[column].astype(str).isin(["", "/", "—"])
                expected = pd.to_numeric(rows[column].mask(blank)).sum()
                assert int(overall[0][column] or 0) == expected
                if of_units:
                    assert sum(int(t[column] or 0) for t in of_units) == expected
            n_totals += len(totals)
    assert n_totals > 70


def test_files_arrive_in_order_with_their_zone_and_after_their_month(city):
    received = [delivery.received for delivery in city.deliveries]
    assert received == sorted(set(received))
    assert all(moment.utcoffset().total_seconds() == 8 * 3600 for moment in received)
    month_received = city.ledger["received"].map(lambda moment: f"{moment:%Y-%m}")
    assert (month_received > city.ledger["month"]).all()


def test_a_file_holds_only_units_of_the_group_that_sends_it(city):
    group_of = {code: unit.group for code, unit in REGISTRY.units.items()}
    for frame in city.tables.values():
        if "unit" in frame:
            rows = frame[frame["unit"] != ""]
            assert (rows["unit"].map(group_of) == rows["group"]).all()
    stated = city.ledger["supervision_group"].map(
        lambda text: REGISTRY.resolve("supervision_group", text)
    )
    assert (stated == city.ledger["group"]).all()


def test_branches_of_the_ledger_stand_on_the_roll_and_grains_are_not_mixed(city):
    rows = city.ledger[city.ledger["branch"] != ""]
    home = city.roll.set_index("branch")[["unit", "sector"]]
    assert rows["branch"].isin(home.index).all()
    assert (rows["unit"] == rows["branch"].map(home["unit"])).all()
    assert (rows["sector"] == rows["branch"].map(home["sector"])).all()
    grains = city.state.groupby(["month", "unit", "sector"])["branch"].agg(
        lambda codes: (codes == "").nunique()
    )
    assert (grains == 1).all()
    pooled = set(city.ledger.loc[city.ledger["branch"] == "", "unit"])
    assert pooled == {"350123", "350125", "GQ", "LX"}


def test_late_and_missing_months_are_those_that_were_planted(city):
    last = {m: REGISTRY.calendar.filing_deadline(m) for m in MONTHS}
    first = city.ledger.groupby(["unit", "month"])["received"].min()
    late = {key for key, moment in first.items() if moment >= last[key[1]]}
    filed = set(first.index)
    missing = {(u, m) for u in REGISTRY.units for m in MONTHS} - filed
    planted = {
        kind: {(h.unit, m) for h in HABITS if h.kind == kind for m in h.months}
        for kind in ("late", "missing")
    }
    assert late == planted["late"]
    assert missing == planted["missing"]


def cells_of(state: pd.DataFrame) -> pd.DataFrame:
    """Sums of unit x sector, months side by side, for each count."""
    sums = state.groupby(["unit", "sector", "month"])[list(COUNTS)].sum(min_count=1)
    return sums.unstack("month")


def test_cumulative_counts_fall_only_where_a_month_was_filed_unadded(city):
    cells = cells_of(city.state)
    falls = set()
    for column in FLOWS:
        filled = cells[column].ffill(axis=1)
        unit_sector, month = np.nonzero(filled.diff(axis=1).to_numpy() < 0)
        falls |= {
            (*cells.index[i], MONTHS[j])
            for i, j in zip(unit_sector, month, strict=True)
        }
    assert falls == {("HTZ", "organ", "2016-10"), ("HTZ", "nonpublic", "2016-10")}


def planted(kind: str) -> list[tuple[str, str, str]]:
    every = list(load_allocation().stack().loc[lambda n: n > 0].index)
    return [
        (unit, sector, month)
        for habit in HABITS
        if habit.kind == kind
        for unit, sector in every
        if unit == habit.unit and (not habit.sectors or sector in habit.sectors)
        for month in habit.months
    ]


def test_all_100_units_claim_everything_and_no_honest_cell_does(city):
    cells = city.state.groupby(["unit", "sector", "month"])[list(COUNTS)].sum()
    pairs = [
        ("n_branches_topic_1", "n_branches"),
        ("n_leaders_attended", "n_leaders"),
        ("n_leaders_spoke", "n_leaders_attended"),
        ("n_branches_topic_2", "n_branches"),
    ]
    full = sum(
        (cells[part] == cells[whole]) & (cells[whole] >= 50) for part, whole in pairs
    )
    cold = honest(cells.reset_index()).to_numpy()
    for unit, sector, month in planted("all_100"):
        row = cells.loc[(unit, sector, month)]
        assert row["n_members_spoke"] == row["n_members"] - row["n_leaders"]
        assert row["n_leaders_attended"] == row["n_leaders"]
    assert (full[cold] < 3).all()


def test_copied_months_repeat_every_figure_and_honest_cells_move_on(city):
    cells = cells_of(city.state)
    same = sum(
        (cells[c].diff(axis=1) == 0) & (cells[c] > 0)
        for c in FLOWS
        if not c.startswith("n_speakers")
    )
    for unit, sector, month in planted("copied_month"):
        before = MONTHS[MONTHS.index(month) - 1]
        for column in COUNTS:
            row = cells.loc[(unit, sector), column]
            assert row[month] == row[before] or np.isnan(row[month])
    is_honest = honest(same.reset_index()).to_numpy()
    large = (cells["n_branches"]["2016-07"] >= 50).to_numpy()
    assert (same[is_honest & large] >= 5).to_numpy().mean() < 0.02


def test_rounded_units_end_in_0_or_5_and_honest_ones_as_chance_has_it(city):
    def ending_share(rows):
        values = rows[list(FLOWS)].to_numpy().ravel()
        values = values[values >= 8]
        return len(values), np.mean(values % 5 == 0)

    yongtai = city.state[city.state["unit"] == "350125"]
    fuqing = city.state[
        (city.state["unit"] == "350181") & (city.state["sector"] == "rural")
    ]
    fair = city.state[city.state["unit"] == "350112"]
    for rows, low, high in ((yongtai, 0.9, 1), (fuqing, 0.85, 1), (fair, 0.1, 0.3)):
        n, share = ending_share(rows)
        assert n >= 100 and low <= share <= high


def test_own_lectures_are_counted_as_grass_roots_but_were_not(city):
    december = cells_of(city.state).xs("2016-12", axis=1, level="month")
    true = city.truth[city.truth["month"] == "2016-12"].groupby(["unit", "sector"])
    share = true["n_lectures_grassroots"].sum() / true["n_lectures"].sum()
    for cell in (("350102", "organ"), ("ZSJG", "organ")):
        row = december.loc[cell]
        assert row["n_lectures_grassroots"] == row["n_lectures"] >= 50
        assert share[cell] < 0.5


def test_a_correction_supersedes_what_was_inflated(city):
    rows = city.ledger[(city.ledger["unit"] == "350124")]
    july = rows[rows["month"] == "2016-07"]
    first, last = july["order"].min(), july["order"].max()
    sums = july.groupby("order")["n_lectures"].sum()
    assert sums[first] == 2 * sums[last]
    in_force = city.month("2016-07").query("unit == '350124'")["n_lectures"].sum()
    assert in_force == sums[last]


def test_honest_branches_report_what_is_true(city):
    kinds = {"all_100", "copied_month", "rounded", "rushed", "undeclared_monthly"}
    rows = city.state[
        honest(city.state, kinds)
        & (city.state["branch"] != "")
        & (city.state["unit"] != "350121")
    ]
    true = city.truth.set_index(["branch", "month"])
    true = true.loc[pd.MultiIndex.from_frame(rows[["branch", "month"]])]
    honest_columns = set(FLOWS) - {"n_branches_topic_1", "n_lectures_grassroots"}
    for column in honest_columns:
        filed = rows[column].to_numpy()
        is_filed = ~np.isnan(filed)
        assert (filed[is_filed] == true[column].to_numpy()[is_filed]).all(), column


def test_schools_leave_distinct_speakers_blank_but_count_them_by_topic(city):
    schools = city.state[city.state["unit"] == "GX"]
    assert schools["n_members_spoke"].isna().all()
    assert schools["n_speakers_topic_1"].notna().all()
    true = city.truth
    by_topic = [true[f"n_speakers_topic_{topic}"] for topic in (1, 2, 3)]
    assert (sum(by_topic) >= true["n_members_spoke"]).all()


def checks_of(city: City) -> pd.DataFrame:
    home = city.roll.set_index("branch")[["unit", "sector", "branch_type"]]
    return city.tables["spot_check"].join(home, on="branch")


def test_checks_are_an_eighth_of_the_branches_and_nearly_half_of_them_random(city):
    checks = checks_of(city)
    visits = checks[["branch", "check_date"]].assign(round=checks["check_date"].str[:7])
    assert not visits.duplicated(["branch", "round"]).any()
    assert checks["unit"].notna().all()
    assert len(checks) == round(0.12 * 16_198) == 1944
    shares = checks["selection"].value_counts(normalize=True)
    assert 0.42 <= shares["随机"] <= 0.49
    assert set(shares.index) == {"随机", "定向", "备检点"}
    months = checks["check_date"].str[:7]
    assert (months >= "2016-07").all() and (months <= "2016-12").all()
    received = checks["received"].map(lambda moment: f"{moment:%Y-%m-%d}")
    assert (received > checks["check_date"]).all()


def test_the_random_checks_of_july_are_the_list_of_the_planner(city):
    roll = city.roll.assign(is_weak=city.roll["is_weak_base"] == "是")
    plan = draw_checks(roll, 0.014, 2016, datetime(2016, 7, 5))
    checks = checks_of(city)
    is_july = checks["check_date"].str.startswith("2016-07")
    drawn = checks[is_july & (checks["selection"] == "随机")]
    assert set(drawn["branch"]) == set(plan.drawn["branch"])


def test_random_checks_support_the_truth_and_not_the_report(city):
    roll = city.roll.assign(is_weak=city.roll["is_weak_base"] == "是")
    checks = checks_of(city)
    words = REGISTRY.tables["spot_check"].column("found_topic_1").words
    selections = REGISTRY.tables["spot_check"].column("selection").words
    checks["selection"] = checks["selection"].map(selections)
    for topic, month in ((1, "2016-07"), (2, "2016-12"), (3, "2016-12")):
        item = f"found_topic_{topic}"
        known = checks[checks["check_date"].str[:7] <= month]
        known = known.assign(**{item: known[item].map(words)})
        verified = estimate_share(tally_random(known, roll, item))
        true = city.truth[city.truth["month"] == month][f"n_branches_topic_{topic}"]
        assert abs(verified.estimate - true.mean()) < 3 * verified.std_error
        assert verified.std_error < 0.04
        reported = city.month(month)
        filed = reported[f"n_branches_topic_{topic}"].sum()
        if topic == 1:
            assert verified.upper < filed / reported["n_branches"].sum()


def test_a_verdict_says_yes_only_where_the_meeting_was_held(city):
    checks = checks_of(city)
    checks["month"] = checks["check_date"].str[:7]
    true = city.truth.set_index(["branch", "month"])
    true = true.loc[pd.MultiIndex.from_frame(checks[["branch", "month"]])]
    is_shown = (checks["selection"] == "备检点").to_numpy()
    for topic, due in ((1, "2016-07"), (2, "2016-09"), (3, "2016-12")):
        verdict = checks[f"found_topic_{topic}"].to_numpy()
        is_held = true[f"n_branches_topic_{topic}"].to_numpy() > 0
        is_due = (checks["month"] >= due).to_numpy()
        assert set(verdict[is_due]) <= {"是", "否", "无据"}
        assert set(verdict[~is_due]) <= {""}
        seen = is_due & ~is_shown
        assert ((verdict == "是") == is_held)[seen].all()
    attended = checks["found_leaders_attended"].astype(int).to_numpy()
    assert (attended == true["n_leaders_attended"].to_numpy())[~is_shown].all()


def test_checks_never_find_more_people_than_the_roll_has(city):
    people = city.roll.set_index("branch")[["n_members", "n_leaders"]]
    checks = checks_of(city).join(people, on="branch")
    assert (checks["found_leaders_attended"] <= checks["n_leaders"]).all()
    ordinary = checks["n_members"] - checks["n_leaders"]
    assert (checks["found_members_spoke"] <= ordinary).all()


def test_prepared_sites_look_better_and_targeted_ones_worse_than_random(city):
    checks = checks_of(city)
    held = (checks["found_topic_1"] == "是").groupby(checks["selection"]).mean()
    assert held["定向"] < held["随机"] - 0.03 < held["备检点"] - 0.08
    good = checks["grade"].isin(["优", "良"]).groupby(checks["selection"]).mean()
    assert good["定向"] < good["随机"] < good["备检点"]
    assert 0.4 < good["随机"] < 0.8
    targeted = checks[checks["selection"] == "定向"]
    assert set(targeted["sector"]) == set(REGISTRY.sectors)
    announced = checks["is_announced"].groupby(checks["selection"]).agg(set)
    assert announced["备检点"] == {"明查"}
    assert announced["随机"] == {"明查", "暗访"}


def test_what_a_visit_writes_down_bears_its_four_looks_out(city):
    checks = checks_of(city)
    sees_papers = checks["method"].isin(["巡回", "抽查", "调阅"])
    assert (checks["has_minutes"] != "").eq(sees_papers).all()
    passed = sees_papers & (checks["has_records"] == "是")
    assert set(checks.loc[passed, "has_minutes"]) == {"是"}
    lacking = checks["problem_kinds"].str.contains("宣传栏缺失")
    assert lacking.equals(checks["has_basic_board"] == "否")
    kinds = checks["problem_kinds"].str.split("、").explode()
    words = REGISTRY.tables["spot_check"].column("problem_kinds").words
    assert set(kinds) - {""} <= set(words)
    has_problem = (checks["problem_kinds"] != "").groupby(checks["selection"]).mean()
    assert has_problem["定向"] > has_problem["随机"] > has_problem["备检点"]
    members = city.roll.set_index("branch")["n_members"]
    assert (checks["n_members_talked"] <= checks["branch"].map(members)).all()
    assert set(checks.loc[checks["method"] == "调阅", "n_members_talked"]) == {0}


def test_weak_cases_crowd_in_the_planted_hot_spots(city):
    last = city.tables["weak_case"].drop_duplicates("case_code", keep="last")
    home = city.roll.set_index("branch")[["unit", "township", "sector"]]
    cases = last.join(home, on="branch")
    assert cases["unit"].notna().all() and cases["branch"].is_unique
    assert 200 <= len(cases) <= 600
    key = ["unit", "township", "sector"]
    spots = [tuple(spot[part] for part in key) for spot in city.notes["weak_hot_spots"]]
    assert len(spots) >= 10
    share = (cases.groupby(key).size() / city.roll.groupby(key).size()).fillna(0)
    assert (share.loc[spots] > 0.1).mean() > 0.9
    assert share.drop(spots).mean() < 0.05


def test_a_weak_case_only_moves_forward_and_its_dates_are_in_order(city):
    order = ["排查", "整顿中", "已转化", "复发"]
    cases = city.tables["weak_case"]
    steps = cases["status"].map(order.index)
    assert (steps.groupby(cases["case_code"]).diff().dropna() >= 0).all()
    assert set(cases["status"]) == set(order)
    is_done = cases["status"].isin(["已转化", "复发"])
    assert ((cases["converted_date"] != "") == is_done).all()
    done = cases[is_done]
    assert (done["converted_date"] > done["listed_date"]).all()
    assert (cases["listed_date"] < cases["received"].map("{:%Y-%m-%d}".format)).all()


def test_the_real_road_takes_every_file_and_comes_to_the_same_totals(
    small_city, small_marts
):
    marts, rounds = small_marts, plan_rounds(branches_share=SMALL)
    checks = read_checks(marts, "2016-12")
    is_marked = checks["draw"].notna()
    assert set(checks.loc[is_marked, "standing"]) == {"drawn"}
    assert set(checks.loc[is_marked, "selection"]) == {"random"}
    assert set(checks.loc[is_marked, "draw"]) == {draw_id(draw) for draw in rounds}
    state = small_city.state.copy()
    state["n_members_ordinary"] = state["n_members"] - state["n_leaders"]
    for metric in ("speeches_per_leader", "topic_2_coverage", "member_speaking"):
        columns = [REGISTRY.metrics[metric].numerator]
        columns.append(REGISTRY.metrics[metric].denominator)
        rates = read_rates(marts, metric, by=("unit", "month"), months=MONTHS)
        found = rates.set_index(["unit", "month"])[["numerator", "denominator"]]
        both = state.dropna(subset=columns)
        expected = both.groupby(["unit", "month"])[columns].sum()
        found = found.reindex(expected.index)
        assert (found.to_numpy() == expected.to_numpy()).all(), metric


def test_the_planner_draws_the_same_list_from_what_had_been_filed(handed_in):
    rounds = plan_rounds(branches_share=SMALL)
    with handed_in.writing():
        for draw in rounds:
            build(handed_in.root, REGISTRY, as_of=draw.drawn_at)
            marts = open_marts(handed_in.root)
            again = draw_plan(marts, draw.rate, draw.seed, draw.drawn_at, draw.month)
            assert draw_id(again) == draw_id(draw)
            columns = ["branch", "layer", "place", "n_drawn", "inclusion_probability"]
            pd.testing.assert_frame_equal(again.order[columns], draw.order[columns])
            assert register_draw(again, handed_in, REGISTRY)[1] is False
    assert "case" in set(rounds[1].drawn["layer"])
    first, second = (set(draw.drawn["branch"]) for draw in rounds)
    is_back = second & first
    # Only where a stratum has nobody else left is anybody drawn again.
    of_stratum = rounds[1].order.groupby(["unit", "sector", "layer"])
    for branches in of_stratum["branch"]:
        if is_back & set(branches[1]):
            assert len(set(branches[1]) - first) < len(set(branches[1]) & second)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    tmp_path, monkeypatch
):
    """However many processes write them."""
    # Tests of pages leave their script behind as the main module, which a process that
    # is spawned would run again.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    made = {
        name: write_workbooks(
            tmp_path / name, seed=seed, branches_share=0.01, workers=workers
        )
        for name, seed, workers in (("a", 5, 1), ("b", 5, 2), ("c", 6, 1))
    }
    a, b, c = ({d.path.name: d.path.read_bytes() for d in made[name]} for name in "abc")
    assert a == b
    assert a != c
    for name in ("truth.parquet", "truth.json"):
        first, second = tmp_path / "a" / name, tmp_path / "b" / name
        assert first.read_bytes() == second.read_bytes()


def test_progress_counts_every_file_once(small_city):
    n = len(small_city.deliveries)
    steps = [("workbooks", done, n) for done in range(1, n + 1)]
    assert small_city.steps == steps


@pytest.mark.parametrize("share", [0, -1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="branches_share"):
        make_branches(branches_share=share)


def test_splitting_keeps_the_sum():
    parts = split_whole(100, np.array([1.0, 1.0, 1.0]))
    assert parts.tolist() == [34, 33, 33]


def test_every_bound_named_for_rounding_is_a_rule_of_the_registry():
    rules = {(r.column, r.other) for r in REGISTRY.rules if r.kind == "at_most"}
    for column, whole in WHOLES.items():
        if column != "n_leaders_spoke":
            assert (column, whole) in rules
