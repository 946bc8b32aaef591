"""What a submission changes: rows, findings and figures before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_pipeline.check_findings import read_data_findings
from data_pipeline.number_words import is_missing
from data_pipeline.rates import Marts, read_in_force, read_several
from data_pipeline.registry import Registry, Table

# The places a moved figure is reported for: the first that its metric has.
PLACES = ("unit", "supervision_group", "sector")
FIGURES = ("numerator", "denominator", "rate", "n_blank", "n_missing")


def compare_marts(
    before: Marts | None,
    after: Marts,
    tables: set[str],
    numbers: set[int],
    language: str,
) -> dict[str, pd.DataFrame]:
    """What becomes of the marts by submissions: the frames of `upload.Preview`.

    Parameters
    ----------
    before, after
        The lake without and with them; before is None where it held nothing.
    tables, numbers
        Names of the tables that they brought rows of, and their sequences.
    """
    registry = after.registry
    parts: dict[str, list[pd.DataFrame]] = {"brought": [], "changes": []}
    parts["left_out"] = []
    for name in (name for name in registry.tables if name in tables):
        found = _compare_rows(before, after, registry.tables[name], numbers)
        for part, frame in zip(parts, found, strict=True):
            parts[part].append(frame.assign(table_name=name))
    frames = no_changes()
    for part, found in parts.items():
        columns = frames[part].columns
        rows = pd.concat(found, ignore_index=True) if found else frames[part]
        frames[part] = rows.reindex(columns=columns)
        places = columns.intersection(["month", "unit", "sector", "branch"])
        frames[part][places] = frames[part][places].astype(object).fillna("")
    said = [
        read_data_findings(marts, language) if marts else None
        for marts in (before, after)
    ]
    frames["warned"] = _without(said[1], said[0])
    frames["settled"] = _without(said[0], said[1])
    frames["moved"] = _moved(before, after)
    return frames


def no_changes() -> dict[str, pd.DataFrame]:
    """Every frame of `compare_marts` without a row, and `totals`."""
    place = ["table_name", "month", "unit", "sector", "branch"]
    source = ["source_file", "source_sheet", "source_row"]
    counts = ["n_rows", "n_new", "n_changed", "n_same", "n_left_out"]
    figures = [name for one in FIGURES for name in (f"was_{one}", one)]
    columns = {
        "brought": ["table_name", "month", *counts],
        "totals": ["table_name", "month", "column_name", "total", "n_blank"],
        "changes": [*place, "column_name", "before", "after", *source],
        "left_out": [*place, *source],
        "warned": ["rule"],
        "settled": ["rule"],
        "moved": ["metric", "month", *PLACES, *figures],
    }
    return {name: pd.DataFrame(columns=names) for name, names in columns.items()}


def sum_columns(
    files: Iterable[Mapping[str, pa.Table]], registry: Registry
) -> pd.DataFrame:
    """The sum of every count column of the files' tables, by table and month."""
    lines = []
    parts: dict[str, list[pa.Table]] = {}
    for tables in files:
        for name, rows in tables.items():
            parts.setdefault(name, []).append(rows)
    for name, found in parts.items():
        rows = pa.concat_tables(found)
        counts = registry.tables[name].of_type("count")
        has_month = "month" in rows.column_names
        months = rows.column("month").unique().to_pylist() if has_month else [""]
        for month in sorted(months):
            at = rows.filter(pc.equal(rows["month"], month)) if has_month else rows
            for column in counts:
                values = at.column(column)
                if values.null_count < len(values):
                    total, n_blank = pc.sum(values).as_py(), values.null_count
                    lines.append((name, month, column, total, n_blank))
    return pd.DataFrame(lines, columns=no_changes()["totals"].columns)


def _compare_rows(
    before: Marts | None, after: Marts, table: Table, numbers: set[int]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Of one table: what is brought by month, cells that change, rows left out."""
    in_trial = read_in_force(after, table.name)
    is_ours = in_trial["sequence"].isin(numbers)
    ours = in_trial[is_ours].set_index("row_key")
    months = sorted(ours["month"].unique()) if "month" in ours else ()
    of_months = tuple(months) if "month" in table.key else ()
    stood = read_in_force(before, table.name, of_months) if before else in_trial[:0]
    stood = stood.set_index("row_key")
    met = ours.index.intersection(stood.index)
    columns = [column.name for column in table.columns]
    if "basis" in ours:
        columns.append("basis")
    cells = []
    is_changed = pd.Series(False, index=ours.index)
    for name in columns:
        was, now = (_as_text(frame.loc[met, name]) for frame in (stood, ours))
        differs = (was != now).to_numpy()
        is_changed.loc[met[differs]] = True
        part = ours.loc[met[differs]]
        cells.append(
            part.assign(
                column_name=name, before=was[differs].values, after=now[differs].values
            )
        )
    changes = pd.concat(cells, ignore_index=True)
    left_out = _left_out(stood, ours, table)
    counted = ours.assign(
        n_rows=1,
        n_new=(~ours.index.isin(stood.index)).astype(int),
        n_changed=is_changed.astype(int),
    )
    counted["n_same"] = 1 - counted["n_new"] - counted["n_changed"]
    numbers_of = ["n_rows", "n_new", "n_changed", "n_same"]
    keys = counted["month"] if "month" in counted else pd.Series("", counted.index)
    brought = counted[numbers_of].groupby(keys.rename("month")).sum()
    gone = left_out["month"] if "month" in left_out else pd.Series("", left_out.index)
    n_left = gone.value_counts()
    brought["n_left_out"] = n_left.reindex(brought.index).fillna(0).astype(int)
    return brought.reset_index(), changes, left_out.reset_index(drop=True)


def _left_out(stood: pd.DataFrame, ours: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows in force of the same unit, and month, that the files do not name.

    Only where a file gives a state: rows of single days are simply added to.
    """
    is_state = "month" in table.key or table.name == "roll"
    place = [name for name in ("month", "unit") if name in ours]
    if not is_state or "unit" not in place:
        return stood[:0]
    named = ours[place].drop_duplicates()
    rows = stood[~stood.index.isin(ours.index)]
    return rows.merge(named, on=place)


def _as_text(values: pd.Series) -> pd.Series:
    """Stored values as text: '' for a blank, counts without a point."""

    def in_words(value: object) -> str:
        if is_missing(value):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:.0f}"
        if hasattr(value, "date"):
            return str(value.date())
        return str(value)

    return values.map(in_words).astype(object)


def _without(found: pd.DataFrame | None, others: pd.DataFrame | None) -> pd.DataFrame:
    """Lines of findings that do not stand among the others."""
    if found is None or others is None:
        return found if found is not None else no_changes()["warned"]
    said = ["rule", "month", "unit", "sector", "branch", "sentence"]
    known = set(others[said].itertuples(index=False, name=None))
    is_new = [
        row not in known for row in found[said].itertuples(index=False, name=None)
    ]
    return found[is_new].reset_index(drop=True)


def _moved(before: Marts | None, after: Marts) -> pd.DataFrame:
    """Figures of a place and month that are not the same, the largest change first."""
    months = sorted({*after.months, *(before.months if before else ())})
    parts = [_moved_by(place, before, after, months) for place in (*PLACES, "")]
    found = pd.concat([part for part in parts if not part.empty] or parts[:1])
    found = found.reset_index(drop=True)
    size = (found["rate"] - found["was_rate"]).abs().fillna(9)
    order = size.sort_values(ascending=False, kind="stable").index
    columns = no_changes()["moved"].columns
    found[list(PLACES)] = found[list(PLACES)].astype(object).fillna("")
    return found.loc[order].reset_index(drop=True).reindex(columns=columns)


def _moved_by(
    place: str, before: Marts | None, after: Marts, months: Sequence[str]
) -> pd.DataFrame:
    """As `_moved`, of the metrics that have one of PLACES, '' for none."""
    ids = [
        metric.id
        for metric in after.registry.metrics.values()
        if metric.is_offered
        and metric.has_whole
        and "month" in metric.dimensions
        and next((p for p in PLACES if p in metric.dimensions), "") == place
    ]
    by = ["month", place] if place else ["month"]
    empty = no_changes()["moved"]
    if not ids or not months:
        return empty
    was, now = (
        _figures(read_several(marts, ids, by=by, months=months)) if marts else None
        for marts in (before, after)
    )
    if was is None:
        was = now[:0]
    key = ["metric", *by]
    both = now.merge(
        was.rename(columns={f: f"was_{f}" for f in FIGURES}), on=key, how="outer"
    )
    counts = [name for name in FIGURES if name != "rate"]
    differs = pd.concat(
        [both[name].fillna(-1) != both[f"was_{name}"].fillna(-1) for name in counts],
        axis=1,
    ).any(axis=1)
    return both[differs].reindex(columns=empty.columns)


def _figures(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [frame.assign(metric=metric) for metric, frame in found.items()],
        ignore_index=True,
    )
