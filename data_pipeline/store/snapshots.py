"""Finished builds: sealed when they are made, verified before they are read.

    <root>/marts/<snapshot>/*.parquet, compiled/   what `build` made
    <root>/marts/<snapshot>/snapshot.json          what it is, and the sha256 of each
    <root>/CURRENT                                 the snapshot that readers see

A reader gets the snapshot of the pointer when every file of it is as it was written,
else the last whole one that the models and the registry at hand can read, together with
the names of the damaged files: figures are old and said to be so, never wrong.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from data_pipeline.number_words import time_text
from data_pipeline.store.manifest import StoredFile
from data_pipeline.store.sealing import (
    SEAL,
    file_identity,
    file_sha256,
    is_whole,
    open_plain,
    read_plain,
    seal_of,
    sealed_json,
)
from data_pipeline.words import text

KEPT_SNAPSHOTS = 5
FACTS = "snapshot.json"
# A folder on its way out; what a killed run left of it the next one clears away.
REMOVED = ".removed"
POINTER = "CURRENT"
_IDENTITY = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
# A server looks this often whether files are still those it verified: those of the
# snapshot that it reads, some hundred, and those of the lake that it was built from.
RECHECK_SECONDS = 5.0
_NAMED = 3  # damaged files that a notice names; `check` lists them all
_facts: dict[str, tuple[tuple[int, ...], Snapshot]] = {}
# Root, snapshot and what was looked for -> when, and which files it was.
_looked: dict[tuple[str, str, str], tuple[float, tuple[str, ...]]] = {}
_lock = threading.Lock()


class NoSnapshotError(RuntimeError):
    """There is no snapshot that can be read; the message says what to run."""


class StaleSnapshotError(NoSnapshotError):
    """The snapshot was made by other models or another registry than those at hand."""


class DamagedSnapshotError(NoSnapshotError):
    """A file is damaged or cannot be read, and no whole snapshot lies beside.

    `path` is relative to the lake's root.
    """

    def __init__(self, path: str):
        super().__init__(text("en", "commands.snapshot.damaged", path=path))
        self.path = path


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """One finished build.

    as_of is the instant whose knowledge it holds, None for everything received;
    set_aside lists lake files whose bytes were damaged and that were left out; recipe
    is the digest of the models and the registry it was made with; engine is what ran
    them, duckdb or spark; sums holds the sha256 of each of its own files, keys the
    digest of all that a mart was made of. What was
    found when it was opened: damaged names the files because of which it is read in
    place of a later snapshot, lost those of the lake that were whole when it was built.
    """

    id: str
    built_at: datetime
    as_of: datetime | None
    is_demo: bool
    n_submissions: int
    recipe: str
    files: tuple[StoredFile, ...]
    set_aside: tuple[str, ...]
    engine: str = "duckdb"
    sums: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    damaged: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def whole_files(self) -> tuple[StoredFile, ...]:
        """Files of the lake that its rows can be read from.

        Of a table that has lost a file none: what the file superseded would be in
        force again, and what it adds to later months would be missing there.
        """
        lost = {file.table for file in self.files if file.path in self.lost}
        return tuple(file for file in self.files if file.table not in lost)

    def parts(self, mart: str) -> tuple[str, ...]:
        """The files of a mart below the snapshot's folder, a whole one or its parts.

        >>> paths = ("leaf/2016-04.parquet", "roll.parquet")
        >>> known = tuple((path, "") for path in paths)
        >>> Snapshot("", None, None, False, 0, "", (), (), keys=known).parts("leaf")
        ('leaf/2016-04.parquet',)
        """
        whole, folder = f"{mart}.parquet", f"{mart}/"
        return tuple(
            path for path, _ in self.keys if path == whole or path.startswith(folder)
        )

    @property
    def state(self) -> str:
        """Its id and the files found damaged: as long as it is the same, so are all
        figures that are read from it."""
        return "\n".join((self.id, *self.damaged, "", *self.lost))

    def notice(self, language: str = "zh") -> str:
        """What every page and export must say beside the figures; '' if nothing."""
        parts = []
        if self.is_demo:
            parts.append(text(language, "findings.notice.is_demo"))
        if self.as_of:
            when = time_text(self.as_of)
            parts.append(text(language, "findings.notice.as_of", when=when))
        if self.set_aside:
            n = len(self.set_aside)
            parts.append(text(language, "findings.notice.set_aside", n=n))
        return " · ".join((*parts, *self.damage(language)))

    def damage(self, language: str = "zh") -> tuple[str, ...]:
        """Sentences on files that were found damaged when it was opened."""
        when = time_text(self.built_at)
        return tuple(
            text(
                language,
                f"findings.notice.{kind}",
                files=", ".join(paths[:_NAMED]),
                n=len(paths),
                when=when,
            )
            for kind, paths in (("damaged", self.damaged), ("lost", self.lost))
            if paths
        )


def seal_snapshot(folder: Path, snapshot: Snapshot) -> tuple[Snapshot, bytes]:
    """A snapshot with the sha256 of every file in its folder, and its snapshot.json."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = tuple(
        (path.relative_to(folder).as_posix(), file_sha256(path) or "") for path in paths
    )
    snapshot = dataclasses.replace(snapshot, sums=sums)
    raw = vars(snapshot) | {"files": [vars(file) for file in snapshot.files]}
    for key in ("built_at", "as_of"):
        raw[key] = raw[key] and raw[key].isoformat()
    del raw["damaged"], raw["lost"]
    pairs = {"sums": dict(sums), "keys": dict(snapshot.keys)}
    return snapshot, sealed_json(raw | pairs, indent=None)


def current_snapshot(root: Path | str) -> Snapshot | None:
    """The snapshot that the pointer names, None before the first build.

    Raises
    ------
    DamagedSnapshotError
        The pointer or what it points to says nothing that can be read.
    """
    root = Path(root).resolve()
    try:
        identity = read_plain(root / POINTER).strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        raise DamagedSnapshotError(POINTER) from None
    if not is_identity(identity) or not (root / "marts" / identity).is_dir():
        raise DamagedSnapshotError(POINTER)
    return read_snapshot(root, identity)


def hold_snapshot(root: Path | str, snapshot: Snapshot) -> BinaryIO | None:
    """Keep a snapshot from being pruned as long as the file that comes back is open.

    A shared lock, which the kernel takes back whatever becomes of the process. None
    where it cannot be had: the snapshot is being made, or the disk knows no locks.
    """
    try:
        file = open_plain(Path(root) / "marts" / snapshot.id / FACTS)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def prune_snapshots(root: Path, current: str) -> None:
    """Forget the oldest snapshots but KEPT_SNAPSHOTS, the current and any in use.

    What cannot be removed stays for the next time: no build fails by it.
    """
    for identity in finished_snapshots(root)[:-KEPT_SNAPSHOTS]:
        folder = root / "marts" / identity
        if identity == current:
            continue
        with contextlib.suppress(OSError), open_plain(folder / FACTS) as facts:
            # Refused while a reader holds it.
            fcntl.flock(facts, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # In one step: a snapshot is there whole or not at all.
            removed = folder.rename(folder.with_name(identity + REMOVED))
            shutil.rmtree(removed)


def whole_snapshot(root: Path | str, recipe: str) -> Snapshot:
    """The snapshot to read: the current one, or the last whole one before it.

    Parameters
    ----------
    recipe
        Digest of the models and the registry that are going to read it.

    Raises
    ------
    NoSnapshotError
        Nothing has been built yet.
    StaleSnapshotError
        The current one was made by another recipe.
    DamagedSnapshotError
        The current one is damaged, and none of this recipe is whole.
    """
    root = Path(root).resolve()
    finished = finished_snapshots(root)
    chosen, faults = None, ()
    try:
        chosen = current_snapshot(root)
        if chosen is None and finished:
            faults = (POINTER,)
        elif chosen is None:
            raise NoSnapshotError(text("en", "rates.no_snapshot", root=root))
    except DamagedSnapshotError as error:
        faults = (error.path,)
    if chosen:
        if chosen.recipe != recipe:
            stale = text("en", "commands.build.stale", snapshot=chosen.id)
            raise StaleSnapshotError(stale)
        faults = _look(damaged_files, root, chosen)
    if faults:
        others = list(_usable(root, finished, recipe))
        if not others:
            raise DamagedSnapshotError(faults[0])
        # That which knows most; of those the last.
        chosen = max(others, key=lambda other: (other.n_submissions, other.id))
    lost = _look(_lost_files, root, chosen)
    return dataclasses.replace(chosen, damaged=faults, lost=lost)


def whole_snapshots(root: Path | str, recipe: str) -> tuple[Snapshot, ...]:
    """All that can be read with these models and this registry, the oldest first."""
    root = Path(root).resolve()
    return tuple(_usable(root, finished_snapshots(root), recipe))


def _usable(root: Path, finished: list[str], recipe: str) -> Iterator[Snapshot]:
    for identity in finished:
        try:
            snapshot = read_snapshot(root, identity)
        except DamagedSnapshotError:
            continue
        if snapshot.recipe == recipe and not any(damaged_files(root, snapshot)):
            yield snapshot


def finished_snapshots(root: Path) -> list[str]:
    """The names of all snapshots below a root, the oldest first."""
    try:
        names = sorted(os.listdir(root / "marts"))
    except OSError:
        return []
    return list(filter(is_identity, names))


def is_identity(name: str) -> bool:
    """Whether a text is the name of a snapshot."""
    return bool(_IDENTITY.fullmatch(name))


def damaged_files(root: Path, snapshot: Snapshot) -> Iterator[str]:
    """Files of a snapshot that are not as they were written, by path below the root."""
    # As text: to join some hundred paths takes three times as long as to look at them.
    folder = f"marts/{snapshot.id}"
    within = os.path.join(root, folder)
    for name, sha256 in snapshot.sums:
        if not is_whole(f"{within}/{name}", sha256):
            yield f"{folder}/{name}"


def _lost_files(root: Path, snapshot: Snapshot) -> Iterator[str]:
    """Files of the lake that are no longer what the snapshot was built from."""
    for file in snapshot.files:
        if not is_whole(root / file.path, file.sha256):
            yield file.path


def _look(
    find: Callable[[Path, Snapshot], Iterator[str]], root: Path, snapshot: Snapshot
) -> tuple[str, ...]:
    """What `find` finds, or found some seconds ago: each run of a page asks."""
    key, now = (str(root), snapshot.id, find.__name__), time.monotonic()
    with _lock:
        looked, found = _looked.get(key, (-RECHECK_SECONDS, ()))
    if now - looked >= RECHECK_SECONDS:
        found = tuple(find(root, snapshot))
        with _lock:
            _looked[key] = (now, found)
    return found


def read_snapshot(root: Path, identity: str) -> Snapshot:
    """What the snapshot of that name says of itself.

    Raises
    ------
    DamagedSnapshotError
        Its snapshot.json is damaged, missing or cannot be read.
    """
    path = root / "marts" / identity / FACTS
    name = path.relative_to(root).as_posix()
    try:
        stamp = file_identity(path)
        with _lock:
            known = _facts.get(str(path))
        if known and known[0] == stamp:
            return known[1]
        snapshot = _parse(read_plain(path))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise DamagedSnapshotError(name) from None
    if snapshot.id != identity:
        raise DamagedSnapshotError(name)
    with _lock:
        _facts[str(path)] = (stamp, snapshot)
    return snapshot


def _parse(content: str) -> Snapshot:
    raw: dict[str, Any] = json.loads(content)
    seal, sums = raw.pop(SEAL, None), raw.get("sums")
    if seal is None and sums is None:
        # Of a time before seals: it has to be built again, as after any change.
        raw |= {"recipe": "", "sums": {}}
        known = {field.name for field in dataclasses.fields(Snapshot)}
        raw = {key: value for key, value in raw.items() if key in known}
    elif seal != seal_of(raw):
        raise ValueError("not what was sealed")
    raw["built_at"] = datetime.fromisoformat(raw["built_at"])
    raw["as_of"] = raw["as_of"] and datetime.fromisoformat(raw["as_of"])
    raw["files"] = tuple(StoredFile(**file) for file in raw["files"])
    raw["set_aside"] = tuple(raw["set_aside"])
    for name in ("sums", "keys"):
        raw[name] = tuple(raw.get(name, {}).items())
    return Snapshot(**raw)
