"""合计, 小计, 总计 rows: checked against the rows they may speak for, then left out."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from data_pipeline.registry import Column, Registry, Table
from data_pipeline.workbooks.cell_values import (
    Cell,
    converter,
    fault_of_any_cell,
    fold_width,
    is_blank,
    read_count,
)
from data_pipeline.workbooks.recognised import any_of, remember_short, word, words
from data_pipeline.workbooks.refusal_words import Fault, fault

LABEL_CHARS = 40
_TOTAL = re.compile(
    rf"([^:]*)({any_of('totals.words')}){word('totals.more')}?(?:\([^()]*\))?[::]?\)?",
    re.S,
)
_BLOCK, _GRAND = word("totals.block"), word("totals.grand")


class TotalRow(NamedTuple):
    """A total: its row number, how many data rows stand above it, label and cells."""

    number: int
    n_above: int
    label: str
    cells: list[Cell]


def is_total_label(cell: Cell) -> bool:
    """Whether a cell names a total.

    >>> is_total_label("合　计"), is_total_label("甲小计"), is_total_label("口径:累计")
    (True, True, False)
    """
    return isinstance(cell, str) and _split(cell) is not None


def check_total_rows(
    table: Table,
    columns: Mapping[str, int],
    values: Mapping[str, Sequence[Any]],
    bad: set[tuple[int, str]],
    totals: Sequence[TotalRow],
    registry: Registry,
    above: Sequence[Mapping[str, Sequence[Any]]] = (),
) -> Iterator[tuple[TotalRow, Column, Fault]]:
    """Faults of total rows, each with its column.

    A total that names a place speaks for that place's rows, 小计 for a block above or
    below it, any other for all rows, or for those since the total of its kind before;
    each such set is tried and the one that explains most columns is taken. Only 总计 or
    全市合计 at the end speaks for the rows under other headings too. One fault is given
    for a wrong total, at its first wrong column.

    Parameters
    ----------
    table
        What the sheet holds.
    columns
        Column name to its place among the cells of a row, from 0.
    values
        Column name to the values of the data rows.
    bad
        (data row, column name) of cells that have faults of their own.
    totals
        The total rows in their order.
    registry
        Where the places are looked up that a total may name.
    above
        Values as above of the blocks that stand over this one in its sheet.
    """
    counts = [c for c in table.columns if c.type == "count" and c.name in columns]
    sums = {column.name: _RunningSum(values[column.name]) for column in counts}
    faulty = {
        column.name: _RunningSum(
            [(row, column.name) in bad for row in range(len(values[column.name]))]
        )
        for column in counts
    }
    named_rows = _NamedRows(table, columns, values, registry)
    for position, total in enumerate(totals):
        claimed: dict[str, int] = {}
        for column in counts:
            cell = _cell_at(total, columns[column.name])
            number = fault_of_any_cell(cell)
            if number is None and not is_blank(cell):
                number = read_count(cell)
            if isinstance(number, Fault):
                yield total, column, number
            elif number is not None:
                claimed[column.name] = number
        best: dict[str, int] | None = None
        n_rows = len(sums and next(iter(values.values())))
        for rows in _spoken_for(position, totals, n_rows, named_rows.of(total)):
            wrong = {
                name: sums[name].over(rows)
                for name, number in claimed.items()
                # A sum over cells that are to be mended is not known yet.
                if sums[name].over(rows) != number and not faulty[name].over(rows)
            }
            if best is None or len(wrong) < len(best):
                best = wrong
            if not best:
                break
        if best is None:
            best = {name: 0 for name, number in claimed.items() if number}
        if best and above and total is totals[-1] and _is_grand(total):
            with_above = {
                name: sum(sum(filter(None, v[name])) for v in (*above, values))
                for name in claimed
            }
            if with_above == claimed:
                continue
        for name, expected in itertools.islice(best.items(), 1):
            why = "sums" if len(best) > 1 else "sum"
            if not n_rows:
                why = "no_rows"
            mismatch = fault("E_TOTAL_ROW", why, expected=expected, n=len(best))
            yield total, table.column(name), mismatch


class _RunningSum:
    """Sums over any block of rows without walking it again; blanks count nothing."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = [value or 0 for value in values]
        self._running = [0, *itertools.accumulate(self._values)]

    def over(self, rows: range | list[int] | None) -> int:
        if isinstance(rows, range):
            return self._running[rows.stop] - self._running[rows.start]
        return sum(self._values[row] for row in rows or ())


def _spoken_for(
    position: int, totals: Sequence[TotalRow], n_rows: int, named: list[int] | None
) -> Iterator[range | list[int]]:
    """Sets of data rows that a total may speak for, none empty unless named so."""
    blocks = [block for block in _blocks(position, totals, n_rows) if len(block)]
    if named is None:
        yield from blocks
        return
    yield named
    for block in blocks:
        if inside := [row for row in named if row in block]:
            yield inside


def _blocks(position: int, totals: Sequence[TotalRow], n_rows: int) -> Iterator[range]:
    """Blocks of data rows that a total may speak for, the likeliest first."""
    total = totals[position]
    yield range(total.n_above)
    yield range(n_rows)
    before = [t for t in totals[max(0, position - 50) : position]]
    for earlier in reversed(before):
        # Back to the last total, or to the last one of the same kind (小计, 合计).
        is_alike = _word(earlier) == _word(total)
        if is_alike or (earlier is before[-1] and _word(total) == _BLOCK):
            yield range(earlier.n_above, total.n_above)
        if is_alike:
            break
    if _word(total) != _BLOCK and total.n_above:
        return
    after = (t.n_above for t in totals[position + 1 : position + 2])
    yield range(total.n_above, next(after, n_rows))


class _NamedRows:
    """Data rows that share the unit, sector, group, month or township of a total."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, int],
        values: Mapping[str, Sequence[Any]],
        registry: Registry,
    ) -> None:
        self._columns, self._values = columns, values
        self._readers = {
            column.name: converter(column, registry)
            for column in table.columns
            if column.name in columns
            and column.type not in ("count", "branch")
            and column.max_chars <= 200
        }
        self._known = {name: set(values[name]) - {None} for name in self._readers}
        self._index: dict[tuple[str, ...], dict[Any, list[int]]] = {}

    def of(self, total: TotalRow) -> list[int] | None:
        named = {}
        for name, read in self._readers.items():
            cell = _cell_at(total, self._columns[name])
            parts = _split(cell) if isinstance(cell, str) else None
            value = read(parts[0] if parts else cell)
            if value is not None and not isinstance(value, Fault):
                named[name] = value
        # 仓山区合计 may stand in any column, that of the row numbers too.
        parts = _split(total.label)
        for name, read in self._readers.items() if parts and parts[0] else ():
            value = read(parts[0])
            if name not in named and value in self._known[name]:
                named[name] = value
        if not named:
            return None
        names = tuple(named)
        if names not in self._index:
            rows: dict[Any, list[int]] = defaultdict(list)
            keys = zip(*(self._values[name] for name in names), strict=True)
            for row, key in enumerate(keys):
                rows[key].append(row)
            self._index[names] = rows
        return self._index[names].get(tuple(named.values()), [])


def _cell_at(total: TotalRow, index: int) -> Cell:
    return total.cells[index] if index < len(total.cells) else None


def _word(total: TotalRow) -> str:
    parts = _split(total.label)
    return parts[1] if parts else ""


def _is_grand(total: TotalRow) -> bool:
    """Whether a total says that it speaks for everything: 总计, 总合计, 全市合计."""
    parts = _split(total.label)
    return parts is not None and (
        parts[1] == _GRAND or parts[0].startswith(words("totals.grand_beginnings"))
    )


@remember_short
def _split(cell: str) -> tuple[str, str] | None:
    """What a total label names, and the word for total."""
    if len(cell) > LABEL_CHARS:
        return None
    match = _TOTAL.fullmatch(re.sub(r"\s", "", fold_width(cell)))
    return (match[1], match[2]) if match else None
