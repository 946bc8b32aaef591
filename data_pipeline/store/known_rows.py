"""What a new file is judged against, of all that was filed before.

Reading it from every stored file would make each submission dearer than the last. So
what was learned is kept beside the manifest, with how far it goes:

    <root>/lake/known.json    sealed; only a saving, and made anew when it is gone
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime

import pyarrow as pa

from data_pipeline.disk import replace_file
from data_pipeline.registry import Registry, Table
from data_pipeline.store.draw_register import list_ids
from data_pipeline.store.lake import Lake, Submission
from data_pipeline.store.manifest import in_force
from data_pipeline.store.sealing import SEAL, read_plain, seal_of, sealed_json
from data_pipeline.workbooks.cell_values import fold_code
from data_pipeline.workbooks.read_workbook import Reading

KEPT = "lake/known.json"
# What is kept has to be made anew when it comes to mean something else.
_FORM = 1
# Whose a case is: the group that names it, or else that of its branch.
_OWNERS = ("supervision_group", "branch")
# The columns of a table that later files are judged by, and what takes its rows in.
Lesson = tuple[Sequence[str], Callable[[pa.Table, Submission], None]]


class KnownRows:
    """What a new file is judged against: roll, grain of each ledger cell, draws.

    roll maps a branch to its (unit, sector) as the latest submission says, filed does
    so for the branches of ledgers; grains maps a table and what a total of it speaks
    for to "branch" or "total", cases a table and the number of a case to its group and
    branch; draws are the registered ids.
    """

    def __init__(self, lake: Lake, registry: Registry):
        self._lake, self._registry = lake, registry
        self.read_anew()

    def read_anew(self) -> None:
        """Read what the lake holds now."""
        lake, registry = self._lake, self._registry
        self.roll: dict[str, tuple[str, str]] = {}
        self.filed: dict[str, tuple[str, str]] = {}
        self.grains: dict[tuple[str, ...], str] = {}
        self.draws = list_ids(lake)
        self.cases: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        # Branch -> receipt and order of arrival of what its place is from.
        self._revisions: dict[str, tuple[datetime, int]] = {}
        self.submissions = list(lake.submissions())
        self._recipe = f"{_FORM} {registry.digest}"
        self._lessons = {
            name: lesson
            for name, table in registry.tables.items()
            if (lesson := self._lesson(table))
        }
        known_until = self._take_up()
        counting = in_force(self.submissions)
        new = tuple(one for one in counting if one.sequence > known_until)
        for name, (columns, learn) in self._lessons.items():
            for submission, rows in lake.read(name, columns, new):
                learn(rows, submission)

    def keep(self) -> None:
        """Keep what was learned for the next run; where that cannot be, it reads again.

        Call inside `Lake.writing()`.
        """
        if not self.submissions:
            return
        last = self.submissions[-1]
        kept = {
            "recipe": self._recipe,
            "sequence": last.sequence,
            "entry": last.seal,
            "files": self._files_digest(self.submissions),
            "roll": [
                [b, *place, self._revisions[b][1]] for b, place in self.roll.items()
            ],
            "filed": [[b, *place] for b, place in self.filed.items()],
            "grains": [[*cell, grain] for cell, grain in self.grains.items()],
            "cases": [[*case, *owner] for case, owner in self.cases.items()],
        }
        content = sealed_json(kept, indent=None)
        # The submissions are there: what only saves work may fail.
        with contextlib.suppress(OSError):
            replace_file(self._lake.root / KEPT, content, sync=False)

    def _take_up(self) -> int:
        """Take in what was kept; the order of arrival it goes up to, 0 for nothing.

        It holds where the manifest goes on from where it stood, nothing was withdrawn
        since, and the files it was read from are as they were.
        """
        try:
            kept = json.loads(read_plain(self._lake.root / KEPT))
            if kept.get(SEAL) != seal_of(kept) or kept["recipe"] != self._recipe:
                return 0
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return 0
        until = kept["sequence"]
        before, since = self.submissions[:until], self.submissions[until:]
        if (
            not before
            or (before[-1].sequence, before[-1].seal) != (until, kept["entry"])
            or any(one.withdraws for one in since)
            or self._files_digest(before) != kept["files"]
        ):
            return 0
        for branch, *place, sequence in kept["roll"]:
            received = before[sequence - 1].received
            self.roll[branch] = tuple(place)
            self._revisions[branch] = received, sequence
        self.filed = {branch: tuple(place) for branch, *place in kept["filed"]}
        self.grains = {tuple(cell): grain for *cell, grain in kept["grains"]}
        self.cases = {(t, code): tuple(owner) for t, code, *owner in kept["cases"]}
        return until

    def _files_digest(self, submissions: Sequence[Submission]) -> str:
        """Of size and time of the stored files that are learned from.

        Not of the time of a new name: a trial gives them one (hard links).
        """
        digest = hashlib.sha256()
        for file in (f for one in in_force(submissions) for f in one.files):
            if file.table in self._lessons:
                try:
                    found = os.stat(f"{self._lake.root}/{file.path}")
                    digest.update(f"{found.st_size} {found.st_mtime_ns},".encode())
                except OSError:
                    digest.update(b"-,")
        return digest.hexdigest()

    def learn(self, reading: Reading, submission: Submission) -> None:
        """Take in the rows of a file that has just been accepted."""
        self.submissions.append(submission)
        for name, rows in reading.tables.items():
            if name in self._lessons:
                _, learn = self._lessons[name]
                learn(rows, submission)

    def _lesson(self, table: Table) -> Lesson | None:
        """What later files are judged by of a table: its columns and who takes them in.

        None where nothing of it is needed.
        """
        if table.name == "roll":
            return ["branch", "unit", "sector"], self._learn_roll
        if table.total_of:
            learn = functools.partial(self._learn_grains, table)
            return [*table.total_of, "branch"], learn
        if codes := table.of_type("case"):
            owners = [n for n in _OWNERS if n in {c.name for c in table.columns}]
            return [*codes, *owners], functools.partial(self._learn_cases, table)
        return None

    def _learn_roll(self, rows: pa.Table, submission: Submission) -> None:
        columns = (
            rows.column(name).to_pylist() for name in ("branch", "unit", "sector")
        )
        revision = (submission.received, submission.sequence)
        for branch, unit, sector in zip(*columns, strict=True):
            if self._revisions.get(branch, revision) <= revision:
                self._revisions[branch] = revision
                self.roll[branch] = (unit, sector)

    def _learn_cases(self, table: Table, rows: pa.Table, _: Submission) -> None:
        blank = [None] * rows.num_rows
        codes = rows.column(table.of_type("case")[0]).to_pylist()
        owners = (
            rows.column(name).to_pylist() if name in rows.column_names else blank
            for name in _OWNERS
        )
        for code, *owner in zip(codes, *owners, strict=True):
            self.cases[table.name, fold_code(code)] = tuple(owner)

    def _learn_grains(self, table: Table, rows: pa.Table, _: Submission) -> None:
        named = rows.select(["branch", "unit", "sector"])
        named = named.filter(named.column("branch").is_valid())
        for place in named.group_by(named.column_names).aggregate([]).to_pylist():
            self.filed[place["branch"]] = (place["unit"], place["sector"])
        keys = rows.select(list(table.total_of)).append_column(
            "is_branch", rows.column("branch").is_valid()
        )
        cells = keys.group_by(keys.column_names).aggregate([])
        for cell in cells.to_pylist():
            grain = "branch" if cell.pop("is_branch") else "total"
            self.grains[table.name, *cell.values()] = grain
