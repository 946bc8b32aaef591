"""Binomial and hypergeometric tails and the two intervals that stand on them.

They are written on ``scipy.special`` because importing ``scipy.stats`` would double
the time a page needs to start. Everything is vectorised by numpy broadcasting, and
a NaN argument gives a NaN result: blank is not zero.
"""

import numpy as np
import scipy  # its submodules load when they are first used
from numpy.typing import ArrayLike

# R's fisher.test counts an outcome as equally likely within this relative margin.
TIE_MARGIN = 1 + 1e-7


def binomial_at_most(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> np.ndarray:
    """Probability of at most `k` successes in `n` independent trials.

    Parameters
    ----------
    k, n : array_like of counts, broadcast together
        Successes and trials, ``n >= 0``; `k` may lie outside ``0..n``.
    p : array_like, 0 to 1
        Chance of success in one trial.

    Returns
    -------
    ndarray, 0 to 1
        ``P(X <= k | n, p) = I_{1-p}(n-k, k+1)``; NaN where an argument is NaN.

    References
    ----------
    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.5.24.

    Examples
    --------
    >>> round(float(binomial_at_most(1, 3, 0.5)), 4)
    0.5
    """
    k, n, p = np.broadcast_arrays(
        np.asarray(k, float), np.asarray(n, float), np.asarray(p, float)
    )
    inside = (k >= 0) & (k < n)
    with np.errstate(invalid="ignore"):
        tail = scipy.special.betainc(
            np.where(inside, n - k, 1.0), np.where(inside, k + 1, 1.0), 1 - p
        )
    tail = np.where(inside, tail, np.where(k < 0, 0.0, 1.0))
    return np.where(np.isnan(k) | np.isnan(n) | np.isnan(p), np.nan, tail)


def binomial_at_least(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> np.ndarray:
    """Probability of at least `k` successes in `n` independent trials.

    Parameters
    ----------
    k, n : array_like of counts, broadcast together
        Successes and trials, ``n >= 0``; `k` may lie outside ``0..n``.
    p : array_like, 0 to 1
        Chance of success in one trial.

    Returns
    -------
    ndarray, 0 to 1
        ``P(X >= k | n, p) = I_p(k, n-k+1)``; NaN where an argument is NaN.

    References
    ----------
    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.5.24.

    Examples
    --------
    >>> round(float(binomial_at_least(2, 3, 0.5)), 4)
    0.5
    """
    k, n, p = np.broadcast_arrays(
        np.asarray(k, float), np.asarray(n, float), np.asarray(p, float)
    )
    inside = (k >= 1) & (k <= n)
    with np.errstate(invalid="ignore"):
        tail = scipy.special.betainc(
            np.where(inside, k, 1.0), np.where(inside, n - k + 1, 1.0), p
        )
    tail = np.where(inside, tail, np.where(k < 1, 1.0, 0.0))
    return np.where(np.isnan(k) | np.isnan(n) | np.isnan(p), np.nan, tail)


def _log_choose(n: ArrayLike, k: ArrayLike) -> np.ndarray:
    return (
        scipy.special.gammaln(np.add(n, 1))
        - scipy.special.gammaln(np.add(k, 1))
        - scipy.special.gammaln(np.subtract(n, k) + 1)
    )


def _hypergeometric_support(
    population: float, marked: float, drawn: float
) -> tuple[np.ndarray, np.ndarray]:
    """Possible numbers of marked items in a draw, and their probabilities."""
    possible = np.arange(max(0, drawn + marked - population), min(drawn, marked) + 1)
    log_pmf = (
        _log_choose(marked, possible)
        + _log_choose(population - marked, drawn - possible)
        - _log_choose(population, drawn)
    )
    return possible, np.exp(log_pmf)


def _hypergeometric(
    k: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike, side: str
) -> np.ndarray:
    arguments = np.broadcast_arrays(
        *(np.asarray(a, float) for a in (k, population, marked, drawn))
    )
    known = ~np.isnan(np.stack(arguments)).any(axis=0)
    k_, population_, marked_, drawn_ = (a[known] for a in arguments)
    bad = (marked_ < 0) | (drawn_ < 0)
    bad |= (marked_ > population_) | (drawn_ > population_)
    if bad.any():
        raise ValueError(
            "marked and drawn must lie between 0 and population; "
            f"{int(bad.sum())} of {bad.size} cells do not"
        )
    result = np.full(arguments[0].shape, np.nan)
    tails = np.empty(k_.size)
    for i, (k_i, *sizes) in enumerate(
        zip(k_, population_, marked_, drawn_, strict=True)
    ):
        possible, pmf = _hypergeometric_support(*sizes)
        if side == "at_most":
            chosen = possible <= k_i
        elif side == "at_least":
            chosen = possible >= k_i
        else:
            seen = pmf[possible == k_i]
            chosen = pmf <= (seen[0] if seen.size else 0.0) * TIE_MARGIN
        tails[i] = min(1.0, pmf[chosen].sum())
    result[known] = tails
    return result


def hypergeometric_at_most(
    k: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike
) -> np.ndarray:
    """Probability of at most `k` marked items in a draw without replacement.

    Parameters
    ----------
    k : array_like of counts
        Marked items seen in the draw.
    population, marked, drawn : array_like of counts, broadcast with `k`
        Items in all, marked ones among them, and items drawn.

    Returns
    -------
    ndarray, 0 to 1
        ``sum_{i<=k} C(marked, i) C(population-marked, drawn-i) / C(population,
        drawn)``; NaN where an argument is NaN.

    Raises
    ------
    ValueError
        When `marked` or `drawn` is negative or larger than `population`.

    References
    ----------
    Fisher (1935), The logic of inductive inference; R ``fisher.test`` (values).

    Examples
    --------
    Of 30 people 12 were convicted; of the 17 in the first group only 2 were.

    >>> f"{float(hypergeometric_at_most(2, 30, 12, 17)):.6g}"
    '0.000465181'
    """
    return _hypergeometric(k, population, marked, drawn, "at_most")


def hypergeometric_at_least(
    k: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike
) -> np.ndarray:
    """Probability of at least `k` marked items in a draw without replacement.

    Parameters
    ----------
    k : array_like of counts
        Marked items seen in the draw.
    population, marked, drawn : array_like of counts, broadcast with `k`
        Items in all, marked ones among them, and items drawn.

    Returns
    -------
    ndarray, 0 to 1
        ``sum_{i>=k} C(marked, i) C(population-marked, drawn-i) / C(population,
        drawn)``; NaN where an argument is NaN.

    Raises
    ------
    ValueError
        When `marked` or `drawn` is negative or larger than `population`.

    References
    ----------
    Fisher (1935), The logic of inductive inference; R ``fisher.test`` (values).

    Examples
    --------
    The lady tasting tea names 3 of the 4 cups that had the milk first.

    >>> round(float(hypergeometric_at_least(3, 8, 4, 4)), 6)
    0.242857
    """
    return _hypergeometric(k, population, marked, drawn, "at_least")


def hypergeometric_two_sided(
    k: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike
) -> np.ndarray:
    """Probability of a draw that is as unlikely as `k` marked items, or more so.

    Parameters
    ----------
    k : array_like of counts
        Marked items seen in the draw.
    population, marked, drawn : array_like of counts, broadcast with `k`
        Items in all, marked ones among them, and items drawn.

    Returns
    -------
    ndarray, 0 to 1
        Sum of the probabilities not larger than that of `k`; NaN where an argument
        is NaN; 0 for a `k` that cannot occur.

    Raises
    ------
    ValueError
        When `marked` or `drawn` is negative or larger than `population`.

    References
    ----------
    Fisher's exact test with the two-sided rule of R ``fisher.test``.

    Examples
    --------
    >>> f"{float(hypergeometric_two_sided(2, 30, 12, 17)):.6g}"
    '0.000536724'
    """
    return _hypergeometric(k, population, marked, drawn, "two_sided")


def wilson_interval(
    k: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Score interval of a proportion.

    Parameters
    ----------
    k, n : array_like of counts, ``0 <= k <= n``, broadcast together
        Successes and trials.
    confidence : float, above 0 and below 1
        Two-sided level.

    Returns
    -------
    lower, upper : ndarray, 0 to 1
        ``(2k + z^2 -+ z sqrt(z^2 + 4k(1-k/n))) / 2(n + z^2)``; NaN where ``n = 0``.

    References
    ----------
    Wilson (1927); Newcombe (1998), Statistics in Medicine 17:857-872, method 3.

    Examples
    --------
    >>> [round(float(limit), 4) for limit in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    k, n = np.asarray(k, float), np.asarray(n, float)
    z = scipy.special.ndtri((1 + confidence) / 2)
    n = np.where(n > 0, n, np.nan)
    middle = 2 * k + z**2
    half = z * np.sqrt(z**2 + 4 * k * (1 - k / n))
    width = 2 * (n + z**2)
    # At k = 0 and k = n the limit is exactly 0 or 1; rounding must not move it.
    lower = np.where(k == 0, 0.0, (middle - half) / width)
    upper = np.where(k == n, 1.0, (middle + half) / width)
    return np.where(np.isnan(n), np.nan, lower), np.where(np.isnan(n), np.nan, upper)


def exact_interval(
    k: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Clopper-Pearson interval of a proportion; counts may be fractional.

    Parameters
    ----------
    k, n : array_like, ``0 <= k <= n``, broadcast together
        Successes and trials. Fractions are allowed because a survey's effective
        sample size is rarely whole (Korn and Graubard).
    confidence : float, above 0 and below 1
        Two-sided level.

    Returns
    -------
    lower, upper : ndarray, 0 to 1
        Quantiles of Beta(k, n-k+1) and Beta(k+1, n-k); NaN where ``n = 0``.

    References
    ----------
    Clopper & Pearson (1934); Newcombe (1998), Statistics in Medicine 17:857-872,
    method 5.

    Examples
    --------
    >>> [round(float(limit), 4) for limit in exact_interval(81, 263)]
    [0.2527, 0.3676]
    """
    k, n = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float))
    alpha = 1 - confidence
    known = n > 0
    some, rest = known & (k > 0), known & (k < n)
    lower = scipy.special.betaincinv(
        np.where(some, k, 1.0), np.where(some, n - k + 1, 1.0), alpha / 2
    )
    upper = scipy.special.betaincinv(
        np.where(rest, k + 1, 1.0), np.where(rest, n - k, 1.0), 1 - alpha / 2
    )
    lower = np.where(some, lower, np.where(known, 0.0, np.nan))
    upper = np.where(rest, upper, np.where(known, 1.0, np.nan))
    return lower, upper
