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

    @property
    def has_moved(self) -> bool:
        """Whether what changed since the month before is more than nothing."""
        return any(sign in "123456789" for sign in self.delta or "")

    @property
    def course(self) -> str:
        """Whether it has become "better" or "worse" since the month before, or ''."""
        if self.better == "none" or not self.has_moved:
            return ""
        has_fallen = self.delta.startswith("-")
        return "better" if has_fallen == (self.better == "lower") else "worse"
