"""Children that read several files: what becomes of a file depends on no other."""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store import ingest
from data_pipeline.store.lake import Lake
from data_pipeline.workbooks import guarded_readers, open_workbook
from data_pipeline.workbooks.guarded_readers import GuardedReaders, n_readers
from data_pipeline.workbooks.read_workbook import OpenedFile, open_file, open_files
from tests.data_pipeline.filed_workbooks import HEADINGS, good_rows, put, write_xlsx

N_GOOD = 100
pytestmark = pytest.mark.skipif(os.name != "posix", reason="others have no such limits")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen]:
    """The children that were started, in that order."""
    found: list[subprocess.Popen] = []
    real = subprocess.Popen

    def popen(*args, **options) -> subprocess.Popen:
        found.append(real(*args, **options))
        return found[-1]

    monkeypatch.setattr(guarded_readers.subprocess, "Popen", popen)
    return found


@pytest.fixture
def good(tmp_path: Path) -> list[Path]:
    """A hundred workbooks, no two of them alike."""
    paths = []
    for number in range(N_GOOD):
        rows = good_rows()
        put(rows, "I4", 100 + number)
        path = tmp_path / f"{number}.xlsx"
        paths.append(write_xlsx(path, {"台账": [HEADINGS, *rows]}))
    return paths


def write_bomb(path: Path) -> Path:
    """More than a member may hold, under a size that is not believed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", b" " * (open_workbook.UNPACKED_BYTES + 1))
    return path


def write_greedy(path: Path) -> Path:
    """Takes all the memory that a child may have, every member within its limits."""
    cells = "".join(
        f'<row r="{row}">' + '<c t="s"><v>0</v></c>' * 60 + "</row>"
        for row in range(1, 5_000)
    )
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
    text = "<sst><si><t>" + "x" * 1_000_000 + "</t></si></sst>"
    with (
        zipfile.ZipFile(write_xlsx(path, {"台账": [HEADINGS]})) as plain,
        zipfile.ZipFile(path.with_suffix(".new"), "w", zipfile.ZIP_DEFLATED) as file,
    ):
        changed = {"xl/sharedStrings.xml": text, "xl/worksheets/sheet1.xml": sheet}
        for name in plain.namelist():
            file.writestr(name, changed.get(name) or plain.read(name))
    return path.with_suffix(".new").rename(path)


def refused(opened: OpenedFile) -> list[str]:
    return [refusal[0] for refusal in opened.content["refusals"]]


def test_a_bomb_among_a_hundred_is_the_only_one_refused(tmp_path, good, started):
    bombs = [write_bomb(tmp_path / "bomb.xlsx"), write_greedy(tmp_path / "greedy.xlsx")]
    paths = [*good[:50], *bombs, *good[50:]]
    together = list(open_files(paths))
    assert [file.name for file in together] == [path.name for path in paths]
    assert [refused(file) for file in together[50:52]] == [["E_BOMB"], ["E_BOMB"]]
    # Each of the two is asked twice at most, and replaced in the pool.
    assert len(started) <= n_readers() + 4
    alone = [open_file(path) for path in good]
    others = together[:50] + together[52:]
    assert [dataclasses.asdict(file) for file in others] == [
        dataclasses.asdict(file) for file in alone
    ]
    assert all(child.poll() is not None for child in started)


def test_a_child_that_refused_reads_nothing_more(tmp_path, good, started):
    bomb = write_bomb(tmp_path / "bomb.xlsx").read_bytes()
    with GuardedReaders() as readers:
        assert readers.read(bomb, "b.xlsx")["refusals"]
        assert started[0].poll() is not None
        assert not readers.read(good[0].read_bytes(), "a.xlsx")["refusals"]
        assert not readers.read(good[1].read_bytes(), "a.xlsx")["refusals"]
    assert len(started) == 2


def test_a_child_is_replaced_after_so_many_files(good, started, monkeypatch):
    monkeypatch.setattr(open_workbook, "FILES_PER_CHILD", 10)
    with GuardedReaders() as readers:
        for path in good[:25]:
            assert not readers.read(path.read_bytes(), path.name)["refusals"]
    assert len(started) == 3


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_that_was_killed_or_hangs_costs_no_good_file(
    how, good, started, monkeypatch
):
    monkeypatch.setattr(guarded_readers, "WALL_SECONDS", 5)
    with GuardedReaders() as readers:
        first = readers.read(good[0].read_bytes(), "a.xlsx")
        started[0].send_signal(how)
        again = readers.read(good[0].read_bytes(), "a.xlsx")
    assert again == first
    assert not first["refusals"]
    assert len(started) == 2
    assert all(child.poll() is not None for child in started)


@pytest.mark.parametrize("after", [10, 50])
def test_a_child_killed_in_the_middle_costs_no_good_file(after, good, started):
    found = []
    for number, file in enumerate(open_files(good)):
        if number == after:
            started[0].kill()
        found.append(file)
    assert [refused(file) for file in found] == [[]] * N_GOOD
    assert [file.name for file in found] == [path.name for path in good]


def test_a_caller_who_stops_half_way_leaves_no_process(good, started):
    files = open_files(good)
    next(files)
    files.close()
    assert started
    assert all(child.poll() is not None for child in started)


def test_a_fault_that_is_reported_keeps_no_reader(good, started, monkeypatch, tmp_path):
    """Its frames would, until the garbage collector waits for them at any moment."""

    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(ingest, "store", full)
    lake, before = Lake(tmp_path / "lake_root"), threading.active_count()
    with lake.writing():
        now = datetime(2017, 1, 1, tzinfo=UTC)
        report = ingest.ingest_files(good, lake, load_registry(), received=now)
    assert report.fault
    assert report.left == tuple(good)
    assert threading.active_count() == before
    assert started
    assert all(child.poll() is not None for child in started)


def test_each_file_has_its_own_processor_time():
    """A child that has used most of its time gives the next file a whole share."""
    program = (
        "import resource;"
        "from data_pipeline.workbooks import open_workbook as o;"
        "o._limit_resources(); o._limit_processor_time();"
        "first = resource.getrlimit(resource.RLIMIT_CPU)[0];"
        "end = resource.getrusage(resource.RUSAGE_SELF).ru_utime + 1.1;"
        "any(iter(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_utime > end, 1));"
        "o._limit_processor_time();"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0] - first)"
    )
    answer = subprocess.run(
        [sys.executable, "-E", "-s", "-S", "-c", program],
        cwd=Path(open_workbook.__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert int(answer.stdout) >= 1
