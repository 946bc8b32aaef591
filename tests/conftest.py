"""Fixtures that every part of the tests may stand on."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from data_pipeline.rates import Marts, open_marts
from tests.checked_city import build_checked_city
from tests.doubtful_city import build_doubtful_city
from tests.hostile_city import build_hostile_city
from tests.shared_lakes import SharedLakes
from tests.tiny_city import build_tiny_city
from tests.weak_city import build_weak_city


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of the browser, which are the longest.

    A file stays on one worker: what a module shares is made once. A long one that
    begins last would keep a worker busy alone.
    """
    items.sort(key=lambda item: "browser" not in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def installed_components() -> Iterator[None]:
    """Look for the components of other packages once, as a server does when it starts.

    `AppTest` reads the metadata of every installed package at each first run, which
    takes longer than to draw the page.
    """
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_power_cut() -> Iterator[None]:
    """Do not wait for the disk, as a build does 150 times: a seventh of its time.

    Only a power cut would tell the difference. Tests of what happens when the disk
    fails at that step put their own function in this one's place.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)  # noqa: ARG005
        yield


@pytest.fixture(scope="session")
def shared_lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedLakes]:
    """`shared_lakes.of(build_checked_city)`: a lake to read, one a run."""
    base = tmp_path_factory.getbasetemp()
    # Every worker has a base of its own below that of the run.
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = SharedLakes((base.parent if is_worker else base) / "shared_lakes")
    yield shared
    shared.check()


@pytest.fixture
def copy_lake(shared_lakes: SharedLakes, tmp_path: Path) -> Callable[..., Path]:
    """`copy_lake(build_tiny_city)`: a copy of a shared lake, to be changed at will."""

    def copy(make: Callable[..., Path], *options: object) -> Path:
        source = shared_lakes.of(make, *options)
        return shutil.copytree(source, tmp_path / "lake_root", symlinks=True)

    return copy


@pytest.fixture(scope="session")
def tiny_lake(shared_lakes: SharedLakes) -> Path:
    """The root of a built lake of the city that was counted by hand."""
    return shared_lakes.of(build_tiny_city)


@pytest.fixture(scope="session")
def tiny_marts(tiny_lake: Path) -> Marts:
    """The tiny city's current snapshot, opened."""
    return open_marts(tiny_lake)


@pytest.fixture(scope="session")
def weak_lake(shared_lakes: SharedLakes) -> Path:
    """The root of a built lake with a weak list that was counted by hand."""
    return shared_lakes.of(build_weak_city)


@pytest.fixture(scope="session")
def checked_lake(shared_lakes: SharedLakes) -> Path:
    """The root of a built lake whose checks were weighed by hand."""
    return shared_lakes.of(build_checked_city)


@pytest.fixture(scope="session")
def doubtful_lake(shared_lakes: SharedLakes) -> Path:
    """The root of a built lake in which each rule of credibility has one place."""
    return shared_lakes.of(build_doubtful_city)


@pytest.fixture(scope="session")
def hostile_lake(shared_lakes: SharedLakes) -> Path:
    """The root of a built lake in which every text is a hostile one."""
    return shared_lakes.of(build_hostile_city)
