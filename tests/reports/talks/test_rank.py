"""The order of talks is one of reasons, whatever order the places come in."""

import pandas as pd
import pytest

from data_pipeline.registry import Reason, load_registry
from reports.talks.rank import rank_candidates

REASONS = (
    Reason("cold", 3, lists_from=1),
    Reason("overdue", 3, threshold=0.05, lists_from=0.05),
    Reason("flagged", 2, lists_from=2),
    Reason("unchecked", 1),
)
MOST = 10
CELLS = pd.DataFrame(
    [
        # group, unit, sector, still missing, cold, overdue, flags, visits lacking
        ("G1", "350102", "organ", 4, 1, 0.02, 0, 3),  # cold, unchecked: 4
        ("G1", "350102", "rural", 9, 0, 0.05, 1, 0),  # overdue, flagged: 5
        ("G1", "350103", "organ", 7, 1, 0.00, 0, 1),  # cold, unchecked: 4
        ("G1", "350103", "rural", 0, 0, None, 0, 0),  # nothing
        ("G2", "350181", "soe", 1, 0, 0.00, 0, 1),  # unchecked: 1
    ],
    columns=[
        *("supervision_group", "unit", "sector", "still_missing"),
        *("cold", "overdue", "flagged", "unchecked"),
    ],
)


def order_of(ranked) -> list[tuple]:
    names = ["unit", "sector", "weight", "position", "reasons"]
    return list(ranked[names].itertuples(index=False, name=None))


EXPECTED = [
    ("350102", "rural", 5, 1, ("overdue", "flagged")),
    ("350103", "organ", 4, 2, ("cold", "unchecked")),  # seven missing before four
    ("350102", "organ", 4, 3, ("cold", "unchecked")),
    ("350181", "soe", 1, 1, ("unchecked",)),  # the first of its own group
]


def test_the_weightiest_reasons_come_first_then_the_most_missing():
    assert order_of(rank_candidates(CELLS, REASONS, MOST)) == EXPECTED


@pytest.mark.parametrize("seed", range(5))
def test_the_order_does_not_hang_on_the_order_of_the_rows(seed):
    shuffled = CELLS.sample(frac=1, random_state=seed)
    assert order_of(rank_candidates(shuffled, REASONS[::-1], MOST)) == EXPECTED


def test_one_more_reason_never_puts_a_place_further_back():
    before = rank_candidates(CELLS, REASONS, MOST)
    for row in CELLS.index:
        worse = CELLS.copy()
        worse.loc[row, "flagged"] = 3
        after = rank_candidates(worse, REASONS, MOST)
        place = CELLS.loc[row, ["unit", "sector"]].tolist()
        at = [
            {tuple(p): n for *p, n in found[["unit", "sector", "position"]].to_numpy()}
            for found in (before, after)
        ]
        assert at[1][tuple(place)] <= at[0].get(tuple(place), len(CELLS))


def test_what_holds_nearly_everywhere_is_said_beside_and_lists_nobody():
    ranked = rank_candidates(CELLS, REASONS, MOST)
    assert ranked["is_listed"].tolist() == [True, True, True, False]
    # However much of it there is, and however heavy it is.
    only = [Reason("unchecked", 9), REASONS[2]]
    assert not rank_candidates(CELLS, only, MOST)["is_listed"].any()
    twice = CELLS.assign(flagged=[0, 0, 2, 0, 0])
    ranked = rank_candidates(twice, only, MOST)
    assert ranked["is_listed"].tolist() == [True, False, False]
    assert ranked["weight"].tolist() == [11, 9, 9]


def test_a_group_lists_no_more_than_it_has_to_talk_to():
    ranked = rank_candidates(CELLS, REASONS, 2)
    assert ranked["is_listed"].tolist() == [True, True, False, False]


def test_what_nobody_knows_is_no_reason():
    only = [Reason("overdue", 3, threshold=0.05), Reason("problems", 3)]
    assert order_of(rank_candidates(CELLS, only, MOST)) == [
        ("350102", "rural", 3, 1, ("overdue",))
    ]
    assert rank_candidates(CELLS[:0], REASONS, MOST).empty


def test_the_weights_and_thresholds_stand_in_the_registry():
    reasons = {reason.id: reason for reason in load_registry().talks.reasons}
    assert reasons["very_cold"].weight > reasons["cold"].weight
    assert reasons["overdue"].threshold == 0.05
    assert load_registry().talks.most == 10
