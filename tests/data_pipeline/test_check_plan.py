"""The check list: drawn from the roll, repeatable, and fit to come back filled in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from data_pipeline.__main__ import main
from data_pipeline.check_plan import DRAWN_SHEET, RESERVE_SHEET, STRATA_SHEET
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from tests.tiny_city import ROLL, build_tiny_city


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return build_tiny_city(tmp_path)


def plan(lake: Path, path: Path, seed: int = 7) -> openpyxl.Workbook:
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.5", "--seed", str(seed), "--out", str(path)]
    assert main(arguments) == 0
    return openpyxl.load_workbook(path)


def column(sheet, heading: str, row: int) -> list:
    """The cells below a heading that stands in the given row."""
    headings = [cell.value for cell in sheet[row]]
    index = headings.index(heading) + 1
    return [sheet.cell(r, index).value for r in range(row + 1, sheet.max_row + 1)]


def test_the_list_holds_every_stratum_weak_branches_first(lake, tmp_path):
    book = plan(lake, tmp_path / "计划.xlsx")
    assert book.sheetnames[:4] == ["说明", "抽查", DRAWN_SHEET, RESERVE_SHEET]
    drawn = book[DRAWN_SHEET]
    # The one weak branch is a stratum of its own and is drawn for certain.
    assert column(drawn, "抽中支部", 1)[0] == "350104-R0003"
    assert column(drawn, "入选概率", 1)[0] == 1
    assert len(column(drawn, "抽中支部", 1)) == 1 + 2 + 2
    strata = book[STRATA_SHEET]
    assert sum(column(strata, "本层支部数", 1)) == len(ROLL)
    assert column(book["抽查"], "支部代码", 2) == column(drawn, "抽中支部", 1)
    assert set(column(book["抽查"], "抽取方式", 2)) == {"随机"}


def test_the_same_seed_draws_the_same_list(lake, tmp_path):
    lists = [
        column(plan(lake, tmp_path / f"{n}.xlsx", seed)[DRAWN_SHEET], "抽中支部", 1)
        for n, seed in enumerate((7, 7, 8))
    ]
    assert lists[0] == lists[1]
    assert lists[0] != lists[2]


def test_the_filled_list_comes_back_and_becomes_a_verified_rate(lake, tmp_path, capsys):
    path = tmp_path / "计划.xlsx"
    book = plan(lake, path)
    sheet = book["抽查"]
    headings = [cell.value for cell in sheet[2]]
    for row in range(3, sheet.max_row + 1):
        sheet.cell(row, headings.index("日期") + 1, "2016-07-20")
        sheet.cell(row, headings.index("第一专题核实") + 1, "是" if row > 3 else "无据")
    book.save(path)
    ingest = ["ingest", str(path), "--lake", str(lake), "--received", "2016-08-13"]
    assert main(ingest) == 0, capsys.readouterr().err
    assert main(["build", "--lake", str(lake)]) == 0
    row = read_rates(
        open_marts(lake), "topic_1_coverage", months=["2016-07"], basis="verified"
    ).iloc[0]
    assert (row.numerator, row.denominator) == (4, 5)


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (["--rate", "1.2"], 1, "is not a share above 0"),
        (["--month", "2017-03"], 2, "not one of 2016-04 to 2016-12"),
    ],
)
def test_a_plan_that_cannot_be_drawn_says_why(
    lake, tmp_path, capsys, change, code, sentence
):
    path = tmp_path / "计划.xlsx"
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.12", "--seed", "7", "--out", str(path), *change]
    assert main(arguments) == code
    assert sentence in capsys.readouterr().err
    assert not path.exists()


def test_without_a_roll_there_is_nothing_to_draw_from(tmp_path, capsys):
    from tests.tiny_city import FUQING, write_workbook

    path = tmp_path / "04.xlsx"
    write_workbook(path, "台账", FUQING["2016-04"], "")
    lake = str(tmp_path / "parquet")
    main(["ingest", str(path), "--lake", lake, "--received", "2016-05-10"])
    main(["build", "--lake", lake])
    arguments = ["plan-checks", "--lake", lake, "--month", "2016-04", "--rate", "0.1"]
    assert main([*arguments, "--seed", "1", "--out", str(tmp_path / "p.xlsx")]) == 1
    assert "no roll (名册) in the lake" in capsys.readouterr().err


def test_the_lists_beside_the_sheet_are_no_table_of_the_registry(lake, tmp_path):
    book = plan(lake, tmp_path / "计划.xlsx")
    known = {
        heading
        for table in load_registry().tables.values()
        for c in table.columns
        for heading in (c.heading, *c.aliases)
    }
    for name in (DRAWN_SHEET, RESERVE_SHEET, STRATA_SHEET):
        assert not known & {cell.value for cell in book[name][1]}


def test_the_facts_say_what_an_all_pass_would_prove(lake, tmp_path):
    facts = {
        row[0]: row[1]
        for row in plan(lake, tmp_path / "p.xlsx")["说明"].iter_rows(values_only=True)
    }
    # Five of six pass: the sixth may still have failed.
    assert facts["全部通过能说明什么"].startswith("至少 83.3%")
    assert facts["随机种子"] == "7"
    assert datetime.fromisoformat(facts["抽取时间"].replace(" ", "T"))
