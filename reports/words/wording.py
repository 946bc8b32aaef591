"""Names, numbers and dates as people read them, Chinese or English.

Every text of a figure, table, file or sentence comes through here, so that a screen,
a workbook and a bulletin call the same thing by the same name.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data_pipeline.number_words import UNDEFINED, is_missing, number, percent
from data_pipeline.number_words import points as points
from data_pipeline.number_words import time_text as time_text
from data_pipeline.registry import (
    ROLL_DIMENSIONS,
    Metric,
    Milestone,
    Registry,
    month_end,
)
from data_pipeline.withheld import is_withheld
from reports.words import catalogue

DIMENSION_LABELS = {
    name: catalogue.term(f"headings.column.{name}")
    for name in (
        *("unit", "sector", "supervision_group", "township", "month"),
        *ROLL_DIMENSIONS,
    )
}
BASIS_LABELS = catalogue.terms("wording.basis_labels")
CITY = catalogue.term("wording.city")
OVERALL = catalogue.term("wording.overall")
# What a row without a code of this dimension speaks for.
ROLLED_UP: Mapping[str, Mapping[str, str]] = {"unit": CITY, "sector": OVERALL}
# Columns of codes whose names the registry knows, and the headings of the names.
CODED_LABELS = {
    name: catalogue.term(f"headings.column.{name}")
    for name in ("unit", "sector", "supervision_group", "metric")
}
NOT_REPORTED = catalogue.term("wording.not_reported")
WITHHELD = catalogue.term("wording.withheld")
UNNAMED = catalogue.term("wording.unnamed")
YES, NO = catalogue.term("wording.yes"), catalogue.term("wording.no")
JOINS = catalogue.terms("wording.joins")
_MONTH, _DAY = catalogue.term("wording.month"), catalogue.term("wording.day")
_MONTH_NAMES = {
    language: names.split()
    for language, names in catalogue.term("wording.month_names").items()
}
# What is counted, by the noun in a column's name: n_<noun>_<what>.
_NOUNS = catalogue.terms("wording.nouns")


def in_language(of: Any, name: str, language: str) -> str:
    """The text `name` of a registry entry in one language, e.g. label or note."""
    return getattr(of, f"{name}_{language}")


def dimension_label(registry: Registry, name: str, language: str = "zh") -> str:
    """What people call a dimension: a place, a month, or a category of a table.

    >>> from data_pipeline.registry import load_registry
    >>> dimension_label(load_registry(), "sector")
    '领域'
    """
    if name in DIMENSION_LABELS:
        return DIMENSION_LABELS[name][language]
    return registry.label(name, language)


def category_label(
    registry: Registry, metric: Metric, name: str, language: str = "zh"
) -> str:
    """What a category is called in the table that the metric counts.

    >>> from data_pipeline.registry import load_registry
    >>> registry = load_registry()
    >>> category_label(registry, registry.metrics["practice_share"], "kind", "en")
    'Kind of activity'
    """
    table = registry.lake_tables.get(metric.table)
    for column in table.columns if table else ():
        if column.name == name:
            return column.heading_in(language)
    return dimension_label(registry, name, language)


def place_name(
    registry: Registry,
    dimension: str,
    code: Hashable,
    language: str = "zh",
    *,
    is_short: bool = False,
) -> str:
    """What people call a unit, sector, group, township or month.

    A code that the registry does not know is shown as it is: never hidden.

    >>> from data_pipeline.registry import load_registry
    >>> place_name(load_registry(), "sector", "nonpublic", is_short=True)
    '非公'
    """
    if is_missing(code) or code == "":
        return UNNAMED[language]
    if dimension == "month":
        return month_name(str(code), language)
    if dimension in ROLL_DIMENSIONS or dimension in registry.categories:
        return registry.word(dimension, str(code), language)
    place = registry.place(dimension, str(code))
    if place is None:
        return str(code)
    if is_short and dimension == "sector":
        return in_language(place, "short", language)
    return in_language(place, "name", language)


def add_names(
    frame: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """A frame with `<column>_name` behind each column of codes that stand for names.

    Parameters
    ----------
    frame
        Columns of units, sectors, supervision groups and metrics, and any others.
    words
        By further column, what its codes are called.

    Returns
    -------
    DataFrame
        Same rows and order; a total's name is 全市 or 总体, as on the screen.
    """
    named = {}
    for column in frame.columns:
        named[column] = frame[column]
        name = f"{column}_name"
        if name in frame.columns:
            continue
        if column in CODED_LABELS or column in registry.categories:
            named[name] = [
                code_name(registry, column, code, language) for code in frame[column]
            ]
        elif column in (words or {}):
            named[name] = [words[column].get(code, "") for code in frame[column]]
    return pd.DataFrame(named, index=frame.index)


def code_name(
    registry: Registry,
    column: str,
    code: Any,
    language: str = "zh",
    *,
    is_short: bool = False,
) -> str:
    """What a code of `unit`, `sector`, `supervision_group` or `metric` is called.

    >>> from data_pipeline.registry import load_registry
    >>> code_name(load_registry(), "unit", "350104"), code_name(None, "unit", None)
    ('仓山区', '全市')
    """
    if is_missing(code) or code == "":
        whole = ROLLED_UP.get(column, UNNAMED)
        return whole[language]
    if column == "metric":
        metric = registry.metrics.get(code)
        return in_language(metric, "label", language) if metric else str(code)
    return place_name(registry, column, code, language, is_short=is_short)


def is_rolled_up(frame: pd.DataFrame) -> pd.Series:
    """Which rows sum up others: a unit or sector is missing, not merely unnamed."""
    places = [name for name in ROLLED_UP if name in frame.columns]
    return frame[places].isna().any(axis=1)


def cell_name(
    registry: Registry, by: tuple[str, ...], codes: tuple, language: str = "zh"
) -> str:
    """Name of a cell of a grouping, its parts in order: '福清市 非公'.

    The whole city (`by` is empty) is called the city.
    """
    if not by:
        return CITY[language]
    names = (
        place_name(registry, dimension, code, language, is_short=True)
        for dimension, code in zip(by, codes, strict=True)
    )
    return join(names, language, "names")


def join(parts: Iterable[str], language: str = "zh", by: str = "items") -> str:
    """Parts of a list ("items"), clauses, names or sentences as one text.

    >>> join(["6月", "7月"]), join(["Jun", "Jul"], "en")
    ('6月、7月', 'Jun, Jul')
    """
    return JOINS[by][language].join(parts)


def month_name(month: str, language: str = "zh") -> str:
    """A month in full.

    >>> month_name("2016-07"), month_name("2016-07", "en")
    ('2016年7月', 'Jul 2016')
    """
    year, number = month.split("-")
    name = _MONTH_NAMES[language][int(number) - 1]
    return _MONTH[language].format(year=year, name=name)


def month_tick(month: str, language: str = "zh") -> str:
    """A month on an axis.

    >>> month_tick("2016-07"), month_tick("2016-07", "en")
    ('7月', 'Jul')
    """
    return _MONTH_NAMES[language][int(month.split("-")[1]) - 1]


def file_time(moment: datetime) -> datetime:
    """An instant as a workbook keeps its creation: UTC, without saying so.

    >>> file_time(datetime.fromisoformat("2016-07-15T09:30:12.5+08:00"))
    datetime.datetime(2016, 7, 15, 1, 30, 12)
    """
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def day_name(day: Any, language: str = "zh") -> str:
    """A day without its year.

    >>> import datetime
    >>> day_name(datetime.date(2016, 8, 31)), day_name(datetime.date(2016, 8, 31), "en")
    ('8月31日', '31 Aug')
    """
    name = _MONTH_NAMES[language][day.month - 1]
    return _DAY[language].format(name=name, day=day.day)


def done_of(row: Mapping[str, Any], language: str = "zh") -> str:
    """The two counts of a row of rates.

    >>> done_of({"numerator": 1200, "denominator": 1500})
    '1,200 / 1,500'
    >>> done_of({"numerator": None, "denominator": 9, "withheld": "numerator"})
    '不公开'
    """
    if is_withheld(row):
        return WITHHELD[language]
    return f"{number(row['numerator'])} / {number(row['denominator'])}"


def rate_of(row: Mapping[str, Any], unit: str, language: str = "zh") -> str:
    """The rate of a row of rates as `rate_text`, or the word for what is withheld."""
    return WITHHELD[language] if is_withheld(row) else rate_text(row["rate"], unit)


def p_value(p: Any) -> str:
    """A p-value as far as it is worth reading.

    >>> p_value(1e-9), p_value(0.0312), p_value(None)
    ('< 0.001', '0.031', '–')
    """
    if is_missing(p):
        return UNDEFINED
    return "< 0.001" if p < 0.001 else f"{float(p):.3f}"


def rate_text(rate: Any, unit: str, digits: int = 1) -> str:
    """A metric's value: per cent for a share, two decimals per head.

    >>> rate_text(0.5, "share"), rate_text(1.234, "per_head")
    ('50.0 %', '1.23')
    """
    if unit == "share":
        return percent(rate, digits)
    return UNDEFINED if is_missing(rate) else f"{float(rate):.2f}"


def count_noun(column: str, language: str = "zh") -> str:
    """What a count column counts, as it stands after a figure.

    >>> count_noun("n_branches_topic_1"), count_noun("n_leaders", "en")
    ('个党支部', 'leaders')
    """
    return _with_noun("", column, language).strip()


def counted(value: Any, column: str, language: str = "zh") -> str:
    """A count with what it counts.

    >>> counted(16198, "n_branches"), counted(1, "n_lectures", "en")
    ('16,198 个党支部', '1 lecture')
    """
    return _with_noun(number(value), column, language)


def _with_noun(figure: str, column: str, language: str) -> str:
    noun = column.removeprefix("n_").split("_")[0]
    return _NOUNS[noun][language].format(n=figure) if noun in _NOUNS else figure


def demand(milestone: Milestone, unit: str) -> str:
    """What is demanded: one value, or the two ends of a span.

    >>> demand(Milestone(0.1, upper=0.15), "share"), demand(Milestone(1.0), "share")
    ('10 %–15 %', '100 %')
    """
    if milestone.upper is None:
        return rate_text(milestone.target, unit)
    # Ends that somebody has set: in whole numbers wherever they are whole.
    ends = (rate_text(end, unit) for end in (milestone.target, milestone.upper))
    return "–".join(end.replace(".0 %", " %") for end in ends)


def milestone_in(metric: Metric, month: str) -> Milestone | None:
    """What is demanded of a metric at the end of `month`.

    The first milestone that is not yet overdue, the last one once all are; None where
    nothing is demanded.

    >>> from data_pipeline.registry import load_registry
    >>> milestone_in(load_registry().metrics["member_speaking"], "2016-07").due
    datetime.date(2016, 8, 31)
    """
    last_day = month_end(month)
    for milestone in metric.milestones:
        if milestone.due is None or milestone.due >= last_day:
            return milestone
    return metric.milestones[-1] if metric.milestones else None


@functools.lru_cache(maxsize=20_000)
def text_width(text: str) -> int:
    """Columns a text takes in a fixed pitch: two for each wide character.

    >>> text_width("福清市 76%")
    10
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def fold_name(name: str, width: int) -> str:
    """A name on as many lines as it takes; only a word wider than a line is cut.

    A name without spaces is divided evenly.

    >>> fold_name("members in non-public organisations", 16).splitlines()
    ['members in', 'non-public', 'organisations']
    >>> fold_name("鼓楼区", 16), fold_name("非公和社会组织党员", 16)
    ('鼓楼区', '非公和社会\\n组织党员')
    """
    if text_width(name) <= width:
        return name
    if " " not in name:
        n_lines = math.ceil(text_width(name) / width)
        each = math.ceil(len(name) / n_lines)
        parts = (name[at : at + each] for at in range(0, len(name), each))
        return "\n".join(shorten(part, width) for part in parts)
    lines = [""]
    for word in name.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(shorten(line, width) for line in lines)


def shorten(text: str, width: int) -> str:
    """A name cut to so many columns, with an ellipsis where something was lost.

    >>> shorten("Municipal non-public organisations", 16), shorten("鼓楼区", 8)
    ('Municipal non-p…', '鼓楼区')
    """
    if text_width(text) <= width:
        return text
    while text_width(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"
