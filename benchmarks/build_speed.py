"""The build of the marts against plain pandas and against reading the columns."""

from __future__ import annotations

from pathlib import Path

from benchmarks.stopwatch import Cost, alternate, measure


def measure_builds(root: Path, rounds: int) -> dict[str, Cost]:
    """Medians over one lake: all marts, those after one more file, pandas, the scan."""
    measure("benchmarks.marts:check_equal", root)
    works = {
        "build": ("benchmarks.marts:run_build", root),
        "one more file": ("benchmarks.marts:run_added", root),
        "pandas": ("benchmarks.marts:run_pandas", root),
        "scan": ("benchmarks.marts:run_scan", root),
    }
    return alternate(works, rounds)


def measure_office(root: Path, rounds: int) -> dict[str, Cost]:
    """Medians of what an office waits for: marts, flags and what is withheld."""
    works = {
        "build": ("benchmarks.marts:run_build_with_flags", root),
        "one more file": ("benchmarks.marts:run_added_with_flags", root),
    }
    return alternate(works, rounds)


def to_markdown(title: str, costs: dict[str, Cost]) -> str:
    """A table of the costs, each also as a multiple of the build's."""
    build_cost = costs["build"]
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
