"""The further columns of 抽查: all optional, read right, and no burden on old files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.lake import Lake, file_sha256
from data_pipeline.warehouse import build
from tests.checked_city import CHECK_HEADINGS, build_checked_city, check_rows
from tests.data_pipeline.filed_workbooks import codes, read, sentences, write_xlsx
from tests.submitted_rows import read_model

FURTHER = {
    "方法": "调阅",
    "实施方案": "是",
    "具体安排": "否",
    "党课计划": "是",
    "会议记录": "是",
    "笔记本": "否",
    "学习心得": "是",
    "基本宣传栏": "是",
    "特色宣传栏": "否",
    "心得展示": "是",
    "亮明身份": "否",
    "学有质量": "是",
    "做有标杆": "否",
    "改有措施": "是",
    "干有实效": "否",
    "发现问题": "两张皮、学习不深入,其他",
    "谈话党员数": 7,
}
ROW = {
    "日期": "2016-07-20",
    "督导组": "第一督导组",
    "支部代码": "350104-R0001",
    "抽取方式": "随机",
    "方式": "暗访",
    "第一专题核实": "是",
}


def file_of(folder: Path, **changes: object) -> Path:
    row = {**ROW, **FURTHER, **changes}
    return write_xlsx(folder / "抽查.xlsx", {"抽查": [list(row), list(row.values())]})


def test_every_further_column_of_a_check_is_read(tmp_path):
    reading = read(file_of(tmp_path))
    assert not reading.findings, sentences(reading)
    (row,) = reading.tables["spot_check"].to_pylist()
    words = {"method": "papers", "n_members_talked": 7, "draw": None}
    words["problem_kinds"] = "detached_from_work、shallow_study、other"
    assert {name: row[name] for name in words} == words
    table = load_registry().tables["spot_check"]
    for column in table.columns:
        if column.heading in FURTHER and column.type == "yes_no":
            assert row[column.name] is (FURTHER[column.heading] == "是"), column.name
    assert {c.heading for c in table.columns if c.optional} == {*FURTHER, "抽查计划"}


def test_a_file_without_them_is_taken_without_a_word(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"抽查": [list(ROW), list(ROW.values())]})
    reading = read(path)
    assert not reading.findings
    warned = {warning.heading for warning in reading.warnings}
    assert not warned & {*FURTHER, "抽查计划"}
    assert "评级" in warned  # what every check has is missed, as before


@pytest.mark.parametrize(
    "change", [{"发现问题": "两张皮、偷懒"}, {"方法": "电话"}, {"学习心得": "部分"}]
)
def test_another_word_is_refused_with_the_list_of_words(tmp_path, change):
    reading = read(file_of(tmp_path, **change))
    assert codes(reading) == ["E_VALUE"]
    assert "只能填" in sentences(reading)


def test_a_draw_that_nobody_registered_is_refused_with_the_way_out(tmp_path):
    reading = read(file_of(tmp_path, 抽查计划="2016-07-0123abcd"))
    assert codes(reading) == ["E_CODE"]
    assert "没有登记过这份抽查计划" in sentences(reading)
    assert "留空" in sentences(reading)


def test_checks_stored_before_these_columns_still_build(copy_lake):
    root = copy_lake(build_checked_city)
    lake, registry = Lake(root), load_registry()
    table = registry.tables["spot_check"]
    new = {column.name for column in table.columns if column.optional}
    (stored,) = [
        file
        for submission in lake.submissions()
        for file in submission.files
        if file.table == "spot_check"
    ]
    # As an earlier registry wrote it: other columns, another layout, its own digest.
    old = pq.read_table(root / stored.path).drop_columns(sorted(new))
    pq.write_table(old, root / stored.path)
    digest, layout = file_sha256(root / stored.path), "0" * 8
    # Nor had entries of that time a seal.
    lake.manifest.head.unlink()
    for entry in lake.manifest.folder.iterdir():
        text = entry.read_text("utf-8").replace(stored.sha256, digest)
        raw = json.loads(text.replace(stored.layout, layout))
        del raw["seal"], raw["previous"]
        entry.write_text(json.dumps(raw), "utf-8")
    with lake.writing():
        snapshot = build(root, registry)
    assert not snapshot.set_aside
    rows = read_model(root, snapshot, "spot_check", "branch", "draw", "problem_kinds")
    assert len(rows) == len(check_rows())
    # A random check without a draw is known as one that no draw is registered for.
    assert {row[1:] for row in rows} == {("", None), (None, None)}
    filed = read_model(root, snapshot, "spot_check", "selection", "draw", "standing")
    assert set(filed) == {
        ("random", "", "unregistered"),
        ("targeted", None, None),
        ("prepared", None, None),
    }
    assert not new & set(CHECK_HEADINGS)
    assert new <= set(stored_schema(table).names)
