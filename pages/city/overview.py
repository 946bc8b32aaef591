"""总览: is it everywhere, will it be done in time, and where is it not."""

import functools

import streamlit as st

from data_pipeline.registry import load_registry
from reports import overview, sentences
from reports.figures import deadline_strip, filing_strip, progress_bars, sector_dots
from reports.metric_rows import in_month
from ui import marts, selection
from ui.metric_view import ask, follow_click, month_of, show_figure
from ui.overview import (
    choose_duty,
    draw_changes,
    draw_extremes,
    draw_head,
    draw_headlines,
)
from ui.records_view import ask_filing, ask_several, list_rows, show_rows

choice = selection.current()
registry, snapshot = load_registry(), marts.current().snapshot
# The overview is of the whole city, whatever place another page was left at.
choice = draw_head(choice).change(group=None, unit=None, sector=None)
month, lang = choice.month, choice.lang
look = {"month": month, "snapshot": snapshot}
months = tuple(known for known in selection.months() if known <= month)

frames = ask_several(overview.headline_metrics(registry), ("month",), months)
duties = overview.duty_metrics(registry, month)
reached = {name: in_month(frames[name], month) for name in duties.values()}
answer = overview.answer(reached, registry, month, lang)
st.markdown(f"**{answer}** {overview.left_out(reached, lang)}")
checked = None
if choice.basis == "verified":
    with_verdicts = [name for name in reached if registry.metrics[name].has_verdicts]
    checked = {name: ask(choice, metric=name).frame for name in with_verdicts}
    st.caption(choice.text("overview.only_bars_are_verified"))
top = st.container()

heatmap = {"to": "county_heatmap", "by": ("metric",)}
left, middle, right = st.columns(3, gap="medium")
with left:
    rows = overview.progress_rows(reached, registry, month, checked)
    picture = progress_bars(reached, registry, lang, verified=checked, **look)
    show_rows(picture, rows, choice, "progress", **heatmap)
with middle:
    judged = overview.judge_deadlines(frames, registry, month)
    rows, words = overview.deadline_rows(judged, registry), overview.WORDS[lang]
    picture = deadline_strip(judged, registry, lang, **look)
    show_rows(picture, rows, choice, "deadlines", words=words, **heatmap)

places = ("unit", "sector")
with right:
    metric = registry.metrics[duties[choose_duty(choice, duties)]]
    whole_city = {"where": {}, "months": months, "basis": "reported"}
    by_month = ask(choice, by=("month", *places), metric=metric.id, **whole_city)
    cells = month_of(by_month, month)
    measured = overview.measure_cells(cells.frame, metric, month)
    st.write(sentences.spread(measured, lang))
    ends = overview.extreme_places(measured, cells.frame, registry, lang)
    draw_extremes(ends, metric, choice)
    changes = overview.largest_changes(by_month.frame, months)
    title = choice.text("overview.changes")
    show_figure(
        functools.partial(draw_changes, changes, metric, choice),
        list_rows(changes, choice, f"changes_{metric.id}", title),
        choice,
        "changes",
        title=title,
    )
with top:
    uneven = overview.unevenness_headline(by_month.frame, metric, month, lang)
    headlines = overview.headlines(frames, registry, month, lang)
    draw_headlines([*headlines, uneven], choice)

left, right = st.columns(2, gap="medium")
with left:
    lines = {"city": measured.rate, "target": metric.target}
    picture = sector_dots(cells.frame, metric, registry, lang, **lines, **look)
    event = show_figure(picture, cells, choice, "cells", on_select="rerun")
    follow_click(event, choice.change(metric=metric.id), "sector_gaps", places)
with right:
    filing = overview.filing_rows(ask_filing(months), snapshot)
    picture = filing_strip(filing, registry, lang, snapshot=snapshot)
    profile = {"to": "area_profile", "by": ("unit", "month")}
    show_rows(picture, filing, choice, "filing", words=words, **profile)
