"""The parts of the page 总览 that are not pictures: headline row and ranked links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import Metric
from data_pipeline.unevenness import Extreme
from reports import sentences, wording
from reports.overview import Headline
from ui import i18n, selection
from ui.selection import Selection

DELTA_COLOURS = {"higher": "normal", "lower": "inverse", "none": "off"}


def draw_headlines(headlines: Sequence[Headline], choice: Selection) -> None:
    """Six figures across on a desk, two on a phone, each with its months so far."""
    with st.grid(len(headlines), min_column_width=150, key="headlines"):
        for headline in headlines:
            st.metric(
                i18n.plain(headline.label),
                headline.value,
                headline.delta,
                DELTA_COLOURS[headline.better],
                help=i18n.plain(headline.help),
                border=True,
                height="stretch",
                chart_data=headline.trend,
                chart_type="area",
                delta_description=choice.text("overview.since_last_month"),
            )


def draw_extreme(
    extreme: Extreme | None, cells: pd.DataFrame, metric: Metric, choice: Selection
) -> None:
    """A link to the hottest or the coldest place."""
    if extreme is None:
        return
    unit, sector = (cells.loc[extreme.index, name] for name in ("unit", "sector"))
    place = f"{choice.name('unit', unit)} {choice.name('sector', sector)}"
    label = f"{place} {wording.percent(extreme.rate)}"
    selection.page_link(
        choice, "sector_gaps", label, metric=metric.id, unit=unit, sector=sector
    )


def draw_changes(rows: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """The places that have moved most, each a link to where it can be looked into."""
    if rows.empty:
        st.caption(choice.text("overview.no_changes"))
        return
    for row in rows.to_dict("records"):
        _draw_change(row, metric, choice)


def _draw_change(row: dict[str, Any], metric: Metric, choice: Selection) -> None:
    place = f"{choice.name('unit', row['unit'])} {choice.name('sector', row['sector'])}"
    label = sentences.change(
        place, row["rate_before"], row["rate"], metric, choice.lang
    )
    rises = row["change"] > 0
    selection.page_link(
        choice,
        "sector_gaps",
        label,
        icon=":material/arrow_upward:" if rises else ":material/arrow_downward:",
        metric=metric.id,
        unit=row["unit"],
        sector=row["sector"],
    )
