"""What is kept of earlier files says what reading them all would say."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store import notes
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake
from data_pipeline.store.sealing import sealed_json
from data_pipeline.store.trial import trial_lake
from data_pipeline.store.withdrawal import withdraw
from data_pipeline.workbooks.read_workbook import Reading
from tests.extended_registry import copy_registry
from tests.submitted_rows import instant, ledger_row, roll_row, submit, to_table

MAY = [ledger_row("2016-05", "350102", "organ", n_branches=4)]
NAMED = [ledger_row("2016-05", "350103", "organ", branch="b7", n_branches=1)]
CASE = {
    "problem_code": "Q1",
    "supervision_group": "G1",
    "unit": "350102",
    "kind": "formality",
    "raised_date": date(2016, 5, 2),
    "status": "open",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three submissions, the last one a correction, and what was kept after them."""
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        submit(lake, "2016-05-01", roll=[roll_row("b1", "350102", "organ")])
        submit(lake, "2016-06-01", MAY, problem=[CASE])
        # Filed later, received earlier: b1 stays where it was put afterwards.
        submit(lake, "2016-04-25", roll=[roll_row("b1", "350102", "rural")])
        KnownRows(lake, load_registry()).keep()
    return lake


def learned(lake: Lake, registry=None) -> tuple:
    """What a new file would be judged by."""
    known = KnownRows(lake, registry or load_registry())
    kinds = (known.roll, known.filed, known.grains, known.cases)
    return *map(dict, kinds), known.draws, known.units_on_roll


def read_anew(lake: Lake, registry=None) -> tuple:
    kept = lake.root / notes.HEAD
    content = kept.read_bytes()
    kept.unlink()
    try:
        return learned(lake, registry)
    finally:
        kept.write_bytes(content)


def parts_of(lake: Lake) -> list[Path]:
    return sorted((lake.root / notes.PARTS).iterdir())


@pytest.fixture
def files_read(monkeypatch) -> list[str]:
    """Of which submissions files are opened from now on."""
    found, read = [], Lake.read

    def watched(self, table, columns, submissions):
        for submission, rows in read(self, table, columns, submissions):
            found.append(submission.id)
            yield submission, rows

    monkeypatch.setattr(Lake, "read", watched)
    return found


def test_only_files_that_came_since_are_read(lake, files_read):
    assert learned(lake)[0] == {"b1": ("350102", "organ")}
    assert files_read == []
    with lake.writing():
        new = submit(lake, "2016-06-02", NAMED)
    found = learned(lake)
    assert set(files_read) == {new.id}
    assert found == read_anew(lake)
    assert found[1] == {"b7": ("350103", "organ")}
    assert found[2]["ledger", "2016-05", "350103", "organ"] == "branch"
    assert found[3]["problem", "Q1"][0] == "G1"


def test_a_roll_that_was_received_earlier_does_not_move_a_branch_back(lake):
    with lake.writing():
        submit(lake, "2016-04-30", roll=[roll_row("b1", "350102", "school")])
    assert learned(lake)[0] == read_anew(lake)[0] == {"b1": ("350102", "organ")}


def test_what_others_stored_in_between_counts_in_the_order_of_arrival(lake):
    """A draw is registered beside those that keep what they know between files."""
    known = KnownRows(lake, load_registry())
    with lake.writing():
        submit(lake, "2016-06-02", NAMED)
        rows = [roll_row("b1", "350103", "rural")]
        later = submit(lake, "2016-06-05", roll=rows)
    table = to_table(rows, "roll", load_registry())
    known.learn(Reading(later.file, later.sha256, {"roll": table}, (), ()), later)
    assert known.roll == {"b1": ("350103", "rural")}
    with lake.writing():
        known.keep()
    assert learned(lake)[0] == read_anew(lake)[0] == known.roll


def test_what_was_withdrawn_since_is_forgotten(lake):
    first = lake.submissions()[0]
    with lake.writing():
        withdraw(
            lake,
            load_registry(),
            first.id,
            reason="报错了",
            received=instant("2016-06-03"),
        )
    assert learned(lake)[0] == read_anew(lake)[0] == {"b1": ("350102", "rural")}


def test_a_stored_file_that_was_written_to_is_not_believed(lake):
    (file,) = lake.submissions()[0].files
    path = lake.root / file.path
    path.write_bytes(path.read_bytes()[:-9] + b"damaged!!")
    assert learned(lake)[0] == read_anew(lake)[0] == {"b1": ("350102", "rural")}
    path.unlink()
    assert learned(lake)[0] == {"b1": ("350102", "rural")}


def test_what_was_kept_is_held_to_its_seal_and_may_be_anything(lake, files_read):
    (part,) = parts_of(lake)
    said = json.loads(part.read_bytes())["said"]
    assert said["roll"] == [[["b1"]], [["350102", "organ", 1]]]
    expected = learned(lake)
    for kept in (lake.root / notes.HEAD, part):
        whole = kept.read_bytes()
        changed = whole.replace(b"organ", b"rural").replace(b"350102", b"350103")
        for damaged in (b"", b"[]", b"{}", b"\xff", whole[:-9], changed):
            kept.write_bytes(damaged)
            files_read.clear()
            assert learned(lake) == expected
            assert files_read, damaged
        kept.unlink()
        assert learned(lake) == expected
        kept.write_bytes(whole)
    files_read.clear()
    assert learned(lake) == expected
    assert files_read == []


def test_it_is_of_one_registry_and_of_one_manifest(lake, files_read, tmp_path):
    other = copy_registry(tmp_path / "other")
    calendar = other / "calendar.toml"
    calendar.write_text(calendar.read_text("utf-8") + "\n# changed\n", "utf-8")
    learned(lake, load_registry(other))
    assert files_read
    strange = Lake(tmp_path / "strange")
    with strange.writing():
        submit(strange, "2016-05-01", roll=[roll_row("c1", "350103", "organ")])
    shutil.copytree(lake.root / notes.PARTS, strange.root / notes.PARTS)
    shutil.copy(lake.root / notes.HEAD, strange.root / notes.HEAD)
    assert learned(strange)[0] == {"c1": ("350103", "organ")}


def test_a_trial_reads_no_more_than_its_lake(lake, files_read):
    with trial_lake(lake) as trial:
        assert learned(trial) == learned(lake)
    learned(lake)
    assert files_read == []


def test_a_disk_that_cannot_keep_it_stops_nothing(lake, monkeypatch):
    def full(*_args, **_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data_pipeline.store.notes.replace_file", full)
    with lake.writing():
        known = KnownRows(lake, load_registry())
        known.keep()
    assert learned(lake)[0] == {"b1": ("350102", "organ")}


MANY = [roll_row(f"b{number}", "350102", "organ") for number in range(3_000)]


@pytest.fixture
def large(tmp_path: Path) -> Lake:
    """Three thousand branches on the roll and in the ledger of a month."""
    lake = Lake(tmp_path / "large")
    ledger = [
        ledger_row("2016-05", "350102", "organ", branch=row["branch"], n_branches=1)
        for row in MANY
    ]
    with lake.writing():
        submit(lake, "2016-05-01", roll=MANY)
        submit(lake, "2016-06-01", ledger)
        KnownRows(lake, load_registry()).keep()
    return lake


def test_of_many_branches_no_more_is_read_than_what_is_asked_for(large, monkeypatch):
    assert len(parts_of(large)) >= 8
    opened, take = [], notes.Notes._take

    def watched(self, number):
        opened.append(number)
        return take(self, number)

    monkeypatch.setattr(notes.Notes, "_take", watched)
    known = KnownRows(large, load_registry())
    assert opened == []
    assert known.units_on_roll == {"350102"}
    assert len(known.roll) == len(known.filed) == 3_000
    assert known.roll["b7"] == known.filed["b7"] == ("350102", "organ")
    assert "b3001" not in known.roll
    assert len(opened) <= 2
    cell = ("ledger", "2016-05", "350102", "organ")
    assert known.grains[cell] == "branch"
    with large.writing():
        row = ledger_row("2016-06", "350102", "organ", branch="b7", n_branches=1)
        submit(large, "2016-07-01", [row])
        before = {path: path.stat().st_mtime_ns for path in parts_of(large)}
        KnownRows(large, load_registry()).keep()
    # The cell of a new month is noted in one part; the other files stay.
    same = before.keys() & {*parts_of(large)}
    assert len(same) == len(before) - 1
    assert all(path.stat().st_mtime_ns == before[path] for path in same)
    assert len(opened) < 8
    assert learned(large) == read_anew(large)


def test_parts_are_divided_as_more_is_known(lake):
    for start in (0, 400, 1_200):
        with lake.writing():
            submit(lake, f"2016-07-{start // 100 + 1:02d}", roll=MANY[start:])
            KnownRows(lake, load_registry()).keep()
    assert len(parts_of(lake)) >= 8
    assert learned(lake) == read_anew(lake)


@pytest.mark.parametrize("at", range(6))
def test_who_is_killed_while_keeping_leaves_what_was(large, monkeypatch, at):
    """At each file that is written: the next run knows all, and clears what is left."""
    rows = [roll_row(f"b{number}", "350103", "rural") for number in (1, 2, 3, 4)]
    with large.writing():
        submit(large, "2016-07-01", roll=rows)
        replace, done = notes.replace_file, []

        def killed(path, data, **how):
            if len(done) == at:
                raise KeyboardInterrupt
            done.append(path)
            replace(path, data, **how)

        monkeypatch.setattr(notes, "replace_file", killed)
        try:
            KnownRows(large, load_registry()).keep()
        except KeyboardInterrupt:
            assert len(done) == at
        monkeypatch.undo()
    found = learned(large)
    assert found[0]["b2"] == ("350103", "rural")
    assert found[-1] == {"350102", "350103"}
    with large.writing():
        KnownRows(large, load_registry()).keep()
    assert {str(p) for p in parts_of(large)} == {
        str(large.root / name) for name in notes.kept_files(large.root)[1:]
    }
    assert learned(large) == read_anew(large) == found


def test_a_part_that_goes_while_it_is_needed_is_read_from_the_lake(large, files_read):
    known = KnownRows(large, load_registry())
    for path in parts_of(large):
        path.unlink()
    assert known.roll["b7"] == ("350102", "organ")
    assert files_read
    with large.writing():
        known.keep()
    assert learned(large)[0].keys() == {row["branch"] for row in MANY}


def test_a_lake_whose_notes_were_one_file_is_read_once_and_then_as_any(
    lake, files_read
):
    """As lakes had it before: everything in known.json."""
    head = lake.root / notes.HEAD
    old = {"recipe": f"1 {load_registry().digest}", "roll": [["b1", "350103", "x", 1]]}
    head.write_bytes(sealed_json(old | {"sequence": 3, "filed": [], "grains": []}))
    shutil.rmtree(lake.root / notes.PARTS)
    assert learned(lake)[0] == {"b1": ("350102", "organ")}
    assert files_read
    with lake.writing():
        KnownRows(lake, load_registry()).keep()
    files_read.clear()
    assert learned(lake)[0] == {"b1": ("350102", "organ")}
    assert files_read == []
