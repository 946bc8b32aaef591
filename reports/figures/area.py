"""Figures of one place: where it stands on every metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.cold_cells import compare_with_city
from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports import wording
from reports.figures import style
from reports.figures.style import Picture

ROW = 64  # pixels
DIFFERS_COLOURS: Mapping[str | None, str] = {
    "above": style.HOT,
    "below": style.COLD,
    "no": style.NEUTRAL,
    None: style.NEUTRAL,
}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "profile": "{unit}:各项指标",
        "profile_sub": "{month};灰带为各单位的中间一半,灰线全市,红线目标",
        "above": "高于全市",
        "below": "低于全市",
        "no": "与全市无明显差别",
        "unknown": "不作比较",
        "rank": "第 {rank} / {n} 位",
        "scale": "右端 {most}",
        "city": "全市 {value}",
        "quartiles": "中间一半 {lower}–{upper}",
    },
    "en": {
        "profile": "{unit}: every metric",
        "profile_sub": "{month}; band: middle half of units, grey: city, red: target",
        "above": "above the city",
        "below": "below the city",
        "no": "no clear difference",
        "unknown": "not compared",
        "rank": "rank {rank} of {n}",
        "scale": "full width {most}",
        "city": "city {value}",
        "quartiles": "middle half {lower}–{upper}",
    },
}


def profile_rows(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    unit: str,
    month: str,
    city: Mapping[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One unit on every metric: its value among all units, the city and the target.

    Parameters
    ----------
    frames
        Metric id to `read_rates` by unit for the month, all units, in the order to
        show.
    city
        Metric id to the city's row of the month.
    before
        Metric id to `read_rates` by unit for the month before: gives the arrows.

    Returns
    -------
    Picture
        A rank is never shown without whether the unit differs from the rest of the
        city (`cold_cells.compare_with_city`; shares only). Shares run from 0 to
        100 %, other metrics from 0 to the largest unit. customdata is [metric id].
    """
    texts = TEXTS[language]
    name = wording.place_name(registry, "unit", unit, language)
    title = texts["profile"].format(unit=name)
    footnote = style.origin(snapshot, language)
    bands, shapes, notes, spoken = [], [], [], []
    dots: list[dict[str, Any]] = []
    for metric_id, frame in frames.items():
        metric = registry.metrics[metric_id]
        rates = frame["rate"].to_numpy(dtype=float, na_value=np.nan)
        known = rates[~np.isnan(rates)]
        mine = frame.index[frame["unit"] == unit]
        value = float(rates[frame.index.get_loc(mine[0])]) if len(mine) else np.nan
        position = len(dots)
        most = 1.0 if metric.unit == "share" else float(max(known, default=1.0)) or 1.0
        differs = None
        if metric.unit == "share" and not metric.is_ceiling and len(mine):
            judged = compare_with_city(frame["numerator"], frame["denominator"])
            differs = judged.loc[mine[0], "differs"]
            differs = differs if isinstance(differs, str) else None
        city_rate = style.records(city[metric_id])[0]["rate"]
        milestone = wording.milestone_in(metric, month)
        lower, upper = (
            np.quantile(known, [0.25, 0.75]) if known.size else (np.nan, np.nan)
        )
        shown = wording.rate_text(value, metric.unit)
        standing = texts[differs or "unknown"]
        if differs is not None and metric.better != "none":
            ahead = known < value if metric.better == "lower" else known > value
            rank = texts["rank"].format(rank=int(ahead.sum()) + 1, n=known.size)
            standing = (
                f"{rank},{standing}" if language == "zh" else f"{rank}, {standing}"
            )
        arrow = _arrow(value, before, metric_id, unit)
        label = wording.in_language(metric, "label", language)
        spoken.append(f"{label} {shown} ({standing})")
        if known.size:
            bands.append(_rectangle(lower / most, upper / most, position))
        if city_rate is not None:
            at = city_rate / most
            shapes.append(_tick(at, position, style.CITY, 2.5))
        if milestone is not None and milestone.target / most <= 1.0:
            shapes.append(_tick(milestone.target / most, position, style.TARGET, 2.5))
        notes += _row_notes(
            label,
            f"{shown}{arrow}",
            standing
            if metric.unit == "share"
            else texts["scale"].format(most=wording.rate_text(most, metric.unit)),
            position,
        )
        lines = [
            f"{label} {shown}{arrow}",
            standing,
            texts["city"].format(value=wording.rate_text(city_rate, metric.unit)),
            texts["quartiles"].format(
                lower=wording.rate_text(lower, metric.unit),
                upper=wording.rate_text(upper, metric.unit),
            ),
        ]
        dots.append(
            {
                "x": None if np.isnan(value) else value / most,
                "y": position,
                "color": DIFFERS_COLOURS[differs],
                "customdata": [metric_id],
                "hover": "<br>".join(map(style.escape, lines)),
            }
        )
    if not dots:
        return style.empty(title, language, footnote)
    n = len(dots)
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [dot["x"] for dot in dots],
            "y": [dot["y"] for dot in dots],
            "marker": {
                "size": 14,
                "color": [dot["color"] for dot in dots],
                "line": {"color": style.EDGE, "width": 1.5},
            },
            "cliponaxis": False,
            "customdata": [dot["customdata"] for dot in dots],
            "hovertext": [dot["hover"] for dot in dots],
            "hoverinfo": "text",
        }
    ]
    tracks = [
        style.line(0, position, 1, position, style.GRID, width=6)
        for position in range(n)
    ]
    highest = max((dot["x"] for dot in dots if dot["x"] is not None), default=1.0)
    arrangement = style.layout(
        title,
        texts["profile_sub"].format(month=wording.month_name(month, language)),
        height=style.TOP + ROW * n + 40,
        left=14,
        right=16,
        bottom=40,
        footnote=footnote,
        xaxis=style.share_axis(highest, showgrid=False, showticklabels=False),
        yaxis=style.axis(range=[n - 0.5, -0.5], showgrid=False, showticklabels=False),
        shapes=[*tracks, *bands, *shapes],
        annotations=notes,
    )
    return Picture(data, arrangement, f"{title}: {'; '.join(spoken)}")


def _row_notes(label: str, value: str, standing: str, position: int) -> list[dict]:
    """Name and standing above the strip at the left, the value at the right."""
    above = {"yref": "y", "yanchor": "bottom", "yshift": 9, "xref": "paper"}
    size = {"size": style.TEXT_SIZE}
    return [
        style.label(
            style.escape(wording.shorten(label, 34)),
            0,
            position,
            xanchor="left",
            font=size,
            **above,
        ),
        style.label(
            f"<b>{style.escape(value)}</b>",
            1,
            position,
            xanchor="right",
            font={"size": 14},
            **above,
        ),
        style.label(
            style.escape(standing),
            0,
            position,
            xref="paper",
            xanchor="left",
            yanchor="top",
            yshift=-8,
            opacity=0.85,
        ),
    ]


def _arrow(
    value: float, before: Mapping[str, pd.DataFrame] | None, metric_id: str, unit: str
) -> str:
    """Up, down or level since the month before; '' where that is not known."""
    if before is None or metric_id not in before or np.isnan(value):
        return ""
    frame = before[metric_id]
    earlier = frame.loc[frame["unit"] == unit, "rate"]
    if not len(earlier) or wording.is_missing(earlier.iloc[0]):
        return ""
    moved = value - float(earlier.iloc[0])
    if abs(moved) < 0.0005:
        return " →"
    return " ↑" if moved > 0 else " ↓"


def _tick(at: float, position: int, colour: str, width: float) -> dict[str, Any]:
    return style.line(
        at, position - 0.15, at, position + 0.15, colour, width=width, layer="above"
    )


def _rectangle(x0: float, x1: float, position: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": float(x0),
        "x1": float(x1),
        "y0": position - 0.11,
        "y1": position + 0.11,
        "fillcolor": style.PALE,
        "opacity": 0.6,
        "line": {"width": 0},
        "layer": "below",
    }
