"""A city in which every text that a file can bring is a hostile one.

Each of `TEXTS` is the code, name and township of a branch, the name of a file and of a
sheet, a remark, a case, a problem and a reason. Put straight into the lake: what the
reader would refuse is there as well.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_pipeline.flags import build_with_flags
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.withdrawal import withdraw
from tests.submitted_rows import day, ledger_row, roll_row, submit

_FILE = Path(__file__).parent / "data" / "hostile_texts.toml"
TEXTS_BY_KIND: dict[str, list[str]] = tomllib.loads(_FILE.read_text("utf-8"))
TEXTS = [text for texts in TEXTS_BY_KIND.values() for text in texts]
# What the reader of files takes for damage.
REFUSED = TEXTS_BY_KIND["bidi"] + TEXTS_BY_KIND["control"]
UNIT, GROUP = "350104", "G1"
SECTORS = ("rural", "community")
MONTHS = ("2016-08", "2016-09")


def build_hostile_city(root: Path) -> Path:
    """Submit the rows and build; returns the lake's root."""
    registry, lake = load_registry(), Lake(root / "lake_root")
    with lake.writing():
        submit(lake, "2016-04-20", roll=[_branch(text) for text in TEXTS])
        numbered = list(enumerate(TEXTS))
        for month in MONTHS:
            rows = [_ledger(month, text, number) for number, text in numbered]
            submit(lake, "2016-10-12", rows, file=TEXTS[-1])
        for text in TEXTS:
            submit(lake, "2016-10-13", duty=[_act(text)], file=f"{text}.xlsx")
        submit(lake, "2016-11-05", file=TEXTS[0], **_others())
        for text in TEXTS:
            taken = submit(lake, "2016-11-06", [_ledger("2016-04", text, 0)], file=text)
            about = {"reason": text, "received": datetime.now(UTC)}
            withdraw(lake, registry, taken.id, **about)
    with lake.writing():
        build_with_flags(lake.root, registry)
    return lake.root


def sector_of(text: str) -> str:
    return SECTORS[TEXTS.index(text) % 2]


def _branch(text: str) -> dict[str, Any]:
    known = {"n_members": 10, "n_leaders": 1, "is_weak_base": False}
    known |= {"branch_type": "ordinary", "branch_name": text}
    return roll_row(text, UNIT, sector_of(text), text, **known)


def _ledger(month: str, text: str, number: int) -> dict[str, Any]:
    counts = {"n_branches": 1, "n_branches_topic_1": number % 2, "n_leaders": 1}
    counts |= {"n_leaders_attended": number % 2, "n_members": 10}
    counts |= {"n_members_spoke": number % 10}
    words = {"township": text, "note": text, "source_sheet": text}
    return ledger_row(month, UNIT, sector_of(text), text, **counts, **words)


def _act(text: str) -> dict[str, Any]:
    act = {"date": day("2016-08-03"), "supervision_group": GROUP, "act": "interview"}
    return act | {"unit": UNIT, "branch": text, "note": text, "source_sheet": text}


def _others() -> dict[str, list[dict[str, Any]]]:
    """Every other table with a text in it, a row for each text."""
    listed = {"listed_date": day("2016-05-03"), "status": "under_way"}
    raised = {"raised_date": day("2016-05-01"), "due_date": day("2016-06-30")}
    raised |= {"supervision_group": GROUP, "unit": UNIT, "kind": "formality"}
    check = {"check_date": day("2016-09-10"), "supervision_group": GROUP}
    check |= {"found_topic_1": "no", "found_topic_2": "no", "grade": "poor"}
    state = {"finding_state": "explained", "date": day("2016-10-20")}
    state |= {"supervision_group": GROUP, "month": MONTHS[0], "unit": UNIT}
    rows = {
        "weak_case": [
            {"case_code": t, "branch": t, "problem_type": t, **listed} for t in TEXTS
        ],
        "problem": [
            {"problem_code": t, "branch": t, "status": "open", **raised} for t in TEXTS
        ],
        "spot_check": [{"branch": t, "selection": "random", **check} for t in TEXTS],
        "finding_state": [{"finding": t, "note": t, **state} for t in TEXTS],
    }
    return {
        name: [
            row | {"source_sheet": text} for row, text in zip(lines, TEXTS, strict=True)
        ]
        for name, lines in rows.items()
    }
