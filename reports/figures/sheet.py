"""The sheet a figure is drawn on: title and origin, and the three ways to lay it out.

A figure function makes a `Sheet`, prepares its traces, and ends with one of three:
`draw` (free axes), `draw_rows` (a name at the left of every row) or `draw_strips`
(words above and below every row, for what is too long to stand beside it).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from data_pipeline.rates import Snapshot
from reports.figures import style
from reports.figures.style import Picture
from reports.words import wording

TWO_LINES = 30  # pixels of a row that has room for a name on several lines


@dataclasses.dataclass(frozen=True)
class Sheet:
    """Title, reader's language ("zh", "en") and snapshot of one figure."""

    title: str
    language: str
    snapshot: Snapshot | None

    @property
    def footnote(self) -> str:
        """Notice and snapshot, as `style.origin` words them."""
        return style.origin(self.snapshot, self.language)

    def titled(self, title: str) -> Sheet:
        """The same sheet with what its figure finds as title."""
        return dataclasses.replace(self, title=title)

    def empty(self, why: str = "") -> Picture:
        """The sentence in place of a figure; `why` if there is more to say."""
        return style.empty(self.title, self.language, self.footnote, why)

    def draw(
        self,
        traces: list[dict[str, Any]],
        spoken: str,
        subtitle: str = "",
        *,
        when: str = "",
        **more: Any,
    ) -> Picture:
        """The picture of some traces.

        Parameters
        ----------
        spoken
            What the figure says, for who does not see it; `when` stands before it.
        subtitle
            Markup: what of it is a name must be escaped.
        more
            As `style.layout` takes it; `height` is due.
        """
        arrangement = style.layout(self.title, subtitle, footnote=self.footnote, **more)
        head = wording.join(filter(None, (self.title, when)), self.language, "phrases")
        alt = wording.join((head, spoken), self.language, "saying")
        return Picture(traces, arrangement, alt)

    def draw_rows(
        self,
        traces: list[dict[str, Any]],
        names: Sequence[str],
        spoken: str,
        subtitle: str = "",
        *,
        row: int,
        above: int = 0,
        **more: Any,
    ) -> Picture:
        """As `draw`, row by row from the top, each with its name at the left.

        Parameters
        ----------
        names
            One a row; the marks of row i stand at y = i.
        row, above
            Pixels of one row, and of what stands above them (legend, labels).
        more
            `xaxis` is due.
        """
        bottom = more.get("bottom", style.BOTTOM)
        if row >= TWO_LINES:
            names = [
                name if "\n" in name else wording.fold_name(name, style.NAME_COLUMNS)
                for name in names
            ]
        given = {
            "height": style.TOP + above + row * len(names) + bottom,
            "top": style.TOP + above,
            "left": style.left_margin(names),
            "yaxis": style.name_axis(names, range(len(names))),
        }
        return self.draw(traces, spoken, subtitle, **given | more)

    def draw_strips(
        self,
        traces: list[dict[str, Any]],
        shares: Iterable[float | None],
        spoken: str,
        subtitle: str,
        *,
        n_rows: int,
        row: int = 84,
        bottom: int = 36,
        **more: Any,
    ) -> Picture:
        """As `draw`, strips of shares without ticks; `strip_words` stand around them.

        `shares` are the values drawn: the axis ends at 100 % or at the largest.
        """
        most = max((share for share in shares if share is not None), default=1.0)
        hidden = {"showgrid": False, "showticklabels": False}
        given = {
            "height": style.TOP + bottom + row * n_rows,
            "bottom": bottom,
            "left": 8,
            "right": 12,
            "xaxis": style.share_axis(most, **hidden),
            "yaxis": style.axis(range=[n_rows - 0.5, -0.5], **hidden),
        }
        return self.draw(traces, spoken, subtitle, **given | more)


def strip_words(
    position: int,
    name: str,
    value: str,
    below: str,
    *,
    gap: tuple[int, int] = (11, 11),
    value_size: int = style.TEXT_SIZE,
    **place: Any,
) -> list[dict[str, Any]]:
    """Name above a strip at the left, value above it at the right, a line below.

    Parameters
    ----------
    name, value, below
        Markup: names in it must be escaped.
    gap
        Pixels from the middle of the strip to the words above and below.
    place
        Further keys of all three, as `xref`.
    """
    above = {"yref": "y", "yanchor": "bottom", "yshift": gap[0], **place}
    under = {"yref": "y", "yanchor": "top", "yshift": -gap[1], **place}
    size = {"size": style.TEXT_SIZE}
    return [
        style.label(
            name, 0, position, xanchor="left", align="left", font=size, **above
        ),
        style.label(
            value, 1, position, xanchor="right", font={"size": value_size}, **above
        ),
        style.label(below, 0, position, xanchor="left", opacity=0.85, **under),
    ]
