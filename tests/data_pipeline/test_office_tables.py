"""What groups file beside the ledger, counted by hand: every table of one small city.

A figure is numerator, denominator, rows left out because one side is blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from data_pipeline.changes import compare_marts
from data_pipeline.rates import ChoiceError, Marts, open_marts, read_filed_rows
from data_pipeline.registry import load_registry
from data_pipeline.workbooks.read_workbook import read_workbook
from tests.counted_rates import rates
from tests.data_pipeline.filed_workbooks import RECEIVED, write_xlsx
from tests.office_city import FUQING, GULOU, build_office_city
from tests.shared_lakes import SharedLakes


@pytest.fixture(scope="module")
def marts(shared_lakes: SharedLakes) -> Marts:
    return open_marts(shared_lakes.of(build_office_city), load_registry())


# metric, month, choices -> numerator, denominator, blank rows of the city
CITY: Sequence[tuple[str, str, Mapping[str, str], list[int]]] = (
    ("interviews", "2016-05", {"supervision_group": "G1"}, [2, 1, 0]),
    ("interviews", "2016-06", {}, [3, 4, 0]),
    ("meetings_attended", "2016-05", {}, [1, 4, 0]),
    # Five Mondays in May, four in June; four groups.
    ("information_items", "2016-05", {}, [3, 20, 0]),
    ("information_items", "2016-05", {"supervision_group": "G1"}, [3, 5, 0]),
    ("information_items", "2016-06", {}, [1, 16, 0]),
    ("weekly_reports", "2016-06", {}, [0, 16, 0]),
    ("round_reports", "2016-05", {}, [1, 4, 0]),
    ("round_reports", "2016-06", {}, [1, 8, 0]),
    ("senior_lectures_down", "2016-05", {}, [1, 4, 1]),
    ("branches_lectured", "2016-05", {}, [2, 3, 0]),
    ("branches_lectured", "2016-06", {}, [2, 3, 0]),
    ("regular_meetings", "2016-05", {}, [4, 4, 1]),
    ("regular_meetings", "2016-06", {}, [0, 0, 0]),
    ("topic_1_strict", "2016-05", {}, [1, 3, 0]),
    ("topic_1_strict", "2016-06", {}, [2, 3, 0]),
    ("appraisal", "2016-06", {}, [1, 2, 0]),
    ("special_group_coverage", "2016-05", {}, [4, 10, 1]),
    ("special_group_modes", "2016-05", {}, [5, 16, 0]),
    ("contest_entered", "2016-05", {}, [12, 20, 0]),
    ("contest_entered", "2016-06", {}, [27, 40, 0]),
    ("contest_sat", "2016-06", {}, [8, 20, 1]),
    ("dues_ok", "2016-05", {}, [4, 5, 0]),
    ("backbone_trained", "2016-05", {}, [0, 0, 2]),
    # 台江国企 has no ledger, so its branches are in neither sum.
    ("practice_share", "2016-05", {}, [3, 3, 0]),
    ("media_items", "2016-06", {"unit": "350102"}, [4, 1, 0]),
    ("problems_closed_on_time", "2016-05", {}, [1, 2, 0]),
    ("problems_closed_on_time", "2016-06", {}, [2, 3, 0]),
    ("relapse_share", "2016-06", {}, [1, 5, 0]),
    ("not_enough_share", "2016-06", {"source": "lookback_three_stricts"}, [1, 1, 0]),
)


@pytest.mark.parametrize(("metric", "month", "where", "counted"), CITY)
def test_a_figure_is_what_a_hand_counts(marts, metric, month, where, counted):
    assert rates(marts, metric, month, **where) == [counted]


def test_information_is_divided_into_experience_and_problem(marts):
    assert rates(
        marts, "information_items", "2016-05", "kind", supervision_group="G1"
    ) == [["experience", 1, 5, 0], ["problem", 2, 5, 0]]


def test_a_category_divides_only_what_it_speaks_of(marts):
    """The kind of an item of information says nothing of interviews."""
    metrics = load_registry().metrics
    divided = {m.id for m in metrics.values() if m.table == "duty" and m.split_by}
    assert divided == {"information_items"}
    with pytest.raises(ChoiceError, match="kind"):
        rates(marts, "interviews", "2016-06", "kind")


def test_an_act_counts_for_the_unit_that_it_names_and_nobody_owes_it_there(marts):
    assert rates(marts, "interviews", "2016-06", "unit") == [
        ["350102", 1, 0, 0],
        ["350103", 0, 0, 0],
        ["350104", 1, 0, 0],
        ["350181", 1, 0, 0],
    ]


def test_each_kind_of_speaker_is_a_share_of_all_lectures_of_its_place(marts):
    """Eleven lectures to date; each row carries all of them."""
    found = rates(marts, "lectures_by_speaker", "2016-06", "speaker")
    assert found == [
        ["leader", 2, 12, 0],
        ["school_teacher", 1, 12, 0],
        ["senior_leader", 9, 12, 0],
    ]
    assert rates(marts, "lectures_by_speaker", "2016-06", "unit", "speaker")[0] == [
        *("350102", "school_teacher", 1, 10, 0)
    ]


def test_a_branch_that_heard_a_lecture_stands_where_it_is_not_where_the_speaker(marts):
    assert rates(marts, "branches_lectured", "2016-06", "unit") == [
        ["350102", 1, 2, 0],
        ["350181", 1, 1, 0],
    ]
    assert rates(marts, "branches_lectured", "2016-06", "branch_type") == [
        ["joint", 0, 1, 0],
        ["ordinary", 2, 2, 0],
    ]


def test_a_way_of_reaching_people_divides_what_was_reached_alone(marts):
    assert rates(marts, "special_group_modes", "2016-05", "mode") == [
        ["home_visit", 2, 16, 0],
        ["online", 3, 16, 0],
    ]


def test_what_a_file_moved_leaves_out_sums_of_ways_and_kinds_that_overlap(marts):
    moved = set(compare_marts(None, marts, set(), set(), "zh")["moved"]["metric"])
    assert {"contest_entered", "special_group_coverage"} <= moved
    assert not {"practice_share", "special_group_modes"} & moved


def test_every_county_and_sector_owes_its_demonstration_sites(marts):
    by_unit = rates(marts, "demo_sites_county", "2016-06", "unit")
    assert len(by_unit) == 14
    assert by_unit[0] == ["350102", 2, 1, 0]
    assert sum(row[1] for row in by_unit) == 2
    assert rates(marts, "demo_sites_county", "2016-05") == [[1, 14, 0]]
    by_sector = rates(marts, "demo_sites_sector", "2016-06", "sector")
    assert len(by_sector) == 6
    assert ["organ", 1, 1, 0] in by_sector


@pytest.mark.parametrize("metric", [m for m, *_ in CITY])
def test_the_rows_behind_a_figure_can_be_opened(marts, metric):
    if marts.registry.metrics[metric].is_measured:
        assert {"source_file", "source_sheet", "source_row"} <= set(
            read_filed_rows(
                marts, marts.registry.metrics[metric], month="2016-06"
            ).columns
        )


# What is refused, by sheet: headings, one row, the cell and reason code.
MEETING = ("统计月份", "单位", "领域", "支部代码", "类型", "方式", "应开", "已开")
DUTY = ("日期", "督导组", "事项", "单位", "支部代码")
PROBLEM = ("编号", "提出督导组", "单位", "事由类别", "提出日期", "状态", "办结日期")
DUES = ("统计月份", "单位", "领域", "党费检查支部数", "党费合规支部数")
CONTEST = ("轮次", "单位", "领域", "应参加", "已报名", "已参加")
REFUSED = {
    "a topic before its window": (
        *("组织生活", MEETING, "E_RULE", "H2"),
        ("2016-06", "鼓楼区", "机关", "", "第二专题", "全体党员", 1, 1),
    ),
    "another group's unit": (
        *("督导工作", DUTY, "E_SCOPE", "D2"),
        ("2016-07-01", "第一督导组", "约谈", "福清市", ""),
    ),
    "another group's branch": (
        *("督导工作", DUTY, "E_SCOPE", "E2"),
        ("2016-07-01", "第一督导组", "约谈", "", "B1"),
    ),
    "an act that nobody did": (
        *("督导工作", DUTY, "E_BLANK", "B2"),
        ("2016-07-01", "", "约谈", "", ""),
    ),
    "a closed problem without its day": (
        *("问题", PROBLEM, "E_RULE", "G2"),
        ("W9", "第一督导组", "鼓楼区", "走过场", "2016-07-01", "已办结", ""),
    ),
    "a problem closed before it was raised": (
        *("问题", PROBLEM, "E_RULE", "G2"),
        ("W9", "第一督导组", "鼓楼区", "走过场", "2016-07-02", "已办结", "2016-07-01"),
    ),
    "a problem of another group": (
        *("问题", PROBLEM, "E_SCOPE", "A2"),
        ("W1", "第二督导组", "福清市", "走过场", "2016-07-02", "办理中", ""),
    ),
    "a part over its whole": (
        *("党费换届", DUES, "E_RULE", "E2"),
        ("2016-07", "鼓楼区", "机关", 3, 4),
    ),
    "a round that the calendar has not": (
        *("知识竞赛", CONTEST, "E_VALUE", "A2"),
        (5, "鼓楼区", "机关", 3, 2, 1),
    ),
    "a round that has not begun": (
        *("知识竞赛", CONTEST, "E_PERIOD", "A2"),
        ("第四轮", "鼓楼区", "机关", 3, 2, 1),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_contradicts_itself_is_refused_with_its_cell(what, tmp_path: Path):
    sheet, headings, code, cell, row = REFUSED[what]
    path = write_xlsx(tmp_path / "month.xlsx", {sheet: [list(headings), list(row)]})
    reading = read_workbook(
        path,
        load_registry(),
        received=RECEIVED,
        roll={"A1": GULOU, "B1": FUQING},
        cases={("problem", "W1"): ("G1", None)},
    )
    assert [(f.code, f.cell) for f in reading.findings] == [(code, cell)]


def test_a_branch_and_a_total_of_one_kind_of_meeting_are_refused(tmp_path: Path):
    total = ["2016-06", "鼓楼区", "机关", "", "党课", "全体党员", 1, 1]
    branch = ["2016-06", "鼓楼区", "机关", "A1", "党课", "全体党员", 1, 1]
    other_kind = ["2016-06", "鼓楼区", "机关", "A1", "支委会", "全体党员", 1, 1]
    arguments = {"received": RECEIVED, "roll": {"A1": GULOU}}
    sheets = {"组织生活": [list(MEETING), total, branch]}
    path = write_xlsx(tmp_path / "month.xlsx", sheets)
    reading = read_workbook(path, load_registry(), **arguments)
    assert [f.code for f in reading.findings] == ["E_GRAIN"]
    sheets = {"组织生活": [list(MEETING), total, other_kind]}
    path = write_xlsx(tmp_path / "month.xlsx", sheets)
    assert not read_workbook(path, load_registry(), **arguments).findings
    before = {("meeting", "2016-06", "350102", "organ", "branch_committee"): "total"}
    reading = read_workbook(path, load_registry(), **arguments, grains=before)
    assert [f.code for f in reading.findings] == ["E_GRAIN"]


def test_what_people_write_for_a_round_and_a_term_ahead_is_read(tmp_path: Path):
    rows = [[said, "鼓楼区", "机关", 3, 2, 1] for said in ("第二轮",)]
    term = ["W9", "第一督导组", "鼓楼区", "走过场", "2016-07-02", "办理中", ""]
    sheets = {
        "知识竞赛": [list(CONTEST), *rows],
        "问题": [[*PROBLEM, "办理期限"], [*term, "2016-12-31"]],
    }
    path = write_xlsx(tmp_path / "month.xlsx", sheets)
    reading = read_workbook(path, load_registry(), received=RECEIVED)
    assert not reading.findings
    assert reading.tables["contest"].column("round").to_pylist() == [2]
    assert reading.tables["problem"].column("due_date").to_pylist() == [
        date(2016, 12, 31)
    ]
