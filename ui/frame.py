"""What stands around every page: menu and notices above, sources below, the address.

Nothing here knows what a page shows.
"""

from __future__ import annotations

import functools
import tomllib
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from data_pipeline.rates import Marts
from reports.words import catalogue
from ui import address, roles, search, selection
from ui.components.menu import draw_menu
from ui.markup import draw_style
from ui.marts import say_manifest, unrecorded
from ui.menu import MENU, menu, pages
from ui.selection import Selection

FOLDER = Path(__file__).parent
_PNG = (FOLDER / "assets" / "icon.png").read_bytes()
# As text: Streamlit drops a file while the last reader's run starts anew, and a browser
# that asks for it just then would get a 404.
ICON = f"data:image/png;base64,{b64encode(_PNG).decode()}"
STYLE = FOLDER / "assets" / "frame.css"


@functools.cache
def version() -> str:
    """The version of the product, as pyproject.toml says."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    return project["project"]["version"]


def head(
    choice: Selection,
    page: str,
    marts: Marts | None,
    *,
    is_missing: bool = False,
    is_misread: bool = False,
) -> None:
    """The menu, what the reader must know before any figure, the language switch.

    `is_missing`: the address names no page, and `page` is the way back, which the menu
    does not mark. `is_misread`: Streamlit has just shown the reader "Page not found" by
    mistake.
    """
    draw_style(STYLE)
    with st.container(key="bar"):
        address.show(
            page,
            urlencode(choice.query()),
            selection.carried(),
            choice.lang,
            is_misread=is_misread,
        )
        _menu(choice, None if is_missing else page or MENU[0].name)
        if marts:
            search.draw()
        with st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", key="notice"
        ):
            if marts:
                _notice(choice, marts)
            _reader(choice)
            selection.choose_language(choice)
    _say_damage(choice, page, marts)
    if marts and (sentence := unrecorded(choice.lang)):
        st.error(catalogue.plain(sentence), icon=":material/visibility_off:")
    if choice.faults:
        st.warning("  \n".join(choice.faults), icon=":material/link_off:")


def _say_damage(choice: Selection, page: str, marts: Marts | None) -> None:
    """Files of the snapshot that are not what they were, and of the manifest."""
    sentences = list(marts.snapshot.damage(choice.lang) if marts else ())
    entry = pages().get(page)
    if not (entry and entry.is_of_files):
        sentences.append(say_manifest(choice.lang))
    for sentence in filter(None, sentences):
        st.error(catalogue.plain(sentence), icon=":material/heart_broken:")


def lead_to_files(choice: Selection) -> None:
    """The way to the page that needs no figures, where none can be shown."""
    words = choice.text("frame.empty.upload")
    selection.page_link(choice, "submissions", words)


def foot(choice: Selection, marts: Marts | None) -> None:
    """Where the data, the map and the definitions come from.

    The address says from here on what has been shown.
    """
    with st.container(key="foot"):
        if marts:
            _snapshot(choice, marts)
        st.caption(choice.text("frame.footer", version=version()))
        address.correct(*selection.settle())


def _menu(choice: Selection, here: str | None) -> None:
    reader = roles.reader()
    sections = [
        {
            "name": choice.text(f"frame.section.{section}"),
            "pages": [
                {
                    "name": entry.title(choice.lang),
                    "to": entry.address,
                    "isHere": entry.name == here,
                    "isWall": entry.is_wall,
                }
                for entry in entries
                if reader.may_open(entry.name)
            ],
        }
        for section, entries in menu().items()
    ]
    sections = [section for section in sections if section["pages"]]
    draw_menu(choice.text("frame.menu"), sections)


def _notice(choice: Selection, marts: Marts) -> None:
    """What the reader must know before any figure."""
    snapshot, zone = marts.snapshot, marts.registry.calendar.timezone
    if snapshot.is_demo:
        st.badge(
            choice.text("frame.demo"),
            color="orange",
            help=choice.text("frame.demo_help"),
        )
    if snapshot.as_of:
        when = f"{snapshot.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
        st.badge(choice.text("frame.as_of", when=when), color="violet")
    if snapshot.set_aside:
        n = len(snapshot.set_aside)
        st.badge(choice.text("frame.set_aside", n=n), color="red")


def _reader(choice: Selection) -> None:
    """Who reads, and what of the city he sees; the way out where there is a login."""
    reader = roles.reader()
    if reader.is_local:
        about = choice.text("roles.local.about")
        st.badge(choice.text("roles.local.name"), color="blue", help=about)
        return
    about = choice.text(f"roles.about.{reader.kind}")
    st.badge(reader.role_name(choice.lang), color="blue", help=about)
    if reader.group:
        st.badge(choice.text("roles.part"), color="orange", help=about)
    if st.button(choice.text("roles.log_out"), type="tertiary", key="log_out"):
        st.logout()


def _snapshot(choice: Selection, marts: Marts) -> None:
    snapshot, zone = marts.snapshot, marts.registry.calendar.timezone
    built = f"{snapshot.built_at.astimezone(zone):%Y-%m-%d %H:%M}"
    st.caption(
        choice.text(
            "frame.snapshot",
            id=snapshot.id.rpartition("-")[2],
            built=built,
            n=f"{snapshot.n_submissions:,}",
        ),
        help=catalogue.plain(snapshot.id),
    )
