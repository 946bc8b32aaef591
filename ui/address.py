"""The browser's address bar: what it says, and turning to another address.

Streamlit alone would leave a menu click at a bare address, give `st.switch_page` two
entries in the history (the first is this page with the other page's choices) and not
move the address at all for a link to the page one is on. So these few lines are done
in the browser, where going back is then one step for one click.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from reports.words import catalogue
from ui.menu import pages

_FOLDER = Path(__file__).parent
_JS = "\n".join(
    (_FOLDER / name).read_text("utf-8")
    for name in ("components/visit.js", "desk_rows.js", "address.js")
)
# Of a later start greater, too: the page of a reader outlives the server.
_RUNS = itertools.count(time.time_ns() // 1000)
# Registered once, at import.
_ADDRESS = st.components.v2.component("address", js=_JS)
_TRAIL = st.components.v2.component(
    "trail",
    html="<nav><ol></ol></nav>",
    css=(_FOLDER / "trail.css").read_text("utf-8"),
    js=_JS,
)


def show(
    page: str, query: str, carried: str, language: str, *, is_misread: bool = False
) -> None:
    """Make a bare address say what is on the screen, and the document its language.

    `carried` is the query that the menu takes along to another page. `is_misread`
    closes the "Page not found" of ui/server.py.
    """
    how = {
        "language": catalogue.DOCUMENT_LANGUAGES[language],
        "words": _streamlit_words(language),
        # The first answers by its name, too.
        "pages": json.dumps(["", *pages()]),
        "close": is_misread,
    }
    _mount("address", page, query, [""], carried, **how)


@cache
def _streamlit_words(language: str) -> str:
    """JSON of what Streamlit says, in whichever language it stands by now, to ours."""
    terms = catalogue.terms("frame.streamlit").values()
    return json.dumps(
        {said: term[language] for term in terms for said in term.values()}
    )


def correct(page: str, query: str, until_now: Sequence[str], carried: str) -> None:
    """Make the address of `page` say `query` where it still says one of `until_now`.

    Drawn last: what the address names behind # is there by now and is scrolled to.
    """
    _mount("settled", page, query, until_now, carried, scroll=True)


def _mount(
    key: str, page: str, query: str, said: Sequence[str], carried: str, **how: Any
) -> None:
    # Numbered, as Streamlit hands data on to the browser only when they are others. A
    # list goes as text: Streamlit would try each kind of table on it first.
    data = {"page": page, "query": query, "from": json.dumps(said), "carried": carried}
    _ADDRESS(key=key, data=data | how | {"run": next(_RUNS)})


def visit(address: str) -> None:
    """Turn to `address`, as a click on a link would. The run ends here."""
    _ADDRESS(key="visit", data={"visit": address})
    st.stop()


def draw_trail(label: str, steps: Sequence[tuple[str, str]]) -> None:
    """Draw links (name, address) that lead up; the last name is where one is."""
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    trail = json.dumps([{"name": name, "to": to} for name, to in steps])
    _TRAIL(key="trail", data={"label": label, "trail": trail})
