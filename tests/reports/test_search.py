"""Finding places, branches, metrics and pages by any of their names."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports import search
from tests.reports.named_branches import ROLL

REGISTRY = load_registry()


def find(roll: pd.DataFrame, query: str) -> list[str]:
    index = search.build_index(search.roll_entries(roll, REGISTRY), REGISTRY)
    return list(search.find(index, query, ("branch",))["code"])


@pytest.fixture(scope="module")
def index():
    entries = [*search.place_entries(REGISTRY), *search.metric_entries(REGISTRY)]
    entries += search.roll_entries(ROLL, REGISTRY)
    return search.build_index(entries, REGISTRY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("350102-c0001", ["350102-C0001"]),
        ("鼓东 社区", ["350102-C0001", "350102-C0010"]),
        ("福清 农村", ["350181-R0001"]),
        ("fuqing", ["350181-R0001"]),
        ("龙田镇", ["350181-R0001"]),
        ("国企", ["GQ-E1"]),
        ("鼓东 农村", []),
        ("[.*", []),
    ],
)
def test_a_branch_is_found_by_any_of_its_names(query, found):
    assert list(find(ROLL, query)) == found


def test_a_code_that_is_just_so_comes_first():
    roll = ROLL.assign(branch=["A10", "A1", "B1", "A1B"])
    assert list(find(roll, "a1")) == ["A1", "A10", "A1B"]


@pytest.mark.parametrize(
    ("query", "kind", "code"),
    [
        *((name, "unit", "350121") for name in ("闽侯", "闽候", "mh", "MINHOU")),
        # Of a sign with several readings each is understood.
        *((name, "unit", "350105") for name in ("马尾", "mw", "mawei", "350105")),
        *((name, "unit", "350112") for name in ("长乐", "cl", "changle", "长乐市")),
        ("第二督导组", "supervision_group", "G2"),
        ("非公", "sector", "nonpublic"),
        ("闽侯 农村", "cell", "350121|rural"),
        ("mh nc", "cell", "350121|rural"),
        ("第二专题覆盖率", "metric", "topic_2_coverage"),
        ("dezt", "metric", "topic_2_coverage"),
        ("Topic 2 coverage", "metric", "topic_2_coverage"),
        ("龙田", "township", "龙田镇"),
        ("ltz", "township", "龙田镇"),
        ("350181-r0001", "branch", "350181-R0001"),
        ("龙田镇上一村", "branch", "350181-R0001"),
    ],
)
def test_what_is_meant_comes_first(index, query, kind, code):
    first = search.find(index, query).iloc[0]
    assert (first["kind"], first["code"]) == (kind, code)


def test_what_is_no_name_of_anything_finds_nothing(index):
    for query in ("不存在的地方", "[.*", "|"):
        assert search.find(index, f"{query} 没有").empty
