"""Reasons to doubt a ledger: named rules whose findings point to the rows.

There is no score. Each function takes plain frames and returns findings, one row each,
in the columns of `FINDING_COLUMNS`:

``reason`` : one of `REASONS`. ``month``, ``unit``, ``sector``, ``branch`` : the place,
None where the finding speaks of more than one. ``field`` : the ledger column.
``value`` and ``reference`` : what stands there and what it is held against.
``p_value`` : chance of it in an honest ledger, NaN where the rule is not a test.
``rows`` : index labels of the ledger rows that the finding rests on.

Every ledger frame has ``month`` (YYYY-MM), ``unit``, ``sector`` and, where rows are
branches, ``branch``, and an index without double labels; counts are cumulative unless
said otherwise. Blank counts are skipped: silence is another matter than a doubtful
figure.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import scipy  # its submodules load when they are first used

from data_pipeline.statistics.cold_cells import adjust_bh
from data_pipeline.statistics.deadlines import month_end
from data_pipeline.statistics.exact_distributions import binomial_at_least

REASONS = (
    "part_over_whole",
    "cumulative_falls",
    "all_at_100",
    "copied_month",
    "same_in_two_units",
    "jump",
    "last_days",
    "round_digits",
    "ahead_of_window",
    "own_lectures",
    "off_roll",
    "off_last_month",
    "organizations_equal",
    "lucky_digits",
    "too_smooth",
    "near_neighbour",
)
FINDING_COLUMNS = (
    "reason",
    "month",
    "unit",
    "sector",
    "branch",
    "field",
    "value",
    "reference",
    "p_value",
    "rows",
)
PLACE = ("month", "unit", "sector", "branch")

ALPHA = 0.05
MIN_PERFECT_DUTIES = 3
MIN_PERFECT_SIZE = 50
MIN_SAME_FIELDS = 5
MIN_BRANCHES = (
    10  # a cell of a few branches stands still or jumps without anybody's help
)
# What half the units and more do in the same month was ordered, or was nobody's fault.
COMMON_SHARE = 0.5
MIN_COMMON_UNITS = 5
JUMP_TIMES = 3
JUMP_POINTS = 0.20
MIN_JUMP_SIZE = 30  # of ten leaders two make 20 points
LAST_DAYS = 3
LAST_DAYS_SHARE = 0.5
MIN_EVENTS = 10
MIN_DIGIT_VALUE = 8
MIN_DIGIT_VALUES = 100
ROUND_SHARE = 0.2
MIN_ROUND_EXCESS = 0.05  # with 10,000 values a share of 21 % is proven, and no habit
LUCKY_DIGITS = (6, 8)
# From 10 on: of the smaller counts that are looked at, 8 would be the most frequent.
MIN_LUCKY_VALUE = 10
# Rule -> digits, and the least value that is looked at.
DIGITS = {
    "round_digits": ((0, 5), MIN_DIGIT_VALUE),
    "lucky_digits": (LUCKY_DIGITS, MIN_LUCKY_VALUE),
}
SMOOTH_MONTHS = 4
MIN_SMOOTH_MONTHS = 3  # a topic has no more
MIN_SMOOTH_GAIN = 5
MIN_SMOOTH_FIELDS = 3
MOST_SMOOTH = 0.1
NEAR = 0.07
MIN_NEAR_VALUE = 10  # under it, rounding alone is more than a copy's noise
MIN_NEAR_FIELDS = 6
MIN_LECTURES = 10  # a few lectures may all have been given at the grass roots
LEAST_FACTOR = 0.9
MOST_OFF = 0.1
LEAST_OFF = 2  # one of nine leaders more is nobody's fault
ROUNDING = 1e-9


def find_part_over_whole(
    ledger: pd.DataFrame, wholes: Mapping[str, str]
) -> pd.DataFrame:
    """Find counts that are larger than what they are part of.

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month
    wholes : mapping of part to whole
        Column names, for example ``{"n_branches_topic_1": "n_branches"}``.

    Returns
    -------
    DataFrame of findings
        ``value`` : the part; ``reference`` : the whole.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Data contract, section 1: a rate above 100 % is a fault to show, never to clip.

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": ["2016-07"], "unit": ["350102"], "sector": ["organ"],
    ...     "n_lectures": [12], "n_lectures_grassroots": [15],
    ... })
    >>> found = find_part_over_whole(ledger, {"n_lectures_grassroots": "n_lectures"})
    >>> found[["field", "value", "reference"]].values.tolist()
    [['n_lectures_grassroots', 15.0, 12.0]]
    """
    _require_columns(ledger, *PLACE[:3], *wholes, *wholes.values())
    parts, places = [], _places(ledger)
    for part, whole in wholes.items():
        value, limit = _floats(ledger[part]), _floats(ledger[whole])
        is_over = value > limit
        parts.append(
            _findings(
                "part_over_whole",
                places[is_over],
                field=part,
                value=value[is_over],
                reference=limit[is_over],
            )
        )
    return _concat(parts)


def find_cumulative_falls(ledger: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Find cumulative counts that are lower than the last one reported before.

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month
        A branch is followed through its unit, whatever sector it is filed under.
    columns : sequence of str
        Cumulative counts.

    Returns
    -------
    DataFrame of findings
        ``value`` : the count; ``reference`` : the earlier, higher one; ``rows`` : the
        later row and the earlier one. Either may be the wrong one.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Data contract, section 1, rule 5.

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": ["2016-06", "2016-07"], "unit": "HTZ", "sector": "organ",
    ...     "n_lectures": [40, 12],
    ... })
    >>> found = find_cumulative_falls(ledger, ["n_lectures"])
    >>> found[["month", "value", "reference", "rows"]].values.tolist()
    [['2016-07', 12.0, 40.0, (1, 0)]]
    """
    _require_columns(ledger, *PLACE[:3], *columns)
    order = _by_place(ledger["month"], _reporters(ledger))
    parts, places = [], _places(ledger)
    for column in columns:
        value = _floats(ledger[column])
        earlier, later = _neighbours(value, order)
        falls = value[later] < value[earlier]
        earlier, later = earlier[falls], later[falls]
        parts.append(
            _findings(
                "cumulative_falls",
                places.iloc[later],
                field=column,
                value=value[later],
                reference=value[earlier],
                rows=list(zip(ledger.index[later], ledger.index[earlier], strict=True)),
            )
        )
    return _concat(parts)


def find_all_at_100(cells: pd.DataFrame, duties: Mapping[str, str]) -> pd.DataFrame:
    """Find cells that report exactly 100 % in three duties or more.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
    duties : mapping of numerator to denominator
        Column names of each duty; only denominators of 50 and more are judged.

    Returns
    -------
    DataFrame of findings
        Where at least one of the duties is not at 100 % in half the units and more (of
        5 at least) in that month. ``value`` : number of duties at 100 %;
        ``reference`` : number judged; ``field`` : the duties, joined by commas. How
        likely that is cannot be said: the branches of a cell are alike.

    Raises
    ------
    ValueError
        When a column is absent.

    References
    ----------
    Own rule; "大家扪心自问能不能达得到".

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-09"], "unit": ["350103"], "sector": ["rural"],
    ...     "n_branches": [50], "a": [50], "b": [50], "c": [50],
    ... })
    >>> found = find_all_at_100(cells, dict.fromkeys("abc", "n_branches"))
    >>> found["value"].item(), found["reference"].item()
    (3.0, 3.0)
    """
    _require_columns(cells, *PLACE[:3], *duties, *duties.values())
    n_perfect, n_judged = np.zeros(len(cells)), np.zeros(len(cells))
    n_unusual = np.zeros(len(cells))
    names = [[] for _ in range(len(cells))]
    for part, whole in duties.items():
        done, due = _floats(cells[part]), _floats(cells[whole])
        is_judged = (due >= MIN_PERFECT_SIZE) & ~np.isnan(done)
        is_perfect = is_judged & (done == due)
        # What most do in that month tells nothing of one of them.
        ordered = _common_months(cells[is_judged], cells[is_perfect])
        n_unusual += is_perfect & ~cells["month"].isin(ordered).to_numpy()
        n_judged += is_judged
        n_perfect += is_perfect
        for row in np.flatnonzero(is_perfect):
            names[row].append(part)
    found = (n_perfect >= MIN_PERFECT_DUTIES) & (n_unusual > 0)
    return _findings(
        "all_at_100",
        cells[found],
        field=[", ".join(names[row]) for row in np.flatnonzero(found)],
        value=n_perfect[found],
        reference=n_judged[found],
    )


def find_copied_months(
    cells: pd.DataFrame,
    columns: Sequence[str],
    wholes: Mapping[str, str],
    windows: Mapping[str, tuple[str, str]],
) -> pd.DataFrame:
    """Find cells that file the figures of the month before once more.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        Figures as they were filed, with ``n_branches``; cells of fewer than 10
        branches are not judged. A unit that copies everything shows best when its
        sectors are summed to one row (``sector`` blank), as small cells have few
        counts above 0.
    columns : sequence of str
        Counts that should move from month to month.
    wholes : mapping of part to whole
        A count that has reached its whole cannot move and does not speak.
    windows : mapping of column to (first month, last month)
        A count of a topic moves while its window is open; outside it does not speak.
        Columns that are not named are always open.

    Returns
    -------
    DataFrame of findings
        Where 5 or more non-zero counts equal those of the month before, except in a
        month in which half the units and more (of 5 at least) stand still: then the
        work stood still, and nobody copied. ``value`` :
        how many; ``reference`` : how many could be compared; ``field`` : their names;
        ``rows`` : this month's row and last month's.

    Raises
    ------
    ValueError
        When a column is absent or a cell stands twice in a month.

    References
    ----------
    Duplicate-figure checks, as in WHO (2017), Data Quality Review, module 2.

    Examples
    --------
    >>> counts = {name: [7, 7] for name in "abcde"}
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-07", "2016-08"], "unit": "350111", "sector": "rural",
    ...     "n_branches": 90, **counts,
    ... })
    >>> found = find_copied_months(cells, list("abcde"), {}, {})
    >>> found[["month", "value", "rows"]].values.tolist()
    [['2016-08', 5.0, (1, 0)]]
    """
    used = {column: wholes[column] for column in columns if column in wholes}
    _require_columns(cells, *PLACE[:3], "n_branches", *columns, *used.values())
    now = cells.assign(_row=np.arange(len(cells)), _cell=_cells(cells))
    if now.duplicated(["_cell", "month"]).any():
        raise ValueError("a cell stands twice in one month")
    before = now.assign(month=now["month"].map(_next_month))
    pairs = now.merge(before, on=["_cell", "month"], suffixes=("", "_before"))
    pairs = pairs[_floats(pairs["n_branches"]) >= MIN_BRANCHES]
    month = pairs["month"].to_numpy()
    n_same, n_compared = np.zeros(len(pairs)), np.zeros(len(pairs))
    names = [[] for _ in range(len(pairs))]
    for column in columns:
        value, earlier = _floats(pairs[column]), _floats(pairs[f"{column}_before"])
        speaks = (value > 0) & (earlier > 0)
        if column in used:
            speaks &= value != _floats(pairs[used[column]])
        if column in windows:
            first, last = windows[column]
            speaks &= (month > first) & (month <= last)
        is_same = speaks & (value == earlier)
        n_compared += speaks
        n_same += is_same
        for row in np.flatnonzero(is_same):
            names[row].append(column)
    found = n_same >= MIN_SAME_FIELDS
    judged = pairs.loc[n_compared >= MIN_SAME_FIELDS, ["month", "unit"]]
    found &= ~pairs["month"].isin(_common_months(judged, pairs[found])).to_numpy()
    rows = pairs.loc[found, ["_row", "_row_before"]].to_numpy(int)
    return _findings(
        "copied_month",
        cells.iloc[rows[:, 0]],
        field=[", ".join(names[row]) for row in np.flatnonzero(found)],
        value=n_same[found],
        reference=n_compared[found],
        rows=[(cells.index[row], cells.index[earlier]) for row, earlier in rows],
    )


def find_same_in_two_units(cells: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Find rows of different units that report the very same figures in a month.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        With ``n_branches``; cells of fewer than 10 branches are not judged.
    columns : sequence of str
        Counts to compare; all must be equal, blank with blank, 5 of them above 0.

    Returns
    -------
    DataFrame of findings
        One for each row concerned; ``value`` : how many counts above 0 are equal;
        ``reference`` : how many units share them; ``rows`` : all rows that are alike.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Duplicate-record checks, as in WHO (2017), Data Quality Review, module 2.

    Examples
    --------
    >>> counts = {name: [17, 17] for name in "abcde"}
    >>> cells = pd.DataFrame({
    ...     "month": "2016-08", "unit": ["350111", "350112"], "sector": "rural",
    ...     "n_branches": 90, **counts,
    ... })
    >>> find_same_in_two_units(cells, list("abcde"))["unit"].tolist()
    ['350111', '350112']
    """
    _require_columns(cells, *PLACE[:3], "n_branches", *columns)
    counts = pd.DataFrame(
        {name: _floats(cells[name]) for name in columns}, index=cells.index
    )
    n_above = (counts > 0).sum(axis=1)
    is_large = _floats(cells["n_branches"]) >= MIN_BRANCHES
    spoken = cells[(n_above >= MIN_SAME_FIELDS) & is_large]
    keys = counts.loc[spoken.index].assign(_month=spoken["month"])
    is_twice = keys.duplicated(keep=False)
    spoken, keys = spoken[is_twice], keys[is_twice]
    alike = spoken.groupby([keys[name] for name in ("_month", *columns)], dropna=False)
    parts = []
    for _, rows in alike:
        n_units = rows["unit"].nunique()
        if n_units > 1:
            parts.append(
                _findings(
                    "same_in_two_units",
                    rows,
                    field=", ".join(columns),
                    value=n_above[rows.index].to_numpy(float),
                    reference=float(n_units),
                    rows=[tuple(rows.index)] * len(rows),
                )
            )
    return _concat(parts)


def find_jumps(
    cells: pd.DataFrame,
    duties: Mapping[str, str],
    opened: Mapping[str, str],
) -> pd.DataFrame:
    """Find months in which a cumulative share leaps out of line with the others.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        Cells of fewer than 30 in the denominator are not judged.
    duties : mapping of numerator to denominator
        Column names of each duty.
    opened : mapping of numerator to first month of its window
        Months before it are left out; without an entry the first month is the first
        one reported.

    Returns
    -------
    DataFrame of findings
        Where a month adds more than 3 times the median monthly gain since the window
        opened (itself included), and more than 20 points; except in a month in which
        half the units and more (of 5 at least) leap in the same duty, since that is
        the month in which it was ordered. ``value`` : the gain as a
        share; ``reference`` : the median gain. A gain counts above the highest share
        so far, so that a return after a fall is none, and is spread over the months
        that were not reported.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Own rule; the two limits keep a steady and a finished series silent.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-07", "2016-08", "2016-09"], "unit": "350122",
    ...     "sector": "rural", "n_branches": 100, "n_branches_topic_2": [3, 7, 98],
    ... })
    >>> found = find_jumps(
    ...     cells, {"n_branches_topic_2": "n_branches"},
    ...     {"n_branches_topic_2": "2016-07"},
    ... )
    >>> found[["month", "value", "reference"]].round(2).values.tolist()
    [['2016-09', 0.91, 0.04]]
    """
    _require_columns(cells, *PLACE[:3], *duties, *duties.values())
    parts = []
    number_of = {m: _month_number(m) for m in {*cells["month"], *opened.values()}}
    for part, whole in duties.items():
        due = _floats(cells[whole])
        done = pd.Series(_floats(cells[part]), index=cells.index)
        share = done / np.where(due >= MIN_JUMP_SIZE, due, np.nan)
        is_judged = share.notna()
        if part in opened:
            is_judged &= cells["month"] >= opened[part]
        judged = cells.loc[is_judged, list(PLACE[:3])]
        if judged.empty:
            continue
        judged = judged.iloc[np.argsort(_codes(judged["month"]), kind="stable")]
        shares = share[judged.index].to_numpy()
        numbers = judged["month"].map(number_of).to_numpy()
        first = number_of[opened[part]] - 1 if part in opened else None
        leaps, compared = [], []
        for at in positions_of(_cells(judged)):
            compared.append(at[2:])
            leaps += _leaps(shares[at], numbers[at], at, first)
        if leaps:
            at, gains, medians, rows = zip(*leaps, strict=True)
            found = _findings(
                "jump",
                judged.iloc[list(at)],
                field=part,
                value=np.array(gains),
                reference=np.array(medians),
                rows=[tuple(judged.index[row]) for row in rows],
            )
            ordered = _common_months(judged.iloc[np.concatenate(compared)], found)
            parts.append(found[~found["month"].isin(ordered)])
    return _concat(parts)


def positions_of(numbers: np.ndarray) -> list[np.ndarray]:
    """Positions of the rows of each number, from the lowest number on.

    >>> [rows.tolist() for rows in positions_of(np.array([7, 3, 7]))]
    [[1], [0, 2]]
    """
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)


def _leaps(
    share: np.ndarray, number: np.ndarray, at: np.ndarray, before: int | None
) -> list[tuple[int, float, float, np.ndarray]]:
    """Of one cell by month: where it leaps, the gain, the median, the rows until then.

    `before` is the number of the month before the first that counts; None: the one
    before the first reported.
    """
    n_months = np.diff(number, prepend=number[0] - 1 if before is None else before)
    gains = np.diff(np.maximum.accumulate(share), prepend=0.0) / n_months
    found = []
    for i in np.flatnonzero(gains > JUMP_POINTS + ROUNDING):
        median = np.median(np.repeat(gains[: i + 1], n_months[: i + 1]))
        if i >= 2 and gains[i] > JUMP_TIMES * median + ROUNDING:
            found.append((at[i], gains[i], median, at[i::-1]))
    return found


def find_last_days(events: pd.DataFrame, by: Sequence[str] = ("unit",)) -> pd.DataFrame:
    """Find months of which more than half the events fall on the last three days.

    Parameters
    ----------
    events : DataFrame, one row an event
        ``date`` and the columns of `by`; the month is that of the date.
    by : sequence of str
        Whose events are counted together.

    Returns
    -------
    DataFrame of findings
        For 10 events and more; ``value`` : share on the last three days of the month;
        ``reference`` : 0.5; ``rows`` : the events of those days.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Own rule: work for the deadline, or a register written up at its end.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "date": pd.to_datetime(["2016-07-05"] * 4 + ["2016-07-30"] * 6),
    ...     "unit": "350102",
    ... })
    >>> find_last_days(events)[["month", "value"]].values.tolist()
    [['2016-07', 0.6]]
    """
    _require_columns(events, "date", *by)
    day = pd.to_datetime(events["date"])
    days_left = (day + pd.offsets.MonthEnd(0)).dt.normalize() - day.dt.normalize()
    dated = events.assign(
        month=day.dt.strftime("%Y-%m"), _is_late=days_left < timedelta(LAST_DAYS)
    )
    parts = []
    for _, rows in dated[day.notna()].groupby(["month", *by], sort=True):
        share = rows["_is_late"].mean()
        if len(rows) >= MIN_EVENTS and share > LAST_DAYS_SHARE:
            parts.append(
                _findings(
                    "last_days",
                    rows[["month", *by]].head(1),
                    field="date",
                    value=share,
                    reference=LAST_DAYS_SHARE,
                    rows=[tuple(rows.index[rows["_is_late"]])],
                )
            )
    return _concat(parts)


def find_round_digits(
    ledger: pd.DataFrame,
    columns: Sequence[str],
    wholes: Mapping[str, str],
    by: Sequence[str] = ("unit",),
    min_values: int = MIN_DIGIT_VALUES,
) -> pd.DataFrame:
    """Find whose counts end in 0 or 5 too often to have been counted.

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month, as filed
    columns : sequence of str
        Counts; only values of 8 and more are looked at. A value that stays the same
        from month to month is looked at once, one that equals its whole not at all:
        neither was chosen by who filed it.
    wholes : mapping of part to whole
        Column names.
    by : sequence of str
        Whose values are pooled: ``("unit",)`` or ``("unit", "sector")``.
    min_values : int
        Pools of fewer are not judged. Less than 100 is meant for one question alone:
        which sectors of a unit, found as a whole, it comes from.

    Returns
    -------
    DataFrame of findings
        For `min_values` and more, where the share of 0 and 5 is at least 0.25 and its
        one-sided binomial p against 0.2, adjusted over all pools, is at most 0.05.
        ``value`` : the share; ``reference`` : 0.2; ``p_value`` : adjusted; ``rows`` :
        the rows that hold such values.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Digit preference (age heaping), e.g. Myers (1940); Benjamini & Hochberg (1995).

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": "2016-07", "unit": "350125", "sector": "rural",
    ...     "branch": [f"B{i}" for i in range(100)], "n_members_spoke": [10, 15] * 50,
    ... })
    >>> found = find_round_digits(ledger, ["n_members_spoke"], {})
    >>> found[["unit", "value"]].values.tolist()
    [['350125', 1.0]]
    """
    pools = pool_digits("round_digits", ledger, columns, wholes, by)
    return judge_digits("round_digits", pools, columns, min_values)


def find_lucky_digits(
    ledger: pd.DataFrame,
    columns: Sequence[str],
    wholes: Mapping[str, str],
    by: Sequence[str] = ("unit",),
    min_values: int = MIN_DIGIT_VALUES,
) -> pd.DataFrame:
    """Find whose counts end in 6 or 8, numbers of luck, too often to have been counted.

    Parameters, returns and errors are those of `find_round_digits`; values of 10 and
    more are looked at.

    References
    ----------
    Digit preference, as `find_round_digits`.

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": "2016-07", "unit": "350125", "sector": "rural",
    ...     "branch": [f"B{i}" for i in range(100)], "n_members_spoke": [16, 28] * 50,
    ... })
    >>> found = find_lucky_digits(ledger, ["n_members_spoke"], {})
    >>> found[["unit", "value"]].values.tolist()
    [['350125', 1.0]]
    """
    pools = pool_digits("lucky_digits", ledger, columns, wholes, by)
    return judge_digits("lucky_digits", pools, columns, min_values)


def pool_digits(
    reason: str,
    ledger: pd.DataFrame,
    columns: Sequence[str],
    wholes: Mapping[str, str],
    by: Sequence[str],
) -> pd.DataFrame:
    """Count whose values end in the digits of a rule; `judge_digits` says too often.

    Parameters are those of `find_round_digits`; `reason` is a key of `DIGITS`.

    Returns
    -------
    DataFrame, one row a pool, indexed by `by`
        ``n_chosen`` : values that end so; ``n`` : values; ``rows`` : index labels of
        the rows that hold such values. Pools of one and the same row add up.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.
    """
    digits, min_value = DIGITS[reason]
    used = {column: wholes[column] for column in columns if column in wholes}
    _require_columns(ledger, *PLACE[:3], *columns, *used.values(), *by)
    cells, parts = _cells(ledger), []
    for number, column in enumerate(columns):
        value = _floats(ledger[column])
        speaks = value >= min_value
        if column in used:
            speaks &= value != _floats(ledger[used[column]])
        row = np.flatnonzero(speaks)
        parts.append((np.full(len(row), number), cells[row], value[row], row))
    names = ["_column", "_cell", "_value", "_row"]
    pooled = pd.DataFrame(
        dict(zip(names, map(np.concatenate, zip(*parts, strict=True)), strict=True))
    ).drop_duplicates(names[:3])
    for name in by:
        pooled[name] = ledger[name].array.take(pooled["_row"])
    pooled["_is_chosen"] = (pooled["_value"] % 10).isin(digits)
    pools = pooled.groupby(list(by))["_is_chosen"].agg(["sum", "size"])
    pools.columns = ["n_chosen", "n"]
    rows = pooled[pooled["_is_chosen"]].groupby(list(by))["_row"].unique()
    labels = [tuple(ledger.index[np.sort(at)]) for at in rows]
    found = pd.Series(labels, rows.index, dtype=object).reindex(pools.index)
    return pools.assign(rows=[of if isinstance(of, tuple) else () for of in found])


def is_digits_habit(pools: pd.DataFrame, min_values: int) -> pd.Series:
    """Pools with so many values and so large a share that `judge_digits` may find."""
    share = pools["n_chosen"] / pools["n"]
    return (pools["n"] >= min_values) & (
        share >= ROUND_SHARE + MIN_ROUND_EXCESS - ROUNDING
    )


def judge_digits(
    reason: str, pools: pd.DataFrame, columns: Sequence[str], min_values: int
) -> pd.DataFrame:
    """Find in which of some pools digits were chosen.

    Parameters
    ----------
    reason
        The rule.
    pools
        As `pool_digits` gives them, all that p is adjusted over.
    columns, min_values
        As in `find_round_digits`.

    Returns
    -------
    DataFrame of findings
        As of `find_round_digits`.
    """
    pools = pools[pools["n"] >= min_values]
    p_value = adjust_bh(binomial_at_least(pools["n_chosen"], pools["n"], ROUND_SHARE))
    found = (p_value <= ALPHA) & is_digits_habit(pools, min_values).to_numpy()
    pools = pools.assign(p_value=p_value)[found]
    return _findings(
        reason,
        pools.index.to_frame(index=False),
        field=", ".join(columns),
        value=(pools["n_chosen"] / pools["n"]).to_numpy(),
        reference=ROUND_SHARE,
        p_value=pools["p_value"].to_numpy(),
        rows=pools["rows"].tolist(),
    )


def find_ahead_of_window(
    ledger: pd.DataFrame, opened: Mapping[str, str]
) -> pd.DataFrame:
    """Find topics that were held before their window opened ("超前学习").

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month
    opened : mapping of column to first month of its window

    Returns
    -------
    DataFrame of findings
        ``value`` : what was reported in a month before it; ``reference`` : 0.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Data contract, section 3: none before the topic's window opens.

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": ["2016-06"], "unit": ["350102"], "sector": ["organ"],
    ...     "n_branches_topic_2": [4],
    ... })
    >>> found = find_ahead_of_window(ledger, {"n_branches_topic_2": "2016-07"})
    >>> found["value"].tolist()
    [4.0]
    """
    _require_columns(ledger, *PLACE[:3], *opened)
    months, known = pd.factorize(ledger["month"])
    parts, places = [], _places(ledger)
    for column, first_month in opened.items():
        value = _floats(ledger[column])
        early = (value > 0) & (known < first_month)[months]
        parts.append(
            _findings(
                "ahead_of_window",
                places[early],
                field=column,
                value=value[early],
                reference=0.0,
            )
        )
    return _concat(parts)


def find_own_lectures(
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    by: Sequence[str] = ("unit", "sector"),
) -> pd.DataFrame:
    """Find who counts every lecture as grass-roots while checks find fewer.

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month, as filed
        ``n_branches``, ``n_lectures``, ``n_lectures_grassroots``, cumulative; where
        rows are branches ``branch``, blank in the rows that speak for a whole cell.
    checks : DataFrame, one row a checked branch
        ``month`` of the ledger it is held against, ``unit``, ``sector``, ``branch``
        and ``found_lectures_grassroots``; blanks are left out. A branch that files
        its own row is held against that row, whoever chose it; for a branch that
        does not, give random checks only.
    by : sequence of str
        Whose checks are pooled.

    Returns
    -------
    DataFrame of findings
        Where in every month checked all lectures are reported as grass-roots ones,
        there are 10 or more in the last of them, and the checks find fewer: less than
        0.9 of what the very branches reported (``p_value`` NaN); or, against the
        average per branch of the cell, so few that the Poisson chance is at most 0.05.
        ``value`` : found; ``reference`` : reported or expected; ``rows`` : the ledger
        rows with lectures.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    WHO (2017), Data Quality Review, module 3 (verification factor 0.9); Poisson test
    of an observed against an expected count; "只是在自己本单位讲党课".

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": ["2016-09"], "unit": ["ZSJG"], "sector": ["organ"],
    ...     "n_branches": [100], "n_lectures": [80], "n_lectures_grassroots": [80],
    ... })
    >>> checks = pd.DataFrame({
    ...     "month": "2016-09", "unit": "ZSJG", "sector": "organ",
    ...     "branch": [f"B{i}" for i in range(10)],
    ...     "found_lectures_grassroots": [0, 1, 0, 0, 1, 0, 0, 0, 0, 0],
    ... })
    >>> found = find_own_lectures(ledger, checks)
    >>> found["value"].item(), found["reference"].item()
    (2.0, 8.0)
    """
    cell = list(PLACE[:3])
    counts = ["n_branches", "n_lectures", "n_lectures_grassroots"]
    _require_columns(ledger, *cell, *counts, *by)
    _require_columns(checks, *cell, "branch", "found_lectures_grassroots", *by)
    if checks.empty:
        return _concat([])
    # A row with one side blank tells neither that all are grass-roots nor that not.
    known = {name: _floats(ledger[name]) for name in counts}
    is_known = ~np.isnan(np.column_stack(list(known.values()))).any(axis=1)
    rows = ledger.loc[is_known, cell].assign(
        branch=_branches(ledger)[is_known],
        **{name: values[is_known] for name, values in known.items()},
    )
    sums = rows.groupby(cell)[counts].sum()
    sums["_has_own"] = sums["n_lectures_grassroots"] < sums["n_lectures"]
    whole_cells = rows[(rows["branch"] == "") & (rows["n_branches"] > 0)]
    average = whole_cells.assign(
        _expected=whole_cells["n_lectures_grassroots"] / whole_cells["n_branches"]
    )
    held = checks[[*cell, "branch", "found_lectures_grassroots"]].dropna()
    held = held.merge(sums[["_has_own", "n_lectures"]].reset_index(), on=cell)
    held = held.merge(average[[*cell, "_expected"]], on=cell, how="left")
    filed = rows[(rows["branch"] != "") & rows["branch"].isin(held["branch"])]
    filed = filed.rename(columns={"n_lectures_grassroots": "_reported"})
    held = held.merge(
        filed[[*cell, "branch", "_reported"]], on=[*cell, "branch"], how="left"
    )
    with_lectures = rows.loc[rows["n_lectures"] > 0, cell]
    with_lectures = with_lectures.assign(_label=with_lectures.index)
    parts = []
    for _, pool in held.groupby(list(by), sort=True):
        latest = pool[pool["month"] == pool["month"].max()]
        n_lectures = latest.drop_duplicates(cell)["n_lectures"].sum()
        if pool["_has_own"].any() or n_lectures < MIN_LECTURES:
            continue
        labels = with_lectures.merge(pool[cell].drop_duplicates(), on=cell)["_label"]
        for found, reference, p_value in _too_few_lectures(pool):
            parts.append(
                _findings(
                    "own_lectures",
                    pool[list(by)].head(1),
                    field="n_lectures_grassroots",
                    value=found,
                    reference=reference,
                    p_value=p_value,
                    rows=[tuple(labels)],
                )
            )
    return _concat(parts)


def _too_few_lectures(pool: pd.DataFrame) -> list[tuple[float, float, float]]:
    """What checks found, what there should have been, and how likely that few is.

    Of branches with a row of their own against that row, of the others against the
    average of their cell.
    """
    own, others = pool.dropna(subset="_reported"), pool.dropna(subset="_expected")
    verdicts = []
    found, reported = own["found_lectures_grassroots"].sum(), own["_reported"].sum()
    if found < LEAST_FACTOR * reported:
        verdicts.append((found, reported, np.nan))
    found, expected = (
        others["found_lectures_grassroots"].sum(),
        others["_expected"].sum(),
    )
    p_value = float(scipy.special.pdtr(found, expected))
    if found < expected and p_value <= ALPHA:
        verdicts.append((found, expected, p_value))
    return verdicts


def find_too_smooth(
    cells: pd.DataFrame, columns: Sequence[str], windows: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Find cells whose counts grow by the same number month after month.

    What is counted scatters, at least as a Poisson count does; what is drawn as a line
    between two figures does not.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        Cumulative counts.
    columns : sequence of str
        Counts to look at.
    windows : mapping of column to (first month, last month)
        A count of a topic is looked at while its window is open.

    Returns
    -------
    DataFrame of findings
        Where over 4 months on end (3 for a topic) the median of the dispersions of 3
        and more counts is at most 0.1; a dispersion is the variance of the monthly
        gains over their mean, of counts that gain 5 a month and more. ``value`` : how
        many counts have such a dispersion; ``reference`` : how many were judged;
        ``field`` : their names; ``rows`` : the months and the one before.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Index of dispersion; Fisher (1936), Annals of Science 1:115-137, on figures too good
    to be true.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": [f"2016-0{month}" for month in range(4, 9)], "unit": "350111",
    ...     "sector": "rural", "a": [10, 20, 30, 40, 50], "b": [31, 61, 91, 121, 152],
    ...     "c": [5, 11, 17, 22, 28],
    ... })
    >>> found = find_too_smooth(cells, list("abc"), {})
    >>> found[["value", "reference", "rows"]].values.tolist()
    [[3.0, 3.0, (4, 3, 2, 1, 0)]]
    """
    _require_columns(cells, *PLACE[:3], *columns)
    ordered = cells.sort_values("month", kind="stable")
    parts = []
    for _, rows in ordered.groupby(_cells(ordered)):
        number = rows["month"].map(_month_number).to_numpy()
        months = rows["month"].to_numpy()
        counts = {column: _floats(rows[column]) for column in columns}
        for end in range(MIN_SMOOTH_MONTHS, len(rows)):
            judged, smooth, first = [], [], end
            for column in columns:
                opened, closed = windows.get(column, (months[0], months[-1]))
                length = SMOOTH_MONTHS if column not in windows else MIN_SMOOTH_MONTHS
                start = end - length
                if start < 0 or number[end] - number[start] != length:
                    continue
                if months[start + 1] < opened or months[end] > closed:
                    continue
                gains = np.diff(counts[column][start : end + 1])
                # A blank, a fall or hardly anything does not speak.
                if not (gains.min() >= 0 and gains.mean() >= MIN_SMOOTH_GAIN):
                    continue
                dispersion = gains.var(ddof=1) / gains.mean()
                judged.append(dispersion)
                if dispersion <= MOST_SMOOTH:
                    smooth.append(column)
                    first = min(first, start)
            if len(judged) >= MIN_SMOOTH_FIELDS and np.median(judged) <= MOST_SMOOTH:
                parts.append(
                    _findings(
                        "too_smooth",
                        rows[[*PLACE[1:3]]].iloc[[end]],
                        field=", ".join(smooth),
                        value=float(len(smooth)),
                        reference=float(len(judged)),
                        rows=[tuple(rows.index[first : end + 1][::-1])],
                    )
                )
    return _concat(parts)


def find_near_neighbours(
    cells: pd.DataFrame, columns: Sequence[str], wholes: Mapping[str, str]
) -> pd.DataFrame:
    """Find cells whose counts are nearly those of another unit's same sector.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        With ``n_branches``.
    columns : sequence of str
        Counts to compare, those of 10 and more in both.
    wholes : mapping of part to whole
        A count that has reached its whole in either does not speak.

    Returns
    -------
    DataFrame of findings
        One for each of the two, where 6 and more counts can be compared and each of
        them is within 7 % of the other's, as it stands or per branch, without all
        being equal (`find_same_in_two_units`). ``value`` : how far apart they are at
        most, as a share; ``reference`` : how many counts; ``field`` : their names;
        ``rows`` : both cells.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Own rule. Two honest counts of 50 are within 7 % of each other in one of four
    cases, six of them hardly ever.

    Examples
    --------
    >>> names = list("abcdef")
    >>> counts = {name: [40 + 9 * i, 41 + 9 * i] for i, name in enumerate(names)}
    >>> cells = pd.DataFrame({
    ...     "month": "2016-08", "unit": ["350111", "350112"], "sector": "rural",
    ...     "n_branches": [90, 120], **counts,
    ... })
    >>> find_near_neighbours(cells, names, {})["unit"].tolist()
    ['350111', '350112']
    """
    used = {column: wholes[column] for column in columns if column in wholes}
    _require_columns(cells, *PLACE[:3], "n_branches", *columns, *used.values())
    speaking = {}
    for column in columns:
        value = _floats(cells[column])
        speaks = value >= MIN_NEAR_VALUE
        if column in used:
            speaks &= value < _floats(cells[used[column]])
        speaking[column] = np.where(speaks, value, np.nan)
    logs = pd.DataFrame(np.log(np.column_stack(list(speaking.values()))), cells.index)
    # A place that files no branch at all has no figure by branch.
    n_branches = _floats(cells["n_branches"])
    size = np.log(np.where(n_branches > 0, n_branches, np.nan))
    position = pd.Series(np.arange(len(cells)), cells.index)
    parts = []
    for _, label in position.groupby([cells["month"], cells["sector"]]):
        at = label.to_numpy()
        apart = np.abs(logs.to_numpy()[at][:, None] - logs.to_numpy()[at][None])
        ratio = logs.to_numpy()[at] - size[at][:, None]
        per_branch = np.abs(ratio[:, None] - ratio[None])
        is_known = ~np.isnan(apart)
        n_known = is_known.sum(axis=2)
        most = np.where(is_known, apart, 0).max(axis=2)
        most_per_branch = np.where(is_known, per_branch, 0).max(axis=2)
        nearest = np.expm1(np.fmin(most, most_per_branch))
        is_near = (n_known >= MIN_NEAR_FIELDS) & (nearest <= NEAR) & (most > 0)
        one, other = np.nonzero(is_near & ~np.eye(len(at), dtype=bool))
        fields = [
            ", ".join(columns[k] for k in np.flatnonzero(known))
            for known in is_known[one, other]
        ]
        parts.append(
            _findings(
                "near_neighbour",
                cells.iloc[at[one]],
                field=fields,
                value=nearest[one, other],
                reference=n_known[one, other],
                rows=[*zip(cells.index[at[one]], cells.index[at[other]], strict=True)],
            )
        )
    return _concat(parts)


def find_off_roll(
    cells: pd.DataFrame, roll: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """Find cells whose branches, members or leaders are not those of the roll.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        `columns` as filed; a sum of which a row is blank is blank.
    roll : DataFrame, one row a unit and sector
        The same `columns`, blank where not known.
    columns : sequence of str
        States; the first counts branches. It is 0 where the roll of the unit has
        nothing in that sector; a unit without a roll is not judged.

    Returns
    -------
    DataFrame of findings
        Where they differ by more than 10 % of the roll and by 2 at least. ``value`` :
        the count filed; ``reference`` : that of the roll.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    A rate over a wrong base passes as 100 %: own rule, limit as ordered.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-07"], "unit": ["350102"], "sector": ["organ"],
    ...     "n_branches": [5000],
    ... })
    >>> roll = pd.DataFrame({
    ...     "unit": ["350102"], "sector": ["organ"], "n_branches": [309],
    ... })
    >>> found = find_off_roll(cells, roll, ["n_branches"])
    >>> found[["value", "reference"]].values.tolist()
    [[5000.0, 309.0]]
    """
    place = ["unit", "sector"]
    _require_columns(cells, *PLACE[:3], *columns)
    _require_columns(roll, *place, *columns)
    known = cells[[*PLACE[:3]]].merge(roll, on=place, how="left")
    known.index = cells.index
    has_roll = cells["unit"].isin(roll["unit"])
    first = columns[0]
    is_absent = ~pd.MultiIndex.from_frame(cells[place]).isin(
        pd.MultiIndex.from_frame(roll[place])
    )
    known.loc[has_roll & is_absent, first] = 0
    return _concat(
        [
            _off(
                "off_roll",
                cells,
                column,
                _floats(known[column]),
                [(label,) for label in cells.index],
            )
            for column in columns
        ]
    )


def find_off_last_month(cells: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Find cells whose branches, members or leaders are not those of the last report.

    Parameters
    ----------
    cells : DataFrame, one row a unit, sector and month
        `columns` as filed; a sum of which a row is blank is blank.
    columns : sequence of str
        States, which hardly change.

    Returns
    -------
    DataFrame of findings
        Where a count differs from the last one filed before by more than 10 % and by 2
        at least. ``value`` : the count; ``reference`` : the one before; ``rows`` : this
        row and that.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Own rule, limit as ordered.

    Examples
    --------
    >>> cells = pd.DataFrame({
    ...     "month": ["2016-06", "2016-07"], "unit": "350102", "sector": "organ",
    ...     "n_branches": [309, 250],
    ... })
    >>> found = find_off_last_month(cells, ["n_branches"])
    >>> found[["month", "value", "reference"]].values.tolist()
    [['2016-07', 250.0, 309.0]]
    """
    _require_columns(cells, *PLACE[:3], *columns)
    order = _by_place(cells["month"], _cells(cells))
    parts = []
    for column in columns:
        value = _floats(cells[column])
        earlier, later = _neighbours(value, order)
        rows = list(zip(cells.index[later], cells.index[earlier], strict=True))
        filed = cells.iloc[later]
        parts.append(_off("off_last_month", filed, column, value[earlier], rows))
    return _concat(parts)


def find_organizations_equal(ledger: pd.DataFrame) -> pd.DataFrame:
    """Find units whose rows all give as many organisations as branches.

    Parameters
    ----------
    ledger : DataFrame, one row a cell or branch and month
        ``n_organizations`` and ``n_branches``; rows with a blank do not speak.

    Returns
    -------
    DataFrame of findings
        One a unit, of 10 branches and more in its latest month. ``month`` : that
        month; ``value`` : organisations; ``reference`` : branches; ``rows`` : its rows
        of that month.

    Raises
    ------
    ValueError
        When a column is absent or an index label stands twice.

    References
    ----------
    Committees and general branches are organisations, too: a question, no fault.

    Examples
    --------
    >>> ledger = pd.DataFrame({
    ...     "month": "2016-07", "unit": "350102", "sector": ["organ", "rural"],
    ...     "n_organizations": [12, 30], "n_branches": [12, 30],
    ... })
    >>> find_organizations_equal(ledger)[["unit", "value"]].values.tolist()
    [['350102', 42.0]]
    """
    counts = ["n_organizations", "n_branches"]
    _require_columns(ledger, *PLACE[:3], *counts)
    spoken = ledger[ledger[counts].notna().all(axis=1)]
    is_equal = spoken[counts[0]] == spoken[counts[1]]
    units = is_equal.groupby(spoken["unit"]).all()
    parts = []
    for unit in units.index[units]:
        rows = spoken[spoken["unit"] == unit]
        rows = rows[rows["month"] == rows["month"].max()]
        value = float(rows[counts[0]].sum())
        if value >= MIN_BRANCHES:
            parts.append(
                _findings(
                    "organizations_equal",
                    rows[["month", "unit"]].head(1),
                    field=counts[0],
                    value=value,
                    reference=value,
                    rows=[tuple(rows.index)],
                )
            )
    return _concat(parts)


def _off(
    reason: str,
    cells: pd.DataFrame,
    column: str,
    reference: np.ndarray,
    rows: list[tuple],
) -> pd.DataFrame:
    """Cells whose count is off its reference by more than a tenth, and by 2."""
    value = _floats(cells[column])
    distance = np.abs(value - reference)
    is_off = (distance > MOST_OFF * reference + ROUNDING) & (distance >= LEAST_OFF)
    return _findings(
        reason,
        cells[is_off],
        field=column,
        value=value[is_off],
        reference=reference[is_off],
        rows=[rows[i] for i in np.flatnonzero(is_off)],
    )


def _findings(
    reason: str,
    places: pd.DataFrame,
    *,
    field: str | Sequence[str],
    value: float | np.ndarray,
    reference: float | np.ndarray,
    p_value: float | np.ndarray = np.nan,
    rows: list[tuple] | None = None,
) -> pd.DataFrame:
    """Findings at `places`; without `rows` each rests on its own ledger row."""
    if rows is None:
        rows = [(label,) for label in places.index]
    n = len(places)
    return pd.DataFrame(
        {
            "reason": np.full(n, reason, object),
            **{
                # As they are: whoever looks at millions has no time to tell words anew.
                name: places[name].array
                if name in places.columns
                else np.full(n, None, object)
                for name in PLACE
            },
            "field": np.full(n, field, object) if isinstance(field, str) else field,
            "value": np.full(n, value, float),
            "reference": np.full(n, reference, float),
            "p_value": np.full(n, p_value, float),
            "rows": pd.Series(rows, dtype=object).array,
        },
        index=range(n),
        columns=list(FINDING_COLUMNS),
    )


def _places(ledger: pd.DataFrame) -> pd.DataFrame:
    """What findings say of where a row stands, without its counts."""
    return ledger[[name for name in PLACE if name in ledger.columns]]


def _common_months(judged: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Months in which `found` names half the `judged` units and more."""
    n_judged = judged.groupby("month")["unit"].nunique()
    n_found = found.groupby("month")["unit"].nunique().reindex(n_judged.index).fillna(0)
    is_common = (n_judged >= MIN_COMMON_UNITS) & (n_found >= COMMON_SHARE * n_judged)
    return list(n_judged.index[is_common])


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(FINDING_COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _cells(ledger: pd.DataFrame) -> np.ndarray:
    """Number of the place of each row, whatever its month."""
    names = [name for name in PLACE[1:] if name in ledger.columns]
    return ledger.groupby(names, dropna=False, sort=False).ngroup().to_numpy()


def _reporters(ledger: pd.DataFrame) -> np.ndarray:
    """Number of who speaks in each row: a branch of a unit, or a sector as a whole."""
    if "branch" in ledger:
        is_branch = _branches(ledger) != ""
        ledger = ledger[[*PLACE[1:]]].assign(
            sector=ledger["sector"].mask(is_branch, "")
        )
    return _cells(ledger)


def _branches(ledger: pd.DataFrame) -> pd.Series:
    """The branch of each row, '' where it speaks for its sector."""
    if "branch" not in ledger:
        return pd.Series("", ledger.index)
    return ledger["branch"].fillna("")


@dataclasses.dataclass(frozen=True)
class _Order:
    """Positions of rows by place and month, their places, and when each row came."""

    positions: np.ndarray
    places: np.ndarray
    months: np.ndarray


def _by_place(month: pd.Series, place: np.ndarray) -> _Order:
    months = _codes(month)
    positions = np.lexsort((months, place))
    return _Order(positions, place[positions], months)


def _neighbours(value: np.ndarray, order: _Order) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the last count reported before, and of each that has one.

    `value` is NaN where not reported. The pairs come by month and position of the
    later.
    """
    is_reported = ~np.isnan(value[order.positions])
    reported, places = order.positions[is_reported], order.places[is_reported]
    is_one_place = places[:-1] == places[1:]
    earlier, later = reported[:-1][is_one_place], reported[1:][is_one_place]
    by_month = np.lexsort((later, order.months[later]))
    return earlier[by_month], later[by_month]


def _codes(month: pd.Series) -> np.ndarray:
    """The number of each row's month, the first being 0."""
    return pd.factorize(month, sort=True)[0]


def _floats(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=float, na_value=np.nan)


def _next_month(month: str) -> str:
    return (month_end(month) + timedelta(1)).strftime("%Y-%m")


def _month_number(month: str) -> int:
    last: date = month_end(month)
    return last.year * 12 + last.month


def _require_columns(frame: pd.DataFrame, *names: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ValueError(f"the frame has no column {', '.join(absent)}")
    if not frame.index.is_unique:
        raise ValueError("findings point to rows by label; a label stands twice")
