"""No file that is handed out runs, calls or links to what a text of a file says.

The texts are those of `tests/data/hostile_texts.toml`, in every field of one lake.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from data_pipeline.__main__ import main as pipeline
from data_pipeline.upload import Upload
from data_pipeline.workbooks.marked_copy import mark_workbook
from data_pipeline.workbooks.read_workbook import open_bytes
from reports.__main__ import main as reports
from tests.data_pipeline.filed_workbooks import read, write_xlsx
from tests.hostile_city import MONTHS, REFUSED, TEXTS, UNIT
from tests.pages.drawn import draw_page
from tests.tiny_city import ROLL, ROLL_HEADINGS
from ui.menu import pages

PLACE = {"month": MONTHS[-1], "unit": UNIT, "sector": "rural"}
# What a spreadsheet takes for the start of a formula, and its full-width forms.
STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# Elements of Office files that run or fetch from elsewhere; the target of a link
# outside its file is a relationship of the mode External.
ACTIVE = ("f", "ddeLink", "externalReference", "fldSimple", "altChunk", "oleObject")
FIELDS = ("PAGE", "NUMPAGES")  # of our own footer


def check_csv(content: bytes) -> None:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        for cell in row:
            assert not cell.startswith(STARTS) or NUMBER.fullmatch(cell), cell


def check_office(content: bytes) -> None:
    """A workbook or a document: well-formed, and nothing in it is alive."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            assert not name.startswith("/") and ".." not in name
            if not name.endswith((".xml", ".rels", ".vml")):
                continue
            for element in ElementTree.fromstring(book.read(name)).iter():
                tag = element.tag.rpartition("}")[2]
                assert tag not in ACTIVE, (name, tag)
                assert tag != "instrText" or element.text.strip() in FIELDS
                assert element.get("TargetMode") != "External", (name, element.attrib)


def check(name: str, content: bytes) -> None:
    if name.endswith(".csv"):
        check_csv(content)
    elif name.endswith((".xlsx", ".docx")):
        check_office(content)
    elif name.endswith(".pdf"):
        assert b"/URI" not in content and b"/JavaScript" not in content


@pytest.mark.parametrize("page", pages())
def test_the_files_of_a_page_hold_words(page, hostile_lake, monkeypatch):
    drawn = draw_page(page, hostile_lake, monkeypatch, **PLACE)
    for name, make in drawn.files.values():
        assert re.fullmatch(r"[\w.-]+", name) and ".." not in name
        if not name.endswith(".parquet") and "all_figures" not in name:
            check(name, make())


@pytest.mark.parametrize(
    ("page", "choices"),
    [
        ("ledger_calendar", PLACE | {"list": "withdrawn", "sector": ""}),
        # States of findings that no unit has stand under the whole city.
        ("ledger_calendar", {"month": MONTHS[-1], "list": "course"}),
        ("submissions", {"record": "1"}),
    ],
    ids=["withdrawn", "course", "record"],
)
def test_the_lists_that_are_opened_hold_words(page, choices, hostile_lake, monkeypatch):
    drawn = draw_page(page, hostile_lake, monkeypatch, **choices)
    shown = {name: make() for name, make in drawn.files.values()}
    for name, content in shown.items():
        check(name, content)
    held = b"".join(c for n, c in shown.items() if n.endswith(".csv"))
    folded = held.decode().casefold()
    assert sum(text.casefold() in folded for text in TEXTS) > 20, "as words"


def test_the_commands_write_words_and_only_where_they_were_directed(
    hostile_lake, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    lake, month = ["--lake", str(hostile_lake)], ["--month", MONTHS[-1]]
    pipeline(["check", *lake, "--format", "csv", "--out", "check.csv"])
    by = ["--by", "township"]
    for ending in ("csv", "xlsx"):
        out = ["--format", ending, "--long", "--out", f"rates.{ending}"]
        assert reports(["export", "topic_1_coverage", *month, *by, *lake, *out]) == 0
    assert reports(["talks", *lake, *month, "--out", "talks.xlsx"]) == 0
    for ending in ("docx", "pdf"):
        out = ["--out", f"bulletin.{ending}"]
        assert reports(["bulletin", *lake, *month, *out]) == 0
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [
        *("bulletin.docx", "bulletin.pdf", "check.csv"),
        *("rates.csv", "rates.xlsx", "talks.xlsx"),
    ]
    for path in tmp_path.iterdir():
        check(path.name, path.read_bytes())
    named = (tmp_path / "rates.csv").read_text("utf-8-sig")
    assert sum(text in named for text in TEXTS) > 20
    assert not list(Path("/tmp").glob("evil-K*"))


def test_a_reader_takes_them_as_words_or_refuses_them_by_cell(tmp_path):
    """Of a roll: names of branches and of townships."""
    taken = [text for text in TEXTS if text not in REFUSED]
    rows = [list(ROLL[0]) for _ in taken]
    for number, (row, text) in enumerate(zip(rows, taken, strict=True)):
        row[0], row[1], row[3] = f"350104-R{number:04d}", text, text
    path = write_xlsx(tmp_path / "名册.xlsx", {"名册": [ROLL_HEADINGS, *rows]})
    reading = read(path)
    refused = {(finding.cell, finding.code) for finding in reading.findings}
    # An address of mail is personal data wherever it stands.
    assert {code for _, code in refused} <= {"E_PERSONAL"}
    if not refused:
        names = reading.tables["roll"].column("branch_name").to_pylist()
        assert [name.strip() for name in names] == [text.strip() for text in taken]
    check_office(
        mark_workbook(open_bytes(path.read_bytes(), "名册.xlsx"), reading.findings)
    )


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_of_a_file_is_one_line_and_no_path(text):
    name = Upload.named(f"{text}.xlsx", b"").name
    assert name.isprintable() and not {"/", "\\"} & set(name)
