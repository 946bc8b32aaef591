"""Names one sign wrong suggest what was meant; 口径 is read, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data_pipeline.filed_workbooks import (
    HEADINGS,
    codes,
    good_rows,
    put,
    read,
    sentences,
    write_xlsx,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("闽候县", "“闽侯县”？"),
        ("闽候", "“闽侯县”？"),
        ("马屋区", "“马尾区”？"),
        ("苍山区", "“仓山区”？"),
        ("台江县", "“台江区”？"),
        ("永秦县", "“永泰县”？"),
        ("闽青县", "“闽清县”？"),
        ("普安区", "“晋安区”？"),
        ("常乐区", "“长乐区”？"),
        ("平谭县", "“平潭"),
        ("闽?县", "“闽侯县”或“闽清县”？"),
    ],
)
def test_a_name_one_sign_wrong_suggests_the_one_that_was_meant(
    tmp_path: Path, written: str, meant: str
) -> None:
    rows = good_rows()
    put(rows, "C2", written)
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": [HEADINGS, *rows]}))
    assert codes(reading)[0] == "E_CODE"
    assert meant in sentences(reading)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("企业", "“非公企业”或“国有企业”？"),
        ("机关、学校", "“机关”或“学校”？"),
        ("行政机关", "“机关”？"),
    ],
)
def test_of_names_that_are_as_near_none_is_suggested_alone(
    tmp_path: Path, written: str, meant: str
) -> None:
    rows = good_rows()
    put(rows, "F2", written)
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": [HEADINGS, *rows]}))
    assert codes(reading)[0] == "E_CODE"
    assert f"是否为{meant}" in sentences(reading)


@pytest.mark.parametrize(
    ("title", "basis", "is_warned"),
    [
        ("口径:当月", "month", False),
        ("口径：当月数据", "month", False),
        ("统计口径: 当月", "month", False),
        ("【口径：当月】", "month", False),
        ("口 径：当 月", "month", False),
        ("口径为当月", "month", False),
        ("填报口径:当月新增", "month", False),
        ("单位：个　口径：当月", "month", False),
        ("口径:当月(不含累计)", "month", False),
        ("口径:累计", "to_date", False),
        ("口径:截至当月累计", "to_date", True),
        ("口径:当月累计", "to_date", True),
        ("口径:当月或累计", "to_date", True),
        ("口径：非当月", "to_date", True),
        ("口径：本月", "to_date", True),
        ("口径：月度", "to_date", True),
        ("口径——当月", "to_date", True),
        ("当月口径", "to_date", True),
        ("以下均为当月数", "to_date", True),
        ("本月数", "to_date", True),
        ("2016年7月", "to_date", False),
    ],
)
def test_a_basis_is_taken_when_plain_and_warned_about_when_not(
    tmp_path: Path, title: str, basis: str, is_warned: bool
) -> None:
    rows = [[title], HEADINGS, *good_rows()]
    reading = read(write_xlsx(tmp_path / "a.xlsx", {"台账": rows}))
    assert reading.tables["ledger"].column("basis")[0].as_py() == basis
    assert any(w.code == "W_BASIS" for w in reading.warnings) == is_warned
