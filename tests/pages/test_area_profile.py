"""地区画像: one unit on every metric, counted by hand, with nothing ranked bare."""

import html
import io
import re
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from data_pipeline.registry import load_registry
from tests.pages.drawn import Drawn, draw_page

pytestmark = pytest.mark.usefixtures("independent_heads")

CANGSHAN = {"month": "2016-07", "unit": "350104"}
# With the strips of all metrics, not of those alone that are worth a look.
WHOLE = CANGSHAN | {"list": "all"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("area_profile", tiny_lake, monkeypatch, **query)

    return run


def profile(drawn: Drawn) -> dict[str, dict[str, str]]:
    return {row["metric"]: row for row in drawn.rows_of("csv-profile")}


def labels(drawn: Drawn) -> list[str]:
    """Which lists of metrics are offered."""
    groups = drawn.app.get("button_group")
    return [word.strip() for g in groups if g.label == "所列指标" for word in g.options]


def matrix(drawn: Drawn) -> dict[str, dict[str, str]]:
    """Text of each cell that is drawn, by metric and sector."""
    return {
        row["id"]: {
            column["id"]: cell["text"]
            for column, cell in zip(
                drawn.component("hot_cold_matrix")["columns"], row["cells"], strict=True
            )
            if "text" in cell
        }
        for row in drawn.component("hot_cold_matrix")["rows"]
    }


def test_a_unit_stands_beside_the_city_the_other_units_and_the_target(draw):
    row = profile(draw(**CANGSHAN))["member_speaking"]
    # 72 of 159; 市直机关 55 of 80; together 127 of 239. June: 59 of 159.
    assert (row["numerator"], row["denominator"]) == ("72", "159")
    assert float(row["rate"]) == pytest.approx(72 / 159)
    assert float(row["city"]) == pytest.approx(127 / 239)
    assert float(row["highest"]) == 0.6875
    assert float(row["target"]) == pytest.approx(2 / 3)
    assert float(row["change"]) == pytest.approx(13 / 159)


def test_nothing_is_missed_before_it_may_begin(draw):
    rows = profile(draw(month="2016-04", list="all"))
    assert rows["topic_2_coverage"]["rate"] == "0.0", "filed, as 0"
    assert rows["topic_2_coverage"]["target"] == rows["topic_2_coverage"]["due"] == ""
    assert rows["topic_1_coverage"]["due"] == "2016-06-30"
    assert "topic_2_coverage" not in profile(draw(month="2016-04"))


def test_a_rank_stands_only_beside_a_difference_from_the_city(draw):
    rows = profile(draw(**WHOLE))
    assert (rows["member_speaking"]["differs"], rows["member_speaking"]["rank"]) == (
        "below",
        "2",
    )
    assert rows["leader_attendance"]["differs"] == "no"
    for row in rows.values():
        assert bool(row["rank"]) <= (row["differs"] in ("above", "below"))
    # Six branches are too few to be judged, figures per head are not tested.
    assert rows["topic_2_coverage"]["differs"] == "too_small"
    assert rows["lectures_per_leader"]["differs"] == "untested"


def test_the_strips_say_rank_city_and_direction(draw):
    drawn = draw(**CANGSHAN)
    notes = [n["text"] for n in drawn.figure("profile")["layout"]["annotations"]]
    assert "<b>45.3 % ↑</b>" in notes
    assert "第 2 / 2 位，低于全市 · 全市 53.1 %" in notes
    assert "4 项指标中，1 项高于全市、1 项低于全市、2 项与全市无明显差别" in drawn.words


def test_a_ceiling_reaches_at_most_everybody(draw):
    # Ten lectures for six branches.
    drawn = draw(**WHOLE)
    notes = [n["text"] for n in drawn.figure("profile")["layout"]["annotations"]]
    assert "<b>≤ 100 % ↑</b>" in notes
    assert float(profile(drawn)["lecture_reach_ceiling"]["rate"]) == pytest.approx(
        10 / 6
    )


def test_sectors_stand_in_a_row_for_each_metric(draw):
    cells = matrix(draw(**WHOLE))
    assert cells["member_speaking"] == {
        "": "45.3 %",
        "rural": "53.1 %",
        "community": "37.2 %",
    }
    # A metric without sectors keeps its one cell.
    assert cells["on_time"] == {"": "100 %"}


def test_the_metrics_by_sector_are_those_that_are_listed_beside_them(draw):
    drawn = draw(**CANGSHAN)
    assert set(matrix(drawn)) <= set(profile(drawn))
    assert "on_time" not in matrix(drawn)


def test_the_matrix_and_its_files_hold_the_same_figures(draw):
    drawn = draw(**WHOLE)
    rows = drawn.rows_of("csv-sectors")
    by_cell = {(row["metric"], row["sector"]): row for row in rows}
    assert by_cell["member_speaking", "community"]["numerator"] == "29"
    assert by_cell["member_speaking", ""]["numerator"] == "72"
    shown = {(metric, sector) for metric, c in matrix(drawn).items() for sector in c}
    assert shown == set(by_cell)
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-sectors")))
    heading, first, *_ = book["数据"].iter_rows(values_only=True)
    assert heading[:5] == ("指标代码", "指标", "领域代码", "领域", "分子")
    assert first[:4] == ("topic_1_coverage", "第一专题覆盖率", None, "总体")
    assert (heading[-1], first[-1]) == ("合计行", "合计")
    notes = dict(book["说明"].iter_rows(max_col=2, values_only=True))
    assert notes["单位"] == "仓山区"


def test_a_silent_unit_is_said_to_be_silent(draw):
    drawn = draw(month="2016-07", unit="350181")
    assert "2016年7月未收到福清市的台账。" in drawn.words
    assert matrix(drawn)["topic_2_coverage"] == {
        "": "未报",
        "rural": "未报",
        "nonpublic": "未报",
    }
    assert profile(drawn)["topic_2_coverage"]["rate"] == ""


def test_without_a_unit_it_is_the_city_and_leads_to_each_unit(draw):
    drawn = draw(month="2016-07", list="all")
    rows = profile(drawn)
    assert rows["topic_2_coverage"]["numerator"] == "5"
    assert {row["rank"] for row in rows.values()} == {""}
    (places,) = (
        element.value
        for element in drawn.app.get("html")
        if element.value.startswith('<div class="places">')
    )
    assert "<h2>各单位画像</h2>" in places
    led = {
        name: parse_qs(urlsplit(html.unescape(to)).query)["unit"]
        for to, name in re.findall('<a href="(.+?)">(.+?)</a>', places)
    }
    units = load_registry().units
    assert led == {unit.name_zh: [code] for code, unit in units.items()}


def test_a_sector_that_was_left_elsewhere_does_not_narrow_the_profile(draw):
    whole = draw(**CANGSHAN)
    left = draw(**CANGSHAN, sector="rural", group="G1")
    assert left.bytes_of("csv-profile") == whole.bytes_of("csv-profile")
    assert left.files["csv-profile"][0] == whole.files["csv-profile"][0]


def test_english_says_the_same(draw):
    drawn = draw(**CANGSHAN, lang="en")
    assert "Of 4 metrics: 1 above the city, 1 below the city" in drawn.words
    notes = [n["text"] for n in drawn.figure("profile")["layout"]["annotations"]]
    assert "rank 2 of 2, below the city · city 53.1 %" in notes


def test_every_metric_of_the_registry_has_its_row(draw):
    metrics = load_registry().metrics.values()
    named = [metric.id for metric in metrics if metric.has_whole]
    assert list(profile(draw(**WHOLE))) == named


def test_the_strips_begin_with_what_is_worth_a_look(draw):
    of_unit = draw(**CANGSHAN)
    assert {row["differs"] for row in profile(of_unit).values()} == {"above", "below"}
    n_all = len(profile(draw(**WHOLE)))
    assert labels(of_unit) == ["与全市有差别的 2 项", f"全部 {n_all} 项"]
    of_city = draw(month="2016-07", list="short")
    assert all(row["rate"] < row["target"] for row in profile(of_city).values())
    assert f"未达到目标的 {len(profile(of_city))} 项" in labels(of_city)
    # Of a silent unit nothing can differ: all is listed, and no choice offered.
    assert labels(draw(month="2016-07", unit="350181")) == []


def test_at_first_the_few_that_lie_furthest_behind_are_listed_worst_first(draw):
    short = profile(draw(month="2016-07", list="short"))
    first = draw(month="2016-07")
    assert labels(first)[0] == "离目标最远的 10 项", "the city has no other line"
    worst, behind = list(profile(first)), list(short)
    assert len(behind) > len(worst) == 10
    assert behind[:10] == worst, "the longer list goes on where the short one ends"
    known = load_registry().metrics
    shares = [name for name in behind if known[name].unit == "share"]
    gaps = [float(short[n]["target"]) - float(short[n]["rate"]) for n in shares]
    assert gaps == sorted(gaps, reverse=True)
    assert f"全市：{known[shares[0]].label_zh}差距最大" in first.words
    # Beside them stand the same metrics, in the same order.
    assert list(matrix(first)) == [name for name in worst if name in matrix(first)]


def test_a_name_that_is_longer_than_a_strip_takes_a_second_line(draw):
    shown = draw(**WHOLE, lang="en")
    names = [
        note["text"].replace("<br>", " ")
        for note in shown.figure("profile")["layout"]["annotations"]
    ]
    assert not [name for name in names if name.endswith("…")]
    metrics = load_registry().metrics
    longest = max((metrics[m].label_en for m in profile(shown)), key=len)
    assert len(longest) > 50
    assert longest in [html.unescape(name) for name in names]
