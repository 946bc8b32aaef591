"""总览: is it everywhere, will it be done in time, and where is it not."""

import functools

import streamlit as st

from data_pipeline.registry import load_registry
from reports import overview, sentences
from reports.figures import (
    deadline_strip,
    filing_strip,
    progress_bars,
    sector_dots,
)
from reports.metric_rows import rows_table
from ui import marts, selection
from ui.metric_view import ask, month_of, show_figure
from ui.overview import draw_changes, draw_extreme, draw_headlines
from ui.records_view import ask_filing, ask_several, list_records

choice = selection.current()
registry, snapshot = load_registry(), marts.current().snapshot
with st.container(horizontal=True, vertical_alignment="bottom", key="overview-head"):
    st.title(choice.text("overview.title"), anchor=False, width="content")
    choice = selection.choose(choice, "month", "basis")
    words = {duty: choice.text(f"overview.duty_{duty}") for duty in overview.DUTIES}
    duty = selection.choose_word(
        choice, "duty", words, label=choice.text("overview.duty")
    )
months = tuple(month for month in selection.months() if month <= choice.month)
duties = overview.duty_metrics(registry, choice.month)
metric = registry.metrics[duties[duty]]

frames = ask_several(overview.headline_metrics(registry), ("month",), months)
by_month = ask(
    choice,
    by=("month", "unit", "sector"),
    metric=metric.id,
    where={},
    months=months,
    basis="reported",
)
cells = month_of(by_month, choice.month)
before = months[-2] if len(months) > 1 else None
changes = overview.largest_changes(by_month.frame, choice.month, before)
measured = overview.measure_cells(cells.frame, metric, choice.month)
now = {name: overview.in_month(frame, choice.month) for name, frame in frames.items()}
reached = {name: now[name] for name in duties.values()}
judged = overview.judge_deadlines(
    {topic.metric: frames[topic.metric] for topic in registry.calendar.topics},
    registry,
    choice.month,
)

drawn = {"month": choice.month, "snapshot": snapshot}
st.markdown(f"**{overview.answer(reached, registry, choice.month, choice.lang)}**")
headlines = overview.headlines(
    {
        name: frames[name]
        for name in (*duties.values(), *overview.MORE_HEADLINES)
        if name in frames
    },
    registry,
    choice.month,
    choice.lang,
)
uneven = overview.unevenness_headline(by_month.frame, metric, choice.month, choice.lang)
draw_headlines([*headlines, uneven], choice)

left, middle, right = st.columns(3, gap="medium")
with left:
    rows = overview.progress_rows(reached, registry, choice.month)
    show_figure(
        progress_bars(reached, registry, choice.lang, **drawn),
        list_records(
            rows,
            choice,
            "progress",
            choice.text("overview.progress"),
            display=rows_table(rows, registry, choice.lang),
        ),
        choice,
        "progress",
    )
with middle:
    rows = overview.deadline_rows(judged, registry)
    verdicts = {code: text[choice.lang] for code, text in sentences.VERDICTS.items()}
    show_figure(
        deadline_strip(judged, registry, choice.lang, **drawn),
        list_records(
            rows,
            choice,
            "deadlines",
            choice.text("overview.deadlines"),
            display=rows_table(rows, registry, choice.lang, words={"status": verdicts}),
        ),
        choice,
        "deadlines",
    )
with right:
    st.subheader(choice.text("overview.uneven"), anchor=False)
    st.write(
        sentences.unevenness(
            measured, cells.frame, ("unit", "sector"), registry, choice.lang
        )
    )
    draw_extreme(measured.coldest, cells.frame, metric, choice)
    draw_extreme(measured.hottest, cells.frame, metric, choice)
    show_figure(
        functools.partial(draw_changes, changes[: overview.N_CHANGES], metric, choice),
        list_records(
            changes,
            choice,
            "changes",
            choice.text("overview.changes"),
            display=rows_table(changes, registry, choice.lang),
        ),
        choice,
        "changes",
        title=choice.text("overview.changes"),
    )

left, right = st.columns(2, gap="medium")
with left:
    show_figure(
        sector_dots(
            cells.frame,
            metric,
            registry,
            choice.lang,
            city=measured.rate,
            target=metric.target,
            **drawn,
        ),
        cells,
        choice,
        "cells",
    )
with right:
    filing = overview.filing_rows(ask_filing(months), snapshot)
    show_figure(
        filing_strip(filing, registry, choice.lang, snapshot=snapshot),
        list_records(
            filing,
            choice,
            "filing",
            choice.text("overview.filing"),
            display=rows_table(filing, registry, choice.lang),
        ),
        choice,
        "filing",
    )
