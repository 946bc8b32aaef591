"""Every statistic has its sentence and its card: nothing is shown without a word."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.words import catalogue
from tests.checked_city import (
    CHECK_HEADINGS,
    check_rows,
    ledger_rows,
    write_workbook,
)
from tests.pages.drawn import draw_page, headings_of, written_table
from tests.submitted_rows import ledger_row, submit
from tests.tiny_city import LEDGER_HEADINGS
from ui.menu import PAGES
from ui.parts import methods

LINK = re.compile(r"\[[^\]]+\]\(\./definitions\?[^)]*part=methods&card=(\w+)\)")
TEXTS = ("markdown", "caption")
WEAK = {"month": "2016-09"}
# Page, lake, address and the cards that its statistics lead to.
SHOWN = (
    (
        "overview",
        "tiny",
        {"month": "2016-07"},
        "cell_class pace_line stratified_estimate flags still_missing",
    ),
    (
        "overview",
        "tiny",
        {"month": "2016-07", "more": "duties"},
        "still_missing pace",
    ),
    (
        "overview",
        "tiny",
        {"month": "2016-07", "more": "uneven"},
        "mean_distance hottest_coldest changes",
    ),
    ("bulletin", "checked", {"month": "2016-07"}, "flags stratified_estimate withheld"),
    (
        "county_heatmap",
        "tiny",
        {"metric": "topic_2_coverage", "month": "2016-07"},
        "cell_class pace_line benjamini_hochberg",
    ),
    ("county_heatmap", "checked", {"basis": "verified"}, "stratified_estimate"),
    ("compare", "tiny", {"month": "2016-07"}, ""),
    (
        "sector_gaps",
        "tiny",
        {"metric": "topic_2_coverage", "month": "2016-07"},
        "cell_class still_missing gap_to_target hottest_coldest mean_distance "
        "room_to_improve between_within unevenness_trend funnel over_dispersion "
        "analyst_measures",
    ),
    (
        "sector_gaps",
        "checked",
        {"basis": "verified", "metric": "topic_1_coverage"},
        "stratified_estimate",
    ),
    (
        "area_profile",
        "tiny",
        {"unit": "350104", "month": "2016-07"},
        "compare_city by_branch quartile_band cell_class",
    ),
    ("leader_participation", "tiny", {"month": "2016-07"}, "reach_ceiling"),
    (
        "topics_and_speaking",
        "tiny",
        {"month": "2016-07"},
        "pace pace_line in_time",
    ),
    ("topics_and_speaking", "by_topic", {}, "speaking_bounds"),
    (
        "weak_organizations",
        "weak",
        WEAK,
        "weak_hotspots weak_states weak_types weak_order weak_stability",
    ),
    (
        "ledger_quality",
        "weak",
        WEAK,
        "flags " + " ".join(c for c in methods.cards() if c.startswith("flag_")),
    ),
    (
        "reported_vs_verified",
        "checked",
        {},
        "stratified_estimate modelled_rate verification_factor prepared_bias",
    ),
    # The metric that checks of both rounds looked at, in the month of the later one.
    (
        "reported_vs_verified",
        "two_rounds",
        {"metric": "topic_1_coverage", "month": "2016-10"},
        "change_of_rounds",
    ),
    ("check_planner", "checked", {}, "check_draw all_pass lot_rule"),
    ("talks", "tiny", {"month": "2016-07"}, "talk_order"),
    ("ledger_calendar", "tiny", {"list": "course"}, "days_to_close"),
    ("roles", "tiny", {}, ""),
    # Counts and days alone: nothing here is a statistic.
    ("branch", "tiny", {}, ""),
    ("problems", "tiny", {}, ""),
    ("submissions", "tiny", {}, ""),
    # Seen from five metres nobody follows a link to a card.
    ("wall", "tiny", {}, ""),
    ("supervision_groups", "tiny", {}, "groups_by_chance"),
)


@pytest.fixture(scope="module")
def by_topic_lake(tmp_path_factory) -> Path:
    """A lake in which speakers are counted by topic only."""
    lake = Lake(tmp_path_factory.mktemp("by_topic") / "lake_root")
    counts = {"n_branches": 10, "n_members": 100, "n_leaders": 10}
    topics = {"n_speakers_topic_1": 30, "n_speakers_topic_2": 25}
    with lake.writing():
        rows = [ledger_row("2016-07", "GX", "school", **counts, **topics)]
        submit(lake, "2016-08-10", rows)
        build(lake.root, load_registry())
    return lake.root


@pytest.fixture(scope="module")
def two_rounds_lake(checked_lake, tmp_path_factory) -> Path:
    """The checked city, checked in another quarter as well."""
    folder = tmp_path_factory.mktemp("two_rounds")
    lake = Lake(shutil.copytree(checked_lake, folder / "lake_root"))
    checks = [(date(2016, 10, 20), *row[1:]) for row in check_rows()]
    ledger = ledger_rows("2016-10")
    sheets = {"台账": (LEDGER_HEADINGS, ledger), "抽查": (CHECK_HEADINGS, checks)}
    write_workbook(folder / "十月.xlsx", sheets)
    received = datetime.fromisoformat("2016-11-01T09:00:00+08:00")
    with lake.writing():
        files, registry = [folder / "十月.xlsx"], load_registry()
        assert ingest_files(files, lake, registry, received=received).accepted
        build(lake.root, registry)
    return lake.root


@pytest.fixture
def draw(
    tiny_lake, weak_lake, checked_lake, by_topic_lake, two_rounds_lake, monkeypatch
) -> Callable[..., AppTest]:
    lakes = {"tiny": tiny_lake, "weak": weak_lake, "checked": checked_lake}
    lakes |= {"by_topic": by_topic_lake, "two_rounds": two_rounds_lake}

    def run(page: str, lake: str, **query: str) -> AppTest:
        return draw_page(page, lakes[lake], monkeypatch, **query).app

    return run


def texts(app: AppTest) -> list[str]:
    """Each text that a reader sees without a hover, table cells among them."""
    found = [element.value for kind in TEXTS for element in app.get(kind)]
    found += [" ".join(map(str, row)) for t in app.table for row in t.value.to_numpy()]
    written = [e.value for e in app.get("html")] + [*map(written_table, app.main)]
    rows = (row for text in written for row in text.split("</tr>"))
    # As markdown writes a link.
    linked = (re.sub(r'<a href="(.+?)">(.+?)</a>', r"[\2](\1)", row) for row in rows)
    return found + [html.unescape(re.sub("<.+?>", " ", row)) for row in linked]


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
@pytest.mark.parametrize(("page", "lake", "query", "cards"), SHOWN)
def test_beside_each_statistic_stands_a_sentence_that_leads_to_its_card(
    draw, page, lake, query, cards, lang
):
    linked = {}
    for text in texts(draw(page, lake, lang=lang, **query)):
        for card in LINK.findall(text):
            linked.setdefault(card, []).append(LINK.sub("", text).strip())
    assert set(cards.split()) <= set(linked)
    assert set(linked) <= set(methods.cards())
    # A link alone explains nothing: it stands behind a sentence.
    for card, sentences in linked.items():
        for sentence in sentences:
            words = sentence.replace("\\", "").rstrip(" ·")
            assert re.search(r"[。.)]", words), (card, sentence)
            assert len(words) > 6, (card, sentence)


def test_no_card_is_left_that_no_statistic_leads_to():
    named = {card for *_, cards in SHOWN for card in cards.split()}
    assert set(methods.cards()) - named == set()
    assert {page for page, *_ in SHOWN} == set(PAGES) - {"definitions"}


def test_a_link_leads_to_a_card_that_stands_first(draw):
    app = draw("definitions", "tiny", part="methods", card="weak_states", lang="en")
    title = catalogue.text("en", "methods.weak_states.title")
    assert headings_of(app)[0] == title
