"""The parts of the page 上报与核实: checks are read and separated once, then drawn."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from data_pipeline.rates import read_checks, read_roll
from data_pipeline.registry import load_registry
from reports.figures.style import Picture
from reports.reported_vs_verified import rows as verification
from reports.reported_vs_verified.figures import factor_bands, grade_bars, prepared_bias
from reports.reported_vs_verified.gap_figures import dumbbell, fold_few_checks
from reports.reported_vs_verified.rows import Checked
from reports.tables import DisplayTable
from reports.words import catalogue
from ui import marts, selection
from ui.belief import ask_beliefs
from ui.filters import CHECKS
from ui.metric_view import View, ask, draw_files, follow_click, show_figure
from ui.parts import methods
from ui.phone_rows import draw_phone_rows
from ui.records_view import RecordsView, list_records, show_records
from ui.selection import Selection

PAGE = "reported_vs_verified"


def ask_checks(choice: Selection) -> tuple[pd.DataFrame, Checked]:
    """The checks of the chosen place up to its month: a list, and parts to count."""

    def read() -> tuple[pd.DataFrame, Checked]:
        opened = marts.current()
        checks = read_checks(opened, choice.month, choice.where)
        roll = read_roll(opened, choice.where, choice.month)
        return checks, verification.part(checks, roll)

    return marts.kept(_question(choice, "checks"), read)


def ask_both(choice: Selection, by: tuple[str, ...] = ()) -> tuple[View, View]:
    """The chosen metric on either basis: what was reported, what checks support."""
    reported = ask(choice, by=by, basis="reported")
    return reported, ask(choice, by=by, basis="verified")


def draw_dumbbell(choice: Selection, level: str, page: str = PAGE) -> None:
    """Reported and verified by unit or sector; a click leads to the place on `page`."""
    reported, verified = (view.frame for view in ask_both(choice, (level,)))
    picture = dumbbell(
        reported,
        verified,
        choice.chosen_metric,
        load_registry(),
        choice.lang,
        month=choice.month,
        dimension=level,
        flags=_flags(choice, level),
        snapshot=marts.current().snapshot,
    )
    both = verification.join_bases(reported, verified)
    view = _list(both, choice, f"{choice.metric}_{level}", picture.title)
    folded = fold_few_checks(reported, verified, load_registry(), level, choice.lang)
    clicked = show_figure(
        picture,
        view,
        choice,
        level,
        caption=catalogue.plain(folded),
        is_clickable=True,
    )
    follow_click(clicked, choice, page, (level,))


def _flags(choice: Selection, level: str) -> dict[str, int]:
    """How many flags stand against the reported figure of each place of a level."""
    about = (choice.chosen_metric, choice.month, ((level,),), choice.where)
    beliefs = ask_beliefs(*about, with_model=False)
    side = ("unit", "sector").index(level)
    return {
        place[side]: belief.n_flags for place, belief in beliefs.items() if place[side]
    }


def draw_bias(checked: Checked, choice: Selection) -> None:
    """Prepared sites against unannounced random checks."""
    compare = functools.partial(verification.compare_prepared, checked)
    bias = marts.kept(_question(choice, "prepared_bias"), compare)
    picture = prepared_bias(bias, choice.lang, snapshot=marts.current().snapshot)
    _show(picture, bias, choice, "prepared_bias")
    methods.explain(choice, "prepared_bias")


def draw_selections(checked: Checked, choice: Selection) -> None:
    """Topics and looks, columns for each way of choosing; files as with any list."""
    judge = functools.partial(verification.judge_selections, checked)
    counted = _keep(marts.kept(_question(choice, "selections"), judge), choice)
    told = verification.selections_table(counted, choice.lang)
    table = told.map(catalogue.solid).rename(columns=catalogue.solid)
    title = choice.text(f"{PAGE}.items")
    with st.container(key="selections", gap="xsmall"):
        st.subheader(title, anchor=False)
        draw_phone_rows(DisplayTable(table, {}), alt=title)
        st.table(table, border="horizontal", hide_index=True)
        view = _list(counted, choice, "selections", title)
        draw_files(view, choice, "selections")


def draw_grades(checked: Checked, choice: Selection) -> None:
    """Grades, a bar for each way of choosing."""
    share = functools.partial(verification.share_grades, checked)
    grades = _keep(marts.kept(_question(choice, "grades"), share), choice)
    picture = grade_bars(grades, choice.lang, snapshot=marts.current().snapshot)
    _show(picture, grades, choice, "grades")


def draw_factors(
    checked: Checked, item: str, choice: Selection, level: str | None
) -> None:
    """Verification factors of one thing that is recounted, whole and by `level`."""
    registry = load_registry()
    about = (checked, item, registry, level)
    measure = functools.partial(verification.measure_factors, *about)
    factors = marts.kept(_question(choice, item, level), measure)
    snapshot = marts.current().snapshot
    picture = factor_bands(factors, registry, choice.lang, snapshot=snapshot)
    caption = verification.usable_checks(factors, choice.lang)
    _show(picture, factors, choice, item, caption)


def show_checks(checks: pd.DataFrame, choice: Selection) -> None:
    """List the checks behind the figures, newest first."""
    checks = _keep(checks, choice)
    rows = verification.checks_rows(checks, choice.chosen_metric.verified.column)
    display = verification.as_table(rows, load_registry(), choice.lang)
    title = choice.text(f"{PAGE}.checks")
    show_records(rows, choice, "checks", title, display=display)


def lead_to_planner(choice: Selection) -> None:
    """What the page shows where nobody has checked anything yet."""
    st.info(choice.text(f"{PAGE}.unchecked"))
    title = choice.text("check_planner.title")
    selection.page_link(choice, "check_planner", title, icon=":material/checklist:")


def _keep(frame: pd.DataFrame, choice: Selection) -> pd.DataFrame:
    """The rows of the ways of choosing that the reader keeps, all by default.

    Estimates are no rows of these: random checks alone make them.
    """
    kept = choice.kinds.get(CHECKS)
    return (
        frame[frame["selection"].isin(kept)].reset_index(drop=True) if kept else frame
    )


def _question(choice: Selection, *parts: str | None) -> tuple[str | None, ...]:
    """Names what is estimated from the checks of a place up to a month."""
    return (*parts, choice.month, repr(choice.where))


def _show(
    picture: Picture,
    frame: pd.DataFrame,
    choice: Selection,
    name: str,
    caption: str = "",
) -> None:
    view = _list(frame, choice, name, picture.title)
    show_figure(picture, view, choice, name, caption=caption)


def _list(frame: pd.DataFrame, choice: Selection, name: str, title: str) -> RecordsView:
    """A frame of reports.reported_vs_verified.rows with its table and files."""
    display = verification.as_table(frame, load_registry(), choice.lang)
    return list_records(frame, choice, name, title, display=display)
