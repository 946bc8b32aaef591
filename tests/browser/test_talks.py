"""约谈名单 in a real browser: tick, download, ingest; then the page knows the talk."""

from __future__ import annotations

import io
import re
import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from browsing import (
    check_accessibility,
    expect_address,
    expect_no_sideways_scroll,
    rerun,
    save,
    settle,
    take_screenshot,
)
from playwright.sync_api import expect
from serving import serve_lake

from data_pipeline.flags import build_with_flags
from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake

PAGE = "/talks?month=2016-07&group=G2"
FOLD = Path(__file__).resolve().parents[2] / "ui" / "components" / "fold.js"


@pytest.fixture(scope="module")
def lake(tiny_lake, tmp_path_factory):
    """A copy of the tiny city's lake: it takes in what the page has handed out."""
    return shutil.copytree(tiny_lake, tmp_path_factory.mktemp("talks") / "lake")


@pytest.fixture(scope="module")
def site(lake):
    with serve_lake(lake, lake.parent) as server:
        yield server


@pytest.fixture
def visit(open_on, site):
    return partial(open_on, site)


def test_the_page_is_accessible_and_fits_a_phone(visit):
    page = visit(PAGE, size="phone", theme="dark")
    check_accessibility(page)
    take_screenshot(page, "talks", whole=True)
    expect_no_sideways_scroll(page)


def test_a_row_is_read_across_at_a_desk_and_down_on_a_phone(visit):
    rows = ".talk-row"
    for size, is_across in (("desk", True), ("phone", False)):
        page = visit(f"{PAGE}&lang=en", size=size)
        parts = page.locator(f"{rows} :is(label, p)")
        tops = parts.evaluate_all(
            "parts => parts.slice(0, 4).map(one => one.getBoundingClientRect().top)"
        )
        name, *cells = tops
        shown = parts.first.evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert shown[0] <= shown[1]
        assert (max(cells) - min(cells) < 4) is is_across
        assert cells == sorted(cells) and cells[0] > name - 8
        heights = page.locator(rows).evaluate_all(
            "rows => rows.map(one => one.getBoundingClientRect().height)"
        )
        assert max(heights) < (90 if is_across else 190)


def test_a_phone_shows_the_groups_and_opens_one_at_a_time(visit):
    everything = PAGE.replace("group=G2", "all=1")
    rows = ".talk-row:visible"
    page = visit(everything)
    n = page.locator(rows).count()
    assert n > 1
    expect(page.get_by_role("button", name=re.compile(r"^\d+ 处"))).to_have_count(0)
    # At a desk the number of a row begins anew under the name of each group.
    groups = page.get_by_role("heading", name=re.compile("督导组$"))
    assert groups.count() > 1 and all(one.is_visible() for one in groups.all())
    expect(page.get_by_text("怎么办", exact=True).first).to_be_visible()
    page = visit(everything, size="phone")
    expect(page.locator(rows)).to_have_count(0)
    folds = page.get_by_role("button", name=re.compile(r"^\d+ 处"))
    assert folds.count() > 1
    first = folds.first
    expect(first).to_have_attribute("aria-expanded", "false")
    first.click()
    expect(first).to_have_attribute("aria-expanded", "true")
    opened = page.locator(rows).count()
    assert str(opened) in first.inner_text() and opened < n
    first.click()
    expect(page.locator(rows)).to_have_count(0)


def test_a_button_that_has_nothing_around_it_any_more_fails_nowhere(visit):
    # As the browser may draw it between two choices, for a moment.
    draw = """async (code) => {
        const script = new Blob([code], { type: "text/javascript" });
        const { default: draw } = await import(URL.createObjectURL(script));
        const parentElement = document.createElement("div");
        parentElement.innerHTML = "<button></button>";
        draw({ data: { words: "3 处", around: "gone" }, parentElement });
        parentElement.firstChild.click();
        return parentElement.firstChild.getAttribute("aria-expanded");
    }"""
    assert visit(PAGE).evaluate(draw, FOLD.read_text("utf-8")) == "false"


def test_a_box_is_ticked_and_unticked_by_key_and_keeps_the_focus(visit):
    page = visit(PAGE)
    first, second = page.locator(".talk-row input").all()
    download = page.get_by_role("button", name="约谈工作簿")
    first.focus()
    with rerun(page):
        page.keyboard.press("Space")
    expect(download).to_contain_text("1 处")
    expect(first).to_be_checked()
    expect(first).to_be_focused()
    expect(second).not_to_be_checked()
    expect_address(page, "/talks", **{"talk.350181.nonpublic": "1"})
    with rerun(page):
        second.click()
    expect(download).to_contain_text("2 处")
    with rerun(page):
        first.press("Space")
    expect(first).not_to_be_checked()
    keys = {"talk.350181.nonpublic": None, "talk.350181.rural": "1"}
    expect_address(page, "/talks", **keys)
    # To another page and back: the address ticks the box.
    with rerun(page):
        page.get_by_role("link", name="1 个月没有台账").first.click()
    with rerun(page):
        page.go_back()
    expect(page.get_by_role("checkbox", name="福清市 农村")).to_be_checked()
    expect(page.get_by_role("checkbox", name="福清市 非公")).not_to_be_checked()


def test_a_talk_goes_out_as_a_workbook_and_comes_back_to_the_page(visit, lake):
    page = visit(PAGE)
    with rerun(page):
        page.get_by_text("福清市 农村").click()
    expect_address(page, "/talks", **{"talk.350181.rural": "1"})
    _, content = save(page.get_by_role("button", name="约谈工作簿"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["督导工作"]
    headings = [cell.value for cell in sheet[2]]
    row = dict(zip(headings, (cell.value for cell in sheet[3]), strict=True))
    assert (row["事项"], row["单位"]) == ("约谈", "福清市")
    assert sheet.cell(4, headings.index("督导组") + 1).value is None
    sheet.cell(3, headings.index("日期") + 1, "2016-08-18")
    path = lake.parent / "约谈.xlsx"
    book.save(path)
    registry, received = (
        load_registry(),
        datetime.fromisoformat("2016-08-20T09:00+08:00"),
    )
    kept = Lake(lake)
    with kept.writing():
        report = ingest_files([path], kept, registry, received=received)
        build_with_flags(kept.root, registry)
    assert not report.findings, [finding.sentence() for finding in report.findings]
    page.reload()
    settle(page)
    expect(page.get_by_text("已于8月18日约谈").first).to_be_visible()
    # The tick stands in the address and so outlives the visit.
    expect(page.get_by_role("checkbox", name="福清市 农村")).to_be_checked()
    with rerun(page):
        page.get_by_role("link", name="1 个月没有台账").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("台账日历")
