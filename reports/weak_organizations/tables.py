"""Weak organisations as tables to look at: headings, names, ticks and crosses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from reports.tables import DisplayTable, Hint
from reports.weak_organizations.rows import TYPE_WORDS
from reports.weak_organizations.rules import (
    NOT_REFUTED,
    REFUTED,
    SPOT_CHECK,
    UNVISITED,
    rules_of,
)
from reports.words import wording

MARKS: Mapping[str, str] = {
    "passed": "✓",
    "failed": "✗",
    "not_due": "○",
    "unknown": "?",
}
# What of the evidence stands in a cell of the order.
CELL = ("verdict", "is_refuted", "grade", "numerator", "denominator")
# column: (Chinese, English, kind)
COLUMNS: Mapping[str, tuple[str, str, str]] = {
    "position": ("次序", "Order", "ordinal"),
    "band": ("档", "Band", "text"),
    "case_code": ("编号", "Case", "text"),
    "branch": ("支部代码", "Branch code", "text"),
    "branch_name": ("支部名称", "Branch", "text"),
    "problem_type": ("问题类型", "Problem", "text"),
    "state": ("状态", "Status", "text"),
    "days_listed": ("列入天数", "Days listed", "integer"),
    "days_overdue": ("逾期天数", "Days overdue", "integer"),
    "shortfall": ("尚未发言党员数", "Members who have not yet spoken", "integer"),
    "n_failed": ("不达标项", "Rules failed", "integer"),
    "stability": ("稳定性", "Stability", "percent"),
    "n_branches": ("支部数", "Branches", "integer"),
    "n_weak": ("列入", "Listed", "integer"),
    "n_open": ("未转化", "Not converted", "integer"),
    "n_expected": ("应有", "Expected", "number"),
    "ratio": ("倍数", "Ratio to expected", "number"),
    "p_adjusted": ("校正 p", "Adjusted p", "p"),
    "is_hotspot": ("热点", "Hot-spot", "text"),
    "n_listed": ("列入", "Listed", "integer"),
    "n_converted": ("已转化", "Converted", "integer"),
    "n_relapsed": ("复发", "Relapsed", "integer"),
    "n_overdue": ("逾期未转化", "Overdue", "integer"),
    "n_in_term": ("期限内", "Within the limit", "integer"),
    "rate": ("转化率", "Converted, share", "percent"),
    "n_checked": ("已查支部(随机或定向)", "Branches checked", "integer"),
    "share": ("占比", "Share", "percent"),
    "n_random": ("随机抽查次数", "Random checks", "integer"),
    "n_targeted": ("定向抽查次数", "Targeted checks", "integer"),
    "n_prepared": ("备检点次数", "Visits to prepared sites", "integer"),
    "rule": ("规则", "Rule", "text"),
    "verdict": ("判定", "Verdict", "text"),
    "reported": ("上报", "Reported", "text"),
    "demanded": ("当前要求", "Due by now", "percent"),
    "due": ("期限", "Due", "text"),
    "claimed_before": ("抽查前上报", "Reported before the check", "text"),
    "seen": ("抽查所见", "Found by check", "text"),
    "check_date": ("抽查日期", "Checked on", "text"),
    "selection": ("抽取方式", "Selection", "text"),
    "grade": ("评级", "Grade", "text"),
    "source_file": ("来源文件", "Source file", "text"),
    "source_sheet": ("工作表", "Sheet", "text"),
    "source_row": ("行号", "Row", "ordinal"),
}
HELP: Mapping[str, tuple[str, str]] = {
    "stability": (
        "把各项规则的轻重随机换 1,000 次,仍排在所在名单前十分之一的次数占比。",
        "Share of 1,000 random weightings of the rules that keep it in the top tenth "
        "of its list.",
    ),
    "band": (
        "A 抽查推翻了上报,单列;B 台账有不达标;C 台账未见不达标。同一档内次序不必细究。",
        "A: report refuted by a check, in a list of its own; B: fails a rule by "
        "the ledger; C: fails none there. Do not read too much into the order "
        "within a band.",
    ),
    "n_expected": (
        "按全市同领域的列入比例,这里应有几个。",
        "What the city's share in the same sector would give here.",
    ),
    "p_adjusted": (
        "偶然出现这么多的可能性,已按同时检验的个数校正。",
        "How likely it is that chance alone would give so many, adjusted for the "
        "number of tests.",
    ),
}
STATES: Mapping[str, tuple[str, str]] = {
    "converted": ("已转化", "converted"),
    "relapsed": ("复发", "relapsed"),
    "overdue": ("逾期", "overdue"),
    "in_term": ("期限内", "within the limit"),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "passed": ("✓ 达标", "✓ passed"),
    "failed": ("✗ 不达标", "✗ failed"),
    "not_due": ("○ 未到期或不适用", "○ not due or not applicable"),
    "unknown": ("? 不明", "? unknown"),
    REFUTED: ("✗ 推翻上报", "✗ refutes the report"),
    NOT_REFUTED: ("没有推翻上报", "does not refute the report"),
    UNVISITED: ("未抽查", "not visited"),
}
SHORT_RULES: Mapping[str, tuple[str, str]] = {
    "leader_attendance": ("领导参加", "Leaders attend"),
    "leader_speaking": ("领导发言", "Leaders speak"),
    "member_speaking": ("党员发言", "Members spoke"),
    SPOT_CHECK: ("抽查", "Spot check"),
}
RULE_NAMES: Mapping[str, tuple[str, str]] = {
    SPOT_CHECK: ("最近一次随机或定向抽查", "The last random or targeted check"),
}
HOT_SPOT = ("热点", "hot-spot")
BY_CHECK = ("抽查", "check")


def list_table(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Hot-spots, months or types under people's headings; same rows, same order."""
    values: dict[str, Any] = {}
    for name in frame.columns:
        values[name] = frame[name]
        if name == "is_hotspot":
            values[name] = [_in(HOT_SPOT, language) * bool(hot) for hot in frame[name]]
        elif name == "sector" and "n_checked" in frame:
            kinds = TYPE_WORDS[language]
            values[name] = [" — ".join(kinds[code]) for code in frame[name]]
    return _display(values, registry, language)


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
        From `weak_organizations.order_organizations`; rows of `ordered` may be fewer.
    """
    first = ("position", "band", "stability", "branch_name", "unit", "sector")
    values: dict[str, Any] = {name: ordered[name] for name in first}
    values["state"] = [_in(STATES[state], language) for state in ordered["state"]]
    values["days_overdue"] = ordered["days_overdue"]
    grades = _words("grade", registry, language)
    asked = evidence[evidence["branch"].isin(set(ordered["branch"]))]
    known = (asked[name].tolist() for name in ("branch", "rule", *CELL))
    cells = {
        (branch, rule): _cell(rule, grades, language, *about)
        for branch, rule, *about in zip(*known, strict=True)
    }
    rules = [metric.id for metric in rules_of(registry)]
    shown = _display(values, registry, language)
    columns, hints = dict(shown.frame), shown.hints
    for rule in (*rules, SPOT_CHECK):
        heading = rule_heading(rule, registry, language)
        columns[heading] = [cells[branch, rule] for branch in ordered["branch"]]
        hints[heading] = Hint("text", rule_name(rule, registry, language))
    last = ("n_failed", "shortfall", "problem_type", "township", "case_code")
    rest = _display({name: ordered[name] for name in last}, registry, language)
    return DisplayTable(pd.DataFrame(columns | dict(rest.frame)), hints | rest.hints)


def evidence_table(
    evidence: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """What each rule of one organisation stands on, row by row."""
    rows = evidence.to_dict("records")
    selection = _words("selection", registry, language)
    grade = _words("grade", registry, language)
    values: dict[str, Any] = {
        "rule": [rule_name(row["rule"], registry, language) for row in rows],
        "verdict": [_in(VERDICTS[row["verdict"]], language) for row in rows],
        "reported": [_fraction(row["numerator"], row["denominator"]) for row in rows],
        "demanded": evidence["demanded"].to_numpy(),
        "due": ["" if wording.is_missing(row["due"]) else row["due"] for row in rows],
        "seen": [
            _fraction(row["found"], row["base"])
            + ("" if row["rule"] != SPOT_CHECK else grade.get(row["grade"], ""))
            for row in rows
        ],
        "claimed_before": [_claimed(row) for row in rows],
        "check_date": [
            ""
            if wording.is_missing(row["check_date"])
            else f"{row['check_date']:%Y-%m-%d}"
            for row in rows
        ],
        "selection": [selection.get(row["selection"], "") for row in rows],
    }
    for name in ("source_file", "source_sheet", "source_row"):
        values[name] = evidence[name].to_numpy()
    return _display(values, registry, language)


def rule_heading(rule: str, registry: Registry, language: str = "zh") -> str:
    """A rule in a few letters, for the head of a column."""
    for topic in registry.calendar.topics:
        if topic.metric == rule:
            return wording.in_language(topic, "label", language)
    if rule in SHORT_RULES:
        return _in(SHORT_RULES[rule], language)
    return rule_name(rule, registry, language)


def rule_name(rule: str, registry: Registry, language: str = "zh") -> str:
    """A rule by the name of its metric."""
    if rule in RULE_NAMES:
        return _in(RULE_NAMES[rule], language)
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
            return _in(VERDICTS[verdict], language)
        mark = MARKS["failed"] if verdict == REFUTED else ""
        return f"{mark} {grades.get(grade, '')}".strip() or wording.UNDEFINED
    mark = MARKS[verdict]
    if is_refuted:
        return f"{mark} {_in(BY_CHECK, language)}"
    is_counted = not wording.is_missing(denominator) and denominator > 1
    if verdict in ("unknown", "not_due") or not is_counted:
        return mark
    return f"{mark} {_fraction(numerator, denominator)}"


def _claimed(row: Mapping[str, Any]) -> str:
    """What the last ledger before a check had, and of which month: '1/1 (2016-08)'."""
    if wording.is_missing(row["claimed"]):
        return ""
    month = row["claimed_month"]
    return f"{_fraction(row['claimed'], row['base'])} ({month})"


def _fraction(part: Any, whole: Any) -> str:
    if wording.is_missing(part) or wording.is_missing(whole):
        return ""
    return f"{int(part):,}/{int(whole):,}"


def _display(
    values: Mapping[str, Any], registry: Registry, language: str
) -> DisplayTable:
    columns: dict[str, Any] = {}
    hints: dict[str, Hint] = {}
    for name, column in values.items():
        if name in wording.DIMENSION_LABELS:
            heading = wording.DIMENSION_LABELS[name][language]
            columns[heading] = _names(column, name, registry, language)
            hints[heading] = Hint("text")
        elif name in COLUMNS:
            heading, kind = _in(COLUMNS[name][:2], language), COLUMNS[name][2]
            help = _in(HELP[name], language) if name in HELP else ""
            is_p = kind == "p"
            columns[heading] = (
                [wording.p_value(p) for p in column] if is_p else list(column)
            )
            hints[heading] = Hint("text" if is_p else kind, help)
    return DisplayTable(pd.DataFrame(columns), hints)


def _names(column: Any, name: str, registry: Registry, language: str) -> list[str]:
    """Places by name; what is no code of the registry is a name already."""
    if name in ("township", "month"):
        return list(column)
    return [
        wording.place_name(registry, name, code, language, is_short=True)
        for code in column
    ]


def _words(column: str, registry: Registry, language: str) -> dict[str, str]:
    """What a stored word of the spot checks is called."""
    words = registry.tables["spot_check"].column(column).words
    if language == "en":
        return {stored: stored for stored in words.values()}
    return {stored: written for written, stored in words.items()}


def _in(pair: tuple[str, str], language: str) -> str:
    return pair[language == "en"]
