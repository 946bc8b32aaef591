"""A paper on the screen: its words as HTML, and its pictures as they are.

Streamlit reads the text of `st.html` through to its end for markup that does harm,
whenever it is drawn: with pictures written into it that takes longer than all else on
the page. Here the browser is handed the bytes of a picture and has nothing to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape

from ui.components.kit import mount, register, to_bytes

# Registered once, at import.
_PAPER = register(
    "paper",
    '<div class="paper-place"></div>',
    "paper.css",
    "paper.js",
    # In the page itself: links lead to its parts, and it is as dark as what is around.
    isolate_styles=False,
)


def picture(words: str) -> str:
    """The place of the next picture, as HTML; `words` are what a screen reader says."""
    return f'<img class="paper" alt="{escape(words)}">'


def pack_paper(html: str, pictures: Sequence[bytes] = ()) -> bytes:
    """What is sent of a paper: a line of JSON, then its pictures.

    Parameters
    ----------
    html
        Nobody looks through it for markup that does harm: every word in it must have
        been written by `catalogue.letters` or escaped otherwise.
    pictures
        PNG files, one for each place that `picture` has left in `html`, in its order.
    """
    joined = b"".join(pictures)
    head = {"html": html, "sizes": [len(one) for one in pictures]}
    # By its first line alone a browser knows what it has drawn already.
    head["digest"] = hashlib.sha256(joined).hexdigest()
    return b"\n".join((to_bytes(head), joined))


def draw_paper(content: bytes, *, key: str) -> None:
    """Draw what `pack_paper` has made; `key` is unique on the page."""
    mount(_PAPER, content, key)
