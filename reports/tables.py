"""Frames as tables to look at: headings and names in the reader's language.

Figures stay numbers, so that a table still sorts by size; how they are drawn is told
apart, as plain data that any table widget can follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import Metric, Registry
from reports.belief import WORDS
from reports.hot_cold_words import TEXTS as CLASS_WORDS
from reports.words import sentences, wording

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "rate": {"zh": "比率", "en": "Rate"},
    "n_blank": {"zh": "空白行", "en": "Blank rows"},
    "n_missing": {"zh": "未报", "en": "Not filed"},
    "still_missing": {"zh": "还差", "en": "Still missing"},
    "not_in_time": {"zh": "未按期", "en": "Not on time"},
    "missing_share": {"zh": "占全部还差", "en": "Share of all missing"},
    "cell_class": {"zh": "判定", "en": "Judged"},
    "points_below_target": {"zh": "低于对照线(百分点)", "en": "Points below the line"},
    "n_flags": {"zh": "线索", "en": "Flags"},
    "support": {"zh": "抽查依据", "en": "Supported by"},
    "n_confirmed": {"zh": "抽查核实", "en": "Confirmed by checks"},
    "n_checked": {"zh": "抽查有结论", "en": "Checked, with a verdict"},
    "supported": {"zh": "抽查支持", "en": "Checks support"},
    "supported_lower": {"zh": "支持下限", "en": "Supported, lower limit"},
    "supported_upper": {"zh": "支持上限", "en": "Supported, upper limit"},
    "claimed_before": {"zh": "抽查前上报", "en": "Reported before the checks"},
    "finds_less": {"zh": "查到的较少", "en": "Checks find less"},
    "branch": {"zh": "支部代码", "en": "Branch code"},
    "branch_name": {"zh": "支部名称", "en": "Branch"},
    "std_error": {"zh": "标准误", "en": "Standard error"},
    "lower": {"zh": "区间下限", "en": "Lower limit"},
    "upper": {"zh": "区间上限", "en": "Upper limit"},
    "reported_before": {"zh": "抽查前上报", "en": "Reported before"},
    "n_drawn": {"zh": "抽中", "en": "Drawn"},
    "n_unvisited": {"zh": "没有回来", "en": "Outstanding"},
    "is_registered": {"zh": "已登记", "en": "Registered"},
    "source_file": {"zh": "来源文件", "en": "Source file"},
    "source_sheet": {"zh": "工作表", "en": "Sheet"},
    "source_row": {"zh": "行号", "en": "Row"},
    "received": {"zh": "收到时间", "en": "Received"},
    "submission": {"zh": "报送编号", "en": "Submission"},
    "deadline": {"zh": "截止时间", "en": "Deadline"},
    "first_received": {"zh": "首次收到", "en": "First received"},
    "complete_received": {"zh": "收齐时间", "en": "Completed"},
    "last_received": {"zh": "最近收到", "en": "Last received"},
    "n_sectors_due": {"zh": "应报领域数", "en": "Sectors due"},
    "n_sectors_filed": {"zh": "已报领域数", "en": "Sectors filed"},
}
HELP: Mapping[str, Mapping[str, str]] = {
    "rate": {
        "zh": "先合计后相除;超过 100 % 是台账有误。",
        "en": "Ratio of sums; above 100 % there is an error in the ledger.",
    },
    "n_blank": {
        "zh": "因空白未计入的台账行数。",
        "en": "Ledger rows left out because a side is blank.",
    },
    "n_flags": {
        "zh": "截至当月,这个数所涉的列上有几条线索;是去看的理由,不是结论。",
        "en": "Flags that had begun by the month on the counts behind this figure: "
        "reasons to look, not verdicts.",
    },
    "support": {
        "zh": "支持率从何而来:本处的随机抽查;本处不足 10 个时参照各处推算;"
        "抽查太少;未抽查。",
        "en": "Where the supported rate comes from: random checks of the place "
        "itself; with fewer than ten of them, a model that leans on other "
        "places; too few; no check.",
    },
    "supported": {
        "zh": "截至当月末的随机抽查所支持的比率,按名册加权。",
        "en": "The rate supported by random checks up to the end of the month, "
        "weighted by the roll.",
    },
    "claimed_before": {
        "zh": "抽查前最近一期台账的上报率,地方和权数相同。",
        "en": "What the last ledgers before the checks claimed, for the same "
        "places with the same weights.",
    },
    "finds_less": {
        "zh": "抽查查到的少于抽查前的上报,且不能用偶然解释。",
        "en": "Checks find less than was reported before them, by more than chance "
        "explains.",
    },
    "n_missing": {
        "zh": "应报而未报的单位×领域个数。",
        "en": "Unit × sector pairs that were due and filed nothing.",
    },
}
_PERCENT = (
    *("std_error", "lower", "upper", "reported_before", "missing_share"),
    *("supported", "supported_lower", "supported_upper", "claimed_before"),
)
# Instants, in UTC as the marts have them.
TIMES = (
    "received",
    "deadline",
    "first_received",
    "complete_received",
    "last_received",
)


class Hint(NamedTuple):
    """How a column is drawn.

    kind is "text", "integer", "ordinal" (a place in an order: no separators), "percent"
    (of a share 0–1), "number" (two decimals) or "time"; help is what stands behind its
    heading, '' for nothing.
    """

    kind: str
    help: str = ""


class DisplayTable(NamedTuple):
    """A frame to show and, by heading, how each column of it is drawn."""

    frame: pd.DataFrame
    hints: dict[str, Hint]


def rates_table(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    month: str | None = None,
) -> DisplayTable:
    """Rates of one metric with names for codes, and what is still missing.

    Parameters
    ----------
    frame
        As `rates.read_rates` gives it, any `by` columns first.
    month
        YYYY-MM, of rows that do not say theirs: decides which target is in force.

    Returns
    -------
    DisplayTable
        Same rows in the same order; where there is a target one more column says how
        many are still missing to the one in force (never below 0).
    """
    columns: dict[str, Any] = {}
    hints: dict[str, Hint] = {}

    def add(heading: str, values: Any, hint: Hint) -> None:
        columns[heading], hints[heading] = values, hint

    for name in frame.columns:
        if name in wording.DIMENSION_LABELS:
            label = wording.DIMENSION_LABELS[name][language]
            add(label, _names(frame[name], name, registry, language), Hint("text"))
        elif name in ("numerator", "denominator"):
            column = getattr(metric, name)
            add(registry.label(column, language), frame[name], Hint("integer", column))
        elif name == "rate":
            kind = "percent" if metric.unit == "share" else "number"
            add(
                HEADINGS[name][language], frame[name], Hint(kind, _help(name, language))
            )
            if metric.unit == "share" and metric.milestones:
                key = "not_in_time" if metric.remembers else "still_missing"
                heading = HEADINGS[key][language]
                add(heading, _still_missing(frame, metric, month), Hint("integer"))
        elif name == "cell_class":
            words = CLASS_WORDS[language]
            add(HEADINGS[name][language], frame[name].map(words), Hint("text"))
        elif name in WORDS:
            values = frame[name].map(WORDS[name][language])
            add(HEADINGS[name][language], values, Hint("text", _help(name, language)))
        elif name in HEADINGS:
            kind = "percent" if name in _PERCENT else "integer"
            kind = "number" if name == "points_below_target" else kind
            add(
                HEADINGS[name][language], frame[name], Hint(kind, _help(name, language))
            )
    return DisplayTable(pd.DataFrame(columns), hints)


def _still_missing(frame: pd.DataFrame, metric: Metric, month: str | None) -> pd.Series:
    """Whole ones missing to the target of each row's month; none where none came in."""
    months = frame["month"] if "month" in frame else [month] * len(frame)
    counts = zip(months, frame["numerator"], frame["denominator"], strict=True)
    missing = []
    for asked, numerator, denominator in counts:
        if wording.is_missing(numerator) or not denominator:
            missing.append(pd.NA)
            continue
        milestone = wording.milestone_in(metric, asked) if asked else None
        target = milestone.target if milestone else metric.target
        missing.append(sentences.shortfall(numerator, denominator, target))
    return pd.Series(missing, index=frame.index, dtype="Int64")


def records_table(
    frame: pd.DataFrame, table: str, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Rows of an incoming table, or of the filing record, under people's headings.

    Parameters
    ----------
    frame
        As `rates.read_ledger` or `rates.read_filing` gives it: registry columns with
        codes, of other tables too where they were joined, and columns of origin.
    table
        The registry's name of the table, "filing" for the filing record.

    Returns
    -------
    DisplayTable
        Same rows and order; a remark (`note`) is left out: it is never shown publicly.
    """
    described = [t for t in registry.tables.values() if t.name != table]
    described += [registry.tables[table]] if table in registry.tables else []
    # Its own columns last: they win over those that were joined to them.
    known = {column.name: column for t in described for column in t.columns}
    columns: dict[str, Any] = {}
    hints: dict[str, Hint] = {}
    for name in frame.columns:
        if name == "note":
            continue
        values, hint = frame[name], Hint("text")
        if name in wording.DIMENSION_LABELS:
            heading = wording.DIMENSION_LABELS[name][language]
            values = _names(values, name, registry, language)
        elif name in HEADINGS:
            heading = HEADINGS[name][language]
            kind = "time" if name in TIMES else "text"
            hint = Hint("integer" if name.startswith("n_") else kind)
        elif name in known or name in registry.derived:
            heading = registry.label(name, language)
            is_count = name in registry.derived or known[name].type == "count"
            hint = Hint("integer" if is_count else "text", name)
        else:
            continue
        columns[heading], hints[heading] = values, hint
    if "source_row" in frame.columns:
        hints[HEADINGS["source_row"][language]] = Hint("ordinal")
    return DisplayTable(pd.DataFrame(columns), hints)


def _names(
    codes: pd.Series, dimension: str, registry: Registry, language: str
) -> list[str]:
    if dimension == "month":
        return list(codes)  # 2016-07 sorts as it reads
    whole = wording.ROLLED_UP.get(dimension)
    return [
        whole[language]
        if whole and (wording.is_missing(code) or code == "")
        else wording.place_name(registry, dimension, code, language)
        for code in codes
    ]


def _help(name: str, language: str) -> str:
    return HELP[name][language] if name in HELP else ""
