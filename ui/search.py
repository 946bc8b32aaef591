"""The search of the frame: any place, branch, metric or page, from every page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports import method_cards, search
from reports.search import Entry, Index
from reports.words import catalogue, wording
from ui import failure, marts, roles, selection
from ui.components.search import KEY, draw_search
from ui.menu import pages
from ui.selection import Selection

ALSO = catalogue.terms("search.also")
MOST = 12
MOST_OF_A_KIND = 4  # of the sectors of a unit all, or one would seem not to exist


def ask_index() -> Index:
    """All that can be gone to, spelt once a snapshot for all readers."""

    def build() -> Index:
        registry = load_registry()
        entries = [*search.place_entries(registry), *search.metric_entries(registry)]
        for card in method_cards.cards():
            titles = catalogue.term(f"methods.{card}.title").values()
            entries.append(Entry("method", card, (card, *titles)))
        for page in pages().values():
            titles = [page.title(language) for language in catalogue.LANGUAGES]
            also = " ".join(ALSO.get(page.name, {}).values()).split()
            entries.append(Entry("page", page.name, (*titles, *also)))
        entries += search.roll_entries(marts.ask_roll(), registry)
        return search.build_index(entries, registry)

    return marts.kept("search", build)


def ask_cards(choice: Selection, kind: str, known: Iterable[str]) -> list[str]:
    """Draw the search of a page's cards; those of `known` that are meant, in order."""
    query = selection.ask_text(choice, "q", label=choice.text("search.cards"))
    if not query.strip():
        return list(known)
    codes = search.find(ask_index(), query, (kind,))["code"]
    found = [code for code in known if code in set(codes)]
    if not found:
        st.markdown(choice.text("search.none"))
    return found


# Its own fragment: what is typed redraws nothing of the page.
@roles.fragment()
def draw() -> None:
    """The field, and below it what the reader may mean while something is typed."""
    with failure.reported():
        choice = selection.current()
        query = selection.typed(KEY).strip()
        words = {key: choice.text(f"search.{key}") for key in ("label", "hint", "none")}
        draw_search(words, query, _answer(choice, query) if query else [])


def _answer(choice: Selection, query: str) -> list[dict[str, str]]:
    found = search.find(ask_index(), query)
    registry, reader = load_registry(), roles.reader()
    # What no page offers stands on 口径 alone.
    metrics = registry.metrics
    is_offered = [
        reader.may_open({"page": code}.get(kind, kind))
        and (kind != "metric" or metrics[code].is_offered)
        for kind, code in zip(found["kind"], found["code"], strict=True)
    ]
    # Of no find at all the list is empty, which as a key would choose no column.
    found = found[pd.Series(is_offered, index=found.index, dtype=bool)]
    # What fits well of one kind leaves room for the others.
    at = found.groupby(["kind", "rank"], sort=False).cumcount()
    most = found["kind"].map({"cell": len(registry.sectors)}).fillna(MOST_OF_A_KIND)
    shown = found[at < most].head(MOST)
    lines = [_line(choice, row) for row in shown.to_dict("records")]
    n_branches = int(found["kind"].eq("branch").sum())
    if n_branches > int(shown["kind"].eq("branch").sum()):
        every = choice.text("search.branches", n=wording.number(n_branches))
        place = dict.fromkeys(("group", "unit", "sector", "branch"))
        to = choice.link("branch", **place, q=query[: selection.MAX_CHARS])
        lines.append({"name": every, "kind": "", "to": to})
    return lines


def _line(choice: Selection, row: dict[str, Any]) -> dict[str, str]:
    """What an entry is called, what it is, and where it leads."""
    kind, code, unit = row["kind"], row["code"], row["unit"] or None
    about = {}
    if kind in ("township", "branch"):
        about["unit"] = choice.name("unit", unit)
    if kind == "branch":
        about["code"] = code
    sentence = choice.text(f"search.kind.{kind}", **about)
    no_place = dict.fromkeys(("group", "unit", "sector", "township", "branch"))
    if kind == "page":
        entry = pages()[code]
        return {
            "name": entry.title(choice.lang),
            "kind": sentence,
            "to": choice.link(code),
        }
    if kind == "method":
        to = choice.link("definitions", part="methods")
        name = choice.text(f"methods.{code}.title")
        return {"name": name, "kind": sentence, "to": f"{to}#card-{code}"}
    if kind == "metric":
        metric = load_registry().metrics[code]
        name = wording.in_language(metric, "label", choice.lang)
        return {
            "name": name,
            "kind": sentence,
            "to": choice.link(_page_of(metric), metric=code),
        }
    if kind == "branch":
        page, place = "branch", {"unit": unit, "branch": code}
        name = row["names"][1] or code
    elif kind == "township":
        page, place, name = "sector_gaps", {"unit": unit, "township": code}, code
    elif kind == "cell":
        page, place = "sector_gaps", {"unit": unit, "sector": row["sector"]}
        name = wording.cell_name(load_registry(), CELL, code.split("|"), choice.lang)
    else:
        page = {"unit": "area_profile", "sector": "sector_gaps"}.get(
            kind, "supervision_groups"
        )
        place = {{"supervision_group": "group"}.get(kind, kind): code}
        name = choice.name(kind, code)
    return {
        "name": name,
        "kind": sentence,
        "to": choice.link(page, **(no_place | place)),
    }


def _page_of(metric: Any) -> str:
    """The page one is on where it shows the metric, else the first that does."""
    reader = roles.reader()
    showing = [
        entry.name
        for entry in pages().values()
        if entry.shows(metric) and reader.may_open(entry.name)
    ]
    here = selection.current_page()
    preferred = [name for name in (here, "county_heatmap") if name in showing]
    return next(iter((*preferred, *showing)), "definitions")
