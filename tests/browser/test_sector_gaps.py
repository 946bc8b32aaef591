"""领域差距 in a real browser: down by clicks, up by the breadcrumb, out as files."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import check_accessibility, rerun, take_screenshot
from PIL import Image
from playwright.sync_api import Page, expect

JULY = "/sector_gaps?metric=topic_2_coverage&month=2016-07"
LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def click_bar(page: Page, figure: str, number: int = 0) -> None:
    """Click a bar where plotly listens: on the layer that lies above the drawing."""
    plot = page.locator(f".st-key-plot-{figure}")
    box = plot.locator(".barlayer .point path").nth(number).bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def trail(page: Page) -> list[str]:
    return page.get_by_role("navigation", name="所在位置").inner_text().split("\n")


def test_clicks_lead_from_the_city_to_the_township_and_the_breadcrumb_back(open_page):
    page = open_page(JULY)
    click_bar(page, "missing-unit-sector")
    # 市直 2 of 5 lacks most.
    assert (choices(page)["unit"], choices(page)["sector"]) == ("ZSJG", "organ")
    with rerun(page):
        page.go_back()
    assert "unit" not in choices(page)
    click_bar(page, "missing-unit-sector", 1)
    assert (choices(page)["unit"], choices(page)["sector"]) == ("350104", "rural")
    click_bar(page, "missing-township")
    chosen = choices(page)
    assert chosen["township"] in ("城门镇", "盖山镇")
    assert trail(page) == ["全市", "仓山区", "农村", chosen["township"]]
    with rerun(page):
        page.get_by_role("link", name="仓山区").click()
    assert choices(page)["unit"] == "350104"
    assert not {"sector", "township"} & set(choices(page))
    click_bar(page, "bars")
    assert choices(page)["sector"] == "rural"
    with rerun(page):
        page.get_by_role("link", name="全市").click()
    assert not {"unit", "sector", "township"} & set(choices(page))


def test_a_dot_leads_to_its_unit_and_sector(open_page):
    page = open_page(JULY)
    dot = page.locator(".st-key-plot-dots .scatterlayer .point").first
    box = dot.bounding_box()
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert (choices(page)["unit"], choices(page)["sector"]) == ("ZSJG", "organ")


def test_a_row_of_the_ledger_leads_to_the_months_of_its_branch(open_page):
    page = open_page(f"{JULY}&unit=350104&sector=rural")
    table = page.locator(".st-key-rows-ledger [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    # The table is a canvas: its first column holds the boxes that choose a row.
    with rerun(page):
        page.mouse.click(box["x"] + 15, box["y"] + 35 + 17)
    assert choices(page)["branch"] == "350104-R0002"
    assert choices(page)["township"] == "城门镇"
    expect(page.get_by_role("heading", name="该支部逐月台账")).to_be_visible()


def test_a_link_to_a_branch_shows_where_its_rows_stand(open_page):
    page = open_page(f"{JULY}&unit=350104&sector=rural&branch=350104-R0001&lang=en")
    with page.expect_download() as caught:
        files = page.locator(".st-key-files-branch")
        files.get_by_role("button", name="CSV").click()
    content = Path(caught.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(content.splitlines()))
    assert [r["source_file"] for r in rows][-1] == "07-仓山.xlsx"
    assert [(r["source_sheet"], r["source_row"]) for r in rows][-1] == ("台账", "4")


def test_the_picture_of_a_figure_is_a_png(open_page):
    page = open_page(JULY)
    files = page.locator(".st-key-files-dots")
    with page.expect_download() as caught:
        files.get_by_role("button", name="PNG").click()
    assert caught.value.suggested_filename.startswith("topic_2_coverage_2016-07")
    image = Image.open(caught.value.path())
    assert image.width > 1000


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("place", ["", "&unit=350104", "&unit=350104&sector=rural"])
def test_it_is_accessible_and_fits_in_every_look(open_page, size, theme, place):
    page = open_page(f"{JULY}{place}", size=size, theme=theme)
    take_screenshot(page, f"sector_gaps_{place.count('=')}", whole=True)
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
