"""Problems that groups raise, from their checks or else, and what comes of them."""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import KEY, groups_of, last_day, pick_branches
from data_pipeline.demo_city.truth import MONTHS

CHECK_SHARE = 0.28  # of the checks that name a problem, one is raised
OTHER_RATE = 0.018  # a branch of the city, raised otherwise
COLD = -0.8  # pull of warmth on who is raised
# What a problem that no check found speaks of.
WHERE_SHARES = {"branch": 0.6, "sector": 0.25, "unit": 0.15}
FIRST_DAY, LAST_DAY = "2016-05-03", "2016-12-12"
# "对在群众路线教育实践活动、“三严三实”专题教育中查找出来的问题进行回头看", from:
LOOKBACK_DAY = "2016-07-25"
SOURCES = {
    "supervision": 0.3,
    "interview": 0.25,
    "lookback_mass_line": 0.25,
    "lookback_three_stricts": 0.2,
}
# Shares of problems that relapse once closed, or on which too little is done.
RELAPSES = {
    "supervision": 0.03,
    "interview": 0.04,
    "lookback_mass_line": 0.2,
    "lookback_three_stricts": 0.15,
}
NOT_ENOUGH = {
    "supervision": 0.06,
    "interview": 0.06,
    "lookback_mass_line": 0.2,
    "lookback_three_stricts": 0.22,
}
KINDS = {
    "shallow_study": 0.24,
    "formality": 0.2,
    "detached_from_work": 0.14,
    "no_notice_board": 0.06,
    "constitution_unread": 0.06,
    "rules_not_applied": 0.16,
    "too_few_supervisors": 0.07,
    "other": 0.07,
}
TERMS = {30: 0.4, 45: 0.2, 60: 0.3, 90: 0.1}  # days
WITHOUT_TERM = 0.05
MEAN_DAYS = 34.0
PACE = {"G1": 0.75, "G2": 1.0, "G3": 1.45, "G4": 0.9}  # of days, by group
# What the group cannot solve goes up after so many days, at these chances.
ESCALATION = {"office": (40, 0.5), "team": (80, 0.45)}


def draw_problems(
    branches: pd.DataFrame, checks: pd.DataFrame, kinds: dict[str, str], seed: int
) -> pd.DataFrame:
    """Every problem of the campaign with its dates.

    Parameters
    ----------
    checks
        As of `add_details`.
    kinds
        The word that a check writes -> code of the kind of problem.

    Returns
    -------
    DataFrame
        problem_code, supervision_group, unit, sector and branch (None where it speaks
        of more), kind, source, raised_date, due_date, office_date, team_date,
        closed_date, relapsed_date, not_enough_date (days as text, None: not by the end
        of 2016).
    """
    rng = np.random.default_rng([seed, 24])
    table = pd.concat(
        [_from_checks(branches, checks, kinds, rng), _otherwise(branches, rng)]
    ).sort_values(["raised_date", "unit", "kind"], kind="stable", ignore_index=True)
    n = len(table)
    raised = pd.to_datetime(table["raised_date"])
    term = rng.choice([*TERMS], n, p=[*TERMS.values()])
    due = _after(raised, term).mask(rng.random(n) < WITHOUT_TERM)
    group = groups_of(table["unit"])
    pace = group.map(PACE).to_numpy() * np.exp(-0.15 * table["warmth"].to_numpy())
    days = np.ceil(rng.gamma(2.2, MEAN_DAYS / 2.2, n) * pace) + 1
    is_lacking = rng.random(n) < table["source"].map(NOT_ENOUGH)
    closed = _after(raised, days).mask(is_lacking)
    relapsed = _after(closed, rng.integers(20, 60, n))
    relapsed = relapsed.where(rng.random(n) < table["source"].map(RELAPSES))
    lacking = _after(raised, rng.integers(20, 50, n)).where(is_lacking)
    gone_up, is_up = {}, np.ones(n, dtype=bool)
    for level, (wait, share) in ESCALATION.items():
        at = _after(raised, np.full(n, wait))
        is_up &= (rng.random(n) < share) & ~(closed <= at).to_numpy()
        gone_up[f"{level}_date"] = at.where(is_up)
    serial = table.groupby("unit").cumcount() + 1
    dates = gone_up | {
        "closed_date": closed,
        "relapsed_date": relapsed,
        "not_enough_date": lacking,
    }
    table = table.drop(columns="warmth").assign(due_date=_texts(due))
    for name, moments in dates.items():
        table[name] = _texts(moments.where(moments <= last_day(MONTHS[-1])))
    table.insert(
        0, "problem_code", "WT-" + table["unit"] + "-" + serial.map("{:03d}".format)
    )
    table.insert(1, "supervision_group", group)
    return table


def stand_on(problems: pd.DataFrame, day: str) -> pd.DataFrame:
    """The list as it stood on `day` (YYYY-MM-DD): rows of the table problem."""
    raised = problems[problems["raised_date"] <= day]

    def has_come(name: str) -> pd.Series:
        return raised[name].notna() & (raised[name].fillna("9") <= day)

    is_closed = has_come("closed_date")
    status = np.select(
        [has_come("relapsed_date"), is_closed, has_come("not_enough_date")],
        ["relapsed", "closed", "not_enough"],
        "open",
    )
    level = np.select(
        [has_come("team_date"), has_come("office_date")], ["team", "office"], "group"
    )
    stand = raised.assign(status=status, level=level)
    stand["closed_date"] = raised["closed_date"].where(is_closed, None)
    return stand


def _from_checks(
    branches: pd.DataFrame,
    checks: pd.DataFrame,
    kinds: dict[str, str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    named = checks[checks["problem_kinds"].notna()]
    named = named[rng.random(len(named)) < CHECK_SHARE]
    home = branches.set_index("branch").loc[named["branch"], [*KEY, "warmth"]]
    first = named["problem_kinds"].str.split("、").str[0].map(kinds)
    return home.reset_index().assign(
        kind=first.to_numpy(),
        source="supervision",
        raised_date=named["check_date"].to_numpy(),
    )


def _otherwise(branches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = max(8, round(OTHER_RATE * len(branches)))
    rows = pick_branches(branches, np.ones(len(branches), dtype=bool), n, COLD, rng)
    table = branches.loc[rows, [*KEY, "branch", "warmth"]].reset_index(drop=True)
    n = len(table)
    span = pd.Timestamp(LAST_DAY) - pd.Timestamp(FIRST_DAY)
    day = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(
        rng.integers(0, span.days, n), unit="D"
    )
    raised = day.strftime("%Y-%m-%d").to_numpy(dtype=object)
    shares = np.array([*SOURCES.values()])
    early = np.where(np.arange(len(SOURCES)) < 2, shares, 0)
    names = np.array([*SOURCES], dtype=object)
    source = np.where(
        raised < LOOKBACK_DAY,
        rng.choice(names, n, p=early / early.sum()),
        rng.choice(names, n, p=shares),
    )
    where = rng.choice([*WHERE_SHARES], n, p=[*WHERE_SHARES.values()])
    return table.assign(
        branch=table["branch"].where(where == "branch", None),
        sector=table["sector"].where(where != "unit", None),
        kind=rng.choice([*KINDS], n, p=[*KINDS.values()]),
        source=source,
        raised_date=raised,
    )


def _after(moments: pd.Series, days: np.ndarray) -> pd.Series:
    return moments + pd.to_timedelta(days, unit="D")


def _texts(moments: pd.Series) -> pd.Series:
    return moments.dt.strftime("%Y-%m-%d").astype(object).where(moments.notna(), None)
