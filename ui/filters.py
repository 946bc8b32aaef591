"""What narrows a page beside its place: several units, kinds of branches, months.

Codes as an address has them, several by comma as `--where` takes them. Nothing here
draws; `selection.choose` offers them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from data_pipeline.registry import ROLL_DIMENSIONS, Registry
from reports.words import catalogue, wording

# The column whose codes each choice of several keeps. How a check was chosen is no
# dimension of `rates.read_rates`: random checks alone are an estimate.
CHECKS = "checks"
COLUMN_OF: Mapping[str, str] = {
    "units": "unit",
    **{dimension: dimension for dimension in ROLL_DIMENSIONS},
    CHECKS: "selection",
}
PLACES_AND_KINDS = ("units", *ROLL_DIMENSIONS)
# The first month of what a page shows by month; the last is the chosen month.
SINCE = "since"
FILTERS = (*COLUMN_OF, SINCE)


def split(text: str | None) -> tuple[str, ...]:
    """The values of a list, whichever comma it was typed with.

    >>> split("350102,350104，")
    ('350102', '350104')
    """
    parts = (part.strip() for part in re.split("[,\uff0c]", text or ""))
    return tuple(part for part in parts if part)


def known_codes(registry: Registry, choice: str) -> tuple[str, ...]:
    """All codes of a choice, in the registry's order."""
    if choice == "units":
        return tuple(registry.units)
    return tuple(registry.words(COLUMN_OF[choice]).values())


def resolve(registry: Registry, choice: str, text: str) -> str | None:
    """The code of a value, given by code, name or alias; None where it is none."""
    if choice != CHECKS:
        return registry.resolve(COLUMN_OF[choice], text)
    words = registry.words(COLUMN_OF[choice])
    return words.get(text) or (text if text in words.values() else None)


def label_of(registry: Registry, choice: str, language: str) -> str:
    """What people call a choice: of kinds the heading of their column."""
    if choice not in COLUMN_OF or choice == "units":
        return catalogue.text(language, f"selection.{choice}")
    return wording.dimension_label(registry, COLUMN_OF[choice], language)


def name_of(registry: Registry, choice: str, code: str, language: str) -> str:
    """What people call a code of a choice."""
    if choice == CHECKS:
        return registry.word(COLUMN_OF[choice], code, language)
    return wording.place_name(registry, COLUMN_OF[choice], code, language)


def take_codes(
    registry: Registry, choice: str, text: str, on_unknown: Callable[[str], None]
) -> tuple[str, ...]:
    """Codes of the values of an address, in the registry's order, each once.

    `on_unknown` gets each value that is none. All codes together narrow nothing
    where a place has no other, so of units they are none.
    """
    found = set()
    for value in split(text):
        code = resolve(registry, choice, value)
        if code is None:
            on_unknown(value)
        else:
            found.add(code)
    codes = known_codes(registry, choice)
    if choice == "units" and len(found) == len(codes):
        return ()
    return tuple(code for code in codes if code in found)


def kept_units(
    registry: Registry, where: Mapping[str, Sequence[str]] | None
) -> tuple[str, ...]:
    """The units that a filter by supervision group and units leaves; () where all.

    >>> from data_pipeline.registry import load_registry
    >>> kept_units(load_registry(), {"supervision_group": ["G4"], "unit": ["GX"]})
    ('GX',)
    """
    groups, units = (
        (where or {}).get(dimension, ()) for dimension in ("supervision_group", "unit")
    )
    if not groups and not units:
        return ()
    return tuple(
        unit.code
        for unit in registry.units.values()
        if (not groups or unit.group in groups) and (not units or unit.code in units)
    )
