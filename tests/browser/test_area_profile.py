"""地区画像 in a real browser: a link, the selector, clicks that drill, the files."""

from __future__ import annotations

import csv
import re
from io import BytesIO

import openpyxl
from browsing import (
    expect_address,
    rerun,
    save_figure,
)
from playwright.sync_api import expect

CANGSHAN = "/area_profile?month=2016-07&unit=350104"


def test_a_link_shows_its_unit_on_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{CANGSHAN}&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Area profile")
    expect(page.get_by_text("Of 4 metrics: 4 no clear difference")).to_be_visible()


def test_a_unit_is_chosen_from_the_list_of_the_city(open_page):
    page = open_page("/area_profile?month=2016-07")
    with rerun(page):
        page.get_by_role("link", name="市直机关").click()
    expect_address(page, unit="ZSJG")
    heading = page.get_by_role("heading", name=re.compile("^市直机关："))
    expect(heading.first).to_be_visible()
    with rerun(page):
        page.go_back()
    expect_address(page, unit=None)


def test_a_cell_leads_to_its_metric_and_sector(open_page):
    page = open_page(CANGSHAN)
    cell = page.locator('[data-id="member_speaking|community"]')
    expect(cell).to_contain_text("37.2 %▼16.0")
    with rerun(page):
        cell.click()
    place = {"unit": "350104", "sector": "community"}
    expect_address(page, metric="member_speaking", month="2016-07", **place)
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    with rerun(page):
        page.go_back()
    expect_address(page, CANGSHAN)
    expect(cell).to_be_visible()


def test_a_cell_speaks_its_metric(open_page):
    cell = open_page(CANGSHAN).locator('[data-id="member_speaking|community"]')
    sentence = "普通党员发言率：仓山区 社区 37.2 % 低于全市 16.0 个百分点"
    expect(cell).to_have_attribute("aria-label", re.compile(f"^{sentence}"))


def test_the_files_hold_what_is_seen(open_page):
    page = open_page(CANGSHAN)
    name, content = save_figure(page, "profile", "CSV")
    assert name.startswith("profile_2016-07_350104")
    rows = {
        row["metric"]: row
        for row in csv.DictReader(content.decode("utf-8-sig").splitlines())
    }
    assert rows["member_speaking"]["numerator"] == "72"
    assert rows["member_speaking"]["differs"] == "no"
    name, content = save_figure(page, "sectors", "XLSX")
    heading, first = openpyxl.load_workbook(BytesIO(content))["数据"].iter_rows(
        max_row=2, values_only=True
    )
    assert first[:2] == ("topic_1_coverage", "第一专题覆盖率")
    assert "总体" in first[2:4]
