"""What a page believes of its places: one estimate a level, whoever asks."""

from __future__ import annotations

import itertools

import pytest

from data_pipeline.registry import CELL, load_registry
from ui import belief, marts
from ui.kept import Kept
from ui.selection import Selection

REGISTRY = load_registry()
TOPIC = REGISTRY.metrics["topic_1_coverage"]
CITY = Selection(metric=TOPIC.id, month="2016-07")
UNITS = tuple(REGISTRY.units)


@pytest.fixture(autouse=True)
def lake(checked_lake, read_lake):
    read_lake(checked_lake)


@pytest.fixture
def estimates(monkeypatch) -> list[tuple[str, ...]]:
    """The levels that are estimated from now on."""
    asked = []
    read = belief.read_kept

    def note(*args, by, **options):
        asked.append(by)
        return read(*args, by=by, **options)

    monkeypatch.setattr(belief, "read_kept", note)
    return asked


def places(choice: Selection) -> list[dict[str, str | None]]:
    """Every place inside the chosen one, itself too."""
    units = [choice.unit] if choice.unit else [None, *UNITS]
    sectors = [choice.sector] if choice.sector else [None, *REGISTRY.sectors]
    sides = itertools.product(units, sectors)
    return [dict(zip(CELL, codes, strict=True)) for codes in sides]


@pytest.mark.parametrize(
    "choice",
    [
        CITY,
        CITY.change(unit=UNITS[0]),
        CITY.change(sector="rural"),
        CITY.change(unit=UNITS[0], sector="rural"),
        CITY.change(units=",".join(UNITS[:2])),
        CITY.change(group="G4"),
        CITY.change(branch_type="joint"),
    ],
    ids=["city", "unit", "sector", "cell", "units", "group", "kind"],
)
def test_a_place_is_believed_the_same_beside_others_and_alone(choice):
    believed = belief.believe_in(choice, TOPIC)
    kept = belief.kept_units(REGISTRY, choice.where) or UNITS
    inside = [p for p in places(choice) if p["unit"] in (None, *kept)]
    found = [believed(place) for place in inside]
    alone = [
        belief.ask_belief(TOPIC, choice.month, *place.values(), within=choice.within)
        for place in inside
    ]
    assert list(map(repr, found)) == list(map(repr, alone))


def test_something_is_known_of_the_places_that_are_compared():
    supports = {belief.believe_in(CITY, TOPIC)(place).support for place in places(CITY)}
    assert {"direct", "few", "none"} <= supports


def test_all_places_of_a_level_are_estimated_together(estimates, monkeypatch):
    monkeypatch.setattr(marts, "_kept", Kept(most_cells=10**6, most_sources=1))
    believed = belief.believe_in(CITY, TOPIC)
    for place in places(CITY):
        believed(place)
    assert sorted(estimates) == sorted(belief.LEVELS)
