"""A list of two megabytes whose one figure is the address's, and its downloads."""

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.tables import tabulate
from ui import frame, marts, selection
from ui.records_view import show_records

N_ROWS = 24_000
FILLER = "0123456789" * 4

st.set_page_config(layout="wide", page_title="large files", page_icon=frame.ICON)
marts.resolve()
choice = selection.current()
digit = int(st.query_params["digit"])
rows = pd.DataFrame({"source_file": FILLER, "n_rows": range(10**6, 10**6 + N_ROWS)})
# A third of the way in: Streamlit looks at the beginning, the middle and the end.
rows.loc[N_ROWS // 3, "n_rows"] = 5_000_000 + digit
show_records(
    rows,
    choice,
    "large",
    "large",
    display=lambda: tabulate(rows, load_registry(), choice.lang, section="submissions"),
)
content = rows.to_csv(index=False).encode()
st.download_button("unnamed", content, file_name="rows.csv", on_click="ignore")
