"""Methods in words: one plain sentence beside each statistic, its card on 口径.

A card is a table of ui/locales/*/methods.toml: title, sentence, formula, example,
source. Every figure of an example is computed by the code in
tests/ui/test_methods.py.
"""

from __future__ import annotations

import streamlit as st

from data_pipeline.registry import Registry
from ui import i18n, selection
from ui.selection import Selection

FIELDS = ("title", "sentence", "formula", "example", "source")


def cards() -> tuple[str, ...]:
    """Ids of all cards, in the order of the catalogue."""
    parts = (key.split(".") for key in i18n.catalogue("zh"))
    return tuple(
        card for file, card, *field in parts if file == "methods" and field == ["title"]
    )


def explain(choice: Selection, card: str, before: str = "") -> None:
    """Draw the sentence of a method, after `before`, with a link to its card."""
    sentence = choice.text(f"methods.{card}.sentence")
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        key=f"method-{card}",
    ):
        st.caption(i18n.plain(f"{before} {sentence}".strip()), width="content")
        link_to(choice, card)


def link_to(choice: Selection, card: str) -> None:
    """Draw a link to the card of a method."""
    selection.page_link(
        choice,
        "definitions",
        choice.text("methods.link", title=choice.text(f"methods.{card}.title")),
        icon=":material/function:",
        part="methods",
        card=card,
    )


def draw_cards(choice: Selection, registry: Registry) -> None:  # noqa: ARG001
    """Every method; the one that a link asked for stands first."""
    asked = choice.extra.get("card")
    known = cards()
    if asked and asked not in known:
        st.warning(choice.text("methods.unknown", card=i18n.plain(asked)))
    st.markdown(choice.text("methods.intro"))
    with st.grid("auto", min_column_width=420):
        for card in sorted(known, key=lambda card: card != asked):
            with st.container(
                border=True, gap="xsmall", height="stretch", key=f"card-{card}"
            ):
                _card(choice, card)


def _card(choice: Selection, card: str) -> None:
    title, sentence, formula, example, source = (
        choice.text(f"methods.{card}.{field}") for field in FIELDS
    )
    st.header(i18n.plain(title), anchor=False)
    st.markdown(i18n.plain(sentence))
    st.code(formula, language=None, wrap_lines=True)
    heading = choice.text("methods.worked")
    st.markdown(f"**{heading}** {i18n.plain(example)}")
    st.caption(f"{choice.text('methods.from')} {i18n.plain(source)}")
