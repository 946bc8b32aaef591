"""Figures of the topics: three cumulative curves, and who has spoken so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry, Topic, month_end
from reports.figures import style
from reports.figures.bars import bars
from reports.figures.lines import series
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.figures.titles import last_of
from reports.words import catalogue, sentences, wording

TOPIC_COLOURS = ("#4c7fc0", style.DONE, "#8b6fc4")
# Darker and denser the later: a printout in grey still tells them apart.
OUTCOME_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "share_in_time": {"color": style.DONE},
    "share_in_window": {
        "color": style.LATE,
        "pattern": {"shape": "/", "solidity": 0.3},
    },
    "share_later": {"color": style.HOT, "pattern": {"shape": "x", "solidity": 0.3}},
    "share_unknown": {
        "color": style.NEUTRAL,
        "pattern": {"shape": ".", "solidity": 0.3},
    },
    "share_not_done": {"color": style.BAND},
}
# What stands for them in the legend.
OUTCOME_SIGNS: Mapping[str, tuple[str, str]] = {
    "share_in_time": ("■", style.DONE),
    "share_in_window": ("▨", style.LATE),
    "share_later": ("▩", style.HOT),
    "share_unknown": ("▦", style.NEUTRAL),
    "share_not_done": ("□", style.NEUTRAL),
}
TEXTS = catalogue.texts("topics_and_speaking.figures")
# Called as the columns of their table are.
OUTCOME_WORDS = {
    name: catalogue.term(f"headings.column.{name}") for name in OUTCOME_LOOKS
}


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
    sheet = Sheet(texts["curves"], language, snapshot)
    labels = {topic.metric: topic for topic in registry.calendar.topics}
    data, shapes, notes, spoken, rates = [], [], [], [], []
    opened, last = [], ""
    for position, (metric_id, frame) in enumerate(frames.items()):
        metric = registry.metrics[metric_id]
        color = TOPIC_COLOURS[position % len(TOPIC_COLOURS)]
        # A month without a figure stays a gap: a line across it would be made up.
        rows = sorted(style.records(frame), key=lambda row: row["month"])
        name = wording.in_language(labels.get(metric_id, metric), "label", language)
        hovers = [f"{name} {_said(row, language)}" for row in rows]
        curve = _month_ends(rows, color, hovers)
        codes = [[metric_id, row["month"]] for row in rows]
        data.append(curve | {"name": style.escape(name), "customdata": codes})
        drawn, named = _window_and_due(metric, name, color, language)
        shapes += drawn
        notes += named
        known = [row["rate"] for row in rows if row["rate"] is not None]
        rates += known
        value = wording.percent(known[-1]) if known else wording.UNDEFINED
        spoken.append(f"{name} {value}")
        start = metric.window.start if metric.window else None
        if known and not (start and start > month_end(rows[-1]["month"])):
            opened.append(spoken[-1])
            heard = next(row for row in reversed(rows) if row["rate"] is not None)
            about = (heard["month"], rows[-1]["month"], language)
            last = last or sentences.last_ledger(*about)
    if not rates:
        return sheet.empty()
    if opened:
        sheet = sheet.titled(_by_ledger(wording.join(opened, language), last, language))
    return sheet.draw(
        data,
        wording.join(spoken, language),
        texts["curves_sub"],
        height=380 + style.LINE,
        left=48,
        right=14,
        top=style.TOP + 18 + style.LINE,
        xaxis=_time_axis(registry, language),
        yaxis=style.share_axis(max(rates)),
        shapes=shapes,
        annotations=notes,
    )


def _month_ends(
    rows: Sequence[Mapping[str, Any]], color: str, hovers: Sequence[str]
) -> dict[str, Any]:
    """A line with a dot at the end of each month, which says `hovers` and the sums."""
    return series(
        [month_end(row["month"]).isoformat() for row in rows],
        [row["rate"] for row in rows],
        color,
        size=8,
        texts=list(map(style.with_fraction, hovers, rows)),
    )


def _said(row: Mapping[str, Any], language: str) -> str:
    month = wording.month_name(row["month"], language)
    return f"{month} {wording.percent(row['rate'])}"


def _window_and_due(
    metric: Metric, name: str, color: str, language: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A topic's window as a named band and its due date as a named line.

    Both names stand above the drawing, where no curve strikes them through.
    """
    shapes, notes = [], []
    if metric.window:
        start, end = (
            day.isoformat() for day in (metric.window.start, metric.window.end)
        )
        shapes.append(style.band(start, f"{end} 23:59", color, opacity=0.1))
        place = {"xanchor": "left", "yanchor": "bottom", "xshift": 2}
        place["yshift"] = style.LINE - 2
        font = {"color": color, "size": style.TEXT_SIZE}
        text = f"<b>{style.escape(name)}</b>"
        notes.append(style.label(text, start, 1, yref="paper", font=font, **place))
    if metric.due:
        due = metric.due.isoformat()
        shapes.append(style.upright(due, color, "dash"))
        place = {"xanchor": "right", "yanchor": "bottom"}
        text = TEXTS[language]["due"].format(day=wording.day_name(metric.due, language))
        font = {"color": color}
        notes.append(style.label(text, due, 1, yref="paper", font=font, **place))
    return shapes, notes


def topic_outcomes(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    month: str = "",
    snapshot: Snapshot | None = None,
) -> Picture:
    """What became of each topic: a bar of what was in time, made up for and not done.

    Parameters
    ----------
    rows
        `topics_and_speaking.outcome_rows`.
    month
        The one that is looked at, where it may have no report.

    Returns
    -------
    Picture
        Colour and hatching stand for one outcome each, and the words below the bar
        say the same; customdata is [metric id].
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["outcomes"], language, snapshot)
    found = style.records(rows)
    if not found:
        return sheet.empty()
    labels = {topic.metric: topic for topic in registry.calendar.topics}
    sheet = sheet.titled(_outcome_title(found, labels, sheet.title, month, language))
    notes, spoken = [], []
    for position, row in enumerate(found):
        metric = registry.metrics[row["metric"]]
        name = wording.in_language(labels[metric.id], "label", language)
        parts = _outcome_parts(row, language)
        words = texts["joiner"].join(parts)
        spoken.append(texts["outcome"].format(name=name, parts=words))
        heading = texts["due_then"].format(
            name=name,
            day=wording.day_name(metric.due, language),
            ledger=wording.month_tick(row["ledger_month"], language),
        )
        notes += _outcome_notes(heading, parts, position, texts["joiner"])
    escaped, codes = list(map(style.escape, spoken)), [[r["metric"]] for r in found]
    occurring = [name for name in OUTCOME_LOOKS if any(row[name] for row in found)]
    keys = []
    for outcome in occurring:
        sign, color = OUTCOME_SIGNS[outcome]
        keys.append(style.key(OUTCOME_WORDS[outcome][language], color, sign))
    traces = [
        bars(
            [row[outcome] for row in found],
            OUTCOME_LOOKS[outcome]["color"],
            marker=OUTCOME_LOOKS[outcome],
            name=OUTCOME_WORDS[outcome][language],
            width=0.26,
            texts=escaped,
            codes=codes,
        )
        for outcome in occurring
    ]
    return sheet.draw_strips(
        traces,
        [1.0],
        " ".join(spoken),
        f"{texts['outcomes_sub']}<br>{'  '.join(keys)}",
        n_rows=len(found),
        height=style.TOP + style.LINE + 36 + 98 * len(found),
        top=style.TOP + style.LINE,
        barmode="stack",
        annotations=notes,
    )


def _outcome_title(
    found: Sequence[Mapping[str, Any]],
    labels: Mapping[str, Topic],
    plain: str,
    month: str,
    language: str,
) -> str:
    """The topic past its due day that most branches have still not done.

    Before the first due day the one that is due next.
    """
    undone = [r for r in found if r["n_not_done"]]
    late = [r for r in undone if r["month"] >= r["ledger_month"]]
    if not undone:
        return plain
    if late:
        key, row = "left", max(late, key=lambda one: one["n_not_done"])
    else:
        key, row = "to_do", min(undone, key=lambda one: one["due"])
    title = TEXTS[language][key].format(
        name=wording.in_language(labels[row["metric"]], "label", language),
        day=wording.day_name(date.fromisoformat(row["due"]), language),
        n=wording.number(row["n_not_done"]),
        share=wording.percent(row["share_not_done"]),
    )
    return _by_ledger(
        title, sentences.last_ledger(row["month"], month, language), language
    )


def _by_ledger(title: str, last: str, language: str) -> str:
    """A title that says whose figures it is of, where the month has no ledger."""
    return (
        TEXTS[language]["by_ledger"].format(title=title, last=last) if last else title
    )


def _outcome_notes(
    heading: str, parts: Sequence[str], position: int, joiner: str
) -> list[dict[str, Any]]:
    """What stands above and below the bar of a topic."""
    # A phone is as wide as two of them.
    lines = (joiner.join(half) for half in (parts[:2], parts[2:]) if half)
    below = f"{joiner.rstrip()}<br>".join(map(style.escape, lines))
    notes = []
    for text, anchor, shift in (
        (style.escape(heading), "bottom", 11),
        (below, "top", -11),
    ):
        place = {"xanchor": "left", "yanchor": anchor, "yshift": shift}
        notes.append(style.label(text, 0, position, yref="y", align="left", **place))
    return notes


def _outcome_parts(row: Mapping[str, Any], language: str) -> list[str]:
    """Every outcome that a branch has had: in words, which share; how many are left."""
    texts, parts = TEXTS[language], []
    for outcome in OUTCOME_LOOKS:
        if row[outcome]:
            key = "counted" if outcome == "share_not_done" else "part"
            word = OUTCOME_WORDS[outcome][language]
            # Inside a sentence, where a heading would begin one.
            words = {"word": word[0].lower() + word[1:]}
            words["share"] = wording.percent(row[outcome])
            n = wording.number(row["n_not_done"])
            parts.append(texts[key].format(n=n, **words))
    return parts


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
    sheet = Sheet(texts["steps"], language, snapshot)
    every = sorted(style.records(frame), key=lambda row: row["month"])
    rows = [row for row in every if row["rate"] is not None]
    limits = style.records(bounds) if bounds is not None else []
    limits = [row for row in limits if row["lower"] is not None]
    limits.sort(key=lambda row: row["month"])
    if not rows and not limits:
        return sheet.empty()
    ranges = [
        sentences.speaking_bounds(row["lower"], row["upper"], language)
        for row in limits
    ]
    steps, notes = _steps(metric, registry, language)
    hovers = [
        f"{wording.month_name(row['month'], language)} "
        + texts["spoke"].format(value=wording.percent(row["rate"]))
        for row in every
    ]
    curve = _month_ends(every, style.DONE, hovers)
    curve["customdata"] = [[row["month"]] for row in every]
    spoken, subtitle = "", texts["steps_sub"]
    if rows:
        by_month = {row["month"]: row["rate"] for row in rows}
        sheet = sheet.titled(last_of(by_month, metric, language, plain=sheet.title))
        last = rows[-1]
        counts = (last["numerator"], last["denominator"])
        clause = sentences.still_missing(metric, *counts, language, month=last["month"])
        spoken = sentences.named(metric, clause, language)
    if limits:
        spoken += ranges[-1]
        subtitle += f"<br>{texts['steps_bounds']}"
    most = max([1.0, *(row["rate"] for row in rows)])
    return sheet.draw(
        [*_bounds(limits, ranges), steps, curve],
        spoken,
        subtitle,
        height=380,
        left=48,
        right=14,
        top=style.TOP + (18 if limits else 0),
        xaxis=_time_axis(registry, language),
        yaxis=style.share_axis(most, tickvals=[0, 1 / 3, 2 / 3, 1]),
        annotations=notes,
    )


def _bounds(
    limits: Sequence[Mapping[str, Any]], hovers: Sequence[str]
) -> list[dict[str, Any]]:
    """Two thin lines with a band between them; nothing without limits."""
    if not limits:
        return []
    months = [month_end(row["month"]).isoformat() for row in limits]
    escaped = [style.escape(text) for text in hovers]
    lower, upper = (
        {
            "type": "scatter",
            "mode": "lines",
            "line": {"width": 1, "color": style.PALE},
            "x": months,
            "y": [row[side] for row in limits],
            **style.hover(escaped),
        }
        for side in ("lower", "upper")
    )
    return [lower, upper | {"fill": "tonexty", "fillcolor": style.BAND}]


def _steps(
    metric: Metric, registry: Registry, language: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is demanded over time: 0 up to the first due date, then step by step."""
    x, y, notes = [f"{registry.calendar.start}-01"], [0.0], []
    place = {"xanchor": "right", "yanchor": "bottom", "xshift": -4, "yshift": -4}
    font = {"color": style.TARGET}
    for milestone in metric.milestones:
        if milestone.due is None:
            y[0] = milestone.target
            continue
        x.append(milestone.due.isoformat())
        y.append(milestone.target)
        day = wording.day_name(milestone.due, language)
        notes.append(style.label(day, x[-1], y[-1], font=font, **place))
    x.append(month_end(registry.calendar.end).isoformat())
    y.append(y[-1])
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": style.TARGET, "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
    }
    return trace, notes


def _time_axis(registry: Registry, language: str) -> dict[str, Any]:
    """The campaign from its first to its last day, each month named below its dot."""
    months = registry.calendar.months
    ends = [month_end(month).isoformat() for month in months]
    return style.axis(
        type="date",
        range=[f"{months[0]}-01", f"{ends[-1]} 23:59"],
        tickvals=ends,
        ticktext=[wording.month_tick(month, language) for month in months],
        ticklabelstandoff=5,  # a dot at 0 leaves them their room
    )
