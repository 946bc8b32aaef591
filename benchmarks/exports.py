"""Which exports of the demo city changed between a commit and this tree, and how?

    python -m benchmarks.exports 35667f8                 both build the demo city first
    python -m benchmarks.exports 35667f8 --list          name every file that differs
    python -m benchmarks.exports --lakes OLD NEW --trees OLD NEW

Each side makes the demo city, builds it and runs `reports export` with its own code:
every metric, by every dimension and month, and by the pairs of dimensions that are
looked at, on every basis that the metric has, as CSV and as Parquet. Where the months
stand in the rows of one file they are not exported one by one again; the pairs are
taken of every month as reported and of the last one as estimated. What is refused is
kept too, as the sentence. The snapshot's name and time are set to the same on both
sides, so what is equal is equal byte by byte; what is not is reported by its columns
and rows.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import functools
import io
import itertools
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

PROJECT = Path(__file__).resolve().parents[1]
BASES = ("reported", "verified", "modelled")
FORMATS = ("csv", "parquet")
MEASURES = ("numerator", "denominator", "rate", "n_blank", "n_missing")
SNAPSHOT = {"id": "compared", "built_at": datetime(2017, 1, 1, tzinfo=UTC)}
REFUSED = ".refused"
PAIRS = (("unit", "sector"), ("unit", "township"), ("sector", "township"))


@dataclasses.dataclass(frozen=True)
class Difference:
    """What one file has that its counterpart lacks; `kind` is the same for alike ones.

    `rows` is how many rows of the shorter list of columns differ, 0 where only columns
    were added or dropped.
    """

    name: str
    kind: str
    rows: int = 0


def write_exports(
    lake: Path, folder: Path, metrics: Sequence[str] = (), months: Sequence[str] = ()
) -> None:
    """Every export of a built lake, by the command of whichever tree is imported."""
    from data_pipeline.rates import open_marts, read_rates
    from data_pipeline.registry import DIMENSIONS, load_registry
    from reports import __main__ as command

    registry = load_registry()
    marts = open_marts(lake, registry)
    snapshot = dataclasses.replace(marts.snapshot, **SNAPSHOT)
    pinned = dataclasses.replace(marts, snapshot=snapshot)
    read = functools.cache(functools.partial(read_rates, marts))

    def read_once(_: object, metric: str, **question: object) -> pd.DataFrame:
        """The same for both formats: an estimate takes its time."""
        question["where"] = None
        question = {
            k: tuple(v) if k in ("by", "months") else v for k, v in question.items()
        }
        return read(metric, **question).copy()

    # The command as it is, but for what it opens.
    command.open_marts = lambda *_: pinned
    command.read_rates = read_once
    for metric, basis in itertools.product(metrics or registry.metrics, BASES):
        for by, month in _questions(basis, months or marts.months, DIMENSIONS):
            stem = ".".join(filter(None, (metric, basis, month, "+".join(by))))
            question = ["export", metric, "--by", ",".join(by), "--basis", basis]
            question += ["--month", month] if month else []
            for format in FORMATS:
                path = folder / f"{stem}.{format}"
                said = io.StringIO()
                with contextlib.redirect_stderr(said):
                    code = command.main([*question, "--out", str(path)])
                if code:
                    path.with_suffix(REFUSED).write_text(f"{code} {said.getvalue()}")
        read.cache_clear()


def _questions(
    basis: str, months: Sequence[str], dimensions: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Groupings and their month, "" where the months stand in the rows."""
    last = months[-1]
    yield (), last
    for name in dimensions:
        yield ((name, "month") if name != "month" else ("month",)), ""
        if name != "month":
            yield (name,), last
    of_pairs = months if basis == BASES[0] else [last]
    yield from itertools.product(PAIRS, of_pairs)


def compare(old: Path, new: Path) -> tuple[int, list[Difference]]:
    """How many files two folders have alike, and each file that is not."""
    names = sorted({path.name for folder in (old, new) for path in folder.iterdir()})
    differences = []
    for name in names:
        contents = [
            (folder / name).read_bytes() if (folder / name).exists() else None
            for folder in (old, new)
        ]
        if contents[0] != contents[1]:
            differences.append(_compare(name, *contents))
    return len(names) - len(differences), differences


def _compare(name: str, old: bytes | None, new: bytes | None) -> Difference:
    if old is None or new is None:
        return Difference(name, "only new" if old is None else "only old")
    if name.endswith(REFUSED):
        return Difference(name, "other words of a refusal")
    (old_head, old_rows), (new_head, new_rows) = (_read(name, x) for x in (old, new))
    differences = [f"+{column}" for column in new_head if column not in old_head]
    differences += [f"-{column}" for column in old_head if column not in new_head]
    shared = [column for column in old_head if column in new_head]
    keys = [c for c in shared if c not in MEASURES][: _n_keys(shared)]
    before, after = (
        {tuple(row[k] for k in keys): row for row in rows}
        for rows in (old_rows, new_rows)
    )
    differences += ["rows added"] if after.keys() - before.keys() else []
    differences += ["rows dropped"] if before.keys() - after.keys() else []
    changed: Counter[str] = Counter()
    rows = len(before.keys() ^ after.keys())
    for key in before.keys() & after.keys():
        columns = [c for c in shared if before[key][c] != after[key][c]]
        changed.update(f"{c} {_way(before[key][c], after[key][c])}" for c in columns)
        rows += bool(columns)
    differences += sorted(changed)
    if name.endswith(".parquet"):
        said = [_description(content) for content in (old, new)]
        names = sorted({*said[0], *said[1]})
        differences += [
            f"description {n}" for n in names if said[0].get(n) != said[1].get(n)
        ]
    return Difference(name, ", ".join(differences) or "bytes alone", rows)


def _description(content: bytes) -> dict[str, bytes]:
    """What a Parquet file says of itself beside its rows."""
    metadata = pq.read_schema(io.BytesIO(content)).metadata or {}
    return {key.decode(): value for key, value in metadata.items()}


def _n_keys(columns: Sequence[str]) -> int:
    """How many columns stand before the first measure: the dimensions of the export."""
    return next((i for i, name in enumerate(columns) if name in MEASURES), 0)


def _way(old: str, new: str) -> str:
    """Which way a value went: files changed in one way are reported together."""
    if not old or not new:
        return "filled" if new else "emptied"
    try:
        before, after = float(old), float(new)
    except ValueError:
        return "other"
    if math.isclose(before, after, rel_tol=1e-12):
        return "in its last digit"
    return "up" if after > before else "down"


def _read(name: str, content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    if name.endswith(".csv"):
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        rows = list(reader)
        return list(reader.fieldnames or ()), rows
    table = pq.read_table(io.BytesIO(content))
    rows = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in table.to_pylist()
    ]
    return table.column_names, rows


def to_markdown(n_alike: int, differences: Sequence[Difference], listed: bool) -> str:
    """Files that differ, those of one metric, basis and kind in one line."""
    lines = [
        f"{n_alike:,} files alike byte by byte, {len(differences):,} differ.",
        "",
        "| metric | basis | difference | files | rows |",
        "| --- | --- | --- | --: | --: |",
    ]
    alike: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for one in differences:
        metric, basis, *_ = one.name.split(".")
        alike[metric, basis, one.kind].append(one)
    for (metric, basis, kind), some in sorted(alike.items()):
        n_rows = sum(one.rows for one in some)
        lines.append(f"| {metric} | {basis} | {kind} | {len(some):,} | {n_rows:,} |")
        if listed:
            lines += [f"| | | `{one.name}` | | {one.rows:,} |" for one in some]
    return "\n".join(lines)


@contextlib.contextmanager
def _tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """The files of a commit beside this tree, gone afterwards."""
    tree = folder / "tree"
    git = ["git", "-C", str(PROJECT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
    try:
        yield tree
    finally:
        subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def _export(tree: Path, lake: Path | None, folder: Path, chosen: Sequence[str]) -> Path:
    """Exports of one tree, made by its own code; its own demo city without a lake."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    run = functools.partial(subprocess.run, cwd=tree, env=environment, check=True)
    if lake is None:
        lake = folder / "lake"
        demo = [sys.executable, "-m", "data_pipeline", "demo", "--lake", str(lake)]
        run(demo, stdout=subprocess.DEVNULL)
    exports = folder / "exports"
    exports.mkdir()
    # By its path: the other tree may not have this module.
    write = ["--write", str(lake.resolve()), str(exports)]
    run([sys.executable, __file__, *write, *chosen])
    return exports


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.exports", description=__doc__.splitlines()[0]
    )
    parser.add_argument("commit", nargs="?", help="the older side; the newer is here")
    parser.add_argument("--trees", nargs=2, type=Path, metavar=("OLD", "NEW"))
    parser.add_argument("--lakes", nargs=2, type=Path, metavar=("OLD", "NEW"))
    parser.add_argument("--list", action="store_true", help="name every file")
    parser.add_argument("--metrics", nargs="*", default=[], help="by default all")
    parser.add_argument("--months", nargs="*", default=[], help="by default all")
    parser.add_argument("--write", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_exports(*options.write, options.metrics, options.months)
        return 0
    if bool(options.commit) == bool(options.trees):
        parser.error("name a commit, or two checkouts with --trees OLD NEW")
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        sides = [Path(scratch) / side for side in ("old", "new")]
        for side in sides:
            side.mkdir()
        trees = options.trees or (
            stack.enter_context(_tree_of(options.commit, sides[0])),
            PROJECT,
        )
        lakes = options.lakes or (None, None)
        chosen = ["--metrics", *options.metrics, "--months", *options.months]
        exports = [
            _export(tree.resolve(), lake, side, chosen)
            for tree, lake, side in zip(trees, lakes, sides, strict=True)
        ]
        print(to_markdown(*compare(*exports), options.list))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
