"""What each of three readers was promised, walked in a browser and counted.

A leader: where it is cold, how much is missing, whether to believe it, within ten
seconds and without a click. The office: from a cold cell to a talk, a check list and
a sentence of the circular in three clicks. An analyst: the rows of the view on the
screen, as the command gives them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO

import openpyxl
import pandas as pd
import pytest
from browsing import SIZES, rerun, save, save_figure
from playwright.sync_api import Page, expect
from serving import PROJECT

# People read some 300 to 500 characters of Chinese a minute: ten seconds are 50 to 80.
CHARACTERS_A_SECOND = 7
JULY = "/county_heatmap?metric=member_speaking&month=2016-07"
COLD_CELL = re.compile("^仓山区 社区 37.2 % 低于")
PLACE = "仓山区"


@pytest.fixture(scope="module")
def site(doubtful_lake, serve_city):
    """A city large enough for a place in it to be cold."""
    return serve_city(doubtful_lake)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_leader_has_the_answer_in_ten_seconds_without_a_click(open_on, site, size):
    page = open_on(site, "/?month=2016-07", size=size)
    answer = page.locator(".st-key-answer")
    text = answer.inner_text()
    sentence, *rest = text.splitlines()
    assert re.search(r"\d+\.\d\s%", sentence), "how far"
    assert "还差" in sentence, "how much is missing"
    assert "最冷" in text, "where"
    assert re.search("抽查|核实", text), "whether to believe it"
    assert len(sentence) / CHARACTERS_A_SECOND <= 10, sentence
    box = answer.bounding_box()
    assert box["y"] + box["height"] <= SIZES[size][1], "on the first screen"


def open_card(page: Page) -> int:
    """Click the cold cell; the number of clicks."""
    with rerun(page):
        page.get_by_role("grid").get_by_role("button", name=COLD_CELL).click()
    return 1


def follow(page: Page, link: str) -> int:
    with rerun(page):
        page.locator(".st-key-card").get_by_role("link", name=link).click()
    return 1


def test_the_office_comes_from_a_cold_cell_to_a_talk_in_three_clicks(open_page):
    page = open_page(JULY)
    clicks = open_card(page) + follow(page, "列入约谈")
    _, content = save(page.get_by_role("button", name="约谈工作簿"))
    assert clicks + 1 <= 3
    rows = openpyxl.load_workbook(BytesIO(content))["督导工作"].values
    assert any(PLACE in row for row in rows)


def test_the_office_comes_from_a_cold_cell_to_its_check_list_in_three_clicks(open_page):
    page = open_page(JULY)
    clicks = open_card(page) + follow(page, "抽查这里")
    assert clicks <= 3
    expect(page.get_by_role("heading", level=1)).to_have_text("抽查计划")
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text(PLACE)
    expect(main).to_contain_text("社区")


def test_the_office_comes_from_a_cold_cell_to_its_sentence_in_three_clicks(open_page):
    page = open_page(JULY)
    clicks = open_card(page) + follow(page, "通报怎么说")
    assert clicks <= 3
    said = page.locator(".st-key-says-member_speaking")
    expect(said).to_be_in_viewport()
    expect(said).to_contain_text("发言")


def test_an_analyst_gets_the_very_rows_that_the_command_gives(
    open_page, tiny_lake, tmp_path
):
    page = open_page(JULY)
    name, content = save_figure(page, "matrix", "CSV")
    shown = pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False)
    command = ["export", "member_speaking", "--month", "2016-07", "--by", "unit,sector"]
    subprocess.run(
        [sys.executable, "-m", "reports", *command, "--lake", str(tiny_lake)]
        + ["--out", str(tmp_path / name)],
        cwd=PROJECT,
        check=True,
    )
    given = pd.read_csv(tmp_path / name, dtype=str, keep_default_na=False)
    assert len(given) > 2
    # The page's file has names, classes and totals beside.
    cells = shown[shown["is_total"] == "0"][list(given)]
    assert cells.sort_values(["unit", "sector"]).values.tolist() == (
        given.sort_values(["unit", "sector"]).values.tolist()
    )
