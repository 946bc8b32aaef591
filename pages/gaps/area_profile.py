"""地区画像: one unit on every metric, beside the city and the other units."""

import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports.area_profile import rows as profile
from reports.belief import add_columns
from reports.cell_classes import judge_cells, take_classes
from reports.figures.matrix import Anchor
from ui import selection
from ui.belief import ask_beliefs
from ui.metric_view import spread_of
from ui.parts import methods
from ui.parts.actions import cell_actions
from ui.parts.area_profile import (
    draw_sectors,
    draw_standing,
    draw_units,
    say_left_out,
)
from ui.parts.brief import draw_brief
from ui.records_view import ask_several, ask_with_totals
from ui.roles import require

require("area_profile")
choice = selection.current()
registry = load_registry()
st.title(choice.text("area_profile.title"), anchor=False)
selection.breadcrumb(choice, "area_profile")
choice = selection.choose(choice, "unit", "month")
month, unit, lang = choice.month, choice.unit, choice.lang
months = tuple(known for known in selection.months() if known <= month)[-2:]

names = profile.metrics_by(registry, "unit", "month", *choice.alike)
by_unit = ask_several(names, ("month", "unit"), months, choice.alike)
by_month = ask_several(names, ("month",), months, choice.alike)
known = ((name, spread_of(registry.metrics[name], month)) for name in names)
spreads = {name: spread for name, spread in known if spread is not None}
here = None
if choice.within and not unit:
    here = ask_several(names, ("month",), months, choice.within)
rows = profile.stand(by_unit, by_month, registry, unit, months, spreads, here)
divided = profile.metrics_by(registry, "unit", "sector", *choice.alike)
where = choice.where
by_sector = ask_several(divided, ("sector",), (month,), where)
frames = profile.sector_frames(rows, by_sector)
if unit:
    cells = ask_with_totals(divided, CELL, (month,), choice.alike)
    for name, city in cells.items():
        about = (registry.metrics[name], month)
        line = Anchor("city", profile.city_rate(rows, name))
        judged = judge_cells(city, *about, line, spread=spreads.get(name))
        classes = take_classes(frames[name], judged, unit=unit)
        levels = ((), ("sector",))
        beliefs = ask_beliefs(*about, levels, where)
        frames[name] = add_columns(classes, beliefs, unit=unit)
summary = profile.summary(rows, registry, choice.place, month, lang)
st.markdown(
    methods.with_links(choice, summary, *["compare_city", "by_branch"] * bool(unit))
)

say_left_out(names, choice)

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    if unit:
        cell_actions(choice, unit, key="unit")
    draw_brief(choice)

left, right = st.columns([1, 1.65], gap="medium")
with left:
    draw_standing(rows, choice)
with right:
    draw_sectors(frames, rows, choice)
    if not unit:
        draw_units(choice)
