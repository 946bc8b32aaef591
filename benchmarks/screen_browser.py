"""How long a reader waits in Chromium: for a click, and for the first picture.

Beside each page stands the one with the same frame and controls and nothing else
(`screen_speed.CONTROLS`), measured by turns with it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.screen_server import ScreenServer
from tests.browser.chromium import find_chromium

# What a click on a page turns to and fro, by the key of the row of buttons; "" where a
# page has none: there a link turns to another month, as those of its lists do.
CLICKED = {
    "controls_alone": "compare",
    "county_heatmap": "compare",
    "sector_gaps": "compare",
    "overview": "duty",
    "area_profile": "list",
    "bulletin": "look",
    "ledger_quality": "span",
    "compare": "kind",
    **dict.fromkeys(
        (
            *("leader_participation", "topics_and_speaking"),
            *("weak_organizations", "check_planner", "branch"),
        ),
        "sector",
    ),
    **dict.fromkeys(
        ("talks", "reported_vs_verified", "ledger_calendar", "problems"), ""
    ),
}
VISIT = """month => {
    window.history.pushState({}, "", `?month=${month}`);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}"""
WARM_UP = 2
REST = 400  # milliseconds in which nothing changes: then all has been drawn

# Answers at which millisecond the last of the page was on the screen: the script has
# ended, nothing in the page changes for a while, and the frame after the last change
# has been painted. `act` is what the reader does, if the page is there already. What
# stands inside a canvas is not painted: there a grid writes its rows once more, for
# screen readers, a fifth of a second after it has drawn them.
DRAWN = """(act, rest) => new Promise((resolve, reject) => {
    const find = (name) => document.querySelector(`[data-testid=${name}]`);
    let ended = 0, drawn = 0, state = '';
    const begun = act ? performance.now() : 0;
    const isPainted = ({ target }) => !target.parentElement?.closest('canvas');
    const observer = new MutationObserver((changes) => {
        if (changes.some(isPainted))
            requestAnimationFrame(() => drawn = performance.now());
    });
    observer.observe(act ? find('stMain') : document, {
        subtree: true, childList: true, attributes: true, characterData: true,
    });
    const watch = new MutationObserver(() => requestAnimationFrame(() => {
        const now = find('stApp')?.dataset.testScriptState;
        if (now !== state) ended = performance.now();
        state = now;
    }));
    watch.observe(document, {
        subtree: true, childList: true, attributeFilter: ['data-test-script-state'],
    });
    if (act) act();
    const wait = setInterval(() => {
        const now = performance.now(), last = Math.max(ended, drawn);
        const done = find('stApp')?.dataset.testScriptState === 'notRunning'
            && !find('stSkeleton');
        if (now - begun > 120000) reject(new Error('nothing was drawn'));
        else if (!done || !last || now - last < rest) return;
        else resolve(last - begun);
        clearInterval(wait);
        observer.disconnect();
        watch.disconnect();
    }, 50);
})"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium without a window.

    Raises
    ------
    RuntimeError
        There is no Chromium.
    """
    path = find_chromium()
    if path is None:
        raise RuntimeError("no working Chromium; `sh setup/browser.sh` says more")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def open_page(browser: Browser) -> Page:
    """An empty page of a reader of its own."""
    look: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
    return browser.new_context(reduced_motion="reduce", **look).new_page()


def measure_clicks(server: ScreenServer, rounds: int) -> dict[str, float]:
    """Median milliseconds from a click to the picture, by page."""
    found: dict[str, list[float]] = {page: [] for page in CLICKED}
    with open_browser() as browser:
        pages = {name: open_page(browser) for name in CLICKED}
        for name, page in pages.items():
            page.goto(f"{server.url}/{name}?month=2016-07")
        for turn in range(WARM_UP + rounds):
            for name, page in pages.items():
                found[name].append(click(page, CLICKED[name], (turn + 1) % 2))
    return {name: statistics.median(times[WARM_UP:]) for name, times in found.items()}


def click(page: Page, control: str, place: int) -> float:
    """Choose the segment at `place` of a control; milliseconds until it is drawn.

    Without a control a link is followed, to the month at `place`.
    """
    page.bring_to_front()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')"
        ".dataset.testScriptState === 'notRunning'"
    )
    if not control:
        month = ("2016-07", "2016-06")[place]
        return page.evaluate(f"({DRAWN})(() => ({VISIT})('{month}'), {REST})")
    widget = f"[class*='st-key-choose-'][class*='-{control}-']"
    button = page.locator(f"{widget} button").nth(place)
    button.wait_for()
    return button.evaluate(f"button => ({DRAWN})(() => button.click(), {REST})")


def measure_first_pictures(
    server: ScreenServer, names: Sequence[str], rounds: int
) -> dict[str, float]:
    """Median milliseconds from the address to the whole picture of a new reader.

    Others have opened the page before; this reader's Chromium has nothing of it.
    """
    found: dict[str, list[float]] = {name: [] for name in names}
    with open_browser() as browser:
        for _ in range(1 + rounds):
            for name, times in found.items():
                page = open_page(browser)
                page.goto(f"{server.url}/{name}?month=2016-07", wait_until="commit")
                times.append(page.evaluate(f"({DRAWN})(null, {REST})"))
                page.context.close()
    return {name: statistics.median(times[1:]) for name, times in found.items()}
