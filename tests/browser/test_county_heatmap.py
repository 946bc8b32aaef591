"""The heatmap in a real browser: a link on a cold server, a click, the files."""

from __future__ import annotations

import csv
import re
from io import BytesIO

import openpyxl
import pytest
from browsing import (
    expect_address,
    expect_no_sideways_scroll,
    rerun,
    save,
    save_figure,
    settle,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect

JULY = "/county_heatmap?metric=member_speaking&month=2016-07"
COLD_CELL = re.compile("^仓山区 社区 37.2 % 低于")


def cell(page: Page, identity: str) -> Locator:
    return page.get_by_role("grid").locator(f'[data-id="{identity}"]')


def test_a_link_shows_its_screen_on_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{JULY}&compare=city&sector=community&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("County heatmap")
    expect(cell(page, "350104|community")).to_have_text("?37.2 %▼16.0")
    # Nothing of the month was checked, which is said once.
    legend = page.locator(".st-key-matrix .legend")
    expect(legend).to_contain_text("No place shown was checked")
    expect(page.get_by_role("radio", name="City", exact=True)).to_be_checked()


def test_a_click_opens_the_card_of_a_cell_and_a_second_one_goes_down(open_page):
    page = open_page(JULY)
    button = page.get_by_role("grid").get_by_role("button", name=COLD_CELL)
    with rerun(page):
        button.click()
    place = {"unit": "350104", "sector": "community"}
    question = {"metric": "member_speaking", "month": "2016-07"}
    expect_address(page, "/county_heatmap", **place, **question)
    card = page.locator(".st-key-card")
    expect(card).to_contain_text("已完成 29 / 78")
    expect(button).to_have_attribute("aria-current", "true")
    with rerun(page):
        button.click()
    expect_address(page, "/sector_gaps", **place, **question)
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    with rerun(page):
        page.go_back()
    expect(card).to_be_visible()
    with rerun(page):
        page.go_back()
    expect_address(page, JULY)
    expect(card).to_have_count(0)


def test_the_card_leads_to_what_is_done_about_its_place(open_page):
    page = open_page(f"{JULY}&unit=350104&sector=community")
    card = page.locator(".st-key-card")
    with rerun(page):
        card.get_by_role("link", name="抽查这里").click()
    expect_address(page, "/check_planner", unit="350104", sector="community")
    with rerun(page):
        page.go_back()
    with rerun(page):
        card.get_by_role("link", name="关闭").click()
    expect_address(page, "/county_heatmap", unit=None, sector=None)
    expect(card).to_have_count(0)


def test_keys_walk_the_matrix_open_a_card_and_go_down(open_page):
    page = open_page(JULY)
    cell(page, "350104|rural").focus()
    page.keyboard.press("ArrowRight")
    with rerun(page):
        page.keyboard.press("Enter")
    expect_address(page, "/county_heatmap", unit="350104", sector="community")
    expect(cell(page, "350104|community")).to_be_focused()
    with rerun(page):
        page.keyboard.press("Enter")
    expect_address(page, "/sector_gaps", unit="350104", sector="community")


def test_the_heading_of_a_column_shows_its_sector(open_page):
    page = open_page(JULY)
    heading = page.get_by_role("columnheader", name="农村")
    with rerun(page):
        heading.click()
    expect_address(page, "/county_heatmap", sector="rural", unit=None)
    expect(page.get_by_role("radio", name="农村", exact=True)).to_be_checked()
    with rerun(page):
        heading.click()
    expect_address(page, "/sector_gaps", sector="rural", unit=None)


@pytest.mark.parametrize("what", ["row heading", "outline"])
def test_a_unit_is_reached_by_its_heading_and_by_its_outline(open_page, what):
    page = open_page(JULY)
    unit = page.get_by_role("rowheader", name="仓山区")
    if what == "outline":
        unit = page.locator('svg [data-id="350104|"]')
    with rerun(page):
        unit.click()
    expect_address(page, "/county_heatmap", unit="350104", sector=None)
    with rerun(page):
        unit.click()
    expect_address(page, "/area_profile", unit="350104")


def test_map_and_matrix_stand_on_the_first_screen_of_a_desk(open_page):
    page = open_page(JULY)
    fold = page.viewport_size["height"]
    for picture in (page.locator(".sheet"), page.get_by_role("grid")):
        box = picture.bounding_box()
        assert box["y"] + min(box["height"], 400) <= fold


def test_hovering_says_numerator_and_denominator(open_page):
    page = open_page(JULY)
    cell(page, "350104|community").hover()
    tip = page.get_by_role("tooltip").filter(visible=True)
    expect(tip).to_contain_text("29 / 78 = 37.2 %")
    expect(tip).to_contain_text("已发言普通党员数 / 普通党员数")


def test_what_is_not_filed_is_hatched_and_says_so(open_page):
    silent = cell(open_page(JULY), "350181|rural")
    expect(silent).to_have_text("未报")
    stripes = re.compile("repeating-linear-gradient")
    expect(silent).to_have_css("background-image", stripes)


def test_the_month_slider_redraws_matrix_map_and_address(open_page):
    page = open_page(JULY)
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    expect_address(page, month="2016-06")
    expect(cell(page, "350104|community")).to_contain_text("29.")


def test_the_files_hold_the_view_that_is_seen(open_page):
    page = open_page(f"{JULY}&compare=city")
    name, content = save_figure(page, "matrix", "CSV")
    assert name.startswith("member_speaking_2016-07_unit_sector")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    (cold,) = (r for r in rows if (r["unit"], r["sector"]) == ("350104", "community"))
    assert (cold["numerator"], cold["denominator"]) == ("29", "78")
    assert cold["cell_class"] == "below_unproven"
    name, content = save_figure(page, "matrix", "XLSX")
    sheet = openpyxl.load_workbook(BytesIO(content))["冷热图"]
    assert re.search(r"与全市 53(\.\d)? %之差", sheet["A2"].value)


def test_the_picture_is_a_png_of_matrix_and_legend(open_page):
    page = open_page(JULY)
    matrix = page.locator(".st-key-figure-matrix")
    name, content = save(matrix.get_by_role("button", name="PNG"))
    assert name.endswith(".png")
    image = Image.open(BytesIO(content))
    assert image.width > 1500 and image.height > 1200
    assert len(image.convert("RGB").getcolors(1 << 24)) > 50


@pytest.mark.parametrize("width", [1024, 1280, 1366])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_last_sector_is_in_sight_on_every_laptop(open_page, width, lang):
    page = open_page(f"/county_heatmap?month=2016-07&lang={lang}")
    page.set_viewport_size({"width": width, "height": 800})
    settle(page)
    matrix = page.locator(".st-key-figure-matrix .scroll")
    assert matrix.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    clipped = "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
    assert matrix.locator(".cell").evaluate_all(clipped) == 0
    expect_no_sideways_scroll(page)


@pytest.mark.parametrize(("size", "height"), [("phone", 500), ("desk", 500)])
def test_the_heads_of_the_matrix_stay_in_sight_while_it_scrolls(
    open_page, size, height
):
    page = open_page(JULY, size=size)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    settle(page)
    grid = page.get_by_role("grid")
    last = grid.get_by_role("button").last
    last.evaluate("node => node.scrollIntoView({ block: 'center' })")
    head = grid.get_by_role("columnheader", name="总体")
    top = "node => node.getBoundingClientRect().top"
    bar = page.locator(".st-key-bar").evaluate(top.replace("top", "bottom"))
    assert bar - 1 <= head.evaluate(top) < last.evaluate(top)
    # What the arrows move to is not hidden behind them.
    first = cell(page, "350104|community")
    first.evaluate("node => node.scrollIntoView({ block: 'start' })")
    below = head.evaluate(top.replace("top", "bottom"))
    assert first.evaluate(top) >= below
    page.emulate_media(media="print")
    assert head.evaluate("node => getComputedStyle(node).position") == "static"
