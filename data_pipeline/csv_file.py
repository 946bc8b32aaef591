"""A frame as CSV that a spreadsheet opens and does not run."""

from __future__ import annotations

import csv
import io
import numbers
import re
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.number_words import is_missing

# What a spreadsheet takes for the start of a formula, and its full-width forms.
_FORMULA_START = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def guard_text(text: str) -> str:
    """A text that a spreadsheet will not run: `'` before what looks like a formula.

    >>> guard_text("=1+1"), guard_text("-5"), guard_text("鼓楼区")
    ("'=1+1", '-5', '鼓楼区')
    """
    if text.startswith(_FORMULA_START) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV: UTF-8 with BOM, texts that a spreadsheet will not run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = (map(_csv_cell, values.tolist()) for _, values in frame.items())
    writer.writerows(zip(*columns, strict=True))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _csv_cell(value: Any) -> str:
    if isinstance(value, str):
        return guard_text(value)
    if is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    return guard_text(str(value))
