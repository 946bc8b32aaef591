"""A workbook to be written whose texts a spreadsheet neither runs nor follows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from data_pipeline.number_words import percent

ROWS_AT_ONCE = 10_000


def new_workbook(target: IO[bytes] | Path | str, **options: Any) -> Workbook:
    """An empty workbook; as a context it is closed, and then stands in `target`.

    Parameters
    ----------
    options
        Further options of `xlsxwriter.Workbook`.
    """
    plain = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    always = {"in_memory": True, **dict.fromkeys(plain, False)}
    return Workbook(target, {**options, **always})


def share_format(share: float) -> str:
    """A number format that shows a share as `number_words.percent` writes it.

    >>> share_format(0.5), share_format(1.0), share_format(0.99996)
    ('0.0 %', '0 %', '"99.9 %"')
    """
    if share in (0, 1):
        return "0 %"
    # A spreadsheet would round it to 0.0 % or 100.0 %, which it is not.
    is_near = abs(share - 1) < 0.0005 or 0 < share < 0.0005
    return f'"{percent(share)}"' if is_near else "0.0 %"


class ColumnSheet(Worksheet):
    """A worksheet that is given many rows at once, column by column.

    A cell costs microseconds when it is given by itself, and most cells of a list say
    what another one of their column says: each value is put into words once.
    """

    _first = 0
    _columns: Sequence[Sequence[str]] = ()

    def write_columns(
        self,
        row: int,
        columns: Sequence[Sequence[Any]],
        formats: Sequence[Format | Callable[[Any], Format] | None],
    ) -> None:
        """Write columns side by side, from a row on, below all other cells.

        Parameters
        ----------
        columns
            Of equal length, a value a row: str, bool, int, float, datetime or date;
            None for nothing.
        formats
            Of the numbers and times of each column; where it depends on a value, what
            gives it.

        Raises
        ------
        ValueError
            A number is not finite: no spreadsheet has such.
        """
        self._first = row
        self._columns = [
            self._cells(values, shape)
            for values, shape in zip(columns, formats, strict=True)
        ]
        self._check_dimensions(row + len(columns[0]) - 1, len(columns) - 1)

    def _cells(
        self, values: Sequence[Any], shape: Format | Callable[[Any], Format] | None
    ) -> list[str]:
        """What stands in the file behind the place of each cell."""
        # As keys True and 1 are the same, but not as cells.
        keys = list(zip(map(type, values), values, strict=True))
        known = {key: self._cell(key[1], shape) for key in dict.fromkeys(keys)}
        return list(map(known.__getitem__, keys))

    def _cell(self, value: Any, shape: Format | Callable[[Any], Format] | None) -> str:
        if value is None:
            return "/>"
        if isinstance(value, str):
            if 2 * len(value) > self.xls_strmax:
                units = value.encode("utf-16-le")[: 2 * self.xls_strmax]
                value = units.decode("utf-16-le", "ignore")
            return f' t="s"><v>{self.str_table._get_shared_string_index(value)}</v></c>'
        if isinstance(value, bool):
            return f' t="b"><v>{value:d}</v></c>'
        if not isinstance(value, int | float):
            value = self._convert_date_time(value)
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number of a spreadsheet")
        of_value = shape(value) if callable(shape) else shape
        style = f' s="{of_value._get_xf_index()}"' if of_value else ""
        return f"{style}><v>{value:.16G}</v></c>"

    def _write_rows(self) -> None:
        """What was given cell by cell, as the parent writes it, then the columns."""
        super()._write_rows()
        starts = [f'<c r="{xl_col_to_name(at)}' for at in range(len(self._columns))]
        n_rows = max(map(len, self._columns), default=0)
        for begin in range(0, n_rows, ROWS_AT_ONCE):
            end = min(begin + ROWS_AT_ONCE, n_rows)
            numbers = [f'{self._first + at + 1}"' for at in range(begin, end)]
            pieces: list[Iterable[str]] = [map('<row r="{}>'.format, numbers)]
            for start, column in zip(starts, self._columns, strict=True):
                pieces += [itertools.repeat(start), numbers, column[begin:end]]
            pieces.append(itertools.repeat("</row>"))
            self.fh.write("".join(map("".join, zip(*pieces, strict=False))))
