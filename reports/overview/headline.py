"""A headline figure: what the row of large figures on top of a page is made of."""

from __future__ import annotations

from typing import NamedTuple


class Headline(NamedTuple):
    """One figure of the headline row.

    `delta` is what changed since the month before, in words, with a sign only when it
    fell; None without such a month. `trend` holds one number a month up to the shown
    one (None: not reported); `better` says which direction is good.
    """

    label: str
    value: str
    delta: str | None
    trend: list[float | None]
    better: str
    help: str
