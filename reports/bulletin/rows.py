"""通报: the month's circular as data, section by section, each part with its query.

What stands here is chosen by roles, tables and dimensions of the registry, so that a
metric that is added speaks without being named. Whom it praises and what is to be done
is decided in `rules`, how it looks in `reports/files/`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from data_pipeline.registry import CELL, Metric, Registry
from data_pipeline.statistics.cold_cells import COLD_POINTS
from data_pipeline.statistics.sampling import MIN_RATE, MIN_UNSTARRED
from data_pipeline.withheld import disclosed, is_withheld, withholds
from reports.bulletin import places, rules
from reports.bulletin.draft import Draft
from reports.bulletin.facts import COMMAND, GROUP, Facts, number_of
from reports.bulletin.remarks import Remarks
from reports.cell_classes import explain_cold
from reports.figures.matrix import STAR, cell_text
from reports.files.paper import Bar, Cell, Column, Paper, Query
from reports.ledger_quality import rows as flag_words
from reports.metric_rows import stack
from reports.overview.rows import extreme_places, measure_cells
from reports.reported_vs_verified import rows as verification
from reports.weak_organizations import rows as weak
from reports.words import catalogue, sentences, wording

TEXTS = catalogue.texts("bulletin.rows")
TITLES = catalogue.texts("bulletin.section")
LEADER_ROLES = (
    *("leaders_duty", "leaders_speaking", "leader_speeches", "leader_lectures"),
    *("grassroots_lectures", "grassroots_reach"),
)
STATUSES = ("on_time", "late", "partial", "missing", "not_due")


def circular(facts: Facts, remarks: Remarks | None = None) -> Paper:
    """The circular of a month.

    Parameters
    ----------
    remarks
        What the office adds of its own, with the day it is of.
    """
    language, texts = facts.language, TEXTS[facts.language]
    command = f"{COMMAND} bulletin --month {facts.month} --frame {{number}}"
    draft = Draft(command, language)
    for write in (
        *(_overall, _sectors, _units, _leaders, _weak, _trust, _groups),
        *(_further, _praise, _tasks),
    ):
        write(facts, draft)
    if remarks:
        _open(draft, language, "remarks")
        draft.write(texts["remarks_of"].format(day=remarks.day))
        for paragraph in remarks.paragraphs:
            draft.write(paragraph)
    _define(facts, draft)
    rules_of = facts.registry.bulletin
    return paper(
        facts,
        draft,
        layout="circular",
        title=texts["title"],
        subtitle=texts["subtitle"].format(
            month=wording.month_name(facts.month, language)
        ),
        issuer=wording.in_language(rules_of, "issuer", language),
        day=long_day(_moment(facts), language),
        sources=[
            texts[f"sources_{name}"] for name in ("title", "number", "name", "of")
        ],
    )


def paper(facts: Facts, draft: Draft, **about: Any) -> Paper:
    """A draft as a document of the snapshot: notice, source and time are its own."""
    snapshot, texts = facts.marts.snapshot, TEXTS[facts.language]
    return Paper(
        sections=draft.sections,
        language=facts.language,
        created=_moment(facts),
        notice=snapshot.notice(facts.language),
        source=texts["source"].format(
            id=snapshot.id, built=wording.time_text(snapshot.built_at)
        ),
        page_of=texts["page_of"],
        **about,
    )


def long_day(moment: datetime, language: str) -> str:
    """A day with its year, as it stands below a signature."""
    day = wording.day_name(moment.date(), language)
    return TEXTS[language]["long_day"].format(year=moment.year, day=day)


def _moment(facts: Facts) -> datetime:
    """When the snapshot was built, in the campaign's zone, to the second."""
    zone = facts.registry.calendar.timezone
    return facts.marts.snapshot.built_at.astimezone(zone).replace(microsecond=0)


def _open(draft: Draft, language: str, name: str, title: str = "") -> None:
    number = len(draft.sections)
    form = TEXTS[language]["heading"]
    numerals = TEXTS[language]["numerals"].split()
    numeral = numerals[number] if number < len(numerals) else str(number + 1)
    title = title or TITLES[language][name]
    draft.open(form.format(numeral=numeral, title=title))


def _overall(facts: Facts, draft: Draft) -> None:
    language, texts = facts.language, TEXTS[facts.language]
    _open(draft, language, "overall")
    filed = facts.filing()
    sentence = filing_sentence(filed.frame, facts.registry, facts.month, language)
    draft.say(sentence, filed)
    metrics = facts.headlines()
    for metric in metrics:
        _describe(facts, draft, metric)
    draft.tabulate(
        texts["figures"], *places.figures_table(facts, metrics), texts["signs"]
    )
    draft.draw(texts["progress"], *_progress(facts, metrics), texts["progress_note"])
    for metric in facts.duties():
        draft.say(*_unevenness(facts, metric))


def filing_sentence(
    rows: pd.DataFrame, registry: Registry, month: str, language: str = "zh"
) -> str:
    """Who filed in time, late, in part or not at all; '' where nothing was due.

    `rows` are those of the month, with the `status` of `overview.rows.filing_rows`.
    """
    texts = TEXTS[language]
    if rows.empty:
        return ""
    parts = []
    for status in STATUSES:
        units = rows.loc[rows["status"] == status, "unit"]
        if len(units):
            names = texts["names"].join(
                wording.place_name(registry, "unit", unit, language) for unit in units
            )
            named = texts["named"].format(names=names) * (status != "on_time")
            parts.append(texts[f"filed_{status}"].format(n=len(units)) + named)
    deadline = registry.calendar.filing_deadline(month)
    last_day = deadline - pd.Timedelta(seconds=1)
    return texts["filing"].format(
        month=wording.month_tick(month, language),
        day=wording.day_name(last_day.date(), language),
        total=len(rows),
        parts=texts["joiner"].join(parts),
    )


def _describe(facts: Facts, draft: Draft, metric: Metric) -> None:
    draft.covered.add(metric.id)
    draft.say(places.describe(facts, metric), facts.ask(metric.id))


def _progress(facts: Facts, metrics: list[Metric]) -> tuple[list[Bar], Query]:
    """Shares of the city: done, target in force, what checks support."""
    bars, frames = [], {}
    for metric in metrics:
        row = facts.row(metric.id)
        if metric.unit != "share" or row is None or not row["denominator"]:
            continue
        if is_withheld(row):
            continue
        frames[metric.id] = facts.ask(metric.id).frame
        milestone = wording.milestone_in(metric, facts.month)
        believed = facts.belief(metric)
        text = cell_text(row["rate"], metric)
        if believed.support == "direct":
            supported = wording.percent(believed.supported)
            text = TEXTS[facts.language]["bar"].format(rate=text, supported=supported)
        bars.append(
            Bar(
                places.label(metric, facts.language),
                text,
                row["rate"],
                milestone.target if milestone else None,
                believed.supported,
                believed.supported_lower,
                believed.supported_upper,
            )
        )
    return bars, Query("", stack(frames) if frames else pd.DataFrame())


def _unevenness(facts: Facts, metric: Metric) -> tuple[str, Query]:
    """How far apart the cells lie, both ends named with what stands against them."""
    query = facts.ask(metric.id, CELL)
    language, texts = facts.language, TEXTS[facts.language]
    cells = disclosed(query.frame)
    measured = measure_cells(cells, metric, facts.month)
    spread = sentences.spread(measured, language)

    def says(place: Any) -> str:
        return facts.caveat(metric, dict(place))

    ends = {
        end.end: end.name
        for end in extreme_places(measured, cells, facts.registry, language, says=says)
    }
    is_uneven = len(ends) == 2 and measured.hottest.rate != measured.coldest.rate
    key = "uneven" if is_uneven else "even"
    name = places.label(metric, language)
    return texts[key].format(name=name, spread=spread, **ends), query


def _sectors(facts: Facts, draft: Draft) -> None:
    language, texts = facts.language, TEXTS[facts.language]
    _open(draft, language, "sectors")
    for metric in facts.duties():
        draft.say(
            places.compare(facts, metric, "sector"), facts.ask(metric.id, ("sector",))
        )
    draft.tabulate(
        texts["by_sector"],
        *places.place_table(facts, facts.headlines(), "sector"),
        texts["painted"],
        1,
    )


def _units(facts: Facts, draft: Draft) -> None:
    language, texts = facts.language, TEXTS[facts.language]
    _open(draft, language, "units")
    for metric in facts.duties():
        if "unit" in metric.dimensions:
            query = facts.ask(metric.id, ("unit",))
            draft.say(places.compare(facts, metric, "unit"), query)
            draft.say(_where_missing(facts, metric), query)
    draft.tabulate(
        texts["by_unit"],
        *places.place_table(facts, facts.headlines(), "unit"),
        texts["painted"],
        1,
    )
    topic = facts.registry.topic_of(facts.month)
    draft.draw(
        texts["units_drawn"].format(name=places.label(topic, language)),
        *_unit_bars(facts, topic),
        texts["units_note"],
    )
    note = texts["coldest_note"].format(points=f"{100 * COLD_POINTS:g}")
    draft.tabulate(texts["coldest"], *coldest(facts), note)


def _explain(facts: Facts, topic: Metric) -> str:
    line = facts.city_line(topic)
    return explain_cold(topic, facts.month, facts.language, line)


def _where_missing(facts: Facts, metric: Metric) -> str:
    """Where what the city still lacks lies."""
    milestone = wording.milestone_in(metric, facts.month)
    if milestone is None:
        return ""
    frame = facts.ask(metric.id, ("unit",)).frame
    if withholds(frame):
        return ""  # nobody knows what those lack whose counts are withheld
    known = frame[frame["denominator"] > 0]
    missing = {
        row["unit"]: sentences.shortfall(
            row["numerator"], row["denominator"], milestone.target
        )
        for row in known.to_dict("records")
    }
    # Where some have done more than is demanded, the places lack more than the city
    # does: two sums of what is missing would only be taken for an error.
    city = facts.row(metric.id)
    counts = (city["numerator"], city["denominator"])
    if sum(missing.values()) != sentences.shortfall(*counts, milestone.target):
        return ""
    # Of a few places the sentence on who has reached it names all.
    if len(known) <= facts.registry.bulletin.behind_most:
        return ""
    ranked = sorted(missing, key=lambda unit: -missing[unit])
    names = [
        wording.place_name(facts.registry, "unit", unit, facts.language)
        for unit in ranked
    ]
    text = sentences.concentration(
        [missing[unit] for unit in ranked],
        names,
        facts.language,
        k=facts.registry.bulletin.behind_most,
        n_known=len(known),
        n_silent=int((frame["denominator"] == 0).sum()),
        caveat=facts.caveat(metric),
    )
    name = places.label(metric, facts.language)
    return TEXTS[facts.language]["of_metric"].format(name=name, text=text)


def _unit_bars(facts: Facts, metric: Metric) -> tuple[list[Bar], Query]:
    """Units from the highest to the lowest, the city's rate as a line."""
    query, city = facts.ask(metric.id, ("unit",)), facts.row(metric.id)
    rows = disclosed(query.frame)
    rows = rows[rows["denominator"] > 0]
    rows = rows.sort_values("rate", ascending=False, kind="stable")
    line = number_of(city["rate"]) if city else None
    bars = [
        Bar(
            wording.place_name(facts.registry, "unit", row["unit"], facts.language),
            f"{cell_text(row['rate'], metric)}"
            f"{places.signs(facts, metric, {'unit': row['unit']})}",
            row["rate"],
            line,
        )
        for row in rows.to_dict("records")
    ]
    return bars, query


def coldest(
    facts: Facts, most: int | None = None, *, with_checks: bool = True, **place: str
) -> tuple[list[Column], list[list[Cell]], Query]:
    """The cells judged cold, the coldest first, of the city, a group or a unit.

    with_checks: also what checks confirmed of each, which is read cell by cell.
    """
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    parts = []
    for metric in facts.duties():
        judged = facts.judged(metric)
        if "cell_class" not in judged:
            continue
        cells = judged[judged[list(CELL)].notna().all(axis=1)]
        cells = cells[cells["cell_class"].isin(rules.COLD)]
        milestone = wording.milestone_in(metric, facts.month)
        missing = [
            sentences.shortfall(x, n, milestone.target)
            for x, n in zip(cells["numerator"], cells["denominator"], strict=True)
        ]
        parts.append(cells.assign(metric=metric.id, still_missing=missing))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if len(frame):
        units = registry.units
        frame["supervision_group"] = [units[code].group for code in frame["unit"]]
        for name, code in place.items():
            frame = frame[frame[name] == code]
        rank = frame["cell_class"].map(rules.COLD.index)
        frame = frame.assign(rank=rank).sort_values(
            ["rank", "points_below_target", "still_missing"],
            ascending=[True, False, False],
            kind="stable",
        )
        frame = frame.drop(columns="rank").reset_index(drop=True)
    columns = [
        Column(texts["place"], 2.2, "left"),
        Column(texts["metric"], 2.6, "left"),
        Column(texts["rate"], 1.3),
        Column(texts["missing"], 1.0),
        Column(texts["judged"], 0.9, "center"),
    ]
    if with_checks:
        columns.append(Column(texts["checked"], 1.6))
    rows = []
    most = registry.bulletin.cold_most if most is None else most
    for row in frame[:most].to_dict("records"):
        metric = registry.metrics[row["metric"]]
        codes = tuple(row[name] for name in CELL)
        place = dict(zip(CELL, codes, strict=True))
        against = places.signs(facts, metric, place) if with_checks else ""
        cells = [
            Cell(wording.cell_name(registry, CELL, codes, language)),
            Cell(places.label(metric, language)),
            Cell(cell_text(row["rate"], metric) + against),
            Cell(wording.number(row["still_missing"])),
            Cell(wording_of_class(row["cell_class"], language)),
        ]
        if with_checks:
            cells.append(Cell(_checked(facts.belief(metric, place))))
        rows.append(cells)
    return columns, rows, Query("", frame)


def wording_of_class(code: str, language: str) -> str:
    return catalogue.texts("hot_cold")[language][code]


def _checked(believed: Any) -> str:
    if believed.support in ("", "none"):
        return wording.UNDEFINED
    return f"{believed.n_confirmed} / {believed.n_checked}"


def _leaders(facts: Facts, draft: Draft) -> None:
    language, texts = facts.language, TEXTS[facts.language]
    _open(draft, language, "leaders")
    found = (facts.registry.role(role) for role in LEADER_ROLES)
    metrics = [metric for metric in found if metric]
    for metric in metrics:
        if metric.id not in draft.covered:
            _describe(facts, draft, metric)
    for metric in metrics[:2]:
        query = facts.ask(metric.id, ("unit",))
        draft.say(places.compare(facts, metric, "unit"), query)
    draft.tabulate(
        texts["leaders_by_unit"],
        *places.place_table(facts, metrics, "unit"),
        texts["painted"],
        1,
    )


def _weak(facts: Facts, draft: Draft) -> None:
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    _open(draft, language, "weak")
    cases = facts.weak_cases()
    counts = weak.count_standing(cases)
    draft.say(
        weak.describe(counts, registry, facts.month, language),
        Query("", pd.DataFrame([counts])),
    )
    if cases.empty:
        return
    spots = weak.find_hotspots(facts.roll(), cases)
    draft.say(weak.name_hotspots(spots, registry, language), Query("", spots))
    rows, frame = [], []
    for unit in registry.units:
        own = weak.count_standing(cases[cases["unit"] == unit])
        if not own["n_listed"]:
            continue
        frame.append({"unit": unit, **own})
        numbers = [own[f"n_{name}"] for name in ("listed", *weak.STATES)]
        rows.append(
            [
                Cell(wording.place_name(registry, "unit", unit, language)),
                *(Cell(wording.number(n)) for n in numbers),
                Cell(wording.percent(own["rate"])),
            ]
        )
    names = ("listed", *weak.STATES, "rate")
    columns = [Column(texts["unit"], 1.8, "left")]
    columns += [Column(texts[f"weak_{name}"]) for name in names]
    draft.tabulate(texts["weak_by_unit"], columns, rows, Query("", pd.DataFrame(frame)))
    draft.covered |= {metric.id for metric in weak_metrics(facts)}


def _trust(facts: Facts, draft: Draft) -> None:
    language, texts = facts.language, TEXTS[facts.language]
    _open(draft, language, "trust")
    topics = [metric for metric in facts.opened_topics() if metric.has_verdicts]
    for metric in topics:
        reported = facts.ask(metric.id)
        verified = facts.ask(metric.id, basis="verified")
        text = verification.headline(reported.frame, verified.frame, metric, language)
        name = places.label(metric, language)
        draft.say(texts["of_metric"].format(name=name, text=text), verified)
    for metric in topics:
        if facts.belief(metric).n_checked:
            _compare_bases(facts, draft, metric)
    flags = facts.flags_of()
    sentence = flag_words.headline(flags, language) if len(flags) else texts["no_flags"]
    draft.say(
        sentence,
        Query("", flags.drop(columns="rows").reset_index(drop=True)),
    )
    faults = facts.faults_of()
    key = "faults" if len(faults) else "no_faults"
    draft.say(texts[key].format(n=wording.number(len(faults))), Query("", faults))


def _compare_bases(facts: Facts, draft: Draft, metric: Metric) -> None:
    """Reported before the checks, verified with its interval, by unit."""
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    query = facts.ask(metric.id, ("unit",), basis="verified")
    columns = [
        Column(texts["unit"], 1.7, "left"),
        Column(texts["before"], 1.2),
        Column(texts["verified"], 1.2),
        Column(texts["interval"], 1.6),
        Column(texts["confirmed"], 1.3),
        Column(texts["returned"], 1.3),
        Column(texts["flags"], 0.8),
    ]
    rows, bars = [], []
    for row in query.frame.to_dict("records"):
        unit = row["unit"]
        believed = facts.belief(metric, {"unit": unit})
        rate = number_of(row["rate"]) if believed.support == "direct" else None
        interval = wording.UNDEFINED
        if rate is not None:
            lower, upper = (wording.percent(row[end]) for end in ("lower", "upper"))
            interval = f"{lower.removesuffix(' %')}–{upper}"
        is_starred = rate is not None and row["denominator"] < MIN_UNSTARRED
        shown = wording.percent(rate) + STAR * is_starred
        shown += f" {places.LESS}" * believed.finds_less
        n_drawn, n_left = int(row["n_drawn"]), int(row["n_unvisited"])
        name = wording.place_name(registry, "unit", unit, language)
        counts = f"{int(row['numerator'])} / {int(row['denominator'])}"
        rows.append(
            [
                Cell(name),
                Cell(wording.percent(row["reported_before"])),
                Cell(shown),
                Cell(interval),
                Cell(counts),
                Cell(
                    f"{n_drawn - n_left} / {n_drawn}" if n_drawn else wording.UNDEFINED
                ),
                Cell(wording.number(believed.n_flags) if believed.n_flags else ""),
            ]
        )
        if rate is not None:
            ends = (number_of(row["lower"]), number_of(row["upper"]))
            before = number_of(row["reported_before"])
            bars.append(Bar(name, shown, None, before, rate, *ends))
    name = places.label(metric, language)
    about = {"name": name, "n": MIN_RATE, "few": MIN_UNSTARRED}
    draft.tabulate(
        texts["bases"].format(**about),
        columns,
        rows,
        query,
        texts["bases_note"].format(**about),
    )
    draft.draw(
        texts["bases_drawn"].format(**about), bars, query, texts["bases_drawn_note"]
    )


def _groups(facts: Facts, draft: Draft) -> None:
    language, registry = facts.language, facts.registry
    _open(draft, language, "groups")
    metrics = rules.group_metrics(facts)
    for metric in metrics:
        draft.covered.add(metric.id)
        query = facts.ask(metric.id, (GROUP,))
        draft.say(places.compare(facts, metric, GROUP), query)
    duties = [m for m in facts.duties() if GROUP in m.dimensions]
    draft.tabulate(
        TEXTS[language]["by_group"],
        *duty_matrix(facts, [*metrics, *duties], list(registry.groups)),
        TEXTS[language]["by_group_note"],
    )


def duty_matrix(
    facts: Facts, metrics: list[Metric], groups: list[str]
) -> tuple[list[Column], list[list[Cell]], Query]:
    """Duties × supervision groups, done of demanded."""
    language, texts = facts.language, TEXTS[facts.language]
    columns = [Column(texts["duty"], 2.4, "left"), Column(texts["demand"], 1.2)]
    columns += [
        Column(wording.place_name(facts.registry, GROUP, group, language), 1.4)
        for group in groups
    ]
    rows, frames = [], {}
    for metric in metrics:
        frames[metric.id] = facts.ask(metric.id, (GROUP,)).frame
        milestone = wording.milestone_in(metric, facts.month)
        demand = places.demand_text(metric, milestone)
        # What nobody demands has no ground: more of it is not better than elsewhere.
        line = milestone.target if milestone else None
        cells = [
            places.painted(facts, metric, {GROUP: group}, line) for group in groups
        ]
        rows.append([Cell(places.label(metric, language)), Cell(demand), *cells])
    return columns, rows, Query("", stack(frames) if frames else pd.DataFrame())


def further_tables(facts: Facts) -> dict[str, list[Metric]]:
    """By table, the metrics of tables that have no section of their own.

    Weak organisations have one, and so has all that a supervision group answers for.
    """
    registry = facts.registry
    by_table: dict[str, list[Metric]] = {}
    for metric in registry.metrics.values():
        if metric.counted:
            by_table.setdefault(metric.counted.table, []).append(metric)
    own = {m.counted.table for m in rules.group_metrics(facts) if m.counted}
    own |= {m.counted.table for m in weak_metrics(facts)}
    return {
        name: by_table[name]
        for name in registry.tables
        if name in by_table and name not in own
    }


def weak_metrics(facts: Facts) -> list[Metric]:
    return [m for m in facts.registry.metrics.values() if m.table == "weak_case"]


def _further(facts: Facts, draft: Draft) -> None:
    """A section for each table that no other section speaks of."""
    language, registry = facts.language, facts.registry
    silent = []
    for name, metrics in further_tables(facts).items():
        title = wording.in_language(registry.tables[name], "label", language)
        if not facts.has_filed(name):
            silent.append(title)
            continue
        known = [
            metric
            for metric in metrics
            if (facts.row(metric.id) or {}).get("denominator")
            and has_opened(facts, metric)
        ]
        _open(draft, language, "", title)
        if name == "problem":
            draft.say(problems_sentence(facts), Query("", facts.problems()))
        for metric in known:
            if metric.split_by:
                draft.covered.add(metric.id)
                draft.say(*places.by_word(facts, metric))
            else:
                _describe(facts, draft, metric)
        whole = [metric for metric in known if not metric.split_by]
        draft.tabulate(
            TEXTS[language]["of_table"].format(name=title),
            *places.figures_table(facts, whole, with_lowest=True),
        )
    if silent:
        _open(draft, language, "silent")
        names = TEXTS[language]["joiner"].join(silent)
        draft.write(TEXTS[language]["silent"].format(names=names))


def has_opened(facts: Facts, metric: Metric) -> bool:
    """False for what counts a topic whose window has not opened by the month's end."""
    opened = {topic.id for topic in facts.opened_topics()}
    return not any(
        f"{topic.id}_" in f"{metric.numerator}_" and topic.metric not in opened
        for topic in facts.registry.calendar.topics
    )


def problems_sentence(facts: Facts, **place: str) -> str:
    """How many problems are open, how many over their term, and on which level."""
    language, texts, found = facts.language, TEXTS[facts.language], facts.problems()
    for dimension, code in place.items():
        found = found[found[dimension] == code]
    if found.empty:
        return texts["no_problems"]
    counts = found["level"].value_counts()
    levels = texts["names"].join(
        texts["level"].format(name=facts.registry.word("level", code, language), n=n)
        for code, n in counts.items()
        if code
    )
    key = "problems" if levels else "problems_only"
    n_late = int(found["is_overdue"].sum())
    return texts[key].format(n=len(found), late=n_late, levels=levels)


def _praise(facts: Facts, draft: Draft) -> None:
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    _open(draft, language, "praise")
    merits = rules.find_merits(facts)
    query = Query("", rules.merits_frame(merits))
    praised: dict[str, list[rules.Merit]] = {}
    for merit in merits:
        if merit.outcome == rules.PRAISED:
            praised.setdefault(merit.unit, []).append(merit)
    for unit in list(praised)[: registry.bulletin.praise_most]:
        figures = texts["joiner"].join(
            _praise_figure(facts, merit) for merit in praised[unit]
        )
        name = wording.place_name(registry, "unit", unit, language)
        draft.say(texts["praised"].format(name=name, figures=figures), query)
    if not praised:
        draft.say(texts["nobody_praised"], query)
    for outcome in (rules.DOUBTED, rules.LATE):
        found = [merit for merit in merits if merit.outcome == outcome]
        if found:
            names = texts["joiner"].join(_withheld(facts, merit) for merit in found)
            draft.say(texts[f"not_praised_{outcome}"].format(names=names), query)
    terms = registry.bulletin
    draft.write(
        texts["praise_rule"].format(
            points=f"{terms.praise_points:g}",
            n=terms.praise_from,
            most=terms.praise_most,
        )
    )


def _praise_figure(facts: Facts, merit: rules.Merit) -> str:
    metric = facts.registry.metrics[merit.metric]
    texts, over = TEXTS[facts.language], merit.rate - merit.city
    parts = []
    if 100 * over >= facts.registry.bulletin.level_points:
        points = wording.points(over, facts.language, is_signed=True)
        parts.append(texts["over"].format(points=points))
    if support := rules.support_words(merit.belief, facts.language):
        parts.append(support)
    about = texts["about"].format(parts=texts["comma"].join(parts)) if parts else ""
    return texts["praise_figure"].format(
        name=places.label(metric, facts.language),
        rate=cell_text(merit.rate, metric),
        about=about,
    )


def _withheld(facts: Facts, merit: rules.Merit) -> str:
    metric = facts.registry.metrics[merit.metric]
    return TEXTS[facts.language]["withheld"].format(
        unit=wording.place_name(facts.registry, "unit", merit.unit, facts.language),
        name=places.label(metric, facts.language),
        rate=cell_text(merit.rate, metric),
        caveat=facts.caveat(metric, {"unit": merit.unit}),
    )


def _tasks(facts: Facts, draft: Draft) -> None:
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    _open(draft, language, "tasks")
    tasks = rules.find_tasks(facts)
    by_place: dict[tuple[str, str], list[str]] = {}
    for task in tasks:
        by_place.setdefault((task.dimension, task.place), []).append(task.text)
    query = Query("", rules.tasks_frame(tasks))
    key = "tasks" if tasks else "no_tasks"
    n_places = len(by_place)
    draft.say(texts[key].format(n=len(tasks), places=n_places), query)
    rows = []
    for (dimension, code), entries in by_place.items():
        group = code if dimension == GROUP else registry.units[code].group
        rows.append(
            [
                Cell(wording.place_name(registry, dimension, code, language)),
                Cell(wording.place_name(registry, GROUP, group, language)),
                Cell(texts["joiner"].join(entries)),
            ]
        )
    columns = [
        Column(texts["unit"], 1.5, "left"),
        Column(texts["group"], 1.5, "left"),
        Column(texts["task"], 6, "left"),
    ]
    draft.tabulate(texts["task_list"], columns, rows, query)


def _define(facts: Facts, draft: Draft) -> None:
    """How each figure is counted, and what the words mean."""
    language, texts, registry = facts.language, TEXTS[facts.language], facts.registry
    _open(draft, language, "definitions")
    for metric in registry.metrics.values():
        if metric.id not in draft.covered:
            continue
        note = wording.in_language(metric, "note", language)
        draft.write(
            texts["definition"].format(
                name=places.label(metric, language),
                numerator=registry.label(metric.numerator, language),
                denominator=registry.label(metric.denominator, language),
                note=note,
            )
        )
    draft.write(_explain(facts, registry.topic_of(facts.month)))
    draft.write(texts["terms"])
