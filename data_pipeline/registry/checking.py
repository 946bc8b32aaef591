"""The registry as a whole: what its files say of each other, every fault at once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta, timezone
from typing import Any

from data_pipeline.registry.definitions import (
    DIMENSIONS,
    INSPECTED,
    METRIC_STATUSES,
    PERSONS,
    ROLES,
    SEVERITIES,
    TALK_REASONS,
    Bulletin,
    Calendar,
    Cascade,
    CascadeLevel,
    CascadeTopic,
    Column,
    Derived,
    Group,
    Metric,
    Milestone,
    Page,
    Reason,
    Rule,
    Sector,
    Table,
    Talks,
    Topic,
    Unit,
    Verified,
    Window,
    fold_name,
)
from data_pipeline.registry.measures import (
    COUNT_KINDS,
    UNIT_KINDS,
    as_codes,
    check_where,
    resolve,
    table_that_counts,
)
from data_pipeline.registry.reading import (
    Faults,
    check_keys,
    check_type,
    list_tables,
    read_entries,
    read_entry,
    read_words,
)
from data_pipeline.words.catalogue import LANGUAGES

COLUMN_TYPES = (
    "month",
    "date",
    "group",
    "unit",
    "sector",
    "branch",
    "draw",
    "case",
    "round",
    "text",
    "count",
    "word",
    "words",
    "yes_no",
    "share",
)
METRIC_UNITS = ("share", "per_head", "per_place")
# What a metric that remembers another one takes from it.
REMEMBERED_KEYS = (
    "numerator",
    "denominator",
    "table",
    "unit",
    "better",
    "quote",
    "window",
    "milestones",
)
# Parts of the menu that a standard page may stand in.
PAGE_SECTIONS = ("city", "gaps", "trust", "method")
# Lists of a table's file that stand below its own keys.
PARTS = ("column", "derived", "measure")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
Raw = Mapping[str, Any]


def check_tables(files: Mapping[str, Raw], faults: Faults) -> dict[str, Table]:
    """The tables of the lake, in their order, from tables/<table>.toml."""
    tables = {}
    for name, raw in files.items():
        place = f"tables/{name}.toml"
        fields = {k: v for k, v in raw.items() if k not in PARTS}
        given = {"name": name, "order": 0, "columns": ()}
        fields.pop("order", None)
        table = read_entry(Table, place, fields, faults, **given)
        columns = read_entries(Column, place, raw, "column", faults)
        for column in columns:
            # The ledger's model turns all of its counts into counts to date.
            kinds = COUNT_KINDS[:2] if name == "ledger" else COUNT_KINDS
            _check_column(f"{place}: column {column.name}", column, kinds, faults)
        _check_headings(place, columns, faults)
        by_name = {column.name: column for column in columns}
        for column in columns:
            at = f"{place}: column {column.name}, key only_where"
            for other, codes in column.only_where.items():
                check_where(at, other, codes, by_name, faults)
        columns = [
            dataclasses.replace(column, only_where=as_codes(column.only_where))
            for column in columns
        ]
        if table is None:
            faults.broken.add(name)
            continue
        for part in table.key:
            faults.is_known(f"{place}, key key", part, [c.name for c in columns])
        _check_key(place, table, columns, faults)
        for part in table.total_of:
            faults.is_known(f"{place}, key total_of", part, table.key)
        tables[name] = dataclasses.replace(
            table, order=len(tables) + 1, columns=tuple(columns)
        )
    return tables


def _check_column(
    place: str, column: Column, kinds: Sequence[str], faults: Faults
) -> None:
    before = len(faults.sentences)
    faults.is_name(f"{place}, key name", column.name)
    faults.is_known(f"{place}, key type", column.type, COLUMN_TYPES)
    if column.type == "count":
        faults.is_known(f"{place}, key kind", column.kind, kinds)
        faults.is_known(f"{place}, key counts", column.counts, ("", PERSONS))
    elif column.counts:
        faults.add("counts_no_count", place=place)
    if column.type in ("word", "words") and not column.words:
        faults.add("no_words", place=place)
    for code in column.words.values():
        faults.is_name(f"{place}, key words", code)
    for code in column.words_en:
        faults.is_known(f"{place}, key words_en", code, column.words.values())
    for code in column.word_aliases.values():
        known = column.words.values()
        faults.is_known(f"{place}, key word_aliases", code, known)
    if column.required and column.optional:
        faults.add("required_and_optional", place=place)
    if len(faults.sentences) > before:
        faults.broken.add(column.name)


def _check_headings(place: str, columns: Sequence[Column], faults: Faults) -> None:
    owners: dict[str, str] = {}
    for column in columns:
        for heading in (column.heading, *column.aliases):
            owner = owners.setdefault(fold_name(heading), column.name)
            if owner != column.name:
                faults.add(
                    "heading_twice",
                    place=place,
                    heading=heading,
                    owner=owner,
                    name=column.name,
                )


def check_derived(
    files: Mapping[str, Raw], tables: Mapping[str, Table], faults: Faults
) -> dict[str, Derived]:
    """What SQL computes of the tables, from the same files."""
    derived = {}
    for name, raw in files.items():
        place = f"tables/{name}.toml"
        for entry in list_tables(raw, "derived", place, faults):
            at = f"{place}: derived {entry.get('name')}"
            item = read_entry(Derived, at, {"table": name, **entry}, faults)
            if item is None:
                continue
            faults.is_name(f"{at}, key name", item.name)
            if item.name in derived:
                faults.add("derived_twice", place=place, name=item.name)
            derived[item.name] = item
            counts = tables[item.table].counts if item.table in tables else ()
            is_difference = item.minuend or item.subtrahend
            if is_difference and faults.is_known(
                f"{at}, key table", item.table, tables
            ):
                faults.is_known(f"{at}, key minuend", item.minuend, counts)
                faults.is_known(f"{at}, key subtrahend", item.subtrahend, counts)
            filed = tables["ledger"].counts if "ledger" in tables else item.of
            for column in item.of:
                faults.is_known(f"{at}, key of", column, filed)
    return derived


def check_places(
    raw: Raw, faults: Faults
) -> tuple[dict[str, Group], dict[str, Unit], dict[str, Sector]]:
    """Groups, units and sectors by code, from places.toml."""
    file = "places.toml"
    owed = [f"owed_{language}" for language in LANGUAGES]
    check_keys(file, raw, ("group", "unit", "sector", "confusable", *owed), faults)
    for key in owed:
        check_type(f"{file}, key {key}", raw.get(key, ""), "str", faults)
    groups, units, sectors = (
        {one.code: one for one in read_entries(kind, file, raw, key, faults)}
        for kind, key in ((Group, "group"), (Unit, "unit"), (Sector, "sector"))
    )
    for unit in units.values():
        place = f"{file}: unit {unit.code}"
        faults.is_known(f"{place}, key group", unit.group, groups)
        faults.is_known(f"{place}, key kind", unit.kind, UNIT_KINDS)
    for code, sector in sectors.items():
        sectors[code] = dataclasses.replace(
            sector,
            **{
                f"short_{language}": getattr(sector, f"short_{language}")
                or getattr(sector, f"name_{language}")
                for language in LANGUAGES
            },
        )
    for places in (groups, units, sectors):
        owners: dict[str, str] = {}
        for place in places.values():
            for name in place.names:
                owner = owners.setdefault(fold_name(name), place.code)
                if owner != place.code:
                    faults.add(
                        "place_name_twice",
                        file=file,
                        name=name,
                        owner=owner,
                        code=place.code,
                    )
    return groups, units, sectors


def check_metrics(
    files: Mapping[str, Raw],
    tables: Mapping[str, Table],
    derived: Mapping[str, Derived],
    faults: Faults,
) -> dict[str, Metric]:
    """Every metric in the order of themes, from metrics/<theme>.toml."""
    metrics: dict[str, Metric] = {}
    listed = {
        theme: list_tables(raw, "metric", f"metrics/{theme}.toml", faults)
        for theme, raw in files.items()
    }
    made = {"counted": None, "base": None}
    everything = [entry for entries in listed.values() for entry in entries]
    for theme, entries in listed.items():
        file = f"metrics/{theme}.toml"
        check_keys(file, files[theme], ("order", "metric"), faults)
        for number, entry in enumerate(entries, 1):
            id = entry.get("id") or number
            place = f"{file}: metric {id}"
            if id in metrics:
                faults.add("metric_twice", file=file, id=id)
            whole = _take_remembered(place, entry, everything, faults)
            metric = read_entry(Metric, place, whole, faults, theme=theme, **made)
            if metric is not None:
                metrics[metric.id] = _check_metric(
                    place, metric, tables, derived, faults
                )
    owners: dict[str, str] = {}
    for metric in metrics.values():
        for name in metric.names:
            owner = owners.setdefault(fold_name(name), metric.id)
            if owner != metric.id:
                place = f"metrics/{metric.theme}.toml: metric {metric.id}"
                faults.add("metric_name_twice", place=place, name=name, owner=owner)
    return metrics


def _check_metric(
    place: str,
    metric: Metric,
    tables: Mapping[str, Table],
    derived: Mapping[str, Derived],
    faults: Faults,
) -> Metric:
    before = len(faults.sentences)
    faults.is_name(f"{place}, key id", metric.id)
    sources = [*tables, *(d.table for d in derived.values())]
    is_of_model = metric.table in {"ledger", *(d.table for d in derived.values())}
    if not faults.is_known(f"{place}, key table", metric.table, dict.fromkeys(sources)):
        pass
    elif is_of_model and not _names_measure(metric, tables):
        for dimension in metric.dimensions:
            faults.is_known(f"{place}, key dimensions", dimension, DIMENSIONS)
        _check_sides(place, metric, tables, derived, faults)
        dimensions = metric.dimensions or DIMENSIONS
        metric = dataclasses.replace(metric, dimensions=dimensions)
    else:
        metric = resolve(place, metric, tables, faults)
    faults.is_known(f"{place}, key unit", metric.unit, METRIC_UNITS)
    faults.is_known(f"{place}, key better", metric.better, ("higher", "lower", "none"))
    faults.is_known(f"{place}, key status", metric.status, METRIC_STATUSES)
    for role in metric.roles:
        faults.is_known(f"{place}, key roles", role, ROLES)
    window = metric.window and read_entry(
        Window, f"{place}, window", metric.window, faults
    )
    if window and window.start > window.end:
        faults.add("window_backwards", place=place)
    verified = metric.verified and read_entry(
        Verified, f"{place}, verified", metric.verified, faults
    )
    if verified and "spot_check" in tables:
        found = [c.name for c in tables["spot_check"].columns]
        faults.is_known(f"{place}, verified, key column", verified.column, found)
        bases = ["", "n_members", "n_leaders", "n_members_ordinary"]
        faults.is_known(f"{place}, verified, key base", verified.base, bases)
    milestones = [
        read_entry(Milestone, f"{place}, milestone {number}", milestone, faults)
        for number, milestone in enumerate(metric.milestones, 1)
    ]
    if len(faults.sentences) == before:
        _check_milestones(place, metric, milestones, faults)
    if len(faults.sentences) > before:
        faults.broken.add(metric.id)
    return dataclasses.replace(
        metric,
        window=window,
        verified=verified,
        milestones=tuple(filter(None, milestones)),
    )


def _names_measure(metric: Metric, tables: Mapping[str, Table]) -> bool:
    """Whether a side is a measure, or another table than the ledger is read."""
    measures = {m.name for table in tables.values() for m in table.measures}
    sides = {metric.numerator, metric.denominator}
    return metric.owed_by is not None or bool(sides & measures)


def _check_sides(
    place: str,
    metric: Metric,
    tables: Mapping[str, Table],
    derived: Mapping[str, Derived],
    faults: Faults,
) -> None:
    held = (metric.table, "ledger") if metric.is_summed else (metric.table,)
    columns = [c for name in held if name in tables for c in tables[name].counts]
    columns += [d.name for d in derived.values() if d.table in held]
    for key in ("numerator", "denominator"):
        name = getattr(metric, key)
        home = table_that_counts(name, tables)
        faults.is_known(f"{place}, key {key}", name, columns, counted_in=home)


def _check_key(
    place: str, table: Table, columns: Sequence[Column], faults: Faults
) -> None:
    """A row must say its month and place, or it would be in some sums and not others.

    Where a row may be of no place, its column says so by `optional`.
    """
    for column in columns:
        is_month = column.type == "month"
        is_place = column.type in ("unit", "sector", "group")
        if column.name not in table.key or column.required:
            continue
        if is_month or (is_place and not column.optional):
            faults.add("key_may_be_blank", place=f"{place}: column {column.name}")


def _check_milestones(
    place: str, metric: Metric, milestones: Sequence[Milestone], faults: Faults
) -> None:
    for milestone in milestones:
        if milestone.upper is not None and milestone.upper <= milestone.target:
            faults.add(
                "upper_below_target",
                place=place,
                upper=milestone.upper,
                target=milestone.target,
            )
    dues = [m.due for m in milestones]
    if len(dues) > 1 and (None in dues or dues != sorted(dues)):
        faults.add("milestones_order", place=place)
    if metric.remembers and (dues or [None])[-1] is None:
        faults.add("nothing_to_remember", place=place, remembers=metric.remembers)
    if metric.remembers and metric.table != "ledger":
        faults.add("remembers_other", place=place, remembers=metric.remembers)


def _take_remembered(
    place: str, entry: Raw, entries: Sequence[Raw], faults: Faults
) -> dict[str, Any]:
    """A metric as it was written, with what it takes from the one it remembers."""
    name = entry.get("remembers")
    others = {other.get("id"): other for other in entries if other is not entry}
    if not name or not faults.is_known(f"{place}, key remembers", name, others):
        return dict(entry)
    known = {k: v for k, v in others[name].items() if k in REMEMBERED_KEYS}
    return known | dict(entry)


def check_calendar(
    raw: Raw, metrics: Mapping[str, Metric], faults: Faults
) -> Calendar | None:
    """The campaign with its topics and rounds, from calendar.toml."""
    file = "calendar.toml"
    check_keys(file, raw, ("campaign", "topic", "round"), faults)
    topics = tuple(read_entries(Topic, file, raw, "topic", faults))
    for topic in topics:
        place = f"{file}: topic {topic.id}"
        if faults.is_known(f"{place}, key metric", topic.metric, metrics):
            metric = metrics[topic.metric]
            is_whole = metric.id not in faults.broken
            if is_whole and (metric.window is None or metric.due is None):
                faults.add("topic_without_due", place=place, metric=topic.metric)
    rounds = tuple(read_entries(Window, file, raw, "round", faults))
    for one, following in zip(rounds, rounds[1:], strict=False):
        if not one.start <= one.end < following.start <= following.end:
            faults.add("rounds_overlap", file=file)
    campaign = dict(raw.get("campaign", {}))
    zone = _time_zone(str(campaign.pop("timezone", "")), file, faults)
    given = {"timezone": zone, "topics": topics, "rounds": rounds}
    calendar = read_entry(Calendar, f"{file}: campaign", campaign, faults, **given)
    if calendar is None:
        return None
    months = [m for m in (calendar.start, calendar.end) if not MONTH.fullmatch(m)]
    for month in months:
        faults.add("campaign_month", file=file, month=month)
    if not months and calendar.start > calendar.end:
        faults.add("campaign_backwards", file=file)
    if not 1 <= calendar.filing_day <= 28:
        faults.add("filing_day", file=file, filing_day=calendar.filing_day)
    if calendar.rectification_days < 1:
        faults.add(
            "rectification_days",
            file=file,
            rectification_days=calendar.rectification_days,
        )
    return calendar


def _time_zone(offset: str, file: str, faults: Faults) -> timezone:
    if not re.fullmatch(r"[+-]\d\d:\d\d", offset):
        faults.add("timezone", file=file, offset=offset)
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:])))


def check_bulletin(raw: Raw, faults: Faults) -> Bulletin | None:
    """By which rule the circular praises and names, from bulletin.toml."""
    file = "bulletin.toml"
    rules = read_entry(Bulletin, file, raw, faults)
    for name, value in vars(rules).items() if rules else ():
        if not isinstance(value, str) and value < 0:
            faults.add("below_zero", file=file, name=name, value=value)
    return rules


def check_rules(
    raw: Raw,
    tables: Mapping[str, Table],
    derived: Mapping[str, Derived],
    faults: Faults,
) -> tuple[Rule, ...]:
    """What figures may not say, from rules.toml."""
    file = "rules.toml"
    check_keys(file, raw, ("rule",), faults)
    rules = read_entries(Rule, file, raw, "rule", faults)
    for rule in rules:
        _check_rule(f"{file}: rule {rule.id}", rule, tables, derived, faults)
    return tuple(rules)


def _check_rule(
    place: str,
    rule: Rule,
    tables: Mapping[str, Table],
    derived: Mapping[str, Derived],
    faults: Faults,
) -> None:
    compared = ("at_most", "at_least", "one_with", "not_before")
    worded = ("only_with", "needed_with")
    kinds = (*compared, *worded, "zero_before", "query", "rows", "pattern")
    faults.is_known(f"{place}, key kind", rule.kind, kinds)
    faults.is_known(f"{place}, key severity", rule.severity, SEVERITIES)
    wanted = ("name", "text", "remedy") if rule.is_reported else ()
    for word in (*wanted, *(("sentence",) if rule.kind == "pattern" else ())):
        for language in LANGUAGES:
            if not getattr(rule, f"{word}_{language}"):
                faults.add("no_rule_text", place=place, name=f"{word}_{language}")
    if not faults.is_known(f"{place}, key table", rule.table, tables):
        return
    table = tables[rule.table]
    columns = [c.name for c in table.columns]
    columns += [d.name for d in derived.values() if d.table == rule.table]
    if rule.is_reported:
        return
    if rule.kind == "not_before":
        columns = list(table.of_type("date"))
    faults.is_known(f"{place}, key column", rule.column, columns)
    if rule.kind in compared:
        faults.is_known(f"{place}, key other", rule.other, columns)
    elif rule.other or rule.kind in worded:
        words = table.of_type("word")
        if faults.is_known(f"{place}, key other", rule.other, words):
            for word in rule.words:
                known = table.column(rule.other).words.values()
                faults.is_known(f"{place}, key words", word, known)
    if rule.kind == "zero_before" and not MONTH.fullmatch(rule.month):
        faults.add("rule_month", place=place, month=rule.month)


def check_pages(
    raw: Raw,
    metrics: Mapping[str, Metric],
    calendar: Calendar | None,
    faults: Faults,
) -> tuple[Page, ...]:
    """Standard pages, from pages.toml."""
    file = "pages.toml"
    check_keys(file, raw, ("page",), faults)
    pages = read_entries(Page, file, raw, "page", faults)
    for page in pages:
        place = f"{file}: page {page.name}"
        faults.is_name(f"{place}, key name", page.name)
        faults.is_known(f"{place}, key section", page.section, PAGE_SECTIONS)
        known = [
            metrics[name]
            for name in page.metrics
            if faults.is_known(f"{place}, key metrics", name, metrics)
        ]
        if not page.metrics:
            faults.add("page_without_metric", place=place)
        if page.split_by and known:
            categories = dict.fromkeys(d for m in known for d in m.dimensions)
            faults.is_known(f"{place}, key split_by", page.split_by, categories)
    topics = [topic.id for topic in calendar.topics] if calendar else []
    return tuple(
        dataclasses.replace(
            page, cascade=_check_cascade(page, file, metrics, topics, faults)
        )
        for page in pages
    )


def _check_cascade(
    page: Page,
    file: str,
    metrics: Mapping[str, Metric],
    topics: Sequence[str],
    faults: Faults,
) -> Cascade | None:
    """The cascade of a page, which came as it stands in the file."""
    raw, place = page.cascade, f"{file}: page {page.name}, cascade"
    if not isinstance(raw, Mapping):
        return None
    given = {
        key: tuple(read_entries(kind, place, raw, key, faults))
        for key, kind in (("levels", CascadeLevel), ("topics", CascadeTopic))
    }
    for key, found in given.items():
        if not found and not raw.get(key):
            faults.add("cascade_without", place=place, part=key)
    for level in given["levels"]:
        for kind in level.kinds:
            faults.is_known(f"{place}, key kinds", kind, UNIT_KINDS)
    for step in given["topics"]:
        faults.is_known(f"{place}, key topic", step.topic, topics)
        for key in ("led_by", "followed_by"):
            faults.is_known(f"{place}, key {key}", getattr(step, key), metrics)
    labels = {key: value for key, value in raw.items() if key not in given}
    return read_entry(Cascade, place, labels, faults, **given)


def check_inspection(raw: Raw, faults: Faults) -> tuple[str, ...]:
    """What an inspector would stop at, the gravest first, from priorities.toml."""
    file = "priorities.toml"
    check_keys(file, raw, ("inspection", "talks", "reason"), faults)
    kinds = read_words(raw, "inspection", file, faults)
    for kind in kinds:
        faults.is_known(f"{file}, key inspection", kind, INSPECTED)
    return tuple(dict.fromkeys(kinds))


def check_talks(raw: Raw, faults: Faults) -> Talks:
    """Why and how many places are talked to, from priorities.toml."""
    file = "priorities.toml"
    reasons = read_entries(Reason, file, raw, "reason", faults)
    for reason in reasons:
        place = f"{file}: reason {reason.id}"
        faults.is_known(f"{place}, key id", reason.id, TALK_REASONS)
        if reason.weight < 1 or reason.threshold <= 0:
            faults.add("weight_or_threshold", place=place)
        if reason.lists_from is not None and reason.lists_from < reason.threshold:
            faults.add("lists_from", place=place)
    if reasons and all(reason.lists_from is None for reason in reasons):
        faults.add("lists_nobody", file=file)
    heaviest_first = sorted(reasons, key=lambda reason: -reason.weight)
    given = {"reasons": tuple(heaviest_first)}
    talks = read_entry(Talks, f"{file}: talks", raw.get("talks", {}), faults, **given)
    if talks and talks.most < 1:
        faults.add("most_talks", file=file, most=talks.most)
    return talks or Talks()


def check_quotes(
    speech: str,
    metrics: Iterable[Metric],
    calendar: Calendar | None,
    faults: Faults,
) -> None:
    """Everything that anybody demands is said in the source, word for word."""
    quoted = [(f"metrics/{m.theme}.toml: metric {m.id}", m.quote) for m in metrics]
    topics = calendar.topics if calendar else ()
    quoted += [(f"calendar.toml: topic {topic.id}", topic.quote) for topic in topics]
    if calendar:
        quoted.append(("calendar.toml: campaign", calendar.quote))
    for place, quote in quoted:
        if not quote or quote not in speech:
            faults.add("no_quote", place=place, quote=quote)
