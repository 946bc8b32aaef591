"""Whatever is handed in and taken back, flags found since the last build are those that
are found in everything anew, row for row."""

from __future__ import annotations

import dataclasses
import os
import random

import pandas as pd
import pytest

from data_pipeline import flags as flags_module
from data_pipeline import unit_findings
from data_pipeline.flags import (
    build_with_flags,
    find_flags,
    find_row_faults,
    read_flags,
)
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


def test_no_more_rows_are_read_together_than_may_be(copy_lake, read_units, monkeypatch):
    root = copy_lake(build_doubtful_city)
    marts = open_marts(root)
    found, faults = find_flags(marts), find_row_faults(marts)
    sizes = dict(marts.query("ledger_sizes", {}).itertuples(index=False))
    most = max(sizes.values())
    monkeypatch.setattr(unit_findings, "ROWS_AT_ONCE", most)
    read_units.clear()
    assert_same(find_flags(marts), found)
    pd.testing.assert_frame_equal(find_row_faults(marts), faults)
    with Lake(root).writing():
        build_with_flags(root, REGISTRY)
    assert_same(read_flags(open_marts(root)), found)
    assert max(sum(sizes[unit] for unit in units) for units in read_units) == most
    # For the rules and for the evidence, twice each, and once for the faults of rows.
    assert max(sum(unit in units for units in read_units) for unit in sizes) == 5


def test_evidence_in_several_parts_is_taken_over_as_well(
    copy_lake, read_units, monkeypatch
):
    root = copy_lake(build_doubtful_city)
    monkeypatch.setattr(unit_findings, "ROWS_AT_ONCE", 1)
    lake = Lake(root)
    with lake.writing():
        build_with_flags(root, REGISTRY)
        later = ledger_row("2016-08", "350103", "organ", n_branches=20, n_lectures=16)
        submit(lake, "2016-12-20", [later | {"n_lectures_grassroots": 17}])
        read_units.clear()
        build_with_flags(root, REGISTRY)
    assert read_units == [{"350103"}]
    marts = open_marts(root)
    assert_same(read_flags(marts), find_flags(marts))


def test_a_flag_takes_two_numbers_a_cell_however_many_rows_it_has(copy_lake):
    root = copy_lake(build_doubtful_city)
    lake = Lake(root)
    counts = dict.fromkeys(COUNTS, 3) | {"n_branches": 1}
    rows = [
        ledger_row("2016-07", unit, "rural", f"{unit}-N{n:02d}", **counts)
        for unit in ("350102", "350103")
        for n in range(40)
    ]
    with lake.writing():
        submit(lake, "2016-12-21", rows)
        build_with_flags(root, REGISTRY)
    found = read_flags(open_marts(root)).found
    alike = found[(found["rule"] == "same_in_two_units") & (found["n_rows"] >= 80)]
    assert len(alike) == 2
    assert alike["rows"].map(len).tolist() == [4, 4]
