"""The circular: sentences counted by hand, the query behind each, whom it praises."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.brief.rows import brief
from reports.bulletin.draft import full_width
from reports.bulletin.remarks import RemarksError, read_remarks
from reports.bulletin.rows import circular
from tests.checked_city import build_checked_city
from tests.doubtful_city import build_doubtful_city
from tests.praised_city import DOUBTED, FLAGGED, build_praised_city
from tests.reports.bulletin.papers import (
    cells,
    circular_of,
    facts_of,
    sentences,
    tables,
)
from tests.submitted_rows import day, submit

JULY = "2016-07"


def wide(text: str) -> str:
    """Signs in full width, as the circular has them."""
    return full_width(text)


@pytest.fixture
def tiny(tiny_circular):
    return tiny_circular


@pytest.fixture(scope="module")
def praised_lake(shared_lakes) -> Path:
    return shared_lakes.of(build_praised_city)


@pytest.fixture(scope="module")
def praised(praised_lake):
    return circular_of(praised_lake, JULY)


@pytest.fixture(scope="module")
def checked(shared_lakes):
    return circular_of(shared_lakes.of(build_checked_city, ("2016-06", JULY)), JULY)


def test_what_the_tiny_city_reports_stands_there_as_counted_by_hand(tiny):
    texts = sentences(tiny)
    # Late is who filed late; 福清市 filed nothing for July.
    filed = "7月台账应由 3 个单位于8月15日前报齐:按时 2 个;未报 1 个(福清市)。"
    assert texts[0] == wide(filed)
    topic = "第二专题覆盖率:已完成 5 / 11 个党支部,还差 6(目标 100 %,8月31日前)。"
    assert wide(topic + "另有 2 个单位×领域未报，未计入。") in texts
    highest = "第二专题覆盖率:单位中最高 仓山区 50.0 %,最低 市直机关 40.0 %。"
    assert wide(highest) in texts


def test_a_unit_that_filed_nothing_is_in_no_rate_and_has_its_task(tiny):
    shown = tables(tiny)
    rows = {row[0]: row for row in cells(shown["各单位情况"])}
    assert rows["福清市"][1:] == ["未报"] * 5
    assert rows["全市"][:3] == ["全市", "100 %", "45.5 %"]
    units = [row for row in cells(shown["待办清单"]) if "督导组" not in row[0]]
    assert units == [["福清市", "第二督导组", wide("补报台账(2 个领域)")]]


def test_every_part_has_a_number_and_a_query_with_rows(tiny, praised, checked):
    for paper in (tiny, praised, checked):
        parts = list(paper.numbered())
        assert [part.number for part in parts] == list(range(1, len(parts) + 1))
        for part in parts:
            assert part.query.command.startswith("python -m reports ")
        shown = [part for part in parts if hasattr(part, "rows")]
        assert all(len(part.query.frame) for part in shown)


def test_a_flagged_figure_is_never_praised(praised, praised_lake):
    facts = facts_of(praised_lake, JULY)
    names = [facts.registry.units[code].name_zh for code in (DOUBTED, FLAGGED)]
    texts = sentences(praised)
    assert not [s for s in texts if "予以表扬" in s and any(n in s for n in names)]


def test_praise_is_withheld_from_the_unit_whose_checks_find_less(checked):
    texts = sentences(checked)
    (given,) = [s for s in texts if s.endswith("予以表扬。") and "不予" not in s]
    assert given == wide(
        "福清市:领导干部以普通党员身份参加率 100 %(抽查核实 8 / 8),台账按时报齐,"
        "予以表扬。"
    )
    (withheld,) = [s for s in texts if "不予表扬" in s and "仓山区" in s]
    assert wide("（抽查支持 87.5 %，抽查前上报 100 %）") in withheld
    # Nobody is said to have reached anything without it either.
    reached = "领导干部以普通党员身份参加率:2 个单位都达到要求(100 %,"
    assert wide(f"{reached}抽查支持 91.7 %,抽查前上报 100 %)。") in texts


def test_cold_is_explained_for_every_metric_of_the_list_not_by_the_line_of_one(
    shared_lakes,
):
    paper = circular_of(shared_lakes.of(build_doubtful_city), JULY)
    note = tables(paper)["最冷的单位领域"].note
    assert note.startswith(wide("冷 = 比全市的这项指标低 5 个百分点以上,"))


def test_verified_stands_beside_reported_with_its_interval(checked):
    (rows,) = [t for name, t in tables(checked).items() if "抽查前上报与核实" in name]
    assert cells(rows) == [
        ["仓山区", "100 %", "86.7 %* ↓", "66.6–95.0 %", "21 / 24", "–", ""],
        # Under ten checks there is no rate.
        ["福清市", "100 %", "– ↓", "–", "7 / 8", "–", ""],
    ]


@pytest.fixture
def with_duties(copy_lake):
    """The praised city with talks of the first group and two problems of July.

    G1 talks four times, then once (blank counts one), and attends two meetings. One
    problem is closed within its term, one is open and past it.
    """
    lake = Lake(copy_lake(build_praised_city))
    talk = {"supervision_group": "G1", "act": "interview"}
    duty = [
        {**talk, "date": day("2016-07-05"), "quantity": 4},
        {**talk, "date": day("2016-07-20")},
        {
            "supervision_group": "G1",
            "date": day("2016-07-21"),
            "act": "meeting_attended",
            "quantity": 2,
        },
    ]
    raised = {
        "supervision_group": "G1",
        "unit": DOUBTED,
        "kind": "formality",
        "source": "supervision",
        "raised_date": day("2016-07-01"),
    }
    closed = {"status": "closed", "closed_date": day("2016-07-18")}
    problem = [
        {**raised, **closed, "problem_code": "P1", "due_date": day("2016-07-20")},
        {
            **raised,
            "problem_code": "P2",
            "due_date": day("2016-07-25"),
            "level": "office",
            "status": "open",
        },
    ]
    with lake.writing():
        submit(lake, "2016-08-02", duty=duty, problem=problem)
        build(lake.root, load_registry())
    return facts_of(lake.root, JULY)


def test_duties_and_problems_speak_by_themselves(with_duties):
    paper = circular(with_duties)
    duties = {row[0]: row[1:] for row in cells(tables(paper)["督导组履职情况"])}
    assert duties["督导组约谈次数"][:3] == ["10", "5 / 10", "0 / 10"]
    assert duties["列席支部研讨次数"][:2] == ["2", "2 / 2"]
    grounds = {
        row[1].text: {bool(cell.fill) for cell in row[2:]}
        for row in tables(paper)["督导组履职情况"].rows
    }
    # Short of two, or above; what nobody demands has no ground.
    assert True in grounds["2"] and grounds["–"] == {False}
    texts = sentences(paper)
    assert wide("问题按期办结率:已完成 1 / 2,还差 1(目标 100 %)。") in texts
    still = "月末未办结的问题 1 个,其中逾期 1 个;按层级:综合组 1 个。"
    assert wide(still) in texts
    (silent,) = [s for s in texts if "尚未收到数据" in s]
    assert "讲党课记录" in silent and "问题" not in silent
    tasks = {row[0]: row[2] for row in cells(tables(paper)["待办清单"])}
    assert wide("逾期问题 1 个,限期办结") in tasks["仓山区"]
    assert "督导组约谈次数还差 5" in tasks["第一督导组"]


def test_the_brief_asks_about_what_is_over_its_term(with_duties):
    texts = sentences(brief(with_duties, {"unit": DOUBTED}))
    assert any(s.startswith(wide("逾期问题 1 个,限期办结:")) for s in texts)
    group = tables(brief(with_duties, {"supervision_group": "G1"}))
    assert ["督导组约谈次数", "10", "5 / 10"] in cells(group["督导组履职情况"])


def test_english_says_the_same_figures(tiny_lake):
    text = "\n".join(sentences(circular_of(tiny_lake, JULY, "en")))
    assert "5 of 11 branches, 6 still to go" in text
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in text)


def test_remarks_stand_there_with_their_day_and_no_person_among_them(tiny_lake):
    remarks = read_remarks("2016-08-20\n请各督导组抓紧。\n\n第二点。")
    texts = sentences(circular(facts_of(tiny_lake, JULY), remarks))
    at = texts.index(wide("截至2016-08-20:"))
    assert texts[at + 1 : at + 3] == ["请各督导组抓紧。", "第二点。"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("请抓紧。", "2016-08-20"),
        ("2016-02-30\n请抓紧。", "2016-02-30"),
        ("2016-08-20\n\n", "没有内容"),
        ("2016-08-20\n请抓紧。\n电话 138 0013 8000", "第 2 段"),
        ("2016-08-20\n姓名:张某", "第 1 段"),
        ("2016-08-20\n" + "长" * 5000, "5000"),
    ],
)
def test_remarks_that_cannot_be_printed_are_refused_with_the_reason(text, said):
    with pytest.raises(RemarksError, match=said):
        read_remarks(text)


def test_signs_between_digits_stay_narrow():
    assert full_width("5,274 个,8:30(见表)") == "5,274 个\uff0c8:30\uff08见表\uff09"
