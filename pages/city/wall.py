"""大屏: what the office's screen on the wall shows by itself, slide after slide."""

import streamlit as st

from ui import selection
from ui.parts import wall
from ui.roles import require

require("wall")
choice = selection.current()
wall.follow_snapshot()
with st.container(key="wall"):
    st.title(choice.text("wall.title"), anchor=False)
    slides = wall.draw_slides(choice)
    wall.run_show(choice, slides)
