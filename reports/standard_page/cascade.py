"""How a study goes down: which level held a topic first, and when the branches did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.registry.definitions import Cascade, CascadeTopic
from reports.words import catalogue, wording

LEVEL = "cascade_level"
BRANCHES = "branches"  # the level of those that follow; the others go by number
HALF = 0.5
TEXTS = catalogue.texts("standard.cascade")


def metrics_of(cascade: Cascade) -> tuple[str, ...]:
    """Every metric that a cascade is made of, once."""
    pairs = ((topic.led_by, topic.followed_by) for topic in cascade.topics)
    return tuple(dict.fromkeys(name for pair in pairs for name in pair))


def opened_topics(
    cascade: Cascade, registry: Registry, month: str
) -> tuple[CascadeTopic, ...]:
    """Topics whose window has opened by the end of a month."""
    return tuple(t for t in cascade.topics if _opening(t, registry) <= month)


def _opening(topic: CascadeTopic, registry: Registry) -> str:
    """The month in which a topic opens; '' for one that was always open."""
    window = registry.metrics[topic.followed_by].window
    return f"{window.start:%Y-%m}" if window else ""


def level_rows(
    frames: Mapping[str, pd.DataFrame],
    cascade: Cascade,
    topics: Sequence[CascadeTopic],
    registry: Registry,
) -> pd.DataFrame:
    """How far each level was with each topic by the end of each month.

    Parameters
    ----------
    frames
        `rates.read_several` of `metrics_of` by month and unit.

    Returns
    -------
    DataFrame, one row a topic, level and month
        `topic`, `cascade_level` ("0" for the first of the registry, `BRANCHES` last),
        `month` from that in which the topic opens, `numerator` and `denominator` (units
        that have held it of units that owe a ledger, or branches), `share` (NaN without
        a denominator). Units once led stay so: a month without a ledger takes nothing
        back.
    """
    parts = []
    for topic in topics:
        led = _by_month(frames[topic.led_by], "numerator")
        has_led = led.gt(0).cummax()
        found = {}
        for number, level in enumerate(cascade.levels):
            of_kind = [u for u in led if registry.units[u].kind in level.kinds]
            if of_kind:
                counts = has_led[of_kind].sum(axis=1)
                found[str(number)] = (counts, len(of_kind))
        followed = frames[topic.followed_by]
        sums = followed.groupby("month")[["numerator", "denominator"]].sum()
        found[BRANCHES] = (sums["numerator"], sums["denominator"])
        for level, (done, of) in found.items():
            counts = pd.DataFrame({"numerator": done, "denominator": of}).astype(int)
            rows = counts.assign(topic=topic.topic, **{LEVEL: level})
            parts.append(rows[rows.index >= _opening(topic, registry)].reset_index())
    columns = ["topic", LEVEL, "month", "numerator", "denominator"]
    stacked = pd.concat([pd.DataFrame(columns=columns), *parts])[columns]
    shares = stacked["numerator"] / stacked["denominator"].where(lambda of: of > 0)
    return stacked.assign(share=shares.astype(float)).reset_index(drop=True)


def unit_rows(
    frames: Mapping[str, pd.DataFrame],
    topics: Sequence[CascadeTopic],
    registry: Registry,
) -> pd.DataFrame:
    """When the central groups of each unit began with a topic, and its branches.

    Parameters
    ----------
    frames
        As in `level_rows`.

    Returns
    -------
    DataFrame, one row a topic and unit, in the registry's orders
        `topic`, `unit`, `led_month` (the first in which a central group had met),
        `first_month`, `half_month` and `done_month` of the branches (any of them, half
        of them, as many as the metric's target), all '' where it has not come;
        `numerator`, `denominator`, `share` of the branches in the last month, and
        `lag_months` from the first of the central groups to half of the branches,
        missing where either has not come.
    """
    place = {month: n for n, month in enumerate(registry.calendar.months)}
    rows = []
    for topic in topics:
        target = registry.metrics[topic.followed_by].target or 1.0
        led = _by_month(frames[topic.led_by], "numerator")
        done = _by_month(frames[topic.followed_by], "numerator")
        of = _by_month(frames[topic.followed_by], "denominator")
        for unit in (code for code in registry.units if code in done):
            share = (done[unit] / of[unit].where(of[unit] > 0)).fillna(0)
            led_month = _first(led[unit] > 0) if unit in led else ""
            half = _first(share >= HALF)
            both = led_month and half
            lag = place[half] - place[led_month] if both else pd.NA
            rows.append(
                {
                    "topic": topic.topic,
                    "unit": unit,
                    "led_month": led_month,
                    "first_month": _first(share > 0),
                    "half_month": half,
                    "done_month": _first(share >= target),
                    "lag_months": lag,
                    "numerator": int(done[unit].iloc[-1]),
                    "denominator": int(of[unit].iloc[-1]),
                    "share": share.iloc[-1] if of[unit].iloc[-1] else float("nan"),
                }
            )
    columns = [
        *("topic", "unit", "led_month", "first_month", "half_month", "done_month"),
        *("lag_months", "numerator", "denominator", "share"),
    ]
    return pd.DataFrame(rows, columns=columns).astype({"lag_months": "Int64"})


def _by_month(frame: pd.DataFrame, count: str) -> pd.DataFrame:
    """A count by month (rows) and unit (columns); 0 where a unit filed nothing."""
    return frame.pivot_table(
        index="month", columns="unit", values=count, aggfunc="sum", fill_value=0
    ).sort_index()


def _first(holds: pd.Series) -> str:
    """The first month in which it holds; '' where it never does."""
    months = holds.index[holds.to_numpy(bool)]
    return str(months[0]) if len(months) else ""


def half_months(levels: pd.DataFrame, topic: str) -> dict[str, str]:
    """By level the month in which half of it had held a topic; '' for not yet."""
    found = {}
    for level, rows in levels[levels["topic"] == topic].groupby(LEVEL, sort=False):
        found[level] = _first(rows.set_index("month")["share"] >= HALF)
    return found


def level_names(cascade: Cascade, language: str = "zh") -> dict[str, str]:
    """What each level is called."""
    named = {str(n): level for n, level in enumerate(cascade.levels)}
    return {
        code: wording.in_language(of, "label", language)
        for code, of in (named | {BRANCHES: cascade}).items()
    }


def topic_names(registry: Registry, language: str = "zh") -> dict[str, str]:
    """What each topic of the calendar is called."""
    return {
        topic.id: wording.in_language(topic, "label", language)
        for topic in registry.calendar.topics
    }


def describe(
    levels: pd.DataFrame, cascade: Cascade, registry: Registry, language: str = "zh"
) -> str:
    """How far the branches were behind the level above them, in the newest topic.

    '' where no topic has opened.
    """
    if levels.empty:
        return ""
    texts, topic = TEXTS[language], levels["topic"].iloc[-1]
    names, halves = level_names(cascade, language), half_months(levels, topic)
    above = [level for level in halves if level != BRANCHES]
    branches = levels[levels["topic"] == topic].iloc[-1]
    months = registry.calendar.months
    lead, follow = halves[above[-1]] if above else "", halves[BRANCHES]
    about = {
        "topic": topic_names(registry, language)[topic],
        "level": names[above[-1]] if above else "",
        "branches": names[BRANCHES],
        "lead": wording.month_tick(lead, language) if lead else "",
        "follow": wording.month_tick(follow, language) if follow else "",
        "share": wording.percent(branches["share"]),
    }
    if not lead:
        which = "no_lead"
    elif not follow:
        which = "not_half"
    else:
        about["n"] = months.index(follow) - months.index(lead)
        which = "same" if not about["n"] else "later" if about["n"] > 0 else "before"
        about["n"] = abs(about["n"])
    return texts[which].format(**about)


def cell_text(row: Mapping[str, Any], language: str = "zh") -> str:
    """The way of a topic in a unit: '4月 → 6月（晚 2 个月）'."""
    texts = TEXTS[language]
    led, half = (
        wording.month_tick(row[name], language) if row[name] else ""
        for name in ("led_month", "half_month")
    )
    about = {
        "led": led or texts["none"],
        "half": half or wording.percent(row["share"]),
        "lag": "",
    }
    if not wording.is_missing(row["lag_months"]) and row["lag_months"] > 0:
        about["lag"] = texts["lag"].format(n=row["lag_months"])
    return texts["way" if half else "way_open"].format(**about)
