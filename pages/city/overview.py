"""总览: how far, where it is cold, and whether the figures can be believed."""

import streamlit as st

from ui import selection
from ui.parts import overview as parts
from ui.roles import require

require("overview")
choice = selection.current()
choice, metric = parts.draw_head(choice)
seen = parts.look_at(choice, metric)
parts.draw_answer(seen, choice)

left, right = st.columns([1, 2.4], gap="medium")
with left:
    parts.draw_map(seen, choice)
with right:
    middle, right = st.columns([1.8, 1], gap="medium")
    with middle:
        parts.draw_coldest(seen, choice)
    with right:
        parts.draw_trust(seen, choice)
    parts.draw_topics(seen, choice)
parts.draw_more(seen, choice)
parts.link_wall(choice)
