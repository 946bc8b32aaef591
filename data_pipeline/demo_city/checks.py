"""What the groups find when they go and look: spot checks of the made-up city.

Random checks are drawn by the product's own planner and find what is true. Targeted
ones go to the kinds of branches that the speech calls weak. Prepared sites are warm
branches that knew of the visit, and look better than they are.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_pipeline.demo_city.branches import split_whole
from data_pipeline.demo_city.truth import MONTHS, Figures
from data_pipeline.demo_city.weak_cases import FILING_DAY, STANDS, stand_on
from data_pipeline.registry import load_registry, next_month
from data_pipeline.statistics.sampling import Draw, draw_checks
from data_pipeline.store.draw_register import draw_id

# Of all branches: "按照10%至15%的比例进行随机抽查、暗访".
CHECKED_SHARE = 0.12
# The rates that the planner draws in two rounds, so that every topic is looked
# for once it was due. As it draws two of each stratum, they come to 46 % of the checks.
RANDOM_ROUNDS = {"2016-07": 0.014, "2016-12": 0.012}
PREPARED_SHARE = 0.2  # of the checks; the rest is targeted
TARGETED_MONTHS = ("2016-07", "2016-08", "2016-09", "2016-10", "2016-11", "2016-12")
# A topic is looked for from the first month in which it is overdue.
TOPIC_LOOKED_FOR = ("2016-07", "2016-09", "2016-12")
NO_EVIDENCE_SHARE = 0.3
BEFORE_ANY_CASE = "2016-01-01"
PREPARED_SHOW = 0.7  # chance that a prepared site shows a meeting it never held
LOOKS = ("has_atmosphere", "has_records", "has_case", "has_discussion")
# How hard each look is to pass: few have a case worth telling.
LOOK_EASE = (1.9, 1.5, 0.1, 1.1)


def draw_rounds(
    branches: pd.DataFrame, weak_cases: pd.DataFrame, seed: int
) -> tuple[Draw, ...]:
    """The planner's draws of the campaign, in order, as the office would register them.

    Each is made on the 5th of its month from what had been filed by then: the roll,
    the last stand of the weak list, and the checks of the draws before, all of which
    were made.
    """
    registry, draws = load_registry(), []
    frame = branches[["branch", "branch_name", "unit", "township", "sector"]].assign(
        supervision_group=branches["unit"].map(
            {code: unit.group for code, unit in registry.units.items()}
        ),
        is_weak=branches["is_weak_base"],
    )
    for number, (month, rate) in enumerate(RANDOM_ROUNDS.items()):
        year, part = map(int, month.split("-"))
        drawn_at = pd.Timestamp(year, part, 5, 9, tz=registry.calendar.timezone)
        today = f"{drawn_at:%Y-%m-%d}"
        filed = [s for s in STANDS if f"{next_month(s[:7])}-{FILING_DAY:02d}" < today]
        cases = stand_on(weak_cases, max(filed, default=BEFORE_ANY_CASE))
        is_open = cases["status"] != "已转化"
        since = f"{registry.calendar.last_rounds_since(month):%Y-%m}"
        recent = [draw.drawn["branch"] for draw in draws if draw.month >= since]
        draw = draw_checks(
            frame.assign(
                has_case=frame["branch"].isin(cases.loc[is_open, "branch"]),
                is_recent=frame["branch"].isin([b for drawn in recent for b in drawn]),
            ),
            rate,
            # A seed of its own, or the second list could be read off the first.
            seed + number,
            drawn_at.to_pydatetime(),
        )
        draws.append(dataclasses.replace(draw, month=month))
    return tuple(draws)


def draw_spot_checks(
    branches: pd.DataFrame, figures: Figures, draws: Sequence[Draw], seed: int
) -> pd.DataFrame:
    """Every check of the campaign, one row each, no branch twice in one round.

    Parameters
    ----------
    branches, figures
        As of `make_branches` and the true figures of `make_ledger`.
    draws
        As of `draw_rounds`.
    seed
        The same seed draws and finds the same.

    Returns
    -------
    DataFrame
        The columns of the table spot_check with the words people write (None: not
        looked for), and unit; in order of date.
    """
    rng = np.random.default_rng([seed, 5])
    n_checks = round(CHECKED_SHARE * len(branches))
    is_free = np.ones(len(branches), dtype=bool)
    parts = []

    def take(
        rows: np.ndarray, selection: str, months: np.ndarray, draw: str = ""
    ) -> None:
        is_free[rows] = False
        visits = {"row": rows, "selection": selection, "month": months, "draw": draw}
        parts.append(pd.DataFrame(visits))

    row_of = pd.Series(np.arange(len(branches)), branches["branch"])
    for draw in draws:
        rows = row_of[draw.drawn["branch"]].to_numpy()
        take(rows, "随机", np.full(len(rows), draw.month), draw_id(draw))
    n_prepared = round(PREPARED_SHARE * n_checks)
    warm = branches["warmth"].to_numpy() + rng.normal(0, 0.6, len(branches))
    rows = np.flatnonzero(is_free)
    rows = rows[np.argsort(-warm[rows])][:n_prepared]
    take(rows, "备检点", rng.choice(TARGETED_MONTHS, len(rows)))
    n_left = n_checks - sum(map(len, parts))
    rows = _pick_weak_kinds(branches, is_free, n_left, rng)
    take(rows, "定向", rng.choice(TARGETED_MONTHS, len(rows)))
    return _look(branches, figures, pd.concat(parts, ignore_index=True), rng)


def _pick_weak_kinds(
    branches: pd.DataFrame, is_free: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Rows of the six weak kinds that the speech tells the groups to pick.

    "专门挑软弱涣散村、党建基础差的社区、冷门的机关、学校、实力比较弱的国有企业、党员数量多
    而党建基础又较差的非公企业": by sector, weak base first, then the cold; of the
    non-public ones, those with many members.
    """
    urgency = 2.0 * branches["is_weak_base"] - 0.3 * branches["warmth"]
    urgency += 2.0 * (branches["branch_type"] == "改制企业")
    is_nonpublic = branches["sector"] == "nonpublic"
    urgency += 0.05 * branches["n_members"].where(is_nonpublic, 0)
    urgency = urgency.to_numpy() + rng.normal(0, 0.5, len(branches))
    sectors = branches["sector"].unique()
    rows = []
    for sector, quota in zip(
        sectors, split_whole(max(n, 0), np.ones(len(sectors))), strict=True
    ):
        there = np.flatnonzero(is_free & (branches["sector"] == sector).to_numpy())
        rows.append(there[np.argsort(-urgency[there])][:quota])
    return np.concatenate(rows)


def _group_names() -> dict[str, str]:
    """What the group of each unit is called."""
    registry = load_registry()
    return {
        code: registry.groups[unit.group].name_zh
        for code, unit in registry.units.items()
    }


def _look(
    branches: pd.DataFrame,
    figures: Figures,
    visits: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What each visit finds; counts and meetings are those of the month's end."""
    n = len(visits)
    row = visits["row"].to_numpy()
    month = np.array([MONTHS.index(text) for text in visits["month"]])
    is_prepared = (visits["selection"] == "备检点").to_numpy()
    is_random = (visits["selection"] == "随机").to_numpy()
    checked = branches.iloc[row].reset_index(drop=True)
    is_unannounced = ~is_prepared & (rng.random(n) < np.where(is_random, 0.75, 0.9))
    # Random rounds fall into the last days, so that the month's figures are what is
    # there to be found.
    day = np.where(is_random, rng.integers(20, 30, n), rng.integers(11, 30, n))
    found = {
        "check_date": [
            f"{text}-{d:02d}" for text, d in zip(visits["month"], day, strict=True)
        ],
        "supervision_group": checked["unit"].map(_group_names()),
        "branch": checked["branch"],
        "selection": visits["selection"],
        "is_announced": np.where(is_unannounced, "暗访", "明查"),
        "draw": visits["draw"],
    }
    shown = []
    for topic, start in enumerate(TOPIC_LOOKED_FOR, 1):
        is_held = figures[f"n_branches_topic_{topic}"][row, month] > 0
        is_shown = is_held | (is_prepared & (rng.random(n) < PREPARED_SHOW))
        verdict = np.where(rng.random(n) < NO_EVIDENCE_SHARE, "无据", "否")
        verdict = np.where(is_shown, "是", verdict).astype(object)
        verdict[month < MONTHS.index(start)] = None
        found[f"found_topic_{topic}"] = verdict
        shown.append(is_shown)

    attended = figures["n_leaders_attended"][row, month]
    found["found_leaders_attended"] = np.where(
        is_prepared, checked["n_leaders"], attended
    )
    spoke = figures["n_members_spoke"][row, month]
    ordinary = (checked["n_members"] - checked["n_leaders"]).to_numpy()
    show = np.floor(0.9 * ordinary).astype(int)
    found["found_members_spoke"] = np.where(is_prepared, np.maximum(spoke, show), spoke)
    found["found_lectures_grassroots"] = figures["n_lectures_grassroots"][row, month]

    warmth = checked["warmth"].to_numpy() + 1.2 * is_prepared
    passed = [(warmth + ease + rng.logistic(0, 0.6, n)) > 0 for ease in LOOK_EASE]
    # Nothing was held: no records, no discussion.
    passed[1] &= shown[0]
    passed[3] &= shown[0]
    for look, is_passed in zip(LOOKS, passed, strict=True):
        found[look] = np.where(is_passed, "是", "否")
    n_passed = np.sum(passed, axis=0)
    grades = np.array(["差", "差", "一般", "良", "优"], dtype=object)
    found["grade"] = grades[n_passed]
    checks = pd.DataFrame(found).assign(unit=checked["unit"])
    return checks.sort_values(["check_date", "branch"], ignore_index=True)
