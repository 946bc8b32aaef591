"""A document as data: sections of sentences, tables and charts, each with its query.

Whoever builds one says what stands in it; `docx_file` and `pdf_file` say how it looks.
Sentences, tables and charts are numbered in one row, so that a number on paper leads
back to the figures that it was made of.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd


class FontError(RuntimeError):
    """No Chinese font is installed; the message says which to install."""


class Query(NamedTuple):
    """A query and its rows: `command` gives the same rows as a file.

    `metric` is its id where the rows are of one.
    """

    command: str
    frame: pd.DataFrame
    metric: str = ""


class Cell(NamedTuple):
    """A cell of a table; `fill` and `ink` are #rrggbb, '' for paper and black."""

    text: str
    fill: str = ""
    ink: str = ""


class Column(NamedTuple):
    """Heading, share of the width, and where its cells stand: left, center, right."""

    heading: str
    width: float = 1.0
    align: str = "right"


class Bar(NamedTuple):
    """A row of a chart. All but the words are shares 0-1, None for nothing.

    `value` is a bar, `target` a line across it, `point` a dot with `lower` and `upper`.
    """

    label: str
    text: str
    value: float | None = None
    target: float | None = None
    point: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Sentence:
    number: int
    text: str
    query: Query


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """`n_total` rows at the top sum up the others; `note` stands below."""

    number: int
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    query: Query
    note: str = ""
    n_total: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class Chart:
    number: int
    title: str
    bars: Sequence[Bar]
    query: Query
    note: str = ""

    @property
    def description(self) -> str:
        """What a screen reader says in place of the picture."""
        return "; ".join(
            [self.title, *(f"{bar.label} {bar.text}" for bar in self.bars)]
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Text:
    """A paragraph without figures: a definition, a remark of the office."""

    text: str


Part = Sentence | Table | Chart | Text


@dataclasses.dataclass(frozen=True, eq=False)
class Section:
    title: str
    parts: Sequence[Part]


@dataclasses.dataclass(frozen=True, eq=False)
class Paper:
    """A whole document.

    Attributes
    ----------
    layout
        "circular", or "brief": one page, small.
    notice
        What must stand on every page, '' for nothing.
    source
        Which snapshot the figures are of, as a line.
    issuer, day
        Who signs and of which day, '' for nobody.
    created
        The snapshot's time: nothing in the file hangs on the clock.
    sources
        Title and headings of the list of queries behind the text; () leaves it out.
    """

    title: str
    subtitle: str
    language: str
    layout: str
    sections: Sequence[Section]
    created: datetime
    notice: str = ""
    source: str = ""
    issuer: str = ""
    day: str = ""
    page_of: str = "{page}"
    sources: Sequence[str] = ()

    def numbered(self) -> Iterator[Sentence | Table | Chart]:
        """All that has a number, in its order."""
        for section in self.sections:
            for part in section.parts:
                if not isinstance(part, Text):
                    yield part

    @functools.cached_property
    def digest(self) -> str:
        """First 8 hex of a sha256 that changes with every word and figure."""
        parts = [plain(p) for section in self.sections for p in section.parts]
        content = (self.title, self.subtitle, self.source, self.notice, parts)
        return hashlib.sha256(repr(content).encode()).hexdigest()[:8]

    def part(self, number: int) -> Sentence | Table | Chart:
        """What bears a number.

        Raises
        ------
        KeyError
            Nothing does.
        """
        for part in self.numbered():
            if part.number == number:
                return part
        raise KeyError(number)


def plain(part: Part) -> dict[str, Any]:
    """A part as JSON takes it, its kind by name, without the frame of its query."""
    values = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
    values.pop("query", None)
    for name in ("columns", "bars"):
        if name in values:
            values[name] = [one._asdict() for one in values[name]]
    if "rows" in values:
        values["rows"] = [[cell._asdict() for cell in row] for row in values["rows"]]
    return {"kind": type(part).__name__.lower(), **values}
