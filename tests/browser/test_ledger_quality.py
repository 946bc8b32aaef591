"""台账可信度 in a real browser: links show the same, clicks open the ledger rows."""

from __future__ import annotations

from functools import partial

import pytest
from browsing import (
    click_row,
    expect_address,
    expect_no_scroll_within,
    expect_no_sideways_scroll,
    rerun,
)
from playwright.sync_api import expect

from tests.doubtful_city import FLAGS

PAGE = "/ledger_quality"
COPIED = "copied_month-350111-rural-2016-08"


@pytest.fixture(scope="module")
def doubtful_server(doubtful_lake, serve_city):
    """The dashboard over the city in which each rule has one place to find."""
    return serve_city(doubtful_lake)


@pytest.fixture
def visit(open_on, doubtful_server):
    """`visit(f"{PAGE}?unit=350111", size="phone")`, settled."""
    return partial(open_on, doubtful_server)


def test_on_a_phone_the_flags_of_a_unit_stand_below_its_name(visit):
    page = visit(PAGE, size="phone")
    matrix = page.get_by_role("region").filter(has=page.get_by_role("table")).first
    expect_no_scroll_within(matrix)
    expect(matrix.get_by_role("link", name="晋安区 与上月相同 ▲ 1 条")).to_be_visible()
    expect_no_sideways_scroll(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_chosen_on_a_desk_stands_in_one_row(visit, lang):
    page = visit(f"{PAGE}?lang={lang}")
    lists = page.locator(".st-key-choices-beside [data-testid=stSelectbox]")
    tops = {round(one.bounding_box()["y"]) for one in lists.all()}
    assert lists.count() >= 4 and len(tops) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_a_flag_takes_three_lines_and_opens_to_the_rest(visit, lang):
    page = visit(f"{PAGE}?lang={lang}", size="phone")
    flags = page.locator(".st-key-records-flags .phone-rows li")
    line = flags.first.evaluate("e => parseFloat(getComputedStyle(e).lineHeight)")
    heights = flags.evaluate_all("all => all.map((e) => e.clientHeight)")
    assert heights and max(heights) < 3.5 * line
    copied = flags.filter(has=page.locator(f"a[href*={COPIED}]"))
    said = {
        "zh": ("晋安区", "与上月相同", "2016-08", "待核", "个与上月相同："),
        "en": ("Jin'an", "Same as last month", "2016-08", "new", "should have changed"),
    }
    for words in said[lang]:
        expect(copied.get_by_text(words).first).to_be_visible()
    with rerun(page):
        copied.get_by_role("link").click()
    expect(page.locator(".st-key-evidence")).to_contain_text("台账.xlsx 台账!6–7")


def test_a_number_of_the_matrix_leads_to_its_flags_and_back(visit):
    page = visit(PAGE)
    with rerun(page):
        page.get_by_role("link", name="晋安区 与上月相同 ▲ 1 条").click()
    expect_address(page, PAGE, unit="350111", rule="copied_month")
    expect(page.get_by_text("1 个单位有 1 条线索")).to_be_visible()
    with rerun(page):
        page.go_back()
    n_units = len({unit for _, unit, *_ in FLAGS})
    sentence = f"{n_units} 个单位有 {len(FLAGS)} 条线索"
    expect(page.get_by_text(sentence)).to_be_visible()


def test_the_matrix_is_a_table_with_headings_for_rows_and_columns(visit):
    page = visit(PAGE)
    heading = page.get_by_role("columnheader").filter(has_text="一月突增")
    expect(heading).to_have_count(1)
    name = page.get_by_role("rowheader", name="连江县", exact=True)
    row = page.get_by_role("row").filter(has=name)
    expect(row).to_contain_text("▲ 1 条")


def test_a_click_on_a_flag_opens_the_rows_it_rests_on(visit):
    page = visit(f"{PAGE}?rule=copied_month")
    click_row(page.locator(".st-key-records-flags .desk-rows"))
    expect_address(page, PAGE, flag=COPIED, rule="copied_month")
    opened = page.locator(".st-key-evidence")
    expect(opened.get_by_role("heading")).to_contain_text("与上月相同")
    expect(opened.get_by_text("可能的缘由")).to_be_visible()
    with rerun(page):
        opened.get_by_role("button", name="回到线索清单").click()
    expect_address(page, PAGE, flag=None)
    expect(page.locator(".st-key-evidence")).to_have_count(0)


def test_a_deep_link_shows_the_rows_in_either_language(visit):
    for lang, name, source in (
        ("zh", "与上月相同", "出处：台账.xlsx 台账!6–7。"),
        ("en", "Same as last month", "Source: 台账.xlsx 台账!6–7."),
    ):
        opened = visit(f"{PAGE}?flag={COPIED}&lang={lang}").locator(".st-key-evidence")
        expect(opened.get_by_role("heading")).to_contain_text(name)
        expect(opened).to_contain_text(source)
