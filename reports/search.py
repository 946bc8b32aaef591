"""Finding a place, branch, metric or page by any of its names.

One index of all that can be gone to. Names are found in Chinese, in English, by alias,
by code, by pinyin and by its initials; case, width, spaces and signs that are taken for
each other (`confusable` of places.toml: 闽候 for 闽侯) make no difference.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd
from pypinyin import Style, lazy_pinyin, pinyin

from data_pipeline.registry import Registry, fold_name, in_each_language

# In the order in which kinds are named where their names fit equally well.
KINDS = (
    *("unit", "supervision_group", "sector", "cell", "metric", "page", "township"),
    *("branch", "method"),
)
MOST_SPELLINGS = 16  # of a name whose signs have several readings
BETWEEN = "|"


class Entry(NamedTuple):
    """Something to go to.

    names : all that it is called. within : names of the places that it lies in, by
    which it is found as well. code : of the registry or the roll; a township's name.
    """

    kind: str
    code: str
    names: tuple[str, ...]
    unit: str = ""
    sector: str = ""
    within: tuple[str, ...] = ()


class Index(NamedTuple):
    """`entries` with kind, code, unit and sector, one row each; folded names beside."""

    entries: pd.DataFrame
    own: pd.Series
    text: pd.Series
    registry: Registry


def place_entries(registry: Registry) -> list[Entry]:
    """Units, supervision groups, sectors, and each sector of each unit."""
    named = (
        ("unit", registry.units),
        ("supervision_group", registry.groups),
        ("sector", registry.sectors),
    )
    found = [
        Entry(kind, code, place.names)
        for kind, places in named
        for code, place in places.items()
    ]
    for (unit, of), (sector, part) in itertools.product(
        registry.units.items(), registry.sectors.items()
    ):
        pairs = (in_each_language(place, "name") for place in (of, part))
        names = tuple(map(" ".join, zip(*pairs, strict=True)))
        within = (of.name_zh, *of.aliases, *part.names[1:])
        found.append(Entry("cell", f"{unit}|{sector}", names, unit, sector, within))
    return found


def metric_entries(registry: Registry) -> list[Entry]:
    """Every metric, also one that no page offers."""
    return [Entry("metric", m.id, m.names) for m in registry.metrics.values()]


def roll_entries(roll: pd.DataFrame, registry: Registry) -> list[Entry]:
    """Townships and branches of `rates.read_roll`."""
    names = {
        code: place.names[1:]
        for named in (registry.units, registry.sectors)
        for code, place in named.items()
    }
    clean = roll[["branch", "branch_name", "unit", "sector", "township"]].fillna("")
    clean = clean.sort_values("branch")
    townships = clean.loc[clean["township"] != "", ["unit", "township"]]
    found = [
        Entry("township", name, (name,), unit, within=names[unit])
        for unit, name in townships.drop_duplicates().itertuples(index=False)
    ]
    for branch, name, unit, sector, township in clean.itertuples(index=False):
        within = (*names[unit], *names[sector], township)
        found.append(Entry("branch", branch, (branch, name), unit, sector, within))
    return found


def build_index(entries: Iterable[Entry], registry: Registry) -> Index:
    """Fold and spell every name once."""
    entries = list(entries)
    fold = functools.cache(functools.partial(_fold, registry=registry))
    own, text = [], []
    for entry in entries:
        # Of 16,000 branches the names are spelt sign by sign, which is a look-up.
        spell = _spell_signs if entry.kind == "branch" else _spell_name
        names = [fold(form) for name in entry.names for form in (name, *spell(name))]
        own.append(BETWEEN.join(("", *dict.fromkeys(names), "")))
        within = [fold(form) for name in entry.within for form in _forms(name)]
        text.append(own[-1] + BETWEEN.join(within))
    frame = pd.DataFrame(
        [(e.kind, e.code, e.names, e.unit, e.sector) for e in entries],
        columns=["kind", "code", "names", "unit", "sector"],
    )
    return Index(frame, pd.Series(own, dtype=str), pd.Series(text, dtype=str), registry)


def find(index: Index, requested: str, kinds: Sequence[str] = KINDS) -> pd.DataFrame:
    """The entries that a reader can mean, best first.

    Every word of the query must stand in a name of the entry or of a place that it lies
    in. A name or code that is just so comes first, then what begins with the first
    word, then the rest; equally good ones by how many of the words begin a name, in the
    order of KINDS, then as the registry has them, branches by code.

    Parameters
    ----------
    requested
        Words with spaces between; without any, all entries.

    Returns
    -------
    DataFrame
        kind, code, names, unit, sector; `rank` is 0, 1 or 2 as above.
    """
    words = [_fold(word, index.registry) for word in requested.split()]
    words = [word.replace(BETWEEN, "") for word in words]
    is_meant = index.entries["kind"].isin(kinds)
    for word in words:
        is_meant &= index.text.str.contains(word, regex=False)
    found = index.entries[is_meant]
    own, rank = index.own[is_meant], pd.Series(2, index=found.index)
    if words:
        begins = own.str.contains(BETWEEN + words[0], regex=False)
        whole = BETWEEN + "".join(words) + BETWEEN
        rank -= begins.astype(int) + own.str.contains(whole, regex=False).astype(int)
        rank = rank.clip(lower=0)
    inside = pd.Series(0, index=found.index)
    for word in words:
        inside += ~index.text[is_meant].str.contains(BETWEEN + word, regex=False)
    order = found["kind"].map(KINDS.index)
    found = found.assign(rank=rank, inside=inside, order=order)
    found = found.sort_values(["rank", "inside", "order"], kind="stable")
    return found.drop(columns=["inside", "order"]).reset_index(drop=True)


def _fold(name: str, registry: Registry) -> str:
    """The form in which names are compared, of signs that are confused the first."""
    return fold_name(name).translate(_confused(registry))


@functools.cache
def _confused(registry: Registry) -> dict[int, str]:
    return {ord(sign): signs[0] for signs in registry.confusable for sign in signs}


@functools.cache
def _forms(name: str) -> tuple[str, ...]:
    return (name, *_spell_name(name))


@functools.cache
def _spell_name(name: str) -> tuple[str, ...]:
    """A name in pinyin and its initials, in every reading where these are few."""
    if not _is_chinese(name):
        return ()
    readings = [_readings(sign) for sign in name]
    spelt = [lazy_pinyin(name)]
    if math.prod(map(len, readings)) <= MOST_SPELLINGS:
        spelt += itertools.product(*readings)
    forms = ("".join(one) for one in spelt)
    initials = ("".join(part[:1] for part in one) for one in spelt)
    return tuple(dict.fromkeys((*forms, *initials)))


@functools.cache
def _spell_signs(name: str) -> tuple[str, ...]:
    """A name in pinyin and its initials, each sign by its usual reading alone."""
    if not _is_chinese(name):
        return ()
    parts = [_usual_reading(sign) for sign in name]
    return "".join(parts), "".join(part[:1] for part in parts)


def _is_chinese(name: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in name)


@functools.cache
def _readings(sign: str) -> tuple[str, ...]:
    (found,) = pinyin(sign, style=Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(found))


@functools.cache
def _usual_reading(sign: str) -> str:
    return lazy_pinyin(sign)[0]
