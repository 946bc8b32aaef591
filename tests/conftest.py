"""Fixtures that every part of the tests may stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.rates import Marts, open_marts
from tests.tiny_city import build_tiny_city
from tests.weak_city import build_weak_city


@pytest.fixture(scope="session")
def tiny_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a built lake of the city that was counted by hand."""
    return build_tiny_city(tmp_path_factory.mktemp("tiny_city"))


@pytest.fixture(scope="session")
def tiny_marts(tiny_lake: Path) -> Marts:
    """The tiny city's current snapshot, opened."""
    return open_marts(tiny_lake)


@pytest.fixture(scope="session")
def weak_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a built lake with a weak list that was counted by hand."""
    return build_weak_city(tmp_path_factory.mktemp("weak_city"))
