"""The parts that figures are made of: where they put what they are given."""

from __future__ import annotations

import itertools

import pytest

from reports.figures import style
from reports.figures.bars import bars
from reports.figures.dots import LARGEST, SMALLEST, diameters, dots, spread
from reports.figures.intervals import arms
from reports.figures.multiples import grid
from reports.figures.sheet import Sheet, strip_words
from tests.reports.samples import DEMO

SHEET = Sheet("<b>Title</b>", "en", DEMO)


@pytest.mark.parametrize(("n", "n_across"), [(1, 3), (3, 3), (4, 2), (6, 3), (7, 3)])
def test_panels_lie_in_the_drawing_and_not_over_each_other(n, n_across):
    panels = grid(n, n_across, gap_x=0.05, gap_y=0.4)
    assert [panel.suffix for panel in panels] == ["", *map(str, range(2, n + 1))]
    for panel in panels:
        for low, high in (panel.x, panel.y):
            assert -1e-9 <= low < high <= 1 + 1e-9
    for one, other in itertools.combinations(panels, 2):
        beside = one.x[1] < other.x[0] or other.x[1] < one.x[0]
        assert beside or one.y[0] > other.y[1], "a later row lies below"


def test_the_area_of_a_dot_follows_its_count_down_to_what_can_be_hit():
    assert diameters([100, 25, 0], 100) == [LARGEST, LARGEST / 2, SMALLEST]


def test_dots_of_one_rate_take_lanes_of_their_own_and_distant_ones_share_one():
    same, apart = spread([0.5] * 4, [20] * 4), spread([0.1, 0.5, 0.9], [20] * 3)
    assert len(set(same)) == 4
    assert len(set(apart)) == 1


def test_an_arm_has_no_length_where_its_limit_is_not_known():
    found = arms([0.5, 0.5], [0.25, None], [None, 0.75], style.DONE)
    assert found["array"] == [0, 0.25]
    assert found["arrayminus"] == [0.25, 0]


def test_marks_without_texts_keep_silent_and_those_with_texts_name_their_codes():
    assert bars([1, None], style.DONE)["hoverinfo"] == "skip"
    trace = dots([1], [0], style.DONE, 8, texts=["a"], codes=[("350104", "rural")])
    assert trace["hovertext"] == ["a"]
    assert trace["customdata"] == [["350104", "rural"]]


def test_rows_grow_with_their_number_and_stand_from_the_top():
    axis = style.share_axis()
    one, three = (
        SHEET.draw_rows(
            [bars([1] * n, style.DONE)], ["x"] * n, "said", row=30, xaxis=axis
        )
        for n in (1, 3)
    )
    heights = [picture.figure.layout.height for picture in (one, three)]
    assert heights[1] - heights[0] == 60
    first, last = three.figure.layout.yaxis.range
    assert first > last


def test_title_and_origin_stand_on_a_sheet_with_and_without_a_drawing():
    drawn = SHEET.draw([], "said", when="July 2016", height=300)
    assert drawn.alt == "<b>Title</b>, July 2016: said"
    assert drawn.title == "<b>Title</b>"
    for picture in (drawn, SHEET.empty("nothing filed")):
        notes = {note.name: note.text for note in picture.figure.layout.annotations}
        assert DEMO.id in notes[style.FOOTNOTE]
    assert SHEET.empty("nothing filed").nothing == "nothing filed"


def test_the_words_of_a_strip_stand_on_both_sides_of_it():
    name, value, below = strip_words(2, "name", "value", "below", gap=(9, 8))
    assert name["y"] == value["y"] == below["y"] == 2
    assert (name["x"], value["x"], below["x"]) == (0, 1, 0)
    assert (name["yshift"], value["yshift"], below["yshift"]) == (9, 9, -8)
