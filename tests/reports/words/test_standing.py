"""Where one place stands, as one sentence with what is not in it."""

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.words.standing import describe_place, target_in_force

METRICS = load_registry().metrics
OWED = [metric for metric in METRICS.values() if metric.owed_by]


def place(numerator: int, denominator: int, n_blank: int = 0, n_missing: int = 0):
    rate = numerator / denominator if denominator else float("nan")
    columns = ["numerator", "denominator", "rate", "n_blank", "n_missing"]
    row = [numerator, denominator, rate, n_blank, n_missing]
    return pd.DataFrame([row], columns=columns)


@pytest.mark.parametrize(
    ("metric", "frame", "says"),
    [
        (
            "topic_2_coverage",
            place(109, 720),
            "第二专题覆盖率：已完成 109 / 720 个党支部，"
            "还差 611（目标 100 %，8月31日前）。",
        ),
        (
            "member_speaking",
            place(200, 300, n_blank=2, n_missing=1),
            "普通党员发言率：已完成 200 / 300 名党员，已达到目标 66.7 %。"
            " 另有 1 个单位×领域未报、2 行空白，未计入。",
        ),
        (
            "lectures_per_leader",
            place(31, 31),
            "领导干部人均党课次数：1.00（31 / 31）。",
        ),
        (
            "lecture_reach_ceiling",
            place(2366, 16198),
            "2,366 次党课最多只能覆盖 16,198 个党支部的 14.6 %。",
        ),
        (
            "leaders_down_ceiling",
            place(2535, 10226),
            "2,535 次党课最多出自 10,226 名领导干部中的 24.8 %。",
        ),
        ("lectures_per_leader", place(0, 0), "领导干部人均党课次数：未收到数据。"),
    ],
)
def test_a_place_is_described_by_its_kind_of_metric(metric, frame, says):
    assert describe_place(frame, METRICS[metric], month="2016-07") == says


@pytest.mark.parametrize(
    ("n", "zh", "en"),
    [
        (43, "共 43（14 处），达到要求 42。", "43 in 14 places, as demanded: 42."),
        (
            40,
            "共 40（14 处），要求 42，还差 2。",
            "40 in 14 places of 42 demanded, 2 still to go.",
        ),
    ],
)
def test_more_of_a_count_than_places_that_owe_it_is_no_error(n, zh, en):
    metric = METRICS["demo_sites_county"]
    said = describe_place(place(n, 14), metric, month="2016-12")
    assert said == f"每个县区的示范点数：{zh}"
    said = describe_place(place(n, 14), metric, "en", month="2016-12")
    assert said == f"Demonstration sites per county: {en}"


def test_a_count_without_a_demand_says_in_how_many_places():
    metric = METRICS["media_items"]
    said = describe_place(place(43, 14), metric, month="2016-12")
    assert said == "每个单位的媒体刊播篇数：共 43（14 处）。"


@pytest.mark.parametrize("metric", OWED, ids=lambda m: m.id)
def test_nobody_is_accused_of_more_than_there_are_where_a_count_is_owed(metric):
    for n in range(0, 100, 7):
        assert "有误" not in describe_place(place(n, 14), metric, month="2016-12")


def test_the_target_in_force_is_the_next_that_falls_due():
    speaking = METRICS["member_speaking"]
    assert target_in_force(speaking, "2016-06") == pytest.approx(1 / 3)
    assert target_in_force(speaking, "2016-07") == pytest.approx(2 / 3)
    assert target_in_force(speaking, "2016-12") == 1.0
    assert target_in_force(METRICS["lectures_per_leader"], "2016-07") is None


def verified(numerator: int, denominator: int, rate: float, n_blank: int = 0):
    columns = ["numerator", "denominator", "rate", "n_blank", "std_error"]
    columns += ["lower", "upper"]
    limits = [rate - 0.02, rate + 0.02]
    row = [numerator, denominator, rate, n_blank, 0.01, *limits]
    return pd.DataFrame([row], columns=columns)


@pytest.mark.parametrize(
    ("frame", "language", "says"),
    [
        (
            verified(696, 779, 0.925),
            "zh",
            "第一专题覆盖率：随机抽查核实 696 / 779，按名册加权推算 92.5 %"
            "（90.5–94.5）。",
        ),
        (
            verified(7, 9, float("nan"), n_blank=2),
            "zh",
            "第一专题覆盖率：随机抽查核实 7 / 9，抽查太少，不作推算。"
            " 另有 2 次抽查没有结论，未计入。",
        ),
        (verified(0, 0, float("nan")), "zh", "第一专题覆盖率：尚无随机抽查。"),
        (
            verified(7, 9, float("nan")),
            "en",
            "Topic 1 coverage: random checks confirm 7 of 9: too few for a rate.",
        ),
    ],
)
def test_what_checks_found_is_never_said_to_be_done_or_missing(frame, language, says):
    metric = METRICS["topic_1_coverage"]
    assert describe_place(frame, metric, language, month="2016-12") == says


def test_a_figure_of_a_due_day_carries_who_had_not_filed_and_its_flags():
    then = place(10, 40, n_missing=6)
    said = describe_place(
        place(30, 40),
        METRICS["topic_2_coverage"],
        month="2016-10",
        in_time=then,
        due_caveat="（1 条线索）",
    )
    assert said.endswith(
        "；到8月31日完成 25.0 %（8月台账；当时 6 个单位×领域未报；1 条线索）。"
    )
    late = describe_place(
        place(40, 40),
        METRICS["topic_2_coverage"],
        month="2016-10",
        in_time=then,
        due_caveat="（1 条线索）",
        caveat="（2 条线索）",
    )
    # Either note beside its own figure.
    assert "逾期后才达到目标 100 %（2 条线索）：到8月31日完成 25.0 %（8月台账；" in late
    silent = describe_place(
        place(30, 40),
        METRICS["topic_2_coverage"],
        month="2016-10",
        in_time=place(0, 0, n_missing=6),
    )
    assert silent.endswith("；没有8月台账，到8月31日完成多少不明。")
