"""What is demanded of one branch, rule by rule, and what report and check say of it.

A rule is a metric of the ledger with a target. Before its due date nothing is demanded
(not due); where nothing was reported nothing is known (unknown), which never passes.
Rules are read off the ledger, so that a branch is no worse for a visit. What a check
adds is whether it found what the last ledger before it had claimed: what was claimed
and not found is refuted. What was not claimed cannot be, nor what a later ledger
claims. A prepared site shows its best side and proves nothing here.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL, Metric, Registry, month_end
from reports.sector_gaps.ledger_rows import count_of

SPOT_CHECK = "spot_check"  # the line of evidence that the last check has of its own
PROVING = ("random", "targeted")
# What the last check says of the report it was compared with.
REFUTED, NOT_REFUTED, UNVISITED = "refuted", "not_refuted", "unvisited"
ORIGIN = ("source_file", "source_sheet", "source_row")


class Judged(NamedTuple):
    """Verdicts and what they stand on.

    ``verdicts`` is indexed by branch, one column a rule: failed, passed, not_due,
    unknown. ``evidence`` has a row for each branch and rule: ``verdict``, ``numerator``
    and ``denominator`` (reported), ``demanded`` (share due by then, NaN: nothing yet),
    ``due`` (ISO date of the last target), ``found`` and ``base`` (last check that said
    anything of it), ``claimed`` (what the last ledger before that check had) and
    ``claimed_month``, its ``check_date``, ``selection``, ``grade``, whether the claim
    ``is_refuted`` by it, and where the report stands. A last row a branch is of the
    last check itself: refuted, not_refuted or unvisited. ``is_refuted`` is a Series by
    branch.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    is_refuted: pd.Series


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
        and not metric.remembers
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
    branches: pd.DataFrame,
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    registry: Registry,
    month: str,
) -> Judged:
    """Hold each branch to every rule at the end of a month.

    Parameters
    ----------
    branches
        ``branch`` (unique), ``unit``, ``sector``.
    ledger
        `rates.read_ledger` of all months up to `month`: the rows of these branches and
        those that speak for a whole cell (branch '').
    checks
        `rates.read_checks` up to the month.

    Returns
    -------
    Judged
        A rule is ``failed`` when the report of the month falls short of what is due,
        or when what it claims was refuted: by the random or targeted check of the
        highest precedence that said anything of it.
    """
    codes = pd.Index(branches["branch"], name="branch")
    proving = checks[
        checks["selection"].isin(PROVING) & checks["branch"].isin(set(codes))
    ]
    # A later revision of a round may correct the day of a visit to an earlier one.
    proving = proving.sort_values("precedence", kind="stable").reset_index(drop=True)
    own, whole = ledgers_before(proving, ledger)
    now = ledger[(ledger["month"] == month) & (ledger["branch"] != "")]
    rows = now.drop_duplicates("branch").set_index("branch").reindex(codes)
    parts = []
    for metric in rules_of(registry):
        found = _found(proving, own, whole, metric, registry).reindex(codes)
        is_known = found["is_refuted"].astype("boolean")
        found["is_refuted"] = is_known.fillna(False).astype(bool)
        part = _reported(rows, metric, registry, month_end(month)).join(found)
        part.loc[part["is_refuted"], "verdict"] = "failed"
        parts.append(part.assign(rule=metric.id))
    refuted = [part["is_refuted"] for part in parts]
    is_refuted = pd.concat(refuted, axis=1).any(axis=1) if parts else codes == ""
    is_refuted = pd.Series(is_refuted, index=codes)
    names = [metric.id for metric in rules_of(registry)]
    verdicts = pd.DataFrame(
        {name: part["verdict"] for name, part in zip(names, parts, strict=True)},
        index=codes,
    )
    last = proving.drop_duplicates("branch", keep="last").set_index("branch")
    parts.append(_visited(last.reindex(codes), is_refuted).assign(rule=SPOT_CHECK))
    evidence = pd.concat(parts).reset_index()
    first = ["branch", "rule", "verdict"]
    others = [name for name in evidence if name not in first]
    return Judged(verdicts, evidence[[*first, *others]], is_refuted)


def ledgers_before(
    checks: pd.DataFrame, ledger: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last ledger before each check: the branch's own row, and its cell's.

    Parameters
    ----------
    checks
        ``check_date``, ``branch``, ``unit``, ``sector``.
    ledger
        As in `judge_rules`.

    Returns
    -------
    (own, whole) : DataFrames, one row a check, in their order
        The columns of the ledger, blank where there was none before the check; a
        ledger speaks of the last day of its month. `whole` has rows that speak for all
        branches of a unit and sector.
    """
    ends = {month: pd.Timestamp(month_end(month)) for month in ledger["month"].unique()}
    dated = ledger.assign(last_day=ledger["month"].map(ends).astype("datetime64[us]"))
    dated = dated.sort_values("last_day", kind="stable")
    days = checks["check_date"].astype("datetime64[us]").sort_values(kind="stable")
    is_own = dated["branch"] != ""
    found = []
    for keys, rows in ((["branch"], dated[is_own]), (list(CELL), dated[~is_own])):
        checked = checks.loc[days.index, keys].assign(check_date=days)
        kept = rows.drop(columns=[c for c in ("branch", *CELL) if c not in keys])
        before = pd.merge_asof(
            checked.astype(dict.fromkeys(keys, object)),
            kept.astype(dict.fromkeys(keys, object)),
            left_on="check_date",
            right_on="last_day",
            by=keys,
            allow_exact_matches=False,
        )
        found.append(before.set_index(days.index).reindex(checks.index))
    return found[0], found[1]


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


def _found(
    proving: pd.DataFrame,
    own: pd.DataFrame,
    whole: pd.DataFrame,
    metric: Metric,
    registry: Registry,
) -> pd.DataFrame:
    """By branch: what the check that counts found, and what had been claimed.

    A row that speaks for a whole cell claims something of one branch only where it
    claims it of all.
    """
    about = proving[["branch", "check_date", "selection", "grade"]]
    if not metric.verified:
        return (
            about[:0]
            .set_index("branch")
            .assign(
                found=pd.NA,
                base=pd.NA,
                claimed=pd.NA,
                claimed_month=None,
                is_refuted=False,
            )
        )
    found, base = _counted(proving, metric, registry)
    claimed = count_of(own, metric.numerator, registry)
    of_cell = count_of(whole, metric.numerator, registry)
    is_all = (of_cell >= count_of(whole, metric.denominator, registry)) & (of_cell > 0)
    speaks_for_all = own["month"].isna() & is_all.fillna(False)
    looked = about.assign(
        found=found,
        base=base,
        claimed=claimed.mask(speaks_for_all, base),
        claimed_month=own["month"].mask(speaks_for_all, whole["month"]),
        is_refuted=(found < claimed.mask(speaks_for_all, base)).fillna(False),
    )
    looked = looked[found.notna()].drop_duplicates("branch", keep="last")
    return looked.set_index("branch")


def _counted(
    checks: pd.DataFrame, metric: Metric, registry: Registry
) -> tuple[pd.Series, pd.Series]:
    """Found and base as counts: a verdict on a topic is 1 or 0 of one branch."""
    found = checks[metric.verified.column]
    if not metric.verified.base:
        is_said = found.notna()
        held = found.eq("yes").astype("Int64").where(is_said)
        return held, pd.Series(1, index=checks.index, dtype="Int64").where(is_said)
    return found.astype("Int64"), count_of(checks, metric.verified.base, registry)


def _visited(last: pd.DataFrame, is_refuted: pd.Series) -> pd.DataFrame:
    """The last check itself: whether anybody came, and what that says of the report."""
    is_known = last["check_date"].notna()
    words = [~is_known, is_refuted.to_numpy(bool)]
    return last[["check_date", "selection", "grade", *ORIGIN]].assign(
        verdict=np.select(words, [UNVISITED, REFUTED], NOT_REFUTED),
        is_refuted=is_refuted,
    )


def _reaches(x: pd.Series, n: pd.Series, share: Any) -> pd.Series:
    """Whether x is at least that share of n, in whole ones; False where unknown."""
    # 1e-9: two thirds of 300 are 200, not 201.
    needed = np.ceil(n.astype(float) * share - 1e-9)
    return (x.astype(float) >= needed).fillna(False).astype(bool)
