"""The marts of `data_pipeline.warehouse` as a straightforward polars program.

What somebody would write who reads the same files and wants the same marts: lazy scans,
expressions, one program for all months. The benchmark holds every column of its marts
against the SQL's, so all programs do the same work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars import selectors

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

Frames = dict[str, pl.LazyFrame]


def build_marts(root: Path, folder: Path) -> None:
    """Every mart of everything in the lake, as <folder>/<mart>.parquet."""
    given = read_inputs(root)
    inputs = {name: pl.LazyFrame(rows) for name, rows in given.rows.items()}
    scans = {table: scan(given, table) for table in given.paths}
    roll = latest_roll(scans["roll"]).collect().lazy()
    marts: Frames = {"roll": roll}
    checks = scans["spot_check"].filter(is_latest(CHECK)).collect().lazy()
    draws = scans["draw"].collect().lazy()
    marts["drawn_check"] = judge_checks(checks, draws, inputs).collect().lazy()
    marts["drawn"] = draws_in_force(draws, marts["drawn_check"], inputs)
    checks = place_checks(checks, marts["drawn_check"], roll, inputs).collect().lazy()
    marts["frame"] = count_frame(roll, marts["drawn"], inputs)
    found = random_found(checks, inputs, given).collect().lazy()
    marts["random_found"] = found
    marts["reached_branches"] = found.select("branch").unique()
    filed = scans["ledger"].with_columns(
        reporter=pl.coalesce("branch", pl.format("/{}/{}", "unit", "sector"))
    )
    filed = filed.with_columns(is_latest=is_latest(["month", "reporter"]))
    filed = filed.collect().lazy()
    marts |= arrive(filed)
    ledger = to_date(filed.filter("is_latest"), marts["adding_units"], given)
    ledger = with_counts(ledger, roll, given).collect().lazy()
    marts["ledger_sums"] = sum_ledger(ledger, given).collect().lazy()
    marts["branch_spread"] = spread(ledger, given)
    marts["claims"] = claim(ledger, marts["reached_branches"], given).collect().lazy()
    marts["carried"] = carry(ledger, marts["adding_units"], given)
    marts["claimed_before"] = claimed_before(found, marts["claims"], inputs)
    marts["spine"] = due_and_filed(marts["ledger_sums"], roll, inputs).collect().lazy()
    receipts = receive(marts["arrivals"], inputs)
    filing = file_in_time(marts["spine"], receipts, inputs).collect().lazy()
    marts["filing"] = filing
    views = {t.name: stage(scans[t.name], t, roll) for t in given.staged()}
    views |= own_views(roll, checks, scans["weak_case"], marts["ledger_sums"], given)
    fine = [leaf_of_ledger(marts["ledger_sums"], inputs, given)]
    fine += [leaf_of_filing(filing, given), leaf_of_measures(views, inputs, given)]
    # Few words, each in many rows: numbers in their place are quicker to compare.
    words = selectors.string().cast(pl.Categorical)
    leaf = pl.concat(fine, how="diagonal_relaxed").with_columns(words)
    marts["fine_leaf"] = leaf.collect().lazy()
    places = ["metric", *PLACE[:4], "supervision_group"]
    marts["leaf"] = marts["fine_leaf"].group_by(places).agg(pl.col(COUNTS).sum())
    write_marts(marts, folder)


def read_columns(root: Path) -> None:
    """The floor of any program: every stored column that marts are made of, summed up.

    Each file is opened once. Of a text the length is summed, of a day the last taken.
    """
    given = read_inputs(root)
    texts = selectors.string()
    for table in given.read_tables:
        summed = [texts.str.len_bytes().sum(), (selectors.all() - texts).max()]
        scan(given, table).select(given.columns(table)).select(summed).collect()


def write_marts(marts: Mapping[str, pl.LazyFrame], folder: Path) -> None:
    sinks = []
    for name, mart in marts.items():
        ordered = mart.sort(ORDER[name]) if name in ORDER else mart
        numbers = ordered.with_columns(selectors.unsigned_integer().cast(pl.Int64))
        path = folder / f"{name}.parquet"
        sinks.append(numbers.sink_parquet(path, compression="zstd", lazy=True))
    pl.collect_all(sinks)


def scan(given: PeerInputs, table: str) -> pl.LazyFrame:
    """The rows of a table as they were filed, with the revision of their submission."""
    stored = stored_schema(given.registry.lake_tables[table])
    schema = pl.from_arrow(stored.empty_table()).schema
    rows = pl.LazyFrame(schema=schema)
    if given.paths[table]:
        rows = pl.scan_parquet(
            given.paths[table],
            schema=schema,
            missing_columns="insert",
            extra_columns="ignore",
        )
    sequence = pl.col("sequence")
    revision = sequence.replace_strict(given.revisions, return_dtype=pl.Int32)
    return rows.select(given.columns(table)).with_columns(revision=revision)


def is_latest(key: list[str]) -> pl.Expr:
    """Whether a row is of the last revision that speaks of its key."""
    return pl.col("revision") == pl.col("revision").max().over(key)


def answer(name: str) -> pl.Expr:
    """yes and no in the place of true and false."""
    return pl.when(name).then(pl.lit("yes")).when(~pl.col(name)).then(pl.lit("no"))


def latest_roll(rolls: pl.LazyFrame) -> pl.LazyFrame:
    return rolls.filter(is_latest(["branch"])).select(
        *("branch", "branch_name", "unit", pl.col("township").fill_null("")),
        *("sector", "branch_type", "n_members", "n_leaders", "is_weak_base"),
        of_type=pl.col("branch_type").fill_null(""),
        of_weak_base=answer("is_weak_base").fill_null(""),
    )


def judge_checks(
    checks: pl.LazyFrame, draws: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """How each check that was filed as random stands in the register of draws."""
    months = inputs["months"].select("month", "first_day", "last_day")
    in_month = pl.col("check_date").is_between("first_day", "last_day")
    marked = checks.filter(pl.col("selection") == "random")
    marked = marked.select(*CHECK, "draw").join(months, how="cross").filter(in_month)
    marked = marked.select(*CHECK, "month", "draw")
    registered = draws.group_by("draw", draw_month="month").agg(
        pl.col("revision").max().alias("draw_revision")
    )
    named = marked.join(registered, on="draw")
    unnamed = marked.join(registered, on="draw", how="anti").drop("draw")
    # A draw speaks for its month and those after it, until another is made.
    last = unnamed.join(registered, how="cross")
    last = last.filter(pl.col("month") >= pl.col("draw_month"))
    last = last.group_by(CHECK).agg(pl.col("draw_month").max())
    unnamed = unnamed.join(last, on=CHECK, how="left")
    unnamed = unnamed.join(registered, on="draw_month", how="left")
    candidates = pl.concat([named, unnamed], how="diagonal")
    strata = ["unit", "sector", "layer", "place", "n_drawn"]
    placed = candidates.join(
        draws.select("draw", "branch", *strata), on=["draw", "branch"], how="left"
    )
    is_drawn = pl.col("place") <= pl.col("n_drawn")
    fit = is_drawn.fill_null(False) * 2 + pl.col("place").is_not_null()
    placed = placed.sort(fit, "draw_revision", descending=True)
    chosen = placed.unique(CHECK, keep="first", maintain_order=True)
    back = chosen.filter(
        pl.col("place").is_not_null() & (pl.col("month") >= pl.col("draw_month"))
    )
    back = back.select("draw", *strata[:4], "branch").unique()
    turn = pl.col("place").rank("ordinal").over("draw", *strata[:3])
    turns = back.select("draw", "branch", turn=turn)
    judged = chosen.join(turns, on=["draw", "branch"], how="left")
    standing = (
        pl.when(pl.col("draw").is_null())
        .then(pl.lit("unregistered"))
        .when(pl.col("month") < pl.col("draw_month"))
        .then(pl.lit("before_draw"))
        .when(pl.col("place").is_null())
        .then(pl.lit("not_drawn"))
        .when(is_drawn)
        .then(pl.lit("drawn"))
        .when(pl.col("turn") == pl.col("place"))
        .then(pl.lit("reserve"))
        .otherwise(pl.lit("out_of_turn"))
    )
    judged = judged.select(*CHECK, pl.col("draw").fill_null(""), standing=standing)
    is_random = pl.col("standing").is_in(["drawn", "reserve", "unregistered"])
    return judged.with_columns(is_random=is_random)


def draws_in_force(
    draws: pl.LazyFrame, judged: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """The branches drawn by each month, for each draw in force."""
    registered = draws.group_by("draw", draw_month="month").agg(
        pl.col("revision").max()
    )
    used = judged.filter(pl.col("standing").is_in(["drawn", "reserve"]))
    used = used.select("draw", is_used=True).unique()
    in_force = registered.with_columns(is_last=is_latest(["draw_month"]))
    in_force = in_force.join(used, on="draw", how="left")
    in_force = in_force.filter(pl.col("is_last") | pl.col("is_used"))
    is_drawn = pl.col("place") <= pl.col("n_drawn")
    drawn = draws.drop("month").filter(is_drawn | (pl.col("layer") == "case"))
    drawn = drawn.join(in_force.select("draw", "draw_month"), on="draw")
    drawn = drawn.join(inputs["months"].select("month"), how="cross")
    drawn = drawn.filter(pl.col("draw_month") <= pl.col("month"))
    return drawn.select("month", "draw", "branch", "layer", is_drawn=is_drawn)


def place_checks(
    checks: pl.LazyFrame, judged: pl.LazyFrame, roll: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """Checks with their branch, their round and what the register of draws says."""
    branch = roll.select(
        *("branch", "unit", "township", "sector", "of_type", "of_weak_base"),
        *("n_members", "n_leaders", pl.col("is_weak_base").fill_null(False)),
        n_members_ordinary=pl.col("n_members") - pl.col("n_leaders"),
    )
    placed = checks.drop("draw").join(branch, on="branch")
    placed = placed.join(inputs["rounds"], how="cross")
    placed = placed.filter(pl.col("check_date").is_between("first_day", "last_day"))
    placed = placed.join(judged, on=CHECK, how="left")
    was_drawn = pl.col("is_random").fill_null(True)
    selection = pl.when(was_drawn).then("selection").otherwise(pl.lit("targeted"))
    return placed.with_columns(selection=selection)


def count_frame(
    roll: pl.LazyFrame, drawn: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """How many branches of each kind a random check of a month draws from."""
    cases = drawn.filter(pl.col("layer") == "case").group_by("month", "branch")
    cases = cases.agg(n_case_draws=pl.col("draw").n_unique())
    branches = roll.with_columns(pl.col("is_weak_base").fill_null(False))
    branches = branches.join(inputs["months"].select("month"), how="cross")
    branches = branches.join(cases, on=["month", "branch"], how="left")
    branches = branches.with_columns(pl.col("n_case_draws").fill_null(0))
    stratum = ["month", "unit", "sector", "township", "is_weak_base", "n_case_draws"]
    grouped = branches.group_by(*stratum, "of_type", "of_weak_base")
    return grouped.agg(n_branches=pl.len())


def random_found(
    checks: pl.LazyFrame, inputs: Frames, given: PeerInputs
) -> pl.LazyFrame:
    """What the random check of a branch that counts at a month's end found, by item."""
    random = checks.filter(pl.col("selection") == "random")
    random = random.join(inputs["months"].select("month", "last_day"), how="cross")
    random = random.filter(pl.col("check_date") <= pl.col("last_day_right"))
    # Of a branch's checks that of the later round counts, then of the later revision.
    random = random.sort("round", "revision", *CHECK)
    random = random.unique(["month", "branch"], keep="last", maintain_order=True)
    said = ["month", "branch", "check_date", "unit", "sector", "township"]
    said += ["is_weak_base", "is_announced", "draw"]
    random = random.with_columns(pl.col("draw").fill_null(""))
    items = []
    for one in given.verified:
        found, base = pl.col(one.column), pl.col(one.base or one.column)
        if not one.base:
            found = (found == "yes").cast(pl.Int64)
            base = pl.when(base.is_not_null()).then(1)
        both = found.is_not_null() & base.is_not_null()
        counts = {
            "found": pl.when(both).then(found),
            "base": pl.when(both).then(base).cast(pl.Int64),
        }
        items.append(random.select(*said, column_name=pl.lit(one.column), **counts))
    return pl.concat(items)


def arrive(filed: pl.LazyFrame) -> Frames:
    """Who spoke in which submission, units that add up, and what was replaced."""
    is_total = pl.col("branch").is_null()
    arrivals = filed.group_by("sequence", *PAIR, "basis", is_total=is_total).agg(
        n_rows=pl.len(),
        first_reporter=pl.col("reporter").min(),
        last_reporter=pl.col("reporter").max(),
    )
    arrivals = arrivals.collect().lazy()
    adding = arrivals.filter(pl.col("basis") == "month").select("unit").unique()
    replaced = filed.filter(~pl.col("is_latest"))
    return {
        "arrivals": arrivals,
        "adding_units": adding,
        "superseded": replaced.select("month", "reporter", "sequence"),
    }


def to_date(
    ledger: pl.LazyFrame, adding: pl.LazyFrame, given: PeerInputs
) -> pl.LazyFrame:
    """Month-only figures added up, a row that is to date starting anew."""
    others = ledger.join(adding, on="unit", how="anti")
    series = ledger.join(adding, on="unit", how="semi").sort("month")
    is_flow, who = pl.col("basis") == "month", ["unit", "reporter"]
    for name in given.cumulative:
        filed = pl.col(name)
        flow = pl.when(is_flow).then(filed).fill_null(0).cum_sum().over(who)
        series = series.with_columns(flow=flow)
        restart = pl.when(~is_flow).then(filed - pl.col("flow"))
        restart = restart.forward_fill().over(who).fill_null(0)
        total = pl.when(filed.is_not_null()).then(pl.col("flow") + restart)
        series = series.with_columns(total.alias(name))
    return pl.concat([others, series.drop("flow")])


def with_counts(
    ledger: pl.LazyFrame, roll: pl.LazyFrame, given: PeerInputs
) -> pl.LazyFrame:
    """What the roll says of each row's branch, and what single rows count."""
    kinds = roll.select("branch", "of_type", "of_weak_base", on_roll="township")
    ledger = ledger.join(kinds, on="branch", how="left")
    on_roll = pl.when(pl.col("on_roll") != "").then("on_roll")
    places = {
        "branch": pl.col("branch").fill_null(""),
        "township": pl.coalesce(on_roll, "township", pl.lit("")),
        "branch_type": pl.col("of_type").fill_null(""),
        "is_weak_base": pl.col("of_weak_base").fill_null(""),
    }
    counted = {
        name: pl.col(minuend) - pl.col(subtrahend)
        for name, (minuend, subtrahend) in given.differences.items()
    }
    speakers = []
    for topic in given.topics:
        held, spoke = pl.col(f"n_branches_{topic}"), pl.col(f"n_speakers_{topic}")
        members = pl.col("n_members")
        known = held.is_not_null() & spoke.is_not_null() & members.is_not_null()
        third = (held > 0) & (3 * spoke >= members)
        counted[f"n_rows_{topic}"] = pl.when(known).then((held > 0).cast(pl.Int64))
        counted[f"n_rows_{topic}_third"] = pl.when(known).then(third.cast(pl.Int64))
        speakers.append(spoke.fill_null(0))
    # Who spoke at two topics is counted twice: bounds of each row.
    counted["n_spoke_least"] = pl.max_horizontal(*speakers, 0)
    counted["n_spoke_most"] = pl.min_horizontal(
        "n_members", pl.sum_horizontal(*speakers, 0)
    )
    return ledger.with_columns(**places, **counted)


def sum_ledger(ledger: pl.LazyFrame, given: PeerInputs) -> pl.LazyFrame:
    """Sums of every count, by place and by which counts are blank."""
    signs = [pl.col(c).is_null().cast(pl.Int32) * bit for c, bit in given.bits.items()]
    names = [*given.summed, "n_spoke_least", "n_spoke_most"]
    sums = ledger.group_by(*PLACE, blanks=pl.sum_horizontal(signs)).agg(
        pl.col(names).sum(), n_rows=pl.len()
    )
    known = []
    for name, of in given.summed.items():
        signed = sum(given.bits[count] for count in of)
        is_known = pl.col("blanks") & signed == 0
        known.append(pl.when(is_known).then(name).alias(name))
    return sums.with_columns(known)


def spread(ledger: pl.LazyFrame, given: PeerInputs) -> pl.LazyFrame:
    """Squares and products over branches of each share of heads."""
    keys = PLACE[:4]
    rows = ledger.with_columns(pl.col(keys).cast(pl.Categorical)).collect().lazy()
    is_branch = (pl.col("branch") != "").cast(pl.Int64)
    parts = []
    for metric in given.metrics("is_clustered"):
        x, n = pl.col(metric["numerator"]), pl.col(metric["denominator"])
        terms = rows.filter(x.is_not_null() & (n > 0)).select(
            *keys,
            n_branches=is_branch + (1 - is_branch) * pl.col("n_branches").fill_null(1),
            n_heads=n,
            n_rows=is_branch,
            row_numerator=is_branch * x,
            row_denominator=is_branch * n,
            numerator_squares=is_branch * x * x,
            products=is_branch * x * n,
            denominator_squares=is_branch * n * n,
        )
        sums = terms.group_by(keys).agg(pl.all().sum())
        parts.append(sums.with_columns(metric=pl.lit(metric["metric"])))
    return pl.concat(parts)


def claim(
    ledger: pl.LazyFrame, reached: pl.LazyFrame, given: PeerInputs
) -> pl.LazyFrame:
    """What ledgers claim of branches that a check reached, and of totals."""
    totals = ledger.filter(pl.col("branch") == "")
    rows = pl.concat([totals, ledger.join(reached, on="branch", how="semi")])
    parts = []
    for metric in given.metrics("is_verified"):
        x, n = pl.col(metric["numerator"]), pl.col(metric["denominator"])
        sums = rows.filter(x.is_not_null() & (n > 0)).group_by(*PAIR, "branch")
        sums = sums.agg(numerator=x.sum(), denominator=n.sum())
        parts.append(sums.with_columns(metric=pl.lit(metric["metric"])))
    return pl.concat(parts)


def carry(
    ledger: pl.LazyFrame, adding: pl.LazyFrame, given: PeerInputs
) -> pl.LazyFrame:
    """What units that add up had brought by the end of each month that was filed."""
    who = ["unit", "reporter"]
    told = ledger.join(adding, on="unit", how="semi")
    told = told.select("month", *who, *given.cumulative)
    first = told.group_by(who).agg(first=pl.col("month").min())
    grid = first.join(ledger.select("month").unique(), how="cross")
    grid = grid.filter(pl.col("first") <= pl.col("month")).drop("first")
    grid = grid.join(told, on=["month", *who], how="left").sort("month")
    return grid.with_columns(pl.col(given.cumulative).forward_fill().over(who))


def claimed_before(
    found: pl.LazyFrame, claims: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """What the last ledger before each random check had claimed of its branch."""
    reached = found.select("month", "branch", "unit", "sector", "check_date").unique()
    months = inputs["months"].select("month", "position", "last_day")
    stated = claims.join(months, on="month").drop("month")
    own = reached.drop("unit", "sector").join(stated, on="branch")
    totals = stated.filter(pl.col("branch") == "").drop("branch")
    totals = reached.join(totals, on=["unit", "sector"])
    shown = ["month", "branch", "metric", "numerator", "denominator"]
    before = pl.col("check_date") > pl.col("last_day")
    candidates = [
        rows.filter(before).select(*shown, "position", is_own=pl.lit(is_own))
        for rows, is_own in ((own, True), (totals, False))
    ]
    ranked = pl.concat(candidates).sort("position", "is_own")
    last = ranked.unique(shown[:3], keep="last", maintain_order=True)
    return last.select(shown)


def due_and_filed(
    sums: pl.LazyFrame, roll: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """What stands on the roll, or for a unit without one what it filed so far."""
    months = inputs["months"].select("month")
    filed = sums.select(PLACE).unique()
    kinds = {"branch_type": "of_type", "is_weak_base": "of_weak_base"}
    rolled = roll.select("unit", "township", "sector", **kinds).unique()
    first = filed.join(rolled, on="unit", how="anti").group_by(PLACE[1:])
    first = first.agg(first=pl.col("month").min()).join(months, how="cross")
    first = first.filter(pl.col("first") <= pl.col("month"))
    due = pl.concat(
        [rolled.join(months, how="cross").select(PLACE), first.select(PLACE)]
    )
    spine = pl.concat([due, filed]).unique().join(inputs["units"], on="unit")
    for name, places in (("is_due", due), ("is_filed", filed)):
        marked = places.select(*PAIR, pl.lit(True).alias(name)).unique()
        spine = spine.join(marked, on=PAIR, how="left")
    return spine.with_columns(pl.col("is_due", "is_filed").fill_null(False))


def receive(arrivals: pl.LazyFrame, inputs: Frames) -> pl.LazyFrame:
    received = inputs["manifest"].select("sequence", "received")
    times = arrivals.with_columns(pl.col("sequence").cast(pl.Int64))
    return (
        times.join(received, on="sequence")
        .group_by(PAIR)
        .agg(
            first_received=pl.col("received").min(),
            last_received=pl.col("received").max(),
        )
    )


def file_in_time(
    spine: pl.LazyFrame, receipts: pl.LazyFrame, inputs: Frames
) -> pl.LazyFrame:
    """When what was due of each unit had come, of months that are over or whole."""
    due = spine.filter("is_due").select(*PAIR, "supervision_group").unique()
    due = due.join(receipts, on=PAIR, how="left")
    filing = due.group_by("month", "unit", "supervision_group").agg(
        pl.col("first_received").min(),
        complete_received=pl.col("first_received").max(),
        last_received=pl.col("last_received").max(),
        n_sectors_due=pl.len(),
        n_sectors_filed=pl.col("first_received").count(),
    )
    months = inputs["months"].select("month", "deadline", "is_closed")
    is_whole = pl.col("n_sectors_due") == pl.col("n_sectors_filed")
    in_time = is_whole & (pl.col("complete_received") < pl.col("deadline"))
    filing = filing.join(months, on="month").filter(pl.col("is_closed") | is_whole)
    return filing.drop("is_closed").with_columns(
        n_units_due=pl.lit(1, pl.Int64), n_units_on_time=in_time.cast(pl.Int64)
    )


def stage(filed: pl.LazyFrame, table: Table, roll: pl.LazyFrame) -> pl.LazyFrame:
    """The latest rows of a table with the places that they, or the roll, give."""
    rows = filed.filter(is_latest(list(table.key)))
    branch, own = table.of_type("branch")[:1], own_places(table)
    kinds = ["of_type", "of_weak_base"]
    reached = roll.select(
        *(pl.col(n).alias(f"reached_{n}") for n in ("unit", "township", "sector")),
        *(pl.col(n).alias(f"reached_{n}") for n in kinds),
        branch_on_roll="branch",
    )
    said: dict[str, list[str]] = {name: [own[name]] for name in own}
    if branch:
        rows = rows.join(reached, left_on=branch, right_on="branch_on_roll", how="left")
        if "unit" not in own:
            on_roll = pl.col("reached_unit").is_not_null()
            rows = rows.filter(pl.col(branch[0]).is_null() | on_roll)
        if not table.branch_anywhere:
            for name in ("unit", "sector", *kinds):
                said.setdefault(name, []).append(f"reached_{name}")
            said["township"] = ["reached_township", *said.get("township", [])]
    names = ["supervision_group", "unit", "township", "sector", *kinds]
    places = {n: pl.coalesce(*said.get(n, []), pl.lit("")) for n in names}
    answers = {name: answer(name) for name in table.of_type("yes_no")}
    return rows.with_columns(**answers, **places).collect().lazy()


def own_views(
    roll: pl.LazyFrame,
    checks: pl.LazyFrame,
    cases: pl.LazyFrame,
    sums: pl.LazyFrame,
    given: PeerInputs,
) -> Frames:
    """Roll, ledgers, checks and weak cases with the columns that staged tables have."""
    rows = given.registry.tables["spot_check"].of_type("yes_no")
    kinds = {"of_type": "branch_type", "of_weak_base": "is_weak_base"}
    views = {
        "roll": roll,
        "ledger": sums.with_columns(**kinds),
        "spot_check": checks.with_columns(**{name: answer(name) for name in rows}),
        "weak_case": cases.filter(is_latest(["case_code"])).join(roll, on="branch"),
    }
    return {
        name: view.with_columns(supervision_group=pl.lit(""))
        for name, view in views.items()
    }


def leaf_of_ledger(
    sums: pl.LazyFrame, inputs: Frames, given: PeerInputs
) -> pl.LazyFrame:
    """Both sides of every metric of ledger columns, by place."""
    metrics = given.metrics_of("ledger", "ledger_sums")
    months = inputs["months"].select("month", "topic_column")
    columns = dict.fromkeys(one["topic_column"] for one in given.rows["months"])
    of_topic = [pl.when(pl.col("topic_column") == c).then(c) for c in columns]
    rows = sums.join(months, on="month")
    rows = rows.with_columns(pl.coalesce(of_topic).alias(given.topic_of_month))
    sides = []
    for one in metrics:
        x, n = pl.col(one["numerator"]), pl.col(one["denominator"])
        known = x.is_not_null() & n.is_not_null()
        both = (x.filter(known), n.filter(known), pl.col("n_rows").filter(~known))
        sides += [
            side.sum().alias(f"{count} {one['metric']}")
            for side, count in zip(both, COUNTS, strict=True)
        ]
    wide = rows.group_by(PLACE).agg(sides).collect().lazy()
    parts = []
    for one in metrics:
        counts = {count: pl.col(f"{count} {one['metric']}") for count in COUNTS}
        leaf = wide.select(*PLACE, metric=pl.lit(one["metric"]), **counts)
        if since := one["remembered_month"]:
            # The ledger of one month, repeated for good.
            later = inputs["months"].select("month").filter(pl.col("month") >= since)
            leaf = leaf.filter(pl.col("month") == since).drop("month")
            leaf = leaf.join(later, how="cross")
        parts.append(leaf.select("metric", *PLACE, *COUNTS))
    nowhere = {name: pl.lit("") for name in given.registry.categories}
    return pl.concat(parts).with_columns(**nowhere).join(inputs["units"], on="unit")


def leaf_of_filing(filing: pl.LazyFrame, given: PeerInputs) -> pl.LazyFrame:
    nowhere = [*PLACE[2:], *given.registry.categories]
    return pl.concat(
        [
            filing.select(
                *("month", "unit", "supervision_group"),
                *(pl.lit("").alias(name) for name in nowhere),
                metric=pl.lit(one["metric"]),
                numerator=one["numerator"],
                denominator=one["denominator"],
                n_blank=pl.lit(0),
            ).with_columns(pl.col(COUNTS).cast(pl.Int64))
            for one in given.metrics_of("filing")
        ]
    )


def leaf_of_measures(views: Frames, inputs: Frames, given: PeerInputs) -> pl.LazyFrame:
    """Every metric that counts rows of filed tables, or that is owed."""
    months = inputs["months"].select(pl.all().name.prefix("at_"))
    owed = inputs["owed"].rename({"n_owed": "denominator"})
    owed = owed.join(inputs["months"], on="month", how="semi")
    parts = [owed]
    for metric in given.measured:
        counted = count_rows if metric.pairs == "rows" else count_places
        parts += [
            part.with_columns(metric=pl.lit(metric.id))
            for part in counted(metric, views, months, given)
        ]
    keys = ["metric", "month", *PLACED, *given.registry.categories]
    casts = [pl.col(count).cast(pl.Int64).fill_null(0) for count in COUNTS]
    every = pl.concat(parts, how="diagonal_relaxed")
    every = every.with_columns(pl.col(keys).fill_null(""), *casts)
    sums = every.group_by(keys).agg(pl.col(COUNTS).sum())
    units = inputs["units"].rename({"supervision_group": "of_unit"})
    sums = sums.join(units.with_columns(is_unit=True), on="unit", how="left")
    sums = sums.filter(pl.col("is_unit") | (pl.col("unit") == ""))
    group = pl.coalesce("of_unit", "supervision_group")
    return sums.with_columns(supervision_group=group).drop("of_unit", "is_unit")


def conditions(measure: Measure) -> pl.Expr:
    """Whether a row is one of those that a measure counts; null where unknown."""
    met = pl.lit(True)
    for name, codes in measure.where.items():
        column = pl.col(name).fill_null("") if "" in codes else pl.col(name)
        met = met & column.is_in(list(codes))
    return met


def value(measure: Measure) -> pl.Expr:
    if measure.aggregate != "sum":
        return pl.lit(1, pl.Int64)
    column = pl.col(measure.column)
    return column if measure.blank is None else column.fill_null(measure.blank)


def in_time(measure: Measure, given: PeerInputs, *, is_first: bool) -> pl.Expr:
    """Whether a month sees a row, by the first clock of a measure or by all others."""
    met, clocks = pl.lit(True), given.clocks(measure)
    for name, kind, time in clocks[:1] if is_first else clocks[1:]:
        column = pl.col(f"clock_{name}")
        last = {"month": "month", "round": "n_rounds"}.get(kind, "last_day")
        met = met & (column <= pl.col(f"at_{last}"))
        if time != "to_date":
            start = {
                "month": column == pl.col("at_month"),
                "round": column > pl.col("at_n_rounds_before"),
            }
            met = met & start.get(kind, column >= pl.col("at_first_day"))
    if not is_first:
        for earlier, later in measure.not_after.items():
            met = met & (pl.col(f"clock_{earlier}") <= pl.col(f"clock_{later}"))
    return met


def places_of(
    measures: list[Measure], categories: list[str], given: PeerInputs
) -> dict[str, pl.Expr]:
    """Name in a leaf -> what it is in a view; clocks as they are."""
    names = dict(zip(PLACED, [*PLACED[:4], "of_type", "of_weak_base"], strict=True))
    places = {name: pl.col(column) for name, column in names.items()}
    if given.stands_anywhere(measures[0]):
        places = {
            name: pl.col(f"reached_{column}").fill_null("")
            for name, column in list(names.items())[1:]
        }
        places["supervision_group"] = pl.lit("")
    places |= {name: pl.col(name).fill_null("") for name in categories}
    for measure in measures:
        both = [*measure.not_after.items()]
        for name in [*measure.clock, *(n for pair in both for n in pair)]:
            places[f"clock_{name}"] = pl.col(name)
    return places


def count_rows(
    metric: Metric, views: Frames, months: pl.LazyFrame, given: PeerInputs
) -> list[pl.LazyFrame]:
    """A metric whose sides meet in single rows: its counted rows by month."""
    sides = [metric.counted, metric.base]
    categories = given.categories(metric)[0]
    places = places_of(sides, categories, given)
    values = {f"value_{i}": value(side) for i, side in enumerate(sides)}
    met = {f"met_{i}": conditions(side) for i, side in enumerate(sides)}
    rows = views[metric.counted.table].select(**places, **values, **met)
    rows = rows.join(months, how="cross")
    rows = rows.filter(in_time(metric.counted, given, is_first=True))
    counted, base = (
        pl.when(in_time(side, given, is_first=False)).then(f"met_{i}").otherwise(False)
        for i, side in enumerate(sides)
    )
    rows = rows.with_columns(is_counted=counted, is_base=base)
    counted, base = pl.col("is_counted"), pl.col("is_base")
    rows = rows.filter(counted.fill_null(True) | base.fill_null(True))
    is_blank = (
        base.is_null()
        | (counted.is_null() & base)
        | (counted & pl.col("value_0").is_null())
        | (base & pl.col("value_1").is_null())
    )
    is_blank = is_blank.fill_null(False)
    shown = [*PLACED, *categories]
    return [
        rows.select(
            *shown,
            month="at_month",
            numerator=pl.when(~is_blank & counted).then("value_0"),
            denominator=pl.when(~is_blank & base).then("value_1"),
            n_blank=is_blank.cast(pl.Int64),
        )
    ]


def count_places(
    metric: Metric, views: Frames, months: pl.LazyFrame, given: PeerInputs
) -> list[pl.LazyFrame]:
    """A metric whose sides are summed each by itself: numerators, then denominators."""
    own, shared = given.categories(metric)
    counted = side_by_month(metric.counted, own, views, months, given)
    if not metric.base:
        return [total(counted, metric.counted, "numerator", own)]
    base = side_by_month(metric.base, shared, views, months, given)
    keys = ["month", *pairing(metric, given.registry.lake_tables)]
    kept = base
    if metric.counted.silence == "missing":
        kept = base.join(counted, on=keys, how="semi")
    if metric.counted.silence == "zero_since_first":
        started = started_months(metric.counted, views, months, given)
        kept = base.join(started, on="month", how="semi")
    counted = counted.join(base, on=keys, how="semi")
    return [
        total(counted, metric.counted, "numerator", own),
        total(kept, metric.base, "denominator", shared).drop("n_blank"),
    ]


def total(
    rows: pl.LazyFrame, measure: Measure, count: str, categories: list[str]
) -> pl.LazyFrame:
    """What a side comes to in each place: as `count`, with rows that are blank."""
    shown = ["month", *PLACED, *categories]
    if measure.aggregate == "branches":
        sums = {count: pl.col("branch").n_unique(), "n_blank": pl.col("n_blank").sum()}
        return rows.group_by(shown).agg(**sums)
    return rows.select(*shown, "n_blank", pl.col("total").alias(count))


def started_months(
    measure: Measure, views: Frames, months: pl.LazyFrame, given: PeerInputs
) -> pl.LazyFrame:
    """The months in which a table had had its first row."""
    clocks = [pl.col(name).alias(f"clock_{name}") for name in measure.clock[:1]]
    rows = views[measure.table].select(clocks).unique().join(months, how="cross")
    rows = rows.filter(in_time(measure, given, is_first=True))
    return rows.select(month="at_month").unique()


def side_by_month(
    measure: Measure,
    categories: list[str],
    views: Frames,
    months: pl.LazyFrame,
    given: PeerInputs,
) -> pl.LazyFrame:
    """What a measure counts by month and place, and by branch where it counts those."""
    places = places_of([measure], categories, given)
    is_distinct = measure.aggregate == "branches"
    met = conditions(measure)
    if given.stands_anywhere(measure):
        met = met & pl.col("reached_unit").is_not_null()
    rows = (
        views[measure.table]
        .filter(met)
        .select(
            **places,
            branch=pl.col("branch") if is_distinct else pl.lit(""),
            value=value(measure),
            n_rows="n_rows" if measure.table == "ledger" else pl.lit(1),
        )
    )
    # Rows alike in all that a month asks of them are summed before months are.
    alike = rows.group_by(*places, "branch").agg(
        total=pl.col("value").sum(),
        n_blank=pl.col("n_rows").filter(pl.col("value").is_null()).sum(),
    )
    seen = in_time(measure, given, is_first=True)
    seen = seen & in_time(measure, given, is_first=False)
    return alike.join(months, how="cross").filter(seen).rename({"at_month": "month"})
