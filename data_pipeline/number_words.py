"""Counts, shares and times as people read them, also where no page is near."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from data_pipeline.words import text

UNDEFINED = "–"


def is_missing(value: Any) -> bool:
    """True for None, NaN, NaT and pandas.NA.

    >>> [is_missing(v) for v in (None, float("nan"), pd.NA, 0, "")]
    [True, True, True, False, False]
    """
    return value is None or value is pd.NA or value is pd.NaT or value != value


def number(value: Any) -> str:
    """A count with separators, a dash where there is none.

    >>> number(16198), number(None)
    ('16,198', '–')
    """
    return UNDEFINED if is_missing(value) else f"{round(float(value)):,}"


def percent(share: Any, digits: int = 1) -> str:
    """A share in per cent; 100 % and 0 % are written only where exactly reached.

    Halves are rounded up as written in decimals, as a workbook does, so that one rate
    is not 99.8 here and 99.9 there.

    >>> percent(0.146), percent(1.0), percent(0.99996), percent(float("nan"))
    ('14.6 %', '100 %', '99.9 %', '–')
    >>> percent(0.9985), percent(0.00001), percent(0.0)
    ('99.9 %', '0.1 %', '0 %')
    """
    if is_missing(share):
        return UNDEFINED
    share = float(share)
    exact = 100 * Decimal(str(share))
    shown = str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    if share > 0 and not float(shown):
        shown = f"{10**-digits:.{digits}f}"
    elif share < 1 and float(shown) >= 100:
        shown = f"{100 - 10**-digits:.{digits}f}"
    elif share > 1 and float(shown) <= 100:
        shown = f"{100 + 10**-digits:.{digits}f}"
    elif share in (0, 1):
        shown = f"{100 * int(share)}"
    return f"{shown} %"


def points(share: Any, language: str = "zh", *, is_signed: bool = False) -> str:
    """A difference of two shares, in percentage points.

    >>> points(0.032), points(-0.05, "en", is_signed=True)
    ('3.2 个百分点', '−5.0 points')
    """
    if is_missing(share):
        return UNDEFINED
    n = f"{100 * float(share):{'+' if is_signed else ''}.1f}".replace("-", "−")
    return text(language, "findings.points", n=n)


def time_text(moment: datetime) -> str:
    """An instant in a file, with its zone.

    >>> time_text(datetime.fromisoformat("2016-07-15T09:30:12+08:00"))
    '2016-07-15 09:30+08:00'
    """
    return moment.isoformat(sep=" ", timespec="minutes")
