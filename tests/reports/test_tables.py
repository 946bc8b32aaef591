"""Tables to look at: people's headings, names for codes, figures still figures."""

from __future__ import annotations

import pandas as pd

from data_pipeline.rates import read_filing, read_ledger, read_rates
from reports.tables import Hint, rates_table, records_table
from tests.reports.samples import REGISTRY, rates

COVERAGE = REGISTRY.metrics["topic_2_coverage"]
FRAME = rates(
    ("unit", "sector", "month"),
    [
        ("350104", "nonpublic", "2016-07", 3, 4, 1, 0),
        (None, None, "2016-07", 6, 5, 0, 2),
    ],
)


def test_headings_and_names_are_chinese_and_rows_keep_their_order():
    shown = rates_table(FRAME, COVERAGE, REGISTRY).frame
    assert list(shown.columns) == [
        *("单位", "领域", "统计月份", "第二专题已召开支部数", "党支部数"),
        *("比率", "还差", "空白行", "未报"),
    ]
    assert shown["单位"].tolist() == ["仓山区", "全市"]
    assert shown["领域"].tolist() == ["非公企业", "总体"]


def test_english_has_english_headings_and_names():
    shown = rates_table(FRAME, COVERAGE, REGISTRY, "en").frame
    assert list(shown.columns[:3]) == ["Unit", "Sector", "Month"]
    assert shown["Sector"].tolist() == ["Non-public enterprises", "Overall"]


def test_figures_stay_numbers_and_a_surplus_is_not_missing():
    shown = rates_table(FRAME, COVERAGE, REGISTRY).frame
    assert shown["比率"].tolist() == [0.75, 1.2]
    assert shown["还差"].tolist() == [1, 0]
    assert pd.api.types.is_integer_dtype(shown["党支部数"])


def test_each_column_has_a_hint_how_it_is_drawn():
    table = rates_table(FRAME, COVERAGE, REGISTRY)
    assert list(table.hints) == list(table.frame.columns)
    assert table.hints["单位"] == Hint("text")
    assert table.hints["比率"].kind == "percent"
    assert table.hints["党支部数"] == Hint("integer", "n_branches")


def test_a_per_head_metric_is_a_plain_number_and_nothing_is_missing():
    metric = REGISTRY.metrics["lectures_per_leader"]
    table = rates_table(FRAME, metric, REGISTRY)
    assert table.hints["比率"].kind == "number"
    assert "还差" not in table.frame


def test_the_rates_of_a_real_lake_become_a_table(tiny_marts):
    frame = read_rates(tiny_marts, "topic_2_coverage", by=("unit",))
    shown = rates_table(frame, COVERAGE, REGISTRY).frame
    # 福清市 is silent: what it still lacks is not known, and never 0.
    shown = shown[["单位", "还差", "未报"]].astype(object)
    assert shown.where(shown.notna(), None).values.tolist() == [
        ["仓山区", 3, 0],
        ["福清市", None, 2],
        ["市直机关", 3, 0],
    ]


def test_ledger_rows_lead_to_file_sheet_and_row_and_never_show_the_remark(tiny_marts):
    frame = read_ledger(tiny_marts, months=("2016-07",), where={"unit": ("350104",)})
    table = records_table(frame.assign(note="内部"), "ledger", REGISTRY)
    assert "备注" not in table.frame and "内部" not in table.frame.to_string()
    first = table.frame.iloc[0]
    assert (first["来源文件"], first["工作表"]) == ("07-仓山.xlsx", "台账")
    assert table.hints["行号"].kind == "ordinal"
    assert table.hints["收到时间"].kind == "time"
    assert table.hints["党支部数"].kind == "integer"


def test_the_filing_record_becomes_a_table(tiny_marts):
    table = records_table(read_filing(tiny_marts), "filing", REGISTRY)
    late = table.frame[
        (table.frame["统计月份"] == "2016-05") & (table.frame["单位"] == "福清市")
    ]
    assert late[["应报领域数", "已报领域数", "按时上报单位数"]].values.tolist() == [
        [2, 1, 0]
    ]


def test_rows_of_a_table_have_its_own_headings_words_and_days():
    sites = pd.DataFrame(
        {
            "branch": ["350102-S0088"],
            "listed_date": [pd.Timestamp("2016-08-16")],
            "status": ["listed"],
        }
    )
    shown = records_table(sites, "demo_site", REGISTRY).frame
    assert shown.to_dict("records") == [
        {"支部代码": "350102-S0088", "挂牌日期": "2016-08-16", "状态": "挂牌"}
    ]
    cases = sites.assign(status="converted")
    shown = records_table(cases, "weak_case", REGISTRY).frame
    assert shown.loc[0, ["列入日期", "状态"]].tolist() == ["2016-08-16", "已转化"]
    english = records_table(sites, "demo_site", REGISTRY, "en").frame
    assert english.loc[0, "Status"] == "listed"
