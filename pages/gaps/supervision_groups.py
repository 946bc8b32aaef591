"""督导组: what the groups owe and have done, how they check, what they carry."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.supervision_groups import rows as groups
from reports.words import catalogue
from ui import selection
from ui.parts import supervision_groups as group_view
from ui.roles import require

require("supervision_groups")
PAGE = group_view.PAGE
registry = load_registry()
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "group", "month")

frames = group_view.ask_duties(choice)
if frames:
    duties = groups.list_duties(frames, registry, choice.month)
    shown = duties[duties[groups.GROUP] == choice.group] if choice.group else duties
    head = groups.headline(shown, registry, choice.lang)
    st.markdown(f"**{catalogue.plain(head)}**")
    group_view.draw_duties(duties, frames, choice)
    group_view.show_divided(choice)
else:
    st.info(choice.text(f"{PAGE}.no_duties"))
group_view.show_unevenness(choice)
# One below the other: side by side the last columns would be cut off.
group_view.show_load(choice)
group_view.show_problems(choice)
group_view.show_checks(choice)
