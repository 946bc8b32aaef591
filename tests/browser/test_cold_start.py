"""A deep link is the first thing that a fresh server is asked for."""

from __future__ import annotations

import pytest
from browsing import settle
from serving import DASHBOARD, serve

LINK = "definitions?lang=en&part=places"


@pytest.mark.parametrize("is_bare", [False, True], ids=["ui.server", "streamlit run"])
def test_the_first_deep_link_shows_its_page_and_nothing_over_it(
    browser, tiny_lake, tmp_path, is_bare
):
    environment = {"LEDGER_LAKE": str(tiny_lake)}
    log = tmp_path / "log.txt"
    with serve(DASHBOARD, log, environment, is_bare=is_bare) as server:
        # Not the guarded page: under the bare start Streamlit logs its mistake.
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{server.url}/{LINK}")
        settle(page)
        page.get_by_role("heading", name="Definitions", exact=True).wait_for()
        page.get_by_role("dialog").wait_for(state="detached")
        assert page.evaluate("location.search").startswith("?lang=en&part=places")
        page.close()
