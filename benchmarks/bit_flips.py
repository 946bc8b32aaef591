"""Bits flipped in a lake: how many give a wrong figure without a warning?

    python -m benchmarks flips

One bit at a time, drawn by a seed from every byte of the stored files, of the current
snapshot or of the manifest, and put back afterwards. What is read each time: rates on
both bases, their export as the command writes it, the ledger rows behind a month, the
roll, and for the manifest what was submitted. The answer must be that of the whole
lake, or the damage must be named.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from data_pipeline import rates
from data_pipeline.registry import load_registry
from data_pipeline.store import snapshots
from data_pipeline.store.lake import Lake, ManifestError
from reports.__main__ import main as reports

SAME, NAMED, REFUSED, WRONG = "same", "same or less, named", "refused, named", "wrong"
OUTCOMES = (SAME, NAMED, REFUSED, WRONG)
EXPORT = ["export", "leader_attendance", "--by", "unit,sector,month"]


@dataclasses.dataclass(frozen=True)
class Answer:
    """All that was read, as text; what was said of damage, '' if nothing."""

    figures: str
    said: str


def places(root: Path) -> dict[str, list[Path]]:
    """The files whose bits are flipped, by what they belong to."""
    current = snapshots.current_snapshot(root)
    return {
        "lake": sorted((root / "lake").glob("*/*/*.parquet")),
        "marts": _files(root / "marts" / current.id),
        "manifest": [*_files(root / "lake" / "manifest"), root / "lake" / "head.json"],
    }


def flip_bits(root: Path, n: int, seed: int) -> dict[str, collections.Counter[str]]:
    """Flip n bits in each place of a lake, one after another, and count outcomes.

    The lake is as it was afterwards. It should hold an older snapshot beside the
    current one.
    """
    ask_once = functools.partial(_read_once, answers={})
    counts = {}
    for place, files in places(root).items():
        dice = random.Random(f"{seed} {place}")
        ask = _submitted if place == "manifest" else ask_once
        before = ask(root)
        counts[place] = collections.Counter(
            outcome
            for path, bit in _draw(files, n, dice)
            for outcome in [_with_flip(path, bit, root, ask, before)]
        )
    return counts


def to_markdown(counts: dict[str, collections.Counter[str]]) -> str:
    lines = [f"| bits flipped in | {' | '.join(OUTCOMES)} |"]
    lines.append("| --- " + "| --: " * len(OUTCOMES) + "|")
    for place, found in counts.items():
        shown = " | ".join(str(found[outcome]) for outcome in OUTCOMES)
        lines.append(f"| {place} | {shown} |")
    return "\n".join(lines)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _draw(files: list[Path], n: int, dice: random.Random) -> Iterator[tuple[Path, int]]:
    """n bits, each of all files equally likely."""
    sizes = [8 * path.stat().st_size for path in files]
    for path in dice.choices(files, sizes, k=n):
        yield path, dice.randrange(8 * path.stat().st_size)


def _with_flip(
    path: Path,
    bit: int,
    root: Path,
    ask: Callable[[Path], Answer],
    clean: Answer,
) -> str:
    kept = path.read_bytes()
    data = bytearray(kept)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    try:
        answer = ask(root)
    finally:
        path.write_bytes(kept)
    return judge(answer, clean, path.relative_to(root).as_posix())


def judge(answer: Answer, clean: Answer, path: str) -> str:
    """What became of a flip in a file.

    Rows may be fewer only where the file is named; figures may never differ.
    """
    is_named = path in answer.said
    if not answer.figures:
        return REFUSED if is_named else WRONG
    if answer.figures == clean.figures:
        return NAMED if is_named else SAME
    lines = collections.Counter(answer.figures.splitlines())
    is_less = lines <= collections.Counter(clean.figures.splitlines())
    return NAMED if is_named and is_less else WRONG


def _read_once(root: Path, answers: dict[str, Answer]) -> Answer:
    """What `read` gives, called once for each set of damaged files.

    The bytes are verified for every flip; what is then read are the same whole files.
    """
    try:
        snapshot = rates.resolve_snapshot(root, load_registry())
    except rates.NoSnapshotError as error:
        return Answer("", str(error))
    if snapshot.state not in answers:
        answers[snapshot.state] = read(root, snapshot)
    return answers[snapshot.state]


def read(root: Path, snapshot: rates.Snapshot) -> Answer:
    """Rates, export and drill, as pages and commands ask them."""
    marts = rates.open_marts(root, load_registry(), snapshot)
    months = marts.months
    try:
        frames = [
            rates.read_rates(
                marts, "topic_1_coverage", by=["unit", "sector", "month"], months=months
            ),
            rates.read_rates(marts, "lectures_per_leader", by=["township"]),
            rates.read_rates(marts, "topic_1_coverage", basis="verified"),
            rates.read_ledger(marts, months=months),
            rates.read_roll(marts),
        ]
    finally:
        marts.engine.connection.close()
    out, said = io.StringIO(), io.StringIO()
    out.buffer = io.BytesIO()  # where the command writes its bytes
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = reports([*EXPORT, "--lake", str(root)])
    exported = out.buffer.getvalue().decode() if code == 0 else ""
    figures = [frame.to_csv(index=False) for frame in frames]
    damage = " ".join((*marts.snapshot.damaged, *marts.snapshot.lost))
    return Answer("".join((*figures, _without_note(exported))), damage)


def _without_note(exported: str) -> str:
    """The columns of an export without the note that a damaged snapshot adds."""
    width = 8  # unit, sector, month, two counts, rate, blank, missing
    lines = exported.splitlines(keepends=False)
    return "\n".join(",".join(line.split(",")[:width]) for line in lines)


def _submitted(root: Path) -> Answer:
    """What a build starts from."""
    try:
        submissions = Lake(root).submissions()
    except ManifestError as error:
        return Answer("", str(error))
    faults = Lake(root).manifest.read().faults
    return Answer(
        "\n".join(map(repr, submissions)), " ".join(fault.path for fault in faults)
    )
