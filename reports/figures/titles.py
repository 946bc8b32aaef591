"""Titles that say what a figure finds, for figures of many kinds.

The best place is never named. Beside whatever is named stand the signs of what speaks
against its figure (`belief.signs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from data_pipeline.registry import Metric
from reports.figures.matrix import compare_text
from reports.words import catalogue, wording

TEXTS = catalogue.texts("figures.titles")


def worst_of(
    named: Iterable[tuple[str, float | None, str]],
    metric: Metric,
    language: str,
    *,
    plain: str,
) -> str:
    """The metric, and the name with the worst rate.

    Parameters
    ----------
    named
        Names with their rates, None where there is no figure, and their signs.
    plain
        The title where no name stands out: fewer than two have a figure, the worst is
        shared, or no direction of the metric is good.
    """
    known = [(rate, name, signs) for name, rate, signs in named if rate is not None]
    if len(known) < 2 or metric.better == "none":
        return plain
    is_lowest = metric.better == "higher"
    rate, name, signs = (min if is_lowest else max)(known)
    if [other for other, *_ in known].count(rate) > 1:
        return plain
    return TEXTS[language]["lowest" if is_lowest else "highest"].format(
        metric=wording.in_language(metric, "label", language),
        name=name.replace("\n", " · "),
        rate=f"{wording.rate_text(rate, metric.unit)} {signs}".strip(),
    )


def largest_of(
    named: Iterable[tuple[str, float | None, str]],
    metric: Metric,
    language: str,
    *,
    plain: str,
) -> str:
    """The metric, and the largest of the parts that make up its whole.

    Arguments as in `worst_of`: a part is not bad for being small.
    """
    known = [(rate, name, signs) for name, rate, signs in named if rate is not None]
    rates = [rate for rate, *_ in known]
    if len(known) < 2 or metric.better == "none" or rates.count(max(rates)) > 1:
        return plain
    rate, name, signs = max(known)
    return TEXTS[language]["largest"].format(
        metric=wording.in_language(metric, "label", language),
        name=name.replace("\n", " · "),
        rate=f"{wording.rate_text(rate, metric.unit)} {signs}".strip(),
    )


def last_of(
    rates: Mapping[str, float | None],
    metric: Metric,
    language: str,
    *,
    plain: str,
    signs: Mapping[str, str] | None = None,
) -> str:
    """The metric's last figure by month, and how it stands to the month before.

    `plain` is the title where no month has a figure; `signs`, by month, is what speaks
    against one.
    """
    months = sorted(rates)
    known = [month for month in months if rates[month] is not None]
    if not known:
        return plain
    last, at = known[-1], months.index(known[-1])
    rate, before = rates[last], rates[months[at - 1]] if at else None
    moved = compare_text(rate, before, "last_month", metric, language)
    shown = wording.rate_text(rate, metric.unit)
    return TEXTS[language]["moved" if moved else "last"].format(
        metric=wording.in_language(metric, "label", language),
        month=wording.month_tick(last, language),
        rate=f"{shown} {(signs or {}).get(last, '')}".strip(),
        moved=moved,
    )


def apart_of(
    rates: Mapping[str, Sequence[float]], metric: Metric, language: str
) -> str:
    """How far the highest and the lowest lie apart, in the first month and in the last.

    `rates` are the known ones by month; "" where fewer than two months compare any.
    """
    spans = {m: max(known) - min(known) for m, known in rates.items() if len(known) > 1}
    if len(spans) < 2 or max(spans) != max(rates):
        return ""
    told = {
        name: wording.points(spans[month], language)
        if metric.unit == "share"
        else wording.rate_text(spans[month], metric.unit)
        for name, month in (("before", min(spans)), ("now", max(spans)))
    }
    return TEXTS[language]["apart"].format(
        metric=wording.in_language(metric, "label", language),
        first=wording.month_tick(min(spans), language),
        last=wording.month_tick(max(spans), language),
        **told,
    )


def furthest_of(
    rates: Iterable[tuple[Metric, float | None, float | None]],
    kind: str,
    language: str,
    *,
    plain: str,
) -> str:
    """The share that lies furthest on the wrong side of its line, and how far.

    Parameters
    ----------
    rates
        Metrics with their rate and their line; either may be missing.
    kind
        What the lines are, as in `matrix.compare_text`: "city", "target".
    plain
        The title where none lies on the wrong side.
    """
    behind = []
    for metric, rate, line in rates:
        is_known = not (wording.is_missing(rate) or wording.is_missing(line))
        if not is_known or metric.unit != "share" or metric.is_ceiling:
            continue
        gap = {"higher": line - rate, "lower": rate - line}.get(metric.better, 0.0)
        # What no digit shows is no finding.
        if gap >= 0.0005:
            behind.append((gap, metric, rate, line))
    if not behind:
        return plain
    _, metric, rate, line = max(behind, key=lambda one: one[0])
    return TEXTS[language]["furthest"].format(
        metric=wording.in_language(metric, "label", language),
        rate=wording.rate_text(rate, metric.unit),
        gap=compare_text(rate, line, kind, metric, language),
    )
