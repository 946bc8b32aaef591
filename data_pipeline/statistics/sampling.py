"""What to check, and what the checks prove: draw, estimate, and their limits.

Only random checks estimate a rate. They alone can be made into a `RandomTally` or into
`RandomRecounts`, and nothing else is estimated from; targeted and prepared checks are
counted apart by `tally_apart`, which offers no rate of the city to mix them into.
"""

import dataclasses
import functools
import hashlib
import heapq
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log1p

import numpy as np
import pandas as pd
import scipy  # its submodules load when they are first used
from numpy.typing import ArrayLike

from data_pipeline.statistics.exact_distributions import (
    exact_interval,
    hypergeometric_at_least,
    wilson_interval,
)

ROLL_STRATUM = ("unit", "sector", "is_weak")
# Of estimates; the last, where draws are registered: in how many an open case.
STRATUM = (*ROLL_STRATUM, "n_case_draws")
DRAW_STRATUM = ("unit", "sector", "layer")
LAYERS = ("case", "weak", "other")  # in the order of the list
WEAK_FACTOR = 2.5
CONFIDENCE = 0.95  # of an interval, two-sided
MIN_DRAWN = 2  # in each stratum: one alone has no variance
RESERVE_SHARE = 0.25
PROOF = 0.975  # level of an all-pass limit, planned or found: a 95 % interval's end
# A claim so much too high is what checks are for: they tell 95 % from 80 %.
OVERSTATED = 0.15
MIN_RATE = 10  # fewer checks give a fraction such as "7 / 9", not a rate
MIN_UNSTARRED = 30
FACTOR_BAND = (0.90, 1.10)
MIN_TAIL_DF = 2  # of a ratio: fewer would make limits of a single odd branch
ROUNDING = 1e-9

CONFIRMED = ("yes", True)
NOT_CONFIRMED = ("no", "no_evidence", False)


@dataclass(frozen=True, eq=False)
class Draw:
    """A reproducible check list; see `draw_checks`."""

    order: pd.DataFrame
    strata: pd.DataFrame
    rate: float
    seed: int
    frame_sha256: str
    drawn_at: datetime
    all_pass_proves: float
    reserve_share: float = RESERVE_SHARE
    month: str = ""

    @functools.cached_property
    def drawn(self) -> pd.DataFrame:
        """The list: of each stratum's order the first n_h."""
        is_drawn = self.order["place"] <= self.order["n_drawn"]
        return self.order[is_drawn].reset_index(drop=True)

    @functools.cached_property
    def reserve(self) -> pd.DataFrame:
        """Who follows in the same order, where somebody drawn cannot be reached."""
        place, n_drawn = self.order["place"], self.order["n_drawn"]
        n_reserve = np.ceil(self.reserve_share * n_drawn - ROUNDING)
        is_reserve = (place > n_drawn) & (place <= n_drawn + n_reserve)
        return self.order[is_reserve].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class RandomTally:
    """Random checks counted by stratum, the only thing a rate is estimated from.

    Attributes
    ----------
    strata : DataFrame
        Stratum columns (`unit` among them, by which lone strata are collapsed),
        ``n_frame`` branches on the roll, ``n_checked`` with a verdict,
        ``n_confirmed`` and ``n_blank`` without a verdict on the item.
    """

    strata: pd.DataFrame

    def __post_init__(self) -> None:
        strata = self.strata
        _require_columns(strata, "unit", "n_frame", "n_checked", "n_confirmed")
        counts = strata[["n_frame", "n_checked", "n_confirmed"]].to_numpy(float)
        n_frame, n_checked, n_confirmed = counts.T
        if not (
            (n_confirmed >= 0) & (n_confirmed <= n_checked) & (n_checked <= n_frame)
        ).all():
            raise ValueError(
                "every stratum needs 0 <= n_confirmed <= n_checked <= n_frame"
            )


@dataclass(frozen=True, eq=False)
class RandomRecounts:
    """What random checks recounted of what was reported, the only thing a factor is
    estimated from.

    Attributes
    ----------
    rows : DataFrame, one row a branch checked at random
        ``unit`` and the other stratum columns there are (``sector``, ``is_weak``);
        ``n_frame`` : branches of its stratum; ``reported`` : what the last ledger
        before the check claimed; ``recounted``; ``reported_after``, where requested :
        what the first ledger after it claimed. Counts, at least 0, missing where not
        known; a claim may be the average of the branch's unit and sector.
    """

    rows: pd.DataFrame

    def __post_init__(self) -> None:
        _require_columns(self.rows, "unit", "n_frame", "reported", "recounted")
        names = ["reported", "recounted", "reported_after"]
        counts = self.rows[[name for name in names if name in self.rows]]
        if (counts < 0).any(axis=None):
            raise ValueError("reported and recounted must not be negative")

    def within(self, column: str, code: Hashable) -> "RandomRecounts":
        """The recounts of one place, for example of one unit.

        Parameters
        ----------
        column : str
            A stratum column: a stratum lies wholly inside or outside the place.
        code : hashable
            Its value there.
        """
        _require_columns(self.rows, column)
        return RandomRecounts(self.rows[self.rows[column] == code])


@dataclass(frozen=True, eq=False)
class RandomChecks:
    """Random checks laid over the roll that they were drawn from; see `select_random`.

    Attributes
    ----------
    rows : DataFrame, one row a random check, the one that counts last
        The columns of the checks; ``stratum`` numbers the rows of `strata`.
    strata : DataFrame, one row a stratum of the roll, checked or not
        The stratum columns and ``n_frame``.
    """

    rows: pd.DataFrame
    strata: pd.DataFrame

    def tally(self, item: str) -> RandomTally:
        """Count one item by stratum; see `tally_random`."""
        _require_columns(self.rows, item)
        latest = self.latest
        verdict = latest[item]
        strange = set(verdict.dropna()) - set(CONFIRMED) - set(NOT_CONFIRMED)
        if strange:
            raise ValueError(f"{item} has no verdict {sorted(map(str, strange))}")
        n = len(self.strata)
        stratum = latest["stratum"].to_numpy()
        is_known = verdict.notna().to_numpy()
        is_confirmed = verdict.isin(CONFIRMED).to_numpy()
        return RandomTally(
            self.strata.assign(
                n_checked=np.bincount(stratum[is_known], minlength=n),
                n_confirmed=np.bincount(stratum[is_confirmed], minlength=n),
                n_blank=np.bincount(stratum[~is_known], minlength=n),
            )
        )

    def recounts(
        self, found: str, reported: str, reported_after: str | None = None
    ) -> RandomRecounts:
        """Set what was recounted beside what had been reported before, and was after.

        Parameters
        ----------
        found, reported, reported_after : str
            Columns of the checks; missing where a branch was not recounted, or where
            no ledger speaks of it.
        """
        columns = {"recounted": found, "reported": reported}
        if reported_after is not None:
            columns["reported_after"] = reported_after
        _require_columns(self.rows, *columns.values())
        latest = self.latest
        strata = self.strata.iloc[latest["stratum"]].reset_index(drop=True)
        return RandomRecounts(
            strata.assign(
                **{
                    name: latest[column].to_numpy(float, na_value=np.nan)
                    for name, column in columns.items()
                },
                # As an array: its rows are numbered otherwise than those of the strata.
                is_own_row=np.asarray(latest.get("is_own_row", True) == True),  # noqa: E712
            )
        )

    def of_round(self, number: int) -> "RandomChecks":
        """The checks of one round; the strata stay as they are."""
        _require_columns(self.rows, "round")
        return RandomChecks(self.rows[self.rows["round"] == number], self.strata)

    def made(self, *, is_announced: bool) -> "RandomChecks":
        """Announced or unannounced checks alone; the strata stay as they are.

        Either kind alone is still a random draw as long as nobody chose by what was
        found whom to announce to.
        """
        _require_columns(self.rows, "is_announced")
        words = CONFIRMED if is_announced else NOT_CONFIRMED
        rows = self.rows[self.rows["is_announced"].isin(words)]
        return RandomChecks(rows, self.strata)

    @functools.cached_property
    def latest(self) -> pd.DataFrame:
        """The check of each branch that counts."""
        return self.rows.drop_duplicates("branch", keep="last")


@dataclass(frozen=True)
class ShareEstimate:
    """A verified share with its uncertainty; see `estimate_share`."""

    n_frame: int
    n_checked: int
    n_confirmed: int
    n_blank: int
    estimate: float
    std_error: float
    df: int
    lower: float
    upper: float
    method: str
    reliability: str
    collapsed: tuple[tuple[Hashable, ...], ...] = field(default=())
    reported_before: float = np.nan

    @property
    def n_unconfirmed(self) -> float:
        """Branches of the frame not confirmed, as estimated; NaN without a rate."""
        return self.n_frame * (1 - self.estimate)


@dataclass(frozen=True)
class RatioEstimate:
    """A ratio of weighted sums over branches checked at random; see `estimate_ratio`.

    ``method`` : ``linearised``; ``census``; ``alike`` when the ratio is the same in
    every branch, which leaves the branches not seen to judge by; ``none``.
    """

    n_checked: int
    ratio: float
    std_error: float
    df: int
    lower: float
    upper: float
    method: str
    collapsed: tuple[tuple[Hashable, ...], ...] = field(default=())


@dataclass(frozen=True)
class FactorEstimate:
    """Recounted over reported with its uncertainty; see `estimate_factor`."""

    n_checked: int
    factor: float
    std_error: float
    df: int
    lower: float
    upper: float
    method: str
    after: float
    after_lower: float
    after_upper: float
    band: str | None
    collapsed: tuple[tuple[Hashable, ...], ...] = field(default=())


@dataclass(frozen=True)
class Change:
    """A share in one round of checks and in a later one; see `measure_change`."""

    earlier: ShareEstimate
    later: ShareEstimate
    n_both: int
    points: float
    std_error_points: float
    lower_points: float
    upper_points: float


@dataclass(frozen=True)
class LotRule:
    """How many failures among n visits are too many; see `choose_lot_rule`."""

    n_frame: int
    n_visits: int
    most_failures: int
    acts_if_good: float
    acts_if_bad: float


@dataclass(frozen=True)
class PreparedBias:
    """Prepared sites against unannounced random ones, in points."""

    prepared_rate: float
    random_rate: float
    points: float
    lower_points: float
    upper_points: float


def inclusion_probabilities(size: ArrayLike, n: float) -> np.ndarray:
    """Chances of being drawn, proportional to size, none above 1, adding up to n.

    Parameters
    ----------
    size : array_like, shape (J,), at least 0
        Relative weight of each item in the draw.
    n : float, 0 to the number of items with a positive size
        Expected number drawn.

    Returns
    -------
    ndarray, shape (J,), 0 to 1
        ``n size_j / sum size``; what exceeds 1 is certain, and the rest share what
        is left in the same proportion.

    Raises
    ------
    ValueError
        When a size is negative or `n` is out of range.

    References
    ----------
    Tille (2006), Sampling Algorithms, 2.10; R ``sampling::inclusionprobabilities``.

    Examples
    --------
    >>> inclusion_probabilities([1, 1, 8], 2).tolist()
    [0.5, 0.5, 1.0]
    """
    size = np.asarray(size, float)
    if not (size >= 0).all():
        raise ValueError("sizes must not be negative or NaN")
    if not 0 <= n <= (size > 0).sum():
        raise ValueError(
            f"n must lie between 0 and {(size > 0).sum()}, the items with a size, "
            f"not {n}"
        )
    certain = np.zeros(size.shape, bool)
    chance = np.zeros(size.shape)
    while True:
        rest = size[~certain].sum()
        chance[certain] = 1.0
        if rest <= 0:
            return chance
        chance[~certain] = (n - certain.sum()) * size[~certain] / rest
        surpassed = ~certain & (chance > 1 + ROUNDING)
        if not surpassed.any():
            return np.minimum(chance, 1.0)
        certain |= surpassed


def allocate(n_frame: ArrayLike, n: int, factor: ArrayLike = 1.0) -> np.ndarray:
    """How many to draw from each stratum.

    Parameters
    ----------
    n_frame : array_like of counts, shape (H,)
        Branches of each stratum, N_h.
    n : int, 0 to sum N
        Branches to draw in all; the lower bound of two a stratum may raise it.
    factor : float or array_like, shape (H,), above 0
        f_h, how much more densely than others a stratum is drawn.

    Returns
    -------
    ndarray of int, shape (H,)
        ``n_h = min(N_h, max(2, round(n N_h f_h / sum N f)))``, halves rounded up.
        Where n is so large that a stratum is exhausted, the others share the rest.

    Raises
    ------
    ValueError
        When a count is negative, a factor not positive or `n` is out of range.

    References
    ----------
    Cochran (1977), Sampling Techniques, 5.5, with factors in place of costs.

    Examples
    --------
    >>> allocate([1000, 100, 1], 110, [1, 2.5, 1]).tolist()
    [88, 22, 1]
    """
    n_frame = np.asarray(n_frame, float)
    factor = np.broadcast_to(np.asarray(factor, float), n_frame.shape)
    if not ((n_frame >= 0).all() and (factor > 0).all()):
        raise ValueError("n_frame must not be negative and factor must be positive")
    if not 0 <= n <= n_frame.sum():
        raise ValueError(f"n must lie between 0 and {n_frame.sum():.0f}, not {n}")
    # Chances are those of single branches; all branches of a stratum have the same.
    chances = inclusion_probabilities(np.repeat(factor, n_frame.astype(int)), n)
    stratum = np.repeat(np.arange(n_frame.size), n_frame.astype(int))
    expected = np.bincount(stratum, chances, n_frame.size)
    wanted = np.floor(expected + 0.5 + ROUNDING)
    return np.minimum(n_frame, np.maximum(MIN_DRAWN, wanted)).astype(int)


def prove_by_all_pass(
    n_frame: ArrayLike, n_drawn: ArrayLike, confidence: float = PROOF
) -> float:
    """What is proven when every branch drawn passes: the least share that is true.

    Parameters
    ----------
    n_frame, n_drawn : array_like of counts, shape (H,) or scalar
        Branches and drawn branches of each stratum, ``0 <= n_h <= N_h``.
    confidence : float, above 0 and below 1
        One-sided level. The default is the lower end of a two-sided 95 % interval, so
        that a plan promises what its result will say.

    Returns
    -------
    float, 0 to 1
        Smallest share of the frame that can be sound while a draw without a single
        failure still has probability of at least ``1 - confidence``; the failures are
        put where the draw is least likely to meet them. NaN for an empty frame.

    Raises
    ------
    ValueError
        When ``n_drawn`` is negative or larger than ``n_frame``.

    Notes
    -----
    With F_h failures the draw meets none with probability
    ``prod_h C(N_h - F_h, n_h) / C(N_h, n_h)``. Its logarithm falls ever faster in
    each F_h, so adding failures one by one where they cost least is exact.

    References
    ----------
    Exact hypergeometric bound, as in Wright (1991), Exact Confidence Bounds when
    Sampling from Small Finite Universes, extended to strata.

    Examples
    --------
    21 of 208 branches, all in order, prove no more than 85.1 %.

    >>> round(prove_by_all_pass(208, 21), 3)
    0.851
    """
    n_frame = np.atleast_1d(np.asarray(n_frame, int))
    n_drawn = np.atleast_1d(np.asarray(n_drawn, int))
    if not ((n_drawn >= 0) & (n_drawn <= n_frame)).all():
        raise ValueError("n_drawn must lie between 0 and n_frame in every stratum")
    total = int(n_frame.sum())
    if not total:
        return np.nan
    n_hidden = 0
    left = -log1p(-confidence)
    costs = []
    for size, drawn in zip(n_frame.tolist(), n_drawn.tolist(), strict=True):
        if drawn == 0:
            n_hidden += size
        elif drawn < size:
            heapq.heappush(costs, (_cost_of_failure(size, drawn), size, drawn))
    while costs:
        cost, size, drawn = heapq.heappop(costs)
        # 1e-12: probability exactly 1 - confidence still counts as possible.
        if cost > left + 1e-12:
            break
        left -= cost
        n_hidden += 1
        if drawn < size - 1:
            # One failure fewer to place is a frame one smaller, by the same draw.
            heapq.heappush(costs, (_cost_of_failure(size - 1, drawn), size - 1, drawn))
    return (total - n_hidden) / total


def draw_checks(
    roll: pd.DataFrame,
    rate: float,
    seed: int,
    drawn_at: datetime,
    *,
    weak_factor: float = WEAK_FACTOR,
    reserve_share: float = RESERVE_SHARE,
) -> Draw:
    """Draw the branches to check, so that anybody can repeat the draw.

    Parameters
    ----------
    roll : DataFrame, one row a branch
        ``branch`` : code, unique; ``unit``, ``sector`` : codes; ``is_weak`` : of a
        weak type, a stratum of its own. ``has_case`` (default no) : an open case of
        the weak list, again a stratum of its own and the first on the list.
        ``is_recent`` (default no) : drawn and checked in the last rounds, goes to the
        back of its stratum. Other columns are kept.
    rate : float, above 0 and at most 1
        Share to draw; the work asks for 0.10 to 0.15.
    seed : int
        Part of the order; the same seed draws the same list.
    drawn_at : datetime
        When the list was drawn, kept with it.
    weak_factor : float, above 0
        How much more densely weak branches are drawn.
    reserve_share : float, at least 0
        Length of each stratum's reserve list as a share of its draw, rounded up.

    Returns
    -------
    Draw
        ``order`` : every branch, open cases first, then weak ones, with ``layer``
        (one of `LAYERS`), ``place`` (1, 2, ... in the stratum), ``n_frame``,
        ``n_drawn``, ``is_announced`` and ``inclusion_probability``; ``is_weak`` is
        true of both weak layers. ``drawn`` : the list; ``reserve`` : who follows in
        the same order; ``strata`` : one row a stratum, its probability n_h / N_h;
        ``frame_sha256`` : of all that the draw was made from;
        ``all_pass_proves`` : share proven when all drawn pass, as the
        95 % interval of such a result would have it.

    Raises
    ------
    ValueError
        When a column is absent or blank, a code stands twice, or `rate` is out of
        range.

    Notes
    -----
    A stratum's branches are ordered by ``sha256("seed|branch")``, in SQL
    ``sha256(concat(seed, '|', branch))``, and its first n_h are drawn. A new stratum
    or branch therefore reorders nobody. Every second place is announced, so that at
    least half of each stratum's checks are not, and nobody chooses which.

    With r_h recent among the N_h of a stratum, the others are drawn with probability
    min(1, n_h / (N_h - r_h)) and the recent ones with max(0, n_h - N_h + r_h) / r_h:
    0 as long as there are others. That leaves nobody out for good and does not bias,
    on one condition: recent must mean *drawn at random* and checked. A round of n_1
    of the N_h and a round of n_2 of the N_h - n_1 left are together one simple random
    draw of n_1 + n_2 without replacement, each branch with probability
    (n_1 + n_2) / N_h, and estimates count all random checks to date, each with the
    weight N_h / (n_1 + n_2). Branches that were visited for another reason are no
    random part of their stratum (the weakest were sought out): put to the back they
    would be missing from every estimate, so they keep their place.

    References
    ----------
    Stratified sampling with permanent random numbers: Ohlsson (1995), in Business
    Survey Methods, 153-169. Draws in turn without replacement: Cochran (1977), 2.7.

    Examples
    --------
    >>> roll = pd.DataFrame({
    ...     "branch": [f"B{i}" for i in range(40)], "unit": "350102",
    ...     "sector": "rural", "is_weak": [i < 10 for i in range(40)],
    ... })
    >>> draw = draw_checks(roll, 0.15, seed=7, drawn_at=datetime(2016, 7, 1))
    >>> draw.strata[["is_weak", "n_frame", "n_drawn"]].values.tolist()
    [[True, 10, 3], [False, 30, 3]]
    """
    frame = _key_frame(roll, seed)
    if not 0 < rate <= 1:
        raise ValueError(f"rate must be above 0 and at most 1, not {rate}")
    frame_sha256 = _hash_frame(frame)
    ordered = frame.sort_values(
        ["_rank", "unit", "sector", "_recent", "_key"], ignore_index=True
    )
    by_stratum = ordered.groupby(list(DRAW_STRATUM), sort=False)
    strata = by_stratum.agg(
        is_weak=("is_weak", "first"),
        n_frame=("branch", "size"),
        n_recent=("_recent", "sum"),
    ).reset_index()
    factor = np.where(strata["is_weak"], weak_factor, 1.0)
    n = int(np.floor(rate * len(roll) + 0.5 + ROUNDING))
    strata["n_drawn"] = allocate(strata["n_frame"], n, factor)
    strata["inclusion_probability"] = strata["n_drawn"] / strata["n_frame"]
    sizes = ordered[list(DRAW_STRATUM)].merge(strata, on=list(DRAW_STRATUM), how="left")
    n_frame, n_drawn, n_recent = (
        sizes[name].to_numpy() for name in ("n_frame", "n_drawn", "n_recent")
    )
    n_others = n_frame - n_recent
    place = by_stratum.cumcount().to_numpy() + 1
    chance = np.where(
        ordered["_recent"],
        np.maximum(0, n_drawn - n_others) / np.maximum(n_recent, 1),
        np.minimum(1, n_drawn / np.maximum(n_others, 1)),
    )
    ordered = ordered.drop(columns=["_rank", "_recent", "_key"]).assign(
        n_frame=n_frame,
        n_drawn=n_drawn,
        inclusion_probability=chance,
        is_announced=place % 2 == 0,
    )
    ordered.insert(0, "place", place)
    return Draw(
        order=ordered,
        strata=strata.drop(columns="n_recent"),
        rate=rate,
        seed=seed,
        frame_sha256=frame_sha256,
        drawn_at=drawn_at,
        all_pass_proves=prove_by_all_pass(strata["n_frame"], strata["n_drawn"]),
        reserve_share=reserve_share,
    )


def _key_frame(roll: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The roll with what a draw orders by: `layer` and its `_rank`, `_recent`, `_key`.

    Raises ValueError as `draw_checks` says of the roll.
    """
    _require_columns(roll, "branch", *ROLL_STRATUM)
    if roll[["branch", *ROLL_STRATUM]].isna().any(axis=None):
        raise ValueError("branch, unit, sector and is_weak must not be blank")
    if roll["branch"].duplicated().any():
        raise ValueError("a branch code stands twice on the roll")
    is_weak = roll["is_weak"].to_numpy(bool)
    has_case, is_recent = (
        roll[name].to_numpy(bool) if name in roll else np.zeros(len(roll), bool)
        for name in ("has_case", "is_recent")
    )
    rank = np.where(has_case, 0, np.where(is_weak, 1, 2))
    return roll.drop(columns=["has_case", "is_recent"], errors="ignore").assign(
        is_weak=rank < LAYERS.index("other"),
        layer=np.array(LAYERS, object)[rank],
        _rank=rank,
        _recent=is_recent,
        _key=[
            hashlib.sha256(f"{seed}|{branch}".encode()).hexdigest()
            for branch in roll["branch"]
        ],
    )


def select_random(checks: pd.DataFrame, roll: pd.DataFrame) -> RandomChecks:
    """Take the random checks out of all checks; the others are left behind here.

    Parameters
    ----------
    checks : DataFrame, one row a check
        ``branch``, ``selection`` (only ``random`` is taken), ``check_date`` and
        whatever is to be counted; ``precedence``, as `rates.read_checks` gives it.
    roll : DataFrame, one row a branch
        ``branch``, ``unit``, ``sector``; ``is_weak`` where the draw had it.

    Returns
    -------
    RandomChecks
        From which one item is counted (`RandomChecks.tally`) or a recount set beside
        the ledger (`RandomChecks.recounts`). A branch checked twice counts with the
        check of the highest precedence, without that column with its last.

    Raises
    ------
    ValueError
        When a column is absent, or a branch stands twice on the roll or not at all.

    References
    ----------
    Lohr (2019), Sampling: Design and Analysis, chapter 3.

    Examples
    --------
    >>> roll = pd.DataFrame({
    ...     "branch": ["a", "b", "c"], "unit": "350102", "sector": "rural",
    ... })
    >>> checks = pd.DataFrame({
    ...     "branch": ["a", "b", "c"], "selection": ["random", "random", "prepared"],
    ...     "check_date": "2016-07-20", "found_lectures_grassroots": [1, 0, 3],
    ...     "n_lectures_grassroots": [2, 0, 3],
    ... })
    >>> chosen = select_random(checks, roll)
    >>> chosen.recounts("found_lectures_grassroots", "n_lectures_grassroots").rows[
    ...     ["n_frame", "reported", "recounted"]].values.tolist()
    [[3.0, 2.0, 1.0], [3.0, 0.0, 0.0]]
    """
    _require_columns(checks, "branch", "selection", "check_date")
    _require_columns(roll, "branch", "unit", "sector")
    if roll["branch"].duplicated().any():
        raise ValueError("a branch code stands twice on the roll")
    names = [name for name in STRATUM if name in roll.columns]
    by_stratum = roll.groupby(names, sort=True, dropna=False)
    strata = by_stratum.size().rename("n_frame").reset_index()
    places = pd.DataFrame(
        {"branch": roll["branch"], "stratum": by_stratum.ngroup().to_numpy()}
    )
    taken = checks[checks["selection"] == "random"].drop(
        columns="stratum", errors="ignore"
    )
    order = "precedence" if "precedence" in taken else "check_date"
    taken = taken.sort_values(order, kind="stable")
    taken = taken.merge(places, on="branch", how="left")
    absent = taken["stratum"].isna()
    if absent.any():
        first = taken.loc[absent, "branch"].iloc[0]
        raise ValueError(f"{int(absent.sum())} branches are not on the roll: {first!r}")
    return RandomChecks(taken.assign(stratum=taken["stratum"].astype(int)), strata)


def tally_random(
    checks: pd.DataFrame,
    roll: pd.DataFrame,
    item: str,
    *,
    is_announced: bool | None = None,
) -> RandomTally:
    """Count the random checks of one item by stratum; all others are left out here.

    Parameters
    ----------
    checks : DataFrame, one row a check
        ``branch``, ``selection`` (only ``random`` is taken), ``check_date`` and the
        column `item`: ``yes``, ``no``, ``no_evidence`` or blank (True and False are
        taken too). A branch checked twice counts with its last verdict.
        ``is_announced`` where requested.
    roll : DataFrame, one row a branch
        ``branch``, ``unit``, ``sector``; ``is_weak`` where the draw had it.
    item : str
        For example ``found_topic_1``.
    is_announced : bool or None
        Take only announced (True) or unannounced (False) checks; None: both.

    Returns
    -------
    RandomTally
        One row for each stratum of the roll, checked or not. No evidence is not
        confirmed; a refused or lost branch must be entered as ``no``.

    Raises
    ------
    ValueError
        When a column is absent, a branch stands twice on the roll or not at all, or a
        verdict is no word of the list.

    References
    ----------
    Lohr (2019), Sampling: Design and Analysis, chapter 3.

    Examples
    --------
    >>> roll = pd.DataFrame({
    ...     "branch": ["a", "b", "c"], "unit": "350102", "sector": "rural",
    ... })
    >>> checks = pd.DataFrame({
    ...     "branch": ["a", "b", "c"], "selection": ["random", "random", "prepared"],
    ...     "check_date": "2016-07-20", "found_topic_1": ["yes", "no_evidence", "yes"],
    ... })
    >>> tally = tally_random(checks, roll, "found_topic_1")
    >>> tally.strata[["n_frame", "n_checked", "n_confirmed"]].values.tolist()
    [[3, 2, 1]]
    """
    chosen = select_random(checks, roll)
    if is_announced is not None:
        chosen = chosen.made(is_announced=is_announced)
    return chosen.tally(item)


def tally_apart(checks: pd.DataFrame, item: str) -> pd.DataFrame:
    """Count targeted and prepared checks of one item, each by itself.

    Parameters
    ----------
    checks : DataFrame, one row a check
        ``selection`` and the column `item`, as in `tally_random`.
    item : str
        For example ``found_topic_1``.

    Returns
    -------
    DataFrame, indexed by ``targeted`` and ``prepared``
        ``n_checked`` with a verdict, ``n_confirmed``, ``n_blank``: counts of what was
        visited, which say nothing about the branches that were not.

    Raises
    ------
    ValueError
        When a column is absent.

    References
    ----------
    Pooling made 93 % look like 77 % in a city of known truth.

    Examples
    --------
    >>> checks = pd.DataFrame({
    ...     "selection": ["prepared", "prepared", "random"],
    ...     "found_topic_1": ["yes", "no", "yes"],
    ... })
    >>> tally_apart(checks, "found_topic_1").loc["prepared"].tolist()
    [2, 1, 0]
    """
    _require_columns(checks, "selection", item)
    apart = pd.DataFrame(
        {
            "n_checked": checks[item].notna().astype(int),
            "n_confirmed": checks[item].isin(CONFIRMED).astype(int),
            "n_blank": checks[item].isna().astype(int),
        }
    )
    sums = apart.groupby(checks["selection"].to_numpy()).sum()
    sums = sums.reindex(["targeted", "prepared"], fill_value=0)
    return sums.rename_axis("selection")


def stratified_mean(
    n_frame: ArrayLike, n_drawn: ArrayLike, mean: ArrayLike, variance: ArrayLike
) -> tuple[float, float]:
    """Mean of a finite population from the means of its strata, and its error.

    Parameters
    ----------
    n_frame, n_drawn : array_like, shape (H,), ``1 <= n_h <= N_h``
        Sizes of the strata and of the draws from them.
    mean, variance : array_like, shape (H,)
        Mean and variance (divisor n_h - 1) of each draw. The variance of a stratum
        that was drawn whole is not used and may be NaN.

    Returns
    -------
    mean, std_error : float
        ``sum W_h y_h`` and the root of ``sum W_h^2 (1 - n_h/N_h) s_h^2 / n_h``, in
        the unit of `mean`; 0 error for a full census.

    Raises
    ------
    ValueError
        When a draw is empty or larger than its stratum.

    References
    ----------
    Lohr (2019), Sampling: Design and Analysis, 3.2; Cochran (1977), 5.9.

    Examples
    --------
    >>> mean, error = stratified_mean([100, 300], [10, 30], [0.5, 0.9], [0.25, 0.09])
    >>> round(mean, 4), round(error, 4)
    (0.8, 0.0541)
    """
    n_frame, n_drawn, mean, variance = (
        np.atleast_1d(np.asarray(values, float))
        for values in (n_frame, n_drawn, mean, variance)
    )
    if not ((n_drawn >= 1) & (n_drawn <= n_frame)).all():
        raise ValueError("n_drawn must lie between 1 and n_frame in every stratum")
    share = n_frame / n_frame.sum()
    unseen = 1 - n_drawn / n_frame
    spread = np.where(unseen > 0, variance, 0.0)
    return (
        float(share @ mean),
        float(np.sqrt((share**2 * unseen * spread / n_drawn).sum())),
    )


def effective_size(
    rate: ArrayLike, std_error: ArrayLike, n_checked: ArrayLike
) -> np.ndarray:
    """Size of a simple random draw that would know a share as well as this one does.

    Parameters
    ----------
    rate, std_error, n_checked : array_like, shape (J,)
        Stratified estimates (0 to 1), their standard errors and numbers of checks.

    Returns
    -------
    ndarray, shape (J,)
        ``p q / se^2``, from 1 up to `n_checked`; `n_checked` itself where nothing
        varies (p of 0 or 1, or no error).

    References
    ----------
    Kish (1965), Survey Sampling, 8.2; capped as by Korn & Graubard (1998).

    Examples
    --------
    >>> size = effective_size([0.9, 0.9, 1.0], [0.06, 0.01, 0.0], [40, 40, 12])
    >>> size.round(6).tolist()
    [25.0, 40.0, 12.0]
    """
    rate, std_error, n_checked = (
        np.asarray(values, float) for values in (rate, std_error, n_checked)
    )
    spread, variance = rate * (1 - rate), std_error**2
    varies = (spread > 0) & (variance > 0)
    size = np.divide(spread, variance, out=n_checked.copy(), where=varies)
    return np.clip(size, 1.0, n_checked)


def estimate_share(
    tally: RandomTally, *, confidence: float = CONFIDENCE, min_checked: int = MIN_RATE
) -> ShareEstimate:
    """Estimate the share that is true from random checks, with an honest interval.

    Parameters
    ----------
    tally : RandomTally
        Random checks by stratum; anything else is refused.
    confidence : float, above 0 and below 1
        Two-sided level.
    min_checked : int
        With fewer checks there is no rate, only the fraction.

    Returns
    -------
    ShareEstimate
        ``estimate`` : share, ``p = sum W_h k_h / n_h``.
        ``std_error`` : root of ``sum W_h^2 (1 - n_h/N_h) p_h q_h / (n_h - 1)``;
        collapsed strata keep their own W_h and n_h and share the plain variance of
        their checks, differences between them included.
        ``df`` : checks less strata. ``lower``, ``upper`` : 0 to 1, p between them.
        ``method`` : ``korn_graubard``, with the effective size capped at the number
        of checks; ``exact`` when all passed or all failed (`prove_by_all_pass`);
        ``census`` when all were checked; ``none`` without a rate.
        ``reliability`` : ``too_few`` (< `min_checked`: estimate, error and interval
        are NaN; show "7 / 9"), ``starred`` (< 30) or ``sound``.
        ``collapsed`` : the strata with fewer than two checks that lent each other
        their variance, or took over a rate, inside their unit (and across units only
        when a unit has no other).

    Raises
    ------
    TypeError
        When `tally` is not a `RandomTally`.

    Notes
    -----
    Collapsing leaves the point estimate alone: each checked stratum keeps its own
    rate and weight. A stratum without a check takes the rate of its partners. The
    interval also respects what was seen: at least the k confirmed of N are true, at
    most all but the n - k that were not confirmed.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24:193-201; R ``survey::svyciprop``
    (values); Lohr (2019), chapter 3; Wolter (2007), collapsed strata.

    Examples
    --------
    >>> tally = RandomTally(pd.DataFrame({
    ...     "unit": ["A", "B", "C"], "n_frame": [4421, 755, 1018],
    ...     "n_checked": [100, 50, 50], "n_confirmed": [91, 26, 35],
    ... }))
    >>> result = estimate_share(tally)
    >>> [round(v, 4) for v in (result.estimate, result.lower, result.upper)]
    [0.8279, 0.7684, 0.8775]
    """
    if not isinstance(tally, RandomTally):
        raise TypeError(
            f"only a RandomTally can be estimated from, not {type(tally).__name__}: "
            "targeted and prepared checks say nothing about branches not visited"
        )
    (counted,) = _Counted.of_places(tally.strata, ())
    return _estimate_share(counted, confidence, min_checked)


@dataclass(frozen=True, eq=False)
class _Counted:
    """The strata of one place as arrays, those without a branch on the roll left out.

    ``place`` : the codes of the place, in the order of its dimensions; ``label`` : what
    names each stratum; ``n_claimed`` : None where the strata do not have it.
    """

    place: tuple[Hashable, ...]
    label: tuple[tuple[Hashable, ...], ...]
    unit: np.ndarray
    n_frame: np.ndarray
    n_checked: np.ndarray
    n_confirmed: np.ndarray
    n_blank: int
    n_claimed: np.ndarray | None

    @classmethod
    def of_places(cls, strata: pd.DataFrame, by: Sequence[str]) -> Iterator["_Counted"]:
        """Each place of `by`, in order; without any, all strata as one."""
        counts = ("n_frame", "n_checked", "n_confirmed", "n_blank", "n_claimed")
        names = [name for name in strata.columns if name not in counts]
        label = list(strata[names].itertuples(index=False, name=None))
        unit = strata["unit"].to_numpy()
        n_frame, n_checked, n_confirmed, n_blank, n_claimed = (
            strata[name].to_numpy(float) if name in strata else None for name in counts
        )
        for place, positions in _split(strata, by):
            at = positions[n_frame[positions] > 0]
            yield cls(
                place,
                tuple(label[position] for position in at),
                unit[at],
                n_frame[at],
                n_checked[at],
                n_confirmed[at],
                0 if n_blank is None else int(n_blank[at].sum()),
                None if n_claimed is None else n_claimed[at],
            )


def _split(
    rows: pd.DataFrame, by: Sequence[str]
) -> list[tuple[tuple[Hashable, ...], np.ndarray]]:
    """The codes of each place of `by`, in order, and the positions of its rows."""
    positions = np.arange(len(rows))
    if not by:
        return [((), positions)]
    grouped = rows[list(by)].assign(at=positions).groupby(list(by), sort=True)["at"]
    return [(place, at.to_numpy()) for place, at in grouped]


def _estimate_share(
    counted: _Counted, confidence: float, min_checked: int
) -> ShareEstimate:
    """See `estimate_share`."""
    n_frame, n_checked = counted.n_frame, counted.n_checked
    n_confirmed = counted.n_confirmed
    counts = {
        "n_frame": int(n_frame.sum()),
        "n_checked": int(n_checked.sum()),
        "n_confirmed": int(n_confirmed.sum()),
        "n_blank": counted.n_blank,
    }
    n = counts["n_checked"]
    if n < max(min_checked, 1):
        return _without_rate(counted, counts)
    group = _collapse(counted.unit, n_frame, n_checked)
    estimate = _weigh(n_confirmed, n_frame, n_checked, group)
    estimate = min(max(estimate, 0.0), 1.0)
    std_error = _error_of_share(n_confirmed, n_frame, n_checked, group)
    reported_before = np.nan
    if counted.n_claimed is not None:
        reported_before = _weigh(counted.n_claimed, n_frame, n_checked, group)
    df = int(n - (group.max() + 1))
    all_pass = prove_by_all_pass(
        *_take_in_unvisited(group, n_frame, n_checked), (1 + confidence) / 2
    )
    if n == counts["n_frame"]:
        method, lower, upper = "census", estimate, estimate
    elif counts["n_confirmed"] == n:
        method, estimate, lower, upper = "exact", 1.0, all_pass, 1.0
    elif counts["n_confirmed"] == 0:
        method, estimate, lower, upper = "exact", 0.0, 0.0, 1 - all_pass
    else:
        method = "korn_graubard"
        lower, upper = _korn_graubard(estimate, std_error, n, df, confidence)
        # A failure never proves more than the same checks without it.
        lower, upper = min(lower, all_pass), max(upper, 1 - all_pass)
        # What was seen is so, whatever the rest is.
        lower = max(lower, counts["n_confirmed"] / counts["n_frame"])
        n_refuted = n - counts["n_confirmed"]
        upper = min(upper, 1 - n_refuted / counts["n_frame"])
    if n < MIN_DRAWN and method != "census":
        std_error = np.nan
    return ShareEstimate(
        **counts,
        estimate=estimate,
        std_error=std_error,
        df=df,
        lower=min(lower, estimate),
        upper=max(upper, estimate),
        method=method,
        reliability="sound" if n >= MIN_UNSTARRED else "starred",
        collapsed=tuple(itertools.compress(counted.label, _is_collapsed(group))),
        reported_before=reported_before,
    )


def _is_collapsed(group: np.ndarray) -> np.ndarray:
    """Which strata share a variance with others."""
    return np.bincount(group)[group] > 1


def _without_rate(counted: _Counted, counts: Mapping[str, int]) -> ShareEstimate:
    """What is said of too few checks: the fraction, and what was claimed of them.

    Both are of the branches checked, unweighted. Weighted by what its stratum stands
    for, the claim of one branch could be that of all, and 6 of 7 confirmed too few
    where 5 of the 7 had been claimed.
    """
    before = np.nan
    if counted.n_claimed is not None and counts["n_checked"]:
        before = float(counted.n_claimed.sum() / counts["n_checked"])
    return ShareEstimate(
        **counts,
        estimate=np.nan,
        std_error=np.nan,
        df=0,
        lower=np.nan,
        upper=np.nan,
        method="none",
        reliability="too_few",
        reported_before=before,
    )


def _weigh(
    n_of: np.ndarray, n_frame: np.ndarray, n_checked: np.ndarray, group: np.ndarray
) -> float:
    """The share that `n_of` are of the checks, each stratum weighted by its frame.

    A stratum has its own rate where it was checked, else the mean of its partners.
    """
    n_groups, seen = group.max() + 1, n_checked > 0
    own = np.divide(n_of, n_checked, np.zeros(seen.shape), where=seen)
    seen_frame = np.bincount(group, np.where(seen, n_frame, 0.0), n_groups)
    rates = np.bincount(group, np.where(seen, n_frame, 0.0) * own, n_groups)
    group_frame = np.bincount(group, n_frame, n_groups)
    return float(group_frame @ (rates / seen_frame) / n_frame.sum())


def _error_of_share(
    n_confirmed: np.ndarray,
    n_frame: np.ndarray,
    n_checked: np.ndarray,
    group: np.ndarray,
) -> float:
    """The standard error of `_weigh`, collapsed strata sharing their variance."""
    n_groups, seen = group.max() + 1, n_checked > 0
    group_frame = np.bincount(group, n_frame, n_groups)
    group_checked = np.bincount(group, n_checked, n_groups)
    seen_frame = np.bincount(group, np.where(seen, n_frame, 0.0), n_groups)
    # The spread of a group counts each check once, whatever branches it stands for:
    # weighted, one check of a heavy stratum would be its own proof.
    plain = np.bincount(group, n_confirmed, n_groups) / group_checked
    spread = group_checked * plain * (1 - plain) / np.maximum(group_checked - 1, 1)
    stands_for = np.where(seen, n_frame, 0.0) * (group_frame / seen_frame)[group]
    unseen = 1 - np.divide(n_checked, stands_for, np.ones(seen.shape), where=seen)
    parts = stands_for**2 * unseen * spread[group] / np.maximum(n_checked, 1)
    return float(np.sqrt(parts.sum()) / n_frame.sum())


def _korn_graubard(
    estimate: float, std_error: float, n: int, df: int, confidence: float
) -> tuple[float, float]:
    """Exact limits at the effective size, which is never above the `n` checks."""
    effective = float(n)
    if std_error > 0:
        tail = (1 - confidence) / 2
        effective = estimate * (1 - estimate) / std_error**2
        effective *= (
            scipy.special.stdtrit(n - 1, tail) / scipy.special.stdtrit(df, tail)
        ) ** 2
        effective = min(effective, float(n))
    lower, upper = exact_interval(effective * estimate, effective, confidence)
    return float(lower), float(upper)


def estimate_shares(
    tally: RandomTally, by: Sequence[str] = (), *, min_checked: int = MIN_RATE
) -> pd.DataFrame:
    """Estimate the share for each unit, sector or other grouping of the strata.

    Parameters
    ----------
    tally : RandomTally
        Random checks by stratum.
    by : sequence of str
        Columns of the strata; none: the city.
    min_checked : int
        As in `estimate_share`.

    Returns
    -------
    DataFrame, one row a group
        The `by` columns and the fields of `ShareEstimate`.

    Raises
    ------
    TypeError
        When `tally` is not a `RandomTally`.
    ValueError
        When a column of `by` is not one of the strata.

    References
    ----------
    As in `estimate_share`; strata lie wholly inside a unit and a sector, so a group's
    estimate is that of its own strata.

    Examples
    --------
    >>> tally = RandomTally(pd.DataFrame({
    ...     "unit": ["A", "B"], "n_frame": [200, 100],
    ...     "n_checked": [40, 20], "n_confirmed": [38, 10],
    ... }))
    >>> estimate_shares(tally, ["unit"])[["unit", "estimate"]].values.tolist()
    [['A', 0.95], ['B', 0.5]]
    """
    if not isinstance(tally, RandomTally):
        raise TypeError(f"only a RandomTally can be estimated from, not {type(tally)}")
    by = list(by)
    _require_columns(tally.strata, *by)
    rows = []
    for counted in _Counted.of_places(tally.strata, by):
        result = _estimate_share(counted, CONFIDENCE, min_checked)
        rows.append({**dict(zip(by, counted.place, strict=True)), **vars(result)})
    fields = list(ShareEstimate.__dataclass_fields__)
    return pd.DataFrame(rows, columns=by + fields)


def estimate_ratio(
    rows: pd.DataFrame, part: str, whole: str, *, confidence: float = CONFIDENCE
) -> RatioEstimate:
    """Ratio of two weighted sums over a stratified draw of branches.

    Parameters
    ----------
    rows : DataFrame, one row a branch checked at random
        As in `RandomRecounts`; rows with a blank side are left out.
    part, whole : str
        Columns above and below the line, at least 0.
    confidence : float, above 0 and below 1
        Two-sided level.

    Returns
    -------
    RatioEstimate
        ``ratio`` : ``R = sum w y / sum w x``, ``w = N_h / n_h``; never a mean of
        ratios. ``std_error`` : linearised, from ``w (y - R x) / sum w x``.
        ``df`` : checks less strata. ``lower``, ``upper`` : ``R exp(-+ t s / R)``, t of
        at most ``n / (k - 1)`` degrees of freedom, k the kurtosis of what varies: a
        variance that a few odd branches make is poorly known. Never inside
        ``R (1 - q)`` and ``R / (1 - q)``: of up to q of all that was reported n checks
        cannot tell whether nothing of it would be found, or about twice. NaN where
        ``df`` < 1. All NaN when nothing was reported.

    Raises
    ------
    ValueError
        When a stratum is smaller than its draw.

    Notes
    -----
    Where nothing varies inside the strata the variance is taken between them, so that
    strata drawn thinly cannot pass for certainty. ``q = 1 - 0.025^(1/m)``, m checks by
    Kish's effective number, and at most the share not visited: as in
    `prove_by_all_pass`, what was found in every branch proves no more.

    Of simulated draws of 12 to 200 branches, with up to a quarter of them over-reported
    in various ways or a few of them under-reported, 94 to 100 % of the intervals of
    95 % hold the truth; those of few checks are wide rather than wrong.

    References
    ----------
    Lohr (2019), Sampling: Design and Analysis, 4.1 and 9.1 (linearisation);
    Satterthwaite (1946), Biometrics Bulletin 2:110-114 (degrees of freedom of a
    variance: ``2 n / (k - 1)``, halved because the kurtosis of few is too small).

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "unit": "A", "n_frame": 100, "x": [10, 20, 10] * 12, "y": [8, 17, 9] * 12,
    ... })
    >>> result = estimate_ratio(rows, "y", "x")
    >>> [round(v, 3) for v in (result.ratio, result.lower, result.upper)]
    [0.85, 0.757, 0.954]
    """
    return _of_all(_estimate_ratio, rows, part, whole, confidence)


@dataclass(frozen=True, eq=False)
class _Recounted:
    """The checks of one place as arrays, blank ones left out.

    Of each check its ``position`` among the rows of all places, ``stratum`` (from 0),
    ``y`` above and ``x`` below the line; of each stratum the ``first`` position, the
    ``unit`` and ``n_frame``. ``place`` : the codes of the place, in the order of its
    dimensions; ``n_blank`` : how many were left out.
    """

    place: tuple[Hashable, ...]
    position: np.ndarray
    stratum: np.ndarray
    y: np.ndarray
    x: np.ndarray
    first: np.ndarray
    unit: np.ndarray
    n_frame: np.ndarray
    n_blank: int

    @classmethod
    def of_places(
        cls, rows: pd.DataFrame, by: Sequence[str], part: str, whole: str
    ) -> Iterator["_Recounted"]:
        """Each place of `by`, in order; without any, all rows as one."""
        x, y = (rows[name].to_numpy(float, na_value=np.nan) for name in (whole, part))
        unit, n_frame = rows["unit"].to_numpy(), rows["n_frame"].to_numpy(float)
        strata = rows.groupby(_strata_names(rows), sort=True, dropna=False)
        stratum = strata.ngroup().to_numpy()
        for place, positions in _split(rows, by):
            known = positions[~np.isnan(x[positions] + y[positions])]
            _, first, numbers = np.unique(
                stratum[known], return_index=True, return_inverse=True
            )
            first = known[first]
            if (np.bincount(numbers) > n_frame[first]).any():
                raise ValueError("a stratum is smaller than the checks drawn from it")
            checks = known, numbers, y[known], x[known]
            n_blank = len(positions) - len(known)
            yield cls(place, *checks, first, unit[first], n_frame[first], n_blank)

    @functools.cached_property
    def weight(self) -> np.ndarray:
        """Branches of the roll that each check stands for."""
        return (self.n_frame / np.bincount(self.stratum))[self.stratum]


def _strata_names(rows: pd.DataFrame) -> list[str]:
    return [name for name in STRATUM if name in rows.columns]


def _of_all(
    estimate: Callable[[_Recounted, float], tuple[RatioEstimate, np.ndarray]],
    rows: pd.DataFrame,
    part: str,
    whole: str,
    confidence: float,
) -> RatioEstimate:
    """The estimate of all rows, with the names of strata that share a variance."""
    (recounted,) = _Recounted.of_places(rows, (), part, whole)
    found, group = estimate(recounted, confidence)
    labels = rows.iloc[recounted.first][_strata_names(rows)]
    collapsed = labels[_is_collapsed(group)].itertuples(index=False, name=None)
    return dataclasses.replace(found, collapsed=tuple(collapsed))


def _estimate_ratio(
    recounted: _Recounted, confidence: float
) -> tuple[RatioEstimate, np.ndarray]:
    """See `estimate_ratio`; with the group of each stratum after collapsing."""
    x, y, weight = recounted.x, recounted.y, recounted.weight
    stratum, n_frame = recounted.stratum, recounted.n_frame
    total = float(weight @ x)
    if not total > 0:
        nothing = RatioEstimate(len(x), *[np.nan] * 2, 0, *[np.nan] * 2, "none")
        return nothing, np.arange(len(n_frame))
    ratio = float(weight @ y) / total
    influence = weight * (y - ratio * x) / total

    n_drawn = np.bincount(stratum).astype(float)
    group = _collapse(recounted.unit, n_frame, n_drawn)
    variance, unseen = _variance_of_total(influence, group[stratum], group, n_frame)
    if variance < ROUNDING**2 and unseen.any():
        # One group: strata that agree inside themselves still differ from each other.
        group = np.zeros_like(group)
        variance, unseen = _variance_of_total(influence, group[stratum], group, n_frame)
    df = int(len(x) - len(unseen))
    std_error = float(np.sqrt(variance)) if df >= 1 or not unseen.any() else np.nan
    tail = (1 - confidence) / 2
    if not unseen.any():
        method, lower, upper = "census", ratio, ratio
    elif df < 1:
        method, lower, upper = "none", np.nan, np.nan
    else:
        is_alike = std_error < ROUNDING
        method = "alike" if is_alike else "linearised"
        checks = _effective_checks(weight * x)
        all_alike, _ = exact_interval(checks, checks, confidence)
        seen = max(float(all_alike), float(x.sum()) / total)
        lower, upper = ratio * seen, ratio / seen if ratio else 1 - seen
        if not is_alike:
            t = -scipy.special.stdtrit(_tail_df(influence, group[stratum], df), tail)
            spread = np.exp(t * std_error / ratio)
            lower, upper = min(lower, ratio / spread), max(upper, ratio * spread)
    limits = float(lower), float(upper)
    return RatioEstimate(len(x), ratio, std_error, df, *limits, method), group


def estimate_head_share(
    recounts: RandomRecounts, *, confidence: float = CONFIDENCE
) -> RatioEstimate:
    """Share of heads found, of branches checked at random: leaders who attended.

    Parameters
    ----------
    recounts : RandomRecounts
        ``recounted`` heads of ``reported`` ones, which here are those on the roll.
    confidence : float, above 0 and below 1
        Two-sided level.

    Returns
    -------
    RatioEstimate
        As `estimate_ratio`, with Korn-Graubard limits from 0 to 1 (``method``
        ``korn_graubard``): the effective size ``n* = R (1 - R) / s^2``, corrected by
        ``(t_(n-1) / t_df)^2``, is at most the heads checked. Where nothing varies, n*
        is the number of branches (Kish, by weighted heads), since members of one
        branch are alike. A head not found never raises the lower limit. The upper
        limit exceeds 1 only when the share itself does, which is a fault of the
        figures and is shown.

    Raises
    ------
    TypeError
        When `recounts` is not `RandomRecounts`.
    ValueError
        When a stratum is smaller than its draw.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24:193-201; Kish (1965), Survey
    Sampling, 8.2.

    Examples
    --------
    >>> recounts = RandomRecounts(pd.DataFrame({
    ...     "unit": "A", "n_frame": 100, "reported": [3, 4, 2] * 10,
    ...     "recounted": [3, 3, 2] * 10,
    ... }))
    >>> result = estimate_head_share(recounts)
    >>> [round(v, 3) for v in (result.ratio, result.lower, result.upper)]
    [0.889, 0.805, 0.945]
    """
    rows = _rows_of(recounts)
    return _of_all(_estimate_head_share, rows, "recounted", "reported", confidence)


def _rows_of(recounts: RandomRecounts) -> pd.DataFrame:
    if not isinstance(recounts, RandomRecounts):
        raise TypeError(
            f"only RandomRecounts are estimated from, not {type(recounts).__name__}"
        )
    return recounts.rows


def _estimate_head_share(
    recounted: _Recounted, confidence: float
) -> tuple[RatioEstimate, np.ndarray]:
    """See `estimate_head_share`; with the group of each stratum after collapsing."""
    found, group = _estimate_ratio(recounted, confidence)
    if found.method == "census" or np.isnan(found.ratio):
        return found, group
    branches = _effective_checks(recounted.weight * recounted.x)
    share, effective = min(found.ratio, 1.0), branches
    if 0 < share < 1 and found.std_error > ROUNDING:
        tail = (1 - confidence) / 2
        t_plain, t_own = (
            scipy.special.stdtrit(df, tail) for df in (found.n_checked - 1, found.df)
        )
        effective = share * (1 - share) / found.std_error**2 * (t_plain / t_own) ** 2
        effective = min(effective, float(recounted.x.sum()))
    lower, upper = exact_interval(effective * share, effective, confidence)
    all_found, _ = exact_interval(branches, branches, confidence)
    limits = {
        "lower": float(min(lower, all_found)),
        "upper": max(float(max(upper, 1 - all_found)), found.ratio),
    }
    return dataclasses.replace(found, **limits, method="korn_graubard"), group


def estimate_head_shares(
    recounts: RandomRecounts, by: Sequence[str] = (), *, min_checked: int = MIN_RATE
) -> pd.DataFrame:
    """Share of heads found in each unit, sector or other grouping of the strata.

    Parameters
    ----------
    recounts : RandomRecounts
        As in `estimate_head_share`, and ``claimed`` : the share that the ledger before
        the check gave, missing where none.
    by : sequence of str
        Columns of the rows that each stratum lies wholly inside of; none: the city.
    min_checked : int
        With fewer checks there is no estimate, only the heads.

    Returns
    -------
    DataFrame, one row a group
        The `by` columns; ``n_recounted`` of ``n_reported`` heads; ``n_blank`` checks
        without a recount; ``estimate``, ``std_error``, ``lower``, ``upper`` as in
        `estimate_head_share` (NaN under `min_checked`); ``reported_before`` : the share
        claimed, weighted as the estimate is and without one not at all, NaN where
        nobody had claimed anything.

    Raises
    ------
    TypeError, ValueError
        As in `estimate_head_share`.

    References
    ----------
    As in `estimate_head_share`.

    Examples
    --------
    >>> recounts = RandomRecounts(pd.DataFrame({
    ...     "unit": ["A", "B"] * 15, "n_frame": 100, "reported": 3,
    ...     "recounted": [3, 2] * 15, "claimed": 1.0,
    ... }))
    >>> estimate_head_shares(recounts, ["unit"])["estimate"].round(3).tolist()
    [1.0, 0.667]
    """
    by, rows = list(by), _rows_of(recounts)
    _require_columns(rows, *by, "claimed")
    claimed = rows["claimed"].to_numpy(float, na_value=np.nan)
    results = []
    for checks in _Recounted.of_places(rows, by, "recounted", "reported"):
        estimate = (np.nan,) * 4
        if len(checks.x) >= min_checked:
            found, _ = _estimate_head_share(checks, CONFIDENCE)
            estimate = (found.ratio, found.std_error, found.lower, found.upper)
        heads = int(checks.y.sum()), int(checks.x.sum())
        # What is claimed is weighted as what is found beside it.
        weight = checks.weight if len(checks.x) >= min_checked else 1.0
        before = _weigh_claims(weight * checks.x, claimed[checks.position])
        results.append((*checks.place, *heads, checks.n_blank, *estimate, before))
    names = [*by, "n_recounted", "n_reported", "n_blank"]
    names += ["estimate", "std_error", "lower", "upper", "reported_before"]
    return pd.DataFrame(results, columns=names)


def _weigh_claims(heads: np.ndarray, claimed: np.ndarray) -> float:
    """Share of these heads that the ledgers before had claimed."""
    if np.isnan(claimed).all() or not heads.any():
        return np.nan
    return float((heads * np.nan_to_num(claimed)).sum() / heads.sum())


def estimate_factor(
    recounts: RandomRecounts, *, confidence: float = CONFIDENCE
) -> FactorEstimate:
    """Verification factor: what was recounted for each one that had been reported.

    Parameters
    ----------
    recounts : RandomRecounts
        Random checks beside the ledgers before and after them; anything else is
        refused.
    confidence : float, above 0 and below 1
        Two-sided level.

    Returns
    -------
    FactorEstimate
        ``factor`` with ``std_error``, ``df``, ``lower``, ``upper``, ``method``,
        ``collapsed`` : recounted over reported before the checks, and ``after`` with
        its limits : over reported after them (NaN where no such ledger is known), both
        by `estimate_ratio`. ``band`` : counts are cumulative, so a true recount lies
        between the two ledgers, and

        * ``agrees`` : both limits of ``factor`` lie in 0.90-1.10;
        * ``over_reported`` : fewer than was reported before, beyond chance;
        * ``under_reported`` : more than was reported after, beyond chance;
        * ``consistent`` : neither can be said.

        None without limits. A few checks never agree: under some 36 the limits are
        wider than the band.

    Raises
    ------
    TypeError
        When `recounts` is not `RandomRecounts`.
    ValueError
        When a stratum is smaller than its draw.

    References
    ----------
    WHO (2017), Data Quality Review, module 3 (verification factor and bands).

    Examples
    --------
    >>> recounts = RandomRecounts(pd.DataFrame({
    ...     "unit": "A", "n_frame": 100, "reported": [10, 20, 10] * 12,
    ...     "recounted": [8, 17, 9] * 12, "reported_after": [11, 20, 12] * 12,
    ... }))
    >>> result = estimate_factor(recounts)
    >>> round(result.factor, 3), round(result.upper, 3), result.band
    (0.85, 0.954, 'over_reported')
    """
    if not isinstance(recounts, RandomRecounts):
        raise TypeError(
            f"only RandomRecounts give a factor, not {type(recounts).__name__}: "
            "targeted and prepared checks say nothing about branches not visited"
        )
    rows = recounts.rows
    before = estimate_ratio(rows, "recounted", "reported", confidence=confidence)
    after = None
    if "reported_after" in rows:
        after = estimate_ratio(
            rows, "recounted", "reported_after", confidence=confidence
        )
    nothing = (np.nan,) * 3
    return FactorEstimate(
        before.n_checked,
        before.ratio,
        before.std_error,
        before.df,
        before.lower,
        before.upper,
        before.method,
        *((after.ratio, after.lower, after.upper) if after else nothing),
        _band(before, after),
        before.collapsed,
    )


def _band(before: RatioEstimate, after: RatioEstimate | None) -> str | None:
    """The verdict of a factor."""
    lower, upper = before.lower, before.upper
    if np.isnan(lower):
        return None
    if FACTOR_BAND[0] - ROUNDING <= lower and upper <= FACTOR_BAND[1] + ROUNDING:
        return "agrees"
    if upper < 1:
        return "over_reported"
    if after is not None and after.lower > 1:
        return "under_reported"
    return "consistent"


def _variance_of_total(
    parts: np.ndarray, of_row: np.ndarray, group: np.ndarray, n_frame: np.ndarray
) -> tuple[float, np.ndarray]:
    """Variance of a sum of weighted parts, and the unseen share of each group."""
    n_groups = group.max() + 1
    drawn = np.bincount(of_row, minlength=n_groups)
    unseen = 1 - drawn / np.bincount(group, n_frame, n_groups)
    means = np.bincount(of_row, parts, n_groups) / drawn
    squares = np.bincount(of_row, (parts - means[of_row]) ** 2, n_groups)
    variance = (unseen * drawn / np.maximum(drawn - 1, 1) * squares).sum()
    return float(variance), unseen


def _tail_df(parts: np.ndarray, of_row: np.ndarray, df: int) -> float:
    """Degrees of freedom for limits on a variance that few rows may have made."""
    means = np.bincount(of_row, parts) / np.bincount(of_row)
    squares = (parts - means[of_row]) ** 2
    if not squares.any():
        return df
    kurtosis = len(parts) * (squares**2).sum() / squares.sum() ** 2
    spare = max(kurtosis - 1, ROUNDING)
    return float(min(df, max(MIN_TAIL_DF, len(parts) / spare)))


def _effective_checks(weight: np.ndarray) -> float:
    """How many branches of equal weight these are worth (Kish)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def measure_prepared_bias(
    n_confirmed: int, n_checked: int, unannounced: ShareEstimate
) -> PreparedBias:
    """How much better prepared sites look than unannounced random ones.

    Parameters
    ----------
    n_confirmed, n_checked : int
        Confirmed and checked prepared sites (`tally_apart`).
    unannounced : ShareEstimate
        Estimate from unannounced random checks (``tally_random(...,
        is_announced=False)``).

    Returns
    -------
    PreparedBias
        Rates as shares (0-1); difference prepared less random in points, with limits
        that combine the Wilson interval of the one with the interval of the other.
        The limits read: if the prepared sites were a draw from sites prepared like
        them. All NaN where either side has no rate (fewer than 10 checks).

    Raises
    ------
    ValueError
        When the counts are out of range.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Zou & Donner
    (2008), Statistics in Medicine 27:1693-1702, for unequal intervals.

    Examples
    --------
    >>> tally = RandomTally(pd.DataFrame({
    ...     "unit": ["A"], "n_frame": [1000], "n_checked": [100], "n_confirmed": [80],
    ... }))
    >>> bias = measure_prepared_bias(59, 60, estimate_share(tally))
    >>> round(bias.points, 1), bias.lower_points > 0
    (18.3, True)
    """
    if not 0 <= n_confirmed <= n_checked:
        raise ValueError("n_confirmed must lie between 0 and n_checked")
    random_rate = unannounced.estimate
    if n_checked < MIN_RATE or np.isnan(random_rate):
        prepared_rate = n_confirmed / n_checked if n_checked >= MIN_RATE else np.nan
        return PreparedBias(prepared_rate, random_rate, *[np.nan] * 3)
    prepared_rate = n_confirmed / n_checked
    low, high = (float(limit) for limit in wilson_interval(n_confirmed, n_checked))
    difference = prepared_rate - random_rate
    down = np.hypot(prepared_rate - low, unannounced.upper - random_rate)
    up = np.hypot(high - prepared_rate, random_rate - unannounced.lower)
    return PreparedBias(
        prepared_rate,
        random_rate,
        100 * difference,
        100 * max(-1.0, float(difference - down)),
        100 * min(1.0, float(difference + up)),
    )


def measure_change(earlier: RandomChecks, later: RandomChecks, item: str) -> Change:
    """How a share moved from one round of checks to the next.

    Parameters
    ----------
    earlier, later : RandomChecks
        Over the same strata; a branch may have been drawn in both rounds.
    item : str
        For example ``found_topic_1``.

    Returns
    -------
    Change
        Both `estimate_share`; ``n_both`` branches with a verdict in both rounds;
        later less earlier in points, with its standard error and 95 % limits. NaN where
        either round has under ten checks.

    Notes
    -----
    ``Var(q - p) = Var p + Var q - 2 Cov``, where draws of n and m from a stratum of N
    that share k branches have ``Cov = W^2 (k / (n m) - 1 / N) s``; s is the covariance
    of the verdicts inside the strata, from the branches drawn twice. The limits join
    those of the two rounds, so that they need no normal distribution.

    References
    ----------
    Tam (1984), The American Statistician 38:288-289 (overlapping samples); Zou (2007),
    Psychological Methods 12:399-413 (limits of a difference of correlated estimates).

    Examples
    --------
    >>> roll = pd.DataFrame({
    ...     "branch": range(1000), "unit": "350102", "sector": "rural",
    ... })
    >>> def visits(first, last, confirmed):
    ...     held = ["yes"] * confirmed + ["no"] * (last - first - confirmed)
    ...     return select_random(pd.DataFrame({
    ...         "branch": range(first, last), "selection": "random",
    ...         "check_date": "2016-07-20", "found_topic_1": held,
    ...     }), roll)
    >>> change = measure_change(visits(0, 100, 80), visits(50, 150, 90),
    ...                         "found_topic_1")
    >>> change.n_both, round(change.points, 1), round(change.std_error_points, 1)
    (50, 10.0, 4.8)
    """
    estimates = [estimate_share(checks.tally(item)) for checks in (earlier, later)]
    both = _drawn_twice(earlier, later, item)
    p, q = estimates
    if np.isnan(p.estimate) or np.isnan(q.estimate):
        return Change(p, q, len(both), *[np.nan] * 4)
    covariance = _covariance_of_rounds(earlier, later, item, both)
    spread = p.std_error * q.std_error
    alike = float(np.clip(covariance / spread, -1, 1)) if spread > 0 else 0.0
    variance = p.std_error**2 + q.std_error**2 - 2 * alike * spread
    difference = q.estimate - p.estimate

    def join(own: float, other: float) -> float:
        return float(np.sqrt(max(own**2 + other**2 - 2 * alike * own * other, 0.0)))

    down = join(q.estimate - q.lower, p.upper - p.estimate)
    up = join(q.upper - q.estimate, p.estimate - p.lower)
    return Change(
        p,
        q,
        len(both),
        100 * difference,
        100 * float(np.sqrt(max(variance, 0.0))),
        100 * max(-1.0, difference - down),
        100 * min(1.0, difference + up),
    )


def _drawn_twice(earlier: RandomChecks, later: RandomChecks, item: str) -> pd.DataFrame:
    """Branches with a verdict in both rounds: stratum, and both verdicts as 0 or 1."""
    parts = [
        checks.latest.dropna(subset=[item]).set_index("branch")
        for checks in (earlier, later)
    ]
    first, last = (part[item].isin(CONFIRMED).astype(float) for part in parts)
    both = pd.DataFrame({"first": first, "last": last}).dropna()
    return both.assign(stratum=parts[0]["stratum"].reindex(both.index).astype(int))


def _covariance_of_rounds(
    earlier: RandomChecks, later: RandomChecks, item: str, both: pd.DataFrame
) -> float:
    """Covariance of two stratified shares whose draws overlap; 0 where unknown."""
    if both.empty:
        return 0.0
    frame = earlier.strata["n_frame"].to_numpy(float)
    n, m = (
        checks.tally(item).strata["n_checked"].to_numpy(float)
        for checks in (earlier, later)
    )
    by_stratum = both.groupby("stratum")
    k = np.bincount(both["stratum"], minlength=len(frame))
    pairs = int((k[k > 0] - 1).sum())
    if not pairs:
        return 0.0
    off = both[["first", "last"]] - by_stratum[["first", "last"]].transform("mean")
    shared = float((off["first"] * off["last"]).sum()) / pairs
    at = k > 0
    weight = (frame[at] / frame.sum()) ** 2
    return float((weight * (k[at] / (n[at] * m[at]) - 1 / frame[at])).sum() * shared)


# A page of a plan asks for the rule of each unit, and again at each click.
@functools.lru_cache(maxsize=4096)
def choose_lot_rule(
    n_frame: int,
    n_visits: int,
    *,
    good: float = 0.95,
    bad: float = 0.80,
    false_alarm: float = 0.10,
) -> LotRule:
    """The rule of a unit: after n visits, at most d failures, or else act.

    Parameters
    ----------
    n_frame, n_visits : int, 1 <= n_visits <= n_frame
        Branches of the unit, and visits drawn among them.
    good, bad : float, 0 to 1
        Share of sound branches that should be left in peace, and that must be acted on.
    false_alarm : float, above 0 and below 1
        Most chance to act on a good unit.

    Returns
    -------
    LotRule
        ``most_failures`` : the least d that keeps `false_alarm`; ``acts_if_good`` and
        ``acts_if_bad`` : exact chances to act, the second is the rule's power.

    Raises
    ------
    ValueError
        When the sizes are out of range.

    Notes
    -----
    As if the visits were drawn from the whole unit; drawn by strata in proportion they
    tell a little more.

    References
    ----------
    Lot quality assurance sampling: Dodge & Romig (1959), Sampling Inspection Tables;
    Robertson & Valadez (2006), Social Science & Medicine 63:1479-1488.

    Examples
    --------
    >>> rule = choose_lot_rule(200, 24)
    >>> rule.most_failures, round(rule.acts_if_good, 3), round(rule.acts_if_bad, 3)
    (3, 0.021, 0.753)
    """
    if not 1 <= n_visits <= n_frame:
        raise ValueError("n_visits must lie between 1 and n_frame")
    failures = np.arange(n_visits + 1)
    if_good = chance_to_act(n_frame, n_visits, failures, good)
    most = int(np.argmax(if_good <= false_alarm))
    if_bad = chance_to_act(n_frame, n_visits, most, bad)
    return LotRule(n_frame, n_visits, most, float(if_good[most]), float(if_bad))


def chance_to_act(
    n_frame: int, n_visits: int, most_failures: ArrayLike, share: ArrayLike
) -> np.ndarray:
    """Operating characteristic of a rule: chance of more failures than it allows.

    Parameters
    ----------
    n_frame, n_visits : int
        As in `choose_lot_rule`.
    most_failures : array_like of counts
        Failures allowed among the visits.
    share : array_like, 0 to 1
        Sound branches of the unit; the others are rounded to whole branches.

    Returns
    -------
    ndarray, 0 to 1
        ``P(X > d)``, X hypergeometric; falls as `share` rises.

    References
    ----------
    As in `choose_lot_rule`.

    Examples
    --------
    >>> chance_to_act(200, 24, 3, [0.8, 0.9, 1.0]).round(3).tolist()
    [0.753, 0.204, 0.0]
    """
    unsound = np.floor(n_frame * (1 - np.asarray(share, float)) + 0.5 + ROUNDING)
    return hypergeometric_at_least(
        np.asarray(most_failures, float) + 1, n_frame, unsound, n_visits
    )


def _cost_of_failure(size: int, drawn: int) -> float:
    """Minus the log of the chance that a draw misses one given branch of `size`."""
    return -log1p(-drawn / size)


def _hash_frame(frame: pd.DataFrame) -> str:
    columns = ["branch", *DRAW_STRATUM, "_recent"]
    lines = sorted(
        "|".join(map(str, (*row[:-1], int(row[-1]))))
        for row in frame[columns].itertuples(index=False, name=None)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _take_in_unvisited(
    group: np.ndarray, n_frame: np.ndarray, n_checked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Frame and checks of the strata, those never visited lent to their thinnest.

    Visited strata stay apart even when collapsed: ten checks elsewhere say nothing of
    a stratum with one.
    """
    frame, checks = [], []
    for number in np.unique(group):
        own = group == number
        seen = np.flatnonzero(own & (n_checked > 0))
        sizes = n_frame[seen].copy()
        if len(seen):
            thinnest = np.argmin(n_checked[seen] / sizes)
            sizes[thinnest] += n_frame[own & (n_checked == 0)].sum()
        frame.extend(sizes)
        checks.extend(n_checked[seen])
    return np.array(frame), np.array(checks)


def _collapse(
    units: np.ndarray, n_frame: np.ndarray, n_checked: np.ndarray
) -> np.ndarray:
    """Group number of each stratum after lone strata have found a partner.

    A stratum with fewer than two checks, unless it was checked whole, joins another
    of its unit: the one with the fewest checks, so that the others stay as they are.
    Only a unit that has no other stratum left joins one of another unit.
    """
    group = np.arange(len(units))
    unit_number = np.unique(units, return_inverse=True)[1]
    for place in (unit_number, np.zeros_like(unit_number)):
        checked = np.bincount(group, n_checked, len(group))
        frame = np.bincount(group, n_frame, len(group))
        is_left = np.bincount(group, minlength=len(group)) > 0
        is_lone = is_left & (checked < MIN_DRAWN) & (checked < frame)
        for number in np.unique(place[is_lone]):
            members = np.flatnonzero(is_left & (place == number)).tolist()
            sizes = {label: (checked[label], frame[label]) for label in members}
            for lone, partner in _pair_lone(sizes):
                group[group == lone] = partner
    return np.unique(group, return_inverse=True)[1]


def _pair_lone(sizes: dict[int, tuple[float, float]]) -> Iterator[tuple[int, int]]:
    """Which group of one place joins which: (checked, frame) of each group."""

    def emptiness(label: int) -> tuple[float, int]:
        return sizes[label][0], label

    while len(sizes) > 1:
        lone = [k for k, (n, size) in sizes.items() if n < MIN_DRAWN and n < size]
        if not lone:
            return
        joining = min(lone, key=emptiness)
        n, size = sizes.pop(joining)
        # A group that was checked whole has no variance to lend: last of all.
        partner = min(sizes, key=lambda k: (sizes[k][0] >= sizes[k][1], *emptiness(k)))
        sizes[partner] = (sizes[partner][0] + n, sizes[partner][1] + size)
        yield joining, partner


def _require_columns(frame: pd.DataFrame, *names: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ValueError(f"the frame has no column {', '.join(absent)}")


def can_tell(claimed: float, lower: float) -> bool:
    """Whether checks rule out that a claim is too high by `OVERSTATED` or more.

    Where an interval that holds the claim reaches further down than that, it neither
    refutes nor supports it.

    Parameters
    ----------
    claimed, lower
        Shares 0-1: what was claimed, and the lower limit of what checks support.

    Examples
    --------
    >>> can_tell(0.867, 0.844), can_tell(0.89, 0.423)
    (True, False)
    """
    return claimed - lower < OVERSTATED
