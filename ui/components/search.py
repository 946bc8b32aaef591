"""A field that lists what a reader may mean: typed, chosen by arrow keys or a click."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ui.components.kit import heard, register

KEY = "search"
# Registered once, at import.
_SEARCH = register(
    "search",
    """<div role="search">
      <input type="text" role="combobox" autocomplete="off" spellcheck="false"
        maxlength="60" aria-autocomplete="list" aria-expanded="false"
        aria-controls="found">
      <ul id="found" role="listbox" hidden></ul>
      <p class="none" hidden></p>
      <span class="count" role="status"></span>
    </div>""",
    "search.css",
    "visit.js",
    "search.js",
)


def draw_search(
    words: Mapping[str, str], query: str, found: Sequence[Mapping[str, str]]
) -> None:
    """Draw the field and what was found.

    Parameters
    ----------
    words
        `label` and `hint` of the field, `none` where nothing was found.
    query
        What `found` answers: the field shows it only while that still stands there.
    found
        `name`, `kind` (what it is) and `to`.
    """
    data = {"words": dict(words), "query": query, "found": list(found)}
    _SEARCH(
        key=KEY,
        data={"search": json.dumps(data, ensure_ascii=False)},
        on_query_change=heard,
    )
