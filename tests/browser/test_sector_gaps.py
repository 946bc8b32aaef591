"""领域差距 in a real browser: down by clicks, up by the breadcrumb, out as files."""

from __future__ import annotations

import csv
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from browsing import (
    click_bar,
    click_mark,
    click_row,
    expect_address,
    rerun,
    save_figure,
    standing_box,
)
from PIL import Image
from playwright.sync_api import expect
from serving import serve

FUNNEL = Path(__file__).parent / "apps" / "funnel_app.py"
JULY = "/sector_gaps?metric=topic_2_coverage&month=2016-07"


def test_clicks_lead_from_the_city_to_the_township_and_the_breadcrumb_back(open_page):
    page = open_page(JULY)
    names = page.locator(".st-key-ranking table").get_by_role("link")
    with rerun(page):
        names.first.click()
    # 市直 2 of 5 lacks most.
    expect_address(page, unit="ZSJG", sector="organ")
    with rerun(page):
        page.go_back()
    expect_address(page, unit=None, sector=None)
    with rerun(page):
        names.nth(1).click()
    expect_address(page, unit="350104", sector="rural")
    with rerun(page):
        names.first.click()
    expect_address(page, unit="350104", sector="rural", township="盖山镇")
    trail = page.get_by_role("navigation", name="所在位置")
    steps = ["全市", "仓山区", "农村", "盖山镇"]
    expect(trail.get_by_role("listitem")).to_have_text(steps)
    with rerun(page):
        trail.get_by_role("link", name="仓山区").click()
    expect_address(page, unit="350104", sector=None, township=None)
    click_bar(page, "bars")
    expect_address(page, unit="350104", sector="rural")
    with rerun(page):
        trail.get_by_role("link", name="全市").click()
    expect_address(page, unit=None, sector=None, township=None)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_stands_on_the_first_screen_under_one_row_of_choices(
    open_page, lang
):
    page = open_page(f"{JULY}&lang={lang}")
    rows = page.locator("[class*=st-key-choices-shared-]")
    assert [standing_box(row)["height"] < 80 for row in rows.all()] == [True]
    page.locator("[data-testid=stMain]").evaluate("e => e.scrollTo(0, 0)")
    assert page.locator(".st-key-plot-dots").bounding_box()["y"] < 360


def test_a_dot_leads_to_its_unit_and_sector(open_page):
    page = open_page(JULY)
    click_mark(page.locator(".st-key-plot-dots .points .mark").first)
    expect_address(page, unit="ZSJG", sector="organ")


def test_a_row_of_the_ledger_leads_to_the_months_of_its_branch(open_page):
    page = open_page(f"{JULY}&unit=350104&sector=rural")
    click_row(page.locator(".st-key-records-ledger .desk-rows"))
    expect_address(page, branch="350104-R0002", township="城门镇")
    expect(page.get_by_role("heading", name="该支部逐月台账")).to_be_visible()


def test_a_link_to_a_branch_shows_where_its_rows_stand(open_page):
    page = open_page(f"{JULY}&unit=350104&sector=rural&branch=350104-R0001&lang=en")
    _, content = save_figure(page, "branch", "CSV")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [r["source_file"] for r in rows][-1] == "07-仓山.xlsx"
    assert [(r["source_sheet"], r["source_row"]) for r in rows][-1] == ("台账", "4")


def test_the_picture_of_a_figure_is_a_png(open_page):
    name, content = save_figure(open_page(JULY), "dots", "PNG")
    assert name.startswith("topic_2_coverage_2016-07")
    assert Image.open(BytesIO(content)).width > 1000


@pytest.fixture(scope="module")
def funnel_server(tmp_path_factory):
    """The app with a funnel of places that lie close together."""
    log = tmp_path_factory.mktemp("funnel") / "log.txt"
    with serve(FUNNEL, log, {"PYTHONPATH": str(FUNNEL.parents[3])}) as server:
        yield server


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_no_name_in_a_funnel_covers_another(open_on, funnel_server, size):
    page = open_on(funnel_server, "/", size=size)
    names = page.locator(".plot .names text")
    expect(names.first).to_be_visible()
    boxes = [name.bounding_box() for name in names.all()]
    assert len(boxes) >= 4
    for one, other in combinations(boxes, 2):
        left, right = sorted((one, other), key=lambda box: box["x"])
        upper, lower = sorted((one, other), key=lambda box: box["y"])
        is_beside = right["x"] >= left["x"] + left["width"] - 1
        # Above and below its letters a line is blank.
        assert is_beside or lower["y"] >= upper["y"] + upper["height"] - 3
