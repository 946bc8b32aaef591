"""Unevenness of one metric put into words: the measures in their order, and the trend.

The measures are those of `data_pipeline.statistics.unevenness`; each comes with one
plain sentence, so that nobody needs to know how it is computed to know what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.statistics.unevenness import (
    MIN_BEST,
    MIN_NAMED,
    Split,
    Unevenness,
    measure_unevenness,
    trace_unevenness,
)
from data_pipeline.withheld import disclosed
from reports.belief import Says
from reports.cell_classes import judging_line
from reports.figures.matrix import Anchor
from reports.words import catalogue, sentences, wording
from reports.words.standing import target_in_force

MOST_NAMED = 3
FLAT_POINTS = 0.5  # a smaller change of rate or distance is no change to speak of
TEXTS = catalogue.texts("sector_gaps.unevenness")


class Measure(NamedTuple):
    """One measure: code, what it is called, its value in words, what it says."""

    code: str
    label: str
    value: str
    says: str


def is_measured(metric: Metric) -> bool:
    """Whether unevenness means something: a share that ought to be one everywhere."""
    is_share = metric.unit == "share" and metric.has_whole and not metric.is_ceiling
    return is_share and metric.better == "higher"


def measure(
    cells: pd.DataFrame, metric: Metric, month: str, compare: Anchor | None = None
) -> Unevenness:
    """Unevenness of one month's cells; their gap is to the line that classes stand on.

    That is the line of `compare`, by default the pace line or the target. What is still
    missing counts to the target in force, as in every headline.

    `cells` is `read_rates` as reported, by one or two of unit, township and sector.
    """
    line = judging_line(metric, month, compare)
    groups = tuple(name for name in ("unit", "township", "sector") if name in cells)
    demanded = target_in_force(metric, month) or 1.0
    ends = line.value if line else None
    return measure_unevenness(disclosed(cells), ends, groups, demanded)


def add_shares(cells: pd.DataFrame, measured: Unevenness) -> pd.DataFrame:
    """Cells with ``missing_share``: what each holds of all that is still missing."""
    return cells.assign(missing_share=measured.missing_share)


def trace(
    cells: pd.DataFrame, metric: Metric, compares: Mapping[str, Anchor] | None = None
) -> pd.DataFrame:
    """Rate and unevenness over the months of cells by month; months without a rate go.

    Each month is held to the line of its own, that of `compares` where there is one.
    """
    compares = compares or {}
    lines = {
        month: judging_line(metric, month, compares.get(month))
        for month in cells["month"].unique()
    }
    targets = {month: line.value for month, line in lines.items() if line}
    demanded = {month: target_in_force(metric, month) or 1.0 for month in lines}
    return trace_unevenness(disclosed(cells), targets, demanded).dropna(subset="rate")


def list_measures(
    measured: Unevenness,
    cells: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    month: str,
    language: str = "zh",
    *,
    compare: Anchor | None = None,
    says: Says | None = None,
) -> list[Measure]:
    """The measures for everybody, in their order.

    Two levels are split only where `cells` has two. `compare` is the line of `measure`;
    `says` gives what stands against the figure of a place that is named.
    """
    texts = TEXTS[language]
    by = _places(cells)

    def made(code: str, value: str, says: str) -> Measure:
        return Measure(code, texts[code], value, says)

    def named(of: Any) -> str:
        return sentences.extreme(of, cells, by, registry, language, says=says)

    found = []
    # Without a target nothing is missing to it; before its window nobody is behind.
    if target := target_in_force(metric, month):
        sentence = _missing_says(measured, cells, by, target, registry, language)
        missing = wording.number(max(0, measured.still_missing))
        found.append(made("still_missing", missing, sentence))
    if line := _line_name(metric, month, language, compare):
        gap = _points(measured.gap_to_target_points, texts)
        sentence = texts["gap_to_target_says"].format(line=line)
        found.append(made("gap_to_target", gap, sentence))
    found += [
        made(
            "spread",
            _points(measured.spread_points, texts),
            texts["spread_says"].format(
                hottest=named(measured.hottest),
                coldest=named(measured.coldest),
                n=MIN_NAMED,
            )
            if measured.hottest and measured.coldest
            else texts["unknown"],
        ),
        made(
            "mean_distance",
            _points(measured.mean_distance_points, texts),
            texts["mean_distance_says"].format(rate=wording.percent(measured.rate)),
        ),
        made(
            "room",
            _points(measured.room_to_improve_points, texts),
            texts["room_says"].format(best=named(measured.best), n=MIN_BEST)
            if measured.best
            else texts["unknown"],
        ),
    ]
    if len(by) == 2:
        found.append(_split(measured.splits, by, texts))
    return found


def _points(value: float, texts: Mapping[str, str]) -> str:
    """Points of a percentage, or that they are not defined."""
    if wording.is_missing(value):
        return wording.UNDEFINED
    return texts["points"].format(n=f"{value:.1f}")


def list_indices(measured: Unevenness, language: str = "zh") -> list[Measure]:
    """The measures for analysts: BGV, BGSD, IDIS, Theil, MLD."""
    texts = TEXTS[language]
    shown = {
        "bgv": f"{measured.bgv:,.1f}",
        "bgsd": f"{measured.bgsd:.2f}",
        "idis": f"{measured.idis:.2f} %",
        "theil": f"{measured.theil:.5f}",
        "mld": f"{measured.mld:.5f}",
    }
    return [
        Measure(
            code,
            texts[code],
            wording.UNDEFINED if wording.is_missing(getattr(measured, code)) else value,
            texts[f"{code}_says"],
        )
        for code, value in shown.items()
    ]


def measures_frame(measured: Unevenness, by: Sequence[str]) -> pd.DataFrame:
    """Every measure as a number: one row each, ``measure`` and ``value``."""
    names = (
        "rate",
        "still_missing",
        "n_over",
        "gap_to_target_points",
        "spread_points",
        "mean_distance_points",
        "room_to_improve_points",
        *("bgv", "bgsd", "idis", "theil", "mld"),
    )
    values = {name: getattr(measured, name) for name in names}
    values |= {
        f"between_{name}_share": split.between_share
        for name, split in measured.splits.items()
        if len(by) > 1
    }
    return pd.DataFrame({"measure": list(values), "value": list(values.values())})


def describe_trend(traced: pd.DataFrame, language: str = "zh") -> str:
    """Does the gap close while the average rises? '' with fewer than two months.

    Compared are the last month and the one before it.
    """
    if len(traced) < 2:
        return ""
    texts = TEXTS[language]
    before, after = traced.iloc[-2], traced.iloc[-1]
    rate_change = 100 * (after["rate"] - before["rate"])
    gap_change = after["mean_distance_points"] - before["mean_distance_points"]
    return texts["trend"].format(
        rate=texts[_direction(rate_change, "rises", "falls", "holds")],
        gap=texts[_direction(gap_change, "wider", "closer", "as_wide")],
        first=wording.month_name(str(traced.index[-2]), language),
        last=wording.month_name(str(traced.index[-1]), language),
        before=wording.percent(before["rate"]),
        after=wording.percent(after["rate"]),
        wide=f"{before['mean_distance_points']:.1f}",
        now=f"{after['mean_distance_points']:.1f}",
    )


def _direction(change: float, up: str, down: str, flat: str) -> str:
    if abs(change) < FLAT_POINTS:
        return flat
    return up if change > 0 else down


def _places(cells: pd.DataFrame) -> tuple[str, ...]:
    return tuple(name for name in ("unit", "township", "sector") if name in cells)


def _line_name(
    metric: Metric, month: str, language: str, compare: Anchor | None
) -> str:
    line = judging_line(metric, month, compare)
    if line is None:
        return ""
    return TEXTS[language][line.kind].format(rate=wording.percent(line.value))


def _missing_says(
    measured: Unevenness,
    cells: pd.DataFrame,
    by: Sequence[str],
    target: float,
    registry: Registry,
    language: str,
) -> str:
    texts = TEXTS[language]
    shares = measured.missing_share
    largest = shares[shares > 0].sort_values(ascending=False, kind="stable")
    says = [texts["none_missing"]]
    if len(largest):
        names = [
            texts["share"].format(
                name=_cell(cells, at, by, registry, language),
                share=wording.percent(share),
            )
            for at, share in largest[:MOST_NAMED].items()
        ]
        says = [texts["still_missing_says"].format(names=texts["joiner"].join(names))]
    if measured.n_over > 0:
        beyond = texts["over" if target >= 1 else "beyond"]
        says.append(beyond.format(n=wording.number(measured.n_over)))
    return wording.join(says, language, "sentences")


def _split(
    splits: Mapping[str, Split], by: Sequence[str], texts: Mapping[str, str]
) -> Measure:
    shares = [wording.percent(splits[name].between_share) for name in by]
    bare = [share.removesuffix(" %") for share in shares]
    value = texts["split_value"].format(unit=bare[0], sector=bare[1])
    says = texts["split_says"].format(
        unit=shares[0], sector=shares[1], units=texts[by[0]]
    )
    is_even = not splits[by[0]].total > 0
    return Measure("split", texts["split"], value, texts["even"] if is_even else says)


def _cell(
    cells: pd.DataFrame, at: Any, by: Sequence[str], registry: Registry, language: str
) -> str:
    codes = tuple(cells.loc[at, name] for name in by)
    return wording.cell_name(registry, tuple(by), codes, language)
