"""A list on a page: its rows and its files are one frame, as with figures.

For what is not a rate: ledger rows, filings, checks, what a statistic says of places.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from data_pipeline.rates import (
    add_totals,
    read_filing,
    read_several,
    read_speaking_bounds,
)
from data_pipeline.registry import load_registry
from reports import tables
from reports.figures.matrix import Captions
from reports.figures.style import Picture
from reports.files import export, records
from reports.files.records import Records
from reports.metric_rows import formulas
from reports.words import catalogue, wording
from ui import marts, roles
from ui.markup import draw_heading
from ui.metric_view import (
    digest,
    draw_files,
    draw_rows,
    follow_click,
    say_hidden,
    say_nothing,
    show_figure,
)
from ui.selection import Selection


@dataclasses.dataclass(frozen=True)
class RecordsView:
    """A list as `metric_view.show_figure` takes it; `parts` begin its file names.

    What `is_uploaded` is of files that lie in no lake yet: no command can give it.
    """

    records: Records
    parts: tuple[str, ...]
    is_uploaded: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        return self.records.frame

    @property
    def table(self) -> tables.DisplayTable:
        return self.records.table

    @property
    def source(self) -> str:
        """What a saved picture must say of its data."""
        snapshot, language = self.records.snapshot, self.records.language
        product = catalogue.text(language, "frame.name")
        words = (snapshot.notice(language), product, snapshot.id)
        return " · ".join(word for word in words if word)

    def subtitle_of(self, title: str) -> str:
        """Below a title: the query, and what the list is where it says less."""
        values = (value for _, value in self.records.filters)
        subtitle = dict.fromkeys((self.records.title, *values))
        subtitle.pop(title, None)
        return " · ".join(subtitle)

    def captions(self, title: str) -> Captions:
        """What stands around a figure of these rows, and in its picture."""
        about = (self.subtitle_of(title), self.source, self.file_name("png"))
        return Captions(title, *about)

    @functools.cached_property
    def digest(self) -> str:
        """First 8 hex of the sha256 of the rows and of the query."""
        question = repr((self.records.title, self.records.filters))
        return digest(self.records.public, question)

    def file_name(self, ending: str) -> str:
        snapshot = self.records.snapshot
        return export.file_name(self.parts, snapshot, self.digest, ending)

    def to_bytes(self, ending: str) -> bytes:
        return records.to_bytes(self.records, ending)


def ask_several(
    metrics: Sequence[str],
    by: Sequence[str],
    months: Sequence[str],
    where: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Several metrics as reported, in one query that is kept for all readers.

    `where` defaults to the whole city.
    """
    question = {"by": tuple(by), "months": tuple(months), "where": dict(where or {})}
    read = functools.partial(read_several, marts.current(), metrics, **question)
    found = marts.kept((tuple(metrics), repr(question)), read)
    return {name: frame.copy(deep=False) for name, frame in found.items()}


def ask_with_totals(
    metrics: Sequence[str],
    by: tuple[str, ...],
    months: Sequence[str],
    where: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """`ask_several` with every roll-up (`rates.add_totals`)."""
    ask = functools.cache(lambda part: ask_several(metrics, part, months, where))
    return {
        name: add_totals(frame, by, lambda part, name=name: ask(part)[name])
        for name, frame in ask(by).items()
    }


def ask_speaking_bounds(
    by: Sequence[str],
    months: Sequence[str],
    where: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """How many have spoken at least and at most where only topics were counted."""
    question = {"by": tuple(by), "months": tuple(months), "where": dict(where or {})}
    read = functools.partial(read_speaking_bounds, marts.current(), **question)
    bounds = marts.kept(("speaking_bounds", repr(question)), read)
    return bounds.copy(deep=False)


def ask_filing(months: Sequence[str]) -> pd.DataFrame:
    """Who has filed when, by month and unit."""
    filing = read_filing(marts.current())
    return filing[filing["month"].isin(months)].reset_index(drop=True)


def filters_of(choice: Selection) -> tuple[tuple[str, str], ...]:
    """The chosen place and month in words, as what a list was filtered by."""
    month = wording.month_name(choice.month, choice.lang)
    return (
        (choice.text("selection.unit"), choice.place),
        (choice.text("selection.month"), month),
    )


def list_records(
    frame: pd.DataFrame,
    choice: Selection,
    name: str,
    title: str,
    *,
    table: str = "ledger",
    display: tables.DisplayTable | Callable[[], tables.DisplayTable] | None = None,
    filters: Sequence[tuple[str, str]] | None = None,
    words: Mapping[str, Mapping[str | None, str]] | None = None,
    is_uploaded: bool = False,
) -> RecordsView:
    """Rows of a page with their query; arguments as in `show_records`."""
    registry, lang = load_registry(), choice.lang
    make = functools.partial(tables.records_table, frame, table, registry, lang)
    if display is not None:
        make = display if callable(display) else lambda: display
    if filters is None:
        filters = filters_of(choice)
    opened = marts.current()
    found = Records(
        frame=frame,
        tabulate=make,
        title=title,
        filters=tuple(filters),
        snapshot=opened and opened.snapshot,
        language=lang,
        words=words or {},
    )
    parts = (name, choice.month, *itertools.chain(*choice.where.values()))
    return RecordsView(found, parts, is_uploaded)


def list_rows(
    frame: pd.DataFrame,
    choice: Selection,
    name: str,
    title: str,
    words: Mapping[str, Mapping[str | None, str]] | None = None,
) -> RecordsView:
    """Rows of several metrics or months, all as reported.

    `words` as in `tables.tabulate`.
    """
    registry, lang = load_registry(), choice.lang
    display = functools.partial(tables.tabulate, frame, registry, lang, words=words)
    basis = (
        choice.text("selection.basis"),
        wording.BASIS_LABELS["reported"][lang],
    )
    question = (*filters_of(choice), basis)
    about = {"display": display, "words": words, "filters": question}
    view = list_records(frame, choice, name, title, **about)
    with_formulas = tuple(formulas(frame, registry, lang))
    with_formulas = dataclasses.replace(view.records, formulas=with_formulas)
    return dataclasses.replace(view, records=with_formulas)


def show_rows(
    picture: Picture,
    rows: pd.DataFrame,
    choice: Selection,
    name: str,
    *,
    to: str,
    by: Sequence[str],
    words: Mapping[str, Mapping[str | None, str]] | None = None,
    caption: str = "",
) -> None:
    """Draw a picture of `list_rows` with its table and files.

    Parameters
    ----------
    name
        Of the figure; begins the names of its files.
    to, by
        The page that a click on a mark turns to, as in `metric_view.follow_click`.
    """
    view = list_rows(rows, choice, name, picture.title, words)
    clickable = {"caption": caption, "is_clickable": True}
    clicked = show_figure(picture, view, choice, name, **clickable)
    follow_click(clicked, choice, to, by)


def show_records(
    frame: pd.DataFrame,
    choice: Selection,
    name: str,
    title: str,
    *,
    table: str = "ledger",
    display: tables.DisplayTable | Callable[[], tables.DisplayTable] | None = None,
    filters: Sequence[tuple[str, str]] | None = None,
    words: Mapping[str, Mapping[str | None, str]] | None = None,
    caption: str = "",
    none: str = "",
    to: Callable[[int], str] | None = None,
    is_uploaded: bool = False,
    is_folded: bool = False,
    beneath: Callable[[], object] | None = None,
) -> None:
    """Draw a list under its title, with its downloads.

    Parameters
    ----------
    frame
        Rows with codes, as `rates.read_ledger` and its like give them; a remark
        (`note`) is neither shown nor handed out.
    name
        Of the list, unique on its page; begins the names of its files.
    table
        Whose headings the columns have, as in `tables.records_table`.
    display
        The same rows as people read them, or what makes them so once they are looked
        at; needed where the columns are not a table's.
    filters
        The query, as (label, value) in the reader's words; default the chosen
        place and month.
    words
        By column, what its codes are called where `code_words` does not say it.
    none
        What is said, as markdown, where there is no row and that is no matter of what
        is chosen.
    to
        The address that a click on a row turns to, as in `draw_rows`.
    is_uploaded
        Of files that are only looked at, as in `RecordsView`.
    is_folded
        The rows stand behind a line that opens them.
    beneath
        What draws a control of this list alone, below its title and above its rows.
    """
    if roles.is_hidden(frame):
        say_hidden(title, choice)
        return
    options = {"table": table, "display": display, "filters": filters, "words": words}
    options["is_uploaded"] = is_uploaded
    view = list_records(frame, choice, name, title, **options)
    with st.container(key=f"records-{name}", gap="xsmall"):
        if frame.empty:
            none = none or catalogue.plain(choice.text("figure.no_rows"))
            say_nothing(title, none, choice)
        elif title:
            draw_heading(title)
        if beneath:
            beneath()
        if frame.empty:
            return
        if not is_folded:
            draw_rows(view.table, name, alt=title, to=to)
        draw_files(view, choice, name, caption, with_table=is_folded)
