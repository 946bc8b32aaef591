"""上报与核实: what the ledgers say, what checks support, and how far apart they lie."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.reported_vs_verified import rows as verification
from ui import selection
from ui.metric_view import for_analysts
from ui.parts import methods
from ui.parts import reported_vs_verified as checks_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("reported_vs_verified")
PAGE = checks_view.PAGE
registry = load_registry()
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
topics = verification.topic_metrics(registry)
choice = selection.choose(choice, "metric", "month", "unit", "sector", metrics=topics)
checks, checked = checks_view.ask_checks(choice)

said = checks_view.say_both(choice, checked)
st.markdown(said.head)
st.caption(said.basis)

if checks.empty:
    selection.offer_wider(choice)
    checks_view.lead_to_planner(choice)
else:
    if said.moved:
        st.caption(said.moved)
    levels = [level for level in ("sector", "unit") if not getattr(choice, level)]
    left, right = st.columns(2, gap="medium")
    for level in levels:
        with left if level == "sector" else right:
            checks_view.draw_dumbbell(choice, level)
    with right if levels == ["sector"] else left:
        checks_view.draw_bias(checked, choice)
    if len(levels) == 2:
        methods.explain(choice, "modelled_rate", choice.text(f"{PAGE}.modelled"))

    st.header(choice.text(f"{PAGE}.selections"), anchor=False)
    st.markdown(choice.text(f"{PAGE}.never_pooled"))
    checks_view.draw_selections(checked, choice)
    message = choice.text(f"{PAGE}.analysts")
    if opened := for_analysts(message):
        with opened:
            st.caption(said.error)
            checks_view.draw_grades(checked, choice)
            st.header(choice.text(f"{PAGE}.factors"), anchor=False)
            methods.explain(choice, "verification_factor")
            columns = st.columns(len(verification.RECOUNTED), gap="medium")
            level = next(iter(levels), None)
            for column, item in zip(columns, verification.RECOUNTED, strict=True):
                with column:
                    checks_view.draw_factors(checked, item, choice, level)
    if len(levels) < 2:
        checks_view.show_checks(checks, choice)
