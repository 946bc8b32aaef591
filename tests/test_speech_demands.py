"""The speech as a test: what it asks to know has a table, a metric or a page."""

import tomllib
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from ui.menu import pages

REGISTRY = load_registry()
SPEECH = (REGISTRY.folder / "speech.txt").read_text("utf-8")
FILE = Path(__file__).parent / "data" / "speech_demands.toml"
DEMANDS = tomllib.loads(FILE.read_text("utf-8"))["demand"]
KEYS = {"quote", "asks", "tables", "metrics", "by", "pages", "reason"}


def faults_of(demand: dict) -> list[str]:
    """Why the product does not answer a demand as it says; empty: it does."""
    faults = [f"unknown key {key}" for key in demand.keys() - KEYS]
    if demand["quote"] not in SPEECH:
        faults.append("the quote does not stand in speech.txt")
    named = {
        "tables": REGISTRY.lake_tables,
        "metrics": REGISTRY.metrics,
        "pages": pages(),
    }
    for kind, known in named.items():
        faults += [f"no {kind} {n}" for n in demand.get(kind, ()) if n not in known]
    if faults:
        return faults
    metrics = [REGISTRY.metrics[name] for name in demand.get("metrics", ())]
    answers = bool(metrics or demand.get("pages"))
    if answers == bool(demand.get("reason")):
        faults.append("it needs a metric or a page, or else a reason, and not both")
    if answers and not demand.get("tables"):
        faults.append("a figure comes from a table")
    for dimension in demand.get("by", ()):
        split = [m for m in metrics if dimension in m.dimensions]
        if not split:
            faults.append(f"none of its metrics can be split by {dimension}")
    for name in demand.get("pages", ()):
        page = pages()[name]
        # A page without a theme, such as the check planner, has figures of its own.
        is_open = not (page.themes or page.standard)
        if metrics and not is_open and not any(map(page.shows, metrics)):
            faults.append(f"page {name} shows none of its metrics")
    return faults


@pytest.mark.parametrize("demand", DEMANDS, ids=lambda demand: demand["asks"])
def test_each_demand_of_the_speech_is_answered_or_says_why_not(demand):
    assert faults_of(demand) == []


def test_demands_stand_once_each_in_the_order_of_the_speech():
    quotes = [demand["quote"] for demand in DEMANDS]
    assert len(set(quotes)) == len(quotes) >= 80
    places = [SPEECH.find(quote) for quote in quotes]
    assert places == sorted(places)
    assert all(demand["asks"] for demand in DEMANDS)


def test_every_metric_and_table_of_the_registry_answers_some_demand():
    answered = {name for demand in DEMANDS for name in demand.get("metrics", ())}
    assert set(REGISTRY.metrics) - answered == set()
    tables = {name for demand in DEMANDS for name in demand.get("tables", ())}
    assert set(REGISTRY.tables) - tables == set()


def test_few_demands_go_without_a_figure():
    without = [demand["quote"] for demand in DEMANDS if demand.get("reason")]
    assert len(without) <= len(DEMANDS) / 6


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"quote": "十六个领域"}, "does not stand in speech.txt"),
        ({"metrics": ["topic_4_coverage"]}, "no metrics topic_4_coverage"),
        ({"tables": ["duties"]}, "no tables duties"),
        ({"pages": ["sites"]}, "no pages sites"),
        ({"metrics": [], "pages": []}, "or else a reason"),
        ({"reason": "None."}, "and not both"),
        ({"tables": []}, "a figure comes from a table"),
        ({"by": ["group_kind"]}, "split by group_kind"),
        ({"pages": ["weak_organizations"]}, "shows none of its metrics"),
        ({"metric": ["topic_1_coverage"]}, "unknown key metric"),
    ],
)
def test_a_demand_that_is_not_answered_is_found(change, fault):
    demand = {
        "quote": "存在“冷热不均”现象",
        "tables": ["ledger"],
        "metrics": ["topic_1_coverage"],
        "by": ["unit"],
        "pages": ["county_heatmap"],
    }
    assert faults_of(demand) == []
    assert any(fault in found for found in faults_of(demand | change))
