"""The course of a finding: its stable name, the states it was given, when it closed.

A flag, a late ledger or a fault of `check` is found anew with every build; what a
group answered is filed (table `finding_state`) under the name of the finding, which
is made of the rule and the place alone and so holds across snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd

from data_pipeline.finding_words import finding_id as finding_id
from data_pipeline.registry import Registry
from reports.files.prefilled import FIRST_ROW, prefilled_workbook
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording

TABLE = "finding_state"  # also the column that holds the state
NEW = "new"  # what nobody has filed anything of
CLOSED = ("explained", "corrected", "no_fault")
COURSE = (
    *("finding", "rule", "supervision_group", "unit", "sector", "month"),
    *("finding_state", "state_date", "course", "n_states", "days_to_close"),
)
TEXTS = catalogue.texts("findings")


def list_courses(states: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """What became of every finding that anybody has filed a state of.

    Parameters
    ----------
    states
        `rates.read_staged` of the table `finding_state`.

    Returns
    -------
    DataFrame of `COURSE`, one row a finding, by name
        `finding_state` and `state_date` of the last day filed; `course` is all of them
        as (date, state); `days_to_close` counts from the filing deadline of the
        finding's month to the first day of its closing states (0 where it closed
        before), and is NaN while it is open or has no month. The place is that of
        the name; the group is that of the unit, or else the one that filed.
    """
    rows = []
    names = states["finding"].map(_fold)
    ordered = states.assign(finding=names).sort_values(
        ["finding", "date", "received"], kind="stable"
    )
    for name, filed in ordered.groupby("finding", sort=True):
        place = _place_of(name, registry)
        course = tuple(zip(filed["date"], filed["finding_state"], strict=True))
        last_day, state = course[-1]
        unit = registry.units.get(place["unit"])
        rows.append(
            {
                "finding": name,
                **place,
                "supervision_group": (
                    unit.group if unit else filed["supervision_group"].iloc[-1]
                ),
                "finding_state": state,
                "state_date": last_day,
                "course": course,
                "n_states": len(course),
                "days_to_close": _days_to_close(course, place["month"], registry),
            }
        )
    return pd.DataFrame(rows, columns=list(COURSE)).astype({"days_to_close": float})


def _fold(name: str) -> str:
    """A name as it is compared: people and spreadsheets change capitals and blanks.

    >>> _fold("JUMP-htz-ALL- 2016-09")
    'jump-HTZ-all-2016-09'
    """
    parts = "".join(name.split()).lower().split("-")
    return "-".join((*parts[:1], *map(str.upper, parts[1:2]), *parts[2:]))


def _place_of(name: str, registry: Registry) -> dict[str, str]:
    """Rule, unit, sector and month of a name; '' for what it does not hold."""
    parts = (*name.split("-", 3), "", "", "")[:4]
    rule, unit, sector, month = parts
    return {
        "rule": rule,
        "unit": unit if unit in registry.units else "",
        "sector": sector if sector in registry.sectors else "",
        "month": month if month in registry.calendar.months else "",
    }


def _days_to_close(
    course: tuple[tuple[Any, str], ...], month: str, registry: Registry
) -> float:
    if not month or course[-1][1] not in CLOSED:
        return float("nan")
    closed = None
    for day, state in reversed(course):
        if state not in CLOSED:
            break
        closed = day
    late_from = pd.Timestamp(registry.calendar.filing_deadline(month).date())
    return max(0, (pd.Timestamp(closed) - late_from).days + 1)


def add_states(rows: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the state of the finding that each one's `finding` names.

    Adds `finding_state` ("new" where nothing was filed) and `state_date` (NaT then).
    """
    names = courses["finding"]
    states = dict(zip(names, courses["finding_state"], strict=True))
    days = dict(zip(names, courses["state_date"], strict=True))
    return rows.assign(
        finding_state=[states.get(name, NEW) for name in rows["finding"]],
        state_date=pd.to_datetime([days.get(name, pd.NaT) for name in rows["finding"]]),
    )


def is_closed(states: Iterable[str]) -> pd.Series:
    """Which states close a finding."""
    return pd.Series(states, dtype=object).isin(CLOSED)


def sum_by_group(
    courses: pd.DataFrame, standing: pd.DataFrame, registry: Registry
) -> pd.DataFrame:
    """How far each group is with its answers.

    Parameters
    ----------
    courses
        As `list_courses` gives them.
    standing
        Findings that stand now: `supervision_group`, `finding_state`.

    Returns
    -------
    DataFrame, one row a group of the registry
        `supervision_group`, `n_unanswered` (standing and not closed), `n_asked` (of
        these queried), `n_closed` (of all ever filed) and `median_days` to close,
        NaN where none has closed.
    """
    is_open = ~is_closed(standing["finding_state"]).to_numpy(bool)
    rows = []
    for group in registry.groups:
        own = standing[(standing["supervision_group"] == group).to_numpy() & is_open]
        filed = courses[courses["supervision_group"] == group]
        rows.append(
            {
                "supervision_group": group,
                "n_unanswered": len(own),
                "n_asked": int(own["finding_state"].eq("asked").sum()),
                "n_closed": int(filed["finding_state"].isin(CLOSED).sum()),
                "median_days": filed["days_to_close"].median(),
            }
        )
    return pd.DataFrame(rows)


def state_name(state: str, registry: Registry, language: str = "zh") -> str:
    """What a state is called.

    >>> from data_pipeline.registry import load_registry
    >>> state_name("no_fault", load_registry())
    '无误'
    """
    return registry.word(TABLE, state, language)


def say_state(state: str, day: Any, registry: Registry, language: str = "zh") -> str:
    """A state with its day: '已说明 8月25日'; without a day the state alone."""
    name = state_name(state, registry, language)
    if wording.is_missing(day):
        return name
    return f"{name} {wording.day_name(pd.Timestamp(day), language)}"


def say_course(
    course: tuple[tuple[Any, str], ...], registry: Registry, language: str = "zh"
) -> str:
    """Every state with its day, first to last."""
    sentences = (say_state(state, day, registry, language) for day, state in course)
    return TEXTS[language]["then"].join(sentences)


def headline(
    courses: pd.DataFrame,
    groups: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
) -> str:
    """How many were answered and how fast, as one or two sentences.

    `groups` as `sum_by_group` gives them.
    """
    texts = TEXTS[language]
    if courses.empty:
        return texts["none"]
    n_closed = int(courses["finding_state"].isin(CLOSED).sum())
    sentence = texts["answer"].format(
        n=wording.number(len(courses)), closed=wording.number(n_closed)
    )
    fast = [
        texts["median_group"].format(
            group=wording.place_name(registry, "supervision_group", group, language),
            days=f"{days:g}",
        )
        for group, days in zip(
            groups["supervision_group"], groups["median_days"], strict=True
        )
        if not wording.is_missing(days)
    ]
    if not fast:
        return sentence
    return sentence + texts["median"].format(groups=texts["between"].join(fast))


def courses_table(
    courses: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`list_courses` with `presence` (whether it still stands) as people read it."""
    texts = TEXTS[language]
    columns = {
        "finding": courses["finding"],
        "rule": [rule_name(rule, registry, language) for rule in courses["rule"]],
        **{name: courses[name] for name in ("unit", "sector", "month")},
        "handling": [state_name(s, registry, language) for s in courses[TABLE]],
        "course": [say_course(one, registry, language) for one in courses["course"]],
        "days_to_close": courses["days_to_close"].astype("Int64"),
        "presence": [texts[presence] for presence in courses["presence"]],
        "supervision_group": courses["supervision_group"],
    }
    return tabulate(
        pd.DataFrame(columns), registry, language, section="ledger_calendar"
    )


def groups_table(
    groups: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`sum_by_group` as people read it."""
    days = [
        "" if wording.is_missing(days) else f"{days:g}"
        for days in groups["median_days"]
    ]
    shown = groups.assign(median_days=days)
    return tabulate(shown, registry, language, section="ledger_calendar")


def answer_workbook(
    entries: pd.DataFrame,
    place: str,
    registry: Registry,
    created: datetime,
) -> bytes:
    """The workbook in which findings are answered: one row each, to be filled in.

    Parameters
    ----------
    entries
        `finding`, `supervision_group`, `unit`, `sector`, `month` and `says`; those
        without a group are nobody's to answer and left out.
    place
        What they are of, in Chinese.
    created
        As in `prefilled_workbook`. Like every workbook that comes back it is Chinese.
    """
    texts = {
        key: catalogue.text("zh", f"findings.workbook.{key}")
        for key in ("title", "sheet", "place", "n")
    }
    own = entries[entries["supervision_group"] != ""].reset_index(drop=True)
    named = [
        {
            "finding": row.finding,
            "supervision_group": registry.groups[row.supervision_group].name_zh,
            "month": row.month,
            "unit": registry.units[row.unit].name_zh,
            "sector": registry.sectors[row.sector].name_zh if row.sector else "",
        }
        for row in own.itertuples()
    ]
    how = catalogue.text("zh", "findings.workbook.how", sheet=_sheet(registry))
    about = [
        (
            catalogue.text("zh", "findings.workbook.about", row=number),
            f"{row.finding} {row.says}",
        )
        for number, row in enumerate(own.itertuples(), FIRST_ROW)
    ]
    facts = [
        (texts["place"], place),
        (texts["n"], wording.number(len(own))),
        (texts["sheet"], how),
        *about,
    ]
    filled = [{k: v for k, v in row.items() if v} for row in named]
    return prefilled_workbook(
        TABLE,
        filled,
        registry,
        title=texts["title"],
        facts_sheet=texts["sheet"],
        facts=facts,
        created=created,
    )


def _sheet(registry: Registry) -> str:
    return registry.tables[TABLE].sheet


def rule_name(rule: str, registry: Registry, language: str = "zh") -> str:
    """What the rule of a finding is called, whether `check` or the calendar has it."""
    kinds = catalogue.texts("ledger_calendar.kind")[language]
    if rule in kinds:
        return kinds[rule]
    if rule in {known.id for known in registry.rules}:
        return wording.in_language(registry.rule(rule), "name", language)
    return rule
