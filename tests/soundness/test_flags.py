"""Flags once accused honest cities that only look unusual."""

from __future__ import annotations

import pytest

from benchmarks.credibility import (
    HONEST_KINDS,
    RULE_OF_HABIT,
    UNPLANTED,
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
