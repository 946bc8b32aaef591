"""The check list of a month: who is to be visited, drawn so that anybody can repeat it.

The workbook it writes is the one the groups fill in: its sheet 抽查 comes back through
`ingest`. The other sheets say how the list was drawn and what it can prove.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from data_pipeline.rates import Marts, read_roll
from data_pipeline.registry import Registry
from data_pipeline.statistics.sampling import STRATUM, Draw, draw_checks
from data_pipeline.workbooks.template import Lists, Styles, write_table

TABLE = "spot_check"
DRAWN_SHEET, RESERVE_SHEET, STRATA_SHEET = "抽取名单", "候补名单", "分层"
# None of these is a heading of an incoming table: the reader passes these sheets by.
LIST_HEADINGS = {
    "number": "次序",
    "group": "负责督导组",
    "branch": "抽中支部",
    "branch_name": "支部全称",
    "unit": "所在单位",
    "township": "所在乡镇",
    "sector": "领域名称",
    "is_weak": "薄弱层",
    "place": "层内次序",
    "n_frame": "本层支部数",
    "n_drawn": "本层抽取数",
    "inclusion_probability": "入选概率",
}
STRATA_HEADINGS = {
    key: LIST_HEADINGS[key]
    for key in ("unit", "sector", "is_weak", "n_frame", "n_drawn")
} | {"inclusion_probability": LIST_HEADINGS["inclusion_probability"]}


class PlanError(ValueError):
    """No list can be drawn; the message says why and what to do."""


def draw_plan(marts: Marts, rate: float, seed: int, drawn_at: datetime) -> Draw:
    """Draw from the branches on the roll; see `sampling.draw_checks`.

    Raises
    ------
    PlanError
        There is no roll to draw from, or the rate is no share.
    """
    roll = read_roll(marts)
    if roll.empty:
        raise PlanError(
            "there is no roll (名册) in the lake, and a draw needs the list of all "
            "branches; ingest the roll and build again."
        )
    if not 0 < rate <= 1:
        raise PlanError(f"--rate {rate} is not a share above 0 and up to 1, as 0.12.")
    return draw_checks(roll, rate, seed, drawn_at)


def plan_facts(draw: Draw, month: str) -> list[tuple[str, str]]:
    """What stands on the first sheet and on the page: label and value, in Chinese."""
    n_frame, n_drawn = int(draw.strata["n_frame"].sum()), len(draw.drawn)
    n_weak = int(draw.drawn["is_weak"].sum())
    return [
        ("统计月份", month),
        ("名册支部数", f"{n_frame:,}"),
        ("抽取支部数", f"{n_drawn:,}({n_drawn / n_frame:.1%})"),
        ("其中基础薄弱支部", f"{n_weak:,}"),
        ("候补支部数", f"{len(draw.reserve):,}"),
        ("分层", f"单位 × 领域 × 是否基础薄弱,共 {len(draw.strata)} 层"),
        (
            "全部通过能说明什么",
            f"至少 {draw.all_pass_proves:.1%} 的支部属实(结果的 95 % 区间下限)",
        ),
        ("随机种子", str(draw.seed)),
        ("名册摘要(sha256)", draw.frame_sha256),
        ("抽取时间", f"{draw.drawn_at:%Y-%m-%d %H:%M%z}"),
        (
            "怎样抽取",
            "每层按 sha256(种子|支部代码) 排序取前几名:"
            "同一种子、同一名册,任何人重抽结果相同。",
        ),
        (
            "怎样填写",
            f"在“抽查”表逐行填写;没能查到或拒绝的按未核实填“否”。"
            f"确实无法到达的按“{RESERVE_SHEET}”同层次序递补。没有去的行请整行删除。",
        ),
    ]


def write_plan(path: Path | str, draw: Draw, month: str, registry: Registry) -> None:
    """Write the workbook of a draw; an existing file is replaced."""
    Path(path).write_bytes(plan_workbook(draw, month, registry))


def plan_workbook(draw: Draw, month: str, registry: Registry) -> bytes:
    """The workbook of a draw, .xlsx; the same draw gives the same bytes.

    Parameters
    ----------
    month
        The month it is for, YYYY-MM; it stands in the facts.
    """
    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    table = registry.tables[TABLE]
    chosen = {code: word for word, code in table.column("selection").words.items()}
    with Workbook(sink, options) as workbook:
        drawn_at = draw.drawn_at.replace(tzinfo=None, microsecond=0)
        workbook.set_properties({"title": f"{month} 抽查计划", "created": drawn_at})
        styles, lists = Styles(workbook), Lists(registry)
        facts = workbook.add_worksheet("说明")
        facts.set_column(0, 0, 22)
        facts.set_column(1, 1, 90)
        facts.write_string(0, 0, f"{month} 抽查计划", styles.title)
        for number, (label, value) in enumerate(plan_facts(draw, month), 2):
            facts.write_string(number, 0, label, styles.strong)
            facts.write_string(number, 1, value, styles.prose)
        drawn = list_rows(draw.drawn, registry)
        rows = (
            {
                "supervision_group": group,
                "branch": branch,
                "selection": chosen["random"],
            }
            for group, branch in zip(drawn["group"], drawn["branch"], strict=True)
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
    """A draw as people read it, by group and weak branches first."""
    named = _named(drawn, registry)
    named["group"] = [
        registry.groups[code].name_zh for code in drawn["supervision_group"]
    ]
    codes = list(registry.groups)
    order = drawn["supervision_group"].map(codes.index)
    named = named.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    named["number"] = named.index + 1
    return named[list(LIST_HEADINGS)]


def _named(rows: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Codes of the strata replaced by names."""
    names = {
        "unit": lambda code: registry.units[code].name_zh,
        "sector": lambda code: registry.sectors[code].name_zh,
        "is_weak": lambda is_weak: "是" if is_weak else "否",
    }
    return rows.assign(**{key: rows[key].map(names[key]) for key in STRATUM})


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
