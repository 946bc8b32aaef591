"""Whom the circular praises, and what is to be done by whom: by rule, never by hand.

The thresholds stand in the registry (`bulletin.toml`). A figure that has flags, or that
checks find to be less, is never praised, and neither is who did not file in time.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from data_pipeline.withheld import disclosed, is_withheld
from reports.belief import Belief
from reports.bulletin.facts import GROUP, Facts
from reports.bulletin.places import label
from reports.words import catalogue, sentences, wording

TEXTS = catalogue.texts("bulletin.rules")
PRAISED, DOUBTED, LATE = "praised", "doubted", "late"
COLD = ("very_cold", "cold")
IN_TIME = "on_time"


@dataclasses.dataclass(frozen=True)
class Merit:
    """A unit's figure that is high enough for praise, and what became of it."""

    unit: str
    metric: str
    rate: float
    city: float
    outcome: str
    belief: Belief


def find_merits(facts: Facts) -> list[Merit]:
    """Figures of units that are high enough, the furthest over the city first.

    High enough: the target in force is reached, or the rate lies `praise_points` over
    the city's; and the unit has `praise_from` branches or persons.
    """
    rules, merits = facts.registry.bulletin, []
    for metric in facts.duties():
        city = facts.row(metric.id)
        if city is None or "unit" not in metric.dimensions or not city["denominator"]:
            continue
        if is_withheld(city):
            continue
        milestone = wording.milestone_in(metric, facts.month)
        frame = disclosed(facts.ask(metric.id, ("unit",)).frame)
        for row in frame[frame["denominator"] >= rules.praise_from].to_dict("records"):
            over = 100 * (row["rate"] - city["rate"])
            has_reached = milestone and row["rate"] >= milestone.target - 1e-9
            if not has_reached and over < rules.praise_points - 1e-9:
                continue
            believed = facts.belief(metric, {"unit": row["unit"]})
            outcome = PRAISED
            # A part that is larger than its whole is no merit.
            if believed.is_doubted or row["rate"] > 1:
                outcome = DOUBTED
            elif facts.filing_status(row["unit"]) != IN_TIME:
                outcome = LATE
            about = (row["unit"], metric.id, row["rate"], city["rate"])
            merits.append(Merit(*about, outcome, believed))
    order = list(facts.registry.units)
    return sorted(merits, key=lambda m: (m.city - m.rate, order.index(m.unit)))


def merits_frame(merits: list[Merit]) -> pd.DataFrame:
    """The merits with what stands behind each, for whoever asks why."""
    rows = [
        {
            "unit": merit.unit,
            "metric": merit.metric,
            "rate": merit.rate,
            "city": merit.city,
            "outcome": merit.outcome,
            "n_flags": merit.belief.n_flags,
            "n_confirmed": merit.belief.n_confirmed,
            "n_checked": merit.belief.n_checked,
            "supported": merit.belief.supported,
            "finds_less": int(merit.belief.finds_less),
        }
        for merit in merits
    ]
    names = [f.name for f in dataclasses.fields(Merit)][:-1]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else names)


def support_words(belief: Belief, language: str) -> str:
    """What checks say of a figure, in brackets; '' where none look at it."""
    texts = TEXTS[language]
    if belief.support == "direct":
        return texts["direct"].format(
            rate=wording.percent(belief.supported),
            lower=wording.percent(belief.supported_lower).removesuffix(" %"),
            upper=wording.percent(belief.supported_upper),
        )
    if belief.support in ("few", "modelled"):
        counts = {"confirmed": belief.n_confirmed, "checked": belief.n_checked}
        return texts["few"].format(**counts)
    return texts["unchecked"] if belief.support == "none" else ""


@dataclasses.dataclass(frozen=True)
class Task:
    """What one place has to do; `n` is how many, `text` says it."""

    dimension: str
    place: str
    kind: str
    n: int
    text: str


def find_tasks(facts: Facts) -> list[Task]:
    """What is to be done, unit by unit and then group by group.

    Worked out once of the same facts: every place's brief asks for its own.
    """
    return facts.keep("tasks", lambda: _find_tasks(facts))


def _find_tasks(facts: Facts) -> list[Task]:
    tasks: list[Task] = []
    for unit in facts.registry.units:
        tasks += _tasks_of_unit(facts, unit)
    for group in facts.registry.groups:
        tasks += _tasks_of_group(facts, group)
    return tasks


def tasks_frame(tasks: list[Task]) -> pd.DataFrame:
    names = [f.name for f in dataclasses.fields(Task)]
    rows = [dataclasses.astuple(task) for task in tasks]
    return pd.DataFrame(rows, columns=names)


def _tasks_of_unit(facts: Facts, unit: str) -> list[Task]:
    texts, language = TEXTS[facts.language], facts.language
    found: list[Task] = []

    def add(kind: str, n: Any, **words: Any) -> None:
        text = texts[kind].format(n=wording.number(n), **words)
        found.append(Task("unit", unit, kind, int(n), text))

    rows = facts.filing().frame
    filed = rows[rows["unit"] == unit].to_dict("records")
    for row in filed:
        if row["status"] in ("late", "partial", "missing"):
            lacking = row["n_sectors_due"] - row["n_sectors_filed"]
            add(row["status"], lacking if row["status"] != "late" else 1)
    for metric in facts.duties():
        judged = facts.held_to_demand(metric)
        if "cell_class" not in judged:
            continue
        own = judged[judged["unit"].eq(unit) & judged["sector"].isna()]
        for row in own.to_dict("records"):
            if row["cell_class"] in COLD:
                milestone = wording.milestone_in(metric, facts.month)
                counts = (row["numerator"], row["denominator"])
                missing = sentences.shortfall(*counts, milestone.target)
                add("behind", missing, name=label(metric, language))
    if n_faults := len(facts.faults_of(unit=unit)):
        add("faults", n_faults)
    if n_flags := len(facts.flags_of(unit=unit)):
        add("flags", n_flags)
    cases = facts.weak_cases()
    overdue = cases["unit"].eq(unit) & cases["state"].eq("overdue")
    if overdue.any():
        add("overdue", int(overdue.sum()))
    problems = facts.problems()
    late = problems["unit"].eq(unit) & problems["is_overdue"].astype(bool)
    if late.any():
        add("problems", int(late.sum()))
    return found


def _tasks_of_group(facts: Facts, group: str) -> list[Task]:
    found = []
    for metric in group_metrics(facts):
        milestone = wording.milestone_in(metric, facts.month)
        row = facts.row(metric.id, {GROUP: group})
        if row is None or milestone is None or not row["denominator"]:
            continue
        if is_withheld(row):
            continue
        # That a ledger is late or a place cold is said of the unit itself.
        counts = (row["numerator"], row["denominator"])
        missing = sentences.shortfall(*counts, milestone.target)
        if missing and metric.table != "filing":
            text = TEXTS[facts.language]["behind"].format(
                n=wording.number(missing), name=label(metric, facts.language)
            )
            found.append(Task(GROUP, group, "behind", missing, text))
    return found


def group_metrics(facts: Facts) -> list[Any]:
    """What a supervision group answers for: what it owes, and role group_duty."""
    return [
        metric
        for metric in facts.registry.metrics.values()
        if GROUP in metric.dimensions
        and (
            "group_duty" in metric.roles
            or (metric.owed_by and metric.owed_by.place == GROUP)
        )
    ]
