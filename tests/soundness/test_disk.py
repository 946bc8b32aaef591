"""A disk that fails ends in one sentence with its remedy, and nothing half-written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_pipeline.__main__ import main
from data_pipeline.store.lake import Lake
from data_pipeline.store.notes import kept_files
from tests.data_pipeline.filed_workbooks import HEADINGS, good_rows, write_xlsx

PROJECT = Path(__file__).parents[2]
RECEIVED = ["--received", "2016-12-31T09:00"]


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def good_ledger(path: Path) -> Path:
    return write_xlsx(path, {"台账": [HEADINGS, *good_rows()]})


def run(
    command: list[str], folder: Path, file_bytes: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, its files limited to a size."""

    def limit() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )


PLAN = "plan-checks --month 2016-07 --rate 0.5 --seed 1 --out 计划.xlsx".split()
EXPORT = "export topic_1_coverage --month 2016-07 --by unit,sector".split()


@pytest.mark.parametrize(
    "command",
    [
        ["data_pipeline", "ingest", "台账.xlsx", "--lake", "new", *RECEIVED],
        ["data_pipeline", "build"],
        ["data_pipeline", "template", "模板.xlsx"],
        ["data_pipeline", *PLAN],
        ["data_pipeline", "check", "--out", "check.csv"],
        ["reports", *EXPORT, "--out", "out.parquet"],
    ],
    ids=lambda command: command[1],
)
def test_a_file_that_cannot_be_written_to_its_end_leaves_nothing(
    tmp_path: Path, tiny_lake: Path, command: list[str]
) -> None:
    shutil.copytree(tiny_lake, tmp_path / "parquet")
    good_ledger(tmp_path / "台账.xlsx")
    before = files_of(tmp_path)
    done = run(command, tmp_path, file_bytes=40)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line[:2] != "W_"]
    assert "larger than files may be. Raise the limit" in lines[0], done.stderr
    rest = {"台账.xlsx: not taken, ingest it again"} if "ingest" in command else set()
    assert set(lines[1:]) == rest
    assert {k: v for k, v in files_of(tmp_path).items() if k != "new/.lock"} == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_what_was_taken_and_names_what_was_not(
    tmp_path: Path, small_disk: Path
) -> None:
    files = []
    for number in range(30):
        rows = [[f"2016-{4 + number % 3:02d}", *row[1:13], 0, *row[14:]]
                for row in good_rows()]  # fmt: skip
        rows[0][8] += number
        path = write_xlsx(tmp_path / f"{number:02d}.xlsx", {"台账": [HEADINGS, *rows]})
        files.append(str(path))
    lake = Lake(small_disk / "lake")
    arguments = ["data_pipeline", "ingest", *files, "--lake", str(lake.root), *RECEIVED]
    done = run(arguments, tmp_path)
    assert done.returncode == 1
    assert "the disk is full. Free some space and try again" in done.stderr
    assert "Traceback" not in done.stderr
    submissions = lake.submissions()
    assert 0 < len(submissions) < 30
    assert done.stdout.count("\n") == len(submissions)
    assert done.stderr.count("not taken, ingest it again") == 30 - len(submissions)
    assert lake.damaged(submissions) == ()
    stored = {f"lake/{path}" for path in files_of(lake.root / "lake")}
    entries = {f"lake/manifest/{s.sequence:06d}.json" for s in submissions}
    files = {f.path for s in submissions for f in s.files}
    notes = {"lake/head.json", *kept_files(lake.root)}
    assert stored - notes == entries | files


def test_a_demo_on_a_full_disk_is_one_sentence(small_disk: Path) -> None:
    done = run(["data_pipeline", "demo", "--lake", "parquet"], small_disk)
    assert done.returncode == 1
    assert "the disk is full. Free some space and try again" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert not [name for name in files_of(small_disk) if name.endswith(".tmp")]


def test_a_read_only_lake_is_read_and_not_written(
    tmp_path: Path, tiny_lake: Path, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    shutil.copytree(tiny_lake, small_disk / "parquet")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    good_ledger(tmp_path / "台账.xlsx")
    lake = ["--lake", str(small_disk / "parquet")]
    for command in (["ingest", "台账.xlsx", *RECEIVED], ["build"]):
        done = run(["data_pipeline", *command, *lake], tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "the disk is read-only" in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
    done = run(["reports", *EXPORT, *lake], tmp_path)
    assert done.returncode == 0, done.stderr
    done = run(["data_pipeline", "check", *lake], tmp_path)
    assert "Traceback" not in done.stderr


def test_the_output_itself_may_be_full_or_closed(tiny_lake: Path) -> None:
    command = [sys.executable, "-m", "reports", *EXPORT, "--lake", str(tiny_lake)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command,
        cwd=PROJECT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("kind", ["device", "link"])
def test_an_output_that_is_no_plain_file_is_written_to_and_not_replaced(
    tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "模板.xlsx"
    target = Path("/dev/null") if kind == "device" else tmp_path / "there.xlsx"
    out.symlink_to(target)
    assert main(["template", str(out)]) == 0
    assert out.is_symlink()
    assert (target.stat().st_size > 0) == (kind == "link")


def test_what_is_no_readable_file_is_refused_and_the_others_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "七月"
    (folder / "夹.xlsx").mkdir(parents=True)
    good_ledger(folder / "夹.xlsx" / "好.xlsx")
    os.mkfifo(folder / "管道.xlsx")
    (folder / "断链.xlsx").symlink_to(tmp_path / "没有.xlsx")
    (folder / "别处").symlink_to(tmp_path)
    for name in ("无权.xlsx", "坏道.xlsx"):
        (folder / name).write_bytes(b"PK")
    numbers = {"无权.xlsx": errno.EACCES, "坏道.xlsx": errno.EIO}
    real = os.open

    def refuse(path: Any, *arguments: Any, **keywords: Any) -> int:
        number = numbers.get(os.path.basename(os.fspath(path)))
        if number:
            raise OSError(number, os.strerror(number), path)
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refuse)
    lake = ["--lake", str(tmp_path / "lake"), *RECEIVED]
    assert main(["ingest", str(folder), *lake]) == 1
    written = capsys.readouterr()
    assert "好.xlsx: 12 ledger" in written.out
    for sentence in (
        "E_TYPE 管道.xlsx:不是普通文件",
        "E_CORRUPT 断链.xlsx:无法读取：没有这个文件",
        "E_CORRUPT 无权.xlsx:无法读取：没有权限。请核对文件和文件夹的权限",
        "E_CORRUPT 坏道.xlsx:无法读取：磁盘读写出错。请检查磁盘",
        "别处: a link to a folder, left out",
    ):
        assert sentence in written.err, written.err


def test_a_name_in_another_encoding_is_read_as_people_see_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good_ledger(tmp_path / "a.xlsx")
    path = os.path.join(os.fsencode(tmp_path), "七月台账.xlsx".encode("gb18030"))
    os.rename(tmp_path / "a.xlsx", path)
    lake = ["--lake", str(tmp_path / "lake"), *RECEIVED]
    assert main(["ingest", os.fsdecode(path), *lake]) == 0
    assert "七月台账.xlsx" in capsys.readouterr().out


def test_a_lake_that_is_a_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lake").write_text("")
    ledger = str(good_ledger(tmp_path / "台账.xlsx"))
    assert main(["ingest", ledger, "--lake", str(tmp_path / "lake"), *RECEIVED]) == 1
    assert "a file of that name is there" in capsys.readouterr().err
