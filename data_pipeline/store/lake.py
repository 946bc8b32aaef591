"""The append-only store of accepted submissions.

    <root>/lake/manifest/000001.json     one entry per submission; see manifest.py
    <root>/lake/<table>/<month>/<id>.parquet   one immutable file per table and month
    <root>/marts/<snapshot>/                 what `build` made; see warehouse.py
    <root>/CURRENT                           the snapshot that readers see

A submission exists from the moment its manifest entry does: its Parquet files are
written elsewhere, synced and linked into place first, so a kill at any point leaves
either the whole submission or none of it. Files are linked create-only and never
rewritten. One process writes at a time (flock, released by the kernel on any death).

Of a lake in a bucket (working_copy.py) all of this is done to the working copy, and the
entry, created under the next number of the chain, counts once the bucket has it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_pipeline.disk import UNFINISHED, create_file, replace_file
from data_pipeline.registry import Registry, Table
from data_pipeline.registry.schema import layout_of, stored_schema
from data_pipeline.store.manifest import (
    Manifest,
    ManifestError,
    Reading,
    StoredFile,
    Submission,
    in_force,
)
from data_pipeline.store.sealing import file_sha256, read_plain
from data_pipeline.store.working_copy import (
    HEAD,
    UnclearError,
    address_of,
    copy_of,
)
from data_pipeline.words import text

NO_MONTH = "all"


class LakeBusyError(RuntimeError):
    """Another process holds the writer's lock."""


class OvertakenError(LakeBusyError):
    """Something came into the bucket from elsewhere meanwhile: nothing was stored."""


class IdentityError(RuntimeError):
    """Two workbooks claim one identity."""


class ClockError(RuntimeError):
    """By the clock of this machine the lake holds what has not come in yet."""

    def __init__(self, now: datetime, latest: datetime):
        latest = latest.astimezone(now.tzinfo)
        times = {"now": now, "latest": latest}
        self.times = {name: f"{time:%Y-%m-%d %H:%M:%S}" for name, time in times.items()}
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        return text(language, "commands.clock", **self.times)


def check_clock(submissions: Sequence[Submission], now: datetime) -> None:
    """Refuse what would be dated before the submissions that it comes after.

    What is filed by such a clock would count for nothing wherever an earlier file has
    the same row, and months that have begun would not be shown. Raises ClockError.
    """
    latest = max((one.received for one in submissions), default=now)
    if latest > now:
        raise ClockError(now, latest)


class Lake:
    """The submissions under `root`; reading needs no lock, `add` needs `writing()`."""

    def __init__(self, root: Path | str):
        self.root = Path(root).resolve()
        self.manifest = Manifest(self.root)
        # What `add` is about to create, so that the next run can undo a death halfway.
        self._intent = self.root / "lake" / "unfinished.json"
        self._copy = copy_of(self.root)
        # The number of the next entry, as what is stored is judged by.
        self._next = 0

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lake as its one writer.

        Raises
        ------
        LakeBusyError
            Another process on this machine holds it.
        OSError
            The disk is full or faulty, or the bucket cannot be written.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / ".lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakeBusyError(
                    text("en", "commands.held", root=address_of(self.root))
                ) from None
            if self._copy:
                self._copy.bucket.refuse_unconditional()
                self.catch_up()
            else:
                self._clear_unfinished()
            yield

    def catch_up(self) -> None:
        """Take in what came into the bucket; call inside `writing()`. Raises OSError.

        What is stored after it has to be judged by what the lake holds then.
        """
        if self._copy:
            # A writer adds to what was stored; that it is whole is for readers to know.
            self._copy.catch_up(is_thorough=False)
            self._next = _next_sequence(self.manifest.read())
            self._clear_unfinished()

    def _clear_unfinished(self) -> None:
        """Remove what a killed run left; the lock says that nobody else is writing.

        In a bucket a call of the killed run may still be under way. Once its number is
        another one's its entry can come no more, and its files can go.
        """
        for folder, names in self._own_files():
            for name in filter(UNFINISHED.fullmatch, names):
                (folder / name).unlink(missing_ok=True)
        marts = self.root / "marts"
        ended = (*marts.glob("*.building"), *marts.glob("*.removed"))
        for folder in (self.root / ".spill", *ended):
            shutil.rmtree(folder, ignore_errors=True)
        try:
            entry, paths = json.loads(read_plain(self._intent))
        except FileNotFoundError:
            return
        except ValueError:  # killed while it was being written: nothing else was
            entry, paths = "", []
        if entry and (self.manifest.folder / entry).exists():
            paths = self._unnamed(entry, paths)
        elif self._copy:
            return
        for path in paths:
            (self.root / path).unlink(missing_ok=True)
        if self._copy:
            self._copy.remove(paths)
        self._intent.unlink()

    def _unnamed(self, entry: str, paths: list[str]) -> list[str]:
        """Those that an entry does not name; none where nobody knows what it says."""
        for one in self.manifest.read().submissions:
            if self.manifest.path(one.sequence).name == entry:
                named = {file.path for file in one.files}
                return [path for path in paths if path not in named]
        return []

    def _own_files(self) -> Iterator[tuple[Path, list[str]]]:
        """Folders that the pipeline writes to, with the names in them."""
        yield self.root, os.listdir(self.root)
        for part in ("lake", "marts", "demo"):
            for folder, _, names in os.walk(self.root / part):
                yield Path(folder), names

    def submissions(self, as_of: datetime | None = None) -> tuple[Submission, ...]:
        """Every submission received by `as_of` (default: all), in order of arrival.

        Withdrawn ones and withdrawals are among them; `manifest.in_force` tells which
        rows count.

        Raises
        ------
        ManifestError
            An entry is damaged, missing or doubled: nobody knows what was submitted.
        """
        return tuple(
            submission
            for submission in self._believed().submissions
            if as_of is None or submission.received <= as_of
        )

    def received_now(self, now: datetime | None = None) -> datetime:
        """When something that is filed now comes in: by the clock, or `now`, in UTC.

        Raises
        ------
        ClockError
            The clock was set back.
        ManifestError
            As `submissions`.
        """
        now = now or datetime.now(UTC)
        check_clock(self.submissions(), now)
        return now

    def _believed(self) -> Reading:
        reading = self.manifest.read()
        # A damaged head takes nothing away; the next submission writes it anew.
        faults = [fault for fault in reading.faults if fault.kind != "head"]
        if faults:
            raise ManifestError(self.root, faults)
        return reading

    def read(
        self, table: str, columns: list[str], submissions: tuple[Submission, ...]
    ) -> Iterator[tuple[Submission, pa.Table]]:
        """The named columns of each whole file of `table`, with its submission."""
        for submission in submissions:
            for file in submission.files:
                if file.table == table:
                    path = self.root / file.path
                    # As in a build, what is damaged is not believed.
                    if file_sha256(path) == file.sha256:
                        yield submission, pq.read_table(path, columns=columns)

    def add(
        self,
        tables: Mapping[str, pa.Table],
        registry: Registry,
        *,
        file: str,
        sha256: str,
        received: datetime,
        group: str | None = None,
        is_demo: bool = False,
        is_again: bool = False,
    ) -> tuple[Submission, bool]:
        """Store the rows of one workbook; call inside `writing()`.

        The same workbook with the same received time is the same submission: adding
        it again changes nothing, unless it was withdrawn or `is_again` says that its
        rows were replaced since: then they are to count once more.

        Returns
        -------
        The submission, and whether it is new.

        Raises
        ------
        IdentityError
            Another workbook is stored under this one's identity.
        OSError
            The disk is full or faulty; nothing of the submission is left.
        """
        received = received.astimezone(UTC)
        identity = f"{received:%Y%m%dT%H%M%S%fZ}-{sha256[:12]}"
        reading = self._believed()
        known = reading.submissions
        same = [one for one in known if one.id.startswith(identity)]
        if same:
            if same[-1].sha256 != sha256:
                raise IdentityError(
                    text(
                        "en",
                        "commands.ingest.same_identity",
                        identity=identity,
                        known=same[-1].file,
                        file=file,
                    )
                )
            if same[-1] in in_force(known) and not is_again:
                return same[-1], False
            identity += f"-{len(same) + 1}"
        parts = [
            (registry.lake_tables[name], month, rows)
            for name, table in tables.items()
            for month, rows in _by_month(table, registry.lake_tables[name].has_month)
        ]
        submission = Submission(
            _next_sequence(reading),
            identity,
            file,
            sha256,
            received,
            group,
            is_demo,
            (),
        )
        return self._append(submission, parts, reading), True

    def withdraw(
        self,
        withdrawn: Submission,
        *,
        reason: str,
        received: datetime,
        group: str | None = None,
    ) -> Submission:
        """Take a submission out of force by another one; call inside `writing()`.

        Nothing of it is removed. Whether it may be withdrawn is for
        `withdrawal.withdraw` to say.

        Raises
        ------
        OSError
            The disk is full or faulty; nothing of the withdrawal is left.
        """
        received = received.astimezone(UTC)
        reading = self._believed()
        said = hashlib.sha256(f"{withdrawn.id} {reason}".encode()).hexdigest()
        withdrawal = Submission(
            _next_sequence(reading),
            f"{received:%Y%m%dT%H%M%S%fZ}-{said[:12]}",
            withdrawn.file,
            said,
            received,
            group,
            withdrawn.is_demo,
            (),
            withdraws=withdrawn.id,
            reason=reason,
        )
        return self._append(withdrawal, [], reading)

    def _append(
        self,
        submission: Submission,
        parts: Sequence[tuple[Table, str, pa.Table]],
        reading: Reading,
    ) -> Submission:
        """Store the rows of a submission and, last of all, its entry."""
        name, left = submission.id, []
        if self._copy:
            if submission.sequence != self._next:
                self._give_way()
            # A name of its own: whoever tries the same again meets no other's file.
            name, left = f"{name}-{secrets.token_hex(4)}", self._left_before()
        paths = [_path_of(table, month, name) for table, month, _ in parts]
        entry_path = self.manifest.path(submission.sequence)
        intent = json.dumps([entry_path.name, [*left, *paths]])
        replace_file(self._intent, intent.encode(), sync=False)
        try:
            stored = tuple(
                self._store(rows, table, month, path, submission.sequence)
                for (table, month, rows), path in zip(parts, paths, strict=True)
            )
            submission = dataclasses.replace(submission, files=stored)
            submission, entry = self.manifest.entry(submission, reading.chain or "")
            if self._copy:
                self._commit(paths, submission, entry)
            else:
                create_file(entry_path, entry)
        except OSError:
            with contextlib.suppress(OSError):
                self._clear_unfinished()
            raise
        # The submission is there: what follows may fail and is made good by the next.
        with contextlib.suppress(OSError):
            if left:
                self._clear_unfinished()
            else:
                self._intent.unlink()
            head = self.manifest.note_head(submission)
            if self._copy:
                self._copy.note(HEAD, head)
        return submission

    def _commit(self, paths: list[str], submission: Submission, entry: bytes) -> None:
        """Put a submission into the bucket."""
        try:
            self._copy.commit(paths, self.manifest.path(submission.sequence), entry)
        except FileExistsError:
            self._give_way()
        except UnclearError as error:
            raise error.explain(submission.received) from None
        self._next += 1

    def _give_way(self) -> NoReturn:
        """Take in what came first, and say that it did."""
        self.catch_up()
        place = address_of(self.root)
        raise OvertakenError(text("en", "commands.overtaken", root=place))

    def _left_before(self) -> list[str]:
        """Files of a killed run whose entry may still come."""
        try:
            return json.loads(read_plain(self._intent))[1]
        except (OSError, ValueError, LookupError):
            return []

    def _store(
        self, rows: pa.Table, table: Table, month: str, path: str, sequence: int
    ) -> StoredFile:
        number = pa.array([sequence] * rows.num_rows, pa.int32())
        schema = stored_schema(table)
        rows = rows.append_column("sequence", number).select(schema.names).cast(schema)
        # Sorted rows take half the space and a tenth of the time to drill into.
        keys = [k for k in ("unit", "sector", "branch") if k in schema.names]
        if keys:
            rows = rows.sort_by([(key, "ascending") for key in keys])
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        data = sink.getvalue().to_pybytes()
        # A file of this name without a manifest entry is what a killed run left.
        (self.root / path).unlink(missing_ok=True)
        create_file(self.root / path, data)
        digest = hashlib.sha256(data).hexdigest()
        return StoredFile(
            table.name, month, path, rows.num_rows, digest, layout_of(table)
        )

    def damaged(self, submissions: tuple[Submission, ...]) -> tuple[StoredFile, ...]:
        """Files that are missing or whose bytes are not those that were stored."""
        files = [file for submission in submissions for file in submission.files]
        if self._copy:
            self._copy.mend((file.path, file.sha256) for file in files)
        return tuple(
            file for file in files if file_sha256(self.root / file.path) != file.sha256
        )


def _next_sequence(reading: Reading) -> int:
    return reading.submissions[-1].sequence + 1 if reading.submissions else 1


def _path_of(table: Table, month: str, identity: str) -> str:
    return f"lake/{table.name}/{month}/{identity}.parquet"


def _by_month(table: pa.Table, has_month: bool) -> Iterator[tuple[str, pa.Table]]:
    if not has_month:
        yield NO_MONTH, table
        return
    months = table.column("month")
    for month in sorted(months.unique().to_pylist()):
        yield month, table.filter(pc.equal(months, month))
