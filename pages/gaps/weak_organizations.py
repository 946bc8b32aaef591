"""软弱涣散热点: where weak organisations crowd, how they fare, which come first."""

import streamlit as st

from ui import selection
from ui.headlines import draw_headlines
from ui.parts.title_row import draw_title_trail
from ui.parts.weak_organizations import (
    PAGE,
    count_months,
    draw_hotspots,
    draw_months,
    draw_types,
    read_city,
    show_order,
    show_organization,
    show_units,
    townships_of,
)
from ui.roles import require

require("weak_organizations")
choice = selection.current()
# Drawn last: a township that is not known leaves it again.
trail = draw_title_trail(choice.text(f"{PAGE}.title"))
city = read_city(choice.month, choice.alike)
levels, known = ["unit", "sector"], {}
if choice.unit:
    levels.insert(1, "township")
    known["township"] = townships_of(city, choice.unit)
choice = selection.choose(choice, "month", *levels, options=known)
with trail:
    selection.breadcrumb(choice, PAGE)
here = city.within(choice.where)
counts, said, headlines = count_months(here, choice)
st.markdown(said)
if here.cases.empty:
    selection.offer_wider(choice)
draw_headlines(headlines, choice)

left, right = st.columns(2, gap="medium")
# Both sides end at about one height, on one sheet of paper.
with left:
    draw_hotspots(here, choice)
with right:
    draw_months(counts, choice)
    show_units(here, choice)
draw_types(here, choice)
show_organization(city, choice)
show_order(here, choice)
