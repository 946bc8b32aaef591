"""总览 in a real browser: the first thing that anybody sees."""

from __future__ import annotations

import csv
from io import BytesIO

import openpyxl
import pytest
from browsing import (
    THEMES,
    check_accessibility,
    click_mark,
    expect_address,
    expect_no_sideways_scroll,
    rerun,
    save_figure,
    take_screenshot,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect

JULY = "/?month=2016-07"


def headline(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label)


def test_it_answers_at_the_bare_address_of_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{JULY}&duty=members&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(headline(page, "Topic 2 coverage")).to_contain_text("45.5 %")
    expect(page.get_by_role("radio", name="Members")).to_be_checked()


def test_what_matters_stands_above_the_fold_of_a_desk(open_page):
    page = open_page(JULY)
    fold = page.viewport_size["height"]
    for figure in ("progress", "deadlines"):
        box = page.locator(f".st-key-plot-{figure}").bounding_box()
        assert box["y"] + box["height"] <= fold
    figures = page.get_by_test_id("stMetric")
    expect(figures).to_have_count(6)
    row = [figure.bounding_box()["y"] for figure in figures.all()]
    assert max(row) - min(row) < 2


def test_headlines_stand_two_across_on_a_phone(open_page):
    page = open_page(JULY, size="phone")
    figures = page.get_by_test_id("stMetric")
    expect(figures).to_have_count(6)
    boxes = [figure.bounding_box() for figure in figures.all()]
    assert [round(box["y"]) for box in boxes[::2]] == [
        round(box["y"]) for box in boxes[1::2]
    ]
    assert boxes[0]["y"] < boxes[2]["y"] < boxes[4]["y"]


def test_the_coldest_place_is_one_click_away_and_back(open_page):
    page = open_page(f"{JULY}&duty=members")
    with rerun(page):
        page.get_by_role("link", name="最冷:仓山区 社区").click()
    place = {"unit": "350104", "sector": "community"}
    expect_address(page, metric="member_speaking", month="2016-07", **place)
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    with rerun(page):
        page.go_back()
    expect_address(page, f"{JULY}&duty=members")
    expect(page.get_by_role("radio", name="党员", exact=True)).to_be_checked()


def test_a_click_on_a_bar_leads_to_its_heatmap(open_page):
    page = open_page(JULY)
    bar = page.locator(".st-key-plot-progress .bars path").nth(4)
    click_mark(bar, from_left=20)
    expect_address(page, metric="member_speaking")
    expect(page.get_by_role("heading", level=1)).to_have_text("县区冷热图")


def test_the_month_slider_redraws_the_page_and_its_address(open_page):
    page = open_page(JULY)
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    expect_address(page, month="2016-06")
    expect(headline(page, "第一专题覆盖率")).to_contain_text("96.0 %")


def test_the_files_of_each_figure_open(open_page):
    page = open_page(JULY)
    name, content = save_figure(page, "progress", "CSV")
    assert name.startswith("progress_2016-07")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["still_missing"] for row in rows] == ["6", "33", "1"]
    name, content = save_figure(page, "changes", "XLSX")
    sheet = openpyxl.load_workbook(BytesIO(content))["数据"]
    headings, *rows = sheet.iter_rows(values_only=True)
    units = [row[headings.index("单位")] for row in rows]
    assert units == ["仓山区", "仓山区", "市直机关"]
    name, content = save_figure(page, "filing", "Parquet")
    assert content[:4] == content[-4:] == b"PAR1"


def test_the_picture_of_the_deadlines_is_a_png(open_page):
    page = open_page(JULY)
    _, content = save_figure(page, "deadlines", "PNG")
    image = Image.open(BytesIO(content))
    assert image.width > 600
    assert len(image.convert("RGB").getcolors(1 << 24)) > 20


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_accessible_in_both_themes_and_languages(open_page, theme, lang):
    page = open_page(f"{JULY}&duty=members&lang={lang}", theme=theme)
    take_screenshot(page, f"overview_{lang}")
    check_accessibility(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fits_a_phone(open_page, lang):
    page = open_page(f"{JULY}&duty=members&lang={lang}", size="phone")
    take_screenshot(page, f"overview_{lang}", whole=True)
    expect_no_sideways_scroll(page)
