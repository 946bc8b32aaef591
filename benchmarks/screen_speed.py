"""What a filter change costs the server and the reader, and what a long day costs.

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
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.screen_server import ScreenServer, start
from data_pipeline.registry import load_registry
from tests.browser.chromium import find_chromium
from tests.browser.serving import PROJECT
from ui.menu import MENU

CONTROLS = "controls_alone"
HEATMAP = "county_heatmap"
WARM_UP = 3
N_RERUNS = 500
N_READERS = 4
# What a click on a page turns to and fro, by the key of the control.
CLICKED = {CONTROLS: "compare", HEATMAP: "compare", "sector_gaps": "sector"}

# Clicks, and answers how many milliseconds later the last of the page was on the
# screen: the script has ended, nothing in the page changes for a while, and the
# frame after the last change has been painted.
CLICK = """button => new Promise((resolve, reject) => {
    const app = document.querySelector('[data-testid=stApp]');
    const main = document.querySelector('[data-testid=stMain]');
    const state = () => app.dataset.testScriptState;
    let ended = 0, drawn = 0;
    const observer = new MutationObserver(() => requestAnimationFrame(now => {
        drawn = performance.now();
    }));
    observer.observe(main, {
        subtree: true, childList: true, attributes: true, characterData: true,
    });
    const watch = new MutationObserver(() => {
        requestAnimationFrame(() => { ended = performance.now(); });
    });
    watch.observe(app, {attributeFilter: ['data-test-script-state']});
    const started = performance.now();
    button.click();
    const wait = setInterval(() => {
        const now = performance.now(), last = Math.max(ended, drawn);
        if (now - started > 30000) reject(new Error('nothing was drawn'));
        else if (!last || state() !== 'notRunning' || now - last < 400) return;
        else resolve(last - started);
        clearInterval(wait);
        observer.disconnect();
        watch.disconnect();
    }, 50);
})"""


@dataclasses.dataclass(frozen=True)
class Rerun:
    """Milliseconds until the last message, milliseconds of processor, bytes sent."""

    wall: float
    processor: float
    size: float


@dataclasses.dataclass(frozen=True)
class LongRun:
    """Reruns a second, and megabytes before and after them."""

    rate: float
    before: float
    after: float


class Reader:
    """One session, as a browser opens it."""

    def __init__(self, socket: ClientConnection):
        self.socket = socket

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
        self.socket.send(request.SerializeToString())
        size = 0
        while True:
            content = self.socket.recv(timeout=60)
            size += len(content)
            message = ForwardMsg.FromString(content)
            if message.WhichOneof("type") == "script_finished":
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


def choices() -> Iterator[dict[str, str]]:
    """Metric and month, each time another one of both."""
    registry = load_registry()
    metrics = [m.id for m in registry.metrics.values() if "sector" in m.dimensions]
    months = itertools.cycle(registry.calendar.months[2:])
    for metric in itertools.cycle(metrics):
        yield {"metric": metric, "month": next(months)}


def measure_reruns(
    server: ScreenServer, pages: Sequence[str], rounds: int
) -> dict[str, Rerun]:
    """Medians of a filter change on each page, all pages taking turns."""
    costs: dict[str, list[Rerun]] = {page: [] for page in pages}
    with read(server) as reader:
        for choice in itertools.islice(choices(), WARM_UP + rounds):
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


def measure_clicks(server: ScreenServer, rounds: int) -> dict[str, float]:
    """Median milliseconds from a click to the picture in Chromium, by page.

    Raises
    ------
    RuntimeError
        There is no Chromium.
    """
    path = find_chromium()
    if path is None:
        raise RuntimeError("no working Chromium; `sh setup/browser.sh` says more")
    found: dict[str, list[float]] = {page: [] for page in CLICKED}
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        size = {"width": 1440, "height": 900}
        pages = {}
        for name in CLICKED:
            context = browser.new_context(viewport=size, reduced_motion="reduce")
            pages[name] = context.new_page()
            pages[name].goto(f"{server.url}/{name}?month=2016-07")
        for turn in range(WARM_UP + rounds):
            for name, page in pages.items():
                found[name].append(click(page, CLICKED[name], (turn + 1) % 2))
        browser.close()
    return {name: statistics.median(times[WARM_UP:]) for name, times in found.items()}


def click(page: Page, control: str, place: int) -> float:
    """Choose the segment at `place` of a control; milliseconds until it is drawn."""
    page.bring_to_front()
    widget = f"[class*='st-key-choose-'][class*='-{control}-']"
    button = page.locator(f"{widget} button").nth(place)
    button.wait_for()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')"
        ".dataset.testScriptState === 'notRunning'"
    )
    return button.evaluate(CLICK)


def measure_long_run(server: ScreenServer) -> LongRun:
    """Several readers change filters of the heatmap as fast as they are answered."""

    def change(reader: int, n: int) -> None:
        with read(server) as session:
            for choice in itertools.islice(choices(), reader, reader + n):
                session.ask(HEATMAP, **choice)

    def change_all(n: int) -> None:
        with ThreadPoolExecutor(N_READERS) as pool:
            for _ in pool.map(change, range(N_READERS), [n // N_READERS] * N_READERS):
                pass

    change_all(N_RERUNS // 5)
    settle(server)
    before, started = server.megabytes(), time.perf_counter()
    change_all(N_RERUNS)
    rate = N_RERUNS / (time.perf_counter() - started)
    settle(server)
    return LongRun(rate, before, server.megabytes())


def measure_imports(rounds: int) -> dict[str, float]:
    """Median processor seconds of cold imports, Streamlit being there already."""
    scripts = [PROJECT / "dashboard.py", *sorted(PROJECT.glob("pages/*/*.py"))]
    modules = sorted(set(itertools.chain.from_iterable(map(imported_by, scripts))))
    works = {
        "pandas and plotly": ["pandas", "plotly.graph_objects"],
        "all that the pages import": [*modules, "plotly.graph_objects"],
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


def measure_screen(lake: Path, rounds: int) -> str:
    """Everything, as markdown."""
    pages = [CONTROLS, *(entry.name for entry in MENU)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start(lake, folder) as server:
            reruns = measure_reruns(server, pages, rounds)
            clicks = measure_clicks(server, rounds)
        with start(lake, folder) as server:
            frozen = measure_long_run(server)
        with start(lake, folder, is_frozen=False) as server:
            unfrozen = measure_long_run(server)
    return "\n".join(
        [
            *describe_reruns(reruns),
            *describe_clicks(clicks),
            *describe_long_runs({"with": frozen, "without": unfrozen}),
            *describe_imports(measure_imports(rounds // 2)),
        ]
    )


def describe_reruns(costs: dict[str, Rerun]) -> Iterator[str]:
    base = costs[CONTROLS]
    yield "### A filter change, on the server"
    yield ""
    yield "| page | ms | processor ms | ms over the empty page | processor | KB sent |"
    yield "|---|---|---|---|---|---|"
    for page, cost in costs.items():
        yield (
            f"| {page} | {cost.wall:.0f} | {cost.processor:.0f} "
            f"| {cost.wall - base.wall:+.0f} | {cost.processor - base.processor:+.0f} "
            f"| {cost.size / 1e3:.0f} |"
        )
    yield ""


def describe_clicks(times: dict[str, float]) -> Iterator[str]:
    yield "### From a click to the drawn picture, in Chromium"
    yield ""
    yield "| page | ms | ÷ controls alone |"
    yield "|---|---|---|"
    for page, milliseconds in times.items():
        yield f"| {page} | {milliseconds:.0f} | {milliseconds / times[CONTROLS]:.2f} |"
    yield ""


def describe_long_runs(runs: dict[str, LongRun]) -> Iterator[str]:
    yield f"### {N_RERUNS} filter changes by {N_READERS} readers at once"
    yield ""
    yield "| gc.freeze | reruns a second | MB before | MB after |"
    yield "|---|---|---|---|"
    for name, run in runs.items():
        yield f"| {name} | {run.rate:.0f} | {run.before:.0f} | {run.after:.0f} |"
    yield ""


def describe_imports(seconds: dict[str, float]) -> Iterator[str]:
    base = next(iter(seconds.values()))
    yield "### Cold import, beside Streamlit"
    yield ""
    yield "| | processor s | ratio |"
    yield "|---|---|---|"
    for name, value in seconds.items():
        yield f"| {name} | {value:.2f} | {value / base:.2f} |"
    yield ""
