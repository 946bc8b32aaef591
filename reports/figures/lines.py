"""Lines over the months: one metric by place, and small panels of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.figures import style
from reports.figures.style import Picture
from reports.words import catalogue, wording

END_COLUMNS = 14  # of a name at the end of a line
TEXTS = catalogue.texts("figures.lines")


def month_lines(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    city: pd.DataFrame | None = None,
    highlight: Sequence[str] = (),
    target: float | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One metric over the months, a line for each place.

    Parameters
    ----------
    frame
        `read_rates` by month, or by month and one more dimension.
    city
        `read_rates` by month of the whole city, drawn bold.
    highlight
        Codes to colour and name; all when there are no more than six.

    Returns
    -------
    Picture
        A month without a figure leaves a gap; customdata is [code, month].
    """
    texts = TEXTS[language]
    title = texts["months"].format(
        metric=wording.in_language(metric, "label", language)
    )
    footnote = style.origin(snapshot, language)
    rows = style.records(frame)
    if not rows:
        return style.empty(title, language, footnote)
    dimension = next((name for name in _dimensions(frame) if name != "month"), None)
    city_rows = style.records(city) if city is not None else []
    months = sorted({row["month"] for row in [*rows, *city_rows]})
    data, notes, spoken = panel(
        rows,
        city_rows,
        dimension,
        months,
        metric,
        registry,
        language,
        highlight=highlight,
    )
    values = [row["rate"] for row in [*rows, *city_rows]]
    shapes = []
    if target is not None:
        shapes.append(
            style.line(0, target, 1, target, style.TARGET, "dash", xref="paper")
        )
    arrangement = style.layout(
        title,
        texts["grey"] if any(line["mode"] == "lines" for line in data) else "",
        height=400,
        left=52,
        right=8 + style.left_margin(note["text"] for note in notes),
        footnote=footnote,
        xaxis=style.month_axis(months, language),
        yaxis=style.metric_axis(metric.unit, values),
        shapes=shapes,
        annotations=notes,
    )
    return Picture(data, arrangement, f"{title}: {', '.join(spoken)}")


def panel(
    rows: Sequence[Mapping[str, Any]],
    city_rows: Sequence[Mapping[str, Any]],
    dimension: str | None,
    months: Sequence[str],
    metric: Metric,
    registry: Registry,
    language: str,
    *,
    highlight: Sequence[str] = (),
    number: int = 0,
    are_named: bool = True,
) -> tuple[list[dict], list[dict], list[str]]:
    """Traces, end labels and spoken figures of one panel of lines.

    `number` is the panel's place among several (its axes' suffix).
    """
    suffix = "" if number == 0 else str(number + 1)
    order = list(registry.sectors if dimension == "sector" else registry.units)
    by_code: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = str(row[dimension]) if dimension else ""
        by_code.setdefault(code, {})[row["month"]] = row["rate"]
    codes = sorted(by_code, key=lambda c: (order.index(c) if c in order else 999, c))
    chosen = set(highlight) or (set(codes) if len(codes) <= 6 else set())
    data, ends, spoken = [], [], []

    def add(code: str, values: Mapping[str, Any], name: str, colour: str, width: float):
        data.append(
            {
                "type": "scatter",
                "mode": "lines" if width < 2 else "lines+markers",
                "name": style.escape(name),
                "x": list(months),
                "y": [values.get(month) for month in months],
                "xaxis": f"x{suffix}",
                "yaxis": f"y{suffix}",
                "line": {"color": colour, "width": width},
                "marker": {"color": colour, "size": 5},
                "customdata": [[code, month] for month in months],
                "hovertext": [
                    style.escape(
                        f"{name} {wording.month_name(month, language)} "
                        f"{wording.rate_text(values.get(month), metric.unit)}"
                    )
                    for month in months
                ],
                "hoverinfo": "text",
                "connectgaps": False,
            }
        )
        last = next(
            ((m, values[m]) for m in reversed(months) if values.get(m) is not None),
            None,
        )
        if last is not None and width >= 2:
            ends.append((last[1], name, colour))
            spoken.append(f"{name} {wording.rate_text(last[1], metric.unit)}")

    for code in codes:  # the pale ones first: they lie below
        if dimension and code not in chosen:
            name = wording.place_name(registry, dimension, code, language)
            add(code, by_code[code], name, style.PALE, 1)
    for position, code in enumerate(c for c in codes if c in chosen or not dimension):
        name = wording.CITY[language]
        if dimension:
            name = wording.place_name(
                registry, dimension, code, language, is_short=True
            )
        colour = style.SECTORS.get(code) or style.SERIES[position % len(style.SERIES)]
        add(code, by_code[code], name, colour if dimension else style.DONE, 2.5)
    if city_rows:
        values = {row["month"]: row["rate"] for row in city_rows}
        add("", values, wording.CITY[language], style.CITY, 3)
    notes = []
    if are_named:
        rates = [row["rate"] for row in [*rows, *city_rows] if row["rate"] is not None]
        top = max([1.0 if metric.unit == "share" else 0, *rates], default=1) or 1
        for value, name, colour in _apart(ends, top * 0.055):
            notes.append(
                style.label(
                    style.escape(wording.shorten(name, END_COLUMNS)),
                    1,
                    value,
                    xref=f"x{suffix} domain",
                    yref=f"y{suffix}",
                    xanchor="left",
                    xshift=2,
                    font={"color": colour},
                )
            )
    return data, notes, spoken


def _dimensions(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name in wording.DIMENSION_LABELS]


def _apart(
    ends: Sequence[tuple[float, str, str]], least: float
) -> list[tuple[float, str, str]]:
    """Ends of lines moved up just so far that their names do not cover each other."""
    placed: list[tuple[float, str, str]] = []
    for value, name, colour in sorted(ends):
        lowest = placed[-1][0] + least if placed else value
        placed.append((max(value, lowest), name, colour))
    return placed
