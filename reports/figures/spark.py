"""The little line below a headline: a figure of no words, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

HEIGHT = 32


def spark(values: Sequence[float | None], colour: str) -> str:
    """The SVG of one number a month on a ground of its own colour.

    It is as wide as what it is laid under; a month that is not known leaves a gap. ''
    where there is no line to draw. `colour` must hold on a light and on a dark ground.

    >>> spark([0.5, None], "#2f8f89")
    ''
    >>> spark([0, 5, 10], "#2f8f89").count("<path")
    2
    """
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    numbers = [value for _, value in known]
    low, span = min(numbers), max(numbers) - min(numbers) or 1
    step = 100 / (len(values) - 1)
    parts: list[list[str]] = []
    for place, (at, value) in enumerate(known):
        if not place or at - known[place - 1][0] > 1:
            parts.append([])
        height = HEIGHT - 2 - (HEIGHT - 4) * (value - low) / span
        parts[-1].append(f"{at * step:.1f} {height:.1f}")
    lines = "".join("M" + "L".join(part) for part in parts)
    grounds = "".join(
        f"M{part[0].split()[0]} {HEIGHT}L{'L'.join(part)}"
        f"L{part[-1].split()[0]} {HEIGHT}Z"
        for part in parts
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" preserveAspectRatio="none"'
        f' viewBox="0 0 100 {HEIGHT}" fill="none" stroke="{colour}">'
        f'<path d="{grounds}" fill="{colour}" opacity=".15" stroke="none"/>'
        f'<path d="{lines}" vector-effect="non-scaling-stroke" stroke-width="2"/></svg>'
    )


def as_background(svg: str) -> str:
    """A picture as the value of `background-image` of a sheet.

    >>> as_background("<svg/>")
    'url("data:image/svg+xml,%3Csvg/%3E")'
    """
    return f'url("data:image/svg+xml,{quote(svg)}")'
