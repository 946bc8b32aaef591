"""The parts of the page 通报: remarks, the circular, its files and its queries."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from data_pipeline.flags import read_flags
from data_pipeline.store.audit import record
from data_pipeline.withheld import PUBLIC
from reports import tables
from reports.bulletin.facts import Facts
from reports.bulletin.remarks import MOST_CHARS, Remarks, RemarksError, read_remarks
from reports.bulletin.rows import circular
from reports.files.export import file_name
from reports.files.paper import Paper, Sentence
from reports.words import catalogue
from ui import marts, roles, selection
from ui.lake import lake_folder
from ui.parts import methods
from ui.parts.papers import draw_as_pages, draw_as_text
from ui.records_view import show_records
from ui.selection import Selection

PAGE = "bulletin"
NONE = "0"  # in the place of a number: no query is shown
LOOKS = ("text", "pages")
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
    draw = {"text": draw_as_text, "pages": draw_as_pages}[look]
    draw(paper, choice, "circular")
