"""Measures of tables and how two of them make a metric: read, checked, resolved."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from data_pipeline.registry.definitions import (
    DIMENSIONS,
    OWED,
    PLACES,
    Column,
    Measure,
    Metric,
    OwedBy,
    Table,
)
from data_pipeline.registry.reading import Faults, read_entries, read_entry
from data_pipeline.words.catalogue import LANGUAGES

AGGREGATES = ("rows", "sum", "branches")
TIMES = ("state", "cumulative", "in_month", "to_date")
SILENCES = ("zero", "zero_since_first", "missing")
COUNT_KINDS = ("state", "cumulative", "in_month")
OWING_PLACES = ("supervision_group", "unit", "sector")
OWED_EACH = ("once", "week", "round")
PAIRS = ("rows", "places")
UNIT_KINDS = ("county", "zone", "block")


def check_measures(
    files: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Table],
    faults: Faults,
) -> dict[str, Table]:
    """The tables with their measures; every name of a measure stands once."""
    owners: dict[str, str] = {}
    measured = {}
    for name, table in tables.items():
        place = f"tables/{name}.toml"
        raw = files[name]
        raw = {"measure": [_with_table(m, name) for m in _tables_of(raw)]}
        measures = read_entries(Measure, place, raw, "measure", faults)
        for measure in measures:
            at = f"{place}: measure {measure.name}"
            if measure.name in owners:
                owner = owners[measure.name]
                faults.add("measure_twice", at=at, owner=owner)
            owners[measure.name] = name
            _check_measure(at, measure, table, faults)
        measured[name] = dataclasses.replace(
            table, measures=tuple(_with_words(measure) for measure in measures)
        )
    return measured


def _tables_of(raw: Mapping[str, Any]) -> list[Any]:
    entries = raw.get("measure", [])
    return entries if isinstance(entries, list) else [entries]


def _with_table(entry: Any, table: str) -> Any:
    return {**entry, "table": table} if isinstance(entry, dict) else entry


def _with_words(measure: Measure) -> Measure:
    return dataclasses.replace(measure, where=as_codes(measure.where))


def as_codes(where: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Columns and their codes, of which one alone may be written without brackets."""
    return {
        name: tuple(codes) if isinstance(codes, list) else (codes,)
        for name, codes in where.items()
    }


def _check_measure(place: str, measure: Measure, table: Table, faults: Faults) -> None:
    before = len(faults.sentences)
    columns = {column.name: column for column in table.columns}
    faults.is_name(f"{place}, key name", measure.name)
    if measure.name in columns:
        faults.add("measure_is_column", place=place)
    faults.is_known(f"{place}, key aggregate", measure.aggregate, AGGREGATES)
    faults.is_known(f"{place}, key time", measure.time, TIMES)
    faults.is_known(f"{place}, key silence", measure.silence, SILENCES)
    _check_aggregate(place, measure, table, faults)
    for name, codes in measure.where.items():
        check_where(f"{place}, key where", name, codes, columns, faults)
    dates = table.of_type("date")
    clocks = table.of_type("month", "date", "round")
    for name in measure.clock:
        faults.is_known(f"{place}, key clock", name, clocks)
    for earlier, later in measure.not_after.items():
        faults.is_known(f"{place}, key not_after", earlier, dates)
        faults.is_known(f"{place}, key not_after", later, dates)
    if not measure.clock and measure.time != "state":
        faults.add("no_clock", place=place, time=measure.time)
    if measure.clock and measure.clock[0] in table.of_type("date", "round"):
        faults.is_known(f"{place}, key time", measure.time, ("in_month", "to_date"))
    if len(faults.sentences) > before:
        faults.broken.add(measure.name)


def _check_aggregate(
    place: str, measure: Measure, table: Table, faults: Faults
) -> None:
    if measure.aggregate == "branches" and not table.of_type("branch"):
        faults.add("no_branches", place=place)
    if measure.aggregate != "sum":
        if measure.column:
            faults.add("column_not_summed", place=place)
        return
    if not faults.is_known(f"{place}, key column", measure.column, table.counts):
        return
    kind = table.column(measure.column).kind
    if measure.time == "to_date" and kind != "in_month":
        faults.add("state_summed", place=place, column=measure.column, kind=kind)


def check_where(
    place: str,
    name: str,
    codes: Any,
    columns: Mapping[str, Column],
    faults: Faults,
) -> None:
    """That a column of words or yes and no holds these codes, "" for a blank cell."""
    known = [c.name for c in columns.values() if c.type in ("word", "yes_no")]
    if not faults.is_known(place, name, known):
        return
    column = columns[name]
    words = column.words.values() or ("yes", "no")
    for code in codes if isinstance(codes, list) else [codes]:
        faults.is_known(f"{place}, {name}", code, ("", *words))


def resolve(
    place: str,
    metric: Metric,
    tables: Mapping[str, Table],
    faults: Faults,
) -> Metric:
    """A metric of measures with its sides, dimensions and what splits one side.

    Its table is that of its numerator, whose rows stand behind it.
    """
    counted = _side(place, "numerator", metric, tables, faults)
    base = None
    if metric.owed_by is None:
        base = _side(place, "denominator", metric, tables, faults)
        if not counted or not base:
            return metric
    else:
        if metric.denominator:
            faults.add("denominator_and_owed", place=place)
        owed = read_entry(OwedBy, f"{place}, owed_by", metric.owed_by, faults)
        if not counted or not owed:
            return metric
        at = f"{place}, owed_by, key"
        faults.is_known(f"{at} place", owed.place, OWING_PLACES)
        faults.is_known(f"{at} each", owed.each, OWED_EACH)
        for kind in owed.kinds:
            faults.is_known(f"{at} kinds", kind, UNIT_KINDS)
        metric = dataclasses.replace(metric, owed_by=owed, denominator=OWED)
    pairs = metric.pairs or (
        "rows" if base and base.table == counted.table else "places"
    )
    faults.is_known(f"{place}, key pairs", pairs, PAIRS)
    if pairs == "rows":
        _check_rows(place, counted, base, faults)
    return _with_dimensions(place, metric, counted, base, pairs, tables, faults)


def _side(
    place: str,
    key: str,
    metric: Metric,
    tables: Mapping[str, Table],
    faults: Faults,
) -> Measure | None:
    """A measure by its name; a count column of a table with months is one by itself."""
    name = getattr(metric, key)
    known = {m.name: m for table in tables.values() for m in table.measures}
    measured = set(known)
    # Of a name that several tables have the metric's own goes first.
    near = [tables[metric.table]] if metric.table in tables else []
    for table in (*near, tables.get("ledger")):
        if table is None or not table.has_month:
            continue
        for column in table.columns:
            if column.type == "count" and column.name not in known:
                known[column.name] = Measure(
                    name=column.name,
                    table=table.name,
                    **_labels(column),
                    column=column.name,
                    time=column.kind,
                    clock=table.of_type("month")[:1],
                )
    for table in near:
        if name in table.counts and not table.has_month and name not in measured:
            faults.add("table_without_month", place=place, name=table.name)
            return None
    home = table_that_counts(name, tables)
    is_known = faults.is_known(f"{place}, key {key}", name, known, counted_in=home)
    return known[name] if is_known else None


def _labels(column: Column) -> dict[str, str]:
    """What a count column is called as a measure, in every language."""
    labels = {
        f"label_{language}": getattr(column, f"definition_{language}").rstrip(".")
        for language in LANGUAGES
    }
    return labels | {"label_zh": column.heading}


def table_that_counts(name: str, tables: Mapping[str, Table]) -> str:
    """The first table of which a name is a count, "" where there is none."""
    return next((t.name for t in tables.values() if name in t.counts), "")


def _check_rows(
    place: str, counted: Measure, base: Measure | None, faults: Faults
) -> None:
    if base is None or base.table != counted.table:
        faults.add("rows_of_two_tables", place=place)
        return
    for side in (counted, base):
        if side.aggregate == "branches":
            faults.add("branches_in_rows", place=place)
    if (counted.time, counted.clock[:1]) != (base.time, base.clock[:1]):
        faults.add("two_clocks", place=place, one=counted.name, other=base.name)


def _with_dimensions(
    place: str,
    metric: Metric,
    counted: Measure,
    base: Measure | None,
    pairs: str,
    tables: Mapping[str, Table],
    faults: Faults,
) -> Metric:
    own = tables[counted.table]
    if base is None:
        places, shared = places_of(counted, own), ()
        split = _free_categories(counted, own)
    else:
        other = tables[base.table]
        of_both = {*places_of(counted, own)} & {*places_of(base, other)}
        places = tuple(d for d in DIMENSIONS if d in of_both)
        of_base = _free_categories(base, other)
        free = _free_categories(counted, own)
        if pairs == "rows":
            shared = tuple(c for c in free if c in of_base)
            split = ()
        else:
            named = metric.split_by
            shared = tuple(c for c in free if c in of_base and c not in named)
            split = tuple(c for c in free if c not in of_base or c in named)
    # A branch that stands under two words is one branch: no category adds up to it.
    if counted.aggregate == "branches" or (base and base.aggregate == "branches"):
        shared, split = (), ()
    for name in metric.split_by:
        faults.is_known(f"{place}, key split_by", name, split)
    possible = (*(d for d in DIMENSIONS if d in places), *shared, *split)
    for dimension in metric.dimensions:
        faults.is_known(f"{place}, key dimensions", dimension, possible)
    dimensions = metric.dimensions or possible
    return dataclasses.replace(
        metric,
        table=counted.table,
        counted=counted,
        base=base,
        pairs=pairs,
        dimensions=dimensions,
        split_by=tuple(c for c in split if c in dimensions),
    )


def _free_categories(measure: Measure, table: Table) -> tuple[str, ...]:
    """The categories by which a measure differs: one word alone divides nothing.

    Nor does a column that says nothing of any row that the measure counts.
    """
    fixed = {name for name, codes in measure.where.items() if len(codes) == 1}
    return tuple(
        name
        for name in table.categories
        if name not in fixed and _speaks_of(table.column(name), measure)
    )


def _speaks_of(column: Column, measure: Measure) -> bool:
    """Whether the column says anything of rows that a measure counts."""
    return all(
        {*codes} & {*measure.where.get(name, codes)}
        for name, codes in column.only_where.items()
    )


def places_of(measure: Measure, table: Table) -> Sequence[str]:
    """Dimensions that a measure reaches; branches of anywhere stand where they are.

    Rows that name them stand where their own unit is.
    """
    is_reached = measure.aggregate == "branches" and table.branch_anywhere
    return DIMENSIONS if is_reached else table.places


def pairing(metric: Metric, tables: Mapping[str, Table]) -> Sequence[str]:
    """The columns by which a row of the numerator finds its denominator's place."""
    sides = (metric.counted, metric.base)
    own, other = (places_of(side, tables[side.table]) for side in sides)
    both = [d for d in PLACES if d in own and d in other]
    shared = [
        name
        for name in metric.dimensions
        if name not in DIMENSIONS and name not in metric.split_by
    ]
    return [*(d for d in ("unit", "sector") if d in both), *shared]
