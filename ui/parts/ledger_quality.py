"""Credibility flags on a page: the list, the rules in words, the rows behind one."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.flags import CELL_MONTH, ORIGIN, Flags
from data_pipeline.registry import load_registry
from reports import findings
from reports.ledger_quality import rows as flag_words
from reports.tables import DisplayTable
from reports.words import wording
from ui import marts, roles, selection
from ui.components.link_matrix import draw_link_matrix
from ui.desk_rows import draw_desk_rows
from ui.findings import ask_courses
from ui.markup import draw_heading
from ui.parts import methods
from ui.records_view import show_records
from ui.selection import Selection

PAGE = "ledger_quality"
OWN = ("rule", "span")
MOST_RULES = 12  # columns of a matrix that a desk of 1440 px shows in English


def own_choices(choice: Selection) -> dict[str, str]:
    """What this page alone chooses, to be carried along on it."""
    return {key: choice.extra[key] for key in OWN if key in choice.extra}


def say_matrix(found: pd.DataFrame, choice: Selection) -> tuple[str, str]:
    """What `draw_flag_matrix` of these flags finds, and what it leaves out.

    It is of all places, from which one is chosen: beside a chosen one it says so.
    """

    def write() -> tuple[str, str]:
        plain = choice.text("ledger_quality.matrix")
        about = (found, load_registry(), choice.lang)
        title = flag_words.matrix_title(*about, plain=plain)
        if choice.where:
            title = choice.text("ledger_quality.in_city", title=title)
        caption = choice.text("ledger_quality.matrix_caption")
        return title, " ".join(filter(None, (caption, _say_silent(found, choice))))

    return marts.kept_of(choice, (PAGE, "flag-matrix-said"), write)


def _say_silent(found: pd.DataFrame, choice: Selection) -> str:
    """Which rules `draw_flag_matrix` has no column for; "" where it has all."""
    names = flag_words.rule_words(load_registry(), choice.lang)
    shown = _rules_shown(found, names, MOST_RULES)
    left_out = [words.name for rule, words in names.items() if rule not in shown]
    if not left_out:
        return ""
    rules = wording.join(left_out, choice.lang)
    return choice.text("ledger_quality.silent", n=len(left_out), rules=rules)


def _rules_shown(found: pd.DataFrame, rules: Iterable[str], most: int) -> set[str]:
    """All rules with a flag, and of the others the first, as many as have room."""
    raised = set(found["rule"])
    silent = [rule for rule in rules if rule not in raised]
    return raised | set(silent[: max(0, most - len(raised))])


def draw_flag_matrix(
    found: pd.DataFrame, choice: Selection, page: str, *, most: int = MOST_RULES
) -> None:
    """Draw how many flags of `flags.Flags.found` each unit has by rule, with links.

    Where there are more than `most` rules, those without any flag are left out.
    """
    write = functools.partial(_write_flag_matrix, found, choice, page, most)
    heads, lines = marts.kept_of(choice, (page, "flag-matrix", most), write)
    title = choice.text("ledger_quality.matrix")
    corner = wording.DIMENSION_LABELS["unit"][choice.lang]
    draw_link_matrix(title, corner, heads, lines, key="flag-matrix", look="stacked")


def _write_flag_matrix(
    found: pd.DataFrame, choice: Selection, page: str, most: int
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Its heads and lines, as `draw_link_matrix` takes them."""
    registry = load_registry()
    names = flag_words.rule_words(registry, choice.lang)
    shown = _rules_shown(found, names, most)

    is_open = roles.reader().may_open(page)

    def link(**changes: str | None) -> str:
        if not is_open:
            return ""
        kept = {"group": None, "unit": None, "span": choice.extra.get("span")}
        return choice.link(page, **(kept | changes))

    lines = []
    for line in flag_words.flag_matrix(found, registry, choice.lang):
        place = {key: line[key] for key in ("group", "unit") if key in line}
        cells = [
            {"text": text}
            if text == wording.UNDEFINED
            else {
                "text": text,
                "to": link(**place, rule=rule),
                "label": f"{line['name']} {names[rule].name} {text}",
            }
            for rule, text in zip(names, line["cells"], strict=True)
            if rule in shown
        ]
        is_group = "group" in line
        to = link(**place)
        row = {"name": line["name"], "to": to, "isGroup": is_group, "cells": cells}
        lines.append(row)
    heads = [
        {"name": names[rule].name, "to": link(rule=rule)}
        for rule in names
        if rule in shown
    ]
    return heads, lines


def show_flags(
    rows: pd.DataFrame,
    choice: Selection,
    page: str,
    *,
    rule: str,
    span: str,
) -> None:
    """List flags (of `flag_words.flag_rows`); a click opens the rows one rests on."""

    def tell() -> tuple[pd.DataFrame, DisplayTable]:
        listed = rows.reset_index(drop=True)
        names = [flag_words.flag_id(flag) for flag in listed.itertuples()]
        listed = findings.add_states(listed.assign(finding=names), ask_courses())
        return listed, flag_words.flags_table(listed, load_registry(), choice.lang)

    listed, display = marts.kept_of(choice, (page, "flags"), tell)
    opened = choice.extra.get("flag")
    filters = (
        (choice.text("selection.unit"), choice.place),
        (choice.text("selection.month"), wording.month_name(choice.month, choice.lang)),
        (choice.text("ledger_quality.span"), span),
        (choice.text("ledger_quality.rule"), rule),
    )

    def lead_to(row: int) -> str:
        flag = listed["finding"].iloc[row]
        return "" if flag == opened else choice.link(page, flag=flag, **own)

    own = own_choices(choice)
    show_records(
        listed,
        choice,
        f"flags-{opened}" if opened else "flags",
        choice.text("ledger_quality.flags"),
        display=display,
        filters=filters,
        caption=choice.text("ledger_quality.flags_caption"),
        to=lead_to,
    )


def show_row_findings(
    choice: Selection, *, rule: str, filters: dict[str, str | bool | None]
) -> None:
    """List what `check` says of single rows, for the same choice as the flags."""
    registry, lang = load_registry(), choice.lang

    def tell() -> tuple[pd.DataFrame, DisplayTable]:
        found = marts.current_row_findings(lang)
        rows = flag_words.select_rows(found, registry, choice.month, **filters)
        names = flag_words.row_finding_ids(rows, registry)
        rows = findings.add_states(rows.assign(finding=names), ask_courses())
        rows = rows.reset_index(drop=True)
        return rows, flag_words.row_findings_table(rows, registry, lang)

    rows, display = marts.kept_of(choice, (PAGE, "row_findings"), tell)
    title = choice.text("ledger_quality.row_findings")
    if rows.empty:
        draw_heading(title)
        st.caption(choice.text("ledger_quality.no_row_findings"))
        return
    show_records(
        rows,
        choice,
        "row-findings",
        title,
        display=display,
        filters=(
            (choice.text("selection.unit"), choice.place),
            (choice.text("selection.month"), wording.month_name(choice.month, lang)),
            (choice.text("ledger_quality.rule"), rule),
        ),
        caption=choice.text("ledger_quality.row_findings_caption"),
    )


def show_evidence(
    flags: Flags, shown: pd.DataFrame, choice: Selection, page: str
) -> None:
    """The ledger rows of the flag in the address, if it is among those shown."""
    chosen = choice.extra.get("flag")
    if not chosen:
        return
    known = {flag_words.flag_id(flag): flag for flag in flags.found.itertuples()}
    if chosen not in known:
        st.warning(choice.text("ledger_quality.no_flag"))
        return
    flag = known[chosen]
    if flag.Index not in shown.index:
        return
    registry, lang = load_registry(), choice.lang
    rule = flag_words.rule_words(registry, lang)[flag.rule]
    place = wording.cell_name(registry, ("unit",), (flag.unit,), lang)
    if flag.sector:
        place = (
            choice.name("unit", flag.unit) + " " + choice.name("sector", flag.sector)
        )
    title = f"{rule.name} · {place} · {flag.first_month}"
    rows = flags.rows_of(flag.Index)
    fields = [name for name in flag.fields if name in rows.columns]
    sentence = flag_words.sentence(flag, registry, lang)
    columns = [*CELL_MONTH, "branch", *ORIGIN, *_held_against(rows, fields)]
    with st.container(border=True, key="evidence"):
        show_records(
            rows[list(dict.fromkeys(columns))].reset_index(drop=True),
            choice,
            f"rows-{chosen}",
            title,
            filters=((choice.text("ledger_quality.flags"), f"{title}: {sentence}"),),
        )
        says = choice.text(
            "ledger_quality.evidence_caption",
            sentence=sentence,
            innocent=rule.innocent,
            source=flag_words.source(rows, lang),
        )
        st.markdown(methods.with_links(choice, says, f"flag_{flag.rule}"))
        label = choice.text("ledger_quality.back")
        if st.button(label, icon=":material/arrow_back:", type="tertiary"):
            selection.go(choice, page, **own_choices(choice))


def _held_against(rows: pd.DataFrame, fields: list[str]) -> list[str]:
    """The counts of a flag after the branches they are out of."""
    return (
        ["n_branches", *fields]
        if fields
        else [name for name in ("converted_date",) if name in rows.columns]
    )


def show_rules(rows: pd.DataFrame, choice: Selection) -> None:
    """Every rule over several rows: what it looks at, with the flags of `rows`."""
    draw_heading(choice.text("ledger_quality.rules"))
    st.caption(choice.text("ledger_quality.rules_caption"))

    def tell() -> tuple[DisplayTable, list[str]]:
        table = flag_words.rules_table(rows, load_registry(), choice.lang)
        return table, [
            methods.address_of(choice, f"flag_{rule}") for rule in flag_words.REASONS
        ]

    table, links = marts.kept_of(choice, (PAGE, "rules"), tell)
    with st.container(key="rules"):
        alt = choice.text("ledger_quality.rules")
        draw_desk_rows(table, key="rows-rules", alt=alt, links=links)
