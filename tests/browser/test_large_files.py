"""Files over one megabyte go to whoever requested them, one digit apart or not.

Streamlit knows a download of more than 1 MiB by its length, three samples of its bytes
and its name. Names here therefore end in the sha256 of what they name.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from browsing import guarded_page, rerun, save, save_figure, settle
from serving import serve

APP = Path(__file__).parent / "apps" / "large_files_app.py"
TWO_MEBIBYTES = 2 * 2**20
ROUNDS = 50


@pytest.fixture(scope="module")
def server(tiny_lake, tmp_path_factory):
    log = tmp_path_factory.mktemp("large") / "log.txt"
    with serve(APP, log, {"LEDGER_LAKE": str(tiny_lake)}) as server:
        yield server


@pytest.fixture
def readers(browser, server):
    """Two sessions whose rows differ in one digit."""
    with (
        guarded_page(browser, server.url) as first,
        guarded_page(browser, server.url) as second,
    ):
        for digit, page in enumerate((first, second)):
            page.goto(f"/?digit={digit}")
            settle(page)
        yield first, second


def test_two_readers_get_their_own_file_each_of_a_hundred_times(readers):
    expected, names = [], []
    for digit, page in enumerate(readers):
        name, content = save_figure(page, "large", "CSV")
        assert len(content) > TWO_MEBIBYTES
        assert f"\n{'0123456789' * 4},{5_000_000 + digit},".encode() in content
        expected.append(content)
        names.append(name)
    first, second = expected
    assert len(first) == len(second)
    # The digit itself, and what names the rows.
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1
    assert names[0] != names[1]

    digests = [hashlib.sha256(content).hexdigest() for content in expected]
    n_right = 0
    for _ in range(ROUNDS):
        for page, digest in zip(readers, digests, strict=True):
            files = page.locator(".st-key-files-large")
            button = files.get_by_role("button", name="CSV", exact=True)
            n_right += hashlib.sha256(save(button)[1]).hexdigest() == digest
    assert n_right == 2 * ROUNDS


def test_under_a_name_of_its_own_only_the_second_would_get_the_file_of_the_first(
    readers,
):
    """What the names are for: once this fails, Streamlit tells such files apart."""
    contents = []
    for page in readers:
        contents.append(save(page.get_by_role("button", name="unnamed"))[1])
        with rerun(page):  # the files of both are still wanted
            page.keyboard.press("r")
    assert contents[0] == contents[1]
