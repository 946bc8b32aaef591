"""约谈名单: whom to talk to first, why, and the workbook that comes back."""

import streamlit as st

from ui import selection
from ui.parts import talks as talks_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("talks")
PAGE = talks_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text("talks.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "unit", "sector", "month")

known = talks_view.ask_known(choice.month)
ranked = talks_view.ask_ranked(known, choice)
st.markdown(talks_view.say_headline(known, ranked, choice))
if not ranked["is_listed"].any():
    selection.offer_wider(choice)
if not ranked.empty:
    ticked = talks_view.show_candidates(ranked, known, choice)
    talks_view.download_workbook(ranked, ticked, known, choice)
    talks_view.show_all(ranked, known, choice)
