"""Matrix and map of a view, each with its table and files of the same rows."""

from __future__ import annotations

import dataclasses
import functools

from reports.belief import add_columns
from reports.cell_classes import explain_cold, judge_cells, judging_line
from reports.figures.county_map import load_map
from reports.figures.matrix import Anchor, fit_steps, map_shapes, matrix_cells
from reports.files.workbook import matrix_workbook, rates_workbook
from ui.belief import ask_beliefs
from ui.components.hot_cold import hot_cold_map, hot_cold_matrix
from ui.metric_view import View, show_figure, spread_of, units_of
from ui.parts import methods
from ui.selection import Selection


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
        cells = add_columns(cells, ask_beliefs(context.metric, month))
    line = fit_steps(cells, context.metric, line)
    workbook = functools.partial(
        matrix_workbook, cells, context, line, sectors=_sectors(view)
    )
    return dataclasses.replace(view, frame=cells, workbook=workbook), line


def tell_classes(view: View, choice: Selection, compare: Anchor | None = None) -> str:
    """What cold means in a view, or what its verified rates are, as markdown.

    `compare` is the line of `judge_view`, where the reader has chosen one.
    """
    metric, month = view.context.metric, max(view.context.months)
    if view.context.basis == "verified":
        told = choice.text("county_heatmap.verified")
        return methods.with_links(choice, told, "stratified_estimate")
    line = judging_line(metric, month, compare)
    cards = ["cell_class"] * bool(line)
    cards += ["by_branch"] * bool(line and metric.is_clustered)
    kinds = {one.kind for one in (line, compare and compare.goal) if one}
    cards += ["pace_line"] * bool(line and "pace" in kinds)
    told = explain_cold(metric, month, choice.lang, compare)
    return methods.with_links(choice, told, *cards)


def show_matrix(view: View, choice: Selection, line: Anchor, title: str) -> str | None:
    """Draw units × 1+6; returns the id "unit|sector" of the cell that was clicked."""
    context = view.context
    data = matrix_cells(
        view.frame,
        context.metric,
        context.registry,
        line,
        choice.lang,
        captions=view.captions(title),
        sectors=_sectors(view),
        selected=_selected(choice),
    )
    draw = functools.partial(hot_cold_matrix, data, key="matrix")
    # The cells are judged together wherever they are judged at all.
    is_judged = "cell_class" in view.frame
    caption = methods.sentence(choice, "benjamini_hochberg") if is_judged else ""
    return show_figure(draw, view, choice, "matrix", caption=caption)


def show_map(view: View, choice: Selection, line: Anchor, title: str) -> str | None:
    """Draw the units of the chosen sector, or as a whole; returns what was clicked."""
    places, context = units_of(view, choice.sector), view.context
    workbook = functools.partial(rates_workbook, places.frame, places.context, line)
    places = dataclasses.replace(places, workbook=workbook)
    data = map_shapes(
        places.frame.assign(sector=choice.sector),
        context.metric,
        context.registry,
        line,
        choice.lang,
        captions=places.captions(title),
        county_map=load_map(context.registry.map_path),
        sector=choice.sector,
        selected=_selected(choice),
    )
    draw = functools.partial(hot_cold_map, data, key="map")
    return show_figure(draw, places, choice, "map")


def _sectors(view: View) -> tuple[str, ...] | None:
    """The columns beside 总体: all, or none for what has no sectors."""
    return None if "sector" in view.context.by else ()


def _selected(choice: Selection) -> str | None:
    if choice.unit or choice.sector:
        return f"{choice.unit or ''}|{choice.sector or ''}"
    return None
