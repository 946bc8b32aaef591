"""Every metric of a snapshot as one long table: the command's file and the page's.

For analysts who take everything into a tool of their own. One row a figure, the same
figures as on every page, because `rates.read_rates` gives them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from data_pipeline.csv_file import csv_bytes
from data_pipeline.rates import (
    BASES,
    Marts,
    read_branch_spread,
    read_rates,
    read_several,
)
from data_pipeline.registry import CELL, Metric
from data_pipeline.withheld import COLUMN as WITHHELD
from data_pipeline.withheld import leave_blank
from reports.cell_classes import judge_cells
from reports.files.export import file_name, parquet_bytes
from reports.files.export_context import COUNTS, MEASURES, NOTE_COLUMN, has_note
from reports.words import wording
from reports.words.standing import city_anchor, target_in_force

FORMATS = ("csv", "parquet")
# The places that each metric is given for, as far as it has them.
LEVELS = ((), ("supervision_group",), ("unit",), ("sector",), CELL)
PLACES = ("supervision_group", "unit", "sector")
COLUMNS = ("month", *PLACES, "category", "metric", "basis", *MEASURES)
COLUMNS += ("target", "class")


def all_figures(marts: Marts, months: Sequence[str]) -> pd.DataFrame:
    """Every metric on every basis for the city, its parts, and each of its words.

    Parameters
    ----------
    months
        YYYY-MM, at least one.

    Returns
    -------
    DataFrame
        `COLUMNS`, by month and then in the registry's order of metrics. A missing
        place or category stands for all. `category` is word column and code
        ("kind=experience"): two columns of a table may share a code. `rate` 0–1 or per
        head; `n_missing` of what was reported alone; `target` in force in that month;
        `class` as on the heatmap beside the city, empty where nothing is judged. For
        others than the office `withheld` says which counts are left blank.
    """
    rank = {name: at for at, name in enumerate(marts.registry.metrics)}
    columns = COLUMNS
    parts = [*_reported(marts, months), *_verified(marts, months)]
    rows = pd.concat(parts, ignore_index=True)
    judged = (part.get("cell_class") for part in _judged(marts, rows))
    found = [classes for classes in judged if classes is not None]
    rows["class"] = pd.concat(found) if found else None
    if WITHHELD in rows:
        rows[WITHHELD] = rows[WITHHELD].fillna("")
        rows = leave_blank(rows)
        rows["class"] = rows["class"].where(rows[WITHHELD] == "", None)
        columns = (*columns, WITHHELD)
    metrics = marts.registry.metrics
    targets = {
        (name, month): target_in_force(metrics[name], month)
        for name in metrics
        for month in months
    }
    pairs = zip(rows["metric"], rows["month"], strict=True)
    rows["target"] = pd.Series([targets[key] for key in pairs], dtype=float)
    order = pd.DataFrame(
        {
            "month": rows["month"],
            "metric": rows["metric"].map(rank),
            "basis": rows["basis"].map(BASES.index),
            "level": rows["level"],
            **{name: rows[name].fillna("") for name in (*PLACES, "category")},
        }
    )
    order = order.sort_values(list(order.columns), kind="stable").index
    return rows.loc[order, list(columns)].reset_index(drop=True)


def to_bytes(frame: pd.DataFrame, marts: Marts, format: str) -> bytes:
    """The file of `all_figures`, "csv" or "parquet"; the same rows give the same bytes.

    Where data are made up or of a past state a last column says so, in both languages:
    its codes are of neither.
    """
    snapshot = marts.snapshot
    if has_note(snapshot):
        note = f"{snapshot.notice('zh')} ({snapshot.notice('en')})"
        frame = frame.assign(**{NOTE_COLUMN: note})
    if format == "csv":
        return csv_bytes(frame)
    import pyarrow as pa

    types = dict.fromkeys(COUNTS, pa.int64()) | {
        name: pa.float64() for name in ("rate", "target")
    }
    about = {
        "snapshot": str(snapshot.id),
        "built_at": wording.time_text(snapshot.built_at),
        "notice": snapshot.notice("zh"),
        "notice_en": snapshot.notice("en"),
    }
    return parquet_bytes(frame, types, about)


def name_of(marts: Marts, months: Sequence[str], identity: str, format: str) -> str:
    """The name of the file; `identity` as in `export.file_name`."""
    span = sorted({min(months), max(months)})
    return file_name(("all", *span), marts.snapshot, identity, format)


def _levels(metric: Metric, categories: Sequence[str]) -> list[tuple[str, ...]]:
    """What the metric is given by: places, then each word column of its table."""
    known = set(metric.dimensions)
    own = [(name,) for name in metric.dimensions if name in categories]
    return [by for by in (*LEVELS, *own) if known.issuperset(by)]


def _reported(marts: Marts, months: Sequence[str]) -> Iterator[pd.DataFrame]:
    """As reported: one query a level for all metrics that have it."""
    metrics, categories = marts.registry.metrics, marts.registry.categories
    by_level: dict[tuple[str, ...], list[str]] = {}
    for metric in metrics.values():
        for by in _levels(metric, categories):
            by_level.setdefault(by, []).append(metric.id)
    for by, names in by_level.items():
        found = read_several(marts, names, by=("month", *by), months=months)
        yield _long(found, by, BASES[0])


def _verified(marts: Marts, months: Sequence[str]) -> Iterator[pd.DataFrame]:
    """As random checks support it, of what they look at."""
    metrics = [m.id for m in marts.registry.metrics.values() if m.verified is not None]
    for by in LEVELS if metrics else ():
        question = {"by": ("month", *by), "months": months, "basis": "verified"}
        found = {name: read_rates(marts, name, **question) for name in metrics}
        rows = _long(found, by, "verified")
        yield rows[rows["denominator"] > 0]


def _long(
    found: Mapping[str, pd.DataFrame], by: tuple[str, ...], basis: str
) -> pd.DataFrame:
    """Rows of all metrics of one level with all columns that the table has."""
    frame = pd.concat(found, names=["metric"]).reset_index("metric")
    level = LEVELS.index(by) if by in LEVELS else len(LEVELS)
    withheld = [WITHHELD] if WITHHELD in frame else []
    rows = frame.reindex(columns=["metric", "month", *PLACES, *MEASURES, *withheld])
    rows = rows.astype(dict.fromkeys(PLACES, object) | dict.fromkeys(COUNTS, "Int64"))
    is_word = by not in LEVELS
    words = [f"{by[0]}={code}" for code in frame[by[0]]] if is_word else None
    category = pd.Series(words, index=rows.index, dtype=object)
    return rows.assign(category=category, basis=basis, level=level)


def _judged(marts: Marts, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The places of each metric and month with the class that they have in the city."""
    is_place = (rows["basis"] == BASES[0]) & rows["category"].isna()
    is_place &= rows["supervision_group"].isna()
    for (name, month), part in rows[is_place].groupby(["metric", "month"], sort=False):
        metric = marts.registry.metrics[name]
        # What groups or sectors owe adds up to no county.
        if metric.owed_by is not None and metric.owed_by.place != "unit":
            continue
        city = part.loc[part[list(CELL)].isna().all(axis=1), "rate"]
        if city.empty or "unit" not in metric.dimensions:
            continue
        line = city_anchor(metric, month, city.iloc[0])
        spread = read_branch_spread(marts, name, month)
        # Counts that are withheld are missing.
        cells = part.astype(dict.fromkeys(COUNTS, float))
        yield judge_cells(cells, metric, month, line, spread=spread)
