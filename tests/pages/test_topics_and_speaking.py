"""专题与发言: curves, steps and the late, the same on the page and in each file."""

from __future__ import annotations

import io
import re

import openpyxl
import pyarrow.parquet as pq
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.pages.drawn import Drawn, draw_page, headings_of, read, tables_of
from tests.submitted_rows import ledger_row, submit

JUNE, JULY = {"month": "2016-06"}, {"month": "2016-07"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("topics_and_speaking", tiny_lake, monkeypatch, **query)

    return run


@pytest.fixture
def counted_by_topic(tmp_path):
    """A lake in which one unit counts speakers by topic and the other by person."""
    lake = Lake(tmp_path / "lake_root")
    counts = {"n_branches": 10, "n_members": 100, "n_leaders": 10}
    topics = {"n_speakers_topic_1": 30, "n_speakers_topic_2": 25}
    with lake.writing():
        rows = [
            ledger_row("2016-07", "GX", "school", **counts, **topics),
            ledger_row("2016-07", "ZSJG", "organ", **counts, n_members_spoke=45),
        ]
        submit(lake, "2016-08-10", rows)
        build(lake.root, load_registry())
    return lake.root


def points(trace: dict) -> list[tuple]:
    return list(zip(trace["x"], trace["y"], strict=True))


def test_the_answer_is_about_the_topic_of_the_month_and_other_counts_are_folded(draw):
    drawn = draw(**JULY)
    said = [read(one.value) for one in drawn.app.main.markdown]
    answer = next(n for n, one in enumerate(said) if one.startswith("**"))
    assert said[answer].startswith("**第二专题覆盖率：")
    assert said[answer + 1].startswith("- 第一专题覆盖率：")
    (folded,) = drawn.app.main.expander[:1]
    assert folded.label.startswith("同一件事的其他口径（")
    assert "按党组织的覆盖" in folded.markdown[0].value


@pytest.mark.parametrize("metric", ["topic_1_coverage", "topic_2_coverage"])
def test_the_bar_of_the_chosen_topic_leads_on_like_the_others(
    draw, monkeypatch, metric
):
    """Its address was compared with that of this page, so that it led nowhere."""

    def click(*_, key: str, **__) -> list[str] | None:
        return ["topic_2_coverage"] if key == "plot-outcomes" else None

    addresses: list[str] = []
    monkeypatch.setattr("ui.metric_view.draw_plot", click)
    monkeypatch.setattr("ui.selection.address.visit", addresses.append)
    drawn = draw(metric=metric, **JULY)
    (address,) = addresses
    assert address.startswith("./sector_gaps?")
    assert "metric=topic_2_coverage" in address
    assert "点击一条，查看该专题各领域的情况。" in drawn.words


def test_a_sentence_says_of_each_topic_whether_it_will_be_done(draw):
    words = draw(**JULY).words
    assert "第一专题覆盖率：已完成 11 个党支部（100 %）" in words
    assert (
        "第二专题覆盖率：已完成 5 个党支部（45.5 %），还差 6，到8月31日每月需 6"
        in words
    )
    assert (
        "普通党员发言率：已完成 127 / 239 名党员，还差 33（目标 66.7 %，8月31日前）"
        in words
    )


def test_the_curves_are_cumulative_with_their_windows_and_due_days(draw):
    figure = draw(**JULY).figure("topics")
    first, second, third = figure["data"]
    assert points(first) == [
        ("2016-04-30", 12 / 24),
        ("2016-05-31", 18 / 21),
        ("2016-06-30", 24 / 25),
        ("2016-07-31", 1.0),
    ]
    assert [y for _, y in points(second)] == [0, 0, 0, 5 / 11]
    assert set(third["y"]) == {None}  # the column is not in these ledgers yet
    shapes = figure["layout"]["shapes"]
    assert [s["x0"] for s in shapes if s["type"] == "rect"] == [
        *("2016-04-01", "2016-07-01", "2016-10-01")
    ]
    assert [s["x0"] for s in shapes if s["type"] == "line"] == [
        *("2016-06-30", "2016-08-31", "2016-11-10")
    ]


def test_later_months_are_not_shown(draw):
    rows = draw(**JUNE).rows_of("csv-topics")
    assert {row["month"] for row in rows} == {"2016-04", "2016-05", "2016-06"}
    assert len(rows) == 9


def test_speaking_rises_against_a_third_two_thirds_and_all(draw):
    figure = draw(**JULY, unit="350104").figure("speaking")
    steps, spoken = figure["data"]
    assert steps["y"] == [0, 1 / 3, 2 / 3, 1, 1]
    # 29, 45, 59 and 72 of 81 + 78 ordinary members.
    assert spoken["y"] == [n / 159 for n in (29, 45, 59, 72)]


def test_bounds_are_shown_and_saved_where_only_topics_were_counted(
    counted_by_topic, monkeypatch
):
    drawn = draw_page("topics_and_speaking", counted_by_topic, monkeypatch)
    lower, upper, _, spoken = drawn.figure("speaking")["data"]
    assert (lower["y"], upper["y"], spoken["y"]) == ([0.30], [0.55], [0.5])
    assert "1 行台账（100 名党员）只按专题报发言人数。" in drawn.words
    assert "已发言人数只知道上下限：30.0 %–55.0 %。" in drawn.words
    (row,) = drawn.rows_of("csv-speaking")
    assert (row["numerator"], row["denominator"]) == ("45", "90")
    assert (row["n_spoke_least"], row["n_spoke_most"]) == ("30", "55")
    alone = draw_page(
        "topics_and_speaking", counted_by_topic, monkeypatch, unit="GX", lang="en"
    )
    assert (
        "How many different members have spoken is known only within bounds: "
        "30.0 %–55.0 %." in alone.words
    )


def test_the_late_are_those_past_a_due_date_or_below_the_pace(draw):
    drawn = draw(**JUNE)
    short = [
        [row[c] for c in ("metric", "unit", "sector", "still_missing", "status")]
        for row in drawn.rows_of("csv-late")
    ]
    # 3 of 4 branches; 12 of 56 and 23 of 78 members where a third is demanded.
    assert short == [
        ["topic_1_coverage", "350181", "nonpublic", "1", "overdue"],
        ["member_speaking", "350181", "nonpublic", "7", "overdue"],
        ["member_speaking", "350104", "community", "3", "overdue"],
    ]
    assert "共 3 项滞后：已逾期 3。" in drawn.words
    shown = tables_of(drawn.app)[0]
    assert list(shown["单位"]) == ["福清市", "福清市", "仓山区"]
    assert list(shown["判断"]) == ["已逾期"] * 3


def test_silence_is_late_too(draw):
    drawn = draw(**JULY)
    assert "共 8 项滞后：落后于进度 2、未报 6。" in drawn.words
    silent = [row for row in drawn.rows_of("csv-late") if row["status"] == "not_filed"]
    assert {row["unit"] for row in silent} == {"350181"}
    assert {row["still_missing"] for row in silent} == {""}


def test_a_place_that_filed_nothing_says_whose_figures_these_are(draw):
    drawn = draw(month="2016-07", unit="350181", sector="nonpublic")
    last = "7月未报，此为6月台账"
    assert f"第一专题覆盖率：{last}：已完成" in drawn.words
    assert drawn.words.count(f" · {last}") == 2, "titles of the outcomes and curves"
    heard = draw(month="2016-06", unit="350181", sector="nonpublic")
    assert "未报，此为" not in heard.words


def test_one_topic_can_be_looked_at_alone(draw):
    drawn = draw(**JULY, late="topic_2_coverage")
    rows = drawn.rows_of("csv-late")
    assert {row["metric"] for row in rows} == {"topic_2_coverage"}
    assert (rows[0]["unit"], rows[0]["still_missing"]) == ("ZSJG", "3")
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-late")))
    notes = {row[0].value: row[1].value for row in book.worksheets[0]}
    assert notes["查看内容"] == "第二专题"
    cells = list(book.worksheets[1].iter_rows(values_only=True))
    assert cells[0][:6] == ("指标代码", "指标", "单位代码", "单位", "领域代码", "领域")
    names = ("topic_2_coverage", "第二专题覆盖率", "ZSJG", "市直机关", "organ", "机关")
    assert cells[1][:6] == names
    assert len(cells) == 1 + len(rows)
    table = pq.read_table(io.BytesIO(drawn.bytes_of("parquet-late")))
    assert table["still_missing"].to_pylist() == [3, None, None]


def test_a_chosen_unit_and_sector_list_their_late_townships(draw):
    rows = draw(**JULY, unit="350104", sector="rural").rows_of("csv-late")
    late = [(r["metric"], r["township"], r["still_missing"]) for r in rows]
    # 盖山 has held no second meeting and 12 of its 27 ordinary members have spoken.
    assert late == [
        ("topic_2_coverage", "盖山镇", "1"),
        ("member_speaking", "盖山镇", "6"),
    ]


def test_the_sectors_stand_side_by_side_for_the_topic_of_the_month(draw):
    drawn = draw(**JULY)
    assert "第二专题覆盖率：机关最低，40.0 %" in drawn.words
    rows = drawn.rows_of("csv-sectors")
    july = {r["sector"]: r["numerator"] for r in rows if r["month"] == "2016-07"}
    assert july == {"community": "1", "nonpublic": "0", "organ": "2", "rural": "2"}
    single = draw(**JULY, sector="organ")
    assert "csv-sectors" not in single.files


def test_in_english_every_word_is_english(draw):
    drawn = draw(**JUNE, lang="en")
    assert drawn.app.title[0].value == "Topics and speaking"
    assert headings_of(drawn.app) == [
        "Topic 1 is past its due day; 1 branch has not done it (4.0 %)",
        "Topic 1 96.0 %",
        "Ordinary members who have spoken: 37.5 % in Jun, 6.1 points above last month",
        "Topic 1 coverage: lowest in Non-public, 75.0 %",
        "Behind schedule",
    ]
    assert "3 behind: 3 overdue." in drawn.words


def test_the_share_of_a_due_day_carries_its_flags_and_who_had_not_filed(
    doubtful_lake, monkeypatch
):
    page = ("topics_and_speaking", doubtful_lake, monkeypatch)
    words = draw_page(*page, month="2016-09").words
    assert re.search(r"（8月台账(；当时 \d+ 个单位×领域未报)?；\d+ 条线索）", words)


def test_of_a_topic_that_has_not_begun_nothing_is_left_undone(draw):
    drawn = draw(month="2016-05")
    (row,) = drawn.rows_of("csv-outcomes")
    assert row["metric"] == "topic_1_coverage"
    assert "第一专题期限为6月30日，还有 3 个党支部未完成（14.3 %）" in drawn.words
