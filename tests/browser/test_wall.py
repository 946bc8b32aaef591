"""大屏 in a real browser: it turns by itself, waits on demand, stays in its frame."""

from __future__ import annotations

import shutil

from browsing import check_accessibility, guarded_page, settle, take_screenshot
from playwright.sync_api import Page, expect
from serving import serve_lake

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import ledger_row, submit

COUNTS = {"n_branches": 10, "n_members": 100, "n_leaders": 10}

# Text of the seen slide that lies outside the frame, and how much stands on the page.
OUTSIDE = """() => {
    const roots = [...document.querySelectorAll('*')]
        .flatMap((element) => [element, element.shadowRoot]).filter(Boolean);
    const texts = [document, ...roots.filter((one) => one.host)].flatMap((root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) found.push(walker.currentNode);
        return found;
    });
    const range = document.createRange();
    return texts.filter((text) => {
        const parent = text.parentElement;
        if (!text.data.trim() || !parent) return false;
        if (['STYLE', 'SCRIPT'].includes(parent.tagName)) return false;
        if (!parent.checkVisibility({ visibilityProperty: true })) return false;
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        return box.width > 2 && box.height > 2 && (box.left < -1 || box.top < -1
            || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
    }).map((text) => text.data);
}"""
# Whether both charts are drawn over the width of their slides, turned or not.
ARE_WIDE = """() => {
    const plots = document.querySelectorAll('.st-key-wall [class*="st-key-plot-"] *');
    const drawings = [...plots].flatMap((one) =>
        [...one.shadowRoot?.querySelectorAll('.plot > svg') ?? []]);
    const side = 'wallTurned' in document.documentElement.dataset ? 'height' : 'width';
    const size = (one) => one.getBoundingClientRect()[side];
    const slide = (one) => one.getRootNode().host.closest('[class*="st-key-slide-"]');
    return drawings.length === 2
        && drawings.every((one) => size(one) > 0.98 * size(slide(one)));
}"""
COUNT = "document.querySelectorAll('*').length"


def seen(page: Page) -> str:
    return page.evaluate("document.documentElement.dataset.wall")


def turn(page: Page) -> None:
    before = seen(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.documentElement.dataset.wall !== before", arg=before
    )


def test_it_turns_waits_follows_a_new_snapshot_and_stays_in_its_frame(
    browser, tiny_lake, tmp_path
):
    lake = Lake(shutil.copytree(tiny_lake, tmp_path / "lake_root"))
    (tmp_path / "server").mkdir()
    with (
        serve_lake(lake.root, tmp_path / "server") as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto("/wall?every=5&lang=zh")
        settle(page)
        page.set_viewport_size({"width": 1920, "height": 1080})
        expect(page.get_by_role("heading", level=2)).to_have_count(1)
        expect(page.locator(".st-key-bar")).to_be_hidden()
        first = seen(page)
        page.wait_for_function(
            "before => document.documentElement.dataset.wall !== before", arg=first
        )
        page.keyboard.press("Space")
        expect(page.get_by_role("status").filter(has_text="已暂停")).to_be_visible()
        for _ in range(6):
            turn(page)
            page.wait_for_timeout(700)  # longer than a slide takes to fit
            assert page.evaluate(OUTSIDE) == []
        check_accessibility(page)
        take_screenshot(page, "wall")
        # A smaller screen has the same frame: a chart fills it there, too.
        page.set_viewport_size({"width": 1440, "height": 900})
        page.wait_for_function(ARE_WIDE)
        page.set_viewport_size({"width": 1920, "height": 1080})
        n_elements = page.evaluate(COUNT)
        for _ in range(60):
            page.keyboard.press("ArrowRight")
        assert page.evaluate(COUNT) == n_elements
        stayed, caption = seen(page), page.locator(".st-key-caption-0")
        expect(caption).to_contain_text("2016年7月")
        with lake.writing():
            submit(
                lake, "2016-09-10", [ledger_row("2016-08", "GX", "school", **COUNTS)]
            )
            build(lake.root, load_registry())
        expect(caption).to_contain_text("2016年8月")
        # A slide that somebody holds is held, whatever comes in.
        assert seen(page) == stayed
        # Upright a phone has the frame across, as long as the screen is high.
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function("'wallTurned' in document.documentElement.dataset")
        page.wait_for_timeout(700)
        assert page.evaluate(OUTSIDE) == []
        page.wait_for_function(ARE_WIDE)
        frame = page.locator(".st-key-wall").bounding_box()
        assert frame["height"] > 650 and frame["width"] <= 391
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.wait_for_function("!('wallTurned' in document.documentElement.dataset)")
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", level=1)).to_have_text("总览")
        expect(page.locator(".st-key-bar")).to_be_visible()
