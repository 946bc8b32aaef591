"""A city in which every praise has something against it, counted on paper.

Village branches of June and July 2016, first topic, by unit:

仓山区 reports 40 of 40, 39 in June, and of its 20 random checks of July 12 find it.
连江县 reports 40 of 40, but had 41 of them in May: a flag. Nobody has checked it.
福清市 reports 30 of 40 and 闽侯县 10 of 40; nothing stands against either.
"""

from __future__ import annotations

from pathlib import Path

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import day, ledger_row, roll_row, submit

MONTH = "2016-07"
DOUBTED, FLAGGED, PLAIN, COLD = "350104", "350122", "350181", "350121"
# unit: first topic held by the ledgers of May, June and July.
HELD = {
    DOUBTED: (20, 39, 40),
    FLAGGED: (41, 40, 40),
    PLAIN: (20, 30, 30),
    COLD: (5, 10, 10),
}
N_BRANCHES, N_CHECKED, N_FOUND = 41, 20, 12


def build_praised_city(root: Path) -> Path:
    """Submit the rows and build; returns the lake's root."""
    lake = Lake(root / "lake_root")
    registry = load_registry()
    roll = [
        roll_row(
            f"{unit}-R{number:04d}",
            unit,
            "rural",
            "城门镇",
            branch_name=f"第{number}支部",
            branch_type="ordinary",
            n_members=20,
            n_leaders=1,
            is_weak_base=False,
        )
        for unit in HELD
        for number in range(1, N_BRANCHES + 1)
    ]
    checks = [
        {
            "check_date": day("2016-07-12"),
            "supervision_group": registry.units[DOUBTED].group,
            "branch": f"{DOUBTED}-R{number:04d}",
            "selection": "random",
            "is_announced": False,
            "found_topic_1": "yes" if number <= N_FOUND else "no",
            "grade": "good",
        }
        for number in range(1, N_CHECKED + 1)
    ]
    with lake.writing():
        submit(lake, "2016-05-02", roll=roll, file="名册.xlsx")
        months = ("2016-05", "2016-06", "2016-07")
        for at, month in enumerate(months):
            rows = [
                ledger_row(
                    month,
                    unit,
                    "rural",
                    n_branches=N_BRANCHES if held[at] > 40 else 40,
                    n_branches_topic_1=held[at],
                )
                for unit, held in HELD.items()
            ]
            submit(lake, f"2016-0{6 + at}-10", rows, file=f"{month}.xlsx")
        submit(lake, "2016-07-20", spot_check=checks, file="抽查.xlsx")
        build(lake.root, registry)
    return lake.root
