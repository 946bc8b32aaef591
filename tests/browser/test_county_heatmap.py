"""The heatmap in a real browser: a link on a cold server, a click, the files."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from serving import DASHBOARD, serve

JULY = "/county_heatmap?metric=member_speaking&month=2016-07"
LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]
COLD_CELL = "仓山区 社区 37 % 低于进度线 13 点;判定:冷"


def cell(page: Page, identity: str) -> Locator:
    return page.get_by_role("grid").locator(f'[data-id="{identity}"]')


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def path(page: Page) -> str:
    return page.evaluate("location.pathname")


def download(page: Page, figure: str, ending: str) -> tuple[str, bytes]:
    """Name and content of a file of the figure with that name."""
    files = page.locator(f".st-key-files-{figure}")
    with page.expect_download() as caught:
        files.get_by_role("button", name=ending, exact=True).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_a_link_shows_its_screen_on_a_server_that_has_just_started(
    browser, tiny_lake, tmp_path
):
    environment = {"LEDGER_LAKE": str(tiny_lake)}
    with (
        serve(DASHBOARD, tmp_path / "log.txt", environment) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto(f"{JULY}&compare=city&sector=community&lang=en")
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("County heatmap")
        expect(cell(page, "350104|community")).to_have_text("◇37 %▼16")
        expect(page.get_by_role("radio", name="City", exact=True)).to_be_checked()
    assert "Traceback" not in (tmp_path / "log.txt").read_text("utf-8")


def test_a_cell_is_a_button_that_speaks_and_drills(open_page):
    page = open_page(JULY)
    button = page.get_by_role("grid").get_by_role("button", name=COLD_CELL)
    with rerun(page):
        button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    assert path(page) == "/sector_gaps"
    chosen = choices(page)
    assert (chosen["unit"], chosen["sector"]) == ("350104", "community")
    assert (chosen["metric"], chosen["month"]) == ("member_speaking", "2016-07")
    with rerun(page):
        page.go_back()
    assert path(page) == "/county_heatmap"
    expect(cell(page, "350104|community")).to_be_visible()


def test_the_heading_of_a_column_leads_to_its_sector(open_page):
    page = open_page(JULY)
    with rerun(page):
        page.get_by_role("columnheader", name="农村").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    assert choices(page)["sector"] == "rural"
    assert "unit" not in choices(page)


@pytest.mark.parametrize("what", ["row heading", "outline"])
def test_a_unit_is_reached_by_its_heading_and_by_its_outline(open_page, what):
    page = open_page(JULY)
    unit = page.get_by_role("rowheader", name="仓山区")
    if what == "outline":
        unit = page.locator('svg [data-id="350104|"]')
    with rerun(page):
        unit.click()
    assert path(page) in ("/area_profile", "/sector_gaps")
    assert choices(page)["unit"] == "350104"


def test_hovering_says_numerator_and_denominator(open_page):
    page = open_page(JULY)
    cell(page, "350104|community").hover()
    tip = page.get_by_role("tooltip").filter(visible=True)
    expect(tip).to_contain_text("29 / 78 = 37.2 %")
    expect(tip).to_contain_text("已发言普通党员数 / 普通党员数")


def test_what_is_not_filed_is_hatched_and_says_so(open_page):
    silent = cell(open_page(JULY), "350181|rural")
    expect(silent).to_have_text("未报")
    background = silent.evaluate("e => getComputedStyle(e).backgroundImage")
    assert "repeating-linear-gradient" in background


def test_the_month_slider_redraws_matrix_map_and_address(open_page):
    page = open_page(JULY)
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    expect(cell(page, "350104|community")).to_contain_text("29 %")
    assert choices(page)["month"] == "2016-06"


def test_the_files_hold_the_view_that_is_seen(open_page):
    page = open_page(f"{JULY}&compare=city")
    name, content = download(page, "matrix", "CSV")
    assert name.startswith("member_speaking_2016-07_unit_sector")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    (cold,) = (r for r in rows if (r["unit"], r["sector"]) == ("350104", "community"))
    assert (cold["numerator"], cold["denominator"]) == ("29", "78")
    assert cold["cell_class"] == "cold"
    name, content = download(page, "matrix", "XLSX")
    sheet = openpyxl.load_workbook(BytesIO(content))["冷热图"]
    assert "与全市 53 %之差" in sheet["A2"].value
    name, content = download(page, "map", "CSV")
    assert len(content.decode().splitlines()) == 4


def test_the_picture_is_a_png_of_matrix_and_legend(open_page):
    page = open_page(JULY)
    matrix = page.locator(".st-key-figure-matrix")
    with page.expect_download() as caught:
        matrix.get_by_role("button", name="PNG").click()
    assert caught.value.suggested_filename.endswith(".png")
    image = Image.open(caught.value.path())
    assert image.width > 1500 and image.height > 1200
    assert len(image.convert("RGB").getcolors(1 << 24)) > 50


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_accessible_and_fits_in_every_look(open_page, size, theme, lang):
    page = open_page(f"{JULY}&lang={lang}", size=size, theme=theme)
    take_screenshot(page, f"county_heatmap_{lang}", whole=True)
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
