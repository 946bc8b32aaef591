"""领导参与: what leaders did, whom their lectures can reach, the same in each file."""

from __future__ import annotations

import io

import openpyxl
import pyarrow.parquet as pq
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.office_city import build_office_city
from tests.pages.drawn import Drawn, draw_page, headings_of
from tests.submitted_rows import ledger_row, submit

APRIL = {"month": "2016-04"}


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("leader_participation", tiny_lake, monkeypatch, **query)

    return run


@pytest.fixture
def speech_lake(tmp_path):
    """July as in the speech: 2,366 lectures, 7,499 speeches, 16,198 branches."""
    lake = Lake(tmp_path / "lake_root")
    row = ledger_row(
        "2016-07",
        "ZSJG",
        "organ",
        n_branches=16198,
        n_members=320000,
        n_leaders=10000,
        n_lectures=2366,
        n_lectures_grassroots=1166,
        n_leaders_attended=6000,
        n_leaders_spoke=4500,
        n_leader_speeches=7499,
    )
    with lake.writing():
        submit(lake, "2016-08-10", [row])
        build(lake.root, load_registry())
    return lake.root


def marks(figure: dict, trace: int = 0) -> list[tuple]:
    """(code, x) of every mark of one trace."""
    drawn = figure["data"][trace]
    return [
        (code, x) for (code,), x in zip(drawn["customdata"], drawn["x"], strict=True)
    ]


def test_the_speechs_own_lectures_reach_at_most_a_seventh_of_the_branches(
    speech_lake, monkeypatch
):
    zh, en = (
        draw_page("leader_participation", speech_lake, monkeypatch, lang=lang).words
        for lang in ("zh", "en")
    )
    assert "**2,366 次党课最多只能覆盖 16,198 个党支部的 14.6 %。**" in zh
    assert (
        "其中台账报下基层 1,166 次（49.3 %）："
        "1,166 次党课最多只能覆盖 16,198 个党支部的 7.2 %。"
    ) in zh
    assert "**2,366 lectures can reach at most 14.6 % of 16,198 branches.**" in en
    assert "1,166 lectures can reach at most 7.2 % of 16,198 branches." in en


def test_speeches_are_said_to_be_times_and_not_heads(speech_lake, monkeypatch):
    zh, en = (
        draw_page("leader_participation", speech_lake, monkeypatch, lang=lang).words
        for lang in ("zh", "en")
    )
    assert "带头研讨发言 7,499 次：发言按次数计，不按人数计：一人可发言多次。" in zh
    assert "7,499 lead-off speeches: Counts times, not heads" in en


def test_who_lectured_at_home_only_is_said_to_be_unknown_with_the_bounds_beside_it(
    speech_lake, monkeypatch
):
    zh, en = (
        draw_page("leader_participation", speech_lake, monkeypatch, lang=lang).words
        for lang in ("zh", "en")
    )
    # 1,166 lectures by at most as many of 10,000 leaders; 1,200 others at home.
    assert "台账和讲课记录都答不出：只报场次，不报人数。" in zh
    assert "至少有 8,834 名（88.3 %）从未下基层讲过" in zh
    assert "未下基层的 1,200 次，只在本单位讲的至多 1,200 名" in zh
    assert "cannot be told: ledgers and lecture records count lectures" in en
    assert "at least 8,834 (88.3 %) never lectured there" in en
    assert "at most 1,200 lectured at home only" in en
    assert "[各单位](./county_heatmap?" in zh
    assert "metric=leaders_down_ceiling" in zh


def test_each_unit_has_the_leaders_who_cannot_have_lectured_at_the_grass_roots(draw):
    drawn = draw(**APRIL)
    rows = drawn.rows_of("csv-lectures")
    counts = ("n_leaders", "n_leaders_never_least")
    # 1 lecture of 20 leaders, 2 of 10, 7 of 14; one branch of 仓山 left both blank.
    assert [[row["unit"], *(row[c] for c in counts)] for row in rows] == [
        ["ZSJG", "20", "19"],
        ["350104", "10", "8"],
        ["350181", "14", "7"],
    ]
    figure = drawn.figure("lectures")
    assert "20 名领导干部中至少 19 名从未下基层讲过" in str(figure["data"])


def test_a_place_with_as_many_lectures_below_as_leaders_does_not_say_who_never_went(
    tmp_path, monkeypatch
):
    lake = Lake(tmp_path / "lake_root")
    counts = {"n_leaders": 3, "n_lectures": 8, "n_lectures_grassroots": 6}
    with lake.writing():
        submit(lake, "2016-08-10", [ledger_row("2016-07", "ZSJG", "organ", **counts)])
        build(lake.root, load_registry())
    drawn = draw_page("leader_participation", lake.root, monkeypatch)
    assert "下基层 6 次不少于 3 名领导干部" in drawn.words
    assert "未下基层的 2 次，只在本单位讲的至多 2 名" in drawn.words
    assert "至少有" not in drawn.words


def test_each_unit_shows_who_attended_and_who_of_them_spoke_first(draw):
    figure = draw(**APRIL).figure("leaders")
    # 8 of 20, 8 of 14 and 8 of 11 leaders; of each eight 4, 4 and 5 spoke.
    assert marks(figure) == [("ZSJG", 8 / 20), ("350181", 8 / 14), ("350104", 8 / 11)]
    assert marks(figure, 1) == [("ZSJG", 0.5), ("350181", 0.5), ("350104", 5 / 8)]


def test_own_lectures_stand_beside_those_at_the_grass_roots(draw):
    drawn = draw(**APRIL)
    assert "**20 次党课最多只能覆盖 24 个党支部的 83.3 %。**" in drawn.words
    assert "其中台账报下基层 10 次（50.0 %，1 行空白不计）：" in drawn.words
    assert "另有 1 行空白，未计入。" in drawn.words
    figure = drawn.figure("lectures")
    # 1 of 3, 2 of 7 and 7 of 10 lectures; 5, 5 and 14 branches.
    assert marks(figure) == [("ZSJG", 1 / 5), ("350104", 2 / 5), ("350181", 7 / 14)]
    assert marks(figure, 1) == [("ZSJG", 2 / 5), ("350104", 5 / 5), ("350181", 3 / 14)]


def test_the_files_of_the_lectures_hold_what_the_bars_show(draw):
    drawn = draw(**APRIL)
    rows = drawn.rows_of("csv-lectures")
    counts = ("n_lectures", "n_lectures_grassroots", "n_lectures_own", "n_branches")
    expected = [
        ["ZSJG", "3", "1", "2", "5"],
        ["350104", "7", "2", "5", "5"],
        ["350181", "10", "7", "3", "14"],
    ]
    assert [[row["unit"], *(row[c] for c in counts)] for row in rows] == expected
    table = pq.read_table(io.BytesIO(drawn.bytes_of("parquet-lectures")))
    assert table["n_lectures_own"].to_pylist() == [2, 5, 3]
    book = openpyxl.load_workbook(io.BytesIO(drawn.bytes_of("xlsx-lectures")))
    notes = {row[0].value: row[1].value for row in book.worksheets[0]}
    assert notes["统计月份"] == "2016年4月"
    cells = list(book.worksheets[1].iter_rows(values_only=True))
    assert cells[0][:2] == ("单位代码", "单位")
    assert [row[:2] for row in cells[1:]] == [
        ("ZSJG", "市直机关"),
        ("350104", "仓山区"),
        ("350181", "福清市"),
    ]
    assert "未下基层党课次数" in cells[0]


def test_the_months_are_cumulative_and_end_with_the_chosen_one(draw):
    drawn = draw(month="2016-06")
    figure = drawn.figure("trends")
    assert {x for trace in figure["data"] for x in trace["x"]} == {
        *("2016-04", "2016-05", "2016-06")
    }
    rows = drawn.rows_of("csv-trends")
    lectures = [
        (row["unit"], row["month"], row["numerator"])
        for row in rows
        if row["metric"] == "lectures_per_leader" and row["unit"] == "ZSJG"
    ]
    # Filed as 3, 2 and 4 a month.
    assert lectures == [
        ("ZSJG", "2016-04", "3"),
        ("ZSJG", "2016-05", "5"),
        ("ZSJG", "2016-06", "9"),
    ]
    assert "累计数" in drawn.words


def test_sectors_take_the_place_of_units_on_request_or_when_a_unit_is_chosen(draw):
    by_sector = dict(marks(draw(**APRIL, by="sector").figure("leaders")))
    assert by_sector == {
        "organ": 8 / 20,
        "nonpublic": 2 / 4,
        "rural": 12 / 19,
        "community": 2 / 2,
    }
    inside = dict(marks(draw(**APRIL, unit="350181").figure("leaders")))
    assert inside == {"rural": 6 / 10, "nonpublic": 2 / 4}


def test_a_unit_and_sector_are_divided_by_township(draw):
    drawn = draw(month="2016-07", unit="350104", sector="rural")
    assert dict(marks(drawn.figure("lectures"))) == {"城门镇": 5 / 3, "盖山镇": 2 / 1}
    assert {row["township"] for row in drawn.rows_of("csv-leaders")} == {
        *("城门镇", "盖山镇")
    }
    assert {row["unit"] for row in drawn.rows_of("csv-trends")} == {"350104"}


def test_one_place_alone_has_its_figures_in_words_and_no_ranking(draw):
    drawn = draw(**APRIL, unit="ZSJG", sector="organ")
    assert "领导干部以普通党员身份参加率：40.0 %（8 / 20 名领导干部）。" in drawn.words
    assert "csv-leaders" not in drawn.files
    assert "csv-lectures" not in drawn.files
    # The line of the place stands out from that of the city, with its name.
    lines = drawn.figure("trends")["data"]
    assert ("市直机关", 2.5) in {(t["name"], t["line"]["width"]) for t in lines}


def test_a_silent_unit_is_not_left_out(draw):
    drawn = draw(month="2016-07")
    figure = drawn.figure("leaders")
    assert marks(figure)[0] == ("350181", None)
    labels = [note["text"] for note in figure["layout"]["annotations"]]
    assert "<b>未报</b>" in labels
    assert "另有 2 个单位×领域未报，未计入。" in drawn.words


def test_in_english_every_word_is_english(draw):
    drawn = draw(**APRIL, lang="en")
    assert drawn.app.title[0].value == "Leader participation"
    assert headings_of(drawn.app) == [
        "Leaders attending as ordinary members: lowest in Municipal organs, 40.0 %",
        "Upper limit of reach, grass-roots lectures: "
        "lowest in Municipal organs, 20.0 %",
        "Leader participation by month",
    ]
    assert "Speeches are counted by number of times, not by person." in drawn.words


def test_who_went_where_is_the_answer_of_its_section(shared_lakes, monkeypatch):
    lake = shared_lakes.of(build_office_city)
    drawn = draw_page("leader_participation", lake, monkeypatch, month="2016-06")
    # Three times at home, once below; of the five others nobody says where.
    assert (
        "处级以上领导讲党课 9 场（5 场未注明去向，不计入比例）："
        "3 场（75.0 %）在本单位，下基层 1 场，覆盖支部 1 个" in drawn.words
    )
    rows = {
        (row["speaker"], row["destination"]): row["n_times"]
        for row in drawn.rows_of("csv-destinations")
        if row["n_times"] != "0"
    }
    assert rows["senior_leader", "unsaid"] == "5"
