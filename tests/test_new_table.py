"""A table, its measures, metrics and page: TOML alone, and found everywhere."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from data_pipeline.__main__ import main as pipeline
from data_pipeline.rates import open_marts, read_filed_rows, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports import __main__ as reports
from reports.documents import glossary_page, metrics_page
from tests.new_table import PAGE, SHEET, add_table
from tests.pages.drawn import draw_page, tables_of

HEADINGS = ("统计月份", "单位", "领域", "小组类别", "应学人数", "已学人数")
RECEIVED = datetime.fromisoformat("2016-08-10T09:00:00+08:00")
ROWS = [
    ("2016-07", "鼓楼区", "机关", "示范组", 10, 9),
    ("2016-07", "鼓楼区", "机关", "普通组", 40, 20),
    ("2016-07", "鼓楼区", "社区", "示范组", 20, 11),
    ("2016-07", "仓山区", "农村", "普通组", 30, None),
    ("2016-07", "市直机关", "机关", "示范组", 10, 10),
]


def write(path: Path, rows: list[tuple]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(SHEET)
        for number, row in enumerate([HEADINGS, *rows]):
            page.write_row(number, 0, row)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return add_table(tmp_path_factory.mktemp("new_table"))


@pytest.fixture(autouse=True)
def _read_by_every_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))


@pytest.fixture(scope="module")
def lake(folder: Path) -> Path:
    """A lake with one workbook of the table, ingested like any other and built."""
    registry = load_registry(folder)
    lake = Lake(folder.parent / "lake_root")
    path = write(folder.parent / "小组.xlsx", ROWS)
    with lake.writing():
        report = ingest_files([path], lake, registry, received=RECEIVED)
        assert [finding.sentence() for finding in report.findings] == []
        build(lake.root, registry)
    return lake.root


def test_the_project_itself_does_not_have_it(monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE)
    assert "study_group" not in load_registry().tables


def test_the_template_has_its_sheet_with_its_words(tmp_path):
    assert pipeline(["template", str(tmp_path / "empty.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    sheet = book[SHEET]
    written = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert set(HEADINGS) <= set(written)
    assert sheet.data_validations.dataValidation
    words = [str(cell.value) for row in book["选项"].iter_rows() for cell in row]
    assert {"示范组", "普通组"} <= set(words)


def test_a_row_that_contradicts_itself_is_refused_with_its_cell(tmp_path):
    path = write(tmp_path / "错.xlsx", [("2016-07", "鼓楼区", "机关", "示范组", 3, 5)])
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        report = ingest_files([path], lake, load_registry(), received=RECEIVED)
    (sentence,) = [finding.sentence() for finding in report.findings]
    assert sentence.startswith("E_RULE 错.xlsx 学习小组!F2 已学人数=5")


def test_a_word_that_nobody_knows_is_refused(tmp_path):
    path = write(tmp_path / "词.xlsx", [("2016-07", "鼓楼区", "机关", "模范组", 3, 2)])
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        report = ingest_files([path], lake, load_registry(), received=RECEIVED)
    (sentence,) = [finding.sentence() for finding in report.findings]
    assert "小组类别=模范组" in sentence


def test_its_rows_lie_in_the_lake(lake):
    stored = sorted((lake / "lake" / "study_group" / "2016-07").glob("*.parquet"))
    assert len(stored) == 1


def rates(lake: Path, metric: str, *by: str, **where: str) -> list[list]:
    frame = read_rates(
        open_marts(lake),
        metric,
        by=by,
        months=["2016-07"],
        where={name: (code,) for name, code in where.items()},
    )
    return frame[[*by, "numerator", "denominator", "n_blank"]].to_numpy().tolist()


def test_the_share_has_rates_by_place_and_by_word(lake):
    assert rates(lake, "study_group_share") == [[50, 80, 1]]
    assert rates(lake, "study_group_share", "kind") == [
        ["model_group", 30, 40, 0],
        ["ordinary_group", 20, 40, 1],
    ]
    assert rates(lake, "study_group_share", "unit", kind="model_group") == [
        ["350102", 20, 30, 0],
        ["ZSJG", 10, 10, 0],
    ]


def test_the_count_is_owed_by_every_county(lake):
    found = rates(lake, "model_groups_county", "unit")
    counts = {unit: numbers for unit, *numbers in found}
    assert counts["350102"] == [2, 1, 0]
    assert counts["350104"] == [0, 1, 0]
    # Counted, and owed by nobody there.
    assert counts["ZSJG"] == [1, 0, 0]
    registry = load_registry()
    owing = [unit for unit in registry.units.values() if unit.kind != "block"]
    assert rates(lake, "model_groups_county") == [[3, len(owing), 0]]
    (milestone,) = registry.metrics["model_groups_county"].milestones
    assert (milestone.target, milestone.upper) == (3, 4)


def export_of(lake: Path) -> list[str]:
    """The command that exports the share of July, but for its groups and its file."""
    return ["export", "study_group_share", "--lake", str(lake), "--month", "2016-07"]


def test_the_command_exports_it_by_its_own_word(lake, tmp_path, capsys):
    out = tmp_path / "share.csv"
    arguments = export_of(lake)
    chosen = ["--by", "kind", "--where", "kind=示范组", "--out", str(out)]
    assert reports.main([*arguments, *chosen]) == 0, capsys.readouterr().err
    assert out.read_text("utf-8-sig").splitlines() == [
        "kind,numerator,denominator,rate,n_blank,n_missing",
        "model_group,30,40,0.75,0,0",
    ]
    assert reports.main([*arguments, "--by", "kinds"]) == 2
    assert "did you mean 'kind'?" in capsys.readouterr().err
    for format in ("xlsx", "parquet"):
        assert (
            reports.main([*arguments, "--out", str(tmp_path / f"share.{format}")]) == 0
        )


def test_the_rows_behind_it_say_where_they_stood(lake):
    marts = open_marts(lake)
    metric = marts.registry.metrics["model_groups_county"]
    rows = read_filed_rows(marts, metric, month="2016-07", where={"unit": ["350102"]})
    found = rows[["sector", "kind", "n_participants", "source_file", "source_row"]]
    assert found.to_numpy().tolist() == [
        ["organ", "model_group", 10, "小组.xlsx", 2],
        ["community", "model_group", 20, "小组.xlsx", 4],
    ]


def test_the_documents_describe_table_measures_and_metrics():
    registry = load_registry()
    glossary, metrics = glossary_page(registry), metrics_page(registry)
    assert "## 学习小组 → `study_group`" in glossary
    assert "`n_model_groups`" in glossary
    assert "rows of `study_group` where kind is model_group" in glossary
    assert "## study_group_share" in metrics
    assert "each unit (county, zone), once" in metrics


@pytest.mark.parametrize(
    ("lang", "title", "share", "word"),
    [
        ("zh", "学习小组", "学习小组完成率", "示范组"),
        ("en", "Study groups", "Study groups: share finished", "Model group"),
    ],
)
def test_its_page_is_drawn_in_both_languages(
    lake, monkeypatch, lang, title, share, word
):
    drawn = draw_page("study_groups", lake, monkeypatch, month="2016-07", lang=lang)
    assert drawn.app.title[0].value == title
    assert [element.label for element in drawn.app.metric][0] == share
    assert drawn.app.metric[0].value == "62.5 %"
    matrix = drawn.component("hot_cold_matrix")
    assert len(matrix["columns"]) == 2
    line = next(row for row in matrix["rows"] if row["id"] == "350102")
    assert [cell["text"] for cell in line["cells"]] == ["57.1 %", "2.00"]
    assert drawn.figure("months")
    words = drawn.figure("words")
    assert [point[0] for point in words["data"][0]["customdata"]] == [
        "model_group",
        "ordinary_group",
    ]
    assert word in str(words["layout"])
    rows = drawn.rows_of("csv-rows")
    assert [row["source_row"] for row in rows] == ["2", "3", "4", "5", "6"]
    assert "model_group" not in str(tables_of(drawn.app)[0]) or lang == "en"


def test_a_page_and_an_export_hold_the_same_figures(lake, monkeypatch, tmp_path):
    drawn = draw_page("study_groups", lake, monkeypatch, month="2016-07")
    page = {row["kind"]: row["rate"] for row in drawn.rows_of("csv-words")}
    out = tmp_path / "share.csv"
    arguments = export_of(lake)
    assert reports.main([*arguments, "--by", "kind", "--out", str(out)]) == 0
    rows = csv.DictReader(io.StringIO(out.read_text("utf-8-sig")))
    assert page == {row["kind"]: row["rate"] for row in rows}


@pytest.mark.parametrize("choice", [{"unit": "350104"}, {"sector": "soe"}, {}])
def test_its_page_is_drawn_for_every_kind_of_choice(lake, monkeypatch, choice):
    for metric in ("study_group_share", "model_groups_county"):
        choices = {**choice, "metric": metric, "month": "2016-07"}
        draw_page("study_groups", lake, monkeypatch, **choices)


def test_two_standard_pages_are_two_pages(lake, folder, tmp_path, monkeypatch):
    """They share a script: the address tells them apart."""
    more = shutil.copytree(folder, tmp_path / "registry")
    second = PAGE.replace('"study_groups"', '"groups_again"', 1)
    second = second.replace('title_zh = "学习小组"', 'title_zh = "再看一次"')
    with open(more / "pages.toml", "a", encoding="utf-8") as file:
        file.write(second)
    registry = load_registry(more)
    copied = Lake(shutil.copytree(lake, tmp_path / "lake_root"))
    with copied.writing():
        build(copied.root, registry)
    monkeypatch.setenv(FOLDER_VARIABLE, str(more))
    titles = [
        draw_page(name, copied.root, monkeypatch, month="2016-07").app.title[0].value
        for name in ("study_groups", "groups_again", "study_groups")
    ]
    assert titles == ["学习小组", "再看一次", "学习小组"]


def test_the_selector_the_heatmap_and_the_definitions_show_it(lake, monkeypatch):
    drawn = draw_page(
        "county_heatmap", lake, monkeypatch, metric="study_group_share", month="2016-07"
    )
    box = drawn.app.selectbox(key="choose:county_heatmap:metric:zh")
    assert {"学习小组完成率", "县区示范组"} <= set(box.options)
    words = draw_page("definitions", lake, monkeypatch).words
    assert "学习小组完成率" in words
