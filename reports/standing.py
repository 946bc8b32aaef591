"""Where one place stands: its figure as a sentence, and the line that it is held to."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data_pipeline.registry import Metric
from reports import sentences, wording

TEXTS: Mapping[str, str] = {
    "zh": "{rate}({numerator} / {denominator})",
    "en": "{rate} ({numerator} / {denominator})",
}


def describe_place(
    frame: pd.DataFrame, metric: Metric, language: str = "zh", *, month: str
) -> str:
    """Done and still missing, or the plain figure where no target is set.

    Parameters
    ----------
    frame
        The one row of `rates.read_rates` without `by`.

    Returns
    -------
    str
        One sentence, and a second one on what was not filed or left blank.
    """
    row = frame.iloc[0]
    numerator, denominator = row["numerator"], row["denominator"]
    if metric.is_ceiling:
        text = sentences.reach_ceiling(metric, numerator, denominator, language)
    elif metric.target is not None or not denominator:
        clause = sentences.still_missing(
            metric, numerator, denominator, language, month=month
        )
        text = sentences.named(metric, clause, language)
    else:
        clause = TEXTS[language].format(
            rate=wording.rate_text(row["rate"], metric.unit),
            numerator=wording.number(numerator),
            denominator=wording.number(denominator),
        )
        text = sentences.named(metric, clause, language)
    left_out = sentences.gaps(row.get("n_missing", 0), row["n_blank"], language)
    return " ".join(filter(None, (text, left_out)))


def target_in_force(metric: Metric, month: str) -> float | None:
    """What is demanded at the end of a month; None where nothing is."""
    milestone = wording.milestone_in(metric, month)
    return None if milestone is None else milestone.target
