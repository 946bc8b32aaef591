"""The first screen: where it is cold, how much is missing, and whether to believe it.

Made of the cells of the heatmap, the city by month, and what is believed of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL, Metric, Registry
from data_pipeline.statistics.unevenness import MIN_NAMED, Extreme
from reports import belief
from reports.belief import Belief
from reports.metric_rows import METRIC
from reports.overview.figures import FILING_MARKS, say_counts
from reports.overview.figures import TEXTS as FIGURE_TEXTS
from reports.overview.rows import Judged, deadline_rows
from reports.words import catalogue, sentences, wording

N_COLDEST = 10
TEXTS = catalogue.texts("overview.first_screen")


def coldest_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """The unit × sector cells below the city's rate, the coldest first.

    `cells` is by unit and sector with all roll-ups. Among equal rates the largest cell
    comes first; those too small to be named are left out, and so is silence.
    """
    is_total = wording.is_rolled_up(cells)
    city = cells.loc[cells["unit"].isna() & cells["sector"].isna(), "rate"]
    is_cold = ~is_total & (cells["denominator"] >= MIN_NAMED)
    is_cold &= cells["rate"].lt(city.iloc[0] if len(city) else np.nan)
    found = cells[is_cold]
    order = np.lexsort(
        (found["sector"], found["unit"], -found["denominator"], found["rate"])
    )
    return found.iloc[order].reset_index(drop=True)


def answer_topic(
    row: Mapping[str, Any],
    coldest: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    month: str,
    language: str = "zh",
    *,
    in_time: float | None = None,
) -> str:
    """How far the city is, what is missing and where it is coldest, in one sentence.

    Parameters
    ----------
    row
        The city's row of the month, with what is believed of it (`add_columns`).
    coldest
        Of `coldest_cells`.
    in_time
        Share done by the due day of what is past it, as `shares_in_time` gives it.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    rate, milestone = row["rate"], wording.milestone_in(metric, month)
    is_open = metric.window is None or f"{metric.window.start:%Y-%m}" <= month
    missing = 0
    if not wording.is_missing(rate) and milestone:
        counts = (row["numerator"], row["denominator"])
        missing = sentences.shortfall(*counts, milestone.target)
    if missing and is_open:
        sentence = texts["missing"].format(
            label=label,
            rate=wording.rate_text(rate, metric.unit),
            missing=wording.counted(missing, metric.denominator, language),
        )
    elif not is_open:
        day = wording.day_name(metric.window.start, language)
        sentence = texts["not_open"].format(label=label, day=day)
    else:
        clause = sentences.still_missing(
            metric,
            row["numerator"],
            row["denominator"],
            language,
            month=month,
            in_time=in_time,
            caveat=_caveat(row, language),
        )
        shown = wording.rate_text(rate, metric.unit)
        sentence = texts["clause"].format(label=label, rate=shown, clause=clause)
    parts = [sentence]
    if is_open and len(coldest):
        parts.append(
            texts["coldest"].format(place=name_coldest(coldest, registry, language))
        )
    left_out = sentences.gaps(row.get("n_missing", 0), 0, language)
    ended = texts["end"].format(parts=texts["join"].join(parts))
    return " ".join(filter(None, (f"**{ended}**", left_out)))


def name_coldest(coldest: pd.DataFrame, registry: Registry, language: str) -> str:
    """The coldest cell, how many are just like it, and what stands against it.

    `coldest` of `coldest_cells`, not empty.
    """
    first = coldest.iloc[0]
    n_tied = int(coldest["rate"].eq(first["rate"]).sum())
    named = Extreme(first.name, first["rate"], first["denominator"], n_tied)
    return sentences.extreme(
        named,
        coldest,
        CELL,
        registry,
        language,
        says=lambda _: _caveat(first, language),
    )


def _caveat(row: Mapping[str, Any], language: str) -> str:
    believed = belief.of_row(row)
    return belief.caveat(believed, language) if believed else ""


def believe_answer(
    metric: Metric,
    rates: Mapping[str, float],
    beliefs: Mapping[str, Belief],
    registry: Registry,
    language: str = "zh",
) -> str:
    """What checks say of the metric, and of every topic that they find less of.

    `rates` and `beliefs` are of the city, by metric; '' where checks say nothing. As
    long as too few have checked any of these, the last one of which there is a rate
    stands for what reports are worth.
    """
    less = [name for name, one in beliefs.items() if one.finds_less]
    direct = [name for name, one in beliefs.items() if one.support == "direct"]
    if direct and not {metric.id, *less} & set(direct):
        less = direct[-1:]
    messages = [
        believed(registry.metrics[name], rates.get(name), beliefs[name], language)
        for name in dict.fromkeys((metric.id, *less))
        if name in beliefs and beliefs[name].support
    ]
    texts = TEXTS[language]
    return texts["end"].format(parts=texts["join"].join(messages)) if messages else ""


def believed(
    metric: Metric,
    rate: float | None,
    of: Belief,
    language: str = "zh",
    *,
    is_named: bool = True,
) -> str:
    """Reported and found by checks, as a clause; `is_named` after the metric."""
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language) if is_named else ""
    words = {
        "reported": texts["reported"]
        .format(label=label, rate=wording.rate_text(rate, metric.unit))
        .strip(),
        "confirmed": wording.number(of.n_confirmed),
        "checked": wording.number(of.n_checked),
    }
    if of.support != "direct":
        return texts["few" if of.n_checked else "unchecked"].format(**words)
    lower, upper = (
        wording.percent(limit).removesuffix(" %")
        for limit in (of.supported_lower, of.supported_upper)
    )
    words |= {"found": wording.percent(of.supported)}
    sentence = texts["believed"].format(lower=lower, upper=upper, **words)
    if of.claimed_before is not None:
        key = "less" if of.finds_less else "before"
        sentence += texts[key].format(claimed=wording.percent(of.claimed_before))
    return sentence


def trust_rows(
    rates: Mapping[str, pd.DataFrame], beliefs: Mapping[str, Belief]
) -> pd.DataFrame:
    """Reported and verified of the city: one row a metric that checks look at.

    `rates` by metric the city's row of the month. Columns: ``metric``, the counts and
    ``rate`` as reported, and those of `belief.COLUMNS`.
    """
    rows = []
    for name, believed in beliefs.items():
        counts = ("numerator", "denominator", "rate")
        row = rates[name].iloc[0] if len(rates[name]) else dict.fromkeys(counts, np.nan)
        reported = {column: row[column] for column in counts}
        rows.append({METRIC: name, **reported, **believed._asdict()})
    frame = pd.DataFrame(rows, columns=[METRIC, *counts, *belief.COLUMNS])
    types = dict.fromkeys(belief.SHARES, float) | dict.fromkeys(belief.COUNTS, int)
    return frame.astype(types | dict.fromkeys(counts[:2], "Int64"))


def range_of(believed: Belief, rate: Any) -> dict[str, Any]:
    """The picture of a row of `trust_rows`: claimed before the checks, and found."""
    if believed.support != "direct":
        return {}
    claimed = believed.claimed_before
    if claimed is None and not wording.is_missing(rate):
        claimed = float(rate)
    shares = [believed.supported_lower, claimed or 0.0]
    # The claim may exceed 100 %; a scale that began at 0 would hide the difference.
    lowest = min(0.9, *(np.floor(10 * share) / 10 for share in shares))
    shown = {
        "claimed": claimed,
        "found": believed.supported,
        "lower": believed.supported_lower,
        "upper": believed.supported_upper,
        "scale": [float(lowest), 1.0],
    }
    return {"range": shown}


def topic_rows(judged: Judged, registry: Registry) -> pd.DataFrame:
    """The topics: done on time, done later, still missing.

    The columns of `deadline_rows` and ``done_later``, what was done after the month of
    the due day as a share of all that should be; NaN before it, and where nobody knows
    how far things were then. What the page says stands first, the verdict among it: a
    table that is cut off at the right loses what analysts want.
    """
    rows = deadline_rows(judged, registry)
    later = (rows["rate"] - rows["in_time"].astype(float)).clip(lower=0)
    is_over = rows["month"].fillna("") > rows["due"].str[:7]
    rows = rows.assign(done_later=later.where(is_over))
    first = [METRIC, "month", "due", "done", "total", "rate", "in_time", "done_later"]
    first += ["still_needed", "status"]
    return rows[[*first, *(name for name in rows if name not in first)]]


def count_filed(filing: pd.DataFrame, language: str = "zh") -> str:
    """How many ledgers of a month came in time, late, in part or not at all.

    `filing` is from `filing_rows`, of one month.
    """
    words, counts = FIGURE_TEXTS[language], filing["status"].value_counts()
    found = {words[status]: counts.get(status, 0) for status in FILING_MARKS}
    return say_counts(found, language)


def shares(values: Sequence[float]) -> list[float | None]:
    """Shares as plain JSON: what is not known is None."""
    return [None if wording.is_missing(value) else float(value) for value in values]
