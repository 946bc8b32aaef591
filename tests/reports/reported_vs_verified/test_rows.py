"""Random, targeted and prepared checks stand side by side and never in one figure."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from data_pipeline.rates import open_marts, read_checks, read_rates, read_roll
from data_pipeline.registry import load_registry
from data_pipeline.statistics.sampling import estimate_share
from reports.reported_vs_verified import rows as verification
from reports.reported_vs_verified.figures import factor_bands, grade_bars, prepared_bias
from reports.reported_vs_verified.gap_figures import dumbbell, fold_few_checks
from tests.checked_city import ESTIMATE, MONTH, build_checked_city

REGISTRY = load_registry()
TOPIC_1 = REGISTRY.metrics["topic_1_coverage"]


@pytest.fixture(scope="module")
def marts(checked_lake):
    return open_marts(checked_lake)


@pytest.fixture(scope="module")
def checked(marts):
    return verification.part(read_checks(marts, MONTH), read_roll(marts))


@pytest.fixture(scope="module")
def held_against_june(shared_lakes):
    root = shared_lakes.of(build_checked_city, ("2016-06", MONTH))
    marts = open_marts(root)
    return read_checks(marts, MONTH), read_roll(marts)


def rates(marts, basis: str, **choice) -> pd.DataFrame:
    return read_rates(marts, TOPIC_1.id, months=[MONTH], basis=basis, **choice)


def test_the_estimate_is_the_one_that_rates_give_and_weighs_by_the_roll(marts, checked):
    estimate = verification.estimate(checked, "found_topic_1")
    row = rates(marts, "verified").iloc[0]
    assert estimate.estimate == pytest.approx(ESTIMATE)
    assert (row["rate"], row["lower"], row["upper"]) == pytest.approx(
        (estimate.estimate, estimate.lower, estimate.upper)
    )
    assert (estimate.n_confirmed, estimate.n_checked) == (28, 32)


def test_nothing_but_random_checks_reaches_an_estimate(marts):
    checks, roll = read_checks(marts, MONTH), read_roll(marts)
    before = verification.judge_selections(verification.part(checks, roll))
    is_random = checks["selection"] == "random"
    # Whatever targeted and prepared checks found, the estimates stay as they are.
    turned = checks.assign(
        found_topic_1=checks["found_topic_1"].where(is_random, "no_evidence"),
        grade=checks["grade"].where(is_random, "poor"),
    )
    after = verification.judge_selections(verification.part(turned, roll))
    of_random = before["selection"] == "random"
    pd.testing.assert_frame_equal(before[of_random], after[of_random])
    assert (after.loc[~of_random, "n_confirmed"].iloc[:2] == 0).all()


def test_what_was_counted_apart_cannot_be_estimated_from(checked):
    with pytest.raises(TypeError, match="only a RandomTally"):
        estimate_share(checked.apart)
    assert set(checked.apart["selection"]) == {"targeted", "prepared"}
    assert set(checked.random.rows["selection"]) == {"random"}


def test_each_way_of_choosing_has_counts_and_only_random_ones_a_rate(checked):
    counted = verification.judge_selections(checked)
    topic = counted[counted["item"] == "found_topic_1"].set_index("selection")
    assert topic[["n_confirmed", "n_checked"]].to_numpy().tolist() == [
        [28, 32],
        [2, 10],
        [12, 12],
    ]
    assert topic["rate"].notna().tolist() == [True, False, False]
    assert topic["visited_share"].tolist()[1:] == [0.2, 1.0]
    assert not any("n_all" in name or "total" in name for name in counted)


def test_the_table_to_read_keeps_them_in_columns_of_their_own(checked):
    counted = verification.judge_selections(checked)
    row = verification.selections_table(counted).iloc[0].tolist()
    assert row[0] == "第一专题已开"
    assert row[1].startswith("86.9 %（")
    assert row[2:] == ["28 / 32", "2 / 10", "12 / 12"]
    unchecked = verification.selections_table(counted, "en").iloc[1].tolist()
    assert unchecked == ["Topic 2 held", "–", "–", "–", "–"]


def test_prepared_sites_are_set_against_unannounced_random_checks(checked):
    topic = verification.compare_prepared(checked).iloc[0]
    assert topic["points"] == pytest.approx(100 * (1 - ESTIMATE))
    assert (topic["unannounced_confirmed"], topic["unannounced_checked"]) == (28, 32)
    assert topic["lower_points"] < topic["points"] < topic["upper_points"]


def test_shares_of_grades_are_estimates_for_random_checks_and_add_up(checked):
    grades = verification.share_grades(checked)
    of_random = grades[grades["selection"] == "random"]
    assert of_random["rate"].sum() == pytest.approx(1)
    assert of_random["rate"].iloc[0] == pytest.approx(ESTIMATE)
    targeted = grades[grades["selection"] == "targeted"].set_index("grade")
    assert targeted["visited_share"].to_dict() == {
        "excellent": 0.2,
        "good": 0,
        "fair": 0,
        "poor": 0.8,
    }


def test_a_factor_holds_checks_against_the_ledger_before_them(held_against_june):
    item = "found_leaders_attended"
    checked = verification.part(*held_against_june)
    factors = verification.measure_factors(checked, item, REGISTRY, "unit")
    whole, cangshan, fuqing = factors.to_dict("records")
    # 福清市 files totals: 30 leaders in 30 branches, one in the average branch.
    assert (whole["n_random"], whole["n_usable"], whole["n_average"]) == (32, 32, 8)
    # Each weak branch checked stands for 2.5: no leader was found in three of four.
    assert whole["factor"] == pytest.approx((2.5 + 80) / 90)
    assert cangshan["factor"] == pytest.approx((2.5 + 50) / 60)
    assert whole["after"] == pytest.approx(whole["factor"])  # July claims as June did
    # 32 checks do not rule out branches in which more than claimed would be found.
    assert whole["factor_lower"] < 0.82 and 1 < whole["factor_upper"] < 1.05
    assert verification.verdict(whole) == "未见不符"
    assert (fuqing["n_usable"], fuqing["band"]) == (8, None) or pd.isna(fuqing["band"])
    sentence = verification.usable_checks(factors)
    assert sentence.startswith("32 个随机抽查中，32 个有抽查前的台账可比，其中 8 个")


def test_a_factor_needs_a_ledger_before_the_check(checked):
    # July's ledger states the end of July: it claimed nothing of the 20th.
    for item in verification.RECOUNTED:
        whole = verification.measure_factors(checked, item, REGISTRY).iloc[0]
        assert (whole["n_random"], whole["n_usable"]) == (32, 0)
        assert pd.isna(whole["factor"]) and pd.isna(whole["band"])


def test_agreement_throughout_is_said_with_what_32_checks_leave_open(held_against_june):
    item = "found_members_spoke"
    checked = verification.part(*held_against_june)
    whole = verification.measure_factors(checked, item, REGISTRY).iloc[0].to_dict()
    assert whole["factor"] == 1
    assert pd.isna(whole["factor_error"]) and whole["band"] == "consistent"
    # Of unequal weight they prove a little less than 32 equal ones would.
    assert 0.87 < whole["factor_lower"] < 0.025 ** (1 / 32)
    assert verification.verdict(whole) == "所查全部相同"


def test_strata_alike_inside_still_differ_from_each_other(held_against_june):
    checks, roll = held_against_june
    item = "found_leaders_attended"
    none = checks.assign(**{item: checks[item].mask(checks["is_weak"], 0)})
    split = verification.part(none, roll)
    whole = verification.measure_factors(split, item, REGISTRY).iloc[0].to_dict()
    assert whole["factor"] == pytest.approx(80 / 90)
    # No leader in the weak stratum, one everywhere else: no error inside the strata,
    # which is no certainty about the city.
    assert whole["factor_lower"] < 0.8 and 1 < whole["factor_upper"] < 1.05
    assert (
        verification.verdict(whole | {"factor_upper": 0.95, "band": "over_reported"})
        == "上报偏多，但区间跨过界线"
    )


def test_the_headline_sets_reported_beside_verified(marts):
    reported, verified = (rates(marts, basis) for basis in ("reported", "verified"))
    sentence = verification.headline(reported, verified, TOPIC_1)
    # July ledgers say nothing of checks in July: there is none before them here.
    assert sentence.startswith("抽查支持 86.9 %（")
    assert sentence.endswith("抽查之前没有台账可比。")
    claimed = verified.assign(reported_before=1.0)
    sentence = verification.headline(reported, claimed, TOPIC_1)
    assert sentence.startswith("抽查前上报 100 %；抽查支持 86.9 %（")
    assert re.search(r"约 10（\d+–\d+）个党支部未得到核实。$", sentence)


def test_under_thirty_checks_the_headline_is_starred(marts):
    where = {"unit": ["350104"]}
    both = [rates(marts, basis, where=where) for basis in ("reported", "verified")]
    assert verification.headline(*both, TOPIC_1).endswith("*")
    city = [rates(marts, basis) for basis in ("reported", "verified")]
    assert not verification.headline(*city, TOPIC_1).endswith("*")


def test_under_ten_checks_the_headline_is_a_fraction(marts):
    where = {"unit": ["350181"]}
    both = [rates(marts, basis, where=where) for basis in ("reported", "verified")]
    assert verification.headline(*both, TOPIC_1) == (
        "抽查之前没有台账可比；随机抽查 7 / 8 核实：不足 10 个，不推算比率。"
    )
    assert "random checks confirmed 7 of 8" in verification.headline(
        *both, TOPIC_1, "en"
    )


def test_places_of_too_few_checks_are_folded_beneath_the_dumbbell(marts):
    both = [rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")]
    picture = dumbbell(*both, TOPIC_1, REGISTRY, month=MONTH)
    assert picture.arrangement["yaxis"]["ticktext"] == ["仓山区*"]
    sentence = fold_few_checks(*both, REGISTRY, "unit")
    assert sentence == "抽查不足 10 个，不推算：福清市 7 / 8 核实。"
    few = [frame[frame["unit"] == "350181"] for frame in both]
    picture = dumbbell(*few, TOPIC_1, REGISTRY, month=MONTH)
    assert picture.nothing == sentence


def test_a_name_that_is_cut_keeps_the_star_of_few_checks(marts):
    both = [rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")]
    cangshan = dataclasses.replace(REGISTRY.units["350104"], name_en="Cangshan " * 4)
    units = {**REGISTRY.units, "350104": cangshan}
    registry = dataclasses.replace(REGISTRY, units=units)
    picture = dumbbell(*both, TOPIC_1, registry, "en", month=MONTH)
    (name,) = picture.arrangement["yaxis"]["ticktext"]
    assert name.startswith("Cangshan Cang") and name.endswith("…*")


def test_where_no_place_lies_below_its_report_the_title_says_so(marts):
    reported, verified = (
        rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")
    )
    about = (TOPIC_1, REGISTRY)
    held = verified.assign(reported_before=verified["upper"])
    picture = dumbbell(reported, held, *about, month=MONTH)
    assert picture.title == "第一专题覆盖率：按单位看，没有一处核实明显低于抽查前上报"
    refuted = verified.assign(reported_before=1.0, upper=0.95)
    picture = dumbbell(reported, refuted, *about, month=MONTH)
    assert picture.title == (
        "第一专题覆盖率：仓山区核实比抽查前上报低得最多，100 % → 86.7 %"
    )


def test_what_is_pointed_at_is_called_as_in_the_legend(marts):
    """The legend said 抽查前上报 and the tooltip 上报, which is another figure."""
    reported, verified = (
        rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")
    )

    def first_lines(reported, verified) -> list[str]:
        picture = dumbbell(reported, verified, TOPIC_1, REGISTRY, month=MONTH)
        assert "抽查前上报" in picture.arrangement["title"]["subtitle"]["text"]
        return [text.split("<br>")[0] for text in picture.traces[0]["hovertext"]]

    claimed = verified.assign(reported_before=0.95)
    assert first_lines(reported, claimed) == ["仓山区*：抽查前上报 95.0 %"]
    (later,) = first_lines(reported, verified.assign(reported_before=None))
    assert later.startswith("仓山区*：上报 ") and later.endswith("没有台账可比")
    silent = reported.assign(rate=None)
    assert first_lines(silent, claimed) == ["仓山区*：未报"]


def test_a_row_says_gap_checks_how_many_came_back_and_flags(marts):
    reported, verified = (
        rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")
    )
    claimed = verified.assign(reported_before=1.0, n_drawn=26, n_unvisited=2)
    about = {"month": MONTH, "flags": {"350104": 3}}
    picture = dumbbell(reported, claimed, TOPIC_1, REGISTRY, **about)
    notes = [note["text"] for note in picture.arrangement["annotations"]]
    said = "核实 −13.3 个百分点 · ⚑3 · 抽查 24 个"
    assert f"{said}<br>抽取 26 个，收回 24 个" in notes
    claimed = claimed.assign(n_drawn=24, n_unvisited=0)
    picture = dumbbell(reported, claimed, TOPIC_1, REGISTRY, **about)
    notes = [note["text"] for note in picture.arrangement["annotations"]]
    assert said in notes, "that all came back is no news"


def test_a_place_that_was_checked_but_has_not_filed_stays_in_the_dumbbell(marts):
    reported, verified = (
        rates(marts, basis, by=["unit"]) for basis in ("reported", "verified")
    )
    silent = reported.assign(rate=reported["rate"].where(reported["unit"] != "350104"))
    picture = dumbbell(silent, verified, TOPIC_1, REGISTRY, month=MONTH)
    notes = [note["text"] for note in picture.arrangement["annotations"]]
    assert "未报" in notes
    joined = verification.join_bases(silent, verified)
    assert joined["n_checked"].tolist() == [24, 8]


def test_how_an_estimate_was_made_is_said_with_what_was_collapsed(marts):
    checks, roll = read_checks(marts, MONTH), read_roll(marts)
    one = checks["branch"].eq("350104-R0001")
    weak = checks["branch"].isin(roll.loc[roll["is_weak"], "branch"])
    alone = verification.part(checks[one | ~weak], roll)
    estimate = verification.estimate(alone, "found_topic_1")
    assert verification.explain_estimate(estimate) == (
        "随机抽查 29 个支部（名册 90 个）；括号内是 95 % 区间。"
        "* 抽查不足 30 个，仅供参考。"
    )
    error = verification.explain_error(estimate)
    assert error.startswith("95 % 区间（按抽样设计）；标准误")
    assert "个层抽查不足两个，已与同单位的层合并估计方差" in error


def test_the_figures_speak_their_numbers_and_cope_with_a_place_without_checks(
    marts, checked, held_against_june
):
    bias = verification.compare_prepared(checked)
    assert "第一专题已开 +13.1" in prepared_bias(bias).alt
    grades = verification.share_grades(checked)
    assert "备检点 12：优 100 %" in grade_bars(grades).alt
    item = "found_leaders_attended"
    of_june = verification.part(*held_against_june)
    factors = verification.measure_factors(of_june, item, REGISTRY, "sector")
    picture = factor_bands(factors, REGISTRY)
    assert "总体 0.92 未见不符" in picture.alt
    assert picture.figure.data

    nothing = verification.part(read_checks(marts, "2016-05"), read_roll(marts))
    for empty in (
        prepared_bias(verification.compare_prepared(nothing)),
        grade_bars(verification.share_grades(nothing)),
        factor_bands(
            verification.measure_factors(nothing, item, REGISTRY, "unit"), REGISTRY
        ),
    ):
        assert empty.figure.layout.annotations


def test_metrics_of_heads_are_left_to_the_factors():
    topics = verification.topic_metrics(REGISTRY)
    assert topics == ["topic_1_coverage", "topic_2_coverage", "topic_3_coverage"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_frame_can_be_read_as_a_table(checked, marts, language):
    frames = [
        verification.judge_selections(checked),
        verification.compare_prepared(checked),
        verification.share_grades(checked),
        verification.measure_factors(
            checked, "found_leaders_attended", REGISTRY, "sector"
        ),
        verification.checks_rows(read_checks(marts, MONTH), "found_topic_1"),
    ]
    for frame in frames:
        table = verification.as_table(frame, REGISTRY, language)
        assert len(table.frame) == len(frame)
        assert len(table.frame.columns) == len(frame.columns)
        assert list(table.hints) == list(table.frame.columns)


def test_the_list_of_checks_is_newest_first_with_its_source(marts):
    rows = verification.checks_rows(read_checks(marts, MONTH), "found_topic_1")
    table = verification.as_table(rows, REGISTRY).frame
    assert table["日期"].iloc[0] == "2016-07-22"
    assert table["方式"].iloc[0] == "明查"
    assert set(table["核实结论"]) == {"是", "无据"}
    assert table["来源文件"].iloc[0] == "抽查.xlsx"
