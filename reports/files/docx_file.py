"""A document as DOCX, in the form an office sends: styles, real tables, page numbers.

Fonts are named, not embedded; the East Asian font is set on every run, because Word
falls back to its own where a style alone names it. A chart is the picture that the PDF
draws. The same document gives the same bytes: times are the snapshot's.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from docx import Document
from docx.document import Document as Book
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from reports.files.paper import Cell, Chart, Column, Paper, Sentence, Table
from reports.files.pdf_file import chart_picture, name_of
from reports.words import wording

TITLE, BODY, SECOND, HEADING, FIGURES = (
    *("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"),
)
LATIN = "Times New Roman"
GREY, RED = "5B6470", "C0182B"
HEAD_FILL = "#e8ecf1"
SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
TEXT_WIDTH = Mm(156)
# The first moment that a zip file knows: times of its members say nothing.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def docx_bytes(paper: Paper) -> bytes:
    """The document as a DOCX file."""
    book = Document()
    _set_styles(book, paper)
    _set_page(book, paper)
    _add(book, paper.title, TITLE, 22, style="Title", align="center")
    if paper.subtitle:
        _add(book, paper.subtitle, SECOND, 16, align="center", style="Subtitle")
    for section in paper.sections:
        _add(book, section.title, HEADING, 16, style="Heading 1")
        for part in section.parts:
            if isinstance(part, Table):
                _add_table(book, part)
            elif isinstance(part, Chart):
                _add_chart(book, part, paper)
            else:
                indent = 2 if paper.language == "zh" else 0
                paragraph = _add(book, part.text, BODY, 16, indent=indent)
                if isinstance(part, Sentence):
                    _mark(paragraph, part.number)
    if paper.issuer:
        _add(book, "", BODY, 16)
        for line in (paper.issuer, paper.day):
            _add(book, line, BODY, 16, align="right")
    if paper.sources:
        _add_sources(book, paper)
    sink = io.BytesIO()
    book.save(sink)
    return _without_clock(sink.getvalue())


def _set_styles(book: Book, paper: Paper) -> None:
    """Fonts of the styles, so that what people add later looks alike."""
    looks = {
        "Normal": (BODY, 16),
        "Title": (TITLE, 22),
        "Subtitle": (SECOND, 16),
        "Heading 1": (HEADING, 16),
        "Caption": (HEADING, 10.5),
    }
    for name, (font, size) in looks.items():
        style = book.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), RGBColor(0, 0, 0)
        style.font.bold, style.font.italic = False, False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        for key in ("ascii", "hAnsi"):
            fonts.set(qn(f"w:{key}"), LATIN)
        fonts.set(qn("w:eastAsia"), font)
        spacing = style.paragraph_format
        spacing.space_before, spacing.space_after = Pt(0), Pt(0)
        spacing.line_spacing = 1.25
    # The template underlines its title with a rule of its own.
    properties = book.styles["Title"].element.pPr
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    for name, space in (("Title", 6), ("Subtitle", 10), ("Heading 1", 6)):
        book.styles[name].paragraph_format.space_after = Pt(space)
    book.styles["Heading 1"].paragraph_format.space_before = Pt(12)
    book.styles["Caption"].paragraph_format.keep_with_next = True
    properties, moment = book.core_properties, wording.file_time(paper.created)
    properties.title, properties.author = paper.title, paper.issuer
    properties.comments, properties.language = paper.source, paper.language
    properties.created = properties.modified = moment
    properties.last_modified_by, properties.revision = "", 1


def _set_page(book: Book, paper: Paper) -> None:
    """A4 with the margins of an official document, notice above, number below."""
    page = book.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(33), Mm(30)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    if paper.notice:
        head = page.header.paragraphs[0]
        head.alignment = SIDES["right"]
        _run(head, paper.notice, HEADING, 9, RED)
    foot = page.footer.paragraphs[0]
    foot.alignment = SIDES["center"]
    before, _, after = paper.page_of.partition("{page}")
    _run(foot, before, FIGURES, 14)
    run = _run(foot, "", FIGURES, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        if kind:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        else:
            field = OxmlElement("w:instrText")
            field.text = text
        run._r.append(field)
    _run(foot, after, FIGURES, 14)


def _add(
    book: Book,
    text: str,
    font: str,
    size: float,
    *,
    style: str = "Normal",
    align: str = "",
    indent: int = 0,
    colour: str = "",
) -> Paragraph:
    paragraph = book.add_paragraph(style=style)
    if align:
        paragraph.alignment = SIDES[align]
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(indent * size)
    _run(paragraph, text, font, size, colour)
    return paragraph


def _run(
    paragraph: Paragraph, text: str, font: str, size: float, colour: str = ""
) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = LATIN, Pt(size)
    run._r.rPr.rFonts.set(qn("w:eastAsia"), font)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return run


def _mark(paragraph: Paragraph, number: int) -> None:
    """The number by which a sentence leads back to its query."""
    run = _run(paragraph, f"〔{number}〕", BODY, 10, GREY)
    run.font.superscript = True


def _add_table(book: Book, part: Table) -> None:
    caption = _add(book, part.title, HEADING, 10.5, style="Caption")
    _mark(caption, part.number)
    _fill_table(book, part.columns, part.rows, part.n_total)
    note = _add(book, part.note, FIGURES, 9, colour=GREY)
    note.paragraph_format.space_after = Pt(8)


def _fill_table(
    book: Book,
    columns: Any,
    rows: Any,
    n_total: int = 0,
    size: float = 9,
) -> None:
    table = book.add_table(rows=1, cols=len(columns))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    whole = sum(column.width for column in columns)
    widths = [int(TEXT_WIDTH * column.width / whole) for column in columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    head = table.rows[0]
    header = OxmlElement("w:tblHeader")  # repeated on each page
    head._tr.get_or_add_trPr().append(header)
    for at, column in enumerate(columns):
        heading = Cell(column.heading, HEAD_FILL)
        _fill_cell(head.cells[at], heading, "center", widths[at], size, HEADING)
    for number, row in enumerate(rows):
        line = table.add_row()
        whole_row = OxmlElement("w:cantSplit")
        line._tr.get_or_add_trPr().append(whole_row)
        cells = line.cells
        for at, cell in enumerate(row):
            font = HEADING if number < n_total else FIGURES
            _fill_cell(cells[at], cell, columns[at].align, widths[at], size, font)


def _fill_cell(
    box: Any, cell: Cell, align: str, width: int, size: float, font: str
) -> None:
    box.width = width
    paragraph = box.paragraphs[0]
    paragraph.alignment = SIDES[align]
    paragraph.paragraph_format.line_spacing = 1.0
    _run(paragraph, cell.text, font, size, cell.ink.removeprefix("#").upper())
    properties = box._tc.get_or_add_tcPr()
    if cell.fill:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:color"), "auto")
        shade.set(qn("w:fill"), cell.fill.removeprefix("#").upper())
        properties.append(shade)
    middle = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)


def _add_chart(book: Book, part: Chart, paper: Paper) -> None:
    caption = _add(book, part.title, HEADING, 10.5, style="Caption")
    _mark(caption, part.number)
    picture = io.BytesIO(chart_picture(part, paper.language))
    book.add_picture(picture, width=TEXT_WIDTH)
    book.paragraphs[-1].alignment = SIDES["center"]
    described = book.inline_shapes[len(book.inline_shapes) - 1]._inline.docPr
    described.set("name", f"{part.number}")
    described.set("descr", part.description)


def _add_sources(book: Book, paper: Paper) -> None:
    title, *headings = paper.sources
    heading = _add(book, title, HEADING, 16, style="Heading 1")
    heading.paragraph_format.page_break_before = True
    _add(book, paper.source, FIGURES, 9, colour=GREY)
    shares = (0.08, 0.36, 0.56)
    columns = [
        Column(name, share, "left")
        for name, share in zip(headings, shares, strict=True)
    ]
    rows = [
        [Cell(str(part.number)), Cell(name_of(part)), Cell(part.query.command)]
        for part in paper.numbered()
    ]
    _fill_table(book, columns, rows, size=7.5)


def _without_clock(content: bytes) -> bytes:
    """The same file, its members in order and without the time of their writing."""
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as book,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in book.namelist():
            member = zipfile.ZipInfo(name, ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(member, book.read(name))
    return sink.getvalue()
