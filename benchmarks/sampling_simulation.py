"""Many check lists drawn from the demo city, whose truth is known.

Each list is the planner's: strata of unit, sector and weakness, weak branches drawn
2.5 times as densely. What it would find of topic 1 by the end of July is estimated as
the pages do, and set beside the plain share of the branches that were checked.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from data_pipeline.demo_city import truth
from data_pipeline.demo_city.branches import make_branches
from data_pipeline.demo_city.reporting import make_ledger
from data_pipeline.statistics.sampling import (
    ROLL_STRATUM,
    RandomRecounts,
    RandomTally,
    draw_checks,
    estimate_head_share,
    estimate_share,
)

# What the work asks for, and the small round that the demo city was checked in.
RATES = (0.12, 0.014)
CITY_SEED = 2016
FIRST_SEED = 1
DRAWN_AT = datetime(2016, 8, 1, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Simulation:
    """What many draws of one size gave; shares 0-1, one entry a draw.

    Attributes
    ----------
    true_share : float
        Of the whole city.
    n_checked, n_strata : int
        Size of each draw, and the strata that it is spread over.
    known_bias : float
        Of the plain share, from the design: ``sum n_h P_h / sum n_h - P``.
    estimates, errors, lower, upper : ndarray, shape (draws,)
        Stratified estimate, its standard error and 95 % limits.
    plain : ndarray, shape (draws,)
        Confirmed of checked, without weights.
    """

    true_share: float
    n_checked: int
    n_strata: int
    known_bias: float
    estimates: np.ndarray
    errors: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    plain: np.ndarray

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        holds = (self.lower <= self.true_share) & (self.true_share <= self.upper)
        return float(holds.mean())

    def bias(self, figures: np.ndarray) -> tuple[float, float]:
        """Mean distance from the truth, and the standard error of that mean."""
        spread = figures.std(ddof=1) / np.sqrt(len(figures))
        return float(figures.mean() - self.true_share), float(spread)


def make_city(branches_share: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """The roll, and whether each branch had really held topic 1 by the end of July."""
    branches = make_branches(CITY_SEED, branches_share)
    figures, _ = make_ledger(branches, truth.draw(branches, CITY_SEED), CITY_SEED)
    is_held = figures["n_branches_topic_1"][:, truth.JULY] > 0
    roll = branches[["branch", "unit", "sector"]]
    return roll.assign(is_weak=branches["is_weak_base"]), is_held


def simulate(
    roll: pd.DataFrame, is_held: np.ndarray, rates: Sequence[float], n_draws: int
) -> dict[float, Simulation]:
    """Draw `n_draws` lists of each rate, with seeds 1, 2, …

    Raises
    ------
    AssertionError
        A list is not the one that `draw_checks` draws.
    """
    by_stratum = roll.groupby(list(ROLL_STRATUM))
    stratum = by_stratum.ngroup().to_numpy()
    n_frame = by_stratum.size()
    start = (n_frame.cumsum() - n_frame).to_numpy()
    drawn = {}
    for rate in rates:
        first = draw_checks(roll, rate, FIRST_SEED, DRAWN_AT)
        sizes = first.strata.set_index(list(ROLL_STRATUM))["n_drawn"]
        drawn[rate] = sizes.reindex(n_frame.index).to_numpy()
        rows = next(_order(roll, stratum, 1))[_places(start, drawn[rate])]
        assert set(roll["branch"].iloc[rows]) == set(first.drawn["branch"])

    found: dict[float, list] = {rate: [] for rate in rates}
    strata = n_frame.rename("n_frame").reset_index()
    for order in _order(roll, stratum, n_draws):
        for rate, n_drawn in drawn.items():
            rows = order[_places(start, n_drawn)]
            n_held = np.bincount(stratum[rows], is_held[rows], len(strata)).astype(int)
            tally = strata.assign(n_checked=n_drawn, n_confirmed=n_held, n_blank=0)
            share = estimate_share(RandomTally(tally))
            limits = (share.estimate, share.std_error, share.lower, share.upper)
            found[rate].append((*limits, n_held.sum() / n_drawn.sum()))
    true_share = float(is_held.mean())
    held_share = np.bincount(stratum, is_held) / n_frame.to_numpy()
    return {
        rate: Simulation(
            true_share,
            int(drawn[rate].sum()),
            len(strata),
            float(drawn[rate] @ held_share / drawn[rate].sum()) - true_share,
            *np.array(rows).T,
        )
        for rate, rows in found.items()
    }


def simulate_heads(
    branches_share: float, rates: Sequence[float], n_draws: int
) -> pd.DataFrame:
    """How often the limits of a share of heads hold the truth of July.

    Returns
    -------
    DataFrame, one row a count of heads and rate
        ``heads`` (ledger column), ``rate``, ``n_checked`` branches, ``true_share``
        and ``coverage`` of the 95 % limits over `n_draws` lists, all shares 0-1.
    """
    branches = make_branches(CITY_SEED, branches_share)
    figures, _ = make_ledger(branches, truth.draw(branches, CITY_SEED), CITY_SEED)
    july = {name: counts[:, truth.JULY] for name, counts in figures.items()}
    ordinary = july["n_members"] - july["n_leaders"]
    kinds = {"n_leaders_attended": july["n_leaders"], "n_members_spoke": ordinary}
    roll = branches[["branch", "unit", "sector"]]
    roll = roll.assign(is_weak=branches["is_weak_base"])
    by_stratum = roll.groupby(list(ROLL_STRATUM))
    stratum, n_frame = by_stratum.ngroup().to_numpy(), by_stratum.size()
    start = (n_frame.cumsum() - n_frame).to_numpy()
    strata = n_frame.rename("n_frame").reset_index()
    orders = list(_order(roll, stratum, n_draws))
    results = []
    for rate in rates:
        drawn = draw_checks(roll, rate, FIRST_SEED, DRAWN_AT).strata
        n_drawn = drawn.set_index(list(ROLL_STRATUM))["n_drawn"].reindex(n_frame.index)
        places = _places(start, n_drawn.to_numpy())
        for name, on_roll in kinds.items():
            true_share = july[name].sum() / on_roll.sum()
            n_held = 0
            for order in orders:
                rows = order[places]
                found = strata.iloc[stratum[rows]].reset_index(drop=True)
                found = found.assign(reported=on_roll[rows], recounted=july[name][rows])
                share = estimate_head_share(RandomRecounts(found))
                n_held += share.lower <= true_share <= share.upper
            row = (name, rate, len(places), float(true_share), n_held / n_draws)
            results.append(row)
    names = ["heads", "rate", "n_checked", "true_share", "coverage"]
    return pd.DataFrame(results, columns=names)


def heads_to_markdown(coverage: pd.DataFrame, n_draws: int) -> str:
    """One line a count of heads and rate: what is true, and how often it is held."""
    lines = [
        f"### Shares of heads, {n_draws:,} check lists each",
        "",
        "| heads | draw | true share | 95 % intervals that hold the truth |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row.heads} | {row.rate:.1%}: {row.n_checked:,} branches "
        f"| {row.true_share:.1%} | {row.coverage:.1%} |"
        for row in coverage.itertuples()
    ]
    return "\n".join([*lines, ""])


def _order(roll: pd.DataFrame, stratum: np.ndarray, n_draws: int) -> Iterator:
    """The rows of the roll stratum by stratum, each in the order of one seed.

    As in `draw_checks`, whose other columns a thousand draws have no use for.
    """
    branches = roll["branch"].tolist()
    for seed in range(FIRST_SEED, FIRST_SEED + n_draws):
        digests = b"".join(
            hashlib.sha256(f"{seed}|{branch}".encode()).digest()[:8]
            for branch in branches
        )
        yield np.lexsort((np.frombuffer(digests, ">u8"), stratum))


def _places(start: np.ndarray, n_drawn: np.ndarray) -> np.ndarray:
    """Where the first n_h of each stratum stand in that order."""
    within = np.arange(n_drawn.sum()) - np.repeat(n_drawn.cumsum() - n_drawn, n_drawn)
    return np.repeat(start, n_drawn) + within


def to_markdown(simulations: dict[float, Simulation]) -> str:
    """One table: how far each figure is from the truth, and how often it says so."""
    some = next(iter(simulations.values()))
    lines = [
        f"### {len(some.plain):,} check lists drawn from the demo city",
        "",
        f"Topic 1 by the end of July was really held by {some.true_share:.2%} of the "
        "branches. Distances are means over all draws, in points, ± twice their "
        "standard error.",
        "",
        "| draw | figure | mean | distance from the truth | known from the design "
        "| mean error stated ÷ real | 95 % intervals that hold the truth |",
        "|---|---|---|---|---|---|---|",
    ]
    for rate, drawn in simulations.items():
        draw = f"{rate:.1%}: {drawn.n_checked:,} checks in {drawn.n_strata} strata"
        stated = np.sqrt((drawn.errors**2).mean()) / drawn.estimates.std(ddof=1)
        kinds = (
            (
                drawn.estimates,
                "stratified",
                0.0,
                f"{stated:.2f}",
                f"{drawn.coverage:.1%}",
            ),
            (drawn.plain, "unweighted", drawn.known_bias, "–", "–"),
        )
        for figures, name, known, *quality in kinds:
            bias, error = drawn.bias(figures)
            cells = (
                *(draw, name, f"{figures.mean():.2%}"),
                f"{100 * bias:+.2f} ± {200 * error:.2f}",
                *(f"{100 * known:+.2f}", *quality),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
