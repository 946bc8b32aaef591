"""上报与核实: what the ledgers say, what checks support, and how far apart they lie."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports import verification
from reports.figures import dumbbell
from reports.figures.checks import factor_bands, grade_bars, prepared_bias
from reports.sentences import gaps
from ui import marts, methods, selection
from ui.checks_view import (
    ask_both,
    ask_checks,
    draw_selections,
    list_findings,
    show_checks,
)
from ui.metric_view import follow_click, show_figure

PAGE = "reported_vs_verified"
registry, snapshot = load_registry(), marts.current().snapshot
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
choice = selection.choose(
    choice,
    "metric",
    "month",
    "unit",
    "sector",
    metrics=verification.topic_metrics(registry),
)
metric, about = choice.chosen_metric, (registry, choice.lang)
checks, checked = ask_checks(choice)

reported, verified = (view.frame for view in ask_both(choice))
left_out = gaps(reported["n_missing"].iloc[0], reported["n_blank"].iloc[0], choice.lang)
sentence = verification.headline(reported, verified, metric, choice.lang)
st.markdown(f"**{sentence}** {left_out}")
estimate = verification.estimate(checked, metric.verified.column)
basis = verification.explain_estimate(estimate, choice.lang)
methods.explain(choice, "stratified_estimate", basis)

left, right = st.columns(2, gap="medium")
open_levels = [level for level in ("sector", "unit") if not getattr(choice, level)]
for level in open_levels:
    with left if level == "sector" else right:
        report, check = ask_both(choice, (level,))
        picture = dumbbell(
            report.frame,
            check.frame,
            metric,
            *about,
            month=choice.month,
            dimension=level,
            snapshot=snapshot,
        )
        view = verification.join_bases(report.frame, check.frame)
        view = list_findings(view, choice, f"{metric.id}_{level}", picture.title)
        title = choice.text(f"{PAGE}.by_{level}")
        event = show_figure(
            picture, view, choice, level, title=title, on_select="rerun"
        )
        follow_click(event, choice, PAGE, (level,))
with right if open_levels == ["sector"] else left:
    bias = verification.compare_prepared(checked)
    picture = prepared_bias(bias, choice.lang, snapshot=snapshot)
    view = list_findings(bias, choice, "prepared_bias", picture.title)
    show_figure(picture, view, choice, "bias")
    methods.explain(choice, "prepared_bias")

st.header(choice.text(f"{PAGE}.selections"), anchor=False)
st.markdown(choice.text(f"{PAGE}.never_pooled"))
left, right = st.columns([1.3, 1], gap="medium")
with left:
    draw_selections(checked, choice)
with right:
    grades = verification.share_grades(checked)
    picture = grade_bars(grades, choice.lang, snapshot=snapshot)
    view = list_findings(grades, choice, "grades", picture.title)
    show_figure(picture, view, choice, "grades")

st.header(choice.text(f"{PAGE}.factors"), anchor=False)
methods.explain(choice, "verification_factor")
level = open_levels[0] if open_levels else None
for column, item in zip(st.columns(3), verification.RECOUNTED, strict=True):
    with column:
        factors = verification.measure_factors(checked, item, registry, level)
        picture = factor_bands(factors, *about, snapshot=snapshot)
        view = list_findings(factors, choice, item, picture.title)
        caption = verification.usable_checks(factors, choice.lang)
        show_figure(picture, view, choice, item, caption=caption)
if len(open_levels) < 2:
    show_checks(checks, choice, metric)
