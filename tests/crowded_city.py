"""A city drawn by dice in which everything of ledgers and checks meets everything."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

from data_pipeline.check_plan import draw_plan, register_plan
from data_pipeline.rates import open_marts
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import day, ledger_row, roll_row, submit


def build_crowded_city(folder: Path) -> Path:
    """A built lake with revisions, blanks, both bases, rolls, checks and weak cases."""
    dice = random.Random(2016)
    registry = load_registry()
    lake = Lake(folder / "lake_root")
    units, sectors = list(registry.units)[:6], list(registry.sectors)
    branches = [
        (f"{unit}-{number:03d}", unit, dice.choice(sectors))
        for unit in units[:4]
        for number in range(60)
    ]
    roll = [
        roll_row(
            *branch,
            dice.choice([None, "东镇", "西镇"]),
            n_members=30,
            n_leaders=3,
            is_weak_base=dice.random() < 0.3,
        )
        for branch in branches
    ]
    spot_checks = [
        {
            "check_date": day(f"2016-0{dice.randint(5, 8)}-{dice.randint(10, 28)}"),
            "supervision_group": "G1",
            "branch": branch,
            "selection": dice.choice(["random", "targeted"]),
            "found_topic_1": dice.choice(["yes", "no", "no_evidence", None]),
            "found_members_spoke": dice.choice([None, 3, 40]),
        }
        for branch, _, _ in dice.sample(branches, 50)
    ]
    weak_cases = [
        {
            "case_code": str(number),
            "branch": branch,
            "listed_date": day("2016-05-02"),
            "status": dice.choice(["converted", "relapsed", "under_way"]),
            "converted_date": day("2016-07-01"),
        }
        for number, (branch, _, _) in enumerate(dice.sample(branches, 20))
    ]
    with lake.writing():
        submit(lake, "2016-04-10", roll=roll)
        submit(lake, "2016-09-01", spot_check=spot_checks, weak_case=weak_cases)
        for number in range(12):
            rows = {}
            for _ in range(300):
                row = _any_ledger_row(dice, branches, units, sectors)
                rows[row["month"], row["branch"] or row["unit"] + row["sector"]] = row
            submit(lake, f"2016-10-{10 + number}", list(rows.values()))
        build(lake.root, registry)
    marts = open_marts(lake.root, registry)
    now = datetime(2016, 10, 25, tzinfo=registry.calendar.timezone)
    register_plan(marts, draw_plan(marts, 0.2, 7, now, "2016-06"))
    with lake.writing():
        build(lake.root, registry)
    return lake.root


def _any_ledger_row(dice: random.Random, branches, units, sectors) -> dict:
    registry = load_registry()
    branch, unit, sector = dice.choice(branches)
    if dice.random() < 0.2:
        branch, unit = None, dice.choice(units)
    if dice.random() < 0.1:
        sector = dice.choice(sectors)
    return ledger_row(
        dice.choice(registry.calendar.months[:6]),
        unit,
        sector,
        branch,
        # Two units of six mix both bases.
        basis=dice.choice(["to_date", "month"]) if unit in units[1:3] else "to_date",
        **{
            name: dice.choice([None, 0, 1, 2, 3, 5])
            for name in registry.tables["ledger"].counts
        },
    )
