"""软弱涣散热点: where weak organisations crowd, how they fare, which come first."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports import weak_organizations as weak
from reports.figures import hotspot_bars, state_months, type_bars
from ui import marts, selection
from ui.metric_view import follow_click, show_figure
from ui.overview import STYLE, draw_headlines
from ui.weak_organizations import (
    PAGE,
    as_list,
    read_city,
    show_order,
    show_organization,
    townships_of,
)

registry, snapshot = load_registry(), marts.current().snapshot
choice = selection.current()
st.html(STYLE)
st.title(choice.text(f"{PAGE}.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
city = read_city(choice.month)
levels, known = ["unit", "sector"], {}
if choice.unit:
    levels.insert(1, "township")
    known["township"] = townships_of(city, choice.unit)
choice = selection.choose(choice, "month", *levels, options=known)
here, lang = city.within(choice.where), choice.lang

months = [month for month in selection.months() if month <= choice.month]
counts = weak.count_states(here.cases, registry, months)
latest = counts.iloc[-1].to_dict()
headline = weak.describe(latest, registry, choice.month, lang)
st.markdown(f"**{headline}** {weak.name_hotspots(here.hotspots, registry, lang)}")
n_hotspots = int(here.hotspots["is_hotspot"].sum())
draw_headlines(weak.headlines(counts, n_hotspots, registry, lang), choice)

left, right = st.columns(2, gap="medium")
with left:
    picture = hotspot_bars(here.hotspots, registry, lang, snapshot=snapshot)
    view = as_list(here.hotspots, choice, "hotspots", picture.title)
    rule = weak.TEXTS[lang]["hotspot_rule"]
    # A name for each depth: what was clicked before a step back is not clicked again.
    name = f"hotspots-{len(choice.where)}"
    event = show_figure(picture, view, choice, name, caption=rule, on_select="rerun")
    follow_click(event, choice, PAGE, weak.CELL)
with right:
    picture = state_months(counts, lang, snapshot=snapshot)
    view = as_list(counts, choice, "months", picture.title)
    about = {"days": registry.calendar.rectification_days}
    caption = choice.text(f"{PAGE}.months", **about)
    name = f"months-{choice.month}"
    event = show_figure(picture, view, choice, name, caption=caption, on_select="rerun")
    follow_click(event, choice, PAGE, ("month",))
    types = weak.count_types(here.roll, here.cases, here.checks)
    picture = type_bars(types, lang, snapshot=snapshot)
    view = as_list(types, choice, "types", picture.title)
    caption = choice.text(f"{PAGE}.types", left_out=weak.describe_types(types, lang))
    name = f"types-{choice.sector or 'all'}"
    event = show_figure(picture, view, choice, name, caption=caption, on_select="rerun")
    follow_click(event, choice, PAGE, ("sector",))

show_organization(city, choice)
show_order(here, len(city.ordered), choice)
