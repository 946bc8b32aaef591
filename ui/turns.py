"""Runs of the pages take turns: one at a time, unless one takes long.

Python runs one thread at a time. Fifty runs at once hand it round among themselves at
every message they send, which costs a tenth of what they need, and some come off badly.
In turns each is answered as soon as it is worked out, in the order in which readers
asked. Who takes longer, for a query or a file, stands in nobody's way: after a moment
the next one runs beside it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Several times what a page takes whose choices somebody has made before.
LONG_SECONDS = 0.1


class _Turn:
    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.is_over = threading.Event()
        self.began = 0.0


class Turns:
    """A queue of runs: each waits for the one that came before it, and for no other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: _Turn | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait until the run before is over, or has been running for long."""
        mine = _Turn()
        with self._lock:
            before, self._last = self._last, mine
        if before:
            before.has_begun.wait()
            before.is_over.wait(before.began + LONG_SECONDS - time.monotonic())
        mine.began = time.monotonic()
        mine.has_begun.set()
        try:
            yield
        finally:
            mine.is_over.set()


# Of all readers of this process.
taken = Turns().taken
