"""The parts of the page 支部: the search, and all that is known of one branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline import rates
from data_pipeline.registry import CELL, load_registry
from data_pipeline.registry.definitions import month_end
from data_pipeline.withheld import OFFICE
from reports import search
from reports.branch import rows as branches
from reports.problems import rows as problem_rows
from reports.tables import tabulate
from reports.weak_organizations.tables import STATES
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.markup import draw_heading
from ui.menu import PAGES
from ui.metric_view import say_nothing
from ui.parts.weak_organizations import PAGE as WEAK
from ui.parts.weak_organizations import read_city
from ui.records_view import show_records
from ui.search import ask_index
from ui.selection import Selection

PAGE = "branch"
# Tables that name a branch and have no part of their own here.
FURTHER = ("meeting", "lecture", "duty", "demo_site", "upper_visit")
CLOCKS = ("month", "date", "listed_date", "raised_date")
ORIGIN = ("source_file", "source_sheet", "source_row", "received")
MOST_FIRST = 8  # of each list, to begin with
PLACES = ("supervision_group", "unit", "sector", "township")


def find_branch(choice: Selection, roll: pd.DataFrame) -> None:
    """The search: the query stands in the address, what is found is links."""
    query = selection.ask_text(choice, "q", label=choice.text(f"{PAGE}.search"))
    st.caption(choice.text(f"{PAGE}.how"))
    places = (choice.group, choice.unit, choice.sector)
    first = pd.DataFrame() if query or any(places) else _first_to_see(choice)
    if not first.empty:
        _suggest(first, choice)  # the first of all branches would tell nothing
        return
    codes = search.find(ask_index(), query, ("branch",))["code"]
    # Of the roll as it stands, in the order of how well they fit.
    found = roll.set_index("branch", drop=False).loc[codes]
    chosen = {"supervision_group": choice.group, "unit": choice.unit}
    for name, code in (chosen | {"sector": choice.sector}).items():
        found = found[found[name] == code] if code else found
    if found.empty:
        say_nothing("", choice.text(f"{PAGE}.nothing"), choice)
        return
    shown = found.head(branches.MOST_FOUND)
    n, n_shown = wording.number(len(found)), wording.number(len(shown))
    key = "found_first" if len(shown) < len(found) else "found"
    said = choice.text(f"{PAGE}.{key}", n=n, shown=n_shown)
    lines = []
    for row in shown.to_dict("records"):
        sentence = catalogue.plain(_describe(pd.Series(row), choice))
        code = catalogue.plain(row["branch"])
        lines.append(f"- {_link(row, choice)} {code} · {sentence}")
    st.markdown(said)
    st.markdown("\n".join(lines))


def _link(row: Mapping[str, Any], choice: Selection) -> str:
    to = choice.link(PAGE, unit=row["unit"], branch=row["branch"], sector=None)
    return f"[{catalogue.plain(row['branch_name'] or row['branch'])}]({to})"


def _first_to_see(choice: Selection) -> pd.DataFrame:
    """The first of both lists of open weak organisations; none where none is listed."""
    if WEAK not in PAGES or not roles.reader().may_open(WEAK):
        return pd.DataFrame()
    ordered = read_city(choice.month, {}).ordered
    return ordered[ordered["position"] <= MOST_FIRST]


def _suggest(first: pd.DataFrame, choice: Selection) -> None:
    """Branches to begin with, before anything is looked for: why, and each a link."""
    registry, lang = load_registry(), choice.lang
    draw_heading(choice.text(f"{PAGE}.first"))
    is_refuted = first["band"].eq("A")
    parts = {"refuted": first[is_refuted], "by_ledger": first[~is_refuted]}
    parts = {part: rows for part, rows in parts.items() if len(rows)}
    columns = st.columns(len(parts), gap="medium")
    for column, (part, rows) in zip(columns, parts.items(), strict=True):
        lines = [f"**{choice.text(f'{PAGE}.first_{part}')}**", ""]
        for row in rows.to_dict("records"):
            place = wording.cell_name(
                registry, CELL, (row["unit"], row["sector"]), lang
            )
            state = STATES[row["state"]][lang]
            words = catalogue.plain(f"{place} · {state}")
            lines.append(f"- {_link(row, choice)} {words}")
        column.markdown("\n".join(lines))
    title = choice.text(f"{WEAK}.title")
    selection.page_link(choice, WEAK, title, icon=":material/arrow_forward:")


def show_branch(choice: Selection, roll: pd.DataFrame) -> None:
    """All that is known of the chosen branch by the end of the chosen month."""
    registry, opened = load_registry(), marts.current()
    found = roll[roll["branch"] == choice.branch]
    if found.empty:
        code = catalogue.plain(choice.branch)
        st.markdown(choice.text(f"{PAGE}.unknown", code=code))
        return
    who = found.iloc[0]
    draw_heading(f"{who['branch_name'] or who['branch']} {who['branch']}")
    st.markdown(catalogue.plain(_describe(who, choice)))
    months = [m for m in selection.months() if m <= choice.month]
    last = pd.Timestamp(month_end(choice.month))
    own = [choice.branch]
    ledger = rates.read_ledger(opened, months=months, branches=own)
    staged = {
        name: rates.read_staged(opened, name, branches=own)
        for name in (*FURTHER, "problem")
    }
    further = {
        name: branches.until(staged[name], CLOCKS, last)
        for name in FURTHER
        if staged[name] is not None
    }
    checks = rates.read_check_words(opened, choice.month)
    checks = checks[checks["branch"] == choice.branch].reset_index(drop=True)
    _show_topics(ledger, further.get("meeting"), checks, choice)
    weak = rates.read_weak_cases(opened, choice.month)
    weak = weak[weak["branch"] == choice.branch].reset_index(drop=True)
    lists = {"ledger": (ledger, "ledger"), "checks": (checks, "spot_check")}
    lists["weak"] = (weak, "weak_case")
    if staged["problem"] is not None:
        standing = problem_rows.stand_at(staged["problem"], choice.month)
        lists["problems"] = (standing.reset_index(drop=True), "problem")
    titles = {name: choice.text(f"{PAGE}.{name}") for name in lists}
    for name, rows in further.items():
        lists[name] = (rows, name)
        titles[name] = wording.in_language(registry.tables[name], "label", choice.lang)
    for name, (rows, table) in lists.items():
        if len(rows):
            _show_list(rows, table, name, titles[name], choice)
    if ledger.empty:
        st.markdown(choice.text(f"{PAGE}.ledger_none"))
    empty = [
        titles[n] for n, (rows, _) in lists.items() if n != "ledger" and not len(rows)
    ]
    if empty:
        day = wording.day_name(month_end(choice.month), choice.lang)
        names = choice.text(f"{PAGE}.joiner").join(empty)
        st.markdown(choice.text(f"{PAGE}.none_of", day=day, names=names))


def _describe(branch: pd.Series, choice: Selection) -> str:
    with_heads = marts.current().audience == OFFICE
    return branches.describe(
        branch, load_registry(), choice.lang, with_heads=with_heads
    )


def _show_topics(
    ledger: pd.DataFrame,
    meetings: pd.DataFrame | None,
    checks: pd.DataFrame,
    choice: Selection,
) -> None:
    registry = load_registry()
    topics = branches.list_topics(ledger, meetings, checks, registry, choice.month)
    answers = catalogue.texts(f"{PAGE}.answer")[choice.lang]
    verdicts = registry.tables["spot_check"].column("found_topic_1").words
    words = {
        "topic": {
            topic.id: wording.in_language(topic, "label", choice.lang)
            for topic in registry.calendar.topics
        },
        "is_in_time": {**answers, "": ""},
        "found": {
            code: registry.word("found_topic_1", code, choice.lang)
            for code in verdicts.values()
        },
    }
    display = tabulate(
        topics,
        registry,
        choice.lang,
        section=PAGE,
        words=words,
        kinds={"first_month": "text", "found_date": "day", "n_whole": "integer"},
    )
    title = choice.text(f"{PAGE}.topics")
    caption = choice.text(f"{PAGE}.topics_caption")
    show_records(topics, choice, "topics", title, display=display, caption=caption)


def _show_list(
    rows: pd.DataFrame, table: str, name: str, title: str, choice: Selection
) -> None:
    """A list of one table, without the places that are the branch's own."""
    registry = load_registry()
    columns = [c.name for c in registry.tables[table].columns if c.name != "note"]
    kept = [n for n in columns if n in rows and n not in (*PLACES, "branch")]
    kept = [n for n in kept if rows[n].notna().any()]
    shown = rows[[*kept, *(n for n in ORIGIN if n in rows)]]
    show_records(shown, choice, name, title, table=table)
