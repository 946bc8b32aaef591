"""台账日历 as a reader gets it: the calendar, its links and the lists below it."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.answered_city import LATE, build_answered_city, file_answers
from tests.pages.drawn import draw_page, links_of, tables_of

PAGE = "ledger_calendar"


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query):
        return draw_page(PAGE, tiny_lake, monkeypatch, **query)

    return run


def calendar(drawn) -> dict[str, list[dict]]:
    data = json.loads(drawn.component("link_matrix")["matrix"])
    return {line["name"]: line["cells"] for line in data["lines"]}


def test_the_page_says_how_the_ledgers_came(draw):
    drawn = draw()
    assert "到期台账\uff08单位×月\uff0912 份" in drawn.words
    assert [cell["text"] for cell in calendar(drawn)["福清市"]] == [
        *("按时", "缺 1 / 2 · 迟 5 天", "按时", "未报"),
    ]
    assert "on time 9" in draw(lang="en").words


def test_with_the_chosen_month_alone_the_sentence_is_of_it_alone(draw):
    words = draw(month="2016-05", span="month").words
    assert "2016年5月到期台账\uff08单位×月\uff093 份" in words
    assert (
        "到2016年5月累计到期台账\uff08单位×月\uff096 份" in draw(month="2016-05").words
    )


def test_a_cell_leads_to_its_place_and_month(draw):
    cell = calendar(draw())["福清市"][1]
    address, _, query = cell["to"].partition("?")
    assert address == "./ledger_calendar"
    assert {"unit=350181", "month=2016-05", "span=month"} <= set(query.split("&"))
    assert cell["label"] == "福清市 2016-05 缺 1 / 2 · 迟 5 天"


def test_the_group_filter_keeps_its_units(draw):
    drawn = draw(group="G2")
    assert set(calendar(drawn)) == {"第二督导组", "福清市"}
    listed = drawn.rows_of("csv-inspection")
    assert {row["unit"] for row in listed} == {"350181"}


def test_the_list_of_an_inspection_has_links_and_files(draw):
    drawn = draw()
    (table,) = tables_of(drawn.app)
    assert table["事项"].iloc[0] == "台账未报"
    assert links_of(drawn.app)[0].startswith("./sector_gaps?")
    rows = drawn.rows_of("csv-inspection")
    assert rows[0]["issue_name"] == "台账未报"
    assert rows[0]["address"].startswith("./sector_gaps?")
    assert [row["address"] for row in rows] == links_of(drawn.app)
    assert len(rows) == len(table)


def test_a_revision_is_listed_with_both_files(draw):
    (row,) = draw(list="revisions").rows_of("csv-ledger-revisions")
    assert (row["field"], row["before"], row["after"]) == (
        *("n_branches_topic_1", "2", "1"),
    )
    assert row["received"] == "2016-07-20 09:00:00+08:00"
    assert not draw(list="revisions", group="G1").files


def test_blanks_are_those_of_the_chosen_month(draw):
    april = draw(list="blanks", month="2016-04").rows_of("csv-ledger-blanks")
    assert {"n_lectures"} <= {row["field"] for row in april}
    may = draw(list="blanks", month="2016-05").rows_of("csv-ledger-blanks")
    assert "n_lectures" not in {row["field"] for row in may}


def test_a_roll_that_never_changed_is_said_in_one_line(draw):
    drawn = draw(list="roll")
    assert "名册变动" in drawn.words
    assert not tables_of(drawn.app)


@pytest.fixture(scope="module")
def answered_lake(tiny_lake, tmp_path_factory):
    return build_answered_city(tiny_lake, tmp_path_factory.mktemp("answered"))


def test_an_answered_ledger_says_so_on_the_calendar(answered_lake, monkeypatch):
    drawn = draw_page(PAGE, answered_lake, monkeypatch, month="2016-05")
    assert calendar(drawn)["福清市"][1]["text"] == "缺 1 / 2 · 迟 5 天 · 已说明"
    listed = {row["finding"] for row in drawn.rows_of("csv-inspection")}
    assert LATE not in listed


def test_the_course_of_findings_is_listed_with_the_days_of_each_group(
    answered_lake, monkeypatch
):
    drawn = draw_page(PAGE, answered_lake, monkeypatch, list="course")
    assert "有处理记录的线索 3 条\uff0c已办结 2 条。" in drawn.words
    assert "第二督导组 15 天" in drawn.words
    rows = {row["finding"]: row for row in drawn.rows_of("csv-finding-courses")}
    assert rows[LATE]["days_to_close"] == "13.0"
    assert rows[LATE]["presence"] == "standing"
    assert "note" not in rows[LATE]
    groups = {r["supervision_group"]: r for r in drawn.rows_of("csv-finding-groups")}
    assert groups["G2"]["n_closed"] == "2"
    one = draw_page(PAGE, answered_lake, monkeypatch, list="course", group="G1")
    assert [r["supervision_group"] for r in one.rows_of("csv-finding-groups")] == ["G1"]
    assert "尚无处理记录。" in one.words


VISITS = """日期,级别,单位,支部代码,备检点
2016-05-12,中央,福清市,,是
2016-06-20,省委,仓山区,350104-R0001,否
"""


def test_inspections_from_above_stand_on_the_time_line(
    tiny_lake, tmp_path, monkeypatch
):
    root = shutil.copytree(tiny_lake, tmp_path / "visited")
    path = tmp_path / "上级督查.csv"
    path.write_text(VISITS, "utf-8-sig")
    report = file_answers(root, path)
    assert not report.findings, [finding.sentence() for finding in report.findings]
    drawn = draw_page(PAGE, root, monkeypatch, list="visits")
    lines = calendar(drawn)
    assert [cell["text"] for cell in lines["上级督查"]] == [
        "–",
        "中央 1",
        "省委 1",
        "–",
    ]
    assert "list=visits" in lines["上级督查"][1]["to"]
    assert lines["福清市"][1]["text"].endswith("◆ 督查")
    rows = drawn.rows_of("csv-upper-visits")
    assert [(row["unit"], row["level"]) for row in rows] == [
        ("350181", "central"),
        ("350104", "provincial"),
    ]
    other = draw_page(PAGE, root, monkeypatch, list="visits", group="G4")
    assert "上级督查" not in calendar(other)
    assert "csv-upper-visits" not in other.files
