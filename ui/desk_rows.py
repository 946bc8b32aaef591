"""A table as text, which a browser has drawn at once, for a desk and for a phone.

A grid of Streamlit's is a canvas with a hidden table behind it, takes several times as
long, and prints what is in sight; thousands of rows need one, of which it draws a part.

On a phone each row is a name and what stands under it. The browser makes that list of
the table (`desk_rows.js`): the server does not know how wide a screen is, and to send
both would take twice as long.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from datetime import timezone
from html import escape
from typing import NamedTuple
from weakref import WeakKeyDictionary

import pandas as pd

from data_pipeline.registry import load_registry
from reports.files.records import local_times
from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording
from ui import selection
from ui.components.table import draw_table

ONE_LINE = 20  # columns of text that stay in one line beside longer ones
HEADING = 6  # Chinese characters of a heading that stay in one line
SENTENCE = 140  # columns of text from which on it is given more room than a name
LONG = ' class="long"'
FIGURES = ("integer", "ordinal", "percent", "number")
# Rows at once, on a phone ten of more: the others when asked for, and on paper.
MOST_AT_FIRST = 20
MOST_COLUMNS_BESIDE = 3  # so many fit a phone as they are, where no row is to be hit
NAMES = ("text", "day", "ordinal")
MOST_NAMES = 3  # what more a row says in words stands below, under its headings
LONGEST_NAME = 60  # columns of text; what is longer is a sentence


def draw_desk_rows(
    table: DisplayTable,
    *,
    key: str,
    alt: str,
    links: Sequence[str] = (),
    is_for_phones: bool = False,
    below: str = "",
) -> None:
    """Draw the first rows and, once asked for, the others.

    A click on a heading sorts all of them (`desk_rows.js`).

    Parameters
    ----------
    key
        Name of the element, unique on its page.
    alt
        What the table is of, for those who do not see it.
    links
        The address that each row leads to, "" where it leads nowhere.
    is_for_phones
        Only a phone shows it; whatever draws it for other screens must come next.
    below
        What is left to be said, such as how many rows there are besides.
    """
    written, about = _written.setdefault(table, {}), tuple(links)
    if about not in written:
        written[about] = _write(table, links)
    rows, later, n_names = written[about]
    n_rows, n_columns = table.frame.shape
    if n_columns <= MOST_COLUMNS_BESIDE and not (links or is_for_phones):
        n_names = 0
    lang, more = selection.current().lang, ""
    if later:
        words = escape(catalogue.text(lang, "figure.all_rows", n=f"{n_rows:,}"))
        more = f'<button type="button" data-later="{later}">{words}</button>'
    kind = "desk-rows for-phones" if is_for_phones else "desk-rows"
    rest = f'<p class="phone-rest">{escape(below)}</p>' if below else ""
    of_row = escape(catalogue.text(lang, "figure.rest_of_row"))
    draw_table(
        f'<div class="{kind}" data-names="{n_names}" data-more="{of_row}"><div>'
        f'<table aria-label="{escape(alt)}">{rows}</table></div>{more}{rest}</div>',
        key=key,
    )


class Written(NamedTuple):
    """A table as HTML: headings and first rows, and later ones as an attribute.

    `later` is the address and the texts of each, from which the browser makes rows of
    the same cells when needed: hundreds that nobody has asked for would cost it more
    than the rest of a page. A phone makes a name of the first `n_names` columns.
    """

    rows: str
    later: str
    n_names: int


# A table that is kept is written once.
_written: WeakKeyDictionary[DisplayTable, dict[tuple, Written]] = WeakKeyDictionary()


def _write(table: DisplayTable, links: Sequence[str]) -> Written:
    told = texts(table, load_registry().calendar.timezone)
    hints = [table.hints.get(heading, Hint("text")) for heading in told]
    widths = [max(map(wording.text_width, told[name]), default=0) for name in told]
    looks = list(map(_look, hints, widths))
    heads = "".join(map(_head, told.columns, hints, looks))
    addresses = links or [""] * len(told)
    shown = told.map(lambda value: catalogue.solid(value or wording.UNDEFINED))
    rows = list(zip(addresses, *(shown[name] for name in shown), strict=True))
    first = "".join(map(functools.partial(_row, looks), rows[:MOST_AT_FIRST]))
    later = rows[MOST_AT_FIRST:]
    return Written(
        f"<thead><tr>{heads}</tr></thead><tbody>{first}</tbody>",
        escape(json.dumps(later, ensure_ascii=False)) if later else "",
        _count_names(hints, widths),
    )


def _look(hint: Hint, width: int) -> str:
    """The class of a column: figures stand to the right, what is short in one line."""
    if hint.kind in FIGURES:
        return ' class="figure"'
    if width <= ONE_LINE:
        return ' class="line day"' if hint.kind in ("day", "time") else ' class="line"'
    return LONG if width >= SENTENCE else ""


def _head(heading: str, hint: Hint, look: str) -> str:
    title = f' title="{escape(hint.help)}"' if hint.help else ""
    # On a phone a mere number would not say of what.
    kind = " data-ordinal" if hint.kind == "ordinal" else ""
    words = "<wbr>".join(map(catalogue.letters, _may_break(str(heading))))
    button = f'<button type="button"{title}>{words}</button>'
    return f'<th scope="col"{kind}{look}>{button}</th>'


def _may_break(heading: str) -> list[str]:
    """The parts of a heading that may stand below each other, alike in length.

    A long one in Chinese, without spaces, makes a column as wide as all of it.

    >>> _may_break("第一专题已召开支部数"), _may_break("Communications")
    (['第一专题已', '召开支部数'], ['Communications'])
    """
    if wording.text_width(heading) < 2 * len(heading):
        return [heading]
    n_lines = math.ceil(len(heading) / HEADING)
    each = math.ceil(len(heading) / n_lines)
    return [heading[at : at + each] for at in range(0, len(heading), each)]


def _row(looks: Sequence[str], row: Sequence[str]) -> str:
    """An address and the texts of the cells, of which the first leads there."""
    address, first, *others = row
    said = [selection.anchor(first, address), *map(escape, others)]
    cells = (
        # What may take several lines has a width of its own, or the longest of a row
        # would leave the others room for a word.
        f"<td{look}><div>{text}</div></td>"
        if look in ("", LONG)
        else f"<td{look}>{text}</td>"
        for text, look in zip(said, looks, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


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


def _count_names(hints: Sequence[Hint], widths: Sequence[int]) -> int:
    """How many columns say what a row is of: the first, before a figure or a sentence.

    `widths` are the longest text of each. Where there are texts alone it is the first.

    >>> _count_names([Hint("ordinal"), Hint("text"), Hint("integer")], [1, 9, 3])
    2
    >>> _count_names([Hint("text"), Hint("text")], [9, 9])
    1
    >>> _count_names([*[Hint("text")] * 6, Hint("integer")], [9] * 7)
    3
    >>> _count_names([Hint("text"), Hint("text"), Hint("integer")], [9, 99, 3])
    1
    """
    others = [
        at
        for at, (hint, width) in enumerate(zip(hints, widths, strict=True))
        if hint.kind not in NAMES or width > LONGEST_NAME
    ]
    return min(max(1, others[0]), MOST_NAMES) if others else 1
