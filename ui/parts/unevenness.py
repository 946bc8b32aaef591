"""The section 不均衡 of a page: a sentence and a trend; for analysts all the rest.

Measures, equiplot, funnel and indices are worked out only while 供分析 is open. All
stands on the ledger as reported: a complete ledger has no sampling error, while
verified rates of small places differ by the luck of the draw alone. The funnel, which
is made to tell luck from difference, follows the chosen basis.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, Metric, load_registry
from reports.belief import add_columns
from reports.cell_classes import judge_cells, take_classes
from reports.figures.matrix import Anchor
from reports.files.workbook import rates_workbook
from reports.sector_gaps import unevenness as uneven
from reports.sector_gaps.unevenness_figures import (
    FUNNEL_CEILING,
    equiplot,
    funnel,
    unevenness_trend,
)
from reports.tables import DisplayTable, Hint
from reports.words import catalogue
from ui import marts, selection
from ui.belief import ask_beliefs, say_caveat
from ui.markup import draw_heading
from ui.metric_view import (
    View,
    ask,
    draw_files,
    follow_click,
    for_analysts,
    has_withheld,
    levels_below,
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


def line_of(choice: Selection, metric: Metric | None = None) -> Anchor:
    """What the chosen month's places are compared with on every part of a page."""
    return _judge_city(choice, metric or choice.chosen_metric)[1]


def _judge_city(choice: Selection, metric: Metric) -> tuple[pd.DataFrame, Anchor]:
    """Classes of the whole city as reported and their line, kept for all readers."""

    def judge() -> tuple[pd.DataFrame, Anchor]:
        whole_city = {"metric": metric.id, "basis": "reported", "where": choice.alike}
        city = ask(choice, by=CELL, with_totals=True, **whole_city)
        reported = choice.change(basis="reported")
        about, line = (metric, choice.month), line_to_compare(reported, city)
        judged = judge_cells(city.frame, *about, line, spread=spread_of(*about))
        return judged, line

    question = ("classes", metric.id, choice.month, choice.compare)
    return marts.kept((*question, repr(choice.alike)), judge)


def with_classes(view: View, choice: Selection) -> View:
    """A view by unit and sector with the class and belief of each cell of the heatmap.

    The cells of the whole city are one family of tests, so a part of them is judged
    with all of them. Any other view comes back as it is.
    """
    context = view.context
    is_reported = context.basis == "reported" and len(context.months) == 1
    single = {name: c[0] for name, c in context.where.items() if len(c) == 1}
    fixed = {name: single[name] for name in CELL if name in single}
    # Cells of the filter are cells of the city; a township, or the sum of some units,
    # is none.
    outside = set(context.where) - {*fixed, *context.by, *choice.within}
    if {*context.by, *fixed} != set(CELL) or outside or not is_reported:
        return view
    metric, month = context.metric, context.months[0]
    judged, line = _judge_city(choice.change(month=month), metric)
    fixed = {name: code for name, code in fixed.items() if name not in context.by}

    def judge() -> pd.DataFrame:
        classes = take_classes(view.frame, judged, **fixed)
        beliefs = ask_beliefs(metric, month, (context.by,), context.where)
        return add_columns(classes, beliefs, **fixed)

    question = ("judged", metric.id, month, choice.compare, context.by)
    question += (repr(context.where), tuple(view.frame.columns))
    frame = marts.kept(question, judge).copy(deep=False)
    workbook = functools.partial(rates_workbook, frame, context, line)
    return dataclasses.replace(view, frame=frame, workbook=workbook)


def show_unevenness(choice: Selection, page: str) -> None:
    """Draw the section for what is chosen; nothing where there is only one place."""
    by = levels_below(choice)
    if not by:
        return
    title = choice.text("unevenness.title")
    if not uneven.is_measured(choice.chosen_metric):
        st.markdown(f"**{title}** · {choice.text('unevenness.not_measured')}")
        return
    months = choice.course(selection.months())
    by_month = ask(choice, by=("month", *by), months=months, basis="reported")
    cells = month_of(by_month, choice.month)
    traced = _trace(by_month, choice)
    hidden = ""
    if has_withheld(by_month.frame):
        sentence = choice.text("unevenness.withheld")
        hidden = methods.with_links(choice, sentence, "withheld")
    n_cells = int((cells.frame["denominator"].fillna(0) > 0).sum())
    if n_cells < 2:
        none = choice.text("unevenness.one_place" if n_cells else "figure.no_rows")
        st.markdown(f"**{title}** · {hidden or none}")
        return
    draw_heading(title)
    if hidden:
        st.caption(hidden)
    if choice.basis != "reported":
        st.caption(choice.text("unevenness.reported_only"))
    _show_trend(traced, choice)
    title = choice.text("unevenness.analysts")
    if opened := for_analysts(title):
        with opened:
            _draw_analysis(cells, by, choice, page)


def _trace(by_month: View, choice: Selection) -> pd.DataFrame:
    """Rate and unevenness by month, each month held to its line of the comparison."""
    context = by_month.context
    question = ("trace", context.metric.id, context.by, context.months)
    question += (repr(context.where), choice.compare)

    def trace() -> pd.DataFrame:
        return uneven.trace(by_month.frame, context.metric, _lines(by_month, choice))

    return marts.kept(question, trace)


def _lines(by_month: View, choice: Selection) -> dict[str, Anchor]:
    """By month, what places are compared with; none where that is the target."""
    months = by_month.context.months
    if choice.compare == "previous":  # each place with itself: no line of all
        return dict.fromkeys(months, Anchor("last_month"))
    if choice.compare != "city":
        return {}
    requested = {"where": choice.alike, "months": months, "basis": "reported"}
    city = ask(choice, by=("month",), **requested).frame
    rates = zip(city["month"], city["rate"], strict=True)
    return {month: Anchor("city", float(rate)) for month, rate in rates}


def _draw_analysis(
    cells: View, by: tuple[str, ...], choice: Selection, page: str
) -> None:
    """For analysts: every measure, each unit's sectors, and what chance explains."""
    metric, month, lang = cells.context.metric, choice.month, choice.lang
    line = line_of(choice)
    measured = uneven.measure(cells.frame, metric, month, line)
    about = (cells.frame, metric, load_registry(), month, lang)
    says = say_caveat(choice.change(basis="reported"), metric)
    listed = uneven.list_measures(measured, *about, compare=line, says=says)
    _draw_measures(listed, choice)
    left, right = st.columns(2, gap="medium")
    if by == CELL:
        with left:
            frame = uneven.add_shares(cells.frame, measured)
            view = with_classes(dataclasses.replace(cells, frame=frame), choice)
            about = (cells.frame, metric, load_registry(), lang)
            snapshot = marts.current().snapshot
            picture = equiplot(*about, month=month, snapshot=snapshot)
            caption = choice.text("unevenness.equiplot")
            clicked = show_figure(
                picture, view, choice, "equiplot", caption=caption, is_clickable=True
            )
            follow_click(clicked, choice, page, by)
    with right if by == CELL else left:
        _show_funnel(choice, page, by, line)
    _draw_indices(measured, by, choice)


def _draw_measures(measures: Sequence[uneven.Measure], choice: Selection) -> None:
    """Each measure as a figure with its sentence: six across on a desk."""
    with st.grid(len(measures), min_column_width=170, key="measures"):
        for measure in measures:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(catalogue.plain(measure.label), measure.value)
                card = CARDS[measure.code]
                st.caption(methods.with_links(choice, measure.says, card))


def _show_trend(traced: pd.DataFrame, choice: Selection) -> None:
    snapshot = marts.current().snapshot
    about = (traced, choice.chosen_metric, choice.lang)
    picture = unevenness_trend(*about, place=choice.place, snapshot=snapshot)
    display = _trace_table(traced, choice)
    rows = traced.reset_index()
    name = f"unevenness_{choice.metric}"
    view = list_records(rows, choice, name, picture.title, display=display)
    caption = methods.sentence(choice, "unevenness_trend")
    # The finding is the title: does the gap close while the average rises?
    title = uneven.describe_trend(traced, choice.lang).rstrip("。.")
    show_figure(picture, view, choice, "unevenness", title=title, caption=caption)


def _trace_table(traced: pd.DataFrame, choice: Selection) -> DisplayTable:
    kinds = {"rate": "percent", "still_missing": "integer"}
    columns = {choice.text("selection.month"): list(traced.index)}
    hints = {choice.text("selection.month"): Hint("text")}
    for name in traced.columns:
        heading = choice.text(f"unevenness.column.{name}")
        columns[heading] = traced[name].to_list()
        hints[heading] = Hint(kinds.get(name, "number"))
    return DisplayTable(pd.DataFrame(columns), hints)


def _show_funnel(
    choice: Selection, page: str, by: tuple[str, ...], line: Anchor
) -> None:
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
    # The line that colours and classes stand on; where each place has one of its own,
    # the place's own rate.
    whole, middle = line.value, choice.text(f"hot_cold.anchor_{line.kind}")
    if whole is None or choice.basis == "verified":
        whole, middle = float(ask(choice).frame["rate"].iloc[0]), choice.place
    picture = funnel(
        view.frame,
        metric,
        registry,
        choice.lang,
        month=choice.month,
        by=by,
        city=whole if pd.notna(whole) else None,
        middle=middle,
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
    sentences = (methods.sentence(choice, card) for card in cards)
    caption = " ".join((*sentences, follow))
    about = {"caption": caption, "is_clickable": True}
    clicked = show_figure(picture, view, choice, "funnel", **about)
    follow_click(clicked, choice, page, by)


def _draw_indices(
    measured: uneven.Unevenness, by: tuple[str, ...], choice: Selection
) -> None:
    """The indices of the literature, and every measure as a file."""
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
