"""The section 不均衡 of a page: the measures in their order, pictures, and a funnel.

It stands on the ledger as reported: a complete ledger has no sampling error, while
verified rates of small places differ by the luck of the draw alone. The funnel, which
is made to tell luck from difference, follows the chosen basis.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.belief import add_columns
from reports.cell_classes import CELL, judge_cells, take_classes
from reports.gallery import equiplot, funnel, unevenness_trend
from reports.sector_gaps import unevenness as uneven
from reports.sector_gaps.unevenness_figures import FUNNEL_CEILING
from reports.tables import DisplayTable, Hint
from reports.words import catalogue
from ui import marts, selection
from ui.belief import ask_beliefs, say_caveat
from ui.metric_view import (
    View,
    ask,
    draw_files,
    follow_click,
    line_to_compare,
    month_of,
    show_figure,
    spread_of,
)
from ui.parts import methods
from ui.records_view import list_records
from ui.selection import Selection

# Code of `uneven_places.list_measures` to the card of its method.
CARDS = {
    "still_missing": "still_missing",
    "gap_to_target": "gap_to_target",
    "spread": "hottest_coldest",
    "mean_distance": "mean_distance",
    "room": "room_to_improve",
    "split": "between_within",
}


def with_classes(view: View, choice: Selection) -> View:
    """A view by unit and sector with the class and belief of each cell of the heatmap.

    The cells of the whole city are one family of tests, so a part of them is judged
    with all of them. Any other view comes back as it is.
    """
    context = view.context
    is_reported = context.basis == "reported" and len(context.months) == 1
    if {*context.by, *context.where} != set(CELL) or not is_reported:
        return view
    asked = {"metric": context.metric.id, "basis": "reported", "where": {}}
    city = ask(choice, by=CELL, months=context.months, with_totals=True, **asked)
    about = (context.metric, context.months[0])
    line = line_to_compare(choice, city)
    judge = functools.partial(
        judge_cells, city.frame, *about, line, spread=spread_of(*about)
    )
    judged = marts.once(("classes", *about, choice.compare), judge)
    fixed = {dimension: codes[0] for dimension, codes in context.where.items()}
    classes = take_classes(view.frame, judged, **fixed)
    beliefs = ask_beliefs(*about, (context.by,), context.where)
    return dataclasses.replace(view, frame=add_columns(classes, beliefs, **fixed))


def show_unevenness(choice: Selection, page: str) -> None:
    """Draw the section for what is chosen; nothing where there is only one place."""
    below = "township" if choice.unit else "unit"
    reached = choice.chosen_metric.dimensions
    levels = (d for d in (below, "sector") if d in reached)
    by = tuple(d for d in levels if not getattr(choice, d))
    if not by:
        return
    st.header(choice.text("unevenness.title"), anchor=False)
    if not uneven.is_measured(choice.chosen_metric):
        st.caption(choice.text("unevenness.not_measured"))
        return
    registry, snapshot = load_registry(), marts.current().snapshot
    months = tuple(month for month in selection.months() if month <= choice.month)
    asked = {"months": months, "basis": "reported"}
    by_month = ask(choice, by=("month", *by), **asked)
    cells = month_of(by_month, choice.month)
    metric, month = cells.context.metric, choice.month
    measured = uneven.measure(cells.frame, metric, month)
    if measured.n_cells < 2:
        none = "unevenness.one_place" if measured.n_cells else "figure.no_rows"
        st.caption(choice.text(none))
        return
    traced = uneven.trace(by_month.frame, metric)
    if told := uneven.describe_trend(traced, choice.lang):
        st.markdown(f"**{told}**")
    if choice.basis != "reported":
        st.caption(choice.text("unevenness.reported_only"))
    about = (cells.frame, metric, registry, month, choice.lang)
    says = say_caveat(choice.change(basis="reported"), metric)
    _draw_measures(uneven.list_measures(measured, *about, says=says), choice)

    shown = (metric, registry, choice.lang)
    left, right = st.columns(2, gap="medium")
    with left:
        if by == CELL:
            frame = uneven.add_shares(cells.frame, measured)
            view = with_classes(dataclasses.replace(cells, frame=frame), choice)
            picture = equiplot(cells.frame, *shown, month=month, snapshot=snapshot)
            caption = choice.text("unevenness.equiplot")
            event = show_figure(
                picture, view, choice, "equiplot", caption=caption, on_select="rerun"
            )
            follow_click(event, choice, page, by)
        else:
            _show_trend(traced, choice)
    with right:
        if by == CELL:
            _show_trend(traced, choice)
        _show_funnel(choice, page, by)
    _draw_indices(measured, by, choice)


def _draw_measures(measures: Sequence[uneven.Measure], choice: Selection) -> None:
    """Each measure as a figure with its sentence: six across on a desk."""
    with st.grid(len(measures), min_column_width=170, key="measures"):
        for measure in measures:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(catalogue.plain(measure.label), measure.value)
                says = measure.says.replace(" %", "\N{NO-BREAK SPACE}%")
                st.caption(methods.with_links(choice, says, CARDS[measure.code]))


def _show_trend(traced: pd.DataFrame, choice: Selection) -> None:
    snapshot = marts.current().snapshot
    about = (traced, choice.chosen_metric, choice.lang)
    picture = unevenness_trend(*about, place=choice.place, snapshot=snapshot)
    display = _trace_table(traced, choice)
    rows = traced.reset_index()
    name = f"unevenness_{choice.metric}"
    view = list_records(rows, choice, name, picture.title, display=display)
    caption = methods.sentence(choice, "unevenness_trend")
    show_figure(picture, view, choice, "unevenness", caption=caption)


def _trace_table(traced: pd.DataFrame, choice: Selection) -> DisplayTable:
    kinds = {"rate": "percent", "still_missing": "integer"}
    columns = {choice.text("selection.month"): list(traced.index)}
    hints = {choice.text("selection.month"): Hint("text")}
    for name in traced.columns:
        heading = choice.text(f"unevenness.column.{name}")
        columns[heading] = traced[name].to_list()
        hints[heading] = Hint(kinds.get(name, "number"))
    return DisplayTable(pd.DataFrame(columns), hints)


def _show_funnel(choice: Selection, page: str, by: tuple[str, ...]) -> None:
    """A funnel by unit or by cell; a click leads to the place."""
    registry, snapshot = load_registry(), marts.current().snapshot
    if len(by) > 1:
        words = {by[0]: choice.text(f"unevenness.by.{by[0]}")}
        words["cell"] = choice.text("unevenness.by.cell")
        label = choice.text("unevenness.points")
        chosen = selection.choose_word(choice, "funnel", words, label=label)
        by = by if chosen == "cell" else by[:1]
    view = with_classes(ask(choice, by=by), choice)
    metric = view.context.metric
    whole = float(ask(choice).frame["rate"].iloc[0])
    # As reported it is the ratio of the sums that are drawn.
    city = whole if choice.basis == "verified" else None
    picture = funnel(
        view.frame,
        metric,
        registry,
        choice.lang,
        month=choice.month,
        by=by,
        city=city if pd.notna(city) else None,
        caveat=say_caveat(choice, metric)({}),
        spread=spread_of(metric, choice.month),
        fixed={name: getattr(choice, name) for name in CELL if getattr(choice, name)},
        snapshot=snapshot,
    )
    is_flat = whole >= FUNNEL_CEILING and choice.basis == "reported"
    cards = ("still_missing",) if is_flat else ("funnel", "over_dispersion")
    if metric.is_clustered and choice.basis == "reported" and not is_flat:
        cards = ("funnel", "by_branch", "over_dispersion")
    follow = choice.text("unevenness.flat_funnel" if is_flat else "unevenness.follow")
    told = (methods.sentence(choice, card) for card in cards)
    caption = " ".join((*told, follow))
    name = f"funnel-{'-'.join(by)}"
    event = show_figure(picture, view, choice, name, caption=caption, on_select="rerun")
    follow_click(event, choice, page, by)


def _draw_indices(
    measured: uneven.Unevenness, by: tuple[str, ...], choice: Selection
) -> None:
    """For analysts: the indices of the literature, and every measure as a file."""
    opened = st.expander(choice.text("unevenness.analysts"), type="compact")
    with opened:
        words = ("index", "value", "says")
        heads = [choice.text(f"unevenness.{word}") for word in words]
        indices = uneven.list_indices(measured, choice.lang)
        methods.explain(choice, "analyst_measures")
        rows = [
            [catalogue.plain(part) for part in (index.label, index.value, index.says)]
            for index in indices
        ]
        st.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))
        frame = uneven.measures_frame(measured, by)
        called = catalogue.texts("unevenness.measure_names")[choice.lang]
        named = pd.DataFrame(
            {heads[0]: frame["measure"].map(called), heads[1]: frame["value"]}
        )
        display = DisplayTable(named, dict.fromkeys(named.columns, Hint("text")))
        name = f"measures_{choice.metric}"
        title = choice.text("unevenness.title")
        view = list_records(frame, choice, name, title, display=display)
        draw_files(view, choice, "measures")
