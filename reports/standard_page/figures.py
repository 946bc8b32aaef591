"""The picture of a cascade: the share of each level that had held a topic, by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from data_pipeline.registry.definitions import Cascade
from reports.figures import multiples, style
from reports.figures.lines import last_known, series
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.standard_page.cascade import (
    BRANCHES,
    LEVEL,
    describe,
    half_months,
    level_names,
    topic_names,
)
from reports.words import catalogue, wording

FIRST = "0"
COLOURS = {FIRST: "#4c7fc0", "1": "#8b6fc4", "2": "#b8607f", BRANCHES: style.DONE}
TEXTS = catalogue.texts("standard.cascade")


def cascade_curves(
    levels: pd.DataFrame,
    cascade: Cascade,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """A panel for each topic, a line for each level.

    Parameters
    ----------
    levels
        As `cascade.level_rows` gives them.

    Returns
    -------
    Picture
        Its title is `cascade.describe`; customdata is [level, month].
    """
    texts = TEXTS[language]
    title = describe(levels, cascade, registry, language) or texts["title"]
    sheet = Sheet(title, language, snapshot)
    if not levels["numerator"].any():
        return sheet.empty(texts["nothing"])
    names, topics = level_names(cascade, language), topic_names(registry, language)
    months = sorted(levels["month"].unique())
    some = list(dict.fromkeys((months[0], months[len(months) // 2], months[-1])))
    topic_ids = list(dict.fromkeys(levels["topic"]))
    panels = multiples.grid(len(topic_ids), len(topic_ids), gap_x=0.08, gap_y=0)
    data, notes, spoken = [], [], []
    axes: dict[str, Any] = {}
    for place, topic in zip(panels, topic_ids, strict=True):
        halves = {
            level: wording.month_tick(half, language) if half else texts["not_yet"]
            for level, half in half_months(levels, topic).items()
        }
        way = texts["then"].join(halves.values())
        notes.append(place.heading(style.escape(topics[topic]), way, yshift=6))
        of_topic = levels[levels["topic"] == topic]
        for level, rows in of_topic.groupby(LEVEL, sort=False):
            curve = _curve(level, names[level], rows, place, language)
            data.append(curve)
            share = wording.percent(last_known(curve["y"]))
            about = {"topic": topics[topic], "level": names[level], "share": share}
            spoken.append(texts["spoken"].format(half=halves[level], **about))
        axes[f"xaxis{place.suffix}"] = place.months(months, some, language)
        axes[f"yaxis{place.suffix}"] = style.share_axis(
            levels["share"].max(),
            tickvals=[0, 0.5, 1],
            # On a phone those of the next panel would stand on this one's lines.
            showticklabels=place.column == 0,
            **place.upwards,
        )
    present = set(levels[LEVEL])
    keys = [style.key(names[n], COLOURS[n], "━") for n in names if n in present]
    top = style.TOP + 58
    return sheet.draw(
        data,
        wording.join(spoken, language, "clauses"),
        "<br>".join((texts["subtitle"], "  ".join(keys))),
        height=top + 190 + style.BOTTOM,
        left=44,
        top=top,
        annotations=notes,
        **axes,
    )


def _curve(
    level: str, name: str, rows: pd.DataFrame, panel: multiples.Panel, language: str
) -> dict[str, Any]:
    """One level over the months, in the panel of its topic."""
    # Levels that moved together lie on each other: the first is wider.
    width, size = (6, 8) if level == FIRST else (2.5, 5)
    records = style.records(rows)
    return series(
        [row["month"] for row in records],
        [row["share"] for row in records],
        COLOURS[level],
        width=width,
        size=size,
        texts=[_said(row, name, language) for row in records],
        codes=[[level, row["month"]] for row in records],
        name=style.escape(name),
        **panel.axes,
    )


def _said(row: Mapping[str, Any], level: str, language: str) -> str:
    """What a point says: whose, when, how many of how many."""
    sentence = TEXTS[language]["point"].format(
        level=level,
        month=wording.month_tick(row["month"], language),
        share=wording.percent(row["share"]),
        n=wording.number(row["numerator"]),
        m=wording.number(row["denominator"]),
    )
    return style.escape(sentence)
