"""简报: one page for the city, a supervision group or a unit, to take along to a talk.

Figures, what is cold, flags, open problems, duties, and what to ask: the same facts and
rules as the circular's, of one place.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data_pipeline.disk import file_words
from data_pipeline.registry import Metric
from reports import belief
from reports.bulletin import places, rules
from reports.bulletin.draft import Draft
from reports.bulletin.facts import COMMAND, GROUP, Facts
from reports.bulletin.rows import (
    coldest,
    duty_matrix,
    further_tables,
    has_opened,
    paper,
    problems_sentence,
)
from reports.files.paper import Cell, Column, Paper, Query
from reports.metric_rows import stack
from reports.weak_organizations import rows as weak
from reports.words import catalogue, sentences, wording

TEXTS = catalogue.texts("brief.rows")
TITLES = catalogue.texts("brief.section")
QUESTIONS = catalogue.texts("brief.ask")
# What a page has room for.
N_COLD, N_FURTHER, N_RULES, N_QUESTIONS = 6, 8, 4, 7
Place = Mapping[str, str]


def all_places(facts: Facts) -> list[dict[str, str]]:
    """The city, each group, each unit, in the order of the registry."""
    groups = [{GROUP: code} for code in facts.registry.groups]
    units = [{"unit": code} for code in facts.registry.units]
    return [{}, *groups, *units]


def file_name(facts: Facts, place: Place) -> str:
    """Month, code and name: '2016-07_350104_仓山区.pdf'."""
    code = next(iter(place.values()), "00")
    return f"{facts.month}_{code}_{file_words(place_name(facts, place))}.pdf"


def place_name(facts: Facts, place: Place) -> str:
    for dimension, code in place.items():
        return wording.place_name(facts.registry, dimension, code, facts.language)
    return wording.CITY[facts.language]


def brief(facts: Facts, place: Place) -> Paper:
    """One page on a place: the city ({}), a group or a unit."""
    language, texts = facts.language, TEXTS[facts.language]
    draft = Draft(f"{COMMAND} brief --month {facts.month} --out .", language)
    for name, write in (
        ("figures", _figures),
        ("cold", _cold),
        ("doubts", _doubts),
        ("problems", _problems),
        ("duties", _duties),
        ("ask", _ask),
    ):
        draft.open(TITLES[language][name])
        write(facts, draft, place)
    unit = place.get("unit")
    group = wording.place_name(
        facts.registry,
        GROUP,
        facts.registry.units[unit].group if unit else "",
        language,
    )
    month = wording.month_name(facts.month, language)
    return paper(
        facts,
        draft,
        layout="brief",
        title=texts["title"].format(place=place_name(facts, place)),
        subtitle=texts["of_unit" if unit else "subtitle"].format(
            month=month, group=group
        ),
    )


def _known(facts: Facts, metric: Metric, place: Place) -> bool:
    row = facts.row(metric.id, place) if set(place) <= set(metric.dimensions) else None
    return bool(row and row["denominator"])


def _figures(facts: Facts, draft: Draft, place: Place) -> None:
    """Each figure beside its target, the city and what checks support."""
    language, texts = facts.language, TEXTS[facts.language]
    leaders = facts.registry.with_role("leaders_speaking")
    metrics = [*facts.headlines(), *leaders]
    columns = [
        Column(texts["metric"], 2.3, "left"),
        Column(texts["done"], 1.9),
        Column(texts["rate"], 1.4),
        Column(texts["target"], 2.5),
        Column(texts["missing"], 0.9),
        Column(texts["supported"], 3.7, "left"),
    ]
    if place:
        columns.insert(3, Column(texts["city"], 1.0))
    rows, frames = [], {}
    for metric in metrics:
        if not _known(facts, metric, place):
            continue
        row, city = facts.row(metric.id, place), facts.row(metric.id)
        frames[metric.id] = pd.DataFrame([row])
        milestone = wording.milestone_in(metric, facts.month)
        target = missing = wording.UNDEFINED
        if milestone:
            target = wording.demand(milestone, metric.unit)
            if milestone.due:
                day = wording.day_name(milestone.due, language)
                target = texts["by_day"].format(target=target, day=day)
            counts = (row["numerator"], row["denominator"])
            missing = wording.number(sentences.shortfall(*counts, milestone.target))
        believed = facts.belief(metric, place)
        of_row = {"n": row["denominator"], "rate": row["rate"]}
        cells = [
            Cell(places.label(metric, language)),
            Cell(wording.done_of(row, language)),
            Cell(
                places.figure_text(row, metric, facts.month, language)
                + places.signs(facts, metric, place)
            ),
            Cell(target),
            Cell(missing),
            Cell(
                rules.support_words(believed, language)
                + belief.verdict_note(believed, language, **of_row)
                or wording.UNDEFINED
            ),
        ]
        if place:
            beside = places.figure_text(city, metric, facts.month, language)
            cells.insert(3, Cell(beside))
        rows.append(cells)
    if rows:
        query = Query("", stack(frames))
        draft.tabulate(texts["figures"], columns, rows, query, texts["signs"])
    else:
        draft.write(texts["no_figures"])


def _cold(facts: Facts, draft: Draft, place: Place) -> None:
    columns, rows, query = coldest(facts, N_COLD, with_checks=False, **place)
    n_cold = len(query.frame)
    texts = TEXTS[facts.language]
    draft.say(texts["cold" if n_cold else "no_cold"].format(n=n_cold), query)
    draft.tabulate(texts["coldest"], columns, rows, query)


def _doubts(facts: Facts, draft: Draft, place: Place) -> None:
    """Flags and faults of the place, by rule."""
    texts = TEXTS[facts.language]
    flags, faults = facts.flags_of(**_scope(place)), facts.faults_of(**_scope(place))
    for key, found in (("flags", flags), ("faults", faults)):
        shown = found.drop(columns="rows", errors="ignore").reset_index(drop=True)
        counts = found["rule"].value_counts()
        named = [
            texts["rule"].format(name=_rule_name(facts, rule), n=n)
            for rule, n in counts[:N_RULES].items()
        ]
        sentence = texts[f"no_{key}"]
        if len(found):
            names = texts["names"].join(named)
            sentence = texts[key].format(n=len(found), names=names)
        draft.say(sentence, Query("", shown))


def _rule_name(facts: Facts, rule: str) -> str:
    if rule not in {known.id for known in facts.registry.rules}:
        return rule
    return wording.in_language(facts.registry.rule(rule), "name", facts.language)


def _scope(place: Place) -> dict[str, str]:
    names = {GROUP: "group", "unit": "unit"}
    return {names[dimension]: code for dimension, code in place.items()}


def _problems(facts: Facts, draft: Draft, place: Place) -> None:
    """Weak organisations that are open, and what further tables count of the place."""
    language, texts = facts.language, TEXTS[facts.language]
    cases = facts.weak_cases()
    for dimension, code in place.items():
        cases = cases[cases[dimension] == code]
    counts = cases["state"].value_counts()
    words = {state: int(counts.get(state, 0)) for state in weak.STATES}
    key = "weak" if len(cases) else "no_weak"
    shown = cases[["unit", "sector", "branch", "state", "days_listed"]]
    sentence = texts[key].format(n=len(cases), **words)
    draft.say(sentence, Query("", shown.reset_index(drop=True)))
    draft.say(problems_sentence(facts, **place), Query("", facts.problems()))
    further = {n: m for n, m in further_tables(facts).items() if facts.has_filed(n)}
    metrics = [m for found in further.values() for m in found]
    # What each word divides anew has no figure of the place.
    metrics = [m for m in metrics if not m.split_by and has_opened(facts, m)]
    metrics = [m for m in metrics if _known(facts, m, place)]
    # What is demanded comes first: the page has no room for all.
    metrics.sort(key=lambda metric: not metric.milestones)
    rows, frames = [], {}
    for metric in metrics[:N_FURTHER]:
        row = facts.row(metric.id, place)
        frames[metric.id] = pd.DataFrame([row])
        milestone = wording.milestone_in(metric, facts.month)
        demand = places.demand_text(metric, milestone)
        rows.append(
            [
                Cell(places.label(metric, language)),
                Cell(wording.done_of(row, language)),
                Cell(places.figure_text(row, metric, facts.month, language)),
                Cell(demand),
            ]
        )
    columns = [
        Column(texts["metric"], 3, "left"),
        Column(texts["done"], 1.5),
        Column(texts["rate"], 1.5),
        Column(texts["target"], 1.5),
    ]
    if rows:
        draft.tabulate(texts["further"], columns, rows, Query("", stack(frames)))


def _duties(facts: Facts, draft: Draft, place: Place) -> None:
    """What a group has done of what it owes; of a unit, whether it files in time."""
    language, texts = facts.language, TEXTS[facts.language]
    unit = place.get("unit")
    if unit:
        status = facts.filing_status(unit)
        if status:
            text = texts[f"filed_{status}"]
            month = wording.month_tick(facts.month, language)
            draft.say(texts["filing"].format(month=month, status=text), facts.filing())
        else:
            draft.write(texts["owes_nothing"])
        return
    groups = [place[GROUP]] if GROUP in place else list(facts.registry.groups)
    metrics = rules.group_metrics(facts)
    draft.tabulate(texts["duty_matrix"], *duty_matrix(facts, metrics, groups))


def _ask(facts: Facts, draft: Draft, place: Place) -> None:
    """What to ask: what is missing, what checks refute, what flags wonder about."""
    language, texts = facts.language, QUESTIONS[facts.language]
    questions: list[str] = []
    own = {"unit": place.get("unit"), GROUP: place.get(GROUP)}
    tasks = [t for t in rules.find_tasks(facts) if own.get(t.dimension) == t.place]
    for task in tasks:
        if task.kind in texts:
            sentence = task.text[:1].upper() + task.text[1:]
            questions.append(texts[task.kind].format(task=sentence))
    for metric in facts.headlines():
        if not _known(facts, metric, place):
            continue
        believed = facts.belief(metric, place)
        if believed.finds_less:
            questions.append(
                texts["refuted"].format(
                    name=places.label(metric, language),
                    claimed=wording.percent(believed.claimed_before),
                    checked=rules.support_words(believed, language),
                )
            )
    flags = facts.flags_of(**_scope(place))
    for rule, n in flags["rule"].value_counts().items():
        known = facts.registry.rule(rule)
        name, remedy = (
            wording.in_language(known, key, language) for key in ("name", "remedy")
        )
        questions.append(texts["flag"].format(name=name, n=n, remedy=remedy))
    for text in questions[:N_QUESTIONS]:
        draft.write(text)
    if not questions:
        draft.write(texts["nothing"])
