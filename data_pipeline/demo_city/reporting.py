"""What the units file: the truth, seen through their reporting habits.

HABITS is the whole list of what is planted, so that a benchmark can ask whether each
is found, and whether the honest cells are left in peace.
"""

import dataclasses

import numpy as np
import pandas as pd

from data_pipeline.demo_city import truth
from data_pipeline.demo_city.branches import SECTOR_LETTERS
from data_pipeline.demo_city.truth import JULY, MONTHS, N_MONTHS, Draws, Figures

# City totals at the end of July 2016 as the speech gives them: "领导带头讲党课2366次",
# "带头研讨发言7499次" (times, not heads).
JULY_LECTURES = 2366
JULY_SPEECHES = 7499
N_CITY_BRANCHES = 16_198

# These file one row for each sector, all others one for each branch.
UNITS_WITHOUT_BRANCHES = ("350123", "350125", "GQ", "LX")
# Declares 口径: 当月 and files what each month added.
MONTHLY_UNITS = ("350121",)

STATES = ("n_organizations", "n_branches", "n_members", "n_leaders")
FLOWS = (
    "n_lectures",
    "n_lectures_grassroots",
    "n_branches_topic_1",
    "n_branches_topic_2",
    "n_branches_topic_3",
    "n_leaders_attended",
    "n_leaders_spoke",
    "n_leader_speeches",
    "n_members_spoke",
    "n_speakers_topic_1",
    "n_speakers_topic_2",
    "n_speakers_topic_3",
)
COUNTS = (*STATES, *FLOWS)
# The whole that bounds a count; lectures and speeches have none.
WHOLES = {
    "n_branches_topic_1": "n_branches",
    "n_branches_topic_2": "n_branches",
    "n_branches_topic_3": "n_branches",
    "n_leaders_attended": "n_leaders",
    "n_leaders_spoke": "n_leaders",
    "n_members_spoke": "n_members_ordinary",
    "n_speakers_topic_1": "n_members",
    "n_speakers_topic_2": "n_members",
    "n_speakers_topic_3": "n_members",
}

ALL_100 = "all_100"
COPIED_MONTH = "copied_month"
ROUNDED = "rounded"
OWN_LECTURES = "own_lectures"
RUSHED = "rushed"
UNDECLARED_MONTHLY = "undeclared_monthly"
LATE = "late"
MISSING = "missing"
CORRECTED = "corrected"


@dataclasses.dataclass(frozen=True)
class Habit:
    """One planted habit: who does it, in which sectors (none named: all), and when.

    all_100: everybody did everything. copied_month: the figures of the month before
    once more. rounded: counts of 8 and more end in 0 or 5. own_lectures: every lecture
    counts as grass-roots. rushed: hardly anything, then everything in the month given.
    undeclared_monthly: one month's figures where cumulative ones belong (they fall).
    late: filed after the 15th. missing: never filed. corrected: filed inflated, put
    right by a later file (what counts in the end is honest).
    """

    kind: str
    unit: str
    months: tuple[str, ...]
    sectors: tuple[str, ...] = ()


HABITS = (
    Habit(ALL_100, "350103", MONTHS[2:]),
    Habit(ALL_100, "GQ", MONTHS[2:]),
    Habit(COPIED_MONTH, "350111", ("2016-09", "2016-12"), ("rural", "community")),
    Habit(COPIED_MONTH, "350123", ("2016-06", "2016-08", "2016-11")),
    Habit(ROUNDED, "350125", MONTHS),
    Habit(ROUNDED, "350181", MONTHS, ("rural", "nonpublic")),
    Habit(OWN_LECTURES, "350102", MONTHS, ("organ",)),
    Habit(OWN_LECTURES, "ZSJG", MONTHS),
    Habit(RUSHED, "350122", ("2016-09",), ("rural", "nonpublic")),
    Habit(UNDECLARED_MONTHLY, "HTZ", ("2016-10",), ("organ", "nonpublic")),
    Habit(MISSING, "350105", ("2016-05", "2016-11")),
    Habit(MISSING, "350128", ("2016-09", "2016-12")),
    Habit(MISSING, "LX", ("2016-06",)),
    Habit(LATE, "350128", ("2016-06",)),
    Habit(LATE, "350181", ("2016-05", "2016-07", "2016-10")),
    Habit(LATE, "LX", ("2016-07", "2016-11")),
    Habit(LATE, "ZSJG", ("2016-08",)),
    Habit(LATE, "GX", ("2016-08",)),
    Habit(LATE, "LX", ("2016-08",)),
    Habit(CORRECTED, "350124", ("2016-06", "2016-07")),
)


def habits_of(kind: str) -> tuple[Habit, ...]:
    return tuple(habit for habit in HABITS if habit.kind == kind)


@dataclasses.dataclass(frozen=True)
class Reported:
    """What is filed: one row a branch, or a unit and sector, with all its months.

    `figures` maps each count to floats (rows, months), NaN where the cell is left
    blank: what is in force at the end. `first_figures` is what a corrected month said
    at first. `is_filed` (rows, months) is False where nothing came.
    """

    rows: pd.DataFrame
    figures: dict[str, np.ndarray]
    first_figures: dict[str, np.ndarray]
    is_filed: np.ndarray

    def total(self, column: str, month: int) -> int:
        """Sum over all filed rows of one month, as it stands in the end."""
        return int(np.nansum(self.figures[column][self.is_filed[:, month], month]))


def make_ledger(
    branches: pd.DataFrame, draws: Draws, seed: int
) -> tuple[Figures, Reported]:
    """The true figures and what is filed, July's totals being those of the speech.

    First every unit counts lectures and speeches at one common limit. What habits
    make of them is then taken as given, and the limit of the untouched rows is moved
    until the reported totals are met: no figure is repaired, so that every rule of
    the ledger holds still. A smaller city gets its share of the totals.
    """
    n = len(branches)
    share = n / N_CITY_BRANCHES
    goals = {
        "n_lectures": round(JULY_LECTURES * share),
        "n_leader_speeches": round(JULY_SPEECHES * share),
    }
    scores = {
        "n_lectures": draws.lecture_score,
        "n_leader_speeches": draws.speech_score,
    }
    first_speeches = np.bincount(
        draws.head_branch, weights=draws.spoke <= JULY, minlength=n
    ).astype(int)
    taken_anyway = {
        "n_lectures": 0 * first_speeches,
        "n_leader_speeches": first_speeches,
    }

    def limits(column: str, goal: int, is_free: np.ndarray) -> float:
        head_is_free = is_free[draws.head_branch]
        candidates = scores[column][head_is_free, : JULY + 1]
        return truth.limit_for(candidates, goal - taken_anyway[column][is_free].sum())

    everywhere = np.ones(n, dtype=bool)
    limit = {c: np.full(n, limits(c, goals[c], everywhere)) for c in goals}
    figures = truth.count(branches, draws, *limit.values())
    row_of_branch = _rows(branches)[1]
    reported = report(branches, figures, seed)
    for column, goal in goals.items():
        row_is_free = ~_is_altered(reported.rows, column, JULY)
        in_july = reported.figures[column][:, JULY]
        fixed = np.nansum(in_july[~row_is_free])
        is_free = row_is_free[row_of_branch]
        limit[column][is_free] = limits(column, goal - int(fixed), is_free)
    figures = truth.count(branches, draws, *limit.values())
    return figures, report(branches, figures, seed)


def _rows(branches: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of the ledger, and the row that each branch is counted in."""
    is_pooled = branches["unit"].isin(UNITS_WITHOUT_BRANCHES)
    key = branches["branch"].where(~is_pooled, branches["unit"] + branches["sector"])
    row_of_branch, _ = pd.factorize(key)
    rows = branches.loc[
        ~pd.Series(row_of_branch).duplicated(),
        ["unit", "sector", "township", "branch"],
    ].reset_index(drop=True)
    is_pooled_row = rows["unit"].isin(UNITS_WITHOUT_BRANCHES)
    rows.loc[is_pooled_row, ["township", "branch"]] = ""
    return rows, row_of_branch


def _is_altered(rows: pd.DataFrame, column: str, month: int) -> np.ndarray:
    """Rows whose `column` of that month is not simply what the branches counted."""
    altered = (rows["unit"] == "LX").to_numpy() & (column == "n_leader_speeches")
    for habit in HABITS:
        if MONTHS[month] in habit.months and (
            habit.kind == ROUNDED
            or (habit.kind == ALL_100 and column == "n_leader_speeches")
            or habit.kind in (COPIED_MONTH, UNDECLARED_MONTHLY, MISSING)
        ):
            altered |= is_planted(rows, habit)
    return altered


def is_planted(rows: pd.DataFrame, habit: Habit) -> np.ndarray:
    """Which `rows` (unit, sector) the habit touches."""
    sectors = habit.sectors or tuple(SECTOR_LETTERS)
    is_in = (rows["unit"] == habit.unit) & rows["sector"].isin(sectors)
    return is_in.to_numpy()


def report(branches: pd.DataFrame, figures: Figures, seed: int) -> Reported:
    """What is filed when `figures` are true (see HABITS)."""
    rng = np.random.default_rng([seed, 3])
    rows, row_of_branch = _rows(branches)

    def pooled(counts: np.ndarray) -> np.ndarray:
        if len(rows) == len(branches):
            return counts.astype(float)
        sums = np.zeros((len(rows), N_MONTHS))
        np.add.at(sums, row_of_branch, counts)
        return sums

    filed = {column: pooled(figures[column]) for column in COUNTS}
    filed["n_branches_topic_1"] = pooled(figures["claimed_topic_1"])
    luck = rng.random(len(rows))
    for habit in HABITS:
        if habit.kind in CHANGES:
            is_in = is_planted(rows, habit)
            months = [MONTHS.index(month) for month in habit.months]
            CHANGES[habit.kind](filed, is_in, months, luck)
    _hold_back_speakers(filed, rows["unit"].isin(MONTHLY_UNITS).to_numpy())
    _leave_blanks(filed, rows, rng)

    first = {column: counts.copy() for column, counts in filed.items()}
    for habit in habits_of(CORRECTED):
        months = [MONTHS.index(month) for month in habit.months]
        _inflate(first, is_planted(rows, habit), months)

    is_filed = np.ones((len(rows), N_MONTHS), dtype=bool)
    for habit in habits_of(MISSING):
        months = [MONTHS.index(month) for month in habit.months]
        is_filed[np.ix_(is_planted(rows, habit), months)] = False
    return Reported(rows, filed, first, is_filed)


def _say_all_100(
    filed: Figures, is_in: np.ndarray, months: list[int], _luck: np.ndarray
) -> None:
    for month in months:
        at = (is_in, month)
        for topic, start in enumerate(truth.TOPIC_STARTS, 1):
            if month >= start:
                filed[f"n_branches_topic_{topic}"][at] = filed["n_branches"][at]
                filed[f"n_speakers_topic_{topic}"][at] = filed["n_members"][at]
        filed["n_leaders_attended"][at] = filed["n_leaders"][at]
        filed["n_leaders_spoke"][at] = filed["n_leaders"][at]
        filed["n_leader_speeches"][at] = np.maximum(
            filed["n_leader_speeches"][at], filed["n_leaders"][at]
        )
        filed["n_members_spoke"][at] = filed["n_members"][at] - filed["n_leaders"][at]


def _copy_month_before(
    filed: Figures, is_in: np.ndarray, months: list[int], _luck: np.ndarray
) -> None:
    for month in months:
        for column in COUNTS:
            filed[column][is_in, month] = filed[column][is_in, month - 1]


def _round_counts(
    filed: Figures, is_in: np.ndarray, months: list[int], _luck: np.ndarray
) -> None:
    at = np.ix_(is_in, months)
    ordinary = filed["n_members"] - filed["n_leaders"]
    for column in FLOWS:
        counts = filed[column][at]
        rounded = 5 * np.round(counts / 5)
        may_round = counts >= 8
        if column in WHOLES:
            name = WHOLES[column]
            whole = (ordinary if name == "n_members_ordinary" else filed[name])[at]
            # The highest multiple that the whole allows; small wholes keep the count,
            # so that a <= b stays true of any two counts.
            highest = 5 * np.floor(whole / 5)
            rounded = np.minimum(rounded, highest)
            may_round &= highest >= 10
        filed[column][at] = np.where(may_round, rounded, counts)


def _count_own_lectures(
    filed: Figures, is_in: np.ndarray, months: list[int], _luck: np.ndarray
) -> None:
    at = np.ix_(is_in, months)
    filed["n_lectures_grassroots"][at] = filed["n_lectures"][at]


def _rush(
    filed: Figures, is_in: np.ndarray, months: list[int], luck: np.ndarray
) -> None:
    """From topic 2 to the month before, next to nothing; then nearly everybody."""
    (rush,) = months
    before = slice(truth.TOPIC_STARTS[1], rush)
    topic = filed["n_branches_topic_2"]
    topic[is_in, before] *= (luck[is_in] < 0.12)[:, None]
    everybody = np.where(luck < 0.985, filed["n_branches"][:, rush], 0)
    topic[is_in, rush:] = np.maximum(topic[is_in, rush:], everybody[is_in][:, None])
    spoke = filed["n_members_spoke"]
    spoke[is_in, before] = spoke[is_in, truth.TOPIC_STARTS[1] - 1][:, None]


def _forget_to_add_up(
    filed: Figures, is_in: np.ndarray, months: list[int], _luck: np.ndarray
) -> None:
    for month in months:
        for column in FLOWS:
            counts = filed[column]
            counts[is_in, month] -= counts[is_in, month - 1]
        at = (is_in, month)
        filed["n_leaders_spoke"][at] = np.minimum.reduce(
            [
                filed["n_leaders_spoke"][at],
                filed["n_leaders_attended"][at],
                filed["n_leader_speeches"][at],
            ]
        )


CHANGES = {
    ALL_100: _say_all_100,
    COPIED_MONTH: _copy_month_before,
    ROUNDED: _round_counts,
    OWN_LECTURES: _count_own_lectures,
    RUSHED: _rush,
    UNDECLARED_MONTHLY: _forget_to_add_up,
}


def _inflate(first: Figures, is_in: np.ndarray, months: list[int]) -> None:
    """What was filed before somebody looked again: lectures twice, all leaders in."""
    at = np.ix_(is_in, months)
    first["n_lectures"][at] *= 2
    first["n_lectures_grassroots"][at] = first["n_lectures"][at]
    first["n_leaders_attended"][at] = first["n_leaders"][at]


def _leave_blanks(filed: Figures, rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """Cells left empty: by branches that do not count, and by whole units."""
    unit, sector = rows["unit"].to_numpy(), rows["sector"].to_numpy()
    luck = rng.random(len(rows))
    does_not_count = (unit == "350104") & (sector == "nonpublic") & (luck < 0.02)
    filed["n_lectures_grassroots"][does_not_count] = np.nan
    does_not_count = (unit == "350105") & (sector == "soe") & (luck < 0.08)
    for column in ("n_leaders_attended", "n_leaders_spoke"):
        filed[column][does_not_count] = np.nan
    # Schools count speakers meeting by meeting only; the others never do so, except
    # those of the first group.
    filed["n_members_spoke"][unit == "GX"] = np.nan
    filed["n_leader_speeches"][unit == "LX"] = np.nan
    group_1 = ("350102", "350103", "350104", "350105", "350111")
    keeps_speakers = np.isin(unit, (*group_1, "GX"))
    for topic in (1, 2, 3):
        filed[f"n_speakers_topic_{topic}"][~keeps_speakers] = np.nan


def _hold_back_speakers(filed: Figures, is_in: np.ndarray) -> None:
    """Count a new speaker only in a month in which as many newly attended.

    A unit that files what each month added needs this: there each month's row has to
    obey the rules by itself.
    """
    attended, speeches, spoke = (
        np.diff(filed[column][is_in], axis=1, prepend=0)
        for column in ("n_leaders_attended", "n_leader_speeches", "n_leaders_spoke")
    )
    wanted = spoke.cumsum(axis=1)
    so_far = np.zeros(len(wanted))
    for month in range(N_MONTHS):
        so_far += np.minimum.reduce(
            [wanted[:, month] - so_far, attended[:, month], speeches[:, month]]
        )
        filed["n_leaders_spoke"][is_in, month] = so_far


def monthly_parts(figures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each month added to the counts that are otherwise filed to date."""
    return {
        column: np.diff(counts, axis=1, prepend=0) if column in FLOWS else counts
        for column, counts in figures.items()
    }
