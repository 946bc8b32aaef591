"""Whichever way a page is reached, controls, address and figures say the same.

A walk takes the ways that readers take, drawn by a seed: the menu, links of texts and
tables, cells of the matrix, the trail, back and forward, reload, another language, a
pasted link (also one that does not hold) and every control of every page. After each
step all that the page shows is compared with its address, and its leading figures with
what the marts give for that address.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from browsing import expect_address, guarded_page, rerun, settle, standing_box
from playwright.sync_api import Browser, Locator, Page
from serving import Server

from data_pipeline.rates import BASES, Marts, open_marts, read_rates
from data_pipeline.registry import load_registry
from reports.figures.matrix import cell_text
from reports.overview.rows import duty_metrics
from reports.words import catalogue, wording
from reports.words.catalogue import LANGUAGES
from ui.menu import MENU, PAGES, Entry, menu, pages
from ui.selection import CHOICES, COMPARISONS, MOST_NAMED, Selection, read

# Each walk is a test of its own, so that one that hangs does not take the others along.
# `WALKS=20 pytest tests/browser/test_random_walk.py` goes 520 steps.
STEPS, SEEDS = 26, range(int(os.environ.get("WALKS", "2")))
SLOW_STEPS, SLOWED_DOWN = 6, 4
# The wall view has no menu to go on by.
SEATED = [entry for entry in MENU if not entry.is_wall]
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
ADDRESS_SECONDS = 10

# What each control shows, the trail, and what the figures say that they are of.
SEEN = """() => {
    const roots = [document, ...[...document.querySelectorAll('*')]
        .map((element) => element.shadowRoot).filter(Boolean)];
    const all = (selector) =>
        roots.flatMap((root) => [...root.querySelectorAll(selector)]);
    const controls = all('[class*=st-key-choose-]').map((control) => {
        const key = [...control.classList].find((name) =>
            name.startsWith('st-key-choose-'));
        const slider = control.querySelector('input[type=range]');
        const field = control.querySelector('input:not([type=range])');
        const pressed = control.querySelector('[aria-checked=true]');
        const shown = slider ? slider.getAttribute('aria-valuetext')
            : pressed?.innerText ?? field?.value;
        return [key.replace('st-key-choose-', ''), shown];
    });
    return {
        controls: Object.fromEntries(controls),
        trail: all('nav > ol > li').map((step) => step.textContent),
        figures: all('[class*=st-key-figure-] [role=figure]')
            .map((figure) => figure.getAttribute('aria-label')),
        matrices: all('.hot-cold .subtitle').map((words) => words.textContent),
        city: all('.hot-cold [data-id="|"]').map((cell) => cell.ariaLabel),
        filter: all('.st-key-filter-chosen')
            .map((line) => line.innerText).join(' '),
        words: document.querySelector('[data-testid=stMain]').innerText
            .replaceAll('\\u00a0', ' '),
    };
}"""
WAYS = {
    **{"menu": 4, "control": 6, "link": 3, "cell": 3, "trail": 2, "back": 2},
    **{"forward": 1, "reload": 1, "language": 1, "paste": 3},
    "filter": 4,
}


@pytest.fixture(scope="session")
def marts(tiny_lake: Path) -> Marts:
    return open_marts(tiny_lake)


def page_of(page: Page) -> Entry:
    return pages()[urlsplit(page.url).path.strip("/") or MENU[0].name]


def selection_of(page: Page) -> Selection:
    """What the address says, be it right or not."""
    parameters = dict(parse_qsl(urlsplit(page.url).query))
    return read(parameters, load_registry(), MONTHS)


def chosen(page: Page) -> Selection:
    choice = selection_of(page)
    assert not choice.faults, (page.url, choice.faults)
    return choice


def stray(choice: Selection, entry: Entry) -> set[str]:
    """Choices of a place that the address names and the page does not show."""
    named = set(choice.query()) - {"metric", "month", "basis", "compare", "lang"}
    named -= set(choice.extra)
    return named ^ {name for name in entry.narrowed_by if choice.code(name)}


def await_address(page: Page) -> None:
    """Wait until the address is put right: the page is drawn a moment before that."""
    deadline = time.monotonic() + ADDRESS_SECONDS
    while time.monotonic() < deadline:
        choice = selection_of(page)
        if not choice.faults and not stray(choice, page_of(page)):
            return
        page.wait_for_timeout(50)


def names_of(choice: Selection, entry: Entry) -> dict[str, str]:
    """What the controls of an address show, by the name of the choice."""
    everything = {
        **{"group": "all_groups", "unit": "city", "sector": "overall"},
        **{"township": "all_townships", "branch": "all_branches"},
    }
    shown = {
        "metric": wording.in_language(choice.chosen_metric, "label", choice.lang),
        "month": wording.month_name(choice.month, choice.lang),
        "basis": choice.text(f"selection.basis_word.{choice.basis}"),
        "compare": choice.text(f"selection.compare_word.{choice.compare}"),
        "lang": LANGUAGES[choice.lang],
    }
    for level in entry.levels:
        code = getattr(choice, level)
        dimension = "supervision_group" if level == "group" else level
        is_short = level == "sector"
        named = code and choice.name(dimension, code, is_short=is_short)
        shown[level] = named or choice.text(f"selection.{everything[level]}")
    return shown


def filter_words(choice: Selection, entry: Entry) -> list[str]:
    """What the line below the controls names of the filter of an address."""
    words = [choice.join_names("units", choice.units)] * bool(choice.units)
    words = words if len(choice.units) <= MOST_NAMED else []
    words += [choice.kept_text(name) for name in choice.kinds]
    if choice.since:
        words.append(wording.month_name(choice.since, choice.lang))
    return words if entry.filters else []


def follow_menu(page: Page, entry: Entry, choice: Selection) -> None:
    """Click a page in the menu, below its section unless it is the only one there."""
    pages_of = {section: list(entries) for section, entries in menu().items()}
    section = next(name for name, entries in pages_of.items() if entry in entries)
    words = choice.text(f"frame.section.{section}")
    bar = page.get_by_role("navigation", name=choice.text("frame.menu"))
    title = entry.title(choice.lang)
    if len(pages_of[section]) > 1:
        bar.get_by_role("button", name=words, exact=True).click()
        link = bar.get_by_role("link", name=title, exact=True)
    else:
        link = bar.get_by_role("link", name=words, exact=True)
    with rerun(page):
        link.click()


class Walk:
    """One walk: what was drawn, and which words each page has shown for each choice."""

    def __init__(self, page: Page, marts: Marts, seed: int) -> None:
        self.page, self.marts = page, marts
        self.draw = random.Random(seed)
        self.words: dict[tuple[str, ...], str] = {}
        self.taken: list[str] = []

    def step(self) -> None:
        """Go on by a way that there is from here."""
        ways = list(WAYS)
        while True:
            way = self.draw.choices(ways, [WAYS[name] for name in ways])[0]
            if done := getattr(self, way)():
                self.taken.append(f"{way} {done}")
                return
            ways.remove(way)

    def check(self) -> None:
        await_address(self.page)
        page, entry, choice = self.page, page_of(self.page), chosen(self.page)
        seen = page.evaluate(SEEN)
        said = names_of(choice, entry)
        own = dict(choice.extra)
        for key, shown in seen["controls"].items():
            name = key if key == "lang" else key.split("-")[1]
            if name in CHOICES:
                assert shown == said[name], (name, shown, said[name])
                continue
            if code := own.get(name):  # of a page's own: one code is always one word,
                # beside which a list says how many a filter has left in it.
                known = (entry.name, choice.lang, name, code)
                word = re.sub(r"\d+", "n", shown)
                assert word == self.words.setdefault(known, word), known
        assert not stray(choice, entry), "the address says what the page ignores"
        places = [name for _, name in choice.levels]
        for words in filter_words(choice, entry):
            assert words in seen["filter"], (words, seen["filter"])
        if seen["trail"]:
            assert seen["trail"] == [choice.text("selection.city"), *places]
        self._check_figures(seen, entry, choice, places)

    def _check_figures(
        self, seen: dict, entry: Entry, choice: Selection, places: list[str]
    ) -> None:
        month = wording.month_name(choice.month, choice.lang)
        if entry.name == "county_heatmap":
            metric = names_of(choice, entry)["metric"]
            basis = wording.BASIS_LABELS[choice.basis][choice.lang]
            for subtitle in seen["matrices"]:
                assert subtitle.startswith(f"{metric} · "), subtitle
                assert subtitle.endswith(f" · {month} · {basis}"), subtitle
            here = choice.change(unit=None, sector=None)
            rate = self._rate(here, choice.metric, choice.basis)
            if not wording.is_missing(rate["rate"]):
                shown = cell_text(rate["rate"], choice.chosen_metric)
                city = here.filter_name or choice.text("selection.city")
                assert any(city in words and shown in words for words in seen["city"])
            return
        if "month" in {key.split("-")[1] for key in seen["controls"] if "-" in key}:
            for label in seen["figures"]:
                assert month in label, label
                assert all(place in label for place in places), (places, label)
        for words in self._leading(entry.name, choice, seen["words"]):
            assert words in seen["words"], words

    def _leading(self, page: str, choice: Selection, shown: str) -> Iterator[str]:
        """The figures of its first sentence and headlines, from the marts."""
        if page == "sector_gaps":
            row = self._rate(choice, choice.metric, choice.basis)
            place = choice.change(branch=None).place
            yield f"{place} {wording.rate_text(row['rate'], choice.chosen_metric.unit)}"
        if page == "reported_vs_verified":
            # Of a place without a figure the page has a sentence.
            row = self._rate(choice, choice.metric, BASES[0])
            if row["denominator"]:
                yield wording.percent(row["rate"])
        if page == "overview":
            duty = choice.extra.get("duty", "branches")
            metric = duty_metrics(load_registry(), choice.month)[duty]
            yield self._percent(choice, metric)
        if page == "area_profile":
            # At first it lists what differs alone: what is named has its figure.
            speaking = load_registry().metrics["member_speaking"]
            name = wording.in_language(speaking, "label", choice.lang)
            if name in shown or choice.extra.get("list") == "all":
                yield self._percent(choice, speaking.id)
        if page == "topics_and_speaking":
            for topic in ("topic_1_coverage", "topic_2_coverage"):
                row = self._rate(choice, topic, BASES[0])
                if row["denominator"]:
                    yield wording.counted(row["numerator"], "n_branches", choice.lang)
        if page == "leader_participation":
            row = self._rate(choice, "all_lectures_reach_ceiling", BASES[0])
            if row["denominator"]:
                yield wording.number(row["numerator"])

    def _percent(self, choice: Selection, metric: str) -> str:
        return wording.percent(self._rate(choice, metric, BASES[0])["rate"])

    def _rate(self, choice: Selection, metric: str, basis: str) -> dict:
        known = load_registry().metrics[metric].dimensions
        where = {d: codes for d, codes in choice.where.items() if d in known}
        query = {"where": where, "months": (choice.month,), "basis": basis}
        rows = read_rates(self.marts, metric, by=(), **query).to_dict("records")
        # A metric that looks back to its due day has no row before it.
        return rows[0] if rows else {"rate": None, "numerator": 0, "denominator": 0}

    # The ways. Each says what it did, or nothing where there is no such way from here.

    def menu(self) -> str:
        entry = self.draw.choice([one for one in SEATED if one != page_of(self.page)])
        choice = chosen(self.page)
        follow_menu(self.page, entry, choice)
        expect_address(self.page, lang=choice.lang)
        return entry.name

    def control(self) -> str:
        # The language has a way of its own.
        controls = self.page.locator("[class*=st-key-choose-]:not(.st-key-choose-lang)")
        if not controls.count():
            return ""
        control = controls.nth(self.draw.randrange(controls.count()))
        label = control.get_attribute("class").split("st-key-choose-")[1].split()[0]
        slider = control.locator("input[type=range]")
        if slider.count():
            value, lowest = (int(slider.get_attribute(a)) for a in ("value", "min"))
            slider.focus()
            with rerun(self.page):
                slider.press("ArrowLeft" if value > lowest else "ArrowRight")
            return f"{label} one on"
        pressed = control.locator("[role=radio][aria-checked=false]")
        if pressed.count():
            return f"{label} {self._press(pressed)}"
        field = control.locator("input")
        if not field.count():  # one word that is chosen already
            return ""
        if field.get_attribute("type") == "checkbox":
            with rerun(self.page):
                field.press("Space")
            return f"{label} ticked or not"
        if field.get_attribute("role") == "combobox":
            return f"{label} {self._pick(field)}"
        with rerun(self.page):
            field.fill(str(self.draw.randrange(1, 999)))
            field.press("Enter")
        return f"{label} typed"

    def _press(self, buttons: Locator) -> str:
        button = buttons.nth(self.draw.randrange(buttons.count()))
        words = button.inner_text()
        with rerun(self.page):
            button.click()
        return words

    def _pick(self, field: Locator) -> str:
        shown = field.input_value()
        standing_box(field)  # a list that is open closes when the page scrolls
        field.click()
        options = self.page.get_by_role("option")
        options.first.wait_for()
        no_other = {shown, *catalogue.term("frame.streamlit.no_results").values()}
        others = [words for words in options.all_inner_texts() if words not in no_other]
        if not others:
            field.press("Escape")
            return ""
        words = self.draw.choice(others)
        with rerun(self.page):
            options.get_by_text(words, exact=True).first.click()
        return words

    def filter(self) -> str:
        """Open the filter, change one of its lists and close it again."""
        word = self.page.locator(".st-key-filter button").first
        if not word.count() or not word.is_visible():
            return ""
        standing_box(word)
        word.click()
        fields = self.page.locator("[data-testid=stPopoverBody] input[role=combobox]")
        fields.first.wait_for()
        done = self._pick(fields.nth(self.draw.randrange(fields.count())))
        self.page.keyboard.press("Escape")
        if fields.first.is_visible():
            word.click()
        settle(self.page)
        return done

    def link(self) -> str:
        links = self.page.locator("[data-testid=stMain] a[href*='lang=']:visible")
        return self._follow(links)

    def trail(self) -> str:
        return self._follow(self.page.locator("nav > ol > li > a"))

    def _follow(self, links: Locator) -> str:
        if not links.count():
            return ""
        link = links.nth(self.draw.randrange(links.count()))
        to = link.get_attribute("href")
        if urlsplit(to).query == urlsplit(self.page.url).query:
            return ""
        with rerun(self.page):
            link.click()
        # The page may show otherwise than its link asks for, and then says so.
        self.page.wait_for_url(lambda url: urlsplit(to).path[1:] in url)
        settle(self.page)
        return to

    def cell(self) -> str:
        cells = self.page.locator(".hot-cold [data-id]:visible")
        if not cells.count():
            return ""
        cell = cells.nth(self.draw.randrange(cells.count()))
        words, here = cell.get_attribute("data-id"), self.page.url
        with rerun(self.page):
            cell.click()
        self.page.wait_for_url(lambda url: url != here)
        settle(self.page)
        return words

    def back(self) -> str:
        return self._turn("navigation.canGoBack", self.page.go_back)

    def forward(self) -> str:
        return self._turn("navigation.canGoForward", self.page.go_forward)

    def _turn(self, can: str, turn: Callable[[], object]) -> str:
        if not self.page.evaluate(can):
            return ""
        with rerun(self.page):
            turn()
        return self.page.url

    def reload(self) -> str:
        with rerun(self.page):
            self.page.reload()
        return self.page.url

    def language(self) -> str:
        other = "en" if chosen(self.page).lang == "zh" else "zh"
        with rerun(self.page):
            button = self.page.get_by_role("radio", name=LANGUAGES[other], exact=True)
            button.first.click()
        expect_address(self.page, lang=other)
        return other

    def paste(self) -> str:
        registry, draw = load_registry(), self.draw
        choices = {
            "metric": [*registry.metrics, "topic_9"],
            "month": [*MONTHS, "2016-12"],
            "basis": [*BASES],
            "compare": [*COMPARISONS],
            "group": ["G1", "G2", "第四督导组"],
            "unit": ["350104", "福清市", "ZSJG", "350199"],
            "sector": [*registry.sectors],
            "township": ["城门镇", "没有的镇"],
            "units": ["350104,350181", "ZSJG,nowhere", "仓山区"],
            "branch_type": ["ordinary", "流动,联合", "nobody"],
            "is_weak_base": ["yes", "否"],
            "since": ["2016-05", "2031-01"],
            "by": ["unit", "sector", "x"],
            "lang": [*LANGUAGES],
        }
        query = {k: draw.choice(v) for k, v in choices.items() if draw.random() < 0.5}
        to = f"/{draw.choice(SEATED).name}?{urlencode(query)}"
        with rerun(self.page):
            self.page.goto(to)
        return to


def walk(page: Page, marts: Marts, seed: int, steps: int) -> None:
    one = Walk(page, marts, seed)
    one.paste()
    one.check()
    try:
        for _ in range(steps):
            one.step()
            one.check()
    except Exception as error:
        error.add_note("\n".join([*one.taken[-4:], page.url]))
        raise


def test_a_menu_move_shows_metric_and_month_of_the_address(open_page, marts):
    page = open_page("/county_heatmap?metric=topic_2_coverage&month=2016-06&lang=zh")
    one = Walk(page, marts, 0)
    one.check()
    follow_menu(page, PAGES["sector_gaps"], chosen(page))
    expect_address(page, "/sector_gaps", metric="topic_2_coverage", month="2016-06")
    one.check()


def test_a_metric_that_a_page_does_not_offer_leaves_its_address(open_page, marts):
    page = open_page("/reported_vs_verified?metric=member_speaking&month=2016-07")
    expect_address(page, metric="topic_2_coverage", month="2016-07")
    Walk(page, marts, 0).check()


def test_a_place_that_a_page_ignores_stands_neither_in_its_address_nor_its_trail(
    open_page, marts
):
    page = open_page("/sector_gaps?unit=350104&sector=rural&lang=zh")
    follow_menu(page, PAGES["area_profile"], chosen(page))
    expect_address(page, "/area_profile", unit="350104", sector=None)
    Walk(page, marts, 0).check()
    # It is only ignored: the next page that knows it takes it up again.
    follow_menu(page, PAGES["leader_participation"], chosen(page))
    expect_address(page, unit="350104", sector="rural")


@pytest.mark.parametrize("seed", SEEDS)
def test_controls_address_and_figures_agree_after_each_step_of_a_walk(
    seed, open_page, marts
):
    walk(open_page("/"), marts, seed, STEPS)


def test_they_agree_on_a_slow_machine_too(browser: Browser, server: Server, marts):
    with guarded_page(browser, server.url) as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED_DOWN})
        page.goto("/")
        settle(page)
        walk(page, marts, 100, SLOW_STEPS)
