"""Answers that are kept for all readers: what one has waited for the next one has."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

# What an answer without a frame counts as, and how many bytes of a picture as one cell.
A_FEW_CELLS = 100
BYTES_OF_A_CELL = 60
Key = tuple[Hashable, Hashable]


class Kept:
    """Answers by what they are of and by their question, of `most_cells` cells in all.

    The one asked for last stays longest. Those of a source go, since they may hold on
    to it, once `most_sources` others have been asked since. Whoever asks what somebody
    is just working out waits for it.

    `st.cache_resource` counts answers instead, one cell or a million, and takes half a
    millisecond to look one up, of which a page asks a hundred.
    """

    def __init__(self, most_cells: int, most_sources: int):
        self.most_cells, self.most_sources = most_cells, most_sources
        self._answers: dict[Key, tuple[Any, int]] = {}
        self._n_cells = 0
        self._sources: dict[Hashable, None] = {}
        self._being_asked: dict[Key, threading.RLock] = {}
        self._lock = threading.Lock()

    def ask(self, source: Hashable, question: Hashable, read: Callable[[], Any]) -> Any:
        """What `read` gives, or gave; an error of it is not kept."""
        key = (source, question)
        with self._lock:
            if key in self._answers:
                return self._touch(key)
            asking = self._being_asked.setdefault(key, threading.RLock())
        with asking:
            with self._lock:
                if key in self._answers:
                    return self._touch(key)
            try:
                answer = read()
                n_cells = count_cells(answer)
                with self._lock:
                    self._keep(key, answer, n_cells)
            finally:
                with self._lock:
                    self._being_asked.pop(key, None)
        return answer

    def _touch(self, key: Key) -> Any:
        kept = self._answers.pop(key)
        self._answers[key] = kept
        self._use(key[0])
        return kept[0]

    def _keep(self, key: Key, answer: Any, n_cells: int) -> None:
        self._forget(key)
        self._answers[key] = (answer, n_cells)
        self._n_cells += n_cells
        self._use(key[0])
        while self._n_cells > self.most_cells and len(self._answers) > 1:
            self._forget(next(iter(self._answers)))
        while len(self._sources) > self.most_sources:
            oldest = next(iter(self._sources))
            del self._sources[oldest]
            for other in [key for key in self._answers if key[0] == oldest]:
                self._forget(other)

    def _use(self, source: Hashable) -> None:
        self._sources.pop(source, None)
        self._sources[source] = None

    def _forget(self, key: Key) -> None:
        self._n_cells -= self._answers.pop(key, (None, 0))[1]


def count_cells(answer: Any) -> int:
    """Cells of the frames of an answer and marks of its pictures, about.

    >>> frame = pd.DataFrame({"rate": [0.5] * 300})
    >>> count_cells({"topic_1_coverage": frame, "topic_2_coverage": frame})
    700
    """
    return A_FEW_CELLS + sum(_sizes(answer, depth=5))


def _sizes(answer: Any, depth: int) -> Iterator[int]:
    if isinstance(answer, (pd.DataFrame, pd.Series)):
        yield answer.size
    elif isinstance(answer, (bytes, str)):
        yield len(answer) // BYTES_OF_A_CELL
    elif depth:
        if isinstance(answer, Mapping):
            parts = answer.values()
        elif isinstance(answer, (list, tuple)):
            parts = answer
            yield len(answer)
        elif dataclasses.is_dataclass(answer):
            # Of what else hangs on it most is there without the answer.
            parts = [v for v in vars(answer).values() if _is_its_own(v)]
        else:
            return
        for part in parts:
            yield from _sizes(part, depth - 1)


def _is_its_own(part: Any) -> bool:
    return isinstance(part, (pd.DataFrame, list)) or dataclasses.is_dataclass(part)
