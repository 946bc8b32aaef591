"""A city small enough to count on paper: three units, four months, thirteen cells.

仓山区 files by branch and has a roll; 福清市 files totals, is late in May and silent in
July; 市直机关 files month-only figures (口径: 当月) and corrects April after July 15.
Every expectation below was counted by hand from these rows; the tests also recompute
them with pandas.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build

ROLL_HEADINGS = (
    "支部代码 支部名称 单位 乡镇街道 领域 类型 党员总数 领导干部数 基础薄弱"
).split()
ROLL = [
    ("350104-R0001", "城门第1支部", "仓山区", "城门镇", "农村", "普通", 20, 2, "否"),
    ("350104-R0002", "城门第2支部", "仓山区", "城门镇", "农村", "普通", 20, 2, "否"),
    ("350104-R0003", "城门第3支部", "仓山区", "城门镇", "农村", "流动", 20, 2, "是"),
    ("350104-R0004", "盖山第1支部", "仓山区", "盖山镇", "农村", "普通", 30, 3, "否"),
    ("350104-C0001", "建新第1支部", "仓山区", "建新镇", "社区", "普通", 40, 1, "否"),
    ("350104-C0002", "建新第2支部", "仓山区", "建新镇", "社区", "联合", 40, 1, "否"),
]

LEDGER_HEADINGS = (
    "统计月份 督导组 单位 支部代码 领域 党组织数 党支部数 党员总数 领导干部数 "
    "领导干部讲党课次数 领导干部下基层讲党课次数 第一专题已召开支部数 "
    "第二专题已召开支部数 以普通党员身份参加组织生活领导干部数 带头发言领导干部数 "
    "已发言普通党员数"
).split()

# month, branch, then from 领导干部讲党课次数 on; the rest is the branch's on the roll.
CANGSHAN = {
    "2016-04": [
        ("350104-R0001", 2, 1, 1, 0, 2, 1, 5),
        ("350104-R0002", 1, 0, 0, 0, 1, 1, 4),
        ("350104-R0003", 0, 0, 1, 0, 1, 0, 6),
        ("350104-R0004", 3, 0, 0, 0, 2, 2, 3),
        ("350104-C0001", 1, 1, 1, 0, 1, 1, 9),
        ("350104-C0002", None, None, None, 0, 1, 0, 2),
    ],
    "2016-05": [
        ("350104-R0001", 3, 1, 1, 0, 2, 2, 8),
        ("350104-R0002", 1, 0, 1, 0, 2, 1, 6),
        ("350104-R0003", 1, 1, 1, 0, 2, 1, 8),
        ("350104-R0004", 3, 1, 0, 0, 2, 2, 5),
        ("350104-C0001", 2, 1, 1, 0, 1, 1, 12),
        ("350104-C0002", 1, 0, 1, 0, 1, 1, 6),
    ],
    "2016-06": [
        ("350104-R0001", 4, 2, 1, 0, 2, 2, 10),
        ("350104-R0002", 2, 1, 1, 0, 2, 2, 8),
        ("350104-R0003", 1, 1, 1, 0, 2, 1, 9),
        ("350104-R0004", 4, 1, 1, 0, 3, 2, 9),
        ("350104-C0001", 2, 1, 1, 0, 1, 1, 14),
        ("350104-C0002", 2, 1, 1, 0, 1, 1, 9),
    ],
    "2016-07": [
        ("350104-R0001", 5, 3, 1, 1, 2, 2, 12),
        ("350104-R0002", 2, 1, 1, 0, 2, 2, 9),
        ("350104-R0003", 2, 1, 1, 1, 2, 2, 10),
        ("350104-R0004", 5, 2, 1, 0, 3, 3, 12),
        ("350104-C0001", 3, 2, 1, 1, 1, 1, 18),
        ("350104-C0002", 2, 1, 1, 0, 1, 1, 11),
    ],
}
G2, G4 = "第二督导组", "第四督导组"
FUQING = {
    "2016-04": [
        ("2016-04", G2, "福清市", None, "农村", 12, 10, 200, 10, 8, 6, 7, 0, 6, 3, 40),
        ("2016-04", G2, "福清市", None, "非公", 4, 4, 60, 4, 2, 1, 1, 0, 2, 1, 6),
    ],
    "2016-05": [
        ("2016-05", G2, "福清市", None, "农村", 12, 10, 200, 10, 10, 7, 9, 0, 7, 4, 60),
    ],
    "2016-06": [
        (
            "2016-06",
            G2,
            "福清市",
            None,
            "农村",
            12,
            10,
            200,
            10,
            12,
            8,
            10,
            0,
            8,
            5,
            66,
        ),
        ("2016-06", G2, "福清市", None, "非公", 4, 4, 60, 4, 3, 1, 3, 0, 3, 2, 12),
    ],
}
ORGAN_KEY = (G4, "市直机关", None, "机关", 6, 5, 100, 20)
ORGANS = {
    "2016-04": [("2016-04", *ORGAN_KEY, 3, 1, 2, 0, 8, 4, 10)],
    "2016-05": [("2016-05", *ORGAN_KEY, 2, 1, 3, 0, 6, 3, 20)],
    "2016-06": [("2016-06", *ORGAN_KEY, 4, 2, 1, 0, 3, 2, 15)],
    "2016-07": [("2016-07", *ORGAN_KEY, 3, 1, 0, 2, 2, 1, 10)],
}
CORRECTION = [("2016-04", *ORGAN_KEY, 3, 1, 1, 0, 8, 4, 10)]


def cangshan_rows(month: str) -> list[tuple]:
    """The ledger rows of 仓山区, with what the roll says of each branch."""
    roll = {row[0]: row for row in ROLL}
    return [
        (month, "第一督导组", "仓山区", branch, roll[branch][4], 1, 1)
        + (roll[branch][6], roll[branch][7], *figures)
        for branch, *figures in CANGSHAN[month]
    ]


def deliveries() -> list[tuple[str, str, str, Sequence[tuple], str]]:
    """(file name, received, sheet, rows, basis) in the order of arrival."""
    to_date, month_only = "", "口径: 当月"
    return [
        ("名册-仓山.xlsx", "2016-04-20T09:00", "名册", ROLL, to_date),
        ("04-仓山.xlsx", "2016-05-10T09:00", "台账", cangshan_rows("2016-04"), to_date),
        ("04-福清.xlsx", "2016-05-11T09:00", "台账", FUQING["2016-04"], to_date),
        ("04-市直.xlsx", "2016-05-12T09:00", "台账", ORGANS["2016-04"], month_only),
        ("05-市直.xlsx", "2016-06-10T09:00", "台账", ORGANS["2016-05"], month_only),
        ("05-仓山.xlsx", "2016-06-14T09:00", "台账", cangshan_rows("2016-05"), to_date),
        ("05-福清.xlsx", "2016-06-20T09:00", "台账", FUQING["2016-05"], to_date),
        ("06-福清.xlsx", "2016-07-10T09:00", "台账", FUQING["2016-06"], to_date),
        ("06-仓山.xlsx", "2016-07-12T09:00", "台账", cangshan_rows("2016-06"), to_date),
        ("06-市直.xlsx", "2016-07-12T10:00", "台账", ORGANS["2016-06"], month_only),
        ("04-市直-更正.xlsx", "2016-07-20T09:00", "台账", CORRECTION, month_only),
        ("07-仓山.xlsx", "2016-08-12T09:00", "台账", cangshan_rows("2016-07"), to_date),
        ("07-市直.xlsx", "2016-08-12T10:00", "台账", ORGANS["2016-07"], month_only),
    ]


def write_workbook(path: Path, sheet: str, rows: Sequence[tuple], basis: str) -> None:
    """One workbook as an office would send it: title, declared basis, table."""
    headings = ROLL_HEADINGS if sheet == "名册" else LEDGER_HEADINGS
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, ["福州市督导台账"])
        page.write_row(1, 0, [basis])
        page.write_row(2, 0, headings)
        for number, row in enumerate(rows, 3):
            page.write_row(number, 0, row)


def build_tiny_city(root: Path) -> Path:
    """Write the workbooks, ingest them by the common road, build; returns the lake."""
    registry = load_registry()
    lake = Lake(root / "lake_root")
    with lake.writing():
        for name, received, sheet, rows, basis in deliveries():
            path = root / name
            write_workbook(path, sheet, rows, basis)
            report = ingest_files(
                [path],
                lake,
                registry,
                received=datetime.fromisoformat(f"{received}:00+08:00"),
            )
            sentences = [finding.sentence() for finding in report.findings]
            assert not sentences, sentences
        build(lake.root, registry)
    return lake.root
