"""One unit on every metric: where it stands among the units, and its sectors.

Nothing is read here: frames of rates come in, and what is drawn, listed and saved comes
out. A metric that is added to the registry appears by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.registry import Metric, Registry, month_end
from data_pipeline.statistics.cold_cells import compare_with_city
from data_pipeline.withheld import COLUMN, is_withheld
from reports.cell_classes import place_effects
from reports.figures.matrix import (
    Anchor,
    Captions,
    matrix_cells,
    plain_rows,
    say_unchecked_once,
    shared_legend,
)
from reports.metric_rows import METRIC
from reports.words import catalogue, wording

COUNTS = ("numerator", "denominator", "n_blank", "n_missing")
COMPARED = ("above", "below", "no")
STANDINGS = catalogue.terms("area_profile.standing")
TEXTS = catalogue.texts("area_profile.rows")


def metrics_by(registry: Registry, *dimensions: str) -> tuple[str, ...]:
    """Ids of the offered metrics with a whole that all these dimensions divide."""
    return tuple(
        metric.id
        for metric in registry.metrics.values()
        if set(dimensions) <= set(metric.dimensions)
        and metric.is_offered
        and metric.has_whole
    )


def stand(
    units: Mapping[str, pd.DataFrame],
    city: Mapping[str, pd.DataFrame],
    registry: Registry,
    unit: str | None,
    months: Sequence[str],
    spreads: Mapping[str, pd.DataFrame] | None = None,
    here: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Where a unit, the whole city or several units together stand on every metric.

    Parameters
    ----------
    units, city
        Metric id to `rates.read_rates` by month and unit, and by month.
    unit
        Code; None for the city itself.
    months
        In order: the last is shown, the one before it gives the change.
    spreads
        Metric id to `rates.read_branch_spread` of the last month, of metrics of heads.
    here
        Metric id to the rates by month of several units together, where they are shown
        beside the city; without `unit`.

    Returns
    -------
    DataFrame, one row a metric
        ``metric``, ``rate``, ``city``; ``numerator``, ``denominator``, ``n_blank``,
        ``n_missing``; ``lower_quartile``, ``upper_quartile``, ``highest``
        of the units; ``target`` in force and its ``due`` day, from the
        month in which the window opens; ``change`` since the
        month before; ``differs`` (above, below, no: see
        `cold_cells.compare_with_city`; too_small, untested where not judged, None
        without a figure), ``rank`` and ``n_ranked``. A rank stands only
        where the unit is above or below the city: the order of those that do not
        differ is chance.
    """
    rows = [
        _stand_on(
            registry.metrics[name],
            frame,
            city[name],
            unit,
            months,
            (spreads or {}).get(name),
            (here or city)[name],
        )
        for name, frame in units.items()
    ]
    counts = (*COUNTS, "rank", "n_ranked")
    return pd.DataFrame(rows).astype(dict.fromkeys(counts, "Int64"))


def _stand_on(
    metric: Metric,
    by_unit: pd.DataFrame,
    by_month: pd.DataFrame,
    unit: str | None,
    months: Sequence[str],
    spread: pd.DataFrame | None,
    whole: pd.DataFrame,
) -> dict[str, Any]:
    of_units, of_city = plain_rows(by_unit), plain_rows(by_month)
    last, before = months[-1], "".join(months[-2:-1])
    now = [row for row in of_units if row["month"] == last]
    mine = [r for r in of_units if r["unit"] == unit] if unit else plain_rows(whole)
    here = next((row for row in mine if row["month"] == last), {})
    value = _rate(here)
    rates = np.array([_rate(row) for row in now])
    known = rates[~np.isnan(rates)]
    quartiles = np.quantile(known, [0.25, 0.75]) if known.size else (np.nan, np.nan)
    # Nothing is missed before it may begin.
    has_opened = not metric.window or metric.window.start <= month_end(last)
    milestone = wording.milestone_in(metric, last) if has_opened else None
    city = _rate(next((r for r in of_city if r["month"] == last), {}))
    # In the order in which a table without room for all of it is read.
    row: dict[str, Any] = {METRIC: metric.id, "rate": value, "city": city}
    row |= {name: here.get(name, pd.NA) for name in COUNTS}
    row |= {COLUMN: here[COLUMN]} if COLUMN in here else {}
    row["lower_quartile"], row["upper_quartile"] = map(float, quartiles)
    row["highest"] = float(known.max()) if known.size else np.nan
    row["target"] = milestone.target if milestone else np.nan
    row["due"] = milestone.due.isoformat() if milestone and milestone.due else None
    row["change"] = value - _rate(next((r for r in mine if r["month"] == before), {}))
    row |= {"differs": None, "rank": pd.NA, "n_ranked": pd.NA}
    if unit is None or np.isnan(value):
        return row
    if metric.unit != "share" or metric.is_ceiling:
        return row | {"differs": "untested"}
    places = pd.DataFrame({"unit": [r["unit"] for r in now]})
    effect = place_effects(places, metric, spread)
    counts = ([r[name] for r in now] for name in COUNTS[:2])
    judged = compare_with_city(*counts, effect)
    row["differs"] = judged["differs"].iloc[now.index(here)] or "too_small"
    if row["differs"] in ("above", "below") and metric.better != "none":
        ahead = known < value if metric.better == "lower" else known > value
        row["rank"], row["n_ranked"] = int(ahead.sum()) + 1, int(known.size)
    return row


def summary(
    rows: pd.DataFrame,
    registry: Registry,
    unit_name: str,
    month: str,
    language: str = "zh",
) -> str:
    """How many metrics differ from the city, as one sentence.

    The city itself, and several units together, are held to their targets. `rows` is
    from `stand`.
    """
    texts = TEXTS[language]
    of_month = [
        metric.table == "ledger" and not metric.remembers
        for metric in (registry.metrics[name] for name in rows[METRIC])
    ]
    if rows.loc[of_month, "rate"].isna().all():
        month_name = wording.month_name(month, language)
        return texts["silent"].format(unit=unit_name, month=month_name)
    judged = rows.loc[rows["differs"].isin(COMPARED), "differs"]
    parts = [
        texts["part"].format(
            n=int((judged == standing).sum()), standing=STANDINGS[standing][language]
        )
        for standing in COMPARED
        if (judged == standing).any()
    ]
    if not parts:
        return _against_targets(rows, registry, language)
    return texts["summary"].format(n=len(judged), parts=texts["joiner"].join(parts))


def worth_a_look(rows: pd.DataFrame, registry: Registry, unit: str | None) -> pd.Series:
    """Which metrics of `stand` differ from the city; of no unit: miss their target."""
    if unit:
        return rows["differs"].isin(("above", "below"))
    misses = {
        row[METRIC]: not _has_reached(row, registry)
        for row in plain_rows(rows.dropna(subset=["rate", "target"]))
    }
    return rows[METRIC].map(misses).eq(True)


def worst_first(
    rows: pd.DataFrame, registry: Registry, unit: str | None
) -> pd.DataFrame:
    """The rows of `stand`, first what lies furthest behind: the city; of none, targets.

    Shares by points, what is counted by the part of its line that is missing. What is
    ahead, or no better either way, comes last.
    """
    line = "city" if unit else "target"

    def behind(row: Mapping[str, Any]) -> float:
        metric = registry.metrics[row[METRIC]]
        side = {"higher": 1, "lower": -1}.get(metric.better, 0)
        if not side or any(map(wording.is_missing, (row["rate"], row[line]))):
            return 0.0
        scale = 1.0 if metric.unit == "share" else abs(row[line]) or 1.0
        return side * (row[line] - row["rate"]) / scale

    gaps = pd.Series(map(behind, plain_rows(rows)), rows.index)
    return rows.loc[gaps.sort_values(ascending=False, kind="stable").index]


def _has_reached(row: Mapping[str, Any], registry: Registry) -> bool:
    if registry.metrics[row[METRIC]].better == "lower":
        return row["rate"] <= row["target"]
    return row["rate"] >= row["target"]


def _against_targets(rows: pd.DataFrame, registry: Registry, language: str) -> str:
    """How many of the metrics with a target in force have reached it."""
    aimed = plain_rows(rows.dropna(subset=["rate", "target"]))
    if not aimed:
        return ""
    reached = [_has_reached(row, registry) for row in aimed]
    return TEXTS[language]["aimed"].format(n=len(aimed), k=sum(reached))


def sector_frames(
    rows: pd.DataFrame, sectors: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Each metric overall (sector missing) and by sector, as a matrix takes them.

    `rows` is from `stand`, `sectors` metric id to `read_rates` by sector of the same
    place and month; a metric that has no sectors keeps its one row.
    """
    counts = ["numerator", "denominator", "rate", "n_blank", "n_missing"]
    frames = {}
    for row in rows.to_dict("records"):
        known = [*counts, COLUMN] if COLUMN in row else counts
        whole = pd.DataFrame([{"sector": None, **{name: row[name] for name in known}}])
        is_known = is_withheld(row) or not wording.is_missing(row["denominator"])
        parts = [whole] if is_known else []
        if row[METRIC] in sectors:
            parts.append(sectors[row[METRIC]])
        frames[row[METRIC]] = pd.concat(parts or [whole[:0]], ignore_index=True)
    return frames


def city_rate(rows: pd.DataFrame, metric: str) -> float | None:
    """The line that every cell of a metric is compared with, from `stand`."""
    (city,) = rows.loc[rows[METRIC] == metric, "city"]
    return None if wording.is_missing(city) else float(city)


def sector_matrix(
    frames: Mapping[str, pd.DataFrame],
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    unit: str | None,
    captions: Captions,
) -> dict[str, Any]:
    """Metrics (rows) × overall and sectors (columns) of one place, ready to draw.

    Parameters
    ----------
    frames
        From `sector_frames`.
    rows
        From `stand`: its `city` is the line that every cell is compared with.

    Returns
    -------
    dict
        As `hot_cold.matrix_cells`, but a row is a metric and a cell's id is metric and
        sector: "topic_1_coverage|rural".
    """
    texts = TEXTS[language]
    lines, every = [], []
    for metric_id in rows[METRIC]:
        metric = registry.metrics[metric_id]
        drawn = matrix_cells(
            frames[metric_id].assign(unit=unit),
            metric,
            registry,
            Anchor("city", city_rate(rows, metric_id)),
            language,
            captions=captions,
            units=[unit] if unit else [],
        )
        label = wording.in_language(metric, "label", language)
        # A metric of which nothing came in would only be an empty line.
        if len(frames[metric_id]):
            cells = [
                _of_metric(cell, metric_id, label, texts)
                for cell in drawn["rows"][0]["cells"]
            ]
            lines.append(
                {"id": metric_id, "label": label, "kind": "county", "cells": cells}
            )
        every.append((metric, drawn))
    drawn = {
        **every[0][1],
        "corner": texts["metric"],
        "counted": "",
        "rows": lines,
        "legend": shared_legend(every, language),
    }
    return say_unchecked_once(drawn, language)


def sector_title(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str,
    *,
    plain: str,
) -> str:
    """Which sector is the worst one most often, over the metrics of `sector_frames`.

    `plain` where two share that, or no metric has a worst sector of its own.
    """
    worst = []
    for name, frame in frames.items():
        better = registry.metrics[name].better
        rates = {
            row["sector"]: row["rate"]
            for row in plain_rows(frame)
            if not (wording.is_missing(row["sector"]) or np.isnan(_rate(row)))
        }
        if better == "none" or len(rates) < 2:
            continue
        end = min(rates.values()) if better == "higher" else max(rates.values())
        at_end = [sector for sector, rate in rates.items() if rate == end]
        if len(at_end) == 1:
            worst += at_end
    none = ("", 0)
    (sector, n), (_, n_second) = [*Counter(worst).most_common(2), none, none][:2]
    if n == n_second:
        return plain
    return TEXTS[language]["worst_sector"].format(
        title=plain,
        sector=wording.place_name(registry, "sector", sector, language, is_short=True),
        n=n,
        m=len(worst),
    )


def _of_metric(
    cell: dict[str, Any], metric_id: str, label: str, texts: Mapping[str, str]
) -> dict[str, Any]:
    sector = cell["id"].partition("|")[2]
    named = {**cell, "id": f"{metric_id}|{sector}"}
    if "aria" in cell:
        named["aria"] = texts["speaks"].format(metric=label, sentence=cell["aria"])
    return named


def _rate(row: Mapping[str, Any]) -> float:
    """The rate of a row; NaN where it has none."""
    value = row.get("rate")
    return np.nan if wording.is_missing(value) else float(value)
