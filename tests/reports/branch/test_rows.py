"""Who a branch is, and what is known of its topics."""

from __future__ import annotations

import pandas as pd

from data_pipeline.registry import load_registry
from reports.branch import rows as branches
from tests.reports.named_branches import ROLL as NAMED

REGISTRY = load_registry()
ROLL = NAMED.assign(branch_type="ordinary", n_members=9, n_leaders=1, is_weak=False)


def test_a_branch_is_described_in_both_languages():
    said = branches.describe(ROLL.iloc[2], REGISTRY)
    assert said.startswith("第二督导组 · 福清市 · 农村 · 龙田镇 · 普通")
    assert "党员 9 名" in said
    weak = ROLL.assign(is_weak=True).iloc[3]
    assert "Weak base" in branches.describe(weak, REGISTRY, "en")


def ledger(*rows: tuple[str, int, int]) -> pd.DataFrame:
    names = ["month", "n_branches_topic_1", "n_branches_topic_2"]
    return pd.DataFrame(rows, columns=names).assign(n_branches_topic_3=None)


def test_a_topic_says_when_it_was_held_and_whether_that_was_in_time():
    held = ledger(("2016-05", 0, 0), ("2016-06", 1, 0), ("2016-09", 1, 1))
    meetings = pd.DataFrame(
        {"kind": ["topic_1", "topic_2"], "mode": ["whole_branch", "central_group"]}
    ).assign(n_held=1)
    checks = pd.DataFrame(
        {
            "check_date": pd.to_datetime(["2016-07-02", "2016-08-02"]),
            "found_topic_1": ["yes", None],
            "found_topic_2": [None, "no"],
        }
    )
    topics = branches.list_topics(held, meetings, checks, REGISTRY, "2016-09")
    topics = topics.set_index("topic")
    assert list(topics.index) == ["topic_1", "topic_2"]
    assert topics["first_month"].to_dict() == {
        "topic_1": "2016-06",
        "topic_2": "2016-09",
    }
    assert topics["is_in_time"].to_dict() == {"topic_1": "yes", "topic_2": "no"}
    assert topics["n_whole"].to_dict() == {"topic_1": 1, "topic_2": 0}
    assert topics["found"].to_dict() == {"topic_1": "yes", "topic_2": "no"}


def test_without_a_ledger_of_its_own_nothing_is_said_of_being_in_time():
    topics = branches.list_topics(ledger(), None, pd.DataFrame(), REGISTRY, "2016-09")
    assert set(topics["is_in_time"]) == {""}
    assert topics["n_whole"].isna().all()
