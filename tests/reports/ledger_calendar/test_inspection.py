"""What an inspector would stop at, in the tiny city and one by one."""

import pandas as pd
import pytest

from data_pipeline import check_findings, rates
from data_pipeline.flags import find_flags
from data_pipeline.registry import load_registry
from reports import findings
from reports.ledger_calendar import inspection
from reports.ledger_calendar import rows as filings

REGISTRY = load_registry()
MONTH = "2016-07"


@pytest.fixture(scope="module")
def evidence(tiny_marts):
    changes = filings.list_revisions(rates.read_revisions(tiny_marts), REGISTRY)
    cells = filings.stand(rates.read_due(tiny_marts), changes)
    return inspection.Evidence(
        cells=filings.select(cells, month=MONTH),
        findings=check_findings.read_row_findings(tiny_marts),
        flags=find_flags(tiny_marts).found,
        blanks=rates.read_blanks(tiny_marts, MONTH),
        checked=rates.read_rates(
            tiny_marts, "random_check_rate", by=("unit",), months=(MONTH,)
        ),
        n_on_roll=rates.read_roll(tiny_marts).groupby("unit").size(),
        damaged=("lake/ledger/x.parquet",),
        courses=pd.DataFrame(columns=list(findings.COURSE)),
    )


@pytest.fixture(scope="module")
def entries(evidence):
    return inspection.list_faults(evidence, REGISTRY, MONTH)


def of_kind(entries, kind) -> list[tuple]:
    rows = entries[entries["issue"] == kind]
    return rows[["unit", "sector", "month", "days_open"]].to_numpy().tolist()


def test_missing_ledgers_stand_there_with_the_days_since_their_deadline(entries):
    # May was due on June 15, July on August 15.
    assert of_kind(entries, "missing_ledger") == [
        ["350181", "nonpublic", "2016-05", 61],
        ["350181", "", "2016-07", 0],
    ]
    says = entries.loc[entries["issue"] == "missing_ledger", "says"].tolist()
    assert says == [
        "期限已过，尚未报送的领域\uff1a非公企业。",
        "期限已过，尚未报送。",
    ]


def test_the_silence_of_a_unit_with_one_sector_is_named_by_the_unit(evidence):
    cells = evidence.cells
    is_there = (cells["unit"] == "350181") & (cells["month"] == "2016-07")
    others = cells[is_there & (cells["sector"] != "nonpublic")].index
    silent = evidence._replace(cells=cells.drop(others))
    found = inspection.list_faults(silent, REGISTRY, MONTH)
    names = found.loc[found["issue"] == "missing_ledger", "finding"].tolist()
    assert names == [
        "missing_ledger-350181-nonpublic-2016-05",
        "missing_ledger-350181-all-2016-07",
    ]


def test_a_late_ledger_stays_on_the_list(entries):
    assert of_kind(entries, "late_ledger") == [["350181", "", "2016-05", 61]]
    (says,) = entries.loc[entries["issue"] == "late_ledger", "says"]
    assert says == "逾期 5 天报送。"


def courses_of(name, state) -> pd.DataFrame:
    day = pd.Timestamp("2016-08-20")
    course = dict.fromkeys(findings.COURSE, "")
    course |= {"finding": name, "finding_state": state, "state_date": day}
    return pd.DataFrame([course])


@pytest.mark.parametrize(("state", "n"), [("asked", 1), ("explained", 0)])
def test_an_answered_finding_leaves_the_list_a_queried_one_says_so(evidence, state, n):
    name = "late_ledger-350181-all-2016-05"
    answered = evidence._replace(courses=courses_of(name, state))
    found = inspection.list_faults(answered, REGISTRY, MONTH)
    late = found[found["issue"] == "late_ledger"]
    assert late["finding_state"].tolist() == [state] * n
    every = inspection.find_entries(answered, REGISTRY, MONTH)
    assert every.set_index("finding").loc[name, "finding_state"] == state


def test_a_missing_ledger_stays_whatever_was_explained(evidence):
    courses = courses_of("missing_ledger-350181-all-2016-07", "explained")
    found = inspection.list_faults(evidence._replace(courses=courses), REGISTRY, MONTH)
    table = inspection.as_table(found, REGISTRY).frame
    is_july = (table["事项"] == "台账未报") & (table["统计月份"] == MONTH)
    (row,) = table[is_july].to_dict("records")
    assert row["处理"] == "已说明 8月20日"


def test_problems_past_their_term_stand_there_with_their_days(evidence):
    days = pd.to_datetime(["2016-07-30", "2016-08-16", "2016-07-15", None])
    problems = pd.DataFrame(
        {
            "problem_code": ["甲-1", "甲-2", "甲-3", "甲-4"],
            "unit": "350181",
            "sector": ["rural", "rural", "", "rural"],
            "kind": "formality",
            "due_date": days,
            "days_overdue": [1, 0, 16, None],
        }
    )
    found = inspection.list_faults(
        evidence._replace(problems=problems), REGISTRY, MONTH
    )
    overdue = found[found["issue"] == "problem_overdue"]
    listed = overdue[["finding", "sector", "days_open", "page"]].to_numpy().tolist()
    assert listed == [
        # To the day that the page names, as all else there: 15 August.
        ["problem_overdue-甲-3", "", 31, "problems"],
        ["problem_overdue-甲-1", "rural", 16, "problems"],
    ]
    assert overdue["says"].iloc[0] == "甲-3 走过场\uff0c期限 7月15日，尚未办结。"


def test_a_unit_on_the_roll_that_nobody_has_checked_is_named(entries):
    assert of_kind(entries, "unchecked") == [["350104", "", "2016-07", 0]]
    (row,) = entries[entries["issue"] == "unchecked"].itertuples()
    # A tenth of six branches is one visit.
    assert (row.n, "0 / 6 = 0 %" in row.says) == (1, True)


def test_damaged_files_come_first_and_each_kind_stands_together(entries):
    kinds = entries["issue"].tolist()
    assert kinds[0] == "damaged_file"
    order = [REGISTRY.inspection.index(kind) for kind in kinds]
    assert order == sorted(order)
    assert entries["position"].tolist() == list(range(1, len(entries) + 1))


def test_each_entry_names_the_page_that_shows_it(entries):
    assert set(entries["page"]) <= {
        *("ledger_calendar", "sector_gaps", "ledger_quality", "check_planner"),
        "problems",
    }
    flagged = entries[entries["choices"].map(lambda choices: "flag" in choices)]
    assert all(flagged["page"] == "ledger_quality")


def entry(kind, **values):
    given = {"issue": kind, "days_open": 0, "n": 1, "says": ""}
    places = dict.fromkeys(("supervision_group", "unit", "sector", "month"), "")
    state = {"finding": "", "finding_state": "new", "state_date": pd.NaT}
    return given | places | state | {"page": "x", "choices": {}} | values


def test_the_longest_open_comes_first_then_the_most_rows():
    found = pd.DataFrame(
        [
            entry("flag", unit="a", n=9),
            entry("fault", unit="b", n=1),
            entry("fault", unit="c", n=2),
            entry("fault", unit="d", days_open=3),
        ]
    )
    assert inspection.rank(found, REGISTRY)["unit"].tolist() == ["d", "c", "b", "a"]


def test_a_kind_that_the_registry_leaves_out_is_not_listed():
    found = pd.DataFrame([entry("flag"), entry("other")])
    assert inspection.rank(found, REGISTRY)["issue"].tolist() == ["flag"]


def test_the_sentence_counts_each_kind(entries):
    sentence = inspection.headline(entries)
    assert sentence.startswith(f"如即日迎检，将查出 {len(entries)} 项\uff1a文件损坏 1")
    assert inspection.headline(entries[:0]).startswith("当前筛选下")
