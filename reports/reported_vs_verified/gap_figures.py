"""What was claimed before the checks beside what they support, a row for each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.belief import FLAG
from reports.figures import style
from reports.figures.dots import dots
from reports.figures.intervals import arms, joint
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.words import catalogue, wording

TEXTS = catalogue.texts("reported_vs_verified.gap_figures")
MIN_ESTIMATE, MIN_FIRM = 10, 30


def dumbbell(
    reported: pd.DataFrame,
    verified: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str,
    dimension: str = "unit",
    flags: Mapping[str, int] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """What was claimed before the checks and what they support, a row for each place.

    Parameters
    ----------
    reported, verified
        `read_rates` of one month by `dimension` on either basis; the verified one
        brings lower, upper and what was reported before the checks. Under thirty checks
        an estimate is starred; places with under ten have none and are left to
        `fold_few_checks`.
    flags
        How many there are, by code.

    Returns
    -------
    Picture
        Largest gap first; below the marks of a row gap, checks, how many of those drawn
        came back, and flags; customdata is [code]. The title names the largest gap that
        the interval bears out.
    """
    texts = TEXTS[language]
    every = _pairs(reported, verified, dimension)
    pairs = [pair for pair in every if pair.verified is not None]
    about = (metric, registry, dimension, language)
    sheet = Sheet(_dumbbell_title(pairs, *about), language, snapshot)
    if not pairs:
        folded = fold_few_checks(reported, verified, registry, dimension, language)
        return sheet.empty(folded)
    names = [_starred_name(pair, registry, dimension, language) for pair in pairs]
    hovers = [
        _pair_text(pair, name, texts, language)
        for pair, name in zip(pairs, names, strict=True)
    ]
    rows = [(pair, at) for at, pair in enumerate(pairs)]
    notes = [_pair_note(*row, flags or {}, texts, language) for row in rows]
    has_two_lines = any("<br>" in note["text"] for note in notes)
    filed = [at for pair, at in rows if pair.reported is not None]
    ends = _ends([pairs[at] for at in filed], pairs)
    spoken = [
        f"{name} {wording.percent(pair.reported)} → {_verified_words(pair, texts)}"
        for name, pair in zip(names, pairs, strict=True)
    ]
    return sheet.draw_rows(
        [_verified_dots(pairs, hovers), _reported_dots(pairs, filed, hovers)],
        names,
        wording.join(spoken, language),
        _pairs_key(any(pair.has_few_checks for pair in pairs), texts),
        when=wording.month_name(month, language),
        row=62 if has_two_lines else 48,
        above=14,
        right=24,
        xaxis=style.share_axis(range=list(ends), nticks=6),
        shapes=[
            joint(pair.reported, pair.verified, at, width=4)
            for pair, at in rows
            if pair.gap is not None
        ],
        annotations=[
            *notes,
            *(
                _unreported(pair, at, language)
                for pair, at in rows
                if pair.reported is None
            ),
        ],
    )


def fold_few_checks(
    reported: pd.DataFrame,
    verified: pd.DataFrame,
    registry: Registry,
    dimension: str,
    language: str = "zh",
) -> str:
    """The places that `dumbbell` does not draw, with their fractions; '' for none."""
    texts = TEXTS[language]
    few = [p for p in _pairs(reported, verified, dimension) if p.verified is None]
    checked = [pair for pair in few if pair.check.get("denominator")]
    names = [
        wording.place_name(registry, dimension, pair.code, language, is_short=True)
        for pair in checked
    ]
    sentences = [
        f"{name} {_fraction(pair.check, texts)}"
        for name, pair in zip(names, checked, strict=True)
    ]
    parts = []
    if sentences:
        listed = wording.join(sentences, language)
        parts.append(texts["folded"].format(n=MIN_ESTIMATE, places=listed))
    if n_unchecked := len(few) - len(checked):
        parts.append(texts["folded_unchecked"].format(n=wording.number(n_unchecked)))
    return wording.join(parts, language, "sentences")


def _dumbbell_title(
    pairs: Sequence[_Pair],
    metric: Metric,
    registry: Registry,
    dimension: str,
    language: str,
) -> str:
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    less = [p for p in pairs if p.gap is not None and p.reported > (p.check["upper"])]
    if not less:
        is_held = any(p.gap is not None for p in pairs)
        level = wording.DIMENSION_LABELS[dimension][language]
        said = texts["dumbbell_level" if is_held else "dumbbell"]
        return said.format(metric=label, level=level.lower())
    worst = less[0]  # they come by their gap
    return texts["dumbbell_found"].format(
        metric=label,
        name=wording.place_name(
            registry, dimension, worst.code, language, is_short=True
        ),
        reported=wording.percent(worst.reported),
        verified=wording.percent(worst.verified),
    )


def _pair_note(
    pair: _Pair,
    position: int,
    flags: Mapping[str, int],
    texts: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    """Gap, flags and checks, below the marks.

    How many of those drawn came back has a line of its own: a phone has no room for it
    beside the others. Where each of them was checked there is nothing to say.
    """
    check, parts, lines = pair.check, [], []
    if pair.gap is not None and abs(pair.gap) < 0.0005:  # "−0.0" would be a gap
        parts.append(texts["pair_level"])
    elif pair.gap is not None:
        points = wording.points(-pair.gap, language, is_signed=True)
        parts.append(texts["pair_gap"].format(points=points))
    if n_flags := flags.get(pair.code, 0):
        parts.append(f"{FLAG}{n_flags}")
    parts.append(texts["pair_checks"].format(n=wording.number(check["denominator"])))
    lines.append(" · ".join(parts))
    drawn = check.get("n_drawn") or 0
    if drawn and drawn != check["denominator"]:
        returned = drawn - (check.get("n_unvisited") or 0)
        counts = {"returned": returned, "drawn": drawn}
        numbers = {name: wording.number(count) for name, count in counts.items()}
        lines.append(texts["pair_drawn"].format(**numbers))
    text = "<br>".join(map(style.escape, lines))
    place = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "opacity": 0.85}
    place["align"] = "left"
    return style.label(text, 0, position + 0.48, **place)


class _Pair(NamedTuple):
    """One place reported and verified, and its row of checks.

    `gap` is None where the two do not speak of the same, `verified` under ten checks.
    """

    code: str
    reported: float | None
    verified: float | None
    gap: float | None
    check: Mapping[str, Any]

    @property
    def lower(self) -> float | None:
        return self.check["lower"]

    @property
    def has_few_checks(self) -> bool:
        """Whether it rests on so few checks that it is starred."""
        return self.verified is not None and self.check["denominator"] < MIN_FIRM


def _pairs(
    reported: pd.DataFrame, verified: pd.DataFrame, dimension: str
) -> list[_Pair]:
    """Places with at least one of the two, the largest gap first."""
    checked = {row[dimension]: row for row in style.records(verified)}
    pairs = []
    for row in style.records(reported):
        check = checked.get(row[dimension], {})
        is_known = (check.get("denominator") or 0) >= MIN_ESTIMATE
        estimate = check.get("rate") if is_known else None
        if row["rate"] is None and estimate is None:
            continue
        # What was claimed before the checks is what they speak of; without such a
        # ledger the later one is drawn alone and no line joins the two.
        before = check.get("reported_before")
        if row["rate"] is None or before is None:
            stated, gap = row["rate"], None
        else:
            stated, gap = before, None if estimate is None else before - estimate
        pairs.append(_Pair(row[dimension], stated, estimate, gap, check))
    return sorted(
        pairs, key=lambda pair: (pair.gap is None, -(pair.gap or 0), pair.code)
    )


def _ends(filed: Sequence[_Pair], known: Sequence[_Pair]) -> tuple[float, float]:
    """Where the axis of pairs begins and ends."""
    stated = [pair.reported for pair in filed]
    lows = [*stated, *(pair.lower or pair.verified for pair in known)]
    # A place may be drawn that has neither: too few checks, and no ledger before them.
    first = max(0.0, int((min(lows, default=0.0) - 0.03) * 20) / 20)
    return first, max([1.0, *stated]) + 0.01


def _reported_dots(
    pairs: Sequence[_Pair], filed: Sequence[int], hovers: Sequence[str]
) -> dict[str, Any]:
    """What ledgers say, in the rows `filed`."""
    return dots(
        [pairs[at].reported for at in filed],
        filed,
        style.CITY,
        10,
        marker={"symbol": "diamond"},
        texts=[hovers[at] for at in filed],
        codes=[[pairs[at].code] for at in filed],
    )


def _verified_dots(pairs: Sequence[_Pair], hovers: Sequence[str]) -> dict[str, Any]:
    """What checks support, with its interval, a row a pair."""
    values = [pair.verified for pair in pairs]
    limits = ([pair.check[side] for pair in pairs] for side in ("lower", "upper"))
    return dots(
        values,
        range(len(pairs)),
        style.DONE,
        11,
        error_x=arms(values, *limits, style.DONE),
        texts=hovers,
        codes=[[pair.code] for pair in pairs],
    )


def _pairs_key(has_stars: bool, texts: Mapping[str, str]) -> str:
    """What the two marks stand for, and the star where there is one."""
    text = texts["dumbbell_sub"].format(
        reported=style.colored("◆", style.CITY),
        verified=style.colored("●", style.DONE),
    )
    return f"{text}<br>{texts['few']}" if has_stars else text


def _verified_words(pair: _Pair, texts: Mapping[str, str]) -> str:
    """A rate, or the counts that are too few for one."""
    if pair.verified is None:
        return _fraction(pair.check, texts)
    return wording.percent(pair.verified)


def _starred_name(
    pair: _Pair, registry: Registry, dimension: str, language: str
) -> str:
    """A place as its row is called; the star of few checks is never cut off."""
    name = wording.place_name(registry, dimension, pair.code, language, is_short=True)
    if not pair.has_few_checks:
        return name
    # Room for the star, and for an ellipsis that counts as two columns.
    return wording.shorten(name, style.NAME_COLUMNS - 2) + "*"


def _unreported(pair: _Pair, position: int, language: str) -> dict[str, Any]:
    """That nothing was reported beside what checks support, above its mark."""
    text = wording.NOT_REPORTED[language]
    return style.label(text, pair.verified, position, yanchor="bottom", yshift=7)


def _pair_text(pair: _Pair, name: str, texts: Mapping[str, str], language: str) -> str:
    """Reported, verified and its limits, a line each; escaped."""
    check = pair.check
    if pair.reported is None:
        silence = wording.NOT_REPORTED[language]
        lines = [texts["silent"].format(name=name, silence=silence)]
    else:
        key = "reported_since" if pair.gap is None else "reported"
        rate = wording.percent(pair.reported)
        lines = [texts[key].format(name=name, rate=rate)]
    if pair.verified is None:
        parts = (_fraction(check, texts), texts["too_few"])
        lines.append(wording.join(parts, language, "clauses"))
    else:
        verified = wording.percent(pair.verified)
        lines.append(f"{texts['verified']} {verified} ({style.fraction(check)})")
        limits = {side: wording.percent(check[side]) for side in ("lower", "upper")}
        lines.append(texts["limits"].format(**limits))
    return "<br>".join(map(style.escape, lines))


def _fraction(check: Mapping, texts: Mapping[str, str]) -> str:
    """What checks too few for a rate found: '7 / 9 核实'."""
    if not check.get("denominator"):
        return texts["unchecked"]
    return texts["fraction"].format(
        confirmed=wording.number(check.get("numerator", 0)),
        checked=wording.number(check.get("denominator", 0)),
    )
