"""Each mart is made once: what an earlier snapshot made of the same is taken over.

A mart is the same when the text of its SQL, the engine that runs it, and all that
stands behind the names it reads are the same. The digest of these is its key, which
`snapshot.json` keeps beside the sha256 of the file. What is taken over is copied, so
that a damaged disk harms one snapshot and not every one that shares a file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from data_pipeline.engines import Engine
from data_pipeline.inputs import stored_path
from data_pipeline.store.manifest import Submission
from data_pipeline.store.sealing import copy_whole, file_sha256, is_whole
from data_pipeline.store.snapshots import (
    DamagedSnapshotError,
    finished_snapshots,
    read_snapshot,
)

# The only input of which a mart reads some rows alone: those of the files it reads.
MANIFEST = "manifest"
_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*)")


@dataclasses.dataclass
class _Bound:
    """What stands behind a name.

    digest is of its rows, or of the text and the digests of what it reads; origin are
    the sequences of the submissions its rows come from, looked_up those that are looked
    up in the manifest; is_manifest: it is that, and nothing of other rows; put tells it
    to the engine.
    """

    digest: str
    origin: frozenset[int]
    looked_up: frozenset[int]
    is_manifest: bool
    reads: frozenset[str]
    put: Callable[[], None]
    is_put: bool = False


class Earlier:
    """The finished snapshots of a lake, and what can be taken over from them."""

    def __init__(self, root: Path):
        # Key -> the file that was made under it, and its sha256; the latest of each.
        self._known: dict[str, tuple[Path, str]] = {}
        self._last: dict[str, tuple[Path, str]] = {}
        for identity in finished_snapshots(root):
            self._last = {}
            with contextlib.suppress(DamagedSnapshotError):
                snapshot = read_snapshot(root, identity)
                folder = root / "marts" / identity
                self._last = {path: (folder / path, d) for path, d in snapshot.sums}
                self._known |= {
                    key: self._last[path]
                    for path, key in snapshot.keys
                    if path in self._last
                }

    def copy(self, key: str, path: Path) -> str:
        """Copy the file that was made under this key; its sha256, '' if there is none.

        One that is damaged, or cannot be read, is not there.
        """
        if key in self._known:
            old, sha256 = self._known[key]
            if copy_whole(old, path, sha256):
                return sha256
        return ""

    def last(self, name: str) -> Path | None:
        """A file of the last snapshot, if it is as it was written."""
        path, sha256 = self._last.get(name, (None, ""))
        return path if path and is_whole(path, sha256) else None


class ReusingEngine:
    """An engine that makes what no earlier snapshot has, and copies the rest.

    Names are bound in the engine beneath when something has to be made of them.

    Parameters
    ----------
    engine
        What runs the SQL.
    root
        The lake.
    earlier
        What can be taken over from its finished snapshots.
    folder
        That of the new snapshot.
    submissions
        Whose rows count.
    states
        Marts that are identified by their rows, which stand in order: what is made
        anew and says the same as before makes nothing after it anew. All others are
        identified by their bytes.
    """

    def __init__(
        self,
        engine: Engine,
        root: Path,
        earlier: Earlier,
        folder: Path,
        submissions: Sequence[Submission],
        states: Collection[str] = (),
    ):
        self.engine, self.folder = engine, folder
        self.name, self.made_by = engine.name, engine.made_by
        # Path below the snapshot's folder -> key, in the order of making.
        self.keys: dict[str, str] = {}
        self.taken: set[str] = set()
        self._earlier = earlier
        self._states = frozenset(states)
        self._bound: dict[str, _Bound] = {}
        self._files = {
            stored_path(root, file.path): (file, one.sequence)
            for one in submissions
            for file in one.files
        }
        self._sums: dict[Path, tuple[str, frozenset[int]]] = {}
        self._order = sorted(submissions, key=lambda one: (one.received, one.sequence))
        self._order_of = functools.cache(self._write_order)

    def bind(self, name: str, paths: Sequence[Path], *, alike: bool = False) -> None:
        """As `Engine.bind`."""
        digest, origin = hashlib.sha256(), set()
        for path in paths:
            sha256, sequences = self._file(path)
            digest.update(sha256.encode())
            origin |= sequences
        put = functools.partial(self.engine.bind, name, paths, alike=alike)
        self._bound[name] = _Bound(
            "" if name == MANIFEST else digest.hexdigest(),
            frozenset(origin),
            frozenset(),
            name == MANIFEST,
            frozenset(),
            put,
        )

    def view(self, name: str, select: str) -> None:
        """As `Engine.view`."""
        put = functools.partial(self.engine.view, name, select)
        self._bound[name] = self._of_select(select, put)

    def hold(self, name: str) -> None:
        """As `Engine.hold`."""
        bound = self._bound[name]
        put = bound.put

        def put_and_hold() -> None:
            put()
            self.engine.hold(name)

        bound.put = put_and_hold

    def write(self, name: str, select: str, path: Path) -> None:
        """As `Engine.write`, or the same file of an earlier snapshot; bind the name."""
        of_select = self._of_select(select, lambda: None)
        said = [self.made_by, of_select.digest]
        if of_select.looked_up:
            said.append(self._order_of(of_select.looked_up))
        key = hashlib.sha256("\n".join(said).encode()).hexdigest()
        path.parent.mkdir(exist_ok=True)
        place = path.relative_to(self.folder).as_posix()
        sha256 = self._earlier.copy(key, path)
        if sha256:
            self.taken.add(place)
        else:
            self._put(of_select.reads)
            self.engine.write(select, path)
            sha256 = file_sha256(path) or ""
        self.keys[place] = key
        digest = _rows_digest(path) if name in self._states else sha256
        self._sums[path] = (digest, of_select.origin)
        self.bind(name, [path])

    def _of_select(self, select: str, put: Callable[[], None]) -> _Bound:
        """What a select reads, and the digest of its text and of all that."""
        reads = [name for name in names_read(select) if name in self._bound]
        bound = [self._bound[name] for name in reads]
        said = [select, *(one.digest for one in bound)]
        origin = frozenset().union(*(one.origin for one in bound))
        looked_up = frozenset().union(*(one.looked_up for one in bound))
        has_manifest = any(one.is_manifest for one in bound)
        return _Bound(
            hashlib.sha256("\n".join(said).encode()).hexdigest(),
            origin,
            # A view that has looked up its own rows says nothing of those beside it.
            looked_up | origin if has_manifest else looked_up,
            has_manifest and not origin,
            frozenset(reads),
            put,
        )

    def _put(self, names: Collection[str]) -> None:
        """Tell the engine what stands behind names, and behind what that reads."""
        for name in sorted(names):
            bound = self._bound[name]
            if not bound.is_put:
                self._put(bound.reads)
                bound.put()
                bound.is_put = True

    def _file(self, path: Path) -> tuple[str, frozenset[int]]:
        if path not in self._sums:
            if path in self._files:
                file, sequence = self._files[path]
                self._sums[path] = (file.sha256 + file.layout, frozenset([sequence]))
            else:
                self._sums[path] = (file_sha256(path) or "", frozenset())
        return self._sums[path]

    def _write_order(self, origin: frozenset[int]) -> str:
        """What the manifest says of some submissions, in the order of revision."""
        lines = [
            f"{one.sequence} {one.id} {one.file} {one.group}"
            for one in self._order
            if one.sequence in origin
        ]
        return "\n".join(lines)


def _rows_digest(path: Path) -> str:
    """Of the rows of a Parquet file, whatever bytes the engine laid them down in."""
    sink = pa.BufferOutputStream()
    csv.write_csv(pq.read_table(path), sink)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def names_read(select: str) -> Iterator[str]:
    """What stands after `from` and `join`: bound names, and those of its own parts.

    >>> list(names_read("select a from b inner join c on b.a = c.a -- from d"))
    ['b', 'c']
    """
    yield from dict.fromkeys(_READ.findall(_COMMENT.sub("", select)))
