"""Hot and cold: a frame of rates as plain JSON for the matrix and the map.

Everything a reader sees is decided here, in words: text, mark, colour step, tooltip and
the sentence a screen reader speaks. The browser part only draws. The same cells feed
the printed table and the workbook.

Null stands for "rolled up": a row whose `sector` is null speaks for the whole unit, one
whose `unit` is null for the city, so frames of several levels can be concatenated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from data_pipeline.registry import Metric, Registry, Unit
from data_pipeline.statistics.sampling import MIN_RATE, MIN_UNSTARRED
from data_pipeline.withheld import is_withheld
from reports import belief
from reports.belief import FLAG, LESS, Belief
from reports.figures.colours import (
    CLASS_EDGES,
    DOWN,
    EDGES,
    LEVEL,
    STEPS,
    UP,
    Edges,
    as_number,
    difference_of,
    end_words,
    fit_edges,
    is_warm,
    step_of,
    step_range,
)
from reports.figures.county_map import CountyMap
from reports.words import catalogue
from reports.words.wording import (
    CITY,
    NOT_REPORTED,
    OVERALL,
    WITHHELD,
    join,
    percent,
    rate_text,
)

TEXTS = catalogue.texts("hot_cold")

AnchorKind = Literal["target", "pace", "city", "last_month"]
State = Literal["value", "over_100", "not_reported", "blank", "withheld", "not_due"]
Place = tuple[str | None, str | None]  # unit code, sector code; None = rolled up

UNIT_KINDS = ("county", "zone", "block")  # in this order from top to bottom
MODELLED = "≈"  # before a rate that leans on other places
STAR = "*"  # after one that few checks support
CLASS_MARKS = {
    "very_cold": "◆",
    "cold": "◇",
    "hot": "●",
    "below_unproven": "?",
    "too_small": "∘",
}
# Chance may have put them where they are: a colour would say that it has not.
UNPROVEN = ("below_unproven", "too_small")
LEAST_STEPS = {"hot": 1, "cold": -1, "very_cold": -2}
GOAL = "◎"  # a cell that has what is demanded, where colours compare with another line


@dataclasses.dataclass(frozen=True)
class Anchor:
    """The line that cells are compared with.

    Attributes
    ----------
    kind
        What it is called.
    value
        One line for all cells, 0–1 for a share; None where nothing is demanded.
    by_place
        A line for each (unit, sector) instead, None for a rolled-up side: last month's
        rates, say. A place that is not in it has nothing to compare with.
    goal
        What is demanded, where cells are compared with something else: a sign and a
        number, no colour.
    edges
        Where the colour steps begin (`fit_steps`); by default `colours.EDGES`.
    upper
        Where the line is the lower end of a span (3 to 4 sites): its upper end. What
        lies in between is level with the line.
    """

    kind: AnchorKind
    value: float | None = None
    by_place: Mapping[Place, float | None] | None = None
    goal: Anchor | None = None
    edges: Edges | None = None
    upper: float | None = None

    def at(self, place: Place, rate: float | None = None) -> float | None:
        """What a `rate` of this place is compared with.

        >>> span = Anchor("target", 3, upper=4)
        >>> [span.at((None, None), rate) for rate in (2, 3.5, 6)]
        [3.0, 3.5, 4.0]
        """
        if self.by_place is not None:
            return as_number(self.by_place.get(place))
        line, upper = as_number(self.value), as_number(self.upper)
        if line is None or upper is None or rate is None:
            return line
        return min(max(line, float(rate)), upper)


@dataclasses.dataclass(frozen=True)
class Captions:
    """What stands around a figure, on the screen and in the saved image."""

    title: str
    subtitle: str = ""
    notice: str = ""
    file_name: str = "hot_cold.png"


def cell_text(rate: float, metric: Metric) -> str:
    """A rate as every sentence and table writes it; a ceiling says "at most".

    Examples
    --------
    >>> from data_pipeline.registry import load_registry
    >>> coverage = load_registry().metrics["topic_1_coverage"]
    >>> [cell_text(rate, coverage) for rate in (0.76, 0.9962, 1.0, 1.003, 0.003)]
    ['76.0 %', '99.6 %', '100 %', '100.3 %', '0.3 %']
    """
    if metric.is_ceiling:
        return f"≤ {rate_text(min(rate, 1.0), metric.unit)}"
    return rate_text(rate, metric.unit)


def _amount(difference: float) -> str:
    """Points or per cent without a sign, in tenths; "" below a tenth."""
    size = abs(100 * difference)
    return "" if size < 0.05 else f"{size:,.1f}"


def paint(
    rate: float | None,
    anchor: float | None,
    metric: Metric,
    judged: Any = None,
    edges: Edges | None = None,
) -> int | None:
    """The colour step of a rate beside its anchor, as in `colours.step_of`.

    A cell judged hot is painted hot: level with a target of 100 % nothing can lie above
    it. One judged cold is painted cold, also between edges that lie far apart. What
    chance may explain is neutral, however far from the anchor, on either side; its mark
    says how far.

    Examples
    --------
    >>> from data_pipeline.registry import load_registry
    >>> coverage = load_registry().metrics["topic_1_coverage"]
    >>> paint(1.0, 1.0, coverage), paint(1.0, 1.0, coverage, "hot")
    (0, 1)
    >>> paint(0.8, 1.0, coverage), paint(0.8, 1.0, coverage, "too_small")
    (-3, 0)
    >>> paint(0.6, 0.5, coverage), paint(0.6, 0.5, coverage, "as_expected")
    (2, 0)
    """
    difference = difference_of(rate, anchor, metric.unit)
    if difference is None:
        return None
    if _may_be_chance(judged, difference, metric):
        return 0
    step = step_of(rate, anchor, metric.unit, metric.better, edges)
    least = LEAST_STEPS.get(judged, 0)
    if not least:
        return step
    return max(step, least) if least > 0 else min(step, least)


def _may_be_chance(judged: Any, difference: float, metric: Metric) -> bool:
    """Whether a class says that chance may have put a rate as far from the line."""
    if judged != "as_expected":
        return judged in UNPROVEN
    # As far above as what is cold or unproven lies below, and yet not hot.
    is_far = abs(difference) >= CLASS_EDGES[0]
    return is_far and is_warm(difference, metric.better)


def fit_steps(frame: pd.DataFrame, metric: Metric, anchor: Anchor) -> Anchor:
    """The anchor with colour steps that fit the spread of these cells.

    `frame` is as `matrix_cells` takes it, judged already. What is neutral because
    chance may explain it stays in the neutral step, whatever its distance.
    """
    differences = []
    for row in plain_rows(frame):
        place = (_code(row.get("unit")), _code(row.get("sector")))
        line = anchor.at(place, as_number(row["rate"]))
        difference = difference_of(row["rate"], line, metric.unit)
        is_known, judged = difference is not None, row.get("cell_class")
        is_neutral = is_known and _may_be_chance(judged, difference, metric)
        differences.append(0.0 if is_neutral else difference)
    return dataclasses.replace(anchor, edges=fit_edges(differences, metric.unit))


def mark_text(rate: float, anchor: float | None, metric: Metric) -> str:
    """Direction and distance from the anchor: "▼3.2", "▲0.4", "" without anchor.

    Points for a share, per cent of the anchor for a per-head figure. "–" only when
    equal: five branches short of 16,198 is still "▼<0.1".
    """
    difference = difference_of(rate, anchor, metric.unit)
    if difference is None:
        return ""
    if difference == 0:
        return LEVEL
    amount = _amount(difference) or "<0.1"
    per_cent = "%" if metric.unit != "share" else ""
    return f"{UP if difference > 0 else DOWN}{amount}{per_cent}"


def compare_text(
    rate: float, anchor: float | None, kind: str, metric: Metric, language: str
) -> str:
    """The same in words: "低于全市 3.2 个百分点"; "" without anchor."""
    difference = difference_of(rate, anchor, metric.unit)
    if difference is None:
        return ""
    texts = TEXTS[language]
    name = texts[f"anchor_{kind}"]
    if difference == 0:
        return texts["level"].format(anchor=name)
    amount = _amount(difference) or texts["under_a_tenth"]
    measure = texts["per_cent" if metric.unit != "share" else "points"]
    direction = texts["above" if difference > 0 else "below"]
    return direction.format(anchor=name, amount=measure.format(n=amount))


def compare_with_line(
    rate: float, anchor: float | None, kind: str, metric: Metric, language: str
) -> str:
    """`compare_text` and whose figure it is: "低于全市 3.2 个百分点（全市 86.7 %）"."""
    compared = compare_text(rate, anchor, kind, metric, language)
    if not compared:
        return ""
    texts = TEXTS[language]
    return texts["with_line"].format(
        compared=compared,
        anchor=texts[f"anchor_{kind}"],
        line=cell_text(anchor, metric),
    )


def matrix_cells(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    anchor: Anchor,
    language: str = "zh",
    *,
    captions: Captions,
    units: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
    selected: str | None = None,
    whole: str = "",
) -> dict[str, Any]:
    """Units (rows) × overall and sectors (columns), ready to draw.

    Parameters
    ----------
    frame
        Rates of one metric and one month: `unit`, `sector` (codes; null = rolled up),
        `numerator`, `denominator`, `rate`, `n_blank`, of ledgers `n_missing`, of
        checks `lower` and `upper`; where cells were judged, `cell_class`; what is
        believed of each (`belief.add_columns`). A row with a null unit becomes the
        city's row.
    units, sectors
        Codes in the order to show; by default all of the registry, counties first.
    selected
        Id of the cell to outline.
    whole
        What the row of all units together is called; by default the city.

    Returns
    -------
    dict
        JSON of str, int, bool, list and dict only. `rows[i]["cells"][j]` belongs to
        `columns[j]`; the id "350181|rural" is unit and sector, either side empty when
        rolled up ("350181|" is the unit overall). Under its figure a cell has what
        checks support (`support`, `finds_less` where that is less than was claimed)
        and its `flags`. A cell's `state`: "value",
        "over_100" (kept, flagged), "not_reported", "blank" (filed without a figure),
        "withheld" (small counts of persons), "not_due" (no such pair: nothing is
        drawn).

    Raises
    ------
    ValueError
        Two rows speak for one cell (several months, say), or a column is missing.
    """
    texts = TEXTS[language]
    by_place = _rows_by_place(frame)
    build = _CellBuilder(metric, registry, anchor, language, by_place, whole)
    places: list[str | None] = [
        None,
        *(registry.sectors if sectors is None else sectors),
    ]
    shown = _units(registry) if units is None else [registry.units[u] for u in units]
    rows = []
    if any(unit is None for unit, _ in by_place):
        cells = [build.cell((None, s), by_place.get((None, s))) for s in places]
        rows.append({"id": "", "label": build.whole, "kind": "city", "cells": cells})
    for unit in shown:
        cells = [
            build.cell((unit.code, s), by_place.get((unit.code, s))) for s in places
        ]
        label = getattr(unit, f"name_{language}")
        rows.append(
            {"id": unit.code, "label": label, "kind": unit.kind, "cells": cells}
        )
    return {
        **_frame_of_figure(captions, language, selected),
        "corner": texts["unit"],
        "counted": build.counted,
        "columns": [
            {"id": sector or "", "label": build.sector_name(sector, short=True)}
            for sector in places
        ],
        "rows": rows,
        "legend": _legend(build, (cell for row in rows for cell in row["cells"])),
    }


def map_shapes(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    anchor: Anchor,
    language: str = "zh",
    *,
    captions: Captions,
    county_map: CountyMap,
    sector: str | None = None,
    selected: str | None = None,
) -> dict[str, Any]:
    """Counties as shapes, units without an outline as tiles, ready to draw.

    Parameters
    ----------
    frame, anchor, selected
        As in `matrix_cells`.
    county_map
        From `county_map.load_map`; an outline whose code the registry does not know is
        drawn as plain ground.
    sector
        Colour by this sector; by default by the unit as a whole.

    Returns
    -------
    dict
        `shapes` and `tiles` hold the cells of `matrix_cells` with a `label` each;
        shapes also `path`, `x`, `y` and `small` (labelled in the inset only).
    """
    texts = TEXTS[language]
    by_place = _rows_by_place(frame)
    build = _CellBuilder(metric, registry, anchor, language, by_place)

    def cell(unit: Unit) -> dict[str, Any]:
        place = (unit.code, sector)
        label = getattr(unit, f"name_{language}")
        return {**build.cell(place, by_place.get(place)), "label": label}

    shapes: list[dict[str, Any]] = []
    drawn = set()
    for shape in county_map.shapes:
        outline = {
            "path": shape.path,
            "x": shape.x,
            "y": shape.y,
            "small": shape.is_small,
        }
        if shape.code in registry.units:
            drawn.add(shape.code)
            shapes.append({**cell(registry.units[shape.code]), **outline})
        else:
            shapes.append({"state": "not_due", "id": "", "label": "", **outline})
    tiles = [cell(unit) for unit in _units(registry) if unit.code not in drawn]
    # A tile that is not due (市直机关 has no villages) would only be an empty box.
    tiles = [tile for tile in tiles if tile["state"] != "not_due"]
    inset = county_map.inset
    return {
        **_frame_of_figure(captions, language, selected),
        "counted": build.counted,
        "land": list(county_map.land),
        "box": list(county_map.box),
        "inset": inset
        and {
            "source": list(inset.source),
            "place": list(inset.place),
            "label": texts["inset"],
        },
        "shapes": shapes,
        "tiles": tiles,
        "tiles_label": texts["outside"],
        "note": texts["map_note"],
        "legend": _legend(build, [*shapes, *tiles]),
    }


class _CellBuilder:
    """Turns one row of a frame into one cell, for one metric, anchor and language."""

    def __init__(
        self,
        metric: Metric,
        registry: Registry,
        anchor: Anchor,
        language: str,
        by_place: Mapping[Place, Mapping[str, Any]],
        whole: str = "",
    ) -> None:
        self.metric, self.registry = metric, registry
        self.apart = _units_apart(by_place)
        self.anchor, self.language = anchor, language
        self.whole = whole or CITY[language]
        self.texts = TEXTS[language]
        labels = (
            registry.label(column, language)
            for column in (metric.numerator, metric.denominator)
        )
        self.counted = " / ".join(labels)

    @property
    def _has_goal(self) -> bool:
        """Whether cells are held to a demand beside the line of their colours."""
        goal = self.anchor.goal
        return bool(goal and goal.value and self.metric.better == "higher")

    def sector_name(self, sector: str | None, *, short: bool = False) -> str:
        if sector is None:
            return OVERALL[self.language]
        part = "short" if short else "name"
        return getattr(self.registry.sectors[sector], f"{part}_{self.language}")

    def cell(self, place: Place, row: Mapping[str, Any] | None) -> dict[str, Any]:
        unit, sector = place
        identity = f"{unit or ''}|{sector or ''}"
        if row is None:
            return {"id": identity, "state": "not_due"}
        texts, rate = self.texts, as_number(row["rate"])
        n_blank, n_missing = _count(row["n_blank"]), _count(row.get("n_missing"))
        is_estimate, judged = "lower" in row, row.get("cell_class")
        shown, compared = self._figure(place, row, rate)
        cell: dict[str, Any] = {"id": identity, **shown}
        is_hidden = is_withheld(row)
        notes = self._checks(row, rate) if is_estimate and not is_hidden else []
        if self._has_goal and rate is not None:
            goal = self.anchor.goal
            notes.append(
                compare_with_line(
                    rate, goal.value, goal.kind, self.metric, self.language
                )
            )
        if cell["state"] == "over_100":
            notes.append(texts["over_100"])
        if is_hidden:
            notes.append(texts["withheld_why"])
        elif rate is None and not (is_estimate or n_blank or n_missing):
            notes.append(texts["undefined_why"])
        believed = None if rate is None else belief.of_row(row)
        if believed:
            notes += self._believe(cell, believed, row)
            if apart := self._say_apart(unit, believed):
                cell["apart"] = apart
                notes.append(apart)
        if isinstance(judged, str) and judged in CLASS_MARKS:
            cell["class_mark"] = CLASS_MARKS[judged]
        if isinstance(judged, str) and rate is not None:
            doubted = judged == "hot" and believed and believed.is_doubted
            cell["class_word"] = texts["hot_doubted" if doubted else judged]
            notes.append(texts["statistics"].format(word=cell["class_word"]))
        if n_blank:
            left_out = texts["n_no_verdict" if is_estimate else "n_blank"]
            notes.append(left_out.format(n=f"{n_blank:,}"))
        if n_missing and rate is not None:
            cell["partial"] = True
            which = "n_missing" if unit is None else "n_missing_of_unit"
            notes.append(texts[which].format(n=n_missing))
        name = self._unit_name(unit)
        spoken = (name, self.sector_name(sector), cell["text"], compared)
        sentence = texts["join"].join(filter(None, spoken))
        cell["aria"] = texts["break"].join([sentence, *notes])
        fraction = [] if is_estimate else self._fraction(row, rate)
        cell["tip"] = [*fraction, *notes]
        return cell

    def _figure(
        self, place: Place, row: Mapping[str, Any], rate: float | None
    ) -> tuple[dict[str, Any], str]:
        """State, text, mark and step of a cell; and how it compares, in words."""
        metric, texts, is_estimate = self.metric, self.texts, "lower" in row
        if rate is not None:
            line = self.anchor.at(place, rate)
            is_over = metric.unit == "share" and rate > 1 and not metric.is_ceiling
            is_starred = is_estimate and row["denominator"] < MIN_UNSTARRED
            shown = {
                "state": "over_100" if is_over else "value",
                "text": cell_text(rate, metric) + STAR * is_starred,
                "mark": mark_text(rate, line, metric),
                "step": paint(
                    rate, line, metric, row.get("cell_class"), self.anchor.edges
                ),
            }
            if self._has_goal and rate >= self.anchor.goal.value - 1e-9:
                shown["goal"] = GOAL
            kind = self.anchor.kind
            return shown, compare_text(rate, line, kind, metric, self.language)
        if is_withheld(row):
            return {"state": "withheld", "text": WITHHELD[self.language]}, ""
        n_blank, n_missing = _count(row["n_blank"]), _count(row.get("n_missing"))
        if is_estimate:
            return {"state": "blank", "text": self._unestimated(row)}, ""
        if n_missing and not n_blank:
            text = NOT_REPORTED[self.language]
            return {"state": "not_reported", "text": text}, ""
        return {
            "state": "blank",
            "text": texts["blank" if n_blank else "undefined"],
        }, ""

    def _say_apart(self, unit: str | None, believed: Belief) -> str:
        """Why the cells of a unit do not make up its own checked figure; '' if so."""
        whole = self.apart.get(unit)
        if whole is None or believed.support not in ("direct", "modelled"):
            return ""
        return self.texts["apart"].format(rate=percent(whole.supported))

    def _believe(
        self, cell: dict[str, Any], believed: Belief, row: Mapping[str, Any]
    ) -> list[str]:
        """Put support and flags under the figure; returns both as sentences."""
        if short := support_text(believed, self.metric, self.language):
            cell["support"] = short
        about = (row["denominator"], row["rate"])
        notes = support_notes(believed, self.language, *about)
        if believed.finds_less:
            cell["finds_less"] = True
        if believed.n_flags:
            cell["flags"] = f"{FLAG}{believed.n_flags}"
            notes.append(self.texts["n_flags"].format(n=believed.n_flags))
        return notes

    def _unestimated(self, row: Mapping[str, Any]) -> str:
        """What a cell shows instead of a rate that too few checks support."""
        if row["denominator"]:
            return f"{_count(row['numerator']):,}/{_count(row['denominator']):,}"
        return self.texts["no_verdict" if _count(row["n_blank"]) else "not_checked"]

    def _checks(self, row: Mapping[str, Any], rate: float | None) -> list[str]:
        """Confirmed of checked, and the estimate: never as an equation.

        The estimate weighs each check by the stratum it was drawn from.
        """
        if not row["denominator"]:
            return []
        texts, n_checked = self.texts, _count(row["denominator"])
        counts = {"numerator": f"{_count(row['numerator']):,}", "n": f"{n_checked:,}"}
        notes = [texts["confirmed"].format(**counts)]
        if rate is None:
            return [*notes, texts["few_checks"].format(n=MIN_RATE)]
        limits = {
            name: percent(row[name]).removesuffix(" %")
            for name in ("rate", "lower", "upper")
        }
        notes.append(texts["weighted"].format(**limits))
        if n_checked < MIN_UNSTARRED:
            notes.append(texts["starred"].format(n=MIN_UNSTARRED))
        return notes

    def _unit_name(self, unit: str | None) -> str:
        if unit is None:
            return self.whole
        return getattr(self.registry.units[unit], f"name_{self.language}")

    def _fraction(self, row: Mapping[str, Any], rate: float | None) -> list[str]:
        if rate is None:
            return []
        numerator, denominator = _count(row["numerator"]), _count(row["denominator"])
        exact = rate_text(rate, self.metric.unit)
        return [f"{numerator:,} / {denominator:,} = {exact}"]


def support_text(believed: Belief, metric: Metric, language: str) -> str:
    """What checks support of a figure as short as a cell wants it; '' for nothing."""
    texts, support = TEXTS[language], believed.support
    heads = "" if metric.has_verdicts else "_heads"
    if support in ("direct", "modelled"):
        line = texts[f"support_{support}{heads if support == 'direct' else ''}"]
        shown = line.format(
            rate=percent(believed.supported),
            bare=percent(believed.supported).removesuffix(" %"),
            claimed=percent(believed.claimed_before),
        )
        is_starred = support == "direct" and believed.n_checked < MIN_UNSTARRED
        return shown + STAR * is_starred
    if not support:
        return ""
    return texts[f"support_{support}{heads}"].format(
        numerator=f"{believed.n_confirmed:,}", n=f"{believed.n_checked:,}"
    )


def support_notes(
    believed: Belief, language: str, n: Any, rate: Any = None
) -> list[str]:
    """Whether to believe it, the same in sentences, and what was claimed before.

    `n` is how many there were to be checked: the denominator of the figure, which is
    `rate`.
    """
    texts, support = TEXTS[language], believed.support
    notes = [belief.say_verdict(believed, language, n=n, rate=rate)] if support else []
    if support in ("direct", "modelled", "few"):
        confirmed, checked = f"{believed.n_confirmed:,}", f"{believed.n_checked:,}"
        notes.append(texts["confirmed"].format(numerator=confirmed, n=checked))
    if support in ("direct", "modelled"):
        limits = {
            "rate": f"{100 * believed.supported:.1f}",
            "lower": f"{100 * believed.supported_lower:.1f}",
            "upper": f"{100 * believed.supported_upper:.1f}",
        }
        key = "weighted" if support == "direct" else "modelled"
        notes.append(texts[key].format(**limits))
    if support == "direct" and believed.n_checked < MIN_UNSTARRED:
        notes.append(texts["starred"].format(n=MIN_UNSTARRED))
    if believed.n_checked and believed.claimed_before is not None:
        key = "finds_less" if believed.finds_less else "claimed_before"
        claimed = f"{100 * believed.claimed_before:.1f}"
        notes.append(texts[key].format(claimed=claimed))
    return notes


def shared_legend(
    drawn: Sequence[tuple[Metric, Mapping[str, Any]]],
    language: str,
    *,
    has_spans: bool = False,
) -> dict[str, Any]:
    """The legend of several metrics, each beside the city's own figure of it.

    `has_spans`: beside the demand instead where that is a span.

    Parameters
    ----------
    drawn
        Metrics with their `matrix_cells`. The scale of shares stands for all where one
        has it: figures per head carry per cent marks, and the name of the legend says
        from which per cent on their steps begin.
    """
    signs = {
        sign["label"]: sign for _, cells in drawn for sign in cells["legend"]["signs"]
    }
    metric, cells = min(
        drawn,
        key=lambda one: (not one[1]["legend"]["steps"], one[0].unit != "share"),
    )
    # Each group together, in the order of one metric's own.
    groups = (
        "",
        TEXTS[language]["signs_of_checks"],
        TEXTS[language]["signs_of_classes"],
    )
    together = sorted(signs.values(), key=lambda s: groups.index(s.get("group", "")))
    shared = {**cells["legend"], "signs": together}
    if shared["steps"]:
        texts = TEXTS[language]
        measure = "legend_points" if metric.unit == "share" else "legend_per_cent"
        counts = [
            one
            for one, cells in drawn
            if one.unit != "share" and cells["legend"]["steps"]
        ]
        edges = ""
        if counts and metric.unit == "share":
            measure = "legend_both"
            edges = join((f"{100 * e:g}" for e in EDGES[counts[0].unit]), language)
        line = "anchor_city_or_span" if has_spans else "anchor_city"
        shared["name"] = texts[measure].format(anchor=texts[line], edges=edges)
    return shared


def _legend(build: _CellBuilder, cells: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The scale, its ends and anchor in words, and only the signs that occur."""
    metric, anchor, texts = build.metric, build.anchor, build.texts
    cells = list(cells)
    signs = _signs(build, cells)
    if all(cell.get("step") is None for cell in cells):
        return {"name": texts["legend_none"], "steps": [], "ends": [], "signs": signs}
    name = texts[f"anchor_{anchor.kind}"]
    line = as_number(anchor.value) if anchor.by_place is None else None
    if line is not None:
        name = f"{name} {cell_text(line, metric)}"
    measure = "legend_points" if metric.unit == "share" else "legend_per_cent"
    # Where cells are judged, the outermost step is what the class calls very cold.
    is_judged = any("class_word" in cell for cell in cells)
    return {
        "name": texts[measure].format(anchor=name),
        "steps": [
            [step, step_range(step, metric.unit, metric.better, anchor.edges)]
            for step in STEPS
        ],
        "ends": _ends(build, is_judged),
        "signs": signs,
    }


def _signs(
    build: _CellBuilder, cells: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """What each state and mark stands for that some cell has.

    Signs of checks and of classes name their `group`, and stand together.
    """
    texts = build.texts
    states = {cell["state"] for cell in cells}
    signs = []
    if "not_reported" in states:
        label = NOT_REPORTED[build.language]
        signs.append({"state": "not_reported", "label": label})
    if "withheld" in states:
        mark = WITHHELD[build.language]
        signs.append({"mark": mark, "label": texts["sign_withheld"]})
    if "over_100" in states:
        signs.append({"state": "over_100", "label": texts["over_100_short"]})
    if any(cell.get("partial") for cell in cells):
        signs.append({"state": "partial", "label": texts["partial"]})
    if any(cell.get("goal") for cell in cells):
        goal = build.anchor.goal
        name, line = texts[f"anchor_{goal.kind}"], cell_text(goal.value, build.metric)
        label = texts["sign_goal"].format(anchor=name, line=line)
        signs.append({"mark": GOAL, "label": label})
    if flagged := [cell for cell in cells if cell.get("flags")]:
        # A unit's flags are those of its sectors, but for those of the unit as a whole.
        levels = {bool(cell["id"].partition("|")[2]) for cell in flagged}
        key = "sign_flags_apart" if len(levels) > 1 else "sign_flags"
        signs.append({"mark": FLAG, "label": texts[key]})
    return [*signs, *_check_signs(build, cells), *_class_signs(build, cells)]


def _check_signs(
    build: _CellBuilder, cells: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """What stands for checks in some cell."""
    texts, heads = build.texts, "" if build.metric.has_verdicts else "_heads"
    signs = []
    if any(cell.get("support") for cell in cells):
        shown = texts[f"sign_support{heads}"]
        signs.append({"mark": shown, "label": texts[f"sign_support{heads}_says"]})
    if any(cell.get("support", "").startswith(MODELLED) for cell in cells):
        signs.append({"mark": MODELLED, "label": texts["sign_modelled"]})
    texts_shown = (cell.get(name, "") for cell in cells for name in ("text", "support"))
    if any(shown.endswith(STAR) for shown in texts_shown):
        label = texts["sign_starred"].format(n=MIN_UNSTARRED)
        signs.append({"mark": STAR, "label": label})
    if any(cell.get("finds_less") for cell in cells):
        signs.append({"mark": LESS, "label": texts["sign_finds_less"]})
    return [{**sign, "group": texts["signs_of_checks"]} for sign in signs]


def _class_signs(
    build: _CellBuilder, cells: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """What stands for a class that some cell was judged to be of."""
    texts, marks = build.texts, {cell.get("class_mark") for cell in cells}
    name = texts[f"anchor_{build.anchor.kind}"]
    signs = []
    for judged, mark in CLASS_MARKS.items():
        if mark in marks:
            label = texts.get(f"{judged}_sign", texts[judged].capitalize())
            signs.append({"mark": mark, "label": label.format(anchor=name)})
    return [{**sign, "group": texts["signs_of_classes"]} for sign in signs]


def say_unchecked_once(drawn: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A matrix or map as it is; where nothing in it was checked, its legend says so.

    `drawn` is as `matrix_cells` or `map_shapes` gives it. Each cell would say the same.
    """
    texts, rows = TEXTS[language], drawn.get("rows", ())
    groups = [row["cells"] for row in rows] or [drawn["shapes"], drawn["tiles"]]
    said = {cell["support"] for cells in groups for cell in cells if "support" in cell}
    if not said or said - {texts["support_none"], texts["support_none_heads"]}:
        return dict(drawn)
    bare = [[dict(cell) for cell in cells] for cells in groups]
    for cells in bare:
        for cell in cells:
            cell.pop("support", None)
    group = texts["signs_of_checks"]
    signs = [s for s in drawn["legend"]["signs"] if s.get("group") != group]
    signs.append({"label": texts["sign_unchecked"], "group": group})
    silent = (
        {"rows": [{**row, "cells": c} for row, c in zip(rows, bare, strict=True)]}
        if rows
        else dict(zip(("shapes", "tiles"), bare, strict=True))
    )
    return {**drawn, **silent, "legend": {**drawn["legend"], "signs": signs}}


def _ends(build: _CellBuilder, is_judged: bool) -> list[str]:
    """Where the two outermost steps begin, the cold one first."""
    metric, texts = build.metric, build.texts
    cold, hot = end_words(metric.better, build.language)
    edge = (build.anchor.edges or EDGES[metric.unit])[-1]
    is_class = is_judged and edge == CLASS_EDGES[-1]
    words = (texts["very_cold"].capitalize() if is_class else cold, hot)
    measure = texts["points" if metric.unit == "share" else "per_cent"]
    far = measure.format(n=f"{100 * edge:g}")
    ends = []
    for word, step in zip(words, (STEPS[0], STEPS[-1]), strict=True):
        is_above = (step > 0) != (metric.better == "lower")
        direction = texts["above_word" if is_above else "below_word"]
        name = texts[f"anchor_{build.anchor.kind}"]
        about = {"direction": direction, "anchor": name, "amount": far}
        # Hot as a class begins nearer, beyond chance: the mark of its own says so.
        if is_judged and step == STEPS[-1]:
            ends.append(texts["end_unnamed"].format(**about))
        else:
            ends.append(texts["end"].format(word=word, **about))
    return ends


def _frame_of_figure(
    captions: Captions, language: str, selected: str | None
) -> dict[str, Any]:
    return {
        "language": catalogue.DOCUMENT_LANGUAGES[language],
        "title": captions.title,
        "subtitle": captions.subtitle,
        "notice": captions.notice,
        "file_name": captions.file_name,
        "png": TEXTS[language]["png"],
        "selected": selected or "",
    }


def _units(registry: Registry) -> list[Unit]:
    return sorted(registry.units.values(), key=lambda u: UNIT_KINDS.index(u.kind))


def _units_apart(
    by_place: Mapping[Place, Mapping[str, Any]],
) -> dict[str | None, Belief]:
    """What checks support of each unit whose cells all lie on one side of it."""
    parts: dict[str | None, list[Belief]] = {}
    wholes: dict[str | None, Belief] = {}
    for (unit, sector), row in by_place.items():
        believed = belief.of_row(row)
        if unit and believed and sector:
            parts.setdefault(unit, []).append(believed)
        elif unit and believed:
            wholes[unit] = believed
    return {
        unit: whole
        for unit, whole in wholes.items()
        if belief.apart_from_parts(whole, parts.get(unit, ()))
    }


def _rows_by_place(frame: pd.DataFrame) -> dict[Place, dict[str, Any]]:
    needed = {"numerator", "denominator", "rate", "n_blank"}
    if missing := needed - set(frame.columns):
        raise ValueError(f"the frame lacks the columns {sorted(missing)}")
    rows: dict[Place, dict[str, Any]] = {}
    for row in plain_rows(frame):
        place = (_code(row.get("unit")), _code(row.get("sector")))
        if place in rows:
            raise ValueError(
                f"two rows speak for unit {place[0]}, sector {place[1]}; "
                "pass one metric, one month and one basis"
            )
        rows[place] = row
    return rows


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """`frame.to_dict("records")` in a fifth of its time, which on small frames counts.

    A whole number that is missing stays pandas.NA.

    >>> plain_rows(pd.DataFrame({"unit": ["350181"], "rate": [0.76]}))
    [{'unit': '350181', 'rate': 0.76}]
    """
    names, rows = list(frame.columns), frame.to_numpy(object).tolist()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _code(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int:
    number = as_number(value)
    return 0 if number is None else int(number)
