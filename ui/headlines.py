"""The row of large figures on top of a page, as one text.

Six of `st.metric` would take a browser as long as a figure takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from reports.figures import style
from reports.figures.spark import as_background, spark
from reports.overview.headline import Headline
from reports.words import catalogue
from ui.markup import draw_html
from ui.selection import Selection

TREND_COLOURS = {"better": style.DONE, "worse": style.TARGET, "": style.NEUTRAL}


def draw_headlines(headlines: Sequence[Headline], choice: Selection) -> None:
    """The figures across on a desk, two on a phone, each with its months so far."""
    cards = (_write_card(at, one, choice) for at, one in enumerate(headlines, 1))
    draw_html(f'<dl class="headlines">{"".join(cards)}</dl>')


def _write_card(place: int, headline: Headline, choice: Selection) -> str:
    label = catalogue.letters(headline.label)
    line = spark(headline.trend, TREND_COLOURS[headline.course])
    ground = f' style="{escape(f"background-image: {as_background(line)}")}"'
    return (
        f"<div{ground if line else ''}>"
        f"<dt><span>{label}</span>{_write_help(place, headline, choice)}</dt>"
        f"<dd>{catalogue.letters(headline.value)}</dd>"
        f"{_write_change(headline, choice)}</div>"
    )


def _write_help(place: int, headline: Headline, choice: Selection) -> str:
    """A mark that says more when it is pointed at or reached by key."""
    if not headline.help:
        return ""
    name = escape(f"{choice.text('frame.streamlit.help_for')} {headline.label}")
    tip = f"headline-{place}"
    return (
        f'<button type="button" aria-label="{name}" aria-describedby="{tip}">?</button>'
        f'<span role="tooltip" id="{tip}">{catalogue.letters(headline.help)}</span>'
    )


def _write_change(headline: Headline, choice: Selection) -> str:
    if not headline.delta:
        return ""
    change = catalogue.letters(headline.delta.removeprefix("-"))
    if headline.has_moved:  # Which way it went is said once.
        arrow = "↓" if headline.delta.startswith("-") else "↑"
        change = f"{arrow}\N{NARROW NO-BREAK SPACE}{change}"
    since = catalogue.letters(choice.text("overview.since_last_month"))
    return f'<dd><b class="{headline.course}">{change}</b> <small>{since}</small></dd>'
