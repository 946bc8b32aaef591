"""Verified rates: random checks against the frame they were drawn from.

The rows come from a mart that holds random checks only; `sampling` estimates from a
`RandomTally` or `RandomRecounts` only. There is no way for a targeted or prepared check
to get in here.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Hashable, Sequence
from typing import Any

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
_CLAIMS = "n_claims"
_DRAWN = ["n_drawn", "n_unvisited", "is_stray"]
_ALIKE = {name: name for name in ("n_blank", "std_error", "lower", "upper")}
_ALIKE |= {"estimate": "rate", "reported_before": "reported_before"}
_OF_SHARES = {"n_confirmed": "numerator", "n_checked": "denominator", **_ALIKE}
_OF_HEADS = {"n_recounted": "numerator", "n_reported": "denominator", **_ALIKE}
Place = tuple[Hashable, ...]


class Checks:
    """Random checks of one item, laid over the roll they were drawn from.

    What every question of them has in common is counted once: estimates by another
    grouping of the same checks cost a fraction of the first.

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
    is_count : bool
        Whether the item counts heads (a ratio of weighted sums) or branches.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        frame: pd.DataFrame,
        drawn: pd.DataFrame,
        *,
        is_count: bool,
    ) -> None:
        parts = rows, frame, drawn
        months = {month for part in parts for month in part["month"].unique()}
        self._n_rows = sum(map(len, parts))
        self._months = {
            month: _Month(
                *(_of_month(part, month) for part in parts), is_count=is_count
            )
            for month in sorted(months) or [""]  # without a roll a model has no cell
        }

    def __len__(self) -> int:
        """Rows held in memory."""
        return self._n_rows

    def estimate(self, by: Sequence[str]) -> pd.DataFrame:
        """Stratified estimate for each group that was drawn from or checked.

        Parameters
        ----------
        by : sequence of str
            Dimensions to keep; none: the city.

        Returns
        -------
        DataFrame
            The `by` columns and `COLUMNS`: confirmed, checked, the estimate (NaN under
            ten checks), checks without a verdict, standard error, 95 % limits,
            and the rate claimed before the checks, weighted as the estimate is and,
            as the fraction confirmed, not at all where there is none. A place without
            any ledger before its check had claimed nothing; missing where that holds
            for all of them. Then `DRAWN_COLUMNS`: branches drawn, once for each draw;
            those of them from which no check came back; "yes" where every check
            belongs to a registered draw, else "no". And `BOUNDS`: the lower limit if
            everybody drawn without a verdict had failed, the upper limit if everybody
            had held (0-1). They are the interval where nobody is missing, and hold
            whatever kept branches from being visited.

        References
        ----------
        `sampling.estimate_share` and `sampling.estimate_head_share`; Manski (1989),
        Journal of Human Resources 24:343-360; Horowitz & Manski (2000), Journal of the
        American Statistical Association 95:77-84 (limits around the bounds).
        """
        groups = tuple(place for place in by if place != "month")
        columns = [*by, *COLUMNS, *DRAWN_COLUMNS, *BOUNDS]
        counts = [*_WHOLE, *DRAWN_COLUMNS[:2]]
        rows = [
            {**dict(zip(groups, place, strict=True)), "month": month, **values}
            for month, checks in self._months.items()
            if checks.n_known
            for place, values in checks.estimate(groups).items()
        ]
        if not rows:
            return pd.DataFrame(columns=columns).astype(dict.fromkeys(counts, "int64"))
        result = pd.DataFrame(rows).reindex(columns=columns)
        result[counts] = result[counts].fillna(0).astype("int64")
        return result

    def model(self) -> pd.DataFrame:
        """Modelled share of each unit and sector on the roll, of a verdict and month.

        The checks are those of the whole city: every cell leans on all others.

        Returns
        -------
        DataFrame, one row a unit and sector, checked or not
            ``supervision_group``, ``unit``, ``sector``, `COLUMNS`; the rate modelled.

        References
        ----------
        `modelled.pool_shares`.
        """
        (month,) = self._months.values()
        laid = month.laid_over(_places(()))
        places = ("supervision_group", "unit", "sector")
        cells = pool_shares(RandomTally(laid.drop(columns=_CLAIMS)), list(places))
        cells = cells.rename(
            columns={"n_confirmed": "numerator", "n_checked": "denominator"}
        )
        direct = month.judge(laid, places)
        cells["reported_before"] = [
            direct.get(place, {}).get("reported_before", np.nan)
            for place in _labels(cells, places)
        ]
        return cells[[*places, *COLUMNS]]


def estimate_city(rows: pd.DataFrame, frame: pd.DataFrame, *, is_count: bool) -> float:
    """The rate of `Checks.estimate` for the whole city and one month, nothing else.

    `rows` and `frame` are of that month; NaN under ten checks.
    """
    checks = _Month(rows, frame, rows[:0], is_count=is_count)
    (found,) = checks.judge(checks.laid_over(_places(())), ()).values() or ({},)
    return float(found.get("rate", np.nan))


Values = dict[Place, dict[str, Any]]


class _Month:
    """`Checks` of one month; what several groupings ask is worked out once."""

    def __init__(
        self,
        checked: pd.DataFrame,
        frame: pd.DataFrame,
        drawn: pd.DataFrame,
        *,
        is_count: bool,
    ) -> None:
        self.checked, self.frame, self.drawn = checked, frame, drawn
        self.n_known = len(checked) + len(drawn)
        self.judge, self._lay = (
            (_judge_heads, _recount) if is_count else (_judge_branches, _tally)
        )
        # No `functools.cache`: it would make a cycle, and what dies in one stays long.
        self._strata: dict[tuple[str, ...], pd.DataFrame] = {}
        self._laid: dict[tuple[tuple[str, ...], str], pd.DataFrame] = {}

    def estimate(self, groups: tuple[str, ...]) -> Values:
        """By place, in order: what `Checks.estimate` says of it."""
        found = self.judge(self.laid_over(_places(groups)), groups)
        parts = found, self._bound(found, groups), self._count_drawn(groups)
        places = sorted(set().union(*parts))
        return {
            place: {n: v for part in parts for n, v in part.get(place, {}).items()}
            for place in places
        }

    def strata(self, places: tuple[str, ...]) -> pd.DataFrame:
        if places not in self._strata:
            cells = self.frame.groupby(list(places), as_index=False)
            self._strata[places] = cells["n_frame"].sum()
        return self._strata[places]

    def laid_over(self, places: tuple[str, ...], limit: str = "") -> pd.DataFrame:
        """The checks over their strata; with `limit` what is missing set to it."""
        if (places, limit) not in self._laid:
            self._laid[places, limit] = self._lay_over(places, limit)
        return self._laid[places, limit]

    def _lay_over(self, places: tuple[str, ...], limit: str) -> pd.DataFrame:
        checked = self.checked
        if limit:
            without = self.without
            found = {"lower": 0 * without["base"], "upper": without["base"]}
            kept = checked[~self.is_replaced]
            checked = pd.concat([kept, without.assign(found=found[limit])])
        return self._lay(checked, self.strata(places), list(places))

    @functools.cached_property
    def without(self) -> pd.DataFrame:
        """Those drawn of whom nothing is known, as checks without a verdict."""
        checked, drawn = self.checked, self.drawn
        known = checked.loc[checked["found"].notna(), "branch"]
        without = drawn[~drawn["branch"].isin(known)].drop_duplicates("branch")
        return without[without["base"].notna()].assign(claimed=np.nan)

    @functools.cached_property
    def is_replaced(self) -> pd.Series:
        return self.checked["branch"].isin(self.without["branch"])

    def _bound(self, found: Values, groups: tuple[str, ...]) -> Values:
        """`BOUNDS` by place: what is missing set one way and the other, and estimated.

        Where nothing is missing they are the limits there are.
        """
        bounds = dict(zip(("lower", "upper"), BOUNDS, strict=True))
        limits = {
            place: {bound: values[limit] for limit, bound in bounds.items()}
            for place, values in found.items()
        }
        if self.without.empty:
            return limits
        parts = self.checked[self.is_replaced], self.without
        touched = {place for part in parts for place in _labels(part, groups)}
        limits = {p: values for p, values in limits.items() if p not in touched}
        for limit, bound in bounds.items():
            laid = self.laid_over(_places(groups), limit)
            is_touched = [place in touched for place in _labels(laid, groups)]
            for place, values in self.judge(laid[is_touched], groups).items():
                limits.setdefault(place, {})[bound] = values[limit]
        return limits

    @functools.cached_property
    def drawn_and_checked(self) -> pd.DataFrame:
        checked, drawn = self.checked, self.drawn
        both = pd.concat(
            [
                drawn.assign(n_drawn=1, n_unvisited=~drawn["is_returned"].astype(bool)),
                checked.assign(is_stray=checked["draw"] == ""),
            ]
        )
        both[_DRAWN] = both[_DRAWN].fillna(0).astype(int)
        return both

    def _count_drawn(self, groups: tuple[str, ...]) -> Values:
        """Drawn, not come back, and whether all checks are of a draw, by place."""
        both = self.drawn_and_checked
        if groups:
            counted = both.groupby(list(groups))[_DRAWN].sum()
            keys = _labels(counted.reset_index(), groups)
        else:
            counted, keys = both[_DRAWN].sum().to_frame().T, [()]
        names = DRAWN_COLUMNS[:2]
        return {
            place: {
                **dict(zip(names, (n_drawn, n_unvisited), strict=True)),
                "is_registered": "no" if n_stray else "yes",
            }
            for place, (n_drawn, n_unvisited, n_stray) in zip(
                keys, counted.to_numpy().tolist(), strict=True
            )
        }


def _of_month(rows: pd.DataFrame, month: str) -> pd.DataFrame:
    is_of = rows["month"] == month
    return rows if is_of.all() else rows[is_of]


def _places(groups: Sequence[str]) -> tuple[str, ...]:
    """What strata are told apart by, where groups are to lie between them."""
    return (*dict.fromkeys(("supervision_group", *STRATUM, *groups)),)


def _labels(frame: pd.DataFrame, groups: Sequence[str]) -> list[Place]:
    """Which place each row is of; without groups all are of the same."""
    if not groups:
        return [()] * len(frame)
    return list(zip(*(frame[name].tolist() for name in groups), strict=True))


def _tally(
    checked: pd.DataFrame, strata: pd.DataFrame, places: list[str]
) -> pd.DataFrame:
    """Checks counted by stratum, as a `RandomTally` takes them.

    `n_claims` counts the checks with a verdict of which a ledger had claimed something.
    """
    is_known = checked["found"].notna()
    claimed = checked["claimed"].where(is_known)
    counts = (
        checked.assign(
            n_checked=is_known,
            n_confirmed=checked["found"].fillna(0),
            n_blank=~is_known,
            n_claimed=claimed.fillna(0),
            n_claims=claimed.notna(),
        )
        .groupby(places, as_index=False)[[*_COUNTED, _CLAIMS]]
        .sum()
    )
    return strata.merge(counts, on=places, how="left").fillna(
        dict.fromkeys([*_COUNTED, _CLAIMS], 0)
    )


def _judge_branches(laid: pd.DataFrame, groups: Sequence[str]) -> Values:
    """The share of branches confirmed, of each place with a check.

    `laid` is of `_tally`.
    """
    tally = RandomTally(laid.drop(columns=_CLAIMS))
    shares = estimate_shares(tally, groups)
    labels = _labels(laid, groups)
    claims = laid[_CLAIMS] > 0
    has_claim = set(itertools.compress(labels, claims))
    columns = [shares[name].tolist() for name in _OF_SHARES]
    found = {}
    for place, *values in zip(_labels(shares, groups), *columns, strict=True):
        row = dict(zip(_OF_SHARES.values(), values, strict=True))
        if row["denominator"] or row["n_blank"]:
            if place not in has_claim:
                row["reported_before"] = np.nan
            found[place] = row
    return found


def _recount(
    checked: pd.DataFrame, strata: pd.DataFrame, places: list[str]
) -> pd.DataFrame:
    """Checks beside the size of their strata, as `RandomRecounts` takes them."""
    rows = checked.merge(strata, on=places, how="left")
    return rows.rename(columns={"found": "recounted", "base": "reported"})


def _judge_heads(laid: pd.DataFrame, groups: Sequence[str]) -> Values:
    """The share of heads found, of each place with a check; `laid` is of `_recount`."""
    shares = estimate_head_shares(RandomRecounts(laid), groups)
    columns = [shares[name].tolist() for name in _OF_HEADS]
    return {
        place: dict(zip(_OF_HEADS.values(), values, strict=True))
        for place, *values in zip(_labels(shares, groups), *columns, strict=True)
    }
