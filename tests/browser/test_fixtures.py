"""The guard itself: each fault a page can have must fail the test that met it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import (
    SIZES,
    THEMES,
    KeptPages,
    PageFaultError,
    check_accessibility,
    guarded_page,
    rerun,
    settle,
    take_screenshot,
)
from playwright.sync_api import expect
from serving import PROJECT, serve

APP = """
import streamlit as st
from ui import address

def first():
    st.title("示例页")
    st.caption("一行说明文字")
    st.metric("覆盖率", "81.2 %", "3.2 点", chart_data=[1, 3, 2])
    clicks = st.session_state.setdefault("clicks", 0)
    st.segmented_control("口径", ["上报", "核实"], default="上报")
    st.select_slider("月份", ["2016-06", "2016-07"], value="2016-07")
    st.toggle("English", value=True)
    if st.button("点一下"):
        clicks = st.session_state.clicks = clicks + 1
    st.text(f"已点 {clicks} 次")
    step = int(st.query_params.get("step", 0))
    if st.button("下一步"):
        address.visit(f"?step={step + 1}")
    st.text(f"第 {step} 步")
    if st.query_params.get("fault") == "exception":
        raise ValueError("secret detail")

def second():
    st.title("第二页")

pages = [st.Page(first, default=True), st.Page(second, url_path="second")]
st.navigation(pages, position="top").run()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    script = folder / "app.py"
    script.write_text(APP, "utf-8")
    environment = {"PYTHONPATH": str(PROJECT)}
    with serve(script, folder / "log.txt", environment, may_fail=True) as server:
        yield server.url


@pytest.fixture
def visit(browser, site):
    """Open the small app, run some JavaScript in it and leave."""

    def run(javascript: str = "", path: str = "/") -> None:
        with guarded_page(browser, site) as page:
            page.goto(path)
            settle(page)
            page.evaluate(f"async () => {{ {javascript} }}")

    return run


def test_a_sound_page_passes(visit):
    visit()


@pytest.mark.parametrize(
    ("javascript", "fault"),
    [
        ("console.error('broken drawing')", "console error: broken drawing"),
        (
            "setTimeout(() => { throw new Error('lost') });"
            "await new Promise(done => setTimeout(done, 1))",
            "page error: lost",
        ),
        ("await fetch('/media/none.png')", "HTTP 404: .*/media/none.png"),
        (
            "await fetch('http://outside.invalid/').catch(() => 0)",
            "request outside the server: http://outside.invalid/",
        ),
        (
            "const socket = new WebSocket('ws://outside.invalid/');"
            "await new Promise(done => { socket.onerror = done; })",
            "request outside the server: ws://outside.invalid/",
        ),
        (
            "const image = new Image(); image.src = 'http://outside.invalid/a.png';"
            "await image.decode().catch(() => 0)",
            "request outside the server: http://outside.invalid/a.png",
        ),
    ],
)
def test_a_hidden_fault_fails_the_page(visit, javascript, fault):
    with pytest.raises(PageFaultError, match=fault):
        visit(javascript)


def test_an_exception_box_fails_while_settling_and_tells_no_details(visit):
    with pytest.raises(PageFaultError, match="exception box") as caught:
        visit(path="/?fault=exception")
    assert "secret detail" not in str(caught.value)


def test_an_exception_box_fails_a_test_that_never_settles(browser, site):
    with (
        pytest.raises(PageFaultError, match="exception box"),
        guarded_page(browser, site) as page,
    ):
        page.goto("/?fault=exception")
        expect(page.locator("[data-testid=stException]")).to_be_visible()


def test_a_test_that_fails_also_reports_what_the_page_complained_of(browser, site):
    with pytest.raises(KeyError) as caught, guarded_page(browser, site) as page:
        page.goto("/")
        settle(page)
        page.evaluate("console.error('broken drawing')")
        raise KeyError("the test's own")
    assert caught.value.__notes__ == ["console error: broken drawing"]


def test_a_kept_page_is_lent_again_as_good_as_new(browser, site):
    kept = KeptPages(browser)
    with kept.lend(site, size="phone") as first:
        first.goto("/")
        settle(first)
        first.evaluate("localStorage.mine = 1; document.cookie = 'mine=1'")
        first.goto("/second")
        settle(first)
        first.set_viewport_size({"width": 800, "height": 600})
        first.context.new_page()
    dark = {"size": "phone", "theme": "dark"}
    with kept.lend(site, **dark) as second, kept.lend(site, **dark) as new:
        assert second is first and new is not first
        assert second.context.pages == [second]
        second.goto("/")
        settle(second)
        left = "[localStorage.mine ?? '', document.cookie, navigation.canGoBack]"
        stored, cookies, can_go_back = second.evaluate(left)
        assert (stored, "mine" in cookies, can_go_back) == ("", False, False)
        assert second.evaluate("innerWidth") == SIZES["phone"][0]
        is_dark = "matchMedia('(prefers-color-scheme: dark)').matches"
        assert second.evaluate(is_dark) and new.evaluate(is_dark)
    for _ in kept.free.copy():
        kept.free.pop()[1].context.close()


def test_a_page_with_a_fault_is_not_kept(browser, site):
    kept = KeptPages(browser)
    with pytest.raises(PageFaultError, match="broken"), kept.lend(site) as page:
        page.goto("/")
        settle(page)
        page.evaluate("console.error('broken drawing')")
    assert not kept.free


def test_the_two_probes_of_a_deep_link_are_let_through_and_do_happen(browser, site):
    with guarded_page(browser, site) as page:
        not_found = []
        page.on("response", lambda r: r.status == 404 and not_found.append(r.url))
        page.goto("/second")
        settle(page)
        expect(page.get_by_role("heading", name="第二页")).to_be_visible()
    assert sorted(url.removeprefix(site) for url in not_found) == [
        "/second/_stcore/health",
        "/second/_stcore/host-config",
    ]


@pytest.mark.parametrize("slower", [1, 4])
@pytest.mark.parametrize(
    ("button", "text"), [("点一下", "已点 {} 次"), ("下一步", "第 {} 步")]
)
def test_the_drawn_result_of_a_click_stands_when_rerun_returns(
    browser, site, button, text, slower
):
    with guarded_page(browser, site) as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto("/")
        settle(page)
        for count in range(1, 4):
            with rerun(page):
                page.get_by_role("button", name=button).click()
            # Without waiting: that is what `rerun` is for.
            assert page.get_by_text(text.format(count)).is_visible()


BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 20, 25)"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_follows_the_system_and_passes_the_accessibility_check(
    browser, site, size, theme
):
    with guarded_page(browser, site, size=size, theme=theme) as page:
        page.goto("/")
        settle(page)
        app = page.locator("[data-testid=stApp]")
        background = app.evaluate("e => getComputedStyle(e).backgroundColor")
        assert background == BACKGROUNDS[theme]
        check_accessibility(page)


def test_the_accessibility_check_names_rule_and_element(browser, site):
    with guarded_page(browser, site) as page:
        page.goto("/")
        settle(page)
        page.evaluate(
            "document.querySelector('[data-testid=stMain]').insertAdjacentHTML("
            "'beforeend', '<img id=\"bare\" src=\"data:,\">')"
        )
        with pytest.raises(PageFaultError, match=r"image-alt.*\n.*#bare"):
            check_accessibility(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_screenshot_has_the_size_its_name_tells(
    browser, site, size, monkeypatch, tmp_path
):
    monkeypatch.setattr("browsing.ARTIFACTS", tmp_path)
    monkeypatch.setenv("SCREENSHOTS", "1")
    with guarded_page(browser, site, size=size, theme="dark") as page:
        page.goto("/")
        settle(page)
        path = take_screenshot(page, "small_app")
    expected = {"desk": "1440x900", "phone": "390x844"}[size]
    assert path == tmp_path / f"small_app_{expected}_dark.png"
    header = Path(path).read_bytes()[16:24]
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:])
    assert f"{width}x{height}" == expected
