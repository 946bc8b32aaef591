"""The registry: metrics, headings, places, calendar and rules, as data.

Everything that a person may want to name, add or correct without programming stands
in the TOML files of this folder. They are read once, checked as a whole, and handed
out as frozen dataclasses. A fault is a `RegistryError`: one English sentence with the
place, the value and, where one is near, what was probably meant.
"""

from __future__ import annotations

import calendar as month_calendar
import dataclasses
import difflib
import functools
import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

PACKAGE_FOLDER = Path(__file__).parent
FOLDER_VARIABLE = "COVERAGE_REGISTRY"
# What a branch is on the roll: a figure of totals does not reach these.
ROLL_DIMENSIONS = ("branch_type", "is_weak_base")
PLACES = ("unit", "sector", "supervision_group", "township", "month")
DIMENSIONS = (*PLACES, *ROLL_DIMENSIONS)
YES_NO: Mapping[str, str] = {"是": "yes", "否": "no"}
COLUMN_TYPES = (
    "month",
    "date",
    "group",
    "unit",
    "sector",
    "branch",
    "draw",
    "text",
    "count",
    "word",
    "words",
    "yes_no",
    "share",
)
# Lists of tables.toml: sheets that are known and not stored yet, sheets of our own that
# nobody fills in, and words by which a sheet's name says that it is an explanation.
SHEET_WORDS = ("later_sheets", "handed_out_sheets", "explanation_words")
# What a key may hold, by the annotation of its field: TOML type, words for it.
TOML_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "a text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "date": ((date,), "a date such as 2016-06-30"),
    "tuple": ((list,), "a list"),
    "Mapping": ((dict,), "a table of words"),
    "Window": ((dict,), "a table with start and end"),
    "Verified": ((dict,), "a table with column and base"),
}


SEVERITIES = ("refuse", "fault", "question", "flag")
# What a metric that remembers another one takes from it.
REMEMBERED_KEYS = (
    "theme",
    "numerator",
    "denominator",
    "table",
    "unit",
    "better",
    "quote",
    "window",
    "milestones",
)


class RegistryError(ValueError):
    """A fault in the registry files; the message says where and what to write."""


@dataclasses.dataclass(frozen=True)
class Milestone:
    """A share or number to be reached, by a day or (due None) at all times.

    upper is the end of a demand that is a span: 10 to 15 %. More is said, not praised.
    """

    target: float
    due: date | None = None
    upper: float | None = None


@dataclasses.dataclass(frozen=True)
class Verified:
    """What a spot check finds of a metric.

    column is a verdict per branch or, with `base` (a count on the roll), a count.
    """

    column: str
    base: str = ""


@dataclasses.dataclass(frozen=True)
class Window:
    start: date
    end: date


@dataclasses.dataclass(frozen=True)
class Metric:
    """A ratio of two staging columns.

    unit "share" is shown in per cent, "per_head" as a plain number. better says
    which direction is good. is_ceiling marks a figure that is only an upper bound.
    remembers names the metric whose figure on its due day is kept for good: it says
    what was done in time, whatever was made up for since.
    """

    id: str
    label_zh: str
    label_en: str
    theme: str
    numerator: str
    denominator: str
    unit: str
    better: str
    quote: str
    table: str = "ledger"
    verified: Verified | None = None
    window: Window | None = None
    milestones: tuple[Milestone, ...] = ()
    dimensions: tuple[str, ...] = DIMENSIONS
    is_ceiling: bool = False
    remembers: str = ""
    note_zh: str = ""
    note_en: str = ""

    @property
    def is_summed(self) -> bool:
        """Whether its counts exist only where ledger rows are summed, in no row."""
        return self.table == "ledger_sums"

    @property
    def is_filed(self) -> bool:
        """Whether ledgers bring it, so that a unit and sector can be silent on it."""
        return self.table in ("ledger", "ledger_sums", "filing")

    @property
    def remembered_month(self) -> str:
        """Month of the due day whose ledger it keeps; '' where it follows the month.

        >>> load_registry().metrics["topic_2_on_time"].remembered_month
        '2016-08'
        """
        return f"{self.due:%Y-%m}" if self.remembers else ""

    def ledger_month(self, month: str) -> str:
        """The month whose ledger its figure of `month` is made of."""
        return self.remembered_month or month

    @property
    def target(self) -> float | None:
        """What is to be reached in the end, None where nothing is demanded."""
        return self.milestones[-1].target if self.milestones else None

    @property
    def has_verdicts(self) -> bool:
        """Whether a spot check gives a verdict on each branch.

        A verdict stays true in later months. Heads that were counted on the day grow
        from month to month: a check of July says nothing of a total of December, only
        how far that month's report was right (the verification factor).
        """
        return self.verified is not None and not self.verified.base

    @property
    def due(self) -> date | None:
        return self.milestones[-1].due if self.milestones else None


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of an incoming table: what people write above it, what it becomes.

    words maps what people write to the stored word; of a yes_no, to "yes" and "no"
    (是 and 否 when it has none). A cell of type "words" holds several, stored as
    written with 、 between them. within_campaign refuses a date outside the campaign.
    A column that is optional may be left out of a file without a warning.
    """

    name: str
    heading: str
    type: str
    definition_zh: str
    definition_en: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    optional: bool = False
    kind: str = ""
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    max_chars: int = 200
    within_campaign: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """One incoming table; `key` is its grain (a later row of a key supersedes)."""

    name: str
    sheet: str
    label_zh: str
    label_en: str
    title_zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def counts(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.type == "count")

    @property
    def has_month(self) -> bool:
        return "month" in self.key


@dataclasses.dataclass(frozen=True)
class Derived:
    """A staging column that SQL computes; with both operands it is a difference."""

    name: str
    table: str
    label_zh: str
    label_en: str
    minuend: str = ""
    subtrahend: str = ""


@dataclasses.dataclass(frozen=True)
class Rule:
    """What figures may not say, or what makes them doubtful.

    kind at_most / at_least compares `column` with `other` in one row; zero_before
    wants `column` to be 0 before `month`; one_with wants 1 where `other` is filled;
    only_with wants it blank unless `other` is one of `words`; query is a file in
    sql/checks/, pattern a rule of `credibility`. Those two have a name, say in a text
    what they look at and in a remedy what to do or to ask first; sentence is a
    pattern's template.
    """

    id: str
    table: str
    kind: str
    severity: str
    column: str = ""
    other: str = ""
    month: str = ""
    words: tuple[str, ...] = ()
    name_zh: str = ""
    name_en: str = ""
    text_zh: str = ""
    text_en: str = ""
    sentence_zh: str = ""
    sentence_en: str = ""
    remedy_zh: str = ""
    remedy_en: str = ""

    @property
    def is_told(self) -> bool:
        """Whether it stands in what `check` says under its own name."""
        return self.kind in ("query", "pattern")


@dataclasses.dataclass(frozen=True)
class Unit:
    code: str
    name_zh: str
    name_en: str
    group: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Sector:
    code: str
    name_zh: str
    name_en: str
    short_zh: str = ""
    short_en: str = ""
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Group:
    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Topic:
    id: str
    label_zh: str
    label_en: str
    metric: str
    quote: str


@dataclasses.dataclass(frozen=True)
class Calendar:
    start: str
    end: str
    timezone: timezone
    filing_day: int
    quote: str
    topics: tuple[Topic, ...]
    rounds: tuple[Window, ...] = ()
    rectification_days: int = 90  # a weak organisation listed longer is overdue

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of the campaign, first to last, as YYYY-MM."""
        months, month = [], self.start
        while month <= self.end:
            months.append(month)
            month = next_month(month)
        return tuple(months)

    def last_rounds_since(self, month: str) -> date:
        """First day of the last two rounds that were over before `month`.

        The first day of the campaign where none was.
        """
        first_day = month_end(month).replace(day=1)
        over = [one.start for one in self.rounds if one.end < first_day]
        return min(over[-2:], default=month_end(self.start).replace(day=1))

    def filing_deadline(self, month: str) -> datetime:
        """First instant at which the ledger of `month` counts as late."""
        year, number = map(int, next_month(month).split("-"))
        midnight = datetime(year, number, self.filing_day, tzinfo=self.timezone)
        return midnight + timedelta(days=1)


@dataclasses.dataclass(frozen=True, eq=False)  # one of each folder: hashed by identity
class Registry:
    folder: Path
    digest: str
    metrics: Mapping[str, Metric]
    tables: Mapping[str, Table]
    stored: Mapping[str, Table]
    derived: Mapping[str, Derived]
    units: Mapping[str, Unit]
    sectors: Mapping[str, Sector]
    groups: Mapping[str, Group]
    calendar: Calendar
    rules: tuple[Rule, ...]
    confusable: tuple[str, ...] = ()
    later_sheets: tuple[str, ...] = ()
    handed_out_sheets: tuple[str, ...] = ()
    explanation_words: tuple[str, ...] = ()

    @property
    def lake_tables(self) -> Mapping[str, Table]:
        """What lies in the lake: tables that come in, and those a command writes."""
        return {**self.tables, **self.stored}

    @property
    def map_path(self) -> Path:
        """GeoJSON of the counties; an operator may replace it."""
        return self.folder / "places.geojson"

    def topic_of(self, month: str) -> Metric:
        """The topic whose window the month lies in: the last opened by its end.

        >>> load_registry().topic_of("2016-09").id
        'topic_2_coverage'
        """
        topics = [self.metrics[topic.metric] for topic in self.calendar.topics]
        opened = [t for t in topics if t.window and t.window.start <= month_end(month)]
        return opened[-1] if opened else topics[0]

    def memory_of(self, metric: str) -> Metric | None:
        """The metric that remembers what another one was on its due day, if any.

        >>> load_registry().memory_of("topic_1_coverage").id
        'topic_1_on_time'
        """
        for remembering in self.metrics.values():
            if remembering.remembers == metric:
                return remembering
        return None

    def label(self, column: str, language: str = "zh") -> str:
        """What people call a staging column: its heading, or its label if derived."""
        if column in self.derived:
            return getattr(self.derived[column], f"label_{language}")
        for table in self.lake_tables.values():
            for entry in table.columns:
                if entry.name == column:
                    if language == "zh":
                        return entry.heading
                    return entry.definition_en.rstrip(".")
        raise KeyError(column)

    def rule(self, id: str) -> Rule:
        """The rule of that id; a part over its whole is one rule, whatever the pair.

        >>> load_registry().rule("grassroots_within_lectures").id
        'part_over_whole'
        """
        (found,) = (rule for rule in self.rules if rule.id == id)
        return found if found.is_told else self.rule("part_over_whole")

    def opens(self, column: str) -> str:
        """The first month in which a count of the ledger may be above 0.

        >>> load_registry().opens("n_speakers_topic_2")
        '2016-07'
        """
        for topic in self.calendar.topics:
            if column.endswith(topic.id):
                return f"{self.metrics[topic.metric].window.start:%Y-%m}"
        return self.calendar.start

    def place(self, dimension: str, code: str) -> Unit | Sector | Group | None:
        """The unit, sector or group of that code, None for other dimensions."""
        places = {
            "unit": self.units,
            "sector": self.sectors,
            "supervision_group": self.groups,
        }
        return places.get(dimension, {}).get(code)

    def words(self, dimension: str) -> Mapping[str, str]:
        """What people write for each value of a dimension of the roll, to its code.

        >>> load_registry().words("is_weak_base")
        {'是': 'yes', '否': 'no'}
        """
        return self.tables["roll"].column(dimension).words or YES_NO

    def resolve(self, dimension: str, text: str) -> str | None:
        """Code of a place, or of a value of the roll, from code, name or alias.

        >>> load_registry().resolve("unit", "福州市 长乐市")
        '350112'
        """
        if dimension in ROLL_DIMENSIONS:
            words = self.words(dimension)
            codes = {fold_name(word): code for word, code in words.items()}
            codes |= {fold_name(code): code for code in words.values()}
            return codes.get(fold_name(text))
        return _name_index(self, dimension).get(fold_name(text))


def next_month(month: str) -> str:
    """The month after `month` (YYYY-MM).

    >>> next_month("2016-12")
    '2017-01'
    """
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def month_end(month: str) -> date:
    """Last day of `month` (YYYY-MM).

    >>> month_end("2016-04")
    datetime.date(2016, 4, 30)
    """
    year, number = map(int, month.split("-"))
    return date(year, number, month_calendar.monthrange(year, number)[1])


def fold_name(text: str) -> str:
    """The form in which names are compared: one width, no space, no middle dot.

    >>> fold_name(" 市属高校 · 学校")
    '市属高校学校'
    """
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s·•・‧\u200b\ufeff]", "", folded).upper()


@functools.cache
def _name_index(registry: Registry, dimension: str) -> dict[str, str]:
    places: Mapping[str, Any] = {
        "unit": registry.units,
        "sector": registry.sectors,
        "supervision_group": registry.groups,
    }[dimension]
    index = {}
    for place in places.values():
        for name in (place.code, place.name_zh, place.name_en, *place.aliases):
            index[fold_name(name)] = place.code
    return index


def load_registry(folder: Path | str | None = None) -> Registry:
    """Read and check the registry.

    Parameters
    ----------
    folder
        Where the TOML files lie; by default the folder that the environment
        variable COVERAGE_REGISTRY names, else the one of this package.

    Raises
    ------
    RegistryError
        Unknown key, column that does not exist, double id, quote that does not stand
        in the source, and the like: one sentence with the place and the remedy.
    """
    chosen = folder or os.environ.get(FOLDER_VARIABLE) or PACKAGE_FOLDER
    # A page asks for it dozens of times: links are followed the first time only.
    return _load_at(os.path.abspath(chosen))


@functools.cache
def _load_at(path: str) -> Registry:
    return _load(Path(path).resolve())


@functools.cache
def _load(folder: Path) -> Registry:
    names = ("metrics", "tables", "places", "calendar", "rules")
    raw = {name: _read_toml(folder / f"{name}.toml") for name in names}
    source = folder / "speech.txt"
    if not source.exists():
        raise RegistryError(f"{source}: the source that quotes are checked against")
    speech = source.read_text("utf-8")
    digest = hashlib.sha256()
    for name in names:
        digest.update((folder / f"{name}.toml").read_bytes())

    tables = _tables(raw["tables"], "table")
    stored = _tables(raw["tables"], "stored")
    for name in stored:
        if name in tables:
            raise RegistryError(f"tables.toml: table {name!r} is filed and stored.")
    derived = _unique(
        "tables.toml", "derived", _entries(Derived, raw["tables"], "derived", "tables")
    )
    for item in derived.values():
        place = f"tables.toml: derived {item.name}"
        if item.minuend or item.subtrahend:
            _known(f"{place}, key table", item.table, tables)
            _known(f"{place}, key minuend", item.minuend, tables[item.table].counts)
            _known(
                f"{place}, key subtrahend", item.subtrahend, tables[item.table].counts
            )
    groups = _unique("places.toml", "group", _entries(Group, raw["places"], "group"))
    units = _unique("places.toml", "unit", _entries(Unit, raw["places"], "unit"))
    for unit in units.values():
        _known(f"places.toml: unit {unit.code}, key group", unit.group, groups)
        _known(
            f"places.toml: unit {unit.code}, key kind",
            unit.kind,
            ("county", "zone", "block"),
        )
    sectors = _unique(
        "places.toml",
        "sector",
        [
            dataclasses.replace(
                sector,
                short_zh=sector.short_zh or sector.name_zh,
                short_en=sector.short_en or sector.name_en,
            )
            for sector in _entries(Sector, raw["places"], "sector")
        ],
    )
    for places in (groups, units, sectors):
        _check_aliases(places)
    metrics = _metrics(raw["metrics"], tables, derived)
    calendar = _calendar(raw["calendar"], metrics)
    rules = _rules(raw["rules"], tables, derived)
    quoted = [(f"metrics.toml: metric {m.id}", m.quote) for m in metrics.values()]
    quoted += [(f"calendar.toml: topic {t.id}", t.quote) for t in calendar.topics]
    quoted.append(("calendar.toml: campaign", calendar.quote))
    for place, quote in quoted:
        if not quote or quote not in speech:
            raise RegistryError(
                f"{place}: the quote {quote!r} does not stand in speech.txt; copy it "
                "word for word, punctuation included."
            )
    return Registry(
        folder=folder,
        digest=digest.hexdigest(),
        metrics=MappingProxyType(metrics),
        tables=MappingProxyType(tables),
        stored=MappingProxyType(stored),
        derived=MappingProxyType(derived),
        units=MappingProxyType(units),
        sectors=MappingProxyType(sectors),
        groups=MappingProxyType(groups),
        calendar=calendar,
        rules=rules,
        confusable=_words(raw["places"], "confusable", "places"),
        **{key: _words(raw["tables"], key) for key in SHEET_WORDS},
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RegistryError(f"{path} is missing.") from None
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{path} is not TOML: {error}") from None


def _known(place: str, value: str, allowed: Iterable[str]) -> None:
    choices = list(allowed)
    if value in choices:
        return
    near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(choices)}."
    raise RegistryError(f"{place}: {value!r} is not known; {hint}")


def _entry(kind: type, place: str, raw: Mapping[str, Any]) -> Any:
    """A dataclass from a TOML table, refusing unknown and missing keys by name."""
    fields = {f.name: f for f in dataclasses.fields(kind)}
    for key in raw:
        _known(f"{place}, key", key, fields)
    for name, field in fields.items():
        is_required = (
            field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        )
        if is_required and name not in raw:
            raise RegistryError(f"{place}: the key {name!r} is missing.")
    for key, value in raw.items():
        _check_type(f"{place}, key {key}", value, fields[key].type)
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    return kind(**values)


def _check_type(place: str, value: Any, annotation: str) -> None:
    """Refuse a TOML value of another type than the field's annotation."""
    base = annotation.split(" |")[0].split("[")[0]
    if base not in TOML_TYPES:
        return
    allowed, words = TOML_TYPES[base]
    # A bool is an int to Python, and never to the person who wrote it.
    fits = isinstance(value, allowed) and isinstance(value, bool) == (base == "bool")
    if not fits:
        raise RegistryError(f"{place}: {value!r} is not {words}.")
    if annotation == "tuple[str, ...]":
        for item in value:
            _check_type(place, item, "str")


def _entries(
    kind: type, raw: Mapping[str, Any], key: str, file: str = "places"
) -> list[Any]:
    entries = []
    for number, table in enumerate(_list(raw, key, file), 1):
        name = table.get("id") or table.get("name") or table.get("code")
        entries.append(_entry(kind, f"{file}.toml: {key} {name or number}", table))
    return entries


def _list(raw: Mapping[str, Any], key: str, file: str) -> list[dict[str, Any]]:
    entries = raw.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise RegistryError(
            f"{file}.toml: {key!r} is a list of tables; write it with two brackets."
        )
    return entries


def _words(raw: Mapping[str, Any], key: str, file: str = "tables") -> tuple[str, ...]:
    words = raw.get(key, [])
    _check_type(f"{file}.toml: {key}", words, "tuple[str, ...]")
    return tuple(words)


def _unique(file: str, key: str, entries: Iterable[Any]) -> dict[str, Any]:
    unique: dict[str, Any] = {}
    for entry in entries:
        for attribute in ("id", "code", "name"):
            if hasattr(entry, attribute):
                identity = getattr(entry, attribute)
                break
        if identity in unique:
            raise RegistryError(f"{file}: {key} {identity!r} stands there twice.")
        unique[identity] = entry
    return unique


def _check_aliases(places: Mapping[str, Any]) -> None:
    seen: dict[str, str] = {}
    for place in places.values():
        for name in (place.code, place.name_zh, place.name_en, *place.aliases):
            owner = seen.setdefault(fold_name(name), place.code)
            if owner != place.code:
                raise RegistryError(
                    f"places.toml: {name!r} names both {owner} and {place.code}."
                )


def _tables(raw: Mapping[str, Any], kind: str) -> dict[str, Table]:
    for key in raw:
        _known("tables.toml, key", key, ("table", "stored", "derived", *SHEET_WORDS))
    # [[table.column]] of TOML belongs to the last [[table]] above it.
    tables = []
    for entry in _list(raw, kind, "tables"):
        fields = {**entry, "columns": entry.get("column", [])}
        fields.pop("column", None)
        place = f"tables.toml: table {entry.get('name')}"
        table = _entry(Table, place, fields)
        columns = []
        for column in _list(entry, "column", "tables"):
            at = f"{place}, column {column.get('name')}"
            columns.append(_entry(Column, at, column))
            _known(f"{at}, key type", columns[-1].type, COLUMN_TYPES)
            if columns[-1].type == "count":
                _known(f"{at}, key kind", columns[-1].kind, ("state", "cumulative"))
            if columns[-1].type in ("word", "words") and not columns[-1].words:
                raise RegistryError(f"{at}: a word needs its list 'words'.")
            if columns[-1].required and columns[-1].optional:
                raise RegistryError(f"{at}: it is required or optional, not both.")
        _unique("tables.toml", f"column of {table.name}", columns)
        headings: dict[str, str] = {}
        for column in columns:
            for heading in (column.heading, *column.aliases):
                owner = headings.setdefault(fold_name(heading), column.name)
                if owner != column.name:
                    raise RegistryError(
                        f"{place}: the heading {heading!r} names both {owner} and "
                        f"{column.name}."
                    )
        for part in table.key:
            _known(f"{place}, key", part, [c.name for c in columns])
        tables.append(dataclasses.replace(table, columns=tuple(columns)))
    return _unique("tables.toml", "table", tables)


def _metrics(
    raw: Mapping[str, Any], tables: Mapping[str, Table], derived: Mapping[str, Derived]
) -> dict[str, Metric]:
    for key in raw:
        _known("metrics.toml, key", key, ("metric",))
    entries = _list(raw, "metric", "metrics")
    ids = [str(entry["id"]) for entry in entries if "id" in entry]
    for name in ids:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise RegistryError(
                f"metrics.toml: metric {name}: an id is lower-case letters, digits and "
                "underscores."
            )
        if ids.count(name) > 1:
            raise RegistryError(f"metrics.toml: metric {name!r} stands there twice.")
    raw = {"metric": [_take_remembered(entry, entries) for entry in entries]}
    metrics = []
    for metric in _entries(Metric, raw, "metric", "metrics"):
        place = f"metrics.toml: metric {metric.id}"
        sources = [*tables, *(d.table for d in derived.values())]
        _known(f"{place}, key table", metric.table, dict.fromkeys(sources))
        if metric.table in tables and not tables[metric.table].has_month:
            raise RegistryError(
                f"{place}: the table {metric.table!r} has no month, so nothing of it "
                "can be counted month by month."
            )
        held = (metric.table, "ledger") if metric.is_summed else (metric.table,)
        columns = [c for name in held if name in tables for c in tables[name].counts]
        columns += [d.name for d in derived.values() if d.table in held]
        _known(f"{place}, key numerator", metric.numerator, columns)
        _known(f"{place}, key denominator", metric.denominator, columns)
        _known(f"{place}, key unit", metric.unit, ("share", "per_head"))
        _known(f"{place}, key better", metric.better, ("higher", "lower", "none"))
        for dimension in metric.dimensions:
            _known(f"{place}, key dimensions", dimension, DIMENSIONS)
        window = metric.window and _entry(Window, f"{place}, window", metric.window)
        if window and window.start > window.end:
            raise RegistryError(f"{place}: the window ends before it starts.")
        verified = metric.verified and _entry(
            Verified, f"{place}, verified", metric.verified
        )
        if verified:
            found = [c.name for c in tables["spot_check"].columns]
            _known(f"{place}, verified, key column", verified.column, found)
            bases = ["", "n_members", "n_leaders", "n_members_ordinary"]
            _known(f"{place}, verified, key base", verified.base, bases)
        milestones = tuple(
            _entry(Milestone, f"{place}, milestone {number}", milestone)
            for number, milestone in enumerate(metric.milestones, 1)
        )
        for milestone in milestones:
            if milestone.upper is not None and milestone.upper <= milestone.target:
                raise RegistryError(
                    f"{place}: upper {milestone.upper} does not lie above the target "
                    f"{milestone.target}."
                )
        dues = [m.due for m in milestones]
        if len(dues) > 1 and (None in dues or dues != sorted(dues)):
            raise RegistryError(f"{place}: milestones stand in the order of their due.")
        if metric.remembers and (dues or [None])[-1] is None:
            raise RegistryError(
                f"{place}: {metric.remembers!r} has no due day to be remembered."
            )
        metrics.append(
            dataclasses.replace(
                metric, window=window, verified=verified, milestones=milestones
            )
        )
    return {metric.id: metric for metric in metrics}


def _take_remembered(
    entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A metric as it was written, with what it takes from the one it remembers."""
    name = entry.get("remembers")
    if not name:
        return dict(entry)
    place = f"metrics.toml: metric {entry.get('id')}, key remembers"
    others = {other.get("id"): other for other in entries if other is not entry}
    _known(place, name, others)
    known = {k: v for k, v in others[name].items() if k in REMEMBERED_KEYS}
    return known | dict(entry)


def _calendar(raw: Mapping[str, Any], metrics: Mapping[str, Metric]) -> Calendar:
    for key in raw:
        _known("calendar.toml, key", key, ("campaign", "topic", "round"))
    topics = tuple(_entries(Topic, raw, "topic", "calendar"))
    for topic in topics:
        place = f"calendar.toml: topic {topic.id}"
        _known(f"{place}, key metric", topic.metric, metrics)
        metric = metrics[topic.metric]
        if metric.window is None or metric.due is None:
            raise RegistryError(
                f"{place}: the metric {topic.metric!r} needs a window and a due date."
            )
    rounds = _entries(Window, raw, "round", "calendar")
    for one, following in zip(rounds, rounds[1:], strict=False):
        if not one.start <= one.end < following.start <= following.end:
            raise RegistryError("calendar.toml: rounds follow each other.")
    campaign = {**raw.get("campaign", {}), "topics": list(topics), "rounds": rounds}
    offset = str(campaign.get("timezone", ""))
    if not re.fullmatch(r"[+-]\d\d:\d\d", offset):
        raise RegistryError(
            f"calendar.toml: timezone {offset!r} is not written as +08:00."
        )
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[4:])
    campaign["timezone"] = timezone(sign * timedelta(hours=hours, minutes=minutes))
    calendar = _entry(Calendar, "calendar.toml: campaign", campaign)
    for month in (calendar.start, calendar.end):
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise RegistryError(f"calendar.toml: {month!r} is not written as 2016-04.")
    if not 1 <= calendar.filing_day <= 28:
        raise RegistryError(
            f"calendar.toml: filing_day {calendar.filing_day} is not a day that every "
            "month has (1 to 28)."
        )
    if calendar.rectification_days < 1:
        raise RegistryError(
            f"calendar.toml: rectification_days {calendar.rectification_days} is not "
            "at least 1."
        )
    if calendar.start > calendar.end:
        raise RegistryError("calendar.toml: the campaign ends before it starts.")
    return calendar


def _rules(
    raw: Mapping[str, Any], tables: Mapping[str, Table], derived: Mapping[str, Derived]
) -> tuple[Rule, ...]:
    for key in raw:
        _known("rules.toml, key", key, ("rule",))
    rules = _unique("rules.toml", "rule", _entries(Rule, raw, "rule", "rules"))
    for rule in rules.values():
        place = f"rules.toml: rule {rule.id}"
        _known(f"{place}, key table", rule.table, tables)
        kinds = ("at_most", "at_least", "zero_before", "one_with", "only_with")
        kinds += ("query", "pattern")
        _known(f"{place}, key kind", rule.kind, kinds)
        _known(f"{place}, key severity", rule.severity, SEVERITIES)
        wanted = ("name", "text", "remedy") if rule.is_told else ()
        for word in (*wanted, *(("sentence",) if rule.kind == "pattern" else ())):
            for language in ("zh", "en"):
                if not getattr(rule, f"{word}_{language}"):
                    raise RegistryError(f"{place}: {word}_{language} is missing.")
        columns = [c.name for c in tables[rule.table].columns]
        columns += [d.name for d in derived.values() if d.table == rule.table]
        if rule.kind in ("at_most", "at_least", "one_with", "only_with"):
            _known(f"{place}, key column", rule.column, columns)
            _known(f"{place}, key other", rule.other, columns)
        if rule.kind == "only_with":
            known = tables[rule.table].column(rule.other).words.values()
            for word in rule.words:
                _known(f"{place}, key words", word, known)
        if rule.kind == "zero_before":
            _known(f"{place}, key column", rule.column, columns)
            if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", rule.month):
                raise RegistryError(f"{place}: {rule.month!r} is not a month.")
    return tuple(rules.values())
