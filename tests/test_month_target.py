"""The month without anybody at the screen: `make bulletin` and its timers."""

from __future__ import annotations

import datetime
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.praised_city import build_praised_city

PROJECT = Path(__file__).resolve().parents[1]
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text("utf-8")
DEPLOY = PROJECT / "deploy"
JULY = "2016-07"
UNITS = {"350104", "350181", "ZSJG"}


def make_bulletin(*variables: str) -> subprocess.CompletedProcess[str]:
    """Run the target with this Python, which stands for the environment of `setup`."""
    command = ["make", "-o", "setup", "bulletin", f"PY={sys.executable}", *variables]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("has_faults", [False, True])
def test_papers_and_briefs_are_written_and_the_code_tells_of_faults(
    has_faults, tiny_lake, shared_lakes, tmp_path
):
    read = shared_lakes.of(build_praised_city) if has_faults else tiny_lake
    lake = shutil.copytree(read, tmp_path / "lake")
    out = tmp_path / "bulletins"
    before = (lake / "CURRENT").read_text()
    done = make_bulletin(f"MONTH={JULY}", f"LAKE={lake}", f"OUT={out}")
    # What the commands end with make says in words and ends with 2 itself.
    assert done.returncode == (2 if has_faults else 0), done.stderr
    assert ("Error 1" in done.stderr) is has_faults
    assert ("rules found" in done.stderr) is has_faults
    assert (out / JULY / f"{JULY}.docx").read_bytes().startswith(b"PK")
    assert (out / JULY / f"{JULY}.pdf").read_bytes().startswith(b"%PDF-")
    assert len(list((out / JULY / "briefs").rglob("*.pdf"))) >= 1 + len(UNITS)
    # A new snapshot, whatever was read before.
    assert (lake / "CURRENT").read_text() != before


def test_without_a_month_it_says_what_is_missing_and_writes_nothing(tmp_path):
    done = make_bulletin(f"OUT={tmp_path / 'bulletins'}")
    assert done.returncode == 2
    assert "make bulletin MONTH=2016-07" in done.stderr
    assert not list(tmp_path.iterdir())


def arguments_of_make(line: str, folder: Path) -> list[str]:
    """What a shell line hands to `make`, which stands for itself here."""
    fake = folder / "make"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    fake.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.splitlines()


def expected() -> list[str]:
    first = datetime.date.today().replace(day=1)
    last_month = first - datetime.timedelta(days=1)
    month = f"MONTH={last_month:%Y-%m}"
    return ["bulletin", month, "LAKE=/srv/ledgers", "OUT=/srv/bulletins"]


# On the 31st `-1 month` of some months is the same month; the timers run on the 16th.
is_late = datetime.date.today().day > 28


@pytest.mark.skipif(is_late, reason="the timers run on the 16th of a month")
def test_the_line_of_cron_makes_the_last_month(tmp_path):
    (line,) = re.findall(r"^0 6 16 \* \* (.+)$", OPERATIONS, re.MULTILINE)
    # cron ends a command at a bare per cent sign.
    assert not re.search(r"(?<!\\)%", line)
    command = line.replace("\\%", "%").replace("cd /srv/desk && ", "")
    assert arguments_of_make(command, tmp_path) == expected()


@pytest.mark.skipif(is_late, reason="the timers run on the 16th of a month")
def test_the_unit_of_systemd_makes_the_last_month(tmp_path):
    unit = (DEPLOY / "bulletin.service").read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    shell, option, line = shlex.split(start)
    assert (shell, option) == ("/bin/sh", "-c")
    # systemd takes a bare $ or % for one of its own variables.
    assert "$" not in line.replace("$$", "")
    assert "%" not in line.replace("%%", "")
    line = line.replace("$$", "$").replace("%%", "%")
    assert arguments_of_make(line, tmp_path) == expected()
    timer = (DEPLOY / "bulletin.timer").read_text("utf-8")
    assert "OnCalendar=*-*-16 06:00" in timer
