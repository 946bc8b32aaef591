"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.words.standing import target_in_force
from ui import selection
from ui.parts import methods
from ui.parts.ledger_rows import show_ledger_rows
from ui.parts.sector_gaps import (
    PAGE,
    choose_place,
    draw_checked,
    draw_missing,
    draw_months,
    draw_sectors,
    levels_below,
)
from ui.parts.standing import say_standing
from ui.parts.unevenness import show_unevenness

registry = load_registry()
choice = selection.current()
st.title(choice.text("sector_gaps.title"), anchor=False)
trail = st.container()  # drawn last: a township that is not known leaves it again
# A count is owed by places: between sectors nobody owes it.
by_sector = [
    m.id
    for m in registry.metrics.values()
    if "sector" in m.dimensions and m.owed_by is None
]
choice = selection.choose(choice, "metric", "month", "basis", metrics=by_sector)
choice = choose_place(choice)
with trail:
    selection.breadcrumb(choice, PAGE)

st.markdown(say_standing(choice))
metric = choice.chosen_metric
if choice.basis == "verified":
    methods.explain(choice, "stratified_estimate")

is_cell = bool(choice.unit and choice.sector)
if choice.basis == "verified" and not is_cell:
    levels = [level for level in ("sector", "unit") if not getattr(choice, level)]
    columns = st.columns(len(levels), gap="medium")
    for column, level in zip(columns, levels, strict=True):
        with column:
            draw_checked(choice, level)
else:
    # What was not done in time can no longer be made up for: it is not "missing".
    is_asked = target_in_force(metric, choice.month) and not metric.remembers
    has_missing = choice.basis == "reported" and is_asked
    below = levels_below(choice) if has_missing else ()
    left, right = st.columns(2, gap="medium") if below else (st.container(), None)
    with left:
        (draw_months if is_cell else draw_sectors)(choice)
    if below:
        with right:
            draw_missing(choice, below)
if is_cell:
    show_ledger_rows(choice, metric, PAGE)
show_unevenness(choice, PAGE)
