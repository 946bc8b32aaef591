"""Which table a sheet holds, and which of its rows are heading, data and totals.

Forms carry titles above the heading, sub-totals between the rows and signatures below
them. Nothing that could be data is left out: what is neither total nor plainly a note
counts as data and has to answer for its blanks.
"""

from __future__ import annotations

import bisect
import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from data_pipeline.registry import Column, Registry, Table, fold_name
from data_pipeline.workbooks.cell_values import (
    CELL_CHARS,
    Cell,
    Fault,
    Value,
    converter,
    fold_width,
    holds_number,
    is_blank,
    looks_like_branch_code,
    read_date,
    text_of,
)
from data_pipeline.workbooks.finding import (
    PERSONAL_HEADING,
    Findings,
    holds_personal_number,
    show,
)
from data_pipeline.workbooks.sheet_cells import letters_of
from data_pipeline.workbooks.total_rows import TotalRow, is_total_label

DATA_ROWS = 5_000
HEADING_SEARCH_ROWS = 40
HEADING_CHARS = 100
NOTE_CHARS = 200  # texts that may be longer are remarks, not names

_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年")
_BARE_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
# 当月累计 and 当月或累计 say both: they are told, not taken for 当月.
_BASIS = re.compile(r"口径[:为是]?(当月(?![累或和及与、/])|累计|[^,。;)]{1,6})")
_MONTHLY = re.compile(r"口径[:为是(]?当月|当月口径|均为当月|当月数|本月数")
# How a line below a table begins that only signs or explains it.
_NOTE = re.compile(
    "(填报|填表|制表|报送|审核|复核|负责|经办|联系|督导组|组长|主管|签|盖章|单位|日期|时间"
    "|注|备注|说明|附|口径|以上|本表|数据来源)"
)
_CHINESE = {"1": "一", "2": "二", "3": "三"}
_TOPIC_DIGIT = re.compile("第([123])专题")
_EXAMPLE = re.compile(r"\(?[^()]{0,12}(示例|样例|范例)\)?")
_UNIT_OF_MEASURE = re.compile(r"\((单位:)?(人|个|次|名|人次)\)$|\*$|^\*")
# What people write under a table: 填报人: 审核人: 注:
_SIGNATURE = re.compile("[:\uff1a(\uff08]")


@dataclass
class Sheet:
    """A sheet of a known table.

    Attributes
    ----------
    rows
        (row number, cells) of every row that holds anything.
    merged
        Merged ranges as (top, left, bottom, right), from 1.
    heading_at
        Index into `rows` of the heading.
    columns
        Column name to its index among the cells.
    basis
        "month" where a title declares 口径: 当月, else "to_date".
    years
        Years that the titles name.
    data, totals
        Rows of figures, and rows that sum them.
    values
        Column name to one value for each data row, None where blank or faulty.
    bad
        (index of the data row, column name) of faulty cells.
    merged_data
        Merged ranges that reach into heading or data; each has been reported.
    """

    name: str
    table: Table
    rows: list[tuple[int, list[Cell]]]
    merged: list[list[int]]
    heading_at: int
    columns: dict[str, int] = field(default_factory=dict)
    basis: str = "to_date"
    years: set[int] = field(default_factory=set)
    data: list[tuple[int, list[Cell]]] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    bad: set[tuple[int, str]] = field(default_factory=set)
    merged_data: list[list[int]] = field(default_factory=list)

    def place(self, row: int, column: str) -> str:
        """Cell of a data row; its first cell where the column is absent."""
        return f"{letters_of(self.columns.get(column, 0) + 1)}{self.data[row][0]}"

    def cell(self, row: int, column: str) -> Cell:
        """What stands in a column of a data row."""
        index, cells = self.columns.get(column), self.data[row][1]
        return cells[index] if index is not None and index < len(cells) else None

    def heading(self, index: int) -> str:
        """Heading of the column at that index, as the registry writes it."""
        for column in self.table.columns:
            if self.columns.get(column.name) == index:
                return column.heading
        return ""

    def report(
        self, findings: Findings, row: int, column: Column, code: str, *why: str
    ) -> None:
        """Report a fault of one cell of a data row: reason and, if unusual, remedy."""
        findings.report(
            code,
            why[0],
            sheet=self.name,
            cell=self.place(row, column.name),
            heading=column.heading,
            value=text_of(self.cell(row, column.name)),
            remedy=why[1] if len(why) > 1 else "",
        )


# --- which table ------------------------------------------------------------------


def recognise_sheets(
    content: dict[str, Any], registry: Registry, findings: Findings
) -> list[Sheet]:
    """The sheets that hold a known table, told by name or else by heading row.

    A sheet with figures is read or is a finding. Left out with a warning are sheets
    without figures, those that call themselves an example or explanation, and those
    of tables that are not stored yet.
    """
    sheets: list[Sheet] = []
    guesses: list[Sheet] = []
    unknown: list[dict[str, Any]] = []
    left_out: list[tuple[dict[str, Any], str]] = []
    n_found = len(findings.found)
    for raw in content["sheets"]:
        name, rows = raw["name"], raw["rows"]
        named = _table_named(name, registry)
        candidates = [named] if named else list(registry.tables.values())
        table, heading_at = _best_heading(rows, candidates)
        titles = rows[: heading_at if table else HEADING_SEARCH_ROWS]
        if reason := _reason_to_leave_out(raw, titles, registry):
            left_out.append((raw, reason))
        elif table is not None:
            sheet = Sheet(name, table, rows, raw["merged"], heading_at)
            _map_columns(sheet)
            # A summary beside the table has some of its headings, not all it needs.
            n_lacking = len(_lacking(sheet))
            is_nearly = n_lacking == 0 or (n_lacking == 1 and len(sheet.columns) >= 8)
            (sheets if named or is_nearly else guesses).append(sheet)
        elif _best_heading(rows[HEADING_SEARCH_ROWS:], candidates)[0]:
            reason = f"表头在第 {HEADING_SEARCH_ROWS} 行以后"
            findings.report("E_HEADER", reason, sheet=name)
        elif named and rows and (_has_figures(rows) or not _says_more(name, named)):
            findings.report("E_HEADER", "找不到表头行", sheet=name, cell="A1")
        elif rows:
            unknown.append(raw)
    if not sheets:
        sheets, guesses = guesses, []
    for sheet in guesses:
        if _has_figures(sheet.rows[sheet.heading_at + 1 :]):
            _check_headings(sheet, findings)
            remedy = "请补上该列,不上报的工作表请删除或隐藏后重新提交"
            for column in _lacking(sheet):
                _report_missing(sheet, column, findings, remedy)
        else:
            unknown.append({"name": sheet.name, "rows": sheet.rows})
    is_nothing = not sheets and len(findings.found) == n_found
    for raw in unknown:
        if is_nothing or not _has_figures(raw["rows"]):
            left_out.append((raw, "不是已知的工作表"))
            continue
        _find_personal_headings(raw, findings, registry)
        findings.report(
            "E_HEADER",
            "有数字而没有可识别的表头",
            sheet=raw["name"],
            cell=f"A{raw['rows'][0][0]}",
            remedy="请按模板补上表头,不上报的工作表请删除或隐藏后重新提交",
        )
    for raw, reason in left_out:
        _find_personal_headings(raw, findings, registry)
        if not is_nothing:
            findings.warn("W_SHEET", f"{reason},未读取", sheet=raw["name"])
    if is_nothing:
        _report_unrecognised(content, left_out, findings)
    return sheets


def _reason_to_leave_out(
    raw: dict[str, Any], titles: list[tuple[int, list[Cell]]], registry: Registry
) -> str:
    """Why a sheet is no data by its own words; empty where it may be."""
    if not raw["rows"]:
        return "只有图片或图表" if raw["has_drawing"] else ""
    folded = fold_name(raw["name"])
    if any(fold_name(word) in folded for word in registry.explanation_words):
        return "名称写明是示例或说明"
    if folded in map(fold_name, registry.handed_out_sheets):
        return "是随抽查表下发的名单"
    if any(_is_example_title(cells) for _, cells in titles):
        return "标题写明是示例"
    if name := _later_sheet(raw["name"], registry):
        return f"“{name}”尚不入库"
    return ""


def _is_example_title(cells: list[Cell]) -> bool:
    title = next((_plain(cell) for cell in cells if not is_blank(cell)), "")
    return _n_filled(cells) == 1 and bool(_EXAMPLE.fullmatch(title))


def _later_sheet(name: str, registry: Registry) -> str:
    """The table that this sheet's name means, where it is one not stored yet."""
    folded = fold_name(name)
    for known in registry.later_sheets:
        if folded.startswith(fold_name(known)) and not _says_more(name, known):
            return known
    return ""


def _says_more(name: str, known: Table | str) -> bool:
    """Whether a sheet's name says more than the known one and a month."""
    known = known if isinstance(known, str) else known.sheet
    return not re.fullmatch(
        r"[\d年月份()\-_.]*", fold_name(name).removeprefix(fold_name(known))
    )


def _has_figures(rows: list[tuple[int, list[Cell]]]) -> bool:
    """Whether counts or codes of branches stand anywhere."""
    return any(
        holds_number(cell) or looks_like_branch_code(cell)
        for _, cells in rows
        for cell in cells
        if cell is not None
    )


def _n_filled(cells: list[Cell]) -> int:
    return sum(not is_blank(cell) for cell in cells)


def _lacking(sheet: Sheet) -> list[Column]:
    return [
        c for c in sheet.table.columns if c.required and c.name not in sheet.columns
    ]


def _report_unrecognised(
    content: dict[str, Any],
    left_out: list[tuple[dict[str, Any], str]],
    findings: Findings,
) -> None:
    if content["encoding"] == "gb18030":
        # Almost any bytes decode as GB18030: without a heading it is not proven.
        findings.report("E_ENCODING", "文字不是 UTF-8,按 GB18030 也读不出表头")
    elif content["kind"] == "csv":
        findings.report("E_HEADER", "找不到表头行", cell="A1")
    elif any(raw["rows"] for raw in content["sheets"]):
        names = "、".join(f"{show(raw['name'])}:{why}" for raw, why in left_out)
        findings.report("E_SHEETS", f"没有可识别的工作表({names})")
    elif content["sheets"]:
        findings.report("E_EMPTY", "没有一行数据")
    else:
        findings.report("E_SHEETS", "没有可见的工作表")


def _table_named(name: str, registry: Registry) -> Table | None:
    """The table whose sheet name this is, or begins with: 台账, 台账6月."""
    folded = fold_name(name)
    named = [
        table
        for table in registry.tables.values()
        if folded.startswith(fold_name(table.sheet))
    ]
    return max(named, key=lambda table: len(table.sheet), default=None)


def _best_heading(
    rows: list[tuple[int, list[Cell]]], candidates: list[Table]
) -> tuple[Table | None, int]:
    """The table and the row (by index) in which most of its headings stand."""
    best_score, best_table, best_index = (0, 0), None, 0
    for table in candidates:
        headings = _headings(table)
        required = {column.name for column in table.columns if column.required}
        for index, (_, cells) in enumerate(rows[:HEADING_SEARCH_ROWS]):
            names = {
                headings[folded]
                for cell in cells
                if isinstance(cell, str) and (folded := _fold_heading(cell)) in headings
            }
            score = (len(names), len(required & names))
            if len(names) >= min(3, len(table.columns)) and score > best_score:
                best_score, best_table, best_index = score, table, index
    return best_table, best_index


def _headings(table: Table) -> dict[str, str]:
    return {
        _fold_heading(heading): column.name
        for column in table.columns
        for heading in (column.heading, *column.aliases)
    }


def _fold_heading(text: str) -> str:
    """Headings are compared without spaces, line breaks, (人) and the mark *.

    第1专题 is 第一专题.
    """
    if len(text) > HEADING_CHARS:
        return text
    folded = _UNIT_OF_MEASURE.sub("", fold_name(text))
    return _TOPIC_DIGIT.sub(
        lambda match: f"第{'一二三'[int(match[1]) - 1]}专题", folded
    )


def _map_columns(sheet: Sheet) -> None:
    headings = _headings(sheet.table)
    for index, cell in enumerate(sheet.rows[sheet.heading_at][1]):
        name = headings.get(_fold_heading(text_of(cell)))
        if name is not None:
            sheet.columns.setdefault(name, index)


def _find_personal_headings(
    raw: dict[str, Any], findings: Findings, registry: Registry
) -> None:
    """Sheets that are left out may still not carry lists of persons."""
    rows = raw["rows"]
    if _later_sheet(raw["name"], registry):
        # Below their heading stand words such as 支部书记, which name nobody.
        at = next((i for i, (_, cells) in enumerate(rows) if _n_filled(cells) > 2), 0)
        rows = rows[: at + 1]
    for number, cells in rows:
        for index, cell in enumerate(cells):
            # 联系电话: with a colon is a line to be signed, not a column.
            if (
                not isinstance(cell, str)
                or len(cell) > 20
                or _SIGNATURE.search(cell[-1])
            ):
                continue
            heading = _fold_heading(cell)
            if len(heading) <= 8 and PERSONAL_HEADING.search(heading):
                findings.report(
                    "E_PERSONAL",
                    "是个人信息的列",
                    sheet=raw["name"],
                    cell=f"{letters_of(index + 1)}{number}",
                    heading=cell,
                )


# --- which rows -------------------------------------------------------------------


def cut_sheet(
    sheet: Sheet, registry: Registry, findings: Findings, *, is_csv: bool
) -> None:
    """Fill `data`, `totals`, `basis` and `years`, and report faults of the form."""
    _check_headings(sheet, findings)
    _read_titles(sheet, findings)
    width = len(sheet.rows[sheet.heading_at][1])
    keys = {i for name, i in sheet.columns.items() if name in sheet.table.key}
    headings = {h: n for t in registry.tables.values() for h, n in _headings(t).items()}
    holds_data = _RowJudge(sheet, registry)
    types = {column.name: column for column in sheet.table.columns}
    counts = [i for name, i in sheet.columns.items() if types[name].type == "count"]
    unlabelled = {
        index
        for name, index in sheet.columns.items()
        if types[name].type == "count" or types[name].max_chars > NOTE_CHARS
    }
    for number, cells in sheet.rows[: sheet.heading_at]:
        if _headings_in(cells, headings):
            _report_heading(sheet, number, findings)
        elif holds_data.is_surely(cells):
            # Who sorts without a heading moves the heading between the rows.
            findings.report(
                "E_ROW",
                "这一行数据在表头之上",
                sheet=sheet.name,
                cell=f"A{number}",
                remedy="请把表头移到所有数据之上后重新提交",
            )
    for number, cells in sheet.rows[sheet.heading_at + 1 :]:
        label = next(
            (
                text_of(cell)
                for index, cell in enumerate(cells)
                if index not in unlabelled and is_total_label(cell)
            ),
            None,
        )
        is_row = label is not None or holds_data(cells)
        if heads := _headings_in(cells, headings):
            # The heading once more is no row; other columns are another table.
            if any(sheet.columns.get(name) != index for name, index in heads.items()):
                _report_heading(sheet, number, findings)
            continue
        n_extra = len(cells) - width
        if is_csv and n_extra and (n_extra < 0 or any(cells[width:])):
            is_short = len(cells) == 1 and not is_row
            if not (is_short and _SIGNATURE.search(text_of(cells[0]))):
                reason = f"这一行有 {len(cells)} 列,表头有 {width} 列"
                findings.report("E_CSV", reason, sheet=sheet.name, cell=f"A{number}")
        elif label is not None:
            sheet.totals.append(TotalRow(number, len(sheet.data), label, cells))
        elif is_row:
            sheet.data.append((number, cells))
        elif not _is_note(cells) or _has_digits(cells, counts):
            if any(not is_blank(cells[i]) for i in keys if i < len(cells)):
                sheet.data.append((number, cells))
            elif not any(holds_personal_number(text_of(cell)) for cell in cells):
                _report_row(sheet, number, cells, findings)
        elif any(_MONTHLY.search(_plain(cell)) for cell in cells):
            reason = "表格下方写有“当月”,口径须写在表头之上;按累计数读取"
            findings.warn("W_BASIS", reason, sheet=sheet.name)
    if len(sheet.data) > DATA_ROWS:
        findings.report(
            "E_TOO_MANY_ROWS",
            f"有 {len(sheet.data):,} 行数据,超过 {DATA_ROWS:,} 行",
            sheet=sheet.name,
            cell=f"A{sheet.data[DATA_ROWS][0]}",
        )
        sheet.data, sheet.totals = [], []
    _find_merged(sheet, findings)
    _find_stray_cells(sheet, findings)


def _headings_in(cells: list[Cell], headings: dict[str, str]) -> dict[str, int]:
    """Columns that a row names, where it is a heading and no row of words."""
    found = {
        headings[folded]: index
        for index, cell in enumerate(cells)
        if isinstance(cell, str) and (folded := _fold_heading(cell)) in headings
    }
    return found if len(found) >= 3 and len(found) * 2 > _n_filled(cells) else {}


def _is_note(cells: list[Cell]) -> bool:
    """Whether a row without data only signs or explains: 填报人: 审核人: 注:"""
    filled = [cell for cell in cells if not is_blank(cell)]
    texts = [_plain(cell) for cell in filled]
    # One date alone is where somebody signed.
    if not texts or (len(filled) == 1 and not isinstance(read_date(filled[0]), Fault)):
        return True
    return any(_NOTE.match(text) or _SIGNATURE.search(text) for text in texts)


def _has_digits(cells: list[Cell], columns: list[int]) -> bool:
    """Whether figures stand in these columns, be they as unreadable as 约30."""
    found = (cells[i] for i in columns if i < len(cells))
    return any(
        re.search(r"\d", text_of(cell))
        and not _SIGNATURE.search(text_of(cell)[:5])
        and isinstance(read_date(cell), Fault)
        for cell in found
    )


def _report_heading(sheet: Sheet, number: int, findings: Findings) -> None:
    findings.report(
        "E_ROW",
        "一张工作表里有两个表头,各列不同",
        sheet=sheet.name,
        cell=f"A{number}",
        remedy="请把两张表分到两张工作表后重新提交",
    )


def _report_row(
    sheet: Sheet, number: int, cells: list[Cell], findings: Findings
) -> None:
    index = next(i for i, cell in enumerate(cells) if not is_blank(cell))
    findings.report(
        "E_ROW",
        "这一行不是数据、合计或签字说明",
        sheet=sheet.name,
        cell=f"{letters_of(index + 1)}{number}",
        heading=sheet.heading(index),
        value=text_of(cells[index]),
    )


def _plain(cell: Cell) -> str:
    return re.sub(r"\s", "", fold_width(text_of(cell)[:500]))


class _RowJudge:
    """Whether a row holds data, remembering what each distinct cell resolves to."""

    def __init__(self, sheet: Sheet, registry: Registry) -> None:
        types = {column.name: column for column in sheet.table.columns}
        self._types = {i: types[name].type for name, i in sheet.columns.items()}
        self._readers = {
            index: converter(types[name], registry, sheet.years)
            for name, index in sheet.columns.items()
            if types[name].type in ("month", "date", "group", "unit", "sector")
        }
        self._keys = {sheet.columns.get(name) for name in sheet.table.key}
        self._memory: dict[tuple[int, Cell], bool] = {}

    def __call__(self, cells: list[Cell]) -> bool:
        n_filled = n_dated = 0
        for index, cell in enumerate(cells):
            kind = self._types.get(index)
            if cell is None or kind is None or is_blank(cell):
                continue
            if kind == "count":
                if holds_number(cell):
                    return True
            elif kind == "branch":
                if looks_like_branch_code(cell):
                    return True
            elif index in self._readers and self._resolves(index, cell):
                if kind in ("unit", "sector"):
                    return True
                n_dated += 1
            elif kind != "text" or index in self._keys:
                n_filled += not _SIGNATURE.search(text_of(cell))
        # An unknown unit beside a known month or group is a mistake in a row of
        # figures; one date alone is where somebody signed.
        return n_dated > 0 and n_dated + n_filled > 2

    def is_surely(self, cells: list[Cell]) -> bool:
        """Whether a row above the heading is no title: keys and figures in place."""
        n_counts = n_keys = 0
        for index, cell in enumerate(cells):
            kind = self._types.get(index)
            if cell is None or kind is None or is_blank(cell):
                continue
            after = text_of(cells[index + 1]) if index + 1 < len(cells) else ""
            is_date = after.strip() in ("年", "月", "日")  # 2016 | 年 | 7 | 月
            n_counts += kind == "count" and holds_number(cell) and not is_date
            n_keys += kind == "branch" and looks_like_branch_code(cell)
            n_keys += index in self._readers and self._resolves(index, cell)
        return n_keys + min(n_counts, 3) >= 3

    def _resolves(self, index: int, cell: Cell) -> bool:
        if (index, cell) not in self._memory:
            value = self._readers[index](cell)
            self._memory[index, cell] = not isinstance(value, Fault)
        return self._memory[index, cell]


def _check_headings(sheet: Sheet, findings: Findings) -> None:
    headings = _headings(sheet.table)
    number, cells = sheet.rows[sheet.heading_at]
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        text, remedy = text_of(cell), ""
        name = headings.get(_fold_heading(text))
        if name is None:
            if PERSONAL_HEADING.search(fold_name(text[:HEADING_CHARS])):
                code, reason = "E_PERSONAL", "是个人信息的列"
            else:
                code, reason = "E_UNKNOWN_COLUMN", "不在登记的列之内"
                remedy = _nearest_heading(text, sheet.table)
        elif sheet.columns[name] != index:
            first = f"{letters_of(sheet.columns[name] + 1)}{number}"
            code, reason = "E_DUP_HEADER", f"与 {first} 是同一列"
        else:
            continue
        findings.report(
            code,
            reason,
            sheet=sheet.name,
            cell=f"{letters_of(index + 1)}{number}",
            heading=text,
            remedy=remedy,
        )


def _nearest_heading(text: str, table: Table) -> str:
    headings = [h for c in table.columns for h in (c.heading, *c.aliases)]
    near = difflib.get_close_matches(text[:40], headings, n=1, cutoff=0.6)
    return f"是否为“{near[0]}”?请按模板改正列名后重新提交" if near else ""


def find_missing_columns(sheet: Sheet, findings: Findings) -> None:
    """A required column that is absent is a fault, another one a warning.

    One that is optional may be left out without a word.
    """
    for column in sheet.table.columns:
        if column.name in sheet.columns or column.optional:
            continue
        if column.required:
            _report_missing(sheet, column, findings)
        else:
            reason = "没有这一列,按未报处理"
            findings.warn("W_COLUMN", reason, sheet=sheet.name, heading=column.heading)


def _report_missing(
    sheet: Sheet, column: Column, findings: Findings, remedy: str = ""
) -> None:
    findings.report(
        "E_MISSING_COLUMN",
        "缺少必填的列",
        sheet=sheet.name,
        cell=f"A{sheet.rows[sheet.heading_at][0]}",
        heading=column.heading,
        remedy=remedy,
    )


def _read_titles(sheet: Sheet, findings: Findings) -> None:
    titles = [
        fold_width(text_of(cell)[:500])
        for _, cells in sheet.rows[: sheet.heading_at]
        for cell in cells
    ]
    text = "\n".join((sheet.name, *titles))
    years = _YEAR.findall(text) or _BARE_YEAR.findall(text)
    sheet.years = {int(year) for year in years}
    for number, cells in sheet.rows[: sheet.heading_at]:
        for index, cell in enumerate(cells):
            if len(text_of(cell)) > CELL_CHARS:
                findings.report(
                    "E_CELL_TOO_LONG",
                    f"单元格有 {len(text_of(cell)):,} 个字,超过 {CELL_CHARS:,} 个",
                    sheet=sheet.name,
                    cell=f"{letters_of(index + 1)}{number}",
                )
    if not has_basis(sheet.table):
        return
    # 口径: and 当月 may stand in two cells side by side.
    lines = [
        "".join(_plain(cell) for cell in cells if cell is not None)
        for _, cells in sheet.rows[: sheet.heading_at]
    ]
    declared = {match[1] for line in lines for match in _BASIS.finditer(line)}
    if declared == {"当月"}:
        sheet.basis = "month"
    elif "当月" in declared:
        reason = (
            f"标题中的口径互相矛盾({show('、'.join(sorted(declared)))}),按累计数读取"
        )
        findings.warn("W_BASIS", reason, sheet=sheet.name)
    elif declared - {"累计"}:
        reason = f"口径“{show('、'.join(sorted(declared)))}”不是“当月”,按累计数读取"
        findings.warn("W_BASIS", reason, sheet=sheet.name)
    elif any(_MONTHLY.search(line) for line in (_plain(sheet.name), *lines)):
        reason = "写有“当月”,但没有在表头之上写明“口径:当月”,按累计数读取"
        findings.warn("W_BASIS", reason, sheet=sheet.name)


def has_basis(table: Table) -> bool:
    """Whether a table has counts that run from the start of the campaign."""
    return any(column.kind == "cumulative" for column in table.columns)


def _find_merged(sheet: Sheet, findings: Findings) -> None:
    """Under a merged cell figures may hide; above and below the table they may not.

    A remark that spreads over empty columns beside it hides nothing.
    """
    rows = [sheet.rows[sheet.heading_at][0], *(number for number, _ in sheet.data)]
    indexes = sorted(sheet.columns.values())
    for area in sheet.merged:
        top, left, bottom, right = area
        at = bisect.bisect_left(rows, top)
        first = bisect.bisect_left(indexes, left - 1)
        n_columns = bisect.bisect_right(indexes, right - 1) - first
        if at == len(rows) or rows[at] > bottom or not n_columns:
            continue
        if top == bottom and n_columns == 1 and indexes[first] == left - 1:
            continue
        sheet.merged_data.append(area)
        place = f"{letters_of(left)}{top}"
        findings.report(
            "E_MERGED",
            f"{place}:{letters_of(right)}{bottom} 是合并单元格",
            sheet=sheet.name,
            cell=place,
            heading=sheet.heading(left - 1),
        )


def _find_stray_cells(sheet: Sheet, findings: Findings) -> None:
    """Figures under no heading would be lost without a word."""
    heading = sheet.rows[sheet.heading_at][1]
    headed = {index for index, cell in enumerate(heading) if cell is not None}
    for number, cells in sheet.data:
        for index, cell in enumerate(cells):
            if cell is not None and index not in headed and not is_blank(cell):
                findings.report(
                    "E_UNKNOWN_COLUMN",
                    "该列没有表头",
                    sheet=sheet.name,
                    cell=f"{letters_of(index + 1)}{number}",
                    value=text_of(cell),
                    remedy="请补上表头或删除该单元格后重新提交",
                )
