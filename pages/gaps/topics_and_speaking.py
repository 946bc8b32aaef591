"""专题与发言: the three topics and speaking against their due dates; who is late."""

import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports.topics_and_speaking import rows as topics
from reports.words import catalogue, wording
from ui import selection
from ui.parts.title_row import draw_title_trail
from ui.parts.topics_and_speaking import (
    PAGE,
    ask_late,
    ask_outcomes,
    draw_outcomes,
    draw_sectors,
    draw_speaking,
    draw_topics,
    say_deadlines,
    show_late,
)
from ui.roles import require

require("topics_and_speaking")
registry = load_registry()
choice = selection.current()
with draw_title_trail(choice.text(f"{PAGE}.title")):
    selection.breadcrumb(choice, PAGE)
choice = selection.choose(choice, "month", "unit", "sector")

said = say_deadlines(choice)
st.markdown(catalogue.solid(f"**{said.answer}**"))
st.markdown(catalogue.solid("\n".join(f"- {sentence}" for sentence in said.others)))
if said.beside:
    label = choice.text(f"{PAGE}.beside", n=len(said.beside))
    with st.expander(label, type="compact"):
        lines = "\n".join(f"- {sentence}" for sentence in said.beside)
        st.markdown(catalogue.solid(lines))

outcomes, spoken = ask_outcomes(choice), registry.role("members_duty")
columns = iter(st.columns(3 if outcomes else 2, gap="medium"))
if outcomes:
    with next(columns):
        draw_outcomes(outcomes, choice)
with next(columns):
    draw_topics(choice)
with next(columns):
    if spoken:
        draw_speaking(spoken, choice)

words = {"": choice.text(f"{PAGE}.all")}
words |= {
    topic.metric: wording.in_language(topic, "label", choice.lang)
    for topic in registry.calendar.topics
}
if spoken:
    words[spoken.id] = choice.text(f"{PAGE}.speaking")
about = selection.choose_word(choice, "late", words, label=choice.text(f"{PAGE}.about"))
draw_sectors(
    registry.metrics[about] if about else registry.topic_of(choice.month), choice
)

by = CELL
if choice.unit and choice.sector:
    by = (*by, "township")
wanted = (about,) if about else topics.metrics_shown(registry)
show_late(ask_late(wanted, choice, by), choice, words[about])
