"""专题与发言: the three topics and speaking against their due dates; who is late."""

import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports.metric_rows import in_months
from reports.sector_gaps.figures import sector_months
from reports.topics_and_speaking import rows as topics
from reports.words import catalogue, wording
from ui import selection
from ui.belief import say_signs
from ui.metric_view import ask, show_figure
from ui.parts.title_row import draw_title_trail
from ui.parts.topics_and_speaking import (
    PAGE,
    ask_late,
    draw_outcomes,
    draw_speaking,
    draw_topics,
    say_deadlines,
    show_late,
)
from ui.records_view import ask_several, ask_speaking_bounds
from ui.roles import require

require("topics_and_speaking")
registry = load_registry()
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "month", "unit", "sector")

month, lang = choice.month, choice.lang
months = tuple(name for name in selection.months() if name <= month)
course = choice.course(months)
shown = topics.metrics_shown(registry)
frames = ask_several(shown, ("month",), months, choice.where)
bounds = ask_speaking_bounds(("month",), months, choice.where)
wanted = ask_several(topics.metrics_beside(registry, month), (), (month,), choice.where)
answer, *others = say_deadlines(choice, frames, bounds)
st.markdown(catalogue.solid(f"**{answer}**"))
st.markdown(catalogue.solid("\n".join(f"- {sentence}" for sentence in others)))
if beside := topics.describe_beside(wanted, registry, lang):
    with st.expander(choice.text(f"{PAGE}.beside", n=len(beside)), type="compact"):
        st.markdown(catalogue.solid("\n".join(f"- {sentence}" for sentence in beside)))

draw_outcomes(frames, choice)
left, right = st.columns(2, gap="medium")
with left:
    of_topics = [topic.metric for topic in registry.calendar.topics]
    draw_topics({name: in_months(frames[name], course) for name in of_topics}, choice)
spoken = registry.role("members_duty")
with right:
    if spoken:
        shown_bounds = in_months(bounds, course)
        draw_speaking(in_months(frames[spoken.id], course), shown_bounds, choice)

words = {"": choice.text(f"{PAGE}.all")}
words |= {
    topic.metric: wording.in_language(topic, "label", lang)
    for topic in registry.calendar.topics
}
if spoken:
    words[spoken.id] = choice.text(f"{PAGE}.speaking")
about = selection.choose_word(choice, "late", words, label=choice.text(f"{PAGE}.about"))
metric = registry.metrics[about] if about else registry.topic_of(month)
view = ask(choice, by=("month", "sector"), metric=metric.id, months=course)
if view.frame["sector"].nunique() > 1:
    city = ask(
        choice, by=("month",), metric=metric.id, where=choice.alike, months=course
    )
    says = say_signs(choice, metric)
    picture = sector_months(view.frame, city.frame, metric, registry, lang, says=says)
    show_figure(picture, view, choice, "sectors")

by = CELL
if choice.unit and choice.sector:
    by = (*by, "township")
wanted = (about,) if about else shown
show_late(ask_late(wanted, choice, by), choice, words[about])
