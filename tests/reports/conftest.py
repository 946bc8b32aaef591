"""What the tests of reports may stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.files.paper import Paper
from tests.reports.bulletin.papers import circular_of


@pytest.fixture(scope="session")
def tiny_circular(tiny_lake: Path) -> Paper:
    """The circular of July 2016 of the city that was counted by hand."""
    return circular_of(tiny_lake, "2016-07")
