"""Two sides beside each other: places, months or snapshots, and what changed between.

Nothing is read here: frames of rates and ledger rows come in, and what is shown, listed
and saved comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

import pandas as pd

from data_pipeline.registry import Metric, Registry, load_registry
from reports.belief import counted_columns
from reports.files.records import local_times
from reports.metric_rows import METRIC
from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording

TEXTS = catalogue.texts("compare.rows")
COUNTS = ("numerator", "denominator")
SIDES = ("", "other_")  # before the name of a column: the first side, the second
MOST_FILES = 5
LEVEL = 1e-12  # what the last digit of a quotient may differ by
ROW = ["month", "unit", "sector", "branch"]
ORIGIN = ("supervision_group", "received", "source_file", "source_sheet", "source_row")


def compare(
    here: Mapping[str, pd.DataFrame], there: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Each metric on both sides.

    Parameters
    ----------
    here, there
        By metric the one row of `rates.read_rates` without `by`.

    Returns
    -------
    DataFrame, one row a metric
        ``metric``; ``numerator``, ``denominator``, ``rate`` of the first side, the same
        with ``other_`` of the second; ``difference``, the first rate less the second
        (shares 0–1, or per head), missing where either is.
    """
    rows = []
    for name in here:
        row: dict[str, object] = {METRIC: name}
        for side, frame in zip(SIDES, (here[name], there[name]), strict=True):
            for column in (*COUNTS, "rate"):
                row[f"{side}{column}"] = frame[column].iloc[0]
        rows.append(row)
    frame = pd.DataFrame(rows)
    counts = [f"{side}{name}" for side in SIDES for name in COUNTS]
    frame = frame.astype(dict.fromkeys(counts, "Int64"))
    return frame.assign(difference=frame["rate"] - frame["other_rate"])


def compared_table(
    frame: pd.DataFrame,
    registry: Registry,
    sides: tuple[str, str],
    language: str = "zh",
) -> DisplayTable:
    """`compare` as people read it; `sides` are what the two are called."""
    metrics = [registry.metrics[name] for name in frame[METRIC]]
    labels = [wording.in_language(m, "label", language) for m in metrics]
    named = {TEXTS[language]["metric"]: labels}
    return _sides_table(frame, named, metrics, sides, language)


def compare_places(
    here: pd.DataFrame, there: pd.DataFrame, dimension: str
) -> pd.DataFrame:
    """One metric on both sides, place by place.

    Parameters
    ----------
    here, there
        `rates.read_rates` by `dimension`.

    Returns
    -------
    DataFrame, one row a place that either side has
        `dimension` and the columns of `compare`; the largest distance first.
    """
    columns = [dimension, *COUNTS, "rate"]
    renamed = {name: f"{SIDES[1]}{name}" for name in columns[1:]}
    frame = here[columns].merge(
        there[columns].rename(columns=renamed), on=dimension, how="outer"
    )
    counts = [f"{side}{name}" for side in SIDES for name in COUNTS]
    frame = frame.astype(dict.fromkeys(counts, "Int64"))
    frame = frame.assign(difference=frame["rate"] - frame["other_rate"])
    return frame.sort_values(
        "difference", key=lambda apart: -apart.abs(), kind="stable", ignore_index=True
    )


def places_table(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    sides: tuple[str, str],
    language: str = "zh",
) -> DisplayTable:
    """`compare_places` as people read it."""
    dimension = frame.columns[0]
    labels = [
        wording.place_name(registry, dimension, code, language, is_short=True)
        for code in frame[dimension]
    ]
    named = {wording.DIMENSION_LABELS[dimension][language]: labels}
    return _sides_table(frame, named, [metric] * len(frame), sides, language)


def _sides_table(
    frame: pd.DataFrame,
    named: Mapping[str, list[str]],
    metrics: Sequence[Metric],
    sides: tuple[str, str],
    language: str,
) -> DisplayTable:
    """What each row is of, by heading; its figures on both sides; their difference."""
    texts, columns = TEXTS[language], dict(named)
    hints = dict.fromkeys(columns, Hint("text"))
    units = {metric.unit for metric in metrics}
    # What is compared comes first: a narrow screen cuts the counts, not the difference.
    for side, called in zip(SIDES, sides, strict=True):
        heading, rates = texts["rate"].format(side=called), frame[f"{side}rate"]
        hints[heading] = Hint("percent")
        if units != {"share"}:  # one column of shares and of means is told in words
            pairs = zip(rates, metrics, strict=True)
            rates = pd.Series([wording.rate_text(rate, m.unit) for rate, m in pairs])
            hints[heading] = Hint("text")
        columns[heading] = rates.tolist()
    moved = zip(frame["difference"], metrics, strict=True)
    columns[texts["difference"]] = [
        _moved(apart, metric, language, is_signed=True) for apart, metric in moved
    ]
    hints[texts["difference"]] = Hint("text")
    for side, called in zip(SIDES, sides, strict=True):
        for name in COUNTS:
            heading = texts[name].format(side=called)
            columns[heading] = frame[f"{side}{name}"].tolist()
            hints[heading] = Hint("integer")
    return DisplayTable(pd.DataFrame(columns), hints)


def headline(
    frame: pd.DataFrame,
    metric: Metric,
    sides: tuple[str, str],
    language: str = "zh",
) -> str:
    """How far the two sides lie apart on one metric, in one sentence."""
    texts = TEXTS[language]
    row = frame[frame[METRIC] == metric.id].iloc[0]
    about = {
        "metric": wording.in_language(metric, "label", language),
        "here": sides[0],
        "there": sides[1],
        "rate": wording.rate_text(row["rate"], metric.unit),
        "other": wording.rate_text(row["other_rate"], metric.unit),
    }
    if wording.is_missing(row["difference"]):
        return texts["unknown"].format(**about)
    if abs(row["difference"]) < LEVEL:
        return texts["level"].format(**about)
    # The verb says which way: a sign would be read as either side less the other.
    moved = _moved(row["difference"], metric, language)
    key = "above" if row["difference"] > 0 else "below"
    return texts[key].format(difference=moved, **about)


def _moved(
    difference: float, metric: Metric, language: str, *, is_signed: bool = False
) -> str:
    """What lies between two rates before either is rounded.

    What no shown digit tells is less than the last one, and not +0.0.
    """
    if wording.is_missing(difference):
        return wording.UNDEFINED
    size, is_share = abs(difference), metric.unit == "share"
    if size < LEVEL:
        return "0"
    sign = ("+" if difference > 0 else "\N{MINUS SIGN}") if is_signed else ""
    least = 0.001 if is_share else 0.01
    if size < least / 2:
        sign, size = f"{sign}<", least
    return sign + (wording.points(size, language) if is_share else f"{size:.2f}")


def counted_fields(metrics: Iterable[Metric], registry: Registry) -> list[str]:
    """The columns of the ledger that the metrics count, in its order."""
    counted = set().union(*(counted_columns(metric, registry) for metric in metrics))
    return [name for name in registry.tables["ledger"].counts if name in counted]


def changed_cells(
    before: pd.DataFrame, after: pd.DataFrame, fields: Iterable[str]
) -> pd.DataFrame:
    """Which cells of which ledger rows differ between two states of knowledge.

    Parameters
    ----------
    before, after
        `rates.read_ledger` of the same place and months by the older and the newer
        snapshot: counts to date.

    Returns
    -------
    DataFrame, one row for each cell
        The columns of `ledger_calendar.rows.list_revisions`. A row that is new was
        blank before; of one that no longer counts nothing says where it stands now.
    """
    joined = before.merge(after, on=ROW, how="outer", suffixes=("_was", "_now"))
    parts = []
    for field in fields:
        was, now = (joined[f"{field}_{side}"].map(_as_text) for side in ("was", "now"))
        is_changed = was != now
        part = joined.loc[is_changed, ROW].assign(
            field=field, before=was[is_changed], after=now[is_changed]
        )
        for name in ORIGIN:
            part[name] = joined.loc[is_changed, f"{name}_now"]
        for name in ("received", "source_file"):
            part[f"was_{name}"] = joined.loc[is_changed, f"{name}_was"]
        group = joined.loc[is_changed, "supervision_group_was"]
        part["supervision_group"] = part["supervision_group"].fillna(group)
        parts.append(part)
    columns = [*ROW, "field", "before", "after", *ORIGIN]
    columns += ["was_received", "was_source_file"]
    if not parts:
        return pd.DataFrame(columns=columns)
    order = ["received", *ROW]
    listed = pd.concat(parts).sort_values(order, kind="stable", ignore_index=True)
    return listed[columns]


def by_submission(cells: pd.DataFrame) -> pd.DataFrame:
    """The files behind `changed_cells`, one row each in the order of receipt.

    ``source_file``, ``received``, ``supervision_group``, ``n_cells``.
    """
    named = cells[cells["source_file"].fillna("").ne("")]
    by = ["source_file", "received", "supervision_group"]
    counted = named.groupby(by, as_index=False, sort=False).size()
    counted = counted.rename(columns={"size": "n_cells"})
    return counted.sort_values(["received", "source_file"], ignore_index=True)


def list_sources(ledgers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The files that the figures of each side were counted from.

    Parameters
    ----------
    ledgers
        `rates.read_ledger` of a side, by what the side is called.

    Returns
    -------
    DataFrame, one row for each side and file, in the order of receipt
        ``side``, ``source_file``, ``received``, ``supervision_group``, ``n_rows`` of
        it that are in force.
    """
    parts = [
        by_submission(ledger).rename(columns={"n_cells": "n_rows"}).assign(side=side)
        for side, ledger in ledgers.items()
    ]
    columns = ["side", "source_file", "received", "supervision_group", "n_rows"]
    return pd.concat(parts, ignore_index=True)[columns]


def count_sources(sources: pd.DataFrame, language: str = "zh") -> str:
    """How many files each side of `list_sources` rests on, in one sentence."""
    texts = TEXTS[language]
    parts = [
        texts["side_sources"].format(
            side=side, n=wording.number(len(own)), rows=wording.number(own.sum())
        )
        for side, own in sources.groupby("side", sort=False)["n_rows"]
    ]
    return texts["sources"].format(sides=wording.join(parts, language, "clauses"))


def explain(cells: pd.DataFrame, zone: tzinfo, language: str = "zh") -> str:
    """How many cells were changed by which files, in one sentence.

    `zone` is that of the times that people read.
    """
    texts = TEXTS[language]
    if cells.empty:
        return texts["unchanged"]
    files = by_submission(cells)
    files["received"] = local_times(files["received"], zone)
    names = [
        texts["file"].format(
            file=row["source_file"],
            received=f"{row['received']:%Y-%m-%d %H:%M}",
            group=wording.place_name(
                load_registry(), "supervision_group", row["supervision_group"], language
            ),
            n=wording.number(row["n_cells"]),
        )
        for row in files.head(MOST_FILES).to_dict("records")
    ]
    n_gone = int(cells["source_file"].fillna("").eq("").sum())
    parts = [texts["changed"].format(n=wording.number(len(cells)), m=len(files))]
    parts.append(wording.join(names, language, "clauses"))
    if n_gone:
        parts.append(texts["gone"].format(n=wording.number(n_gone)))
    return " ".join(filter(None, parts))


def _as_text(value: object) -> str:
    """A count as text: '' for a blank and for a row that is not there."""
    return "" if wording.is_missing(value) else str(int(value))
