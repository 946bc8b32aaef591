"""Figures of the checks: verification factors, prepared sites, grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from data_pipeline.statistics.sampling import FACTOR_BAND
from reports.figures import style
from reports.figures.bars import bars
from reports.figures.dots import dots
from reports.figures.intervals import interval
from reports.figures.sheet import Sheet
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
    sheet = Sheet(texts["factor"].format(item=item), language, snapshot)
    if not any(row["n_random"] for row in rows):
        return sheet.empty(texts["none"])
    known = [at for at, row in enumerate(rows) if row["factor"] is not None]
    if not known:
        usable = verification.usable_checks(frame, language)
        return sheet.empty(texts["factor_none"].format(usable=usable))
    dimension = next((d for d in ("unit", "sector") if d in frame), "")
    codes = [row.get(dimension) for row in rows]
    names = [
        verification.place_name(registry, dimension, code, language) for code in codes
    ]
    colors = [BAND_COLOURS[row["band"] or "consistent"] for row in rows]
    factors = dots(
        [rows[at]["factor"] for at in known],
        known,
        [colors[at] for at in known],
        10,
        texts=[_factor_text(rows[at], names[at], language) for at in known],
        codes=[[codes[at] or ""] for at in known],
    )
    few = {at: _few(r, texts) for at, r in enumerate(rows) if r["factor"] is None}
    spoken = [
        f"{name} {few[at] if at in few else _factor_words(row, language)}"
        for at, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    return sheet.draw_rows(
        [*_behind_factors(rows, known, colors), factors],
        names,
        wording.join(spoken, language),
        texts["factor_sub"],
        row=ROW,
        xaxis=_factor_axis([rows[at] for at in known]),
        shapes=[
            style.band(*FACTOR_BAND),
            style.upright(1, style.CITY, "dot", width=1),
        ],
        annotations=[
            style.label(text, 0, at, xref="paper", xanchor="left")
            for at, text in few.items()
        ],
    )


def _behind_factors(
    rows: Sequence[Mapping[str, Any]], known: Sequence[int], colors: Sequence[str]
) -> list[dict[str, Any]]:
    """What lies below the factors: those of a later ledger hollow, and the limits."""
    later = [at for at in known if rows[at]["after"] is not None]
    after = dots(
        [rows[at]["after"] for at in later],
        later,
        [colors[at] for at in later],
        10,
        marker={"symbol": "circle-open"},
    )
    limits = [
        interval(rows[at]["factor_lower"], rows[at]["factor_upper"], at, colors[at])
        for at in known
        if rows[at]["factor_lower"] is not None
    ]
    return [after, *limits]


def _factor_axis(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An axis that holds all that is drawn, and in any case 0.8 to 1.2."""
    shown = ("factor", "factor_lower", "factor_upper", "after")
    ends = [row[name] for row in rows for name in shown if row[name] is not None]
    return style.number_axis(min(0.8, *ends) - 0.02, max(1.2, *ends) + 0.02, 6)


def _factor_words(row: Mapping[str, Any], language: str) -> str:
    return f"{_two(row['factor'])} {verification.verdict(row, language)}"


def _factor_text(row: Mapping[str, Any], name: str, language: str) -> str:
    """A factor, its limits and what it is a quotient of."""
    return TEXTS[language]["factor_hover"].format(
        name=style.escape(name),
        factor=_two(row["factor"]),
        lower=_two(row["factor_lower"]),
        upper=_two(row["factor_upper"]),
        after=_two(row["after"]),
        verdict=verification.verdict(row, language),
        usable=wording.number(row["n_usable"]),
        recounted=wording.number(row["recounted"]),
        reported=wording.number(row["reported"]),
    )


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
    rows = style.records(frame)
    sheet = Sheet(_bias_title(rows, language), language, snapshot)
    names = [words[row["item"]] for row in rows]
    known = [at for at, row in enumerate(rows) if row["points"] is not None]
    if not known:
        return sheet.empty(texts["bias_none"])
    found = [rows[at] for at in known]
    points = [_points(row["points"]) for row in found]
    limits = [
        interval(row["lower_points"], row["upper_points"], at, style.CITY)
        for at, row in zip(known, found, strict=True)
    ]
    differences = dots(
        [row["points"] for row in found],
        known,
        style.CITY,
        10,
        marker={"symbol": "square"},
        texts=[_bias_text(rows[at], names[at], texts) for at in known],
        mode="markers+text",
        text=points,
        textposition="top center",
        textfont={"size": style.SMALL_SIZE},
    )
    few = {
        at: texts["bias_few"].format(**_bias_counts(row))
        for at, row in enumerate(rows)
        if row["points"] is None
    }
    labels = {**dict(zip(known, points, strict=True)), **few}
    ends = [row[side] for row in found for side in ("lower_points", "upper_points")]
    lowest, highest = min([0.0, *ends]), max([10.0, *ends])
    room = 0.05 * (highest - lowest)
    return sheet.draw_rows(
        [*limits, differences],
        names,
        wording.join(
            (f"{name} {labels[at]}" for at, name in enumerate(names)), language
        ),
        texts["bias_sub"],
        row=ROW + 6,
        xaxis=style.number_axis(lowest - room, highest + room, 6),
        shapes=[style.upright(0, style.CITY, "dot", width=1)],
        annotations=[
            style.label(text, 0, at, xanchor="left", xshift=8)
            for at, text in few.items()
        ],
    )


def _bias_title(rows: Sequence[Mapping[str, Any]], language: str) -> str:
    """The largest difference that the luck of the draw does not explain."""
    texts, words = TEXTS[language], verification.WORDS[language]
    known = [row for row in rows if row["points"] is not None]
    if not known:
        return texts["bias"]
    proven = [row for row in known if row["lower_points"] > 0]
    if not proven:
        return texts["bias_open"]
    most = max(proven, key=lambda row: row["points"])
    points = f"{most['points']:.1f}"
    return texts["bias_found"].format(item=words[most["item"]], points=points)


def _bias_counts(row: Mapping[str, Any]) -> dict[str, str]:
    """Confirmed and checked of prepared sites and of unannounced random ones."""
    return {
        "pk": wording.number(row["prepared_confirmed"]),
        "pn": wording.number(row["prepared_checked"]),
        "rk": wording.number(row["unannounced_confirmed"]),
        "rn": wording.number(row["unannounced_checked"]),
    }


def _bias_text(row: Mapping[str, Any], name: str, texts: Mapping[str, str]) -> str:
    """Both rates of an item, how far they lie apart, and of how many."""
    return texts["bias_hover"].format(
        name=style.escape(name),
        prepared=wording.percent(row["prepared_rate"]),
        random=wording.percent(row["unannounced_rate"]),
        points=_points(row["points"]),
        lower=_points(row["lower_points"]),
        upper=_points(row["upper_points"]),
        **_bias_counts(row),
    )


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
    sheet = Sheet(texts["grades"], language, snapshot)
    rows = style.records(frame)
    if not any(row["n_checked"] for row in rows):
        return sheet.empty(texts["none"])
    names, spoken, few = [], [], []
    known = {row["selection"] for row in rows}  # the reader may keep some only
    shown = [name for name in verification.SELECTIONS if name in known]
    for at, selection in enumerate(shown):
        own = [row for row in rows if row["selection"] == selection]
        n_checked, chosen = own[0]["n_checked"], words[selection]
        named = texts["row"].format(selection=chosen, n=wording.number(n_checked))
        names.append(named)
        sentence = wording.join(
            (f"{words[row['grade']]} {_part_text(row)}" for row in own), language
        )
        head = f"{chosen} {n_checked}"
        spoken.append(wording.join((head, sentence), language, "saying"))
        if _part(own[0]) is None:
            few.append(style.label(sentence, 0, at, xanchor="left"))
    grades = verification.GRADES
    keys = [style.key(words[grade], GRADE_COLOURS[grade][0]) for grade in grades]
    return sheet.draw_rows(
        [
            _grade_parts(
                grade, [r for r in rows if r["grade"] == grade], shown, language
            )
            for grade in grades
        ],
        names,
        wording.join(spoken, language, "clauses"),
        f"{texts['grades_sub']}<br>{'  '.join(keys)}",
        row=44,
        above=16,
        barmode="stack",
        bargap=0.25,
        xaxis=style.share_axis(range=[0, 1]),
        annotations=few,
    )


def _grade_parts(
    grade: str, rows: Sequence[Mapping[str, Any]], shown: Sequence[str], language: str
) -> dict[str, Any]:
    """One grade's part of each bar that has shares at all."""
    texts, words = TEXTS[language], verification.WORDS[language]
    color, ink = GRADE_COLOURS[grade]
    rows = [row for row in rows if _part(row)]
    shares = [_part(row) for row in rows]
    percents = [wording.percent(share) for share in shares]
    return bars(
        shares,
        color,
        y=[shown.index(row["selection"]) for row in rows],
        name=words[grade],
        marker={"line": {"width": 1, "color": style.EDGE}},
        text=[
            shown if share >= MIN_LABELLED else ""
            for share, shown in zip(shares, percents, strict=True)
        ],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": style.SMALL_SIZE, "color": ink},
        texts=[
            texts["grades_hover"].format(
                selection=words[row["selection"]],
                grade=words[grade],
                n=wording.number(row["n"]),
                checked=wording.number(row["n_checked"]),
                share=shown,
            )
            for row, shown in zip(rows, percents, strict=True)
        ],
    )


def _few(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """What stands in place of a factor; nothing to compare where no check is usable."""
    if not row["n_usable"]:
        return texts["unusable"]
    recounted, reported = (wording.number(row[n]) for n in ("recounted", "reported"))
    return texts["few"].format(recounted=recounted, reported=reported)


def _part(row: Mapping[str, Any]) -> float | None:
    own = "rate" if row["selection"] == verification.RANDOM else "visited_share"
    return row.get(own)


def _part_text(row: Mapping[str, Any]) -> str:
    """A grade's share; its count where there are too few for shares."""
    return str(row["n"]) if _part(row) is None else wording.percent(_part(row))


def _two(value: float | None) -> str:
    return wording.UNDEFINED if value is None else f"{value:.2f}"


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
