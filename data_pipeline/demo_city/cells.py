"""Unit x sector cells of the made-up city, and how counts are drawn for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_pipeline.demo_city.truth import MONTHS, N_MONTHS
from data_pipeline.registry import load_registry

KEY = ["unit", "sector"]


@dataclasses.dataclass(frozen=True)
class Cells:
    """Where the branches stand: one row of `table` a unit and sector, in their order.

    table holds unit, sector, n_branches, n_members and warmth (mean of the branches);
    of_branch is the row of `table` for each branch.
    """

    table: pd.DataFrame
    of_branch: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    def sums(self, of_branches: np.ndarray) -> np.ndarray:
        """(branches,) or (branches, months) summed up to the cells, as integers."""
        flat = of_branches.reshape(len(of_branches), -1)
        columns = [
            np.bincount(self.of_branch, weights=column, minlength=len(self))
            for column in flat.T
        ]
        sums = np.stack(columns, axis=1).round().astype(int)
        return sums.reshape(len(self), *of_branches.shape[1:])

    def monthly(self, **counts: np.ndarray) -> pd.DataFrame:
        """Rows of month, unit, sector and `counts`, arrays (cells, months)."""
        rows = self.table.loc[self.table.index.repeat(N_MONTHS), KEY]
        rows = rows.reset_index(drop=True)
        rows.insert(0, "month", np.tile(MONTHS, len(self)))
        return rows.assign(**{name: array.ravel() for name, array in counts.items()})


def make_cells(branches: pd.DataFrame) -> Cells:
    of_branch = branches.groupby(KEY, sort=False).ngroup().to_numpy()
    table = branches.groupby(KEY, sort=False, as_index=False).agg(
        n_branches=("branch", "size"),
        n_members=("n_members", "sum"),
        warmth=("warmth", "mean"),
    )
    return Cells(table, of_branch)


def chance(ease: np.ndarray | float) -> np.ndarray:
    """The logistic of `ease`: a half at 0."""
    return 1 / (1 + np.exp(-np.asarray(ease, dtype=float)))


def over_months(first: float, last: float) -> np.ndarray:
    """(months,) from `first` in April to `last` in December, in equal steps."""
    return np.linspace(first, last, N_MONTHS)


def draw_part(
    whole: np.ndarray, ease: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """How many of `whole` (cells, months) when the share is the logistic of `ease`.

    Rounded by one draw a cell, so that a part never falls while `whole` and `ease` do
    not; it is never more than `whole`.
    """
    luck = rng.random((len(whole), 1))
    return np.minimum(np.floor(whole * chance(ease) + luck), whole).astype(int)


def pick_branches(
    branches: pd.DataFrame,
    allowed: np.ndarray,
    n: int,
    pull: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Up to `n` rows of those `allowed`; a positive `pull` favours the warm."""
    rows = np.flatnonzero(allowed)
    score = pull * branches["warmth"].to_numpy()[rows] + rng.gumbel(size=len(rows))
    return rows[np.argsort(-score)][:n]


def draw_days(months: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """A day (YYYY-MM-DD) in each of `months` (indices), from the 2nd to the 28th."""
    days = rng.integers(2, 29, len(months))
    return np.array(
        [f"{MONTHS[m]}-{d:02d}" for m, d in zip(months, days, strict=True)],
        dtype=object,
    )


def last_day(month: str) -> str:
    """
    >>> last_day("2016-06")
    '2016-06-30'
    """
    return f"{pd.Period(month, 'M').end_time:%Y-%m-%d}"


def groups_of(units: pd.Series) -> pd.Series:
    """Code of the supervision group of each unit."""
    return units.map({c: unit.group for c, unit in load_registry().units.items()})
