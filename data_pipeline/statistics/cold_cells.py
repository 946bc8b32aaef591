"""Which places are cold, which are hot, and which differ from the city at all.

A plain significance test flags a difference of one point once a place has 200 branches;
over-dispersed limits flag nobody. So a cell is cold only when it lies clearly below the
target *and* its size rules out chance; both numbers are kept beside the word.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy  # its submodules load when they are first used
from numpy.typing import ArrayLike

from data_pipeline.statistics.exact_distributions import (
    binomial_at_least,
    binomial_at_most,
    hypergeometric_at_least,
    hypergeometric_two_sided,
)

MIN_JUDGED = 10  # branches; a smaller cell proves nothing either way
COLD_POINTS = 0.05
VERY_COLD_POINTS = 0.15
MAX_TESTED_TARGET = 0.99  # against 100 % a single branch missing would be "proof"
ALPHA = 0.05

# From cold to hot; too_small and None (no rate) stand outside the order.
COLD_TO_HOT = ("very_cold", "cold", "below_unproven", "as_expected", "hot")

MIN_HOTSPOT_BRANCHES = 5
MIN_HOTSPOT_WEAK = 3
MIN_HOTSPOT_RATIO = 2.0

VERDICTS = ("failed", "passed", "not_due", "unknown")
# A rate below the target by exactly the margin is cold, whatever binary rounding says.
ROUNDING = 1e-9


class FunnelLimits(NamedTuple):
    """Lower and upper limit of a rate (0-1), one pair for each size."""

    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True, eq=False)
class OverDispersion:
    """How much the places differ beyond chance; see `measure_over_dispersion`."""

    city_rate: float
    phi: float
    tau2: float
    z: np.ndarray
    z_adjusted: np.ndarray


def adjust_bh(p: ArrayLike) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values of one family of tests.

    Parameters
    ----------
    p : array_like, any shape, 0 to 1
        p-values; NaN marks a cell that is not judged and is not of the family.

    Returns
    -------
    ndarray, same shape, 0 to 1
        ``min_{j >= i} m p_(j) / j`` for the i-th smallest of m: never below `p`, in
        the order of `p`, NaN where `p` is NaN.

    Raises
    ------
    ValueError
        When a p-value lies outside 0 to 1.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Statist. Soc. B 57:289-300.

    Examples
    --------
    >>> [float(q) for q in adjust_bh([0.01, 0.04, 0.03, float("nan")]).round(3)]
    [0.03, 0.04, 0.04, nan]
    """
    p = np.asarray(p, float)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p-values must lie between 0 and 1")
    judged = ~np.isnan(p)
    family = p[judged]
    order = np.argsort(family)
    scaled = family[order] * (family.size / np.arange(1, family.size + 1))
    adjusted = np.empty_like(family)
    # From the largest down: an adjusted p is never above that of a weaker finding.
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    result = np.full(p.shape, np.nan)
    # m p / m can come out one rounding step below p.
    result[judged] = np.clip(adjusted, family, 1.0)
    return result


def classify(
    x: ArrayLike,
    n: ArrayLike,
    target: ArrayLike,
    city_rate: float | None = None,
    design_effect: ArrayLike = 1.0,
) -> pd.DataFrame:
    """Call each cell very cold, cold, below (unproven), as expected or hot.

    The cells of one call are one family of tests: give all cells of one metric and
    one month together.

    Parameters
    ----------
    x, n : array_like, shape (J,), at least 0
        Covered, and should be covered. NaN where not reported. A rate above 100 % is
        tested as 100 %.
    target : float or array_like, shape (J,)
        Share (0-1) demanded, T; before a due date the pace line
        (`deadlines.pace_line`). NaN where nothing is demanded: such a cell is neither
        cold nor hot.
    city_rate : float or None
        Share p0 against which "hot" is tested; None: ``sum x / sum n`` of the cells.
    design_effect : float or array_like, shape (J,), at least 1
        How many of the n do the work of one independent one, D: 1 where branches are
        counted, of heads `design_effects.design_effects`. The tests take x/D of n/D.

    Returns
    -------
    DataFrame, shape (J, 7), on the index of `x` when it is a Series
        ``cell_class`` : ``too_small`` when n < 10; ``very_cold`` when
        y <= T - 15 points and ``p_cold_adjusted`` <= 0.05; ``cold`` when
        y <= T - 5 points and the same; ``below_unproven`` when y <= T - 5 points
        only; ``hot`` when y >= T and ``p_hot_adjusted`` <= 0.05; else
        ``as_expected``; None without a rate (blank, or n = 0).
        ``rate`` : y = x/n; ``points_below_target`` : 100 (T - y).
        ``p_cold`` : ``P(X <= x | n, min(T, 0.99))``; ``p_hot`` :
        ``P(X >= x | n, p0)``; each with its Benjamini-Hochberg adjusted value; NaN
        for a cell that is not judged.

    Raises
    ------
    ValueError
        When a count is negative or a design effect below 1.

    Notes
    -----
    At a given `city_rate` and `design_effect` a cell never gets colder when its x
    rises. Tails of counts that are not whole are those of the beta distribution.

    References
    ----------
    Exact binomial test; Benjamini & Hochberg (1995). The margin of 5 points keeps
    differences out that are proven but trivial. Counts over their design effect: Rao &
    Scott (1992), Biometrics 48:577-585.

    Examples
    --------
    >>> cells = classify([40, 197, 8, 5], [100, 200, 9, 0], 1.0, city_rate=0.9)
    >>> cells["cell_class"].tolist()
    ['very_cold', 'as_expected', 'too_small', None]
    >>> float(cells["points_below_target"][0])
    60.0
    """
    index = x.index if isinstance(x, pd.Series) else None
    x, n, target, effect = np.broadcast_arrays(
        *(_floats(values) for values in (x, n, target, design_effect))
    )
    _require_counts(x, n, effect)
    has_rate = (n > 0) & ~np.isnan(x)
    rate = np.divide(x, n, np.full(x.shape, np.nan), where=has_rate)
    if city_rate is None:
        city_rate = x[has_rate].sum() / n[has_rate].sum() if has_rate.any() else np.nan
    judged = has_rate & (n >= MIN_JUDGED) & ~np.isnan(target)

    n_judged = np.where(judged, n, np.nan) / effect
    tested_x = np.minimum(x, n) / effect
    tested_target = np.clip(target, 0.0, MAX_TESTED_TARGET)
    p_cold = binomial_at_most(tested_x, n_judged, tested_target)
    p_hot = binomial_at_least(tested_x, n_judged, min(max(city_rate, 0.0), 1.0))
    p_cold_adjusted, p_hot_adjusted = adjust_bh(p_cold), adjust_bh(p_hot)

    is_proven = p_cold_adjusted <= ALPHA
    is_below = judged & (rate <= target - COLD_POINTS + ROUNDING)
    is_far_below = judged & (rate <= target - VERY_COLD_POINTS + ROUNDING)
    is_hot = judged & (rate >= target - ROUNDING) & (p_hot_adjusted <= ALPHA)
    words = np.select(
        [
            ~has_rate,
            n < MIN_JUDGED,
            is_far_below & is_proven,
            is_below & is_proven,
            is_below,
            is_hot,
        ],
        ["", "too_small", "very_cold", "cold", "below_unproven", "hot"],
        "as_expected",
    ).astype(object)
    words[~has_rate] = None
    return pd.DataFrame(
        {
            "cell_class": pd.Series(words, index=index, dtype=object),
            "rate": rate,
            "points_below_target": 100 * (target - rate),
            "p_cold": p_cold,
            "p_cold_adjusted": p_cold_adjusted,
            "p_hot": p_hot,
            "p_hot_adjusted": p_hot_adjusted,
        },
        index=index,
    )


def compare_with_city(
    x: ArrayLike, n: ArrayLike, design_effect: ArrayLike = 1.0
) -> pd.DataFrame:
    """Say of each place whether it differs from the rest of the city.

    Stands beside every rank: places that do not differ have ranks without meaning.

    Parameters
    ----------
    x, n : array_like, shape (J,), at least 0
        Covered, and should be covered, of all places of the city; NaN where not
        reported. A rate above 100 % is tested as 100 %.
    design_effect : float or array_like, shape (J,), at least 1
        As in `classify`. The test takes whole numbers: n/D is rounded down and x/D
        towards the rate of the city, so that rounding proves nothing.

    Returns
    -------
    DataFrame, shape (J, 5), on the index of `x` when it is a Series
        ``rate`` : y; ``points_from_city`` : 100 (y - city rate);
        ``p_value`` : two-sided Fisher exact test, place against all others;
        ``p_adjusted`` : Benjamini-Hochberg over the places with n >= 10, NaN for
        the others; ``differs`` : ``above``, ``below`` or ``no`` at 0.05, None where
        not judged.

    Raises
    ------
    ValueError
        When a count is negative or a design effect below 1.

    References
    ----------
    Fisher (1935); Benjamini & Hochberg (1995). On ranks: Goldstein & Spiegelhalter
    (1996), J. R. Statist. Soc. A 159:385-443. On clusters: Rao & Scott (1992),
    Biometrics 48:577-585.

    Examples
    --------
    >>> places = compare_with_city([60, 95, 96], [100, 100, 100])
    >>> places["differs"].tolist()
    ['below', 'above', 'above']
    """
    index = x.index if isinstance(x, pd.Series) else None
    x, n, effect = np.broadcast_arrays(_floats(x), _floats(n), _floats(design_effect))
    _require_counts(x, n, effect)
    has_rate = (n > 0) & ~np.isnan(x)
    rate = np.divide(x, n, np.full(x.shape, np.nan), where=has_rate)
    all_n, all_x = n[has_rate].sum(), x[has_rate].sum()
    city_rate = all_x / all_n if all_n else np.nan

    judged = has_rate & (n >= MIN_JUDGED)
    size = np.floor(np.where(has_rate, n, 0) / effect + ROUNDING)
    share = np.where(has_rate, np.minimum(rate, 1.0), 0.0)
    done = size * share
    nearest = np.round(done)
    towards_city = np.where(
        rate < city_rate, np.ceil(done - ROUNDING), np.floor(done + ROUNDING)
    )
    marked = nearest.sum() - nearest + towards_city
    p_value = hypergeometric_two_sided(
        np.where(judged, towards_city, np.nan), size.sum(), marked, size
    )
    p_adjusted = adjust_bh(p_value)
    differs = np.where(rate > city_rate, "above", "below").astype(object)
    differs[~(p_adjusted <= ALPHA)] = "no"
    differs[~judged] = None
    return pd.DataFrame(
        {
            "rate": rate,
            "points_from_city": 100 * (rate - city_rate),
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "differs": pd.Series(differs, index=index, dtype=object),
        },
        index=index,
    )


def funnel_limits(
    n: ArrayLike, city_rate: float, coverage: float = 0.95, method: str = "auto"
) -> FunnelLimits:
    """Limits within which chance alone would keep the rate of a place of size n.

    Parameters
    ----------
    n : array_like, shape (J,), at least 1
        Sizes of the places.
    city_rate : float, 0 to 1
        p0, the line in the middle.
    coverage : float, above 0 and below 1
        0.95 and 0.998 are the customary pairs.
    method : {"auto", "normal", "exact"}
        ``normal`` : ``p0 -+ z sqrt(p0 q0 / n)`` cut to 0..1. ``exact`` : interpolated
        binomial quantiles. ``auto`` : exact where ``n p0 q0 < 5``, else normal.

    Returns
    -------
    FunnelLimits
        ``lower`` and ``upper``, each shape (J,), 0 to 1; NaN where n is NaN or 0.

    Raises
    ------
    ValueError
        When `city_rate`, `coverage` or `method` is not one of the above.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance,
    Statistics in Medicine 24:1185-1202, and its appendix A.1.1.

    Examples
    --------
    >>> limits = funnel_limits([100, 400], 0.9)
    >>> limits.lower.round(4).tolist(), limits.upper.round(4).tolist()
    ([0.8412, 0.8706], [0.9588, 0.9294])
    """
    if not 0 <= city_rate <= 1:
        raise ValueError(f"city_rate must lie between 0 and 1, not {city_rate}")
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must lie between 0 and 1, not {coverage}")
    if method not in ("auto", "normal", "exact"):
        raise ValueError(f"method must be auto, normal or exact, not {method!r}")
    n = _floats(n)
    n = np.where(n > 0, n, np.nan)
    tail = (1 - coverage) / 2
    half = -scipy.special.ndtri(tail) * np.sqrt(city_rate * (1 - city_rate) / n)
    lower = np.clip(city_rate - half, 0.0, 1.0)
    upper = np.clip(city_rate + half, 0.0, 1.0)
    is_exact = n * city_rate * (1 - city_rate) < 5
    if method != "auto":
        is_exact = np.full(n.shape, method == "exact")
    is_exact &= ~np.isnan(n)
    sizes = n[is_exact]
    lower[is_exact] = _binomial_quantile(tail, sizes, city_rate) / sizes
    upper[is_exact] = _binomial_quantile(1 - tail, sizes, city_rate) / sizes
    return FunnelLimits(lower, upper)


def measure_over_dispersion(
    x: ArrayLike, n: ArrayLike, winsorized: float = 0.1
) -> OverDispersion:
    """Measure how much more the places differ than chance explains.

    Parameters
    ----------
    x, n : array_like, shape (J,), ``0 <= x <= n``, ``n >= 1``
        Confirmed and checked (or covered and due) of each place.
    winsorized : float, 0 to below 0.5
        Share of the z-scores at either end that are pulled in before the variance is
        estimated, so that the bad places do not widen their own limits.

    Returns
    -------
    OverDispersion
        ``city_rate`` : p0 = sum x / sum n; ``z`` : ``2 sqrt(n) (asin sqrt y - asin
        sqrt p0)``; ``phi`` : mean squared winsorised z; ``tau2`` : between-place
        variance on the arcsine scale, at least 0; ``z_adjusted`` : z with
        ``1/(4n) + tau2`` as variance.

    Raises
    ------
    ValueError
        When there is no place or a count is out of range.

    References
    ----------
    Spiegelhalter (2005), Handling over-dispersion of performance indicators, Qual.
    Saf. Health Care 14:347-351; DerSimonian & Laird (1986).

    Examples
    --------
    >>> over = measure_over_dispersion([50, 90, 99], [100, 100, 100])
    >>> bool((abs(over.z_adjusted) < abs(over.z)).all())
    True
    """
    x, n = np.broadcast_arrays(_floats(x), _floats(n))
    if not x.size or not ((x >= 0) & (x <= n) & (n >= 1)).all():
        raise ValueError("x and n must hold places with 0 <= x <= n and n >= 1")
    city_rate = x.sum() / n.sum()
    variance = 1 / (4 * n)
    distance = np.arcsin(np.sqrt(x / n)) - np.arcsin(np.sqrt(city_rate))
    z = distance / np.sqrt(variance)
    pulled_in = np.clip(z, *np.quantile(z, [winsorized, 1 - winsorized]))
    phi = float((pulled_in**2).mean())
    precision = 1 / variance
    spare = precision.sum() - (precision**2).sum() / precision.sum()
    excess = x.size * phi - (x.size - 1)
    tau2 = max(0.0, excess / spare) if spare > 0 else 0.0
    return OverDispersion(
        float(city_rate), phi, float(tau2), z, distance / np.sqrt(variance + tau2)
    )


def over_dispersed_limits(
    n: ArrayLike, city_rate: float, tau2: float, coverage: float = 0.998
) -> FunnelLimits:
    """Funnel limits widened by what the places differ anyway; drawn dashed.

    Parameters
    ----------
    n : array_like, shape (J,), at least 1
        Sizes of the places.
    city_rate : float, 0 to 1
        p0, the line in the middle.
    tau2 : float, at least 0
        Between-place variance on the arcsine scale; 0 gives the plain arcsine limits.
    coverage : float, above 0 and below 1
        Share of places inside the limits.

    Returns
    -------
    FunnelLimits
        ``sin^2(asin sqrt p0 -+ z sqrt(1/(4n) + tau2))``, 0 to 1; NaN where n is NaN
        or 0.

    Raises
    ------
    ValueError
        When `city_rate` lies outside 0 to 1 or `tau2` is negative.

    References
    ----------
    Spiegelhalter (2005), Qual. Saf. Health Care 14:347-351.

    Examples
    --------
    >>> limits = over_dispersed_limits([108], 0.9293478260869566, 0.0)
    >>> round(float(limits.lower[0]), 4)
    0.8354
    """
    if not 0 <= city_rate <= 1 or tau2 < 0:
        raise ValueError(
            "city_rate must lie between 0 and 1, tau2 must not be negative"
        )
    n = _floats(n)
    n = np.where(n > 0, n, np.nan)
    middle = np.arcsin(np.sqrt(city_rate))
    half = -scipy.special.ndtri((1 - coverage) / 2) * np.sqrt(1 / (4 * n) + tau2)
    # Beyond 0 and a right angle the sine would turn back.
    lower = np.sin(np.clip(middle - half, 0, np.pi / 2)) ** 2
    upper = np.sin(np.clip(middle + half, 0, np.pi / 2)) ** 2
    return FunnelLimits(lower, upper)


def find_weak_hotspots(cells: pd.DataFrame) -> pd.DataFrame:
    """Find townships where a sector has more weak branches than its share.

    Parameters
    ----------
    cells : DataFrame, one row a township and sector
        ``sector``; ``n_branches`` : branches, n; ``n_weak`` : those listed as weak,
        k <= n. Other columns (unit, township) are kept. Give all cells of the city:
        each is compared with the whole of its own sector.

    Returns
    -------
    DataFrame, `cells` and
        ``n_expected`` : n K / M, with M branches and K weak ones in the sector;
        ``ratio`` : k over that, NaN when no branch of the sector is weak;
        ``p_value`` : ``P(X >= k | M, K, n)``; ``p_adjusted`` : Benjamini-Hochberg
        over the cells with n >= 5, NaN for the others; ``is_hotspot`` : k >= 3,
        ratio >= 2 and ``p_adjusted`` <= 0.05.

    Raises
    ------
    ValueError
        When a column is absent, a count is blank or negative, or k > n.

    References
    ----------
    Hypergeometric over-representation test (Fisher 1935); Benjamini & Hochberg
    (1995). It needs no map: local spatial statistics cannot find even three adjacent
    bad counties among thirteen.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "township": ["A", "B", "C"], "sector": ["rural"] * 3,
    ...     "n_branches": [20, 100, 80], "n_weak": [8, 4, 3],
    ... })
    >>> find_weak_hotspots(cells)["is_hotspot"].tolist()
    [True, False, False]
    """
    _require_columns(cells, "sector", "n_branches", "n_weak")
    n, k = _floats(cells["n_branches"]), _floats(cells["n_weak"])
    if not ((k >= 0) & (k <= n)).all():
        raise ValueError("n_weak must lie between 0 and n_branches in every cell")
    by_sector = pd.DataFrame(
        {"sector": cells["sector"].to_numpy(), "n": n, "k": k}
    ).groupby("sector")
    all_n = by_sector["n"].transform("sum").to_numpy()
    all_k = by_sector["k"].transform("sum").to_numpy()
    expected = np.divide(n * all_k, all_n, np.zeros(n.shape), where=all_n > 0)
    ratio = np.divide(k, expected, np.full(n.shape, np.nan), where=expected > 0)
    judged = n >= MIN_HOTSPOT_BRANCHES
    p_value = hypergeometric_at_least(np.where(judged, k, np.nan), all_n, all_k, n)
    p_adjusted = adjust_bh(p_value)
    is_hotspot = (
        (k >= MIN_HOTSPOT_WEAK)
        & (ratio >= MIN_HOTSPOT_RATIO - ROUNDING)
        & (p_adjusted <= ALPHA)
    )
    return cells.assign(
        n_expected=expected,
        ratio=ratio,
        p_value=p_value,
        p_adjusted=p_adjusted,
        is_hotspot=is_hotspot,
    )


def order_weak(
    organizations: pd.DataFrame,
    verdicts: pd.DataFrame,
    *,
    seed: int = 2016,
    n_weightings: int = 1000,
) -> pd.DataFrame:
    """Order weak organisations so that each place in the order can be explained.

    Two lists, each with places of its own: those of whom a check has refuted what they
    had claimed, and all others by the rules alone, whether anybody has visited them or
    not. In one list a visit would be a fault, or its absence a merit.

    Parameters
    ----------
    organizations : DataFrame, one row an organisation
        ``branch`` : its code, unique; ``is_refuted`` : a check did not find what had
        been claimed before it; ``shortfall`` : what it lacks, larger is worse;
        ``days_overdue`` : at least 0. Blank shortfall or days stand after known ones.
    verdicts : DataFrame, indexed by branch code, one column a rule
        ``failed``, ``passed``, ``not_due`` or ``unknown``; a blank is unknown.
    seed : int
        Seed of the random weightings.
    n_weightings : int, at least 1
        How many weightings of the rules are tried.

    Returns
    -------
    DataFrame, `organizations` in order, the refuted ones first, and
        ``position`` : 1, 2, ... in its own list: number of failed rules, shortfall,
        days overdue (each falling), then code; ``n_in_list`` : length of that list.
        ``n_failed``, ``n_passed``, ``n_not_due``, ``n_unknown`` : rules by verdict;
        unknown never counts as passed.
        ``band`` : ``A`` refuted by a check; ``B`` at least one rule failed by the
        reports, ``C`` none failed. Inside a band the order is not to be over-read.
        ``stability`` : share (0-1) of weightings, uniform on the simplex, under which
        the organisation is in the top tenth of its list when the weighted sum of
        failed rules takes the place of their number.

    Raises
    ------
    ValueError
        When a column or an organisation's verdicts are absent, a code stands twice or
        a verdict is unknown to this function.

    References
    ----------
    Lexicographic order in place of a composite index; stability under random weights:
    Saisana, Saltelli & Tarantola (2005), J. R. Statist. Soc. A 168:307-323.

    Examples
    --------
    >>> organizations = pd.DataFrame({
    ...     "branch": ["B1", "B2", "B3"], "is_refuted": [False, True, False],
    ...     "shortfall": [5, 0, 9], "days_overdue": [10, 0, 3],
    ... })
    >>> verdicts = pd.DataFrame(
    ...     {"topic_1": ["failed", "passed", "failed"],
    ...      "topic_2": ["not_due", "failed", "unknown"]},
    ...     index=["B1", "B2", "B3"],
    ... )
    >>> order_weak(organizations, verdicts)[["branch", "band", "position"]].to_numpy()
    array([['B2', 'A', 1],
           ['B3', 'B', 1],
           ['B1', 'B', 2]], dtype=object)
    """
    _require_columns(organizations, "branch", "is_refuted", "shortfall", "days_overdue")
    if organizations["branch"].duplicated().any() or verdicts.index.duplicated().any():
        raise ValueError("a branch code stands twice")
    absent = ~organizations["branch"].isin(verdicts.index)
    if absent.any():
        first = organizations.loc[absent, "branch"].iloc[0]
        raise ValueError(
            f"no verdicts for {int(absent.sum())} branches, e.g. {first!r}"
        )
    words = verdicts.loc[organizations["branch"]].astype(object)
    words = words.where(words.notna(), "unknown").to_numpy()
    strange = set(words.ravel()) - set(VERDICTS)
    if strange:
        raise ValueError(
            f"verdicts must be {VERDICTS}, not {sorted(map(str, strange))}"
        )

    ordered = organizations.assign(
        **{f"n_{word}": (words == word).sum(axis=1) for word in VERDICTS}
    )
    is_refuted = organizations["is_refuted"].to_numpy(bool)
    ordered["band"] = np.select([is_refuted, ordered["n_failed"] > 0], ["A", "B"], "C")
    # Shortfall, days and code settle every tie, under any weighting of the rules.
    ties = organizations.reset_index(drop=True).sort_values(
        ["shortfall", "days_overdue", "branch"], ascending=[False, False, True]
    )
    tie_rank = np.empty(len(ties), int)
    tie_rank[ties.index] = np.arange(len(ties))
    stability = np.empty(len(ordered))
    for members in (is_refuted, ~is_refuted):
        stability[members] = _top_tenth_share(
            words[members] == "failed",
            tie_rank[members],
            np.random.default_rng(seed),
            n_weightings,
        )
    ordered["stability"] = stability
    order = np.lexsort((tie_rank, -ordered["n_failed"].to_numpy(), ~is_refuted))
    ordered = ordered.iloc[order]
    n_refuted = int(is_refuted.sum())
    sizes = (n_refuted, len(ordered) - n_refuted)
    places = np.concatenate([np.arange(1, size + 1) for size in sizes])
    ordered.insert(0, "position", places)
    ordered.insert(1, "n_in_list", np.repeat(sizes, sizes))
    return ordered


def _top_tenth_share(
    has_failed: np.ndarray,
    tie_rank: np.ndarray,
    rng: np.random.Generator,
    n_weightings: int,
) -> np.ndarray:
    """Share of random weightings that put each organisation of a list into its top
    tenth.

    Organisations with the same failed rules score the same under every weighting, so
    only the distinct patterns are sorted: a city takes milliseconds, not minutes.
    """
    n_organizations, n_rules = has_failed.shape
    if not n_organizations:
        return np.empty(0)
    n_top = -(-n_organizations // 10)
    patterns, pattern = np.unique(has_failed, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    sizes = np.bincount(pattern)
    # Place of each organisation among those of its own pattern.
    order = np.lexsort((tie_rank, pattern))
    within = np.empty(n_organizations, int)
    within[order] = np.arange(n_organizations) - np.repeat(
        np.cumsum(sizes) - sizes, sizes
    )
    weights = rng.dirichlet(np.ones(max(n_rules, 1)), n_weightings)[:, :n_rules]
    scores = weights @ patterns.T
    ranking = np.argsort(-scores, axis=1, kind="stable")
    before = np.empty_like(ranking)
    sorted_sizes = sizes[ranking]
    np.put_along_axis(
        before, ranking, np.cumsum(sorted_sizes, axis=1) - sorted_sizes, axis=1
    )
    places_left = np.sort(n_top - before, axis=0)
    share = np.empty(n_organizations)
    for number in range(len(patterns)):
        mine = pattern == number
        too_few = np.searchsorted(places_left[:, number], within[mine], side="right")
        share[mine] = 1 - too_few / n_weightings
    return share


def _binomial_quantile(tail: float, n: np.ndarray, p: float) -> np.ndarray:
    """Quantile of a binomial count, interpolated between the steps of its cdf.

    The smallest r with P(X <= r) >= tail, less the share of its step that is not
    needed; between -1 and n, and cut to 0.
    """
    if p in (0.0, 1.0):
        return n * p
    r = np.clip(np.ceil(scipy.special.bdtrik(tail, n, p)), 0, n)
    # bdtrik solves a continuous equation; one step either way may be the true one.
    r = np.where((r > 0) & (binomial_at_most(r - 1, n, p) >= tail), r - 1, r)
    r = np.where(binomial_at_most(r, n, p) < tail, r + 1, r)
    r = np.minimum(r, n)
    reached, below = binomial_at_most(r, n, p), binomial_at_most(r - 1, n, p)
    return np.clip(r - (reached - tail) / (reached - below), 0.0, n)


def _floats(values: ArrayLike) -> np.ndarray:
    if isinstance(values, pd.Series):
        return np.atleast_1d(values.to_numpy(dtype=float, na_value=np.nan))
    return np.atleast_1d(np.asarray(values, float))


def _require_counts(x: np.ndarray, n: np.ndarray, effect: np.ndarray) -> None:
    if (x < 0).any() or (n < 0).any():
        raise ValueError("x and n must not be negative")
    if not (effect >= 1).all():
        raise ValueError("a design effect must be at least 1")


def _require_columns(frame: pd.DataFrame, *names: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ValueError(f"the frame has no column {', '.join(absent)}")
