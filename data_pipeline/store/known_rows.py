"""What a new file is judged against, of all that was filed before.

Reading it from every stored file would make each submission dearer than the last. So
what was learned is kept beside the manifest (`notes.py`), with how far it goes, and of
it no more is read than what a file asks for. It is only a saving, and is made anew when
it is gone.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from data_pipeline.registry import Registry, Table
from data_pipeline.store import draw_register
from data_pipeline.store.lake import Lake, Submission
from data_pipeline.store.manifest import in_force
from data_pipeline.store.notes import LostNotesError, Notes
from data_pipeline.workbooks.cell_values import fold_code
from data_pipeline.workbooks.read_workbook import Reading

# What is kept has to be made anew when it comes to mean something else.
_FORM = 2
# Whose a case is: the group that names it, or else that of its branch.
_OWNERS = ("supervision_group", "branch")
# The columns of a table that later files are judged by, and what takes its rows in.
Lesson = tuple[Sequence[str], Callable[[pa.Table, Submission], None]]


class KnownRows:
    """What a new file is judged against: roll, grain of each ledger cell, draws.

    roll maps a branch to its (unit, sector) as the latest submission says, filed does
    so for the branches of ledgers; grains maps a table and what a total of it speaks
    for to "branch" or "total", cases a table and the number of a case to its group and
    branch. units_on_roll are those with a branch on the roll, draws the registered ids.
    """

    def __init__(self, lake: Lake, registry: Registry):
        self._lake, self._registry = lake, registry
        self.roll = _OfBranches(self, "roll")
        self.filed = _OfBranches(self, "filed")
        self.grains = _Grains(self, "grains")
        self.cases = _Noted(self, "cases")
        self.read_anew()

    def read_anew(self) -> None:
        """Read what the lake holds now."""
        self.submissions = list(self._lake.submissions())
        self._received = {one.sequence: one.received for one in self.submissions}
        self._recipe = f"{_FORM} {self._registry.digest}"
        self._lessons = {
            name: lesson
            for name, table in self._registry.lake_tables.items()
            if (lesson := self._lesson(table))
        }
        self._start(Notes.take_up(self._lake.root))

    def _start(self, notes: Notes | None) -> None:
        """Begin with notes that hold, or else with nothing, and learn what is new."""
        known_until = self._holds_until(notes) if notes else 0
        self._notes = notes if known_until else Notes(self._lake.root)
        facts = self._notes.facts
        self.draws: set[str] = set(facts.get("draws", ()))
        self._on_roll = collections.Counter(facts.get("on_roll"))
        counting = in_force(self.submissions)
        self._learn_from(one for one in counting if one.sequence > known_until)

    def _learn_from(self, submissions: Iterator[Submission]) -> None:
        new = tuple(submissions)
        for name, (columns, learn) in self._lessons.items():
            for submission, rows in self._lake.read(name, columns, new):
                learn(rows, submission)

    @property
    def units_on_roll(self) -> set[str]:
        return {unit for unit, n in self._on_roll.items() if n}

    def keep(self) -> None:
        """Keep what was learned for the next run; where that cannot be, it reads again.

        Call inside `Lake.writing()`.
        """
        if not self.submissions:
            return
        last = self.submissions[-1]
        facts = {
            "recipe": self._recipe,
            "sequence": last.sequence,
            "entry": last.seal,
            "files": self._files_digest(self.submissions),
            "draws": sorted(self.draws),
            "on_roll": dict(self._on_roll),
        }
        # The submissions are there: what only saves work may fail.
        with contextlib.suppress(OSError):
            try:
                self._notes.keep(facts)
            except LostNotesError:
                self._start(None)
                self._notes.keep(facts)

    def noted(self, kind: str, key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What is known of a key, None for nothing. What is lost is read again."""
        try:
            return self._notes.get(kind, key)
        except LostNotesError:
            self._start(None)
            return self._notes.get(kind, key)

    def count(self, kind: str) -> int:
        return self._notes.count(kind)

    def all_noted(self, kind: str) -> list[tuple[Any, ...]]:
        """Every key of a kind, which reads all that is kept."""
        try:
            return [key for key, _ in self._notes.items(kind)]
        except LostNotesError:
            self._start(None)
            return [key for key, _ in self._notes.items(kind)]

    def _note(self, kind: str, key: tuple[Any, ...], value: tuple[Any, ...]) -> None:
        # Looked at first, so that it is there to be changed.
        if self.noted(kind, key) != value:
            self._notes.put(kind, key, value)

    def _holds_until(self, notes: Notes) -> int:
        """The order of arrival that what was kept goes up to, 0 where it does not hold.

        It holds where the manifest goes on from where it stood, nothing was withdrawn
        since, and the files it was read from are as they were.
        """
        kept = notes.facts
        try:
            if kept["recipe"] != self._recipe:
                return 0
            until, entry, files = kept["sequence"], kept["entry"], kept["files"]
        except KeyError:
            return 0
        before, since = self.submissions[:until], self.submissions[until:]
        if (
            not before
            or (before[-1].sequence, before[-1].seal) != (until, entry)
            or any(one.withdraws for one in since)
            or self._files_digest(before) != files
        ):
            return 0
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
        self._received[submission.sequence] = submission.received
        for name, rows in reading.tables.items():
            if name in self._lessons:
                _, learn = self._lessons[name]
                learn(rows, submission)

    def learn_new(self) -> None:
        """Take in what was stored since by another hand, such as a registered draw."""
        known = self.submissions[-1].sequence if self.submissions else 0
        new = [one for one in self._lake.submissions() if one.sequence > known]
        self.submissions += new
        self._received |= {one.sequence: one.received for one in new}
        self._learn_from(iter(in_force(new)))

    def _lesson(self, table: Table) -> Lesson | None:
        """What later files are judged by of a table: its columns and who takes them in.

        None where nothing of it is needed.
        """
        if table.name == draw_register.TABLE:
            return ["draw"], self._learn_draw
        if table.name == "roll":
            return ["branch", "unit", "sector"], self._learn_roll
        if table.total_of:
            learn = functools.partial(self._learn_grains, table)
            return [*table.total_of, "branch"], learn
        if codes := table.of_type("case"):
            owners = [n for n in _OWNERS if n in {c.name for c in table.columns}]
            return [*codes, *owners], functools.partial(self._learn_cases, table)
        return None

    def _learn_draw(self, rows: pa.Table, _: Submission) -> None:
        self.draws.add(rows.column("draw")[0].as_py())

    def _learn_roll(self, rows: pa.Table, submission: Submission) -> None:
        columns = (
            rows.column(name).to_pylist() for name in ("branch", "unit", "sector")
        )
        revision = (submission.received, submission.sequence)
        for branch, unit, sector in zip(*columns, strict=True):
            known = self.noted("roll", (branch,))
            if known and (self._received[known[2]], known[2]) > revision:
                continue
            if known:
                self._on_roll[known[0]] -= 1
            self._on_roll[unit] += 1
            value = (unit, sector, submission.sequence)
            if known != value:
                self._notes.put("roll", (branch,), value)

    def _learn_cases(self, table: Table, rows: pa.Table, _: Submission) -> None:
        blank = [None] * rows.num_rows
        codes = rows.column(table.of_type("case")[0]).to_pylist()
        owners = (
            rows.column(name).to_pylist() if name in rows.column_names else blank
            for name in _OWNERS
        )
        for code, *owner in zip(codes, *owners, strict=True):
            self._note("cases", (table.name, fold_code(code)), tuple(owner))

    def _learn_grains(self, table: Table, rows: pa.Table, _: Submission) -> None:
        named = rows.select(["branch", "unit", "sector"])
        named = named.filter(named.column("branch").is_valid())
        for place in named.group_by(named.column_names).aggregate([]).to_pylist():
            self._note("filed", (place["branch"],), (place["unit"], place["sector"]))
        keys = rows.select(list(table.total_of)).append_column(
            "is_branch", rows.column("branch").is_valid()
        )
        cells = keys.group_by(keys.column_names).aggregate([])
        for cell in cells.to_pylist():
            grain = "branch" if cell.pop("is_branch") else "total"
            self._note("grains", (table.name, *cell.values()), (grain,))


class _Noted(Mapping[Any, Any]):
    """One kind of what is known, as a mapping from keys to values."""

    def __init__(self, known: KnownRows, kind: str):
        self._known, self._kind = known, kind

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        value = self._known.noted(self._kind, key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[Any]:
        return iter(self._known.all_noted(self._kind))

    def __len__(self) -> int:
        return self._known.count(self._kind)


class _OfBranches(_Noted):
    """By branch its unit and sector."""

    def __getitem__(self, branch: str) -> tuple[str, str]:
        return super().__getitem__((branch,))[:2]

    def __iter__(self) -> Iterator[str]:
        return (branch for (branch,) in super().__iter__())


class _Grains(_Noted):
    def __getitem__(self, cell: tuple[Any, ...]) -> str:
        return super().__getitem__(cell)[0]
