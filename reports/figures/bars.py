"""Lying bars, a row each, and the figures that stand at their right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.figures import style


def bars(
    lengths: Sequence[float | None],
    color: str | Sequence[str],
    *,
    texts: Sequence[str] | None = None,
    codes: Sequence[Sequence[Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One bar a row, from the top.

    Parameters
    ----------
    color
        One for all or one a bar; further keys of the marker stand in `marker`.
    texts, codes
        See `style.hover`.
    more
        Further keys of the trace; `y` where not every row has a bar.
    """
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(lengths),
        "y": list(range(len(lengths))),
        **style.hover(texts, codes),
        **more,
        "marker": {"color": color, **more.get("marker", {})},
    }


def end_label(
    text: str, position: int, size: int = style.TEXT_SIZE, **more: Any
) -> dict[str, Any]:
    """A row's figure in the right margin."""
    place = {"xref": "paper", "xanchor": "left", "xshift": 6, **more}
    return style.label(text, 1, position, font={"size": size}, **place)
