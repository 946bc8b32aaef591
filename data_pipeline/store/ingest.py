"""Workbooks into the lake: each file stands or falls alone, whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from data_pipeline.registry import Registry
from data_pipeline.store.draw_register import list_ids
from data_pipeline.store.lake import Lake, Submission
from data_pipeline.workbooks.read_workbook import Finding, Reading, read_workbook


@dataclasses.dataclass(frozen=True)
class Accepted:
    """A file that is in the lake; is_new is False when it had been there before."""

    file: str
    submission: str
    rows: dict[str, int]
    is_new: bool


@dataclasses.dataclass(frozen=True)
class Report:
    """What became of the files; after a disk `fault` those `left` were not reached."""

    accepted: tuple[Accepted, ...]
    refused: tuple[str, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    fault: OSError | None = None
    left: tuple[Path, ...] = ()


class KnownRows:
    """What a new file is judged against: roll, grain of each ledger cell, draws.

    roll maps a branch to its (unit, sector) as the latest submission says; grains maps
    month x unit x sector to "branch" or "total"; draws are the registered ids.
    """

    def __init__(self, lake: Lake):
        self.roll: dict[str, tuple[str, str]] = {}
        self.grains: dict[tuple[str, str, str], str] = {}
        self.draws = list_ids(lake)
        self._revisions: dict[str, tuple[datetime, int]] = {}
        submissions = lake.submissions()
        columns = ["branch", "unit", "sector"]
        for submission, rows in lake.read("roll", columns, submissions):
            self._learn_roll(rows, submission)
        columns = ["month", "unit", "sector", "branch"]
        for _, rows in lake.read("ledger", columns, submissions):
            self._learn_grains(rows)

    def learn(self, reading: Reading, submission: Submission) -> None:
        """Take in the rows of a file that has just been accepted."""
        if "roll" in reading.tables:
            self._learn_roll(reading.tables["roll"], submission)
        if "ledger" in reading.tables:
            self._learn_grains(reading.tables["ledger"])

    def _learn_roll(self, rows: pa.Table, submission: Submission) -> None:
        revision = (submission.received, submission.sequence)
        columns = (
            rows.column(name).to_pylist() for name in ("branch", "unit", "sector")
        )
        for branch, unit, sector in zip(*columns, strict=True):
            if self._revisions.get(branch, revision) <= revision:
                self._revisions[branch] = revision
                self.roll[branch] = (unit, sector)

    def _learn_grains(self, rows: pa.Table) -> None:
        keys = rows.select(["month", "unit", "sector"]).append_column(
            "is_branch", rows.column("branch").is_valid()
        )
        cells = keys.group_by(keys.column_names).aggregate([])
        for cell in cells.to_pylist():
            grain = "branch" if cell["is_branch"] else "total"
            self.grains[cell["month"], cell["unit"], cell["sector"]] = grain


def ingest_files(
    paths: Sequence[Path],
    lake: Lake,
    registry: Registry,
    *,
    received: datetime,
    group: str | None = None,
    is_demo: bool = False,
    known: KnownRows | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Read each file and store the ones without a finding; call inside `writing()`.

    Parameters
    ----------
    received
        When the files came in; rows of a later time supersede.
    group
        Code of the sending group: rows of another group's unit are refused.
    known
        What the lake holds already, when the caller keeps it between calls.
    """
    known = known or KnownRows(lake)
    accepted, refused = [], []
    fault: OSError | None = None
    left: tuple[Path, ...] = ()
    findings: list[Finding] = []
    warnings: list[Finding] = []
    for number, path in enumerate(paths):
        if progress:
            progress("ingest", number, len(paths))
        reading = read_workbook(
            path,
            registry,
            received=received,
            group=group,
            roll=known.roll,
            grains=known.grains,
            draws=known.draws,
        )
        warnings += reading.warnings
        if reading.findings:
            findings += reading.findings
            refused.append(reading.file)
            continue
        try:
            submission, is_new = lake.add(
                reading.tables,
                registry,
                file=reading.file,
                sha256=reading.sha256,
                received=received,
                group=group,
                is_demo=is_demo,
            )
        except OSError as error:
            # What came before is stored and has to be said.
            fault, left = error, tuple(paths[number:])
            break
        known.learn(reading, submission)
        accepted.append(Accepted(reading.file, submission.id, submission.rows, is_new))
    if progress:
        progress("ingest", len(paths), len(paths))
    return Report(
        tuple(accepted), tuple(refused), tuple(findings), tuple(warnings), fault, left
    )
