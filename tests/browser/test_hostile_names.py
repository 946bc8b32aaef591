"""Names from files and addresses are words on every page, never a link or a mark-up."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from browsing import settle
from serving import serve_lake

from tests.weak_city import MONTH, UNIT, build_weak_city
from ui.menu import PAGES

TOWNSHIPS = {
    "城门镇": "www.evil.cn",
    "盖山镇": "[x](http://evil.cn) <b>粗</b> https://evil.cn ![i](https://evil.cn/i)",
    "建新镇": "a@b.cn <a href='//evil.cn'>HTTP://EVIL.CN</a>",
}
# Every link of the page, also inside components, that leads away from the server.
AWAY = """() => {
    const roots = [document, ...[...document.querySelectorAll('*')]
        .map((element) => element.shadowRoot).filter(Boolean)];
    return roots.flatMap((root) => [...root.querySelectorAll('a')])
        .map((link) => link.href.baseVal ?? link.href)
        .filter((to) => to && new URL(to, location).origin !== location.origin);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    lake = build_weak_city(tmp_path_factory.mktemp("hostile_city"), TOWNSHIPS)
    with serve_lake(lake, tmp_path_factory.mktemp("hostile")) as server:
        yield server


@pytest.fixture
def page(kept_pages, site):
    with kept_pages.lend(site.url) as page:
        yield page


def look(page, name: str, **choices: str) -> str:
    """The words of a page, once no link on it leads away from the server."""
    query = urlencode({"month": MONTH, "lang": "zh"} | choices)
    page.goto(f"/{name}?{query}")
    settle(page)
    assert page.evaluate(AWAY) == []
    assert not page.locator("[data-testid=stMain] b", has_text="粗").count()
    return page.locator("[data-testid=stMain]").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_township_named_like_a_link_is_no_link(page, name):
    hostile = list(TOWNSHIPS.values())
    if not {"township", "unit"} & set(PAGES[name].levels):
        hostile = hostile[:1]  # a page without places shows none of them
    for township in hostile:
        sector = "community" if "a@b" in township else "rural"
        place = {"unit": UNIT, "sector": sector, "township": township}
        words = look(page, name, **place)
        if name == "sector_gaps":  # letter for letter, with nothing left out
            assert township in words.replace("\N{WORD JOINER}", "")


def test_an_organisation_named_like_a_link_is_no_link(page):
    words = look(page, "weak_organizations", case="RS-1")
    assert "www.evil.cn" in words.replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("name", ["sector_gaps", "ledger_quality", "check_planner"])
def test_what_an_address_asks_for_is_quoted_as_words(page, name):
    wrong = {"metric": "www.evil.cn", "unit": "a@b.cn", "sector": "https://evil.cn"}
    wrong |= {"span": "www.evil.cn", "rule": "x@evil.cn", "for": "http://evil.cn"}
    words = look(page, name, **wrong)
    assert "“www.evil.cn”" in words.replace("\N{WORD JOINER}", "")
