"""A short table as a phone shows it: each row a name and what stands under it.

Sent beside the table of a desk, of which `frame.css` shows one or the other: the server
does not know how wide a screen is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone
from html import escape
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.files.records import local_times
from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording

MOST_COLUMNS_BESIDE = 3  # so many fit a phone as they are
NAMES = ("text", "day", "ordinal")
MOST_NAMES = 3  # what more a row says in words stands below, under its headings


def fits_phone(table: DisplayTable) -> bool:
    """Whether all columns stand beside each other on a phone."""
    return table.frame.shape[1] <= MOST_COLUMNS_BESIDE


def draw_phone_rows(
    table: DisplayTable,
    *,
    alt: str = "",
    n_rows: int | None = None,
    links: Sequence[str] = (),
    below: str = "",
) -> None:
    """Draw a table for phones; whatever draws it for other screens must come next.

    Parameters
    ----------
    alt
        What the table is of, for those who do not see it.
    n_rows
        So many of the first rows, by default all.
    links
        The address that each row leads to, "" where it leads nowhere.
    below
        What is left to be said, such as how many rows there are besides.
    """
    written, about = _written.setdefault(table, {}), (n_rows, tuple(links))
    if about not in written:
        written[about] = _write_rows(table, n_rows, links)
    label = f' aria-label="{escape(alt)}"' if alt else ""
    rest = f'<p class="phone-rest">{escape(below)}</p>' if below else ""
    st.html(f'<ul class="phone-rows"{label}>{written[about]}</ul>{rest}')


# A table that is kept is written once.
_written: WeakKeyDictionary[DisplayTable, dict[tuple, str]] = WeakKeyDictionary()


def _write_rows(table: DisplayTable, n_rows: int | None, links: Sequence[str]) -> str:
    first = DisplayTable(table.frame.head(n_rows), table.hints) if n_rows else table
    told, hints = in_words(first)
    headings = list(told.columns)
    n_names = _count_names(hints)
    for heading, hint in zip(headings[:n_names], hints, strict=False):
        if hint.kind == "ordinal":  # a mere number would not say of what
            told[heading] = [f"{heading} {number}" for number in told[heading]]
    addresses = links or [""] * len(told)
    return "".join(
        _row(headings, row, n_names, address)
        for row, address in zip(told.itertuples(index=False), addresses, strict=True)
    )


def in_words(table: DisplayTable) -> tuple[pd.DataFrame, list[Hint]]:
    """Every value as `texts` writes it, and how each column is drawn."""
    told = texts(table, load_registry().calendar.timezone)
    return told, [table.hints.get(heading, Hint("text")) for heading in told]


def texts(table: DisplayTable, zone: timezone) -> pd.DataFrame:
    """Every value as a reader sees it, in text; a missing one is "".

    `zone` is that of the times that are told.

    >>> frame = pd.DataFrame({"n": [1234, None], "share": [0.5, 1.0], "of": [1.5, 2]})
    >>> hints = {"n": Hint("integer"), "share": Hint("percent"), "of": Hint("number")}
    >>> zone = load_registry().calendar.timezone
    >>> texts(DisplayTable(frame, hints), zone).to_numpy().tolist()
    [['1,234', '50.0 %', '1.50'], ['', '100 %', '2.00']]
    """
    writers = {
        "integer": lambda value: f"{value:,.0f}",
        "ordinal": lambda value: f"{value:.0f}",
        "percent": wording.percent,
        "number": lambda value: f"{value:,.2f}",
        "time": lambda value: f"{value:%Y-%m-%d %H:%M}",
    }
    told = {}
    for heading, values in table.frame.items():
        kind = table.hints.get(heading, Hint("text")).kind
        shown = local_times(values, zone) if kind == "time" else values
        write = writers.get(kind, str)
        # What was filed before and after stands as text among numbers.
        told[heading] = [
            value
            if isinstance(value, str)
            else ("" if wording.is_missing(value) else write(value))
            for value in shown
        ]
    return pd.DataFrame(told, index=table.frame.index, dtype=object)


def _row(
    headings: Sequence[str], row: Sequence[str], n_names: int, address: str
) -> str:
    row = [catalogue.solid(value) for value in row]
    name = escape(" · ".join(filter(None, row[:n_names])))
    if address:
        name = f'<a href="{escape(address)}">{name}</a>'
    pairs = [
        f"<div><dt>{escape(heading)}</dt><dd>{escape(value)}</dd></div>"
        for heading, value in zip(headings[n_names:], row[n_names:], strict=True)
        if value
    ]
    return f"<li><b>{name}</b><dl>{''.join(pairs)}</dl></li>"


def _count_names(hints: Sequence[Hint]) -> int:
    """How many columns say what a row is of: the first ones before the first figure.

    Where there are texts alone it is the first.

    >>> _count_names([Hint("ordinal"), Hint("text"), Hint("integer")])
    2
    >>> _count_names([Hint("text"), Hint("text")])
    1
    >>> _count_names([*[Hint("text")] * 6, Hint("integer")])
    3
    """
    kinds = [hint.kind for hint in hints]
    figures = [at for at, kind in enumerate(kinds) if kind not in NAMES]
    return min(max(1, figures[0]), MOST_NAMES) if figures else 1
