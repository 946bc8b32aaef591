"""The parts of the page 抽查计划 that are not pictures: choices, figures, workbooks.

Looking at the page registers nothing. Without a registered list it shows how many
would be drawn where, which no seed changes, and no branch: who could see lists before
one counts could go on until one suits.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from data_pipeline.check_plan import (
    Draw,
    LakeBusyError,
    PlanError,
    ReadOnlyError,
    draw_id,
    keep_group,
    plan_workbook,
)
from data_pipeline.registry import load_registry
from reports.check_planner import rows as plan
from reports.check_planner.figures import drawn_bars
from reports.figures.style import Picture
from reports.files.export import file_name
from reports.tables import DisplayTable
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.lake import lake_name
from ui.markup import draw_heading
from ui.metric_view import MEDIA_TYPES, show_figure
from ui.records_view import RecordsView, list_records, show_records
from ui.selection import Selection

PAGE = "check_planner"
LOWEST, HIGHEST, DEFAULT = 5, 20, 12  # per cent; the work asks for 10 to 15
PREVIEW = "0"  # in the place of a seed: no list yet


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the page shows: of a preview only the sizes, which no seed changes."""

    draw: Draw
    percent: int
    is_preview: bool
    is_registered: bool

    @property
    def asked(self) -> tuple[str, int, int, str]:
        """What tells it from others of this snapshot."""
        drawn = self.draw
        return drawn.month, self.percent, drawn.seed, drawn.frame_sha256


def choose_plan(choice: Selection) -> Plan | None:
    """The plan that month, share and list choose; None where there is no roll."""
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
            label=catalogue.solid(choice.text(f"{PAGE}.rate")),
            lowest=LOWEST,
            highest=HIGHEST,
            default=DEFAULT,
            template="%d %%",
        )
        known = {
            str(one.seed): one
            for one in marts.registered_plans()
            if (one.month, one.rate) == (month, percent / 100)
        }
        words = {seed: one.id for seed, one in known.items()}
        words[PREVIEW] = choice.text(f"{PAGE}.not_drawn")
        if (given := _given_seed(choice)) and given not in words:
            words[given] = choice.text(f"{PAGE}.repeated", seed=given)
        seed = selection.choose_listed(
            choice,
            "seed",
            words,
            label=choice.text(f"{PAGE}.seed"),
            default=list(known)[-1] if known else PREVIEW,
        )
    if seed in known:
        return Plan(marts.load_plan(known[seed]), percent, False, True)
    try:
        draw = marts.draw_plan(percent / 100, int(seed), month)
    except PlanError:
        return None
    return Plan(draw, percent, seed == PREVIEW, False)


def _given_seed(choice: Selection) -> str:
    """A seed in the address by which a draw is to be repeated; '' where none is."""
    given = choice.extra.get("seed", "")
    is_seed = given.isascii() and given.isdigit() and len(given) < 16
    return given if is_seed and str(int(given)) == given else ""


def where_of(choice: Selection) -> dict[str, tuple[str, ...]]:
    """The chosen place by unit and sector: a group is its units."""
    where = dict(choice.where)
    if group := where.pop("supervision_group", ()):
        units = load_registry().units
        own = tuple(code for code, unit in units.items() if unit.group in group)
        where.setdefault("unit", own)
    return where


def demanded_share() -> float | None:
    """The least share of branches that is to be checked at random; None for none."""
    metric = load_registry().role("random_checks")
    return metric.target if metric else None


def say_plan(shown: Plan, choice: Selection) -> tuple[str, str]:
    """How many are drawn where, as markdown; and how many each lot is of."""

    def write() -> tuple[str, str]:
        lang, registry = choice.lang, load_registry()
        more = plan.explain_more(shown.draw, shown.percent, lang)
        says = plan.describe(shown.draw, lang, is_preview=shown.is_preview)
        spread = plan.spread_over(shown.draw, "unit", demanded_share())
        below = plan.explain_below(spread, registry, lang)
        said = f"**{says}** {more} {catalogue.plain(below)}"
        return catalogue.solid(said), plan.describe_lots(spread, lang)

    return marts.kept_of(choice.alone, (PAGE, "said", shown.asked), write)


def parted_by(choice: Selection) -> tuple[str, ...]:
    """By what the chosen place can be parted: it is of one unit, or of one sector."""
    chosen = {"unit": choice.unit, "sector": choice.sector}
    return tuple(dimension for dimension, code in chosen.items() if not code)


def draw_spread(shown: Plan, choice: Selection, dimension: str) -> None:
    """How many are drawn of each unit or sector of the chosen place."""

    def plot() -> tuple[Picture, RecordsView] | None:
        where = where_of(choice)
        spread = plan.spread_over(shown.draw, dimension, demanded_share(), where)
        if spread.empty:  # which is said in words
            return None
        about = {
            "place": choice.place if where else "",
            "snapshot": marts.current().snapshot,
        }
        picture = drawn_bars(spread, load_registry(), choice.lang, **about)
        view = list_plan(spread, shown, choice, f"plan_{dimension}", picture.title)
        return picture, view

    drawn = marts.kept_of(choice.alone, (PAGE, dimension, shown.asked), plot)
    if drawn:
        show_figure(*drawn, choice, dimension)


def say_place(shown: Plan, choice: Selection) -> None:
    """How many of the chosen place are on the list, and why the others are not."""
    if where := where_of(choice):
        sentence = plan.describe_here(shown.draw, where, choice.place, choice.lang)
        st.markdown(catalogue.plain(sentence))


def say_standing(shown: Plan, choice: Selection) -> None:
    """Whether the list counts, and the button that draws one that does."""
    if shown.is_registered:
        when = wording.time_text(shown.draw.drawn_at)
        st.success(choice.text(f"{PAGE}.registered", id=draw_id(shown.draw), when=when))
        return
    standing = "preview" if shown.is_preview else "unregistered"
    st.info(choice.text(f"{PAGE}.{standing}"))
    n_drawn = shown.draw.strata["n_drawn"].sum()
    if shown.is_preview and st.button(
        choice.text(f"{PAGE}.register", n=wording.number(n_drawn)),
        icon=":material/how_to_vote:",
        key="register",
    ):
        _register(shown, choice)


def _register(shown: Plan, choice: Selection) -> None:
    """Draw, register and show the list: the one act of the page that writes."""
    month, percent = shown.draw.month, shown.percent
    try:
        draw = marts.register_plan(percent / 100, month)
    except ReadOnlyError:
        st.error(choice.text(f"{PAGE}.failed.read_only"))
    except LakeBusyError:
        st.error(choice.text(f"{PAGE}.failed.busy"))
    else:
        changes = {"for": month, "rate": str(percent), "seed": str(draw.seed)}
        st.query_params.from_dict(choice.query(**changes))
        st.rerun()


def download_workbooks(drawn: Draw, choice: Selection) -> None:
    """The workbooks that 抽查 is filled into, as plan-checks writes them."""
    groups = load_registry().groups
    parts: Mapping[str, Draw] = {
        "": drawn,
        **{code: keep_group(drawn, code) for code in groups},
    }
    with st.container(horizontal=True, gap="small", key=f"files-{PAGE}"):
        for code, part in parts.items():
            is_elsewhere = choice.group and code not in ("", choice.group)
            if is_elsewhere or not len(part.drawn):
                continue
            name = choice.name("supervision_group", code) if code else ""
            label = choice.text(f"{PAGE}.download") if not code else name
            _download(part, label, name, choice)
    st.caption(choice.text(f"{PAGE}.come_back"))


def _download(part: Draw, label: str, group: str, choice: Selection) -> None:
    snapshot = marts.current().snapshot
    words = (choice.text(f"{PAGE}.file"), draw_id(part), group)
    identity = f"{len(part.drawn)}-{part.frame_sha256[:8]}"
    st.download_button(
        label,
        roles.at_click(functools.partial(plan_workbook, part, load_registry())),
        file_name=file_name(
            tuple(word for word in words if word), snapshot, identity, "xlsx"
        ),
        mime=MEDIA_TYPES["xlsx"],
        on_click="ignore",
        icon=":material/download:",
        key=f"plan-{group}",
    )


def list_plan(
    frame: pd.DataFrame, shown: Plan, choice: Selection, name: str, title: str
) -> RecordsView:
    """A frame of reports.check_planner.rows with its table and files."""
    display = plan.as_table(frame, load_registry(), choice.lang)
    about = {"display": display, "filters": _filters(shown, choice)}
    # The month that is drawn for, not the one whose ledgers are looked at.
    of_plan = choice.change(month=shown.draw.month)
    return list_records(frame, of_plan, name, title, **about)


def _filters(shown: Plan, choice: Selection) -> tuple[tuple[str, str], ...]:
    """Place, month, share and list of a plan in words."""
    drawn = shown.draw
    listed = choice.text(f"{PAGE}.not_drawn") if shown.is_preview else draw_id(drawn)
    return (
        (choice.text("selection.unit"), choice.place),
        (choice.text(f"{PAGE}.for"), wording.month_name(drawn.month, choice.lang)),
        (choice.text(f"{PAGE}.rate"), f"{shown.percent} %"),
        (choice.text(f"{PAGE}.seed"), listed),
    )


def show_lists(shown: Plan, choice: Selection) -> None:
    """The drawn branches, those who follow, and the strata; one at a time.

    A preview has strata alone, folded: its pictures say where how many are drawn.
    """
    names = {name: choice.text(f"{PAGE}.list.{name}") for name in plan.LISTS}
    name = "strata"
    if not shown.is_preview:
        with st.container(horizontal=True, gap="medium", key=f"choices-{PAGE}-list"):
            name = selection.choose_word(
                choice, "list", names, label=choice.text(f"{PAGE}.lists")
            )

    def tell() -> tuple[pd.DataFrame, DisplayTable]:
        rows = plan.list_of(shown.draw, name, where_of(choice))
        return rows, plan.as_table(rows, load_registry(), choice.lang)

    rows, display = marts.kept_of(choice.alone, (PAGE, name, shown.asked), tell)
    if rows.empty:
        key = "none_here" if name == "strata" else "none_listed"
        st.caption(choice.text(f"{PAGE}.{key}"))
        return
    show_records(
        rows,
        choice.change(month=shown.draw.month),
        f"plan-{name}",
        names[name],
        display=display,
        filters=_filters(shown, choice),
        caption=choice.text(f"{PAGE}.order"),
        is_folded=shown.is_preview,
    )


def show_how_to_repeat(shown: Plan, choice: Selection) -> None:
    """What anybody needs to draw the same list again."""
    drawn = shown.draw
    draw_heading(choice.text(f"{PAGE}.repeat"))
    st.markdown(
        choice.text(
            f"{PAGE}.facts",
            hash=drawn.frame_sha256,
            when=wording.time_text(drawn.drawn_at),
            seed=drawn.seed,
            strata=len(drawn.strata),
        )
    )
    out = f"{choice.text(f'{PAGE}.file')}.xlsx"
    st.code(
        f"python -m data_pipeline plan-checks --lake {lake_name()} "
        f"--month {drawn.month} --rate {drawn.rate:g} --seed {drawn.seed} --out {out}",
        language=None,  # the colours of its words are too pale to read
        wrap_lines=True,
    )


def explain_missing_roll(choice: Selection) -> None:
    """What to do where there is nothing to draw from."""
    st.info(catalogue.plain(choice.text(f"{PAGE}.no_roll")))
