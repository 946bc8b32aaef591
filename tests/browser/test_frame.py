"""The frame in a real browser: one click is one step, a link shows the same screen."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from browsing import check_accessibility, guarded_page, rerun, settle, take_screenshot
from PIL import Image
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve

APP = Path(__file__).parent / "apps" / "figure_app.py"
LOOKS = [(size, theme) for size in ("desk", "phone") for theme in ("light", "dark")]


@pytest.fixture(scope="module")
def urls(tiny_lake, tmp_path_factory):
    """Addresses of the dashboard and of the app with one figure, on the tiny city."""
    logs = tmp_path_factory.mktemp("frame")
    environment = {"LEDGER_LAKE": str(tiny_lake), "PYTHONPATH": str(APP.parents[3])}
    with (
        serve(DASHBOARD, logs / "dashboard.txt", environment) as dashboard,
        serve(APP, logs / "figure.txt", environment) as figure,
    ):
        yield {"dashboard": dashboard.url, "figure": figure.url}
    for log in logs.iterdir():
        assert "Traceback" not in log.read_text("utf-8", "replace")


@pytest.fixture
def visit(browser, urls):
    """`visit("dashboard", "definitions?lang=en")`: settled, judged when closed."""
    opened = []

    def run(server: str, path: str = "", **look: str) -> Page:
        guard = guarded_page(browser, urls[server], **look)
        page = guard.__enter__()
        opened.append(guard)
        page.goto(f"/{path}")
        return settle(page)

    yield run
    for guard in reversed(opened):
        guard.__exit__(None, None, None)


def address(page: Page) -> str:
    return page.evaluate("location.pathname + location.search")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def menu(page: Page, section: str, title: str) -> None:
    page.get_by_role("button", name=section).click()
    with rerun(page):
        page.get_by_role("menuitem", name=title).click()


def test_a_pasted_link_shows_its_screen_in_its_language_and_is_left_as_it_is(visit):
    link = "definitions?lang=en&part=calendar&month=2016-05"
    page = visit("dashboard", link)
    assert heading(page) == "Definitions"
    expect(page.get_by_text("Filing of ledgers")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert address(page) == f"/{link}"


def test_a_bare_address_is_filled_in_without_a_step_of_its_own(visit):
    page = visit("dashboard", "definitions")
    page.wait_for_url("**/definitions?metric=topic_1_coverage&month=*&lang=zh")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.go_back()
    assert page.url == "about:blank"


def test_going_back_undoes_one_choice_at_a_time_and_moves_the_widgets(visit):
    page = visit("dashboard", "definitions?lang=zh")
    with rerun(page):
        page.get_by_role("radio", name="校验规则").click()
    with rerun(page):
        page.get_by_role("radio", name="English").click()
    assert heading(page) == "Definitions"
    with rerun(page):
        page.go_back()
    assert heading(page) == "口径"
    expect(page.get_by_role("radio", name="校验规则")).to_be_checked()
    with rerun(page):
        page.go_back()
    expect(page.get_by_role("radio", name="指标")).to_be_checked()
    with rerun(page):
        page.go_forward()
    expect(page.get_by_role("radio", name="校验规则")).to_be_checked()


def test_the_menu_keeps_what_was_chosen_and_one_step_back_leads_here(visit):
    page = visit(
        "dashboard", "sector_gaps?lang=en&month=2016-05&unit=350104&sector=rural"
    )
    here = address(page)
    menu(page, "Method", "Definitions")
    assert heading(page) == "Definitions"
    page.wait_for_url(
        "**/definitions?metric=topic_1_coverage&month=2016-05"
        "&unit=350104&sector=rural&lang=en"
    )
    with rerun(page):
        page.go_back()
    assert address(page) == here
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_level_of_the_breadcrumb_is_a_link_that_leads_up_in_one_step(visit):
    page = visit(
        "dashboard", "sector_gaps?lang=zh&month=2016-05&unit=350104&sector=rural"
    )
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail).to_have_text("全市仓山区农村")
    here = address(page)
    assert "unit=350104" in trail.get_by_role("link", name="仓山区").get_attribute(
        "href"
    )
    with rerun(page):
        trail.get_by_role("link", name="仓山区").click()
    expect(trail).to_have_text("全市仓山区")
    assert "sector=" not in address(page)
    with rerun(page):
        page.go_back()
    assert address(page) == here
    expect(trail).to_have_text("全市仓山区农村")


def test_the_month_moves_by_arrow_keys_and_stays_in_focus(visit):
    page = visit("figure", "?lang=zh&month=2016-07")
    slider = page.get_by_role("slider")
    slider.focus()
    for month in ("2016-06", "2016-05"):
        with rerun(page):
            page.keyboard.press("ArrowLeft")
        assert f"month={month}" in address(page)
    expect(slider).to_be_focused()


def test_an_unknown_value_in_a_link_is_said_over_the_page(visit):
    page = visit("dashboard", "definitions?lang=zh&unit=350199")
    warning = page.get_by_role("alert").filter(has_text="350199")
    expect(warning).to_contain_text("已改用“全市”")


def saved(page: Page, button, folder: Path) -> Path:
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_every_download_holds_the_figures_on_the_screen(visit, tmp_path):
    page = visit("figure", "?lang=zh&month=2016-06&unit=350104")
    row = page.locator(".st-key-files-sectors")
    csv, xlsx, parquet, png = (
        saved(page, row.get_by_role("button", name=name, exact=True), tmp_path)
        for name in ("CSV", "XLSX", "Parquet", "PNG")
    )
    assert csv.stem == xlsx.stem == parquet.stem == png.stem
    assert csv.stem.startswith("topic_1_coverage_2016-06_sector_350104_")
    assert csv.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(csv, encoding="utf-8-sig")
    assert read.equals(pd.read_parquet(parquet)[read.columns])
    book = openpyxl.load_workbook(xlsx)
    assert book.worksheets[0].title == "说明"
    page.get_by_text(f"数据表({len(read)} 行)").click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def test_the_picture_is_the_figure_with_its_title_on_the_readers_ground(
    visit, tmp_path
):
    for theme, ground in (("light", (255, 255, 255)), ("dark", (15, 20, 25))):
        page = visit("figure", "?lang=zh&month=2016-06", theme=theme)
        button = page.locator(".st-key-files-sectors").get_by_role("button", name="PNG")
        path = saved(page, button, tmp_path)
        plot = page.locator(".js-plotly-plot").bounding_box()
        picture = Image.open(BytesIO(path.read_bytes())).convert("RGB")
        assert picture.width == pytest.approx(2 * (plot["width"] + 32), abs=4)
        assert picture.height > 2 * plot["height"] + 100  # title above, origin below
        assert picture.getpixel((2, 2)) == ground
        title = picture.crop((32, 32, 700, 76))
        assert len(title.getcolors(4096)) > 8  # letters, not an empty strip
        assert len(picture.getcolors(1 << 24)) > 100


def test_a_list_is_handed_out_as_it_is_shown(visit, tmp_path):
    page = visit("figure", "?lang=zh&month=2016-06&unit=350104&sector=rural")
    row = page.locator(".st-key-files-rows")
    path = saved(page, row.get_by_role("button", name="CSV", exact=True), tmp_path)
    read = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
    assert set(read["unit"]) == {"350104"}
    assert set(read["sector"]) == {"rural"}
    assert "note" not in read.columns


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_frame_and_a_figure_are_accessible(visit, size, theme):
    page = visit("figure", "?lang=zh&month=2016-06", size=size, theme=theme)
    check_accessibility(page)
    take_screenshot(page, "figure", whole=True)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("part", ["metrics", "headings"])
def test_the_definitions_are_accessible(visit, size, theme, part):
    page = visit("dashboard", f"definitions?part={part}", size=size, theme=theme)
    check_accessibility(page)
    take_screenshot(page, f"definitions_{part}")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
