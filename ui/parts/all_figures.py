"""All figures of the snapshot as one long file, for tools of an analyst's own."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import streamlit as st

from data_pipeline.rates import Marts
from reports.files import all_figures
from reports.files.export_context import command_line
from reports.words import catalogue, wording
from ui import failure, marts, roles, selection
from ui.lake import lake_name
from ui.metric_view import LABELS, MEDIA_TYPES, show_commands
from ui.selection import Selection

KEY = "all-figures"


def draw_all_figures(choice: Selection) -> None:
    """Offer every metric of the shown month, or of all months so far, as a file.

    The same bytes as `python -m reports export --all`, whatever filter is chosen; made
    once a file is requested.
    """
    title = choice.text("figure.all")
    opened = st.expander(title, key=KEY, type="compact", on_change="rerun")
    if not opened.open:
        return
    with opened, failure.reported():
        st.caption(catalogue.plain(choice.text("figure.all_about")))
        so_far = [month for month in selection.months() if month <= choice.month]
        for months in dict.fromkeys(((choice.month,), tuple(so_far))):
            _offer(choice, months)


def _offer(choice: Selection, months: Sequence[str]) -> None:
    opened = marts.current()
    ends = tuple(dict.fromkeys((months[0], months[-1])))
    label = " – ".join(wording.month_name(month, choice.lang) for month in ends)
    # Snapshot and months decide every byte: known before the file is made.
    about = f"{opened.snapshot.state}{opened.snapshot.id}{months}"
    identity = hashlib.sha256(about.encode()).hexdigest()[:8]
    key = f"{KEY}-{len(months)}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.markdown(catalogue.plain(label), width="content")
        for ending in all_figures.FORMATS:
            st.download_button(
                LABELS[ending],
                roles.at_click(functools.partial(_make, opened, tuple(months), ending)),
                file_name=all_figures.name_of(opened, months, identity, ending),
                mime=MEDIA_TYPES[ending],
                on_click="ignore",
                type="tertiary",
                help=choice.text("figure.all_help"),
                key=f"{ending}-{key}",
            )
        arguments = ("export", "--all", "--months", "..".join(ends), "--out", "all.csv")
        command = command_line(arguments, lake_name())
        show_commands({"command_about_whole": command}, choice, key)


def _make(opened: Marts, months: tuple[str, ...], ending: str) -> bytes:
    """The file of the snapshot that the page showed, whatever is current by now."""
    frame = all_figures.all_figures(opened, months)
    return all_figures.to_bytes(frame, opened, ending)
