"""Heads of panels in a line: a word opens its panel below the line, or closes it.

Streamlit's own is a box around each panel: three elements for two words, and a page
with five figures has fifteen, closed on nearly every visit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from ui.components.kit import heard, register

# Registered once, at import.
_PANELS = register("panels", '<div class="line"></div>', "panels.css", "panels.js")


def draw_heads(words: Mapping[str, str], opened: Collection[str], key: str) -> None:
    """Draw the line; a click runs the page, or its fragment, anew.

    Parameters
    ----------
    words
        The head of each panel by its name.
    opened
        Which are open, from `selection.opened_panels` of the same `key`.
    """
    line = {"words": list(words.items()), "opened": sorted(opened)}
    data = {"panels": json.dumps(line, ensure_ascii=False)}
    _PANELS(key=key, data=data, on_opened_change=heard)
