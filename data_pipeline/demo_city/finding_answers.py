"""What the groups answer to findings of the made-up city, one row a finding and day.

A finding is named by rule, unit, sector and month, and so follows from the habit that
was planted. Drawn apart from everything else: no other file moves by it.
"""

import dataclasses
from datetime import date, timedelta

import numpy as np
import pandas as pd

from data_pipeline.demo_city.reporting import (
    ALL_100,
    COPIED_MONTH,
    HABITS,
    LATE,
    MISSING,
    RUSHED,
    UNDECLARED_MONTHLY,
    Habit,
)
from data_pipeline.finding_words import finding_id
from data_pipeline.registry import Registry

TABLE = "finding_state"


@dataclasses.dataclass(frozen=True)
class Answering:
    """Rule by which a habit is found, and how often it is closed with which state.

    What remains of the shares stays queried. `least_days`: before that nobody can
    answer, since a late ledger has not come.
    """

    rule: str
    shares: dict[str, float]
    is_by_sector: bool
    note: str
    least_days: int = 2


ANSWERINGS = {
    LATE: Answering(
        "late_ledger", {"corrected": 0.5, "explained": 0.4}, False, "已补报", 11
    ),
    MISSING: Answering("missing_ledger", {"explained": 0.6}, False, "人员交接，未报"),
    COPIED_MONTH: Answering(
        "copied_month", {"explained": 0.5, "no_fault": 0.3}, False, "当月无新增"
    ),
    RUSHED: Answering(
        "jump", {"explained": 0.6, "no_fault": 0.4}, True, "集中补课后统计"
    ),
    UNDECLARED_MONTHLY: Answering(
        "cumulative_falls", {"explained": 1.0}, True, "误报当月数"
    ),
    ALL_100: Answering(
        "all_at_100", {"no_fault": 0.4, "explained": 0.35}, True, "已逐支部核对"
    ),
}
# Days to an answer in the middle, counted from the filing deadline of the month.
DAYS = {"G1": 5, "G2": 9, "G3": 14, "G4": 20}
MOST_DAYS = 26  # all are filed on the 14th of the month after that
CHANGE_OF_PACE = 0.35  # standard deviation of the logarithm of the days


def draw_answers(branches: pd.DataFrame, registry: Registry, seed: int) -> pd.DataFrame:
    """The table finding_state, in codes, with `filed_in`, the month it is about.

    Findings of the last month are still new. Of a habit that spans a unit with few
    branches only what the rules can judge is answered: its largest sector.
    """
    rng = np.random.default_rng([seed, 41])
    rows = []
    for habit in HABITS:
        answering = ANSWERINGS.get(habit.kind)
        if answering is None:
            continue
        # What is full for the first time may still be a fast month.
        since = 1 if habit.kind == ALL_100 else 0
        for month in habit.months[since:]:
            if month == registry.calendar.months[-1]:
                continue
            for sector in _sectors(habit, answering, branches):
                rows += _course(habit.unit, sector, month, answering, registry, rng)
    table = pd.DataFrame(rows)
    return table.sort_values(["filed_in", "supervision_group", "finding", "date"])


def _sectors(
    habit: Habit, answering: Answering, branches: pd.DataFrame
) -> tuple[str, ...]:
    """The sectors that findings of a habit name, '' for the whole unit."""
    if habit.sectors:
        return habit.sectors
    if not answering.is_by_sector:
        return ("",)
    sizes = branches.loc[branches["unit"] == habit.unit, "sector"].value_counts()
    return (sizes.index[0],)


def _course(
    unit: str,
    sector: str,
    month: str,
    answering: Answering,
    registry: Registry,
    rng: np.random.Generator,
) -> list[dict[str, str]]:
    """Asked about, and with luck closed."""
    group = registry.units[unit].group
    finding = finding_id(answering.rule, unit, sector, month)
    place = {"month": month, "unit": unit, "sector": sector, "filed_in": month}
    base = {"finding": finding, "supervision_group": group, **place}
    luck = rng.normal(0, CHANGE_OF_PACE)
    days = round(float(DAYS[group] * np.exp(luck)))
    days = min(MOST_DAYS, max(answering.least_days, days))
    days_until_query = min(days - 1, 1 + int(rng.integers(0, 3)))
    ends = np.cumsum([*answering.shares.values()])
    ended = int(np.searchsorted(ends, rng.random(), side="right"))
    course = [
        base
        | {"finding_state": "asked", "date": _day(month, days_until_query, registry)}
    ]
    if ended < len(ends):
        closed = {"date": _day(month, days, registry), "note": answering.note}
        state = [*answering.shares][ended]
        course.append(base | {"finding_state": state, **closed})
    return course


def _day(month: str, number: int, registry: Registry) -> str:
    """The day of that number after the filing deadline of a month, as YYYY-MM-DD."""
    late_from: date = registry.calendar.filing_deadline(month).date()
    return f"{late_from + timedelta(days=number - 1):%Y-%m-%d}"
