"""Runs one after another, in the order of who asked, and beside one that takes long."""

import threading
import time

import pytest

from ui import turns
from ui.turns import Turns

PATIENCE = 20.0  # seconds, for a thread of a machine that does other work


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr(turns, "LONG_SECONDS", PATIENCE)
    return Turns()


def start(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_in_line(queue, seen, names):
    """A thread for each name that notes it at its turn, come in this order."""
    threads = []
    for name in names:
        before = queue._last

        def run(name=name):
            with queue.taken():
                seen.append(name)

        threads.append(start(run))
        while queue._last is before:
            time.sleep(0.001)
    return threads


def test_each_waits_for_the_one_before_in_the_order_in_which_they_came(queue):
    seen = []
    with queue.taken():
        threads = wait_in_line(queue, seen, "abcde")
        assert not seen
        seen.append("first")
    for thread in threads:
        thread.join(PATIENCE)
    assert seen == ["first", *"abcde"]


def test_one_that_takes_long_stands_in_nobodys_way(queue, monkeypatch):
    monkeypatch.setattr(turns, "LONG_SECONDS", 0.01)
    seen = []
    with queue.taken():
        for thread in wait_in_line(queue, seen, "ab"):
            thread.join(PATIENCE)
        assert seen == ["a", "b"]


def test_who_comes_after_a_long_one_waits_for_the_last_and_not_for_it(queue):
    is_in, may_end = threading.Event(), threading.Event()

    def take_long():
        with queue.taken():
            is_in.set()
            may_end.wait(PATIENCE)

    long = start(take_long)
    assert is_in.wait(PATIENCE)
    queue._last.began -= PATIENCE  # it has gone on for long by now
    with queue.taken():
        seen = []
        (thread,) = wait_in_line(queue, seen, "a")
        assert not seen and long.is_alive()
    thread.join(PATIENCE)
    assert seen == ["a"] and long.is_alive()
    may_end.set()
    long.join(PATIENCE)


def test_a_run_that_fails_or_is_stopped_gives_its_turn_away(queue):
    with pytest.raises(ValueError, match="on the way"), queue.taken():
        raise ValueError("on the way")
    seen = []
    (thread,) = wait_in_line(queue, seen, "a")
    thread.join(PATIENCE)
    assert seen == ["a"]
