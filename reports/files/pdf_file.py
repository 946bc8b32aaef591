"""A document as PDF, and one chart of it as a picture, set by typst.

The data go in as JSON, never as markup: a name cannot become an instruction. Fonts are
those of the machine; the template names what to take where one is missing. The same
document gives the same bytes on the same machine.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import typst

from reports.files.paper import Chart, FontError, Paper, Table, plain
from reports.words import catalogue

TEMPLATE = Path(__file__).with_name("paper.typ")
PIXELS_PER_INCH = 300
# One of these is required: without any, Chinese would come out as empty boxes.
CHINESE_FONTS = (
    *("仿宋_GB2312", "FangSong_GB2312", "FangSong", "仿宋", "STFangsong"),
    *("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC"),
    *("Source Han Sans SC", "SimSun", "Songti SC", "WenQuanYi Zen Hei"),
)


def pdf_bytes(paper: Paper) -> bytes:
    """The document as a PDF file.

    Raises
    ------
    FontError
        The machine has no Chinese font.
    """
    return _set(_whole(paper), "pdf", timestamp=paper.created)


def page_pictures(paper: Paper, ppi: float = 80) -> list[bytes]:
    """The pages as PNG, to look at on a screen."""
    pages = _set(_whole(paper), "png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def chart_picture(chart: Chart, language: str) -> bytes:
    """A chart as PNG, sharp enough for print: what a DOCX takes."""
    inputs = {"layout": "chart", "language": language, "chart": plain(chart)}
    return _set(inputs, "png", ppi=PIXELS_PER_INCH)


def _whole(paper: Paper) -> dict[str, Any]:
    sections = [
        {"title": section.title, "parts": [plain(part) for part in section.parts]}
        for section in paper.sections
    ]
    names = ("title", "subtitle", "language", "layout", "notice", "source", "issuer")
    data = {name: getattr(paper, name) for name in (*names, "day", "page_of")}
    created = paper.created
    data["created"] = [created.year, created.month, created.day]
    data["sources"] = list(paper.sources)
    data["queries"] = [
        [part.number, name_of(part), part.query.command] for part in paper.numbered()
    ]
    return {**data, "sections": sections}


def name_of(part: Any) -> str:
    """What the list of queries calls a part: a table by its title."""
    if isinstance(part, Table | Chart):
        return part.title
    return part.text if len(part.text) <= 24 else f"{part.text[:23]}…"


def _set(data: dict[str, Any], format: str, **options: Any) -> Any:
    if not _has_chinese():
        raise FontError(catalogue.text("zh", "paper.no_font"))
    return _compiler().compile(
        sys_inputs={"paper": json.dumps(data, ensure_ascii=False)},
        format=format,
        **options,
    )


@functools.cache
def _fonts() -> typst.Fonts:
    """The machine's fonts: looking for them takes longer than a page."""
    return typst.Fonts()


@functools.cache
def _has_chinese() -> bool:
    families = {family.casefold() for family in _fonts().families()}
    return any(name.casefold() in families for name in CHINESE_FONTS)


@functools.cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True
    )
