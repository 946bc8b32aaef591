"""Verified rates: random checks against the frame they were drawn from.

The rows come from a mart that holds random checks only; `sampling` estimates from a
`RandomTally` or `RandomRecounts` only. There is no way for a targeted or prepared check
to get in here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_pipeline.statistics.modelled import pool_shares
from data_pipeline.statistics.sampling import (
    MIN_RATE,
    STRATUM,
    RandomRecounts,
    RandomTally,
    estimate_head_share,
    estimate_shares,
)

COLUMNS = (
    "numerator",
    "denominator",
    "rate",
    "n_blank",
    "std_error",
    "lower",
    "upper",
    "reported_before",
)

_COUNTED = ["n_checked", "n_confirmed", "n_blank", "n_claimed"]


def estimate_rates(
    rows: pd.DataFrame, frame: pd.DataFrame, by: Sequence[str], *, is_count: bool
) -> pd.DataFrame:
    """Stratified estimate of one item for each group that a random check reached.

    Parameters
    ----------
    rows : DataFrame, one row a checked branch and month
        ``month``, ``supervision_group``, ``unit``, ``township``, ``sector``,
        ``is_weak``, ``n_case_draws``; ``found`` and ``base`` (both blank without a
        verdict): 1 or 0 of 1 for a verdict, heads found of heads on the roll for a
        count; ``claimed``: the rate that its cell's last ledger before the check
        gave, blank where none.
    frame : DataFrame, one row a cell of the roll and month
        The same months and places, and ``n_frame`` branches.
    by : sequence of str
        Dimensions to keep; none: the city.
    is_count : bool
        Whether the item counts heads (a ratio of weighted sums) or branches.

    Returns
    -------
    DataFrame
        The `by` columns and `COLUMNS`: confirmed, checked, the estimate (NaN under
        ten checks), checks without a verdict, standard error, 95 % limits,
        and the rate claimed before the checks, weighted as the estimate is. A place
        without any ledger before its check had claimed nothing; missing where that
        holds for all of them.

    References
    ----------
    `sampling.estimate_share` and `sampling.estimate_head_share`.
    """
    groups = [place for place in by if place != "month"]
    places = [*dict.fromkeys(("supervision_group", *STRATUM, *groups))]
    results = []
    for month, checked in rows.groupby("month", sort=True):
        estimate = _counts if is_count else _shares
        of_month = frame[frame["month"] == month]
        strata = of_month.groupby(places, as_index=False)["n_frame"].sum()
        result = estimate(checked, strata, places, groups)
        result["month"] = month
        results.append(result[[*by, *COLUMNS]])
    if results:
        return pd.concat(results, ignore_index=True)
    empty = pd.DataFrame(columns=[*by, *COLUMNS])
    return empty.astype(dict.fromkeys(("numerator", "denominator", "n_blank"), "int64"))


def model_rates(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Modelled share of every unit and sector on the roll, of one item and month.

    Parameters
    ----------
    rows, frame : DataFrame
        As in `estimate_rates`, of the whole city: every cell leans on all others.

    Returns
    -------
    DataFrame, one row a unit and sector, checked or not
        ``supervision_group``, ``unit``, ``sector`` and `COLUMNS`, the rate modelled.

    References
    ----------
    `modelled.pool_shares`.
    """
    places = ["supervision_group", *STRATUM]
    strata = frame.groupby(places, as_index=False)["n_frame"].sum()
    cells = pool_shares(
        _tally(rows, strata, places), ["supervision_group", "unit", "sector"]
    )
    cells = cells.rename(
        columns={"n_confirmed": "numerator", "n_checked": "denominator"}
    )
    places = ["supervision_group", "unit", "sector"]
    direct = _shares(rows, strata, ["supervision_group", *STRATUM], places)
    claimed = direct[[*places, "reported_before"]]
    cells = cells.drop(columns="reported_before", errors="ignore")
    cells = cells.merge(claimed, on=places, how="left")
    return cells[[*places, *COLUMNS]]


def _tally(
    checked: pd.DataFrame, strata: pd.DataFrame, places: list[str]
) -> RandomTally:
    counts = (
        checked.assign(
            n_checked=checked["found"].notna(),
            n_confirmed=checked["found"].fillna(0),
            n_blank=checked["found"].isna(),
            n_claimed=checked["claimed"].where(checked["found"].notna()).fillna(0),
        )
        .groupby(places, as_index=False)[_COUNTED]
        .sum()
    )
    return RandomTally(strata.merge(counts, on=places, how="left").fillna(0))


def _shares(
    checked: pd.DataFrame, strata: pd.DataFrame, places: list[str], groups: list[str]
) -> pd.DataFrame:
    estimates = estimate_shares(_tally(checked, strata, places), groups)
    has_claim = checked[checked["claimed"].notna() & checked["found"].notna()]
    known = set(has_claim[groups].itertuples(index=False, name=None))
    labels = estimates[groups].itertuples(index=False, name=None)
    is_claimed = (
        [label in known for label in labels] if groups else [len(has_claim) > 0]
    )
    estimates["reported_before"] = estimates["reported_before"].where(is_claimed)
    estimates = estimates[(estimates["n_checked"] > 0) | (estimates["n_blank"] > 0)]
    return estimates.rename(
        columns={
            "n_confirmed": "numerator",
            "n_checked": "denominator",
            "estimate": "rate",
        }
    ).reset_index(drop=True)


def _counts(
    checked: pd.DataFrame, strata: pd.DataFrame, places: list[str], groups: list[str]
) -> pd.DataFrame:
    known = checked.merge(strata, on=places, how="left")
    known = known.rename(columns={"found": "recounted", "base": "reported"})
    results = []
    for label, rows in known.groupby(groups) if groups else [((), known)]:
        estimate = estimate_head_share(RandomRecounts(rows))
        is_known = rows["recounted"].notna()
        has_rate = is_known.sum() >= MIN_RATE
        limits = (
            estimate.ratio,
            estimate.std_error,
            estimate.lower,
            estimate.upper,
        )
        rate, std_error, lower, upper = limits if has_rate else (np.nan,) * 4
        before = _claimed_heads(rows[is_known])
        results.append(
            {
                **dict(zip(groups, label, strict=True)),
                "numerator": int(rows.loc[is_known, "recounted"].sum()),
                "denominator": int(rows.loc[is_known, "reported"].sum()),
                "rate": rate,
                "n_blank": int((~is_known).sum()),
                "std_error": std_error,
                "lower": lower,
                "upper": upper,
                "reported_before": before,
            }
        )
    return pd.DataFrame(results)


def _claimed_heads(known: pd.DataFrame) -> float:
    """Share of heads that the ledgers before had claimed, weighted as the estimate."""
    if not known["claimed"].notna().any():
        return np.nan
    drawn = known.groupby(list(STRATUM), dropna=False)["n_frame"].transform("size")
    heads = known["n_frame"] / drawn * known["reported"].astype(float)
    total = heads.sum()
    return (heads * known["claimed"].fillna(0)).sum() / total if total else np.nan
