"""地区画像: one unit on every metric, beside the city and the other units."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.area_profile import rows as profile
from ui import selection
from ui.parts.actions import cell_actions
from ui.parts.area_profile import (
    ask_profile,
    draw_sectors,
    draw_standing,
    draw_units,
    say_left_out,
    say_summary,
)
from ui.parts.brief import offer_brief, show_brief
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("area_profile")
choice = selection.current()
registry = load_registry()
with draw_title_trail(choice.text("area_profile.title")):
    selection.breadcrumb(choice, "area_profile")
choice = selection.choose(choice, "unit", "month")
names = profile.metrics_by(registry, "unit", "month", *choice.alike)
rows, frames = ask_profile(names, choice)
st.markdown(say_summary(rows, choice))

say_left_out(names, choice)

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    if choice.unit:
        cell_actions(choice, choice.unit, key="unit")
    offer_brief(choice)
show_brief(choice)

left, right = st.columns([1, 1.65], gap="medium")
with left:
    listed = draw_standing(rows, choice)
with right:
    draw_sectors(frames, listed, choice)
    if not choice.unit:
        draw_units(choice)
