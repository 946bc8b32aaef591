"""One figure and one list with their downloads, on the tiny city; no menu."""

import streamlit as st

from data_pipeline.rates import read_ledger
from data_pipeline.registry import load_registry
from reports.sector_gaps.figures import sector_bars
from ui import frame, marts, selection
from ui.metric_view import ask, show_figure
from ui.records_view import show_records

st.set_page_config(layout="wide", page_title="figure", page_icon=frame.ICON)
opened = marts.resolve()
choice = selection.current()
frame.head(choice, "figure", opened)
st.title("figure", anchor=False)
choice = selection.choose(choice, "metric", "month", "unit", "sector", "compare")
view = ask(choice, by=("sector",))
picture = sector_bars(
    view.frame, view.context.metric, load_registry(), choice.lang, month=choice.month
)
show_figure(picture, view, choice, "sectors", caption="caption")
rows = read_ledger(opened, months=(choice.month,), where=choice.where)
show_records(rows, choice, "rows", "台账")
frame.foot(choice, opened)
