"""The lake keeps what it accepted: whole, unchanged, one writer at a time."""

from __future__ import annotations

import builtins
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_pipeline import disk
from data_pipeline.__main__ import main
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import (
    IdentityError,
    Lake,
    LakeBusyError,
    file_sha256,
)
from data_pipeline.store.manifest import in_force
from data_pipeline.warehouse import BuildError, build, current_snapshot
from tests.extended_registry import copy_registry
from tests.submitted_rows import (
    instant,
    ledger_row,
    read_model,
    roll_row,
    submit,
    to_table,
)

APRIL = [
    ledger_row("2016-04", "350102", "organ", n_branches=4, n_branches_topic_1=1),
    ledger_row("2016-04", "350102", "rural", n_branches=6, n_branches_topic_1=2),
]
MAY = [ledger_row("2016-05", "350102", "organ", n_branches=4, n_branches_topic_1=3)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake_root")


def add(lake: Lake, rows: list[dict], sha256: str = "5ha", **given) -> tuple:
    registry = load_registry()
    arguments = {"file": "a.xlsx", "received": instant("2016-06-10"), **given}
    tables = {"ledger": to_table(rows, "ledger", registry)}
    return lake.add(tables, registry, sha256=sha256, **arguments)


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


# What is stored


def test_each_month_of_a_file_is_one_parquet_file_and_the_manifest_says_so(lake):
    with lake.writing():
        submission, is_new = add(lake, APRIL + MAY, sha256="a" * 64)
    assert is_new
    assert [(f.table, f.month, f.rows) for f in submission.files] == [
        ("ledger", "2016-04", 2),
        ("ledger", "2016-05", 1),
    ]
    assert submission.rows == {"ledger": 3}
    assert submission.id == "20160609T160000000000Z-aaaaaaaaaaaa"
    for file in submission.files:
        stored = pq.read_table(lake.root / file.path)
        assert stored.schema == stored_schema(load_registry().tables["ledger"])
        assert stored.column("month").unique().to_pylist() == [file.month]
        assert stored.column("sequence").unique().to_pylist() == [1]
        assert file.sha256 == file_sha256(lake.root / file.path)
    assert lake.submissions() == (submission,)
    assert not list(lake.root.rglob("*.tmp"))


def test_a_table_without_months_is_one_file(lake):
    with lake.writing():
        submission = submit(
            lake, "2016-04-20", roll=[roll_row("b1", "350102", "organ", "东街")]
        )
    assert [(f.table, f.month) for f in submission.files] == [("roll", "all")]


def test_blanks_are_stored_as_blanks_and_zeros_as_zeros(lake):
    with lake.writing():
        submission, _ = add(
            lake, [ledger_row("2016-04", "350102", "organ", n_branches=4, n_lectures=0)]
        )
    stored = pq.read_table(lake.root / submission.files[0].path).to_pylist()[0]
    assert stored["n_lectures"] == 0
    assert stored["n_members"] is None


def test_the_same_file_at_the_same_time_changes_nothing(lake):
    with lake.writing():
        first, _ = add(lake, APRIL)
        before = contents(lake.root)
        again, is_new = add(lake, APRIL)
    assert (again, is_new) == (first, False)
    assert contents(lake.root) == before


def test_the_same_file_at_a_later_time_is_another_submission(lake):
    with lake.writing():
        first, _ = add(lake, APRIL)
        second, is_new = add(lake, APRIL, received=instant("2016-06-11"))
    assert is_new
    assert (first.sequence, second.sequence) == (1, 2)


def test_one_identity_never_stands_for_two_workbooks(lake):
    with lake.writing():
        add(lake, APRIL, sha256="a" * 12 + "b" * 52)
        before = contents(lake.root)
        with pytest.raises(IdentityError, match="20160609T160000000000Z-aaaaaaaaaaaa"):
            add(lake, MAY, sha256="a" * 12 + "c" * 52)
    assert contents(lake.root) == before


def test_a_later_submission_touches_no_earlier_file(lake):
    with lake.writing():
        add(lake, APRIL)
        before = contents(lake.root)
        add(lake, APRIL + MAY, sha256="0ther", received=instant("2016-06-12"))
    after = contents(lake.root)
    # What notes which entry is the last moves on with it.
    assert before.pop("lake/head.json") != after["lake/head.json"]
    assert before.items() <= after.items()


def test_what_was_received_later_is_not_known_earlier(lake):
    with lake.writing():
        early, _ = add(lake, APRIL)
        late, _ = add(lake, MAY, sha256="0ther", received=instant("2016-06-12"))
    assert lake.submissions(as_of=instant("2016-06-11")) == (early,)
    assert lake.submissions(as_of=instant("2016-06-12")) == (early, late)
    assert lake.submissions(as_of=instant("2016-06-09")) == ()


def test_a_lake_that_nobody_wrote_to_is_empty(lake):
    assert lake.submissions() == ()
    with lake.writing(), pytest.raises(BuildError, match="holds no submission"):
        build(lake.root, load_registry())
    assert current_snapshot(lake.root) is None


# One writer at a time


def test_a_second_writer_is_turned_away(lake):
    busy = pytest.raises(LakeBusyError, match="held by another run")
    with lake.writing(), busy, Lake(lake.root).writing():
        pass
    with Lake(lake.root).writing():
        pass


@pytest.mark.parametrize("command", ["build", "demo"])
def test_a_command_ends_with_75_while_another_process_writes(lake, command, capfd):
    with lake.writing():
        found = subprocess.run(
            [sys.executable, "-m", "data_pipeline", command, "--lake", str(lake.root)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert found.returncode == 75
        assert "is held by another run; try again when it is done." in found.stderr
        assert found.stdout == ""
        assert main([command, "--lake", str(lake.root)]) == 75
    assert "held by another run" in capfd.readouterr().err


def test_reading_needs_no_lock(lake):
    with lake.writing():
        submission, _ = add(lake, APRIL)
        assert Lake(lake.root).submissions() == (submission,)


# Killed while writing

WRITER = """
import os
import sys
from data_pipeline.store.lake import Lake
from data_pipeline.registry import load_registry
from tests.submitted_rows import ledger_row, submit

lake = Lake(sys.argv[1])
months = load_registry().calendar.months
rows = [ledger_row(m, "350102", "organ", n_branches=4, n_lectures=1) for m in months]
with lake.writing():
    for number in range(1000):
        sha256 = f"{os.getpid():06x}{number:06x}{0:052x}"
        submission = submit(lake, "2017-01-10", rows, sha256=sha256)
        print(submission.id, flush=True)
"""


def test_kill_9_leaves_whole_submissions_and_every_acknowledged_one(lake):
    dice = random.Random(2016)
    acknowledged: list[str] = []
    for kill in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(lake.root)],
            stdout=subprocess.PIPE,
            text=True,
        )
        acknowledged.append(writer.stdout.readline().strip())
        time.sleep(dice.random() * 0.1)
        writer.kill()
        lines = writer.stdout.read().splitlines()
        writer.wait()
        # The last line may be cut short; an id is 35 characters long.
        acknowledged += [line for line in lines if len(line) == 35]
        submissions = lake.submissions()
        assert set(acknowledged) <= {s.id for s in submissions}, f"kill {kill}"
        assert lake.damaged(submissions) == ()
        assert all(len(s.files) == 9 for s in submissions)
        assert [s.sequence for s in submissions] == list(range(1, len(submissions) + 1))
    assert all(acknowledged), "a writer died before its first submission"
    # The lock died with its holder, and the next run goes on.
    with lake.writing():
        add(lake, APRIL)
        build(lake.root, load_registry())


class Killed(BaseException):
    """Stands for a death that no handler outlives."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the process "die" at its step-th call that changes the disk."""
    calls: list[str] = []

    def dying(name, real):
        def call(*arguments, **keywords):
            if len(calls) > step:
                raise Killed(name)
            calls.append(name)
            if len(calls) > step:
                raise Killed(name)
            return real(*arguments, **keywords)

        return call

    for name in ("link", "unlink", "replace", "fsync"):
        monkeypatch.setattr(os, name, dying(name, getattr(os, name)))
    real_open = builtins.open

    def opening(path, mode="r", *arguments, **keywords):
        file = real_open(path, mode, *arguments, **keywords)
        return file if mode == "rb" else dying("open", lambda: file)()

    monkeypatch.setattr(disk, "open", opening, raising=False)
    return calls


def files_of(lake: Lake) -> set[str]:
    found = (path for path in lake.root.rglob("*") if path.is_file())
    return {path.relative_to(lake.root).as_posix() for path in found}


def known_files(lake: Lake) -> set[str]:
    """What the manifest names, the manifest itself, its head and the lock."""
    submissions = lake.submissions()
    entries = {f"lake/manifest/{s.sequence:06d}.json" for s in submissions}
    files = {file.path for s in submissions for file in s.files}
    return entries | files | {".lock", "lake/head.json"}


def test_a_death_at_any_step_leaves_all_or_nothing_and_is_made_good(
    tmp_path, monkeypatch
):
    step = 0
    outcomes = set()
    while True:
        lake = Lake(tmp_path / str(step))
        with lake.writing():
            earlier, _ = add(lake, MAY, sha256="earlier")
            with monkeypatch.context() as patched:
                killed_at(step, patched)
                try:
                    add(lake, APRIL + MAY)
                    survived = True
                except Killed:
                    survived = False
            known = lake.submissions()
            assert known[0] == earlier
            assert lake.damaged(known) == (), f"after step {step}"
            outcomes.add(len(known))
            # The sender tries again; whatever the dead run left is no hindrance.
            again, is_new = add(lake, APRIL + MAY)
            assert is_new == (len(known) == 1)
            assert lake.submissions() == (earlier, again)
            assert lake.damaged(lake.submissions()) == ()
        with lake.writing():
            assert files_of(lake) == known_files(lake), f"after step {step}"
        if survived:
            break
        step += 1
    assert step > 12, "write, sync, link, unlink and sync of two files and the entry"
    assert outcomes == {1, 2}


def test_a_withdrawal_dies_whole_or_not_at_all(tmp_path, monkeypatch):
    step, outcomes = 0, set()
    while True:
        lake = Lake(tmp_path / str(step))
        with lake.writing():
            wrong, _ = add(lake, APRIL)
            how = {"reason": "报错了", "received": instant("2016-06-12")}
            with monkeypatch.context() as patched:
                killed_at(step, patched)
                try:
                    lake.withdraw(wrong, **how)
                    survived = True
                except Killed:
                    survived = False
            known = lake.submissions()
            outcomes.add(len(known))
            assert in_force(known) == ((wrong,) if len(known) == 1 else ())
        with lake.writing():
            assert files_of(lake) == known_files(lake), f"after step {step}"
        if survived:
            break
        step += 1
    assert step > 4, "write, sync, link, unlink and sync of the entry"
    assert outcomes == {1, 2}


# Damage


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("fault", ["a flipped bit", "cut short", "removed"])
def test_a_damaged_file_is_left_out_and_said(lake, fault, capsys):
    with lake.writing():
        good, _ = add(lake, APRIL)
        bad, _ = add(lake, MAY, sha256="0ther", received=instant("2016-06-12"))
        build(lake.root, load_registry())
    path = lake.root / bad.files[0].path
    if fault == "a flipped bit":
        damage(path)
    elif fault == "cut short":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.unlink()
    assert lake.damaged(lake.submissions()) == bad.files
    assert main(["build", "--lake", str(lake.root)]) == 0
    said = capsys.readouterr()
    assert f"{bad.files[0].path}: the stored bytes are damaged; left out" in said.err
    assert "1 damaged file left out" in said.out
    marts = open_marts(lake.root)
    assert marts.snapshot.set_aside == (bad.files[0].path,)
    assert marts.snapshot.notice() == "1 个文件已损坏，未计入"
    assert marts.months == ("2016-04",)
    assert read_rates(marts, "topic_1_coverage").numerator.to_list() == [3]
    assert main(["check", "--lake", str(lake.root)]) == 1
    found = capsys.readouterr().out
    assert found.startswith("damaged_file\tfault\t") and bad.files[0].path in found


def test_a_restored_file_counts_again(lake):
    with lake.writing():
        submission, _ = add(lake, APRIL)
        path = lake.root / submission.files[0].path
        kept = path.read_bytes()
        damage(path)
        set_aside = build(lake.root, load_registry()).set_aside
        assert set_aside == (submission.files[0].path,)
        path.write_bytes(kept)
        assert build(lake.root, load_registry()).set_aside == ()


def test_a_new_file_is_judged_by_what_is_whole(lake):
    with lake.writing():
        submit(lake, "2016-04-20", roll=[roll_row("b1", "350102", "organ")])
        bad = submit(lake, "2016-04-21", roll=[roll_row("b2", "350102", "rural")])
        submit(lake, "2016-05-10", APRIL)
    damage(lake.root / bad.files[0].path)
    known = KnownRows(lake, load_registry())
    assert known.roll == {"b1": ("350102", "organ")}
    assert known.grains[("ledger", "2016-04", "350102", "organ")] == "total"


def test_a_damaged_manifest_entry_is_named(lake, capsys):
    with lake.writing():
        add(lake, APRIL)
    entry = lake.root / "lake" / "manifest" / "000001.json"
    entry.write_text(entry.read_text("utf-8")[:-5], "utf-8")
    assert main(["build", "--lake", str(lake.root)]) == 1
    said = capsys.readouterr().err
    assert str(entry) in said
    assert "Traceback" not in said


# The registry moves on


def with_column(folder: Path, name: str) -> Path:
    """A copy of the registry whose ledger has one column more."""
    copied = copy_registry(folder)
    column = (
        f'\n[[column]]\nname = "{name}"\nheading = "志愿服务次数"\n'
        'type = "count"\nkind = "cumulative"\n'
        'definition_zh = "次数。"\ndefinition_en = "Times."\n'
    )
    with open(copied / "tables" / "ledger.toml", "a", encoding="utf-8") as file:
        file.write(column)
    return copied


def test_a_column_that_came_later_is_blank_in_what_was_filed_before(lake, tmp_path):
    with lake.writing():
        add(lake, APRIL[:1])
        grown = load_registry(with_column(tmp_path, "n_volunteer_acts"))
        row = {**MAY[0], "n_volunteer_acts": 7}
        submit(lake, "2016-06-12", [row], registry=grown)
        snapshot = build(lake.root, grown)
    columns = ("month", "n_branches", "n_volunteer_acts")
    found = read_model(lake.root, snapshot, "lake_ledger", *columns, registry=grown)
    assert found == [("2016-04", 4, None), ("2016-05", 4, 7)]


def test_a_manifest_entry_can_be_read_by_people(lake):
    with lake.writing():
        add(lake, APRIL, file="鼓楼.xlsx", group="G1")
    entry = lake.root / "lake" / "manifest" / "000001.json"
    assert '"file": "鼓楼.xlsx"' in entry.read_text("utf-8")
    raw = json.loads(entry.read_text("utf-8"))
    assert raw["received"] == "2016-06-09T16:00:00+00:00"
    assert raw["group"] == "G1"
    assert raw["files"][0]["rows"] == 2
