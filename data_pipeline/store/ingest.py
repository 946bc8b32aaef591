"""Workbooks into the lake: each file stands or falls alone, whole."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from data_pipeline.registry import Registry
from data_pipeline.store.bucket import BucketError
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake, OvertakenError, Submission
from data_pipeline.store.manifest import in_force
from data_pipeline.store.working_copy import address_of
from data_pipeline.workbooks.read_workbook import (
    Finding,
    OpenedFile,
    Reading,
    open_files,
    read_workbook,
)

# A file that others overtake is judged anew this often.
MOST_ATTEMPTS = 20


@dataclasses.dataclass(frozen=True)
class Accepted:
    """A file that is in the lake; is_new is False when it had been there before.

    n_outdated of its rows change nothing: a file received later holds them already.
    """

    file: str
    submission: str
    rows: dict[str, int]
    is_new: bool
    n_outdated: int = 0


@dataclasses.dataclass(frozen=True)
class Report:
    """What became of the files; after a disk `fault` those `left` were not reached."""

    accepted: tuple[Accepted, ...]
    refused: tuple[str, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    fault: OSError | None = None
    left: tuple[Path, ...] = ()


def ingest_files(
    paths: Sequence[Path],
    lake: Lake,
    registry: Registry,
    *,
    received: datetime,
    group: str | None = None,
    is_demo: bool = False,
    known: KnownRows | None = None,
    opened: Iterator[OpenedFile] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    may_repeat: bool = True,
) -> Report:
    """Read each file and store the ones without a finding; call inside `writing()`.

    Parameters
    ----------
    received
        When the files came in; rows of a later time supersede.
    group
        Code of the sending group: rows of another group's unit are refused.
    known
        What the lake holds already, when the caller keeps it between calls.
    opened
        The cells of these files and of those of later calls, when the caller has them
        read ahead (`open_files`).
    may_repeat
        Whether a file is judged anew when others came into the bucket meanwhile; else
        it and those after it are left.
    """
    is_alone = known is None
    known = known or KnownRows(lake, registry)
    accepted, refused = [], []
    fault: OSError | None = None
    left: tuple[Path, ...] = ()
    findings: list[Finding] = []
    warnings: list[Finding] = []
    with _closing(opened, paths) as files:
        # Those read ahead may go on: this call takes no more than its own.
        for number, (path, file) in enumerate(zip(paths, files, strict=False)):
            if progress:
                progress("ingest", number, len(paths))
            how = {"received": received, "group": group, "is_demo": is_demo}
            try:
                attempts = MOST_ATTEMPTS if may_repeat else 1
                reading, done = _take(
                    path, file, lake, known, registry, attempts, **how
                )
                warnings += reading.warnings
                if done:
                    accepted.append(done)
                else:
                    findings += reading.findings
                    refused.append(reading.file)
            except OSError as error:
                # What came before is stored and has to be said.
                fault, left = error, tuple(paths[number:])
                break
    if accepted and is_alone:
        known.keep()
    if progress:
        progress("ingest", len(paths), len(paths))
    return Report(
        tuple(accepted), tuple(refused), tuple(findings), tuple(warnings), fault, left
    )


@contextlib.contextmanager
def _closing(
    opened: Iterator[OpenedFile] | None, paths: Sequence[Path]
) -> Iterator[Iterator[OpenedFile]]:
    """What the caller reads ahead, or a reading of our own that ends with the block.

    A fault that is reported keeps its frames: left to the garbage collector, readers
    would be waited for at any moment, also by a thread that holds what they wait for.
    """
    if opened is not None:
        yield opened
        return
    with contextlib.closing(open_files(paths)) as files:
        yield files


def _take(
    path: Path,
    file: OpenedFile,
    lake: Lake,
    known: KnownRows,
    registry: Registry,
    attempts: int,
    *,
    received: datetime,
    group: str | None,
    is_demo: bool,
) -> tuple[Reading, Accepted | None]:
    """Read a file and store it when it has no finding.

    Raises
    ------
    OSError
        The disk or the bucket is faulty, or others came before at every attempt.
    """
    how = {"received": received, "group": group}
    for _ in range(attempts):
        reading = understand(path, file, known, registry, **how)
        if reading.findings:
            return reading, None
        try:
            done = store(reading, lake, known, registry, is_demo=is_demo, **how)
        except OvertakenError:
            known.read_anew()
        else:
            return reading, done
    raise BucketError(address_of(lake.root), "overtaken")


def understand(
    path: Path | str,
    opened: OpenedFile,
    known: KnownRows,
    registry: Registry,
    received: datetime,
    group: str | None = None,
) -> Reading:
    """What a file says, judged by what the lake holds; nothing is stored."""
    return read_workbook(
        path,
        registry,
        received=received,
        group=group,
        opened=opened,
        roll=known.roll,
        units_on_roll=known.units_on_roll,
        grains=known.grains,
        draws=known.draws,
        filed=known.filed,
        cases=known.cases,
    )


def store(
    reading: Reading,
    lake: Lake,
    known: KnownRows,
    registry: Registry,
    *,
    received: datetime,
    group: str | None = None,
    is_demo: bool = False,
) -> Accepted:
    """Store a reading without a finding and take it in; call inside `writing()`.

    Raises
    ------
    OSError
        The disk is full or faulty; nothing of the file is left.
    """
    later = _later_than(reading, received, known.submissions)
    n_outdated = _count_held(reading.tables, lake, registry, later)
    submission, is_new = lake.add(
        reading.tables,
        registry,
        file=reading.file,
        sha256=reading.sha256,
        received=received,
        group=group,
        is_demo=is_demo,
        is_again=_is_again(reading, lake, registry, received, known),
    )
    if is_new:
        known.learn(reading, submission)
    rows, n_outdated = submission.rows, n_outdated if is_new else 0
    return Accepted(reading.file, submission.id, rows, is_new, n_outdated)


def _later_than(
    reading: Reading, received: datetime, submissions: Sequence[Submission]
) -> tuple[Submission, ...]:
    """Submissions received later, of tables that the file brings too."""
    return tuple(
        submission
        for submission in in_force(submissions)
        if submission.received > received and submission.rows.keys() & reading.tables
    )


def _is_again(
    reading: Reading,
    lake: Lake,
    registry: Registry,
    received: datetime,
    known: KnownRows,
) -> bool:
    """Whether a file of the same time has replaced rows since this one came in."""
    # A withdrawal of one of them may have come at any time.
    at = [s for s in known.submissions if s.received == received or s.withdraws]
    same = [s.sequence for s in at if s.sha256 == reading.sha256]
    if not same:
        return False
    since = tuple(s for s in in_force(at) if s.sequence > max(same))
    return _count_held(reading.tables, lake, registry, since) > 0


def _count_held(
    tables: Mapping[str, pa.Table],
    lake: Lake,
    registry: Registry,
    submissions: tuple[Submission, ...],
) -> int:
    """How many rows have a key that these submissions hold."""
    count = 0
    for name, rows in tables.items() if submissions else ():
        key = list(registry.tables[name].key)
        held = set()
        for _, stored in lake.read(name, key, submissions):
            held.update(
                zip(*(stored.column(part).to_pylist() for part in key), strict=True)
            )
        ours = zip(*(rows.column(part).to_pylist() for part in key), strict=True)
        count += sum(row in held for row in ours)
    return count
