"""A paper on the screen, a circular or a brief: as one text, or as its pages."""

from __future__ import annotations

import itertools
from html import escape

import streamlit as st

from reports.files.paper import (
    Cell,
    Chart,
    FontError,
    Paper,
    Part,
    Sentence,
    Table,
    Text,
)
from reports.words import catalogue
from ui import marts
from ui.components.paper import draw_paper, pack_paper, picture
from ui.parts.actions import SAYS_METRIC
from ui.selection import Selection

SCREEN_PPI = 80


def draw_as_text(paper: Paper, choice: Selection, key: str) -> None:
    """All of it as one text: a hundred elements would each be drawn by itself."""

    def write() -> bytes:
        parts = itertools.chain.from_iterable(s.parts for s in paper.sections)
        charts = (part for part in parts if isinstance(part, Chart))
        pictures = [_draw_chart(part, paper) for part in charts]
        return pack_paper(_write_sections(paper, choice), pictures)

    try:
        written = marts.kept_of(choice.alone, ("paper", "text", paper.digest), write)
    except FontError as error:
        words = _write_sections(paper, choice, has_pictures=False)
        draw_paper(pack_paper(words), key=key)
        st.error(catalogue.plain(str(error)))
        return
    draw_paper(written, key=key)


def draw_as_pages(paper: Paper, choice: Selection, key: str) -> None:  # noqa: ARG001
    """Each page as a picture."""
    from reports.files.pdf_file import page_pictures

    def write() -> bytes:
        pages = page_pictures(paper, SCREEN_PPI)
        names = (f"{number} / {len(pages)}" for number in range(1, len(pages) + 1))
        places = "".join(map(picture, names))
        return pack_paper(f'<div class="paper-pages">{places}</div>', pages)

    try:
        draw_paper(marts.kept(("paper", "pages", paper.digest), write), key=key)
    except FontError as error:
        st.error(catalogue.plain(str(error)))


def _write_sections(
    paper: Paper, choice: Selection, *, has_pictures: bool = True
) -> str:
    """The paper as HTML, with places for its pictures."""
    heading = {"title": paper.title, "subtitle": paper.subtitle}
    title = catalogue.letters(choice.text("bulletin.heading_line", **heading))
    written, anchored = [f"<h2>{title}</h2>"], set()
    for section in paper.sections:
        written.append(f"<h3>{catalogue.letters(section.title)}</h3>")
        for part in section.parts:
            body = _write_part(part, has_pictures)
            metric = "" if isinstance(part, Text) else part.query.metric
            if metric and metric not in anchored:
                anchored.add(metric)
                # Links lead to what a container of this name would be.
                name = escape(f"st-key-{SAYS_METRIC.format(metric)}")
                body = f'<div class="{name}">{body}</div>'
            written.append(body)
    return f'<div class="paper-text">{"".join(written)}</div>'


def _write_part(part: Part, has_pictures: bool) -> str:
    if isinstance(part, Table):
        note = f"<small>{catalogue.letters(part.note)}</small>" if part.note else ""
        return _titled(part) + _write_table(part) + note
    if isinstance(part, Chart):
        return _titled(part) + (picture(part.description) if has_pictures else "")
    number = _number(part) if isinstance(part, Sentence) else ""
    return f"<p>{catalogue.letters(part.text)}{number}</p>"


def _number(part: Sentence | Table | Chart) -> str:
    return f" <span>〔{part.number}〕</span>"


def _titled(part: Table | Chart) -> str:
    return f"<p><b>{catalogue.letters(part.title)}</b>{_number(part)}</p>"


def _write_table(part: Table) -> str:
    aligned = [f"text-align: {column.align}" for column in part.columns]
    heads = "".join(
        f'<th scope="col" style="{align}">{escape(column.heading)}</th>'
        for column, align in zip(part.columns, aligned, strict=True)
    )
    rows = "".join(f"<tr>{''.join(map(_cell, row, aligned))}</tr>" for row in part.rows)
    table = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
    return f'<table class="paper" aria-label="{escape(part.title)}">{table}</table>'


def _cell(cell: Cell, look: str) -> str:
    if cell.fill:
        look += f"; background: {cell.fill}; color: {cell.ink or '#0e1216'}"
    return f'<td style="{look}">{catalogue.letters(cell.text)}</td>'


def _draw_chart(part: Chart, paper: Paper) -> bytes:
    """The picture that the DOCX holds."""
    from reports.files.pdf_file import chart_picture

    # Apart from the text, which remarks change with every word.
    of_what = (paper.layout, paper.title, paper.subtitle, paper.language, part.number)
    question = ("paper", "chart", *of_what)
    return marts.kept(question, lambda: chart_picture(part, paper.language))
