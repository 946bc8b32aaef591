"""The parts of the page 领导参与: who attends and speaks, whom lectures can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from data_pipeline.registry import load_registry
from reports.gallery import leader_places, leader_trends, lecture_split
from reports.leader_participation import rows as leaders
from reports.metric_rows import stack
from ui import marts
from ui.belief import believe_in
from ui.metric_view import follow_click, show_figure
from ui.parts import methods
from ui.records_view import list_rows
from ui.selection import Selection

PAGE = "leader_participation"


def draw_attendance(
    by_place: Mapping[str, pd.DataFrame],
    choice: Selection,
    level: str,
    *,
    city: float,
    below: str,
) -> None:
    """Who attends and speaks first, place by place; a click leads to page `below`."""
    pair = {name: by_place[name] for name in (leaders.ATTENDANCE, leaders.SPEAKING)}
    picture = leader_places(
        *pair.values(),
        load_registry(),
        choice.lang,
        city=city,
        by=(level,),
        believed=believe_in(choice, load_registry().metrics[leaders.ATTENDANCE]),
        snapshot=marts.current().snapshot,
    )
    view = list_rows(stack(pair), choice, "leaders", picture.title)
    event = show_figure(picture, view, choice, "leaders", on_select="rerun")
    follow_click(event, choice.change(metric=leaders.ATTENDANCE), below, (level,))


def draw_lectures(
    by_place: Mapping[str, pd.DataFrame], choice: Selection, level: str, *, below: str
) -> None:
    """Where lectures were given and whom they can reach at most, place by place."""
    rows = leaders.lecture_rows(by_place, (level,))
    picture = lecture_split(
        rows,
        load_registry(),
        choice.lang,
        by=(level,),
        snapshot=marts.current().snapshot,
    )
    view = list_rows(rows, choice, "lectures", picture.title)
    clickable = {
        "caption": methods.sentence(choice, "reach_ceiling"),
        "on_select": "rerun",
    }
    event = show_figure(picture, view, choice, "lectures", **clickable)
    follow_click(event, choice.change(metric=leaders.REACH), below, (level,))


def draw_trends(
    lines: Mapping[str, pd.DataFrame],
    city: Mapping[str, pd.DataFrame],
    choice: Selection,
    highlight: Sequence[str],
) -> None:
    """Everything leaders do by month, the places in `highlight` in colour."""
    picture = leader_trends(
        {name: lines[name] for name in leaders.TRENDS},
        load_registry(),
        choice.lang,
        city=city,
        highlight=highlight,
        snapshot=marts.current().snapshot,
    )
    view = list_rows(stack(lines), choice, "trends", picture.title)
    caption = choice.text(f"{PAGE}.cumulative")
    show_figure(picture, view, choice, "trends", caption=caption)
