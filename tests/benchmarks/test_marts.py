"""What is timed against each other does the same work, or the ratio says nothing."""

from __future__ import annotations

import pytest

from benchmarks import marts
from benchmarks.province import write_province
from tests.checked_city import build_checked_city
from tests.tiny_city import build_tiny_city
from tests.weak_city import build_weak_city


def test_pandas_makes_every_mart_of_a_small_province(tmp_path):
    write_province(tmp_path, 900)
    marts.check_equal(tmp_path)
    marts.run_scan(tmp_path)


@pytest.mark.parametrize(
    "build_city", [build_tiny_city, build_checked_city, build_weak_city]
)
def test_pandas_makes_every_mart_of_a_city(build_city, tmp_path):
    root = build_city(tmp_path / "lake_root")
    marts.check_equal(root)
    marts.run_scan(root)


def without_a_row(mart):
    return mart.iloc[1:]


def with_one_more_branch(mart):
    return mart.assign(n_branches=mart.n_branches + (mart.index == 0))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("leaf", without_a_row),
        ("superseded", without_a_row),
        ("ledger_sums", with_one_more_branch),
        ("frame", with_one_more_branch),
    ],
)
def test_a_mart_that_differs_is_noticed(tmp_path, monkeypatch, name, spoil):
    write_province(tmp_path, 180)
    build_marts = marts.build_marts

    def build_spoilt(*arguments):
        made = build_marts(*arguments)
        return made | {name: spoil(made[name])}

    monkeypatch.setattr(marts, "build_marts", build_spoilt)
    with pytest.raises(AssertionError, match=name):
        marts.check_equal(tmp_path)
