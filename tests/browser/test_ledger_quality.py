"""台账可信度 in a real browser: links show the same, clicks open the ledger rows."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve

from tests.doubtful_city import build_doubtful_city

LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]
COPIED = "copied_month-350111-rural-2016-08"


@pytest.fixture(scope="module")
def doubtful_url(tmp_path_factory):
    """The dashboard over the city in which each rule has one place to find."""
    folder = tmp_path_factory.mktemp("doubtful")
    lake = build_doubtful_city(folder)
    with serve(DASHBOARD, folder / "log.txt", {"LEDGER_LAKE": str(lake)}) as server:
        yield server.url
    assert "Traceback" not in (folder / "log.txt").read_text("utf-8", "replace")


@pytest.fixture
def visit(browser, doubtful_url):
    """`visit("?unit=350111", size="phone")`: the page, settled, judged at the end."""
    opened = []

    def run(query: str = "", **look: str) -> Page:
        guard = guarded_page(browser, doubtful_url, **look)
        page = guard.__enter__()
        opened.append(guard)
        page.goto(f"/ledger_quality{query}")
        return settle(page)

    yield run
    for guard in reversed(opened):
        guard.__exit__(None, None, None)


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def test_a_number_of_the_matrix_leads_to_its_flags_and_back(visit):
    page = visit()
    with rerun(page):
        page.get_by_role("link", name="晋安区 与上月相同 ▲ 1 条").click()
    assert (choices(page)["unit"], choices(page)["rule"]) == ("350111", "copied_month")
    expect(page.get_by_text("1 个单位有 1 条线索")).to_be_visible()
    with rerun(page):
        page.go_back()
    expect(page.get_by_text("11 个单位有 11 条线索")).to_be_visible()


def test_the_matrix_is_a_table_with_headings_for_rows_and_columns(visit):
    page = visit()
    assert page.get_by_role("columnheader").filter(has_text="一月突增").count() == 1
    row = page.get_by_role("row").filter(has_text="连江县")
    assert row.get_by_role("rowheader").inner_text() == "连江县"
    assert "▲ 1 条" in row.inner_text()


def test_a_click_on_a_flag_opens_the_rows_it_rests_on(visit):
    page = visit("?rule=copied_month")
    table = page.locator(".st-key-rows-flags [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    # The box that chooses the first row stands at its left end, below the headings.
    with rerun(page):
        page.mouse.click(box["x"] + 15, box["y"] + 52)
    assert choices(page)["flag"] == COPIED
    assert choices(page)["rule"] == "copied_month"
    opened = page.locator(".st-key-evidence")
    expect(opened.get_by_role("heading")).to_contain_text("与上月相同")
    expect(opened.get_by_text("可能的缘由")).to_be_visible()
    with rerun(page):
        opened.get_by_role("button", name="回到线索清单").click()
    assert "flag" not in choices(page)
    expect(page.locator(".st-key-evidence")).to_have_count(0)


def test_a_deep_link_shows_the_rows_in_either_language(visit):
    for lang, name, source in (
        ("zh", "与上月相同", "出处:台账.xlsx 台账!6–7。"),
        ("en", "Same as last month", "Where it stands: 台账.xlsx 台账!6–7."),
    ):
        opened = visit(f"?flag={COPIED}&lang={lang}").locator(".st-key-evidence")
        expect(opened.get_by_role("heading")).to_contain_text(name)
        expect(opened).to_contain_text(source)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_page_passes_the_accessibility_check(visit, size, theme):
    page = visit(f"?flag={COPIED}", size=size, theme=theme)
    check_accessibility(page)
    take_screenshot(page, "ledger_quality", whole=True)


def test_on_a_phone_the_matrix_scrolls_and_the_page_does_not(visit):
    page = visit(size="phone")
    scrolled = page.locator(".st-key-flag-matrix .scroll")
    assert scrolled.evaluate("e => e.scrollWidth > e.clientWidth")
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
