"""A table as a desk shows it: text, which a browser has drawn at once.

A grid of Streamlit's is a canvas with a hidden table behind it, takes several times as
long, and prints what is in sight; hundreds of rows need one, of which it draws a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording
from ui.phone_rows import in_words

ONE_LINE = 20  # columns of text that stay in one line beside longer ones
FIGURES = ("integer", "ordinal", "percent", "number")


def draw_desk_rows(
    table: DisplayTable,
    *,
    alt: str,
    links: Sequence[str] = (),
) -> None:
    """Draw all rows; a click on a heading sorts them (`address.js`).

    Parameters
    ----------
    alt
        What the table is of, for those who do not see it.
    links
        The address that each row leads to, "" where it leads nowhere.
    """
    written, about = _written.setdefault(table, {}), tuple(links)
    if about not in written:
        written[about] = _write(table, links)
    st.html(
        f'<div class="desk-rows"><table aria-label="{escape(alt)}">'
        f"{written[about]}</table></div>"
    )


# A table that is kept is written once.
_written: WeakKeyDictionary[DisplayTable, dict[tuple, str]] = WeakKeyDictionary()


def _write(table: DisplayTable, links: Sequence[str]) -> str:
    told, hints = in_words(table)
    looks = [
        _look(hint, told[name]) for name, hint in zip(told.columns, hints, strict=True)
    ]
    heads = "".join(map(_head, told.columns, hints, looks))
    addresses = links or [""] * len(told)
    rows = "".join(
        f"<tr>{''.join(_cells(row, looks, address))}</tr>"
        for row, address in zip(told.itertuples(index=False), addresses, strict=True)
    )
    return f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"


def _look(hint: Hint, words: pd.Series) -> str:
    """The class of a column: figures stand to the right, what is short in one line."""
    if hint.kind in FIGURES:
        return ' class="figure"'
    longest = max(map(wording.text_width, words), default=0)
    return ' class="line"' if longest <= ONE_LINE else ""


def _head(heading: str, hint: Hint, look: str) -> str:
    title = f' title="{escape(hint.help)}"' if hint.help else ""
    words = escape(catalogue.solid(str(heading)))
    return f'<th scope="col"{look}><button type="button"{title}>{words}</button></th>'


def _cells(row: Sequence[str], looks: Sequence[str], address: str) -> list[str]:
    """The cells of a row, of which the first leads to its address."""
    shown = [escape(catalogue.solid(value or wording.UNDEFINED)) for value in row]
    if address:
        shown[0] = f'<a href="{escape(address)}">{shown[0]}</a>'
    return [
        # What may take several lines has a width of its own, or the longest of a row
        # would leave the others room for a word.
        f"<td{look}>{value}</td>" if look else f"<td><div>{value}</div></td>"
        for value, look in zip(shown, looks, strict=True)
    ]
