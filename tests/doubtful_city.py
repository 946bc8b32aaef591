"""A city in which each credibility rule has exactly one place to find, and why.

Rows go straight into the lake: the reader would refuse two of these faults.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import day, ledger_row, roll_row, submit

SPRING = ("2016-04", "2016-05", "2016-06", "2016-07", "2016-08")
SUMMER = ("2016-07", "2016-08", "2016-09")
# rule, unit, sector, first month, last month, rows cited.
FLAGS = [
    ("ahead_of_window", "350102", "organ", "2016-06", "2016-06", 1),
    ("part_over_whole", "350103", "organ", "2016-08", "2016-08", 1),
    ("copied_month", "350111", "rural", "2016-08", "2016-08", 2),
    ("jump", "350122", "rural", "2016-09", "2016-09", 3),
    ("same_in_two_units", "350123", "rural", "2016-08", "2016-08", 2),
    ("same_in_two_units", "350124", "rural", "2016-08", "2016-08", 2),
    ("round_digits", "350128", "rural", "2016-08", "2016-08", 100),
    ("last_days", "350181", "", "2016-08", "2016-08", 6),
    ("cumulative_falls", "HTZ", "nonpublic", "2016-08", "2016-08", 4),
    ("own_lectures", "ZSJG", "organ", "2016-09", "2016-09", 1),
    ("all_at_100", "GQ", "soe", "2016-07", "2016-07", 1),
    # Its roll names the ten branches that were checked.
    ("off_roll", "ZSJG", "organ", "2016-09", "2016-09", 1),
    ("off_last_month", "350105", "rural", "2016-08", "2016-08", 2),
    ("organizations_equal", "350121", "", "2016-08", "2016-08", 1),
    ("lucky_digits", "350112", "rural", "2016-08", "2016-08", 110),
    ("too_smooth", "350125", "organ", "2016-04", "2016-08", 5),
    ("near_neighbour", "350102", "school", "2016-08", "2016-08", 2),
    ("near_neighbour", "350104", "school", "2016-08", "2016-08", 2),
]


def build_doubtful_city(root: Path) -> Path:
    """Submit the rows and build; returns the lake's root."""
    lake = Lake(root / "lake_root")
    with lake.writing():
        submit(lake, "2016-04-20", roll=_roll(), file="名册.xlsx")
        submit(lake, "2016-09-12", _ledgers(), file="台账.xlsx")
        submit(
            lake,
            "2016-09-30",
            spot_check=_checks(),
            weak_case=_conversions(),
            file="抽查.xlsx",
        )
        build(lake.root, load_registry())
    return lake.root


def _ledgers() -> list[dict[str, Any]]:
    copied = {
        "n_lectures": 12,
        "n_lectures_grassroots": 7,
        "n_leaders": 40,
        "n_leaders_attended": 21,
        "n_leaders_spoke": 11,
        "n_leader_speeches": 19,
    }
    alike = copied | {"n_branches_topic_1": 71, "n_lectures": 13}
    round_counts = [
        ledger_row(
            "2016-08",
            "350128",
            "rural",
            f"350128-R{number:04d}",
            n_branches=1,
            n_members=60,
            n_leaders=1,
            # Fifteen tell the truth.
            n_members_spoke=13 if number < 15 else 10 + 5 * (number % 8),
        )
        for number in range(115)
    ]
    lucky_counts = [
        ledger_row(
            "2016-08",
            "350112",
            "rural",
            f"350112-R{number:04d}",
            n_branches=1,
            n_members=900,
            n_leaders=1,
            n_members_spoke=16 + 10 * (number % 40) + 2 * (number % 2),
        )
        for number in range(110)
    ]
    fallen = [
        ledger_row(
            month, "HTZ", "nonpublic", branch, n_branches=1, n_lectures=n_lectures
        )
        for branch, counts in {
            "HTZ-N0001": (4, 1, 4),
            "HTZ-N0002": (9, 3, 9),
            "HTZ-N0003": (2, 2, 3),
        }.items()
        for month, n_lectures in zip(SUMMER, counts, strict=True)
    ]
    return [
        ledger_row("2016-06", "350102", "organ", n_branches=20, n_branches_topic_2=4),
        ledger_row(
            "2016-08",
            "350103",
            "organ",
            n_branches=20,
            n_lectures=12,
            n_lectures_grassroots=15,
        ),
        ledger_row("2016-07", "350111", "rural", n_branches=90, **copied),
        ledger_row("2016-08", "350111", "rural", n_branches=90, **copied),
        *(
            ledger_row(
                month, "350122", "rural", n_branches=100, n_branches_topic_2=n_held
            )
            for month, n_held in zip(SUMMER, (3, 7, 98), strict=True)
        ),
        ledger_row("2016-08", "350123", "rural", n_branches=90, **alike),
        ledger_row("2016-08", "350124", "rural", n_branches=95, **alike),
        *round_counts,
        *fallen,
        ledger_row(
            "2016-09",
            "ZSJG",
            "organ",
            n_branches=100,
            n_lectures=80,
            n_lectures_grassroots=80,
        ),
        ledger_row(
            "2016-07",
            "GQ",
            "soe",
            n_branches=60,
            n_branches_topic_1=60,
            n_branches_topic_2=60,
            n_leaders=50,
            n_leaders_attended=50,
        ),
        *lucky_counts,
        *(
            ledger_row(
                month,
                "350125",
                "organ",
                n_branches=70,
                n_leaders=400,
                n_lectures=20 * (number + 1),
                n_leaders_attended=30 * (number + 1),
                n_leader_speeches=51 * (number + 1),
            )
            for number, month in enumerate(SPRING)
        ),
        *(
            ledger_row(
                "2016-08",
                unit,
                "school",
                n_branches=n_branches,
                n_leaders=400,
                n_lectures=51 + more,
                n_lectures_grassroots=33 + more,
                n_branches_topic_1=44 + more,
                n_leaders_attended=121 + more,
                n_leaders_spoke=92 + more,
                n_leader_speeches=143 + more,
            )
            for unit, n_branches, more in (("350102", 82, 0), ("350104", 57, 2))
        ),
        ledger_row("2016-07", "350105", "rural", n_branches=40),
        ledger_row("2016-08", "350105", "rural", n_branches=60),
        ledger_row("2016-08", "350121", "rural", n_branches=12, n_organizations=12),
    ]


def _roll() -> list[dict[str, Any]]:
    checked = [roll_row(f"ZSJG-O{n:04d}", "ZSJG", "organ") for n in range(10)]
    listed = [roll_row(f"350181-R{n:04d}", "350181", "rural") for n in range(10)]
    return checked + listed


def _checks() -> list[dict[str, Any]]:
    return [
        {
            "check_date": day("2016-09-20"),
            "supervision_group": "G4",
            "branch": f"ZSJG-O{number:04d}",
            "selection": "random",
            "found_topic_1": "yes" if number < 9 else "no",
            "found_lectures_grassroots": int(number == 0),
        }
        for number in range(10)
    ]


def _conversions() -> list[dict[str, Any]]:
    return [
        {
            "case_code": f"RS-{number:03d}",
            "branch": f"350181-R{number:04d}",
            "listed_date": day("2016-05-10"),
            "status": "converted",
            "converted_date": day("2016-08-30" if number < 6 else "2016-08-12"),
        }
        for number in range(10)
    ]
