"""A table of lines and columns whose cells are short words, links and small pictures.

A table of real headings and links, so that a key, a screen reader and a second tab
work; one component without iframe or outside request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reports.figures import style
from ui.components.kit import register_picture

_COLOURS = {"done": style.DONE, "late": style.LATE, "found": style.HOT}
_STYLE = ";".join(f"--{name}:{colour}" for name, colour in _COLOURS.items())
# Registered once, at import.
_MATRIX = register_picture(
    "link_matrix",
    f'<div class="scroll" role="region" tabindex="0" style="{_STYLE}">'
    "<table></table></div>",
    "link_matrix.css",
    "link_matrix.js",
)


def draw_link_matrix(
    caption: str,
    corner: str,
    columns: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    *,
    key: str,
    look: str = "",
) -> None:
    """Draw a table of links.

    Parameters
    ----------
    caption
        What the table shows, for those who do not see it.
    corner
        What the lines are.
    columns
        `name` and, where the heading is a link, `to`; none for a list without headings.
    lines
        `name`, `to`, `label` (all that the link says), `isGroup` (set off from the
        others) and `cells`: `text` and optionally `to`, `label`, `state`, one of
        "late", "missing", "changed", which gives a ground beside the words, `step`, a
        colour step of hot and cold, `isWide`, where a desk keeps the words of a cell to
        few lines, and one picture before the text: `spark`, shares
        from month to month (None: not known); `range`, `claimed` and `found` with
        `lower` and `upper` on a `scale` (from, to), all shares; `parts`, pairs of a
        kind ("done", "late") and its share of the whole.
    look
        "read" where cells are sentences, which break; "tight" where short columns
        have little room; on a phone "narrow" breaks words that fit a desk, and
        on a screen that is no desk "stacked" lists of a line what it mostly says once
        and the columns that differ.
    """
    matrix = {"caption": caption, "corner": corner, "look": look}
    matrix |= {"columns": list(columns), "lines": list(lines)}
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    text = json.dumps(matrix, ensure_ascii=False, allow_nan=False)
    _MATRIX(key=key, data={"matrix": text})
