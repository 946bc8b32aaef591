"""A list of 65 made-up branches that lead on, on the tiny city; no menu."""

import pandas as pd
import streamlit as st

from reports.tables import DisplayTable, Hint
from ui import frame, marts, selection
from ui.metric_view import draw_rows

N_ROWS = 65
HOSTILE = "<img src=x onerror='document.title=1'>"

st.set_page_config(layout="wide", page_title="rows", page_icon=frame.ICON)
opened = marts.resolve()
choice = selection.current()
frame.head(choice, "rows", opened)
rows = pd.DataFrame(
    {
        "次序": range(1, N_ROWS + 1),
        "支部": [f"第{n}支部" for n in range(1, N_ROWS)] + [HOSTILE],
        "单位": ["福清市", ""] * 32 + ["仓山区"],
        "欠": [(7 * n) % 100 for n in range(1, N_ROWS + 1)],
    }
)
# Ten figures more, of which a phone shows the first ones.
if st.query_params.get("wide"):
    rows = rows.assign(**{f"数{n}": n for n in range(1, 11)})
kinds = ("ordinal", "text", "text", *["integer"] * (rows.shape[1] - 3))
hints = {name: Hint(kind, "") for name, kind in zip(rows, kinds, strict=True)}
draw_rows(
    DisplayTable(rows, hints), "branches", alt="支部", to=lambda at: f"./?month=m{at}"
)
frame.foot(choice, opened)
