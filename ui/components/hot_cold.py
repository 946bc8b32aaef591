"""The heart of the screen: the hot-and-cold matrix and the county map.

Two Streamlit components without iframe, build step or outside request. Data and words
come ready from `reports.figures.matrix`; the browser draws them as real buttons and
outlines and answers with the id of what was clicked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.components.kit import join, mount, register_picture, to_bytes

HTML = '<div class="hot-cold"></div>'
# Registered once, at import: a second registration would reload every open picture.
_MATRIX, _MAP = (
    register_picture(name, HTML, "hot_cold.css", "hot_cold.js", f"{name}.js")
    for name in ("hot_cold_matrix", "hot_cold_map")
)


def hot_cold_matrix(
    data: Mapping[str, Any] | bytes, key: str, **place: str | None
) -> str | None:
    """Draw the matrix; return the id of the cell that was just clicked, else None.

    Parameters
    ----------
    data
        From `reports.figures.matrix.matrix_cells`, or what `to_bytes` wrote of it.
    place
        With `to`, the address of a page without unit and sector, a click turns to that
        place there; only a click on what is `selected` (the city, where nothing is) is
        answered.
    key
        Name of the element, unique on its page; the picture is kept in place, not
        rebuilt, while the key stays the same.

    Returns
    -------
    str or None
        "350181|rural" (unit and sector, a side empty when rolled up), for the one run
        that the click started.

    Raises
    ------
    TypeError, ValueError
        The data holds something that is not plain JSON. Handed a dict, Streamlit would
        send its Python text instead and say nothing.
    """
    return mount(_MATRIX, _send(data, place), key)


def hot_cold_map(
    data: Mapping[str, Any] | bytes, key: str, **place: str | None
) -> str | None:
    """Draw the map; as `hot_cold_matrix`, with `reports.figures.matrix.map_shapes`."""
    return mount(_MAP, _send(data, place), key)


def _send(data: Mapping[str, Any] | bytes, place: Mapping[str, str | None]) -> bytes:
    written = data if isinstance(data, bytes) else to_bytes(data)
    return join(written, place) if place else written
