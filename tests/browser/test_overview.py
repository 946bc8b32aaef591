"""总览 in a real browser: the first thing that anybody sees."""

from __future__ import annotations

import csv
import re
from io import BytesIO

import openpyxl
import pytest
from browsing import (
    click_mark,
    expect_address,
    expect_no_scroll_within,
    rerun,
    save,
    save_figure,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect

JULY = "/?month=2016-07"


def table(page: Page, caption: str) -> Locator:
    return page.get_by_role("region", name=caption)


def test_it_answers_at_the_bare_address_of_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{JULY}&duty=members&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    answer = page.locator(".st-key-answer")
    expect(answer).to_contain_text("53.1 %, 33 members still to go; coldest: Cang")
    expect(page.get_by_role("radio", name="Members")).to_be_checked()


def test_what_is_read_here_is_what_the_menu_leads_on_with(open_page):
    page = open_page("/?month=2016-06&metric=topic_3_coverage")
    expect_address(page, metric="topic_1_coverage", month="2016-06")
    with rerun(page):
        page.get_by_role("link", name="县区冷热图", include_hidden=True).first.evaluate(
            "link => link.click()"
        )
    expect_address(page, "/county_heatmap", metric="topic_1_coverage", month="2016-06")


def test_answer_map_list_and_belief_stand_on_the_first_screen_of_a_desk(open_page):
    page = open_page(f"{JULY}&duty=members")
    fold = page.viewport_size["height"]
    parts = [page.locator(".st-key-answer"), page.locator(".sheet")]
    parts += [table(page, name) for name in ("最冷的十处", "可信度")]
    for part in parts:
        box = part.bounding_box()
        assert box["y"] + box["height"] <= fold
    tops = [part.bounding_box()["y"] for part in parts[2:]]
    assert max(tops) - min(tops) < 30


def test_answer_and_map_stand_on_the_first_screen_of_a_phone(open_page):
    page = open_page(f"{JULY}&duty=members", size="phone")
    fold = page.viewport_size["height"]
    answer = page.locator(".st-key-answer").bounding_box()
    assert answer["y"] + answer["height"] <= fold
    assert page.locator(".sheet").bounding_box()["y"] < 0.75 * fold


def test_no_list_of_a_small_desk_is_scrolled_sideways(open_page):
    page = open_page(f"{JULY}&duty=members&lang=en")
    screen = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": 900})
    try:
        lists = page.locator("[class*=st-key-figure-]").get_by_role("region")
        expect(lists).to_have_count(3)
        for one in lists.all():
            expect_no_scroll_within(one)
    finally:
        page.set_viewport_size(screen)


def test_the_coldest_place_is_one_click_away_and_back(open_page):
    page = open_page(f"{JULY}&duty=members")
    with rerun(page):
        table(page, "最冷的十处").get_by_role("link", name="仓山区 社区").click()
    place = {"unit": "350104", "sector": "community"}
    expect_address(
        page, "/county_heatmap", metric="member_speaking", month="2016-07", **place
    )
    expect(page.locator(".st-key-card")).to_contain_text("仓山区 社区 37.2 %")
    with rerun(page):
        page.go_back()
    expect_address(page, f"{JULY}&duty=members")
    expect(page.get_by_role("radio", name="党员", exact=True)).to_be_checked()


def test_a_place_on_the_map_leads_to_its_card(open_page):
    page = open_page(f"{JULY}&duty=members")
    with rerun(page):
        page.locator('svg [data-id="350104|"]').click()
    expect_address(page, "/county_heatmap", metric="member_speaking", unit="350104")


def test_whom_it_is_about_changes_the_whole_first_screen(open_page):
    page = open_page(JULY)
    expect(page.locator(".st-key-answer")).to_contain_text("第二专题覆盖率 45.5 %")
    with rerun(page):
        page.get_by_text("党员", exact=True).first.click()
    expect_address(page, duty="members")
    expect(page.locator(".st-key-answer")).to_contain_text("普通党员发言率 53.1 %")
    expect(page.locator('svg [data-id="350104|"]')).to_have_attribute(
        "aria-label", re.compile("仓山区 总体 45.3 %")
    )


def test_the_month_slider_redraws_the_page_and_its_address(open_page):
    page = open_page(JULY)
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    expect_address(page, month="2016-06")
    expect(page.locator(".st-key-answer")).to_contain_text("第一专题覆盖率 96.0 %")


def test_what_is_folded_away_is_drawn_when_it_is_chosen(open_page):
    page = open_page(JULY)
    expect(page.locator(".plot")).to_have_count(0)
    with rerun(page):
        page.get_by_text("三类对象与进度").click()
    expect_address(page, more="duties")
    expect(page.locator(".headlines dt")).to_have_count(6)
    bar = page.locator(".st-key-plot-progress .bars .mark").nth(4)
    click_mark(bar, from_left=20)
    expect_address(page, metric="member_speaking")
    expect(page.get_by_role("heading", level=1)).to_have_text("县区冷热图")


def test_the_files_of_each_figure_open(open_page):
    page = open_page(f"{JULY}&more=duties")
    name, content = save_figure(page, "progress", "CSV")
    assert name.startswith("progress_2016-07")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["still_missing"] for row in rows] == ["6", "33", "1"]
    name, content = save_figure(page, "topics", "XLSX")
    sheet = openpyxl.load_workbook(BytesIO(content))["数据"]
    headings, *rows = sheet.iter_rows(values_only=True)
    assert len(rows) == 3 and "按期" in headings
    name, content = save_figure(page, "cells", "Parquet")
    assert content[:4] == content[-4:] == b"PAR1"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_of_a_list_is_a_png_of_its_table(open_page, theme):
    page = open_page(JULY, theme=theme)
    shown = page.locator(".st-key-topics table").bounding_box()
    name, content = save_figure(page, "topics", "PNG")
    assert name.endswith(".png")
    image = Image.open(BytesIO(content)).convert("RGB")
    assert image.width == pytest.approx(2 * (shown["width"] + 32), abs=4)
    assert image.height > 2 * shown["height"]
    ground = image.getpixel((2, 2))
    assert (sum(ground) < 128) == (theme == "dark")
    table = image.crop((0, image.height // 3, image.width, image.height * 2 // 3))
    colours = table.getcolors(1 << 24)
    assert len(colours) > 50, "words and bars, not the ground alone"


def test_the_picture_of_the_map_is_a_png(open_page):
    page = open_page(JULY)
    _, content = save(
        page.locator(".st-key-figure-map").get_by_role("button", name="PNG")
    )
    image = Image.open(BytesIO(content))
    assert image.width > 600
    assert len(image.convert("RGB").getcolors(1 << 24)) > 20
