"""Words of the further tables as offices write them: read as the registry's own word.

Each table comes in odd order, with a title, blank rows, running numbers and a total
below. What can mean two things stays refused, with cell, value and remedy.
"""

from __future__ import annotations

from typing import Any

import pytest

from data_pipeline.registry import load_registry
from tests.data_pipeline.filed_workbooks import read, write_xlsx

PLACE = {"单位": "鼓楼区", "领域": "社区"}
MONTH = {"统计月份": "2016年7月"}
GROUP = {"督导组": "第一督导组"}
DAY = {"日期": "2016.7.5"}
PROBLEM = GROUP | {"单位": "鼓楼区", "提出日期": "2016/7/6", "办理期限": "20160731"}
PROBLEM |= {"编号": "W1", "层级": "督导组", "事由类别": "走过场", "来源": "督导发现"}
# Sheet, cells of its one row, column, what it must be read as.
SAID: tuple[tuple[str, dict[str, Any], str, Any], ...] = (
    ("督导工作", {**DAY, **GROUP, "事项": "走访党员"}, "act", "member_visit"),
    (
        "督导工作",
        {"数量": "2篇", "类别": "经验", **DAY, **GROUP, "事项": "信息报送"},
        "quantity",
        2,
    ),
    (
        "讲课",
        {**PLACE, "场次": "2场", **DAY, "讲课人类别": "县处级以上领导干部"}
        | {
            "听课领域": "机关",
            "是否本单位": "否",
            "内容": "党章党规",
            "形式": "现场教学",
        },
        "speaker",
        "senior_leader",
    ),
    (
        "组织生活",
        {"应开": 10, "已开": "9次", "已上传": "/", "方式": "全体", **PLACE, **MONTH}
        | {"类型": "支部大会"},
        "kind",
        "branch_assembly",
    ),
    (
        "特殊群体",
        {"群体": "失联", "人数": "12人", "已覆盖人数": 3, **PLACE, **MONTH},
        "group_kind",
        "lost",
    ),
    (
        "示范点",
        {"状态": "已挂牌", "支部代码": "GL-0001", "层面": "县级", "来源": "直接确定"}
        | {"挂牌日期": "2016年7月1日"},
        "status",
        "listed",
    ),
    ("问题", {**PROBLEM, "状态": "整改中"}, "status", "open"),
    (
        "活动",
        {"支部数": 5, "数量": "600册", "类别": "口袋书", **PLACE, **MONTH},
        "kind",
        "booklet",
    ),
    (
        "上级督查",
        {"单位": "鼓楼区", "级别": "省委督导组", **DAY, "备检点": "否"},
        "level",
        "provincial",
    ),
    (
        "知识竞赛",
        {"组队": "5队", "轮次": "第一轮", "应参加": 100, "已报名": "90人", **PLACE}
        | {"已参加": 80},
        "n_teams",
        5,
    ),
    (
        "党费换届",
        {"党费检查支部数": "10个", "党费合规支部数": 9, **PLACE, **MONTH},
        "n_dues_checked",
        10,
    ),
)


def form_of(sheet: str, row: dict[str, Any]) -> list[list[Any]]:
    """A form with title, running numbers and blank rows, in the order of `row`."""
    return [
        [f"鼓楼区2016年7月{sheet}情况表"],
        [],
        ["序号", *row],
        [],
        [1, *row.values()],
        [],
        ["填报人签字:"],
    ]


@pytest.mark.parametrize(("sheet", "row", "column", "stored"), SAID)
def test_what_an_office_writes_is_the_word_it_means(
    sheet, row, column, stored, tmp_path
):
    path = write_xlsx(tmp_path / "a.xlsx", {sheet: form_of(sheet, row)})
    reading = read(path)
    assert [finding.sentence() for finding in reading.findings] == []
    (table,) = reading.tables.values()
    assert table.column(column).to_pylist() == [stored]


@pytest.mark.parametrize(
    ("sheet", "row", "cell"),
    [
        ("督导工作", {**DAY, **GROUP, "事项": "谈话"}, "D5"),
        (
            "组织生活",
            {**MONTH, **PLACE, "类型": "三会一课", "方式": "全体党员", "应开": 1},
            "E5",
        ),
        (
            "特殊群体",
            {**MONTH, **PLACE, "群体": "退休党员", "人数": 1, "已覆盖人数": 1},
            "E5",
        ),
        ("问题", {**PROBLEM, "来源": "回头看", "状态": "办理中"}, "I5"),
    ],
)
def test_what_can_mean_two_things_is_refused_with_its_cell(sheet, row, cell, tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {sheet: form_of(sheet, row)})
    (finding,) = read(path).findings
    assert finding.code == "E_VALUE"
    assert f"{sheet}!{cell}" in finding.sentence()


def test_no_other_word_of_a_column_is_taken_for_one_of_its_own():
    for table in load_registry().tables.values():
        for column in table.columns:
            assert not set(column.word_aliases) & set(column.words), column.name
