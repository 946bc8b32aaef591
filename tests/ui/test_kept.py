"""What is kept for all readers: once worked out, in bounds, and of one state alone."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from reports.figures.style import Picture
from reports.tables import DisplayTable
from ui.kept import Kept, count_cells

NOW = ("lake", "20160801", "office")


def frame_of(n_cells: int) -> pd.DataFrame:
    return pd.DataFrame({"rate": np.zeros(n_cells)})


def asking(kept: Kept):
    """A function that asks, and the questions that it had to read."""
    read = []

    def ask(question, n_cells=1, source=NOW):
        def work_out():
            read.append(question)
            return frame_of(n_cells)

        return kept.ask(source, question, work_out)

    return ask, read


def test_what_all_pages_ask_in_a_campaign_stays_for_the_next_reader():
    ask, read = asking(Kept(most_cells=5_000_000, most_sources=12))
    # 22 pages, 9 months, 10 questions each, and two long lists a month.
    questions = [
        (page, m, q) for page in range(22) for m in range(9) for q in range(10)
    ]
    for _ in range(2):
        for question in questions:
            ask(question, 60)
        for month in range(9):
            ask(("list", month), 100_000)
    assert len(read) == len(questions) + 9


def test_what_was_asked_last_stays_when_there_is_too_much():
    ask, read = asking(Kept(most_cells=1_000, most_sources=12))
    for question in ("first", "second", "first", "third"):
        ask(question, 300)
    read.clear()
    ask("first", 300)
    assert read == []
    ask("second", 300)
    assert read == ["second"]


def test_one_answer_that_is_too_large_is_kept_alone():
    ask, read = asking(Kept(most_cells=1_000, most_sources=12))
    for question in ("small", "large", "large"):
        ask(question, 5_000)
    assert read == ["small", "large"]


def test_answers_of_a_state_go_when_others_are_read():
    ask, read = asking(Kept(most_cells=10**6, most_sources=2))
    states = [("lake", day, "office") for day in ("20160801", "20160802", "20160803")]
    for state in states:
        ask("overview", source=state)
    for state in reversed(states):
        ask("overview", source=state)
    assert len(read) == 4, "the first state alone was forgotten"


def test_who_reads_is_told_what_was_worked_out_for_such_readers():
    kept = Kept(most_cells=1_000, most_sources=12)
    for audience in ("office", "public", "office"):
        source = (*NOW[:2], audience)
        assert kept.ask(source, "overview", lambda a=audience: a) == audience


def test_those_who_ask_at_once_wait_for_one():
    kept, n_read, found = Kept(most_cells=1_000, most_sources=12), [], []
    started = threading.Barrier(8)

    def work_out():
        n_read.append(1)
        time.sleep(0.05)
        return frame_of(3)

    def reader():
        started.wait()
        found.append(kept.ask(NOW, "overview", work_out))

    readers = [threading.Thread(target=reader) for _ in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert len(n_read) == 1
    assert all(one is found[0] for one in found)


def test_an_error_is_not_kept_and_an_answer_may_rest_on_another():
    kept = Kept(most_cells=1_000, most_sources=12)

    def fail():
        raise OSError("the disk is gone")

    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            kept.ask(NOW, "overview", fail)
    inner = lambda: kept.ask(NOW, "sum", lambda: 2)  # noqa: E731
    assert kept.ask(NOW, "overview", lambda: inner() + 1) == 3
    assert kept.ask(NOW, "sum", lambda: 5) == 2


def test_rows_inside_a_view_and_marks_of_a_picture_take_room_too():
    picture = Picture([{"x": [0.5] * 400, "y": list(range(400))}], {}, "")
    table = DisplayTable(frame_of(1_000), {})
    assert count_cells((picture, table)) == pytest.approx(1_900, abs=20)
