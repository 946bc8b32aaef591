"""The door: what is shown in place of any page to who may see none."""

from __future__ import annotations

import streamlit as st

from reports.words import catalogue
from ui import menu, selection
from ui.frame import ICON
from ui.roles import Barred


def draw(barred: Barred) -> None:
    """Why nothing is shown, and what to do, at whatever address was requested."""
    lang = selection.language()

    def text(key: str, **values: str) -> str:
        plain = {name: catalogue.plain(value) for name, value in values.items()}
        return catalogue.text(lang, f"roles.{key}", **plain)

    def say() -> None:
        st.title(catalogue.text(lang, "frame.name"), anchor=False)
        st.markdown(text(f"barred.{barred.kind}", subject=barred.subject))
        if barred.kind == "no_table" and barred.table:
            for fault in barred.table.faults:
                st.error(catalogue.plain(fault.sentence(lang)))
        if barred.kind == "logged_out":
            if st.button(text("log_in"), key="log_in"):
                st.login()
        elif st.button(text("log_out"), key="log_out"):
            st.logout()

    st.set_page_config(page_icon=ICON, page_title=catalogue.text(lang, "frame.name"))
    # Every address that there is leads here: none is said not to be found.
    names = ["start", *(entry.name for entry in menu.pages().values())]
    pages = [
        st.Page(say, title=name, url_path=name, default=name == "start")
        for name in names
    ]
    st.navigation(pages, position="hidden").run()
