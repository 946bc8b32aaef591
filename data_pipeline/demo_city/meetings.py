"""Meetings of the made-up city: required, held, and uploaded where that is tried."""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import KEY, Cells, chance
from data_pipeline.demo_city.truth import MONTHS, N_MONTHS, TOPIC_STARTS, Figures

COLUMNS = ("n_required", "n_held", "n_uploaded")
QUARTER_ENDS = (2, 5, 8)
EVERY_MONTH = tuple(range(N_MONTHS))
# Months in which a kind is required, its ease, and the fewest members that it takes:
# a small branch has no groups.
REGULAR = {
    "branch_assembly": (QUARTER_ENDS, 2.2, 0),
    "branch_committee": (EVERY_MONTH, 1.5, 7),
    "group_meeting": (EVERY_MONTH, 1.1, 20),
    "party_lecture": (QUARTER_ENDS, 1.3, 0),
}
PULL = 0.9  # of warmth on ease
RISE = 0.08  # of ease, a month
# "大部分单位采取形式是中心组引学": the share of branches whose topic was held as the
# study of a central group, by topic; after July it is talked about.
CENTRAL_SHARES = (0.27, 0.15, 0.09)
CENTRAL_FACTORS = {
    "organ": 1.3,
    "school": 1.2,
    "soe": 1.2,
    "rural": 0.7,
    "community": 0.8,
}
# "10-12月…还要召开组织生活会和专题民主生活会": the months planned, and the ease.
YEAR_END = {
    "organization_life": ({6: 0.2, 7: 0.4, 8: 0.4}, 1.2),
    "democratic_life": ({7: 0.5, 8: 0.5}, 2.0),
    "appraisal": ({8: 1.0}, 0.9),
}
# "在个一些县区去试点": these upload from August and file branch by branch since then.
PILOTS = ("350105", "HTZ")
PILOT_START = 4
UPLOAD_EASE = (-0.6, 0.3)  # in the first month, and its rise a month


def draw_meetings(
    branches: pd.DataFrame, figures: Figures, cells: Cells, seed: int
) -> pd.DataFrame:
    """The table meeting: month, unit, sector, branch, kind, mode and three counts.

    branch is None in a row that speaks for all branches of the cell; n_uploaded is
    blank but in pilots, n_required where a central group met instead of the branch.
    """
    rng = np.random.default_rng([seed, 22])
    warmth = branches["warmth"].to_numpy()
    is_pilot = branches["unit"].isin(PILOTS).to_numpy()
    uploads = UPLOAD_EASE[0] + UPLOAD_EASE[1] * (np.arange(N_MONTHS) - PILOT_START)
    upload_chance = chance(uploads + PULL * warmth[:, None])
    parts = []

    def add(
        kind: str, mode: str, required: np.ndarray | None, held: np.ndarray
    ) -> None:
        uploaded = held & (rng.random(held.shape) < upload_chance)
        counts = {"n_required": required, "n_held": held, "n_uploaded": uploaded}
        parts.append(_rows(kind, mode, counts, branches, cells, is_pilot))

    for kind, (months, ease, fewest) in REGULAR.items():
        required = np.zeros((len(branches), N_MONTHS), dtype=bool)
        required[:, months] = True
        required &= (branches["n_members"] >= fewest).to_numpy()[:, None]
        likely = chance(ease + PULL * warmth[:, None] + RISE * np.arange(N_MONTHS))
        add(
            kind,
            "whole_branch",
            required,
            required & (rng.random(likely.shape) < likely),
        )

    # One draw a branch: who leaves the first topic to a central group does so again.
    luck = rng.random(len(branches)) * np.exp(0.3 * warmth)
    factor = branches["sector"].map(CENTRAL_FACTORS).fillna(1).to_numpy()
    for topic, (share, start) in enumerate(
        zip(CENTRAL_SHARES, TOPIC_STARTS, strict=True), 1
    ):
        by_then = figures[f"n_branches_topic_{topic}"]
        held = np.diff(by_then, axis=1, prepend=0) > 0
        open_before = (by_then - held == 0) & (np.arange(N_MONTHS) >= start)
        is_central = (luck < share * factor)[:, None]
        add(f"topic_{topic}", "whole_branch", open_before, held & ~is_central)
        add(f"topic_{topic}", "central_group", None, held & is_central)

    for kind, (plan, ease) in YEAR_END.items():
        month = rng.choice([*plan], len(branches), p=[*plan.values()])
        required = month[:, None] == np.arange(N_MONTHS)
        if kind == "democratic_life":  # of a committee, where there is one
            required &= (branches["n_organizations"] > 1).to_numpy()[:, None]
        likely = chance(ease + PULL * warmth)[:, None]
        mode = "central_group" if kind == "democratic_life" else "whole_branch"
        add(kind, mode, required, required & (rng.random(required.shape) < likely))

    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["month", *KEY], kind="stable", ignore_index=True)


def _rows(
    kind: str,
    mode: str,
    counts: dict[str, np.ndarray | None],
    branches: pd.DataFrame,
    cells: Cells,
    is_pilot: np.ndarray,
) -> pd.DataFrame:
    """Rows of one kind: of branches where they upload, of cells elsewhere."""
    is_filed_alone = is_pilot[:, None] & (np.arange(N_MONTHS) >= PILOT_START)
    required, held = counts["n_required"], counts["n_held"]
    is_there = held if required is None else held | required
    pooled = {
        name: cells.sums(np.where(is_filed_alone, False, array))
        for name, array in {**counts, "is_there": is_there}.items()
        if array is not None
    }
    of_cells = cells.monthly(**pooled).assign(branch=None, n_uploaded=pd.NA)
    of_cells = of_cells[of_cells["is_there"] > 0]
    row, month = np.nonzero(is_there & is_filed_alone)
    of_branches = branches.loc[row, [*KEY, "branch"]].reset_index(drop=True)
    of_branches["month"] = np.array(MONTHS, dtype=object)[month]
    for name, array in counts.items():
        if array is not None:
            of_branches[name] = array[row, month].astype(int)
    columns = ["month", *KEY, "branch", "kind", "mode", *COLUMNS]
    return pd.concat(
        part.assign(kind=kind, mode=mode)
        .reindex(columns=columns)
        .astype(dict.fromkeys(COLUMNS, "Int64"))
        for part in (of_cells, of_branches)
    )
