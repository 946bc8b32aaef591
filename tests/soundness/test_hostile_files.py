"""No file that is handed out runs, calls or links to what a text of a file says.

The texts are those of `tests/data/hostile_texts.toml`, in every field of one lake, and
those of them that a registry accepts in every name of another.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from data_pipeline.__main__ import main as pipeline
from data_pipeline.registry import FOLDER_VARIABLE
from data_pipeline.upload import Upload
from data_pipeline.workbooks.marked_copy import mark_workbook
from data_pipeline.workbooks.read_workbook import open_bytes
from reports.__main__ import main as reports
from tests.data_pipeline.filed_workbooks import read, write_xlsx
from tests.hostile_city import MONTHS, REFUSED, TEXTS, UNIT, build_hostile_city
from tests.hostile_registry import HARMLESS, write_hostile_registry
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


@pytest.fixture(scope="module")
def strange_city(tmp_path_factory):
    """The folder of a registry of hostile names, and the same lake built by it."""
    folder = tmp_path_factory.mktemp("strange")
    with pytest.MonkeyPatch.context() as patch:
        registry = write_hostile_registry(folder)
        patch.setenv(FOLDER_VARIABLE, str(registry))
        return registry, build_hostile_city(folder)


@pytest.fixture
def strange_lake(strange_city, monkeypatch):
    registry, lake = strange_city
    monkeypatch.setenv(FOLDER_VARIABLE, str(registry))
    return lake


def words_of(name: str, content: bytes, folder: Path) -> str:
    """All that a reader finds in a file, whatever stands between the words."""
    if name.endswith(".csv"):
        return content.decode("utf-8-sig").replace('""', '"')
    if name.endswith(".parquet"):
        table = pq.read_table(io.BytesIO(content))
        return json.dumps(table.to_pylist(), ensure_ascii=False, default=str)
    if name.endswith(".pdf"):
        (folder / "paper.pdf").write_bytes(content)
        command = ["pdftotext", "-raw", str(folder / "paper.pdf"), "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [n for n in book.namelist() if n.endswith(".xml")]
        trees = [ElementTree.fromstring(book.read(n)) for n in parts]
    return "\n".join(text for tree in trees for text in tree.itertext())


def check_names(name: str, content: bytes, folder: Path) -> set[str]:
    """The hostile names that stand in a file, each letter for letter.

    In a Chinese paper some signs are of full width, those of names too; a label of a
    chart may be cut.
    """
    words, found = "".join(words_of(name, content, folder).split()), set()
    if name.endswith((".docx", ".pdf")):
        words = words.translate({ord(sign) + 0xFEE0: sign for sign in ",;:()"})
    for text in HARMLESS:
        mark, squeezed = re.search(r"K\d\d", text), "".join(text.split())
        before = squeezed.index(mark[0])
        for at in re.finditer(mark[0], words):
            start = at.start() - before
            stands, cut, _ = words[start : start + len(squeezed)].partition("…")
            is_whole = stands == squeezed[: len(stands) if cut else None]
            # Of a PDF the lines of neighbouring cells are read by turns.
            assert is_whole or name.endswith(".pdf"), (name, text, stands)
            found |= {text} if is_whole else set()
    return found


@pytest.mark.parametrize("page", pages())
def test_the_files_of_a_page_hold_the_names_of_a_registry_as_words(
    page, strange_lake, tmp_path, monkeypatch
):
    drawn = draw_page(page, strange_lake, monkeypatch, month=MONTHS[-1])
    for name, make in drawn.files.values():
        assert re.fullmatch(r"[\w.-]+", name) and ".." not in name.strip(".")
        if "all_figures" not in name:
            check(name, content := make())
            if not name.endswith(".png"):
                check_names(name, content, tmp_path)


def test_the_commands_write_the_names_of_a_registry_as_words_into_their_folder(
    strange_lake, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(tmp_path)
    lake, month = ["--lake", str(strange_lake)], ["--month", MONTHS[-1]]
    pipeline(["template", "out/template.xlsx"])
    pipeline(["check", *lake, "--format", "csv", "--out", "out/check.csv"])
    drawn = ["--rate", "0.5", "--seed", "1", "--out", "out/plan.xlsx"]
    assert pipeline(["plan-checks", *lake, *month, *drawn]) == 0
    for ending in ("csv", "xlsx", "parquet"):
        to = ["--format", ending, "--long", "--out", f"out/rates.{ending}"]
        by = ["--by", "supervision_group,unit,sector"]
        assert reports(["export", "topic_1_coverage", *month, *by, *lake, *to]) == 0
    assert reports(["talks", *lake, *month, "--out", "out/talks.xlsx"]) == 0
    for ending in ("docx", "pdf"):
        for language in ("zh", "en"):
            to = ["--language", language, "--out", f"out/{language}.{ending}"]
            reports(["bulletin", *lake, *month, *to])
    reports(["brief", *lake, *month, "--out", "out/briefs"])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    named = {}
    for path in files:
        assert re.fullmatch(r"[\w.-]+", path.name), path
        assert path.is_relative_to(out)
        check(path.name, path.read_bytes())
        named[path.name] = check_names(path.name, path.read_bytes(), tmp_path)
    assert len(files) > 30
    for name in ("template.xlsx", "plan.xlsx", "talks.xlsx"):
        assert named[name], name
    for name in ("zh.docx", "en.docx", "zh.pdf", "en.pdf"):
        assert len(named[name]) > 5, name


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_of_a_file_is_one_line_and_no_path(text):
    name = Upload.named(f"{text}.xlsx", b"").name
    assert name.isprintable() and not {"/", "\\"} & set(name)
