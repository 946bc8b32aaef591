"""DOCX and PDF of the circular, and the command that writes them."""

from __future__ import annotations

import io
import re

import docx
import pytest
from docx.oxml.ns import qn

from reports.__main__ import main
from reports.files import pdf_file
from reports.files.docx_file import docx_bytes
from reports.files.paper import FontError
from reports.files.pdf_file import pdf_bytes
from tests.praised_city import build_praised_city
from tests.reports.bulletin.papers import circular_of

JULY = ("--month", "2016-07")


@pytest.fixture(scope="module")
def paper(tiny_circular):
    return tiny_circular


@pytest.fixture(scope="module")
def book(paper):
    return docx.Document(io.BytesIO(docx_bytes(paper)))


def runs(book):
    """Every run of text, in paragraphs, tables, header and footer."""
    parts = [book.element.body, book.sections[0].header._element]
    parts.append(book.sections[0].footer._element)
    return [run for part in parts for run in part.iter(qn("w:r"))]


def test_docx_has_headings_real_tables_pictures_and_a_page_number(book, paper):
    styles = [paragraph.style.name for paragraph in book.paragraphs]
    assert styles[0] == "Title"
    # One more: the list of queries.
    assert styles.count("Heading 1") == len(paper.sections) + 1
    shown = [part for part in paper.numbered() if hasattr(part, "rows")]
    assert len(book.tables) == len(shown) + 1
    head = book.tables[0].rows[0]
    assert head._tr.trPr.find(qn("w:tblHeader")) is not None
    charts = [part for part in paper.numbered() if hasattr(part, "bars")]
    assert len(book.inline_shapes) == len(charts)
    described = [shape._inline.docPr.get("descr") for shape in book.inline_shapes]
    assert all(part.title in said for part, said in zip(charts, described, strict=True))
    footer = book.sections[0].footer._element
    assert [field.text for field in footer.iter(qn("w:instrText"))] == ["PAGE"]


def test_docx_names_the_fonts_of_the_office_on_every_run(book):
    fonts = set()
    for run in runs(book):
        if any(text.text for text in run.iter(qn("w:t"))):
            fonts.add(run.rPr.rFonts.get(qn("w:eastAsia")))
    assert {"方正小标宋简体", "仿宋_GB2312", "楷体_GB2312"} <= fonts
    assert None not in fonts


def test_the_same_snapshot_gives_the_same_bytes(tiny_lake, paper):
    again = circular_of(tiny_lake, "2016-07")
    assert docx_bytes(again) == docx_bytes(paper)
    assert pdf_bytes(again) == pdf_bytes(paper)


def test_pdf_is_of_the_snapshots_day(paper):
    content = pdf_bytes(paper)
    assert content.startswith(b"%PDF-")
    day = f"{paper.created:%Y%m%d}".encode()
    assert re.findall(rb"/CreationDate \(D:(\d{8})", content) in ([], [day])


def test_without_a_chinese_font_there_is_a_sentence_and_no_file(paper, monkeypatch):
    monkeypatch.setattr(pdf_file, "CHINESE_FONTS", ("No Such Font",))
    pdf_file._has_chinese.cache_clear()
    try:
        with pytest.raises(FontError, match="fonts-noto-cjk"):
            pdf_bytes(paper)
    finally:
        pdf_file._has_chinese.cache_clear()


def test_the_command_writes_the_circular(tiny_lake, tmp_path, capsys):
    out = tmp_path / "a.docx"
    code = main(["bulletin", *JULY, "--lake", str(tiny_lake), "--out", str(out)])
    assert code == 0, capsys.readouterr().err
    assert docx.Document(str(out)).paragraphs[0].style.name == "Title"


def test_the_frame_behind_a_sentence_comes_as_rows(tiny_lake, capfdbinary):
    query = "topic_2_coverage --month 2016-07 --by unit"
    (part,) = [
        part
        for part in circular_of(tiny_lake, "2016-07", audience="public").numbered()
        if part.query.command.removesuffix(" --audience public").endswith(query)
        and "单位中最高" in getattr(part, "text", "")
    ]
    options = ["--frame", str(part.number), "--lake", str(tiny_lake)]
    assert main(["bulletin", *JULY, *options]) == 0
    out, err = capfdbinary.readouterr()
    assert out.decode("utf-8-sig").splitlines() == [
        "unit,unit_name,numerator,denominator,rate,n_blank,n_missing",
        "350104,仓山区,3,6,0.5,0,0",
        "350181,福清市,0,0,,0,2",
        "ZSJG,市直机关,2,5,0.4,0,0",
    ]
    assert part.text in err.decode()


def test_the_code_says_that_rules_found_faults_and_the_file_is_there(
    shared_lakes, tmp_path, capsys
):
    lake, out = shared_lakes.of(build_praised_city), tmp_path / "a.pdf"
    arguments = ["bulletin", *JULY, "--lake", str(lake), "--out", str(out)]
    assert main(arguments) == 1
    assert "rules found 1 faults by 2016-07" in capsys.readouterr().err
    assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--month", "2016-08", "--out", "a.pdf"), "nobody has filed"),
        (("--month", "July", "--out", "a.pdf"), "2016-07"),
        ((*JULY,), "--out FILE"),
        ((*JULY, "--out", "a.doc"), ".docx or .pdf"),
        ((*JULY, "--out", "none/a.pdf"), "does not exist"),
        ((*JULY, "--frame", "999"), "parts 1"),
    ],
)
def test_wrong_use_is_said_and_nothing_written(
    tiny_lake, tmp_path, monkeypatch, capsys, arguments, said
):
    monkeypatch.chdir(tmp_path)
    assert main(["bulletin", *arguments, "--lake", str(tiny_lake)]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
