"""What an inspector would stop at if one came now: one list, the gravest first.

Each entry says where it is and which page shows it. What is a fault, a question or a
flag is what the rules say; here they only meet what is missing, late, unchecked and
blank. The order of kinds stands in the registry (priorities.toml).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import Registry
from reports import findings
from reports.ledger_calendar import rows as filings
from reports.ledger_quality.rows import flag_id
from reports.tables import DisplayTable, heading, tabulate
from reports.words import catalogue, wording

TEXTS = catalogue.texts("ledger_calendar.inspection")
KINDS = catalogue.texts("ledger_calendar.kind")
COLUMNS = (
    *("position", "issue", "supervision_group", "unit", "sector", "month"),
    *("days_open", "n", "says", "finding", "finding_state", "state_date"),
    *("page", "choices"),
)
PROBLEMS = "problems"  # the page that lists them
# What an answer closes; the others are closed by being done.
ANSWERED = ("fault", "late_ledger", "flag", "question")


class Evidence(NamedTuple):
    """What the list is made of, all of the chosen place.

    cells : `rows.stand`, up to the month. findings : `check_findings.COLUMNS`, of
    single rows. flags : `flags.Flags.found`. blanks : `rates.read_blanks` of the
    month. checked : `rates.read_rates` of the metric of random checks by unit.
    n_on_roll : branches on the roll by unit. damaged : paths of damaged files of the
    snapshot. courses : `findings.list_courses`. problems : open ones of
    `problems.stand_at`, None where there is no such table.
    """

    cells: pd.DataFrame
    findings: pd.DataFrame
    flags: pd.DataFrame
    blanks: pd.DataFrame
    checked: pd.DataFrame
    n_on_roll: pd.Series
    damaged: tuple[str, ...]
    courses: pd.DataFrame
    problems: pd.DataFrame | None = None


def list_faults(
    evidence: Evidence, registry: Registry, month: str, language: str = "zh"
) -> pd.DataFrame:
    """All that an inspector would stop at by the filing deadline of a month.

    Returns
    -------
    DataFrame of `COLUMNS`
        `issue` is one of the registry's `inspection`, in whose order the rows stand;
        within a kind by `days_open` (to the filing deadline of `month`, since that of
        the entry's month or the term of a problem) and `n` (rows, cells or files), most
        first. `finding` is its name, and an entry whose
        finding was answered for good (`ANSWERED`) is left out. `page` and `choices`
        (a dict) say where it is shown; `says` is in the reader's language.
    """
    entries = find_entries(evidence, registry, month, language)
    is_closed = findings.is_closed(entries["finding_state"]).to_numpy(bool)
    is_answered = is_closed & entries["issue"].isin(ANSWERED)
    return rank(entries[~is_answered], registry)


def find_entries(
    evidence: Evidence, registry: Registry, month: str, language: str = "zh"
) -> pd.DataFrame:
    """As `list_faults`, in no order and with those that were answered."""
    day = registry.calendar.filing_deadline(month).date()
    found = [
        *_damaged(evidence.damaged, language),
        *_filings(evidence.cells, registry, language),
        *_row_findings(evidence.findings, registry, language),
        *_flags(evidence.flags, registry, language),
        *_problems(evidence.problems, day - timedelta(days=1), registry, language),
        *_unchecked(evidence, registry, month, language),
        *_blanks(evidence.blanks, registry, month, language),
    ]
    for entry in found:
        entry.setdefault("days_open", _days_since(entry["month"], day, registry))
        entry["supervision_group"] = (
            registry.units[entry["unit"]].group if entry["unit"] else ""
        )
    entries = pd.DataFrame(found, columns=COLUMNS[1:])
    return findings.add_states(entries, evidence.courses)[list(COLUMNS[1:])]


def rank(entries: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Entries in the order in which they are to be seen to, with their `position`.

    Kinds in the order of the registry, those it leaves out nowhere; then the longest
    open, then the most rows, then by place.
    """
    order = {kind: at for at, kind in enumerate(registry.inspection)}
    kept = entries[entries["issue"].isin(list(order))]
    keys = kept.assign(
        issue=kept["issue"].map(order),
        days_open=-kept["days_open"].astype(int),
        n=-kept["n"].astype(int),
    )
    names = ["issue", "days_open", "n", "unit", "sector", "month", "says"]
    ranked = kept.loc[keys.sort_values(names, kind="stable").index]
    ranked = ranked.reset_index(drop=True)
    return ranked.assign(position=ranked.index + 1)[list(COLUMNS)]


def _entry(
    kind: str,
    says: str,
    page: str,
    *,
    unit: str = "",
    sector: str = "",
    month: str = "",
    n: int = 1,
    finding: str = "",
    **choices: str,
) -> dict[str, Any]:
    place = {"unit": unit, "sector": sector, "month": month}
    shown = {key: code for key, code in (place | choices).items() if code}
    finding = finding or findings.finding_id(kind, unit, sector, month)
    values = {"n": n, "says": says, "finding": finding}
    return {"issue": kind, **place, **values, "page": page, "choices": shown}


def _days_since(month: str, day: date, registry: Registry) -> int:
    """Days from the filing deadline of a month to a day, never below 0."""
    if month not in registry.calendar.months:
        return 0
    return max(0, (day - registry.calendar.filing_deadline(month).date()).days)


def _damaged(paths: tuple[str, ...], language: str) -> Iterator[dict]:
    for path in paths:
        says = TEXTS[language]["damaged_file"].format(file=path)
        yield _entry("damaged_file", says, "ledger_calendar")


def _filings(cells: pd.DataFrame, registry: Registry, language: str) -> Iterator[dict]:
    """Ledgers that are missing or came late, one entry for each unit and month."""
    texts = TEXTS[language]
    missing = cells[cells["state"] == "missing"]
    for (month, unit), rows in missing.groupby(["month", "unit"]):
        due = cells[(cells["month"] == month) & (cells["unit"] == unit)]["is_due"].sum()
        names = [
            wording.place_name(registry, "sector", code, language)
            for code in registry.sectors
            if code in set(rows["sector"])
        ]
        is_whole = len(rows) == due
        key = "missing_ledger" if is_whole else "missing_sectors"
        says = texts[key].format(sectors=texts["between"].join(names))
        # The silence of a whole unit is named by the unit, one sector due or six.
        sector = "" if is_whole or len(rows) > 1 else rows["sector"].iloc[0]
        place = {"unit": unit, "sector": sector, "month": month}
        yield _entry("missing_ledger", says, "sector_gaps", n=len(rows), **place)
    late = cells[cells["days_late"] > 0]
    sums = filings.sum_up(late, ["month", "unit"])
    for row in sums.itertuples():
        says = texts["late_ledger"].format(days=row.days_late)
        place = {"unit": row.unit, "month": row.month}
        yield _entry("late_ledger", says, "ledger_calendar", n=row.n_late, **place)


def _row_findings(
    found: pd.DataFrame, registry: Registry, language: str
) -> Iterator[dict]:
    """Findings of single rows, gathered by rule and cell."""
    relevant = found[found["severity"].isin(("fault", "question"))]
    rules = relevant["rule"].map(lambda rule: registry.rule(rule).id)
    keys = [
        rules,
        *(relevant[name] for name in ("severity", "unit", "sector", "month")),
    ]
    for (rule, severity, unit, sector, month), rows in relevant.groupby(
        keys, sort=False
    ):
        text = wording.in_language(registry.rule(rule), "text", language)
        says = TEXTS[language]["finding"].format(
            name=wording.in_language(registry.rule(rule), "name", language),
            text=text.rstrip("\u3002."),
            n=wording.number(len(rows)),
        )
        place = {"unit": unit, "sector": sector, "month": month}
        name = findings.finding_id(rule, unit, sector, month)
        about = {"n": len(rows), "finding": name}
        yield _entry(severity, says, "ledger_quality", **place, **about)


def _flags(flags: pd.DataFrame, registry: Registry, language: str) -> Iterator[dict]:
    for flag in flags.itertuples():
        rule = registry.rule(flag.rule)
        if rule.is_of_rows:
            continue  # said row by row already
        says = TEXTS[language]["flag"].format(
            name=wording.in_language(rule, "name", language),
            n=wording.number(flag.n_rows),
        )
        place = {"unit": flag.unit, "sector": flag.sector, "month": flag.last_month}
        name = flag_id(flag)
        opened = {"n": int(flag.n_rows), "finding": name, "flag": name}
        yield _entry(rule.severity, says, "ledger_quality", **place, **opened)


def _problems(
    problems: pd.DataFrame | None, day: date, registry: Registry, language: str
) -> Iterator[dict]:
    """Open problems whose term was over at the month's end, by their age on `day`."""
    if problems is None:
        return
    for row in problems[problems["days_overdue"] > 0].itertuples():
        due = pd.Timestamp(row.due_date)
        says = TEXTS[language]["problem_overdue"].format(
            code=row.problem_code,
            kind=registry.word("kind", row.kind, language),
            day=wording.day_name(due, language),
        )
        sector = "" if wording.is_missing(row.sector) else row.sector
        name = f"problem_overdue-{row.problem_code}"
        place = {"unit": row.unit, "sector": sector, "month": f"{due:%Y-%m}"}
        entry = _entry("problem_overdue", says, PROBLEMS, finding=name, **place)
        # Where it is shown is the month that is looked at, not that of its term.
        del entry["choices"]["month"]
        yield entry | {"days_open": (day - due.date()).days}


def visits_lacking(n_checked: int, n_on_roll: int, target: float) -> int:
    """Random visits that lack to the share demanded, in whole ones; 0 where none do.

    >>> visits_lacking(1, 30, 0.1), visits_lacking(3, 30, 0.1)
    (2, 0)
    """
    return max(0, math.ceil(target * n_on_roll - n_checked - 1e-9))


def _unchecked(
    evidence: Evidence, registry: Registry, month: str, language: str
) -> Iterator[dict]:
    """Units with fewer random checks than demanded; nobody's visit is 0 of the roll."""
    metric = registry.role("random_checks")
    milestone = metric and wording.milestone_in(metric, month)
    if not milestone:
        return
    label = wording.in_language(metric, "label", language)
    found = evidence.checked.set_index("unit")["numerator"]
    for unit, n in evidence.n_on_roll.items():
        k = int(found.get(unit, 0))
        lacking = visits_lacking(k, n, milestone.target)
        if not lacking:
            continue
        says = TEXTS[language]["unchecked"].format(
            name=label,
            k=wording.number(k),
            n=wording.number(n),
            rate=wording.percent(k / n),
            target=wording.percent(milestone.target),
        )
        # The place that lacks the most visits comes first.
        yield _entry(
            "unchecked", says, "check_planner", unit=unit, month=month, n=lacking
        )


def _blanks(
    blanks: pd.DataFrame, registry: Registry, month: str, language: str
) -> Iterator[dict]:
    owed = filings.owed_columns(registry, month)
    for unit, rows in blanks.groupby("unit", sort=False):
        counts = rows[owed].sum()
        counts = counts[counts > 0]
        if counts.empty:
            continue
        says = TEXTS[language]["blank_cells"].format(
            n=wording.number(counts.sum()),
            worst=registry.label(counts.idxmax(), language),
        )
        where = {"unit": unit, "month": month, "list": "blanks"}
        yield _entry(
            "blank_cells", says, "ledger_calendar", n=int(counts.sum()), **where
        )


def as_table(
    entries: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`list_faults` as people read it."""
    names = ("issue", "finding_state", "state_date")
    states = zip(*(entries[name] for name in names), strict=True)
    columns = {name: entries[name] for name in COLUMNS[: COLUMNS.index("finding")]}
    columns["handling"] = [
        findings.say_state(state, day, registry, language)
        if kind in ANSWERED or state != findings.NEW
        else ""
        for kind, state, day in states
    ]
    return tabulate(
        pd.DataFrame(columns),
        registry,
        language,
        section="ledger_calendar",
        words={"issue": KINDS[language]},
    )


def headline(entries: pd.DataFrame, language: str = "zh") -> str:
    """How many there are of each kind, as a sentence."""
    texts = TEXTS[language]
    if entries.empty:
        return texts["nothing"]
    counts: Mapping[str, int] = entries["issue"].value_counts(sort=False)
    parts = [
        texts["of_kind"].format(kind=KINDS[language][kind], n=wording.number(n))
        for kind, n in counts.items()
    ]
    total = wording.number(len(entries))
    return texts["answer"].format(n=total, kinds=texts["between"].join(parts))


def heading_of_words(registry: Registry, language: str = "zh") -> str:
    """The heading under which an entry says what is the matter."""
    return heading("says", registry, language, "ledger_calendar")
