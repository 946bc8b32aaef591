"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from ui import selection

choice = selection.current()
st.title(choice.text("sector_gaps.title"), anchor=False)
selection.breadcrumb(choice, "sector_gaps")
