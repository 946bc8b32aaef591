"""What was once praised without a word of what stood against it.

The city is `tests/praised_city.py`: of two units at 100 % one is not borne out by its
checks and one has let a cumulative count fall.
"""

from __future__ import annotations

from pathlib import Path

import pytest

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
def lake(tmp_path_factory) -> Path:
    return build_praised_city(tmp_path_factory.mktemp("praised"))


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
    assert (cell["support"], cell["finds_less"]) == ("核实 60 %*", True)
    assert cell["class_word"] == "热,但存疑"
    assert "随机抽查核实 12 / 20" in cell["aria"]
    assert "抽查前上报 100.0 %,抽查查到的较少" in cell["aria"]


def test_a_hot_cell_carries_its_flags(draw):
    shown = cells(draw("county_heatmap"))
    cell = shown[f"{FLAGGED}|rural"]
    assert (cell["support"], cell["flags"]) == ("未抽查", "⚑1")
    assert cell["class_word"] == "热,但存疑"
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
    told = draw("county_heatmap").words
    assert "热 2(其中 2 个有线索或抽查少于上报)" in told
    told = draw("county_heatmap", lang="en").words
    assert "2 hot (2 of them flagged or with checks that find less)" in told


def test_the_files_hold_belief_beside_the_class(draw):
    rows = draw("county_heatmap").rows_of("csv-matrix")
    by_cell = {(row["unit"], row["sector"]): row for row in rows}
    doubted = by_cell[DOUBTED, "rural"]
    assert (doubted["cell_class"], doubted["support"]) == ("hot", "direct")
    assert (doubted["n_confirmed"], doubted["n_checked"]) == ("12", "20")
    assert float(doubted["supported"]) == pytest.approx(0.6)
    assert (doubted["claimed_before"], doubted["finds_less"]) == ("1.0", "1")
    assert by_cell[FLAGGED, "rural"]["n_flags"] == "1"


def test_rates_from_checks_carry_no_second_line_of_the_same(draw):
    shown = cells(draw("county_heatmap", basis="verified"))
    assert not any("support" in cell for cell in shown.values())
