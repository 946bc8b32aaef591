"""What the docstrings of the product say that it gives is what it gives."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry

PROJECT = Path(__file__).parents[1]
# Every module with an example; what runs when it is imported is no module to import.
MODULES = [
    ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    for folder in ("data_pipeline", "reports", "ui")
    for path in sorted((PROJECT / folder).rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py")
]
KNOWN = {"load_registry": load_registry}


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_is_true(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs=KNOWN).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [
        one.name
        for name in MODULES
        for one in finder.find(importlib.import_module(name), extraglobs=KNOWN)
        if one.examples
    ]
    assert "data_pipeline.disk.disk_reason" in found
    assert len(found) > 100
