"""问题与回头看: every problem with its term, age and level, and what has come back."""

import streamlit as st

from ui import selection
from ui.parts import problems as problem_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("problems")
PAGE = problem_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "unit", "sector", "month")

rows = problem_view.ask_problems(choice)
if rows is None:
    st.info(choice.text(f"{PAGE}.none_filed"))
else:
    st.markdown(problem_view.say_head(rows, choice))
    if rows.empty:
        selection.offer_wider(choice)
    else:
        problem_view.show_list(rows, choice)
        left, right = st.columns(2, gap="medium")
        with left:
            problem_view.show_levels(rows, choice)
        with right:
            problem_view.show_sources(rows, choice)
