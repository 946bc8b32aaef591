"""Whether groups of places are more or less uneven than chance would have made them.

A complete ledger has no sampling error, so the unevenness of a group has no confidence
interval. What can be asked is whether it matters which places a group has: how uneven
would a group of as many places be, had the same places been dealt out at random?
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from data_pipeline.statistics.unevenness import POINTS

ALPHA = 0.05
MOST_WAYS = 20_000  # so many ways of choosing places are all looked at
N_DRAWN = 9_999  # of more ways, so many at random
SEED = 2016  # the same draw each time: a page must not change when it is read again
CHUNK = 2_000
ROUNDING = 1e-9  # equal distances may differ in the last digit


def compare_groups(cells: pd.DataFrame, place: str, group: str) -> pd.DataFrame:
    """Hold the unevenness of each group against groups of as many places at random.

    Parameters
    ----------
    cells : DataFrame, one row a cell of one metric and month
        Columns ``numerator`` (x_j) and ``denominator`` (N_j); `place`, which places
        keep together (a unit goes with all its cells), and `group`, what they are in.
        A cell with a blank side or a denominator of 0 enters nothing.
    place, group : str
        Names of these columns.

    Returns
    -------
    DataFrame, one row a group with a rate, sorted by `group`
        `group`, ``rate`` (share), ``n_places``, ``n_cells``, ``mean_distance_points``
        (``sum w_j |y_j - m|`` inside the group, points), ``chance_lower`` and
        ``chance_upper`` (points: where chance would leave it; outside of them
        ``p_adjusted`` is at most 0.05) and ``p_adjusted`` (0-1): two-sided, times the
        number of groups. All ways of choosing the places are looked at, of more than
        20,000 ways 9,999 drawn with a fixed seed. A group that has all places cannot
        be compared: NaN.

    Raises
    ------
    ValueError
        When a place is in two groups.

    References
    ----------
    Pitman (1937), Suppl. J. Royal Stat. Soc. 4:119-130 (permutation of the data at
    hand); Bonferroni's correction for the number of groups; mean distance as in
    `unevenness.mean_distance`.

    Examples
    --------
    Two places that differ make an uneven group; of six ways it is one of the two:

    >>> cells = pd.DataFrame({
    ...     "unit": list("abcd"), "group": ["G1", "G1", "G2", "G2"],
    ...     "numerator": [10, 10, 10, 6], "denominator": [10] * 4,
    ... })
    >>> found = compare_groups(cells, "unit", "group")
    >>> found["mean_distance_points"].tolist(), found["p_adjusted"].tolist()
    ([0.0, 20.0], [1.0, 1.0])
    """
    x = cells["numerator"].to_numpy(dtype=float, na_value=np.nan)
    n = cells["denominator"].to_numpy(dtype=float, na_value=np.nan)
    known = cells.assign(x=x, n=n)[(n > 0) & ~np.isnan(x)]
    of_place = known.groupby(place)[group].unique()
    if (of_place.map(len) > 1).any():
        raise ValueError(f"a {place} must be in one {group} only")
    done, owed = (_by_place(known, place, side) for side in ("x", "n"))
    groups = of_place.map(lambda found: found[0]).to_numpy()
    names = sorted(set(groups))
    rows = []
    for name in names:
        own = np.flatnonzero(groups == name)
        (distance,), (rate,) = _distances(done, owed, own[None, :])
        rows.append(
            {
                group: name,
                "rate": float(rate),
                "n_places": len(own),
                "n_cells": int((owed[own] > 0).sum()),
                "mean_distance_points": float(distance),
                **_against_chance(done, owed, own, len(names)),
            }
        )
    columns = [group, "rate", "n_places", "n_cells", "mean_distance_points"]
    columns += ["chance_lower", "chance_upper", "p_adjusted"]
    return pd.DataFrame(rows, columns=columns)


def _by_place(known: pd.DataFrame, place: str, side: str) -> np.ndarray:
    """One side of the rates as places x cells, 0 where a place has fewer."""
    numbered = known.assign(cell=known.groupby(place).cumcount())
    table = numbered.pivot(index=place, columns="cell", values=side)
    return table.fillna(0.0).to_numpy()


def _distances(
    done: np.ndarray, owed: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean distance (points) and rate of each row of `chosen` places."""
    x = done[chosen].reshape(len(chosen), -1)
    n = owed[chosen].reshape(len(chosen), -1)
    total = n.sum(axis=1)
    rate = x.sum(axis=1) / total
    apart = np.abs(x - rate[:, None] * n).sum(axis=1)
    return POINTS * apart / total, rate


def _against_chance(
    done: np.ndarray, owed: np.ndarray, own: np.ndarray, n_groups: int
) -> dict[str, float]:
    """Where chance leaves a group of as many places, and how rare its own are."""
    if len(own) == len(done):
        nothing = math.nan
        return dict.fromkeys(("chance_lower", "chance_upper", "p_adjusted"), nothing)
    ways = _choose(len(done), own)
    distances = np.concatenate([_distances(done, owed, some)[0] for some in ways])
    by_chance = np.sort(distances)
    at_most = np.searchsorted(by_chance, by_chance + ROUNDING, side="right")
    below = np.searchsorted(by_chance, by_chance - ROUNDING, side="left")
    rarer = np.minimum(at_most, len(by_chance) - below) / len(by_chance)
    p = np.minimum(1, 2 * n_groups * rarer)
    inside = by_chance[p > ALPHA]
    distance = _distances(done, owed, own[None, :])[0][0]
    return {
        "chance_lower": float(inside[0]),
        "chance_upper": float(inside[-1]),
        "p_adjusted": float(p[np.abs(by_chance - distance).argmin()]),
    }


def _choose(n_places: int, own: np.ndarray) -> Iterator[np.ndarray]:
    """Ways of choosing as many places as `own`, a row each, `own` among them.

    All there are, or as many as are drawn.
    """
    size = len(own)
    if math.comb(n_places, size) <= MOST_WAYS:
        every = itertools.combinations(range(n_places), size)
        while some := list(itertools.islice(every, CHUNK)):
            yield np.array(some)
        return
    yield own[None, :]
    random = np.random.default_rng(SEED)
    for start in range(0, N_DRAWN, CHUNK):
        drawn = random.random((min(CHUNK, N_DRAWN - start), n_places))
        yield np.argsort(drawn, axis=1)[:, :size]
