"""The parts of the page 对比: which two sides, their figures, what changed between."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from data_pipeline.rates import (
    Marts,
    Snapshot,
    read_ledger,
    read_roll,
    read_several,
)
from data_pipeline.registry import ROLL_DIMENSIONS, load_registry
from reports.compare import rows as compare
from reports.ledger_calendar import rows as filings
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.filters import kept_units
from ui.markup import draw_heading
from ui.metric_view import ask, draw_files, draw_rows, say_hidden
from ui.records_view import filters_of, list_records, show_records
from ui.selection import Selection

PAGE = "compare"
KINDS = ("place", "month", "snapshot")
CITY, SECTOR = "city", "sector"
# A browser gets no longer list than this; the files hold all of it.
MOST_CELLS = 300
SCOPES = ("metric", "theme")


@dataclasses.dataclass(frozen=True)
class Side:
    """What one side is read from: marts, month and place; its code and its name.

    The name says which side it is: A, that of the head of the page, or B, beside it.
    """

    marts: Marts
    month: str
    where: Mapping[str, tuple[str, ...]]
    code: str
    name: str


@dataclasses.dataclass(frozen=True)
class Both:
    """The two sides of a comparison of one of `KINDS`, and the metrics it shows."""

    kind: str
    here: Side
    there: Side
    metrics: tuple[str, ...]

    @property
    def names(self) -> tuple[str, str]:
        return self.here.name, self.there.name


def choose_sides(choice: Selection) -> Both | None:
    """What is compared with what; None where there is no second snapshot to read."""
    words = {kind: choice.text(f"{PAGE}.kind.{kind}") for kind in KINDS}
    with st.container(horizontal=True, gap="small", key=f"choices-{PAGE}"):
        label = choice.text(f"{PAGE}.what")
        kind = selection.choose_word(choice, "kind", words, label=label)
        there = _CHOOSE[kind](choice)
        scopes = {name: choice.text(f"{PAGE}.scope.{name}") for name in SCOPES}
        label = choice.text(f"{PAGE}.shown")
        scope = selection.choose_word(choice, "scope", scopes, label=label)
    if there is None:
        return None
    here = _here(choice, kind)
    known = load_registry().metrics
    listed = [choice.metric]
    if scope == "theme":
        theme = choice.chosen_metric.theme
        alike = (m for m in known.values() if m.theme == theme)
        listed = [m.id for m in alike if m.is_offered and m.has_whole]
    needed = {*here.where, *there.where}
    shown = tuple(m for m in listed if needed <= set(known[m].dimensions))
    # A figure that is not divided so is shown undivided, and said to be.
    return Both(kind, here, there, shown or (choice.metric,))


def labels_of_first(choice: Selection) -> dict[str, str]:
    """What the control of side A is called, by its choice; a snapshot has none."""
    controls = {"place": "unit", "month": "month"}
    kind = choice.extra.get("kind", KINDS[0])
    if kind not in controls:
        return {}
    return {controls[kind]: choice.text(f"{PAGE}.of.{kind}")}


def _here(choice: Selection, kind: str) -> Side:
    opened = marts.current()
    named = {
        "place": (_place_code(choice), choice.place),
        "month": (choice.month, wording.month_name(choice.month, choice.lang)),
        "snapshot": (str(opened.snapshot.id), _short_name(opened.snapshot, choice)),
    }
    code, name = named[kind]
    called = choice.text(f"{PAGE}.side.first", name=name)
    return Side(opened, choice.month, choice.where, code, called)


def _second(choice: Selection, name: str) -> str:
    return choice.text(f"{PAGE}.side.second", name=name)


def _place_code(choice: Selection) -> str:
    return choice.unit or ",".join(choice.units) or choice.group or CITY


def _choose_place(choice: Selection) -> Side:
    """Another place of the same sector and month; by default the whole city."""
    registry = load_registry()
    words = {CITY: choice.text("selection.city")}
    words |= {c: choice.name("supervision_group", c) for c in registry.groups}
    words |= {code: choice.name("unit", code) for code in registry.units}
    is_part = bool(choice.group or choice.units or choice.unit)
    default = CITY if is_part else next(iter(registry.units))
    label = choice.text(f"{PAGE}.with.place")
    code = selection.choose_listed(
        choice, "with_place", words, label=label, default=default
    )
    changes = {"group": None, "unit": None, "units": None}
    if code in registry.units:
        changes["unit"] = code
    elif code in registry.groups:
        changes["group"] = code
    other = choice.change(**changes)
    called = _second(choice, other.place)
    return Side(marts.current(), choice.month, other.where, code, called)


def _choose_month(choice: Selection) -> Side:
    """Another month of the same place; by default the one before."""
    known = selection.months()
    words = {month: wording.month_name(month, choice.lang) for month in known}
    before = [month for month in known if month < choice.month]
    label = choice.text(f"{PAGE}.with.month")
    month = selection.choose_listed(
        choice, "with_month", words, label=label, default=(before or known)[-1]
    )
    called = _second(choice, words[month])
    return Side(marts.current(), month, choice.where, month, called)


def _choose_snapshot(choice: Selection) -> Side | None:
    """Another state of knowledge of the same figures; by default the one before."""
    opened = marts.current()
    others = {str(snapshot.id): snapshot for snapshot in marts.other_snapshots()}
    if not others:
        return None
    words = {
        code: _snapshot_name(snapshot, choice) for code, snapshot in others.items()
    }
    earlier = [code for code in others if code < str(opened.snapshot.id)]
    label = choice.text(f"{PAGE}.with.snapshot")
    code = selection.choose_listed(
        choice, "with_snapshot", words, label=label, default=(earlier or [*others])[-1]
    )
    read, name = marts.open_other(others[code]), _short_name(others[code], choice)
    called = _second(choice, name)
    return Side(read, choice.month, choice.where, code, called)


_CHOOSE = {
    "place": _choose_place,
    "month": _choose_month,
    "snapshot": _choose_snapshot,
}


def _snapshot_name(snapshot: Snapshot, choice: Selection) -> str:
    """When a snapshot was built, and what it knows where that is less than all."""
    short = _short_name(snapshot, choice)
    if not snapshot.as_of:
        return short
    zone = load_registry().calendar.timezone
    when = f"{snapshot.built_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return choice.text(f"{PAGE}.built_as_of", when=when, as_of=short)


def _short_name(snapshot: Snapshot, choice: Selection) -> str:
    """The instant whose knowledge a snapshot holds, else when it was built."""
    zone = load_registry().calendar.timezone
    if snapshot.as_of:
        when = f"{snapshot.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
        return choice.text(f"{PAGE}.as_of", when=when)
    when = f"{snapshot.built_at.astimezone(zone):%m-%d %H:%M:%S}"
    return choice.text(f"{PAGE}.built", when=when)


def ask_both(both: Both) -> pd.DataFrame:
    """`compare.compare` of the two sides, kept for all readers."""

    def read() -> pd.DataFrame:
        return compare.compare(
            *(_ask(s, both.metrics) for s in (both.here, both.there))
        )

    return marts.kept(("compare", both.metrics, *_sides(both)), read)


def _sides(both: Both) -> tuple[tuple[str, str, str], ...]:
    """What the two are read from, as part of what an answer is kept by."""
    return tuple(
        (s.marts.snapshot.state, s.month, repr(s.where))
        for s in (both.here, both.there)
    )


def _ask(side: Side, metrics: Sequence[str]) -> dict[str, pd.DataFrame]:
    known, frames = load_registry().metrics, {}
    for name in metrics:
        where = {d: v for d, v in side.where.items() if d in known[name].dimensions}
        question = {"where": where, "months": (side.month,)}
        frame = read_several(side.marts, (name,), **question)[name]
        # What is remembered has no row before the month of its due day.
        if frame.empty:
            frame = frame.reindex([0]).fillna({"numerator": 0, "denominator": 0})
        frames[name] = frame
    return frames


def _filters(both: Both, choice: Selection) -> tuple[tuple[str, str], ...]:
    """The query of a list on both sides: the chosen place, and what it is beside."""
    beside = (choice.text(f"{PAGE}.with.{both.kind}"), both.there.name)
    return (*filters_of(choice), beside)


def show_metrics(frame: pd.DataFrame, both: Both, choice: Selection) -> None:
    """Both sides of every metric as a table with its files."""

    def tell() -> tuple[pd.DataFrame, DisplayTable]:
        listed = frame.assign(
            compared=f"{both.kind}={both.here.code}",
            compared_with=f"{both.kind}={both.there.code}",
        )
        about = (load_registry(), both.names, choice.lang)
        return listed, compare.compared_table(frame, *about)

    part = (PAGE, "figures", *both.metrics, *_sides(both))
    listed, display = marts.kept_of(choice, part, tell)
    title, filters = choice.text(f"{PAGE}.figures"), _filters(both, choice)
    about = {"display": display, "filters": filters}
    about["caption"] = choice.text(f"{PAGE}.unrounded")
    show_records(listed, choice, f"compare_{both.kind}", title, **about)


def show_sectors(both: Both, choice: Selection) -> None:
    """The chosen metric of both sides, sector by sector: where they lie apart."""
    registry, metric = load_registry(), choice.chosen_metric
    if choice.sector or SECTOR not in metric.dimensions:
        return

    def read() -> tuple[pd.DataFrame, DisplayTable]:
        found = compare.compare_places(
            *(
                read_several(
                    side.marts,
                    (metric.id,),
                    by=(SECTOR,),
                    months=(side.month,),
                    where=side.where,
                )[metric.id]
                for side in (both.here, both.there)
            ),
            SECTOR,
        )
        about = (metric, registry, both.names, choice.lang)
        return found, compare.places_table(found, *about)

    part = (PAGE, "sectors", *_sides(both))
    frame, display = marts.kept_of(choice, part, read)
    show_records(
        frame,
        choice,
        f"compare_sectors_{both.kind}",
        choice.text(f"{PAGE}.sectors"),
        display=display,
        filters=_filters(both, choice),
    )


def show_sources(both: Both, choice: Selection) -> None:
    """The files that the figures of both sides were counted from.

    Between snapshots `show_changes` names those that differ.
    """
    registry = load_registry()
    known = [registry.metrics[name] for name in both.metrics]
    counted = [metric for metric in known if metric.has_ledger_rows]
    if both.kind == "snapshot" or not counted:
        return

    def read() -> pd.DataFrame:
        ledgers = {}
        for side in (both.here, both.there):
            months = {metric.ledger_month(side.month) for metric in counted}
            question = {"months": sorted(months), "where": side.where}
            ledgers[side.name] = read_ledger(side.marts, **question)
        return compare.list_sources(ledgers)

    names = tuple(metric.id for metric in counted)
    rows = marts.kept(("compare sources", names, *_sides(both), both.names), read)
    words = {"side": {name: name for name in both.names}}
    display = functools.partial(
        tabulate, rows, registry, choice.lang, section=PAGE, words=words
    )
    show_records(
        rows,
        choice,
        f"compare_sources_{both.kind}",
        choice.text(f"{PAGE}.sources"),
        display=display,
        words=words,
        caption=compare.count_sources(rows, choice.lang),
        is_folded=True,
    )


def suggest(choice: Selection) -> None:
    """Comparisons that tell something of what is chosen, as links."""
    metric = choice.chosen_metric
    links = {}
    if "unit" in metric.dimensions:
        units = ask(choice, by=("unit",), where=choice.alike, basis="reported").frame
        units = units.dropna(subset=["rate"]).sort_values("rate", kind="stable")
        if len(units) > 1:
            low, high = units["unit"].iloc[[0, -1]]
            places = {
                "low": choice.name("unit", low),
                "high": choice.name("unit", high),
            }
            here = {"kind": "place", "unit": low, "group": None, "units": None}
            links["lowest"] = (places, here | {"with_place": CITY})
            links["ends"] = (places, here | {"with_place": high})
    if len(selection.months()) > 1:
        links["month"] = ({}, {"kind": "month"})
    if marts.other_snapshots():
        links["snapshot"] = ({}, {"kind": "snapshot"})
    written = [
        f"[{choice.text(f'{PAGE}.suggest.{name}', **words)}]"
        f"({choice.link(PAGE, **changes)})"
        for name, (words, changes) in links.items()
    ]
    with st.container(key=f"actions-{PAGE}"):
        st.markdown(" ".join(written))


def show_changes(both: Both, choice: Selection) -> None:
    """Which file changed which cells: between the snapshots, or of the months since."""
    if both.kind == "place":
        return
    registry = load_registry()
    known = [registry.metrics[name] for name in both.metrics]
    counted = [metric for metric in known if metric.has_ledger_rows]
    if not counted:
        st.caption(choice.text(f"{PAGE}.not_ledger"))
        return
    fields = compare.counted_fields(counted, registry)
    cells = _changed(both, fields)
    name = f"compare_cells_{both.kind}"
    title = choice.text(f"{PAGE}.why.{both.kind}")
    if roles.is_hidden(cells):
        say_hidden(title, choice)
        return
    zone = registry.calendar.timezone
    sentence = catalogue.plain(compare.explain(cells, zone, choice.lang))
    if len(cells) > MOST_CELLS:
        shown, n = wording.number(MOST_CELLS), wording.number(len(cells))
        sentence += f" {choice.text(f'{PAGE}.more', shown=shown, n=n)}"
    view = list_records(
        cells,
        choice,
        name,
        title,
        display=lambda: filings.changes_table(cells, registry, choice.lang),
    )
    with st.container(key=f"records-{name}", gap="xsmall"):
        if cells.empty:
            st.markdown(f"**{catalogue.plain(title)}** · {sentence}")
            return
        draw_heading(title)
        st.markdown(sentence)
        first = cells.head(MOST_CELLS)
        table = filings.changes_table(first, registry, choice.lang)
        draw_rows(table, name, alt=title)
        draw_files(view, choice, name)


def _changed(both: Both, fields: Sequence[str]) -> pd.DataFrame:
    if both.kind == "month":
        revised = filings.read_changes(both.here.marts)
        is_shown = revised["month"].isin([both.here.month, both.there.month])
        is_shown &= revised["field"].isin([*filings.BESIDE_COUNTS, *fields])
        return _inside(revised[is_shown], both.here)
    known = load_registry().metrics
    month = both.here.month
    # What is remembered only from a later month on has no rows to compare yet.
    shown = [known[m] for m in both.metrics if known[m].remembered_month <= month]
    months = {metric.ledger_month(month) for metric in shown} or {month}
    older, newer = sorted(
        (both.here, both.there), key=lambda side: _knowledge(side.marts)
    )
    before, after = (
        read_ledger(side.marts, months=sorted(months), where=side.where)
        for side in (older, newer)
    )
    return compare.changed_cells(before, after, fields)


def _knowledge(opened: Marts) -> tuple[int, str]:
    """An order of snapshots by what they know, then by when they were built."""
    return opened.snapshot.n_submissions, str(opened.snapshot.id)


def _inside(rows: pd.DataFrame, side: Side) -> pd.DataFrame:
    """The rows of a place, by its units and sector, and of its kinds of branches."""
    where = side.where
    if units := kept_units(load_registry(), where):
        rows = rows[rows["unit"].isin(units)]
    if where.get("sector"):
        rows = rows[rows["sector"].isin(where["sector"])]
    if any(where.get(dimension) for dimension in ROLL_DIMENSIONS):
        rows = rows[rows["branch"].isin(read_roll(side.marts, where)["branch"])]
    return rows.reset_index(drop=True)
