"""Rows of a standard page: its figures, and places × metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.withheld import is_withheld
from reports.belief import Says, row_signs
from reports.figures.matrix import (
    Anchor,
    Captions,
    matrix_cells,
    say_unchecked_once,
    shared_legend,
)
from reports.figures.titles import worst_of
from reports.metric_rows import stack
from reports.words import catalogue, sentences, wording
from reports.words.standing import target_in_force

TEXTS = catalogue.texts("standard")
MOST_NAMED = 3  # units that a sentence names


def figure_rows(
    frames: Mapping[str, pd.DataFrame], registry: Registry, month: str
) -> pd.DataFrame:
    """One row a metric: counts, rate and the lower end of what is demanded.

    Parameters
    ----------
    frames
        The one row of `rates.read_rates` without `by`, by metric.

    Returns
    -------
    Columns metric, numerator, denominator, rate, n_blank, n_missing, target (missing
    where nothing is demanded).
    """
    rows = stack(frames)
    targets = [
        target_in_force(registry.metrics[name], month) for name in rows["metric"]
    ]
    return rows.assign(target=pd.Series(targets, dtype=float))


def describe(
    whole: pd.DataFrame,
    places: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    month: str,
    language: str = "zh",
    *,
    says: Says,
    units: Collection[str] = (),
) -> str:
    """The figure of a metric, what is demanded of it, and where it is worst.

    Parameters
    ----------
    whole, places
        `rates.read_rates` of one month: the place's one row, and by unit.
    says
        What stands against the figure of the place ({}) and of a unit in it.
    units
        Codes of all units of the place: those without a row are named.

    Returns
    -------
    A sentence as markdown; '' without a figure. Units that are equally bad are all
    named, or counted where they are many. The best place is not named: only beside what
    speaks against its figure could it be.
    """
    texts, row = TEXTS[language], whole.iloc[0]
    if is_withheld(row):
        label = wording.in_language(metric, "label", language)
        return texts["withheld"].format(metric=label)
    if wording.is_missing(row["rate"]):
        return ""
    demand = wording.milestone_in(metric, month)
    sentence = texts["answer_owed" if metric.owed_by else "answer"].format(
        metric=wording.in_language(metric, "label", language),
        rate=wording.rate_text(row["rate"], metric.unit),
        numerator=wording.number(row["numerator"]),
        denominator=wording.number(row["denominator"]),
        demand=texts["answer_demand"].format(target=wording.demand(demand, metric.unit))
        if demand
        else "",
        caveat=sentences.last_in_brackets(says({}), language),
    )
    silent = _name_silent(places, metric, registry, language, units)
    known = places.dropna(subset="rate")
    if metric.better == "none" or known["rate"].nunique() < 2:
        return texts["answer_alone"].format(sentence=sentence) + silent
    is_lowest = metric.better == "higher"
    worst = known["rate"].min() if is_lowest else known["rate"].max()
    rate = wording.rate_text(worst, metric.unit)
    units_there = known.loc[known["rate"] == worst, "unit"]
    named = [
        f"{wording.place_name(registry, 'unit', code, language)} {rate}"
        + says({"unit": code})
        for code in units_there
    ]
    if len(named) > MOST_NAMED:
        named = [texts["answer_many"].format(n=len(named), rate=rate)]
    return (
        texts["answer_lowest" if is_lowest else "answer_highest"].format(
            sentence=sentence, units=wording.join(named, language)
        )
        + silent
    )


def _name_silent(
    places: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str,
    units: Collection[str],
) -> str:
    """Which of the units have no row of a metric; "" where all have one."""
    if metric.owed_by or places.empty:
        return ""
    filed = set(places["unit"])
    silent = [code for code in units if code not in filed]
    if not silent:
        return ""
    named = [
        wording.place_name(registry, "unit", code, language)
        for code in silent[:MOST_NAMED]
    ]
    texts = TEXTS[language]
    return texts["silent" if silent == silent[:MOST_NAMED] else "silent_many"].format(
        n=len(silent), units=wording.join(named, language)
    )


def places_title(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    plain: str,
) -> str:
    """Which units are worst in more of the metrics than any other; of one, where.

    Arguments as of `metric_matrix`. A worst figure that units share is none of theirs.
    `plain` is the title where nobody is worst in two, or too many units are.
    """
    worst, n_compared = Counter(), 0
    for name, frame in frames.items():
        metric = registry.metrics[name]
        better = metric.better
        if "unit" not in frame or better == "none":
            continue
        known = frame.dropna(subset=["unit", "rate"])
        if len(frames) == 1:
            named = [
                (
                    wording.place_name(registry, "unit", row["unit"], language),
                    row["rate"],
                    row_signs(row),
                )
                for row in known.to_dict("records")
            ]
            return worst_of(named, metric, language, plain=plain)
        rates = known.set_index("unit")["rate"]
        if rates.nunique() < 2:
            continue
        n_compared += 1
        lowest = rates.min() if better == "higher" else rates.max()
        at = rates.index[rates == lowest]
        if len(at) == 1:
            worst[at[0]] += 1
    most = max(worst.values(), default=0)
    units = [unit for unit in registry.units if worst[unit] == most]
    if most < 2 or len(units) > MOST_NAMED:
        return plain
    names = [wording.place_name(registry, "unit", unit, language) for unit in units]
    key = "worst_in" if len(units) == 1 else "worst_in_each"
    named = wording.join(names, language)
    return TEXTS[language][key].format(n=n_compared, k=most, units=named)


def metric_matrix(
    frames: Mapping[str, pd.DataFrame],
    anchors: Mapping[str, Anchor],
    registry: Registry,
    language: str = "zh",
    *,
    captions: Captions,
    place: str = "",
    units: Collection[str] = (),
) -> dict[str, Any]:
    """Units (rows) × metrics (columns), each beside its own line, ready to draw.

    Parameters
    ----------
    frames
        Rates of one month by metric: by unit with totals, or the city alone.
    place
        What the row of totals is called; by default the city.
    units
        Codes of the units that are shown even where they have no row of a metric by
        unit: then their cell says so, unless the metric names who owes it.

    Returns
    -------
    dict
        As `matrix.matrix_cells`, but a column is a metric and a cell's id is metric and
        unit: "topic_1_coverage|350181".
    """
    columns, every, texts = [], [], TEXTS[language]
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for name, frame in frames.items():
        metric = registry.metrics[name]
        drawn = matrix_cells(
            frame.assign(sector=None),
            metric,
            registry,
            anchors[name],
            language,
            captions=captions,
            sectors=(),
            whole=place,
        )
        label = wording.in_language(metric, "label", language)
        columns.append({"id": name, "label": label})
        is_by_unit = "unit" in frame and not metric.owed_by
        for row in drawn["rows"]:
            (cell,) = row["cells"]
            identity = f"{name}|{row['id']}"
            if cell["state"] != "not_due":
                cell = {**cell, "id": identity}
            elif is_by_unit and row["id"] in units:
                said = {"text": texts["no_rows"], "tip": [texts["no_rows_why"]]}
                aria = f"{row['label']} {texts['no_rows_why']}"
                cell = {"id": identity, "state": "blank", "aria": aria, **said}
            cells.setdefault(row["id"], {})[name] = cell
        every.append((metric, drawn))
    # A metric that nobody owes by unit has the city's cell alone; a unit outside the
    # chosen place has none.
    nothing = {"state": "not_due"}
    rows = [
        {**row, "cells": [cells[row["id"]].get(name, nothing) for name in frames]}
        for row in every[0][1]["rows"]
        if any(cell["state"] != "not_due" for cell in cells[row["id"]].values())
    ]
    has_spans = any(anchor.upper is not None for anchor in anchors.values())
    legend = shared_legend(every, language, has_spans=has_spans)
    shown = {"columns": columns, "rows": rows, "legend": legend}
    drawn = {**every[0][1], "counted": "", "is_even": True, **shown}
    return say_unchecked_once(drawn, language)
