"""The XLSX, opened as a reader's spreadsheet would: cells, fills, first sheet."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from reports.figures.colours import LIGHT
from reports.figures.matrix import Anchor
from reports.files.workbook import matrix_workbook, rates_workbook
from reports.words import catalogue, wording
from reports.words.standing import default_anchor
from tests.reports.samples import DEMO, REAL, REGISTRY, context, rates

TEXTS = catalogue.texts("workbook")

BY = ("unit", "sector")
FRAME = rates(
    BY,
    [
        ("350104", "rural", 50, 100, 1, 0),  # 30 points below 80 %: coldest step
        ("350104", "community", 80, 100, 0, 0),
        ("350181", "rural", 0, 0, 0, 1),
        ("ZSJG", "organ", 6, 5, 0, 0),
    ],
)
CITY_80 = Anchor("city", 0.8)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def table(frame=FRAME, anchor=CITY_80, **changes):
    book = opened(rates_workbook(frame, context(by=BY, **changes), anchor))
    return book.worksheets[1]


def notes(frame=FRAME, anchor=CITY_80, **changes) -> dict[str, str]:
    book = opened(rates_workbook(frame, context(by=BY, **changes), anchor))
    rows = book.worksheets[0].iter_rows(values_only=True)
    return {row[0]: row[1] for row in rows if row[0]}


def colour(cell) -> str:
    return f"#{cell.fill.fgColor.rgb[2:].lower()}"


def test_words_of_both_languages_have_the_same_keys():
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()


def test_the_first_sheet_states_the_query_and_how_it_is_computed():
    explained = notes(where={"unit": ("350104",)})
    assert explained["算法"] == "第二专题覆盖率 = 第二专题已召开支部数 ÷ 党支部数"
    assert explained["字段"] == "n_branches_topic_2 / n_branches"
    assert explained["依据"] == "“在8月底之前召开第二专题集中学习研讨会”"
    assert explained["目标与期限"] == "2016-08-31前达到 100 %"
    assert explained["统计月份"] == "2016年7月"
    assert explained["分组"] == "单位 × 领域"
    assert explained["筛选"] == "单位：仓山区 (350104)"
    assert explained["口径"] == "上报 (reported)"
    assert explained["数据快照"] == REAL.id
    assert explained["生成时间"] == "2016-08-15 01:00+00:00"
    assert "请注意" not in explained


def test_the_first_sheet_warns_of_demo_data():
    assert notes(snapshot=DEMO)["请注意"] == "示例数据"


def test_every_column_of_the_table_is_explained_on_the_first_sheet():
    for snapshot in (REAL, DEMO):
        explained = notes(snapshot=snapshot)
        for cell in table(snapshot=snapshot)[1]:
            # A count's heading also names the column that was summed.
            assert cell.value in explained or cell.value.split()[0] in explained, (
                cell.value
            )


def test_names_stand_beside_codes_and_figures_stay_figures():
    header, first, *_ = table().iter_rows(values_only=True)
    assert header == (
        "单位代码",
        "单位",
        "领域代码",
        "领域",
        "分子 第二专题已召开支部数",
        "分母 党支部数",
        "比率",
        "空白行数",
        "未报数",
    )
    assert first == ("350104", "仓山区", "rural", "农村", 50, 100, 0.5, 1, 0)


def test_rates_are_shown_in_per_cent_and_the_heading_is_frozen():
    sheet = table()
    assert sheet["G2"].number_format == "0.0 %"
    assert sheet.freeze_panes == "E2"
    assert sheet.auto_filter.ref == "A1:I5"


def test_a_rate_has_the_colour_of_its_step_from_the_anchor():
    sheet = table()
    assert colour(sheet["G2"]) == LIGHT.background[-3]
    assert colour(sheet["G3"]) == LIGHT.background[0]
    assert colour(sheet["G5"]) == LIGHT.background[3]


def test_what_was_not_reported_is_striped_and_says_so():
    cell = table()["G4"]
    assert (cell.value, cell.fill.patternType) == ("未报", "lightUp")


def test_a_rate_over_100_per_cent_is_kept_and_framed():
    cell = table()["G5"]
    assert cell.value == 1.2
    assert cell.border.left.style == "thick"
    assert table()["G2"].border.left.style is None


def test_columns_are_wide_enough_for_their_chinese():
    sheet = table()
    for letter, column in zip("ABCDEFGHI", sheet.iter_cols(), strict=True):
        widest = max(wording.text_width(str(cell.value or "")) for cell in column[:1])
        assert sheet.column_dimensions[letter].width >= widest


def test_a_text_that_looks_like_a_formula_or_link_stays_a_text():
    rows = [("=1+1", 1, 2, 0, 0), ("http://x.example", 1, 2, 0, 0)]
    frame = rates(("township",), rows)
    book = opened(rates_workbook(frame, context(by=("township",)), CITY_80))
    cells = [book.worksheets[1].cell(row, 1) for row in (2, 3)]
    assert [(c.value, c.data_type, c.hyperlink) for c in cells] == [
        ("=1+1", "s", None),
        ("http://x.example", "s", None),
    ]


def test_the_legend_names_the_line_and_shows_the_seven_colours():
    book = opened(rates_workbook(FRAME, context(by=BY), CITY_80))
    sheet = book.worksheets[0]
    fills = [colour(row[0]) for row in sheet.iter_rows() if row[0].fill.patternType]
    assert [fill for fill in fills if fill in LIGHT.background.values()] == [
        LIGHT.background[step] for step in (3, 2, 1, 0, -1, -2, -3)
    ]
    text = "\n".join(str(row[0]) for row in sheet.iter_rows(values_only=True))
    assert "全市 80.0 %" in text


def test_without_a_line_nothing_is_coloured_and_that_is_said():
    frame = rates(BY, [("350104", "rural", 5, 10, 0, 0)])
    query = context("lectures_per_leader", by=BY)
    book = opened(rates_workbook(frame, query))
    cell = book.worksheets[1]["G2"]
    assert (cell.number_format, cell.fill.patternType) == ("0.00", None)
    assert "没有可比的线，不着色。" in [c.value for c in book.worksheets[0]["A"]]


def test_before_the_due_date_the_line_is_the_pace_and_afterwards_the_target():
    metric = REGISTRY.metrics["topic_1_coverage"]
    april = default_anchor(metric, ("2016-04",))
    assert (april.kind, april.value) == ("pace", pytest.approx(30 / 91))
    assert default_anchor(metric, ("2016-06", "2016-07")) == Anchor("target", 1.0)
    assert default_anchor(REGISTRY.metrics["lectures_per_leader"], ()).value is None


def test_a_verified_workbook_calls_its_counts_confirmed_and_checked():
    frame = FRAME.drop(columns="n_missing").assign(std_error=0.1, lower=0.3, upper=0.7)
    sheet = table(frame, basis="verified")
    header = [cell.value for cell in sheet[1]]
    assert header[4:] == [
        *("核实数", "抽查数", "估计比率", "无结论数"),
        *("标准误", "区间下限", "区间上限"),
    ]
    assert "定向和备检点不计" in notes(frame, basis="verified")["抽查数"]


def test_a_verified_workbook_of_heads_calls_its_estimate_a_lower_bound():
    frame = FRAME.drop(columns="n_missing").assign(std_error=0.1, lower=0.3, upper=0.7)
    about = notes(frame, basis="verified", metric="leader_attendance")
    assert "下限" in about["估计比率"]
    assert "人数" in about["核实数"] and "人数" in about["抽查数"]
    assert "下限" not in notes(frame, basis="verified")["估计比率"]


def test_english_has_english_sheets_headings_and_names():
    book = opened(rates_workbook(FRAME, context(by=BY, language="en"), CITY_80))
    assert book.sheetnames == ["Notes", "Data"]
    header, first, *_ = book["Data"].iter_rows(max_col=4, values_only=True)
    assert header == ("Unit code", "Unit", "Sector code", "Sector")
    assert first == ("350104", "Cangshan", "rural", "Villages")


def test_the_files_own_date_is_the_snapshots():
    book = opened(rates_workbook(FRAME, context(by=BY), CITY_80))
    assert book.properties.created == datetime(2016, 8, 15, 1)


def matrix(language="zh"):
    whole = pd.DataFrame(
        [
            {"unit": None, "sector": None, "numerator": 136, "denominator": 205},
            {"unit": "350104", "sector": None, "numerator": 130, "denominator": 200},
        ]
    ).assign(n_blank=0, n_missing=0)
    whole["rate"] = whole["numerator"] / whole["denominator"]
    frame = pd.concat([whole, FRAME], ignore_index=True)
    query = context(by=BY, snapshot=DEMO, language=language)
    content = matrix_workbook(
        frame,
        query,
        CITY_80,
        units=["350104", "350181", "ZSJG"],
        sectors=["organ", "rural", "community"],
    )
    return opened(content)


def test_the_matrix_sheet_is_laid_out_as_the_page_in_its_colours():
    book = matrix()
    assert book.sheetnames == ["说明", "冷热图", "数据"]
    sheet = book["冷热图"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows == [
        ["单位", "总体", "机关", "农村", "社区"],
        ["全市", pytest.approx(136 / 205), None, None, None],
        ["仓山区", 0.65, None, 0.5, 0.8],
        ["福清市", None, None, "未报", None],
        ["市直机关", None, 1.2, None, None],
    ]
    assert colour(sheet["D5"]) == LIGHT.background[-3]
    assert colour(sheet["E5"]) == LIGHT.background[0]
    assert sheet["D5"].number_format == '0.0 % "▼"'
    assert sheet["D6"].fill.patternType == "lightUp"
    assert sheet["C7"].border.left.style == "thick"
    assert "示例数据" in sheet["A1"].value
    assert sheet.freeze_panes == "B4"


def test_the_matrix_names_rolled_up_rows_in_its_table():
    sheet = matrix()["数据"]
    assert [cell.value for cell in sheet[2]][:4] == [None, "全市", None, "总体"]
    assert [cell.value for cell in sheet[3]][:4] == ["350104", "仓山区", None, "总体"]


def test_a_ceiling_is_written_as_at_most_and_never_above_100_per_cent():
    frame = rates(BY, [("350104", "rural", 12, 10, 0, 0)])
    query = context("lecture_reach_ceiling", by=BY)
    book = opened(matrix_workbook(frame, query, CITY_80, units=["350104"]))
    cell = next(c for row in book["冷热图"].iter_rows(min_row=4) for c in row[3:4])
    assert cell.value is None or cell.value <= 1
    values = [c for row in book["冷热图"].iter_rows(min_row=4) for c in row]
    found = [c for c in values if isinstance(c.value, int | float)]
    assert [(c.value, c.number_format[:2]) for c in found] == [(1, '"≤')]
