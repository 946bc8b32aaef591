"""The card of one cell of the heatmap: all that is known of its figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL
from reports import belief
from reports.belief import FLAG
from reports.figures.matrix import Anchor, compare_text, support_notes
from reports.files.export_context import ExportContext
from reports.ledger_quality.rows import rule_words
from reports.overview.figures import TEXTS as FILING
from reports.overview.figures import filing_status
from reports.words import catalogue, sentences, wording

TEXTS = catalogue.texts("county_heatmap.card")
# Checks support anything; what is claimed lies mostly above a half.
SCALE = (0.0, 1.0)


class Line(NamedTuple):
    """What it is about, in words, with a picture and the page that tells more."""

    name: str
    text: str
    picture: Mapping[str, Any] = {}
    page: str = ""


class Card(NamedTuple):
    """Place and figure, and the lines below."""

    title: str
    lines: tuple[Line, ...]


def describe_cell(
    cell: Mapping[str, Any],
    row: Mapping[str, Any],
    context: ExportContext,
    line: Anchor,
    *,
    months: Mapping[str, float],
    flags: pd.DataFrame,
    filing: pd.DataFrame,
) -> Card:
    """What stands on the card of a cell.

    Parameters
    ----------
    cell, row
        Of `matrix_cells`, and of the frame by unit and sector that it was made of.
    line
        What the cells are compared with.
    months
        Rate of the place by month up to the one shown; NaN where it was silent.
    flags
        Of `flags.Flags.found` those that had begun by the month whose ledger the
        figure is made of, of the whole city.
    filing
        `rates.read_filing` of that month.

    Returns
    -------
    Card
        Done and missing, the comparison with the class, the months so far, what
        checks support, the flags by rule, and whether the ledger came in time. What
        nothing is known of has no line, but for flags: none is an answer, too.
    """
    metric, registry, language = context.metric, context.registry, context.language
    texts, month = TEXTS[language], context.months[0]
    place = tuple(
        None if wording.is_missing(row.get(name)) else row[name] for name in CELL
    )
    known = dict(zip(CELL, place, strict=True))
    codes = {name: code for name, code in known.items() if code}
    name = wording.cell_name(registry, tuple(codes), tuple(codes.values()), language)
    if place[0] is None:
        name = wording.join((wording.CITY[language], name), language, "names")
    believed = belief.of_row(row)
    rate = None if wording.is_missing(row["rate"]) else float(row["rate"])
    due = f"{metric.due:%Y-%m}" if metric.due else month
    in_time, due_note = None, ""
    if due < month:
        in_time = months.get(due, np.nan)
        then = belief.flags_on(
            flags[flags["first_month"] <= due], metric, registry, place
        )
        due_note = belief.caveat(belief.Belief(len(then)), language)
    clause = sentences.still_missing(
        metric,
        row["numerator"],
        row["denominator"],
        language,
        month=month,
        in_time=in_time,
        due_note=due_note,
        caveat=belief.caveat(believed, language) if believed else "",
    )
    left_out = sentences.gaps(row.get("n_missing", 0), row["n_blank"], language)
    parts = [Line(texts["done"], " ".join(filter(None, (clause, left_out))))]
    if rate is not None:
        kind = line.kind
        at = line.at(place, rate)
        compared = compare_text(rate, at, kind, metric, language)
        judged = (compared, cell.get("class_word"))
        if sentence := texts["join"].join(filter(None, judged)):
            parts.append(Line(texts["compared"], sentence))
    parts += _trend(months, metric.unit, language)
    if believed and believed.support:
        parts.append(_checks(believed, rate, row["denominator"], cell, context))
    found = belief.flags_on(flags, metric, registry, place)
    n_others = len(belief.flags_at(flags, place)) - len(found)
    parts.append(_flags(found, n_others, context))
    parts += _filing(filing, place[0], context)
    return Card(f"{name} {cell['text']}", tuple(parts))


def _trend(months: Mapping[str, float], unit: str, language: str) -> list[Line]:
    """One line, from the second month on."""
    known = [month for month, rate in months.items() if not wording.is_missing(rate)]
    if len(known) < 2:
        return []
    ends = []
    for month in (known[0], known[-1]):
        rate = wording.rate_text(months[month], unit)
        ends.append(f"{wording.month_tick(month, language)} {rate}")
    values = [None if wording.is_missing(rate) else rate for rate in months.values()]
    words = TEXTS[language]
    return [Line(words["trend"], words["to"].join(ends), {"spark": values})]


def _checks(
    believed: belief.Belief,
    rate: float | None,
    n: Any,
    cell: Mapping[str, Any],
    context: ExportContext,
) -> Line:
    """What checks support of a figure over `n`, and whether to believe it.

    It leads on where there is a page of the metric's checks.
    """
    language = context.language
    texts = TEXTS[language]
    notes = [*support_notes(believed, language, n, rate), cell.get("apart", "")]
    claimed = rate if believed.claimed_before is None else believed.claimed_before
    picture = {}
    if believed.supported is not None:
        shown = {
            "claimed": claimed,
            "found": believed.supported,
            "lower": believed.supported_lower,
            "upper": believed.supported_upper,
            "scale": SCALE,
        }
        picture = {"range": shown}
    page = "reported_vs_verified" if context.metric.has_verdicts else ""
    return Line(texts["checks"], texts["join"].join(filter(None, notes)), picture, page)


def _flags(found: pd.DataFrame, n_others: int, context: ExportContext) -> Line:
    """How many of each rule, the most first; then those on other figures of the place.

    A page that lists all of a place would else seem to contradict the card.
    """
    texts = TEXTS[context.language]
    names = rule_words(context.registry, context.language)
    others = texts["other_flags"].format(n=n_others) if n_others else ""
    if found.empty:
        none = texts["no_flags_here" if others else "no_flags"]
        return Line(
            texts["flags"], none + others, page="ledger_quality" if others else ""
        )
    counts = found["rule"].value_counts()
    rules = (texts["rule"].format(rule=names[r].name, n=n) for r, n in counts.items())
    listed = wording.join(rules, context.language)
    sentence = texts["flagged"].format(sign=f"{FLAG}{len(found)}", rules=listed)
    return Line(texts["flags"], sentence + others, page="ledger_quality")


def _filing(
    filing: pd.DataFrame, unit: str | None, context: ExportContext
) -> list[Line]:
    """Of a unit when its ledger came; of the city how many came in time."""
    texts, language = TEXTS[context.language], context.language
    rows = filing[filing["unit"] == unit] if unit else filing
    if rows.empty:
        return []
    now = context.snapshot.as_of or context.snapshot.built_at
    states = [filing_status(row, now) for row in rows.to_dict("records")]
    words = {"month": wording.month_name(context.months[0], language)}
    if unit:
        sentence = texts["filed"].format(state=FILING[language][states[0]], **words)
        first = rows["first_received"].iloc[0]
        if not pd.isna(first):
            zone = context.registry.calendar.timezone
            day = wording.day_name(first.tz_localize("UTC").astimezone(zone), language)
            sentence += texts["received"].format(day=day)
    else:
        on_time = states.count("on_time")
        sentence = texts["filed_of"].format(n=on_time, total=len(states), **words)
    return [Line(texts["ledger"], sentence, page="ledger_calendar")]
