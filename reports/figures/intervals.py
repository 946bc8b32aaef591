"""Intervals: how sure a value is, and the distance between two values of one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.figures import style


def interval(lower: float, upper: float, position: int, color: str) -> dict[str, Any]:
    """A thin line from the lower to the upper limit, as a trace."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [lower, upper],
        "y": [position, position],
        "line": {"color": color, "width": 2},
        "hoverinfo": "skip",
    }


def arms(
    values: Sequence[float],
    lower: Sequence[float | None],
    upper: Sequence[float | None],
    color: str,
) -> dict[str, Any]:
    """Error bars for a trace's `error_x`; no arm where a limit is not known."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(*ends) for ends in zip(values, upper, strict=True)],
        "arrayminus": [_length(*ends) for ends in zip(lower, values, strict=True)],
        "color": color,
        "thickness": 1.2,
        "width": 4,
    }


def joint(x0: float, x1: float, position: int, width: float) -> dict[str, Any]:
    """A pale line below two marks of one row, as a shape."""
    return style.line(x0, position, x1, position, style.PALE, width=width)


def estimate(
    lower: float, value: float, upper: float, position: int, color: str
) -> list[dict[str, Any]]:
    """An interval and a diamond as shapes, above a bar."""
    size = 6
    diamond = {
        "type": "path",
        "path": f"M {-size} 0 L 0 {size} L {size} 0 L 0 {-size} Z",
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": value,
        "yanchor": position,
        "fillcolor": color,
        "line": {"color": style.EDGE, "width": 1},
        "layer": "above",
    }
    ends = (lower, position, upper, position)
    return [style.line(*ends, color, width=3, layer="above"), diamond]


def _length(start: float | None, end: float | None) -> float:
    """Of one arm, 0 where there is none."""
    return 0.0 if start is None or end is None else max(0.0, end - start)
