"""The marts of `data_pipeline.warehouse` as a straightforward pandas program.

What somebody would write who reads the same files and wants the same marts: whole
columns, one program for all months, places as numbers wherever rows are many. The
benchmark holds every column of its marts against the SQL's, so all programs do the same
work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from benchmarks.peer_inputs import (
    CHECK,
    COUNTS,
    ORDER,
    PAIR,
    PLACE,
    PLACED,
    PeerInputs,
    own_places,
    read_inputs,
)
from data_pipeline.registry import Measure, Metric, Table
from data_pipeline.registry.measures import pairing
from data_pipeline.registry.schema import stored_schema

ANSWERS = {True: "yes", False: "no"}
Frames = dict[str, pd.DataFrame]


def build_marts(root: Path, folder: Path) -> None:
    """Every mart of everything in the lake, as <folder>/<mart>.parquet."""
    given = read_inputs(root)
    inputs = {name: pd.DataFrame(rows) for name, rows in given.rows.items()}
    for name in ("months", "rounds"):
        days = ["first_day", "last_day"]
        inputs[name][days] = inputs[name][days].astype("datetime64[ms]")
    roll = latest_roll(read(given, "roll"))
    marts: Frames = {"roll": roll}
    checks = latest(read(given, "spot_check"), CHECK)
    draws = read(given, "draw")
    marts["drawn_check"] = judge_checks(checks, draws, inputs)
    marts["drawn"] = draws_in_force(draws, marts["drawn_check"], inputs)
    checks = place_checks(checks, marts["drawn_check"], roll, inputs)
    marts["frame"] = count_frame(roll, marts["drawn"], inputs)
    found = random_found(checks, inputs, given)
    marts["random_found"] = found
    marts["reached_branches"] = found[["branch"]].drop_duplicates()
    filed = read(given, "ledger")
    filed["reporter"] = filed.branch.fillna("/" + filed.unit + "/" + filed.sector)
    is_last = is_latest(filed, ["month", "reporter"])
    marts |= arrive(filed, is_last)
    ledger = to_date(filed[is_last], marts["adding_units"], given)
    del filed
    places = with_counts(ledger, roll, given)
    sums = sum_ledger(ledger, given)
    marts["ledger_sums"] = places.merge(sums, left_index=True, right_on="place")
    marts["branch_spread"] = spread(ledger, places, given)
    marts["claims"] = claim(ledger, marts["reached_branches"], given)
    marts["carried"] = carry(ledger, marts["adding_units"], given)
    marts["claimed_before"] = claimed_before(found, marts["claims"], inputs)
    marts["spine"] = due_and_filed(places, roll, inputs)
    receipts = receive(marts["arrivals"], inputs)
    marts["filing"] = file_in_time(marts["spine"], receipts, inputs)
    views = {t.name: stage(read(given, t.name), t, roll) for t in given.staged()}
    cases = latest(read(given, "weak_case"), ["case_code"])
    views |= own_views(roll, checks, cases, marts["ledger_sums"], given)
    fine = [leaf_of_ledger(sums, places, inputs, given)]
    fine += [leaf_of_filing(marts["filing"], given)]
    fine += [leaf_of_measures(views, inputs, given)]
    marts["fine_leaf"] = pd.concat(fine, ignore_index=True)
    by = ["metric", *PLACE[:4], "supervision_group"]
    marts["leaf"] = marts["fine_leaf"].groupby(by, as_index=False)[COUNTS].sum()
    marts["ledger_sums"] = marts["ledger_sums"].drop(columns="place")
    write_marts(marts, folder)


def write_marts(marts: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, mart in marts.items():
        ordered = mart.sort_values(ORDER[name]) if name in ORDER else mart
        # Counts that are blank somewhere are no whole numbers to numpy, and days times.
        types = dict.fromkeys(ordered.select_dtypes("float64").columns, "Int64")
        days = [column for column in ordered.columns if column.endswith("_date")]
        types |= dict.fromkeys(days, pd.ArrowDtype(pa.date32()))
        ordered = ordered.astype(types)
        path = folder / f"{name}.parquet"
        ordered.to_parquet(path, compression="zstd", index=False)


def read(given: PeerInputs, table: str) -> pd.DataFrame:
    """The rows of a table as they were filed, with the revision of their submission."""
    schema = stored_schema(given.registry.lake_tables[table])
    stored = ds.dataset([str(path) for path in given.paths[table]], schema=schema)
    rows = stored.to_table(given.columns(table)).to_pandas(
        date_as_object=False, types_mapper={pa.bool_(): pd.BooleanDtype()}.get
    )
    rows["revision"] = rows.sequence.map(given.revisions)
    return rows


def is_latest(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """Whether a row is of the last revision that speaks of its key."""
    ordered = rows[[*key, "revision"]].sort_values("revision", kind="stable")
    return ~ordered.duplicated(key, keep="last").reindex(rows.index)


def latest(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return rows[is_latest(rows, key)]


def each_month(rows: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Every row with every month."""
    return rows.merge(months, how="cross")


def latest_roll(rolls: pd.DataFrame) -> pd.DataFrame:
    roll = latest(rolls, ["branch"]).drop(columns=["sequence", "revision"])
    return roll.assign(
        township=roll.township.fillna(""),
        of_type=roll.branch_type.fillna(""),
        of_weak_base=roll.is_weak_base.map(ANSWERS).astype("str").fillna(""),
    )


def judge_checks(
    checks: pd.DataFrame, draws: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """How each check that was filed as random stands in the register of draws."""
    months = inputs["months"][["month", "first_day", "last_day"]]
    marked = each_month(checks[checks.selection == "random"][[*CHECK, "draw"]], months)
    in_month = marked.check_date.between(marked.first_day, marked.last_day)
    marked = marked[in_month].drop(columns=["first_day", "last_day"])
    registered = draws.groupby(["draw", "month"], as_index=False).revision.max()
    registered = registered.rename(
        columns={"month": "draw_month", "revision": "draw_revision"}
    )
    is_named = marked.draw.isin(registered.draw)
    named = marked[is_named].merge(registered, on="draw")
    unnamed = marked[~is_named].drop(columns="draw")
    # A draw speaks for its month and those after it, until another is made.
    last = each_month(unnamed, registered[["draw_month"]])
    last = last[last.month >= last.draw_month]
    last = last.groupby(CHECK, as_index=False).draw_month.max()
    unnamed = unnamed.merge(last, on=CHECK, how="left")
    unnamed = unnamed.merge(registered, on="draw_month", how="left")
    candidates = pd.concat([named, unnamed], ignore_index=True)
    strata = ["unit", "sector", "layer"]
    shown = ["draw", "branch", *strata, "place", "n_drawn"]
    placed = candidates.merge(draws[shown], on=["draw", "branch"], how="left")
    fit = 2 * (placed.place <= placed.n_drawn) + placed.place.notna()
    placed = placed.assign(fit=fit).sort_values(["fit", "draw_revision"])
    chosen = placed.drop_duplicates(CHECK, keep="last")
    back = chosen[chosen.place.notna() & (chosen.month >= chosen.draw_month)]
    back = back[["draw", "branch", *strata, "place"]].drop_duplicates()
    back["turn"] = back.groupby(["draw", *strata]).place.rank()
    turns = back[["draw", "branch", "turn"]]
    judged = chosen.merge(turns, on=["draw", "branch"], how="left")
    standing = pd.Series("out_of_turn", judged.index, dtype="str")
    standing[judged.turn == judged.place] = "reserve"
    standing[judged.place <= judged.n_drawn] = "drawn"
    standing[judged.place.isna()] = "not_drawn"
    standing[judged.month < judged.draw_month] = "before_draw"
    standing[judged.draw.isna()] = "unregistered"
    judged = judged[CHECK].assign(draw=judged.draw.fillna(""), standing=standing)
    is_random = standing.isin(["drawn", "reserve", "unregistered"])
    return judged.assign(is_random=is_random)


def draws_in_force(
    draws: pd.DataFrame, judged: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """The branches drawn by each month, for each draw in force."""
    registered = draws.groupby(["draw", "month"], as_index=False).revision.max()
    used = judged.draw[judged.standing.isin(["drawn", "reserve"])]
    is_last = is_latest(registered, ["month"])
    in_force = registered[is_last | registered.draw.isin(used)]
    is_drawn = draws.place <= draws.n_drawn
    drawn = draws.assign(is_drawn=is_drawn)[is_drawn | (draws.layer == "case")]
    drawn = drawn[drawn.draw.isin(in_force.draw)].rename(columns={"month": "since"})
    drawn = each_month(drawn, inputs["months"][["month"]])
    shown = ["month", "draw", "branch", "is_drawn", "layer"]
    return drawn.loc[drawn.since <= drawn.month, shown]


def place_checks(
    checks: pd.DataFrame, judged: pd.DataFrame, roll: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """Checks with their branch and round; of a branch's the last row goes first."""
    branch = roll[
        ["branch", "unit", "township", "sector", "of_type", "of_weak_base"]
        + ["n_members", "n_leaders"]
    ].assign(
        is_weak_base=roll.of_weak_base == "yes",
        n_members_ordinary=roll.n_members - roll.n_leaders,
    )
    placed = checks.drop(columns="draw").merge(branch, on="branch")
    placed = placed.merge(inputs["rounds"], how="cross")
    placed = placed[placed.check_date.between(placed.first_day, placed.last_day)]
    placed = placed.drop(columns=["first_day", "last_day"])
    placed = placed.merge(judged, on=CHECK, how="left")
    chosen = placed.is_random.eq(False).fillna(False)
    placed["selection"] = placed.selection.mask(chosen, "targeted")
    return placed.sort_values(["round", "revision", "check_date", "supervision_group"])


def count_frame(
    roll: pd.DataFrame, drawn: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """How many branches of each kind a random check of a month draws from."""
    cases = drawn[drawn.layer == "case"].groupby(["month", "branch"]).draw.nunique()
    kinds = ["unit", "sector", "township", "is_weak_base", "of_type", "of_weak_base"]
    branches = roll[kinds].assign(is_weak_base=roll.of_weak_base == "yes")
    stratum = branches.groupby(kinds, sort=False).ngroup()
    strata = branches[~stratum.duplicated()].reset_index(drop=True)
    counts = []
    for month in inputs["months"].month:
        of_month = cases[cases.index.get_level_values("month") == month]
        n_draws = roll.branch.map(of_month.droplevel("month")).fillna(0).astype("int64")
        pairs = pd.DataFrame({"stratum": stratum, "n_case_draws": n_draws})
        n_branches = pairs.value_counts().rename("n_branches").reset_index()
        counts.append(n_branches.assign(month=month))
    frame = pd.concat(counts).merge(strata, left_on="stratum", right_index=True)
    return frame.drop(columns="stratum")


def random_found(
    checks: pd.DataFrame, inputs: Frames, given: PeerInputs
) -> pd.DataFrame:
    """What the random check of a branch that counts at a month's end found, by item."""
    random = checks[checks.selection == "random"]
    random = each_month(random, inputs["months"][["month", "last_day"]])
    random = random[random.check_date <= random.last_day]
    random = random.drop_duplicates(["month", "branch"], keep="last")
    random["draw"] = random.draw.fillna("")
    said = ["month", "branch", "check_date", "unit", "sector", "township"]
    said += ["is_weak_base", "is_announced", "draw"]
    items = []
    for one in given.verified:
        found, base = random[one.column], random[one.base or one.column]
        both = found.notna() & base.notna()
        if not one.base:
            found, base = (found == "yes").astype("float64"), both.astype("float64")
        counts = {"found": found.where(both), "base": base.where(both)}
        items.append(random[said].assign(column_name=one.column, **counts))
    return pd.concat(items, ignore_index=True)


def arrive(filed: pd.DataFrame, is_last: pd.Series) -> Frames:
    """Who spoke in which submission, units that add up, and what was replaced."""
    rows = filed[["sequence", *PAIR, "basis", "reporter"]]
    rows = rows.assign(is_total=filed.branch.isna()).sort_values("reporter")
    by = ["sequence", *PAIR, "basis", "is_total"]
    arrivals = rows.groupby(by, as_index=False, sort=False).agg(
        n_rows=("reporter", "size"),
        first_reporter=("reporter", "first"),
        last_reporter=("reporter", "last"),
    )
    adding = arrivals.loc[arrivals.basis == "month", ["unit"]].drop_duplicates()
    replaced = filed.loc[~is_last, ["month", "reporter", "sequence"]]
    return {"arrivals": arrivals, "adding_units": adding, "superseded": replaced}


def to_date(
    ledger: pd.DataFrame, adding: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """Month-only figures added up, a row that is to date starting anew."""
    is_adding = ledger.unit.isin(adding.unit)
    series = ledger[is_adding].sort_values("month")
    who = [series.unit, series.reporter]
    is_flow = series.basis == "month"
    filed = series[given.cumulative]
    flow = filed.where(is_flow, 0).fillna(0).groupby(who).cumsum()
    restart = (filed - flow).mask(is_flow).groupby(who).ffill().fillna(0)
    series[given.cumulative] = (flow + restart).where(filed.notna())
    return pd.concat([ledger[~is_adding], series], ignore_index=True)


def with_counts(
    ledger: pd.DataFrame, roll: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """Add what the roll says of each row's branch and what single rows count.

    Each row gets the number of its place; these are given back by number.
    """
    kinds = roll.set_index("branch")
    on_roll = ledger.branch.map(kinds.township.replace("", None))
    ledger["township"] = on_roll.fillna(ledger.township).fillna("")
    ledger["branch_type"] = ledger.branch.map(kinds.of_type).fillna("")
    ledger["is_weak_base"] = ledger.branch.map(kinds.of_weak_base).fillna("")
    ledger["branch"] = ledger.branch.fillna("")
    for name, (minuend, subtrahend) in given.differences.items():
        ledger[name] = ledger[minuend] - ledger[subtrahend]
    for topic in given.topics:
        counts = [f"n_branches_{topic}", f"n_speakers_{topic}", "n_members"]
        held, spoke, members = (ledger[name] for name in counts)
        known = ledger[counts].notna().all(axis=1)
        third = (held > 0) & (3 * spoke >= members)
        ledger[f"n_rows_{topic}"] = (held > 0).astype("float64").where(known)
        ledger[f"n_rows_{topic}_third"] = third.astype("float64").where(known)
    # Who spoke at two topics is counted twice: bounds of each row.
    speakers = ledger[[f"n_speakers_{topic}" for topic in given.topics]].fillna(0)
    ledger["n_spoke_least"] = speakers.max(axis=1)
    ledger["n_spoke_most"] = speakers.sum(axis=1).clip(upper=ledger.n_members)
    ledger["place"] = ledger.groupby(PLACE, sort=False).ngroup()
    return ledger.loc[~ledger.place.duplicated(), PLACE].reset_index(drop=True)


def sum_ledger(ledger: pd.DataFrame, given: PeerInputs) -> pd.DataFrame:
    """Sums of every count, by place and by which counts are blank."""
    blanks = sum(ledger[name].isna() * bit for name, bit in given.bits.items())
    blanks = blanks.astype("int32").rename("blanks")
    grouped = ledger.groupby([ledger.place, blanks], sort=False)
    names = [*given.summed, "n_spoke_least", "n_spoke_most"]
    sums = grouped[names].sum(min_count=1)
    return sums.assign(n_rows=grouped.size()).reset_index()


def spread(
    ledger: pd.DataFrame, places: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """Squares and products over branches of each share of heads."""
    numbers = places.groupby(PLACE[:4], sort=False).ngroup()
    spots = places.loc[~numbers.duplicated(), PLACE[:4]].reset_index(drop=True)
    spot = ledger.place.map(numbers)
    is_branch = ledger.branch != ""
    n_branches = ledger.n_branches.fillna(1).mask(is_branch, 1)
    parts = []
    for metric in given.metrics("is_clustered"):
        x, n = ledger[metric["numerator"]], ledger[metric["denominator"]]
        known = x.notna() & (n > 0)
        x, n, is_one = x[known], n[known], is_branch[known]
        branch_x, branch_n = x * is_one, n * is_one
        terms = {
            "n_branches": n_branches[known],
            "n_heads": n,
            "n_rows": is_one,
            "row_numerator": branch_x,
            "row_denominator": branch_n,
            "numerator_squares": branch_x * branch_x,
            "products": branch_x * branch_n,
            "denominator_squares": branch_n * branch_n,
        }
        sums = pd.DataFrame(terms).groupby(spot[known], sort=False).sum()
        parts.append(spots.join(sums, how="inner").assign(metric=metric["metric"]))
    return pd.concat(parts, ignore_index=True)


def claim(
    ledger: pd.DataFrame, reached: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """What ledgers claim of branches that a check reached, and of totals."""
    rows = ledger[(ledger.branch == "") | ledger.branch.isin(reached.branch)]
    parts = []
    for metric in given.metrics("is_verified"):
        x, n = rows[metric["numerator"]], rows[metric["denominator"]]
        counts = rows[[*PAIR, "branch"]].assign(numerator=x, denominator=n)
        known = counts[x.notna() & (n > 0)]
        sums = known.groupby([*PAIR, "branch"], as_index=False, sort=False).sum()
        parts.append(sums.assign(metric=metric["metric"]))
    return pd.concat(parts, ignore_index=True)


def carry(
    ledger: pd.DataFrame, adding: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """What units that add up had brought by the end of each month that was filed."""
    who = ["unit", "reporter"]
    told = ledger.loc[ledger.unit.isin(adding.unit), ["month", *who, *given.cumulative]]
    first = told.groupby(who, as_index=False).month.min()
    months = ledger[["month"]].drop_duplicates()
    grid = each_month(first.rename(columns={"month": "first"}), months)
    grid = grid[grid["first"] <= grid.month].drop(columns="first")
    grid = grid.merge(told, on=["month", *who], how="left").sort_values("month")
    grid[given.cumulative] = grid.groupby(who)[given.cumulative].ffill()
    return grid


def claimed_before(
    found: pd.DataFrame, claims: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """What the last ledger before each random check had claimed of its branch."""
    places = ["unit", "sector"]
    reached = found[["month", "branch", *places, "check_date"]].drop_duplicates()
    months = inputs["months"][["month", "position", "last_day"]]
    stated = claims.merge(months, on="month").drop(columns="month")
    own = reached.drop(columns=places).merge(stated, on="branch")
    totals = stated[stated.branch == ""].drop(columns="branch")
    totals = reached.merge(totals, on=places)
    both = pd.concat([own.assign(is_own=True), totals.assign(is_own=False)])
    both = both[both.check_date > both.last_day].sort_values(["position", "is_own"])
    shown = ["month", "branch", "metric", "numerator", "denominator"]
    return both[shown].drop_duplicates(shown[:3], keep="last")


def due_and_filed(
    filed: pd.DataFrame, roll: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """What stands on the roll, or for a unit without one what it filed so far."""
    months = inputs["months"][["month"]]
    kinds = {"of_type": "branch_type", "of_weak_base": "is_weak_base"}
    rolled = roll[["unit", "township", "sector", *kinds]].drop_duplicates()
    rolled = rolled.rename(columns=kinds)
    first = filed[~filed.unit.isin(rolled.unit)]
    first = first.groupby(PLACE[1:], as_index=False).month.min()
    first = each_month(first.rename(columns={"month": "first"}), months)
    first = first[first["first"] <= first.month]
    due = pd.concat([each_month(rolled, months)[PLACE], first[PLACE]])
    spine = pd.concat([due, filed]).drop_duplicates().merge(inputs["units"], on="unit")
    for name, places in (("is_due", due), ("is_filed", filed)):
        marked = places[PAIR].drop_duplicates().assign(**{name: True})
        spine = spine.merge(marked, on=PAIR, how="left")
        spine[name] = spine[name].notna()
    return spine


def receive(arrivals: pd.DataFrame, inputs: Frames) -> pd.DataFrame:
    received = inputs["manifest"].set_index("sequence").received
    times = arrivals[PAIR].assign(received=arrivals.sequence.map(received))
    return times.groupby(PAIR, as_index=False).agg(
        first_received=("received", "min"), last_received=("received", "max")
    )


def file_in_time(
    spine: pd.DataFrame, receipts: pd.DataFrame, inputs: Frames
) -> pd.DataFrame:
    """When what was due of each unit had come, of months that are over or whole."""
    due = spine.loc[spine.is_due, [*PAIR, "supervision_group"]].drop_duplicates()
    due = due.merge(receipts, on=PAIR, how="left")
    by = ["month", "unit", "supervision_group"]
    filing = due.groupby(by, as_index=False).agg(
        first_received=("first_received", "min"),
        complete_received=("first_received", "max"),
        last_received=("last_received", "max"),
        n_sectors_due=("sector", "size"),
        n_sectors_filed=("first_received", "count"),
    )
    months = inputs["months"][["month", "deadline", "is_closed"]]
    filing = filing.merge(months, on="month")
    is_whole = filing.n_sectors_due == filing.n_sectors_filed
    in_time = is_whole & (filing.complete_received < filing.deadline)
    filing = filing.assign(n_units_due=1, n_units_on_time=in_time.astype("int64"))
    return filing[filing.is_closed | is_whole].drop(columns="is_closed")


def stage(filed: pd.DataFrame, table: Table, roll: pd.DataFrame) -> pd.DataFrame:
    """The latest rows of a table with the places that they, or the roll, give."""
    rows = latest(filed, list(table.key))
    branch, own = table.of_type("branch")[:1], own_places(table)
    kinds = ["of_type", "of_weak_base"]
    reached = roll.set_index("branch")[["unit", "township", "sector", *kinds]]
    said: dict[str, list[str]] = {name: [own[name]] for name in own}
    if branch:
        rows = rows.join(reached.add_prefix("reached_"), on=branch[0])
        if "unit" not in own:
            rows = rows[rows[branch[0]].isna() | rows.reached_unit.notna()]
        if not table.branch_anywhere:
            for name in ("unit", "sector", *kinds):
                said.setdefault(name, []).append(f"reached_{name}")
            said["township"] = ["reached_township", *said.get("township", [])]
    places = {}
    for name in ("supervision_group", "unit", "township", "sector", *kinds):
        place = pd.Series(None, rows.index, dtype="str")
        for column in said.get(name, []):
            place = place.fillna(rows[column])
        places[name] = place.fillna("")
    answers = {name: rows[name].map(ANSWERS) for name in table.of_type("yes_no")}
    return rows.assign(**answers, **places)


def own_views(
    roll: pd.DataFrame,
    checks: pd.DataFrame,
    cases: pd.DataFrame,
    sums: pd.DataFrame,
    given: PeerInputs,
) -> Frames:
    """Roll, ledgers, checks and weak cases with the columns that staged tables have."""
    rows = given.registry.tables["spot_check"].of_type("yes_no")
    kinds = {"of_type": sums.branch_type, "of_weak_base": sums.is_weak_base}
    views = {
        "roll": roll,
        "ledger": sums.assign(**kinds),
        "spot_check": checks.assign(
            **{name: checks[name].map(ANSWERS) for name in rows}
        ),
        "weak_case": cases.merge(roll, on="branch"),
    }
    return {name: view.assign(supervision_group="") for name, view in views.items()}


def leaf_of_ledger(
    sums: pd.DataFrame, places: pd.DataFrame, inputs: Frames, given: PeerInputs
) -> pd.DataFrame:
    """Both sides of every metric of ledger columns, by place."""
    metrics = given.metrics_of("ledger", "ledger_sums")
    topics = inputs["months"].set_index("month").topic_column
    of_month = sums.place.map(places.month.map(topics))
    rows = sums.copy()
    for column in topics.unique():
        is_asked = of_month == column
        rows.loc[is_asked, given.topic_of_month] = rows.loc[is_asked, column]
    sides = {}
    for one in metrics:
        x, n = rows[one["numerator"]], rows[one["denominator"]]
        known = x.notna() & n.notna()
        sides[one["metric"], "numerator"] = x.where(known, 0)
        sides[one["metric"], "denominator"] = n.where(known, 0)
        sides[one["metric"], "n_blank"] = rows.n_rows.mask(known, 0)
    wide = pd.DataFrame(sides).groupby(rows.place, sort=False).sum().astype("int64")
    months, parts = inputs["months"][["month"]], []
    for one in metrics:
        leaf = places.join(wide[one["metric"]], how="inner")
        if since := one["remembered_month"]:
            # The ledger of one month, repeated for good.
            kept = leaf[leaf.month == since].drop(columns="month")
            leaf = each_month(kept, months[months.month >= since])
        parts.append(leaf.assign(metric=one["metric"]))
    nowhere = dict.fromkeys(given.registry.categories, "")
    leaf = pd.concat(parts, ignore_index=True).assign(**nowhere)
    groups = inputs["units"].set_index("unit").supervision_group
    return leaf.assign(supervision_group=leaf.unit.map(groups))


def leaf_of_filing(filing: pd.DataFrame, given: PeerInputs) -> pd.DataFrame:
    nowhere = dict.fromkeys([*PLACE[2:], *given.registry.categories], "")
    return pd.concat(
        [
            filing[["month", "unit", "supervision_group"]].assign(
                metric=one["metric"],
                numerator=filing[one["numerator"]],
                denominator=filing[one["denominator"]],
                n_blank=0,
                **nowhere,
            )
            for one in given.metrics_of("filing")
        ]
    )


def leaf_of_measures(views: Frames, inputs: Frames, given: PeerInputs) -> pd.DataFrame:
    """Every metric that counts rows of filed tables, or that is owed."""
    months = inputs["months"].add_prefix("at_")
    owed = inputs["owed"].rename(columns={"n_owed": "denominator"})
    owed = owed[owed.month.isin(months.at_month)]
    parts = [owed]
    for metric in given.measured:
        counted = count_rows if metric.pairs == "rows" else count_places
        parts += [
            part.assign(metric=metric.id)
            for part in counted(metric, views, months, given)
        ]
    keys = ["metric", "month", *PLACED, *given.registry.categories]
    every = pd.concat(parts, ignore_index=True)
    every[keys] = every[keys].fillna("")
    sums = every.groupby(keys, as_index=False, sort=False)[COUNTS].sum()
    groups = inputs["units"].set_index("unit").supervision_group
    of_unit = sums.unit.map(groups)
    sums["supervision_group"] = of_unit.fillna(sums.supervision_group)
    sums[COUNTS] = sums[COUNTS].astype("int64")
    return sums[of_unit.notna() | (sums.unit == "")]


def conditions(measure: Measure, rows: pd.DataFrame) -> pd.Series:
    """Whether a row is one of those that a measure counts; blank where unknown."""
    met = pd.Series(True, rows.index, dtype="boolean")
    for name, codes in measure.where.items():
        column = rows[name].fillna("") if "" in codes else rows[name]
        met &= column.isin(codes).astype("boolean").mask(column.isna())
    return met


def value(measure: Measure, rows: pd.DataFrame) -> pd.Series:
    if measure.aggregate != "sum":
        return pd.Series(1, rows.index)
    column = rows[measure.column]
    return column if measure.blank is None else column.fillna(measure.blank)


def in_time(
    measure: Measure, rows: pd.DataFrame, given: PeerInputs, *, is_first: bool
) -> pd.Series:
    """Whether a month sees a row, by the first clock of a measure or by all others."""
    met, clocks = pd.Series(True, rows.index), given.clocks(measure)
    for name, kind, time in clocks[:1] if is_first else clocks[1:]:
        column = rows[f"clock_{name}"]
        last = {"month": "at_month", "round": "at_n_rounds"}.get(kind, "at_last_day")
        met &= column <= rows[last]
        if time != "to_date" and kind == "month":
            met &= column == rows.at_month
        elif time != "to_date" and kind == "round":
            met &= column > rows.at_n_rounds_before
        elif time != "to_date":
            met &= column >= rows.at_first_day
    if not is_first:
        for earlier, later in measure.not_after.items():
            met &= rows[f"clock_{earlier}"] <= rows[f"clock_{later}"]
    return met


def by_month(
    rows: pd.DataFrame, measure: Measure, months: pd.DataFrame, given: PeerInputs
) -> pd.DataFrame:
    """Rows with each month that sees them by their first clock."""
    for name, kind, time in given.clocks(measure)[:1]:
        if kind == "month" and time != "to_date":
            return rows.merge(months, left_on=f"clock_{name}", right_on="at_month")
    rows = each_month(rows, months)
    return rows[in_time(measure, rows, given, is_first=True)]


def places_of(
    measures: list[Measure],
    rows: pd.DataFrame,
    categories: list[str],
    given: PeerInputs,
) -> pd.DataFrame:
    """The places and some categories of rows by their names in a leaf, and clocks."""
    names = dict(zip(PLACED, [*PLACED[:4], "of_type", "of_weak_base"], strict=True))
    places = {name: rows[column] for name, column in names.items()}
    if given.stands_anywhere(measures[0]):
        for name, column in list(names.items())[1:]:
            places[name] = rows[f"reached_{column}"].fillna("")
        places["supervision_group"] = ""
    places |= {name: rows[name].fillna("") for name in categories}
    for measure in measures:
        both = [name for pair in measure.not_after.items() for name in pair]
        for name in [*measure.clock, *both]:
            places[f"clock_{name}"] = rows[name]
    return pd.DataFrame(places, rows.index)


def count_rows(
    metric: Metric, views: Frames, months: pd.DataFrame, given: PeerInputs
) -> list[pd.DataFrame]:
    """A metric whose sides meet in single rows: its counted rows by month."""
    view, sides = views[metric.counted.table], [metric.counted, metric.base]
    categories = given.categories(metric)[0]
    rows = places_of(sides, view, categories, given)
    for i, side in enumerate(sides):
        rows[f"value_{i}"] = value(side, view)
        rows[f"met_{i}"] = conditions(side, view)
    rows = by_month(rows, metric.counted, months, given)
    counted, base = (
        rows[f"met_{i}"].where(in_time(side, rows, given, is_first=False), False)
        for i, side in enumerate(sides)
    )
    kept = counted.fillna(True) | base.fillna(True)
    rows, counted, base = rows[kept], counted[kept], base[kept]
    is_blank = (
        base.isna()
        | (counted.isna() & base.fillna(False))
        | (counted.fillna(False) & rows.value_0.isna())
        | (base.fillna(False) & rows.value_1.isna())
    )
    counts = {
        "numerator": rows.value_0.where(~is_blank & counted.fillna(False)),
        "denominator": rows.value_1.where(~is_blank & base.fillna(False)),
        "n_blank": is_blank.astype("int64"),
    }
    shown = [*PLACED, *categories]
    return [rows[shown].assign(month=rows.at_month, **counts)]


def count_places(
    metric: Metric, views: Frames, months: pd.DataFrame, given: PeerInputs
) -> list[pd.DataFrame]:
    """A metric whose sides are summed each by itself: numerators, then denominators."""
    own, shared = given.categories(metric)
    counted = side_by_month(metric.counted, own, views, months, given)
    if not metric.base:
        return [total(counted, metric.counted, "numerator", own)]
    base = side_by_month(metric.base, shared, views, months, given)
    keys = ["month", *pairing(metric, given.registry.lake_tables)]
    kept = base
    if metric.counted.silence == "missing":
        kept = base.merge(counted[keys].drop_duplicates(), on=keys)
    if metric.counted.silence == "zero_since_first":
        kept = base[
            base.month.isin(started_months(metric.counted, views, months, given))
        ]
    counted = counted.merge(base[keys].drop_duplicates(), on=keys)
    return [
        total(counted, metric.counted, "numerator", own),
        total(kept, metric.base, "denominator", shared).drop(columns="n_blank"),
    ]


def total(
    rows: pd.DataFrame, measure: Measure, count: str, categories: list[str]
) -> pd.DataFrame:
    """What a side comes to in each place: as `count`, with rows that are blank."""
    shown = ["month", *PLACED, *categories]
    if measure.aggregate == "branches":
        grouped = rows.groupby(shown, as_index=False, sort=False)
        sums = {count: ("branch", "nunique"), "n_blank": ("n_blank", "sum")}
        return grouped.agg(**sums)
    return rows[[*shown, "n_blank", "total"]].rename(columns={"total": count})


def started_months(
    measure: Measure, views: Frames, months: pd.DataFrame, given: PeerInputs
) -> pd.Series:
    """The months in which a table had had its first row."""
    rows = views[measure.table][list(measure.clock[:1])].drop_duplicates()
    return by_month(rows.add_prefix("clock_"), measure, months, given).at_month


def side_by_month(
    measure: Measure,
    categories: list[str],
    views: Frames,
    months: pd.DataFrame,
    given: PeerInputs,
) -> pd.DataFrame:
    """What a measure counts by month and place, and by branch where it counts those."""
    view = views[measure.table]
    met = conditions(measure, view).fillna(False)
    if given.stands_anywhere(measure):
        met &= view.reached_unit.notna()
    view = view[met.astype(bool)]
    rows = places_of([measure], view, categories, given)
    is_distinct = measure.aggregate == "branches"
    rows["branch"] = view.branch if is_distinct else ""
    keys = list(rows.columns)
    rows["total"] = value(measure, view)
    n_rows = view.n_rows if measure.table == "ledger" else 1
    rows["n_blank"] = rows.total.isna() * n_rows
    # Rows alike in all that a month asks of them are summed before months are.
    alike = rows.groupby(keys, as_index=False, sort=False, dropna=False).sum()
    alike = by_month(alike, measure, months, given)
    seen = in_time(measure, alike, given, is_first=False)
    return alike[seen].rename(columns={"at_month": "month"})
