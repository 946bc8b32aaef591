"""What the rules find within one unit: kept with a snapshot, and found again only for
units whose ledgers have changed.

Most rows of a ledger are looked at by rules that ask nothing of other units. What those
rules find, and the sums of each cell that all other rules look at, is all that has to
be known of a unit's rows.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline.registry import Registry, Rule
from data_pipeline.statistics import credibility
from data_pipeline.statistics.label_runs import labels_of, to_runs

CELL_MONTH = ("unit", "sector", "month")
# What rates are taken of: states that the roll knows, too.
BASES = ("n_branches", "n_members", "n_leaders")
# A unit whose digits are doubted as a whole: sectors with so many values are asked.
MIN_SECTOR_DIGITS = 10
# A row's label: the number of its unit in the registry, then its position there.
ROWS_PER_UNIT = 1 << 32
# What the label of a row is called in a file, and how many rows are read at least.
LABEL, ROWS_PER_GROUP = "label", 8192
# So many rows are looked at together, or those of one unit: a province does not fit,
# and asking for each small unit alone takes three times as long.
ROWS_AT_ONCE = 150_000
# What `gather` says of findings of one rule, unit, sector and month.
GATHERED = ("rule", "unit", "sector", "first_month", "last_month", "fields", "n_rows")
GATHERED += ("value", "reference", "p_value", "rows")
CELLS, FOUND = "flag_cells.parquet", "flag_findings.parquet"
_DIGESTS = b"digests"
_FIGURES = ("value", "reference", "p_value")


@dataclasses.dataclass(frozen=True)
class Duties:
    """What the rules need to know of the counts of a ledger, from the registry.

    wholes : (part, whole) pairs of one row. bounds : part -> the count of persons or
    branches that it cannot pass. counts : counts since the campaign began. shares :
    numerator -> denominator of what everybody must do; steady_shares : those whose
    denominator does not itself grow. opened : count -> first month it may be above 0.
    windows : count -> first and last month of its topic. verified : numerator ->
    metric that random checks verify; verdicts : numerator -> the column of a check
    that says whether a branch did it.
    """

    wholes: tuple[tuple[str, str], ...]
    bounds: Mapping[str, str]
    counts: tuple[str, ...]
    shares: Mapping[str, str]
    steady_shares: Mapping[str, str]
    opened: Mapping[str, str]
    windows: Mapping[str, tuple[str, str]]
    verified: Mapping[str, str]
    verdicts: Mapping[str, str]


@dataclasses.dataclass(frozen=True, eq=False)
class UnitFindings:
    """What is known of the ledgers of some units, without their rows.

    Attributes
    ----------
    cells : DataFrame
        By unit, sector and month the sum of each count, to date and, under `is_filed`,
        as filed; `first` and `n_rows`: the labels of its rows, one after the other.
    found : DataFrame
        Findings of `credibility` that rest on rows of one unit, as `gather` gives
        them. Of the rules about digits pools in their place: `value` chosen of
        `reference` values; `rows` where the rule may find them, else none.
    digests : mapping of unit to digest
        What its ledgers and checks were.
    """

    cells: pd.DataFrame
    found: pd.DataFrame
    digests: Mapping[str, str]

    def of(self, units: set[str]) -> UnitFindings:
        """Of some units alone."""
        return UnitFindings(
            self.cells[self.cells["unit"].isin(units)],
            self.found[self.found["unit"].isin(units)],
            {unit: d for unit, d in self.digests.items() if unit in units},
        )

    def beside(self, others: UnitFindings) -> UnitFindings:
        """Together with those of other units, in the order that all at once have."""
        cells = [frame for frame in (self.cells, others.cells) if len(frame)]
        found = [frame for frame in (self.found, others.found) if len(frame)]
        order = ["is_filed", *CELL_MONTH]
        return UnitFindings(
            pd.concat(cells or [self.cells]).sort_values(order, ignore_index=True),
            pd.concat(found or [self.found]).sort_values(
                "unit", kind="stable", ignore_index=True
            ),
            {**self.digests, **others.digests},
        )

    def sums(self, *, is_filed: bool) -> pd.DataFrame:
        """The cells by position, to date or as filed."""
        cells = self.cells[self.cells["is_filed"] == is_filed]
        return cells.drop(columns="is_filed").reset_index(drop=True)

    def write(self, folder: Path, rules: str) -> None:
        """Store it beside the marts; `rules` says by what it was found."""
        known = {_DIGESTS: json.dumps([rules, dict(self.digests)]).encode()}
        write_frame(folder / CELLS, self.cells)
        write_frame(folder / FOUND, self.found, known)


def read_digests(found: Path) -> tuple[str, dict[str, str]]:
    """By which rules the findings of units in a file were found, and their digests."""
    rules, digests = json.loads(pq.read_schema(found).metadata[_DIGESTS])
    return rules, digests


def read_unit_findings(cells: Path, found: Path, rules: str) -> UnitFindings | None:
    """What was stored in the two files; None where other rules found it."""
    stored, digests = read_digests(found)
    if stored != rules:
        return None
    findings = pd.read_parquet(found)
    findings["fields"] = [tuple(names) for names in findings["fields"]]
    return UnitFindings(pd.read_parquet(cells), findings, digests)


def write_frame(
    path: Path, frame: pd.DataFrame, said: Mapping[bytes, bytes] | None = None
) -> None:
    """A frame as a Parquet file of which `said` is said. Raises OSError."""
    table = pa.Table.from_pandas(frame)
    table = table.replace_schema_metadata(table.schema.metadata | (said or {}))
    with open(path, "wb") as file:
        pq.write_table(table, file, row_group_size=ROWS_PER_GROUP)


def digest_units(
    spoken: pd.DataFrame, sha256: Mapping[tuple[str, str], str], checks: pd.DataFrame
) -> dict[str, str]:
    """Unit -> what its rows are made of: it changes whenever they may have changed.

    Parameters
    ----------
    spoken
        As the query `flag_submissions` gives it.
    sha256
        By month and submission, of the ledger stored.
    checks
        As `choose_checks` gives them.
    """
    of_checks = dict(tuple(checks.groupby("unit")))
    digests = {}
    for unit, of_unit in spoken.groupby("unit", sort=False):
        names = of_unit[["month", "submission", "source_file"]]
        said = [
            f"{month} {submission} {file} {sha256.get((month, submission), '')}"
            for month, submission, file in names.itertuples(index=False, name=None)
        ]
        if unit in of_checks:
            said.append(of_checks[unit].to_csv(index=False))
        digests[unit] = hashlib.sha256("\n".join(said).encode()).hexdigest()
    return digests


def label_rows(ledger: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """The rows under labels that stay as they are when other units change.

    They stand in order of unit, sector, month and branch.
    """
    numbers = {unit: number for number, unit in enumerate(registry.units)}
    of_unit = ledger["unit"].map(numbers).to_numpy(np.int64)
    position = ledger.groupby("unit").cumcount().to_numpy(np.int64)
    ledger.index = pd.Index(of_unit * ROWS_PER_UNIT + position)
    return ledger


def choose_checks(checks: pd.DataFrame) -> pd.DataFrame:
    """Those that own lectures are held against: of a branch checked twice the later."""
    checks = checks[checks["found_lectures_grassroots"].notna()]
    return checks.drop_duplicates("branch", keep="last")


def batches_of(n_rows: Mapping[str, int]) -> Iterator[list[str]]:
    """Units in their order, as many together as `ROWS_AT_ONCE` allows; one at least.

    >>> list(batches_of({"A": 90_000, "B": 60_000, "C": 1, "D": 400_000}))
    [['A', 'B'], ['C'], ['D']]
    """
    batch, n_together = [], 0
    for unit, n in n_rows.items():
        if batch and n_together + n > ROWS_AT_ONCE:
            yield batch
            batch, n_together = [], 0
        batch.append(unit)
        n_together += n
    if batch:
        yield batch


def look_at_units(
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    registry: Registry,
    digests: Mapping[str, str],
) -> UnitFindings:
    """Run the rules that ask nothing of other units over the rows of some units.

    Parameters
    ----------
    ledger
        All rows of these units, as `label_rows` gives them.
    checks
        As `choose_checks` gives them, of these units at least.
    digests
        Of these units.
    """
    duties = read_duties(registry)
    filed = _as_filed(ledger, duties.counts)
    cells = _sum(ledger, duties)
    filed_cells = cells if filed is ledger else _sum(filed, duties)
    of_cells = [
        credibility.find_off_last_month(cells, BASES),
        credibility.find_too_smooth(cells, duties.counts, duties.windows),
    ]
    of_pools = [
        _find_own_lectures(ledger, checks),
        credibility.find_organizations_equal(ledger),
    ]
    found = [
        gather_cells(of_cells, cells),
        gather(_find_in_rows(ledger, duties), month_of(cells), cell_of(cells)),
        gather(of_pools, month_of(cells)),
        *(_pool_digits(rule, filed, duties) for rule in credibility.DIGITS),
    ]
    both = [cells.assign(is_filed=False), filed_cells.assign(is_filed=True)]
    units = UnitFindings(
        pd.concat(both, ignore_index=True), pd.concat(found, ignore_index=True), digests
    )
    return units.beside(units.of(set()))


def gather(
    parts: Sequence[pd.DataFrame],
    months: Callable[[np.ndarray], np.ndarray],
    place_of: Callable[[np.ndarray], np.ndarray] | None = None,
) -> pd.DataFrame:
    """Findings of one rule, unit, sector and month as one, whatever fields and rows.

    Parameters
    ----------
    parts
        Findings of `credibility`, each of one rule.
    months
        Tells the months of rows by their labels.
    place_of
        Numbers unit, sector and month by the label of a finding's first row, where that
        is the place of each: millions are told apart by numbers, and not by words.

    Returns
    -------
    DataFrame of `GATHERED`
        `sector` is '' where they speak of the unit as a whole; `first_month` and
        `last_month` of what has no month are those of its rows; `fields` are columns;
        the figures are those of the finding that is furthest from its reference;
        `rows` are labels in runs, those of the furthest first.
    """
    parts = [part for part in parts if len(part)]
    of = {name: _column(parts, name) for name in credibility.FINDING_COLUMNS}
    places = {name: of[name] for name in ("unit", "sector", "month")}
    if place_of is None:
        by = pd.DataFrame(places).groupby([*places], sort=False, dropna=False)
        place = by.ngroup().to_numpy()
    else:
        place = place_of(np.fromiter(map(operator.itemgetter(0), of["rows"]), np.int64))
    rules = [credibility.REASONS.index(part["reason"].iloc[0]) for part in parts]
    number = place * len(credibility.REASONS)
    number += np.repeat(np.array(rules, int), list(map(len, parts)))
    furthest = np.argsort(-np.abs(of["value"] - of["reference"]), kind="stable")
    of_one = [
        furthest[at] for at in credibility.positions_of(number[furthest]) if len(at)
    ]
    first = np.array([at[0] for at in of_one], int)
    labels = [_chain(of["rows"][at]) for at in of_one]
    spans = [
        (min(span), max(span))
        for month, rows in zip(of["month"][first], labels, strict=True)
        for span in [[month] if isinstance(month, str) else months(rows)]
    ]
    fields = (_split(pd.unique(of["field"][at])) for at in of_one)
    return pd.DataFrame(
        {
            "rule": of["reason"][first],
            "unit": of["unit"][first],
            "sector": pd.Series(of["sector"][first], dtype=object).fillna("").array,
            "first_month": [span[0] for span in spans],
            "last_month": [span[1] for span in spans],
            "fields": np.fromiter(fields, object),
            "n_rows": np.fromiter(map(len, labels), int),
            **{name: of[name][first] for name in _FIGURES},
            "rows": np.fromiter(map(to_runs, labels), object),
        }
    )


def _column(parts: Sequence[pd.DataFrame], name: str) -> np.ndarray:
    """One column of all findings."""
    kind = float if name in _FIGURES else object
    columns = [part[name].to_numpy(kind) for part in parts]
    return np.concatenate([np.zeros(0, kind), *columns])


def gather_cells(parts: Sequence[pd.DataFrame], cells: pd.DataFrame) -> pd.DataFrame:
    """The same of findings that rest on cells, with the labels of all their rows."""
    gathered = gather(parts, cells["month"].to_numpy(object).__getitem__)
    runs = cells[["first", "n_rows"]].to_numpy(np.int64)
    rows = [runs[labels_of(of)] for of in gathered["rows"]]
    return gathered.assign(
        n_rows=np.fromiter((of[:, 1].sum() for of in rows), int),
        rows=np.fromiter((of.ravel() for of in rows), object),
    )


def cell_of(cells: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
    """What tells the cells of ledger rows, by position, by the labels of the rows."""
    order = np.argsort(cells["first"].to_numpy())
    first = cells["first"].to_numpy()[order]
    return lambda rows: order[np.searchsorted(first, rows, side="right") - 1]


def month_of(cells: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
    """What tells the months of ledger rows by their labels."""
    months, at = cells["month"].to_numpy(object), cell_of(cells)
    return lambda rows: months[at(rows)]


def _chain(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """The labels of several findings, each once."""
    labels = itertools.chain.from_iterable(rows)
    return pd.unique(np.fromiter(labels, np.int64))


def _split(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in fields for name in names.split(", ")))


def _pool_digits(rule: str, filed: pd.DataFrame, duties: Duties) -> pd.DataFrame:
    """The pools of each unit x sector, with rows where the rule may find them."""
    columns, place = list(duties.counts), ["unit", "sector"]
    pools = credibility.pool_digits(rule, filed, columns, duties.bounds, place)
    counts = pools[["n_chosen", "n"]]
    of_unit = counts.groupby("unit").transform("sum")
    least = credibility.MIN_DIGIT_VALUES
    is_kept = credibility.is_digits_habit(counts, least)
    is_kept |= credibility.is_digits_habit(of_unit, least)
    rows = [of if kept else () for of, kept in zip(pools["rows"], is_kept, strict=True)]
    places = pools.index.to_frame(index=False)
    return places.assign(
        rule=rule,
        first_month="",
        last_month="",
        fields=np.fromiter(((),) * len(rows), object),
        n_rows=np.fromiter(map(len, rows), int),
        value=counts["n_chosen"].to_numpy(float),
        reference=counts["n"].to_numpy(float),
        p_value=np.nan,
        rows=np.fromiter(map(to_runs, rows), object),
    )[list(GATHERED)]


@functools.cache
def read_duties(registry: Registry) -> Duties:
    """What the registry says of the counts of a ledger.

    Examples
    --------
    >>> from data_pipeline.registry import load_registry
    >>> duties = read_duties(load_registry())
    >>> duties.bounds["n_leaders_spoke"], duties.windows["n_speakers_topic_2"]
    ('n_leaders', ('2016-07', '2016-09'))
    """
    columns = registry.tables["ledger"].columns
    counts = tuple(c.name for c in columns if c.kind == "cumulative")
    opened = {
        rule.column: rule.month
        for rule in registry.rules
        if rule.table == "ledger" and rule.kind == "zero_before"
    }
    pairs = pairs_of(registry)
    within = dict(part_and_whole(rule) for rule in pairs if rule.kind == "at_most")
    bounds = {part: _outermost(part, within) for part in within}
    metrics = [
        metric
        for metric in registry.metrics.values()
        if metric.table == "ledger" and not metric.is_measured
    ]
    shares = {
        m.numerator: m.denominator
        for m in metrics
        if m.unit == "share" and m.target == 1 and not m.is_ceiling
    }
    windows = {}
    for topic in registry.calendar.topics:
        window = registry.metrics[topic.metric].window
        months = (f"{window.start:%Y-%m}", f"{window.end:%Y-%m}")
        windows |= {name: months for name in counts if name.endswith(topic.id)}
    for metric in metrics:
        if metric.window:
            opened.setdefault(metric.numerator, f"{metric.window.start:%Y-%m}")
    return Duties(
        wholes=tuple(map(part_and_whole, pairs)),
        bounds={part: whole for part, whole in bounds.items() if whole not in counts},
        counts=counts,
        shares=shares,
        steady_shares={a: b for a, b in shares.items() if b not in counts},
        opened=opened,
        windows=windows,
        verified={m.numerator: m.id for m in metrics if m.verified},
        verdicts={m.numerator: m.verified.column for m in metrics if m.has_verdicts},
    )


def _outermost(part: str, within: Mapping[str, str]) -> str:
    """The last whole of a chain: who spoke first attended, who attended is a leader."""
    while part in within:
        part = within[part]
    return part


def pairs_of(registry: Registry) -> list[Rule]:
    """The ledger's rules of a part and its whole."""
    return [
        rule
        for kind in ("at_most", "at_least")
        for rule in registry.rules
        if rule.table == "ledger" and rule.kind == kind
    ]


def part_and_whole(rule: Rule) -> tuple[str, str]:
    pair = (rule.column, rule.other)
    return pair if rule.kind == "at_most" else pair[::-1]


def _sum(ledger: pd.DataFrame, duties: Duties) -> pd.DataFrame:
    """Sums of each unit, sector and month; blank where nobody gave the count.

    What rates are taken of is blank where any row leaves it blank. `first` and `n_rows`
    say which rows they are.
    """
    group = ledger.groupby(list(CELL_MONTH), sort=False).ngroup().to_numpy()
    states = {*BASES, *duties.bounds.values(), *duties.shares, *duties.shares.values()}
    names = [*duties.counts, *sorted(states - set(duties.counts))]
    first, n_rows = np.unique(group, return_index=True, return_counts=True)[1:]
    values = ledger[names].astype(float)
    sums = values.groupby(group).sum(min_count=1)
    is_whole = values[list(BASES)].notna().groupby(group).all()
    sums[list(BASES)] = sums[list(BASES)].where(is_whole)
    cells = ledger.iloc[first][list(CELL_MONTH)].reset_index(drop=True)
    cells = cells.assign(first=ledger.index[first], n_rows=n_rows)
    return pd.concat([cells, sums], axis=1)


def _as_filed(ledger: pd.DataFrame, counts: tuple[str, ...]) -> pd.DataFrame:
    """The ledger with month-only figures as they stand in their files.

    They come to date; a month's own figure is what it added to the last one known.
    """
    is_flow = ledger["basis"] == "month"
    if not is_flow.any():
        return ledger
    filed = ledger.astype(dict.fromkeys(counts, float))
    flows = ledger[ledger["unit"].isin(ledger.loc[is_flow, "unit"].unique())]
    reporter = flows.groupby(["unit", "sector", "branch"], sort=False).ngroup()
    known = flows[list(counts)].astype(float)
    before = known.groupby(reporter).ffill().groupby(reporter).shift().fillna(0)
    own = (known - before)[is_flow.loc[flows.index]]
    filed.loc[own.index, list(counts)] = own
    return filed


def _find_in_rows(ledger: pd.DataFrame, duties: Duties) -> list[pd.DataFrame]:
    return [
        *(
            credibility.find_part_over_whole(ledger, {part: whole})
            for part, whole in duties.wholes
        ),
        credibility.find_cumulative_falls(ledger, list(duties.counts)),
        credibility.find_ahead_of_window(
            ledger, {name: first for name, (first, _) in duties.windows.items()}
        ),
    ]


def _find_own_lectures(ledger: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    """A branch without a row of its own in its unit is held against the average there.

    For that only random checks are fair.
    """
    names = ["unit", "month", "branch"]
    own = ledger.loc[ledger["branch"].isin(checks["branch"]), names]
    has_own_row = pd.MultiIndex.from_frame(checks[names]).isin(
        pd.MultiIndex.from_frame(own)
    )
    is_fair = has_own_row | checks["is_random"].to_numpy(bool)
    return credibility.find_own_lectures(ledger, checks[is_fair])
