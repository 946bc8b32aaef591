"""One ranked list of places: who lacks most, how cold it is there, what to believe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.withheld import is_withheld
from reports import belief
from reports.figures import style
from reports.figures.colours import difference_of
from reports.figures.matrix import Anchor, compare_text, mark_text
from reports.words import catalogue, sentences, wording

MOST_RANKED = 12
# What is said of a place besides its distance; "as expected" would only repeat it.
SAID_CLASSES = ("very_cold", "cold", "hot", "below_unproven", "too_small")
CLASS_WORDS = catalogue.texts("hot_cold")
TEXTS = catalogue.texts("sector_gaps.ranked")


class Ranked(NamedTuple):
    """A place of the list in words; `codes` by dimension, `missing` may be ''."""

    codes: Mapping[str, Any]
    name: str
    rate: str
    mark: str
    says: str
    judged: str
    missing: str
    believed: str


class Ranking(NamedTuple):
    """`rows` in order, `headline` over them, `rest` below: who is left out and why."""

    headline: str
    rows: tuple[Ranked, ...]
    rest: str


def rank_places(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    by: Sequence[str],
    line: Anchor,
    language: str = "zh",
    *,
    target: float | None = None,
    fixed: Mapping[str, str] | None = None,
    caveat: str = "",
    most: int = MOST_RANKED,
) -> Ranking:
    """Places by what they still lack, then by how far they lie below the line.

    Parameters
    ----------
    frame
        `read_rates` by `by`, one month, judged where it can be (`cell_classes`,
        `belief.add_columns`).
    line
        What marks and classes compare with.
    target
        What is demanded now, 0-1; None where nothing is: then the distance alone ranks.
    fixed
        Unit or sector that all rows are of.
    caveat
        What stands against the sum of these places, said where nothing is missing.
    """
    places = [
        _Place(row, _distance(row, line, metric, fixed or {}), _lacking(row, target))
        for row in style.records(frame)
        if row["rate"] is not None
    ]
    silent = [
        _name(row, by, registry, language)
        for row in style.records(frame)
        if row["rate"] is None and row.get("n_missing") and not is_withheld(row)
    ]
    hidden = [
        _name(row, by, registry, language)
        for row in style.records(frame)
        if is_withheld(row)
    ]
    places.sort(key=lambda p: (-(p.missing or 0), p.order, _codes(p.row, by)))
    rows = tuple(
        _ranked(place, metric, registry, by, line, language, fixed or {})
        for place in places[:most]
    )
    sentence = ""
    # What is withheld may lack as much as all the others.
    if target is not None and not hidden:
        short = [place for place in places if place.missing]
        sentence = sentences.concentration(
            [place.missing for place in short],
            [_name(place.row, by, registry, language) for place in short],
            language,
            n_known=len(places),
            n_silent=len(silent),
            caveat=caveat,
        )
    texts = TEXTS[language]
    rest = []
    if len(places) > most:
        rest.append(texts["rest"].format(n=wording.number(len(places) - most)))
    if silent:
        names = wording.join(silent[:most], language)
        key = "silent" if len(silent) <= most else "silent_and_more"
        rest.append(texts[key].format(n=wording.number(len(silent)), names=names))
    if hidden:
        names = wording.join(hidden[:most], language)
        about = {"n": wording.number(len(hidden)), "names": names}
        rest.append(texts["withheld"].format(**about))
    return Ranking(sentence, rows, wording.join(rest, language, "sentences"))


class _Place(NamedTuple):
    row: Mapping[str, Any]
    order: float
    missing: int | None


def _distance(
    row: Mapping[str, Any], line: Anchor, metric: Metric, fixed: Mapping[str, str]
) -> float:
    """How far on the good side of the line, or the bare figure where there is none."""
    difference = difference_of(row["rate"], _line_at(row, line, fixed), metric.unit)
    value = row["rate"] if difference is None else difference
    return -value if metric.better == "lower" else value


def _line_at(
    row: Mapping[str, Any], line: Anchor, fixed: Mapping[str, str]
) -> float | None:
    place = {**row, **fixed}
    return line.at((place.get("unit"), place.get("sector")), row["rate"])


def _lacking(row: Mapping[str, Any], target: float | None) -> int | None:
    if target is None:
        return None
    return sentences.shortfall(row["numerator"], row["denominator"], target)


def _codes(row: Mapping[str, Any], by: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in by)


def _name(
    row: Mapping[str, Any], by: Sequence[str], registry: Registry, language: str
) -> str:
    codes = tuple(row[name] for name in by)
    return wording.cell_name(registry, tuple(by), codes, language)


def _ranked(
    place: _Place,
    metric: Metric,
    registry: Registry,
    by: Sequence[str],
    line: Anchor,
    language: str,
    fixed: Mapping[str, str],
) -> Ranked:
    row = place.row
    # A township has no line of its own: it is held to that of its unit and sector.
    at = _line_at(row, line, fixed)
    judged = row.get("cell_class")
    known = belief.of_row(row)
    return Ranked(
        codes={name: row[name] for name in by},
        name=_name(row, by, registry, language),
        rate=wording.rate_text(row["rate"], metric.unit),
        mark=mark_text(row["rate"], at, metric),
        says=compare_text(row["rate"], at, line.kind, metric, language),
        judged=CLASS_WORDS[language][judged] if judged in SAID_CLASSES else "",
        missing="" if place.missing is None else wording.number(place.missing),
        believed=belief.in_short(
            known,
            language,
            n=row["denominator"],
            rate=row["rate"],
            has_verdicts=metric.has_verdicts,
        )
        if known
        else "",
    )
