"""What is kept of earlier files says what reading them all would say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.known_rows import KEPT, KnownRows
from data_pipeline.store.lake import Lake
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
    return known.roll, known.filed, known.grains, known.draws, known.cases


def read_anew(lake: Lake, registry=None) -> tuple:
    kept = lake.root / KEPT
    content = kept.read_bytes()
    kept.unlink()
    try:
        return learned(lake, registry)
    finally:
        kept.write_bytes(content)


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
    assert found[4]["problem", "Q1"][0] == "G1"


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
    kept = lake.root / KEPT
    whole = kept.read_bytes()
    assert json.loads(whole)["roll"] == [["b1", "350102", "organ", 1]]
    expected = learned(lake)
    for damaged in (b"", b"[]", b"{}", b"\xff", whole.replace(b"organ", b"rural")):
        kept.write_bytes(damaged)
        files_read.clear()
        assert learned(lake) == expected
        assert files_read, damaged


def test_it_is_of_one_registry_and_of_one_manifest(lake, files_read, tmp_path):
    other = copy_registry(tmp_path / "other")
    calendar = other / "calendar.toml"
    calendar.write_text(calendar.read_text("utf-8") + "\n# changed\n", "utf-8")
    learned(lake, load_registry(other))
    assert files_read
    strange = Lake(tmp_path / "strange")
    with strange.writing():
        submit(strange, "2016-05-01", roll=[roll_row("c1", "350103", "organ")])
    (strange.root / KEPT).write_bytes((lake.root / KEPT).read_bytes())
    assert learned(strange)[0] == {"c1": ("350103", "organ")}


def test_a_trial_reads_no_more_than_its_lake(lake, files_read):
    with trial_lake(lake) as trial:
        assert learned(trial) == learned(lake)
    learned(lake)
    assert files_read == []


def test_a_disk_that_cannot_keep_it_stops_nothing(lake, monkeypatch):
    def full(*_args, **_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data_pipeline.store.known_rows.replace_file", full)
    with lake.writing():
        known = KnownRows(lake, load_registry())
        known.keep()
    assert learned(lake)[0] == {"b1": ("350102", "organ")}
