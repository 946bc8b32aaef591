"""组织生活 as a reader gets it: what was held, and how each topic went down."""

from __future__ import annotations

import json

import pytest

from tests.office_city import build_office_city
from tests.pages.drawn import draw_page, tables_of

PAGE = "organization_life"


@pytest.fixture
def draw(shared_lakes, monkeypatch):
    lake = shared_lakes.of(build_office_city)

    def run(**query):
        return draw_page(PAGE, lake, monkeypatch, month="2016-06", **query)

    return run


def test_a_topic_goes_down_level_by_level_and_unit_by_unit(draw):
    drawn = draw()
    assert "第一专题：县级中心组5月过半" in drawn.words
    assert "报表只记到月" in drawn.words
    rows = [r for r in drawn.rows_of("csv-cascade") if r["month"] == "2016-06"]
    counted = {r["cascade_level"]: (r["numerator"], r["denominator"]) for r in rows}
    # No municipal body owes a ledger in this city.
    assert counted == {"1": ("1", "2"), "branches": ("2", "3")}
    matrix = json.loads(drawn.component("link_matrix")["matrix"])
    assert {line["name"]: line["cells"][0]["text"] for line in matrix["lines"]} == {
        "鼓楼区": "中心组未报 → 5月",
        "福清市": "5月 → 未过半（0 %）",
    }
    assert "unit=350181" in matrix["lines"][1]["to"]


def test_one_unit_has_its_picture_and_no_list_of_units(draw):
    drawn = draw(unit="350181", lang="en")
    assert "Topic 1: half of the county-level central groups by May" in drawn.words
    assert drawn.figure("cascade")["data"]
    assert "csv-cascade-units" not in drawn.files


def test_a_standard_page_begins_with_its_answer(draw):
    words = draw(metric="topic_1_strict").words
    assert (
        "第一专题全员覆盖率 66.7 %（2 / 3，要求 100 %）；最低的是福清市 0 %。" in words
    )


def test_no_column_of_a_standard_page_is_empty(shared_lakes, monkeypatch):
    """Sites by sector are owed by no unit; nobody has filled in how often a lecture."""
    lake, month = shared_lakes.of(build_office_city), {"month": "2016-07"}
    drawn = draw_page("examples", lake, monkeypatch, **month)
    columns = json.dumps(drawn.component("hot_cold_matrix")["columns"])
    assert "demo_sites_county" in columns
    assert "demo_sites_sector" not in columns
    assert "每个领域的示范点数" in [figure.label for figure in drawn.app.metric]
    drawn = draw_page("lectures", lake, monkeypatch, **month)
    rows = tables_of(drawn.app)[-1]
    assert "讲课人类别" in rows
    assert rows.notna().any().all()


def test_of_a_month_without_figures_a_page_is_lines_without_files(
    tiny_lake, monkeypatch
):
    drawn = draw_page("party_building", tiny_lake, monkeypatch, month="2016-07")
    assert not drawn.files
    for title in ("本页指标", "单位 × 指标"):
        assert f"**{title}** · " in drawn.words


def test_of_parts_of_one_whole_no_answer_is_given(shared_lakes, monkeypatch):
    lake = shared_lakes.of(build_office_city)
    month = {"month": "2016-06"}
    by_speaker = {"metric": "lectures_by_speaker", **month}
    words = draw_page("lectures", lake, monkeypatch, **by_speaker).words
    assert "**各类人员讲党课占比 " not in words
    reached = {"metric": "branches_lectured", **month}
    words = draw_page("lectures", lake, monkeypatch, **reached).words
    assert "**听过党课的支部占比 66.7 %（2 / 3）；最低的是" in words
