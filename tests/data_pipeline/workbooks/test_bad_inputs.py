"""Sixty-seven files of the field, each with what has to become of it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from data_pipeline.words import CATALOGUE
from tests.data_pipeline.filed_workbooks import BAD_INPUTS, read, sentences

MANIFEST = json.loads((BAD_INPUTS / "manifest.json").read_text("utf-8"))
RECEIVED = datetime.fromisoformat(MANIFEST["received"])
# A cumulative count that falls is accepted and found by `check`: either month may err.
FOUND_LATER = {"125"}
FILES = [entry for entry in MANIFEST["files"] if entry["id"] not in FOUND_LATER]


def roll_of(names: list[str]) -> dict[str, tuple[str, str]]:
    """What the lake's roll would hold after these files."""
    roll = {}
    for name in names:
        reading = read(BAD_INPUTS / name, received=RECEIVED)
        assert not reading.findings, sentences(reading)
        for row in reading.tables["roll"].to_pylist():
            roll[row["branch"]] = (row["unit"], row["sector"])
    return roll


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_a_file_comes_out_as_its_manifest_says(entry: dict[str, Any]) -> None:
    reading = read(
        BAD_INPUTS / entry["file"],
        received=RECEIVED,
        group=MANIFEST["upload_as"],
        name=entry["upload_name"],
        roll=roll_of(entry.get("before_files", [])),
    )
    if entry["expect"] == "accepted":
        assert not reading.findings, sentences(reading)
        assert reading.tables[entry.get("table", "ledger")].num_rows == entry["rows"]
        assert reading.sha256 == entry["sha256"]
        return
    right = {entry["reason"], *entry.get("reason_also_right", [])}
    assert reading.tables == {}
    assert entry["reason"] in {f.code for f in reading.findings}
    assert {f.code for f in reading.findings} <= right
    for cell in entry.get("cells", []):
        assert cell in {f.cell for f in reading.findings}, sentences(reading)


def test_a_right_ledger_is_read_alike_from_workbook_and_csv() -> None:
    tables = [
        read(BAD_INPUTS / name).tables["ledger"].drop_columns(["source_sheet"])
        for name in ("001_good.xlsx", "002_good.csv")
    ]
    assert tables[0].to_pylist() == tables[1].to_pylist()


def test_dirty_forms_of_the_same_ledger_give_the_same_rows() -> None:
    right = read(BAD_INPUTS / "001_good.xlsx").tables["ledger"].drop_columns(["note"])
    places = ["source_sheet", "source_row"]
    for name in (
        "020_dimension_lies_big.xlsx",
        "032_title_merged.xlsx",
        "034_signature_rows.xlsx",
        "036_total_row_unit_column.csv",
        "044_hidden_row.xlsx",
        "046_columns_shuffled.xlsx",
        "048_date1904.xlsx",
        "052_header_spaces.xlsx",
        "075_trailing_blank_columns.csv",
        "080_numbers_as_text.xlsx",
        "082_month_cn.xlsx",
        "084_month_year_in_title.xlsx",
        "087_spaces_in_key.csv",
    ):
        table = read(BAD_INPUTS / name).tables["ledger"].drop_columns(["note"])
        assert table.drop_columns(places).to_pylist() == (
            right.drop_columns(places).to_pylist()
        ), name


def test_every_reason_code_has_a_remedy_of_its_own() -> None:
    with_remedy = {
        key.split(".")[1]
        for key in CATALOGUE.all_terms
        if re.fullmatch(r"refusals\.E_\w+\.remedy", key)
    }
    assert with_remedy == {*MANIFEST["reason_codes"], "E_ROW"}


def test_no_sentence_repeats_an_identity_number_or_a_mobile() -> None:
    for name in ("055_person_columns.xlsx", "057_person_in_note.xlsx"):
        text = sentences(read(BAD_INPUTS / name))
        assert "E_PERSONAL" in text
        assert "350102198001011237" not in text
        assert "13800138000" not in text


def test_limits_are_those_that_were_promised() -> None:
    from data_pipeline.registry import load_registry
    from data_pipeline.workbooks import open_workbook, sheet_layout
    from data_pipeline.workbooks.cell_values import CELL_CHARS

    assert MANIFEST["limits"] == {
        "file_bytes": open_workbook.FILE_BYTES,
        "unpacked_bytes": open_workbook.UNPACKED_BYTES,
        "zip_members": open_workbook.ZIP_MEMBERS,
        "rows": sheet_layout.DATA_ROWS,
        "columns": open_workbook.COLUMNS,
        "cell_chars": CELL_CHARS,
        "note_chars": load_registry().tables["ledger"].column("note").max_chars,
    }
