"""总览: is it everywhere, will it be done in time, and where is it not."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.metric_rows import in_month
from reports.overview import rows as overview
from ui import selection
from ui.belief import ask_caveats
from ui.metric_view import ask, month_of
from ui.parts import methods
from ui.parts import overview as parts
from ui.records_view import ask_several

choice = selection.current()
registry = load_registry()
choice = parts.draw_head(choice)
month, lang = choice.month, choice.lang
months = tuple(known for known in selection.months() if known <= month)

frames = ask_several(overview.headline_metrics(registry), ("month",), months)
duties = overview.duty_metrics(registry, month)
reached = {name: in_month(frames[name], month) for name in duties.values()}
in_time = overview.shares_in_time(frames, registry, month)
caveats = ask_caveats(frames, choice.change(basis="reported"))
about = {"in_time": in_time, "caveats": caveats}
answer = overview.answer(reached, registry, month, lang, **about)
st.markdown(f"**{answer}** {overview.left_out(reached, lang)}")
checked = None
if choice.basis == "verified":
    with_verdicts = [name for name in reached if registry.metrics[name].has_verdicts]
    checked = {name: ask(choice, metric=name).frame for name in with_verdicts}
    told = choice.text("overview.only_bars_are_verified")
    st.caption(methods.with_links(choice, told, "stratified_estimate"))
top = st.container()

left, middle, right = st.columns(3, gap="medium")
with left:
    parts.draw_progress(reached, checked, choice, **about)
with middle:
    parts.draw_deadlines(frames, choice, caveats)
with right:
    metric = registry.metrics[duties[parts.choose_duty(choice, duties)]]
    whole_city = {"where": {}, "months": months, "basis": "reported"}
    by_month = ask(choice, by=("month", *parts.PLACES), metric=metric.id, **whole_city)
    cells = month_of(by_month, month)
    measured = parts.draw_spread(cells.frame, metric, choice)
    parts.draw_changes(overview.largest_changes(by_month.frame, months), metric, choice)
with top:
    uneven = overview.unevenness_headline(by_month.frame, metric, month, lang)
    headlines = overview.headlines(frames, registry, month, lang)
    parts.draw_headlines([*headlines, uneven], choice)

left, right = st.columns(2, gap="medium")
with left:
    parts.draw_cells(cells, measured, choice)
with right:
    parts.draw_filing(months, choice)
parts.link_wall(choice)
