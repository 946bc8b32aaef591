"""督导组 and 支部 in a browser: from a duty to its group, from a name to a branch."""

from __future__ import annotations

from functools import partial

import pytest
from browsing import (
    check_accessibility,
    expect_address,
    expect_no_scroll_within,
    rerun,
    save_figure,
    settle,
)
from playwright.sync_api import expect

from tests.office_city import build_office_city

JUNE = "month=2016-06"


@pytest.fixture
def visit(open_on, serve_city, shared_lakes):
    return partial(open_on, serve_city(shared_lakes.of(build_office_city)))


def test_a_duty_leads_to_its_group_and_its_rows_can_be_saved(visit):
    page = visit(f"/supervision_groups?{JUNE}")
    matrix = page.locator(".st-key-figure-duties")
    expect(matrix).to_contain_text("督导组约谈次数")
    with rerun(page):
        matrix.get_by_role("link", name="2 / 10").click()
    expect_address(page, "/supervision_groups", group="G1")
    expect(matrix).not_to_contain_text("1 / 10")
    name, content = save_figure(page, "duties", "CSV")
    assert name.endswith(".csv")
    assert "督导组约谈次数" in content.decode("utf-8-sig")
    with rerun(page):
        page.go_back()
    expect(matrix).to_contain_text("1 / 10")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_duties_of_all_groups_fit_a_phone(visit, language):
    page = visit(f"/supervision_groups?{JUNE}&lang={language}", size="phone")
    duties = page.locator(".st-key-figure-duties").get_by_role("region")
    expect(duties.locator("thead th")).to_have_count(5)
    expect_no_scroll_within(duties)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_metric_of_the_unevenness_is_chosen_under_its_heading(open_page, size):
    page = open_page("/supervision_groups?month=2016-07", size=size)
    section = page.locator(".st-key-records-unevenness")
    parts = (
        section.get_by_role("heading"),
        section.get_by_role("combobox"),
        section.locator(".desk-rows").filter(visible=True),
    )
    expect(parts[2]).to_be_visible()
    tops = [part.bounding_box()["y"] for part in parts]
    assert tops == sorted(tops)


def test_a_suggested_comparison_opens_in_the_same_tab(visit):
    page = visit("/compare?metric=topic_2_coverage&month=2016-07")
    with rerun(page):
        page.locator(".st-key-actions-compare").get_by_text("与上个月").click()
    expect_address(page, "/compare", kind="month")
    assert len(page.context.pages) == 1


def test_a_heading_of_a_short_table_sorts_it_up_down_and_back(visit):
    page = visit(f"/supervision_groups?{JUNE}")
    table = page.locator(".st-key-records-load .desk-rows")
    head = table.get_by_role("columnheader", name="支部数")
    at = table.get_by_role("columnheader").all_text_contents().index("支部数")
    cells = table.locator(f"tbody td:nth-child({at + 1})")
    filed = cells.all_text_contents()
    by_size = sorted(filed, key=lambda told: int(told.replace(",", "")))
    assert len(set(filed)) > 2, "or sorting would show nothing"
    for order, expected in (
        ("ascending", by_size),
        ("descending", by_size[::-1]),
        (None, filed),
    ):
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == order
        assert cells.all_text_contents() == expected


@pytest.mark.parametrize(
    ("told", "up"),
    [
        (
            ["+0.3 点", "–", "+12.9 点", "−0.3 点"],
            ["−0.3 点", "+0.3 点", "+12.9 点", "–"],
        ),
        (["第二组", "第一组", "第三组"], ["第一组", "第二组", "第三组"]),
        (["2016-07-02", "2016-06-30"], ["2016-06-30", "2016-07-02"]),
    ],
)
def test_what_is_told_is_sorted_by_what_it_means(visit, told, up):
    page = visit(f"/supervision_groups?{JUNE}")
    rows = "".join(f"<tr><td>{words}</td></tr>" for words in told)
    head = "<thead><tr><th><button>名</button></th></tr></thead>"
    # No list of this city holds such differences.
    table = f"<div class='desk-rows'><table>{head}<tbody>{rows}</tbody></table></div>"
    page.locator(".st-key-records-load").evaluate(
        "(part, html) => part.insertAdjacentHTML('afterbegin', html)", table
    )
    table = page.locator(".st-key-records-load .desk-rows").first
    for expected in (up, [*reversed([t for t in up if t != "–"])]):
        table.get_by_role("button", name="名").click()
        assert table.locator("td").all_text_contents()[: len(expected)] == expected


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_short_table_is_read_on_a_phone_without_scrolling_sideways(visit, language):
    path = f"/supervision_groups?{JUNE}&lang={language}"
    page = visit(path)
    load = page.locator(".st-key-records-load")
    expect(load.locator(".desk-rows")).to_be_visible()
    expect(load.locator(".phone-rows")).to_be_hidden()
    page = visit(path, size="phone")
    load = page.locator(".st-key-records-load")
    expect(load.locator(".desk-rows table")).to_be_hidden()
    rows = load.locator(".phone-rows li")
    expect(rows).to_have_count(4)
    first = rows.first
    names = {"zh": ("第一督导组", "支部数"), "en": ("Supervision group 1", "Branches")}
    expect(first.locator("b")).to_have_text(names[language][0])
    figure = first.locator("div").filter(has_text=names[language][1]).first
    expect(figure.locator("dd")).to_have_text("2")
    expect_no_scroll_within(load.locator(".phone-rows"))
    rounds = page.locator(".st-key-records-checks .phone-rows b").first
    number = {"zh": "轮次 2 · 第一督导组", "en": "Round 2 · Supervision group 1"}
    expect(rounds).to_have_text(number[language])


def test_on_a_phone_a_line_of_the_calendar_says_once_what_it_mostly_says(visit):
    path = f"/ledger_calendar?{JUNE}&lang=zh"
    shown = "cells => cells.filter(one => one.offsetParent).map(one => one.innerText)"
    page = visit(path)
    lines = page.get_by_role("region", name="各月台账收到时间").locator("tbody tr")
    at_a_desk = lines.last.locator("td").evaluate_all(shown)
    assert len(at_a_desk) == 3
    page = visit(path, size="phone")
    region = page.get_by_role("region", name="各月台账收到时间")
    expect_no_scroll_within(region)
    for line in region.locator("tbody tr").all():
        cells = line.locator("td")
        said = cells.evaluate_all("cells => cells.map(one => one.textContent)")
        usual = max(said, key=said.count)
        n = said.count(usual)
        visible = cells.evaluate_all(shown)
        assert len(visible) == len(said) - (n - 1)
        counted = cells.evaluate_all("cells => cells.map(one => one.dataset.usual)")
        assert [one for one in counted if one] == ([f"×{n}"] if n > 1 else [])


def test_the_calendar_of_a_tablet_is_not_scrolled_sideways(visit):
    page = visit(f"/ledger_calendar?{JUNE}&lang=en")
    screen = page.viewport_size
    page.set_viewport_size({"width": 768, "height": 1024})
    try:
        calendar = page.get_by_role("region", name="When each month's ledger came")
        expect_no_scroll_within(calendar)
    finally:
        page.set_viewport_size(screen)


def test_what_is_wrong_is_read_whole_on_a_phone(visit):
    page = visit(f"/ledger_calendar?{JUNE}&lang=zh", size="phone")
    rows = page.locator(".st-key-records-inspection .phone-rows li")
    expect_no_scroll_within(page.locator(".st-key-records-inspection"))
    expect(rows.first.get_by_role("link")).to_contain_text("台账未报")
    expect(rows.first).to_contain_text("尚未报送")
    assert rows.first.bounding_box()["width"] > 300


def test_the_branches_to_begin_with_stand_below_the_title(
    open_on, serve_city, weak_lake
):
    page = open_on(serve_city(weak_lake), "/branch?month=2016-09&lang=zh")
    expect(page.get_by_role("heading", name="先看这些", level=2)).to_be_visible()
    check_accessibility(page)


def test_a_branch_is_found_by_its_place_and_shows_its_whole_course(visit):
    page = visit(f"/branch?{JUNE}&lang=zh&q=福清")
    main = page.get_by_test_id("stMain")
    with rerun(page):
        main.get_by_role("link", name="B1").first.click()
    expect_address(page, "/branch", unit="350181", branch="B1")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("B1")
    page.reload()
    settle(page)
    expect_address(page, "/branch", unit="350181", branch="B1")
    expect(main).to_contain_text("福清市")
