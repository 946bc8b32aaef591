"""台账可信度 as a reader gets it: what is flagged, why to look, and the rows behind."""

from __future__ import annotations

import io
import json
from collections import Counter

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.ledger_quality.rows import matrix_title, rule_words
from tests.doubtful_city import FLAGS
from tests.pages.drawn import draw_page, links_of, tables_of

PAGE = "ledger_quality"


@pytest.fixture
def draw(doubtful_lake, monkeypatch):
    def run(**query):
        return draw_page(PAGE, doubtful_lake, monkeypatch, **query)

    return run


def table(drawn, number=-1) -> pd.DataFrame:
    *lists, _ = tables_of(drawn.app)  # the last is that of the rules
    return lists[number]


def matrix_data(drawn) -> dict:
    return json.loads(drawn.component("link_matrix")["matrix"])


def matrix(drawn) -> dict[str, dict[str, str]]:
    """Name of a line -> name of a rule -> text of the cell."""
    data = matrix_data(drawn)
    rules = [rule["name"] for rule in data["columns"]]
    return {
        line["name"]: {
            rule: cell["text"] for rule, cell in zip(rules, line["cells"], strict=True)
        }
        for line in data["lines"]
    }


def test_the_page_says_how_much_there_is_and_that_it_is_no_verdict(draw):
    words = draw().words
    # Twice two flags rest on the same two rows, and two on one.
    n_rows = sum(flag[-1] for flag in FLAGS) - 5
    assert f"16 个单位有 {len(FLAGS)} 条线索，涉及 {n_rows} 行记录。" in words
    assert "不是结论，也不合计为分数" in words


def test_the_matrix_marks_each_unit_and_rule_with_a_sign_and_a_word(draw):
    lines = matrix(draw())
    assert lines["晋安区"]["与上月相同"] == "▲ 1 条"
    assert lines["晋安区"]["一月突增"] == "–"
    assert lines["高新区"]["累计数下降"] == "▲ 1 条"
    assert lines["市级两新组织"] == dict.fromkeys(lines["市级两新组织"], "–")
    # The group's line is the sum of its units: 罗源 and 闽清 share figures.
    assert lines["第三督导组"]["两单位雷同"] == "▲ 2 条"
    assert len(lines) == 4 + 18


def test_beside_a_chosen_place_the_matrix_says_that_it_is_of_the_whole_city(draw):
    titles = [draw(**place).words for place in ({}, {"unit": "350111"})]
    assert ["全市最多的线索是" in words for words in titles] == [False, True]


def test_the_title_of_the_matrix_names_the_most_frequent_rule_and_no_unit(draw):
    counts = Counter(flag[0] for flag in FLAGS)
    names = {rule: said.name for rule, said in rule_words(load_registry()).items()}
    n = max(counts.values())
    found = pd.DataFrame(FLAGS, columns=("rule", "unit", *"abcd"))
    one = found[found["rule"] == "jump"]
    title = matrix_title(one, load_registry(), "en", plain="")
    assert title.endswith("1, in 1 unit")
    assert matrix_title(found[:0], load_registry(), plain="各单位") == "各单位"
    most = "”“".join(name for rule, name in names.items() if counts[rule] == n)
    assert f"最多的线索是“{most}”，各 {n} 条" in draw().words


def test_rules_without_a_flag_that_a_desk_has_no_room_for_are_named(draw):
    about = {"span": "month", "month": "2016-08"}
    zh = draw(**about)
    columns = [rule["name"] for rule in matrix_data(zh)["columns"]]
    assert "与上月相同" in columns
    assert len(columns) == 12, "as many as a desk shows"
    rules = [rule.name for rule in rule_words(load_registry()).values()]
    left_out = [name for name in rules if name not in columns]
    named = "、".join(left_out)
    assert f"另有 {len(left_out)} 项规则也核对过，" in zh.words
    assert f"一条线索也没有，表中不占列：{named}。" in zh.words
    flagged = {row["rule_name"] for row in zh.rows_of("csv-flags")}
    assert flagged and flagged <= set(columns)
    en = draw(**about, lang="en").words
    assert f"{len(left_out)} more rules were checked and found nothing" in en


def test_a_cell_of_the_matrix_links_to_its_unit_and_rule(draw):
    data = matrix_data(draw(span="month", month="2016-08"))
    (line,) = (line for line in data["lines"] if line["name"] == "晋安区")
    (cell,) = (cell for cell in line["cells"] if "to" in cell)
    assert cell["label"] == "晋安区 与上月相同 ▲ 1 条"
    address, _, query = cell["to"].partition("?")
    assert address == "./ledger_quality"
    assert {"unit=350111", "rule=copied_month", "span=month"} <= set(query.split("&"))


def test_every_rule_has_its_sentence_and_what_may_excuse_it_in_both_languages(draw):
    rules_of = {lang: rule_words(load_registry(), lang) for lang in ("zh", "en")}
    assert set(rules_of["zh"]) == {flag[0] for flag in FLAGS}
    for lang in ("zh", "en"):
        app = draw(lang=lang).app
        rules = tables_of(app)[-1].to_numpy().tolist()
        # The name of a rule leads to its card.
        links = links_of(app)[-len(rules) :]
        said = zip(rules, links, rules_of[lang].items(), strict=True)
        for (*told, _), to, (rule, words) in said:
            assert to.startswith("./definitions?")
            assert to.endswith(f"&card=flag_{rule}")
            assert told == [words.name, words.looks_at, words.innocent]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"unit": "350111"}, {"350111"}),
        ({"group": "G3"}, {"350122", "350123", "350124", "350125", "GQ"}),
        ({"rule": "jump"}, {"350122"}),
        ({"rule": "jump", "unit": "350111"}, set()),
        ({"month": "2016-06"}, {"350102", "350125"}),
        ({"month": "2016-07", "span": "month"}, {"350125", "GQ"}),
        ({"month": "2016-07"}, {"350102", "350125", "GQ"}),
        (
            {"sector": "organ"},
            {"350102", "350103", "350121", "350125", "ZSJG", "350181"},
        ),
    ],
)
def test_the_address_filters_by_unit_group_rule_month_and_sector(draw, query, expected):
    drawn = draw(**query)
    if expected:
        assert {row["unit"] for row in drawn.rows_of("csv-flags")} == expected
    else:
        assert "当前筛选下没有线索。" in drawn.words


def test_a_flag_says_its_figures_in_words(draw):
    (said,) = table(draw(rule="jump"))["线索"]
    assert said == "第二专题覆盖率一个月增加 91.0 个百分点，历月中位增幅 4.0 个百分点。"
    (said,) = table(draw(rule="cumulative_falls", lang="en"), 0)["Flag"]
    assert said == (
        "Cumulative counts lower than before: 1; largest fall: Lectures given by "
        "leaders, to date (9 → 3)."
    )
    (said,) = table(draw(rule="all_at_100"))["线索"]
    assert "可判断的 3 项任务中 3 项恰好 100 %" in said
    assert "其后没有随机抽查。" in said


def test_a_flag_opens_to_its_rows_with_file_sheet_and_row(draw):
    drawn = draw(flag="copied_month-350111-rural-2016-08")
    rows = table(drawn, 0)
    assert rows["统计月份"].tolist() == ["2016-07", "2016-08"]
    assert rows["领导干部讲党课次数"].tolist() == [12, 12]
    assert rows["来源文件"].tolist() == ["台账.xlsx"] * 2
    assert rows["工作表"].tolist() == ["台账"] * 2
    assert rows["行号"].tolist() == [6, 7]
    assert "可能当月确实没有活动" in drawn.words
    key = "csv-rows-copied_month-350111-rural-2016-08"
    assert [row["n_lectures"] for row in drawn.rows_of(key)] == ["12", "12"]


def test_crowded_conversions_open_to_the_list_they_stand_in(draw):
    rows = table(draw(flag="last_days-350181-all-2016-08"), 0)
    assert set(rows["转化日期"].astype(str).str[:10]) == {"2016-08-30"}
    assert set(rows["工作表"]) == {"软弱涣散"}


def test_a_flag_that_is_not_there_is_said_and_nothing_else_is_lost(draw):
    drawn = draw(flag="copied_month-350111-rural-1999-01", rule="nonsense")
    assert "链接中的线索在当前数据里没有" in drawn.words
    assert len(drawn.rows_of("csv-flags-copied_month-350111-rural-1999-01")) == len(
        FLAGS
    )


def test_the_three_files_hold_exactly_what_is_filtered(draw):
    drawn = draw(rule="same_in_two_units")
    rows = drawn.rows_of("csv-flags")
    assert [row["unit"] for row in rows] == ["350123", "350124"]
    assert rows[0]["sentence_en"].startswith("6 counts above zero")
    assert rows[0]["source"].startswith("台账.xlsx 台账!")
    stored = pd.read_parquet(io.BytesIO(drawn.bytes_of("parquet-flags")))
    assert stored["unit"].tolist() == ["350123", "350124"]
    book = pd.read_excel(
        io.BytesIO(drawn.bytes_of("xlsx-flags")), sheet_name="数据", engine="calamine"
    )
    assert book["规则"].tolist() == ["两单位雷同"] * 2


def test_a_city_without_flags_says_so(tiny_lake, monkeypatch):
    drawn = draw_page(PAGE, tiny_lake, monkeypatch, lang="en")
    assert "No flags for this choice." in drawn.words
    assert set(matrix(drawn)["Gulou"].values()) == {"–"}


def test_faults_of_single_rows_stand_on_the_page_as_check_lists_them(draw):
    drawn = draw(month="2016-08", unit="350103")
    (row,) = drawn.rows_of("csv-row-findings")
    assert (row["rule"], row["row"]) == ("grassroots_within_lectures", "5")
    assert row["sentence"].startswith("台江区 机关 2016-08：某个数比它所属的总数还大")
    shown = table(drawn)
    assert shown["规则"].tolist() == ["部分大于整体"]
    assert shown["出处"].tolist() == ["台账.xlsx 台账!5"]
    drawn = draw(month="2016-08", unit="350103", lang="en")
    (row,) = drawn.rows_of("csv-row-findings")
    assert ": A count is larger than the total it is part of" in row["sentence"]


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({"month": "2016-07"}, 0),
        ({"month": "2016-08"}, 3),
        ({"month": "2016-09", "span": "month"}, 0),
        ({"month": "2016-08", "rule": "cumulative_falls"}, 2),
        ({"month": "2016-08", "rule": "jump"}, 0),
        ({"month": "2016-08", "group": "G2"}, 2),
        ({"month": "2016-08", "sector": "organ"}, 1),
    ],
)
def test_faults_of_single_rows_follow_the_choice(draw, query, n):
    drawn = draw(**query)
    if n:
        assert len(drawn.rows_of("csv-row-findings")) == n
    else:
        assert "当前筛选下，逐行核对没有错误。" in drawn.words


def test_the_list_names_one_file_of_a_flag_and_how_many_there_are(draw):
    drawn = draw(month="2016-07")
    told = next(t for t in tables_of(drawn.app) if "出处" in t and "线索" in t)["出处"]
    listed = [row["source"].split("; ") for row in drawn.rows_of("csv-flags")]
    for said, files in zip(told, listed, strict=True):
        assert said.startswith(files[0])
        assert said.endswith(f"等 {len(files)} 个文件") == (len(files) > 1)
