"""Whose rows a file may bring, and which files a folder brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_pipeline.__main__ import main
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.store.lake import Lake
from tests.data_pipeline.filed_workbooks import HEADINGS, write_xlsx

FOLDER = Path(__file__).parents[1] / "data" / "field_cases"


def test_a_receipt_in_the_future_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    file = str(FOLDER / "F12a.xlsx")
    lake = ["--lake", str(tmp_path / "lake")]
    assert main(["ingest", file, *lake, "--received", tomorrow]) == 1
    assert "future" in capsys.readouterr().err
    assert not (tmp_path / "lake" / "lake").exists()


def test_a_folder_without_a_file_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    lake = ["--lake", str(tmp_path / "lake")]
    assert main(["ingest", str(tmp_path / "empty"), *lake]) == 1
    assert "no file" in capsys.readouterr().err


def test_every_file_of_a_folder_is_taken_refused_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "七月"
    folder.mkdir()
    (folder / "甲.XLSX").write_bytes((FOLDER / "F12a.xlsx").read_bytes())
    (folder / "乙.et").write_bytes(b"wps")
    (folder / "~$甲.XLSX").write_bytes(b"lock")
    lake = ["--lake", str(tmp_path / "lake"), "--received", "2016-12-31T09:00"]
    assert main(["ingest", str(folder), *lake]) == 1
    written = capsys.readouterr()
    assert "甲.XLSX" in written.out
    assert "E_NAME 乙.et" in written.err
    assert "~$甲.XLSX" in written.err


def ingest(lake: Path, path: Path, *options: str) -> int:
    return main(["ingest", str(path), "--lake", str(lake), *options])


def branch_row(branch: str, unit: str, group: str, n_branches: int = 1) -> list[Any]:
    row = dict.fromkeys(HEADINGS, "")
    row |= {"统计月份": "2016-07", "督导组": group, "单位": unit, "领域": "农村"}
    row |= {"支部代码": branch, "党支部数": n_branches, "党员总数": 20}
    return list(row.values())


def ledger_of(path: Path, *rows: list[Any]) -> Path:
    return write_xlsx(path, {"台账": [HEADINGS, *rows]})


def weak_list(path: Path, case: str, branch: str, status: str = "排查") -> Path:
    headings = "编号 支部代码 列入日期 状态 转化日期".split()
    day = "2016-08-01" if status in ("整顿中", "已转化") else ""
    rows = [headings, [case, branch, "2016-05-01", status, day]]
    return write_xlsx(path, {"软弱涣散": rows})


@pytest.mark.parametrize("sender", [("--as", "G1"), ()])
def test_the_number_of_another_groups_case_is_not_used_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sender: tuple[str, ...]
) -> None:
    lake = tmp_path / "lake"
    roll = [
        ["支部代码", "单位", "领域"],
        ["Q-1", "福清市", "农村"],
        ["C-1", "仓山区", "农村"],
    ]
    assert ingest(lake, write_xlsx(tmp_path / "r.xlsx", {"名册": roll})) == 0
    assert ingest(lake, weak_list(tmp_path / "a.xlsx", "R-1", "Q-1")) == 0
    again = weak_list(tmp_path / "b.xlsx", "r-1", "C-1")
    assert ingest(lake, again, *sender) == 1
    assert "E_SCOPE b.xlsx 软弱涣散!A2 编号=r-1:已是第二督导组的编号" in (
        capsys.readouterr().err
    )
    own = weak_list(tmp_path / "c.xlsx", "R-1", "Q-1", "已转化")
    assert ingest(lake, own, "--as", "G2") == 0


def test_a_day_of_conversion_before_the_conversion_is_a_contradiction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = weak_list(tmp_path / "a.xlsx", "R-1", "Q-1", "整顿中")
    assert ingest(tmp_path / "lake", path) == 1
    assert "E_RULE" in capsys.readouterr().err


def test_a_row_of_one_branch_counts_one_branch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger_of(tmp_path / "a.xlsx", branch_row("C-1", "仓山区", "G1", 14))
    assert ingest(tmp_path / "lake", path) == 1
    assert "E_RULE a.xlsx 台账!H2 党支部数=14" in capsys.readouterr().err


def test_a_branch_stays_where_it_was_filed_also_without_a_roll(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    first = ledger_of(tmp_path / "a.xlsx", branch_row("C-1", "仓山区", "G1"))
    assert ingest(lake, first) == 0
    other = ledger_of(tmp_path / "b.xlsx", branch_row("c-1", "晋安区", "G1"))
    assert ingest(lake, other) == 1
    assert "在此前的填报中属仓山区" in capsys.readouterr().err


@pytest.mark.parametrize("code", ["/350104/rural", "/1"])
def test_no_branch_is_taken_for_a_total_row(tmp_path: Path, code: str) -> None:
    path = ledger_of(tmp_path / "a.xlsx", branch_row(code, "仓山区", "G1"))
    assert ingest(tmp_path / "lake", path) == 1


def test_codes_are_kept_in_one_spelling(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    for number, code in enumerate(("c-1", "Ｃ-1", "C-1 ")):
        path = ledger_of(tmp_path / "a.xlsx", branch_row(code, "仓山区", "G1"))
        assert ingest(lake, path, "--received", f"2016-08-0{number + 1}") == 0
    stored = Lake(lake).read("ledger", ["branch"], Lake(lake).submissions())
    assert {rows.column("branch")[0].as_py() for _, rows in stored} == {"C-1"}


def test_an_earlier_receipt_than_what_is_held_says_that_it_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    rows = [branch_row(f"C-{n}", "仓山区", "G1") for n in range(3)]
    assert ingest(lake, ledger_of(tmp_path / "a.xlsx", *rows[:2]),
                  "--received", "2016-09-01") == 0  # fmt: skip
    assert "change nothing" not in capsys.readouterr().out
    assert ingest(lake, ledger_of(tmp_path / "b.xlsx", *rows),
                  "--received", "2016-08-15") == 0  # fmt: skip
    assert "2 rows change nothing" in capsys.readouterr().out


def test_the_same_bytes_filed_again_after_another_file_count_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake, at = tmp_path / "lake", ("--received", "2016-08-10T09:00")
    first = ledger_of(tmp_path / "a.xlsx", branch_row("C-1", "仓山区", "G1"))
    row = branch_row("C-1", "仓山区", "G1")
    row[HEADINGS.index("第一专题已召开支部数")] = 1
    second = ledger_of(tmp_path / "b.xlsx", row)
    for path in (first, second, first):
        assert ingest(lake, path, *at) == 0
    assert "already there" not in capsys.readouterr().out
    assert ingest(lake, first, *at) == 0
    assert "already there" in capsys.readouterr().out
    assert main(["build", "--lake", str(lake)]) == 0
    assert len(Lake(lake).submissions()) == 3
    found = read_rates(open_marts(lake), "topic_1_coverage", months=["2016-07"])
    assert found.n_blank.tolist() == [1]
