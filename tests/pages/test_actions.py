"""From a place to what is done about it: links that carry place, month and metric."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from data_pipeline.registry import load_registry
from tests.pages.drawn import draw_page
from ui.parts.actions import list_actions
from ui.selection import read

CHOICES = {"metric": "topic_1_coverage", "month": "2016-07"}


def actions(unit, sector=None, /, **choices):
    chosen = read(CHOICES | choices, load_registry(), ("2016-06", "2016-07"))
    found = {}
    for one in list_actions(chosen, unit, sector):
        parts = urlsplit(one.to)
        query = dict(parse_qsl(parts.query))
        found[one.name] = (parts.path, query, parts.fragment)
    return found


def test_a_cell_leads_down_to_checks_to_a_talk_and_to_its_ledger_rows():
    found = actions("350181", "rural")
    place = CHOICES | {"unit": "350181", "sector": "rural", "lang": "zh"}
    assert found == {
        "drill": ("./sector_gaps", place, ""),
        "check": ("./check_planner", place, ""),
        "talk": ("./talks", place | {"talk.350181.rural": "1"}, ""),
        "ledger": ("./sector_gaps", place, "records-ledger"),
        "circular": ("./bulletin", place, "says-topic_1_coverage"),
        "brief": ("./area_profile", place, "place-brief"),
    }


def test_a_place_of_another_group_leaves_that_group_behind():
    found = actions("350102", "rural", unit="350181", group="G2", township="龙田镇")
    for _, query, _ in found.values():
        assert query["unit"] == "350102"
        assert not {"group", "township"} & set(query)


def test_a_whole_unit_has_no_one_row_and_no_one_talk_to_tick():
    found = actions("350181")
    assert found["talk"][1] == CHOICES | {"unit": "350181", "lang": "zh"}
    assert found["filing"][0] == "./ledger_calendar"


def test_what_has_no_sectors_is_drilled_into_where_it_has_figures():
    found = actions("350181", metric="on_time")
    assert found["drill"][0] == "./area_profile"
    assert found["filing"][0] == "./ledger_calendar"


def test_the_profile_of_a_unit_offers_them(tiny_lake, monkeypatch):
    drawn = draw_page("area_profile", tiny_lake, monkeypatch, unit="350181")
    assert "抽查这里](./check_planner?" in drawn.words
    assert "列入约谈](./talks?" in drawn.words
    assert "一页简报](" not in drawn.words  # it is here
    assert "pdf-brief" in drawn.files
    city = draw_page("area_profile", tiny_lake, monkeypatch)
    assert "抽查这里" not in city.words
