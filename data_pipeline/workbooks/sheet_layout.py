"""Which table a sheet holds, and which of its rows are heading, data and totals.

Forms carry titles above the heading, sub-totals between the rows and signatures below
them, and sometimes another block with a heading of its own. Nothing that could be data
is left out: what is neither total nor plainly a note counts as data and has to answer
for its blanks.
"""

from __future__ import annotations

import bisect
import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from data_pipeline.registry import Column, Registry, Table, fold_name
from data_pipeline.words import text
from data_pipeline.workbooks.cell_values import (
    CELL_CHARS,
    Cell,
    Value,
    converter,
    fold_width,
    holds_number,
    is_blank,
    looks_like_branch_code,
    read_count,
    text_of,
)
from data_pipeline.workbooks.finding import (
    PERSONAL_HEADING,
    Findings,
    holds_personal_number,
    show,
)
from data_pipeline.workbooks.recognised import any_of, word
from data_pipeline.workbooks.refusal_words import Fault, fault, listed, say
from data_pipeline.workbooks.row_kinds import (
    HEADING_CHARS,
    SIGNATURE,
    RowJudge,
    fold_heading,
    has_digits,
    headings_in,
    headings_of,
    is_lone_text,
    is_note,
    is_numbering_of_columns,
    is_serial,
    n_filled,
    other_measures,
    plain,
    resembles_heading,
)
from data_pipeline.workbooks.sheet_cells import letters_of
from data_pipeline.workbooks.total_rows import TotalRow, is_total_label

DATA_ROWS = 5_000
HEADING_SEARCH_ROWS = 40
GUIDE_SHEET = text("zh", "template.guide_sheet")
RESEMBLING_ROWS = 50  # looking for near headings is slow
NOTE_CHARS = 200  # texts that may be longer are remarks, not names

_YEAR_SIGN, _MONTH_SIGN = word("dates.year"), word("dates.month")
_DAYS = word("dates.day") + word("dates.day_spoken")
_YEAR = re.compile(rf"(?<![0-9])(20[0-9]{{2}})\s*{_YEAR_SIGN}")
# 7月, 2016年7月份; a day (8月5日) tells when something was signed or is due.
_TITLED_MONTH = re.compile(
    rf"(?<![0-9])(1[0-2]|0?[1-9]){_MONTH_SIGN}(?!\s*[0-9]{{1,2}}[{_DAYS}])"
)
# 台账6月, 台账(2016年7月份)
_PART_OF_MONTH = re.compile(
    rf"[\d{_YEAR_SIGN}{_MONTH_SIGN}{word('dates.month_more')}()\-_.]*"
)
_IS = word("titles.basis_is")
_IN_THOUSANDS = re.compile(
    f"{word('headings.measure_label')}[:{_IS}]?"
    f"([{word('numerals.thousands')}]+({any_of('headings.single_measures')})|%)"
)
_BARE_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
# 当月累计 and 当月或累计 say both: they are reported, not taken for 当月.
_MONTH_ONLY, _TO_DATE = word("titles.month_only"), word("titles.to_date")
_BASIS = re.compile(
    rf"{word('titles.basis')}[:{_IS}]?"
    rf"({_MONTH_ONLY}(?![{word('titles.basis_more')}、/])|{_TO_DATE}|[^,。;)]{{1,6}})"
)
_MONTHLY = re.compile(
    rf"{word('titles.basis')}[:{_IS}(]?{_MONTH_ONLY}"
    rf"|{any_of('titles.month_only_patterns')}"
)
_EXAMPLE = re.compile(rf"\(?[^()]{{0,12}}({any_of('titles.example_words')})\)?")


@dataclass
class Sheet:
    """A sheet of a known table, or one block of it under a heading of its own.

    Attributes
    ----------
    rows
        (row number, cells) of every row that holds anything, titles first.
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
    titled_months
        Months of the year that sheet name and titles name, from 1.
    data, totals
        Rows of figures, and rows that sum them.
    values
        Column name to one value for each data row, None where blank or faulty.
    bad
        (index of the data row, column name) of faulty cells.
    merged_data
        Merged ranges that reach into heading or data; each has been reported.
    serials
        Indexes of columns that only number the rows.
    """

    name: str
    table: Table
    rows: list[tuple[int, list[Cell]]]
    merged: list[list[int]]
    heading_at: int
    columns: dict[str, int] = field(default_factory=dict)
    basis: str = "to_date"
    years: set[int] = field(default_factory=set)
    titled_months: set[int] = field(default_factory=set)
    data: list[tuple[int, list[Cell]]] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    bad: set[tuple[int, str]] = field(default_factory=set)
    merged_data: list[list[int]] = field(default_factory=list)
    serials: set[int] = field(default_factory=set)

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
        self, findings: Findings, row: int, column: Column, fault: Fault
    ) -> None:
        """Report a fault of one cell of a data row."""
        findings.report(
            fault,
            sheet=self.name,
            cell=self.place(row, column.name),
            heading=column.heading,
            value=text_of(self.cell(row, column.name)),
        )


# --- which table ------------------------------------------------------------------


def recognise_sheets(
    content: dict[str, Any], registry: Registry, findings: Findings
) -> list[Sheet]:
    """The sheets that hold a known table, recognised by name or else by heading row.

    A sheet with figures is read or is a finding. Left out with a warning are sheets
    without figures, those that call themselves an example or explanation, those
    of tables that are not stored yet, and a known table on a hidden sheet.
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
        _join_headings(rows, candidates)
        table, heading_at = _best_heading(rows, candidates)
        titles = rows[: heading_at if table else HEADING_SEARCH_ROWS]
        if reason := _reason_to_leave_out(raw, titles, registry):
            left_out.append((raw, reason))
        elif table is not None:
            sheet = Sheet(name, table, rows, raw["merged"], heading_at)
            _map_columns(sheet, headings_of(table))
            # A summary beside the table has some of its headings, not all it needs.
            n_lacking = len(_lacking(sheet))
            is_nearly = n_lacking == 0 or (n_lacking == 1 and len(sheet.columns) >= 8)
            (sheets if named or is_nearly else guesses).append(sheet)
        elif _best_heading(rows[HEADING_SEARCH_ROWS:], candidates)[0]:
            far_down = fault("E_HEADER", "far_down", row=HEADING_SEARCH_ROWS)
            findings.report(far_down, sheet=name)
        elif named and rows and (_has_figures(rows) or not _says_more(name, named)):
            findings.report(fault("E_HEADER", "not_found"), sheet=name, cell="A1")
        elif rows:
            unknown.append(raw)
    if not sheets:
        sheets, guesses = guesses, []
    for sheet in guesses:
        if _has_figures(sheet.rows[sheet.heading_at + 1 :]):
            _check_headings(sheet, findings)
            for column in _lacking(sheet):
                _report_missing(sheet, column, findings, "absent_in_guess")
        else:
            unknown.append({"name": sheet.name, "rows": sheet.rows})
    is_nothing = not sheets and len(findings.found) == n_found
    for raw in unknown:
        if is_nothing or not _has_figures(raw["rows"]):
            left_out.append((raw, fault("W_SHEET", "unknown").reason))
            continue
        _find_personal_headings(raw, findings, registry)
        findings.report(
            fault("E_HEADER", "only_figures"),
            sheet=raw["name"],
            cell=f"A{raw['rows'][0][0]}",
        )
    for raw, reason in left_out:
        _find_personal_headings(raw, findings, registry)
        if not (is_nothing or _is_own_guide(raw)):
            warning = fault("W_SHEET", "left_out", why=reason)
            findings.warn(warning, sheet=raw["name"])
    for raw in content["hidden"]:
        if sheets and _holds_a_table(raw["rows"], registry):
            why = fault("W_SHEET", "hidden").reason
            findings.warn(fault("W_SHEET", "left_out", why=why), sheet=raw["name"])
    if is_nothing:
        _report_unrecognised(content, left_out, findings)
    return sheets


def _reason_to_leave_out(
    raw: dict[str, Any], titles: list[tuple[int, list[Cell]]], registry: Registry
) -> str:
    """Why a sheet is no data by its own words; empty where it may be."""
    folded, later = fold_name(raw["name"]), _later_sheet(raw["name"], registry)
    if not raw["rows"]:
        why = "drawing" if raw["has_drawing"] else ""
    elif any(fold_name(said) in folded for said in registry.explanation_words):
        why = "explanation"
    elif folded in map(fold_name, registry.handed_out_sheets):
        why = "handed_out"
    elif any(_is_example_title(cells) for _, cells in titles):
        why = "example"
    else:
        why = "later" if later else ""
    return fault("W_SHEET", why, name=later).reason if why else ""


def _holds_a_table(rows: list[tuple[int, list[Cell]]], registry: Registry) -> bool:
    """Whether figures stand below the headings of a known table."""
    table, heading_at = _best_heading(rows, list(registry.tables.values()))
    return table is not None and _has_figures(rows[heading_at + 1 :])


def _is_own_guide(raw: dict[str, Any]) -> bool:
    """Whether it is the template's own explanation: no news to who filled it in."""
    return raw["name"] == GUIDE_SHEET and not _has_figures(raw["rows"])


def _is_example_title(cells: list[Cell]) -> bool:
    title = next((plain(cell) for cell in cells if not is_blank(cell)), "")
    return n_filled(cells) == 1 and bool(_EXAMPLE.fullmatch(title))


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
    return not _PART_OF_MONTH.fullmatch(fold_name(name).removeprefix(fold_name(known)))


def _has_figures(rows: list[tuple[int, list[Cell]]]) -> bool:
    """Whether counts or codes of branches stand anywhere."""
    return any(
        holds_number(cell) or looks_like_branch_code(cell)
        for _, cells in rows
        for cell in cells
        if cell is not None
    )


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
        findings.report(fault("E_ENCODING", "no_heading"))
    elif content["kind"] == "csv":
        findings.report(fault("E_HEADER", "not_found"), cell="A1")
    elif any(raw["rows"] for raw in content["sheets"]):
        sheets = (
            say("form.sheet", name=show(raw["name"]), why=why) for raw, why in left_out
        )
        findings.report(fault("E_SHEETS", "none_known", sheets=listed(sheets)))
    elif content["sheets"]:
        findings.report(fault("E_EMPTY", "file"))
    else:
        findings.report(fault("E_SHEETS", "none_visible"))


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
    """The table most of whose headings stand in one row, and its first heading row."""
    best_score, best_table, best_index = (0, 0), None, 0
    for table in candidates:
        headings = headings_of(table)
        required = {column.name for column in table.columns if column.required}
        for index, (_, cells) in enumerate(rows[:HEADING_SEARCH_ROWS]):
            names = {
                headings[folded]
                for cell in cells
                if isinstance(cell, str) and (folded := fold_heading(cell)) in headings
            }
            score = (len(names), len(required & names))
            if len(names) >= min(3, len(table.columns)) and score > best_score:
                best_score, best_table, best_index = score, table, index
    if best_table is None:
        return None, 0
    # A later block may have more columns; the first heading is the sheet's.
    headings = headings_of(best_table)
    above = (i for i in range(best_index) if headings_in(rows[i][1], headings))
    return best_table, next(above, best_index)


def _join_headings(rows: list[tuple[int, list[Cell]]], tables: list[Table]) -> None:
    """A heading of two rows becomes one, in the lower of them.

    Above the detailed headings, and merged with the empty cell below, stand those that
    need no detail; beside them words over several columns, which stay a title.
    """
    known = {heading for table in tables for heading in headings_of(table)}
    headed = [
        {
            index
            for index, cell in enumerate(cells)
            if isinstance(cell, str) and fold_heading(cell) in known
        }
        for _, cells in rows
    ]
    for at in range(1, len(rows)):
        (number, upper), (below, lower) = rows[at - 1 : at + 1]
        indexes = headed[at - 1 : at + 1]
        if number + 1 != below or len(indexes[0] | indexes[1]) < 4:
            continue
        names = [
            {fold_heading(text_of(cells[i])) for i in found}
            for cells, found in zip((upper, lower), indexes, strict=True)
        ]
        is_over_blanks = all(i >= len(lower) or is_blank(lower[i]) for i in indexes[0])
        is_words = not any(holds_number(cell) for cell in (*upper, *lower))
        if all(indexes) and is_over_blanks and is_words and not names[0] & names[1]:
            width = max(len(lower), *(i + 1 for i in indexes[0]))
            joined = [*lower, *[None] * (width - len(lower))]
            for index in indexes[0]:
                joined[index] = upper[index]
            rest = [None if i in indexes[0] else c for i, c in enumerate(upper)]
            rows[at - 1 : at + 1] = [(number, rest), (below, joined)]
            headed[at] |= headed[at - 1]


def _map_columns(sheet: Sheet, headings: dict[str, str]) -> None:
    for index, cell in enumerate(sheet.rows[sheet.heading_at][1]):
        name = headings.get(fold_heading(text_of(cell)))
        if name is not None:
            sheet.columns.setdefault(name, index)


def _find_personal_headings(
    raw: dict[str, Any], findings: Findings, registry: Registry
) -> None:
    """Sheets that are left out may still not carry lists of persons."""
    rows = raw["rows"]
    if _later_sheet(raw["name"], registry):
        # Below their heading stand words such as 支部书记, which name nobody.
        at = next((i for i, (_, cells) in enumerate(rows) if n_filled(cells) > 2), 0)
        rows = rows[: at + 1]
    for number, cells in rows:
        for index, cell in enumerate(cells):
            # 联系电话: with a colon is a line to be signed, not a column.
            if (
                not isinstance(cell, str)
                or len(cell) > 20
                or SIGNATURE.search(cell[-1])
            ):
                continue
            heading = fold_heading(cell)
            if len(heading) <= 8 and PERSONAL_HEADING.search(heading):
                findings.report(
                    fault("E_PERSONAL", "column"),
                    sheet=raw["name"],
                    cell=f"{letters_of(index + 1)}{number}",
                    heading=cell,
                )


# --- which blocks -----------------------------------------------------------------


def split_blocks(
    sheet: Sheet, registry: Registry, findings: Findings, *, is_csv: bool
) -> list[Sheet]:
    """The blocks of a sheet: rows under a heading of their own, with its columns.

    Every block has its own titles, month-only or not, and its own totals. A heading
    that repeats the one above it over rows of the same month is only another page.
    Blocks of one sheet report the same counts; which of two headings a row obeys must
    be plain, or the file is turned away.
    """
    known = {t.name: headings_of(t) for t in registry.tables.values()}
    headings = _all_headings(registry)
    blocks, rows, repeated = [sheet], sheet.rows, 0
    titles = {_line(cells) for _, cells in rows[: sheet.heading_at]}
    sheet.rows = rows[: sheet.heading_at + 1]
    _read_titles(sheet, None, findings)
    for at in range(sheet.heading_at + 1, len(rows)):
        block = blocks[-1]
        block.rows.append(rows[at])
        if not headings_in(rows[at][1], headings):
            if at - 1 == repeated and other_measures(rows[at][1]) == []:
                block.rows.pop()
            continue
        judge = RowJudge(block.table, block.columns, registry, block.years)
        top = len(block.rows) - 1
        while top - 1 > block.heading_at and judge.is_title(block.rows[top - 1][1]):
            top -= 1
        folded = [fold_heading(text_of(cell)) for cell in rows[at][1]]
        table = max(
            (block.table, *registry.tables.values()),
            key=lambda t: sum(text in known[t.name] for text in folded),
        )
        lower = block.rows[top:]
        below = Sheet(sheet.name, table, lower, sheet.merged, len(lower) - 1)
        _map_columns(below, known[table.name])
        block.rows = block.rows[:top]
        if (
            below.columns == block.columns
            and all(_line(c) in titles or _is_foot(c) for _, c in lower[:-1])
            and _first_month(rows[at + 1 :], below, registry)
            in (None, _first_month(block.rows[block.heading_at + 1 :], block, registry))
        ):
            repeated = at
            continue
        _read_titles(below, block, findings)
        _check_block(block, below, judge, findings)
        blocks.append(below)
        titles.update(_line(cells) for _, cells in lower[:-1])
    n_above = 0
    for block in blocks:
        _cut_rows(block, registry, findings, is_csv=is_csv, n_above=n_above)
        n_above += len(block.data)
    return blocks


def _all_headings(registry: Registry) -> dict[str, str]:
    tables = registry.tables.values()
    return {h: name for table in tables for h, name in headings_of(table).items()}


def _line(cells: list[Cell]) -> str:
    return "".join(plain(cell) for cell in cells if cell is not None)


def _is_foot(cells: list[Cell]) -> bool:
    """Whether a line above a second heading belongs below the rows before it."""
    line = _line(cells)
    is_title = _BASIS.search(line) or _TITLED_MONTH.search(line)
    return is_note(cells) and not is_title


def _first_month(
    rows: list[tuple[int, list[Cell]]], sheet: Sheet, registry: Registry
) -> Value:
    """The month of the first row that has one, among the next few."""
    for column in sheet.table.columns:
        if column.type == "month" and column.name in sheet.columns:
            read, index = converter(column, registry, sheet.years), sheet.columns
            for _, cells in rows[:5]:
                at = index[column.name]
                value = read(cells[at]) if at < len(cells) else None
                if isinstance(value, str):
                    return value
    return None


def _check_block(
    above: Sheet, below: Sheet, judge: RowJudge, findings: Findings
) -> None:
    """A second heading is of the same table and counts, and stands apart from rows."""
    number = below.rows[below.heading_at][0]
    before, last = above.rows[-1]
    counts = {c.name: c.heading for c in above.table.columns if c.type == "count"}
    differing = (above.columns.keys() ^ below.columns.keys()) & counts.keys()
    if above.table is not below.table:
        sheets = {"above": above.table.sheet, "below": below.table.sheet}
        found = fault("E_ROW", "second_table", **sheets)
    elif differing:
        names = show(listed(counts[name] for name in counts if name in differing))
        first = above.rows[above.heading_at][0]
        found = fault("E_ROW", "other_counts", row=first, counts=names)
    elif (
        above.columns != below.columns
        and number == before + 1
        and len(below.rows) == 1
        and judge(last)
        and not any(is_total_label(cell) for cell in last)
    ):
        found = fault("E_ROW", "other_order")
    else:
        return
    findings.report(found, sheet=below.name, cell=f"A{number}")


# --- which rows -------------------------------------------------------------------


def _cut_rows(
    sheet: Sheet,
    registry: Registry,
    findings: Findings,
    *,
    is_csv: bool,
    n_above: int,
) -> None:
    """Fill `data` and `totals`, and report faults of the form.

    `n_above` rows of data stand above this block in its sheet.
    """
    serials = set(map(fold_heading, registry.serial_headings))
    sheet.serials = {
        index
        for index, cell in enumerate(sheet.rows[sheet.heading_at][1])
        if fold_heading(text_of(cell)) in serials
    }
    _check_headings(sheet, findings)
    cutter = _RowCutter(sheet, registry, findings, is_csv=is_csv)
    for number, cells in sheet.rows[: sheet.heading_at]:
        cutter.take_above(number, cells)
    for number, cells in sheet.rows[sheet.heading_at + 1 :]:
        cutter.take(number, cells)
    cutter.check_figures_beside()
    n_rows = n_above + len(sheet.data)
    if n_rows > DATA_ROWS >= n_above:
        findings.report(
            fault("E_TOO_MANY_ROWS", "data_rows", n=n_rows, most=DATA_ROWS),
            sheet=sheet.name,
            cell=f"A{sheet.data[DATA_ROWS - n_above][0]}",
        )
        sheet.data, sheet.totals = [], []
    _find_merged(sheet, findings)
    _find_stray_cells(sheet, findings)


class _RowCutter:
    """Says of one row of a block after the other what it is.

    beside : figures of totals that stand under no count, as (row number, cells, index).
    looks : how many more rows may be looked at for a heading.
    """

    def __init__(
        self, sheet: Sheet, registry: Registry, findings: Findings, *, is_csv: bool
    ) -> None:
        self.sheet, self.findings, self.is_csv = sheet, findings, is_csv
        self.headings = _all_headings(registry)
        self.own_headings = headings_of(sheet.table)
        self.holds_data = RowJudge(sheet.table, sheet.columns, registry, sheet.years)
        types = {column.name: column for column in sheet.table.columns}
        placed = [(types[name], index) for name, index in sheet.columns.items()]
        self.counts = [i for column, i in placed if column.type == "count"]
        self.keys = [i for column, i in placed if column.name in sheet.table.key]
        remarks = {i for column, i in placed if column.max_chars > NOTE_CHARS}
        self.unlabelled = remarks | set(self.counts)
        self.beside: list[tuple[int, list[Cell], int]] = []
        self.looks = iter(range(RESEMBLING_ROWS))

    def take_above(self, number: int, cells: list[Cell]) -> None:
        """Report a row above the heading that is no title."""
        if headings_in(cells, self.headings):
            _report_heading(self.sheet, number, self.findings)
        elif self.holds_data.is_surely(cells):
            # Who sorts without a heading moves the heading between the rows.
            above_heading = fault("E_ROW", "above_heading")
            self.findings.report(
                above_heading, sheet=self.sheet.name, cell=f"A{number}"
            )

    def take(self, number: int, cells: list[Cell]) -> None:
        """Put a row below the heading among data or totals, or report it."""
        sheet = self.sheet
        if self._is_unfilled(cells):
            return
        is_first = not sheet.data and not sheet.totals
        if is_first and self._reports_second_heading(number, cells):
            return
        label = self._total_label(cells)
        is_lone = is_lone_text(cells, sheet.serials)
        if self._is_broken_line(cells, is_lone=is_lone):
            width = len(sheet.rows[sheet.heading_at][1])
            found = fault("E_CSV", "width", n=len(cells), width=width)
            self.findings.report(found, sheet=sheet.name, cell=f"A{number}")
        elif label is not None:
            sheet.totals.append(TotalRow(number, len(sheet.data), label, cells))
            self.beside += [
                (number, cells, i) for i in self.holds_data.figures_beside(cells)
            ]
        elif not is_lone and self.holds_data(cells):
            sheet.data.append((number, cells))
        else:
            self._take_doubtful(number, cells, is_lone=is_lone)

    def _is_unfilled(self, cells: list[Cell]) -> bool:
        """Whether a row was numbered beforehand and not filled in."""
        return all(
            is_serial(cell) if index in self.sheet.serials else is_blank(cell)
            for index, cell in enumerate(cells)
        )

    def _reports_second_heading(self, number: int, cells: list[Cell]) -> bool:
        """Whether the first row says what the columns measure, or numbers them."""
        others = other_measures(cells)
        if others is not None:
            for index in others:
                _report_measure(self.sheet, number, cells, index, self.findings)
            return True
        if is_numbering_of_columns(cells):
            _report_row(self.sheet, number, cells, self.findings, "numbers_columns")
            return True
        return False

    def _total_label(self, cells: list[Cell]) -> str | None:
        return next(
            (
                text_of(cell)
                for index, cell in enumerate(cells)
                if index not in self.unlabelled and is_total_label(cell)
            ),
            None,
        )

    def _is_broken_line(self, cells: list[Cell], *, is_lone: bool) -> bool:
        """Whether a line of a CSV lacks cells, or holds more than have a heading."""
        width = len(self.sheet.rows[self.sheet.heading_at][1])
        if not self.is_csv or len(cells) == width:
            return False
        is_short = len(cells) == 1 and (is_lone or is_note(cells))
        return (len(cells) < width or any(cells[width:])) and not is_short

    def _take_doubtful(self, number: int, cells: list[Cell], *, is_lone: bool) -> None:
        """A row that is neither data nor a total by what it holds."""
        sheet, findings = self.sheet, self.findings
        may_look = next(self.looks, None) is not None
        if may_look and resembles_heading(cells, self.own_headings):
            _report_row(sheet, number, cells, findings, "near_heading")
        elif not is_note(cells) or has_digits(cells, self.counts):
            keys = (cells[i] for i in self.keys if i < len(cells))
            if not is_lone and not all(map(is_blank, keys)):
                sheet.data.append((number, cells))
            elif not any(holds_personal_number(text_of(cell)) for cell in cells):
                _report_row(sheet, number, cells, findings)
        elif any(_MONTHLY.search(plain(cell)) for cell in cells):
            findings.warn(fault("W_BASIS", "below"), sheet=sheet.name)

    def check_figures_beside(self) -> None:
        """合计 | 12 says how many rows there are, or how many units."""
        sheet = self.sheet
        for number, cells, index in self.beside:
            column = {c[index] for _, c in sheet.data if index < len(c)} - {None, ""}
            numbers = sorted({len(sheet.data), len(column)} - {0})
            if index not in sheet.serials and read_count(cells[index]) not in numbers:
                found = listed(map(str, numbers), "or_figure")
                self.findings.report(
                    fault("E_TOTAL_ROW", "beside", numbers=found),
                    sheet=sheet.name,
                    cell=f"{letters_of(index + 1)}{number}",
                    heading=sheet.heading(index),
                    value=text_of(cells[index]),
                )


def _report_heading(sheet: Sheet, number: int, findings: Findings) -> None:
    found = fault("E_ROW", "two_tables")
    findings.report(found, sheet=sheet.name, cell=f"A{number}")


def _report_measure(
    sheet: Sheet, number: int, cells: list[Cell], index: int, findings: Findings
) -> None:
    findings.report(
        fault("E_ROW", "measure"),
        sheet=sheet.name,
        cell=f"{letters_of(index + 1)}{number}",
        heading=sheet.heading(index),
        value=text_of(cells[index]),
    )


def _report_row(
    sheet: Sheet,
    number: int,
    cells: list[Cell],
    findings: Findings,
    why: str = "no_kind",
) -> None:
    index = next(i for i, cell in enumerate(cells) if not is_blank(cell))
    findings.report(
        fault("E_ROW", why),
        sheet=sheet.name,
        cell=f"{letters_of(index + 1)}{number}",
        heading=sheet.heading(index),
        value=text_of(cells[index]),
    )


def _check_headings(sheet: Sheet, findings: Findings) -> None:
    headings = headings_of(sheet.table)
    number, cells = sheet.rows[sheet.heading_at]
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        text = text_of(cell)
        name = headings.get(fold_heading(text))
        if index in sheet.serials:
            continue
        if name is None:
            if PERSONAL_HEADING.search(fold_name(text[:HEADING_CHARS])):
                found = fault("E_PERSONAL", "column")
            else:
                found = _unknown_heading(text, sheet.table)
        elif sheet.columns[name] != index:
            first = f"{letters_of(sheet.columns[name] + 1)}{number}"
            found = fault("E_DUP_HEADER", "same_column", first=first)
        else:
            continue
        findings.report(
            found,
            sheet=sheet.name,
            cell=f"{letters_of(index + 1)}{number}",
            heading=text,
        )


def _unknown_heading(text: str, table: Table) -> Fault:
    headings = [h for c in table.columns for h in (c.heading, *c.aliases)]
    near = difflib.get_close_matches(text[:40], headings, n=1, cutoff=0.6)
    if near:
        return fault("E_UNKNOWN_COLUMN", "misspelt", near=near[0])
    return fault("E_UNKNOWN_COLUMN", "not_registered")


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
            absent = fault("W_COLUMN", "absent")
            findings.warn(absent, sheet=sheet.name, heading=column.heading)


def _report_missing(
    sheet: Sheet, column: Column, findings: Findings, why: str = "absent"
) -> None:
    findings.report(
        fault("E_MISSING_COLUMN", why),
        sheet=sheet.name,
        cell=f"A{sheet.rows[sheet.heading_at][0]}",
        heading=column.heading,
    )


def _read_titles(sheet: Sheet, above: Sheet | None, findings: Findings) -> None:
    """Fill `years` and `basis`; what titles do not say, those of `above` say."""
    titles = [
        fold_width(text_of(cell)[:500])
        for _, cells in sheet.rows[: sheet.heading_at]
        for cell in cells
    ]
    text = "\n".join((sheet.name, *titles))
    years = _YEAR.findall(text) or _BARE_YEAR.findall(text)
    sheet.years = {int(year) for year in years} or (above.years if above else set())
    sheet.titled_months = {int(month) for month in _TITLED_MONTH.findall(text)}
    for number, cells in sheet.rows[: sheet.heading_at]:
        for index, cell in enumerate(cells):
            if _IN_THOUSANDS.search(plain(cell)):
                _report_measure(sheet, number, cells, index, findings)
            if len(text_of(cell)) > CELL_CHARS:
                findings.report(
                    fault(
                        "E_CELL_TOO_LONG", "cell", n=len(text_of(cell)), most=CELL_CHARS
                    ),
                    sheet=sheet.name,
                    cell=f"{letters_of(index + 1)}{number}",
                )
    if not sheet.table.has_basis:
        return
    # 口径: and 当月 may stand in two cells side by side.
    lines = [
        "".join(plain(cell) for cell in cells if cell is not None)
        for _, cells in sheet.rows[: sheet.heading_at]
    ]
    declared = {match[1] for line in lines for match in _BASIS.finditer(line)}
    number, names = sheet.rows[sheet.heading_at][0], show(listed(sorted(declared)))
    why = ""
    if declared == {_MONTH_ONLY}:
        sheet.basis = "month"
    elif not declared and above and above.basis == "month":
        sheet.basis = "month"
        why = "taken_over"
    elif _MONTH_ONLY in declared:
        why = "contradictory"
    elif declared - {_TO_DATE}:
        why = "other"
    elif any(_MONTHLY.search(line) for line in (plain(sheet.name), *lines)):
        why = "not_declared"
    if why:
        warning = fault("W_BASIS", why, row=number, declared=names)
        findings.warn(warning, sheet=sheet.name)


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
        # A heading over two rows; what stands below its first cell is the heading.
        if bottom == rows[0] and left == right:
            continue
        sheet.merged_data.append(area)
        place = f"{letters_of(left)}{top}"
        findings.report(
            fault("E_MERGED", "cells", area=f"{place}:{letters_of(right)}{bottom}"),
            sheet=sheet.name,
            cell=place,
            heading=sheet.heading(left - 1),
        )


def _find_stray_cells(sheet: Sheet, findings: Findings) -> None:
    """Figures under no heading, or where the rows are numbered, would be lost."""
    heading = sheet.rows[sheet.heading_at][1]
    headed = {index for index, cell in enumerate(heading) if cell is not None}
    for number, cells in sheet.data:
        for index, cell in enumerate(cells):
            why = "no_heading"
            if index in sheet.serials:
                if is_serial(cell):
                    continue
                why = "serial"
            elif index in headed:
                continue
            if cell is not None and not is_blank(cell):
                findings.report(
                    fault("E_UNKNOWN_COLUMN", why),
                    sheet=sheet.name,
                    cell=f"{letters_of(index + 1)}{number}",
                    value=text_of(cell),
                )
