"""`python -m benchmarks`: every measured figure of the README, as markdown.

Ratios of one run are worth something, seconds are not: they belong to this machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.build_speed import (
    measure_builds,
    measure_office,
    over_best,
    score,
    to_markdown,
)
from benchmarks.stopwatch import measure

PROVINCE = "A province: {branches:,} branches, 9 months"
DEMO = "The demo city: 16,198 branches, 9 months"


def measure_province(
    folder: Path, options: argparse.Namespace
) -> tuple[str, dict[str, float]]:
    measure("benchmarks.province:write_province", folder, options.branches)
    title = PROVINCE.format(branches=options.branches)
    return measure_all_builds(folder, title, options)


def measure_demo(
    folder: Path, options: argparse.Namespace
) -> tuple[str, dict[str, float]]:
    make_demo(folder)
    return measure_all_builds(folder, DEMO, options)


def measure_all_builds(
    folder: Path, title: str, options: argparse.Namespace
) -> tuple[str, dict[str, float]]:
    """The marts against other programs, then the whole command that an office runs."""
    costs = measure_builds(folder, options.rounds)
    office = measure_office(folder, options.rounds)
    told = to_markdown("With flags and what is withheld", office)
    return f"{to_markdown(title, costs)}\n{told}", over_best(costs)


def measure_screen(folder: Path, options: argparse.Namespace) -> str:
    # Here, as what is imported counts in the peaks of the others.
    from benchmarks import screen

    make_demo(folder)
    return screen.measure_screen(folder, 2 * options.rounds, options.reruns)


def measure_nation(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import screen, screen_nation

    lakes = {name: folder / name for name in ("city", "nation")}
    make_demo(lakes["city"])
    measure("benchmarks.screen_nation:make_nation", lakes["nation"], options.sizes[-1])
    clicks, crowds = screen_nation.measure_nation(lakes, 2 * options.rounds)
    told = "\n".join(screen.describe_crowds(crowds))
    return f"{screen_nation.to_markdown(clicks)}\n{told}"


def measure_year(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import whole_year

    n_branches = options.sizes[-1]
    costs = whole_year.measure_year(folder, n_branches)
    return whole_year.to_markdown(costs, n_branches)


def measure_promises(folder: Path, _: argparse.Namespace) -> str:
    from benchmarks import promises

    make_demo(folder)
    return promises.measure_promises(folder)


def measure_sampling(_: Path, options: argparse.Namespace) -> str:
    from benchmarks import sampling_simulation as sampling

    drawn = sampling.simulate(*sampling.make_city(), sampling.RATES, options.draws)
    return sampling.to_markdown(drawn)


def measure_heads(_: Path, options: argparse.Namespace) -> str:
    from benchmarks import sampling_simulation as sampling

    # A quarter of the city: a full one takes four times as long and says the same.
    coverage = sampling.simulate_heads(0.25, (0.12, 0.02), options.draws)
    return sampling.heads_to_markdown(coverage, options.draws)


def measure_flips(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import bit_flips
    from data_pipeline.registry import load_registry
    from data_pipeline.store import snapshots
    from data_pipeline.store.lake import Lake
    from data_pipeline.warehouse import build
    from tests.tiny_city import build_tiny_city
    from tests.weak_city import build_weak_city

    # A server looks at stored files every few seconds; here there is a flip each.
    snapshots.RECHECK_SECONDS = 0.0
    lake = build_tiny_city(folder)
    with Lake(lake).writing():
        build(lake, load_registry())
    counts = {"bits flipped": bit_flips.flip_bits(lake, options.flips, seed=2016)}
    strange = build_weak_city(folder / "another")
    n = options.flips // len(bit_flips.KINDS)
    counts |= bit_flips.damage_files(lake, strange, n, seed=2016)
    return bit_flips.to_markdown(counts)


def measure_submissions(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import many_submissions as many

    return many.to_markdown(many.measure_submissions(folder, options.rounds))


def measure_reading(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import reading

    return reading.to_markdown(reading.measure_reading(folder, options.rounds))


def measure_workbooks(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import workbooks

    make_demo(folder)
    return workbooks.to_markdown(workbooks.measure_workbooks(folder, options.rounds))


def measure_growth(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks import growth

    found = growth.measure_growth(folder, options.sizes)
    if options.picture:
        options.picture.write_text(growth.to_svg(found, options.sizes), "utf-8")
    return growth.to_markdown(found, options.sizes)


def measure_soak(folder: Path, options: argparse.Namespace) -> str:
    from benchmarks.soak import soak

    return soak(folder, options.minutes, seed=2016)[1]


def make_demo(folder: Path) -> None:
    command = [sys.executable, "-m", "data_pipeline", "demo", "--lake", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


# Name on the command line -> what it measures, given an empty folder; those first that
# also say how we come off against other programs.
COMPARED = {"province": measure_province, "demo": measure_demo}
ALONE = {
    "screen": measure_screen,
    "nation": measure_nation,
    "year": measure_year,
    "promises": measure_promises,
    "sampling": measure_sampling,
    "heads": measure_heads,
    "flips": measure_flips,
    "submissions": measure_submissions,
    "reading": measure_reading,
    "growth": measure_growth,
    "xlsx": measure_workbooks,
    "soak": measure_soak,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    names = [*COMPARED, *ALONE]
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--branches", type=int, default=160_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reruns", type=int, default=10_000)
    parser.add_argument("--flips", type=int, default=300)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=20)
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--picture", type=Path, help="of growth, an SVG file")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(names)}")
    ratios: dict[str, float] = {}
    for name in options.names or names:
        with tempfile.TemporaryDirectory() as folder:
            if name in COMPARED:
                text, found = COMPARED[name](Path(folder), options)
                ratios |= {f"{name}, {work}": ratio for work, ratio in found.items()}
            else:
                text = ALONE[name](Path(folder), options)
            print(text, flush=True)
    if ratios:
        print(score(ratios), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
