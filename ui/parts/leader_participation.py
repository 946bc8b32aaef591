"""The parts of the page 领导参与: who attends and speaks, whom lectures can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline import rates
from data_pipeline.registry import load_registry
from reports.figures.style import Picture
from reports.leader_participation import destinations
from reports.leader_participation import rows as leaders
from reports.leader_participation.destination_figures import lecture_destinations
from reports.leader_participation.figures import leader_places, lecture_split
from reports.leader_participation.trend_figures import leader_trends
from reports.metric_rows import in_month, stack
from reports.tables import DisplayTable
from reports.words import wording
from ui import marts, selection
from ui.belief import ask_caveats, believe_in
from ui.metric_view import follow_click, show_figure
from ui.parts import methods
from ui.records_view import RecordsView, ask_several, list_rows
from ui.selection import Selection

PAGE = "leader_participation"


def ask_roles(
    choice: Selection,
    by: Sequence[str],
    months: Sequence[str],
    where: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """What leaders do, by role, in one query; the page ends where one has no metric.

    Records of lectures know no townships and kinds of branches: then without them.
    """
    registry = load_registry()
    found = leaders.find_metrics(registry)
    if found is None:
        st.info(choice.text(f"{PAGE}.no_metric"))
        st.stop()
    if recorded := found.get(leaders.RECORDED):
        asked = {*by, *(name for name, codes in (where or {}).items() if codes)}
        if not asked <= {"month", *registry.metrics[recorded].dimensions}:
            del found[leaders.RECORDED]
    frames = ask_several(tuple(found.values()), by, months, where)
    return {role: frames[metric] for role, metric in found.items()}


def of_month(
    choice: Selection, part: str, frames: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The rows of the chosen month of what `ask_roles` gives, by role.

    `part` is what they are rows of: places of that level, or "now" the chosen one.
    """

    def pick() -> dict[str, pd.DataFrame]:
        return {name: in_month(frame, choice.month) for name, frame in frames.items()}

    return marts.kept_of(choice.alone, (PAGE, "month", part), pick)


def say(choice: Selection, now: Mapping[str, pd.DataFrame]) -> str:
    """What leaders of the chosen place do, and what stands against it, as markdown."""
    registry = load_registry()

    def write() -> str:
        caveats = _ask_caveats(choice)
        heads = leaders.describe_heads(now, registry, choice.lang, caveats=caveats)
        against = caveats[leaders.GRASSROOTS]
        lectures = leaders.describe(now, registry, choice.lang, caveat=against)
        return "  \n".join(filter(None, (heads, lectures)))

    return marts.kept_of(choice.alone, (PAGE, "said"), write)


def say_more(choice: Selection, now: Mapping[str, pd.DataFrame]) -> str:
    """What else ledgers and lecture records tell of lectures and speeches, or ''."""
    counts = leaders.describe_counts(now, load_registry(), choice.lang)
    return "  \n".join(filter(None, (counts, _say_home(now, choice))))


def _ask_caveats(choice: Selection) -> dict[str, str]:
    """By role, what stands against the figures that the sentences say."""
    roles = (*leaders.HEADS, leaders.GRASSROOTS)
    ids = {role: load_registry().role(role).id for role in roles}
    sentence = ask_caveats(ids.values(), choice)
    return {role: sentence[metric] for role, metric in ids.items()}


def _say_home(now: Mapping[str, pd.DataFrame], choice: Selection) -> str:
    """Who lectured at home only, as markdown, with the way to the same of each unit."""
    sentence = leaders.describe_home(now, choice.lang)
    if not sentence:
        return ""
    metric = load_registry().role(leaders.LECTURERS).id
    to = choice.change(metric=metric).link("county_heatmap")
    return f"{sentence} [{choice.text(f'{PAGE}.rows.home_places')}]({to})"


def draw_attendance(
    by_place: Mapping[str, pd.DataFrame],
    choice: Selection,
    level: str,
    *,
    city: Mapping[str, pd.DataFrame],
    below: str,
) -> None:
    """Who attends and speaks first, place by place; a click leads to page `below`."""

    def draw() -> tuple[Picture, RecordsView]:
        pair = {name: by_place[name] for name in (leaders.ATTENDANCE, leaders.SPEAKING)}
        whole = in_month(city[leaders.ATTENDANCE], choice.month)
        picture = leader_places(
            *pair.values(),
            load_registry(),
            choice.lang,
            city=whole["rate"].iloc[0],
            by=(level,),
            believed=believe_in(choice, load_registry().role(leaders.ATTENDANCE)),
            snapshot=marts.current().snapshot,
        )
        listed = stack(leaders.by_metric(pair, load_registry()))
        return picture, list_rows(listed, choice, "leaders", picture.title)

    picture, view = marts.kept_of(choice.alone, (PAGE, "leaders", level), draw)
    clicked = show_figure(picture, view, choice, "leaders", is_clickable=True)
    _go_on(clicked, choice, leaders.ATTENDANCE, below, level)


def draw_lectures(
    by_place: Mapping[str, pd.DataFrame], choice: Selection, level: str, *, below: str
) -> None:
    """Where lectures were given and whom they can reach at most, place by place."""

    def draw() -> tuple[Picture, RecordsView]:
        rows = leaders.lecture_rows(by_place, (level,))
        picture = lecture_split(
            rows,
            load_registry(),
            choice.lang,
            by=(level,),
            believed=believe_in(choice, load_registry().role(leaders.GRASSROOTS)),
            snapshot=marts.current().snapshot,
        )
        return picture, list_rows(rows, choice, "lectures", picture.title)

    picture, view = marts.kept_of(choice.alone, (PAGE, "lectures", level), draw)
    clickable = {
        "caption": methods.sentence(choice, "reach_ceiling"),
        "is_clickable": True,
    }
    clicked = show_figure(picture, view, choice, "lectures", **clickable)
    _go_on(clicked, choice, leaders.REACH, below, level)


def draw_destinations(choice: Selection, now: Mapping[str, pd.DataFrame]) -> None:
    """Who went where, in times and branches; `now` as `rows.describe` takes it."""
    opened, registry = marts.current(), load_registry()
    # A speaker is of a place, of no branch: kinds of branches say nothing of one.
    where = {d: v for d, v in choice.where.items() if d in destinations.PLACES}
    rows = _ask_destinations(choice.month, where)
    if rows is None:
        return

    def draw() -> tuple[Picture, RecordsView, DisplayTable | None]:
        picture = lecture_destinations(
            rows, registry, choice.lang, snapshot=opened.snapshot
        )
        words = {"destination": destinations.destination_names(registry, choice.lang)}
        view = list_rows(rows, choice, "destinations", picture.title, words)
        phone = None
        if not picture.nothing:
            phone = destinations.phone_table(rows, registry, choice.lang)
        return picture, view, phone

    picture, view, phone = marts.kept_of(choice.alone, (PAGE, "destinations"), draw)
    row = now[leaders.LECTURES].iloc[0]
    caption = choice.text(
        f"{PAGE}.destinations.caption",
        leaders=wording.number(row["denominator"]),
        lectures=wording.number(row["numerator"]),
        each=wording.rate_text(row["rate"], "per_head", 2),
    )
    name = choice.text(f"{PAGE}.destinations.title")
    unfiltered = selection.say_unfiltered(choice, destinations.PLACES, name)
    caption = " ".join(filter(None, (caption, unfiltered)))
    show_figure(picture, view, choice, "destinations", caption=caption, phone=phone)


def _ask_destinations(
    month: str, where: Mapping[str, Sequence[str]]
) -> pd.DataFrame | None:
    """`destinations.destination_rows`, kept; None without such a table."""

    def find() -> pd.DataFrame | None:
        filed = rates.read_staged(marts.current(), destinations.TABLE)
        if filed is None:
            return None
        registry = load_registry()
        roll = marts.ask_roll().set_index("branch")["sector"].to_dict()
        held = destinations.held_by(filed, roll, registry, month, where)
        return destinations.destination_rows(held, registry)

    return marts.kept(("destinations", month, repr(where)), find)


def draw_trends(
    lines: Mapping[str, pd.DataFrame],
    city: Mapping[str, pd.DataFrame],
    choice: Selection,
    highlight: Sequence[str],
) -> None:
    """Everything leaders do by month, the places in `highlight` in colour."""
    registry = load_registry()
    picture = leader_trends(
        leaders.by_metric({name: lines[name] for name in leaders.TRENDS}, registry),
        registry,
        choice.lang,
        city=leaders.by_metric(city, registry),
        highlight=highlight,
        snapshot=marts.current().snapshot,
    )
    listed = stack(leaders.by_metric(lines, registry))
    view = list_rows(listed, choice, "trends", picture.title)
    caption = choice.text(f"{PAGE}.cumulative")
    show_figure(picture, view, choice, "trends", caption=caption)


def _go_on(clicked: Any, choice: Selection, role: str, below: str, level: str) -> None:
    """A click on a place leads to page `below` with the metric of a role."""
    metric = load_registry().role(role)
    follow_click(clicked, choice.change(metric=metric.id), below, (level,))
