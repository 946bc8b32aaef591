"""合计, 小计, 总计 rows: checked against the rows they may speak for, then left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from data_pipeline.cell_values import (
    Cell,
    Fault,
    converter,
    fault_of_any_cell,
    fold_width,
    is_blank,
    read_count,
    text_of,
)
from data_pipeline.registry import Column, Registry, Table

_TOTAL = re.compile(r"(.*)(合计|小计|总计|共计|累计)[::]?", re.S)


class TotalRow(NamedTuple):
    """A total: its row number, how many data rows stand above it, label and cells."""

    number: int
    n_above: int
    label: str
    cells: list[Cell]


def is_total_label(cell: Cell) -> bool:
    """Whether a cell names a total.

    >>> is_total_label("合　计"), is_total_label("仓山区小计"), is_total_label("合计数")
    (True, True, False)
    """
    return isinstance(cell, str) and len(cell) < 40 and _split(cell) is not None


def check_total_rows(
    table: Table,
    columns: Mapping[str, int],
    values: Mapping[str, Sequence[Any]],
    bad: set[tuple[int, str]],
    totals: Sequence[TotalRow],
    registry: Registry,
) -> Iterator[tuple[TotalRow, Column, str, str]]:
    """Faults of total rows, each with its column, reason code and reason.

    A form does not say which rows a total speaks for, so each plausible set is tried
    (all rows, the block above, the block below, the rows of the unit it names) and the
    one that explains most columns is taken.

    Parameters
    ----------
    columns
        Column name to its place among the cells of a row, from 0.
    values
        Column name to the values of the data rows.
    bad
        (data row, column name) of cells that have faults of their own.
    """
    counts = [c for c in table.columns if c.type == "count" and c.name in columns]
    for position, total in enumerate(totals):
        claimed: dict[str, int] = {}
        for column in counts:
            index = columns[column.name]
            cell = total.cells[index] if index < len(total.cells) else None
            fault = fault_of_any_cell(cell)
            number = None if fault or is_blank(cell) else read_count(cell)
            if isinstance(number, Fault):
                fault = number
            if fault:
                yield total, column, fault.code, fault.reason
            elif isinstance(number, int):
                claimed[column.name] = number
        if not claimed:
            continue
        best: dict[str, int] | None = None
        for rows in _groupings(position, totals, table, columns, values, registry):
            wrong = _mismatches(claimed, rows, values, bad)
            if best is None or len(wrong) < len(best):
                best = wrong
        for name, expected in (best or {}).items():
            reason = f"不等于各行之和 {expected}"
            yield total, table.column(name), "E_TOTAL_ROW", reason


def _mismatches(
    claimed: Mapping[str, int],
    rows: Sequence[int],
    values: Mapping[str, Sequence[Any]],
    bad: set[tuple[int, str]],
) -> dict[str, int]:
    wrong = {}
    for name, number in claimed.items():
        if any((row, name) in bad for row in rows):
            continue  # the sum is not known until that cell is mended
        expected = sum(values[name][row] or 0 for row in rows)
        if expected != number:
            wrong[name] = expected
    return wrong


def _groupings(
    position: int,
    totals: Sequence[TotalRow],
    table: Table,
    columns: Mapping[str, int],
    values: Mapping[str, Sequence[Any]],
    registry: Registry,
) -> Iterator[Sequence[int]]:
    """Sets of data rows that a total may speak for, the likeliest first."""
    total = totals[position]
    n_rows = len(next(iter(values.values())))
    above = [t.n_above for t in totals[:position]]
    same_label = [
        t.n_above
        for t in totals[:position]
        if _split(t.label)[1] == _split(total.label)[1]
    ]
    below = [t.n_above for t in totals[position + 1 :] if t.n_above > total.n_above]
    yield range(total.n_above)
    yield range(max(above, default=0), total.n_above)
    yield range(max(same_label, default=0), total.n_above)
    yield range(n_rows)
    yield range(total.n_above, min(below, default=n_rows))
    named = _named_places(total, table, columns, registry)
    if named:
        yield [
            row
            for row in range(n_rows)
            if all(values[name][row] == code for name, code in named.items())
        ]


def _named_places(
    total: TotalRow,
    table: Table,
    columns: Mapping[str, int],
    registry: Registry,
) -> dict[str, Any]:
    """Unit, sector, group, month or township that stands in the total row itself."""
    named = {}
    for column in table.columns:
        index = columns.get(column.name)
        if column.type in ("count", "branch") or index is None:
            continue
        cell = total.cells[index] if index < len(total.cells) else None
        parts = _split(cell) if isinstance(cell, str) else None
        if parts is not None:
            cell = parts[0]
        if is_blank(cell) or column.max_chars > 200:
            continue
        value = converter(column, registry)(cell)
        if value is not None and not isinstance(value, Fault):
            named[column.name] = value
    return named


def _split(cell: Cell) -> tuple[str, str] | None:
    """What a total label names, and the word for total."""
    match = _TOTAL.fullmatch(re.sub(r"\s", "", fold_width(text_of(cell))))
    return (match[1], match[2]) if match else None
