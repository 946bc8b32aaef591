"""Dots: where a value lies on an axis, how large what it speaks of is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.figures import style

SMALLEST, LARGEST = 7, 30  # diameter in pixels of a dot whose area has a meaning
# Where dots of one strip lie, in rows from its middle.
LANES = (-0.08, -0.26, 0.1, -0.17, 0.01)
AXIS_PIXELS = 600  # about


def dots(
    x: Sequence[Any],
    y: Sequence[Any],
    color: str | Sequence[str],
    size: float | Sequence[float],
    *,
    texts: Sequence[str] | None = None,
    codes: Sequence[Sequence[Any]] | None = None,
    marker: dict[str, Any] | None = None,
    is_clipped: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """One dot a value.

    Parameters
    ----------
    color, size
        One for all or one a dot; `marker` holds further keys (symbol, line).
    texts, codes
        See `style.hover`.
    is_clipped
        Whether what reaches beyond the axes is cut off.
    more
        Further keys of the trace.
    """
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(x),
        "y": list(y),
        "marker": {"color": color, "size": size, **(marker or {})},
        **({} if is_clipped else {"cliponaxis": False}),
        **style.hover(texts, codes),
        **more,
    }


def diameters(counts: Sequence[float], most: float) -> list[float]:
    """Pixels, so that areas follow the counts; `most` has the largest dot.

    No dot is too small to be hit.
    """
    return [max(SMALLEST, LARGEST * (count / most) ** 0.5) for count in counts]


def least_told(most: float) -> float:
    """Up to which count all dots are alike, the smallest that `diameters` gives.

    >>> round(least_told(900))
    49
    """
    return most * (SMALLEST / LARGEST) ** 2


def spread(values: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Shifts across a strip so that dots of nearly the same value do not hide.

    `values` (0-1 along the axis) must rise, `sizes` are diameters in pixels.
    """
    reach = [float("-inf")] * len(LANES)
    shifts = []
    for value, size in zip(values, sizes, strict=True):
        half = size / 2 / AXIS_PIXELS
        free = [i for i, end in enumerate(reach) if value - half >= end]
        lane = free[0] if free else min(range(len(LANES)), key=reach.__getitem__)
        reach[lane] = value + half
        shifts.append(LANES[lane])
    return shifts
