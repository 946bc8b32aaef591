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
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data_pipeline.rates import BASES
from data_pipeline.registry import Metric, Registry, load_registry
from reports.words import catalogue, wording
from ui import address, marts
from ui.components.chips import draw_chips
from ui.menu import LEVELS, MENU, Entry, pages

COMPARISONS = ("city", "target", "previous")
CHOICES = ("metric", "month", "basis", "compare", *LEVELS, "lang")
# What the menu carries to another page; a township or branch belongs to its page.
CARRIED = ("metric", "month", "basis", "compare", "group", "unit", "sector", "lang")
MAX_CHARS = 60
TICKED = "1"
# What an address need not say.
_DEFAULTS = {"basis": BASES[0], "compare": COMPARISONS[0]}
_KEPT = "selection:kept"
_MISSING = "selection:missing"
_PAGE = "selection:page"
# What of the address a page shows otherwise, by the name of the choice: in this run.
_replaced: contextvars.ContextVar[dict[str, str | None] | None] = (
    contextvars.ContextVar("replaced", default=None)
)
# Whether this run has drawn its row of chips.
_has_chips: contextvars.ContextVar[bool] = contextvars.ContextVar(
    "has_chips", default=False
)


@dataclasses.dataclass(frozen=True)
class Selection:
    """The choices of one screen, as codes of the registry.

    None of group, unit, sector, township and branch means all of them. `extra` holds a
    page's own choices (`choose_word`); `faults` are sentences about what did not hold.
    Where it `is_newest`, nobody has chosen a month: no address names it.
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
    lang: str = "zh"
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)
    faults: tuple[str, ...] = ()
    is_newest: bool = False

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
        """The place as `rates.read_rates` takes it."""
        chosen = {
            "supervision_group": self.group,
            "unit": self.unit,
            "sector": self.sector,
            "township": self.township,
        }
        return {dimension: (code,) for dimension, code in chosen.items() if code}

    @property
    def place(self) -> str:
        """The place in words, '全市' or '福清市 · 农村'."""
        return " · ".join(name for _, name in self.levels) or self.text(
            "selection.city"
        )

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """(choice, name) of each chosen level below the city, from the top down."""
        dimensions = {"group": "supervision_group"}
        return tuple(
            (choice, self.name(dimensions.get(choice, choice), code))
            for choice in LEVELS
            if (code := getattr(self, choice))
        )

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
        # A group and a unit of another one would be no place at all.
        unit, group = (
            changes.get(key, getattr(self, key)) for key in ("unit", "group")
        )
        if not _owns(group, unit):
            left = "unit" if changes.get("group") else "group"
            changes = {left: None} | changes
        return dataclasses.replace(self, **changes, extra=extra, faults=())

    def query(self, **changes: str | None) -> dict[str, str]:
        """The parameters of the address of these choices, in a fixed order."""
        chosen = self.change(**changes) if changes else self
        query = {key: getattr(chosen, key) for key in CHOICES} | dict(chosen.extra)
        if chosen.is_newest:
            del query["month"]
        return {k: v for k, v in query.items() if v and v != _DEFAULTS.get(k)}

    def link(self, page: str, **changes: str | None) -> str:
        """The address of `page` with these choices, for tables and texts."""
        return f"{pages()[page].address}?{urlencode(self.carried(**changes))}"

    def carried(self, **changes: str | None) -> dict[str, str]:
        """The query for another page: a page's own choices stay behind."""
        alone = dataclasses.replace(self, extra={})
        return alone.query(**changes)


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
        Months with data, first to last; the last is the default.
    language
        Used where the address names none.
    """
    faults: list[str] = []
    asked = parameters.get("lang", language)
    lang = asked if asked in catalogue.LANGUAGES else language

    def fall_back(choice: str, value: str, used: str, fault: str = "unknown") -> None:
        faults.append(
            catalogue.text(
                lang,
                f"selection.fault.{fault}",
                choice=catalogue.text(lang, f"selection.{choice}"),
                value=catalogue.plain(value[:MAX_CHARS]),
                used=used,
            )
        )

    def one_of(choice: str, options: Mapping[str, str], default: str) -> str:
        value = parameters.get(choice, default)
        if value in options:
            return value
        is_month = choice == "month" and value in registry.calendar.months
        fall_back(
            choice, value, options[default], "no_month" if is_month else "unknown"
        )
        return default

    def place(choice: str, dimension: str, everything: str) -> str | None:
        value = parameters.get(choice)
        code = registry.resolve(dimension, value) if value else None
        if value and code is None:
            fall_back(choice, value, catalogue.text(lang, f"selection.{everything}"))
        return code

    if lang != asked:
        fall_back("lang", asked, catalogue.LANGUAGES[lang])
    metrics = {
        metric.id: wording.in_language(metric, "label", lang)
        for metric in registry.metrics.values()
    }
    known = registry.find_metric(parameters.get("metric", ""))
    parameters = {**parameters, "metric": known} if known else parameters
    first = next(m.id for m in registry.metrics.values() if m.is_offered)
    metric = one_of("metric", metrics, first)
    named = {month: wording.month_name(month, lang) for month in months}
    month = one_of("month", named, months[-1])
    basis = one_of("basis", _words("basis", BASES, lang), BASES[0])
    compare = one_of("compare", _words("compare", COMPARISONS, lang), COMPARISONS[0])
    group = place("group", "supervision_group", "all_groups")
    unit = place("unit", "unit", "city")
    sector = place("sector", "sector", "overall")
    if not _owns(group, unit):
        names = (("supervision_group", group), ("unit", unit))
        words = [wording.place_name(registry, *name, lang) for name in names]
        faults.append(
            catalogue.text(
                lang,
                "selection.fault.other_group",
                group=catalogue.plain(words[0]),
                unit=catalogue.plain(words[1]),
            )
        )
        group = None
    below = {}
    for choice in ("township", "branch"):
        value = parameters.get(choice, "")[:MAX_CHARS]
        if value and unit is None:
            fall_back(choice, value, "", "needs_unit")
        below[choice] = value if value and unit else None
    return Selection(
        metric=metric,
        month=month,
        basis=basis,
        compare=compare,
        group=group,
        unit=unit,
        sector=sector,
        **below,
        lang=lang,
        extra={
            key: value[:MAX_CHARS]
            for key, value in parameters.items()
            if key not in CHOICES
        },
        faults=tuple(faults),
    )


def _owns(group: str | None, unit: str | None) -> bool:
    """False where a unit belongs to another group than the chosen one."""
    return not (group and unit) or load_registry().units[unit].group == group


def asked() -> Selection:
    """What the address of this run asks for, whatever page it is for."""
    parameters = st.query_params.to_dict()
    kept = st.session_state.get(_KEPT, {})
    language = kept.get("lang", "zh")
    if not any(key in parameters for key in CHOICES):
        parameters = {**kept, **parameters}
    return read(parameters, load_registry(), months(), language)


def language() -> str:
    """The reader's language, whatever else the address holds and whether it is read."""
    kept = st.session_state.get(_KEPT, {}).get("lang")
    given = st.query_params.get("lang", kept)
    return given if given in catalogue.LANGUAGES else next(iter(catalogue.LANGUAGES))


def missing_page(asked: str) -> str:
    """The name of no page that a link of this session has asked for last, or ''."""
    if asked:
        st.session_state[_MISSING] = asked
    return st.session_state.get(_MISSING, "")


def current() -> Selection:
    """The choices of this run, without the levels that its page's figures are not of.

    A page that shows the whole city must not say a county in its trail, its links or
    its files, only because the reader came from there.
    """
    page = st.session_state.get(_PAGE)
    chosen = asked()
    if page is None:
        return chosen
    entry = pages()[page or MENU[0].name]
    ignored = {level: None for level in LEVELS if level not in entry.levels}
    if entry.is_wall and "month" not in st.query_params:
        newest = {"month": months()[-1], "is_newest": True}
        return dataclasses.replace(chosen, **ignored, **newest)
    return dataclasses.replace(chosen, **ignored)


def remember(choice: Selection, page: str) -> None:
    """Keep for the session what the menu carries, and whose widgets are drawn.

    `choice` is from `asked`: what this page ignores is kept for the next one.
    """
    st.session_state[_PAGE] = page
    _replaced.set({})
    _has_chips.set(False)
    query = choice.query()
    ignored = set(LEVELS).difference(pages()[page or MENU[0].name].levels)
    kept = {k: v for k, v in st.session_state.get(_KEPT, {}).items() if k in ignored}
    kept |= {key: query[key] for key in CARRIED if key in query}
    if not _owns(kept.get("group"), kept.get("unit")):
        del kept["unit" if "group" in query else "group"]
    st.session_state[_KEPT] = kept


def carried() -> str:
    """The query that the menu takes along: also what this page ignores."""
    kept = st.session_state.get(_KEPT, {})
    return urlencode({key: kept[key] for key in CARRIED if key in kept})


def settle() -> tuple[str, str, str, str]:
    """The page that was drawn and what its address must say.

    Returns
    -------
    The name of the page and three queries: that of its address, what it has said so
    far, and what the menu carries on. A link that holds is left as it was written; what
    the page has shown otherwise than asked is put right, and remembered so.
    """
    query, replaced = current().query(), _replaced.get() or {}
    shown = {k: v for k, v in (query | replaced).items() if v}
    kept = st.session_state.setdefault(_KEPT, {})
    for key in replaced.keys() & set(CARRIED):
        kept.pop(key, None)
    kept |= {key: shown[key] for key in CARRIED if key in shown}
    said = st.query_params.to_dict()
    if not any(key in said for key in CHOICES):
        said = query  # the head of the page has filled it in
    settled = {}
    for key, value in said.items():
        is_choice = key in CHOICES or key in replaced
        now = shown.get(key, _DEFAULTS.get(key)) if is_choice else value
        if now:
            settled[key] = value if _means(key, value) == now else now
    # Of an address of which nothing holds all is said that is on the screen.
    page, query = st.session_state.get(_PAGE, ""), urlencode(settled or shown)
    return page, query, urlencode(said), carried()


def _means(key: str, value: str) -> str | None:
    """The code of a value of an address: places may be given by name or alias."""
    dimension = {"group": "supervision_group"}.get(key, key)
    if key in ("group", "unit", "sector"):
        return load_registry().resolve(dimension, value)
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
    """Turn to `page` with these choices; the run ends here."""
    address.visit(choice.link(page, **changes))


def current_page() -> str:
    """The name of the page that is drawn."""
    return st.session_state.get(_PAGE) or MENU[0].name


def _target(entry: Entry) -> Any:
    """What Streamlit finds a page by: a script that several share names none."""
    if entry.standard is None:
        return entry.path
    return st.Page(entry.path, title=entry.name, url_path=entry.name)


def page_link(
    choice: Selection, page: str, label: str, *, icon: str = "", **changes: str | None
) -> None:
    """Draw a link to another page with these choices."""
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


def choose(
    choice: Selection,
    *widgets: str,
    metrics: Iterable[str] | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
) -> Selection:
    """Draw the row of widgets of a page and return what is chosen.

    Parameters
    ----------
    widgets
        Any of metric, month, basis, compare, group, unit, sector, township, branch.
    metrics
        Metrics that the page can show, default all. When another one is chosen the
        first of these is used.
    options
        The townships or branches to choose from (codes as in the marts), and any
        narrower list for the other choices. A township or branch that is not among
        them is dropped with a sentence on the screen.
    """
    offered = {key: tuple(codes) for key, codes in (options or {}).items()}
    known = load_registry().metrics
    listed = metrics or offered.get("metric") or known
    # One that is not offered is shown all the same where the address names it.
    offered["metric"] = tuple(
        name for name in listed if known[name].is_offered or name == choice.metric
    )
    if choice.metric not in offered["metric"]:
        choice = dataclasses.replace(choice, metric=offered["metric"][0])
        _show_instead("metric", choice.metric)
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
    if not _has_chips.get():
        _has_chips.set(True)
        draw_chips(choice.text("selection.chips"), _chips(choice, widgets))
    key = f"choices-shared-{'-'.join(widgets)}"
    with st.container(horizontal=True, gap="small", key=key):
        for widget in widgets:
            _WIDGETS[widget](choice, offered.get(widget))
    return choice


def _chips(choice: Selection, widgets: Sequence[str]) -> list[str]:
    """What is chosen in few words: of the place always, of the rest what is offered."""
    words = []
    if "metric" in widgets:
        words.append(wording.in_language(choice.chosen_metric, "label", choice.lang))
    if "month" in widgets:
        words.append(wording.month_name(choice.month, choice.lang))
    words.append(choice.place)
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
    asked = choice.extra.get(key, str(default))
    is_known = asked.isascii() and asked.isdigit() and len(asked) < 16
    value = int(asked) if is_known else default
    if not is_known or not lowest <= value <= highest:
        _warn(choice, key, label, asked, str(default))
        value = default
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


def typed(key: str) -> str:
    """What the component of that key asks for in this run by its trigger `asked`."""
    state = st.session_state.get(key)
    return (state and state.get("asked")) or ""


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


def _warn(choice: Selection, key: str, label: str, value: str, used: str) -> None:
    """Say that a value of the address does not hold and what is shown instead."""
    st.warning(
        choice.text(
            "selection.fault.unknown",
            choice=label,
            value=catalogue.plain(value[:MAX_CHARS]),
            used=catalogue.plain(used),
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
    if st.session_state.get(key) not in (None, value):
        st.session_state[key] = value
        default = {}
    return {"key": key, "on_change": _write, "args": (name, key), **default}


def _write(name: str, key: str) -> None:
    """Put what the reader has just chosen into the address."""
    value = st.session_state[key]
    code = TICKED if value is True else str(value) if value else None
    st.query_params.from_dict(current().query(**{name: code}))


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
    st.segmented_control(
        label,
        codes,
        format_func=name,
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


def _metric(choice: Selection, codes: Sequence[str] | None) -> None:
    metrics = load_registry().metrics
    _list(
        choice,
        "metric",
        choice.text("selection.metric"),
        codes or tuple(metrics),
        choice.metric,
        lambda code: wording.in_language(metrics[code], "label", choice.lang),
        280,
    )


def _month(choice: Selection, codes: Sequence[str] | None) -> None:
    codes = codes or months()
    label = choice.text("selection.month")

    def name(month: str) -> str:
        return wording.month_name(month, choice.lang)

    if len(codes) == 1:  # a slider needs two ends
        _list(choice, "month", label, codes, choice.month, name, 160)
        return
    st.select_slider(
        label,
        codes,
        format_func=name,
        width=260,
        **_follow_address(choice, "month", choice.month, value=choice.month),
    )


def _place(
    level: str, dimension: str, everything: str, all_codes: Callable[[], Iterable[str]]
) -> Callable[[Selection, Sequence[str] | None], None]:
    def draw(choice: Selection, codes: Sequence[str] | None) -> None:
        whole = choice.text(f"selection.{everything}")
        _list(
            choice,
            level,
            choice.text(f"selection.{level}"),
            ("", *(all_codes() if codes is None else codes)),
            getattr(choice, level) or "",
            lambda code: choice.name(dimension, code) if code else whole,
            200,
        )

    return draw


def _sector(choice: Selection, codes: Sequence[str] | None) -> None:
    whole = choice.text("selection.overall")
    _segments(
        choice,
        "sector",
        choice.text("selection.sector"),
        ("", *(codes or load_registry().sectors)),
        choice.sector or "",
        lambda code: choice.name("sector", code, is_short=True) if code else whole,
    )


def _word(choice_name: str, all_codes: Sequence[str]) -> Callable[..., None]:
    def draw(choice: Selection, codes: Sequence[str] | None) -> None:
        codes = codes or all_codes
        words = _words(choice_name, codes, choice.lang)
        _segments(
            choice,
            choice_name,
            choice.text(f"selection.{choice_name}"),
            codes,
            getattr(choice, choice_name),
            words.__getitem__,
        )

    return draw


_WIDGETS: Mapping[str, Callable[[Selection, Sequence[str] | None], None]] = {
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
}
