"""地区画像: one unit on every metric, beside the city and the other units."""

import functools

import streamlit as st

from data_pipeline.registry import load_registry
from reports import profile
from reports.cell_classes import CELL, judge_city, take_classes
from reports.figures import profile_rows
from reports.metric_rows import stack
from ui import i18n, marts, selection
from ui.hot_cold import hot_cold_matrix
from ui.metric_view import show_figure
from ui.records_view import ask_several, list_rows, show_rows

# A unit as a whole: what was chosen below or above it stays on the page it came from.
choice = selection.current().change(group=None, sector=None, township=None)
registry, snapshot = load_registry(), marts.current().snapshot
st.title(choice.text("area_profile.title"), anchor=False)
selection.breadcrumb(choice, "area_profile")
choice = selection.choose(choice, "unit", "month")
month, unit, lang = choice.month, choice.unit, choice.lang
months = tuple(known for known in selection.months() if known <= month)[-2:]

names = profile.metrics_by(registry, "unit", "month")
by_unit = ask_several(names, ("month", "unit"), months)
by_month = ask_several(names, ("month",), months)
rows = profile.stand(by_unit, by_month, registry, unit, months)
divided = profile.metrics_by(registry, "unit", "sector")
where = {"unit": (unit,)} if unit else {}
by_sector = ask_several(divided, ("sector",), (month,), where)
frames = profile.sector_frames(rows, by_sector)
if unit:
    cells = ask_several(divided, CELL, (month,))
    for name, city in cells.items():
        judged = judge_city(city, registry.metrics[name], month)
        frames[name] = take_classes(frames[name], judged, unit=unit)
st.markdown(profile.summary(rows, registry, choice.place, month, lang))

left, right = st.columns([1, 1.65], gap="medium")
with left:
    picture = profile_rows(
        rows, registry, lang, unit=unit, month=month, snapshot=snapshot
    )
    words = {"differs": {code: word[lang] for code, word in profile.STANDINGS.items()}}
    gaps = {"to": "sector_gaps", "by": ("metric",)}
    show_rows(picture, rows, choice, "profile", words=words, **gaps)
with right:
    title = choice.text("area_profile.sectors", place=choice.place)
    view = list_rows(stack(frames), choice, "area_sectors", title)
    matrix = profile.sector_matrix(
        frames, rows, registry, lang, unit=unit, captions=view.captions(title)
    )
    draw = functools.partial(hot_cold_matrix, matrix, key="sectors")
    if clicked := show_figure(draw, view, choice, "sectors"):
        metric, sector = clicked.split("|")
        selection.go(choice, "sector_gaps", metric=metric, sector=sector or None)
    if unit:
        label = choice.text("area_profile.gaps", place=choice.place)
        icon = ":material/compare_arrows:"
        selection.page_link(choice, "sector_gaps", label, icon=icon)
    else:
        st.header(choice.text("area_profile.units"), anchor=False)
        with st.grid(3, min_column_width=170, gap="xsmall"):
            for code in registry.units:
                # A link to the page one is on would not move the address.
                name = choice.name("unit", code)
                if st.button(i18n.plain(name), key=f"to-{code}", width="stretch"):
                    selection.go(choice, "area_profile", unit=code)
