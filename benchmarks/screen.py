"""All that is measured of the screen, as markdown: the server's work and the reader's.

Ratios to a page with the frame and the controls alone, measured by turns with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import screen_browser, screen_crowd, screen_speed
from benchmarks.screen_crowd import Crowd
from benchmarks.screen_server import ScreenServer, start
from benchmarks.screen_speed import CONTROLS, Rerun
from ui.menu import MENU


def measure_screen(lake: Path, rounds: int, n_long: int) -> str:
    """Everything, as markdown; `n_long` filter changes show what memory does."""
    pages = [CONTROLS, *(entry.name for entry in MENU)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start(lake, folder) as server:
            open_once(server, pages)
            reruns = screen_speed.measure_reruns(server, pages, rounds)
            clicks = screen_browser.measure_clicks(server, rounds)
            firsts = screen_browser.measure_first_pictures(server, pages, rounds // 2)
        with start(lake, folder) as server:
            long_runs = {"long": screen_crowd.measure_long_run(server, n_long)}
        with start(lake, folder, collects_by_default=True) as server:
            by_default = screen_crowd.measure_long_run(server, n_long // 10)
            long_runs["long, Streamlit's own collector"] = by_default
        with start(lake, folder) as server:
            open_once(server, pages)
            crowds = {
                f"{n} readers who think {thinking:.0f} s": screen_crowd.measure_crowd(
                    server, n, thinking
                )
                for n, thinking in (
                    (screen_crowd.N_THINKING, screen_crowd.THINKING),
                    (screen_crowd.N_RESTLESS, 0.0),
                )
            }
    return "\n".join(
        [
            *describe_reruns(*reruns),
            *describe_waits("From a click to the drawn picture, in Chromium", clicks),
            *describe_waits("First picture of a new reader, in Chromium", firsts),
            *describe_crowds(long_runs | crowds),
            *describe_imports(screen_speed.measure_imports(rounds // 2)),
        ]
    )


def open_once(server: ScreenServer, pages: Sequence[str]) -> None:
    """Somebody has opened every page before."""
    with screen_speed.read(server) as reader:
        for page in pages:
            reader.ask(page, month="2016-07")


def describe_reruns(
    first: Mapping[str, Rerun], again: Mapping[str, Rerun]
) -> Iterator[str]:
    heads = ("page", "ms", "processor ms", "ms over controls alone", "processor", "KB")
    titles = {
        "A filter change that nobody has made before, on the server": first,
        "One that somebody has made before": again,
    }
    for title, costs in titles.items():
        base = costs[CONTROLS]
        rows = [
            (
                *(page, f"{cost.wall:.0f}", f"{cost.processor:.0f}"),
                f"{cost.wall - base.wall:+.0f}",
                f"{cost.processor - base.processor:+.0f}",
                f"{cost.size / 1e3:.0f}",
            )
            for page, cost in costs.items()
        ]
        yield from _table(title, heads, rows)


def describe_waits(title: str, times: Mapping[str, float]) -> Iterator[str]:
    base = times[CONTROLS]
    heads = ("page", "ms", "over controls alone", "÷ controls alone")
    rows = [
        (page, f"{wait:.0f}", f"{wait - base:+.0f}", f"{wait / base:.2f}")
        for page, wait in times.items()
    ]
    yield from _table(title, heads, rows)


def describe_crowds(crowds: Mapping[str, Crowd]) -> Iterator[str]:
    title = "Filter changes of the heatmap by several readers at once"
    heads = ("readers", "answers", "faults", "median ms", "p95 ms", "a second", "MB")
    rows = [
        (
            *(name, f"{crowd.n_answers}", f"{crowd.n_faults}", f"{crowd.median:.0f}"),
            *(f"{crowd.p95:.0f}", f"{crowd.rate:.1f}"),
            " → ".join(f"{value:.0f}" for value in crowd.megabytes),
        )
        for name, crowd in crowds.items()
    ]
    yield from _table(title, heads, rows)


def describe_imports(seconds: Mapping[str, float]) -> Iterator[str]:
    base = next(iter(seconds.values()))
    rows = [
        (name, f"{value:.2f}", f"{value / base:.2f}") for name, value in seconds.items()
    ]
    heads = ("", "processor s", "ratio")
    yield from _table("Cold import, beside Streamlit", heads, rows)


def _table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
