"""The parts of the page 总览: its headline row, its pictures and ranked links."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.rates import BASES
from data_pipeline.registry import Metric, load_registry
from reports.gallery import deadline_strip, filing_strip, progress_bars, sector_dots
from reports.overview import rows as overview
from reports.overview.headline import Headline
from reports.words import catalogue, sentences, wording
from ui import marts, selection
from ui.belief import say_caveat
from ui.metric_view import View, follow_click, show_figure
from ui.parts import methods
from ui.parts.unevenness import with_classes
from ui.records_view import ask_filing, list_rows, show_rows
from ui.selection import Selection

STYLE = Path(__file__).parent / "overview.css"
DELTA_COLOURS = {"higher": "normal", "lower": "inverse", "none": "off"}
PLACES = ("unit", "sector")
HEATMAP = {"to": "county_heatmap", "by": ("metric",)}
ENDS = {"coldest": ":material/ac_unit:", "hottest": ":material/local_fire_department:"}


def draw_head(choice: Selection) -> Selection:
    """Title, month and basis in one row, for everything else belongs above the fold."""
    st.html(STYLE)
    with st.container(
        horizontal=True, vertical_alignment="center", key="overview-head"
    ):
        st.title(choice.text("overview.title"), anchor=False, width="content")
        # Several metrics stand here: checks say something of some of them.
        return selection.choose(choice, "month", "basis", options={"basis": BASES})


def choose_duty(choice: Selection, duties: Iterable[str]) -> str:
    """Branches, members or leaders: whose unevenness and changes are shown."""
    title = choice.text("overview.uneven")
    words = {duty: choice.text(f"overview.duty.{duty}") for duty in duties}
    with st.container(horizontal=True, vertical_alignment="center", key="uneven-head"):
        st.header(title, anchor=False, width="content")
        return selection.choose_word(choice, "duty", words, label=title)


def draw_headlines(headlines: Sequence[Headline], choice: Selection) -> None:
    """Six figures across on a desk, two on a phone, each with its months so far."""
    since = choice.text("overview.since_last_month")
    with st.grid(len(headlines), min_column_width=150, key="headlines"):
        for headline in headlines:
            has_moved = any(sign in "123456789" for sign in headline.delta or "")
            st.metric(
                catalogue.plain(headline.label),
                headline.value,
                headline.delta,
                DELTA_COLOURS[headline.better] if has_moved else "off",
                help=catalogue.plain(headline.help),
                border=True,
                height="stretch",
                # Streamlit refuses a gap in the line: unknown months are left out.
                chart_data=[value for value in headline.trend if value is not None],
                chart_type="area",
                delta_arrow="auto" if has_moved else "off",
                delta_description=since if headline.delta else None,
            )


def draw_progress(
    reached: Mapping[str, pd.DataFrame],
    checked: Mapping[str, pd.DataFrame] | None,
    choice: Selection,
    **about: Mapping[str, Any],
) -> None:
    """What is done of each duty and still missing; `checked` as checks support it.

    `about`: `in_time` and `caveats` of the picture.
    """
    registry, month = load_registry(), choice.month
    rows = overview.progress_rows(reached, registry, month, checked)
    about = {"verified": checked, **about, **_look(choice)}
    picture = progress_bars(reached, registry, choice.lang, **about)
    caption = methods.sentence(choice, "still_missing")
    show_rows(picture, rows, choice, "progress", caption=caption, **HEATMAP)


def draw_deadlines(
    frames: Mapping[str, pd.DataFrame], choice: Selection, caveats: Mapping[str, str]
) -> None:
    """Each topic against its due day: done, needed a month, recent pace, verdict.

    `caveats` by metric what stands against its figure.
    """
    registry, words = load_registry(), overview.WORDS[choice.lang]
    judged = overview.judge_deadlines(frames, registry, choice.month)
    rows = overview.deadline_rows(judged, registry)
    look = {"caveats": caveats, **_look(choice)}
    picture = deadline_strip(judged, registry, choice.lang, **look)
    caption = methods.sentence(choice, "pace")
    about = {"words": words, "caption": caption, **HEATMAP}
    show_rows(picture, rows, choice, "deadlines", **about)


def draw_spread(
    cells: pd.DataFrame, metric: Metric, choice: Selection
) -> overview.Unevenness:
    """How far apart the cells of a month lie, with links to both ends."""
    measured = overview.measure_cells(cells, metric, choice.month)
    told = sentences.spread(measured, choice.lang)
    cards = ("mean_distance", "hottest_coldest")
    st.markdown(methods.with_links(choice, told, *cards))
    # The spread is of the ledgers, whatever the bars show.
    says = say_caveat(choice.change(basis="reported"), metric)
    about = (measured, cells, load_registry(), choice.lang)
    ends = overview.extreme_places(*about, says=says)
    with st.container(key="ranked-extremes"):
        for end, name, unit, sector in ends:
            label = choice.text(f"overview.{end}", place=name)
            _link(choice, metric, unit, sector, label, ENDS[end])
    return measured


def draw_changes(changes: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """The largest of `overview.largest_changes`, each a link, and all as files."""
    title = choice.text("overview.changes")
    show_figure(
        functools.partial(_rank_changes, changes, metric, choice),
        list_rows(changes, choice, f"changes_{metric.id}", title),
        choice,
        "changes",
        title=title,
        caption=methods.sentence(choice, "changes"),
    )


def draw_cells(cells: View, measured: overview.Unevenness, choice: Selection) -> None:
    """Each unit in its sector, beside the city and the target; a click leads on."""
    cells = with_classes(cells, choice)
    metric = cells.context.metric
    lines = {"city": measured.rate, "target": metric.target}
    picture = sector_dots(
        cells.frame, metric, load_registry(), choice.lang, **lines, **_look(choice)
    )
    event = show_figure(picture, cells, choice, "cells", on_select="rerun")
    follow_click(event, choice.change(metric=metric.id), "sector_gaps", PLACES)


def draw_filing(months: Sequence[str], choice: Selection) -> None:
    """Which ledgers came in time, month by month."""
    snapshot, words = marts.current().snapshot, overview.WORDS[choice.lang]
    filing = overview.filing_rows(ask_filing(months), snapshot)
    picture = filing_strip(filing, load_registry(), choice.lang, snapshot=snapshot)
    profile = {"to": "area_profile", "by": ("unit", "month")}
    show_rows(picture, filing, choice, "filing", words=words, **profile)


def link_wall(choice: Selection) -> None:
    """Lead to the wall view, which is of the newest month whichever is shown here."""
    label = choice.text("overview.wall")
    selection.page_link(choice, "wall", label, icon=":material/tv:", month=None)


def _rank_changes(changes: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """Each of the largest as a link to where it can be looked into."""
    if changes.empty:
        st.caption(choice.text("overview.no_changes"))
    with st.container(key="ranked-changes"):
        for row in changes[: overview.N_CHANGES].to_dict("records"):
            label = sentences.change(
                wording.cell_name(
                    load_registry(), PLACES, (row["unit"], row["sector"]), choice.lang
                ),
                row["rate_before"],
                row["rate"],
                metric,
                choice.lang,
            )
            way = "upward" if row["change"] > 0 else "downward"
            icon = f":material/arrow_{way}:"
            _link(choice, metric, row["unit"], row["sector"], label, icon)


def _look(choice: Selection) -> dict[str, Any]:
    return {"month": choice.month, "snapshot": marts.current().snapshot}


def _link(
    choice: Selection, metric: Metric, unit: Any, sector: Any, *look: str
) -> None:
    label, icon = look
    label = label.replace(" %", "\N{NO-BREAK SPACE}%")
    places = {"metric": metric.id, "unit": unit, "sector": sector}
    selection.page_link(choice, "sector_gaps", label, icon=icon, **places)
