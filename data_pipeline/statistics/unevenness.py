"""How unevenly one metric is spread over places: what is missing, where, how far apart.

A cell is a place with N organisations (or persons) that should be covered and x that
are; its rate is y = x/N and its weight w = N/sum(N). A complete ledger has no sampling
error, so nothing here carries a confidence interval. Measures that go flat near 100 %
(best/worst ratio, Gini, concentration index) are left out on purpose.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy  # its submodules load when they are first used
from numpy.typing import ArrayLike

MIN_NAMED = 10  # a smaller cell is not called the hottest or the coldest
MIN_BEST = 30  # a smaller cell is not held up as the best example
POINTS = 100  # shares 0-1 to percentage points
ROUNDING = 1e-6


@dataclass(frozen=True)
class Extreme:
    """A named cell at one end: its index label, rate (0-1), size, and how many tie."""

    index: Hashable
    rate: float
    denominator: float
    n_tied: int


@dataclass(frozen=True)
class Split:
    """An additive measure of unevenness, split into between and within groups."""

    total: float
    between: float
    within: float

    @property
    def between_share(self) -> float:
        """Share (0-1) that lies between the groups; NaN when nothing is uneven."""
        return self.between / self.total if self.total > 0 else np.nan

    @property
    def within_share(self) -> float:
        """Share (0-1) that lies inside the groups; NaN when nothing is uneven."""
        return self.within / self.total if self.total > 0 else np.nan


@dataclass(frozen=True, eq=False)
class Unevenness:
    """Unevenness of one metric over cells; see `measure_unevenness` for the units."""

    n_cells: int
    n_blank: int
    rate: float
    still_missing: float
    missing_share: pd.Series
    n_over: float
    gap_to_target_points: float
    hottest: Extreme | None
    coldest: Extreme | None
    spread_points: float
    mean_distance_points: float
    best: Extreme | None
    room_to_improve_points: float
    bgv: float
    bgsd: float
    idis: float
    theil: float
    mld: float
    splits: Mapping[str, Split] = field(default_factory=dict)


def weighted_mean(rates: ArrayLike, weights: ArrayLike) -> float:
    """Mean of the rates, each cell counting by its size: the ratio of sums.

    Parameters
    ----------
    rates : array_like, shape (J,)
        Rate of each cell, any unit.
    weights : array_like, shape (J,), at least 0
        Size of each cell; only their proportions matter.

    Returns
    -------
    float
        ``m = sum w_j y_j`` with ``w_j = N_j / sum N``, in the unit of `rates`; NaN
        without weight.

    Raises
    ------
    ValueError
        When the shapes differ, a weight is negative or a value is NaN.

    References
    ----------
    WHO (2013), Handbook on Health Inequality Monitoring, chapter 3.

    Examples
    --------
    >>> round(weighted_mean([0.8, 0.5], [30, 10]), 4)
    0.725
    """
    rates, shares = _rates_and_shares(rates, weights)
    return float(shares @ rates) if rates.size else np.nan


def between_group_variance(rates: ArrayLike, weights: ArrayLike) -> float:
    """Size-weighted variance of the rates around their mean (BGV).

    Parameters
    ----------
    rates : array_like, shape (J,)
        Rate of each cell; in points the result is in squared points.
    weights : array_like, shape (J,), at least 0
        Size of each cell.

    Returns
    -------
    float, at least 0
        ``BGV = sum w_j (y_j - m)^2``; 0 when all rates are equal; NaN without weight.

    Raises
    ------
    ValueError
        When the shapes differ, a weight is negative or a value is NaN.

    References
    ----------
    Harper & Lynch (2005), Methods for Measuring Cancer Disparities, NCI.

    Examples
    --------
    Rates of 80 % and 40 %, places of equal size: 20 points to either side.

    >>> between_group_variance([80, 40], [50, 50])
    400.0
    """
    rates, shares = _rates_and_shares(rates, weights)
    if not rates.size:
        return np.nan
    return float(shares @ (rates - shares @ rates) ** 2)


def mean_distance(rates: ArrayLike, weights: ArrayLike) -> float:
    """Average distance of a cell from the mean, each cell counting by its size.

    Parameters
    ----------
    rates : array_like, shape (J,)
        Rate of each cell, any unit.
    weights : array_like, shape (J,), at least 0
        Size of each cell.

    Returns
    -------
    float, at least 0
        ``sum w_j |y_j - m|`` in the unit of `rates`; NaN without weight.

    Raises
    ------
    ValueError
        When the shapes differ, a weight is negative or a value is NaN.

    References
    ----------
    Harper & Lynch (2005); WHO Health Equity Assessment Toolkit, "MDMW".

    Examples
    --------
    >>> mean_distance([80, 40], [50, 50])
    20.0
    """
    rates, shares = _rates_and_shares(rates, weights)
    if not rates.size:
        return np.nan
    return float(shares @ np.abs(rates - shares @ rates))


def index_of_disparity(rates: ArrayLike, weights: ArrayLike) -> float:
    """Average distance from the mean as a percentage of the mean (IDIS, weighted).

    Parameters
    ----------
    rates : array_like, shape (J,), at least 0
        Rate of each cell, any unit (the result has none).
    weights : array_like, shape (J,), at least 0
        Size of each cell.

    Returns
    -------
    float, 0 to 200
        ``100 sum w_j |y_j - m| / m`` in per cent; NaN when the mean is 0.

    Raises
    ------
    ValueError
        When the shapes differ, a weight is negative or a value is NaN.

    References
    ----------
    Pearcy & Keppel (2002), Public Health Reports 117:273-280, weighted by size.

    Examples
    --------
    >>> round(index_of_disparity([80, 40], [50, 50]), 2)
    33.33
    """
    m = weighted_mean(rates, weights)
    return POINTS * mean_distance(rates, weights) / m if m > 0 else np.nan


def theil_index(rates: ArrayLike, weights: ArrayLike) -> float:
    """Theil's T over cells with population weights; most sensitive to the hot end.

    Parameters
    ----------
    rates : array_like, shape (J,), at least 0
        Rate (or income) of each cell, any unit.
    weights : array_like, shape (J,), at least 0
        Size of each cell; equal sizes give the textbook index.

    Returns
    -------
    float, at least 0
        ``T = sum w_j (y_j/m) ln(y_j/m)`` with 0 ln 0 = 0; NaN when the mean is 0.

    Raises
    ------
    ValueError
        When the shapes differ, a weight or rate is negative or a value is NaN.

    References
    ----------
    Theil (1967), Economics and Information Theory; PySAL ``inequality`` (values).

    Examples
    --------
    Half has nothing: ln 2.

    >>> round(theil_index([0, 0, 10, 10], [1, 1, 1, 1]), 6)
    0.693147
    """
    return split_theil(rates, weights, np.zeros(np.size(rates))).total


def mean_log_deviation(rates: ArrayLike, weights: ArrayLike) -> float:
    """Mean logarithmic deviation with population weights; sensitive to the cold end.

    Parameters
    ----------
    rates : array_like, shape (J,), at least 0
        Rate of each cell, any unit.
    weights : array_like, shape (J,), at least 0
        Size of each cell.

    Returns
    -------
    float, at least 0
        ``MLD = sum w_j ln(m/y_j)``; NaN when a weighted cell has rate 0, where the
        measure is not defined.

    Raises
    ------
    ValueError
        When the shapes differ, a weight or rate is negative or a value is NaN.

    References
    ----------
    Theil (1967), "second measure"; WHO Health Equity Assessment Toolkit, "MLD".

    Examples
    --------
    >>> round(mean_log_deviation([80, 40], [50, 50]), 6)
    0.058892
    """
    rates, shares = _rates_and_shares(rates, weights, positive=True)
    counted = shares > 0
    rates, shares = rates[counted], shares[counted]
    if not rates.size or (rates == 0).any():
        return np.nan
    return max(0.0, float(shares @ np.log((shares @ rates) / rates)))


def split_variance(rates: ArrayLike, weights: ArrayLike, groups: ArrayLike) -> Split:
    """Split BGV into what lies between groups of cells and what lies inside them.

    Parameters
    ----------
    rates : array_like, shape (J,)
        Rate of each cell; in points the parts are in squared points.
    weights : array_like, shape (J,), at least 0
        Size of each cell.
    groups : array_like, shape (J,)
        Label of each cell's group (its unit, or its sector).

    Returns
    -------
    Split
        ``between = sum_c W_c (m_c - m)^2``, ``within = sum_c W_c BGV_c``; their sum
        is BGV, and no rate of 0 spoils it, unlike a split of the logarithmic ones.

    Raises
    ------
    ValueError
        When the shapes differ, a weight is negative or a value is NaN.

    References
    ----------
    Chakravarty (2001), The variance as a subgroup decomposable measure of
    inequality, Social Indicators Research 53:79-95.

    Examples
    --------
    Two units with two sectors each: nine tenths lie between the units.

    >>> split = split_variance([90, 80, 60, 50], [1, 1, 1, 1], ["A", "A", "B", "B"])
    >>> split.between, split.within, round(split.between_share, 2)
    (225.0, 25.0, 0.9)
    """
    rates, shares = _rates_and_shares(rates, weights)
    if not rates.size:
        return Split(np.nan, np.nan, np.nan)
    group_shares, group_means, codes = _group_means(rates, shares, groups)
    between = float(group_shares @ (group_means - shares @ rates) ** 2)
    within = float(shares @ (rates - group_means[codes]) ** 2)
    return Split(between + within, between, within)


def split_theil(rates: ArrayLike, weights: ArrayLike, groups: ArrayLike) -> Split:
    """Split Theil's T into what lies between groups of cells and inside them.

    Parameters
    ----------
    rates : array_like, shape (J,), at least 0
        Rate (or income) of each cell, any unit.
    weights : array_like, shape (J,), at least 0
        Size of each cell.
    groups : array_like, shape (J,)
        Label of each cell's group.

    Returns
    -------
    Split
        ``between = sum_c W_c (m_c/m) ln(m_c/m)``, within = the rest; all NaN when the
        mean is 0.

    Raises
    ------
    ValueError
        When the shapes differ, a weight or rate is negative or a value is NaN.

    References
    ----------
    Theil (1967); PySAL ``inequality.theil.TheilD`` (values).

    Examples
    --------
    >>> split = split_theil([0, 0, 10, 10], [1, 1, 1, 1], [0, 0, 1, 1])
    >>> round(split.between, 6), round(split.within, 6)
    (0.693147, 0.0)
    """
    rates, shares = _rates_and_shares(rates, weights, positive=True)
    m = float(shares @ rates) if rates.size else 0.0
    if m <= 0:
        return Split(np.nan, np.nan, np.nan)
    group_shares, group_means, _ = _group_means(rates, shares, groups)
    # Both are >= 0 by Jensen's inequality; rounding may leave -1e-17.
    total = max(0.0, float(shares @ scipy.special.xlogy(rates / m, rates / m)))
    between = float(
        group_shares @ scipy.special.xlogy(group_means / m, group_means / m)
    )
    between = min(max(0.0, between), total)
    return Split(total, between, total - between)


def measure_unevenness(
    cells: pd.DataFrame,
    target: float | None,
    groups: tuple[str, ...] = ("unit", "sector"),
    demanded: float = 1.0,
) -> Unevenness:
    """Measure how unevenly one metric is spread over the cells of one month.

    Parameters
    ----------
    cells : DataFrame, one row a cell
        Columns ``numerator`` (x_j covered) and ``denominator`` (N_j that should be),
        both at least 0; columns named in `groups` are used where they exist. A cell
        with a blank side or a denominator of 0 has no rate: it is counted in
        ``n_blank`` and enters nothing else. Rates above 100 % are kept as they are.
    target : float or None
        Share (0-1) to be reached; the pace line before a due date. None: no gap.
    groups : tuple of str
        Columns by which the variance is split into between and within.
    demanded : float, above 0
        Share (0-1) that is missing where it is not done, D: two thirds of the members
        are to speak by the second topic's due day, not all of them.

    Returns
    -------
    Unevenness
        ``rate`` : share, ``m = sum x / sum N``.
        ``still_missing`` : whole ones, ``ceil(sum(D N_j - x_j))``, the same of the sums
        at whatever level the cells stand; negative where more is done than demanded.
        ``missing_share`` : Series on the index of `cells`, ``max(0, D N_j - x_j)`` over
        the sum of that: the shares of those who lack something are 1 together; NaN
        where blank or where nobody lacks anything.
        ``n_over`` : whole ones, ``sum max(0, x_j - D N_j)`` rounded: what some do more
        than demanded hides as much of what others lack in ``still_missing``.
        ``gap_to_target_points`` : ``sum w_j max(0, T - y_j)`` in points.
        ``hottest``, ``coldest`` : cells with N_j >= 10; among equals the largest.
        ``spread_points`` : hottest minus coldest, points.
        ``mean_distance_points`` : ``sum w_j |y_j - m|``, points.
        ``best``, ``room_to_improve_points`` : ``max y - m`` in points, the best cell
        having N_j >= 30, at least 0.
        ``bgv`` : squared points; ``bgsd`` : its root, points; ``idis`` : per cent;
        ``theil``, ``mld`` : no unit.
        ``splits`` : for each group column the `Split` of ``bgv``.
        Every measure is NaN (or None) when no cell has a rate.

    Raises
    ------
    ValueError
        When a column is absent, a count is negative, `target` is negative or NaN, or
        `demanded` is not above 0.

    References
    ----------
    WHO (2013), Handbook on Health Inequality Monitoring; Harper & Lynch (2005).

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {"numerator": [100, 40], "denominator": [100, 100]}, index=["A", "B"]
    ... )
    >>> result = measure_unevenness(cells, target=0.9)
    >>> result.still_missing, result.gap_to_target_points, result.coldest.index
    (60.0, 25.0, 'B')
    >>> result.mean_distance_points, round(result.room_to_improve_points, 6)
    (30.0, 30.0)
    """
    if target is not None and not target >= 0:
        raise ValueError(f"target must be a share of at least 0 or None, not {target}")
    if not demanded > 0:
        raise ValueError(f"demanded must be a share above 0, not {demanded}")
    x, n = _counts(cells)

    has_rate = (n > 0) & ~np.isnan(x)
    judged = cells.loc[has_rate]
    x, n = x[has_rate], n[has_rate]
    rates = x / n
    m = x.sum() / n.sum() if n.size else np.nan
    missing = demanded * n - x
    lacking = np.maximum(0, missing)
    missing_share = pd.Series(np.nan, index=cells.index, name="missing_share")
    if lacking.any():
        missing_share[has_rate] = lacking / lacking.sum()

    hottest = _find_extreme(judged.index, rates, n, MIN_NAMED, sign=1)
    coldest = _find_extreme(judged.index, rates, n, MIN_NAMED, sign=-1)
    best = _find_extreme(judged.index, rates, n, MIN_BEST, sign=1)
    points = POINTS * rates
    bgv = between_group_variance(points, n)
    return Unevenness(
        n_cells=int(has_rate.sum()),
        n_blank=int((~has_rate).sum()),
        rate=float(m),
        # Two thirds of 300 are 200, not 201.
        still_missing=_round_up(missing.sum()) if n.size else np.nan,
        missing_share=missing_share,
        n_over=float(np.round(np.maximum(0, -missing).sum())) if n.size else np.nan,
        gap_to_target_points=_gap_points(rates, n, target),
        hottest=hottest,
        coldest=coldest,
        spread_points=(
            POINTS * (hottest.rate - coldest.rate) if hottest and coldest else np.nan
        ),
        mean_distance_points=mean_distance(points, n),
        best=best,
        # The mean can lie above the best large cell when small cells are hotter.
        room_to_improve_points=(
            max(0.0, POINTS * (best.rate - float(m))) if best else np.nan
        ),
        bgv=bgv,
        bgsd=float(np.sqrt(bgv)),
        idis=index_of_disparity(points, n),
        theil=theil_index(points, n),
        mld=mean_log_deviation(points, n),
        splits={
            name: split_variance(points, n, judged[name])
            for name in groups
            if name in cells.columns
        },
    )


def _gap_points(rates: np.ndarray, n: np.ndarray, target: float | None) -> float:
    """How far below the target the average head or branch stands; NaN without one."""
    if target is None or not n.size:
        return np.nan
    return POINTS * float(n @ np.maximum(0, target - rates) / n.sum())


def _counts(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators, NaN where blank; ValueError as of the whole."""
    absent = {"numerator", "denominator"} - set(cells.columns)
    if absent:
        raise ValueError(f"cells has no column {', '.join(sorted(absent))}")
    x = cells["numerator"].to_numpy(dtype=float, na_value=np.nan)
    n = cells["denominator"].to_numpy(dtype=float, na_value=np.nan)
    if (x < 0).any() or (n < 0).any():
        raise ValueError("numerator and denominator must not be negative")
    return x, n


def trace_unevenness(
    cells: pd.DataFrame,
    target: float | Mapping[str, float] | None,
    demanded: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Follow rate and unevenness over the months: "the average up, the gap wider".

    Parameters
    ----------
    cells : DataFrame, one row a cell and month
        Columns ``month``, ``numerator``, ``denominator``.
    target : float, mapping of month to float, or None
        Share (0-1) to be reached in each month (the pace line varies by month).
    demanded : mapping of month to float, optional
        As in `measure_unevenness`; 1 in a month that it does not name.

    Returns
    -------
    DataFrame, indexed by month in order
        ``rate`` (share), ``still_missing`` (count), ``gap_to_target_points``,
        ``spread_points``, ``mean_distance_points``, ``bgsd`` (points).

    Raises
    ------
    ValueError
        As in `measure_unevenness`; also when ``month`` is absent.

    References
    ----------
    Measures as in `measure_unevenness`.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-04", "2016-04", "2016-05", "2016-05"],
    ...     "numerator": [40, 30, 100, 40], "denominator": [100] * 4,
    ... })
    >>> trace_unevenness(cells, 1.0)[["rate", "bgsd"]].round(2).values.tolist()
    [[0.35, 5.0], [0.7, 30.0]]
    """
    if "month" not in cells.columns:
        raise ValueError("cells has no column month")
    measures = [
        "rate",
        "still_missing",
        "gap_to_target_points",
        "spread_points",
        "mean_distance_points",
        "bgsd",
    ]
    rows = {}
    for month, of_month in cells.groupby("month", sort=True):
        aim = target.get(month) if isinstance(target, Mapping) else target
        share = (demanded or {}).get(month, 1.0)
        result = measure_unevenness(of_month, aim, (), share)
        rows[month] = {name: getattr(result, name) for name in measures}
    trace = pd.DataFrame.from_dict(rows, orient="index", columns=measures)
    return trace.rename_axis("month")


def _rates_and_shares(
    rates: ArrayLike, weights: ArrayLike, positive: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    rates, weights = np.asarray(rates, float), np.asarray(weights, float)
    if rates.ndim != 1 or rates.shape != weights.shape:
        raise ValueError(
            "rates and weights must be one-dimensional and of equal length, "
            f"not {rates.shape} and {weights.shape}"
        )
    if np.isnan(rates).any() or np.isnan(weights).any():
        raise ValueError("rates and weights must not be NaN; leave blank cells out")
    if (weights < 0).any():
        raise ValueError("weights must not be negative")
    if positive and (rates < 0).any():
        raise ValueError("rates must not be negative in a logarithmic measure")
    total = weights.sum()
    if total <= 0:
        return np.empty(0), np.empty(0)
    return rates, weights / total


def _group_means(
    rates: np.ndarray, shares: np.ndarray, groups: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share and mean rate of each group, and the group number of each cell."""
    codes, labels = pd.factorize(np.asarray(groups), use_na_sentinel=False)
    if codes.shape != rates.shape:
        raise ValueError("groups must have one label for each cell")
    group_shares = np.bincount(codes, shares, len(labels))
    sums = np.bincount(codes, shares * rates, len(labels))
    # A group without weight adds nothing, whatever its mean is said to be.
    means = np.divide(sums, group_shares, np.zeros_like(sums), where=group_shares > 0)
    return group_shares, means, codes


def _round_up(count: float) -> float:
    """The next whole number; nothing missing is 0, not the minus zero of ``ceil``."""
    return float(np.ceil(count - ROUNDING)) + 0.0


def _find_extreme(
    index: pd.Index, rates: np.ndarray, sizes: np.ndarray, min_size: int, sign: int
) -> Extreme | None:
    """The cell with the highest (sign 1) or lowest (sign -1) rate.

    Among equal rates the largest cell is named, then the first label in order, so
    that the name does not depend on the order of the rows.
    """
    large = np.flatnonzero(sizes >= min_size)
    if not large.size:
        return None
    peak = (sign * rates[large]).max()
    tied = large[sign * rates[large] == peak]
    biggest = tied[sizes[tied] == sizes[tied].max()]
    chosen = min(biggest, key=lambda i: str(index[i]))
    return Extreme(
        index[chosen], float(rates[chosen]), float(sizes[chosen]), int(tied.size)
    )
