"""The parts of the page 督导组: duties, checks, load and problems by group."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from data_pipeline import rates
from data_pipeline.registry import Metric, load_registry
from reports.code_words import code_words
from reports.problems import rows as problem_rows
from reports.sector_gaps.unevenness import is_measured
from reports.supervision_groups import rows as groups
from reports.supervision_groups import unevenness
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, sentences, wording
from ui import marts, selection
from ui.components.link_matrix import draw_link_matrix
from ui.metric_view import read_kept, show_figure
from ui.parts import methods
from ui.records_view import ask_several, filters_of, list_rows, show_records
from ui.selection import Selection

PAGE = "supervision_groups"
PROBLEM = "problem"
POINTS = ("mean_distance_points", "chance_lower", "chance_upper")


def ask_duties(choice: Selection) -> dict[str, pd.DataFrame]:
    """Every duty by group, of the chosen month."""
    metrics = groups.duties_of(load_registry())
    if not metrics:
        return {}
    return ask_several(metrics, (groups.GROUP,), (choice.month,))


def draw_duties(
    duties: pd.DataFrame, frames: dict[str, pd.DataFrame], choice: Selection
) -> None:
    """Duties × groups, done of demanded, each cell a link to its group."""
    draw = functools.partial(draw_duty_matrix, duties, frames, choice)
    caption, title = (
        choice.text(f"{PAGE}.{key}") for key in ("duties_caption", "duties")
    )
    listed = duties[duties[groups.GROUP].isin(_groups_shown(choice))]
    view = list_rows(listed.drop(columns="state"), choice, "duties", title)
    about = {"title": title, "caption": caption, "is_table": True}
    show_figure(draw, view, choice, "duties", **about)


def judge_duties(
    frames: dict[str, pd.DataFrame], choice: Selection
) -> tuple[pd.DataFrame, str]:
    """How every group stands by each duty, and what to say of those that are shown."""

    def judge() -> tuple[pd.DataFrame, str]:
        registry = load_registry()
        duties = groups.list_duties(frames, registry, choice.month)
        shown = duties[duties[groups.GROUP].isin(_groups_shown(choice))]
        head = groups.headline(shown, registry, choice.lang)
        return duties, f"**{catalogue.plain(head)}**"

    return marts.kept_of(choice.alone, (PAGE, "duties"), judge)


def _groups_shown(choice: Selection) -> list[str]:
    return [g for g in load_registry().groups if choice.group in (None, g)]


def draw_duty_matrix(
    duties: pd.DataFrame, frames: dict[str, pd.DataFrame], choice: Selection
) -> None:
    """The matrix of `draw_duties` alone, without files."""
    registry, shown = load_registry(), _groups_shown(choice)
    heads = [
        {
            "name": wording.place_name(registry, groups.GROUP, group, choice.lang),
            "to": choice.link(PAGE, group=group),
        }
        for group in shown
    ]
    by_cell = {
        (row["metric"], row[groups.GROUP]): row for row in duties.to_dict("records")
    }
    lines = []
    for name in frames:
        metric = registry.metrics[name]
        label = wording.in_language(metric, "label", choice.lang)
        cells = []
        for group, head in zip(shown, heads, strict=True):
            row = by_cell[name, group]
            text = groups.cell_text(row, metric)
            is_lit = row["state"] == "short" and groups.is_dated(metric)
            if is_lit:  # not by its colour alone
                missing = wording.number(row["still_missing"])
                text = choice.text(f"{PAGE}.lacking", done=text, n=missing)
            cells.append(
                {
                    "text": text,
                    "to": head["to"],
                    "label": f"{label} {head['name']} {text}",
                    "state": "late" if is_lit else "",
                }
            )
        page = choice.link("definitions", metric=name)
        lines.append({"name": label, "to": page, "isGroup": False, "cells": cells})
    corner, title = (
        choice.text(f"{PAGE}.{key}") for key in ("duties_corner", "duties")
    )
    draw_link_matrix(title, corner, heads, lines, key="duties", look="narrow")


def show_unevenness(choice: Selection) -> None:
    """How uneven the units of each group are, and whether that is more than chance.

    The metric governs nothing else of the page, so it is chosen below this heading.
    """
    registry = load_registry()
    measured = [m.id for m in registry.metrics.values() if is_measured(m)]
    choice = selection.keep_to(choice, measured)
    metric = choice.chosen_metric
    label = wording.in_language(metric, "label", choice.lang)
    asked = (choice.text("selection.metric"), label)
    words = {"against_chance": unevenness.VERDICTS[choice.lang]}
    counted = ("n_units", "n_cells")

    def tell() -> tuple[pd.DataFrame, DisplayTable, str, str]:
        by, months = ("unit", "sector"), (choice.month,)
        cells = ask_several((metric.id,), by, months)[metric.id]
        found = unevenness.compare_unevenness(cells, registry)
        rows, section = _of_group(found, choice), f"{PAGE}.unevenness"
        display = tabulate(
            rows,
            registry,
            choice.lang,
            section=PAGE,
            words=words,
            titles={name: choice.text(f"{section}.{name}") for name in counted},
            kinds=dict.fromkeys(POINTS, "number") | {"rate": "percent"},
        )
        title = unevenness.title(found, metric, registry, choice.lang)
        sentence = unevenness.describe(found, registry, choice.lang)
        caption = methods.with_links(choice, sentence, "groups_by_chance")
        return rows, display, title, caption

    part = (PAGE, "unevenness", metric.id)
    rows, display, title, caption = marts.kept_of(choice.alone, part, tell)

    def choose_metric() -> None:
        with st.container(key="choices-here"):
            selection.choose(choice, "metric", metrics=measured)

    show_records(
        rows,
        choice,
        "unevenness",
        title,
        display=display,
        filters=(*filters_of(choice), asked),
        words=words,
        caption=caption,
        beneath=choose_metric,
    )


def show_divided(choice: Selection) -> None:
    """Each duty that the words of a column divide, word by word."""
    registry = load_registry()
    divided = [
        (metric, category)
        for metric in registry.with_role(groups.ROLE)
        for category in metric.split_by
    ]
    for metric, category in divided:
        question = {"months": (choice.month,), "where": _own_group(choice)}
        frame, whole = (
            read_kept(metric.id, by=by, basis=rates.BASES[0], **question)
            for by in ((groups.GROUP, category), (groups.GROUP,))
        )
        about = (frame, whole, metric, category, choice)
        tell = functools.partial(_tell_divided, *about)
        part = (PAGE, metric.id, category)
        rows, display, title, caption = marts.kept_of(choice.alone, part, tell)
        show_records(rows, choice, metric.id, title, display=display, caption=caption)


def _tell_divided(
    frame: pd.DataFrame,
    whole: pd.DataFrame,
    metric: Metric,
    category: str,
    choice: Selection,
) -> tuple[pd.DataFrame, DisplayTable, str, str]:
    """The words of a duty, one column each, how often each fell, and what to say."""
    registry = load_registry()
    about = (whole, frame, (category,), metric, registry, choice.lang)
    note = wording.in_language(metric, "note", choice.lang)
    said = " ".join(filter(None, (sentences.undivided(*about), note)))
    rows = _of_group(groups.pivot_words(frame, category, registry), choice)
    codes = registry.words(category).values()
    titles = {code: registry.word(category, code, choice.lang) for code in codes}
    label = wording.in_language(metric, "label", choice.lang)
    if rows.shape[1] == 1:  # no word fell
        return rows[:0], tabulate(rows[:0], registry, choice.lang), label, ""
    display = tabulate(rows, registry, choice.lang, titles=titles)
    counts = [
        f"{titles[code]} {wording.number(rows[code].sum())}"
        for code in rows.columns.drop(groups.GROUP)
    ]
    title = choice.text(
        f"{PAGE}.divided",
        metric=label,
        counts=wording.join(counts, choice.lang),
    )
    return rows, display, title, said


def show_checks(choice: Selection) -> None:
    """Breadth and depth of checks by round."""

    def read() -> pd.DataFrame:
        words = rates.read_check_words(marts.current(), choice.month)
        about = (marts.ask_roll(), load_registry(), choice.month)
        return groups.breadth_and_depth(words, *about)

    rows = marts.kept((PAGE, "checks", choice.month), read)
    n_items = rows["n_items"].max() if len(rows) else 0
    caption = choice.text(f"{PAGE}.checks_caption", n_items=n_items)
    made, without = groups.split_rounds(rows)
    if without:
        numbers = wording.join(map(str, without), choice.lang)
        none = choice.text(f"{PAGE}.no_checks", rounds=numbers, n=len(without))
        caption = wording.join((caption, none), choice.lang, "sentences")
    _show(made.drop(columns="n_items"), choice, "checks", caption)


def show_load(choice: Selection) -> None:
    """What each group supervises, a supervisor."""
    rows = marts.kept(
        (PAGE, "load"),
        lambda: groups.load_of_groups(marts.ask_roll(), load_registry()),
    )
    _show(rows, choice, "load", choice.text(f"{PAGE}.load_caption"))


def show_problems(choice: Selection) -> None:
    """Open problems of each group by level and age."""

    def read() -> pd.DataFrame | None:
        filed = rates.read_staged(marts.current(), PROBLEM)
        if filed is None:
            return None
        standing = problem_rows.stand_at(filed, choice.month)
        return groups.age_open_problems(standing, load_registry())

    rows = marts.kept((PAGE, "problems", choice.month), read)
    if rows is None:
        return
    _show(rows, choice, "problems", choice.text(f"{PAGE}.problems_caption"))


def _show(rows: pd.DataFrame, choice: Selection, name: str, caption: str) -> None:
    def tell() -> tuple[pd.DataFrame, DisplayTable, str]:
        shown, registry = _of_group(rows, choice), load_registry()
        found = groups.FINDINGS[name](shown, registry, choice.lang)
        title = found or choice.text(f"{PAGE}.{name}")
        return shown, _in_words(shown, choice), title

    shown, display, title = marts.kept_of(choice.alone, (PAGE, name), tell)
    show_records(shown, choice, name, title, display=display, caption=caption)


def _of_group(rows: pd.DataFrame, choice: Selection) -> pd.DataFrame:
    """The rows of the chosen group; without one, all of them."""
    if not choice.group:
        return rows
    return rows[rows[groups.GROUP] == choice.group].reset_index(drop=True)


def _in_words(rows: pd.DataFrame, choice: Selection) -> DisplayTable:
    registry = load_registry()
    words = code_words(registry, choice.lang)
    kinds = {"breadth": "percent", "depth": "number", "round": "ordinal"}
    kinds |= dict.fromkeys(("branches_per_supervisor", "n_supervisors"), "integer")
    return tabulate(rows, registry, choice.lang, section=PAGE, words=words, kinds=kinds)


def _own_group(choice: Selection) -> dict[str, tuple[str, ...]]:
    return {groups.GROUP: (choice.group,)} if choice.group else {}
