"""上报 in a real browser: from a refused workbook to a new figure, and back again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from browsing import expect_address, guarded_page, rerun, save, settle
from playwright.sync_api import Browser, Locator, Page, expect
from serving import serve_lake

from data_pipeline.store.lake import Lake
from tests.shared_lakes import files_of
from tests.tiny_city import ORGANS, ROLL, cangshan_rows, write_workbook
from ui.menu import pages

PAGE = "/submissions"
MONTH = "2016-07"
TOPIC_2 = f"/county_heatmap?metric=topic_2_coverage&month={MONTH}"
# Below the heading row: 第二专题已召开支部数 of the one row of 市直机关.
CELL = "M4"
AT_FAULT = "FFFFC7CE"
# One of each kind of page; the frame of all is the same.
SEVERAL = ("overview", "wall", "sector_gaps", "lectures", "submissions", "definitions")


@contextmanager
def open_site(browser: Browser, lake: Path, folder: Path) -> Iterator[Page]:
    """A page of a server of its own over a lake."""
    with (
        serve_lake(lake, folder) as server,
        guarded_page(browser, server.url) as page,
    ):
        yield page


@pytest.fixture
def lake(tiny_lake: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_lake, tmp_path / "lake_root")


@pytest.fixture
def page(lake: Path, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    with (
        serve_lake(lake, tmp_path) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto(PAGE)
        yield settle(page)


def july(folder: Path, name: str, topic_2: object) -> Path:
    """July of 市直机关 again, in which two branches had held the second topic."""
    row = list(ORGANS[MONTH][0])
    row[12] = topic_2
    write_workbook(folder / name, "台账", [tuple(row)], "口径: 当月")
    return folder / name


def choose(page: Page, *files: Path) -> None:
    """Drop files on the page, in the place of those chosen before."""
    with rerun(page):
        page.locator("input[type=file]").set_input_files([str(file) for file in files])


def clear(page: Page) -> None:
    with rerun(page):
        page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()


def table(page: Page, name: str) -> list[list[str]]:
    """The rows of a list as a screen reader gets them, its headings first."""
    rows = page.locator(f".st-key-records-{name} .desk-rows tr")
    expect(rows.nth(1)).to_be_attached()
    return [row.locator("th, td").all_text_contents() for row in rows.all()]


def main(page: Page) -> Locator:
    return page.locator("[data-testid=stMain]")


def words(page: Page) -> str:
    return main(page).inner_text()


def figure(page: Page) -> str:
    """What the heatmap shows of 市直机关 and the second topic."""
    page.goto(TOPIC_2)
    settle(page)
    return page.get_by_role("grid").locator("[data-id='ZSJG|organ']").inner_text()


def confirm(page: Page) -> None:
    """Press the button that files, and wait until the marts have followed."""
    with rerun(page):
        page.get_by_role("button", name=re.compile("^确认报送")).click()
    expect(main(page)).to_contain_text("已入库")
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    settle(page)


def test_from_a_refused_workbook_to_a_new_figure_and_back(page, lake, tmp_path):
    before = files_of(lake)
    choose(page, july(tmp_path, "坏七月.xlsx", "约3"))
    expect(main(page)).to_contain_text("坏七月.xlsx：有 1 处问题，未收")
    headings, row = table(page, "findings-1")
    found = dict(zip(headings, row, strict=True))
    assert found["位置"] == f"台账!{CELL}"
    assert found["所填内容"] == "约3"
    assert found["改法"]
    name, content = save(page.get_by_role("button", name="下载标注好的工作簿"))
    assert re.fullmatch(r"标注_坏七月_.+_[0-9a-f]{8}\.xlsx", name)
    marked = openpyxl.load_workbook(BytesIO(content))["台账"][CELL]
    assert marked.value == "约3"
    assert marked.fill.start_color.rgb == AT_FAULT
    assert found["代码"] in marked.comment.text
    assert found["改法"] in marked.comment.text
    assert not page.get_by_role("button", name=re.compile("^确认报送")).count()
    clear(page)

    choose(page, july(tmp_path, "好七月.xlsx", 1))
    shown = words(page)
    assert "好七月.xlsx：共 1 行。新增 0 行，改动 1 行" in shown
    moved = main(page).locator(".st-key-records-preview-moved table")
    line = moved.locator("tr").filter(has_text="第二专题").filter(has_text="市直机关")
    expect(line.filter(has_text=MONTH).first).to_contain_text("40.0 %")
    expect(line.filter(has_text=MONTH).first).to_contain_text("20.0 %")
    with rerun(page):
        page.get_by_role("radio", name="改动的单元格").or_(
            page.get_by_role("button", name="改动的单元格")
        ).first.click()
    headings, row = table(page, "preview-changes")
    changed = dict(zip(headings, row, strict=True))
    assert (changed["原为"], changed["改为"]) == ("2", "1")
    assert files_of(lake) == before, "looking stores nothing"

    confirm(page)
    filed = Lake(lake).submissions()[-1]
    assert filed.file == "好七月.xlsx"
    expect(main(page)).to_contain_text(f"报送编号 {filed.id}")
    assert "20.0 %" in figure(page)

    page.goto(PAGE)
    settle(page)
    choose(page, tmp_path / "好七月.xlsx")
    expect(main(page)).to_contain_text("内容完全相同")
    expect(main(page)).to_contain_text("不必重复报送")
    assert not page.get_by_role("button", name=re.compile("^确认报送")).count()
    assert len(Lake(lake).submissions()) == 14

    withdraw(page, filed.id, "填错了一栏")
    expect(main(page)).to_contain_text("已撤回：好七月.xlsx")
    assert "40.0 %" in figure(page)
    page.goto(f"/ledger_calendar?month={MONTH}&list=withdrawn")
    settle(page)
    headings, row = table(page, "ledger-withdrawn")
    taken = dict(zip(headings, row, strict=True))
    assert taken["来源文件"] == "好七月.xlsx"
    assert (taken["撤回者"], taken["撤回理由"]) == ("综合组", "填错了一栏")
    expect(main(page)).to_contain_text("↩ 曾撤回")


def withdraw(page: Page, submission: str, reason: str) -> None:
    page.goto(f"{PAGE}?withdraw={submission}")
    settle(page)
    page.get_by_label("理由").fill(reason)
    page.get_by_text("我确认撤回这一次报送").click()
    with rerun(page):
        page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    settle(page)


def test_the_first_upload_of_all_goes_into_an_empty_lake(browser, tmp_path):
    lake = tmp_path / "none_yet"
    write_workbook(tmp_path / "名册.xlsx", "名册", ROLL, "")
    write_workbook(tmp_path / "04.xlsx", "台账", cangshan_rows("2016-04"), "")
    with (
        serve_lake(lake, tmp_path) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto("/")
        settle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "还没有可以展示的数据"
        )
        with rerun(page):
            page.get_by_role("link", name=re.compile("上报.*页选择文件")).click()
        expect_address(page, PAGE)
        expect(main(page)).to_contain_text("还没有报送")
        choose(page, july(tmp_path, "坏.xlsx", "约3"))
        assert table(page, "findings-1")[1]
        _, content = save(page.get_by_role("button", name="下载标注好的工作簿"))
        assert openpyxl.load_workbook(BytesIO(content))["台账"][CELL].comment
        clear(page)
        choose(page, tmp_path / "名册.xlsx", tmp_path / "04.xlsx")
        expect(main(page)).to_contain_text("共 12 行。新增 12 行")
        confirm(page)
        assert len(Lake(lake).submissions()) == 2
        with rerun(page):
            page.locator(".st-key-links-submissions").get_by_role("link").last.click()
        expect_address(page, "/county_heatmap")
        expect(
            page.get_by_role("grid").locator("[data-id='350104|rural']")
        ).to_be_visible()


def test_a_fault_of_the_manifest_alone_is_said_on_every_page(browser, lake, tmp_path):
    entry = lake / "lake" / "manifest" / "000003.json"
    entry.write_text(entry.read_text("utf-8").replace("04-", "40-"), "utf-8")
    with (
        serve_lake(lake, tmp_path) as server,
        guarded_page(browser, server.url) as page,
    ):
        for name in SEVERAL:
            page.goto(f"/{name}")
            settle(page)
            banner = page.get_by_role("alert").filter(has_text="000003.json")
            if pages()[name].is_wall:  # it says so at its foot, on every slide
                banner = page.locator("[data-testid=stMain] :text('000003.json')")
            expect(banner.first, name).to_contain_text("入库清单有问题")
            expect(banner.first, name).to_contain_text("000003.json")
        assert not page.locator("input[type=file]").count()
