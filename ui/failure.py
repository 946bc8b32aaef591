"""What a reader sees when a page fails or is not there, in the product's words.

Streamlit would say both in English, in its own words and without a way back.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import streamlit as st
from streamlit.errors import FragmentHandledException
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from reports.words import catalogue
from ui import selection

HIDDEN = "<style>[data-testid=stException] { display: none }</style>"


@contextmanager
def reported() -> Iterator[None]:
    """Say below what was drawn that the rest has failed; the fault itself goes on.

    It ends in the server's log with its traceback. Streamlit's own box is hidden.
    """
    try:
        yield
    except FragmentHandledException:
        raise  # said where it happened
    except Exception:
        language = selection.language()
        now = datetime.now().astimezone()
        with st.container(key="failure", border=True):
            st.html(HIDDEN)
            st.markdown(f"**{catalogue.text(language, 'failure.title')}**")
            st.markdown(
                catalogue.text(
                    language, "failure.what", when=f"{now:%Y-%m-%d %H:%M:%S}"
                )
            )
            _way_back(language)
        raise


def missing_page(titles: Mapping[str, str]) -> StreamlitPage | None:
    """A page that stands in for the requested one, where there is none of that name.

    `titles` are the titles of all pages by the name in their address.
    """
    context = get_script_run_ctx()
    wanted = (context and context.pages_manager.intended_page_name) or ""
    # A later run of the page is requested by its hash, no longer by its name.
    name = selection.missing_page("" if wanted in titles else wanted)
    if not name:
        return None

    def say() -> None:
        language = selection.language()
        st.title(catalogue.text(language, "failure.no_page"), anchor=False)
        st.markdown(
            catalogue.text(language, "failure.no_page_what", name=catalogue.plain(name))
        )
        near = difflib.get_close_matches(name.lower(), titles, n=1)
        for found in near:
            link = f"[{catalogue.plain(titles[found])}](./{found}?lang={language})"
            st.markdown(catalogue.text(language, "failure.near", link=link))
        _way_back(language)

    return st.Page(
        say,
        title=catalogue.text(selection.language(), "failure.no_page"),
        url_path=name,
        visibility="hidden",
    )


def _way_back(language: str) -> None:
    words = catalogue.text(language, "failure.back")
    st.markdown(f"[{words}](./?lang={language})")
