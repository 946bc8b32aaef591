"""Verified rates: random checks against the frame they were drawn from.

The rows come from a mart that holds random checks only; `sampling` estimates from a
`RandomTally` or `RandomRecounts` only. There is no way for a targeted or prepared check
to get in here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from data_pipeline.statistics.modelled import pool_shares
from data_pipeline.statistics.sampling import (
    STRATUM,
    RandomRecounts,
    RandomTally,
    estimate_head_shares,
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

# What the register of draws adds to an estimate; then, not exported, the limits if all
# who did not come back had failed, and if all had held.
DRAWN_COLUMNS = ("n_drawn", "n_unvisited", "is_registered")
BOUNDS = ("worst", "best")
MIN_RETURNED = 0.9  # of those drawn: below, what is said is the bounds

_WHOLE = ("numerator", "denominator", "n_blank")
_COUNTED = ["n_checked", "n_confirmed", "n_blank", "n_claimed"]


def estimate_rates(
    rows: pd.DataFrame,
    frame: pd.DataFrame,
    drawn: pd.DataFrame,
    by: Sequence[str],
    *,
    is_count: bool,
) -> pd.DataFrame:
    """Stratified estimate of one item for each group that was drawn from or checked.

    Parameters
    ----------
    rows : DataFrame, one row a checked branch and month
        ``month``, ``supervision_group``, ``unit``, ``township``, ``sector``,
        ``is_weak``, ``n_case_draws``; ``found`` and ``base`` (both blank without a
        verdict): 1 or 0 of 1 for a verdict, heads found of heads on the roll for a
        count; ``claimed``: the rate that the last ledger before the check gave of it
        (in its own row, or in that of its cell), blank where none; ``branch``;
        ``draw``: the registered draw that it belongs to, '' for none.
    frame : DataFrame, one row a cell of the roll and month
        The same months and places, and ``n_frame`` branches.
    drawn : DataFrame, one row a branch, month and draw that looked for the item
        The same places, ``branch``, ``draw``, ``base`` (1, or heads on the roll) and
        ``is_returned``: whether a check for that draw came back.
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
        holds for all of them. Then `DRAWN_COLUMNS`: branches drawn, once for each
        draw; those of them from which no check came back; "yes" where every check
        belongs to a registered draw, else "no". And `BOUNDS`: the lower limit if
        everybody drawn without a verdict had failed, the upper limit if everybody had
        held (0-1). They are the interval where nobody is missing, and hold whatever
        kept branches from being visited.

    References
    ----------
    `sampling.estimate_share` and `sampling.estimate_head_share`; Manski (1989), Journal
    of Human Resources 24:343-360; Horowitz & Manski (2000), Journal of the American
    Statistical Association 95:77-84 (limits around the bounds).
    """
    groups = [place for place in by if place != "month"]
    places = [*dict.fromkeys(("supervision_group", *STRATUM, *groups))]
    estimate = functools.partial(
        _counts if is_count else _shares, places=places, groups=groups
    )
    columns = [*by, *COLUMNS, *DRAWN_COLUMNS, *BOUNDS]
    counts = [*_WHOLE, *DRAWN_COLUMNS[:2]]
    results = []
    for month in sorted({*rows["month"], *drawn["month"]}):
        checked, listed = rows[rows["month"] == month], drawn[drawn["month"] == month]
        of_month = frame[frame["month"] == month]
        strata = of_month.groupby(places, as_index=False)["n_frame"].sum()
        result = estimate(checked, strata)
        bounds = _bound(result, estimate, checked, listed, strata, groups)
        for part in (bounds, _count_drawn(checked, listed, groups)):
            result = _join(result, part, groups)
        result[counts] = result[counts].fillna(0).astype("int64")
        result["month"] = month
        results.append(result[columns])
    if results:
        return pd.concat(results, ignore_index=True)
    return pd.DataFrame(columns=columns).astype(dict.fromkeys(counts, "int64"))


def estimate_city(rows: pd.DataFrame, frame: pd.DataFrame, *, is_count: bool) -> float:
    """The rate of `estimate_rates` for the whole city and one month, and nothing else.

    `rows` and `frame` are of that month; NaN under ten checks.
    """
    places = ["supervision_group", *STRATUM]
    strata = frame.groupby(places, as_index=False)["n_frame"].sum()
    result = (_counts if is_count else _shares)(rows, strata, places, [])
    return float(result["rate"].iloc[0]) if len(result) else np.nan


def _bound(
    result: pd.DataFrame,
    estimate: Callable[..., pd.DataFrame],
    checked: pd.DataFrame,
    listed: pd.DataFrame,
    strata: pd.DataFrame,
    groups: list[str],
) -> pd.DataFrame:
    """`BOUNDS` by group: what is missing set in one way and the other, and estimated
    like the rest; where nothing is missing, the limits there are."""
    without = _without_verdict(checked, listed)
    bounds = dict(zip(("lower", "upper"), BOUNDS, strict=True))
    limits = result[[*groups, *bounds]].rename(columns=bounds)
    if without.empty:
        return limits
    is_replaced = checked["branch"].isin(without["branch"])
    touched = _labels(pd.concat([checked[is_replaced], without]), groups)
    kept = checked[~is_replaced & _labels(checked, groups).isin(touched)]
    strata = strata[_labels(strata, groups).isin(touched)]
    found = {"lower": 0 * without["base"], "upper": without["base"]}
    full = {n: pd.concat([kept, without.assign(found=found[n])]) for n in found}
    worst, best = (
        estimate(full[limit], strata)[[*groups, limit]].rename(columns={limit: bound})
        for limit, bound in bounds.items()
    )
    others = limits[~_labels(limits, groups).isin(touched)]
    return pd.concat([others, _join(worst, best, groups)], ignore_index=True)


def _labels(frame: pd.DataFrame, groups: list[str]) -> pd.Index:
    """Which group each row is of; without groups all are of the same."""
    if not groups:
        return pd.Index(np.zeros(len(frame), int))
    return pd.MultiIndex.from_frame(frame[groups])


def _without_verdict(checked: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Those drawn of whom nothing is known, as checks without a verdict."""
    known = checked.loc[checked["found"].notna(), "branch"]
    without = drawn[~drawn["branch"].isin(known)].drop_duplicates("branch")
    return without[without["base"].notna()].assign(claimed=np.nan)


def _count_drawn(
    checked: pd.DataFrame, drawn: pd.DataFrame, groups: list[str]
) -> pd.DataFrame:
    """Drawn, not come back, and whether all checks are of a draw, by group."""
    both = pd.concat(
        [
            drawn.assign(n_drawn=1, n_unvisited=~drawn["is_returned"].astype(bool)),
            checked.assign(is_stray=checked["draw"] == ""),
        ]
    )
    names = ["n_drawn", "n_unvisited", "is_stray"]
    both[names] = both[names].fillna(0).astype(int)
    if groups:
        counted = both.groupby(groups, as_index=False)[names].sum()
    else:
        counted = both[names].sum().to_frame().T
    counted["is_registered"] = np.where(counted["is_stray"] > 0, "no", "yes")
    return counted.drop(columns="is_stray")


def _join(left: pd.DataFrame, right: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Side by side, by group; without groups both have one row at most."""
    if groups:
        return left.merge(right, on=groups, how="outer")
    return left.join(right, how="outer")


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
    rows = checked.merge(strata, on=places, how="left")
    rows = rows.rename(columns={"found": "recounted", "base": "reported"})
    shares = estimate_head_shares(RandomRecounts(rows), groups)
    return shares.rename(
        columns={
            "n_recounted": "numerator",
            "n_reported": "denominator",
            "estimate": "rate",
        }
    )
