"""The manifest of a lake: one sealed JSON file a submission, each chained to the last.

    <root>/lake/manifest/000001.json   what the first submission brought, and its seal
    <root>/lake/head.json              sequence and seal of the last entry

An entry's `previous` is the seal of the entry before, so that one that is altered,
missing or stands twice is found and named; head.json shows that the last is missing.
Entries of a time before seals are taken as they are: the first sealed one that follows
carries a seal over all of them, and from then on they are held to it.

A withdrawal is an entry like any other: it brings no files and names the submission
whose rows no longer count. That one's entry and files stay as they are.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from data_pipeline.disk import disk_reason, replace_file
from data_pipeline.store.sealing import (
    SEAL,
    file_identity,
    read_plain,
    seal_of,
    sealed_json,
)
from data_pipeline.words import text

_ENTRY = re.compile(r"(\d{6,})\.json")
# Named like an entry, but by no number of its own: a copy made by hand.
_COPY = re.compile(r"\d.*\.json")


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """One Parquet file of the lake; `path` is relative to the root.

    layout tells files with the same columns from those of an earlier registry.
    """

    table: str
    month: str
    path: str
    rows: int
    sha256: str
    layout: str = ""


@dataclasses.dataclass(frozen=True)
class Submission:
    """An accepted workbook or a withdrawal. `sequence` is the order of arrival, from 1.

    previous and seal chain its entry to the one before; '' where it has none yet. Of a
    withdrawal, withdraws is the id of the submission that it takes out of force.
    """

    sequence: int
    id: str
    file: str
    sha256: str
    received: datetime
    group: str | None
    is_demo: bool
    files: tuple[StoredFile, ...]
    previous: str = ""
    seal: str = ""
    withdraws: str = ""
    reason: str = ""

    @property
    def rows(self) -> dict[str, int]:
        """Rows brought, by table."""
        counts: dict[str, int] = {}
        for file in self.files:
            counts[file.table] = counts.get(file.table, 0) + file.rows
        return counts


def in_force(submissions: Sequence[Submission]) -> tuple[Submission, ...]:
    """Those whose rows count: not withdrawn by another, and no withdrawals."""
    withdrawn = {one.withdraws for one in submissions if one.withdraws}
    return tuple(
        one for one in submissions if not one.withdraws and one.id not in withdrawn
    )


@dataclasses.dataclass(frozen=True)
class Fault:
    """A file that is not what it should be: its path below the root, and how so.

    kind is a text of `findings.damage`; detail is more about it, error why it cannot
    be read.
    """

    path: str
    kind: str
    detail: str = ""
    error: OSError | None = dataclasses.field(default=None, compare=False)

    def explain(self, language: str) -> str:
        """What is wrong and what to do, without the path."""
        detail = disk_reason(self.error, language)[0] if self.error else self.detail
        return text(language, f"findings.damage.{self.kind}", detail=detail)

    def sentence(self, language: str) -> str:
        sentence = self.explain(language)
        return text(language, "findings.damage.at", path=self.path, fault=sentence)


class ManifestError(RuntimeError):
    """Nobody knows what was submitted: entries below a root are at fault."""

    def __init__(self, root: Path, faults: Sequence[Fault]):
        self.root, self.faults = root, faults
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        sentences = (fault.sentence(language) for fault in self.faults)
        faults = "\n".join(f"{self.root}/{sentence}" for sentence in sentences)
        return text(language, "commands.damaged_entry", faults=faults)


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a manifest says: entries in order of arrival, those at fault left out.

    chain is the seal that the next entry follows, None where nobody knows it.
    """

    submissions: tuple[Submission, ...]
    faults: tuple[Fault, ...]
    chain: str | None


class Manifest:
    """The entries below a root."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / "lake" / "manifest"
        self.head = root / "lake" / "head.json"

    def path(self, sequence: int) -> Path:
        return self.folder / f"{sequence:06d}.json"

    def read(self) -> Reading:
        """Every entry that can be believed, and what is wrong with the others."""
        try:
            names = sorted(os.listdir(self.folder))
        except FileNotFoundError:
            names = []
        except OSError as error:
            fault = Fault(self._name(self.folder), "unreadable", error=error)
            return Reading((), (fault,), None)
        entries = {int(m[1]): n for n in names if (m := _ENTRY.fullmatch(n))}
        named = set(entries.values())
        strange = [n for n in names if _COPY.fullmatch(n) and n not in named]
        folder = self._name(self.folder)
        faults = [Fault(f"{folder}/{n}", "doubled") for n in strange]
        found: list[Submission] = []
        chain: str | None = ""
        is_sealed = False
        for sequence in range(1, max(entries, default=0) + 1):
            name = f"{folder}/{entries.get(sequence, f'{sequence:06d}.json')}"
            if sequence not in entries:
                faults.append(Fault(name, "missing"))
                chain = None
                continue
            try:
                entry = _read_entry(f"{self.root}/{name}")
                is_sealed |= not entry.unsealed
                if is_sealed and entry.unsealed:
                    raise ValueError("its seal is gone")
                submission = entry.submission
                if submission.sequence != sequence:
                    raise _DoubledError
            except OSError as error:
                faults.append(Fault(name, "unreadable", error=error))
                chain = None
                continue
            except _DoubledError:
                faults.append(Fault(name, "doubled"))
                chain = None
                continue
            except (ValueError, TypeError, KeyError, AttributeError):
                faults.append(Fault(name, "altered"))
                chain = None
                continue
            if submission.seal and chain not in (None, submission.previous):
                faults.append(Fault(name, "unchained"))
            chain = submission.seal or _next(entry.unsealed, chain)
            found.append(submission)
        faults += self._missing_at_the_end(found, max(entries, default=0))
        return Reading(tuple(found), tuple(faults), chain)

    def entry(self, submission: Submission, chain: str) -> tuple[Submission, bytes]:
        """A submission sealed to follow a chain, and the bytes of its entry."""
        raw = dataclasses.asdict(submission) | {"previous": chain}
        raw["received"] = submission.received.isoformat()
        del raw[SEAL]
        if not submission.withdraws:
            del raw["withdraws"], raw["reason"]
        content = sealed_json(raw)
        submission = dataclasses.replace(submission, previous=chain, seal=seal_of(raw))
        return submission, content

    def note_head(self, submission: Submission) -> bytes:
        """Remember the last entry apart from the entries themselves; what was noted."""
        head = {"sequence": submission.sequence, "entry": submission.seal}
        content = sealed_json(head)
        replace_file(self.head, content, sync=False)
        return content

    def _missing_at_the_end(
        self, found: list[Submission], last: int
    ) -> Iterator[Fault]:
        try:
            head = json.loads(read_plain(self.head))
            if head[SEAL] != seal_of(head):
                raise ValueError
            sequence, seal = head["sequence"], head["entry"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError):
            yield Fault(self._name(self.head), "head")
            return
        for lost in range(last + 1, sequence + 1):
            yield Fault(self._name(self.path(lost)), "missing")
        for submission in found:
            if submission.sequence == sequence and submission.seal != seal:
                # An entry that the next one follows is vouched for: the note is not
                # of this lake.
                if submission.seal and submission.seal in (o.previous for o in found):
                    yield Fault(self._name(self.head), "head")
                else:
                    yield Fault(self._name(self.path(sequence)), "unchained")

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


class _DoubledError(ValueError):
    """The entry speaks for another number than its own."""


def _next(raw: dict[str, Any], chain: str | None) -> str | None:
    """The chain behind an entry without a seal."""
    return None if chain is None else seal_of(raw | {"previous": chain})


@dataclasses.dataclass(frozen=True)
class _Entry:
    """What one file says; `unsealed` is all of it where it carries no seal."""

    submission: Submission
    unsealed: dict[str, Any]


# Path -> the file when it was last read, and what it says. Entries never change, and a
# folder of files that come in one by one asks for all of them each time.
_entries: dict[str, tuple[tuple[int, ...], _Entry]] = {}


def _read_entry(path: str) -> _Entry:
    """An entry, parsed once in a process; again when it was written to or replaced."""
    identity = file_identity(path)
    known = _entries.get(path)
    if known and known[0] == identity:
        return known[1]
    raw = json.loads(read_plain(path))
    if SEAL in raw and raw[SEAL] != seal_of(raw):
        raise ValueError("not what was sealed")
    given = raw | {
        "received": datetime.fromisoformat(raw["received"]),
        "files": tuple(StoredFile(**file) for file in raw["files"]),
    }
    entry = _Entry(Submission(**given), {} if SEAL in raw else raw)
    _entries[path] = identity, entry
    return entry
