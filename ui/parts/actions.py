"""What the office does next with a place: links that carry place, month and metric.

One part for every page, so that the same words lead to the same pages everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from ui import roles, selection
from ui.selection import Selection

ICONS = {
    "drill": ":material/zoom_in:",
    "check": ":material/checklist:",
    "talk": ":material/record_voice_over:",
    "ledger": ":material/table_rows:",
    "filing": ":material/event_available:",
    "circular": ":material/campaign:",
    "brief": ":material/picture_as_pdf:",
}
# Pages that not every reader may open.
LEADS_TO = {"check": "check_planner", "talk": "talks", "circular": "bulletin"}
# What ui.parts.ledger_rows draws; address.js scrolls there.
LEDGER_ROWS = "records-ledger"
# What ui.parts.bulletin puts around the first part that speaks of a metric.
SAYS_METRIC = "says-{}"
# What ui.parts.brief draws.
BRIEF = "place-brief"


class Action(NamedTuple):
    """A link: `name` of ICONS, what it says, and the address it leads to."""

    name: str
    label: str
    to: str


def list_actions(
    choice: Selection, unit: str | None, sector: str | None = None
) -> tuple[Action, ...]:
    """The links of a place, in the order in which they are offered.

    Parameters
    ----------
    choice
        Gives metric, month and language.
    unit, sector
        Codes; None of unit is every unit, None of sector 总体.

    Returns
    -------
    Drill down, check here, list for a talk, see the ledger rows with their file (where
    no rows belong to the place alone: when its ledgers came), read what the circular
    says of the metric, take along its brief. What would lead to where the reader
    already is is left out.
    """
    place = {"unit": unit, "sector": sector, "branch": None}
    metric = choice.chosen_metric
    has_sectors = "sector" in metric.dimensions and metric.owed_by is None
    below = "sector_gaps" if has_sectors else "area_profile"
    here = (choice.unit, choice.sector, choice.branch)
    is_here = selection.current_page() == below and here == (unit, sector, None)
    # A box of the page of talks stands in its address by this name.
    ticked = {f"talk.{unit}.{sector}": selection.TICKED} if unit and sector else {}
    to = {} if is_here else {"drill": choice.link(below, **place)}
    to["check"] = choice.link("check_planner", **place)
    to["talk"] = choice.link("talks", **place, **ticked)
    if unit and sector and metric.has_ledger_rows:
        to["ledger"] = f"{choice.link('sector_gaps', **place)}#{LEDGER_ROWS}"
    else:
        to["filing"] = choice.link("ledger_calendar", **place)
    said = SAYS_METRIC.format(metric.id)
    to["circular"] = f"{choice.link('bulletin', **place)}#{said}"
    if selection.current_page() != "area_profile":
        to["brief"] = f"{choice.link('area_profile', **place)}#{BRIEF}"
    reader = roles.reader()
    if not reader.may("see_rows"):
        to.pop("ledger", None)
        to.pop("filing", None)
    return tuple(
        Action(name, choice.text(f"actions.{name}"), address)
        for name, address in to.items()
        if reader.may_open(LEADS_TO.get(name, ""))
    )


def cell_actions(
    choice: Selection, unit: str | None, sector: str | None = None, *, key: str
) -> None:
    """Draw `list_actions` as a row of links; `key` is unique on the page."""
    links = (
        f"[{ICONS[one.name]} {one.label}]({one.to})"
        for one in list_actions(choice, unit, sector)
    )
    with st.container(key=f"actions-{key}"):
        st.markdown(" ".join(links))
