"""A workbook or CSV file in, tables of codes and counts out, or every fault at once.

The cells come from the guarded child process (`open_workbook`); what they mean comes
from the registry: a table that is described there is read without another line here.
A file is accepted whole or refused whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_pipeline import open_workbook
from data_pipeline.cell_values import (
    Cell,
    Fault,
    Special,
    Value,
    converter,
    fold_width,
    holds_number,
    is_blank,
    looks_like_branch_code,
    text_of,
)
from data_pipeline.finding import (
    PERSONAL_HEADING,
    REMEDIES,
    Finding,
    holds_personal_number,
    show,
)
from data_pipeline.open_workbook import letters_of
from data_pipeline.registry import Column, Registry, Table, fold_name
from data_pipeline.total_rows import TotalRow, check_total_rows, is_total_label

DATA_ROWS = 5_000
HEADING_SEARCH_ROWS = 40
WALL_SECONDS = 60

_ARROW_TYPES = {"count": pa.int64(), "yes_no": pa.bool_(), "date": pa.date32()}
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_BASIS = re.compile(r"口径:?(当月|累计|[^\s,,。;;)]{0,6})")
_UNIT_OF_MEASURE = re.compile(r"\((单位:)?(人|个|次|名|人次)\)$|\*$|^\*")
# Left of a colon stands what people write under a table: 填报人: 审核人: 注:
_SIGNATURE = re.compile(r"[::(()）]")

# Faults of a file, in the words of the person who sent it.
_REASONS = {
    "E_EMPTY": "没有一行数据",
    "E_NAME": "文件名不以 .xlsx 或 .csv 结尾",
    "E_TYPE": "内容与文件名不符",
    "E_CORRUPT": "文件已损坏,无法打开",
    "E_LEGACY_XLS": "是旧版 .xls 格式",
    "E_ENCRYPTED": "有密码保护",
    "E_MACRO": "含有宏",
    "E_BOMB": "读取时内存或时间超过限额",
    "E_TOO_MANY_ROWS": f"超过 {DATA_ROWS:,} 行",
    "E_TOO_MANY_COLS": f"超过 {open_workbook.COLUMNS} 列",
    "E_SHEET_DIM": "表格之外很远处有内容",
    "E_XML_DTD": "含有 DOCTYPE 或 ENTITY 声明",
    "E_ZIP_PATH": "压缩包内的路径越出文件本身",
    "E_ZIP_DUP": "压缩包内有两个同名部件",
    "E_ENCODING": "文字不全是 UTF-8,也不全是 GB18030",
    "E_NUL": "含有 NUL 字节",
    "E_CSV": "引号没有成对,或引号后有多余文字",
}


@dataclass(frozen=True)
class Reading:
    """What a file says: tables by name, or findings; never both.

    Each table holds the registry's columns in order, then source_sheet, source_row
    and, where counts are cumulative, basis ("to_date" or "month").
    """

    file: str
    sha256: str
    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def read_workbook(
    path: Path | str,
    registry: Registry,
    *,
    received: datetime,
    group: str | None = None,
    name: str | None = None,
    roll: Mapping[str, tuple[str, str]] | None = None,
    grains: Mapping[tuple[str, str, str], str] | None = None,
) -> Reading:
    """Read one file, whole or not at all.

    Parameters
    ----------
    path
        The .xlsx or .csv file.
    registry
        Tables, headings, places, calendar and rules.
    received
        When it arrived; without a zone it is read in the calendar's. No month may lie
        after it.
    group
        Code of the supervision group that sent it; units of others are then E_SCOPE.
    name
        Its name as sent, where `path` carries another.
    roll
        Branch code to (unit, sector), as known so far; a roll in the file adds to it.
    grains
        (month, unit, sector) to "branch" or "total", as filed so far.

    Returns
    -------
    Reading
        tables is empty when there are findings.

    Raises
    ------
    OSError
        When the path cannot be read at all.
    """
    name = name or Path(path).name
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        data = file.read(open_workbook.FILE_BYTES + 1)
    zone = registry.calendar.timezone
    local = received.replace(tzinfo=zone) if received.tzinfo is None else received
    reader = _Reader(
        name, registry, local.astimezone(zone).date(), group, roll or {}, grains or {}
    )
    tables = reader.read(_cells_of(data, name))
    findings = tuple(reader.findings)
    return Reading(
        name, sha256, {} if findings else tables, findings, tuple(reader.warnings)
    )


def incoming_schema(table: Table) -> pa.Schema:
    """Arrow schema of an incoming table: registry columns, then where a row stood."""
    fields = [
        pa.field(column.name, _ARROW_TYPES.get(column.type, pa.string()))
        for column in table.columns
    ]
    fields.append(pa.field("source_sheet", pa.string()))
    fields.append(pa.field("source_row", pa.int32()))
    if _has_basis(table):
        fields.append(pa.field("basis", pa.string()))
    return pa.schema(fields)


def _has_basis(table: Table) -> bool:
    return any(column.kind == "cumulative" for column in table.columns)


def _cells_of(data: bytes, name: str) -> dict[str, Any]:
    """Run the guarded child; whatever kills it is a refusal, never a traceback."""
    # -I -S: no user site, no environment, nothing of ours beside the one file.
    command = [sys.executable, "-I", "-S", open_workbook.__file__, name]
    bomb = {"kind": "", "refusals": [["E_BOMB", "", "", ""]], "sheets": []}
    try:
        child = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return bomb
    if child.returncode != 0:
        return bomb
    return json.loads(
        child.stdout,
        object_hook=lambda d: Special(**d) if d.keys() == {"kind", "value"} else d,
    )


@dataclass
class _Sheet:
    """A sheet of a known table, cut into heading, data, totals and the rest."""

    name: str
    table: Table
    rows: list[tuple[int, list[Cell]]]
    merged: list[list[int]]
    heading_at: int  # index into rows
    columns: dict[str, int] = field(default_factory=dict)  # name -> index into cells
    basis: str = "to_date"
    data: list[tuple[int, list[Cell]]] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    bad: set[tuple[int, str]] = field(default_factory=set)  # (data row, column)

    def place(self, row: int, column: str) -> str:
        """Cell of a data row, by column name; the row's first cell if it is absent."""
        return f"{letters_of(self.columns.get(column, 0) + 1)}{self.data[row][0]}"


class _Reader:
    """One file on its way from cells to tables; collects findings as it goes."""

    def __init__(
        self,
        file: str,
        registry: Registry,
        received: date,
        group: str | None,
        roll: Mapping[str, tuple[str, str]],
        grains: Mapping[tuple[str, str, str], str],
    ) -> None:
        self.findings: list[Finding] = []
        self.warnings: list[Finding] = []
        self._file, self._registry, self._received = file, registry, received
        self._group = group and (registry.resolve("supervision_group", group) or group)
        self._roll, self._grains = roll, grains
        self._is_csv = False

    def _report(
        self,
        code: str,
        reason: str,
        *,
        sheet: str = "",
        cell: str = "",
        heading: str = "",
        value: object = "",
        remedy: str = "",
    ) -> None:
        self.findings.append(
            Finding(
                code,
                show(self._file),
                show(sheet),
                cell,
                show(heading),
                show(value),
                reason,
                remedy or REMEDIES[code],
            )
        )

    def _warn(self, code: str, sheet: str, heading: str, reason: str) -> None:
        self.warnings.append(
            Finding(
                code, show(self._file), show(sheet), "", show(heading), "", reason, ""
            )
        )

    def read(self, content: dict[str, Any]) -> dict[str, pa.Table]:
        self._is_csv = content["kind"] == "csv"
        for code, seen, sheet, cell in content["refusals"]:
            reason = _REASONS[code] + (f"({show(seen)})" if seen else "")
            if code == "E_BOMB" and seen:
                reason = f"超过限额:{show(seen)}"
            self._report(code, reason, sheet=sheet, cell=cell)
        for raw in content["sheets"]:
            self._find_personal_numbers(raw)
        if content["refusals"]:
            return {}
        sheets = self._recognise(content)
        for sheet in sheets:
            self._cut(sheet)
        if sheets and not any(sheet.data for sheet in sheets):
            self._report("E_EMPTY", _REASONS["E_EMPTY"], sheet=sheets[0].name)
        sheets = [sheet for sheet in sheets if sheet.data]
        for sheet in sheets:
            self._find_missing_columns(sheet)
            self._convert(sheet)
            self._check_rows(sheet)
            self._check_totals(sheet)
        self._check_branches(sheets)
        self._check_keys(sheets)
        self._check_grains(sheets)
        if self.findings:
            return {}
        return self._tables(sheets)

    # --- personal data ------------------------------------------------------------

    def _find_personal_numbers(self, raw: dict[str, Any]) -> None:
        seen: dict[Cell, bool] = {}
        for number, cells in raw["rows"]:
            for index, cell in enumerate(cells):
                if cell is None:
                    continue
                if cell not in seen:
                    seen[cell] = holds_personal_number(text_of(cell))
                if seen[cell]:
                    self._report(
                        "E_PERSONAL",
                        "含手机号或身份证号",
                        sheet=raw["name"],
                        cell=f"{letters_of(index + 1)}{number}",
                        value=text_of(cell),
                    )

    # --- sheets and headings --------------------------------------------------------

    def _recognise(self, content: dict[str, Any]) -> list[_Sheet]:
        """Sheets that hold a known table, told by name or by heading row."""
        sheets, unheaded, others = [], [], []
        for raw in content["sheets"]:
            table, is_exact = self._table_named(raw["name"])
            candidates = [table] if table else list(self._registry.tables.values())
            best, heading_at = self._best_heading(raw["rows"], candidates)
            if best is not None:
                sheets.append(
                    _Sheet(raw["name"], best, raw["rows"], raw["merged"], heading_at)
                )
            elif table and raw["rows"]:
                unheaded.append((raw, is_exact))
            else:
                others.append(raw)
        for raw, is_exact in unheaded:
            if is_exact or not sheets:
                self._report("E_HEADER", "找不到表头行", sheet=raw["name"], cell="A1")
            else:
                others.append(raw)
        for raw in others:
            self._find_personal_headings(raw)
        if not sheets and not self.findings or (others and not sheets and not unheaded):
            self._report_unrecognised(content)
        for raw in others:
            if sheets and raw["rows"]:
                self._warn("W_SHEET", raw["name"], "", "不是已知的工作表,未读取")
        return sheets

    def _report_unrecognised(self, content: dict[str, Any]) -> None:
        if content["encoding"] == "gb18030":
            # Almost any bytes decode as GB18030: without a heading it is not proven.
            self._report("E_ENCODING", _REASONS["E_ENCODING"])
        elif self._is_csv:
            self._report("E_HEADER", "找不到表头行", cell="A1")
        elif any(raw["rows"] for raw in content["sheets"]):
            names = "、".join(show(raw["name"]) for raw in content["sheets"])
            self._report("E_SHEETS", f"没有可识别的工作表(只有 {names})")
        elif content["sheets"]:
            self._report("E_EMPTY", _REASONS["E_EMPTY"])
        else:
            self._report("E_SHEETS", "没有可见的工作表")

    def _table_named(self, name: str) -> tuple[Table | None, bool]:
        folded = fold_name(name)
        for table in self._registry.tables.values():
            if folded == fold_name(table.sheet):
                return table, True
        named = [
            table
            for table in self._registry.tables.values()
            if folded.startswith(fold_name(table.sheet))
        ]
        return max(named, key=lambda t: len(t.sheet), default=None), False

    def _best_heading(
        self, rows: list[tuple[int, list[Cell]]], candidates: list[Table]
    ) -> tuple[Table | None, int]:
        """The table and the row (by index) in which most of its headings stand."""
        best: tuple[int, int, Table | None, int] = (0, 0, None, 0)
        for table in candidates:
            headings = _headings(table)
            required = {c.name for c in table.columns if c.required}
            for index, (_, cells) in enumerate(rows[:HEADING_SEARCH_ROWS]):
                names = [
                    headings[folded]
                    for cell in cells
                    if isinstance(cell, str)
                    and (folded := _fold_heading(cell)) in headings
                ]
                found = len(set(names))
                known = len(required.intersection(names))
                score = (found, known)
                if found >= min(3, len(table.columns)) and score > best[:2]:
                    best = (*score, table, index)
        return best[2], best[3]

    def _find_personal_headings(self, raw: dict[str, Any]) -> None:
        for number, cells in raw["rows"]:
            for index, cell in enumerate(cells):
                if not isinstance(cell, str) or len(cell) > 20:
                    continue
                heading = _fold_heading(cell)
                if len(heading) <= 8 and PERSONAL_HEADING.search(heading):
                    self._report(
                        "E_PERSONAL",
                        "是个人信息的列",
                        sheet=raw["name"],
                        cell=f"{letters_of(index + 1)}{number}",
                        heading=cell,
                    )

    # --- rows -------------------------------------------------------------------

    def _cut(self, sheet: _Sheet) -> None:
        """Map the columns; tell data from totals, notes and signature lines."""
        self._map_columns(sheet)
        self._read_titles(sheet)
        kinds = {c.name: c for c in sheet.table.columns}
        counts = [i for n, i in sheet.columns.items() if kinds[n].type == "count"]
        notes = [i for n, i in sheet.columns.items() if kinds[n].max_chars > 200]
        labels = [
            index
            for index in range(max(len(cells) for _, cells in sheet.rows))
            if index not in counts and index not in notes
        ]
        places = {
            index: converter(kinds[name], self._registry)
            for name, index in sheet.columns.items()
            if kinds[name].type in ("month", "group", "unit", "sector", "branch")
        }
        types = {index: kinds[name].type for name, index in sheet.columns.items()}
        width = len(sheet.rows[sheet.heading_at][1])
        memory: dict[tuple[int, Cell], bool] = {}

        def resolves(index: int, cell: Cell) -> bool:
            if (index, cell) not in memory:
                value = None if is_blank(cell) else places[index](cell)
                known = value is not None and not isinstance(value, Fault)
                if types[index] == "branch":
                    known = known and looks_like_branch_code(cell)
                memory[index, cell] = known
            return memory[index, cell]

        def is_data(cells: list[Cell]) -> bool:
            named, dated = 0, 0
            for index, cell in enumerate(cells):
                if cell is None or index not in types:
                    continue
                if types[index] == "count" and holds_number(cell):
                    return True
                if index not in places:
                    continue
                if resolves(index, cell):
                    if types[index] in ("unit", "sector", "branch"):
                        return True
                    dated += 1
                elif not is_blank(cell):
                    named += 1
            # An unknown unit and sector beside a known month or group is a mistake
            # in a row, not a signature.
            return bool(dated and named and dated + named > 2)

        for number, cells in sheet.rows[sheet.heading_at + 1 :]:
            label = next(
                (
                    text_of(cells[index])
                    for index in labels
                    if index < len(cells) and is_total_label(cells[index])
                ),
                None,
            )
            is_row = label is not None or is_data(cells)
            if self._is_csv and len(cells) != width:
                is_signature = len(cells) == 1 and not is_row
                if not (is_signature and _SIGNATURE.search(text_of(cells[0]))):
                    self._report(
                        "E_CSV",
                        f"这一行有 {len(cells)} 列,表头有 {width} 列",
                        sheet=sheet.name,
                        cell=f"A{number}",
                    )
                    continue
            if label is not None:
                sheet.totals.append(TotalRow(number, len(sheet.data), label, cells))
            elif is_row:
                sheet.data.append((number, cells))
        if len(sheet.data) > DATA_ROWS:
            self._report(
                "E_TOO_MANY_ROWS",
                f"有 {len(sheet.data):,} 行数据,超过 {DATA_ROWS:,} 行",
                sheet=sheet.name,
                cell=f"A{sheet.data[DATA_ROWS][0]}",
            )
            sheet.data = []
            sheet.totals = []
        self._find_merged(sheet)
        self._find_stray_cells(sheet)

    def _map_columns(self, sheet: _Sheet) -> None:
        headings = _headings(sheet.table)
        number, cells = sheet.rows[sheet.heading_at]
        for index, cell in enumerate(cells):
            if cell is None:
                continue
            text, place = text_of(cell), f"{letters_of(index + 1)}{number}"
            name = headings.get(_fold_heading(text))
            if name is None:
                if PERSONAL_HEADING.search(fold_name(text)):
                    code, reason, remedy = "E_PERSONAL", "是个人信息的列", ""
                else:
                    code, reason = "E_UNKNOWN_COLUMN", "不在登记的列之内"
                    remedy = _nearest_heading(text, sheet.table)
                self._report(
                    code,
                    reason,
                    sheet=sheet.name,
                    cell=place,
                    heading=text,
                    remedy=remedy,
                )
            elif name in sheet.columns:
                first = f"{letters_of(sheet.columns[name] + 1)}{number}"
                self._report(
                    "E_DUP_HEADER",
                    f"与 {first} 是同一列",
                    sheet=sheet.name,
                    cell=place,
                    heading=text,
                )
            else:
                sheet.columns[name] = index

    def _read_titles(self, sheet: _Sheet) -> None:
        for _, cells in sheet.rows[: sheet.heading_at]:
            for cell in cells:
                match = _BASIS.search(re.sub(r"\s", "", fold_width(text_of(cell))))
                if not match or not _has_basis(sheet.table):
                    continue
                if match[1] == "当月":
                    sheet.basis = "month"
                elif match[1] != "累计":
                    reason = f"口径“{show(match[1])}”不是“当月”,按累计数读取"
                    self._warn("W_BASIS", sheet.name, "口径", reason)

    def _find_merged(self, sheet: _Sheet) -> None:
        heading = sheet.rows[sheet.heading_at][0]
        rows = {number for number, _ in sheet.data} | {heading}
        width = max(sheet.columns.values(), default=0) + 1
        for top, left, bottom, right in sheet.merged:
            if left <= width and any(top <= row <= bottom for row in rows):
                place = f"{letters_of(left)}{top}"
                self._report(
                    "E_MERGED",
                    f"{place}:{letters_of(right)}{bottom} 是合并单元格",
                    sheet=sheet.name,
                    cell=place,
                    heading=self._heading_at(sheet, left - 1),
                )

    def _heading_at(self, sheet: _Sheet, index: int) -> str:
        for column in sheet.table.columns:
            if sheet.columns.get(column.name) == index:
                return column.heading
        return ""

    def _find_stray_cells(self, sheet: _Sheet) -> None:
        """Figures under no heading would be lost without a word."""
        heading = sheet.rows[sheet.heading_at][1]
        headed = {index for index, cell in enumerate(heading) if cell is not None}
        for number, cells in sheet.data:
            for index, cell in enumerate(cells):
                if cell is not None and index not in headed and not is_blank(cell):
                    self._report(
                        "E_UNKNOWN_COLUMN",
                        "该列没有表头",
                        sheet=sheet.name,
                        cell=f"{letters_of(index + 1)}{number}",
                        value=text_of(cell),
                        remedy="请补上表头或删除该单元格后重新提交",
                    )

    def _find_missing_columns(self, sheet: _Sheet) -> None:
        for column in sheet.table.columns:
            if column.name in sheet.columns:
                continue
            if column.required:
                self._report(
                    "E_MISSING_COLUMN",
                    "缺少必填的列",
                    sheet=sheet.name,
                    cell=f"A{sheet.rows[sheet.heading_at][0]}",
                    heading=column.heading,
                )
            else:
                reason = "没有这一列,按未报处理"
                self._warn("W_COLUMN", sheet.name, column.heading, reason)

    # --- values -----------------------------------------------------------------

    def _convert(self, sheet: _Sheet) -> None:
        titles = [text_of(c) for _, cs in sheet.rows[: sheet.heading_at] for c in cs]
        years = {
            int(year)
            for title in (sheet.name, *titles)
            for year in _YEAR.findall(fold_width(title))
        }
        merged = [
            (row, column)
            for top, left, bottom, right in sheet.merged
            for row, _ in sheet.data
            if top <= row <= bottom
            for column in range(left - 1, min(right, open_workbook.COLUMNS))
        ]
        under_merge = set(merged)
        for column in sheet.table.columns:
            index = sheet.columns.get(column.name)
            if index is None:
                sheet.values[column.name] = [None] * len(sheet.data)
                continue
            read = converter(column, self._registry, years)
            memory: dict[Cell, Value | Fault] = {}
            values: list[Value] = []
            for row, (number, cells) in enumerate(sheet.data):
                cell = cells[index] if index < len(cells) else None
                if cell not in memory:
                    memory[cell] = read(cell)
                value = memory[cell]
                if value is None and column.required:
                    if (number, index) not in under_merge:
                        self._at(sheet, row, column, "E_BLANK", "必填,不能为空")
                    sheet.bad.add((row, column.name))
                elif isinstance(value, Fault):
                    self._at(sheet, row, column, *value)
                    sheet.bad.add((row, column.name))
                    value = None
                values.append(value)
            sheet.values[column.name] = values

    def _at(
        self,
        sheet: _Sheet,
        row: int,
        column: Column,
        code: str,
        reason: str,
        remedy: str = "",
    ) -> None:
        """Report a fault of one cell of a data row."""
        cells, index = sheet.data[row][1], sheet.columns.get(column.name)
        cell = cells[index] if index is not None and index < len(cells) else None
        self._report(
            code,
            reason,
            sheet=sheet.name,
            cell=sheet.place(row, column.name),
            heading=column.heading,
            value=text_of(cell),
            remedy=remedy,
        )

    # --- what rows may not say ----------------------------------------------------

    def _check_rows(self, sheet: _Sheet) -> None:
        for column in sheet.table.columns:
            if column.type in ("month", "date"):
                self._check_period(sheet, column)
        self._check_scope(sheet)
        for rule in self._registry.rules:
            if rule.table != sheet.table.name or rule.severity != "refuse":
                continue
            column = next(c for c in sheet.table.columns if c.name == rule.column)
            if rule.kind == "zero_before":
                self._check_window(sheet, column, rule.month)
            elif rule.kind in ("at_most", "at_least"):
                self._compare(sheet, column, rule.kind, rule.other)

    def _check_period(self, sheet: _Sheet, column: Column) -> None:
        calendar = self._registry.calendar
        months = set(calendar.months)
        for row, value in enumerate(sheet.values[column.name]):
            if value is None:
                continue
            if isinstance(value, date):
                if value > self._received:
                    reason = f"晚于收到文件的日期 {self._received}"
                    self._at(sheet, row, column, "E_PERIOD", reason)
            elif value not in months:
                reason = f"不在 {calendar.start} 至 {calendar.end} 之内"
                self._at(sheet, row, column, "E_PERIOD", reason)
            elif value > f"{self._received:%Y-%m}":
                reason = f"晚于收到文件的月份 {self._received:%Y-%m}"
                self._at(sheet, row, column, "E_PERIOD", reason)

    def _check_scope(self, sheet: _Sheet) -> None:
        by_type = {column.type: column for column in sheet.table.columns}
        group_column, unit_column = by_type.get("group"), by_type.get("unit")
        groups = self._registry.groups
        for row in range(len(sheet.data)):
            group = group_column and sheet.values[group_column.name][row]
            unit = unit_column and sheet.values[unit_column.name][row]
            owner = self._registry.units[unit].group if unit else None
            for claimed in dict.fromkeys((group, self._group)):
                if owner and claimed and owner != claimed:
                    owns, claims = groups[owner].name_zh, groups[claimed].name_zh
                    reason = f"由{owns}督导,不属{claims}"
                    self._at(sheet, row, unit_column, "E_SCOPE", reason)
                    break
            else:
                if group and self._group and group != self._group:
                    reason = f"不是提交的{groups[self._group].name_zh}"
                    self._at(sheet, row, group_column, "E_SCOPE", reason)

    def _check_window(self, sheet: _Sheet, column: Column, month: str) -> None:
        name = next(c.name for c in sheet.table.columns if c.type == "month")
        months = sheet.values[name]
        for row, value in enumerate(sheet.values[column.name]):
            if value and months[row] and months[row] < month:
                reason = f"{month} 才开始,{months[row]} 应为 0"
                self._at(sheet, row, column, "E_RULE", reason)

    def _compare(self, sheet: _Sheet, column: Column, kind: str, other: str) -> None:
        values, bounds = sheet.values[column.name], self._values_of(sheet, other)
        is_above, word = kind == "at_most", "大于" if kind == "at_most" else "小于"
        label = self._registry.label(other)
        for row, (value, bound) in enumerate(zip(values, bounds, strict=True)):
            if value is None or bound is None:
                continue
            if value > bound if is_above else value < bound:
                where = self._place_of(sheet, row, other)
                reason = f"{word}{label}{bound}({where})"
                self._at(sheet, row, column, "E_RULE", reason)

    def _values_of(self, sheet: _Sheet, name: str) -> list[Any]:
        """Values of a column, or the difference that a derived column stands for."""
        if name in sheet.values:
            return sheet.values[name]
        derived = self._registry.derived[name]
        pairs = zip(
            sheet.values[derived.minuend],
            sheet.values[derived.subtrahend],
            strict=True,
        )
        # A negative difference is the fault of its own parts, told by their own rule.
        return [None if a is None or b is None or a < b else a - b for a, b in pairs]

    def _place_of(self, sheet: _Sheet, row: int, name: str) -> str:
        if name in sheet.values:
            return sheet.place(row, name)
        derived = self._registry.derived[name]
        parts = (derived.minuend, derived.subtrahend)
        return "−".join(sheet.place(row, part) for part in parts)

    def _check_totals(self, sheet: _Sheet) -> None:
        for total, column, code, reason in check_total_rows(
            sheet.table,
            sheet.columns,
            sheet.values,
            sheet.bad,
            sheet.totals,
            self._registry,
        ):
            index = sheet.columns[column.name]
            self._report(
                code,
                reason,
                sheet=sheet.name,
                cell=f"{letters_of(index + 1)}{total.number}",
                heading=column.heading,
                value=text_of(total.cells[index]),
            )

    # --- across rows and sheets -----------------------------------------------------

    def _check_branches(self, sheets: list[_Sheet]) -> None:
        roll = dict(self._roll)
        for sheet in sheets:
            if sheet.table.name == "roll":
                names = ("branch", "unit", "sector")
                for branch, unit, sector in zip(
                    *(sheet.values[name] for name in names), strict=True
                ):
                    if branch and unit and sector:
                        roll[branch] = (unit, sector)
        units_on_roll = {unit for unit, _ in roll.values()}
        for sheet in sheets:
            column = next((c for c in sheet.table.columns if c.type == "branch"), None)
            if sheet.table.name == "roll" or column is None or not roll:
                continue
            blank = [None] * len(sheet.data)
            units = sheet.values.get("unit", blank)
            sectors = sheet.values.get("sector", blank)
            for row, branch in enumerate(sheet.values[column.name]):
                if branch is None:
                    continue
                unit, sector = units[row], sectors[row]
                listed = roll.get(branch)
                if listed is None:
                    if unit is None or unit in units_on_roll:
                        self._at(sheet, row, column, "E_CODE", "不在支部名册上")
                    continue
                for code, other, places in (
                    (unit, listed[0], self._registry.units),
                    (sector, listed[1], self._registry.sectors),
                ):
                    if code is not None and code != other:
                        place = places[other].name_zh
                        reason = f"在支部名册上属{place},与本行不符"
                        self._at(sheet, row, column, "E_CODE", reason)

    def _check_keys(self, sheets: list[_Sheet]) -> None:
        first: dict[tuple[Any, ...], tuple[_Sheet, int]] = {}
        for sheet in sheets:
            key_columns = [sheet.table.column(name) for name in sheet.table.key]
            columns = [sheet.values[name] for name in sheet.table.key]
            required = [i for i, c in enumerate(key_columns) if c.required]
            for row, key in enumerate(zip(*columns, strict=True)):
                if any(key[i] is None for i in required) or not any(key):
                    continue
                if any((row, name) in sheet.bad for name in sheet.table.key):
                    continue
                earlier = first.setdefault((sheet.table.name, *key), (sheet, row))
                if earlier != (sheet, row):
                    where = f"第{earlier[0].data[earlier[1]][0]}行"
                    place = earlier[0].place(earlier[1], key_columns[0].name)
                    if earlier[0].name != sheet.name:
                        place = f"{show(earlier[0].name)}!{place}"
                    reason = f"与{where}({place})重复:{self._key_text(sheet, key)}"
                    self._at(sheet, row, key_columns[0], "E_DUP_KEY", reason)

    def _key_text(self, sheet: _Sheet, key: tuple[Any, ...]) -> str:
        texts = []
        for name, value in zip(sheet.table.key, key, strict=True):
            if value is not None:
                place = self._registry.place(name, value)
                texts.append(place.name_zh if place else str(value))
        return " ".join(texts)

    def _check_grains(self, sheets: list[_Sheet]) -> None:
        """A unit's sector speaks as a whole or branch by branch, not both at once."""
        words = {"branch": "按支部", "total": "按汇总"}
        for table, cells in self._grain_cells(sheets):
            column = table.column("branch")
            for cell, rows in cells.items():
                (sheet, row, grain) = rows[0]
                other = next((r for r in rows if r[2] != grain), None)
                if other is not None:
                    place = sheet.place(row, "branch")
                    if sheet.name != other[0].name:
                        place = f"{show(sheet.name)}!{place}"
                    reason = f"{words[other[2]]}填报,而 {place} {words[grain]}填报"
                    self._at(other[0], other[1], column, "E_GRAIN", reason)
                    continue
                filed = self._grains.get(cell)
                if table.name == "ledger" and filed and filed != grain:
                    reason = f"{words[grain]}填报,而此前已{words[filed]}填报"
                    self._at(sheet, row, column, "E_GRAIN", reason)

    def _grain_cells(
        self, sheets: list[_Sheet]
    ) -> Iterator[tuple[Table, dict[Any, list[tuple[_Sheet, int, str]]]]]:
        """Rows by month, unit and sector, of each table that knows both grains."""
        by_table: dict[str, list[_Sheet]] = defaultdict(list)
        for sheet in sheets:
            if {"month", "unit", "sector", "branch"} <= set(sheet.table.key):
                by_table[sheet.table.name].append(sheet)
        for same in by_table.values():
            cells: dict[Any, list[tuple[_Sheet, int, str]]] = defaultdict(list)
            for sheet in same:
                names = ("month", "unit", "sector", "branch")
                columns = (sheet.values[name] for name in names)
                for row, (*cell, branch) in enumerate(zip(*columns, strict=True)):
                    if None in cell or (row, "branch") in sheet.bad:
                        continue
                    grain = "total" if branch is None else "branch"
                    cells[tuple(cell)].append((sheet, row, grain))
            yield same[0].table, cells

    # --- the end ------------------------------------------------------------------

    def _tables(self, sheets: list[_Sheet]) -> dict[str, pa.Table]:
        parts: dict[str, list[pa.Table]] = defaultdict(list)
        for sheet in sheets:
            columns: dict[str, list[Any]] = dict(sheet.values)
            columns["source_sheet"] = [sheet.name] * len(sheet.data)
            columns["source_row"] = [number for number, _ in sheet.data]
            if _has_basis(sheet.table):
                columns["basis"] = [sheet.basis] * len(sheet.data)
            schema = incoming_schema(sheet.table)
            parts[sheet.table.name].append(pa.table(columns, schema=schema))
        return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def _headings(table: Table) -> dict[str, str]:
    return {
        _fold_heading(heading): column.name
        for column in table.columns
        for heading in (column.heading, *column.aliases)
    }


def _fold_heading(text: str) -> str:
    """Headings are compared without spaces, line breaks, (人) and the mark *."""
    return _UNIT_OF_MEASURE.sub("", fold_name(text))


def _nearest_heading(text: str, table: Table) -> str:
    import difflib

    headings = [h for c in table.columns for h in (c.heading, *c.aliases)]
    near = difflib.get_close_matches(text[:50], headings, n=1, cutoff=0.6)
    return f"是否为“{near[0]}”?请按模板改正列名后重新提交" if near else ""
