"""Bytes of a workbook or CSV file in, plain cells out: the guarded child process.

Files come from anywhere, so this module runs as a program of its own, under limits of
memory, processor time and open files, with the standard library alone:

    python -m data_pipeline.workbooks.open_workbook < files > cells

Each file that comes in is a line with its length and name and then its bytes, each that
goes out a line with a length and then JSON. It judges the container (what the bytes
are, the members of the zip) and lists the cells of every visible sheet as they stand.
What the cells mean is for `read_workbook`.
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
from typing import Any, NoReturn
from xml.parsers import expat

from data_pipeline.workbooks.refusal_words import listed, say
from data_pipeline.workbooks.sheet_cells import (
    COLUMNS,
    SHEET_ROWS,
    RefusalError,
    SheetParser,
    SheetRefusalError,
    letters_of,
    linked_names,
    local_name,
    parse_xml,
    read_shared_strings,
    read_styles,
)

FILE_BYTES = 5 * 1024**2
UNPACKED_BYTES = 64 * 1024**2
ZIP_MEMBERS = 200
MEMORY_BYTES = 768 * 1024**2
PROCESSOR_SECONDS = 20  # for each file
FILES_PER_CHILD = 100
OPEN_FILES = 16

# Signs that separate cells in the place of commas, by what they are called.
SEPARATORS = {
    ";": "semicolon",
    "；": "wide_semicolon",
    "\t": "tab",
    "，": "wide_comma",
    "|": "bar",
}
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
BIFF_MAGIC = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
WORKBOOK_TYPE = re.compile(r"(sheet|template|macroEnabled)\.main\+xml$", re.I)
MARKUP = re.compile(rb"\s*<(!doctype|html|table|head|body|meta|div|\?xml|!--)", re.I)


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
        kind ("xlsx" or "csv"), encoding, refusals (list of code, seen, sheet, cell),
        sheets and hidden (sheets that nobody sees, of which only the cells count).
        A sheet is name, rows as [row number, cells], merged ranges as
        [top, left, bottom, right], all counted from 1, and has_drawing (a picture or
        chart). A cell is None, a number, a text, or {"kind": ..., "value": ...} where
        kind is date (ISO), flag (TRUE/FALSE), error, no_value (formula never computed)
        or link (formula that reads another workbook).

    Raises
    ------
    RefusalError
        When no cell can be had from it.
    """
    ending = posixpath.splitext(name.lower())[1]
    if not data:
        raise RefusalError("E_EMPTY")
    if len(data) > FILE_BYTES:
        raise RefusalError("E_BOMB", say("E_BOMB.file_bytes", most=FILE_BYTES))
    if data.startswith((OLE_MAGIC, *BIFF_MAGIC)):
        _refuse_ole(data)
    if data.startswith(ZIP_MAGIC):
        if ending == ".csv":
            raise RefusalError("E_TYPE", "zip")
        workbook = _Workbook(data)
        if ending != ".xlsx":
            raise RefusalError("E_NAME")
        return workbook.read()
    if MARKUP.match(data.removeprefix(codecs.BOM_UTF8)):
        raise RefusalError("E_TYPE", "HTML/XML")
    if data.startswith((b"%PDF", b"{\\rtf")):
        raise RefusalError("E_TYPE", "PDF/RTF")
    if ending == ".csv":
        return _read_csv(data)
    if ending in (".xlsx", ".xls"):
        raise RefusalError("E_TYPE", say("E_TYPE.no_workbook"))
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


class _PartReadError(Exception):
    """Nothing more of this part is wanted."""


class _Workbook:
    """An .xlsx container whose members have been checked before any is unpacked."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise RefusalError("E_CORRUPT") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._check_members()
        self._check_parts()

    def _check_members(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > ZIP_MEMBERS:
            seen = say("E_BOMB.members", n=len(infos), most=ZIP_MEMBERS)
            raise RefusalError("E_BOMB", seen)
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
            seen = say("E_BOMB.unpacked", n=total, most=UNPACKED_BYTES)
            raise RefusalError("E_BOMB", seen)

    def _check_parts(self) -> None:
        names = self._members
        macros = ("vbaproject.bin", "/macrosheets/", "/dialogsheets/")
        if any(macro in f"/{name}" for name in names for macro in macros):
            raise RefusalError("E_MACRO")
        if "[content_types].xml" not in names:
            raise RefusalError("E_TYPE", "zip")
        if "xl/workbook.bin" in names or "word/document.xml" in names:
            raise RefusalError("E_TYPE", "xlsb/docx")
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                self._refuse_dtd(name)
        self._path = self._find_workbook()

    def _find_workbook(self) -> str:
        """The one part that is the workbook; of two, readers open different ones."""
        related = []
        if "_rels/.rels" in self._members:
            related = [
                attributes.get("Target", "")
                for tag, attributes in self._elements("_rels/.rels")
                if tag == "Relationship"
                and attributes.get("Type", "").endswith("/officeDocument")
            ]
        typed = [
            attributes.get("PartName", "")
            for tag, attributes in self._elements("[content_types].xml")
            if tag == "Override" and WORKBOOK_TYPE.search(attributes["ContentType"])
        ]
        paths = {
            posixpath.normpath(posixpath.join("/", part)).lstrip("/")
            for part in (*(related or ["xl/workbook.xml"]), *typed)
        }
        existing = [path for path in paths if path.lower() in self._members]
        if not existing:
            raise RefusalError("E_TYPE", "zip")
        if len({path.lower() for path in existing}) > 1:
            raise RefusalError("E_CORRUPT", listed(sorted(existing)))
        return existing[0]

    def _refuse_dtd(self, name: str) -> None:
        def refuse(*_: Any) -> None:
            raise RefusalError("E_XML_DTD", name)

        def stop(*_: Any) -> None:
            raise _PartReadError

        content = self._unpack(name)
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        # Only what precedes the first element can declare a document type.
        parser.StartElementHandler = stop
        try:
            parser.Parse(content, True)
        except _PartReadError:
            return
        except expat.ExpatError:
            if b"<!DOCTYPE" in content[:4096]:
                raise RefusalError("E_XML_DTD", name) from None

    def _unpack(self, name: str) -> bytes:
        """One member, whatever size it claims to have."""
        info = self._members.get(name.lower())
        if info is None or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise RefusalError("E_CORRUPT", name)
        # zipfile stops at the claimed size and then compares the checksum: a claim
        # that is never reached shows what is really there.
        claimed, info.file_size = info.file_size, UNPACKED_BYTES + 2
        try:
            with self._zip.open(info) as member:
                content = member.read(UNPACKED_BYTES + 1)
        finally:
            info.file_size = claimed
        if len(content) > UNPACKED_BYTES:
            seen = say("E_BOMB.member_unpacked", name=name, most=UNPACKED_BYTES)
            raise RefusalError("E_BOMB", seen)
        if len(content) != claimed:
            raise RefusalError("E_CORRUPT", name)
        return content

    def _elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """Tag and attributes of every element of a part."""
        found: list[tuple[str, dict[str, str]]] = []
        parse_xml(
            self._unpack(part),
            lambda tag, attributes: found.append((local_name(tag), attributes)),
        )
        return found

    def _defined_names(self) -> dict[str, str]:
        """Names of the workbook and the formulas they stand for."""
        found: dict[str, str] = {}
        name = ""

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal name
            name = ""
            if local_name(tag) == "definedName":
                name = attributes.get("name", "")

        def characters(text: str) -> None:
            if name:
                found[name] = found.get(name, "") + text

        parse_xml(self._unpack(self._path), start, None, characters)
        return found

    def read(self) -> dict[str, Any]:
        """Cells of the visible sheets; see `open_workbook`."""
        folder, file = posixpath.split(self._path)
        kinds: dict[str, str] = {}
        paths: dict[str, str] = {}
        for _, attributes in self._elements(f"{folder}/_rels/{file}.rels"):
            identity, target = attributes.get("Id", ""), attributes.get("Target", "")
            if identity in kinds:
                raise RefusalError("E_CORRUPT", identity)
            kinds[identity] = attributes.get("Type", "").rpartition("/")[2]
            path = posixpath.normpath(posixpath.join("/", folder, target))
            paths[identity] = path.lstrip("/")
        parts: dict[str, str] = {}
        for identity, path in paths.items():
            kind = kinds[identity]
            if kind in ("sharedStrings", "styles") and parts.get(kind, path) != path:
                raise RefusalError("E_CORRUPT", path)
            parts[kind] = path
        is_1904, is_uncomputed, entries = False, False, []
        defined = self._defined_names()
        for tag, attributes in self._elements(self._path):
            if tag == "workbookPr":
                is_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif tag == "calcPr":
                is_uncomputed = attributes.get("fullCalcOnLoad") in ("1", "true")
            elif tag == "sheet":
                entries.append(attributes)
        texts: list[str] = []
        if "sharedStrings" in parts:
            texts = read_shared_strings(self._unpack(parts["sharedStrings"]))
        styles = self._elements(parts["styles"]) if "styles" in parts else []
        names = linked_names(defined)
        parser = SheetParser(texts, *read_styles(styles), is_1904, is_uncomputed, names)
        sheets, hidden, refusals, seen = [], [], [], set()
        for entry in entries:
            title = entry.get("name", "")
            is_visible = entry.get("state", "visible") == "visible"
            identity = next((v for k, v in entry.items() if k.endswith(":id")), "")
            part = paths.get(identity, "")
            if not part or part in seen:
                raise RefusalError("E_CORRUPT", part or title)
            seen.add(part)
            sheet = {"name": title, "rows": [], "merged": [], "has_drawing": True}
            if kinds[identity] == "worksheet":
                try:
                    rows, merged = parser.parse(self._unpack(part))
                except SheetRefusalError as refused:
                    if is_visible:
                        place = [refused.seen, title, refused.place]
                        refusals.append([refused.code, *place])
                    continue
                drawing = parser.has_drawing
                sheet |= {"rows": rows, "merged": merged, "has_drawing": drawing}
            (sheets if is_visible else hidden).append(sheet)
        return {
            "kind": "xlsx",
            "encoding": "",
            "refusals": refusals,
            "sheets": sheets,
            "hidden": hidden,
        }


def _read_csv(data: bytes) -> dict[str, Any]:
    text, encoding = _decode(data.removesuffix(b"\x1a"))  # how DOS ends a file
    csv.field_size_limit(FILE_BYTES)
    rows: list[Any] = []
    used_columns: set[int] = set()
    refusals: list[list[str]] = []
    _refuse_separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, record in enumerate(reader, 1):
            used = {i for i, cell in enumerate(record, 1) if cell.strip()}
            if not used:
                continue
            used_columns |= used
            rows.append([number, [cell if cell.strip() else None for cell in record]])
            if len(used_columns) > COLUMNS:
                place = f"{letters_of(max(used))}{number}"
                refusals.append(["E_TOO_MANY_COLS", "", "", place])
                break
            if len(rows) > SHEET_ROWS:
                refusals.append(["E_TOO_MANY_ROWS", "", "", f"A{number}"])
                break
    except csv.Error:
        seen = say("E_CSV.line", line=reader.line_num)
        raise RefusalError("E_CSV", seen) from None
    if not rows:
        raise RefusalError("E_EMPTY")
    sheet = {"name": "", "rows": rows, "merged": [], "has_drawing": False}
    return {
        "kind": "csv",
        "encoding": encoding,
        "refusals": refusals,
        "sheets": [] if refusals else [sheet],
        "hidden": [],
    }


def _refuse_separator(text: str) -> None:
    """A file whose lines are separated by something other than commas."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if lines and re.match(r"sep=.", lines[0], re.I):
        raise RefusalError("E_CSV", say("E_CSV.declared", sign=lines[0][4:5]))
    for separator, name in SEPARATORS.items():
        # A heading of six columns or more, without one comma.
        if any(line.count(separator) >= 5 and "," not in line for line in lines):
            raise RefusalError("E_CSV", say(f"E_CSV.{name}"))


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
            raise RefusalError("E_NUL", say("E_NUL.line", line=line))
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
            raise RefusalError("E_ENCODING", say("E_ENCODING.line", line=number))


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent still has its clock.
        return
    for name, limit in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_CPU", PROCESSOR_SECONDS * FILES_PER_CHILD),
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


def _limit_processor_time() -> None:
    """From now on the next file's; all of it is limited by `_limit_resources`."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + PROCESSOR_SECONDS
    try:
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = until if hard == resource.RLIM_INFINITY else min(until, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    except (ValueError, OSError):
        return


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
    return {
        "kind": "",
        "encoding": "",
        "refusals": [refusal],
        "sheets": [],
        "hidden": [],
    }


def _answer_next(length: int, name: str) -> None:
    _limit_processor_time()
    data = sys.stdin.buffer.read(length)
    try:
        answer = json.dumps(_answer(data, name)).encode("ascii")
    except MemoryError:
        answer = b'{"kind":"","refusals":[["E_BOMB","","",""]],"sheets":[],"hidden":[]}'
    sys.stdout.buffer.write(b"%d\n" % len(answer))
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def main() -> None:
    """Say of each file on standard input what `open_workbook` lists of it."""
    _limit_resources()
    for line in iter(sys.stdin.buffer.readline, b""):
        _answer_next(*json.loads(line))


if __name__ == "__main__":
    main()
