"""What is downloaded from a page is what the page shows, in every format.

Each figure and list of a page hands out one frame: its CSV, Parquet and workbook hold
the same rows and figures as its table, the percentages that its picture writes out are
among them, and each states its query and its data.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.verified import BOUNDS
from data_pipeline.warehouse import build
from reports.words import wording
from tests.pages.drawn import Drawn, draw_page
from ui.menu import PAGES
from ui.records_view import RecordsView

PLACES = ({}, {"unit": "350104"}, {"unit": "350104", "sector": "rural"})
TINY = ("overview", "county_heatmap", "sector_gaps", "area_profile")
TINY += ("leader_participation", "topics_and_speaking")
CHECKED = ("reported_vs_verified", "check_planner", "ledger_quality", "sector_gaps")
CASES = [
    *(("tiny", page, {"month": "2016-06", **at}) for page in TINY for at in PLACES),
    *(
        ("checked", page, {"month": "2016-07", **at})
        for page in CHECKED
        for at in PLACES
    ),
    ("checked", "county_heatmap", {"month": "2016-07", "basis": "verified"}),
    ("tiny", "county_heatmap", {"month": "2016-06", "lang": "en"}),
    ("tiny", "area_profile", {"month": "2016-06", "lang": "en"}),
    ("weak", "weak_organizations", {"month": "2016-08"}),
]
PERCENTAGE = re.compile(r"(?<![\d,.])-?\d+(?:\.\d+)? %")
# Sums along a picture, and lines of another place that its rows are compared with.
DERIVED = ("累计", "全市", "City")
NUMBERS = ("integer", "ordinal", "number", "percent")


@pytest.fixture(scope="module")
def past_lake(tiny_lake, tmp_path_factory) -> Path:
    """The tiny city as it was known in the middle of July."""
    lake = shutil.copytree(tiny_lake, tmp_path_factory.mktemp("past") / "lake")
    build(lake, load_registry(), as_of=datetime.fromisoformat("2016-07-15T00:00+08:00"))
    return lake


@pytest.fixture
def lakes(tiny_lake, checked_lake, weak_lake) -> dict[str, Path]:
    return {"tiny": tiny_lake, "checked": checked_lake, "weak": weak_lake}


def views(drawn: Drawn) -> dict[str, Any]:
    """What each figure and list of a page hands out, by its name."""
    return {
        key.removeprefix("csv-"): content.__wrapped__.args[0]
        for key, (_, content) in drawn.files.items()
        if key.startswith("csv-")
    }


def numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(float, na_value=np.nan)


def data_sheet(view: Any) -> pd.DataFrame:
    book = openpyxl.load_workbook(io.BytesIO(view.to_bytes("xlsx")))
    head, *rows = book.worksheets[-1].iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def check_formats(view: Any) -> None:
    """CSV and Parquet hold the frame; the workbook its figures, as numbers."""
    table = pq.read_table(io.BytesIO(view.to_bytes("parquet"))).to_pandas()
    text = io.BytesIO(view.to_bytes("csv"))
    read = pd.read_csv(text, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert list(read.columns) == list(table.columns)
    assert len(read) == len(table) == len(view.frame)
    sheet = data_sheet(view)
    assert len(sheet) == len(view.frame)
    for name, values in view.frame.items():
        if name in BOUNDS:  # for a page; the export leaves them out
            assert name not in read.columns
            continue
        if name == "note" or not pd.api.types.is_numeric_dtype(values):
            continue
        if pd.api.types.is_bool_dtype(values):
            continue
        exact = numbers(values)
        as_text = pd.to_numeric(read[name], errors="coerce")
        np.testing.assert_array_equal(numbers(as_text), exact)
        np.testing.assert_array_equal(numbers(table[name]), exact)
        assert (read[name] == "").equals(values.isna().reset_index(drop=True))


def check_table(view: Any) -> None:
    """The workbook holds the columns of the table on the screen, as it writes them."""
    sheet, shown = data_sheet(view), view.table
    if not isinstance(view, RecordsView):
        # Its headings say more; its figures stand in the frame's order.
        rates = pd.to_numeric(
            sheet.filter(regex="比率|ate").iloc[:, 0], errors="coerce"
        )
        np.testing.assert_allclose(numbers(rates), numbers(view.frame["rate"]))
        return
    for heading, values in shown.frame.items():
        written = sheet[heading]
        if shown.hints[heading].kind in NUMBERS:
            np.testing.assert_allclose(
                numbers(pd.to_numeric(written)), numbers(values), err_msg=heading
            )
        elif shown.hints[heading].kind == "text":
            assert [in_words(v) for v in written] == [in_words(v) for v in values]


def in_words(value: Any) -> str:
    """A cell as text: a workbook keeps 1.0 as 1."""
    if wording.is_missing(value):
        return ""
    return f"{value:.9g}" if isinstance(value, float | int) else str(value)


def check_origin(view: Any) -> None:
    """Place, month, basis and snapshot stand in each file and in the picture."""
    head, *_ = view.to_bytes("csv").decode("utf-8-sig").splitlines()
    assert head.split(",")[-1] == "snapshot"
    book = openpyxl.load_workbook(io.BytesIO(view.to_bytes("xlsx")))
    said = " ".join(
        str(cell) for row in book.worksheets[0].values for cell in row if cell
    )
    captions = view.captions("")
    assert captions.notice
    if isinstance(view, RecordsView):
        snapshot = view.records.snapshot.id
        expected = [view.records.title, *(value for _, value in view.records.filters)]
        assert all(words in captions.subtitle for words in expected if words)
    else:
        snapshot = view.context.snapshot.id
        basis = view.context.basis
        assert f"({basis})" in said
        assert wording.BASIS_LABELS[basis][view.context.language] in captions.subtitle
        assert view.label in captions.subtitle
    assert snapshot in said
    assert snapshot in view.source
    assert snapshot in view.file_name("png")


def check_picture(view: Any, figure: dict[str, Any]) -> None:
    """Each percentage written into a picture is a figure of its file, or two of them.

    A share that the file does not give is that of two counts in one of its rows.
    """
    rows = view.frame.select_dtypes("number").astype(float)
    counts = view.frame.select_dtypes("integer").astype(float)
    values = {*rows.stack().dropna()}
    for name in counts:
        shares = counts.div(counts[name].where(counts[name] > 0), axis=0)
        values |= {*shares.stack().dropna()}
    known = {wording.percent(value, digits) for value in values for digits in (0, 1)}
    texts = []
    for trace in figure["data"]:
        for name in ("text", "hovertext"):
            written = trace.get(name) or []
            texts += [written] if isinstance(written, str) else written
    for text in texts:
        if text and not text.startswith(DERIVED):
            assert set(PERCENTAGE.findall(text)) <= known, text


@pytest.mark.parametrize(
    ("city", "page", "query"),
    CASES,
    ids=["-".join((city, page, *query.values())) for city, page, query in CASES],
)
def test_the_files_of_a_page_hold_what_it_shows(city, page, query, lakes, monkeypatch):
    drawn = draw_page(page, lakes[city], monkeypatch, **query)
    found = views(drawn)
    assert found
    for view in found.values():
        check_formats(view)
        check_table(view)
        check_origin(view)
    for name, figure in drawn.figures.items():
        check_picture(found[name], figure)


@pytest.mark.parametrize("page", PAGES)
def test_a_past_state_is_said_by_each_page_and_each_of_its_files(
    page, past_lake, monkeypatch
):
    drawn = draw_page(page, past_lake, monkeypatch)
    note = "截至 2016-07-15 00:00+08:00 收到的台账"
    assert "截至 2016-07-15 00:00 收到的台账" in drawn.words
    for view in views(drawn).values():
        head, *rows = csv.reader(io.StringIO(view.to_bytes("csv").decode("utf-8-sig")))
        assert head[-1] == "data_note"
        assert {row[-1] for row in rows} <= {note}
        assert "_截至2016-07-15T0000_" in view.file_name("png")
        assert note in view.source
        book = openpyxl.load_workbook(io.BytesIO(view.to_bytes("xlsx")))
        assert note in {cell for row in book.worksheets[0].values for cell in row}


def test_each_code_in_a_file_has_its_name_beside_it(tiny_lake, monkeypatch):
    july = {"month": "2016-07", "metric": "member_speaking"}
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, **july)
    rows = {(r["unit"], r["sector"]): r for r in drawn.rows_of("csv-matrix")}
    cell = rows["350104", "community"]
    assert cell["cell_class_name"] not in ("", cell["cell_class"])
    assert (cell["metric_name"], cell["basis_name"]) == ("普通党员发言率", "上报")
    late = draw_page("topics_and_speaking", tiny_lake, monkeypatch, **july)
    named = {(r["status"], r["status_name"]) for r in late.rows_of("csv-late")}
    assert all(name and name != code for code, name in named)
