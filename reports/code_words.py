"""What the codes in a list are called, whichever list they stand in."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from data_pipeline.registry import Registry
from reports import belief
from reports.words import catalogue, wording

# Sections of reports/words that name the codes of a column.
_SECTIONS = {
    "layer": "check_planner.rows.layers",
    "state": "weak_organizations.tables.states",
    "verdict": "weak_organizations.tables.verdicts",
    "severity": "definitions.severity",
    "cell_class": "hot_cold",
    "measure": "unevenness.measure_names",
}
# Verdicts on a verification factor (`sampling.Factor`).
_FACTOR_BANDS = ("over_reported", "agrees", "under_reported", "consistent")


# Each list of a page asks for all of them: those of the city and of each group's part.
@functools.lru_cache(maxsize=16)
def code_words(
    registry: Registry, language: str = "zh"
) -> Mapping[str, Mapping[Any, str]]:
    """By column, the name of each code: of incoming tables, classes, rules, bases.

    >>> from data_pipeline.registry import load_registry
    >>> code_words(load_registry())["selection"]["random"]
    '随机'
    """
    found: dict[str, dict[Any, str]] = {}
    for table in registry.lake_tables.values():
        for column in table.columns:
            for code in column.words.values():
                name = registry.word(column.name, code, language)
                found.setdefault(column.name, {}).setdefault(code, name)
    for column, section in _SECTIONS.items():
        found[column] = dict(catalogue.texts(section)[language])
    checks = catalogue.texts("spot_check")[language]
    # The same column holds the parts of the order of weak organisations.
    parts = catalogue.texts("weak_organizations.bands")[language]
    found["band"] = {band: checks[band] for band in _FACTOR_BANDS} | parts
    found["is_registered"] = {"yes": wording.YES[language], "no": wording.NO[language]}
    found["basis"] = {c: said[language] for c, said in wording.BASIS_LABELS.items()}
    found["rule"] = {
        rule.id: wording.in_language(rule, "name", language) for rule in registry.rules
    } | {
        metric.id: wording.in_language(metric, "label", language)
        for metric in registry.metrics.values()
    }
    return MappingProxyType(found | belief.words(language))
