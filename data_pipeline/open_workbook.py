"""Bytes of a workbook or CSV file in, plain cells out: the guarded child process.

Files come from anywhere, so this module runs as a program of its own, under limits of
memory, processor time and open files, with the standard library alone:

    python -I -S open_workbook.py NAME < bytes > cells.json

It judges the container (what the bytes are, the members of the zip) and lists the cells
of every visible sheet as they stand. What the cells mean is for `read_workbook`.
One pass over the XML gives values and faults together, so that no second reader can
disagree with the first about what a sheet says.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import posixpath
import re
import sys
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NoReturn
from xml.parsers import expat

FILE_BYTES = 5 * 1024**2
UNPACKED_BYTES = 64 * 1024**2
ZIP_MEMBERS = 200
COLUMNS = 64
# Data rows are limited to 5,000 by the reader; titles, sub-totals and signatures
# stand beside them, so that a sheet may hold more rows than that.
SHEET_ROWS = 10_000
MEMORY_BYTES = 768 * 1024**2
PROCESSOR_SECONDS = 20
OPEN_FILES = 16

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
BIFF_MAGIC = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
MARKUP = re.compile(rb"\s*<(!doctype|html|table|head|body|meta|div|\?xml|!--)", re.I)

# Number formats that Excel never writes out, as it shows them in Chinese.
BUILT_IN_DATES = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Links to other workbooks are stored as [1]Sheet!A1; a name in brackets after a word
# is a column of a table in the same workbook.
EXTERNAL = re.compile(r"(?<![\w\]])\[\d+\]|\[[^\[\]]*\.(?:xls[xmb]?|csv)\]", re.I)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class RefusalError(Exception):
    """The file as a whole is turned away, with a reason code and what was seen."""

    def __init__(self, code: str, seen: str = "", place: str = "") -> None:
        super().__init__(code)
        self.code, self.seen, self.place = code, seen, place


class SheetRefusalError(RefusalError):
    """One sheet is over a limit; `place` is the cell."""


def open_workbook(data: bytes, name: str) -> dict[str, Any]:
    """List the cells of a workbook.

    Parameters
    ----------
    data
        The whole file.
    name
        Its name as sent; only the ending counts.

    Returns
    -------
    dict
        kind ("xlsx" or "csv"), encoding, refusals (list of code, seen, sheet, cell)
        and sheets: name, rows as [row number, cells], merged ranges as
        [top, left, bottom, right], all counted from 1. A cell is None, a number, a
        text, or {"kind": ..., "value": ...} where kind is date (ISO), flag
        (TRUE/FALSE), error, no_value (formula never computed) or link (formula that
        reads another workbook).

    Raises
    ------
    RefusalError
        When no cell can be had from it.
    """
    ending = posixpath.splitext(name.lower())[1]
    if not data:
        raise RefusalError("E_EMPTY")
    if len(data) > FILE_BYTES:
        raise RefusalError("E_BOMB", f"{len(data):,} 字节")
    if data.startswith((OLE_MAGIC, *BIFF_MAGIC)):
        _refuse_ole(data)
    if data.startswith(ZIP_MAGIC):
        if ending == ".csv":
            raise RefusalError("E_TYPE", "zip")
        workbook = _Workbook(data)
        if ending != ".xlsx":
            raise RefusalError("E_NAME")
        return workbook.read()
    if MARKUP.match(data.lstrip(codecs.BOM_UTF8)):
        raise RefusalError("E_TYPE", "HTML/XML")
    if data.startswith((b"%PDF", b"{\\rtf")):
        raise RefusalError("E_TYPE", "PDF/RTF")
    if ending == ".csv":
        return _read_csv(data)
    if ending in (".xlsx", ".xls"):
        raise RefusalError("E_TYPE", "不是 zip 容器")
    raise RefusalError("E_NAME")


def _refuse_ole(data: bytes) -> NoReturn:
    """Password-protected workbooks and .xls share one container; entries tell which."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise RefusalError("E_ENCRYPTED")
    entries = ("Workbook", "Book")
    is_xls = any(f"{e}\0".encode("utf-16-le") in data for e in entries)
    if is_xls or not data.startswith(OLE_MAGIC):
        raise RefusalError("E_LEGACY_XLS")
    raise RefusalError("E_TYPE", "OLE")


# --- workbooks ------------------------------------------------------------------


class _Workbook:
    """An .xlsx container whose members have been checked before any is unpacked."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise RefusalError("E_CORRUPT", str(error)) from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._unpacked = 0
        self._check_members()
        self._check_parts()

    def _check_members(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > ZIP_MEMBERS:
            raise RefusalError("E_BOMB", f"{len(infos):,} 个部件")
        for info in infos:
            # Some writers use back-slashes; Excel compares names without case.
            name = info.filename.replace("\\", "/")
            if name.startswith("/") or ":" in name or ".." in name.split("/"):
                raise RefusalError("E_ZIP_PATH", name)
            if name.lower() in self._members:
                raise RefusalError("E_ZIP_DUP", name)
            if info.flag_bits & 1:
                raise RefusalError("E_ENCRYPTED")
            self._members[name.lower()] = info
        total = sum(info.file_size for info in infos)
        if total > UNPACKED_BYTES:
            raise RefusalError("E_BOMB", f"解压后 {total:,} 字节")

    def _check_parts(self) -> None:
        names = self._members
        macros = ("vbaproject.bin", "/macrosheets/", "/dialogsheets/")
        if any(macro in f"/{name}" for name in names for macro in macros):
            raise RefusalError("E_MACRO")
        if "[content_types].xml" not in names:
            raise RefusalError("E_TYPE", "zip")
        types = self.unpack("[content_types].xml")
        if b"macroEnabled" in types:
            raise RefusalError("E_MACRO")
        if "xl/workbook.bin" in names or "word/document.xml" in names:
            raise RefusalError("E_TYPE", "xlsb/docx")
        self.path = self._workbook_path()
        if self.path.lower() not in names:
            raise RefusalError("E_TYPE", "zip")
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                self._refuse_dtd(name)

    def _workbook_path(self) -> str:
        if "_rels/.rels" in self._members:
            for relation in self._elements("_rels/.rels", "Relationship"):
                if relation.get("Type", "").endswith("/officeDocument"):
                    return relation.get("Target", "").lstrip("/")
        return "xl/workbook.xml"

    def _refuse_dtd(self, name: str) -> None:
        def refuse(*_: Any) -> None:
            raise RefusalError("E_XML_DTD", name)

        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        # Only what precedes the first element can declare a document type.
        parser.StartElementHandler = _stop
        try:
            parser.Parse(self.unpack(name), True)
        except _PartReadError:
            pass
        except expat.ExpatError:
            if b"<!DOCTYPE" in self.unpack(name)[:4096]:
                raise RefusalError("E_XML_DTD", name) from None

    def unpack(self, name: str) -> bytes:
        """One member, whatever size it claims to have."""
        info = self._members.get(name.lower())
        if info is None:
            raise RefusalError("E_CORRUPT", name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusalError("E_CORRUPT", name)
        claimed, info.file_size = info.file_size, UNPACKED_BYTES + 1
        try:
            with self._zip.open(info) as member:
                content = member.read(UNPACKED_BYTES + 1)
        finally:
            info.file_size = claimed
        if len(content) > UNPACKED_BYTES:
            raise RefusalError("E_BOMB", name)
        if len(content) != claimed:
            raise RefusalError("E_CORRUPT", name)
        return content

    def read(self) -> dict[str, Any]:
        relations = {}
        folder, file = posixpath.split(self.path)
        for relation in self._elements(f"{folder}/_rels/{file}.rels", "Relationship"):
            relations[relation.get("Id")] = relation
        is_1904, entries = False, []
        for tag, attributes in self._all_elements(self.path):
            if tag == "workbookPr":
                is_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif tag == "sheet":
                entries.append(attributes)
        texts, date_styles = self._shared_strings(folder), self._date_styles(folder)
        sheets, refusals = [], []
        for entry in entries:
            if entry.get("state", "visible") != "visible":
                continue
            identity = next((v for k, v in entry.items() if k.endswith(":id")), None)
            relation = relations.get(identity, {})
            if not relation.get("Type", "").endswith("/worksheet"):
                continue
            path = posixpath.normpath(posixpath.join("/", folder, relation["Target"]))
            title = _unescape(entry.get("name", ""))
            sheet = _SheetParser(texts, date_styles, is_1904)
            try:
                rows, merged = sheet.parse(self.unpack(path.lstrip("/")))
            except SheetRefusalError as refused:
                refusals.append([refused.code, refused.seen, title, refused.place])
                rows, merged = [], []
            sheets.append({"name": title, "rows": rows, "merged": merged})
        return {
            "kind": "xlsx",
            "encoding": "",
            "refusals": refusals,
            "sheets": sheets,
        }

    def _elements(self, part: str, tag: str) -> list[dict[str, str]]:
        return [a for name, a in self._all_elements(part) if name == tag]

    def _all_elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        found = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, attributes: found.append(
            (_local(tag), attributes)
        )
        parser.Parse(self.unpack(part), True)
        return found

    def _shared_strings(self, folder: str) -> list[str]:
        part = f"{folder}/sharedStrings.xml".lower()
        if part not in self._members:
            return []
        texts: list[str] = []
        pieces: list[str] = []
        # Phonetic runs (rPh) repeat the text as a reading aid.
        state = {"in_text": False, "in_phonetic": False}

        def start(tag: str, _: dict[str, str]) -> None:
            tag = _local(tag)
            if tag == "si":
                pieces.clear()
            elif tag == "rPh":
                state["in_phonetic"] = True
            elif tag == "t":
                state["in_text"] = not state["in_phonetic"]

        def end(tag: str) -> None:
            tag = _local(tag)
            if tag == "si":
                texts.append(_unescape("".join(pieces)))
            elif tag == "rPh":
                state["in_phonetic"] = False
            elif tag == "t":
                state["in_text"] = False

        def characters(text: str) -> None:
            if state["in_text"]:
                pieces.append(text)

        _parse(self.unpack(part), start, end, characters)
        return texts

    def _date_styles(self, folder: str) -> set[str]:
        """Numbers of the cell styles that show a day or a month."""
        part = f"{folder}/styles.xml".lower()
        if part not in self._members:
            return set()
        formats, styles, in_cell_styles = {}, [], False
        for tag, attributes in self._all_elements(part):
            if tag == "numFmt":
                formats[attributes.get("numFmtId")] = attributes.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles"):
                in_cell_styles = tag == "cellXfs"
            elif tag == "xf" and in_cell_styles:
                styles.append(attributes.get("numFmtId", "0"))
        return {
            str(index)
            for index, number in enumerate(styles)
            if (
                _shows_a_date(formats[number])
                if number in formats
                else number.isdigit() and int(number) in BUILT_IN_DATES
            )
        }


class _SheetParser:
    """Values, faults and merged ranges of one sheet, in one pass."""

    def __init__(self, texts: list[str], date_styles: set[str], is_1904: bool) -> None:
        self._texts, self._date_styles, self._is_1904 = texts, date_styles, is_1904
        self._rows: dict[int, dict[int, Any]] = {}
        self._row: dict[int, Any] = {}
        self._row_number = self._column = 0
        self._used_columns: set[int] = set()
        self._merged: list[list[int]] = []
        self._linked_formulas: set[str] = set()
        self._in_cell = self._in_phonetic = False
        self._kind = self._style = self._shared_formula = ""
        self._capture: list[str] | None = None
        self._value: list[str] = []
        self._formula: list[str] | None = None

    def parse(self, xml: bytes) -> tuple[list[Any], list[list[int]]]:
        _parse(xml, self._start, self._end, self._characters)
        self._close_row()
        for number, row in self._rows.items():
            column = max(row)
            if column > COLUMNS or number > SHEET_ROWS:
                raise SheetRefusalError(
                    "E_SHEET_DIM", place=f"{letters_of(column)}{number}"
                )
        rows = [
            [number, [row.get(column) for column in range(1, max(row) + 1)]]
            for number, row in self._rows.items()
        ]
        return rows, self._merged

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = _local(tag)
        if tag == "c":
            self._open_cell(attributes)
        elif self._in_cell:
            if tag == "v" or (tag == "t" and not self._in_phonetic):
                self._capture = self._value
            elif tag == "f":
                self._capture = self._formula = []
                self._shared_formula = attributes.get("si", "")
            elif tag == "rPh":
                self._in_phonetic = True
        elif tag == "row":
            self._close_row()
            number = int(attributes.get("r", self._row_number + 1))
            if number <= self._row_number:
                raise RefusalError("E_CORRUPT", f"row {number}")
            self._row_number, self._row, self._column = number, {}, 0
        elif tag == "mergeCell":
            corners = attributes.get("ref", "").split(":")
            if len(corners) == 2 and corners[0] != corners[1]:
                (top, left), (bottom, right) = map(_position_of, corners)
                self._merged.append([top, left, bottom, right])

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = _column_of(letters)
            if (
                column <= self._column
                or int(reference[len(letters) :]) != self._row_number
            ):
                raise RefusalError("E_CORRUPT", reference)
            self._column = column
        self._in_cell, self._in_phonetic = True, False
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._value, self._formula, self._capture = [], None, None

    def _characters(self, text: str) -> None:
        if self._capture is not None:
            self._capture.append(text)

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = _local(tag)
        if tag == "c":
            self._in_cell = False
            value = self._cell()
            if value is not None and not (isinstance(value, str) and not value.strip()):
                self._row[self._column] = value
                if self._column not in self._used_columns:
                    self._used_columns.add(self._column)
                    if len(self._used_columns) > COLUMNS:
                        place = f"{letters_of(self._column)}{self._row_number}"
                        raise SheetRefusalError("E_TOO_MANY_COLS", place=place)
        elif self._capture is not None and tag in ("v", "t", "f"):
            self._capture = None
        elif tag == "rPh":
            self._in_phonetic = False

    def _close_row(self) -> None:
        if self._row:
            self._rows[self._row_number] = self._row
            self._row = {}
            if len(self._rows) > SHEET_ROWS:
                raise SheetRefusalError("E_TOO_MANY_ROWS", place=f"A{self._row_number}")

    def _cell(self) -> Any:
        text = "".join(self._value)
        kind = self._kind
        if self._formula is not None:
            if self._is_linked():
                return {"kind": "link", "value": text}
            if not text and kind != "str":
                return {"kind": "no_value", "value": ""}
        if kind == "s":
            return self._texts[int(text)] if text else None
        if kind in ("str", "inlineStr"):
            return _unescape(text)
        if not text:
            return None
        if kind == "e":
            return {"kind": "error", "value": text}
        if kind == "b":
            value = "TRUE" if text.strip() == "1" else "FALSE"
            return {"kind": "flag", "value": value}
        if kind == "d":
            return {"kind": "date", "value": text[:10]}
        return self._number(text.strip())

    def _is_linked(self) -> bool:
        """Cells that share a formula carry its text only once."""
        assert self._formula is not None
        if EXTERNAL.search("".join(self._formula)):
            if self._shared_formula:
                self._linked_formulas.add(self._shared_formula)
            return True
        return bool(self._shared_formula) and (
            self._shared_formula in self._linked_formulas
        )

    def _number(self, text: str) -> Any:
        if not NUMBER.fullmatch(text):
            return text
        number = float(text)
        if self._style in self._date_styles:
            day = _day_of_serial(number, self._is_1904)
            if day is not None:
                return {"kind": "date", "value": day.isoformat()}
        if abs(number) >= 1e300:
            return text
        # Excel keeps 15 digits; what lies behind them is noise of its arithmetic.
        number = float(f"{number:.15g}") if abs(number) < 1e15 else number
        return int(number) if number == int(number) else number


class _PartReadError(Exception):
    """Nothing more of this part is wanted."""


def _stop(*_: Any) -> None:
    raise _PartReadError


def _parse(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.Parse(xml, True)


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _unescape(text: str) -> str:
    """Characters that XML cannot hold stand in workbooks as _x0007_."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _shows_a_date(code: str) -> bool:
    """Whether a number format shows a year, a day, or a month (m beside h is minutes).

    >>> _shows_a_date('yyyy"年"m"月"'), _shows_a_date("#,##0"), _shows_a_date("mm:ss")
    (True, False, False)
    """
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code.split(";")[0]).lower()
    if "general" in bare:
        return False
    if "y" in bare or "d" in bare:
        return True
    return "m" in bare and "h" not in bare and "s" not in bare


def _day_of_serial(number: float, is_1904: bool) -> date | None:
    """The day that Excel shows for a serial; None where it shows none.

    >>> _day_of_serial(42552, False), _day_of_serial(41090, True)
    (datetime.date(2016, 7, 1), datetime.date(2016, 7, 1))
    """
    if not 1 <= number < 2_900_000:
        return None
    if is_1904:
        return date(1904, 1, 1) + timedelta(days=int(number))
    # Excel believes in a 29 February 1900, the 60th day.
    return date(1899, 12, 30 if number >= 61 else 31) + timedelta(days=int(number))


_COLUMN_OF: dict[str, int] = {}


def _column_of(letters: str) -> int:
    if letters not in _COLUMN_OF:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise RefusalError("E_CORRUPT", letters)
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        _COLUMN_OF[letters] = number
    return _COLUMN_OF[letters]


def _position_of(reference: str) -> tuple[int, int]:
    reference = reference.replace("$", "")
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), _column_of(letters)


def letters_of(column: int) -> str:
    """Name of a column counted from 1.

    >>> letters_of(1), letters_of(27), letters_of(16384)
    ('A', 'AA', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- CSV ------------------------------------------------------------------------


def _read_csv(data: bytes) -> dict[str, Any]:
    text, encoding = _decode(data)
    csv.field_size_limit(FILE_BYTES)
    rows: list[Any] = []
    used_columns: set[int] = set()
    refusals: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, record in enumerate(reader, 1):
            used = {i for i, cell in enumerate(record, 1) if cell.strip()}
            if not used:
                continue
            used_columns |= used
            cells = [cell if cell.strip() else None for cell in record]
            rows.append([number, cells])
            if len(used_columns) > COLUMNS:
                place = f"{letters_of(max(used))}{number}"
                refusals.append(["E_TOO_MANY_COLS", "", "", place])
                break
            if len(rows) > SHEET_ROWS:
                refusals.append(["E_TOO_MANY_ROWS", "", "", f"A{number}"])
                break
    except csv.Error:
        raise RefusalError("E_CSV", f"第{reader.line_num}行") from None
    if not rows:
        raise RefusalError("E_EMPTY")
    sheet = {"name": "", "rows": [] if refusals else rows, "merged": []}
    return {
        "kind": "csv",
        "encoding": encoding,
        "refusals": refusals,
        "sheets": [sheet],
    }


def _decode(data: bytes) -> tuple[str, str]:
    """Text of the file: UTF-8, else GB18030, either of them to the last byte."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RefusalError("E_ENCODING", "UTF-16")
    encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings[:1] if data.startswith(codecs.BOM_UTF8) else encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise RefusalError("E_NUL", f"第{line}行")
        if encoding == "gb18030":
            _refuse_mixture(data)
        return text, encoding
    raise RefusalError("E_ENCODING")


def _refuse_mixture(data: bytes) -> None:
    """GB18030 makes signs of almost any bytes, those of pasted UTF-8 lines too."""
    for number, line in enumerate(data.splitlines(), 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(re.findall("[\u3400-\u9fff]", text)) >= 4:
            raise RefusalError("E_ENCODING", f"第{number}行")


# --- the process ----------------------------------------------------------------


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent still has its clock.
        return
    for name, limit in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_CPU", PROCESSOR_SECONDS),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        try:
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            if hard == resource.RLIM_INFINITY or hard > limit:
                resource.setrlimit(kind, (limit, limit))
        except (AttributeError, ValueError, OSError):
            continue  # not every system knows every limit


def _answer(data: bytes, name: str) -> dict[str, Any]:
    try:
        return open_workbook(data, name)
    except RefusalError as refused:
        refusal = [refused.code, refused.seen, "", refused.place]
    except MemoryError:
        refusal = ["E_BOMB", "", "", ""]
    except expat.ExpatError as error:
        is_memory = error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
        refusal = ["E_BOMB" if is_memory else "E_CORRUPT", "XML", "", ""]
    except Exception as error:  # whatever broken bytes do to zlib, zipfile or int()
        refusal = ["E_CORRUPT", type(error).__name__, "", ""]
    return {"kind": "", "encoding": "", "refusals": [refusal], "sheets": []}


def main() -> None:
    _limit_resources()
    data = sys.stdin.buffer.read(FILE_BYTES + 1)
    try:
        answer = json.dumps(_answer(data, sys.argv[1])).encode("ascii")
    except MemoryError:
        answer = b'{"kind":"","refusals":[["E_BOMB","","",""]],"sheets":[]}'
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
