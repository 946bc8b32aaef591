"""What the tests of `ui` without a page may stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ui import marts
from ui.lake import LAKE_VARIABLE


@pytest.fixture
def read_lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """`read_lake(tiny_lake)`: what `ui.marts` reads until the test is over."""

    def read(lake: Path) -> None:
        monkeypatch.setenv(LAKE_VARIABLE, str(lake))
        marts.resolve()

    yield read
    marts.resolve()
