"""Figures of the checks: verification factors, prepared sites, grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from data_pipeline.statistics.sampling import FACTOR_BAND
from reports.figures import style
from reports.figures.style import Picture
from reports.reported_vs_verified import rows as verification
from reports.words import catalogue, wording

TEXTS = catalogue.texts("reported_vs_verified.figures")
# From dark to pale and on to red: an order, not hot and cold.
GRADE_COLOURS: Mapping[str, tuple[str, str]] = {
    "excellent": ("#1f726d", "#ffffff"),
    "good": ("#8cc7c2", "#0e1216"),
    "fair": ("#d5d9de", "#0e1216"),
    "poor": ("#a83245", "#ffffff"),
}
BAND_COLOURS: Mapping[str, str] = {
    "over_reported": style.TARGET,
    "agrees": style.DONE,
    "under_reported": "#8b6fc4",
    "consistent": style.CITY,
}
MIN_LABELLED = 0.1  # a narrower part has no room for its figure
ROW = 28


def factor_bands(
    frame: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Verification factors of one item, the whole on top, over the band of agreement.

    Parameters
    ----------
    frame
        `verification.measure_factors`, the rows of one item. Where there is no factor
        the two sums stand instead.

    Returns
    -------
    Picture
        customdata is [code] of the place, "" for the whole.
    """
    texts = TEXTS[language]
    rows = style.records(frame)
    item = verification.WORDS[language][rows[0]["item"]] if rows else ""
    title = texts["factor"].format(item=item)
    footnote = style.origin(snapshot, language)
    if not any(row["n_random"] for row in rows):
        return style.empty(title, language, footnote, texts["none"])
    dimension = next((d for d in ("unit", "sector") if d in frame), "")
    codes = [row.get(dimension) for row in rows]
    names = [
        verification.place_name(registry, dimension, code, language) for code in codes
    ]
    known = [at for at, row in enumerate(rows) if row["factor"] is not None]
    if not known:
        usable = verification.usable_checks(frame, language)
        why = texts["factor_none"].format(usable=usable)
        return style.empty(title, language, footnote, why)
    ends = [
        end
        for at in known
        for end in (
            rows[at]["factor"],
            rows[at]["factor_lower"],
            rows[at]["factor_upper"],
            rows[at]["after"],
        )
        if end is not None
    ]
    lowest, highest = min([0.8, *ends]), max([1.2, *ends])
    hover = [
        texts["factor_hover"].format(
            name=style.escape(names[at]),
            factor=_two(rows[at]["factor"]),
            lower=_two(rows[at]["factor_lower"]),
            upper=_two(rows[at]["factor_upper"]),
            after=_two(rows[at]["after"]),
            verdict=verification.verdict(rows[at], language),
            usable=wording.number(rows[at]["n_usable"]),
            recounted=wording.number(rows[at]["recounted"]),
            reported=wording.number(rows[at]["reported"]),
        )
        for at in known
    ]
    marks = [BAND_COLOURS[rows[at]["band"] or "consistent"] for at in known]
    later = [at for at in known if rows[at]["after"] is not None]
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [rows[at]["after"] for at in later],
            "y": later,
            "marker": {
                "size": 10,
                "symbol": "circle-open",
                "color": [marks[known.index(at)] for at in later],
            },
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
    ]
    data += [
        _interval(rows[at], at, "factor", colour)
        for at, colour in zip(known, marks, strict=True)
        if rows[at]["factor_lower"] is not None
    ]
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [rows[at]["factor"] for at in known],
            "y": known,
            "marker": {"size": 10, "color": marks},
            "cliponaxis": False,
            "customdata": [[codes[at] or ""] for at in known],
            "hovertext": hover,
            "hoverinfo": "text",
        }
    )
    band = {
        "type": "rect",
        "x0": FACTOR_BAND[0],
        "x1": FACTOR_BAND[1],
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": style.BAND,
        "line": {"width": 0},
        "layer": "below",
    }
    one = style.line(1, 0, 1, 1, style.CITY, "dot", yref="paper", width=1)
    few = [
        style.label(_few(row, texts), 0, at, xref="paper", xanchor="left")
        for at, row in enumerate(rows)
        if row["factor"] is None
    ]
    arrangement = style.layout(
        title,
        texts["factor_sub"],
        height=style.TOP + ROW * len(rows) + style.BOTTOM,
        left=style.left_margin(names),
        right=16,
        footnote=footnote,
        xaxis=style.axis(
            range=[lowest - 0.02, highest + 0.02], tickformat=".2f", nticks=6
        ),
        yaxis=style.name_axis(names, range(len(rows))),
        shapes=[band, one],
        annotations=few,
    )
    spoken = ", ".join(
        f"{name} {_two(row['factor'])} {verification.verdict(row, language)}"
        if row["factor"] is not None
        else f"{name} {_few(row, texts)}"
        for name, row in zip(names, rows, strict=True)
    )
    return Picture(data, arrangement, f"{title}: {spoken}")


def prepared_bias(
    frame: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """How far prepared sites lie above unannounced random ones, item by item.

    Parameters
    ----------
    frame
        `verification.compare_prepared`. Where either side is too small for a rate the
        two fractions stand instead of a difference.
    """
    texts, words = TEXTS[language], verification.WORDS[language]
    title = texts["bias"]
    footnote = style.origin(snapshot, language)
    rows = style.records(frame)
    names = [words[row["item"]] for row in rows]
    known = [at for at, row in enumerate(rows) if row["points"] is not None]
    if not known:
        return style.empty(title, language, footnote, texts["bias_none"])
    hover, spoken = [], []
    for name, row in zip(names, rows, strict=True):
        counts = {
            "pk": wording.number(row["prepared_confirmed"]),
            "pn": wording.number(row["prepared_checked"]),
            "rk": wording.number(row["unannounced_confirmed"]),
            "rn": wording.number(row["unannounced_checked"]),
        }
        if row["points"] is None:
            spoken.append(f"{name} {texts['bias_few'].format(**counts)}")
            continue
        difference = _points(row["points"])
        spoken.append(f"{name} {difference}")
        hover.append(
            texts["bias_hover"].format(
                name=style.escape(name),
                prepared=wording.percent(row["prepared_rate"]),
                random=wording.percent(row["unannounced_rate"]),
                points=difference,
                lower=_points(row["lower_points"]),
                upper=_points(row["upper_points"]),
                **counts,
            )
        )
    data = [_interval(rows[at], at, "points", style.CITY) for at in known]
    data.append(
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [rows[at]["points"] for at in known],
            "y": known,
            "marker": {"size": 10, "color": style.CITY, "symbol": "square"},
            "text": [_points(rows[at]["points"]) for at in known],
            "textposition": "top center",
            "textfont": {"size": style.SMALL_SIZE},
            "cliponaxis": False,
            "hovertext": hover,
            "hoverinfo": "text",
        }
    )
    few = [
        style.label(
            texts["bias_few"].format(
                pk=row["prepared_confirmed"],
                pn=row["prepared_checked"],
                rk=row["unannounced_confirmed"],
                rn=row["unannounced_checked"],
            ),
            0,
            at,
            xanchor="left",
            xshift=8,
        )
        for at, row in enumerate(rows)
        if row["points"] is None
    ]
    ends = [rows[at][side] for at in known for side in ("lower_points", "upper_points")]
    lowest, highest = min([0.0, *ends]), max([10.0, *ends])
    room = 0.05 * (highest - lowest)
    arrangement = style.layout(
        title,
        texts["bias_sub"],
        height=style.TOP + (ROW + 6) * len(rows) + style.BOTTOM,
        left=style.left_margin(names),
        right=16,
        footnote=footnote,
        xaxis=style.axis(range=[lowest - room, highest + room], nticks=6),
        yaxis=style.name_axis(names, range(len(rows))),
        shapes=[style.line(0, 0, 0, 1, style.CITY, "dot", yref="paper", width=1)],
        annotations=few,
    )
    return Picture(data, arrangement, f"{title}: {', '.join(spoken)}")


def grade_bars(
    frame: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """Grades as parts of a whole, a bar for each way of choosing branches.

    Parameters
    ----------
    frame
        `verification.share_grades`. Under ten graded checks the bar gives way to the
        counts.
    """
    texts, words = TEXTS[language], verification.WORDS[language]
    title = texts["grades"]
    footnote = style.origin(snapshot, language)
    rows = style.records(frame)
    if not any(row["n_checked"] for row in rows):
        return style.empty(title, language, footnote, texts["none"])
    names, place, counted = [], {}, {}
    for at, selection in enumerate(verification.SELECTIONS):
        own = [row for row in rows if row["selection"] == selection]
        n_checked = wording.number(own[0]["n_checked"])
        names.append(texts["row"].format(selection=words[selection], n=n_checked))
        place[selection] = at
        counted[selection] = own
    data, spoken, few = [], [], []
    for grade in verification.GRADES:
        colour, ink = GRADE_COLOURS[grade]
        parts = [row for row in rows if row["grade"] == grade and _part(row)]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": words[grade],
                "x": [_part(row) for row in parts],
                "y": [place[row["selection"]] for row in parts],
                "marker": {"color": colour, "line": {"width": 1, "color": style.EDGE}},
                "text": [
                    wording.percent(_part(row)) if _part(row) >= MIN_LABELLED else ""
                    for row in parts
                ],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "constraintext": "none",
                "textfont": {"size": style.SMALL_SIZE, "color": ink},
                "hovertext": [
                    texts["grades_hover"].format(
                        selection=words[row["selection"]],
                        grade=words[grade],
                        n=wording.number(row["n"]),
                        checked=wording.number(row["n_checked"]),
                        share=wording.percent(_part(row)),
                    )
                    for row in parts
                ],
                "hoverinfo": "text",
            }
        )
    for selection, own in counted.items():
        told = ", ".join(
            f"{words[row['grade']]} {wording.percent(_part(row))}"
            if _part(row) is not None
            else f"{words[row['grade']]} {row['n']}"
            for row in own
        )
        spoken.append(f"{words[selection]} {own[0]['n_checked']}: {told}")
        if _part(own[0]) is None:
            few.append(style.label(told, 0, place[selection], xanchor="left"))
    key = "  ".join(
        f"<span style='color:{GRADE_COLOURS[grade][0]}'>■</span> {words[grade]}"
        for grade in verification.GRADES
    )
    arrangement = style.layout(
        title,
        f"{texts['grades_sub']}<br>{key}",
        height=style.TOP + 16 + 44 * len(names) + style.BOTTOM,
        top=style.TOP + 16,
        left=style.left_margin(names),
        right=16,
        footnote=footnote,
        barmode="stack",
        bargap=0.25,
        xaxis=style.share_axis(range=[0, 1]),
        yaxis=style.name_axis(names, range(len(names))),
        annotations=few,
    )
    return Picture(data, arrangement, f"{title}: {'; '.join(spoken)}")


def _interval(row: Mapping[str, Any], at: int, name: str, colour: str) -> dict:
    """The thin line from a lower to an upper limit; nothing where there is none."""
    low, high = (
        row[f"{name}_{side}" if name == "factor" else f"{side}_{name}"]
        for side in ("lower", "upper")
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [low, high],
        "y": [at, at],
        "line": {"color": colour, "width": 2},
        "hoverinfo": "skip",
    }


def _few(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """What stands in place of a factor; nothing to compare where no check is usable."""
    if not row["n_usable"]:
        return texts["unusable"]
    recounted, reported = (wording.number(row[n]) for n in ("recounted", "reported"))
    return texts["few"].format(recounted=recounted, reported=reported)


def _part(row: Mapping[str, Any]) -> float | None:
    own = "rate" if row["selection"] == verification.RANDOM else "visited_share"
    return row.get(own)


def _two(value: float | None) -> str:
    return wording.UNDEFINED if value is None else f"{value:.2f}"


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
