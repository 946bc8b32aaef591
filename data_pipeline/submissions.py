"""What the lake holds, by submission: what was filed, what withdrawn and why.

Nothing of it is a second log: every line is read from the chain of the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from data_pipeline.number_words import time_text
from data_pipeline.registry import CELL, Registry
from data_pipeline.store.lake import NO_MONTH, Lake
from data_pipeline.store.manifest import Fault as Fault
from data_pipeline.store.manifest import StoredFile
from data_pipeline.store.manifest import Submission as Submission
from data_pipeline.store.sealing import is_whole
from data_pipeline.store.snapshots import Snapshot


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
