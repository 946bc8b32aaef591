"""When each ledger came, what was changed afterwards, and what it leaves blank.

A first time of receipt is never overwritten, so lateness is remembered for good; a
later file that changes a figure is remembered beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from data_pipeline import rates
from data_pipeline.registry import Registry
from reports.findings import finding_id
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording

# How a ledger stands, the best first. `open`: its deadline has not passed.
STATES = (
    "on_time",
    "corrected",
    "late",
    "late_corrected",
    "missing",
    "open",
    "not_due",
)
LATE = ("late", "late_corrected")
# What is found of a ledger as a whole, by the kinds of the inspection.
FILING_FINDINGS = ("missing_ledger", "late_ledger")
CORRECTED = ("corrected", "late_corrected")
DUE = ["month", "unit", "sector"]
# What a revision may change beside the counts, and what a roll says of a branch.
BESIDE_COUNTS = ("basis",)
ROLL_FIELDS = (
    *("unit", "sector", "township", "branch_type", "n_members", "n_leaders"),
    "is_weak_base",
)
# Grounds of a cell of the calendar.
GROUNDS = {"late": "late", "late_corrected": "late", "corrected": "changed"}
TEXTS = catalogue.texts("ledger_calendar.rows")
DAY = pd.Timedelta(days=1)
MOST_NAMED = 3  # places that a title names


def list_revisions(revised: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """What later files changed of rows that stood already.

    Parameters
    ----------
    revised
        As `rates.read_revisions` gives them.

    Returns
    -------
    DataFrame, one row for each cell that was changed
        `month`, `supervision_group`, `unit`, `sector`, `branch`, `field` (a column of
        the ledger), `before` and `after` (as text, '' for a blank), `was_received`,
        `received`, `was_source_file`, `source_file`, `source_sheet`, `source_row`, in
        the order of receipt. Rows that were filed again as they stood give none.
    """
    fields = [*BESIDE_COUNTS, *registry.tables["ledger"].counts]
    return _list_changes(revised, fields, ["month"])


def read_changes(marts: rates.Marts) -> pd.DataFrame:
    """`list_revisions` of the whole city, kept with its marts."""

    def find() -> pd.DataFrame:
        return list_revisions(rates.read_revisions(marts), marts.registry)

    return marts.keep(("ledger_revisions",), find).copy(deep=False)


def read_standing(marts: rates.Marts) -> pd.DataFrame:
    """`stand` of all ledgers of the whole city, kept with its marts."""

    def find() -> pd.DataFrame:
        return stand(rates.read_due(marts), read_changes(marts))

    return marts.keep(("ledger_standing",), find).copy(deep=False)


def list_roll_changes(versions: pd.DataFrame) -> pd.DataFrame:
    """What later rolls changed: as `list_revisions`, of `rates.read_roll_versions`.

    A branch that is new on the roll is one row with the field "added"; `n_members` is
    then what it came with.
    """
    is_added = versions["is_added"].astype(bool)
    changed = _list_changes(versions[~is_added], ROLL_FIELDS, [])
    added = versions[is_added].assign(
        field="added", before="", after=versions["n_members"].map(_as_text)
    )
    listed = pd.concat([changed, added.reindex(columns=changed.columns)])
    return listed.sort_values(
        ["received", "unit", "branch"], kind="stable", ignore_index=True
    )


def _list_changes(
    versions: pd.DataFrame, fields: Sequence[str], first: Sequence[str]
) -> pd.DataFrame:
    kept = [*first, "supervision_group", "unit", "sector", "branch"]
    origin = ["received", "was_source_file", "source_file"]
    origin += ["source_sheet", "source_row"]
    parts = []
    for field in fields:
        was, now = versions[f"was_{field}"], versions[field]
        is_same = was.eq(now).fillna(False).astype(bool) | (was.isna() & now.isna())
        # Few are left to be put into words.
        others = versions[~is_same]
        before, after = (
            values[~is_same].map(_as_text).astype("str") for values in (was, now)
        )
        is_changed = before != after
        part = others.loc[is_changed, [*kept, *origin]]
        changes = {"before": before[is_changed], "after": after[is_changed]}
        parts.append(part.assign(field=field, **changes))
    columns = [*kept, "field", "before", "after", *origin]
    return pd.concat(parts)[columns].sort_index(kind="stable").reset_index(drop=True)


def _as_text(value: Any) -> str:
    """A stored value as text: '' for a blank, counts without a point."""
    if wording.is_missing(value):
        return ""
    if isinstance(value, str):
        return value
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    return f"{value:.0f}"


def stand(due: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """How the ledger of each month, unit and sector came.

    Parameters
    ----------
    due
        As `rates.read_due` gives it.
    changes
        As `list_revisions` gives them.

    Returns
    -------
    DataFrame
        The rows of `due` with `state` (of `STATES`), `days_late` (days after the
        deadline's day at the first receipt; 0 where it came in time or not at all),
        `n_changed` (cells changed by later files) and `changed` (when last).
    """
    by = [changes[name] for name in DUE]
    revised = changes.groupby(by)["received"].agg(["size", "max"])
    revised = revised.rename(columns={"size": "n_changed", "max": "changed"})
    rows = due.merge(revised.reset_index(), on=DUE, how="left")
    rows["n_changed"] = rows["n_changed"].fillna(0).astype("int64")
    has_come = rows["first_received"].notna()
    beyond = rows["first_received"] - rows["deadline"]
    is_late = has_come & (beyond >= pd.Timedelta(0))
    rows["days_late"] = (beyond // DAY + 1).where(is_late, 0).astype("int64")
    rows["state"] = "not_due"
    rows.loc[rows["is_due"] & ~has_come, "state"] = "open"
    rows.loc[rows["is_due"] & ~has_come & rows["is_closed"], "state"] = "missing"
    is_changed = rows["n_changed"] > 0
    rows.loc[has_come, "state"] = "on_time"
    rows.loc[has_come & is_changed, "state"] = "corrected"
    rows.loc[is_late, "state"] = "late"
    rows.loc[is_late & is_changed, "state"] = "late_corrected"
    return rows


def select(
    rows: pd.DataFrame,
    *,
    month: str | None = None,
    is_month_only: bool = False,
    group: str | None = None,
    unit: str | None = None,
    sector: str | None = None,
) -> pd.DataFrame:
    """The rows of a choice, None for all: up to a month, or of it alone."""
    kept = pd.Series(True, index=rows.index)
    if month and "month" in rows:
        kept = rows["month"] == month if is_month_only else rows["month"] <= month
    for name, code in (
        ("supervision_group", group),
        ("unit", unit),
        ("sector", sector),
    ):
        if code:
            kept &= rows[name] == code
    return rows[kept].reset_index(drop=True)


def sum_up(cells: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Cells of `stand` summed up, such as to month × unit.

    Returns
    -------
    DataFrame
        The `by` columns, `n_due`, `n_filed` (of those due), `n_missing`, `n_late`,
        `n_corrected`, `n_open`, `days_late` (of the latest) and `state`: of the worst
        cell.
    """
    marks = cells.assign(
        n_due=cells["is_due"].astype(int),
        n_filed=(cells["is_due"] & cells["first_received"].notna()).astype(int),
        n_missing=cells["state"].eq("missing").astype(int),
        n_late=cells["state"].isin(LATE).astype(int),
        n_corrected=cells["state"].isin(CORRECTED).astype(int),
        n_open=cells["state"].eq("open").astype(int),
    )
    counts = ["n_due", "n_filed", "n_missing", "n_late", "n_corrected", "n_open"]
    grouped = marks.groupby(list(by), as_index=False, sort=True)
    sums = grouped[counts].sum()
    sums["days_late"] = grouped["days_late"].max()["days_late"]
    # Late in one sector and corrected in another is both.
    is_late, is_corrected = sums["n_late"] > 0, sums["n_corrected"] > 0
    has_any = sums["n_due"] + sums["n_late"] + sums["n_corrected"] > 0
    sums["state"] = "not_due"
    sums.loc[has_any, "state"] = "on_time"
    sums.loc[is_corrected, "state"] = "corrected"
    sums.loc[is_late, "state"] = "late"
    sums.loc[is_late & is_corrected, "state"] = "late_corrected"
    sums.loc[sums["n_open"] > 0, "state"] = "open"
    sums.loc[sums["n_missing"] > 0, "state"] = "missing"
    return sums


def headline(
    cells: pd.DataFrame,
    language: str = "zh",
    *,
    month: str,
    is_month_only: bool = False,
) -> str:
    """How many ledgers were due and how they came, as a sentence that says until when.

    A ledger is that of one unit and month: of all its sectors that are chosen.
    `cells` are of the months up to `month`; with `is_month_only` it alone counts.
    """
    texts = TEXTS[language]
    if is_month_only:
        cells = cells[cells["month"] == month]
    ledgers = sum_up(cells, ["month", "unit"])
    ledgers = ledgers[ledgers["n_due"].gt(0) & ledgers["n_open"].eq(0)]
    if ledgers.empty:
        return texts["none_due"]
    is_missing = ledgers["n_missing"] == ledgers["n_due"]
    # Each ledger is in one of these; what is in part missing may be late as well.
    counts = {
        "on_time": ledgers["state"].eq("on_time").sum(),
        "corrected": ledgers["state"].eq("corrected").sum(),
        "late": ledgers["state"].isin(LATE).sum(),
        "missing_part": (ledgers["n_missing"].gt(0) & ~is_missing).sum(),
        "missing": is_missing.sum(),
    }
    period = texts["head_of" if is_month_only else "head_until"]
    period = period.format(month=wording.month_name(month, language))
    parts = [texts["head"].format(period=period, n=wording.number(len(ledgers)))]
    parts += [
        texts[f"head_{state}"].format(n=wording.number(n))
        for state, n in counts.items()
        if n
    ]
    if days := int(ledgers["days_late"].max()):
        parts.append(texts["head_days"].format(n=days))
    return texts["between"].join(parts) + texts["end"]


def calendar_title(
    cells: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    unit: str | None = None,
    plain: str,
) -> str:
    """Where most ledgers came late or not at all.

    Arguments as of `calendar_lines`; places are units, of one `unit` its sectors.
    `plain` is the title before any ledger is due.
    """
    texts, of = TEXTS[language], "sector" if unit else "unit"
    ledgers = sum_up(cells, ["month", of])
    ledgers = ledgers[ledgers["n_due"].gt(0) & ledgers["n_open"].eq(0)]
    if ledgers.empty:
        return plain
    is_behind = ledgers["n_late"].gt(0) | ledgers["n_missing"].gt(0)
    places = is_behind.groupby(ledgers[of], sort=False).agg(["sum", "size"])
    most = places[places["sum"] == places["sum"].max()]
    n = int(most["sum"].iloc[0])
    if not n:
        return texts["all_came"]
    if len(most) > MOST_NAMED:
        return texts["behind_many"].format(k=len(most), n=n)
    names = (wording.place_name(registry, of, code, language) for code in most.index)
    return texts["behind" if len(most) == 1 else "behind_each"].format(
        names=wording.join(names, language), n=n, due=most["size"].iloc[0]
    )


def calendar_lines(
    cells: pd.DataFrame,
    registry: Registry,
    months: Sequence[str],
    language: str = "zh",
    *,
    unit: str | None = None,
    states: Mapping[str, str] = MappingProxyType({}),
    visits: pd.DataFrame | None = None,
    withdrawn: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """The lines of the calendar, each group's sum before its units.

    Parameters
    ----------
    cells
        As `stand` gives them, of the choice.
    unit
        Its sectors instead of groups and units.
    states
        By name of a finding, the state it was given, in words: a late or missing
        ledger of a unit says its own.
    visits
        As `list_visits` gives them: a line of their own before all others, and a mark
        in the month of each unit that was visited.
    withdrawn
        `table_name`, `month` and `unit` of what was withdrawn: a ledger of a unit says
        so in its month, whatever was filed instead.

    Returns
    -------
    list of dict
        `name`, the code under `group`, `unit` or `sector` (that of visits has none),
        and `cells` by month: `text` and `state` (a ground, '' for none).
    """
    of_unit = sum_up(cells, ["month", "supervision_group", "unit"])
    levels = {
        "group": of_unit,
        "unit": of_unit.set_index(["unit", "month"]),
        "sector": sum_up(cells, ["sector", "month"]).set_index(["sector", "month"]),
    }
    known = {
        "group": set(cells["supervision_group"]),
        "unit": set(cells["unit"]),
        "sector": set(cells["sector"]),
    }
    dimension = {"group": "supervision_group"}
    ledgers = withdrawn
    if withdrawn is not None:
        ledgers = withdrawn[withdrawn["table_name"] == "ledger"]
    lines = []
    if visits is not None and len(visits):
        lines.append(_line_of_visits(visits, registry, months, language))
    for level, code in _lines_in_order(registry, unit):
        if code not in known[level]:
            continue
        drawn = [_cell_of(level, code, month, levels, language) for month in months]
        if level == "unit":
            _say_states(drawn, code, months, states)
            _mark(drawn, code, months, visits, TEXTS[language]["visited"])
            _mark(drawn, code, months, ledgers, TEXTS[language]["withdrawn"])
        place = wording.place_name(
            registry, dimension.get(level, level), code, language
        )
        lines.append({"name": place, level: code, "cells": drawn})
    return lines


def _lines_in_order(registry: Registry, unit: str | None) -> list[tuple[str, str]]:
    """Level and code of each line: groups with units, or the sectors of a unit."""
    if unit:
        return [("sector", code) for code in registry.sectors]
    return [
        line
        for group in registry.groups
        for line in (
            ("group", group),
            *(("unit", c) for c, u in registry.units.items() if u.group == group),
        )
    ]


def list_visits(filed: pd.DataFrame | None, registry: Registry) -> pd.DataFrame | None:
    """Inspections from above by day, each with the month and group it falls to.

    Parameters
    ----------
    filed
        `rates.read_staged` of the table `upper_visit`; None where there is none.
    """
    if filed is None:
        return None
    days = pd.to_datetime(filed["date"])
    groups = [registry.units[unit].group for unit in filed["unit"]]
    months = days.dt.strftime("%Y-%m")
    listed = filed.assign(date=days, supervision_group=groups, month=months)
    return listed.sort_values(["date", "unit"], kind="stable", ignore_index=True)


def _line_of_visits(
    visits: pd.DataFrame, registry: Registry, months: Sequence[str], language: str
) -> dict[str, Any]:
    cells = []
    for month in months:
        levels = visits.loc[visits["month"] == month, "level"].value_counts(sort=False)
        sentences = [
            f"{registry.word('level', level, language)} {n}"
            for level, n in levels.items()
        ]
        cells.append({"text": " · ".join(sentences) or wording.UNDEFINED, "state": ""})
    return {"name": TEXTS[language]["visits"], "cells": cells}


def _mark(
    cells: Sequence[dict[str, str]],
    unit: str,
    months: Sequence[str],
    events: pd.DataFrame | None,
    mark: str,
) -> None:
    """Say in the months of a unit in which something happened that it did."""
    if events is None:
        return
    marked = set(events.loc[events["unit"] == unit, "month"])
    for cell, month in zip(cells, months, strict=True):
        if month in marked:
            cell["text"] = f"{cell['text']} · {mark}"


def _say_states(
    cells: Sequence[dict[str, str]],
    unit: str,
    months: Sequence[str],
    states: Mapping[str, str],
) -> None:
    for cell, month in zip(cells, months, strict=True):
        names = (finding_id(kind, unit, "", month) for kind in FILING_FINDINGS)
        worded = [states[name] for name in names if name in states]
        if worded and cell["state"] in ("late", "missing"):
            cell["text"] = " · ".join((cell["text"], *worded))


def _cell_of(
    level: str,
    code: str,
    month: str,
    levels: Mapping[str, pd.DataFrame],
    language: str,
) -> dict[str, str]:
    texts = TEXTS[language]
    if level == "group":
        units = levels["group"]
        is_own = (units["supervision_group"] == code) & (units["month"] == month)
        due = units[is_own & units["n_due"].gt(0) & units["n_open"].eq(0)]
        if due.empty:
            return {"text": wording.UNDEFINED, "state": ""}
        n_on_time = int(due["state"].isin(("on_time", "corrected")).sum())
        return {
            "text": texts["group_cell"].format(n=n_on_time, due=len(due)),
            "state": "",
        }
    rows = levels[level]
    if (code, month) not in rows.index:
        return {"text": wording.UNDEFINED, "state": ""}
    row = rows.loc[(code, month)]
    return {"text": cell_text(row, language), "state": ground(row["state"])}


def ground(state: str) -> str:
    """The ground of a cell in some state; '' for none."""
    return GROUNDS.get(state, state if state == "missing" else "")


def cell_text(row: Any, language: str = "zh") -> str:
    """How one ledger came, in a few words: a row of `sum_up`.

    >>> row = {"state": "late_corrected", "n_due": 2, "n_missing": 0, "n_late": 1,
    ...        "n_corrected": 1, "days_late": 5}
    >>> cell_text(row)
    '迟 5 天 · 后更正'
    """
    texts, state = TEXTS[language], row["state"]
    if state in ("open", "not_due"):
        return texts[state] if state == "open" else wording.UNDEFINED
    parts = []
    if row["n_missing"]:
        is_whole = row["n_missing"] == row["n_due"]
        key = "missing" if is_whole else "missing_part"
        parts.append(texts[key].format(n=row["n_missing"], due=row["n_due"]))
    if row["n_late"]:
        parts.append(texts["late"].format(n=row["days_late"]))
    if not parts:
        parts.append(texts["on_time"])
    if row["n_corrected"]:
        parts.append(texts["corrected"])
    return " · ".join(parts)


def blanks_by_column(
    blanks: pd.DataFrame, registry: Registry, month: str
) -> pd.DataFrame:
    """Which columns of a month's ledgers are left blank, the emptiest first.

    Parameters
    ----------
    blanks
        As `rates.read_blanks` gives them, of the choice.

    Returns
    -------
    DataFrame, one row a column with a blank
        `field`, `n_blank_cells`, `n_rows`, `share` (0–1), `n_units` (with a blank) and
        `units` (their codes, the most blanks first). A column whose topic has not
        opened yet is left out.
    """
    n_rows = int(blanks["n_rows"].sum())
    rows = []
    for field in opened_columns(registry, month):
        of_unit = blanks.groupby("unit", sort=False)[field].sum()
        of_unit = of_unit[of_unit > 0].sort_values(ascending=False, kind="stable")
        if of_unit.empty:
            continue
        n_blank = int(of_unit.sum())
        rows.append(
            {
                "field": field,
                "n_blank_cells": n_blank,
                "n_rows": n_rows,
                "share": n_blank / n_rows,
                "n_units": len(of_unit),
                "units": tuple(of_unit.index),
            }
        )
    columns = ["field", "n_blank_cells", "n_rows", "share", "n_units", "units"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(
        "n_blank_cells", ascending=False, kind="stable", ignore_index=True
    )


def opened_columns(registry: Registry, month: str) -> list[str]:
    """Count columns of the ledger that can hold something by the end of a month.

    >>> from data_pipeline.registry import load_registry
    >>> opened = opened_columns(load_registry(), "2016-06")
    >>> "n_branches_topic_1" in opened, "n_branches_topic_2" in opened
    (True, False)
    """
    return [
        name
        for name in registry.tables["ledger"].counts
        if registry.opens(name) <= month
    ]


def owed_columns(registry: Registry, month: str) -> list[str]:
    """Those of them by which a target is measured, row by row.

    >>> from data_pipeline.registry import load_registry
    >>> owed = owed_columns(load_registry(), "2016-06")
    >>> "n_leaders_spoke" in owed, "n_leader_speeches" in owed
    (True, False)
    """
    sides = {
        side
        for metric in registry.metrics.values()
        if metric.table == "ledger" and metric.milestones
        for side in (metric.numerator, metric.denominator)
    }
    for name in sides & set(registry.derived):
        sides |= set(registry.derived[name].sources)
    return [name for name in opened_columns(registry, month) if name in sides]


def changes_table(
    changes: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`list_revisions` or `list_roll_changes` as people read them."""
    said = [
        [_said(field, value, registry, language) for value in values]
        for field, *values in zip(
            changes["field"], changes["before"], changes["after"], strict=True
        )
    ]
    columns = {
        **{
            name: changes[name]
            for name in ("month", "unit", "sector", "branch")
            if name in changes
        },
        "field": [_field_name(f, registry, language) for f in changes["field"]],
        "before": [before for before, _ in said],
        "after": [after for _, after in said],
        "received": changes["received"],
        "source": [
            " ".join(filter(None, (row.source_file, row.source_sheet)))
            + (f"!{row.source_row}" if row.source_file else "")
            for row in changes.itertuples()
        ],
        "was_source_file": changes["was_source_file"],
        "supervision_group": changes["supervision_group"],
    }
    return _tabulate(columns, registry, language)


def _field_name(field: str, registry: Registry, language: str) -> str:
    if field in ("added", "basis"):
        return TEXTS[language][f"field_{field}"]
    if field in wording.DIMENSION_LABELS:
        return wording.dimension_label(registry, field, language)
    return registry.label(field, language)


def _said(field: str, value: str, registry: Registry, language: str) -> str:
    """A value of a field in words; a blank is said to be one."""
    texts = TEXTS[language]
    if field == "basis":
        return texts["basis_month"] if value == "month" else texts["basis_to_date"]
    if field == "added":
        return texts["members"].format(n=value) if value else ""
    if value == "":
        return texts["blank"]
    if field in wording.DIMENSION_LABELS:
        return wording.code_name(registry, field, value, language)
    return value


def blanks_table(
    rows: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`blanks_by_column` as people read it."""
    comma = TEXTS[language]["list_comma"]
    columns = {
        "field": [registry.label(field, language) for field in rows["field"]],
        **{name: rows[name] for name in ("n_blank_cells", "n_rows", "share")},
        "n_units": rows["n_units"],
        "blank_units": [
            comma.join(
                wording.place_name(registry, "unit", code, language) for code in codes
            )
            for codes in rows["units"]
        ],
    }
    return _tabulate(columns, registry, language)


def _tabulate(
    columns: pd.DataFrame | Mapping[str, Any], registry: Registry, language: str
) -> DisplayTable:
    frame = pd.DataFrame(columns).reset_index(drop=True)
    kinds = {"after": "text"}  # as `before`: what a cell of a ledger says
    return tabulate(frame, registry, language, section="ledger_calendar", kinds=kinds)
