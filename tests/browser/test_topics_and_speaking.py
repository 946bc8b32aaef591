"""专题与发言 in a real browser: a late row leads to its ledger, files hold the list."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from PIL import Image
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve

JUNE = "/topics_and_speaking?month=2016-06"
LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def saved(page: Page, figure: str, kind: str) -> Path:
    files = page.locator(f".st-key-files-{figure}")
    with page.expect_download() as caught:
        files.get_by_role("button", name=kind, exact=True).click()
    assert figure in caught.value.suggested_filename
    path = Path(caught.value.path())
    return path.rename(path.with_suffix(f".{kind.lower()}"))


def test_a_link_opens_its_screen_on_a_server_that_has_just_started(
    browser, tiny_lake, tmp_path
):
    environment = {"LEDGER_LAKE": str(tiny_lake)}
    with (
        serve(DASHBOARD, tmp_path / "log.txt", environment) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto(f"{JUNE}&unit=350181&late=member_speaking&lang=en")
        settle(page)
        title = page.get_by_role("heading", level=1).inner_text()
        assert title == "Topics and speaking"
        expect(page.get_by_role("radio", name="Speaking")).to_be_checked()
        expect(page.get_by_text("1 late: 1 overdue.")).to_be_visible()


def test_a_row_of_the_late_leads_to_the_ledger_behind_it(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    table = page.locator(".st-key-rows-late [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    # The table is a canvas: its first column holds the boxes that choose a row.
    with rerun(page):
        page.mouse.click(box["x"] + 15, box["y"] + 35 + 17)
    assert urlsplit(page.evaluate("location.href")).path == "/sector_gaps"
    chosen = choices(page)
    assert (chosen["metric"], chosen["unit"], chosen["sector"]) == (
        *("topic_1_coverage", "350181", "nonpublic"),
    )
    expect(page.get_by_role("heading", name="数字背后的台账行")).to_be_visible()
    with rerun(page):
        page.go_back()
    assert urlsplit(page.evaluate("location.href")).path == "/topics_and_speaking"


def test_a_choice_of_topic_is_in_the_address_and_can_be_undone(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    with rerun(page):
        page.get_by_role("radio", name="党员发言").click()
    assert choices(page)["late"] == "member_speaking"
    expect(page.get_by_text("共 2 项滞后")).to_be_visible()
    with rerun(page):
        page.go_back()
    expect(page.get_by_text("共 3 项滞后")).to_be_visible()


def test_the_files_open_and_hold_what_is_listed(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    content = saved(page, "late", "CSV").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["unit"], row["still_missing"]) for row in rows] == [
        ("350181", "1"),
        ("350181", "7"),
        ("350104", "3"),
    ]
    book = openpyxl.load_workbook(saved(page, "topics", "XLSX"))
    assert book.worksheets[1].max_row == 1 + 3 * 3
    assert Image.open(saved(page, "speaking", "PNG")).width > 1000


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("place", ["", "&unit=350104", "&unit=350104&sector=rural"])
def test_it_is_accessible_and_fits_in_every_look(open_page, size, theme, place):
    page = open_page(f"{JUNE}{place}", size=size, theme=theme)
    take_screenshot(page, f"topics_and_speaking_{place.count('=')}", whole=True)
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
