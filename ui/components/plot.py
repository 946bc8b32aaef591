"""A figure as the browser draws it: SVG of our own, in place, the seen first.

`st.plotly_chart` throws away what it has drawn at every new figure and draws the next
one twice, with all of plotly.js, and the library alone costs more than all else that a
click does. The figures are lines, bars and dots within margins that are known before:
what `reports/figures` says in plotly's schema is drawn at once (`plot_drawing.js`), and
what it does not know is refused. Saved pictures are drawn by plotly from the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from reports.figures.style import Picture
from ui.components.kit import join, mount, register, to_bytes

# Registered once, at import.
_PLOT = register(
    "plot",
    '<div class="plot" role="figure"><i class="mark-ring" hidden></i>'
    '<p class="mark-words" hidden></p></div><p class="said" aria-live="polite"></p>',
    "plot.css",
    "kit.js",
    "plot_drawing.js",
    "plot.js",
)
# A picture that is kept is written once.
_written: WeakKeyDictionary[Picture, bytes] = WeakKeyDictionary()


def draw_plot(
    picture: Picture, alt: str, *, key: str, is_clickable: bool = False
) -> Sequence[str | None] | None:
    """Draw a figure; return the customdata of the mark just clicked, else None.

    Parameters
    ----------
    alt
        What the figure shows, for those who do not see it.
    key
        Name of the element, unique on its page; the drawing is changed, not made anew,
        while the key stays the same.
    is_clickable
        Whether a click on a mark with customdata runs the page; the arrow keys go from
        mark to mark in any case, and Enter is the click.

    Raises
    ------
    TypeError
        The figure holds something that is not plain JSON.
    """
    if picture not in _written:
        _written[picture] = _write(picture)
    about = {"alt": alt, "isClickable": is_clickable}
    return mount(_PLOT, join(_written[picture], about), key)


def _write(picture: Picture) -> bytes:
    sent = {"figure": picture.drawing}
    try:
        return to_bytes(sent)
    except ValueError:
        return to_bytes(_leave_gaps(sent))


def _leave_gaps(part: Any) -> Any:
    """The same with None for numbers that are none, as plotly writes them.

    >>> _leave_gaps({"y": [0.5, float("nan")]})
    {'y': [0.5, None]}
    """
    if isinstance(part, dict):
        return {name: _leave_gaps(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_leave_gaps(value) for value in part]
    return None if isinstance(part, float) and not math.isfinite(part) else part
