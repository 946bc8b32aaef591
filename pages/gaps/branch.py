"""支部: find a branch by any of its names, and see all that is known of it."""

import streamlit as st

from ui import selection
from ui.marts import ask_roll
from ui.parts import branch as branch_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("branch")
PAGE = branch_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
roll = ask_roll()
if roll.empty:
    st.info(choice.text(f"{PAGE}.no_roll"))
elif choice.branch:
    choice = selection.choose(choice, "month")
    branch_view.show_branch(choice, roll)
    again = choice.link(PAGE, branch=None)
    st.markdown(f"[{choice.text(f'{PAGE}.again')}]({again})")
else:
    choice = selection.choose(choice, "group", "unit", "sector")
    branch_view.find_branch(choice, roll)
