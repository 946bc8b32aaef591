"""专题与发言 in a real browser: a late row leads to its ledger, files hold the list."""

from __future__ import annotations

import csv
from io import BytesIO

import openpyxl
import pytest
from browsing import (
    click_row,
    expect_address,
    rerun,
    save_figure,
    settle,
)
from PIL import Image
from playwright.sync_api import expect

JUNE = "/topics_and_speaking?month=2016-06"


def test_a_link_opens_its_screen_on_a_server_that_has_just_started(open_cold):
    page = open_cold(f"{JUNE}&unit=350181&late=member_speaking&lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Topics and speaking")
    expect(page.get_by_role("radio", name="Speaking")).to_be_checked()
    expect(page.get_by_text("1 behind: 1 overdue.")).to_be_visible()


def test_a_row_of_the_late_leads_to_the_ledger_behind_it(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    click_row(page.locator(".st-key-records-late .desk-rows"))
    place = {"unit": "350181", "sector": "nonpublic"}
    expect_address(page, "/sector_gaps", metric="topic_1_coverage", **place)
    # 福清 files its totals alone: of such a cell the months are shown.
    expect(page.get_by_role("heading", name="历月台账")).to_be_visible()
    with rerun(page):
        page.go_back()
    expect_address(page, f"{JUNE}&lang=zh")


def test_on_a_phone_a_late_place_is_a_link_to_the_ledger_behind_it(open_page):
    page = open_page(f"{JUNE}&lang=zh", size="phone")
    late = page.locator(".st-key-records-late")
    expect(late.locator(".desk-rows table")).to_be_hidden()
    rows = late.locator(".phone-rows li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("还差1")
    with rerun(page):
        # All of the row is hit, not its name alone.
        rows.first.click()
    place = {"unit": "350181", "sector": "nonpublic"}
    expect_address(page, "/sector_gaps", metric="topic_1_coverage", **place)
    with rerun(page):
        page.go_back()
    expect_address(page, f"{JUNE}&lang=zh")


def test_a_choice_of_topic_is_in_the_address_and_can_be_undone(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    with rerun(page):
        page.get_by_role("radio", name="党员发言").click()
    expect_address(page, late="member_speaking")
    expect(page.get_by_text("共 2 项滞后")).to_be_visible()
    with rerun(page):
        page.go_back()
    expect(page.get_by_text("共 3 项滞后")).to_be_visible()


def test_the_files_open_and_hold_what_is_listed(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    name, content = save_figure(page, "late", "CSV")
    assert "late" in name
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["unit"], row["still_missing"]) for row in rows] == [
        ("350181", "1"),
        ("350181", "7"),
        ("350104", "3"),
    ]
    _, content = save_figure(page, "topics", "XLSX")
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.worksheets[1].max_row == 1 + 3 * 3
    _, content = save_figure(page, "speaking", "PNG")
    assert Image.open(BytesIO(content)).width > 1000


def test_a_picture_that_leads_nowhere_is_read_without_a_mouse_too(open_page):
    page = open_page("/topics_and_speaking?month=2016-07&lang=zh")
    box = page.locator(".st-key-figure-speaking")
    picture = box.get_by_role("figure")
    picture.focus()
    for key, month in (("Home", "4月"), ("End", "7月")):
        picture.press(key)
        expect(box.locator(".said")).to_contain_text(month)
        expect(box.locator(".mark-words")).to_be_visible()


@pytest.mark.parametrize(("width", "n_rows"), [(1440, 1), (1024, 2)])
def test_the_pictures_of_a_desk_stand_beside_each_other(open_page, width, n_rows):
    page = open_page(f"{JUNE}&lang=zh")
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)
    names = ("outcomes", "topics", "speaking")
    boxes = [page.locator(f".st-key-figure-{n}").bounding_box() for n in names]
    assert len({round(box["y"]) for box in boxes}) == n_rows
    assert all(box["width"] > 380 for box in boxes)


def test_the_name_of_a_month_stands_below_the_dot_at_its_end(open_page):
    page = open_page(f"{JUNE}&lang=zh")
    picture = page.locator(".st-key-figure-speaking .plot")
    name = picture.get_by_text("6月", exact=True).bounding_box()
    # The page is of June, so that June's is the last one.
    dot = picture.locator(".mark").last.bounding_box()
    middles = [box["x"] + box["width"] / 2 for box in (name, dot)]
    assert abs(middles[0] - middles[1]) < 2, middles
