"""Unevenness in words: the measures of a month counted by hand, and where they go."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.sector_gaps import unevenness as uneven
from reports.words import sentences

REGISTRY = load_registry()
METRIC = REGISTRY.metrics["topic_2_coverage"]
BY = ("unit", "sector")
# After the due date: T = 100 %. City 270 of 400.
CELLS = pd.DataFrame(
    [
        ("350102", "rural", 90, 100),
        ("350102", "soe", 80, 100),
        ("350103", "rural", 60, 100),
        ("350103", "soe", 40, 100),
    ],
    columns=[*BY, "numerator", "denominator"],
)


def by_code(language: str = "zh", cells: pd.DataFrame = CELLS, month: str = "2016-09"):
    measured = uneven.measure(cells, METRIC, month)
    found = uneven.list_measures(measured, cells, METRIC, REGISTRY, month, language)
    return {measure.code: measure for measure in found}


def test_the_measures_come_in_the_order_in_which_they_are_read():
    assert list(by_code()) == [
        *("still_missing", "gap_to_target", "spread"),
        *("mean_distance", "room", "split"),
    ]


def test_each_measure_is_what_was_counted_by_hand():
    values = {code: measure.value for code, measure in by_code().items()}
    assert values == {
        "still_missing": "130",
        "gap_to_target": "32.5 个百分点",
        "spread": "50.0 个百分点",
        "mean_distance": "17.5 个百分点",
        "room": "22.5 个百分点",
        # Units at 85 and 50: 17.5² of 368.75; sectors at 75 and 60: 7.5².
        "split": "83.1 / 15.3 %",
    }


def test_each_measure_says_in_a_sentence_what_it_is_of():
    says = {code: measure.says for code, measure in by_code().items()}
    assert says["still_missing"] == (
        "最多的是台江区 国企 46.2 %、台江区 农村 30.8 %、鼓楼区 国企 15.4 %。"
    )
    assert says["gap_to_target"].startswith("低于目标 100 %的各处")
    assert "最热 鼓楼区 农村 90.0 %，最冷 台江区 国企 40.0 %" in says["spread"]
    assert says["mean_distance"] == "各处离全体平均 67.5 % 的平均差距，越小越均衡。"
    assert "各处均达到最好的鼓楼区 农村 90.0 %" in says["room"]
    assert "83.1 % 在单位之间，15.3 % 在领域之间" in says["split"]


def test_before_the_due_date_the_gap_is_to_the_pace_line():
    says = by_code(month="2016-07")["gap_to_target"].says
    assert says.startswith("低于进度线 50.0 %的各处")
    assert by_code(month="2016-07")["gap_to_target"].value == "2.5 个百分点"


def test_without_a_target_nothing_is_missing_to_it_but_the_rest_stands():
    metric = REGISTRY.metrics["grassroots_lecture_share"]
    measured = uneven.measure(CELLS, metric, "2016-09")
    found = uneven.list_measures(measured, CELLS, metric, REGISTRY, "2016-09")
    assert [measure.code for measure in found][:2] == ["spread", "mean_distance"]
    assert found[1].value == "17.5 个百分点"


def test_what_is_missing_counts_to_the_target_of_the_headline():
    metric = REGISTRY.metrics["member_speaking"]  # two thirds by the end of August
    measured = uneven.measure(CELLS, metric, "2016-07")
    found = uneven.list_measures(measured, CELLS, metric, REGISTRY, "2016-07")
    # 267 of 400 are demanded and none is missing in sum; 7 and 27 are, hidden by 37.
    assert (found[0].code, found[0].value) == ("still_missing", "0")
    assert "台江区 国企 80.0 %、台江区 农村 20.0 %" in found[0].says
    assert found[0].says.endswith("有的地方超出目标 37 个，抵消了别处同样多的缺口。")
    headline = sentences.still_missing(metric, 270, 400, month="2016-07")
    assert "已达到目标" in headline


def test_one_level_of_places_is_not_split():
    cells = CELLS[CELLS["sector"] == "rural"].drop(columns="sector")
    assert "split" not in by_code(cells=cells)


def test_equal_places_are_said_to_be_alike():
    cells = CELLS.assign(numerator=100)
    assert by_code(cells=cells)["still_missing"].says == "各处均无差额。"
    assert by_code(cells=cells)["split"].says == "各处相同，没有差距可分。"


def test_a_report_above_the_total_does_not_hide_what_is_missing_elsewhere():
    cells = CELLS.assign(numerator=[105, 80, 60, 40])
    measure = by_code(cells=cells)["still_missing"]
    assert measure.value == "115"
    assert measure.says.endswith("另有 5 个为上报超过总数，抵消了同样多的缺口。")


def test_each_cell_keeps_its_share_of_what_is_missing():
    measured = uneven.measure(CELLS, METRIC, "2016-09")
    shares = uneven.add_shares(CELLS, measured)["missing_share"]
    assert list(shares) == pytest.approx([10 / 130, 20 / 130, 40 / 130, 60 / 130])
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ([100, 100, 70, 30], "平均升，差距拉大"),
        ([95, 90, 85, 80], "平均升，差距缩小"),
        ([95, 85, 65, 45], "平均升，差距不变"),
        ([80, 70, 60, 40], "平均降，差距缩小"),
        ([90, 80, 60, 40], "平均持平，差距不变"),
    ],
)
def test_the_trend_says_whether_the_gap_closes_while_the_average_rises(now, verdict):
    months = [
        CELLS.assign(month="2016-08"),
        CELLS.assign(month="2016-09", numerator=now),
    ]
    traced = uneven.trace(pd.concat(months, ignore_index=True), METRIC)
    assert uneven.describe_trend(traced).startswith(f"{verdict}：2016年8月到2016年9月")


def test_one_month_is_no_trend():
    traced = uneven.trace(CELLS.assign(month="2016-08"), METRIC)
    assert uneven.describe_trend(traced) == ""


def test_the_indices_for_analysts_are_those_of_the_statistics():
    measured = uneven.measure(CELLS, METRIC, "2016-09")
    values = {index.code: index.value for index in uneven.list_indices(measured)}
    assert values["bgv"] == "368.8"
    assert values["bgsd"] == f"{measured.bgsd:.2f}"
    frame = uneven.measures_frame(measured, BY).set_index("measure")["value"]
    assert frame["bgv"] == pytest.approx(368.75)
    assert frame["between_unit_share"] == pytest.approx(306.25 / 368.75)
    nothing = uneven.measure(CELLS.assign(numerator=[0, 1, 1, 1]), METRIC, "2016-09")
    assert {i.code: i.value for i in uneven.list_indices(nothing)}["mld"] == "–"


def test_only_shares_that_ought_to_be_reached_everywhere_are_measured():
    measured = {m.id for m in REGISTRY.metrics.values() if uneven.is_measured(m)}
    assert "member_speaking" in measured
    assert not {"lectures_per_leader", "lecture_reach_ceiling"} & measured
    assert "practice_share" not in measured, "its kinds overlap: 3 of 1 branch"


def test_the_english_sentences_hold_no_chinese():
    texts = [f"{m.label}{m.value}{m.says}" for m in by_code("en").values()]
    assert not [c for c in "".join(texts) if "\u4e00" <= c <= "\u9fff"]
