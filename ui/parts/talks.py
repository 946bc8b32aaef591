"""The parts of the page 约谈名单: candidates to tick, their reasons, the workbook."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, load_registry
from reports.files.export import file_name
from reports.ledger_calendar.rows import select
from reports.talks import places as talks
from reports.talks.workbook import TABLE, talks_workbook
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.components.fold import draw_fold
from ui.markup import draw_heading, draw_html
from ui.metric_view import MEDIA_TYPES, digest, show_figure
from ui.parts import methods
from ui.parts.actions import list_actions
from ui.records_view import RecordsView, list_records
from ui.selection import Selection

PAGE = "talks"
HEADS = ("weightiest", "others", "demand")


def ask_known(month: str) -> talks.Known:
    """What talks of a month are proposed from, kept for all readers."""
    flags, _ = marts.current_flags()
    read = functools.partial(talks.read_known, marts.current(), flags.found, month)
    return marts.kept(("talks", month), read)


def say_headline(known: talks.Known, ranked: pd.DataFrame, choice: Selection) -> str:
    """How many places are on the list and why the first, as markdown."""
    about = (ranked, known, load_registry(), choice.month, choice.lang)
    head = marts.kept_of(choice.alone, (PAGE, "head"), lambda: talks.headline(*about))
    return f"**{catalogue.plain(head)}** {methods.sentence(choice, 'talk_order')}"


def ask_ranked(known: talks.Known, choice: Selection) -> pd.DataFrame:
    """The candidates of the chosen place, in their order inside each group."""
    about = (known, load_registry(), choice.month, choice.group)
    ranked = marts.kept(
        (PAGE, "ranked", choice.month, choice.group),
        functools.partial(talks.propose, *about),
    )
    return select(ranked, unit=choice.unit, sector=choice.sector)


def show_candidates(
    ranked: pd.DataFrame, known: talks.Known, choice: Selection
) -> pd.DataFrame:
    """Each place on the list with a box, its reasons as links and what to do about it.

    Returns those ticked.
    What is ticked is shown in any case, and so is all that is off the list on demand.
    """
    is_ticked = pd.Series(
        [
            choice.extra.get(_key(row)) == selection.TICKED
            for row in ranked.itertuples()
        ],
        index=ranked.index,
        dtype=bool,
    )
    n_beside = int((~ranked["is_listed"]).sum())
    everything = n_beside > 0 and selection.tick(
        choice,
        "all",
        label=choice.text(f"{PAGE}.beside", n=wording.number(n_beside)),
    )
    shown = ranked[is_ticked | ranked["is_listed"] | everything]
    write = functools.partial(_write_rows, ranked, known, choice.alone)
    written = marts.kept_of(choice.alone, (PAGE, "rows"), write)
    with st.container(key="candidates", gap="xsmall"):
        groups = list(shown.groupby("supervision_group", sort=False))
        for group, rows in groups:
            # One group alone has nothing to be found behind.
            folded = f"fold-{group}" if len(groups) > 1 else ""
            with st.container(key=folded or f"whole-{group}", gap="xsmall"):
                _show_heads(group, choice, len(rows), folded)
                # A text: boxes of Streamlit's would take a browser as long as the page.
                draw_html("".join(map(written.__getitem__, rows.index)))
    if not shown.empty:
        most = load_registry().talks.most
        st.caption(choice.text(f"{PAGE}.caption", most=most))
    return ranked[is_ticked].reset_index(drop=True)


def _key(row: Any) -> str:
    return f"talk.{row.unit}.{row.sector}"


def _show_heads(group: str, choice: Selection, n: int, folded: str) -> None:
    """The name of a group, and over its rows what their columns say.

    `folded` is the key of what a phone folds, with `n` places; '' for nothing.
    """
    heads = (choice.text(f"{PAGE}.heads.{head}") for head in HEADS)
    line = {"horizontal": True, "gap": "small", "vertical_alignment": "top"}
    with st.container(key=f"talk-heads-{group}", **line):
        draw_heading(choice.name("supervision_group", group))
        draw_html(_cells(map(escape, heads)), width="stretch")
        if folded:
            words = choice.text(f"{PAGE}.places", n=wording.number(n))
            draw_fold(words, around=folded)


def _cells(parts: Iterable[str]) -> str:
    """Parts of a row beside each other, on a phone below each other, as HTML."""
    return (
        f'<div class="talk-cells">{"".join(f"<p>{part}</p>" for part in parts)}</div>'
    )


def _write_rows(
    ranked: pd.DataFrame, known: talks.Known, choice: Selection
) -> dict[int, str]:
    """Each candidate as HTML, by index: a box that ticks it, and its cells.

    `address.js` ticks a box where the address does, and the other way round.
    """
    return {
        row.Index: f'<div class="talk-row">{_write_row(row, known, choice)}</div>'
        for row in ranked.itertuples()
    }


def _write_row(row: Any, known: talks.Known, choice: Selection) -> str:
    registry, lang = load_registry(), choice.lang
    place = wording.cell_name(registry, CELL, (row.unit, row.sector), lang)
    told = talks.explain_reasons(row, known, registry, choice.month, lang)
    links = [
        selection.anchor(
            one.short,
            choice.open_link(one.page, **({"group": None} | dict(one.choices))),
        )
        for one in told
    ]
    first, *others = links
    cells = (first, " ".join(others) or wording.UNDEFINED, _say_next(row, told, choice))
    called = catalogue.letters(f"{row.position}. {place}")
    box = f'<input type="checkbox" data-tick="{escape(_key(row))}">'
    return f"<label>{box}{called}</label>{_cells(cells)}"


def _say_next(row: Any, told: Sequence[talks.Told], choice: Selection) -> str:
    """What to do about a place: what to ask it for, or when it was talked to."""
    demand = catalogue.letters(told[0].demand)
    if not wording.is_missing(row.talked):
        day = wording.day_name(row.talked, choice.lang)
        said = choice.text(f"{PAGE}.rows.talked", day=day)
        demand = f"<b>{catalogue.letters(said)}</b>"
    links = (
        selection.anchor(one.label, one.to)
        for one in list_actions(choice, row.unit, row.sector)
        if one.name in ("check", "brief")
    )
    return f"{demand} <span>{' '.join(links)}</span>"


def download_workbook(
    ranked: pd.DataFrame, ticked: pd.DataFrame, known: talks.Known, choice: Selection
) -> None:
    """The workbook of those ticked, or of those on the list."""
    registry, snapshot = load_registry(), marts.current().snapshot
    chosen = ticked
    if chosen.empty:
        chosen = talks.on_list(ranked)
    if chosen.empty:
        return
    place = _place_in_chinese(choice)
    write = functools.partial(
        talks_workbook,
        chosen,
        known,
        registry,
        choice.month,
        place=place,
        snapshot=snapshot.id,
        notice=snapshot.notice(),
        created=snapshot.built_at,
    )
    codes = (code for (code,) in choice.where.values())
    parts = (choice.text(f"{PAGE}.file"), choice.month, *codes)

    def digest_list() -> str:
        listed = talks.list_candidates(chosen, known, registry, choice.month)
        return digest(listed, place)

    listed = marts.kept_of(choice, (PAGE, "digest"), digest_list)
    name = file_name(parts, snapshot, listed, "xlsx")

    def hand_out() -> bytes:
        content = write()
        roles.note_whole(marts.current(), name)
        return content

    st.download_button(
        choice.text(f"{PAGE}.download", n=wording.number(len(chosen))),
        roles.at_click(hand_out),
        file_name=name,
        mime=MEDIA_TYPES["xlsx"],
        on_click="ignore",
        icon=":material/download:",
        key="talks",
    )
    if TABLE in registry.tables:
        sheet = registry.tables[TABLE].sheet
        st.caption(choice.text(f"{PAGE}.download_caption", sheet=sheet))
    else:
        st.caption(choice.text(f"{PAGE}.no_table"))


def _place_in_chinese(choice: Selection) -> str:
    registry = load_registry()
    chosen = (
        ("supervision_group", choice.group),
        ("unit", choice.unit),
        ("sector", choice.sector),
    )
    names = [wording.place_name(registry, *one) for one in chosen if one[1]]
    return " · ".join(names) or wording.CITY["zh"]


def show_all(ranked: pd.DataFrame, known: talks.Known, choice: Selection) -> None:
    """Every candidate as a table with its files."""
    registry, title = load_registry(), choice.text(f"{PAGE}.list")
    alone, about = choice.alone, (choice.month, choice.lang)

    def list_all() -> RecordsView:
        listed = talks.list_candidates(ranked, known, registry, *about)
        display = talks.candidates_table(listed, registry, choice.lang)
        return list_records(listed, alone, "talk-candidates", title, display=display)

    view = marts.kept_of(alone, (PAGE, "list"), list_all)
    show_figure(None, view, choice, "talk-candidates")
