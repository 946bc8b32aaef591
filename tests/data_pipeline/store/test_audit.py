"""The audit log: kept for good, and every touch of it is named."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from data_pipeline.store import audit
from data_pipeline.store.restore_check import examine


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with three acts on record."""
    audit.record(tmp_path, "anna", "roles_changed", subject="bo", role="analyst")
    audit.record(tmp_path, "anna", "bulletin_issued", month="2016-07")
    audit.record(tmp_path, "bo", "exported_unsuppressed", rows=12)
    return tmp_path


def entry(root: Path, sequence: int) -> Path:
    return root / "access" / "audit" / f"{sequence:06d}.json"


def kinds(root: Path) -> list[tuple[str, str]]:
    faults = audit.read_record(root).faults
    return [(Path(fault.path).stem, fault.kind) for fault in faults]


def test_acts_are_read_as_they_were_recorded(root):
    record = audit.read_record(root)
    recorded = [(act.actor, act.action, dict(act.details)) for act in record.acts]
    assert recorded == [
        ("anna", "roles_changed", {"subject": "bo", "role": "analyst"}),
        ("anna", "bulletin_issued", {"month": "2016-07"}),
        ("bo", "exported_unsuppressed", {"rows": 12}),
    ]
    assert record.faults == ()
    assert [act.at for act in record.acts] == sorted(act.at for act in record.acts)


def test_a_place_without_acts_has_an_empty_record(tmp_path):
    assert audit.read_record(tmp_path) == audit.Record((), ())
    assert list(tmp_path.iterdir()) == []


def test_an_action_without_a_name_is_not_recorded(root):
    with pytest.raises(ValueError, match="tea_made"):
        audit.record(root, "anna", "tea_made")
    assert len(audit.read_record(root).acts) == 3


def test_an_altered_act_is_named_and_left_out(root):
    path = entry(root, 2)
    path.write_text(path.read_text().replace("2016-07", "2016-08"))
    assert kinds(root) == [("000002", "act_altered")]
    assert [act.sequence for act in audit.read_record(root).acts] == [1, 3]


@pytest.mark.parametrize("sequence", [1, 2, 3])
def test_a_missing_act_is_named_the_last_one_too(root, sequence):
    entry(root, sequence).unlink()
    assert kinds(root) == [(f"{sequence:06d}", "act_missing")]


def test_an_act_sealed_anew_no_longer_fits_into_the_chain(root):
    for sequence, at_fault in ((2, "000003"), (3, "000003")):
        raw = json.loads(entry(root, sequence).read_text())
        entry(root, sequence).write_bytes(
            audit.sealed_json(raw | {"actor": "somebody else"})
        )
        assert kinds(root) == [(at_fault, "act_unchained")]


def test_a_copy_under_another_number_is_named(root):
    entry(root, 4).write_bytes(entry(root, 3).read_bytes())
    assert kinds(root) == [("000004", "act_altered")]


def test_recording_goes_on_behind_damage_and_gives_no_number_twice(root):
    entry(root, 3).unlink()
    assert audit.record(root, "anna", "bulletin_issued").sequence == 4
    assert kinds(root) == [("000003", "act_missing")]


def test_acts_of_many_at_once_stand_in_one_chain(tmp_path):
    def act(number: int) -> None:
        for _ in range(5):
            audit.record(tmp_path, f"user {number}", "bulletin_issued")

    threads = [threading.Thread(target=act, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = audit.read_record(tmp_path)
    assert record.faults == ()
    assert [act.sequence for act in record.acts] == list(range(1, 31))


def test_a_death_before_an_act_was_there_leaves_nothing_behind(root):
    left = entry(root, 1).with_name(f".{'0' * 32}.tmp")
    left.write_text("half of an ac")
    audit.record(root, "anna", "bulletin_issued")
    assert not left.exists()
    assert kinds(root) == []


def test_a_restored_copy_is_held_to_the_record_of_acts(root):
    assert examine(root).faults == ()
    entry(root, 2).unlink()
    assert [fault.kind for fault in examine(root).faults] == ["act_missing"]
