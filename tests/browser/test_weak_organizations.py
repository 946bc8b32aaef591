"""软弱涣散热点 in a real browser: a link, clicks to a place and a case, and a file."""

from __future__ import annotations

import csv
from functools import partial

import pytest
from browsing import (
    click_bar,
    click_mark,
    click_row,
    expect_address,
    expect_no_scroll_within,
    rerun,
    save_figure,
    standing_box,
)
from playwright.sync_api import expect

from tests.weak_city import MONTH

WEAK = f"/weak_organizations?month={MONTH}&lang=zh"


@pytest.fixture(scope="module")
def site(weak_lake, serve_city):
    return serve_city(weak_lake)


@pytest.fixture
def visit(open_on, site):
    """`visit(WEAK, size="phone")`, settled."""
    return partial(open_on, site)


def test_a_bar_leads_to_its_place_and_one_step_back_to_the_city(visit):
    page = visit(WEAK)
    click_bar(page, "hotspots")
    expect_address(page, unit="350104", sector="rural", township="城门镇")
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail).to_have_text("全市仓山区农村城门镇")
    with rerun(page):
        page.go_back()
    expect_address(page, WEAK)
    expect(trail).to_have_text("全市")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_bar_says_is_read_to_its_end_on_a_phone(visit, language):
    page = visit(f"/weak_organizations?month={MONTH}&lang={language}", size="phone")
    drawn = page.locator(".st-key-figure-hotspots svg text")
    expect(drawn).not_to_have_count(0)
    cut = """all => all.filter((text) => text.getBoundingClientRect().right
        > text.ownerSVGElement.getBoundingClientRect().right + 1)
        .map((text) => text.textContent)"""
    assert drawn.evaluate_all(cut) == []


def test_the_help_of_a_figure_is_named_in_the_readers_language(visit):
    page = visit(WEAK)
    mark = page.get_by_role("button", name="关于 列入")
    told = page.locator(".headlines [role=tooltip]").first
    expect(told).to_be_hidden()
    # By key, by finger and by mouse alike.
    mark.focus()
    expect(told).to_be_visible()
    expect(mark).to_have_accessible_description(told.text_content())
    page.get_by_text("English", exact=True).first.click()
    expect(page.get_by_role("button", name="Help for Listed")).to_have_count(1)


def test_a_row_opens_its_case_and_back_closes_it(visit):
    page = visit(WEAK)
    click_row(page.locator(".st-key-records-weak_order .desk-rows").first)
    expect_address(page, case="RS-1")
    heading = page.get_by_role("heading", name="逐项依据")
    expect(heading).to_be_visible()
    with rerun(page):
        page.go_back()
    expect_address(page, case=None)
    expect(heading).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whom_to_look_at_first_fits_a_desk(visit, language):
    page = visit(f"/weak_organizations?month={MONTH}&lang={language}")
    lists = page.locator(".st-key-records-weak_order .desk-rows")
    expect(lists).to_have_count(2)
    for one in lists.all():
        expect_no_scroll_within(one)


def test_a_link_to_a_case_leads_on_to_its_ledger(visit):
    page = visit(f"{WEAK}&case=RS-1")
    expect(page.get_by_text("全市名单中第 1 个（共 2 个），A 档")).to_be_visible()
    with rerun(page):
        page.get_by_role("link", name="查看该支部各月台账").click()
    expect_address(page, "/sector_gaps", branch="350104-R0001", unit="350104")
    expect(page.get_by_role("heading", name="领域差距", level=1)).to_be_visible()


def test_the_order_is_handed_out_as_it_is_shown(visit):
    page = visit(WEAK)
    name, content = save_figure(page, "weak_order", "CSV")
    assert name.startswith(f"weak_order_{MONTH}_")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["case_code"] for row in rows][:2] == ["RS-1", "RS-7"]


def test_a_point_of_the_funnel_leads_to_its_unit(visit):
    page = visit(f"/sector_gaps?metric=topic_2_coverage&month={MONTH}&lang=zh")
    with rerun(page):
        page.locator(".st-key-analysts summary").click()
    click_mark(page.locator(".st-key-plot-funnel .points .mark").first)
    expect_address(page, unit="350104")


def test_a_bar_is_reached_and_opened_without_a_mouse(visit):
    page = visit(WEAK)
    bars = page.locator(".st-key-figure-hotspots").get_by_role("figure")
    bars.focus()
    bars.press("ArrowDown")
    said = page.locator(".st-key-figure-hotspots .said")
    expect(said).to_contain_text("城门镇")
    ring = page.locator(".st-key-figure-hotspots .mark-ring")
    assert standing_box(ring)["width"] > 20
    bars.press("Escape")
    expect(ring).to_be_hidden()
    with rerun(page):
        bars.press("Enter")
    expect_address(page, unit="350104", sector="rural", township="城门镇")
