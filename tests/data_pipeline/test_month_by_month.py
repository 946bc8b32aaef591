"""A build takes over what did not change, and gives what one from nothing gives.

Of each kind of submission: which parts are made anew, and that every mart is equal, as
a bag of rows, to that of a lake that was never built before.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.marts import differing_marts
from data_pipeline.engines import DuckDBEngine
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.snapshots import Snapshot, current_snapshot
from data_pipeline.store.trial import trial_lake
from data_pipeline.warehouse import build
from tests.submitted_rows import day, instant, ledger_row, roll_row, submit

MONTHS = ("2016-04", "2016-05", "2016-07")
ROLLED, MONTHLY, WHOLE = "350102", "350103", "350181"
BRANCHES = [f"{ROLLED}-{number:03d}" for number in range(8)]
NOW = instant("2016-09-20")
# What is made of the rows of one month, and of which other months may read nothing.
OF_ROWS = ("arrivals", "superseded", "ledger_sums", "branch_spread", "claims")


def ledger_of(month: str, dice: random.Random) -> list[dict]:
    """A unit by branch, one whose figures are of the month alone, one by totals."""
    registry = load_registry()
    counts = registry.tables["ledger"].counts

    def figures() -> dict[str, int | None]:
        return {name: dice.choice([None, 1, 2, 3, 5]) for name in counts}

    rows = [ledger_row(month, ROLLED, "organ", b, **figures()) for b in BRANCHES]
    for sector in ("organ", "rural"):
        rows.append(ledger_row(month, WHOLE, sector, **figures()))
        rows.append(ledger_row(month, MONTHLY, sector, basis="month", **figures()))
    return rows


def meetings(n_held: int) -> list[dict]:
    key = {"unit": WHOLE, "sector": "organ", "kind": "topic_1", "mode": "whole_branch"}
    return [{"month": "2016-05", **key, "n_required": 9, "n_held": n_held}]


def check_of(branch: str, date: str = "2016-08-12") -> dict:
    place = {"supervision_group": "G1", "branch": branch, "selection": "random"}
    return {"check_date": day(date), **place, "found_topic_1": "no"}


def build_start(folder: Path) -> Path:
    """Three months, a month between them that nobody filed, and the other tables."""
    dice, lake = random.Random(2016), Lake(folder / "lake_root")
    roll = [
        roll_row(branch, ROLLED, "organ", "东镇", n_members=9) for branch in BRANCHES
    ]
    with lake.writing():
        submit(lake, "2016-04-10", roll=roll)
        for number, month in enumerate(MONTHS):
            submit(lake, f"2016-0{6 + number}-02", ledger_of(month, dice))
        correct("2016-05", WHOLE, received="2016-08-10")(lake)
        submit(
            lake, "2016-08-20", meeting=meetings(3), spot_check=[check_of(BRANCHES[0])]
        )
        build(lake.root, load_registry(), now=NOW)
    return lake.root


@pytest.fixture
def lake(copy_lake) -> Iterator[Lake]:
    lake = Lake(copy_lake(build_start))
    with lake.writing():
        yield lake


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The parts that the engine has made, as mart or mart/part."""
    found, real = set(), DuckDBEngine.write

    def write(engine: DuckDBEngine, select: str, path: Path) -> None:
        below = path.parts[path.parts.index("marts") + 2 :]
        found.add("/".join(below).removesuffix(".parquet"))
        real(engine, select, path)

    monkeypatch.setattr(DuckDBEngine, "write", write)
    return found


def months_of(written: set[str], *marts: str) -> set[str]:
    parts = (name.split("/") for name in written if "/" in name)
    return {part for mart, part in parts if mart in marts and part[:2] == "20"}


def from_nothing(root: Path, **how) -> Snapshot:
    """The snapshot of a lake with the same files that was never built, put beside."""
    other = root.with_name(f"{root.name}_never_built")
    shutil.copytree(root / "lake", other / "lake")
    with Lake(other).writing():
        how.setdefault("now", NOW)
        how["now"] += timedelta(seconds=1)
        snapshot = build(other, load_registry(), **how)
    folder = Path("marts") / snapshot.id
    shutil.copytree(other / folder, root / folder)
    shutil.rmtree(other)
    return snapshot


def correct(
    month: str,
    unit: str,
    basis: str = "to_date",
    received: str = "2016-09-10",
    n_branches: int = 7,
) -> Callable[[Lake], None]:
    counts = {"n_branches": n_branches, "n_lectures": 4}

    def hand_in(lake: Lake) -> None:
        row = ledger_row(month, unit, "organ", basis=basis, **counts)
        submit(lake, received, [row])

    return hand_in


def new_roll(lake: Lake) -> None:
    submit(lake, "2016-09-10", roll=[roll_row(BRANCHES[0], ROLLED, "organ", "西镇")])


def withdraw_last(month: str) -> Callable[[Lake], None]:
    def hand_in(lake: Lake) -> None:
        of_month = [
            submission
            for submission in lake.submissions()
            for file in submission.files
            if (file.table, file.month) == ("ledger", month)
        ]
        lake.withdraw(of_month[-1], reason="重报", received=instant("2016-09-10"))

    return hand_in


def meeting(lake: Lake) -> None:
    submit(lake, "2016-09-10", meeting=meetings(5))


def spot_check(lake: Lake) -> None:
    submit(lake, "2016-09-10", spot_check=[check_of(BRANCHES[3])])


def check_again(lake: Lake) -> None:
    submit(lake, "2016-09-10", spot_check=[check_of(BRANCHES[0], "2016-08-30")])


# What is handed in: months whose rows are read again, months whose rates are made anew.
SUBMISSIONS = {
    "a new month": (correct("2016-08", WHOLE), {"2016-08"}, {"2016-08"}),
    # The next filed month is now added to what this one carries.
    "a month between": (
        correct("2016-06", WHOLE),
        {"2016-06", "2016-07"},
        {"2016-06"},
    ),
    "a correction": (correct("2016-04", WHOLE), {"2016-04"}, {"2016-04"}),
    # What is of one month is added to all that come after.
    "a correction of a month alone": (
        correct("2016-04", MONTHLY, "month"),
        set(MONTHS),
        set(MONTHS),
    ),
    # Its counts to date are carried from now on.
    "a first month alone": (
        correct("2016-07", WHOLE, "month"),
        {"2016-05", "2016-07"},
        {"2016-07"},
    ),
    "a roll": (new_roll, set(MONTHS), set(MONTHS)),
    "a withdrawn correction": (withdraw_last("2016-05"), {"2016-05"}, {"2016-05"}),
    # It is made with the others that have no ledger.
    "all of a month withdrawn": (withdraw_last("2016-07"), set(), set()),
    "another table": (meeting, set(), set()),
    # Only what was claimed of whom it reached is looked up.
    "a check": (spot_check, set(MONTHS), set()),
    "a check of whom one had reached": (check_again, set(), set()),
}


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_what_is_taken_over_gives_what_a_build_from_nothing_gives(lake, written, kind):
    hand_in, rows_of, rates_of = SUBMISSIONS[kind]
    hand_in(lake)
    ours = build(lake.root, load_registry(), now=NOW)
    assert months_of(written, *OF_ROWS) == rows_of
    # Later months follow where a metric remembers what this one was.
    made = months_of(written, "fine_leaf")
    assert rates_of <= made
    first = min(rates_of | rows_of) if rates_of else "9999"
    assert not {month for month in made if month < first}
    theirs = from_nothing(lake.root)
    assert differing_marts(lake.root, ours, theirs) == []


def test_what_is_counted_over_ledgers_is_made_anew_for_their_month_alone(lake, written):
    # Other figures than the correction that is there: what says the same is taken over.
    correct("2016-05", WHOLE, n_branches=8)(lake)
    build(lake.root, load_registry(), now=NOW)
    over_ledgers = {name for name in written if name.startswith("fine_leaf/meeting")}
    assert over_ledgers == {"fine_leaf/meeting-ledger-2016-05"}
    written.clear()
    meeting(lake)
    build(lake.root, load_registry(), now=NOW + timedelta(hours=1))
    assert {name for name in written if name.startswith("fine_leaf/meeting")} == {
        "fine_leaf/meeting",
        "fine_leaf/meeting-ledger",  # the months without a ledger
        *(f"fine_leaf/meeting-ledger-{month}" for month in MONTHS),
    }


def test_who_filed_is_looked_up_for_the_month_of_a_ledger_alone(lake, written):
    correct("2016-05", WHOLE)(lake)
    build(lake.root, load_registry(), now=NOW)
    assert months_of(written, "filing") == {"2016-05"}


def test_when_nothing_changed_nothing_is_made(lake, written):
    before = current_snapshot(lake.root)
    after = build(lake.root, load_registry(), now=NOW + timedelta(hours=1))
    assert written == set()
    assert after.id != before.id
    assert after.keys == before.keys
    assert set(before.sums) == set(after.sums)


def test_a_state_of_the_past_and_back_is_taken_over_from_both(lake, written):
    registry = load_registry()
    then = build(lake.root, registry, as_of=instant("2016-07-20"), now=NOW)
    assert "ledger_sums/2016-07" not in written
    assert (
        differing_marts(
            lake.root, then, from_nothing(lake.root, as_of=instant("2016-07-20"))
        )
        == []
    )
    shutil.rmtree(lake.root / "marts" / current_snapshot(lake.root).id)
    written.clear()
    now = build(lake.root, registry, now=NOW + timedelta(hours=2))
    # DuckDB may write equal rows in another order: then what reads them is made anew.
    n_again = len(written)
    written.clear()
    whole = from_nothing(lake.root)
    assert n_again < len(written)
    assert differing_marts(lake.root, now, whole) == []


def test_a_trial_makes_only_what_is_new_and_leaves_the_lake_as_it_is(lake, written):
    before = {
        path: path.read_bytes() for path in lake.root.rglob("*.*") if path.is_file()
    }
    with trial_lake(lake) as trial, trial.writing():
        correct("2016-04", WHOLE)(trial)
        ours = build(trial.root, load_registry(), now=NOW)
        assert months_of(written, *OF_ROWS) == {"2016-04"}
        assert differing_marts(trial.root, ours, from_nothing(trial.root)) == []
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_taken_over_is_a_file_of_its_own(lake):
    """One damaged block of a disk must not harm every snapshot."""
    before = current_snapshot(lake.root)
    after = build(lake.root, load_registry(), now=NOW + timedelta(hours=1))
    for path, _ in after.keys:
        old, new = (lake.root / "marts" / s.id / path for s in (before, after))
        assert not old.samefile(new)


def test_a_damaged_part_is_made_anew_and_not_taken_over(lake, written):
    before = current_snapshot(lake.root)
    folder = lake.root / "marts" / before.id
    (folder / "ledger_sums" / "2016-05.parquet").unlink()
    leaf = folder / "leaf" / "2016-05.parquet"
    data = bytearray(leaf.read_bytes())
    data[len(data) // 2] ^= 1
    leaf.write_bytes(data)
    after = build(lake.root, load_registry(), now=NOW + timedelta(hours=1))
    assert months_of(written, *OF_ROWS, "leaf") == {"2016-05"}
    assert {"ledger_sums/2016-05", "leaf/2016-05"} <= written
    shutil.rmtree(folder)
    assert differing_marts(lake.root, after, from_nothing(lake.root)) == []


def test_files_that_come_in_another_order_are_another_state(lake):
    """Two submissions of one row: the later received counts, whichever came first."""
    rows = [ledger_row("2016-05", WHOLE, "organ", n_branches=n) for n in (5, 6)]
    submit(lake, "2016-09-12", rows[:1])
    build(lake.root, load_registry(), now=NOW + timedelta(hours=1))
    submit(lake, "2016-09-11", rows[1:])
    ours = build(lake.root, load_registry(), now=NOW + timedelta(hours=2))
    theirs = from_nothing(lake.root)
    assert differing_marts(lake.root, ours, theirs) == []


def test_when_a_deadline_passes_that_month_is_made_anew(lake, written):
    """A month that is closed is owed by who filed nothing."""
    ours = build(lake.root, load_registry(), now=instant("2016-10-20"))
    assert months_of(written, *OF_ROWS) == set()
    theirs = from_nothing(lake.root, now=instant("2016-10-20"))
    assert differing_marts(lake.root, ours, theirs) == []
