"""The menu: few words at first sight, the pages below each, the active one marked.

Streamlit's own menu marks no page and drops the choices of the address. The links here
take along what address.py says at the moment of the click, so that a second tab opened
from them shows the same place and month, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ui.components.kit import register

# Registered once, at import.
_MENU = register(
    "menu",
    """<nav>
      <button type="button" class="all" aria-controls="sections" aria-expanded="false">
        <span aria-hidden="true">☰</span> <span class="here"></span>
      </button>
      <ul id="sections"></ul>
    </nav>""",
    "menu.css",
    "visit.js",
    "menu.js",
    # In the page's own tree: the link that skips to the content must precede its links.
    isolate_styles=False,
)


def draw_menu(label: str, sections: Sequence[Mapping[str, Any]]) -> None:
    """Draw the menu.

    Parameters
    ----------
    label
        What it is, for those who do not see it.
    sections
        `name` and `pages`, each with `name`, `to`, `isHere` and `isWall`. A section of
        one page is a link itself.
    """
    menu = {"label": label, "sections": list(sections)}
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    _MENU(key="menu", data={"menu": json.dumps(menu, ensure_ascii=False)})
