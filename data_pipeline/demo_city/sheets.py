"""What stands on a sheet of the made-up city, in the words that its group writes.

Each group has its own ways: order of columns, names of places, how a month is
written, what stands above and below the table.
"""

import dataclasses

import numpy as np
import pandas as pd

from data_pipeline.demo_city.reporting import (
    COUNTS,
    MONTHLY_UNITS,
    Reported,
    monthly_parts,
)
from data_pipeline.demo_city.truth import MONTHS
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


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A table with what stands above and below it; `rows` hold ready cells."""

    name: str
    titles: tuple[str, ...]
    headings: tuple[str, ...]
    rows: list[list[Cell]]
    footer: tuple[str, ...] = ()


def roll_sheet(roll: pd.DataFrame) -> Sheet:
    registry = load_registry()
    words = {
        "unit": {code: unit.name_zh for code, unit in registry.units.items()},
        "sector": {code: sector.name_zh for code, sector in registry.sectors.items()},
        "is_weak_base": {True: "是", False: "否"},
    }
    worded = {column: roll[column].map(texts) for column, texts in words.items()}
    return plain_sheet("roll", roll.assign(**worded))


def plain_sheet(name: str, frame: pd.DataFrame) -> Sheet:
    """A table as the registry lays it out; `frame` holds the words people write.

    Columns that the frame lacks are left out, but for required ones.
    """
    table = load_registry().tables[name]
    columns = [c for c in table.columns if c.name in frame or c.required]
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


def record_sheet(name: str, rows: pd.DataFrame, style: Style) -> Sheet:
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
    worded = {}
    for column in registry.tables[name].columns:
        words = names.get(column.type) or {
            code: word for word, code in column.words.items()
        }
        if words and column.name in rows:
            worded[column.name] = rows[column.name].map(words)
    return plain_sheet(name, rows.assign(**worded))


def ledger_sheet(
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
