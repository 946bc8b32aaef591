"""The frame in a real browser: one click is one step, a link shows the same screen."""

from __future__ import annotations

import re
from functools import partial
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import streamlit
from browsing import (
    COLOUR_RULES,
    LOOKS,
    SHEET,
    address,
    check_accessibility,
    expect_address,
    expect_no_sideways_scroll,
    open_panel,
    rerun,
    save_figure,
    settle,
    standing_box,
    take_screenshot,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from serving import serve

from reports.words import catalogue

APP = Path(__file__).parent / "apps" / "figure_app.py"


@pytest.fixture(scope="module")
def figure_server(tiny_lake, tmp_path_factory):
    """The app with one figure, over the tiny city."""
    log = tmp_path_factory.mktemp("figure") / "log.txt"
    environment = {"LEDGER_LAKE": str(tiny_lake), "PYTHONPATH": str(APP.parents[3])}
    with serve(APP, log, environment) as server:
        yield server


@pytest.fixture
def open_figure(open_on, figure_server):
    """`open_figure("/?lang=zh&month=2016-06", theme="dark")`, settled."""
    return partial(open_on, figure_server)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def document(page: Page) -> Locator:
    return page.locator("html")


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name=re.compile("菜单|Menu"))


def test_a_link_to_the_first_page_by_its_name_is_understood(open_page):
    page = open_page("/overview?month=2016-07&lang=en")
    expect(heading(page)).to_have_text("Overview")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_pasted_link_shows_its_screen_in_its_language_and_is_left_as_it_is(
    open_page,
):
    link = "/definitions?lang=en&part=calendar&month=2016-05"
    page = open_page(link)
    expect(heading(page)).to_have_text("Definitions")
    expect(page.get_by_text("Filing of ledgers")).to_be_visible()
    expect(document(page)).to_have_attribute("lang", "en")
    assert address(page) == link


def test_a_bare_address_is_filled_in_without_a_step_of_its_own(open_page):
    page = open_page("/definitions")
    page.wait_for_url("**/definitions?metric=topic_2_coverage&month=*&lang=zh")
    expect(document(page)).to_have_attribute("lang", "zh-CN")
    page.go_back()
    page.wait_for_url("about:blank")


def test_going_back_undoes_one_choice_at_a_time_and_moves_the_widgets(open_page):
    page = open_page("/definitions?lang=zh")
    with rerun(page):
        page.get_by_role("radio", name="校验规则").click()
    expect_address(page, part="rules")
    with rerun(page):
        page.get_by_role("radio", name="English").click()
    expect_address(page, part="rules", lang="en")
    expect(heading(page)).to_have_text("Definitions")
    with rerun(page):
        page.go_back()
    expect_address(page, part="rules", lang="zh")
    expect(heading(page)).to_have_text("口径")
    expect(page.get_by_role("radio", name="校验规则")).to_be_checked()
    with rerun(page):
        page.go_back()
    expect_address(page, part=None, lang="zh")
    expect(page.get_by_role("radio", name="指标")).to_be_checked()
    with rerun(page):
        page.go_forward()
    expect_address(page, part="rules", lang="zh")
    expect(page.get_by_role("radio", name="校验规则")).to_be_checked()


def test_the_menu_keeps_what_was_chosen_and_one_step_back_leads_here(open_page):
    here = "/sector_gaps?lang=en&month=2016-05&unit=350104&sector=rural"
    page = open_page(here)
    with rerun(page):
        menu(page).get_by_role("link", name="Definitions").click()
    kept = "month=2016-05&unit=350104&sector=rural&lang=en"
    expect_address(page, f"/definitions?metric=topic_1_coverage&{kept}")
    expect(heading(page)).to_have_text("Definitions")
    with rerun(page):
        page.go_back()
    expect_address(page, here)
    expect(document(page)).to_have_attribute("lang", "en")


def test_the_menu_marks_the_page_one_is_on_and_takes_the_choices_to_another_tab(
    open_page,
):
    page = open_page("/talks?lang=zh&month=2016-05&group=G2")
    # At first sight a few words, one of them marked; the pages stand below them.
    words = menu(page).locator("#sections > li > :is(button, a)")
    assert 1 < words.count() <= 7
    assert words.evaluate_all("all => all.filter(e => e.ariaCurrent).length") == 1
    marked = menu(page).locator("#sections > li > [aria-current]")
    expect(marked).to_have_text("督导")
    here = menu(page).get_by_role("link", name="约谈名单")
    expect(here).to_be_hidden()
    marked.press("Enter")
    expect(here).to_have_attribute("aria-current", "page")
    other = menu(page).get_by_role("link", name="督导组")
    other.focus()
    expect(other).to_have_attribute("href", re.compile(r"month=2016-05&group=G2&lang"))
    page.keyboard.press("Escape")
    expect(here).to_be_hidden()
    expect(marked).to_be_focused()
    marked.click()
    page.get_by_role("heading", level=1).click()
    expect(here).to_be_hidden()


def test_menu_notice_and_choices_leave_the_screen_to_the_figures(open_page):
    heights = """() => ['.st-key-bar', '[class*=st-key-choices-shared-]'].map((part) =>
        document.querySelector(part).getBoundingClientRect().height)"""
    page = open_page("/county_heatmap?month=2016-07")
    assert sum(page.evaluate(heights)) <= 150
    expect(page.locator(".st-key-chips")).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_streamlits_menu_covers_nothing_of_the_bar(open_page, language):
    page = open_page(f"/talks?month=2016-07&lang={language}")
    screen = page.viewport_size
    try:
        for width in (390, 450, 500, 560, 640, 700, 900):
            page.set_viewport_size({"width": width, "height": 800})
            menu = standing_box(page.get_by_test_id("stMainMenuButton"))
            switch = page.locator(".st-key-bar [role=radio]").filter(visible=True)
            last = standing_box(switch.last)
            assert last["x"] + last["width"] <= menu["x"] + 1, width
    finally:
        page.set_viewport_size(screen)


@pytest.mark.parametrize(
    "path", ["compare?lang=zh", "compare?lang=en", "check_planner?lang=zh"]
)
def test_what_a_page_alone_chooses_stands_in_the_row_of_all_on_a_desk(open_page, path):
    page = open_page(f"/{path}&month=2016-07")
    lists = page.locator(".st-key-choices-beside [data-testid=stSelectbox]")
    tops = {round(one.bounding_box()["y"]) for one in lists.all()}
    assert lists.count() >= 4 and len(tops) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_tablet_two_rows_of_choices_stand_above_what_is_compared(open_page, lang):
    page = open_page(f"/compare?month=2016-07&with_place=350104&lang={lang}")
    page.set_viewport_size({"width": 768, "height": 1024})
    heights = "all => all.map((row) => row.getBoundingClientRect().height)"
    inner = "[class*=st-key-choices-]:not(.st-key-choices-beside)"
    rows = page.locator(inner).evaluate_all(heights)
    assert len(rows) == 2 and max(rows) < 90
    answer = page.get_by_text({"zh": "A 比 B", "en": "A is"}[lang]).first
    assert answer.bounding_box()["y"] < 300


def test_on_a_phone_the_choices_are_one_row_that_opens(open_page):
    page = open_page("/county_heatmap?month=2016-07&lang=zh", size="phone")
    chips = page.get_by_role("button", name="已选")
    expect(chips).to_have_text("第二专题覆盖率2016年7月全市")
    assert standing_box(chips)["height"] <= 48
    month = page.get_by_role("slider")
    expect(month).to_be_hidden()
    chips.press("Enter")
    expect(month).to_be_visible()
    month.focus()
    with rerun(page):
        month.press("ArrowLeft")
    expect(chips).to_contain_text("2016年6月")
    expect(month).to_be_visible()
    check_accessibility(page)
    take_screenshot(page, "choices")
    # The next page is seen, not its controls.
    page.get_by_role("button", name="菜单").click()
    menu(page).get_by_role("button", name="督导").click()
    with rerun(page):
        menu(page).get_by_role("link", name="约谈名单").click()
    expect(heading(page)).to_have_text("约谈名单")
    expect(page.get_by_role("slider")).to_be_hidden()


def test_a_click_on_what_is_shown_already_leaves_the_page_whole(open_page):
    page = open_page("/organization_life?metric=topic_1_coverage&month=2016-07&lang=zh")
    below = page.locator(".st-key-panels-months")
    expect(below).to_be_attached()
    with rerun(page):
        page.locator(".hot-cold [data-id='topic_1_coverage|']").click()
    expect_address(page, metric="topic_1_coverage", month="2016-07", unit=None)
    expect(below).to_be_attached()


def test_what_streamlit_tells_a_window_around_it_does_not_come_back(open_page):
    page = open_page("/county_heatmap?month=2016-07&lang=zh")
    page.evaluate(
        "() => { window.own = 0; window.addEventListener('message', "
        "(event) => { window.own += event.source === window; }); }"
    )
    with rerun(page):
        page.keyboard.press("r")
    assert page.evaluate("window.own") == 0


def search_for(page: Page, words: str) -> Locator:
    """Type into the search of the frame by keyboard alone; what it lists."""
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="查找")
    expect(field).to_be_focused()
    field.press("Control+A")
    page.keyboard.type(words)
    return page.get_by_role("listbox", name="查找").get_by_role("option")


def test_any_page_leads_by_keyboard_to_any_place_with_metric_and_month(open_page):
    page = open_page("/talks?lang=zh&month=2016-06&metric=topic_2_coverage&group=G2")
    found = search_for(page, "cs nc")  # 仓山 农村 by its initials
    expect(found.first).to_have_text("仓山区 农村单位的领域")
    check_accessibility(page)
    with rerun(page):
        page.keyboard.press("Enter")
    kept = {"metric": "topic_2_coverage", "month": "2016-06", "group": None}
    expect_address(page, "/sector_gaps", unit="350104", sector="rural", **kept)
    found = search_for(page, "没有这个地方")
    expect(page.get_by_text("未找到").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("未找到").first).to_be_hidden()
    found = search_for(page, "迟报")  # what a page is used for
    expect(found.first).to_have_text("台账日历页面")
    found = search_for(page, "全市")  # the place above all others
    expect(found.first).to_have_text("总览页面")
    found = search_for(page, "350104-c0001")
    expect(found.first).to_contain_text("支部 350104-C0001")
    with rerun(page):
        found.first.click()
    expect_address(page, "/branch", unit="350104", branch="350104-C0001", **kept)
    with rerun(page):
        page.go_back()
    expect_address(page, "/sector_gaps", unit="350104", sector="rural", **kept)


def test_the_search_fits_a_phone(open_page):
    page = open_page("/definitions?lang=zh", size="phone")
    found = search_for(page, "fq")
    expect(found.first).to_have_text("福清市单位")
    # Each of its sectors is offered, not some.
    expect(found.filter(has_text=re.compile("^福清市 .*单位的领域"))).to_have_count(6)
    box = found.first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    expect_no_sideways_scroll(page)
    take_screenshot(page, "search")


def test_a_level_of_the_breadcrumb_is_a_link_that_leads_up_in_one_step(open_page):
    here = "/sector_gaps?lang=zh&month=2016-05&unit=350104&sector=rural"
    page = open_page(here)
    trail = page.get_by_role("navigation", name="所在位置")
    expect(trail).to_have_text("全市仓山区农村")
    unit = trail.get_by_role("link", name="仓山区")
    expect(unit).to_have_attribute("href", re.compile("unit=350104"))
    with rerun(page):
        unit.click()
    expect_address(page, unit="350104", sector=None)
    expect(trail).to_have_text("全市仓山区")
    with rerun(page):
        page.go_back()
    expect_address(page, here)
    expect(trail).to_have_text("全市仓山区农村")


def test_the_month_moves_by_arrow_keys_and_stays_in_focus(open_figure):
    page = open_figure("/?lang=zh&month=2016-07")
    slider = page.get_by_role("slider")
    slider.focus()
    for month in ("2016-06", "2016-05"):
        with rerun(page):
            page.keyboard.press("ArrowLeft")
        expect_address(page, month=month)
    expect(slider).to_be_focused()


def test_a_figure_is_changed_in_place_and_drawn_once_a_choice(open_figure):
    page = open_figure("/?lang=zh&month=2016-07")
    plot = page.locator(".plot")
    plot.evaluate("""node => {
        node.n = 0;
        const count = (changes) => {
            const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
            node.n += added.filter(({ tagName }) => tagName === 'svg').length;
        };
        new MutationObserver(count).observe(node, { childList: true });
    }""")
    before = plot.locator("svg").inner_html()
    page.get_by_role("slider").focus()
    with rerun(page):
        page.keyboard.press("ArrowLeft")
    expect(plot).to_have_js_property("n", 1)
    assert plot.locator("svg").inner_html() != before


def test_a_figure_below_the_screen_is_drawn_too(open_page):
    page = open_page("/leader_participation?month=2016-07", size="phone")
    last = page.locator(".st-key-plot-lectures .bars .mark").first
    expect(last).to_be_attached()
    expect(last).not_to_be_in_viewport()


def test_an_unknown_value_in_a_link_is_said_over_the_page(open_page):
    page = open_page("/definitions?lang=zh&unit=350199")
    warning = page.get_by_role("alert").filter(has_text="350199")
    expect(warning).to_contain_text("已改用“全市”")


def test_every_download_holds_the_figures_on_the_screen(open_figure):
    page = open_figure("/?lang=zh&month=2016-06&unit=350104")
    names, contents = zip(
        *(save_figure(page, "sectors", k) for k in ("CSV", "XLSX", "Parquet", "PNG")),
        strict=True,
    )
    (stem,) = {Path(name).stem for name in names}
    assert stem.startswith("topic_1_coverage_2016-06_sector_reported_unit-350104_")
    csv, xlsx, parquet, _ = contents
    assert csv.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(BytesIO(csv), encoding="utf-8-sig")
    assert read.equals(pd.read_parquet(BytesIO(parquet))[read.columns])
    book = openpyxl.load_workbook(BytesIO(xlsx))
    assert book.worksheets[0].title == "说明"
    page.get_by_text(f"数据表（{len(read)} 行）").click()
    rows = page.locator(".st-key-figure-sectors .desk-rows tbody tr")
    expect(rows).to_have_count(len(read))


def test_the_picture_is_the_figure_with_its_title_on_the_readers_ground(
    open_figure,
):
    for theme, ground in (("light", (255, 255, 255)), ("dark", (15, 20, 25))):
        page = open_figure("/?lang=zh&month=2016-06", theme=theme)
        plot = standing_box(page.locator(".plot"))
        _, content = save_figure(page, "sectors", "PNG")
        picture = Image.open(BytesIO(content)).convert("RGB")
        assert picture.width == pytest.approx(2 * (plot["width"] + 32), abs=4)
        assert picture.height > 2 * plot["height"] + 100  # title above, origin below
        assert picture.getpixel((2, 2)) == ground
        title = picture.crop((32, 32, 700, 76))
        assert len(title.getcolors(4096)) > 8  # letters, not an empty strip
        assert len(picture.getcolors(1 << 24)) > 100


def test_a_list_is_handed_out_as_it_is_shown(open_figure):
    page = open_figure("/?lang=zh&month=2016-06&unit=350104&sector=rural")
    _, content = save_figure(page, "rows", "CSV")
    read = pd.read_csv(BytesIO(content), encoding="utf-8-sig", dtype=str)
    assert set(read["unit"]) == {"350104"}
    assert set(read["sector"]) == {"rural"}
    assert "note" not in read.columns


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_page_is_filtered_by_can_be_read(open_page, theme):
    page = open_page("/sector_gaps?units=350102,350103&lang=zh", theme=theme)
    page.locator(".st-key-filter button").first.click()
    chosen = page.get_by_test_id("stPopoverBody").locator("span[title]")
    expect(chosen.first).to_be_visible()
    settle(page)
    check_accessibility(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_command_can_be_read_in_either_theme(open_figure, theme):
    page = open_figure("/?lang=en&month=2016-06&unit=350104&sector=rural", theme=theme)
    files = page.locator(".st-key-files-rows")
    open_panel(page, "rows", "Export")
    command = files.get_by_role("button", name="Command")
    command.click()
    expect(command).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_test_id("stCode")).to_be_visible()
    check_accessibility(page, COLOUR_RULES)


def test_streamlits_own_words_are_the_readers(open_page):
    page = open_page("/sector_gaps?units=350102,350103&lang=zh")
    english = [term["en"] for term in catalogue.terms("frame.streamlit").values()]
    page.locator(".st-key-filter button").first.click()
    fields = page.locator("[data-testid=stPopoverBody] input[role=combobox]")
    fields.first.fill("xyz")
    expect(page.get_by_role("option")).to_have_text("没有符合的选项")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^移除 "))).not_to_have_count(0)
    page.get_by_test_id("stMainMenuButton").click()
    expect(page.get_by_test_id("stMainMenuPopover")).to_contain_text("跟随系统")
    said = page.evaluate(
        """() => [...document.querySelectorAll("body *")].flatMap((part) => [
          part.getAttribute("aria-label"), part.getAttribute("placeholder"),
          ...[...part.childNodes].map((node) => node.data?.trim()),
        ])"""
    )
    assert [word for word in english if word in said] == []
    # A change of language draws nothing of Streamlit's anew.
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    page.get_by_text("English", exact=True).first.click()
    expect(page.get_by_test_id("stSkipToContent")).to_have_text("Skip to main content")


def test_the_button_for_files_speaks_the_readers_language(open_page):
    page = open_page("/submissions?lang=zh")
    button = page.get_by_test_id("stFileUploader").locator("button")
    expect(button).to_contain_text("上传")
    page.get_by_text("English", exact=True).first.click()
    expect(button).to_contain_text("Upload")


def test_a_theme_once_chosen_holds_on_every_page(open_page):
    ground = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    page = open_page("/talks?month=2016-07&lang=en")
    light = page.evaluate(ground)
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    page.wait_for_function(f"{ground} !== '{light}'")
    dark = page.evaluate(ground)
    for path in ("/sector_gaps", "/", "/overview"):
        page.goto(f"{path}?month=2016-07&lang=en")
        assert settle(page).evaluate(ground) == dark, path
    page.goto("/nowhere?lang=en")  # where nobody has chosen one
    settle(page)
    page.goto("/examples?month=2016-07&lang=en")
    assert settle(page).evaluate(ground) == dark
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_test_id("stMainMenuItem-theme-Light").click()
    page.wait_for_function(f"{ground} === '{light}'")
    page.goto("/talks?month=2016-07&lang=en")
    assert settle(page).evaluate(ground) == light


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_frame_and_a_figure_are_accessible(open_figure, size, theme):
    page = open_figure("/?lang=zh&month=2016-06", size=size, theme=theme)
    check_accessibility(page)
    take_screenshot(page, "figure", whole=True)


def test_a_missing_page_is_reported_in_the_readers_language(open_page):
    page = open_page("/county_heatmaps?lang=en")
    expect(heading(page)).to_have_text("Page not found")
    expect(page.get_by_role("dialog")).to_have_count(0)
    with rerun(page):
        page.get_by_test_id("stMain").get_by_role(
            "link", name="County heatmap"
        ).last.click()
    expect(heading(page)).to_have_text("County heatmap")
    page = open_page("/没有?lang=zh")
    expect(heading(page)).to_have_text("没有该页面")
    # None of the menu is where the reader is, nor does the word above it on a phone.
    menu = page.get_by_role("navigation", name="菜单")
    expect(menu.locator("li").first).to_be_attached()
    expect(menu.locator("[aria-current]")).to_have_count(0)
    with rerun(page):
        page.get_by_role("link", name="返回总览").click()
    expect(heading(page)).to_have_text("总览")


@pytest.mark.parametrize(
    ("lang", "title"), [("zh", "没有该页面"), ("en", "Page not found")]
)
def test_an_address_below_a_page_is_reported_as_missing(open_page, lang, title):
    page = open_page(f"/county_heatmap/extra?lang={lang}")
    expect(heading(page)).to_have_text(title)
    expect(page.get_by_test_id("stMain")).to_contain_text("county_heatmap_extra")


def test_a_dot_between_words_is_no_wider_than_a_latin_letter(open_page):
    page = open_page("/county_heatmap?month=2016-07&unit=350104&sector=rural&lang=en")
    expect(page.get_by_test_id("stMain")).to_contain_text("·")
    width = page.evaluate(
        """async () => {
            const font = getComputedStyle(document.querySelector(".stApp")).fontFamily;
            await document.fonts.ready;
            const brush = document.createElement("canvas").getContext("2d");
            brush.font = `100px ${font}`;
            return brush.measureText("·").width;
        }"""
    )
    assert 0 < width < 60


def test_the_list_of_talks_is_ticked_on_paper_and_read_across(open_page):
    page = open_page("/talks?month=2016-07&group=G2")
    screen = page.viewport_size
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    try:
        row = page.locator(".talk-row").first
        expect(row.get_by_role("checkbox")).to_be_visible()
        expect(row.get_by_text("福清市")).to_be_visible()
        tops = row.locator("label, p").evaluate_all(
            "cells => cells.map(one => one.getBoundingClientRect().top)"
        )
        assert len(tops) == 4 and max(tops) - min(tops) < 8
        assert not row.get_by_role("link", name="一页简报").is_visible()
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size(screen)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_map_on_paper_is_as_wide_as_its_labels_were_placed_for(open_page, language):
    page = open_page(f"/county_heatmap?month=2016-07&lang={language}")
    width = "document.querySelector('.st-key-figure-map').clientWidth"
    on_screen = page.evaluate(width)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    try:
        assert page.evaluate(width) == pytest.approx(on_screen, abs=1)
    finally:
        page.emulate_media(media="screen")


def test_a_high_figure_on_paper_leaves_no_blank_sheet(open_page):
    page = open_page("/area_profile?month=2016-07&unit=350104")
    page.emulate_media(media="print")
    try:
        for name in ("profile", "sectors"):
            figure = page.locator(f".st-key-figure-{name}")
            expect(figure).to_have_css("break-inside", "auto")
    finally:
        page.emulate_media(media="screen")


def test_what_a_wide_screen_shows_fits_on_paper(open_page):
    page = open_page("/county_heatmap?month=2016-07")
    screen = page.viewport_size
    read = """() => {
        window.dispatchEvent(new Event("beforeprint"));
        const main = document.querySelector("[data-testid=stMainBlockContainer]");
        const { paddingLeft, paddingRight } = getComputedStyle(main);
        const zoom = document.documentElement.style.getPropertyValue("--paper-zoom");
        const inner = main.clientWidth - parseFloat(paddingLeft) * 2;
        return [Number(zoom), inner * zoom];
    }"""
    try:
        zoom, _ = page.evaluate(read)
        assert zoom == 0.72  # a desk's screen fits as it is
        page.set_viewport_size({"width": 1920, "height": 1080})
        zoom, width = page.evaluate(read)
        assert zoom < 0.72
        assert width == pytest.approx(SHEET["width"], abs=2)
    finally:
        page.set_viewport_size(screen)


@pytest.mark.parametrize(
    "ignored", ["/overview?unit=ZSJG", "/area_profile?sector=rural"]
)
def test_an_address_of_which_nothing_is_shown_says_what_is(open_page, ignored):
    path = ignored.partition("?")[0]
    page = open_page(ignored)
    expect_address(page, path, unit=None, sector=None, month="2016-07", lang="zh")


@pytest.mark.parametrize("path", ["/bulletin", "/party_building"])
def test_the_narrowest_screen_shows_pages_whole(open_page, path):
    """320 px: a small phone, or a desk's window at 400 %."""
    page = open_page(f"{path}?lang=en&month=2016-07", size="phone")
    page.set_viewport_size({"width": 320, "height": 640})
    settle(page)
    expect_no_sideways_scroll(page)


def test_the_menu_of_a_grid_speaks_the_readers_language(open_page):
    page = open_page("/definitions?lang=zh")
    # As Streamlit hangs it below the page when a heading of a grid is clicked.
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend",
        `<div data-testid="stDataFrameColumnMenu"><div role="menu">
        <div role="menuitem"><i>arrow_upward</i>Sort ascending</div></div></div>
        <button aria-label="Search: 名册">search</button>`)"""
    )
    expect(page.get_by_role("button", name="查找：名册")).to_have_count(1)
    item = page.get_by_test_id("stDataFrameColumnMenu").get_by_role("menuitem")
    expect(item).to_contain_text("升序排列")


def test_streamlit_says_these_words_letter_for_letter():
    """A version that words them otherwise would show them in English again."""
    scripts = Path(streamlit.__file__).parent / "static/static/js"
    said = "".join(path.read_text("utf-8") for path in scripts.glob("*.js"))
    terms = catalogue.terms("frame.streamlit")
    ours = {name: term["en"] for name, term in terms.items() if name.startswith("grid")}
    assert len(ours) > 30
    assert not [words for words in ours.values() if f"`{words}`" not in said]
