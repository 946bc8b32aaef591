"""支部 as a reader gets it: found by its names, all that is known on one screen."""

from __future__ import annotations

import pytest

from tests.office_city import build_office_city
from tests.pages.drawn import draw_page
from tests.weak_city import MONTH as WEAK_MONTH


@pytest.fixture
def draw(shared_lakes, monkeypatch):
    lake = shared_lakes.of(build_office_city)

    def run(**query):
        return draw_page("branch", lake, monkeypatch, month="2016-06", **query)

    return run


def test_the_search_finds_branches_and_leads_to_them(draw):
    drawn = draw(q="福清")
    assert "找到 1 个支部。" in drawn.words
    assert "branch=B1" in drawn.words
    assert "未找到" in draw(q="没有这个").words


def test_one_branch_shows_what_every_table_says_of_it(draw):
    drawn = draw(unit="350102", branch="A1")
    assert {r["is_in_time"] for r in drawn.rows_of("csv-topics")} == {""}
    (check,) = drawn.rows_of("csv-checks")
    assert check["has_records"] == "True"
    assert {r["speaker"] for r in drawn.rows_of("csv-lecture")} == {
        *("school_teacher", "leader"),
    }
    assert {r["level"] for r in drawn.rows_of("csv-demo_site")} == {"county", "sector"}
    assert {r["act"] for r in drawn.rows_of("csv-duty")} == {"meeting_attended"}
    assert "没有单独的台账行" in drawn.words
    assert "问题" in drawn.words.split("没有：")[1]


def test_a_link_that_says_a_branch_alone_opens_it(draw):
    assert draw(branch="A1").words == draw(unit="350102", branch="A1").words


def test_a_branch_that_is_on_no_roll_is_said_to_be_unknown(draw):
    assert "没有 Z9 这个支部" in draw(unit="350102", branch="Z9").words


def test_before_a_search_the_worst_branches_are_named(weak_lake, monkeypatch):
    drawn = draw_page("branch", weak_lake, monkeypatch, month=WEAK_MONTH)
    assert "找到 " not in drawn.words, "the first of all branches tell nothing"
    start = drawn.words[drawn.words.index("先看这些") :]
    refuted, by_ledger = start.split("台账里不达标最多的")
    assert "branch=350104-R0001" in refuted, "a check refuted what it had reported"
    assert "逾期" in refuted
    assert "branch=350104-R0001" not in by_ledger
    searched = draw_page("branch", weak_lake, monkeypatch, q="仓山", month=WEAK_MONTH)
    assert "先看这些" not in searched.words
