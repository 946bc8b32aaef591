"""Whom to talk to first: places in the order of the reasons that hold for them.

A pure function of what is known of each place and of the registry's weights. The sum
of the weights makes an order, not a mark: what a reader gets are the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_pipeline.registry import Reason

PLACE = ("supervision_group", "unit", "sector")


def rank_candidates(
    cells: pd.DataFrame, reasons: Sequence[Reason], most: int
) -> pd.DataFrame:
    """Places for which a reason holds, those on the list and the weightiest first.

    Parameters
    ----------
    cells
        One row a place: `PLACE`, `still_missing` (branches that lack to the topic of
        the month), and by the id of each reason its amount, NaN where nothing is
        known. A reason whose column is missing holds nowhere.
    reasons
        Each holds where its amount is at least its threshold, and asks for a talk
        where it is at least `lists_from`.
    most
        Places of a group on the list.

    Returns
    -------
    DataFrame
        The candidates with `reasons` (ids, the weightiest first), `weight` (their
        sum), `position` among those of their group and `is_listed`, which is so of the
        first `most` of a group for which a reason asks for a talk. These come first;
        then by weight, by `still_missing`, most first, and by place: the same cells
        give the same order, in whatever order they came.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "supervision_group": ["G1"] * 2, "unit": ["a", "b"],
    ...     "sector": ["rural"] * 2, "still_missing": [5, 9],
    ...     "cold": [1, 1], "flagged": [2, 0]})
    >>> reasons = [Reason("cold", 3), Reason("flagged", 2, lists_from=2)]
    >>> ranked = rank_candidates(cells, reasons, most=10)
    >>> ranked[["unit", "weight", "position", "is_listed"]].values.tolist()
    [['a', 5, 1, True], ['b', 3, 2, False]]
    """
    known = [reason for reason in reasons if reason.id in cells]
    known.sort(key=lambda reason: -reason.weight)
    holds = {
        reason.id: (cells[reason.id].astype(float) >= reason.threshold).to_numpy()
        for reason in known
    }
    reason_ids = [
        tuple(reason.id for reason in known if holds[reason.id][row])
        for row in range(len(cells))
    ]
    weights = {reason.id: reason.weight for reason in known}
    asks = np.zeros(len(cells), bool)
    for reason in known:
        if reason.lists_from is not None:
            amounts = cells[reason.id].astype(float)
            asks |= (amounts >= reason.lists_from).to_numpy()
    ranked = cells.assign(
        reasons=pd.Series(reason_ids, index=cells.index, dtype=object),
        weight=[sum(weights[name] for name in names) for names in reason_ids],
        is_listed=asks,
    )
    ranked = ranked[ranked["weight"] > 0]
    order = ranked.assign(
        asks=~ranked["is_listed"],
        weight=-ranked["weight"],
        still_missing=-ranked["still_missing"].fillna(0),
    ).sort_values(["asks", "weight", "still_missing", "unit", "sector"], kind="stable")
    ranked = ranked.loc[order.index].reset_index(drop=True)
    position = ranked.groupby("supervision_group", sort=False).cumcount() + 1
    is_listed = ranked["is_listed"] & (position <= most)
    return ranked.assign(position=position, is_listed=is_listed)
