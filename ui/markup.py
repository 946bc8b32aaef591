"""HTML that is written here, handed to the browser as it is."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import streamlit as st

from reports.words import catalogue


class _Written(str):
    """Text that says itself to be HTML.

    Of any other Streamlit looks for an indent that all lines have in common, which
    takes five times as long as all the rest of what it does with a table.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def draw_html(text: str, **options: Any) -> None:
    """As st.html draws it; `options` are its own."""
    st.html(_Written(text), **options)


def draw_style(file: Path) -> None:
    """The styles of a file, read once: by its name Streamlit reads it each time."""
    st.html(_style(file))


@functools.cache
def _style(file: Path) -> _Written:
    return _Written(f"<style>{file.read_text('utf-8')}</style>")


def draw_heading(words: str, *, level: int = 2, **options: Any) -> None:
    """A heading of words that are letters alone; `options` are those of st.html.

    A browser draws it in a third of what one of `st.header` takes it.
    """
    draw_html(f"<h{level}>{catalogue.letters(words)}</h{level}>", **options)
