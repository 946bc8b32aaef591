"""Title and choices in one row: what a page answers belongs above the fold."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import selection
from ui.selection import Selection


def draw_title_row(
    choice: Selection, title: str, *widgets: str, **offered: Any
) -> Selection:
    """Draw them and return what is chosen; arguments as in `selection.choose`."""
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        st.title(title, anchor=False, width="content")
        return selection.choose(choice, *widgets, **offered)


def draw_title_trail(title: str) -> DeltaGenerator:
    """Draw the title and return the place beside it, for `selection.breadcrumb`."""
    row = {"horizontal": True, "vertical_alignment": "center", "key": "title-trail"}
    with st.container(**row):
        st.title(title, anchor=False, width="content")
        return st.container(width="content")
