"""督导组 and 问题与回头看 as a reader gets them: duties, checks, load, problems."""

from __future__ import annotations

import json


def test_duties_stand_group_by_group_and_only_dated_ones_are_lit(draw_office):
    drawn = draw_office("supervision_groups")
    matrix = json.loads(drawn.component("link_matrix")["matrix"])
    lines = {line["name"]: line["cells"] for line in matrix["lines"]}
    assert [c["text"] for c in lines["督导组约谈次数"]] == [
        *("2 / 10", "1 / 10", "0 / 10", "0 / 10"),
    ]
    assert {c["state"] for c in lines["督导组约谈次数"]} == {""}
    assert lines["每周报送信息篇数"][0]["text"] == "1 / 8"
    assert lines["每周报送信息篇数"][0]["state"] == "late"
    assert "supervision_groups?" in lines["每周报送信息篇数"][0]["to"]


def test_the_lists_of_the_groups_can_be_saved(draw_office):
    drawn = draw_office("supervision_groups")
    by_round = drawn.rows_of("csv-checks")
    first = next(r for r in by_round if r["supervision_group"] == "G1")
    assert (first["n_branches_checked"], first["n_branches"]) == ("1", "2")
    information = {
        r["supervision_group"]: r for r in drawn.rows_of("csv-information_items")
    }
    assert information["G1"]["problem"] == "1"
    (left,) = drawn.rows_of("csv-problems")
    assert left["n_open"] == "2"
    assert len(drawn.rows_of("csv-load")) == 4


def test_one_group_is_all_that_a_chosen_group_shows(draw_office):
    drawn = draw_office("supervision_groups", group="G2", lang="en")
    matrix = json.loads(drawn.component("link_matrix")["matrix"])
    assert [c["name"] for c in matrix["columns"]] == ["Supervision group 2"]
    assert {r["supervision_group"] for r in drawn.rows_of("csv-load")} == {"G2"}


def test_problems_are_listed_open_ones_first_and_the_rest_by_a_switch(draw_office):
    drawn = draw_office("problems")
    assert "提出 5 个问题" in drawn.words
    assert {r["problem_code"] for r in drawn.rows_of("csv-list")} == {"W4", "W5"}
    everything = draw_office("problems", all="1").rows_of("csv-list")
    assert len(everything) == 5
    # Closed a day after its term.
    assert next(r for r in everything if r["problem_code"] == "W2")["standing"] == (
        "closed_late"
    )
    sources = {r["source"]: r for r in drawn.rows_of("csv-sources")}
    assert sources["lookback_mass_line"]["n_relapsed"] == "1"


def test_a_place_without_problems_says_so(draw_office):
    assert "此处未提出过问题" in draw_office("problems", unit="350181").words
