"""The page that others are measured against: frame, controls and one line of text."""

import streamlit as st

from ui import selection

choice = selection.current()
st.title(choice.text("county_heatmap.title"), anchor=False)
selection.breadcrumb(choice, "controls_alone")
choice = selection.choose(choice, "metric", "month", "basis", "compare")
selection.choose(choice, "sector")
st.text(" ".join(choice.query().values()))
