"""What an export is asked for, and the columns that it has."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry

COUNTS = ("numerator", "denominator", "n_blank", "n_missing")
# A verified frame brings these as well.
MEASURES = ("numerator", "denominator", "rate", "n_blank", "n_missing")
INTERVAL = ("std_error", "lower", "upper", "reported_before")
# A judged frame (`cell_classes`): the word and the numbers it stands on.
JUDGED = ("cell_class", "points_below_target", "p_cold_adjusted", "p_hot_adjusted")
# What a cell holds of all that is still missing (`uneven_places`).
MISSING_SHARE = "missing_share"
NOTE_COLUMN = "data_note"


@dataclasses.dataclass(frozen=True)
class ExportContext:
    """What was asked for: everything about a frame that its rows do not say.

    `by` and `where` hold dimensions and codes as in `rates.read_rates`; `snapshot` is
    the `Snapshot` of the marts that were read.
    """

    snapshot: Snapshot
    registry: Registry
    metric: Metric
    months: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    basis: str = "reported"
    language: str = "zh"

    @property
    def notice(self) -> str:
        """'示例数据', '截至 …' and the like, or '' when there is nothing to say."""
        return self.snapshot.notice(self.language)

    @property
    def has_note(self) -> bool:
        """Whether each row says that data are made up or of a past state."""
        return self.snapshot.is_demo or self.snapshot.as_of is not None

    @property
    def file_stem(self) -> str:
        """A name that says what is in the file: 'topic_1_coverage_2016-07_unit'."""
        months = sorted(self.months)
        span = months[:1] + (months[-1:] if len(months) > 1 else [])
        basis = () if self.basis == "reported" else (self.basis,)
        return "_".join((self.metric.id, *span, *self.by, *basis))


def columns_of(frame: pd.DataFrame, context: ExportContext) -> tuple[str, ...]:
    """Columns of an export, in order; the last one says so when data are not real."""
    possible = (*MEASURES, *INTERVAL, MISSING_SHARE, *JUDGED)
    present = [c for c in possible if c in frame.columns]
    note = (NOTE_COLUMN,) if context.has_note else ()
    return (*context.by, *present, *note)
