"""The XML of a worksheet in, its cells out: values, faults and merged ranges at once.

One pass gives both what a cell says and what is wrong with it, so that no second
reader can disagree with the first. Standard library alone: this runs in the guarded
child process of `open_workbook`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from data_pipeline.workbooks.refusal_words import say

COLUMNS = 64
# Data rows are limited to 5,000 by the reader; titles, sub-totals and signatures
# stand beside them, so that a sheet may hold more rows than that.
SHEET_ROWS = 10_000
MERGED_RANGES = 5_000
TEXT_CHARS = 64 * 1024**2

# Number formats that are never written out, as Excel shows them in Chinese.
BUILT_IN_DATES = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}
BUILT_IN_PERCENT = {9, 10}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Links to other workbooks are stored as [1]Sheet!A1; a name in brackets after a word
# is a column of a table in the same workbook.
# Another workbook, a web service, or another program (DDE: program|topic!item).
EXTERNAL = re.compile(
    r"(?<![\w\]])\[\d+\]|\[[^\[\]]*\.(?:xls[xmb]?|csv|ods|et)\]"
    r"|\b(?:WEBSERVICE|RTD|DDE|IMPORTRANGE)\s*\(|\|[^|]*!",
    re.I,
)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
BEFORE_WORKBOOK_DATES = date(1899, 12, 31)


class RefusalError(Exception):
    """The file is turned away: a reason code, what was seen, and where."""

    def __init__(self, code: str, seen: str = "", place: str = "") -> None:
        super().__init__(code)
        self.code, self.seen, self.place = code, seen, place


class SheetRefusalError(RefusalError):
    """One sheet is over a limit; the others are still looked at."""


class SheetParser:
    """Reads the sheets of one workbook.

    Parameters
    ----------
    texts
        Shared strings.
    date_styles, percent_styles
        Numbers (as text) of the cell styles that show a day or a per cent.
    is_1904
        Whether days are counted from 1904.
    is_uncomputed
        Whether the workbook asks for its formulas to be computed when it is opened.
    linked_names
        Defined names, upper case, that stand for cells of another workbook.
    """

    def __init__(
        self,
        texts: list[str],
        date_styles: set[str],
        percent_styles: set[str],
        is_1904: bool,
        is_uncomputed: bool = False,
        linked_names: Iterable[str] = (),
    ) -> None:
        self._texts, self._is_1904 = texts, is_1904
        self._linked_names = frozenset(linked_names)
        self._is_uncomputed = is_uncomputed
        self._date_styles, self._percent_styles = date_styles, percent_styles
        self._other_styles = date_styles | percent_styles
        self._n_chars = 0

    def parse(self, xml: bytes) -> tuple[list[Any], list[list[int]]]:
        """Rows as [number, cells] and merged ranges as [top, left, bottom, right].

        Rows and columns count from 1; cells are as `open_workbook` describes them.
        Afterwards `has_drawing` says whether a picture or chart stands on the sheet.
        """
        self.has_drawing = False
        self._rows: dict[int, dict[int, Any]] = {}
        self._row: dict[int, Any] = {}
        self._row_number = self._column = 0
        self._used_columns: set[int] = set()
        self._merged: list[list[int]] = []
        self._linked_formulas: set[str] = set()
        self._in_data = self._in_cell = self._in_phonetic = False
        self._n_blocks = 0
        self._capture: list[str] | None = None
        parse_xml(xml, self._start, self._end, self._characters)
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
            tag = local_name(tag)
        if tag == "c" and self._in_data:
            self._open_cell(attributes)
        elif self._in_cell:
            if tag in ("v", "is", "f"):
                # Of two values in one cell readers disagree which one counts.
                if tag in self._seen or (tag != "f" and self._seen & {"v", "is"}):
                    place = f"{letters_of(self._column)}{self._row_number}"
                    raise RefusalError("E_CORRUPT", say("E_CORRUPT.two_values"), place)
                self._seen.add(tag)
            if tag == "v" or (tag == "t" and not self._in_phonetic):
                self._capture = self._value
            elif tag == "f":
                self._capture = self._formula = []
                self._shared_formula = attributes.get("si", "")
            elif tag == "rPh":
                self._in_phonetic = True
        elif tag == "row" and self._in_data:
            self._close_row()
            number = int(attributes.get("r", self._row_number + 1))
            if number <= self._row_number:
                raise RefusalError("E_CORRUPT", f"row {number}")
            self._row_number, self._row, self._column = number, {}, 0
        elif tag == "sheetData":
            self._in_data = True
            self._n_blocks += 1
            if self._n_blocks > 1:
                raise RefusalError("E_CORRUPT", "sheetData")
        elif tag == "drawing":
            self.has_drawing = True
        elif tag == "mergeCell":
            self._note_merged(attributes.get("ref", ""))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            row, column = _position_of(reference)
            # Two cells in one place: readers would disagree which one counts.
            if column <= self._column or row != self._row_number:
                raise RefusalError("E_CORRUPT", reference)
            self._column = column
        self._in_cell, self._in_phonetic = True, False
        self._seen: set[str] = set()
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._shared_formula = ""
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._capture = None

    def _note_merged(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if last and last != first:
            (top, left), (bottom, right) = _position_of(first), _position_of(last)
            self._merged.append([top, left, bottom, right])
            if len(self._merged) > MERGED_RANGES:
                raise SheetRefusalError("E_BOMB", say("E_BOMB.merged"), first)

    def _characters(self, text: str) -> None:
        if self._capture is not None:
            self._capture.append(text)

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = local_name(tag)
        if tag == "c" and self._in_cell:
            self._in_cell = False
            value = self._cell()
            if value is not None and not (isinstance(value, str) and not value.strip()):
                self._keep(value)
        elif self._capture is not None and tag in ("v", "t", "f"):
            self._capture = None
        elif tag == "rPh":
            self._in_phonetic = False
        elif tag == "sheetData":
            self._in_data = False

    def _keep(self, value: Any) -> None:
        self._row[self._column] = value
        if isinstance(value, str):
            # A long shared string that thousands of cells point to.
            self._n_chars += len(value)
            if self._n_chars > TEXT_CHARS:
                raise RefusalError("E_BOMB", say("E_BOMB.texts", most=TEXT_CHARS))
        if self._column not in self._used_columns:
            self._used_columns.add(self._column)
            if len(self._used_columns) > COLUMNS:
                place = f"{letters_of(self._column)}{self._row_number}"
                raise SheetRefusalError("E_TOO_MANY_COLS", place=place)

    def _close_row(self) -> None:
        if self._row:
            self._rows[self._row_number] = self._row
            self._row = {}
            if len(self._rows) > SHEET_ROWS:
                place = f"A{self._row_number}"
                raise SheetRefusalError("E_TOO_MANY_ROWS", place=place)

    def _cell(self) -> Any:
        text = "".join(self._value)
        kind = self._kind
        if self._formula is not None:
            if self._is_linked():
                return {"kind": "link", "value": text}
            # A program that never computes writes 0 and asks for it on opening.
            is_placeholder = self._is_uncomputed and text in ("", "0")
            if is_placeholder or (not text and kind != "str"):
                return {"kind": "no_value", "value": ""}
        if kind == "s":
            return self._texts[int(text)] if text else None
        if kind in ("str", "inlineStr"):
            return unescape(text)
        text = text.strip()
        if not text:
            return None
        if kind == "e":
            return {"kind": "error", "value": text}
        if kind == "b":
            return {"kind": "flag", "value": "TRUE" if text == "1" else "FALSE"}
        if kind == "d":
            return {"kind": "date", "value": text[:10]}
        return self._number(text)

    def _is_linked(self) -> bool:
        """Cells that share a formula carry its text only once."""
        formula = "".join(self._formula or ())
        if EXTERNAL.search(formula) or names_used(formula, self._linked_names):
            self._linked_formulas.add(self._shared_formula or "alone")
            return True
        return self._shared_formula in self._linked_formulas

    def _number(self, text: str) -> Any:
        is_plain = self._style not in self._other_styles
        if is_plain and len(text) <= 15 and text.isascii() and text.isdecimal():
            return int(text)  # nearly all of a ledger
        if not NUMBER.fullmatch(text) or abs(number := float(text)) >= 1e300:
            return text
        if self._style in self._date_styles:
            day = day_of_serial(number, self._is_1904)
            if day is not None:
                return {"kind": "date", "value": day.isoformat()}
        if self._style in self._percent_styles:
            return f"{number * 100:g}%"  # what people see: 1 stands there as 100%
        # Excel keeps 15 digits; what lies behind them is noise of its arithmetic.
        kept = Decimal(f"{number:.15g}")
        return int(kept) if kept == kept.to_integral_value() else float(kept)


def parse_xml(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Run a part through expat with these handlers."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.Parse(xml, True)


def names_used(formula: str, names: frozenset[str]) -> bool:
    """Whether a formula uses one of these names (upper case).

    >>> names_used("SUM(六月)+1", frozenset({"六月"}))
    True
    """
    if not names:
        return False
    words = re.findall(r"[^\W\d][\w.\\]*", re.sub(r'"[^"]*"', "", formula))
    return any(word.upper() in names for word in words)


def linked_names(defined: Mapping[str, str]) -> frozenset[str]:
    """Defined names, upper case, that reach another workbook, also through others.

    >>> sorted(linked_names({"甲": "[1]台账!$K$2", "乙": "甲*2", "丙": "台账!$A$1"}))
    ['乙', '甲']
    """
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(
            name.upper()
            for name, formula in defined.items()
            if EXTERNAL.search(formula) or names_used(formula, found)
        )
        if more == found:
            return found
        found = more


def read_shared_strings(xml: bytes) -> list[str]:
    """Texts of sharedStrings.xml, the runs of each put together."""
    texts: list[str] = []
    pieces: list[str] = []
    in_text = in_phonetic = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal in_text, in_phonetic
        tag = local_name(tag)
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":  # repeats the text as a reading aid
            in_phonetic = True
        elif tag == "t":
            in_text = not in_phonetic

    def end(tag: str) -> None:
        nonlocal in_text, in_phonetic
        tag = local_name(tag)
        if tag == "si":
            texts.append(unescape("".join(pieces)))
        elif tag == "rPh":
            in_phonetic = False
        elif tag == "t":
            in_text = False

    def characters(text: str) -> None:
        if in_text:
            pieces.append(text)

    parse_xml(xml, start, end, characters)
    return texts


def read_styles(
    elements: Iterable[tuple[str, dict[str, str]]],
) -> tuple[set[str], set[str]]:
    """Numbers of the cell styles that show a day, and of those that show a per cent.

    Parameters
    ----------
    elements
        Tag and attributes of each element of styles.xml, in order.
    """
    codes: dict[str, str] = {}
    styles, is_cell_style = [], False
    for tag, attributes in elements:
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyles", "cellStyleXfs"):
            is_cell_style = tag == "cellXfs"
        elif tag == "xf" and is_cell_style:
            styles.append(attributes.get("numFmtId", "0"))
    dates, percents = set(), set()
    for index, number in enumerate(styles):
        code = codes.get(number)
        built_in = int(number) if code is None and number.isdigit() else -1
        if built_in in BUILT_IN_DATES or (code and shows_a_date(code)):
            dates.add(str(index))
        elif built_in in BUILT_IN_PERCENT or (code and "%" in _bare_format(code)):
            percents.add(str(index))
    return dates, percents


def local_name(tag: str) -> str:
    """An element's name without its prefix."""
    return tag.rpartition(":")[2]


def unescape(text: str) -> str:
    r"""Characters that XML cannot hold stand in workbooks as _x0007_.

    >>> unescape("机关_x0007_")
    '机关\x07'
    """
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def shows_a_date(code: str) -> bool:
    """Whether a number format shows a year, a day, or a month (m beside h is minutes).

    >>> shows_a_date('yyyy"年"m"月"'), shows_a_date("#,##0"), shows_a_date("mm:ss")
    (True, False, False)
    """
    bare = _bare_format(code)
    if "general" in bare:
        return False
    if "y" in bare or "d" in bare:
        return True
    return "m" in bare and "h" not in bare and "s" not in bare


def _bare_format(code: str) -> str:
    """The first section of a format without its literals."""
    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code.split(";")[0]).lower()


def day_of_serial(number: float, is_1904: bool) -> date | None:
    """The day that Excel shows for a serial; None where it shows none.

    >>> day_of_serial(42552, False), day_of_serial(41090, True)
    (datetime.date(2016, 7, 1), datetime.date(2016, 7, 1))
    """
    if not 1 <= number < 2_900_000:
        return None
    if is_1904:
        return date(1904, 1, 1) + timedelta(days=int(number))
    # Excel believes in a 29 February 1900, the 60th day.
    return BEFORE_WORKBOOK_DATES + timedelta(days=int(number) - (number >= 61))


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


_COLUMN_OF: dict[str, int] = {}


def _position_of(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as C12 or $C$12."""
    reference = reference.replace("$", "")
    letters = reference.rstrip("0123456789")
    if letters not in _COLUMN_OF:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise RefusalError("E_CORRUPT", reference)
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        _COLUMN_OF[letters] = column
    return int(reference[len(letters) :]), _COLUMN_OF[letters]
