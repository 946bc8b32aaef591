"""Headline figures as plain sentences: one wording for page, export and bulletin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, nan
from typing import Any

import pandas as pd

from data_pipeline.registry import Metric, Registry, month_end
from data_pipeline.statistics.deadlines import Progress
from data_pipeline.statistics.sampling import can_tell
from data_pipeline.statistics.unevenness import Extreme, Unevenness
from data_pipeline.statistics.verified import MIN_RETURNED
from data_pipeline.withheld import COLUMN as WITHHELD
from reports.belief import Says
from reports.words import catalogue, wording

# The statuses of deadlines.judge_progress, and others that need no judging.
VERDICTS = catalogue.terms("sentences.verdicts")
VERIFIED = catalogue.texts("belief.verdict")  # what checks say, as beside every figure
PRAISES = ("ahead", "done", "late", "reached")

TEXTS = catalogue.texts("sentences")
BRACKETS = catalogue.texts("belief")
HIDDEN = catalogue.term("sentences.withheld")


def named(metric: Metric, clause: str, language: str = "zh") -> str:
    """A clause as a sentence that begins with its metric."""
    name = wording.in_language(metric, "label", language)
    return TEXTS[language]["named"].format(name=name, text=clause)


def still_missing(
    metric: Metric,
    numerator: Any,
    denominator: Any,
    language: str = "zh",
    *,
    month: str,
    in_time: float | None = None,
    due_note: str = "",
    caveat: str = "",
) -> str:
    """What is done and what the target in force still lacks, as a clause.

    Parameters
    ----------
    numerator, denominator
        Sums of one place and month; None where nothing was reported, NaN what is
        withheld.
    month
        YYYY-MM, decides which milestone is in force.
    in_time
        Share done at the end of the month of the due day, NaN where that is unknown:
        after it, reached in time and reached late are not the same.
    due_note
        What stands against that share (`note_due_day`).
    caveat
        What stands against the figure (`belief.caveat`): no target is reached without.

    Examples
    --------
    >>> from data_pipeline.registry import load_registry
    >>> metric = load_registry().metrics["topic_2_coverage"]
    >>> still_missing(metric, 12345, 16198, month="2016-07")
    '已完成 12,345 / 16,198 个党支部，还差 3,853（目标 100 %，8月31日前）'
    """
    texts = TEXTS[language]
    if month < metric.remembered_month:
        return texts["not_due"].format(**_due_words(metric, language))
    if numerator is None or not denominator:
        return texts["nothing"]
    if wording.is_missing(numerator) or wording.is_missing(denominator):
        return texts["withheld"]
    if metric.owed_by:
        return _owed(metric, numerator, denominator, language, month, caveat)
    done = texts["then" if metric.remembers else "held"].format(
        n=wording.number(numerator),
        counted=wording.counted(denominator, metric.denominator, language),
        **_due_words(metric, language),
    )
    if numerator > denominator and not metric.is_ceiling:
        return done + texts["over"].format(n=wording.number(numerator - denominator))
    milestone = wording.milestone_in(metric, month)
    if milestone is None:
        return done  # without a target nothing is missing to it
    target = wording.demand(milestone, metric.unit)
    missing = shortfall(numerator, denominator, milestone.target)
    then = {"target": target, "missing": wording.number(missing)}
    then["due_note"] = _of_ledger(metric, due_note, language)
    if metric.remembers:
        if missing:
            return done + texts["then_missing"].format(**then)
        return done + texts["then_all"].format(**then) + caveat
    is_over = metric.due is not None and month > f"{metric.due:%Y-%m}"
    if in_time is not None and is_over:
        then |= _due_words(metric, language) | {"share": wording.percent(in_time)}
    if not missing:
        key = "reached"
        if milestone.upper and numerator > milestone.upper * denominator + 1e-9:
            key = "above"
        elif "share" in then and wording.is_missing(in_time):
            key = "reached_unknown"
        elif "share" in then and in_time < milestone.target:
            key = "reached_late"
        return done + texts[key].format(**then, caveat=caveat)
    due = ""
    if milestone.due is not None:
        due = texts["due"].format(day=wording.day_name(milestone.due, language))
    clause = done + texts["missing"].format(**then, due=due)
    if "share" in then:
        key = "unknown" if wording.is_missing(in_time) else "late"
        clause += texts[f"{key}_so_far"].format(**then)
    return clause


def note_due_day(n_missing: Any, caveat: str, language: str = "zh") -> str:
    """What stands beside a figure of a due day: who had not filed, and its flags.

    >>> note_due_day(6, "（1 条线索）"), note_due_day(0, "")
    ('（当时 6 个单位×领域未报；1 条线索）', '')
    """
    gaps = TEXTS[language]["due_gaps"].format(n=wording.number(n_missing))
    return _in_brackets((gaps * bool(n_missing), caveat), language)


def _in_brackets(asides: Sequence[str], language: str) -> str:
    """Asides, in brackets like a caveat or without, as one in brackets; '' if none."""
    bare = [_bare(aside, language) for aside in asides if aside]
    if not bare:
        return ""
    together = wording.join(bare, language, "clauses")
    return BRACKETS[language]["caveat"].format(parts=together)


def _bare(aside: str, language: str) -> str:
    """An aside without its brackets, if it has any."""
    begin, end = BRACKETS[language]["caveat"].split("{parts}")
    return aside.removeprefix(begin).removesuffix(end)


def last_in_brackets(caveat: str, language: str = "zh") -> str:
    """A caveat as the last of what stands in brackets already; '' of none.

    >>> last_in_brackets("（2 条线索）"), last_in_brackets("")
    ('，2 条线索', '')
    """
    return BRACKETS[language]["join"] + _bare(caveat, language) if caveat else ""


def _due_words(metric: Metric, language: str) -> dict[str, str]:
    """The due day and the month whose ledger tells how far things were then."""
    if metric.due is None:
        return {}
    ledger = wording.month_tick(f"{metric.due:%Y-%m}", language)
    return {"day": wording.day_name(metric.due, language), "ledger": ledger}


def _of_ledger(metric: Metric, due_note: str, language: str) -> str:
    """By which ledger the state of the due day is known, and `due_note`."""
    if metric.due is None:
        return due_note
    ledger = TEXTS[language]["of_ledger"].format(**_due_words(metric, language))
    return _in_brackets((ledger, due_note), language)


def _owed(
    metric: Metric,
    numerator: float,
    n_places: float,
    language: str,
    month: str,
    caveat: str,
) -> str:
    """A count that places owe: how many, of how many demanded of them together.

    No part of a whole: more of them than places is no error.
    """
    texts, milestone = TEXTS[language], wording.milestone_in(metric, month)
    words = {"n": wording.number(numerator), "places": wording.number(n_places)}
    if milestone is None:
        return texts["owed"].format(**words)
    demanded = milestone.target * n_places
    missing = shortfall(numerator, n_places, milestone.target)
    words |= {"demanded": wording.number(demanded), "missing": wording.number(missing)}
    if missing:
        return texts["owed_missing"].format(**words)
    return texts["owed_reached"].format(**words) + caveat


def shortfall(numerator: float, denominator: float, target: float = 1.0) -> float:
    """How many whole ones are missing to `target` × denominator, at least 0.

    NaN where a count is withheld.

    >>> shortfall(100, 300, 2 / 3)
    100
    """
    if wording.is_missing(numerator) or wording.is_missing(denominator):
        return nan
    # 1e-9: two thirds of 300 are 200, not 201.
    return max(0, ceil(target * float(denominator) - 1e-9) - int(numerator))


def reach_ceiling(
    metric: Metric, numerator: Any, denominator: Any, language: str = "zh"
) -> str:
    """What a number of visits can reach at most, even if none was paid twice.

    Examples
    --------
    >>> from data_pipeline.registry import load_registry
    >>> metric = load_registry().metrics["lecture_reach_ceiling"]
    >>> reach_ceiling(metric, 2366, 16198, "en")
    '2,366 lectures can reach at most 14.6 % of 16,198 branches.'
    """
    texts = TEXTS[language]
    if numerator is None or not denominator:
        return named(metric, texts["nothing"], language)
    if wording.is_missing(numerator) or wording.is_missing(denominator):
        return named(metric, texts["withheld"], language)
    words = {
        "lectures": wording.counted(numerator, metric.numerator, language),
        "total": wording.counted(denominator, metric.denominator, language),
    }
    # A lecture reaches branches; leaders are those who give it.
    of = metric.denominator
    if numerator >= denominator:
        return texts.get(f"reach_full_{of}", texts["reach_full"]).format(**words)
    share = wording.percent(numerator / denominator)
    return texts.get(f"reach_{of}", texts["reach"]).format(share=share, **words)


def unevenness(
    measured: Unevenness,
    cells: pd.DataFrame,
    by: Sequence[str],
    registry: Registry,
    language: str = "zh",
) -> str:
    """How far apart the places are, with the hottest and the coldest named.

    Parameters
    ----------
    measured
        `unevenness.measure_unevenness` of `cells`.
    cells
        The frame that was measured; its `by` columns name the places.
    """
    texts = TEXTS[language]
    if measured.hottest is None or measured.coldest is None:
        return texts["uneven_unknown"]
    if measured.hottest.rate == measured.coldest.rate:
        if measured.hottest.n_tied == 1:
            return texts["one_place"]
        return texts["even"].format(rate=wording.percent(measured.hottest.rate))
    return texts["uneven"].format(
        distance=wording.points(measured.mean_distance_points / 100, language),
        hottest=extreme(measured.hottest, cells, by, registry, language),
        coldest=extreme(measured.coldest, cells, by, registry, language),
        spread=wording.points(measured.spread_points / 100, language),
    )


def spread(measured: Unevenness, language: str = "zh") -> str:
    """How far apart the places are, where links beside it name them."""
    texts = TEXTS[language]
    if measured.hottest is None or measured.coldest is None:
        return texts["uneven_unknown"]
    if measured.hottest.rate == measured.coldest.rate:
        if measured.hottest.n_tied == 1:
            return texts["one_place"]
        return texts["even"].format(rate=wording.percent(measured.hottest.rate))
    return texts["spread"].format(
        distance=wording.points(measured.mean_distance_points / 100, language),
        spread=wording.points(measured.spread_points / 100, language),
    )


def verdict_code(metric: Metric, judged: Progress) -> str:
    """Key of `VERDICTS`: whether a due date will be kept.

    Before the window opens there is nothing to judge, and what is done is done; what
    was done after the due day stays late.
    """
    if not wording.is_missing(judged.still_needed) and not judged.still_needed:
        if judged.month <= f"{metric.due:%Y-%m}" or judged.is_in_time:
            return "done"
        return "reached" if judged.is_in_time is None else "late"
    if metric.window and judged.month and month_end(judged.month) < metric.window.start:
        return "not_open"
    return judged.status or "unknown"


def verdict(metric: Metric, judged: Progress, language: str = "zh") -> str:
    """Whether a due date will be kept, in two or three words."""
    return VERDICTS[verdict_code(metric, judged)][language]


def praise(metric: Metric, judged: Progress, caveat: str) -> str:
    """`caveat` beside a verdict that praises; '' beside any other."""
    return caveat * (verdict_code(metric, judged) in PRAISES)


def due_clause(
    metric: Metric, judged: Progress, language: str = "zh", *, due_note: str = ""
) -> str:
    """What the due date still asks for and at what pace things go.

    `due_note` stands beside the share of the due day, as in `still_missing`.
    """
    texts = TEXTS[language]
    if wording.is_missing(judged.still_needed):
        return texts["nothing"]
    code = verdict_code(metric, judged)
    if code == "reached":
        key = "done_unknown"
    elif not judged.still_needed:
        key = code
    elif judged.status == "overdue":
        is_past = judged.month > f"{metric.due:%Y-%m}"
        key = "overdue_unknown" if is_past else "overdue"
        if judged.is_in_time is not None:
            key = "overdue_then"
    elif wording.is_missing(judged.recent_pace):
        key = "needed_no_pace"
    else:
        key = "needed"
    return texts[key].format(
        missing=wording.number(judged.still_needed),
        needed=wording.number(whole(judged.needed_per_month)),
        pace=wording.number(judged.recent_pace),
        share=wording.percent(judged.in_time),
        due_note=_of_ledger(metric, due_note, language),
        **_due_words(metric, language),
    )


def deadline(
    metric: Metric,
    judged: Progress,
    total: Any,
    language: str = "zh",
    *,
    month: str = "",
    caveat: str = "",
    due_note: str = "",
) -> str:
    """Done, needed a month, recent pace and verdict, as one sentence.

    `total` is the number that should be covered, as given to `judge_progress`;
    `month` the one that is looked at, where it may have no report; `caveat` what stands
    against the figure, said beside praise, `due_note` what stands against that of the
    due day.
    """
    texts = TEXTS[language]
    if wording.is_missing(judged.done) or not total:
        return named(metric, texts["nothing"], language)
    clause = texts["deadline"].format(
        n=wording.counted(judged.done, metric.denominator, language),
        share=wording.percent(judged.done / float(total)),
        rest=due_clause(metric, judged, language, due_note=due_note),
        status=verdict(metric, judged, language) + praise(metric, judged, caveat),
    )
    clause += texts["fallen"] if judged.has_fallen else ""
    if last := last_ledger(judged.month, month, language):
        clause = texts["by_ledger"].format(last=last, clause=clause)
    return named(metric, clause, language)


def last_ledger(last: str, month: str, language: str = "zh") -> str:
    """Which ledger speaks for a month without one; '' where it has its own, or none.

    >>> last_ledger("2016-11", "2016-12"), last_ledger("2016-12", "2016-12")
    ('12月未报，此为11月台账', '')
    """
    if not last or last >= month:
        return ""
    return TEXTS[language]["last_ledger"].format(
        month=wording.month_tick(month, language),
        ledger=wording.month_tick(last, language),
    )


def change(
    name: str, before: Any, after: Any, metric: Metric, language: str = "zh"
) -> str:
    """How a place moved since the month before: '闽清县 +12.3 个百分点(45.0 % → …)'."""
    if metric.unit == "share":
        moved = wording.points(after - before, language, is_signed=True)
    else:
        moved = f"{after - before:+.2f}".replace("-", "−")
    return TEXTS[language]["change"].format(
        name=name,
        change=moved,
        before=wording.rate_text(before, metric.unit),
        after=wording.rate_text(after, metric.unit),
    )


def gaps(n_missing: Any, n_blank: Any, language: str = "zh") -> str:
    """What is not in a figure: pairs that filed nothing and blank rows; '' if none."""
    texts = TEXTS[language]
    parts = [
        texts[key].format(n=wording.number(count))
        for key, count in (("gap_missing", n_missing), ("gap_blank", n_blank))
        if count
    ]
    return texts["gaps"].format(parts=texts["and"].join(parts)) if parts else ""


def blank(n: Any, language: str = "zh") -> str:
    """How many rows leave a side blank; '' for none or where it is not known.

    >>> blank(1, "en"), blank(0)
    ('1 blank row', '')
    """
    if wording.is_missing(n) or not n:
        return ""
    return TEXTS[language]["gap_blank"].format(n=wording.number(n))


def undivided(
    whole: pd.DataFrame,
    parts: pd.DataFrame,
    by: Sequence[str],
    metric: Metric,
    registry: Registry,
    language: str = "zh",
) -> str:
    """How much of a figure has no word to be divided by; '' where everything has one.

    Parameters
    ----------
    whole, parts
        `rates.read_rates` of one place and month, and the same by `by`.
    """
    if any(frame.get(WITHHELD, pd.Series(dtype=str)).any() for frame in (whole, parts)):
        return ""  # what is left between them would tell it
    # Who owes a count, or carries its whole under each word, is not divided.
    is_share = not metric.owed_by and not {*by} & {*metric.split_by}
    sides = ("numerator", "denominator")[: 1 + is_share]
    left = [int(whole[side].sum() - parts[side].sum()) for side in sides]
    if not any(left):
        return ""
    labels = [wording.category_label(registry, metric, name, language) for name in by]
    return TEXTS[language]["undivided"].format(
        counts=" / ".join(map(wording.number, left)),
        by=wording.join(labels, language),
    )


def concentration(
    missing: Sequence[float],
    names: Sequence[str],
    language: str = "zh",
    *,
    k: int = 5,
    n_known: int,
    n_silent: int = 0,
    caveat: str = "",
) -> str:
    """Where what is missing lies: the share that the k largest gaps hold.

    `missing` (counts, largest first) and `names` go together. `n_known` places have
    reported and `n_silent` have not: where nothing came in, nothing is said to be done,
    and one place has no ranking. `caveat` is what stands against the sum of them.
    """
    texts = TEXTS[language]
    total = sum(missing)
    if not n_known:
        return texts["not_known"]
    if total <= 0:
        key = "none_known_missing" if n_silent else "none_missing"
        return texts[key].format(n=wording.number(n_silent), caveat=caveat)
    if n_known == 1:
        return texts["one_missing"].format(name=names[0], total=wording.number(total))
    k = min(k, sum(count > 0 for count in missing))
    return texts["concentrated"].format(
        total=wording.number(total),
        k=k,
        share=wording.percent(sum(missing[:k]) / total),
        names=wording.join(names[:k], language),
    )


def speaking_bounds(lower: Any, upper: Any, language: str = "zh") -> str:
    """The share of members who have spoken where distinct persons are not known."""
    return TEXTS[language]["bounds"].format(
        lower=wording.percent(lower), upper=wording.percent(upper)
    )


def verified_headline(
    metric: Metric,
    reported: float,
    estimate: float,
    interval: tuple[float, float],
    total: float,
    language: str = "zh",
) -> str:
    """Reported beside verified: '抽查前上报 99.9 %;抽查支持 90.4 %(…):约 1,550(…)个…'.

    Where the interval holds what was reported, or the checks found more, nothing is
    counted as not verified. Shares 0–1; `reported` is what the last ledgers before the
    checks claimed, missing where there are none; `total` is the number of branches
    (or persons) that was reported on.
    """
    texts = TEXTS[language]
    words = {
        "reported": wording.percent(reported),
        "estimate": wording.percent(estimate),
        "lower": wording.percent(interval[0]).removesuffix(" %"),
        "upper": wording.percent(interval[1]).removesuffix(" %"),
    }
    if wording.is_missing(reported):
        return texts["verified_unknown"].format(**words)
    lower, upper = interval
    if reported <= upper or not total:
        verdict = VERIFIED[language][
            "unrefuted" if can_tell(reported, lower) else "few"
        ]
        # More than was claimed is told by the two figures.
        held = texts["verified_holds"] if lower <= reported else ""
        held = held.format(verdict=verdict)
        return texts["verified_all"].format(held=held, **words)
    n, least, most = (
        wording.number(max(round((reported - share) * total, -1), 1))
        for share in (estimate, upper, lower)
    )
    noun = wording.count_noun(metric.denominator, language)
    return texts["verified"].format(n=n, least=least, most=most, noun=noun, **words)


def verified_bounds(
    metric: Metric, check: Mapping[str, Any], total: float, language: str = "zh"
) -> str:
    """The headline where too few of those drawn came back for an interval, else ''.

    `check` is a row of `rates.read_rates` on the basis verified; `total` as in
    `verified_headline`. Nothing is said of branches that were not visited but what
    they can be at worst and at best.
    """
    n_drawn, n_unvisited = check.get("n_drawn") or 0, check.get("n_unvisited") or 0
    if n_drawn - n_unvisited >= MIN_RETURNED * n_drawn:
        return ""
    texts, before, best = TEXTS[language], check["reported_before"], check["best"]
    words = {
        "reported": wording.NOT_REPORTED[language]
        if wording.is_missing(before)
        else wording.percent(before),
        "drawn": wording.number(n_drawn),
        "returned": wording.number(n_drawn - n_unvisited),
        "lower": wording.percent(check["worst"]).removesuffix(" %"),
        "upper": wording.percent(best),
        "unverified": "",
    }
    if not wording.is_missing(before) and before > best and total:
        least = wording.number(max(round((before - best) * total, -1), 1))
        noun = wording.count_noun(metric.denominator, language)
        words["unverified"] = texts["verified_least"].format(least=least, noun=noun)
    return texts["verified_bounds"].format(**words)


def extreme(
    of: Extreme,
    cells: pd.DataFrame,
    by: Sequence[str],
    registry: Registry,
    language: str = "zh",
    *,
    says: Says | None = None,
) -> str:
    """The hottest or coldest place with its rate, and how many are just like it.

    `says` gives what stands for or against the figure of that place.
    """
    codes = tuple(cells.loc[of.index, name] for name in by)
    text = wording.cell_name(registry, tuple(by), codes, language)
    if of.n_tied > 1:
        others = of.n_tied if language == "zh" else of.n_tied - 1
        text += TEXTS[language]["tied"].format(n=others)
    caveat = says(dict(zip(by, codes, strict=True))) if says else ""
    return f"{text} {wording.percent(of.rate)}{caveat}"


def whole(value: float) -> float:
    """A number needed, rounded up: nine and a half branches are ten.

    >>> whole(9.5)
    10
    """
    return value if wording.is_missing(value) else ceil(value - 1e-9)
