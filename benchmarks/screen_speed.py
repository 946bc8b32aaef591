"""What a filter change costs the server, and what all pages import.

Everything is set beside a page that has the same frame and controls and nothing else
(`controls_alone`), measured by turns with it on one running server.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.screen_server import ScreenServer
from data_pipeline.registry import load_registry
from tests.browser.serving import PROJECT

CONTROLS = "controls_alone"
HEATMAP = "county_heatmap"
WARM_UP = 3


@dataclasses.dataclass(frozen=True)
class Rerun:
    """Milliseconds until the last message, milliseconds of processor, bytes sent."""

    wall: float
    processor: float
    size: float


class Reader:
    """One session, as a browser opens it.

    Large parts that it was sent in its last two runs it still holds, says so, and is
    sent their names alone, as by `global.maxCachedMessageAge` of Streamlit.
    """

    def __init__(self, socket: ClientConnection):
        self.socket = socket
        self._held: deque[set[str]] = deque(maxlen=2)

    def ask(self, page: str, **choices: str) -> int:
        """Have a page drawn with these choices; returns the bytes that came.

        Raises
        ------
        RuntimeError
            The page failed.
        """
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = urlencode(choices)
        request.rerun_script.cached_message_hashes.extend(set().union(*self._held))
        self.socket.send(request.SerializeToString())
        size, held = 0, set()
        while True:
            content = self.socket.recv(timeout=60)
            size += len(content)
            message = ForwardMsg.FromString(content)
            if message.metadata.cacheable or message.ref_hash:
                held.add(message.ref_hash or message.hash)
            if message.WhichOneof("type") == "script_finished":
                self._held.append(held)
                return size
            if message.delta.new_element.HasField("exception"):
                raise RuntimeError(f"{page} failed: {message.delta.new_element}")


@contextmanager
def read(server: ScreenServer) -> Iterator[Reader]:
    """Open a session."""
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "origin": server.url, "max_size": None}
    with connect(address, **options) as socket:
        yield Reader(socket)


def choices(months: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Metric and month, each time another one of both; all but the first two months."""
    registry = load_registry()
    metrics = [m.id for m in registry.metrics.values() if "sector" in m.dimensions]
    turns = itertools.cycle(months or registry.calendar.months[2:])
    for metric in itertools.cycle(metrics):
        yield {"metric": metric, "month": next(turns)}


def measure_reruns(
    server: ScreenServer, pages: Sequence[str], rounds: int
) -> tuple[dict[str, Rerun], dict[str, Rerun]]:
    """Medians of a filter change on each page, all pages taking turns.

    Returns
    -------
    Of choices that nobody has made before, and of the same made again.
    """
    with read(server) as reader:
        made = [*itertools.islice(choices(), WARM_UP + rounds)]
        first = take_turns(server, reader, pages, made)
        again = take_turns(server, reader, pages, made)
    return first, again


def take_turns(
    server: ScreenServer,
    reader: Reader,
    pages: Sequence[str],
    made: Sequence[Mapping[str, str]],
) -> dict[str, Rerun]:
    """Medians on each page of the choices made after the first few."""
    costs: dict[str, list[Rerun]] = {page: [] for page in pages}
    for choice in made:
        for page, found in costs.items():
            used, started = settle(server), time.perf_counter()
            size = reader.ask(page, **choice)
            wall = time.perf_counter() - started
            found.append(Rerun(1e3 * wall, 1e3 * (settle(server) - used), size))
    return {
        page: Rerun(
            *(
                statistics.median(getattr(cost, field.name) for cost in found[WARM_UP:])
                for field in dataclasses.fields(Rerun)
            )
        )
        for page, found in costs.items()
    }


def settle(server: ScreenServer) -> float:
    """Processor seconds once the server rests: it collects garbage after a run."""
    used = server.processor_seconds()
    while True:
        time.sleep(0.03)
        before, used = used, server.processor_seconds()
        if used - before < 0.003:
            return used


def measure_imports(rounds: int) -> dict[str, float]:
    """Median processor seconds of cold imports, Streamlit being there already."""
    scripts = [PROJECT / "dashboard.py", *sorted(PROJECT.glob("pages/*/*.py"))]
    modules = sorted(set(itertools.chain.from_iterable(map(imported_by, scripts))))
    works = {
        "pandas alone": ["pandas"],
        "all that the pages import": modules,
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, needed in works.items():
            code = (
                "import time, importlib, streamlit.web.cli\n"
                "started = time.process_time()\n"
                f"for name in {needed!r}: importlib.import_module(name)\n"
                "print(time.process_time() - started)"
            )
            command = [sys.executable, "-c", code]
            answer = subprocess.check_output(
                command, cwd=PROJECT, stderr=subprocess.DEVNULL
            )
            found[name].append(float(answer))
    return {name: statistics.median(times) for name, times in found.items()}


def imported_by(script: Path) -> Iterator[str]:
    """Modules that a script names, among them submodules named as an attribute."""
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            for name in node.names:
                path = PROJECT / node.module.replace(".", "/") / f"{name.name}.py"
                if path.exists():
                    yield f"{node.module}.{name.name}"
