"""What the tests of pages may stand on."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.office_city import build_office_city
from tests.pages.drawn import draw_page
from ui import marts
from ui.kept import Kept


@pytest.fixture
def draw_office(shared_lakes, monkeypatch):
    """`draw_office("examples", metric=…)`: a page of the office's city in June."""
    lake = shared_lakes.of(build_office_city)

    def run(page, **query):
        return draw_page(page, lake, monkeypatch, month="2016-06", **query)

    return run


@pytest.fixture
def independent_heads(monkeypatch):
    """Every head tested for itself: the tiny city has too few branches to be judged.

    For tests of how a verdict is shown, which the city counted by hand would not give.
    """

    def alone(spread: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        places = spread[by].drop_duplicates() if by else spread[[]][:1]
        return places.assign(design_effect=1.0)

    # What is kept for all readers has been judged by the one rule or the other.
    kept = marts._kept
    monkeypatch.setattr(marts, "_kept", Kept(kept.most_cells, kept.most_sources))
    monkeypatch.setattr("reports.cell_classes.design_effects", alone)
