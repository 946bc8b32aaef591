"""Headline figures in words: exact sentences, both languages."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data_pipeline.statistics.deadlines import judge_progress
from data_pipeline.statistics.unevenness import measure_unevenness
from reports.words import sentences
from reports.words.catalogue import LANGUAGES
from tests.reports.samples import REGISTRY

TOPIC_2 = REGISTRY.metrics["topic_2_coverage"]
SPEAKING = REGISTRY.metrics["member_speaking"]
CEILING = REGISTRY.metrics["lecture_reach_ceiling"]


def test_every_verdict_is_said_in_every_language():
    said = sentences.VERDICTS.values()
    assert all(words.keys() == LANGUAGES.keys() for words in said)


def test_the_reach_ceiling_is_the_speechs_own_example():
    assert sentences.reach_ceiling(CEILING, 2366, 16198, "en") == (
        "2,366 lectures can reach at most 14.6 % of 16,198 branches."
    )
    assert sentences.reach_ceiling(CEILING, 2366, 16198) == (
        "2,366 次党课最多只能覆盖 16,198 个党支部的 14.6 %。"
    )


def test_as_many_lectures_as_branches_prove_nothing():
    assert sentences.reach_ceiling(CEILING, 12, 10) == (
        "12 次党课不少于 10 个党支部，次数本身不能说明哪些还没有覆盖。"
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "language", "clause"),
    [
        (5, 11, "zh", "已完成 5 / 11 个党支部，还差 6（目标 100 %，8月31日前）"),
        (
            5,
            11,
            "en",
            "5 of 11 branches, 6 still to go for the target of 100 % by 31 Aug",
        ),
        (11, 11, "zh", "已完成 11 / 11 个党支部，已达到目标 100 %"),
        (12, 11, "zh", "已完成 12 / 11 个党支部，比总数多 1，台账有误"),
        (0, 0, "zh", "未收到数据"),
        (None, 11, "en", "nothing was reported"),
    ],
)
def test_still_missing_counts_to_the_target_in_force(
    numerator, denominator, language, clause
):
    written = sentences.still_missing(
        TOPIC_2, numerator, denominator, language, month="2016-07"
    )
    assert written == clause


def test_speaking_is_held_to_one_third_then_two_thirds_then_all():
    missing = [
        sentences.still_missing(SPEAKING, 90, 300, month=month)
        for month in ("2016-06", "2016-07", "2016-10")
    ]
    assert missing == [
        "已完成 90 / 300 名党员，还差 10（目标 33.3 %，6月30日前）",
        "已完成 90 / 300 名党员，还差 110（目标 66.7 %，8月31日前）",
        "已完成 90 / 300 名党员，还差 210（目标 100 %，11月10日前）",
    ]


def test_two_thirds_of_300_are_200_and_not_201():
    assert sentences.shortfall(200, 300, 2 / 3) == 0
    assert sentences.shortfall(199, 300, 2 / 3) == 1


def unevenness(rows, language="zh") -> str:
    cells = pd.DataFrame(rows, columns=["unit", "sector", "numerator", "denominator"])
    measured = measure_unevenness(cells, 1.0)
    return sentences.unevenness(measured, cells, ("unit", "sector"), REGISTRY, language)


def test_unevenness_names_the_hottest_and_the_coldest():
    rows = [("350104", "rural", 100, 100), ("350181", "nonpublic", 40, 100)]
    assert unevenness(rows) == (
        "不均衡度 30.0 个百分点（各处与平均的平均距离）：最热 仓山区 农村 100 %，"
        "最冷 福清市 非公 40.0 %，相差 60.0 个百分点。"
    )
    assert unevenness(rows, "en") == (
        "Unevenness 30.0 points (average distance from the mean): hottest "
        "Cangshan · Villages 100 %, coldest Fuqing · Non-public 40.0 %, "
        "60.0 points apart."
    )


def test_unevenness_says_when_several_tie_and_when_all_are_alike():
    tied = [
        ("350104", "rural", 200, 200),
        ("350104", "organ", 100, 100),
        ("350181", "rural", 40, 100),
    ]
    assert "最热 仓山区 农村等 2 处 100 %" in unevenness(tied)
    assert unevenness(tied[:2]) == "各处一样：都是 100 %。"
    assert "没有规模足够的单元格" in unevenness([("350104", "rural", 1, 2)])


def test_a_deadline_says_needed_pace_and_verdict():
    judged = judge_progress(
        {"2016-06": 0, "2016-07": 6100},
        16198,
        date(2016, 8, 31),
        window_start=date(2016, 7, 1),
    )
    assert sentences.deadline(TOPIC_2, judged, 16198) == (
        "第二专题覆盖率：已完成 6,100 个党支部（37.7 %），还差 10,098，"
        "到8月31日每月需 10,098，近期每月 6,100：将逾期。"
    )


def test_what_is_done_is_done_and_what_has_not_begun_is_not_judged():
    done = judge_progress({"2016-07": 10}, 10, date(2016, 8, 31))
    assert sentences.verdict(TOPIC_2, done) == "已达到目标"
    early = judge_progress(
        {"2016-06": 0}, 10, date(2016, 8, 31), window_start=date(2016, 7, 1)
    )
    assert sentences.verdict(TOPIC_2, early, "en") == "not yet started"
    overdue = judge_progress({"2016-09": 7}, 10, date(2016, 8, 31))
    assert sentences.due_clause(TOPIC_2, overdue) == (
        "没有8月台账，到8月31日完成多少不明，还差 3"
    )
    months = {"2016-08": 5, "2016-09": 7}
    then = judge_progress(months, 10, date(2016, 8, 31))
    note = sentences.note_due_day(6, "（1 条线索）")
    assert sentences.due_clause(TOPIC_2, then, due_note=note) == (
        "到8月31日完成 50.0 %（8月台账；当时 6 个单位×领域未报；1 条线索），还差 3"
    )


def test_a_fall_of_a_cumulative_count_is_reported():
    judged = judge_progress(
        {"2016-07": 8, "2016-08": 6}, 10, date(2016, 8, 31), window_start=None
    )
    assert "累计数下降，请核对台账" in sentences.deadline(TOPIC_2, judged, 10)


def test_a_change_has_sign_and_both_values():
    assert sentences.change("闽清县 农村", 0.573, 0.45, TOPIC_2) == (
        "闽清县 农村 −12.3 个百分点（57.3 % → 45.0 %）"
    )
    lectures = REGISTRY.metrics["lectures_per_leader"]
    assert sentences.change("Minqing", 1.0, 1.25, lectures, "en") == (
        "Minqing +0.25 (1.00 → 1.25)"
    )


def test_gaps_are_reported_only_where_there_are_some():
    assert sentences.gaps(2, 1) == "另有 2 个单位×领域未报、1 行空白，未计入。"
    assert sentences.gaps(0, 3, "en") == "Not included: 3 blank rows."
    assert sentences.gaps(0, 0) == ""


def test_what_has_no_word_is_counted_beside_a_split():
    metric = REGISTRY.metrics["relapse_share"]
    whole = pd.DataFrame({"numerator": [3], "denominator": [9]})
    parts = pd.DataFrame({"numerator": [1, 1], "denominator": [4, 2]})
    assert sentences.undivided(whole, parts, ("source",), metric, REGISTRY) == (
        "另有 1 / 3 没有写明来源：计入合计，不在各类之中。"
    )
    assert sentences.undivided(parts, parts, ("source",), metric, REGISTRY) == ""
    # What is withheld could be derived from what is left.
    hidden = parts.assign(withheld=["", "numerator"])
    assert sentences.undivided(whole, hidden, ("source",), metric, REGISTRY) == ""


def test_a_word_that_carries_the_whole_base_is_lacking_in_the_numerator_alone():
    metric = REGISTRY.metrics["information_items"]
    whole = pd.DataFrame({"numerator": [4], "denominator": [16]})
    parts = pd.DataFrame({"numerator": [1, 2], "denominator": [16, 16]})
    found = sentences.undivided(whole, parts, ("kind",), metric, REGISTRY, "en")
    assert found.startswith("1 without “")


def test_concentration_names_the_places_that_hold_the_most():
    assert sentences.concentration(
        [60, 30, 10], ["甲", "乙", "丙"], k=2, n_known=3
    ) == ("还差的 100 中，前 2 处占 90.0 %：甲、乙。")
    done = sentences.concentration([], [], n_known=2)
    assert done == "各处均已达到目标。"


def test_the_verified_headline_says_how_many_are_not_confirmed_in_tens():
    topic_1 = REGISTRY.metrics["topic_1_coverage"]
    written = sentences.verified_headline(topic_1, 0.999, 0.904, (0.893, 0.915), 16198)
    assert written == (
        "抽查前上报 99.9 %；抽查支持 90.4 %（89.3–91.5）："
        "约 1,540（1,360–1,720）个党支部未得到核实。"
    )


def test_more_verified_than_reported_leaves_nothing_unverified():
    written = sentences.verified_headline(TOPIC_2, 0.9, 0.95, (0.9, 0.99), 100, "en")
    assert written == (
        "90.0 % had been reported before the checks; spot checks support 95.0 % "
        "(90.0–99.0): not refuted by checks."
    )
