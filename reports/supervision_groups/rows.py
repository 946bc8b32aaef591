"""What the supervision groups owe, how wide and deep they check, what they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.registry.definitions import month_end
from reports.words import catalogue, wording
from reports.words.sentences import shortfall

GROUP = "supervision_group"
ROLE = "group_duty"
AGES = (30, 60)  # days; the bands of open problems end here
TEXTS = catalogue.texts("supervision_groups.rows")


def list_duties(
    frames: Mapping[str, pd.DataFrame], registry: Registry, month: str
) -> pd.DataFrame:
    """What each group has done of each duty, against what is demanded.

    Parameters
    ----------
    frames
        `rates.read_several` of the duties by supervision group, of `month`.

    Returns
    -------
    DataFrame, one row a duty and group in the registry's orders
        `metric`, `supervision_group`, `numerator`, `denominator`, `rate`, `least` and
        `most` (what is demanded, NaN where nothing is), `still_missing` (whole ones, 0
        where nothing is) and `state`: "short", "over", "met", "none" (nothing demanded)
        or "not_due".
    """
    rows = []
    for name, frame in frames.items():
        metric = registry.metrics[name]
        milestone = wording.milestone_in(metric, month)
        by_group = {row[GROUP]: row for row in frame.to_dict("records")}
        for group in registry.groups:
            row = by_group.get(group) or {"numerator": 0, "denominator": 0}
            rows.append(
                {
                    "metric": name,
                    GROUP: group,
                    **_held_against(row["numerator"], row["denominator"], milestone),
                }
            )
    columns = ["metric", GROUP, "numerator", "denominator", "rate", "least"]
    return pd.DataFrame(rows, columns=[*columns, "most", "still_missing", "state"])


def _held_against(done: int, owed: int, milestone: Any) -> dict[str, Any]:
    nothing = float("nan")
    rate = done / owed if owed else nothing
    held = {"numerator": done, "denominator": owed, "rate": rate}
    held |= {"least": nothing, "most": nothing, "still_missing": 0, "state": "none"}
    if milestone is None:
        return held
    if not owed:
        return held | {"state": "not_due"}
    missing = shortfall(done, owed, milestone.target)
    most = milestone.upper * owed if milestone.upper else nothing
    state = "short" if missing else "over" if done > most else "met"
    least = milestone.target * owed
    return held | {
        "least": least,
        "most": most,
        "still_missing": missing,
        "state": state,
    }


def is_dated(metric: Metric) -> bool:
    """Whether a duty has days by which it is owed: a week, a round, the 15th."""
    each = metric.owed_by.each if metric.owed_by else "once"
    return each != "once" or metric.table == "filing" or bool(metric.due)


def cell_text(row: Mapping[str, Any], metric: Metric) -> str:
    """Done of demanded, as a cell says it.

    A share says its counts too; what nobody demands is a number alone.
    """
    done = wording.number(row["numerator"])
    if row["state"] == "not_due":
        return wording.UNDEFINED
    if metric.unit == "share":
        rate = wording.rate_text(row["rate"], metric.unit)
        return f"{rate} · {done} / {wording.number(row['denominator'])}"
    if row["state"] == "none":
        return done
    return f"{done} / {wording.number(row['least'])}"


def headline(duties: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """How many duties with a day are behind, as they are lit, and who lags most.

    What has no day can still be done: how many of these lack is said after them.
    """
    texts = TEXTS[language]
    lacking = duties[duties["state"] == "short"]
    is_lit = [is_dated(registry.metrics[name]) for name in lacking["metric"]]
    short = lacking[np.array(is_lit, bool)]
    n_others = len(lacking) - len(short)
    others = texts["others"].format(n=wording.number(n_others)) if n_others else ""
    # Of one group nothing is said of all, and none is worst.
    alone = "_alone" if duties[GROUP].nunique() == 1 else ""
    if short.empty:
        own = wording.place_name(registry, GROUP, duties[GROUP].iloc[0], language)
        return texts[f"none_short{alone}"].format(group=own) + others
    counts = short[GROUP].value_counts()
    worst = next(g for g in registry.groups if counts.get(g) == counts.max())
    behind = short[short[GROUP] == worst].to_dict("records")
    metrics = [registry.metrics[row["metric"]] for row in behind]
    named = [
        texts["behind"].format(
            name=wording.in_language(metric, "label", language),
            done=cell_text(row, metric),
        )
        for row, metric in zip(behind, metrics, strict=True)
    ]
    return (
        texts[f"short{alone}"].format(
            n=wording.number(len(short)),
            group=wording.place_name(registry, GROUP, worst, language),
            n_worst=wording.number(counts.max()),
            named=texts["joiner"].join(named),
        )
        + others
    )


def pivot_words(frame: pd.DataFrame, category: str, registry: Registry) -> pd.DataFrame:
    """What each group did under each word: a row a group, a column a word.

    `frame` is `rates.read_rates` by supervision group and category.
    """
    counts = frame.pivot_table(
        index=GROUP, columns=category, values="numerator", aggfunc="sum", fill_value=0
    )
    rows = counts.reindex(list(registry.groups), fill_value=0).astype(int)
    return rows.rename_axis(columns=None).reset_index()


def breadth_and_depth(
    checks: pd.DataFrame, roll: pd.DataFrame, registry: Registry, month: str
) -> pd.DataFrame:
    """How many branches each group checked in each round, and how closely.

    Parameters
    ----------
    checks
        `rates.read_check_words`; a blank is what nobody wrote down.
    roll
        `rates.read_roll`.

    Returns
    -------
    DataFrame, one row a round that had begun by the month's end, the last first, and
        group
        `round`, `supervision_group`, `n_checks`, `n_branches_checked` (distinct),
        `n_branches` on the roll, `breadth` (their ratio), `n_items` that a check can
        answer with yes or no, and `depth`, how many of them it answers on average.
    """
    table = registry.tables["spot_check"]
    items = [c.name for c in table.columns if c.type == "yes_no" and not c.words]
    group_of = {unit.code: unit.group for unit in registry.units.values()}
    on_roll = roll["unit"].map(group_of).value_counts()
    days = pd.to_datetime(checks["check_date"])
    last = pd.Timestamp(month_end(month))
    rows = []
    for number, one in reversed([*enumerate(registry.calendar.rounds, 1)]):
        if pd.Timestamp(one.start) > last:
            continue
        end = min(pd.Timestamp(one.end), last)
        inside = checks[(days >= pd.Timestamp(one.start)) & (days <= end)]
        for group in registry.groups:
            own = inside[inside[GROUP] == group]
            known = own[items].notna().sum(axis=1)
            n_branches = int(on_roll.get(group, 0))
            n_checked = own["branch"].nunique()
            rows.append(
                {
                    "round": number,
                    GROUP: group,
                    "n_checks": len(own),
                    "n_branches_checked": n_checked,
                    "n_branches": n_branches,
                    "breadth": n_checked / n_branches if n_branches else float("nan"),
                    "depth": known.mean() if len(own) else float("nan"),
                    "n_items": len(items),
                }
            )
    columns = ["round", GROUP, "n_checks", "n_branches_checked", "n_branches"]
    return pd.DataFrame(rows, columns=[*columns, "breadth", "depth", "n_items"])


def split_rounds(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """Of `breadth_and_depth`, the rounds with a check, and the numbers of the others.

    The numbers count up.
    """
    totals = rows.groupby("round")["n_checks"].transform("sum")
    without = sorted(int(number) for number in rows.loc[totals == 0, "round"].unique())
    return rows[totals > 0].reset_index(drop=True), without


def load_of_groups(roll: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """What each group supervises, and how many branches that is a supervisor.

    Returns
    -------
    DataFrame, one row a group: `n_units`, `n_branches`, `n_members`, `n_weak_base`,
    `n_supervisors` and `branches_per_supervisor` (both missing where the registry does
    not say how many there are).
    """
    group_of = {unit.code: unit.group for unit in registry.units.values()}
    groups = roll["unit"].map(group_of)
    rows = []
    for group in registry.groups.values():
        own = roll[groups == group.code]
        n = group.n_supervisors or float("nan")
        rows.append(
            {
                GROUP: group.code,
                "n_units": sum(g == group.code for g in group_of.values()),
                "n_branches": len(own),
                "n_members": own["n_members"].sum(),
                "n_weak_base": int(own["is_weak"].fillna(False).astype(bool).sum()),
                "n_supervisors": n,
                "branches_per_supervisor": len(own) / n,
            }
        )
    return pd.DataFrame(rows)


def age_open_problems(problems: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Open problems of each group and level by age in days at the month's end.

    Parameters
    ----------
    problems
        `reports.problems.rows.stand_at`; where a group has none at a level there is no
        row.
    """
    levels = list(registry.tables["problem"].column("level").words.values())
    opened = problems[problems["is_open"]]
    rows = []
    for group in registry.groups:
        for level in (*levels, ""):
            is_level = opened["level"].fillna("") == level
            own = opened[(opened[GROUP] == group) & is_level]
            if own.empty:
                continue
            days = own["days_open"]
            young, old = AGES
            rows.append(
                {
                    GROUP: group,
                    "level": level,
                    "n_open": len(own),
                    "n_open_young": int((days <= young).sum()),
                    "n_open_older": int(((days > young) & (days <= old)).sum()),
                    "n_open_old": int((days > old).sum()),
                    "n_overdue": int((own["days_overdue"] > 0).sum()),
                }
            )
    columns = [GROUP, "level", "n_open", "n_open_young", "n_open_older"]
    return pd.DataFrame(rows, columns=[*columns, "n_open_old", "n_overdue"])


def heaviest_load(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """Who has most branches a supervisor, as a title; "" where no two are told apart.

    `rows` are of `load_of_groups`.
    """
    return _of_extreme(
        rows,
        rows["branches_per_supervisor"],
        lambda row: {"n": wording.number(round(row["branches_per_supervisor"]))},
        ("load", registry, language),
    )


def most_open(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """Who has most open problems, as `heaviest_load` says it.

    `rows` are of `age_open_problems`.
    """
    counts = rows.groupby(GROUP, sort=False)[["n_open", "n_overdue"]].sum()
    counts = counts.reset_index()
    return _of_extreme(
        counts,
        counts["n_open"],
        lambda row: {
            "n": wording.number(row["n_open"]),
            "n_overdue": wording.number(row["n_overdue"]),
        },
        ("problems", registry, language),
    )


def least_breadth(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """Who checked the smallest share in the last round, as `heaviest_load` says it.

    `rows` are of `breadth_and_depth`.
    """
    last = rows[rows["round"] == rows["round"].max()].reset_index(drop=True)
    return _of_extreme(
        last,
        -last["breadth"],
        lambda row: {
            "round": row["round"],
            "share": wording.percent(row["breadth"]),
        },
        ("checks", registry, language),
    )


def _of_extreme(
    rows: pd.DataFrame,
    by: pd.Series,
    say: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    about: tuple[str, Registry, str],
) -> str:
    """The title of the row with the largest of `by`, where it is the only one."""
    name, registry, language = about
    if by.isna().any() or by.nunique() < 2 or (by == by.max()).sum() > 1:
        return ""
    row = rows.loc[by.idxmax()].to_dict()
    group = wording.place_name(registry, GROUP, row[GROUP], language)
    return TEXTS[language][f"most_{name}"].format(group=group, **say(row))


# What the title of each list says where there is something to be found.
FINDINGS = {"load": heaviest_load, "problems": most_open, "checks": least_breadth}


def duties_of(registry: Registry) -> Sequence[str]:
    """The metrics that stand for duties of a group, in their order."""
    return [metric.id for metric in registry.with_role(ROLE)]
