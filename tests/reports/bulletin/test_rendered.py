"""The circular's DOCX as the office's word processor lays it out, page by page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from reports.files.docx_file import docx_bytes
from tests.reports.bulletin.papers import cells, sentences, tables

PAGE_BREAK = "\f"


def squeezed(text: str) -> str:
    """Text without white space, which depends on where a line ends."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def printed(tiny_circular, tmp_path_factory) -> Path:
    """The circular's DOCX laid out as PDF."""
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        assert os.environ.get("CI") != "true", (
            "LibreOffice Writer or poppler is missing"
        )
        pytest.skip("needs LibreOffice Writer and poppler-utils")
    folder = tmp_path_factory.mktemp("laid_out")
    (folder / "circular.docx").write_bytes(docx_bytes(tiny_circular))
    run(
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--convert-to", "pdf", "--outdir", str(folder)),
        str(folder / "circular.docx"),
    )
    return folder / "circular.pdf"


def run(*command: str) -> str:
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=240
    )
    return done.stdout


def pages(printed: Path, how: str = "-layout") -> list[str]:
    """The text of each page, line by line, or with "-raw" cell by cell."""
    text = run("pdftotext", how, str(printed), "-")
    return text.rstrip(PAGE_BREAK).split(PAGE_BREAK)


def test_every_sentence_and_heading_is_printed_and_every_page_numbered(
    printed, tiny_circular
):
    laid_out = pages(printed)
    numbers = [re.findall(r"—\s*(\d+)\s*—", page) for page in laid_out]
    assert numbers == [[str(number)] for number in range(1, len(laid_out) + 1)]
    # A sentence may run over a page's end, where number and header stand between.
    bare = [re.sub(r"—\s*\d+\s*—", "", page) for page in laid_out]
    whole = squeezed("".join(bare))
    for text in (tiny_circular.title, *sentences(tiny_circular)):
        assert squeezed(text) in whole, text
    for section in tiny_circular.sections:
        assert squeezed(section.title) in whole


def test_every_cell_of_every_table_is_printed(printed, tiny_circular):
    whole = squeezed("".join(pages(printed, "-raw")))
    for title, table in tables(tiny_circular).items():
        assert squeezed(title) in whole
        for row in cells(table):
            assert [text for text in row if squeezed(text) not in whole] == []


def test_no_heading_is_the_last_line_of_a_page(printed, tiny_circular):
    titles = {squeezed(section.title) for section in tiny_circular.sections}
    for page, _ in pairwise(pages(printed)):
        lines = [squeezed(line) for line in page.splitlines() if line.strip()]
        assert lines[-2] not in titles
