"""县区冷热图: every unit and sector at once, on the map and as a matrix."""

import dataclasses
import functools

import streamlit as st

from data_pipeline.registry import load_registry
from reports import cell_classes
from reports.county_map import load_map
from reports.hot_cold import map_shapes, matrix_cells
from reports.workbook import matrix_workbook
from ui import selection
from ui.hot_cold import hot_cold_map, hot_cold_matrix
from ui.menu import PAGES
from ui.metric_view import ask, line_to_compare, show_figure, units_of

choice = selection.current()
registry = load_registry()
st.title(choice.text("county_heatmap.title"), anchor=False)
selection.breadcrumb(choice, "county_heatmap")
choice = selection.choose(choice, "metric", "month", "basis", "compare")

view = ask(choice, by=("unit", "sector"), where={}, with_totals=True)
metric = view.context.metric
line = line_to_compare(choice, view)
cells = cell_classes.judge_cells(view.frame, metric, choice.month)
view = dataclasses.replace(
    view,
    frame=cells,
    workbook=functools.partial(matrix_workbook, cells, view.context, line),
)
counts = cell_classes.count_classes(cells, choice.lang)
rule = cell_classes.explain_cold(metric, choice.month, choice.lang)
st.markdown(f"**{counts}** {rule}" if counts else rule)

places = units_of(view, choice.sector)
shown = (metric, registry, line, choice.lang)
selected = None
if choice.unit or choice.sector:
    selected = f"{choice.unit or ''}|{choice.sector or ''}"
left, right = st.columns([1, 1.6], gap="medium")
with left:
    selection.choose(choice, "sector")
    shapes = map_shapes(
        places.frame.assign(sector=choice.sector),
        *shown,
        captions=places.captions(choice.text("county_heatmap.map")),
        county_map=load_map(registry.map_path),
        sector=choice.sector,
        selected=selected,
    )
    draw = functools.partial(hot_cold_map, shapes, key="map")
    on_map = show_figure(draw, places, choice, "map")
with right:
    rows = matrix_cells(
        view.frame,
        *shown,
        captions=view.captions(choice.text("county_heatmap.matrix")),
        selected=selected,
    )
    draw = functools.partial(hot_cold_matrix, rows, key="matrix")
    on_matrix = show_figure(draw, view, choice, "matrix")
if clicked := on_matrix or on_map:
    unit, sector = clicked.split("|")
    is_row_head = unit and not sector and "area_profile" in PAGES
    page = "area_profile" if is_row_head else "sector_gaps"
    selection.go(choice, page, unit=unit or None, sector=sector or None)
