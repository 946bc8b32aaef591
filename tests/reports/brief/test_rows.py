"""The brief of a place: one page, its own figures, and what to ask there."""

from __future__ import annotations

import dataclasses

import pytest

from reports.__main__ import main
from reports.brief.rows import all_places, brief, file_name
from reports.files.pdf_file import page_pictures
from tests.checked_city import build_checked_city
from tests.reports.bulletin.papers import cells, facts_of, sentences, tables

JULY = "2016-07"


@pytest.fixture(scope="module")
def tiny(tiny_lake):
    return facts_of(tiny_lake, JULY)


@pytest.fixture(scope="module")
def checked(shared_lakes):
    return facts_of(shared_lakes.of(build_checked_city, ("2016-06", JULY)), JULY)


def test_there_is_one_for_the_city_each_group_and_each_unit(tiny):
    names = [file_name(tiny, place) for place in all_places(tiny)]
    assert len(set(names)) == 1 + 4 + 18
    assert names[0] == "2016-07_00_全市.pdf"
    assert "2016-07_G1_第一督导组.pdf" in names
    assert "2016-07_350104_仓山区.pdf" in names


def test_a_unit_stands_beside_the_city(tiny):
    shown = tables(brief(tiny, {"unit": "350104"}))["主要指标"]
    rows = {row[0]: row[1:] for row in cells(shown)}
    # done / due, reported, city, target, missing, checks
    assert rows["第二专题覆盖率"][:3] == ["3 / 6", "50.0 %", "45.5 %"]
    assert rows["第二专题覆盖率"][4:] == ["3", "未抽查"]


def test_a_unit_that_filed_nothing_is_requested_to_file(tiny):
    texts = sentences(brief(tiny, {"unit": "350181"}))
    assert "本月未收到数据。" in texts
    assert "7月台账\uff1a未报。" in texts
    question = "补报台账\uff082 个领域\uff09\uff1a未报原因是什么\uff0c何时报送\uff1f"
    assert question in texts


def test_a_group_has_its_own_figures_and_duties(checked):
    paper = brief(checked, {"supervision_group": "G1"})
    rows = {row[0]: row[1:] for row in cells(tables(paper)["主要指标"])}
    assert rows["第一专题覆盖率"][0] == "60 / 60"
    assert rows["第一专题覆盖率"][1] == "100 % ↓"
    duties = {row[0]: row[1:] for row in cells(tables(paper)["督导组履职情况"])}
    # 24 of 60 branches on the roll were drawn and visited unannounced.
    assert duties["随机暗访比例"] == ["10 %–15 %", "40.0 %"]
    questions = "\n".join(sentences(paper))
    assert "未核实的支部当时依据什么填报" in questions


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_is_one_page(checked, language):
    facts = dataclasses.replace(checked, language=language)
    for place in ({}, {"supervision_group": "G1"}, {"unit": "350104"}):
        assert len(page_pictures(brief(facts, place), ppi=20)) == 1


@pytest.mark.parametrize("n_more", [0, 28, 400])
def test_what_takes_more_than_a_page_is_set_smaller_and_never_cut(checked, n_more):
    paper = brief(checked, {})
    *others, asked = paper.sections
    parts = (*asked.parts, *asked.parts[-1:] * n_more)
    longer = dataclasses.replace(asked, parts=parts)
    paper = dataclasses.replace(paper, sections=(*others, longer))
    n_pages = len(page_pictures(paper, ppi=20))
    assert n_pages == 1 if n_more < 400 else n_pages > 1


def test_the_command_writes_them_all(tiny_lake, tmp_path, capsys):
    out = tmp_path / "briefs"
    arguments = ["brief", "--month", JULY, "--lake", str(tiny_lake), "--out", str(out)]
    assert main(arguments) == 0, capsys.readouterr().err
    assert len(list(out.glob("*.pdf"))) == 23
    assert main([*arguments[:-1], str(tmp_path / "none" / "briefs")]) == 2
