"""The made-up city on paper: what the four groups would send, file by file.

Each group has its own ways: order of columns, names of places, how a month is
written, what stands above and below the table, whether it sends CSV. Files are meant
to be read by the same road as real ones and hold nothing that the product could
recognise them by, except that every title says 示例数据.
"""

import csv
import dataclasses
import io
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from data_pipeline.demo_city.records import Records
from data_pipeline.demo_city.reporting import (
    CORRECTED,
    COUNTS,
    LATE,
    MONTHLY_UNITS,
    Reported,
    habits_of,
    monthly_parts,
)
from data_pipeline.demo_city.truth import MONTHS
from data_pipeline.demo_city.weak_cases import FILING_DAY, STANDS, stand_on
from data_pipeline.disk import replace_file
from data_pipeline.registry import load_registry, next_month

DEMO_MARK = "示例数据"

Cell = str | int | None


@dataclasses.dataclass(frozen=True)
class Style:
    """How one group writes its ledger."""

    columns: tuple[str, ...]
    month_format: str
    blank: str | None
    unit_names: dict[str, str] = dataclasses.field(default_factory=dict)
    sector_names: dict[str, str] = dataclasses.field(default_factory=dict)
    has_subtotals: bool = False
    filing_day: int = 12


KEY_COLUMNS = ("month", "supervision_group", "unit")
MAIN_COUNTS = tuple(c for c in COUNTS if not c.startswith("n_speakers"))
STYLES = {
    "G1": Style(
        (*KEY_COLUMNS, "township", "branch", "sector", *COUNTS),
        month_format="{year}-{month:02d}",
        blank=None,
        filing_day=12,
    ),
    "G2": Style(
        (*KEY_COLUMNS, "sector", "township", "branch", *MAIN_COUNTS, "note"),
        month_format="{year}年{month}月",
        blank="/",
        unit_names={"350112": "长乐市", "HTZ": "福州高新区"},
        sector_names={"nonpublic": "非公有制企业", "community": "城市社区"},
        filing_day=9,
    ),
    "G3": Style(
        ("unit", "month", "supervision_group", "sector", "branch", "township")
        + MAIN_COUNTS,
        month_format="{year}.{month}",
        blank=None,
        unit_names={
            "350122": "连江",
            "350123": "罗源",
            "350124": "闽清",
            "350125": "永泰",
            "GQ": "市属国有企业",
        },
        sector_names={"nonpublic": "非公", "soe": "国企", "organ": "党政机关"},
        has_subtotals=True,
        filing_day=13,
    ),
    "G4": Style(
        (*KEY_COLUMNS, "branch", "sector", *COUNTS),
        # The year stands in the title.
        month_format="{month}月",
        blank="—",
        filing_day=14,
    ),
}
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
class Sheet:
    """A table with what stands above and below it; `rows` hold ready cells."""

    name: str
    titles: tuple[str, ...]
    headings: tuple[str, ...]
    rows: list[list[Cell]]
    footer: tuple[str, ...] = ()


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
    for group, roll in branches.groupby(_group_of(branches)):
        received = _at_office_hours("2016-04", 18 + int(group[1]), rng)
        n_by_unit = roll["unit"].value_counts(sort=False)
        part_of_unit = _fill_parts(n_by_unit, MAX_ROLL_ROWS)
        for part, rows in roll.groupby(roll["unit"].map(part_of_unit)):
            suffix = f"({part + 1})" if part_of_unit.max() else ""
            yield Filing(
                name=f"{registry.groups[group].name_zh}_名册{suffix}.xlsx",
                group=group,
                received=received + timedelta(minutes=7 * part),
                make_sheets=lambda rows=rows: [_roll_sheet(rows)],
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


def _roll_sheet(roll: pd.DataFrame) -> Sheet:
    registry = load_registry()
    words = {
        "unit": {code: unit.name_zh for code, unit in registry.units.items()},
        "sector": {code: sector.name_zh for code, sector in registry.sectors.items()},
        "is_weak_base": {True: "是", False: "否"},
    }
    told = {column: roll[column].map(texts) for column, texts in words.items()}
    return _plain_sheet("roll", roll.assign(**told))


def _plain_sheet(name: str, frame: pd.DataFrame) -> Sheet:
    """A table as the registry lays it out; `frame` holds the words people write.

    Optional columns that the frame lacks are left out.
    """
    table = load_registry().tables[name]
    columns = [c for c in table.columns if c.name in frame or not c.optional]
    cells = [_cells(frame[column.name]) for column in columns]
    return Sheet(
        name=table.sheet,
        titles=(f"{table.title_zh}({DEMO_MARK})",),
        headings=tuple(column.heading for column in columns),
        rows=[list(row) for row in zip(*cells, strict=True)],
    )


def _cells(values: pd.Series) -> list[Cell]:
    # Many short columns: plain Python is twice as fast here as a mask.
    cells = values.tolist()
    return [
        None if cell is pd.NA or cell != cell or cell == "" else cell for cell in cells
    ]


def _plan_checks(checks: pd.DataFrame, rng: np.random.Generator) -> Iterator[Filing]:
    """Each group's checks of a month, filed in the first days of the next."""
    month = checks["check_date"].str[:7]
    for (month_checked, group), rows in checks.groupby([month, _group_of(checks)]):
        yield Filing(
            name=f"{load_registry().groups[group].name_zh}_{month_checked}_抽查.xlsx",
            group=group,
            received=_at_office_hours(next_month(month_checked), 4, rng),
            make_sheets=lambda rows=rows: [_plain_sheet("spot_check", rows)],
        )


def _plan_weak_cases(
    weak_cases: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Filing]:
    """Each group's whole list as it stood, filed again with what has become of it."""
    for day in STANDS:
        stand = stand_on(weak_cases, day)
        for group, rows in stand.groupby(_group_of(stand)):
            name = load_registry().groups[group].name_zh
            yield Filing(
                name=f"{name}_{day[:7]}_软弱涣散.xlsx",
                group=group,
                received=_at_office_hours(next_month(day[:7]), FILING_DAY, rng),
                make_sheets=lambda rows=rows: [_plain_sheet("weak_case", rows)],
            )


def _group_of(frame: pd.DataFrame) -> pd.Series:
    units = load_registry().units
    return frame["unit"].map({code: unit.group for code, unit in units.items()})


def _plan_ledgers(
    reported: Reported, records: Records, rng: np.random.Generator
) -> Iterator[Filing]:
    group = _group_of(reported.rows).to_numpy()
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
                _ledger_sheet(group, month, rows, reported, is_correction=True)
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
                _ledger_sheet(group, month, rows, reported, n_sheets=len(sheets))
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
    in_group_3 = (_group_of(reported.rows) == "G3").to_numpy()
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
        sheets.append(_record_sheet(name, rows, STYLES[group]))
    return sheets


def _record_sheet(name: str, rows: pd.DataFrame, style: Style) -> Sheet:
    """`rows` of a table in the words that the group writes."""
    registry = load_registry()
    names = {
        "group": {code: group.name_zh for code, group in registry.groups.items()},
        "unit": {code: unit.name_zh for code, unit in registry.units.items()}
        | style.unit_names,
        "sector": {code: sector.name_zh for code, sector in registry.sectors.items()}
        | style.sector_names,
        "yes_no": {True: "是", False: "否"},
    }
    told = {}
    for column in registry.tables[name].columns:
        words = names.get(column.type) or {
            code: word for word, code in column.words.items()
        }
        if words and column.name in rows:
            told[column.name] = rows[column.name].map(words)
    return _plain_sheet(name, rows.assign(**told))


def _ledger_sheet(
    group: str,
    month: str,
    rows: np.ndarray,
    reported: Reported,
    n_sheets: int = 1,
    is_correction: bool = False,
) -> Sheet:
    registry = load_registry()
    style = STYLES[group]
    table = registry.tables["ledger"]
    keys = reported.rows.iloc[rows]
    year, number = map(int, month.split("-"))
    figures = reported.figures if is_correction else reported.first_figures
    is_monthly = bool(keys["unit"].isin(MONTHLY_UNITS).all())
    if is_monthly:
        figures = monthly_parts({c: counts[rows] for c, counts in figures.items()})
        counts = {c: figures[c][:, MONTHS.index(month)] for c in COUNTS}
    else:
        counts = {c: figures[c][rows, MONTHS.index(month)] for c in COUNTS}

    unit_names = {c: u.name_zh for c, u in registry.units.items()} | style.unit_names
    sector_names = {c: s.name_zh for c, s in registry.sectors.items()}
    n = len(keys)
    texts = {
        "month": [style.month_format.format(year=year, month=number)] * n,
        "supervision_group": [registry.groups[group].name_zh] * n,
        "unit": keys["unit"].map(unit_names).tolist(),
        "township": [text or None for text in keys["township"]],
        "branch": [text or None for text in keys["branch"]],
        "sector": keys["sector"].map(sector_names | style.sector_names).tolist(),
        "note": _notes(month, n),
    }
    cells = [
        texts[c] if c in texts else _count_cells(counts[c], style.blank)
        for c in style.columns
    ]
    body = [list(row) for row in zip(*cells, strict=True)]
    body = _with_totals(body, style, keys["unit"].to_numpy(), counts)
    title = f"{table.title_zh}({year}年{number}月,{DEMO_MARK})"
    titles = [title.replace("台账", "台账更正") if is_correction else title]
    if is_monthly:
        titles.append("口径:当月")
    due = next_month(month)
    return Sheet(
        name=f"{number}月" if n_sheets > 1 or is_correction else table.sheet,
        titles=tuple(titles),
        headings=tuple(table.column(c).heading for c in style.columns),
        rows=body,
        footer=(
            "填报说明:空白或斜杠为未统计,0 为没有",
            f"填报单位:{registry.groups[group].name_zh}  填报日期:"
            f"{due[:4]}年{int(due[5:])}月",
        ),
    )


def _notes(month: str, n: int) -> list[str | None]:
    """A remark here and there, as such tables have them."""
    remark = {"2016-07": "台风期间学习安排顺延", "2016-10": "已补课"}.get(month)
    return [remark if row % 211 == 17 else None for row in range(n)]


def _count_cells(counts: np.ndarray, blank: str | None) -> list[Cell]:
    return [blank if c != c else int(c) for c in counts.tolist()]


def _with_totals(
    body: list[list[Cell]],
    style: Style,
    units: np.ndarray,
    counts: dict[str, np.ndarray],
) -> list[list[Cell]]:
    """`body` with a 合计 row and, where the group does so, a 小计 after each unit."""

    def total(word: str, column: str, is_in: np.ndarray) -> list[Cell]:
        sums = {
            c: int(np.nansum(counts[c][is_in]))
            for c in COUNTS
            if not np.isnan(counts[c][is_in]).all()
        }
        return [word if c == column else sums.get(c) for c in style.columns]

    rows = []
    if style.has_subtotals:
        starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]])
        for start, stop in zip(starts, [*starts[1:], len(units)], strict=True):
            is_in = np.zeros(len(units), dtype=bool)
            is_in[start:stop] = True
            rows += body[start:stop]
            rows.append(total("小计", "unit", is_in))
    else:
        rows += body
    everything = np.ones(len(units), dtype=bool)
    return [*rows, total("合计", style.columns[0], everything)]


def write_filings(
    filings: Sequence[Filing], folder: Path, workers: int = 1
) -> Iterator[Path]:
    """Write the files in their order; the same filings always give the same bytes.

    With several `workers` the sheets are drawn up here and written down by as many
    processes beside this one.
    """
    paths = [folder / f"{f.received:%Y%m%d}_{f.name}" for f in filings]
    sheets = (filing.make_sheets() for filing in filings)
    if workers == 1:
        for path, filing, drawn in zip(paths, filings, sheets, strict=True):
            _write(path, drawn, filing.encoding, filing.received)
            yield path
        return
    # Forking would copy the locks of threads that other libraries have started.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawning) as pool:
        waiting: deque[tuple[Path, Future[None]]] = deque()
        for path, filing, drawn in zip(paths, filings, sheets, strict=True):
            task = pool.submit(_write, path, drawn, filing.encoding, filing.received)
            waiting.append((path, task))
            if len(waiting) > workers:
                written, task = waiting.popleft()
                task.result()
                yield written
        for written, task in waiting:
            task.result()
            yield written


def _write(path: Path, sheets: list[Sheet], encoding: str, written: datetime) -> None:
    if encoding:
        (sheet,) = sheets
        content = _csv_bytes(sheet, encoding)
    else:
        try:
            content = _xlsx_bytes(sheets, written)
        except FileCreateError as error:  # its temporary files found no room
            raise error.args[0] from None
    replace_file(path, content, sync=False)


def _csv_bytes(sheet: Sheet, encoding: str) -> bytes:
    """The bare table: a CSV has no room for titles."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.headings)
    writer.writerows(sheet.rows)
    return text.getvalue().encode(encoding)


def _xlsx_bytes(sheets: Iterable[Sheet], written: datetime) -> bytes:
    content = io.BytesIO()
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(content, options) as workbook:
        workbook.set_properties({"created": written.replace(tzinfo=None)})
        title_format = workbook.add_format({"bold": True, "font_size": 14})
        heading_format = workbook.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#DDE6EE", "border": 1}
        )
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name)
            page.set_column(0, len(sheet.headings) - 1, 12)
            row = 0
            for title in sheet.titles:
                page.write_string(row, 0, title, title_format)
                row += 1
            for column, heading in enumerate(sheet.headings):
                page.write_string(row, column, heading, heading_format)
            page.freeze_panes(row + 1, 0)
            write_string, write_number = page.write_string, page.write_number
            for cells in sheet.rows:
                row += 1
                for column, cell in enumerate(cells):
                    if isinstance(cell, str):
                        write_string(row, column, cell)
                    elif cell is not None:
                        write_number(row, column, cell)
            for line in sheet.footer:
                row += 2
                page.write_string(row, 0, line)
    return content.getvalue()
