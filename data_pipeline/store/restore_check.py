"""Whether a lake, or a copy of one, is whole: all that was filed, done and built."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data_pipeline.store.audit import read_record
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import Fault, Reading
from data_pipeline.store.sealing import is_whole
from data_pipeline.store.snapshots import (
    POINTER,
    DamagedSnapshotError,
    current_snapshot,
    damaged_files,
    finished_snapshots,
    read_snapshot,
)
from data_pipeline.store.working_copy import copy_of


@dataclasses.dataclass(frozen=True)
class Condition:
    """What was looked at, and every file at fault."""

    n_submissions: int
    n_withdrawn: int
    n_files: int
    n_snapshots: int
    faults: tuple[Fault, ...]


def examine(root: Path | str) -> Condition:
    """Hold every file of a lake against the manifest and the seals of its snapshots.

    Nothing is written, and a fault hides no other. Of a lake in a bucket it is what
    this machine has fetched.
    """
    lake = Lake(root)
    reading = lake.manifest.read()
    stored = [file for one in reading.submissions for file in one.files]
    snapshots = finished_snapshots(lake.root)
    faults = (
        *_of_lake(lake, reading),
        *read_record(lake.root).faults,
        *_of_snapshots(lake.root, snapshots),
    )
    n_withdrawn = sum(bool(one.withdraws) for one in reading.submissions)
    n_submissions = len(reading.submissions) - n_withdrawn
    return Condition(n_submissions, n_withdrawn, len(stored), len(snapshots), faults)


def examine_anew(root: Path | str) -> Condition:
    """As `examine`; of a lake in a bucket every object is fetched once more.

    Raises
    ------
    OSError
        The bucket cannot be read, or there is no room for a copy of it.
    """
    copy = copy_of(root)
    if copy is None:
        return examine(root)
    with tempfile.TemporaryDirectory(prefix="restore-check-") as place:
        copy.download(Path(place))
        return examine(place)


def _of_lake(lake: Lake, reading: Reading) -> Iterator[Fault]:
    yield from reading.faults
    named, ids = set(), {one.id for one in reading.submissions}
    for withdrawal in reading.submissions:
        if withdrawal.withdraws and withdrawal.withdraws not in ids:
            path = lake.manifest.path(withdrawal.sequence)
            name = path.relative_to(lake.root).as_posix()
            yield Fault(name, "withdrawal", withdrawal.withdraws)
    for submission in reading.submissions:
        for file in submission.files:
            named.add(file.path)
            if not is_whole(lake.root / file.path, file.sha256):
                yield Fault(file.path, "stored")
    for path in sorted(lake.root.glob("lake/*/*/*.parquet")):
        name = path.relative_to(lake.root).as_posix()
        if name not in named:
            yield Fault(name, "orphan")


def _of_snapshots(root: Path, snapshots: list[str]) -> Iterator[Fault]:
    try:
        current = current_snapshot(root)
        if current is None and snapshots:
            yield Fault(POINTER, "pointer")
    except DamagedSnapshotError as error:
        if error.path == POINTER:
            yield Fault(POINTER, "pointer")
    for identity in snapshots:
        try:
            snapshot = read_snapshot(root, identity)
        except DamagedSnapshotError as error:
            yield Fault(error.path, "mart")
            continue
        for path in damaged_files(root, snapshot):
            yield Fault(path, "mart")
