"""县区冷热图: every unit and sector at once, on the map and as a matrix."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.words import catalogue
from ui import selection
from ui.menu import PAGES
from ui.parts import county_heatmap as parts
from ui.parts.all_figures import draw_all_figures
from ui.roles import require

require("county_heatmap")
choice = selection.current()
# What groups or sectors owe adds up to no county, and shares by word to no whole: they
# stand on pages of their own.
by_unit = [
    m.id
    for m in load_registry().metrics.values()
    if m.has_whole and (m.owed_by is None or m.owed_by.place == "unit")
]
choice = parts.draw_head(choice, by_unit)
heatmap = parts.look_at(choice)
st.markdown(catalogue.solid(heatmap.standing))

left, right = st.columns([1, 1.75], gap="medium")
with left:
    card = st.container()
    if heatmap.has_sectors:
        selection.choose(choice, "sector")
        with st.container(key="sector-governs"):
            st.caption(choice.text("county_heatmap.sector_governs"))
    on_map = parts.show_map(heatmap, choice)
with right:
    on_matrix = parts.show_matrix(heatmap, choice)
    draw_all_figures(choice)
if clicked := on_matrix or on_map:
    unit, sector = clicked.split("|")
    is_row_head = unit and not sector and "area_profile" in PAGES
    page = "area_profile" if is_row_head else "sector_gaps"
    selection.go(choice, page, unit=unit or None, sector=sector or None)
if choice.unit or choice.sector:
    with card:
        parts.draw_card(choice)
