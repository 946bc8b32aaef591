"""A real browser against a served dashboard.

Fixtures: `page` (guarded, desk, light), `open_page` (a path, settled, any size and
theme), `server` (one for the whole run), `browser`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browsing import guarded_page, settle
from chromium import find_chromium
from playwright.sync_api import Browser, Page, sync_playwright
from serving import DASHBOARD, Server, serve

HERE = Path(__file__).parent

# Chromium must neither call home nor reach any other host, even by mistake.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all browser tests on one worker: one server, one Chromium, one lake."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        reason = "no working Chromium; `sh setup/browser.sh` says how to get one"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served_lake(tiny_lake: Path) -> Path:
    """The lake that the dashboard is served over: the city counted by hand."""
    return tiny_lake


@pytest.fixture(scope="session")
def server(
    served_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The dashboard over the built lake; no run of it may leave a traceback."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serve(DASHBOARD, log, {"LEDGER_LAKE": str(served_lake)}) as server:
        yield server
    written = log.read_text("utf-8", "replace")
    assert "Traceback (most recent call last)" not in written, written


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """An empty guarded page: `page.goto("/…")`, then `settle(page)`."""
    with guarded_page(browser, server.url) as page:
        yield page


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """`open_page("/heatmap?sector=rural", size="phone", theme="dark")`, settled."""
    with ExitStack() as pages:

        def open_settled(path: str = "/", **look: str) -> Page:
            page = pages.enter_context(guarded_page(browser, server.url, **look))
            page.goto(path)
            return settle(page)

        yield open_settled
