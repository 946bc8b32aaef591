"""The page 通报: the circular on the screen, its files and what lies behind it."""

from __future__ import annotations

import io
import re
from html import unescape

import docx
import pytest

from reports.files.paper import FontError
from tests.pages.drawn import Drawn, draw_page, read

JULY = {"month": "2016-07"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    return lambda **query: draw_page("bulletin", tiny_lake, monkeypatch, **JULY | query)


def text_of(drawn: Drawn) -> str:
    """The words of the circular."""
    written = "\n".join(element.value for element in drawn.app.get("html"))
    return read(unescape(re.sub(r"<[^>]*>", " ", written)))


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
    shown = [element.value for element in draw(look="pages").app.get("html")]
    assert sum("data:image/png" in html for html in shown) > 3


def test_without_a_font_the_text_stands_and_pictures_come_once_there_is_one(
    draw, monkeypatch
):
    def fail(*_):
        raise FontError("no font")

    with monkeypatch.context() as patched:
        patched.setattr("reports.files.pdf_file.chart_picture", fail)
        drawn = draw(month="2016-06")
        assert [error.value for error in drawn.app.error] == ["no font"]
        assert "第一专题" in text_of(drawn)
    drawn = draw(month="2016-06")
    assert not drawn.app.error
    assert any("data:image/png" in html.value for html in drawn.app.get("html"))


def test_remarks_are_checked_and_printed(draw):
    drawn = draw()
    drawn.app.text_area[0].set_value("2016-08-20\n请各督导组抓紧。").run()
    assert "请各督导组抓紧" in text_of(drawn)
    drawn.app.text_area[0].set_value("2016-08-20\n电话 13800138000").run()
    assert "个人信息" in drawn.app.error[0].value
    assert "13800138000" not in text_of(drawn)
