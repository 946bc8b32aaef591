"""抽查计划: the check list of a month, before anybody sets out."""

import streamlit as st

from ui import selection
from ui.parts import check_planner as plan_view
from ui.parts import methods
from ui.roles import require

require("check_planner")
PAGE = plan_view.PAGE
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
st.markdown(choice.text(f"{PAGE}.intro"))

with st.container(gap="small", key="choices-beside"):
    shown = plan_view.choose_plan(choice)
    if shown:
        choice = selection.choose(choice, "group", "unit", "sector")
if shown:
    said, lots = plan_view.say_plan(shown, choice)
    st.markdown(said)
    plan_view.say_place(shown, choice)
    plan_view.say_standing(shown, choice)
    if not shown.is_preview:
        plan_view.download_workbooks(shown.draw, choice)
    parted = plan_view.parted_by(choice)
    columns = st.columns(2, gap="medium") if parted else (st.container(),)
    for column, dimension in zip(columns, parted, strict=False):
        with column:
            plan_view.draw_spread(shown, choice, dimension)
    # Sectors are fewer than units: how it is drawn has room below or beside them.
    with columns[-1]:
        methods.explain(choice, "check_draw")
        methods.explain(choice, "all_pass")
        if len(parted) == 2:  # whole units are shown
            methods.explain(choice, "lot_rule", lots)
        if not shown.is_preview:
            plan_view.show_how_to_repeat(shown, choice)
    plan_view.show_lists(shown, choice)
else:
    plan_view.explain_missing_roll(choice)
