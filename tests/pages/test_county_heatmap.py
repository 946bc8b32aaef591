"""The heatmap says of the tiny city what was counted by hand, drawn and in files."""

import io
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from scipy.stats import binom

from reports.figures.colours import LIGHT
from tests.pages.drawn import Drawn, draw_page

pytestmark = pytest.mark.usefixtures("independent_heads")

# 普通党员发言率, July, pace line halfway between 1/3 and 2/3. 仓山: the branches of the
# tiny city; 市直: 10 + 20 + 15 + 10 month by month; 福清 is silent.
CITY = (127, 239)
PLACES = {
    ("350104", "rural"): (43, 81, "as_expected"),
    ("350104", "community"): (29, 78, "cold"),
    ("ZSJG", "organ"): (55, 80, "hot"),
}
JULY = {"metric": "member_speaking", "month": "2016-07"}
PACE = JULY | {"compare": "target"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("county_heatmap", tiny_lake, monkeypatch, **query)

    return run


def cells(drawn: Drawn) -> dict[str, dict]:
    """The drawn cells of the matrix by id; pairs that are not due are left out."""
    rows = drawn.component("hot_cold_matrix")["rows"]
    every = (cell for row in rows for cell in row["cells"])
    return {cell["id"]: cell for cell in every if cell["state"] != "not_due"}


def test_each_cell_shows_rate_distance_and_fraction(draw):
    shown = cells(draw(**PACE))
    assert {key: (cell["text"], cell.get("mark")) for key, cell in shown.items()} == {
        "|": ("53.1 %", "▲3.1"),
        "|organ": ("68.8 %", "▲18.8"),
        "|rural": ("53.1 %", "▲3.1"),
        "|community": ("37.2 %", "▼12.8"),
        "|nonpublic": ("未报", None),
        "350104|": ("45.3 %", "▼4.7"),
        "350104|rural": ("53.1 %", "▲3.1"),
        "350104|community": ("37.2 %", "▼12.8"),
        "350181|": ("未报", None),
        "350181|rural": ("未报", None),
        "350181|nonpublic": ("未报", None),
        "ZSJG|": ("68.8 %", "▲18.8"),
        "ZSJG|organ": ("68.8 %", "▲18.8"),
    }
    assert shown["350104|community"]["tip"][0] == "29 / 78 = 37.2 %"
    assert shown["|"]["tip"][0] == "127 / 239 = 53.1 %"
    assert shown["350181|rural"]["state"] == "not_reported"


def test_a_cold_cell_is_a_word_a_mark_and_a_sentence(draw):
    drawn = draw(**PACE)
    cell = cells(drawn)["350104|community"]
    assert (cell["class_word"], cell["class_mark"]) == ("冷", "◇")
    assert (
        cell["aria"]
        == "仓山区 社区 37.2 % 低于进度线 12.8 个百分点；未抽查，无法判断；判定：冷"
    )
    assert "5 个单位×领域中：冷 1、如常 1、热 1、未报 2。" in drawn.words
    assert (
        "冷 = 比进度线 50.0 %（8月31日应达到 66.7 %）低 5 个百分点以上，"
        "且以该单位的规模不能用偶然解释；高出同样多而不能排除偶然的，不着色。"
    ) in drawn.words


def test_english_says_the_same(draw):
    drawn = draw(**PACE, lang="en")
    assert drawn.app.title[0].value == "County heatmap"
    assert "Of 5 unit × sector cells: 1 cold, 1 as expected, 1 hot" in drawn.words
    assert "the pace line of 50.0 % (66.7 % is due on 31 Aug)" in drawn.words
    cell = cells(drawn)["350104|community"]
    assert cell["aria"].startswith("Cangshan, Urban communities, 37.2 %")
    assert cells(drawn)["350181|"]["text"] == "Not reported"


def test_the_csv_holds_the_cells_of_the_screen_and_what_judged_them(draw):
    drawn = draw(**PACE)
    rows = {(r["unit"], r["sector"]): r for r in drawn.rows_of("csv-matrix")}
    assert len(rows) == len(cells(drawn)) == 13
    city = rows["", ""]
    assert (city["numerator"], city["denominator"], city["n_missing"]) == (
        *map(str, CITY),
        "2",
    )
    p_cold, p_hot = {}, {}
    for place, (x, n, word) in PLACES.items():
        row = rows[place]
        assert (int(row["numerator"]), int(row["denominator"])) == (x, n)
        assert float(row["rate"]) == x / n
        assert row["cell_class"] == word
        assert float(row["points_below_target"]) == pytest.approx(100 * (0.5 - x / n))
        p_cold[place] = binom.cdf(x, n, 0.5)
        p_hot[place] = binom.sf(x - 1, n, CITY[0] / CITY[1])
    # Three judged cells are the family; the smallest p counts three times.
    coldest, hottest = ("350104", "community"), ("ZSJG", "organ")
    assert float(rows[coldest]["p_cold_adjusted"]) == pytest.approx(
        3 * min(p_cold.values())
    )
    assert float(rows[hottest]["p_hot_adjusted"]) == pytest.approx(
        3 * min(p_hot.values())
    )
    assert (
        rows["350181", "rural"]["rate"] == rows["350181", "rural"]["cell_class"] == ""
    )


def test_the_workbook_is_the_matrix_in_the_colours_of_the_screen(draw):
    drawn = draw(**PACE)
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-matrix")))
    assert book.sheetnames == ["说明", "冷热图", "数据"]
    sheet = book["冷热图"]
    head = [cell.value for cell in sheet[3]]
    assert head == "单位 总体 机关 学校 农村 社区 非公 国企".split()
    lines = {row[0].value: row for row in sheet.iter_rows(min_row=4)}
    community = lines["仓山区"][head.index("社区")]
    assert community.value == pytest.approx(29 / 78)
    assert community.number_format == '0.0 % "▼◇ 未抽查"'
    step = cells(drawn)["350104|community"]["step"]
    assert community.fill.fgColor.rgb[-6:].lower() == LIGHT.background[step][1:]
    assert lines["福清市"][head.index("农村")].value == "未报"
    data = [[cell.value for cell in row] for row in book["数据"].iter_rows()]
    judged = data[0].index("判定")
    assert [row[judged] for row in data if row[2:4] == ["community", "社区"]] == [
        "冷",
        "冷",
    ]


def test_the_parquet_keeps_types_and_states_the_query(draw):
    table = pq.read_table(io.BytesIO(draw(**PACE).bytes_of("parquet-matrix")))
    assert table.num_rows == 13
    assert table.schema.metadata[b"metric"] == b"member_speaking"
    assert str(table.schema.field("points_below_target").type) == "double"
    assert table.column("cell_class").to_pylist().count("cold") == 2
    assert set(table.column("support").to_pylist()) == {"none"}
    assert str(table.schema.field("n_flags").type) == "int64"


def test_files_of_another_month_or_metric_have_another_name(draw):
    names = {
        draw(**query).files["csv-matrix"][0]
        for query in (JULY, JULY | {"month": "2016-06"}, {"month": "2016-07"})
    }
    assert len(names) == 3
    assert all("unit_sector" in name and name.endswith(".csv") for name in names)


def test_the_map_shows_one_sector_and_the_file_of_the_matrix_holds_it(draw):
    drawn = draw(**JULY, sector="community")
    places = drawn.component("hot_cold_map")
    due = [s["id"] for s in places["shapes"] if s["state"] != "not_due"]
    assert due == ["350104|community"]
    assert places["tiles"] == []
    assert not any(key.endswith("-map") for key in drawn.files)
    rows = drawn.rows_of("csv-matrix")
    (row,) = (r for r in rows if (r["unit"], r["sector"]) == PLACE)
    assert (row["numerator"], row["denominator"]) == ("29", "78")
    # June: 23 of 78, eight points less.
    drawn = draw(**JULY, sector="community", compare="previous")
    shapes = drawn.component("hot_cold_map")["shapes"]
    assert [shape["step"] for shape in shapes if shape["state"] == "value"] == [2]


def test_cells_can_be_compared_with_the_city_and_with_their_own_last_month(draw):
    city = cells(draw(**JULY, compare="city"))
    assert city["350104|community"]["mark"] == "▼16.0"
    assert city["|"]["mark"] == "–"
    before = cells(draw(**JULY, compare="previous"))
    # June: 市直 45 of 80, 社区 23 of 78.
    assert before["ZSJG|organ"]["mark"] == "▲12.5"
    assert before["350104|community"]["mark"] == "▲7.7"
    first = cells(draw(metric="member_speaking", month="2016-04", compare="previous"))
    assert {cell.get("mark") for cell in first.values()} == {""}


PLACE = ("350104", "community")


def test_class_colour_mark_and_sentence_are_of_the_comparison_chosen(draw):
    target, city, before = (
        draw(**JULY | {"compare": compare})
        for compare in ("target", "city", "previous")
    )
    # Pace 50.0 %, city 53.1 %: 37.2 % is 12.8 points below the one, 16.0 the other.
    assert cells(target)["350104|community"]["class_word"] == "冷"
    assert cells(city)["350104|community"]["class_word"] == "极冷"
    assert "冷 = 比全市 53.1 % 低 5 个百分点以上" in city.words
    assert "极冷 1" in city.words
    for drawn in (target, city):
        judged = [c for c in cells(drawn).values() if c.get("class_word")]
        for cell in judged:
            cold = {"极冷": -3, "冷": -2}.get(cell["class_word"], cell["step"])
            assert cell["step"] == cold
            assert cell["class_word"] != "热" or cell["step"] > 0
    assert not any("class_word" in cell for cell in cells(before).values())
    assert "对照上月只看升降，不判冷热。" in before.words


@pytest.mark.parametrize(("compare", "line"), [("target", 1 / 2), ("city", 127 / 239)])
def test_the_file_holds_the_distance_to_the_line_compared_with(draw, compare, line):
    rows = draw(**JULY, compare=compare).rows_of("csv-matrix")
    (row,) = (r for r in rows if (r["unit"], r["sector"]) == PLACE)
    below = float(row["points_below_target"])
    assert below == pytest.approx(100 * (line - 29 / 78))


def test_a_metric_without_target_is_not_judged(draw):
    drawn = draw(metric="lectures_per_leader", month="2016-07")
    assert "这项指标没有规定目标，不判冷热。" in drawn.words
    assert all("class_word" not in cell for cell in cells(drawn).values())
    assert "cell_class" not in drawn.rows_of("csv-matrix")[0]


def test_a_metric_without_sectors_has_the_overall_column_alone(draw):
    drawn = draw(metric="on_time", month="2016-05")
    assert set(cells(drawn)) == {"|", "350104|", "350181|", "ZSJG|"}
    assert cells(drawn)["350181|"]["text"] == "0 %"
    assert len(drawn.component("hot_cold_matrix")["columns"]) == 1
    assert "3 个单位中：不足 10 个而不判 3。" in drawn.words
    columns = list(drawn.rows_of("csv-matrix")[0])
    assert columns[:4] == ["unit", "unit_name", "is_total", "numerator"]


def test_nothing_is_cold_before_its_window_opens(draw):
    drawn = draw(metric="topic_3_coverage", month="2016-07")
    assert "10月1日才开始，此前不判冷热。" in drawn.words
    assert all("class_word" not in cell for cell in cells(drawn).values())


def test_without_spot_checks_nothing_is_verified_and_every_place_says_so(draw):
    due = set(cells(draw(**JULY)))
    drawn = draw(metric="topic_1_coverage", month="2016-07", basis="verified")
    shown = cells(drawn)
    assert set(shown) == due
    assert {cell["text"] for cell in shown.values()} == {"未抽查"}
    assert "verified" in drawn.files["csv-matrix"][0]


def test_heads_that_grow_from_month_to_month_have_no_verified_map(draw):
    drawn = draw(**JULY, basis="verified")
    assert cells(drawn)["|"]["text"] == "53.1 %"


def test_a_verified_cell_says_what_checks_found_never_as_an_equation(
    checked_lake, monkeypatch
):
    query = {"metric": "topic_1_coverage", "month": "2016-07", "basis": "verified"}
    drawn = draw_page("county_heatmap", checked_lake, monkeypatch, **query)
    shown = cells(drawn)
    assert shown["|"]["text"] == "86.9 %"
    assert shown["|"]["tip"][0] == "随机抽查核实 28 / 32"
    assert shown["|"]["tip"][1].startswith("按名册加权推算 86.9 %（")
    assert (shown["350181|"]["text"], shown["350181|"]["state"]) == ("7/8", "blank")
    # 2 of 4 weak and 9 of 10 other villages: (10 x 2/4 + 30 x 9/10) / 40 = 80 %.
    assert shown["350104|rural"]["text"] == "80.0 %*"
    assert shown["350104|rural"]["tip"][0] == "随机抽查核实 11 / 14"
    assert not any("=" in line for cell in shown.values() for line in cell["tip"])
    row = next(row for row in drawn.rows_of("csv-matrix") if row["unit"] == "350181")
    assert (row["numerator"], row["denominator"], row["rate"]) == ("7", "8", "")


def test_a_link_with_a_place_outlines_its_cell(draw):
    drawn = draw(**JULY, unit="仓山区", sector="社区")
    assert drawn.component("hot_cold_matrix")["selected"] == "350104|community"
    assert drawn.component("hot_cold_map")["selected"] == "350104|community"


def card(drawn: Drawn) -> dict[str, str]:
    """What stands on the card, by the names of its lines."""
    lines = json.loads(drawn.component("link_matrix")["matrix"])["lines"]
    return {line["name"]: line["cells"][0]["text"] for line in lines}


def test_the_card_of_a_cell_says_all_that_is_known_of_it(draw):
    drawn = draw(**JULY, unit="350104", sector="community")
    assert "仓山区 社区 37.2 %" in drawn.words
    said = card(drawn)
    assert list(said) == ["完成", "对照", "走势", "抽查", "线索", "台账"]
    assert "已完成 29 / 78 名党员" in said["完成"]
    assert "还差 23" in said["完成"]
    assert said["对照"].startswith("低于全市 16.0 个百分点；极冷")
    assert said["走势"].endswith("→ 7月 37.2 %")
    assert (said["抽查"], said["线索"]) == ("未抽查，无法判断", "没有")
    assert said["台账"].startswith("2016年7月按时，8月")
    for words in ("下钻", "抽查这里", "列入约谈", "看台账原件", "关闭"):
        assert words in drawn.words
    assert "unit=350104&sector=community" in drawn.words


def test_the_card_tells_flags_on_other_figures_of_the_place_apart(
    doubtful_lake, monkeypatch
):
    said = {}
    for metric in ("leader_attendance", "topic_1_coverage"):
        asked = {"metric": metric, "month": "2016-08", "unit": "350111"}
        drawn = draw_page(
            "county_heatmap", doubtful_lake, monkeypatch, **asked, sector="rural"
        )
        said[metric] = card(drawn)["线索"]
    assert said["leader_attendance"].startswith("⚑1：")
    assert "另有" not in said["leader_attendance"]
    # What was copied from the month before are other counts.
    assert said["topic_1_coverage"] == "本指标没有；此处其他数字另有 1 条"


def test_the_card_of_silence_claims_nothing(draw):
    said = card(draw(**JULY, unit="350181", sector="nonpublic"))
    # No comparison, and nothing done or missing: only what has been said before.
    assert list(said) == ["完成", "走势", "抽查", "线索", "台账"]
    assert "已完成" not in said["完成"] and "还差" not in said["完成"]
    assert "7月" not in said["走势"]
    assert said["台账"] == "2016年7月未报"


def test_the_card_of_a_sector_counts_the_units_whose_ledgers_came(draw):
    drawn = draw(**JULY, sector="rural")
    assert "全市 农村 53.1 %" in drawn.words
    assert card(drawn)["台账"] == "2016年7月按时 2 / 3 个单位"


def test_a_pair_that_is_not_due_has_a_line_instead_of_a_card(draw):
    drawn = draw(**JULY, unit="ZSJG", sector="rural")
    assert "没有应报的台账" in drawn.app.info[0].value
    assert not [e for e in drawn.app.get("markdown") if "关闭" in e.value]


def checks_on_card(metric: str, lake: Path, monkeypatch) -> dict:
    """What the card of a unit says of checks, as it is drawn."""
    query = {"metric": metric, "month": "2016-07", "unit": "350104"}
    drawn = draw_page("county_heatmap", lake, monkeypatch, **query)
    lines = json.loads(drawn.component("link_matrix")["matrix"])["lines"]
    (checks,) = (line["cells"][0] for line in lines if line["name"] == "抽查")
    return checks


def test_the_card_sets_what_checks_found_beside_what_had_been_claimed(
    checked_lake, monkeypatch
):
    checks = checks_on_card("topic_1_coverage", checked_lake, monkeypatch)
    assert "随机抽查核实 21 / 24" in checks["text"]
    shown = checks["range"]
    assert shown["lower"] < shown["found"] < shown["upper"] <= 1
    assert checks["to"].startswith("./reported_vs_verified?")
    assert "unit=350104" in checks["to"]


def test_what_checks_found_of_heads_leads_to_no_page_of_another_metric(
    checked_lake, monkeypatch
):
    checks = checks_on_card("member_speaking", checked_lake, monkeypatch)
    assert "随机抽查核实" in checks["text"]
    assert not checks.get("to")


def test_a_click_leads_to_the_place_on_this_page(draw):
    drawn = draw(**JULY)
    for name in ("hot_cold_matrix", "hot_cold_map"):
        to = drawn.component(name)["to"]
        assert to.startswith("./county_heatmap?")
        assert "metric=member_speaking" in to and "unit" not in to


def test_a_link_that_is_not_understood_says_so_and_shows_the_city(draw):
    drawn = draw(metric="topic_9", unit="火星")
    assert "“topic_9”" in drawn.words
    assert "“火星”" in drawn.words
    assert cells(drawn)["|"]["state"] == "value"


def test_the_city_comes_first_with_how_far_it_was_on_the_due_day(draw):
    july = draw(metric="topic_1_coverage", month="2016-07", unit="350181")
    assert "**全市 " in july.words
    assert "到6月30日完成" in july.words
    assert "到6月30日完成" not in draw(metric="topic_1_coverage", month="2016-06").words


def test_the_answer_names_the_coldest_cell(draw):
    assert "最冷：仓山区 社区 37.2 %。" in draw(**JULY).words
    english = draw(**JULY, lang="en").words
    assert "Coldest: Cangshan · Communities 37.2 %." in english


def test_a_figure_of_a_due_day_has_the_flags_of_then_and_none_of_later(
    doubtful_lake, monkeypatch
):
    def flags_of(metric: str) -> dict[str, str]:
        asked = {"month": "2016-09", "metric": metric}
        drawn = draw_page("county_heatmap", doubtful_lake, monkeypatch, **asked)
        return {name: cell.get("flags", "") for name, cell in cells(drawn).items()}

    then, now = flags_of("topic_2_on_time"), flags_of("topic_2_coverage")
    assert now["350122|rural"] == "⚑1"  # the jump of September
    assert then["350122|rural"] == ""
    n_then, n_now = (int(flags["|"].removeprefix("⚑")) for flags in (then, now))
    assert 0 < n_then < n_now
