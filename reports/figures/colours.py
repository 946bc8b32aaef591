"""The one colour scale of map, matrix, table and workbook: blue, neutral, orange.

A cell is coloured by its difference from an *anchor* (target, pace line, city or last
month), never by its bare rate: cold is blue, hot is orange, level with the anchor is
neutral. Seven steps, so that a reader can name each of them; a mark and a figure stand
in every cell, so that colour is never the only carrier. Where the steps begin fits the
spread of what is shown (`fit_edges`), by round numbers that the legend gives.
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from data_pipeline.statistics.cold_cells import COLD_POINTS, VERY_COLD_POINTS
from reports.words import catalogue

STEPS = (-3, -2, -1, 0, 1, 2, 3)
# Distances from the anchor at which the next step begins. A share is compared in
# points (0.05 = 5 points), a per-head figure relative to the anchor (0.10 = 10 %).
EDGES: Mapping[str, Edges] = {
    "share": (0.01, 0.05, 0.15),
    "per_head": (0.02, 0.10, 0.30),
    "per_place": (0.02, 0.10, 0.30),
}
Edges = tuple[float, float, float]
ROUND_EDGES = tuple(
    np.array([0.1, 0.2, 0.5, 1, 2, 3, 5, 7, *range(10, 100, 5)]).round(1) / 100
)
# Where most cells lie close together and far from the anchor, round ones are too few.
WHOLE_EDGES = tuple(np.array([0.1, 0.2, 0.3, 0.5, 0.7, *range(1, 100)]).round(1) / 100)
MOST_TRIED = 24
# Where cold and very cold begin: the steps begin there as well wherever that can be.
CLASS_EDGES = (COLD_POINTS, VERY_COLD_POINTS)
WIDE = 0.1  # from this spread on, no step holds more than half of what differs
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


def fit_edges(differences: Iterable[float | None], metric_unit: str) -> Edges:
    """Round edges of the steps that tell apart what is shown.

    Parameters
    ----------
    differences
        Of all cells from their anchors (`difference_of`); None where there is none.

    Returns
    -------
    tuple
        Distances at which the three steps begin. `EDGES` where the cells spread over
        less than 10 points (or per cent), or no step of it holds more than half of the
        cells, equal ones aside. Else round ones of which none does, or the fullest
        holds least; of several those with the edges of the classes, then those nearest
        to `EDGES`.

    Examples
    --------
    >>> fit_edges([0.0, 0.002, 0.004, 0.006, -0.004, -0.006, -0.2], "share")
    (0.002, 0.05, 0.15)
    >>> fit_edges([0.1, -0.16, -0.22, -0.28, -0.36, -0.44], "share")
    (0.05, 0.15, 0.25)
    """
    usual = _edges(metric_unit)
    found = (as_number(difference) for difference in differences)
    known = np.array([difference for difference in found if difference is not None])
    if not len(known) or np.ptp(known) < WIDE - 1e-9:
        return usual
    tried = (usual,)
    if _excess(known, np.array([usual]))[0] > 0:
        sizes = np.quantile(abs(known), np.linspace(0, 1, MOST_TRIED - 2))
        whole = np.array(WHOLE_EDGES)
        near = {whole[abs(whole - size).argmin()] for size in sizes} | {*CLASS_EDGES}
        tried = (usual, *combinations(ROUND_EDGES, 3))
        if _excess(known, np.array(tried)).min() > 0:
            tried = (*tried, *combinations(sorted(near), 3))
    edges = np.array(tried)
    excess = _excess(known, edges)
    n_of_classes = sum((edges == edge).any(axis=1) for edge in CLASS_EDGES)
    moved = abs(np.log(edges / usual)).sum(axis=1)
    best = np.lexsort((moved, -n_of_classes, excess))[0]
    return tuple(float(edge) for edge in edges[best])


def _excess(differences: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """By how many cells the fullest step passes half of them, for each row of edges.

    A step of equal cells counts none, and one value of more than half of them all is
    left out wherever it stands: no edge can part equal cells.
    """
    values, counts = np.unique(differences.round(9), return_counts=True)
    half = len(differences) / 2
    counts = np.where(counts > half, 0, counts)
    # Cells and distinct values beyond each edge, on either side of the anchor.
    beyond = [
        [side @ weights for weights in (counts, np.ones(len(values)))]
        for side in (
            edges[..., None] <= values,
            edges[..., None] <= -values,
        )
    ]
    steps = []
    for held, distinct in beyond:
        inner = [(held[:, n], distinct[:, n]) for n in range(3)]
        outer = [*inner[1:], (np.zeros(len(edges)), np.zeros(len(edges)))]
        steps += [(a[0] - b[0], a[1] - b[1]) for a, b in zip(inner, outer, strict=True)]
    neutral = [
        total - beyond[0][at][:, 0] - beyond[1][at][:, 0]
        for at, total in enumerate((counts.sum(), len(values)))
    ]
    steps.append(tuple(neutral))
    full = [np.where(distinct > 1, held, 0) for held, distinct in steps]
    return np.maximum(np.max(full, axis=0) - half, 0)


def step_of(
    rate: float | None,
    anchor: float | None,
    metric_unit: str,
    better: str,
    edges: Edges | None = None,
) -> int | None:
    """Colour step of a rate beside its anchor: −3 (cold, blue) … 3 (hot, orange).

    Steps begin at `edges`, by default at 1, 5 and 15 points (shares) or 2, 10 and 30
    per cent (per head); an edge belongs to the outer step. With better="lower" more is
    colder; with "none" the step is the bare direction, and only the words differ.

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
    difference = difference_of(rate, anchor, metric_unit)
    if difference is None:
        return None
    distance = bisect_right(edges or _edges(metric_unit), abs(difference))
    return distance if is_warm(difference, better) else -distance


def is_warm(difference: float, better: str) -> bool:
    """Whether a difference from the anchor is to the side of the orange end."""
    return (difference > 0) != (better == "lower")


def step_words(step: int, better: str, language: str = "zh") -> str:
    """Where the *value* of that step lies, seen from the anchor.

    >>> step_words(-3, "higher"), step_words(-3, "lower")
    ('远低于', '远高于')
    """
    return DISTANCES[3 + (-step if better == "lower" else step)][language]


def end_words(better: str, language: str = "zh") -> tuple[str, str]:
    """Names of the blue and the orange end: of steps, since a class begins nearer.

    >>> end_words("higher"), end_words("none")
    (('最冷一档', '最热一档'), ('最低一档', '最高一档'))
    """
    ends = ("low", "high") if better == "none" else ("cold", "hot")
    return ENDS[ends[0]][language], ENDS[ends[1]][language]


def step_range(
    step: int, metric_unit: str, better: str, edges: Edges | None = None
) -> str:
    """The differences a step stands for, in points or per cent, as in the cells' marks.

    >>> [step_range(s, "share", "higher") for s in (-3, -1, 0, 2)]
    ['▼15+', '▼1–5', '±1', '▲5–15']
    """
    edges = [f"{100 * edge:g}" for edge in edges or _edges(metric_unit)]
    if step == 0:
        return f"±{edges[0]}"
    mark = UP if (step > 0) != (better == "lower") else DOWN
    if abs(step) == 3:
        return f"{mark}{edges[2]}+"
    return f"{mark}{edges[abs(step) - 1]}–{edges[abs(step)]}"


def _edges(metric_unit: str) -> Edges:
    if metric_unit not in EDGES:
        known = ", ".join(EDGES)
        raise ValueError(f"a metric's unit is one of {known}: {metric_unit!r}")
    return EDGES[metric_unit]
