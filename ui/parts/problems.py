"""The parts of the page 问题与回头看: the list, its levels and its sources."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from data_pipeline import rates
from data_pipeline.registry import load_registry
from data_pipeline.registry.definitions import month_end
from reports.code_words import code_words
from reports.problems import rows as problems
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording
from ui import marts, selection
from ui.records_view import show_records
from ui.selection import Selection

PAGE = "problems"
TABLE = "problem"
LISTED = (
    # A phone has room for the first, and a desk in English for those up to the dates.
    *("problem_code", "standing", "days_overdue", "due_date", "unit", "sector"),
    *("level", "kind", "source", "supervision_group", "branch", "raised_date"),
    *("closed_date", "days_open", "source_file", "source_sheet", "source_row"),
)
STANDING = catalogue.texts("problems.standing")


def ask_problems(choice: Selection) -> pd.DataFrame | None:
    """How the problems of the chosen place stood at the month's end; None: no table."""

    def read() -> pd.DataFrame | None:
        filed = rates.read_staged(marts.current(), TABLE)
        if filed is None:
            return None
        standing = problems.stand_at(filed, choice.month)
        places = {"group": choice.group, "unit": choice.unit, "sector": choice.sector}
        return problems.select(standing, **places)

    return marts.kept_of(choice.alone, (PAGE, "standing"), read)


def say_head(rows: pd.DataFrame, choice: Selection) -> str:
    """How many are open and overdue."""

    def write() -> str:
        head = problems.headline(rows, load_registry(), choice.lang)
        return f"**{catalogue.plain(head)}**"

    return marts.kept_of(choice.alone, (PAGE, "head"), write)


def show_list(rows: pd.DataFrame, choice: Selection) -> None:
    """Every problem, overdue first; those that are closed by a switch."""
    everything = selection.tick(choice, "all", label=choice.text(f"{PAGE}.with_closed"))

    def pick() -> pd.DataFrame:
        shown = rows if everything else rows[rows["is_open"]]
        return shown[[n for n in LISTED if n in shown]].reset_index(drop=True)

    day = wording.day_name(month_end(choice.month), choice.lang)
    caption = choice.text(f"{PAGE}.list_caption", day=day)
    none = choice.text(f"{PAGE}.none_open")
    _show(pick, choice, "list", caption, of=everything, none=none)


def show_levels(rows: pd.DataFrame, choice: Selection) -> None:
    """Who is to solve what is open."""
    _show(
        lambda: problems.by_level(rows, load_registry()),
        choice,
        "levels",
        choice.text(f"{PAGE}.levels_caption"),
        find=lambda found: problems.title_levels(found, load_registry(), choice.lang),
    )


def show_sources(rows: pd.DataFrame, choice: Selection) -> None:
    """Where problems come from, and which have come back."""
    _show(
        lambda: problems.by_source(rows, load_registry()),
        choice,
        "sources",
        choice.text(f"{PAGE}.sources_caption"),
        find=lambda found: problems.title_sources(found, choice.lang),
    )


def _show(
    count: Callable[[], pd.DataFrame],
    choice: Selection,
    name: str,
    caption: str,
    *,
    of: bool = False,
    none: str = "",
    find: Callable[[pd.DataFrame], str] | None = None,
) -> None:
    """A list of what `count` gives of the chosen problems, `of` all or the open.

    `none` is what it says where it is empty, `find` the title that its rows give, if
    they do.
    """

    def tell() -> tuple[pd.DataFrame, DisplayTable, str]:
        found = count()
        title = (find and find(found)) or choice.text(f"{PAGE}.{name}")
        return found, _in_words(found, choice), title

    found, display, title = marts.kept_of(choice.alone, (PAGE, name, of), tell)
    about = {"display": display, "caption": caption, "none": none}
    show_records(found, choice, name, title, **about)


def _in_words(rows: pd.DataFrame, choice: Selection) -> DisplayTable:
    registry = load_registry()
    words = {**code_words(registry, choice.lang), "standing": STANDING[choice.lang]}
    kinds = {"days_open": "integer", "median_days": "integer", "branch": "text"}
    kinds |= dict.fromkeys(("raised_date", "due_date", "closed_date"), "day")
    titles = {
        column.name: column.heading_in(choice.lang)
        for column in registry.tables[TABLE].columns
    }
    return tabulate(
        rows,
        registry,
        choice.lang,
        section=PAGE,
        words=words,
        kinds=kinds,
        titles=titles,
        is_short=True,
    )
