"""A verified rate for every cell: few checks of its own, borrowed strength of the rest.

The rate of a cell with many checks is nearly what they found; that of a cell with
few leans on the other cells, and its interval says how little is known. Such a rate is
modelled: it supposes that cells differ by chance around one mean, and is shown beside
the direct estimate of `sampling`, never in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy  # its submodules load when they are first used

from data_pipeline.statistics.sampling import MIN_RATE, RandomTally

N_MEANS, N_SPREADS = 200, 60  # nodes of the two integrals; twice as many change nothing


def pool_shares(
    tally: RandomTally, by: Sequence[str], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Modelled share of each cell by partial pooling, with an interval.

    Parameters
    ----------
    tally : RandomTally, H strata
        Random checks by stratum, checked or not. With ``is_weak``, weak strata are
        pooled among themselves and the others among themselves, unless either kind
        has fewer than ten verdicts.
    by : sequence of str
        Stratum columns that make a cell; its strata are added up by branches.
    confidence : float, above 0 and below 1
        Two-sided level of the interval.

    Returns
    -------
    DataFrame, one row a cell, in the order of `by`
        The `by` columns, ``n_frame``, ``n_checked``, ``n_confirmed``, ``n_blank``
        (counts); ``rate``, ``std_error``, ``lower``, ``upper``, all 0 to 1: of the
        cell's branches, so a cell checked whole has no error and is what was found.
        All four are NaN while the strata have fewer than ten verdicts together.

    Raises
    ------
    TypeError
        When `tally` is not a `RandomTally`.

    Notes
    -----
    ``x_h ~ Binomial(n_h, p_h)``, ``p_h ~ Beta(m s, (1 - m) s)``, with the mean m under
    Jeffreys' prior and the variance ``1 / (s + 1)`` of the cells, as a share of the
    most possible, uniform on 0 to 1. Both are
    integrated over a grid, weighted by the beta-binomial likelihood of all strata, so
    the interval holds the uncertainty of the estimated variance and nothing is drawn
    at random. Given both, ``E p_h = (m s + x_h) / (s + n_h)``: the fewer checks, the
    nearer to m. The posterior of p_h is matched by a Beta of equal mean and variance;
    the ``N_h - n_h`` branches not visited are then beta-binomial, and the interval is
    taken from the exact distribution of the cell's sum. Strata are taken as
    exchangeable and independent: neither unit nor sector has an effect of its own.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 5.3; flat variance: Morris (1983),
    JASA 78:47-55; matched Beta: Morris (1988), Bayesian Statistics 3:321-344; Rao &
    Molina (2015), Small Area Estimation, 9.5.

    Examples
    --------
    >>> tally = RandomTally(pd.DataFrame({
    ...     "unit": list("ABCDE"), "n_frame": 200,
    ...     "n_checked": [40, 40, 40, 4, 0], "n_confirmed": [38, 34, 30, 2, 0],
    ... }))
    >>> cells = pool_shares(tally, ["unit"])
    >>> cells[["rate", "lower", "upper"]].round(2).values.tolist()
    [[0.93, 0.84, 0.98], [0.84, 0.74, 0.92], [0.76, 0.64, 0.86], \
[0.65, 0.28, 0.94], [0.75, 0.21, 1.0]]
    """
    if not isinstance(tally, RandomTally):
        raise TypeError(f"only a RandomTally is pooled, not {type(tally).__name__}")
    strata = tally.strata.reset_index(drop=True)
    if "n_blank" not in strata:
        strata = strata.assign(n_blank=0)
    counts = ["n_frame", "n_checked", "n_confirmed", "n_blank"]
    cells = strata.groupby(list(by), sort=True)[counts].sum().astype("int64")
    numbers = ("rate", "std_error", "lower", "upper")
    if strata["n_checked"].sum() < MIN_RATE:
        return cells.assign(**dict.fromkeys(numbers, np.nan)).reset_index()

    alpha, beta = np.empty(len(strata)), np.empty(len(strata))
    for rows in _kinds(strata):
        alpha[rows], beta[rows] = _posteriors(
            strata["n_confirmed"].to_numpy(float)[rows],
            strata["n_checked"].to_numpy(float)[rows],
        )
    members = strata.groupby(list(by), sort=True).indices
    unseen = (strata["n_frame"] - strata["n_checked"]).to_numpy(int)
    found = []
    for label, n_frame, n_confirmed in zip(
        cells.index, cells["n_frame"], cells["n_confirmed"], strict=True
    ):
        chances = np.ones(1)
        for row in members[label]:
            more = np.arange(unseen[row] + 1)
            pmf = scipy.stats.betabinom.pmf(more, unseen[row], alpha[row], beta[row])
            chances = np.convolve(chances, pmf)
        found.append(_summarize(chances, n_confirmed, n_frame, confidence))
    found = pd.DataFrame(found, columns=numbers, index=cells.index)
    return cells.join(found).reset_index()


def _kinds(strata: pd.DataFrame) -> list[np.ndarray]:
    """Rows that are pooled together."""
    everything = [np.arange(len(strata))]
    if "is_weak" not in strata:
        return everything
    is_weak = strata["is_weak"].to_numpy(bool)
    kinds = [np.flatnonzero(is_weak), np.flatnonzero(~is_weak)]
    n_checked = strata["n_checked"].to_numpy()
    if any(n_checked[rows].sum() < MIN_RATE for rows in kinds):
        return everything
    return kinds


def _posteriors(x: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of the Beta that matches each stratum's posterior, shape (H,)."""
    # Even steps of the arcsine are Jeffreys' prior, and fine enough near 0 and 1.
    steps = (np.arange(N_MEANS) + 0.5) / N_MEANS
    mean = np.sin(np.pi * steps / 2)[:, None] ** 2
    spread = (np.arange(N_SPREADS) + 0.5) / N_SPREADS
    strength = (spread**-2 - 1)[None, :]
    a, b = (mean * strength).ravel(), ((1 - mean) * strength).ravel()

    betaln = scipy.special.betaln
    # Even steps of the root: its own length makes the prior flat in the variance.
    log_weight = np.log(np.tile(spread, N_MEANS)) - np.count_nonzero(n) * betaln(a, b)
    # Strata with the same two counts have the same likelihood.
    kinds, kind, repeats = np.unique(
        np.column_stack([x, n]), axis=0, return_inverse=True, return_counts=True
    )
    for (hits, size), times in zip(kinds, repeats, strict=True):
        if size:
            log_weight += times * betaln(a + hits, b + size - hits)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()

    hits, size = kinds[:, :1], kinds[:, 1:]
    total = a + b + size
    means = (a + hits) / total
    variances = means * (1 - means) / (total + 1)
    centre = means @ weight
    variance = variances @ weight + ((means - centre[:, None]) ** 2) @ weight
    strength = centre * (1 - centre) / variance - 1
    kind = kind.ravel()
    return (centre * strength)[kind], ((1 - centre) * strength)[kind]


def _summarize(
    chances: np.ndarray, n_confirmed: int, n_frame: int, confidence: float
) -> tuple[float, float, float, float]:
    """Mean, error and limits of a share of `n_frame`, from how many more are true."""
    if not n_frame:
        return (np.nan,) * 4
    more = np.arange(chances.size)
    chances = chances / chances.sum()
    mean = chances @ more
    std_error = np.sqrt(chances @ (more - mean) ** 2) / n_frame
    reached = np.cumsum(chances)
    tail = (1 - confidence) / 2
    # Never past the last count: the sum of the chances may fall short of 1 by rounding.
    ends = np.minimum(np.searchsorted(reached, [tail, 1 - tail]), chances.size - 1)
    rate = (n_confirmed + mean) / n_frame
    lower, upper = (n_confirmed + ends) / n_frame
    return rate, std_error, min(lower, rate), max(upper, rate)
