"""What the overview says, from frames small enough to check on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports.figures import style
from reports.overview import rows as overview
from reports.overview.figures import deadline_strip, progress_bars
from tests.reports.samples import REGISTRY, rates

TOPICS = [topic.metric for topic in REGISTRY.calendar.topics]
EMPTY = rates(("month",), [])


def by_month(*figures_of_months: tuple[str, int, int]) -> pd.DataFrame:
    rows = [(month, x, n, 0, 0) for month, x, n in figures_of_months]
    return rates(("month",), rows)


def judge(month: str, frame: pd.DataFrame, metric: str = "topic_2_coverage"):
    """Progress and total of one topic, the others being silent."""
    frames = dict.fromkeys(TOPICS, EMPTY) | {metric: frame}
    return overview.judge_deadlines(frames, REGISTRY, month)[metric]


@pytest.mark.parametrize(
    ("month", "topic"),
    [
        ("2016-03", "topic_1_coverage"),
        ("2016-06", "topic_1_coverage"),
        ("2016-07", "topic_2_coverage"),
        ("2016-09", "topic_2_coverage"),
        ("2016-12", "topic_3_coverage"),
        ("2017-01", "topic_3_coverage"),
    ],
)
def test_the_topic_is_the_last_whose_window_has_opened(month, topic):
    assert REGISTRY.topic_of(month).id == topic


def test_a_month_without_a_unit_is_no_fall_of_the_count():
    # Half of the branches are silent in August; those that filed went on.
    frame = by_month(("2016-07", 40, 100), ("2016-08", 25, 50))
    progress, total = judge("2016-08", frame)
    assert (progress.done, total) == (25, 50)
    assert not progress.has_fallen
    # On the footing of the fifty: 20 in July, 25 in August, 12.5 a month from July on.
    assert progress.recent_pace == 12.5


def test_later_months_are_not_known_yet():
    frame = by_month(("2016-07", 40, 100), ("2016-08", 90, 100))
    progress, _ = judge("2016-07", frame)
    assert (progress.month, progress.done) == ("2016-07", 40)


def test_a_topic_that_nobody_reports_has_no_verdict():
    judged = overview.judge_deadlines(dict.fromkeys(TOPICS, EMPTY), REGISTRY, "2016-07")
    rows = overview.deadline_rows(judged, REGISTRY)
    assert rows["status"].tolist() == ["unknown"] * 3
    assert rows["done"].isna().all()


def test_before_its_window_a_topic_has_not_begun():
    frames = dict.fromkeys(TOPICS, by_month(("2016-07", 0, 100)))
    judged = overview.judge_deadlines(frames, REGISTRY, "2016-07")
    rows = overview.deadline_rows(judged, REGISTRY)
    assert rows["status"].tolist() == ["overdue", "will_miss", "not_open"]


def cells(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return rates(("month", "unit"), [(*row, 0, 0) for row in rows])


def test_changes_go_both_ways_the_larger_place_first_among_equals():
    frame = cells(
        ("2016-06", "A", 10, 100),
        ("2016-06", "B", 50, 100),
        ("2016-06", "C", 1, 10),
        ("2016-06", "D", 5, 10),
        ("2016-07", "A", 20, 100),
        ("2016-07", "B", 20, 100),
        ("2016-07", "C", 2, 10),
        ("2016-07", "E", 9, 10),
    )
    changes = overview.largest_changes(frame, ("2016-05", "2016-06", "2016-07"))
    # D and E were heard in one of the months only: that is no change.
    assert changes["unit"].tolist() == ["B", "A", "C"]
    assert changes["change"].tolist() == pytest.approx([-0.3, 0.1, 0.1])
    assert changes["rate_before"].tolist() == [0.5, 0.1, 0.1]


def test_the_first_month_has_no_changes():
    changes = overview.largest_changes(cells(("2016-04", "A", 1, 2)), ("2016-04",))
    assert changes.empty
    assert "change" in changes


def answer(**shares: float) -> str:
    frames = {
        name: rates((), [(round(1000 * share), 1000, 0, 0)])
        for name, share in shares.items()
    }
    return overview.answer_everywhere(frames, REGISTRY, "2016-07", in_time={})


def test_everywhere_is_said_only_when_every_target_is_reached():
    done = {"topic_2_coverage": 1.0, "member_speaking": 0.67, "leader_attendance": 1.0}
    assert answer(**done) == "已全覆盖：三项都达到目标。"
    assert answer(**done | {"leader_attendance": 0.999}) == (
        "尚未全覆盖：第二专题覆盖率、普通党员发言率已达到目标；"
        "领导干部以普通党员身份参加率落后于进度。"
    )


def test_a_duty_without_data_is_not_passed_over():
    frames = {"topic_2_coverage": rates((), [(0, 0, 0, 4)])}
    sentence = overview.answer_everywhere(frames, REGISTRY, "2016-07", "en", in_time={})
    assert sentence == "Coverage is not yet complete: no data: Topic 2 coverage."


def test_unevenness_falls_when_places_draw_level():
    frame = cells(
        ("2016-07", "A", 100, 100),
        ("2016-07", "B", 0, 100),
        ("2016-08", "A", 100, 100),
        ("2016-08", "B", 60, 100),
    )
    metric = REGISTRY.metrics["topic_2_coverage"]
    headline = overview.unevenness_headline(frame, metric, "2016-08")
    # 50 points from the mean of 50, then 20 from the mean of 80.
    assert (headline.value, headline.delta) == ("20.0 个百分点", "-30.0 个百分点")
    assert headline.trend == pytest.approx([50, 20])
    assert headline.better == "lower"


def verified(rate: float) -> pd.DataFrame:
    limits = {"lower": rate - 0.04, "upper": rate + 0.05, "reported_before": 0.999}
    return pd.DataFrame([{"numerator": 40, "denominator": 48, "rate": rate, **limits}])


def test_what_checks_support_stands_beside_what_is_reported():
    reported = {"topic_2_coverage": rates((), [(9990, 10000, 0, 0)])}
    checked = {"topic_2_coverage": verified(0.85)}
    rows = overview.progress_rows(reported, REGISTRY, "2016-08", checked)
    found = rows.loc[0, ["rate", "verified", "lower"]].tolist()
    assert found == pytest.approx([0.999, 0.85, 0.81])
    assert rows.loc[0, "still_missing"] == 10
    picture = progress_bars(reported, REGISTRY, month="2016-08", verified=checked)
    clause = "抽查前上报 99.9 %；抽查支持 85.0 %（81.0–90.0）："
    clause += "约 1,490（990–1,890）个党支部未得到核实"
    assert clause in [note.text for note in picture.figure.layout.annotations]
    line, diamond = (
        shape
        for shape in picture.figure.layout.shapes
        if style.HOT in (shape.line.color, shape.fillcolor)
    )
    assert (line.x0, line.x1) == pytest.approx((0.81, 0.9))
    assert diamond.xanchor == 0.85


def test_a_rise_after_the_checks_is_not_held_against_them():
    reported = {"topic_2_coverage": rates((), [(9990, 10000, 0, 0)])}
    checks = verified(0.85)
    for before, said in ((0.86, "抽查前上报 86.0 %"), (None, "抽查之前没有台账可比")):
        checks["reported_before"] = before
        picture = progress_bars(
            reported, REGISTRY, month="2016-08", verified={"topic_2_coverage": checks}
        )
        texts = [note.text for note in picture.figure.layout.annotations]
        assert any(said in text for text in texts)
        assert not any("未得到核实" in text for text in texts)


def test_too_few_checks_are_no_estimate():
    reported = {"topic_2_coverage": rates((), [(9990, 10000, 0, 0)])}
    checked = {"topic_2_coverage": verified(np.nan)}
    picture = progress_bars(reported, REGISTRY, month="2016-08", verified=checked)
    texts = [note.text for note in picture.figure.layout.annotations]
    assert "抽查不足 10 个，不作估计" in texts
    assert "nan" not in str(picture.figure.layout.shapes)


def test_the_last_days_are_counted_as_days():
    # 31 October to 10 November: "29,278 a month" would say nothing to anybody.
    judged, total = judge(
        "2016-10", by_month(("2016-10", 6439, 16198)), "topic_3_coverage"
    )
    picture = deadline_strip(
        {"topic_3_coverage": (judged, total)}, REGISTRY, month="2016-10"
    )
    texts = [note.text for note in picture.figure.layout.annotations]
    assert "10 天内需 9,759 · 近期每月 6,439" in texts
