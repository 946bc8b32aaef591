"""The check list of a month: who is to be visited, drawn so that anybody can repeat it.

The workbooks it writes, one of all and one for each supervision group, are those that
the groups fill in: their sheet 抽查 comes back through `ingest`. The other sheets say
how the list was drawn and what it can prove.
"""

from __future__ import annotations

import dataclasses
import io
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from data_pipeline.disk import disk_sentence, file_words, replace_file
from data_pipeline.number_words import time_text
from data_pipeline.rates import Marts, read_roll
from data_pipeline.registry import YES_NO, Registry, month_end
from data_pipeline.statistics.sampling import (
    DRAW_STRATUM,
    Draw,
    draw_checks,
    prove_by_all_pass,
)
from data_pipeline.store.draw_register import (
    RegisteredDraw,
    draw_id,
    list_draws,
    load_draw,
    register_draw,
)
from data_pipeline.store.lake import Lake
from data_pipeline.store.lake import LakeBusyError as LakeBusyError  # a page catches it
from data_pipeline.words import text, texts
from data_pipeline.workbooks.template import Lists, Styles, write_table
from data_pipeline.xlsx_file import new_workbook

TABLE = "spot_check"
SHEETS = texts("check_plan.sheets")
DRAWN_SHEET, RESERVE_SHEET, STRATA_SHEET = (
    SHEETS[key] for key in ("drawn", "reserve", "strata")
)
LARGEST_SEED = 10**15 - 1  # what a spreadsheet and a browser still keep exactly
LIST_HEADINGS = texts("check_plan.headings")
STRATA_HEADINGS = {
    key: LIST_HEADINGS[key]
    for key in (
        "unit",
        "sector",
        "is_weak",
        "n_frame",
        "n_drawn",
        "inclusion_probability",
        "layer",
        "unit_code",
        "sector_code",
    )
}


class PlanError(ValueError):
    """No list can be drawn; the message says why and what to do."""


class ReadOnlyError(PlanError):
    """The register cannot be written from here."""


def choose_seed() -> int:
    """A seed from the system's randomness, which nobody can guess."""
    return secrets.randbelow(LARGEST_SEED) + 1


def draw_plan(
    marts: Marts, rate: float, seed: int, drawn_at: datetime, month: str
) -> Draw:
    """Draw from the branches on the roll; see `sampling.draw_checks`.

    Open cases of the weak list come first. Whom a random check of the last two rounds
    before `month` has reached goes to the back.

    Raises
    ------
    PlanError
        There is no roll to draw from, or the rate is no share.
    """
    roll = read_roll(marts)
    if roll.empty:
        raise PlanError(text("en", "check_plan.errors.no_roll"))
    if not 0 < rate <= 1:
        raise PlanError(text("en", "check_plan.errors.no_share", rate=rate))
    period = {
        "since": marts.registry.calendar.last_rounds_since(month),
        "until": month_end(month).replace(day=1),
    }
    marks = marts.query("draw_marks", period).set_index("branch")
    for name in ("has_case", "is_recent"):
        roll[name] = roll["branch"].map(marks[name]).fillna(0).astype(bool)
    draw = draw_checks(roll, rate, seed, drawn_at)
    return dataclasses.replace(draw, month=month)


def register_plan(marts: Marts, draw: Draw) -> tuple[Draw, bool]:
    """Put a draw into the register of the lake that it was drawn from.

    Returns
    -------
    As `draw_register.register_draw`.

    Raises
    ------
    ReadOnlyError
        The lake cannot be written; nothing is registered.
    LakeBusyError
        Another run holds the lake.
    """
    lake, is_demo = Lake(marts.root), marts.snapshot.is_demo
    try:
        with lake.writing():
            return register_draw(draw, lake, marts.registry, is_demo=is_demo)
    except OSError as error:
        raise ReadOnlyError(
            text("en", "check_plan.errors.read_only", why=disk_sentence(error, "en"))
        ) from None


def registered_plans(root: Path | str) -> tuple[RegisteredDraw, ...]:
    """The register of a lake, in the order of registering."""
    return list_draws(Lake(root))


def load_plan(marts: Marts, registered: RegisteredDraw) -> Draw:
    """A draw as it was registered, whatever became of roll and checks since."""
    draw = load_draw(registered, Lake(marts.root), read_roll(marts))
    zone = marts.registry.calendar.timezone
    return dataclasses.replace(draw, drawn_at=draw.drawn_at.astimezone(zone))


def keep_group(draw: Draw, group: str) -> Draw:
    """The part of a draw that one supervision group is to check, under the same id."""
    order = draw.order[draw.order["supervision_group"] == group]
    order = order.reset_index(drop=True)
    kept = order[list(DRAW_STRATUM)].drop_duplicates()
    strata = draw.strata.merge(kept, on=list(DRAW_STRATUM))
    proves = prove_by_all_pass(strata["n_frame"], strata["n_drawn"])
    return dataclasses.replace(draw, order=order, strata=strata, all_pass_proves=proves)


def plan_facts(draw: Draw) -> list[tuple[str, str]]:
    """What stands on the first sheet and on the page: label and value, in Chinese."""
    n_frame, n_drawn = int(draw.strata["n_frame"].sum()), len(draw.drawn)
    in_layer = draw.drawn["layer"].value_counts()
    n_unannounced = int((~draw.drawn["is_announced"].astype(bool)).sum())
    values = {
        "draw": {"id": draw_id(draw)},
        "month": {"month": draw.month},
        "n_frame": {"n_frame": n_frame},
        "n_drawn": {"n_drawn": n_drawn, "share": n_drawn / n_frame},
        "n_cases": {"n_cases": in_layer.get("case", 0)},
        "n_weak": {"n_weak": in_layer.get("weak", 0)},
        "n_unannounced": {"n_unannounced": n_unannounced},
        "n_reserve": {"n_reserve": len(draw.reserve)},
        "strata": {"n_strata": len(draw.strata)},
        "proves": {"proves": draw.all_pass_proves},
        "seed": {"seed": draw.seed},
        "frame": {"frame": draw.frame_sha256},
        "drawn_at": {"drawn_at": time_text(draw.drawn_at)},
        "how_drawn": {},
        "how_filled": {"reserve": RESERVE_SHEET},
    }
    return [
        (
            text("zh", f"check_plan.facts.{fact}.label"),
            text("zh", f"check_plan.facts.{fact}.value", **figures),
        )
        for fact, figures in values.items()
    ]


def write_plan(path: Path | str, draw: Draw, registry: Registry) -> list[Path]:
    """Write the workbook of a draw and, beside it, one for each group.

    An existing file is replaced, whole.

    Returns
    -------
    The paths: the whole list first, then `<name>_<group>.xlsx` for each group that has
    anybody to check.
    """
    path = Path(path)
    parts = {path: draw}
    for code, group in registry.groups.items():
        own = keep_group(draw, code)
        if len(own.drawn):
            name = f"{path.stem}_{file_words(group.name_zh)}{path.suffix}"
            parts[path.with_name(name)] = own
    for place, part in parts.items():
        replace_file(place, plan_workbook(part, registry))
    return list(parts)


def plan_workbook(draw: Draw, registry: Registry) -> bytes:
    """The workbook of a draw, .xlsx; the same draw gives the same bytes."""
    sink = io.BytesIO()
    table = registry.tables[TABLE]
    with new_workbook(sink) as workbook:
        drawn_at = draw.drawn_at.replace(tzinfo=None, microsecond=0)
        title = text("zh", "check_plan.title", month=draw.month)
        workbook.set_properties({"title": title, "created": drawn_at})
        styles, lists = Styles(workbook), Lists(registry)
        facts = workbook.add_worksheet(SHEETS["facts"])
        facts.set_column(0, 0, 22)
        facts.set_column(1, 1, 90)
        facts.write_string(0, 0, title, styles.title)
        for number, (label, value) in enumerate(plan_facts(draw), 2):
            facts.write_string(number, 0, label, styles.strong)
            facts.write_string(number, 1, value, styles.prose)
        drawn = list_rows(draw.drawn, registry)
        chosen = _words(registry, TABLE, "selection")["random"]
        rows = (
            {
                "supervision_group": group,
                "branch": branch,
                "selection": chosen,
                "is_announced": way,
                "draw": draw_id(draw),
            }
            for group, branch, way in zip(
                drawn["group"], drawn["branch"], drawn["is_announced"], strict=True
            )
        )
        write_table(workbook, table, lists, styles, rows)
        _write_list(workbook, DRAWN_SHEET, drawn, LIST_HEADINGS, styles)
        reserve = list_rows(draw.reserve, registry)
        _write_list(workbook, RESERVE_SHEET, reserve, LIST_HEADINGS, styles)
        strata = _named(draw.strata, registry)
        _write_list(workbook, STRATA_SHEET, strata, STRATA_HEADINGS, styles)
        lists.write(workbook)
    return sink.getvalue()


def list_rows(drawn: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """A draw as people read it, by group; open cases, then weak branches first."""
    named = _named(drawn, registry)
    named["group"] = [
        registry.groups[code].name_zh for code in drawn["supervision_group"]
    ]
    ways = _words(registry, TABLE, "is_announced")
    named["is_announced"] = [
        ways["yes" if is_announced else "no"] for is_announced in drawn["is_announced"]
    ]
    codes = list(registry.groups)
    order = drawn["supervision_group"].map(codes.index)
    named = named.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    named["number"] = named.index + 1
    return named[list(LIST_HEADINGS)]


def _words(registry: Registry, table: str, column: str) -> Mapping[str, str]:
    """What people write for each code of a column."""
    words = registry.lake_tables[table].column(column).words
    return {code: word for word, code in words.items()}


def _named(rows: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Codes of the strata replaced by names, the codes of places kept beside them."""
    layers = _words(registry, "draw", "layer")
    answers = {answer: word for word, answer in YES_NO.items()}
    return rows.assign(
        unit_code=rows["unit"],
        sector_code=rows["sector"],
        unit=[registry.units[code].name_zh for code in rows["unit"]],
        sector=[registry.sectors[code].name_zh for code in rows["sector"]],
        is_weak=[answers["yes" if is_weak else "no"] for is_weak in rows["is_weak"]],
        layer=[layers[code] for code in rows["layer"]],
    )


def _write_list(
    workbook: Workbook,
    name: str,
    rows: pd.DataFrame,
    headings: dict[str, str],
    styles: Styles,
) -> None:
    sheet = workbook.add_worksheet(name)
    sheet.write_row(0, 0, list(headings.values()), styles.optional)
    sheet.set_column(0, len(headings) - 1, 14)
    columns: Sequence[list] = [rows[key].fillna("").tolist() for key in headings]
    for number, row in enumerate(zip(*columns, strict=True), 1):
        sheet.write_row(number, 0, row)
    sheet.freeze_panes(1, 0)
