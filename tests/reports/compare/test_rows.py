"""How far two sides lie apart, told before either is rounded."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.compare import rows as compare

REGISTRY = load_registry()


def of(metric: str, here: float, there: float) -> pd.DataFrame:
    sides = (
        {metric: pd.DataFrame({"numerator": [1], "denominator": [1], "rate": [rate]})}
        for rate in (here, there)
    )
    return compare.compare(*sides)


@pytest.mark.parametrize(
    ("metric", "here", "there", "zh", "en"),
    [
        # Shown as 73.6 and 48.4, which lie 25.2 apart.
        ("topic_1_coverage", 0.7364, 0.4836, "+25.3 个百分点", "25.3 points above"),
        ("topic_1_coverage", 0.4836, 0.7364, "−25.3 个百分点", "25.3 points below"),
        # 100 % beside 99.9 % was told as +0.0.
        ("topic_1_coverage", 1.0, 0.9996, "+<0.1 个百分点", "<0.1 points above"),
        ("lectures_per_leader", 1.806, 1.994, "−0.19", "0.19 below"),
        ("lectures_per_leader", 1.806, 1.809, "−<0.01", "<0.01 below"),
    ],
)
def test_a_difference_is_taken_before_rounding_and_never_shown_as_nothing(
    metric, here, there, zh, en
):
    frame = of(metric, here, there)
    table = compare.compared_table(frame, REGISTRY, ("A", "B"))
    (shown,) = table.frame["A − B"]
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == zh
    about = (REGISTRY.metrics[metric], ("A", "B"), "en")
    said = compare.headline(frame, *about).replace("\N{NO-BREAK SPACE}", " ")
    assert f"A is {en} B" in said


def test_two_figures_that_are_the_same_are_said_to_be():
    frame = of("topic_1_coverage", 1.0, 1.0)
    table = compare.compared_table(frame, REGISTRY, ("A", "B"))
    assert list(table.frame["A − B"]) == ["0"]
