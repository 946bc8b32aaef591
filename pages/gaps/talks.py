"""约谈名单: whom to talk to first, why, and the workbook that comes back."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.talks import places as talks
from reports.words import catalogue
from ui import selection
from ui.parts import methods
from ui.parts import talks as talks_view
from ui.roles import require

require("talks")
PAGE = talks_view.PAGE
registry = load_registry()
choice = selection.current()
st.title(choice.text("talks.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "unit", "sector", "month")

known = talks_view.ask_known(choice.month)
ranked = talks_view.ask_ranked(known, choice)
head = talks.headline(ranked, known, registry, choice.month, choice.lang)
intro = methods.sentence(choice, "talk_order")
st.markdown(f"**{catalogue.plain(head)}** {intro}")
if not ranked.empty:
    ticked = talks_view.show_candidates(ranked, known, choice)
    talks_view.download_workbook(ranked, ticked, known, choice)
    talks_view.show_all(ranked, known, choice)
