"""Findings of a snapshot in words: which place, which figures, what to do.

The words of every rule stand in the registry; here their places are filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from data_pipeline.number_words import is_missing, number, percent, points
from data_pipeline.registry import Registry
from data_pipeline.statistics.label_runs import to_runs
from data_pipeline.words import text

WHOLE = "all"  # in the place of a sector


def finding_id(rule: str, unit: str, sector: str, month: str) -> str:
    """The name of a finding, the same in every snapshot.

    >>> finding_id("jump", "HTZ", "", "2016-09")
    'jump-HTZ-all-2016-09'
    """
    return f"{rule}-{unit}-{sector or WHOLE}-{month}"


def sentence(flag: Any, registry: Registry, language: str = "zh") -> str:
    """What one flag (a row of `flags.Flags.found`) says, with its figures."""
    if flag.value != flag.value:
        return _without_figures(flag, registry, language)
    label = _duty if flag.rule in ("all_at_100", "jump") else _count
    labels = [label(name, registry, language) for name in flag.fields]
    template = getattr(registry.rule(flag.rule), f"sentence_{language}")
    joiner = text(language, "wording.and")
    message = template.format(
        value=number(flag.value),
        reference=number(flag.reference),
        expected=f"{flag.reference:.1f}".removesuffix(".0"),
        others=number(flag.reference - 1),
        share=percent(flag.value),
        points=points(flag.value, language),
        median=points(flag.reference, language),
        n=len(labels),
        n_rows=number(flag.n_rows),
        worst=labels[0],
        fields=joiner.join(labels),
    )
    if flag.rule != "all_at_100":
        return message
    verdicts = [
        f"{_duty(name, registry, language)} {n_confirmed} / {n_checked}"
        for name, n_confirmed, n_checked in flag.checked
    ]
    if not verdicts:
        return message + text(language, "findings.not_checked")
    return message + text(language, "findings.checked", found=joiner.join(verdicts))


def _without_figures(flag: Any, registry: Registry, language: str) -> str:
    """A flag on counts of persons, as those see it from whom they are withheld."""
    rule, joiner = registry.rule(flag.rule), text(language, "wording.and")
    labels = [_count(name, registry, language) for name in flag.fields]
    labels.append(text(language, "findings.withheld"))
    message = getattr(rule, f"text_{language}").rstrip("。.")
    colon, end = (text(language, f"findings.{key}") for key in ("colon", "end"))
    return f"{message}{colon}{joiner.join(filter(None, labels))}{end}"


def row_sentence(
    finding: Mapping[str, Any], registry: Registry, language: str = "zh"
) -> str:
    """What one row of a query in sql/checks/ says, with its figures.

    `other_name` is a column, a month, or the name of another file.
    """
    rule = registry.rule(finding["rule"])
    message = getattr(rule, f"text_{language}").rstrip("。.")
    other = finding["other_name"]
    end = text(language, "findings.end")
    if not finding["column_name"]:
        file = text(language, "findings.file", file=other) if other else ""
        return message + file + end
    figures = registry.label(finding["column_name"], language)
    if not is_missing(finding["total"]):
        figures += f"={finding['total']:.0f}"
    if other:
        if other in registry.calendar.months:
            other = text(language, "findings.month", month=other)
        else:
            other = registry.label(other, language)
        comma = text(language, "findings.comma")
        figures += f"{comma}{other}"
        if not is_missing(finding["other_total"]):
            figures += f"={finding['other_total']:.0f}"
    return f"{message}{text(language, 'findings.colon')}{figures}{end}"


def place_sentence(
    place: Mapping[str, str], registry: Registry, language: str = "zh"
) -> str:
    """Unit, sector, branch and month as a sentence begins, '' for no place.

    >>> from data_pipeline.registry import load_registry
    >>> place = {"unit": "350181", "sector": "nonpublic", "branch": "", "month": ""}
    >>> place_sentence(place, load_registry())
    '福清市 非公企业：'
    """
    parts = [
        *(
            getattr(registry.place(name, place[name]), f"name_{language}", "")
            for name in ("unit", "sector")
        ),
        place["branch"],
        place["month"],
    ]
    message = " ".join(filter(None, parts))
    return message + text(language, "findings.colon") if message else ""


def row_ranges(numbers: Iterable[int], most: int | None = None) -> str:
    """Row numbers in order, runs of them as first–last; past `most` an ellipsis.

    >>> row_ranges([4, 5, 6, 9]), row_ranges([1, 3, 5], most=2)
    ('4–6,9', '1,3…')
    """
    runs = to_runs(np.unique(np.array(list(numbers), np.int64))).reshape(-1, 2)
    spans = [f"{a}" if n == 1 else f"{a}–{a + n - 1}" for a, n in runs[:most]]
    more = "…" if most is not None and len(runs) > most else ""
    return ",".join(spans) + more


def _duty(numerator: str, registry: Registry, language: str) -> str:
    """The share that everybody must bring to 100 %, by its numerator."""
    for metric in registry.metrics.values():
        if metric.numerator == numerator and metric.target == 1:
            return getattr(metric, f"label_{language}")
    return _count(numerator, registry, language)


def _count(column: str, registry: Registry, language: str) -> str:
    return "" if column == "date" else registry.label(column, language)
