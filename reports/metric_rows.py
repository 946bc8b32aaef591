"""Rows of several metrics, or of several months.

A page of headlines shows metrics side by side: each row is one of them, so a column of
rates may hold shares beside figures per head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.withheld import leave_blank
from reports.tables import METRIC
from reports.words import wording


def stack(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rates of several metrics one below the other, the metric's id in front."""
    parts = [frame.assign(**{METRIC: metric}) for metric, frame in frames.items()]
    stacked = leave_blank(pd.concat(parts, ignore_index=True))
    return stacked[[METRIC, *(name for name in stacked if name != METRIC)]]


def in_month(frame: pd.DataFrame, month: str) -> pd.DataFrame:
    """The rows of one month, without the column that says so."""
    is_month = frame["month"].to_numpy(object) == month
    names = [name for name in frame if name != "month"]
    return frame.loc[is_month, names].reset_index(drop=True)


def in_months(frame: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """The rows of some months, in the order of the frame."""
    return frame[frame["month"].isin(list(months))].reset_index(drop=True)


def formulas(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> list[tuple[str, str]]:
    """How each metric of a frame is computed, (name, formula), for a sheet of notes."""
    found = frame[METRIC].unique() if METRIC in frame else ()
    return [
        (
            wording.in_language(metric, "label", language),
            f"{registry.label(metric.numerator, language)} ÷ "
            f"{registry.label(metric.denominator, language)}",
        )
        for metric in (registry.metrics[name] for name in found)
    ]
