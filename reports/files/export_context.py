"""The query of an export, and the columns that it has."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from data_pipeline.rates import BASES, Snapshot
from data_pipeline.registry import Metric, Registry
from data_pipeline.withheld import COLUMN as WITHHELD
from data_pipeline.withheld import leave_blank
from reports.belief import COLUMNS as BELIEVED
from reports.code_words import code_words
from reports.words import wording

# The lake that a command reads when it is given none.
DEFAULT_LAKE = "parquet"
COUNTS = ("numerator", "denominator", "n_blank", "n_missing")
# A verified frame brings these as well.
MEASURES = ("numerator", "denominator", "rate", "n_blank", "n_missing")
INTERVAL = ("std_error", "lower", "upper", "reported_before")
# What the register of draws says of a verified frame.
REGISTERED = ("n_drawn", "n_unvisited", "is_registered")
# A judged frame (`cell_classes`): the word and the numbers it stands on.
JUDGED = ("cell_class", "points_below_target", "p_cold_adjusted", "p_hot_adjusted")
# What a cell holds of all that is still missing (`uneven_places`).
MISSING_SHARE = "missing_share"
NOTE_COLUMN = "data_note"
# 1 in a row that sums up others of the same file, else 0; only beside such rows.
TOTAL_COLUMN = "is_total"
# The query, in every row, so that files can be put one below the other.
QUERY_COLUMNS = ("metric", "basis", "months", "filters", "snapshot")


@dataclasses.dataclass(frozen=True)
class ExportContext:
    """The query: everything about a frame that its rows do not say.

    `by` and `where` hold dimensions and codes as in `rates.read_rates`; `snapshot` is
    the `Snapshot` of the marts that were read. `is_named` puts names beside codes,
    `is_long` the query into each row.
    """

    snapshot: Snapshot
    registry: Registry
    metric: Metric
    months: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    basis: str = "reported"
    language: str = "zh"
    is_named: bool = False
    is_long: bool = False

    @property
    def notice(self) -> str:
        """'示例数据', '截至 …' and the like, or '' when there is nothing to say."""
        return self.snapshot.notice(self.language)

    @property
    def has_note(self) -> bool:
        """As the function `has_note`."""
        return has_note(self.snapshot)

    @property
    def filters(self) -> str:
        """'unit=350102,350104;sector=rural', '' for the whole city."""
        kept = sorted(self.where.items())
        return ";".join(f"{name}={','.join(codes)}" for name, codes in kept if codes)

    @property
    def command(self) -> tuple[str, ...]:
        """Arguments of `python -m reports` for the same rows but those of sums."""
        requested = ["export", self.metric.id, "--month", ",".join(self.months)]
        if self.by:
            requested += ["--by", ",".join(self.by)]
        for name, codes in sorted(self.where.items()):
            if codes:
                requested += ["--where", f"{name}={','.join(codes)}"]
        if self.basis != BASES[0]:
            requested += ["--basis", self.basis]
        return tuple(requested)

    @property
    def name_parts(self) -> tuple[str, ...]:
        """Metric, months, grouping, basis and filters, as the name of a file has them.

        ('topic_1_coverage', '2016-07', 'unit', 'reported', 'sector-rural')
        """
        months = sorted(self.months)
        span = months[:1] + (months[-1:] if len(months) > 1 else [])
        filters = (
            "-".join((name, *codes))
            for name, codes in sorted(self.where.items())
            if codes
        )
        return (self.metric.id, *span, *self.by, self.basis, *filters)


def command_line(arguments: Sequence[str], lake: Path | str = DEFAULT_LAKE) -> str:
    """`python -m reports …` as a shell takes it; the lake where it is not the default.

    >>> command_line(["export", "--all", "--out", "all figures.csv"])
    "python -m reports export --all --out 'all figures.csv'"
    """
    where = [] if Path(lake) == Path(DEFAULT_LAKE) else ["--lake", str(lake)]
    return shlex.join(["python", "-m", "reports", *arguments, *where])


def has_note(snapshot: Snapshot) -> bool:
    """Whether each row says that data are made up or of a past state."""
    is_past = snapshot.as_of is not None or bool(snapshot.damaged)
    return snapshot.is_demo or is_past


def exported_rows(frame: pd.DataFrame, context: ExportContext) -> pd.DataFrame:
    """A frame of rates as its file has it: all columns of an export, in order.

    The columns of `context.by` (codes, each with its name behind it where the context
    is named), `is_total` where the frame holds totals, the measures that the frame
    has, the query where the context is long (named, too, with the names of all
    other codes), and last a note where data are not real.
    """
    registry, language = context.registry, context.language
    frame = leave_blank(frame)
    rows = frame[list(context.by)]
    if context.is_named:
        rows = wording.add_names(rows, registry, language)
    is_total = wording.is_rolled_up(frame[list(context.by)])
    if is_total.any():
        rows = rows.assign(**{TOTAL_COLUMN: is_total.astype("int64")})
    possible = (*MEASURES, *INTERVAL, *REGISTERED, MISSING_SHARE, *JUDGED, *BELIEVED)
    possible += (WITHHELD,)
    rows = rows.assign(**{c: frame[c] for c in possible if c in frame.columns})
    if context.is_long:
        question = (
            context.metric.id,
            context.basis,
            ",".join(context.months),
            context.filters,
            context.snapshot.id,
        )
        rows = rows.assign(**dict(zip(QUERY_COLUMNS, question, strict=True)))
        if context.is_named:
            words = code_words(registry, language)
            rows = wording.add_names(rows, registry, language, words)
    if context.has_note:
        rows = rows.assign(**{NOTE_COLUMN: context.notice})
    return rows
