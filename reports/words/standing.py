"""Where one place stands: its figure as a sentence, and the line that it is held to."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data_pipeline.registry import Metric, month_end
from data_pipeline.statistics.deadlines import pace_line
from data_pipeline.withheld import is_withheld
from reports.figures.matrix import Anchor
from reports.words import catalogue, sentences, wording

FIGURE = catalogue.term("standing.figure")
# What checks say is of the branches drawn: it is never put as done and still missing.
VERIFIED = catalogue.texts("standing.verified")


def describe_place(
    frame: pd.DataFrame,
    metric: Metric,
    language: str = "zh",
    *,
    month: str,
    in_time: pd.DataFrame | None = None,
    due_caveat: str = "",
    caveat: str = "",
) -> str:
    """Done and still missing, or the plain figure where no target is set.

    Parameters
    ----------
    frame
        The one row of `rates.read_rates` without `by`, on either basis.
    in_time
        The same of the metric that remembers this one (`Registry.memory_of`): what is
        reached late is never said to be simply reached.
    due_caveat
        What stands against the figure of `in_time`.
    caveat
        What stands against the figure, said where its target is reached.

    Returns
    -------
    str
        One sentence, and a second one on what was not filed or left blank.
    """
    row = frame.iloc[0]
    if "lower" in frame:
        return _describe_verified(row, metric, language)
    numerator, denominator = row["numerator"], row["denominator"]
    if metric.is_ceiling:
        text = sentences.reach_ceiling(metric, numerator, denominator, language)
    elif metric.owed_by or metric.target is not None or _has_no_figure(row):
        then, note = None, ""
        if in_time is not None:
            of_due_day = in_time.iloc[0]
            then, n_missing = of_due_day["rate"], of_due_day.get("n_missing", 0)
            note = sentences.note_due_day(n_missing, due_caveat, language)
        clause = sentences.still_missing(
            metric,
            numerator,
            denominator,
            language,
            month=month,
            in_time=then,
            due_note=note,
            caveat=caveat,
        )
        text = sentences.named(metric, clause, language)
    else:
        clause = FIGURE[language].format(
            rate=wording.rate_text(row["rate"], metric.unit),
            numerator=wording.number(numerator),
            denominator=wording.number(denominator),
        )
        text = sentences.named(metric, clause, language)
    left_out = sentences.gaps(row.get("n_missing", 0), row["n_blank"], language)
    return " ".join(filter(None, (text, left_out)))


def _has_no_figure(row: pd.Series) -> bool:
    return not row["denominator"] or is_withheld(row)


def _describe_verified(row: pd.Series, metric: Metric, language: str) -> str:
    texts = VERIFIED[language]
    if is_withheld(row):
        clause = wording.WITHHELD[language]
    elif not row["denominator"]:
        clause = texts["none"]
    else:
        has_rate = not wording.is_missing(row["rate"])
        lower, upper = (
            wording.rate_text(row[limit], metric.unit) for limit in ("lower", "upper")
        )
        clause = texts["rate" if has_rate else "few"].format(
            numerator=wording.number(row["numerator"]),
            denominator=wording.number(row["denominator"]),
            rate=wording.rate_text(row["rate"], metric.unit),
            lower=lower.removesuffix(" %"),
            upper=upper.removesuffix(" %"),
        )
    text = sentences.named(metric, clause, language)
    if not row["n_blank"]:
        return text
    return f"{text} {texts['blank'].format(n=wording.number(row['n_blank']))}"


def target_in_force(metric: Metric, month: str) -> float | None:
    """What is demanded at the end of a month; None where nothing is."""
    milestone = wording.milestone_in(metric, month)
    return None if milestone is None else milestone.target


def default_anchor(metric: Metric, months: Sequence[str]) -> Anchor:
    """The line cells are compared with when nobody chose one.

    Before a due date it is the pace line of the last month, so that April is not all
    cold; from the due date on it is the target. Without a target there is none.
    """
    milestone = wording.milestone_in(metric, max(months)) if months else None
    if milestone is None:
        return Anchor("target")
    start = metric.window.start if metric.window else None
    pace = pace_line(month_end(max(months)), start, metric.milestones)
    if pace < milestone.target:
        return Anchor("pace", pace)
    return Anchor("target", milestone.target, upper=milestone.upper)


def city_anchor(metric: Metric, month: str, city_rate: float) -> Anchor:
    """The city's rate as the line of its places; what is demanded stays the goal.

    What is said of hot and cold without anybody having chosen a line is said of this
    one, on every page, in every file and paper.
    """
    return Anchor("city", float(city_rate), goal=default_anchor(metric, (month,)))
