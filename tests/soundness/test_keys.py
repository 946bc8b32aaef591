"""Whose rows a file may bring, and which files a folder brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_pipeline.__main__ import main

FOLDER = Path(__file__).parents[1] / "data" / "field_cases"


def test_a_receipt_in_the_future_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    file = str(FOLDER / "F12a.xlsx")
    lake = ["--lake", str(tmp_path / "lake")]
    assert main(["ingest", file, *lake, "--received", tomorrow]) == 1
    assert "future" in capsys.readouterr().err
    assert not (tmp_path / "lake" / "lake").exists()


def test_a_folder_without_a_file_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    lake = ["--lake", str(tmp_path / "lake")]
    assert main(["ingest", str(tmp_path / "empty"), *lake]) == 1
    assert "no file" in capsys.readouterr().err


def test_every_file_of_a_folder_is_taken_refused_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "七月"
    folder.mkdir()
    (folder / "甲.XLSX").write_bytes((FOLDER / "F12a.xlsx").read_bytes())
    (folder / "乙.et").write_bytes(b"wps")
    (folder / "~$甲.XLSX").write_bytes(b"lock")
    lake = ["--lake", str(tmp_path / "lake"), "--received", "2016-12-31T09:00"]
    assert main(["ingest", str(folder), *lake]) == 1
    written = capsys.readouterr()
    assert "甲.XLSX" in written.out
    assert "E_NAME 乙.et" in written.err
    assert "~$甲.XLSX" in written.err
