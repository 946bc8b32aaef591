"""The one-page brief of the place on screen, as the command writes it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable

import pandas as pd
import streamlit as st

from data_pipeline.rates import Marts
from reports.brief.rows import Place, brief
from reports.bulletin.facts import GROUP, Facts
from reports.files.export import file_name
from reports.files.paper import Paper
from ui import failure, marts, roles, selection
from ui.parts.actions import BRIEF
from ui.parts.papers import draw_as_text
from ui.selection import Selection

KEY = "brief"


def _place(choice: Selection) -> Place | None:
    """The unit, the group or the city; None of several units, which have no brief."""
    if choice.unit:
        return {"unit": choice.unit}
    if choice.units:
        return None
    return {GROUP: choice.group} if choice.group else {}


def offer_brief(choice: Selection) -> None:
    """The page to take along, made on the click: its rules are read for it alone."""
    place, opened = _place(choice), marts.current()
    if place is None:
        return
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
                functools.partial(_make, _asked(choice, place), opened, name)
            ),
            file_name=name,
            mime="application/pdf",
            on_click="ignore",
            icon=":material/picture_as_pdf:",
            type="tertiary",
            help=choice.text("area_profile.brief_help"),
            key=f"pdf-{KEY}",
        )


# Its own fragment: opening it redraws nothing else.
@roles.fragment()
def show_brief(choice: Selection) -> None:
    """The same page to be read here, behind a word; worked out only once it is open."""
    place = _place(choice)
    if place is None:
        return
    words = {KEY: choice.text("area_profile.brief_here")}
    if selection.choose_panels(words, f"panels-{KEY}"):
        with failure.reported():
            paper = marts.kept_of(choice.alone, (KEY, "paper"), _asked(choice, place))
            draw_as_text(paper, choice, f"paper-{KEY}")


def _asked(choice: Selection, place: Place) -> Callable[[], Paper]:
    """What writes the page, of the marts that are open now."""
    about = (marts.current(), choice.month, marts.current_flags()[0].found, choice.lang)
    return functools.partial(_write, *about, place)


def _write(
    opened: Marts, month: str, flags: pd.DataFrame, language: str, place: Place
) -> Paper:
    facts = Facts(opened, month, flags, marts.findings_of(opened), language)
    return brief(facts, place)


def _make(write: Callable[[], Paper], opened: Marts, name: str) -> bytes:
    """The page; that it was taken along whole is on record."""
    # The writer is needed only here, and costs every page start otherwise.
    from reports.files.pdf_file import pdf_bytes

    content = pdf_bytes(write())
    roles.note_whole(opened, name)
    return content
