"""A share of which each word has the whole base: shown word by word, never as a sum."""

from __future__ import annotations

import pytest


def test_activities_stand_there_by_kind_and_not_together(draw_office):
    drawn = draw_office("examples", metric="practice_share")
    figures = {row["metric"] for row in drawn.rows_of("csv-figures")}
    assert figures >= {"contest_entered", "demo_sites_county"}
    assert "practice_share" not in figures
    places = {row["metric"] for row in drawn.rows_of("csv-places")}
    assert "practice_share" not in places
    assert {row["kind"] for row in drawn.rows_of("csv-months")} >= {"pledge"}
    assert all(row["kind"] for row in drawn.rows_of("csv-words"))


def test_sites_of_no_known_origin_are_counted_beside_the_origins(draw_office):
    drawn = draw_office("examples", metric="demo_sites_county")
    assert "另有 2 没有写明来源：计入合计，不在各类之中。" in drawn.words


def test_lectures_by_speaker_go_over_the_months_by_speaker(draw_office):
    rows = draw_office("lectures", metric="lectures_by_speaker").rows_of("csv-months")
    assert {row["speaker"] for row in rows} >= {"senior_leader", "leader"}


def test_places_are_not_compared_on_the_sum_of_overlapping_kinds(draw_office):
    """328.6 % of the branches stood beside 319.4 %: each does several activities."""
    about = {"metric": "contest_sat", "scope": "theme", "kind": "place"}
    drawn = draw_office("compare", unit="350102", with_place="city", **about)
    compared = {row["metric"] for row in drawn.rows_of("csv-compare_place")}
    assert compared >= {"contest_sat", "contest_entered"}
    assert "practice_share" not in compared


@pytest.mark.parametrize("page", ["county_heatmap", "sector_gaps", "area_profile"])
def test_where_places_are_compared_it_is_not_offered(page, draw_office):
    drawn = draw_office(page, metric="practice_share", unit="350102")
    assert "开展活动的支部占比" not in drawn.words
