"""What a page needs to take files in: look at them first, then file them, then build.

A file is looked at by being filed into a copy of the lake and built there: what is said
of it beforehand is what will be, by the same reader, the same SQL and the same rules.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_pipeline.check_findings import read_data_findings
from data_pipeline.disk import disk_sentence as disk_sentence
from data_pipeline.flags import build_with_flags
from data_pipeline.number_words import is_missing, time_text
from data_pipeline.rates import (
    Marts,
    open_marts,
    read_in_force,
    read_several,
    resolve_snapshot,
)
from data_pipeline.registry import CELL, Registry, Table
from data_pipeline.store.ingest import (
    Accepted,
    Report,
    ingest_files,
    store,
    understand,
)
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import NO_MONTH, Lake
from data_pipeline.store.lake import LakeBusyError as LakeBusyError
from data_pipeline.store.lake import ManifestError as ManifestError
from data_pipeline.store.manifest import Fault as Fault
from data_pipeline.store.manifest import StoredFile, Submission, in_force
from data_pipeline.store.sealing import is_whole
from data_pipeline.store.snapshots import NoSnapshotError, Snapshot
from data_pipeline.store.trial import trial_lake
from data_pipeline.store.withdrawal import REASON_CHARS as REASON_CHARS
from data_pipeline.store.withdrawal import WithdrawalError as WithdrawalError
from data_pipeline.store.withdrawal import withdraw
from data_pipeline.warehouse import BuildError as BuildError
from data_pipeline.workbooks.finding import Finding as Finding
from data_pipeline.workbooks.marked_copy import is_markable as is_markable
from data_pipeline.workbooks.marked_copy import mark_workbook as mark_workbook
from data_pipeline.workbooks.read_workbook import OpenedFile, Reading, open_bytes

NAME_CHARS = 120
Progress = Callable[[str, int, int], None]
# The places a moved figure is reported for: the first that its metric has.
PLACES = ("unit", "supervision_group", "sector")
FIGURES = ("numerator", "denominator", "rate", "n_blank", "n_missing")


class ChangedError(RuntimeError):
    """The lake holds something else by now than when the files were looked at."""


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
        Figures that would move: `metric`, `month`, a column for each of PLACES, and
        each of FIGURES before (`was_…`) and after.
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
    OSError
        There is no room for a trial.
    """
    lake, received = Lake(root), now or datetime.now(UTC)
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
        frames, readable = _nothing(), [one for one in files if one.accepted]
        if readable and all(_is_standing(one, standing) for one in readable):
            frames["brought"] = _all_the_same(readable, frames["brought"])
            frames["totals"] = _totals(files, registry)
        elif readable:
            numbers = _sequences(trial, files)
            build = {"now": received, "progress": progress}
            snapshot = build_with_flags(trial.root, registry, **build)
            tables = {name for f in files if f.accepted for name in f.accepted.rows}
            with (
                _opened(trial.root, registry, snapshot) as after,
                _present(lake, state, registry, received) as before,
            ):
                frames = _compare(before, after, tables, numbers, language)
                frames["totals"] = _totals(files, registry)
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
            received=now or datetime.now(UTC),
            group=group,
            opened=(open_bytes(upload.data, upload.name) for upload in uploads),
        )


def withdraw_submission(
    root: Path | str,
    registry: Registry,
    submission: str,
    *,
    reason: str,
    group: str | None = None,
) -> Submission:
    """Take a submission out of force now; raises as `withdrawal.withdraw`."""
    lake = Lake(root)
    with lake.writing():
        return withdraw(
            lake,
            registry,
            submission,
            reason=reason,
            received=datetime.now(UTC),
            group=group,
        )


def rebuild(
    root: Path | str, registry: Registry, progress: Progress | None = None
) -> Snapshot:
    """Build the present state; raises as `warehouse.build` and `Lake.writing`."""
    lake = Lake(root)
    with lake.writing():
        return build_with_flags(lake.root, registry, for_all=True, progress=progress)


def read_manifest(root: Path | str) -> tuple[tuple[Submission, ...], tuple[Fault, ...]]:
    """Every submission that can be believed, in order of arrival, and what is wrong."""
    reading = Lake(root).manifest.read()
    return reading.submissions, reading.faults


def grave_faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Those because of which nobody knows what was submitted.

    A damaged head takes nothing away, and the next submission writes it anew.
    """
    return tuple(fault for fault in faults if fault.kind != "head")


def list_submissions(
    submissions: Sequence[Submission], registry: Registry
) -> pd.DataFrame:
    """Every submission but the withdrawals, in order of arrival.

    Returns
    -------
    DataFrame
        `received` (UTC, without a zone, as the marts have it), `submission`,
        `source_file`, `supervision_group` ('' where no group sent it), `months` (of
        its rows, a tuple), `n_rows`, `rows` (by table), and of what was withdrawn
        `withdrawn` (when), `withdrawn_by` (which group, '' for none) and `reason`, ''
        otherwise.
    """
    zone = registry.calendar.timezone
    withdrawals = {one.withdraws: one for one in submissions if one.withdraws}
    lines = []
    for one in submissions:
        if one.withdraws:
            continue
        taken = withdrawals.get(one.id)
        months = {file.month for file in one.files} - {NO_MONTH}
        lines.append(
            {
                "received": one.received.astimezone(UTC).replace(tzinfo=None),
                "submission": one.id,
                "source_file": one.file,
                "supervision_group": one.group or "",
                "months": tuple(sorted(months)),
                "n_rows": sum(one.rows.values()),
                "rows": one.rows,
                "withdrawn": time_text(taken.received.astimezone(zone))
                if taken
                else "",
                "withdrawn_by": (taken.group or "") if taken else "",
                "reason": taken.reason if taken else "",
            }
        )
    columns = ["received", "submission", "source_file", "supervision_group", "months"]
    columns += ["n_rows", "rows", "withdrawn", "withdrawn_by", "reason"]
    return pd.DataFrame(lines, columns=columns)


def read_withdrawn(
    root: Path | str, snapshot: Snapshot, registry: Registry
) -> pd.DataFrame:
    """What had been withdrawn when a snapshot was built, place by place.

    Returns
    -------
    DataFrame
        A line for each table, month, unit and sector of a withdrawn submission:
        `table_name`, `month`, `unit`, `sector` ('' where its rows have none),
        `supervision_group` (of the unit), `n_rows`, `source_file`, `submission`,
        `withdrawn` (when, with its zone), `withdrawn_by` (which group, '' for the
        office) and `reason`; the latest withdrawal first.
    """
    found = Lake(root).manifest.read().submissions
    if snapshot.as_of:
        found = tuple(one for one in found if one.received <= snapshot.as_of)
    known = found[: snapshot.n_submissions]
    by_id, zone = {one.id: one for one in known}, registry.calendar.timezone
    columns = ["table_name", "month", "unit", "sector", "supervision_group", "n_rows"]
    about = ["source_file", "submission", "withdrawn", "withdrawn_by", "reason"]
    parts = [pd.DataFrame(columns=[*columns, *about])]
    for taken in (one for one in reversed(known) if one.withdraws in by_id):
        one = by_id[taken.withdraws]
        for file in one.files:
            when = time_text(taken.received.astimezone(zone))
            said = (one.file, one.id, when, taken.group or "", taken.reason)
            rows = _rows_by_place(Path(root), file)
            parts.append(rows.assign(**dict(zip(about, said, strict=True))))
    listed = pd.concat(parts, ignore_index=True)
    places = ["unit", "sector", "month"]
    listed[places] = listed[places].astype(object).fillna("")
    groups = {code: unit.group for code, unit in registry.units.items()}
    return listed.assign(supervision_group=listed["unit"].map(groups).fillna(""))


def _rows_by_place(root: Path, file: StoredFile) -> pd.DataFrame:
    """How many rows of each place a stored file holds; of a damaged one only of all."""
    path = root / file.path
    month = "" if file.month == NO_MONTH else file.month
    about = {"table_name": file.table, "month": month}
    whole = pd.DataFrame({"n_rows": [file.rows]}).assign(**about)
    if not is_whole(path, file.sha256):
        return whole
    known = set(pq.read_schema(path).names)
    places = [name for name in CELL if name in known]
    if not places:
        return whole
    rows = pq.read_table(path, columns=places).to_pandas()
    counts = rows.value_counts(dropna=False).rename("n_rows")
    return counts.reset_index().assign(**about)


def read_record(submissions: Sequence[Submission]) -> pd.DataFrame:
    """A line for each entry of the chain: what was filed, and what withdrawn and why.

    `sequence`, `received` (UTC, without a zone), `event` (filed, withdrawn),
    `submission`, `other` (the withdrawn one), `source_file`, `supervision_group`,
    `n_rows`, `why`, `seal`.
    """
    lines = [
        {
            "sequence": one.sequence,
            "received": one.received.astimezone(UTC).replace(tzinfo=None),
            "event": "withdrawn" if one.withdraws else "filed",
            "submission": one.id,
            "other": one.withdraws,
            "source_file": one.file,
            "supervision_group": one.group or "",
            "n_rows": sum(one.rows.values()),
            "why": one.reason,
            "seal": one.seal,
        }
        for one in submissions
    ]
    return pd.DataFrame(lines)


def is_behind(root: Path | str, snapshot: Snapshot) -> bool:
    """Whether the lake holds something that a snapshot of the present does not know."""
    submissions, _ = read_manifest(root)
    return len(submissions) != snapshot.n_submissions


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


def _compare(
    before: Marts | None,
    after: Marts,
    tables: set[str],
    numbers: set[int],
    language: str,
) -> dict[str, pd.DataFrame]:
    """All frames of a `Preview` but the totals."""
    registry = after.registry
    parts: dict[str, list[pd.DataFrame]] = {"brought": [], "changes": []}
    parts["left_out"] = []
    for name in (name for name in registry.tables if name in tables):
        found = _compare_rows(before, after, registry.tables[name], numbers)
        for part, frame in zip(parts, found, strict=True):
            parts[part].append(frame.assign(table_name=name))
    frames = _nothing()
    for part, found in parts.items():
        columns = frames[part].columns
        rows = pd.concat(found, ignore_index=True) if found else frames[part]
        frames[part] = rows.reindex(columns=columns)
        places = columns.intersection(["month", "unit", "sector", "branch"])
        frames[part][places] = frames[part][places].astype(object).fillna("")
    said = [
        read_data_findings(marts, language) if marts else None
        for marts in (before, after)
    ]
    frames["warned"] = _without(said[1], said[0])
    frames["settled"] = _without(said[0], said[1])
    frames["moved"] = _moved(before, after)
    return frames


def _nothing() -> dict[str, pd.DataFrame]:
    place = ["table_name", "month", "unit", "sector", "branch"]
    source = ["source_file", "source_sheet", "source_row"]
    counts = ["n_rows", "n_new", "n_changed", "n_same", "n_left_out"]
    figures = [name for one in FIGURES for name in (f"was_{one}", one)]
    columns = {
        "brought": ["table_name", "month", *counts],
        "totals": ["table_name", "month", "column_name", "total", "n_blank"],
        "changes": [*place, "column_name", "before", "after", *source],
        "left_out": [*place, *source],
        "warned": ["rule"],
        "settled": ["rule"],
        "moved": ["metric", "month", *PLACES, *figures],
    }
    return {name: pd.DataFrame(columns=names) for name, names in columns.items()}


def _compare_rows(
    before: Marts | None, after: Marts, table: Table, numbers: set[int]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Of one table: what is brought by month, cells that change, rows left out."""
    in_trial = read_in_force(after, table.name)
    is_ours = in_trial["sequence"].isin(numbers)
    ours = in_trial[is_ours].set_index("row_key")
    months = sorted(ours["month"].unique()) if "month" in ours else ()
    of_months = tuple(months) if "month" in table.key else ()
    stood = read_in_force(before, table.name, of_months) if before else in_trial[:0]
    stood = stood.set_index("row_key")
    met = ours.index.intersection(stood.index)
    columns = [column.name for column in table.columns]
    if "basis" in ours:
        columns.append("basis")
    cells = []
    is_changed = pd.Series(False, index=ours.index)
    for name in columns:
        was, now = (_as_text(frame.loc[met, name]) for frame in (stood, ours))
        differs = (was != now).to_numpy()
        is_changed.loc[met[differs]] = True
        part = ours.loc[met[differs]]
        cells.append(
            part.assign(
                column_name=name, before=was[differs].values, after=now[differs].values
            )
        )
    changes = pd.concat(cells, ignore_index=True)
    left_out = _left_out(stood, ours, table)
    counted = ours.assign(
        n_rows=1,
        n_new=(~ours.index.isin(stood.index)).astype(int),
        n_changed=is_changed.astype(int),
    )
    counted["n_same"] = 1 - counted["n_new"] - counted["n_changed"]
    numbers_of = ["n_rows", "n_new", "n_changed", "n_same"]
    keys = counted["month"] if "month" in counted else pd.Series("", counted.index)
    brought = counted[numbers_of].groupby(keys.rename("month")).sum()
    gone = left_out["month"] if "month" in left_out else pd.Series("", left_out.index)
    n_left = gone.value_counts()
    brought["n_left_out"] = n_left.reindex(brought.index).fillna(0).astype(int)
    return brought.reset_index(), changes, left_out.reset_index(drop=True)


def _left_out(stood: pd.DataFrame, ours: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows in force of the same unit, and month, that the files do not name.

    Only where a file gives a state: rows of single days are simply added to.
    """
    is_state = "month" in table.key or table.name == "roll"
    place = [name for name in ("month", "unit") if name in ours]
    if not is_state or "unit" not in place:
        return stood[:0]
    named = ours[place].drop_duplicates()
    rows = stood[~stood.index.isin(ours.index)]
    return rows.merge(named, on=place)


def _as_text(values: pd.Series) -> pd.Series:
    """Stored values as text: '' for a blank, counts without a point."""

    def in_words(value: object) -> str:
        if is_missing(value):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:.0f}"
        if hasattr(value, "date"):
            return str(value.date())
        return str(value)

    return values.map(in_words).astype(object)


def _totals(files: Sequence[Looked], registry: Registry) -> pd.DataFrame:
    """The sum of every count column of the readable files, by table and month."""
    lines = []
    parts: dict[str, list[pa.Table]] = {}
    for one in files:
        if one.accepted:
            for name, rows in one.reading.tables.items():
                parts.setdefault(name, []).append(rows)
    for name, found in parts.items():
        rows = pa.concat_tables(found)
        counts = registry.tables[name].of_type("count")
        has_month = "month" in rows.column_names
        months = rows.column("month").unique().to_pylist() if has_month else [""]
        for month in sorted(months):
            at = rows.filter(pc.equal(rows["month"], month)) if has_month else rows
            for column in counts:
                values = at.column(column)
                if values.null_count < len(values):
                    total, n_blank = pc.sum(values).as_py(), values.null_count
                    lines.append((name, month, column, total, n_blank))
    return pd.DataFrame(lines, columns=_nothing()["totals"].columns)


def _without(found: pd.DataFrame | None, others: pd.DataFrame | None) -> pd.DataFrame:
    """Lines of findings that do not stand among the others."""
    if found is None or others is None:
        return found if found is not None else _nothing()["warned"]
    said = ["rule", "month", "unit", "sector", "branch", "sentence"]
    known = set(others[said].itertuples(index=False, name=None))
    is_new = [
        row not in known for row in found[said].itertuples(index=False, name=None)
    ]
    return found[is_new].reset_index(drop=True)


def _moved(before: Marts | None, after: Marts) -> pd.DataFrame:
    """Figures of a place and month that are not the same, the largest change first."""
    months = sorted({*after.months, *(before.months if before else ())})
    parts = [_moved_by(place, before, after, months) for place in (*PLACES, "")]
    found = pd.concat([part for part in parts if not part.empty] or parts[:1])
    found = found.reset_index(drop=True)
    size = (found["rate"] - found["was_rate"]).abs().fillna(9)
    order = size.sort_values(ascending=False, kind="stable").index
    columns = _nothing()["moved"].columns
    found[list(PLACES)] = found[list(PLACES)].astype(object).fillna("")
    return found.loc[order].reset_index(drop=True).reindex(columns=columns)


def _moved_by(
    place: str, before: Marts | None, after: Marts, months: Sequence[str]
) -> pd.DataFrame:
    """As `_moved`, of the metrics that have one of PLACES, '' for none."""
    ids = [
        metric.id
        for metric in after.registry.metrics.values()
        if metric.is_offered
        and "month" in metric.dimensions
        and next((p for p in PLACES if p in metric.dimensions), "") == place
    ]
    by = ["month", place] if place else ["month"]
    empty = _nothing()["moved"]
    if not ids or not months:
        return empty
    was, now = (
        _figures(read_several(marts, ids, by=by, months=months)) if marts else None
        for marts in (before, after)
    )
    if was is None:
        was = now[:0]
    key = ["metric", *by]
    both = now.merge(
        was.rename(columns={f: f"was_{f}" for f in FIGURES}), on=key, how="outer"
    )
    counts = [name for name in FIGURES if name != "rate"]
    differs = pd.concat(
        [both[name].fillna(-1) != both[f"was_{name}"].fillna(-1) for name in counts],
        axis=1,
    ).any(axis=1)
    return both[differs].reindex(columns=empty.columns)


def _figures(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [frame.assign(metric=metric) for metric, frame in found.items()],
        ignore_index=True,
    )
