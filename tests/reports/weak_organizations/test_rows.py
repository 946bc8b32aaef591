"""Weak organisations, held to a city whose list was counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.rates import (
    open_marts,
    read_checks,
    read_ledger,
    read_rates,
    read_roll,
    read_weak_cases,
)
from data_pipeline.registry import load_registry
from reports.weak_organizations import rows as weak
from reports.weak_organizations import tables as weak_tables
from reports.weak_organizations.rules import SPOT_CHECK, demanded_on
from tests.weak_city import MONTH, code

REGISTRY = load_registry()
SPEECH = Path(REGISTRY.folder / "speech.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def marts(weak_lake):
    return open_marts(weak_lake)


@pytest.fixture(scope="module")
def listed(marts):
    return read_weak_cases(marts, "2016-12")


@pytest.fixture(scope="module")
def cases(listed):
    return weak.stand_at(listed, REGISTRY, MONTH)


@pytest.fixture(scope="module")
def order(marts, cases):
    ledger = read_ledger(marts, months=["2016-08", MONTH])
    checks = read_checks(marts, MONTH)
    return weak.order_organizations(cases, ledger, checks, REGISTRY, MONTH)


def verdicts_of(judged, branch: str) -> dict[str, str]:
    return judged.verdicts.loc[code(branch)].to_dict()


def test_a_case_stands_at_a_month_as_its_dates_say(cases):
    states = dict(zip(cases["case_code"], cases["state"], strict=True))
    assert states == {
        "RS-1": "overdue",
        "RS-2": "converted",
        "RS-3": "relapsed",
        "RS-4": "in_term",
        "RS-5": "overdue",  # converted in November, not by September
        "RS-6": "in_term",  # exactly 90 days
        "RS-7": "overdue",
    }
    days = dict(zip(cases["case_code"], cases["days_overdue"], strict=True))
    assert days == {
        **{"RS-1": 73, "RS-2": 0, "RS-3": 60, "RS-4": 0},
        **{"RS-5": 2, "RS-6": 0, "RS-7": 53},
    }


def test_states_over_the_months_add_up_to_the_list(listed):
    months = ["2016-03", "2016-04", "2016-07", MONTH, "2016-12"]
    counts = weak.count_states(listed, REGISTRY, months)
    assert list(counts["n_listed"]) == [0, 1, 6, 7, 8]
    parts = counts[[f"n_{state}" for state in weak.STATES]]
    assert list(parts.sum(axis=1)) == list(counts["n_listed"])
    assert list(counts["n_converted"]) == [0, 0, 0, 1, 2]
    assert pd.isna(counts["rate"][0])
    assert counts["rate"][3] == 1 / 7


def test_conversion_is_the_rate_of_the_registry(marts, listed):
    rate = read_rates(marts, "weak_conversion", months=[MONTH])
    counted = weak.count_states(listed, REGISTRY, [MONTH]).iloc[0]
    assert rate["numerator"][0] == counted["n_converted"]
    assert rate["denominator"][0] == counted["n_listed"]


def test_a_hot_spot_is_compared_with_its_own_sector(marts, cases):
    found = weak.find_hotspots(read_roll(marts), cases)
    first = found.iloc[0]
    assert (first["township"], first["sector"]) == ("城门镇", "rural")
    # 6 of 50 rural branches are listed: 1.2 of these ten.
    assert (first["n_branches"], first["n_weak"], first["n_open"]) == (10, 5, 4)
    # RS-1 by 73 days and RS-5 by 2; the relapse of 60 days beyond the limit is none.
    assert (first["n_overdue"], first["days_overdue_most"]) == (2, 73)
    assert first["n_expected"] == pytest.approx(1.2)
    assert first["ratio"] == pytest.approx(5 / 1.2)
    assert list(found["is_hotspot"]) == [True, False, False]
    # A cell of four is too small to be judged.
    assert pd.isna(found["p_adjusted"].iloc[2])


def test_what_was_claimed_before_a_check_and_not_found_is_refuted(order):
    _, judged = order
    assert list(judged.is_refuted[judged.is_refuted].index) == [
        code("R0001"),
        code("N0001"),
    ]
    assert verdicts_of(judged, "R0001")["topic_1_coverage"] == "failed"
    assert verdicts_of(judged, "R0001")["topic_2_coverage"] == "passed"
    evidence = judged.evidence.set_index(["branch", "rule"])
    row = evidence.loc[(code("R0001"), "topic_1_coverage")]
    assert (row["claimed"], row["claimed_month"], row["found"]) == (1, "2016-08", 0)
    assert (row["numerator"], bool(row["is_refuted"])) == (1, True)
    assert (row["source_file"], row["source_row"]) == ("09-仓山.xlsx", 4)


def test_the_last_check_counts_and_a_prepared_site_proves_nothing(order):
    _, judged = order
    # The first topic: not found in August, found in September.
    assert verdicts_of(judged, "R0004")["topic_1_coverage"] == "passed"
    last = judged.evidence.set_index(["rule", "branch"]).loc[SPOT_CHECK, "verdict"]
    assert last[code("R0001")] == "refuted"
    assert last[code("R0004")] == "not_refuted"
    # Visited at a prepared site only.
    assert last[code("R0011")] == "unvisited"


def test_a_failed_check_of_what_was_not_claimed_is_not_refuted(order):
    """Claimed from September on: a check of that month speaks of August's ledger."""
    _, judged = order
    assert verdicts_of(judged, "R0004")["topic_2_coverage"] == "passed"
    evidence = judged.evidence.set_index(["branch", "rule"])
    row = evidence.loc[(code("R0004"), "topic_2_coverage")]
    assert (row["claimed"], row["found"], bool(row["is_refuted"])) == (0, 0, False)


def test_not_due_and_unknown_are_kept_apart_and_never_pass(order):
    _, judged = order
    # Topic 3 is due in November.
    assert set(judged.verdicts["topic_3_coverage"]) == {"not_due"}
    # A branch without leaders owes no figure of them; one that left them blank does.
    assert verdicts_of(judged, "R0003")["leader_attendance"] == "not_due"
    assert verdicts_of(judged, "R0005")["leader_attendance"] == "unknown"
    # Two thirds are due by September: 7 of 10 are enough, 10 of 30 are not.
    assert verdicts_of(judged, "R0003")["member_speaking"] == "passed"
    assert verdicts_of(judged, "R0011")["member_speaking"] == "failed"


def test_a_total_claims_of_one_branch_only_what_it_claims_of_all(order):
    _, judged = order
    verdicts = verdicts_of(judged, "N0001")
    # Four of four had held the first topic, three of four the second.
    assert verdicts["topic_1_coverage"] == "failed"
    assert verdicts["topic_2_coverage"] == "unknown"
    assert verdicts["member_speaking"] == "unknown"


def test_the_order_is_two_lists_and_can_be_read_off(order):
    ordered, _ = order
    assert list(ordered["case_code"]) == [
        *("RS-1", "RS-7"),
        *("RS-6", "RS-3", "RS-4", "RS-5"),
    ]
    assert list(ordered["position"]) == [1, 2, 1, 2, 3, 4]
    assert list(ordered["n_in_list"]) == [2, 2, 4, 4, 4, 4]
    assert list(ordered["band"]) == ["A", "A", "B", "B", "C", "C"]
    assert list(ordered["n_failed"]) == [2, 1, 4, 1, 0, 0]
    n_rules = ordered[["n_failed", "n_passed", "n_not_due", "n_unknown"]].sum(axis=1)
    assert set(n_rules) == {6}
    assert ordered["stability"].between(0, 1).all()
    assert list(ordered["stability"].iloc[[0, 2]]) == [1.0, 1.0]
    sentence = weak.explain_order(ordered)
    assert sentence == (
        "抽查推翻了上报的 2 个（A）单列；"
        "其余按台账排，不论是否抽查：有不达标的 2 个（B），"
        "台账未见不达标的 2 个（C）。排在全市各名单前十分之一的 2 个里，"
        "2 个在 1,000 种规则权重下至少九成仍在前十分之一。"
    )
    assert "均未排在全市名单的前十分之一" in weak.explain_order(ordered[3:])


def test_what_is_demanded_rises_with_the_milestones():
    speaking = REGISTRY.metrics["member_speaking"]
    days = [date(2016, 6, 29), date(2016, 6, 30), date(2016, 11, 10)]
    demanded = [demanded_on(speaking, day) for day in days]
    assert pd.isna(demanded[0])
    assert demanded[1:] == pytest.approx([1 / 3, 1])


def test_the_six_types_are_those_of_the_speech_and_selections_stay_apart(marts, cases):
    assert all(kind.quote in SPEECH for kind in weak.WEAK_TYPES)
    assert {kind.sector for kind in weak.WEAK_TYPES} == set(REGISTRY.sectors)
    types = weak.count_types(read_roll(marts), cases, read_checks(marts, MONTH))
    rows = {row.pop("sector"): row for row in types.to_dict("records")}
    rural = rows["rural"]
    # R0001, 3, 4, 5 and 11 are listed and open; 1 and 4 were seen, 11 prepared.
    assert (rural["n_branches"], rural["n_checked"]) == (5, 2)
    selections = ("n_random", "n_targeted", "n_prepared")
    assert tuple(rural[name] for name in selections) == (1, 2, 1)
    # Of three weak firms one is smaller than the median of four.
    assert rows["nonpublic"]["n_branches"] == 2
    assert pd.isna(rows["organ"]["share"])
    assert weak.describe_types(types) == "此处有支部的各类均已抽查。"
    assert weak.describe_types(types.assign(n_branches=0)) == ""
    all_checked = weak.describe_types(types.assign(n_branches=9, n_checked=1))
    assert all_checked == "六类均已抽查。"
    unseen = types.assign(n_checked=0)
    sentence = weak.describe_types(unseen)
    assert sentence == (
        "六类中尚未抽查的：软弱涣散村、党建基础差的社区、党员多基础差的非公企业。"
    )


def test_the_list_is_one_sentence_with_relapses_apart(listed):
    counts = weak.count_states(listed, REGISTRY, ["2016-03", MONTH])
    assert weak.describe(counts.iloc[1], REGISTRY, MONTH) == (
        "到2016年9月末列入 7 个：已转化 1（14.3 %），未转化 5，其中 3 个列入超过 90 天"
        "（逾期）；复发 1 另列，不算转化。"
    )
    assert "No organisation" in weak.describe(counts.iloc[0], REGISTRY, "2016-03", "en")


def test_headlines_hold_the_change_since_last_month(listed):
    counts = weak.count_states(listed, REGISTRY, ["2016-08", MONTH])
    by_label = {h.label: h for h in weak.headlines(counts, 1, REGISTRY)}
    assert by_label["逾期"].value == "3"
    assert by_label["逾期"].delta == "1"
    assert by_label["热点"].value == "1"
    assert "90 天" in by_label["逾期"].help


def test_the_table_of_ticks_shows_marks_with_their_counts(order):
    ordered, judged = order
    table = weak_tables.order_table(ordered, judged.evidence, REGISTRY)
    rows = table.frame.set_index("编号")
    assert rows.loc["RS-1", "第一专题"] == "✗ 抽查"
    assert rows.loc["RS-1", "领导参加"] == "✓ 2 / 2"
    assert rows.loc["RS-1", "抽查"] == "✗ 推翻上报 · 总评良"
    assert rows.loc["RS-4", "抽查"] == "总评差"
    assert rows.loc["RS-6", "抽查"] == "未抽查"
    assert rows.loc["RS-6", "党员发言"] == "✗ 10 / 30"
    assert rows.loc["RS-6", "第三专题"] == "○"
    assert rows.loc["RS-5", "领导参加"] == "?"
    english = weak_tables.order_table(ordered, judged.evidence, REGISTRY, "en")
    assert english.frame["Grade"][0] == "✗ refuted · Good"
    shown = weak_tables.on_screen(table, REGISTRY, band="A").frame.set_index("支部名称")
    assert "总评良" in set(shown["抽查"]), "that all were refuted says the title"
    assert english.hints["Topic 1"].help == "Topic 1 coverage"


def test_on_the_screen_an_overdue_one_says_for_how_long(order):
    ordered, judged = order
    table = weak_tables.order_table(ordered, judged.evidence, REGISTRY)
    narrow = weak_tables.on_screen(table, REGISTRY).frame
    by_state = dict(zip(ordered["state"], narrow["逾期天数"], strict=True))
    assert by_state["relapsed"] is pd.NA, "60 days beyond its limit, but it is no case"
    is_late = ordered["state"].eq("overdue")
    expected = ordered.loc[is_late, "days_overdue"].tolist()
    assert narrow.loc[is_late, "逾期天数"].tolist() == expected == [73, 53, 2]
    assert set(narrow["档"]) == set("ABC")


def test_evidence_says_what_was_reported_demanded_and_found(order):
    _, judged = order
    evidence = judged.evidence[judged.evidence["branch"] == code("R0001")]
    rows = weak_tables.evidence_table(evidence, REGISTRY).frame.set_index("规则")
    first = rows.loc["第一专题覆盖率"]
    seen = ("判定", "上报", "抽查前上报", "抽查所见")
    assert tuple(first[name] for name in seen) == (
        *("✗ 不达标", "1 / 1", "1 / 1 (2016-08)", "0 / 1"),
    )
    assert (first["抽查日期"], first["抽取方式"]) == ("2016-09-10", "随机")
    last = rows.loc["最近一次随机或定向抽查"]
    assert (last["判定"], last["抽查所见"]) == ("✗ 推翻上报", "总评良")
    assert rows.loc["普通党员发言率", "当前要求"] == pytest.approx(2 / 3)
