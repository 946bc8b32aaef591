"""A table of lines and columns whose cells are short words, each a link.

A table of real headings and links, so that a key, a screen reader and a second tab
work; one component without iframe or outside request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent
# Registered once, at import.
_MATRIX = st.components.v2.component(
    "link_matrix",
    html='<div class="scroll" role="region" tabindex="0"><table></table></div>',
    css=(_FOLDER / "link_matrix.css").read_text("utf-8"),
    js=(_FOLDER / "link_matrix.js").read_text("utf-8"),
)


def draw_link_matrix(
    caption: str,
    corner: str,
    columns: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    *,
    key: str,
) -> None:
    """Draw a table of links.

    Parameters
    ----------
    caption
        What the table shows, for those who do not see it.
    corner
        What the lines are.
    columns
        `name` and, where the heading is a link, `to`.
    lines
        `name`, `to`, `isGroup` (set off from the others) and `cells`: `text` and
        optionally `to`, `label` (all that the link says) and `state`, one of "late",
        "missing", "changed", which gives a ground beside the words.
    """
    matrix = {"caption": caption, "corner": corner}
    matrix |= {"columns": list(columns), "lines": list(lines)}
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    _MATRIX(key=key, data={"matrix": json.dumps(matrix, ensure_ascii=False)})
