"""县区冷热图: every unit and sector at once, on the map and as a matrix."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.cell_classes import count_classes
from ui import selection
from ui.menu import PAGES
from ui.metric_view import ask, line_to_compare
from ui.parts.county_heatmap import judge_view, show_map, show_matrix, tell_classes
from ui.parts.standing import say_standing

choice = selection.current()
st.title(choice.text("county_heatmap.title"), anchor=False)
# What groups or sectors owe adds up to no county: it stands on pages of its own.
by_unit = [
    m.id
    for m in load_registry().metrics.values()
    if m.owed_by is None or m.owed_by.place == "unit"
]
choice = selection.choose(
    choice, "metric", "month", "basis", "compare", metrics=by_unit
)

view = ask(choice, by=("unit", "sector"), where={}, with_totals=True)
line = line_to_compare(choice, view)
view, line = judge_view(view, line)
metric = view.context.metric

city = choice.change(group=None, unit=None, sector=None, township=None, branch=None)
st.markdown(say_standing(city))
rule, counts = tell_classes(view, choice, line), count_classes(view.frame, choice.lang)
st.markdown(f"**{counts}** {rule}" if counts else rule)
left, right = st.columns([1, 1.6], gap="medium")
with left:
    if "sector" in metric.dimensions:
        selection.choose(choice, "sector")
    on_map = show_map(view, choice, line, choice.text("county_heatmap.map"))
with right:
    rows = "matrix" if "sector" in metric.dimensions else "units"
    on_matrix = show_matrix(view, choice, line, choice.text(f"county_heatmap.{rows}"))
if clicked := on_matrix or on_map:
    unit, sector = clicked.split("|")
    is_row_head = unit and not sector and "area_profile" in PAGES
    page = "area_profile" if is_row_head else "sector_gaps"
    selection.go(choice, page, unit=unit or None, sector=sector or None)
