"""The page 通报: the circular on the screen, its files and what lies behind it."""

from __future__ import annotations

import io
import itertools
import json
import re
from html import escape, unescape

import docx
import pytest

from reports.files.paper import FontError
from tests.pages.drawn import Drawn, draw_page, read
from ui import marts
from ui.kept import Kept

JULY = {"month": "2016-07"}
PNG = b"\x89PNG"


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    return lambda **query: draw_page("bulletin", tiny_lake, monkeypatch, **JULY | query)


def paper_of(drawn: Drawn) -> tuple[str, list[bytes]]:
    """The circular as a browser gets it: its HTML and its pictures."""
    (sent,) = (
        element.proto.bytes
        for element in drawn.app.get("bidi_component")
        if element.proto.component_name == "paper"
    )
    head, _, joined = sent.partition(b"\n")
    about, ends = json.loads(head), [0]
    for size in about["sizes"]:
        ends.append(ends[-1] + size)
    assert ends[-1] == len(joined)
    pictures = [joined[start:end] for start, end in itertools.pairwise(ends)]
    assert about["html"].count("<img ") == len(pictures)
    return about["html"], pictures


def text_of(drawn: Drawn) -> str:
    """The words of the circular."""
    return read(unescape(re.sub(r"<[^>]*>", " ", paper_of(drawn)[0])))


def test_the_screen_says_what_the_file_says(draw):
    drawn = draw()
    expected = "单位中最高 仓山区 50.0 %\uff0c最低 市直机关 40.0 %。"
    assert expected in text_of(drawn)
    name, make = drawn.files["docx-bulletin"]
    book = docx.Document(io.BytesIO(make()))
    assert any(expected in paragraph.text for paragraph in book.paragraphs)
    assert name.startswith("通报_2016-07_zh_") and name.endswith(".docx")
    name, make = drawn.files["pdf-bulletin"]
    assert make().startswith(b"%PDF-") and name.endswith(".pdf")


def test_a_number_leads_to_its_query_and_its_rows(draw):
    drawn = draw(frame="3")
    query = "python -m reports export topic_2_coverage --month 2016-07"
    assert drawn.app.code[0].value == query
    (row,) = drawn.rows_of("csv-frame-3")
    assert (row["numerator"], row["denominator"]) == ("5", "11")


def test_the_pages_are_shown_as_they_are_printed(draw):
    html, pages = paper_of(draw(look="pages"))
    assert len(pages) > 3
    assert all(page.startswith(PNG) for page in pages)
    assert f'alt="1 / {len(pages)}"' in html


def test_without_a_font_the_text_stands_and_pictures_come_once_there_is_one(
    draw, monkeypatch
):
    def fail(*_):
        raise FontError("no font")

    # As if nobody had opened it before: what others have seen is kept.
    monkeypatch.setattr(marts, "_kept", Kept(most_cells=10**6, most_sources=1))
    with monkeypatch.context() as patched:
        patched.setattr("reports.files.pdf_file.chart_picture", fail)
        drawn = draw(month="2016-06")
        assert [error.value for error in drawn.app.error] == ["no font"]
        assert "第一专题" in text_of(drawn)
        assert paper_of(drawn)[1] == []
    drawn = draw(month="2016-06")
    assert not drawn.app.error
    _, pictures = paper_of(drawn)
    assert pictures and all(picture.startswith(PNG) for picture in pictures)


def test_no_word_of_the_circular_is_markup(draw):
    hostile = "<img src=x onerror=ask> & <b>请抓紧</b>"
    drawn = draw()
    drawn.app.text_area[0].set_value(f"2016-08-20\n{hostile}").run()
    html, _ = paper_of(drawn)
    assert escape(hostile) in html
    assert hostile not in html


def test_remarks_are_checked_and_printed(draw):
    drawn = draw()
    drawn.app.text_area[0].set_value("2016-08-20\n请各督导组抓紧。").run()
    assert "请各督导组抓紧" in text_of(drawn)
    drawn.app.text_area[0].set_value("2016-08-20\n电话 13800138000").run()
    assert "个人信息" in drawn.app.error[0].value
    assert "13800138000" not in text_of(drawn)
