"""上报与核实 in both languages, by place, and where there is too little to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.drawn import headings_of, read, tables_of
from ui.lake import LAKE_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "pages/trust/reported_vs_verified.py"


@pytest.fixture
def draw(checked_lake, monkeypatch):
    """`draw(unit="350181")`: the page at that address."""
    monkeypatch.setenv(LAKE_VARIABLE, str(checked_lake))

    def run(*, analysts: bool = True, **query: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.session_state["analysts"] = analysts  # what is drawn once it is opened
        app.switch_page(PAGE).run()
        assert not app.exception
        return app

    return run


def words(app: AppTest) -> str:
    kinds = ("title", "markdown", "caption", "info")
    drawn = [element.value for kind in kinds for element in app.get(kind)]
    return "\n".join((*headings_of(app), read("\n".join(drawn))))


def plain(words: str) -> str:
    """Without what keeps a number and its unit in one line."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_the_headline_and_how_it_was_estimated(draw):
    choices = {"metric": "topic_1_coverage"}
    zh, en = words(draw(**choices)), words(draw(**choices, lang="en"))
    assert "**抽查支持 86.9 %（" in zh
    assert "抽查之前没有台账可比。**" in zh
    assert "随机抽查 32 个支部（名册 90 个）；括号内是 95 % 区间" in zh
    assert "最近一次在7月20日，此后补开的须经复查计入" in zh
    assert "**Spot checks support 86.9 % (" in en
    assert "32 branches checked at random, of 90 on the roll" in en


def test_errors_are_for_who_opens_what_is_for_analysts(draw):
    opened, closed = (
        words(draw(metric="topic_1_coverage", analysts=is_open))
        for is_open in (True, False)
    )
    for term in ("标准误", "自由度"):
        assert term in opened
        assert term not in closed


def test_the_three_ways_of_choosing_stand_apart_in_one_table(draw):
    table = next(t for t in tables_of(draw()) if t.shape[1] == 5)
    assert list(table.columns)[1:] == [
        "随机：加权推算（95 % 区间）",
        "随机：核实 / 所查",
        "定向：核实 / 所查",
        "备检点：核实 / 所查",
    ]
    assert table.iloc[0].tolist()[2:] == ["28 / 32", "2 / 10", "12 / 12"]
    assert len(table) == 3 + 4


def test_a_unit_with_few_checks_shows_the_fraction_and_its_checks(draw):
    app = draw(unit="350181", metric="topic_1_coverage")
    assert "随机抽查 7 / 8 核实：不足 10 个，不推算比率" in words(app)
    # Under ten checks no sector has a rate: its fraction stands in place of a picture.
    assert "抽查不足 10 个，不推算：农村 7 / 8 核实。" in words(app)
    drawn = [element.proto.id for element in app.get("bidi_component")]
    assert not [name for name in drawn if name.endswith("plot-sector")]
    checks = tables_of(app)[-1]
    assert len(checks) == 8 + 6
    assert set(checks["抽取方式"]) == {"随机", "备检点"}
    assert checks["日期"].iloc[0] == "2016-07-22"


def test_every_statistic_has_its_sentence_beside_it(draw):
    zh = words(draw())
    assert "只用随机抽查，每层按名册上的支部数加权" in zh
    assert "备检点的核实比率减去随机暗访抽查的推算" in zh
    assert "介于两期之间不算不符" in zh
    assert "32 个随机抽查中，0 个有抽查前的台账可比" in zh


def test_of_one_round_alone_nothing_is_said_of_two(draw):
    zh = words(draw())
    assert "两轮" not in zh
    assert "后一轮的核实比率减去前一轮的" not in zh


def test_metrics_of_heads_are_not_offered_and_a_link_to_one_falls_back(draw):
    app = draw(metric="leader_attendance")
    # The topic of the month.
    assert app.selectbox[0].value == "topic_2_coverage"


def test_before_the_first_check_the_page_leads_to_the_planner(tiny_lake, monkeypatch):
    monkeypatch.setenv(LAKE_VARIABLE, str(tiny_lake))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "尚无随机抽查，无从核实" in words(app)
    assert "先抽取名单" in words(app)
    assert not app.table
