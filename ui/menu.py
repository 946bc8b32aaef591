"""The pages, in the order of the menu: the one place where a page is declared.

A page is one line here, one script pages/<section>/<name>.py and the locale files
<name>.toml with a `title`. Its address is its name, so names stay.

No script stands in pages/ itself: Streamlit would serve it around the menu before
dashboard.py has run once (see ui/server.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

# The choices of a place, from the top down.
LEVELS = ("group", "unit", "sector", "township", "branch")
TO_TOWNSHIP = LEVELS[:-1]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One page. The first of MENU answers at the bare address.

    `themes` are those of the metrics it shows, so that 口径 can say where to look.
    `levels` are the choices of a place that its figures are of: the others of an
    address stand neither in its trail nor in its own address.
    """

    section: str
    name: str
    icon: str
    themes: tuple[str, ...] = ()
    levels: tuple[str, ...] = LEVELS

    @property
    def path(self) -> str:
        """The script, seen from dashboard.py."""
        return f"pages/{self.section}/{self.name}.py"

    @property
    def title_key(self) -> str:
        return f"{self.name}.title"

    @property
    def address(self) -> str:
        """Relative to any page, so that it also holds below a proxy's prefix."""
        return "./" if self is MENU[0] else f"./{self.name}"


THEMES = ("topics", "leaders", "members", "filing")
MENU = (
    Entry("city", "overview", ":material/dashboard:", THEMES, levels=()),
    # The whole city; the unit is the one outlined, the sector that of the map.
    Entry(
        "gaps", "county_heatmap", ":material/map:", THEMES, levels=("unit", "sector")
    ),
    Entry(
        "gaps",
        "sector_gaps",
        ":material/compare_arrows:",
        ("topics", "leaders", "members"),
    ),
    Entry("gaps", "area_profile", ":material/badge:", THEMES, levels=("unit",)),
    Entry(
        "gaps",
        "leader_participation",
        ":material/co_present:",
        ("leaders",),
        levels=TO_TOWNSHIP,
    ),
    Entry(
        "gaps",
        "topics_and_speaking",
        ":material/forum:",
        ("topics", "members"),
        levels=TO_TOWNSHIP,
    ),
    Entry("gaps", "weak_organizations", ":material/home_repair_service:", ("weak",)),
    Entry(
        "trust",
        "reported_vs_verified",
        ":material/fact_check:",
        ("topics",),
        levels=TO_TOWNSHIP,
    ),
    Entry("trust", "check_planner", ":material/checklist:", levels=("unit", "sector")),
    Entry(
        "trust",
        "ledger_quality",
        ":material/flag:",
        levels=("group", "unit", "sector"),
    ),
    Entry("method", "definitions", ":material/menu_book:"),
)
PAGES: Mapping[str, Entry] = {entry.name: entry for entry in MENU}
SECTIONS = tuple(dict.fromkeys(entry.section for entry in MENU))
