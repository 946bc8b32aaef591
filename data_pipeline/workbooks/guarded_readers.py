"""Runs `open_workbook` in guarded child processes, each of which reads several files.

To start one costs more than to read a small workbook. A child lives as long as all that
it was given could be read: after whatever it refused, died of or hung on the next file
gets a fresh one, and so it does after `FILES_PER_CHILD`. What a child refused that had
read others is read once more by a fresh one: what becomes of a file never depends on
the files before it, whose memory it has to live with.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from data_pipeline.workbooks import open_workbook
from data_pipeline.workbooks.cell_values import Special

# The child's own limit is processor time; this one only ends a child that hangs.
WALL_SECONDS = 120
# Each may need `open_workbook.MEMORY_BYTES`.
MOST_CHILDREN = 4
BOMB = {"kind": "", "refusals": [["E_BOMB", "", "", ""]], "sheets": [], "hidden": []}


class GuardedReaders:
    """As many children as there are files read at once; ended with the block.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._idle: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._idle:
            self._idle.pop().end()

    def read(self, data: bytes, name: str) -> dict[str, Any]:
        """What `open_workbook` says; whatever kills the child is a refusal."""
        try:
            child = self._idle.pop()
        except IndexError:
            child = _Child()
        is_fresh = child.n_left == open_workbook.FILES_PER_CHILD
        content = child.read(data, name)
        if content["refusals"] or child.n_left == 0:
            child.end()
        else:
            self._idle.append(child)
        if not content["refusals"] or is_fresh:
            return content
        # Those that are idle have read others as well.
        child = _Child()
        content = child.read(data, name)
        child.end()
        return content


class _Child:
    """One process. n_left : how many files it may still be given."""

    def __init__(self) -> None:
        # -E -s -S: no environment, no site packages; only the standard library and us.
        flags = ["-E", "-s", "-S", "-m", open_workbook.__name__]
        self.n_left = open_workbook.FILES_PER_CHILD
        self._process = subprocess.Popen(
            [sys.executable, *flags],
            cwd=Path(open_workbook.__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def read(self, data: bytes, name: str) -> dict[str, Any]:
        """The cells of a file, or the refusal that is due when it dies or hangs."""
        self.n_left -= 1
        clock = threading.Timer(WALL_SECONDS, self._process.kill)
        clock.start()
        try:
            answer = self._ask(data, name)
        except (OSError, ValueError):  # it is gone, or what it says is cut short
            return BOMB
        finally:
            clock.cancel()
        return answer

    def _ask(self, data: bytes, name: str) -> dict[str, Any]:
        """Both ways a line that says how long what follows is."""
        asked, told = self._process.stdin, self._process.stdout
        asked.write(json.dumps([len(data), name[-100:]]).encode() + b"\n")
        asked.write(data)
        asked.flush()
        length = int(told.readline(20))
        return json.loads(
            told.read(min(length, open_workbook.MEMORY_BYTES)),
            object_hook=lambda d: Special(**d) if d.keys() == {"kind", "value"} else d,
        )

    def end(self) -> None:
        """Nothing of it is waited for: it has answered, or never will."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # of bytes that nobody has read
                pipe.close()
        self._process.wait()


def n_readers() -> int:
    """How many files are read at once, by the cores there are."""
    return min(os.cpu_count() or 1, MOST_CHILDREN)
