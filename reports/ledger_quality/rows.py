"""Credibility flags in words: what each rule looks at, and what a flag says.

A flag is a reason to look at named rows. So each rule also says what may be behind it
without anybody's fault, and nothing here adds flags up to a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.finding_words import row_ranges, sentence
from data_pipeline.flags import ORIGIN, Flags
from data_pipeline.registry import Registry
from data_pipeline.statistics.credibility import REASONS
from data_pipeline.statistics.label_runs import count_labels, labels_of, merge_runs
from reports import findings
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording


class RuleWords(NamedTuple):
    """name heads a column; looks_at is one sentence; innocent is why to ask first."""

    name: str
    looks_at: str
    innocent: str


TEXTS = catalogue.texts("ledger_quality.rows")
MARK = "▲"
MAX_SOURCES = 6
MOST_NAMED = 3  # rules that a title names
SOURCES = "; "  # between files


def rule_words(registry: Registry, language: str = "zh") -> dict[str, RuleWords]:
    """The words of every rule over several rows, from the registry."""
    return {
        reason: RuleWords(
            *(
                wording.in_language(registry.rule(reason), name, language)
                for name in ("name", "text", "remedy")
            )
        )
        for reason in REASONS
    }


def flag_id(flag: Any) -> str:
    """A name of a flag that holds across snapshots, for links.

    >>> from types import SimpleNamespace
    >>> flag_id(SimpleNamespace(
    ...     rule="jump", unit="HTZ", sector="", first_month="2016-09"))
    'jump-HTZ-all-2016-09'
    """
    return findings.finding_id(flag.rule, flag.unit, flag.sector, flag.first_month)


def row_finding_ids(findings_of_rows: pd.DataFrame, registry: Registry) -> list[str]:
    """The name of each line of `check_findings.read_row_findings`: that of its cell."""
    return [
        findings.finding_id(registry.rule(row.rule).id, row.unit, row.sector, row.month)
        for row in findings_of_rows.itertuples()
    ]


def source(rows: pd.DataFrame, language: str = "zh") -> str:
    """Where rows stand, file by file: '2016-09.xlsx 台账!4–19、23'.

    Parameters
    ----------
    rows
        `source_file`, `source_sheet` and `source_row`. Past six files the list is cut.
    """
    return _say_source(*_number_places(rows), rows["source_row"].to_numpy(), language)


def _number_places(rows: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """File and sheet as they are said, and by row the number of its own."""
    columns = (rows[name].to_numpy(object) for name in ORIGIN[:2])
    at, names = pd.factorize(pd.MultiIndex.from_arrays(list(columns)))
    return [" ".join(filter(None, name)) for name in names], at


def _say_source(
    names: Sequence[str], place: np.ndarray, row: np.ndarray, language: str
) -> str:
    """`source` of rows whose place is a number of a name."""
    found, first = np.unique(place, return_index=True)
    files = found[np.argsort(first)]
    places = [
        f"{names[at]}!{row_ranges(row[place == at], MAX_SOURCES)}"
        for at in files[:MAX_SOURCES]
    ]
    more = TEXTS[language]["more"] if len(files) > MAX_SOURCES else ""
    return SOURCES.join(places) + more


def brief_source(source: str, language: str = "zh") -> str:
    """The first file of a flag's `source` and how many there are: a list has no room.

    All of them stand in the files, and above the rows once the flag is opened.

    >>> brief_source("六月.xlsx 台账!4–19")
    '六月.xlsx 台账!4–19'
    >>> brief_source("六月.xlsx 台账!4; 七月.xlsx 台账!5")
    '六月.xlsx 台账!4 等 2 个文件'
    >>> brief_source("a.xlsx 台账!4; b.xlsx 台账!5; c.xlsx 台账!6…等", "en")
    'a.xlsx 台账!4, the first of more than 3 files'
    """
    first, *others = source.split(SOURCES)
    if not others:
        return first
    is_cut = source.endswith(TEXTS["zh"]["more"])
    words = {"first": first, "n": len(others) + 1}
    return TEXTS[language]["many_files" if is_cut else "files"].format(**words)


def select(
    found: pd.DataFrame,
    month: str,
    *,
    is_month_only: bool = False,
    rule: str | None = None,
    group: str | None = None,
    unit: str | None = None,
    sector: str | None = None,
) -> pd.DataFrame:
    """The flags of a choice, None for all; labels stay those of `found`.

    A flag of a span of months belongs to each of them, one of a whole unit to each of
    its sectors. Without `is_month_only` all that had begun by the month are kept.
    """
    kept = found["first_month"] <= month
    if is_month_only:
        kept &= found["last_month"] >= month
    for name, code in {"rule": rule, "supervision_group": group, "unit": unit}.items():
        if code:
            kept &= found[name] == code
    if sector:
        kept &= found["sector"].isin(("", sector))
    return found[kept]


def flag_rows(of: Flags, registry: Registry) -> pd.DataFrame:
    """Flags as a list to keep: codes, figures, both sentences, where they stand.

    Same rows, order and labels as `Flags.found`; `fields` and `checked` are joined by
    semicolons.
    """
    found, flags = of.found, list(of.found.itertuples())
    rows = found.drop(columns="rows").assign(
        fields=[";".join(flag.fields) for flag in flags],
        checked=[
            ";".join(f"{name}={k}/{n}" for name, k, n in flag.checked) for flag in flags
        ],
    )
    for language in catalogue.LANGUAGES:
        rows[f"sentence_{language}"] = [
            sentence(flag, registry, language) for flag in flags
        ]
    rows["source"] = list(_sources(of))
    return rows


def _sources(of: Flags) -> Iterator[str]:
    """`source` of the rows of each flag, by month; they may be a million in all."""
    cited = labels_of(merge_runs(of.found["rows"]))
    rows = of.evidence.read(cited, ["month", *ORIGIN])
    names, place = _number_places(rows)
    month = pd.factorize(rows["month"], sort=True)[0]
    row = rows["source_row"].to_numpy()
    for runs in of.found["rows"]:
        at = np.searchsorted(cited, labels_of(runs))
        at = at[np.lexsort((row[at], month[at]))]
        yield _say_source(names, place[at], row[at], "zh")


def flags_table(
    rows: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """The list of `flag_rows` as people read it."""
    rules = rule_words(registry, language)
    spans = [
        first if first == last else f"{first} – {last}"
        for first, last in zip(rows["first_month"], rows["last_month"], strict=True)
    ]
    columns = {
        "unit": rows["unit"],
        "sector": rows["sector"],
        "rule": [rules[rule].name for rule in rows["rule"]],
        "months": spans,
        **_said_states(rows, registry, language),
        "says": rows[f"sentence_{language}"],
        "n_rows": rows["n_rows"],
        "source": [brief_source(source, language) for source in rows["source"]],
        "supervision_group": rows["supervision_group"],
    }
    return _tabulate(columns, registry, language)


def _said_states(
    rows: pd.DataFrame, registry: Registry, language: str
) -> dict[str, list[str]]:
    """The states that `findings.add_states` put beside the rows, if it did."""
    if "finding_state" not in rows:
        return {}
    states = zip(rows["finding_state"], rows["state_date"], strict=True)
    return {
        "handling": [
            findings.say_state(state, day, registry, language) for state, day in states
        ]
    }


def select_rows(
    findings: pd.DataFrame,
    registry: Registry,
    month: str,
    *,
    is_month_only: bool = False,
    rule: str | None = None,
    group: str | None = None,
    unit: str | None = None,
    sector: str | None = None,
) -> pd.DataFrame:
    """The findings of single rows of a choice, as `select` does for flags.

    What no roll names has no place, and some no month: it stands in every month, and
    where no place is chosen.
    """
    of_month = findings["month"]
    kept = of_month.eq("") | of_month.le(month)
    if is_month_only:
        kept &= of_month.isin(("", month))
    if rule:
        kept &= findings["rule"].map(lambda name: registry.rule(name).id) == rule
    if group:
        units = [code for code, unit in registry.units.items() if unit.group == group]
        kept &= findings["unit"].isin(units)
    for name, code in {"unit": unit, "sector": sector}.items():
        if code:
            kept &= findings[name] == code
    return findings[kept]


def row_findings_table(
    rows: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Findings of single rows as people read them."""
    columns = {
        "unit": rows["unit"],
        "sector": rows["sector"],
        "branch": rows["branch"],
        "month": rows["month"],
        "rule": [
            wording.in_language(registry.rule(rule), "name", language)
            for rule in rows["rule"]
        ],
        "finding_text": rows["sentence"],
        **_said_states(rows, registry, language),
        "source": [
            f"{row.source_file} {row.sheet}!{row.row}" for row in rows.itertuples()
        ],
    }
    return _tabulate(columns, registry, language)


def rules_table(
    found: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Every rule: what it looks at, what may be behind it, how many flags there are."""
    words = rule_words(registry, language)
    counts = found["rule"].value_counts()
    rows = [(*words[rule], wording.number(counts.get(rule, 0))) for rule in REASONS]
    frame = pd.DataFrame(rows, columns=["rule", "looks_at", "innocent", "n_flags"])
    return _tabulate(frame, registry, language)


def _tabulate(
    columns: pd.DataFrame | Mapping[str, Any], registry: Registry, language: str
) -> DisplayTable:
    frame = pd.DataFrame(columns).reset_index(drop=True)
    return tabulate(frame, registry, language, section="ledger_quality")


def headline(found: pd.DataFrame, language: str = "zh") -> str:
    """How many flags in how many units, on how many rows; no unit is ranked by it."""
    texts = TEXTS[language]
    if found.empty:
        return texts["none"]
    return texts["head"].format(
        units=found["unit"].nunique(),
        flags=wording.number(len(found)),
        n=wording.number(count_labels(merge_runs(found["rows"]))),
    )


def matrix_title(
    found: pd.DataFrame, registry: Registry, language: str = "zh", *, plain: str
) -> str:
    """Which rule raised most flags: no unit is ranked by them.

    `plain` is the title where there are none, and where no rule stands out.
    """
    texts, counts = TEXTS[language], found["rule"].value_counts()
    n, names = counts.max(), rule_words(registry, language)
    most = [rule for rule in names if counts.get(rule) == n]
    if not 0 < len(most) <= MOST_NAMED:
        return plain
    return texts["most" if len(most) == 1 else "most_each"].format(
        rules=texts["between_rules"].join(names[rule].name for rule in most),
        n=wording.number(n),
        units=found.loc[found["rule"].isin(most), "unit"].nunique(),
    )


def goes_on(found: pd.DataFrame, month: str, language: str = "zh") -> str:
    """How many of these flags rest on months after the chosen one; '' where none.

    A rule that pools the campaign speaks of each month of a span: its flag stands in
    July, too, when it took the ledgers up to December to see it.
    """
    later = found[found["last_month"] > month]
    if later.empty:
        return ""
    last = wording.month_name(later["last_month"].max(), language)
    return TEXTS[language]["goes_on"].format(n=wording.number(len(later)), last=last)


def flag_matrix(
    found: pd.DataFrame, registry: Registry, language: str = "zh"
) -> list[dict[str, Any]]:
    """Units by rules in numbers of flags, each group's sum before its units.

    Returns
    -------
    list of dict
        `group` or `unit` (code), `name`, and `cells`: one text for each of `REASONS`,
        a mark with a word ('▲ 3 条') or a dash where there is none.
    """
    keys = (found[name] for name in ("supervision_group", "unit", "rule"))
    counts = Counter(zip(*keys, strict=True))
    lines = []
    for group in registry.groups:
        units = [code for code, unit in registry.units.items() if unit.group == group]
        sums = {unit: [counts[group, unit, rule] for rule in REASONS] for unit in units}
        total = [sum(column) for column in zip(*sums.values(), strict=True)]
        name = wording.place_name(registry, "supervision_group", group, language)
        lines.append({"group": group, "name": name, "cells": _marked(total, language)})
        lines += [
            {
                "unit": unit,
                "name": wording.place_name(registry, "unit", unit, language),
                "cells": _marked(sums[unit], language),
            }
            for unit in units
        ]
    return lines


def _marked(counts: Sequence[int], language: str) -> list[str]:
    """Counts with a mark and a word: never colour alone."""
    message = TEXTS[language]["count"]
    return [f"{MARK} {message.format(n=n)}" if n else wording.UNDEFINED for n in counts]
