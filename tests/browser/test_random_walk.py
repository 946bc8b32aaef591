"""Whichever way a page is reached, its controls show what its address says."""

import random
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from browsing import expect_address, rerun
from playwright.sync_api import Page

from data_pipeline.registry import load_registry
from reports.words import wording
from reports.words.catalogue import LANGUAGES
from ui.selection import COMPARISONS, Selection, read

STEPS = 12
SEED = 20160801
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
PAGES = ("county_heatmap", "sector_gaps")

# What each control of the page shows, by the name of its choice.
SHOWN = """() => Object.fromEntries(
    [...document.querySelectorAll('[class*=st-key-choose-]')].map((control) => {
        const key = [...control.classList].find((name) =>
            name.startsWith('st-key-choose-'));
        const slider = control.querySelector('input[type=range]');
        const list = control.querySelector('input[type=text]');
        const pressed = control.querySelector('[aria-checked=true]');
        const shown = slider ? Number(slider.value)
            : list ? list.value : pressed?.innerText;
        return [key.replace('st-key-choose-', ''), shown];
    }))"""


def chosen(page: Page) -> Selection:
    parameters = dict(parse_qsl(urlsplit(page.url).query))
    return read(parameters, load_registry(), MONTHS)


def expect_agreement(page: Page, way: str) -> None:
    """Metric, month, comparison and language of the controls are the address's."""
    choice = chosen(page)
    said = {
        "metric": wording.in_language(choice.chosen_metric, "label", choice.lang),
        "month": MONTHS.index(choice.month),
        "compare": choice.text(f"selection.compare_word.{choice.compare}"),
        "lang": LANGUAGES[choice.lang],
    }
    shown = {
        key if key == "lang" else key.split("-")[1]: value
        for key, value in page.evaluate(SHOWN).items()
    }
    assert {"metric", "month", "lang"} <= set(shown), (way, page.url, shown)
    said = {name: value for name, value in said.items() if name in shown}
    assert {name: shown[name] for name in said} == said, (way, page.url)


def turn(page: Page, name: str) -> None:
    """Click the menu: its section, then the page."""
    choice = chosen(page)
    section = choice.text("frame.section.gaps")
    page.get_by_role("button", name=section, exact=True).click()
    with rerun(page):
        page.get_by_role("menuitem", name=choice.text(f"{name}.title")).click()
    expect_address(page, month=choice.month, metric=choice.metric, lang=choice.lang)


def press(page: Page, label: str) -> None:
    with rerun(page):
        page.get_by_role("radio", name=label, exact=True).first.click()


def test_a_menu_move_shows_metric_and_month_of_the_address(open_page: Callable):
    page = open_page("/county_heatmap?metric=topic_2_coverage&month=2016-06&lang=zh")
    expect_agreement(page, "link")
    turn(page, "sector_gaps")
    expect_agreement(page, "menu")


def test_controls_and_address_agree_after_each_step_of_a_random_walk(
    open_page: Callable,
):
    draw = random.Random(SEED)
    page = open_page("/county_heatmap?metric=topic_2_coverage&month=2016-06&lang=zh")
    for step in range(STEPS):
        way = draw.choice(("menu", "link", "reload", "language", "compare", "back"))
        name = draw.choice(PAGES)
        choice = chosen(page)
        is_heatmap = urlsplit(page.url).path == "/county_heatmap"
        if way == "menu":
            turn(page, "sector_gaps" if is_heatmap else "county_heatmap")
        elif way == "language":
            other = "en" if choice.lang == "zh" else "zh"
            press(page, LANGUAGES[other])
            expect_address(page, lang=other)
        elif way == "compare" and is_heatmap:
            other = draw.choice([c for c in COMPARISONS if c != choice.compare])
            press(page, choice.text(f"selection.compare_word.{other}"))
        elif way == "reload":
            with rerun(page):
                page.reload()
        elif way == "back" and page.evaluate("history.length") > 2:
            with rerun(page):
                page.go_back()
            with rerun(page):
                page.go_forward()
        else:
            metric = draw.choice(("topic_1_coverage", "topic_2_coverage"))
            query = f"metric={metric}&month={draw.choice(MONTHS)}&lang={choice.lang}"
            with rerun(page):
                page.goto(f"/{name}?{query}")
        expect_agreement(page, f"step {step}: {way}")
