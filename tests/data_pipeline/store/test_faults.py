"""Every file operation of ingest and build fails once, and the process dies there once.

The operations are those that the code asks of the system, counted as they come; the SQL
is left out of the build (a stand-in writes the marts), since what it computes does not
matter here and every operation has its turn.
"""

from __future__ import annotations

import builtins
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data_pipeline import __main__ as commands
from data_pipeline import making, warehouse
from data_pipeline.disk import UNFINISHED, replace_file
from data_pipeline.models import Model
from data_pipeline.registry import load_registry
from data_pipeline.settled import write_settled
from data_pipeline.store import ingest
from data_pipeline.store.lake import Lake
from data_pipeline.store.restore_check import examine
from data_pipeline.warehouse import build, current_snapshot
from data_pipeline.workbooks.read_workbook import Reading
from tests.submitted_rows import ledger_row, submit, to_table

FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)
OPERATIONS = ("open", "link", "unlink", "replace", "rename", "mkdir", "rmdir", "fsync")
# More steps than either command takes; a sweep ends when nothing fails any more.
MOST = 400


class Killed(BaseException):
    """Stands for a death that no handler outlives."""


class Disk:
    """Fails at its n-th operation below a folder; a dead process does nothing more."""

    def __init__(self, folder: Path, step: int, *, is_deadly: bool) -> None:
        self.folder, self.step, self.is_deadly = str(folder), step, is_deadly
        self.log: list[str] = []

    def ask(self, name: str, place: Any) -> None:
        """One operation; raises when it is its turn."""
        self.log.append(f"{name} {place}")
        n = len(self.log) - 1
        if self.is_deadly and n >= self.step:
            raise Killed(name)
        if n == self.step:
            number = FAULTS[n % len(FAULTS)]
            named = (place,) if self.is_ours(place) else ()
            raise OSError(number, os.strerror(number), *named)

    def is_ours(self, place: Any) -> bool:
        return isinstance(place, str | os.PathLike) and os.fspath(place).startswith(
            self.folder
        )

    def guard(self, name: str, real: Callable) -> Callable:
        def call(*arguments: Any, **keywords: Any) -> Any:
            place = arguments[0]
            if name == "fsync" or "dir_fd" in keywords or self.is_ours(place):
                self.ask(name, place)
            return real(*arguments, **keywords)

        return call

    def open(self, real: Callable) -> Callable:
        def call(place: Any, mode: str = "r", *rest: Any, **keywords: Any) -> Any:
            if not self.is_ours(place):
                return real(place, mode, *rest, **keywords)
            self.ask(f"open {mode}", place)
            file = real(place, mode, *rest, **keywords)
            return file if mode in ("r", "rb") else Written(file, self)

        return call


class Written:
    """A file whose writing may fail."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def __enter__(self) -> Written:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, data: Any) -> int:
        try:
            self.disk.ask("write", self.file.name)
        except BaseException:
            self.file.write(data[: len(data) // 2])
            raise
        return self.file.write(data)


class StandIn:
    """An engine that computes nothing."""

    name = made_by = "duckdb"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def bind(self, *_: Any, **__: Any) -> None:
        pass

    view = hold = bind

    def write(self, select: str, path: Path) -> None:
        with open(path, "wb") as file:
            file.write(select.encode())


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A lake with one submission and one snapshot, and commands that are quick."""
    registry = load_registry()
    rows = [
        ledger_row(month, "350102", "organ", n_branches=4, n_lectures=n)
        for n, month in enumerate(registry.calendar.months[:2])
    ]
    reading = Reading(
        "七月.xlsx",
        hashlib.sha256(b"7").hexdigest(),
        {"ledger": to_table(rows, "ledger", registry)},
        (),
        (),
    )
    real_write = pq.write_table

    def build_quickly(root: Path, registry: Any, *, for_all: bool, **how: Any) -> Any:

        def store(snapshot: Any, _: Any) -> dict[str, str]:
            folder = Path(root) / "marts" / snapshot.id
            replace_file(folder / "flags.parquet", b"flags")
            if for_all:
                write_settled(folder, {})
            return {}

        return build(root, registry, before_current=store, **how)

    def write_table(table: Any, where: Any, **options: Any) -> None:
        """Through `open`, where it can fail: the library writes files by itself."""
        if isinstance(where, str | os.PathLike):
            with open(where, "wb") as file:
                sink = io.BytesIO()
                real_write(table, sink, **options)
                file.write(sink.getvalue())
        else:
            real_write(table, where, **options)

    monkeypatch.setattr(ingest, "read_workbook", lambda *_, **__: reading)
    monkeypatch.setattr(commands, "build_with_flags", build_quickly)
    monkeypatch.setattr(pq, "write_table", write_table)
    monkeypatch.setattr(warehouse, "DuckDBEngine", StandIn)
    monkeypatch.setattr(making, "models", lambda _: (Model("leaf", "marts"),))
    monkeypatch.setattr(
        "data_pipeline.sql_text.all_names", lambda _=None: ("rates/leaf",)
    )
    # Two dozen inputs are written alike: one is enough.
    monkeypatch.setattr(
        warehouse,
        "write_inputs",
        lambda folder, *_: pq.write_table(reading.tables["ledger"], folder / "units"),
    )
    root = tmp_path / "lake"
    with Lake(root).writing():
        submit(Lake(root), "2016-06-10", [rows[0]], sha256="0" * 64)
        build_quickly(root, registry, for_all=True)
    (tmp_path / "七月.xlsx").write_bytes(b"")
    return root


def run(command: str, root: Path) -> int:
    file = [str(root.parent / "七月.xlsx"), "--received", "2016-06-20"]
    given = file if command == "ingest" else []
    return commands.main([command, *given, "--lake", str(root)])


def with_fault(
    command: str, root: Path, step: int, *, is_deadly: bool
) -> tuple[int | None, list[str]]:
    """Run a command on a disk that fails at a step; exit code (None: died), log."""
    disk = Disk(root, step, is_deadly=is_deadly)
    with pytest.MonkeyPatch.context() as patched:
        for name in OPERATIONS:
            patched.setattr(os, name, disk.guard(name, getattr(os, name)))
        opening = disk.open(builtins.open)
        patched.setattr(builtins, "open", opening)
        patched.setattr(io, "open", opening)
        try:
            code = run(command, root)
        except Killed:
            code = None
    return code, disk.log


def files(root: Path) -> set[str]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix() for path in found}


def leftovers(root: Path) -> set[str]:
    """Files that nothing names: temporary ones, and what belongs to no submission."""
    lake = Lake(root)
    stored = {f.path for s in lake.submissions() for f in s.files}
    return {
        name
        for name in files(root)
        if UNFINISHED.fullmatch(Path(name).name)
        or ".building/" in name
        or name == "lake/unfinished.json"
        or (
            name.endswith(".parquet")
            and name.startswith("lake/")
            and name not in stored
        )
    }


@pytest.mark.parametrize("is_deadly", [False, True], ids=["fails", "dies"])
@pytest.mark.parametrize("command", ["ingest", "build"])
def test_no_operation_that_fails_or_is_the_last_loses_or_halves_anything(
    lake, tmp_path, capsys, command, is_deadly
):
    n_before = {"ingest": 1, "build": 1}[command]
    outcomes = set()
    for step in range(MOST):
        root = shutil.copytree(lake, tmp_path / f"{step}")
        old = current_snapshot(root)
        capsys.readouterr()
        code, log = with_fault(command, root, step, is_deadly=is_deadly)
        said = capsys.readouterr()
        if len(log) <= step:  # nothing had to fail
            break
        where = f"step {step}: {log[step]}"
        # Whole: all of it or nothing, and the one before is still there.
        submissions, snapshot = Lake(root).submissions(), current_snapshot(root)
        assert [f for f in examine(root).faults if f.kind != "orphan"] == [], where
        is_done = len(submissions) > n_before if command == "ingest" else (
            snapshot != old
        )  # fmt: skip
        if code == 0:
            assert is_done, where
        if code == 1:
            assert said.err.strip() and "Traceback" not in said.err, where
            assert not leftovers(root), where
        outcomes.add((code, is_done))
        # The next run works and clears what a dead one left.
        assert run(command, root) == 0, where
        assert len(Lake(root).submissions()) == n_before + (command == "ingest"), where
        assert examine(root).faults == () and not leftovers(root), where
        if command == "build":
            assert current_snapshot(root) != old, where
        shutil.rmtree(root)
    assert 20 < step < MOST
    expected = None if is_deadly else 1
    assert {(expected, False)} <= outcomes
