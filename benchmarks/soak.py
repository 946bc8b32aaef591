"""Minutes of filing, withdrawing, building and reading, with writers killed at random.

    python -m benchmarks soak --minutes 20

Every writer is the command itself, in a process that may be killed at any moment of its
work. What it reported as stored is looked for in the lake from then on. After each
half minute of it the backup that `deploy/backup.sh` makes, a writer at work beside it,
is restored into an empty folder, examined, built and queried; its figures and those of
the lake must be what the rows in force give by a sum made here. Meanwhile a reader
opens the pages of the dashboard, whose memory is watched.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import dataclasses
import itertools
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.screen_server import ScreenServer, start
from benchmarks.screen_speed import read
from data_pipeline.disk import UNFINISHED
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import Submission, in_force
from data_pipeline.store.restore_check import examine
from data_pipeline.store.snapshots import current_snapshot
from reports.words import wording
from tests.browser.serving import PROJECT
from tests.tiny_city import build_tiny_city, write_workbook

BACKUP_SECONDS = 30.0
MONTHS = ("2016-05", "2016-06", "2016-07")
UNITS = ("350102", "350103", "350111", "350121", "350122", "350123")
SECTORS = ("rural", "community", "nonpublic")
METRIC = "topic_1_coverage"
# How often each is drawn; what writes is killed in KILLED of the cases.
ACTS = {"ingest": 6, "again": 1, "withdraw": 2, "build": 2, "export": 1}
KILLED = 0.4
PAGES = ("county_heatmap", "overview", "sector_gaps", "ledger_calendar", "submissions")
READ_SECONDS = 1.0
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")

# month, unit, sector -> branches that held the topic, branches
Cells = dict[tuple[str, str, str], tuple[int, int]]


@dataclasses.dataclass
class Counts:
    """What was done, and what went wrong: the last five lists must stay empty."""

    done: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )
    restore_seconds: list[float] = dataclasses.field(default_factory=list)
    megabytes: list[float] = dataclasses.field(default_factory=list)
    lost: list[str] = dataclasses.field(default_factory=list)
    half_written: list[str] = dataclasses.field(default_factory=list)
    mismatches: list[str] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    reader_failures: list[str] = dataclasses.field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        return {
            "acknowledged and lost": self.lost,
            "half written, doubled or left over": self.half_written,
            "figures that differ, restored or live": self.mismatches,
            "commands not killed that failed": self.failures,
            "page runs that failed": self.reader_failures,
        }


def run_command(name: str, arguments: Sequence[str], out: str) -> None:
    """One command in this process, what it says going to a file."""
    import importlib

    sink = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    # It ends without tidying up what the server of processes left open in it.
    code = importlib.import_module(f"{name}.__main__").main(arguments)
    os._exit(code)


class Soak:
    """One lake, what was filed into it by name of the file, and what was promised."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.dice = folder, random.Random(seed)
        self.lake = build_tiny_city(folder)
        self.counts = Counts()
        self.filed: dict[str, Cells] = {}
        self.acknowledged: set[str] = set()
        self.seconds: dict[str, list[float]] = collections.defaultdict(list)
        # Commands start with their imports made, so that kills fall into their work.
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(
            ["data_pipeline.__main__", "reports.__main__"]
        )

    def run(self, minutes: float) -> None:
        with start(self.lake, self.folder) as server, self._reading(server):
            ends = time.monotonic() + 60 * minutes
            due = time.monotonic() + BACKUP_SECONDS
            while time.monotonic() < ends:
                if time.monotonic() >= due:
                    self.compare()
                    self.counts.megabytes.append(server.megabytes())
                    due = time.monotonic() + BACKUP_SECONDS
                self.act()
            self.compare()
            self.counts.megabytes.append(server.megabytes())

    def act(self) -> None:
        """One command, drawn; a writer may be killed in the middle of it."""
        (act,) = self.dice.choices(list(ACTS), list(ACTS.values()))
        arguments = self._arguments(act)
        is_killed = act != "export" and self.dice.random() < KILLED
        module = "reports" if act == "export" else "data_pipeline"
        self.command(act, module, arguments, is_killed=is_killed)

    def _arguments(self, act: str) -> list[str]:
        lake = ["--lake", str(self.lake)]
        if act == "export":
            return ["export", METRIC, "--month", MONTHS[-1], "--by", "unit", *lake]
        if act == "build":
            return ["build", *lake]
        if act == "withdraw":
            standing = [o for o in in_force(self.submissions()) if o.file in self.filed]
            if standing:
                chosen = self.dice.choice(standing)
                return ["withdraw", chosen.id, "--reason", "试一次", *lake]
        path = self.folder / f"{len(self.filed):05d}.xlsx"
        if act == "again" and self.filed:
            path = self.folder / self.dice.choice(list(self.filed))
        else:
            self.filed[path.name] = self._write(path)
        return ["ingest", str(path), *lake]

    def _write(self, path: Path) -> Cells:
        """A workbook of some cells of one month, its figures drawn."""
        registry, month = load_registry(), self.dice.choice(MONTHS)
        places = [(unit, sector) for unit in UNITS for sector in SECTORS]
        cells, rows = {}, []
        for unit, sector in self.dice.sample(places, self.dice.randint(1, 6)):
            n = self.dice.randint(3, 60)
            held = self.dice.randint(0, n)
            cells[month, unit, sector] = (held, n)
            group = registry.units[unit].group
            names = (
                wording.place_name(registry, dimension, code, "zh")
                for dimension, code in (("supervision_group", group), ("unit", unit))
            )
            sector_name = wording.place_name(registry, "sector", sector, "zh")
            counts = (n, n, 10 * n, n, held, 0, held, 0, 0, 0, 0)
            rows.append((month, *names, None, sector_name, *counts))
        write_workbook(path, "台账", rows, "")
        return cells

    def command(
        self,
        act: str,
        module: str,
        arguments: list[str],
        *,
        is_killed: bool = False,
    ) -> float:
        """Run a command to its end or to its death; seconds that it took."""
        out = self.folder / "said.txt"
        process = self.processes.Process(
            target=run_command, args=(module, arguments, str(out))
        )
        began = time.monotonic()
        process.start()
        if is_killed:
            usual = self.seconds[act]
            longest = 1.2 * statistics.median(usual[-20:]) if usual else 2.0
            process.join(self.dice.uniform(0, longest))
            if process.is_alive():
                process.kill()
        process.join()
        took, code = time.monotonic() - began, process.exitcode
        said = out.read_text("utf-8", "replace") if out.exists() else ""
        out.unlink(missing_ok=True)
        self._judge(act, code, said)
        if code >= 0:
            self.seconds[act].append(took)
        return took

    def _judge(self, act: str, code: int, said: str) -> None:
        self.counts.done[f"{act}, killed" if code < 0 else act] += 1
        if code > 0:
            self.counts.failures.append(f"{act}: exit code {code}: {said[-300:]}")
        if act in ("ingest", "again", "withdraw"):
            # Said by a writer that was killed right afterwards, too.
            promised = set(_ID.findall(said))
            self.acknowledged |= promised
            known = {one.id for one in self.submissions()}
            self.counts.lost += sorted(promised - known)
            if code == 0 and not promised:
                self.counts.failures.append(f"{act} says nothing: {said[:300]}")

    def submissions(self, root: Path | None = None) -> tuple[Submission, ...]:
        return Lake(root or self.lake).submissions()

    def compare(self) -> None:
        """A backup beside a writer; restored, examined, built; figures of both."""
        promised = set(self.acknowledged)
        backups = self.folder / "backups"
        with self._beside() as beside:
            answer = subprocess.run(
                ["sh", "deploy/backup.sh", str(self.lake), str(backups)],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                check=False,
            )
        self.counts.done["backup"] += 1
        if answer.returncode:
            self.counts.failures.append(f"backup: {answer.stdout}{answer.stderr}")
            return
        self._judge("build beside a backup", beside[0], "")
        self._examine_live(promised)
        self._restore((backups / "latest").resolve(), promised)
        shutil.rmtree(backups)

    @contextlib.contextmanager
    def _beside(self) -> Iterator[list[int]]:
        """A build that is at work meanwhile; its exit code. Who finds the lake held
        by the other, waits (the backup) or says so (the build)."""
        out = str(self.folder / "beside.txt")
        process = self.processes.Process(
            target=run_command,
            args=("data_pipeline", ["build", "--lake", str(self.lake)], out),
        )
        process.start()
        code: list[int] = []
        yield code
        process.join()
        is_busy = process.exitcode == os.EX_TEMPFAIL
        code.append(0 if is_busy else process.exitcode)

    def _examine_live(self, promised: set[str]) -> None:
        known = [one.id for one in self.submissions()]
        self.counts.lost += sorted(promised - set(known))
        wrong = [fault.sentence("en") for fault in examine(self.lake).faults]
        wrong += [f"twice: {one}" for one in set(known) if known.count(one) > 1]
        # A build that was let run to its end has cleared all traces.
        self.command("build", "data_pipeline", ["build", "--lake", str(self.lake)])
        stored = {file.path for one in self.submissions() for file in one.files}
        wrong += [
            f"left over: {path}"
            for path in self.lake.rglob("*")
            if UNFINISHED.fullmatch(path.name) or path.suffix == ".building"
        ]
        wrong += [
            f"of no submission: {path}"
            for path in (self.lake / "lake").rglob("*.parquet")
            if path.relative_to(self.lake).as_posix() not in stored
        ]
        self.counts.half_written += wrong
        self._hold(self.lake, "live")

    def _restore(self, backup: Path, promised: set[str]) -> None:
        restored = self.folder / "restored"
        restored.mkdir()
        began = time.monotonic()
        for part in backup.iterdir():
            shutil.copytree(part, restored / part.name, symlinks=True)
        lake = ["--lake", str(restored)]
        self.command("restore-check", "data_pipeline", ["restore-check", *lake])
        self.command("build of a copy", "data_pipeline", ["build", *lake])
        self.counts.restore_seconds.append(time.monotonic() - began)
        known = {one.id for one in self.submissions(restored)}
        self.counts.lost += [f"in a backup: {one}" for one in promised - known]
        self._hold(restored, "restored")
        shutil.rmtree(restored)

    def _hold(self, root: Path, what: str) -> None:
        """Hold the exported figures against those of the rows in force."""
        n_known = current_snapshot(root).n_submissions
        expected: Cells = {}
        for one in in_force(self.submissions(root)[:n_known]):
            expected |= self.filed.get(one.file, {})
        out = self.folder / "figures.csv"
        months = [part for month in MONTHS for part in ("--month", month)]
        arguments = ["export", METRIC, *months, "--by", "month,unit,sector"]
        arguments += ["--lake", str(root), "--out", str(out)]
        self.command(f"export of the {what}", "reports", arguments)
        with open(out, encoding="utf-8-sig", newline="") as file:
            found = {
                (row["month"], row["unit"], row["sector"]): (
                    int(row["numerator"]),
                    int(row["denominator"]),
                )
                for row in csv.DictReader(file)
                if row["unit"] in UNITS and int(row["denominator"] or 0)
            }
        out.unlink()
        self.counts.done[f"figures held, {what}"] += len(expected)
        if found != expected:
            differs = {k for k in found | expected if found.get(k) != expected.get(k)}
            self.counts.mismatches.append(f"{what}: {sorted(differs)[:5]}")

    @contextlib.contextmanager
    def _reading(self, server: ScreenServer) -> Iterator[None]:
        """A reader who opens the pages until the end."""
        is_over = threading.Event()

        turns = itertools.cycle(itertools.product(MONTHS, PAGES))

        def turn() -> None:
            with read(server) as reader:
                while not is_over.wait(READ_SECONDS):
                    month, page = next(turns)
                    reader.ask(page, month=month)
                    self.counts.done["page run"] += 1

        def keep_turning() -> None:
            while not is_over.is_set():
                try:
                    turn()
                except Exception as error:
                    self.counts.reader_failures.append(repr(error)[:300])

        thread = threading.Thread(target=keep_turning)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def to_markdown(counts: Counts, n_acknowledged: int, n_submissions: int) -> str:
    """What was done and what went wrong, each as a line of a table."""
    done = "; ".join(f"{name} {n:,}" for name, n in sorted(counts.done.items()))
    quarter = len(counts.megabytes) // 4
    first, last = counts.megabytes[quarter], counts.megabytes[-1]
    seconds = counts.restore_seconds
    lines = [
        ("acknowledged", f"{n_acknowledged:,}"),
        ("entries of the manifest", f"{n_submissions:,}"),
        *((name, f"{len(found):,}") for name, found in counts.wrong.items()),
        (
            "restored, examined and built in an empty folder, seconds",
            f"median {statistics.median(seconds):.1f}, most {max(seconds):.1f}",
        ),
        ("server, MB after a quarter and at the end", f"{first:.0f} → {last:.0f}"),
        ("server, MB, most", f"{max(counts.megabytes):.0f}"),
    ]
    table = ["| soak | |", "| --- | --: |"]
    table += [f"| {name} | {value} |" for name, value in lines]
    faults = [f"- {name}: {one}" for name, all_ in counts.wrong.items() for one in all_]
    return "\n".join([*table, "", done, *faults])


def soak(folder: Path, minutes: float, seed: int) -> tuple[Counts, str]:
    """Run for some minutes in an empty folder; counts, and the same as markdown."""
    run = Soak(folder, seed)
    run.run(minutes)
    n_submissions = len(run.submissions())
    return run.counts, to_markdown(run.counts, len(run.acknowledged), n_submissions)
