"""领导参与 in a real browser: down by clicks, up by the breadcrumb, out as files."""

from __future__ import annotations

import csv
from io import BytesIO

import openpyxl
import pytest
from browsing import (
    click_bar,
    expect_address,
    rerun,
    save_figure,
)
from PIL import Image
from playwright.sync_api import expect

APRIL = "/leader_participation?month=2016-04"


def test_a_link_opens_its_screen_on_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{APRIL}&unit=350181&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Leader participation")
    expect(page.get_by_text("10 lectures can reach at most 71.4 %")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_has_the_answer_and_a_figure_on_its_first_screen(open_page, language):
    address = f"/leader_participation?month=2016-07&lang={language}"
    page = open_page(address, size="phone")
    chart = page.locator(".st-key-plot-leaders").bounding_box()
    # The first bars, below the legend.
    assert chart["y"] + 100 < page.viewport_size["height"]
    more = page.locator(
        "summary", has_text="党课和发言" if language == "zh" else "More"
    )
    at_home = page.get_by_text("答不出" if language == "zh" else "cannot be told")
    expect(at_home).to_be_hidden()
    more.click()
    expect(at_home).to_be_visible()


def test_clicks_lead_to_a_sector_of_a_unit_and_on_to_its_ledger(open_page):
    page = open_page(f"{APRIL}&lang=zh")
    click_bar(page, "leaders", 1)
    expect_address(page, unit="350181", sector=None)
    # The lowest is on top; the second is that of the villages.
    click_bar(page, "lectures", 1)
    expect_address(page, unit="350181", sector="rural")
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail.get_by_role("listitem")).to_have_text(["全市", "福清市", "农村"])
    with rerun(page):
        trail.get_by_role("link", name="全市").click()
    expect_address(page, unit=None, sector=None)


def test_a_township_leads_to_the_ledger_rows_behind_it(open_page):
    page = open_page("/leader_participation?month=2016-07&unit=350104&sector=rural")
    click_bar(page, "lectures")
    ceiling = "lecture_reach_ceiling"
    expect_address(page, "/sector_gaps", metric=ceiling, township="城门镇")
    expect(page.get_by_role("heading", name="数字背后的台账行")).to_be_visible()


def test_the_files_open_and_hold_what_is_drawn(open_page):
    page = open_page(f"{APRIL}&lang=zh")
    name, content = save_figure(page, "lectures", "CSV")
    assert "lectures" in name
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["unit"], row["n_lectures_own"]) for row in rows] == [
        ("ZSJG", "2"),
        ("350104", "5"),
        ("350181", "3"),
    ]
    _, content = save_figure(page, "leaders", "XLSX")
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.worksheets[1].max_row == 1 + 6
    with rerun(page):
        page.locator(".st-key-analysts summary").click()
    _, content = save_figure(page, "trends", "PNG")
    assert Image.open(BytesIO(content)).width > 1000
