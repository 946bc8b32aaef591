"""What a page needs to take files in: look at them first, then file them, then build.

A file is looked at by being filed into a copy of the lake and built there: what is said
of it beforehand is what will be, by the same reader, the same SQL and the same rules.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from data_pipeline.changes import compare_marts, no_changes, sum_columns
from data_pipeline.disk import disk_sentence
from data_pipeline.flags import build_with_flags
from data_pipeline.rates import Marts, open_marts, resolve_snapshot
from data_pipeline.registry import Registry
from data_pipeline.store.ingest import (
    Accepted,
    Report,
    ingest_files,
    store,
    understand,
)
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import NO_MONTH, ClockError, Lake, ManifestError
from data_pipeline.store.lake import LakeBusyError as LakeBusyError
from data_pipeline.store.manifest import Submission, in_force
from data_pipeline.store.snapshots import NoSnapshotError, Snapshot
from data_pipeline.store.trial import trial_lake
from data_pipeline.store.withdrawal import REASON_CHARS as REASON_CHARS
from data_pipeline.store.withdrawal import WithdrawalError as WithdrawalError
from data_pipeline.store.withdrawal import withdraw
from data_pipeline.submissions import is_behind
from data_pipeline.warehouse import BuildError
from data_pipeline.workbooks.finding import Finding as Finding
from data_pipeline.workbooks.marked_copy import is_markable as is_markable
from data_pipeline.workbooks.marked_copy import mark_workbook as mark_workbook
from data_pipeline.workbooks.read_workbook import OpenedFile, Reading, open_bytes

NAME_CHARS = 120
# Why nothing can be filed or built at present; `fault_sentence` says it.
FAULTS = (ManifestError, ClockError, BuildError, OSError)
Progress = Callable[[str, int, int], None]


class ChangedError(RuntimeError):
    """The lake holds something else by now than when the files were looked at."""


def fault_sentence(fault: Exception, language: str) -> str:
    """One of FAULTS for the person at the page."""
    if isinstance(fault, OSError):
        return disk_sentence(fault, language)
    if isinstance(fault, (ManifestError, ClockError)):
        return fault.sentence(language)
    return str(fault)


@dataclasses.dataclass(frozen=True)
class Upload:
    """One file as a browser sends it, under a name that is one line and no path."""

    name: str
    data: bytes

    @classmethod
    def named(cls, name: str, data: bytes) -> Upload:
        """The file, of whatever name the browser gives it.

        >>> Upload.named("../七月\\n.xlsx", b"").name
        '七月 .xlsx'
        """
        plain = "".join(c if c.isprintable() else " " for c in name)
        plain = plain.replace("\\", "/").rpartition("/")[2].strip()
        stem, dot, ending = plain.rpartition(".")
        if not dot or len(ending) > 8:
            stem, dot, ending = plain, "", ""
        return cls(f"{stem[:NAME_CHARS]}{dot}{ending}", data)

    @functools.cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclasses.dataclass(frozen=True)
class Looked:
    """One file: what it says or why it is refused, and what would come of it.

    same is a submission in force that brought the same bytes.
    """

    opened: OpenedFile
    reading: Reading
    accepted: Accepted | None = None
    same: Submission | None = None


@dataclasses.dataclass(frozen=True)
class Preview:
    """What would be if the readable files were filed into the lake of `state`.

    Attributes
    ----------
    brought
        A line for each table and month: `table_name`, `month`, `n_rows`, `n_new`,
        `n_changed`, `n_same` (filed again as they stood), `n_left_out` (rows in force
        of the same units and month that the files do not name; they stay in force).
        Rows that a later file holds already are not among them.
    totals
        `table_name`, `month`, `column_name`, `total` of the rows brought, `n_blank`.
    changes
        Cells of rows that stood: `table_name`, `month`, `unit`, `sector`, `branch`,
        `column_name`, `before`, `after`, `source_file`, `source_sheet`, `source_row`.
    left_out
        Rows that the files leave out: `table_name`, `month`, `unit`, `sector`,
        `branch`, `source_file`, `source_sheet`, `source_row`.
    warned, settled
        Findings that would come and go, as `check_findings.COLUMNS`.
    moved
        Figures that would move: `metric`, `month`, a column for each of
        `changes.PLACES`, and each of `changes.FIGURES` before (`was_…`) and after.
    """

    files: tuple[Looked, ...]
    state: str
    brought: pd.DataFrame
    totals: pd.DataFrame
    changes: pd.DataFrame
    left_out: pd.DataFrame
    warned: pd.DataFrame
    settled: pd.DataFrame
    moved: pd.DataFrame

    @property
    def readable(self) -> tuple[Looked, ...]:
        return tuple(one for one in self.files if one.accepted)

    @property
    def is_nothing_new(self) -> bool:
        """Whether every readable file is in the lake and nothing would change."""
        is_known = all(one.same for one in self.readable)
        changed = self.brought[["n_new", "n_changed"]].to_numpy().sum()
        return is_known and not changed


def lake_state(root: Path | str) -> str:
    """What is other once anything was filed or withdrawn."""
    reading = Lake(root).manifest.read()
    return f"{len(reading.submissions)}:{reading.chain}:{len(reading.faults)}"


def look_at(
    root: Path | str,
    uploads: Sequence[Upload],
    registry: Registry,
    *,
    group: str | None = None,
    now: datetime | None = None,
    language: str = "zh",
    progress: Progress | None = None,
) -> Preview:
    """What filing these files now would bring; nothing is stored.

    Raises
    ------
    ManifestError
        Nobody knows what the lake holds.
    BuildError
        Nothing can be built, whatever is filed.
    ClockError
        The clock was set back: what is filed now would change nothing.
    OSError
        There is no room for a trial.
    """
    lake = Lake(root)
    received = lake.received_now(now)
    with trial_lake(lake) as trial:
        state = lake_state(trial.root)
        known = KnownRows(trial, registry)
        standing = in_force(known.submissions)
        files = []
        for upload in uploads:
            opened = open_bytes(upload.data, upload.name)
            how = {"received": received, "group": group}
            reading = understand(upload.name, opened, known, registry, **how)
            accepted = same = None
            if not reading.findings:
                accepted = store(reading, trial, known, registry, **how)
                same = _same(standing, reading)
            files.append(Looked(opened, reading, accepted, same))
        frames, readable = no_changes(), [one for one in files if one.accepted]
        if readable and all(_is_standing(one, standing) for one in readable):
            frames["brought"] = _all_the_same(readable, frames["brought"])
        elif readable:
            numbers = _sequences(trial, files)
            build = {"now": received, "progress": progress}
            snapshot = build_with_flags(trial.root, registry, **build)
            tables = {name for f in files if f.accepted for name in f.accepted.rows}
            with (
                _opened(trial.root, registry, snapshot) as after,
                _present(lake, state, registry, received) as before,
            ):
                frames = compare_marts(before, after, tables, numbers, language)
        if readable:
            read = (one.reading.tables for one in readable)
            frames["totals"] = sum_columns(read, registry)
        return Preview(tuple(files), state, **frames)


def file_uploads(
    root: Path | str,
    uploads: Sequence[Upload],
    registry: Registry,
    *,
    state: str,
    group: str | None = None,
    now: datetime | None = None,
) -> Report:
    """File what was looked at: each file is on the disk when this returns.

    Parameters
    ----------
    state
        Of the preview: nothing may have come in since.

    Raises
    ------
    ChangedError
        Something was filed or withdrawn since; nothing is stored.
    LakeBusyError
        Another run holds the lake; nothing is stored.
    ClockError
        As `look_at`; nothing is stored.
    ManifestError, OSError
        As `ingest_files`.
    """
    lake = Lake(root)
    with lake.writing():
        if lake_state(lake.root) != state:
            raise ChangedError
        return ingest_files(
            [Path(upload.name) for upload in uploads],
            lake,
            registry,
            received=lake.received_now(now),
            group=group,
            opened=(open_bytes(upload.data, upload.name) for upload in uploads),
            # Nobody files what he has not seen.
            may_repeat=False,
        )


def withdraw_submission(
    root: Path | str,
    registry: Registry,
    submission: str,
    *,
    reason: str,
    group: str | None = None,
) -> Submission:
    """Take a submission out of force now.

    Raises as `withdrawal.withdraw` and `Lake.received_now`.
    """
    lake = Lake(root)
    with lake.writing():
        return withdraw(
            lake,
            registry,
            submission,
            reason=reason,
            received=lake.received_now(),
            group=group,
        )


def rebuild(
    root: Path | str, registry: Registry, progress: Progress | None = None
) -> Snapshot:
    """Build the present state; raises as `warehouse.build` and `Lake.writing`."""
    lake = Lake(root)
    with lake.writing():
        return build_with_flags(lake.root, registry, for_all=True, progress=progress)


def _same(standing: Sequence[Submission], reading: Reading) -> Submission | None:
    same = [one for one in standing if one.sha256 == reading.sha256]
    return same[-1] if same else None


def _is_standing(looked: Looked, standing: Sequence[Submission]) -> bool:
    """Whether all rows of a file are in force already, by the same file.

    A later file of the same table and month may have replaced some: that is not said.
    """
    same = looked.same
    if same is None:
        return False
    parts = {(file.table, file.month) for file in same.files}
    return not any(
        (one.received, one.sequence) > (same.received, same.sequence)
        and parts & {(file.table, file.month) for file in one.files}
        for one in standing
    )


def _all_the_same(readable: Sequence[Looked], empty: pd.DataFrame) -> pd.DataFrame:
    """`Preview.brought` of files that are in the lake as they stand."""
    lines = [
        {
            "table_name": file.table,
            "month": "" if file.month == NO_MONTH else file.month,
            "n_rows": file.rows,
            "n_same": file.rows,
        }
        for one in readable
        for file in one.same.files
    ]
    rows = pd.DataFrame(lines).groupby(["table_name", "month"]).sum().reset_index()
    return rows.reindex(columns=empty.columns).fillna(0)


def _sequences(trial: Lake, files: Sequence[Looked]) -> set[int]:
    ids = {one.accepted.submission for one in files if one.accepted}
    return {one.sequence for one in trial.submissions() if one.id in ids}


@contextlib.contextmanager
def _opened(root: Path, registry: Registry, snapshot: Snapshot) -> Iterator[Marts]:
    marts = open_marts(root, registry, snapshot)
    try:
        yield marts
    finally:
        marts.engine.connection.close()


@contextlib.contextmanager
def _present(
    lake: Lake, state: str, registry: Registry, now: datetime
) -> Iterator[Marts | None]:
    """The lake of `state` as it stands; None where it holds nothing.

    The current snapshot, where it knows all of it, else one that is built for this.
    """
    snapshot = None
    with contextlib.suppress(NoSnapshotError):
        snapshot = resolve_snapshot(lake.root, registry)
    if snapshot and not (snapshot.as_of or snapshot.damage()):
        is_present = not is_behind(lake.root, snapshot)
        if is_present and lake_state(lake.root) == state:
            with _opened(lake.root, registry, snapshot) as marts:
                yield marts
            return
    with trial_lake(lake) as trial:
        if not trial.submissions():
            yield None
            return
        snapshot = build_with_flags(trial.root, registry, now=now)
        with _opened(trial.root, registry, snapshot) as marts:
            yield marts
