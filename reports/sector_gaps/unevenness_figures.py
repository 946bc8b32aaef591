"""Figures of unevenness: how far places lie apart, whether by chance, and over time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from data_pipeline.statistics.cold_cells import (
    funnel_limits,
    measure_over_dispersion,
    over_dispersed_limits,
)
from data_pipeline.statistics.exact_distributions import binomial_at_least
from data_pipeline.statistics.sampling import ROUNDING, effective_size
from data_pipeline.statistics.unevenness import MIN_NAMED
from reports.cell_classes import place_effects
from reports.figures import style
from reports.figures.dots import dots
from reports.figures.intervals import joint
from reports.figures.lines import month_marks, series
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.sector_gaps.figures import missing_pareto
from reports.words import catalogue, sentences, wording

# Above it the limits of a funnel collapse into its line: counts are shown instead.
FUNNEL_CEILING = 0.97
TEXTS = catalogue.texts("sector_gaps.unevenness_figures")
MOST_NAMED = 8
# Of places below, inside and above the limits.
SIDE_COLORS = {-1: style.COLD, 0: style.NEUTRAL, 1: style.HOT}
_FUNNEL_ROOM = {
    "height": style.TOP + 340 + style.BOTTOM + 16,
    "left": 52,
    "right": 20,
    "bottom": style.BOTTOM + 16,
}
# Pixels of its drawing on a phone.
_PHONE_ROOM = (270, 340)


def equiplot(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One line a unit, a dot a sector: a long line is a place uneven in itself.

    Parameters
    ----------
    frame
        `read_rates` by unit and sector, one month. Cells under 10 are hollow and do
        not stretch the line.

    Returns
    -------
    Picture
        Units with the longest line first; customdata is [unit, sector].
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    sheet = Sheet(texts["equiplot"].format(metric=label), language, snapshot)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    if not rows:
        return sheet.empty()
    ends = _unit_ends(rows)
    lengths = {unit: _span(*both) for unit, both in ends.items()}
    units = sorted(lengths, key=lambda unit: (-lengths[unit], unit))
    names = {u: wording.place_name(registry, "unit", u, language) for u in units}
    data = []
    for code in registry.sectors:
        cells = [row for row in rows if row["sector"] == code]
        if cells:
            data.append(_sector_cells(cells, names, metric, registry, language))
    keys = [style.key(t["name"], t["marker"]["color"], "●") for t in data]
    if any(_is_small(row) for row in rows):
        keys.append(f"○ {texts['small'].format(n=MIN_NAMED)}")
    legend = style.key_lines(keys, 4)
    longest = _apart(lengths[units[0]], metric, language)
    if len(units) > 1 and lengths[units[0]] > 0:
        said = {"metric": label, "unit": names[units[0]], "spread": longest}
        sheet = sheet.titled(texts["equiplot_found"].format(**said))
    return sheet.draw_rows(
        data,
        list(names.values()),
        f"{names[units[0]]} {texts['spread'].format(points=longest)}",
        "<br>".join((wording.month_name(month, language), *legend)),
        row=28,
        above=16 * len(legend),
        right=20,
        xaxis=style.dot_axis(metric.unit, [row["rate"] for row in rows]),
        shapes=[
            joint(*ends[unit], position, width=3)
            for position, unit in enumerate(units)
            if lengths[unit] > 0
        ],
    )


def _unit_ends(
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, tuple[float, float]]:
    """Lowest and highest rate of each unit's cells; NaN where all are small."""
    ends: dict[str, tuple[float, float]] = {}
    for row in rows:
        low, high = ends.get(row["unit"], (np.nan, np.nan))
        if not _is_small(row):
            low, high = np.fmin(low, row["rate"]), np.fmax(high, row["rate"])
        ends[row["unit"]] = (float(low), float(high))
    return ends


def _is_small(row: Mapping[str, Any]) -> bool:
    return row["denominator"] < MIN_NAMED


def _sector_cells(
    cells: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    metric: Metric,
    registry: Registry,
    language: str,
) -> dict[str, Any]:
    """One sector's dots over the units of `names`, small cells hollow."""
    code, place = cells[0]["sector"], {unit: at for at, unit in enumerate(names)}
    sector = wording.place_name(registry, "sector", code, language, is_short=True)
    color = style.SECTORS.get(code, style.NEUTRAL)
    hovers = [
        f"{names[row['unit']]} {sector} {wording.rate_text(row['rate'], metric.unit)}"
        for row in cells
    ]
    return dots(
        [row["rate"] for row in cells],
        [place[row["unit"]] for row in cells],
        color,
        11,
        marker={
            "symbol": ["circle-open" if _is_small(r) else "circle" for r in cells],
            "line": {"width": 1.5, "color": color},
        },
        name=style.escape(sector),
        texts=list(map(style.with_fraction, hovers, cells)),
        codes=[[row["unit"], code] for row in cells],
    )


def unevenness_trend(
    trace: pd.DataFrame,
    metric: Metric,
    language: str = "zh",
    *,
    place: str = "",
    snapshot: Snapshot | None = None,
) -> Picture:
    """The rate above, the unevenness below: does the gap close while the mean rises?

    Parameters
    ----------
    trace
        `unevenness.trace_unevenness`: indexed by month, rate (0–1) and
        mean_distance_points.
    place
        Whose rate and inner unevenness it is, in words; by default the city.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    sheet = Sheet(texts["trend"].format(metric=label), language, snapshot)
    months = [str(month) for month in trace.index]
    if not months:
        return sheet.empty()
    rates, distances = (
        [None if wording.is_missing(v) else float(v) for v in trace[name]]
        for name in ("rate", "mean_distance_points")
    )
    # The two lines, one above the other: values, what each is called and says.
    above = [wording.rate_text(rate, metric.unit) for rate in rates]
    below = [wording.points(d if d is None else d / 100, language) for d in distances]
    names = [wording.month_name(month, language) for month in months]
    data, spoken = [], []
    for key, values, shown, color in (
        ("rate", rates, above, style.DONE),
        ("distance", distances, below, style.HOT),
    ):
        hovers = [f"{n} {texts[key]} {v}" for n, v in zip(names, shown, strict=True)]
        hover = {"texts": [style.escape(text) for text in hovers]}
        codes = [[month] for month in months]
        data.append(series(months, values, color, size=7, codes=codes, **hover))
        spoken.append(f"{texts[key]} {shown[0]} → {shown[-1]}")
    data[1] |= {"yaxis": "y2", "fill": "tozeroy", "fillcolor": style.BAND}
    widest = max((d for d in distances if d is not None), default=1.0)
    shapes, notes = month_marks(metric, months, language)
    return sheet.draw(
        data,
        wording.join(spoken, language, "clauses"),
        texts["trend_sub"].format(place=style.escape(place or wording.CITY[language]))
        + texts["trend_due"] * bool(shapes),
        height=style.TOP + 300 + style.BOTTOM,
        left=48,
        xaxis=style.month_axis(months, language, anchor="y2"),
        yaxis=style.metric_axis(metric.unit, rates, domain=[0.5, 1]),
        yaxis2=style.number_axis(0, widest * 1.15 or 1, 4, domain=[0, 0.38]),
        shapes=shapes,
        annotations=notes,
    )


def funnel(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    by: tuple[str, ...] = ("unit",),
    city: float | None = None,
    middle: str = "",
    caveat: str = "",
    spread: pd.DataFrame | None = None,
    fixed: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Rates against size, with the limits within which chance alone would keep them.

    Parameters
    ----------
    frame
        `read_rates` by `by`, one month; shares only. Reported rates from a city rate
        of 97 % on give way to the counts still missing. The size of an estimate from
        checks is its effective one (`sampling.effective_size`), that of a share of
        heads as reported is their number over its design effect.
    city
        The rate in the middle (0–1): the line that places are compared with; None: the
        ratio of the frame's own sums. An estimate needs it given: its raw sums are not
        weighted.
    middle
        What that rate is called, by default the city.
    caveat
        As in `missing_pareto`, for where counts stand in place of rates.
    spread
        `rates.read_branch_spread` of the metric and month.
    fixed
        Unit or sector that all rows are of.

    Returns
    -------
    Picture
        Solid lines are the 95 % and 99.8 % limits, dashed ones the 99.8 % limits
        widened by how the places differ anyway; customdata holds the codes.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202; Qual. Saf. Health Care
    14:347-351.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    sheet = Sheet(texts["funnel"].format(metric=label), language, snapshot)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    total = sum(row["denominator"] for row in rows)
    if not total:
        return sheet.empty()
    if len(rows) == 1:
        return sheet.empty(sentences.TEXTS[language]["one_place"])
    if city is None:
        city = sum(row["numerator"] for row in rows) / total
    is_estimate = "std_error" in frame
    if city >= FUNNEL_CEILING and not is_estimate:
        about = {"month": month, "by": by, "caveat": caveat, "snapshot": snapshot}
        return missing_pareto(frame, metric, registry, language, **about)
    rates = [row["rate"] for row in rows]
    sizes = _sizes(rows, by, metric, spread, fixed, is_estimate)
    outside = _outside(rates, sizes, city)
    if n_low := sum(side < 0 for side in outside):
        said = {"metric": label, "n": len(rows), "cold": n_low}
        sheet = sheet.titled(texts["funnel_found"].format(**said))
    codes = [tuple(row[name] for name in by) for row in rows]
    names = [wording.cell_name(registry, by, code, language) for code in codes]
    kind = _kind(metric, is_estimate)
    hovers = [
        _funnel_text(*place, texts[f"funnel_{kind}"])
        for place in zip(rows, names, sizes, strict=True)
    ]
    beside = _names_beside(names, rates, sizes, outside, city)
    grid = _size_grid(sizes)
    middle = f"{middle or wording.CITY[language]} {wording.percent(city)}"
    return sheet.draw(
        [
            *_limit_lines(grid, rates, sizes, city),
            _sized_dots(sizes, rates, outside, texts=hovers, codes=codes, **beside),
        ],
        _funnel_words(names, rates, outside, middle, language),
        texts["funnel_sub"],
        **_FUNNEL_ROOM,
        xaxis=_size_axis(grid, metric, registry, kind, language),
        yaxis=_rate_axis(rates),
        shapes=[style.line(0, city, 1, city, style.CITY, "dot", xref="paper")],
        annotations=[_middle_label(middle, city)],
    )


def _rate_axis(rates: Sequence[float]) -> dict[str, Any]:
    """From a little under the lowest rate to over 100 %."""
    reach = [max(0.0, min(rates) - 0.08), max(1.0, *rates) + 0.04]
    return style.share_axis(range=reach, nticks=6)


def _size_grid(sizes: Sequence[float]) -> np.ndarray:
    """Whole sizes, a little beyond the smallest and largest place."""
    ends = (max(1, min(sizes) * 0.9), max(sizes) * 1.1)
    return np.unique(np.geomspace(*ends, 80).round())


def _middle_label(middle: str, rate: float) -> dict[str, Any]:
    """What the line of a funnel is, at its right end."""
    at = {"xref": "paper", "yref": "y", "xanchor": "right", "yanchor": "bottom"}
    look = {"font": {"shadow": "auto"}}  # as the names of places
    return style.label(style.escape(middle), 1, rate, **at, **look)


def _sized_dots(
    sizes: Sequence[float], rates: Sequence[float], outside: Sequence[int], **more: Any
) -> dict[str, Any]:
    """The places of a funnel, coloured by the side of the limits they lie on."""
    edge = {"line": {"color": style.EDGE, "width": 1}}
    colors = [SIDE_COLORS[side] for side in outside]
    return dots(sizes, rates, colors, 10, marker=edge, **more)


def _funnel_words(
    names: Sequence[str],
    rates: Sequence[float],
    outside: Sequence[int],
    middle: str,
    language: str,
) -> str:
    """The rate in the middle, and those of the places outside the limits."""
    far = [
        f"{name} {wording.percent(rate)}"
        for name, rate, side in zip(names, rates, outside, strict=True)
        if side
    ]
    return wording.join(
        (middle, wording.join(far, language) or "–"), language, "clauses"
    )


def _kind(metric: Metric, is_estimate: bool) -> str:
    """What the size of a place is: branches counted or checked, or heads."""
    if is_estimate:
        return "checked"
    return "heads" if metric.is_clustered else "counted"


def _funnel_text(row: Mapping[str, Any], name: str, size: float, text: str) -> str:
    """`text` with a place's rate, sums and size in it."""
    return text.format(
        name=style.escape(name),
        rate=wording.percent(row["rate"]),
        numerator=wording.number(row["numerator"]),
        denominator=wording.number(row["denominator"]),
        size=wording.number(size),
    )


def _size_axis(
    grid: np.ndarray, metric: Metric, registry: Registry, kind: str, language: str
) -> dict[str, Any]:
    """Sizes by their logarithm, at 1, 2, 5, 10, 20 … as far as they reach."""
    texts, size = TEXTS[language], registry.label(metric.denominator, language)
    if kind != "counted":
        size = texts[f"size_{kind}"].format(size=size)
    title = style.escape(texts["size"].format(size=size))
    steps = [head * 10**power for power in range(7) for head in (1, 2, 5)]
    named = [size for size in steps if grid[0] <= size <= grid[-1]]
    first, last = np.log10(grid[[0, -1]])
    return style.axis(
        type="log",
        title={"text": title},
        showgrid=False,
        range=[float(first), float(last)],
        tickvals=named,
        ticktext=[wording.number(size) for size in named],
    )


def _sizes(
    rows: Sequence[Mapping[str, Any]],
    by: tuple[str, ...],
    metric: Metric,
    spread: pd.DataFrame | None,
    fixed: Mapping[str, str] | None,
    is_estimate: bool,
) -> list[float]:
    """How many independent branches each rate rests on, in whole numbers."""
    counts = [row["denominator"] for row in rows]
    if is_estimate:
        errors = [row["std_error"] or 0.0 for row in rows]
        sizes = effective_size([row["rate"] for row in rows], errors, counts)
    else:
        places = pd.DataFrame([{name: row[name] for name in by} for row in rows])
        effects = place_effects(places, metric, spread, **(fixed or {}))
        sizes = np.array(counts) / effects
    # Rounded down: exact limits are for whole numbers.
    return np.maximum(np.floor(sizes + ROUNDING), 1).tolist()


def _limit_lines(
    grid: np.ndarray, rates: Sequence[float], sizes: Sequence[float], city: float
) -> list[dict[str, Any]]:
    """Both sides of the 95 % and 99.8 % limits, and those widened by over-dispersion.

    Under three places there is nothing to measure over-dispersion by.
    """
    inner, outer = (funnel_limits(grid, city, coverage) for coverage in (0.95, 0.998))
    pairs = [(inner, style.NEUTRAL, "solid", 1), (outer, style.CITY, "solid", 1.5)]
    if len(rates) >= 3:
        counts = [min(rate, 1.0) * n for rate, n in zip(rates, sizes, strict=True)]
        tau2 = measure_over_dispersion(counts, sizes).tau2
        widened = over_dispersed_limits(grid, city, tau2)
        pairs.append((widened, style.CITY, "dash", 1.2))
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": grid.tolist(),
            "y": [None if np.isnan(v) else float(v) for v in side],
            "line": {"color": color, "dash": dash, "width": width},
            "hoverinfo": "skip",
        }
        for limits, color, dash, width in pairs
        for side in limits
    ]


def _names_beside(
    names: Sequence[str],
    rates: Sequence[float],
    sizes: Sequence[float],
    outside: Sequence[int],
    city: float,
) -> dict[str, Any]:
    """Names of the places outside the limits that have room, of many the farthest."""
    farthest = sorted(
        (at for at, side in enumerate(outside) if side),
        key=lambda at: -abs(rates[at] - city) * sizes[at] ** 0.5,
    )
    wanted = {at: wording.shorten(names[at], 14) for at in farthest[:MOST_NAMED]}
    low, high = _rate_axis(rates)["range"]
    first, last = np.log(_size_grid(sizes)[[0, -1]])
    points = [
        (
            _PHONE_ROOM[0] * (np.log(size) - first) / ((last - first) or 1),
            _PHONE_ROOM[1] * (high - rate) / (high - low),
        )
        for size, rate in zip(sizes, rates, strict=True)
    ]
    sides = _free_sides(points, wanted)
    return {
        "mode": "markers+text",
        "text": [
            style.escape(wanted[at]) if at in sides else "" for at in range(len(names))
        ],
        "textposition": [sides.get(at, "top center") for at in range(len(names))],
        # A limit that runs through a name does not cross its letters out.
        "textfont": {"size": style.SMALL_SIZE, "shadow": "auto"},
    }


class _Box(NamedTuple):
    """Pixels of a drawing, from its left and from its top."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Whether the two have pixels in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _free_sides(
    points: Sequence[tuple[float, float]], names: Mapping[int, str]
) -> dict[int, str]:
    """On which side of its dot each name covers neither a dot nor another name.

    Parameters
    ----------
    points
        Middles of the dots: pixels from the left and from the top.
    names
        By the number of a dot, who must be seen first.

    Returns
    -------
    dict
        By number a `textposition` of plotly; a name that has room nowhere is missing.
        What is apart on a phone is further apart on a desk.
    """
    radius, line = 5, 14
    taken = [_Box(x - radius, y - radius, x + radius, y + radius) for x, y in points]
    sides: dict[int, str] = {}
    for at, name in names.items():
        x, y = points[at]
        wide = wording.text_width(name) * style.COLUMN_PIXELS
        # From the dot to the left and to the upper edge of the name.
        across = {"center": -wide / 2, "left": -wide - radius, "right": radius}
        down = {"top": -radius - line, "bottom": radius, "middle": -line / 2}
        for upright, level in itertools.product(down, across):
            if (upright, level) == ("middle", "center"):
                continue
            left, top = x + across[level], y + down[upright]
            box = _Box(left, top, left + wide, top + line)
            is_inside = left >= 0 and box.right <= _PHONE_ROOM[0]
            if is_inside and not any(map(box.meets, taken)):
                sides[at] = f"{upright} {level}"
                taken.append(box)
                break
    return sides


def _outside(rates: Sequence[float], sizes: Sequence[float], city: float) -> list[int]:
    """−1 below, 1 above, 0 inside the 99.8 % limits of a place's own size.

    Where the limits are exact, the upper one is interpolated to just under 100 % even
    for places so small that reaching 100 % proves nothing: there the tail itself says.
    """
    rates, sizes = np.array(rates, float), np.array(sizes, float)
    limits = funnel_limits(sizes, city, 0.998)
    tail = binomial_at_least(np.minimum(rates, 1) * sizes, sizes, city)
    is_above = (rates > limits.upper) & ((tail <= 0.001) | (rates > 1))
    return np.where(rates < limits.lower, -1, is_above.astype(int)).tolist()


def _span(low: float, high: float) -> float:
    return 0.0 if np.isnan(low) else high - low


def _apart(span: float, metric: Metric, language: str) -> str:
    if metric.unit == "share":
        return wording.points(span, language)
    return f"{span:.2f}"
