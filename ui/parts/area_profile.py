"""The parts of the page 地区画像: where a unit stands, its sectors, the way on."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports.area_profile import rows as profile
from reports.area_profile.figures import profile_rows
from reports.belief import add_columns
from reports.cell_classes import judge_cells, take_classes
from reports.figures.matrix import Anchor
from reports.figures.style import Picture
from reports.metric_rows import stack
from reports.words import catalogue, wording
from ui import marts, selection
from ui.belief import ask_beliefs, ask_caveats
from ui.components.hot_cold import hot_cold_matrix
from ui.filters import kept_units, label_of
from ui.markup import draw_html
from ui.metric_view import follow_click, show_figure, spread_of
from ui.parts import methods
from ui.records_view import RecordsView, ask_several, ask_with_totals, list_rows
from ui.selection import Selection

PAGE = "area_profile"
MOST_SEEN = 10  # strips of one screen
# What is asked of every metric here: where each stands, and by sector.
Profile = tuple[pd.DataFrame, dict[str, pd.DataFrame]]


def ask_profile(names: Sequence[str], choice: Selection) -> Profile:
    """The rows of `profile.stand` and frames of `profile.sector_frames`, judged."""
    read = functools.partial(_read_profile, names, choice)
    return marts.kept(_question(choice), read)


def _question(choice: Selection, *about: Hashable) -> tuple[Hashable, ...]:
    """By what an answer of the chosen place is kept."""
    kinds = (repr(choice.alike), repr(choice.within), repr(choice.where))
    return (PAGE, choice.unit, choice.month, *kinds, *about)


def _read_profile(names: Sequence[str], choice: Selection) -> Profile:
    registry, month, unit = load_registry(), choice.month, choice.unit
    months = tuple(known for known in selection.months() if known <= month)[-2:]
    by_unit = ask_several(names, ("month", "unit"), months, choice.alike)
    by_month = ask_several(names, ("month",), months, choice.alike)
    known = ((name, spread_of(registry.metrics[name], month)) for name in names)
    spreads = {name: spread for name, spread in known if spread is not None}
    here = None
    if choice.within and not unit:
        here = ask_several(names, ("month",), months, choice.within)
    rows = profile.stand(by_unit, by_month, registry, unit, months, spreads, here)
    divided = profile.metrics_by(registry, "unit", "sector", *choice.alike)
    by_sector = ask_several(divided, ("sector",), (month,), choice.where)
    frames = profile.sector_frames(rows, by_sector)
    if unit:
        cells = ask_with_totals(divided, CELL, (month,), choice.alike)
        for name, city in cells.items():
            about = (registry.metrics[name], month)
            line = Anchor("city", profile.city_rate(rows, name))
            judged = judge_cells(city, *about, line, spread=spreads.get(name))
            classes = take_classes(frames[name], judged, unit=unit)
            beliefs = ask_beliefs(*about, ((), ("sector",)), choice.where)
            frames[name] = add_columns(classes, beliefs, unit=unit)
    return rows, frames


def draw_standing(rows: pd.DataFrame, choice: Selection) -> pd.DataFrame:
    """Each metric of `profile.stand` beside the city and the other units.

    First the few that lie furthest behind, as many as one screen shows, then those
    worth a look: a dozen of fifty are read, fifty are scrolled past. The rows that are
    listed are handed back.
    """
    pick = functools.partial(_pick_lists, rows, choice.unit)
    lists = marts.kept_of(choice.alone, (PAGE, "lists"), pick)
    code = "all"
    if len(lists) > 1:
        words = {
            code: choice.text(f"area_profile.listed.{code}", n=len(listed))
            for code, listed in lists.items()
        }
        label = choice.text("area_profile.listed.label")
        code = selection.choose_word(choice, "list", words, label=label)
    rows = lists[code]
    plot = functools.partial(_plot_standing, rows, choice)
    picture, view = marts.kept_of(choice.alone, (PAGE, "profile", code), plot)
    caption = methods.sentence(choice, "quartile_band")
    about = {"caption": caption, "is_clickable": True}
    clicked = show_figure(picture, view, choice, "profile", **about)
    follow_click(clicked, choice, "sector_gaps", ("metric",))
    return rows


def _pick_lists(rows: pd.DataFrame, unit: str | None) -> dict[str, pd.DataFrame]:
    """What can be listed, the first by default."""
    registry = load_registry()
    telling = profile.worth_a_look(rows, registry, unit)
    if not telling.any() or telling.all():
        return {"all": rows}
    worst = profile.worst_first(rows[telling], registry, unit).reset_index(drop=True)
    first, kind = ("worst", "differing") if unit else ("furthest", "short")
    lists = {first: worst.head(MOST_SEEN), kind: worst, "all": rows}
    if len(worst) <= MOST_SEEN:
        del lists[first]
    return lists


def _plot_standing(
    rows: pd.DataFrame, choice: Selection
) -> tuple[Picture, RecordsView]:
    registry = load_registry()
    picture = profile_rows(
        rows,
        registry,
        choice.lang,
        unit=choice.unit,
        month=choice.month,
        place=choice.filter_name,
        caveats=ask_caveats(rows["metric"], choice) if choice.unit else None,
        snapshot=marts.current().snapshot,
    )
    standings = profile.STANDINGS.items()
    words = {"differs": {code: word[choice.lang] for code, word in standings}}
    words["differs"][None] = words["differs"]["none"]
    return picture, list_rows(rows, choice, "profile", picture.title, words)


def draw_sectors(
    frames: Mapping[str, pd.DataFrame], rows: pd.DataFrame, choice: Selection
) -> None:
    """Metrics by sector (of `profile.sector_frames`); a click turns to 领域差距.

    Of those in `rows`, which are listed beside it.
    """
    frames = {name: frames[name] for name in rows["metric"] if name in frames}
    if not frames:
        return

    def place() -> tuple[RecordsView, dict[str, Any]]:
        about = (load_registry(), choice.lang)
        plain = choice.text("area_profile.sectors", place=choice.place)
        title = profile.sector_title(frames, *about, plain=plain)
        view = list_rows(stack(frames), choice, "area_sectors", title)
        of_place = {"unit": choice.unit, "captions": view.captions(title)}
        return view, profile.sector_matrix(frames, rows, *about, **of_place)

    part = (PAGE, "sectors", *frames)
    view, matrix = marts.kept_of(choice.alone, part, place)
    draw = functools.partial(hot_cold_matrix, matrix, key="sectors")
    # The sectors of the city are sums: only cells of a unit are judged.
    caption = methods.sentence(choice, "cell_class") if choice.unit else ""
    if clicked := show_figure(draw, view, choice, "sectors", caption=caption):
        metric, sector = clicked.split("|")
        selection.go(choice, "sector_gaps", metric=metric, sector=sector or None)


def say_summary(rows: pd.DataFrame, choice: Selection) -> str:
    """How many metrics of the place lie where, as markdown."""

    def write() -> str:
        about = (choice.place, choice.month, choice.lang)
        said = profile.summary(rows, load_registry(), *about)
        named = ["compare_city", "by_branch"] * bool(choice.unit)
        return methods.with_links(choice, said, *named)

    return marts.kept_of(choice.alone, (PAGE, "summary"), write)


def say_left_out(shown: Sequence[str], choice: Selection) -> None:
    """How many metrics do not know the kinds of branches that are filtered by."""
    registry = load_registry()
    every = profile.metrics_by(registry, "unit", "month")
    if len(shown) < len(every):
        labels = (label_of(registry, name, choice.lang) for name in choice.alike)
        words = {"dimension": wording.join(labels, choice.lang)}
        words["n"] = wording.number(len(every) - len(shown))
        st.caption(choice.text("area_profile.left_out", **words))


def draw_units(choice: Selection) -> None:
    """Draw the way from the city to each unit."""

    def write() -> str:
        kept = kept_units(load_registry(), choice.within) or load_registry().units
        links = (
            selection.anchor(choice.name("unit", code), choice.link(PAGE, unit=code))
            for code in kept
        )
        items = "".join(f"<li>{link}</li>" for link in links)
        heading = catalogue.letters(choice.text(f"{PAGE}.units"))
        return f'<div class="places"><h2>{heading}</h2><ul>{items}</ul></div>'

    # A text: buttons of Streamlit's would take a browser as long as the figures.
    draw_html(marts.kept_of(choice, (PAGE, "units"), write))
