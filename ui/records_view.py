"""A list on a page: its rows and its files are one frame, as with figures.

For what is not a rate: ledger rows, filings, checks, what a statistic says of places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports import records, tables, wording
from reports.records import Records
from ui import i18n, marts
from ui.metric_view import digest, draw_files, draw_rows, file_name
from ui.selection import Selection


def show_records(
    frame: pd.DataFrame,
    choice: Selection,
    name: str,
    title: str,
    *,
    table: str = "ledger",
    display: tables.DisplayTable | None = None,
    filters: Sequence[tuple[str, str]] | None = None,
    caption: str = "",
    on_select: str = "ignore",
) -> Any:
    """Draw a list under its title, with its downloads.

    Parameters
    ----------
    frame
        Rows with codes, as `rates.read_ledger` and its like give them; a remark
        (`note`) is neither shown nor handed out.
    name
        Of the list, unique on its page; begins the names of its files.
    table
        Whose headings the columns have, as in `tables.records_table`.
    display
        The same rows as people read them, where the columns are not a table's.
    filters
        What was asked, as (label, value) in the reader's words; default the chosen
        place and month.
    on_select
        "rerun" to get back which row is clicked.

    Returns
    -------
    The event of the table, None where there are no rows.
    """
    registry, lang = load_registry(), choice.lang
    if filters is None:
        month = wording.month_name(choice.month, lang)
        filters = (
            (choice.text("selection.unit"), choice.place),
            (choice.text("selection.month"), month),
        )
    found = Records(
        frame=frame,
        table=display or tables.records_table(frame, table, registry, lang),
        title=title,
        filters=tuple(filters),
        snapshot=marts.current().snapshot,
        language=lang,
    )
    identity = digest(found.public, repr((title, filters)))
    parts = (name, choice.month, *(code for (code,) in choice.where.values()))

    def name_file(ending: str) -> str:
        return file_name(parts, found.snapshot.is_demo, identity, ending)

    with st.container(key=f"records-{name}", gap="xsmall"):
        if title:
            st.subheader(i18n.plain(title), anchor=False)
        event = None
        if frame.empty:
            st.caption(choice.text("figure.no_rows"))
        else:
            event = draw_rows(found.table, name, alt=title, on_select=on_select)
        draw_files(
            lambda ending: records.to_bytes(found, ending),
            name_file,
            choice,
            name,
            caption,
        )
    return event
