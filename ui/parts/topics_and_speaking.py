"""The parts of the page 专题与发言: its curves and the list of who is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import CELL, load_registry
from reports.belief import in_short
from reports.figures.style import Picture
from reports.metric_rows import stack
from reports.overview import rows as overview
from reports.tables import DisplayTable, tabulate
from reports.topics_and_speaking import rows as topics
from reports.topics_and_speaking.figures import (
    speaking_steps,
    topic_curves,
    topic_outcomes,
)
from reports.words import sentences
from ui import marts
from ui.belief import ask_beliefs, ask_caveats, say_caveat
from ui.metric_view import ask, show_figure
from ui.parts import methods
from ui.records_view import (
    RecordsView,
    ask_several,
    filters_of,
    list_rows,
    show_records,
    show_rows,
)
from ui.selection import Selection

PAGE = "topics_and_speaking"


def say_deadlines(
    choice: Selection, frames: Mapping[str, pd.DataFrame], bounds: pd.DataFrame
) -> list[str]:
    """Each duty against its due day and what stands against that, the first one first.

    `frames` and `bounds` are those of the chosen place by month.
    """

    def write() -> list[str]:
        about = (frames, bounds, load_registry(), choice.month, choice.lang)
        caveats, notes = ask_caveats(frames, choice), _ask_due_notes(frames, choice)
        return topics.describe_deadlines(*about, caveats=caveats, due_notes=notes)

    return marts.kept_of(choice.alone, (PAGE, "said"), write)


def _ask_due_notes(metrics: Iterable[str], choice: Selection) -> dict[str, str]:
    """By metric whose due day is past, what stands against its figure of that day."""
    registry, notes = load_registry(), {}
    for name in metrics:
        memory = registry.memory_of(name)
        if memory is None or choice.month <= memory.remembered_month:
            continue
        then = ask(choice, metric=memory.id, basis="reported").frame.iloc[0]
        caveat = say_caveat(choice, memory)({})
        notes[name] = sentences.note_due_day(then["n_missing"], caveat, choice.lang)
    return notes


def draw_topics(curves: Mapping[str, pd.DataFrame], choice: Selection) -> None:
    """The topics by month against their due days, and how a verdict comes about."""

    def draw() -> tuple[Picture, RecordsView]:
        snapshot = marts.current().snapshot
        picture = topic_curves(curves, load_registry(), choice.lang, snapshot=snapshot)
        return picture, list_rows(stack(curves), choice, "topics", picture.title)

    picture, view = marts.kept_of(choice.alone, (PAGE, "topics"), draw)
    show_figure(
        picture, view, choice, "topics", caption=methods.sentence(choice, "pace")
    )


def draw_outcomes(frames: Mapping[str, pd.DataFrame], choice: Selection) -> None:
    """What was in time, made up for since, and not done; nothing before a report."""
    registry = load_registry()

    def draw() -> tuple[Picture, pd.DataFrame] | None:
        judged = overview.judge_deadlines(frames, registry, choice.month)
        rows = topics.outcome_rows(judged, registry)
        if rows.empty:
            return None
        snapshot = marts.current().snapshot
        return topic_outcomes(rows, registry, choice.lang, snapshot=snapshot), rows

    if drawn := marts.kept_of(choice.alone, (PAGE, "outcomes"), draw):
        caption = methods.sentence(choice, "in_time")
        gaps = {"to": "sector_gaps", "by": ("metric",)}
        show_rows(*drawn, choice, "outcomes", caption=caption, **gaps)


def draw_speaking(
    spoken: pd.DataFrame, bounds: pd.DataFrame, choice: Selection
) -> None:
    """Who has spoken by month, with bounds where only the topics were counted."""
    registry = load_registry()

    def draw() -> tuple[Picture, RecordsView]:
        picture = speaking_steps(
            spoken,
            registry.role("members_duty"),
            registry,
            choice.lang,
            bounds=bounds,
            snapshot=marts.current().snapshot,
        )
        rows = topics.speaking_rows(spoken, bounds)
        return picture, list_rows(rows, choice, "speaking", picture.title)

    picture, view = marts.kept_of(choice.alone, (PAGE, "speaking"), draw)
    caption = topics.describe_bounds(bounds, choice.month, choice.lang)
    if caption:
        caption = methods.with_links(choice, caption, "speaking_bounds")
    show_figure(picture, view, choice, "speaking", caption=caption)


class Late(NamedTuple):
    """Who is late: `topics.late_rows` with what each can be believed for, as a table.

    `places` are the codes of each row, `before` says how many there are.
    """

    rows: pd.DataFrame
    display: DisplayTable
    places: list[dict[str, Any]]
    before: str


def ask_late(metrics: Sequence[str], choice: Selection, by: Sequence[str]) -> Late:
    """Those late with any of the metrics, `by` place, kept for all readers."""
    registry = load_registry()

    def find() -> Late:
        frames = ask_several(metrics, by, (choice.month,), choice.where)
        found = topics.late_rows(frames, registry, choice.month)
        late = _add_beliefs(found, choice)
        words = {"status": topics.LATE_WORDS[choice.lang]}
        display = tabulate(late, registry, choice.lang, words=words)
        places = late[["metric", *by]].to_dict("records")
        return Late(late, display, places, topics.count_late(late, choice.lang))

    return marts.kept_of(choice.alone, (PAGE, "late", tuple(metrics), tuple(by)), find)


def _add_beliefs(late: pd.DataFrame, choice: Selection) -> pd.DataFrame:
    """What each figure of `late_rows` can be believed for, in short, as `believed`.

    A township has no checks and flags of its own: its unit and sector answer for it,
    and how many those have is not in the row.
    """
    is_own = "township" not in late
    said = pd.Series("", index=late.index, dtype=object)
    for name, rows in late.groupby("metric", sort=False):
        metric = load_registry().metrics[name]
        beliefs = ask_beliefs(metric, choice.month, (CELL,), choice.where)
        said[rows.index] = [
            in_short(
                beliefs[row["unit"], row["sector"]],
                choice.lang,
                n=row["denominator"] if is_own else None,
                rate=row["rate"] if is_own else None,
                has_verdicts=metric.has_verdicts,
            )
            for row in rows.to_dict("records")
        ]
    return late.assign(believed=said)


def show_late(late: Late, choice: Selection, about: str) -> None:
    """List who is late; a click on a row leads to its ledger.

    `about` is the query in words.
    """
    about_pace = methods.sentence(choice, "pace_line", late.before)
    show_records(
        late.rows,
        choice,
        "late",
        choice.text(f"{PAGE}.late"),
        display=late.display,
        filters=(*filters_of(choice), (choice.text(f"{PAGE}.about"), about)),
        words={"status": topics.LATE_WORDS[choice.lang]},
        caption=about_pace,
        none=about_pace,
        to=lambda row: choice.link("sector_gaps", **late.places[row]),
    )
