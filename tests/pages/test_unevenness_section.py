"""The section 不均衡 of 领域差距: the same cells on the screen and in files."""

import pytest

from reports.files.export_context import JUDGED
from tests.pages.drawn import Drawn, draw_page, headings_of

JULY = {"metric": "topic_2_coverage", "month": "2016-07"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("sector_gaps", tiny_lake, monkeypatch, **(JULY | query))

    return run


def test_the_measures_stand_in_their_order_each_with_its_sentence(draw):
    drawn = draw()
    labels = [metric.label for metric in drawn.app.metric]
    assert labels == [
        "还差",
        "低于比较线",
        "最热减最冷",
        "平均距离",
        "可提高",
        "差距所在层级",
    ]
    # 仓山 农村 2 of 4, 社区 1 of 2, 市直 机关 2 of 5: 6 of 11 are missing.
    assert drawn.app.metric[0].value == "6"
    for sentence in ("最多的是市直机关 机关 50.0 %", "越小越均衡", "低于全市 45.5 %"):
        assert sentence in drawn.words.replace("\u00a0", " ")


def test_what_was_counted_is_in_the_files_with_class_and_share(draw):
    rows = draw().rows_of("csv-equiplot")
    by_place = {(row["unit"], row["sector"]): row for row in rows}
    assert float(by_place["ZSJG", "organ"]["missing_share"]) == pytest.approx(0.5)
    # All three cells are under ten.
    assert {row["cell_class"] for row in rows if row["rate"]} == {"too_small"}
    assert set(JUDGED) <= set(rows[0])


def test_a_part_is_judged_with_the_whole_city_and_never_alone(draw):
    drawn = draw(unit="350104")
    rows = drawn.rows_of("csv-bars")
    assert [row["cell_class"] for row in rows] == ["too_small", "too_small"]
    whole = {
        row["sector"]: row["points_below_target"]
        for row in draw().rows_of("csv-dots")
        if row["unit"] == "350104"
    }
    assert {row["sector"]: row["points_below_target"] for row in rows} == whole


def test_the_funnel_is_by_unit_or_by_cell_as_the_address_says(draw):
    points = draw().figure("funnel")["data"][-1]["customdata"]
    assert sorted(points) == [["350104"], ["ZSJG"]]
    cells = draw(funnel="cell").figure("funnel")["data"][-1]["customdata"]
    assert ["350104", "rural"] in [list(cell) for cell in cells]


def test_inside_a_unit_townships_take_the_place_of_units(draw):
    drawn = draw(unit="350104")
    points = drawn.figure("funnel")["data"][-1]["customdata"]
    assert sorted(points) == [["城门镇"], ["建新镇"], ["盖山镇"]]
    assert "在乡镇街道之间" in drawn.words


def test_the_trend_is_said_and_drawn_from_the_same_months(draw):
    drawn = draw(metric="topic_1_coverage", month="2016-06")
    # 6.80 points, then 6.72.
    assert "平均升，差距不变：2016年5月到2016年6月" in drawn.words
    rows = drawn.rows_of("csv-unevenness")
    assert [row["month"] for row in rows] == ["2016-04", "2016-05", "2016-06"]
    rates, _ = drawn.figure("unevenness")["data"]
    assert [f"{rate:.6f}" for rate in rates["y"]] == [
        f"{float(row['rate']):.6f}" for row in rows
    ]


def test_near_100_per_cent_the_funnel_gives_way_to_what_is_missing(draw):
    drawn = draw(metric="topic_1_coverage", month="2016-07")
    assert "**差在哪里** · 已报的各处均已达到目标" in drawn.words
    assert "csv-funnel" not in drawn.files


def test_analysts_find_the_indices_and_every_measure_as_a_file(draw):
    drawn = draw()
    assert "组间方差 BGV" in drawn.app.table[0].value.index[0]
    rows = {row["measure"]: row["value"] for row in drawn.rows_of("csv-measures")}
    assert float(rows["still_missing"]) == 6
    assert {"bgv", "bgsd", "idis", "theil", "mld", "between_unit_share"} <= set(rows)


def test_figures_per_head_and_ceilings_are_not_measured(draw):
    drawn = draw(metric="lectures_per_leader")
    assert "不均衡只对各处都应达到的比率计算" in drawn.words
    assert not drawn.app.metric


def test_where_one_place_is_left_the_section_is_not_drawn(draw):
    drawn = draw(unit="350104", sector="rural", township="城门镇")
    assert "不均衡" not in headings_of(drawn.app)


def test_verified_rates_are_not_called_uneven(weak_lake, monkeypatch):
    query = {"metric": "topic_1_coverage", "month": "2016-09", "basis": "verified"}
    drawn = draw_page("sector_gaps", weak_lake, monkeypatch, **query)
    assert "不均衡按上报数计算" in drawn.words
    # Six checks are too few for a funnel: a line says so, and there is no file of it.
    assert "csv-funnel" not in drawn.files
    assert any(row["cell_class"] for row in drawn.rows_of("csv-equiplot"))


def test_the_section_speaks_english(draw):
    words = draw(lang="en").words
    assert "Unevenness" in words
    assert "two views of one quantity and do not add up" in words


def test_the_profile_of_a_unit_carries_the_same_class_as_the_heatmap(
    tiny_lake, monkeypatch
):
    query = {"month": "2016-07", "metric": JULY["metric"]}
    heatmap = draw_page("county_heatmap", tiny_lake, monkeypatch, **query)
    expected = {
        row["sector"]: (row["cell_class"], row["points_below_target"])
        for row in heatmap.rows_of("csv-matrix")
        if row["unit"] == "350104"
    }
    profile = draw_page("area_profile", tiny_lake, monkeypatch, unit="350104", **query)
    found = {
        row["sector"]: (row["cell_class"], row["points_below_target"])
        for row in profile.rows_of("csv-sectors")
        if row["metric"] == JULY["metric"]
    }
    assert set(found) == {"", "rural", "community"}
    assert found == {sector: expected[sector] for sector in found}


def test_heads_of_a_few_branches_are_low_but_not_called_cold(tiny_lake, monkeypatch):
    # 29 of 78 members lie 13 points under the line; two branches prove nothing.
    choices = {"metric": "member_speaking", "month": "2016-07"}
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, **choices)
    rows = drawn.component("hot_cold_matrix")["rows"]
    words = {cell["id"]: cell.get("class_word") for r in rows for cell in r["cells"]}
    assert words["350104|community"] == "偏低，尚不能排除偶然"
    assert "card=by_branch" in drawn.words
    drawn = draw_page("sector_gaps", tiny_lake, monkeypatch, **choices)
    assert "card=by_branch" in drawn.words
    sizes = drawn.figure("funnel")["data"][-1]["x"]
    assert max(sizes) < 80
