"""对比: both sides as when queried alone, and the cells that made the difference."""

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from data_pipeline.rates import list_snapshots, open_marts, read_ledger, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.pages.drawn import Drawn, draw_page, read, tables_of
from tests.shared_lakes import SharedLakes
from tests.tiny_city import build_tiny_city

TOPIC = "topic_1_coverage"
# Before 市直机关 corrects April, after everybody's first report of June.
AS_OF = "2016-07-14T00:00:00+08:00"


def two_snapshots(folder: Path) -> Path:
    """The tiny city as it was known on a day, and as it is known now."""
    root, registry = build_tiny_city(folder), load_registry()
    with Lake(root).writing():
        build(root, registry, as_of=datetime.fromisoformat(AS_OF))
        build(root, registry)
    return root


@pytest.fixture(scope="module")
def lake(shared_lakes: SharedLakes) -> Path:
    return shared_lakes.of(two_snapshots)


@pytest.fixture
def draw(lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("compare", lake, monkeypatch, **query)

    return run


def rate_of(marts, metric: str, month: str, **where: str) -> tuple[str, str]:
    filters = {dimension: [code] for dimension, code in where.items()}
    frame = read_rates(marts, metric, where=filters, months=[month])
    if frame.empty:  # remembered from a later month on
        return "0", "0"
    return str(frame["numerator"].iloc[0]), str(frame["denominator"].iloc[0])


def sides_of(row: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (row[f"{side}numerator"], row[f"{side}denominator"]) for side in ("", "other_")
    ]


def test_two_places_stand_beside_each_other_with_their_difference(draw, lake):
    about = {"metric": TOPIC, "month": "2016-06", "unit": "350104"}
    drawn = draw(**about, kind="place", with_place="350181", scope="theme")
    rows = {row["metric"]: row for row in drawn.rows_of("csv-compare_place")}
    assert len(rows) > 3
    marts = open_marts(lake)
    for metric, row in rows.items():
        assert sides_of(row) == [
            rate_of(marts, metric, "2016-06", unit=unit)
            for unit in ("350104", "350181")
        ]
        assert row["compared"] == "place=350104"
        assert row["compared_with"] == "place=350181"
        if row["rate"] and row["other_rate"]:
            apart = float(row["rate"]) - float(row["other_rate"])
            assert float(row["difference"]) == pytest.approx(apart)
    assert "仓山区" in drawn.words
    assert "福清市" in drawn.words
    assert "个百分点" in drawn.words


def test_two_months_and_what_was_refiled_of_them(draw, lake):
    drawn = draw(metric=TOPIC, month="2016-05", kind="month", unit="ZSJG")
    (row,) = drawn.rows_of("csv-compare_month")
    marts = open_marts(lake)
    assert sides_of(row) == [
        rate_of(marts, TOPIC, month, unit="ZSJG") for month in ("2016-05", "2016-04")
    ]
    cells = drawn.rows_of("csv-compare_cells_month")
    assert {cell["unit"] for cell in cells} == {"ZSJG"}
    assert {cell["month"] for cell in cells} <= {"2016-04", "2016-05"}
    assert all(cell["source_file"] != cell["was_source_file"] for cell in cells)


def test_two_snapshots_and_the_file_that_changed_each_cell(draw, lake):
    older, newer = list_snapshots(lake, load_registry())[-2:]
    about = {"metric": TOPIC, "month": "2016-04", "unit": "ZSJG"}
    drawn = draw(**about, kind="snapshot", with_snapshot=older.id)
    (row,) = drawn.rows_of("csv-compare_snapshot")
    sides = [
        rate_of(open_marts(lake, snapshot=side), TOPIC, "2016-04", unit="ZSJG")
        for side in (newer, older)
    ]
    assert sides_of(row) == sides
    assert sides[0] != sides[1]
    cells = drawn.rows_of("csv-compare_cells_snapshot")
    assert cells
    # The column that the metric counts moved by as much as the metric did.
    moved = [c for c in cells if c["field"] == "n_branches_topic_1"]
    moves = sum(int(c["after"] or 0) - int(c["before"] or 0) for c in moved)
    assert moves == int(sides[0][0]) - int(sides[1][0])
    for cell in cells:
        assert cell["source_file"] in drawn.words.replace("\\", "")


def test_snapshots_that_say_the_same_differ_in_no_cell(draw):
    drawn = draw(metric=TOPIC, month="2016-05", unit="350104", kind="snapshot")
    assert "未作更正" in drawn.words
    assert "csv-compare_cells_snapshot" not in drawn.files


def test_one_snapshot_alone_is_said_to_be_alone(tiny_lake, monkeypatch):
    drawn = draw_page("compare", tiny_lake, monkeypatch, kind="snapshot")
    assert [info.value for info in drawn.app.info][0].startswith("只有一个")
    assert not drawn.files


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "weather"},
        {"kind": "place", "with_place": "nowhere"},
        {"kind": "month", "with_month": "2031-01"},
        {"kind": "snapshot", "with_snapshot": "../../etc/passwd"},
    ],
)
def test_a_side_that_does_not_exist_is_said_and_another_taken(draw, query):
    drawn = draw(**query)
    (warning,) = (read(w.value) for w in drawn.app.warning)
    assert "无法识别" in warning
    assert drawn.files


def test_a_metric_of_another_table_says_that_its_changes_are_not_listed(draw):
    drawn = draw(metric="dues_ok", month="2016-07", kind="month")
    assert "不出自台账" in drawn.words


def test_both_months_name_the_files_that_they_were_counted_from(draw, lake):
    drawn = draw(metric=TOPIC, month="2016-06", kind="month", with_month="2016-05")
    rows = drawn.rows_of("csv-compare_sources_month")
    by_side: dict[str, set[str]] = {}
    for row in rows:
        by_side.setdefault(row["side"], set()).add(row["source_file"])
    marts = open_marts(lake)
    expected = {
        side: set(read_ledger(marts, months=[month])["source_file"])
        for side, month in (("A 2016年6月", "2016-06"), ("B 2016年5月", "2016-05"))
    }
    assert by_side == expected
    counted = len(read_ledger(marts, months=["2016-06"]))
    own = [int(row["n_rows"]) for row in rows if row["side"] == "A 2016年6月"]
    assert sum(own) == counted
    assert f"A 2016年6月：{len(own)} 个文件，{counted} 行" in drawn.words


def test_sector_by_sector_both_sides_are_as_when_asked_alone(draw, lake):
    about = {"metric": TOPIC, "month": "2016-06", "unit": "350104"}
    drawn = draw(**about, kind="place", with_place="city")
    rows = drawn.rows_of("csv-compare_sectors_place")
    assert len(rows) > 1
    marts = open_marts(lake)
    for row in rows:
        where = {"sector": row["sector"]}
        here, there = sides_of(row)
        assert there == rate_of(marts, TOPIC, "2016-06", **where)
        if here != ("", ""):
            assert here == rate_of(marts, TOPIC, "2016-06", unit="350104", **where)
    apart = [abs(float(row["difference"])) for row in rows if row["difference"]]
    assert apart == sorted(apart, reverse=True)
    assert "csv-compare_sectors_place" not in draw(**about, sector="rural").files


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ({"kind": "place", "unit": "350104"}, "A：单位", "B：对比地方"),
        ({"kind": "month"}, "A：统计月份", "B：对比月份"),
        ({"kind": "snapshot"}, None, "B：对比快照（A 为当前快照）"),
    ],
)
def test_controls_say_which_side_they_choose(draw, query, first, second):
    app = draw(metric=TOPIC, month="2016-05", **query).app
    controls = [*app.selectbox, *app.select_slider]
    marked = [c.label for c in controls if c.label.startswith(("A", "B"))]
    assert sorted(marked) == sorted(filter(None, (first, second)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_said_which_side_is_taken_from_which(draw, lang):
    """An unsigned 相差 and two places left the reader to guess what minus what."""
    about = {"metric": TOPIC, "month": "2016-06", "kind": "place", "lang": lang}
    here, there = "350104", "350181"
    ways = set()
    for pair in ((here, there), (there, here)):
        drawn = draw(**about, unit=pair[0], with_place=pair[1])
        (row,) = drawn.rows_of("csv-compare_place")
        is_above = float(row["difference"]) > 0
        words = {
            "zh": f"A 比 B {'高' if is_above else '低'}",
            "en": f"points {'above' if is_above else 'below'} B",
        }
        assert words[lang] in drawn.words
        ways.add(is_above)
        table = tables_of(drawn.app)[0]
        apart = table["A − B"].iloc[0]
        assert apart.startswith("+" if is_above else "−")
        assert [name[0] for name in table.columns[1:3]] == ["A", "B"]
    assert ways == {True, False}


def test_comparisons_worth_a_look_are_one_click_away(draw):
    words = draw(metric=TOPIC, month="2016-06").words
    links = re.findall(r"\[([^]]+)]\(\./compare\?([^)]+)\)", words)
    labels = [label for label, _ in links]
    assert any(label.startswith("最低的") and "全市" in label for label in labels)
    assert "与上个月" in labels and "与上一个快照" in labels
    for _, query in links:
        followed = draw(**{k: v for k, (v,) in parse_qs(query).items()})
        assert not followed.app.exception and not followed.app.warning
