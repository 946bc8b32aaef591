"""A document while it is written: sections are opened, parts get their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reports.files.paper import (
    Bar,
    Cell,
    Chart,
    Column,
    Part,
    Query,
    Section,
    Sentence,
    Table,
    Text,
)

# Signs of a sentence in the width of Chinese; between digits they belong to a number.
_WIDE = {sign: chr(ord(sign) + 0xFEE0) for sign in ",;:()"}
_NARROW = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|[;()]")
_SPACED = re.compile(r"(?<=[\uff09\u3002\uff1b\uff0c]) +")


def full_width(text: str) -> str:
    """A Chinese sentence with its signs in full width, as print demands it.

    >>> full_width("已完成 5,274 个(8:30),还差 3 个。 另有 1 行")
    '已完成 5,274 个\uff088:30\uff09\uff0c还差 3 个。另有 1 行'
    """
    wide = _NARROW.sub(lambda found: _WIDE[found[0]], text)
    return _SPACED.sub("", wide)


class Draft:
    """Sections in their order; `covered` are the metrics that have been spoken of.

    `command` stands for a query that no export gives: it takes the part's number.
    """

    def __init__(self, command: str, language: str) -> None:
        self._language = language
        self.covered: set[str] = set()
        self._command, self._n = command, 0
        self._sections: list[tuple[str, list[Part]]] = []

    @property
    def sections(self) -> list[Section]:
        """What was written; a section without a part is left out."""
        return [Section(title, parts) for title, parts in self._sections if parts]

    def open(self, title: str) -> None:
        self._sections.append((title, []))

    def say(self, text: str, query: Query) -> None:
        """A sentence; nothing where there is nothing to say."""
        if text:
            number, query = self._next(query)
            self._add(Sentence(number, self._set(text), query))

    def tabulate(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        query: Query,
        note: str = "",
        n_total: int = 0,
    ) -> None:
        """A table; nothing where it would have no row."""
        if rows:
            number, query = self._next(query)
            self._add(Table(number, title, columns, rows, query, note, n_total))

    def draw(
        self, title: str, bars: Sequence[Bar], query: Query, note: str = ""
    ) -> None:
        """A chart; nothing where it would have no row."""
        if bars:
            number, query = self._next(query)
            self._add(Chart(number, title, bars, query, note))

    def write(self, text: str) -> None:
        """A paragraph without figures."""
        if text:
            self._add(Text(self._set(text)))

    def _set(self, text: str) -> str:
        return full_width(text) if self._language == "zh" else text

    def _next(self, query: Query) -> tuple[int, Query]:
        self._n += 1
        command = query.command or self._command.format(number=self._n)
        return self._n, query._replace(command=command)

    def _add(self, part: Part) -> None:
        self._sections[-1][1].append(part)
