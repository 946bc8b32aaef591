"""A long list is text: first rows at once, others once asked for, all on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import guarded_page, settle
from playwright.sync_api import expect
from serving import serve

APP = Path(__file__).parent / "apps" / "rows_app.py"


@pytest.fixture(scope="module")
def server(tiny_lake, tmp_path_factory):
    log = tmp_path_factory.mktemp("rows") / "log.txt"
    with serve(APP, log, {"LEDGER_LAKE": str(tiny_lake)}) as server:
        yield server


@pytest.fixture(params=["desk"])
def page(browser, server, request):
    width = {"desk": 1440, "phone": 390}[request.param]
    with guarded_page(browser, server.url) as page:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/")
        settle(page)
        yield page


def seen(page):
    return page.locator(".desk-rows tbody tr:visible")


def test_a_desk_has_twenty_rows_and_the_others_at_a_click(page):
    expect(seen(page)).to_have_count(20)
    page.get_by_role("button", name="显示全部 65 行").press("Enter")
    expect(seen(page)).to_have_count(65)
    expect(page.get_by_role("button", name="显示全部")).to_be_hidden()
    # By key one goes on with the first of the new rows.
    expect(seen(page).nth(20).get_by_role("link")).to_be_focused()
    last = seen(page).last
    expect(last.locator("td").nth(1)).to_have_text(re.compile("^<img src=x"))
    expect(last.get_by_role("link")).to_have_attribute("href", "./?month=m64")
    assert not page.locator(".desk-rows img").count()
    cells = seen(page).nth(21).locator("td")
    looks = [cell.get_attribute("class") for cell in cells.all()]
    assert looks == [
        cell.get_attribute("class") for cell in seen(page).first.locator("td").all()
    ]


def test_a_heading_sorts_all_rows_not_those_in_sight_alone(page):
    owed = [(7 * n) % 100 for n in range(1, 66)]
    head = page.get_by_role("columnheader", name="欠").get_by_role("button")
    head.click()
    head.click()
    expect(seen(page)).to_have_count(20)
    told = seen(page).locator("td:nth-child(4)").all_text_contents()
    assert list(map(int, told)) == sorted(owed, reverse=True)[:20]


def test_paper_has_all_rows_and_no_button(page):
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(seen(page)).to_have_count(65)
    expect(page.locator(".desk-rows [data-later]")).to_be_hidden()


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_phone_has_ten_names_and_the_others_at_a_click(page):
    items = page.locator(".phone-rows > li")
    expect(items).to_have_count(10)
    expect(page.locator(".desk-rows table")).to_be_hidden()
    expect(items.first.locator("b")).to_have_text("次序 1 · 第1支部 · 福清市")
    expect(items.nth(1).locator("b")).to_have_text("次序 2 · 第2支部")
    expect(items.first.locator("dl")).to_have_text("欠7")
    page.get_by_role("button", name="显示全部 65 行").click()
    expect(items).to_have_count(65)
    expect(items.nth(10).get_by_role("link")).to_be_focused()
    expect(items.last.get_by_role("link")).to_have_attribute("href", "./?month=m64")


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_row_of_many_figures_has_six_on_a_phone_and_the_others_where_asked(page):
    page.goto("/?wide=1")
    settle(page)
    item = page.locator(".phone-rows > li").first
    seen_figures = item.locator("dt:visible")
    first = ["欠", *(f"数{n}" for n in range(1, 6))]
    assert seen_figures.all_text_contents() == first
    item.get_by_text("更多").click()
    expect(seen_figures).to_have_text([*first, *(f"数{n}" for n in range(6, 11))])
    # The row is a link, which what opens it does not follow.
    expect(page).to_have_url(re.compile("wide=1"))


def test_a_window_made_narrow_has_the_list_of_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 900})
    expect(page.locator(".phone-rows > li")).to_have_count(10)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(seen(page)).to_have_count(20)
    expect(page.locator(".phone-rows")).to_be_hidden()
