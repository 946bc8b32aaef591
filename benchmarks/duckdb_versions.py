"""Does another version of DuckDB make the same marts?

    make duckdb-check VERSION=2.0.1
    python -m benchmarks.duckdb_versions 2.0.1 --lakes parquet     copies of lakes

The other version is installed into a folder of its own, which stands before the pinned
one for as long as it builds. Both build the demo city and a province from nothing;
every mart must have the same rows, as a bag, and columns of the same name, order and
type.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from benchmarks.marts import differing_marts, mart_names
from benchmarks.province import write_province
from data_pipeline.store.snapshots import Snapshot, current_snapshot
from tests.browser.serving import PROJECT

# What has been made by one version is never taken over by another one.
BUILD = (
    "import sys, duckdb; from pathlib import Path;"
    "from benchmarks.many_submissions import build_one_more;"
    "build_one_more(Path(sys.argv[1])); print(duckdb.__version__)"
)


def install(version: str, folder: Path) -> None:
    """Put one version of DuckDB, and nothing else, into a folder."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", folder, f"duckdb=={version}"], check=True)


def build_with(root: Path, version: str, folder: Path | None = None) -> Snapshot:
    """All marts of a lake, by the pinned version or the one that lies in a folder.

    Raises
    ------
    RuntimeError
        Another version was at work.
    CalledProcessError
        It cannot build; it has said why.
    """
    places = [str(place) for place in (folder, PROJECT) if place]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-c", BUILD, str(root)]
    built = subprocess.run(
        command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE
    )
    used = built.stdout.decode().split()[-1]
    if used != version:
        raise RuntimeError(f"built by DuckDB {used}, not {version}")
    return current_snapshot(root)


def compare(root: Path, version: str, folder: Path) -> list[str]:
    """Where the marts of a lake differ between the versions; [] for nowhere."""
    ours = build_with(root, duckdb.__version__)
    return differing_marts(root, ours, build_with(root, version, folder))


def lakes(folder: Path, copied: Sequence[Path], n_branches: int) -> Iterator[Path]:
    """Copies of lakes that are there, or the demo city and a province made anew."""
    for number, lake in enumerate(copied):
        root = folder / f"{number}-{lake.name}"
        shutil.copytree(lake, root, symlinks=True)
        shutil.rmtree(root / "marts", ignore_errors=True)
        (root / "CURRENT").unlink(missing_ok=True)
        yield root
    if not copied:
        command = [sys.executable, "-m", "data_pipeline", "demo", "--lake"]
        root = folder / "demo"
        subprocess.run([*command, root], check=True, stdout=subprocess.DEVNULL)
        yield root
        write_province(folder / "province", n_branches)
        yield folder / "province"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.duckdb_versions", description=__doc__.splitlines()[0]
    )
    parser.add_argument("version", help="as a package index knows it")
    parser.add_argument("--lakes", type=Path, nargs="*", default=[])
    parser.add_argument("--branches", type=int, default=160_000)
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as name:
        other = Path(name) / "other"
        install(options.version, other)
        for root in lakes(Path(name), options.lakes, options.branches):
            started = time.perf_counter()
            differing = compare(root, options.version, other)
            alike = f"{len(mart_names())} marts equal"
            print(
                f"{root.name}: DuckDB {duckdb.__version__} and {options.version}:",
                f"{'; '.join(differing) or alike}, {time.perf_counter() - started:.0f}",
                "seconds",
                flush=True,
            )
            found += differing
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
