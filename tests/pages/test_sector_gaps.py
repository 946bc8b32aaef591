"""领域差距 leads from the city to the cell of a workbook, with the same figures."""

import io
import re

import openpyxl
import pytest

from reports.words import catalogue
from tests.pages.drawn import (
    Drawn,
    draw_page,
    headings_of,
    links_of,
    tables_of,
    texts_of,
    written_table,
)

JUNE = {"metric": "topic_1_coverage", "month": "2016-06"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("sector_gaps", tiny_lake, monkeypatch, **query)

    return run


def marks(figure: dict) -> list[tuple]:
    """(codes, x) of every mark that can be clicked."""
    return [
        (tuple(codes), x)
        for trace in figure["data"]
        for codes, x in zip(trace.get("customdata", ()), trace["x"], strict=False)
    ]


def ranked(drawn: Drawn) -> list[list[str]]:
    """The rows of the ranked list."""
    titles = catalogue.texts("sector_gaps.ranked")["zh"]
    heads = [f'aria-label="{titles[name]}"' for name in ("title", "lowest")]
    written = map(written_table, drawn.app.main)
    found = (table for table in written if any(head in table for head in heads))
    return texts_of(next(found, ""))


def test_the_city_is_units_as_dots_and_places_ranked_by_what_they_lack(draw):
    drawn = draw(**JUNE)
    # 福清 非公 3 of 4; everybody else has held the meeting.
    assert (
        "**全市 96.0 %** · 第一专题覆盖率：已完成 24 / 25 个党支部，"
        "还差 1（目标 100 %，6月30日前）。"
    ) in drawn.words
    dots = dict(marks(drawn.figure("dots")))
    assert dots == {
        ("350104", "rural"): 1.0,
        ("350181", "rural"): 1.0,
        ("ZSJG", "organ"): 1.0,
        ("350104", "community"): 1.0,
        ("350181", "nonpublic"): 0.75,
    }
    first, *others = ranked(drawn)
    assert first == ["福清市 非公", "75.0 %", "▼21.0 不足 10 个而不判", "1", "未抽查"]
    assert {row[0] for row in others} == {
        *("仓山区 农村", "仓山区 社区", "福清市 农村", "市直机关 机关"),
    }
    assert {row[3] for row in others} == {"0"}
    assert "unit=350181&sector=nonpublic" in links_of(drawn.app)[0]


@pytest.mark.parametrize("compare", ["city", "target", "previous"])
def test_one_comparison_drives_colour_mark_class_sentence_measure_and_file(
    draw, compare
):
    """The line of the address is that of every part: the city's is 50 %, the pace."""
    choices = {"metric": "topic_2_coverage", "month": "2016-07", "compare": compare}
    drawn = draw(**choices)
    words = drawn.words.replace("\u00a0", " ")
    line = {"city": "全市", "target": "进度线", "previous": "上月"}[compare]
    assert any(f"与{line}比" in heading for heading in tables_of(drawn.app)[0])
    texts = "".join(t for d in drawn.figure("dots")["data"] for t in d["hovertext"])
    assert line in texts
    assert ("冷 = 比" in words) == (compare != "previous")
    labels = [metric.label for metric in drawn.app.metric]
    assert ("低于比较线" in labels) == (compare != "previous")
    if compare != "previous":
        sentence = next(w for w in words.split("\n") if "各处的平均差距" in w)
        assert f"低于{line}" in sentence
        assert f"比{line}" in next(w for w in words.split("\n") if "冷 = 比" in w)
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-dots")))
    said = [str(c) for sheet in book for row in sheet.values for c in row if c]
    assert any(line in words for words in said)


def test_a_sector_keeps_to_its_own_strip_and_one_unit_is_not_ranked(draw):
    drawn = draw(**JUNE, sector="nonpublic")
    assert "**非公企业 75.0 %**" in drawn.words
    assert marks(drawn.figure("dots")) == [(("350181", "nonpublic"), 0.75)]
    # One unit has no ranking: a sentence stands in place of the list.
    assert "**差在哪里** · 福清市还差 1。" in drawn.words
    assert not ranked(drawn)


def test_a_unit_is_its_sectors_and_the_townships_that_lack(draw):
    drawn = draw(metric="topic_2_coverage", month="2016-07", unit="350104")
    assert "**仓山区 50.0 %** · 第二专题覆盖率：已完成 3 / 6 个党支部" in drawn.words
    bars = dict(marks(drawn.figure("bars")))
    assert bars == {("rural",): 0.5, ("community",): 0.5}
    # R0002 of 城门镇, R0004 of 盖山镇, C0002 of 建新镇.
    assert sorted((row[0], row[3]) for row in ranked(drawn)) == [
        ("城门镇 农村", "1"),
        ("建新镇 社区", "1"),
        ("盖山镇 农村", "1"),
    ]
    assert sum("township=" in link for link in links_of(drawn.app)) == 3
    rows = drawn.rows_of("csv-ranked")
    assert {(r["township"], r["sector"]) for r in rows} == {
        *(("城门镇", "rural"), ("建新镇", "community"), ("盖山镇", "rural")),
    }


def test_a_unit_whose_ledgers_name_no_township_is_its_sectors(draw):
    drawn = draw(**JUNE, unit="350181")
    assert [row[0] for row in ranked(drawn)] == ["非公", "农村"]
    assert "未填" not in drawn.words
    assert "乡镇街道" not in [box.label for box in drawn.app.selectbox]


def test_checks_stand_beside_what_was_reported_and_lack_nothing(
    checked_lake, monkeypatch
):
    query = {"metric": "topic_1_coverage", "month": "2016-07", "basis": "verified"}
    drawn = draw_page("sector_gaps", checked_lake, monkeypatch, **query)
    assert "**全市 86.9 %** · 第一专题覆盖率：随机抽查核实 28 / 32" in drawn.words
    rows = {row["unit"]: row for row in drawn.rows_of("csv-unit")}
    # 20 / 20 x 1 and 40 villages at 80 % are 52 of 60; 7 of 8 make no rate.
    assert float(rows["350104"]["rate"]) == pytest.approx(52 / 60)
    assert (rows["350181"]["n_confirmed"], rows["350181"]["rate"]) == ("7", "")
    assert {row["sector"] for row in drawn.rows_of("csv-sector")} == {
        *("rural", "community"),
    }
    assert not ranked(drawn)
    for choice in ({"unit": "350104"}, {"unit": "350104", "sector": "rural"}):
        inside = draw_page("sector_gaps", checked_lake, monkeypatch, **query, **choice)
        assert "核实" in inside.words


def test_a_unit_and_sector_end_in_the_rows_of_the_workbook(draw):
    drawn = draw(
        metric="topic_2_coverage", month="2016-07", unit="350104", sector="rural"
    )
    assert "4 行合计 2 / 4 = 50.0 %，与上面的数字一致。" in drawn.words
    notes = drawn.figure("months")["layout"]["annotations"]
    named = {note["text"].replace("<br>", " ") for note in notes}
    assert {"仓山区 农村", "全市"} <= named, "a line is called by the whole cell"
    rows = tables_of(drawn.app)[-1]
    assert list(rows["支部代码"]) == [
        "350104-R0002",
        "350104-R0004",
        "350104-R0001",
        "350104-R0003",
    ]
    first = rows.iloc[0]
    assert (first["第二专题已召开支部数"], first["党支部数"]) == (0, 1)
    assert (first["来源文件"], first["工作表"], first["行号"]) == (
        "07-仓山.xlsx",
        "台账",
        5,  # title, 口径, heading, R0001, R0002
    )
    assert first["收到时间"] == "2016-08-12 09:00"


def test_the_row_that_is_named_holds_the_figure_that_is_shown(draw, tiny_lake):
    drawn = draw(
        metric="member_speaking", month="2016-06", unit="350181", sector="nonpublic"
    )
    # A total: all months stand there, and nothing that would need branches.
    *_, row = drawn.rows_of("csv-ledger")
    assert row["month"] == "2016-06"
    assert (row["n_members_spoke"], row["n_members_ordinary"]) == ("12", "56")
    path = tiny_lake.parent / row["source_file"]
    sheet = openpyxl.load_workbook(path)[row["source_sheet"]]
    head = [cell.value for cell in sheet[3]]
    filed = [cell.value for cell in sheet[int(row["source_row"])]]
    assert filed[head.index("已发言普通党员数")] == 12
    assert filed[head.index("党员总数")] - filed[head.index("领导干部数")] == 56


def test_a_blank_row_stands_first_and_is_left_out_of_the_sum(draw):
    drawn = draw(
        metric="topic_1_coverage", month="2016-04", unit="350104", sector="community"
    )
    assert "2 行合计 1 / 1 = 100 %，与上面的数字一致。其中 1 行未填" in drawn.words
    rows = drawn.rows_of("csv-ledger")
    assert [(r["branch"], r["n_branches_topic_1"]) for r in rows] == [
        ("350104-C0002", ""),
        ("350104-C0001", "1"),
    ]


def test_a_branch_is_shown_month_by_month_with_its_sources(draw):
    drawn = draw(
        metric="member_speaking",
        month="2016-07",
        unit="350104",
        sector="rural",
        township="城门镇",
        branch="350104-R0001",
    )
    rows = drawn.rows_of("csv-branch")
    assert [(r["month"], r["n_members_spoke"], r["source_file"]) for r in rows] == [
        ("2016-04", "5", "04-仓山.xlsx"),
        ("2016-05", "8", "05-仓山.xlsx"),
        ("2016-06", "10", "06-仓山.xlsx"),
        ("2016-07", "12", "07-仓山.xlsx"),
    ]
    assert "该支部逐月台账" in drawn.words


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "仓山区 · 农村合计："), ("en", "Cangshan · Villages as a whole: ")],
)
def test_what_is_known_of_a_cell_alone_names_it_under_a_township(draw, lang, words):
    cell = {"metric": "topic_1_coverage", "month": "2016-07", "lang": lang}
    cell |= {"unit": "350104", "sector": "rural"}
    assert words not in draw(**cell).words
    assert words in draw(**cell, township="城门镇").words


def test_a_corrected_month_names_the_correction_as_its_source(draw):
    drawn = draw(
        metric="topic_1_coverage", month="2016-04", unit="ZSJG", sector="organ"
    )
    (row,) = drawn.rows_of("csv-ledger")  # a total, in its first month
    assert row["source_file"] == "04-市直-更正.xlsx"
    assert row["n_branches_topic_1"] == "1"


def test_a_silent_unit_says_that_nothing_came(draw):
    drawn = draw(**JUNE | {"month": "2016-07"}, unit="350181", sector="rural")
    assert "未收到数据" in drawn.words
    assert "当月未收到此处的台账。" in drawn.words
    assert "1 个单位×领域未报" in drawn.words


def test_the_workbook_of_the_rows_opens_with_the_query(draw):
    drawn = draw(
        metric="topic_2_coverage", month="2016-07", unit="350104", sector="rural"
    )
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-ledger")))
    notes = dict(book["说明"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert notes["指标"] == "第二专题覆盖率"
    assert notes["单位"] == "仓山区 · 农村"
    assert notes["统计月份"] == "2016年7月"
    rows = list(book["数据"].iter_rows(values_only=True))
    assert len(rows) == 5
    assert rows[1][rows[0].index("来源文件")] == "07-仓山.xlsx"


def test_a_metric_without_target_lacks_nothing(draw):
    drawn = draw(metric="lectures_per_leader", month="2016-07")
    # 仓山 19 lectures of 11 leaders; 市直 12 of 20.
    assert "**全市 1.00** · 领导干部人均党课次数：1.00（31 / 31）。" in drawn.words
    assert "差在哪里" not in drawn.words
    assert ranked(drawn)[0][0] == "市直机关 机关"
    assert dict(marks(drawn.figure("dots")))["ZSJG", "organ"] == pytest.approx(0.6)


def test_english_says_the_same(draw):
    drawn = draw(**JUNE, unit="350181", sector="nonpublic", lang="en")
    assert (
        "**Fuqing · Non-public enterprises 75.0 %** · Topic 1 coverage: "
        "3 of 4 branches, 1 still to go for the target of 100 % by 30 Jun."
    ) in drawn.words
    assert "1 row, together 3 / 4 = 75.0 %, the figure above." in drawn.words
    rows = tables_of(drawn.app)[0]
    assert list(rows["Source file"])[-1] == "06-福清.xlsx"


def test_a_cell_known_as_a_total_shows_its_months_and_flags_and_nothing_else(draw):
    drawn = draw(**JUNE, unit="350181", sector="nonpublic")
    assert "此处只报合计，未分乡镇街道和支部" in "".join(
        element.value for element in drawn.app.info
    )
    months = [row["month"] for row in drawn.rows_of("csv-ledger")]
    assert months == ["2016-04", "2016-06"]  # nothing was filed in May
    assert not drawn.figures
    assert not ranked(drawn)
    assert "不均衡" not in headings_of(drawn.app)


def test_a_cell_says_how_it_is_judged_believed_and_filed(draw):
    place = {"unit": "350104", "sector": "rural"}
    drawn = draw(metric="topic_2_coverage", month="2016-07", **place)
    sentence = next(w for w in drawn.words.split("\n") if "当月台账：" in w)
    assert sentence.startswith(
        "高于全市 4.5 个百分点 · 判定：不足 10 个而不判 · 未抽查"
    )
    assert sentence.endswith("当月台账：按时")


def test_what_leads_to_the_flags_of_a_cell_stands_without_brackets(
    doubtful_lake, monkeypatch
):
    asked = {"month": "2016-08", "metric": "leader_attendance"}
    place = {"unit": "350111", "sector": "rural"}
    words = draw_page("sector_gaps", doubtful_lake, monkeypatch, **asked, **place).words
    assert re.search(r"\[\d+ 条线索\]\(\S*ledger_quality", words)


def test_only_what_is_unfinished_is_listed_where_that_is_chosen(draw):
    place = {"unit": "350104", "sector": "rural", "unfinished": "1"}
    drawn = draw(metric="topic_2_coverage", month="2016-07", **place)
    (box,) = drawn.app.checkbox
    assert (box.label, box.value) == ("只看未完成（2）", True)
    rows = drawn.rows_of("csv-ledger")
    assert [row["branch"] for row in rows] == ["350104-R0002", "350104-R0004"]
    assert "4 行合计 2 / 4" in drawn.words  # the figure above stays whole


def test_a_township_that_is_not_known_falls_back_to_its_unit(draw):
    drawn = draw(**JUNE, unit="350104", sector="rural", township="龙田镇")
    assert "“龙田镇”" in drawn.words
    assert "**仓山区 · 农村 100 %**" in drawn.words


def test_a_metric_that_has_no_sectors_is_not_offered_here(draw):
    drawn = draw(metric="on_time", month="2016-06")
    assert "台账按时上报率" not in drawn.app.selectbox[0].options
    assert "第一专题覆盖率" in drawn.words


def test_what_is_counted_row_by_row_leads_to_its_rows(draw):
    place = {"month": "2016-04", "unit": "350104", "sector": "community"}
    drawn = draw(metric="organization_coverage", **place)
    rows = drawn.rows_of("csv-ledger")
    # By columns: the topic of April is the first.
    assert [r["n_branches_topic_of_month"] for r in rows] == [
        r["n_branches_topic_1"] for r in rows
    ]
    assert "2 行合计 1 / 1 = 100 %，与上面的数字一致。其中 1 行未填" in drawn.words
    # No row of the tiny city counts the speakers of a topic: none can be judged.
    drawn = draw(metric="topic_1_third", **place)
    assert {r["n_rows_topic_1"] for r in drawn.rows_of("csv-ledger")} == {""}
    assert "其中 2 行未填，不计入。" in drawn.words


@pytest.mark.parametrize("metric", ["backbone_trained", "senior_lectures_down"])
@pytest.mark.parametrize("place", [{}, {"unit": "350104"}, {"sector": "organ"}])
def test_a_metric_that_reaches_no_township_is_drawn_without_them(draw, metric, place):
    """Nor is a township kept that the address asks for: the page says so."""
    choices = {"metric": metric, "month": "2016-05", **place}
    labels = [box.label for box in draw(**choices).app.selectbox]
    assert "乡镇街道" not in labels
    cell = {"unit": "350104", "sector": "organ", "township": "城门镇"}
    assert "城门镇" in draw(**choices | cell).words
