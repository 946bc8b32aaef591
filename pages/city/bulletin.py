"""通报: the month's circular, to read, to ask back and to take along."""

import streamlit as st

from ui import selection
from ui.parts import bulletin as parts
from ui.parts.title_row import draw_title_row
from ui.roles import require

require("bulletin")
PAGE = parts.PAGE
choice = selection.current()
choice = draw_title_row(choice, choice.text(f"{PAGE}.title"), "month")
# Filled once the circular is read, which the remarks below are a part of.
row = st.container(
    horizontal=True, gap="medium", vertical_alignment="bottom", key=f"choices-{PAGE}"
)
parts.explain(choice)
remarks = parts.ask_remarks(choice)
with st.spinner(choice.text(f"{PAGE}.working")):
    paper = parts.read_circular(choice, remarks)
with row:
    parts.download(paper, choice)
    number = parts.choose_part(paper, choice)
    look = parts.choose_look(choice)
parts.show_query(paper, number, choice)
parts.draw_preview(paper, look, choice)
