"""The picture of who went where: kinds of speakers × sectors that heard them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports.figures import style
from reports.figures.dots import diameters, dots, least_told
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.leader_participation.destinations import (
    BELOW,
    OWN,
    UNSAID,
    describe,
    destination_names,
    destinations,
)
from reports.words import catalogue, wording

TEXTS = catalogue.texts("leader_participation.destinations")


def lecture_destinations(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """A dot for each kind of speaker and destination, its area the times.

    Parameters
    ----------
    rows
        As `destinations.destination_rows` gives them.

    Returns
    -------
    Picture
        Its title is `destinations.describe`; beside each kind of speaker stand the
        branches reached, of the most that its lectures below could reach. customdata
        is [speaker, destination].
    """
    texts = TEXTS[language]
    title = describe(rows, registry, language) or texts["title"]
    sheet = Sheet(title, language, snapshot)
    if rows.empty:
        return sheet.empty(texts["nothing"])
    called = destination_names(registry, language)
    columns = {code: at for at, code in enumerate(destinations(registry))}
    speakers = list(dict.fromkeys(rows["speaker"]))
    names = [registry.word("speaker", code, language) for code in speakers]
    records = style.records(rows)
    cells = [row for row in records if row["destination"] != BELOW and row["n_times"]]
    x = [columns[row["destination"]] for row in cells]
    y = [speakers.index(row["speaker"]) for row in cells]
    hovers = [_said(row, called, registry, language) for row in cells]
    trace, counts = _counted_dots(cells, x, y, hovers)
    most = max(row["n_times"] for row in cells)
    ends = _reached(records, language)
    spoken = [
        texts["spoken"].format(
            speaker=name,
            cells=wording.join(_parts(code, cells, called), language),
            reached=end,
        )
        for code, name, end in zip(speakers, names, ends, strict=True)
    ]
    return sheet.draw_rows(
        [trace],
        names,
        wording.join(spoken, language, "clauses"),
        texts["subtitle"].format(n=wording.number(math.ceil(least_told(most)))),
        row=38,
        above=24,
        right=style.right_margin([*ends, texts["ends"]]),
        xaxis=style.axis(
            range=[-0.4, len(columns) - 0.4],
            side="top",
            tickvals=list(columns.values()),
            ticktext=[style.escape(called[code]) for code in columns],
        ),
        annotations=[*counts, *_at_the_right(texts["ends"], ends)],
    )


def _counted_dots(
    cells: Sequence[Mapping[str, Any]],
    x: Sequence[int],
    y: Sequence[int],
    hovers: Sequence[str],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A dot for each cell, grey where nobody left home, and the times beside it."""
    times = [row["n_times"] for row in cells]
    sizes = diameters(times, max(times))
    at_home = (OWN, UNSAID)
    trace = dots(
        x,
        y,
        [style.NEUTRAL if c["destination"] in at_home else style.DONE for c in cells],
        sizes,
        marker={"opacity": 1},
        texts=hovers,
        codes=[[row["speaker"], row["destination"]] for row in cells],
    )
    counts = [
        style.label(wording.number(n), *at, xanchor="left", xshift=3 + size / 2)
        for n, size, *at in zip(times, sizes, x, y, strict=True)
    ]
    return trace, counts


def _reached(records: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """For each kind of speaker the branches reached, of the most that could be."""
    return [
        TEXTS[language]["reached"].format(
            n=wording.number(row["n_branches_reached"]),
            most=wording.number(row["n_times"]),
        )
        if row["n_times"]
        else wording.UNDEFINED
        for row in records
        if row["destination"] == BELOW
    ]


def _at_the_right(heading: str, ends: Sequence[str]) -> list[dict[str, Any]]:
    """A word at the end of each row, under their heading."""
    place = {"xref": "paper", "xanchor": "left", "xshift": 6}
    return [
        style.label(heading, 1, 1, yref="paper", yanchor="bottom", **place),
        *(style.label(f"<b>{end}</b>", 1, at, **place) for at, end in enumerate(ends)),
    ]


def _said(
    row: Mapping[str, Any],
    called: Mapping[Any, str],
    registry: Registry,
    language: str,
) -> str:
    """What a dot says: who, where, how often, how many branches."""
    sentence = TEXTS[language]["cell"].format(
        speaker=registry.word("speaker", row["speaker"], language),
        where=called[row["destination"]],
        n=wording.number(row["n_times"]),
        reached=wording.number(row["n_branches_reached"]),
    )
    return style.escape(sentence)


def _parts(
    speaker: str, cells: Sequence[Mapping[str, Any]], called: Mapping[Any, str]
) -> list[str]:
    """'农村 12' for each destination of a kind of speaker."""
    return [
        f"{called[row['destination']]} {wording.number(row['n_times'])}"
        for row in cells
        if row["speaker"] == speaker
    ]
