"""One branch: who it is, what it has said and what was found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data_pipeline.registry import Registry
from reports.words import catalogue, wording

MOST_FOUND = 30
TEXTS = catalogue.texts("branch.rows")
YES, NO = "yes", "no"


def describe(
    branch: pd.Series,
    registry: Registry,
    language: str = "zh",
    *,
    with_heads: bool = True,
) -> str:
    """Where a branch belongs and how large it is, in one sentence.

    `branch` is a row of `rates.read_roll`; without `with_heads` its heads are withheld.
    """
    texts = TEXTS[language]
    places = [
        wording.place_name(registry, dimension, branch[dimension], language)
        for dimension in ("supervision_group", "unit", "sector")
    ]
    if branch["township"] and not wording.is_missing(branch["township"]):
        places.append(branch["township"])
    kind = branch["branch_type"]
    if kind and not wording.is_missing(kind):
        places.append(registry.word("branch_type", kind, language))
    sentence = texts["who"].format(
        places=texts["joiner"].join(places),
        size=texts["size"].format(
            members=wording.number(branch["n_members"]),
            leaders=wording.number(branch["n_leaders"]),
        )
        if with_heads
        else texts["size_withheld"],
    )
    return sentence + (texts["weak"] if branch["is_weak"] else "")


def list_topics(
    ledger: pd.DataFrame,
    meetings: pd.DataFrame | None,
    checks: pd.DataFrame,
    registry: Registry,
    month: str,
) -> pd.DataFrame:
    """What is known of each topic: said by the ledger, by the meetings, by checks.

    Parameters
    ----------
    ledger, meetings, checks
        Rows of this branch up to `month`: `rates.read_ledger`, the table `meeting`
        (None where the registry has none) and `rates.read_check_words`.

    Returns
    -------
    DataFrame, one row a topic whose window has opened
        `topic`, `first_month` (of the first ledger that says it was held, '' if none),
        `is_in_time` ("yes", "no" or '' before the due day or without a ledger),
        `n_whole` (meetings of all members; NaN where none were filed), `found` (the
        verdict of the last check that has one, '' if none) and `found_date`.
    """
    rows = []
    for topic in registry.calendar.topics:
        metric = registry.metrics[topic.metric]
        if f"{metric.window.start:%Y-%m}" > month:
            continue
        held = ledger[ledger[metric.numerator].fillna(0) > 0]["month"]
        first = held.min() if len(held) else ""
        due = f"{metric.due:%Y-%m}"
        is_known = bool(len(ledger)) and month >= due
        in_time = YES if first and first <= due else NO
        verdicts = pd.DataFrame()
        if metric.verified and metric.verified.column in checks:
            verdicts = checks.dropna(subset=metric.verified.column)
        last = verdicts.iloc[-1] if len(verdicts) else None
        rows.append(
            {
                "topic": topic.id,
                "first_month": first,
                "is_in_time": in_time if is_known else "",
                "n_whole": _n_whole(meetings, topic.id),
                "found": last[metric.verified.column] if last is not None else "",
                "found_date": last["check_date"] if last is not None else pd.NaT,
            }
        )
    columns = ["topic", "first_month", "is_in_time", "n_whole", "found"]
    return pd.DataFrame(rows, columns=[*columns, "found_date"])


def _n_whole(meetings: pd.DataFrame | None, topic: str) -> float:
    if meetings is None or meetings.empty:
        return float("nan")
    own = meetings[(meetings["kind"] == topic) & (meetings["mode"] == "whole_branch")]
    return float(own["n_held"].fillna(0).sum())


def until(
    rows: pd.DataFrame, columns: Sequence[str], last: pd.Timestamp
) -> pd.DataFrame:
    """Rows up to a day, by the first of the months or dates `columns` that they have.

    Rows without that date, or without any such column, stay.
    """
    for name in columns:
        if name in rows:
            days = pd.to_datetime(rows[name])
            return rows[days.isna() | (days <= last)].reset_index(drop=True)
    return rows.reset_index(drop=True)
