"""Small multiples: the same drawing once for each sector or metric, in a grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from reports.figures import style
from reports.words import wording


@dataclasses.dataclass(frozen=True)
class Panel:
    """One place of the grid.

    `suffix` ends the names of its axes ("" for the first, then "2", "3" …), `column`
    counts from the left; x and y are shares of the drawing, `top` its upper edge.
    """

    suffix: str
    column: int
    x: tuple[float, float]
    y: tuple[float, float]
    top: float

    @property
    def axes(self) -> dict[str, str]:
        """What a trace says to stand in this panel."""
        return {"xaxis": f"x{self.suffix}", "yaxis": f"y{self.suffix}"}

    @property
    def upwards(self) -> dict[str, Any]:
        """Domain and anchor of its y axis."""
        return {"domain": list(self.y), "anchor": f"x{self.suffix}"}

    def months(
        self, months: Sequence[str], named: Sequence[str], language: str
    ) -> dict[str, Any]:
        """Its axis of months, of which only some have room for a name."""
        axis = style.month_axis(
            months, language, domain=list(self.x), anchor=f"y{self.suffix}"
        )
        names = [wording.month_tick(month, language) for month in named]
        # The first stands below the 0 of a small panel, not beside it.
        lower = {"ticklabelstandoff": 5}
        return axis | {"tickvals": list(named), "ticktext": names} | lower

    def heading(self, name: str, below: str, **more: Any) -> dict[str, Any]:
        """Its name and a line below, both markup, over its left corner."""
        return style.label(
            f"<b>{name}</b><br>{below}",
            self.x[0],
            self.top,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            align="left",
            **more,
        )


def grid(n: int, n_across: int, gap_x: float, gap_y: float) -> list[Panel]:
    """Places for `n` panels, row by row, `n_across` in a row.

    `gap_x` is the space between columns and `gap_y` that between rows times the number
    of rows, as shares of the drawing.
    """
    n_down = -(-n // n_across)
    gap_y = gap_y / n_down
    width = (1 - gap_x * (n_across - 1)) / n_across
    depth = (1 - gap_y * (n_down - 1)) / n_down
    panels = []
    for number in range(n):
        column, row = number % n_across, number // n_across
        left, top = column * (width + gap_x), 1 - row * (depth + gap_y)
        panels.append(
            Panel(
                suffix="" if number == 0 else str(number + 1),
                column=column,
                x=(left, left + width),
                y=(max(0.0, top - depth), top),
                top=top,
            )
        )
    return panels
