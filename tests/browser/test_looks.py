"""Every page in every look: nothing that axe-core objects to, nothing cut off.

A page is opened once at a desk and once on a phone; the themes change and the window
narrows while it stands open, as they do for a reader.
"""

from __future__ import annotations

import re
from functools import partial

import pytest
from browsing import (
    COLOUR_RULES,
    SHEET,
    check_accessibility,
    expect_no_sideways_scroll,
    settle,
    take_screenshot,
)

from data_pipeline.registry import load_registry
from tests.checked_city import build_checked_city
from tests.doubtful_city import build_doubtful_city
from tests.office_city import build_office_city
from tests.tiny_city import build_tiny_city
from tests.weak_city import build_weak_city
from ui.menu import pages

TINY, CHECKED, DOUBTFUL = build_tiny_city, build_checked_city, build_doubtful_city
WEAK, OFFICE = build_weak_city, build_office_city
JULY = "month=2016-07"
# What a page shows at its fullest, and the city that has it; else the tiny city.
ADDRESSES = {
    "overview": (TINY, f"/overview?{JULY}&duty=members"),
    "county_heatmap": (
        *(TINY, f"/county_heatmap?metric=member_speaking&{JULY}"),
        f"/county_heatmap?metric=member_speaking&{JULY}&unit=350104&sector=community",
    ),
    "sector_gaps": (
        *(TINY, f"/sector_gaps?{JULY}", f"/sector_gaps?{JULY}&unit=350104"),
        f"/sector_gaps?{JULY}&unit=350104&sector=rural",
    ),
    "area_profile": (
        *(TINY, f"/area_profile?{JULY}&unit=350104"),
        f"/area_profile?{JULY}",
    ),
    "leader_participation": (
        *(TINY, "/leader_participation?month=2016-04"),
        "/leader_participation?month=2016-04&unit=350104&sector=rural",
    ),
    "topics_and_speaking": (
        *(TINY, "/topics_and_speaking?month=2016-06"),
        "/topics_and_speaking?month=2016-06&unit=350104&sector=rural",
    ),
    "weak_organizations": (WEAK, f"/weak_organizations?{JULY}&case=RS-1"),
    "reported_vs_verified": (CHECKED, f"/reported_vs_verified?{JULY}"),
    "check_planner": (CHECKED, "/check_planner?seed=7"),
    "ledger_quality": (
        *(DOUBTFUL, "/ledger_quality?flag=copied_month-350111-rural-2016-08"),
    ),
    "definitions": (
        *(TINY, "/definitions?part=metrics", "/definitions?part=methods"),
        "/definitions?part=headings",
    ),
    "branch": (OFFICE, "/branch?branch=A1", "/branch"),
}
OF_THE_OFFICE = ("supervision_groups", "problems", "talks", "ledger_calendar")
# The wall view has a test of its own.
SHOWN = [entry.name for entry in pages().values() if not entry.is_wall]


ONE_ROW_PX = 100
# How high each row of choices is.
CHOICES = """() => [...document.querySelectorAll('[class*=st-key-choices-shared-]')]
    .map((row) => row.getBoundingClientRect().height)"""
# Where one is stands beside what the page is called, not in a row of its own.
TRAIL_BESIDE_TITLE = """() => {
    const [title, trail] = ['h1', '.st-key-trail']
        .map((part) => document.querySelector(part)?.getBoundingClientRect());
    return !trail || (trail.top < title.bottom && trail.left >= title.right);
}"""
HOST = "[data-testid=stBidiComponentIsolated]"
FIGURE = (
    "[data-testid=stMetric] > :first-child, [data-testid=stMetricValue], "
    "[data-testid^=stMetricDelta], .headlines :is(dt > span:first-child, dd, b)"
)
# What is cut: a matrix of a name and up to seven columns, its heads, a figure, a short
# word of the row of choices.
CUT = """([host, figure]) => {
    const all = (root, found) => [...root.querySelectorAll(found)];
    const roots = all(document, host).map((found) => found.shadowRoot);
    const few = (part) => all(part, 'thead th').length <= 8;
    const matrices = roots.flatMap((root) => all(root, '.scroll').filter(few));
    const heads = roots.flatMap((root) => all(root, 'thead th'));
    const chips = roots.flatMap((root) => all(root, 'button > span'))
        .filter((chip) => chip.textContent.length <= 12);
    return [...matrices, ...heads, ...chips, ...all(document, figure)]
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => part.textContent);
}"""


# Sentences and headings whose line may end between a number and its sign. A large
# figure alone may: in a narrow place it would be cut otherwise.
PARTED = """() => [...document.querySelectorAll('p, li, h1, h2, h3')]
    .filter((part) => !part.closest('[data-testid=stMetricValue], '
        + '[data-testid=stSlider], .stSlider'))
    .map((part) => part.textContent).filter((text) => /\\d %/.test(text))"""

# Long words of a table that are left too little room to be read.
SQUEEZED = """() => [...document.querySelectorAll('.desk-rows td > div')]
    .filter((cell) => cell.clientWidth && cell.clientWidth < 100
        && cell.textContent.length > 8)
    .map((cell) => cell.textContent)"""


def addresses() -> list[tuple[str, str, str, int]]:
    """Page, city and address, and the place of the address among those of its page."""
    found = []
    for name in SHOWN:
        is_office = name in OF_THE_OFFICE or name in load_registry().pages
        city = OFFICE if is_office else TINY
        city, *paths = ADDRESSES.get(name, (city, f"/{name}?month=2016-06"))
        found += [(name, city, path, at) for at, path in enumerate(paths)]
    return found


@pytest.mark.parametrize(
    ("name", "city", "path", "at"),
    [pytest.param(*one, id=one[2][1:]) for one in addresses()],
)
def test_it_is_accessible_and_fits_in_every_look(
    open_on, serve_city, shared_lakes, name, city, path, at
):
    visit = partial(open_on, serve_city(shared_lakes.of(city)))
    # Half of the phones are dark, and half of what more there is to a page.
    is_odd = (SHOWN.index(name) + at) % 2
    themes = ("light", "dark")
    sight = f"{name}_{at}"
    if at == 0:
        page = visit(f"{path}&lang=zh")
        for theme, rules in zip(themes, ((), COLOUR_RULES), strict=True):
            page.emulate_media(color_scheme=theme)
            settle(page)
            check_accessibility(page, rules)
            take_screenshot(page, sight, whole=True)
        assert all(height < ONE_ROW_PX for height in page.evaluate(CHOICES))
        assert page.evaluate(TRAIL_BESIDE_TITLE)
        page.set_viewport_size({"width": 768, "height": 1024})
        settle(page)
        check_accessibility(page)
        expect_no_sideways_scroll(page)
        assert page.evaluate(CUT, [HOST, FIGURE]) == []
        assert page.evaluate(SQUEEZED) == []
        take_screenshot(page, sight, whole=True)
    joined = "&" if "?" in path else "?"
    page = visit(f"{path}{joined}lang=en", size="phone", theme=themes[is_odd])
    check_accessibility(page)
    expect_no_sideways_scroll(page)
    assert page.evaluate(CUT, [HOST, FIGURE]) == []
    assert page.evaluate(PARTED) == []
    take_screenshot(page, f"{sight}_en", whole=True)
    if at > 0:
        page = visit(f"{path}{joined}lang=zh", theme=themes[1 - is_odd])
        check_accessibility(page)
        expect_no_sideways_scroll(page)
        take_screenshot(page, sight, whole=True)


CONTROLS = (
    *("stHeader", "stButton", "stButtonGroup", "stDownloadButton", "stExpander"),
    *("stForm", "stFileUploader", "stMultiSelect", "stNumberInput", "stPopover"),
    *("stSelectbox", "stSlider", "stTextArea", "stTextInput"),
)
BEYOND_THE_EDGE = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const edge = main.getBoundingClientRect().right + 1;
    return [...main.querySelectorAll("[class*=st-key-figure-], h1, p")]
        .filter((e) => e.getBoundingClientRect().right > edge)
        .map((e) => e.className || e.textContent);
}"""
OVERFLOW = "getComputedStyle(document.querySelector('[data-testid=stMain]')).overflowY"


@pytest.mark.parametrize(
    ("name", "city", "path"),
    [pytest.param(*one[:3], id=one[0]) for one in addresses() if one[3] == 0],
)
def test_on_paper_it_has_no_controls_and_nothing_is_cut(
    open_on, serve_city, shared_lakes, name, city, path
):
    page = open_on(serve_city(shared_lakes.of(city)), f"{path}&lang=zh")
    screen = page.viewport_size
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    try:
        for hidden in CONTROLS:
            assert not page.get_by_test_id(hidden).filter(visible=True).count(), hidden
        boxes = page.locator("input[type=checkbox]").filter(visible=True)
        assert bool(boxes.count()) is (name == "talks")  # ticked by hand
        assert page.evaluate(BEYOND_THE_EDGE) == []
        # The whole page is laid out, not the part that a screen scrolls.
        assert page.evaluate(OVERFLOW) == "visible"
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size(screen)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_sheet_holds_the_matrix_and_is_not_left_half_blank(open_page, lang):
    page = open_page(f"/organization_life?month=2016-07&lang={lang}")
    screen = page.viewport_size
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    try:
        matrix = page.locator(".st-key-figure-places").bounding_box()
        assert matrix["y"] + matrix["height"] < SHEET["height"]
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size(screen)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("name", "n_sheets"), [("county_heatmap", 1), ("wall", 6)])
def test_map_and_matrix_share_a_sheet_and_each_slide_has_one(
    open_page, name, n_sheets, lang
):
    page = open_page(f"/{name}?month=2016-07&lang={lang}")
    # The page may be lent by a test that has had it drawn for the screen.
    page.emulate_media(media="print")
    try:
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
    finally:
        page.emulate_media(media="screen")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == n_sheets
