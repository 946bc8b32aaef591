"""The part of a lake that a supervision group may see, as a lake of its own.

A page for a group reads this lake and nothing else, by the same models, rules and
queries as ever: whatever they count, list, compare or name is of the group's units
alone, and no page has to know. Submissions keep number, id and time; of one that
brought nothing of the group only those are left.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_pipeline.registry import Registry, Table
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import (
    ManifestError,
    StoredFile,
    Submission,
    in_force,
)
from data_pipeline.store.sealing import is_whole
from data_pipeline.store.snapshots import DamagedSnapshotError, Snapshot


class Scope:
    """A supervision group and, as sets to look codes up in, what is its own.

    own, foreign and on_roll are branches, by the unit that the rolls give them.
    """

    def __init__(self, group: str, units: Collection[str], unit_of: Mapping[str, str]):
        own = [branch for branch, unit in unit_of.items() if unit in units]
        foreign = [branch for branch, unit in unit_of.items() if unit not in units]
        self.units, self.own, self.foreign, self.on_roll = (
            pa.array(list(codes), pa.string())
            for codes in (units, own, foreign, unit_of)
        )
        self.group = pa.array([group], pa.string())


def write_part(
    lake: Lake,
    submissions: Sequence[Submission],
    files: Collection[StoredFile],
    group: str,
    registry: Registry,
    root: Path,
) -> None:
    """Write the part of a group below a new `root`, ready to be built.

    Parameters
    ----------
    submissions
        What the lake holds, or held at an earlier time, in order of arrival.
    files
        Those of their files that may be read; others are left out.
    registry
        The whole one: which units the group supervises.

    Raises
    ------
    OSError
        There is no room for it, or a stored file cannot be read.
    """
    units = {code for code, unit in registry.units.items() if unit.group == group}
    wanted = set(files)
    # In order of arrival: a later roll knows better.
    readable = {
        file: None
        for one in submissions
        for file in one.files
        if file in wanted and is_whole(lake.root / file.path, file.sha256)
    }
    scope = Scope(group, units, _read_rolls(lake, readable))
    tables = registry.lake_tables
    part, chain, seen = Lake(root), "", {}
    part.manifest.folder.mkdir(parents=True)
    for submission in submissions:
        stored = tuple(
            copied
            for file in submission.files
            if file in readable and (copied := _copy(file, lake, part, scope, tables))
        )
        withdrawn = seen.get(submission.withdraws)
        is_theirs = bool(stored) or submission.group == group or bool(withdrawn)
        seen[submission.id] = is_theirs
        kept = dataclasses.replace(submission, files=stored)
        if not is_theirs:
            kept = dataclasses.replace(kept, file="", sha256="", group=None, reason="")
        kept, entry = part.manifest.entry(kept, chain)
        part.manifest.path(kept.sequence).write_bytes(entry)
        chain = kept.seal


def write_part_of_snapshot(
    root: Path | str,
    snapshot: Snapshot,
    group: str,
    registry: Registry,
    into: Path | str,
) -> None:
    """The part of a group of what a snapshot was built from; raises as `write_part`."""
    lake = Lake(root)
    try:
        known = lake.submissions(snapshot.as_of)[: snapshot.n_submissions]
    except ManifestError:
        # The whole snapshot can still be read, but nobody knows what a part of it is.
        raise DamagedSnapshotError("lake/manifest") from None
    # What was withdrawn counts nowhere, but is listed.
    counting = set(in_force(known))
    withdrawn = (file for one in known if one not in counting for file in one.files)
    files = [*snapshot.whole_files, *withdrawn]
    write_part(lake, known, files, group, registry, Path(into))


def write_part_of_lake(
    root: Path | str, group: str, registry: Registry, into: Path | str
) -> None:
    """The part of a group of all that was filed by now; raises as `write_part`.

    Raises
    ------
    ManifestError
        As `Lake.submissions`.
    """
    lake = Lake(root)
    known = lake.submissions()
    files = [file for one in known for file in one.files]
    write_part(lake, known, files, group, registry, Path(into))


def _read_rolls(lake: Lake, files: Iterable[StoredFile]) -> dict[str, str]:
    """The unit of every branch, as the last roll that names it says."""
    unit_of: dict[str, str] = {}
    for file in files:
        if file.table == "roll":
            rows = pq.read_table(lake.root / file.path, columns=["branch", "unit"])
            unit_of |= dict(zip(*(c.to_pylist() for c in rows.columns), strict=True))
    return unit_of


def _copy(
    file: StoredFile,
    lake: Lake,
    part: Lake,
    scope: Scope,
    tables: Mapping[str, Table],
) -> StoredFile | None:
    """Put the group's rows of a file into the part; None where there are none."""
    source, target = lake.root / file.path, part.root / file.path
    rows = pq.read_table(source, use_threads=False)
    theirs = _is_theirs(rows, scope)
    hidden = [("branch", scope.foreign)]
    table = tables.get(file.table)
    if table and table.branch_anywhere:
        # Somebody from elsewhere was with a branch of the group: that counts for it.
        theirs = pc.or_(theirs, _is_in(rows, "branch", scope.own))
        units = pc.unique(_codes(rows, "unit"))
        hidden.append(("unit", units.filter(pc.invert(pc.is_in(units, scope.units)))))
    kept = rows.filter(theirs)
    if not kept.num_rows:
        return None
    shown = kept
    for name, codes in hidden:
        shown = _without(shown, name, codes)
    target.parent.mkdir(parents=True, exist_ok=True)
    if shown is kept and kept.num_rows == rows.num_rows:
        _link(source, target)
        return file
    sink = pa.BufferOutputStream()
    pq.write_table(shown, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    target.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return dataclasses.replace(file, rows=shown.num_rows, sha256=digest)


def _is_theirs(rows: pa.Table, scope: Scope) -> pa.Array:
    """By its unit; without one by its branch's; without either by its group."""
    verdict = pa.nulls(rows.num_rows, pa.bool_())
    for name, own in (
        ("unit", scope.units),
        ("branch", scope.own),
        ("supervision_group", scope.group),
    ):
        if name in rows.column_names:
            says = _is_in(rows, name, own)
            # A branch on no roll says nothing of where it belongs.
            speaks = (
                _is_in(rows, name, scope.on_roll)
                if name == "branch"
                else pc.not_equal(_codes(rows, name), "")
            )
            silence = pa.scalar(None, pa.bool_())
            verdict = pc.coalesce(verdict, pc.if_else(speaks, says, silence))
    return pc.fill_null(verdict, False)


def _codes(rows: pa.Table, name: str) -> pa.Array:
    codes = rows.column(name).combine_chunks().cast(pa.string())
    return pc.fill_null(codes, "")


def _is_in(rows: pa.Table, name: str, known: pa.Array) -> pa.Array:
    return pc.is_in(_codes(rows, name), value_set=known)


def _without(rows: pa.Table, name: str, hidden: pa.Array) -> pa.Table:
    """The rows without what must not be named, as a branch elsewhere that was taught.

    The same table where nothing is.
    """
    if name not in rows.column_names:
        return rows
    is_hidden = _is_in(rows, name, hidden)
    if not pc.any(is_hidden).as_py():
        return rows
    at = rows.column_names.index(name)
    codes = rows.column(name).combine_chunks()
    shown = pc.if_else(is_hidden, pa.scalar(None, codes.type), codes)
    return rows.set_column(at, rows.schema.field(at), shown)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
