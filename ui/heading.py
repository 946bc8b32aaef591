"""Headings, which a browser draws in a third of what one of `st.header` takes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports.words import catalogue


def draw_heading(words: str, *, level: int = 2, **options: Any) -> None:
    """Draw a heading of words that are letters alone; `options` are Streamlit's."""
    st.html(f"<h{level}>{catalogue.letters(words)}</h{level}>", **options)
