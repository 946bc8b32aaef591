"""Figures of the leaders' part: attending, speaking first, lecturing, and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.figures import lines, multiples, style
from reports.figures.bars import bars
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.words import catalogue, sentences, wording

TEXTS = catalogue.texts("leader_participation.trend_figures")


def leader_trends(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    city: Mapping[str, pd.DataFrame],
    highlight: Sequence[str] = (),
    snapshot: Snapshot | None = None,
) -> Picture:
    """A panel for each metric over the months, a line for each unit or sector.

    Parameters
    ----------
    frames
        Metric id to `read_rates` by month and unit, or by month and sector.
    city
        Metric id to `read_rates` by month.
    highlight
        Codes to colour; all when there are no more than six.
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["trends"], language, snapshot)
    rows = {metric: style.records(frame) for metric, frame in frames.items()}
    months = sorted({row["month"] for found in rows.values() for row in found})
    if not months:
        return sheet.empty()
    panels = multiples.grid(len(frames), 2, gap_x=0.12, gap_y=0.36)
    data, notes, spoken = [], [], []
    axes: dict[str, Any] = {}
    colors: dict[str, str] = {}
    for place, (metric_id, found) in zip(panels, rows.items(), strict=True):
        metric = registry.metrics[metric_id]
        city_rows = style.records(city[metric_id])
        about = (_dimension(found), months, metric, registry, language)
        traces, ends = lines.panel(
            found, city_rows, *about, highlight=highlight, **place.axes
        )
        data += traces
        for trace in traces:
            if trace["line"]["width"] == 2.5:
                colors[trace["name"]] = trace["line"]["color"]
        label = wording.in_language(metric, "label", language)
        last = lines.last_known([row["rate"] for row in city_rows])
        value = wording.rate_text(last, metric.unit)
        name = style.escape(wording.shorten(label, 24))
        notes.append(place.heading(name, f"{wording.CITY[language]} {value}", yshift=4))
        axes[f"xaxis{place.suffix}"] = place.months(months, _some(months), language)
        values = [row["rate"] for row in [*found, *city_rows]]
        axes[f"yaxis{place.suffix}"] = _rate_axis(metric, values, place)
        if ends:
            value = f"{ends[-1].name} {wording.rate_text(ends[-1].value, metric.unit)}"
        spoken.append(f"{label} {value}")
    # Three to a line: what a phone has room for.
    keys = [style.key(name, color, "━") for name, color in colors.items()]
    legend = style.key_lines(keys, 3)
    top = style.TOP + 44 + 16 * len(legend)
    n_down = -(-len(frames) // 2)
    return sheet.draw(
        data,
        wording.join(spoken, language, "clauses"),
        "<br>".join((texts["trends_sub"], *legend)),
        height=top + 190 * n_down + style.BOTTOM,
        left=44,
        top=top,
        annotations=notes,
        **axes,
    )


def _dimension(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """What rows are divided by, beside the month."""
    known = ("unit", "sector", "supervision_group")
    return next((name for name in known if rows and name in rows[0]), None)


def _rate_axis(
    metric: Metric, values: Sequence[float | None], place: multiples.Panel
) -> dict[str, Any]:
    """The upward axis of a metric's panel."""
    if metric.is_ceiling:
        # Far below 100 %: its own scale, or all lines lie on the ground.
        most = max((value for value in values if value is not None), default=1)
        ends = [0, min(1.0, most) * 1.08]
        return style.share_axis(range=ends, nticks=4, **place.upwards)
    ticks = {"tickvals": [0, 0.5, 1]} if metric.unit == "share" else {}
    return style.metric_axis(metric.unit, values, **ticks, **place.upwards)


def reach_ceiling(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    by: tuple[str, ...] = (),
    snapshot: Snapshot | None = None,
) -> Picture:
    """Lectures against branches: the share that can have been reached at most.

    Parameters
    ----------
    frame
        `read_rates` of the ceiling metric by `by`, one month: one row for the city,
        or a row for each unit or sector.

    Returns
    -------
    Picture
        The bar ends at min(100 %, lectures ÷ branches); what lies beyond it cannot
        have been reached. customdata holds the codes.
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["reach"], language, snapshot)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    rows.sort(key=lambda row: -row["rate"])
    if not rows:
        return sheet.empty()
    codes = [[row[name] for name in by] for row in rows]
    names = [wording.cell_name(registry, by, tuple(code), language) for code in codes]
    shares = [min(1.0, row["rate"]) for row in rows]
    ends = [texts["at_most"].format(share=wording.percent(share)) for share in shares]
    hovers = [
        sentences.reach_ceiling(metric, row["numerator"], row["denominator"], language)
        for row in rows
    ]
    notes = [
        _bar_label(text, share, position)
        for position, (text, share) in enumerate(zip(ends, shares, strict=True))
    ]
    is_one = len(rows) == 1
    spoken = hovers[0]
    if is_one:
        left_out = max(0, rows[0]["denominator"] - rows[0]["numerator"])
        text = texts["untouched"].format(n=wording.number(left_out))
        notes.append(
            style.label(text, 1, 0, xanchor="right", yanchor="top", yshift=-24)
        )
    else:
        pairs = zip(names, ends, strict=True)
        spoken = wording.join(
            (texts["reach_row"].format(name=name, share=end) for name, end in pairs),
            language,
        )
    stripes = {"pattern": {"shape": "/", "size": 6, "solidity": 0.3}}
    escaped = [style.escape(text) for text in hovers]
    shown = {"showticklabels": bool(by)}
    return sheet.draw_rows(
        [
            bars([1.0] * len(rows), style.BAND, width=0.62, marker=stripes),
            bars(shares, style.DONE, texts=escaped, codes=codes, width=0.62),
        ],
        names,
        spoken,
        escaped[0] if is_one else "",
        row=90 if is_one else 30,
        left=style.left_margin(names) if by else 12,
        barmode="overlay",
        xaxis=style.share_axis(showgrid=False, showticklabels=not is_one),
        yaxis=style.name_axis(names, range(len(rows)), **shown),
        annotations=notes,
    )


def _bar_label(text: str, share: float, position: int) -> dict[str, Any]:
    """Beside the end of a short bar, inside that of a long one."""
    if share < 0.6:
        place, ink = {"xanchor": "left", "xshift": 6}, {}
    else:
        place, ink = {"xanchor": "right", "xshift": -6}, {"color": style.ON_BAR}
    font = {"size": style.TEXT_SIZE, **ink}
    return style.label(f"<b>{text}</b>", share, position, font=font, **place)


def _some(months: Sequence[str]) -> list[str]:
    """All of a few, else first, middle and last: what a narrow panel has room for."""
    if len(months) <= 4:
        return list(months)
    return list(dict.fromkeys((months[0], months[len(months) // 2], months[-1])))
