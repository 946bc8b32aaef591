"""Which files of the made-up city come when: what the four groups would send.

Files are meant to be read by the same road as real ones and hold nothing that the
product could recognise them by, except that every title says 示例数据.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import groups_of
from data_pipeline.demo_city.records import Records
from data_pipeline.demo_city.reporting import CORRECTED, LATE, Reported, habits_of
from data_pipeline.demo_city.sheets import (
    STYLES,
    Sheet,
    ledger_sheet,
    plain_sheet,
    record_sheet,
    roll_sheet,
)
from data_pipeline.demo_city.truth import MONTHS
from data_pipeline.demo_city.weak_cases import FILING_DAY, STANDS, stand_on
from data_pipeline.registry import load_registry, next_month

# These months of G3 come as CSV, in these encodings.
CSV_MONTHS = {"2016-08": "utf-8-sig", "2016-11": "gb18030"}
# Filed together, a sheet each, in the workbook of the later month.
G4_JOINT_MONTHS = ("2016-08", "2016-09")
# G2 sends each unit's ledger in a workbook of its own, on another day of the month.
G2_UNITS = ("350112", "350181", "350121", "350128", "HTZ")
CORRECTION_MONTH = "2016-09"
DAYS_LATE = {"350128": 20, "350181": 22, "LX": 24}
MAX_ROLL_ROWS = 4800


@dataclasses.dataclass(frozen=True)
class Filing:
    """One file before it is written; `make_sheets` draws it up when its turn comes."""

    name: str
    group: str
    received: datetime
    make_sheets: Callable[[], list[Sheet]]
    encoding: str = ""


def plan_filings(
    branches: pd.DataFrame,
    reported: Reported,
    checks: pd.DataFrame,
    weak_cases: pd.DataFrame,
    records: Records,
    answers: pd.DataFrame,
    seed: int,
) -> list[Filing]:
    """Every file of the campaign, in order of receiving."""
    rng = np.random.default_rng([seed, 4])
    filings = [
        *_plan_rolls(branches, rng),
        *_plan_ledgers(reported, records, rng),
        *_plan_checks(checks, rng),
        *_plan_weak_cases(weak_cases, rng),
        *_plan_annexes(reported, records, np.random.default_rng([seed, 31])),
        *_plan_answers(answers, np.random.default_rng([seed, 42])),
    ]
    filings.sort(key=lambda filing: filing.received)
    return filings


def _at_office_hours(month: str, day: int, rng: np.random.Generator) -> datetime:
    """That day of `month`, some minute between 8:30 and 17:30."""
    year, number = map(int, month.split("-"))
    zone = load_registry().calendar.timezone
    opening = datetime(year, number, day, 8, 30, tzinfo=zone)
    return opening + timedelta(seconds=int(rng.integers(0, 9 * 3600)))


def _plan_rolls(branches: pd.DataFrame, rng: np.random.Generator) -> Iterator[Filing]:
    registry = load_registry()
    for group, roll in branches.groupby(groups_of(branches["unit"])):
        received = _at_office_hours("2016-04", 18 + int(group[1]), rng)
        n_by_unit = roll["unit"].value_counts(sort=False)
        part_of_unit = _fill_parts(n_by_unit, MAX_ROLL_ROWS)
        for part, rows in roll.groupby(roll["unit"].map(part_of_unit)):
            suffix = f"({part + 1})" if part_of_unit.max() else ""
            yield Filing(
                name=f"{registry.groups[group].name_zh}_名册{suffix}.xlsx",
                group=group,
                received=received + timedelta(minutes=7 * part),
                make_sheets=lambda rows=rows: [roll_sheet(rows)],
            )


def _fill_parts(sizes: pd.Series, limit: int) -> pd.Series:
    """Number the parts so that neighbours share one while its sum stays in `limit`.

    >>> _fill_parts(pd.Series([3, 2, 4], index=["a", "b", "c"]), 5).to_dict()
    {'a': 0, 'b': 0, 'c': 1}
    """
    parts, part, filled = {}, 0, 0
    for key, size in sizes.items():
        if filled and filled + size > limit:
            part, filled = part + 1, 0
        parts[key] = part
        filled += size
    return pd.Series(parts)


def _plan_checks(checks: pd.DataFrame, rng: np.random.Generator) -> Iterator[Filing]:
    """Each group's checks of a month, filed in the first days of the next."""
    month = checks["check_date"].str[:7]
    for (month_checked, group), rows in checks.groupby(
        [month, groups_of(checks["unit"])]
    ):
        yield Filing(
            name=f"{load_registry().groups[group].name_zh}_{month_checked}_抽查.xlsx",
            group=group,
            received=_at_office_hours(next_month(month_checked), 4, rng),
            make_sheets=lambda rows=rows: [plain_sheet("spot_check", rows)],
        )


def _plan_weak_cases(
    weak_cases: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Filing]:
    """Each group's whole list as it stood, filed again with what has become of it."""
    for day in STANDS:
        stand = stand_on(weak_cases, day)
        for group, rows in stand.groupby(groups_of(stand["unit"])):
            name = load_registry().groups[group].name_zh
            yield Filing(
                name=f"{name}_{day[:7]}_软弱涣散.xlsx",
                group=group,
                received=_at_office_hours(next_month(day[:7]), FILING_DAY, rng),
                make_sheets=lambda rows=rows: [plain_sheet("weak_case", rows)],
            )


def _plan_ledgers(
    reported: Reported, records: Records, rng: np.random.Generator
) -> Iterator[Filing]:
    group = groups_of(reported.rows["unit"]).to_numpy()
    for month in MONTHS:
        is_filed = reported.is_filed[:, MONTHS.index(month)]
        yield from _plan_unit_by_unit(month, is_filed, reported, records, rng)
        for whole_group in ("G1", "G3"):
            rows = np.flatnonzero((group == whole_group) & is_filed)
            encoding = CSV_MONTHS.get(month, "") if whole_group == "G3" else ""
            day = STYLES[whole_group].filing_day
            parts = [(month, rows)]
            yield _ledger_filing(
                whole_group, "", parts, day, reported, records, rng, encoding
            )
        yield from _plan_group_4(month, group == "G4", reported, records, rng)

    registry = load_registry()
    for habit in habits_of(CORRECTED):
        rows = np.flatnonzero(reported.rows["unit"] == habit.unit)
        unit = registry.units[habit.unit]
        words = [registry.groups[unit.group].name_zh, unit.name_zh, "更正台账.xlsx"]
        yield Filing(
            name="_".join(words),
            group=unit.group,
            received=_at_office_hours(CORRECTION_MONTH, 6, rng),
            make_sheets=lambda rows=rows, months=habit.months, group=unit.group: [
                ledger_sheet(group, month, rows, reported, is_correction=True)
                for month in months
            ],
        )


def _is_late(unit: str, month: str) -> bool:
    return any(h.unit == unit and month in h.months for h in habits_of(LATE))


def _plan_unit_by_unit(
    month: str,
    is_filed: np.ndarray,
    reported: Reported,
    records: Records,
    rng: np.random.Generator,
) -> Iterator[Filing]:
    """G2: each unit in a workbook of its own, some of them late."""
    units = load_registry().units
    for day, unit in enumerate(G2_UNITS, STYLES["G2"].filing_day):
        rows = np.flatnonzero((reported.rows["unit"] == unit) & is_filed)
        if len(rows):
            name = STYLES["G2"].unit_names.get(unit, units[unit].name_zh)
            day_filed = DAYS_LATE[unit] if _is_late(unit, month) else day
            parts = [(month, rows)]
            yield _ledger_filing("G2", name, parts, day_filed, reported, records, rng)


def _plan_group_4(
    month: str,
    in_group: np.ndarray,
    reported: Reported,
    records: Records,
    rng: np.random.Generator,
) -> Iterator[Filing]:
    """G4: one workbook, once for two months; 市级两新组织 follows when it is late."""
    first, last = G4_JOINT_MONTHS
    if month == first:
        return
    months = G4_JOINT_MONTHS if month == last else (month,)
    is_lx = (reported.rows["unit"] == "LX").to_numpy()
    lx_follows = month != last and _is_late("LX", month)
    in_workbook = in_group & ~is_lx if lx_follows else in_group
    parts = [
        (part, np.flatnonzero(in_workbook & reported.is_filed[:, MONTHS.index(part)]))
        for part in months
    ]
    day = STYLES["G4"].filing_day
    yield _ledger_filing("G4", "", parts, day, reported, records, rng)
    if lx_follows:
        name = load_registry().units["LX"].name_zh
        parts = [(month, np.flatnonzero(is_lx))]
        day = DAYS_LATE["LX"]
        yield _ledger_filing("G4", name, parts, day, reported, records, rng)


def _ledger_filing(
    group: str,
    part: str,
    sheets: list[tuple[str, np.ndarray]],
    day: int,
    reported: Reported,
    records: Records,
    rng: np.random.Generator,
    encoding: str = "",
) -> Filing:
    """Ledgers of one or more months and what else those units file for them.

    The duties of a group go with the file of the whole group; a CSV holds the ledger
    alone.
    """
    month = sheets[-1][0]
    units = reported.rows["unit"].to_numpy()
    beside = [] if encoding else [(month, units[rows]) for month, rows in sheets]
    words = [load_registry().groups[group].name_zh, part, month, "台账"]
    return Filing(
        name="_".join(filter(None, words)) + (".csv" if encoding else ".xlsx"),
        group=group,
        received=_at_office_hours(next_month(month), day, rng),
        make_sheets=lambda: [
            *(
                ledger_sheet(group, month, rows, reported, n_sheets=len(sheets))
                for month, rows in sheets
            ),
            *_record_sheets(group, beside, records, has_duties=not part),
        ],
        encoding=encoding,
    )


def _plan_annexes(
    reported: Reported, records: Records, rng: np.random.Generator
) -> Iterator[Filing]:
    """What no ledger workbook holds: the duties of G2, all that G3 had beside a CSV."""
    registry = load_registry()
    units = reported.rows["unit"].to_numpy()
    in_group_3 = (groups_of(reported.rows["unit"]) == "G3").to_numpy()
    for number, month in enumerate(MONTHS):
        annexes = {"G2": ("督导工作", np.array([], dtype=object))}
        if month in CSV_MONTHS:
            is_filed = in_group_3 & reported.is_filed[:, number]
            annexes["G3"] = ("附表", units[is_filed])
        for group, (label, of_units) in annexes.items():
            sheets = _record_sheets(group, [(month, of_units)], records)
            if sheets:
                yield Filing(
                    name=f"{registry.groups[group].name_zh}_{month}_{label}.xlsx",
                    group=group,
                    received=_at_office_hours(next_month(month), 14, rng),
                    make_sheets=lambda sheets=sheets: sheets,
                )


def _plan_answers(answers: pd.DataFrame, rng: np.random.Generator) -> Iterator[Filing]:
    """Each group's answers to the findings of a month, two months after it."""
    registry = load_registry()
    for (month, group), rows in answers.groupby(["filed_in", "supervision_group"]):
        yield Filing(
            name=f"{registry.groups[group].name_zh}_{month}_线索处理.xlsx",
            group=group,
            received=_at_office_hours(next_month(next_month(month)), 14, rng),
            make_sheets=lambda rows=rows, group=group: [
                record_sheet("finding_state", rows, STYLES[group])
            ],
        )


def _record_sheets(
    group: str,
    parts: Sequence[tuple[str, np.ndarray]],
    records: Records,
    has_duties: bool = True,
) -> list[Sheet]:
    """A sheet for each table of which these months and units have rows.

    Of a list that is filed as it stands, only the last stand.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for month, units in parts:
        tables = records.of_units(month, set(units))
        if has_duties:
            tables |= records.of_group(month, group)
        for name, rows in tables.items():
            found.setdefault(name, []).append(rows)
    sheets = []
    for name, stands in found.items():
        key = [*load_registry().tables[name].key]
        rows = pd.concat(stands).drop_duplicates(key, keep="last")
        sheets.append(record_sheet(name, rows, STYLES[group]))
    return sheets
