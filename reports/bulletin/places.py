"""Places beside each other: what a sentence, a cell and a table say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Metric, Milestone, month_end
from data_pipeline.withheld import disclosed, is_withheld
from reports import belief
from reports.bulletin.facts import Facts, number_of
from reports.figures.colours import LIGHT, step_of
from reports.figures.matrix import cell_text
from reports.files.paper import Cell, Column, Query
from reports.metric_rows import stack
from reports.words import catalogue, sentences, wording
from reports.words.standing import describe_place

TEXTS = catalogue.texts("bulletin.places")
# Signs that every Chinese font has: flags, and checks that find less.
FLAG, LESS = "※", "↓"
N_NAMED = 3


def label(metric: Metric, language: str) -> str:
    return wording.in_language(metric, "label", language)


def describe(
    facts: Facts, metric: Metric, place: Mapping[str, str] | None = None
) -> str:
    """Where the city or one place stands on a metric, as a sentence; '' of no row."""
    language, row = facts.language, facts.row(metric.id, place)
    if row is None:
        return ""
    caveat = facts.caveat(metric, place)
    memory = facts.registry.memory_of(metric.id)
    about = {"month": facts.month, "in_time": None, "caveat": caveat}
    if memory and facts.month > memory.remembered_month:
        then = facts.row(memory.id, place)
        about["in_time"] = None if then is None else pd.DataFrame([then])
        about["due_caveat"] = facts.caveat(memory, place)
    return describe_place(pd.DataFrame([row]), metric, language, **about)


def figure_text(
    row: Mapping[str, Any] | None, metric: Metric, month: str, language: str
) -> str:
    """A figure as a cell of a table has it: a rate, or done of demanded."""
    if row is not None and is_withheld(row):
        return wording.WITHHELD[language]
    if row is None or not row["denominator"]:
        return wording.UNDEFINED
    if not metric.owed_by:
        return cell_text(row["rate"], metric)
    done = wording.number(row["numerator"])
    if milestone := wording.milestone_in(metric, month):
        demanded = wording.number(milestone.target * row["denominator"])
        return f"{done} / {demanded}"
    return done


def signs(facts: Facts, metric: Metric, place: Mapping[str, str]) -> str:
    """What stands against a figure, as short as a cell wants it."""
    if not set(place) <= {"unit", "sector", "supervision_group"}:
        return ""
    said = belief.signs(facts.belief(metric, place))
    said = said.replace(belief.FLAG, FLAG).replace(belief.LESS, LESS)
    return f" {said}" if said else ""


def painted(
    facts: Facts, metric: Metric, place: Mapping[str, str], city: float | None
) -> Cell:
    """The figure of a place in the colour of its distance from the city."""
    row = facts.row(metric.id, place)
    if row is not None and not row["denominator"] and row["n_missing"]:
        return Cell(wording.NOT_REPORTED[facts.language])
    text = figure_text(row, metric, facts.month, facts.language)
    if row is None or not row["denominator"] or is_withheld(row):
        return Cell(text)
    text += signs(facts, metric, place)
    step = step_of(number_of(row["rate"]), city, metric.unit, metric.better)
    if step is None:
        return Cell(text)
    return Cell(text, LIGHT.background[step], LIGHT.text[step])


def usable(metrics: Sequence[Metric], by: str) -> list[Metric]:
    """Those that are known by place."""
    return [metric for metric in metrics if by in metric.dimensions]


def place_table(
    facts: Facts, metrics: Sequence[Metric], by: str
) -> tuple[list[Column], list[list[Cell]], Query]:
    """Places × metrics, the city on top, painted by the distance from it."""
    language, registry = facts.language, facts.registry
    metrics = usable(metrics, by)
    frames = {metric.id: facts.ask(metric.id, (by,)).frame for metric in metrics}
    known = set().union(*(set(frame[by]) for frame in frames.values()))
    codes = [code for code in registry.named_places[by] if code in known]
    heading = wording.dimension_label(registry, by, language)
    columns = [Column(heading, 1.5, "left")]
    columns += [Column(label(metric, language)) for metric in metrics]
    whole = [Cell(wording.CITY[language])]
    rates: dict[str, float | None] = {}
    for metric in metrics:
        row = facts.row(metric.id)
        rates[metric.id] = number_of(row["rate"]) if row else None
        whole.append(Cell(figure_text(row, metric, facts.month, language)))
    rows = [whole]
    for code in codes:
        name = wording.place_name(registry, by, code, language)
        cells = [
            painted(facts, metric, {by: code}, rates[metric.id]) for metric in metrics
        ]
        rows.append([Cell(name), *cells])
    if not codes:
        rows = []
    return columns, rows, Query("", stack(frames) if frames else pd.DataFrame())


def compare(facts: Facts, metric: Metric, by: str) -> str:
    """Who has reached what is demanded and who has not; before that, both ends.

    The highest is never named without what stands against its figure.
    """
    if by not in metric.dimensions:
        return ""
    texts, frame = TEXTS[facts.language], facts.ask(metric.id, (by,)).frame
    known = disclosed(frame)
    rows = known[known["denominator"] > 0].sort_values("rate", kind="stable")
    if len(rows) < 2:
        return ""
    n_hidden = len(frame) - len(known)
    rest = texts["withheld"].format(n=n_hidden) if n_hidden else ""
    return _compare(facts, metric, by, rows) + rest


def _compare(facts: Facts, metric: Metric, by: str, rows: pd.DataFrame) -> str:
    """As `compare`, of places whose figures are disclosed, the lowest first."""
    language, registry = facts.language, facts.registry
    texts = TEXTS[language]

    def named(row: Mapping[str, Any], *, with_caveat: bool = False) -> str:
        place = {by: row[by]}
        name = wording.place_name(registry, by, row[by], language, is_short=True)
        caveat = facts.caveat(metric, place) if with_caveat else ""
        text = figure_text(row, metric, facts.month, language)
        return texts["value"].format(name=name, value=text) + caveat

    ranked = rows.to_dict("records")
    milestone = wording.milestone_in(metric, facts.month)
    words = {
        "name": label(metric, language),
        "dimension": wording.dimension_label(registry, by, language).lower(),
        "total": wording.number(len(ranked)),
    }
    is_due = milestone and (
        milestone.due is None or milestone.due <= month_end(facts.month)
    )
    if is_due and metric.better == "higher":
        below = [row for row in ranked if row["rate"] < milestone.target - 1e-9]
        words["demand"] = demand_text(metric, milestone)
        words["reached"] = wording.number(len(ranked) - len(below))
        if not below:
            caveat = sentences.last_in_brackets(facts.caveat(metric), facts.language)
            return texts["all_reached"].format(caveat=caveat, **words)
        # Nobody has reached anything without what stands against it.
        n_doubted = sum(
            facts.belief(metric, {by: row[by]}).is_doubted
            for row in ranked[len(below) :]
        )
        words["doubted"] = texts["doubted"].format(n=n_doubted) if n_doubted else ""
        shown = texts["and"].join(map(named, below[: registry.bulletin.behind_most]))
        key = "below" if len(below) <= registry.bulletin.behind_most else "below_more"
        return texts[key].format(names=shown, below=len(below), **words)
    if ranked[0]["rate"] == ranked[-1]["rate"]:
        if not ranked[0]["numerator"] and not milestone:
            return ""  # nobody has done what nobody demands
        return texts["level"].format(
            value=figure_text(ranked[0], metric, facts.month, language), **words
        )
    if metric.better == "lower":
        ranked.reverse()
    return texts["ends"].format(
        highest=named(ranked[-1], with_caveat=True), lowest=named(ranked[0]), **words
    )


def demand_text(metric: Metric, milestone: Milestone | None) -> str:
    """What is demanded: a share, or a number of each place that owes it."""
    if milestone is None:
        return wording.UNDEFINED
    if not metric.owed_by:
        return wording.demand(milestone, metric.unit)
    ends = [milestone.target, *([milestone.upper] if milestone.upper else [])]
    return "–".join(wording.number(end) for end in ends)


def by_word(facts: Facts, metric: Metric) -> tuple[str, Query]:
    """A metric that each word of a category divides anew: no sum of them says anything.

    One branch may do several of the things that are counted.
    """
    language, registry = facts.language, facts.registry
    category = metric.split_by[0]
    query = facts.ask(metric.id, (category,))
    texts = TEXTS[language]
    parts = [
        texts["value"].format(
            name=wording.code_name(registry, category, row[category], language),
            value=figure_text(row, metric, facts.month, language),
        )
        for row in query.frame.to_dict("records")
        if row["denominator"]
    ]
    if not parts:
        return "", query
    return sentences.named(metric, texts["and"].join(parts), language), query


def lowest(facts: Facts, metric: Metric) -> str:
    """The places that lie lowest, by whoever answers for the metric."""
    by = metric.owed_by.place if metric.owed_by else "unit"
    if by not in metric.dimensions or metric.better == "none":
        return wording.UNDEFINED
    frame = disclosed(facts.ask(metric.id, (by,)).frame)
    rows = frame[frame["denominator"] > 0]
    if len(rows) < 2 or rows["rate"].nunique() < 2:
        return wording.UNDEFINED
    rows = rows.sort_values("rate", kind="stable", ascending=metric.better != "lower")
    texts = TEXTS[facts.language]
    return texts["and"].join(
        texts["value"].format(
            name=wording.place_name(
                facts.registry, by, row[by], facts.language, is_short=True
            ),
            value=figure_text(row, metric, facts.month, facts.language),
        )
        for row in rows[:N_NAMED].to_dict("records")
    )


def moved(facts: Facts, metric: Metric) -> str:
    """How the city's figure moved since the month before, in points or a plain sum."""
    if not facts.last_month:
        return wording.UNDEFINED
    now, then = facts.row(metric.id), facts.row(metric.id, month=facts.last_month)
    if now is None or then is None:
        return wording.UNDEFINED
    after, before = number_of(now["rate"]), number_of(then["rate"])
    if after is None or before is None:
        return wording.UNDEFINED
    if metric.owed_by:
        change = int(now["numerator"]) - int(then["numerator"])
        return (
            f"{change:+,}".replace("-", "−")
            if change
            else TEXTS[facts.language]["same"]
        )
    if metric.unit != "share":
        change = after - before
        return f"{change:+.2f}".replace("-", "−")
    if abs(100 * (after - before)) < facts.registry.bulletin.level_points:
        return TEXTS[facts.language]["same"]
    return wording.points(after - before, facts.language, is_signed=True)


def figures_table(
    facts: Facts, metrics: Sequence[Metric], *, with_lowest: bool = False
) -> tuple[list[Column], list[list[Cell]], Query]:
    """A row a metric: done of how many, rate, move, demand, what is missing."""
    language, texts = facts.language, TEXTS[facts.language]
    columns = [
        Column(texts["metric"], 2.3, "left"),
        Column(texts["done"], 1.8),
        Column(texts["rate"], 1.5),
        Column(texts["moved"], 1.6),
        Column(texts["target"], 1.8),
        Column(texts["missing"], 1.0),
    ]
    if with_lowest:
        columns.append(Column(texts["lowest"], 3.0, "left"))
    rows, frames = [], {}
    for metric in metrics:
        query = facts.ask(metric.id)
        row = facts.row(metric.id)
        if row is None or not row["denominator"]:
            continue
        frames[metric.id] = query.frame
        milestone = wording.milestone_in(metric, facts.month)
        target, missing = demand_text(metric, milestone), wording.UNDEFINED
        if milestone:
            if milestone.due:
                day = wording.day_name(milestone.due, language)
                target = texts["by_day"].format(target=target, day=day)
            counts = (row["numerator"], row["denominator"])
            missing = wording.number(sentences.shortfall(*counts, milestone.target))
        figure = figure_text(row, metric, facts.month, language)
        rate = wording.UNDEFINED if metric.owed_by else figure
        done = wording.done_of(row, language)
        cells = [
            Cell(label(metric, language)),
            Cell(figure if metric.owed_by else done),
            Cell(rate + signs(facts, metric, {})),
            Cell(moved(facts, metric)),
            Cell(target),
            Cell(missing),
        ]
        rows.append(cells + ([Cell(lowest(facts, metric))] if with_lowest else []))
    return columns, rows, Query("", stack(frames) if frames else pd.DataFrame())
