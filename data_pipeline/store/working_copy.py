"""The folder on this machine in which a lake in an object store is worked on.

The bucket is the truth, a working copy what this machine has fetched of it, under the
same paths, so that everything else reads files:

    <copy>/.bucket         the address of the lake
    <copy>/.objects.json   etag of each object as it was fetched or put
    <copy>/lake, marts, access, CURRENT   as below the address

What is stored never changes, so a file is fetched once and held to the digest that the
manifest or the snapshot keeps; one that does not fit is left out and named as a damaged
one. Entries of the manifest and the pointer are compared by etag at every look.

Nothing here is locked for others: an entry is created under the next number of the
chain, and the pointer is moved from what it was. Whoever comes second is told so.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data_pipeline.disk import disk_sentence, replace_file
from data_pipeline.store.bucket import (
    Bucket,
    BucketError,
    Listed,
    at_once,
    is_address,
    read_address,
)
from data_pipeline.store.manifest import Manifest
from data_pipeline.store.sealing import copy_whole, is_whole
from data_pipeline.store.snapshots import (
    FACTS,
    KEPT_SNAPSHOTS,
    POINTER,
    DamagedSnapshotError,
    finished_snapshots,
    is_identity,
    prune_snapshots,
    read_snapshot,
)

CACHE_VARIABLE = "LEDGER_CACHE"
MARKER = ".bucket"
ETAGS = ".objects.json"
# Small objects that are looked at again each time; head before the entries it counts.
HEAD = "lake/head.json"
FOLDERS = ("lake/manifest", "access")
# What could not be fetched, or was not whole, is not asked for again at once.
AGAIN_SECONDS = 60.0
# What a killed publisher left is removed when it is older.
LEFT_BEHIND = timedelta(days=1)
_copies: dict[Path, WorkingCopy] = {}


def lake_root(given: str | Path) -> Path:
    """The folder of a lake: the one that is named, or the working copy of an address.

    Raises
    ------
    ValueError
        An address that names no bucket.
    OSError
        There is no place for the working copy.
    """
    if not is_address(str(given)):
        return Path(given)
    address = read_address(str(given))
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    name = hashlib.sha256(f"{endpoint} {address}".encode()).hexdigest()[:12]
    cache = os.environ.get(CACHE_VARIABLE) or "~/.cache/coverage-dashboard"
    root = Path(cache).expanduser().resolve() / name
    if not (root / MARKER).exists():
        replace_file(root / MARKER, address.encode(), sync=False)
    return root


def lake_argument(given: str) -> Path:
    """As `lake_root`, of what stands behind `--lake`."""
    try:
        return lake_root(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    except OSError as error:
        raise argparse.ArgumentTypeError(disk_sentence(error, "en")) from None


def address_of(root: Path | str) -> str:
    """How people name a lake: its address, else its folder."""
    copy = copy_of(root)
    return copy.bucket.address if copy else str(root)


def copy_of(root: Path | str) -> WorkingCopy | None:
    """The working copy that lies in a folder, None where the lake is the folder."""
    root = Path(root).resolve()
    if root not in _copies:
        try:
            address = (root / MARKER).read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        _copies[root] = WorkingCopy(root, Bucket(read_address(address)))
    return _copies[root]


def catch_up(root: Path | str, max_age: float = 0.0) -> None:
    """Fetch what is new in the bucket; of a lake on a disk there is nothing to fetch.

    Parameters
    ----------
    max_age
        Seconds for which the last look, whatever came of it, is good enough.

    Raises
    ------
    BucketError
        The bucket cannot be read; what was fetched before is as it was.
    OSError
        The disk is full or faulty.
    """
    copy = copy_of(root)
    if copy:
        copy.catch_up(max_age)


class UnclearError(Exception):
    """An entry was sent to the bucket, and no answer came."""

    def explain(self, received: datetime) -> BucketError:
        """What to do; the same file at the same time is the same submission."""
        return BucketError(str(self), "unclear", received=received.isoformat())


class WorkingCopy:
    """What this machine has of a bucket, below `root`."""

    def __init__(self, root: Path, bucket: Bucket):
        self.root, self.bucket = root, bucket
        self._etags: dict[str, str] = {}
        self._missed: dict[str, float] = {}
        self._looked = -float("inf")
        self._fault: BucketError | None = None
        self._threads = threading.RLock()

    # What is in the bucket

    def catch_up(self, max_age: float = 0.0, is_thorough: bool = True) -> None:
        """As `catch_up` of the module; thorough: what is here is verified as well."""
        # Who can do with what was seen before does not wait for a look under way.
        if not self._threads.acquire(blocking=not max_age):
            self._say_fault()
            return
        try:
            if max_age and self._fault:
                max_age = AGAIN_SECONDS
            if time.monotonic() - self._looked < max_age:
                self._say_fault()
                return
            self._fault = None
            try:
                with self._alone():
                    # First: what is submitted then is no less than what it knows.
                    pointer = self._read(POINTER)
                    self._mirror()
                    self._fetch_stored(is_thorough)
                    self._follow(pointer)
            except BucketError as error:
                self._fault = error
                raise
            finally:
                self._looked = time.monotonic()
        finally:
            self._threads.release()

    def _say_fault(self) -> None:
        if self._fault:
            raise self._fault

    def catch_up_access(self) -> None:
        """Fetch roles and acts alone."""
        with self._alone():
            self._mirror_folder("access")

    def _mirror(self) -> None:
        """Have the small objects that may change as they are in the bucket."""
        # The head is read before the entries and kept after them: it counts none that
        # is not there.
        head = self._read(HEAD)
        for folder in FOLDERS:
            self._mirror_folder(folder)
        self._keep(HEAD, head)

    def _mirror_folder(self, folder: str) -> None:
        listed = self.bucket.list(folder)
        changed = [one.path for one in listed if not self._has(one)]
        # All are read before one is kept, and in their order: a chain without a gap.
        for path, found in zip(changed, at_once(self._read, changed), strict=True):
            self._keep(path, found)
        there = {one.path for one in listed}
        for path in sorted((self.root / folder).rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and not path.name.startswith(".") and name not in there:
                self._keep(name, None)

    def _has(self, one: Listed) -> bool:
        known = self._etags.get(one.path, "")
        # Some stores list them without quotes.
        is_same = known.strip('"') == one.etag.strip('"')
        return is_same and self._path(one.path).exists()

    def _read(self, path: str) -> tuple[bytes, str] | None:
        """An object and its etag, None where there is none."""
        try:
            return self.bucket.read(path)
        except FileNotFoundError:
            return None

    def _keep(self, path: str, found: tuple[bytes, str] | None) -> None:
        """Have a file as its object was read: with its bytes, or not there."""
        if found is None:
            self._path(path).unlink(missing_ok=True)
            self._etags.pop(path, None)
        else:
            data, etag = found
            if self._etags.get(path) != etag or not self._path(path).exists():
                replace_file(self._path(path), data, sync=False)
            self._etags[path] = etag

    def _fetch_stored(self, is_thorough: bool) -> None:
        """Fetch the rows of all that was submitted and is not here."""
        known = Manifest(self.root).read().submissions
        files = [(file.path, file.sha256) for one in known for file in one.files]
        self._fetch(files, is_whole if is_thorough else lambda path, _: path.exists())

    def mend(self, files: Iterable[tuple[str, str]]) -> None:
        """Fetch those anew that are not whole here: path and sha256 of each."""
        with self._alone():
            self._fetch(files, is_whole)

    def _fetch(
        self,
        files: Iterable[tuple[str, str]],
        is_there: Callable[[Path, str], bool],
    ) -> None:
        """Fetch files; what is not as it was written stays out, for others to name."""
        now = time.monotonic()
        wanted = [
            (path, sha256)
            for path, sha256 in files
            if now - self._missed.get(path, -AGAIN_SECONDS) >= AGAIN_SECONDS
            and not is_there(self._path(path), sha256)
        ]

        def fetch(file: tuple[str, str]) -> None:
            path, sha256 = file
            with contextlib.suppress(FileNotFoundError):
                data, _ = self.bucket.read(path)
                if hashlib.sha256(data).hexdigest() == sha256:
                    replace_file(self._path(path), data, sync=False)
                    return
            self._missed[path] = now

        at_once(fetch, wanted)

    def _follow(self, pointer: tuple[bytes, str] | None) -> None:
        """Fetch the snapshot of a pointer, and only then keep the pointer."""
        identity = pointer[0].decode("utf-8", "replace").strip() if pointer else ""
        if is_identity(identity):
            self._fetch_snapshot(identity)
        self._keep(POINTER, pointer)
        prune_snapshots(self.root, identity)

    def fetch_snapshots(self) -> None:
        """Fetch every snapshot that the bucket keeps."""
        with self._alone():
            for identity in filter(is_identity, self.bucket.folders("marts")):
                self._fetch_snapshot(identity)

    def _fetch_snapshot(self, identity: str) -> None:
        facts = f"marts/{identity}/{FACTS}"
        with contextlib.suppress(DamagedSnapshotError):
            if not self._path(facts).exists():
                if found := self._read(facts):
                    replace_file(self._path(facts), found[0], sync=False)
                self._copy_alike(identity, read_snapshot(self.root, identity).sums)
            snapshot = read_snapshot(self.root, identity)
            folder = f"marts/{identity}"
            self._fetch(
                [(f"{folder}/{n}", sum_) for n, sum_ in snapshot.sums], is_whole
            )

    def _copy_alike(self, identity: str, sums: Sequence[tuple[str, str]]) -> None:
        """Take what is the same from the snapshots that are here."""
        alike = {}
        for other in finished_snapshots(self.root):
            with contextlib.suppress(DamagedSnapshotError):
                folder = self._path(f"marts/{other}")
                for name, sha256 in read_snapshot(self.root, other).sums:
                    if other != identity:
                        alike[sha256] = folder / name
        for name, sha256 in sums:
            place = self._path(f"marts/{identity}/{name}")
            if sha256 in alike and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                copy_whole(alike[sha256], place, sha256)

    # What this machine adds

    def commit(self, paths: Sequence[str], entry: Path, content: bytes) -> None:
        """Put the files of a submission and, last of all, its entry.

        Raises
        ------
        FileExistsError
            Another submission has come before under that number; this one never will.
        UnclearError
            Nobody knows whether the bucket has the entry.
        BucketError
            The bucket cannot be written; it has no entry.
        """
        self._put(paths)
        path = entry.relative_to(self.root).as_posix()
        with self._alone():
            try:
                self._etags[path] = self.bucket.create(path, content)
            except BucketError as error:
                raise UnclearError(str(error.filename)) from None
            # It is submitted: what fails here the next look makes good.
            with contextlib.suppress(OSError):
                replace_file(entry, content)

    def note(self, path: str, content: bytes) -> None:
        """Put what only notes how far something goes, whatever stands there."""
        with self._alone():
            self._etags[path] = self.bucket.overwrite(path, content)

    def create(self, path: str, content: bytes) -> None:
        """Put a file that never changes; FileExistsError where another stands."""
        with self._alone():
            self._etags[path] = self.bucket.create(path, content)

    def replace(self, path: str, content: bytes) -> None:
        """Put a file in the place of the one here; FileExistsError as `Bucket`."""
        with self._alone():
            known = self._etags.get(path, "")
            self._etags[path] = self.bucket.replace(path, content, known)

    def publish(self, identity: str, known: str) -> None:
        """Put a snapshot, and only then move the pointer to it from where it was.

        Parameters
        ----------
        known
            `pointer` when the snapshot was begun.

        Raises
        ------
        FileExistsError
            Another snapshot was published since, and stays current.
        BucketError
            The bucket cannot be written.
        """
        folder = self._path(f"marts/{identity}")
        files = [path for path in folder.rglob("*") if path.is_file()]
        # A folder with facts is whole.
        files.sort(key=lambda path: path.name == FACTS and path.parent == folder)
        paths = [path.relative_to(self.root).as_posix() for path in files]
        self._put(paths[:-1])
        self._put(paths[-1:])
        with self._alone():
            try:
                etag = self.bucket.replace(POINTER, identity.encode(), known)
            except FileExistsError:
                with contextlib.suppress(BucketError):
                    self.bucket.remove(paths)
                raise
            self._etags[POINTER] = etag

    def prune(self, current: str) -> None:
        """Remove from the bucket all snapshots but the last and the current one.

        By the bucket's clock: what was put last is never the oldest. Whoever reads one
        has it on his disk. What cannot be removed stays for the next time.
        """
        put: dict[str, list[Listed]] = {}
        with contextlib.suppress(BucketError):
            for one in self.bucket.list("marts"):
                put.setdefault(one.path.split("/")[1], []).append(one)
            whole = {
                identity: one.modified
                for identity, listed in put.items()
                for one in listed
                if one.path == f"marts/{identity}/{FACTS}"
            }
            kept = {current, *sorted(whole, key=whole.get)[-KEPT_SNAPSHOTS:]}
            before = datetime.now(UTC) - LEFT_BEHIND
            for identity, listed in put.items():
                is_left = max(one.modified for one in listed) < before
                if identity not in kept and (identity in whole or is_left):
                    # Its facts first: it is there whole or not at all.
                    self.bucket.remove([f"marts/{identity}/{FACTS}"])
                    self.bucket.remove([one.path for one in listed])

    @property
    def pointer(self) -> str:
        """The etag of the pointer as it was last seen, '' where there was none."""
        with self._alone():
            return self._etags.get(POINTER, "")

    def remove(self, paths: Sequence[str]) -> None:
        """Remove what no entry names and none can name any more."""
        with contextlib.suppress(BucketError):
            self.bucket.remove(paths)

    def download(self, place: Path) -> None:
        """A copy of all that the bucket has, as it is, whole or not."""

        def fetch(path: str) -> None:
            with contextlib.suppress(FileNotFoundError):
                data, _ = self.bucket.read(path)
                replace_file(place / path, data, sync=False)

        parts = ("lake", "access", "marts")
        found = [one.path for part in parts for one in self.bucket.list(part)]
        at_once(fetch, [*found, POINTER])

    def _put(self, paths: Sequence[str]) -> None:
        at_once(lambda p: self.bucket.create(p, self._path(p).read_bytes()), paths)

    def _path(self, path: str) -> Path:
        return self.root / path

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """As the only thread and process that changes what was fetched."""
        with self._threads, open(self.root / ".copy.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._etags = self._read_etags()
            before = dict(self._etags)
            try:
                yield
            finally:
                if self._etags != before:
                    content = json.dumps(self._etags).encode()
                    with contextlib.suppress(OSError):
                        replace_file(self.root / ETAGS, content, sync=False)

    def _read_etags(self) -> dict[str, str]:
        try:
            return dict(json.loads((self.root / ETAGS).read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}
