"""Ledgers as people file them: sheets of cells, written as .xlsx or .csv bytes.

rows = good_rows()          # 12 rows, 仓山区 and 晋安区 by six sectors, July 2016
put(rows, "I4", "约300")    # cells by their address below a heading in row 1
write_xlsx(path, {"台账": [HEADINGS, *rows]})
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from data_pipeline.registry import load_registry
from data_pipeline.workbooks.read_workbook import Reading, read_workbook

BAD_INPUTS = Path(__file__).parents[1] / "data" / "bad_inputs"
RECEIVED = datetime.fromisoformat("2016-08-10T09:00:00+08:00")


def _good_table() -> list[list[str]]:
    with open(BAD_INPUTS / "002_good.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


HEADINGS = _good_table()[0]


def good_rows() -> list[list[Any]]:
    """The 12 rows of a right ledger, counts as numbers."""
    return [
        [int(cell) if cell.isdigit() else cell for cell in row]
        for row in _good_table()[1:]
    ]


def put(rows: list[list[Any]], address: str, value: Any) -> None:
    """Set the cell of that address, the heading standing in row 1."""
    letters, number = re.fullmatch(r"([A-Z])(\d+)", address).groups()
    rows[int(number) - 2][ord(letters) - 65] = value


def write_xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    *,
    merged: Iterable[str] = (),
    hidden: Iterable[str] = (),
    finish: Callable[[Any, Any], None] | None = None,
) -> Path:
    """Write sheets of cells; `merged` are ranges of the first sheet.

    `finish` is handed the xlsxwriter book and its first sheet before they are closed.
    """
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    written = []
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        written.append(sheet)
        for number, row in enumerate(rows):
            for index, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, index, cell)
                elif cell is not None:
                    sheet.write(number, index, cell)
        if name in hidden:
            sheet.hide()
    for area in merged:
        sheet = written[0]
        first = area.partition(":")[0]
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", first).groups()
        rows = next(iter(sheets.values()))
        sheet.merge_range(area, rows[int(number) - 1][ord(letters) - 65])
    if finish:
        finish(book, written[0])
    book.close()
    return path


def write_csv(
    path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig"
) -> Path:
    """Write rows as Excel writes them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def rewrite(
    path: Path,
    *,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
    add: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Change or add members of a workbook that stands at the path."""
    with zipfile.ZipFile(path) as before:
        members = {i.filename: before.read(i.filename) for i in before.infolist()}
    for name, edit in (change or {}).items():
        members[name] = edit(members[name])
    members.update(add or {})
    with zipfile.ZipFile(path, "w", compression) as after:
        for name, content in members.items():
            after.writestr(name, content)
    return path


def read(path: Path, **options: Any) -> Reading:
    """Read the file as received on 10 August 2016."""
    options.setdefault("received", RECEIVED)
    return read_workbook(path, load_registry(), **options)


def read_ledger(path: Path, **options: Any) -> list[dict[str, Any]]:
    """Rows of a file that must be accepted."""
    reading = read(path, **options)
    assert not reading.findings, sentences(reading)
    return reading.tables["ledger"].to_pylist()


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def places(reading: Reading) -> list[tuple[str, str]]:
    """(code, cell) of every finding, in order."""
    return [(finding.code, finding.cell) for finding in reading.findings]


def sentences(reading: Reading) -> str:
    return "\n".join(finding.sentence() for finding in reading.findings)
