"""通报 in a real browser: read, traced to its query, downloaded."""

from __future__ import annotations

import io

import docx
from browsing import (
    check_accessibility,
    expect_no_sideways_scroll,
    rerun,
    save,
    take_screenshot,
)
from playwright.sync_api import expect

PAGE = "/bulletin?month=2016-07"
SENTENCE = "单位中最高 仓山区 50.0 %\uff0c最低 市直机关 40.0 %。"


def test_the_circular_is_read_traced_to_its_query_and_downloaded(open_page):
    page = open_page(PAGE)
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    check_accessibility(page)
    name, content = save(page.get_by_role("button", name="下载 DOCX"))
    assert name.startswith("通报_2016-07_zh_") and name.endswith(".docx")
    book = docx.Document(io.BytesIO(content))
    assert any(SENTENCE in paragraph.text for paragraph in book.paragraphs)
    name, content = save(page.get_by_role("button", name="下载 PDF"))
    assert name.endswith(".pdf") and content.startswith(b"%PDF-")
    with rerun(page):
        page.get_by_label("查看出处").click()
        page.get_by_role("option").nth(3).click()
    command = "python -m reports export topic_2_coverage --month 2016-07"
    expect(page.get_by_text(command, exact=True)).to_be_visible()


def test_the_page_fits_a_phone_and_can_be_read_by_everybody(open_page):
    page = open_page(f"{PAGE}&lang=en", size="phone", theme="dark")
    expect_no_sideways_scroll(page)
    tables = page.locator("table.paper")
    expect(tables.first).to_be_visible()
    # Read across as on paper: no column of any table is out of sight.
    for at in range(tables.count()):
        assert tables.nth(at).bounding_box()["width"] <= 359, at
    check_accessibility(page)
    take_screenshot(page, "bulletin-phone-dark")


def test_a_picture_for_paper_is_dark_on_a_dark_page(open_page):
    looks = {}
    for theme in ("light", "dark"):
        page = open_page(PAGE, theme=theme)
        picture = page.locator("img.paper").first
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("one => one.naturalWidth") > 820
        looks[theme] = picture.evaluate("one => getComputedStyle(one).filter")
    assert looks["light"] == "none"
    assert "invert" in looks["dark"]


def test_pages_are_drawn_in_their_order_and_text_comes_back(open_page):
    page = open_page(PAGE)
    for look, n_least in (("版面", 4), ("文字", 1)):
        with rerun(page):
            page.get_by_role("radio", name=look).click()
        pictures = page.locator("img.paper")
        expect(pictures.nth(n_least - 1)).to_be_visible()
        for picture in pictures.all():
            expect(picture).not_to_have_js_property("naturalWidth", 0)
    expect(page.get_by_text(SENTENCE)).to_be_visible()
