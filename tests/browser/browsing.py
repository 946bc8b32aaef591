"""A page that notices what a reader would suffer from, and how to wait for it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    WebSocket,
    expect,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
SHEET = {"width": 1047, "height": 718}  # A4 landscape within its margins, in CSS pixels
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
LOOKS = [(size, theme) for size in SIZES for theme in THEMES]

# How long anything may take on a slow machine that does other work as well. Only what
# is wrong ever waits that long.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

# Opened at /page, Streamlit looks for its server below /page first, then at the root.
DEEP_LINK_PROBE = re.compile(r"^/[^/]+/_stcore/(health|host-config)$")

# Inside Streamlit's own sparkline, beyond what an app can mend.
KNOWN_UNREACHABLE = "[data-testid=stMetric] svg"

# What another theme can break: it changes colours and nothing else.
COLOUR_RULES = ("color-contrast", "link-in-text-block")

# Counts in the page itself what the server's messages and the scripts do to it. The
# browser reports a message before the page's own scripts have seen it.
WATCH = """(() => {
    const seen = window.seenByTest = { messages: 0, changes: 0 };
    const observer = new MutationObserver(() => { seen.changes += 1; });
    const all = { subtree: true, childList: true,
        attributes: true, characterData: true };
    observer.observe(document, all);
    const attachShadow = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) {
        const root = attachShadow.call(this, options);
        observer.observe(root, all);
        return root;
    };
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            seen.messages = 0;
            this.addEventListener("message", () => {
                seen.messages += 1;
                seen.changes += 1;
            });
        }
    };
})();"""

# True once the page has stood still for some frames, with every message taken in. A
# page that holds `st-key-visit` is about to turn to another address (ui/address.py).
SETTLED = """async (messages) => {
    const app = document.querySelector('[data-testid=stApp]');
    const isAtRest = () => app?.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED'
        && window.seenByTest.messages >= messages
        && !document.querySelector(
            '[data-testid=stSkeleton], [data-stale=true], .st-key-visit')
        && document.fonts.status === 'loaded'
        && document.getAnimations().every((one) => one.playState !== 'running');
    const { changes } = window.seenByTest;
    for (let frame = 0; frame < 6; frame += 1) {
        if (!isAtRest()) return false;
        await new Promise(requestAnimationFrame);
        if (window.seenByTest.changes !== changes) return false;
    }
    return true;
}"""

# Where an element is once it has stayed there for some frames, inside the window.
STANDING = """async (element) => {
    const place = () => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
    };
    element.scrollIntoView({ block: 'center', inline: 'nearest' });
    let [box, frames] = [place(), 0];
    while (frames < 6) {
        await new Promise(requestAnimationFrame);
        const now = place();
        frames = JSON.stringify(now) === JSON.stringify(box) ? frames + 1 : 0;
        box = now;
    }
    return box;
}"""

TURN = """(path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
}"""

AXE = Axe()
FIND_VIOLATIONS = """async ([context, options]) =>
    (await axe.run(context, options)).violations"""

EXCEPTION = "[data-testid=stException]"

_runs: WeakKeyDictionary[Page, Runs] = WeakKeyDictionary()


class Runs:
    """The runs of the script that one connection of a page has requested and received.

    `is_due`: the page has requested a run whose end has not been reported yet. A run
    requested during another makes the server break that one off and begin anew, so only
    an end that follows the latest beginning counts.
    """

    def __init__(self, socket: WebSocket) -> None:
        self.n_messages = self.n_ended = 0
        self.is_due = True
        self._has_begun = False
        socket.on("framesent", self._on_sent)
        socket.on("framereceived", self._on_received)

    def _on_sent(self, frame: bytes | str) -> None:
        if BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
            self.is_due, self._has_begun = True, False

    def _on_received(self, frame: bytes | str) -> None:
        self.n_messages += 1
        message = ForwardMsg.FromString(frame)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.is_due = self._has_begun = True
        elif kind == "script_finished" and self._has_begun:
            broken_off = ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if message.script_finished != broken_off:
                self.n_ended += 1
                self.is_due = self._has_begun = False


class PageFaultError(AssertionError):
    """Something went wrong on a page that looked all right to the test."""


@contextmanager
def guarded_page(
    browser: Browser,
    url: str,
    *,
    size: str = "desk",
    theme: str = "light",
    known: str | None = None,
    **options: Any,
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
    known : str, optional
        Words of a console error that the test expects and lets through.
    options
        Of Playwright's context, such as `http_credentials`.

    Raises
    ------
    PageFaultError
        Lists every fault, in the order in which they came.
    """
    page, faults = open_empty(browser, url, size, theme, known, **options)
    try:
        with judged(page, faults):
            yield page
    finally:
        page.context.close()


def open_empty(
    browser: Browser,
    url: str,
    size: str = "desk",
    theme: str = "light",
    known: str | None = None,
    **options: Any,
) -> tuple[Page, list[str]]:
    """An empty page in a context of its own, and the faults that it will have."""
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
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(WATCH)
    faults = watch(context, url, known)
    return context.new_page(), faults


@contextmanager
def judged(page: Page, faults: list[str]) -> Iterator[None]:
    """Fail at the end where anything went wrong on a page.

    Raises
    ------
    PageFaultError
        Lists every fault, in the order in which they came.
    """
    try:
        yield
        faults += exception_boxes(page.context)
    except Exception as error:
        for fault in faults:
            error.add_note(fault)
        raise
    if faults:
        raise PageFaultError("\n".join(faults))


class KeptPages:
    """Pages that one test after another gets as good as new.

    A fresh context loads and compiles Streamlit's scripts again, which costs more than
    all that a test does on its page. What is kept is the compiled scripts: storage,
    history, faults, size and medium of a page are those of a new one.
    """

    MOST = 4  # each costs some 150 MB

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        # Server, size, page and faults of the pages that no test has at the moment, the
        # longest unused first.
        self.free: list[tuple[tuple[str, str], Page, list[str]]] = []

    @contextmanager
    def lend(
        self, url: str, *, size: str = "desk", theme: str = "light"
    ) -> Iterator[Page]:
        """As `guarded_page`."""
        kind = (url, size)
        at = next((at for at, kept in enumerate(self.free) if kept[0] == kind), None)
        if at is None:
            page, faults = open_empty(self.browser, url, size, theme)
        else:
            _, page, faults = self.free.pop(at)
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        try:
            with judged(page, faults):
                yield page
            self._clean(page, size)
        except BaseException:
            page.context.close()
            raise
        faults.clear()
        self.free.append((kind, page, faults))
        if len(self.free) > self.MOST:
            self.free.pop(0)[1].context.close()

    def _clean(self, page: Page, size: str) -> None:
        for other in page.context.pages:
            if other is not page:
                other.close()
        if page.url.startswith("http"):  # a page never turned to has no storage
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.context.clear_cookies()
        page.goto("about:blank")
        session = page.context.new_cdp_session(page)
        session.send("Page.resetNavigationHistory")
        session.detach()
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(media="screen")
        page.mouse.move(0, 0)


def watch(context: BrowserContext, url: str, known: str | None = None) -> list[str]:
    """Return a list that grows by a sentence with each fault in the context."""
    faults: list[str] = []
    server = urlsplit(url).netloc

    def on_request(request) -> None:
        if request.is_navigation_request():
            _runs.pop(request.frame.page, None)
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
        is_known = known is not None and known in message.text
        if message.type == "error" and not is_echo and not is_known:
            faults.append(f"console error: {message.text}")

    def on_page(page: Page) -> None:
        page.on("crash", lambda _: faults.append("the page crashed"))
        page.on("websocket", lambda socket: on_socket(page, socket))

    def on_socket(page: Page, socket: WebSocket) -> None:
        if is_outside(socket.url, server):
            faults.append(f"request outside the server: {socket.url}")
        else:
            _runs[page] = Runs(socket)

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
    """Wait until no run is due and all that was sent is drawn and stands still.

    Raises
    ------
    PageFaultError
        The script ended with an exception box, or the page does not come to rest.
    """
    await_frames(page, lambda: page in _runs and not _runs[page].is_due)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        n_messages = _runs[page].n_messages
        is_still = page.evaluate(SETTLED, n_messages)
        # A run may have begun in the meantime; only after the last one is it over.
        if is_still and not _runs[page].is_due and _runs[page].n_messages == n_messages:
            break
        if time.monotonic() > deadline:
            raise PageFaultError(f"{page.url} does not come to rest")
        page.wait_for_timeout(20)
    if boxes := exception_boxes(page.context):
        raise PageFaultError("\n".join(boxes))
    return page


def await_frames(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds of the messages between page and server."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        if time.monotonic() > deadline:
            raise PageFaultError(f"{page.url}: the server ended no run")
        page.wait_for_timeout(20)


@contextmanager
def rerun(page: Page) -> Iterator[None]:
    """Wait for the run of the script that the block's click or key sets off.

    The block starts on a settled page: the end of an earlier run must not be taken for
    the one that it sets off. Right after a click the page still looks settled, as the
    server has not answered yet, so the message that ends a run is awaited first.

    One click may set off two runs, the second after the page has turned to another
    address. Where it leads is for `expect_address` to wait for.
    """
    runs = _runs[settle(page)]
    n_ended = runs.n_ended
    yield
    await_frames(page, lambda: runs.n_ended > n_ended or _runs.get(page) is not runs)
    settle(page)


def turn_to(page: Page, path: str) -> Page:
    """Have a settled page show another path with its query, as a step of history does.

    For tests that look at many pages: to load Streamlit's scripts anew for each takes
    half as long again.
    """
    with rerun(page):
        page.evaluate(TURN, path)
    return page


def address(page: Page) -> str:
    """Path and query of the address of a page as its address bar shows it."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def expect_address(page: Page, path: str = "", **choices: str | None) -> Page:
    """Wait until the address has this path and these choices, and the page settles.

    Parameters
    ----------
    path : str
        "/sector_gaps", or with "?" the whole address after the host.
    **choices : str or None
        `unit="350104"` must stand in the address, `sector=None` must not.

    Raises
    ------
    AssertionError
        Says where the page stands instead.
    """

    def holds(url: str) -> bool:
        parts = urlsplit(url)
        here = f"{parts.path}?{parts.query}" if "?" in path else parts.path
        chosen = dict(parse_qsl(parts.query))
        return path in ("", here) and all(
            chosen.get(choice) == value for choice, value in choices.items()
        )

    try:
        page.wait_for_url(holds)
    except PlaywrightTimeoutError:
        wanted = f"{path} {choices}"
        raise AssertionError(f"{address(page)} instead of {wanted}") from None
    return settle(page)


def expect_no_sideways_scroll(page: Page) -> None:
    """The whole page fits the width of its window, and so does what scrolls in it."""
    width = page.viewport_size["width"]
    script = """width => document.documentElement.scrollWidth <= width
        && [...document.querySelectorAll('[data-testid=stMain]')]
            .every((main) => main.scrollWidth <= main.clientWidth)"""
    page.wait_for_function(script, arg=width)


def expect_no_scroll_within(part: Locator) -> None:
    """A table or list fits the width it is given: nothing of it is scrolled to."""
    part.scroll_into_view_if_needed()
    wide = "e => [e.scrollWidth, e.clientWidth]"
    inner, outer = part.evaluate(wide)
    assert 0 < inner <= outer + 1


def standing_box(element: Locator) -> dict[str, float]:
    """Where an element is in the window, read when it has come to rest there."""
    return element.evaluate(STANDING)


def click_mark(mark: Locator, *, from_left: float | None = None) -> None:
    """Click a bar or dot of a figure, in its middle, and await the run.

    The mouse first rests until the figure says what it is over.
    """
    page = mark.page
    figure = mark.locator("xpath=ancestor::*[contains(@class, 'plot')]")
    with rerun(page):
        box = standing_box(mark)
        x = box["x"] + (box["width"] / 2 if from_left is None else from_left)
        y = box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        expect(figure.locator(".mark-words")).to_be_visible()
        page.mouse.click(x, y)


def click_bar(page: Page, figure: str, number: int = 0) -> None:
    """Click a bar of the figure with that name, and await the run."""
    bars = page.locator(f".st-key-plot-{figure} .bars .mark")
    click_mark(bars.nth(number))


def click_row(rows: Locator, number: int = 0) -> None:
    """Click a row of a short table anywhere, and await the run."""
    cell = rows.locator("tbody tr").nth(number).locator("td").nth(2)
    with rerun(rows.page):
        box = standing_box(cell)
        rows.page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)


def save(button: Locator) -> tuple[str, bytes]:
    """Click a button that hands out a file; return its name and its content."""
    with button.page.expect_download() as caught:
        button.click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def save_figure(page: Page, figure: str, kind: str) -> tuple[str, bytes]:
    """Name and content of a file of the figure (or list) with that name.

    Parameters
    ----------
    figure : str
        As passed to `show_figure` or `show_records`.
    kind : {"CSV", "XLSX", "Parquet", "PNG"}
    """
    open_panel(page, figure, "导出|Export")
    files = page.locator(f".st-key-files-{figure}")
    return save(files.get_by_role("button", name=kind, exact=True))


def open_panel(page: Page, figure: str, words: str) -> None:
    """Open what stands under a figure behind these words, a regular expression."""
    line = page.locator(f".st-key-panels-{figure}")
    head = line.get_by_role("button", name=re.compile(f"^({words})"))
    if head.get_attribute("aria-expanded") == "false":
        with rerun(page):
            head.click()


def check_accessibility(page: Page, rules: Sequence[str] = ()) -> None:
    """Fail with rule, element and remedy for each violation that axe-core finds.

    Parameters
    ----------
    rules : sequence of str, optional
        The only ones to try; all where none is named.

    Raises
    ------
    PageFaultError
        One paragraph for each violation.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    hidden = {"exclude": [[KNOWN_UNREACHABLE]]}
    # Compiled once for a document: that takes a seventh of a whole check.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    violations = page.evaluate(FIND_VIOLATIONS, [hidden, options])
    faults = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(
            f"  {node['target']} {node['html'][:200]}"
            for node in violation["nodes"][:5]
        )
        for violation in violations
    ]
    if faults:
        raise PageFaultError("\n".join(faults))


def take_screenshot(page: Page, name: str, *, whole: bool = False) -> Path | None:
    """Save artifacts/<name>_<width>x<height>_<theme>.png for people to look at.

    Only where $SCREENSHOTS asks for it, since no test judges them. With `whole` the
    window grows for the moment to the height of the content, which Streamlit scrolls
    inside the page.
    """
    if not os.environ.get("SCREENSHOTS"):
        return None
    window = page.viewport_size
    theme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    size = f"{window['width']}x{window['height']}"
    path = ARTIFACTS / f"{name}_{size}_{THEMES[theme]}.png"
    if whole:
        height = page.locator("[data-testid=stMain]").evaluate("e => e.scrollHeight")
        page.set_viewport_size(window | {"height": max(height, window["height"])})
        settle(page)
    page.screenshot(path=path, animations="disabled")
    if whole:
        page.set_viewport_size(window)
        settle(page)
    return path
