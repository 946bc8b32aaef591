"""A small city with every table beside the ledger, for tests that count by hand.

Three branches: A1 and A2 in 鼓楼机关, B1 in 福清农村; May and June 2016.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import ledger_row, roll_row, submit

GULOU, FUQING = ("350102", "organ"), ("350181", "rural")
ROLL = [
    roll_row("A1", *GULOU, branch_type="ordinary"),
    roll_row("A2", *GULOU, branch_type="joint"),
    roll_row("B1", *FUQING, branch_type="ordinary"),
]


def placed(month: str, place: tuple[str, str], **values: Any) -> dict[str, Any]:
    return {"month": month, "unit": place[0], "sector": place[1], **values}


def act(day: str, group: str, act: str, **values: Any) -> dict[str, Any]:
    key = {"date": date.fromisoformat(day), "supervision_group": group, "act": act}
    return {**key, **values}


def lecture(day: str, place: tuple[str, str], speaker: str, **values: Any) -> dict:
    key = {"date": date.fromisoformat(day), "unit": place[0], "sector": place[1]}
    return {**key, "speaker": speaker, "content": "other", **values}


def problem(code: str, raised: str, status: str, **values: Any) -> dict[str, Any]:
    days = {k: date.fromisoformat(v) for k, v in values.items() if k.endswith("_date")}
    key = {"problem_code": code, "supervision_group": "G1", "unit": "350102"}
    kind = {"kind": "formality", "raised_date": date.fromisoformat(raised)}
    return {**key, **kind, "status": status, **values, **days}


def meeting(
    month: str, place: tuple[str, str], kind: str, mode: str, required, held, **more
) -> dict[str, Any]:
    counts = {"n_required": required, "n_held": held, **more}
    return placed(month, place, kind=kind, mode=mode, **counts)


def site(branch: str, level: str, status: str, listed: str | None = None) -> dict:
    day = date.fromisoformat(listed) if listed else None
    return {"branch": branch, "level": level, "status": status, "listed_date": day}


def contest(number: int, place: tuple[str, str], eligible, entered, sat) -> dict:
    key = {"round": number, "unit": place[0], "sector": place[1]}
    return {**key, "n_eligible": eligible, "n_entered": entered, "n_sat": sat}


FLOATING = {"group_kind": "floating"}
TABLES = {
    "duty": [
        act("2016-05-03", "G1", "interview", unit="350102"),
        act("2016-05-04", "G1", "interview", unit="350103", quantity=4),
        act("2016-06-04", "G2", "interview", branch="B1"),
        # A talk held by the city is none of the group's.
        act("2016-05-05", "G1", "city_interview"),
        act("2016-05-06", "G1", "information", kind="experience"),
        act("2016-05-07", "G1", "information", kind="problem", quantity=2),
        act("2016-06-07", "G1", "information", kind="problem"),
        act("2016-05-31", "G1", "round_report"),
        act("2016-05-10", "G1", "meeting_attended", branch="A1"),
    ],
    "lecture": [
        lecture("2016-05-02", GULOU, "senior_leader", branch="B1", is_own_unit=False),
        lecture("2016-05-03", GULOU, "senior_leader", is_own_unit=True, n_times=3),
        # Nobody says where: in neither sum.
        lecture("2016-05-04", GULOU, "senior_leader", n_times=5),
        lecture("2016-05-05", GULOU, "school_teacher", branch="A1", is_own_unit=False),
        lecture("2016-06-05", FUQING, "leader", branch="A1", is_own_unit=False),
        lecture("2016-06-06", FUQING, "leader", branch="off the roll"),
    ],
    "meeting": [
        meeting("2016-05", GULOU, "branch_assembly", "whole_branch", 2, 1),
        meeting("2016-05", GULOU, "party_lecture", "whole_branch", 2, 3, n_uploaded=1),
        meeting("2016-05", FUQING, "branch_committee", "whole_branch", None, 9),
        meeting("2016-05", GULOU, "topic_1", "whole_branch", 2, 1, n_uploaded=1),
        meeting("2016-05", FUQING, "topic_1", "central_group", 1, 1),
        meeting("2016-06", GULOU, "topic_1", "whole_branch", 2, 1, n_uploaded=0),
        meeting("2016-06", GULOU, "appraisal", "whole_branch", 2, 1),
        meeting("2016-05", GULOU, "appraisal", "whole_branch", 0, 0),
    ],
    "special_group": [
        placed("2016-05", GULOU, **FLOATING, n_persons=10, n_covered=4),
        placed("2016-05", GULOU, **FLOATING, mode="online", n_covered=3),
        placed("2016-05", GULOU, **FLOATING, mode="home_visit", n_covered=2),
        placed("2016-05", GULOU, group_kind="frail", n_persons=6, n_covered=None),
        placed("2016-05", FUQING, **FLOATING, mode="online", n_covered=9),
    ],
    "demo_site": [
        site("A1", "county", "listed", "2016-05-20"),
        site("A2", "county", "listed", "2016-06-20"),
        site("B1", "county", "growing"),
        site("A1", "sector", "listed", "2016-06-01"),
    ],
    "problem": [
        problem("W1", "2016-05-01", "closed", due_date="2016-05-31")
        | {"closed_date": date(2016, 5, 31)},
        problem("W2", "2016-05-02", "closed", due_date="2016-05-31")
        | {"closed_date": date(2016, 6, 1)},
        problem("W3", "2016-05-03", "open", due_date="2016-06-30"),
        problem("W4", "2016-06-03", "relapsed", source="lookback_mass_line"),
        problem("W5", "2016-06-04", "not_enough", source="lookback_three_stricts"),
    ],
    "contest": [
        contest(1, GULOU, 20, 12, 8),
        contest(2, GULOU, 20, 15, None),
        contest(3, GULOU, 20, 20, 20),
    ],
    "dues_election": [
        placed("2016-05", GULOU, n_dues_checked=4, n_dues_ok=3, n_backbone=5),
        placed("2016-05", FUQING, n_dues_checked=1, n_dues_ok=1, n_election_due=0),
    ],
    "activity": [
        placed("2016-05", GULOU, kind="pledge", n_branches_active=2, quantity=7),
        placed("2016-05", GULOU, kind="city_media", n_branches_active=1, quantity=3),
        placed("2016-06", GULOU, kind="city_media", n_branches_active=0, quantity=1),
        placed("2016-05", ("350103", "soe"), kind="pledge", n_branches_active=9),
    ],
}
LEDGERS = [
    ledger_row(month, *place, n_branches=n)
    for month in ("2016-05", "2016-06")
    for place, n in ((GULOU, 2), (FUQING, 1))
]


def check(day: str, group: str, branch: str, selection: str, **values: Any) -> dict:
    key = {"check_date": date.fromisoformat(day), "supervision_group": group}
    return {**key, "branch": branch, "selection": selection, **values}


CHECKS = [
    check("2016-05-05", "G1", "A1", "targeted", has_records=True, has_plan=False),
    check("2016-06-05", "G2", "B1", "targeted", grade="good"),
]


def build_office_city(folder: Path) -> Path:
    """The root of a built lake of the city; some rows are filed a second time."""
    lake = Lake(folder)
    with lake.writing():
        submit(lake, "2016-07-02", LEDGERS, roll=ROLL, spot_check=CHECKS, **TABLES)
        # An act filed again with 0 is withdrawn; a case filed again supersedes.
        withdrawn = [
            act("2016-05-04", "G1", "interview", unit="350103", quantity=0),
            act("2016-05-09", "G1", "interview", unit="350104"),
        ]
        again = [problem("W3", "2016-05-03", "closed", due_date="2016-06-30")]
        again[0]["closed_date"] = date(2016, 6, 30)
        submit(lake, "2016-07-03", duty=withdrawn, problem=again)
        build(lake.root, load_registry())
    return lake.root
