"""The made-up city read back with nothing of the product but its registry.

So a fault of the reader cannot hide a fault of the demo.
"""

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from data_pipeline.demo_city import write_workbooks
from data_pipeline.demo_city.reporting import COUNTS, FLOWS, HABITS
from data_pipeline.registry import load_registry

REGISTRY = load_registry()
SMALL = 0.02  # of the branches


def sheets_of(path: Path) -> list[tuple[str, list[list]]]:
    """The table of each sheet and its cells; a sheet named by its month is a ledger."""
    if path.suffix == ".csv":
        data = path.read_bytes()
        encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "gb18030"
        text = io.StringIO(data.decode(encoding), newline="")
        return [("ledger", list(csv.reader(text)))]
    book = CalamineWorkbook.from_path(str(path))
    tables = {table.sheet: name for name, table in REGISTRY.tables.items()}
    return [
        (tables.get(name, "ledger"), book.get_sheet_by_name(name).to_python())
        for name in book.sheet_names
    ]


def month_of(text: str, year: int) -> str:
    numbers = [int(part) for part in re.findall(r"\d+", str(text))]
    year, month = numbers if len(numbers) == 2 else (year, numbers[0])
    return f"{year}-{month:02d}"


def read_sheet(table: str, cells: list[list]) -> tuple[pd.DataFrame, list[list], str]:
    """Rows with code names, the 合计/小计 rows, and the text above the heading."""
    headings = {c.heading: c.name for c in REGISTRY.tables[table].columns}
    start = next(i for i, row in enumerate(cells) if row[0] in headings)
    names = [headings[heading] for heading in cells[start]]
    above = " ".join(str(row[0]) for row in cells[:start])
    stop = next(
        (i for i in range(start + 1, len(cells)) if not any(cells[i])), len(cells)
    )
    body = cells[start + 1 : stop]
    totals = [row for row in body if {"合计", "小计"} & set(row[:3])]
    rows = pd.DataFrame([r for r in body if r not in totals], columns=names)
    return rows, [dict(zip(names, row, strict=True)) for row in totals], above


def read_city(deliveries) -> dict[str, pd.DataFrame]:
    """Every row ever filed, by table, in order of receiving."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for order, delivery in enumerate(deliveries):
        for table, cells in sheets_of(delivery.path):
            rows, _, above = read_sheet(table, cells)
            if table == "ledger":
                rows = read_figures(rows, above)
            rows = rows.assign(
                group=delivery.group, order=order, received=delivery.received
            )
            tables.setdefault(table, []).append(rows)
    city = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    for rows in city.values():
        for column in {"unit", "sector"} & {*rows}:
            texts = rows[column]
            codes = {text: REGISTRY.resolve(column, text) or "" for text in set(texts)}
            rows[column] = texts.map(codes)
    for column in ("branch", "township"):
        city["ledger"][column] = city["ledger"][column].fillna("")
    return city


def read_figures(rows: pd.DataFrame, above: str) -> pd.DataFrame:
    year = re.search(r"(\d{4})年", above)
    rows["month"] = [
        month_of(text, int(year[1]) if year else 0) for text in rows["month"]
    ]
    for column in COUNTS:
        texts = rows.get(column, pd.Series("", index=rows.index))
        blank = texts.astype(str).isin(["", "/", "—"])
        rows[column] = pd.to_numeric(texts.mask(blank))
    return rows.assign(is_monthly="口径:当月" in above)


def state_at_the_end(ledger: pd.DataFrame) -> pd.DataFrame:
    """The rows in force, with 口径: 当月 added up."""
    key = ["month", "unit", "sector", "branch"]
    rows = ledger.sort_values("order", kind="stable").drop_duplicates(key, keep="last")
    rows = rows.sort_values("month", kind="stable").copy()
    is_monthly = rows["is_monthly"]
    sums = rows[is_monthly].groupby(key[1:])[list(FLOWS)].cumsum()
    for column in FLOWS:
        rows.loc[is_monthly, column] = sums[column]
    return rows


class City:
    def __init__(self, folder: Path, **options) -> None:
        self.folder = folder
        self.steps = []
        self.deliveries = write_workbooks(
            folder, progress=lambda *step: self.steps.append(step), **options
        )
        self.tables = read_city(self.deliveries)
        self.roll, self.ledger = self.tables["roll"], self.tables["ledger"]
        self.state = state_at_the_end(self.ledger)
        self.truth = pd.read_parquet(folder / "truth.parquet")
        self.notes = json.loads((folder / "truth.json").read_text("utf-8"))
        self.records = {
            path.stem.removeprefix("truth_"): pd.read_parquet(path)
            for path in sorted(folder.glob("truth_*.parquet"))
        }
        self.answers = self.records.pop("finding_state")

    def month(self, month: str) -> pd.DataFrame:
        return self.state[self.state["month"] == month]


def honest(frame: pd.DataFrame, kinds: set[str] = frozenset()) -> pd.Series:
    """Rows whose unit and sector no habit (of `kinds`, or any) touches."""
    touched = pd.Series(False, index=frame.index)
    for habit in HABITS:
        if kinds and habit.kind not in kinds:
            continue
        is_in = frame["unit"] == habit.unit
        if habit.sectors:
            is_in &= frame["sector"].isin(habit.sectors)
        touched |= is_in
    return ~touched
