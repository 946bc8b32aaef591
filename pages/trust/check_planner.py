"""抽查计划: the check list of a month, before anybody sets out."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.check_planner import rows as plan
from reports.check_planner.figures import drawn_bars
from reports.words import catalogue
from ui import marts, selection
from ui.metric_view import show_figure
from ui.parts import check_planner as plan_view
from ui.parts import methods
from ui.roles import require

require("check_planner")
PAGE = plan_view.PAGE
registry, snapshot = load_registry(), marts.current().snapshot
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
st.markdown(choice.text(f"{PAGE}.intro"))

shown = plan_view.choose_plan(choice)
if shown:
    choice = selection.choose(choice, "group", "unit", "sector")
    more = plan.explain_more(shown.draw, shown.percent, choice.lang)
    says = plan.describe(shown.draw, choice.lang, is_preview=shown.is_preview)
    spreads = {
        dimension: plan.spread_over(shown.draw, dimension, plan_view.demanded_share())
        for dimension in ("unit", "sector")
    }
    below = plan.explain_below(spreads["unit"], registry, choice.lang)
    said = f"**{says}** {more} {catalogue.plain(below)}"
    st.markdown(catalogue.solid(said))
    plan_view.say_place(shown, choice)
    plan_view.say_standing(shown, choice)
    if not shown.is_preview:
        plan_view.download_workbooks(shown.draw, choice)
    left, right = st.columns(2, gap="medium")
    for dimension, spread in spreads.items():
        picture = drawn_bars(spread, registry, choice.lang, snapshot=snapshot)
        about = (f"plan_{dimension}", picture.title)
        view = plan_view.list_plan(spread, shown, choice, *about)
        with left if dimension == "unit" else right:
            show_figure(picture, view, choice, dimension)
        if dimension == "unit":
            lots = plan.describe_lots(spread, choice.lang)
    # Sectors are fewer than units: how it is drawn has room below them.
    with right:
        methods.explain(choice, "check_draw")
        methods.explain(choice, "all_pass")
        methods.explain(choice, "lot_rule", lots)
        if not shown.is_preview:
            plan_view.show_how_to_repeat(shown, choice)
    plan_view.show_lists(shown, choice)
else:
    plan_view.explain_missing_roll(choice)
