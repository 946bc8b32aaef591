"""The build of the marts against plain programs and against reading the columns."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.marts import PEERS
from benchmarks.stopwatch import Cost, alternate, measure

# What a work is given for what can hardly be measured, so that nothing is divided by 0.
GRACE = 0.01  # seconds
BUILD, ADDED = "build", "one more file"


def measure_builds(root: Path, rounds: int) -> dict[str, Cost]:
    """Medians over one lake: all marts, those after one more file, peers, the scan.

    Raises
    ------
    RuntimeError
        The programs do not make the same marts.
    """
    measure("benchmarks.marts:check_equal", root)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        works = {
            BUILD: ("benchmarks.marts:run_build", root),
            ADDED: ("benchmarks.marts:run_added", root),
            **{name: (work, root, Path(folder)) for name, work in PEERS.items()},
            "scan": ("benchmarks.plain_polars:read_columns", root),
        }
        return alternate(works, rounds)


def measure_office(root: Path, rounds: int) -> dict[str, Cost]:
    """Medians of what an office waits for: marts, flags and what is withheld."""
    works = {
        BUILD: ("benchmarks.marts:run_build_with_flags", root),
        ADDED: ("benchmarks.marts:run_added_with_flags", root),
    }
    return alternate(works, rounds)


def over_best(costs: Mapping[str, Cost]) -> dict[str, float]:
    """Our work -> its processor time over that of the fastest program, 1 when ours is.

    10 ms are added to both. A plain program makes everything anew for one more file.
    """
    peers = [costs[name].processor for name in PEERS]
    return {
        work: (GRACE + costs[work].processor)
        / (GRACE + min(costs[work].processor, *peers))
        for work in (BUILD, ADDED)
    }


def score(ratios: Mapping[str, float]) -> str:
    """The works with what they come to over the fastest program, and their mean."""
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    return (
        f"Score {mean:.2f}, the geometric mean of (10 ms + processor time) ÷ (10 ms +"
        f" that of the fastest program), 1 at best: {told}\n"
    )


def to_markdown(title: str, costs: Mapping[str, Cost]) -> str:
    """A table of the costs, each also as a multiple of the build's."""
    build_cost = costs[BUILD]
    lines = [
        f"### {title}",
        "",
        "| | seconds | processor s | peak MB | seconds ÷ build | processor ÷ build |",
        "|---|---|---|---|---|---|",
    ]
    for name, cost in costs.items():
        lines.append(
            f"| {name} | {cost.seconds:.2f} | {cost.processor:.2f} | {cost.peak:.0f} "
            f"| {cost.seconds / build_cost.seconds:.2f} "
            f"| {cost.processor / build_cost.processor:.2f} |"
        )
    return "\n".join([*lines, ""])
