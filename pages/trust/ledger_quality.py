"""台账可信度: reasons to look at a ledger, each opened down to its rows."""

import streamlit as st

from data_pipeline.registry import load_registry
from reports.ledger_quality import rows as flag_words
from reports.words import catalogue
from ui import marts, selection
from ui.parts import methods
from ui.parts.ledger_quality import (
    PAGE,
    draw_flag_matrix,
    say_matrix,
    show_evidence,
    show_flags,
    show_row_findings,
    show_rules,
)
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require("ledger_quality")
choice = selection.current()
with draw_title_trail(choice.text("ledger_quality.title")):
    selection.breadcrumb(choice, PAGE)
words = flag_words.rule_words(load_registry(), choice.lang)
names = {rule: said.name for rule, said in words.items()}
names = {"all": choice.text("ledger_quality.all_rules"), **names}
spans = {
    span: choice.text(f"ledger_quality.span_word.{span}")
    for span in ("so_far", "month")
}
with st.container(gap="small", key="choices-beside"):
    choice = selection.choose(choice, "group", "unit", "sector", "month")
    with st.container(horizontal=True, gap="small", key="choices-rule-span"):
        label = choice.text("ledger_quality.rule")
        rule = selection.choose_word(choice, "rule", names, label=label, is_list=True)
        label = choice.text("ledger_quality.span")
        span = selection.choose_word(choice, "span", spans, label=label)

with st.spinner(choice.text("ledger_quality.working")):
    flags, rows = marts.current_flags()
everywhere = flag_words.select(flags.found, choice.month, is_month_only=span == "month")
filters = {
    "rule": None if rule == "all" else rule,
    "group": choice.group,
    "unit": choice.unit,
    "sector": choice.sector,
}
shown = flag_words.select(everywhere, choice.month, **filters)
head = flag_words.headline(shown, choice.lang)
intro = methods.with_links(choice, choice.text("ledger_quality.intro"), "flags")
later = catalogue.plain(flag_words.goes_on(shown, choice.month, choice.lang))
st.markdown(" ".join(filter(None, (f"**{catalogue.plain(head)}**", later, intro))))

show_evidence(flags, shown, choice, PAGE)
title, caption = say_matrix(everywhere, choice)
st.header(catalogue.plain(title), anchor=False)
st.caption(caption)
draw_flag_matrix(everywhere, choice, PAGE)
show_flags(rows.loc[shown.index], choice, PAGE, rule=names[rule], span=spans[span])
filters["is_month_only"] = span == "month"
show_row_findings(choice, rule=names[rule], filters=filters)
show_rules(rows.loc[shown.index], choice)
