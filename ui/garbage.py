"""Collects garbage now and then, and keeps what lives long out of the way of that.

Streamlit would collect all garbage after every rerun (`postScriptGC` in config.toml).
With pandas, scipy and duckdb loaded that walks through a third of a million objects
which never die, and with every page kept in memory once, through another hundred
thousand: a tenth of a second for each click of anybody. What a full collection has
found alive is therefore frozen whenever the collection was slow. A frozen object that
dies in a cycle stays until the next thaw. And what is left to walk through is walked
through once a second, not for each of the thirty readers who are answered in it.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any

# A walk of this much processor time passes some twenty thousand objects.
SLOW_SECONDS = 0.012
# How long what is frozen may be dead: one collection walks through everything then.
THAW_SECONDS = 1200.0
# How often all garbage is collected while somebody reads.
COLLECT_SECONDS = 1.0
# What only pages import, or it would be in the way from the first of them on.
LATER_IMPORTS = (
    "scipy.special",
    "ui.components.hot_cold",
    "ui.records_view",
)


class Freezer:
    """Freezes what slow full collections leave alive; one of `gc.callbacks`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._thawed = clock()
        self._began = 0.0

    def __call__(self, phase: str, info: Mapping[str, Any]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            if self._clock() - self._thawed >= THAW_SECONDS:
                self._thawed = self._clock()
                gc.unfreeze()
            # Of this thread alone: others may hold the machine meanwhile.
            self._began = time.thread_time()
        elif time.thread_time() - self._began >= SLOW_SECONDS:
            gc.freeze()


class Collector:
    """Collects all garbage when called, unless it did so a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._collected = clock()

    def __call__(self) -> None:
        if self._clock() - self._collected >= COLLECT_SECONDS:
            self._collected = self._clock()
            gc.collect()


# To be called at the end of each reader's run.
collect = Collector()


@functools.cache
def keep_away() -> None:
    """Freeze what is imported, and from now on what lives long; once a process."""
    for module in LATER_IMPORTS:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    gc.callbacks.append(Freezer())
    atexit.register(_end)


def _end() -> None:
    """What is still frozen at the end looks to DuckDB's binding like a leak."""
    gc.callbacks[:] = [one for one in gc.callbacks if not isinstance(one, Freezer)]
    gc.unfreeze()
