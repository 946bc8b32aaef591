"""Figures of the overview: is it everywhere, will it be done in time, who has filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry, month_end
from data_pipeline.statistics.deadlines import Progress
from reports.figures import style
from reports.figures.style import Picture
from reports.words import catalogue, sentences, wording

STATUS_COLOURS: Mapping[str, str] = {
    "ahead": style.DONE,
    "at_risk": "#c9a227",
    "will_miss": style.HOT,
    "overdue": style.TARGET,
}
# Form and colour: a printout in grey still tells them apart.
FILING_MARKS: Mapping[str, tuple[str, str]] = {
    "on_time": ("square", style.DONE),
    "late": ("triangle-up", style.HOT),
    "partial": ("diamond-open", style.HOT),
    "missing": ("x-thin-open", style.TARGET),
    "not_due": ("circle-open", style.NEUTRAL),
}
FILING_SIGNS: Mapping[str, str] = {
    "on_time": "■",
    "late": "▲",
    "partial": "◇",
    "missing": "✕",
    "not_due": "○",
}
TEXTS = catalogue.texts("overview.figures")


def progress_bars(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    verified: Mapping[str, pd.DataFrame] | None = None,
    in_time: Mapping[str, float] | None = None,
    caveats: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """How much is done of what is demanded: one bar a metric, its target as a line.

    Parameters
    ----------
    frames
        Metric id to the city's row (`read_rates` with an empty `by`), in the order to
        show; shares only.
    month
        YYYY-MM, decides which milestone is in force.
    verified
        The metrics on which random checks give verdicts (basis "verified").
    in_time
        Share done by its due day of each that is past it (`overview.shares_in_time`).
    caveats
        By metric what stands against its figure, said where a target is reached.

    Returns
    -------
    Picture
        Each bar carries its fraction and how many are still missing to the target;
        with checks, what they support of it.
    """
    texts = TEXTS[language]
    footnote = style.origin(snapshot, language)
    bars, tracks, targets, notes, spoken = [], [], [], [], []
    for position, (metric_id, frame) in enumerate(frames.items()):
        metric = registry.metrics[metric_id]
        row = style.records(frame)[0] if len(frame) else {}
        rate = row.get("rate")
        milestone = wording.milestone_in(metric, month)
        clause = sentences.still_missing(
            metric,
            row.get("numerator"),
            row.get("denominator"),
            language,
            month=month,
            in_time=(in_time or {}).get(metric_id),
            caveat=(caveats or {}).get(metric_id, ""),
        )
        if verified and metric_id in verified:
            found = style.records(verified[metric_id])[0]
            clause = _checked_clause(metric, row, found, language)
            targets += _estimate(found, position)
        spoken.append(sentences.named(metric, clause, language))
        tracks.append(1.0)
        bars.append(rate)
        name = style.escape(wording.in_language(metric, "label", language))
        value = wording.percent(rate)
        above = {"yref": "y", "xanchor": "left", "yanchor": "bottom", "yshift": 11}
        size = {"size": style.TEXT_SIZE}
        notes.append(style.label(name, 0, position, font=size, **above))
        notes.append(
            style.label(
                f"<b>{value}</b>",
                1,
                position,
                **above | {"xanchor": "right"},
                font={"size": 15},
            )
        )
        below = {"yref": "y", "xanchor": "left", "yanchor": "top", "yshift": -11}
        notes.append(
            style.label(style.escape(clause), 0, position, opacity=0.85, **below)
        )
        if milestone is not None:
            targets.append(
                style.line(
                    milestone.target,
                    position - 0.2,
                    milestone.target,
                    position + 0.13,
                    style.TARGET,
                    width=3,
                    layer="above",
                )
            )
    n = len(bars)
    if not n:
        return style.empty(texts["progress"], language, footnote)
    positions = list(range(n))
    common = {"type": "bar", "orientation": "h", "y": positions, "width": 0.26}
    traces = [
        {
            **common,
            "x": tracks,
            "marker": {"color": style.BAND},
            "hoverinfo": "skip",
        },
        {
            **common,
            "x": bars,
            "marker": {"color": style.DONE},
            "customdata": [[metric_id] for metric_id in frames],
            "hovertext": [style.escape(text) for text in spoken],
            "hoverinfo": "text",
        },
    ]
    arrangement = style.layout(
        texts["progress"],
        texts["progress_sub" if verified is None else "progress_checked"].format(
            month=wording.month_name(month, language)
        ),
        height=style.TOP + 36 + 84 * n,
        footnote=footnote,
        bottom=36,
        left=8,
        right=12,
        barmode="overlay",
        xaxis=style.share_axis(
            max((b for b in bars if b is not None), default=1.0),
            showticklabels=False,
            showgrid=False,
        ),
        yaxis=style.axis(range=[n - 0.5, -0.5], showticklabels=False, showgrid=False),
        shapes=targets,
        annotations=notes,
    )
    return Picture(traces, arrangement, f"{texts['progress']}: {' '.join(spoken)}")


def _checked_clause(
    metric: Metric, row: Mapping[str, Any], found: Mapping[str, Any], language: str
) -> str:
    if found["rate"] is None or row.get("rate") is None:
        return TEXTS[language]["unchecked"]
    if bounded := sentences.verified_bounds(
        metric, found, row["denominator"], language
    ):
        return bounded.rstrip("。.")
    return sentences.verified_headline(
        metric,
        found["reported_before"],
        found["rate"],
        (found["lower"], found["upper"]),
        row["denominator"],
        language,
    ).rstrip("。.")


def _estimate(found: Mapping[str, Any], position: int) -> list[dict[str, Any]]:
    """The interval as a line and the estimate as a diamond, above the bar."""
    if found["rate"] is None:
        return []
    ends = (found["lower"], position, found["upper"], position)
    at, size = found["rate"], 6
    diamond = {
        "type": "path",
        "path": f"M {-size} 0 L 0 {size} L {size} 0 L 0 {-size} Z",
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": at,
        "yanchor": position,
        "fillcolor": style.HOT,
        "line": {"color": style.EDGE, "width": 1},
        "layer": "above",
    }
    return [style.line(*ends, style.HOT, width=3, layer="above"), diamond]


def deadline_strip(
    progress: Mapping[str, tuple[Progress, float]],
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    caveats: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Each topic against its due date: done, needed a month, recent pace.

    Parameters
    ----------
    progress
        Metric id to what `deadlines.judge_progress` says and the total (branches)
        that should be covered, in the order to show.
    caveats
        By metric what stands against its figure, said beside praise.

    Returns
    -------
    Picture
        A solid bar for what is done, a striped one for where the recent pace leads by
        the due date, and the verdict in words: colour is never its only carrier.
    """
    texts = TEXTS[language]
    footnote = style.origin(snapshot, language)
    done, ahead, colours, notes, spoken = [], [], [], [], []
    for position, (metric_id, (judged, total)) in enumerate(progress.items()):
        metric = registry.metrics[metric_id]
        share = _share(judged.done, total)
        projected = _share(judged.projected, total)
        done.append(share)
        ahead.append(max(0.0, (projected or 0) - (share or 0)))
        colours.append(STATUS_COLOURS.get(judged.status or "", style.NEUTRAL))
        caveat = (caveats or {}).get(metric_id, "")
        sentence = sentences.deadline(metric, judged, total, language, caveat=caveat)
        spoken.append(sentence)
        name = wording.in_language(metric, "label", language)
        due = texts["by_date"].format(day=wording.day_name(metric.due, language))
        verdict = sentences.verdict(metric, judged, language)
        need = _need(metric, judged, language)
        need += sentences.praise(metric, judged, caveat)
        above = {"yref": "y", "yanchor": "bottom", "yshift": 10}
        notes.append(
            style.label(
                f"{style.escape(name)} · {due}",
                0,
                position,
                xanchor="left",
                font={"size": style.TEXT_SIZE},
                **above,
            )
        )
        notes.append(
            style.label(
                f"<b>{wording.percent(share)}</b> {verdict}",
                1,
                position,
                xanchor="right",
                font={"size": style.TEXT_SIZE},
                **above,
            )
        )
        notes.append(
            style.label(
                style.escape(need),
                0,
                position,
                yref="y",
                xanchor="left",
                yanchor="top",
                yshift=-10,
                opacity=0.85,
            )
        )
    n = len(done)
    if not n:
        return style.empty(texts["deadlines"], language, footnote)
    common = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(n)),
        "width": 0.24,
        "hovertext": [style.escape(text) for text in spoken],
        "hoverinfo": "text",
        "customdata": [[metric_id] for metric_id in progress],
    }
    stripes = {"shape": "/", "size": 6, "solidity": 0.35, "fgopacity": 0.7}
    traces = [
        {**common, "x": done, "marker": {"color": colours}},
        {
            **common,
            "x": ahead,
            "base": [share or 0 for share in done],
            "marker": {
                "color": style.BAND,
                "pattern": {**stripes, "fgcolor": colours},
            },
        },
    ]
    arrangement = style.layout(
        texts["deadlines"],
        texts["deadlines_sub"].format(month=wording.month_name(month, language)),
        height=style.TOP + 36 + 84 * n,
        footnote=footnote,
        bottom=36,
        left=8,
        right=12,
        barmode="overlay",
        shapes=[
            {
                "type": "rect",
                "x0": 0,
                "x1": 1,
                "y0": position - 0.12,
                "y1": position + 0.12,
                "fillcolor": style.BAND,
                "line": {"width": 0},
                "layer": "below",
            }
            for position in range(n)
        ],
        xaxis=style.share_axis(
            max((d for d in done if d is not None), default=1.0),
            showticklabels=False,
            showgrid=False,
        ),
        yaxis=style.axis(range=[n - 0.5, -0.5], showticklabels=False, showgrid=False),
        annotations=notes,
    )
    return Picture(traces, arrangement, f"{texts['deadlines']}: {' '.join(spoken)}")


def _need(metric: Metric, judged: Progress, language: str) -> str:
    """Short, for it stands under a bar; the whole sentence is in the tooltip."""
    texts = TEXTS[language]
    if sentences.verdict_code(metric, judged) == "not_open":
        day = wording.day_name(metric.window.start, language)
        return texts["opens"].format(day=day)
    if not judged.still_needed or wording.is_missing(judged.needed_per_month):
        return sentences.due_clause(metric, judged, language)
    if judged.months_left < 1:
        need = texts["last_days"].format(
            days=(metric.due - month_end(judged.month)).days,
            needed=wording.number(judged.still_needed),
        )
    else:
        needed = wording.number(sentences.whole(judged.needed_per_month))
        need = texts["needed"].format(needed=needed)
    if wording.is_missing(judged.recent_pace):
        return need
    pace = texts["pace"].format(pace=wording.number(judged.recent_pace))
    return f"{need} · {pace}"


def filing_status(row: Mapping[str, Any], now: datetime) -> str:
    """One unit's ledger of one month: on_time, late, partial, missing or not_due.

    `row` is one of `rates.read_filing`. A ledger that was late stays late after it is
    complete; before its deadline a gap is not yet a fault.
    """
    if row["n_units_on_time"]:
        return "on_time"
    if row["n_sectors_filed"] >= row["n_sectors_due"]:
        return "late"
    if _as_utc(row["deadline"]) > _as_utc(now):
        return "not_due"
    return "partial" if row["n_sectors_filed"] else "missing"


def filing_strip(
    filing: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    snapshot: Snapshot,
    units: Sequence[str] | None = None,
) -> Picture:
    """Freshness of the ledgers: a mark for each unit and month.

    Parameters
    ----------
    filing
        As `rates.read_filing` gives it: month, unit, deadline, first_received,
        n_sectors_due, n_sectors_filed, n_units_on_time.
    snapshot
        Its as_of (else built_at) is the moment that deadlines are compared with.
    units
        Codes from top to bottom; by default those of the frame in registry order.

    Returns
    -------
    Picture
        Each mark's customdata is [unit, month], so that a click can lead there.
    """
    texts = TEXTS[language]
    now = snapshot.as_of or snapshot.built_at
    rows = style.records(filing)
    present = {row["unit"] for row in rows}
    if units is None:
        known = [code for code in registry.units if code in present]
        units = [*known, *sorted(present - set(known))]
    months = sorted({row["month"] for row in rows})
    names = [wording.place_name(registry, "unit", code, language) for code in units]
    footnote = style.origin(snapshot, language)
    if not rows:
        return style.empty(texts["filing"], language, footnote)
    place = {code: position for position, code in enumerate(units)}
    marks: dict[str, list[dict[str, Any]]] = {status: [] for status in FILING_MARKS}
    for row in rows:
        if row["unit"] in place:
            marks[filing_status(row, now)].append(row)
    data = []
    for status, (symbol, colour) in FILING_MARKS.items():
        if not marks[status]:
            continue
        word = texts[status]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{word} {len(marks[status])}",
                "x": [row["month"] for row in marks[status]],
                "y": [place[row["unit"]] for row in marks[status]],
                "marker": {
                    "symbol": symbol,
                    "size": 12,
                    "color": colour,
                    "line": {"color": colour, "width": 2},
                },
                "customdata": [[row["unit"], row["month"]] for row in marks[status]],
                "hovertext": [
                    _filing_hover(row, word, names[place[row["unit"]]], texts, language)
                    for row in marks[status]
                ],
                "hoverinfo": "text",
            }
        )
    counts = {status: len(found) for status, found in marks.items() if found}
    legend = "  ".join(
        f"<span style='color:{FILING_MARKS[status][1]}'>{FILING_SIGNS[status]}</span> "
        f"{texts[status]} {count}"
        for status, count in counts.items()
    )
    rule = texts["filing_sub"].format(day=registry.calendar.filing_day)
    height = style.TOP + 26 + 24 * len(units) + 50
    arrangement = style.layout(
        texts["filing"],
        f"{rule}<br>{legend}",
        height=height,
        footnote=footnote,
        left=style.left_margin(names),
        top=style.TOP + 26,
        bottom=50,
        xaxis=style.month_axis(months, language),
        yaxis=style.name_axis(names, range(len(units))),
    )
    spoken = ", ".join(f"{texts[status]} {n}" for status, n in counts.items())
    return Picture(data, arrangement, f"{texts['filing']}: {spoken}")


def _filing_hover(
    row: Mapping[str, Any],
    word: str,
    name: str,
    texts: Mapping[str, str],
    language: str,
) -> str:
    lines = [
        f"{name} {wording.month_name(row['month'], language)}: {word}",
        texts["filed"].format(filed=row["n_sectors_filed"], due=row["n_sectors_due"]),
    ]
    if row["first_received"] is not None:
        lines.append(texts["received"].format(time=f"{row['first_received']:%Y-%m-%d}"))
    return "<br>".join(map(style.escape, lines))


def _as_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _share(count: float, total: float) -> float | None:
    if wording.is_missing(count) or not total:
        return None
    return float(count) / float(total)
