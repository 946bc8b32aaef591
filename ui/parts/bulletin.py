"""The parts of the page 通报: remarks, the circular, its files and its queries."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from html import escape

import streamlit as st

from data_pipeline.flags import read_flags
from data_pipeline.store.audit import record
from data_pipeline.withheld import PUBLIC
from reports import tables
from reports.bulletin.facts import Facts
from reports.bulletin.remarks import MOST_CHARS, Remarks, RemarksError, read_remarks
from reports.bulletin.rows import circular
from reports.files.export import file_name
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
from ui import marts, roles, selection
from ui.components.paper import draw_paper, pack_paper, picture
from ui.lake import lake_folder
from ui.parts import methods
from ui.parts.actions import SAYS_METRIC
from ui.records_view import show_records
from ui.selection import Selection

PAGE = "bulletin"
NONE = "0"  # in the place of a number: no query is shown
LOOKS = ("text", "pages")
SCREEN_PPI = 80
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
OUTCOMES = catalogue.texts("bulletin.outcome")


def ask_remarks(choice: Selection) -> Remarks | None:
    """What the office adds, checked as it is printed; None where nothing is."""
    if not roles.reader().may("issue"):
        return None
    with st.expander(choice.text(f"{PAGE}.remarks_box")):
        text = st.text_area(
            choice.text(f"{PAGE}.remarks_label"),
            key=f"{PAGE}-remarks",
            max_chars=MOST_CHARS,
            placeholder=choice.text(f"{PAGE}.remarks_form"),
        )
    if not text.strip():
        return None
    try:
        return read_remarks(text, choice.lang)
    except RemarksError as error:
        st.error(catalogue.plain(str(error)))
        return None


def read_circular(choice: Selection, remarks: Remarks | None) -> Paper:
    """The circular of the month; its figures are read once for all readers."""
    facts = marts.kept(
        (PAGE, choice.month, choice.lang),
        functools.partial(_read_facts, choice.month, choice.lang),
    )
    return marts.kept(
        (PAGE, choice.month, choice.lang, remarks),
        functools.partial(circular, facts, remarks),
    )


def _read_facts(month: str, language: str) -> Facts:
    """What the circular is made of: a paper for everybody, whoever looks at it."""
    opened = marts.current().for_audience(PUBLIC)
    found = read_flags(opened).found
    return Facts(opened, month, found, marts.findings_of(opened), language)


def explain(choice: Selection) -> None:
    """What the circular is and by what it stands."""
    sentence = choice.text(f"{PAGE}.intro")
    st.markdown(
        methods.with_links(choice, sentence, "flags", "stratified_estimate", "withheld")
    )


def download(paper: Paper, choice: Selection) -> None:
    """The circular as DOCX and as PDF, made on request."""
    snapshot = marts.current().snapshot
    for ending, make in (("docx", _to_docx), ("pdf", _to_pdf)):
        parts = (choice.text(f"{PAGE}.title"), choice.month, choice.lang)
        st.download_button(
            choice.text(f"{PAGE}.{ending}"),
            roles.at_click(
                functools.partial(_issue, make, paper, choice.month, ending)
            ),
            file_name=file_name(parts, snapshot, paper.digest, ending),
            mime=MEDIA_TYPES[ending],
            on_click="ignore",
            icon=":material/download:",
            key=f"{ending}-{PAGE}",
        )


def _issue(
    make: Callable[[Paper], bytes], paper: Paper, month: str, form: str
) -> bytes:
    """The file of a circular; that the office has taken it along is on record."""
    reader, content = roles.reader(), make(paper)
    # Without a login nobody knows who it was.
    if reader.may("issue") and not reader.is_local:
        about = {"month": month, "form": form, "digest": paper.digest}
        record(lake_folder(), reader.subject, "bulletin_issued", **about)
    return content


# The writers are needed only here, and cost every page start otherwise.
def _to_docx(paper: Paper) -> bytes:
    from reports.files.docx_file import docx_bytes

    return docx_bytes(paper)


def _to_pdf(paper: Paper) -> bytes:
    from reports.files.pdf_file import pdf_bytes

    return pdf_bytes(paper)


def choose_part(paper: Paper, choice: Selection) -> int | None:
    """The number whose query is to be shown; None for no number."""
    words = {NONE: choice.text(f"{PAGE}.no_query")}
    for part in paper.numbered():
        said = part.text if isinstance(part, Sentence) else part.title
        words[str(part.number)] = f"{part.number} {said}"
    label = choice.text(f"{PAGE}.query")
    chosen = selection.choose_listed(choice, "frame", words, label=label, default=NONE)
    return None if chosen == NONE else int(chosen)


def choose_look(choice: Selection) -> str:
    """One of `LOOKS`: as text, or as pages."""
    words = {look: choice.text(f"{PAGE}.look_word.{look}") for look in LOOKS}
    label = choice.text(f"{PAGE}.look")
    return selection.choose_word(choice, "look", words, label=label)


def show_query(paper: Paper, number: int | None, choice: Selection) -> None:
    """The rows behind a sentence, table or chart, and the command that gives them."""
    if number is None:
        return
    part = paper.part(number)
    st.code(part.query.command, language=None, wrap_lines=True)
    frame = part.query.frame
    show = functools.partial(
        tables.tabulate,
        frame,
        marts.current().registry,
        choice.lang,
        section=PAGE,
        words={"outcome": OUTCOMES[choice.lang]},
    )
    title = choice.text(f"{PAGE}.rows_behind", number=number)
    show_records(frame, choice, f"frame-{number}", title, display=show)


def draw_preview(paper: Paper, look: str, choice: Selection) -> None:
    """The circular to read on the screen, or its pages as they are printed."""
    write = {"text": _write_text, "pages": _write_pages}[look]
    try:
        draw_paper(write(paper, choice), key="circular")
    except FontError as error:
        if look == "text":
            words = _write_sections(paper, choice, has_pictures=False)
            draw_paper(pack_paper(words), key="circular")
        st.error(catalogue.plain(str(error)))


def _write_text(paper: Paper, choice: Selection) -> bytes:
    """All of it as one text: a hundred elements would each be drawn by itself."""

    def write() -> bytes:
        parts = itertools.chain.from_iterable(s.parts for s in paper.sections)
        charts = (part for part in parts if isinstance(part, Chart))
        pictures = [_draw_chart(part, choice) for part in charts]
        return pack_paper(_write_sections(paper, choice), pictures)

    return marts.kept_of(choice.alone, (PAGE, "text", paper.digest), write)


def _write_pages(paper: Paper, choice: Selection) -> bytes:  # noqa: ARG001
    from reports.files.pdf_file import page_pictures

    def write() -> bytes:
        pages = page_pictures(paper, SCREEN_PPI)
        names = (f"{number} / {len(pages)}" for number in range(1, len(pages) + 1))
        places = "".join(map(picture, names))
        return pack_paper(f'<div class="paper-pages">{places}</div>', pages)

    return marts.kept((PAGE, "pages", paper.digest), write)


def _write_sections(
    paper: Paper, choice: Selection, *, has_pictures: bool = True
) -> str:
    """The paper as HTML, with places for its pictures."""
    heading = {"title": paper.title, "subtitle": paper.subtitle}
    title = catalogue.letters(choice.text(f"{PAGE}.heading_line", **heading))
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


def _draw_chart(part: Chart, choice: Selection) -> bytes:
    """The picture that the DOCX holds."""
    from reports.files.pdf_file import chart_picture

    # Apart from the text, which remarks change with every word.
    question = (PAGE, "chart", choice.month, choice.lang, part.number)
    return marts.kept(question, lambda: chart_picture(part, choice.lang))
