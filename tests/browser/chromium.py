"""Find a Chromium that starts; `python tests/browser/chromium.py` prints its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

# The shell has no window to draw and takes a tenth less of the processor.
SHELL = "chromium-headless-shell"
NAMES = (
    *(SHELL, "chromium", "chromium-browser"),
    *("google-chrome-stable", "google-chrome"),
)
PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/lib/chromium/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """Return the path of the first Chromium that answers, or None.

    `$CHROMIUM` goes before the PATH, the usual places and Playwright's own download.
    When it is set, nothing else is tried: a typing error must not go unnoticed.
    """
    if chosen := os.environ.get("CHROMIUM"):
        return chosen if answers(chosen) else None
    return next(filter(answers, candidates()), None)


def candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, PLACES)
    yield from filter(os.path.exists, [downloaded_by_playwright()])


def downloaded_by_playwright() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def answers(path: str) -> bool:
    """Tell whether the program starts: Ubuntu's `chromium` may be an empty stub."""
    try:
        found = subprocess.run(
            [path, "--version"], capture_output=True, timeout=30, check=True, text=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return "Chrom" in found.stdout


if __name__ == "__main__":
    found = find_chromium()
    if found is None:
        sys.exit("no working Chromium found")
    print(found)
