"""The rows of the ledgers behind a figure, and where each of them stands."""

from __future__ import annotations

import pandas as pd

from data_pipeline.registry import Metric, Registry
from reports.words import catalogue, wording

ORIGIN = ("source_file", "source_sheet", "source_row", "received", "submission")
TEXTS = catalogue.texts("sector_gaps.ledger_rows")


def rows_behind(
    ledger: pd.DataFrame, metric: Metric, registry: Registry
) -> pd.DataFrame:
    """The two counts of a metric in each ledger row, and the row's origin.

    Parameters
    ----------
    ledger
        As `rates.read_ledger` gives it.

    Returns
    -------
    DataFrame
        `month`, `township`, `branch`, `branch_name`, the metric's numerator and
        denominator under their own names (Int64, missing where the ledger is blank),
        the counts that a row is judged by where those are no column of a ledger, and
        the columns of `ORIGIN` (`received` in UTC). What lacks most stands first; a
        blank row before all, since nobody knows what it lacks.
    """
    sides = (metric.numerator, metric.denominator)
    judged_by = (
        name
        for side in sides
        if side in registry.derived
        for name in registry.derived[side].of
    )
    counts = {
        name: count_of(ledger, name, registry)
        for name in dict.fromkeys((*sides, *judged_by))
    }
    keys = ["month", "township", "branch", "branch_name"]
    received = ledger["received"].dt.tz_localize("UTC")
    rows = ledger.assign(**counts, received=received)[[*keys, *counts, *ORIGIN]]
    lacking = rows[metric.denominator] - rows[metric.numerator]
    order = lacking.sort_values(
        ascending=False, na_position="first", kind="stable"
    ).index
    return rows.loc[order].reset_index(drop=True)


def is_unfinished(rows: pd.DataFrame, metric: Metric) -> pd.Series:
    """Whether a row lacks something; of a blank one nobody knows that it does not."""
    done = rows[metric.numerator].ge(rows[metric.denominator])
    return ~done.fillna(False).astype(bool)


def add_up(rows: pd.DataFrame, metric: Metric, language: str = "zh") -> str:
    """What the rows of one month amount to, as a sentence; a blank row counts apart."""
    texts = TEXTS[language]
    if rows.empty:
        return texts["none"]
    whole = rows.dropna(subset=[metric.numerator, metric.denominator])
    numerator = int(whole[metric.numerator].sum())
    denominator = int(whole[metric.denominator].sum())
    sentence = texts["sum"].format(
        n=wording.number(len(rows)),
        numerator=wording.number(numerator),
        denominator=wording.number(denominator),
        rate=wording.rate_text(
            numerator / denominator if denominator else None, metric.unit
        ),
    )
    n_blank = len(rows) - len(whole)
    blank = texts["blank"].format(n=wording.number(n_blank)) if n_blank else ""
    return f"{sentence}{' ' if language == 'en' and blank else ''}{blank}"


def count_of(ledger: pd.DataFrame, name: str, registry: Registry) -> pd.Series:
    """A count of some rows, filed or made of others that were (Int64)."""
    if name in ledger:
        return ledger[name].astype("Int64")
    derived = registry.derived[name]
    if derived.of_topic:  # each month's is that of the topic whose window it lies in
        found = pd.Series(pd.NA, ledger.index, "Int64")
        for month, rows in ledger.groupby("month"):
            column = registry.topic_of(str(month)).numerator
            found[rows.index] = rows[column].astype("Int64")
        return found
    parts = (ledger[derived.minuend], ledger[derived.subtrahend])
    whole, part = (series.astype("Int64") for series in parts)
    return whole - part
