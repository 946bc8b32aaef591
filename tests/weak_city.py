"""A city with a weak list counted by hand: one hot-spot, every state and band.

仓山区 has 10 rural branches in 城门镇 and 40 in 盖山镇; five and one of them are listed
by September, and six communities. 市级两新组织 files totals only. Before September's
ledger there is one of August, in which a branch had not yet held its second topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import day, ledger_row, roll_row, submit

UNIT = "350104"
MONTH = "2016-09"
# case, branch, listed, status, converted; 2016-09-30 is day 163 of one listed 04-20.
CASES = [
    ("RS-1", "R0001", "2016-04-20", "under_way", None),
    ("RS-2", "R0002", "2016-05-03", "converted", "2016-08-15"),
    ("RS-3", "R0003", "2016-05-03", "relapsed", "2016-07-20"),
    ("RS-4", "R0004", "2016-08-01", "screening", None),
    ("RS-5", "R0005", "2016-06-30", "converted", "2016-11-01"),
    ("RS-6", "R0011", "2016-07-02", "under_way", None),
    ("RS-7", "N0001", "2016-05-10", "under_way", None),
    ("RS-8", "R0012", "2016-10-02", "screening", None),
]
# Topic 2 by the ledger of August, where it is not as in September.
NOT_YET = {"R0004": 0}
# branch: topic 1, topic 2, leaders, attended, spoke, members, ordinary who spoke.
LEDGER = {
    "R0001": (1, 1, 2, 2, 1, 12, 10),
    "R0003": (1, 0, 0, 0, 0, 10, 7),
    "R0004": (1, 1, 1, 1, 1, 11, 9),
    "R0005": (1, 1, None, None, None, 10, None),
    "R0011": (0, 0, 1, 0, 0, 31, 10),
}


def build_weak_city(root: Path, names: Mapping[str, str] | None = None) -> Path:
    """Submit the rows and build; returns the lake's root.

    `names` gives townships, and so the branches in them, other names.
    """
    lake = Lake(root / "lake_root")
    with lake.writing():
        submit(lake, "2016-04-20", roll=_named(_roll(), names or {}), file="名册.xlsx")
        submit(lake, "2016-09-12", _ledger("2016-08"), file="08-仓山.xlsx")
        submit(lake, "2016-10-12", _ledger(MONTH), file="09-仓山.xlsx")
        submit(
            lake,
            "2016-11-05",
            spot_check=_checks(),
            weak_case=_cases(),
            file="抽查和软弱涣散.xlsx",
        )
        build(lake.root, load_registry())
    return lake.root


def _named(
    rows: list[dict[str, Any]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    for row in rows:
        if (township := row["township"]) in names:
            name = row["branch_name"].replace(township, names[township])
            row |= {"township": names[township], "branch_name": name}
    return rows


def code(branch: str) -> str:
    return f"{'LX' if branch.startswith('N') else UNIT}-{branch}"


def _roll() -> list[dict[str, Any]]:
    rural = [
        _branch(f"R{number:04d}", "rural", "城门镇" if number <= 10 else "盖山镇")
        for number in range(1, 51)
    ]
    communities = [
        _branch(f"C{number:04d}", "community", "建新镇", is_weak_base=number <= 2)
        for number in range(1, 7)
    ]
    # Of three weak bases two are as large as the median of four.
    sizes = {"N0001": (30, True), "N0002": (4, True), "N0003": (20, True)}
    sizes |= {"N0004": (6, False)}
    firms = [
        _branch(name, "nonpublic", None, is_weak_base=is_weak, n_members=members)
        for name, (members, is_weak) in sizes.items()
    ]
    return [*rural, *communities, *firms]


def _branch(
    branch: str, sector: str, township: str | None, **values: Any
) -> dict[str, Any]:
    unit = "LX" if branch.startswith("N") else UNIT
    known = {"n_members": 10, "n_leaders": 1, "is_weak_base": False}
    known |= {
        "branch_name": f"{township or '两新'}{branch}党支部",
        "branch_type": "ordinary",
    }
    return roll_row(code(branch), unit, sector, township, **known | values)


def _ledger(month: str) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 51):
        branch = f"R{number:04d}"
        first, second, leaders, attended, spoke, members, heard = LEDGER.get(
            branch, (1, 1, 1, 1, 1, 10, 9)
        )
        if month != MONTH:
            second = NOT_YET.get(branch, second)
        rows.append(
            ledger_row(
                month,
                UNIT,
                "rural",
                code(branch),
                n_branches=1,
                n_branches_topic_1=first,
                n_branches_topic_2=second,
                n_leaders=leaders,
                n_leaders_attended=attended,
                n_leaders_spoke=spoke,
                n_members=members,
                n_members_spoke=heard,
            )
        )
    total = {"n_branches": 4, "n_branches_topic_1": 4, "n_branches_topic_2": 3}
    return [*rows, ledger_row(month, "LX", "nonpublic", **total)]


def _checks() -> list[dict[str, Any]]:
    return [
        # Claimed in August, and not found: refuted.
        _check("R0001", "2016-09-10", "random", "no", "yes", "good"),
        # An earlier failure, mended by the time of the last look; the second topic was
        # claimed by September only, so that nothing of it was refuted.
        _check("R0004", "2016-08-20", "targeted", "no", "no", "poor"),
        _check("R0004", "2016-09-20", "targeted", "yes", "no", "poor"),
        # A prepared site proves nothing, good or bad.
        _check("R0011", "2016-09-05", "prepared", "no", "no", "poor"),
        # After the month that the tests look at.
        _check("R0005", "2016-10-20", "random", "no", "no", "poor"),
        _check("C0001", "2016-09-12", "random", "yes", "yes", "good"),
        # Of its cell all four had claimed the first topic, three the second.
        _check("N0001", "2016-09-13", "targeted", "no", "no", "fair"),
    ]


def _check(
    branch: str, date: str, selection: str, first: str, second: str, grade: str
) -> dict[str, Any]:
    unit = "LX" if branch.startswith("N") else UNIT
    return {
        "check_date": day(date),
        "supervision_group": load_registry().units[unit].group,
        "branch": code(branch),
        "selection": selection,
        "is_announced": selection == "prepared",
        "found_topic_1": first,
        "found_topic_2": second,
        "grade": grade,
    }


def _cases() -> list[dict[str, Any]]:
    return [
        {
            "case_code": case,
            "branch": code(branch),
            "listed_date": day(listed),
            "problem_type": "班子不健全",
            "status": status,
            "converted_date": day(converted) if converted else None,
        }
        for case, branch, listed, status, converted in CASES
    ]
