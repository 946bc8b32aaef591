"""Counts of a metric as a test compares them with what a hand has counted."""

from __future__ import annotations

from typing import Any

from data_pipeline.rates import Marts, read_rates


def rates(
    marts: Marts, metric: str, month: str, *by: str, **where: str
) -> list[list[Any]]:
    """Rows of `by`, numerator, denominator and blank rows; `where` one code each."""
    frame = read_rates(
        marts,
        metric,
        by=by,
        months=[month],
        where={name: (code,) for name, code in where.items()},
    )
    counts = ["numerator", "denominator", "n_blank"]
    return frame[[*by, *counts]].to_numpy().tolist()
