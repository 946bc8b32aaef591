"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["export", "figures.style", "sentences", "wording"])
def test_the_worked_examples_of_a_module_hold(name):
    module = importlib.import_module(f"reports.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted
