"""What is demanded of one branch, rule by rule, and what report and check say of it.

A rule is a metric of the ledger with a target. Before its due date nothing is demanded
(not due); where nothing was reported nothing is known (unknown), which never passes.
The last random or targeted check stands above the report; a prepared site shows its
best side and proves nothing here.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.registry import Metric, Registry, month_end
from reports.ledger_rows import count_of

SPOT_CHECK = "spot_check"  # the rule that the last check itself is passed
PROVING = ("random", "targeted")
POOR = "poor"
ORIGIN = ("source_file", "source_sheet", "source_row")
FOUND = ("found", "base", "check_date", "selection", "grade")


class Judged(NamedTuple):
    """Verdicts and what they stand on.

    ``verdicts`` is indexed by branch, one column a rule: failed, passed, not_due,
    unknown. ``evidence`` has a row for each branch and rule: ``verdict``, ``numerator``
    and ``denominator`` (reported), ``demanded`` (share due by then, NaN: nothing yet),
    ``due`` (ISO date of the last target), ``found`` and ``base`` (last check), its
    ``check_date``, ``selection``, ``grade``, whether it ``is_refuted`` by that check,
    and where the report stands. ``is_verified_failure`` is a Series by branch.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    is_verified_failure: pd.Series


def rules_of(registry: Registry) -> tuple[Metric, ...]:
    """Metrics that ask something of every branch: a share to rise to a target.

    >>> from data_pipeline.registry import load_registry
    >>> [metric.id for metric in rules_of(load_registry())][:2]
    ['topic_1_coverage', 'topic_2_coverage']
    """
    return tuple(
        metric
        for metric in registry.metrics.values()
        if metric.table == "ledger"
        and metric.unit == "share"
        and metric.better == "higher"
        and metric.milestones
        and not metric.is_ceiling
    )


def demanded_on(metric: Metric, day: date) -> float:
    """The share that had to be reached by `day`; NaN while nothing is due.

    >>> from data_pipeline.registry import load_registry
    >>> speaking = load_registry().metrics["member_speaking"]
    >>> round(demanded_on(speaking, date(2016, 9, 30)), 3)
    0.667
    """
    due = [m.target for m in metric.milestones if m.due is None or m.due <= day]
    return due[-1] if due else np.nan


def judge_rules(
    branches: pd.Series,
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    registry: Registry,
    month: str,
) -> Judged:
    """Hold each branch to every rule at the end of a month.

    Parameters
    ----------
    branches
        Codes, unique.
    ledger
        `rates.read_ledger` of the month; rows without a branch say nothing of one.
    checks
        `rates.read_checks` up to the month.

    Returns
    -------
    Judged
        A rule is ``failed`` when the report falls short of what is due, or when the
        last random or targeted check found less than is demanded although the report
        of its month claimed enough (or spoke for no single branch).
    """
    codes = pd.Index(branches, name="branch")
    last = last_checks(checks).reindex(codes)
    rows = ledger[ledger["branch"] != ""].drop_duplicates("branch").set_index("branch")
    rows = rows.reindex(codes)
    day = month_end(month)
    parts = []
    for metric in rules_of(registry):
        part = _reported(rows, metric, registry, day).join(
            _found(last, metric, registry)
        )
        part.loc[part["is_refuted"], "verdict"] = "failed"
        parts.append(part.assign(rule=metric.id))
    is_refuted = pd.concat([part["is_refuted"] for part in parts], axis=1).any(axis=1)
    is_failure = is_refuted | last["grade"].eq(POOR)
    parts.append(_visited(last, is_failure).assign(rule=SPOT_CHECK))
    evidence = pd.concat(parts).reset_index()
    names = [*(metric.id for metric in rules_of(registry)), SPOT_CHECK]
    verdicts = pd.DataFrame(
        {name: part["verdict"] for name, part in zip(names, parts, strict=True)},
        index=codes,
    )
    first = ["branch", "rule", "verdict"]
    others = [name for name in evidence if name not in first]
    return Judged(verdicts, evidence[[*first, *others]], is_failure)


def last_checks(checks: pd.DataFrame) -> pd.DataFrame:
    """The last random or targeted check of each branch, indexed by branch."""
    proving = checks[checks["selection"].isin(PROVING)]
    return proving.drop_duplicates("branch", keep="last").set_index("branch")


def _reported(
    rows: pd.DataFrame, metric: Metric, registry: Registry, day: date
) -> pd.DataFrame:
    """The two counts of the report and the verdict on them."""
    x = count_of(rows, metric.numerator, registry)
    n = count_of(rows, metric.denominator, registry)
    demanded = demanded_on(metric, day)
    is_due = not np.isnan(demanded)
    aim = demanded if is_due else metric.target
    is_known = x.notna() & n.notna()
    reaches = (is_known & (n > 0)).fillna(False) & _reaches(x, n, aim)
    if is_due:
        words = [~is_known, reaches, n.eq(0).fillna(False)]
        verdict = np.select(words, ["unknown", "passed", "not_due"], "failed")
    else:
        verdict = np.where(reaches, "passed", "not_due")
    return pd.DataFrame(
        {
            "verdict": pd.Series(verdict, index=rows.index, dtype=object),
            "numerator": x,
            "denominator": n,
            "demanded": demanded,
            "due": metric.due.isoformat() if metric.due else None,
            **{name: rows[name] for name in ORIGIN},
        }
    )


def _found(last: pd.DataFrame, metric: Metric, registry: Registry) -> pd.DataFrame:
    """What the last check found of a metric and whether that refutes the report."""
    nothing = pd.Series(pd.NA, index=last.index, dtype="Int64")
    found = base = claimed = nothing
    if metric.verified:
        found, base = _counted(last, metric, registry)
        claimed = last[metric.numerator].astype("Int64")
    due_then = pd.Series(
        [
            np.nan if pd.isna(day) else demanded_on(metric, day.date())
            for day in last["check_date"]
        ],
        index=last.index,
        dtype=float,
    )
    # Not yet due, but said to be done: then it must be found, too.
    aim = due_then.fillna(metric.target)
    has_claimed = _reaches(claimed, base, aim)
    is_demanded = has_claimed | (claimed.isna() & due_then.notna())
    is_refuted = found.notna() & is_demanded & ~_reaches(found, base, aim)
    about = last[["check_date", "selection", "grade"]]
    if not metric.verified:
        about = about.where(pd.Series(False, index=last.index))
    return about.assign(found=found, base=base, is_refuted=is_refuted.astype(bool))


def _counted(
    last: pd.DataFrame, metric: Metric, registry: Registry
) -> tuple[pd.Series, pd.Series]:
    """Found and base as counts: a verdict on a topic is 1 or 0 of one branch."""
    found = last[metric.verified.column]
    if not metric.verified.base:
        is_said = found.notna()
        held = found.eq("yes").astype("Int64").where(is_said)
        return held, pd.Series(1, index=last.index, dtype="Int64").where(is_said)
    return found.astype("Int64"), count_of(last, metric.verified.base, registry)


def _visited(last: pd.DataFrame, is_failure: pd.Series) -> pd.DataFrame:
    """The check itself as a rule: never visited is unknown, not passed."""
    is_known = last["check_date"].notna()
    words = np.select([~is_known, is_failure], ["unknown", "failed"], "passed")
    return last[["check_date", "selection", "grade", *ORIGIN]].assign(
        verdict=words, is_refuted=is_failure
    )


def _reaches(x: pd.Series, n: pd.Series, share: Any) -> pd.Series:
    """Whether x is at least that share of n, in whole ones; False where unknown."""
    # 1e-9: two thirds of 300 are 200, not 201.
    needed = np.ceil(n.astype(float) * share - 1e-9)
    return (x.astype(float) >= needed).fillna(False).astype(bool)
