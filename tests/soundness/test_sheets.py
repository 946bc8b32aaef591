"""Every visible sheet with figures is read or refused; nothing is left out unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data_pipeline import check_plan
from data_pipeline.registry import load_registry
from data_pipeline.workbooks.read_workbook import Reading, read_workbook
from data_pipeline.workbooks.template import write_template
from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    RECEIVED,
    codes,
    good_rows,
    read,
    sentences,
    write_xlsx,
)
from tests.extended_registry import copy_registry

JULY = [HEADINGS, *good_rows()]
JUNE = [HEADINGS, *(["2016-06", *row[1:13], 0, *row[14:]] for row in good_rows())]


def read_beside(path: Path, sheets: dict[str, Any], **options: Any) -> Reading:
    """A good ledger of July with these sheets beside it."""
    return read(write_xlsx(path / "a.xlsx", {"台账": JULY, **sheets}, **options))


def misspelt(*indexes: int) -> list[list[Any]]:
    headings = [h[:-1] if i in indexes else h for i, h in enumerate(HEADINGS)]
    return [headings, *JUNE[1:]]


@pytest.mark.parametrize(
    ("name", "rows", "code"),
    [
        ("汇总", [["单位", "党支部数", "党员总数"], ["仓山区", 9, 90]],
         "E_MISSING_COLUMN"),
        ("Sheet2", [["行标签", "求和项"], ["仓山区", 144]], "E_HEADER"),
        ("Sheet2", [["仓山区"], ["144个"]], "E_HEADER"),
        ("6月", JUNE[1:], "E_HEADER"),
        ("台账6月", JUNE[1:], "E_HEADER"),
        ("6月", [["甲"]] * 45 + JUNE, "E_HEADER"),
        ("6月", misspelt(2), "E_UNKNOWN_COLUMN"),
        ("6月", misspelt(2, 5, 7), "E_UNKNOWN_COLUMN"),
        ("花名册", [["代码", "支部名称", "单位", "领域"],
                    ["A-1", "甲", "仓山区", "农村"]], "E_UNKNOWN_COLUMN"),
        ("支部", [["代码", "名称"], ["350104-01", "甲"]], "E_HEADER"),
        ("6月", [*JUNE[1:4], *JUNE], "E_ROW"),
    ],
)  # fmt: skip
def test_a_sheet_with_figures_that_cannot_be_read_turns_the_file_away(
    tmp_path: Path, name: str, rows: list[list[Any]], code: str
) -> None:
    reading = read_beside(tmp_path, {name: rows})
    assert code in codes(reading), sentences(reading)
    assert {finding.sheet for finding in reading.findings} == {name}


def test_a_heading_that_sorting_moved_between_the_rows_is_refused(
    tmp_path: Path,
) -> None:
    rows = good_rows()
    path = write_xlsx(tmp_path / "a.xlsx", {"台账": [*rows[:3], HEADINGS, *rows[3:]]})
    reading = read(path)
    assert [(f.code, f.cell) for f in reading.findings] == [
        ("E_ROW", "A1"),
        ("E_ROW", "A2"),
        ("E_ROW", "A3"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        ["填报单位:", "仓山区", "", "2016", "年", "7", "月"],
        ["", "", "仓山区", "", "", "", "2016", "年", "7", "月"],
        ["序号说明", 1, 2, 3],
    ],
)
def test_a_title_with_a_year_and_a_place_is_no_row(tmp_path: Path, title: Any) -> None:
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": [title, *JULY]}))
    assert reading.tables["ledger"].num_rows == 12, sentences(reading)


@pytest.mark.parametrize(
    ("name", "rows", "says"),
    [
        ("台账(示例)", JUNE, "示例"),
        ("填报说明", [["列", "写法"], ["党支部数", 12]], "说明"),
        ("Sheet2", [["(填报样例)"], *JUNE], "示例"),
        ("Sheet3", [["请于每月15日前报送"]], "未读取"),
    ],
)  # fmt: skip
def test_what_calls_itself_no_data_is_left_out_with_a_warning(
    tmp_path: Path, name: str, rows: list[list[Any]], says: str
) -> None:
    reading = read_beside(tmp_path, {name: rows})
    assert reading.tables["ledger"].num_rows == 12, sentences(reading)
    warned = [w for w in reading.warnings if w.code == "W_SHEET"]
    assert [w.sheet for w in warned] == [name]
    assert says in warned[0].sentence()


def test_the_guide_of_the_template_is_left_out_without_a_word(tmp_path: Path) -> None:
    template = tmp_path / "template.xlsx"
    write_template(template, load_registry())
    cells = openpyxl.load_workbook(template)["填表说明"]
    guide = [
        [cell for cell in row if cell] for row in cells.iter_rows(values_only=True)
    ]
    reading = read_beside(tmp_path, {"填表说明": guide})
    assert reading.tables["ledger"].num_rows == 12, sentences(reading)
    assert "填表说明" not in [w.sheet for w in reading.warnings]
    reading = read_beside(tmp_path, {"填表说明": [*guide, ["仓山区", 14]]})
    assert "填表说明" in [w.sheet for w in reading.warnings]


def test_the_lists_that_a_check_plan_hands_out_are_known_by_name() -> None:
    lists = (check_plan.DRAWN_SHEET, check_plan.RESERVE_SHEET, check_plan.STRATA_SHEET)
    assert load_registry().handed_out_sheets == lists


def test_a_sheet_of_a_table_that_is_not_stored_yet_is_no_submission(
    tmp_path: Path,
) -> None:
    """A city may list sheets that it knows and does not store."""
    folder = copy_registry(tmp_path)
    with open(folder / "sheets.toml", "a", encoding="utf-8") as file:
        file.write('later_sheets = ["培训记录"]\n')
    registry = load_registry(folder)
    later = {"培训记录7月": [["日期", "督导组", "人次"], ["2016-07-01", "G1", 3]]}
    alone = write_xlsx(tmp_path / "a.xlsx", later)
    reading = read_workbook(alone, registry, received=RECEIVED)
    assert codes(reading) == ["E_SHEETS"]
    assert "尚不入库" in sentences(reading)
    beside = write_xlsx(tmp_path / "b.xlsx", {"台账": JULY, **later})
    reading = read_workbook(beside, registry, received=RECEIVED)
    assert reading.tables["ledger"].num_rows == 12
    (warned,) = [w for w in reading.warnings if w.code == "W_SHEET"]
    assert "尚不入库" in warned.sentence()


def test_charts_and_empty_sheets_beside_a_ledger_do_no_harm(tmp_path: Path) -> None:
    def draw(book: Any, _: Any) -> None:
        for place in (book.add_chartsheet("图").set_chart, None):
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": "=台账!$H$2:$H$5"})
            if place:
                place(chart)
            else:
                book.get_worksheet_by_name("走势").insert_chart("A1", chart)

    reading = read_beside(tmp_path, {"走势": [], "空": []}, finish=draw)
    assert reading.tables["ledger"].num_rows == 12, sentences(reading)
    warned = [w.sheet for w in reading.warnings if w.code == "W_SHEET"]
    assert warned == ["走势", "图"]


def test_a_mobile_on_a_hidden_sheet_is_found_and_figures_there_do_not_count(
    tmp_path: Path,
) -> None:
    hidden = {"旧": JUNE, "选项": [["支部书记"], [144]]}
    reading = read_beside(tmp_path, hidden, hidden=tuple(hidden))
    assert reading.tables["ledger"].num_rows == 12, sentences(reading)
    hidden["选项"] = [["138 0013 8000"]]
    reading = read_beside(tmp_path, hidden, hidden=tuple(hidden))
    assert codes(reading) == ["E_PERSONAL"]
    assert reading.findings[0].sheet == "选项"
