"""Many readers at once: how long each waits, and what the server's memory does."""

from __future__ import annotations

import dataclasses
import itertools
import random
import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.screen_server import ScreenServer
from benchmarks.screen_speed import HEATMAP, choices, read, settle

N_THINKING, THINKING = 100, 5.0
N_RESTLESS = 50
SECONDS = 60
N_LONG_READERS = 4


@dataclasses.dataclass(frozen=True)
class Crowd:
    """What a crowd of readers met: milliseconds, faults, and megabytes of the server.

    `megabytes` : before, and after equal parts of the whole.
    """

    n_answers: int
    n_faults: int
    median: float
    p95: float
    rate: float
    megabytes: tuple[float, ...]


def measure_crowd(
    server: ScreenServer,
    n_readers: int,
    thinking: float,
    seconds: float = SECONDS,
    months: Sequence[str] = (),
) -> Crowd:
    """Readers change filters of the heatmap, each as long as it takes to think.

    Parameters
    ----------
    thinking : float, seconds
        Mean of an exponential pause after each answer; 0 to ask again at once.
    months
        Those that are chosen, as `screen_speed.choices` takes them.
    """
    waits: list[float] = []
    faults: list[Exception] = []
    lock, over = threading.Lock(), time.monotonic() + seconds

    def visit(number: int) -> None:
        pause = random.Random(number)
        try:
            time.sleep(pause.uniform(0, thinking))  # nobody comes at the same moment
            with read(server) as session:
                session.ask(HEATMAP)
                for choice in itertools.islice(choices(months), number, None):
                    if thinking:
                        time.sleep(pause.expovariate(1 / thinking))
                    if time.monotonic() > over:
                        return
                    begun = time.perf_counter()
                    session.ask(HEATMAP, **choice)
                    with lock:
                        waits.append(1e3 * (time.perf_counter() - begun))
        except (OSError, RuntimeError, TimeoutError) as fault:
            with lock:
                faults.append(fault)

    before, begun = server.megabytes(), time.perf_counter()
    with ThreadPoolExecutor(n_readers) as pool:
        list(pool.map(visit, range(n_readers)))
    lasted = time.perf_counter() - begun
    settle(server)
    return Crowd(
        len(waits),
        len(faults),
        statistics.median(waits),
        statistics.quantiles(waits, n=20)[-1],
        len(waits) / lasted,
        (before, server.megabytes()),
    )


def measure_long_run(
    server: ScreenServer, n: int, n_readers: int = N_LONG_READERS, parts: int = 5
) -> Crowd:
    """A few readers change filters as fast as they are answered, `n` times in all.

    A fifth of one part goes before, so that what is kept once for all is there.
    """
    waits: list[float] = []

    def change(reader: int, times: int) -> None:
        with read(server) as session:
            for choice in itertools.islice(choices(), reader, reader + times):
                begun = time.perf_counter()
                session.ask(HEATMAP, **choice)
                waits.append(1e3 * (time.perf_counter() - begun))

    def change_all(times: int) -> None:
        with ThreadPoolExecutor(n_readers) as pool:
            each = [times // n_readers] * n_readers
            list(pool.map(change, range(n_readers), each))

    change_all(n // parts // 5)
    settle(server)
    waits.clear()
    megabytes, begun = [server.megabytes()], time.perf_counter()
    for _ in range(parts):
        change_all(n // parts)
        settle(server)
        megabytes.append(server.megabytes())
    lasted = time.perf_counter() - begun
    p95 = statistics.quantiles(waits, n=20)[-1]
    about = statistics.median(waits), p95, len(waits) / lasted
    return Crowd(len(waits), 0, *about, tuple(megabytes))
