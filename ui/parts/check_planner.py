"""The parts of the page 抽查计划 that are not pictures: choices, figures, workbook."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from data_pipeline.check_plan import Draw, PlanError, plan_workbook
from data_pipeline.registry import load_registry
from reports.check_planner import rows as plan
from reports.files.export import file_name
from reports.words import catalogue, wording
from ui import marts, selection
from ui.metric_view import MEDIA_TYPES
from ui.records_view import RecordsView, list_records, show_records
from ui.selection import Selection

PAGE = "check_planner"
LOWEST, HIGHEST, DEFAULT = 10, 15, 12  # per cent, as the work asks for
LARGEST_SEED = 999_999


def choose_plan(choice: Selection) -> tuple[str, int, int]:
    """The month the list is for, the share in per cent and the seed."""
    calendar = load_registry().calendar.months
    names = {month: wording.month_name(month, choice.lang) for month in calendar}
    latest = selection.months()[-1]
    with st.container(horizontal=True, gap="medium", key=f"choices-{PAGE}"):
        month = selection.choose_listed(
            choice,
            "for",
            names,
            label=choice.text(f"{PAGE}.for"),
            default=next((m for m in calendar if m > latest), latest),
        )
        percent = selection.choose_number(
            choice,
            "rate",
            label=choice.text(f"{PAGE}.rate"),
            lowest=LOWEST,
            highest=HIGHEST,
            default=DEFAULT,
            template="%d %%",
        )
        seed = selection.choose_number(
            choice,
            "seed",
            label=choice.text(f"{PAGE}.seed"),
            lowest=1,
            highest=LARGEST_SEED,
            # Another list each month, and nobody's choice.
            default=int(month.replace("-", "")),
        )
    return month, percent, seed


def draw(percent: int, seed: int) -> Draw | None:
    """The list; None, and the page says why, where there is no roll."""
    try:
        return marts.draw_plan(percent / 100, seed)
    except PlanError:
        return None


def download_workbook(drawn: Draw, month: str, choice: Selection) -> None:
    """The workbook that 抽查 is filled into, as the command plan-checks writes it."""
    snapshot = marts.current().snapshot
    parts = (choice.text(f"{PAGE}.file"), month, f"{drawn.seed}")
    identity = f"{len(drawn.drawn)}-{drawn.frame_sha256[:8]}"
    st.download_button(
        choice.text(f"{PAGE}.download"),
        functools.partial(plan_workbook, drawn, month, load_registry()),
        file_name=file_name(parts, snapshot, identity, "xlsx"),
        mime=MEDIA_TYPES["xlsx"],
        on_click="ignore",
        icon=":material/download:",
        key="plan",
    )
    st.caption(choice.text(f"{PAGE}.come_back"))


def list_plan(
    frame: pd.DataFrame, choice: Selection, name: str, title: str
) -> RecordsView:
    """A frame of reports.check_planner.rows with its table and files."""
    display = plan.as_table(frame, load_registry(), choice.lang)
    return list_records(frame, choice, name, title, display=display, filters=())


def show_lists(drawn: Draw, choice: Selection) -> None:
    """The drawn branches, those who follow, and the strata; one at a time."""
    names = {name: choice.text(f"{PAGE}.list.{name}") for name in plan.LISTS}
    with st.container(horizontal=True, gap="medium", key=f"choices-{PAGE}-list"):
        name = selection.choose_word(
            choice, "list", names, label=choice.text(f"{PAGE}.lists")
        )
    selection.choose(choice, "unit", "sector")
    rows = plan.list_of(drawn, name, choice.where)
    show_records(
        rows,
        choice,
        f"plan-{name}",
        names[name],
        display=plan.as_table(rows, load_registry(), choice.lang),
        filters=((choice.text("selection.unit"), choice.place),),
        caption=choice.text(f"{PAGE}.order"),
    )


def show_how_to_repeat(
    drawn: Draw, month: str, percent: int, choice: Selection
) -> None:
    """What anybody needs to draw the same list again."""
    st.header(choice.text(f"{PAGE}.repeat"), anchor=False)
    st.markdown(
        choice.text(
            f"{PAGE}.facts",
            hash=drawn.frame_sha256,
            when=f"{drawn.drawn_at:%Y-%m-%d %H:%M%z}",
            seed=drawn.seed,
            strata=len(drawn.strata),
        )
    )
    out = f"{choice.text(f'{PAGE}.file')}.xlsx"
    st.code(
        f"python -m data_pipeline plan-checks --lake {marts.lake_folder()} "
        f"--month {month} --rate {percent / 100:g} --seed {drawn.seed} --out {out}",
        language=None,  # the colours of its words are too pale to read
        wrap_lines=True,
    )


def explain_missing_roll(choice: Selection) -> None:
    """What to do where there is nothing to draw from."""
    st.info(catalogue.plain(choice.text(f"{PAGE}.no_roll")))
