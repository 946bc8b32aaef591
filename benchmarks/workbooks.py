"""A long list as XLSX, as a page hands it out, beside a plain loop of xlsxwriter."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from benchmarks.stopwatch import Cost, alternate
from data_pipeline.rates import open_marts, read_ledger
from reports.files.records import Records, to_bytes
from reports.tables import records_table

N_ROWS = 150_000
OURS, PLAIN = "as a page hands it out", "plain xlsxwriter"


def write_ours(root: Path, n_rows: int) -> None:
    """Ledger rows with names beside codes, notes, formats and widths."""
    to_bytes(_listed(root, n_rows), "xlsx")


def write_plain(root: Path, n_rows: int) -> None:
    """The same table, cell by cell, without anything else."""
    table = _listed(root, n_rows).table.frame
    options = {"in_memory": True, "remove_timezone": True}
    with Workbook(io.BytesIO(), options) as book:
        sheet = book.add_worksheet()
        for number, (heading, values) in enumerate(table.items()):
            sheet.write(0, number, heading)
            known = values.astype(object).where(values.notna(), None)
            for row, value in enumerate(known, 1):
                sheet.write(row, number, value)


def read_alone(root: Path, n_rows: int) -> None:
    """What both do before they write."""
    _listed(root, n_rows)


def _listed(root: Path, n_rows: int) -> Records:
    marts = open_marts(root)
    months = [read_ledger(marts, months=[month]) for month in marts.months]
    rows = pd.concat(months, ignore_index=True)
    rows = pd.concat([rows] * -(-n_rows // len(rows)), ignore_index=True).head(n_rows)
    table = records_table(rows, "ledger", marts.registry)
    return Records(rows, lambda: table, "台账原始行", (), marts.snapshot)


def measure_workbooks(root: Path, rounds: int) -> dict[str, Cost]:
    """Medians over a built lake: both writers, and the reading that both begin with."""
    works = {OURS: write_ours, PLAIN: write_plain, "read alone": read_alone}
    return alternate(
        {name: (f"{__name__}:{f.__name__}", root, N_ROWS) for name, f in works.items()},
        rounds,
    )


def to_markdown(costs: dict[str, Cost]) -> str:
    """Processor time without the reading, also as a multiple of ours."""
    read = costs["read alone"].processor
    ours = costs[OURS].processor - read
    lines = [
        f"### A list of {N_ROWS:,} rows as XLSX",
        "",
        "| | processor s | ÷ ours | peak MB |",
        "|---|---|---|---|",
    ]
    for name in (OURS, PLAIN):
        own = costs[name].processor - read
        lines.append(
            f"| {name} | {own:.1f} | {own / ours:.1f} | {costs[name].peak:.0f} |"
        )
    return "\n".join([*lines, ""])
