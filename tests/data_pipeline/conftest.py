"""Settings of the property tests in this folder, and one small made-up city for all."""

import shutil

import pytest
from hypothesis import settings

from data_pipeline.demo_city import hand_in, plan_rounds
from data_pipeline.rates import Marts, open_marts
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.demo_city import REGISTRY, SMALL, City

# A busy machine is slow now and then; that is no fault of a statistic.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def small_city(tmp_path_factory) -> City:
    return City(tmp_path_factory.mktemp("small"), branches_share=SMALL)


@pytest.fixture(scope="session")
def handed_in(small_city, tmp_path_factory) -> Lake:
    """A lake that holds every file of the small city and the draws; not built."""
    lake = Lake(tmp_path_factory.mktemp("handed_in"))
    with lake.writing():
        rounds = plan_rounds(branches_share=SMALL)
        refusal = hand_in(small_city.deliveries, rounds, lake, REGISTRY)
    assert refusal is None, [f.sentence() for f in refusal.findings]
    return lake


@pytest.fixture(scope="session")
def small_marts(handed_in, tmp_path_factory) -> Marts:
    """The marts of the small city at the end of the year."""
    root = tmp_path_factory.mktemp("built") / "lake"
    lake = Lake(shutil.copytree(handed_in.root, root, symlinks=True))
    with lake.writing():
        build(root, REGISTRY)
    return open_marts(root)
