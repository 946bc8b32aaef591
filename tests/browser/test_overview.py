"""总览 in a real browser: the first thing that anybody sees."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from PIL import Image
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve

JULY = "/?month=2016-07"


def choices(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.evaluate("location.href")).query))


def headline(page: Page, label: str):
    return page.get_by_test_id("stMetric").filter(has_text=label)


def download(page: Page, figure: str, ending: str) -> tuple[str, bytes]:
    """Name and content of a file of the figure with that name."""
    files = page.locator(f".st-key-files-{figure}")
    with page.expect_download() as caught:
        files.get_by_role("button", name=ending, exact=True).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_it_answers_at_the_bare_address_of_a_server_that_has_just_started(
    browser, tiny_lake, tmp_path
):
    environment = {"LEDGER_LAKE": str(tiny_lake)}
    with (
        serve(DASHBOARD, tmp_path / "log.txt", environment) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto(f"{JULY}&duty=members&lang=en")
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        expect(headline(page, "Topic 2 coverage")).to_contain_text("45.5 %")
        expect(page.get_by_role("radio", name="Members")).to_be_checked()
    assert "Traceback" not in (tmp_path / "log.txt").read_text("utf-8")


def test_what_matters_stands_above_the_fold_of_a_desk(open_page):
    page = open_page(JULY)
    fold = page.viewport_size["height"]
    for figure in ("progress", "deadlines"):
        drawing = page.locator(f".st-key-plot-{figure}")
        box = drawing.bounding_box()
        assert box["y"] + box["height"] <= fold
    row = [box.bounding_box()["y"] for box in page.get_by_test_id("stMetric").all()]
    assert len(row) == 6
    assert max(row) - min(row) < 2


def test_headlines_stand_two_across_on_a_phone(open_page):
    page = open_page(JULY, size="phone")
    boxes = [box.bounding_box() for box in page.get_by_test_id("stMetric").all()]
    assert [round(box["y"]) for box in boxes[::2]] == [
        round(box["y"]) for box in boxes[1::2]
    ]
    assert boxes[0]["y"] < boxes[2]["y"] < boxes[4]["y"]


def test_the_coldest_place_is_one_click_away_and_back(open_page):
    page = open_page(f"{JULY}&duty=members")
    with rerun(page):
        page.get_by_role("link", name="最冷:仓山区 社区").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("领域差距")
    chosen = choices(page)
    assert (chosen["unit"], chosen["sector"]) == ("350104", "community")
    assert (chosen["metric"], chosen["month"]) == ("member_speaking", "2016-07")
    with rerun(page):
        page.go_back()
    expect(page.get_by_role("radio", name="党员", exact=True)).to_be_checked()


def test_a_click_on_a_bar_leads_to_its_heatmap(open_page):
    page = open_page(JULY)
    bar = page.locator(".st-key-plot-progress .bars path").nth(4).bounding_box()
    with rerun(page):
        page.mouse.click(bar["x"] + 20, bar["y"] + bar["height"] / 2)
    expect(page.get_by_role("heading", level=1)).to_have_text("县区冷热图")
    assert choices(page)["metric"] == "member_speaking"


def test_the_month_slider_redraws_the_page_and_its_address(open_page):
    page = open_page(JULY)
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    assert choices(page)["month"] == "2016-06"
    expect(headline(page, "第一专题覆盖率")).to_contain_text("96.0 %")


def test_the_files_of_each_figure_open(open_page):
    page = open_page(JULY)
    name, content = download(page, "progress", "CSV")
    assert name.startswith("progress_2016-07")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["still_missing"] for row in rows] == ["6", "33", "1"]
    name, content = download(page, "changes", "XLSX")
    sheet = openpyxl.load_workbook(BytesIO(content))["数据"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        "仓山区",
        "仓山区",
        "市直机关",
    ]
    name, content = download(page, "filing", "Parquet")
    assert content[:4] == content[-4:] == b"PAR1"


def test_the_picture_of_the_deadlines_is_a_png(open_page):
    page = open_page(JULY)
    figure = page.locator(".st-key-figure-deadlines")
    with page.expect_download() as caught:
        figure.get_by_role("button", name="PNG").click()
    image = Image.open(caught.value.path())
    assert image.width > 600
    assert len(image.convert("RGB").getcolors(1 << 24)) > 20


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_accessible_in_both_themes_and_languages(open_page, theme, lang):
    page = open_page(f"{JULY}&duty=members&lang={lang}", theme=theme)
    take_screenshot(page, f"overview_{lang}")
    check_accessibility(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fits_a_phone(open_page, lang):
    page = open_page(f"{JULY}&duty=members&lang={lang}", size="phone")
    take_screenshot(page, f"overview_{lang}", whole=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
