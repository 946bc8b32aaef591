"""An attacker who holds only what was published, and works out what was left blank.

He shares no code with what decides which counts are withheld. He has every table of
every month by every published dimension, and also those of several units together; he
knows that no count is below 0, no part above its whole, that counts to date do not
fall, and that two metrics with the same denominator and no blank row count the same.
What he has read in papers and files (`paper_figures.Said`) he holds beside it.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array, lil_array

from data_pipeline.rates import Marts, read_rates
from tests.paper_figures import Said

SIDES = ("numerator", "denominator")
LEVELS = (
    ("unit", "sector"),
    ("supervision_group", "sector"),
    ("unit",),
    ("sector",),
    ("supervision_group",),
    (),
)


@dataclasses.dataclass(frozen=True)
class Blank:
    """A count that was left blank, and the interval that it can be narrowed to."""

    metric: str
    place: tuple[str, ...]
    month: str
    side: str
    lower: float
    upper: float

    @property
    def width(self) -> float:
        return self.upper - self.lower


def published(
    marts: Marts, metric: str, months: Sequence[str], basis: str = "reported"
) -> list[pd.DataFrame]:
    """Every table of a metric that others can ask for, each row with its cells."""
    how = {"months": months, "basis": basis}
    tables = [read_rates(marts, metric, by=(*by, "month"), **how) for by in LEVELS]
    units = sorted(set(tables[0]["unit"]))
    for some in itertools.combinations(units, 2):
        for by in (("month",), ("sector", "month")):
            found = read_rates(marts, metric, by=by, where={"unit": some}, **how)
            tables.append(found.assign(units=[some] * len(found)))
    return tables


def narrow_blanks(
    marts: Marts,
    metrics: Sequence[str],
    months: Sequence[str],
    basis: str = "reported",
    said: Mapping[str, Iterable[Said]] | None = None,
) -> list[Blank]:
    """Every blank count of some metrics with the interval the attacker finds.

    `said`: by month what he has read elsewhere.
    """
    attack = _Attack(marts, metrics, months, basis)
    for month, found in (said or {}).items():
        for one in found:
            if one.metric in metrics:
                attack.hear(one, month)
    return attack.solve()


class _Attack:
    def __init__(self, marts, metrics, months, basis):
        self.registry = marts.registry
        self.index: dict[tuple, int] = {}
        self.equal: list[tuple[list[int], float]] = []
        self.below: list[tuple[int, int]] = []
        self.heard: list[tuple[dict[int, float], float]] = []
        self.targets: dict[tuple, list[int]] = {}
        rows = {m: published(marts, m, months, basis) for m in metrics}
        for metric, tables in rows.items():
            for row in tables[0].itertuples():
                for side in SIDES:
                    key = (metric, side, row.unit, row.sector, row.month)
                    self.index[key] = len(self.index)
        for metric, tables in rows.items():
            for table in tables:
                self._take(metric, table)
        self._relate(rows, months, basis)

    def _sides(self, metric):
        """Sides of persons, and those that are shown with them."""
        persons = self.registry.persons_of(self.registry.metrics[metric])
        named = self.registry.metrics[metric]
        return [side for side in SIDES if getattr(named, side) in persons]

    def _take(self, metric, table):
        for row in table.to_dict("records"):
            for side in self._sides(metric):
                cells = self._cells(metric, side, row["month"], row)
                said = row["withheld"]
                if said not in (side, "all"):
                    self.equal.append((cells, float(row[side])))
                elif "units" not in row:
                    place = tuple(
                        row[d]
                        for d in ("unit", "supervision_group", "sector")
                        if d in row
                    )
                    self.targets[metric, place, row["month"], side] = cells

    def _cells(self, metric, side, month, place):
        """The unknowns that a count of a place is the sum of."""
        groups = {c: u.group for c, u in self.registry.units.items()}
        return [
            at
            for key, at in self.index.items()
            if key[:2] == (metric, side)
            and key[4] == month
            and place.get("unit") in (None, key[2])
            and place.get("sector") in (None, key[3])
            and place.get("supervision_group") in (None, groups[key[2]])
            and key[2] in place.get("units", (key[2],))
        ]

    def hear(self, said, month):
        """Take in what was read of a place: of persons, since others may fall."""
        of_persons = [side in self._sides(said.metric) for side in SIDES]
        sides = [self._cells(said.metric, s, month, dict(said.place)) for s in SIDES]
        for *factors, most in said.inequalities():
            if any(f and not p for f, p in zip(factors, of_persons, strict=True)):
                continue
            row = {
                at: factor
                for factor, cells in zip(factors, sides, strict=True)
                for at in cells
            }
            self.heard.append((row, most))

    def _relate(self, rows, months, basis):
        blanks = {
            (metric, row.unit, row.sector, row.month): row.n_blank
            for metric, tables in rows.items()
            for row in tables[0].itertuples()
        }
        same: dict[tuple, int] = {}
        for (metric, side, *cell), at in self.index.items():
            named = self.registry.metrics[metric]
            if side == "numerator" and len(self._sides(metric)) == 2:
                self.below.append((at, self.index[metric, "denominator", *cell]))
            if basis == "reported" and not blanks[metric, *cell]:
                first = same.setdefault((getattr(named, side), *cell), at)
                if first != at:
                    self.below += [(first, at), (at, first)]
            grows = basis == "verified" or self.registry.grows(
                named, getattr(named, side)
            )
            later = [m for m in months if m > cell[2]]
            following = (metric, side, *cell[:2], later[0]) if later else None
            if grows and following in self.index:
                self.below.append((at, self.index[following]))

    def solve(self):
        n = len(self.index)
        equal, totals = lil_array((len(self.equal), n)), []
        for number, (cells, total) in enumerate(self.equal):
            equal[number, cells] = 1
            totals.append(total)
        less = lil_array((len(self.below) + len(self.heard), n))
        for number, (low, high) in enumerate(self.below):
            less[number, low], less[number, high] = 1, -1
        for number, (row, _) in enumerate(self.heard, len(self.below)):
            for at, factor in row.items():
                less[number, at] = factor
        most = [0.0] * len(self.below) + [most for _, most in self.heard]
        program = {
            "A_eq": csr_array(equal),
            "b_eq": totals,
            "A_ub": csr_array(less),
            "b_ub": most,
            "bounds": (0, 10_000),
            "method": "highs",
        }
        found = []
        for (metric, place, month, side), cells in self.targets.items():
            direction = np.zeros(n)
            direction[cells] = 1
            ends = []
            for sign in (1, -1):
                result = linprog(sign * direction, **program)
                assert result.status == 0, result.message
                ends.append(sign * result.fun)
            found.append(Blank(metric, place, month, side, *ends))
        return found
