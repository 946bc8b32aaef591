"""What screens once said that was not so, one test a statement."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.sector_gaps.figures import missing_pareto
from reports.sector_gaps.unevenness_figures import funnel
from reports.tables import rates_table
from reports.words import sentences, wording
from tests.pages.drawn import draw_page

REGISTRY = load_registry()
SPEAKING = REGISTRY.metrics["member_speaking"]
TOPIC_2 = REGISTRY.metrics["topic_2_coverage"]
NO_TARGET = dataclasses.replace(TOPIC_2, milestones=())


def rates(*rows: tuple) -> pd.DataFrame:
    """`read_rates` by unit; rows are (unit, numerator, denominator, n_missing)."""
    names = ["unit", "numerator", "denominator", "n_missing"]
    frame = pd.DataFrame(rows, columns=names)
    frame[names[1:]] = frame[names[1:]].astype("Int64")
    rate = frame["numerator"].astype(float) / frame["denominator"].astype(float)
    return frame.assign(rate=rate, n_blank=0)


def pareto(frame: pd.DataFrame, metric=TOPIC_2, language: str = "zh"):
    return missing_pareto(
        frame, metric, REGISTRY, language, month="2016-07", by=("unit",)
    )


def test_a_place_that_owes_nothing_is_one_sentence_and_not_a_crash(
    tiny_lake, monkeypatch
):
    """市直机关 has no rural branches: the page broke off instead of saying so."""
    choice = {"unit": "ZSJG", "sector": "rural"}
    drawn = draw_page("leader_participation", tiny_lake, monkeypatch, **choice)
    assert "没有应报的台账" in drawn.words
    assert not drawn.figures
    assert not drawn.files


def test_silence_is_not_said_to_be_done():
    """A frame in which nobody reported was called 全部完成."""
    silent = rates(("350181", pd.NA, pd.NA, 2), ("350104", pd.NA, pd.NA, 1))
    assert "未收到数据" in pareto(silent).alt
    assert "Nothing was reported" in pareto(silent, language="en").alt


def test_what_is_done_does_not_stand_for_those_who_are_silent():
    """One done and one silent were together called 全部完成."""
    some = rates(("350104", 10, 10, 0), ("350181", pd.NA, pd.NA, 2))
    assert "另有 1 处未报" in pareto(some).alt
    assert "已报的各处均已达到目标；" in pareto(some).alt


def test_one_place_has_no_ranking_and_no_funnel():
    """'前 1 处占 100 %' and a funnel were drawn of one place."""
    one = rates(("350104", 6, 10, 0))
    assert pareto(one).alt.endswith("仓山区还差 4。")
    drawn = funnel(one, TOPIC_2, REGISTRY, month="2016-07", by=("unit",))
    assert not drawn.figure.data


def test_what_reached_its_target_is_not_still_missing():
    """已达到目标 66.7 % stood beside 还差 in the picture and in the table."""
    frame = rates(("350104", 70, 100, 0), ("350181", 60, 100, 0))
    clause = sentences.still_missing(SPEAKING, 70, 100, month="2016-07")
    assert "已达到目标" in clause
    assert list(pareto(frame, SPEAKING).figure.data[0].x) == [7]
    table = rates_table(frame, SPEAKING, REGISTRY, month="2016-07").frame
    assert table["还差"].tolist() == [0, 7]


def test_nothing_is_missing_to_a_target_that_nobody_set():
    """还差 stood beside metrics that have no target."""
    assert "还差" not in sentences.still_missing(NO_TARGET, 5, 10, month="2016-07")
    table = rates_table(rates(("350104", 5, 10, 0)), NO_TARGET, REGISTRY)
    assert "还差" not in table.frame


@pytest.mark.parametrize(
    ("n", "language", "says"),
    [
        (36, "zh", "，还差 64（目标 10 %–15 %）"),
        (120, "zh", "，已达到目标 10 %–15 %"),
        (150, "zh", "，已达到目标 10 %–15 %"),
        (196, "zh", "，超过要求的 10 %–15 %"),
        (196, "en", ", above the required 10 %–15 %"),
    ],
)
def test_a_demand_of_10_to_15_per_cent_has_two_ends(n, language, says):
    """More than 15 % of random unannounced checks was simply 已达到目标 10 %."""
    checks = REGISTRY.metrics["random_check_rate"]
    clause = sentences.still_missing(checks, n, 1000, language, month="2016-12")
    assert clause.endswith(says)


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.9985, 1, "99.9 %"),
        (0.125, 0, "13 %"),
        (0.0625, 1, "6.3 %"),
        (0.0001, 1, "0.1 %"),
        (0.0, 1, "0 %"),
        (0.99999, 1, "99.9 %"),
        (1.0, 1, "100 %"),
    ],
)
def test_a_share_is_rounded_as_workbooks_do_and_some_is_never_none(share, digits, text):
    """One figure was 99.8 on the screen and 99.9 in the workbook."""
    assert wording.percent(share, digits) == text
