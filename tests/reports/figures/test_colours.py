"""The colour scale: its steps, its words, and whether everybody can tell it apart."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from reports.figures.colours import (
    DARK,
    EDGES,
    LIGHT,
    PALETTES,
    ROUND_EDGES,
    STEPS,
    WHOLE_EDGES,
    as_number,
    difference_of,
    end_words,
    fit_edges,
    step_of,
    step_range,
    step_words,
)

# Full colour blindness as a linear map of linear-light sRGB; severity 1.0 of table 1 in
# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of
# color vision deficiency", IEEE TVCG 15(6), 2009.
SIGHT = {
    "full": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# sRGB to CIE XYZ and its D65 white: IEC 61966-2-1.
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = XYZ.sum(axis=1)


def linear_light(colour: str) -> np.ndarray:
    coded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    low, high = sorted(XYZ[1] @ linear_light(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, sight: str) -> np.ndarray:
    """CIE L*a*b* of a colour as seen with that sight."""
    seen = np.clip(np.array(SIGHT[sight]) @ linear_light(colour), 0, 1)
    x, y, z = np.cbrt(XYZ @ seen / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_contrast_formula_gives_the_known_ratio_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.name)
@pytest.mark.parametrize("step", STEPS)
def test_the_text_of_every_step_can_be_read_on_its_background(palette, step):
    assert contrast(palette.text[step], palette.background[step]) >= 4.5


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.name)
@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_steps_look_alike_with_any_sight(palette, sight):
    seen = {step: lab(palette.background[step], sight) for step in STEPS}
    for one, other in combinations(STEPS, 2):
        distance = np.linalg.norm(seen[one] - seen[other])
        assert distance > 15, f"{one} and {other}: {distance:.1f}"


@pytest.mark.parametrize("sight", SIGHT)
def test_steps_grow_away_from_the_neutral_one_in_lightness(sight):
    for palette, sign in ((LIGHT, -1), (DARK, 1)):
        lightness = [sign * lab(palette.background[s], sight)[0] for s in STEPS]
        assert all(b < a for a, b in pairwise(lightness[:4]))
        assert all(b > a for a, b in pairwise(lightness[3:]))


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.name)
def test_cold_is_blue_and_hot_is_orange(palette):
    for step in STEPS:
        red, _, blue = linear_light(palette.background[step])
        if step:
            assert (blue > red) == (step < 0)


@pytest.mark.parametrize(
    ("points", "step"),
    [
        *((-100, -3), (-15, -3), (-14.9, -2), (-5, -2), (-4.9, -1), (-1, -1)),
        *((-0.9, 0), (0, 0), (0.9, 0), (1, 1), (4.9, 1), (5, 2), (14.9, 2), (15, 3)),
    ],
)
@pytest.mark.parametrize("anchor", [0.3, 0.79, 0.95, 1.0])
def test_a_share_changes_step_at_1_5_and_15_points(points, step, anchor):
    assert step_of(anchor + points / 100, anchor, "share", "higher") == step


@pytest.mark.parametrize(
    ("per_cent", "step"),
    [(-30, -3), (-29, -2), (-10, -2), (-2, -1), (1, 0), (2, 1), (10, 2), (30, 3)],
)
@pytest.mark.parametrize("anchor", [0.4, 1.5, 12.0])
def test_a_per_head_figure_is_compared_relative_to_its_anchor(per_cent, step, anchor):
    rate = anchor * (1 + per_cent / 100)
    assert step_of(rate, anchor, "per_head", "higher") == step


def test_where_less_is_better_the_scale_turns_and_the_words_stay_with_the_value():
    assert step_of(0.2, 0.1, "share", "lower") == -2
    assert step_words(-2, "lower") == step_words(2, "higher") == "高于"
    assert step_range(-2, "share", "lower") == "▲5–15"


def test_where_no_direction_is_better_the_ends_are_not_called_hot_and_cold():
    assert step_of(0.2, 0.1, "share", "none") == 2
    assert end_words("none") == ("最低一档", "最高一档")
    assert end_words("none", "en") == ("Lowest step", "Highest step")
    assert end_words("lower", "en") == ("Coldest step", "Hottest step")


def test_each_step_has_its_own_words_in_both_languages():
    for language in ("zh", "en"):
        words = {step_words(step, "higher", language) for step in STEPS}
        assert len(words) == 7 and all(words)
    assert [step_words(s, "higher") for s in (-3, 0, 3)] == ["远低于", "接近", "远高于"]


def test_the_legend_names_each_range_once_and_without_gaps():
    shares = [step_range(step, "share", "higher") for step in STEPS]
    assert shares == ["▼15+", "▼5–15", "▼1–5", "±1", "▲1–5", "▲5–15", "▲15+"]
    heads = [step_range(step, "per_head", "higher") for step in STEPS]
    assert heads == ["▼30+", "▼10–30", "▼2–10", "±2", "▲2–10", "▲10–30", "▲30+"]


@pytest.mark.parametrize("seed", range(40))
def test_no_step_holds_more_than_half_of_cells_that_spread_over_ten_points(seed):
    dice = np.random.default_rng(seed)
    rates = dice.beta(*dice.uniform(0.5, 12, 2), 90) * dice.choice([0.02, 0.1, 0.3, 1])
    equal = np.repeat(rates[0], dice.integers(0, 120))
    rates = np.concatenate([rates, equal])
    # As the city compares them, and as a target does.
    differences = rates - dice.choice([rates.mean(), 1.0])
    edges = fit_edges(differences, "share")
    assert edges == tuple(sorted({*edges})) and {*edges} <= {*ROUND_EDGES, *WHOLE_EDGES}
    if np.ptp(differences) < 0.1:
        assert edges == EDGES["share"]
        return
    steps = [step_of(one, 0.0, "share", "higher", edges) for one in differences]
    for step in {*steps}:
        held = differences[np.array(steps) == step].round(9)
        _, counts = np.unique(held, return_counts=True)
        others = len(held) - max(counts) * (max(counts) > len(rates) / 2)
        assert others <= len(rates) / 2 or len(counts) == 1, (edges, step)


def test_the_edges_of_the_classes_are_kept_where_they_can_be():
    near = [0.001 * n for n in range(-4, 5)] + [-0.3]
    assert fit_edges(near, "share") == (0.002, 0.05, 0.15)
    far = [0.1, -0.16, -0.22, -0.28, -0.36, -0.44]
    assert fit_edges(far, "share") == (0.05, 0.15, 0.25)
    assert step_range(-3, "share", "higher", (0.05, 0.15, 0.3)) == "▼30+"
    assert step_range(0, "share", "higher", (0.002, 0.05, 0.15)) == "±0.2"


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, np.nan, float("inf")])
def test_what_is_undefined_has_no_step(nothing):
    assert as_number(nothing) is None
    assert step_of(nothing, 0.5, "share", "higher") is None
    assert step_of(0.5, nothing, "share", "higher") is None


def test_a_per_head_anchor_of_zero_gives_no_relative_difference():
    assert difference_of(0.5, 0.0, "per_head") is None
    assert difference_of(0.0, 0.0, "per_head") == 0
    assert step_of(0.0, 0.0, "per_head", "higher") == 0


def test_numpy_figures_give_plain_python_answers():
    step = step_of(np.float64(0.4), np.float64(0.9), "share", "higher")
    assert type(step) is int
    assert type(difference_of(np.float64(0.4), np.float32(0.5), "share")) is float


@pytest.mark.parametrize(
    ("unit", "better", "said"), [("ratio", "higher", "ratio"), ("share", "up", "up")]
)
def test_an_unknown_unit_or_direction_is_refused_by_name(unit, better, said):
    with pytest.raises(ValueError, match=said):
        step_of(0.5, 0.5, unit, better)
