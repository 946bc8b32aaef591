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
from reports.figures.bars import bars, end_label
from reports.figures.dots import dots
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.figures.titles import worst_of
from reports.leader_participation.rows import ATTENDANCE, REACH
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
    sheet = Sheet(texts["places"], language, snapshot)
    rows = [row for row in style.records(attendance) if _is_shown(row, row["rate"])]
    if not rows:
        return sheet.empty()
    # Silence stands before the lowest rate: nobody knows what lies behind it.
    rows.sort(key=lambda row: (-1 if row["rate"] is None else row["rate"], str(row)))
    codes = [_codes(row, by) for row in rows]
    rate_of = {_codes(row, by): row["rate"] for row in style.records(speaking)}
    spoke = [rate_of.get(code) for code in codes]
    names = [wording.cell_name(registry, by, code, language) for code in codes]
    hovers, ends, labels, signs = [], [], [], []
    for position, (row, code) in enumerate(zip(rows, codes, strict=True)):
        value, caveat, mark = _rate_or_silence(row, language), "", ""
        if believed and row["rate"] is not None:
            found = believed(dict(zip(by, code, strict=True)))
            caveat = belief.caveat(found, language)
            mark = belief.signs(found)
        signs.append(mark)
        speaks = wording.percent(spoke[position])
        about = {"name": names[position], "attended": value + caveat}
        hovers.append(texts["place"].format(spoke=speaks, **about))
        ends.append(f"{value} {mark}".strip())
        labels.append(end_label(f"<b>{value}</b> {mark}".strip(), position))
    hover = {"texts": list(map(style.with_fraction, hovers, rows)), "codes": codes}
    rates = [row["rate"] for row in rows]
    metric = registry.role(ATTENDANCE)
    found = zip(names, rates, signs, strict=True)
    sheet = sheet.titled(worst_of(found, metric, language, plain=sheet.title))
    attended = bars(rates, style.DONE, width=0.62, **hover)
    look = {"symbol": "diamond", "line": {"width": 1.5, "color": style.EDGE}}
    marks = dots(spoke, range(len(rows)), SPOKE, 10, marker=look, **hover)
    shapes, legend = _city_and_legend(city, texts)
    most = max((rate for rate in (*rates, *rate_of.values()) if rate), default=1.0)
    return sheet.draw_rows(
        [attended, marks],
        names,
        wording.join(hovers, language, "clauses"),
        "<br>".join(legend),
        **_room(len(rows), len(legend)),
        right=max(58, style.right_margin(ends)),
        xaxis=style.share_axis(most, tickvals=[0, 0.5, 1]),
        shapes=shapes,
        annotations=labels,
    )


def _city_and_legend(
    city: float | None, texts: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The line of the city, where it has a rate, and the lines of the legend."""
    legend = [
        style.key(texts["attended"], style.DONE),
        style.key(texts["spoke"], SPOKE, "◆"),
    ]
    if city is None:
        return [], legend
    named = texts["city"].format(value=wording.percent(city))
    line = style.upright(city, style.CITY, width=2, layer="above")
    return [line], [*legend, named]


def lecture_split(
    rows: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    by: tuple[str, ...],
    believed: Callable[[Mapping[str, str]], Belief] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Lectures per branch by place, those at the grass roots apart from the others.

    Parameters
    ----------
    rows
        `leader_participation.lecture_rows`.
    believed
        What the count at the grass roots of a place, by its codes, can be believed for.

    Returns
    -------
    Picture
        The whole bar is the ceiling of all lectures, its first part that of the
        lectures at the grass roots, with a mark where the lecture records put it.
        Beyond the line every branch could have had one. Beside the figures stand
        their flags; the lowest on top: that is where to look.
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["lectures"], language, snapshot)
    found = [row for row in style.records(rows) if _is_shown(row, row["reach_all"])]
    if not found:
        return sheet.empty()
    codes = [_codes(row, by) for row in found]
    names = [wording.cell_name(registry, by, code, language) for code in codes]
    beliefs = [
        believed(dict(zip(by, code, strict=True))) if believed else Belief()
        for code in codes
    ]
    signs = list(map(belief.signs, beliefs))
    reached = (row["reach_grassroots"] if row["n_branches"] else None for row in found)
    told = zip(names, reached, signs, strict=True)
    title = worst_of(told, registry.role(REACH), language, plain=sheet.title)
    sheet = sheet.titled(title)
    caveats = [belief.caveat(one, language) for one in beliefs]
    hovers = [
        _lecture_words(*about, language)
        for about in zip(found, names, caveats, strict=True)
    ]
    traces, legend = _lecture_traces(found, hovers, codes, texts)
    shapes, notes = (
        [],
        [_heading(texts["ends"], xref="paper", xanchor="left", xshift=6)],
    )
    longest = max(row["reach_all"] or 0 for row in found)
    if longest >= 1:
        shapes.append(style.upright(1, style.TARGET, "dash", width=2))
        ink = {"color": style.TARGET}
        notes.append(_heading(texts["once"], xanchor="right", font=ink))
    ends = [
        f"{_ceilings(row, language)} {mark}".strip()
        for row, mark in zip(found, signs, strict=True)
    ]
    notes += [end_label(end, at) for at, end in enumerate(ends)]
    # Rounded up to a tenth: short bars are read against each other, not against 100 %.
    most = max(0.1, -(-longest * 1.02 // 0.1) * 0.1)
    return sheet.draw_rows(
        traces,
        names,
        wording.join(
            (wording.join(text.split("<br>"), language, "phrases") for text in hovers),
            language,
            "clauses",
        ),
        f"{texts['lectures_sub']}<br>{legend}",
        **_room(len(found), 2),
        right=style.right_margin([texts["ends"], *ends]),
        barmode="stack",
        xaxis=style.share_axis(range=[0, most], nticks=4),
        shapes=shapes,
        annotations=notes,
    )


def _lecture_traces(
    found: Sequence[Mapping[str, Any]],
    hovers: Sequence[str],
    codes: Sequence[Sequence[str]],
    texts: Mapping[str, str],
) -> tuple[list[dict[str, Any]], str]:
    """Bars part by part, marks where records put the first, and their legend."""
    parts = {"grassroots": style.DONE, "own": OWN}
    if any(row["n_lectures_unsplit"] for row in found):
        parts["unsplit"] = UNSPLIT
    every = {"texts": hovers, "codes": codes}
    traces = [
        bars(
            [row[f"n_lectures_{part}"] / (row["n_branches"] or 1) for row in found],
            color,
            width=0.62,
            **every,
        )
        for part, color in parts.items()
    ]
    legend = "  ".join(style.key(texts[part], color) for part, color in parts.items())
    recorded = [
        _share(row.get("n_recorded_grassroots"), row["n_branches"]) for row in found
    ]
    if any(share is not None for share in recorded):
        look = {"symbol": "diamond", "line": {"width": 1.5, "color": style.EDGE}}
        traces.append(
            dots(recorded, range(len(found)), SPOKE, 10, marker=look, **every)
        )
        legend += f"  {style.key(texts['recorded'], SPOKE, '◆')}"
    return traces, legend


def _heading(text: str, **place: Any) -> dict[str, Any]:
    """A word above the drawing, at the line of one lecture a branch or the margin."""
    return style.label(text, 1, 1, yref="paper", yanchor="bottom", **place)


def _share(part: Any, whole: Any) -> float | None:
    return None if wording.is_missing(part) or not whole else part / whole


def _lecture_words(
    row: Mapping[str, Any], name: str, caveat: str, language: str
) -> str:
    """What a place says when pointed at: where nothing was filed, that and no zero."""
    texts = TEXTS[language]
    unsplit = recorded = never = ""
    if not wording.is_missing(row.get("n_recorded_grassroots")):
        n = wording.number(row["n_recorded_grassroots"])
        recorded = texts["recorded_part"].format(n=n)
    if not row["n_branches"]:
        silence = wording.NOT_REPORTED[language]
        about = {"name": style.escape(name), "silence": silence}
        return texts["lecture_missing"].format(recorded=recorded, **about)
    if not wording.is_missing(row.get("n_leaders_never_least")):
        never = texts["never_part"].format(
            n=wording.number(row["n_leaders_never_least"]),
            leaders=wording.number(row["n_leaders"]),
        )
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
        caveat=caveat,
        recorded=recorded,
        never=never,
    )


def _is_shown(row: Mapping[str, Any], measured: Any) -> bool:
    """Whether a place has a figure or owes one; else nothing can be read of it."""
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


def _room(n_rows: int, n_lines: int) -> dict[str, int]:
    """Pixels for the rows (a single one needs some) below a subtitle of some lines."""
    height = style.TOP + 18 * n_lines + max(26 * n_rows, 60) + style.BOTTOM
    return {"row": 26, "above": 18 * (n_lines - 1), "height": height}
