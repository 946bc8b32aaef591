"""A real browser against a served dashboard.

Fixtures: `open_page` (a path, settled, any size and theme), `open_on` (the same on a
server of the test's own), `open_cold` (on a server that has just started), `server`
(one for each worker), `browser`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

import pytest
from browsing import KeptPages, guarded_page, settle
from chromium import find_chromium
from playwright.sync_api import Browser, Page, sync_playwright
from serving import Server, serve_lake

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
    # A page lives for seconds: optimising its scripts and collecting garbage in
    # parallel cost an eighth more of the processor than they save.
    "--js-flags=--no-opt --no-maglev --single-threaded-gc "
    "--min-semi-space-size=32 --max-semi-space-size=32",
    # The name of the shipped proxy leads here, too.
    "--host-resolver-rules=MAP dashboard.example 127.0.0.1,"
    "MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


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
def serve_city(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Path], Server]]:
    """`serve_city(lake)`: the dashboard over a lake that stays as it is."""
    with ExitStack() as servers:

        @cache
        def serve(lake: Path) -> Server:
            folder = tmp_path_factory.mktemp("server")
            return servers.enter_context(serve_lake(lake, folder))

        yield serve


@pytest.fixture(scope="session")
def server(tiny_lake: Path, serve_city: Callable[[Path], Server]) -> Server:
    """The dashboard over the city counted by hand."""
    return serve_city(tiny_lake)


@pytest.fixture(scope="session")
def kept_pages(browser: Browser) -> KeptPages:
    """Pages that go from test to test with their scripts loaded."""
    return KeptPages(browser)


@pytest.fixture
def open_on(kept_pages: KeptPages) -> Iterator[Callable[..., Page]]:
    """`open_on(server, "/heatmap?sector=rural", size="phone", theme="dark")`, settled.

    Each page is judged when the test is over.
    """
    with ExitStack() as pages:

        def open_settled(server: Server, path: str = "/", **look: str) -> Page:
            page = pages.enter_context(kept_pages.lend(server.url, **look))
            page.goto(path)
            return settle(page)

        yield open_settled


@pytest.fixture
def open_page(open_on: Callable[..., Page], server: Server) -> Callable[..., Page]:
    """`open_page("/heatmap?sector=rural", size="phone")` on the one server."""
    return partial(open_on, server)


@pytest.fixture
def open_cold(
    browser: Browser, tiny_lake: Path, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """As `open_page`, on a server of its own that has served no request yet."""
    with ExitStack() as opened:

        def open_settled(path: str) -> Page:
            server = opened.enter_context(serve_lake(tiny_lake, tmp_path))
            page = opened.enter_context(guarded_page(browser, server.url))
            page.goto(path)
            return settle(page)

        yield open_settled
