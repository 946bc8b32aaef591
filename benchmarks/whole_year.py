"""Twelve months of a nation, built from nothing: one month after the other.

The campaign of the registry has nine months; its calendar is made a year long, in a
registry of the benchmark's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import data_pipeline.registry
from benchmarks.growth import FILES_A_TABLE
from benchmarks.province import ROWS_PER_FILE, write_province
from benchmarks.stopwatch import Cost, measure

ENVIRONMENT = "COVERAGE_REGISTRY"
NINE_MONTHS, A_YEAR = 'end = "2016-12"', 'end = "2017-03"'
N_MONTHS = 12


@contextmanager
def registry_of_a_year(folder: Path) -> Iterator[None]:
    """Have this process and its children read a registry whose campaign lasts a year.

    Raises
    ------
    ValueError
        The registry's own campaign does not end as expected.
    """
    shutil.copytree(Path(data_pipeline.registry.__file__).parent, folder)
    calendar = folder / "calendar.toml"
    text = calendar.read_text("utf-8")
    if NINE_MONTHS not in text:
        raise ValueError(f"{calendar}: no {NINE_MONTHS}")
    calendar.write_text(text.replace(NINE_MONTHS, A_YEAR), "utf-8")
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(ENVIRONMENT)
        if before is not None:
            os.environ[ENVIRONMENT] = before


def write_months(root: Path, n_branches: int, n_months: int) -> None:
    """Roll and ledgers by branch of the first months, in files as a nation would."""
    rows_per_file = max(ROWS_PER_FILE, n_branches // FILES_A_TABLE)
    write_province(root, n_branches, n_months=n_months, rows_per_file=rows_per_file)


def measure_year(folder: Path, n_branches: int) -> dict[str, Cost]:
    """One run each of a month, of the year, and of the year with one file more."""
    costs = {}
    with registry_of_a_year(folder / "registry"):
        for name, n_months in {"one month": 1, "twelve months": N_MONTHS}.items():
            root = folder / str(n_months)
            measure(f"{__name__}:write_months", root, n_branches, n_months)
            costs[name] = measure("benchmarks.marts:run_build", root)
        added = measure("benchmarks.marts:run_added", root)
        costs["the last month anew, for one file more"] = added
    return costs


def to_markdown(costs: Mapping[str, Cost], n_branches: int) -> str:
    """A row for each build."""
    lines = [
        f"### A year of {n_branches:,} branches, a ledger row each and month",
        "",
        "| build | seconds | processor s | peak MB |",
        "|---|--:|--:|--:|",
    ]
    for name, cost in costs.items():
        figures = f"{cost.seconds:.1f} | {cost.processor:.1f} | {cost.peak:,.0f}"
        lines.append(f"| {name} | {figures} |")
    return "\n".join([*lines, ""])
