"""The one-page brief of the place on screen, as the command writes it."""

from __future__ import annotations

import functools
import hashlib

import pandas as pd
import streamlit as st

from data_pipeline.rates import Marts
from reports.brief.rows import Place, brief
from reports.bulletin.facts import GROUP, Facts
from reports.files.export import file_name
from ui import marts, roles
from ui.parts.actions import BRIEF
from ui.selection import Selection

KEY = "brief"


def draw_brief(choice: Selection) -> None:
    """Offer the page on the unit, the group or the city; several units have none.

    Made on the click: what the rules find is read for it alone.
    """
    if choice.units and not choice.unit:
        return
    place: Place = {"unit": choice.unit} if choice.unit else {}
    if choice.group and not choice.unit:
        place = {GROUP: choice.group}
    opened, (flags, _) = marts.current(), marts.current_flags()
    code = next(iter(place.values()), "00")
    # These decide every byte: known before the page is made.
    about = f"{opened.snapshot.state}{choice.month}{code}{choice.lang}"
    identity = hashlib.sha256(about.encode()).hexdigest()[:8]
    parts = (KEY, choice.month, code, choice.lang)
    name = file_name(parts, opened.snapshot, identity, "pdf")
    with st.container(width="content", key=BRIEF):
        st.download_button(
            choice.text("area_profile.brief"),
            roles.at_click(
                functools.partial(
                    _make, opened, choice.month, flags.found, choice.lang, place, name
                )
            ),
            file_name=name,
            mime="application/pdf",
            on_click="ignore",
            icon=":material/picture_as_pdf:",
            type="tertiary",
            help=choice.text("area_profile.brief_help"),
            key=f"pdf-{KEY}",
        )


def _make(
    opened: Marts,
    month: str,
    flags: pd.DataFrame,
    language: str,
    place: Place,
    name: str,
) -> bytes:
    """The page; that it was taken along whole is on record."""
    # The writer is needed only here, and costs every page start otherwise.
    from reports.files.pdf_file import pdf_bytes

    facts = Facts(opened, month, flags, marts.findings_of(opened), language)
    content = pdf_bytes(brief(facts, place))
    roles.note_whole(opened, name)
    return content
