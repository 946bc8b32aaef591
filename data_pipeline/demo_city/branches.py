"""The made-up city itself: its 16,198 branches, who they are and how warm.

Places are real names (see data/README.md), the split over sectors is an assumption,
everything else is drawn. Branches carry place and serial, never a person's name.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from data_pipeline.registry import load_registry

DATA_FOLDER = Path(__file__).parent / "data"

SECTOR_LETTERS = {
    "organ": "O",
    "school": "S",
    "rural": "R",
    "community": "C",
    "nonpublic": "N",
    "soe": "E",
}
SECTOR_NOUNS = {
    "organ": "机关",
    "school": "学校",
    "rural": "村",
    "community": "社区",
    "nonpublic": "非公企业",
    "soe": "国企",
}
# Mean members and mean leaders of a branch.
MEAN_MEMBERS = {
    "organ": 21,
    "school": 25,
    "rural": 23,
    "community": 32,
    "nonpublic": 10,
    "soe": 22,
}
MEAN_LEADERS = {
    "organ": 1.6,
    "school": 0.9,
    "rural": 0.25,
    "community": 0.3,
    "nonpublic": 0.12,
    "soe": 0.9,
}
# Share of the branch types that are not 普通, by sector.
TYPE_SHARES = {
    "organ": {"离退休": 0.10, "联合": 0.04},
    "school": {"离退休": 0.08},
    "rural": {"流动": 0.04, "联合": 0.03},
    "community": {"离退休": 0.08, "流动": 0.03},
    "nonpublic": {"联合": 0.25, "流动": 0.08},
    "soe": {"改制企业": 0.15, "离退休": 0.08},
}
# Warmth: one latent number per branch, about zero on average; a branch with more of
# it meets earlier, its leaders come and speak more. The speech names who is cold:
# 改制企业, 流动, 非公.
SECTOR_WARMTH = {
    "organ": 0.7,
    "school": 0.4,
    "rural": -0.1,
    "community": 0.1,
    "nonpublic": -0.9,
    "soe": 0.0,
}
TYPE_WARMTH = {
    "普通": 0.0,
    "联合": -0.4,
    "流动": -1.3,
    "离退休": -0.3,
    "改制企业": -1.2,
}
WEAK_BASE_WARMTH = -0.7
WEAK_TOWNSHIP_WARMTH = -1.0
WEAK_TOWNSHIP_SHARE = 0.1
# The speech praises one county's enterprises by name.
WARM_CELLS = {("350112", "nonpublic"): 1.4}


def load_allocation() -> pd.DataFrame:
    """Branches of each unit (rows, by code) in each sector (columns)."""
    table = pd.read_csv(DATA_FOLDER / "branch_allocation.csv", dtype={"unit_code": str})
    table = table.dropna(subset=["unit_code"]).set_index("unit_code")
    return table[list(SECTOR_LETTERS)]


def load_townships() -> pd.DataFrame:
    """The 185 townships: unit, township, communities, villages."""
    table = pd.read_csv(DATA_FOLDER / "townships.csv", dtype={"county_adcode": str})
    return table.rename(columns={"county_adcode": "unit", "town_name": "township"})[
        ["unit", "township", "communities", "villages"]
    ]


def make_branches(seed: int = 2016, branches_share: float = 1.0) -> pd.DataFrame:
    """Draw the branches of the city, one row each, in order of unit and sector.

    Parameters
    ----------
    seed
        The same seed gives the same city.
    branches_share
        In (0, 1]: a smaller city keeps this share of every unit x sector, at least
        one branch each.

    Returns
    -------
    DataFrame
        branch, branch_name, unit, township ("" for 高新区 and the municipal blocks,
        which have none), sector, branch_type, n_members, n_leaders, is_weak_base,
        n_organizations (the branch and, for some, the committee above it),
        is_weak_township, warmth.

    Raises
    ------
    ValueError
        `branches_share` outside (0, 1].
    """
    if not 0 < branches_share <= 1:
        raise ValueError(f"branches_share must lie in (0, 1], not {branches_share}")
    rng = np.random.default_rng([seed, 1])
    allocation = load_allocation()
    townships = load_townships()
    townships["is_weak"] = rng.random(len(townships)) < WEAK_TOWNSHIP_SHARE
    townships["warmth"] = rng.normal(0, 0.3, len(townships))
    townships["warmth"] += WEAK_TOWNSHIP_WARMTH * townships["is_weak"]
    unit_warmth = dict(
        zip(allocation.index, rng.normal(0, 0.35, len(allocation)), strict=True)
    )

    cells = []
    for unit in allocation.index:
        places = townships[townships["unit"] == unit]
        for sector in SECTOR_LETTERS:
            cell_warmth = (
                SECTOR_WARMTH[sector]
                + unit_warmth[unit]
                + rng.normal(0, 0.3)
                + WARM_CELLS.get((unit, sector), 0.0)
            )
            n = int(allocation.loc[unit, sector])
            if n == 0:
                continue
            n = max(1, round(n * branches_share))
            cells.append(_make_cell(unit, sector, n, places, cell_warmth, rng))
    return pd.concat(cells, ignore_index=True)


def _make_cell(
    unit: str,
    sector: str,
    n: int,
    places: pd.DataFrame,
    cell_warmth: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The `n` branches of one unit and sector."""
    if len(places):
        quotas = split_whole(n, _place_weights(sector, places))
        where = np.repeat(np.arange(len(places)), quotas)
        township = places["township"].to_numpy()[where]
        is_weak_township = places["is_weak"].to_numpy()[where]
        place_warmth = places["warmth"].to_numpy()[where]
        place_names = township
    else:
        township = np.full(n, "", dtype=object)
        is_weak_township = np.zeros(n, dtype=bool)
        place_warmth = np.zeros(n)
        place_names = np.full(n, load_registry().units[unit].name_zh, dtype=object)

    shares = TYPE_SHARES[sector]
    types = np.array(["普通", *shares], dtype=object)
    branch_type = types[
        rng.choice(len(types), n, p=[1 - sum(shares.values()), *shares.values()])
    ]
    is_weak_base = rng.random(n) < np.where(is_weak_township, 0.25, 0.06)
    n_leaders = rng.poisson(MEAN_LEADERS[sector], n)
    n_members = 3 + n_leaders + rng.gamma(2.0, (MEAN_MEMBERS[sector] - 3) / 2, n)
    serials = np.arange(1, n + 1)
    labels = np.where(branch_type == "普通", "", branch_type)
    return pd.DataFrame(
        {
            "branch": [f"{unit}-{SECTOR_LETTERS[sector]}{s:04d}" for s in serials],
            "branch_name": [
                f"{place}{SECTOR_NOUNS[sector]}{label}第{serial}党支部"
                for place, label, serial in zip(
                    place_names, labels, serials, strict=True
                )
            ],
            "unit": unit,
            "township": township,
            "sector": sector,
            "branch_type": branch_type,
            "n_members": n_members.astype(int),
            "n_leaders": n_leaders,
            "is_weak_base": is_weak_base,
            "n_organizations": 1 + (rng.random(n) < 0.08),
            "is_weak_township": is_weak_township,
            "warmth": (
                cell_warmth
                + place_warmth
                + np.array([TYPE_WARMTH[word] for word in branch_type])
                + WEAK_BASE_WARMTH * is_weak_base
                + rng.normal(0, 0.4, n)
            ),
        }
    )


def _place_weights(sector: str, places: pd.DataFrame) -> np.ndarray:
    """How much of a sector each township holds: villages hold the rural branches."""
    if sector == "rural":
        return places["villages"].to_numpy(float)
    if sector == "community":
        return places["communities"].to_numpy(float)
    return (2 + places["communities"] + places["villages"] / 3).to_numpy(float)


def split_whole(total: int, weights: np.ndarray) -> np.ndarray:
    """Split `total` into whole parts by largest remainder; the sum is exact.

    >>> split_whole(7, np.array([1.0, 1.0, 2.0])).tolist()
    [2, 2, 3]
    """
    ideal = total * weights / weights.sum()
    parts = np.floor(ideal).astype(int)
    left_over = total - parts.sum()
    first = np.argsort(-(ideal - parts), kind="stable")[:left_over]
    parts[first] += 1
    return parts
