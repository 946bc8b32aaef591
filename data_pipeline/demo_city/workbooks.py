"""The made-up city on paper: its files written down, as XLSX or CSV."""

import csv
import io
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

from data_pipeline.demo_city.filings import Filing
from data_pipeline.demo_city.sheets import Sheet
from data_pipeline.disk import replace_file
from data_pipeline.xlsx_file import new_workbook


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
        content = _xlsx_bytes(sheets, written)
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
    with new_workbook(content, default_date_format="yyyy-mm-dd") as workbook:
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
