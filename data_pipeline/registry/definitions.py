"""What the registry holds once it is read: frozen dataclasses, no file and no check."""

from __future__ import annotations

import calendar as month_calendar
import dataclasses
import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from data_pipeline.words import text
from data_pipeline.words.catalogue import LANGUAGES

# What a branch is on the roll: a figure of totals does not reach these.
ROLL_DIMENSIONS = ("branch_type", "is_weak_base")
PLACES = ("unit", "sector", "supervision_group", "township", "month")
DIMENSIONS = (*PLACES, *ROLL_DIMENSIONS)
# What is judged against its like: a cell of the heatmap.
CELL = ("unit", "sector")
# Places that a table names in a column of a type of their own.
PLACE_TYPES = {"unit": "unit", "sector": "sector", "supervision_group": "group"}
YES_NO: Mapping[str, str] = {
    text("zh", f"wording.{answer}"): answer for answer in ("yes", "no")
}
# The denominator of a count: how many places owe it.
OWED = "n_owed"
# What a count is one of, where it is withheld when it is small.
PERSONS = "persons"
# What pages want a metric for; which one it is stands with the metric.
ROLES = (
    "members_duty",
    "leaders_duty",
    "leaders_speaking",
    "leader_speeches",
    "leader_lectures",
    "grassroots_lectures",
    "grassroots_reach",
    "grassroots_leaders",
    "all_lectures_reach",
    "recorded_grassroots",
    "headline",
    "beside_topics",
    "random_checks",
    "group_duty",
)
# Drafts and what nobody follows any more are offered on no page; they are counted and
# exported all the same, and an address that names one shows it.
METRIC_STATUSES = ("published", "draft", "archived")
SEVERITIES = ("refuse", "fault", "question", "flag")
# Why a place can be talked to or checked; priorities.toml weighs them.
TALK_REASONS = (
    "very_cold",
    "cold",
    "overdue",
    "problems",
    "missing_ledger",
    "flagged",
    "weak",
    "unchecked",
)
# What an inspector can stop at; priorities.toml puts them in order.
INSPECTED = (
    "damaged_file",
    "missing_ledger",
    "late_ledger",
    "problem_overdue",
    "fault",
    "question",
    "flag",
    "unchecked",
    "blank_cells",
)


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


@dataclasses.dataclass(frozen=True, eq=False)
class Measure:
    """A number of a table at the end of a month that adds up over places.

    aggregate: "rows", "sum" of a count column (where a blank cell counts as `blank`,
    if that is given) or distinct "branches". where: by word or yes_no column, the codes
    that count; "" is a blank cell. time: "state" or "cumulative" as of the month's end,
    "in_month", or "to_date": events of a date, or figures of single months, summed up
    to the month's end. clock: month, date or round columns; all of them must have come.
    not_after: date columns that must not lie after another one. silence says what a
    place without a row has: "zero", "zero_since_first" row of the table, or "missing".
    """

    name: str
    table: str
    label_zh: str
    label_en: str
    aggregate: str = "sum"
    column: str = ""
    blank: int | None = None
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    time: str = "state"
    clock: tuple[str, ...] = ()
    not_after: Mapping[str, str] = dataclasses.field(default_factory=dict)
    silence: str = "zero"


@dataclasses.dataclass(frozen=True)
class OwedBy:
    """Who owes a count: each place of a dimension, or each unit of some kinds.

    each: "once", once a "week" that begins in the month, or once a "round" that has
    ended by the month's end.
    """

    place: str
    kinds: tuple[str, ...] = ()
    each: str = "once"


@dataclasses.dataclass(frozen=True)
class Metric:
    """A ratio of two measures, or a count of one per place that owes it.

    unit "share" is shown in per cent, "per_head" and "per_place" as a plain number.
    better says which direction is good. is_ceiling marks a figure that is only an upper
    bound. remembers names the metric whose figure on its due day is kept for good: it
    says what was done in time, whatever was made up for since. status is one of
    METRIC_STATUSES; synonyms are other names by which people ask for it, in Chinese
    and in English. pairs says how two measures meet: in one row of one table, or in
    one place (unit, sector and what categories both have). split_by are categories
    that the denominator lacks: each row carries the whole denominator of its place; a
    metric may name some that both have.
    """

    id: str
    label_zh: str
    label_en: str
    theme: str
    numerator: str
    unit: str
    better: str
    quote: str
    denominator: str = ""
    table: str = "ledger"
    owed_by: OwedBy | None = None
    pairs: str = ""
    verified: Verified | None = None
    window: Window | None = None
    milestones: tuple[Milestone, ...] = ()
    dimensions: tuple[str, ...] = ()
    is_ceiling: bool = False
    remembers: str = ""
    roles: tuple[str, ...] = ()
    status: str = "published"
    synonyms: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""
    split_by: tuple[str, ...] = ()
    # What the registry makes of it: the measures of its sides.
    counted: Measure | None = None
    base: Measure | None = None

    @property
    def is_measured(self) -> bool:
        """Whether it is made of measures, not of columns of a model of its own."""
        return self.counted is not None

    @property
    def is_offered(self) -> bool:
        """Whether pages offer it."""
        return self.status == "published"

    @property
    def has_whole(self) -> bool:
        """Whether its figure over all words of `split_by` says anything.

        Each word of a share has the whole denominator, so that together they come to
        100 % by themselves or to more, where one branch does several things.
        """
        return not (self.split_by and self.unit == "share")

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called, its id first."""
        labels = in_each_language(self, "label")
        return (self.id, *labels, *self.synonyms, *self.synonyms_en)

    @property
    def is_summed(self) -> bool:
        """Whether a side is no column of a ledger, only counted by some of them."""
        return self.table == "ledger_sums"

    @property
    def has_ledger_rows(self) -> bool:
        """Whether ledger rows stand behind it."""
        return self.table in ("ledger", "ledger_sums")

    @property
    def is_filed(self) -> bool:
        """Whether ledgers bring it, so that a unit and sector can be silent on it."""
        return self.has_ledger_rows or self.table == "filing"

    @property
    def remembered_month(self) -> str:
        """Month of the due day whose ledger it keeps; '' where it follows the month.

        >>> load_registry().metrics["topic_2_on_time"].remembered_month
        '2016-08'
        """
        return f"{self.due:%Y-%m}" if self.remembers else ""

    @property
    def is_clustered(self) -> bool:
        """Whether it is a share of what comes several to a branch: heads, lectures.

        They are alike inside a branch, so that many of them prove no more than the
        few branches they are of (`design_effects`).

        >>> metrics = load_registry().metrics
        >>> metrics["leader_attendance"].is_clustered
        True
        >>> metrics["topic_1_coverage"].is_clustered
        False
        """
        is_of_rows = self.table == "ledger" and not self.is_measured
        is_of_branches = self.denominator == "n_branches"
        return is_of_rows and self.unit == "share" and not is_of_branches

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

    words maps what people write to the stored word (of a yes_no, to "yes" and "no"; 是
    and 否 when it has none), words_en that to its English; word_aliases maps what they
    write instead, and no template offers. A cell of type "words" holds
    several, stored as written with 、 between them. within_campaign refuses a date
    outside the campaign; one that may_lie_ahead may come after the file. A branch that
    is_anywhere may be of another unit than the row. only_where names another word
    column and its codes: of other rows the column says nothing, and divides no count.
    A column that is optional may be left out of a file without a warning. counts says
    what a count is one of where that is "persons": small ones are withheld outside the
    office (`rates.Audience`).
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
    words_en: Mapping[str, str] = dataclasses.field(default_factory=dict)
    word_aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    heading_en: str = ""
    max_chars: int = 200
    within_campaign: bool = False
    may_lie_ahead: bool = False
    is_anywhere: bool = False
    only_where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    counts: str = ""

    def heading_in(self, language: str) -> str:
        """The heading that it has in its own table."""
        if language == "zh":
            return self.heading
        named = getattr(self, f"heading_{language}")
        return named or getattr(self, f"definition_{language}").rstrip(".")


@dataclasses.dataclass(frozen=True)
class Table:
    """One table of the lake; `key` is its grain (a later row of a key supersedes).

    It is filed in workbooks unless it is `written_by` a command of that name. `order`
    is its place among the tables. A row without a branch speaks for all branches of its
    `total_of`, columns of the key: those then have no rows of their own.
    """

    name: str
    order: int
    sheet: str
    label_zh: str
    label_en: str
    title_zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    written_by: str = ""
    total_of: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def of_type(self, *types: str) -> tuple[str, ...]:
        """Names of the columns of some types, in their order."""
        return tuple(c.name for c in self.columns if c.type in types)

    @property
    def places(self) -> tuple[str, ...]:
        """Dimensions that its rows reach: by columns of their own, or by the roll."""
        if self.of_type("branch") and not self.branch_anywhere:
            return DIMENSIONS
        own = {place for place, type in PLACE_TYPES.items() if self.of_type(type)}
        own |= {"month"} | ({"supervision_group"} if "unit" in own else set())
        own |= {c.name for c in self.columns if c.name == "township"}
        return tuple(place for place in PLACES if place in own)

    @functools.cached_property
    def categories(self) -> tuple[str, ...]:
        """What its rows are divided by: word columns, and sectors beside their own."""
        named = (*self.of_type("word"), *self.of_type("sector")[1:])
        return tuple(n for n in named if n not in DIMENSIONS)

    @property
    def branch_anywhere(self) -> str:
        """The column of a branch that may be of another unit than the row; else ''."""
        return next((c.name for c in self.columns if c.is_anywhere), "")

    @property
    def counts(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.type == "count")

    @property
    def persons(self) -> tuple[str, ...]:
        """Its counts of persons."""
        return tuple(c.name for c in self.columns if c.counts == PERSONS)

    @property
    def has_month(self) -> bool:
        return "month" in self.key

    @property
    def has_basis(self) -> bool:
        """Whether it has counts that run from the start of the campaign."""
        return any(column.kind == "cumulative" for column in self.columns)


@dataclasses.dataclass(frozen=True)
class Derived:
    """A staging column that SQL computes; with both operands it is a difference.

    `of` names the columns of a ledger row by which it is counted otherwise; of_topic
    marks the numerator of whichever topic the month belongs to.
    """

    name: str
    table: str
    label_zh: str
    label_en: str
    minuend: str = ""
    subtrahend: str = ""
    of: tuple[str, ...] = ()
    of_topic: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of a row that it is made of; none where receipt decides."""
        return self.of or tuple(filter(None, (self.minuend, self.subtrahend)))


@dataclasses.dataclass(frozen=True)
class Rule:
    """What figures may not say, or what makes them doubtful.

    kind at_most / at_least compares `column` with `other` in one row; zero_before
    wants `column` to be 0 before `month`; one_with wants 1 where `other` is filled;
    only_with wants it blank unless `other` is one of `words`, needed_with wants it
    filled then; not_before wants a day not to lie before that of `other`; zero_before
    may be for rows alone whose `other` is one of `words`. query is a file in
    sql/checks/, rows a rule of `credibility` over single rows, pattern one over
    several: these have a name, say in a text
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
    def is_reported(self) -> bool:
        """Whether it stands in what `check` says under its own name."""
        return self.is_of_rows or self.kind == "pattern"

    @property
    def is_of_rows(self) -> bool:
        """Whether `check` says it of each row by itself."""
        return self.kind in ("query", "rows")


@dataclasses.dataclass(frozen=True)
class CascadeLevel:
    """Units that go first together, by their kinds, and what their level is called."""

    label_zh: str
    label_en: str
    kinds: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class CascadeTopic:
    """A topic of the calendar, and the metrics of those who go first and who follow.

    Units have gone first once `led_by` counts anything of them; branches have followed
    by the share that `followed_by` is.
    """

    topic: str
    led_by: str
    followed_by: str


@dataclasses.dataclass(frozen=True)
class Cascade:
    """How a study goes down, level by level, to the branches; the labels are theirs.

    The note says what no table knows of it.
    """

    label_zh: str
    label_en: str
    note_zh: str
    note_en: str
    levels: tuple[CascadeLevel, ...]
    topics: tuple[CascadeTopic, ...]


@dataclasses.dataclass(frozen=True)
class Page:
    """A standard page: its metrics, and the category that they are divided by.

    With a `cascade` it also shows how a study goes down to the branches.
    """

    name: str
    section: str
    icon: str
    title_zh: str
    title_en: str
    metrics: tuple[str, ...]
    split_by: str = ""
    cascade: Cascade | None = None


@dataclasses.dataclass(frozen=True)
class Bulletin:
    """By which rule the monthly circular praises, names and calls level.

    Points are those of a hundred. praise_from: branches or persons that a unit must
    have to be praised; the keys on _most: how many places are named.
    """

    issuer_zh: str
    issuer_en: str
    praise_points: float
    praise_from: int
    praise_most: int
    behind_points: float
    behind_most: int
    cold_most: int
    level_points: float


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why a place may be talked to.

    It is said where its amount reaches the threshold, and puts the place on the list
    where it reaches `lists_from`; without that it is only said beside other reasons.
    """

    id: str
    weight: int
    threshold: float = 1
    lists_from: float | None = None


@dataclasses.dataclass(frozen=True)
class Talks:
    """How talks are proposed: reasons by weight, places of a group on the list."""

    most: int = 10
    reasons: tuple[Reason, ...] = ()


class Place:
    """What has a code, a name in each language and aliases."""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called, its code first."""
        return (self.code, *in_each_language(self, "name"), *self.aliases)


@dataclasses.dataclass(frozen=True)
class Unit(Place):
    code: str
    name_zh: str
    name_en: str
    group: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Sector(Place):
    code: str
    name_zh: str
    name_en: str
    short_zh: str = ""
    short_en: str = ""
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Group(Place):
    """A supervision group; 0 supervisors: nobody has said how many there are."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()
    n_supervisors: int = 0


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

    def n_owed(self, each: str, month: str) -> int:
        """How often what is owed once, each "week" or each "round" is owed by a month.

        A week belongs to the month in which it begins, a round to all months from the
        one in which it ends.

        >>> calendar = load_registry().calendar
        >>> [calendar.n_owed("week", month) for month in ("2016-05", "2016-08")]
        [5, 5]
        >>> [calendar.n_owed("round", month) for month in ("2016-05", "2016-11")]
        [1, 4]
        """
        last = month_end(month)
        if each == "week":
            days = (last.replace(day=day) for day in range(1, last.day + 1))
            return sum(day.weekday() == 0 for day in days)
        if each == "round":
            return sum(one.end <= last for one in self.rounds)
        return 1

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
    bulletin: Bulletin
    rules: tuple[Rule, ...]
    pages: tuple[Page, ...] = ()
    inspection: tuple[str, ...] = ()
    talks: Talks = Talks()
    confusable: tuple[str, ...] = ()
    owed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    later_sheets: tuple[str, ...] = ()
    handed_out_sheets: tuple[str, ...] = ()
    explanation_words: tuple[str, ...] = ()
    serial_headings: tuple[str, ...] = ()

    @property
    def lake_tables(self) -> Mapping[str, Table]:
        """What lies in the lake: tables that come in, and those a command writes."""
        return {**self.tables, **self.stored}

    @functools.cached_property
    def categories(self) -> tuple[str, ...]:
        """Word columns by which some metric can be divided, each name once."""
        named = (d for m in self.metrics.values() for d in m.dimensions)
        return tuple(dict.fromkeys(d for d in named if d not in DIMENSIONS))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that some metric has."""
        return (*DIMENSIONS, *self.categories)

    def with_role(self, role: str) -> tuple[Metric, ...]:
        """The metrics of a role, in their order.

        >>> [metric.id for metric in load_registry().with_role("members_duty")]
        ['member_speaking']
        """
        return tuple(
            m for m in self.metrics.values() if role in m.roles and m.is_offered
        )

    def role(self, role: str) -> Metric | None:
        """The first metric of a role; None where the registry has none."""
        return next(iter(self.with_role(role)), None)

    def measure(self, name: str) -> Measure | None:
        """The measure of that name, whichever table it is of."""
        for table in self.lake_tables.values():
            for measure in table.measures:
                if measure.name == name:
                    return measure
        return None

    def persons_of(self, metric: Metric) -> tuple[str, ...]:
        """Which sides of a metric count persons: numerator, denominator, both, none.

        >>> registry = load_registry()
        >>> registry.persons_of(registry.metrics["lectures_per_leader"])
        ('n_leaders',)
        """
        sides = dict.fromkeys((metric.numerator, metric.denominator))
        return tuple(s for s in sides if self.counts_persons(s, metric.table))

    def counts_persons(self, side: str, table: str = "") -> bool:
        """Whether a count, filed or made of others, is one of persons.

        Of a table; by default of any that has a count of this name.
        """
        key = side, table
        if key not in self._are_persons:
            self._are_persons[key] = self._counts_persons(side, table)
        return self._are_persons[key]

    @functools.cached_property
    def _are_persons(self) -> dict[tuple[str, str], bool]:
        """What `counts_persons` has found: every read of a rate asks it."""
        return {}

    def _counts_persons(self, side: str, table: str) -> bool:
        if measure := self.measure(side):
            return measure.column in self.tables[measure.table].persons
        if derived := self.derived.get(side):
            return self.counts_persons(derived.minuend, table)
        found = [self.tables[table]] if table in self.tables else []
        tables = found if table else self.lake_tables.values()
        return any(side in one.persons for one in tables)

    def grows(self, metric: Metric, side: str) -> bool:
        """Whether a side of a metric adds up from one month to the next."""
        if measure := self.measure(side):
            return measure.time in ("cumulative", "to_date")
        table = self.tables.get(metric.table)
        return bool(table) and any(
            c.name == side and c.kind == "cumulative" for c in table.columns
        )

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

    def find_metric(self, name: str) -> str | None:
        """Id of a metric by its id, label or a synonym.

        >>> load_registry().find_metric("Topic 1 coverage")
        'topic_1_coverage'
        """
        if name in self.metrics:
            return name
        return _metric_index(self).get(fold_name(name))

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
        if column == OWED:
            return self.owed[language]
        if named := self.derived.get(column) or self.measure(column):
            return getattr(named, f"label_{language}")
        for table in self.lake_tables.values():
            for entry in table.columns:
                if entry.name == column:
                    return entry.heading_in(language)
        raise KeyError(column)

    def rule(self, id: str) -> Rule:
        """The rule of that id; a part over its whole is one rule, whatever the pair.

        >>> load_registry().rule("grassroots_within_lectures").id
        'part_over_whole'
        """
        found = self._rules[id]
        return found if found.is_reported else self.rule("part_over_whole")

    @functools.cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

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
        return self.named_places.get(dimension, {}).get(code)

    @property
    def named_places(self) -> Mapping[str, Mapping[str, Unit | Sector | Group]]:
        """By dimension, what has a name in the registry, by code."""
        return {
            "unit": self.units,
            "sector": self.sectors,
            "supervision_group": self.groups,
        }

    def words(self, dimension: str) -> Mapping[str, str]:
        """What people write for each value of a word column, to its code.

        >>> load_registry().words("is_weak_base")
        {'是': 'yes', '否': 'no'}
        """
        if dimension in ROLL_DIMENSIONS:
            return self.tables["roll"].column(dimension).words or YES_NO
        if self._is_of_sectors(dimension):
            return {sector.name_zh: code for code, sector in self.sectors.items()}
        columns = self._columns(dimension)
        return {word: code for c in columns for word, code in c.words.items()}

    def word(self, dimension: str, code: str, language: str = "zh") -> str:
        """What people call a value of a word column.

        >>> load_registry().word("branch_type", "retired", "zh")
        '离退休'
        >>> load_registry().word("branch_type", "retired", "en")
        'retired'

        What is no code stays as it is:

        >>> load_registry().word("source", "2016-07_台账.xlsx", "en")
        '2016-07_台账.xlsx'
        """
        if self._is_of_sectors(dimension):
            place = self.sectors.get(code)
            return getattr(place, f"name_{language}") if place else code
        words = {code: word for word, code in self.words(dimension).items()}
        if language == "zh" or code not in words:
            return words.get(code, code)
        for column in self._columns(dimension):
            translated = getattr(column, f"words_{language}")
            if code in translated:
                return translated[code]
        return code.replace("_", " ")

    def _is_of_sectors(self, name: str) -> bool:
        return any(column.type == "sector" for column in self._columns(name))

    def _columns(self, name: str) -> Sequence[Column]:
        return self._columns_by_name.get(name, ())

    @functools.cached_property
    def _columns_by_name(self) -> Mapping[str, Sequence[Column]]:
        named: dict[str, list[Column]] = {}
        for table in self.lake_tables.values():
            for column in table.columns:
                named.setdefault(column.name, []).append(column)
        return named

    def resolve(self, dimension: str, text: str) -> str | None:
        """Code of a place, or of a value of the roll, from code, name or alias.

        >>> load_registry().resolve("unit", "福州市 长乐市")
        '350112'
        """
        if dimension in self.categories and self._is_of_sectors(dimension):
            dimension = "sector"
        if dimension in ROLL_DIMENSIONS or dimension in self.categories:
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


def in_each_language(of: Any, name: str) -> tuple[str, ...]:
    """The text `name` of an entry, e.g. its label, in every language.

    >>> from data_pipeline.registry import load_registry
    >>> in_each_language(load_registry().units["350104"], "name")
    ('仓山区', 'Cangshan')
    """
    return tuple(getattr(of, f"{name}_{language}") for language in LANGUAGES)


def fold_name(text: str) -> str:
    """The form in which names are compared: one width, no space, no middle dot.

    >>> fold_name(" 市属高校 · 学校")
    '市属高校学校'
    """
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s·•・‧\u200b\ufeff]", "", folded).upper()


@functools.cache
def _metric_index(registry: Registry) -> dict[str, str]:
    metrics = registry.metrics.values()
    return {fold_name(name): metric.id for metric in metrics for name in metric.names}


@functools.cache
def _name_index(registry: Registry, dimension: str) -> dict[str, str]:
    index = {}
    for place in registry.named_places[dimension].values():
        for name in place.names:
            index[fold_name(name)] = place.code
    return index
