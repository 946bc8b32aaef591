"""领导参与: who attends, speaks first and lectures, and whom the lectures can reach."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports import leader_participation as leaders
from reports.figures import leader_places, leader_trends, lecture_split
from reports.metric_rows import in_month, stack
from ui import marts, methods, selection
from ui.metric_view import follow_click, show_figure
from ui.records_view import ask_several, list_rows

PAGE = "leader_participation"
registry, snapshot = load_registry(), marts.current().snapshot
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PAGE}-head"):
    choice = selection.choose(choice, "month", "unit", "sector")
    levels = [level for level in ("unit", "sector") if not getattr(choice, level)]
    level = levels[0] if levels else "township"
    if len(levels) == 2:
        words = {name: choice.text(f"{PAGE}.by_{name}") for name in levels}
        level = selection.choose_word(
            choice, "by", words, label=choice.text(f"{PAGE}.by")
        )

months = tuple(month for month in selection.months() if month <= choice.month)
city = ask_several(leaders.METRICS, ("month",), months)
here = city
if choice.where:
    here = ask_several(leaders.METRICS, ("month",), months, choice.where)
places = ask_several(leaders.METRICS, ("month", level), months, choice.where)
now = {name: in_month(frame, choice.month) for name, frame in here.items()}
by_place = {name: in_month(frame, choice.month) for name, frame in places.items()}
st.markdown(leaders.describe(now, registry, choice.lang))

about = {"by": (level,), "snapshot": snapshot}
below = PAGE if levels else "sector_gaps"
left, right = st.columns(2, gap="medium")
with left:
    pair = {name: by_place[name] for name in (leaders.ATTENDANCE, leaders.SPEAKING)}
    whole = in_month(city[leaders.ATTENDANCE], choice.month)["rate"].iloc[0]
    picture = leader_places(*pair.values(), registry, choice.lang, city=whole, **about)
    view = list_rows(stack(pair), choice, "leaders", picture.title)
    event = show_figure(picture, view, choice, "leaders", on_select="rerun")
    follow_click(event, choice.change(metric=leaders.ATTENDANCE), below, (level,))
with right:
    rows = leaders.lecture_rows(by_place, (level,))
    picture = lecture_split(rows, registry, choice.lang, **about)
    view = list_rows(rows, choice, "lectures", picture.title)
    told = methods.sentence(choice, "reach_ceiling")
    clickable = {"caption": told, "on_select": "rerun"}
    event = show_figure(picture, view, choice, "lectures", **clickable)
    follow_click(event, choice.change(metric=leaders.REACH), below, (level,))

lines = places
if not levels:  # one line for the place: townships would be too many
    lines = ask_several(leaders.METRICS, ("month", "unit"), months, choice.where)
picture = leader_trends(
    {name: lines[name] for name in leaders.TRENDS},
    registry,
    choice.lang,
    city=city,
    highlight=leaders.outermost(by_place[leaders.ATTENDANCE], level),
    snapshot=snapshot,
)
view = list_rows(stack(lines), choice, "trends", picture.title)
show_figure(picture, view, choice, "trends", caption=choice.text(f"{PAGE}.cumulative"))
