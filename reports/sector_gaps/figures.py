"""Figures of the sector gaps: six sectors side by side, and where the gap lies."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from data_pipeline.statistics.unevenness import MIN_NAMED
from data_pipeline.withheld import is_withheld, withholds
from reports.belief import Says, row_signs
from reports.figures import lines, multiples, style
from reports.figures.bars import bars, end_label
from reports.figures.colours import step_of
from reports.figures.dots import diameters, dots, spread
from reports.figures.matrix import Anchor, compare_text
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.figures.titles import largest_of, worst_of
from reports.words import catalogue, sentences, wording

MOST_BARS = 15
STRIP_FOOT = 0.26  # of a strip's height, from its middle: below it stand words
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
    line: Anchor | None = None,
    selected: str | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Units as dots along each sector's strip, with the city and the target as lines.

    Parameters
    ----------
    frame
        `read_rates` by unit and sector, one month; signs stand beside what is named
        where `belief.add_columns` has put anything there.
    city, target
        Lines to draw, in the metric's measure (0–1 or per head).
    line
        What colours and words compare with; by default the city.
    selected
        Unit code to outline.

    Returns
    -------
    Picture
        A dot's area follows its denominator, its colour the side of the line it lies
        on; customdata is [unit, sector], so that a click can lead there. The title
        names the sector whose ends lie furthest apart.
    """
    texts = TEXTS[language]
    line = line or Anchor("city", city)
    rows = [row for row in style.records(frame) if row["rate"] is not None]
    title = _widest_strip(rows, metric, registry, language)
    sheet = Sheet(title, language, snapshot)
    if not rows:
        return sheet.empty()
    sectors = _sectors(rows, registry)
    names = _names("sector", sectors, registry, language)
    most = max(row["denominator"] for row in rows)
    data, notes, spoken = [], [], []
    for position, (code, name) in enumerate(zip(sectors, names, strict=True)):
        strip = sorted(
            (row for row in rows if row["sector"] == code), key=lambda r: r["rate"]
        )
        hovers = [
            f"{wording.place_name(registry, 'unit', row['unit'], language)} {name} "
            f"{_signed(row, metric)}"
            f"{_compared(row, line, metric, language)}"
            for row in strip
        ]
        colors = [_side(row, line, metric) for row in strip]
        data.append(_strip(strip, position, colors, hovers, selected, most))
        ends = _ends(strip, metric, registry, language)
        notes.append(_strip_note(ends, position))
        spoken.append(f"{name} {ends}")
    lines, named = _reference_lines(city, target, metric, texts)
    # Not across the words at the foot of a strip, which on a phone reach that far.
    shapes = [
        line | {"yref": "y", "y0": position - 0.5, "y1": position + STRIP_FOOT}
        for line in lines
        for position in range(len(sectors))
    ]
    sides = _sides_key(rows, line, metric, language)
    subtitle = texts["dots_sub"].format(
        month=wording.month_name(month, language),
        denominator=registry.label(metric.denominator, language),
    )
    return sheet.draw_rows(
        data,
        names,
        wording.join(spoken, language, "clauses"),
        "<br>".join(filter(None, (style.escape(subtitle), sides))),
        row=70,
        above=24 + style.LINE * bool(sides),
        right=22,
        xaxis=style.dot_axis(
            metric.unit, [*(row["rate"] for row in rows), city, target]
        ),
        shapes=shapes,
        annotations=[*notes, *named],
    )


def _widest_strip(
    rows: Sequence[Mapping[str, Any]],
    metric: Metric,
    registry: Registry,
    language: str,
) -> str:
    """What the strips show in one line: the sector whose ends lie furthest apart.

    A handful of branches is no finding: units under ten are left out.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    strips: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["rate"], row["unit"])):
        if row["denominator"] >= MIN_NAMED:
            strips.setdefault(row["sector"], []).append(row)
    widest = max(
        strips.values(), key=lambda s: s[-1]["rate"] - s[0]["rate"], default=[]
    )
    if not widest or widest[0]["rate"] == widest[-1]["rate"]:
        return texts["dots"].format(metric=label)
    ends = [
        f"{wording.place_name(registry, 'unit', row['unit'], language)} "
        f"{_signed(row, metric)}"
        for row in (widest[0], widest[-1])
    ]
    sector = (registry, "sector", widest[0]["sector"], language)
    return texts["dots_found"].format(
        metric=label,
        sector=wording.place_name(*sector, is_short=True),
        lowest=ends[0],
        highest=ends[1],
    )


def _signed(row: Mapping[str, Any], metric: Metric) -> str:
    """A rate with the signs of what speaks against it: '100 % ⚑2'."""
    return f"{wording.rate_text(row['rate'], metric.unit)} {row_signs(row)}".strip()


def _compared(
    row: Mapping[str, Any], line: Anchor, metric: Metric, language: str
) -> str:
    """· 低于全市 3.2 个百分点; '' where there is nothing to compare with."""
    at = line.at((row.get("unit"), row.get("sector")), row["rate"])
    words = compare_text(row["rate"], at, line.kind, metric, language)
    return words and f" · {words}"


def _strip(
    rows: Sequence[Mapping[str, Any]],
    position: int,
    colors: Sequence[str],
    hovers: Sequence[str],
    selected: str | None,
    most: float,
) -> dict[str, Any]:
    """Units of one sector by rising rate, sized by their denominators."""
    rates = [row["rate"] for row in rows]
    sizes = diameters([row["denominator"] for row in rows], most)
    is_selected = [row["unit"] == selected for row in rows]
    edges = {
        "width": [3 if it else 0.7 for it in is_selected],
        "color": [style.TARGET if it else style.EDGE for it in is_selected],
    }
    return dots(
        rates,
        [position + shift for shift in spread(rates, sizes)],
        colors,
        sizes,
        marker={"opacity": 0.75, "line": edges},
        texts=list(map(style.with_fraction, hovers, rows)),
        codes=[[row["unit"], row["sector"]] for row in rows],
    )


def _ends(
    strip: Sequence[Mapping[str, Any]],
    metric: Metric,
    registry: Registry,
    language: str,
) -> str:
    """Which unit is the lowest of a strip, which the highest, and where."""
    ends = {}
    for end, row in (("lowest", strip[0]), ("highest", strip[-1])):
        unit = wording.place_name(registry, "unit", row["unit"], language)
        ends[end] = f"{wording.shorten(unit, 16)} {_signed(row, metric)}"
    return TEXTS[language]["ends"].format(**ends)


def _strip_note(text: str, position: int) -> dict[str, Any]:
    """A line of words at the foot of a strip."""
    place = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return style.label(style.escape(text), 0, position + 0.5, opacity=0.85, **place)


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
    sheet = Sheet(texts["pareto"], language, snapshot)
    known, silent = _known_and_silent(style.records(frame))
    places = _short_places(known, metric, month, by, registry, language)
    counts, names = [p.missing for p in places], [p.name for p in places]
    about = {"n_known": len(known), "n_silent": len(silent), "caveat": caveat}
    spoken = sentences.concentration(counts, names, language, **about)
    if withholds(frame):
        spoken = texts["pareto_withheld"].format(sentence=spoken)
    if not places or len(known) == 1:
        return sheet.empty(spoken)
    n_others = len(places[MOST_BARS:])
    lengths = counts[:MOST_BARS]
    del names[MOST_BARS:]
    sums = [sum(lengths[: i + 1]) / sum(counts) for i in range(len(lengths))]
    notes = []
    if n_others:
        # A figure without a bar: the sum of many would dwarf every single place.
        rest = wording.number(sum(counts[MOST_BARS:]))
        place = {"xanchor": "left", "xshift": 3, "yref": "y"}
        notes.append(style.label(rest, 0, len(names), **place))
        names.append(texts["rest"].format(n=n_others))
        sums.append(1.0)
    when = wording.month_name(month, language)
    return sheet.draw_rows(
        [_missing_bars(places[:MOST_BARS]), _running_share(sums, texts)],
        names,
        spoken,
        style.escape(texts["pareto_sub"].format(metric=label, month=when)),
        row=24,
        right=18,
        xaxis=style.number_axis(
            0, max(lengths) * 1.28, 4, domain=[0, 0.64], showticklabels=False
        ),
        xaxis2=style.share_axis(
            domain=[0.7, 1], range=[0, 1.03], tickvals=[0, 1], anchor="y"
        ),
        annotations=notes,
    )


class _Short(NamedTuple):
    """A place, its codes and its row, and how many it lacks."""

    missing: float
    name: str
    codes: tuple[Any, ...]
    row: Mapping[str, Any]


def _known_and_silent(
    rows: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Rows with both sums, and those that were due and filed nothing.

    A row of which a count is withheld is neither.
    """
    known, silent = [], []
    for row in rows:
        if is_withheld(row):
            continue
        if row["numerator"] is not None and row["denominator"]:
            known.append(row)
        elif row.get("n_missing"):
            silent.append(row)
    return known, silent


def _short_places(
    rows: Sequence[Mapping[str, Any]],
    metric: Metric,
    month: str,
    by: tuple[str, ...],
    registry: Registry,
    language: str,
) -> list[_Short]:
    """The places that lack something to the target in force, the most first."""
    milestone = wording.milestone_in(metric, month)
    target = milestone.target if milestone else 1.0
    places = []
    for row in rows:
        missing = sentences.shortfall(row["numerator"], row["denominator"], target)
        if missing:
            codes = tuple(row[name] for name in by)
            name = wording.cell_name(registry, by, codes, language)
            places.append(_Short(missing, name, codes, row))
    return sorted(places, key=lambda place: (-place.missing, place.name))


def _missing_bars(places: Sequence[_Short]) -> dict[str, Any]:
    """How many each place lacks, said at the end of its bar."""
    lengths = [place.missing for place in places]
    return bars(
        lengths,
        style.DONE,
        texts=[style.with_fraction(place.name, place.row) for place in places],
        codes=[place.codes for place in places],
        width=0.66,
        text=[wording.number(length) for length in lengths],
        textposition="outside",
        cliponaxis=False,
    )


def _running_share(sums: Sequence[float], texts: Mapping[str, str]) -> dict[str, Any]:
    """The share that the rows down to each hold together, said at every fifth."""
    shares = [wording.percent(share) for share in sums]
    last = len(sums) - 1
    return lines.series(
        sums,
        range(len(sums)),
        style.CITY,
        width=1.5,
        texts=[texts["cumulative"].format(share=share) for share in shares],
        mode="lines+markers+text",
        xaxis="x2",
        text=[s if i % 5 == 4 or i == last else "" for i, s in enumerate(shares)],
        textposition="middle left",
        textfont={"size": style.SMALL_SIZE},
    )


def sector_bars(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    by: Sequence[str] = ("sector",),
    city: float | None = None,
    target: float | None = None,
    line: Anchor | None = None,
    unit: str | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Sectors or words of categories side by side, each against city and target.

    `frame` is `read_rates` by those dimensions (`by`), one month, of the city or of one
    `unit`; customdata is their codes. Colours compare with `line`, by default the city.
    """
    texts = TEXTS[language]
    line = line or Anchor("city", city)
    sheet = Sheet(_bars_title(metric, registry, language, by), language, snapshot)
    by_code = {tuple(row[name] for name in by): row for row in style.records(frame)}
    codes = _in_order(by_code, by, registry)
    rows = [by_code[code] for code in codes]
    if not rows:
        return sheet.empty()
    columns = zip(by, zip(*codes, strict=True), strict=True)
    parts = [_names(name, part, registry, language) for name, part in columns]
    names = ["\n".join(words) for words in zip(*parts, strict=True)]
    signs = [row_signs(row) for row in rows]
    values = [
        f"{_value(row, metric, language)} {mark}".strip()
        for row, mark in zip(rows, signs, strict=True)
    ]
    known = zip(names, (row["rate"] for row in rows), signs, strict=True)
    find = largest_of if {*by} <= {*metric.split_by} else worst_of
    sheet = sheet.titled(find(known, metric, language, plain=sheet.title))
    pairs = zip(names, values, strict=True)
    labels = [f"{name.replace(chr(10), ' · ')} {value}" for name, value in pairs]
    rates = [row["rate"] for row in rows]
    shapes, notes = _reference_lines(city, target, metric, texts)
    notes += [end_label(f"<b>{value}</b>", at) for at, value in enumerate(values)]
    trace = bars(
        [rate or 0 for rate in rates],
        [_side({"unit": unit, **row}, line, metric) for row in rows],
        texts=list(map(style.with_fraction, labels, rows)),
        codes=[list(code) for code in codes],
        width=0.6,
    )
    when = wording.month_name(month, language)
    sides = _sides_key([{"unit": unit, **row} for row in rows], line, metric, language)
    return sheet.draw_rows(
        [trace],
        names,
        wording.join(labels, language),
        "<br>".join(filter(None, (when, sides))),
        when=when,
        row=40,
        above=24 + style.LINE * bool(sides),
        right=max(58, style.right_margin(values)),
        xaxis=style.metric_axis(metric.unit, [*rates, city, target]),
        shapes=shapes,
        annotations=notes,
    )


def _bars_title(
    metric: Metric, registry: Registry, language: str, by: Sequence[str]
) -> str:
    """The metric by sector, or by the categories that divide it."""
    label, texts = wording.in_language(metric, "label", language), TEXTS[language]
    if by == ("sector",):
        return texts["bars"].format(metric=label)
    named = [wording.category_label(registry, metric, n, language) for n in by]
    return texts["bars_by"].format(metric=label, category=" · ".join(named))


def _value(row: Mapping[str, Any], metric: Metric, language: str) -> str:
    """A rate, or that what was due was not reported."""
    if row["rate"] is None and row.get("n_missing"):
        return wording.NOT_REPORTED[language]
    return wording.rate_text(row["rate"], metric.unit)


def _in_order(
    found: Container[tuple[str, ...]], by: Sequence[str], registry: Registry
) -> list[tuple[str, ...]]:
    """The codes that are found, sectors and words in the registry's order."""
    known = (
        registry.sectors if name == "sector" else registry.words(name).values()
        for name in by
    )
    # A word of several tables stands once.
    possible = dict.fromkeys(itertools.product(*known))
    return [codes for codes in possible if codes in found]


def sector_months(
    frame: pd.DataFrame,
    city: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    says: Says | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One small chart a sector over the months, the city as a grey line in each.

    Parameters
    ----------
    frame, city
        `read_rates` by sector and month, and by month.
    says
        The signs of a sector in the last month (`belief.signs`), by its code.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    sheet = Sheet(texts["months"].format(metric=label), language, snapshot)
    rows = style.records(frame)
    if not rows:
        return sheet.empty()
    sectors = _sectors(rows, registry)
    names = _names("sector", sectors, registry, language)
    months = sorted({row["month"] for row in rows})
    city_rates = {row["month"]: row["rate"] for row in style.records(city)}
    every = [*city_rates.values(), *(row["rate"] for row in rows)]
    ticks = {"tickvals": [0, 0.5, 1]} if metric.unit == "share" else {}
    panels = multiples.grid(len(sectors), 3, gap_x=0.05, gap_y=0.56)
    data, notes, spoken, now = [], [], [], []
    axes: dict[str, Any] = {}
    for place, code, name in zip(panels, sectors, names, strict=True):
        rates = {r["month"]: r["rate"] for r in rows if r["sector"] == code}
        about = (months, metric, language, place)
        whole = _panel_line("", wording.CITY[language], city_rates, *about)
        data += [whole, _panel_line(code, name, rates, *about)]
        ends = (months[0], months[-1])
        axes[f"xaxis{place.suffix}"] = place.months(months, ends, language)
        axes[f"yaxis{place.suffix}"] = style.metric_axis(
            metric.unit,
            every,
            showticklabels=place.column == 0,
            **ticks,
            **place.upwards,
        )
        last = lines.last_known([rates.get(month) for month in months])
        signs = says({"sector": code}) if says else ""
        now.append((name, rates.get(months[-1]), signs))
        value = f"{wording.rate_text(last, metric.unit)} {signs}".strip()
        size = {"size": style.TEXT_SIZE}
        notes.append(place.heading(style.escape(name), value, font=size))
        spoken.append(f"{name} {value}")
    n_down = -(-len(sectors) // 3)
    sheet = sheet.titled(worst_of(now, metric, language, plain=sheet.title))
    return sheet.draw(
        data,
        wording.join(spoken, language),
        texts["months_sub"],
        height=style.TOP + 30 + 165 * n_down + style.BOTTOM,
        left=46,
        top=style.TOP + 30,
        annotations=notes,
        **axes,
    )


def _panel_line(
    code: str,
    name: str,
    rates: Mapping[str, Any],
    months: Sequence[str],
    metric: Metric,
    language: str,
    place: multiples.Panel,
) -> dict[str, Any]:
    """A sector's line in its panel; with code "" the city's, pale and without dots."""
    values = [rates.get(month) for month in months]
    pairs = list(zip(months, values, strict=True))
    return lines.series(
        months,
        values,
        style.SECTORS.get(code, style.DONE) if code else style.PALE,
        width=2.5 if code else 1.5,
        texts=[lines.month_text(name, *pair, metric, language) for pair in pairs],
        codes=[[code, month] for month in months],
        mode="lines+markers" if code else "lines",
        **place.axes,
    )


def _sectors(rows: Sequence[Mapping[str, Any]], registry: Registry) -> list[str]:
    """Codes that stand in the rows, in the registry's order."""
    present = {row["sector"] for row in rows}
    return [code for code in registry.sectors if code in present]


def _names(
    dimension: str, codes: Sequence[str], registry: Registry, language: str
) -> list[str]:
    return [
        wording.place_name(registry, dimension, code, language, is_short=True)
        for code in codes
    ]


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
        shapes.append(style.upright(value, colour, dash, yref="y domain"))
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


def _side(row: Mapping[str, Any], line: Anchor, metric: Metric) -> str:
    """Blue where a place is judged cold, orange where hot, grey where neither.

    What is not judged is blue on the worse side of the line, orange on the better, grey
    where level with it or unknown.
    """
    judged = row.get("cell_class")
    if isinstance(judged, str):
        return CLASS_COLOURS.get(judged, style.NEUTRAL)
    at = line.at((row.get("unit"), row.get("sector")), row["rate"])
    step = step_of(row["rate"], at, metric.unit, metric.better)
    if not step:
        return style.NEUTRAL
    return style.HOT if step > 0 else style.COLD


def _sides_key(
    rows: Sequence[Mapping[str, Any]], line: Anchor, metric: Metric, language: str
) -> str:
    """What the colours of `_side` stand for, as markup; '' where all are grey."""
    colours = {_side(row, line, metric) for row in rows}
    if colours == {style.NEUTRAL}:
        return ""
    texts = TEXTS[language]
    about = "judged" if isinstance(rows[0].get("cell_class"), str) else "beside"
    anchor = catalogue.text(language, f"hot_cold.anchor_{line.kind}")
    sides = (("cold", style.COLD), ("neither", style.NEUTRAL), ("hot", style.HOT))
    return "  ".join(
        style.key(texts[f"side_{about}_{side}"].format(anchor=anchor), colour, "●")
        for side, colour in sides
        if colour in colours
    )
