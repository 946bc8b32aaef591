"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.figures import missing_pareto, month_lines, sector_bars, sector_dots
from reports.standing import describe_place, target_in_force
from ui import selection
from ui.ledger_view import show_ledger_rows
from ui.metric_view import ask, follow_click, show_figure

registry = load_registry()
choice = selection.current()
st.title(choice.text("sector_gaps.title"), anchor=False)
selection.breadcrumb(choice, "sector_gaps")
by_sector = [m.id for m in registry.metrics.values() if "sector" in m.dimensions]
choice = selection.choose(
    choice, "metric", "month", "unit", "sector", metrics=by_sector
)

here = ask(choice)
metric, month = here.context.metric, choice.month
st.markdown(describe_place(here.frame, metric, choice.lang, month=month))
city = float(ask(choice, where={}).frame["rate"].iloc[0])
target = target_in_force(metric, month)
drawn = {"language": choice.lang, "month": month}
lines = {"city": city, "target": target}
about = (metric, registry)

left, right = st.columns(2, gap="medium")
with left:
    if not choice.unit:
        view = ask(choice, by=("unit", "sector"))
        picture = sector_dots(view.frame, *about, **drawn, **lines)
        event = show_figure(picture, view, choice, "dots", on_select="rerun")
        follow_click(event, choice, "sector_gaps", view.context.by)
    elif not choice.sector:
        view = ask(choice, by=("sector",))
        picture = sector_bars(view.frame, *about, **drawn, **lines)
        event = show_figure(picture, view, choice, "bars", on_select="rerun")
        follow_click(event, choice, "sector_gaps", view.context.by)
    else:
        place = "township" if choice.township else "unit"
        view = ask(choice, by=("month", place), months=selection.months())
        whole = ask(choice, by=("month",), where={}, months=selection.months())
        picture = month_lines(
            view.frame, *about, choice.lang, city=whole.frame, target=target
        )
        show_figure(picture, view, choice, "months")
with right:
    below = "township" if choice.unit else "unit"
    by = tuple(d for d in (below, "sector") if not getattr(choice, d))
    if by:
        view = ask(choice, by=by)
        picture = missing_pareto(view.frame, *about, **drawn, by=by)
        event = show_figure(
            picture, view, choice, f"missing-{'-'.join(by)}", on_select="rerun"
        )
        follow_click(event, choice, "sector_gaps", by)
if choice.unit and choice.sector:
    show_ledger_rows(choice, metric, "sector_gaps")
