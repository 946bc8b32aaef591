"""Figures of the topics: three cumulative curves, and who has spoken so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry, month_end
from reports.figures import style
from reports.figures.style import Picture
from reports.words import catalogue, sentences, wording

TOPIC_COLOURS = ("#4c7fc0", style.DONE, "#8b6fc4")
# Darker and denser the later: a printout in grey still tells them apart.
OUTCOME_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "n_in_time": {"color": style.DONE},
    "n_in_window": {"color": "#c9a227", "pattern": {"shape": "/", "solidity": 0.3}},
    "n_later": {"color": style.HOT, "pattern": {"shape": "x", "solidity": 0.3}},
    "n_unknown": {"color": style.NEUTRAL, "pattern": {"shape": ".", "solidity": 0.3}},
    "n_not_done": {"color": style.BAND},
}
TEXTS = catalogue.texts("topics_and_speaking.figures")


def topic_curves(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Cumulative coverage of each topic, with its window as a band and its due date.

    Parameters
    ----------
    frames
        Metric id of a topic to `read_rates` by month, of the city or of one place.

    Returns
    -------
    Picture
        Points stand at the ends of months; customdata is [metric id, month].
    """
    texts = TEXTS[language]
    title = texts["curves"]
    footnote = style.origin(snapshot, language)
    labels = {topic.metric: topic for topic in registry.calendar.topics}
    data, shapes, notes, spoken, rates = [], [], [], [], []
    for position, (metric_id, frame) in enumerate(frames.items()):
        metric = registry.metrics[metric_id]
        colour = TOPIC_COLOURS[position % len(TOPIC_COLOURS)]
        # A month without a figure stays a gap: a line across it would be made up.
        rows = sorted(style.records(frame), key=lambda row: row["month"])
        name = wording.in_language(labels.get(metric_id, metric), "label", language)
        known = [row for row in rows if row["rate"] is not None]
        rates += [row["rate"] for row in known]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": style.escape(name),
                "x": [month_end(row["month"]).isoformat() for row in rows],
                "y": [row["rate"] for row in rows],
                "line": {"color": colour, "width": 2.5},
                "marker": {"color": colour, "size": 8},
                "cliponaxis": False,
                "customdata": [[metric_id, row["month"]] for row in rows],
                "hovertext": [
                    style.escape(
                        f"{name} {wording.month_name(row['month'], language)} "
                        f"{wording.percent(row['rate'])}"
                    )
                    + f"<br>{wording.number(row['numerator'])} / "
                    f"{wording.number(row['denominator'])}"
                    for row in rows
                ],
                "hoverinfo": "text",
            }
        )
        if metric.window:
            shapes.append(_band(metric.window.start, metric.window.end, colour))
            notes.append(
                style.label(
                    f"<b>{style.escape(name)}</b>",
                    metric.window.start.isoformat(),
                    1,
                    yref="paper",
                    xanchor="left",
                    yanchor="bottom",
                    xshift=2,
                    font={"color": colour, "size": style.TEXT_SIZE},
                )
            )
        if metric.due:
            due = metric.due.isoformat()
            shapes.append(
                style.line(due, 0, due, 1, colour, "dash", yref="paper", width=1.5)
            )
            notes.append(
                style.label(
                    texts["due"].format(day=wording.day_name(metric.due, language)),
                    due,
                    0,
                    yref="paper",
                    xanchor="right",
                    yanchor="bottom",
                    xshift=-3,
                    font={"color": colour},
                )
            )
        last = known[-1] if known else None
        value = wording.percent(last["rate"]) if last else wording.UNDEFINED
        spoken.append(f"{name} {value}")
    if not rates:
        return style.empty(title, language, footnote)
    arrangement = style.layout(
        title,
        texts["curves_sub"],
        height=380,
        left=48,
        right=14,
        top=style.TOP + 18,
        footnote=footnote,
        xaxis=_time_axis(registry, language),
        yaxis=style.share_axis(max(rates)),
        shapes=shapes,
        annotations=notes,
    )
    return Picture(data, arrangement, f"{title}: {', '.join(spoken)}")


def topic_outcomes(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """What became of each topic: a bar of what was in time, made up for and not done.

    Parameters
    ----------
    rows
        `topics_and_speaking.outcome_rows`.

    Returns
    -------
    Picture
        Colour and hatching stand for one outcome each, and the words below the bar
        say the same; customdata is [metric id].
    """
    texts = TEXTS[language]
    footnote = style.origin(snapshot, language)
    found = style.records(rows)
    if not found:
        return style.empty(texts["outcomes"], language, footnote)
    labels = {topic.metric: topic for topic in registry.calendar.topics}
    notes, spoken = [], []
    for position, row in enumerate(found):
        metric = registry.metrics[row["metric"]]
        name = wording.in_language(labels[metric.id], "label", language)
        parts = [
            texts["part"].format(
                word=texts[outcome],
                n=wording.number(row[outcome]),
                share=wording.percent(row[outcome] / row["total"]),
            )
            for outcome in OUTCOME_LOOKS
            if row[outcome]
        ]
        told = texts["joiner"].join(parts)
        spoken.append(texts["outcome"].format(name=name, parts=told))
        heading = texts["due_then"].format(
            name=name,
            day=wording.day_name(metric.due, language),
            ledger=wording.month_tick(row["ledger_month"], language),
        )
        common = {"yref": "y", "xanchor": "left"}
        for text, where in (
            (heading, {"yanchor": "bottom", "yshift": 11}),
            (told, {"yanchor": "top", "yshift": -11}),
        ):
            notes.append(
                style.label(style.escape(text), 0, position, **common, **where)
            )
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": texts[outcome],
            "y": list(range(len(found))),
            "x": [row[outcome] / row["total"] for row in found],
            "width": 0.26,
            "marker": look,
            "customdata": [[row["metric"]] for row in found],
            "hovertext": [style.escape(text) for text in spoken],
            "hoverinfo": "text",
        }
        for outcome, look in OUTCOME_LOOKS.items()
        if any(row[outcome] for row in found)
    ]
    arrangement = style.layout(
        texts["outcomes"],
        texts["outcomes_sub"],
        height=style.TOP + 60 + 84 * len(found),
        footnote=footnote,
        left=8,
        right=12,
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top"},
        xaxis=style.share_axis(showticklabels=False, showgrid=False),
        yaxis=style.axis(
            range=[len(found) - 0.5, -0.5], showticklabels=False, showgrid=False
        ),
        annotations=notes,
    )
    return Picture(traces, arrangement, f"{texts['outcomes']}: {' '.join(spoken)}")


def speaking_steps(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    bounds: pd.DataFrame | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Who has spoken so far, against the steps 1/3, 2/3 and 1.

    Parameters
    ----------
    frame
        `read_rates` by month of the share of ordinary members who have spoken.
    bounds
        Columns month, lower, upper (0–1) where only speakers per topic are known:
        max ≤ distinct ≤ min(members, sum).

    Returns
    -------
    Picture
        The red steps rise at each due date; a band shows the bounds.
    """
    texts = TEXTS[language]
    title = texts["steps"]
    footnote = style.origin(snapshot, language)
    every = sorted(style.records(frame), key=lambda row: row["month"])
    rows = [row for row in every if row["rate"] is not None]
    limits = style.records(bounds) if bounds is not None else []
    limits = sorted(
        (row for row in limits if row["lower"] is not None), key=lambda r: r["month"]
    )
    if not rows and not limits:
        return style.empty(title, language, footnote)
    data: list[dict[str, Any]] = []
    if limits:
        ends = [month_end(row["month"]).isoformat() for row in limits]
        edge = {"width": 1, "color": style.PALE}
        common = {"type": "scatter", "mode": "lines", "line": edge, "x": ends}
        hover = [
            style.escape(
                sentences.speaking_bounds(row["lower"], row["upper"], language)
            )
            for row in limits
        ]
        shown = {"hovertext": hover, "hoverinfo": "text"}
        data.append({**common, "y": [row["lower"] for row in limits], **shown})
        data.append(
            {
                **common,
                "y": [row["upper"] for row in limits],
                "fill": "tonexty",
                "fillcolor": style.BAND,
                **shown,
            }
        )
    steps_x, steps_y, notes = _steps(metric, registry, language)
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": steps_x,
            "y": steps_y,
            "line": {"color": style.TARGET, "width": 2, "shape": "hv"},
            "hoverinfo": "skip",
        }
    )
    data.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [month_end(row["month"]).isoformat() for row in every],
            "y": [row["rate"] for row in every],
            "line": {"color": style.DONE, "width": 2.5},
            "marker": {"color": style.DONE, "size": 8},
            "cliponaxis": False,
            "customdata": [[row["month"]] for row in every],
            "hovertext": [
                style.escape(
                    f"{wording.month_name(row['month'], language)} "
                    + texts["spoke"].format(value=wording.percent(row["rate"]))
                )
                + f"<br>{wording.number(row['numerator'])} / "
                f"{wording.number(row['denominator'])}"
                for row in every
            ],
            "hoverinfo": "text",
        }
    )
    subtitle = texts["steps_sub"]
    if limits:
        subtitle += f"<br>{texts['steps_bounds']}"
    most = max([1.0, *(row["rate"] for row in rows)])
    arrangement = style.layout(
        title,
        subtitle,
        height=380,
        left=48,
        right=14,
        top=style.TOP + (18 if limits else 0),
        footnote=footnote,
        xaxis=_time_axis(registry, language),
        yaxis=style.share_axis(most, tickvals=[0, 1 / 3, 2 / 3, 1]),
        annotations=notes,
    )
    spoken = ""
    if rows:
        clause = sentences.still_missing(
            metric,
            rows[-1]["numerator"],
            rows[-1]["denominator"],
            language,
            month=rows[-1]["month"],
        )
        spoken = sentences.named(metric, clause, language)
    if limits:
        last = limits[-1]
        spoken += sentences.speaking_bounds(last["lower"], last["upper"], language)
    return Picture(data, arrangement, f"{title}: {spoken}")


def _steps(
    metric: Metric, registry: Registry, language: str
) -> tuple[list[str], list[float], list[dict]]:
    """What is demanded over time: 0 up to the first due date, then step by step."""
    first = date.fromisoformat(f"{registry.calendar.start}-01")
    x, y, notes = [first.isoformat()], [0.0], []
    for milestone in metric.milestones:
        if milestone.due is None:
            y[0] = milestone.target
            continue
        x.append(milestone.due.isoformat())
        y.append(milestone.target)
        notes.append(
            style.label(
                wording.day_name(milestone.due, language),
                milestone.due.isoformat(),
                milestone.target,
                xanchor="right",
                yanchor="bottom",
                xshift=-4,
                yshift=-4,
                font={"color": style.TARGET},
            )
        )
    x.append(month_end(registry.calendar.end).isoformat())
    y.append(y[-1])
    return x, y, notes


def _time_axis(registry: Registry, language: str) -> dict[str, Any]:
    """The campaign from its first to its last day, a label in each month's middle."""
    months = registry.calendar.months
    end = month_end(months[-1]).isoformat()
    return style.axis(
        type="date",
        range=[f"{months[0]}-01", f"{end} 23:59"],
        tickvals=[f"{month}-15" for month in months],
        ticktext=[wording.month_tick(month, language) for month in months],
        showgrid=False,
    )


def _band(start: date, end: date, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": start.isoformat(),
        "x1": f"{end.isoformat()} 23:59",
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": colour,
        "opacity": 0.1,
        "line": {"width": 0},
        "layer": "below",
    }
