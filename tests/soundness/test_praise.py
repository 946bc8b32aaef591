"""What was once praised without a word of what stood against it.

The city is `tests/praised_city.py`: of two units at 100 % one is not borne out by its
checks and one has let a cumulative count fall.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.cold_cells import classify
from reports.overview import rows as overview
from tests.pages.drawn import Drawn, draw_page
from tests.praised_city import (
    COLD,
    DOUBTED,
    FLAGGED,
    MONTH,
    PLAIN,
    build_praised_city,
)

TOPIC = {"metric": "topic_1_coverage", "month": MONTH}


@pytest.fixture(scope="module")
def lake(shared_lakes) -> Path:
    return shared_lakes.of(build_praised_city)


@pytest.fixture
def draw(lake, monkeypatch):
    def run(page: str, **query: str) -> Drawn:
        return draw_page(page, lake, monkeypatch, **TOPIC | query)

    return run


def cells(drawn: Drawn) -> dict[str, dict]:
    rows = drawn.component("hot_cold_matrix")["rows"]
    return {cell["id"]: cell for row in rows for cell in row["cells"]}


def test_a_hot_cell_says_that_its_checks_find_less(draw):
    """100 % and ● stood there as if nobody had been to look."""
    cell = cells(draw("county_heatmap"))[f"{DOUBTED}|rural"]
    assert (cell["text"], cell["class_mark"]) == ("100 %", "●")
    assert (cell["support"], cell["finds_less"]) == ("核 60.0 %*", True)
    assert cell["class_word"] == "热，但存疑"
    assert "随机抽查核实 12 / 20" in cell["aria"]
    assert "抽查查到的少于抽查前上报的 97.5 %（不与本格的数比）" in cell["aria"]


def test_a_hot_cell_carries_its_flags(draw):
    shown = cells(draw("county_heatmap"))
    cell = shown[f"{FLAGGED}|rural"]
    assert (cell["support"], cell["flags"]) == ("未抽查", "⚑1")
    assert cell["class_word"] == "热，但存疑"
    assert "1 条线索" in cell["aria"]
    # As a whole, too, and in the sum of the city.
    assert shown[f"{FLAGGED}|"]["flags"] == shown["|"]["flags"] == "⚑1"
    for unit in (PLAIN, COLD):
        assert "flags" not in shown[f"{unit}|rural"]
        assert shown[f"{unit}|rural"]["support"] == "未抽查"


def test_the_map_says_it_as_the_matrix_does(draw):
    drawn = draw("county_heatmap")
    shapes = {shape["id"]: shape for shape in drawn.component("hot_cold_map")["shapes"]}
    assert shapes[f"{DOUBTED}|"]["finds_less"]
    assert shapes[f"{FLAGGED}|"]["flags"] == "⚑1"


def test_the_count_of_hot_cells_says_how_many_are_in_doubt(draw):
    words = draw("county_heatmap").words
    assert "热 2（其中 2 个有线索或核实少于上报）" in words
    words = draw("county_heatmap", lang="en").words
    assert "2 hot (2 of them flagged, or with checks that find less)" in words


def test_the_files_hold_belief_beside_the_class(draw):
    rows = draw("county_heatmap").rows_of("csv-matrix")
    by_cell = {(row["unit"], row["sector"]): row for row in rows}
    doubted = by_cell[DOUBTED, "rural"]
    assert (doubted["cell_class"], doubted["support"]) == ("hot", "direct")
    assert (doubted["n_confirmed"], doubted["n_checked"]) == ("12", "20")
    assert float(doubted["supported"]) == pytest.approx(0.6)
    assert float(doubted["claimed_before"]) == pytest.approx(39 / 40)
    assert doubted["finds_less"] == "1"
    assert by_cell[FLAGGED, "rural"]["n_flags"] == "1"


def test_rates_from_checks_carry_no_second_line_of_the_same(draw):
    shown = cells(draw("county_heatmap", basis="verified"))
    assert not any("support" in cell for cell in shown.values())


def test_the_hottest_place_is_not_named_without_its_flag(draw):
    """最热:连江县 农村 100 %, and not a word of the count that had fallen."""
    links = draw("overview", month="2016-06", more="uneven").app.get("page_link")
    labels = "\n".join(link.proto.label for link in links)
    labels = labels.replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")
    assert "最热：连江县 农村 100 %（1 条线索）" in labels
    assert "最冷：闽侯县 农村 25.0 %\n" in f"{labels}\n"


def test_the_measures_name_no_best_place_without_what_stands_against_it(draw):
    words = draw("sector_gaps").words.replace("\N{NO-BREAK SPACE}", " ")
    caveat = "100 %（抽查支持 60.0 %，抽查前上报 97.5 %）"
    assert f"最热 仓山区 农村等 2 处 {caveat}" in words
    assert f"各处均达到最好的仓山区 农村等 2 处 {caveat}" in words


def test_a_place_has_not_reached_its_target_without_its_flag(draw):
    words = draw("sector_gaps", unit=FLAGGED, sector="rural").words
    assert "已达到目标 100 %（1 条线索）" in words
    words = draw("topics_and_speaking", unit=FLAGGED).words
    assert "已达到目标（1 条线索）" in words


def test_a_rank_carries_what_stands_against_the_figure(draw):
    """第 1 / 4 位,高于全市 of a unit whose checks found 60 %."""
    notes = draw("area_profile", unit=DOUBTED).figure("profile")["layout"][
        "annotations"
    ]
    texts = [note["text"] for note in notes]
    assert any(
        "第 1 / 4 位，高于全市（抽查支持 60.0 %，抽查前上报 97.5 %）" in text
        for text in texts
    )
    matrix = cells(draw("area_profile", unit=DOUBTED))
    assert matrix["topic_1_coverage|rural"]["finds_less"]


def test_a_city_that_has_reached_everything_by_its_reports_says_by_its_reports():
    frames = {"topic_1_coverage": pd.DataFrame({"rate": [1.0]})}
    about = (frames, load_registry(), MONTH)
    sentence = overview.answer_everywhere(*about, in_time={"topic_1_coverage": 1.0})
    assert sentence == "已全覆盖：三项都达到目标。"
    caveats = {"topic_1_coverage": "（3 条线索）"}
    sentence = overview.answer_everywhere(
        *about, in_time={"topic_1_coverage": 1.0}, caveats=caveats
    )
    assert sentence == "上报已全覆盖：第一专题覆盖率（3 条线索）已达到目标。"


def test_nothing_below_the_city_is_called_hot_and_nothing_level_with_it():
    """99.8 % beside a city at 99.9 % is not hot, however large the place."""
    judged = classify([9980, 19980], [10000, 20000], 0.9, city_rate=0.999)
    assert judged["cell_class"].tolist() == ["as_expected"] * 2
    rng = np.random.default_rng(11)
    sizes = rng.integers(10, 4000, 3000)
    for city in (0.02, 0.5, 0.97, 0.999):
        done = rng.binomial(sizes, rng.uniform(0, 1, sizes.size))
        cells = classify(done, sizes, 0.01, city_rate=city)
        hot = cells[cells["cell_class"] == "hot"]
        assert len(hot) or city == 0.999
        assert (hot["rate"] > city).all()
