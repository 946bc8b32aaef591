"""When ledgers came and what was changed, counted by hand from the tiny city."""

import pandas as pd
import pytest

from data_pipeline import rates
from data_pipeline.registry import load_registry
from reports.ledger_calendar import rows as filings

REGISTRY = load_registry()


@pytest.fixture(scope="module")
def changes(tiny_marts):
    return filings.list_revisions(rates.read_revisions(tiny_marts), REGISTRY)


@pytest.fixture(scope="module")
def cells(tiny_marts, changes):
    found = filings.stand(rates.read_due(tiny_marts), changes)
    return filings.select(found, month="2016-07")


def state_of(cells, month, unit, sector) -> tuple[str, int]:
    keys = zip(cells["month"], cells["unit"], cells["sector"], strict=True)
    at = list(keys).index((month, unit, sector))
    return cells["state"][at], cells["days_late"][at]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (("2016-04", "350104", "rural"), ("on_time", 0)),
        # Received on June 20; until June 15 it would have been in time.
        (("2016-05", "350181", "rural"), ("late", 5)),
        (("2016-05", "350181", "nonpublic"), ("missing", 0)),
        (("2016-07", "350181", "rural"), ("missing", 0)),
        # The file of July 20 says less of April than that of May 12.
        (("2016-04", "ZSJG", "organ"), ("corrected", 0)),
        (("2016-05", "ZSJG", "organ"), ("on_time", 0)),
    ],
)
def test_each_ledger_stands_as_its_first_receipt_says(cells, cell, expected):
    assert state_of(cells, *cell) == expected


def test_a_revision_says_what_was_changed_from_what_to_what_and_where(changes):
    (row,) = changes.to_dict("records")
    assert {k: row[k] for k in ("month", "unit", "sector", "branch", "field")} == {
        "month": "2016-04",
        "unit": "ZSJG",
        "sector": "organ",
        "branch": "",
        "field": "n_branches_topic_1",
    }
    assert (row["before"], row["after"]) == ("2", "1")
    assert row["was_source_file"] == "04-市直.xlsx"
    assert (row["source_file"], row["source_row"]) == ("04-市直-更正.xlsx", 4)
    assert str(row["received"]) == "2016-07-20 01:00:00"  # 09:00 in Fuzhou


def test_a_row_filed_again_as_it_stood_is_no_revision(tiny_marts):
    revised = rates.read_revisions(tiny_marts)
    revised["n_branches_topic_1"] = revised["was_n_branches_topic_1"]
    assert filings.list_revisions(revised, REGISTRY).empty


def test_the_sentence_counts_each_ledger_once(cells):
    sentence = filings.headline(cells, month="2016-07")
    assert sentence == (
        "到2016年7月累计到期台账\uff08单位×月\uff0912 份\uff0c"
        "按时 9\uff0c按时、后又更正 1\uff0c"
        "未报全 1\uff0c未报 1\uff0c最迟的晚 5 天。"
    )
    english = filings.headline(cells, "en", month="2016-07")
    assert "missing in part 1" in english
    assert "5 days late" in english
    one = filings.headline(cells, month="2016-05", is_month_only=True)
    assert one.startswith("2016年5月到期台账\uff08单位×月\uff093 份")
    none = filings.headline(cells[:0], month="2016-07")
    assert none == "当前筛选下，尚无到期的台账。"


def test_the_title_says_where_most_ledgers_were_late_or_missing(cells):
    def title(of, language="zh", **place):
        return filings.calendar_title(of, REGISTRY, language, plain="各月", **place)

    # Of May and July, whichever of its sectors it was.
    assert title(cells) == "迟报、未报最多的是福清市：到期 4 份台账中 2 份"
    english = "Late or missing most often: Fuqing, 2 of 4 ledgers due"
    assert title(cells, "en") == english
    of_unit = filings.select(cells, unit="350181")
    by_sector = title(of_unit, unit="350181")
    assert by_sector.startswith("迟报、未报最多的是")
    assert "福清市" not in by_sector
    april = filings.select(cells, month="2016-04")
    assert title(april) == "到期台账全部按时收到"
    assert title(cells[:0]) == "各月"


def test_the_calendar_has_each_group_before_its_units(cells):
    months = ["2016-04", "2016-05", "2016-06", "2016-07"]
    lines = filings.calendar_lines(cells, REGISTRY, months)
    texts = {line["name"]: [cell["text"] for cell in line["cells"]] for line in lines}
    assert texts == {
        "第一督导组": ["按时 1 / 1"] * 4,
        "仓山区": ["按时"] * 4,
        "第二督导组": ["按时 1 / 1", "按时 0 / 1", "按时 1 / 1", "按时 0 / 1"],
        "福清市": ["按时", "缺 1 / 2 · 迟 5 天", "按时", "未报"],
        "第四督导组": ["按时 1 / 1"] * 4,
        "市直机关": ["按时 · 后更正", "按时", "按时", "按时"],
    }
    grounds = {line["name"]: [c["state"] for c in line["cells"]] for line in lines}
    assert grounds["福清市"] == ["", "missing", "", "missing"]
    assert grounds["市直机关"] == ["changed", "", "", ""]


def test_of_one_unit_the_calendar_has_its_sectors(cells):
    of_unit = filings.select(cells, unit="350181")
    lines = filings.calendar_lines(of_unit, REGISTRY, ["2016-05"], unit="350181")
    texts = [(line["sector"], line["cells"][0]["text"]) for line in lines]
    assert texts == [("rural", "迟 5 天"), ("nonpublic", "未报")]


VISITS = pd.DataFrame(
    {
        "date": ["2016-06-20", "2016-05-12", "2016-05-30"],
        "level": ["provincial", "central", "provincial"],
        "unit": ["350104", "350181", "350181"],
        "sector": ["", "", "rural"],
    }
)


def test_visits_from_above_stand_on_a_line_of_their_own_and_in_the_units(cells):
    visits = filings.list_visits(VISITS, REGISTRY)
    assert visits["month"].tolist() == ["2016-05", "2016-05", "2016-06"]
    assert visits["supervision_group"].tolist() == ["G2", "G2", "G1"]
    months = ["2016-04", "2016-05", "2016-06"]
    lines = filings.calendar_lines(cells, REGISTRY, months, visits=visits)
    texts = {line["name"]: [cell["text"] for cell in line["cells"]] for line in lines}
    assert lines[0]["name"] == "上级督查"
    assert texts["上级督查"] == ["–", "中央 1 · 省委 1", "省委 1"]
    assert texts["福清市"] == ["按时", "缺 1 / 2 · 迟 5 天 · ◆ 督查", "按时"]
    assert texts["仓山区"] == ["按时", "按时", "按时 · ◆ 督查"]
    assert filings.list_visits(None, REGISTRY) is None
    bare = filings.calendar_lines(cells, REGISTRY, months, visits=visits[:0])
    assert bare[0]["name"] == "第一督导组"


def test_before_its_deadline_a_ledger_is_not_yet_due(tiny_marts, changes):
    due = rates.read_due(tiny_marts)
    is_may = due["month"] == "2016-05"
    due.loc[is_may, "is_closed"] = False
    found = filings.stand(due, changes)
    assert state_of(found, "2016-05", "350181", "nonpublic")[0] == "open"
    assert state_of(found, "2016-05", "350181", "rural")[0] == "late"


def test_a_late_ledger_that_was_corrected_is_both(tiny_marts, changes):
    due = rates.read_due(tiny_marts)
    is_april = (due["month"] == "2016-04") & (due["unit"] == "ZSJG")
    due.loc[is_april, "first_received"] = pd.Timestamp("2016-05-15 16:00")
    found = filings.stand(due, changes)
    assert state_of(found, "2016-04", "ZSJG", "organ") == ("late_corrected", 1)


def test_blanks_are_counted_by_column_with_their_units(tiny_marts):
    blanks = rates.read_blanks(tiny_marts, "2016-04")
    found = filings.blanks_by_column(blanks, REGISTRY, "2016-04")
    by_field = found.set_index("field")
    # 350104-C0002 left its lectures and topic 1 blank; nine rows came in all.
    assert by_field.loc["n_lectures", "n_blank_cells"] == 1
    assert by_field.loc["n_lectures", "n_rows"] == 9
    assert by_field.loc["n_lectures", "units"] == ("350104",)
    # Topic 2 opens in July: blank in April it owes nothing.
    assert "n_branches_topic_2" not in by_field.index
    assert by_field.loc["n_leader_speeches", "n_blank_cells"] == 9


ROLL = {
    "branch": ["B1", "B2"],
    "unit": ["350104", "350104"],
    "supervision_group": ["G1", "G1"],
    "sector": ["rural", "rural"],
    "township": ["城门镇", "城门镇"],
    "branch_type": ["ordinary", "ordinary"],
    "n_members": [21, 12],
    "n_leaders": [2, None],
    "is_weak_base": [True, False],
    "was_unit": ["350104", None],
    "was_sector": ["rural", None],
    "was_township": ["城门镇", None],
    "was_branch_type": ["ordinary", None],
    "was_n_members": [20, None],
    "was_n_leaders": [2, None],
    "was_is_weak_base": [False, None],
    "was_source_file": ["名册.xlsx", None],
    "is_added": [False, True],
    "received": pd.to_datetime(["2016-08-01", "2016-08-02"]),
    "source_file": ["名册2.xlsx", "名册3.xlsx"],
    "source_sheet": ["名册", "名册"],
    "source_row": [4, 5],
}


def test_changes_of_the_roll_are_listed_field_by_field_and_new_branches_once():
    changes = filings.list_roll_changes(pd.DataFrame(ROLL))
    listed = changes[["branch", "field", "before", "after"]].to_numpy().tolist()
    assert listed == [
        ["B1", "n_members", "20", "21"],
        ["B1", "is_weak_base", "no", "yes"],
        ["B2", "added", "", "12"],
    ]
    table = filings.changes_table(changes, REGISTRY)
    assert table.frame["改为"].tolist() == ["21", "是", "党员 12 名"]
    # A count that was corrected is no figure of two decimals.
    assert {table.hints[name].kind for name in ("原为", "改为")} == {"text"}
