"""What is known of each place before a talk, counted by hand from the tiny city."""

import io

import openpyxl
import pandas as pd
import pytest

from data_pipeline.flags import find_flags
from data_pipeline.registry import load_registry
from reports.__main__ import main
from reports.cell_classes import judge_cells
from reports.problems import rows as problem_rows
from reports.talks import places
from reports.talks.workbook import talks_workbook
from reports.words.standing import city_anchor
from ui.menu import PAGES

REGISTRY = load_registry()
MONTH = "2016-07"


@pytest.fixture(scope="module")
def known(tiny_marts):
    nothing = find_flags(tiny_marts).found[:0]
    found = places.read_known(tiny_marts, nothing, MONTH)
    # Whatever the registry knows of problems and duties, the tiny city files none.
    return found._replace(problems=None, talks=None)


def reasons_of(ranked, known, language="zh") -> dict[tuple, list[str]]:
    return {
        (row.unit, row.sector): [
            one.says
            for one in places.explain_reasons(row, known, REGISTRY, MONTH, language)
        ]
        for row in ranked.itertuples()
    }


def test_the_places_stand_in_the_order_of_their_reasons_inside_each_group(known):
    ranked = places.propose(known, REGISTRY, MONTH)
    names = ["supervision_group", "unit", "sector", "position"]
    assert ranked[names].to_numpy().tolist() == [
        ["G1", "350104", "rural", 1],  # two of four lack topic 2, one visit lacks
        ["G1", "350104", "community", 2],  # one of two
        ["G2", "350181", "nonpublic", 1],
        ["G2", "350181", "rural", 2],
    ]
    assert reasons_of(ranked, known) == {
        ("350104", "rural"): ["随机暗访还差 1 个支部（要求 10.0 %）"],
        ("350104", "community"): ["随机暗访还差 1 个支部（要求 10.0 %）"],
        ("350181", "nonpublic"): ["2 个月没有台账"],
        ("350181", "rural"): ["1 个月没有台账"],
    }
    assert places.propose(known, REGISTRY, MONTH, "G2")["unit"].unique() == ["350181"]


def problem(**values) -> dict:
    given = {
        "problem_code": "甲-1",
        "unit": "350104",
        "sector": "rural",
        "branch": None,
    }
    given |= {"kind": "formality", "status": "open", "closed_date": pd.NaT}
    days = {"raised_date": pd.Timestamp("2016-06-01"), "due_date": pd.NaT}
    return given | days | values


def test_a_problem_counts_while_it_is_open_and_of_a_whole_unit_in_each_sector(known):
    filed = pd.DataFrame(
        [
            problem(),
            problem(sector=None, unit="350181"),
            problem(status="closed", closed_date=pd.Timestamp("2016-07-01")),
            # Closed in August: at the end of July it was open.
            problem(status="closed", closed_date=pd.Timestamp("2016-08-02")),
            problem(raised_date=pd.Timestamp("2016-08-01")),
        ]
    )
    still = places._open_problems(filed, MONTH)
    ranked = places.propose(known._replace(problems=still), REGISTRY, MONTH)
    cells = ranked.set_index(["unit", "sector"])["problems_open"]
    assert cells["350104", "rural"] == 2
    assert cells["350104", "community"] == 0
    assert cells["350181", "rural"] == cells["350181", "nonpublic"] == 1


def test_problems_past_their_term_are_the_reason_and_their_page_lists_the_open_ones(
    known,
):
    late = pd.Timestamp("2016-07-15")
    filed = pd.DataFrame([problem(due_date=late), problem(sector=None), problem()])
    still = places._open_problems(filed, MONTH)
    ranked = places.propose(known._replace(problems=still), REGISTRY, MONTH)
    told = {
        (row.unit, row.sector): {
            one.reason: one
            for one in places.explain_reasons(row, known, REGISTRY, MONTH)
        }
        for row in ranked.itertuples()
    }
    found = told["350104", "rural"]["problems"]
    assert found.says == "逾期未办结的问题 1 个（未办结共 3 个）"
    chosen = {name: found.choices[name] for name in ("unit", "sector")}
    assert chosen == {"unit": "350104", "sector": "rural"}
    on_page = problem_rows.select(problem_rows.stand_at(filed, MONTH), **chosen)
    assert on_page["is_open"].sum() == 3
    # What names no sector is open in each of the unit's: here it is not past a term.
    assert "problems" not in told["350104", "community"]


def test_cold_is_said_against_the_city_with_its_figure(known):
    """One cell below the target but level with the city, one far below both."""
    sums = pd.DataFrame(
        [
            (None, None, 640, 1000),
            ("350104", "rural", 620, 800),
            ("350181", "rural", 20, 200),
        ],
        columns=["unit", "sector", "numerator", "denominator"],
    )
    sums = sums.assign(rate=sums["numerator"] / sums["denominator"], n_missing=0)
    topic, line = known.topic, city_anchor(known.topic, MONTH, 0.64)
    judged = judge_cells(sums, topic, MONTH, line)
    colder = known._replace(line=line, judged=judged)
    says = reasons_of(places.propose(colder, REGISTRY, MONTH), colder)
    assert says["350181", "rural"][0] == (
        "第二专题覆盖率 10.0 %，低于全市 54.0 个百分点（全市 64.0 %），极冷，"
        "还差 180 个支部"
    )
    # Far below the target and above the city: nothing that a heatmap calls cold.
    assert not any("冷" in said for said in says["350104", "rural"])


def test_a_flag_of_a_unit_is_a_reason_in_each_of_its_sectors(known):
    flags = pd.DataFrame({"unit": ["350181"], "sector": [""]})
    ranked = places.propose(known._replace(flags=flags), REGISTRY, MONTH)
    says = reasons_of(ranked, known)
    assert says["350181", "rural"] == ["1 个月没有台账", "可信度线索 1 条"]
    english = reasons_of(ranked, known, "en")
    assert english["350181", "rural"][1] == "1 credibility flag"


def test_a_talk_is_said_from_the_month_on_and_counts_for_the_unit(known):
    talks = pd.DataFrame(
        {
            "unit": ["350181", "350104"],
            "date": pd.to_datetime(["2016-07-20", "2016-06-30"]),
        }
    )
    cells = places.measure_places(known._replace(talks=talks), REGISTRY, MONTH)
    days = cells.set_index(["unit", "sector"])["talked"]
    assert str(days["350181", "rural"])[:10] == "2016-07-20"
    assert pd.isna(days["350104", "rural"])


def test_each_reason_leads_to_a_page_with_its_place(known):
    ranked = places.propose(known, REGISTRY, MONTH)
    for row in ranked.itertuples():
        for one in places.explain_reasons(row, known, REGISTRY, MONTH):
            assert one.page == places.PAGES[one.reason]
            assert (one.choices["unit"], one.choices["month"]) == (row.unit, MONTH)
            assert one.page in PAGES


def test_the_workbook_has_a_summary_and_a_brief_for_each_place(known):
    ranked = places.propose(known, REGISTRY, MONTH)
    about = {"place": "全市", "snapshot": "甲", "notice": "示例数据"}
    when = pd.Timestamp("2016-08-20T09:00+08:00").to_pydatetime()

    def write() -> bytes:
        chosen = (ranked, known, REGISTRY, MONTH)
        return talks_workbook(*chosen, **about, created=when)

    content = write()
    assert content == write()
    book = openpyxl.load_workbook(io.BytesIO(content))
    briefs = [name for name in book.sheetnames if name.startswith("简报说明")]
    assert len(briefs) == len(ranked)
    rows = [list(row) for row in book["汇总说明"].iter_rows(values_only=True)]
    assert ["次序", "督导组", "单位", "领域", "约谈理由", "简报"] in rows
    assert rows[-1][1:5] == ["第二督导组", "福清市", "农村", "1 个月没有台账"]
    brief = [list(row)[:4] for row in book[briefs[0]].iter_rows(values_only=True)]
    assert ["第二专题覆盖率", "50.0 %", 2, 4] in brief
    assert ["抽查", "尚无抽查", None, None] in brief


def test_the_command_writes_the_workbook_of_a_group(tiny_lake, tmp_path, capsys):
    out = tmp_path / "约谈.xlsx"
    arguments = ["talks", "--lake", str(tiny_lake), "--month", MONTH]
    assert main([*arguments, "--group", "第二督导组", "--out", str(out)]) == 0
    book = openpyxl.load_workbook(out)
    assert book["汇总说明"]["A1"].value == "第二督导组 2016年7月 约谈名单"
    assert main([*arguments, "--group", "第九组", "--out", str(out)]) == 2
    assert "第九组" in capsys.readouterr().err
    assert main([*arguments, "--out", str(tmp_path / "x.csv")]) == 2
    late = ["talks", "--lake", str(tiny_lake), "--month", "2016-12"]
    assert main([*late, "--out", str(out)]) == 2
    assert "2016-12" in capsys.readouterr().err
