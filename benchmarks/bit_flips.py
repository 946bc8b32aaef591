"""A lake that was damaged: how often is a wrong figure given without a warning?

    python -m benchmarks flips

One bit at a time, drawn by a seed from every byte of the stored files, of the current
snapshot or of the manifest, and put back afterwards; and in the same way files that are
cut off, whose pages are zeroed, that are exchanged, doubled or of another lake. What is
read each time: rates on both bases, their export as the command writes it, the ledger
rows behind a month, the roll, and for the manifest what was submitted. The answer must
be that of the whole lake, or the damage must be named.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import io
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from data_pipeline import rates
from data_pipeline.registry import load_registry
from data_pipeline.store import snapshots
from data_pipeline.store.lake import Lake, ManifestError
from reports.__main__ import main as reports

SAME, NAMED, REFUSED, WRONG = "same", "same or less, named", "refused, named", "wrong"
OUTCOMES = (SAME, NAMED, REFUSED, WRONG)
PAGE = 4096  # bytes that a disk loses at once
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


# What lies at some paths after a damage.
Damage = dict[Path, bytes]
Counts = dict[str, collections.Counter[str]]


def flip_bits(root: Path, n: int, seed: int) -> Counts:
    """Flip n bits in each place of a lake, one after another, and count outcomes.

    The lake is as it was afterwards. It should hold an older snapshot beside the
    current one.
    """

    def flips(files: list[Path], dice: random.Random) -> Iterator[Damage]:
        for path, bit in _draw(files, n, dice):
            data = bytearray(path.read_bytes())
            data[bit // 8] ^= 1 << bit % 8
            yield {path: bytes(data)}

    return _damage(root, seed, lambda _, *drawn: flips(*drawn))


def damage_files(root: Path, strange: Path, n: int, seed: int) -> dict[str, Counts]:
    """Do n damages of each of `KINDS` to each place of a lake, and count outcomes.

    `strange` is another lake, whose files find their way into this one.
    """

    def damages(
        kind: Kind, others: list[Path], files: list[Path], dice: random.Random
    ) -> Iterator[Damage]:
        done = 0
        while done < n:
            damage = kind(dice.choice(files), files, others, dice)
            # Empty marts of two lakes are alike, and what was cut off may be nothing.
            if any(not p.exists() or p.read_bytes() != d for p, d in damage.items()):
                done += 1
                yield damage

    others = places(strange)
    return {
        name: _damage(
            root,
            seed,
            lambda place, *drawn, kind=kind: damages(kind, others[place], *drawn),
        )
        for name, kind in KINDS.items()
    }


def _damage(root: Path, seed: int, draw: Callable[..., Iterator[Damage]]) -> Counts:
    """Do what is drawn for each place, its files and dice; outcomes by place."""
    ask_once = functools.partial(_read_once, answers={})
    counts = {}
    for place, files in places(root).items():
        dice = random.Random(f"{seed} {place}")
        ask = _submitted if place == "manifest" else ask_once
        before = ask(root)
        counts[place] = collections.Counter(
            _with_damage(damage, root, ask, before)
            for damage in draw(place, files, dice)
        )
    return counts


def _cut_off(path: Path, _files: list, _others: list, dice: random.Random) -> Damage:
    data = path.read_bytes()
    return {path: data[: dice.randrange(len(data))]}


def _zero_page(path: Path, _files: list, _others: list, dice: random.Random) -> Damage:
    data = bytearray(path.read_bytes())
    start = dice.randrange(len(data)) // PAGE * PAGE
    length = len(data[start : start + PAGE])
    data[start : start + length] = bytes(length)
    return {path: bytes(data)}


def _exchange(
    path: Path, files: list[Path], _others: list, dice: random.Random
) -> Damage:
    """With one of the same length, where there is one."""
    size = path.stat().st_size
    rest = [file for file in files if file != path]
    alike = [file for file in rest if file.stat().st_size == size]
    other = dice.choice(alike or rest)
    return {path: other.read_bytes(), other: path.read_bytes()}


def _double(
    path: Path, files: list[Path], _others: list, dice: random.Random
) -> Damage:
    """A copy beside it under a name of the same kind."""
    last = max(file.name for file in files if file.parent == path.parent)
    name = f"{int(last[:-5]) + 1:06d}.json" if last[:-5].isdigit() else f"z{last}"
    if path.parent.name == "lake":  # head.json
        name = f"{dice.randrange(100)}.json"
    return {path.with_name(name): path.read_bytes()}


def _replace(
    path: Path, files: list[Path], _others: list, dice: random.Random
) -> Damage:
    """Another file's bytes in its place, of the same table where there is one."""
    rest = [file for file in files if file != path]
    return {path: dice.choice(_kin(path, rest)).read_bytes()}


def _of_another_lake(
    path: Path, _files: list, others: list[Path], dice: random.Random
) -> Damage:
    return {path: dice.choice(_kin(path, others)).read_bytes()}


def _kin(path: Path, files: list[Path]) -> list[Path]:
    """Those that hold the same, as far as names tell; else all."""
    same = [file for file in files if file.name == path.name]
    table = path.parts[-3]
    return same or [file for file in files if file.parts[-3] == table] or files


Kind = Callable[[Path, list[Path], list[Path], random.Random], Damage]
KINDS: dict[str, Kind] = {
    "files cut off": _cut_off,
    "pages zeroed": _zero_page,
    "files exchanged, of equal length": _exchange,
    "files doubled": _double,
    "files in the place of others": _replace,
    "files of another lake": _of_another_lake,
}


def to_markdown(counts: dict[str, Counts]) -> str:
    """A row for each kind of damage and place."""
    lines = [f"| damage | in | {' | '.join(OUTCOMES)} |"]
    lines.append("| --- | --- " + "| --: " * len(OUTCOMES) + "|")
    for kind, by_place in counts.items():
        for place, found in by_place.items():
            shown = " | ".join(str(found[outcome]) for outcome in OUTCOMES)
            lines.append(f"| {kind} | {place} | {shown} |")
    return "\n".join(lines)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _draw(files: list[Path], n: int, dice: random.Random) -> Iterator[tuple[Path, int]]:
    """n bits, each of all files equally likely."""
    sizes = [8 * path.stat().st_size for path in files]
    for path in dice.choices(files, sizes, k=n):
        yield path, dice.randrange(8 * path.stat().st_size)


def _with_damage(
    damage: Damage,
    root: Path,
    ask: Callable[[Path], Answer],
    clean: Answer,
) -> str:
    kept = {path: path.read_bytes() for path in damage if path.exists()}
    for path, data in damage.items():
        path.write_bytes(data)
    try:
        answer = ask(root)
    finally:
        for path in damage:
            if path in kept:
                path.write_bytes(kept[path])
            else:
                path.unlink()
    return judge(
        answer, clean, [name for path in damage for name in _names(path, root)]
    )


def _names(path: Path, root: Path) -> Iterator[str]:
    """By what a damage is named: an entry of the manifest that is whole but another
    one, by the next, which does not follow it."""
    yield path.relative_to(root).as_posix()
    if path.parent.name == "manifest":
        following = path.with_name(f"{int(path.stem) + 1:06d}.json")
        yield following.relative_to(root).as_posix()


def judge(answer: Answer, clean: Answer, names: Sequence[str]) -> str:
    """What became of a damage to files of these names.

    Rows may be fewer only where a file is named; figures may never differ.
    """
    is_named = any(name in answer.said for name in names)
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
