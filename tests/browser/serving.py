"""Start a Streamlit script as a server of its own, and stop it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DASHBOARD = PROJECT / "dashboard.py"
START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the file that its output goes to."""

    url: str
    log: Path


@contextmanager
def serve(
    script: Path,
    log: Path,
    environment: dict[str, str] | None = None,
    *,
    is_bare: bool = False,
    may_fail: bool = False,
    options: Sequence[str] = (),
    project: Path = PROJECT,
) -> Iterator[Server]:
    """Serve `script` with the project's own configuration on a free port.

    Parameters
    ----------
    script : Path
        The Streamlit script, `DASHBOARD` for the product itself.
    log : Path
        File for what the server writes; it is quoted when the start fails.
    environment : dict, optional
        Variables beside the present ones, such as `LEDGER_LAKE`.
    is_bare : bool
        Start the product too by `streamlit run` instead of its own `ui.server`.
    may_fail : bool
        Runs of the script are to fail; otherwise no run may leave a traceback.
    options : sequence of str
        Further options of the command line.
    project : Path
        Where the product lies that is started, this one or a copy of it.

    Raises
    ------
    RuntimeError
        The server ended, or did not answer within two minutes.
    AssertionError
        The log holds a traceback.
    """
    port = free_port()
    bare = ("streamlit", "run", str(script))
    command = [
        *(sys.executable, "-m"),
        *(bare if is_bare or script != DASHBOARD else ("ui.server",)),
        *("--server.port", str(port)),
        *("--server.fileWatcherType", "none"),
        *options,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=project,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", log)
    try:
        wait_until_healthy(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    written = log.read_text("utf-8", "replace")
    assert may_fail or "Traceback (most recent call last)" not in written, written


def serve_lake(
    lake: Path, folder: Path, **options: bool
) -> AbstractContextManager[Server]:
    """Serve the dashboard over a built lake, its log in `folder`; else as `serve`."""
    return serve(DASHBOARD, folder / "log.txt", {"LEDGER_LAKE": str(lake)}, **options)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_healthy(server: Server, process: subprocess.Popen) -> None:
    """Return once the server answers; a proxy from the environment is not used."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(f"{server.url}/_stcore/health", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    raise RuntimeError(
        f"The server did not start (exit code {process.poll()}):\n"
        + server.log.read_text("utf-8", "replace")
    )
