"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "data_pipeline.csv_file",
        "data_pipeline.finding_words",
        "data_pipeline.number_words",
        "reports.figures.style",
        "reports.ledger_quality.rows",
        "reports.words.sentences",
        "reports.words.wording",
    ],
)
def test_the_worked_examples_of_a_module_hold(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted
