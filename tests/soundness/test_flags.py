"""Flags once accused honest cities that only look unusual."""

from __future__ import annotations

import pytest

from benchmarks.credibility import (
    HONEST_KINDS,
    LINE,
    LUCKY,
    NEIGHBOUR,
    RULE_OF_HABIT,
    UNPLANTED,
    found_of_habits,
    judge_seed,
    score,
)
from data_pipeline.demo_city.reporting import HABITS

MOST_ALARMS = 0.02
LEAST_RECALL = 0.9


@pytest.fixture(scope="module", params=HONEST_KINDS)
def honest(request):
    return score(*judge_seed(11, kind=request.param), HABITS)


@pytest.mark.parametrize("rule", [*RULE_OF_HABIT.values(), *UNPLANTED])
def test_an_honest_city_is_accused_in_two_of_a_hundred_cells_at_most(honest, rule):
    row = honest.loc[rule]
    assert row["honest"] > 50
    assert row["alarms"] <= MOST_ALARMS * row["honest"]


def test_what_is_planted_in_the_usual_city_is_still_found():
    scores = score(*judge_seed(11), HABITS)
    planted = scores[scores["planted"] > 0]
    assert set(planted.index) == set(RULE_OF_HABIT.values())
    assert (planted["found"] >= LEAST_RECALL * planted["planted"]).all()


def test_habits_that_were_planted_for_once_are_found_by_the_rule_that_looks_for_them():
    """As measured: most cells are too small to be judged by their figures alone."""
    rules = {LINE: "too_smooth", LUCKY: "lucky_digits", NEIGHBOUR: "near_neighbour"}
    found = found_of_habits(list(rules), [11])
    share = (found["found"] / found["planted"]).unstack().fillna(0)
    assert all(share.at[habit, rule] > 0.4 for habit, rule in rules.items())
    before = (found["before"] / found["planted"]).unstack().fillna(0)
    assert all(before.at[habit, rule] <= 0.02 for habit, rule in rules.items())
