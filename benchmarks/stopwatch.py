"""Runs one piece of work in a process of its own and says what it took."""

from __future__ import annotations

import dataclasses
import importlib
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds by the clock, of processor time (all threads, children), peak in MB."""

    seconds: float
    processor: float
    peak: float


def _timed(queue: multiprocessing.Queue, work: str, arguments: tuple) -> None:
    module, name = work.split(":")
    function = getattr(importlib.import_module(module), name)
    started, used = time.perf_counter(), _processor_time()
    function(*arguments)
    seconds, processor = time.perf_counter() - started, _processor_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on macOS.
    megabytes = peak / (1e6 if sys.platform == "darwin" else 1e3)
    queue.put(Cost(seconds, processor, megabytes))


def _processor_time() -> float:
    """Of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(work: str, *arguments: Any) -> Cost:
    """One run of "module:function" in a process of its own, its imports not counted.

    The peak of a child is never below what its parent holds: measure from a process
    that has not imported much.

    Raises
    ------
    RuntimeError
        The work failed; its traceback stands on stderr.
    """
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_timed, args=(queue, work, arguments))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{work} failed")
    return queue.get()


def alternate(works: Mapping[str, tuple], rounds: int) -> dict[str, Cost]:
    """Medians of each work over several rounds, each round running all of them.

    Alternating, so that whatever else the machine does falls on all alike.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, *arguments) in works.items():
            costs[name].append(measure(work, *arguments))
    return {name: median_cost(runs) for name, runs in costs.items()}


def median_cost(runs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    fields = [field.name for field in dataclasses.fields(Cost)]
    return Cost(
        *(statistics.median(getattr(c, field) for c in runs) for field in fields)
    )
