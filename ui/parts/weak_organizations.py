"""The parts of the page 软弱涣散热点: what it reads, pictures, lists and one case."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.rates import (
    Marts,
    read_checks,
    read_ledger,
    read_roll,
    read_weak_cases,
)
from data_pipeline.registry import load_registry, month_end
from reports.figures.style import Picture
from reports.overview.headline import Headline
from reports.tables import DisplayTable
from reports.weak_organizations import rows as weak
from reports.weak_organizations import tables as weak_tables
from reports.weak_organizations.figures import hotspot_bars, state_months, type_bars
from reports.weak_organizations.rules import rules_of
from reports.words import catalogue, wording
from ui import marts, selection
from ui.filters import kept_units
from ui.markup import draw_heading
from ui.metric_view import (
    draw_files,
    draw_rows,
    follow_click,
    say_nothing,
    show_figure,
)
from ui.parts import methods
from ui.records_view import RecordsView, list_records, show_records
from ui.selection import Selection

PAGE = "weak_organizations"


@dataclasses.dataclass(frozen=True, eq=False)
class WeakList:
    """The weak list of a place at the end of a month, and what stands beside it.

    Places in the order, and what a hot-spot is compared with, are always the city's;
    of kinds of branches a hot-spot is compared with the same kinds of the city.
    """

    roll: pd.DataFrame
    cases: pd.DataFrame
    checks: pd.DataFrame
    hotspots: pd.DataFrame
    ordered: pd.DataFrame
    evidence: pd.DataFrame

    def within(self, where: Mapping[str, tuple[str, ...]]) -> WeakList:
        """The part that lies in a place; the order keeps its numbers."""
        places = {d: codes for d, codes in where.items() if d in weak.PLACE}
        if units := kept_units(load_registry(), where):
            places["unit"] = units
        names = [field.name for field in dataclasses.fields(self)]
        kept = {name: _within(getattr(self, name), places) for name in names[:-1]}
        return dataclasses.replace(self, **kept)

    def alike(self, kinds: Mapping[str, tuple[str, ...]]) -> WeakList:
        """The branches of some kinds: of them a hot-spot has more than their share."""
        roll = read_roll(marts.current(), kinds)
        frames = {"cases": self.cases, "checks": self.checks, "ordered": self.ordered}
        kept = {
            name: frame[frame["branch"].isin(roll["branch"])].reset_index(drop=True)
            for name, frame in frames.items()
        }
        hotspots = weak.find_hotspots(roll, kept["cases"])
        return dataclasses.replace(self, roll=roll, hotspots=hotspots, **kept)


def read_city(month: str, kinds: Mapping[str, tuple[str, ...]]) -> WeakList:
    """The whole city at the end of `month`, or its branches of some kinds."""
    read = functools.partial(_read, marts.current(), month)
    city = marts.kept((PAGE, month), read)
    if not kinds:
        return city
    return marts.kept((PAGE, month, repr(kinds)), lambda: city.alike(kinds))


def _read(opened: Marts, month: str) -> WeakList:
    registry = opened.registry
    roll = read_roll(opened)
    listed = read_weak_cases(opened, month)
    cases = weak.stand_at(listed, registry, month)
    checks = read_checks(opened, month)
    branches = list(cases["branch"].unique())
    months = [known for known in registry.calendar.months if known <= month]
    # With the rows that speak for whole cells: they claim for their branches, too.
    ledger = read_ledger(opened, months=months, branches=[*branches, ""])
    ordered, judged = weak.order_organizations(cases, ledger, checks, registry, month)
    hotspots = weak.find_hotspots(roll, cases)
    return WeakList(roll, cases, checks, hotspots, ordered, judged.evidence)


def townships_of(city: WeakList, unit: str | None) -> tuple[str, ...]:
    """Townships of a unit on the roll, to choose from."""
    names = city.roll.loc[city.roll["unit"] == unit, "township"].unique()
    return tuple(sorted(name for name in names if name))


def as_list(
    frame: pd.DataFrame, choice: Selection, name: str, title: str
) -> RecordsView:
    """Hot-spots, months or types as a table and files of their own."""
    display = weak_tables.list_table(frame, load_registry(), choice.lang)
    return list_records(frame, choice, f"weak_{name}", title, display=display)


def count_months(
    here: WeakList, choice: Selection
) -> tuple[pd.DataFrame, str, list[Headline]]:
    """What became of the list month by month, in words, and the headline figures."""

    def count() -> tuple[pd.DataFrame, str, list[Headline]]:
        registry, lang = load_registry(), choice.lang
        counts = weak.count_states(
            here.cases, registry, choice.course(selection.months())
        )
        latest = counts.iloc[-1].to_dict()
        headline = weak.describe(latest, registry, choice.month, lang)
        hotspots = weak.name_hotspots(here.hotspots, registry, lang)
        said = f"**{catalogue.plain(headline)}** {catalogue.plain(hotspots)}"
        n_hotspots = int(here.hotspots["is_hotspot"].sum())
        return counts, said, weak.headlines(counts, n_hotspots, registry, lang)

    return marts.kept_of(choice.alone, (PAGE, "counts"), count)


def draw_hotspots(here: WeakList, choice: Selection) -> None:
    """Townships' sectors with more than their share; a click looks into one."""
    orders = ("chance", "days")
    words = {name: choice.text(f"{PAGE}.hotspots_by_{name}") for name in orders}
    label = choice.text(f"{PAGE}.hotspots_by")
    is_by_days = selection.choose_word(choice, "by", words, label=label) == "days"

    def draw() -> Drawn:
        found = weak.longest_overdue(here.hotspots) if is_by_days else here.hotspots
        about = {"is_by_days": is_by_days, "snapshot": marts.current().snapshot}
        picture = hotspot_bars(found, load_registry(), choice.lang, **about)
        return picture, as_list(found, choice, "hotspots", picture.title)

    caption = methods.sentence(choice, "weak_hotspots", say_days(choice))
    drawn = marts.kept_of(choice, (PAGE, "hotspots"), draw)
    _show(drawn, choice, "hotspots", caption, weak.PLACE)


# A picture and its rows.
Drawn = tuple[Picture, RecordsView]


def _show(
    drawn: Drawn, choice: Selection, name: str, caption: str, by: Sequence[str]
) -> None:
    """Show a picture and its rows; a click turns to what `by` says."""
    about = {"caption": caption, "is_clickable": True}
    clicked = show_figure(*drawn, choice, name, **about)
    follow_click(clicked, choice, PAGE, by)


def say_days(choice: Selection) -> str:
    """To which day days overdue run, and from where, as no case has a due day."""
    limit = load_registry().calendar.rectification_days
    day = f"{month_end(choice.month):%Y-%m-%d}"
    return choice.text(f"{PAGE}.days", day=day, days=limit)


def draw_months(counts: pd.DataFrame, choice: Selection) -> None:
    """What became of the list month by month; a click turns to a month."""

    def draw() -> Drawn:
        picture = state_months(counts, choice.lang, snapshot=marts.current().snapshot)
        return picture, as_list(counts, choice, "months", picture.title)

    days = load_registry().calendar.rectification_days
    sentence = choice.text(f"{PAGE}.months", days=days)
    caption = methods.with_links(choice, sentence, "weak_states")
    drawn = marts.kept_of(choice, (PAGE, "months"), draw)
    _show(drawn, choice, "months", caption, ("month",))


def show_units(here: WeakList, choice: Selection) -> None:
    """How many each unit has still open, most first; nothing inside one unit."""
    if choice.unit:
        return

    def count() -> tuple[pd.DataFrame, str, DisplayTable]:
        rows, about = weak.count_by_unit(here.cases), (load_registry(), choice.lang)
        title = weak.name_most_open(rows, *about) if len(rows) > 1 else ""
        return rows, title, weak_tables.list_table(rows, *about)

    rows, title, display = marts.kept_of(choice, (PAGE, "units"), count)
    if len(rows) > 1:
        show_records(rows, choice, "weak_units", title, display=display)


def draw_types(here: WeakList, choice: Selection) -> None:
    """How many of the six kinds of weak branch were checked, sector by sector."""

    def draw() -> tuple[Picture, RecordsView, str]:
        types = weak.count_types(here.roll, here.cases, here.checks)
        picture = type_bars(types, choice.lang, snapshot=marts.current().snapshot)
        left_out = weak.describe_types(types, choice.lang)
        sentence = choice.text(f"{PAGE}.types", left_out=left_out)
        caption = methods.with_links(choice, sentence, "weak_types")
        return picture, as_list(types, choice, "types", picture.title), caption

    *drawn, caption = marts.kept_of(choice, (PAGE, "types"), draw)
    _show(drawn, choice, "types", caption, ("sector",))


def show_order(here: WeakList, choice: Selection) -> None:
    """The organisations not yet converted in two lists, with one set of files.

    Those whose report a check has refuted stand apart, so that among the others nobody
    is better or worse for a visit. A click on a row opens its evidence.
    """
    title, name = choice.text(f"{PAGE}.order"), "weak_order"
    with st.container(key=f"records-{name}", gap="xsmall"):
        if here.ordered.empty:
            none = catalogue.plain(choice.text("figure.no_rows"))
            say_nothing(title, none, choice)
            return
        draw_heading(title)

        def explain() -> str:
            sentence = weak.explain_order(here.ordered, choice.lang)
            return methods.with_links(choice, sentence, "weak_stability")

        st.markdown(marts.kept_of(choice.alone, (PAGE, "order_said"), explain))
        n_rules = len(rules_of(load_registry()))
        rules = choice.text(f"{PAGE}.rules", n=n_rules)
        st.caption(methods.with_links(choice, rules, "weak_order"))

        def tabulate() -> tuple[DisplayTable, dict[str, tuple[DisplayTable, Any]]]:
            about = (load_registry(), choice.lang)
            table = weak_tables.order_table(here.ordered, here.evidence, *about)
            is_refuted = (here.ordered["band"] == "A").to_numpy()
            lists = {"refuted": (is_refuted, "A"), "by_ledger": (~is_refuted, "")}
            parts = {}
            for part, (is_listed, band) in lists.items():
                narrow = weak_tables.on_screen(table, *about, band=band)
                shown = DisplayTable(narrow.frame[is_listed], narrow.hints)
                parts[part] = shown, here.ordered["case_code"][is_listed].tolist()
            return table, parts

        table, parts = marts.kept_of(choice.alone, (PAGE, "order"), tabulate)
        for part, (shown, cases) in parts.items():
            if cases:
                _show_list(shown, cases, part, choice)
        verdicts = weak_tables.verdict_words(choice.lang)
        words = {metric.id: verdicts for metric in rules_of(load_registry())}
        about = {"display": table, "words": words}
        view = list_records(here.ordered, choice, name, title, **about)
        marks = choice.text(f"{PAGE}.marks")
        draw_files(view, choice, name, marks)


def _show_list(
    table: DisplayTable, cases: Sequence[str], part: str, choice: Selection
) -> None:
    """One of the two lists under its name, the rows of `cases` as a table."""
    title = choice.text(f"{PAGE}.{part}", n=f"{len(cases):,}")
    draw_heading(title, level=3)
    # A table for each case: after a step back the old tick is not ticked again.
    name = f"weak_{part}-{choice.extra.get('case', 'none')}"

    def lead() -> list[str]:
        opened = choice.extra.get("case")
        return [
            "" if case == opened else choice.link(PAGE, case=case) for case in cases
        ]

    links = marts.kept_of(choice, (PAGE, "links", part), lead)
    draw_rows(table, name, alt=title, to=links.__getitem__)


def show_organization(city: WeakList, choice: Selection) -> None:
    """One organisation: each rule, its verdict, and the report and check behind it."""
    case = choice.extra.get("case")
    if not case:
        return
    rows = city.ordered[city.ordered["case_code"] == case]
    if rows.empty:
        st.warning(choice.text(f"{PAGE}.no_case", case=catalogue.plain(case)))
        return
    row = rows.iloc[0]
    evidence = city.evidence[city.evidence["branch"] == row["branch"]]
    evidence = evidence.reset_index(drop=True)
    place = " · ".join(
        (
            choice.name("unit", row["unit"]),
            *([row["township"]] if row["township"] else []),
            choice.name("sector", row["sector"], is_short=True),
        )
    )
    title = f"{row['branch_name']} · {choice.text(f'{PAGE}.evidence')}"
    about = choice.text(
        f"{PAGE}.organization",
        place=place,
        case=row["case_code"],
        problem=row["problem_type"] or "–",
        listed=f"{row['listed_date']:%Y-%m-%d}",
        days=row["days_listed"],
        position=row["position"],
        n=row["n_in_list"],
        band=row["band"],
        stability=wording.percent(row["stability"]),
    )
    display = weak_tables.evidence_table(evidence, load_registry(), choice.lang)
    with st.container(border=True, key="organization"):
        show_records(
            evidence,
            choice,
            "weak_evidence",
            title,
            display=display,
            filters=(("", case),),
            caption=methods.with_links(choice, about, "weak_order", "weak_stability"),
        )
        with st.container(horizontal=True, gap="medium"):
            selection.page_link(
                choice,
                "sector_gaps",
                choice.text(f"{PAGE}.to_ledger"),
                icon=":material/table_rows:",
                unit=row["unit"],
                sector=row["sector"],
                township=row["township"] or None,
                branch=row["branch"],
            )


def _within(frame: pd.DataFrame, places: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    for dimension, codes in places.items():
        frame = frame[frame[dimension].isin(codes)]
    return frame.reset_index(drop=True) if places else frame
