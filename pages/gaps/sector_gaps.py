"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.words import catalogue
from ui import selection
from ui.metric_view import levels_below
from ui.parts import methods
from ui.parts.actions import cell_actions
from ui.parts.ledger_rows import read_rows, show_ledger_rows
from ui.parts.sector_gaps import (
    PAGE,
    draw_checked,
    draw_choices,
    draw_months,
    draw_sectors,
    say_cell,
    show_flags_here,
    show_ranking,
)
from ui.parts.standing import say_standing
from ui.parts.title_row import draw_title_trail
from ui.parts.unevenness import show_unevenness
from ui.roles import require

require("sector_gaps")
registry = load_registry()
choice = selection.current()
# Drawn last: a township that is not known leaves it again.
trail = draw_title_trail(choice.text("sector_gaps.title"))
# A count is owed by places: between sectors nobody owes it.
by_sector = [
    m.id
    for m in registry.metrics.values()
    if "sector" in m.dimensions and m.owed_by is None and m.has_whole
]
choice = draw_choices(choice, by_sector)
with trail:
    selection.breadcrumb(choice, PAGE)

st.markdown(catalogue.solid(say_standing(choice)))
metric = choice.chosen_metric
if choice.basis == "verified":
    methods.explain(choice, "stratified_estimate")

is_cell = bool(choice.unit and choice.sector)
behind = read_rows(choice, metric) if is_cell else None
is_total = behind is not None and behind.is_total
if is_cell:
    st.markdown(catalogue.solid(say_cell(choice)))
if is_cell or choice.basis == "reported":
    cell_actions(choice, choice.unit, choice.sector, key=PAGE)
if is_total:
    st.info(choice.text("ledger.only_total"))
elif choice.basis == "verified" and not is_cell:
    levels = [level for level in ("sector", "unit") if not getattr(choice, level)]
    columns = st.columns(len(levels), gap="medium")
    for column, level in zip(columns, levels, strict=True):
        with column:
            draw_checked(choice, level)
else:
    below = levels_below(choice) if choice.basis == "reported" else ()
    left, right = st.columns(2, gap="medium") if below else (st.container(), None)
    with left:
        (draw_months if is_cell else draw_sectors)(choice)
    if below:
        with right:
            show_ranking(choice, below)
if behind is not None:
    show_ledger_rows(behind, choice, metric, PAGE)
if is_total:
    show_flags_here(choice)
else:
    show_unevenness(choice, PAGE)
