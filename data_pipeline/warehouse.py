"""From the lake to a snapshot of marts: the models, their engine, their runner.

A build reads the lake's files by name (never a glob), writes a new folder under
`marts/`, and only then moves the pointer file CURRENT: a reader resolves the pointer
once and sees one whole snapshot for as long as it likes.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from data_pipeline.disk import replace_file, sync_folder
from data_pipeline.engines import DuckDBEngine, Engine
from data_pipeline.inputs import INPUTS, bind_inputs, write_inputs
from data_pipeline.making import make_models
from data_pipeline.measured_names import staged_tables
from data_pipeline.models import CHECKED_ROWS, CHECKS, MODELS, models
from data_pipeline.registry import PACKAGE_FOLDER, Registry, RegistryError
from data_pipeline.reuse import Earlier, ReusingEngine
from data_pipeline.sql_text import MEASURED, all_names, sql_text, write_compiled
from data_pipeline.store.lake import Lake, LakeBusyError, Submission, check_clock
from data_pipeline.store.manifest import StoredFile, in_force
from data_pipeline.store.snapshots import (
    FACTS,
    POINTER,
    DamagedSnapshotError,
    Snapshot,
    StaleSnapshotError,
    current_snapshot,
    prune_snapshots,
    seal_snapshot,
)
from data_pipeline.store.working_copy import WorkingCopy, address_of, copy_of
from data_pipeline.words import text


class BuildError(RuntimeError):
    """The marts cannot be built; the message says why and what to do."""


def build(
    root: Path | str,
    registry: Registry,
    *,
    as_of: datetime | None = None,
    now: datetime | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    on_month: Callable[[str, int, int], None] | None = None,
    before_current: Callable[[Snapshot, Earlier], Mapping[str, str]] | None = None,
    open_engine: Callable[[], Engine] | None = None,
) -> Snapshot:
    """Make a new snapshot of the marts from the lake and move the pointer to it.

    Call inside `Lake.writing()`.

    Parameters
    ----------
    as_of
        Only what was received by then; months that had not begun are left out.
    progress
        Called as progress(name of the step, done, of how many).
    on_month
        Called when a month is whole as on_month(month, parts made, of how many).
    before_current
        Called with the new snapshot, its id that of its folder until it is finished,
        and what can be taken over, to add to the folder what is not made by SQL; gives
        the keys of the files that it has added.
    open_engine
        Gives what runs the SQL; None: DuckDB in this process.

    Raises
    ------
    BuildError
        There is nothing in the lake (as of then).
    ClockError
        The lake holds what was received after now.
    LakeBusyError
        Another snapshot was published in the bucket meanwhile, and stays current.
    EngineError
        The engine is not there or broke down; the snapshot before stays current.
    OSError
        The disk is full or faulty; the snapshot before stays current.
    """
    lake = Lake(root)
    copy = copy_of(lake.root)
    # Before the submissions are read: a later one may know of more.
    published = copy.pointer if copy else ""
    now = now or datetime.now(UTC)
    submissions = _read_submissions(lake, registry, as_of, now)
    if registry.folder != PACKAGE_FOLDER and not _was_built(lake.root, registry):
        # Our own registry is tried by the tests.
        try_queries(registry)
    counting = in_force(submissions)
    damaged = lake.damaged(counting)
    snapshot = _begin_snapshot(registry, submissions, counting, damaged, as_of, now)
    files = snapshot.files
    finished = lake.root / "marts" / snapshot.id
    folder = finished.with_name(f"{snapshot.id}.building")
    folder.mkdir(parents=True)
    try:
        write_inputs(folder, registry, submissions, files, as_of or now)
        earlier = Earlier(lake.root)
        with open_engine() if open_engine else DuckDBEngine(lake.root) as engine:
            states = [model.name for model in MODELS if model.is_state]
            made = (lake.root, earlier, folder, counting, states)
            reusing = ReusingEngine(engine, *made)
            make_models(reusing, lake.root, folder, registry, files, progress, on_month)
            keys = tuple(reusing.keys.items())
            snapshot = dataclasses.replace(snapshot, engine=engine.name, keys=keys)
        write_compiled(folder / "compiled", registry)
        if before_current:
            unfinished = dataclasses.replace(snapshot, id=folder.name)
            keys += tuple(before_current(unfinished, earlier).items())
            snapshot = dataclasses.replace(snapshot, keys=keys)
        snapshot, facts = seal_snapshot(folder, snapshot)
        _sync(folder)
        replace_file(folder / FACTS, facts)
        folder.rename(finished)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _point_at(lake.root, snapshot.id, copy, published)
    prune_snapshots(lake.root, snapshot.id)
    if copy:
        copy.prune(snapshot.id)
    return snapshot


def _read_submissions(
    lake: Lake, registry: Registry, as_of: datetime | None, now: datetime
) -> Sequence[Submission]:
    """What a build is made of. Raises BuildError, ClockError."""
    submissions = lake.submissions(as_of)
    if not submissions:
        reason = text("en", "commands.build.nothing", root=address_of(lake.root))
        if as_of:
            place = {"root": address_of(lake.root), "when": as_of.isoformat()}
            reason = text("en", "commands.build.nothing_by_then", **place)
        raise BuildError(reason)
    if as_of is None:
        check_clock(submissions, now.astimezone(registry.calendar.timezone))
    return submissions


def _begin_snapshot(
    registry: Registry,
    submissions: Sequence[Submission],
    counting: Sequence[Submission],
    damaged: Collection[StoredFile],
    as_of: datetime | None,
    now: datetime,
) -> Snapshot:
    """What is known of a snapshot before it is made; named by time and content."""
    recipe, zone = recipe_of(registry), registry.calendar.timezone
    files = tuple(f for s in counting for f in s.files if f not in damaged)
    digest = hashlib.sha256(recipe.encode())
    for part in (*(file.sha256 for file in files), str(as_of)):
        digest.update(part.encode())
    return Snapshot(
        id=f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{digest.hexdigest()[:8]}",
        built_at=now.astimezone(zone),
        as_of=as_of and as_of.astimezone(zone),
        is_demo=any(s.is_demo for s in submissions),
        n_submissions=len(submissions),
        recipe=recipe,
        files=files,
        set_aside=tuple(file.path for file in damaged),
    )


def _point_at(
    root: Path, identity: str, copy: WorkingCopy | None, published: str
) -> None:
    """Move the pointer to a snapshot that is finished; take that away if it fails.

    Raises
    ------
    LakeBusyError, OSError
        As `build`.
    """
    try:
        sync_folder(root / "marts")
        if copy:
            _publish(copy, identity, published)
        replace_file(root / POINTER, identity.encode())
    except (OSError, LakeBusyError):
        # The pointer may have moved before the fault: it never names what is not there.
        if not _is_pointed_at(root, identity):
            shutil.rmtree(root / "marts" / identity, ignore_errors=True)
        raise


def _publish(copy: WorkingCopy, identity: str, published: str) -> None:
    """Put a snapshot into the bucket and move its pointer from where it was."""
    try:
        copy.publish(identity, published)
    except FileExistsError:
        place = copy.bucket.address
        raise LakeBusyError(text("en", "commands.published", root=place)) from None


def try_queries(registry: Registry) -> None:
    """Plan every query that the registry gives on empty marts.

    The last stage of checking a registry: what its names make of the SQL.

    Raises
    ------
    RegistryError
        A table has the name of a model, or a query cannot run; all of them at once.
    """
    taken = {*INPUTS, *(model.name for model in (*MODELS, CHECKED_ROWS))}
    faults = [
        text("en", "registry.table_is_model", name=name)
        for name in staged_tables(registry)
        if name in taken
    ]
    if faults:
        raise RegistryError(faults)
    with _on_nothing(registry) as engine:
        for model in (*models(registry), CHECKED_ROWS):
            try:
                for name in model.text_names(registry):
                    engine.outline(model.name, sql_text(name, registry))
            except duckdb.Error as error:
                faults.append(_query_fault(model.name, error))
        for query in all_names(registry):
            if query.split("/")[0] in ("staging", "marts", MEASURED):
                continue
            try:
                query_text = sql_text(query, registry)
                engine.connection.execute(f"prepare tried as {query_text}")
            except duckdb.Error as error:
                faults.append(_query_fault(query, error))
    if faults:
        raise RegistryError(faults)


def outline_models(registry: Registry) -> dict[str, list[tuple[str, str]]]:
    """Name and type of the columns of every model, without any data."""
    with _on_nothing(registry) as engine:
        for model in models(registry):
            engine.outline(model.name, model.sql(registry))
        tables = {
            model.name: engine.connection.table(model.name)
            for model in models(registry)
        }
        return {
            name: list(zip(table.columns, map(str, table.types), strict=True))
            for name, table in tables.items()
        }


@contextmanager
def _on_nothing(registry: Registry) -> Iterator[DuckDBEngine]:
    """An engine with the inputs of an empty lake."""
    with tempfile.TemporaryDirectory() as name:
        folder, now = Path(name), datetime.now(UTC)
        # One submission that brought nothing, so that the manifest has its columns.
        nothing = Submission(0, "", "", "", now, None, is_demo=False, files=())
        write_inputs(folder, registry, [nothing], (), now)
        with DuckDBEngine(folder) as engine:
            bind_inputs(engine, folder, folder, registry, ())
            yield engine


def _was_built(root: Path, registry: Registry) -> bool:
    """Whether the current snapshot was made by the same models and registry."""
    try:
        before = current_snapshot(root)
    except DamagedSnapshotError:
        return False
    return before is not None and not is_stale(before, registry)


def _query_fault(name: str, error: duckdb.Error) -> str:
    said = str(error).splitlines()[0]
    return text("en", "registry.query_fails", name=name, said=said)


def is_stale(snapshot: Snapshot, registry: Registry) -> bool:
    """Whether the models or the registry were changed since the build."""
    return snapshot.recipe != recipe_of(registry)


@functools.cache
def recipe_of(registry: Registry) -> str:
    """Digest of the models and the registry: what a snapshot is made and read by."""
    digest = hashlib.sha256(registry.digest.encode())
    for model in models(registry):
        for name in model.text_names(registry):
            digest.update(f"{name} {sql_text(name, registry)}".encode())
    return digest.hexdigest()


def check(root: Path | str, snapshot: Snapshot, registry: Registry) -> pa.Table:
    """Run every query of sql/checks over a snapshot; each row returned is a finding.

    Its columns are `CHECK_COLUMNS`.
    """
    with open_snapshot(root, snapshot, registry) as engine:
        # Read once, not once for each of its count columns.
        engine.hold("ledger")
        engine.view(CHECKED_ROWS.name, CHECKED_ROWS.sql(registry))
        found = [
            engine.connection.sql(model.sql(registry)).to_arrow_table()
            for model in CHECKS
        ]
    return pa.concat_tables(found, promote_options="permissive")


def open_snapshot(
    root: Path | str, snapshot: Snapshot, registry: Registry
) -> DuckDBEngine:
    """An engine in which every model of the snapshot can be read by its name.

    Raises
    ------
    StaleSnapshotError
        It was built before the models or the registry were changed.
    """
    if is_stale(snapshot, registry):
        raise StaleSnapshotError(
            text("en", "commands.build.stale", snapshot=snapshot.id)
        )
    root = Path(root).resolve()
    engine = DuckDBEngine(root)
    bind_snapshot(engine, root, snapshot, registry)
    return engine


def bind_snapshot(
    engine: Engine, root: Path, snapshot: Snapshot, registry: Registry
) -> None:
    """Put every model of a snapshot behind its name, its marts and what they lack."""
    folder = root / "marts" / snapshot.id
    bind_inputs(engine, root, folder, registry, snapshot.whole_files)
    every = models(registry)
    for model in every:
        if model.is_mart:
            paths = [folder / path for path in snapshot.parts(model.name)]
            engine.bind(model.name, paths, alike=True)
    for model in every:
        if not model.is_mart:
            engine.view(model.name, model.sql(registry))


def _is_pointed_at(root: Path, identity: str) -> bool:
    try:
        return (root / POINTER).read_text("utf-8") == identity
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody knows: a whole snapshot too many does no harm


def _sync(folder: Path) -> None:
    """Have the marts and their names on the disk.

    The texts under compiled/ may follow: were they lost with the power, their sums say
    so, and the snapshot before serves.
    """
    for path in folder.rglob("*.parquet"):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    for path in (*folder.iterdir(), folder):
        if path.is_dir():
            sync_folder(path)
