"""Who is late with a topic or with speaking, and what is known of who has spoken.

Nothing is read here: frames of rates come in, and what is drawn, listed and saved
comes out of the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Metric, Milestone, Registry, month_end
from data_pipeline.statistics.deadlines import Progress, pace_line
from data_pipeline.withheld import is_withheld
from reports.figures.matrix import plain_rows
from reports.metric_rows import METRIC, in_month
from reports.overview import rows as overview
from reports.words import catalogue, sentences, wording

# What has become of a topic, in the order in which it can still become better.
OUTCOMES = (
    *("share_in_time", "share_in_window", "share_later"),
    *("share_unknown", "share_not_done"),
)
# From what weighs most to what nobody can say.
LATE_WORDS = catalogue.texts("topics_and_speaking.rows.late_words")
TEXTS = catalogue.texts("topics_and_speaking.rows")


def metrics_shown(registry: Registry) -> tuple[str, ...]:
    """Ids of the topics in order, then speaking, where anybody counts it."""
    spoken = registry.role("members_duty")
    topics = (topic.metric for topic in registry.calendar.topics)
    return (*topics, spoken.id) if spoken else tuple(topics)


def metrics_beside(registry: Registry, month: str) -> tuple[str, ...]:
    """Ids of what stands beside coverage and speaking: by organisations, the thirds."""
    beside = registry.with_role("beside_topics")
    return tuple(m.id for m in beside if _has_begun(m, registry, month))


def _has_begun(metric: Metric, registry: Registry, month: str) -> bool:
    """Whether the topic that its counts are of has opened by the month's end."""
    sides = (registry.derived.get(name) for name in (metric.numerator,))
    columns = [name for side in sides if side and not side.of_topic for name in side.of]
    opens = max((registry.opens(name) for name in columns), default="")
    return opens <= month


def describe_beside(
    frames: Mapping[str, pd.DataFrame], registry: Registry, language: str = "zh"
) -> list[str]:
    """A sentence for each of `metrics_beside`, where anything is known of a place."""
    messages = []
    for metric_id, frame in frames.items():
        row, metric = frame.iloc[0], registry.metrics[metric_id]
        if not row["denominator"]:
            continue
        if is_withheld(row):
            hidden = wording.WITHHELD[language]
            messages.append(sentences.named(metric, hidden, language))
            continue
        clause = TEXTS[language]["beside"].format(
            rate=wording.percent(row["rate"]),
            numerator=wording.number(row["numerator"]),
            counted=wording.counted(row["denominator"], metric.denominator, language),
        )
        messages.append(sentences.named(metric, clause, language))
    return messages


def late_rows(
    frames: Mapping[str, pd.DataFrame], registry: Registry, month: str
) -> pd.DataFrame:
    """Every place that has passed a due date short of it or lies below the pace line.

    Parameters
    ----------
    frames
        Metric id to `rates.read_rates` by places, of one month.

    Returns
    -------
    DataFrame
        ``metric``, the places, ``numerator``, ``denominator``, ``rate``, ``pace``
        (share that should be reached by the month's end), ``target`` and ``due``
        (YYYY-MM-DD) of what was or is next to be met, ``still_missing`` (whole ones to
        that target, missing where nothing was filed), ``status`` (key of
        `LATE_WORDS`). Metric by metric, since branches and persons do not compare, the
        topic of the month before all; of each the largest gap first, silent places
        last. Nothing is late before its window opens.
    """
    rows = []
    for metric_id in _now_first(frames, registry, month):
        metric, frame = registry.metrics[metric_id], frames[metric_id]
        start = metric.window.start if metric.window else None
        pace = pace_line(month_end(month), start, metric.milestones)
        if not pace > 0:
            continue
        passed = _passed(metric.milestones, month)
        milestone = wording.milestone_in(metric, month)
        judged = (
            _judge(metric, row, pace, passed, milestone) for row in plain_rows(frame)
        )
        rows += sorted(filter(None, judged), key=_gap, reverse=True)
    places = [
        name
        for frame in frames.values()
        for name in frame.columns
        if name in wording.DIMENSION_LABELS
    ]
    columns = [METRIC, *dict.fromkeys(places), "numerator", "denominator", "rate"]
    columns += ["pace", "target", "due", "still_missing", "status"]
    late = pd.DataFrame(rows, columns=columns)
    counts = dict.fromkeys(("numerator", "denominator", "still_missing"), "Int64")
    shares = dict.fromkeys(("rate", "pace", "target"), "float64")
    return late.astype(counts | shares)


def _now_first(metrics: Iterable[str], registry: Registry, month: str) -> list[str]:
    """Their ids, the topic that the month is about before all others."""
    now = registry.topic_of(month).id
    return sorted(metrics, key=lambda metric: metric != now)


def outcome_rows(
    judged: Mapping[str, tuple[Progress, float]], registry: Registry
) -> pd.DataFrame:
    """What became of each topic: done in time, made up for, not done; for good.

    Parameters
    ----------
    judged
        `overview.judge_deadlines` of one place and month.

    Returns
    -------
    DataFrame, one row a topic that has begun and was reported
        ``metric``, ``month`` (of the last report), ``due`` (YYYY-MM-DD),
        ``ledger_month`` (whose ledger tells what was in time), ``total`` and of it
        ``done`` and ``n_not_done``, and the shares of `OUTCOMES`: done by the month
        of the due day, after it and by the end of the window, later, done nobody knows
        when (the due month was not reported), not done. They add up to 1 unless a
        cumulative count fell. What was done by an earlier month is a share of those
        that filed then, and no count: others may have filed since.
    """
    rows = []
    for metric_id, (progress, total) in judged.items():
        metric = registry.metrics[metric_id]
        # Of what has not begun nothing is left undone.
        if not total or sentences.verdict_code(metric, progress) == "not_open":
            continue
        due_month = f"{metric.due:%Y-%m}"
        shares = dict.fromkeys(OUTCOMES, 0.0)
        n_done = round(progress.done)
        n_not_done = max(0, round(total) - n_done)
        done = progress.done / total
        shares["share_not_done"] = n_not_done / total
        if progress.month <= due_month:
            shares["share_in_time"] = done
        elif wording.is_missing(progress.in_time):
            shares["share_unknown"] = done
        else:
            in_time = by_end = shares["share_in_time"] = progress.in_time
            if f"{metric.window.end:%Y-%m}" > progress.month:
                by_end = done
            elif not wording.is_missing(progress.in_window):
                by_end = progress.in_window
            shares["share_in_window"] = max(0.0, by_end - in_time)
            shares["share_later"] = max(0.0, done - max(in_time, by_end))
        about = {METRIC: metric_id, "month": progress.month, "due": f"{metric.due}"}
        about |= {"ledger_month": due_month, "total": round(total)}
        rows.append(about | {"done": n_done, "n_not_done": n_not_done} | shares)
    counts = ("total", "done", "n_not_done")
    columns = (METRIC, "month", "due", "ledger_month", *counts, *OUTCOMES)
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(counts, "Int64"))


def count_late(late: pd.DataFrame, language: str = "zh") -> str:
    """How many are late and in which way, as a sentence."""
    texts, words = TEXTS[language], LATE_WORDS[language]
    if late.empty:
        return texts["nobody"]
    found = Counter(late["status"])
    parts = [
        texts["part"].format(status=words[status], n=wording.number(found[status]))
        for status in words
        if found[status]
    ]
    return texts["late"].format(
        n=wording.number(len(late)), parts=texts["joiner"].join(parts)
    )


def speaking_rows(speaking: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """What is known of who has spoken: rates and, beside them, the bounds.

    Parameters
    ----------
    speaking
        `rates.read_rates` by month of the members who have spoken.
    bounds
        `rates.read_speaking_bounds` by month; other ledger rows than those above.
    """
    return speaking.merge(bounds, on="month", how="left").astype(
        dict.fromkeys(("n_rows", "n_members", "n_spoke_least", "n_spoke_most"), "Int64")
    )


def describe_bounds(bounds: pd.DataFrame, month: str, language: str = "zh") -> str:
    """What is known of the rows that count speakers by topic only; '' without any."""
    now = in_month(bounds, month)
    if now.empty:
        return ""
    row = now.iloc[0]
    return TEXTS[language]["bounds"].format(
        n=wording.number(row["n_rows"]),
        members=wording.number(row["n_members"]),
        sentence=sentences.speaking_bounds(row["lower"], row["upper"], language),
    )


def describe_deadlines(
    frames: Mapping[str, pd.DataFrame],
    bounds: pd.DataFrame,
    registry: Registry,
    month: str,
    language: str = "zh",
    *,
    caveats: Mapping[str, str] | None = None,
    due_notes: Mapping[str, str] | None = None,
) -> list[str]:
    """A sentence for each topic, done and needed a month, and one for speaking.

    The topic of the month comes first: it is what the page is about now.
    `frames` are metric ids to one place by month; `bounds` speak for it where nothing
    else is known of who has spoken; `caveats` by metric what stands against a figure,
    said beside praise; `due_notes` what stands against that of its due day.
    """
    caveats, due_notes = caveats or {}, due_notes or {}
    judged = overview.judge_deadlines(frames, registry, month)
    messages = [
        sentences.deadline(
            registry.metrics[metric_id],
            *judged[metric_id],
            language,
            month=month,
            caveat=caveats.get(metric_id, ""),
            due_note=due_notes.get(metric_id, ""),
        )
        for metric_id in _now_first(judged, registry, month)
    ]
    metric = registry.role("members_duty")
    if metric is None:
        return messages
    spoken = in_month(frames[metric.id], month)
    if not spoken["denominator"].sum() and (
        known := describe_bounds(bounds, month, language)
    ):
        return [*messages, known]
    row = spoken.iloc[0] if len(spoken) else {"numerator": None, "denominator": 0}
    counts = (row["numerator"], row["denominator"])
    caveat = caveats.get(metric.id, "")
    clause = sentences.still_missing(
        metric, *counts, language, month=month, caveat=caveat
    )
    return [*messages, sentences.named(metric, clause, language)]


def _judge(
    metric: Metric,
    row: dict[str, Any],
    pace: float,
    passed: Milestone | None,
    milestone: Milestone,
) -> dict[str, Any] | None:
    """The row with what it lacks, None where it is in time or there is nothing."""
    status, missing = None, pd.NA
    if not row["denominator"]:
        status = "not_filed" if row["n_missing"] else None
    elif passed and row["rate"] < passed.target:
        status, milestone = "overdue", passed
    elif row["rate"] < pace:
        status = "behind"
    if status is None:
        return None
    if status != "not_filed":
        missing = sentences.shortfall(
            row["numerator"], row["denominator"], milestone.target
        )
    due = milestone.due.isoformat() if milestone.due else None
    found = {METRIC: metric.id, "pace": pace, "target": milestone.target, "due": due}
    return row | found | {"still_missing": missing, "status": status}


def _gap(row: Mapping[str, Any]) -> int:
    return -1 if row["still_missing"] is pd.NA else row["still_missing"]


def _passed(milestones: Sequence[Milestone], month: str) -> Milestone | None:
    """The last milestone whose day has come by the end of a month."""
    last = month_end(month)
    due = [m for m in milestones if m.due is None or m.due <= last]
    return due[-1] if due else None
