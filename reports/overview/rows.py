"""Is it everywhere? What the overview shows, as frames made from frames of rates.

Nothing is read here: several metrics by month come in, and what is demanded, what is
late and what has moved come out, each as the frame that is drawn, listed and saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import CELL, Metric, Registry, month_end
from data_pipeline.statistics.deadlines import Progress, judge_progress, pace_line
from data_pipeline.statistics.unevenness import (
    Unevenness,
    mean_distance,
    measure_unevenness,
)
from data_pipeline.withheld import disclosed
from reports.belief import Says
from reports.metric_rows import METRIC, in_month
from reports.overview.figures import FILING_MARKS, filing_status
from reports.overview.figures import TEXTS as FIGURE_TEXTS
from reports.overview.headline import Headline
from reports.words import catalogue, sentences, wording
from reports.words.standing import target_in_force

# Who should be reached: branches by the month's topic, members, leaders.
DUTIES = ("branches", "members", "leaders")
N_CHANGES = 5
# What the codes in a column `status` are called, of a topic and of a filing.
WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    language: {
        "status": {code: words[language] for code, words in sentences.VERDICTS.items()}
        | {status: texts[status] for status in FILING_MARKS}
    }
    for language, texts in FIGURE_TEXTS.items()
}
# How a duty that has reached its target did so.
REACHED = ("reached", "reached_late", "reached_unknown")
TEXTS = catalogue.texts("overview.rows")
# By metric how it stands against its due date, and the total that is measured by.
Judged = Mapping[str, tuple[Progress, float]]


class ExtremePlace(NamedTuple):
    """One end of what is uneven: "coldest" or "hottest", the place with its rate."""

    end: str
    name: str
    unit: str
    sector: str


def duty_metrics(registry: Registry, month: str) -> dict[str, str]:
    """Metric id of each duty: which rate says that branches, members, leaders do it."""
    roles = (registry.role("members_duty"), registry.role("leaders_duty"))
    metrics = (registry.topic_of(month), *roles)
    return {d: m.id for d, m in zip(DUTIES, metrics, strict=True) if m}


def headline_metrics(registry: Registry) -> tuple[str, ...]:
    """Ids of everything the overview reads by month, each once."""
    topics = (topic.metric for topic in registry.calendar.topics)
    roles = ("members_duty", "leaders_duty", "headline")
    found = (metric.id for role in roles for metric in registry.with_role(role))
    return tuple(dict.fromkeys((*topics, *found)))


def progress_rows(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    month: str,
    verified: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """What is demanded of each metric this month and how many are still missing.

    Parameters
    ----------
    frames
        Metric id to the city's row of the month.
    verified
        The same as random checks support it, where they give verdicts.

    Returns
    -------
    DataFrame, one row a metric
        ``metric``, the columns of its frame, ``target`` (share in force), ``due``
        (YYYY-MM-DD, None: at all times), ``still_missing`` (whole ones to the target)
        and, with checks, ``verified``, ``lower``, ``upper`` (shares).
    """
    rows = []
    for metric_id, frame in frames.items():
        milestone = wording.milestone_in(registry.metrics[metric_id], month)
        row: dict[str, Any] = {METRIC: metric_id, "target": np.nan, "due": None}
        row |= dict.fromkeys(("numerator", "denominator", "rate"), np.nan)
        row |= frame.iloc[0].to_dict() if len(frame) else {}
        if milestone:
            row["target"] = milestone.target
            row["due"] = milestone.due.isoformat() if milestone.due else None
        row["still_missing"] = np.nan
        if milestone and row["denominator"] > 0:
            row["still_missing"] = sentences.shortfall(
                row["numerator"], row["denominator"], milestone.target
            )
        if verified is not None:
            row |= dict.fromkeys(("verified", "lower", "upper"), np.nan)
        if verified and metric_id in verified:
            found = verified[metric_id].iloc[0]
            row |= {"verified": found["rate"]}
            row |= {limit: found[limit] for limit in ("lower", "upper")}
        rows.append(row)
    frame = pd.DataFrame(rows)
    counts = ("numerator", "denominator", "n_blank", "n_missing", "still_missing")
    return frame.astype({name: "Int64" for name in counts if name in frame})


def judge_deadlines(
    frames: Mapping[str, pd.DataFrame], registry: Registry, month: str
) -> dict[str, tuple[Progress, float]]:
    """How each topic stands against its due date at the end of a month.

    Parameters
    ----------
    frames
        Metric id to `rates.read_rates` by month, the topics among others; later
        months are left out.

    Returns
    -------
    dict
        Metric id to its `Progress` and the total it was measured by. Earlier months
        are put on the footing of the judged one (their rate times its total): a unit
        that is silent in one month would otherwise look like a fall of the count.
    """
    judged = {}
    for metric_id in (topic.metric for topic in registry.calendar.topics):
        metric, frame = registry.metrics[metric_id], frames[metric_id]
        known = frame[(frame["month"] <= month) & (frame["denominator"] > 0)]
        total = float(known["denominator"].iloc[-1]) if len(known) else 0.0
        done = {
            row.month: row.numerator * total / row.denominator
            for row in known.itertuples()
        }
        progress = judge_progress(
            done,
            total,
            metric.due,
            target=metric.target,
            window_start=metric.window.start,
            window_end=metric.window.end,
        )
        judged[metric_id] = (progress, total)
    return judged


def shares_in_time(
    frames: Mapping[str, pd.DataFrame], registry: Registry, month: str
) -> dict[str, float]:
    """Share done at the end of the month of the due day, of each topic past it.

    `frames` as for `judge_deadlines`; NaN where nothing was reported for that month.
    """
    shares = {}
    for topic in registry.calendar.topics:
        due = f"{registry.metrics[topic.metric].due:%Y-%m}"
        if due < month:
            then = in_month(frames[topic.metric], due)["rate"]
            shares[topic.metric] = float(then.iloc[0]) if len(then) else np.nan
    return shares


def deadline_rows(
    judged: Mapping[str, tuple[Progress, float]], registry: Registry
) -> pd.DataFrame:
    """The deadline strip as a frame: one row a topic, the verdict as a code."""
    rows = [
        {
            METRIC: metric_id,
            "month": progress.month,
            "done": progress.done,
            "total": total,
            "rate": progress.done / total if total else np.nan,
            "due": registry.metrics[metric_id].due.isoformat(),
            "still_needed": progress.still_needed,
            "needed_per_month": progress.needed_per_month,
            "recent_pace": progress.recent_pace,
            "projected": progress.projected,
            "status": sentences.verdict_code(registry.metrics[metric_id], progress),
            "in_time": progress.in_time,
            "in_window": progress.in_window,
        }
        for metric_id, (progress, total) in judged.items()
    ]
    frame = pd.DataFrame(rows)
    counts = ("done", "total", "still_needed", "projected")
    return frame.assign(**{c: frame[c].round().astype("Int64") for c in counts})


def filing_rows(filing: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """The filing record with its verdict: on_time, late, partial, missing, not_due.

    `filing` is as `rates.read_filing` gives it; the snapshot's moment decides
    which deadlines have passed.
    """
    now = snapshot.as_of or snapshot.built_at
    status = [filing_status(row, now) for row in filing.to_dict("records")]
    return filing.assign(status=status)


def largest_changes(cells: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """How far each place has moved since the month before, the largest move first.

    Parameters
    ----------
    cells
        `read_rates` by month and one or more places.
    months
        In order; the last is compared with the one before it.

    Returns
    -------
    DataFrame
        The places, ``numerator``, ``denominator``, ``rate``, ``rate_before`` and
        ``change`` (rate minus rate before). A place without a rate in either month
        has not moved: it was not heard.
    """
    now = in_month(cells, months[-1])
    places = [name for name in now if name in ("unit", "sector", "township")]
    then = in_month(cells, months[-2])[[*places, "rate"]] if months[:-1] else now[:0]
    rates = {tuple(row[:-1]): row[-1] for row in then[[*places, "rate"]].to_numpy()}
    before = [rates.get(tuple(place), np.nan) for place in now[places].to_numpy()]
    moved = now.assign(rate_before=np.array(before, dtype=float))
    moved = moved.assign(change=moved["rate"] - moved["rate_before"])
    moved = moved[moved["change"].notna()]
    # Among equal moves the larger place is the more important one.
    order = np.lexsort((-moved["denominator"], -moved["change"].abs().round(9)))
    columns = [*places, "numerator", "denominator", "rate", "rate_before", "change"]
    return moved.iloc[order][columns].reset_index(drop=True)


def answer_everywhere(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    month: str,
    language: str = "zh",
    *,
    in_time: Mapping[str, float],
    caveats: Mapping[str, str] | None = None,
) -> str:
    """Is it everywhere? One sentence over the three duties, the good news first.

    `frames` are the city's rows of the month; `in_time` as `shares_in_time` gives it;
    `caveats` by metric what stands against a figure: none is praised without.
    """
    texts = TEXTS[language]
    found: dict[str, list[str]] = {}
    for metric_id, frame in frames.items():
        metric = registry.metrics[metric_id]
        label = wording.in_language(metric, "label", language)
        rate = frame["rate"].iloc[0] if len(frame) else None
        standing = _standing(metric, rate, month, in_time.get(metric_id))
        if standing in (*REACHED, "on_pace"):
            label += (caveats or {}).get(metric_id, "")
        found.setdefault(standing, []).append(label)
    parts = {
        standing: texts[standing].format(names=texts["names"].join(found[standing]))
        for standing in (*REACHED, "on_pace", "behind", "silent")
        if standing in found
    }
    if set(parts) <= set(REACHED):
        if any((caveats or {}).get(name) for name in frames):
            sentence = texts["joiner"].join(parts.values())
            return texts["everywhere_doubted"].format(parts=sentence)
        if set(parts) == {"reached"}:
            return texts["everywhere"]
        late = texts["joiner"].join(
            parts[name] for name in REACHED[1:] if name in parts
        )
        return texts["everywhere_late"].format(late=late)
    return texts["not_yet"].format(parts=texts["joiner"].join(parts.values()))


def left_out(frames: Mapping[str, pd.DataFrame], language: str = "zh") -> str:
    """What no figure of the month holds: pairs that have not filed; '' if none.

    `frames` are the city's rows of the month. Blank rows differ by metric and stand in
    each figure's table.
    """
    n_missing = max(int(frame["n_missing"].sum()) for frame in frames.values())
    return sentences.gaps(n_missing, 0, language)


def headlines(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    month: str,
    language: str = "zh",
) -> list[Headline]:
    """The row of headline figures: value, change since last month, months so far.

    `frames` are metric ids to the city by month; those that are no headline, such as
    the other topics, are left out.
    """
    more = (metric.id for metric in registry.with_role("headline"))
    wanted = (*duty_metrics(registry, month).values(), *more)
    return [
        _headline(registry.metrics[metric_id], frames[metric_id], month, language)
        for metric_id in wanted
        if metric_id in frames
    ]


def unevenness_headline(
    cells: pd.DataFrame, metric: Metric, month: str, language: str = "zh"
) -> Headline:
    """Average distance from the mean over the months, as a headline figure."""
    texts = TEXTS[language]
    distances = pd.Series(
        {
            of_month: _distance(rows)
            for of_month, rows in cells[cells["month"] <= month].groupby("month")
        },
        dtype=float,
    )
    now = distances.get(month)
    before = distances.iloc[-2] if len(distances) > 1 else None
    delta = None
    if not wording.is_missing(now) and not wording.is_missing(before):
        delta = texts["points"].format(n=_tenths(now - before))
    return Headline(
        label=texts["unevenness"],
        value=(
            wording.UNDEFINED
            if wording.is_missing(now)
            else texts["points"].format(n=f"{now:.1f}")
        ),
        delta=delta,
        trend=_numbers(distances),
        better="lower",
        help=texts["unevenness_help"].format(
            metric=wording.in_language(metric, "label", language)
        ),
    )


def _distance(cells: pd.DataFrame) -> float:
    """Average distance from the mean in points; cells without a rate do not count."""
    counts = disclosed(cells)[["numerator", "denominator"]].to_numpy(dtype=float)
    numerators, denominators = counts[counts[:, 1] > 0].T
    if not denominators.size:
        return np.nan
    return 100 * mean_distance(numerators / denominators, denominators)


def measure_cells(cells: pd.DataFrame, metric: Metric, month: str) -> Unevenness:
    """Unevenness of one month's cells against the target in force."""
    return measure_unevenness(disclosed(cells), target_in_force(metric, month))


def extreme_places(
    measured: Unevenness,
    cells: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    says: Says | None = None,
) -> list[ExtremePlace]:
    """Coldest and hottest of cells by unit and sector; those too small are not named.

    `measured` is from `measure_cells` of `cells`; `says` gives what stands against the
    figure of a place.
    """
    return [
        ExtremePlace(
            end,
            sentences.extreme(extreme, cells, CELL, registry, language, says=says),
            *(cells.loc[extreme.index, name] for name in CELL),
        )
        for end in ("coldest", "hottest")
        if (extreme := getattr(measured, end)) is not None
    ]


def _headline(
    metric: Metric, frame: pd.DataFrame, month: str, language: str
) -> Headline:
    texts = TEXTS[language]
    known = frame[frame["month"] <= month]
    rates = known["rate"]
    row = known.iloc[-1] if len(known) and known["month"].iloc[-1] == month else None
    value, delta = wording.UNDEFINED, None
    if row is not None:
        value = wording.rate_text(row["rate"], metric.unit)
        if metric.table == "filing":
            # So few that the count says more than the share.
            value = texts["of"].format(n=row["numerator"], total=row["denominator"])
        if len(rates) > 1 and not wording.is_missing(rates.iloc[-1] - rates.iloc[-2]):
            moved = rates.iloc[-1] - rates.iloc[-2]
            delta = f"{moved:.2f}"
            if metric.table == "filing":
                delta = str(row["numerator"] - known["numerator"].iloc[-2])
            elif metric.unit == "share":
                delta = texts["points"].format(n=_tenths(100 * moved))
    note = wording.in_language(metric, "note", language)
    return Headline(
        label=wording.in_language(metric, "label", language),
        value=value,
        delta=delta,
        trend=_numbers(rates),
        better=metric.better,
        help=note or f"“{metric.quote}”",
    )


def _standing(metric: Metric, rate: Any, month: str, in_time: float | None) -> str:
    milestone = wording.milestone_in(metric, month)
    if wording.is_missing(rate) or milestone is None:
        return "silent"
    if rate >= milestone.target:
        if in_time is not None and wording.is_missing(in_time):
            return "reached_unknown"
        is_late = in_time is not None and in_time < milestone.target
        return "reached_late" if is_late else "reached"
    start = metric.window.start if metric.window else None
    pace = pace_line(month_end(month), start, metric.milestones)
    return "on_pace" if rate >= pace else "behind"


def _tenths(value: float) -> str:
    """One decimal; what rounds to nothing has no sign.

    >>> _tenths(3.21), _tenths(-0.04), _tenths(-0.5)
    ('3.2', '0.0', '-0.5')
    """
    return f"{round(value, 1) + 0.0:.1f}"


def _numbers(values: pd.Series) -> list[float | None]:
    return [None if wording.is_missing(value) else float(value) for value in values]
