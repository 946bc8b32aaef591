"""Which rows of a metric about persons leave the office, and which stay blank.

What counts persons is said by the registry. For each such metric it is settled once a
snapshot which places are withheld, over all months and together with the metrics that
share a count with it; every answer outside the office follows from that, whatever the
query. `statistics.withholding` decides and attacks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL, Metric, Registry
from data_pipeline.settled import Settled, Settlement
from data_pipeline.statistics.withholding import (
    Answers,
    Counts,
    Withheld,
    digest_of,
    withhold,
)

# Who reads: the office and the group that owns a row, or everybody else.
OFFICE, PUBLIC = "office", "public"
AUDIENCES = (OFFICE, PUBLIC)
# What is withheld of a row: nothing, its numerator, its denominator, or both. Only
# frames of metrics about persons that are read by others have the column.
COLUMN = "withheld"
NOTHING, ALL = "", "all"
NUMERATOR, DENOMINATOR = "numerator", "denominator"
SIDES = (ALL, NUMERATOR, DENOMINATOR)
PLACES = ("unit", "sector", "supervision_group")


@dataclasses.dataclass(frozen=True)
class Pattern:
    """What is withheld of some metrics: places x months, by side of a metric.

    `codes` holds by dimension the code of each cell; `place_of` finds a place by the
    cells that it is made of; `sides` by metric the names of its sides of persons.
    """

    counts: Counts
    withheld: Withheld
    codes: Mapping[str, np.ndarray]
    months: Mapping[str, int]
    place_of: Mapping[bytes, int]
    sides: Mapping[str, Mapping[str, str]]

    def is_withheld(
        self, metric: str, cells: np.ndarray, month: str
    ) -> dict[str, bool]:
        """By side of the metric, whether the sum over some cells is withheld.

        What is none of the published places is shown where what is withheld of it adds
        up from what is withheld of places that are shown: it tells no more.
        """
        at = self.months.get(month)
        if at is None or not cells.any():
            return dict.fromkeys(self.sides[metric], False)
        place = self.place_of.get(cells.tobytes())
        found = {}
        for side, name in self.sides[metric].items():
            withheld = self.withheld[name][:, at]
            if place is not None:
                found[side] = bool(withheld[place])
                continue
            unknown = withheld[: self.counts.n_cells]
            inside = (cells & unknown).astype(float)
            shown = (self.counts.places[~withheld] & unknown).astype(float).T
            parts = np.linalg.lstsq(shown, inside, rcond=None)[0]
            found[side] = not np.allclose(shown @ parts, inside)
        return found


def family_of(registry: Registry, metric: Metric) -> tuple[Metric, ...]:
    """The metrics that count persons in common with one, itself among them."""
    found, sides = {metric.id}, set(registry.persons_of(metric))
    n_sides = 0
    while len(sides) > n_sides:
        n_sides = len(sides)
        for other in registry.metrics.values():
            if sides & {*registry.persons_of(other)}:
                found.add(other.id)
                sides |= {*registry.persons_of(other)}
    return tuple(one for one in registry.metrics.values() if one.id in found)


def settle_places(
    registry: Registry,
    metrics: Sequence[Metric],
    frames: Mapping[str, pd.DataFrame],
    *,
    settled: Settled,
    is_growing: bool = False,
) -> Pattern:
    """What is withheld of units, sectors, groups, the city and unit x sector.

    Parameters
    ----------
    metrics
        As `family_of` gives them.
    frames
        By metric its counts by unit, sector and month: `numerator`, `denominator`.
    settled
        What is known already; what is worked out is added.
    is_growing
        Whether all counts add up from month to month; else the registry says which.
    """
    pairs = pd.concat(frame[["unit", "sector"]] for frame in frames.values())
    cells = pairs.drop_duplicates().sort_values(["unit", "sector"])
    groups = cells["unit"].map(lambda code: registry.units[code].group)
    codes = {
        "unit": cells["unit"].to_numpy(object),
        "sector": cells["sector"].to_numpy(object),
        "supervision_group": groups.to_numpy(object),
    }
    read = _read_sides(registry, metrics, frames, codes, CELL)
    growing = set(read.values) if is_growing else read.growing
    places, totals = _nest(codes)
    growing = frozenset(growing)
    counts = Counts(read.values, read.within, growing, places, totals, read.alike)
    return _settle(counts, codes, read, settled)


def settle_words(
    registry: Registry,
    metric: Metric,
    frame: pd.DataFrame,
    category: str,
    *,
    settled: Settled,
) -> Pattern:
    """What is withheld of the words of a category in the whole city.

    `frame`: its counts by `category` and month; `settled` as in `settle_places`.
    """
    codes = {category: np.array(sorted(set(frame[category])), object)}
    n = len(codes[category])
    places = np.vstack([np.eye(n, dtype=bool), np.ones((1, n), bool)])
    frames = {metric.id: frame}
    read = _read_sides(registry, (metric,), frames, codes, (category,))
    totals = ((n, tuple(range(n))),)
    counts = Counts(read.values, read.within, read.growing, places, totals, read.alike)
    return _settle(counts, codes, read, settled)


def _settle(
    counts: Counts, codes: Mapping[str, np.ndarray], read: _Sides, settled: Settled
) -> Pattern:
    place_of: dict[bytes, int] = {}
    for at, place in enumerate(counts.places):
        place_of.setdefault(place.tobytes(), at)
    key = digest_of(counts)
    if key not in settled:
        known = {k: of for one in settled.values() for k, of in one.answers.items()}
        answers = Answers(known, steps=settled.steps)
        settled[key] = Settlement(withhold(counts, answers=answers), answers.used)
    return Pattern(
        counts, settled[key].withheld, codes, read.months, place_of, read.sides
    )


def _nest(
    codes: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, tuple[tuple[int, tuple[int, ...]], ...]]:
    """The places made of cells, and which of them add up to which other one."""
    n_cells = len(codes["unit"])
    rows = [np.eye(n_cells, dtype=bool)]
    index: dict[tuple[str, str], int] = {}
    for dimension in PLACES:
        for code in sorted(set(codes[dimension])):
            index[dimension, code] = n_cells + len(index)
            rows.append((codes[dimension] == code)[None])
    city = n_cells + len(index)
    rows.append(np.ones((1, n_cells), bool))
    totals = []
    for (dimension, code), place in index.items():
        inside = np.flatnonzero(codes[dimension] == code)
        if dimension == "supervision_group":
            units = sorted(set(codes["unit"][inside]))
            totals.append((place, tuple(index["unit", unit] for unit in units)))
        else:
            totals.append((place, tuple(inside.tolist())))
    for dimension in ("sector", "supervision_group"):
        parts = (place for (kind, _), place in index.items() if kind == dimension)
        totals.append((city, tuple(parts)))
    return np.concatenate(rows), tuple(totals)


@dataclasses.dataclass(frozen=True)
class _Sides:
    """The counts of persons of some metrics: what `Counts` and `Pattern` have of it."""

    values: Mapping[str, np.ndarray]
    sides: Mapping[str, Mapping[str, str]]
    within: tuple[tuple[str, str], ...]
    growing: frozenset[str]
    months: Mapping[str, int]
    alike: tuple[tuple[str, ...], ...]


def _read_sides(
    registry: Registry,
    metrics: Sequence[Metric],
    frames: Mapping[str, pd.DataFrame],
    codes: Mapping[str, np.ndarray],
    keys: Sequence[str],
) -> _Sides:
    cells = list(zip(*(codes[key] for key in keys), strict=True))
    at_cell = {cell: at for at, cell in enumerate(cells)}
    months = sorted({m for frame in frames.values() for m in frame["month"]})
    at_month = {month: at for at, month in enumerate(months)}
    values: dict[str, np.ndarray] = {}
    sides: dict[str, dict[str, str]] = {}
    growing = set()
    alike: dict[str, dict[str, None]] = {}
    for metric in metrics:
        frame, of = frames[metric.id], sides.setdefault(metric.id, {})
        rows = [at_cell[cell] for cell in zip(*(frame[k] for k in keys), strict=True)]
        columns = [at_month[month] for month in frame["month"]]
        for side in ("denominator", "numerator"):
            counted = getattr(metric, side)
            # A word divides the numerator alone: the whole is no sum over words.
            is_split = side == "denominator" and keys[0] in metric.split_by
            if counted not in registry.persons_of(metric) or is_split:
                continue
            table = np.full((len(cells), len(months)), np.nan)
            table[rows, columns] = frame[side].where(~_is_blank(frame))
            name = of[side] = _name_of(values, counted, metric.id, table)
            values[name] = table
            alike.setdefault(counted, {})[name] = None
            if registry.grows(metric, counted):
                growing.add(name)
    within = dict.fromkeys(
        (of["numerator"], of["denominator"]) for of in sides.values() if len(of) == 2
    )
    others = tuple(tuple(names) for names in alike.values())
    return _Sides(values, sides, tuple(within), frozenset(growing), at_month, others)


def _is_blank(frame: pd.DataFrame) -> pd.Series:
    """Rows of which nothing is known, so that there is nothing to withhold."""
    is_nothing = (frame["numerator"] == 0) & (frame["denominator"] == 0)
    return is_nothing & (frame["n_blank"] > 0)


def _name_of(
    values: Mapping[str, np.ndarray], side: str, metric: str, counted: np.ndarray
) -> str:
    """The side, or with the metric where rows with a blank make it another count."""
    known = values.get(side)
    if known is None or np.array_equal(known, counted, equal_nan=True):
        return side
    return f"{metric}.{side}"


def blank_rows(
    frame: pd.DataFrame,
    metric: str,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
    pattern: Pattern | None,
) -> pd.DataFrame:
    """Take from a frame of rates what is withheld.

    Parameters
    ----------
    pattern
        None: nothing of persons is published by these dimensions.

    Returns
    -------
    The frame with `COLUMN`, its counts as float64. One that is withheld is missing
    (NaN), and with it every rate of the row: nothing can take it for 0.
    """
    if pattern is None:
        found = [{NUMERATOR: True, DENOMINATOR: True}] * len(frame)
    else:
        found = list(_row_sides(frame, metric, by, where, months, pattern))
    is_empty = _is_blank(frame).to_numpy()
    hidden = {
        side: np.array([of.get(side, False) for of in found], bool) & ~is_empty
        for side in (NUMERATOR, DENOMINATOR)
    }
    x, n = hidden.values()
    words = np.select([x & n, x, n], [ALL, NUMERATOR, DENOMINATOR], NOTHING)
    blanked = frame.assign(**{COLUMN: words.astype(object)})
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            blanked[name] = frame[name].where(~(x | n))
    for side, of in hidden.items():
        blanked[side] = frame[side].astype(float).where(~of)
    return blanked


def leave_blank(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame to be written: its counts whole numbers, also beside withheld ones."""
    if COLUMN not in frame:
        return frame
    return frame.astype(dict.fromkeys((NUMERATOR, DENOMINATOR), "Int64"))


def disclosed(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of which nothing is withheld."""
    return frame[~frame[COLUMN].isin(SIDES)] if COLUMN in frame else frame


def withholds(frame: pd.DataFrame) -> bool:
    """Whether anything of a frame of rates is withheld."""
    return len(disclosed(frame)) < len(frame)


def is_withheld(row: Mapping[str, Any]) -> bool:
    """Whether a count of a row of rates is withheld."""
    return row.get(COLUMN) in SIDES


def without_persons(rows: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Single rows of tables without their counts of persons, which others never see."""
    persons = {name for t in registry.lake_tables.values() for name in t.persons}
    prefixes = ("", "was_", "before_", "after_")
    counts = [c for c in rows if any(c.removeprefix(p) in persons for p in prefixes)]
    return rows.assign(**dict.fromkeys(counts, np.nan))


def _row_sides(
    frame: pd.DataFrame,
    metric: str,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    months: Sequence[str],
    pattern: Pattern,
) -> Iterator[dict[str, bool]]:
    """By side, whether it is withheld of each row of a frame."""
    codes = pattern.codes
    n_cells = pattern.counts.n_cells
    chosen = np.ones(n_cells, bool)
    for dimension, names in (where or {}).items():
        if names:
            chosen &= np.isin(codes[dimension].astype(str), list(names))
    places = [name for name in by if name != "month"]
    known: dict[tuple[str, ...], dict[str, bool]] = {}
    for row in frame[list(by)].itertuples(index=False):
        of = dict(zip(by, row, strict=True))
        month = of.get("month", months[0])
        key = (month, *(of[name] for name in places))
        if key not in known:
            cells = chosen.copy()
            for name in places:
                cells &= codes[name] == of[name]
            known[key] = pattern.is_withheld(metric, cells, month)
        yield known[key]
