"""Whom the order of weak organisations once put first for having been visited."""

from __future__ import annotations

import pandas as pd

from data_pipeline.registry import load_registry
from reports.weak_organizations import rows as weak

REGISTRY, MONTH = load_registry(), "2016-09"
ORIGIN = {"source_file": "f", "source_sheet": "s", "source_row": 4}
DONE = {
    **{"n_branches": 1, "n_branches_topic_1": 1, "n_branches_topic_2": 1},
    **{"n_branches_topic_3": 0, "n_leaders": 0, "n_leaders_attended": 0},
    **{"n_leaders_spoke": 0, "n_members": 10, "n_members_spoke": 10},
}
CHECK = {
    **{"selection": "random", "grade": "good", "n_members": 10, "n_leaders": 0},
    **dict.fromkeys(
        (f"found_{name}" for name in ("topic_1", "topic_2", "topic_3")), pd.NA
    ),
    **{"found_leaders_attended": pd.NA, "found_members_spoke": pd.NA},
    **{"unit": "350104", "sector": "rural", "precedence": 1} | ORIGIN,
}


def order(ledger: dict[tuple[str, str], dict], checks: dict[str, dict | list]):
    """Ledger rows by month and branch, and the checks of each; all listed at once."""
    rows = [
        {"month": month, "unit": "350104", "sector": "rural", "branch": branch}
        | DONE
        | ORIGIN
        | changes
        for (month, branch), changes in ledger.items()
    ]
    visits = [
        CHECK | {"branch": branch} | check
        for branch, some in checks.items()
        for check in (some if isinstance(some, list) else [some])
    ]
    for visit in visits:
        visit["check_date"] = pd.Timestamp(visit["check_date"])
    checked = pd.DataFrame(visits, columns=["branch", "check_date", *CHECK])
    checked["check_date"] = checked["check_date"].astype("datetime64[us]")
    branches = dict.fromkeys(branch for _, branch in ledger)
    cases = pd.DataFrame(
        {
            "branch": list(branches),
            "unit": "350104",
            "sector": "rural",
            "state": "in_term",
            "listed_date": pd.Timestamp("2016-08-01"),
            "case_code": [f"RS-{branch}" for branch in branches],
            "days_overdue": 0,
        }
    )
    ordered, judged = weak.order_organizations(
        cases, pd.DataFrame(rows), checked, REGISTRY, MONTH
    )
    return ordered.set_index("branch"), judged


def test_a_visited_branch_without_a_fault_does_not_outrank_one_with_more_failures():
    """A poor grade put the visited one first, six failures nobody had come to see."""
    behind = {"n_branches_topic_1": 0, "n_branches_topic_2": 0, "n_members_spoke": 0}
    ordered, _ = order(
        {(MONTH, "seen"): {}, (MONTH, "unseen"): behind},
        {"seen": {"check_date": "2016-09-20", "grade": "poor"}},
    )
    assert list(ordered.index) == ["unseen", "seen"]
    assert ordered["band"].to_dict() == {"seen": "C", "unseen": "B"}


def test_two_branches_alike_but_for_a_visit_stand_by_their_ledger():
    """The visit was a rule of its own, which only those visited could fail."""
    looked = {"check_date": "2016-09-20", "found_topic_1": "yes"}
    ordered, judged = order({(MONTH, "a"): {}, (MONTH, "b"): {}}, {"b": looked})
    assert ordered["n_failed"].tolist() == [0, 0]
    assert ordered["n_passed"].nunique() == 1
    assert "spot_check" not in judged.verdicts


def test_a_failed_check_of_something_not_claimed_is_not_refuted():
    """Not held in July, and said so; claimed by September: no check has refuted that.

    The report of the check's own month was taken for what it had claimed.
    """
    claims = {("2016-06", "b"): {"n_branches_topic_2": 0}, ("2016-07", "b"): {}}
    check = {"check_date": "2016-07-20", "found_topic_2": "no"}
    ordered, judged = order(claims | {(MONTH, "b"): {}}, {"b": check})
    assert not judged.is_refuted["b"]
    assert ordered.loc["b", "band"] == "C"
    assert judged.verdicts.loc["b", "topic_2_coverage"] == "passed"


def test_a_claim_of_the_ledger_before_the_check_that_it_did_not_find_is_refuted():
    claims = {("2016-06", "b"): {}, (MONTH, "b"): {}}
    check = {"check_date": "2016-07-20", "found_topic_2": "no"}
    ordered, judged = order(claims, {"b": check})
    assert judged.is_refuted["b"]
    assert ordered.loc["b", "band"] == "A"
    assert judged.verdicts.loc["b", "topic_2_coverage"] == "failed"


def test_a_ledger_of_the_day_of_the_check_was_not_before_it():
    claims = {("2016-07", "b"): {}, (MONTH, "b"): {}}
    check = {"check_date": "2016-07-31", "found_topic_2": "no"}
    assert not order(claims, {"b": check})[1].is_refuted["b"]
    later = check | {"check_date": "2016-08-01"}
    assert order(claims, {"b": later})[1].is_refuted["b"]


def test_a_later_visit_that_did_not_ask_leaves_what_was_refuted():
    """The last visit counted even where it had said nothing of the topic."""
    claims = {("2016-06", "b"): {}, (MONTH, "b"): {}}
    first = CHECK | {"branch": "b", "check_date": "2016-07-20", "found_topic_2": "no"}
    silent = CHECK | {"branch": "b", "check_date": "2016-08-20"}
    _, judged = order(claims, {"b": first, "b ": silent | {"branch": "b"}})
    assert judged.is_refuted["b"]


def test_heads_that_a_check_counts_fewer_of_than_claimed_are_refuted():
    claims = {("2016-08", "b"): {"n_members_spoke": 9}, (MONTH, "b"): {}}
    fewer = {"check_date": "2016-09-20", "found_members_spoke": 4}
    assert order(claims, {"b": fewer})[1].is_refuted["b"]
    # Cumulative: what was counted may have grown since the ledger.
    more = fewer | {"found_members_spoke": 10}
    assert not order(claims, {"b": more})[1].is_refuted["b"]


def test_what_the_ledger_leaves_blank_is_unknown_and_never_passes():
    _, judged = order({(MONTH, "b"): {"n_members_spoke": pd.NA}}, {})
    assert judged.verdicts.loc["b", "member_speaking"] == "unknown"
    assert judged.verdicts.loc["b", "topic_3_coverage"] == "not_due"


def test_the_check_that_counts_is_the_one_that_counts_everywhere():
    """A revision of the round moved the visit to an earlier day; all was found."""
    first = {"check_date": "2016-09-20", "found_topic_1": "no", "precedence": 1}
    revised = {"check_date": "2016-09-12", "found_topic_1": "yes", "precedence": 2}
    ledger = {("2016-08", "a"): {}, (MONTH, "a"): {}}
    for checks in ([first, revised], [revised, first]):
        ordered, judged = order(ledger, {"a": checks})
        assert not ordered["is_refuted"]["a"]
        (found,) = judged.evidence.query("rule == 'topic_1_coverage'")["found"]
        assert found == 1
    again = [first | {"precedence": 2}, revised | {"precedence": 1}]
    assert order(ledger, {"a": again})[0]["is_refuted"]["a"]
