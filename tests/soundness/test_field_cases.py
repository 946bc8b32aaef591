"""Everyday sloppy files, each with the outcome that was decided beforehand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.workbooks.read_workbook import read_workbook

FOLDER = Path(__file__).parents[1] / "data" / "field_cases"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
RECEIVED = datetime.fromisoformat("2016-12-31T09:00:00+08:00")
# Not read rightly yet; each is a known fault, so that one more is seen at once.
KNOWN_FAULTS = {"A050"}
CASES = [case for case in MANIFEST["files"] if case.get("scored", True)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_sloppy_file_comes_out_as_decided(case: dict[str, Any]) -> None:
    if case["id"] in KNOWN_FAULTS:
        pytest.xfail(case["fault"])
    reading = read_workbook(
        FOLDER / case["file"],
        load_registry(),
        received=RECEIVED,
        group=case.get("as"),
        name=case["upload_name"],
        # What the lake knows when a group sends a branch that another one supervises.
        roll={"Q-1": ("350181", "rural")} if case.get("as") else None,
    )
    codes = {finding.code for finding in reading.findings}
    text = "\n".join(finding.sentence() for finding in reading.findings)
    if case["expect"] == "rejected":
        assert codes
        assert reading.tables == {}
        assert not case.get("reasons") or codes & set(case["reasons"]), text
        assert all(words in text for words in case.get("says", ())), text
    elif case["expect"] in ("accepted", "warned"):
        assert not codes, text
        if case["expect"] == "warned":
            assert any(w.code == "W_BASIS" for w in reading.warnings)
        if "rows" in case:
            assert reading.tables["ledger"].num_rows == case["rows"]
