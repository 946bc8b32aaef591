"""Figures of the leaders' part: attending, speaking first, lecturing, and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.figures import style
from reports.figures.lines import panel
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
    title = texts["trends"]
    footnote = style.origin(snapshot, language)
    rows = {metric: style.records(frame) for metric, frame in frames.items()}
    months = sorted({row["month"] for found in rows.values() for row in found})
    if not months:
        return style.empty(title, language, footnote)
    n_down = -(-len(frames) // 2)
    gap_x, gap_y = 0.12, 0.36 / n_down
    width, depth = (1 - gap_x) / 2, (1 - gap_y * (n_down - 1)) / n_down
    data: list[dict] = []
    notes: list[dict] = []
    axes: dict[str, Any] = {}
    spoken = []
    codes: dict[str, str] = {}
    for number, (metric_id, found) in enumerate(rows.items()):
        metric = registry.metrics[metric_id]
        across, down = number % 2, number // 2
        x0, y1 = across * (width + gap_x), 1 - down * (depth + gap_y)
        suffix = "" if number == 0 else str(number + 1)
        dimension = next(
            (
                d
                for d in ("unit", "sector", "supervision_group")
                if found and d in found[0]
            ),
            None,
        )
        city_rows = style.records(city[metric_id])
        traces, _, figures = panel(
            found,
            city_rows,
            dimension,
            months,
            metric,
            registry,
            language,
            highlight=highlight,
            number=number,
            are_named=False,
        )
        data += traces
        for trace in traces:
            if trace["line"]["width"] == 2.5:
                codes[trace["name"]] = trace["line"]["color"]
        last = next(
            (r["rate"] for r in reversed(city_rows) if r["rate"] is not None), None
        )
        label = wording.in_language(metric, "label", language)
        value = wording.rate_text(last, metric.unit)
        notes.append(
            style.label(
                f"<b>{style.escape(wording.shorten(label, 24))}</b><br>"
                f"{wording.CITY[language]} {value}",
                x0,
                y1,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="bottom",
                yshift=4,
                align="left",
            )
        )
        axes[f"xaxis{suffix}"] = style.month_axis(
            months, language, domain=[x0, x0 + width], anchor=f"y{suffix}"
        )
        axes[f"xaxis{suffix}"]["tickvals"] = _some(months)
        axes[f"xaxis{suffix}"]["ticktext"] = [
            wording.month_tick(month, language) for month in _some(months)
        ]
        values = [row["rate"] for row in [*found, *city_rows]]
        here = {"domain": [max(0.0, y1 - depth), y1], "anchor": f"x{suffix}"}
        if metric.is_ceiling:
            # Far below 100 %: its own scale, or all lines lie on the ground.
            most = max((value for value in values if value is not None), default=1)
            ends = [0, min(1.0, most) * 1.08]
            axes[f"yaxis{suffix}"] = style.axis(
                range=ends, tickformat=".0%", nticks=4, **here
            )
        else:
            axes[f"yaxis{suffix}"] = style.metric_axis(metric.unit, values, **here)
            if metric.unit == "share":
                axes[f"yaxis{suffix}"]["tickvals"] = [0, 0.5, 1]
        spoken.append(f"{label} {figures[-1] if figures else value}")
    legend = [
        f"<span style='color:{colour}'>━</span> {name}"
        for name, colour in codes.items()
    ]
    # Three to a line: what a phone has room for.
    lines = ["  ".join(legend[at : at + 3]) for at in range(0, len(legend), 3)]
    arrangement = style.layout(
        title,
        "<br>".join((texts["trends_sub"], *lines)),
        height=style.TOP + 44 + 16 * len(lines) + 190 * n_down + style.BOTTOM,
        left=44,
        top=style.TOP + 44 + 16 * len(lines),
        footnote=footnote,
        annotations=notes,
        **axes,
    )
    return Picture(data, arrangement, f"{title}: {'; '.join(spoken)}")


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
    footnote = style.origin(snapshot, language)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    rows.sort(key=lambda row: -row["rate"])
    if not rows:
        return style.empty(texts["reach"], language, footnote)
    names = [
        wording.cell_name(registry, by, tuple(row[name] for name in by), language)
        for row in rows
    ]
    shares = [min(1.0, row["rate"]) for row in rows]
    hover = [
        sentences.reach_ceiling(metric, row["numerator"], row["denominator"], language)
        for row in rows
    ]
    n = len(rows)
    positions = list(range(n))
    notes = [
        style.label(
            f"<b>{texts['at_most'].format(share=wording.percent(share))}</b>",
            share,
            position,
            xanchor="left" if share < 0.6 else "right",
            xshift=6 if share < 0.6 else -6,
            font={"size": style.TEXT_SIZE}
            | ({} if share < 0.6 else {"color": style.ON_BAR}),
        )
        for position, share in enumerate(shares)
    ]
    if n == 1:
        left_out = max(0, rows[0]["denominator"] - rows[0]["numerator"])
        text = texts["untouched"].format(n=wording.number(left_out))
        notes.append(
            style.label(text, 1, 0, xanchor="right", yanchor="top", yshift=-24)
        )
    common = {"type": "bar", "orientation": "h", "y": positions, "width": 0.62}
    track = {"color": style.BAND, "pattern": {"shape": "/", "size": 6, "solidity": 0.3}}
    data = [
        {**common, "x": [1.0] * n, "marker": track, "hoverinfo": "skip"},
        {
            **common,
            "x": shares,
            "marker": {"color": style.DONE},
            "customdata": [[row[name] for name in by] for row in rows],
            "hovertext": [style.escape(text) for text in hover],
            "hoverinfo": "text",
        },
    ]
    arrangement = style.layout(
        texts["reach"],
        style.escape(hover[0]) if n == 1 else "",
        height=style.TOP + (90 if n == 1 else 30 * n) + style.BOTTOM,
        left=style.left_margin(names) if by else 12,
        footnote=footnote,
        barmode="overlay",
        xaxis=style.share_axis(showgrid=False, showticklabels=n > 1),
        yaxis=style.name_axis(names, positions, showticklabels=bool(by)),
        annotations=notes,
    )
    spoken = hover[0]
    if n > 1:
        spoken = ", ".join(
            texts["reach_row"].format(
                name=name, share=texts["at_most"].format(share=wording.percent(share))
            )
            for name, share in zip(names, shares, strict=True)
        )
    return Picture(data, arrangement, f"{texts['reach']}: {spoken}")


def _some(months: Sequence[str]) -> list[str]:
    """All of a few, else first, middle and last: what a narrow panel has room for."""
    if len(months) <= 4:
        return list(months)
    return list(dict.fromkeys((months[0], months[len(months) // 2], months[-1])))
