"""领导参与: who attends, speaks first and lectures, and whom the lectures can reach."""

import streamlit as st

from reports.leader_participation import rows as leaders
from reports.words import catalogue
from ui import selection
from ui.metric_view import for_analysts
from ui.parts.leader_participation import (
    PAGE,
    ask_roles,
    draw_attendance,
    draw_destinations,
    draw_lectures,
    draw_trends,
    of_month,
    say,
    say_more,
)
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("leader_participation")
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PAGE}-head"):
    choice = selection.choose(choice, "month", "unit", "sector")
    levels = [level for level in ("unit", "sector") if not getattr(choice, level)]
    level = levels[0] if levels else "township"
    if len(levels) == 2:
        words = {name: choice.text(f"{PAGE}.by_{name}") for name in levels}
        level = selection.choose_word(
            choice, "by", words, label=choice.text(f"{PAGE}.by")
        )

months = choice.course(selection.months())
city = ask_roles(choice, ("month",), months, choice.alike)
here = city
if choice.where:
    here = ask_roles(choice, ("month",), months, choice.where)
places = ask_roles(choice, ("month", level), months, choice.where)
now = of_month(choice, "now", here)
by_place = of_month(choice, level, places)
st.markdown(catalogue.solid(say(choice, now)))
if more := say_more(choice, now):
    # A phone has the first figure on its first screen.
    with st.expander(choice.text(f"{PAGE}.more"), type="compact"):
        st.markdown(catalogue.solid(more))
# Where nothing is due the sentence says it all: no picture of nothing, no file of it.
if leaders.is_due(now):
    # One place alone is no ranking: the sentence has its figures.
    if by_place[leaders.ATTENDANCE][level].nunique() > 1:
        below = PAGE if levels else "sector_gaps"
        left, right = st.columns(2, gap="medium")
        with left:
            draw_attendance(by_place, choice, level, city=city, below=below)
        with right:
            draw_lectures(by_place, choice, level, below=below)

    draw_destinations(choice, now)
    sentence = choice.text(f"{PAGE}.months")
    if opened := for_analysts(sentence):
        lines = places
        shown = leaders.outermost(by_place[leaders.ATTENDANCE], level)
        if not levels:  # one line for the place: townships would be too many
            lines = ask_roles(choice, ("month", "unit"), months, choice.where)
            shown = (choice.unit,)
        with opened:
            draw_trends(lines, city, choice, shown)
else:
    selection.offer_wider(choice)
