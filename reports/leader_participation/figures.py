"""Figures of the leaders' part by place: who attends and speaks, where lectures go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports import belief
from reports.belief import Belief
from reports.figures import style
from reports.figures.style import Picture
from reports.words import catalogue, wording

SPOKE = "#8b6fc4"
OWN = "rgba(128,138,150,0.55)"
UNSPLIT = "rgba(128,138,150,0.28)"
TEXTS = catalogue.texts("leader_participation.figures")


def leader_places(
    attendance: pd.DataFrame,
    speaking: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    by: tuple[str, ...],
    city: float | None = None,
    believed: Callable[[Mapping[str, str]], Belief] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """A bar of attendance for each place, and a mark where its speaking rate stands.

    Parameters
    ----------
    attendance, speaking
        `read_rates` by `by` of one month: attended ÷ leaders, spoke ÷ attended.
    city
        The city's attendance, as a line to compare with.
    believed
        What the attendance of a place, by its codes, can be believed for.

    Returns
    -------
    Picture
        Beside each figure its flags, and ↓ where checks find less than was claimed.
        The lowest attendance on top: that is where to look; customdata is the codes.
    """
    texts = TEXTS[language]
    title, footnote = texts["places"], style.origin(snapshot, language)
    spoke = {_codes(row, by): row["rate"] for row in style.records(speaking)}
    rows = [row for row in style.records(attendance) if _is_shown(row, row["rate"])]
    # Silence stands before the lowest rate: nobody knows what lies behind it.
    rows.sort(key=lambda row: (-1 if row["rate"] is None else row["rate"], str(row)))
    if not rows:
        return style.empty(title, language, footnote)
    codes = [_codes(row, by) for row in rows]
    names = [wording.cell_name(registry, by, code, language) for code in codes]
    values = [_rate_or_silence(row, language) for row in rows]
    beliefs = [
        believed(dict(zip(by, code, strict=True))) if believed else Belief()
        for code in codes
    ]
    caveats = [
        "" if row["rate"] is None else belief.caveat(found, language)
        for row, found in zip(rows, beliefs, strict=True)
    ]
    positions = list(range(len(rows)))
    hover = [
        texts["place"].format(
            name=name,
            attended=value + caveat,
            spoke=wording.percent(spoke.get(code)),
        )
        for name, code, value, caveat in zip(names, codes, values, caveats, strict=True)
    ]
    marks = [
        belief.signs(found) if caveat else ""
        for found, caveat in zip(beliefs, caveats, strict=True)
    ]
    pairs = list(zip(values, marks, strict=True))
    ends = [f"{value} {mark}".strip() for value, mark in pairs]
    common = {
        "y": positions,
        "customdata": [list(code) for code in codes],
        "hovertext": [
            f"{style.escape(text)}<br>{wording.number(row['numerator'])} / "
            f"{wording.number(row['denominator'])}"
            for text, row in zip(hover, rows, strict=True)
        ],
        "hoverinfo": "text",
    }
    traces = [
        {
            **common,
            "type": "bar",
            "orientation": "h",
            "x": [row["rate"] for row in rows],
            "width": 0.62,
            "marker": {"color": style.DONE},
        },
        {
            **common,
            "type": "scatter",
            "mode": "markers",
            "x": [spoke.get(code) for code in codes],
            "marker": {
                "symbol": "diamond",
                "size": 10,
                "color": SPOKE,
                "line": {"width": 1.5, "color": style.EDGE},
            },
            "cliponaxis": False,
        },
    ]
    shapes = []
    legend = [_key(texts["attended"], style.DONE), _key(texts["spoke"], SPOKE, "◆")]
    if city is not None:
        shapes.append(_upright(city, style.CITY, "solid") | {"layer": "above"})
        legend.append(texts["city"].format(value=wording.percent(city)))
    rates = [r for r in (*(row["rate"] for row in rows), *spoke.values()) if r]
    arrangement = style.layout(
        title,
        "<br>".join(legend),
        height=_height(len(rows), len(legend)),
        left=style.left_margin(names),
        right=max(58, style.left_margin(ends)),
        top=style.TOP + 18 * (len(legend) - 1),
        footnote=footnote,
        xaxis=style.share_axis(max(rates, default=1.0), tickvals=[0, 0.5, 1]),
        yaxis=style.name_axis(names, positions),
        shapes=shapes,
        annotations=[
            _at_end(f"<b>{value}</b> {mark}".strip(), position)
            for position, (value, mark) in enumerate(pairs)
        ],
    )
    return Picture(traces, arrangement, f"{title}: {'; '.join(hover)}")


def lecture_split(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    by: tuple[str, ...],
    snapshot: Snapshot | None = None,
) -> Picture:
    """Lectures per branch by place, those at the grass roots apart from the others.

    Parameters
    ----------
    rows
        `leader_participation.lecture_rows`.

    Returns
    -------
    Picture
        The whole bar is the ceiling of all lectures, its first part that of the
        lectures at the grass roots. Beyond the line every branch could have had one.
    """
    texts = TEXTS[language]
    title, footnote = texts["lectures"], style.origin(snapshot, language)
    found = [row for row in style.records(rows) if _is_shown(row, row["reach_all"])]
    if not found:
        return style.empty(title, language, footnote)
    codes = [_codes(row, by) for row in found]
    names = [wording.cell_name(registry, by, code, language) for code in codes]
    positions = list(range(len(found)))
    pairs = zip(found, names, strict=True)
    spoken = [_lecture_words(row, name, texts) for row, name in pairs]
    parts = [("grassroots", style.DONE), ("own", OWN)]
    if any(row["n_lectures_unsplit"] for row in found):
        parts.append(("unsplit", UNSPLIT))
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": positions,
            "x": [
                row[f"n_lectures_{part}"] / (row["n_branches"] or 1) for row in found
            ],
            "width": 0.62,
            "marker": {"color": colour},
            "customdata": [list(code) for code in codes],
            "hovertext": spoken,
            "hoverinfo": "text",
        }
        for part, colour in parts
    ]
    longest = max(row["reach_all"] or 0 for row in found)
    shapes = []
    notes = [
        style.label(
            texts["ends"],
            1,
            1,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            xshift=6,
        )
    ]
    if longest >= 1:
        shapes.append(_upright(1, style.TARGET, "dash"))
        notes.append(
            style.label(
                texts["once"],
                1,
                1,
                yref="paper",
                xanchor="right",
                yanchor="bottom",
                font={"color": style.TARGET},
            )
        )
    for position, row in enumerate(found):
        notes.append(_at_end(_ceilings(row, language), position))
    legend = "  ".join(_key(texts[part], colour) for part, colour in parts)
    # Rounded up to a tenth: short bars are read against each other, not against 100 %.
    most = max(0.1, -(-longest * 1.02 // 0.1) * 0.1)
    arrangement = style.layout(
        title,
        f"{texts['lectures_sub']}<br>{legend}",
        height=_height(len(found), 2),
        left=style.left_margin(names),
        right=104,
        top=style.TOP + 18,
        footnote=footnote,
        barmode="stack",
        xaxis=style.axis(range=[0, most], tickformat=".0%", nticks=4),
        yaxis=style.name_axis(names, positions),
        shapes=shapes,
        annotations=notes,
    )
    told = "; ".join(text.replace("<br>", ", ") for text in spoken)
    return Picture(traces, arrangement, f"{title}: {told}")


def _lecture_words(row: Mapping[str, Any], name: str, texts: Mapping[str, str]) -> str:
    unsplit = ""
    if row["n_lectures_unsplit"]:
        n = wording.number(row["n_lectures_unsplit"])
        unsplit = texts["unsplit_part"].format(n=n)
    return texts["lecture"].format(
        name=style.escape(name),
        n=wording.number(row["n_lectures"]),
        m=wording.number(row["n_branches"]),
        grassroots=wording.number(row["n_lectures_grassroots"]),
        own=wording.number(row["n_lectures_own"]),
        unsplit=unsplit,
    )


def _is_shown(row: Mapping[str, Any], measured: Any) -> bool:
    """Whether a place has a figure or owes one; else it has nothing to be asked."""
    return measured is not None or bool(row["n_missing"])


def _rate_or_silence(row: Mapping[str, Any], language: str) -> str:
    if row["rate"] is None:
        return wording.NOT_REPORTED[language]
    return wording.percent(row["rate"])


def _ceilings(row: Mapping[str, Any], language: str) -> str:
    """'7.4 % | 14.6 %': reached at most by grass-roots lectures, and by all."""
    if not row["n_branches"]:
        return wording.NOT_REPORTED[language]
    shares = (row["reach_grassroots"], row["reach_all"])
    first, whole = (
        wording.percent(None if share is None else min(1.0, share)) for share in shares
    )
    return f"<b>{first}</b> | {whole}"


def _codes(row: Mapping[str, Any], by: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in by)


def _key(text: str, colour: str, sign: str = "■") -> str:
    return f"<span style='color:{colour}'>{sign}</span> {text}"


def _upright(x: float, colour: str, dash: str) -> dict[str, Any]:
    return style.line(x, 0, x, 1, colour, dash, yref="paper", width=2)


def _at_end(text: str, position: int) -> dict[str, Any]:
    return style.label(
        text,
        1,
        position,
        xref="paper",
        xanchor="left",
        xshift=6,
        font={"size": style.TEXT_SIZE},
    )


def _height(n_rows: int, n_lines: int) -> int:
    return style.TOP + 18 * n_lines + max(26 * n_rows, 60) + style.BOTTOM
