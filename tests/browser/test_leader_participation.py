"""领导参与 in a real browser: down by clicks, up by the breadcrumb, out as files."""

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

APRIL = "/leader_participation?month=2016-04"
LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def click_bar(page: Page, figure: str, number: int = 0) -> None:
    """Click a bar where plotly listens: on the layer that lies above the drawing."""
    plot = page.locator(f".st-key-plot-{figure}")
    bar = plot.locator(".barlayer .point path").nth(number)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


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
        page.goto(f"{APRIL}&unit=350181&lang=en")
        settle(page)
        assert page.get_by_role("heading", level=1).inner_text() == "Leaders' part"
        expect(page.get_by_text("10 lectures can reach at most 71.4 %")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "en"


def test_clicks_lead_to_a_sector_of_a_unit_and_on_to_its_ledger(open_page):
    page = open_page(f"{APRIL}&lang=zh")
    click_bar(page, "leaders", 1)
    assert choices(page)["unit"] == "350181"
    click_bar(page, "lectures")
    chosen = choices(page)
    assert (chosen["unit"], chosen["sector"]) == ("350181", "rural")
    trail = page.get_by_role("navigation", name="所在位置")
    assert trail.inner_text().split("\n") == ["全市", "福清市", "农村"]
    with rerun(page):
        trail.get_by_role("link", name="全市").click()
    assert not {"unit", "sector"} & set(choices(page))


def test_a_township_leads_to_the_ledger_rows_behind_it(open_page):
    page = open_page("/leader_participation?month=2016-07&unit=350104&sector=rural")
    click_bar(page, "lectures")
    chosen = choices(page)
    assert urlsplit(page.evaluate("location.href")).path == "/sector_gaps"
    assert chosen["metric"] == "lecture_reach_ceiling"
    assert chosen["township"] == "盖山镇"
    expect(page.get_by_role("heading", name="数字背后的台账行")).to_be_visible()


def test_the_files_open_and_hold_what_is_drawn(open_page):
    page = open_page(f"{APRIL}&lang=zh")
    content = saved(page, "lectures", "CSV").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["unit"], row["n_lectures_own"]) for row in rows] == [
        ("350181", "3"),
        ("350104", "5"),
        ("ZSJG", "2"),
    ]
    book = openpyxl.load_workbook(saved(page, "leaders", "XLSX"))
    assert book.worksheets[1].max_row == 1 + 6
    assert Image.open(saved(page, "trends", "PNG")).width > 1000


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("place", ["", "&unit=350104", "&unit=350104&sector=rural"])
def test_it_is_accessible_and_fits_in_every_look(open_page, size, theme, place):
    page = open_page(f"{APRIL}{place}", size=size, theme=theme)
    take_screenshot(page, f"leader_participation_{place.count('=')}", whole=True)
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
