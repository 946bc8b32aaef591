"""A city with checks, small enough to weigh on paper: 90 branches, 54 checks.

仓山区 files by branch: 10 weak and 30 other village branches, 20 communities. 福清市
files totals for its 30 village branches. All report topic 1 as held.

Random checks of July 2016 (confirmed of checked): weak 2 of 4, other villages 9 of 10,
communities 10 of 10, 福清 7 of 8. So the estimate is
(10 x 2/4 + 30 x 9/10 + 20 x 1 + 30 x 7/8) / 90 = 78.25 / 90 = 86.9 %,
while 28 of 32 would be 87.5 %. Beside them 10 targeted checks, 2 confirmed, and 12
prepared sites, all confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.tiny_city import G2, LEDGER_HEADINGS, ROLL_HEADINGS

MONTH = "2016-07"
G1 = "第一督导组"
WEAK = [f"350104-R{number:04d}" for number in range(1, 11)]
VILLAGES = [f"350104-R{number:04d}" for number in range(11, 41)]
COMMUNITIES = [f"350104-C{number:04d}" for number in range(1, 21)]
FUQING = [f"350181-R{number:04d}" for number in range(1, 31)]
ESTIMATE = (10 * 2 / 4 + 30 * 9 / 10 + 20 + 30 * 7 / 8) / 90
CHECK_HEADINGS = (
    "日期 督导组 支部代码 抽取方式 方式 第一专题核实 参加组织生活领导核实数 "
    "发言党员核实数 下基层党课核实数 氛围 档案 案例 讨论 评级"
).split()


def roll_rows() -> list[tuple]:
    def row(branch: str, unit: str, township: str, sector: str) -> tuple:
        is_weak = "是" if branch in WEAK else "否"
        name = f"{township}第{branch[-4:]}支部"
        return (branch, name, unit, township, sector, "普通", 20, 1, is_weak)

    return [
        *(row(branch, "仓山区", "城门镇", "农村") for branch in (*WEAK, *VILLAGES)),
        *(row(branch, "仓山区", "建新镇", "社区") for branch in COMMUNITIES),
        *(row(branch, "福清市", "三山镇", "农村") for branch in FUQING),
    ]


def ledger_rows(month: str = MONTH) -> list[tuple]:
    """One leader attended, five members spoke and one lecture in each branch."""
    figures = (1, 1, 1, 0, 1, 1, 5)
    of_branches = [
        (month, G1, "仓山区", branch, sector, 1, 1, 20, 1, *figures)
        for branches, sector in (
            ((*WEAK, *VILLAGES), "农村"),
            (COMMUNITIES, "社区"),
        )
        for branch in branches
    ]
    totals = (30, 30, 600, 30, *(30 * figure for figure in figures))
    return [*of_branches, (month, G2, "福清市", None, "农村", *totals)]


def check_row(
    branch: str, selection: str, verdict: str, leaders: int = 1, day: int = 20
) -> tuple:
    """A check whose looks and grade follow its verdict."""
    group = G2 if branch.startswith("350181") else G1
    look, grade = ("是", "优") if verdict == "是" else ("否", "差")
    way = "明查" if selection == "备检点" else "暗访"
    start = (date(2016, 7, day), group, branch, selection, way, verdict)
    return (*start, leaders, 5, 1, *[look] * 4, grade)


def check_rows() -> list[tuple]:
    def verdicts(n_confirmed: int, n_checked: int) -> list[str]:
        return ["是"] * n_confirmed + ["无据"] * (n_checked - n_confirmed)

    drawn = (
        (WEAK[:4], verdicts(2, 4)),
        (VILLAGES[:10], verdicts(9, 10)),
        (COMMUNITIES[:10], verdicts(10, 10)),
        (FUQING[:8], verdicts(7, 8)),
    )
    random = [
        # In three of the four weak branches no leader was found, whatever the topic.
        check_row(branch, "随机", verdict, leaders=int(branch not in WEAK[:3]))
        for branches, found in drawn
        for branch, verdict in zip(branches, found, strict=True)
    ]
    targeted = [
        check_row(branch, "定向", verdict, day=21)
        for branch, verdict in zip(VILLAGES[10:20], verdicts(2, 10), strict=True)
    ]
    sites = [*VILLAGES[20:26], *FUQING[20:26]]
    prepared = [check_row(branch, "备检点", "是", day=22) for branch in sites]
    return [*random, *targeted, *prepared]


def write_workbook(path: Path, sheets: dict[str, tuple[list[str], Sequence]]) -> None:
    """One workbook as an office would send it, a sheet for each table."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, (headings, rows) in sheets.items():
            page = book.add_worksheet(name)
            page.write_row(0, 0, headings)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(number, column, value, day)
                    elif value is not None:
                        page.write(number, column, value)


def build_checked_city(root: Path, months: Sequence[str] = (MONTH,)) -> Path:
    """Write the workbooks, ingest them by the common road, build; returns the lake.

    Each of `months` files the same ledger; checks in July are compared with June's.
    """
    registry = load_registry()
    lake = Lake(root / "lake_root")
    deliveries = (
        ("名册.xlsx", "2016-04-20", {"名册": (ROLL_HEADINGS, roll_rows())}),
        *(
            (f"{month}.xlsx", "2016-08-10", {"台账": (LEDGER_HEADINGS, rows)})
            for month in months
            for rows in [ledger_rows(month)]
        ),
        ("抽查.xlsx", "2016-08-11", {"抽查": (CHECK_HEADINGS, check_rows())}),
    )
    with lake.writing():
        for name, received, sheets in deliveries:
            write_workbook(root / name, sheets)
            report = ingest_files(
                [root / name],
                lake,
                registry,
                received=datetime.fromisoformat(f"{received}T09:00:00+08:00"),
            )
            sentences = [finding.sentence() for finding in report.findings]
            assert not sentences, sentences
        build(lake.root, registry)
    return lake.root
