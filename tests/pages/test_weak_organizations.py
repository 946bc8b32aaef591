"""软弱涣散热点 shows the list that was counted by hand, on the screen and in files."""

import pandas as pd
import pytest

from tests.pages.drawn import Drawn, draw_page, headlines_of, tables_of
from tests.weak_city import MONTH

PLACE = {"unit": "350104", "sector": "rural", "township": "城门镇"}


@pytest.fixture
def draw(weak_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        query = {"month": MONTH} | query
        return draw_page("weak_organizations", weak_lake, monkeypatch, **query)

    return run


def test_the_city_is_one_sentence_and_its_hot_spots_by_name(draw):
    drawn = draw()
    assert (
        "列入 7 个：已转化 1（14.3 %），未转化 5，其中 3 个列入超过 90 天"
        in drawn.words
    )
    assert (
        "1 处乡镇×领域明显偏多：仓山区 城门镇 农村（列入 5 / 10，未转化或复发 4）。"
        in drawn.words
    )
    values = {name: value for name, (value, _) in headlines_of(drawn.app).items()}
    assert values["列入"] == "7"
    assert values["复发"] == "1"
    assert values["热点"] == "1"


def test_a_bar_of_a_hot_spot_leads_to_its_place(draw):
    bars = draw().figure("hotspots")["data"][0]
    assert bars["customdata"][0] == ["350104", "城门镇", "rural"]
    assert list(bars["x"]) == [5, 1, 1]


def test_the_files_hold_the_numbers_behind_each_hot_spot(draw):
    rows = draw().rows_of("csv-hotspots")
    assert {name: rows[0][name] for name in ("unit", "township", "sector")} == PLACE
    assert (rows[0]["n_weak"], rows[0]["n_branches"]) == ("5", "10")
    assert float(rows[0]["n_expected"]) == pytest.approx(1.2)
    assert float(rows[0]["p_adjusted"]) < 0.05
    assert rows[0]["is_hotspot"] == "True"


def test_days_overdue_stand_with_each_hot_spot_and_case_and_order_them(draw):
    drawn = draw()
    assert "逾期天数算到 2016-09-30（所选月份的最后一天）" in drawn.words
    assert "台账没有个案的应完成日，以列入后 90 天为限" in drawn.words
    rows = drawn.rows_of("csv-hotspots")
    days = [row["days_overdue_most"] for row in rows]
    assert f"逾期 {days[0]} 天" in str(drawn.figure("hotspots"))
    ordered = draw(by="days").rows_of("csv-hotspots")
    known = [int(row["days_overdue_most"] or -1) for row in ordered]
    assert known == sorted(known, reverse=True)
    english = draw(by="days", lang="en").words
    assert "Days overdue run to 2016-09-30" in english
    for table in tables_of(drawn.app)[-2:]:
        is_late = table["状态"].eq("逾期")
        # A number, so that a click on its head sorts by it; none of a relapse.
        assert table["逾期天数"].notna().tolist() == is_late.tolist()
        assert pd.api.types.is_numeric_dtype(table["逾期天数"])


def test_the_two_lists_stand_apart_with_ticks_crosses_and_stability(draw):
    drawn = draw()
    refuted, others = (tables_of(drawn.app)[at] for at in (-2, -1))
    assert "档" not in refuted
    assert [band[0] for band in others["档"]] == list("BBCC")
    assert (list(refuted["次序"]), list(others["次序"])) == ([1, 2], [1, 2, 3, 4])
    assert refuted["第一专题"][0] == "✗ 抽查"
    assert refuted["稳定性"][0] == 100.0
    assert "抽查推翻了上报的（2 个）" in drawn.words
    rows = drawn.rows_of("csv-weak_order")
    assert [row["position"] for row in rows] == ["1", "2", "1", "2", "3", "4"]
    cases = ["RS-1", "RS-7", "RS-6", "RS-3", "RS-4", "RS-5"]
    assert [row["case_code"] for row in rows] == cases
    names = [*refuted["支部名称"], *others["支部名称"]]
    assert [row["branch_name"] for row in rows] == names
    assert rows[0]["topic_1_coverage"] == "failed"
    assert rows[0]["branch"] == "350104-R0001"
    assert (rows[0]["band"], rows[0]["band_name"]) == ("A", "A 被推翻")
    assert not any("note" in name and name != "data_note" for name in rows[0])


def test_the_units_say_how_many_they_have_still_open(draw):
    drawn = draw()
    rows = drawn.rows_of("csv-weak_units")
    by_unit = {row["unit"]: row for row in rows}
    assert len(by_unit) == len(rows) > 1
    for row in rows:
        states = ("n_converted", "n_relapsed", "n_overdue", "n_in_term")
        assert sum(int(row[name]) for name in states) == int(row["n_listed"])
        assert int(row["n_open"]) == int(row["n_overdue"]) + int(row["n_in_term"])
    n_open = [int(row["n_open"]) for row in rows]
    assert n_open == sorted(n_open, reverse=True)
    (latest,) = [r for r in drawn.rows_of("csv-months") if r["month"] == MONTH]
    assert sum(int(row["n_listed"]) for row in rows) == int(latest["n_listed"])
    assert "各单位未转化" in drawn.words
    inside = draw(unit="350104")
    assert "csv-weak_units" not in inside.files, "one unit has no order"


def test_a_place_keeps_the_citys_order_and_comparison(draw):
    drawn = draw(unit="350104", township="盖山镇")
    assert list(tables_of(drawn.app)[0]["次序"]) == [1]
    assert list(drawn.figure("hotspots")["data"][0]["x"]) == [1]
    assert "抽查推翻了上报的（" not in drawn.words
    assert "没有乡镇×领域明显偏多" in drawn.words


def test_an_address_with_a_case_opens_its_evidence(draw):
    drawn = draw(case="RS-1", lang="en")
    assert "Rule by rule" in drawn.words
    assert "Number 1 of 2 on its city-wide list, band A" in drawn.words
    (evidence,) = (
        table.set_index("Rule") for table in tables_of(drawn.app) if "Rule" in table
    )
    assert evidence.loc["Topic 1 coverage", "Verdict"] == "✗ failed"
    assert evidence.loc["Topic 1 coverage", "Found by check"] == "0 / 1"
    assert evidence.loc["Topic 1 coverage", "Source file"] == "09-仓山.xlsx"


def test_a_case_that_is_not_open_is_said(draw):
    assert "“RS-2”不在这个月" in draw(case="RS-2").words


def test_the_six_types_show_their_checks_by_selection(draw):
    drawn = draw()
    rows = {row["sector"]: row for row in drawn.rows_of("csv-types")}
    assert (rows["rural"]["n_checked"], rows["rural"]["n_branches"]) == ("2", "5")
    selections = ("n_random", "n_targeted", "n_prepared")
    assert [rows["rural"][name] for name in selections] == ["1", "2", "1"]
    assert "三种抽取方式不合并" in drawn.words


def test_each_statistic_has_its_plain_sentence_in_both_languages(draw):
    zh, en = draw().words, draw(lang="en").words
    for sentence in ("热点 = 同一领域里", "逾期 = 列入超过 90 天", "是次序，不是打分"):
        assert sentence in zh
    for sentence in (
        "Hot spot = at least 3",
        "Overdue = on the list for more than 90",
        "not a score",
    ):
        assert sentence in en


def test_before_anything_was_listed_the_page_says_so(tiny_lake, monkeypatch):
    drawn = draw_page("weak_organizations", tiny_lake, monkeypatch, month="2016-06")
    assert "这里没有列入软弱涣散名单的党组织" in drawn.words
    assert tables_of(drawn.app) == []


def test_two_months_of_one_snapshot_do_not_share_their_list(draw):
    counts = pd.DataFrame(draw().rows_of("csv-months"))
    assert list(counts["month"]) == ["2016-08", MONTH]
    assert list(counts["n_overdue"])[-1] == "3"
