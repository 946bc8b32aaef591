"""A quarter of the demo city, 300 draws of fixed seeds: what fails here is wrong."""

from __future__ import annotations

import pytest

from benchmarks.sampling_simulation import (
    make_city,
    simulate,
    simulate_heads,
    to_markdown,
)


@pytest.fixture(scope="module")
def drawn():
    return simulate(*make_city(0.25), (0.12,), 300)[0.12]


def test_the_stratified_estimate_is_unbiased(drawn):
    bias, error = drawn.bias(drawn.estimates)
    assert abs(bias) < 2.5 * error
    assert error < 0.001


def test_the_interval_covers_the_truth_as_often_as_it_says(drawn):
    assert 0.93 <= drawn.coverage <= 0.98


def test_the_unweighted_share_is_wrong_by_what_the_design_says(drawn):
    bias, error = drawn.bias(drawn.plain)
    assert abs(bias - drawn.known_bias) < 2.5 * error
    assert drawn.known_bias < -0.01
    assert abs(bias) > 10 * error


def test_the_table_shows_both_figures_beside_the_truth(drawn):
    text = to_markdown({0.12: drawn})
    assert f"really held by {drawn.true_share:.2%}" in text
    assert f"{100 * drawn.known_bias:+.2f}" in text
    assert f"{drawn.coverage:.1%}" in text


def test_the_limits_of_heads_cover_the_truth_as_often_as_they_say():
    for row in simulate_heads(0.25, (0.12,), 300).itertuples():
        assert 0.93 <= row.coverage <= 0.98, row
