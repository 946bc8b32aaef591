"""A deep link is the first request that a fresh server gets."""

from __future__ import annotations

import pytest
from browsing import address, guarded_page, settle
from playwright.sync_api import expect
from serving import serve_lake

LINK = "/definitions?lang=en&part=places"


@pytest.mark.parametrize("is_bare", [False, True], ids=["ui.server", "streamlit run"])
def test_the_first_deep_link_shows_its_page_and_nothing_over_it(
    browser, tiny_lake, tmp_path, is_bare
):
    with serve_lake(tiny_lake, tmp_path, is_bare=is_bare) as server:
        # Under the bare start Streamlit logs its mistake before the frame mends it.
        mistake = "The page that you have requested does not seem to exist"
        known = mistake if is_bare else None
        with guarded_page(browser, server.url, known=known) as page:
            page.goto(LINK)
            settle(page)
            heading = page.get_by_role("heading", name="Definitions", exact=True)
            expect(heading).to_be_visible()
            expect(page.get_by_role("dialog")).to_have_count(0)
            assert address(page).startswith(LINK)
