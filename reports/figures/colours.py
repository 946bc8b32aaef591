"""The one colour scale of map, matrix, table and workbook: blue, neutral, orange.

A cell is coloured by its difference from an *anchor* (target, pace line, city or last
month), never by its bare rate: cold is blue, hot is orange, level with the anchor is
neutral. Seven steps, so that a reader can name each of them; a mark and a figure stand
in every cell, so that colour is never the only carrier.
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Literal

from reports.words import catalogue

Language = Literal["zh", "en"]

STEPS = (-3, -2, -1, 0, 1, 2, 3)
# Distances from the anchor at which the next step begins. A share is compared in
# points (0.05 = 5 points), a per-head figure relative to the anchor (0.10 = 10 %).
EDGES: Mapping[str, tuple[float, float, float]] = {
    "share": (0.01, 0.05, 0.15),
    "per_head": (0.02, 0.10, 0.30),
    "per_place": (0.02, 0.10, 0.30),
}
UP, DOWN, LEVEL = "▲", "▼", "–"

DISTANCES = tuple(catalogue.terms("figures.colours.distance").values())
# Red is good in one culture and bad in another: the ends are named in words. Where no
# direction is better, hot and cold would be a judgement, so the ends are high and low.
ENDS = catalogue.terms("figures.colours.ends")


@dataclasses.dataclass(frozen=True)
class Palette:
    """Background and text colour (#rrggbb) of each step, for one ground.

    `page` and `ink` are the ground and text colour the palette was made for; `hatch`
    draws the stripes of what was not reported.
    """

    name: str
    page: str
    ink: str
    hatch: str
    background: Mapping[int, str]
    text: Mapping[int, str]

    def pairs(self) -> list[list[str]]:
        """[background, text] of the steps -3 … 3, as plain JSON."""
        return [[self.background[step], self.text[step]] for step in STEPS]


def _palette(
    name: str, page: str, ink: str, hatch: str, pairs: tuple[tuple[str, str], ...]
) -> Palette:
    return Palette(
        name=name,
        page=page,
        ink=ink,
        hatch=hatch,
        background={s: p[0] for s, p in zip(STEPS, pairs, strict=True)},
        text={s: p[1] for s, p in zip(STEPS, pairs, strict=True)},
    )


LIGHT = _palette(
    "light",
    page="#ffffff",
    ink="#0e1216",
    hatch="#8d949c",
    pairs=(
        ("#1b4f8f", "#ffffff"),
        ("#5c97cf", "#0e1216"),
        ("#b9d4ec", "#0e1216"),
        ("#ece9e2", "#0e1216"),
        ("#fbd3a6", "#0e1216"),
        ("#ee9640", "#0e1216"),
        ("#a8470a", "#ffffff"),
    ),
)
# On a dark ground the ends are the brightest: what stands out must be what differs.
DARK = _palette(
    "dark",
    page="#0e1117",
    ink="#fafafa",
    hatch="#7b828b",
    pairs=(
        ("#8cc4f7", "#0b0f14"),
        ("#3f86c9", "#0b0f14"),
        ("#24486b", "#ffffff"),
        ("#33363b", "#ffffff"),
        ("#6b4317", "#ffffff"),
        ("#c9792a", "#0b0f14"),
        ("#ffc078", "#0b0f14"),
    ),
)
PALETTES = (LIGHT, DARK)


def as_number(value: Any) -> float | None:
    """A plain finite float, or None for None, NaN, NA and infinities.

    >>> as_number(float("nan")) is None
    True
    """
    try:
        number = float(value)
    except TypeError:  # None and pandas.NA
        return None
    return number if math.isfinite(number) else None


def difference_of(
    rate: float | None, anchor: float | None, metric_unit: str
) -> float | None:
    """How far a rate lies from its anchor, in the measure the steps are cut in.

    Parameters
    ----------
    rate, anchor
        0–1 for a share (over 1 when the ledger is at fault), any figure ≥ 0 per head;
        None or NaN where undefined.
    metric_unit
        "share" gives rate − anchor (0.05 = 5 points); "per_head" gives
        (rate − anchor) / anchor (0.05 = 5 %).

    Returns
    -------
    float or None
        None when either side is undefined, or when a per-head anchor of 0 makes the
        relative difference undefined.

    Examples
    --------
    >>> difference_of(0.76, 0.79, "share")
    -0.03
    >>> difference_of(1.5, 1.2, "per_head")
    0.25
    """
    _edges(metric_unit)
    rate, anchor = as_number(rate), as_number(anchor)
    if rate is None or anchor is None:
        return None
    difference = rate - anchor
    if metric_unit != "share" and difference:
        if anchor == 0:
            return None
        difference /= anchor
    # 0.80 − 0.95 is −0.1499…96 in binary: without rounding, steps would begin late.
    return round(difference, 9)


def step_of(
    rate: float | None, anchor: float | None, metric_unit: str, better: str
) -> int | None:
    """Colour step of a rate beside its anchor: −3 (cold, blue) … 3 (hot, orange).

    Steps begin at 1, 5 and 15 points (shares) or 2, 10 and 30 per cent (per head); an
    edge belongs to the outer step. With better="lower" more is colder; with "none" the
    step is the bare direction, and only the words differ.

    Returns
    -------
    int or None
        None when there is nothing to compare.

    Raises
    ------
    ValueError
        Unknown `metric_unit` or `better`.

    Examples
    --------
    >>> step_of(0.76, 0.79, "share", "higher")
    -1
    >>> step_of(0.76, 0.79, "share", "lower")
    1
    """
    if better not in ("higher", "lower", "none"):
        raise ValueError(f"better is 'higher', 'lower' or 'none', not {better!r}")
    edges = _edges(metric_unit)
    difference = difference_of(rate, anchor, metric_unit)
    if difference is None:
        return None
    distance = bisect_right(edges, abs(difference))
    is_warm = (difference > 0) != (better == "lower")
    return distance if is_warm else -distance


def step_words(step: int, better: str, language: Language = "zh") -> str:
    """Where the *value* of that step lies, seen from the anchor.

    >>> step_words(-3, "higher"), step_words(-3, "lower")
    ('远低于', '远高于')
    """
    return DISTANCES[3 + (-step if better == "lower" else step)][language]


def end_words(better: str, language: Language = "zh") -> tuple[str, str]:
    """Names of the blue and the orange end.

    >>> end_words("higher"), end_words("none")
    (('冷', '热'), ('低', '高'))
    """
    ends = ("low", "high") if better == "none" else ("cold", "hot")
    return ENDS[ends[0]][language], ENDS[ends[1]][language]


def step_range(step: int, metric_unit: str, better: str) -> str:
    """The differences a step stands for, in points or per cent, as in the cells' marks.

    >>> [step_range(s, "share", "higher") for s in (-3, -1, 0, 2)]
    ['▼15+', '▼1–5', '±1', '▲5–15']
    """
    edges = [f"{100 * edge:g}" for edge in _edges(metric_unit)]
    if step == 0:
        return f"±{edges[0]}"
    mark = UP if (step > 0) != (better == "lower") else DOWN
    if abs(step) == 3:
        return f"{mark}{edges[2]}+"
    return f"{mark}{edges[abs(step) - 1]}–{edges[abs(step)]}"


def _edges(metric_unit: str) -> tuple[float, float, float]:
    if metric_unit not in EDGES:
        known = ", ".join(EDGES)
        raise ValueError(f"a metric's unit is one of {known}: {metric_unit!r}")
    return EDGES[metric_unit]
