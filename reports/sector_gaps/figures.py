"""Figures of the sector gaps: six sectors side by side, and where the gap lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.figures import style
from reports.figures.colours import step_of
from reports.figures.style import Picture
from reports.words import catalogue, sentences, wording

SMALLEST, LARGEST = 7, 30  # diameter of a dot in pixels
MOST_BARS = 15
CLASS_COLOURS = {"very_cold": style.COLD, "cold": style.COLD, "hot": style.HOT}
TEXTS = catalogue.texts("sector_gaps.figures")


def sector_dots(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    city: float | None = None,
    target: float | None = None,
    selected: str | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Units as dots along each sector's strip, with the city and the target as lines.

    Parameters
    ----------
    frame
        `read_rates` by unit and sector, one month.
    city, target
        Lines to draw, in the metric's measure (0–1 or per head).
    selected
        Unit code to outline.

    Returns
    -------
    Picture
        A dot's area follows its denominator, its colour the side of the city it lies
        on; customdata is [unit, sector], so that a click can lead there.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["dots"].format(metric=label)
    footnote = style.origin(snapshot, language)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    sectors = [
        code for code in registry.sectors if any(r["sector"] == code for r in rows)
    ]
    if not rows:
        return style.empty(title, language, footnote)
    most = max(row["denominator"] for row in rows)
    height_of = {code: position for position, code in enumerate(sectors)}
    names = [
        wording.place_name(registry, "sector", code, language, is_short=True)
        for code in sectors
    ]
    data, notes, spoken = [], [], []
    for code in sectors:
        strip = sorted(
            (row for row in rows if row["sector"] == code), key=lambda r: r["rate"]
        )
        sizes = [_diameter(row["denominator"], most) for row in strip]
        units = [
            wording.place_name(registry, "unit", row["unit"], language) for row in strip
        ]
        values = [wording.rate_text(row["rate"], metric.unit) for row in strip]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row["rate"] for row in strip],
                "y": [
                    height_of[code] + shift
                    for shift in _spread([row["rate"] for row in strip], sizes)
                ],
                "marker": {
                    "size": sizes,
                    "color": [_side(row, city, metric) for row in strip],
                    "opacity": 0.75,
                    "line": {
                        "width": [
                            3 if row["unit"] == selected else 0.7 for row in strip
                        ],
                        "color": [
                            style.TARGET if row["unit"] == selected else style.EDGE
                            for row in strip
                        ],
                    },
                },
                "cliponaxis": False,
                "customdata": [[row["unit"], code] for row in strip],
                "hovertext": [
                    style.escape(f"{unit} {names[height_of[code]]} {value}")
                    + f"<br>{_fraction(row)}"
                    for row, unit, value in zip(strip, units, values, strict=True)
                ],
                "hoverinfo": "text",
            }
        )
        ends = texts["ends"].format(
            lowest=f"{wording.shorten(units[0], 16)} {values[0]}",
            highest=f"{wording.shorten(units[-1], 16)} {values[-1]}",
        )
        notes.append(
            style.label(
                style.escape(ends),
                0,
                height_of[code] + 0.5,
                xref="paper",
                xanchor="left",
                yanchor="bottom",
                opacity=0.85,
            )
        )
        spoken.append(f"{names[height_of[code]]} {ends}")
    shapes, lines = _reference_lines(city, target, metric, texts)
    denominator = registry.label(metric.denominator, language)
    arrangement = style.layout(
        title,
        style.escape(
            texts["dots_sub"].format(
                month=wording.month_name(month, language), denominator=denominator
            )
        ),
        height=style.TOP + 24 + 76 * len(sectors) + style.BOTTOM,
        left=style.left_margin(names),
        right=22,
        top=style.TOP + 24,
        footnote=footnote,
        xaxis=style.dot_axis(metric.unit, [row["rate"] for row in rows]),
        yaxis=style.name_axis(names, range(len(sectors))),
        shapes=shapes,
        annotations=[*notes, *lines],
    )
    return Picture(data, arrangement, f"{title}: {'; '.join(spoken)}")


def missing_pareto(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    by: tuple[str, ...] = ("unit", "sector"),
    caveat: str = "",
    snapshot: Snapshot | None = None,
) -> Picture:
    """Which places hold what is still missing: bars by size and their running share.

    Parameters
    ----------
    frame
        `read_rates` by `by`, one month. Missing is counted to the target in force (to
        all where there is none), as the headline does; a place that reports more than
        that counts as 0 and not against the others.
    caveat
        What stands against the sum of these places, said where nothing is missing.

    Returns
    -------
    Picture
        The largest 15 and the rest as one bar; customdata holds the codes in the
        order of `by` (none for the rest).
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["pareto"]
    footnote = style.origin(snapshot, language)
    milestone = wording.milestone_in(metric, month)
    target = milestone.target if milestone else 1.0
    places, n_known, n_silent = [], 0, 0
    for row in style.records(frame):
        if row["numerator"] is None or not row["denominator"]:
            n_silent += bool(row.get("n_missing"))
            continue
        n_known += 1
        missing = sentences.shortfall(row["numerator"], row["denominator"], target)
        if missing:
            codes = tuple(row[name] for name in by)
            name = wording.cell_name(registry, by, codes, language)
            places.append((missing, name, codes, row))
    places.sort(key=lambda place: (-place[0], place[1]))
    total = sum(place[0] for place in places)
    spoken = sentences.concentration(
        [place[0] for place in places],
        [place[1] for place in places],
        language,
        n_known=n_known,
        n_silent=n_silent,
        caveat=caveat,
    )
    if not places or n_known == 1:
        return style.empty(title, language, footnote, spoken)
    shown, others = places[:MOST_BARS], places[MOST_BARS:]
    counts = [place[0] for place in shown]
    names = [place[1] for place in shown]
    customdata = [list(place[2]) for place in shown]
    hover = [f"{style.escape(name)}<br>{_fraction(row)}" for _, name, _, row in shown]
    sums = [sum(counts[: i + 1]) / total for i in range(len(counts))]
    notes = []
    if others:
        # A figure without a bar: the sum of many would dwarf every single place.
        remainder = wording.number(sum(place[0] for place in others))
        notes.append(
            style.label(remainder, 0, len(names), xanchor="left", xshift=3, yref="y")
        )
        names.append(texts["rest"].format(n=len(others)))
        sums.append(1.0)
    positions = list(range(len(names)))
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "x": counts,
            "y": positions[: len(counts)],
            "width": 0.66,
            "marker": {"color": style.DONE},
            "text": [wording.number(count) for count in counts],
            "textposition": "outside",
            "cliponaxis": False,
            "customdata": customdata,
            "hovertext": hover,
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "mode": "lines+markers+text",
            "x": sums,
            "y": positions,
            "xaxis": "x2",
            "line": {"color": style.CITY, "width": 1.5},
            "marker": {"color": style.CITY, "size": 5},
            "text": [
                wording.percent(s) if i % 5 == 4 or i == len(sums) - 1 else ""
                for i, s in enumerate(sums)
            ],
            "textposition": "middle left",
            "textfont": {"size": style.SMALL_SIZE},
            "cliponaxis": False,
            "hovertext": [
                texts["cumulative"].format(share=wording.percent(s)) for s in sums
            ],
            "hoverinfo": "text",
        },
    ]
    arrangement = style.layout(
        title,
        style.escape(
            texts["pareto_sub"].format(
                metric=label, month=wording.month_name(month, language)
            )
        ),
        height=style.TOP + 24 * len(names) + style.BOTTOM,
        left=style.left_margin(names),
        right=18,
        footnote=footnote,
        xaxis=style.axis(
            domain=[0, 0.64],
            range=[0, max(counts) * 1.28],
            nticks=4,
            tickformat=",d",
            showticklabels=False,
        ),
        xaxis2=style.axis(
            domain=[0.7, 1],
            range=[0, 1.03],
            tickvals=[0, 1],
            tickformat=".0%",
            anchor="y",
        ),
        yaxis=style.name_axis(names, positions),
        annotations=notes,
    )
    return Picture(traces, arrangement, f"{title}: {spoken}")


def sector_bars(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    city: float | None = None,
    target: float | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Six sectors side by side, each with its figure, against city and target.

    `frame` is `read_rates` by sector, one month; customdata is [sector].
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["bars"].format(metric=label)
    footnote = style.origin(snapshot, language)
    by_sector = {row["sector"]: row for row in style.records(frame)}
    sectors = [code for code in registry.sectors if code in by_sector]
    rows = [by_sector[code] for code in sectors]
    if not rows:
        return style.empty(title, language, footnote)
    names = [
        wording.place_name(registry, "sector", code, language, is_short=True)
        for code in sectors
    ]
    values = [
        wording.NOT_REPORTED[language]
        if row["rate"] is None and row.get("n_missing")
        else wording.rate_text(row["rate"], metric.unit)
        for row in rows
    ]
    rates = [row["rate"] for row in rows]
    shapes, lines = _reference_lines(city, target, metric, texts)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": list(range(len(rows))),
            "x": [rate or 0 for rate in rates],
            "width": 0.6,
            "marker": {"color": [_side(row, city, metric) for row in rows]},
            "customdata": [[code] for code in sectors],
            "hovertext": [
                f"{style.escape(name)} {value}<br>{_fraction(row)}"
                for name, value, row in zip(names, values, rows, strict=True)
            ],
            "hoverinfo": "text",
        }
    ]
    arrangement = style.layout(
        title,
        wording.month_name(month, language),
        height=style.TOP + 24 + 40 * len(rows) + style.BOTTOM,
        left=style.left_margin(names),
        right=58,
        top=style.TOP + 24,
        footnote=footnote,
        xaxis=style.metric_axis(metric.unit, rates),
        yaxis=style.name_axis(names, range(len(rows))),
        shapes=shapes,
        annotations=[
            *lines,
            *(
                style.label(
                    f"<b>{value}</b>",
                    1,
                    position,
                    xref="paper",
                    xanchor="left",
                    xshift=6,
                    font={"size": style.TEXT_SIZE},
                )
                for position, value in enumerate(values)
            ),
        ],
    )
    spoken = ", ".join(
        f"{name} {value}" for name, value in zip(names, values, strict=True)
    )
    return Picture(
        traces, arrangement, f"{title}, {wording.month_name(month, language)}: {spoken}"
    )


def sector_months(
    frame: pd.DataFrame,
    city: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One small chart a sector over the months, the city as a grey line in each.

    Parameters
    ----------
    frame, city
        `read_rates` by sector and month, and by month.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    title = texts["months"].format(metric=label)
    footnote = style.origin(snapshot, language)
    rows = style.records(frame)
    sectors = [c for c in registry.sectors if any(r["sector"] == c for r in rows)]
    if not rows:
        return style.empty(title, language, footnote)
    months = sorted({row["month"] for row in rows})
    city_rates = {row["month"]: row["rate"] for row in style.records(city)}
    n_across = 3
    n_down = -(-len(sectors) // n_across)
    gap_x, gap_y = 0.05, 0.28 / n_down * 2
    width = (1 - gap_x * (n_across - 1)) / n_across
    depth = (1 - gap_y * (n_down - 1)) / n_down
    every = [*city_rates.values(), *(row["rate"] for row in rows)]
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    notes, spoken = [], []
    for number, code in enumerate(sectors):
        across, down = number % n_across, number // n_across
        x0, y1 = across * (width + gap_x), 1 - down * (depth + gap_y)
        suffix = "" if number == 0 else str(number + 1)
        rates = {r["month"]: r["rate"] for r in rows if r["sector"] == code}
        name = wording.place_name(registry, "sector", code, language, is_short=True)
        last = next(
            (rates[m] for m in reversed(months) if rates.get(m) is not None), None
        )
        series = (
            (city_rates, style.PALE, 1.5, "", wording.CITY[language]),
            (rates, style.SECTORS.get(code, style.DONE), 2.5, code, name),
        )
        for values, colour, stroke, sector, who in series:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines" if not sector else "lines+markers",
                    "x": months,
                    "y": [values.get(month) for month in months],
                    "xaxis": f"x{suffix}",
                    "yaxis": f"y{suffix}",
                    "line": {"color": colour, "width": stroke},
                    "marker": {"size": 5, "color": colour},
                    "customdata": [[sector, month] for month in months],
                    "hovertext": [
                        style.escape(
                            f"{who} {wording.month_name(month, language)} "
                            f"{wording.rate_text(values.get(month), metric.unit)}"
                        )
                        for month in months
                    ],
                    "hoverinfo": "text",
                }
            )
        axes[f"xaxis{suffix}"] = style.month_axis(
            months, language, domain=[x0, x0 + width], anchor=f"y{suffix}"
        ) | {"tickvals": [months[0], months[-1]]}
        axes[f"xaxis{suffix}"]["ticktext"] = [
            wording.month_tick(m, language) for m in (months[0], months[-1])
        ]
        axes[f"yaxis{suffix}"] = style.metric_axis(
            metric.unit,
            every,
            domain=[max(0.0, y1 - depth), y1],
            anchor=f"x{suffix}",
            showticklabels=across == 0,
            **({"tickvals": [0, 0.5, 1]} if metric.unit == "share" else {}),
        )
        value = wording.rate_text(last, metric.unit)
        notes.append(
            style.label(
                f"<b>{style.escape(name)}</b><br>{value}",
                x0,
                y1,
                xref="paper",
                yref="paper",
                xanchor="left",
                yanchor="bottom",
                align="left",
                font={"size": style.TEXT_SIZE},
            )
        )
        spoken.append(f"{name} {value}")
    arrangement = style.layout(
        title,
        texts["months_sub"],
        height=style.TOP + 30 + 165 * n_down + style.BOTTOM,
        left=46,
        top=style.TOP + 30,
        footnote=footnote,
        annotations=notes,
        **axes,
    )
    return Picture(data, arrangement, f"{title}: {', '.join(spoken)}")


def _reference_lines(
    city: float | None,
    target: float | None,
    metric: Metric,
    texts: Mapping[str, str],
) -> tuple[list[dict], list[dict]]:
    """The city and the target as vertical lines, named above the drawing."""
    shapes, notes = [], []
    is_near = city is not None and target is not None and abs(city - target) < 0.22
    for key, value, colour, dash in (
        ("city", city, style.CITY, "solid"),
        ("target", target, style.TARGET, "dash"),
    ):
        if value is None:
            continue
        shapes.append(style.line(value, 0, value, 1, colour, dash, yref="y domain"))
        text = texts[key].format(value=wording.rate_text(value, metric.unit))
        anchor = "center"
        if key == "target" and metric.unit == "share" and value > 0.9:
            anchor = "right"
        elif is_near and key == "city":
            anchor = "right" if value < target else "left"
        notes.append(
            style.label(
                text,
                value,
                1,
                yref="paper",
                xanchor=anchor,
                yanchor="bottom",
                yshift=2 + (14 if is_near and key == "target" else 0),
                font={"color": colour},
            )
        )
    return shapes, notes


def _side(row: Mapping[str, Any], city: float | None, metric: Metric) -> str:
    """Blue where a place is judged cold, orange where hot, grey where neither.

    What is not judged is blue below the city, orange above, grey where level with it
    or unknown.
    """
    judged = row.get("cell_class")
    if isinstance(judged, str):
        return CLASS_COLOURS.get(judged, style.NEUTRAL)
    step = step_of(row["rate"], city, metric.unit, metric.better)
    if not step:
        return style.NEUTRAL
    return style.HOT if step > 0 else style.COLD


def _diameter(size: float, most: float) -> float:
    """Area in proportion to the size, no dot too small to hit."""
    return max(SMALLEST, LARGEST * (size / most) ** 0.5)


def _spread(rates: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Shifts across a strip so that dots of nearly the same rate do not hide."""
    lanes = (-0.08, -0.26, 0.1, -0.17, 0.01)
    reach = [float("-inf")] * len(lanes)
    shifts = []
    for rate, size in zip(rates, sizes, strict=True):
        # About 600 pixels across: a dot takes that share of the axis.
        half = size / 2 / 600
        free = [i for i, end in enumerate(reach) if rate - half >= end]
        lane = free[0] if free else min(range(len(lanes)), key=reach.__getitem__)
        reach[lane] = rate + half
        shifts.append(lanes[lane])
    return shifts


def _fraction(row: Mapping[str, Any]) -> str:
    return f"{wording.number(row['numerator'])} / {wording.number(row['denominator'])}"
