"""A list as CSV, Parquet and workbook: the rows of the screen, and no remark."""

import dataclasses
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data_pipeline.rates import read_ledger
from data_pipeline.registry import load_registry
from reports.files.records import Records, to_bytes
from reports.tables import DisplayTable, Hint, records_table, tabulate


@pytest.fixture
def rows(tiny_marts) -> pd.DataFrame:
    ledger = read_ledger(tiny_marts, months=("2016-06",))
    return ledger.assign(note="张三来电说明")


@pytest.fixture
def listed(rows, tiny_marts) -> Records:
    table = records_table(rows, "ledger", load_registry(), "zh")
    filters = (("单位", "全市"), ("统计月份", "2016年6月"))
    return Records(rows, lambda: table, "台账原始行", filters, tiny_marts.snapshot)


def test_the_csv_opens_in_a_spreadsheet_and_holds_the_rows_with_their_codes(
    listed, rows
):
    content = to_bytes(listed, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(BytesIO(content), dtype=str, encoding="utf-8-sig")
    assert list(read["unit"]) == list(rows["unit"])
    assert list(read["source_row"].astype(int)) == list(rows["source_row"])
    counts = read["n_branches_topic_1"].dropna().astype(float)
    assert list(counts) == list(rows["n_branches_topic_1"].dropna())


def test_names_stand_beside_codes_in_every_file(listed, rows):
    read = pd.read_csv(BytesIO(to_bytes(listed, "csv")), encoding="utf-8-sig")
    columns = list(read.columns)
    for code, name in (("350104", "仓山区"), ("ZSJG", "市直机关")):
        assert set(read.loc[read["unit"] == code, "unit_name"]) == {name}
    assert columns.index("unit_name") == columns.index("unit") + 1
    assert pq.read_table(BytesIO(to_bytes(listed, "parquet"))).schema.names == columns
    data = openpyxl.load_workbook(BytesIO(to_bytes(listed, "xlsx"))).worksheets[1]
    head, first, *_ = ([cell.value for cell in row] for row in data.iter_rows())
    at = head.index("单位代码")
    assert head[at + 1] == "单位"
    assert (first[at], first[at + 1]) in {("350104", "仓山区"), ("ZSJG", "市直机关")}
    assert len(rows) == len(read)


def test_each_row_says_which_list_of_which_place_and_snapshot_it_is_from(listed):
    read = pd.read_csv(BytesIO(to_bytes(listed, "csv")), encoding="utf-8-sig")
    assert set(read["list"]) == {"台账原始行"}
    assert set(read["filters"]) == {"单位=全市;统计月份=2016年6月"}
    assert set(read["snapshot"]) == {listed.snapshot.id}


def test_times_in_files_carry_their_zone(listed, rows):
    utc = pd.Timestamp(rows["received"].iloc[0]).tz_localize("UTC")
    read = pd.read_csv(BytesIO(to_bytes(listed, "csv")), encoding="utf-8-sig")
    assert read["received"].str.endswith("+08:00").all()
    assert pd.Timestamp(read["received"].iloc[0]) == utc
    times = pq.read_table(BytesIO(to_bytes(listed, "parquet"))).column("received")
    assert times.type.tz == "+08:00"
    assert pd.Timestamp(times[0].as_py()) == utc
    book = openpyxl.load_workbook(BytesIO(to_bytes(listed, "xlsx")))
    data = book.worksheets[1]
    at = [cell.value for cell in data[1]].index("收到时间")
    assert next(data.iter_rows(min_row=2))[at].number_format.endswith('"+08:00"')


def test_a_row_that_sums_up_others_is_marked_so_that_no_sum_counts_twice(listed):
    frame = pd.DataFrame({"sector": [None, "rural", "organ"], "n": [5, 2, 3]})
    table = DisplayTable(
        pd.DataFrame({"领域": ["总体", "农村", "机关"], "n": [5, 2, 3]}),
        {"领域": Hint("text"), "n": Hint("integer")},
    )
    summed = dataclasses.replace(listed, frame=frame, tabulate=lambda: table)
    read = pd.read_csv(BytesIO(to_bytes(summed, "csv")), encoding="utf-8-sig")
    assert list(read["sector_name"]) == ["总体", "农村", "机关"]
    assert read.loc[read["is_total"] == 0, "n"].sum() == 5
    data = openpyxl.load_workbook(BytesIO(to_bytes(summed, "xlsx"))).worksheets[1]
    rows = [[cell.value for cell in row] for row in data.iter_rows()]
    assert rows[0] == ["领域代码", "领域", "n", "合计行"]
    assert [row[3] or "" for row in rows[1:]] == ["合计", "", ""]


def test_a_remark_is_in_no_file(listed):
    for format in ("csv", "parquet", "xlsx"):
        content = to_bytes(listed, format)
        assert "张三".encode() not in content
    book = openpyxl.load_workbook(BytesIO(to_bytes(listed, "xlsx")))
    cells = [c.value for sheet in book for row in sheet for c in row]
    assert not any("张三" in str(cell) for cell in cells)
    assert (
        "note" not in pq.read_table(BytesIO(to_bytes(listed, "parquet"))).schema.names
    )


def test_the_workbook_first_states_the_query_and_then_lists_names(listed, rows):
    book = openpyxl.load_workbook(BytesIO(to_bytes(listed, "xlsx")))
    notes, data = book.worksheets
    said = {row[0].value: row[1].value for row in notes}
    assert notes["A1"].value == "台账原始行"
    assert said["单位"] == "全市"
    assert said["统计月份"] == "2016年6月"
    assert said["行数"] == str(len(rows))
    assert said["数据快照"] == listed.snapshot.id
    headings = [cell.value for cell in data[1]]
    assert "第一专题已召开支部数" in headings
    assert data.max_row == len(rows) + 1
    units = {row[headings.index("单位")].value for row in data.iter_rows(min_row=2)}
    assert "仓山区" in units


def test_the_workbook_shows_a_share_as_the_page_does(listed):
    shares = pd.DataFrame({"share": [0.0, 0.146, 0.99996, 1.0]})
    table = DisplayTable(shares, {"share": Hint("percent")})
    made = dataclasses.replace(listed, frame=shares, tabulate=lambda: table)
    data = openpyxl.load_workbook(BytesIO(to_bytes(made, "xlsx"))).worksheets[1]
    formats = [cell.number_format for cell in data["A"][1:]]
    assert formats == ["0 %", "0.0 %", '"99.9 %"', "0 %"]


def test_the_workbook_gives_the_time_of_receipt_as_the_city_s_clocks_show_it(
    listed, rows
):
    data = openpyxl.load_workbook(BytesIO(to_bytes(listed, "xlsx"))).worksheets[1]
    column = [cell.value for cell in data[1]].index("收到时间")
    shown = next(data.iter_rows(min_row=2))[column].value
    utc = pd.Timestamp(rows["received"].iloc[0])
    hours = (shown - utc.tz_localize(None).to_pydatetime()).total_seconds() / 3600
    assert hours == 8


def test_each_row_says_so_when_the_data_are_made_up(listed):
    demo = dataclasses.replace(listed.snapshot, is_demo=True)
    content = to_bytes(dataclasses.replace(listed, snapshot=demo), "csv").decode()
    lines = content.strip().split("\n")
    assert lines[0].endswith("data_note")
    assert all(line.endswith("示例数据") for line in lines[1:])


def test_a_text_that_looks_like_a_formula_is_not_run(listed):
    frame = pd.DataFrame({"branch": ["=HYPERLINK(1)", "-5", "@x"], "n": [1, -2, 3]})
    table = DisplayTable(frame, {"branch": Hint("text"), "n": Hint("integer")})
    hostile = dataclasses.replace(listed, frame=frame, tabulate=lambda: table)
    read = pd.read_csv(BytesIO(to_bytes(hostile, "csv")), encoding="utf-8-sig")
    assert list(read["branch"]) == ["'=HYPERLINK(1)", "-5", "'@x"]
    assert list(read["n"]) == [1, -2, 3]
    book = openpyxl.load_workbook(BytesIO(to_bytes(hostile, "xlsx")))
    cell = book.worksheets[1]["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_a_day_of_the_screen_is_a_date_of_the_spreadsheet(listed):
    frame = pd.DataFrame({"check_date": [date(2016, 8, 12), None]})
    days = dataclasses.replace(
        listed, frame=frame, tabulate=lambda: tabulate(frame, load_registry())
    )
    sheet = openpyxl.load_workbook(BytesIO(to_bytes(days, "xlsx"))).worksheets[1]
    cell = sheet["A2"]
    assert (cell.value, cell.is_date) == (datetime(2016, 8, 12), True)
    assert cell.number_format == "yyyy-mm-dd"
    assert sheet["A3"].value is None


@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
def test_the_same_list_gives_the_same_bytes(listed, format):
    assert to_bytes(listed, format) == to_bytes(listed, format)


def test_an_unknown_format_is_named(listed):
    with pytest.raises(ValueError, match="not 'pdf'"):
        to_bytes(listed, "pdf")
