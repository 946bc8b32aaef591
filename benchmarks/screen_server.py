"""The dashboard as it is, one page added, and a word about itself on request.

`ScreenServer` starts it and asks; run as a module this is the server's side.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.serving import PROJECT, Server, free_port, wait_until_healthy

# With it garbage is collected as Streamlit would: after each run, all that lives.
BY_DEFAULT = "BENCHMARK_DEFAULT_COLLECTOR"


@dataclasses.dataclass(frozen=True)
class ScreenServer:
    """A running server; `url` is its root."""

    url: str
    process: subprocess.Popen

    def processor_seconds(self) -> float:
        """Processor time of all its threads so far."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def megabytes(self) -> float:
        """Memory that it holds now."""
        command = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.check_output(command)) / 1e3


@contextmanager
def start(
    lake: Path, folder: Path, *, collects_by_default: bool = False
) -> Iterator[ScreenServer]:
    """Serve the dashboard over `lake`; its log goes to `folder`.

    `collects_by_default`: garbage as Streamlit does, not as `ui.garbage`.
    """
    port = free_port()
    log = folder / f"server-{port}.log"
    environment = os.environ | {"LEDGER_LAKE": str(lake)}
    if collects_by_default:
        environment[BY_DEFAULT] = "1"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.screen_server", str(port)],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(Server(url, log), process)
        yield ScreenServer(url, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # on a machine that does other work
            process.kill()
            process.wait()


def serve(port: int) -> None:
    """Run the dashboard as `python -m ui.server` does."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    from ui import garbage, menu
    from ui.roles import DASHBOARD

    class Controls(menu.Entry):
        path = "benchmarks/controls_alone.py"
        title_key = "county_heatmap.title"

    page = Controls("gaps", "controls_alone", ":material/tune:")
    menu.MENU = (*menu.MENU, page)
    menu.PAGES[page.name] = page
    section = menu.SECTIONS[-1]  # what no section lists has no address
    menu.LISTED = {**menu.LISTED, section: (*menu.LISTED[section], page.name)}
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Streamlit prints goes to the log

    def answer() -> None:
        for _ in sys.stdin:
            print(time.process_time(), file=answers, flush=True)

    threading.Thread(target=answer, daemon=True).start()
    PagesManager.uses_pages_directory = False
    options = ["--server.port", str(port), "--server.fileWatcherType", "none"]
    if BY_DEFAULT in os.environ:
        garbage.keep_away = garbage.collect = lambda: None
        options += ["--runner.postScriptGC", "true"]
    cli.main(["run", str(DASHBOARD), *options], prog_name="streamlit")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
