"""The only reader of the marts, and the one place where they are rolled up.

A screen, an export and a bulletin that show the same choice hold the same frame,
because all of them ask `read_rates`.
"""

from __future__ import annotations

import bisect
import dataclasses
import difflib
import functools
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence, Set, Sized
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pandas as pd

from data_pipeline.engines import DuckDBEngine
from data_pipeline.measured_names import staged_tables, stored_tables
from data_pipeline.registry import (
    DIMENSIONS,
    PLACES,
    ROLL_DIMENSIONS,
    Metric,
    Registry,
    load_registry,
)
from data_pipeline.settled import Settled, Settlement, read_settled
from data_pipeline.sql_text import sql_text
from data_pipeline.statistics.verified import (
    COLUMNS,
    Checks,
    estimate_city,
)
from data_pipeline.statistics.withholding import digest_of
from data_pipeline.store.snapshots import (
    DamagedSnapshotError as DamagedSnapshotError,
)
from data_pipeline.store.snapshots import (
    NoSnapshotError as NoSnapshotError,
)
from data_pipeline.store.snapshots import (
    Snapshot,
    hold_snapshot,
    whole_snapshot,
    whole_snapshots,
)
from data_pipeline.store.snapshots import (
    StaleSnapshotError as StaleSnapshotError,
)
from data_pipeline.store.working_copy import catch_up, copy_of
from data_pipeline.warehouse import (
    open_snapshot,
    recipe_of,
)
from data_pipeline.withheld import (
    AUDIENCES,
    COLUMN,
    OFFICE,
    PUBLIC,
    Pattern,
    blank_rows,
    family_of,
    settle_places,
    settle_words,
    without_persons,
)
from data_pipeline.words import text

BASES = ("reported", "verified")  # what a page offers
MODELLED = "modelled"
# The frames here have some tens of rows. On so few, strings kept in Arrow cost a page
# a quarter of its time.
pd.set_option("mode.string_storage", "python")
_QUERY_ORDER = ("month", "supervision_group", "unit", "township", "sector")
_QUERY_ORDER += ROLL_DIMENSIONS
_WHERE_LISTS = {
    "supervision_group": "groups",
    "unit": "units",
    "township": "townships",
    "sector": "sectors",
}
# Small and read on every click.
_HELD = ("leaf", "spine", "filing", "metrics", "months")
_MOST_RECENT = 432  # about what all pages ask of the whole city in nine months
_MOST_RECENT_ROWS = 1_000_000  # of them all: at most some 150 MB
_ROLL_LISTS = {"branch_type": "branch_types", "is_weak_base": "weak_bases"}


class ChoiceError(ValueError):
    """A metric, dimension, value, month or basis that does not exist."""


@dataclasses.dataclass(frozen=True, eq=False)
class Marts:
    """One open snapshot. Safe to share between threads: each query has its cursor."""

    root: Path
    snapshot: Snapshot
    registry: Registry
    engine: DuckDBEngine
    months: tuple[str, ...]
    # What keeps the snapshot from being pruned while it is read.
    held: BinaryIO | None = None
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    held_units: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    # Who reads: all that is read of these marts is as that audience may see it.
    audience: str = OFFICE
    settling: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    patterns: dict[tuple[str, ...], Pattern] = dataclasses.field(default_factory=dict)
    settled: Settled = dataclasses.field(default_factory=Settled)
    recent: dict[object, Sized] = dataclasses.field(default_factory=dict)

    def for_audience(self, audience: str) -> Marts:
        """The same snapshot as others see it: small counts of persons are withheld.

        Raises
        ------
        ChoiceError
            No such audience.
        """
        if audience not in AUDIENCES:
            known = ", ".join(AUDIENCES)
            sentence = text("en", "rates.no_audience", audience=audience, known=known)
            raise ChoiceError(sentence)
        return dataclasses.replace(self, audience=audience)

    def hides_rows_of(self, metric: Metric) -> bool:
        """Whether single rows of a metric lack a count of persons for this reader."""
        return self.audience != OFFICE and bool(self.registry.persons_of(metric))

    def query(self, name: str, parameters: Mapping[str, object]) -> pd.DataFrame:
        """Run `sql/<name>.sql` with bound values."""
        cursor = self.cursor()
        try:
            sql = sql_text(name, self.registry)
            rows = cursor.execute(sql, dict(parameters)).df()
        finally:
            cursor.close()
        # Of blank cells it is rows that are counted, under the names of the columns.
        if self.audience == OFFICE or name == "blank_rows":
            return rows
        return without_persons(rows, self.registry)

    def query_city(self, name: str, **parameters: object) -> pd.DataFrame:
        """The same of the whole city, kept for a while.

        One page asks the checks of a month for each place that it speaks of, and many
        pages ask the same lists: filtering some hundred rows costs less than planning
        their query again.
        """
        rows = self.keep(
            (name, repr(parameters)),
            lambda: self.query(name, parameters),
        )
        return rows.copy(deep=False)

    def keep(self, question: tuple[str, ...], ask: Callable[[], Sized]) -> Sized:
        """What `ask` gives, kept until many others, or many rows, have been asked for.

        Nobody may change what comes back.
        """
        key = (self.audience, *question)
        with self.lock:
            answer = self.recent.pop(key, None)
            if answer is not None:
                self.recent[key] = answer  # the one asked last stands last
        if answer is None:
            answer = ask()
            with self.lock:
                self.recent[key] = answer
                n_rows = sum(map(len, self.recent.values()))
                while n_rows > _MOST_RECENT_ROWS or len(self.recent) > _MOST_RECENT:
                    n_rows -= len(self.recent.pop(next(iter(self.recent))))
        return answer

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with self.lock:
            return self.engine.connection.cursor()

    def hold_ledger(self, months: Sequence[str], units: Set[str] | None = None) -> None:
        """Keep the ledger rows of units in these months in memory; None: of all units.

        A drill asks them often. Of others nothing is read: in the files of the lake
        rows stand by unit.
        """
        units = set(self.registry.units) if units is None else units
        with self.lock:
            for month in months:
                held = self.held_units.setdefault(month, set())
                lacking = sorted(units - held)
                if not lacking:
                    continue
                # Written out one by one, they tell which parts of a file need no look.
                marks = ", ".join("?" for _ in lacking)
                self.engine.connection.execute(
                    "insert into held_ledger select * from ledger"
                    f" where month = ? and unit in ({marks})",
                    [month, *lacking],
                )
                held |= units

    @property
    def latest_month(self) -> str:
        """The newest month that anybody filed, the campaign's last before that."""
        return (self.months or self.registry.calendar.months)[-1]


def resolve_snapshot(root: Path | str, registry: Registry) -> Snapshot:
    """The snapshot that readers see now: current and whole, or the last that is whole.

    Raises
    ------
    NoSnapshotError
        Nothing has been built below `root` yet, or by other models or registry, or
        what was built is damaged.
    """
    try:
        return whole_snapshot(root, recipe_of(registry))
    except NoSnapshotError as error:
        copy = copy_of(root)
        if copy and isinstance(error, DamagedSnapshotError):
            # One that is whole may be in the bucket alone.
            copy.fetch_snapshots()
            return whole_snapshot(root, recipe_of(registry))
        raise


def list_snapshots(root: Path | str, registry: Registry) -> tuple[Snapshot, ...]:
    """The snapshots on disk that this code and registry can read, the oldest first."""
    if copy := copy_of(root):
        copy.fetch_snapshots()
    return whole_snapshots(root, recipe_of(registry))


def open_marts(
    root: Path | str,
    registry: Registry | None = None,
    snapshot: Snapshot | None = None,
    *,
    hold: Sequence[str] = _HELD,
) -> Marts:
    """Open a snapshot, by default the one that `resolve_snapshot` gives now.

    `hold` names the models that are kept in memory instead of decoded each time.

    Raises
    ------
    NoSnapshotError
        As `resolve_snapshot`.
    OSError
        The lake is in a bucket that cannot be read.
    """
    registry = registry or load_registry()
    if snapshot is None:
        catch_up(root)
        snapshot = resolve_snapshot(root, registry)
    held = hold_snapshot(root, snapshot)
    engine = open_snapshot(root, snapshot, registry)
    for name in hold:
        engine.hold(name)
    engine.connection.execute(
        "create table held_ledger as select * from ledger limit 0"
    )
    rows = engine.connection.execute(
        "select distinct month from spine where is_filed order by month"
    ).fetchall()
    return Marts(
        Path(root),
        snapshot,
        registry,
        engine,
        tuple(m for (m,) in rows),
        held,
        settled=read_settled(folder_of(root, snapshot)),
    )


def folder_of(root: Path | str, snapshot: Snapshot) -> Path:
    """Where the marts of a snapshot lie, and what is stored beside them."""
    return Path(root) / "marts" / snapshot.id


def settle_all(marts: Marts) -> dict[str, Settlement]:
    """What is withheld of every metric about persons, on both bases and by word."""
    registry, public = marts.registry, marts.for_audience(PUBLIC)
    for metric in registry.metrics.values():
        if not public.hides_rows_of(metric):
            continue
        for basis in BASES if metric.verified else BASES[:1]:
            _pattern(public, metric, set(), basis)
        for category in set(metric.dimensions) & set(registry.categories):
            _pattern(public, metric, {category}, BASES[0])
    used = {digest_of(pattern.counts) for pattern in marts.patterns.values()}
    return {key: marts.settled[key] for key in used}


def read_rates(
    marts: Marts,
    metric: str,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    months: Sequence[str] = (),
    basis: str = "reported",
) -> pd.DataFrame:
    """One metric as ratios of sums, by any dimensions.

    Parameters
    ----------
    by
        Any of unit, sector, supervision_group, township, month, branch_type,
        is_weak_base, and the categories of the metric's table; empty: the city. Rows
        without a branch on the roll, or whose branch leaves it blank there, do not
        reach branch_type and is_weak_base: they are left out by these and stay in all
        else. A category that the denominator lacks divides the numerator alone.
    where
        Codes to keep, by dimension (township: its name); a missing or empty list
        keeps all.
    months
        YYYY-MM; empty: the latest. More than one only when `by` has month, since
        cumulative counts of two months do not add up.

    Returns
    -------
    One row per group in the order of `by`: the `by` columns (codes), `numerator`,
    `denominator` (int64), `rate` (float64, NaN where undefined; over 1 is kept),
    `n_blank` (ledger rows in neither sum because a side is blank) and `n_missing`
    (due unit x sector pairs that filed nothing for the month). What a metric remembers
    has no row before the month of its due day and the same rows from then on.
    Of a metric about persons, read by others than the office, `withheld` names the
    counts that are withheld ("numerator", "denominator", "all"); they and the rates of
    the row are missing, and their columns float64.
    Verified: confirmed and checked (random checks up to the month's end) for the two
    counts, the stratified estimate for `rate`, `n_blank` checks without a verdict,
    then `std_error`, `lower`, `upper` and `reported_before` (what the last ledger
    before each check claimed, of the same places with the same weights) in place of
    `n_missing`, `n_drawn`, `n_unvisited` and `is_registered` by the register of draws,
    and the bounds `worst` and `best`; a group that was neither drawn from nor checked
    at random gives no row. Modelled: the
    same columns by unit and sector only, a row for each on the roll, with
    `modelled.pool_shares` for `rate` and its limits.

    Raises
    ------
    ChoiceError
        A name that does not exist, with what was probably meant.

    Examples
    --------
    >>> read_rates(marts, "topic_1_coverage", by=["sector"],
    ...            months=["2016-07"])                           # doctest: +SKIP
    """
    definition = _metric(marts.registry, metric)
    months = _check(marts, (definition,), by, where, months)
    if basis == MODELLED:
        return _read_modelled(marts, definition, by, where, months)
    if basis not in BASES:
        known = ", ".join((*BASES, MODELLED))
        raise ChoiceError(text("en", "rates.no_basis", basis=basis, known=known))
    if basis == "verified":
        frame = _read_verified(marts, definition, by, where, months)
    else:
        frame = _read_reported(marts, (definition,), by, where, months)[metric]
    return _for_audience(marts, definition, frame, by, where, months, basis)


def read_several(
    marts: Marts,
    metrics: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    months: Sequence[str] = (),
) -> dict[str, pd.DataFrame]:
    """Several metrics as reported, in one query: what a page of headlines asks.

    Parameters
    ----------
    metrics
        Ids; each must have the dimensions of `by` and `where`.
    by, where, months
        As in `read_rates`.

    Returns
    -------
    Each id, in the given order, with the frame that `read_rates` gives for it.

    Raises
    ------
    ChoiceError
        As in `read_rates`.
    """
    definitions = tuple(_metric(marts.registry, metric) for metric in metrics)
    months = _check(marts, definitions, by, where, months)
    found = _read_reported(marts, definitions, by, where, months)
    return {
        metric.id: _for_audience(
            marts, metric, found[metric.id], by, where, months, BASES[0]
        )
        for metric in definitions
    }


def _for_audience(
    marts: Marts,
    metric: Metric,
    frame: pd.DataFrame,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
    basis: str,
) -> pd.DataFrame:
    """A frame of rates without what its reader may not see."""
    if not marts.hides_rows_of(metric):
        return frame
    used = {*by, *(name for name, codes in (where or {}).items() if codes)}
    pattern = _pattern(marts, metric, used - {"month"}, basis)
    return blank_rows(frame, metric.id, by, where, months, pattern)


def _pattern(
    marts: Marts, metric: Metric, used: Set[str], basis: str
) -> Pattern | None:
    """What is withheld of a metric by some dimensions; None where all of it is.

    Published are unit, sector, group, and each category of the whole city by itself: a
    township or a kind of branch has few persons, and a word inside a unit fewer.
    """
    registry = marts.registry
    if used <= {"unit", "sector", "supervision_group"}:
        family = family_of(registry, metric) if basis == BASES[0] else (metric,)
        key = (basis, *(one.id for one in family))
        settle = functools.partial(_settle_places, marts, family, basis)
    elif len(used) == 1 and used <= {*registry.categories} and basis == BASES[0]:
        (category,) = used
        key = (basis, metric.id, category)
        settle = functools.partial(_settle_words, marts, metric, category)
    else:
        return None
    with marts.settling:
        if key not in marts.patterns:
            marts.patterns[key] = settle()
        return marts.patterns[key]


def _settle_places(marts: Marts, family: Sequence[Metric], basis: str) -> Pattern:
    months, by = marts.registry.calendar.months, ("unit", "sector", "month")
    if basis == BASES[0]:
        # In one query for all families: most of it is planning, and reading the marts.
        every = marts.registry.metrics.values()
        persons = tuple(m for m in every if marts.registry.persons_of(m))
        ask = functools.partial(_read_reported, marts, persons, by, None, months)
        frames = marts.keep(("persons",), ask)
        frames = {metric.id: frames[metric.id] for metric in family}
    else:
        (metric,) = family
        rows = _read_found(marts, metric, months).dropna(subset=["found"])
        sums = rows.groupby(list(by), as_index=False)[["found", "base"]].sum()
        names = {"found": "numerator", "base": "denominator"}
        frames = {metric.id: sums.rename(columns=names).assign(n_blank=0)}
    is_growing = basis != BASES[0]
    how = {"settled": marts.settled, "is_growing": is_growing}
    return settle_places(marts.registry, family, frames, **how)


def _settle_words(marts: Marts, metric: Metric, category: str) -> Pattern:
    by = (category, "month")
    months = marts.registry.calendar.months
    frame = _read_reported(marts, (metric,), by, None, months)[metric.id]
    settled = marts.settled
    return settle_words(marts.registry, metric, frame, category, settled=settled)


def read_city_shares(marts: Marts) -> dict[str, float]:
    """What random checks confirm in the whole city by the latest month, by metric.

    The `rate` that `read_rates` gives on basis "verified", for every metric that checks
    look at; NaN where they are too few. The frame is read once for all of them, and
    the bounds of who was not visited are not worked out.
    """
    months = (marts.latest_month,)
    frame = marts.query_city("frame_rows", months=list(months))
    shares = {}
    for metric in marts.registry.metrics.values():
        if metric.verified:
            rows = _read_found(marts, metric, months)
            is_count = bool(metric.verified.base)
            shares[metric.id] = estimate_city(rows, frame, is_count=is_count)
    return shares


def add_totals(
    frame: pd.DataFrame,
    by: Sequence[str],
    read: Callable[[tuple[str, ...]], pd.DataFrame],
) -> pd.DataFrame:
    """Put every roll-up of reported rates before them: sums, where they are the whole.

    Parameters
    ----------
    frame
        As `read_rates` gives it, by `by`. Not by township: a unit and sector that
        filed nothing may be due in several and would be counted more than once.
    by
        Its dimensions; month is never rolled up.
    read
        Gives the frame by fewer dimensions. It is called for the whole, and for every
        roll-up where the parts are less than it: some rows do not reach a dimension (a
        problem without a sector), and some counts are withheld.

    Returns
    -------
    The city first, then its parts; a dimension that is rolled up is missing there.
    Of no rows the city is 0 of 0, also before the due day of what is remembered.

    Raises
    ------
    ChoiceError
        `by` has township.
    """
    if "township" in by:
        raise ChoiceError(text("en", "rates.townships_added_up"))
    kept = [dimension for dimension in by if dimension == "month"]
    rolled = [dimension for dimension in by if dimension != "month"]
    if not rolled:
        return frame
    parts = [
        (*kept, *part)
        for size in range(len(rolled))
        for part in itertools.combinations(rolled, size)
    ]
    columns = ["numerator", "denominator", "n_blank", "n_missing"]
    summed = columns[:3]
    whole = frame[summed].to_numpy().sum(axis=0)
    is_withheld = COLUMN in frame and frame[COLUMN].ne("").any()
    if is_withheld or (whole != read(parts[0])[summed].to_numpy().sum(axis=0)).any():
        levels = [read(part) for part in parts]
        return pd.concat([*levels, frame], ignore_index=True)[list(frame.columns)]
    if frame.empty and not kept:
        # The city is one row even when nobody has filed anything.
        return pd.DataFrame([dict.fromkeys(columns, 0)]).reindex(columns=frame.columns)
    if frame.empty:
        return frame
    counts = frame[columns].to_numpy()
    coded = {
        name: np.unique(frame[name].to_numpy(object), return_inverse=True)
        for name in by
    }
    levels = [_sum_level(counts, coded, part) for part in parts]
    # One column at a time: a frame for each level would cost more than all the sums.
    sums = np.concatenate([summed for _, summed in levels])
    found = {
        name: np.concatenate([*(names[name] for names, _ in levels), frame[name]])
        for name in by
    }
    totals = dict(zip(columns, np.concatenate([sums, counts]).T, strict=True))
    x, n = sums[:, 0], sums[:, 1].astype(float)
    rates = np.divide(x, n, out=np.full(len(n), np.nan), where=n > 0)
    totals["rate"] = np.concatenate([rates, frame["rate"]])
    for name in by:
        # Of a lone dimension every total is missing, which leaves it plain objects.
        dtype = object if rolled == [name] else frame[name].dtype
        totals[name] = pd.Series(found[name], dtype=dtype)
    if COLUMN in frame:
        totals[COLUMN] = ""
    return pd.DataFrame({name: totals[name] for name in frame.columns})


def _sum_level(
    counts: np.ndarray,
    coded: Mapping[str, tuple[np.ndarray, np.ndarray]],
    part: Sequence[str],
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Sums over all but some dimensions: the names of each group, and its counts.

    `coded`: the names of each dimension in order, and the place of each row's.
    """
    key = np.zeros(len(counts), int)
    for name in part:
        names, codes = coded[name]
        key = key * len(names) + codes
    order = np.argsort(key, kind="stable")
    _, first = np.unique(key[order], return_index=True)
    one_of_each = order[first]
    names = {
        name: names[codes[one_of_each]]
        if name in part
        else np.full(len(first), np.nan, object)
        for name, (names, codes) in coded.items()
    }
    return names, np.add.reduceat(counts[order], first)


def _check(
    marts: Marts,
    metrics: Sequence[Metric],
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> tuple[str, ...]:
    """Refuse a question that has no answer; returns the months that are meant."""
    for metric in metrics:
        for dimension in (*by, *(where or {})):
            if dimension not in metric.dimensions:
                raise ChoiceError(
                    text(
                        "en",
                        "rates.not_a_dimension_of",
                        metric=metric.id,
                        dimension=dimension,
                        known=", ".join(metric.dimensions),
                    )
                )
    if len(set(by)) != len(by):
        raise ChoiceError(text("en", "rates.dimension_twice", by=", ".join(by)))
    if "month" in (where or {}):
        raise ChoiceError(text("en", "rates.month_as_place"))
    months = tuple(months) or (marts.latest_month,)
    if len(months) > 1 and "month" not in by:
        raise ChoiceError(text("en", "rates.several_months"))
    return months


def _read_reported(
    marts: Marts,
    metrics: Sequence[Metric],
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> dict[str, pd.DataFrame]:
    parameters = _bind_places(where) | {"months": list(months)}
    parameters |= {f"by_{dimension}": dimension in by for dimension in PLACES}
    finer = (*ROLL_DIMENSIONS, *marts.registry.categories)
    is_fine = not {*by, *(where or {})}.isdisjoint(finer)
    for name in finer if is_fine else ():
        codes = list((where or {}).get(name, ()))
        parameters |= {
            f"by_{name}": name in by,
            f"all_{name}": not codes,
            f"only_{name}": codes or [""],
        }
    parameters["metrics"] = [metric.id for metric in metrics]
    filed = [metric.id for metric in metrics if metric.is_filed]
    parameters["filed_metrics"] = filed or [""]
    split = {m for m in metrics if {*m.split_by} & {*by, *(where or {})}}
    rows = marts.query(f"rates/{'fine_leaf' if is_fine else 'leaf'}", parameters)
    columns = ["numerator", "denominator", "rate", "n_blank", "n_missing"]
    # The query has its own order of dimensions, which mostly is the requested one.
    is_sorted = list(by) == [d for d in _QUERY_ORDER if d in by]
    # Rows of one metric stand together: a slice of them copies nothing.
    ids = rows["metric"].to_numpy(object)
    rows = rows[[*by, *columns]]
    frames = {}
    for metric in metrics:
        first, end = (ids.searchsorted(metric.id, side) for side in ("left", "right"))
        frame = rows.iloc[first:end].reset_index(drop=True)
        if not by and frame.empty and months[-1] >= metric.remembered_month:
            # The city is one row even when nobody has filed anything for the month.
            frame = pd.DataFrame([[0, 0, float("nan"), 0, 0]], columns=columns)
        if metric in split:
            frame = _with_whole_denominator(marts, metric, frame, by, where, months)
        if not is_sorted:
            frame = frame.sort_values(list(by), ignore_index=True)
        frames[metric.id] = frame
    return frames


def _with_whole_denominator(
    marts: Marts,
    metric: Metric,
    parts: pd.DataFrame,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> pd.DataFrame:
    """Rows of a category that the denominator lacks, each over that of its whole place.

    A word that nobody filed of a place gives no row there; a place that did not file
    the words that are kept counts 0.
    """
    kept = [d for d in by if d not in metric.split_by]
    left = {d: v for d, v in (where or {}).items() if d not in metric.split_by}
    whole = _read_reported(marts, (metric,), kept, left, months)[metric.id]
    counted = parts.drop(columns=["denominator", "rate", "n_missing"])
    base = whole.drop(columns=["numerator", "rate", "n_blank"])
    how = "inner" if len(kept) < len(by) else "right"
    found = (
        counted.merge(base, on=kept, how=how)
        if kept
        else counted.merge(base, how="cross")
    )
    counts = ["numerator", "denominator", "n_blank", "n_missing"]
    found[counts] = found[counts].fillna(0).astype("int64")
    x, n = found["numerator"].to_numpy(float), found["denominator"].to_numpy(float)
    found["rate"] = np.divide(x, n, out=np.full(len(n), np.nan), where=n > 0)
    return found[[*by, "numerator", "denominator", "rate", "n_blank", "n_missing"]]


def _read_verified(
    marts: Marts,
    metric: Metric,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> pd.DataFrame:
    if metric.verified is None:
        able = [m.id for m in marts.registry.metrics.values() if m.verified]
        raise ChoiceError(
            text("en", "rates.not_verified", metric=metric.id, known=", ".join(able))
        )
    frame = _lay_checks(marts, metric, by, where, months).estimate(by)
    if not by and frame.empty:
        nothing = dict.fromkeys(frame.columns, float("nan"))
        counts = ("numerator", "denominator", "n_blank", "n_drawn", "n_unvisited")
        nothing |= dict.fromkeys(counts, 0) | {"is_registered": "no"}
        frame = pd.DataFrame([nothing])
    return frame.sort_values(list(by), ignore_index=True) if by else frame


def _lay_checks(
    marts: Marts,
    metric: Metric,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> Checks:
    """Checks of a metric over the roll, kept: one page asks them at several levels."""
    item = {
        "column_name": metric.verified.column,
        "base": metric.verified.base,
        "months": list(months),
    }
    # A kind asked by leaves branches of no kind out, any other level takes all.
    kinds = [dimension for dimension in ROLL_DIMENSIONS if dimension in by]

    def lay() -> Checks:
        found, frame, drawn = (
            _keep_reached(rows, kinds, where)
            for rows in (
                _read_found(marts, metric, months),
                marts.query_city("frame_rows", months=list(months)),
                marts.query_city("drawn_rows", **item),
            )
        )
        return Checks(found, frame, drawn, is_count=bool(metric.verified.base))

    kept = {name: tuple(codes) for name, codes in sorted((where or {}).items())}
    return marts.keep(("checks", metric.id, repr((kept, kinds, item))), lay)


def _read_found(marts: Marts, metric: Metric, months: Sequence[str]) -> pd.DataFrame:
    """What random checks of the whole city found of a metric by each month's end."""
    item = {"column_name": metric.verified.column, "metric": metric.id}
    return marts.query_city("verified_rows", months=list(months), **item)


def _keep_reached(
    rows: pd.DataFrame, by: Sequence[str], where: Mapping[str, Sequence[str]] | None
) -> pd.DataFrame:
    """Branches of the requested places and values, with any value of what divides."""
    for dimension in (*_WHERE_LISTS, *ROLL_DIMENSIONS):
        codes = (where or {}).get(dimension)
        if codes:
            rows = rows[rows[dimension].isin(list(codes))]
        if dimension in ROLL_DIMENSIONS and dimension in by:
            rows = rows[rows[dimension] != ""]
    return rows


def _read_modelled(
    marts: Marts,
    metric: Metric,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> pd.DataFrame:
    if not metric.has_verdicts:
        able = [m.id for m in marts.registry.metrics.values() if m.has_verdicts]
        raise ChoiceError(
            text("en", "rates.not_modelled", metric=metric.id, known=", ".join(able))
        )
    narrower = [d for d in ("township", *ROLL_DIMENSIONS) if (where or {}).get(d)]
    if sorted(by) != ["sector", "unit"] or narrower:
        raise ChoiceError(text("en", "rates.modelled_cells"))
    # The whole city, whatever is kept: the rate of a cell does not hang on the filter.
    frame = _lay_checks(marts, metric, by, None, months).model()
    for place, codes in (where or {}).items():
        if codes:
            frame = frame[frame[place].isin(list(codes))]
    return frame.sort_values(list(by), ignore_index=True)[[*by, *COLUMNS]]


def _bind_question(
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
) -> dict[str, object]:
    """Query parameters of what is grouped, kept and measured, by every dimension."""
    parameters = _bind_places(where, _WHERE_LISTS | _ROLL_LISTS)
    parameters |= {f"by_{dimension}": dimension in by for dimension in DIMENSIONS}
    return parameters | {"months": list(months)}


def _bind_places(
    where: Mapping[str, Sequence[str]] | None,
    lists: Mapping[str, str] = _WHERE_LISTS,
) -> dict[str, object]:
    """Query parameters that keep the given codes, all where none are given."""
    parameters: dict[str, object] = {}
    for dimension, name in lists.items():
        codes = list((where or {}).get(dimension, ()))
        parameters[name] = codes or [""]
        parameters[f"all_{name}"] = not codes
    return parameters


def _query_places(
    marts: Marts,
    name: str,
    where: Mapping[str, Sequence[str]] | None,
    **parameters: object,
) -> pd.DataFrame:
    """What a query gives of the requested places."""
    parameters |= _bind_places(where)
    if any((where or {}).get(dimension) for dimension in _WHERE_LISTS):
        return marts.query(name, parameters)
    return marts.query_city(name, **parameters)


def _metric(registry: Registry, metric: str) -> Metric:
    try:
        return registry.metrics[metric]
    except KeyError:
        near = difflib.get_close_matches(metric, registry.metrics, n=1)
        hint = (
            text("en", "registry.did_you_mean", near=near[0])
            if near
            else text("en", "registry.known_are", known=", ".join(registry.metrics))
        )
        raise ChoiceError(
            text("en", "rates.no_metric", metric=metric, hint=hint)
        ) from None


def read_speaking_bounds(
    marts: Marts,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    months: Sequence[str] = (),
) -> pd.DataFrame:
    """How many have spoken at least and at most, where only topics were counted.

    A ledger may give the speakers of each topic without saying how many members have
    spoken at all; who spoke twice is counted twice. Then
    max of topics <= distinct speakers <= min(members, sum of topics).
    Such rows are blank in `read_rates`, so the two never overlap.

    Parameters
    ----------
    by, where, months
        As in `read_rates`.

    Returns
    -------
    One row per group with such rows, none elsewhere: the `by` columns, `n_rows` (ledger
    rows), `n_members` (leaders included, as among the speakers), `n_spoke_least` and
    `n_spoke_most` (int64), and both as shares of `n_members`: `lower`, `upper` (0-1).

    Raises
    ------
    ChoiceError
        As in `read_rates`.
    """
    for dimension in (*by, *(where or {})):
        if dimension not in DIMENSIONS:
            raise ChoiceError(
                text(
                    "en",
                    "rates.no_dimension",
                    dimension=dimension,
                    known=", ".join(DIMENSIONS),
                )
            )
    months = _check(marts, (), by, where, months)
    parameters = _bind_question(by, where, months)
    metrics = marts.registry.metrics
    for topic in marts.registry.calendar.topics:
        window = metrics[topic.metric].window
        opens = f"{window.start:%Y-%m}" if window else marts.registry.calendar.start
        parameters[f"{topic.id}_opens"] = opens
    frame = marts.query("speaking_bounds", parameters)
    counts = ["n_rows", "n_members", "n_spoke_least", "n_spoke_most"]
    frame = frame[[*by, *counts, "lower", "upper"]]
    if marts.audience != OFFICE:
        frame = frame[:0]  # bounds on persons of some rows are nobody else's business
    return frame.sort_values(list(by), ignore_index=True) if by else frame


def read_ledger(
    marts: Marts,
    *,
    months: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    branches: Sequence[str] = (),
) -> pd.DataFrame:
    """The ledger rows behind a figure, latest revision, with where each came from.

    Counts are to date (a month-only file is accumulated). `branch` is '' for a row
    that speaks for all branches of its unit and sector. The last columns say where
    the row stands: `source_file`, `source_sheet`, `source_row`, `received` (UTC),
    `submission`.
    """
    months = tuple(months) or (marts.latest_month,)
    marts.hold_ledger(months, _units_that_filed(marts, months, where, branches))
    parameters = _bind_places(where) | {"months": list(months)}
    parameters["branches"] = list(branches) or [""]
    parameters["all_branches"] = not branches
    return _keep_kinds(marts, marts.query("ledger_rows", parameters), where)


def _units_that_filed(
    marts: Marts,
    months: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    branches: Sequence[str],
) -> set[str]:
    """Units whose ledgers may hold rows of the branches, of any where none is named."""
    lists = {d: name for d, name in _WHERE_LISTS.items() if d != "township"}
    parameters = _bind_places(where, lists) | {"months": list(months)}
    filed = marts.query("ledger_units", parameters)
    if not branches:
        return set(filed["unit"])
    ordered, units = sorted({*branches} - {""}), set()
    for of in filed.itertuples():
        # The first branch asked for that is not before those of the unit.
        at = bisect.bisect_left(ordered, of.first_reporter)
        is_between = at < len(ordered) and ordered[at] <= of.last_reporter
        if "" in branches if of.is_total else is_between:
            units.add(of.unit)
    return units


def _keep_kinds(
    marts: Marts, rows: pd.DataFrame, where: Mapping[str, Sequence[str]] | None
) -> pd.DataFrame:
    """Rows of branches that have the requested kinds on the roll; a total has none."""
    kinds = {d: codes for d in ROLL_DIMENSIONS if (codes := (where or {}).get(d))}
    if not kinds:
        return rows
    known = marts.query("branches_of_kind", _bind_places(kinds, _ROLL_LISTS))
    return rows[rows["branch"].isin(known["branch"])].reset_index(drop=True)


def read_branch_spread(marts: Marts, metric: str, month: str) -> pd.DataFrame | None:
    """What shows how alike the heads of one branch are: rows for `design_effects`.

    None for a metric whose denominator does not come several to a branch
    (`Metric.is_clustered`). Else one row a unit, township and sector of the whole city,
    with `design_effects.SUMS`.
    """
    definition = _metric(marts.registry, metric)
    if not definition.is_clustered:
        return None
    parameters = {
        "metric": definition.remembers or definition.id,
        "month": definition.ledger_month(month),
    }
    return marts.query("spread_rows", parameters)


def read_filed_rows(
    marts: Marts,
    metric: Metric,
    *,
    month: str,
    where: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame | None:
    """The rows that a metric of measures counts by the end of a month.

    Returns
    -------
    The columns of the numerator's table with its places, latest revision, and where
    each row stood; None of a table with a model of its own.
    """
    staged = staged_tables(marts.registry)
    if metric.counted is None or metric.counted.table not in staged:
        return None
    rows = marts.query(f"filed_rows/{metric.id}", {"month": month})
    # A row that names no group is one of the group that supervises its unit.
    if {"unit", "supervision_group"} <= {*rows}:
        groups = {code: unit.group for code, unit in marts.registry.units.items()}
        named = rows["supervision_group"].replace("", None)
        rows["supervision_group"] = named.fillna(rows["unit"].map(groups))
    if "branch" in rows:
        rows = _keep_kinds(marts, rows, where)
        where = {d: v for d, v in (where or {}).items() if d not in ROLL_DIMENSIONS}
    for dimension, codes in (where or {}).items():
        if codes and dimension not in rows:
            # A table that does not reach a dimension has no row of any place there.
            return rows[:0]
        if codes:
            rows = rows[rows[dimension].isin(list(codes))]
    return rows.reset_index(drop=True)


def read_filing(marts: Marts) -> pd.DataFrame:
    """Month x unit: deadline, first, complete and last time of receipt (all UTC).

    `n_sectors_due` and `n_sectors_filed` count sectors; `n_units_on_time` is 1 where
    everything due had come by the deadline. `complete_received` is NaT while
    `n_sectors_filed` < `n_sectors_due`.
    """
    return marts.query_city("filing_rows")


def read_checks(
    marts: Marts, month: str, where: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """Every spot check made by the end of `month`, of every selection.

    A list to look at, not to estimate from: rates come from `read_rates` with basis
    "verified". Beside what was recounted stands what the last ledger before the check
    claimed of the branch (`before_...`) and the first one after it (`after_...`, by the
    end of `month`): of its own row, or (`is_own_row` false) the average branch of its
    unit and sector. Blank where there is no such ledger. Then where the check came
    from.
    """
    marts.hold_ledger([m for m in marts.months if m <= month])
    rows = _query_places(marts, "check_rows", where, month=month)
    return _keep_kinds(marts, rows, where)


def read_check_words(marts: Marts, month: str) -> pd.DataFrame:
    """Every spot check made by the end of `month` with all that it says of a branch.

    Place and date, then every column of the table that is no part of its key: how it
    was chosen, verdicts, looks, papers, kinds of problem.
    """
    return marts.query_city("check_said", month=month)


def read_weak_cases(
    marts: Marts, month: str, where: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """Weak organisations listed by the end of `month`, as last reported."""
    rows = _query_places(marts, "weak_rows", where, month=month)
    return _keep_kinds(marts, rows, where)


def read_roll(
    marts: Marts,
    where: Mapping[str, Sequence[str]] | None = None,
    month: str = "",
) -> pd.DataFrame:
    """The branches on the roll; `is_weak` marks a weak base.

    `n_case_draws` says in how many of the draws registered by `month` a branch was an
    open case: with weak base, the strata that checks of that month are weighed by.
    """
    rows = _query_places(marts, "roll_rows", where, month=month)
    return _keep_kinds(marts, rows, where)


def read_due(marts: Marts) -> pd.DataFrame:
    """Month x unit x sector that was due (`is_due`) or filed, for all months.

    `deadline` (the first instant that is late), `is_closed` (whether it has passed),
    `first_received` and `last_received` (NaT where nothing came), all UTC;
    `n_submissions`. A first time of receipt stays when a later file replaces the rows.
    """
    return marts.query_city("due_rows")


def read_revisions(marts: Marts) -> pd.DataFrame:
    """Ledger rows that replaced an earlier one, each beside it, by time of receipt.

    `month`, `supervision_group`, `unit`, `sector`, `branch` ('' for a row that speaks
    for its cell), `basis` and every count as filed; the same of the row before under
    `was_…`, with its `was_received` and `was_source_file`; then where the later row
    stands.
    """
    return marts.query_city("revised_rows")


def read_in_force(marts: Marts, table: str, months: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a table of the lake that no later one has replaced, as filed.

    Its columns and where each row stands, `sequence`, `submission`, `received`, and
    `row_key`, the text by which another row would replace it, by which they are
    sorted. With `months` those of them only, where a row of the table is of a month.
    """
    stored = stored_tables(marts.registry)[table]
    requested = {"months": list(months) or [""], "all_months": not months}
    rows = marts.query(f"in_force_rows/{table}", requested if stored["month"] else {})
    rows["row_key"] = ""
    for name in stored["key"]:
        part = rows[name].astype(object)
        rows["row_key"] += part.where(part.notna(), "").astype(str) + "|"
    return rows.sort_values("row_key", kind="stable", ignore_index=True)


def read_row_fates(marts: Marts) -> pd.DataFrame:
    """How many rows of each submission in force which other one replaced next.

    `submission`, `table_name`, `replaced_by` ('' for rows in force), `n_rows`.
    """
    return marts.query_city("row_fates")


def read_roll_versions(marts: Marts) -> pd.DataFrame:
    """Rows of the roll that came after the first roll of their unit.

    Each beside what the roll before said of the branch (`was_…`); `is_added` marks a
    branch that no earlier roll had.
    """
    return marts.query("roll_versions", {})


def read_blanks(marts: Marts, month: str) -> pd.DataFrame:
    """Blank cells of a month's ledgers: unit x sector, `n_rows`, and each count column.

    A column holds how many of the rows, latest revision, leave it blank.
    """
    return marts.query_city("blank_rows", month=month)


def read_staged(
    marts: Marts, table: str, *, branches: Sequence[str] = ()
) -> pd.DataFrame | None:
    """The rows of a table that has no model of its own, latest revision.

    Its columns, the places that the roll gives them, and where each row came from, in
    the order of receipt. None where the registry has no such table. With `branches`
    those that name one of them; none of a table whose rows name no branch.
    """
    staged = staged_tables(marts.registry).get(table)
    if staged is None:
        return None
    if not staged["branch"]:
        rows = marts.query_city(f"staged_rows/{table}")
        return rows[:0] if branches else rows
    chosen = {"branches": list(branches) or [""], "all_branches": not branches}
    if branches:
        return marts.query(f"staged_rows/{table}", chosen)
    return marts.query_city(f"staged_rows/{table}", **chosen)
