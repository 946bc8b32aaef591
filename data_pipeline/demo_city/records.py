"""What the groups file beside roll, ledger, checks and weak cases: ten tables more.

Each table has a random stream of its own, so that none moves another or the ledger.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import pandas as pd

from data_pipeline.demo_city import examples, problems
from data_pipeline.demo_city.cells import last_day, make_cells
from data_pipeline.demo_city.duties import draw_duties, draw_upper_visits
from data_pipeline.demo_city.lectures import draw_lectures
from data_pipeline.demo_city.meetings import draw_meetings
from data_pipeline.demo_city.party_building import draw_party_building
from data_pipeline.demo_city.special_groups import draw_special_groups
from data_pipeline.demo_city.truth import MONTHS, Figures
from data_pipeline.registry import Registry


@dataclasses.dataclass(frozen=True)
class Records:
    """Rows by table, in codes, each with `filed_in`, the month whose filing holds it.

    What is filed for a unit goes with its ledger; the duties of a group are its own.
    """

    tables: dict[str, pd.DataFrame]

    def of_units(self, month: str, units: Collection[str]) -> dict[str, pd.DataFrame]:
        """What the filing of `month` holds of these units, by table that has rows."""
        found = {}
        for name, table in self.tables.items():
            if name != "duty":
                rows = table[(table["filed_in"] == month) & table["unit"].isin(units)]
                found |= {name: rows} if len(rows) else {}
        return found

    def of_group(self, month: str, group: str) -> dict[str, pd.DataFrame]:
        """What the group did itself."""
        duty = self.tables["duty"]
        is_own = duty["supervision_group"] == group
        rows = duty[is_own & (duty["filed_in"] == month)]
        return {"duty": rows} if len(rows) else {}


def draw_records(
    branches: pd.DataFrame,
    figures: Figures,
    checks: pd.DataFrame,
    registry: Registry,
    seed: int,
) -> Records:
    """All of it, from the true `figures` and the `checks` with their details.

    Problems and demonstration sites are filed as whole lists, as they stand at the end
    of each month; everything else once, for the month in which it was.
    """
    cells = make_cells(branches)
    words = registry.tables["spot_check"].column("problem_kinds").words
    raised = problems.draw_problems(branches, checks, words, seed)
    sites = examples.draw_demo_sites(branches, registry, seed)
    tables = {
        "duty": draw_duties(branches, registry, seed),
        "lecture": draw_lectures(branches, figures, cells, seed),
        "meeting": draw_meetings(branches, figures, cells, seed),
        "special_group": draw_special_groups(branches, cells, seed),
        "contest": examples.draw_contest(cells, registry, seed),
        "dues_election": draw_party_building(cells, seed),
        "activity": examples.draw_activities(cells, seed),
        "upper_visit": draw_upper_visits(branches, seed),
    }
    for table in tables.values():
        days = table["date"].str[:7] if "date" in table else table["month"]
        table["filed_in"] = days
    for name, stand in (
        ("problem", lambda day: problems.stand_on(raised, day)),
        ("demo_site", lambda day: examples.sites_on(sites, day)),
    ):
        tables[name] = pd.concat(
            [stand(last_day(month)).assign(filed_in=month) for month in MONTHS],
            ignore_index=True,
        )
    return Records(tables)
