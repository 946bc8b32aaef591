"""台账日历: when each ledger came, what was changed, and what is not ready."""

import streamlit as st

from reports.ledger_calendar import rows as filings
from reports.words import catalogue
from ui import selection
from ui.parts import ledger_calendar as calendar_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("ledger_calendar")
PAGE = calendar_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text("ledger_calendar.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "unit", "sector", "month")

everywhere = calendar_view.ask_cells()
here = filings.select(everywhere, month=choice.month, **calendar_view.places(choice))
answer = st.container()
calendar_view.draw_calendar(here, choice)
name, is_month_only = calendar_view.choose_list(choice)
head = calendar_view.ask_headline(here, choice, is_month_only=is_month_only)
intro = catalogue.plain(choice.text("ledger_calendar.intro"))
with answer:
    st.markdown(f"**{catalogue.plain(head)}** {intro}")
    if here.empty:
        selection.offer_wider(choice)
calendar_view.show_list(name, here, choice, is_month_only=is_month_only)
