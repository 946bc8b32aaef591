"""A figure of plotly as the browser draws it: in place, the seen first.

`st.plotly_chart` throws away what it has drawn at every new figure and draws the next
one twice, below the screen as well, with all of plotly.js. The figures here are lines,
bars and dots, for which plotly's own basic bundle is enough: `static/`, served with the
page, of the version of the Python package (see `NOTICE`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reports.figures.style import Picture
from ui.components.kit import mount, register, to_bytes

LIBRARY = next(Path(__file__).parents[2].glob("static/plotly-basic-*.min.js"))
# Registered once, at import.
_PLOT = register(
    "plot",
    '<div class="plot" role="figure"></div><p class="said" aria-live="polite"></p>',
    "plot.css",
    "plot.js",
    # In the page itself: plotly hangs its styles on the document.
    isolate_styles=False,
    lead=f'const LIBRARY = "app/static/{LIBRARY.name}";',
)


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
        mark to mark, Enter is the click.

    Raises
    ------
    TypeError
        The figure holds something that is not plain JSON.
    """
    sent = {"figure": picture.drawing, "alt": alt, "isClickable": is_clickable}
    try:
        content = to_bytes(sent)
    except ValueError:
        content = to_bytes(_leave_gaps(sent))
    return mount(_PLOT, content, key)


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
