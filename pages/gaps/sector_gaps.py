"""领域差距: six sectors side by side, where the gap lies, down to the ledger row."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports import wording
from reports.figures import missing_pareto, month_lines, sector_bars, sector_dots
from reports.standing import describe_place, target_in_force
from ui import i18n, methods, selection
from ui.hot_cold_view import tell_classes
from ui.ledger_view import show_ledger_rows
from ui.metric_view import ask, follow_click, show_figure
from ui.unevenness import show_unevenness, with_classes

PAGE = "sector_gaps"
registry = load_registry()
choice = selection.current()
st.title(choice.text("sector_gaps.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
by_sector = [m.id for m in registry.metrics.values() if "sector" in m.dimensions]
choice = selection.choose(choice, "metric", "month", "basis", metrics=by_sector)
levels, known = ["unit", "sector"], {}
if choice.unit:
    townships = ask(choice.change(township=None), by=("township",)).frame["township"]
    levels.insert(1, "township")
    known["township"] = [name for name in townships if name]
choice = selection.choose(choice, *levels, options=known)

here = ask(choice)
metric, month, months = here.context.metric, choice.month, selection.months()
place = i18n.plain(choice.change(branch=None).place)
standing = describe_place(here.frame, metric, choice.lang, month=month)
rate = wording.rate_text(here.frame["rate"].iloc[0], metric.unit)
st.markdown(f"**{place} {rate}** · {standing}")
city = float(ask(choice, where={}).frame["rate"].iloc[0])
target = target_in_force(metric, month)
about = (metric, registry, choice.lang)

below = ("township" if choice.unit else "unit", "sector")
below = tuple(level for level in below if target and not getattr(choice, level))
if choice.basis == "verified":
    below = ()  # checks are a sample: what they lack is not what is still missing
left, right = st.columns(2, gap="medium") if below else (st.container(), None)
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
        view = with_classes(ask(choice, by=by), choice)
        picture = draw(view.frame, *about, month=month, city=city, target=target)
        clickable = {"caption": tell_classes(view, choice), "on_select": "rerun"}
        event = show_figure(picture, view, choice, name, **clickable)
        follow_click(event, choice, PAGE, by)
if below:
    with right:
        view = with_classes(ask(choice, by=below), choice)
        picture = missing_pareto(view.frame, *about, month=month, by=below)
        name = f"missing-{'-'.join(below)}"
        told = methods.sentence(choice, "still_missing")
        clickable = {"caption": told, "on_select": "rerun"}
        event = show_figure(picture, view, choice, name, **clickable)
        follow_click(event, choice, PAGE, below)
if choice.unit and choice.sector:
    show_ledger_rows(choice, metric, PAGE)
show_unevenness(choice, PAGE)
