"""Dues, elections, training of officers and terminated mandates, month by month."""

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import Cells, draw_part, over_months
from data_pipeline.demo_city.truth import MONTHS, N_MONTHS

# Ease in April and in December.
DUES_CHECKED = (-2.0, 3.2)
DUES_OK = (1.4, 2.4)
ELECTION_ON_TIME = (0.4, 1.6)
TRAINED = (-3.0, 1.8)
TERMINATED = (-2.0, 2.0)
PULL = 0.6
# Share of branches whose term has ended by April and by December.
ELECTION_DUE = (0.05, 0.3)
# "对换届后乡镇、村居基层党组织书记、组织委员等党务骨干": of each branch there.
BACKBONE = {"rural": 2, "community": 2}
TERMINATION_SECTORS = ("organ", "soe")
MEAN_TERMINATIONS = 1.1  # of a cell in these sectors
# Dues and elections were looked at from May on.
START = 1


def draw_party_building(cells: Cells, seed: int) -> pd.DataFrame:
    """The table dues_election; what a sector does not have is left blank."""
    rng = np.random.default_rng([seed, 28])
    table = cells.table
    pull = PULL * table["warmth"].to_numpy()[:, None] + rng.normal(
        0, 0.25, (len(table), 1)
    )

    def part(whole: np.ndarray, ease: tuple[float, float]) -> np.ndarray:
        return draw_part(whole, over_months(*ease) + pull, rng)

    def constant(values: np.ndarray) -> np.ndarray:
        return np.repeat(np.asarray(values)[:, None], N_MONTHS, axis=1)

    branches = constant(table["n_branches"])
    checked = draw_part(branches, over_months(*DUES_CHECKED) + 0 * pull, rng)
    due = np.floor(branches * over_months(*ELECTION_DUE) + 0.5).astype(int)
    officers = constant(
        table["n_branches"] * table["sector"].map(BACKBONE).fillna(0).astype(int)
    )
    is_subject = table["sector"].isin(TERMINATION_SECTORS).to_numpy()
    mandates = constant(rng.poisson(MEAN_TERMINATIONS, len(table)) * is_subject)
    rows = cells.monthly(
        n_dues_checked=checked,
        n_dues_ok=part(checked, DUES_OK),
        n_election_due=due,
        n_election_on_time=part(due, ELECTION_ON_TIME),
        n_backbone=officers,
        n_backbone_trained=part(officers, TRAINED),
        n_termination_due=mandates,
        n_terminated=part(mandates, TERMINATED),
    )
    counts = rows.columns[3:]
    rows = rows.astype(dict.fromkeys(counts, "Int64"))
    for whole, done in (
        ("n_backbone", "n_backbone_trained"),
        ("n_termination_due", "n_terminated"),
    ):
        rows.loc[rows[whole] == 0, [whole, done]] = pd.NA
    return rows[rows["month"] >= MONTHS[START]].reset_index(drop=True)
