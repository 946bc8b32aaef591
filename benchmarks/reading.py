"""What it costs to read a thousand workbooks safely, over what nobody can do without.

The floor is to unpack every member of every workbook, and to let expat go over its XML
without keeping anything: what any reader of .xlsx has to do, here in one process and
without limits.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

import numpy as np
import xlsxwriter

from benchmarks.stopwatch import Cost, alternate
from data_pipeline.registry import Registry, load_registry
from data_pipeline.workbooks.read_workbook import open_file, open_files, read_workbook

N_WORKBOOKS = 1_000
N_ROWS = 60
MONTH = "2016-07"
UNZIP, PARSE = "unzip", "unzip, parse"
WORKS = {
    UNZIP: "unzip",
    PARSE: "parse",
    "cells, children that read several": "read_cells",
    "cells, a child for each": "read_cells_alone",
    "rows and findings, children that read several": "read_rows",
}


def write_workbooks(folder: Path) -> None:
    """Ledgers of 60 branches each, with every count, as a township sends them."""
    registry = load_registry()
    dice = np.random.default_rng(2016)
    unit = next(unit for unit in registry.units.values() if unit.group)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(N_WORKBOOKS):
        names = [f"{unit.code}-{number:04d}{row:02d}" for row in range(N_ROWS)]
        rows = [
            _row(registry, unit.code, unit.group, name, dice.integers(5, 90))
            for name in names
        ]
        _write(folder / f"{number:04d}.xlsx", rows, registry)


def _row(
    registry: Registry, unit: str, group: str, branch: str, n_members: int
) -> dict[str, str | int]:
    """Every count is there, parts within their wholes."""
    said: dict[str, str | int] = dict.fromkeys(registry.tables["ledger"].counts, 0)
    said |= {"month": MONTH, "supervision_group": group, "unit": unit}
    said |= {"branch": branch, "sector": next(iter(registry.sectors))}
    said |= {"n_organizations": 1, "n_branches": 1, "n_members": int(n_members)}
    return said | {"n_leaders": 3, "n_lectures": 2, "n_leaders_attended": 2}


def _write(path: Path, rows: list[dict[str, str | int]], registry: Registry) -> None:
    ledger = registry.tables["ledger"]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(ledger.sheet)
        for index, column in enumerate(ledger.columns):
            sheet.write(0, index, column.heading)
            for number, row in enumerate(rows, 1):
                if column.name in row:
                    sheet.write(number, index, row[column.name])


def unzip(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                file.read(name)


def parse(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                expat.ParserCreate().Parse(file.read(name), True)


def read_cells(folder: Path) -> None:
    for opened in open_files(sorted(folder.iterdir())):
        if opened.content["refusals"]:
            raise RuntimeError(opened.name)


def read_cells_alone(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if open_file(path).content["refusals"]:
            raise RuntimeError(path.name)


def read_rows(folder: Path) -> None:
    registry = load_registry()
    received = registry.calendar.filing_deadline(MONTH)
    paths = sorted(folder.iterdir())
    for path, opened in zip(paths, open_files(paths), strict=True):
        reading = read_workbook(path, registry, received=received, opened=opened)
        if reading.findings:
            raise RuntimeError(reading.findings[0].sentence())


def measure_reading(folder: Path, rounds: int) -> dict[str, Cost]:
    """Medians of each work; processor time with that of the children."""
    write_workbooks(folder)
    works = {name: (f"{__name__}:{work}", folder) for name, work in WORKS.items()}
    return alternate(works, rounds)


def to_markdown(costs: Mapping[str, Cost]) -> str:
    lines = [
        f"### {N_WORKBOOKS:,} workbooks of {N_ROWS} rows",
        "",
        "| work | processor s | ÷ unzip | ÷ unzip and parse | seconds |",
        "|---|---|---|---|---|",
    ]
    for name, cost in costs.items():
        ratios = (cost.processor / costs[floor].processor for floor in (UNZIP, PARSE))
        cells = f"{cost.processor:.2f} | " + " | ".join(f"{r:.1f}" for r in ratios)
        lines.append(f"| {name} | {cells} | {cost.seconds:.2f} |")
    return "\n".join([*lines, ""])
