"""The tiny city, after two of its findings have been answered.

福清市 filed May late and not for 非公企业: its group has explained the first and owes
an answer for the second. A flag of 高新区 was filed that no rule finds.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build

LATE = "late_ledger-350181-all-2016-05"
MISSING = "missing_ledger-350181-nonpublic-2016-05"
GONE = "jump-HTZ-all-2016-06"
HEADINGS = "线索编号,处理状态,日期,督导组,统计月份,单位,领域,备注"
ANSWERS = [
    (LATE, "已询问", "2016-06-22", "第二督导组", "2016-05", "福清市", "", ""),
    (LATE, "已说明", "2016-06-28", "第二督导组", "2016-05", "福清市", "", "已补报"),
    (MISSING, "已询问", "2016-06-22", "G2", "2016-05", "福清市", "非公", ""),
    (GONE, "已更正", "2016-08-01", "G2", "2016-06", "高新区", "", ""),
]


def write_answers(path: Path, rows=ANSWERS) -> Path:
    lines = [HEADINGS, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig")
    return path


def file_answers(lake_root: Path, path: Path, received: str = "2016-08-20T09:00"):
    """Ingest a file of answers and build; returns the report."""
    registry, lake = load_registry(), Lake(lake_root)
    with lake.writing():
        when = datetime.fromisoformat(f"{received}:00+08:00")
        report = ingest_files([path], lake, registry, received=when)
        build(lake.root, registry)
    return report


def build_answered_city(tiny_lake: Path, folder: Path) -> Path:
    """A copy of the tiny city's lake with the answers filed; returns the lake."""
    root = shutil.copytree(tiny_lake, folder / "answered")
    report = file_answers(root, write_answers(folder / "线索处理.csv"))
    assert not report.findings, [f.sentence() for f in report.findings]
    return root
