"""Cells of matrix and map: the words, the numbers, and nothing but plain JSON."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports import belief
from reports.figures.county_map import load_map
from reports.figures.matrix import (
    Anchor,
    Captions,
    cell_text,
    map_shapes,
    matrix_cells,
    say_unchecked_once,
)
from reports.words import catalogue

TEXTS = catalogue.texts("hot_cold")

REGISTRY = load_registry()
COVERAGE = REGISTRY.metrics["topic_1_coverage"]
CITY_LINE = Anchor("city", 0.79)
CAPTIONS = Captions("第一专题覆盖率", "2016-07", "示例数据", "覆盖率.png")
COLUMNS = ["unit", "sector", "numerator", "denominator", "rate", "n_blank", "n_missing"]


def frame(*rows, **more):
    return pd.DataFrame(rows, columns=COLUMNS).assign(**more)


def row(unit, sector, numerator, denominator, n_blank=0, n_missing=0):
    rate = numerator / denominator if denominator else np.nan
    return (unit, sector, numerator, denominator, rate, n_blank, n_missing)


FUQING = row("350181", "rural", 76, 100)


def matrix(rates, metric=COVERAGE, anchor=CITY_LINE, language="zh", **more):
    more = {"captions": CAPTIONS, **more}
    return matrix_cells(rates, metric, REGISTRY, anchor, language, **more)


def cells(data):
    return {cell["id"]: cell for row in data["rows"] for cell in row["cells"]}


def only(rates, identity="350181|rural", **more):
    return cells(matrix(rates, **more))[identity]


def leaves(value):
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def test_a_cell_says_the_same_in_figures_in_colour_and_in_words():
    assert only(frame(FUQING)) == {
        "id": "350181|rural",
        "state": "value",
        "text": "76.0 %",
        "mark": "▼3.0",
        "step": -1,
        "aria": "福清市 农村 76.0 % 低于全市 3.0 个百分点",
        "tip": ["76 / 100 = 76.0 %"],
    }


def test_a_cell_speaks_english_too():
    cell = only(frame(FUQING), language="en")
    assert cell["aria"] == "Fuqing, Villages, 76.0 %, 3.0 points below the city"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("target", "目标"), ("pace", "进度线"), ("city", "全市"), ("last_month", "上月")],
)
def test_the_line_compared_with_is_named(kind, name):
    data = matrix(frame(FUQING), anchor=Anchor(kind, 0.79))
    assert cells(data)["350181|rural"]["aria"].endswith(f"低于{name} 3.0 个百分点")
    assert data["legend"]["name"] == f"与{name} 79.0 %之差（百分点）"


def test_rows_are_city_counties_zone_blocks_and_columns_are_one_plus_six():
    rates = frame(FUQING, row(None, None, 790, 1000))
    data = matrix(rates)
    assert [column["label"] for column in data["columns"]] == (
        ["总体", "机关", "学校", "农村", "社区", "非公", "国企"]
    )
    assert data["rows"][0]["label"] == "全市"
    assert data["rows"][0]["cells"][0]["id"] == "|"
    kinds = [line["kind"] for line in data["rows"]]
    assert kinds == ["city"] + ["county"] * 13 + ["zone"] + ["block"] * 4


def test_the_rows_can_be_chosen_and_ordered():
    data = matrix(frame(FUQING), units=["350181", "350102"], sectors=["rural"])
    assert [line["label"] for line in data["rows"]] == ["福清市", "鼓楼区"]
    assert [column["id"] for column in data["columns"]] == ["", "rural"]


def test_a_row_with_null_sector_is_the_unit_overall_whatever_null_it_is():
    for null in (None, np.nan, pd.NA):
        overall = row("350181", null, 3, 4)
        assert only(frame(FUQING, overall), "350181|")["text"] == "75.0 %"


def test_a_pair_that_does_not_exist_is_an_empty_place():
    assert only(frame(FUQING), "ZSJG|rural") == {
        "id": "ZSJG|rural",
        "state": "not_due",
    }


def test_what_was_not_filed_says_so_and_has_no_figure():
    cell = only(frame(row("350181", "rural", 0, 0, n_missing=1)))
    assert cell["state"] == "not_reported"
    assert cell["aria"] == "福清市 农村 未报"
    assert "step" not in cell and cell["tip"] == []


def test_a_filed_row_without_figure_is_blank_never_zero():
    cell = only(frame(row("350181", "rural", 0, 0, n_blank=2)))
    assert (cell["state"], cell["text"]) == ("blank", "空白")
    assert cell["aria"] == "福清市 农村 空白；空白 2 行，不计入"


def test_a_zero_denominator_gives_a_dash_with_its_reason():
    cell = only(frame(row("350181", "rural", 0, 0)))
    assert (cell["state"], cell["text"]) == ("blank", "—")
    assert cell["tip"] == ["分母为 0，不计算比率"]


def test_over_100_per_cent_is_kept_and_flagged():
    data = matrix(frame(row("350181", "rural", 103, 100)))
    cell = cells(data)["350181|rural"]
    assert (cell["state"], cell["text"], cell["mark"]) == (
        "over_100",
        "103.0 %",
        "▲24.0",
    )
    assert "超过 100 %，请核对台账" in cell["aria"]
    assert {"state": "over_100", "label": "超过 100 %"} in data["legend"]["signs"]


def test_a_ceiling_over_100_per_cent_is_no_fault_but_at_most_everything():
    ceiling = REGISTRY.metrics["lecture_reach_ceiling"]
    cell = only(frame(row("350181", "rural", 130, 100)), metric=ceiling)
    assert (cell["state"], cell["text"]) == ("value", "≤ 100 %")


def test_blank_and_missing_parts_stand_beside_the_rate():
    cell = only(frame(row("350181", None, 760, 1000, 3, 2)), "350181|")
    assert cell["partial"] is True
    assert cell["tip"] == [
        "760 / 1,000 = 76.0 %",
        "空白 3 行，不计入",
        "另有 2 个领域未报",
    ]


def test_almost_everywhere_is_not_everywhere():
    cell = only(frame(row("350181", "rural", 16193, 16198)), anchor=Anchor("target", 1))
    assert (cell["text"], cell["mark"]) == ("99.9 %", "▼<0.1")
    assert cell["aria"].endswith("低于目标 不足 0.1 个百分点")
    whole = only(frame(row("350181", "rural", 5, 5)), anchor=Anchor("target", 1))
    assert (whole["text"], whole["mark"], whole["step"]) == ("100 %", "–", 0)
    assert whole["aria"].endswith("与目标持平")


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        *((0.0, "0 %"), (0.0004, "0.1 %"), (0.004, "0.4 %"), (0.006, "0.6 %")),
        *((0.994, "99.4 %"), (0.996, "99.6 %"), (0.99999, "99.9 %"), (1.0, "100 %")),
        *((1.0001, "100.1 %"), (1.03, "103.0 %"), (12.5, "1250.0 %")),
    ],
)
def test_a_share_is_rounded_but_never_to_nothing_or_to_everything(rate, text):
    assert cell_text(rate, COVERAGE) == text


def test_a_per_head_figure_is_compared_in_per_cent_of_its_line():
    lectures = REGISTRY.metrics["lectures_per_leader"]
    cell = only(
        frame(row("350181", "rural", 90, 60)),
        metric=lectures,
        anchor=Anchor("city", 1.2),
    )
    assert (cell["text"], cell["mark"], cell["step"]) == ("1.50", "▲25.0%", 2)
    assert cell["aria"] == "福清市 农村 1.50 高于全市 25.0 %"
    assert cell["tip"] == ["90 / 60 = 1.50"]


def test_last_month_gives_each_place_its_own_line():
    last = Anchor("last_month", by_place={("350181", "rural"): 0.70})
    rates = frame(FUQING, row("350181", "organ", 5, 10))
    assert only(rates, anchor=last)["mark"] == "▲6.0"
    new = only(rates, "350181|organ", anchor=last)
    assert (new["mark"], new["step"]) == ("", None)


def test_without_any_line_nothing_is_coloured_and_the_legend_says_why():
    data = matrix(frame(FUQING), anchor=Anchor("target", None))
    assert cells(data)["350181|rural"]["step"] is None
    assert data["legend"]["steps"] == []
    assert data["legend"]["name"] == "没有可比的线，不着色"


def test_the_legend_names_both_ends_and_the_line():
    assert matrix(frame(FUQING))["legend"] == {
        "name": "与全市 79.0 %之差（百分点）",
        "steps": [
            *([-3, "▼15+"], [-2, "▼5–15"], [-1, "▼1–5"], [0, "±1"]),
            *([1, "▲1–5"], [2, "▲5–15"], [3, "▲15+"]),
        ],
        # Cold as a class begins at 5: the end of the scale is not called so.
        "ends": [
            "最冷一档：低于全市 15 个百分点以上",
            "最热一档：高于全市 15 个百分点以上",
        ],
        "signs": [],
    }


def test_where_hot_is_a_class_of_its_own_the_end_of_the_scale_is_not_called_hot():
    judged = matrix(frame(FUQING, cell_class=["hot"]))["legend"]
    assert judged["ends"] == [
        "极冷：低于全市 15 个百分点以上",
        "高于全市 15 个百分点以上",
    ]
    assert [sign["mark"] for sign in judged["signs"]] == ["●"]


@pytest.mark.parametrize(("n", "is_starred"), [(29, True), (30, False)])
def test_a_star_is_explained_where_one_is_drawn(n, is_starred):
    checked = frame(row("350181", "rural", n, n), lower=[0.9], upper=[1.0])
    data = matrix(checked)
    assert cells(data)["350181|rural"]["text"].endswith("*") is is_starred
    explained = {sign.get("mark"): sign["label"] for sign in data["legend"]["signs"]}
    assert explained == ({"*": "抽查不足 30 个，仅供参考"} if is_starred else {})


def test_the_statistical_class_is_a_sign_a_word_and_a_legend_entry():
    data = matrix(frame(FUQING, cell_class=["very_cold"]))
    cell = cells(data)["350181|rural"]
    assert (cell["class_mark"], cell["class_word"]) == ("◆", "极冷")
    assert cell["aria"].endswith("；判定：极冷")
    sign = {"mark": "◆", "label": "极冷", "group": "判定"}
    assert sign in data["legend"]["signs"]


@pytest.mark.parametrize(
    "judged", ["very_cold", "cold", "hot", "below_unproven", "too_small"]
)
def test_every_entry_of_an_english_legend_begins_with_a_capital(judged):
    rates = frame(row("350181", "rural", 76, 100, n_missing=1), cell_class=[judged])
    drawn = matrix(believe_of(rates, "direct"), language="en")
    labels = [sign["label"] for sign in drawn["legend"]["signs"]]
    assert len(labels) == 3
    assert all(label[0].isupper() for label in labels), labels


def believe_of(rates, *supports):
    """The rates with what checks support of each, nothing or a rate of its own."""
    beliefs = belief.Beliefs(COVERAGE)
    for (unit, sector), support in zip(
        rates[["unit", "sector"]].itertuples(index=False), supports, strict=True
    ):
        known = {"supported": 0.8, "supported_lower": 0.7, "supported_upper": 0.9}
        checked = {"n_confirmed": 40, "n_checked": 50, **known}
        beliefs[unit, sector] = belief.Belief(
            support=support, **(checked if support == "direct" else {})
        )
    return belief.add_columns(rates, beliefs)


def test_where_nothing_was_checked_the_legend_says_so_and_no_cell():
    rates = frame(FUQING, row("350102", "rural", 1, 2))
    drawn = say_unchecked_once(matrix(believe_of(rates, "none", "none")), "zh")
    assert not any("support" in cell for cell in cells(drawn).values())
    assert {"group": "抽查", "label": "所示各处均未抽查"} in drawn["legend"]["signs"]
    # Who looks at one place is told of it.
    assert "未抽查，无法判断" in cells(drawn)["350181|rural"]["aria"]


def test_where_some_place_was_checked_the_others_say_that_they_were_not():
    rates = frame(FUQING, row("350102", "rural", 1, 2))
    drawn = say_unchecked_once(matrix(believe_of(rates, "none", "direct")), "zh")
    shown = {cell.get("support") for cell in cells(drawn).values()} - {None}
    assert shown == {"未抽查", "核 80.0 %"}
    assert [s["mark"] for s in drawn["legend"]["signs"]] == ["核"]


def test_flags_of_cells_and_of_wholes_are_told_apart_where_both_are_shown():
    of_cell = frame(FUQING, row("350181", None, 76, 100), n_flags=[1, 3])
    of_units = frame(row("350181", None, 76, 100), n_flags=[3])
    marks = [matrix(rates)["legend"]["signs"] for rates in (of_cell, of_units)]
    assert [[s["mark"] for s in signs] for signs in marks] == [["⚑"], ["⚑"]]
    assert "总体只计一次" in marks[0][0]["label"]
    assert marks[1][0]["label"] == "本指标的线索数"


def test_an_unremarkable_class_has_a_word_but_no_sign():
    cell = only(frame(FUQING, cell_class=["as_expected"]))
    assert "class_mark" not in cell
    assert cell["class_word"] == "如常"


def test_numpy_scalars_arrive_as_numbers():
    rates = frame(FUQING, row("350102", None, 1, 2)).astype(
        {"numerator": "Int64", "denominator": "Int64", "n_blank": np.int64}
    )
    rates["rate"] = rates["rate"].astype("Float64")
    anchor = Anchor("city", np.float64(0.79))
    data = [
        matrix(rates, anchor=anchor),
        map_of(rates, anchor=anchor),
    ]
    assert {type(leaf) for leaf in leaves(data)} <= {str, int, float, bool, type(None)}
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_a_hostile_name_passes_as_text_and_nothing_else():
    hostile = "<img src=x onerror=alert(1)>"
    unit = dataclasses.replace(REGISTRY.units["350181"], name_zh=hostile)
    registry = dataclasses.replace(REGISTRY, units={"350181": unit})
    data = matrix_cells(frame(FUQING), COVERAGE, registry, CITY_LINE, captions=CAPTIONS)
    assert data["rows"][0]["label"] == hostile
    assert cells(data)["350181|rural"]["aria"].startswith(f"{hostile} 农村 76.0 %")


def test_two_rows_for_one_cell_are_refused():
    with pytest.raises(ValueError, match="unit 350181, sector rural"):
        matrix(frame(FUQING, FUQING))


def test_a_frame_without_its_counts_is_refused_by_name():
    with pytest.raises(ValueError, match="n_blank"):
        matrix(frame(FUQING).drop(columns="n_blank"))


def test_both_languages_hold_the_same_words():
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()


# ---- Map


def map_of(rates, anchor=CITY_LINE, language="zh", county_map=None, **more):
    return map_shapes(
        rates,
        COVERAGE,
        REGISTRY,
        anchor,
        language,
        captions=CAPTIONS,
        county_map=county_map or load_map(REGISTRY.map_path),
        **more,
    )


OVERALL = frame(
    row("350181", None, 76, 100), row("HTZ", None, 8, 10), row("ZSJG", None, 9, 10)
)


def test_counties_are_shapes_and_bodies_without_land_are_tiles():
    data = map_of(OVERALL)
    shapes = {shape["id"]: shape for shape in data["shapes"]}
    assert len(shapes) == 13
    fuqing = shapes["350181|"]
    assert fuqing["aria"] == "福清市 总体 76.0 % 低于全市 3.0 个百分点"
    assert fuqing["label"] == "福清市"
    assert [tile["label"] for tile in data["tiles"]] == ["高新区", "市直机关"]
    assert data["note"] == "示意图，边界不作划界依据"


def test_the_map_can_show_one_sector():
    data = map_of(frame(FUQING), sector="rural")
    states = {shape["id"]: shape["state"] for shape in data["shapes"]}
    assert states["350181|rural"] == "value"
    assert data["tiles"] == []


def test_the_three_small_city_districts_stand_in_the_inset():
    data = map_of(OVERALL)
    small = {shape["label"] for shape in data["shapes"] if shape["small"]}
    assert small == {"鼓楼区", "台江区", "仓山区"}
    left, top, width, height = data["inset"]["source"]
    for shape in data["shapes"]:
        if shape["small"]:
            assert left < shape["x"] < left + width
            assert top < shape["y"] < top + height


def corners(path):
    for ring in path.strip("Mz").split("zM"):
        start, _, steps = ring.partition("l")
        x, y = map(int, start.split())
        yield x, y
        numbers = list(map(int, steps.split()))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            yield x, y


def test_the_inset_covers_no_land():
    county_map = load_map(REGISTRY.map_path)
    left, top, width, height = county_map.inset.place
    for shape in county_map.shapes:
        for x, y in corners(shape.path):
            assert not (left <= x <= left + width and top <= y <= top + height)


def test_the_map_keeps_its_shape_and_travels_light():
    county_map = load_map(REGISTRY.map_path)
    points = [point for shape in county_map.shapes for point in corners(shape.path)]
    xs, ys = zip(*points, strict=True)
    assert (min(xs), min(ys)) == (0, 0)
    assert [max(xs), max(ys)] == list(county_map.land[2:])
    # 1.4 degrees of longitude at 26° north by 1.33 of latitude.
    assert max(ys) / max(xs) == pytest.approx(1.3309 / (1.6116 * 0.8994), rel=0.002)
    assert len(json.dumps(map_of(OVERALL), ensure_ascii=False)) < 40_000


def test_neighbours_share_their_border_point_by_point():
    county_map = load_map(REGISTRY.map_path)
    borders = {shape.code: set(corners(shape.path)) for shape in county_map.shapes}
    assert len(borders["350124"] & borders["350125"]) > 50


def write_map(path, **properties):
    ring = [[119, 26], [119, 27], [120, 27], [120, 26], [119, 26]]
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"features": [feature]}), "utf-8")
    return path


def test_an_operators_map_with_one_county_needs_no_inset_and_makes_tiles(tmp_path):
    path = write_map(tmp_path / "own.geojson", adcode="350181")
    data = map_of(OVERALL, county_map=load_map(path))
    assert data["inset"] is None
    assert [shape["label"] for shape in data["shapes"]] == ["福清市"]
    assert (data["shapes"][0]["x"], data["shapes"][0]["y"]) == (
        1000,
        data["land"][3] // 2,
    )


def test_an_outline_that_the_registry_does_not_know_is_plain_ground(tmp_path):
    path = write_map(tmp_path / "own.geojson", adcode="999999")
    (shape,) = map_of(OVERALL, county_map=load_map(path))["shapes"]
    assert (shape["state"], shape["label"]) == ("not_due", "")


def test_a_changed_map_file_is_read_anew(tmp_path):
    path = write_map(tmp_path / "own.geojson", adcode="350181")
    assert load_map(path).shapes[0].code == "350181"
    write_map(path, adcode="350102")
    assert load_map(path).shapes[0].code == "350102"


@pytest.mark.parametrize(
    "text", ["no json", '{"type": "Topology"}', '{"features": []}']
)
def test_a_file_that_is_no_map_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "own.geojson"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"own\.geojson"):
        load_map(path)


def test_a_map_without_codes_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(ValueError, match="adcode"):
        load_map(write_map(tmp_path / "own.geojson", name="福清市"))


@pytest.mark.parametrize("judged", ["below_unproven", "too_small"])
def test_what_chance_may_explain_has_its_sign_and_no_colour(judged):
    data = matrix(frame(FUQING, cell_class=judged), anchor=Anchor("target", 1.0))
    cell = cells(data)["350181|rural"]
    assert (cell["step"], cell["mark"]) == (0, "▼24.0")
    signs = {sign.get("mark"): sign["label"] for sign in data["legend"]["signs"]}
    assert "不着色" in signs[cell["class_mark"]]


def test_a_unit_below_all_its_modelled_sectors_says_why_on_each_of_them():
    rates = frame(
        row("350103", None, 686, 686),
        row("350103", "community", 163, 163),
        row("350103", "organ", 150, 150),
    )
    beliefs = [
        belief.Belief(15, "direct", 18, 24, 0.62, 0.4, 0.81, 1.0),
        belief.Belief(3, "modelled", 5, 6, 0.89, 0.65, 0.99),
        belief.Belief(3, "modelled", 4, 5, 0.88, 0.65, 0.99),
    ]
    beside = pd.DataFrame(beliefs, columns=belief.COLUMNS)
    shown = cells(matrix(rates.join(beside), units=["350103"]))
    tips = {name: cell["tip"] for name, cell in shown.items() if "tip" in cell}
    assert "核实不足以判断（抽查 6 / 163）" in tips["350103|community"]
    assert len(tips) == 3
    for tip in tips.values():
        assert any("单位数由本单位的抽查加权得出，为 62.0 %" in note for note in tip)
