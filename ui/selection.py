"""What the reader has chosen: read from the URL, written to the URL, nowhere else.

The address is the state: `?metric=topic_1_coverage&month=2016-07&unit=350181&lang=zh`.
Codes are stable and the same in both languages, so a pasted link shows the same screen
on any server. A value that is not known falls back and the page says so.

Two things shape this module. A page ignores some choices that the next one takes up
again, so the last choices are also remembered in the session: the menu carries them,
and an address without any choice takes them. And a widget shows what the browser
remembers of it, or else its default. Its default is therefore what the URL says, and
what is remembered otherwise is set to that, so that every way to a page moves its
widgets too. session_state stands only here.
"""

from __future__ import annotations

import contextvars
import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data_pipeline.rates import BASES
from data_pipeline.registry import ROLL_DIMENSIONS, Metric, Registry, load_registry
from reports.words import catalogue, wording
from ui import address, filters, marts, roles
from ui.components.chips import draw_chips
from ui.components.panels import draw_heads
from ui.filters import FILTERS, SINCE
from ui.menu import LEVELS, MENU, Entry, pages, streamlit_page

COMPARISONS = ("city", "target", "previous")
CHOICES = ("metric", "month", "basis", "compare", *LEVELS, *FILTERS, "lang")
# What the menu carries to another page; a township or branch belongs to its page.
CARRIED = tuple(name for name in CHOICES if name not in ("township", "branch"))
# What a page may ignore: then its figures are not of it, nor its trail and address.
NARROWING = (*LEVELS, *FILTERS)
# The filters that keep kinds: of branches by the roll, of checks.
_KINDS = tuple(name for name in filters.COLUMN_OF if name != "units")
MAX_CHARS = 60
MOST_NAMED = 3
MOST_BESIDE_SECTORS = 3  # controls of a row that has room for all sectors side by side
TICKED = "1"
# What an address need not say.
_DEFAULTS = {"basis": BASES[0], "compare": COMPARISONS[0]}
_KEPT = "selection:kept"
_MISSING = "selection:missing"
_PAGE = "selection:page"
_CHOSEN = "selection:chosen"
_MOST_BEHIND = 20
_SHOWN = "selection:shown"
_OVERRULED = "selection:overruled"
# What of the address a page shows otherwise, by the name of the choice: in this run.
_replaced: contextvars.ContextVar[dict[str, str | None] | None] = (
    contextvars.ContextVar("replaced", default=None)
)
# Whether this run has drawn its row of chips, and what would show more again.
_has_chips: contextvars.ContextVar[bool] = contextvars.ContextVar(
    "has_chips", default=False
)
_has_wider: contextvars.ContextVar[bool] = contextvars.ContextVar(
    "has_wider", default=False
)


@dataclasses.dataclass(frozen=True)
class Selection:
    """The choices of one screen, as codes of the registry.

    None of group, unit, sector, township and branch means all of them. `units` and
    `kinds` (codes by filter) keep some units, kinds of branches and, in lists, checks
    of some ways of choosing; none keeps all. `since` is the first month of what is
    shown by month. `extra` holds a page's own choices (`choose_word`); `faults` are
    sentences about what did not hold. Where it `is_newest`, nobody has chosen a month:
    no address names it.
    """

    metric: str
    month: str
    basis: str = BASES[0]
    compare: str = COMPARISONS[0]
    group: str | None = None
    unit: str | None = None
    sector: str | None = None
    township: str | None = None
    branch: str | None = None
    units: tuple[str, ...] = ()
    kinds: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    since: str | None = None
    lang: str = "zh"
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    faults: tuple[str, ...] = ()
    is_newest: bool = False

    def __hash__(self) -> int:
        """By what mostly differs: the filters are mappings, which have no hash."""
        return hash((self.metric, self.month, self.unit, self.sector, self.lang))

    def text(self, key: str, **values: Any) -> str:
        """A text of reports/words in the reader's language."""
        return catalogue.text(self.lang, key, **values)

    def name(self, dimension: str, code: str | None, *, is_short: bool = False) -> str:
        """What people call a unit, sector, supervision_group, township or month."""
        registry = load_registry()
        return wording.place_name(
            registry, dimension, code, self.lang, is_short=is_short
        )

    @property
    def chosen_metric(self) -> Metric:
        return load_registry().metrics[self.metric]

    @property
    def where(self) -> dict[str, tuple[str, ...]]:
        """The place and the filter as `rates.read_rates` takes them."""
        chosen = {
            "unit": self.unit,
            "sector": self.sector,
            "township": self.township,
        }
        place = {dimension: (code,) for dimension, code in chosen.items() if code}
        return self.within | place

    @property
    def within(self) -> dict[str, tuple[str, ...]]:
        """The filter alone: group, units and kinds, whatever place is chosen."""
        group = {"supervision_group": (self.group,)} if self.group else {}
        units = {"unit": self.units} if self.units else {}
        return group | units | self.alike

    @property
    def alike(self) -> dict[str, tuple[str, ...]]:
        """The kinds of branches: what the city is filtered by that places stand beside.

        Joint branches of a county are compared with the joint branches of the city.
        """
        return {d: self.kinds[d] for d in ROLL_DIMENSIONS if d in self.kinds}

    @property
    def place(self) -> str:
        """The place in words, '福清市 · 农村'; kinds of branches behind it."""
        names = [name for _, name in self.levels] or [self.text("selection.city")]
        return " · ".join((*names, *self.kind_names))

    @property
    def kind_names(self) -> tuple[str, ...]:
        """Each kind of branches that is kept, as '支部类型：联合、流动'."""
        return tuple(map(self.kept_text, self.alike))

    def kept_text(self, name: str) -> str:
        """What is kept of a filter by kinds, in words."""
        label = filters.label_of(load_registry(), name, self.lang)
        names = self.join_names(name, self.kinds[name])
        return self.text("selection.kept", label=label, names=names)

    @property
    def filter_name(self) -> str:
        """What all places of the filter together are called, '' for the whole city."""
        chosen = [name for choice, name in self.levels if choice in ("group", "units")]
        chosen = chosen or [self.text("selection.city")] * bool(self.alike)
        return " · ".join((*chosen, *self.kind_names))

    @property
    def _unit_names(self) -> str:
        """The kept units, of many the first two and how many there are."""
        n = len(self.units)
        if n <= MOST_NAMED:
            return self.join_names("units", self.units)
        first = self.join_names("units", self.units[: MOST_NAMED - 1])
        return self.text("selection.several_units", names=first, n=n)

    def join_names(self, name: str, codes: Sequence[str]) -> str:
        """What several codes of a filter are called, as one text."""
        about = (load_registry(), name)
        names = [filters.name_of(*about, code, self.lang) for code in codes]
        return wording.join(names, self.lang)

    def course(self, months: Sequence[str]) -> tuple[str, ...]:
        """Those of `months` that a page shows: up to the chosen month, from `since`."""
        return tuple(m for m in months if (self.since or "") <= m <= self.month)

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """(choice, name) of each chosen level below the city, from the top down."""
        dimensions = {"group": "supervision_group"}
        named = [
            (choice, self.name(dimensions.get(choice, choice), code))
            for choice in LEVELS
            if (code := getattr(self, choice))
        ]
        if self.units and not self.unit:
            named.insert(bool(self.group), ("units", self._unit_names))
        return tuple(named)

    def change(self, **changes: Any) -> Selection:
        """These choices with some changed; levels below a changed one are forgotten.

        >>> here = Selection("topic_1_coverage", "2016-07", unit="350181", sector="soe")
        >>> here.change(unit="350112").sector is None
        False
        >>> here.change(township="城关镇").change(unit="350112").township is None
        True
        >>> here.change(group="G1").unit is None
        True
        """
        kinds = dict(self.kinds)
        for name in changes.keys() & set(_KINDS):
            kinds[name] = filters.split(changes.pop(name))
        kinds = {name: codes for name, codes in kinds.items() if codes}
        if isinstance(changes.get("units", ()), str | None):
            changes["units"] = filters.split(changes["units"])
        extra = dict(self.extra)
        for key in [key for key in changes if key not in CHOICES]:
            value = changes.pop(key)
            extra.pop(key, None)
            if value is not None:
                extra[key] = value
        # A sector is no part of a unit: the same sector of another unit makes sense.
        below = {"unit": ("township", "branch"), "group": ("township", "branch")}
        below |= {"sector": ("branch",), "township": ("branch",)}
        for changed in list(changes):
            for level in below.get(changed, ()):
                changes.setdefault(level, None)
        if "month" in changes:
            changes["is_newest"] = False
        changes = self._agree(changes)
        return dataclasses.replace(self, **changes, kinds=kinds, extra=extra, faults=())

    def _agree(self, changes: dict[str, Any]) -> dict[str, Any]:
        """The changes and what they rule out of group, units, unit and `since`.

        A unit of another group, or outside the chosen units, would be no place at all:
        what has been chosen last stays.
        """
        names = ("group", "unit", "units", SINCE, "month")
        now = {name: changes.get(name, getattr(self, name)) for name in names}
        group, unit, units = now["group"], now["unit"], now["units"]
        if not _owns(group, unit) and changes.get("group"):
            unit = None
        elif not _owns(group, unit):
            group = None
        units = _inside(units, group)
        if units and unit and unit not in units and changes.get("units"):
            unit = None
        elif units and unit and unit not in units:
            units = ()
        agreed = {"group": group, "unit": unit, "units": units}
        if now["unit"] and not unit:
            agreed |= {"township": None, "branch": None}
        if now[SINCE] and now[SINCE] > now["month"]:
            agreed[SINCE] = None
        return changes | agreed

    def code(self, choice: str) -> str | None:
        """A choice as an address has it, several codes by comma; None without one."""
        if choice in _KINDS:
            return ",".join(self.kinds.get(choice, ())) or None
        value = getattr(self, choice)
        return ",".join(value) or None if isinstance(value, tuple) else value

    def query(self, **changes: str | None) -> dict[str, str]:
        """The parameters of the address of these choices, in a fixed order."""
        chosen = self.change(**changes) if changes else self
        query = {key: chosen.code(key) for key in CHOICES} | dict(chosen.extra)
        if chosen.is_newest:
            del query["month"]
        return {k: v for k, v in query.items() if v and v != _DEFAULTS.get(k)}

    def link(self, page: str, **changes: str | None) -> str:
        """The address of `page` with these choices, for tables and texts."""
        return _link(self.alone, load_registry(), page, tuple(changes.items()))

    def open_link(self, page: str, **changes: str | None) -> str:
        """As `link`; '' where the page is closed to who reads."""
        return self.link(page, **changes) if roles.reader().may_open(page) else ""

    def carried(self, **changes: str | None) -> dict[str, str]:
        """The query for another page: a page's own choices stay behind."""
        return self.alone.query(**changes)

    @functools.cached_property
    def alone(self) -> Selection:
        """These choices without those of the page, for its hundreds of links."""
        return dataclasses.replace(self, extra={})


# A page holds up to three hundred links, and its next run the same ones.
@functools.lru_cache(maxsize=20_000)
def _link(
    choice: Selection,
    registry: Registry,  # noqa: ARG001 (whose units a change agrees with)
    page: str,
    changes: tuple[tuple[str, str | None], ...],
) -> str:
    return f"{pages()[page].address}?{urlencode(choice.query(**dict(changes)))}"


def read(
    parameters: Mapping[str, str],
    registry: Registry,
    months: Sequence[str],
    language: str = "zh",
) -> Selection:
    """Choices from the parameters of an address; what does not hold is a fault.

    Parameters
    ----------
    parameters
        Query parameters as they came: anything may stand there. Units, sectors and
        groups may also be given by name or alias.
    months
        Months with data, first to last; the last is the default, and the topic that
        the shown month is about the default metric.
    language
        Used where the address names none.
    """
    given = parameters.get("lang", language)
    lang = given if given in catalogue.LANGUAGES else language
    reading = _Reading(name_units(parameters, registry), registry, months, lang)
    if lang != given:
        reading.fall_back("lang", given, catalogue.LANGUAGES[lang])
    metric = reading.metric()
    month = reading.month()
    basis = reading.one_of("basis", _words("basis", BASES, lang))
    compare = reading.one_of("compare", _words("compare", COMPARISONS, lang))
    group = reading.place("group", "supervision_group", "all_groups")
    unit = reading.place("unit", "unit", "city")
    sector = reading.place("sector", "sector", "overall")
    group = reading.group_beside(unit, group)
    several = {name: reading.several(name) for name in filters.COLUMN_OF}
    units = reading.units_beside(unit, group, several.pop("units"))
    since = reading.since(month)
    return Selection(
        metric=metric,
        month=month,
        basis=basis,
        compare=compare,
        group=group,
        unit=unit,
        sector=sector,
        township=reading.within_unit("township", unit),
        branch=reading.within_unit("branch", unit),
        units=units,
        kinds={name: codes for name, codes in several.items() if codes},
        since=since,
        lang=lang,
        extra={
            key: value[:MAX_CHARS]
            for key, value in reading.parameters.items()
            if key not in CHOICES
        },
        faults=tuple(reading.faults),
    )


@dataclasses.dataclass(frozen=True)
class _Reading:
    """Parameters of an address held against what there is, choice by choice.

    `faults` are the sentences about what did not hold, in the order it was asked for.
    """

    parameters: Mapping[str, str]
    registry: Registry
    months: Sequence[str]
    lang: str
    faults: list[str] = dataclasses.field(default_factory=list)

    def fall_back(
        self, choice: str, value: str, used: str, fault: str = "unknown"
    ) -> None:
        """Say that a value does not hold, and what is shown in its place."""
        label = filters.label_of(self.registry, choice, self.lang)
        value = catalogue.plain(value[:MAX_CHARS])
        self._say(fault, choice=label, value=value, used=used)

    def one_of(self, choice: str, options: Mapping[str, str], default: str = "") -> str:
        """A code of `options` (code to name), by default the first."""
        default = default or next(iter(options))
        value = self.parameters.get(choice, default)
        if value in options:
            return value
        is_month = choice == "month" and value in self.registry.calendar.months
        fault = "no_month" if is_month else "unknown"
        self.fall_back(choice, value, options[default], fault)
        return default

    def metric(self) -> str:
        """By default the topic that the shown month is about."""
        metrics = {
            metric.id: wording.in_language(metric, "label", self.lang)
            for metric in self.registry.metrics.values()
        }
        found = self.registry.find_metric(self.parameters.get("metric", ""))
        if found:
            return found
        shown = self.parameters.get("month", "")
        month = shown if shown in self.months else self.months[-1]
        return self.one_of("metric", metrics, self.registry.topic_of(month).id)

    def month(self) -> str:
        named = {month: wording.month_name(month, self.lang) for month in self.months}
        return self.one_of("month", named, self.months[-1])

    def place(self, choice: str, dimension: str, everything: str) -> str | None:
        """A place by code, name or alias; None stands for `everything`."""
        value = self.parameters.get(choice)
        code = self.registry.resolve(dimension, value) if value else None
        if value and code is None:
            self.fall_back(choice, value, self._text(everything))
        return code

    def group_beside(self, unit: str | None, group: str | None) -> str | None:
        """The group, unless the chosen unit belongs to another one."""
        if _owns(group, unit):
            return group
        named = (("group", "supervision_group", group), ("unit", "unit", unit))
        names = {
            choice: catalogue.plain(
                wording.place_name(self.registry, dimension, code, self.lang)
            )
            for choice, dimension, code in named
        }
        self._say("other_group", **names)
        return None

    def several(self, choice: str) -> tuple[str, ...]:
        """The known codes of a filter; each other value is left out."""
        return filters.take_codes(
            self.registry,
            choice,
            self.parameters.get(choice, ""),
            lambda value: self.fall_back(choice, value, "", "left_out"),
        )

    def units_beside(
        self, unit: str | None, group: str | None, units: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Of several units those of the group; none where one is chosen outside."""
        left = _inside(units, group)
        if unit and unit not in left:
            left = ()
        if left != units:
            names = [
                wording.place_name(self.registry, "unit", code, self.lang)
                for code in left
            ]
            used = wording.join(names or [self._text("all_units")], self.lang)
            self.fall_back("units", self.parameters["units"], used, "no_place")
        return left

    def since(self, month: str) -> str | None:
        """The first month of what is shown by month; none after the chosen one."""
        value = self.parameters.get(SINCE) or None
        if value and (value not in self.months or value > month):
            is_later = value in self.registry.calendar.months and value > month
            fault = "after_month" if is_later else "unknown"
            self.fall_back(SINCE, value, self._text("from_the_start"), fault)
            return None
        return value

    def within_unit(self, choice: str, unit: str | None) -> str | None:
        """A township or branch, which has no name without its unit."""
        value = self.parameters.get(choice, "")[:MAX_CHARS]
        if value and unit is None:
            self.fall_back(choice, value, "", "needs_unit")
        return value if value and unit else None

    def _text(self, key: str) -> str:
        return catalogue.text(self.lang, f"selection.{key}")

    def _say(self, fault: str, **values: str) -> None:
        sentence = catalogue.text(self.lang, f"selection.fault.{fault}", **values)
        self.faults.append(sentence)


def _owns(group: str | None, unit: str | None) -> bool:
    """False where a unit belongs to another group than the chosen one."""
    return not (group and unit) or load_registry().units[unit].group == group


def _inside(units: Sequence[str], group: str | None) -> tuple[str, ...]:
    """Those of `units` that a group supervises; all of them where none is chosen."""
    return tuple(unit for unit in units if _owns(group, unit))


def name_units(parameters: Mapping[str, str], registry: Registry) -> Mapping[str, str]:
    """Several units given as `unit=350102,350104`, as `--where` has them, are a filter.

    A name may hold a comma itself.
    """
    value = parameters.get("unit", "")
    if registry.resolve("unit", value) or len(filters.split(value)) < 2:
        return parameters
    kept = {key: v for key, v in parameters.items() if key != "unit"}
    return {"units": value} | kept


def requested() -> Selection:
    """What the address of this run asks for, whatever page it is for."""
    parameters = st.query_params.to_dict()
    kept = st.session_state.get(_KEPT, {})
    language = kept.get("lang", "zh")
    if not any(key in parameters for key in CHOICES):
        parameters = {**kept, **parameters}
    parameters = _with_unit_of_branch(parameters)
    return _read(tuple(parameters.items()), load_registry(), months(), language)


# A run asks a dozen times, and most runs what another one has asked.
@functools.lru_cache(maxsize=2_000)
def _read(parameters: tuple[tuple[str, str], ...], *given: Any) -> Selection:
    return read(dict(parameters), *given)


def _with_unit_of_branch(parameters: dict[str, str]) -> dict[str, str]:
    """A link that says the branch alone means the unit that the roll says, too."""
    branch = parameters.get("branch")
    if not branch or "unit" in parameters or marts.current() is None:
        return parameters
    roll = marts.ask_roll()
    units = roll.loc[roll["branch"] == branch, "unit"]
    return {**parameters, "unit": units.iloc[0]} if len(units) else parameters


def language() -> str:
    """The reader's language, whatever else the address holds and whether it is read."""
    kept = st.session_state.get(_KEPT, {}).get("lang")
    given = st.query_params.get("lang", kept)
    return given if given in catalogue.LANGUAGES else next(iter(catalogue.LANGUAGES))


def missing_page(name: str) -> str:
    """The name without a page that a link of this session last led to, or ''."""
    if name:
        st.session_state[_MISSING] = name
    return st.session_state.get(_MISSING, "")


def current() -> Selection:
    """The choices of this run, without the levels that its page's figures are not of.

    A page that shows the whole city must not say a county in its trail, its links or
    its files, only because the reader came from there.
    """
    page = st.session_state.get(_PAGE)
    chosen = requested()
    if page is None:
        return chosen
    entry = pages()[page or MENU[0].name]
    ignored = [name for name in NARROWING if name not in entry.narrowed_by]
    if not roles.reader().may("see_rows"):
        ignored.append("branch")
    if entry.is_wall and "month" not in st.query_params:
        chosen = dataclasses.replace(chosen, month=months()[-1], is_newest=True)
    return _without(chosen, load_registry(), tuple(ignored))


# A run asks half a dozen times.
@functools.lru_cache(maxsize=2_000)
def _without(
    chosen: Selection,
    registry: Registry,  # noqa: ARG001 (whose units a change agrees with)
    ignored: tuple[str, ...],
) -> Selection:
    """The choices without some; what did not hold is said all the same."""
    left = chosen.change(**dict.fromkeys(ignored))
    return dataclasses.replace(left, faults=chosen.faults)


def remember(choice: Selection, page: str) -> None:
    """Keep for the session what the menu carries, and whose widgets are drawn.

    `choice` is from `requested`: what this page ignores is kept for the next one.
    """
    st.session_state[_PAGE] = page
    chosen = st.session_state.pop(_CHOSEN, None)
    if chosen and chosen["is_of_this_run"]:
        st.session_state[_CHOSEN] = chosen | {"is_of_this_run": False}
    _replaced.set({})
    _has_chips.set(False)
    _has_wider.set(False)
    query = choice.query()
    ignored = set(NARROWING).difference(pages()[page or MENU[0].name].narrowed_by)
    kept = {k: v for k, v in st.session_state.get(_KEPT, {}).items() if k in ignored}
    kept |= {key: query[key] for key in CARRIED if key in query}
    if not _owns(kept.get("group"), kept.get("unit")):
        del kept["unit" if "group" in query else "group"]
    units = filters.split(kept.get("units"))
    if units and kept.get("unit") not in (None, *units):
        del kept["unit" if "units" in query else "units"]
    st.session_state[_KEPT] = kept


def carried() -> str:
    """The query that the menu takes along: also what this page ignores."""
    kept = st.session_state.get(_KEPT, {})
    return urlencode({key: kept[key] for key in CARRIED if key in kept})


def address_now() -> tuple[str, str]:
    """The page that is drawn and a query that shows the same whatever is filed later.

    The month stands in it also where nobody has chosen one.
    """
    query = dataclasses.replace(current(), is_newest=False).query()
    return current_page(), urlencode(query)


def settle() -> tuple[str, str, list[str], str]:
    """The page that was drawn and what its address must say.

    Returns
    -------
    The name of the page, the query of its address, those that it may say so far, and
    the one that the menu carries on. A link that holds is left as it was written; what
    the page has shown otherwise than requested is put right, and remembered so.
    """
    query, replaced = current().query(), _replaced.get() or {}
    shown = {k: v for k, v in (query | replaced).items() if v}
    kept = st.session_state.setdefault(_KEPT, {})
    for key in replaced.keys() & set(CARRIED):
        kept.pop(key, None)
    kept |= {key: shown[key] for key in CARRIED if key in shown}
    said = st.query_params.to_dict()
    # The head of the page fills a bare address in: the browser may do that after this.
    until_now = [] if said else [""]
    if not any(key in said for key in CHOICES):
        said = query
    until_now.append(urlencode(said))
    settled = {}
    for key, value in name_units(said, load_registry()).items():
        is_choice = key in CHOICES or key in replaced
        now = shown.get(key, _DEFAULTS.get(key)) if is_choice else value
        if now:
            settled[key] = value if _means(key, value) == now else now
    # Of an address of which nothing holds all is said that is on the screen.
    page, query = st.session_state.get(_PAGE, ""), urlencode(settled or shown)
    return page, query, until_now, carried()


def _means(key: str, value: str) -> str | None:
    """The code of a value of an address: places may be given by name or alias."""
    dimension = {"group": "supervision_group"}.get(key, key)
    if key in ("group", "unit", "sector"):
        return load_registry().resolve(dimension, value)
    if key in filters.COLUMN_OF:
        codes = (
            filters.resolve(load_registry(), key, part) or ""
            for part in filters.split(value)
        )
        return ",".join(codes)
    return value


def _show_instead(name: str, value: str | None) -> None:
    """Note that the page shows another value of a choice than its address asks for."""
    replaced = _replaced.get()
    if replaced is not None:
        replaced[name] = value


def months() -> tuple[str, ...]:
    """Months with data; before the first build those of the campaign."""
    opened = marts.current()
    return (opened and opened.months) or load_registry().calendar.months


def go(choice: Selection, page: str, **changes: str | None) -> None:
    """Turn to `page` with these choices, which ends the run, or stay if it shows them.

    Turning to where one is moves nothing, and what is drawn later would be missing.
    """
    if page == current_page() and choice.carried(**changes) == choice.query():
        return
    address.visit(choice.link(page, **changes))


def current_page() -> str:
    """The name of the page that is drawn."""
    return st.session_state.get(_PAGE) or MENU[0].name


def _target(entry: Entry) -> Any:
    """What Streamlit finds a page by: a script that several share names none."""
    if entry.standard is None:
        return entry.path
    return streamlit_page(entry.path, title=entry.name, url_path=entry.name)


def clicked(start: str) -> list[str]:
    """Keys of the buttons that this run answers and whose name begins with `start`.

    Also of one that this run does not draw any more.
    """
    pressed = (str(key) for key, value in st.session_state.items() if value is True)
    return [key for key in pressed if key.startswith(start)]


def linked(words: str, to: str) -> str:
    """Words of markdown that lead to an address, themselves where it is ''."""
    return f"[{words}]({to})" if to else words


def anchor(words: str, to: str) -> str:
    """The same as HTML, of words that are letters alone."""
    said = catalogue.letters(words)
    return f'<a href="{escape(to)}">{said}</a>' if to else said


def page_link(
    choice: Selection, page: str, label: str, *, icon: str = "", **changes: str | None
) -> None:
    """Draw a link to another page with these choices, for whom it is open."""
    if not roles.reader().may_open(page):
        return
    st.page_link(
        _target(pages()[page]),
        label=catalogue.plain(label),
        icon=icon,
        help="",
        query_params=choice.carried(**changes),
    )


def breadcrumb(choice: Selection, page: str) -> None:
    """Draw 全市 › 福清市 › 农村 › …: each level leads back to itself on `page`."""
    levels = (("", choice.text("selection.city")), *choice.levels)
    steps = []
    for depth, (_, name) in enumerate(levels, 1):
        left_out = dict.fromkeys(level for level, _ in levels[depth:])
        query = urlencode(choice.query(**left_out))
        steps.append((name, f"{pages()[page].address}?{query}"))
    address.draw_trail(choice.text("selection.trail"), steps)


def keep_to(choice: Selection, metrics: Sequence[str]) -> Selection:
    """The choice with one of `metrics`: for what a page asks before `choose`.

    In the place of any other stands the topic of the month, or the first of these.
    """
    if choice.metric in metrics:
        return choice
    offered = _offered(metrics)
    now = load_registry().topic_of(choice.month).id
    choice = dataclasses.replace(choice, metric=now if now in offered else offered[0])
    _show_instead("metric", choice.metric)
    return choice


def _offered(metrics: Iterable[str]) -> list[str]:
    known = load_registry().metrics
    return [name for name in metrics if known[name].is_offered]


def choose(
    choice: Selection,
    *widgets: str,
    metrics: Iterable[str] | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Selection:
    """Draw the row of widgets of a page and return what is chosen.

    Parameters
    ----------
    widgets
        Any of metric, month, basis, compare, group, unit, sector, township, branch.
    metrics
        Metrics that the page can show, default all, as `keep_to` takes them.
    options
        The townships or branches to choose from (codes as in the marts), and any
        narrower list for the other choices. A township or branch that is not among
        them is dropped with a sentence on the screen.
    labels
        What a control is called where its page asks more of it than its own word says.
    """
    offered = {key: tuple(codes) for key, codes in (options or {}).items()}
    listed = tuple(metrics or offered.get("metric") or load_registry().metrics)
    choice = keep_to(choice, listed)
    # One that is not offered is shown all the same where the address names it.
    shown = {*_offered(listed), choice.metric}
    offered["metric"] = tuple(name for name in listed if name in shown)
    bases = BASES if choice.chosen_metric.has_verdicts else BASES[:1]
    offered.setdefault("basis", bases)
    if choice.basis not in offered["basis"]:
        choice = dataclasses.replace(choice, basis=offered["basis"][0])
        _show_instead("basis", choice.basis)
    for level in ("township", "branch"):
        value = getattr(choice, level)
        if value and level in offered and value not in offered[level]:
            everything = "all_townships" if level == "township" else "all_branches"
            label, used = (
                choice.text(f"selection.{word}") for word in (level, everything)
            )
            _warn(choice, level, label, value, used)
            choice = choice.change(**{level: None})
    is_first = not _has_chips.get()
    if is_first:
        _has_chips.set(True)
        draw_chips(choice.text("selection.chips"), _chips(choice, widgets))
    key = f"choices-shared-{'-'.join(widgets)}"
    is_crowded = len(widgets) > MOST_BESIDE_SECTORS
    with st.container(horizontal=True, gap="small", key=key):
        for widget in widgets:
            draw = _WIDGETS[widget]
            if widget == "sector" and is_crowded:
                draw = _sector_list
            label = (labels or {}).get(widget) or _label(choice, widget)
            draw(choice, offered.get(widget), label)
        if is_first:
            _filter(choice, widgets)
    return choice


def _filter(choice: Selection, beside: Sequence[str]) -> None:
    """Draw what narrows the page behind one word, and beside it what is chosen of it.

    `beside` are the controls that stand on the page anyway.
    """
    entry = pages()[current_page()]
    if not entry.filters:
        return
    group = ("group",) if "group" in entry.levels and "group" not in beside else ()
    offered = (*group, *entry.filters)
    chosen = [name for name in offered if choice.code(name)]
    label = choice.text("selection.filter")
    if chosen:
        label = choice.text("selection.filter_n", n=len(chosen))
    icon = ":material/filter_alt:"
    word = st.container(width="content", key="filter")
    with word, st.popover(label, icon=icon, key="filter-open"):
        for name in offered:
            _WIDGETS[name](choice, None, _label(choice, name))
        if set(ROLL_DIMENSIONS) & set(offered):
            st.caption(choice.text("selection.filter_kinds"))
        if filters.CHECKS in offered:
            st.caption(choice.text("selection.filter_checks"))
    if chosen:
        with st.container(key="filter-chosen", gap=None):
            st.caption(_say_filter(choice, chosen))
            shown = (choice.metric,) * ("metric" in beside)
            if entry.standard:
                shown = entry.standard.metrics
            if unfiltered := _say_unfiltered(choice, shown):
                st.caption(f":material/filter_alt_off: {unfiltered}")


def _say_filter(choice: Selection, chosen: Sequence[str]) -> str:
    """The filter in words with the link that takes it away, as markdown."""
    words = [name for level, name in choice.levels if level in chosen]
    if "units" in chosen and choice.unit:  # the page shows one of them
        words.append(choice.join_names("units", choice.units))
    words += [choice.kept_text(name) for name in choice.kinds if name in chosen]
    if choice.since:
        month = wording.month_name(choice.since, choice.lang)
        words.append(choice.text("selection.since_month", month=month))
    query = urlencode(choice.query(**dict.fromkeys(chosen)))
    clear = catalogue.plain(choice.text("selection.clear"))
    sentence = catalogue.plain(" · ".join(words))
    return f"{sentence} [{clear}]({pages()[current_page()].address}?{query})"


def offer_wider(choice: Selection) -> None:
    """Say what narrows a page that has nothing to show, each a link that drops it.

    Choices go along from page to page, so the reader may not know of them any more.
    Once a run: a page may have nothing to show in several places.
    """
    narrowing = [name for name in NARROWING if name != SINCE and choice.code(name)]
    if not narrowing or _has_wider.get():
        return
    _has_wider.set(True)
    named = dict(choice.levels) | {
        name: choice.kept_text(name) for name in choice.kinds
    }
    links = []
    for name in narrowing:
        query = urlencode(choice.query(**{name: None}))
        words = catalogue.plain(named.get(name, choice.text("selection.units")))
        links.append(f"[{words} ×]({pages()[current_page()].address}?{query})")
    sentence = choice.text("selection.wider", links=" · ".join(links))
    st.markdown(f":material/filter_alt_off: {sentence}")


def say_unfiltered(choice: Selection, dimensions: Sequence[str], name: str) -> str:
    """That a figure called `name` is not narrowed by the kinds that it lacks, or ''."""
    lacking = [d for d in choice.alike if d not in dimensions]
    labels = (filters.label_of(load_registry(), d, choice.lang) for d in lacking)
    words = {"dimension": wording.join(labels, choice.lang), "metrics": name}
    return choice.text("selection.unfiltered", **words) if lacking else ""


def _say_unfiltered(choice: Selection, metrics: Sequence[str]) -> str:
    """Which figures of the page cannot be narrowed so, in one sentence; '' if all."""
    registry = load_registry()
    sentences = []
    for dimension in choice.alike:
        lacking = [
            wording.in_language(registry.metrics[name], "label", choice.lang)
            for name in metrics
            if dimension not in registry.metrics[name].dimensions
        ]
        if lacking:
            label = wording.dimension_label(registry, dimension, choice.lang)
            names = wording.join(lacking, choice.lang)
            words = {"dimension": label, "metrics": names}
            sentences.append(choice.text("selection.unfiltered", **words))
    return catalogue.plain(" ".join(sentences))


def _chips(choice: Selection, widgets: Sequence[str]) -> list[str]:
    """What is chosen in few words: of the place always, of the rest what is offered."""
    words = []
    if "metric" in widgets:
        words.append(wording.in_language(choice.chosen_metric, "label", choice.lang))
    if "month" in widgets:
        words.append(wording.month_name(choice.month, choice.lang))
    words.append(choice.place)
    if choice.since:
        month = wording.month_name(choice.since, choice.lang)
        words.append(choice.text("selection.since_month", month=month))
    for name, key in (("basis", "basis_word"), ("compare", "compare_word")):
        code = getattr(choice, name)
        if name in widgets and code != _DEFAULTS[name]:
            words.append(choice.text(f"selection.{key}.{code}"))
    return words


def choose_word(
    choice: Selection,
    key: str,
    words: Mapping[str, str],
    *,
    label: str,
    is_list: bool = False,
) -> str:
    """A choice of a page's own, kept in the address as `key`; the first is the default.

    `words` maps stable codes to what the reader sees; many of them fit a list better.
    """
    codes = tuple(words)
    value = choice.extra.get(key, codes[0])
    if value not in words:
        _warn(choice, key, label, value, words[codes[0]])
        value = codes[0]
    if is_list:
        _list(choice, key, label, codes, value, words.__getitem__, 200)
    else:
        _segments(choice, key, label, codes, value, words.__getitem__)
    return value


def choose_listed(
    choice: Selection, key: str, words: Mapping[str, str], *, label: str, default: str
) -> str:
    """As `choose_word`, from a list that is too long to stand side by side.

    It is as wide as its longest word, as far as a phone has room.
    """
    value = choice.extra.get(key, default)
    if value not in words:
        _warn(choice, key, label, value, words[default])
        value = default
    longest = max(map(wording.text_width, words.values()))
    width = min(max(200, 64 + 8 * longest), 340)
    _list(choice, key, label, tuple(words), value, words.__getitem__, width)
    return value


def choose_number(
    choice: Selection,
    key: str,
    *,
    label: str,
    lowest: int,
    highest: int,
    default: int,
    template: str | None = None,
) -> int:
    """A whole number of a page's own, kept in the address as `key`.

    Drawn as a slider where there is a `template` ("%d %%") to write it by, else as a
    field to type into. What is no number of the range falls back and says so.
    """
    given = choice.extra.get(key, str(default))
    is_known = given.isascii() and given.isdigit() and len(given) < 16
    value = int(given) if is_known else default
    if not lowest <= value <= highest:
        span = {"lowest": str(lowest), "highest": str(highest)}
        _warn(choice, key, label, given, str(default), "outside", **span)
        value = default
    elif not is_known:
        _warn(choice, key, label, given, str(default))
    widget = _follow_address(choice, key, value, value=value)
    if template:
        return st.slider(
            label, lowest, highest, step=1, format=template, width=260, **widget
        )
    return st.number_input(label, lowest, highest, step=1, width=160, **widget)


def ask_text(choice: Selection, key: str, *, label: str) -> str:
    """A line of text of a page's own, kept in the address as `key`."""
    value = choice.extra.get(key, "")
    return st.text_input(
        label,
        max_chars=MAX_CHARS,
        **_follow_address(choice, key, value, value=value),
    )


def tick(choice: Selection, key: str, *, label: str) -> bool:
    """A box of a page's own: kept in the address as `key=1` while it is ticked."""
    is_ticked = choice.extra.get(key) == TICKED
    return st.checkbox(
        label, **_follow_address(choice, key, is_ticked, value=is_ticked)
    )


def note(name: str, value: Any) -> None:
    """Keep what an act of this session has left, until it is noted otherwise."""
    st.session_state[f"selection:noted:{name}"] = value


def noted(name: str, default: Any = None) -> Any:
    """What `note` has kept under that name."""
    return st.session_state.get(f"selection:noted:{name}", default)


def typed(key: str) -> str:
    """What was typed into the component of that key: its trigger `query`, or ''."""
    state = st.session_state.get(key)
    return (state and state.get("query")) or ""


def opened_panels(key: str, names: Iterable[str]) -> frozenset[str]:
    """Which of these panels are open, of the heads drawn with that key."""
    state = st.session_state.get(key)
    return frozenset((state and state.get("opened")) or ()).intersection(names)


def choose_panels(words: Mapping[str, str], key: str) -> frozenset[str]:
    """Draw the heads of these panels, a word each; returns which are open."""
    opened = opened_panels(key, words)
    draw_heads(words, opened, key)
    return opened


def choose_language(choice: Selection) -> None:
    """Draw the language switch."""
    _segments(
        choice,
        "lang",
        choice.text("frame.language"),
        tuple(catalogue.LANGUAGES),
        choice.lang,
        catalogue.LANGUAGES.__getitem__,
        is_labelled=False,
    )


def _warn(
    choice: Selection,
    key: str,
    label: str,
    value: str,
    used: str,
    kind: str = "unknown",
    **more: str,
) -> None:
    """Say that a value of the address does not hold and what is shown instead."""
    st.warning(
        choice.text(
            f"selection.fault.{kind}",
            choice=label,
            value=catalogue.plain(value[:MAX_CHARS]),
            used=catalogue.plain(used),
            **more,
        )
    )
    _show_instead(key, None)


def _words(choice: str, codes: Iterable[str], language: str) -> dict[str, str]:
    return {c: catalogue.text(language, f"selection.{choice}_word.{c}") for c in codes}


def _follow_address(
    choice: Selection, name: str, value: Any, /, **default: Any
) -> dict[str, Any]:
    """Key, callback and default of the widget of a choice, which shows `value`.

    `default` is how this kind of widget spells that it starts with `value`. A widget
    the browser does not know yet takes it, whatever became of earlier messages; one
    that it knows is set. Streamlit makes the widget of one key another one on each
    page, so with the same key it would take the state of the last page for its own,
    have nothing to set and show its default. And browsers hand the label of what is
    chosen to and fro, so in another language, too, it is another widget; the language
    switch itself is labelled the same in both and belongs to no page.
    """
    page = st.session_state.get(_PAGE, "")
    key = f"choose:{name}" if name == "lang" else f"choose:{page}:{name}:{choice.lang}"
    held = st.session_state.get(key)
    if held not in (None, value):
        st.session_state.setdefault(_OVERRULED, {})[key] = held
        st.session_state[key] = value
        default = {}
    st.session_state.setdefault(_SHOWN, {})[key] = value
    return {"key": key, "on_change": _write, "args": (name, key), **default}


def _write(name: str, key: str) -> None:
    """Put what the reader has just chosen into the address.

    What is clicked in a list that has got shorter meanwhile comes back by its name.
    """
    if _is_echo(key):
        return
    value = st.session_state[key]
    if isinstance(value, list):
        registry = load_registry()
        codes = (filters.resolve(registry, name, one) for one in value)
        code = ",".join(filter(None, codes)) or None
    else:
        code = TICKED if value is True else str(value) if value else None
    _add_to_address(name, code)


def _is_echo(key: str) -> bool:
    """Whether the browser hands over what a widget held before it was set.

    What stands behind a word (筛选) takes the value that it was set to when that is
    opened. Nobody chooses two things at once: of two that differ it is no choice.
    """
    now, overruled = st.session_state, st.session_state.get(_OVERRULED, {})
    if key not in overruled or now[key] != overruled[key]:
        return False
    shown = st.session_state.get(_SHOWN, {})
    return any(now[k] != v for k, v in shown.items() if k != key and k in now)


def _add_to_address(name: str, code: str | None) -> None:
    """Change one choice of the address.

    A click comes with the address that its browser shows, which on a slow network lacks
    what was clicked just before: it is added to that all the same. A run that nothing
    was chosen for (going back, a link) ends this: the browser is where it says.
    """
    said = st.query_params.to_dict()
    chosen = st.session_state.get(_CHOSEN, {"behind": [], "address": said})
    if said != chosen["address"] and said in chosen["behind"]:
        st.query_params.from_dict(chosen["address"])
    st.query_params.from_dict(current().query(**{name: code}))
    st.session_state[_CHOSEN] = {
        "behind": [*chosen["behind"], said, chosen["address"]][-_MOST_BEHIND:],
        "address": st.query_params.to_dict(),
        "is_of_this_run": True,
    }


def _segments(
    choice: Selection,
    choice_name: str,
    label: str,
    codes: Sequence[str],
    value: str,
    name: Callable[[str], str],
    *,
    is_labelled: bool = True,
) -> None:
    # Unlike those of a list, its words are read as markdown, in which a space before
    # them is none. What stands before the first space Streamlit holds against all
    # emojis that there are, which takes as long as the rest of the control.
    st.segmented_control(
        label,
        codes,
        format_func=lambda code: f" {catalogue.plain(name(code))}",
        required=True,
        wrap=True,
        label_visibility="visible" if is_labelled else "collapsed",
        **_follow_address(choice, choice_name, value, default=value),
    )


def _list(
    choice: Selection,
    choice_name: str,
    label: str,
    codes: Sequence[str],
    value: str,
    name: Callable[[str], str],
    width: int,
) -> None:
    st.selectbox(
        label,
        codes,
        format_func=name,
        width=width,
        **_follow_address(choice, choice_name, value, index=codes.index(value)),
    )


# Draws the control of a choice from the codes that it offers (None: all) and its label.
Draw = Callable[[Selection, Sequence[str] | None, str], None]


def _label(choice: Selection, widget: str) -> str:
    """What the control of a choice is called on every page."""
    if widget in filters.COLUMN_OF:
        return filters.label_of(load_registry(), widget, choice.lang)
    return choice.text(f"selection.{widget}")


def _metric(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
    metrics = load_registry().metrics
    _list(
        choice,
        "metric",
        label,
        codes or tuple(metrics),
        choice.metric,
        lambda code: wording.in_language(metrics[code], "label", choice.lang),
        260,
    )


def _month(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
    codes = codes or months()

    def name(month: str) -> str:
        return wording.month_name(month, choice.lang)

    if len(codes) == 1:  # a slider needs two ends
        _list(choice, "month", label, codes, choice.month, name, 160)
        return
    st.select_slider(
        label,
        codes,
        format_func=name,
        width=200,
        **_follow_address(choice, "month", choice.month, value=choice.month),
    )


def _place(
    level: str, dimension: str, everything: str, all_codes: Callable[[], Iterable[str]]
) -> Draw:
    def draw(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
        whole = choice.text(f"selection.{everything}")
        _list(
            choice,
            level,
            label,
            ("", *(all_codes() if codes is None else codes)),
            getattr(choice, level) or "",
            lambda code: choice.name(dimension, code, is_short=True) if code else whole,
            180,  # five controls and the filter are one row of 1440 px in English, too
        )

    return draw


def _several(name: str) -> Draw:
    """The control of a filter that keeps several codes, none of them for all."""

    def draw(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
        registry = load_registry()
        codes = filters.known_codes(registry, name) if codes is None else codes
        if name == "units":
            everything = choice.text("selection.all_units")
            codes, value = _inside(codes, choice.group), choice.units
        else:
            everything = choice.text("selection.every_kind")
            value = choice.kinds.get(name, ())
        st.multiselect(
            label,
            codes,
            format_func=lambda code: filters.name_of(registry, name, code, choice.lang),
            placeholder=everything,
            select_all=False,  # all of them is what no choice means
            width=340,
            **_follow_address(choice, name, list(value), default=list(value)),
        )

    return draw


def _since(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
    """From which month on; the last is the chosen month."""
    codes = codes or [month for month in months() if month <= choice.month]
    whole = choice.text("selection.from_the_start")
    _list(
        choice,
        SINCE,
        label,
        ("", *codes),
        choice.since or "",
        lambda code: wording.month_name(code, choice.lang) if code else whole,
        200,
    )


def _sector(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
    whole = choice.text("selection.overall")
    _segments(
        choice,
        "sector",
        label,
        ("", *(codes or load_registry().sectors)),
        choice.sector or "",
        lambda code: choice.name("sector", code, is_short=True) if code else whole,
    )


# What takes half of a row of 1440 px side by side takes an eighth of it as a list.
_sector_list = _place("sector", "sector", "overall", lambda: load_registry().sectors)


def _word(choice_name: str, all_codes: Sequence[str]) -> Draw:
    def draw(choice: Selection, codes: Sequence[str] | None, label: str) -> None:
        codes = codes or all_codes
        words = _words(choice_name, codes, choice.lang)
        _segments(
            choice,
            choice_name,
            label,
            codes,
            getattr(choice, choice_name),
            words.__getitem__,
        )

    return draw


_WIDGETS: Mapping[str, Draw] = {
    "metric": _metric,
    "month": _month,
    "basis": _word("basis", BASES),
    "compare": _word("compare", COMPARISONS),
    "group": _place(
        "group", "supervision_group", "all_groups", lambda: load_registry().groups
    ),
    "unit": _place("unit", "unit", "city", lambda: load_registry().units),
    "sector": _sector,
    "township": _place("township", "township", "all_townships", tuple),
    "branch": _place("branch", "branch", "all_branches", tuple),
    **{name: _several(name) for name in filters.COLUMN_OF},
    SINCE: _since,
}
