"""Figures of the overview: is it everywhere, will it be done in time, who has filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry, month_end
from data_pipeline.statistics.deadlines import Progress
from data_pipeline.withheld import is_withheld
from reports.figures import style
from reports.figures.bars import bars
from reports.figures.dots import dots
from reports.figures.intervals import estimate
from reports.figures.sheet import Sheet, strip_words
from reports.figures.style import Picture
from reports.figures.titles import furthest_of
from reports.words import catalogue, sentences, wording

STATUS_COLOURS: Mapping[str, str] = {
    "ahead": style.DONE,
    "at_risk": style.LATE,
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
# Verdicts that are named in a title.
AT_FAULT = ("at_risk", "will_miss", "overdue")
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
    sheet = Sheet(texts["progress"], language, snapshot)
    if not frames:
        return sheet.empty()
    sheet = sheet.titled(_furthest(frames, registry, month, language, sheet.title))
    rates, targets, notes, spoken = [], [], [], []
    for position, (metric_id, frame) in enumerate(frames.items()):
        metric = registry.metrics[metric_id]
        row = style.records(frame)[0] if len(frame) else {}
        clause = sentences.HIDDEN[language] if is_withheld(row) else ""
        clause = clause or sentences.still_missing(
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
        rates.append(row.get("rate"))
        spoken.append(sentences.named(metric, clause, language))
        notes += strip_words(
            position,
            style.escape(wording.in_language(metric, "label", language)),
            f"<b>{wording.percent(row.get('rate'))}</b>",
            style.escape(clause),
            value_size=15,
        )
        if milestone := wording.milestone_in(metric, month):
            targets.append(_target_tick(milestone.target, position))
    escaped, codes = [style.escape(text) for text in spoken], [[m] for m in frames]
    subtitle = texts["progress_sub" if verified is None else "progress_checked"]
    return sheet.draw_strips(
        [
            bars([1.0] * len(rates), style.BAND, width=0.26),
            bars(rates, style.DONE, texts=escaped, codes=codes, width=0.26),
        ],
        rates,
        " ".join(spoken),
        subtitle.format(month=wording.month_name(month, language)),
        n_rows=len(rates),
        barmode="overlay",
        shapes=targets,
        annotations=notes,
    )


def _furthest(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    month: str,
    language: str,
    plain: str,
) -> str:
    """Which duty lies furthest below the target in force, as the title of its bars."""
    known = []
    for name, frame in frames.items():
        metric = registry.metrics[name]
        milestone = wording.milestone_in(metric, month)
        rate = style.records(frame)[0]["rate"] if len(frame) else None
        known.append((metric, rate, milestone.target if milestone else None))
    return furthest_of(known, "target", language, plain=plain)


def _target_tick(target: float, position: int) -> dict[str, Any]:
    """The target of a bar, as a short line across it."""
    ends = (target, position - 0.2, target, position + 0.13)
    return style.line(*ends, style.TARGET, width=3, layer="above")


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
    """What checks support of a bar, with its interval; nothing without a rate."""
    if found["rate"] is None:
        return []
    limits = (found["lower"], found["rate"], found["upper"])
    return estimate(*limits, position, style.HOT)


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
    sheet = Sheet(texts["deadlines"], language, snapshot)
    if not progress:
        return sheet.empty()
    sheet = sheet.titled(_verdicts(progress, registry, language, sheet.title))
    done, ahead, colors, notes, spoken = [], [], [], [], []
    for position, (metric_id, (judged, total)) in enumerate(progress.items()):
        metric = registry.metrics[metric_id]
        share, projected = _share(judged.done, total), _share(judged.projected, total)
        done.append(share)
        ahead.append(max(0.0, (projected or 0) - (share or 0)))
        colors.append(STATUS_COLOURS.get(judged.status or "", style.NEUTRAL))
        caveat = (caveats or {}).get(metric_id, "")
        about = {"month": month, "caveat": caveat}
        spoken.append(sentences.deadline(metric, judged, total, language, **about))
        name = style.escape(wording.in_language(metric, "label", language))
        due = texts["by_date"].format(day=wording.day_name(metric.due, language))
        last = sentences.last_ledger(judged.month, month, language)
        verdict = sentences.verdict(metric, judged, language)
        need = _need(metric, judged, language)
        need += sentences.praise(metric, judged, caveat)
        notes += strip_words(
            position,
            " · ".join(filter(None, (name, due, last))),
            f"<b>{wording.percent(share)}</b> {verdict}",
            style.escape(need),
            gap=(10, 10),
        )
    hover = {
        "texts": [style.escape(text) for text in spoken],
        "codes": [[metric_id] for metric_id in progress],
        "width": 0.24,
    }
    stripes = {"shape": "/", "size": 6, "solidity": 0.35, "fgopacity": 0.7}
    coming = bars(
        ahead,
        style.BAND,
        base=[share or 0 for share in done],
        marker={"pattern": {**stripes, "fgcolor": colors}},
        **hover,
    )
    # What is overdue needs no pace any more.
    has_pace = any(_has_pace(one) for one, _ in progress.values())
    subtitle = texts["deadlines_sub"] if has_pace else "{month}"
    return sheet.draw_strips(
        [bars(done, colors, **hover), coming],
        done,
        " ".join(spoken),
        subtitle.format(month=wording.month_name(month, language)),
        n_rows=len(done),
        barmode="overlay",
        shapes=[style.rectangle(0, 1, at - 0.12, at + 0.12) for at in range(len(done))],
        annotations=notes,
    )


def _verdicts(
    progress: Mapping[str, tuple[Progress, float]],
    registry: Registry,
    language: str,
    plain: str,
) -> str:
    """How many topics are overdue or in danger; who is praised is not said here.

    Beside praise would have to stand what speaks against each figure.
    """
    counts: dict[str, int] = {}
    for name, (judged, _) in progress.items():
        code = sentences.verdict_code(registry.metrics[name], judged)
        if code in AT_FAULT:
            word = sentences.VERDICTS[code][language]
            counts[word] = counts.get(word, 0) + 1
    if not counts:
        return plain
    said = say_counts(counts, language)
    return TEXTS[language]["found"].format(title=plain, finding=said)


def say_counts(counts: Mapping[str, int], language: str) -> str:
    """How many there are of each word, those that there are."""
    counted = TEXTS[language]["counted"]
    said = (counted.format(word=word, n=n) for word, n in counts.items() if n)
    return wording.join(said, language)


def _need(metric: Metric, judged: Progress, language: str) -> str:
    """Short, for it stands under a bar; the whole sentence is in the tooltip."""
    texts = TEXTS[language]
    if sentences.verdict_code(metric, judged) == "not_open":
        day = wording.day_name(metric.window.start, language)
        return texts["opens"].format(day=day)
    if not _has_pace(judged):
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


def _has_pace(judged: Progress) -> bool:
    """Whether there are months left in which the rest is to be done."""
    return bool(judged.still_needed) and not wording.is_missing(judged.needed_per_month)


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
    sheet = Sheet(texts["filing"], language, snapshot)
    rows = style.records(filing)
    if not rows:
        return sheet.empty()
    now = snapshot.as_of or snapshot.built_at
    present = {row["unit"] for row in rows}
    if units is None:
        known = [code for code in registry.units if code in present]
        units = [*known, *sorted(present - set(known))]
    names = {u: wording.place_name(registry, "unit", u, language) for u in units}
    found: dict[str, list[dict[str, Any]]] = {status: [] for status in FILING_MARKS}
    for row in rows:
        if row["unit"] in names:
            found[filing_status(row, now)].append(row)
    found = {status: marked for status, marked in found.items() if marked}
    counts = {
        status: say_counts({texts[status]: len(own)}, language)
        for status, own in found.items()
    }
    last = max(row["month"] for row in rows)
    own = {texts[s]: sum(r["month"] == last for r in rs) for s, rs in found.items()}
    title = texts["filing_found"].format(
        month=wording.month_name(last, language), counts=say_counts(own, language)
    )
    sheet = sheet.titled(title)
    legend = "  ".join(
        style.key(count, FILING_MARKS[status][1], FILING_SIGNS[status])
        for status, count in counts.items()
    )
    rule = texts["filing_sub"].format(day=registry.calendar.filing_day)
    months = sorted({row["month"] for row in rows})
    return sheet.draw_rows(
        [_filing_marks(status, own, names, language) for status, own in found.items()],
        list(names.values()),
        wording.join(counts.values(), language),
        f"{rule}<br>{legend}",
        row=24,
        above=26,
        bottom=50,
        xaxis=style.month_axis(months, language),
    )


def _filing_marks(
    status: str,
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    """The marks of one state; `names` are the units from top to bottom."""
    symbol, color = FILING_MARKS[status]
    texts, place = TEXTS[language], {unit: at for at, unit in enumerate(names)}
    word = texts[status]
    return dots(
        [row["month"] for row in rows],
        [place[row["unit"]] for row in rows],
        color,
        12,
        marker={"symbol": symbol, "line": {"color": color, "width": 2}},
        name=f"{word} {len(rows)}",
        texts=[
            _filing_hover(row, word, names[row["unit"]], texts, language)
            for row in rows
        ],
        codes=[[row["unit"], row["month"]] for row in rows],
        is_clipped=True,
    )


def _filing_hover(
    row: Mapping[str, Any],
    word: str,
    name: str,
    texts: Mapping[str, str],
    language: str,
) -> str:
    when = f"{name} {wording.month_name(row['month'], language)}"
    lines = [
        wording.join((when, word), language, "saying"),
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
