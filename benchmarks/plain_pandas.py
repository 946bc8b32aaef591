"""The marts of `data_pipeline.warehouse` as a straightforward pandas program.

What somebody would write who reads the same files and wants the same marts; the
benchmark holds every mart and every column of it against the SQL's, so both do the
same work. It takes the same short cut: figures are summed from the sums of the rows.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pandas as pd

from data_pipeline.lake import Lake, Submission, stored_schema
from data_pipeline.registry import Registry, month_end

PAIR = ["month", "unit", "sector"]
PLACE = ["month", "unit", "township", "sector"]
UNREAD = {
    "ledger": {"supervision_group", "note", "source_sheet", "source_row"},
    "roll": {"source_sheet", "source_row"},
    "spot_check": {
        *("found_lectures_grassroots", "has_atmosphere", "has_records", "has_case"),
        *("has_discussion", "grade", "source_sheet", "source_row"),
    },
    "weak_case": {"problem_type", "source_sheet", "source_row"},
}


def build_marts(
    root: Path, registry: Registry, folder: Path
) -> dict[str, pd.DataFrame]:
    """Every mart of everything in the lake, also written to `folder`."""
    lake = Lake(root)
    submissions = lake.submissions()
    tables = {name: read_table(lake, submissions, name, registry) for name in UNREAD}
    roll = latest(tables["roll"], ["branch"])
    roll["township"] = roll.township.fillna("")
    filed = tables["ledger"]
    filed["reporter"] = filed.branch.fillna(filed.unit + "/" + filed.sector)
    ordered = filed.sort_values("revision", kind="stable")
    is_replaced = ordered.duplicated(["month", "reporter"], keep="last")
    ledger = to_date(ordered[~is_replaced], registry)
    township = ledger.branch.map(roll.set_index("branch").township.replace("", None))
    ledger["township"] = township.fillna(ledger.township).fillna("")
    ledger["n_members_ordinary"] = ledger.n_members - ledger.n_leaders
    on_roll = roll[["branch", "unit", "township", "sector"]].assign(
        is_weak_base=roll.is_weak_base.eq(True),
        n_leaders=roll.n_leaders,
        n_members_ordinary=roll.n_members - roll.n_leaders,
    )
    keys = ["check_date", "branch", "supervision_group"]
    checks = latest(tables["spot_check"], keys).merge(on_roll, on="branch")
    cases = latest(tables["weak_case"], ["case_code"]).merge(on_roll, on="branch")

    marts = {"roll": roll.drop(columns=["sequence", "revision"])}
    marts["arrivals"] = arrivals_of(filed)
    marts["superseded"] = ordered.loc[is_replaced, ["month", "reporter", "sequence"]]
    marts["ledger_sums"] = sum_ledger(ledger, registry)
    marts["spine"] = due_and_filed(marts["ledger_sums"], roll, registry)
    marts["filing"] = receipts(marts["arrivals"], marts["spine"], submissions, registry)
    marts["frame"] = frame_of(on_roll)
    marts["random_found"] = found_at_random(checks, registry)
    marts["checking"] = checked(checks, marts["frame"], registry)
    marts["rectification"] = rectified(cases, registry)
    marts["leaf"] = sum_metrics(marts, registry)
    for name, frame in marts.items():
        frame.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    return marts


def read_table(
    lake: Lake, submissions: tuple[Submission, ...], table: str, registry: Registry
) -> pd.DataFrame:
    """The rows of one table with the place of their submission in time."""
    schema = stored_schema(registry.tables[table])
    columns = [name for name in schema.names if name not in UNREAD[table]]
    frames = [
        pd.read_parquet(lake.root / file.path, columns=columns)
        for submission in submissions
        for file in submission.files
        if file.table == table
    ]
    empty = schema.empty_table().select(columns).to_pandas()
    rows = pd.concat(frames, ignore_index=True) if frames else empty
    order = sorted(submissions, key=lambda s: (s.received, s.sequence))
    revisions = {s.sequence: number for number, s in enumerate(order)}
    return rows.assign(revision=rows.sequence.map(revisions))


def latest(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    ordered = rows.sort_values("revision", kind="stable")
    return ordered.drop_duplicates(keys, keep="last")


def arrivals_of(filed: pd.DataFrame) -> pd.DataFrame:
    keys = ["sequence", *PAIR, "basis"]
    return filed.groupby(keys, as_index=False, sort=False).agg(
        n_rows=("reporter", "size"),
        first_reporter=("reporter", "min"),
        last_reporter=("reporter", "max"),
    )


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


def sum_ledger(ledger: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    counts = [*registry.tables["ledger"].counts, "n_members_ordinary"]
    blanks = sum(
        2**position * ledger[name].isna() for position, name in enumerate(counts)
    )
    groups = ledger.assign(blanks=blanks).groupby([*PLACE, "blanks"], sort=False)
    sums = groups[counts].sum(min_count=1).astype("Int64")
    sums.insert(0, "n_rows", groups.size())
    return sums.reset_index()


def due_and_filed(
    sums: pd.DataFrame, roll: pd.DataFrame, registry: Registry
) -> pd.DataFrame:
    months = pd.DataFrame({"month": registry.calendar.months})
    filed = sums[PLACE].drop_duplicates()
    on_roll = roll[["unit", "sector", "township"]].drop_duplicates()
    without = filed[~filed.unit.isin(roll.unit)]
    first = without.groupby(["unit", "sector", "township"], as_index=False).month.min()
    since = first.rename(columns={"month": "first"}).merge(months, how="cross")
    since = since[since["first"] <= since.month]
    due = pd.concat([on_roll.merge(months, how="cross"), since[PLACE]])
    spine = pd.concat([due[PLACE], filed]).drop_duplicates()
    for name, pairs in (("is_due", due), ("is_filed", filed)):
        marked = pairs[PAIR].drop_duplicates().assign(**{name: True})
        spine = spine.merge(marked, on=PAIR, how="left")
        spine[name] = spine[name].notna()
    return spine.assign(supervision_group=spine.unit.map(groups_of(registry)))


def groups_of(registry: Registry) -> dict[str, str]:
    return {unit.code: unit.group for unit in registry.units.values()}


def receipts(
    arrivals: pd.DataFrame,
    spine: pd.DataFrame,
    submissions: tuple[Submission, ...],
    registry: Registry,
) -> pd.DataFrame:
    received = {s.sequence: s.received.replace(tzinfo=None) for s in submissions}
    arrivals = arrivals.assign(received=arrivals.sequence.map(received))
    times = arrivals.groupby(PAIR, as_index=False).agg(
        first=("received", "min"), last=("received", "max")
    )
    due = spine.loc[spine.is_due, PAIR].drop_duplicates()
    filing = (
        due.merge(times, on=PAIR, how="left")
        .groupby(["month", "unit"], as_index=False)
        .agg(
            first_received=("first", "min"),
            complete_received=("first", "max"),
            last_received=("last", "max"),
            n_sectors_due=("sector", "size"),
            n_sectors_filed=("first", "count"),
        )
    )
    deadlines = {
        month: registry.calendar.filing_deadline(month).astimezone(UTC)
        for month in registry.calendar.months
    }
    deadline = pd.to_datetime(filing.month.map(deadlines)).dt.tz_localize(None)
    is_whole = filing.n_sectors_due == filing.n_sectors_filed
    is_on_time = is_whole & (filing.complete_received < deadline)
    return filing.assign(
        supervision_group=filing.unit.map(groups_of(registry)),
        deadline=deadline,
        n_units_due=1,
        n_units_on_time=is_on_time.astype("int64"),
    )


def frame_of(on_roll: pd.DataFrame) -> pd.DataFrame:
    keys = ["unit", "sector", "township", "is_weak_base"]
    return on_roll.groupby(keys, as_index=False).agg(n_branches=("branch", "size"))


def month_ends(registry: Registry) -> pd.DataFrame:
    months = registry.calendar.months
    return pd.DataFrame({"month": months, "last_day": map(month_end, months)})


def found_at_random(checks: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    random = checks[checks.selection == "random"]
    reached = random.merge(month_ends(registry), how="cross")
    reached = reached[reached.check_date <= reached.last_day]
    reached = reached.sort_values(["check_date", "revision"], kind="stable")
    drawn = reached.drop_duplicates(["month", "branch"], keep="last")
    keys = ["month", "branch", "unit", "sector", "township", "is_weak_base"]
    parts = []
    for topic in ("found_topic_1", "found_topic_2", "found_topic_3"):
        is_known = drawn[topic].notna()
        found = drawn[topic].eq("yes").astype("Int64").where(is_known)
        base = is_known.astype("Int64").where(is_known)
        parts.append((topic, found, base))
    bases = {
        "found_leaders_attended": "n_leaders",
        "found_members_spoke": "n_members_ordinary",
    }
    for name, base in bases.items():
        is_known = drawn[name].notna() & drawn[base].notna()
        parts.append((name, drawn[name].where(is_known), drawn[base].where(is_known)))
    return pd.concat(
        [
            drawn[[*keys, "is_announced"]].assign(
                column_name=name,
                found=found.astype("Int64"),
                base=base.astype("Int64"),
            )
            for name, found, base in parts
        ],
        ignore_index=True,
    )


def checked(
    checks: pd.DataFrame, frame: pd.DataFrame, registry: Registry
) -> pd.DataFrame:
    reached = checks.merge(month_ends(registry), how="cross")
    reached = reached[reached.check_date <= reached.last_day]
    done = reached.groupby(PLACE, as_index=False).agg(
        n_branches_checked=("branch", "nunique")
    )
    rolled = frame.groupby(["unit", "township", "sector"], as_index=False).agg(
        n_branches_on_roll=("n_branches", "sum")
    )
    cells = rolled.merge(reached[["month"]].drop_duplicates(), how="cross")
    cells = cells.merge(done, on=PLACE, how="left")
    number = cells.n_branches_checked.fillna(0).astype("int64")
    return cells.assign(n_branches_checked=number)


def rectified(cases: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    listed = cases.merge(month_ends(registry), how="cross")
    listed = listed[listed.listed_date <= listed.last_day]
    by_then = listed.converted_date.notna() & (
        listed.converted_date.fillna(listed.last_day) <= listed.last_day
    )
    listed["is_converted"] = (listed.status == "converted") & by_then
    rectified = listed.groupby(PLACE, as_index=False).agg(
        n_weak_listed=("case_code", "size"), n_weak_converted=("is_converted", "sum")
    )
    return rectified.astype({"n_weak_converted": "int64"})


def sum_metrics(marts: dict[str, pd.DataFrame], registry: Registry) -> pd.DataFrame:
    rows = {
        "ledger": marts["ledger_sums"],
        "filing": marts["filing"].assign(township="", sector="", n_rows=1),
        "checking": marts["checking"].assign(n_rows=1),
        "rectification": marts["rectification"].assign(n_rows=1),
    }
    parts = []
    for source, frame in rows.items():
        metrics = [m for m in registry.metrics.values() if m.table == source]
        columns = {}
        for metric in metrics:
            numerator, denominator = frame[metric.numerator], frame[metric.denominator]
            known = numerator.notna() & denominator.notna()
            columns[metric.id, "numerator"] = numerator.where(known, 0).astype("int64")
            total = denominator.where(known, 0).astype("int64")
            columns[metric.id, "denominator"] = total
            columns[metric.id, "n_blank"] = frame.n_rows.where(~known, 0)
        wide = pd.DataFrame(columns)
        sums = wide.groupby([frame[key] for key in PLACE], sort=False).sum()
        for metric in metrics:
            parts.append(sums[metric.id].reset_index().assign(metric=metric.id))
    leaf = pd.concat(parts, ignore_index=True)
    leaf["supervision_group"] = leaf.unit.map(groups_of(registry))
    # As the mart is: a reader asks for one metric and a few months.
    return leaf.sort_values(["metric", "month"], kind="stable")
