"""Demonstration sites, the contest and activities of the made-up city."""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import (
    KEY,
    Cells,
    chance,
    draw_part,
    over_months,
    pick_branches,
)
from data_pipeline.demo_city.truth import MONTHS, N_MONTHS
from data_pipeline.registry import Registry

# "每个县(市)区、每个领域都要有三至四个示范点": listed in the end, where it is not four.
COUNTY_SITES = {
    "350102": 3,
    "350105": 2,
    "350111": 3,
    "350122": 3,
    "350123": 1,
    "350125": 2,
    "HTZ": 3,
}
SECTOR_SITES = {"school": 3, "nonpublic": 2, "community": 3}
USUAL_SITES = 4
GROWING = 1  # more of each, not listed by the end of the year
CONTACT_POINT_SHARE = 0.6  # "着力将联系点打造为示范点"
REMOVED_SHARE = 0.04  # of the sites of counties, some time after they were listed
# Ease of entering the contest by round: "现在的参与和参考的数额还是不够大".
ENTERED_EASE = (-2.0, -1.7, -1.3, -0.9)
SAT_EASE = (0.5, 0.6, 0.8, 1.0)
PULL = 0.5
TEAM_ROUNDS = (3, 4)  # "并组队参加全市全省的竞赛"
MEMBERS_A_TEAM = 220  # of those who entered
# Share of branches in April and in December, and the quantity of each in a month.
PRACTICE = {
    "post_duty": (0.2, 0.74, 1.2),
    "show_identity": (0.35, 0.86, 3.0),
    "pairing": (0.08, 0.42, 1.0),
    "pledge": (0.25, 0.8, 3.5),
    "e_home": (0.06, 0.48, 2.0),
    "innovation": (0.01, 0.09, 0.2),
}
# 农村党员学习简明读本 and pocket books, where they are handed out.
BOOKLETS = {"rural": (0.25, 0.82, 6.0), "community": (0.1, 0.45, 3.0)}
# Reports a month for 1,000 branches; twice as many about the typhoon of July.
MEDIA = {"central_media": 0.4, "provincial_media": 1.5, "city_media": 5.0}
JULY = MONTHS.index("2016-07")


def draw_demo_sites(
    branches: pd.DataFrame, registry: Registry, seed: int
) -> pd.DataFrame:
    """Every site with its dates: branch, unit, level, origin and three days as text.

    grown_date is when it is first on the list, listed_date and removed_date None while
    that has not come by the end of the year. A warm branch is chosen.
    """
    rng = np.random.default_rng([seed, 25])
    wanted = [
        ("county", "unit", code, COUNTY_SITES.get(code, USUAL_SITES))
        for code, unit in registry.units.items()
        if unit.kind in ("county", "zone")
    ]
    wanted += [
        ("sector", "sector", code, SECTOR_SITES.get(code, USUAL_SITES))
        for code in registry.sectors
    ]
    parts = []
    for level, column, code, n in wanted:
        allowed = (branches[column] == code).to_numpy()
        rows = pick_branches(branches, allowed, n + GROWING, 2.0, rng)
        sites = branches.loc[rows, ["branch", "unit"]].reset_index(drop=True)
        sites["is_listed"] = np.arange(len(sites)) < n
        parts.append(sites.assign(level=level))
    sites = pd.concat(parts, ignore_index=True)
    n = len(sites)
    grown = pd.Timestamp("2016-05-05") + pd.to_timedelta(
        rng.integers(0, 120, n), unit="D"
    )
    listed = grown + pd.to_timedelta(rng.integers(20, 100, n), unit="D")
    removed = listed + pd.to_timedelta(rng.integers(20, 60, n), unit="D")
    is_removed = (rng.random(n) < REMOVED_SHARE) & (sites["level"] == "county")
    days = {"grown_date": grown, "listed_date": listed, "removed_date": removed}
    for name, moments in days.items():
        sites[name] = moments.strftime("%Y-%m-%d").to_numpy(dtype=object)
    origin = np.where(rng.random(n) < CONTACT_POINT_SHARE, "contact_point", "direct")
    sites["listed_date"] = sites["listed_date"].where(sites["is_listed"], None)
    sites["removed_date"] = sites["removed_date"].where(
        sites["is_listed"] & is_removed, None
    )
    return sites.assign(origin=origin).drop(columns="is_listed")


def sites_on(sites: pd.DataFrame, day: str) -> pd.DataFrame:
    """The list as it stood on `day`: rows of the table demo_site, and unit."""
    known = sites[sites["grown_date"] <= day]
    is_listed = known["listed_date"].fillna("9") <= day
    is_removed = known["removed_date"].fillna("9") <= day
    status = np.select([is_removed, is_listed], ["removed", "listed"], "growing")
    listed = known["listed_date"].where(is_listed, None)
    return known.assign(status=status, listed_date=listed)


def draw_contest(cells: Cells, registry: Registry, seed: int) -> pd.DataFrame:
    """The table contest, and month: that in which the round ends."""
    rng = np.random.default_rng([seed, 26])
    pull = PULL * cells.table["warmth"].to_numpy() + rng.normal(0, 0.3, len(cells))
    eligible = cells.table["n_members"].to_numpy()
    parts = []
    for number, period in enumerate(registry.calendar.rounds, 1):
        entered = draw_part(
            eligible[:, None], (ENTERED_EASE[number - 1] + pull)[:, None], rng
        )
        sat = draw_part(entered, (SAT_EASE[number - 1] + 0 * pull)[:, None], rng)
        n_teams = np.ceil(entered / MEMBERS_A_TEAM).astype(int)
        has_teams = number in TEAM_ROUNDS
        parts.append(
            cells.table[KEY]
            .assign(
                month=f"{period.end:%Y-%m}",
                round=number,
                n_eligible=eligible,
                n_entered=entered[:, 0],
                n_sat=sat[:, 0],
                n_teams=n_teams[:, 0] if has_teams else pd.NA,
            )
            .astype({"n_teams": "Int64"})
        )
    return pd.concat(parts, ignore_index=True)


def draw_activities(cells: Cells, seed: int) -> pd.DataFrame:
    """The table activity; a kind that a cell has never taken up gives no row."""
    rng = np.random.default_rng([seed, 27])
    shape = (len(cells), N_MONTHS)
    whole = np.repeat(cells.table["n_branches"].to_numpy()[:, None], N_MONTHS, axis=1)
    pull = PULL * cells.table["warmth"].to_numpy()[:, None]
    parts = []

    def add(kind: str, active: np.ndarray, quantity: np.ndarray) -> None:
        rows = cells.monthly(n_branches_active=active, quantity=quantity)
        rows.insert(3, "kind", kind)
        parts.append(rows[rows["n_branches_active"] > 0])

    for kind, (first, last, each) in PRACTICE.items():
        ease = over_months(np.log(first / (1 - first)), np.log(last / (1 - last)))
        active = draw_part(
            whole, ease + pull + rng.normal(0, 0.3, (len(cells), 1)), rng
        )
        add(kind, active, rng.poisson(each * active))
    books = cells.table["sector"].map(BOOKLETS)
    has_books = books.notna().to_numpy()
    ends = np.array(
        [book if isinstance(book, tuple) else (0.5, 0.5, 0.0) for book in books]
    )
    first, last, each = ends.T
    ease = np.linspace(
        np.log(first / (1 - first)), np.log(last / (1 - last)), N_MONTHS, axis=1
    )
    active = draw_part(whole, ease + pull, rng) * has_books[:, None]
    add("booklet", active, rng.poisson(each[:, None] * active))
    for kind, rate in MEDIA.items():
        mean = whole * rate / 1000 * chance(2 * pull) * 2
        mean[:, JULY] *= 2
        items = rng.poisson(mean, shape)
        add(kind, np.minimum(items.cumsum(axis=1), whole), items)
    return pd.concat(parts, ignore_index=True)
