"""Weak organisations of the made-up city: where they sit, and what becomes of them."""

import numpy as np
import pandas as pd

# The list as it stood on these days; each filing holds every case listed so far.
STANDS = ("2016-06-30", "2016-09-30", "2016-12-31")
FILING_DAY = 6  # of the month after
HOT_SPOT_SHARE = 0.4  # of the branches of one sector in a weak township
WEAK_BASE_SHARE = 0.08
OTHER_SHARE = 0.006
MIN_HOT_SPOT = 8  # branches of the sector in the township
RELAPSE_SHARE = 0.08
PROBLEMS = (
    "组织生活不正常",
    "班子不健全",
    "党员教育管理松散",
    "长期未换届",
    "党费收缴不规范",
)


def choose_hot_spots(branches: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One sector of each weak township in which weak organisations crowd.

    Returns
    -------
    DataFrame
        unit, township, sector; a township in which no sector has MIN_HOT_SPOT branches
        gives no row.
    """
    rng = np.random.default_rng([seed, 6])
    sizes = (
        branches[branches["is_weak_township"]]
        .groupby(["unit", "township", "sector"])
        .size()
    )
    large = sizes[sizes >= MIN_HOT_SPOT].reset_index()[["unit", "township", "sector"]]
    luck = rng.random(len(large))
    first = large.assign(luck=luck).sort_values("luck")
    first = first.drop_duplicates(["unit", "township"]).sort_index()
    return first.drop(columns="luck").reset_index(drop=True)


def draw_weak_cases(
    branches: pd.DataFrame, hot_spots: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Every case of the campaign with its dates.

    Returns
    -------
    DataFrame
        case_code, branch, unit, problem_type, listed_date, started_date,
        converted_date and relapsed_date (NaT: not by the end of 2016).
    """
    rng = np.random.default_rng([seed, 7])
    key = ["unit", "township", "sector"]
    is_hot = pd.MultiIndex.from_frame(branches[key]).isin(
        pd.MultiIndex.from_frame(hot_spots[key])
    )
    chance = np.where(branches["is_weak_base"], WEAK_BASE_SHARE, OTHER_SHARE)
    chance = np.where(is_hot, HOT_SPOT_SHARE, chance)
    listed = branches[rng.random(len(branches)) < chance]
    n = len(listed)
    # Most come from the screening of spring, some later.
    day = np.where(
        rng.random(n) < 0.85, rng.integers(0, 70, n), rng.integers(70, 200, n)
    )
    listed_date = pd.Timestamp("2016-04-20") + pd.to_timedelta(day, unit="D")
    started = listed_date + pd.to_timedelta(rng.integers(10, 40, n), unit="D")
    months_needed = rng.gamma(2.5, 1.6, n) * np.exp(-0.15 * listed["warmth"].to_numpy())
    converted = started + pd.to_timedelta(np.ceil(30 * months_needed), unit="D")
    relapsed = converted + pd.to_timedelta(rng.integers(30, 120, n), unit="D")
    relapsed = relapsed.where(rng.random(n) < RELAPSE_SHARE)
    end = pd.Timestamp(STANDS[-1])
    serial = listed.groupby("unit").cumcount() + 1
    return pd.DataFrame(
        {
            "case_code": "RS-" + listed["unit"] + "-" + serial.map("{:03d}".format),
            "branch": listed["branch"],
            "unit": listed["unit"],
            "problem_type": rng.choice(PROBLEMS, n, p=[0.4, 0.15, 0.25, 0.1, 0.1]),
            "listed_date": listed_date,
            "started_date": started.where(started <= end),
            "converted_date": converted.where(converted <= end),
            "relapsed_date": relapsed.where(relapsed <= end),
        }
    ).reset_index(drop=True)


def stand_on(cases: pd.DataFrame, day: str) -> pd.DataFrame:
    """The list as it stood on `day`: the columns of the table weak_case, and unit."""
    at = pd.Timestamp(day)
    listed = cases[cases["listed_date"] <= at]
    is_converted = listed["converted_date"] <= at
    status = np.select(
        [listed["relapsed_date"] <= at, is_converted, listed["started_date"] <= at],
        ["复发", "已转化", "整顿中"],
        "排查",
    )
    converted = listed["converted_date"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "case_code": listed["case_code"],
            "branch": listed["branch"],
            "listed_date": listed["listed_date"].dt.strftime("%Y-%m-%d"),
            "problem_type": listed["problem_type"],
            "status": status,
            "converted_date": converted.astype(object).where(is_converted, None),
            "unit": listed["unit"],
        }
    )
