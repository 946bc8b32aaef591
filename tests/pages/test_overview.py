"""总览 of the tiny city: what was counted by hand, on the screen and in the files."""

import io
import json

import openpyxl
import pandas as pd
import pytest

from tests.pages.drawn import Drawn, draw_page, headlines_of, read


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    def run(**query: str) -> Drawn:
        return draw_page("overview", tiny_lake, monkeypatch, **query)

    return run


def links(drawn: Drawn) -> dict[str, str]:
    """Address by label of every link on the page."""
    return {
        read(e.proto.label): f"{e.proto.page}?{e.proto.query_string}"
        for e in drawn.app.get("page_link")
    }


def lines(drawn: Drawn, caption: str) -> list[dict]:
    """The lines of a table of links."""
    elements = drawn.app.get("bidi_component")
    tables = [
        json.loads(json.loads(e.proto.json)["matrix"])
        for e in elements
        if e.proto.component_name == "link_matrix"
    ]
    (found,) = (one for one in tables if one["caption"].startswith(caption))
    return found["lines"]


def table(drawn: Drawn, caption: str) -> dict[str, list[dict]]:
    """The cells of a table of links by the names of its lines."""
    return {line["name"]: line["cells"] for line in lines(drawn, caption)}


def test_the_first_sentence_is_the_answer_and_the_second_what_checks_say(draw):
    words = draw(month="2016-07", duty="members").words
    # 127 of 239; two thirds of 239 are 160. 29 of 78 is the coldest.
    assert (
        "**普通党员发言率 53.1 %，还差 33 名党员；最冷：仓山区 社区 37.2 %。** "
        "另有 2 个单位×领域未报" in words
    )
    assert "普通党员发言率上报 53.1 %，未抽查。" in words


def test_by_default_it_is_about_the_topic_of_the_month(draw):
    assert "**第二专题覆盖率 45.5 %，还差 6 个党支部。**" in draw().words
    june = draw(month="2016-06").words
    assert "**第一专题覆盖率 96.0 %，还差 1 个党支部。**" in june


def test_english_says_the_same(draw):
    words = draw(month="2016-07", duty="members", lang="en").words
    assert (
        "**Ordinary members who have spoken 53.1 %, 33 members still to go; "
        "coldest: Cangshan · Communities 37.2 %.**" in words
    )


def test_the_coldest_are_ranked_with_their_way_and_what_to_believe(draw):
    rows = table(draw(month="2016-07", duty="members"), "最冷")
    # 市直机关 lies above the city, 福清 is silent: neither is cold.
    assert list(rows) == ["仓山区 社区", "仓山区 农村"]
    rate, missing, months, checks, flags = rows["仓山区 社区"]
    assert (rate["text"], missing["text"]) == ("37.2 %", "23")
    assert months["spark"][-1] == 29 / 78
    assert len(months["spark"]) == 4
    assert (checks["text"], flags["text"]) == ("未抽查", "")


def test_places_too_small_to_name_are_not_called_cold(draw):
    words = draw(month="2016-07").words
    assert "不足 10 个的不点名" in words
    assert "最冷：" not in words


def test_map_and_list_lead_to_the_card_of_the_heatmap(draw):
    drawn = draw(month="2016-07", duty="members")
    places = drawn.component("hot_cold_map")
    assert places["to"].startswith("./county_heatmap?metric=member_speaking&")
    assert not any("mark" in shape for shape in places["shapes"])
    elements = drawn.app.get("bidi_component")
    sent = "".join(e.proto.json for e in elements)
    assert "metric=member_speaking&month=2016-07&unit=350104&sector=community" in sent


def test_what_checks_support_stands_beside_what_is_reported(checked_lake, monkeypatch):
    drawn = draw_page("overview", checked_lake, monkeypatch, month="2016-07")
    words = drawn.words
    # Nobody has checked topic 2: what is known of topic 1 stands for it.
    assert "第二专题覆盖率上报 0 %，未抽查；" in words
    assert "第一专题覆盖率上报 100 %，抽查支持 86.9 %（70.3–95.6）" in words
    rows = table(drawn, "可信度")
    assert "第三专题覆盖率" not in rows  # nothing is due of it yet
    shown = rows["第一专题覆盖率"][0]["range"]
    assert shown["lower"] == pytest.approx(0.703, abs=5e-4)
    assert (shown["claimed"], shown["scale"]) == (1.0, [0.7, 1.0])
    (row,) = (
        r for r in drawn.rows_of("csv-trust") if r["metric"] == "topic_1_coverage"
    )
    assert float(row["supported"]) == pytest.approx(shown["found"])
    assert row["support"] == "direct"


def test_what_checks_support_leads_to_the_checks_of_that_metric_alone(
    checked_lake, monkeypatch
):
    choices = {"month": "2016-07", "duty": "members"}
    drawn = draw_page("overview", checked_lake, monkeypatch, **choices)
    to = {line["name"]: line["to"] for line in lines(drawn, "可信度")}
    assert "reported_vs_verified?metric=topic_1_coverage" in to["第一专题覆盖率"]
    assert to["普通党员发言率"] == "", "it would open on a topic"


def test_flags_and_ledgers_of_the_month_are_counted(draw):
    rows = table(draw(month="2016-07"), "可信度")
    assert rows["线索"][0]["text"] == "各指标共 ⚑0"
    assert rows["本月台账"][0]["text"] == "按时 2、未报 1"
    rows = table(draw(month="2016-07", lang="en"), "Credibility")
    assert rows["Ledgers"][0]["text"] == "2 on time, 1 not filed"


def test_topics_are_split_into_on_time_later_and_missing(draw):
    drawn = draw(month="2016-07")
    rows = table(drawn, "各专题")
    first = rows["第一专题覆盖率（6月30日前）"]
    # 24 of 25 by the due day: 福清 非公 lacked one then, and is silent in July.
    assert [kind for kind, _ in first[0]["parts"]] == ["done", "late"]
    texts = [cell["text"] for cell in first[1:]]
    assert texts[:3] == ["96.0 %", "4.0 %", "0"]
    assert "逾期后才达到" in texts[3]
    second = rows["第二专题覆盖率（8月31日前）"]
    assert [kind for kind, _ in second[0]["parts"]] == ["done"]
    assert [cell["text"] for cell in second[1:4]] == ["45.5 %", "–", "6"]
    of_file = {row["metric"]: row for row in drawn.rows_of("csv-topics")}
    assert float(of_file["topic_1_coverage"]["done_later"]) == pytest.approx(0.04)
    assert of_file["topic_2_coverage"]["done_later"] == ""
    # What the page says stands before what only analysts want.
    columns = list(of_file["topic_2_coverage"])
    assert columns.index("status") < columns.index("needed_per_month")


def test_what_is_folded_away_is_not_drawn(draw):
    drawn = draw(month="2016-07")
    assert not drawn.figures
    assert not drawn.app.get("metric")


DUTIES = {"month": "2016-07", "more": "duties"}


def test_the_duties_tell_pace_from_target_and_name_what_is_not_in_it(draw):
    # Half of July and August has passed: 5 of 11 is behind, 127 of 239 is not.
    assert (
        "**尚未全覆盖：普通党员发言率未达到目标，但符合进度；第二专题覆盖率、"
        "领导干部以普通党员身份参加率落后于进度。** 另有 2 个单位×领域未报，未计入。"
    ) in draw(**DUTIES).words


def test_what_is_reached_is_said_first(draw):
    words = draw(month="2016-06", lang="en", more="duties").words
    assert (
        "**Coverage is not yet complete: target met: Ordinary members who have spoken; "
        "behind the pace: Topic 1 coverage, Leaders attending as ordinary members.**"
    ) in words
    assert "Left out" not in words


def test_headlines_are_the_months_own_topic_and_their_change(draw):
    assert headlines_of(draw(**DUTIES).app) == {
        "第二专题覆盖率": ("45.5 %", "↑ 45.5 个百分点"),
        "普通党员发言率": ("53.1 %", "↑ 15.6 个百分点"),
        "领导干部以普通党员身份参加率": ("96.8 %", "↑ 10.1 个百分点"),
        "下基层党课占比": ("48.4 %", "↓ 2.9 个百分点"),
        "台账按时上报率": ("2 / 3", "↓ 1"),
        "不均衡度": ("5.0 个百分点", "↑ 5.0 个百分点"),
    }


def test_in_the_first_month_there_is_nothing_to_compare_with(draw):
    drawn = draw(month="2016-04", more="duties")
    assert {change for _, change in headlines_of(drawn.app).values()} == {""}
    drawn = draw(month="2016-04", more="uneven")
    assert "无上月数据可比。" in drawn.words
    assert drawn.rows_of("csv-changes") == []


def test_bars_and_their_files_say_what_is_still_missing(draw):
    drawn = draw(**DUTIES)
    _, bars = drawn.figure("progress")["data"]
    assert bars["x"] == [5 / 11, 127 / 239, 30 / 31]
    rows = drawn.rows_of("csv-progress")
    assert [
        (row["metric"], row["numerator"], row["denominator"], row["still_missing"])
        for row in rows
    ] == [
        ("topic_2_coverage", "5", "11", "6"),
        ("member_speaking", "127", "239", "33"),
        ("leader_attendance", "30", "31", "1"),
    ]
    assert [row["due"] for row in rows] == ["2016-08-31", "2016-08-31", ""]


def test_the_workbook_of_the_bars_opens_with_the_query_and_how_it_is_made(draw):
    content = draw(**DUTIES).bytes_of("xlsx-progress")
    book = openpyxl.load_workbook(io.BytesIO(content))
    notes = dict(book["说明"].iter_rows(max_col=2, values_only=True))
    assert notes["单位"] == "全市"
    assert notes["统计月份"] == "2016年7月"
    assert notes["第二专题覆盖率"] == "第二专题已召开支部数 ÷ 党支部数"
    heading, first, *_ = book["数据"].iter_rows(values_only=True)
    row = dict(zip(heading, first, strict=True))
    assert (row["指标"], row["分子"], row["分母"]) == ("第二专题覆盖率", 5, 11)
    assert row["比率"] == pytest.approx(5 / 11)
    assert row["还差"] == 6


def test_each_topic_is_judged_by_the_pace_its_due_date_asks_for(draw):
    drawn = draw(**DUTIES)
    rows = {row["metric"]: row for row in drawn.rows_of("csv-deadlines")}
    # 24 of 25 by the due day: 福清 非公 lacked one then, and is silent in July.
    assert rows["topic_1_coverage"]["status"] == "late"
    assert float(rows["topic_1_coverage"]["in_time"]) == pytest.approx(24 / 25)
    second = rows["topic_2_coverage"]
    assert (second["done"], second["total"], second["still_needed"]) == ("5", "11", "6")
    # One month is left and five were done in the month since the window opened.
    assert float(second["needed_per_month"]) == 6
    assert float(second["recent_pace"]) == 5
    assert second["status"] == "will_miss"


def test_a_silent_unit_does_not_make_a_cumulative_count_fall(draw):
    # 福清 held 24 of 25 with the others in June and is silent in July: 11 of 11.
    texts = str(draw(**DUTIES).figure("deadlines")["layout"]["annotations"])
    assert "累计数下降" not in texts
    assert "逾期后才达到" in texts
    assert "到6月30日完成 96.0 %（6月台账）" in texts


def test_changes_are_ranked_by_size_and_lead_to_the_place(draw):
    drawn = draw(month="2016-07", more="uneven")
    changes = [
        (r["unit"], r["sector"], r["change"]) for r in drawn.rows_of("csv-changes")
    ]
    assert changes == [
        ("350104", "rural", "0.5"),
        ("350104", "community", "0.5"),
        ("ZSJG", "organ", "0.4"),
    ]
    address = links(drawn)["市直机关 机关 +40.0 个百分点（0 % → 40.0 %）"]
    assert address == (
        "sector_gaps?metric=topic_2_coverage&month=2016-07&unit=ZSJG&sector=organ"
        "&lang=zh"
    )


def test_hottest_and_coldest_are_named_and_linked(draw):
    drawn = draw(month="2016-07", duty="members", more="uneven")
    # 55 of 80 against 29 of 78.
    assert "各处与平均的平均距离 10.5 个百分点，最热与最冷相差 31.6 个百分点。" in (
        drawn.words
    )
    found = links(drawn)
    assert "unit=350104&sector=community" in found["最冷：仓山区 社区 37.2 %"]
    assert "unit=ZSJG&sector=organ" in found["最热：市直机关 机关 68.8 %"]
    assert "metric=member_speaking" in found["最冷：仓山区 社区 37.2 %"]


def test_nothing_is_said_of_unevenness_where_every_place_is_too_small(draw):
    drawn = draw(month="2016-07", more="uneven")
    assert "不均衡度无法计算：没有规模足够的单元格。" in drawn.words
    assert not [label for label in links(drawn) if "最" in label]


def test_freshness_tells_on_time_incomplete_and_missing_apart(draw):
    drawn = draw(month="2016-07", more="filing")
    status = {
        (row["month"], row["unit"]): row["status"]
        for row in drawn.rows_of("csv-filing")
    }
    assert len(status) == 12
    assert status.pop(("2016-05", "350181")) == "partial"
    assert status.pop(("2016-07", "350181")) == "missing"
    assert set(status.values()) == {"on_time"}
    words = drawn.figure("filing")["layout"]["title"]["text"]
    assert "按时 10" in words
    assert "未报齐 1" in words


def test_freshness_ends_with_the_chosen_month(draw):
    months = {
        row["month"]
        for row in draw(month="2016-05", more="filing").rows_of("csv-filing")
    }
    assert months == {"2016-04", "2016-05"}


def test_the_place_of_another_page_does_not_narrow_the_overview(draw):
    everywhere = draw(month="2016-07")
    elsewhere = draw(month="2016-07", unit="350104", sector="rural")
    assert elsewhere.words.split("快照")[0] == everywhere.words.split("快照")[0]
    for key in ("csv-cells", "csv-topics", "xlsx-trust", "parquet-cells"):
        assert elsewhere.files[key][0] == everywhere.files[key][0]
        assert elsewhere.bytes_of(key) == everywhere.bytes_of(key)


def test_cells_table_and_parquet_are_the_same_rows(draw):
    drawn = draw(month="2016-07")
    parquet = pd.read_parquet(io.BytesIO(drawn.bytes_of("parquet-cells")))
    rows = drawn.rows_of("csv-cells")
    assert [(r["unit"], r["sector"], int(r["numerator"])) for r in rows] == list(
        parquet[["unit", "sector", "numerator"]]
        .fillna("")
        .itertuples(index=False, name=None)
    )
    assert parquet["n_missing"].max() == 2


def test_the_basis_of_another_page_changes_nothing(draw):
    here, there = draw(month="2016-07"), draw(month="2016-07", basis="verified")
    assert here.bytes_of("csv-cells") == there.bytes_of("csv-cells")
    # Its links carry the basis on to pages that have one.
    words = there.words.replace("&basis=verified", "")
    assert here.words.split("快照")[0] == words.split("快照")[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("month", ["2016-04", "2016-05", "2016-06", "2016-07"])
def test_every_month_draws_in_both_languages(draw, month, lang):
    drawn = draw(month=month, lang=lang, more="duties")
    assert len(headlines_of(drawn.app)) == 6
    for name in ("progress", "deadlines"):
        assert drawn.figure(name)["data"]
