"""The parts of the page 专题与发言: its curves and the list of who is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from data_pipeline.registry import CELL, load_registry
from reports.belief import in_short
from reports.metric_rows import stack
from reports.overview import rows as overview
from reports.tables import tabulate
from reports.topics_and_speaking import rows as topics
from reports.topics_and_speaking.figures import (
    speaking_steps,
    topic_curves,
    topic_outcomes,
)
from reports.words import sentences
from ui import marts
from ui.belief import ask_beliefs, say_caveat
from ui.metric_view import ask, show_figure
from ui.parts import methods
from ui.records_view import filters_of, list_rows, show_records, show_rows
from ui.selection import Selection

PAGE = "topics_and_speaking"


def ask_due_notes(metrics: Sequence[str], choice: Selection) -> dict[str, str]:
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
    snapshot = marts.current().snapshot
    picture = topic_curves(curves, load_registry(), choice.lang, snapshot=snapshot)
    view = list_rows(stack(curves), choice, "topics", picture.title)
    show_figure(
        picture, view, choice, "topics", caption=methods.sentence(choice, "pace")
    )


def draw_outcomes(frames: Mapping[str, pd.DataFrame], choice: Selection) -> None:
    """What was in time, made up for since, and not done; nothing before a report."""
    registry = load_registry()
    judged = overview.judge_deadlines(frames, registry, choice.month)
    rows = topics.outcome_rows(judged, registry)
    if rows.empty:
        return
    snapshot = marts.current().snapshot
    picture = topic_outcomes(rows, registry, choice.lang, snapshot=snapshot)
    caption = methods.sentence(choice, "in_time")
    gaps = {"to": "sector_gaps", "by": ("metric",)}
    show_rows(picture, rows, choice, "outcomes", caption=caption, **gaps)


def draw_speaking(
    spoken: pd.DataFrame, bounds: pd.DataFrame, choice: Selection
) -> None:
    """Who has spoken by month, with bounds where only the topics were counted."""
    registry = load_registry()
    picture = speaking_steps(
        spoken,
        registry.role("members_duty"),
        registry,
        choice.lang,
        bounds=bounds,
        snapshot=marts.current().snapshot,
    )
    rows = topics.speaking_rows(spoken, bounds)
    view = list_rows(rows, choice, "speaking", picture.title)
    caption = topics.describe_bounds(bounds, choice.month, choice.lang)
    if caption:
        caption = methods.with_links(choice, caption, "speaking_bounds")
    show_figure(picture, view, choice, "speaking", caption=caption)


def add_beliefs(late: pd.DataFrame, choice: Selection) -> pd.DataFrame:
    """What each figure of `late_rows` can be believed for, in short, as `believed`.

    A township has no checks and flags of its own: its unit and sector answer for it,
    and how many those have is not in the row.
    """
    n_of = "denominator" if "township" not in late else None
    said = pd.Series("", index=late.index, dtype=object)
    for name, rows in late.groupby("metric", sort=False):
        metric = load_registry().metrics[name]
        beliefs = ask_beliefs(metric, choice.month, (CELL,), choice.where)
        said[rows.index] = [
            in_short(
                beliefs[row["unit"], row["sector"]],
                choice.lang,
                n=n_of and row[n_of],
                has_verdicts=metric.has_verdicts,
            )
            for row in rows.to_dict("records")
        ]
    return late.assign(believed=said)


def show_late(
    late: pd.DataFrame, choice: Selection, by: Sequence[str], about: str
) -> None:
    """List `topics.late_rows`; a click on a row leads to its ledger.

    Parameters
    ----------
    by
        The places of a row.
    about
        The query, in words.
    """
    words = {"status": topics.LATE_WORDS[choice.lang]}
    follow = choice.text(f"{PAGE}.follow")
    before = f"{topics.count_late(late, choice.lang)} {follow}"
    places = late[["metric", *by]].to_dict("records")
    show_records(
        late,
        choice,
        "late",
        choice.text(f"{PAGE}.late"),
        display=tabulate(late, load_registry(), choice.lang, words=words),
        filters=(*filters_of(choice), (choice.text(f"{PAGE}.about"), about)),
        words=words,
        caption=methods.sentence(choice, "pace_line", before),
        to=lambda row: choice.link("sector_gaps", **places[row]),
    )
