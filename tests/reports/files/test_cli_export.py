"""`python -m reports export` against the city that was counted by hand."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from reports.__main__ import main

JULY = (
    b"\xef\xbb\xbf"
    b"unit,sector,numerator,denominator,rate,n_blank,n_missing\n"
    b"350104,community,1,2,0.5,0,0\n"
    b"350104,rural,2,4,0.5,0,0\n"
    b"350181,nonpublic,0,0,,0,1\n"
    b"350181,rural,0,0,,0,1\n"
    b"ZSJG,organ,2,5,0.4,0,0\n"
)
EXPORT = ["export", "topic_2_coverage", "--month", "2016-07", "--by", "unit,sector"]


def run(lake: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-m", "reports", *arguments, "--lake", str(lake)],
        cwd=root,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )


def call(capfdbinary, lake: Path, *arguments: str) -> tuple[int, bytes, str]:
    try:
        code = main([*arguments, "--lake", str(lake)])
    except SystemExit as error:
        code = error.code
    out, complaint = capfdbinary.readouterr()
    return code, out, complaint.decode()


@pytest.fixture
def reports(capfdbinary, tiny_lake):
    """Run a command in this process: (exit code, stdout, stderr)."""
    return lambda *arguments: call(capfdbinary, tiny_lake, *arguments)


def test_stdout_gets_the_csv_as_bytes_and_nothing_else(tiny_lake):
    done = run(tiny_lake, *EXPORT)
    assert (done.returncode, done.stdout, done.stderr) == (0, JULY, b"")


@pytest.mark.parametrize("name", ["第二专题覆盖率", "Topic 2 coverage"])
def test_a_metric_is_selected_by_any_of_its_names(reports, name):
    assert reports("export", name, *EXPORT[2:]) == (0, JULY, "")


def test_out_gets_the_same_bytes_and_stdout_none(reports, tmp_path):
    path = tmp_path / "july.csv"
    assert reports(*EXPORT, "--out", str(path)) == (0, b"", "")
    assert path.read_bytes() == JULY


def test_the_ending_of_out_chooses_the_format(reports, tmp_path):
    assert reports(*EXPORT, "--out", str(tmp_path / "a.xlsx"))[0] == 0
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["说明", "数据"]
    assert reports(*EXPORT, "--out", str(tmp_path / "a.parquet"))[0] == 0
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 5


def test_without_by_the_city_is_one_row_of_the_latest_month(reports):
    code, out, _ = reports("export", "topic_2_coverage")
    assert code == 0
    assert out.decode("utf-8-sig").splitlines() == [
        "numerator,denominator,rate,n_blank,n_missing",
        "5,11,0.45454545454545453,0,2",
    ]


def test_with_month_among_by_every_month_comes_unless_one_is_selected(reports):
    _, out, _ = reports("export", "topic_1_coverage", "--by", "month")
    assert out.decode("utf-8-sig").splitlines()[1:] == [
        "2016-04,12,24,0.5,1,0",
        "2016-05,18,21,0.8571428571428571,0,1",
        "2016-06,24,25,0.96,0,0",
        "2016-07,11,11,1.0,0,2",
    ]
    arguments = ("--by", "month", "--month", "2016-05")
    _, out, _ = reports("export", "topic_1_coverage", *arguments)
    assert [line[:7] for line in out.decode().splitlines()[1:]] == ["2016-05"]


@pytest.mark.parametrize("unit", ["350104", "仓山区", "福州市仓山区", "Cangshan"])
def test_where_takes_a_code_a_name_or_an_alias(reports, unit):
    _, out, _ = reports(*EXPORT, "--where", f"unit={unit}")
    rows = out.decode().splitlines()[1:]
    assert rows and all(row.startswith("350104,") for row in rows)


def test_two_dimensions_narrow_and_two_values_of_one_widen(reports):
    filters = ("unit=仓山区", "unit=市直机关", "sector=organ", "sector=社区")
    _, out, _ = reports(*EXPORT, *(part for f in filters for part in ("--where", f)))
    codes = [row.split(",")[:2] for row in out.decode().splitlines()[1:]]
    assert codes == [["350104", "community"], ["ZSJG", "organ"]]


@pytest.mark.parametrize("comma", [",", "\uff0c", ", "])
def test_several_values_of_one_filter_may_stand_behind_commas(reports, comma):
    filters = ("--where", f"unit=仓山区{comma}ZSJG", "--where", "sector=organ,社区")
    _, out, _ = reports(*EXPORT, *filters)
    codes = [row.split(",")[:2] for row in out.decode().splitlines()[1:]]
    assert codes == [["350104", "community"], ["ZSJG", "organ"]]


def test_several_months_may_stand_behind_a_comma(reports):
    arguments = ("--by", "month", "--month", "2016-05,2016-06")
    _, out, _ = reports("export", "topic_1_coverage", *arguments)
    assert [row[:7] for row in out.decode().splitlines()[1:]] == ["2016-05", "2016-06"]


def test_long_repeats_the_query_in_each_row(reports, tiny_marts):
    arguments = (*EXPORT[:2], "--by", "month", "--month", "2016-06,2016-07")
    _, out, _ = reports(*arguments, "--where", "unit=仓山区,市直机关", "--long")
    head, *rows = csv.reader(io.StringIO(out.decode("utf-8-sig")))
    assert ",".join(head) == (
        "month,numerator,denominator,rate,n_blank,n_missing,"
        "metric,basis,months,filters,snapshot"
    )
    assert [row[6:] for row in rows] == 2 * [
        [
            "topic_2_coverage",
            "reported",
            "2016-06,2016-07",
            "unit=350104,ZSJG",
            tiny_marts.snapshot.id,
        ]
    ]


def test_in_a_folder_a_file_is_named_after_the_query(reports, tmp_path, tiny_marts):
    arguments = (*EXPORT, "--where", "unit=仓山区", "--out", str(tmp_path))
    assert reports(*arguments) == (0, b"", "")
    assert reports(*arguments, "--format", "parquet") == (0, b"", "")
    names = sorted(path.name for path in tmp_path.iterdir())
    stem = (
        "topic_2_coverage_2016-07_unit_sector_reported_unit-350104_"
        f"{tiny_marts.snapshot.id}_"
    )
    assert all(re.fullmatch(f"{stem}[0-9a-f]{{8}}\\.(csv|parquet)", n) for n in names)
    content = (tmp_path / names[0]).read_bytes()
    assert hashlib.sha256(content).hexdigest()[:8] in names[0]


def test_a_file_that_cannot_be_written_is_named_and_exits_1(reports, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data_pipeline.disk.os.fsync", full)
    code, out, text = reports(*EXPORT, "--out", "july.csv")
    assert (code, out) == (1, b"")
    place = Path("july.csv").resolve()
    assert text.startswith(f"{place}: the disk is full. Free some space and try again;")
    assert not Path("july.csv").exists()


def test_a_township_is_filtered_by_its_name(reports):
    _, out, _ = reports(
        "export", "topic_2_coverage", "--by", "township", "--where", "township=盖山镇"
    )
    assert out.decode().splitlines()[1:] == ["盖山镇,0,1,0.0,0,0"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["topic_2_coverge"], "did you mean 'topic_2_coverage'?"),
        (["topic_2_coverage", "--by", "领域"], "did you mean 'sector'?"),
        (["topic_2_coverage", "--where", "单位=350104"], "did you mean 'unit'?"),
        (["topic_2_coverage", "--where", "unit=350104,仓山去"], "mean '仓山区'?"),
        (["topic_2_coverage", "--where", "unit=,"], "not written as unit=350102"),
        (["topic_2_coverage", "--out", "july.xls"], ".xls is not written"),
        (
            ["topic_2_coverage", "--out", "a.csv", "--format", "parquet"],
            "a.csv would hold parquet",
        ),
        (["topic_2_coverage", "--by", "units"], "did you mean 'unit'?"),
        (["topic_2_coverage", "--by", "unit,unit"], "twice"),
        (["topic_2_coverage", "--where", "unt=350104"], "did you mean 'unit'?"),
        (["topic_2_coverage", "--where", "unit=仓山去"], "did you mean '仓山区'?"),
        (["topic_2_coverage", "--where", "sector=farm"], "known are organ"),
        (
            ["topic_2_coverage", "--where", "township=盖山"],
            "did you mean '盖山镇'?",
        ),
        (["topic_2_coverage", "--where", "unit"], "not written as unit=350102"),
        (["topic_2_coverage", "--where", "month=2016-07"], "--month"),
        (["topic_2_coverage", "--month", "2016-7"], "not written as 2016-07"),
        (["topic_2_coverage", "--month", "2016-13"], "not written as 2016-07"),
        (["topic_2_coverage", "--month", "2017-01"], "outside the campaign"),
        (
            ["topic_2_coverage", "--month", "2016-06", "--month", "2016-07"],
            "cumulative",
        ),
        (["on_time", "--by", "sector"], "has no dimension 'sector'"),
        (["topic_2_coverage", "--basis", "guessed"], "'guessed' is not a basis"),
        (["topic_2_coverage", "--format", "pdf"], "pdf"),
        (["topic_2_coverage", "--format", "xlsx"], "--out FILE"),
        (["topic_2_coverage", "--out", "no/such/folder/a.csv"], "does not exist"),
    ],
)
def test_wrong_use_exits_2_with_what_was_meant_and_writes_nothing(
    reports, arguments, complaint
):
    code, out, text = reports("export", *arguments)
    assert (code, out) == (2, b"")
    assert complaint in text


def test_a_lake_that_was_never_built_exits_1_and_says_what_to_run(
    capfdbinary, tmp_path
):
    code, out, text = call(capfdbinary, tmp_path, "export", "topic_1_coverage")
    assert (code, out) == (1, b"")
    assert "python -m data_pipeline build" in text


def test_a_past_state_says_so_on_stderr_and_in_every_row(
    capfdbinary, tiny_lake, tmp_path
):
    import shutil
    from datetime import datetime

    from data_pipeline.registry import load_registry
    from data_pipeline.warehouse import build

    lake = shutil.copytree(tiny_lake, tmp_path / "lake")
    build(lake, load_registry(), as_of=datetime.fromisoformat("2016-07-15T00:00+08:00"))
    code, out, text = call(capfdbinary, lake, "export", "topic_1_coverage")
    assert code == 0
    assert "截至 2016-07-1" in text and "As received by" in text
    header, row = out.decode("utf-8-sig").splitlines()
    assert header.endswith(",data_note")
    # 市直机关 corrected April only after July 15: 2 + 3 + 1 of topic 1, not 1 + 3 + 1.
    assert row.startswith("25,25,1.0,0,0,截至 2016-07-1")


def test_a_modelled_export_has_its_interval_and_is_of_unit_and_sector_only(
    reports, tmp_path
):
    code, out, _ = reports(*EXPORT, "--basis", "modelled")
    assert code == 0
    assert out.decode("utf-8-sig").splitlines()[0] == (
        "unit,sector,numerator,denominator,rate,n_blank,std_error,lower,upper,reported_before"
    )
    path = tmp_path / "modelled.xlsx"
    assert reports(*EXPORT, "--basis", "modelled", "--out", str(path))[0] == 0
    cells = [cell.value for row in openpyxl.load_workbook(path)["说明"] for cell in row]
    assert "模型估计 (modelled)" in cells
    code, out, complaint = reports(*EXPORT[:4], "--by", "unit", "--basis", "modelled")
    assert (code, out) == (2, b"") and "--by unit,sector" in complaint
    heads = ("member_speaking", "--by", "unit,sector", "--basis", "modelled")
    code, out, complaint = reports("export", *heads)
    assert (code, out) == (2, b"") and "topic_1_coverage" in complaint
