"""The parts of the page 总览 that are not pictures: headline row and ranked links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.rates import BASES
from data_pipeline.registry import Metric, load_registry
from reports import sentences, wording
from reports.headline import Headline
from reports.overview import N_CHANGES, ExtremePlace
from ui import i18n, selection
from ui.selection import Selection

STYLE = Path(__file__).parent / "overview.css"
DELTA_COLOURS = {"higher": "normal", "lower": "inverse", "none": "off"}
PLACES = ["unit", "sector"]
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
                i18n.plain(headline.label),
                headline.value,
                headline.delta,
                DELTA_COLOURS[headline.better] if has_moved else "off",
                help=i18n.plain(headline.help),
                border=True,
                height="stretch",
                # Streamlit refuses a gap in the line: unknown months are left out.
                chart_data=[value for value in headline.trend if value is not None],
                chart_type="area",
                delta_arrow="auto" if has_moved else "off",
                delta_description=since if headline.delta else None,
            )


def draw_extremes(
    extremes: Sequence[ExtremePlace], metric: Metric, choice: Selection
) -> None:
    """Links to the coldest and to the hottest place of a month's cells."""
    with st.container(key="ranked-extremes"):
        for end, name, unit, sector in extremes:
            label = choice.text(f"overview.{end}", place=name)
            _link(choice, metric, unit, sector, label, ENDS[end])


def draw_changes(changes: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """The places that have moved most, each a link to where it can be looked into."""
    if changes.empty:
        st.caption(choice.text("overview.no_changes"))
    with st.container(key="ranked-changes"):
        for row in changes[:N_CHANGES].to_dict("records"):
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


def _link(
    choice: Selection, metric: Metric, unit: Any, sector: Any, *look: str
) -> None:
    label, icon = look
    label = label.replace(" %", "\N{NO-BREAK SPACE}%")
    places = {"metric": metric.id, "unit": unit, "sector": sector}
    selection.page_link(choice, "sector_gaps", label, icon=icon, **places)
