"""Will it be done in time? The pace, what is needed per month, the line to hold.

Cumulative coverage has three to nine points that depend on each other, so there is no
control chart here: three numbers (done, needed per month, recent pace) and one word.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Protocol

import numpy as np

# From calm to alarm.
STATUSES = ("ahead", "at_risk", "will_miss", "overdue")
RECENT_MONTHS = 2


class Milestone(Protocol):
    """A target share and the day it falls due; None means at all times."""

    @property
    def target(self) -> float: ...

    @property
    def due(self) -> date | None: ...


@dataclass(frozen=True)
class Progress:
    """Where a cumulative count stands against its due date; see `judge_progress`."""

    month: str
    done: float
    in_time: float
    in_window: float
    is_in_time: bool | None
    still_needed: float
    months_left: float
    needed_per_month: float
    recent_pace: float
    best_pace: float
    projected: float
    status: str | None
    has_fallen: bool


def month_end(month: str) -> date:
    """Last day of a month, the day its ledger speaks of.

    Parameters
    ----------
    month : str
        ``YYYY-MM``.

    Returns
    -------
    date

    Raises
    ------
    ValueError
        When `month` is not ``YYYY-MM``.

    References
    ----------
    Gregorian calendar, `calendar.monthrange`.

    Examples
    --------
    >>> month_end("2016-02")
    datetime.date(2016, 2, 29)
    """
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def months_between(start: date, end: date) -> float:
    """Time from one evening to another in months, a part month as a share of its days.

    Parameters
    ----------
    start, end : date
        Both at the end of the day.

    Returns
    -------
    float
        Months, negative when `end` is earlier; whole between two ends of months.

    References
    ----------
    Own convention: day d of a month with D days stands at d/D.

    Examples
    --------
    From the end of July to 10 November: August, September, October and a third.

    >>> round(months_between(date(2016, 7, 31), date(2016, 11, 10)), 3)
    3.333
    """
    return _month_position(end) - _month_position(start)


def pace_line(
    on: date, window_start: date | None, milestones: Sequence[Milestone]
) -> float:
    """Share that should be reached by a day so that the next due date can be kept.

    Parameters
    ----------
    on : date
        The day in question, at its end (for a ledger the last day of its month).
    window_start : date or None
        First day of the window; None when it is open from the start: then the first
        target counts in full from the beginning.
    milestones : sequence of objects with ``due`` and ``target``
        In order of their due dates; ``due`` None means the target holds at all times.

    Returns
    -------
    float
        Share of the window that has passed x target: 0 before `window_start`, the
        full target from the due date on, and from one milestone to the next along
        the straight line between them. NaN without a milestone.

    Raises
    ------
    ValueError
        When due dates are not in rising order or lie before `window_start`.

    References
    ----------
    Straight-line schedule, as in earned-value management (planned value).

    Examples
    --------
    Topic 1 runs from 1 April (91 days); by the end of April 30 days have passed.

    >>> from types import SimpleNamespace
    >>> topic_1 = [SimpleNamespace(due=date(2016, 6, 30), target=1.0)]
    >>> round(pace_line(date(2016, 4, 30), date(2016, 4, 1), topic_1), 4)
    0.3297
    """
    if not milestones:
        return np.nan
    lasting = [m.target for m in milestones if m.due is None]
    if lasting:
        return float(lasting[-1])
    days = [m.due.toordinal() for m in milestones]
    targets = [m.target for m in milestones]
    # The evening before the window opens: no share of it has passed yet.
    start = days[0] - 1 if window_start is None else window_start.toordinal() - 1
    if any(
        later <= earlier for earlier, later in zip([start, *days], days, strict=False)
    ):
        raise ValueError(
            "milestones must fall due one after the other, after the window opens; "
            f"got {window_start} and {[str(m.due) for m in milestones]}"
        )
    if window_start is None:
        return float(np.interp(on.toordinal(), days, targets))
    return float(np.interp(on.toordinal(), [start, *days], [0.0, *targets]))


def judge_progress(
    done: Mapping[str, float],
    total: float,
    due: date,
    *,
    target: float = 1.0,
    window_start: date | None = None,
    window_end: date | None = None,
) -> Progress:
    """Compare the pace of a cumulative count with the pace its due date asks for.

    Parameters
    ----------
    done : mapping of month (``YYYY-MM``) to count
        Cumulative count at the end of each month, any order; NaN or None where the
        month was not reported. The last reported month is judged.
    total : float
        Number that should be covered (latest denominator).
    due : date
        Day by whose end ``target x total`` is to be reached.
    target : float, at least 0
        Share of `total` demanded.
    window_start : date or None
        First day of the window, when the count stood at 0. None: the first reported
        month is the base, and one month alone gives no pace.
    window_end : date or None
        Last day of the window, by default the due day.

    Returns
    -------
    Progress
        ``in_time``, ``in_window`` : share done at the end of the month of `due` and of
        `window_end`, whatever was made up for since (a month's end is all that ledgers
        tell); NaN where that month has not come or was not reported.
        ``is_in_time`` : whether `in_time` reached the target, None where it is NaN.
        ``still_needed`` : count, ``max(0, ceil(target x total) - done)``.
        ``months_left`` : months to `due`, not below 0.
        ``needed_per_month`` : ``still_needed / months_left``; NaN once overdue,
        0 when nothing is needed.
        ``recent_pace`` : count per month over the last two months (over all there is,
        when less); NaN when unknown.
        ``best_pace`` : largest count per month between two reports.
        ``projected`` : ``done + recent_pace x months_left``, not above the larger of
        `total` and done.
        ``status`` : ``ahead`` when the target is reached or the recent pace
        suffices; ``at_risk`` when it does not but the best month so far would;
        ``will_miss`` when even that would not; ``overdue`` when the due date has
        passed; None when nothing is reported, `total` is blank or 0, or the pace is
        unknown.
        ``has_fallen`` : True when a cumulative count falls, which is a fault of the
        data: read the pace with care.

    Raises
    ------
    ValueError
        When a count, `total` or `target` is negative.

    References
    ----------
    Required run rate, as in earned-value management (to-complete index).

    Examples
    --------
    400 of 1,000 done at the end of July, 100 a month so far, one month left.

    >>> result = judge_progress(
    ...     {"2016-06": 300, "2016-07": 400}, 1000, date(2016, 8, 31)
    ... )
    >>> result.needed_per_month, result.recent_pace, result.status
    (600.0, 100.0, 'will_miss')
    """
    reported = sorted(
        (month, float(count))
        for month, count in done.items()
        if count is not None and count == count
    )
    if target < 0 or total < 0 or any(count < 0 for _, count in reported):
        raise ValueError("done, total and target must not be negative")
    has_fallen = any(
        later < earlier
        for (_, earlier), (_, later) in zip(reported, reported[1:], strict=False)
    )
    if not reported or not total > 0:
        last = reported[-1] if reported else ("", np.nan)
        return Progress(*last, *[np.nan] * 2, None, *[np.nan] * 6, None, has_fallen)

    month, count = reported[-1]
    points = [(_month_position(month_end(name)), value) for name, value in reported]
    if window_start is not None:
        opened = _month_position(window_start) - _day_share(window_start)
        points = [(opened, 0.0)] + [point for point in points if point[0] > opened]
    # 1e-9: a target of 2/3 of 300 is 200, not 201.
    demanded = ceil(target * total - 1e-9)
    still_needed = max(0.0, demanded - count)
    months_left = max(0.0, months_between(month_end(month), due))
    recent_pace, best_pace = _paces(points)
    needed = 0.0
    if still_needed:
        needed = still_needed / months_left if months_left else np.nan
    projected = min(count + recent_pace * months_left, max(count, float(total)))
    at_end = dict(reported)
    done_in_time = at_end.get(f"{due:%Y-%m}", np.nan)
    return Progress(
        month=month,
        done=count,
        in_time=done_in_time / total,
        in_window=at_end.get(f"{window_end or due:%Y-%m}", np.nan) / total,
        is_in_time=None if np.isnan(done_in_time) else done_in_time >= demanded,
        still_needed=still_needed,
        months_left=months_left,
        needed_per_month=needed,
        recent_pace=recent_pace,
        best_pace=best_pace,
        projected=projected,
        status=_status(still_needed, months_left, needed, recent_pace, best_pace),
        has_fallen=has_fallen,
    )


def _status(
    still_needed: float,
    months_left: float,
    needed: float,
    recent_pace: float,
    best_pace: float,
) -> str | None:
    """Where the pace of the last month leads; None before there is any."""
    if not still_needed:
        return "ahead"
    if not months_left:
        return "overdue"
    if np.isnan(recent_pace):
        return None
    if recent_pace >= needed:
        return "ahead"
    return "at_risk" if best_pace >= needed else "will_miss"


def _day_share(day: date) -> float:
    return 1 / calendar.monthrange(day.year, day.month)[1]


def _month_position(day: date) -> float:
    return day.year * 12 + day.month - 1 + day.day * _day_share(day)


def _paces(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Recent and best gain per month of (time in months, cumulative count) points."""
    if len(points) < 2:
        return np.nan, np.nan
    now, count = points[-1]
    # 1e-9: a window that opened two months ago minus rounding is two months ago.
    bases = [p for p in points[:-1] if now - p[0] >= RECENT_MONTHS - 1e-9]
    base_time, base_count = bases[-1] if bases else points[0]
    best = max(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in zip(points, points[1:], strict=False)
    )
    return (count - base_count) / (now - base_time), best
