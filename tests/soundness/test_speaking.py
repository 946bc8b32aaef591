"""A third of each branch, and bounds of each row: sums of rows hide both."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.rates import open_marts, read_rates, read_speaking_bounds
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.pages.drawn import draw_page
from tests.submitted_rows import ledger_row, submit

REGISTRY = load_registry()
COLUMNS = ["branch", "n_members", "held", "first", "second"]
# Branches of one cell in July: members, topic 1 held, speakers of topics 1 and 2.
BRANCHES = [
    ("R1", 30, 1, 10, 0),  # exactly a third
    ("R2", 31, 1, 10, 12),  # one short of it
    ("R3", 40, 1, 0, 30),
    ("R4", 20, 0, 9, 5),  # not held: speakers do not count
    ("R5", 25, 1, None, 8),  # who spoke is blank
    ("R6", None, 1, 9, 0),  # the members are blank
    ("R7", 12, None, 4, 4),  # the meeting is blank
    ("R8", 0, 1, 0, 0),  # nobody there, nobody missing
]


def rows() -> list[dict]:
    return [
        ledger_row(
            "2016-07",
            "350104",
            "rural",
            branch,
            n_organizations=2,
            n_branches=1,
            n_members=members,
            n_branches_topic_1=held,
            n_branches_topic_2=0 if branch == "R1" else 1,
            n_speakers_topic_1=first,
            n_speakers_topic_2=second,
        )
        for branch, members, held, first, second in BRANCHES
    ]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("speaking") / "lake_root")
    with lake.writing():
        submit(lake, "2016-08-10", rows())
        build(lake.root, REGISTRY)
    return lake.root


def test_a_third_is_required_of_each_row_that_held_the_topic(lake):
    query = {"by": ["unit", "sector"], "months": ["2016-07"]}
    found = read_rates(open_marts(lake), "topic_1_third", **query).iloc[0]
    # R1 and R8 of R1, R2, R3, R8; R5, R6 and R7 leave one of the three blank.
    assert (found["numerator"], found["denominator"]) == (2, 4)
    assert (found["n_blank"], found["n_missing"]) == (3, 0)
    assert found["rate"] == 0.5


@pytest.mark.parametrize("topic", [1, 2])
def test_the_thirds_are_what_pandas_counts_row_by_row(lake, topic):
    frame = pd.DataFrame(rows())
    counts = [f"n_branches_topic_{topic}", f"n_speakers_topic_{topic}", "n_members"]
    known = frame.dropna(subset=counts)
    held = known[known[counts[0]] > 0]
    reached = held[3 * held[counts[1]] >= held["n_members"]]
    found = read_rates(open_marts(lake), f"topic_{topic}_third", months=["2016-07"])
    assert found[["numerator", "denominator", "n_blank"]].iloc[0].tolist() == [
        len(reached),
        len(held),
        len(frame) - len(known),
    ]


def test_bounds_are_taken_of_each_row_and_then_added(lake):
    """Over the sums they were 34.6-56.8 % where 39.6-56.7 % is right."""
    query = {"by": ["unit"], "months": ["2016-07"]}
    found = read_speaking_bounds(open_marts(lake), **query).iloc[0]
    # By hand, R6 left out: at least 10+12+30+9+8+4+0, at most 10+22+30+14+25+8+0; R5
    # left topic 1 blank after it had opened: all of its 25 may have spoken.
    assert (found["n_rows"], found["n_members"]) == (7, 158)
    assert (found["n_spoke_least"], found["n_spoke_most"]) == (73, 109)
    table = pd.DataFrame(BRANCHES, columns=COLUMNS).dropna(subset=["n_members"])
    least = table[["first", "second"]].max(axis=1).sum()
    most = (table["first"] + table["second"]).fillna(math.inf)
    most = pd.concat([most, table["n_members"]], axis=1).min(axis=1).sum()
    assert (found["n_spoke_least"], found["n_spoke_most"]) == (least, most)
    # The sums of the same rows would have allowed less and more: 59 and 117.
    known = table.dropna()
    assert least > max(known["first"].sum(), known["second"].sum())


def test_coverage_by_organisations_takes_the_topic_of_the_month(lake):
    found = read_rates(open_marts(lake), "organization_coverage", months=["2016-07"])
    assert found[["numerator", "denominator", "n_blank"]].iloc[0].tolist() == [7, 16, 0]
    assert REGISTRY.metrics["organization_coverage"].target is None


def test_the_page_of_topics_says_both(lake, monkeypatch):
    drawn = draw_page("topics_and_speaking", lake, monkeypatch, month="2016-07")
    assert "第一专题三分之一发言达标率：50.0 %（2 / 4 行台账）。" in drawn.words
    assert "按党组织的覆盖：43.8 %（7 / 16 个党组织）。" in drawn.words
    assert "第三专题三分之一" not in drawn.words
