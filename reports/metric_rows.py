"""Rows of several metrics, or of several months, under people's headings.

A page of headlines shows metrics side by side: each row is one of them, so a column of
rates may hold shares beside figures per head. Files keep numbers and codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from reports import tables
from reports.belief import WORDS
from reports.hot_cold_words import TEXTS as CLASS_WORDS
from reports.tables import DisplayTable, Hint
from reports.words import wording

METRIC = "metric"
# column: (Chinese, English, kind); a "value" is in the unit of its row's own metric.
COLUMNS: Mapping[str, tuple[str, str, str]] = {
    METRIC: (*wording.CODED_LABELS[METRIC].values(), "text"),
    "numerator": ("分子", "Numerator", "integer"),
    "denominator": ("分母", "Denominator", "integer"),
    "rate": ("比率", "Rate", "value"),
    "verified": ("抽查估计", "Estimated from checks", "value"),
    "lower": ("区间下限", "Lower limit", "value"),
    "upper": ("区间上限", "Upper limit", "value"),
    "std_error": ("标准误", "Standard error", "value"),
    "target": ("当前目标", "Target in force", "value"),
    "due": ("期限", "Due", "text"),
    "still_missing": ("还差", "Still missing", "integer"),
    "done": ("已完成", "Done", "integer"),
    "total": ("应完成", "In all", "integer"),
    "still_needed": ("还差", "Still missing", "integer"),
    "needed_per_month": ("每月需完成", "Needed per month", "number"),
    "recent_pace": ("近期每月完成", "Recent pace per month", "number"),
    "projected": ("按近期进度到期可完成", "Expected on the due day", "integer"),
    "status": ("判断", "Verdict", "text"),
    "ledger_month": ("以哪月台账为准", "According to the ledger of", "text"),
    "n_in_time": ("按期完成", "Done on time", "integer"),
    "n_in_window": (
        "期限后、学习时间内补上",
        "Done later, within the study period",
        "integer",
    ),
    "n_later": ("学习时间以后补上", "Done after the study period", "integer"),
    "n_unknown": ("已完成,不知道是否按期", "Done, unknown whether on time", "integer"),
    "n_not_done": ("没有完成", "Not done", "integer"),
    "in_time": ("按期完成", "Done on time", "value"),
    "in_window": ("学习时间结束时完成", "Done by the end of the study period", "value"),
    "rate_before": ("上月比率", "Rate of last month", "value"),
    "change": ("较上月", "Since last month", "value"),
    "city": ("全市", "City", "value"),
    "lower_quartile": ("各单位下四分位", "Lower quartile of units", "value"),
    "upper_quartile": ("各单位上四分位", "Upper quartile of units", "value"),
    "highest": ("最高单位", "Highest unit", "value"),
    "rank": ("位次", "Rank", "integer"),
    "n_ranked": ("排位单位数", "Units ranked", "integer"),
    "differs": ("与全市相比", "Against the city", "text"),
    "pace": ("应达到的进度", "Pace line", "value"),
    "n_rows": (
        "只报专题发言人数的台账行",
        "Ledger rows counted by topic only",
        "integer",
    ),
    "n_spoke_least": ("已发言人数下限", "Spoken, at least", "integer"),
    "n_spoke_most": ("已发言人数上限", "Spoken, at most", "integer"),
    "n_lectures_own": ("未下基层党课次数", "Lectures in their own unit", "integer"),
    "n_lectures_unsplit": (
        "未注明去向党课次数",
        "Lectures with no place given",
        "integer",
    ),
    "reach_all": ("全部党课覆盖上限", "Upper limit of reach, all lectures", "value"),
    "reach_grassroots": (
        "下基层党课覆盖上限",
        "Upper limit of reach, grass-roots lectures",
        "value",
    ),
    "cell_class": ("判定", "Judged", "class"),
    "points_below_target": ("低于对照线(百分点)", "Points below the line", "number"),
    "p_cold_adjusted": ("冷的检验 p(校正)", "p of cold (adjusted)", "p"),
    "p_hot_adjusted": ("热的检验 p(校正)", "p of hot (adjusted)", "p"),
    "n_flags": ("线索", "Flags", "integer"),
    "n_confirmed": ("抽查核实", "Confirmed by checks", "integer"),
    "n_checked": ("抽查有结论", "Checked, with a verdict", "integer"),
    "supported": ("抽查支持", "Checks support", "value"),
    "supported_lower": ("支持下限", "Supported, lower limit", "value"),
    "supported_upper": ("支持上限", "Supported, upper limit", "value"),
    "claimed_before": ("抽查前上报", "Reported before the checks", "value"),
    "n_units_due": ("应报单位数", "Units due", "integer"),
    "n_units_on_time": ("按时单位数", "Units on time", "integer"),
}


def stack(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rates of several metrics one below the other, the metric's id in front."""
    parts = [frame.assign(**{METRIC: metric}) for metric, frame in frames.items()]
    stacked = pd.concat(parts, ignore_index=True)
    return stacked[[METRIC, *(name for name in stacked if name != METRIC)]]


def in_month(frame: pd.DataFrame, month: str) -> pd.DataFrame:
    """The rows of one month, without the column that says so."""
    is_month = frame["month"].to_numpy(object) == month
    names = [name for name in frame if name != "month"]
    return frame.loc[is_month, names].reset_index(drop=True)


def formulas(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> list[tuple[str, str]]:
    """How each metric of a frame is computed, (name, formula), for a sheet of notes."""
    found = frame[METRIC].unique() if METRIC in frame else ()
    return [
        (
            wording.in_language(metric, "label", language),
            f"{registry.label(metric.numerator, language)} ÷ "
            f"{registry.label(metric.denominator, language)}",
        )
        for metric in (registry.metrics[name] for name in found)
    ]


def rows_table(
    frame: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    words: Mapping[str, Mapping[str | None, str]] | None = None,
) -> DisplayTable:
    """A frame under people's headings, names for codes; same rows, same order.

    Parameters
    ----------
    frame
        Columns of `COLUMNS`, dimensions, and any that `tables.HEADINGS` knows. Rates
        are numbers as long as all rows are shares; beside a figure per head each is
        written out, since one column has one format.
    words
        By column, what its codes are called: {"status": {"ahead": "可按期完成"}}.
    """
    units = _units(frame, registry)
    known = {name: called[language] for name, called in WORDS.items()}
    words = known | dict(words or {})
    columns: dict[str, Any] = {}
    hints: dict[str, Hint] = {}
    for name in frame.columns:
        values: Any = frame[name]
        kind = _kind(name, values, units)
        if kind == "value":
            values = [
                wording.rate_text(value, unit)
                for value, unit in zip(values, units, strict=True)
            ]
            kind = "text"
        elif kind == "p":
            values, kind = [wording.p_value(value) for value in values], "text"
        elif kind == "class":
            called = CLASS_WORDS[language]
            values, kind = [called.get(value, "") for value in values], "text"
        elif name in words:
            values = [words[name].get(value, "") for value in values]
        elif kind == "time":
            zone = registry.calendar.timezone
            values = values.dt.tz_localize("UTC").dt.tz_convert(zone)
        elif kind == "text":
            values = [_name(name, value, registry, language) for value in values]
        heading = _heading(name, registry, language)
        columns[heading], hints[heading] = values, Hint(kind)
    return DisplayTable(pd.DataFrame(columns), hints)


def _units(frame: pd.DataFrame, registry: Registry) -> Sequence[str]:
    """The unit of each row's rates; rows that name no metric are shares."""
    if METRIC not in frame:
        return ["share"] * len(frame)
    return [registry.metrics[metric].unit for metric in frame[METRIC]]


def _kind(name: str, values: pd.Series, units: Sequence[str]) -> str:
    if name in COLUMNS:
        kind = COLUMNS[name][2]
        if kind == "value" and set(units) <= {"share"}:
            return "percent"
        return kind
    if pd.api.types.is_datetime64_any_dtype(values):
        return "time"
    return "integer" if pd.api.types.is_integer_dtype(values) else "text"


def _name(name: str, value: Any, registry: Registry, language: str) -> str:
    if name == METRIC:
        return wording.in_language(registry.metrics[value], "label", language)
    if name == "sector" and wording.is_missing(value):
        return wording.OVERALL[language]
    if name in ("unit", "sector", "supervision_group"):
        return wording.place_name(registry, name, value, language)
    return "" if wording.is_missing(value) else str(value)


def _heading(name: str, registry: Registry, language: str) -> str:
    if name in COLUMNS:
        return COLUMNS[name][language == "en"]
    for headings in (wording.DIMENSION_LABELS, tables.HEADINGS):
        if name in headings:
            return headings[name][language]
    return registry.label(name, language)
