"""Weak organisations as tables to look at: headings, names, ticks and crosses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from reports.tables import DisplayTable, Hint, heading, tabulate
from reports.weak_organizations.rows import TYPE_MEANINGS, TYPE_NAMES
from reports.weak_organizations.rules import (
    REFUTED,
    SPOT_CHECK,
    UNVISITED,
    rules_of,
)
from reports.words import catalogue, wording

MARKS: Mapping[str, str] = {
    "passed": "✓",
    "failed": "✗",
    "not_due": "○",
    "unknown": "?",
}
# What of the evidence stands in a cell of the order.
JUDGED = ("verdict", "is_refuted", "grade", "numerator", "denominator")
STATES = catalogue.terms("weak_organizations.tables.states")
VERDICTS = catalogue.terms("weak_organizations.tables.verdicts")
SHORT_RULES = catalogue.terms("weak_organizations.tables.short_rules")
RULE_NAMES = catalogue.terms("weak_organizations.tables.rule_names")
HOT_SPOT = catalogue.term("weak_organizations.tables.hot_spot")
REFUTES = catalogue.term("weak_organizations.tables.refuted")
GRADED = catalogue.term("weak_organizations.tables.graded")
BY_CHECK = catalogue.term("weak_organizations.tables.by_check")
CHECK_WORDS = catalogue.texts("spot_check")
SECTION = "weak_organizations"  # of headings.toml
LAST = ("stability", "n_failed", "shortfall", "problem_type", "township", "case_code")
# In the file; on the screen, which it would widen beyond a desk, the verdicts say it
# or it stands with the one that is clicked.
ASIDE = LAST[1:]
BANDS = catalogue.texts("weak_organizations.bands")


def list_table(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Hot-spots, months or types under people's headings; same rows, same order."""
    values: dict[str, Any] = {}
    for name in frame.columns:
        values[name] = frame[name]
        if name == "is_hotspot":
            values[name] = [HOT_SPOT[language] * bool(hot) for hot in frame[name]]
        elif name == "sector" and "n_checked" in frame:
            values[name] = [
                f"{TYPE_NAMES[code][language]} — {TYPE_MEANINGS[code][language]}"
                for code in frame[name]
            ]
    return _tabulate(values, registry, language)


def verdict_words(language: str = "zh") -> dict[str, str]:
    """What each verdict on a rule is called."""
    return {code: term[language] for code, term in VERDICTS.items()}


def order_table(
    ordered: pd.DataFrame,
    evidence: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
) -> DisplayTable:
    """The order with a tick or cross and its evidence for each rule.

    Parameters
    ----------
    ordered, evidence
        From `weak_organizations.order_organizations`.
    """
    # A phone shows the first: which branch it is and how long it is overdue.
    first = ("position", "band", "branch_name", "state", "days_overdue")
    values: dict[str, Any] = {
        name: ordered[name] for name in (*first, "unit", "sector")
    }
    values["band"] = [BANDS[language][band] for band in ordered["band"]]
    values["state"] = [STATES[state][language] for state in ordered["state"]]
    grades = CHECK_WORDS[language]
    relevant = evidence[evidence["branch"].isin(set(ordered["branch"]))]
    known = (relevant[name].tolist() for name in ("branch", "rule", *JUDGED))
    cells = {
        (branch, rule): _cell(rule, grades, language, *about)
        for branch, rule, *about in zip(*known, strict=True)
    }
    rules = [metric.id for metric in rules_of(registry)]
    shown = _tabulate(values, registry, language)
    columns, hints = dict(shown.frame), shown.hints
    for rule in (*rules, SPOT_CHECK):
        title = rule_heading(rule, registry, language)
        columns[title] = [cells[branch, rule] for branch in ordered["branch"]]
        hints[title] = Hint("text", rule_name(rule, registry, language))
    rest = _tabulate({name: ordered[name] for name in LAST}, registry, language)
    return DisplayTable(pd.DataFrame(columns | dict(rest.frame)), hints | rest.hints)


def on_screen(
    order: DisplayTable, registry: Registry, language: str = "zh", *, band: str = ""
) -> DisplayTable:
    """The order without what stands with the organisation that is clicked.

    Days overdue are of those that are: what has relapsed is none of them. A band is its
    letter, which the text above explains. Of one `band` alone, its column would say the
    same in every row, and so would the verdict of the check.
    """
    names = (*ASIDE, *(("band",) if band else ()))
    aside = {heading(name, registry, language, SECTION) for name in names}
    hints = {name: hint for name, hint in order.hints.items() if name not in aside}
    bands, state, days = (
        heading(name, registry, language, SECTION)
        for name in ("band", "state", "days_overdue")
    )
    frame = order.frame[list(hints)].copy()
    if band:
        check = rule_heading(SPOT_CHECK, registry, language)
        said = f"{MARKS['failed']} {REFUTES[language]} · "
        frame[check] = frame[check].str.removeprefix(said)
    if bands in frame:
        frame[bands] = frame[bands].str[0]
    is_late = frame[state].eq(STATES["overdue"][language])
    frame[days] = frame[days].astype("Int64").where(is_late)
    return DisplayTable(frame, hints)


def evidence_table(
    evidence: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """What each rule of one organisation stands on, row by row."""
    rows = evidence.to_dict("records")
    words = CHECK_WORDS[language]
    values: dict[str, Any] = {
        "rule": [rule_name(row["rule"], registry, language) for row in rows],
        "verdict": [VERDICTS[row["verdict"]][language] for row in rows],
        "reported": [_fraction(row["numerator"], row["denominator"]) for row in rows],
        "demanded": evidence["demanded"].to_numpy(),
        "due": ["" if wording.is_missing(row["due"]) else row["due"] for row in rows],
        "seen": [
            _fraction(row["found"], row["base"])
            + (
                _graded(row["grade"], words, language)
                if row["rule"] == SPOT_CHECK
                else ""
            )
            for row in rows
        ],
        "claimed_before": [_claimed(row) for row in rows],
        "check_date": [
            ""
            if wording.is_missing(row["check_date"])
            else f"{row['check_date']:%Y-%m-%d}"
            for row in rows
        ],
        "selection": [words.get(row["selection"], "") for row in rows],
    }
    for name in ("source_file", "source_sheet", "source_row"):
        values[name] = evidence[name].to_numpy()
    return _tabulate(values, registry, language)


def rule_heading(rule: str, registry: Registry, language: str = "zh") -> str:
    """A rule in a few letters, for the head of a column."""
    for topic in registry.calendar.topics:
        if topic.metric == rule:
            return wording.in_language(topic, "label", language)
    if rule in SHORT_RULES:
        return SHORT_RULES[rule][language]
    return rule_name(rule, registry, language)


def rule_name(rule: str, registry: Registry, language: str = "zh") -> str:
    """A rule by the name of its metric."""
    if rule in RULE_NAMES:
        return RULE_NAMES[rule][language]
    return wording.in_language(registry.metrics[rule], "label", language)


def _cell(
    rule: str,
    grades: Mapping[str, str],
    language: str,
    verdict: str,
    is_refuted: bool,
    grade: Any,
    numerator: Any,
    denominator: Any,
) -> str:
    """A mark and what it stands on: '✗ 3/20', '✗ 抽查', '✓'."""
    if rule == SPOT_CHECK:
        if verdict == UNVISITED:
            return VERDICTS[verdict][language]
        refuted = f"{MARKS['failed']} {REFUTES[language]}" * (verdict == REFUTED)
        graded = _graded(grade, grades, language)
        return " · ".join(filter(None, (refuted, graded))) or wording.UNDEFINED
    mark = MARKS[verdict]
    if is_refuted:
        return f"{mark} {BY_CHECK[language]}"
    is_counted = not wording.is_missing(denominator) and denominator > 1
    if verdict in ("unknown", "not_due") or not is_counted:
        return mark
    return f"{mark} {_fraction(numerator, denominator)}"


def _graded(grade: Any, grades: Mapping[str, str], language: str) -> str:
    """What a check made of the whole branch; '' where it says nothing.

    Named as a grade: beside a verdict on the report, "good" alone would contradict it.
    """
    word = grades.get(grade, "")
    return GRADED[language].format(grade=word) if word else ""


def _claimed(row: Mapping[str, Any]) -> str:
    """What the last ledger before a check had, and of which month: '1/1 (2016-08)'."""
    if wording.is_missing(row["claimed"]):
        return ""
    month = row["claimed_month"]
    return f"{_fraction(row['claimed'], row['base'])} ({month})"


def _fraction(part: Any, whole: Any) -> str:
    if wording.is_missing(part) or wording.is_missing(whole):
        return ""
    return f"{int(part):,} / {int(whole):,}"


def _tabulate(
    values: Mapping[str, Any], registry: Registry, language: str
) -> DisplayTable:
    # What was put in words here already.
    texts = ("band", "reported", "claimed_before", "check_date", "is_hotspot")
    return tabulate(
        values,
        registry,
        language,
        section=SECTION,
        kinds=dict.fromkeys(texts, "text"),
        is_short=True,
    )
