"""大屏 of the tiny city: each slide says its finding, its month and what is missing."""

import json
import shutil

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.pages.drawn import Drawn, draw_page, read
from ui import marts


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("wall", tiny_lake, monkeypatch, **query)

    return run


def findings(drawn: Drawn) -> list[str]:
    return [read(title.value) for title in drawn.app.header]


def captions(drawn: Drawn) -> list[str]:
    texts = [read(e.value) for e in drawn.app.markdown]
    return [words for words in texts if " · 快照" in words]


def show(drawn: Drawn) -> dict:
    return json.loads(drawn.component("wall")["show"])


def test_each_slide_has_its_finding_as_its_title(draw):
    drawn = draw(month="2016-07")
    assert show(drawn)["slides"] == [
        *("地图", "冷热图", "期限", "报送", "督导组", "线索")
    ]
    titles = findings(drawn)
    assert len(titles) == 6
    assert "全市 45.5 %" in titles[0]
    # Cells too small to be judged: none is named as the coldest.
    assert "不足 10 个而不判 3、未报 2" in titles[1]
    # What the bars below it show, and no other metric.
    assert titles[2] == "三个专题能否按期完成：将逾期 1"
    assert "未报，未计入" in captions(drawn)[2]
    # Two of three came in time; what has not come is named, not left out.
    assert titles[3].startswith("7月台账应由 3 个单位于8月15日前报齐：按时 2 个")
    assert "未报，未计入" in titles[0]


def test_below_each_title_stands_as_of_when_and_what_checks_say(draw):
    drawn = draw(month="2016-07")
    dated = captions(drawn)
    assert len(dated) == 6
    assert all(words.startswith("2016年7月 · 快照") for words in dated)
    assert all("第二专题覆盖率：未抽查" in words for words in dated[:3])


def test_in_english_nothing_is_left_in_chinese(draw):
    drawn = draw(month="2016-07", lang="en")
    assert show(drawn)["words"]["every"] == "20 s per slide"
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in "".join(findings(drawn)))


def test_what_has_filed_nothing_is_drawn_as_such_on_map_and_matrix(draw):
    drawn = draw(month="2016-07")
    matrix = drawn.component("hot_cold_matrix")
    states = {cell["state"] for row in matrix["rows"] for cell in row["cells"]}
    assert "not_reported" in states
    assert drawn.component("hot_cold_map")["shapes"]


def test_without_a_month_in_the_address_it_is_of_the_newest(draw, tiny_marts):
    drawn = draw(every="45")
    newest = tiny_marts.months[-1]
    assert newest not in show(drawn)["leave"]
    assert f"{int(newest[5:])}月 · 快照" in drawn.words
    assert "month=2016-05" in show(draw(month="2016-05"))["leave"]


@pytest.mark.parametrize(("every", "seconds"), [("45", 45), ("1", 5), ("x", 20)])
def test_how_long_a_slide_stays_stands_in_the_address_and_at_the_foot(
    draw, every, seconds
):
    shown = show(draw(every=every))
    assert shown["seconds"] == seconds
    assert shown["words"]["every"] == f"每 {seconds} 秒换一屏"


def test_there_is_nothing_to_download_or_to_choose(draw):
    drawn = draw(month="2016-07")
    assert drawn.files == {}
    assert not drawn.app.selectbox
    assert not drawn.app.get("select_slider")


def test_a_snapshot_is_outdated_once_there_is_another(tiny_lake, tmp_path, monkeypatch):
    lake = Lake(shutil.copytree(tiny_lake, tmp_path / "lake_root"))
    draw_page("wall", lake.root, monkeypatch)
    shown = marts.resolve().snapshot.state
    assert not marts.is_outdated(shown)
    with lake.writing():
        build(lake.root, load_registry())
    assert marts.is_outdated(shown)
