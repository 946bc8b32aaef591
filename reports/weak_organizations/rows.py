"""Weak organisations: where they crowd, what becomes of them, which come first.

Frames of cases, branches and checks come in; what is drawn, listed and saved comes out.
A case is known as it was last reported, so its stand at the end of an earlier month is
known by its dates. A relapse has none: it counts from the day of its conversion on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.registry import Registry, month_end
from data_pipeline.statistics.cold_cells import find_weak_hotspots, order_weak
from reports.overview.headline import Headline
from reports.sector_gaps.ledger_rows import count_of
from reports.weak_organizations.rules import Judged, judge_rules
from reports.words import catalogue, sentences, wording

STATES = ("converted", "relapsed", "overdue", "in_term")
PLACE = ("unit", "township", "sector")
SELECTIONS = ("random", "targeted", "prepared")
FIRM = 0.9  # a place in the top tenth that hardly depends on the weights
# The share of branches that is to be checked at random, unannounced.
CHECK_SHARE = (0.10, 0.15)


# Headline figures and which direction is good.
HEADLINES: Mapping[str, str] = {
    "n_listed": "none",
    "rate": "higher",
    "n_open": "lower",
    "n_overdue": "lower",
    "n_relapsed": "lower",
}


class WeakType(NamedTuple):
    """One of the six kinds of branch that checks are to pick out, and its reading.

    `quote` stands word for word in the speech. `is_listed`: on the weak list and not
    converted; otherwise of a weak base on the roll. `is_large`: no fewer members than
    the median branch of the sector.
    """

    sector: str
    quote: str
    is_listed: bool = False
    is_large: bool = False


WEAK_TYPES = (
    WeakType("rural", "软弱涣散村", is_listed=True),
    WeakType("community", "党建基础差的社区"),
    WeakType("organ", "冷门的机关"),
    WeakType("school", "学校"),
    WeakType("soe", "实力比较弱的国有企业"),
    WeakType("nonpublic", "党员数量多而党建基础又较差的非公企业", is_large=True),
)
TEXTS = catalogue.texts("weak_organizations.rows")
TYPE_NAMES = catalogue.terms("weak_organizations.type.name")
TYPE_MEANINGS = catalogue.terms("weak_organizations.type.meaning")


def stand_at(cases: pd.DataFrame, registry: Registry, month: str) -> pd.DataFrame:
    """How each case stood at the end of a month.

    Parameters
    ----------
    cases
        `rates.read_weak_cases` of that month or a later one.

    Returns
    -------
    DataFrame
        Cases listed by then and ``state`` (see `STATES`; overdue: listed longer than
        the calendar's ``rectification_days``), ``days_listed`` and ``days_overdue``
        (0 for a converted one, and within the term).
    """
    is_listed, days, state = _states_at(cases, registry, month)
    late = (days - registry.calendar.rectification_days).clip(min=0)
    return cases[is_listed].assign(
        state=state,
        days_listed=days,
        days_overdue=np.where(state == "converted", 0, late),
    )


def _states_at(
    cases: pd.DataFrame, registry: Registry, month: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which cases were listed by then; of these, for how many days, and the state."""
    end = np.datetime64(month_end(month))
    listed = cases["listed_date"].to_numpy("datetime64[us]")
    is_listed = listed <= end
    days = (end - listed[is_listed]) // np.timedelta64(1, "D")
    converted = cases["converted_date"].to_numpy("datetime64[us]")[is_listed]
    status = cases["status"].to_numpy(object)[is_listed]
    was_converted = converted <= end
    states = [
        (status == "converted") & was_converted,
        (status == "relapsed") & (was_converted | np.isnat(converted)),
        days > registry.calendar.rectification_days,
    ]
    return is_listed, days, np.select(states, STATES[:-1], STATES[-1])


def count_states(
    cases: pd.DataFrame, registry: Registry, months: Sequence[str]
) -> pd.DataFrame:
    """Cases by state over the months.

    Returns
    -------
    DataFrame, one row a month
        ``month``, ``n_listed``, ``n_converted``, ``n_relapsed``, ``n_overdue``,
        ``n_in_term``, ``rate`` : converted over listed, NaN without a case.
    """
    rows = []
    for month in months:
        _, _, found = _states_at(cases, registry, month)
        counts = _by_state(found)
        rows.append({"month": month, "n_listed": sum(counts.values()), **counts})
    columns = ["month", "n_listed", *(f"n_{state}" for state in STATES)]
    frame = pd.DataFrame(rows, columns=columns)
    has_cases = frame["n_listed"] > 0
    rate = (frame["n_converted"] / frame["n_listed"]).where(has_cases)
    return frame.assign(rate=rate.astype(float))


def count_standing(cases: pd.DataFrame) -> dict[str, Any]:
    """Cases of `stand_at` by state: the columns of `count_states` without the month."""
    counts = {"n_listed": len(cases), **_by_state(cases["state"])}
    share = counts["n_converted"] / len(cases) if len(cases) else float("nan")
    return {**counts, "rate": share}


def _by_state(states: pd.Series) -> dict[str, int]:
    counts = Counter(states)
    return {f"n_{state}": counts[state] for state in STATES}


def count_by_unit(cases: pd.DataFrame) -> pd.DataFrame:
    """Cases of `stand_at` by state, unit by unit.

    Returns
    -------
    DataFrame, one row a unit with a case
        ``unit``, ``n_open`` (neither converted nor relapsed) and `count_standing`; most
        open first, then most overdue.
    """
    rows = []
    for unit, own in cases.groupby("unit", sort=True):
        counts = count_standing(own)
        n_open = counts["n_overdue"] + counts["n_in_term"]
        rows.append({"unit": unit, "n_open": n_open, **counts})
    columns = ["unit", "n_open", "n_listed", *(f"n_{state}" for state in STATES)]
    frame = pd.DataFrame(rows, columns=[*columns, "rate"])
    order = ["n_open", "n_overdue"]
    return frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def name_most_open(
    counts: pd.DataFrame, registry: Registry, language: str = "zh"
) -> str:
    """Which unit has most organisations left to rectify; from `count_by_unit`."""
    texts, first = TEXTS[language], counts.iloc[0]
    is_alone = len(counts) < 2 or first["n_open"] > counts.iloc[1]["n_open"]
    if not is_alone or not first["n_open"]:
        return texts["by_unit"]
    name = wording.place_name(registry, "unit", first["unit"], language)
    return texts["most_open"].format(name=name, n=wording.number(first["n_open"]))


def find_hotspots(roll: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Townships in which a sector has more listed branches than its share.

    Parameters
    ----------
    roll
        `rates.read_roll` of the whole city: a cell is compared with its own sector.
    cases
        From `stand_at`, of the whole city.

    Returns
    -------
    DataFrame
        Cells with a listed branch, hot-spots first, those with nothing left to do
        behind the others, the least likely first: `PLACE`, ``n_branches``, ``n_weak``
        (branches ever listed by then), ``n_open`` (not converted), ``n_overdue`` of
        them, ``days_overdue_most`` (of the one that is longest overdue, missing where
        none is), and the columns of `cold_cells.find_weak_hotspots`.
    """
    is_open = ~cases["state"].eq("converted")
    late = cases[cases["state"].eq("overdue")].groupby(list(PLACE))
    keys = list(PLACE)
    cells = roll.groupby(keys).agg(n_branches=("branch", "nunique"))
    cells["n_weak"] = cases.groupby(keys)["branch"].nunique()
    cells["n_open"] = cases[is_open].groupby(keys)["branch"].nunique()
    cells["n_overdue"] = late["branch"].nunique()
    cells = cells.fillna(0).astype("int64")
    cells["days_overdue_most"] = late["days_overdue"].max().astype("Int64")
    cells = cells.reset_index()
    found = find_weak_hotspots(cells)
    found = found[found["n_weak"] > 0]
    order = ["is_hotspot", "is_done", "p_value", "n_weak", *keys]
    ascending = [False, True, True, False, True, True, True]
    found = found.assign(is_done=found["n_open"].eq(0))
    found = found.sort_values(order, ascending=ascending, ignore_index=True)
    return found.drop(columns="is_done")


def longest_overdue(found: pd.DataFrame) -> pd.DataFrame:
    """Cells of `find_hotspots`, the longest overdue first, those with none last."""
    order = ["days_overdue_most", "n_overdue"]
    return found.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def order_organizations(
    cases: pd.DataFrame,
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    registry: Registry,
    month: str,
) -> tuple[pd.DataFrame, Judged]:
    """The organisations not yet converted, in the order in which they need attention.

    Parameters
    ----------
    cases
        From `stand_at`, of the whole city: places in the order are the city's.
    ledger, checks
        Up to the month; see `weak_rules.judge_rules`.

    Returns
    -------
    DataFrame, Judged
        One row an organisation (its earliest open case) with ``shortfall`` (ordinary
        members still to speak by the target in force), the columns of
        `cold_cells.order_weak` and one column a rule with its verdict.
    """
    still_open = cases[cases["state"] != "converted"]
    still_open = still_open.sort_values(["listed_date", "case_code"])
    still_open = still_open.drop_duplicates("branch").reset_index(drop=True)
    judged = judge_rules(still_open, ledger, checks, registry, month)
    known = ledger[(ledger["month"] == month) & (ledger["branch"] != "")]
    known = known.drop_duplicates("branch")
    known = known.set_index("branch").reindex(still_open["branch"])
    organizations = still_open.assign(
        is_refuted=judged.is_refuted.to_numpy(bool),
        shortfall=_shortfall(known, registry, month),
    )
    ordered = order_weak(organizations, judged.verdicts)
    verdicts = judged.verdicts.reindex(ordered["branch"]).reset_index(drop=True)
    return ordered.reset_index(drop=True).join(verdicts), judged


def count_types(
    roll: pd.DataFrame, cases: pd.DataFrame, checks: pd.DataFrame
) -> pd.DataFrame:
    """How often each of the six weak types has been checked, by kind of selection.

    Parameters
    ----------
    roll, cases, checks
        Of one place: branches, cases from `stand_at`, checks up to the month.

    Returns
    -------
    DataFrame, one row a type in the order of the speech
        ``sector``, ``n_branches`` of the type, ``n_checked`` (those visited at random
        or targeted), ``share`` (of branches, NaN without any), then checks by
        selection: ``n_random``, ``n_targeted``, ``n_prepared``; never pooled.
    """
    listed = set(cases.loc[cases["state"] != "converted", "branch"])
    branch = roll["branch"].to_numpy(object)
    has_weak_base = roll["is_weak"].to_numpy(bool)
    size = roll["n_members"].to_numpy(float)
    of_sector = roll.groupby("sector").indices
    visits = list(zip(checks["branch"], checks["selection"], strict=True))
    rows = []
    for kind in WEAK_TYPES:
        at = of_sector.get(kind.sector, np.empty(0, int))
        if kind.is_large and len(at):
            at = at[size[at] >= np.nanmedian(size[at])]
        if kind.is_listed:
            branches = [code for code in branch[at] if code in listed]
        else:
            branches = list(branch[at[has_weak_base[at]]])
        known = set(branches)
        made = [visit for visit in visits if visit[0] in known]
        by_selection = Counter(selection for _, selection in made)
        n_checked = len({code for code, selection in made if selection != "prepared"})
        rows.append(
            {
                "sector": kind.sector,
                "n_branches": len(branches),
                "n_checked": n_checked,
                "share": n_checked / len(branches) if len(branches) else np.nan,
                **{f"n_{name}": by_selection[name] for name in SELECTIONS},
            }
        )
    return pd.DataFrame(rows)


def describe(
    counts: Mapping[str, Any], registry: Registry, month: str, language: str = "zh"
) -> str:
    """The list in one sentence; `counts` is a row of `count_states`."""
    texts = TEXTS[language]
    name = wording.month_name(month, language)
    if not counts["n_listed"]:
        return texts["none"].format(month=name)
    return texts["headline"].format(
        month=name,
        listed=wording.number(counts["n_listed"]),
        converted=wording.number(counts["n_converted"]),
        share=wording.percent(counts["rate"]),
        open=wording.number(counts["n_overdue"] + counts["n_in_term"]),
        overdue=wording.number(counts["n_overdue"]),
        days=registry.calendar.rectification_days,
        relapsed=wording.number(counts["n_relapsed"]),
    )


def headlines(
    counts: pd.DataFrame, n_hotspots: int, registry: Registry, language: str = "zh"
) -> list[Headline]:
    """The list as a row of headline figures, each with its months so far.

    `counts` is from `count_states`; its last month is the one that is shown.
    """
    texts = TEXTS[language]
    if counts.empty:
        return []
    frame = counts.assign(n_open=counts["n_overdue"] + counts["n_in_term"])
    found = []
    for name, better in HEADLINES.items():
        values = frame[name]
        moved = values.iloc[-1] - values.iloc[-2] if len(values) > 1 else None
        is_share = name == "rate"
        show = wording.percent if is_share else wording.number
        delta = None
        if not wording.is_missing(moved):
            delta = texts["points"].format(n=f"{100 * moved:.1f}")
            delta = delta if is_share else f"{int(moved)}"
        found.append(
            Headline(
                label=texts[name],
                value=show(values.iloc[-1]),
                delta=delta,
                trend=[None if wording.is_missing(v) else float(v) for v in values],
                better=better,
                help=texts[f"{name}_help"].format(
                    days=registry.calendar.rectification_days
                ),
            )
        )
    about = (texts["n_hotspots"], wording.number(n_hotspots), None, [])
    return [*found, Headline(*about, "lower", texts["hotspot_rule"])]


def name_hotspots(
    found: pd.DataFrame, registry: Registry, language: str = "zh", *, most: int = 3
) -> str:
    """How many hot-spots there are and the first by name, as one sentence."""
    texts = TEXTS[language]
    hot = found[found["is_hotspot"]]
    if hot.empty:
        return texts["no_hotspots"]
    names = [
        texts["place"].format(
            name=place_of(row, registry, language),
            k=row["n_weak"],
            n=row["n_branches"],
            open=row["n_open"],
        )
        for row in hot[:most].to_dict("records")
    ]
    key = "hotspots" if len(hot) <= most else "hotspots_more"
    return texts[key].format(n=len(hot), names=texts["joiner"].join(names))


def place_of(row: Mapping[str, Any], registry: Registry, language: str = "zh") -> str:
    """A cell by name; one without a township is its unit and sector."""
    by = [name for name in PLACE if name != "township" or row[name]]
    codes = tuple(row[name] for name in by)
    return wording.cell_name(registry, tuple(by), codes, language)


def explain_order(ordered: pd.DataFrame, language: str = "zh") -> str:
    """What the bands hold and how firm the top of the two lists is.

    `ordered` may be the part of a place; its places are those of the city.
    """
    texts = TEXTS[language]
    bands = ordered["band"].value_counts()
    top = ordered[ordered["position"] <= -(-ordered["n_in_list"] // 10)]
    firm = int((top["stability"] >= FIRM).sum())
    counts = {name.lower(): wording.number(bands.get(name, 0)) for name in "ABC"}
    sentence = texts["stability" if len(top) else "no_top"].format(
        n=len(top), firm=firm
    )
    parts = (texts["bands"].format(**counts), sentence)
    return wording.join(parts, language, "sentences")


def describe_types(types: pd.DataFrame, language: str = "zh") -> str:
    """Which of the six types no check has reached; '' where there is no such branch."""
    texts = TEXTS[language]
    is_left_out = types["n_checked"].eq(0) & types["n_branches"].gt(0)
    names = [TYPE_NAMES[code][language] for code in types.loc[is_left_out, "sector"]]
    is_there = types["n_branches"].gt(0)
    if not names:
        part = "all_checked" if is_there.all() else "all_here_checked"
        return texts[part] if is_there.any() else ""
    return texts["unchecked"].format(names=texts["joiner"].join(names))


def _shortfall(rows: pd.DataFrame, registry: Registry, month: str) -> list[float]:
    """Ordinary members still to speak, NaN where the branch reported nothing."""
    metric = registry.role("members_duty")
    milestone = metric and wording.milestone_in(metric, month)
    if milestone is None:
        return [np.nan] * len(rows)
    spoke = count_of(rows, metric.numerator, registry)
    ordinary = count_of(rows, metric.denominator, registry)
    return [
        np.nan
        if wording.is_missing(x) or wording.is_missing(n)
        else float(sentences.shortfall(x, n, milestone.target))
        for x, n in zip(spoke, ordinary, strict=True)
    ]
