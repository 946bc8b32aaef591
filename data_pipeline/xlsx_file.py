"""A workbook to be written whose texts a spreadsheet neither runs nor follows."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook


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
