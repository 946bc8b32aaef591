"""The parts of a standard page: what every page of metrics shows, from the registry."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.rates import read_filed_rows
from data_pipeline.registry import Metric, load_registry
from data_pipeline.registry.definitions import Cascade
from reports.belief import add_columns
from reports.figures.lines import month_lines
from reports.figures.style import Picture
from reports.metric_rows import stack
from reports.sector_gaps.figures import sector_bars
from reports.standard_page import cascade as steps
from reports.standard_page.figures import cascade_curves
from reports.standard_page.rows import (
    describe,
    figure_rows,
    metric_matrix,
    places_title,
)
from reports.tables import DisplayTable, records_table
from reports.words import catalogue, sentences, wording
from reports.words.standing import default_anchor, target_in_force
from ui import marts, selection
from ui.belief import ask_beliefs, say_caveat
from ui.components.hot_cold import hot_cold_matrix
from ui.components.link_matrix import draw_link_matrix
from ui.filters import kept_units
from ui.metric_view import View, ask, line_to_compare, say_nothing, show_figure
from ui.records_view import RecordsView, ask_several, list_rows, show_records
from ui.selection import Selection

PAGE = "standard"
MOST_COLOURED = 6  # lines that a picture tells apart
# How wide a matrix of up to so many metrics is, of what it leaves charts at its side.
WIDTHS_BESIDE = {1: 0.6, 3: 0.8, 5: 1.25}


def with_whole(metrics: Sequence[str]) -> tuple[str, ...]:
    """Those of the page whose figure over all words of a category says anything."""
    known = load_registry().metrics
    return tuple(name for name in metrics if known[name].has_whole)


def ask_metrics(choice: Selection, metrics: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The figure of the chosen place for each of these metrics."""
    return {name: ask(choice, metric=name).frame for name in metrics}


def draw_answer(choice: Selection, frames: Mapping[str, pd.DataFrame]) -> None:
    """Say the figure of the chosen metric, what is demanded and where it is worst."""
    metric = choice.chosen_metric
    if not metric.has_whole:
        return  # only its words say anything
    write = functools.partial(_write_answer, choice, frames[metric.id])
    if said := marts.kept_of(choice.alone, (PAGE, "said"), write):
        st.markdown(said)
    else:
        label = wording.in_language(metric, "label", choice.lang)
        none = catalogue.plain(choice.text("figure.no_rows"))
        say_nothing(label, none, choice)


def _write_answer(choice: Selection, whole: pd.DataFrame) -> str:
    metric = choice.chosen_metric
    units = ask(choice, by=("unit",)).frame if _is_by_unit(metric) else whole[:0]
    about = (metric, load_registry(), choice.month, choice.lang)
    more = {"says": say_caveat(choice, metric), "units": _units_within(choice)}
    return catalogue.solid(describe(whole, units, *about, **more))


def draw_figures(choice: Selection, frames: Mapping[str, pd.DataFrame]) -> None:
    """Draw the headline row, what is demanded beside each figure, with its files.

    One line where nothing is known of any of them.
    """
    title = choice.text("standard.figures")
    if not any(map(_is_known, frames.values())):
        say_nothing(title, catalogue.plain(choice.text("figure.no_rows")), choice)
        return

    def write() -> tuple[RecordsView, list[dict[str, Any]]]:
        rows = figure_rows(frames, load_registry(), choice.month)
        return list_rows(rows, choice, "figures", title), _write_headlines(rows, choice)

    part = (PAGE, "figures", tuple(frames))
    view, headlines = marts.kept_of(choice.alone, part, write)
    draw = functools.partial(_draw_headlines, headlines)
    show_figure(draw, view, choice, "figures", title=title)


def _write_headlines(rows: pd.DataFrame, choice: Selection) -> list[dict[str, Any]]:
    """What stands in the card of each metric."""
    written = []
    for row in rows.to_dict("records"):
        metric = load_registry().metrics[row["metric"]]
        # A rate of the few who filled a column in is none of the city.
        blank = sentences.blank(row["n_blank"], choice.lang)
        below = (wording.done_of(row, choice.lang), blank)
        card = {
            "label": wording.in_language(metric, "label", choice.lang),
            "value": wording.rate_of(row, metric.unit, choice.lang),
            "delta": " · ".join(filter(None, below)),
            "help": _explanation(metric, choice) or None,
        }
        written.append(card)
    return written


def _draw_headlines(headlines: Sequence[Mapping[str, Any]]) -> None:
    with st.container(horizontal=True, gap="medium", key="standard-headlines"):
        for card in headlines:
            st.metric(**card, delta_color="off", delta_arrow="off")


def _explanation(metric: Metric, choice: Selection) -> str:
    """What is demanded of a metric, and what has to be known of its figure."""
    demand = wording.milestone_in(metric, choice.month)
    target = wording.demand(demand, metric.unit) if demand else ""
    parts = [choice.text("standard.demand", target=target) if target else ""]
    parts.append(wording.in_language(metric, "note", choice.lang))
    return "\n\n".join(filter(None, parts))


def lay_out(whole: Sequence[str]) -> tuple[Any, Any, Any]:
    """Where the matrix of these metrics, their months and their words are drawn."""
    fitting = (width for most, width in WIDTHS_BESIDE.items() if len(whole) <= most)
    if whole and (width := next(fitting, None)):
        matrix, beside = st.columns([width, 1], gap="medium")
        return matrix, beside, beside
    return st.container(), *st.columns(2, gap="medium")


def draw_matrix(choice: Selection, metrics: Sequence[str]) -> None:
    """Draw places × metrics; a click on a cell turns to that place and metric.

    One line where nothing is known of any place.
    """
    place = functools.partial(_place_matrix, choice, metrics)
    view, matrix = marts.kept_of(choice.alone, (PAGE, "places", tuple(metrics)), place)
    if not _is_known(view.frame):
        none = catalogue.plain(choice.text("figure.no_rows"))
        say_nothing(choice.text("standard.places"), none, choice)
        return
    draw = functools.partial(hot_cold_matrix, matrix, key="places")
    if clicked := show_figure(draw, view, choice, "places"):
        metric_id, unit = clicked.split("|")
        changes = {"metric": metric_id, "unit": unit or None}
        selection.go(choice, selection.current_page(), **changes)


def _place_matrix(
    choice: Selection, metrics: Sequence[str]
) -> tuple[RecordsView, dict[str, Any]]:
    registry = load_registry()
    frames, anchors = {}, {}
    # One that no unit owes is a column of one cell, which the headline row has said.
    by_unit = [name for name in metrics if _is_by_unit(registry.metrics[name])]
    for name in by_unit or metrics:
        metric = registry.metrics[name]
        by = ("unit",) if by_unit else ()
        where = _outside_units(choice)
        whole = ask(choice, metric=name, by=by, where=where, with_totals=True)
        levels = ((), by) if by else ((),)
        beliefs = ask_beliefs(metric, choice.month, levels, where, with_model=False)
        frames[name] = add_columns(whole.frame, beliefs)
        demanded = default_anchor(metric, (choice.month,))
        # From 3 to 4 is as it should be, wherever the city stands.
        anchors[name] = (
            line_to_compare(choice.change(compare="city"), whole)
            if demanded.upper is None
            else demanded
        )
    title = choice.text("standard.places")
    view = list_rows(stack(frames), choice, "places", title)
    found = places_title(frames, registry, choice.lang, plain=title)
    matrix = metric_matrix(
        frames,
        anchors,
        registry,
        choice.lang,
        captions=view.captions(found),
        place=choice.filter_name,
        units=_units_within(choice.change(unit=None, township=None)),
    )
    return view, matrix


def draw_months(choice: Selection, category: str) -> None:
    """Draw the chosen metric over the months, of the place and of the city.

    Where each word of the page's category has a whole of its own, a line a word.
    """
    plot = functools.partial(_plot_months, choice, category)
    picture, view = marts.kept_of(choice.alone, (PAGE, "months", category), plot)
    show_figure(picture, view, choice, "months")


def _plot_months(choice: Selection, category: str) -> tuple[Picture, View]:
    metric = choice.chosen_metric
    months = choice.course(selection.months())
    if not metric.has_whole:
        category = metric.split_by[0]
    of_own_whole = set(metric.dimensions) - set(metric.split_by)
    is_split = not metric.has_whole or category in of_own_whole
    view = ask(
        choice, by=("month", category) if is_split else ("month",), months=months
    )
    city = ask(choice, by=("month",), months=months, where=choice.alike).frame
    last = view.frame[view.frame["month"] == choice.month]
    is_many = is_split and len(last) > MOST_COLOURED
    highest = last.nlargest(MOST_COLOURED, "rate")[category] if is_many else ()
    picture = month_lines(
        view.frame,
        metric,
        load_registry(),
        choice.lang,
        highlight=list(highest),
        city=city if metric.has_whole and (choice.where or is_split) else None,
        target=target_in_force(metric, choice.month),
        place=choice.place,
        snapshot=marts.current().snapshot,
    )
    return picture, view


def draw_words(choice: Selection, category: str) -> None:
    """Draw the words of the page's category and of what divides the metric itself.

    Where it has neither, its sectors.
    """
    plot = functools.partial(_plot_words, choice, category)
    picture, view, said = marts.kept_of(choice.alone, (PAGE, "words", category), plot)
    if picture:
        show_figure(picture, view, choice, "words", caption=said)
    elif said:
        st.caption(said)


def _plot_words(
    choice: Selection, category: str
) -> tuple[Picture | None, View | None, str]:
    """The picture, its rows and what is to be said of them, where there is any."""
    metric = choice.chosen_metric
    own = dict.fromkeys((category, *metric.split_by))
    by = tuple(name for name in own if name in metric.dimensions) or ("sector",)
    if by[0] not in metric.dimensions or (by == ("sector",) and choice.sector):
        return None, None, ""
    view = ask(choice, by=by)
    about = (by, metric, load_registry(), choice.lang)
    caption = sentences.undivided(ask(choice).frame, view.frame, *about)
    if not view.frame["denominator"].any():
        # Nobody owes it along this line, such as sites of counties by sector.
        return None, view, caption
    # A part of the whole place is not compared with the city's whole.
    is_compared = choice.where and not {*by} & {*metric.split_by}
    city = _rate(ask(choice, where=choice.alike).frame) if is_compared else None
    picture = sector_bars(
        view.frame,
        metric,
        load_registry(),
        choice.lang,
        month=choice.month,
        by=by,
        city=city,
        target=target_in_force(metric, choice.month),
        snapshot=marts.current().snapshot,
    )
    return picture, view, caption


def draw_cascade(choice: Selection, cascade: Cascade) -> None:
    """Draw how each topic went down to the branches, and below it unit by unit."""
    plot = functools.partial(_plot_cascade, choice, cascade)
    picture, view, units = marts.kept_of(choice.alone, (PAGE, "cascade"), plot)
    note = wording.in_language(cascade, "note", choice.lang)
    show_figure(picture, view, choice, "cascade", caption=note)
    if picture.nothing or units.frame["unit"].nunique() < 2:
        return  # nothing was filed, or one unit, of which the picture says it all
    title = units.records.title
    draw = functools.partial(_draw_cascade_units, units.frame, choice, title)
    show_figure(draw, units, choice, "cascade-units", title=title, is_table=True)


def _plot_cascade(
    choice: Selection, cascade: Cascade
) -> tuple[Picture, RecordsView, RecordsView]:
    """The picture, its rows, and those unit by unit."""
    registry = load_registry()
    months = tuple(month for month in selection.months() if month <= choice.month)
    metrics = steps.metrics_of(cascade)
    frames = ask_several(metrics, ("month", "unit"), months, choice.where)
    topics = steps.opened_topics(cascade, registry, choice.month)
    levels = steps.level_rows(frames, cascade, topics, registry)
    words = {
        "topic": steps.topic_names(registry, choice.lang),
        steps.LEVEL: steps.level_names(cascade, choice.lang),
    }
    picture = cascade_curves(
        levels, cascade, registry, choice.lang, snapshot=marts.current().snapshot
    )
    view = list_rows(levels, choice, "cascade", picture.title, words)
    units = steps.unit_rows(frames, topics, registry)
    title = choice.text("standard.cascade_units")
    return picture, view, list_rows(units, choice, "cascade-units", title, words)


def _draw_cascade_units(units: pd.DataFrame, choice: Selection, title: str) -> None:
    """Units × topics, each cell the way of a topic and a link to the unit."""
    registry, page = load_registry(), selection.current_page()
    names = steps.topic_names(registry, choice.lang)
    topics = list(dict.fromkeys(units["topic"]))
    cells: dict[str, list[dict[str, str]]] = {}
    for row in units.to_dict("records"):
        text = steps.cell_text(row, choice.lang)
        unit = wording.place_name(registry, "unit", row["unit"], choice.lang)
        label = f"{unit} {names[row['topic']]} {text}"
        to = choice.link(page, unit=row["unit"])
        cell = {"text": text, "to": to, "label": label, "state": ""}
        cells.setdefault(row["unit"], []).append(cell)
    lines = [
        {
            "name": wording.place_name(registry, "unit", unit, choice.lang),
            "to": choice.link(page, unit=unit),
            "isGroup": False,
            "cells": found,
        }
        for unit, found in cells.items()
    ]
    heads = [{"name": names[topic]} for topic in topics]
    corner = choice.text("standard.cascade_corner")
    draw_link_matrix(title, corner, heads, lines, key="cascade-units", look="narrow")


def draw_rows_behind(choice: Selection) -> None:
    """List the rows that the chosen metric counts, with the file each came from."""
    metric, opened = choice.chosen_metric, marts.current()
    if not metric.is_measured:
        return
    table = opened.registry.lake_tables[metric.counted.table]

    def read() -> tuple[pd.DataFrame, DisplayTable] | None:
        where = {d: v for d, v in choice.where.items() if d in metric.dimensions}
        rows = read_filed_rows(opened, metric, month=choice.month, where=where)
        if rows is None:
            return None
        # What nobody has filled in is no column to look at.
        filled = rows.dropna(axis="columns", how="all")
        about = (filled, table.name, opened.registry, choice.lang)
        return rows, records_table(*about)

    if listed := marts.kept_of(choice.alone, (PAGE, "rows"), read):
        rows, display = listed
        label = wording.in_language(table, "label", choice.lang)
        title = choice.text("standard.rows", table=label)
        show_records(rows, choice, "rows", title, display=display)


def _is_known(frame: pd.DataFrame) -> bool:
    """Whether anybody filed anything of it, be it a blank."""
    return bool(frame[["denominator", "n_blank"]].to_numpy().any())


def _is_by_unit(metric: Metric) -> bool:
    """Whether each unit has a figure of it."""
    owed = metric.owed_by.place if metric.owed_by else "unit"
    return owed == "unit" and "unit" in metric.dimensions


def _outside_units(choice: Selection) -> dict[str, tuple[str, ...]]:
    """The chosen place without its unit: that is a row of the matrix."""
    return choice.change(unit=None, township=None).where


def _units_within(choice: Selection) -> list[str]:
    """Codes of the units of the chosen place, each of which should have rows.

    None where a sector or a kind of branches is chosen, which not every unit has.
    """
    if choice.sector or choice.township or choice.alike:
        return []
    return list(kept_units(load_registry(), choice.where) or load_registry().units)


def _rate(frame: pd.DataFrame) -> float | None:
    rate = frame["rate"].iloc[0]
    return None if wording.is_missing(rate) else float(rate)
