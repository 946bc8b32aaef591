"""The check list: drawn from the roll, repeatable, and fit to come back filled in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from data_pipeline.__main__ import main
from data_pipeline.check_plan import (
    DRAWN_SHEET,
    RESERVE_SHEET,
    STRATA_SHEET,
    draw_plan,
    load_plan,
)
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.statistics.sampling import DRAW_STRATUM
from data_pipeline.store.draw_register import draw_id, list_draws
from data_pipeline.store.lake import Lake
from tests.tiny_city import ROLL, build_tiny_city


@pytest.fixture
def lake(copy_lake) -> Path:
    return copy_lake(build_tiny_city)


def plan(lake: Path, path: Path, seed: int = 7) -> openpyxl.Workbook:
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.5", "--seed", str(seed), "--out", str(path)]
    assert main(arguments) == 0
    return openpyxl.load_workbook(path)


def register_of(lake: Path) -> list[tuple]:
    return [(one.id, one.seed) for one in list_draws(Lake(lake))]


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
    assert column(book["抽查"], "方式", 2) == column(drawn, "分派方式", 1)
    (draw,) = set(column(book["抽查"], "抽查计划", 2))
    assert draw.startswith("2016-07-")


def test_the_same_seed_draws_the_same_list(lake, tmp_path):
    lists = [
        column(plan(lake, tmp_path / f"{n}.xlsx", seed)[DRAWN_SHEET], "抽中支部", 1)
        for n, seed in enumerate((7, 7, 8))
    ]
    assert lists[0] == lists[1]
    assert lists[0] != lists[2]


def test_a_draw_is_registered_once_and_can_be_looked_up_as_it_was(lake, tmp_path):
    first = (tmp_path / "1.xlsx", tmp_path / "2.xlsx")
    plan(lake, first[0])
    (one,) = list_draws(Lake(lake))
    assert (one.month, one.seed, one.rate) == ("2016-07", 7, 0.5)
    # Repeated it is the same draw, to the byte, with the time it was first made.
    plan(lake, first[1])
    assert list_draws(Lake(lake)) == (one,)
    assert first[0].read_bytes() == first[1].read_bytes()
    plan(lake, tmp_path / "3.xlsx", seed=8)
    assert [two.seed for two in list_draws(Lake(lake))] == [7, 8]
    marts = open_marts(lake)
    draw = draw_plan(marts, 0.5, 7, one.drawn_at, "2016-07")
    loaded = load_plan(marts, one)
    columns = ["branch", *DRAW_STRATUM, "place", "n_frame", "n_drawn"]
    columns += ["is_weak", "inclusion_probability", "is_announced"]
    pd.testing.assert_frame_equal(loaded.order[columns], draw.order[columns])
    assert draw_id(loaded) == draw_id(draw) == one.id
    strata = list(draw.strata.columns)
    pd.testing.assert_frame_equal(loaded.strata[strata], draw.strata)


def test_without_a_seed_the_system_chooses_one_and_the_register_keeps_it(
    lake, tmp_path, capsys
):
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.5", "--out"]
    for number in range(3):
        assert main([*arguments, str(tmp_path / f"{number}.xlsx")]) == 0
    seeds = [seed for _, seed in register_of(lake)]
    assert len(set(seeds)) == 3 and min(seeds) > 10**6
    assert all(f"随机种子\t{seed}" in capsys.readouterr().out for seed in seeds[:1])


@pytest.mark.parametrize("step", ["link", "fsync"])
def test_a_run_that_is_killed_registers_the_draw_whole_or_not_at_all(
    lake, tmp_path, monkeypatch, step
):
    before = sorted(Path(lake, "lake", "manifest").iterdir())

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"data_pipeline.disk.os.{step}", die)
        with pytest.raises(KeyboardInterrupt):
            plan(lake, tmp_path / "1.xlsx")
    assert sorted(Path(lake, "lake", "manifest").iterdir()) == before
    assert not register_of(lake) and not (tmp_path / "1.xlsx").exists()
    plan(lake, tmp_path / "1.xlsx")
    assert len(register_of(lake)) == 1


def test_a_lake_that_cannot_be_written_gives_no_list_and_says_why(
    lake, tmp_path, monkeypatch, capsys
):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(lake))

    monkeypatch.setattr("data_pipeline.check_plan.register_draw", refuse)
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.5", "--out", str(tmp_path / "1.xlsx")]
    assert main(arguments) == 1
    assert "cannot be registered" in capsys.readouterr().err
    assert not (tmp_path / "1.xlsx").exists()


def test_while_another_run_holds_the_lake_nothing_is_drawn(lake, tmp_path):
    arguments = ["plan-checks", "--lake", str(lake), "--month", "2016-07"]
    arguments += ["--rate", "0.5", "--out", str(tmp_path / "1.xlsx")]
    with Lake(lake).writing():
        assert main(arguments) == 75
    assert not (tmp_path / "1.xlsx").exists()


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
    assert facts["全部通过的含义"].startswith("至少 83.3%")
    assert facts["随机种子"] == "7"
    assert datetime.fromisoformat(facts["抽取时间"].replace(" ", "T"))
    assert facts["其中基础薄弱支部"] == "1"
    assert facts["其中暗访"] == "3"
