"""What turns the slides of the wall view: a timer, keys and buttons, in the browser.

One component without iframe or outside request. It adds nothing to the page while it
turns: which slide is seen is one attribute of the document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ui.components.kit import register

# Registered once, at import.
_WALL = register("wall", '<div class="foot"></div>', "wall.css", "wall.js")


def draw_wall(
    slides: Sequence[str],
    *,
    seconds: int,
    words: Mapping[str, str],
    leave: str,
    notice: str,
) -> None:
    """Turn the containers `slide-0`, `slide-1` … of the page.

    Parameters
    ----------
    slides
        What each is called, at the foot.
    seconds
        How long a slide stays.
    words
        `paused`, `pause`, `resume`, `next`, `previous`, `leave`, `controls`, `every`.
    leave
        The address that Escape and a button lead to.
    notice
        What must be said of the data, at the foot.
    """
    show = {"slides": list(slides), "seconds": seconds, "words": dict(words)}
    show |= {"leave": leave, "notice": notice}
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    _WALL(key="wall-foot", data={"show": json.dumps(show, ensure_ascii=False)})
