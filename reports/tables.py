"""The one way from a frame to a table: headings and names in the reader's language.

Figures stay numbers, so that a table still sorts by size; how they are drawn is plain
data beside them that any table widget can follow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import YES_NO, Column, Metric, Registry
from reports import belief
from reports.words import catalogue, sentences, wording

CLASS_WORDS = catalogue.texts("hot_cold")
# What a column holds, by its name; a name of no kind is text, or what its type says.
# "value" is in the unit of its row's own metric.
_NAMES_BY_KIND: Mapping[str, Iterable[str]] = {
    "integer": (
        *("numerator", "denominator", "still_missing", "done", "total"),
        *("still_needed", "projected", "rank", "n", "most_failures", "shortfall"),
        *("reported_numerator", "reported_denominator", "reported", "recounted"),
        *("prepared_confirmed", "prepared_checked", "days_listed", "days_overdue"),
        *("days_overdue_most", "unannounced_confirmed", "unannounced_checked"),
        "least",
    ),
    "ordinal": ("number", "place", "position", "source_row"),
    "percent": (
        *("inclusion_probability", "proves", "acts_if_good", "acts_if_bad"),
        *("reported_rate", "reported_before", "visited_share", "prepared_rate"),
        *("unannounced_rate", "stability", "share", "demanded", "missing_share"),
    ),
    "value": (
        *("rate", "verified", "lower", "upper", "std_error", "target", "in_time"),
        *("in_window", "rate_before", "change", "city", "lower_quartile"),
        *("upper_quartile", "highest", "pace", "reach_all", "reach_grassroots"),
        *("supported", "supported_lower", "supported_upper", "claimed_before"),
        *("done_later", "share_in_time", "share_in_window", "share_later"),
        *("share_unknown", "share_not_done"),
    ),
    "number": (
        *("needed_per_month", "recent_pace", "points_below_target", "points"),
        *("lower_points", "upper_points", "factor", "factor_error", "factor_lower"),
        *("factor_upper", "after", "after_lower", "after_upper", "n_expected", "ratio"),
    ),
    "p": ("p_cold_adjusted", "p_hot_adjusted", "p_adjusted"),
    "class": ("cell_class",),
    "day": ("check_date",),
    "time": (
        *("received", "deadline", "first_received"),
        *("complete_received", "last_received"),
    ),
    "place": (*wording.DIMENSION_LABELS, "metric"),
}
_KINDS = {name: kind for kind, names in _NAMES_BY_KIND.items() for name in names}
# Instants, in UTC as the marts have them.
TIMES = tuple(_NAMES_BY_KIND["time"])
METRIC = "metric"


class Hint(NamedTuple):
    """How a column is drawn.

    kind is "text", "day" (as text, 2016-07-15), "integer", "ordinal" (a place in an
    order: no separators), "percent" (of a share 0–1), "number" (two decimals) or
    "time"; help is what stands behind its heading, '' for nothing.
    """

    kind: str
    help: str = ""


@dataclasses.dataclass(frozen=True, eq=False)  # hashed by identity
class DisplayTable:
    """A frame to show and, by heading, how each column of it is drawn."""

    frame: pd.DataFrame
    hints: dict[str, Hint]


def heading(
    name: str, registry: Registry, language: str = "zh", section: str = ""
) -> str:
    """What a column is called: by its own page, by every page, or by the registry.

    '' where nobody has a name for it: only a query knows what it is for.
    """
    if named := _said(name, section) or _said(name, "column"):
        return named[language]
    try:
        return registry.label(name, language)
    except KeyError:
        return ""


def explanation(name: str, language: str = "zh", section: str = "") -> str:
    """What stands behind the heading of a column; '' for nothing."""
    named = _said(name, f"{section}_help") or _said(name, "help")
    return named[language] if named else ""


def _said(name: str, section: str) -> Mapping[str, str] | None:
    return catalogue.all_terms().get(f"headings.{section}.{name}")


def tabulate(
    columns: pd.DataFrame | Mapping[str, Any],
    registry: Registry,
    language: str = "zh",
    *,
    section: str = "",
    kinds: Mapping[str, str] | None = None,
    words: Mapping[str, Mapping[Any, str]] | None = None,
    titles: Mapping[str, str] | None = None,
    is_short: bool = False,
) -> DisplayTable:
    """Columns under people's headings, names for codes; same rows, same order.

    A column without a heading is not shown.

    Parameters
    ----------
    section
        Of `headings.toml`: whose words go before those that all tables share.
    kinds
        By column, where it holds something else than its name says.
    words
        By column, what its codes are called; a code without a name is left empty.
    titles
        By column, a heading that goes before all others.
    is_short
        Short names of sectors.
    """
    frame = pd.DataFrame(columns)
    units, categories = _units(frame, registry), registry.categories
    words = {**belief.words(language), **(words or {})}
    shown: dict[str, Any] = {}
    hints: dict[str, Hint] = {}
    for name in frame.columns:
        title = (titles or {}).get(name) or heading(name, registry, language, section)
        if not title:
            continue
        values: Any = frame[name]
        kind = (kinds or {}).get(name) or kind_of(name, values, name in words)
        kind = "place" if name in categories else kind
        if kind == "value":
            is_share = set(units) <= {"share"}
            kind = "percent" if is_share else "text"
            if not is_share:
                pairs = zip(values, units, strict=True)
                values = [wording.rate_text(value, unit) for value, unit in pairs]
        elif kind == "place":
            kind, values = "text", names(values, name, registry, language, is_short)
        elif kind == "word":
            known = words[name]
            kind, values = "text", [known.get(code, "") for code in values]
        elif kind == "p":
            kind, values = "text", [wording.p_value(value) for value in values]
        elif kind == "class":
            called = CLASS_WORDS[language]
            kind, values = "text", [called.get(code, "") for code in values]
        elif kind == "day":
            values = [_day(day) for day in values]
        elif kind == "text":
            values = ["" if wording.is_missing(value) else value for value in values]
        shown[title] = values
        hints[title] = Hint(kind, explanation(name, language, section))
    return DisplayTable(pd.DataFrame(shown, index=frame.index), hints)


def kind_of(name: str, values: pd.Series, has_words: bool = False) -> str:
    """What a column holds, by its name and type."""
    if has_words:
        return "word"
    if kind := _KINDS.get(name):
        return kind
    if pd.api.types.is_datetime64_any_dtype(values):
        return "time"
    is_count = name.startswith("n_") or pd.api.types.is_integer_dtype(values)
    return "integer" if is_count else "text"


def names(
    codes: Iterable[Any],
    dimension: str,
    registry: Registry,
    language: str = "zh",
    is_short: bool = False,
) -> list[str]:
    """What places and metrics are called; a row without a code speaks for the whole."""
    if dimension == "month":
        return list(codes)  # 2016-07 sorts as it reads
    return [
        wording.code_name(registry, dimension, code, language, is_short=is_short)
        for code in codes
    ]


def _day(day: Any) -> str:
    return "" if wording.is_missing(day) else f"{day:%Y-%m-%d}"


def _units(frame: pd.DataFrame, registry: Registry) -> Sequence[str]:
    """The unit of each row's rates; rows that name no metric are shares."""
    if METRIC not in frame:
        return ["share"] * len(frame)
    return [registry.metrics[metric].unit for metric in frame[METRIC]]


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
    for name in frame.columns:
        counted = {"numerator": metric.numerator, "denominator": metric.denominator}
        columns[counted.get(name, name)] = frame[name]
        if name == "rate" and metric.unit == "share" and metric.milestones:
            key = "not_in_time" if metric.remembers else "still_missing"
            columns[key] = _still_missing(frame, metric, month)
    counts = (metric.numerator, metric.denominator)
    kinds = dict.fromkeys(counts, "integer")
    if metric.unit != "share":
        kinds["rate"] = "number"
    titles = {name: registry.label(name, language) for name in counts}
    shown = tabulate(columns, registry, language, kinds=kinds, titles=titles)
    for name, title in titles.items():
        if title in shown.hints:
            shown.hints[title] = Hint("integer", name)
    return shown


def _kind_of_column(column: Column | None) -> str:
    """How a registered column is drawn; a derived one (None) is a count."""
    kinds = {"count": "integer", "date": "day", "word": "word", "yes_no": "word"}
    return kinds.get(column.type, "text") if column else "integer"


def _title(
    name: str, known: Mapping[str, Column], registry: Registry, language: str
) -> str:
    """The heading that the column has in its own table."""
    column = known.get(name)
    if column is None:
        return registry.label(name, language)
    return column.heading_in(language)


def _words(column: Column, language: str) -> dict[str, str]:
    """What the codes of a word column are called in its own table."""
    if column.type == "yes_no":
        answers = {"yes": True, "no": False}
        said = {code: word for word, code in (column.words or YES_NO).items()}
        said = said if language == "zh" else {code: code for code in said}
        # As it is filed, or as the model of checks keeps it.
        return said | {answers[code]: word for code, word in said.items()}
    if language == "zh":
        return {code: word for word, code in column.words.items()}
    translated = getattr(column, f"words_{language}")
    return {
        code: translated.get(code, code.replace("_", " "))
        for code in column.words.values()
    }


def _still_missing(frame: pd.DataFrame, metric: Metric, month: str | None) -> pd.Series:
    """Whole ones missing to the target of each row's month; none where none came in."""
    months = frame["month"] if "month" in frame else [month] * len(frame)
    counts = zip(months, frame["numerator"], frame["denominator"], strict=True)
    missing = []
    for wanted, numerator, denominator in counts:
        if wording.is_missing(numerator) or not denominator:
            missing.append(pd.NA)
            continue
        milestone = wording.milestone_in(metric, wanted) if wanted else None
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
    own = [
        name
        for name in (*known, *registry.derived)
        if name in frame.columns
        and name != "note"
        and name not in wording.DIMENSION_LABELS
    ]
    kinds = {name: _kind_of_column(known.get(name)) for name in own}
    titles = {name: _title(name, known, registry, language) for name in own}
    shown = tabulate(
        frame.drop(columns="note", errors="ignore"),
        registry,
        language,
        kinds=kinds,
        words={n: _words(known[n], language) for n in own if kinds[n] == "word"},
        titles=titles,
    )
    for name, title in titles.items():
        if title in shown.hints:
            shown.hints[title] = Hint(shown.hints[title].kind, name)
    return shown
