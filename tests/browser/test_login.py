"""A login at a real provider, on a cold server: what each role gets, nobody else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from browsing import open_empty, settle, turn_to
from oidc_provider import Provider
from playwright.sync_api import Page, expect
from serving import DASHBOARD, serve
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.pages.logged_in import give_roles
from tests.shipped import copy_shipped
from tests.tiny_city import build_tiny_city

# Of the tiny city, what a reader of the first group must not meet.
FOREIGN = re.compile("福清|市直机关|350181|ZSJG|Fuqing", re.IGNORECASE)
REFUSED = "这一页不对您的角色开放"
# A page that stands in the registry alone, closed to two roles by a line of menu.toml.
STANDARD = "party_building"
DOOR = f'{STANDARD} = ["leadership"]'
# Who may not open what, said by hand.
CLOSED = {
    "leadership": (
        "branch weak_organizations problems talks check_planner ledger_quality "
        "ledger_calendar submissions roles"
    ).split(),
    "analyst": ["submissions", "roles", STANDARD],
    "G1": ["bulletin", "check_planner", "roles", STANDARD],
}


class Desk:
    """A dashboard with a login, its provider and its lake."""

    def __init__(self, url: str, provider: Provider, lake, browser) -> None:
        self.url, self.provider, self.lake, self.browser = url, provider, lake, browser
        self.faults: list[str] = []

    def open(self, path: str) -> Page:
        """A page of somebody whom the browser does not know yet."""
        page, self.faults = open_empty(self.browser, self.url)
        page.goto(path)
        return settle(page)

    def log_in(self, subject: str, *, hours_ago: float = 0) -> Page:
        """The first page after a login as `subject`."""
        self.provider.subject, self.provider.hours_ago = subject, hours_ago
        page = self.open("/")
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{self.url}/")
        expect(page.get_by_role("button", name="登录", exact=True)).to_have_count(0)
        return settle(page)


@pytest.fixture(scope="module")
def running(browser, shared_lakes, tmp_path_factory) -> Iterator[Desk]:
    """One server for all, cold when the first test comes: a start takes seconds."""
    folder = tmp_path_factory.mktemp("login")
    source = shared_lakes.of(build_tiny_city)
    lake = shutil.copytree(source, folder / "lake_root", symlinks=True)
    secrets = folder / "secrets.toml"
    project = folder / "project"
    copy_shipped(project)
    with (project / "ui" / "menu.toml").open("a") as doors:
        doors.write(f"{DOOR}\n")
    environment = {"LEDGER_LAKE": str(lake), "AUTHLIB_INSECURE_TRANSPORT": "1"}
    with ExitStack() as stack:
        provider = stack.enter_context(Provider())
        secrets.write_text(provider.secrets_toml(), "utf-8")
        how = {"options": ("--secrets.files", str(secrets)), "project": project}
        server = stack.enter_context(
            serve(DASHBOARD, folder / "log.txt", environment, **how)
        )
        yield Desk(server.url, provider, lake, browser)


@pytest.fixture
def desk(running: Desk) -> Iterator[Desk]:
    """The desk with every role given, and afterwards without its browsers."""
    give_roles(running.lake)
    yield running
    for context in running.browser.contexts:
        if context.pages and context.pages[0].url.startswith(running.url):
            context.close()


def title(page: Page) -> str:
    return page.get_by_role("heading", level=1).first.inner_text()


def visit(page: Page, path: str) -> Page:
    page.goto(path)
    return settle(page)


def menu(page: Page) -> set[str]:
    links = page.locator("nav a").evaluate_all("all => all.map(a => a.href)")
    return {re.sub(r".*/|\?.*", "", link) or "overview" for link in links}


def test_who_is_not_logged_in_meets_the_door_at_every_address(desk):
    for path in ("/", "/branch?branch=350104-R0001", "/submissions", "/roles"):
        page = desk.open(path)
        assert title(page) == "两学一做 督导工作台"
        assert "请先登录" in page.locator("body").inner_text()
        assert page.locator("nav a").count() == 0
        assert "R0001" not in page.content()
        page.context.close()


@pytest.mark.parametrize("role", CLOSED)
def test_a_role_opens_its_pages_and_no_others_by_menu_and_by_address(role, desk):
    page = desk.log_in(role)
    listed = menu(page)
    assert listed and not listed & set(CLOSED[role])
    for name in CLOSED[role]:
        visit(page, f"/{name}?unit=350104&branch=350104-R0001")
        assert title(page) == REFUSED, name
        assert "R0001" not in page.locator("[data-testid=stMain]").inner_text()
        assert page.get_by_test_id("stDownloadButton").count() == 0


def test_a_group_meets_no_place_of_another_on_any_page(desk):
    page = desk.log_in("G1")
    for name in sorted(menu(page)):
        turn_to(page, f"/{name}?unit=350181&sector=rural&lang=zh")
        shown = page.locator("[data-testid=stMain]").inner_text()
        # What was typed into the address is said to be unknown.
        shown = shown.replace("350181", "", 1)
        assert not FOREIGN.search(shown), (name, FOREIGN.search(shown))
    page.keyboard.press("/")
    page.keyboard.type("福清", delay=30)
    page.wait_for_timeout(1500)
    settle(page)
    options = page.get_by_role("option").all_inner_texts()
    assert not [text for text in options if "福清" in text]


def ask_by_socket(desk: Desk, page_name: str, cookies: dict[str, str]) -> bytes:
    """All that the server says to a client that is no browser and asks for a page."""
    address = desk.url.replace("http", "ws", 1) + "/_stcore/stream"
    token = cookies.get("_streamlit_xsrf", "")
    with connect(
        address,
        origin=desk.url,
        subprotocols=["streamlit", *([token] if token else [])],
        additional_headers={
            "Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())
        },
        max_size=None,
    ) as socket:
        sent = BackMsg()
        sent.rerun_script.page_name = page_name
        sent.rerun_script.query_string = "unit=350104&branch=350104-R0001&lang=zh"
        socket.send(sent.SerializeToString())
        said = []
        while True:
            said.append(socket.recv(timeout=60))
            message = ForwardMsg.FromString(said[-1])
            if message.WhichOneof("type") == "script_finished":
                return b"".join(said)


@pytest.mark.parametrize("role", ["", *CLOSED])
def test_the_socket_behind_a_page_tells_no_more_than_the_page(role, desk):
    cookies = {}
    if role:
        page = desk.log_in(role)
        cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    for name in CLOSED[role or "leadership"]:
        said = ask_by_socket(desk, name, cookies)
        refusal = REFUSED if role else "请先登录"
        assert refusal.encode() in said, name
        shown = said.replace(b"branch=350104-R0001", b"")
        assert b"R0001" not in shown, name
    if role == "analyst":
        said = ask_by_socket(desk, "branch", cookies)
        assert REFUSED.encode() not in said
        assert said.count(b"R0001") > said.count(b"branch=350104-R0001")


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(desk):
    page = desk.log_in("analyst")
    visit(page, "/county_heatmap")
    give_roles(desk.lake, "office", "G1")
    page.locator("nav a").first.evaluate("link => link.click()")
    settle(page)
    expect(page.get_by_text("角色表中没有您")).to_be_visible()
    assert page.locator("nav a").count() == 0


def test_two_of_the_office_who_change_roles_at_once_do_not_undo_each_other(desk):
    first, second = desk.log_in("office"), desk.log_in("office")
    for page in (first, second):
        visit(page, "/roles")
    for page, subject in ((first, "anna"), (second, "bert")):
        page.get_by_label("登录标识").last.fill(subject)
        page.get_by_label("登录标识").last.press("Tab")
        settle(page)
        page.get_by_role("button", name="保存角色表").click()
        settle(page)
    expect(first.get_by_text("已保存")).to_be_visible()
    expect(second.get_by_text("角色表被他人更改")).to_be_visible()
    written = (desk.lake / "access" / "roles.toml").read_text("utf-8")
    assert '"anna"' in written and '"bert"' not in written
    # The table that the second sees now is the one that he would change.
    assert second.get_by_label("登录标识").nth(-2).input_value() == "anna"


def test_a_login_that_is_too_old_has_to_be_made_anew(desk):
    page = desk.log_in("office", hours_ago=13)
    expect(page.get_by_text("登录已过期")).to_be_visible()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()


def test_the_cookie_of_another_secret_opens_nothing(desk):
    page = desk.log_in("office")
    cookies = page.context.cookies()
    forged = [
        cookie | {"value": cookie["value"][:-4] + "AAAA"}
        for cookie in cookies
        if cookie["name"].startswith("_streamlit_user")
    ]
    assert forged
    page.context.clear_cookies()
    page.context.add_cookies(forged)
    visit(page, "/")
    expect(page.get_by_text("请先登录")).to_be_visible()
