"""督导组: what the groups owe and have done, how they check, what they carry."""

import streamlit as st

from ui import selection
from ui.parts import supervision_groups as group_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("supervision_groups")
PAGE = group_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "month")

frames = group_view.ask_duties(choice)
if frames:
    duties, said = group_view.judge_duties(frames, choice)
    st.markdown(said)
    group_view.draw_duties(duties, frames, choice)
else:
    st.info(choice.text(f"{PAGE}.no_duties"))
group_view.show_unevenness(choice)
# Short tables stand in pairs where a screen has room for two.
with st.grid(2, min_column_width=560):
    group_view.show_load(choice)
    if frames:
        group_view.show_divided(choice)
    group_view.show_problems(choice)
    group_view.show_checks(choice)
