"""The parts of the page 台账日历: the calendar and the lists below it."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline import rates
from data_pipeline.registry import load_registry
from data_pipeline.submissions import read_withdrawn
from reports import findings
from reports.files.export import file_name
from reports.ledger_calendar import inspection
from reports.ledger_calendar import rows as filings
from reports.ledger_quality import rows as flag_words
from reports.submissions import rows as submission_words
from reports.tables import DisplayTable
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.components.link_matrix import draw_link_matrix
from ui.findings import ask_courses
from ui.markup import draw_heading
from ui.metric_view import MEDIA_TYPES, digest, draw_files, draw_rows
from ui.parts import methods
from ui.parts.problems import ask_problems
from ui.records_view import list_records, show_records
from ui.selection import Selection

PAGE = "ledger_calendar"
LISTS = ("inspection", "course", "revisions", "withdrawn", "roll", "blanks", "visits")
VISITS = "upper_visit"
SPANS = ("so_far", "month")
DATA_ROWS = 900  # rows of one workbook: a sheet is read up to 5,000


def places(choice: Selection) -> dict[str, str | None]:
    """The chosen place as the functions of reports take it."""
    return {"group": choice.group, "unit": choice.unit, "sector": choice.sector}


def ask_headline(cells: pd.DataFrame, choice: Selection, *, is_month_only: bool) -> str:
    """How the ledgers came, as a sentence; `cells` are of the chosen place."""
    say = functools.partial(
        filings.headline,
        cells,
        choice.lang,
        month=choice.month,
        is_month_only=is_month_only,
    )
    return marts.kept(_question(choice, "headline", is_month_only), say)


def _question(choice: Selection, *about: Hashable) -> tuple[Hashable, ...]:
    """By what an answer of the chosen place is kept, in words of the language."""
    here = (*places(choice).values(), repr(choice.where))
    return (PAGE, *here, choice.month, choice.lang, *about)


def ask_cells() -> pd.DataFrame:
    """How each ledger of the whole city came."""
    return filings.read_standing(marts.current())


def ask_revisions() -> pd.DataFrame:
    """What later files changed in the whole city."""
    return filings.read_changes(marts.current())


def ask_withdrawn() -> pd.DataFrame:
    """What was withdrawn in the whole city; kept for all readers."""

    def find() -> pd.DataFrame:
        opened = marts.current()
        about = (opened.root, opened.snapshot, load_registry())
        return read_withdrawn(*about)

    return marts.kept("withdrawn", find)


def draw_calendar(cells: pd.DataFrame, choice: Selection) -> None:
    """Groups and units by month, of one unit its sectors; each cell leads to itself."""
    registry, title = load_registry(), choice.text(f"{PAGE}.calendar")
    months = [m for m in registry.calendar.months if m <= choice.month]
    lines = []

    def read() -> list[dict[str, Any]]:
        return filings.calendar_lines(
            cells,
            registry,
            months,
            choice.lang,
            unit=choice.unit,
            states=_states_in_words(choice),
            visits=ask_visits(choice),
            withdrawn=ask_withdrawn(),
        )

    for line in marts.kept(_question(choice, "lines"), read):
        level = next(iter(line.keys() & {"group", "unit", "sector"}), "")
        # The line of inspections from above has no place, but a list.
        place = {level: line[level]} if level else {"list": "visits"}
        if level in ("group", "unit"):
            place = {"group": None, "unit": None} | place
        linked = [
            {
                **cell,
                "to": choice.link(PAGE, **place, month=month, span="month"),
                "label": f"{line['name']} {month} {cell['text']}",
            }
            if cell["text"] != wording.UNDEFINED
            else cell
            for month, cell in zip(months, line["cells"], strict=True)
        ]
        lines.append(
            {
                "name": line["name"],
                "to": choice.link(PAGE, **place),
                "isGroup": level in ("group", ""),
                "cells": linked,
            }
        )
    of_place = {"unit": choice.unit, "plain": title}
    about = (cells, registry, choice.lang)
    find = functools.partial(filings.calendar_title, *about, **of_place)
    found = marts.kept(_question(choice, "title"), find)
    draw_heading(found)
    corner = wording.DIMENSION_LABELS["sector" if choice.unit else "unit"][choice.lang]
    heads = [
        {
            "name": wording.month_tick(month, choice.lang),
            "to": choice.link(PAGE, month=month, span="month"),
        }
        for month in months
    ]
    about = {"key": "ledger-calendar", "look": "stacked"}
    draw_link_matrix(title, corner, heads, lines, **about)
    st.caption(choice.text(f"{PAGE}.calendar_caption"))


def _states_in_words(choice: Selection) -> dict[str, str]:
    courses, registry = ask_courses(), load_registry()
    return {
        name: findings.state_name(state, registry, choice.lang)
        for name, state in zip(
            courses["finding"], courses["finding_state"], strict=True
        )
    }


def choose_list(choice: Selection) -> tuple[str, bool]:
    """Which list is shown, and whether of the chosen month alone."""
    lists = {name: choice.text(f"{PAGE}.list.{name}") for name in LISTS}
    if VISITS not in load_registry().tables:
        del lists["visits"]
    spans = {span: choice.text(f"ledger_quality.span_word.{span}") for span in SPANS}
    with st.container(horizontal=True, gap="small", key=f"choices-{PAGE}-list"):
        name = selection.choose_word(
            choice, "list", lists, label=choice.text(f"{PAGE}.lists")
        )
        if name == "blanks":  # always of one month
            return name, True
        if name == "course":  # always the whole of it
            return name, False
        span = selection.choose_word(
            choice, "span", spans, label=choice.text(f"{PAGE}.span")
        )
    return name, span == "month"


def show_list(
    name: str, cells: pd.DataFrame, choice: Selection, *, is_month_only: bool
) -> None:
    """One of `LISTS`, of the chosen place and months."""
    if name == "inspection":
        _show_inspection(cells, choice, is_month_only=is_month_only)
    elif name == "course":
        _show_courses(cells, choice)
    elif name == "blanks":
        _show_blanks(choice)
    elif name == "visits":
        _show_visits(choice, is_month_only=is_month_only)
    elif name == "withdrawn":
        _show_withdrawn(choice, is_month_only=is_month_only)
    else:
        _show_changes(name, choice, is_month_only=is_month_only)


def _show_changes(name: str, choice: Selection, *, is_month_only: bool) -> None:
    registry = load_registry()
    if name == "revisions":
        changes = ask_revisions()
    else:
        versions = rates.read_roll_versions(marts.current())
        changes = filings.list_roll_changes(versions)
    rows = filings.select(
        changes, month=choice.month, is_month_only=is_month_only, **places(choice)
    )
    show_records(
        rows,
        choice,
        f"ledger-{name}",
        choice.text(f"{PAGE}.list.{name}"),
        display=lambda: filings.changes_table(rows, registry, choice.lang),
        filters=_filters(choice, is_month_only=is_month_only),
        caption=choice.text(f"{PAGE}.{name}_caption"),
    )


def ask_visits(choice: Selection) -> pd.DataFrame | None:
    """Inspections from above of the chosen place, up to the month."""

    def find() -> pd.DataFrame | None:
        filed = rates.read_staged(marts.current(), VISITS)
        return filings.list_visits(filed, load_registry())

    visits = marts.kept("upper_visits", find)
    if visits is None:
        return None
    here = filings.select(
        visits, month=choice.month, group=choice.group, unit=choice.unit
    )
    # One that names no branch is of every sector.
    return here[here["sector"].isin(("", choice.sector))] if choice.sector else here


def _show_visits(choice: Selection, *, is_month_only: bool) -> None:
    rows = filings.select(
        ask_visits(choice), month=choice.month, is_month_only=is_month_only
    )
    show_records(
        rows.drop(columns="month"),
        choice,
        "upper-visits",
        choice.text(f"{PAGE}.list.visits"),
        table=VISITS,
        filters=_filters(choice, is_month_only=is_month_only),
        caption=choice.text(f"{PAGE}.visits_caption"),
    )


def _show_withdrawn(choice: Selection, *, is_month_only: bool) -> None:
    registry = load_registry()
    found = filings.select(
        ask_withdrawn(),
        month=choice.month,
        is_month_only=is_month_only,
        **places(choice),
    )
    rows = submission_words.say_withdrawn(found, registry, choice.lang)
    show_records(
        rows,
        choice,
        "ledger-withdrawn",
        choice.text(f"{PAGE}.list.withdrawn"),
        display=lambda: submission_words.tabulate_rows(rows, registry, choice.lang),
        filters=_filters(choice, is_month_only=is_month_only),
        caption=choice.text(f"{PAGE}.withdrawn_caption"),
    )


def _show_blanks(choice: Selection) -> None:
    registry = load_registry()
    rows = filings.blanks_by_column(_ask_blanks(choice), registry, choice.month)
    display = filings.blanks_table(rows, registry, choice.lang)
    show_records(
        rows.assign(units=[";".join(units) for units in rows["units"]]),
        choice,
        "ledger-blanks",
        choice.text(f"{PAGE}.list.blanks"),
        display=display,
        filters=_filters(choice, is_month_only=True),
        caption=choice.text(f"{PAGE}.blanks_caption"),
    )


def _ask_blanks(choice: Selection) -> pd.DataFrame:
    blanks = marts.kept(
        ("ledger_blanks", choice.month),
        lambda: rates.read_blanks(marts.current(), choice.month),
    )
    return filings.select(blanks, **places(choice))


def ask_evidence(
    cells: pd.DataFrame, choice: Selection, *, is_month_only: bool = False
) -> inspection.Evidence:
    """What an inspector would see of the chosen place; `cells` are of it."""
    opened, registry = marts.current(), load_registry()
    here = places(choice)
    span = {"is_month_only": is_month_only}
    flags, _ = marts.current_flags()
    of_rows = marts.current_row_findings(choice.lang)
    metric = registry.role("random_checks")
    where = {name: code for name, code in choice.where.items() if name != "sector"}
    roll = checked = pd.DataFrame(columns=["unit", "numerator"])
    # Checks are demanded of units, whatever the sector.
    if metric and not choice.sector:
        how = {"by": ("unit",), "where": where, "months": (choice.month,)}
        checked = rates.read_rates(opened, metric.id, **how)
        roll = rates.read_roll(opened, where)
    is_city = not any(here.values())
    return inspection.Evidence(
        cells=filings.select(cells, month=choice.month, **span),
        findings=flag_words.select_rows(
            of_rows, registry, choice.month, **here, **span
        ),
        flags=flag_words.select(flags.found, choice.month, **here, **span),
        blanks=_ask_blanks(choice),
        checked=checked,
        n_on_roll=roll.groupby("unit").size(),
        damaged=opened.snapshot.set_aside if is_city else (),
        courses=ask_courses(),
        problems=_ask_problems(choice),
    )


def _ask_problems(choice: Selection) -> pd.DataFrame | None:
    """Problems that are open at the end of the chosen month, of the chosen place."""
    standing = ask_problems(choice)
    return standing if standing is None else standing[standing["is_open"]]


def _show_courses(cells: pd.DataFrame, choice: Selection) -> None:
    """Every finding with a record, and how fast each group closes them."""
    registry, here = load_registry(), places(choice)
    title = choice.text(f"{PAGE}.list.course")
    evidence = ask_evidence(cells, choice)
    about = (evidence, registry, choice.month, choice.lang)
    standing = inspection.find_entries(*about)
    standing = standing[standing["issue"].isin(inspection.ANSWERED)]
    courses = filings.select(ask_courses(), month=choice.month, **here)
    still = courses["finding"].isin(set(standing["finding"]))
    courses["presence"] = still.map({True: "standing", False: "gone"})
    groups = findings.sum_by_group(courses, standing, registry)
    if choice.group or choice.unit:
        own = choice.group or registry.units[choice.unit].group
        groups = groups[groups["supervision_group"] == own].reset_index(drop=True)
    draw_heading(title)
    sentence = findings.headline(courses, groups, registry, choice.lang)
    st.markdown(methods.sentence(choice, "days_to_close", sentence))
    show_records(
        groups,
        choice,
        "finding-groups",
        choice.text(f"{PAGE}.course_groups"),
        display=findings.groups_table(groups, registry, choice.lang),
        filters=_filters(choice, is_month_only=False),
        caption=choice.text(f"{PAGE}.course_groups_caption"),
    )
    if not courses.empty:
        show_records(
            courses.assign(
                course=[findings.say_course(c, registry) for c in courses["course"]]
            ),
            choice,
            "finding-courses",
            choice.text(f"{PAGE}.course_list"),
            display=findings.courses_table(courses, registry, choice.lang),
            filters=_filters(choice, is_month_only=False),
            caption=choice.text(f"{PAGE}.course_caption"),
        )
    _download_answers(inspection.list_faults(*about), choice)


def _download_answers(entries: pd.DataFrame, choice: Selection) -> None:
    """The workbook in which the findings that stand are answered."""
    registry, snapshot = load_registry(), marts.current().snapshot
    if findings.TABLE not in registry.tables:
        return
    kept = entries[entries["issue"].isin(inspection.ANSWERED)]
    kept = kept[kept["supervision_group"] != ""].head(DATA_ROWS)
    st.caption(choice.text(f"{PAGE}.answers_caption"))
    if kept.empty:
        return
    content = functools.partial(
        findings.answer_workbook, kept, choice.place, registry, snapshot.built_at
    )
    label = choice.text(f"{PAGE}.answers", n=wording.number(len(kept)))
    words = (choice.text(f"{PAGE}.answers_file"), choice.group, choice.unit)
    identity = digest(kept.drop(columns="choices"), choice.place)
    st.download_button(
        label,
        roles.at_click(content),
        file_name=file_name(
            (*filter(None, words), choice.month), snapshot, identity, "xlsx"
        ),
        mime=MEDIA_TYPES["xlsx"],
        on_click="ignore",
        icon=":material/download:",
        key="answers",
    )


def _show_inspection(
    cells: pd.DataFrame, choice: Selection, *, is_month_only: bool
) -> None:
    registry, title = load_registry(), choice.text(f"{PAGE}.list.inspection")

    def find() -> pd.DataFrame:
        evidence = ask_evidence(cells, choice, is_month_only=is_month_only)
        return inspection.list_faults(evidence, registry, choice.month, choice.lang)

    entries = marts.kept(_question(choice, "inspection", is_month_only), find)

    def tell() -> tuple[DisplayTable, DisplayTable, list[str]]:
        table = inspection.as_table(entries, registry, choice.lang)
        # What is the matter comes early: on a narrow screen the rest is scrolled to.
        order = list(table.frame)
        says = inspection.heading_of_words(registry, choice.lang)
        order.insert(2, order.pop(order.index(says)))
        shown = DisplayTable(table.frame[order], table.hints)
        elsewhere = {"group": None, "unit": None}
        leads = (
            choice.open_link(row.page, **(elsewhere | row.choices))
            for row in entries.itertuples()
        )
        return table, shown, list(leads)

    part = (PAGE, "inspection", is_month_only)
    table, shown, addresses = marts.kept_of(choice, part, tell)
    with st.container(key="records-inspection", gap="xsmall"):
        draw_heading(title)
        st.markdown(catalogue.plain(inspection.headline(entries, choice.lang)))
        if entries.empty:
            return
        draw_rows(shown, "inspection", alt=title, to=addresses.__getitem__)
        view = list_records(
            entries.drop(columns=["choices"]).assign(address=addresses),
            choice,
            "inspection",
            title,
            display=table,
            filters=_filters(choice, is_month_only=is_month_only),
            words={"issue": inspection.KINDS[choice.lang]},
        )
        day = registry.calendar.filing_deadline(choice.month).date()
        caption = choice.text(
            f"{PAGE}.inspection_caption",
            month=wording.month_name(choice.month, choice.lang),
            day=wording.day_name(day - timedelta(days=1), choice.lang),
        )
        draw_files(view, choice, "inspection", caption)


def _filters(choice: Selection, *, is_month_only: bool) -> tuple[tuple[str, str], ...]:
    span = choice.text(f"ledger_quality.span_word.{SPANS[is_month_only]}")
    return (
        (choice.text("selection.unit"), choice.place),
        (
            choice.text("selection.month"),
            wording.month_name(choice.month, choice.lang),
        ),
        (choice.text(f"{PAGE}.span"), span),
    )
