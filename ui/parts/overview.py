"""The parts of the page 总览: its headline row, its pictures and ranked links."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, Metric, load_registry, month_end
from reports.belief import FLAG, LESS, Belief, caveat, of_row, verdict_note
from reports.figures.matrix import STAR
from reports.ledger_quality.rows import select
from reports.metric_rows import in_month
from reports.overview import first_screen
from reports.overview import rows as overview
from reports.overview.figures import deadline_strip, filing_strip, progress_bars
from reports.sector_gaps.figures import sector_dots
from reports.words import catalogue, sentences, wording
from reports.words.standing import target_in_force
from ui import marts, selection
from ui.belief import ask_belief, ask_caveats, say_caveat, say_signs
from ui.components.hot_cold import hot_cold_map
from ui.components.link_matrix import draw_link_matrix
from ui.filters import kept_units
from ui.headlines import draw_headlines
from ui.markup import draw_style
from ui.metric_view import View, ask, follow_click, month_of, show_figure
from ui.parts import county_heatmap as heatmap
from ui.parts import methods
from ui.parts.county_heatmap import Heatmap, describe_classes
from ui.parts.unevenness import with_classes
from ui.records_view import (
    RecordsView,
    ask_filing,
    ask_several,
    list_rows,
    show_rows,
)
from ui.selection import Selection

STYLE = Path(__file__).parent / "overview.css"
HEATMAP = {"to": "county_heatmap", "by": ("metric",)}
ENDS = {"coldest": ":material/ac_unit:", "hottest": ":material/local_fire_department:"}


def draw_head(choice: Selection) -> tuple[Selection, Metric]:
    """Title, month and whom it is about in one row; the metric that answers for them.

    By default it is the topic of the month.
    """
    draw_style(STYLE)
    registry, label = load_registry(), choice.text("overview.whom")
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        title = choice.text("overview.title")
        st.title(title, anchor=False, width="content")
        choice = selection.choose(choice, "month")
        duties = overview.duty_metrics(registry, choice.month)
        words = {duty: choice.text(f"overview.duty.{duty}") for duty in duties}
        duty = selection.choose_word(choice, "duty", words, label=label)
    metric = registry.metrics[duties[duty]]
    # What is read here is what the next page begins with.
    return selection.keep_to(choice, (metric.id,)), metric


@dataclasses.dataclass(frozen=True)
class FirstScreen:
    """All that the page says of a metric and month, worked out once for all readers.

    `heatmap` is that of the metric, as reported and beside the city; `frames` are the
    city by month, `beliefs` the city's, both by metric; `filing` of the months so far.
    """

    metric: Metric
    heatmap: Heatmap
    coldest: pd.DataFrame
    frames: Mapping[str, pd.DataFrame]
    beliefs: Mapping[str, Belief]
    filing: pd.DataFrame
    n_flags: int
    answer: str
    belief: str
    map: Mapping[str, Any]

    @functools.cached_property
    def in_time(self) -> dict[str, float]:
        """As `overview.shares_in_time`."""
        month = self.heatmap.view.context.months[0]
        return overview.shares_in_time(self.frames, load_registry(), month)

    @functools.cached_property
    def judged(self) -> overview.Judged:
        """As `overview.judge_deadlines`."""
        month = self.heatmap.view.context.months[0]
        return overview.judge_deadlines(self.frames, load_registry(), month)

    @functools.cached_property
    def topics(self) -> pd.DataFrame:
        """As `first_screen.topic_rows`."""
        return first_screen.topic_rows(self.judged, load_registry())


def look_at(choice: Selection, metric: Metric) -> FirstScreen:
    """The first screen of a metric and month, kept for all readers of the snapshot."""
    key = ("overview", metric.id, choice.month, choice.lang, repr(choice.within))
    return marts.kept(key, lambda: _work_out(choice, metric))


def _work_out(choice: Selection, metric: Metric) -> FirstScreen:
    registry, month, lang = load_registry(), choice.month, choice.lang
    compared = {"basis": "reported", "compare": selection.COMPARISONS[0]}
    here = choice.change(metric=metric.id, **compared)
    seen = heatmap.look_at(here)
    shown = overview.headline_metrics(registry)
    frames = {
        name: frame[frame["month"] <= month]
        for name, frame in _ask_months(shown, choice.within).items()
    }
    topics = [registry.metrics[topic.metric] for topic in registry.calendar.topics]
    opened = (t.id for t in topics if t.window.start <= month_end(month))
    beliefs = {
        name: ask_belief(registry.metrics[name], month, within=choice.within)
        for name in dict.fromkeys((metric.id, *opened))
        if registry.metrics[name].verified
    }
    rates = {name: _rate(frames[name], month) for name in beliefs}
    coldest = first_screen.coldest_cells(seen.view.frame)
    _, row = seen.by_place["|"]
    in_time = overview.shares_in_time(frames, registry, month).get(metric.id)
    about = (metric, registry, month, lang)
    answer = first_screen.answer_topic(row, coldest, *about, in_time=in_time)
    believed = first_screen.believe_answer(metric, rates, beliefs, registry, lang)
    snapshot, filing = marts.current().snapshot, ask_filing(selection.months())
    filing = filing[filing["month"] <= month]
    found = select(marts.current_flags()[0].found, month)
    if units := kept_units(registry, choice.within):
        filing = filing[filing["unit"].isin(units)].reset_index(drop=True)
        found = found[found["unit"].isin(units)]
    shown = heatmap.map_data(seen.view, seen.line, here)
    shown |= {"title": choice.text("overview.map"), "subtitle": "", "is_small": True}
    # A small map has room for the figure and what stands against it.
    drawn = (*shown["shapes"], *shown["tiles"])
    for one in drawn:
        for sign in ("mark", "goal", "class_mark"):
            one.pop(sign, None)
        if not one.get("finds_less"):
            one.pop("support", None)
    doubted = [one["support"] for one in drawn if one.get("support")]
    kept = {None, FLAG, LESS}
    if doubted:
        kept.add(choice.text("hot_cold.sign_support"))
    if any(support.endswith(STAR) for support in doubted):
        kept.add(STAR)
    signs = (sign for sign in shown["legend"]["signs"] if sign.get("mark") in kept)
    shown["legend"] |= {"signs": list(signs)}
    return FirstScreen(
        metric=metric,
        heatmap=seen,
        coldest=coldest,
        frames=frames,
        beliefs=beliefs,
        filing=overview.filing_rows(filing, snapshot),
        n_flags=len(found),
        answer=answer,
        belief=believed,
        map=shown,
    )


def _ask_months(
    metrics: Sequence[str], within: Mapping[str, Sequence[str]]
) -> Mapping[str, pd.DataFrame]:
    """All places of the filter together by month, all months in one query."""
    requested = (tuple(metrics), ("month",), selection.months())
    question = ("by month", *requested, repr(within))
    return marts.kept(question, lambda: ask_several(*requested, within))


def _rate(frame: pd.DataFrame, month: str) -> float:
    row = in_month(frame, month)
    return float(row["rate"].iloc[0]) if len(row) else float("nan")


def draw_answer(seen: FirstScreen, choice: Selection) -> None:
    """Two sentences: how far and where it is cold, and what checks say of it."""
    with st.container(key="answer", gap="xsmall"):
        st.markdown(catalogue.solid(seen.answer))
        if seen.belief:
            how = choice.text("overview.how")
            link = methods.link(choice, "stratified_estimate", how)
            st.markdown(f"{catalogue.plain(seen.belief)} {link}")


def draw_map(seen: FirstScreen, choice: Selection) -> None:
    """Draw the units; a click turns to the place on the heatmap."""
    to = choice.link("county_heatmap", metric=seen.metric.id, basis=None, compare=None)
    with st.container(key="figure-map"):
        hot_cold_map(seen.map, key="map", to=to)


@dataclasses.dataclass(frozen=True)
class Listed:
    """A list of the first screen as it is written.

    `table` is what `draw_link_matrix` takes, or why there is nothing to list.
    """

    title: str
    caption: str
    view: View | RecordsView
    table: Mapping[str, Any] | str


def _show(
    tell: Callable[[FirstScreen, Selection], Listed],
    seen: FirstScreen,
    choice: Selection,
    name: str,
) -> None:
    """Show a list, written once for all readers."""
    write = functools.partial(tell, seen, choice)
    listed = marts.kept_of(choice, ("overview", name), write)
    is_table = not isinstance(listed.table, str)
    draw = functools.partial(st.markdown, listed.table)
    if is_table:
        draw = functools.partial(draw_link_matrix, **listed.table)
    about = {"title": listed.title, "caption": listed.caption, "is_table": is_table}
    show_figure(draw, listed.view, choice, name, **about)


def draw_coldest(seen: FirstScreen, choice: Selection) -> None:
    """List the ten coldest cells, each with its way here and what to believe of it."""
    _show(_tell_coldest, seen, choice, "cells")


def _say_coldest(seen: FirstScreen, choice: Selection) -> str:
    """The title of the coldest cells: the sector that half of them and more are in."""
    listed = seen.coldest["sector"][: first_screen.N_COLDEST]
    counts = listed.value_counts()
    if len(listed) < first_screen.N_COLDEST or 2 * counts.iloc[0] < len(listed):
        return choice.text("overview.coldest")
    sector = choice.name("sector", counts.index[0], is_short=True)
    return choice.text("overview.coldest_found", n=counts.iloc[0], sector=sector)


def _tell_coldest(seen: FirstScreen, choice: Selection) -> Listed:
    title, view = _say_coldest(seen, choice), seen.heatmap.view
    caption = describe_classes(view, choice, seen.heatmap.line)
    if seen.coldest.empty:
        sentence = choice.text("overview.none_cold", n=first_screen.MIN_NAMED)
        return Listed(title, caption, view, catalogue.plain(sentence))
    metric, month = seen.metric, choice.month
    target = target_in_force(metric, month)
    lines = []
    for row in seen.coldest[: first_screen.N_COLDEST].to_dict("records"):
        place = {name: row[name] for name in CELL}
        identity = "|".join(place.values())
        cell, _ = seen.heatmap.by_place[identity]
        missing = ""
        if target is not None:
            counts = (row["numerator"], row["denominator"])
            missing = wording.number(sentences.shortfall(*counts, target))
        to = choice.change(metric=metric.id, basis=None, compare=None)
        rates = heatmap.rates_by_month(to, identity)
        support = cell.get("support", "") + LESS * bool(cell.get("finds_less"))
        if believed := of_row(row):
            of = {"n": row["denominator"], "rate": row["rate"]}
            support += verdict_note(believed, choice.lang, **of)
        cells = [
            {"text": cell["text"], "step": cell["step"]},
            {"text": missing},
            {"spark": first_screen.shares(list(rates.values()))},
            {"text": support, "isWide": True},
            {"text": cell.get("flags", "")},
        ]
        name = wording.cell_name(
            load_registry(), CELL, tuple(place.values()), choice.lang
        )
        link = to.link("county_heatmap", **place)
        lines.append({"name": name, "to": link, "cells": cells})
    columns = ("done", "missing", "months", "checks", "flags")
    headings = [{"name": choice.text(f"overview.column.{name}")} for name in columns]
    corner = choice.text("overview.column.place")
    table = {"caption": title, "corner": corner, "columns": headings, "lines": lines}
    return Listed(title, caption, view, table | {"key": "coldest", "look": "tight"})


def draw_trust(seen: FirstScreen, choice: Selection) -> None:
    """What checks support of each topic, the flags and the ledgers of the month."""
    _show(_tell_trust, seen, choice, "trust")


def _tell_trust(seen: FirstScreen, choice: Selection) -> Listed:
    month, title = choice.month, choice.text("overview.trust")
    rates = {name: in_month(seen.frames[name], month) for name in seen.beliefs}
    rows = first_screen.trust_rows(rates, seen.beliefs)
    view = list_rows(rows, choice, "trust", title)
    caption = methods.with_links(
        choice, choice.text("overview.trust_caption"), "stratified_estimate", "flags"
    )
    registry, lines = load_registry(), []
    for name, believed in seen.beliefs.items():
        metric = registry.metrics[name]
        rate = _rate(seen.frames[name], choice.month)
        sentence = first_screen.believed(
            metric, rate, believed, choice.lang, is_named=False
        )
        to = ""
        if metric.has_verdicts:  # of counts of heads there is no page of checks
            to = choice.open_link("reported_vs_verified", metric=name)
        lines.append(
            {
                "name": wording.in_language(metric, "label", choice.lang),
                "to": to,
                "cells": [{"text": sentence, **first_screen.range_of(believed, rate)}],
            }
        )
    filed = in_month(seen.filing, choice.month)
    sentence = first_screen.count_filed(filed, choice.lang)
    flags = choice.text("overview.n_flags", n=wording.number(seen.n_flags))
    if seen.n_flags and seen.metric.id in seen.beliefs:
        flags += choice.text(
            "overview.n_flags_on",
            n=wording.number(seen.beliefs[seen.metric.id].n_flags),
            metric=wording.in_language(seen.metric, "label", choice.lang),
        )
    for name, text, page in (
        ("flags", flags, "ledger_quality"),
        ("ledgers", sentence, "ledger_calendar"),
    ):
        to = choice.open_link(page, metric=seen.metric.id)
        line = {"name": choice.text(f"overview.{name}"), "to": to}
        lines.append(line | {"cells": [{"text": text}]})
    table = {"caption": title, "corner": "", "columns": [], "lines": lines}
    return Listed(title, caption, view, table | {"key": "trust", "look": "read"})


def draw_topics(seen: FirstScreen, choice: Selection) -> None:
    """Each topic: done on time, done later, still missing, and the verdict."""
    _show(_tell_topics, seen, choice, "topics")


def _say_topics(rows: pd.DataFrame, choice: Selection) -> str:
    """The topic with most still to be done, as the title of their list."""
    # What has not begun lacks all of it, and nobody is behind.
    known = rows[rows["status"] != "not_open"].dropna(subset=["still_needed"])
    most = known[known["still_needed"] == known["still_needed"].max()]
    if len(rows) < 2 or len(most) != 1 or not most["still_needed"].iloc[0]:
        return choice.text("overview.topics")
    metric = load_registry().metrics[most["metric"].iloc[0]]
    return choice.text(
        "overview.topics_found",
        metric=wording.in_language(metric, "label", choice.lang),
        n=wording.number(most["still_needed"].iloc[0]),
    )


def _tell_topics(seen: FirstScreen, choice: Selection) -> Listed:
    judged, rows = seen.judged, seen.topics
    title = _say_topics(rows, choice)
    view = list_rows(rows, choice, "topics", title, overview.WORDS[choice.lang])
    registry, lang, lines, are_flagged = load_registry(), choice.lang, [], False
    for row in rows.to_dict("records"):
        metric = registry.metrics[row["metric"]]
        progress, _ = judged[metric.id]
        day = wording.day_name(metric.due, lang)
        label = wording.in_language(metric, "label", lang)
        name = choice.text("overview.due", label=label, day=day)
        # Before the due day all that is done is in time.
        is_over = choice.month > row["due"][:7]
        in_time, later = row["in_time" if is_over else "rate"], row["done_later"]
        known = [share for share in (in_time, later) if not wording.is_missing(share)]
        parts = list(zip(("done", "late"), known, strict=False))
        missing = row["still_needed"]
        verdict = sentences.verdict(metric, progress, lang)
        believed = seen.beliefs.get(metric.id)
        against = caveat(believed, lang) if believed else ""
        verdict += sentences.praise(metric, progress, against)
        memory = registry.memory_of(metric.id)
        signs = say_signs(choice, memory)({}) if is_over and memory else ""
        are_flagged |= FLAG in signs
        texts = [
            f"{wording.percent(in_time)} {signs}".strip(),
            wording.percent(later),
            wording.UNDEFINED if pd.isna(missing) else wording.number(missing),
            verdict,
        ]
        cells = [{"parts": parts}, *({"text": text} for text in texts)]
        to = choice.link("county_heatmap", metric=metric.id, basis=None, compare=None)
        lines.append({"name": name, "to": to, "cells": cells})
    columns = ("column.so_far", "in_time", "done_later", "column.missing")
    columns += ("column.verdict",)
    headings = [
        {
            # Called as in the table and on the page of the topics.
            "name": choice.text(
                f"overview.{name}" if "." in name else f"headings.column.{name}"
            )
        }
        for name in columns
    ]
    note = choice.text("overview.topics_flags") if are_flagged else ""
    caption = f"{note} {methods.sentence(choice, 'still_missing')}".strip()
    corner = choice.text("overview.column.topic")
    table = {"caption": title, "corner": corner, "columns": headings, "lines": lines}
    return Listed(title, caption, view, table | {"key": "topics", "look": "tight"})


def draw_more(seen: FirstScreen, choice: Selection) -> None:
    """What is needed less often: one part, and only once it is chosen."""
    words = {part: choice.text(f"overview.more.{part}") for part in MORE}
    label = choice.text("overview.more.title")
    part = selection.choose_word(choice, "more", words, label=label)
    if MORE[part]:
        MORE[part](seen, choice)


def _draw_duties(seen: FirstScreen, choice: Selection) -> None:
    """Headline figures, bars of the three duties and the pace of the topics."""
    registry, month, lang = load_registry(), choice.month, choice.lang
    caveats = ask_caveats(seen.frames, choice.change(basis="reported"))
    duties = overview.duty_metrics(registry, month)
    reached = {name: in_month(seen.frames[name], month) for name in duties.values()}
    about = {"in_time": seen.in_time, "caveats": caveats}
    answer = overview.answer_everywhere(reached, registry, month, lang, **about)
    said = f"**{answer}** {overview.left_out(reached, lang)}"
    st.markdown(catalogue.solid(said))
    by_month = _ask_cells(seen.metric, choice)
    uneven = overview.unevenness_headline(by_month.frame, seen.metric, month, lang)
    headlines = overview.headlines(seen.frames, registry, month, lang)
    draw_headlines([*headlines, uneven], choice)
    left, right = st.columns(2, gap="medium")
    with left:
        draw_progress(reached, None, choice, **about)
    with right:
        draw_deadlines(seen.frames, choice, caveats)


def _draw_uneven(seen: FirstScreen, choice: Selection) -> None:
    """How far apart places lie, who has moved most, and each in its sector."""
    months = tuple(known for known in selection.months() if known <= choice.month)
    by_month = _ask_cells(seen.metric, choice)
    cells = month_of(by_month, choice.month)
    left, right = st.columns([1, 1.4], gap="medium")
    with left:
        measured = draw_spread(cells.frame, seen.metric, choice)
        changes = overview.largest_changes(by_month.frame, months)
        draw_changes(changes, seen.metric, choice)
    with right:
        draw_cells(cells, measured, choice)


def _ask_cells(metric: Metric, choice: Selection) -> View:
    months = tuple(known for known in selection.months() if known <= choice.month)
    question = {"where": choice.within, "months": months, "basis": "reported"}
    return ask(choice, by=("month", *CELL), metric=metric.id, **question)


def draw_progress(
    reached: Mapping[str, pd.DataFrame],
    checked: Mapping[str, pd.DataFrame] | None,
    choice: Selection,
    **about: Mapping[str, Any],
) -> None:
    """What is done of each duty and still missing; `checked` as checks support it.

    `about`: `in_time` and `caveats` of the picture.
    """
    registry, month = load_registry(), choice.month
    rows = overview.progress_rows(reached, registry, month, checked)
    about = {"verified": checked, **about, **_look(choice)}
    picture = progress_bars(reached, registry, choice.lang, **about)
    caption = methods.sentence(choice, "still_missing")
    show_rows(picture, rows, choice, "progress", caption=caption, **HEATMAP)


def draw_deadlines(
    frames: Mapping[str, pd.DataFrame], choice: Selection, caveats: Mapping[str, str]
) -> None:
    """Each topic against its due day: done, needed a month, recent pace, verdict.

    `caveats` by metric what stands against its figure.
    """
    registry, words = load_registry(), overview.WORDS[choice.lang]
    judged = overview.judge_deadlines(frames, registry, choice.month)
    rows = overview.deadline_rows(judged, registry)
    look = {"caveats": caveats, **_look(choice)}
    picture = deadline_strip(judged, registry, choice.lang, **look)
    caption = methods.sentence(choice, "pace")
    about = {"words": words, "caption": caption, **HEATMAP}
    show_rows(picture, rows, choice, "deadlines", **about)


def draw_spread(
    cells: pd.DataFrame, metric: Metric, choice: Selection
) -> overview.Unevenness:
    """How far apart the cells of a month lie, with links to both ends."""
    measured = overview.measure_cells(cells, metric, choice.month)
    sentence = sentences.spread(measured, choice.lang)
    cards = ("mean_distance", "hottest_coldest")
    st.markdown(methods.with_links(choice, sentence, *cards))
    # The spread is of the ledgers, whatever the bars show.
    says = say_caveat(choice.change(basis="reported"), metric)
    about = (measured, cells, load_registry(), choice.lang)
    ends = overview.extreme_places(*about, says=says)
    with st.container(key="ranked-extremes"):
        for end, name, unit, sector in ends:
            label = choice.text(f"overview.extreme_{end}", place=name)
            _link(choice, metric, unit, sector, label, ENDS[end])
    return measured


def draw_changes(changes: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """The largest of `overview.largest_changes`, each a link, and all as files."""
    title = choice.text("overview.changes")
    show_figure(
        functools.partial(_rank_changes, changes, metric, choice),
        list_rows(changes, choice, f"changes_{metric.id}", title),
        choice,
        "changes",
        title=title,
        caption=methods.sentence(choice, "changes"),
    )


def draw_cells(cells: View, measured: overview.Unevenness, choice: Selection) -> None:
    """Each unit in its sector, beside the city and the target; a click leads on."""
    cells = with_classes(cells, choice)
    metric = cells.context.metric
    lines = {"city": measured.rate, "target": metric.target}
    picture = sector_dots(
        cells.frame, metric, load_registry(), choice.lang, **lines, **_look(choice)
    )
    clicked = show_figure(picture, cells, choice, "dots", is_clickable=True)
    follow_click(clicked, choice.change(metric=metric.id), "sector_gaps", CELL)


def draw_filing(seen: FirstScreen, choice: Selection) -> None:
    """Which ledgers came in time, month by month."""
    snapshot, words = marts.current().snapshot, overview.WORDS[choice.lang]
    picture = filing_strip(seen.filing, load_registry(), choice.lang, snapshot=snapshot)
    profile = {"to": "area_profile", "by": ("unit", "month")}
    show_rows(picture, seen.filing, choice, "filing", words=words, **profile)


# The parts below the first screen by their codes; the first is none.
MORE: Mapping[str, Callable[[FirstScreen, Selection], None] | None] = {
    "none": None,
    "duties": _draw_duties,
    "uneven": _draw_uneven,
    "filing": draw_filing,
}


def link_wall(choice: Selection) -> None:
    """Lead to the wall view, which is of the newest month whichever is shown here."""
    label = choice.text("overview.wall")
    selection.page_link(choice, "wall", label, icon=":material/tv:", month=None)


def _rank_changes(changes: pd.DataFrame, metric: Metric, choice: Selection) -> None:
    """Each of the largest as a link to where it can be looked into."""
    if changes.empty:
        st.caption(choice.text("overview.no_changes"))
    with st.container(key="ranked-changes"):
        for row in changes[: overview.N_CHANGES].to_dict("records"):
            label = sentences.change(
                wording.cell_name(
                    load_registry(), CELL, (row["unit"], row["sector"]), choice.lang
                ),
                row["rate_before"],
                row["rate"],
                metric,
                choice.lang,
            )
            way = "upward" if row["change"] > 0 else "downward"
            icon = f":material/arrow_{way}:"
            _link(choice, metric, row["unit"], row["sector"], label, icon)


def _look(choice: Selection) -> dict[str, Any]:
    return {"month": choice.month, "snapshot": marts.current().snapshot}


def _link(
    choice: Selection, metric: Metric, unit: Any, sector: Any, *look: str
) -> None:
    label, icon = look
    places = {"metric": metric.id, "unit": unit, "sector": sector}
    selection.page_link(choice, "sector_gaps", label, icon=icon, **places)
