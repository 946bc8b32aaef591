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
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    read_roll,
    read_weak_cases,
    settle_all,
)
from data_pipeline.registry import Registry, Rule
from data_pipeline.reuse import Earlier
from data_pipeline.sql_text import sql_text
from data_pipeline.statistics import credibility
from data_pipeline.unit_findings import (
    BASES,
    CELL_MONTH,
    CELLS,
    FOUND,
    MIN_SECTOR_DIGITS,
    ROWS_PER_UNIT,
    Duties,
    UnitFindings,
    choose_checks,
    digest_units,
    expand_cells,
    label_rows,
    look_at_units,
    pairs_of,
    part_and_whole,
    read_duties,
    read_unit_findings,
    write_frame,
)
from data_pipeline.warehouse import Snapshot, build, recipe_of
from data_pipeline.withheld import OFFICE, without_persons

ORIGIN = ("source_file", "source_sheet", "source_row")
# Beside the marts of a snapshot: one row a flag, the rows that flags rest on, and what
# was found within units.
FLAGS, EVIDENCE = "flags.parquet", "flag_evidence.parquet"
STORED = (FLAGS, EVIDENCE, CELLS, FOUND)
QUERIES = ("flag_rows", "flag_checks", "flag_submissions")
NESTED = ("fields", "checked", "rows")  # tuples, stored as JSON
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
    return find_since(marts)[0]


def find_since(
    marts: Marts, before: tuple[UnitFindings, pd.DataFrame] | None = None
) -> tuple[Flags, UnitFindings]:
    """The flags of a snapshot, and what the rules found within each unit.

    Parameters
    ----------
    before
        What they found within units by the same rules at another time, and the
        evidence of the flags then. Rows are read of those units alone whose ledgers or
        checks are others now; what comes out is the same.
    """
    registry, checks = marts.registry, marts.query("flag_checks", {})
    held = choose_checks(checks)
    spoken = marts.query("flag_submissions", {})
    digests = digest_units(spoken, _ledger_sums(marts.snapshot), held)
    known = before[0].digests if before else {}
    same = {unit for unit, digest in digests.items() if known.get(unit) == digest}
    changed = {unit: d for unit, d in digests.items() if unit not in same}
    rows = _read_rows(marts, changed)
    units = look_at_units(rows, held, registry, changed)
    if same:
        units = units.beside(before[0].of(same))
        # Units come one after the other, so that the label tells which one it is.
        told = before[1]
        rows = pd.concat([rows, told.loc[told["unit"].isin(same), rows.columns]])
    found, cases = judge_units(
        units,
        checks,
        read_weak_cases(marts, marts.latest_month),
        read_city_shares(marts),
        registry,
        _sum_roll(read_roll(marts)),
    )
    cited = _cited(found)
    lacking = cited.difference(rows.index.append(cases.index))
    if len(lacking):
        # Another unit's ledger, or a check, has made these doubtful.
        names = list(registry.units)
        others = _read_rows(marts, {names[at] for at in lacking // ROWS_PER_UNIT})
        rows = pd.concat([rows, others.loc[lacking]])
    return Flags(found, _evidence(cited, rows, cases)), units


def _read_rows(marts: Marts, units: Iterable[str]) -> pd.DataFrame:
    """The ledger rows of some units, under their labels; counts are floats."""
    rows = marts.query("flag_rows", {"units": [*units], "all_units": False})
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
    ledger = marts.query("flag_rows", {"units": [""], "all_units": True})
    parts = [_falls_of_rows(ledger, read_duties(registry))]
    parts += [_pair_of_rows(ledger, rule) for rule in pairs_of(registry)]
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
        if has_flags and not for_all:
            return keys
        marts = open_marts(root, registry, snapshot)
        try:
            if not has_flags:
                _store(*find_since(marts, _read_before(earlier, registry)), marts)
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
    settled.write_settled(folder_of(marts.root, marts.snapshot), settle_all(marts))


def _read_before(
    earlier: Earlier, registry: Registry
) -> tuple[UnitFindings, pd.DataFrame] | None:
    """What the last snapshot says of units, if the same rules found it."""
    paths = [earlier.last(name) for name in STORED[1:]]
    if not all(paths):
        return None
    units = read_unit_findings(*paths[1:], _rules_of(registry))
    return units and (units, pd.read_parquet(paths[0]))


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
        found, evidence = (pq.read_table(folder / n) for n in (FLAGS, EVIDENCE))
    except (FileNotFoundError, pa.ArrowInvalid):
        return find_flags(marts)
    if found.schema.metadata.get(RULES_KEY) != _rules_digest():
        return find_flags(marts)
    frame = found.to_pandas()
    for name in NESTED:
        frame[name] = [_as_tuples(json.loads(text)) for text in frame[name]]
    return Flags(frame, evidence.to_pandas())


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


def _store(flags: Flags, units: UnitFindings, marts: Marts) -> None:
    folder = folder_of(marts.root, marts.snapshot)
    texts = {
        name: [json.dumps(value, default=int) for value in flags.found[name]]
        for name in NESTED
    }
    write_frame(
        folder / FLAGS, flags.found.assign(**texts), {RULES_KEY: _rules_digest()}
    )
    write_frame(folder / EVIDENCE, flags.evidence)
    units.write(folder, _rules_of(marts.registry))


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
    for path in (__file__, unit_findings.__file__, credibility.__file__):
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
    return Flags(found, _evidence(_cited(found), ledger, cases))


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
    is_pool = units.found["reason"].isin(credibility.DIGITS)
    found = [
        *(expand_cells(findings, cells) for findings in of_cells),
        units.found[~is_pool],
        *_find_digits(units.found[is_pool], duties),
    ]
    cases = _conversions(weak_cases, start=len(registry.units) * ROWS_PER_UNIT)
    found.append(credibility.find_last_days(cases))
    return _gather(found, _month_of(cells), registry), cases


def _month_of(cells: pd.DataFrame) -> Callable[[Sequence[int]], np.ndarray]:
    """What tells the months of ledger rows by their labels."""
    cells = cells.sort_values("first")
    first, months = cells["first"].to_numpy(), cells["month"].to_numpy()
    return lambda rows: months[np.searchsorted(first, rows, side="right") - 1]


def _cited(found: pd.DataFrame) -> pd.Index:
    return pd.Index(np.unique([row for rows in found["rows"] for row in rows]), int)


def _evidence(
    cited: pd.Index, ledger: pd.DataFrame, cases: pd.DataFrame
) -> pd.DataFrame:
    """The rows of ledgers and the conversions that are cited, by label."""
    rows = ledger.loc[cited.intersection(ledger.index)]
    # People count in whole numbers, and a blank is none.
    counts = rows.columns.difference([*CELL_MONTH, "branch", "basis", *ORIGIN])
    rows = rows.astype(dict.fromkeys(counts, "Int64"))
    late = cases.loc[cited.intersection(cases.index)]
    if not len(late):
        return rows
    return pd.concat([rows, late.rename(columns={"date": "converted_date"})])


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
    for rule, of_rule in pools.groupby("reason", sort=False):
        by_sector = of_rule.set_index(place)[["value", "reference", "rows"]]
        by_sector.columns = ["n_chosen", "n", "rows"]
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
    cases.index += start
    day = pd.to_datetime(cases["converted_date"])
    cases = cases.assign(date=day, month=day.dt.strftime("%Y-%m"))
    return cases[["month", "unit", "sector", "branch", "date", *ORIGIN]]


def _gather(
    parts: list[pd.DataFrame],
    month_of: Callable[[Sequence[int]], np.ndarray],
    registry: Registry,
) -> pd.DataFrame:
    """One flag for each rule, unit, sector and month, whatever its fields and rows.

    A finding without a month spans those of its rows.
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
        span = [month] if month else month_of(rows)
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
