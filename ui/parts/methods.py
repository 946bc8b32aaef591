"""Methods in words: one plain sentence beside each statistic, its card on 口径.

A card is a table of reports/words/methods.toml: title, sentence, formula, example,
source. Every figure of an example is computed by the code in
tests/ui/parts/test_methods.py.
"""

from __future__ import annotations

import streamlit as st

from data_pipeline.registry import Registry
from reports.method_cards import cards
from reports.words import catalogue
from ui.markup import draw_heading
from ui.search import ask_cards
from ui.selection import Selection

FIELDS = ("title", "sentence", "formula", "example", "source")


def link(choice: Selection, card: str, label: str = "") -> str:
    """A link to the card of a method, as markdown to stand behind a sentence.

    address.js follows it on the page, as it does the links that lead up. `label` is
    what is clicked instead of the card's title.
    """
    title = choice.text(f"methods.{card}.title")
    label = catalogue.plain(label or choice.text("methods.link", title=title))
    return f"[{label}]({address_of(choice, card)})"


def address_of(choice: Selection, card: str) -> str:
    """Where the card of a method stands."""
    return choice.link("definitions", part="methods", card=card)


def with_links(choice: Selection, words: str, *cards: str) -> str:
    """Words that already say what a statistic means, and links to its cards."""
    links = [link(choice, card) for card in cards[:1]]
    # One word 方法 is enough: the links after it are titles.
    titles = ((card, choice.text(f"methods.{card}.title")) for card in cards[1:])
    links += [link(choice, card, title) for card, title in titles]
    return " ".join(filter(None, (catalogue.plain(words), " · ".join(links))))


def sentence(choice: Selection, card: str, before: str = "") -> str:
    """The sentence of a method with its link, after `before`, as markdown."""
    words = (before, choice.text(f"methods.{card}.sentence"))
    return with_links(choice, " ".join(filter(None, words)), card)


def explain(choice: Selection, card: str, before: str = "") -> None:
    """Draw the sentence of a method, after `before`, with a link to its card."""
    st.caption(sentence(choice, card, before))


def draw_cards(choice: Selection, registry: Registry) -> None:  # noqa: ARG001
    """Every method; the one that a link names stands first."""
    chosen = choice.extra.get("card")
    known = cards()
    found = ask_cards(choice, "method", known)
    if chosen and chosen not in known:
        st.warning(choice.text("methods.unknown", card=catalogue.plain(chosen)))
    st.markdown(choice.text("methods.intro"))
    with st.grid("auto", min_column_width=420):
        for card in sorted(found, key=lambda card: card != chosen):
            with st.container(
                border=True, gap="xsmall", height="stretch", key=f"card-{card}"
            ):
                _card(choice, card)


def _card(choice: Selection, card: str) -> None:
    title, sentences, formula, example, source = (
        choice.text(f"methods.{card}.{field}") for field in FIELDS
    )
    draw_heading(title)
    st.markdown(catalogue.plain(sentences))
    st.code(formula, language=None, wrap_lines=True)
    heading = choice.text("methods.worked")
    st.markdown(f"**{heading}** {catalogue.plain(example)}")
    st.caption(f"{choice.text('methods.from')} {catalogue.plain(source)}")
