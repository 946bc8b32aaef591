"""What each of three readers was promised, walked in a browser over the demo city.

A leader: seconds until the answer stands on the first screen, and its length. The
office: clicks and seconds from a cold cell of the first page to a talk, a check list
and a sentence of the circular. An analyst: the bytes of the page's file beside those of
the command for it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.screen_server import start
from tests.browser.chromium import find_chromium
from tests.browser.serving import PROJECT

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
DRAWN = "[data-testid=stApp][data-test-script-state=notRunning]"
# Where each way ends: what is followed on the card, and what then shows the place.
WAYS: Mapping[str, tuple[str, str]] = {
    "a talk": ("列入约谈", ".st-key-talks button"),
    # The third click would draw and register a list for good.
    "the plan of its checks": ("抽查这里", ".st-key-register"),
    "a sentence of the circular": ("通报怎么说", "[class*=st-key-says-]"),
}
QUIET_MS, WAIT_MS = 300, 120_000


def measure_promises(lake: Path) -> str:
    """The table of the README, as markdown."""
    with start(lake, lake) as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium())

        @contextmanager
        def opened(size: str) -> Iterator[Page]:
            width, height = SIZES[size]
            view = {"width": width, "height": height}
            context = browser.new_context(
                base_url=server.url, viewport=view, accept_downloads=True
            )
            context.set_default_timeout(WAIT_MS)
            yield context.new_page()
            context.close()

        with opened("desk") as page:  # what the first reader of a day waits for
            _read_answer(page)
        lines = [_say_answer(size, opened) for size in SIZES]
        for end, way in WAYS.items():
            with opened("desk") as page:
                way_there = f"the office: from a cold cell to {end}"
                lines.append(f"| {way_there} | {_go(page, way)} |")
        with opened("desk") as page:
            lines.append(f"| an analyst: {_compare_files(page, lake)} |")
        browser.close()
    return "\n".join(["| promise | kept |", "| --- | --- |", *lines])


def _say_answer(size: str, opened: Callable) -> str:
    with opened(size) as page:
        seconds, sentence, bottom = _read_answer(page)
    place = f"ends at {bottom:.0f} of {SIZES[size][1]} px"
    said = f"{seconds:.1f} s, {len(sentence)} characters, no click; {place}"
    return f"| a leader: the answer in words on the first screen, {size} | {said} |"


def _read_answer(page: Page) -> tuple[float, str, float]:
    """Seconds from nothing to the answer, its first sentence and where it ends."""
    began = time.perf_counter()
    page.goto("/")
    answer = page.locator(".st-key-answer")
    answer.wait_for()
    seconds = time.perf_counter() - began
    _settle(page)  # what folds above it has folded
    box = answer.bounding_box()
    return seconds, answer.inner_text().splitlines()[0], box["y"] + box["height"]


def _go(page: Page, way: tuple[str, str]) -> str:
    """Clicks and seconds from the coldest cell of the first page to the end."""
    page.goto("/")
    coldest = page.locator(".st-key-coldest tbody a").first
    coldest.wait_for()
    _settle(page)
    place, began = coldest.inner_text(), time.perf_counter()
    coldest.click()
    link, end = way
    page.locator(".st-key-card").get_by_role("link", name=link).click()
    page.locator(end).first.wait_for()
    seconds = time.perf_counter() - began
    said = f"2 clicks, {seconds:.1f} s"
    if "button" in end:
        with page.expect_download() as saved:
            page.locator(end).first.click()
        size = Path(saved.value.path()).stat().st_size
        said = f"3 clicks with its workbook ({size:,} bytes), {seconds:.1f} s"
    return f"{said} ({place})"


def _settle(page: Page) -> None:
    page.wait_for_selector(DRAWN)
    page.wait_for_timeout(QUIET_MS)


def _compare_files(page: Page, lake: Path) -> str:
    """The CSV that the heatmap hands out against what its command writes."""
    address = "county_heatmap?month=2016-07&lang=zh"
    page.goto(f"/{address}")
    page.locator(".st-key-panels-matrix button").last.click()
    files = page.locator(".st-key-files-matrix")
    button = files.get_by_role("button", name="CSV", exact=True)
    button.wait_for()
    _settle(page)
    with page.expect_download() as saved:
        button.click()
    shown = Path(saved.value.path()).read_bytes()
    command = [sys.executable, "-m", "ui", address, "matrix", "--lake", str(lake)]
    given = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stdout
    rows = shown.count(b"\n") - 1
    equal = "the same" if shown == given else f"other ones ({len(given):,})"
    said = f"{rows} rows, {len(shown):,} bytes, {equal}"
    return f"the file of a page beside that of its command | {said}"
