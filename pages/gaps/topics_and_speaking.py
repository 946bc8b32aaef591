"""专题与发言: the three topics and speaking against their due dates; who is late."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports import topics_and_speaking as topics
from reports.figures import sector_months, speaking_steps, topic_curves
from reports.metric_rows import rows_table, stack
from reports.overview import topic_metric
from ui import marts, selection
from ui.metric_view import ask, show_figure
from ui.records_view import (
    ask_several,
    ask_speaking_bounds,
    asked_for,
    list_rows,
    show_records,
)

PAGE = "topics_and_speaking"
registry, snapshot = load_registry(), marts.current().snapshot
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "month", "unit", "sector")

month, lang, speaking = choice.month, choice.lang, registry.metrics[topics.SPEAKING]
months = tuple(name for name in selection.months() if name <= month)
shown = topics.metrics_shown(registry)
frames = ask_several(shown, ("month",), months, choice.where)
bounds = ask_speaking_bounds(("month",), months, choice.where)
told = topics.describe_deadlines(frames, bounds, registry, month, lang)
st.markdown("\n".join(f"- {sentence}" for sentence in told))

left, right = st.columns(2, gap="medium")
with left:
    curves = {metric: frames[metric] for metric in shown[:-1]}
    picture = topic_curves(curves, registry, lang, snapshot=snapshot)
    view = list_rows(stack(curves), choice, "topics", picture.title)
    show_figure(picture, view, choice, "topics")
with right:
    spoken = frames[speaking.id]
    picture = speaking_steps(
        spoken, speaking, registry, lang, bounds=bounds, snapshot=snapshot
    )
    rows = topics.speaking_rows(spoken, bounds)
    view = list_rows(rows, choice, "speaking", picture.title)
    caption = topics.describe_bounds(bounds, month, lang)
    show_figure(picture, view, choice, "speaking", caption=caption)

words = {"": choice.text(f"{PAGE}.all")}
words |= {name: choice.text(f"{PAGE}.metric.{name}") for name in shown}
about = selection.choose_word(choice, "late", words, label=choice.text(f"{PAGE}.about"))
metric = registry.metrics[about] if about else topic_metric(registry, month)
view = ask(choice, by=("month", "sector"), metric=metric.id, months=months)
if view.frame["sector"].nunique() > 1:
    city = ask(choice, by=("month",), metric=metric.id, where={}, months=months)
    picture = sector_months(view.frame, city.frame, metric, registry, lang)
    show_figure(picture, view, choice, "sectors")

by = ("unit", "sector")
if choice.unit and choice.sector:
    by = (*by, "township")
asked = (about,) if about else shown
places = ask_several(asked, by, (month,), choice.where)
late = topics.late_rows(places, registry, month)
event = show_records(
    late,
    choice,
    "late",
    choice.text(f"{PAGE}.late"),
    display=rows_table(late, registry, lang, words={"status": topics.LATE_WORDS[lang]}),
    filters=(*asked_for(choice), (choice.text(f"{PAGE}.about"), words[about])),
    caption=f"{topics.count_late(late, lang)} {choice.text(f'{PAGE}.follow')}",
    on_select="rerun",
)
for row in event.selection.rows if event else ():
    selection.go(choice, "sector_gaps", **late.loc[row, ["metric", *by]])
