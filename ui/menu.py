"""The pages: the one place where a page is declared.

A page with a script is one line here, its name in menu.toml, one script
pages/<folder>/<name>.py and the words <name>.toml with a `title`. A standard page
stands in the registry's pages.toml and needs neither. The address of a page is its
name, so names stay. What stands where in the menu is said by menu.toml.

No script stands in pages/ itself: Streamlit would serve it around the menu before
dashboard.py has run once (see ui/server.py).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from data_pipeline.registry import Metric, Page, Registry, load_registry
from data_pipeline.registry.reading import Faults
from reports.words import catalogue, wording
from ui.filters import CHECKS, PLACES_AND_KINDS, SINCE

# The choices of a place, from the top down.
LEVELS = ("group", "unit", "sector", "township", "branch")
TO_TOWNSHIP = LEVELS[:-1]
TO_SECTOR = ("group", "unit", "sector")
STANDARD_SCRIPT = "pages/standard/standard_page.py"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One page. The first of MENU answers at the bare address.

    `themes` are those of the metrics it shows, so that 口径 can say where to look.
    `levels` are the choices of a place that its figures are of: the others of an
    address stand neither in its trail nor in its own address. `filters` are what they
    can be narrowed by besides, offered behind one word. A page that `is_wall`
    fills a screen that nobody sits at: without menu, and of the newest month unless
    its address names one. One that `is_of_files` is about what was filed, not about
    figures: it is there before the first build, and says itself what is wrong with the
    manifest. One that `is_of_verdicts` has figures of those metrics alone of which
    a check says yes or no of a branch.
    """

    folder: str
    name: str
    icon: str
    themes: tuple[str, ...] = ()
    levels: tuple[str, ...] = LEVELS
    filters: tuple[str, ...] = ()
    standard: Page | None = None
    is_wall: bool = False
    is_of_files: bool = False
    is_of_verdicts: bool = False

    @property
    def path(self) -> str:
        """The script, seen from dashboard.py; all standard pages share one."""
        if self.standard:
            return STANDARD_SCRIPT
        return f"pages/{self.folder}/{self.name}.py"

    @property
    def title_key(self) -> str:
        return f"{self.name}.title"

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """Every choice that narrows its figures."""
        return (*self.levels, *self.filters)

    def title(self, language: str) -> str:
        if self.standard:
            return wording.in_language(self.standard, "title", language)
        return catalogue.text(language, self.title_key)

    def shows(self, metric: Metric) -> bool:
        """Whether it has a figure of the metric."""
        if self.standard:
            return metric.id in self.standard.metrics
        if self.is_of_verdicts and not metric.has_verdicts:
            return False
        return metric.theme in self.themes

    @property
    def address(self) -> str:
        """Relative to any page, so that it also holds below a proxy's prefix."""
        return "./" if self is MENU[0] else f"./{self.name}"


THEMES = ("topics", "leaders", "members", "filing")
MENU = (
    # Ledgers and flags are of units, and know no kinds of branches.
    Entry(
        "city",
        "overview",
        ":material/dashboard:",
        THEMES,
        levels=("group",),
        filters=("units",),
    ),
    Entry("city", "bulletin", ":material/campaign:", levels=()),
    Entry("city", "wall", ":material/tv:", levels=(), is_wall=True),
    # All that the filter leaves; the unit is outlined, the sector that of the map.
    Entry(
        "gaps",
        "county_heatmap",
        ":material/map:",
        THEMES,
        levels=TO_SECTOR,
        filters=PLACES_AND_KINDS,
    ),
    Entry(
        "gaps",
        "sector_gaps",
        ":material/compare_arrows:",
        ("topics", "leaders", "members"),
        filters=(*PLACES_AND_KINDS, SINCE),
    ),
    Entry(
        "gaps",
        "area_profile",
        ":material/badge:",
        THEMES,
        levels=("group", "unit"),
        filters=PLACES_AND_KINDS,
    ),
    Entry(
        "gaps",
        "leader_participation",
        ":material/co_present:",
        ("leaders",),
        levels=TO_TOWNSHIP,
        filters=(*PLACES_AND_KINDS, SINCE),
    ),
    Entry(
        "gaps",
        "topics_and_speaking",
        ":material/forum:",
        ("topics", "members"),
        levels=TO_TOWNSHIP,
        filters=(*PLACES_AND_KINDS, SINCE),
    ),
    Entry(
        "gaps",
        "weak_organizations",
        ":material/home_repair_service:",
        ("weak",),
        filters=(*PLACES_AND_KINDS, SINCE),
    ),
    Entry(
        "gaps",
        "compare",
        ":material/balance:",
        ("topics", "leaders", "members"),
        levels=TO_SECTOR,
        filters=PLACES_AND_KINDS,
    ),
    Entry("gaps", "branch", ":material/account_tree:"),
    Entry(
        "gaps",
        "supervision_groups",
        ":material/groups:",
        ("duties",),
        levels=("group",),
    ),
    Entry(
        "gaps",
        "problems",
        ":material/report:",
        ("problems",),
        levels=("group", "unit", "sector"),
    ),
    Entry(
        "gaps",
        "talks",
        ":material/record_voice_over:",
        levels=("group", "unit", "sector"),
    ),
    Entry(
        "trust",
        "reported_vs_verified",
        ":material/fact_check:",
        ("topics",),
        levels=TO_TOWNSHIP,
        filters=(*PLACES_AND_KINDS, CHECKS),
        is_of_verdicts=True,
    ),
    Entry(
        "trust",
        "check_planner",
        ":material/checklist:",
        levels=("group", "unit", "sector"),
    ),
    Entry(
        "trust",
        "ledger_quality",
        ":material/flag:",
        levels=("group", "unit", "sector"),
    ),
    Entry(
        "trust",
        "ledger_calendar",
        ":material/calendar_month:",
        ("filing",),
        levels=("group", "unit", "sector"),
    ),
    Entry(
        "trust",
        "submissions",
        ":material/upload_file:",
        levels=("group",),
        is_of_files=True,
    ),
    Entry(
        "trust",
        "roles",
        ":material/admin_panel_settings:",
        levels=(),
        is_of_files=True,
    ),
    Entry("method", "definitions", ":material/menu_book:"),
)
PAGES: Mapping[str, Entry] = {entry.name: entry for entry in MENU}
_LISTED = tomllib.loads((Path(__file__).parent / "menu.toml").read_text("utf-8"))
# The names of the pages below each word of the menu.
LISTED: Mapping[str, tuple[str, ...]] = {
    section["name"]: tuple(section["pages"]) for section in _LISTED["section"]
}
SECTIONS = tuple(LISTED)
# Who may open the pages that not everybody may; the office may open all.
_OPEN_TO: Mapping[str, tuple[str, ...]] = {
    name: ("office", *kinds) for name, kinds in _LISTED["open_to"].items()
}
_EVERYBODY = ("office", "leadership", "analyst", "group")


def open_to(page: str) -> tuple[str, ...]:
    """The kinds of readers who may open a page."""
    return _OPEN_TO.get(page, _EVERYBODY)


def menu() -> Mapping[str, tuple[Entry, ...]]:
    """The pages of each section, in their order."""
    return _menu(load_registry())


def pages() -> Mapping[str, Entry]:
    """Every page by its name, in the order of the menu."""
    return _pages(load_registry())


@functools.cache
def _menu(registry: Registry) -> Mapping[str, tuple[Entry, ...]]:
    standard = {
        page.name: Entry(
            page.section,
            page.name,
            page.icon,
            levels=TO_SECTOR,
            filters=(*PLACES_AND_KINDS, SINCE),
            standard=page,
        )
        for page in registry.pages
    }
    known, named = (
        {**PAGES, **standard},
        {n for names in LISTED.values() for n in names},
    )
    _check_doors({*known, *named})
    return {
        # Another registry may lack a standard page, or have one of its own.
        section: (
            *(known[name] for name in names if name in known),
            *(
                entry
                for name, entry in standard.items()
                if name not in named and entry.folder == section
            ),
        )
        for section, names in LISTED.items()
    }


def streamlit_page(script: str, **about: Any) -> st.Page:
    """What st.Page gives, which looks for the script anew each time.

    To be called while a page is run. There is one for each page and reader's run: the
    page that is run is marked as done.
    """
    return copy.copy(_streamlit_page(script, **about))


@functools.cache
def _streamlit_page(script: str, **about: Any) -> st.Page:
    return st.Page(script, **about)


def _check_doors(known: Iterable[str]) -> None:
    """Hold [open_to] to the pages and roles that there are.

    A page whose name is misspelt there would be open to everybody.

    Raises
    ------
    RegistryError
        A sentence for each name that nobody knows.
    """
    faults, place = Faults(), "ui/menu.toml: open_to"
    for page, kinds in _LISTED["open_to"].items():
        faults.is_known(place, page, known)
        for kind in kinds:
            faults.is_known(f"{place}, key {page}", kind, _EVERYBODY)
    faults.raise_any()


@functools.cache
def _pages(registry: Registry) -> Mapping[str, Entry]:
    return {
        entry.name: entry for entries in _menu(registry).values() for entry in entries
    }
