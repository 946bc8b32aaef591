"""督导组 and 问题与回头看 as a reader gets them: duties, checks, load, problems."""

from __future__ import annotations

import json

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.pages.drawn import draw_page, tables_of
from tests.submitted_rows import ledger_row, submit


@pytest.fixture
def uneven_lake(tmp_path):
    """July: units of group 1 all half done, of groups 2 and 3 all or nothing."""
    lake, registry = Lake(tmp_path / "lake_root"), load_registry()
    rows = []
    for unit in registry.units.values():
        done = {"G1": (50, 50), "G2": (0, 100), "G3": (0, 100)}.get(unit.group, ())
        for sector, count in zip(("school", "nonpublic"), done, strict=False):
            counts = {"n_branches": 100, "n_branches_topic_2": count}
            rows.append(ledger_row("2016-07", unit.code, sector, **counts))
    with lake.writing():
        submit(lake, "2016-08-10", rows)
        build(lake.root, registry)
    return lake.root


def test_duties_stand_group_by_group_and_only_dated_ones_are_lit(draw_office):
    drawn = draw_office("supervision_groups")
    matrix = json.loads(drawn.component("link_matrix")["matrix"])
    lines = {line["name"]: line["cells"] for line in matrix["lines"]}
    assert [c["text"] for c in lines["督导组约谈次数"]] == [
        *("2 / 10", "1 / 10", "0 / 10", "0 / 10"),
    ]
    assert {c["state"] for c in lines["督导组约谈次数"]} == {""}
    assert lines["每周报送信息篇数"][0]["text"] == "1 / 8 · 差 7"
    assert lines["每周报送信息篇数"][0]["state"] == "late"
    assert "supervision_groups?" in lines["每周报送信息篇数"][0]["to"]


def test_the_lists_of_the_groups_can_be_saved(draw_office):
    drawn = draw_office("supervision_groups")
    by_round = drawn.rows_of("csv-checks")
    rounds = [int(row["round"]) for row in by_round]
    assert rounds == sorted(rounds, reverse=True), "the last one is what is asked for"
    first = [row for row in by_round if row["supervision_group"] == "G1"][-1]
    assert (first["n_branches_checked"], first["n_branches"]) == ("1", "2")
    information = {
        r["supervision_group"]: r for r in drawn.rows_of("csv-information_items")
    }
    assert information["G1"]["problem"] == "1"
    (left,) = drawn.rows_of("csv-problems")
    assert left["n_open"] == "2"
    assert len(drawn.rows_of("csv-load")) == 4


def test_of_a_duty_that_nobody_did_there_is_one_line(uneven_lake, monkeypatch):
    words = draw_page("supervision_groups", uneven_lake, monkeypatch).words
    assert "每周报送信息篇数 · 当前筛选下没有数据" in words.replace("**", "")
    assert "每周报送信息篇数：" not in words


def test_one_group_is_all_that_a_chosen_group_shows(draw_office):
    drawn = draw_office("supervision_groups", group="G2", lang="en")
    matrix = json.loads(drawn.component("link_matrix")["matrix"])
    assert [c["name"] for c in matrix["columns"]] == ["Supervision group 2"]
    assert {r["supervision_group"] for r in drawn.rows_of("csv-load")} == {"G2"}
    own = draw_office("supervision_groups", group="G1").rows_of("csv-information_items")
    assert {r["supervision_group"] for r in own} == {"G1"}


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


def test_days_overdue_and_the_due_day_stand_where_a_phone_shows_them(draw_office):
    listed = tables_of(draw_office("problems").app)[0]
    assert list(listed)[:4] == ["编号", "情况", "逾期天数", "办理期限"]


def test_a_place_without_problems_says_so(draw_office):
    assert "此处未提出过问题" in draw_office("problems", unit="350181").words


def test_a_group_more_even_than_chance_is_named_and_its_range_can_be_saved(
    uneven_lake, monkeypatch
):
    about = {"metric": "topic_2_coverage"}
    zh = draw_page("supervision_groups", uneven_lake, monkeypatch, **about)
    assert "各组冷热不均（第二专题覆盖率）：第一督导组超出偶然" in zh.words
    assert "比随机分组更均匀：第一督导组（0.0，随机分组 " in zh.words
    assert "其余各组没有超出偶然。" in zh.words
    first, second, third = zh.rows_of("csv-unevenness")
    assert first["against_chance"] == "less"
    assert float(first["mean_distance_points"]) == 0 < float(first["chance_lower"])
    for other in (second, third):
        assert other["against_chance"] == "within"
        lower, upper = float(other["chance_lower"]), float(other["chance_upper"])
        assert lower <= float(other["mean_distance_points"]) <= upper
    about |= {"lang": "en", "group": "G2"}
    en = draw_page("supervision_groups", uneven_lake, monkeypatch, **about)
    assert "beyond chance in Supervision group 1" in en.words
    # Its own row alone is listed, held against the city all the same.
    (own,) = en.rows_of("csv-unevenness")
    assert own["chance_upper"] == second["chance_upper"]


def test_groups_within_chance_are_not_to_be_ranked(tiny_lake, monkeypatch):
    about = {"month": "2016-04", "metric": "topic_1_coverage"}
    zh = draw_page("supervision_groups", tiny_lake, monkeypatch, **about).words
    assert "各组冷热不均（第一专题覆盖率）：各组之差不超出偶然" in zh
    assert "没有一个组超出偶然" in zh
    en = draw_page("supervision_groups", tiny_lake, monkeypatch, lang="en", **about)
    assert "No group is beyond chance" in en.words
