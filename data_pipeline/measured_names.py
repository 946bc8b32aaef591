"""What the template of measures loops over: each metric's sides as names and codes.

A condition is a column of the registry against codes of the registry; both were checked
as identifiers when it was loaded.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from data_pipeline.registry import Measure, Metric, Registry, Table
from data_pipeline.registry.definitions import DIMENSIONS, PLACE_TYPES
from data_pipeline.registry.measures import pairing

# Tables that have a model of their own; all others are staged alike.
OWN_MODELS = ("ledger", "roll", "spot_check", "weak_case")
PLACE_COLUMNS = ("supervision_group", "unit", "township", "sector")
# Rows that count in the month they are of, and in no other.
_OF_ONE_MONTH = "filed.month = months.month"
_MONTH_OF_PART = re.compile(r"-(\d{4}-\d{2})$")
# A branch that stands on none has no place.
_ON_A_ROLL = ({"column": "(filed.reached_unit is null)", "codes": ["false"]},)
_ROLL_COLUMNS = {"branch_type": "of_type", "is_weak_base": "of_weak_base"}
# Where the branch of a row is that may be of another unit; of the roll by name.
_REACHED = {
    name: {"name": f"reached_{name}", "source": f"roll.{_ROLL_COLUMNS.get(name, name)}"}
    for name in ("unit", "township", "sector", "branch_type", "is_weak_base")
}


@functools.cache
def row_names(registry: Registry) -> dict[str, dict[str, Any]]:
    """By metric made of measures, what the template of its counted rows loops over."""
    return {
        m.id: _side(m.counted, registry, (), ())
        for m in registry.metrics.values()
        if m.is_measured and m.counted.table not in OWN_MODELS
    }


@functools.cache
def measured_parts(registry: Registry) -> dict[str, dict[str, Any]]:
    """Metrics made of measures by the tables whose rows they count.

    Each part is a query and a file of its own, so that what was filed in one table does
    not make the metrics of another anew. It holds what the template loops over: metrics
    by how their sides meet, and the tables that are silent at first.

    >>> from data_pipeline.registry import load_registry
    >>> measured_parts(load_registry())["meeting-ledger"]["metrics"][0]
    'topic_1_strict'
    """
    parts: dict[str, list[Metric]] = {}
    for metric in registry.metrics.values():
        if metric.is_measured:
            bases = [metric.base.table] if metric.base else []
            tables = dict.fromkeys([metric.counted.table, *bases])
            parts.setdefault("-".join(tables), []).append(metric)
    return {name: _measured(parts[name], registry) for name in sorted(parts)}


def parts_by_months(
    registry: Registry, months: Sequence[str], filed: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Each part of `measured_parts`, or each of the months of it -> what it is made of.

    A ledger of a month changes that month alone of what is counted over ledgers. Months
    without a ledger share a part: it costs more to plan one than to count its rows.

    Parameters
    ----------
    months
        Those that have begun.
    filed
        Those that ledgers speak of.

    >>> from data_pipeline.registry import load_registry
    >>> months = ["2016-04", "2016-05", "2016-06"]
    >>> parts = parts_by_months(load_registry(), months, {"2016-05"})
    >>> parts["meeting-ledger-2016-05"], parts["meeting-ledger"]
    (('2016-05',), ('2016-04', '2016-06'))
    >>> parts["meeting"]
    ('2016-04', '2016-05', '2016-06')
    """
    found = {}
    for name, part in measured_parts(registry).items():
        alone = [m for m in months if m in filed] if part["is_by_month"] else []
        found |= {f"{name}-{month}": (month,) for month in alone}
        if rest := tuple(month for month in months if month not in alone):
            found[name] = rest
    return found


def part_without_month(part: str) -> str:
    """The key in `measured_parts` of a part of `parts_by_months`.

    >>> part_without_month("meeting-ledger-2016-05"), part_without_month("meeting")
    ('meeting-ledger', 'meeting')
    """
    return _MONTH_OF_PART.sub("", part)


def _measured(metrics: Sequence[Metric], registry: Registry) -> dict[str, Any]:
    late = [m.counted for m in metrics if m.counted.silence == "zero_since_first"]
    first = {measure.table: measure for measure in late}
    # What no metric of the part is divided by is not carried along, and blank at last.
    divided = {name for m in metrics for name in m.dimensions}
    carried = [name for name in registry.categories if name in divided]
    by_row = [_of_rows(m, registry, carried) for m in metrics if m.pairs == "rows"]
    # Sides that are alike, as the branches below each share of them, are summed once.
    sides: dict[str, dict[str, Any]] = {}
    summed = [
        side
        for m in metrics
        if m.owed_by or m.pairs == "places"
        for side in _of_places(m, registry, carried, sides)
    ]
    counted = [side for metric in by_row for side in metric["sides"]] + summed
    spans = {side["span"] for side in counted if side["table"] == "ledger"}
    return {
        "metrics": [m.id for m in metrics],
        "by_row": by_row,
        "sides": list(sides.values()),
        "summed": summed,
        "is_by_month": spans == {_OF_ONE_MONTH},
        "started": [_side(side, registry, (), ()) for side in first.values()],
        "categories": carried,
        "shown": [
            {"name": name, "source": f"summed.{name}" if name in carried else "''"}
            for name in registry.categories
        ],
    }


@functools.cache
def staged_tables(registry: Registry) -> dict[str, dict[str, Any]]:
    """By table that is staged like all others, what its template loops over."""
    return {
        table.name: _staged(table)
        for table in registry.tables.values()
        if table.name not in OWN_MODELS
    }


@functools.cache
def stored_tables(registry: Registry) -> dict[str, dict[str, Any]]:
    """By table of the lake, its rows as filed and by what one supersedes another.

    A ledger row speaks for its reporter: a branch, or all of a unit's sector.
    """
    found = {}
    for name, table in registry.lake_tables.items():
        key, source = table.key, f"lake_{name}"
        if name == "ledger":
            key, source = ("month", "reporter"), "ledger_filed"
        month = [part for part in key if part == "month"]
        found[name] = {"name": name, "source": source, "key": key, "month": month}
    return found


def tables_of_branches(registry: Registry) -> list[dict[str, Any]]:
    """Filed tables whose rows name a branch that the roll should know, but the ledger.

    Of each its key, that column, and how a row finds the month that it is of: by its
    first month or date column.
    """
    found = []
    for table in registry.tables.values():
        branch = table.of_type("branch")[:1]
        if table.name in ("ledger", "roll") or not branch:
            continue
        clock = table.of_type("month")[:1] or table.of_type("date")[:1]
        is_month = bool(table.of_type("month"))
        spans = [
            (f"on {column} = months.month",)
            if is_month
            else (
                f"on {column} >= months.first_day",
                f"and {column} <= months.last_day",
            )
            for column in (f"lake_{table.name}.{name}" for name in clock)
        ]
        month = "coalesce(months.month, '')" if spans else "''"
        names = {"name": table.name, "key": table.key, "branch": branch[0]}
        found.append(names | {"spans": spans, "month": month})
    return found


def _staged(table: Table) -> dict[str, Any]:
    branch = table.of_type("branch")[:1]
    # Rows whose branch may be of another unit have their own places alone.
    named = () if table.branch_anywhere else branch
    own = {place: table.of_type(type)[:1] for place, type in PLACE_TYPES.items()}
    own["township"] = [c.name for c in table.columns if c.name == "township"]
    made = {*(name for names in own.values() for name in names)}
    filed = [c.name for c in table.columns]
    reached = [place for place in PLACE_COLUMNS if place in table.places]
    return {
        "name": table.name,
        "key": table.key,
        "columns": [
            c.name for c in table.columns if c.type != "yes_no" and c.name not in made
        ],
        # Its own columns, then the places that unit or roll give it.
        "shown": [*filed, *(p for p in reached if p not in filed)],
        "yes_no": table.of_type("yes_no"),
        "branch": branch,
        "of_roll": branch if not own["unit"] else (),
        **{place: [f"ranked.{name}" for name in names] for place, names in own.items()},
        "roll": {
            place: [f"roll.{place}" for _ in named]
            for place in ("unit", "township", "sector")
        },
        "roll_columns": [
            {"name": name, "source": f"roll.{name}"}
            for name in _ROLL_COLUMNS.values()
            if named
        ],
        "no_roll_columns": [] if named else list(_ROLL_COLUMNS.values()),
        "reached": [*_REACHED.values()] if table.branch_anywhere else [],
    }


def _of_rows(
    metric: Metric, registry: Registry, carried: Sequence[str]
) -> dict[str, Any]:
    """A metric whose sides meet in the rows of one table."""
    counted, base = _sides(metric, registry, carried)
    sides = [
        counted | {"value_name": "numerator", "is_met": "is_counted"},
        base | {"value_name": "denominator", "is_met": "is_base"},
    ]
    return {"id": metric.id, "counted": counted, "sides": sides}


def _of_places(
    metric: Metric,
    registry: Registry,
    carried: Sequence[str],
    made: dict[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """The sides of a metric that are summed each by itself, numerator first.

    `made` are those of the part so far, by what they are; new ones are added.

    What is counted is kept where its denominator names the place; the denominator once
    the table that is counted has begun, or where it is not silent.
    """
    counted, *bases = _sides(metric, registry, carried)
    names = [
        made.setdefault(repr(side), side | {"name": f"{part}_{metric.id}"})["name"]
        for part, side in zip(("counted", "base"), (counted, *bases), strict=False)
    ]
    keys = ["month", *(pairing(metric, registry.lake_tables) if bases else ())]
    silence = metric.counted.silence

    def meets(ours: str, theirs: str) -> dict[str, Any]:
        terms = [(f"{ours}.{key}", f"{theirs}.{key}") for key in keys]
        return {"table": theirs, "terms": _joined(terms)}

    started = f"started_{metric.counted.table}"
    since = [(f"{names[-1]}.month", f"{started}.month")]
    of_base = {
        "zero_since_first": [{"table": started, "terms": _joined(since)}],
        "missing": [meets(*reversed(names)) for _ in bases],
    }
    sides = [
        counted
        | {
            "numerator": counted["total"],
            "denominator": "0",
            "blank": counted["n_blank"],
            "kept_by": [meets(*names) for _ in bases],
        }
    ]
    sides += [
        base
        | {
            "numerator": "0",
            "denominator": base["total"],
            "blank": "0",
            "kept_by": of_base.get(silence, []),
        }
        for base in bases
    ]
    return [
        side | {"metric": metric.id, "name": name}
        for side, name in zip(sides, names, strict=True)
    ]


def _joined(terms: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """What must be equal, each after the first with its `and`."""
    return [
        {"ours": f"and {ours}" if position else ours, "theirs": theirs}
        for position, (ours, theirs) in enumerate(terms)
    ]


def _sides(
    metric: Metric, registry: Registry, carried: Sequence[str]
) -> list[dict[str, Any]]:
    """What is counted, and the base that a metric has unless it is owed."""
    categories = [d for d in metric.dimensions if d not in DIMENSIONS]
    sides = [_side(metric.counted, registry, carried, categories)]
    if metric.base:
        shared = [name for name in categories if name not in metric.split_by]
        sides.append(_side(metric.base, registry, carried, shared))
    return sides


def _side(
    measure: Measure,
    registry: Registry,
    carried: Sequence[str],
    categories: Sequence[str],
) -> dict[str, Any]:
    """A measure of a part that carries some categories; it is divided by its own."""
    table = registry.lake_tables[measure.table]
    is_summed = table.name == "ledger"
    value = f"filed.{measure.column}" if measure.aggregate == "sum" else "1"
    if measure.blank is not None:
        value = f"coalesce({value}, {int(measure.blank)})"
    is_distinct = measure.aggregate == "branches"
    is_reached = is_distinct and table.branch_anywhere
    return {
        "table": table.name,
        # The ledger is summed before anything is counted of it.
        "view": "ledger_sums" if is_summed else table.name,
        "n_rows": "filed.n_rows" if is_summed else "1",
        # Only what counts branches must tell them apart.
        "branch": "filed.branch" if is_distinct else "''",
        "value": value,
        "distinct": ["branch"] if is_distinct else [],
        "total": "count(distinct branch)" if is_distinct else "total",
        "n_blank": "sum(n_blank)" if is_distinct else "n_blank",
        "span": _span(measure, table),
        "times": [_when(name, "to_date", table) for name in measure.clock[1:]]
        + [f"filed.{a} <= filed.{b}" for a, b in measure.not_after.items()],
        "clocks": dict.fromkeys(
            (*measure.clock, *measure.not_after.keys(), *measure.not_after.values())
        ),
        "where": [
            *(_condition(name, codes, table) for name, codes in measure.where.items()),
            *(_ON_A_ROLL if is_reached else ()),
        ],
        "places": _reached_places() if is_reached else _places(table),
        "categories": [
            {
                "name": name,
                "source": f"coalesce(filed.{name}, '')" if name in categories else "''",
            }
            for name in carried
        ],
    }


def _places(table: Table) -> Mapping[str, str]:
    """Where a row of the table's view has its places; '' where it has none."""
    is_staged = table.name not in OWN_MODELS
    places = {}
    for name in PLACE_COLUMNS:
        # The group of a unit is its own, whoever made the check.
        has_it = is_staged or name != "supervision_group"
        places[name] = f"filed.{name}" if has_it else "''"
    for name, column in _ROLL_COLUMNS.items():
        places[name] = f"filed.{name if table.name == 'ledger' else column}"
    return places


def _reached_places() -> Mapping[str, str]:
    """Where the branch itself is that a row names."""
    reached = {name: f"coalesce(filed.{c['name']}, '')" for name, c in _REACHED.items()}
    return {"supervision_group": "''", **reached}


def _span(measure: Measure, table: Table) -> str:
    """The months in which a row counts, by its first clock."""
    if not measure.clock:
        return "months.month = months.month"
    return _when(measure.clock[0], measure.time, table)


def _when(name: str, time: str, table: Table) -> str:
    column = f"filed.{name}"
    if table.column(name).type == "round":
        over = f"{column} <= months.n_rounds"
        is_new = f"{column} > months.n_rounds_before"
        return over if time == "to_date" else f"{over} and {is_new}"
    if table.column(name).type == "month":
        return f"{column} {'<=' if time == 'to_date' else '='} months.month"
    if time == "to_date":
        return f"{column} <= months.last_day"
    return f"{column} >= months.first_day and {column} <= months.last_day"


def _condition(name: str, codes: Sequence[str], table: Table) -> Mapping[str, Any]:
    """A column and the values of which it holds one, as SQL writes them."""
    column = f"filed.{name}"
    # The model of checks keeps yes and no as they were stored.
    is_boolean = table.name in OWN_MODELS and table.column(name).type == "yes_no"
    if is_boolean:
        values = ["true" if code == "yes" else "false" for code in codes]
    else:
        column = f"coalesce({column}, '')" if "" in codes else column
        values = [f"'{code}'" for code in codes]
    return {"column": column, "codes": values}
