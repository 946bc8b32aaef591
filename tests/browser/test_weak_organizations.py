"""软弱涣散热点 in a real browser: a link, clicks to a place and a case, and a file."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve

from tests.weak_city import MONTH

LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]
WEAK = f"weak_organizations?month={MONTH}&lang=zh"


@pytest.fixture(scope="module")
def site(weak_lake, tmp_path_factory):
    log = tmp_path_factory.mktemp("weak") / "log.txt"
    with serve(DASHBOARD, log, {"LEDGER_LAKE": str(weak_lake)}) as server:
        yield server
    assert "Traceback" not in log.read_text("utf-8", "replace")


@pytest.fixture
def visit(browser, site):
    """`visit(WEAK, size="phone")`: a settled page, judged when it is closed."""
    opened = []

    def run(path: str, **look: str) -> Page:
        guard = guarded_page(browser, site.url, **look)
        page = guard.__enter__()
        opened.append(guard)
        page.goto(f"/{path}")
        return settle(page)

    yield run
    for guard in reversed(opened):
        guard.__exit__(None, None, None)


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def choose_row(page: Page, number: int) -> None:
    """Tick a row of the order: the table is a canvas, its first column ticks."""
    table = page.locator("[class*=st-key-rows-weak_order] [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + 15, box["y"] + 35 * (number + 1) + 17)


def test_a_bar_leads_to_its_place_and_one_step_back_to_the_city(visit):
    page = visit(WEAK)
    bar = page.locator(".st-key-plot-hotspots-0 .barlayer .point path").first
    box = bar.bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chosen = choices(page)
    assert (chosen["unit"], chosen["sector"]) == ("350104", "rural")
    assert chosen["township"] == "城门镇"
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail).to_have_text("全市仓山区农村城门镇")
    with rerun(page):
        page.go_back()
    expect(trail).to_have_text("全市")
    assert "unit" not in choices(page)


def test_a_row_opens_its_case_and_back_closes_it(visit):
    page = visit(WEAK)
    choose_row(page, 0)
    assert choices(page)["case"] == "RS-1"
    heading = page.get_by_role("heading", name="逐项依据")
    expect(heading).to_be_visible()
    with rerun(page):
        page.go_back()
    assert "case" not in choices(page)
    expect(heading).to_have_count(0)


def test_a_link_to_a_case_leads_on_to_its_ledger(visit):
    page = visit(f"{WEAK}&case=RS-1")
    expect(page.get_by_text("全市次序 1/6,A 档")).to_be_visible()
    with rerun(page):
        page.get_by_role("link", name="看这个支部各月台账").click()
    chosen = choices(page)
    assert (chosen["branch"], chosen["unit"]) == ("350104-R0001", "350104")
    expect(page.get_by_role("heading", name="领域差距", level=1)).to_be_visible()


def test_the_order_is_handed_out_as_it_is_shown(visit):
    page = visit(WEAK)
    row = page.locator(".st-key-files-weak_order")
    with page.expect_download() as caught:
        row.get_by_role("button", name="CSV", exact=True).click()
    assert caught.value.suggested_filename.startswith(f"weak_order_{MONTH}_")
    content = Path(caught.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(content.splitlines()))
    assert [row["case_code"] for row in rows][:2] == ["RS-1", "RS-7"]


def test_a_point_of_the_funnel_leads_to_its_unit(visit):
    page = visit(f"sector_gaps?metric=topic_2_coverage&month={MONTH}&lang=zh")
    point = page.locator(".st-key-plot-funnel-unit .scatterlayer .point").first
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert choices(page)["unit"] in ("350104", "LX")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_page_is_accessible_and_fits_the_window(visit, size, theme):
    page = visit(f"{WEAK}&case=RS-1", size=size, theme=theme)
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
    take_screenshot(page, "weak_organizations", whole=True)
