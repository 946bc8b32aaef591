"""对比: two places, two months or two snapshots, and which file made the difference."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.compare import rows as compare
from reports.words import catalogue
from ui import selection
from ui.parts import compare as compare_view
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("compare")
PAGE = compare_view.PAGE
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
known = load_registry().metrics.values()
by_sector = [
    metric.id for metric in known if "sector" in metric.dimensions and metric.has_whole
]
# A group stands behind the word that narrows the page: one row has room for no more.
with st.container(gap="small", key="choices-beside"):
    choice = selection.choose(
        choice,
        "metric",
        "month",
        "unit",
        "sector",
        metrics=by_sector,
        labels=compare_view.labels_of_first(choice),
    )
    both = compare_view.choose_sides(choice)
if both is None:
    st.info(choice.text(f"{PAGE}.one_snapshot"))
    compare_view.suggest(choice)
else:
    frame = compare_view.ask_both(both)
    sentence = compare.headline(frame, choice.chosen_metric, both.names, choice.lang)
    st.markdown(f"**{catalogue.plain(sentence)}**")
    compare_view.suggest(choice)
    with st.container(key="compare-tables"):
        compare_view.show_metrics(frame, both, choice)
        compare_view.show_sectors(both, choice)
    compare_view.show_sources(both, choice)
    compare_view.show_changes(both, choice)
