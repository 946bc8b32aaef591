"""What the rows of a file may not say: to each other, the registry, roll and lake."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from data_pipeline.registry import Column, Registry, Rule, fold_name
from data_pipeline.workbooks.finding import Findings, show
from data_pipeline.workbooks.refusal_words import fault, listed, say
from data_pipeline.workbooks.sheet_layout import Sheet


def check_periods(
    sheet: Sheet, registry: Registry, received: date, findings: Findings
) -> None:
    """Months lie in the campaign, and so do days that are bound to it.

    Neither lies after the receipt, nor does the first day of a round.
    """
    calendar = registry.calendar
    months = set(calendar.months)
    for column in sheet.table.columns:
        if column.type not in ("month", "date", "round") or column.may_lie_ahead:
            continue
        values = sheet.values[column.name]
        if column.type == "round":
            values = [n and calendar.rounds[n - 1].start for n in values]
        for row, value in enumerate(values):
            if value is None:
                continue
            is_day = isinstance(value, date)
            month = f"{value:%Y-%m}" if is_day else value
            if month not in months and (column.within_campaign or not is_day):
                why = "outside"
            elif is_day and value > received:
                why = "after_day"
            elif str(month) > f"{received:%Y-%m}":
                why = "after_month"
            else:
                continue
            span = {"start": calendar.start, "end": calendar.end}
            found = fault("E_PERIOD", why, received=received, **span)
            sheet.report(findings, row, column, found)


def check_titles(sheet: Sheet, findings: Findings) -> None:
    """Warn of rows of other months than sheet name and titles name: an old form?"""
    column = next((c for c in sheet.table.columns if c.type == "month"), None)
    months = {str(m) for m in sheet.values[column.name] if m} if column else set()
    named = sheet.titled_months
    if months and named and not named & {int(month[5:]) for month in months}:
        titled = listed(say("W_MONTH.titled", month=month) for month in sorted(named))
        filed = listed(sorted(months))
        warning = fault("W_MONTH", "other_month", titled=titled, filed=filed)
        findings.warn(warning, sheet=sheet.name, heading=column.heading)


def check_scope(
    sheet: Sheet, registry: Registry, sender: str | None, findings: Findings
) -> None:
    """A row's group owns its unit; a file that is bound to a group keeps to it."""
    by_type = {column.type: column for column in sheet.table.columns}
    group_column, unit_column = by_type.get("group"), by_type.get("unit")
    groups = registry.groups
    for row in range(len(sheet.data)):
        group = group_column and sheet.values[group_column.name][row]
        unit = unit_column and sheet.values[unit_column.name][row]
        owner = registry.units[unit].group if unit else None
        other = next((g for g in (group, sender) if g and owner and g != owner), None)
        if other and unit_column:
            names = {"owner": groups[owner].name_zh, "other": groups[other].name_zh}
            found = fault("E_SCOPE", "other_unit", **names)
            sheet.report(findings, row, unit_column, found)
        elif group and sender and group != sender and group_column:
            found = fault("E_SCOPE", "other_group", sender=groups[sender].name_zh)
            sheet.report(findings, row, group_column, found)


def check_rules(sheet: Sheet, registry: Registry, findings: Findings) -> None:
    """The rules of the registry that one row can break."""
    for rule in registry.rules:
        if rule.table != sheet.table.name or rule.severity != "refuse":
            continue
        if rule.kind == "zero_before":
            _check_window(sheet, registry, rule, findings)
        elif rule.kind in ("at_most", "at_least", "not_before"):
            _compare(sheet, registry, rule, findings)
        elif rule.kind == "one_with":
            _check_one(sheet, rule, findings)
        elif rule.kind in ("only_with", "needed_with"):
            _check_with_word(sheet, rule, findings)


def _check_window(
    sheet: Sheet, registry: Registry, rule: Rule, findings: Findings
) -> None:
    month_column = next((c for c in sheet.table.columns if c.type == "month"), None)
    if month_column is None:
        return
    months = sheet.values[month_column.name]
    parts, values = _operand(sheet, registry, rule.column)
    words = sheet.values[rule.other] if rule.other else [""] * len(values)
    allowed = rule.words or ("",)
    for row, (month, value, word) in enumerate(zip(months, values, words, strict=True)):
        if value and month and str(month) < rule.month and word in allowed:
            found = fault("E_RULE", "zero_before", opens=rule.month, month=month)
            sheet.report(findings, row, parts[0], found)


def _check_one(sheet: Sheet, rule: Rule, findings: Findings) -> None:
    column, other = sheet.table.column(rule.column), sheet.table.column(rule.other)
    values, others = sheet.values[column.name], sheet.values[other.name]
    for row, (value, filled) in enumerate(zip(values, others, strict=True)):
        if filled is not None and value is not None and value != 1:
            found = fault("E_RULE", "one_with", other=other.heading)
            sheet.report(findings, row, column, found)


def _check_with_word(sheet: Sheet, rule: Rule, findings: Findings) -> None:
    """A column that goes with some words of another one: alone, or always."""
    column, other = sheet.table.column(rule.column), sheet.table.column(rule.other)
    values, others = sheet.values[column.name], sheet.values[other.name]
    names = {code: word for word, code in other.words.items()}
    is_needed = rule.kind == "needed_with"
    for row, (value, word) in enumerate(zip(values, others, strict=True)):
        if word is None or (row, column.name) in sheet.bad:
            continue
        if (value is None) is is_needed and (word in rule.words) is is_needed:
            found = fault(
                "E_RULE",
                rule.kind,
                column=column.heading,
                other=other.heading,
                word=names[str(word)],
                allowed=listed((names[code] for code in rule.words), "or"),
            )
            sheet.report(findings, row, column, found)


def _compare(sheet: Sheet, registry: Registry, rule: Rule, findings: Findings) -> None:
    parts, values = _operand(sheet, registry, rule.column)
    bound_parts, bounds = _operand(sheet, registry, rule.other)
    is_at_most = rule.kind == "at_most"
    label = registry.label(rule.other)
    for row, (value, bound) in enumerate(zip(values, bounds, strict=True)):
        if value is None or bound is None:
            continue
        if value > bound if is_at_most else value < bound:
            where = "−".join(sheet.place(row, part.name) for part in bound_parts)
            limit = {"label": label, "bound": bound, "cells": where}
            sheet.report(findings, row, parts[0], fault("E_RULE", rule.kind, **limit))


def _operand(
    sheet: Sheet, registry: Registry, name: str
) -> tuple[list[Column], Sequence[Any]]:
    """The columns behind a rule's operand and its values, one for each data row."""
    if name in sheet.values:
        return [sheet.table.column(name)], sheet.values[name]
    derived = registry.derived[name]
    names = (derived.minuend, derived.subtrahend)
    # A negative difference is the fault of its own parts, reported by their own rule.
    values = [
        None if a is None or b is None or a < b else a - b
        for a, b in zip(*(sheet.values[part] for part in names), strict=True)
    ]
    return [sheet.table.column(part) for part in names], values


def check_branches(
    sheets: Sequence[Sheet],
    registry: Registry,
    known: Mapping[str, tuple[str, str]],
    sender: str | None,
    findings: Findings,
    filed: Mapping[str, tuple[str, str]],
    units_known: Collection[str],
) -> None:
    """Branches stand on the roll (of the lake and of this file), in the same place.

    A unit that has filed no roll yet is not held to one, but its branches stay where
    they were `filed` before. A file that is bound to a group keeps to that group's
    branches, and does not claim another's for its roll. `units_known` are those that
    `known`, the roll of the lake, has a branch of.
    """
    added: dict[str, tuple[str, str]] = {}
    roll = ChainMap(added, known)
    if sender:
        _check_claims(sheets, registry, known, sender, findings)
    for sheet in sheets:
        if sheet.table.name == "roll":
            columns = (sheet.values[name] for name in ("branch", "unit", "sector"))
            for branch, unit, sector in zip(*columns, strict=True):
                if branch and unit and sector:
                    added[branch] = (unit, sector)
    units_on_roll = {*units_known, *(unit for unit, _ in added.values())}
    for sheet in sheets:
        column = next((c for c in sheet.table.columns if c.type == "branch"), None)
        if sheet.table.name == "roll" or column is None or not (roll or filed):
            continue
        blank = [None] * len(sheet.data)
        # Where the row's own place says nothing of its branch, the roll alone does.
        is_own = not column.is_anywhere
        units = sheet.values.get("unit", blank) if is_own else blank
        sectors = sheet.values.get("sector", blank) if is_own else blank
        has_unit = bool(sheet.table.of_type("unit"))
        groups = sheet.values.get("supervision_group", blank) if has_unit else blank
        for row, branch in enumerate(sheet.values[column.name]):
            if branch is None:
                continue
            unit, sector = units[row], sectors[row]
            stands, where = roll.get(branch), "elsewhere_on_roll"
            if stands is None:
                before = filed.get(branch)
                if before and before[0] not in units_on_roll:
                    stands, where = before, "elsewhere_before"
            if stands is None:
                if roll and (unit is None or unit in units_on_roll):
                    sheet.report(findings, row, column, fault("E_CODE", "off_roll"))
                continue
            owner = registry.units[stands[0]].group
            name = registry.groups[owner].name_zh
            if unit is None and is_own and sender and owner != sender:
                found = fault("E_SCOPE", "other_branch", owner=name)
                sheet.report(findings, row, column, found)
            elif unit is None and groups[row] and owner != groups[row]:
                other = registry.groups[groups[row]].name_zh
                found = fault("E_SCOPE", "branch_of_other", owner=name, other=other)
                sheet.report(findings, row, column, found)
            for dimension, value, known_as in zip(
                ("unit", "sector"), (unit, sector), stands, strict=True
            ):
                if value is not None and value != known_as:
                    place = registry.place(dimension, known_as)
                    found = fault("E_CODE", where, place=place.name_zh)
                    sheet.report(findings, row, column, found)


def check_cases(
    sheets: Sequence[Sheet],
    registry: Registry,
    roll: Mapping[str, tuple[str, str]],
    cases: Mapping[tuple[str, str], tuple[str | None, str | None]],
    sender: str | None,
    findings: Findings,
) -> None:
    """A case number that one group's case has is no other group's to use again.

    `roll` gives the place of each branch, `cases` by table and number the group and the
    branch of each known case; without a group it is that of the branch.
    """

    def owner(group: Any, branch: Any) -> str | None:
        by_roll = registry.units[roll[branch][0]].group if branch in roll else None
        return group or by_roll

    for sheet in sheets:
        column = next((c for c in sheet.table.columns if c.type == "case"), None)
        if column is None:
            continue
        blank = [None] * len(sheet.data)
        names = ("supervision_group", "branch")
        owners = (sheet.values.get(name, blank) for name in names)
        rows = zip(sheet.values[column.name], *owners, strict=True)
        for row, (case, group, branch) in enumerate(rows):
            held = owner(*cases.get((sheet.table.name, case), (None, None)))
            ours = sender or owner(group, branch)
            if held and ours and held != ours:
                name = registry.groups[held].name_zh
                found = fault("E_SCOPE", "other_case", owner=name)
                sheet.report(findings, row, column, found)


def _check_claims(
    sheets: Sequence[Sheet],
    registry: Registry,
    known: Mapping[str, tuple[str, str]],
    sender: str,
    findings: Findings,
) -> None:
    for sheet in (sheet for sheet in sheets if sheet.table.name == "roll"):
        for row, branch in enumerate(sheet.values["branch"]):
            unit = known[branch][0] if branch in known else None
            if unit and registry.units[unit].group != sender:
                name = registry.units[unit].name_zh
                found = fault("E_SCOPE", "on_other_roll", unit=name)
                sheet.report(findings, row, sheet.table.column("branch"), found)


def check_draws(
    sheets: Sequence[Sheet], registered: Collection[str], findings: Findings
) -> None:
    """A draw that a row names is registered; it is kept as the register writes it."""
    known = {fold_name(draw): draw for draw in registered}
    for sheet in sheets:
        for column in (c for c in sheet.table.columns if c.type == "draw"):
            values = sheet.values[column.name]
            for row, value in enumerate(values):
                if value is None:
                    continue
                values[row] = known.get(fold_name(value))
                if values[row] is None:
                    sheet.report(findings, row, column, fault("E_CODE", "no_draw"))


def check_places(
    sheets: Sequence[Sheet], registry: Registry, findings: Findings
) -> None:
    """A branch stands in one unit and sector within a month of a file."""
    seen: dict[tuple[Any, ...], tuple[tuple[str, str], Sheet, int]] = {}
    for sheet in sheets:
        is_placed = {"branch", "unit", "sector"} <= set(sheet.values)
        if not is_placed or sheet.table.branch_anywhere:
            continue
        blank = [None] * len(sheet.data)
        names = ("month", "branch", "unit", "sector")
        columns = [sheet.values.get(name, blank) for name in names]
        for row, (month, branch, unit, sector) in enumerate(zip(*columns, strict=True)):
            if None in (branch, unit, sector):
                continue
            key = (sheet.table.name, month, fold_name(branch))
            place, other, at = seen.setdefault(key, ((unit, sector), sheet, row))
            if place != (unit, sector):
                where = _place_from(sheet, other, at, "branch")
                names_zh = (
                    registry.units[place[0]].name_zh,
                    registry.sectors[place[1]].name_zh,
                )
                details = {"where": where, "place": listed(names_zh)}
                found = fault("E_DUP_KEY", "elsewhere", **details)
                column = sheet.table.column("branch")
                sheet.report(findings, row, column, found)


def check_keys(sheets: Sequence[Sheet], registry: Registry, findings: Findings) -> None:
    """No key stands twice in a file, by whatever names."""
    first: dict[tuple[Any, ...], tuple[Sheet, int]] = {}
    for sheet in sheets:
        names = sheet.table.key
        columns = [sheet.table.column(name) for name in names]
        values = [sheet.values[name] for name in names]
        for row, key in enumerate(zip(*values, strict=True)):
            if any(
                (value is None and column.required) or (row, column.name) in sheet.bad
                for value, column in zip(key, columns, strict=True)
            ):
                continue
            # a-1 and A-1 are one branch to whoever wrote them.
            folded = (
                fold_name(value) if isinstance(value, str) else value for value in key
            )
            other, at = first.setdefault((sheet.table.name, *folded), (sheet, row))
            if (other, at) == (sheet, row):
                continue
            place = _place_from(sheet, other, at, names[0])
            said = " ".join(
                entry.name_zh if entry else str(value)
                for name, value in zip(names, key, strict=True)
                if value is not None
                for entry in [registry.place(name, value)]
            )
            found = fault("E_DUP_KEY", "same_row", place=place, said=said)
            sheet.report(findings, row, columns[0], found)


def check_grains(
    sheets: Sequence[Sheet],
    filed: Mapping[tuple[str, ...], str],
    findings: Findings,
) -> None:
    """A unit's sector speaks in one row or branch by branch, not both in a month.

    `filed` gives by table and what a total of it speaks for how that was filed before.
    """
    grains: dict[tuple[Any, ...], dict[str, tuple[Sheet, int]]] = defaultdict(dict)
    for sheet in sheets:
        if not sheet.table.total_of:
            continue
        columns = (sheet.values[name] for name in (*sheet.table.total_of, "branch"))
        for row, (*cell, branch) in enumerate(zip(*columns, strict=True)):
            if None not in cell and (row, "branch") not in sheet.bad:
                grain = "total" if branch is None else "branch"
                grains[sheet.table.name, *cell].setdefault(grain, (sheet, row))
    for cell, rows in grains.items():
        # The later of the two is where the change of mind shows.
        grain, (sheet, row) = list(rows.items())[-1]
        if len(rows) == 2:
            earlier, (other, at) = next(iter(rows.items()))
            place = _place_from(sheet, other, at, "branch")
            found = fault("E_GRAIN", f"{grain}_and_{earlier}", place=place)
        elif filed.get(cell, grain) != grain:
            found = fault("E_GRAIN", f"{grain}_after_{filed[cell]}")
        else:
            continue
        sheet.report(findings, row, sheet.table.column("branch"), found)


def _place_from(sheet: Sheet, other: Sheet, row: int, column: str) -> str:
    """Cell of another row, with its sheet where that differs."""
    place = other.place(row, column)
    return place if other is sheet else f"{show(other.name)}!{place}"
