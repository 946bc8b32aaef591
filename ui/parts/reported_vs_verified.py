"""The parts of the page 上报与核实: checks are read and separated once, then drawn."""

from __future__ import annotations

import functools
from typing import NamedTuple

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
from reports.words.sentences import gaps
from ui import marts, selection
from ui.belief import ask_beliefs
from ui.desk_rows import draw_desk_rows
from ui.filters import CHECKS
from ui.markup import draw_heading
from ui.metric_view import View, ask, draw_files, follow_click, show_figure
from ui.parts import methods
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

    question = ("checks", choice.month, repr(choice.where))
    return marts.kept(question, read)


class Said(NamedTuple):
    """What a page says of one metric, as markdown.

    `head` is what was reported and confirmed, `basis` on what it rests, `moved` what
    rounds have moved, "" where there has been one; `error` is for analysts.
    """

    head: str
    basis: str
    moved: str
    error: str


def say_both(choice: Selection, checked: Checked) -> Said:
    """What was reported and confirmed, in words."""

    def write() -> Said:
        metric, lang = choice.chosen_metric, choice.lang
        reported, verified = (view.frame for view in ask_both(choice))
        head = verification.headline(reported, verified, metric, lang)
        left_out = (reported[name].iloc[0] for name in ("n_missing", "n_blank"))
        head = f"**{catalogue.plain(head)}** {gaps(*left_out, lang)}"
        column = metric.verified.column
        estimate = verification.estimate(checked, column)
        until = verification.last_day(checked, column)
        basis = verification.explain_estimate(estimate, lang, until=until)
        basis = f"{basis} {verification.explain_draws(verified, lang)}".strip()
        basis = methods.with_links(choice, basis, "stratified_estimate")
        error = verification.explain_error(estimate, lang)
        error = methods.sentence(choice, "stratified_estimate", error)
        change = verification.change_of_rounds(checked, column)
        moved = verification.explain_change(change, lang)
        if moved:
            moved = f"{moved} {choice.text('methods.change_of_rounds.sentence')}"
            moved = methods.with_links(choice, moved, "change_of_rounds")
        return Said(head, basis, moved, error)

    return marts.kept_of(choice.alone, (PAGE, "said"), write)


def ask_both(choice: Selection, by: tuple[str, ...] = ()) -> tuple[View, View]:
    """The chosen metric on either basis: what was reported, what checks support."""
    reported = ask(choice, by=by, basis="reported")
    return reported, ask(choice, by=by, basis="verified")


def draw_dumbbell(choice: Selection, level: str, page: str = PAGE) -> None:
    """Reported and verified by unit or sector; a click leads to the place on `page`."""
    plot = functools.partial(_plot_dumbbell, choice, level)
    picture, view, folded = marts.kept_of(choice.alone, (PAGE, "both", level), plot)
    about = {"caption": folded, "is_clickable": True}
    clicked = show_figure(picture, view, choice, level, **about)
    follow_click(clicked, choice, page, (level,))


def _plot_dumbbell(choice: Selection, level: str) -> tuple[Picture, RecordsView, str]:
    """The picture, its rows, and which places are left out of it."""
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
    return picture, view, catalogue.plain(folded)


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

    def plot() -> tuple[Picture, RecordsView]:
        bias = verification.compare_prepared(checked)
        picture = prepared_bias(bias, choice.lang, snapshot=marts.current().snapshot)
        return picture, _list(bias, choice, "prepared_bias", picture.title)

    drawn = marts.kept_of(choice.alone, (PAGE, "prepared_bias"), plot)
    show_figure(*drawn, choice, "prepared_bias")
    methods.explain(choice, "prepared_bias")


def draw_selections(checked: Checked, choice: Selection) -> None:
    """Topics and looks, columns for each way of choosing; files as with any list."""
    title = choice.text(f"{PAGE}.items")

    def write() -> tuple[DisplayTable, RecordsView]:
        counted = _keep(verification.judge_selections(checked), choice)
        told = verification.selections_table(counted, choice.lang)
        return DisplayTable(told, {}), _list(counted, choice, "selections", title)

    table, view = marts.kept_of(choice.alone, (PAGE, "selections"), write)
    with st.container(key="selections", gap="xsmall"):
        draw_heading(title, level=3)
        draw_desk_rows(table, key="rows-selections", alt=title)
        draw_files(view, choice, "selections")


def draw_grades(checked: Checked, choice: Selection) -> None:
    """Grades, a bar for each way of choosing."""

    def plot() -> tuple[Picture, RecordsView]:
        grades = _keep(verification.share_grades(checked), choice)
        picture = grade_bars(grades, choice.lang, snapshot=marts.current().snapshot)
        return picture, _list(grades, choice, "grades", picture.title)

    drawn = marts.kept_of(choice.alone, (PAGE, "grades"), plot)
    show_figure(*drawn, choice, "grades")


def draw_factors(
    checked: Checked, item: str, choice: Selection, level: str | None
) -> None:
    """Verification factors of one thing that is recounted, whole and by `level`."""

    def plot() -> tuple[Picture, RecordsView, str]:
        registry, snapshot = load_registry(), marts.current().snapshot
        factors = verification.measure_factors(checked, item, registry, level)
        picture = factor_bands(factors, registry, choice.lang, snapshot=snapshot)
        said = verification.usable_checks(factors, choice.lang)
        return picture, _list(factors, choice, item, picture.title), said

    part = (PAGE, "factors", item, level)
    picture, view, said = marts.kept_of(choice.alone, part, plot)
    show_figure(picture, view, choice, item, caption=said)


def show_checks(checks: pd.DataFrame, choice: Selection) -> None:
    """List the checks behind the figures, newest first."""

    def tell() -> tuple[pd.DataFrame, DisplayTable]:
        kept = _keep(checks, choice)
        rows = verification.checks_rows(kept, choice.chosen_metric.verified.column)
        return rows, verification.as_table(rows, load_registry(), choice.lang)

    rows, display = marts.kept_of(choice.alone, (PAGE, "checks"), tell)
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


def _list(frame: pd.DataFrame, choice: Selection, name: str, title: str) -> RecordsView:
    """A frame of reports.reported_vs_verified.rows with its table and files."""
    display = verification.as_table(frame, load_registry(), choice.lang)
    return list_records(frame, choice, name, title, display=display)
