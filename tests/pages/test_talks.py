"""约谈名单 as a reader gets it: candidates, their links, the ticks and the workbook."""

from __future__ import annotations

import html
import io
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.answered_city import file_answers
from tests.pages.drawn import draw_page, read

PAGE = "talks"


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query):
        return draw_page(PAGE, tiny_lake, monkeypatch, **{"month": "2016-07"} | query)

    return run


def briefs_of(drawn) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("talks")))
    return [book[n]["A1"].value for n in book.sheetnames if n.startswith("简报说明")]


def cells(drawn) -> list[str]:
    """What stands beside each box, its heads first, as HTML with plain spaces."""
    written = "".join(element.value for element in drawn.app.get("html"))
    found = re.findall('<div class="talk-cells">.*?</div>', written)
    return [read(html.unescape(row)) for row in found]


def boxes(drawn) -> dict[str, str]:
    """What each box is called, by its choice in the address."""
    written = "".join(element.value for element in drawn.app.get("html"))
    found = re.findall('data-tick="(.+?)">(.+?)</label>', written)
    return {choice: read(name) for choice, name in found}


def test_each_reason_is_a_link_to_the_page_that_shows_it(draw):
    drawn = draw()
    assert "列入约谈名单 2 处（有理由的共 4 处）" in drawn.words
    linked = re.search('<a href="([^"]+)">2 个月没有台账</a>', "".join(cells(drawn)))
    assert linked[1].startswith("./ledger_calendar?")
    assert "unit=350181" in linked[1]
    assert "2 months without a ledger" in "".join(cells(draw(lang="en")))


def test_a_row_says_the_weightiest_reason_the_others_and_what_to_do(draw):
    rows = [re.findall("<p>(.*?)</p>", row) for row in cells(draw(group="G2"))]
    assert rows[0] == ["最重的理由", "其余理由", "怎么办"]
    weightiest, _, action = rows[1]
    assert re.fullmatch('<a href="[^"]+">2 个月没有台账</a>', weightiest)
    assert action.startswith('催报台账 <span><a href="./check_planner?')
    assert re.search('<a href="./area_profile[^"]+">一页简报</a>', action)
    assert "unit=350181&sector=" in action


def test_without_a_tick_the_workbook_takes_the_first_of_each_group(draw):
    drawn = draw(group="G2")
    assert boxes(drawn) == {
        "talk.350181.nonpublic": "1. 福清市 非公",
        "talk.350181.rural": "2. 福清市 农村",
    }
    assert briefs_of(drawn) == ["福清市 · 非公企业", "福清市 · 农村"]


def test_a_tick_stands_in_the_address_and_makes_the_workbook(draw):
    drawn = draw(group="G2", **{"talk.350181.rural": "1"})
    assert briefs_of(drawn) == ["福清市 · 农村"]
    assert drawn.app.query_params["talk.350181.rural"] in ("1", ["1"])


def test_what_is_off_the_list_is_shown_on_demand_and_marked_in_the_file(draw):
    drawn = draw()
    assert "1. 仓山区 农村" not in boxes(drawn).values()
    assert drawn.app.checkbox[0].label == "同时列出名单之外的 2 处"
    shown = draw(all="1")
    assert "1. 仓山区 农村" in boxes(shown).values()
    assert len(briefs_of(shown)) == 2
    rows = shown.rows_of("csv-talk-candidates")
    assert {row["unit"]: row["is_listed"] for row in rows} == {
        "350104": "0",
        "350181": "1",
    }
    one = draw(unit="350104")
    assert "没有列入约谈名单的；2 处只有较轻的理由" in one.words


def test_the_list_is_a_file_as_well(draw):
    rows = draw(unit="350181").rows_of("csv-talk-candidates")
    assert [row["sector"] for row in rows] == ["nonpublic", "rural"]
    assert rows[0]["says"].startswith("2 个月没有台账")


def test_a_place_without_a_reason_is_one_sentence(draw):
    drawn = draw(sector="soe")
    assert "没有需要约谈的单位。" in drawn.words
    assert not drawn.files


def fill_in(content: bytes, path: Path, day: str) -> Path:
    """The workbook as a group sends it back: the first talk held, the others not."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["督导工作"]
    headings = [cell.value for cell in sheet[2]]
    sheet.cell(3, headings.index("日期") + 1, day)
    sheet.delete_rows(4, sheet.max_row)
    book.save(path)
    return path


def test_the_sheet_of_talks_comes_back_and_the_page_says_who_was_talked_to(
    tiny_lake, tmp_path, monkeypatch
):
    lake = shutil.copytree(tiny_lake, tmp_path / "lake")
    choices = {"month": "2016-07", "group": "G2"}
    drawn = draw_page(PAGE, lake, monkeypatch, **choices)
    assert "已于" not in "".join(cells(drawn))
    path = fill_in(drawn.bytes_of("talks"), tmp_path / "约谈.xlsx", "2016-08-18")
    report = file_answers(lake, path, "2016-08-20T09:00")
    assert not report.findings, [finding.sentence() for finding in report.findings]
    (accepted,) = report.accepted
    assert accepted.rows == {"duty": 1}
    found = draw_page(PAGE, lake, monkeypatch, **choices)
    assert "已于8月18日约谈" in "".join(cells(found))
    rows = {r["sector"]: r for r in found.rows_of("csv-talk-candidates")}
    assert rows["rural"]["talked"].startswith("2016-08-18")
