"""One figure, its table and its files: all of the same frame.

`ask` reads a frame together with the question it answers; `show_figure` draws it. What
is seen, what the table lists and what the files hold cannot differ.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from data_pipeline.rates import add_totals, read_branch_spread, read_rates
from data_pipeline.registry import Metric, load_registry
from data_pipeline.withheld import COLUMN, NOTHING, OFFICE, disclosed
from reports import tables
from reports.figures.matrix import Anchor, Captions
from reports.figures.style import Picture
from reports.files import export
from reports.files.export_context import COUNTS, ExportContext, command_line
from reports.files.records import local_times
from reports.metric_rows import METRIC
from reports.words import catalogue, wording
from reports.words.standing import city_anchor, default_anchor
from ui import address, failure, marts, roles, rows, selection
from ui.components.plot import draw_plot
from ui.desk_rows import draw_desk_rows
from ui.lake import lake_name
from ui.markup import draw_heading
from ui.selection import Selection

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
LABELS = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}
DAY_WIDTH_PX = 96
# Of a text in a grid: pixels of a column of `wording.text_width` and of a cell's edge,
# and as much of it as tells it from others; the rest is read by pointing at it.
TEXT_COLUMN_PX, CELL_PADDING_PX, TELLING_COLUMNS = 6.8, 10, 22
# Rows that the browser fits a column to, and words that are measured here.
N_SEEN, N_MEASURED = 10, 50
_DAY = re.compile(r"\d{4}-\d\d-\d\d|")
MOST_ROWS_WHOLE = 300  # of more, a grid draws what is in sight
MOST_LINKS = 10  # rows of a grid that a phone shows as links
_FOLDER = Path(__file__).parent
# Registered once, at import.
_PNG_BUTTON = st.components.v2.component(
    "png_button",
    html="<button type='button'></button>",
    css=(_FOLDER / "png_button.css").read_text("utf-8"),
    js=(_FOLDER / "png_button.js").read_text("utf-8"),
)


@dataclasses.dataclass(frozen=True)
class View:
    """A frame of `rates.read_rates` and its query.

    `workbook` makes the XLSX where it is to look like the screen (the matrix, or
    colours against another line); by default it is the frame's own.
    """

    frame: pd.DataFrame
    context: ExportContext
    workbook: Callable[[], bytes] | None = None

    @functools.cached_property
    def digest(self) -> str:
        """First 8 hex of the sha256 of the figures and of the query.

        The CSV, XLSX, Parquet and PNG of one view share it; another figure anywhere
        gives another one, and so another file name.
        """
        question = export.describe(self.context) | {"in": self.context.language}
        return digest(self.frame, json.dumps(question))

    @property
    def label(self) -> str:
        """The metric in the reader's language."""
        context = self.context
        return wording.in_language(context.metric, "label", context.language)

    @property
    def subtitle(self) -> str:
        """Metric, place, months and basis in words."""
        context, language = self.context, self.context.language
        places = [
            wording.join(
                (
                    wording.place_name(context.registry, dimension, code, language)
                    for code in codes
                ),
                language,
            )
            for dimension, codes in context.where.items()
        ]
        months = sorted(context.months)
        span = months[:1] + months[-1:] if len(months) > 1 else months
        words = (
            self.label,
            " ".join(places) or wording.CITY[language],
            " – ".join(wording.month_name(month, language) for month in span),
            wording.BASIS_LABELS[context.basis][language],
        )
        return " · ".join(words)

    @property
    def source(self) -> str:
        """What a saved picture must say of its data."""
        snapshot, language = self.context.snapshot, self.context.language
        product = catalogue.text(language, "frame.name")
        words = (snapshot.notice(language), product, snapshot.id)
        return " · ".join(word for word in words if word)

    @property
    def table(self) -> tables.DisplayTable:
        """The rows as people read them."""
        context = self.context
        return tables.rates_table(
            self.frame,
            context.metric,
            context.registry,
            context.language,
            month=max(context.months, default=None),
        )

    def subtitle_of(self, title: str) -> str:  # noqa: ARG002 (as RecordsView has it)
        """What stands below a title: `subtitle`."""
        return self.subtitle

    def captions(self, title: str) -> Captions:
        """What stands around a matrix or map of this view, and in its picture."""
        return Captions(title, self.subtitle, self.source, self.file_name("png"))

    def file_name(self, ending: str) -> str:
        """As `export.file_name` says; the same for every file of the view."""
        context = self.context
        parts = context.name_parts
        return export.file_name(parts, context.snapshot, self.digest, ending)

    def to_bytes(self, ending: str) -> bytes:
        if ending == "xlsx" and self.workbook:
            return self.workbook()
        return export.to_bytes(self.frame, self.context, ending)


def ask(
    choice: Selection,
    *,
    by: Sequence[str] = (),
    metric: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    months: Sequence[str] | None = None,
    basis: str | None = None,
    with_totals: bool = False,
) -> View:
    """The rates of what is chosen, grouped `by`; the rest only to differ from it.

    Parameters
    ----------
    where
        Default: the chosen place and filter. `{}` is the whole city. What the metric is
        not divided by (ledgers on time have no sector) is left out, of `by` as well.
    with_totals
        Also every roll-up of `by`: the row and column 总体 of a matrix. A dimension
        that is rolled up is missing (None) in its row.
    """
    opened, registry = marts.current(), load_registry()
    chosen = registry.metrics[metric or choice.metric]
    places = choice.where if where is None else where
    places = {d: tuple(v) for d, v in places.items() if d in chosen.dimensions and v}
    context = ExportContext(
        snapshot=opened.snapshot,
        registry=registry,
        metric=chosen,
        months=tuple(months or (choice.month,)),
        by=tuple(dimension for dimension in by if dimension in chosen.dimensions),
        where=places,
        basis=basis or choice.basis,
        language=choice.lang,
        is_named=True,
        is_long=True,
    )
    read = functools.partial(
        read_kept,
        chosen.id,
        where=places,
        months=context.months,
        basis=context.basis,
    )
    frame = read(by=context.by)
    if frame.empty and not context.by:
        # A place is one row, also of what is only remembered from its due day on.
        counts = dict.fromkeys((name for name in COUNTS if name in frame), 0)
        frame = frame.reindex([0]).fillna(counts).astype(dict.fromkeys(counts, "int64"))
    if with_totals and context.basis == "reported":
        frame = add_totals(frame, context.by, lambda part: read(by=part))
    elif with_totals:
        # An estimate is no sum: each level is weighted anew.
        sizes = range(len(context.by))
        fewer = (itertools.combinations(context.by, size) for size in sizes)
        rolled_up = [read(by=part) for part in itertools.chain.from_iterable(fewer)]
        columns = frame.columns
        frame = pd.concat([*rolled_up, frame], ignore_index=True)[columns]
        due = ask(
            choice,
            by=by,
            metric=chosen.id,
            where=places,
            months=context.months,
            basis="reported",
            with_totals=True,
        )
        frame = _show_unchecked(frame, due.frame, context.by)
    return View(frame, context)


def levels_below(choice: Selection) -> tuple[str, ...]:
    """Unit (inside one: the townships it names) and sector, as far as not chosen."""
    inside = ("township",) if named_townships(choice) else ()
    levels = (*(inside if choice.unit else ("unit",)), "sector")
    reached = choice.chosen_metric.dimensions
    return tuple(n for n in levels if n in reached and not getattr(choice, n))


def named_townships(choice: Selection) -> list[str]:
    """Those that the ledgers of the unit name; none where none is chosen."""
    if not choice.unit or "township" not in choice.chosen_metric.dimensions:
        return []
    whole = choice.change(township=None)
    places = ask(whole, by=("township",), basis="reported").frame["township"]
    return [name for name in places if name]


def read_kept(
    metric: str,
    *,
    by: tuple[str, ...],
    where: Mapping[str, tuple[str, ...]],
    months: tuple[str, ...],
    basis: str,
) -> pd.DataFrame:
    """`rates.read_rates` of this run's snapshot, kept for all readers."""
    question = {"where": where, "months": months, "basis": basis}
    read = functools.partial(read_rates, marts.current(), metric, by=by, **question)
    return marts.kept((metric, by, repr(question)), read).copy(deep=False)


def spread_of(metric: Metric, month: str) -> pd.DataFrame | None:
    """`rates.read_branch_spread` of this run's snapshot, kept for all readers."""
    if not metric.is_clustered:
        return None
    read = functools.partial(read_branch_spread, marts.current(), metric.id, month)
    return marts.kept(("spread", metric.id, month), read)


def _show_unchecked(
    checked: pd.DataFrame, due: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame:
    """Give the places that no check has reached a row that says so: 0 of 0."""
    rows = due[list(by)].merge(checked, on=list(by), how="left", indicator="found")
    counts = ["numerator", "denominator", "n_blank"]
    is_unchecked = rows.pop("found").eq("left_only")
    rows.loc[is_unchecked, counts] = 0
    if COLUMN in rows:
        rows[COLUMN] = rows[COLUMN].fillna(NOTHING)
    whole = [name for name in counts if rows[name].notna().all()]
    return rows.astype(dict.fromkeys(whole, "int64"))


def units_of(view: View, sector: str | None) -> View:
    """The column of a matrix: its units in one sector, None for 总体 of each.

    `view` is by unit and sector with totals; nothing is read again.
    """
    frame, context = view.frame, view.context
    where = dict(context.where) | ({"sector": (sector,)} if sector else {})
    is_unit = frame["unit"].notna()
    if "sector" in frame:
        codes = frame["sector"]
        is_unit &= codes.eq(sector) if sector else codes.isna()
    rows = frame[is_unit].reset_index(drop=True)
    return View(rows, dataclasses.replace(context, by=("unit",), where=where))


def month_of(view: View, month: str) -> View:
    """The rows of one month of a view by month and more; nothing is read again."""
    frame, context = view.frame, view.context
    rows = frame[frame["month"] == month].drop(columns="month")
    by = tuple(dimension for dimension in context.by if dimension != "month")
    context = dataclasses.replace(context, by=by, months=(month,))
    return View(rows.reset_index(drop=True), context)


def line_to_compare(choice: Selection, view: View) -> Anchor:
    """What the cells of a view are compared with: target or pace, city, last month.

    Each place is compared with its own last month; in the first month with nothing.
    Beside another line the target, or the pace towards it, stays the goal.
    """
    context = view.context
    metric, month = context.metric.id, max(context.months)
    demanded = default_anchor(context.metric, context.months)
    if choice.compare == "city":
        whole = view.frame[view.frame[list(context.by)].isna().all(axis=1)]
        if whole.empty or context.where:
            whole = ask(
                choice, metric=metric, where=choice.alike, months=(month,)
            ).frame
        return city_anchor(context.metric, month, whole["rate"].iloc[0])
    if choice.compare == "previous":
        known = context.registry.calendar.months
        at = known.index(month)
        if at == 0:
            return Anchor("last_month", None)
        before = ask(
            choice,
            by=context.by,
            metric=metric,
            where=context.where,
            months=(known[at - 1],),
            with_totals=True,
        )
        rows = before.frame.reindex(columns=["unit", "sector", "rate"])
        rates = {
            tuple(None if wording.is_missing(code) else code for code in place): rate
            for *place, rate in rows.itertuples(index=False)
        }
        return Anchor("last_month", by_place=rates, goal=demanded)
    return demanded


def show_figure(
    picture: Picture | Callable[[], Any] | None,
    view: View,
    choice: Selection,
    name: str,
    *,
    title: str = "",
    caption: str = "",
    is_clickable: bool = False,
    is_table: bool = False,
    phone: tables.DisplayTable | None = None,
) -> Any:
    """Draw a figure under its title, with its caption, table and downloads.

    Parameters
    ----------
    picture
        From reports.figures; or a function that draws a component (with a PNG button
        of its own) and whose answer is handed back; or None for table and files alone.
    name
        Name of the figure, unique on its page; stays the same while choices change.
    title
        Instead of the picture's own.
    is_clickable
        Whether to get back what is clicked.
    is_table
        The function draws a table, which is saved as a picture like a figure.
    phone
        What a phone has in the place of a picture that is too wide for it.

    Returns
    -------
    The answer of the component, the codes of the mark just clicked, or None. A picture
    of nothing is one line that says why, without files.
    """
    is_picture = isinstance(picture, Picture)
    title = title or (picture.title if is_picture else "")
    answer = None
    if roles.is_hidden(view.frame):
        say_hidden(title, choice)
        return None
    with st.container(key=f"figure-{name}", gap="xsmall"):
        if is_picture and picture.nothing:
            # One line: a heading over an empty box and its files would promise more.
            nothing = picture.nothing
            if has_withheld(view.frame):
                nothing = choice.text("figure.withheld")
            say_nothing(title, catalogue.plain(nothing), choice)
            return None
        if title:
            draw_heading(title)
        if is_picture:
            if phone:
                about = {"alt": title, "is_for_phones": True}
                draw_desk_rows(phone, key=f"phone-{name}", **about)
            # Its place and month, too, for those who do not see the page.
            alt = " · ".join(filter(None, (picture.alt, view.subtitle_of(title))))
            drawn = {"key": f"plot-{name}", "is_clickable": is_clickable}
            answer = draw_plot(picture.untitled, alt, **drawn)
        elif picture:
            answer = picture()
        png = title if is_picture or is_table else ""
        draw_files(view, choice, name, caption, title=png, with_table=True)
    return answer


def _hand_out(view: Any, ending: str) -> bytes:
    """A file of a view; that whole counts of persons were taken along is on record."""
    content, opened = view.to_bytes(ending), marts.current()
    metrics = {view.context.metric.id} if isinstance(view, View) else set()
    metrics |= set(view.frame[METRIC]) if METRIC in view.frame else set()
    known = opened.registry.metrics
    metrics &= set(known)
    about_persons = [m for m in sorted(metrics) if opened.registry.persons_of(known[m])]
    is_of_persons = any(opened.registry.counts_persons(n) for n in view.frame.columns)
    if about_persons or is_of_persons:
        roles.note_whole(opened, view.file_name(ending), about_persons)
    return content


def has_withheld(frame: pd.DataFrame) -> bool:
    """Whether counts of persons are withheld of a table from who reads it."""
    if len(disclosed(frame)) < len(frame):
        return True
    opened = marts.current()
    if opened is None or opened.audience == OFFICE:
        return False
    return any(opened.registry.counts_persons(name) for name in frame.columns)


def say_nothing(title: str, words: str, choice: Selection) -> None:
    """One line in the place of a figure or list, and what would show more.

    `words` is markdown.
    """
    st.markdown(f"**{catalogue.plain(title)}** · {words}" if title else words)
    selection.offer_wider(choice)


def say_hidden(title: str, choice: Selection) -> None:
    """One line in the place of single rows, for who sees aggregates alone."""
    words = catalogue.plain(choice.text("roles.aggregates_only"))
    st.markdown(f"**{catalogue.plain(title)}** · {words}" if title else words)


def follow_click(
    clicked: Sequence[str | None] | None,
    choice: Selection,
    page: str,
    by: Sequence[str],
) -> None:
    """Turn to the place of the mark that was just clicked; a mark without one stays.

    Parameters
    ----------
    clicked
        From `show_figure(..., is_clickable=True)`.
    by
        What the codes of a mark are, in order.
    """
    places = {d: code for d, code in zip(by, clicked or (), strict=False) if code}
    if places:
        selection.go(choice, page, **places)


def draw_files(
    view: Any,
    choice: Selection,
    name: str,
    caption: str = "",
    *,
    title: str = "",
    with_table: bool = False,
) -> None:
    """The caption, and below it the lines that open the table and the files of a view.

    Before the first build there are no files.

    Parameters
    ----------
    view
        A `View` or `records_view.RecordsView`.
    title
        Of the picture above, where there is one to be saved as PNG.
    with_table
        Also the rows as a table, where they do not stand on the page anyway.
    """
    if roles.is_hidden(view.frame):
        return
    if has_withheld(view.frame):
        caption = f"{caption} {choice.text('figure.withheld')}".strip()
    if caption:
        st.caption(catalogue.solid(caption))
    if marts.current():
        rows.offer(name, view)
        _foot(view, choice, name, title, with_table)


# Its own fragment: opening a table or the list of files redraws nothing else.
@roles.fragment()
def _foot(
    view: Any, choice: Selection, name: str, title: str, with_table: bool
) -> None:
    """Both are worked out only once they are open: on most visits nobody asks.

    Files have names that change with each figure, and hashing all figures of a page
    on every run costs more than drawing them.
    """
    words = {}
    if with_table and view.frame.empty:
        st.caption(choice.text("figure.no_rows"))
    elif with_table:
        words["table"] = choice.text("figure.table", n=f"{len(view.frame):,}")
    words["files"] = choice.text("figure.export")
    opened = selection.choose_panels(words, f"panels-{name}")
    if not opened:
        return
    with st.container(key=f"files-{name}", gap="small"), failure.reported():
        if "table" in opened:
            draw_rows(view.table, name, alt=words["table"])
        if "files" in opened:
            _draw_buttons(view, choice, name, title)


def _draw_buttons(view: Any, choice: Selection, name: str, title: str) -> None:
    """A button for each kind of file, and the commands that give the same."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for ending, media_type in MEDIA_TYPES.items():
            st.download_button(
                LABELS[ending],
                roles.at_click(functools.partial(_hand_out, view, ending)),
                file_name=view.file_name(ending),
                mime=media_type,
                on_click="ignore",
                type="tertiary",
                help=choice.text(f"figure.{ending}"),
                key=f"{ending}-{name}",
            )
        if title:
            png = _png(view, choice, name, title)
            _PNG_BUTTON(key=f"png-{name}", width="content", data=png)
        commands = {}
        if isinstance(view, View):
            about = "command_about" if view.context.by else "command_about_whole"
            commands[about] = command_line(view.context.command, lake_name())
            has_rows = bool(view.context.by)
        else:
            has_rows = not view.is_uploaded
        if has_rows:
            command = rows.command_of(*selection.address_now(), name)
            commands["rows_command_about"] = command
        if commands:
            show_commands(commands, choice, name)


def for_analysts(title: str) -> Any:
    """A part that is opened by a line and worked out only then; None while closed."""
    part = st.expander(title, key="analysts", type="compact", on_change="rerun")
    return part if part.open or rows.are_requested() else None


def show_commands(commands: Mapping[str, str], choice: Selection, name: str) -> None:
    """Commands that give the same figures, behind a mark: they are for operators.

    Each under the text of figure.toml that says what it gives.
    """
    label = choice.text("figure.command")
    icon = ":material/terminal:"
    with st.popover(label, type="tertiary", icon=icon, key=f"command-{name}"):
        for about, command in commands.items():
            # The colours of a language's words are too pale to read.
            st.code(command, language=None, wrap_lines=True)
            st.caption(choice.text(f"figure.{about}"))


def draw_rows(
    table: tables.DisplayTable,
    name: str,
    *,
    alt: str,
    to: Callable[[int], str] | None = None,
) -> None:
    """A table in full.

    Parameters
    ----------
    to
        The address that a click on the row at a position turns to, "" where it stays.
    """
    n_rows = len(table.frame)
    if n_rows <= MOST_ROWS_WHOLE:
        links = [to(at) for at in range(n_rows)] if to else []
        draw_desk_rows(table, key=f"rows-{name}", alt=alt, links=links)
        return
    if to:
        links = [to(at) for at in range(MOST_LINKS)]
        _draw_links(table, f"phone-{name}", alt, links)
    if table not in _columns_of:
        _columns_of[table] = _write_columns(table)
    sent, columns = _columns_of[table]
    event = st.dataframe(
        sent,
        hide_index=True,
        column_config=columns,
        key=f"rows-{name}",
        alt=alt,
        on_select="rerun" if to else "ignore",
        selection_mode="single-row",
        placeholder=wording.UNDEFINED,
    )
    if not to:
        return
    how = catalogue.text(selection.current().lang, "figure.tick_row")
    st.html(f'<p class="tick-row">{how}</p>')
    for row in event.selection.rows:
        if where := to(row):
            address.visit(where)


# A table that is kept is made ready for the browser once.
_columns_of: WeakKeyDictionary[tables.DisplayTable, tuple[pa.Table, dict]] = (
    WeakKeyDictionary()
)


def _write_columns(table: tables.DisplayTable) -> tuple[pa.Table, dict[str, Any]]:
    """The values as the browser formats them, and how: by heading."""
    frame, columns = table.frame.copy(), {}
    for heading, (kind, explanation) in table.hints.items():
        if kind == "percent":
            frame[heading] = in_per_cent(frame[heading])
        if kind == "time":
            frame[heading] = local_times(
                frame[heading], load_registry().calendar.timezone
            )
        columns[heading] = _column(kind, explanation or None, frame[heading])
    return _to_arrow(frame), columns


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """As the browser gets it: Streamlit would make it of a frame anew on every run."""
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # What was filed before and after stands as text among numbers.
        mixed = frame.select_dtypes(object).columns
        words = frame[mixed].map(lambda v: None if wording.is_missing(v) else str(v))
        return pa.Table.from_pandas(frame.assign(**words), preserve_index=False)


def _draw_links(
    table: tables.DisplayTable, key: str, alt: str, links: Sequence[str]
) -> None:
    """The first rows for phones, where a cell is too small to be hit."""
    first = tables.DisplayTable(table.frame.head(len(links)), table.hints)
    n_more = len(table.frame) - len(links)
    below = catalogue.text(selection.current().lang, "figure.more_rows", n=n_more)
    about = {"alt": alt, "links": links, "is_for_phones": True, "below": below}
    draw_desk_rows(first, key=key, **about)


def in_per_cent(shares: pd.Series) -> pd.Series:
    """Shares as numbers of per cent, one decimal; 100.0 only where exactly reached."""
    exact = shares.to_numpy(float, na_value=np.nan)
    # As sentences write them, or one rate would be 99.8 here and 99.9 there.
    shown = [wording.percent(share).removesuffix(" %") for share in exact]
    numbers = [
        np.nan if words == wording.UNDEFINED else float(words) for words in shown
    ]
    return pd.Series(numbers, index=shares.index, name=shares.name, dtype=float)


def digest(frame: pd.DataFrame, question: str) -> str:
    """First 8 hex of the sha256 of a question and the figures that answer it."""
    values = {name: frame[name].tolist() for name in frame.columns}
    return hashlib.sha256(f"{question}{values}".encode()).hexdigest()[:8]


def _png(view: View, choice: Selection, name: str, title: str) -> dict[str, str]:
    captions = view.captions(title)
    return {
        "target": f"st-key-figure-{name}",
        "help": choice.text("figure.png"),
        "file": captions.file_name,
        "title": title,
        "subtitle": captions.subtitle,
        "source": captions.notice,
    }


def _column(kind: str, explanation: str | None, values: pd.Series) -> Any:
    if kind in ("text", "day"):
        return st.column_config.TextColumn(help=explanation, width=_text_width(values))
    if kind == "time":
        return st.column_config.DatetimeColumn(
            help=explanation, format="YYYY-MM-DD HH:mm"
        )
    formats = {
        "integer": "localized",
        "ordinal": "%d",
        "percent": "%.1f %%",
        "number": "%.2f",
    }
    return st.column_config.NumberColumn(help=explanation, format=formats[kind])


def _text_width(values: pd.Series) -> int | None:
    """Pixels for the words of a column; None where the browser finds them.

    It fits a column to its first rows, which may be blank, and leaves those out that
    are twice as wide as the average: a long name would be cut in its first word.
    """
    words = [str(word) for word in values.dropna().unique()]
    if not words:
        return None
    if all(_DAY.fullmatch(word) for word in words):
        return DAY_WIDTH_PX
    longest = sorted(words, key=len)[-N_MEASURED:]
    telling = min(max(map(wording.text_width, longest)), TELLING_COLUMNS)
    seen = [_pixels(wording.text_width(str(word))) for word in values.head(N_SEEN)]
    usual = 2 * sum(seen) / len(seen)
    if _pixels(telling) <= max((wide for wide in seen if wide < usual), default=0):
        return None
    return _pixels(telling)


def _pixels(columns: int) -> int:
    return round(columns * TEXT_COLUMN_PX) + 2 * CELL_PADDING_PX
