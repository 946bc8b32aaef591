"""The year that is built for measuring has twelve months of ledgers."""

from __future__ import annotations

import os

from benchmarks.whole_year import ENVIRONMENT, registry_of_a_year, write_months
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake


def test_a_year_has_ledgers_of_twelve_months(tmp_path):
    before = os.environ.get(ENVIRONMENT)
    with registry_of_a_year(tmp_path / "registry"):
        months = load_registry().calendar.months
        write_months(tmp_path / "lake", 300, 12)
    filed = [f for s in Lake(tmp_path / "lake").submissions() for f in s.files]
    assert {f.month for f in filed if f.table == "ledger"} == set(months)
    assert (months[0], months[-1], len(months)) == ("2016-04", "2017-03", 12)
    assert os.environ.get(ENVIRONMENT) == before
    assert len(load_registry().calendar.months) == 9
