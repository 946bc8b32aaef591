"""A workbook or CSV file in, tables of codes and counts out, or every fault at once.

The cells come from the guarded child process (`open_workbook`); what they mean comes
from the registry: a table that is described there is read without another line here.
A file is accepted whole or refused whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections import ChainMap, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_pipeline.disk import disk_reason
from data_pipeline.registry import Registry
from data_pipeline.registry.schema import incoming_schema
from data_pipeline.workbooks import open_workbook, row_checks
from data_pipeline.workbooks.cell_values import (
    Cell,
    Value,
    converter,
    text_of,
)
from data_pipeline.workbooks.finding import (
    Finding,
    Findings,
    holds_personal_number,
    show,
)
from data_pipeline.workbooks.guarded_readers import GuardedReaders, n_readers
from data_pipeline.workbooks.refusal_words import Fault, fault, say
from data_pipeline.workbooks.sheet_cells import letters_of
from data_pipeline.workbooks.sheet_layout import (
    DATA_ROWS,
    Sheet,
    find_missing_columns,
    recognise_sheets,
    split_blocks,
)
from data_pipeline.workbooks.total_rows import check_total_rows

__all__ = [
    "Finding",
    "OpenedFile",
    "Reading",
    "open_bytes",
    "open_file",
    "open_files",
    "read_workbook",
]


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


@dataclass(frozen=True)
class OpenedFile:
    """A file as the guarded child has read it, or the fault for which it could not.

    `content` is what `open_workbook` describes.
    """

    name: str
    sha256: str
    content: dict[str, Any]
    fault: Fault | None = None


def open_file(path: Path | str, name: str | None = None) -> OpenedFile:
    """Read the cells of a file; `name` is its name as sent, where `path` differs."""
    with GuardedReaders() as readers:
        return _open(path, name or _name_of(Path(path)), readers)


def open_bytes(data: bytes, name: str) -> OpenedFile:
    """As `open_file`, of a file that lies in memory."""
    with GuardedReaders() as readers:
        sha256 = hashlib.sha256(data).hexdigest()
        return OpenedFile(name, sha256, readers.read(data, name))


def open_files(paths: Iterable[Path | str]) -> Iterator[OpenedFile]:
    """Read the cells of several files in their order.

    While the caller works on one, the guarded children read the next, one for each
    core: no more than their files and that one are in memory.
    """
    n_beside = n_readers()
    waiting: deque[Future[OpenedFile]] = deque()
    with GuardedReaders() as readers, ThreadPoolExecutor(n_beside) as beside:
        for path in paths:
            name = _name_of(Path(path))
            waiting.append(beside.submit(_open, path, name, readers))
            if len(waiting) > n_beside:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read_workbook(
    path: Path | str,
    registry: Registry,
    *,
    received: datetime,
    group: str | None = None,
    name: str | None = None,
    opened: OpenedFile | None = None,
    roll: Mapping[str, tuple[str, str]] | None = None,
    grains: Mapping[tuple[str, ...], str] | None = None,
    filed: Mapping[str, tuple[str, str]] | None = None,
    cases: Mapping[tuple[str, str], tuple[str | None, str | None]] | None = None,
    draws: Collection[str] = (),
    units_on_roll: Collection[str] | None = None,
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
        Supervision group that sent it (code or name); units of others are E_SCOPE.
    name
        Its name as sent, where `path` carries another.
    opened
        The file as `open_files` gives it; else it is opened here.
    roll
        Branch code to (unit, sector), as known so far; a roll in the file adds to it.
    grains
        Table and what a total of it speaks for (ledger: month, unit, sector) to
        "branch" or "total", as filed so far.
    filed
        Branch code to (unit, sector) in the ledgers filed so far.
    cases
        Table and number of each case to its group and branch, as filed so far.
    draws
        Ids of the registered draws; a row that names another is refused.
    units_on_roll
        Units that `roll` has a branch of, when the caller knows: else it is gone over.

    Returns
    -------
    Reading
        tables is empty when there are findings.

    Raises
    ------
    KeyError
        When the group is not in the registry.
    """
    opened = opened or open_file(path, name)
    name = opened.name
    sender = registry.resolve("supervision_group", group) if group else None
    if group and sender is None:
        raise KeyError(group)
    zone = registry.calendar.timezone
    local = received.replace(tzinfo=zone) if received.tzinfo is None else received
    day = local.astimezone(zone).date()
    findings = Findings(name)
    if holds_personal_number(name):
        findings.report(fault("E_PERSONAL", "file_name"))
    if opened.fault:
        findings.report(opened.fault)
        return Reading(name, "", {}, tuple(findings.found), ())
    sheets = _sheets_of(opened.content, registry, findings)
    for at, sheet in enumerate(sheets):
        find_missing_columns(sheet, findings)
        _convert(sheet, registry, findings)
        row_checks.check_periods(sheet, registry, day, findings)
        row_checks.check_titles(sheet, findings)
        row_checks.check_scope(sheet, registry, sender, findings)
        row_checks.check_rules(sheet, registry, findings)
        above = [s for s in sheets[:at] if s.name == sheet.name]
        _check_totals(sheet, above, registry, findings)
    # However many branches are known, no more is read than what the file names.
    roll, filed = roll or {}, filed or {}
    if units_on_roll is None:
        units_on_roll = {unit for unit, _ in roll.values()}
    row_checks.check_branches(
        sheets, registry, roll, sender, findings, filed, units_on_roll
    )
    places = ChainMap(roll, filed)
    row_checks.check_cases(sheets, registry, places, cases or {}, sender, findings)
    row_checks.check_draws(sheets, draws, findings)
    row_checks.check_places(sheets, registry, findings)
    row_checks.check_keys(sheets, registry, findings)
    row_checks.check_grains(sheets, grains or {}, findings)
    return Reading(
        file=name,
        sha256=opened.sha256,
        tables={} if findings.found else _tables_of(sheets),
        findings=tuple(findings.found),
        warnings=tuple(findings.warnings),
    )


def _open(path: Path | str, name: str, readers: GuardedReaders) -> OpenedFile:
    try:
        data, sha256 = _bytes_of(path)
    except OSError as error:
        reason, remedy = disk_reason(error)
        unreadable = fault("E_CORRUPT", "disk", reason=reason, remedy=remedy)
        return OpenedFile(name, "", {}, unreadable)
    if data is None:
        return OpenedFile(name, "", {}, fault("E_TYPE", "pipe"))
    return OpenedFile(name, sha256, readers.read(data, name))


def _name_of(path: Path) -> str:
    """Its name as people see it; names of other systems may be in their encoding."""
    name = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("utf-8", "replace")


def _bytes_of(path: Path | str) -> tuple[bytes | None, str]:
    """The bytes (one more than the limit at most) and sha256; None of a pipe."""
    # A pipe without a writer would be waited for, for ever.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None, ""
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        return file.read(open_workbook.FILE_BYTES + 1), sha256


def _sheets_of(
    content: dict[str, Any], registry: Registry, findings: Findings
) -> list[Sheet]:
    """The sheets that hold data, cut into rows."""
    for code, seen, sheet, cell in content["refusals"]:
        limits = {"most_rows": DATA_ROWS, "most_columns": open_workbook.COLUMNS}
        found = fault(code, "file", **limits)
        if seen:
            sentence = say("form.seen", reason=found.reason, seen=show(seen, 100))
            found = found._replace(reason=sentence)
        findings.report(found, sheet=sheet, cell=cell)
    # What is over a limit is not looked into; what it holds of persons still counts.
    sheets: list[Sheet] = []
    if not content["refusals"]:
        sheets = recognise_sheets(content, registry, findings)
    is_csv = content["kind"] == "csv"
    blocks = [
        block
        for sheet in sheets
        for block in split_blocks(sheet, registry, findings, is_csv=is_csv)
    ]
    for raw in (*content["sheets"], *content["hidden"]):
        own = [block for block in blocks if block.name == raw["name"]]
        _find_personal_numbers(raw, own, findings)
    sheets = blocks
    if sheets and not any(sheet.data for sheet in sheets):
        over = any(finding.code == "E_TOO_MANY_ROWS" for finding in findings.found)
        if not over:
            findings.report(fault("E_EMPTY", "file"), sheet=sheets[0].name)
    return [sheet for sheet in sheets if sheet.data or sheet.totals]


def _find_personal_numbers(
    raw: dict[str, Any], blocks: list[Sheet], findings: Findings
) -> None:
    if holds_personal_number(raw["name"]):
        findings.report(fault("E_PERSONAL", "sheet_name"), sheet=raw["name"])
    seen: dict[Cell, bool] = {}
    for number, cells in raw["rows"]:
        while len(blocks) > 1 and number >= blocks[1].rows[0][0]:
            blocks = blocks[1:]
        for index, cell in enumerate(cells):
            if cell is None:
                continue
            if cell not in seen:
                seen[cell] = holds_personal_number(text_of(cell))
            if seen[cell]:
                findings.report(
                    fault("E_PERSONAL", "cell"),
                    sheet=raw["name"],
                    cell=f"{letters_of(index + 1)}{number}",
                    heading=blocks[0].heading(index) if blocks else "",
                    value=text_of(cell),
                )


def _convert(sheet: Sheet, registry: Registry, findings: Findings) -> None:
    """Fill `values` and `bad`, column by column; equal cells are read once."""
    for column in sheet.table.columns:
        index = sheet.columns.get(column.name)
        if index is None:
            sheet.values[column.name] = [None] * len(sheet.data)
            continue
        # Nothing can stand below the first cell of a merged range: it is E_MERGED.
        under = [
            (top, bottom)
            for top, left, bottom, right in sheet.merged_data
            if left <= index + 1 <= right
        ]
        read = converter(column, registry, sheet.years)
        memory: dict[Cell, Value | Fault] = {}
        values: list[Value] = []
        for row, (number, cells) in enumerate(sheet.data):
            cell = cells[index] if index < len(cells) else None
            if cell not in memory:
                memory[cell] = read(cell)
            value = memory[cell]
            if value is None and column.required:
                if not any(top <= number <= bottom for top, bottom in under):
                    sheet.report(findings, row, column, fault("E_BLANK", "required"))
                sheet.bad.add((row, column.name))
            elif isinstance(value, Fault):
                sheet.report(findings, row, column, value)
                sheet.bad.add((row, column.name))
                value = None
            values.append(value)
        sheet.values[column.name] = values


def _check_totals(
    sheet: Sheet, above: list[Sheet], registry: Registry, findings: Findings
) -> None:
    """Hold the totals of a block to its rows; `above` are those over it."""
    for total, column, found in check_total_rows(
        sheet.table,
        sheet.columns,
        sheet.values,
        sheet.bad,
        sheet.totals,
        registry,
        [block.values for block in above if block.table is sheet.table],
    ):
        index = sheet.columns[column.name]
        findings.report(
            found,
            sheet=sheet.name,
            cell=f"{letters_of(index + 1)}{total.number}",
            heading=column.heading,
            value=text_of(total.cells[index]),
        )


def _tables_of(sheets: list[Sheet]) -> dict[str, pa.Table]:
    parts: dict[str, list[pa.Table]] = defaultdict(list)
    for sheet in (sheet for sheet in sheets if sheet.data):
        columns: dict[str, list[Any]] = dict(sheet.values)
        columns["source_sheet"] = [sheet.name] * len(sheet.data)
        columns["source_row"] = [number for number, _ in sheet.data]
        columns["basis"] = [sheet.basis] * len(sheet.data)
        schema = incoming_schema(sheet.table)
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        parts[sheet.table.name].append(pa.table(arrays, schema=schema))
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}
