"""On time is on time for good: what was made up for later is never simply "reached"."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.__main__ import main
from reports.overview import rows as overview
from reports.topics_and_speaking.rows import OUTCOMES
from reports.words import sentences
from reports.words.standing import describe_place
from tests.pages.drawn import draw_page
from tests.submitted_rows import ledger_row, submit

REGISTRY = load_registry()
TOPIC_1 = REGISTRY.metrics["topic_1_coverage"]
IN_TIME = REGISTRY.metrics["topic_1_on_time"]
COUNTS = ["numerator", "denominator", "n_blank", "n_missing"]


def held(month: str, unit: str, sector: str, n: int | None, of: int, **more):
    counts = {"n_branches": of, "n_branches_topic_1": n, "n_branches_topic_2": 0}
    return ledger_row(month, unit, sector, **counts | more)


# 罗源县 had held 331 of 600 by the due day and all in July; 仓山区 all in time; 福清市
# filed nothing for June; 台江区 left the column blank then.
MONTHS = {
    "2016-05": [
        held("2016-05", "350123", "rural", 200, 600),
        held("2016-05", "350104", "community", 8, 10),
        held("2016-05", "350181", "rural", 3, 20),
        held("2016-05", "350103", "organ", 1, 4),
    ],
    "2016-06": [
        held("2016-06", "350123", "rural", 331, 600),
        held("2016-06", "350104", "community", 10, 10),
        held("2016-06", "350103", "organ", None, 4),
    ],
}
for _month in ("2016-07", "2016-09", "2016-12"):
    MONTHS[_month] = [
        held(_month, "350123", "rural", 600, 600, n_branches_topic_2=500),
        held(_month, "350104", "community", 10, 10),
        held(_month, "350181", "rural", 20, 20),
        held(_month, "350103", "organ", 4, 4),
    ]


def file_months(lake: Lake) -> None:
    for number, rows in enumerate(MONTHS.values(), 1):
        submit(lake, f"2017-01-{number:02d}", rows)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("remembered") / "lake_root")
    with lake.writing():
        file_months(lake)
        build(lake.root, REGISTRY)
    return lake.root


def export(lake: Path, capsysbinary, *arguments: str) -> list[dict[str, str]]:
    command = ["export", "topic_1_on_time", "--lake", str(lake), *arguments]
    assert main(command) == 0
    text = capsysbinary.readouterr().out.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("month", ["2016-06", "2016-07", "2016-12"])
def test_on_time_is_the_ledger_of_the_due_day_in_every_later_month(
    lake, capsysbinary, month
):
    rows = export(lake, capsysbinary, "--month", month, "--by", "unit")
    assert [[row["unit"], *(row[name] for name in COUNTS)] for row in rows] == [
        ["350103", "0", "0", "1", "0"],
        ["350104", "10", "10", "0", "0"],
        ["350123", "331", "600", "0", "0"],
        ["350181", "0", "0", "0", "1"],
    ]


@pytest.mark.parametrize("by", ["", "unit", "unit,sector"])
def test_before_the_month_of_the_due_day_there_is_no_row(lake, capsysbinary, by):
    assert export(lake, capsysbinary, "--month", "2016-05", "--by", by) == []


def test_all_months_side_by_side_say_the_same_from_the_due_day_on(lake, capsysbinary):
    rows = export(lake, capsysbinary, "--by", "month")
    assert [row["month"] for row in rows] == [
        f"2016-{number:02d}" for number in range(6, 13)
    ]
    assert {tuple(row[name] for name in COUNTS) for row in rows} == {
        ("341", "610", "1", "1")
    }


def test_a_later_ledger_changes_nothing_and_a_correction_of_that_month_does(tmp_path):
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        file_months(lake)
        correction = held("2016-06", "350123", "rural", 300, 600)
        submit(lake, "2017-01-20", [correction])
        build(lake.root, REGISTRY)
    query = {"by": ["unit"], "months": ["2016-12"]}
    frame = read_rates(open_marts(lake.root), "topic_1_on_time", **query)
    assert dict(zip(frame["unit"], frame["numerator"], strict=True))["350123"] == 300


def test_it_is_what_pandas_takes_from_the_ledger_of_that_month(lake):
    rows = pd.DataFrame([row for rows in MONTHS.values() for row in rows])
    june = rows[rows["month"] == "2016-06"].dropna(subset=["n_branches_topic_1"])
    wanted = june.groupby(["unit", "sector"])[["n_branches_topic_1", "n_branches"]]
    query = {"by": ["unit", "sector"], "months": ["2016-09"]}
    frame = read_rates(open_marts(lake), "topic_1_on_time", **query)
    frame = frame[frame["denominator"] > 0]
    assert frame[["numerator", "denominator"]].values.tolist() == (
        wanted.sum().astype(int).values.tolist()
    )


def test_reached_late_is_not_said_to_be_simply_reached():
    """罗源县 had 55.1 % on 06-30 and 100 % in July; December said 已达到目标."""
    december = pd.DataFrame(
        {"numerator": [600], "denominator": [600], "rate": [1.0], "n_blank": [0]}
    )
    june = december.assign(numerator=331, rate=331 / 600)
    sentence = describe_place(december, TOPIC_1, month="2016-12", in_time=june)
    assert sentence == (
        "第一专题覆盖率：已完成 600 / 600 个党支部，逾期后才达到目标 100 %："
        "到6月30日完成 55.2 %（6月台账）。"
    )
    whole = describe_place(december, TOPIC_1, month="2016-12", in_time=december)
    assert whole == "第一专题覆盖率：已完成 600 / 600 个党支部，已达到目标 100 %。"
    silent = june.assign(numerator=0, denominator=0, rate=float("nan"))
    sentence = describe_place(december, TOPIC_1, month="2016-12", in_time=silent)
    assert "没有6月台账，是否按期不明" in sentence
    late = december.assign(numerator=590, rate=590 / 600)
    sentence = describe_place(late, TOPIC_1, "en", month="2016-07", in_time=june)
    assert sentence.endswith(
        "10 still to go for the target of 100 % by 30 Jun; 55.2 % by 30 Jun "
        "(Jun ledger)."
    )


def test_what_was_not_done_in_time_is_not_still_missing():
    june = pd.DataFrame(
        {"numerator": [331], "denominator": [600], "rate": [331 / 600], "n_blank": [0]}
    )
    assert describe_place(june, IN_TIME, month="2016-12") == (
        "第一专题按期率：到6月30日完成 331 / 600 个党支部（6月台账），"
        "269 未按期，以后补上的不改。"
    )
    assert describe_place(june, IN_TIME, month="2016-05") == (
        "第一专题按期率：6月30日到期，以6月台账为准。"
    )


def progress_of(lake: Path, month: str, **where):
    marts = open_marts(lake)
    months = [m for m in REGISTRY.calendar.months if m <= month]
    frames = {
        topic.metric: read_rates(
            marts, topic.metric, by=["month"], months=months, where=where
        )
        for topic in REGISTRY.calendar.topics
    }
    return overview.judge_deadlines(frames, REGISTRY, month), frames


def test_the_verdict_on_a_topic_tells_late_from_in_time(lake):
    for unit, code, clause in [
        ("350123", "late", "到6月30日完成 55.2 %（6月台账）"),
        ("350104", "done", "6月30日的目标已达到"),
        ("350181", "reached", "没有6月台账"),
        ("350103", "reached", "没有6月台账"),
    ]:
        judged, _ = progress_of(lake, "2016-12", unit=[unit])
        progress, _ = judged[TOPIC_1.id]
        assert sentences.verdict_code(TOPIC_1, progress) == code, unit
        assert sentences.due_clause(TOPIC_1, progress) == clause


def test_the_first_sentence_of_the_overview_names_what_was_late(lake):
    _, frames = progress_of(lake, "2016-07")
    reached = {TOPIC_1.id: read_rates(open_marts(lake), TOPIC_1.id, months=["2016-07"])}
    in_time = overview.shares_in_time(frames, REGISTRY, "2016-07")
    assert in_time == {TOPIC_1.id: 341 / 610}
    sentence = overview.answer_everywhere(reached, REGISTRY, "2016-07", in_time=in_time)
    assert sentence == "已全覆盖，但第一专题覆盖率逾期后才达到目标。"


def test_the_pages_say_that_it_was_reached_late(lake, monkeypatch):
    choice = {"unit": "350123", "month": "2016-12", "metric": "topic_1_coverage"}
    drawn = draw_page("sector_gaps", lake, monkeypatch, **choice)
    assert "逾期后才达到目标 100 %：到6月30日完成 55.2 %" in drawn.words
    choice = {"unit": "350123", "month": "2016-12"}
    drawn = draw_page("topics_and_speaking", lake, monkeypatch, **choice)
    assert "到6月30日完成 55.2 %（6月台账）：逾期后才达到" in drawn.words


def test_the_rows_behind_it_are_those_of_the_month_it_remembers(lake, monkeypatch):
    choice = {"unit": "350123", "sector": "rural", "month": "2016-12"}
    choice["metric"] = "topic_1_on_time"
    drawn = draw_page("sector_gaps", lake, monkeypatch, **choice)
    assert "331 / 600" in drawn.words
    # A cell known only as a total shows its months, up to the one remembered.
    *_, row = drawn.rows_of("csv-ledger")
    assert (row["month"], row["n_branches_topic_1"]) == ("2016-06", "331")
    early = draw_page("sector_gaps", lake, monkeypatch, **choice | {"month": "2016-05"})
    assert "6月30日到期，以6月台账为准" in early.words
    assert not any(key.endswith("-ledger") for key in early.files)


def shares_of(row: dict[str, str]) -> list[float]:
    return [float(row[name]) for name in OUTCOMES]


def test_in_time_made_up_for_and_not_done_stand_side_by_side(lake, monkeypatch):
    drawn = draw_page("topics_and_speaking", lake, monkeypatch, month="2016-12")
    rows = {row["metric"]: row for row in drawn.rows_of("csv-outcomes")}
    # Of the 610 that filed for June 341 were in time; nobody counts it among all 634.
    first = rows["topic_1_coverage"]
    assert shares_of(first) == pytest.approx([341 / 610, 0, 1 - 341 / 610, 0, 0])
    assert (first["total"], first["done"], first["n_not_done"]) == ("634", "634", "0")
    choice = {"unit": "350123", "month": "2016-12"}
    drawn = draw_page("topics_and_speaking", lake, monkeypatch, **choice)
    rows = {row["metric"]: row for row in drawn.rows_of("csv-outcomes")}
    first = rows["topic_1_coverage"]
    assert shares_of(first) == pytest.approx([331 / 600, 0, 269 / 600, 0, 0])
    # Nobody filed for August: that it was done by September says nothing of it.
    second = rows["topic_2_coverage"]
    assert shares_of(second) == pytest.approx([0, 0, 0, 500 / 600, 100 / 600])
    assert (second["done"], second["n_not_done"]) == ("500", "100")
    assert rows["topic_1_coverage"]["ledger_month"] == "2016-06"
