"""Members whom the usual meeting does not reach, month by month, and how they are."""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.branches import split_whole
from data_pipeline.demo_city.cells import KEY, Cells, draw_part, over_months
from data_pipeline.demo_city.reporting import N_CITY_BRANCHES
from data_pipeline.demo_city.truth import MONTHS, N_MONTHS

# "发现失联党员1036名": all of them by the end of July.
LOST_MEMBERS = 1036
LOST_FOUND = (0.35, 0.62, 0.88, 1, 1, 1, 1, 1, 1)
# Share of the members of a sector, beside the members of branches of that type.
SHARES = {
    "floating": {"rural": 0.11, "nonpublic": 0.09, "community": 0.05},
    "retired": {"organ": 0.17, "school": 0.15, "soe": 0.2, "community": 0.1},
    "frail": {"rural": 0.06, "community": 0.07, "organ": 0.02, "soe": 0.03},
    "nonpublic_social": {"nonpublic": 1.0},
    "restructured": {},
}
BRANCH_TYPES = {"floating": "流动", "retired": "离退休", "restructured": "改制企业"}
# Ease of reaching them in April and in December: the floating are reached least.
EASE = {
    "floating": (-2.2, -0.1),
    "retired": (0.2, 2.4),
    "frail": (-0.8, 1.6),
    "nonpublic_social": (-0.1, 1.9),
    "restructured": (-1.2, 0.9),
    "lost": (-1.4, 1.2),
}
PULL = 0.6  # of warmth on ease
# Ways of reaching them: their shares in April and in December. Those of the lost are
# stages, each member in one.
MODES = {
    "floating": {
        "floating_branch": (0.35, 0.3),
        "host_place": (0.45, 0.3),
        "online": (0.2, 0.4),
    },
    "retired": {
        "activity_centre": (0.6, 0.5),
        "home_visit": (0.15, 0.2),
        "pocket_book": (0.25, 0.3),
    },
    "frail": {"home_visit": (0.6, 0.65), "pocket_book": (0.4, 0.35)},
    "nonpublic_social": {"activity_centre": (0.7, 0.55), "online": (0.3, 0.45)},
    "restructured": {"register": (0.7, 0.3), "regular_management": (0.3, 0.7)},
    "lost": {
        "search": (0.6, 0.15),
        "register": (0.3, 0.25),
        "regular_management": (0.1, 0.6),
    },
}
# Left uncounted at first.
UNCOUNTED = ("350104", "frail", MONTHS[:2])


def draw_special_groups(
    branches: pd.DataFrame, cells: Cells, seed: int
) -> pd.DataFrame:
    """The table special_group: month, unit, sector, group_kind, mode, persons, covered.

    Rows with a mode (None: the totals) carry n_covered alone; a group that a cell does
    not have gives no row.
    """
    rng = np.random.default_rng([seed, 21])
    pull = PULL * cells.table["warmth"].to_numpy() + rng.normal(0, 0.25, len(cells))
    parts = []
    for kind, ease in EASE.items():
        persons = _count_persons(kind, branches, cells, rng)
        covered = draw_part(persons, over_months(*ease) + pull[:, None], rng)
        total = cells.monthly(n_persons=persons, n_covered=covered)
        total.insert(3, "group_kind", kind)
        total.insert(4, "mode", None)
        is_there = total["n_persons"] > 0
        parts.append(total[is_there])
        for mode, n_reached in _split(kind, covered).items():
            reached = total.assign(
                mode=mode, n_persons=pd.NA, n_covered=n_reached.ravel()
            )
            parts.append(reached[is_there])
    table = pd.concat(
        [part.astype({"n_persons": "Int64", "n_covered": "Int64"}) for part in parts]
    )
    unit, kind, months = UNCOUNTED
    is_blank = (table["unit"] == unit) & (table["group_kind"] == kind)
    table.loc[is_blank & table["month"].isin(months), "n_covered"] = pd.NA
    order = ["month", *KEY, "group_kind"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _count_persons(
    kind: str, branches: pd.DataFrame, cells: Cells, rng: np.random.Generator
) -> np.ndarray:
    """(cells, months) of one kind; only the lost grow in number, as they are found."""
    members = cells.table["n_members"].to_numpy()
    if kind == "lost":
        weights = members * np.exp(-0.6 * cells.table["warmth"].to_numpy())
        n_lost = round(LOST_MEMBERS * len(branches) / N_CITY_BRANCHES)
        return np.floor(np.outer(split_whole(n_lost, weights), LOST_FOUND)).astype(int)
    share = cells.table["sector"].map(SHARES[kind]).fillna(0).to_numpy()
    share = np.minimum(share * np.exp(rng.normal(0, 0.1, len(cells))), 1)
    share = np.where(
        cells.table["sector"] == "nonpublic", SHARES[kind].get("nonpublic", 0), share
    )
    is_of_type = branches["branch_type"] == BRANCH_TYPES.get(kind)
    of_type = cells.sums((branches["n_members"] * is_of_type).to_numpy())
    persons = of_type + np.round(share * (members - of_type)).astype(int)
    return np.repeat(persons[:, None], N_MONTHS, axis=1)


def _split(kind: str, covered: np.ndarray) -> dict[str, np.ndarray]:
    """`covered` by mode; the parts sum to it in every cell and month."""
    shares = np.stack([over_months(*ends) for ends in MODES[kind].values()])
    steps = np.floor(covered * shares.cumsum(axis=0)[:, None, :] + 0.5).astype(int)
    steps[-1] = covered
    return dict(zip(MODES[kind], np.diff(steps, axis=0, prepend=0), strict=True))
