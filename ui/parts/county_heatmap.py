"""Matrix, map and card of the heatmap: one view, worked out once for all readers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import streamlit as st

from data_pipeline.rates import add_totals, read_rates
from data_pipeline.registry import CELL, load_registry
from reports.belief import add_columns
from reports.cell_classes import (
    count_classes,
    explain_cold,
    judge_cells,
    judging_line,
    take_classes,
)
from reports.county_heatmap.card import Line, describe_cell
from reports.figures.county_map import load_map
from reports.figures.matrix import (
    Anchor,
    fit_steps,
    map_shapes,
    matrix_cells,
    plain_rows,
    say_unchecked_once,
)
from reports.files.export_context import JUDGED
from reports.files.workbook import matrix_workbook
from reports.ledger_quality.rows import select
from reports.overview.first_screen import coldest_cells, name_coldest
from reports.words import catalogue, wording
from ui import marts, selection
from ui.belief import LEVELS, ask_beliefs
from ui.components.hot_cold import hot_cold_map, hot_cold_matrix
from ui.components.kit import to_bytes
from ui.components.link_matrix import draw_link_matrix
from ui.filters import kept_units
from ui.markup import draw_heading
from ui.metric_view import (
    View,
    ask,
    has_withheld,
    line_to_compare,
    show_figure,
    spread_of,
    units_of,
)
from ui.parts import methods
from ui.parts.actions import cell_actions
from ui.parts.standing import say_standing
from ui.parts.title_row import draw_title_row
from ui.records_view import ask_filing
from ui.selection import Selection

PAGE = "county_heatmap"
CHOICES = ("metric", "month", "basis", "compare")


@dataclasses.dataclass(frozen=True)
class Heatmap:
    """All that a metric, month, basis and comparison say of the whole city.

    `view` is by unit and sector with each cell's class and belief, `line` what they
    are compared with, `standing` the answer in words, `cells` as `matrix_cells` gives
    them.
    """

    view: View
    line: Anchor
    standing: str
    cells: Mapping[str, Any]

    @property
    def has_sectors(self) -> bool:
        return "sector" in self.view.context.by

    @functools.cached_property
    def drawn(self) -> Mapping[str, Any]:
        """The cells as a matrix shows them."""
        return say_unchecked_once(self.cells, self.view.context.language)

    @functools.cached_property
    def written(self) -> bytes:
        """What `drawn` is sent as."""
        return to_bytes(self.drawn)

    @functools.cached_property
    def by_place(self) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Cell and row of the view by id."""
        rows = {}
        for row in plain_rows(self.view.frame):
            codes = (row.get(name) for name in CELL)
            known = ("" if wording.is_missing(code) else code for code in codes)
            rows["|".join(known)] = row
        every = (cell for row in self.cells["rows"] for cell in row["cells"])
        return {c["id"]: (c, rows[c["id"]]) for c in every if c["id"] in rows}


def draw_head(choice: Selection, metrics: Collection[str]) -> Selection:
    """Title and choices in one row."""
    title = choice.text("county_heatmap.title")
    return draw_title_row(choice, title, *CHOICES, metrics=metrics)


def look_at(choice: Selection) -> Heatmap:
    """The heatmap of what is chosen, kept for all readers of the snapshot."""
    key = (choice.metric, choice.month, choice.basis, choice.compare, choice.lang)
    question = ("heatmap", *key, repr(choice.within))
    return marts.kept(question, lambda: _work_out(choice))


def _work_out(choice: Selection) -> Heatmap:
    here = choice.change(unit=None, sector=None, township=None, branch=None)
    view = ask(here, by=CELL, where=here.alike, with_totals=True)
    view, line = judge_view(view, line_to_compare(here, view))
    if here.where != here.alike:
        view = _keep_filter(view, line, here)
    counts = count_classes(view.frame, here.lang)
    parts = (say_standing(here), counts and f"**{counts}**", _say_coldest(view, here))
    standing = " ".join(filter(None, parts))
    rows = "matrix" if "sector" in view.context.by else "units"
    cells = matrix_cells(
        view.frame,
        view.context.metric,
        view.context.registry,
        line,
        here.lang,
        captions=view.captions(here.text(f"county_heatmap.{rows}")),
        units=kept_units(load_registry(), here.within) or None,
        sectors=_sectors(view),
        whole=here.filter_name,
    )
    return Heatmap(view, line, standing, cells)


def _say_coldest(view: View, choice: Selection) -> str:
    """The coldest cell of a metric of which more is better; '' where none is cold."""
    context = view.context
    is_judged = context.basis == "reported" and context.metric.better == "higher"
    if not is_judged or "sector" not in context.by:
        return ""
    coldest = coldest_cells(view.frame)
    if coldest.empty:
        return ""
    place = name_coldest(coldest, context.registry, choice.lang)
    return choice.text("county_heatmap.coldest", place=place)


def _keep_filter(city: View, line: Anchor, choice: Selection) -> View:
    """The places of the filter, each as it was judged in the city, and their sums.

    A part judged alone would be another family of tests. What the units of a filter
    have together is no place: it has no class.
    """
    view = ask(choice, by=CELL, where=choice.within, with_totals=True)
    context = view.context
    frame = take_classes(view.frame, city.frame)
    if JUDGED[0] in frame:
        is_sum = frame["unit"].isna()
        frame[JUDGED[0]] = frame[JUDGED[0]].where(~is_sum, None)
        frame.loc[is_sum, list(JUDGED[1:])] = np.nan
    if context.basis == "reported":
        month = max(context.months)
        levels = LEVELS if "sector" in context.by else LEVELS[:2]
        beliefs = ask_beliefs(context.metric, month, levels, context.where)
        frame = add_columns(frame, beliefs)
    workbook = functools.partial(
        matrix_workbook, frame, context, line, sectors=_sectors(view)
    )
    return dataclasses.replace(view, frame=frame, workbook=workbook)


def judge_view(view: View, line: Anchor) -> tuple[View, Anchor]:
    """A view by unit and sector with each cell's class and what is believed of it.

    The matrix is its workbook. `line` is what both colours and classes compare with;
    it comes back with the colour steps that fit the spread of the cells.
    """
    context = view.context
    month = max(context.months)
    spread = spread_of(context.metric, month)
    cells = judge_cells(view.frame, context.metric, month, line, spread=spread)
    if context.basis == "reported":
        beliefs = ask_beliefs(context.metric, month, where=context.where)
        cells = add_columns(cells, beliefs)
    line = fit_steps(cells, context.metric, line)
    workbook = functools.partial(
        matrix_workbook, cells, context, line, sectors=_sectors(view)
    )
    return dataclasses.replace(view, frame=cells, workbook=workbook), line


def describe_classes(
    view: View, choice: Selection, compare: Anchor | None = None
) -> str:
    """What cold means in a view, or what its verified rates are, as markdown.

    `compare` is the line of `judge_view`, where the reader has chosen one.
    """
    metric, month = view.context.metric, max(view.context.months)
    if view.context.basis == "verified":
        sentence = choice.text("county_heatmap.verified")
        return methods.with_links(choice, sentence, "stratified_estimate")
    line = judging_line(metric, month, compare)
    if line is None and has_withheld(view.frame):
        return ""  # what the city reached is not public, and so is what to compare with
    cards = ["cell_class"] * bool(line)
    cards += ["by_branch"] * bool(line and metric.is_clustered)
    kinds = {one.kind for one in (line, compare and compare.goal) if one}
    cards += ["pace_line"] * bool(line and "pace" in kinds)
    sentence = explain_cold(metric, month, choice.lang, compare)
    return methods.with_links(choice, sentence, *cards)


def show_matrix(heatmap: Heatmap, choice: Selection) -> str | None:
    """Draw units × 1+6 with the files of map and matrix.

    Returns the id "unit|sector" of the selected cell once it is clicked again.
    """
    view = heatmap.view
    about = {"key": "matrix", **_clickable(choice)}
    draw = functools.partial(hot_cold_matrix, heatmap.written, **about)
    caption = describe_classes(view, choice, heatmap.line)
    # The cells are judged together wherever they are judged at all.
    if "cell_class" in view.frame:
        caption += " " + methods.sentence(choice, "benjamini_hochberg")
    if has_withheld(view.frame):
        caption += " " + methods.link(choice, "withheld")
    return show_figure(draw, view, choice, "matrix", caption=caption)


def show_map(heatmap: Heatmap, choice: Selection) -> str | None:
    """Draw the units of the chosen sector, or as a whole; returns what was clicked."""
    context, sector = heatmap.view.context, choice.sector
    written = marts.kept(
        ("heatmap map", repr(context.name_parts), heatmap.line.kind, sector)
        + (choice.lang,),
        lambda: to_bytes(map_data(heatmap.view, heatmap.line, choice)),
    )
    with st.container(key="figure-map"):
        return hot_cold_map(written, key="map", **_clickable(choice))


def map_data(view: View, line: Anchor, choice: Selection) -> dict[str, Any]:
    """The column of a matrix as a map, ready to draw."""
    places, context = units_of(view, choice.sector), view.context
    shapes = map_shapes(
        places.frame.assign(sector=choice.sector),
        context.metric,
        context.registry,
        line,
        choice.lang,
        captions=places.captions(choice.text("county_heatmap.map")),
        county_map=load_map(context.registry.map_path),
        sector=choice.sector,
    )
    return say_unchecked_once(shapes, choice.lang)


def draw_card(choice: Selection) -> None:
    """Draw all that is known of the selected cell, and what can be done about it."""
    heatmap = look_at(choice.change(basis="reported"))
    context = heatmap.view.context
    identity = _selected(choice)
    if identity not in heatmap.by_place:
        sentence = choice.text("county_heatmap.no_cell", place=choice.place)
        st.info(catalogue.plain(sentence))
        return
    # A figure of a due day rests on the ledger of its month.
    ledger_month = min(choice.month, context.metric.ledger_month(choice.month))
    card = describe_cell(
        *heatmap.by_place[identity],
        context,
        heatmap.line,
        months=rates_by_month(choice, identity),
        flags=select(marts.current_flags()[0].found, ledger_month),
        filing=ask_filing((ledger_month,)),
    )
    with st.container(border=True, key="card", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            draw_heading(card.title, width="content")
            close = catalogue.plain(choice.text("county_heatmap.close"))
            to = choice.link(PAGE, unit=None, sector=None)
            st.markdown(f"[{close}]({to})", width="content")
        lines = [_link_line(line, choice) for line in card.lines]
        draw_link_matrix(card.title, "", [], lines, key="card-lines", look="read")
        cell_actions(choice, choice.unit, choice.sector, key="card")


def _link_line(line: Line, choice: Selection) -> dict[str, Any]:
    cell = {"text": line.text, **line.picture}
    if line.page:
        cell["to"] = choice.open_link(line.page)
    return {"name": line.name, "cells": [cell]}


def rates_by_month(choice: Selection, identity: str) -> dict[str, float]:
    """The rate of a place in each month, of one query for all places of a metric."""
    registry = load_registry()
    metric = registry.metrics[choice.metric]
    by = ("month", *(name for name in CELL if name in metric.dimensions))
    where = {d: v for d, v in choice.within.items() if d in metric.dimensions}

    def read() -> dict[str, dict[str, float]]:
        months = selection.months()
        question = {"where": where, "months": months}
        read = functools.partial(read_rates, marts.current(), metric.id, **question)
        frame = add_totals(read(by=by), by, lambda part: read(by=part))
        frame = frame.reindex(columns=["month", *CELL, "rate"])
        found: dict[str, dict[str, float]] = {}
        for month, unit, sector, rate in frame.itertuples(index=False):
            place = ("" if wording.is_missing(c) else c for c in (unit, sector))
            found.setdefault("|".join(place), {})[month] = float(rate)
        return found

    rates = marts.kept(("rates of all months", metric.id, repr(where)), read).get(
        identity, {}
    )
    return {month: rate for month, rate in rates.items() if month <= choice.month}


def _clickable(choice: Selection) -> dict[str, str]:
    to = choice.link(PAGE, unit=None, sector=None)
    return {"to": to, "selected": _selected(choice)}


def _sectors(view: View) -> tuple[str, ...] | None:
    """The columns beside 总体: all, or none for what has no sectors."""
    return None if "sector" in view.context.by else ()


def _selected(choice: Selection) -> str:
    if choice.unit or choice.sector:
        return f"{choice.unit or ''}|{choice.sector or ''}"
    return ""
