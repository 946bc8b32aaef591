"""A page that notices what a reader would suffer from, and how to wait for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")

# Opened at /page, Streamlit looks for its server below /page first, then at the root.
DEEP_LINK_PROBE = re.compile(r"^/[^/]+/_stcore/(health|host-config)$")

# Inside Streamlit's own sparkline, beyond what an app can mend.
KNOWN_UNREACHABLE = "[data-testid=stMetric] svg"

SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app?.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED'
        && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]');
}"""

EXCEPTION = "[data-testid=stException]"

_sockets: WeakKeyDictionary[Page, WebSocket] = WeakKeyDictionary()


class PageFaultError(AssertionError):
    """Something went wrong on a page that looked all right to the test."""


@contextmanager
def guarded_page(
    browser: Browser, url: str, *, size: str = "desk", theme: str = "light"
) -> Iterator[Page]:
    """Open an empty page for the server at `url`; fail on any fault at the end.

    Faults are an exception box, a console error, an uncaught script error, an
    answer of 400 or more, a failed request and any request outside the server.
    Only the two 404 probes of a deep link are let through.

    Parameters
    ----------
    browser : Browser
        A running Chromium.
    url : str
        Root of the server; `page.goto("/gaps?month=2016-07")` is relative to it.
    size : {"desk", "phone"}
        1440 by 900, or 390 by 844 with touch.
    theme : {"light", "dark"}
        What the reader's system prefers.

    Raises
    ------
    PageFaultError
        Lists every fault, in the order in which they came.
    """
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        is_mobile=size == "phone",
        has_touch=size == "phone",
        color_scheme=theme,
        reduced_motion="reduce",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    faults = watch(context, url)
    try:
        page = context.new_page()
        yield page
        faults += exception_boxes(context)
    except Exception as error:
        for fault in faults:
            error.add_note(fault)
        raise
    finally:
        context.close()
    if faults:
        raise PageFaultError("\n".join(faults))


def watch(context: BrowserContext, url: str) -> list[str]:
    """Return a list that grows by a sentence with each fault in the context."""
    faults: list[str] = []
    server = urlsplit(url).netloc

    def on_request(request) -> None:
        if is_outside(request.url, server):
            faults.append(f"request outside the server: {request.url}")

    def on_response(response) -> None:
        is_probe = DEEP_LINK_PROBE.match(urlsplit(response.url).path)
        if response.status >= 400 and not (response.status == 404 and is_probe):
            faults.append(f"HTTP {response.status}: {response.url}")

    def on_failure(request) -> None:
        # A page that is left cancels what it was still loading.
        if "ERR_ABORTED" not in (request.failure or ""):
            faults.append(f"failed request: {request.url} ({request.failure})")

    def on_console(message) -> None:
        # Chromium repeats each bad answer here; on_response has judged it already.
        is_echo = message.text.startswith("Failed to load resource")
        if message.type == "error" and not is_echo:
            faults.append(f"console error: {message.text}")

    def on_page(page: Page) -> None:
        page.on("crash", lambda _: faults.append("the page crashed"))
        page.on("websocket", lambda socket: on_socket(page, socket))

    def on_socket(page: Page, socket: WebSocket) -> None:
        _sockets[page] = socket
        if is_outside(socket.url, server):
            faults.append(f"request outside the server: {socket.url}")

    context.on("request", on_request)
    context.on("response", on_response)
    context.on("requestfailed", on_failure)
    context.on("console", on_console)
    context.on("weberror", lambda fault: faults.append(f"page error: {fault.error}"))
    context.on("page", on_page)
    return faults


def is_outside(url: str, server: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.netloc != server


def exception_boxes(context: BrowserContext) -> list[str]:
    return [
        f"exception box: {text}"
        for page in context.pages
        for text in page.locator(EXCEPTION).all_inner_texts()
    ]


def settle(page: Page) -> Page:
    """Wait until the script has ended and all it sent is drawn; no sleeping.

    Raises
    ------
    PageFaultError
        The script ended with an exception box.
    """
    page.wait_for_function(SETTLED)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    if boxes := exception_boxes(page.context):
        raise PageFaultError("\n".join(boxes))
    return page


@contextmanager
def rerun(page: Page) -> Iterator[None]:
    """Wait for the run of the script that the block's click or key sets off.

    Right after a click the page still looks settled: the server has not answered
    yet. So the message that ends a run is awaited before `settle`.
    """
    with _sockets[page].expect_event("framereceived", predicate=ends_a_run):
        yield
    settle(page)


def ends_a_run(frame: bytes | str) -> bool:
    message = ForwardMsg.FromString(frame)
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def check_accessibility(page: Page) -> None:
    """Fail with rule, element and remedy for each violation that axe-core finds.

    Raises
    ------
    PageFaultError
        One paragraph for each violation.
    """
    found = Axe().run(page, context={"exclude": [[KNOWN_UNREACHABLE]]}).response
    faults = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(
            f"  {node['target']} {node['html'][:200]}"
            for node in violation["nodes"][:5]
        )
        for violation in found["violations"]
    ]
    if faults:
        raise PageFaultError("\n".join(faults))


def take_screenshot(page: Page, name: str, *, whole: bool = False) -> Path:
    """Save artifacts/<name>_<width>x<height>_<theme>.png for people to look at.

    With `whole` the window grows for the moment to the height of the content, which
    Streamlit scrolls inside the page.
    """
    window = page.viewport_size
    theme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    size = f"{window['width']}x{window['height']}"
    path = ARTIFACTS / f"{name}_{size}_{THEMES[theme]}.png"
    if whole:
        height = page.locator("[data-testid=stMain]").evaluate("e => e.scrollHeight")
        page.set_viewport_size(window | {"height": max(height, window["height"])})
        settle(page)
    page.screenshot(path=path, animations="disabled")
    page.set_viewport_size(window)
    return path
