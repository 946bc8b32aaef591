"""Every rule of `credibility` over one snapshot: reasons to look, with their rows.

Which count is part of which, what a duty is and when a topic may be held stands in the
registry; nothing of it is repeated here. A flag is one rule at one place: findings of
single rows are gathered to their unit, sector and month, so that a sector in which 190
branches forgot to add up is one flag with 190 rows and not 190 flags.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline import settled, unit_findings
from data_pipeline.models import CHECK_COLUMNS
from data_pipeline.rates import (
    Marts,
    folder_of,
    open_marts,
    read_city_shares,
    read_weak_cases,
    settle_all,
)
from data_pipeline.registry import Registry, Rule
from data_pipeline.reuse import Earlier
from data_pipeline.sql_text import sql_text
from data_pipeline.statistics import credibility, label_runs
from data_pipeline.statistics.label_runs import labels_of, merge_runs
from data_pipeline.unit_findings import (
    BASES,
    CELL_MONTH,
    CELLS,
    FOUND,
    LABEL,
    MIN_SECTOR_DIGITS,
    ROWS_PER_UNIT,
    Duties,
    UnitFindings,
    batches_of,
    choose_checks,
    digest_units,
    gather,
    gather_cells,
    label_rows,
    look_at_units,
    month_of,
    pairs_of,
    part_and_whole,
    read_digests,
    read_duties,
    read_unit_findings,
    write_frame,
)
from data_pipeline.warehouse import Snapshot, build, recipe_of
from data_pipeline.withheld import OFFICE, without_persons

ORIGIN = ("source_file", "source_sheet", "source_row")
# Beside the marts of a snapshot: one row a flag, the conversions that flags may rest
# on, what was found within units, and in a folder a file of the ledger rows that flags
# rest on for each unit: who asks for a flag reads its units, and one more ledger makes
# the file of its unit anew.
FLAGS, CASES, EVIDENCE = "flags.parquet", "flag_cases.parquet", "flag_evidence"
STORED = (FLAGS, CASES, CELLS, FOUND)
QUERIES = ("flag_rows", "flag_checks", "flag_submissions", "roll_sums")
NESTED = ("fields", "checked")  # tuples, stored as JSON
RULES_KEY = b"rules"
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


class Evidence:
    """The rows that flags rest on, in memory or in a file for each unit.

    Parameters
    ----------
    parts
        By what the labels of its rows have in common (`ROWS_PER_UNIT`), under their
        labels: `month`, `unit`, `sector`, `branch` ('' for a row that speaks for its
        sector), the counts to date, and `source_file`, `source_sheet`, `source_row`;
        of conversions `converted_date` in the place of counts.
    hide
        What takes from rows that which their reader may not see.
    held
        What keeps the snapshot of the files from being pruned.
    """

    def __init__(
        self,
        parts: Mapping[int, pd.DataFrame | Path],
        hide: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        held: BinaryIO | None = None,
    ):
        self._parts, self._hide, self._held = parts, hide, held

    def without(self, hide: Callable[[pd.DataFrame], pd.DataFrame]) -> Evidence:
        """The same for a reader who may see less."""
        return Evidence(self._parts, hide, self._held)

    def read(self, labels: np.ndarray, columns: Sequence[str] = ()) -> pd.DataFrame:
        """The rows under some labels, in their order, with all columns or some."""
        number_of = labels // ROWS_PER_UNIT
        parts = [
            self._read_part(int(number), labels[number_of == number], columns)
            for number in np.unique(number_of)
        ]
        if not parts:
            return pd.DataFrame(columns=list(columns))
        rows = (pd.concat(parts) if len(parts) > 1 else parts[0]).loc[labels]
        return self._hide(rows) if self._hide else rows

    def _read_part(
        self, number: int, labels: np.ndarray, columns: Sequence[str]
    ) -> pd.DataFrame:
        part = self._parts[number]
        if isinstance(part, Path):
            # Rows lie by label: of a file those groups are read that hold any of them.
            span = [(LABEL, ">=", labels.min()), (LABEL, "<=", labels.max())]
            asked = [*columns, LABEL] if columns else None
            part = pq.read_table(part, columns=asked, filters=span).to_pandas()
        return part[list(columns)] if columns else part


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
        those that looked for it; else empty), `rows` (labels in `evidence`, as runs).
    evidence : Evidence
        The rows that flags rest on.
    """

    found: pd.DataFrame
    evidence: Evidence

    def rows_of(self, flag: int) -> pd.DataFrame:
        """The rows one flag rests on, by month and place; `flag` is its label."""
        return in_order(self.evidence.read(labels_of(self.found.at[flag, "rows"])))


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a flag by month and place."""
    return rows.sort_values(["month", "sector", "branch"])


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """What the rules found, before the rows that it rests on are read.

    found : `Flags.found`. units : what rests on rows of one unit. cases : conversions
    that may be cited. n_rows : unit -> how many ledger rows were filed for it.
    """

    found: pd.DataFrame
    units: UnitFindings
    cases: pd.DataFrame
    n_rows: Mapping[str, int]


class LedgerRows:
    """The ledger rows of some units of a snapshot; those read last are kept."""

    def __init__(self, marts: Marts):
        self._marts = marts
        self._units: frozenset[str] | None = None
        self._rows = pd.DataFrame()

    def read(self, units: Sequence[str]) -> pd.DataFrame:
        """Their rows, and maybe others, under their labels; counts are floats."""
        asked = frozenset(units)
        if self._units is None or not asked <= self._units:
            self._rows = pd.DataFrame()
            self._rows = _read_rows(self._marts, asked)
            self._units = asked
        return self._rows


def find_flags(marts: Marts) -> Flags:
    """Run every rule over the ledgers of a snapshot, all units and months.

    Examples
    --------
    >>> flags = find_flags(marts)                                # doctest: +SKIP
    >>> flags.rows_of(flags.found.index[0])                      # doctest: +SKIP
    """
    rows = LedgerRows(marts)
    return _with_rows(find_since(marts, rows), rows.read, marts.registry)


def find_since(
    marts: Marts, rows: LedgerRows, before: UnitFindings | None = None
) -> Judged:
    """The flags of a snapshot, without their evidence.

    Parameters
    ----------
    rows
        Of the snapshot: of some units after the other.
    before
        What the same rules found within units at another time. Rows are read of those
        units alone whose ledgers or checks are others now; what comes out is the same.
    """
    registry, checks = marts.registry, marts.query("flag_checks", {})
    held = choose_checks(checks)
    spoken = marts.query("flag_submissions", {})
    digests = digest_units(spoken, _ledger_sums(marts.snapshot), held)
    known = before.digests if before else {}
    same = {unit for unit, digest in digests.items() if known.get(unit) == digest}
    n_rows = _count_rows(marts)
    changed = {unit: n for unit, n in n_rows.items() if unit not in same}
    found = [before.of(same)] if same else []
    for batch in list(batches_of(changed)) or [[]] * (not same):
        sums = {unit: digests[unit] for unit in batch}
        found.append(look_at_units(rows.read(batch), held, registry, sums))
    units = functools.reduce(UnitFindings.beside, found)
    roll = marts.query("roll_sums", {})
    flags, cases = judge_units(
        units,
        checks,
        read_weak_cases(marts, marts.latest_month),
        read_city_shares(marts),
        registry,
        None if roll.empty else roll,
    )
    return Judged(flags, units, cases, n_rows)


def _count_rows(marts: Marts) -> dict[str, int]:
    """Unit -> how many ledger rows were filed for it, in order of the registry."""
    sizes = marts.query("ledger_sizes", {})
    known = dict(zip(sizes["unit"], sizes["n_rows"].tolist(), strict=True))
    return {unit: known[unit] for unit in marts.registry.units if unit in known}


def _cited_of(found: pd.DataFrame, registry: Registry) -> dict[str, np.ndarray]:
    """Unit -> labels, in order, of its ledger rows that flags rest on."""
    cited = labels_of(merge_runs(found["rows"]))
    starts = np.arange(len(registry.units) + 1) * ROWS_PER_UNIT
    of_units = np.split(cited, np.searchsorted(cited, starts[1:]))[:-1]
    every = zip(registry.units, of_units, strict=True)
    return {unit: labels for unit, labels in every if len(labels)}


def _cite(
    cited: Mapping[str, np.ndarray],
    n_rows: Mapping[str, int],
    read: Callable[[Sequence[str]], pd.DataFrame],
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each unit with its rows that flags rest on, some units after the other."""
    for batch in batches_of({unit: n_rows[unit] for unit in cited}):
        rows = read(batch)
        for unit in batch:
            yield unit, _in_whole_numbers(rows.loc[cited[unit]]).rename_axis(LABEL)


def _with_rows(
    judged: Judged, read: Callable[[Sequence[str]], pd.DataFrame], registry: Registry
) -> Flags:
    """Flags with all that they rest on in memory."""
    numbers = {unit: number for number, unit in enumerate(registry.units)}
    cited = _cited_of(judged.found, registry)
    of_units = _cite(cited, judged.n_rows, read)
    parts = {numbers[unit]: rows for unit, rows in of_units}
    return Flags(judged.found, Evidence({**parts, len(numbers): judged.cases}))


def _in_whole_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """People count in whole numbers, and a blank is none."""
    counts = rows.columns.difference([*CELL_MONTH, "branch", "basis", *ORIGIN])
    return rows.astype(dict.fromkeys(counts, "Int64"))


def _read_rows(marts: Marts, units: Iterable[str]) -> pd.DataFrame:
    """The ledger rows of some units, under their labels; counts are floats."""
    names = sorted(units)
    ends = {"first_unit": min(names, default=""), "last_unit": max(names, default="")}
    rows = marts.query("flag_rows", {"units": names, **ends})
    return label_rows(rows, marts.registry)


def _ledger_sums(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Of each ledger stored, by month and submission."""
    return {
        (file.month, Path(file.path).stem): file.sha256
        for file in snapshot.files
        if file.table == "ledger"
    }


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
    parts = []
    for batch in list(batches_of(_count_rows(marts))) or [[]]:
        ledger = _read_rows(marts, batch)
        parts.append(_falls_of_rows(ledger, read_duties(registry)))
        parts += [_pair_of_rows(ledger, rule) for rule in pairs_of(registry)]
    order = ["month", "unit", "sector", "branch", "column_name"]
    found = pd.concat(parts).infer_objects()
    found = found.sort_values(order, kind="stable", ignore_index=True)
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
    found = credibility.find_part_over_whole(ledger, dict([part_and_whole(rule)]))
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


def build_with_flags(
    root: Path | str, registry: Registry, *, for_all: bool = False, **how: Any
) -> Snapshot:
    """`warehouse.build` with the flags of the new snapshot beside its marts.

    They take seconds to find: found once here, no reader waits for them, and taken over
    from an earlier snapshot as long as nothing has changed that they rest on. What is
    made `for_all` others than the office read, too: what is withheld from them is
    settled here as well.
    """

    def store(snapshot: Snapshot, earlier: Earlier) -> dict[str, str]:
        keys = _keys_of(snapshot, registry)
        folder = folder_of(root, snapshot)
        has_flags = all(earlier.copy(key, folder / n) for n, key in keys.items())
        if has_flags:
            found = pq.read_table(folder / FLAGS, columns=["rows"]).to_pandas()
            _, digests = read_digests(folder / FOUND)
            taken, lacking = _take_rows(folder, earlier, found, digests, registry)
            has_flags = not lacking
            keys |= taken
        if has_flags and not for_all:
            return keys
        # Each is asked once or twice.
        marts = open_marts(root, registry, snapshot, hold=())
        try:
            if not has_flags:
                keys |= _store(marts, earlier)
            if for_all:
                _settle(marts, earlier)
        finally:
            marts.engine.connection.close()
        return keys

    return build(root, registry, before_current=store, **how)


def _settle(marts: Marts, earlier: Earlier) -> None:
    """Store what is withheld, that of counts which stayed as it was in the last.

    Of a damaged file nothing is taken: it might let through what has to be withheld.
    """
    if path := earlier.last(settled.STORED):
        marts.settled.update(settled.read_settled(path.parent))
    if path := earlier.last(settled.STEPS):
        marts.settled.steps = settled.read_steps(path)
    folder = folder_of(marts.root, marts.snapshot)
    settled.write_settled(folder, settle_all(marts))
    settled.write_steps(folder, marts.settled.steps)


def _read_before(earlier: Earlier, registry: Registry) -> UnitFindings | None:
    """What the last snapshot says of units, if the same rules found it."""
    cells, found = earlier.last(CELLS), earlier.last(FOUND)
    if not cells or not found:
        return None
    return read_unit_findings(cells, found, _rules_of(registry))


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
    hide = functools.partial(without_persons, registry=registry)
    return Flags(found, flags.evidence.without(hide))


def _read_whole(marts: Marts) -> Flags:
    folder = folder_of(marts.root, marts.snapshot)
    try:
        found = pq.read_table(folder / FLAGS)
    except (FileNotFoundError, pa.ArrowInvalid):
        return find_flags(marts)
    if found.schema.metadata.get(RULES_KEY) != _rules_digest():
        return find_flags(marts)
    frame = found.to_pandas()
    for name in NESTED:
        frame[name] = [_as_tuples(json.loads(text)) for text in frame[name]]
    paths = [folder / path for path in marts.snapshot.parts(EVIDENCE)]
    parts = {int(path.stem): path for path in paths}
    parts[len(marts.registry.units)] = folder / CASES
    return Flags(frame, Evidence(parts, held=marts.held))


def _keys_of(snapshot: Snapshot, registry: Registry) -> dict[str, str]:
    """Of each file that is stored: digest of the rules, and of all they look at."""
    said = [_rules_of(registry)]
    keys = dict(snapshot.keys)
    said += [f"{p} {keys[p]}" for mart in LOOKED_AT for p in snapshot.parts(mart)]
    said += [f.sha256 for f in snapshot.files if f.table in LOOKED_AT_TABLES]
    return {
        name: hashlib.sha256("\n".join([name, *said]).encode()).hexdigest()
        for name in STORED
    }


def _store(marts: Marts, earlier: Earlier) -> dict[str, str]:
    """Find the flags of a snapshot and write them beside its marts.

    Returns the keys of the files of rows. Raises OSError.
    """
    folder, registry = folder_of(marts.root, marts.snapshot), marts.registry
    rows = LedgerRows(marts)
    judged = find_since(marts, rows, _read_before(earlier, registry))
    texts = {
        name: [json.dumps(value, default=int) for value in judged.found[name]]
        for name in NESTED
    }
    write_frame(
        folder / FLAGS, judged.found.assign(**texts), {RULES_KEY: _rules_digest()}
    )
    write_frame(folder / CASES, judged.cases)
    judged.units.write(folder, _rules_of(registry))
    digests = judged.units.digests
    keys, lacking = _take_rows(folder, earlier, judged.found, digests, registry)
    for unit, of_unit in _cite(lacking, judged.n_rows, rows.read):
        write_frame(folder / _rows_file(unit, registry), of_unit)
    return keys


def _take_rows(
    folder: Path,
    earlier: Earlier,
    found: pd.DataFrame,
    digests: Mapping[str, str],
    registry: Registry,
) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Take over the rows of units of which the same ones are cited as at another time.

    Returns
    -------
    The key of each file of rows, and the labels that are cited of the other units.
    """
    keys, lacking = {}, {}
    for unit, labels in _cited_of(found, registry).items():
        said = [EVIDENCE, _rules_of(registry), digests[unit]]
        said.append(hashlib.sha256(labels.tobytes()).hexdigest())
        name = _rows_file(unit, registry)
        keys[name] = hashlib.sha256("\n".join(said).encode()).hexdigest()
        (folder / name).parent.mkdir(exist_ok=True)
        if not earlier.copy(keys[name], folder / name):
            lacking[unit] = labels
    return keys, lacking


def _rows_file(unit: str, registry: Registry) -> str:
    """The file of the rows of a unit that flags rest on, named by their labels."""
    return f"{EVIDENCE}/{list(registry.units).index(unit):04d}.parquet"


@functools.cache
def _rules_of(registry: Registry) -> str:
    """Changes with the text of the rules, and of all SQL that brings what they see."""
    queries = (sql_text(name, registry) for name in QUERIES)
    said = "\n".join([_rules_digest().decode(), recipe_of(registry), *queries])
    return hashlib.sha256(said.encode()).hexdigest()


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


@functools.cache
def _rules_digest() -> bytes:
    """Changes with the text of the rules: what others found is not read."""
    digest = hashlib.sha256()
    for path in (
        __file__,
        unit_findings.__file__,
        credibility.__file__,
        label_runs.__file__,
    ):
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
        Latest revision, counts to date: `CELL_MONTH`, `branch` ('' for a whole cell),
        `basis`, every count of the registry, `n_members_ordinary`, `ORIGIN`.
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
    order = [*CELL_MONTH, "branch"]
    ledger = label_rows(ledger.sort_values(order, ignore_index=True), registry)
    units = look_at_units(ledger, choose_checks(checks), registry, {})
    found, cases = judge_units(units, checks, weak_cases, verified, registry, roll)
    judged = Judged(found, units, cases, ledger["unit"].value_counts())
    return _with_rows(judged, lambda _: ledger, registry)


def judge_units(
    units: UnitFindings,
    checks: pd.DataFrame,
    weak_cases: pd.DataFrame,
    verified: Mapping[str, float],
    registry: Registry,
    roll: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`Flags.found` by what is known of each unit, and the conversions it may cite.

    Parameters are those of `judge_ledger`. This is what looks across units.
    """
    duties = read_duties(registry)
    cells = units.sums(is_filed=False)
    of_cells = [
        _find_all_at_100(cells, duties, checks, verified),
        credibility.find_same_in_two_units(cells, list(duties.counts)),
        credibility.find_jumps(cells, duties.steady_shares, duties.opened),
        _find_copies(units.sums(is_filed=True), duties),
        credibility.find_near_neighbours(cells, list(duties.counts), duties.bounds),
    ]
    if roll is not None:
        of_cells.append(credibility.find_off_roll(cells, roll, BASES))
    is_pool = units.found["rule"].isin(credibility.DIGITS)
    digits = _find_digits(units.found[is_pool], duties)
    cases = _conversions(weak_cases, start=len(registry.units) * ROWS_PER_UNIT)
    found = [
        gather_cells(of_cells, cells),
        units.found[~is_pool],
        gather([*digits, credibility.find_last_days(cases)], month_of(cells)),
    ]
    checked = of_cells[0].set_index(list(CELL_MONTH))["checked"]
    cases = cases.rename(columns={"date": "converted_date"})
    return _as_flags(found, checked, registry), cases


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
    counts = [n for n in cells if n not in (*CELL_MONTH, "first", "n_rows")]
    whole = by_unit[counts].sum(min_count=1)
    parts = credibility.positions_of(by_unit.ngroup().to_numpy())
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


def _find_digits(pools: pd.DataFrame, duties: Duties) -> list[pd.DataFrame]:
    """In unit x sector, then in each unit as a whole, by the `UnitFindings` of pools.

    A sector with few values cannot be judged alone. Where its whole unit is doubted,
    and only there, the small sectors that carry the habit are asked for; the unit is
    named as a whole when no sector can be.
    """
    columns, place = list(duties.counts), ["unit", "sector"]
    found = []
    for rule, of_rule in pools.groupby("rule", sort=False):
        by_sector = of_rule.set_index(place)[["value", "reference", "rows"]]
        by_sector.columns = ["n_chosen", "n", "rows"]
        by_sector["rows"] = by_sector["rows"].map(lambda runs: tuple(labels_of(runs)))
        by_unit = by_sector.groupby("unit").sum()
        judge = functools.partial(credibility.judge_digits, rule, columns=columns)
        of_cells = judge(by_sector, min_values=credibility.MIN_DIGIT_VALUES)
        of_units = judge(by_unit, min_values=credibility.MIN_DIGIT_VALUES)
        doubted = by_sector[by_sector.index.isin(of_units["unit"], level="unit")]
        of_sectors = judge(doubted, min_values=MIN_SECTOR_DIGITS)
        known = pd.MultiIndex.from_frame(of_cells[place])
        is_known = pd.MultiIndex.from_frame(of_sectors[place]).isin(known)
        of_sectors = of_sectors[~is_known]
        named = {*of_cells["unit"], *of_sectors["unit"]}
        found += [of_cells, of_sectors, of_units[~of_units["unit"].isin(named)]]
    return found


def _is_blank(word: object) -> bool:
    return word is None or word != word


def _conversions(weak_cases: pd.DataFrame, start: int) -> pd.DataFrame:
    """Conversions of weak organisations, the only events that come with their day."""
    cases = weak_cases[weak_cases["converted_date"].notna()].reset_index(drop=True)
    cases.index = pd.Index(start + np.arange(len(cases)), name=LABEL)
    day = pd.to_datetime(cases["converted_date"])
    cases = cases.assign(date=day, month=day.dt.strftime("%Y-%m"))
    return cases[["month", "unit", "sector", "branch", "date", *ORIGIN]]


def _as_flags(
    parts: Sequence[pd.DataFrame], checked: pd.Series, registry: Registry
) -> pd.DataFrame:
    """`Flags.found` of what was gathered; `checked` is of `all_at_100` by cell."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(FLAG_COLUMNS))
    found = pd.concat(parts, ignore_index=True).infer_objects()
    places = zip(
        *(found[name] for name in ("rule", "unit", "sector", "first_month")),
        strict=True,
    )
    found = found.assign(
        supervision_group=[registry.units[unit].group for unit in found["unit"]],
        checked=pd.Series(
            [
                checked[tuple(cell)] if rule == "all_at_100" else ()
                for rule, *cell in places
            ],
            dtype=object,
        ),
    )[list(FLAG_COLUMNS)]
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
