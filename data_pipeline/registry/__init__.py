"""The registry: tables, metrics, places, calendar and rules, as data.

Everything that a person may want to name, add or correct without programming stands
in the TOML files of this folder. They are read once (`reading`), checked as a whole
(`checking`) and handed out as frozen dataclasses (`definitions`). All faults are
reported at once: one English sentence each with the place, the value and, where one is
near, what was probably meant.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from data_pipeline.registry import checking, measures, reading
from data_pipeline.registry.definitions import (
    CELL,
    DIMENSIONS,
    PLACES,
    ROLL_DIMENSIONS,
    SEVERITIES,
    YES_NO,
    Bulletin,
    Calendar,
    Column,
    Derived,
    Group,
    Measure,
    Metric,
    Milestone,
    OwedBy,
    Page,
    Reason,
    Registry,
    Rule,
    Sector,
    Table,
    Talks,
    Topic,
    Unit,
    Verified,
    Window,
    fold_name,
    in_each_language,
    month_end,
    next_month,
)
from data_pipeline.registry.reading import RegistryError
from data_pipeline.words.catalogue import LANGUAGES

__all__ = [
    "CELL",
    "DIMENSIONS",
    "FOLDER_VARIABLE",
    "PACKAGE_FOLDER",
    "PLACES",
    "ROLL_DIMENSIONS",
    "SEVERITIES",
    "YES_NO",
    "Bulletin",
    "Calendar",
    "Column",
    "Derived",
    "Group",
    "Measure",
    "Metric",
    "Milestone",
    "OwedBy",
    "Page",
    "Reason",
    "Registry",
    "RegistryError",
    "Rule",
    "Sector",
    "Table",
    "Talks",
    "Topic",
    "Unit",
    "Verified",
    "Window",
    "fold_name",
    "in_each_language",
    "load_registry",
    "look_through",
    "month_end",
    "next_month",
    "of_group",
    "whole_registry",
]

PACKAGE_FOLDER = Path(__file__).parent
FOLDER_VARIABLE = "COVERAGE_REGISTRY"
SINGLE_FILES = (
    *("sheets", "places", "calendar", "rules", "pages", "priorities"),
    "bulletin",
)
# Lists of sheets.toml: sheets that are known and not stored yet, sheets of our own that
# nobody fills in, words by which a sheet's name says that it is an explanation, and
# headings of columns that only number the rows.
SHEET_WORDS = (
    "later_sheets",
    "handed_out_sheets",
    "explanation_words",
    "serial_headings",
)


def load_registry(folder: Path | str | None = None) -> Registry:
    """Read and check the registry.

    Parameters
    ----------
    folder
        Where the TOML files lie; by default the folder that the environment
        variable COVERAGE_REGISTRY names, else the one of this package.

    Raises
    ------
    RegistryError
        Unknown key, column that does not exist, double id, quote that does not stand
        in the source, and the like: every fault of all files, one line each with the
        place and the remedy.
    """
    if folder:
        return _load_at(os.path.abspath(folder))
    return _lens(whole_registry())


def whole_registry() -> Registry:
    """The registry at hand with all that it holds, whoever looks at it.

    For what stores and builds: a part of the city must never be taken for all of it.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    # A page asks for it dozens of times: links are followed the first time only.
    return _load_at(os.path.abspath(chosen) if chosen else str(PACKAGE_FOLDER))


def look_through(lens: Callable[[Registry], Registry]) -> None:
    """Have `load_registry` give what a lens leaves of the registry at hand.

    For a server whose readers may not all know of every place: called each time.
    """
    global _lens  # noqa: PLW0603 (one server, one rule of who may know what)
    _lens = lens


@functools.cache
def of_group(registry: Registry, group: str) -> Registry:
    """The registry as if the units of one supervision group were all there are."""
    units = {c: unit for c, unit in registry.units.items() if unit.group == group}
    groups = {group: registry.groups[group]}
    return dataclasses.replace(
        registry, units=MappingProxyType(units), groups=MappingProxyType(groups)
    )


def _unchanged(registry: Registry) -> Registry:
    return registry


_lens: Callable[[Registry], Registry] = _unchanged


@functools.cache
def _load_at(path: str) -> Registry:
    return _load(Path(path).resolve())


@functools.cache
def _load(folder: Path) -> Registry:
    faults = reading.Faults()
    raw = {
        name: reading.read_toml(folder / f"{name}.toml", folder, faults)
        for name in SINGLE_FILES
    }
    table_files = reading.read_folder(folder, "tables", faults)
    metric_files = reading.read_folder(folder, "metrics", faults)
    source = folder / "speech.txt"
    if not source.exists():
        faults.add("no_source", source=source)
    if None in raw.values() or not source.exists():
        faults.raise_any()

    every_table = checking.check_tables(table_files, faults)
    every_table = measures.check_measures(table_files, every_table, faults)
    derived = checking.check_derived(table_files, every_table, faults)
    filed = {name: t for name, t in every_table.items() if not t.written_by}
    written = {name: t for name, t in every_table.items() if t.written_by}
    groups, units, sectors = checking.check_places(raw["places"], faults)
    metrics = checking.check_metrics(metric_files, filed, derived, faults)
    calendar = checking.check_calendar(raw["calendar"], metrics, faults)
    bulletin = checking.check_bulletin(raw["bulletin"], faults)
    rules = checking.check_rules(raw["rules"], filed, derived, faults)
    pages = checking.check_pages(raw["pages"], metrics, calendar, faults)
    inspection = checking.check_inspection(raw["priorities"], faults)
    talks = checking.check_talks(raw["priorities"], faults)
    reading.check_keys("sheets.toml", raw["sheets"], SHEET_WORDS, faults)
    sheet_words = {
        key: reading.read_words(raw["sheets"], key, "sheets.toml", faults)
        for key in SHEET_WORDS
    }
    confusable = reading.read_words(raw["places"], "confusable", "places.toml", faults)
    speech = source.read_text("utf-8")
    checking.check_quotes(speech, metrics.values(), calendar, faults)
    faults.raise_any()
    return Registry(
        folder=folder,
        digest=_digest(folder),
        metrics=MappingProxyType(metrics),
        tables=MappingProxyType(filed),
        stored=MappingProxyType(written),
        derived=MappingProxyType(derived),
        units=MappingProxyType(units),
        sectors=MappingProxyType(sectors),
        groups=MappingProxyType(groups),
        calendar=calendar,
        bulletin=bulletin,
        rules=rules,
        pages=pages,
        inspection=inspection,
        talks=talks,
        confusable=confusable,
        owed={lang: raw["places"].get(f"owed_{lang}", "") for lang in LANGUAGES},
        **sheet_words,
    )


def _digest(folder: Path) -> str:
    """The sha256 of every TOML file with its name."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(f"{path.relative_to(folder)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
