"""A finding keeps its name, and what was answered stays with it."""

import io

import openpyxl
import pandas as pd
import pytest

from data_pipeline import rates
from data_pipeline.registry import load_registry
from reports import findings
from tests.answered_city import (
    ANSWERS,
    GONE,
    LATE,
    MISSING,
    build_answered_city,
    file_answers,
    write_answers,
)

REGISTRY = load_registry()


@pytest.fixture(scope="module")
def answered_lake(tiny_lake, tmp_path_factory):
    return build_answered_city(tiny_lake, tmp_path_factory.mktemp("answered"))


@pytest.fixture(scope="module")
def courses(answered_lake):
    marts = rates.open_marts(answered_lake)
    return findings.list_courses(rates.read_staged(marts, findings.TABLE), REGISTRY)


def test_each_finding_has_one_course_with_every_state_in_order(courses):
    sentences = {
        row.finding: findings.say_course(row.course, REGISTRY)
        for row in courses.itertuples()
    }
    assert sentences == {
        GONE: "已更正 8月1日",
        LATE: "已询问 6月22日 → 已说明 6月28日",
        MISSING: "已询问 6月22日",
    }
    english = findings.say_course(courses["course"].iloc[1], REGISTRY, "en")
    assert english == "asked 22 Jun → explained 28 Jun"


def test_days_to_close_count_from_the_filing_deadline(courses):
    days = courses.set_index("finding")["days_to_close"]
    # May was due on June 15, June on July 15.
    assert (days[LATE], days[GONE]) == (13, 17)
    assert pd.isna(days[MISSING])


def test_the_place_is_that_of_the_name_and_the_group_that_of_the_unit(courses):
    row = courses.set_index("finding").loc[MISSING]
    assert (row["rule"], row["unit"], row["sector"], row["month"]) == (
        *("missing_ledger", "350181", "nonpublic", "2016-05"),
    )
    assert row["supervision_group"] == "G2"


def test_the_median_is_that_of_each_group(courses):
    standing = pd.DataFrame(
        {
            "supervision_group": ["G1", "G2", "G2"],
            "finding_state": ["new", "asked", "explained"],
        }
    )
    sums = findings.sum_by_group(courses, standing, REGISTRY).set_index(
        "supervision_group"
    )
    assert sums.loc["G2"].tolist() == [1, 1, 2, 15]
    assert sums.loc["G1", "n_unanswered"] == 1
    assert pd.isna(sums.loc["G1", "median_days"])


def test_a_finding_that_was_queried_again_is_open_again():
    states = pd.DataFrame(
        {
            "finding": [LATE] * 3,
            "finding_state": ["explained", "asked", "no_fault"],
            "date": pd.to_datetime(["2016-06-20", "2016-06-25", "2016-07-01"]),
            "received": pd.to_datetime(["2016-08-01"] * 3),
            "supervision_group": ["G2"] * 3,
        }
    )
    (days,) = findings.list_courses(states[:2], REGISTRY)["days_to_close"]
    assert pd.isna(days)
    (days,) = findings.list_courses(states, REGISTRY)["days_to_close"]
    assert days == 16


def test_rows_of_no_record_are_new(courses):
    rows = pd.DataFrame({"finding": [LATE, "jump-350102-all-2016-05"]})
    with_states = findings.add_states(rows, courses)
    assert with_states["finding_state"].tolist() == ["explained", "new"]
    assert with_states["state_date"].isna().tolist() == [False, True]
    none = findings.add_states(rows, courses[:0])
    assert none["finding_state"].tolist() == ["new", "new"]


def test_a_state_stays_stored_when_a_later_file_gives_another_of_that_day(
    tiny_lake, tmp_path
):
    root = build_answered_city(tiny_lake, tmp_path)
    name, _, day, *rest = ANSWERS[1]
    again = write_answers(tmp_path / "再报.csv", [(name, "无误", day, *rest)])
    assert not file_answers(root, again, "2016-08-21T09:00").findings
    marts = rates.open_marts(root)
    found = findings.list_courses(rates.read_staged(marts, "finding_state"), REGISTRY)
    course = found.set_index("finding").loc[LATE, "course"]
    assert [state for _, state in course] == ["asked", "no_fault"]


def test_a_group_cannot_answer_for_the_unit_of_another(tiny_lake, tmp_path):
    root = build_answered_city(tiny_lake, tmp_path)
    wrong = write_answers(
        tmp_path / "他组.csv",
        [(LATE, "无误", "2016-07-01", "G1", "2016-05", "福清市", "", "")],
    )
    (finding,) = file_answers(root, wrong, "2016-08-21T09:00").findings
    assert "E_SCOPE" in finding.sentence()


def test_the_sheet_of_findings_comes_back_once_it_is_filled_in(tiny_lake, tmp_path):
    root = build_answered_city(tiny_lake, tmp_path)
    marts = rates.open_marts(root)
    entries = pd.DataFrame(
        {
            "finding": [MISSING, LATE],
            "supervision_group": ["G2", "G2"],
            "unit": ["350181", "350181"],
            "sector": ["nonpublic", ""],
            "month": ["2016-05", "2016-05"],
            "says": ["甲", "乙"],
        }
    )
    how = (entries, "全市", REGISTRY, marts.snapshot.built_at)
    content = findings.answer_workbook(*how)
    assert content == findings.answer_workbook(*how)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["线索处理"]
    headings = [cell.value for cell in sheet[2]]
    assert sheet["A3"].value == MISSING
    for row in (3, 4):
        sheet.cell(row, headings.index("处理状态") + 1, "已更正")
        sheet.cell(row, headings.index("日期") + 1, "2016-07-20")
    path = tmp_path / "填好.xlsx"
    book.save(path)
    report = file_answers(root, path, "2016-08-22T09:00")
    assert not report.findings, [f.sentence() for f in report.findings]
    found = findings.list_courses(
        rates.read_staged(rates.open_marts(root), findings.TABLE), REGISTRY
    )
    states = found.set_index("finding")["finding_state"]
    assert states[[MISSING, LATE]].tolist() == ["corrected", "corrected"]
