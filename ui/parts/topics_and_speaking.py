"""The parts of the page 专题与发言: its curves and the list of who is late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from data_pipeline.registry import CELL, Metric, load_registry
from reports.belief import in_short
from reports.figures.style import Picture
from reports.metric_rows import in_months, stack
from reports.overview import rows as overview
from reports.sector_gaps.figures import sector_months
from reports.tables import DisplayTable, tabulate
from reports.topics_and_speaking import rows as topics
from reports.topics_and_speaking.figures import (
    speaking_steps,
    topic_curves,
    topic_outcomes,
)
from reports.words import sentences
from ui import marts, selection
from ui.belief import ask_beliefs, ask_caveats, say_caveat, say_signs
from ui.metric_view import View, ask, follow_click, show_figure
from ui.parts import methods
from ui.records_view import (
    RecordsView,
    ask_several,
    ask_speaking_bounds,
    filters_of,
    list_rows,
    show_records,
)
from ui.selection import Selection

PAGE = "topics_and_speaking"


class Said(NamedTuple):
    """The duties in sentences: the first one answers the page.

    `beside` is how much the same comes to when it is counted otherwise.
    """

    answer: str
    others: list[str]
    beside: list[str]


def say_deadlines(choice: Selection) -> Said:
    """Each duty against its due day, the first one first."""
    registry, month, lang = load_registry(), choice.month, choice.lang

    def write() -> Said:
        frames, bounds = _ask_months(choice), _ask_bounds(choice)
        caveats, notes = ask_caveats(frames, choice), _ask_due_notes(frames, choice)
        about = (frames, bounds, registry, month, lang)
        said = topics.describe_deadlines(*about, caveats=caveats, due_notes=notes)
        beside = topics.metrics_beside(registry, month)
        counted = ask_several(beside, (), (month,), choice.where)
        described = topics.describe_beside(counted, registry, lang)
        return Said(said[0], said[1:], described)

    return marts.kept_of(choice.alone, (PAGE, "said"), write)


def _months(choice: Selection) -> tuple[str, ...]:
    """All up to the chosen one, from whichever month on the page shows them."""
    return tuple(month for month in selection.months() if month <= choice.month)


def _ask_months(choice: Selection) -> dict[str, pd.DataFrame]:
    """Each duty of the chosen place by month."""
    shown = topics.metrics_shown(load_registry())
    return ask_several(shown, ("month",), _months(choice), choice.where)


def _ask_bounds(choice: Selection) -> pd.DataFrame:
    return ask_speaking_bounds(("month",), _months(choice), choice.where)


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


def draw_topics(choice: Selection) -> None:
    """The topics by month against their due days, and how a verdict comes about."""
    registry = load_registry()

    def draw() -> tuple[Picture, RecordsView]:
        frames, course = _ask_months(choice), choice.course(_months(choice))
        shown = (topic.metric for topic in registry.calendar.topics)
        curves = {name: in_months(frames[name], course) for name in shown}
        snapshot = marts.current().snapshot
        picture = topic_curves(curves, registry, choice.lang, snapshot=snapshot)
        return picture, list_rows(stack(curves), choice, "topics", picture.title)

    picture, view = marts.kept_of(choice.alone, (PAGE, "topics"), draw)
    show_figure(
        picture, view, choice, "topics", caption=methods.sentence(choice, "pace")
    )


def ask_outcomes(choice: Selection) -> tuple[Picture, RecordsView] | None:
    """What was in time, made up for since, and not done; None before a report."""
    registry = load_registry()

    def draw() -> tuple[Picture, RecordsView] | None:
        frames = _ask_months(choice)
        judged = overview.judge_deadlines(frames, registry, choice.month)
        rows = topics.outcome_rows(judged, registry)
        if rows.empty:
            return None
        about = {"month": choice.month, "snapshot": marts.current().snapshot}
        picture = topic_outcomes(rows, registry, choice.lang, **about)
        return picture, list_rows(rows, choice, "outcomes", picture.title)

    return marts.kept_of(choice.alone, (PAGE, "outcomes"), draw)


def draw_outcomes(outcomes: tuple[Picture, RecordsView], choice: Selection) -> None:
    """The picture of `ask_outcomes`; a click on a topic leads to its sectors."""
    follow = choice.text(f"{PAGE}.follow")
    caption = f"{follow} {methods.sentence(choice, 'in_time')}"
    clickable = {"caption": caption, "is_clickable": True}
    clicked = show_figure(*outcomes, choice, "outcomes", **clickable)
    follow_click(clicked, choice, "sector_gaps", ("metric",))


def draw_speaking(spoken: Metric, choice: Selection) -> None:
    """Who has spoken by month, with bounds where only the topics were counted."""

    def draw() -> tuple[Picture, RecordsView, str]:
        course = choice.course(_months(choice))
        rates = in_months(_ask_months(choice)[spoken.id], course)
        bounds = in_months(_ask_bounds(choice), course)
        lang, snapshot = choice.lang, marts.current().snapshot
        about = {"bounds": bounds, "snapshot": snapshot}
        picture = speaking_steps(rates, spoken, load_registry(), lang, **about)
        rows = topics.speaking_rows(rates, bounds)
        caption = topics.describe_bounds(bounds, choice.month, lang)
        view = list_rows(rows, choice, "speaking", picture.title)
        return picture, view, caption

    picture, view, caption = marts.kept_of(choice.alone, (PAGE, "speaking"), draw)
    if caption:
        caption = methods.with_links(choice, caption, "speaking_bounds")
    show_figure(picture, view, choice, "speaking", caption=caption)


def draw_sectors(metric: Metric, choice: Selection) -> None:
    """A metric by month in each sector beside the city, where there are several."""

    def draw() -> tuple[Picture, View] | None:
        course = choice.course(_months(choice))
        how = {"metric": metric.id, "months": course}
        view = ask(choice, by=("month", "sector"), **how)
        if view.frame["sector"].nunique() < 2:
            return None
        city = ask(choice, by=("month",), where=choice.alike, **how)
        about = (metric, load_registry(), choice.lang)
        says = say_signs(choice, metric)
        return sector_months(view.frame, city.frame, *about, says=says), view

    if drawn := marts.kept_of(choice.alone, (PAGE, "sectors", metric.id), draw):
        show_figure(*drawn, choice, "sectors")


class Late(NamedTuple):
    """Who is late: `topics.late_rows` with what each can be believed for, as a table.

    `links` are the addresses that the rows lead to, `before` says how many there are.
    """

    rows: pd.DataFrame
    display: DisplayTable
    links: list[str]
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
        links = [choice.link("sector_gaps", **place) for place in places]
        return Late(late, display, links, topics.count_late(late, choice.lang))

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
        to=late.links.__getitem__,
    )
