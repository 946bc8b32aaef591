"""Whatever is handed in and taken back, flags found since the last build are those that
are found in everything anew, row for row."""

from __future__ import annotations

import dataclasses
import os
import random

import pandas as pd
import pytest

from data_pipeline import flags as flags_module
from data_pipeline.flags import build_with_flags, find_flags, read_flags
from data_pipeline.rates import Marts, open_marts, read_ledger
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import in_force
from tests.data_pipeline.test_flags import assert_same
from tests.doubtful_city import build_doubtful_city
from tests.submitted_rows import day, instant, ledger_row, roll_row, submit

REGISTRY = load_registry()
COUNTS = REGISTRY.tables["ledger"].counts
# A build each: `SUBMISSIONS=40 pytest tests/data_pipeline/test_unit_findings.py` adds
# so many of any kind.
N_FURTHER = int(os.environ.get("SUBMISSIONS", "0"))


@dataclasses.dataclass(frozen=True)
class State:
    """A lake, its marts before the next submission, and when that is received."""

    lake: Lake
    marts: Marts
    dice: random.Random
    when: str


def _rows(at: State, unit: str = "", month: str = "") -> tuple[str, list[dict]]:
    """The rows in force of a unit in one of its months, as they could be filed."""
    spoken = at.marts.query("flag_submissions", {})
    spoken = spoken[(spoken["unit"] == unit) | (unit == "")]
    unit, months = at.dice.choice([*spoken.groupby("unit")["month"].unique().items()])
    month = month or at.dice.choice(list(months))
    rows = read_ledger(at.marts, months=[month], where={"unit": [unit]})
    return month, [
        ledger_row(
            month,
            unit,
            row["sector"],
            row["branch"] or None,
            **{name: None if pd.isna(row[name]) else int(row[name]) for name in COUNTS},
        )
        for row in rows.to_dict("records")
    ]


def correct(at: State) -> None:
    """Some counts are others, or blank."""
    _, rows = _rows(at)
    for row in rows:
        for name in at.dice.sample(COUNTS, 3):
            row[name] = at.dice.choice([None, 0, 5, 6, 8, 95, row[name]])
    submit(at.lake, at.when, rows)


def correct_some(at: State) -> None:
    """Not all rows are filed again."""
    _, rows = _rows(at)
    submit(
        at.lake,
        at.when,
        [row | {"n_lectures": 7} for row in rows[: 1 + len(rows) // 2]],
    )


def file_months_alone(at: State) -> None:
    _, rows = _rows(at)
    submit(at.lake, at.when, [row | {"basis": "month"} for row in rows])


def copy_neighbour(at: State) -> None:
    """One unit files what another one has filed."""
    unit = at.dice.choice(list(REGISTRY.units))
    _, rows = _rows(at)
    whole = [row for row in rows if not row["branch"]]
    submit(at.lake, at.when, [row | {"unit": unit} for row in whole or rows[:1]])


def copy_month(at: State) -> None:
    """The next month is filed with the figures of this one."""
    month, rows = _rows(at)
    months = REGISTRY.calendar.months
    after = months[min(months.index(month) + 1, len(months) - 1)]
    submit(at.lake, at.when, [row | {"month": after} for row in rows])


def move_branch(at: State) -> None:
    """A branch is filed under another unit: its row there replaces the one here."""
    _, rows = _rows(at, at.dice.choice(["350128", "350112"]), "2016-08")
    unit = at.dice.choice(list(REGISTRY.units))
    branches = [row | {"unit": unit} for row in rows if row["branch"]]
    if branches:
        submit(at.lake, at.when, at.dice.sample(branches, min(4, len(branches))))


def withdraw(at: State) -> None:
    """What it had replaced counts again."""
    counting = [
        one
        for one in in_force(at.lake.submissions())
        if any(file.table == "ledger" for file in one.files)
    ]
    if len(counting) > 1:
        chosen = at.dice.choice(counting[1:])
        at.lake.withdraw(chosen, reason="重报", received=instant(at.when))


def check(at: State) -> None:
    branch = f"ZSJG-{at.dice.randrange(20):03d}"
    submit(
        at.lake,
        at.when,
        roll=[roll_row(branch, "ZSJG", "organ", n_members=at.dice.randrange(3, 9))],
        spot_check=[
            {
                "check_date": day("2016-09-20"),
                "supervision_group": "G1",
                "branch": branch,
                "selection": "random",
                "found_topic_1": at.dice.choice(["yes", "no"]),
                "found_lectures_grassroots": at.dice.randrange(3),
            }
        ],
    )


# Each stands in one of the sequences.
SEQUENCES = {
    "replaced": (correct, copy_neighbour, check, withdraw, correct_some),
    "moved": (move_branch, file_months_alone, withdraw, copy_month),
}


@pytest.fixture
def read_units(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The units whose ledger rows the flags have asked for, one set a question."""
    found: list[set[str]] = []
    real = flags_module._read_rows

    def read(marts: Marts, units) -> pd.DataFrame:
        found.append(set(units))
        return real(marts, units)

    monkeypatch.setattr(flags_module, "_read_rows", read)
    return found


@pytest.mark.parametrize("name", SEQUENCES)
def test_flags_since_the_last_build_are_those_of_all_ledgers(
    copy_lake, read_units, name
):
    dice = random.Random(name)
    lake = Lake(copy_lake(build_doubtful_city))
    every = [step for steps in SEQUENCES.values() for step in steps]
    steps = [*SEQUENCES[name], *dice.choices(every, k=N_FURTHER)]
    n_read = []
    with lake.writing():
        build_with_flags(lake.root, REGISTRY)
        for minute, step in enumerate(steps):
            marts = open_marts(lake.root)
            step(State(lake, marts, dice, f"2016-12-20T10:{minute:02d}"))
            read_units.clear()
            build_with_flags(lake.root, REGISTRY)
            n_read.append(len(set().union(*read_units)))
            marts = open_marts(lake.root)
            assert_same(read_flags(marts), find_flags(marts))
    n_units = marts.query("flag_submissions", {})["unit"].nunique()
    assert min(n_read) < n_units / 2
    assert max(n_read) < n_units, "some step has read all units again"
