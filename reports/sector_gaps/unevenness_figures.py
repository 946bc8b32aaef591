"""Figures of unevenness: how far places lie apart, whether by chance, and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from reports.figures.style import Picture
from reports.sector_gaps.figures import missing_pareto
from reports.words import catalogue, sentences, wording

# Above it the limits of a funnel collapse into its line: counts are shown instead.
FUNNEL_CEILING = 0.97
TEXTS = catalogue.texts("sector_gaps.unevenness_figures")
MIN_ESTIMATE, MIN_FIRM = 10, 30
MOST_NAMED = 8


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
    title = texts["equiplot"].format(metric=label)
    footnote = style.origin(snapshot, language)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    if not rows:
        return style.empty(title, language, footnote)
    ends: dict[str, tuple[float, float]] = {}
    for row in rows:
        low, high = ends.get(row["unit"], (np.nan, np.nan))
        if row["denominator"] >= MIN_NAMED:
            low, high = np.fmin(low, row["rate"]), np.fmax(high, row["rate"])
        ends[row["unit"]] = (float(low), float(high))
    spread = {unit: _span(low, high) for unit, (low, high) in ends.items()}
    units = sorted(spread, key=lambda unit: (-spread[unit], unit))
    place = {unit: position for position, unit in enumerate(units)}
    names = [wording.place_name(registry, "unit", unit, language) for unit in units]
    shapes = [
        style.line(*(ends[u][0], place[u], ends[u][1], place[u]), style.PALE, width=3)
        for u in units
        if spread[u] > 0
    ]
    data = []
    for code in registry.sectors:
        dots = [row for row in rows if row["sector"] == code]
        if not dots:
            continue
        sector = wording.place_name(registry, "sector", code, language, is_short=True)
        colour = style.SECTORS.get(code, style.NEUTRAL)
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": style.escape(sector),
                "x": [row["rate"] for row in dots],
                "y": [place[row["unit"]] for row in dots],
                "marker": {
                    "size": 11,
                    "color": colour,
                    "symbol": [
                        "circle" if row["denominator"] >= MIN_NAMED else "circle-open"
                        for row in dots
                    ],
                    "line": {"width": 1.5, "color": colour},
                },
                "cliponaxis": False,
                "customdata": [[row["unit"], code] for row in dots],
                "hovertext": [
                    style.escape(
                        f"{names[place[row['unit']]]} {sector} "
                        f"{wording.rate_text(row['rate'], metric.unit)}"
                    )
                    + f"<br>{wording.number(row['numerator'])} / "
                    f"{wording.number(row['denominator'])}"
                    for row in dots
                ],
                "hoverinfo": "text",
            }
        )
    marks = [
        f"<span style='color:{trace['marker']['color']}'>●</span> {trace['name']}"
        for trace in data
    ]
    if any(row["denominator"] < MIN_NAMED for row in rows):
        marks.append(f"○ {texts['small'].format(n=MIN_NAMED)}")
    lines = ["  ".join(marks[at : at + 4]) for at in range(0, len(marks), 4)]
    arrangement = style.layout(
        title,
        "<br>".join((wording.month_name(month, language), *lines)),
        height=style.TOP + 16 * len(lines) + 28 * len(units) + style.BOTTOM,
        top=style.TOP + 16 * len(lines),
        left=style.left_margin(names),
        right=20,
        footnote=footnote,
        xaxis=style.dot_axis(metric.unit, [row["rate"] for row in rows]),
        yaxis=style.name_axis(names, range(len(units))),
        shapes=shapes,
    )
    first = texts["spread"].format(points=_apart(spread[units[0]], metric, language))
    return Picture(data, arrangement, f"{title}: {names[0]} {first}")


def unevenness_trend(
    trace: pd.DataFrame,
    metric: Metric,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """The rate above, the unevenness below: does the gap close while the mean rises?

    Parameters
    ----------
    trace
        `unevenness.trace_unevenness`: indexed by month, rate (0–1) and
        mean_distance_points.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["trend"].format(metric=label)
    footnote = style.origin(snapshot, language)
    months = [str(month) for month in trace.index]
    if not months:
        return style.empty(title, language, footnote)
    rates = [None if wording.is_missing(v) else float(v) for v in trace["rate"]]
    distances = [
        None if wording.is_missing(v) else float(v)
        for v in trace["mean_distance_points"]
    ]
    names = [wording.month_name(month, language) for month in months]
    shown = [wording.points(_over(d, 100), language) for d in distances]
    data = [
        _month_trace(
            months,
            rates,
            style.DONE,
            [
                f"{n} {texts['rate']} {wording.rate_text(r, metric.unit)}"
                for n, r in zip(names, rates, strict=True)
            ],
        ),
        _month_trace(
            months,
            distances,
            style.HOT,
            [f"{n} {texts['distance']} {d}" for n, d in zip(names, shown, strict=True)],
        )
        | {"yaxis": "y2", "fill": "tozeroy", "fillcolor": style.BAND},
    ]
    widest = max((d for d in distances if d is not None), default=1.0)
    arrangement = style.layout(
        title,
        texts["trend_sub"],
        height=style.TOP + 300 + style.BOTTOM,
        left=48,
        footnote=footnote,
        xaxis=style.month_axis(months, language, anchor="y2"),
        yaxis=style.metric_axis(metric.unit, rates, domain=[0.5, 1]),
        yaxis2=style.axis(domain=[0, 0.38], range=[0, widest * 1.15 or 1], nticks=4),
    )
    last = wording.rate_text(rates[-1], metric.unit)
    spoken = (
        f"{texts['rate']} {wording.rate_text(rates[0], metric.unit)} → {last}; "
        f"{texts['distance']} {shown[0]} → {shown[-1]}"
    )
    return Picture(data, arrangement, f"{title}: {spoken}")


def funnel(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    by: tuple[str, ...] = ("unit",),
    city: float | None = None,
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
        The rate in the middle (0–1); None: the ratio of the frame's own sums. An
        estimate needs it told: its raw sums are not weighted.
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
    title = texts["funnel"].format(metric=label)
    footnote = style.origin(snapshot, language)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    total = sum(row["denominator"] for row in rows)
    if not total:
        return style.empty(title, language, footnote)
    if len(rows) == 1:
        spoken = sentences.TEXTS[language]["one_place"]
        return style.empty(title, language, footnote, spoken)
    if city is None:
        city = sum(row["numerator"] for row in rows) / total
    is_estimate = "std_error" in frame
    kind = "counted"
    if is_estimate or metric.is_clustered:
        kind = "checked" if is_estimate else "heads"
    if city >= FUNNEL_CEILING and not is_estimate:
        about = {"month": month, "by": by, "caveat": caveat, "snapshot": snapshot}
        return missing_pareto(frame, metric, registry, language, **about)
    sizes = [row["denominator"] for row in rows]
    if is_estimate:
        errors = [row["std_error"] or 0.0 for row in rows]
        effective = effective_size([row["rate"] for row in rows], errors, sizes)
    else:
        places = pd.DataFrame([{name: row[name] for name in by} for row in rows])
        effects = place_effects(places, metric, spread, **(fixed or {}))
        effective = np.array(sizes) / effects
    # Rounded down: exact limits are for whole numbers.
    sizes = np.maximum(np.floor(effective + ROUNDING), 1).tolist()
    grid = np.unique(
        np.geomspace(max(1, min(sizes) * 0.9), max(sizes) * 1.1, 80).round()
    )
    data = []
    inner, outer = (funnel_limits(grid, city, coverage) for coverage in (0.95, 0.998))
    curves = [(inner, style.NEUTRAL, "solid", 1), (outer, style.CITY, "solid", 1.5)]
    if len(rows) >= 3:
        counts = [min(r["rate"], 1.0) * n for r, n in zip(rows, sizes, strict=True)]
        spread = measure_over_dispersion(counts, sizes)
        widened = over_dispersed_limits(grid, city, spread.tau2)
        curves.append((widened, style.CITY, "dash", 1.2))
    for limits, colour, dash, width in curves:
        for side in limits:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": grid.tolist(),
                    "y": [None if np.isnan(v) else float(v) for v in side],
                    "line": {"color": colour, "dash": dash, "width": width},
                    "hoverinfo": "skip",
                }
            )
    outside = _outside([row["rate"] for row in rows], sizes, city)
    names = [
        wording.cell_name(registry, by, tuple(row[name] for name in by), language)
        for row in rows
    ]
    colours = {-1: style.COLD, 0: style.NEUTRAL, 1: style.HOT}
    # Where most lie outside, only the farthest are named on the drawing.
    farthest = sorted(
        (at for at, side in enumerate(outside) if side),
        key=lambda at: -abs(rows[at]["rate"] - city) * sizes[at] ** 0.5,
    )
    told_apart = set(farthest[:MOST_NAMED])
    data.append(
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": sizes,
            "y": [row["rate"] for row in rows],
            "marker": {
                "size": 10,
                "color": [colours[side] for side in outside],
                "line": {"color": style.EDGE, "width": 1},
            },
            "text": [
                style.escape(wording.shorten(name, 14)) if at in told_apart else ""
                for at, name in enumerate(names)
            ],
            # A name at the right edge would be cut off.
            "textposition": [
                "top left" if size > max(sizes) / 2 else "top center" for size in sizes
            ],
            "textfont": {"size": style.SMALL_SIZE},
            "customdata": [[row[name] for name in by] for row in rows],
            "hovertext": [
                texts[f"funnel_{kind}"].format(
                    name=style.escape(name),
                    rate=wording.percent(row["rate"]),
                    numerator=wording.number(row["numerator"]),
                    denominator=wording.number(row["denominator"]),
                    size=wording.number(size),
                )
                for name, row, size in zip(names, rows, sizes, strict=True)
            ],
            "hoverinfo": "text",
            "cliponaxis": False,
        }
    )
    lowest = min(row["rate"] for row in rows)
    highest = max(1.0, *(row["rate"] for row in rows))
    size = registry.label(metric.denominator, language)
    if kind != "counted":
        size = texts[f"size_{kind}"].format(size=size)
    arrangement = style.layout(
        title,
        texts["funnel_sub"],
        height=style.TOP + 340 + style.BOTTOM + 16,
        left=52,
        right=20,
        bottom=style.BOTTOM + 16,
        footnote=footnote,
        xaxis=style.axis(
            type="log",
            title={"text": style.escape(texts["size"].format(size=size))},
            showgrid=False,
            tickvals=_round_sizes(grid),
            tickformat=",d",
        ),
        yaxis=style.axis(
            range=[max(0.0, lowest - 0.08), highest + 0.04], tickformat=".0%", nticks=6
        ),
        shapes=[style.line(0, city, 1, city, style.CITY, "dot", xref="paper")],
    )
    told = ", ".join(
        f"{name} {wording.percent(row['rate'])}"
        for name, row, side in zip(names, rows, outside, strict=True)
        if side
    )
    spoken = f"{wording.CITY[language]} {wording.percent(city)}"
    return Picture(data, arrangement, f"{title}: {spoken}; {told or '–'}")


def dumbbell(
    reported: pd.DataFrame,
    verified: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    dimension: str = "unit",
    snapshot: Snapshot | None = None,
) -> Picture:
    """What is reported and what checks support, side by side for each place.

    Parameters
    ----------
    reported, verified
        `read_rates` of one month by `dimension` on either basis; the verified one
        brings lower, upper and what was reported before the checks. Under ten checks
        there is no estimate, under thirty it is starred.

    Returns
    -------
    Picture
        Largest gap first; customdata is [code].
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["dumbbell"].format(metric=label)
    footnote = style.origin(snapshot, language)
    checked = {row[dimension]: row for row in style.records(verified)}
    rows = []
    for row in style.records(reported):
        check = checked.get(row[dimension], {})
        is_known = (check.get("denominator") or 0) >= MIN_ESTIMATE
        estimate = check.get("rate") if is_known else None
        is_missing = row["rate"] is None
        if is_missing and estimate is None:
            continue
        # What was claimed before the checks is what they speak of; without such a
        # ledger the later one is drawn alone and no line joins the two.
        before = check.get("reported_before")
        stated = row["rate"] if is_missing or before is None else before
        is_open = is_missing or estimate is None or before is None
        gap = None if is_open else before - estimate
        rows.append((row[dimension], stated, estimate, gap, check))
    if not rows:
        return style.empty(title, language, footnote)
    rows.sort(key=lambda row: (row[3] is None, -(row[3] or 0), row[0]))
    names = [
        wording.place_name(registry, dimension, code, language, is_short=True)
        + ("*" if estimate is not None and check["denominator"] < MIN_FIRM else "")
        for code, _, estimate, _, check in rows
    ]
    positions = list(range(len(rows)))
    known = [i for i in positions if rows[i][2] is not None]
    filed = [i for i in positions if rows[i][1] is not None]
    shapes = [
        style.line(*(rows[i][1], i, rows[i][2], i), style.PALE, width=4)
        for i in known
        if rows[i][3] is not None
    ]
    every = [rows[i][1] for i in filed]
    lows = [*every, *(rows[i][4]["lower"] or rows[i][2] for i in known)]
    start = max(0.0, int((min(lows) - 0.03) * 20) / 20)
    end = max(1.0, *every) + 0.01
    few = []
    for i in positions:
        _, rate, estimate, _, check = rows[i]
        if rate is None:
            beside = (wording.NOT_REPORTED[language], check["lower"])
        elif estimate is None:
            beside = (_fraction(check, texts), rate)
        else:
            continue
        # Towards the middle, where nothing else is drawn.
        is_right = rate is None or rate > (start + end) / 2
        side = {"xanchor": "right", "xshift": -10}
        side = side if is_right else {"xanchor": "left", "xshift": 10}
        few.append(style.label(*beside, i, **side))
    hover = []
    for name, (_, rate, estimate, _, check) in zip(names, rows, strict=True):
        stated = (
            wording.NOT_REPORTED[language] if rate is None else wording.percent(rate)
        )
        parts = [f"{name}: {texts['reported']} {stated}"]
        if estimate is None:
            parts.append(f"{_fraction(check, texts)}; {texts['too_few']}")
        else:
            parts.append(
                f"{texts['verified']} {wording.percent(estimate)} "
                f"({wording.number(check['numerator'])} / "
                f"{wording.number(check['denominator'])})"
            )
            parts.append(
                texts["limits"].format(
                    lower=wording.percent(check["lower"]),
                    upper=wording.percent(check["upper"]),
                )
            )
        hover.append("<br>".join(map(style.escape, parts)))
    common = {"type": "scatter", "mode": "markers", "hoverinfo": "text"}
    data = [
        {
            **common,
            "x": [rows[i][2] for i in known],
            "y": known,
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [_length(rows[i][2], rows[i][4]["upper"]) for i in known],
                "arrayminus": [_length(rows[i][4]["lower"], rows[i][2]) for i in known],
                "color": style.DONE,
                "thickness": 1.2,
                "width": 4,
            },
            "marker": {"size": 11, "color": style.DONE},
            "cliponaxis": False,
            "customdata": [[rows[i][0]] for i in known],
            "hovertext": [hover[i] for i in known],
        },
        {
            **common,
            "x": [rows[i][1] for i in filed],
            "y": filed,
            "marker": {"size": 10, "color": style.CITY, "symbol": "diamond"},
            "cliponaxis": False,
            "customdata": [[rows[i][0]] for i in filed],
            "hovertext": [hover[i] for i in filed],
        },
    ]
    subtitle = texts["dumbbell_sub"].format(
        reported=f"<span style='color:{style.CITY}'>◆</span>",
        verified=f"<span style='color:{style.DONE}'>●</span>",
    )
    if any(name.endswith("*") for name in names):
        subtitle += f"<br>{texts['few']}"
    arrangement = style.layout(
        title,
        subtitle,
        height=style.TOP + 14 + 28 * len(rows) + style.BOTTOM,
        top=style.TOP + 14,
        left=style.left_margin(names),
        right=24,
        footnote=footnote,
        xaxis=style.axis(range=[start, end], tickformat=".0%", nticks=6),
        yaxis=style.name_axis(names, positions),
        shapes=shapes,
        annotations=few,
    )
    spoken = ", ".join(
        f"{name} {wording.percent(rate)} → "
        + (_fraction(check, texts) if estimate is None else wording.percent(estimate))
        for name, (_, rate, estimate, _, check) in zip(names, rows, strict=True)
    )
    when = wording.month_name(month, language)
    return Picture(data, arrangement, f"{title}, {when}: {spoken}")


def _fraction(check: Mapping, texts: Mapping[str, str]) -> str:
    """What checks too few for a rate found: '7 / 9 核实'."""
    if not check.get("denominator"):
        return texts["unchecked"]
    return texts["fraction"].format(
        confirmed=wording.number(check.get("numerator", 0)),
        checked=wording.number(check.get("denominator", 0)),
    )


def _month_trace(
    months: Sequence[str], values: Sequence[float | None], colour: str, hover: list[str]
) -> dict:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(months),
        "y": list(values),
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 7},
        "customdata": [[month] for month in months],
        "hovertext": [style.escape(text) for text in hover],
        "hoverinfo": "text",
    }


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


def _round_sizes(grid: np.ndarray) -> list[int]:
    """1, 2, 5, 10, 20 … as far as the sizes reach."""
    steps = [head * 10**power for power in range(7) for head in (1, 2, 5)]
    return [size for size in steps if grid[0] <= size <= grid[-1]]


def _span(low: float, high: float) -> float:
    return 0.0 if np.isnan(low) else high - low


def _apart(span: float, metric: Metric, language: str) -> str:
    if metric.unit == "share":
        return wording.points(span, language)
    return f"{span:.2f}"


def _over(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


def _length(start: float | None, end: float | None) -> float:
    """Of one arm of an interval, 0 where there is none."""
    return 0.0 if start is None or end is None else max(0.0, end - start)
