"""上报与核实 and 抽查计划 in a real browser, on a city whose checks were counted."""

from __future__ import annotations

from functools import partial
from io import BytesIO

import openpyxl
import pandas as pd
import pytest
from browsing import (
    click_mark,
    expect_address,
    rerun,
    save,
    save_figure,
)
from playwright.sync_api import expect

from data_pipeline.check_plan import draw_plan, plan_workbook
from data_pipeline.rates import open_marts
from data_pipeline.registry import load_registry

REPORTED = "/reported_vs_verified?metric=topic_1_coverage&lang=zh&month=2016-07"


@pytest.fixture(scope="module")
def site(checked_lake, serve_city):
    return serve_city(checked_lake)


@pytest.fixture
def visit(open_on, site):
    """`visit("/check_planner?lang=en", theme="dark")`, settled."""
    return partial(open_on, site)


def test_a_pasted_link_shows_the_place_and_its_checks(visit):
    page = visit(f"{REPORTED}&unit=350181")
    expect(page.get_by_text("随机抽查 7 / 8 核实")).to_be_visible()
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail).to_have_text("全市福清市")


def test_a_click_on_a_unit_leads_to_its_sectors_and_back(visit):
    page = visit(REPORTED)
    # The diamonds are the second trace, largest gap first.
    mark = page.locator(".st-key-plot-unit .points .trace").nth(1)
    click_mark(mark.locator(".mark").first)
    expect_address(page, unit="350104")
    expect(page.get_by_role("heading", name="各单位：上报与核实")).to_have_count(0)
    expect(page.get_by_role("heading", name="本处抽查记录")).to_be_visible()
    with rerun(page):
        page.go_back()
    expect_address(page, REPORTED)


def test_the_link_beside_a_statistic_opens_its_card_first(visit):
    page = visit(REPORTED)
    with rerun(page):
        page.get_by_role("link", name="方法：备检点偏差").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("口径")
    first = page.locator("[class*=st-key-card-]").first
    expect(first.get_by_role("heading")).to_have_text("备检点偏差")


def test_the_files_of_a_figure_hold_both_bases(visit):
    page = visit(REPORTED)
    _, content = save_figure(page, "unit", "CSV")
    read = pd.read_csv(BytesIO(content), dtype={"unit": str})
    fuqing = read.set_index("unit").loc["350181"]
    assert (fuqing["n_confirmed"], fuqing["n_checked"]) == (7, 8)
    assert fuqing["reported_rate"] == 1
    assert pd.isna(fuqing["rate"])


def test_the_workbook_of_a_plan_is_downloaded_whole_and_can_be_read_back(
    visit, checked_lake
):
    page = visit("/check_planner?lang=zh&for=2016-08&rate=15&seed=7")
    _, content = save(page.get_by_role("button", name="下载抽查工作簿"))
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames[:5] == ["说明", "抽查", "抽取名单", "候补名单", "分层"]
    registry, marts = load_registry(), open_marts(checked_lake)
    drawn_at = book.properties.created
    draw = draw_plan(marts, 0.15, 7, drawn_at, "2016-08")
    codes = [row[2].value for row in book["抽查"].iter_rows(min_row=3)]
    assert sorted(filter(None, codes)) == sorted(draw.drawn["branch"])
    # Drawn at the same time by the command, it would be the same file, byte by byte,
    # but for the zone that is written beside the time.
    zoned = drawn_at.replace(tzinfo=registry.calendar.timezone)
    draw = draw_plan(marts, 0.15, 7, zoned, "2016-08")
    assert plan_workbook(draw, registry) == content


def test_the_slider_draws_another_list_and_stands_in_the_address(visit):
    page = visit("/check_planner?lang=zh&for=2016-08&seed=7")
    slider = page.get_by_role("slider", name="抽查比例")
    slider.focus()
    with rerun(page):
        page.keyboard.press("ArrowRight")
    expect_address(page, rate="13")
    expect(page.get_by_text("--rate 0.13")).to_be_visible()
