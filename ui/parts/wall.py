"""The parts of the page 大屏: its slides, and what turns them.

All slides stand on the page at once, in a frame of 1920 × 1080 that is scaled to the
screen; the browser shows one after the other (components/wall.js). So nothing is run
again while they turn, and paper has them all. A new snapshot is loaded by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from data_pipeline.registry import Metric, load_registry
from reports import belief
from reports.bulletin.rows import filing_sentence
from reports.cell_classes import count_classes
from reports.figures.style import Picture
from reports.ledger_quality import rows as flag_words
from reports.ledger_quality.rows import REASONS
from reports.metric_rows import in_month
from reports.overview import rows as overview
from reports.overview.figures import deadline_strip, filing_strip
from reports.supervision_groups import rows as groups
from reports.words import catalogue, wording
from ui import marts, roles, selection
from ui.belief import ask_belief, ask_caveats, say_caveat
from ui.components.hot_cold import hot_cold_map, hot_cold_matrix
from ui.components.plot import draw_plot
from ui.components.wall import draw_wall
from ui.markup import draw_style
from ui.metric_view import View
from ui.parts import supervision_groups as group_view
from ui.parts.county_heatmap import look_at, map_data
from ui.parts.ledger_quality import draw_flag_matrix
from ui.parts.standing import say_standing
from ui.records_view import ask_filing, ask_several
from ui.selection import Selection

PAGE = "wall"
STYLE = Path(__file__).parent / "wall.css"
# Seconds that a slide stays: by default, at least and at most.
SECONDS, LEAST, MOST = 20, 5, 600
# How often a new snapshot is looked for: reading one small file.
LOOK_SECONDS = 15
N_COLDEST = 12
# How high a chart may be in the frame, and how much larger than on a desk.
HEIGHT, LARGEST = 800, 2.2


WORDS = ("paused", "pause", "resume", "next", "previous", "leave", "controls")


class Slide(NamedTuple):
    """One slide: the finding as markdown, as of when and how sure, and its picture."""

    name: str
    finding: str
    caption: str
    draw: Callable[[], object]


@roles.fragment(run_every=LOOK_SECONDS)
def _watch(shown: str) -> None:
    if marts.is_outdated(shown):
        st.rerun()


def follow_snapshot() -> None:
    """Run the page again as soon as there is another snapshot than the one shown."""
    draw_style(STYLE)
    _watch(marts.source().state)


def draw_slides(choice: Selection) -> list[str]:
    """Draw every slide: finding, as of when, what is to be believed, picture.

    Returns
    -------
    list of str
        The names of the slides, in order.
    """
    slides = marts.kept_of(choice, (PAGE, "slides"), lambda: _slides(choice))
    for number, slide in enumerate(slides):
        with st.container(key=f"slide-{number}", gap=None):
            st.header(slide.finding, anchor=False)
            with st.container(key=f"caption-{number}"):
                st.markdown(catalogue.plain(slide.caption))
            with st.container(key=f"wall-{slide.name}"):
                slide.draw()
    return [slide.name for slide in slides]


def run_show(choice: Selection, slides: Sequence[str]) -> None:
    """Let the browser turn the slides; how long each stays stands in the address."""
    given = choice.extra.get("every", "")
    seconds = int(given) if given.isascii() and given.isdigit() else SECONDS
    seconds = min(max(seconds, LEAST), MOST)
    words = {key: choice.text(f"{PAGE}.{key}") for key in WORDS}
    snapshot = marts.current().snapshot
    notices = [snapshot.notice(choice.lang), marts.say_manifest(choice.lang)]
    notices += choice.faults
    draw_wall(
        [choice.text(f"{PAGE}.slide.{name}") for name in slides],
        seconds=seconds,
        words=words | {"every": choice.text(f"{PAGE}.every", n=seconds)},
        leave=choice.link("overview"),
        notice=" · ".join(filter(None, notices)),
    )


def _slides(choice: Selection) -> list[Slide]:
    registry, month, lang = load_registry(), choice.month, choice.lang
    metric = registry.topic_of(month)
    choice = choice.change(metric=metric.id, basis="reported", compare="city")
    heatmap = look_at(choice)
    view = heatmap.view
    as_of = _as_of(choice)
    believed = f"{as_of} · {_say_belief(choice, metric)}"
    months = tuple(known for known in selection.months() if known <= month)
    frames = ask_several(overview.headline_metrics(registry), ("month",), months)
    deadlines = _judge_topics(frames, choice)
    filing = overview.filing_rows(ask_filing(months), marts.current().snapshot)
    about = {"snapshot": marts.current().snapshot}
    received = filing_strip(filing, registry, lang, **about)
    flags = flag_words.select(marts.current_flags()[0].found, month)
    slides = [
        Slide(
            "map",
            catalogue.solid(say_standing(choice)),
            believed,
            functools.partial(
                _draw_map,
                map_data(view, heatmap.line, choice) | _leads_to(choice),
                _list_coldest(view, choice),
            ),
        ),
        Slide(
            "matrix",
            _name_extremes(view, metric, choice),
            believed,
            functools.partial(
                hot_cold_matrix, heatmap.written, key="matrix", **_leads_to(choice)
            ),
        ),
        Slide(
            "deadlines",
            catalogue.plain(deadlines.title),
            f"{believed} · {_say_left_out(frames, choice)}".rstrip(" ·"),
            functools.partial(_draw_picture, deadlines, "deadlines"),
        ),
        Slide(
            "filing",
            filing_sentence(filing[filing["month"] == month], registry, month, lang),
            f"{as_of} · {choice.text(f'{PAGE}.filing_is_received')}",
            functools.partial(_draw_picture, received, "filing"),
        ),
    ]
    if group_duties := group_view.ask_duties(choice):
        duties = groups.list_duties(group_duties, registry, month)
        draw = functools.partial(
            group_view.draw_duty_matrix, duties, group_duties, choice
        )
        sentence = f"{as_of} · {choice.text(f'{PAGE}.duties_are_filed')}"
        finding = groups.headline(duties, registry, lang)
        slides.append(Slide("groups", catalogue.plain(finding), sentence, draw))
    n_silent = len(REASONS) - flags["rule"].nunique()
    reasons = choice.text(f"{PAGE}.flags_are_reasons", n=n_silent)
    sentence = f"{as_of} · {reasons}"
    about = (flags, choice, "ledger_quality")
    draw = functools.partial(draw_flag_matrix, *about, most=0)
    finding = catalogue.plain(flag_words.headline(flags, lang))
    return [*slides, Slide("flags", finding, sentence, draw)]


def _as_of(choice: Selection) -> str:
    """The month, the snapshot and when it was built."""
    snapshot = marts.current().snapshot
    zone = load_registry().calendar.timezone
    return choice.text(
        f"{PAGE}.as_of",
        month=wording.month_name(choice.month, choice.lang),
        id=snapshot.id.rpartition("-")[2],
        built=f"{snapshot.built_at.astimezone(zone):%Y-%m-%d %H:%M}",
    )


def _say_belief(choice: Selection, metric: Metric) -> str:
    """What checks support of the city's figure, and what stands against it."""
    found = ask_belief(metric, choice.month)
    label = wording.in_language(metric, "label", choice.lang)
    limits = (found.supported, found.supported_lower, found.supported_upper)
    rate, lower, upper = (wording.rate_text(limit, metric.unit) for limit in limits)
    checks = choice.text(
        f"{PAGE}.checks.{found.support or 'unasked'}",
        confirmed=wording.number(found.n_confirmed),
        checked=wording.number(found.n_checked),
        rate=rate,
        lower=lower.removesuffix(" %"),
        upper=upper,
    )
    n = wording.number(found.n_flags)
    flagged = choice.text(f"{PAGE}.flags" if found.n_flags else f"{PAGE}.no_flags", n=n)
    return choice.text(f"{PAGE}.belief", metric=label, checks=checks, flags=flagged)


def _name_extremes(view: View, metric: Metric, choice: Selection) -> str:
    """The coldest and the hottest cell; where there are none, how many are cold."""
    cells = _cells(view)
    measured = overview.measure_cells(cells, metric, choice.month)
    about = (measured, cells, load_registry(), choice.lang)
    found = overview.extreme_places(*about, says=say_caveat(choice, metric))
    named = [
        choice.text(f"overview.extreme_{one.end}", place=one.name) for one in found
    ]
    sentence = " · ".join(named) or count_classes(view.frame, choice.lang)
    return catalogue.plain(sentence or view.label)


def _judge_topics(frames: Mapping[str, pd.DataFrame], choice: Selection) -> Picture:
    """Each topic against its due day; its title counts what is overdue or in danger."""
    registry, month = load_registry(), choice.month
    judged = overview.judge_deadlines(frames, registry, month)
    about = {"caveats": ask_caveats(frames, choice), "month": month}
    return deadline_strip(judged, registry, choice.lang, **about)


def _say_left_out(frames: Mapping[str, pd.DataFrame], choice: Selection) -> str:
    """What of the month stands in none of the topics' figures; "" where nothing."""
    topics = load_registry().calendar.topics
    reached = {t.metric: in_month(frames[t.metric], choice.month) for t in topics}
    return overview.left_out(reached, choice.lang)


def _draw_map(map_: Mapping[str, Any], coldest: str) -> None:
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        hot_cold_map(map_, key="map")
    with right:
        st.markdown(coldest)


def _leads_to(choice: Selection) -> dict[str, str | None]:
    """A click on a place opens its card on the heatmap."""
    return {"to": choice.link("county_heatmap"), "selected": None}


def _cells(view: View) -> pd.DataFrame:
    """The rows of a view that are no sum of others."""
    is_cell = view.frame[list(view.context.by)].notna().all(axis=1)
    return view.frame[is_cell].reset_index(drop=True)


def _list_coldest(view: View, choice: Selection) -> str:
    """The coldest cells with their rates, and what stands against each."""
    metric, by = view.context.metric, view.context.by
    cells = view.frame[view.frame[list(by)].notna().all(axis=1)]
    ranked = cells.sort_values(
        "rate", ascending=metric.better != "lower", kind="stable"
    )
    lines = []
    for row in ranked[ranked["rate"].notna()].head(N_COLDEST).to_dict("records"):
        codes = tuple(row[name] for name in by)
        place = wording.cell_name(load_registry(), by, codes, choice.lang)
        signs = belief.row_signs(row)
        rate = wording.rate_text(row["rate"], metric.unit)
        lines.append(f"1. {catalogue.plain(place)} **{rate}** {signs}")
    title = choice.text(f"{PAGE}.coldest")
    return "\n".join((f"**{catalogue.plain(title)}**", "", *lines))


def _draw_picture(picture: Picture, name: str) -> None:
    if picture.nothing:
        st.markdown(catalogue.plain(picture.nothing))
        return
    bare = picture.untitled
    scale = min(LARGEST, HEIGHT / bare.arrangement["height"])
    draw_plot(bare.enlarged(scale), picture.alt, key=f"plot-{name}")
