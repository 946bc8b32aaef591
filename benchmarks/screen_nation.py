"""A click over the marts of a country beside one over the demo city's; many readers.

Both are read for the same month, the only one that the country has. One server serves
each, and both take turns.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.growth import write_lake
from benchmarks.marts import run_build_with_flags
from benchmarks.screen_crowd import N_RESTLESS, Crowd, measure_crowd
from benchmarks.screen_server import start
from benchmarks.screen_speed import CONTROLS, WARM_UP, Rerun, choices, read, take_turns
from data_pipeline.registry import load_registry

PAGES = (CONTROLS, "county_heatmap", "sector_gaps", "overview")
Costs = Mapping[str, Mapping[str, Rerun]]


def make_nation(root: Path, n_branches: int) -> None:
    """A month of so many branches, built with its flags."""
    write_lake(root, n_branches)
    run_build_with_flags(root)


def measure_nation(
    lakes: Mapping[str, Path], rounds: int
) -> tuple[dict[str, Costs], dict[str, Crowd]]:
    """Clicks that nobody and that somebody has made before, and fifty readers.

    Parameters
    ----------
    lakes
        What each is called -> where it lies, built.
    rounds
        Choices of a metric on each page.

    Returns
    -------
    Kind of click -> lake -> page -> medians; lake -> what its readers met.
    """
    months = load_registry().calendar.months[:1]
    clicks: dict[str, Costs] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            name: stack.enter_context(start(lake, Path(folder)))
            for name, lake in lakes.items()
        }
        readers = {
            name: stack.enter_context(read(server)) for name, server in servers.items()
        }
        made = [*itertools.islice(choices(months), WARM_UP + rounds)]
        for kind in ("new", "made before"):
            clicks[kind] = {
                name: take_turns(server, readers[name], PAGES, made)
                for name, server in servers.items()
            }
        crowds = {
            name: measure_crowd(server, N_RESTLESS, 0.0, months=months)
            for name, server in servers.items()
        }
    return clicks, crowds


def to_markdown(clicks: Mapping[str, Costs]) -> str:
    """Milliseconds of processor over the page with the controls alone."""
    lines = ["### A click over a country and over a city, processor ms", ""]
    names = [*next(iter(clicks.values()))]
    lines += [f"| page | click | {' | '.join(names)} |", "|---|---|---|---|"]
    for kind, costs in clicks.items():
        for page in PAGES[1:]:
            over = (
                f"{costs[name][page].processor - costs[name][CONTROLS].processor:+.0f}"
                for name in names
            )
            lines.append(f"| {page} | {kind} | {' | '.join(over)} |")
    return "\n".join([*lines, ""])
