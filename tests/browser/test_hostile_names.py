"""Texts of files and addresses are words on every page, never a link or a mark-up.

One lake holds all of `tests/data/hostile_texts.toml` in every field that a file can
bring; every page is looked at twice, of a place and with hostile choices. The
browser runs no script of theirs and asks nobody but the server (`browsing.watch`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from browsing import judged, open_empty, rerun, settle, turn_to
from playwright.sync_api import Browser, Page
from serving import DASHBOARD, serve

from data_pipeline.registry import FOLDER_VARIABLE
from tests.hostile_city import (
    MONTHS,
    TEXTS,
    TEXTS_BY_KIND,
    UNIT,
    build_hostile_city,
    sector_of,
)
from tests.hostile_registry import write_hostile_registry
from ui.lake import LAKE_VARIABLE
from ui.menu import pages

PLACE = {"month": MONTHS[-1], "lang": "zh", "unit": UNIT}
# Every choice that any page reads, and one that none does.
PARAMETERS = (
    *("metric", "month", "basis", "compare", "group", "unit", "sector", "township"),
    *("branch", "units", "branch_type", "is_weak_base", "selection", "since", "lang"),
    *("list", "span", "rule", "case", "record", "every", "withdraw", "part", "for"),
    *("q", "draw", "snapshot", "other"),
)
WORD_JOINER = "\N{WORD JOINER}"
# A text that is run says so, which is a fault of the page (`browsing.watch`).
PWNED = "window.pwned = () => console.error('a text was run as a script')"
# Whatever leads or calls elsewhere, runs, or is a picture of nobody here, also inside
# components. Where a relative picture would lead is the server's own answer to all.
LIVE = """() => {
    const roots = [document, ...[...document.querySelectorAll('*')]
        .map((element) => element.shadowRoot).filter(Boolean)];
    const names = ['href', 'xlink:href', 'src', 'srcset', 'action', 'data', 'poster'];
    const found = [];
    for (const element of roots.flatMap((root) => [...root.querySelectorAll('*')])) {
        for (const { name, value } of element.attributes) {
            if (name.startsWith('on')) found.push(`${name}=${value}`);
            if (!names.includes(name) || /^(data:|blob:|$)/.test(value)) continue;
            const to = new URL(value, location);
            const isPicture = /^(img|image|source|iframe|embed|object)$/i
                .test(element.localName);
            const isOurs = /^\\/((app\\/)?static|media|_stcore|vendor)\\//
                .test(to.pathname);
            if (to.origin !== location.origin || (isPicture && !isOurs))
                found.push(`<${element.localName} ${name}=${value}>`);
        }
    }
    return found;
}"""


@contextmanager
def open_watched(browser: Browser, url: str) -> Iterator[tuple[Page, list[str]]]:
    """A page on which a text that is run, or asks, is a fault; and its faults."""
    page, faults = open_empty(browser, url)
    page.context.add_init_script(PWNED)
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    yield page, faults
    page.context.close()


@contextmanager
def lend(opened: tuple[Page, list[str]]) -> Iterator[Page]:
    """The page for one test, judged by the faults of that test alone."""
    page, faults = opened
    faults.clear()
    with judged(page, faults):
        yield page


@pytest.fixture(scope="module")
def opened(browser, serve_city, hostile_lake):
    with open_watched(browser, serve_city(hostile_lake).url) as watched:
        yield watched


@pytest.fixture
def page(opened):
    with lend(opened) as page:
        yield page


@pytest.fixture(scope="module")
def opened_strange(browser, tmp_path_factory):
    """The same lake by a registry whose names are hostile as well."""
    folder = tmp_path_factory.mktemp("strange")
    known = {FOLDER_VARIABLE: str(write_hostile_registry(folder))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, known[FOLDER_VARIABLE])
        known[LAKE_VARIABLE] = str(build_hostile_city(folder))
    with (
        serve(DASHBOARD, folder / "log.txt", known) as server,
        open_watched(browser, server.url) as watched,
    ):
        yield watched


@pytest.fixture
def strange_page(opened_strange):
    with lend(opened_strange) as page:
        yield page


def look(page: Page, name: str, **choices: str) -> str:
    """The words of a page, once they are known to be words."""
    path = f"/{name}?{urlencode(choices)}"
    if page.url == "about:blank":
        page.goto(path)
        settle(page)
    else:
        turn_to(page, path)
    return check(page)


def check(page: Page) -> str:
    assert page.evaluate(LIVE) == []
    shown = page.locator("[data-testid=stApp]").inner_text().replace(WORD_JOINER, "")
    assert lost_signs(shown) == []
    return shown


def lost_signs(shown: str) -> list[str]:
    """Texts that do not stand there letter for letter: their mark-up was taken for one.

    >>> lost_signs("the name is **K01**"), lost_signs("the name is K01")
    ([], ['**K01**'])
    """
    found = []
    for text in TEXTS:
        mark = re.search(r"K\d\d", text)
        sign = text[: mark.start()][-1:]
        if not sign.isprintable() or not sign.strip() or sign.isalnum():
            continue
        places = (at.start() for at in re.finditer(mark[0], shown))
        if any(shown[at - 1 : at] != sign for at in places):
            found.append(text)
    return found


@pytest.mark.parametrize("name", pages())
def test_on_every_page_texts_of_files_are_words(page, name):
    look(page, name, **PLACE, sector="rural")


@pytest.mark.parametrize("name", pages())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_every_page_names_of_a_registry_are_words(strange_page, name, lang):
    look(strange_page, name, **PLACE | {"lang": lang}, sector="rural")


@pytest.mark.parametrize("name", pages())
def test_on_every_page_texts_of_an_address_are_words(page, name):
    # Each page gets other texts; by the last page every text has been used.
    first = list(pages()).index(name) * len(PARAMETERS)
    values = itertools.islice(itertools.cycle(TEXTS), first, first + len(PARAMETERS))
    look(page, name, **dict(zip(PARAMETERS, values, strict=True)))


def test_a_text_is_shown_letter_for_letter(page):
    township = "**K01**"
    shown = look(
        page, "sector_gaps", **PLACE, sector=sector_of(township), township=township
    )
    assert township in shown


@pytest.mark.parametrize("kind", TEXTS_BY_KIND)
def test_a_place_and_a_branch_of_that_name_are_words(page, kind):
    for text in TEXTS_BY_KIND[kind][:1]:
        place = PLACE | {"sector": sector_of(text), "township": text}
        look(page, "sector_gaps", **place)
        look(page, "branch", **place, branch=text)


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("weak_organizations", {"case": "[K04](http://evil.invalid)"}),
        ("ledger_calendar", {"list": "withdrawn"}),
        ("ledger_calendar", {"list": "revisions"}),
        ("ledger_calendar", {"list": "course"}),
        ("submissions", {"record": "1", "withdraw": "<b>K17</b>"}),
    ],
)
def test_lists_that_are_opened_hold_words(page, name, choices):
    look(page, name, **PLACE, **choices)


def test_what_is_searched_for_and_found_is_words(page):
    look(page, "overview", lang="zh")
    field = page.get_by_role("combobox").or_(page.get_by_role("searchbox")).first
    for text in ("![K03](http", "<script>", "=HYPERLINK", "www.evil"):
        with rerun(page):
            field.fill(text)
        check(page)


def test_the_texts_are_enough_and_each_has_its_mark():
    assert len(TEXTS) == len(set(TEXTS)) >= 60
    marks = [re.findall(r"K\d\d", text) for text in TEXTS]
    assert sorted(marks) == [[f"K{n:02d}"] for n in range(1, len(TEXTS) + 1)]
