"""The marts of `data_pipeline.warehouse` as a straightforward pandas program.

What somebody would write who reads the same files and wants the same figures; the
benchmark holds its marts against the SQL's, so both do the same work.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.store.lake import Lake

PAIR = ["month", "unit", "sector"]
KIND = ["branch_type", "is_weak_base"]
PLACE = ["month", "unit", "township", "sector", *KIND]


def build_marts(
    root: Path, registry: Registry, folder: Path
) -> dict[str, pd.DataFrame]:
    """leaf, spine and filing of everything in the lake, also written to `folder`."""
    lake = Lake(root)
    submissions = lake.submissions()
    order = sorted(submissions, key=lambda s: (s.received, s.sequence))
    revisions = {s.sequence: number for number, s in enumerate(order)}
    received = {s.sequence: s.received.replace(tzinfo=None) for s in submissions}
    roll = read_table(lake, "roll", registry)
    roll = roll.assign(revision=roll.sequence.map(revisions)).sort_values("revision")
    roll = roll.drop_duplicates("branch", keep="last")
    filed = read_table(lake, "ledger", registry)
    filed["reporter"] = filed.branch.fillna(filed.unit + "/" + filed.sector)
    filed["revision"] = filed.sequence.map(revisions)
    ledger = to_date(latest(filed), registry)
    township = ledger.branch.map(roll.set_index("branch").township)
    ledger["township"] = township.fillna(ledger.township).fillna("")
    kinds = kinds_of(roll)
    for name in KIND:
        ledger[name] = ledger.branch.map(kinds[name]).fillna("")
    ledger["n_members_ordinary"] = ledger.n_members - ledger.n_leaders
    count_rows(ledger, registry)
    marts = {"leaf": sum_metrics(ledger, registry)}
    marts["spine"] = due_and_filed(ledger, roll, registry)
    marts["filing"] = receipts(filed, marts["spine"], received, registry)
    on_time = count_units(marts["filing"])
    fine = pd.concat([marts.pop("leaf"), on_time], ignore_index=True)
    counts = ["numerator", "denominator", "n_blank"]
    by = ["metric", *(name for name in PLACE if name not in KIND)]
    marts["fine_leaf"] = fine
    marts["leaf"] = fine.groupby(by, as_index=False)[counts].sum()
    for name, frame in marts.items():
        frame.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    return marts


def kinds_of(roll: pd.DataFrame) -> pd.DataFrame:
    """What each branch is on the roll, '' where that is left blank."""
    words = {True: "yes", False: "no"}
    weak = roll.is_weak_base.map(words).fillna("")
    kinds = roll.assign(is_weak_base=weak, branch_type=roll.branch_type.fillna(""))
    return kinds.set_index("branch")[KIND]


def read_table(lake: Lake, table: str, registry: Registry) -> pd.DataFrame:
    unread = {"note", "source_sheet", "source_row"}
    columns = [c.name for c in registry.tables[table].columns if c.name not in unread]
    columns += ["sequence", *(["basis"] if table == "ledger" else [])]
    return pd.concat(
        [
            pd.read_parquet(lake.root / file.path, columns=columns)
            for submission in lake.submissions()
            for file in submission.files
            if file.table == table
        ],
        ignore_index=True,
    )


def latest(filed: pd.DataFrame) -> pd.DataFrame:
    ordered = filed.sort_values("revision", kind="stable")
    return ordered.drop_duplicates(["month", "reporter"], keep="last")


def to_date(ledger: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Month-only figures added up, a row that is to date starting anew."""
    units = ledger.unit[ledger.basis == "month"].unique()
    is_monthly = ledger.unit.isin(units)
    series = ledger[is_monthly].sort_values("month")
    keys = [series.unit, series.reporter]
    for column in registry.tables["ledger"].columns:
        if column.kind == "cumulative":
            filed = series[column.name]
            flow = filed.where(series.basis == "month").fillna(0).groupby(keys).cumsum()
            restart = (filed - flow).where(series.basis != "month")
            total = flow + restart.groupby(keys).ffill().fillna(0)
            series[column.name] = total.where(filed.notna())
    return pd.concat([ledger[~is_monthly], series], ignore_index=True)


def count_rows(ledger: pd.DataFrame, registry: Registry) -> None:
    """Add what single rows count: a third has spoken, the topic of the month."""
    for topic in (1, 2, 3):
        counts = [f"n_branches_topic_{topic}", f"n_speakers_topic_{topic}", "n_members"]
        held, spoke, members = (ledger[name] for name in counts)
        known = ledger[counts].notna().all(axis=1)
        is_held = held > 0
        ledger[f"n_rows_topic_{topic}"] = is_held.where(known)
        third = is_held & (3 * spoke >= members)
        ledger[f"n_rows_topic_{topic}_third"] = third.where(known)
    name = "n_branches_topic_of_month"
    for month in registry.calendar.months:
        of_month = ledger.month == month
        column = registry.topic_of(month).numerator
        ledger.loc[of_month, name] = ledger.loc[of_month, column].astype(float)


def sum_metrics(ledger: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    metrics = [m for m in registry.metrics.values() if m.table.startswith("ledger")]
    parts = {}
    for metric in metrics:
        numerator, denominator = ledger[metric.numerator], ledger[metric.denominator]
        known = numerator.notna() & denominator.notna()
        parts[metric.id, "numerator"] = numerator.where(known, 0)
        parts[metric.id, "denominator"] = denominator.where(known, 0)
        parts[metric.id, "n_blank"] = ~known
    frame = pd.DataFrame(parts)
    sums = frame.groupby([ledger[key] for key in PLACE], sort=False).sum()
    leaf = pd.concat(
        [sums[metric.id].reset_index().assign(metric=metric.id) for metric in metrics],
        ignore_index=True,
    )
    counts = ["numerator", "denominator", "n_blank"]
    leaf[counts] = leaf[counts].astype("int64")
    leaf = keep_remembered(leaf, registry)
    groups = {unit.code: unit.group for unit in registry.units.values()}
    leaf["supervision_group"] = leaf.unit.map(groups)
    return leaf


def keep_remembered(leaf: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """What is remembered is the ledger of one month, repeated for good."""
    kept = {m.id: m.remembered_month for m in registry.metrics.values() if m.remembers}
    since = leaf.metric.map(kept)
    parts = [leaf[since.isna()]]
    for month in registry.calendar.months:
        remembered = leaf[(since == leaf.month) & (since <= month)]
        parts.append(remembered.assign(month=month))
    return pd.concat(parts, ignore_index=True)


def due_and_filed(
    ledger: pd.DataFrame, roll: pd.DataFrame, registry: Registry
) -> pd.DataFrame:
    months = pd.DataFrame({"month": registry.calendar.months})
    filed = ledger[PLACE].drop_duplicates()
    kinds = kinds_of(roll).reset_index(drop=True)
    on_roll = roll[["unit", "sector", "township"]].fillna("").reset_index(drop=True)
    on_roll = pd.concat([on_roll, kinds], axis=1).drop_duplicates()
    without = filed[~filed.unit.isin(roll.unit)]
    places = ["unit", "sector", "township", *KIND]
    first = without.groupby(places, as_index=False).month.min()
    since = first.rename(columns={"month": "first"}).merge(months, how="cross")
    since = since[since["first"] <= since.month]
    due = pd.concat([on_roll.merge(months, how="cross"), since[PLACE]])
    spine = pd.concat([due[PLACE], filed]).drop_duplicates()
    for name, pairs in (("is_due", due), ("is_filed", filed)):
        marked = pairs[PAIR].drop_duplicates().assign(**{name: True})
        spine = spine.merge(marked, on=PAIR, how="left")
        spine[name] = spine[name].notna()
    groups = {unit.code: unit.group for unit in registry.units.values()}
    return spine.assign(supervision_group=spine.unit.map(groups))


def receipts(
    filed: pd.DataFrame,
    spine: pd.DataFrame,
    received: dict[int, datetime],
    registry: Registry,
) -> pd.DataFrame:
    arrivals = filed[[*PAIR, "sequence"]].drop_duplicates()
    arrivals = arrivals.assign(received=arrivals.sequence.map(received))
    first = arrivals.groupby(PAIR, as_index=False).received.min()
    due = spine.loc[spine.is_due, PAIR].drop_duplicates()
    due = due.merge(first, on=PAIR, how="left")
    filing = due.groupby(["month", "unit"], as_index=False).agg(
        n_sectors_due=("sector", "size"),
        n_sectors_filed=("received", "count"),
        complete_received=("received", "max"),
    )
    deadlines = {
        month: registry.calendar.filing_deadline(month).astimezone(UTC)
        for month in registry.calendar.months
    }
    deadline = pd.to_datetime(filing.month.map(deadlines)).dt.tz_localize(None)
    is_whole = filing.n_sectors_due == filing.n_sectors_filed
    is_on_time = is_whole & (filing.complete_received < deadline)
    return filing.assign(n_units_due=1, n_units_on_time=is_on_time.astype("int64"))


def count_units(filing: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": "on_time",
            "month": filing.month,
            "unit": filing.unit,
            "township": "",
            "sector": "",
            "branch_type": "",
            "is_weak_base": "",
            "numerator": filing.n_units_on_time,
            "denominator": filing.n_units_due,
            "n_blank": 0,
        }
    )
