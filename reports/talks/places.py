"""What is known of each unit and sector before a talk: amounts, words and links.

All of it is read elsewhere as well; here it meets in one row a place, so that a page,
a command and a workbook propose the same talks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline import rates
from data_pipeline.registry import CELL, Metric, Registry, month_end
from reports import findings
from reports.cell_classes import judge_cells
from reports.figures.matrix import Anchor, compare_with_line
from reports.ledger_calendar import rows as filings
from reports.ledger_calendar.inspection import PROBLEMS, visits_lacking
from reports.ledger_quality.rows import flag_id
from reports.problems import rows as problems
from reports.tables import DisplayTable, tabulate
from reports.talks.rank import PLACE, rank_candidates
from reports.weak_organizations.rows import stand_at
from reports.words import catalogue, wording
from reports.words.standing import city_anchor, target_in_force

TEXTS = catalogue.texts("talks.reason")
# What a table has room for; a reason without a shorter wording keeps its own.
SHORT = catalogue.texts("talks.short")
DEMANDS = catalogue.texts("talks.demand")
COLD = ("very_cold", "cold")


class Known(NamedTuple):
    """What is known by the end of a month, of the whole city.

    topic : metric of the month. line : the city's rate, which hot and cold are said
    against. judged : rates of the topic by unit and sector with classes. overdue : by
    unit and sector, of the topics whose day is over that with the lowest rate, and the
    rate. metrics : rates of every duty of the ledger, by metric. filing :
    `filings.stand` up to the month. flags : those not
    answered for good, with `finding`, `finding_state` and `state_date`. weak : cases
    not converted, `weak_organizations.rows.stand_at`. checks : `rates.read_checks`.
    checked : the metric of random checks by unit and sector. n_on_roll : branches by
    unit and sector. problems : open ones, None where the registry has no such table.
    talks : interviews that were filed, None likewise.
    """

    topic: Metric
    line: Anchor
    judged: pd.DataFrame
    overdue: Mapping[tuple[str, str], tuple[str, float]]
    metrics: Mapping[str, pd.DataFrame]
    filing: pd.DataFrame
    flags: pd.DataFrame
    weak: pd.DataFrame
    checks: pd.DataFrame
    checked: pd.DataFrame
    n_on_roll: pd.Series
    problems: pd.DataFrame | None
    talks: pd.DataFrame | None


def read_known(marts: rates.Marts, flags: pd.DataFrame, month: str) -> Known:
    """Read all that talks are proposed from.

    Parameters
    ----------
    flags
        `flags.Flags.found` of the snapshot.
    month
        YYYY-MM.
    """
    registry, end = marts.registry, month_end(month)
    topic = registry.topic_of(month)
    by, months = list(CELL), (month,)
    topics = [registry.metrics[one.metric] for one in registry.calendar.topics]
    over = [metric.id for metric in topics if metric.due and metric.due <= end]
    duties = [m.id for m in registry.metrics.values() if _is_duty(m)]
    wanted = tuple(dict.fromkeys((topic.id, *over, *duties)))
    found = rates.read_several(marts, wanted, by=by, months=months)
    filing = filings.read_standing(marts)
    states = rates.read_staged(marts, findings.TABLE)
    courses = (
        pd.DataFrame(columns=list(findings.COURSE))
        if states is None
        else findings.list_courses(states, registry)
    )
    weak = stand_at(rates.read_weak_cases(marts, month), registry, month)
    random = registry.role("random_checks")
    nothing = pd.DataFrame(columns=[*CELL, "numerator"])
    roll = rates.read_roll(marts)
    cells = rates.add_totals(
        found[topic.id],
        by,
        lambda part: rates.read_rates(marts, topic.id, by=part, months=months),
    )
    (city_rate,) = cells.loc[cells[by].isna().all(axis=1), "rate"]
    line = city_anchor(topic, month, city_rate)
    return Known(
        topic=topic,
        line=line,
        judged=judge_cells(cells, topic, month, line),
        overdue=_find_worst({name: found[name] for name in over}),
        metrics={name: found[name] for name in duties},
        filing=filings.select(filing, month=month),
        flags=_unanswered(flags, courses, month),
        weak=weak[weak["state"] != "converted"].reset_index(drop=True),
        checks=rates.read_checks(marts, month),
        checked=rates.read_rates(marts, random.id, by=by, months=months)
        if random
        else nothing,
        n_on_roll=roll.groupby(list(CELL)).size(),
        problems=_open_problems(rates.read_staged(marts, "problem"), month),
        talks=_interviews(rates.read_staged(marts, "duty")),
    )


def _find_worst(
    rates_of: Mapping[str, pd.DataFrame],
) -> dict[tuple[str, str], tuple[str, float]]:
    """Unit and sector -> the metric with its lowest rate there, and that rate."""
    found: dict[tuple[str, str], tuple[str, float]] = {}
    for name, frame in rates_of.items():
        known = frame[[*CELL, "rate"]].dropna(subset=["rate"])
        for *place, rate in known.itertuples(index=False, name=None):
            lowest = found.get(tuple(place))
            if lowest is None or rate < lowest[1]:
                found[tuple(place)] = name, float(rate)
    return found


def _is_duty(metric: Metric) -> bool:
    """Whether a brief shows it: a share of the ledger with a target."""
    return (
        metric.table == "ledger"
        and metric.unit == "share"
        and bool(metric.milestones)
        and not metric.is_ceiling
        and not metric.remembers
    )


def _unanswered(flags: pd.DataFrame, courses: pd.DataFrame, month: str) -> pd.DataFrame:
    begun = flags[flags["first_month"] <= month]
    names = [flag_id(flag) for flag in begun.itertuples()]
    stated = findings.add_states(begun.assign(finding=names), courses)
    is_closed = findings.is_closed(stated["finding_state"]).to_numpy(bool)
    return stated[~is_closed]


def _open_problems(filed: pd.DataFrame | None, month: str) -> pd.DataFrame | None:
    if filed is None:
        return None
    standing = problems.stand_at(filed, month)
    return standing[standing["is_open"]].reset_index(drop=True)


def _interviews(filed: pd.DataFrame | None) -> pd.DataFrame | None:
    if filed is None:
        return None
    is_talk = filed["act"].eq("interview") & filed["quantity"].fillna(1).gt(0)
    day = pd.to_datetime(filed["date"])
    return filed[is_talk & filed["unit"].ne("")].assign(date=day)


def of_place(rows: pd.DataFrame, unit: str, sector: str) -> pd.DataFrame:
    """The rows of a cell; one of a whole unit (sector '') is of each of its sectors."""
    is_sector = rows["sector"].fillna("").isin(("", sector))
    return rows[(rows["unit"] == unit) & is_sector]


def measure_places(known: Known, registry: Registry, month: str) -> pd.DataFrame:
    """One row for each unit and sector that owes a ledger, as `rank_candidates` asks.

    Beside the amounts stand `numerator`, `denominator` and `rate` of the topic of the
    month, and `talked`, the last day of a talk with the unit in the month or later.
    """
    now = known.filing[known.filing["month"] == month]
    places = now.loc[now["is_due"], list(PLACE)].drop_duplicates()
    sums = known.judged.dropna(subset=list(CELL))
    kept = ["numerator", "denominator", "rate"]
    classes = "cell_class" if "cell_class" in sums else None
    topic = sums[[*CELL, *kept, *filter(None, (classes,))]]
    cells = places.merge(topic, on=list(CELL), how="left")
    cells["still_missing"] = cells["denominator"] - cells["numerator"]
    for name in COLD:
        is_so = cells[classes].eq(name) if classes else False
        cells[name] = pd.Series(is_so, index=cells.index).astype(float)
    # The largest share not done of a topic whose day is over; 0 before any is.
    cells["overdue"] = [
        max(0.0, 1 - known.overdue[place][1]) if place in known.overdue else 0.0
        for place in zip(cells["unit"], cells["sector"], strict=True)
    ]
    missing = known.filing[known.filing["state"] == "missing"]
    cells["missing_ledger"] = _count(missing, cells)
    cells["flagged"] = _count(known.flags, cells)
    cells["weak"] = _count(known.weak, cells)
    cells["unchecked"] = _visits_lacking(known, registry, month, cells)
    if known.problems is not None:
        is_late = known.problems["days_overdue"] > 0
        cells["problems"] = _count(known.problems[is_late], cells)
        cells["problems_open"] = _count(known.problems, cells)
    return cells.assign(talked=_last_talk(known.talks, cells, month))


def _count(rows: pd.DataFrame, cells: pd.DataFrame) -> list[float]:
    """How many of the rows are of each place."""
    sectors = rows["sector"].fillna("")
    counts = rows.groupby([rows["unit"], sectors]).size().to_dict()
    return [
        float(counts.get((unit, sector), 0) + counts.get((unit, ""), 0))
        for unit, sector in zip(cells["unit"], cells["sector"], strict=True)
    ]


def _visits_lacking(
    known: Known, registry: Registry, month: str, cells: pd.DataFrame
) -> list[float]:
    metric = registry.role("random_checks")
    milestone = metric and wording.milestone_in(metric, month)
    if not milestone:
        return [math.nan] * len(cells)
    done = known.checked.set_index(list(CELL))["numerator"].to_dict()
    lacking = []
    for place in zip(cells["unit"], cells["sector"], strict=True):
        n = known.n_on_roll.get(place, 0)
        k = int(done.get(place, 0))
        lacking.append(float(visits_lacking(k, n, milestone.target)))
    return lacking


def _last_talk(
    talks: pd.DataFrame | None, cells: pd.DataFrame, month: str
) -> list[Any]:
    if talks is None:
        return [pd.NaT] * len(cells)
    begin = pd.Timestamp(f"{month}-01")
    days = talks[talks["date"] >= begin].groupby("unit")["date"].max()
    return [days.get(unit, pd.NaT) for unit in cells["unit"]]


def propose(
    known: Known, registry: Registry, month: str, group: str | None = None
) -> pd.DataFrame:
    """Candidates in their order, of one supervision group or of all, each from 1.

    `is_listed` marks those on the list; of the others there is little to talk about.
    """
    cells = measure_places(known, registry, month)
    ranked = rank_candidates(cells, registry.talks.reasons, registry.talks.most)
    if group:
        ranked = ranked[ranked["supervision_group"] == group]
    order = {code: at for at, code in enumerate(registry.groups)}
    by_group = ranked["supervision_group"].map(order).sort_values(kind="stable")
    return ranked.loc[by_group.index].reset_index(drop=True)


class Told(NamedTuple):
    """One reason in words, and the page that shows it with the choices it needs.

    `short` is the same in fewer words; `demand` is what to ask the place for.
    """

    reason: str
    says: str
    short: str
    demand: str
    page: str
    choices: Mapping[str, str]


def explain_reasons(
    row: Any, known: Known, registry: Registry, month: str, language: str = "zh"
) -> list[Told]:
    """The reasons of one candidate, a row of `propose`, the weightiest first."""
    return [
        _explain_reason(reason, row, known, registry, month, language)
        for reason in row.reasons
    ]


def _explain_reason(
    reason: str, row: Any, known: Known, registry: Registry, month: str, language: str
) -> Told:
    place = {"unit": row.unit, "sector": row.sector, "month": month}
    amount = getattr(row, reason)
    values: dict[str, Any] = {"n": wording.number(amount)}
    key = reason
    page, choices = PAGES[reason], dict(place)
    if reason in COLD:
        values["topic"] = wording.in_language(known.topic, "label", language)
        values["rate"] = wording.percent(row.rate)
        values["missing"] = wording.number(row.still_missing)
        line = known.line
        values["compared"] = compare_with_line(
            row.rate, line.value, line.kind, known.topic, language
        )
        choices["metric"] = known.topic.id
    elif reason == "problems":
        values["n_open"] = wording.number(row.problems_open)
    elif reason == "unchecked":
        demanded = target_in_force(registry.role("random_checks"), month)
        values["demanded"] = wording.percent(demanded)
    elif reason == "overdue":
        metric, rate = known.overdue[row.unit, row.sector]
        values["topic"] = wording.in_language(
            registry.metrics[metric], "label", language
        )
        values["rate"] = wording.percent(rate)
        values["due"] = wording.day_name(registry.metrics[metric].due, language)
        demanded = target_in_force(registry.metrics[metric], month)
        values["target"] = wording.percent(demanded)
        choices["metric"] = metric
        # Of the topic of the month the rate has just been said.
        if metric == known.topic.id and set(COLD) & set(row.reasons):
            key = "overdue_too"
    says = TEXTS[language][key]
    short = SHORT[language].get(key, says)
    demand = DEMANDS[language][reason]
    words = (text.format(**values) for text in (says, short, demand))
    return Told(reason, *words, page, choices)


# Where each reason is shown.
PAGES: Mapping[str, str] = {
    "very_cold": "sector_gaps",
    "cold": "sector_gaps",
    "overdue": "sector_gaps",
    "problems": PROBLEMS,
    "missing_ledger": "ledger_calendar",
    "flagged": "ledger_quality",
    "weak": "weak_organizations",
    "unchecked": "reported_vs_verified",
}


def on_list(ranked: pd.DataFrame) -> pd.DataFrame:
    """The places on the list; the others have reasons that are only said beside."""
    return ranked[ranked["is_listed"]].reset_index(drop=True)


def list_candidates(
    ranked: pd.DataFrame,
    known: Known,
    registry: Registry,
    month: str,
    language: str = "zh",
) -> pd.DataFrame:
    """Candidates as a list to keep: codes, amounts, and the reasons in words."""
    between = catalogue.text(language, "talks.rows.between")
    said = [
        between.join(
            one.says for one in explain_reasons(row, known, registry, month, language)
        )
        for row in ranked.itertuples()
    ]
    names = [";".join(ids) for ids in ranked["reasons"]]
    first = ["position", *PLACE, "is_listed"]
    amounts = [
        reason.id for reason in registry.talks.reasons if reason.id in ranked.columns
    ]
    rows = ranked.assign(
        reasons=names, says=said, is_listed=ranked["is_listed"].astype(int)
    )
    return rows[
        [*first, "weight", "reasons", "says", "still_missing", *amounts, "talked"]
    ]


def candidates_table(
    listed: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`list_candidates` as people read it."""
    columns = [*PLACE, "position", "is_listed", "says", "still_missing", "talked"]
    talked = pd.to_datetime(listed["talked"])
    shown = listed[columns].assign(
        talked=["" if wording.is_missing(d) else f"{d:%Y-%m-%d}" for d in talked],
        still_missing=listed["still_missing"].astype("Int64"),
    )
    words = {"is_listed": {1: wording.YES[language], 0: ""}}
    return tabulate(shown, registry, language, section="talks", words=words)


def headline(
    ranked: pd.DataFrame,
    known: Known,
    registry: Registry,
    month: str,
    language: str = "zh",
) -> str:
    """How many places are on the list and why the first, as a sentence."""
    texts = catalogue.texts("talks.rows")[language]
    first = on_list(ranked)
    if first.empty:
        key = "none" if ranked.empty else "only_beside"
        return texts[key].format(n=wording.number(len(ranked)))
    heaviest = first.sort_values(
        ["weight", "still_missing"], ascending=False, kind="stable"
    )
    foremost = next(heaviest.itertuples())
    reasons = explain_reasons(foremost, known, registry, month, language)
    place = wording.cell_name(
        registry, CELL, (foremost.unit, foremost.sector), language
    )
    return texts["head" if len(reasons) > 1 else "head_alone"].format(
        n=wording.number(len(first)),
        of=wording.number(len(ranked)),
        place=place,
        reason=reasons[0].says,
        n_more=wording.number(len(reasons) - 1),
    )
