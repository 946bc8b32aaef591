"""Party lectures of the made-up city, one row an occasion: who spoke where, on what.

Lectures of leaders are those that the truth counts: most at home, "只是在自己本单位
讲党课", the others at a branch below.
"""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import KEY, Cells, draw_days, groups_of
from data_pipeline.demo_city.truth import N_MONTHS, Figures

SENIOR_SHARE = {"organ": 0.45, "school": 0.35, "soe": 0.35, "community": 0.2}
OTHER_SENIOR_SHARE = 0.15
# Where a lecture at the grass roots is heard.
TARGETS = {
    "rural": 0.36,
    "community": 0.3,
    "nonpublic": 0.1,
    "school": 0.12,
    "soe": 0.08,
    "organ": 0.04,
}
# Lectures by others over the campaign for each branch of the city.
OTHERS = {
    "school_teacher": 0.012,
    "lecturer": 0.018,
    "model": 0.008,
    "secretary": 0.09,
    "member": 0.02,
}
SPEAK_AT_HOME = {"secretary": 1.0, "member": 0.6}
# Contents by the topic of the month: April to June, July to September, the rest.
CONTENTS = ("constitution_rules", "speeches", "qualified_member", "other")
CONTENT_SHARES = ((0.6, 0.2, 0.1, 0.1), (0.2, 0.55, 0.15, 0.1), (0.15, 0.25, 0.5, 0.1))
FORMATS = {"in_person": 0.85, "video": 0.08, "on_site": 0.07}
UNSAID_SHARE = 0.03  # of leaders' rows, whether they spoke at home
# Leaves the number empty where it was one.
GROUP_WITHOUT_ONES = "G2"
ROW_KEY = ["date", *KEY, "speaker", "branch", "content"]


def draw_lectures(
    branches: pd.DataFrame, figures: Figures, cells: Cells, seed: int
) -> pd.DataFrame:
    """The table lecture; branch is None where a leader spoke to his own unit."""
    rng = np.random.default_rng([seed, 23])
    events = pd.concat(
        [_leaders(branches, figures, cells, rng), _others(branches, cells, rng)],
        ignore_index=True,
    )
    n, month = len(events), events["month"].to_numpy()
    steps = np.cumsum(CONTENT_SHARES, axis=1)[month // 3]
    content = (rng.random(n)[:, None] >= steps[:, :-1]).sum(axis=1)
    events["content"] = np.array(CONTENTS, dtype=object)[content]
    events["format"] = rng.choice([*FORMATS], n, p=[*FORMATS.values()])
    events["date"] = draw_days(month, rng)
    rows = events.groupby(ROW_KEY, dropna=False, sort=True, as_index=False).agg(
        target_sector=("target_sector", "first"),
        is_own_unit=("is_own_unit", "first"),
        format=("format", "first"),
        n_times=("date", "size"),
    )
    rows["branch"] = rows["branch"].astype(object).where(rows["branch"].notna(), None)
    is_leader = rows["speaker"].isin(["senior_leader", "leader"])
    is_unsaid = is_leader & (rng.random(len(rows)) < UNSAID_SHARE)
    rows["is_own_unit"] = rows["is_own_unit"].astype(object).mask(is_unsaid, None)
    is_left = (rows["n_times"] == 1) & (groups_of(rows["unit"]) == GROUP_WITHOUT_ONES)
    return rows.assign(n_times=rows["n_times"].astype("Int64").mask(is_left))


def _leaders(
    branches: pd.DataFrame, figures: Figures, cells: Cells, rng: np.random.Generator
) -> pd.DataFrame:
    """One event a lecture of the truth."""
    added = {
        name: np.diff(figures[name], axis=1, prepend=0)
        for name in ("n_lectures", "n_lectures_grassroots")
    }
    below = added["n_lectures_grassroots"]
    parts = []
    for is_home, counts in ((True, added["n_lectures"] - below), (False, below)):
        where = np.repeat(np.arange(counts.size), counts.ravel())
        row, month = where // N_MONTHS, where % N_MONTHS
        events = branches.loc[row, KEY].reset_index(drop=True)
        events = events.assign(month=month, is_own_unit=is_home)
        if is_home:
            events = events.assign(branch=None, target_sector=events["sector"])
        else:
            heard = _choose_audience(events["unit"], branches, cells, rng)
            events["branch"] = branches["branch"].to_numpy()[heard]
            events["target_sector"] = branches["sector"].to_numpy()[heard]
        parts.append(events)
    events = pd.concat(parts, ignore_index=True)
    share = events["sector"].map(SENIOR_SHARE).fillna(OTHER_SENIOR_SHARE)
    is_senior = rng.random(len(events)) < share
    return events.assign(speaker=np.where(is_senior, "senior_leader", "leader"))


def _choose_audience(
    units: pd.Series, branches: pd.DataFrame, cells: Cells, rng: np.random.Generator
) -> np.ndarray:
    """A branch for each speaker of `units`: in the same county, or in any from a block.

    Of two that come to mind the warmer is chosen: leaders go where it goes well.
    """
    n = len(units)
    size_of = cells.table.set_index(KEY)["n_branches"]
    row_of = {key: number for number, key in enumerate(size_of.index)}
    start = np.r_[0, size_of.to_numpy().cumsum()]
    has_rural = [u for u in cells.table["unit"].unique() if (u, "rural") in row_of]
    anywhere = rng.choice(has_rural, n)
    has_village = units.isin({u for u, s in row_of if s == "community"}).to_numpy()
    where = np.where(has_village, units, anywhere)
    sector = rng.choice([*TARGETS], n, p=[*TARGETS.values()])
    cell = np.array(
        [
            row_of.get((unit, kind), row_of[unit, "community"])
            for unit, kind in zip(where, sector, strict=True)
        ],
        dtype=int,
    )
    size = np.diff(start)[cell]
    pair = start[cell] + np.floor(rng.random((2, n)) * size).astype(int)
    warmth = branches["warmth"].to_numpy()[pair]
    return np.where(warmth[0] >= warmth[1], pair[0], pair[1])


def _others(
    branches: pd.DataFrame, cells: Cells, rng: np.random.Generator
) -> pd.DataFrame:
    """Teachers, lecturers, role models, secretaries and ordinary members."""
    parts = []
    for speaker, rate in OTHERS.items():
        n = rng.poisson(rate * len(branches))
        home = rng.integers(0, len(branches), n)
        at_home = rng.random(n) < SPEAK_AT_HOME.get(speaker, 0)
        away = _choose_audience(branches["unit"].iloc[home], branches, cells, rng)
        heard = np.where(at_home, home, away)
        events = branches.loc[home, KEY].reset_index(drop=True)
        parts.append(
            events.assign(
                month=rng.integers(1, N_MONTHS, n),
                is_own_unit=at_home,
                branch=branches["branch"].to_numpy()[heard],
                target_sector=branches["sector"].to_numpy()[heard],
                speaker=speaker,
            )
        )
    return pd.concat(parts, ignore_index=True)
