"""What lives long is out of the collector's way, and what dies there comes back."""

from __future__ import annotations

import gc
import weakref

import pytest
from streamlit import config

from ui import garbage


class Ring:
    """Dies only by the collector: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def clock():
    """A freezer at work, and the time that it goes by."""
    now = [0.0]
    freezer = garbage.Freezer(lambda: now[0])
    before = gc.get_freeze_count()
    gc.callbacks.append(freezer)
    yield now
    gc.callbacks.remove(freezer)
    if not before:
        gc.unfreeze()


@pytest.mark.usefixtures("clock")
def test_what_a_slow_collection_leaves_alive_is_frozen_and_no_more(monkeypatch):
    alive = Ring()
    monkeypatch.setattr(garbage, "SLOW_SECONDS", float("inf"))
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() == before
    monkeypatch.setattr(garbage, "SLOW_SECONDS", 0.0)
    gc.collect(1)
    assert gc.get_freeze_count() == before, "only a full collection walks through all"
    gc.collect()
    assert gc.get_freeze_count() > before
    assert not any(one is alive for one in gc.get_objects())


def test_what_dies_frozen_is_collected_after_the_next_thaw(clock, monkeypatch):
    monkeypatch.setattr(garbage, "SLOW_SECONDS", 0.0)
    ring = Ring()
    dead = weakref.ref(ring)
    gc.collect()
    del ring
    clock[0] = garbage.THAW_SECONDS - 1
    gc.collect()
    assert dead() is not None
    clock[0] = garbage.THAW_SECONDS
    gc.collect()
    assert dead() is None
    # And what is alive is frozen again by the same collection.
    assert gc.get_freeze_count() > 0


def test_garbage_is_collected_once_a_second_and_not_after_each_run(monkeypatch):
    now, asked = [0.0], []
    collect = garbage.Collector(lambda: now[0])
    monkeypatch.setattr(garbage.gc, "collect", lambda: asked.append(now[0]))
    for second in (0.1, 0.9, 1.0, 1.1, 1.9, 2.0, 60.0):
        now[0] = second
        collect()
    assert asked == [1.0, 2.0, 60.0]
    assert not config.get_option("runner.postScriptGC")
