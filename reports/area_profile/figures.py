"""Figures of one place: where it stands on every metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.area_profile.rows import STANDINGS
from reports.figures import style
from reports.figures.dots import dots
from reports.figures.sheet import Sheet, strip_words
from reports.figures.style import Picture
from reports.figures.titles import furthest_of
from reports.words import catalogue, wording

ROW, LINE = 64, 16  # pixels; a name that takes another line makes every row higher
NAME_COLUMNS = 40  # beside its value on a phone
DIFFERS_COLOURS: Mapping[str | None, str] = {
    "above": style.HOT,
    "below": style.COLD,
}
TEXTS = catalogue.texts("area_profile.figures")


def profile_rows(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    unit: str | None,
    month: str,
    place: str = "",
    caveats: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One unit on every metric: its value among all units, the city and the target.

    Parameters
    ----------
    rows
        From `profile.stand`, in the order to show.
    unit
        Code; None for the city itself, or what `place` says.
    place
        What several units together are called.
    caveats
        By metric what stands against the unit's figure, said beside its standing.

    Returns
    -------
    Picture
        A rank is shown only of a unit that differs from the rest of the city, and
        beside it in which direction. Shares run from 0 to 100 %, other metrics from
        0 to the largest unit.
        customdata is [metric id].
    """
    texts = TEXTS[language]
    name = place or wording.CITY[language]
    if unit:
        name = wording.place_name(registry, "unit", unit, language)
    plain = texts["profile"].format(unit=name)
    found = style.records(rows)
    title = _finding(found, registry, language, is_unit=bool(unit))
    title = texts["found"].format(unit=name, finding=title) if title else plain
    sheet = Sheet(title, language, snapshot)
    if not found:
        return sheet.empty()
    shapes, notes, spoken, places, hovers = [], [], [], [], []
    most_lines = 1
    for position, row in enumerate(found):
        metric = registry.metrics[row["metric"]]
        most = _full_width(metric, row)
        label = wording.in_language(metric, "label", language)
        folded = wording.fold_name(label, NAME_COLUMNS)
        most_lines = max(most_lines, folded.count("\n") + 1)
        value = _value(row, metric, language) + _arrow(row["change"])
        standing = _standing(row, texts, language)
        standing += (caveats or {}).get(row["metric"], "")
        spoken.append(
            texts["spoken"].format(metric=label, value=value, standing=standing)
        )
        shapes += _marks(row, metric, most, position)
        notes += strip_words(
            position,
            style.escape(folded).replace("\n", "<br>"),
            f"<b>{style.escape(value)}</b>",
            style.escape(_below(row, metric, most, standing if unit else "", texts)),
            gap=(9, 8),
            value_size=14,
            xref="paper",
        )
        places.append(_share_of(most, row["rate"], metric))
        lines = [f"{label} {value}", standing, *_details(row, metric, texts)]
        hovers.append("<br>".join(map(style.escape, lines)))
    return sheet.draw_strips(
        [_standing_dots(found, places, hovers)],
        places,
        wording.join(spoken, language, "clauses"),
        texts["profile_sub"].format(month=wording.month_name(month, language)),
        n_rows=len(found),
        row=ROW + LINE * (most_lines - 1),
        bottom=40,
        left=14,
        right=16,
        shapes=shapes,
        annotations=notes,
    )


def _finding(
    rows: Sequence[Mapping[str, Any]],
    registry: Registry,
    language: str,
    *,
    is_unit: bool,
) -> str:
    """Which metric lies furthest behind; '' where none does.

    A unit is held to the city where it differs from it, the city to its targets.
    """
    kind = "city" if is_unit else "target"
    tested = (r for r in rows if not is_unit or r["differs"] in DIFFERS_COLOURS)
    known = ((registry.metrics[r["metric"]], r["rate"], r[kind]) for r in tested)
    return furthest_of(known, kind, language, plain="")


def _standing_dots(
    rows: Sequence[Mapping[str, Any]],
    places: Sequence[float | None],
    hovers: Sequence[str],
) -> dict[str, Any]:
    """The unit's value on each strip, coloured where it differs from the city."""
    return dots(
        places,
        range(len(rows)),
        [DIFFERS_COLOURS.get(row["differs"], style.NEUTRAL) for row in rows],
        14,
        marker={"line": {"color": style.EDGE, "width": 1.5}},
        texts=hovers,
        codes=[[row["metric"]] for row in rows],
    )


def _full_width(metric: Metric, row: Mapping[str, Any]) -> float:
    """What the right end of a row stands for."""
    if metric.unit == "share":
        return 1.0
    return max(row["highest"] or 0.0, row["rate"] or 0.0) or 1.0


def _value(row: Mapping[str, Any], metric: Metric, language: str) -> str:
    if row["rate"] is None and row["n_missing"]:
        return wording.NOT_REPORTED[language]
    return _say(row["rate"], metric)


def _say(value: float | None, metric: Metric) -> str:
    """A rate in words; a ceiling is at most that, and at most everybody."""
    if not metric.is_ceiling or value is None:
        return wording.rate_text(value, metric.unit)
    return f"≤ {wording.rate_text(min(value, 1.0), metric.unit)}"


def _share_of(most: float, value: float | None, metric: Metric) -> float | None:
    """Where on the strip a value stands, 0 to 1 (over 1 only where a ledger errs)."""
    if value is None:
        return None
    return min(value / most, 1.0) if metric.is_ceiling else value / most


def _arrow(change: float | None) -> str:
    """Up, down or level since the month before; '' where that is not known."""
    if change is None:
        return ""
    if abs(change) < 0.0005:
        return " →"
    return " ↑" if change > 0 else " ↓"


def _standing(row: Mapping[str, Any], texts: Mapping[str, str], language: str) -> str:
    standing = STANDINGS[row["differs"] or "none"][language]
    if row["rank"] is None:
        return standing
    rank = texts["rank"].format(rank=row["rank"], n=row["n_ranked"])
    return f"{rank}{texts['separator']}{standing}"


def _below(
    row: Mapping[str, Any],
    metric: Metric,
    most: float,
    standing: str,
    texts: Mapping[str, str],
) -> str:
    """What stands under a strip; `standing` is '' for the city itself."""
    if row["city"] is None:
        return texts["nothing"]
    if standing:
        parts = [standing, texts["city"].format(value=_say(row["city"], metric))]
    else:
        parts = _quartiles_and_target(row, metric, texts)
    if metric.unit != "share":
        shown = wording.rate_text(most, metric.unit)
        parts.append(texts["scale"].format(most=shown))
    return " · ".join(parts)


def _details(
    row: Mapping[str, Any], metric: Metric, texts: Mapping[str, str]
) -> list[str]:
    """The numbers behind the marks of a row."""
    lines = [texts["city"].format(value=_say(row["city"], metric))]
    lines += _quartiles_and_target(row, metric, texts)
    if row["change"] is not None:
        lines.append(texts["change"].format(change=_moved(row["change"], metric)))
    if row["denominator"] and row["numerator"] is not None:
        lines.append(style.fraction(row))
    return lines


def _quartiles_and_target(
    row: Mapping[str, Any], metric: Metric, texts: Mapping[str, str]
) -> list[str]:
    parts = []
    if row["lower_quartile"] is not None:
        ends = (row["lower_quartile"], row["upper_quartile"])
        lower, upper = (_say(value, metric) for value in ends)
        upper = upper.removeprefix("≤ ")  # of a ceiling once is enough
        parts.append(texts["quartiles"].format(lower=lower, upper=upper))
    if row["target"] is not None:
        parts.append(texts["target"].format(value=_say(row["target"], metric)))
    return parts


def _moved(change: float, metric: Metric) -> str:
    """A change with its sign: points of a share, else the plain difference."""
    text = f"{100 * change:+.1f}" if metric.unit == "share" else f"{change:+.2f}"
    return text.replace("-", "−")


def _marks(
    row: Mapping[str, Any], metric: Metric, most: float, position: int
) -> list[dict[str, Any]]:
    """The track, the middle half of the units, the city and the target."""
    shapes = [style.line(0, position, 1, position, style.GRID, width=6)]
    if row["lower_quartile"] is not None:
        quartiles = (row["lower_quartile"], row["upper_quartile"])
        ends = [_share_of(most, value, metric) for value in quartiles]
        middle = (*ends, position - 0.11, position + 0.11)
        shapes.append(style.rectangle(*middle, style.PALE, opacity=0.6))
    if row["city"] is not None:
        at = _share_of(most, row["city"], metric)
        shapes.append(_tick(at, position, style.CITY))
    if row["target"] is not None and row["target"] <= most:
        shapes.append(_tick(row["target"] / most, position, style.TARGET))
    return shapes


def _tick(at: float, position: int, colour: str) -> dict[str, Any]:
    ends = (at, position - 0.15, at, position + 0.15)
    return style.line(*ends, colour, width=2.5, layer="above")
