"""All that `check` says of a snapshot, as one list that anybody can count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline import finding_words
from data_pipeline.flags import (
    ORIGIN,
    Flags,
    find_row_faults,
    in_order,
    read_flags,
)
from data_pipeline.rates import Marts
from data_pipeline.registry import SEVERITIES, Registry
from data_pipeline.statistics.label_runs import labels_of, merge_runs
from data_pipeline.store.manifest import Fault
from data_pipeline.store.restore_check import examine
from data_pipeline.unit_findings import CELL_MONTH
from data_pipeline.warehouse import check
from data_pipeline.withheld import OFFICE
from data_pipeline.words import text

COLUMNS = (
    "rule",
    "severity",
    "month",
    "unit",
    "sector",
    "branch",
    "source_file",
    "sheet",
    "row",
    "sentence",
)
FAULT = "fault"


def read_findings(marts: Marts) -> pd.DataFrame:
    """Every fault, question and flag of a snapshot.

    Returns
    -------
    DataFrame of `COLUMNS`, texts, '' where there is none
        By severity (fault, question, flag), then in the order of the registry. A row of
        a file that breaks a rule is one line. A finding that rests on several rows is
        one line for each unit, sector and month it speaks of, so that lines count
        cells: `branch` is '' unless all its rows are one branch's, and `source_file`,
        `sheet` and `row` name every place it rests on, file by file, separated by
        semicolons in the same order. `severity` is that of the registry; only a fault
        says that something is wrong.
    """
    faults = examine(marts.root).faults
    of_files = pd.DataFrame(map(_of_file, faults), columns=list(COLUMNS))
    found = pd.concat([of_files, read_data_findings(marts)], ignore_index=True)
    return _in_order(found, marts.registry)


def read_data_findings(marts: Marts, language: str = "zh") -> pd.DataFrame:
    """As `read_findings`, without what is wrong with the stored files themselves."""
    flags = _of_flags(read_flags(marts), marts.registry, language)
    parts = [
        read_row_findings(marts, language),
        pd.DataFrame(flags, columns=list(COLUMNS)),
    ]
    return _in_order(pd.concat(parts, ignore_index=True), marts.registry)


def _in_order(findings: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    order = [registry.rule(r.id).id for r in registry.rules]
    rank = findings["rule"].map({"damaged_file": -1} | _ranks(registry, order))
    severity = findings["severity"].map(SEVERITIES.index)
    return findings.iloc[
        pd.DataFrame({"severity": severity, "rule": rank})
        .sort_values(["severity", "rule"], kind="stable")
        .index
    ].reset_index(drop=True)


def read_row_findings(marts: Marts, language: str = "zh") -> pd.DataFrame:
    """What is wrong with single rows: one line for each row of a file.

    Returns
    -------
    DataFrame of `COLUMNS`
        As in `read_findings`: what the queries in sql/checks/ find in their order, then
        parts over their wholes and falling counts.
    """
    found = check_rows(marts)
    lines = [_of_row(row, marts.registry, language) for row in found]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def check_rows(marts: Marts) -> list[dict[str, Any]]:
    """Each fault of a row with its figures, as `warehouse.CHECK_COLUMNS`.

    Others than the office do not see those of persons.
    """
    found = check(marts.root, marts.snapshot, marts.registry).to_pylist()
    found += find_row_faults(marts.for_audience(OFFICE)).to_dict("records")
    if marts.audience == OFFICE:
        return found
    return [_without_persons(row, marts.registry) for row in found]


def _without_persons(row: dict[str, Any], registry: Registry) -> dict[str, Any]:
    names = (row["column_name"], row["other_name"])
    if not any(registry.counts_persons(name) for name in names if name):
        return row
    return row | {"total": None, "other_total": None}


def _ranks(registry: Registry, order: list[str]) -> dict[str, int]:
    """A pair of part and whole stands where their common rule does."""
    return {rule.id: order.index(registry.rule(rule.id).id) for rule in registry.rules}


def _of_file(fault: Fault) -> dict[str, str]:
    return _line(
        "damaged_file",
        FAULT,
        {"month": "", "unit": "", "sector": "", "branch": ""},
        [(fault.path, "", "")],
        fault.explain("zh"),
    )


def _of_row(row: dict, registry: Registry, language: str) -> dict[str, str]:
    rule = registry.rule(row["rule"])
    place = {key: row[key] or "" for key in ("month", "unit", "sector", "branch")}
    sentence = finding_words.place_sentence(place, registry, language)
    sentence += finding_words.row_sentence(row, registry, language)
    remedy = getattr(rule, f"remedy_{language}")
    sentence += text(language, "findings.remedy", remedy=remedy)
    source = [(row["source_file"], row["source_sheet"], str(row["source_row"]))]
    return _line(row["rule"], rule.severity, place, source, sentence)


def _of_flags(
    flags: Flags, registry: Registry, language: str
) -> Iterator[dict[str, str]]:
    rule_of = {name: registry.rule(name) for name in flags.found["rule"].unique()}
    # What a query says row by row is not said again.
    said = [not rule_of[name].is_of_rows for name in flags.found["rule"]]
    found = flags.found[np.array(said, bool)]
    columns = [*CELL_MONTH, "branch", *ORIGIN]
    every = flags.evidence.read(labels_of(merge_runs(found["rows"])), columns)
    for flag in found.itertuples():
        rule = rule_of[flag.rule]
        sentence = finding_words.sentence(flag, registry, language)
        remedy = getattr(rule, f"remedy_{language}")
        sentence += text(language, "findings.remedy", remedy=remedy)
        rows = in_order(every.loc[labels_of(flag.rows)])
        is_own = rows["unit"] == flag.unit
        own, others = rows[is_own], rows[~is_own]
        is_span = flag.first_month < flag.last_month
        cell = ["sector", "month"] if is_span else ["sector"]
        for (sector, *months), cited in own.groupby(cell):
            branches = cited["branch"].unique()
            place = {
                "month": months[0] if months else flag.first_month,
                "unit": flag.unit,
                "sector": sector,
                "branch": branches[0] if len(branches) == 1 else "",
            }
            yield _line(
                flag.rule,
                rule.severity,
                place,
                _sources(pd.concat([cited, others])),
                finding_words.place_sentence(place, registry, language) + sentence,
            )


def _sources(rows: pd.DataFrame) -> Iterable[tuple[str, str, str]]:
    for (file, sheet), numbers in rows.groupby(list(ORIGIN[:2]), sort=False):
        yield file, sheet or "", finding_words.row_ranges(numbers[ORIGIN[2]])


def _line(
    rule: str,
    severity: str,
    place: dict[str, str],
    sources: Iterable[tuple[str, str, str]],
    sentence: str,
) -> dict[str, str]:
    files, sheets, rows = map("; ".join, zip(*sources, strict=True))
    return {
        "rule": rule,
        "severity": severity,
        **place,
        "source_file": files,
        "sheet": sheets,
        "row": rows,
        "sentence": sentence,
    }
