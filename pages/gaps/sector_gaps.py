"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.figures import missing_pareto, month_lines, sector_bars, sector_dots
from reports.standing import describe_place, target_in_force
from ui import selection
from ui.ledger_view import show_ledger_rows
from ui.metric_view import ask, follow_click, show_figure

PAGE = "sector_gaps"
registry = load_registry()
choice = selection.current()
st.title(choice.text("sector_gaps.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
by_sector = [m.id for m in registry.metrics.values() if "sector" in m.dimensions]
choice = selection.choose(choice, "metric", "month", "basis", metrics=by_sector)
places, known = ["unit", "sector"], {}
if choice.unit:
    townships = ask(choice.change(township=None), by=("township",)).frame["township"]
    places.insert(1, "township")
    known["township"] = [name for name in townships if name]
choice = selection.choose(choice, *places, options=known)

here = ask(choice)
metric, month, months = here.context.metric, choice.month, selection.months()
st.markdown(describe_place(here.frame, metric, choice.lang, month=month))
city = ask(choice, where={})
about = (metric, registry, choice.lang)
target = target_in_force(metric, month)
lines = {"city": float(city.frame["rate"].iloc[0]), "target": target}

left, right = st.columns(2, gap="medium")
with left:
    if choice.unit and choice.sector:
        line = "township" if choice.township else "unit"
        view = ask(choice, by=("month", line), months=months)
        whole = ask(choice, by=("month",), where={}, months=months).frame
        picture = month_lines(view.frame, *about, city=whole, target=target)
        show_figure(picture, view, choice, "months")
    else:
        draw, by, name = sector_dots, ("unit", "sector"), "dots"
        if choice.unit:
            draw, by, name = sector_bars, ("sector",), "bars"
        view = ask(choice, by=by)
        picture = draw(view.frame, *about, month=month, **lines)
        event = show_figure(picture, view, choice, name, on_select="rerun")
        follow_click(event, choice, PAGE, by)
with right:
    below = "township" if choice.unit else "unit"
    by = tuple(level for level in (below, "sector") if not getattr(choice, level))
    if by and target is not None:
        view = ask(choice, by=by)
        picture = missing_pareto(view.frame, *about, month=month, by=by)
        name = f"missing-{'-'.join(by)}"
        event = show_figure(picture, view, choice, name, on_select="rerun")
        follow_click(event, choice, PAGE, by)
if choice.unit and choice.sector:
    show_ledger_rows(choice, metric, PAGE)
