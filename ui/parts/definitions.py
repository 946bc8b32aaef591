"""The parts of the page 口径: each draws one file of the registry in words.

A method is explained by one more part: a function here and its name in PARTS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import pandas as pd
import streamlit as st

from data_pipeline.registry import (
    SEVERITIES,
    Column,
    Derived,
    Measure,
    Metric,
    Registry,
    Rule,
    Table,
)
from reports.words import catalogue, wording
from ui import roles
from ui.markup import draw_heading
from ui.menu import pages
from ui.parts import methods
from ui.search import ask_cards
from ui.selection import Selection

# Numbers and words of calendar.toml that figures depend on.
SETTINGS = ("start", "end", "timezone", "filing_day", "rectification_days")


def metrics(choice: Selection, registry: Registry) -> None:
    """One card a metric: formula, targets, direction, quote, where it is shown."""
    found = ask_cards(choice, "metric", registry.metrics)
    st.markdown(catalogue.solid(choice.text("definitions.ratio_of_sums")))
    with st.grid("auto", min_column_width=400):
        for name in found:
            with st.container(
                border=True, gap="xsmall", height="stretch", key=f"metric-{name}"
            ):
                st.markdown(_metric(choice, registry, registry.metrics[name]))


def headings(choice: Selection, registry: Registry) -> None:
    """Every sheet that may be filed, with its headings."""
    st.markdown(choice.text("definitions.headings_intro"))
    for table in registry.tables.values():
        label = wording.in_language(table, "label", choice.lang)
        draw_heading(f"{label} · {table.sheet}")
        grain = " × ".join(
            table.column(name).heading if choice.lang == "zh" else name
            for name in table.key
        )
        st.caption(choice.text("definitions.grain", grain=grain))
        _table(choice, [_heading(choice, column) for column in table.columns])
    derived = [
        {
            "name": wording.in_language(item, "label", choice.lang),
            "code": f"`{item.name}`",
            "made": _made(choice, registry, item),
        }
        for item in registry.derived.values()
    ]
    derived += [
        {
            "name": wording.in_language(measure, "label", choice.lang),
            "code": f"`{measure.name}`",
            "made": _measured(choice, registry, table, measure),
        }
        for table in registry.lake_tables.values()
        for measure in table.measures
    ]
    draw_heading(choice.text("definitions.derived"))
    _table(choice, derived)


def rules(choice: Selection, registry: Registry) -> None:
    """What figures may not say."""
    st.markdown(choice.text("definitions.rules_intro"))
    for severity in SEVERITIES:
        found = [rule for rule in registry.rules if rule.severity == severity]
        if not found:
            continue
        draw_heading(choice.text(f"definitions.severity.{severity}"))
        _table(
            choice,
            [
                {
                    "table": registry.tables[rule.table].sheet,
                    "rule": rule_sentence(choice, registry, rule),
                    "code": f"`{rule.id}`",
                }
                for rule in found
            ],
        )


def calendar(choice: Selection, registry: Registry) -> None:
    """Windows and due days of the topics, last days to file, and every setting."""
    calendar = registry.calendar
    _table(
        choice,
        [
            {
                "topic": wording.in_language(topic, "label", choice.lang),
                "window": _window(registry.metrics[topic.metric]),
                "due": f"{registry.metrics[topic.metric].due}",
                "quote": f"“{topic.quote}”",
            }
            for topic in calendar.topics
        ],
    )
    draw_heading(choice.text("definitions.filing"))
    st.markdown(
        choice.text("definitions.filing_day", day=calendar.filing_day)
        + f"\n> {calendar.quote}"
    )
    _table(
        choice,
        [
            {
                "month": wording.month_name(month, choice.lang),
                # The deadline is the first late instant: a moment before is on time.
                "due": f"{calendar.filing_deadline(month) - timedelta(minutes=1):%F}",
            }
            for month in calendar.months
        ],
    )
    draw_heading(choice.text("definitions.settings"))
    _table(
        choice,
        [
            {
                "meaning": choice.text(f"definitions.setting.{name}"),
                "value": f"{getattr(calendar, name)}",
                "code": f"`{name}`",
            }
            for name in SETTINGS
        ],
    )


def places(choice: Selection, registry: Registry) -> None:
    """Supervision groups with their units, and the sectors."""
    _table(
        choice,
        [
            {
                "group": choice.name("supervision_group", group.code),
                "unit": choice.name("unit", unit.code),
                "code": f"`{unit.code}`",
                "aliases": _list(choice, unit.aliases),
            }
            for group in registry.groups.values()
            for unit in registry.units.values()
            if unit.group == group.code
        ],
    )
    draw_heading(choice.text("selection.sector"))
    _table(
        choice,
        [
            {
                "sector": choice.name("sector", sector.code),
                "code": f"`{sector.code}`",
                "aliases": _list(choice, sector.aliases),
            }
            for sector in registry.sectors.values()
        ],
    )


def glossary(choice: Selection, registry: Registry) -> None:  # noqa: ARG001
    """The words of the dashboard, one word for one thing in both languages."""
    prefix = "definitions.term."
    terms = dict.fromkeys(
        key.removeprefix(prefix).split(".")[0]
        for key in catalogue.all_terms()
        if key.startswith(prefix)
    )
    other = next(
        language for language in catalogue.LANGUAGES if language != choice.lang
    )
    _table(
        choice,
        [
            {
                "term": choice.text(f"{prefix}{term}.word"),
                "other_language": catalogue.text(other, f"{prefix}{term}.word"),
                "meaning": choice.text(f"{prefix}{term}.meaning"),
            }
            for term in terms
        ],
    )


PARTS: Mapping[str, Callable[[Selection, Registry], None]] = {
    "metrics": metrics,
    "headings": headings,
    "rules": rules,
    "calendar": calendar,
    "places": places,
    "methods": methods.draw_cards,
    "glossary": glossary,
}


def rule_sentence(choice: Selection, registry: Registry, rule: Rule) -> str:
    """A rule in words, from its own text or from the columns that it compares."""
    if rule.is_reported:
        return wording.in_language(rule, "text", choice.lang)
    own = {column.name: column for column in registry.tables[rule.table].columns}
    names = {}
    for part in ("column", "other"):
        name = getattr(rule, part)
        if name in own:
            names[part] = own[name].heading_in(choice.lang)
        elif name:
            names[part] = registry.label(name, choice.lang)
    if rule.month:
        names["month"] = wording.month_name(rule.month, choice.lang)
    if rule.words:
        filed = registry.tables[rule.table].column(rule.other).words
        words = (word for word, code in filed.items() if code in rule.words)
        names["words"] = _list(choice, words)
    kind = rule.kind
    if kind == "zero_before" and rule.words:
        kind = "zero_before_where"
    return choice.text(f"definitions.rule.{kind}", **names)


def _metric(choice: Selection, registry: Registry, metric: Metric) -> str:
    """A card as one text: sixty of them stand on the page."""
    label = wording.in_language(metric, "label", choice.lang)
    parts = [f"**{label}** `{metric.id}`"]
    synonyms = metric.synonyms_en if choice.lang == "en" else metric.synonyms
    if synonyms:
        others = wording.join(map(catalogue.plain, synonyms), choice.lang)
        parts.append(f":small[{choice.text('definitions.synonyms', names=others)}]")
    numerator, denominator = (
        registry.label(column, choice.lang)
        for column in (metric.numerator, metric.denominator)
    )
    parts.append(f"= {numerator} **÷** {denominator}")
    demands = "  \n".join((_nature(choice, metric), *_demands(choice, metric)))
    parts.append(catalogue.solid(demands))
    if note := wording.in_language(metric, "note", choice.lang):
        parts.append(f":small[{catalogue.solid(note)}]")
    parts.append(f"> {metric.quote}")
    may_open = roles.reader().may_open
    links = [
        f"[{entry.title(choice.lang)}]({choice.link(entry.name, metric=metric.id)})"
        for entry in pages().values()
        if entry.shows(metric) and may_open(entry.name)
    ]
    if links:
        parts.append(f"{choice.text('definitions.shown_on')} {' · '.join(links)}")
    return "\n\n".join(parts)


def _nature(choice: Selection, metric: Metric) -> str:
    words = [f"unit.{metric.unit}", f"better.{metric.better}"]
    words += ["ceiling"] if metric.is_ceiling else []
    words += [] if metric.is_offered else [f"status.{metric.status}"]
    return " · ".join(choice.text(f"definitions.{word}") for word in words)


def _demands(choice: Selection, metric: Metric) -> list[str]:
    demands = []
    if metric.window:
        window = _window(metric)
        demands.append(choice.text("definitions.window", window=window))
    for milestone in metric.milestones:
        key = "definitions.due" if milestone.due else "definitions.always"
        target = wording.demand(milestone, metric.unit)
        demands.append(choice.text(key, target=target, due=milestone.due))
    return demands


def _heading(choice: Selection, column: Column) -> dict[str, str]:
    kind = column.kind or column.type
    return {
        "heading": column.heading,
        "code": f"`{column.name}`",
        "type": choice.text(f"definitions.type.{kind}"),
        "required": choice.text("definitions.yes") if column.required else "",
        "meaning": wording.in_language(column, "definition", choice.lang),
        "aliases": _list(choice, (*column.aliases, *column.words)),
    }


def _measured(
    choice: Selection, registry: Registry, table: Table, measure: Measure
) -> str:
    """What a measure counts, and of which rows."""
    made = choice.text(
        f"definitions.aggregate.{measure.aggregate}",
        table=wording.in_language(table, "label", choice.lang),
        column=registry.label(measure.column, choice.lang) if measure.column else "",
    )
    where = [
        _list(
            choice,
            (
                registry.word(name, code, choice.lang)
                if code
                else wording.UNNAMED[choice.lang]
                for code in codes
            ),
        )
        for name, codes in measure.where.items()
    ]
    return " · ".join((made, *where))


def _made(choice: Selection, registry: Registry, item: Derived) -> str:
    if not item.sources:
        return choice.text("definitions.from_receipt")
    parts = [registry.label(column, choice.lang) for column in item.sources]
    if not item.of:
        return " − ".join(parts)
    joined = choice.text("definitions.between").join(parts)
    return choice.text("definitions.counted_by", columns=joined)


def _window(metric: Metric) -> str:
    if metric.window is None:
        return ""
    return f"{metric.window.start} – {metric.window.end}"


def _list(choice: Selection, words: Iterable[str]) -> str:
    return choice.text("definitions.between").join(words)


def _table(choice: Selection, rows: list[dict[str, str]]) -> None:
    frame = pd.DataFrame(rows)
    frame.columns = [choice.text(f"definitions.column.{name}") for name in frame]
    st.table(frame, border="horizontal", hide_index=True)
