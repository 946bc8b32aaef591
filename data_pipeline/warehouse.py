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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline.disk import replace_file, sync_folder
from data_pipeline.engines import DuckDBEngine, Engine
from data_pipeline.measured_names import staged_tables
from data_pipeline.registry import (
    PACKAGE_FOLDER,
    Calendar,
    Metric,
    OwedBy,
    Registry,
    RegistryError,
    month_end,
)
from data_pipeline.registry.schema import layout_of, stored_schema
from data_pipeline.sql_text import all_names, sql_text, write_compiled
from data_pipeline.store.lake import Lake, StoredFile, Submission
from data_pipeline.store.manifest import in_force
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
from data_pipeline.words import text

# A registry may have no count that anybody owes: the columns are there all the same.
OWED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("metric", "month", "supervision_group", "unit")]
    + [("sector", pa.string()), ("n_owed", pa.int64())]
)
INPUTS = (
    "metrics",
    "units",
    "months",
    "rounds",
    "owed",
    "cumulative_columns",
    "manifest",
)


@dataclasses.dataclass(frozen=True)
class Model:
    """One SQL file. A mart is written to Parquet, staging stays a view.

    is_held: many metrics count its rows, so they are made once and kept for the build.
    """

    name: str
    layer: str
    is_held: bool = False

    @property
    def is_mart(self) -> bool:
        return self.layer == "marts"

    def sql(self, registry: Registry) -> str:
        return sql_text(f"{self.layer}/{self.name}", registry)

    def make(self, engine: Engine, registry: Registry, folder: Path) -> None:
        """Write the mart into a folder, or put up the view."""
        if self.is_mart:
            path = folder / f"{self.name}.parquet"
            engine.write(self.name, self.sql(registry), path)
        else:
            engine.view(self.name, self.sql(registry))
            if self.is_held:
                engine.hold(self.name)


# The table of contents of the SQL, in the order in which the models need each other.
MODELS = (
    Model("submissions", "staging"),
    Model("roll", "marts"),
    Model("ledger_filed", "staging"),
    Model("arrivals", "marts"),
    Model("receipts", "staging"),
    Model("superseded", "marts"),
    Model("ledger_latest", "staging"),
    Model("ledger", "staging"),
    Model("ledger_sums", "marts"),
    Model("metric_rows", "staging"),
    Model("branch_spread", "marts"),
    Model("spine", "marts"),
    Model("filing", "marts"),
    Model("draw", "staging"),
    Model("check_filed", "staging"),
    Model("drawn_check", "marts"),
    Model("drawn", "marts"),
    Model("spot_check", "staging"),
    Model("weak_case", "staging"),
    Model("frame", "marts"),
    Model("random_found", "marts"),
    Model("claimed_before", "marts"),
    Model("measured", "marts"),
    Model("fine_leaf", "marts"),
    Model("leaf", "marts"),
)


def models(registry: Registry) -> tuple[Model, ...]:
    """MODELS and, before what counts them, the tables that are staged all alike."""
    staged = [Model(name, "staging", True) for name in staged_tables(registry)]
    at = MODELS.index(Model("measured", "marts"))
    return (*MODELS[:at], *staged, *MODELS[at:])


# What every query of sql/checks says of a row.
CHECK_COLUMNS = (
    *("rule", "month", "unit", "sector", "branch"),
    *("column_name", "total", "other_name", "other_total"),
    *("source_file", "source_sheet", "source_row"),
)
# Every ledger row once for each count: only the checks look at that much.
CHECKED_ROWS = Model("ledger_long", "staging")
CHECKS = tuple(
    Model(name.removeprefix("checks/"), "checks")
    for name in all_names()
    if name.startswith("checks/")
)


class BuildError(RuntimeError):
    """The marts cannot be built; the message says why and what to do."""


def build(
    root: Path | str,
    registry: Registry,
    *,
    as_of: datetime | None = None,
    now: datetime | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    before_current: Callable[[Snapshot], None] | None = None,
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
    before_current
        Called with the new snapshot, its id that of its folder until it is finished,
        to add to the folder what is not made by SQL.
    open_engine
        Gives what runs the SQL; None: DuckDB in this process.

    Raises
    ------
    BuildError
        There is nothing in the lake (as of then), or the clock was set back.
    EngineError
        The engine is not there or broke down; the snapshot before stays current.
    OSError
        The disk is full or faulty; the snapshot before stays current.
    """
    lake = Lake(root)
    now = now or datetime.now(UTC)
    zone = registry.calendar.timezone
    submissions = lake.submissions(as_of)
    if not submissions:
        reason = text("en", "commands.build.nothing", root=lake.root)
        if as_of:
            place = {"root": lake.root, "when": as_of.isoformat()}
            reason = text("en", "commands.build.nothing_by_then", **place)
        raise BuildError(reason)
    latest = max(submission.received for submission in submissions)
    if as_of is None and latest > now:
        # By such a clock the last months would not have begun.
        times = {"now": now.isoformat(), "latest": latest.astimezone(zone).isoformat()}
        raise BuildError(text("en", "commands.build.clock", **times))
    recipe = recipe_of(registry)
    if registry.folder != PACKAGE_FOLDER and not _was_built(lake.root, recipe):
        # Our own registry is tried by the tests.
        try_queries(registry)
    counting = in_force(submissions)
    damaged = lake.damaged(counting)
    files = tuple(f for s in counting for f in s.files if f not in damaged)
    digest = hashlib.sha256(recipe.encode())
    for part in (*(file.sha256 for file in files), str(as_of)):
        digest.update(part.encode())
    identity = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{digest.hexdigest()[:8]}"
    snapshot = Snapshot(
        id=identity,
        built_at=now.astimezone(zone),
        as_of=as_of and as_of.astimezone(zone),
        is_demo=any(s.is_demo for s in submissions),
        n_submissions=len(submissions),
        recipe=recipe,
        files=files,
        set_aside=tuple(file.path for file in damaged),
    )
    finished = lake.root / "marts" / identity
    folder = finished.with_name(f"{identity}.building")
    folder.mkdir(parents=True)
    try:
        _write_inputs(folder, registry, submissions, as_of or now)
        with open_engine() if open_engine else DuckDBEngine(lake.root) as engine:
            snapshot = dataclasses.replace(snapshot, engine=engine.name)
            _bind_inputs(engine, lake.root, folder, registry, files)
            steps = models(registry)
            for done, model in enumerate(steps):
                if progress:
                    progress(model.name, done, len(steps))
                model.make(engine, registry, folder)
        write_compiled(folder / "compiled", registry)
        if before_current:
            before_current(dataclasses.replace(snapshot, id=folder.name))
        snapshot, facts = seal_snapshot(folder, snapshot)
        _sync(folder)
        replace_file(folder / FACTS, facts)
        folder.rename(finished)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        sync_folder(lake.root / "marts")
        replace_file(lake.root / POINTER, identity.encode())
    except OSError:
        # The pointer may have moved before the fault: it never names what is not there.
        if not _is_pointed_at(lake.root, identity):
            shutil.rmtree(finished, ignore_errors=True)
        raise
    prune_snapshots(lake.root, identity)
    return snapshot


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
                engine.outline(model.name, model.sql(registry))
            except duckdb.Error as error:
                faults.append(_query_fault(model.name, error))
        for query in all_names(registry):
            if query.split("/")[0] in ("staging", "marts"):
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
        _write_inputs(folder, registry, [nothing], now)
        with DuckDBEngine(folder) as engine:
            _bind_inputs(engine, folder, folder, registry, ())
            yield engine


def _was_built(root: Path, recipe: str) -> bool:
    """Whether the current snapshot was made by the same models and registry."""
    try:
        before = current_snapshot(root)
    except DamagedSnapshotError:
        return False
    return before is not None and before.recipe == recipe


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
        digest.update(f"{model.name} {model.layer} {model.sql(registry)}".encode())
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
    _bind_inputs(engine, root, folder, registry, snapshot.whole_files)
    for model in models(registry):
        if model.is_mart:
            engine.bind(model.name, [folder / f"{model.name}.parquet"])
        else:
            engine.view(model.name, model.sql(registry))


def _write_inputs(
    folder: Path,
    registry: Registry,
    submissions: Sequence[Submission],
    known_until: datetime,
) -> None:
    """The registry and the manifest as tables that SQL can join."""
    calendar = registry.calendar
    last_month = known_until.astimezone(calendar.timezone).strftime("%Y-%m")
    inputs = {
        "metrics": [
            {
                "metric": m.id,
                "source": "measured" if m.is_measured else m.table,
                "numerator": m.numerator,
                "denominator": m.denominator,
                "remembered_month": m.remembered_month,
                "is_of_topic": _is_of_topic(m, registry),
                "is_clustered": m.is_clustered and not m.remembers,
                "is_verified": m.verified is not None and not m.remembers,
            }
            for m in registry.metrics.values()
        ],
        "units": [
            {"unit": u.code, "supervision_group": u.group}
            for u in registry.units.values()
        ],
        "months": [
            {
                "month": month,
                "position": position,
                "first_day": month_end(month).replace(day=1),
                "last_day": month_end(month),
                "deadline": _utc(calendar.filing_deadline(month)),
                "topic_column": registry.topic_of(month).numerator,
                "is_closed": calendar.filing_deadline(month) <= known_until,
                "n_rounds": calendar.n_owed("round", month),
                "n_rounds_before": sum(
                    one.end < month_end(month).replace(day=1) for one in calendar.rounds
                ),
            }
            for position, month in enumerate(calendar.months, 1)
            if month <= max(last_month, calendar.start)
        ],
        "rounds": _rounds(calendar),
        "owed": _owed(registry, calendar.months),
        "cumulative_columns": [
            {"column_name": c.name, "first_month": registry.opens(c.name)}
            for c in registry.tables["ledger"].columns
            if c.kind == "cumulative"
        ],
        "manifest": [
            {
                "sequence": s.sequence,
                "submission": s.id,
                "source_file": s.file,
                "supervision_group": s.group or "",
                "received": _utc(s.received),
                "received_day": s.received.astimezone(calendar.timezone).date(),
            }
            for s in submissions
        ],
    }
    for name, rows in inputs.items():
        schema = OWED_SCHEMA if name == "owed" else None
        table = pa.Table.from_pylist(rows, schema=schema)
        pq.write_table(table, folder / f"{name}.parquet")
    # Bound beside the lake's files, so that a table nobody has filed yet still has
    # its columns, and an old file gains those that the registry added since.
    for table in registry.lake_tables.values():
        empty = stored_schema(table).empty_table()
        pq.write_table(empty, folder / f"empty_{table.name}.parquet")


def _owed(registry: Registry, months: Sequence[str]) -> list[dict]:
    """How often each place owes a count by the end of each month."""
    rows = []
    for metric in registry.metrics.values():
        if metric.owed_by is None:
            continue
        owing = _places_owing(metric.owed_by, registry)
        for month in months:
            n_owed = registry.calendar.n_owed(metric.owed_by.each, month)
            rows += [
                {**place, "metric": metric.id, "month": month, "n_owed": n_owed}
                for place in owing
            ]
    return rows


def _places_owing(owed: OwedBy, registry: Registry) -> list[dict[str, str]]:
    if owed.place == "supervision_group":
        codes = [{"supervision_group": code} for code in registry.groups]
    elif owed.place == "sector":
        codes = [{"sector": code} for code in registry.sectors]
    else:
        codes = [
            {"unit": unit.code}
            for unit in registry.units.values()
            if not owed.kinds or unit.kind in owed.kinds
        ]
    nowhere = {"supervision_group": "", "unit": "", "sector": ""}
    return [nowhere | place for place in codes]


def _is_of_topic(metric: Metric, registry: Registry) -> bool:
    derived = registry.derived.get(metric.numerator)
    return derived is not None and derived.of_topic


def _bind_inputs(
    engine: Engine,
    root: Path,
    folder: Path,
    registry: Registry,
    files: Sequence[StoredFile],
) -> None:
    for path in folder.glob("*.parquet"):
        if path.stem in INPUTS:
            engine.bind(path.stem, [path])
    for name, table in registry.lake_tables.items():
        of_table = [file for file in files if file.table == name]
        alike = {file.layout for file in of_table} == {layout_of(table)}
        paths = [root / file.path for file in of_table]
        if not alike:
            paths.append(folder / f"empty_{name}.parquet")
        engine.bind(f"lake_{name}", paths, alike=alike)


def _rounds(calendar: Calendar) -> list[dict]:
    """Every day of the campaign belongs to a round: each lasts until the next begins.

    The first begins with the campaign; without rounds the campaign is one.
    """
    start, end = (month_end(month) for month in (calendar.start, calendar.end))
    first_days = [start.replace(day=1), *(one.start for one in calendar.rounds[1:])]
    ends = [day - timedelta(days=1) for day in first_days[1:]] + [end]
    return [
        {"round": number, "first_day": first, "last_day": last}
        for number, (first, last) in enumerate(zip(first_days, ends, strict=True), 1)
    ]


def _utc(instant: datetime) -> datetime:
    """SQL compares instants without a zone: all of them are UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None)


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
    for path in folder.glob("*.parquet"):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)
