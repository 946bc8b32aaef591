"""Every rule of `credibility` over one snapshot: reasons to look, with their rows.

Which count is part of which, what a duty is and when a topic may be held stands in the
registry; nothing of it is repeated here. A flag is one rule at one place: findings of
single rows are gathered to their unit, sector and month, so that a sector in which 190
branches forgot to add up is one flag with 190 rows and not 190 flags.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline import settled
from data_pipeline.disk import replace_file
from data_pipeline.models import CHECK_COLUMNS
from data_pipeline.rates import (
    Marts,
    folder_of,
    open_marts,
    read_city_shares,
    read_roll,
    read_weak_cases,
    settle_all,
)
from data_pipeline.registry import Registry, Rule
from data_pipeline.statistics import credibility
from data_pipeline.store.sealing import copy_whole, is_whole
from data_pipeline.store.snapshots import (
    DamagedSnapshotError,
    finished_snapshots,
    read_snapshot,
)
from data_pipeline.warehouse import Snapshot, build
from data_pipeline.withheld import OFFICE, without_persons

CELL_MONTH = ("unit", "sector", "month")
# What rates are taken of: states that the roll knows, too.
BASES = ("n_branches", "n_members", "n_leaders")
ORIGIN = ("source_file", "source_sheet", "source_row")
# A unit whose digits are doubted as a whole: sectors with so many values are asked.
MIN_SECTOR_DIGITS = 10
# Beside the marts of a snapshot: one row a flag, and the rows that flags rest on.
STORED = ("flags.parquet", "flag_evidence.parquet")
NESTED = ("fields", "checked", "rows")  # tuples, stored as JSON
RULES_KEY = b"rules"
MADE_OF_KEY = b"made_of"
# Marts that change with whatever the rules look at, and tables that no mart tells of.
LOOKED_AT = ("roll", "superseded", "ledger_sums", "drawn_check", "drawn")
LOOKED_AT += ("frame", "random_found")
LOOKED_AT_TABLES = ("weak_case",)
FLAG_COLUMNS = (
    "rule",
    "supervision_group",
    "unit",
    "sector",
    "first_month",
    "last_month",
    "fields",
    "n_rows",
    "value",
    "reference",
    "p_value",
    "checked",
    "rows",
)


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
class Flags:
    """What the rules found.

    Attributes
    ----------
    found : DataFrame
        One row a flag: `rule` (of `credibility.REASONS`), `supervision_group`, `unit`,
        `sector` ('': the unit as a whole), `first_month`, `last_month`, `fields`
        (tuple of columns), `n_rows`, `value`, `reference` and `p_value` (of the field
        that stands out most, as the rule defines them), `checked` (of `all_at_100`:
        a tuple of claimed duty, random checks after the month that confirmed it, and
        those that looked for it; else empty), `rows` (labels in `evidence`).
    evidence : DataFrame
        The rows that flags rest on: `month`, `unit`, `sector`, `branch` ('' for a row
        that speaks for its sector), the counts to date, and `source_file`,
        `source_sheet`, `source_row`.
    """

    found: pd.DataFrame
    evidence: pd.DataFrame

    def rows_of(self, flag: int) -> pd.DataFrame:
        """The rows one flag rests on, by month and place; `flag` is its label."""
        rows = self.evidence.loc[list(self.found.at[flag, "rows"])]
        return rows.sort_values(["month", "sector", "branch"])


def find_flags(marts: Marts) -> Flags:
    """Run every rule over the ledgers of a snapshot, all units and months.

    Examples
    --------
    >>> flags = find_flags(marts)                                # doctest: +SKIP
    >>> flags.rows_of(flags.found.index[0])                      # doctest: +SKIP
    """
    return judge_ledger(
        marts.query("flag_rows", {}),
        marts.query("flag_checks", {}),
        read_weak_cases(marts, marts.latest_month),
        read_city_shares(marts),
        marts.registry,
        _sum_roll(read_roll(marts)),
    )


def find_row_faults(marts: Marts) -> pd.DataFrame:
    """Parts over their wholes and falling counts, each count of each row by itself.

    Returns
    -------
    DataFrame of `warehouse.CHECK_COLUMNS`
        By month, unit, sector, branch and column. `rule` of a part over its whole is
        the pair's own; `other_name` is the other column, or the month of the count
        that was higher.
    """
    registry = marts.registry
    ledger = marts.query("flag_rows", {})
    parts = [_falls_of_rows(ledger, read_duties(registry))]
    parts += [_pair_of_rows(ledger, rule) for rule in _pairs(registry)]
    order = ["month", "unit", "sector", "branch", "column_name"]
    found = pd.concat(parts).sort_values(order, kind="stable", ignore_index=True)
    return found[list(CHECK_COLUMNS)]


def _falls_of_rows(ledger: pd.DataFrame, duties: Duties) -> pd.DataFrame:
    falls = credibility.find_cumulative_falls(ledger, list(duties.counts))
    before = [rows[1] for rows in falls["rows"]]
    return _with_origin(ledger, falls).assign(
        rule="cumulative_falls",
        column_name=falls["field"],
        total=falls["value"],
        other_name=ledger.loc[before, "month"].to_numpy(),
        other_total=falls["reference"],
    )


def _pair_of_rows(ledger: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Where one pair of part and whole is broken, as its rule is written."""
    found = credibility.find_part_over_whole(ledger, dict([_part_and_whole(rule)]))
    sides = ["value", "reference"]
    if rule.kind == "at_least":
        sides.reverse()
    return _with_origin(ledger, found).assign(
        rule=rule.id,
        column_name=rule.column,
        total=found[sides[0]],
        other_name=rule.other,
        other_total=found[sides[1]],
    )


def _with_origin(ledger: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The ledger row of each finding: its place, and the file it came from."""
    rows = [labels[0] for labels in found["rows"]]
    return ledger.loc[rows, [*CELL_MONTH, "branch", *ORIGIN]].reset_index(drop=True)


def _pairs(registry: Registry) -> list[Rule]:
    """The ledger's rules of a part and its whole."""
    return [
        rule
        for kind in ("at_most", "at_least")
        for rule in registry.rules
        if rule.table == "ledger" and rule.kind == kind
    ]


def _part_and_whole(rule: Rule) -> tuple[str, str]:
    pair = (rule.column, rule.other)
    return pair if rule.kind == "at_most" else pair[::-1]


def build_with_flags(
    root: Path | str, registry: Registry, *, for_all: bool = False, **how: Any
) -> Snapshot:
    """`warehouse.build` with the flags of the new snapshot beside its marts.

    They take seconds to find: found once here, no reader waits for them, and taken over
    from an earlier snapshot as long as nothing has changed that they rest on. What is
    made `for_all` others than the office read, too: what is withheld from them is
    settled here as well.
    """

    def store(snapshot: Snapshot) -> None:
        made_of = _made_of(snapshot, registry)
        folder = folder_of(root, snapshot)
        has_flags = _take_over(Path(root), folder, made_of)
        if has_flags and not for_all:
            return
        marts = open_marts(root, registry, snapshot)
        try:
            if not has_flags:
                _store(find_flags(marts), folder, made_of)
            if for_all:
                _settle(marts)
        finally:
            marts.engine.connection.close()

    return build(root, registry, before_current=store, **how)


def _settle(marts: Marts) -> None:
    """Store what is withheld, that of counts which stayed as it was in the last.

    Of a damaged file nothing is taken: it might let through what has to be withheld.
    """
    for identity in finished_snapshots(marts.root)[-1:]:
        folder = marts.root / "marts" / identity
        with contextlib.suppress(DamagedSnapshotError):
            sealed = dict(read_snapshot(marts.root, identity).sums).get(settled.STORED)
            if sealed and is_whole(folder / settled.STORED, sealed):
                marts.settled.update(settled.read_settled(folder))
    settled.write_settled(folder_of(marts.root, marts.snapshot), settle_all(marts))


def read_flags(marts: Marts) -> Flags:
    """The flags of a snapshot: those stored with it, or found now.

    They are found where none were stored, or where they were by other rules than
    those at hand. Others than the office are told that there is a flag, without its
    figures where it rests on counts of persons.
    """
    found = _read_whole(marts.for_audience(OFFICE))
    return found if marts.audience == OFFICE else _without_persons(found, marts)


def _without_persons(flags: Flags, marts: Marts) -> Flags:
    """Flags as others see them: no figure, field or check that tells of persons."""
    registry, found = marts.registry, flags.found

    def told(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if not registry.counts_persons(name))

    fields = [told(names) for names in found["fields"]]
    is_told = [a == b for a, b in zip(fields, found["fields"], strict=True)]
    figures = ["value", "reference"]
    found = found.assign(
        fields=pd.Series(fields, index=found.index, dtype=object),
        checked=pd.Series(
            [
                tuple(check for check in checks if told(check[:1]))
                for checks in found["checked"]
            ],
            index=found.index,
            dtype=object,
        ),
        **{name: found[name].where(is_told) for name in figures},
    )
    return Flags(found, without_persons(flags.evidence, registry))


def _read_whole(marts: Marts) -> Flags:
    folder = folder_of(marts.root, marts.snapshot)
    try:
        found, evidence = (pq.read_table(folder / name) for name in STORED)
    except (FileNotFoundError, pa.ArrowInvalid):
        return find_flags(marts)
    if found.schema.metadata.get(RULES_KEY) != _rules_digest():
        return find_flags(marts)
    frame = found.to_pandas()
    for name in NESTED:
        frame[name] = [_as_tuples(json.loads(text)) for text in frame[name]]
    return Flags(frame, evidence.to_pandas())


def _made_of(snapshot: Snapshot, registry: Registry) -> bytes:
    """Digest of the rules, and of all in a snapshot that they look at."""
    said = [_rules_digest().decode(), registry.digest]
    keys = dict(snapshot.keys)
    said += [f"{p} {keys[p]}" for mart in LOOKED_AT for p in snapshot.parts(mart)]
    said += [f.sha256 for f in snapshot.files if f.table in LOOKED_AT_TABLES]
    return hashlib.sha256("\n".join(said).encode()).hexdigest().encode()


def _take_over(root: Path, folder: Path, made_of: bytes) -> bool:
    """Copy the flags of the latest snapshot that were found in just this."""
    for identity in reversed(finished_snapshots(root)):
        old = root / "marts" / identity
        try:
            sums = dict(read_snapshot(root, identity).sums)
            if pq.read_schema(old / STORED[0]).metadata.get(MADE_OF_KEY) != made_of:
                continue
            copies = [copy_whole(old / n, folder / n, sums[n]) for n in STORED]
        except (OSError, KeyError, pa.ArrowInvalid, DamagedSnapshotError):
            continue
        if all(copies):
            return True
    return False


def _store(flags: Flags, folder: Path, made_of: bytes) -> None:
    texts = {
        name: [json.dumps(value, default=int) for value in flags.found[name]]
        for name in NESTED
    }
    for name, frame in zip(
        STORED, (flags.found.assign(**texts), flags.evidence), strict=True
    ):
        table = pa.Table.from_pandas(frame)
        known = {RULES_KEY: _rules_digest(), MADE_OF_KEY: made_of}
        metadata = table.schema.metadata | known
        sink = io.BytesIO()
        pq.write_table(table.replace_schema_metadata(metadata), sink)
        replace_file(folder / name, sink.getvalue())


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


@functools.cache
def _rules_digest() -> bytes:
    """Changes with the text of the rules: what others found is not read."""
    digest = hashlib.sha256()
    for path in (__file__, credibility.__file__):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest().encode()


def judge_ledger(
    ledger: pd.DataFrame,
    checks: pd.DataFrame,
    weak_cases: pd.DataFrame,
    verified: Mapping[str, float],
    registry: Registry,
    roll: pd.DataFrame | None = None,
) -> Flags:
    """Run every rule over frames.

    A part over its whole, a fall and a topic ahead of its window are looked for in the
    rows as they stand; the rest in the sums of each unit and sector, copied months in
    the sums of each unit as well, because small sectors have few counts to compare.
    Copies and digits are judged as filed: month-only figures are not added up there.

    Parameters
    ----------
    ledger
        Latest revision, counts to date, in order of unit, sector, branch and month:
        `CELL_MONTH`, `branch` ('' for a whole cell), `basis`, every count of the
        registry, `n_members_ordinary`, `ORIGIN`.
    checks
        `check_date`, `month`, `unit`, `sector`, `branch`, `is_random`,
        `found_lectures_grassroots` and the verdicts of every topic ('yes' or another
        word, blank where not looked for), of each branch in order of precedence;
        prepared sites left out.
    weak_cases
        As `rates.read_weak_cases` gives them.
    verified
        Metric -> share (0-1) that random checks confirm in the whole city, NaN where
        there is none yet.
    registry
        Rules, metrics and columns.
    roll
        `unit`, `sector` and `BASES`, one row a cell of the roll; None: there is none.
    """
    duties = read_duties(registry)
    ledger = ledger.reset_index(drop=True)
    filed = _as_filed(ledger, duties.counts)
    group = _groups(ledger, CELL_MONTH)
    members = credibility.positions_of(group)
    cells = _sum(ledger, duties, group)
    filed_cells = cells if filed is ledger else _sum(filed, duties, group)
    of_cells = [
        _find_all_at_100(cells, duties, checks, verified),
        credibility.find_same_in_two_units(cells, list(duties.counts)),
        credibility.find_jumps(cells, duties.steady_shares, duties.opened),
        _find_copies(filed_cells, duties),
        credibility.find_off_last_month(cells, BASES),
        credibility.find_too_smooth(cells, duties.counts, duties.windows),
        credibility.find_near_neighbours(cells, list(duties.counts), duties.bounds),
    ]
    if roll is not None:
        of_cells.append(credibility.find_off_roll(cells, roll, BASES))
    for findings in of_cells:
        findings["rows"] = [
            tuple(row for cell in labels for row in members[cell])
            for labels in findings["rows"]
        ]
    of_rows = [
        *_find_in_rows(ledger, duties),
        *_find_digits(credibility.find_round_digits, filed, duties),
        *_find_digits(credibility.find_lucky_digits, filed, duties),
        _find_own_lectures(ledger, checks),
        credibility.find_organizations_equal(ledger),
    ]
    cases = _conversions(weak_cases, start=len(ledger))
    late = credibility.find_last_days(cases)
    months = pd.concat([ledger["month"], cases["month"]])
    found = _gather([*of_cells, *of_rows, late], months, registry)
    cited = np.unique([row for rows in found["rows"] for row in rows]).astype(int)
    is_ledger = cited < len(ledger)
    cases = cases.rename(columns={"date": "converted_date"})
    evidence = [ledger.loc[cited[is_ledger]], cases.loc[cited[~is_ledger]]]
    if not len(evidence[1]):
        evidence.pop()
    return Flags(found, pd.concat(evidence))


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
    pairs = _pairs(registry)
    within = dict(_part_and_whole(rule) for rule in pairs if rule.kind == "at_most")
    bounds = {part: _outermost(part, within) for part in within}
    metrics = [m for m in registry.metrics.values() if m.table == "ledger"]
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
        wholes=tuple(map(_part_and_whole, pairs)),
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


def _sum(ledger: pd.DataFrame, duties: Duties, group: np.ndarray) -> pd.DataFrame:
    """Sums of each unit, sector and month; blank where nobody gave the count.

    What rates are taken of is blank where any row leaves it blank. group : the number
    of each row's cell.
    """
    states = {*BASES, *duties.bounds.values(), *duties.shares.values()}
    names = [*duties.counts, *sorted(states - set(duties.counts))]
    first = np.unique(group, return_index=True)[1]
    values = ledger[names].astype(float)
    sums = values.groupby(group).sum(min_count=1)
    is_whole = values[list(BASES)].notna().groupby(group).all()
    sums[list(BASES)] = sums[list(BASES)].where(is_whole)
    cells = ledger.iloc[first][list(CELL_MONTH)].reset_index(drop=True)
    return pd.concat([cells, sums], axis=1)


def _sum_roll(branches: pd.DataFrame) -> pd.DataFrame | None:
    """The roll's `BASES` by unit and sector, blank where a branch leaves it blank."""
    if branches.empty:
        return None
    counts = branches.assign(n_branches=1.0)
    keys = ["unit", "sector"]
    values = counts[list(BASES)].astype(float)
    by_cell = [counts[name] for name in keys]
    sums = values.groupby(by_cell).sum()
    return sums.where(values.notna().groupby(by_cell).all()).reset_index()


def _groups(frame: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """The number of each row's group, groups in order of appearance."""
    return frame.groupby(list(keys), sort=False).ngroup().to_numpy()


def _as_filed(ledger: pd.DataFrame, counts: tuple[str, ...]) -> pd.DataFrame:
    """The ledger with month-only figures as they stand in their files.

    They come to date; a month's own figure is what it added to the last one known.
    """
    is_flow = (ledger["basis"] == "month").to_numpy()
    if not is_flow.any():
        return ledger
    filed = ledger.astype(dict.fromkeys(counts, float))
    flows = ledger[ledger["unit"].isin(ledger.loc[is_flow, "unit"].unique())]
    reporter = flows.groupby(["unit", "sector", "branch"], sort=False).ngroup()
    known = flows[list(counts)].astype(float)
    before = known.groupby(reporter).ffill().groupby(reporter).shift().fillna(0)
    own = (known - before)[is_flow[flows.index]]
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


def _find_all_at_100(
    cells: pd.DataFrame,
    duties: Duties,
    checks: pd.DataFrame,
    verified: Mapping[str, float],
) -> pd.DataFrame:
    """With what random checks of the cell found after the month: `checked`.

    A cell that checks confirm is complete and no finding: where all that checks of the
    city have looked at was done, or all that they looked at in this very cell, in
    enough branches to have met a failure if the cell were like the city.
    """
    found = credibility.find_all_at_100(cells, duties.shares)
    rates = {
        name: rate
        for name, metric in duties.verified.items()
        if not np.isnan(rate := verified.get(metric, np.nan))
    }
    random = checks[checks["is_random"].to_numpy(bool)]
    days = random["check_date"].astype(str)
    by_place = random.groupby(["unit", "sector"]).indices
    checked, is_complete = [], []
    for finding in found.itertuples():
        names = finding.field.split(", ")
        there = by_place.get((finding.unit, finding.sector), [])
        is_after = days.iloc[there] > f"{finding.month}-31"
        latest = random.iloc[there][is_after].drop_duplicates("branch", keep="last")
        verdicts = []
        for name in names:
            said = latest[duties.verdicts[name]] if name in duties.verdicts else ()
            n_checked = sum(not _is_blank(word) for word in said)
            if n_checked:
                verdicts.append((name, sum(word == "yes" for word in said), n_checked))
        of_city = [rates[name] for name in names if name in rates]
        is_complete.append(
            (bool(of_city) and min(of_city) == 1)
            or (
                all(confirmed == n for _, confirmed, n in verdicts)
                and any(
                    rates.get(name, 1) ** n <= credibility.ALPHA
                    for name, _, n in verdicts
                )
            )
        )
        checked.append(tuple(verdicts))
    found["checked"] = pd.Series(checked, index=found.index, dtype=object)
    return found[~np.array(is_complete, dtype=bool)].reset_index(drop=True)


def _find_copies(cells: pd.DataFrame, duties: Duties) -> pd.DataFrame:
    """In each unit as a whole, and in the sectors of those that do not copy all."""
    rules = (list(duties.counts), duties.bounds, duties.windows)
    of_cells = credibility.find_copied_months(cells, *rules)
    keys = ["unit", "month"]
    by_unit = cells.groupby(keys, sort=False)
    whole = by_unit[[n for n in cells if n not in CELL_MONTH]].sum(min_count=1)
    parts = credibility.positions_of(_groups(cells, keys))
    of_units = credibility.find_copied_months(
        whole.reset_index().assign(sector=None), *rules
    )
    # A unit of one sector is that sector.
    has_sectors = [len(parts[labels[0]]) > 1 for labels in of_units["rows"]]
    of_units = of_units[np.array(has_sectors, dtype=bool)]
    of_units = of_units.assign(
        rows=[
            tuple(cell for label in labels for cell in parts[label])
            for labels in of_units["rows"]
        ]
    )
    is_said = pd.MultiIndex.from_frame(of_cells[keys]).isin(
        pd.MultiIndex.from_frame(of_units[keys])
    )
    return pd.concat([of_cells[~is_said], of_units], ignore_index=True)


def _find_digits(
    rule: Callable[..., pd.DataFrame], filed: pd.DataFrame, duties: Duties
) -> list[pd.DataFrame]:
    """In unit x sector, then in each unit as a whole.

    A sector with few values cannot be judged alone. Where its whole unit is doubted,
    and only there, the small sectors that carry the habit are asked for; the unit is
    named as a whole when no sector can be.
    """
    find = functools.partial(
        rule,
        columns=list(duties.counts),
        wholes=duties.bounds,
    )
    place = ["unit", "sector"]
    of_cells = find(filed, by=place)
    of_units = find(filed)
    doubted = filed[filed["unit"].isin(of_units["unit"])]
    of_sectors = find(doubted, by=place, min_values=MIN_SECTOR_DIGITS)
    known = pd.MultiIndex.from_frame(of_cells[place])
    is_known = pd.MultiIndex.from_frame(of_sectors[place]).isin(known)
    of_sectors = of_sectors[~is_known]
    named = {*of_cells["unit"], *of_sectors["unit"]}
    return [of_cells, of_sectors, of_units[~of_units["unit"].isin(named)]]


def _find_own_lectures(ledger: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    """Of a branch checked twice the later check counts.

    A branch without a row of its own is held against the average of its cell, and for
    that only random checks are fair.
    """
    checks = checks[checks["found_lectures_grassroots"].notna()]
    checks = checks.drop_duplicates("branch", keep="last")
    own = ledger.loc[ledger["branch"] != "", ["month", "branch"]]
    has_own_row = pd.MultiIndex.from_frame(checks[["month", "branch"]]).isin(
        pd.MultiIndex.from_frame(own)
    )
    is_fair = has_own_row | checks["is_random"].to_numpy(bool)
    return credibility.find_own_lectures(ledger, checks[is_fair])


def _is_blank(word: object) -> bool:
    return word is None or word != word


def _conversions(weak_cases: pd.DataFrame, start: int) -> pd.DataFrame:
    """Conversions of weak organisations, the only events that come with their day."""
    cases = weak_cases[weak_cases["converted_date"].notna()].reset_index(drop=True)
    cases.index += start
    day = pd.to_datetime(cases["converted_date"])
    cases = cases.assign(date=day, month=day.dt.strftime("%Y-%m"))
    return cases[["month", "unit", "sector", "branch", "date", *ORIGIN]]


def _gather(
    parts: list[pd.DataFrame], months: pd.Series, registry: Registry
) -> pd.DataFrame:
    """One flag for each rule, unit, sector and month, whatever its fields and rows.

    A finding without a month spans those of its rows (`months` by label).
    """
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(FLAG_COLUMNS))
    findings = pd.concat(parts)
    size = (findings["value"] - findings["reference"]).abs()
    findings = findings.assign(_size=size).sort_values(
        "_size", ascending=False, kind="stable"
    )
    findings[["sector", "month"]] = findings[["sector", "month"]].fillna("")
    flags = []
    keys = ["reason", "unit", "sector", "month"]
    for (rule, unit, sector, month), group in findings.groupby(keys, sort=False):
        worst = group.iloc[0]
        rows = list(dict.fromkeys(row for cited in group["rows"] for row in cited))
        span = [month] if month else months[rows]
        flags.append(
            {
                "rule": rule,
                "supervision_group": registry.units[unit].group,
                "unit": unit,
                "sector": sector,
                "first_month": min(span),
                "last_month": max(span),
                "fields": tuple(
                    dict.fromkeys(
                        name for names in group["field"] for name in names.split(", ")
                    )
                ),
                "n_rows": len(rows),
                **{n: worst[n] for n in ("value", "reference", "p_value")},
                "checked": worst["checked"] if rule == "all_at_100" else (),
                "rows": tuple(rows),
            }
        )
    found = pd.DataFrame(flags, columns=list(FLAG_COLUMNS))
    order = {
        "supervision_group": list(registry.groups),
        "unit": list(registry.units),
        "rule": list(credibility.REASONS),
        "sector": ["", *registry.sectors],
    }
    return found.sort_values(
        [*list(order)[:3], "first_month", "sector"],
        key=lambda column: (
            column.map(order[column.name].index) if column.name in order else column
        ),
        ignore_index=True,
    )
