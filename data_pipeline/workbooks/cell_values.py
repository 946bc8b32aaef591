"""One cell in, one value of the column's type out, or a fault that says why not.

Dirty but unmistakable forms are read (full-width digits, 12次, 1,234, 2016年7月份);
whatever could mean two things is a fault. Nothing is guessed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from data_pipeline.registry import YES_NO, Column, Registry, fold_name
from data_pipeline.registry.reading import CONTROL
from data_pipeline.workbooks.recognised import remember_short, word, words
from data_pipeline.workbooks.refusal_words import Fault, fault, listed, say

LARGEST_COUNT = 10_000_000
CELL_CHARS = 2_000
CODE_CHARS = 64
NAME_HINTS = 50
LARGEST_DIGITS = 15  # more of a number do not survive a spreadsheet
NO_BRANCH = frozenset(words("no_branch"))
BLANK_WORDS = frozenset(words("blank"))

# Full-width forms of ASCII. Compatibility folding would go further and read ² as 2.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTH |= dict.fromkeys((0x3000, 0x00A0, 0x2007, 0x202F), " ")
_WIDTH |= dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF), "")
_WIDTH |= dict.fromkeys((0x2212, 0xFE63), "-")

_APOSTROPHE = re.compile(r"^['’‘`]\s*(?=[0-9])")
_SIGNS = "".join(words("count_signs"))
_COUNT = re.compile(rf"([0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.0{{1,2}})?[{_SIGNS}]?")
_NEGATIVE = re.compile(rf"-[0-9][0-9,]*(?:\.[0-9]+)?[{_SIGNS}]?|\([0-9][0-9,]*\)")
_YEAR, _DAY_SIGN = word("dates.year"), word("dates.day")
_MONTH_SIGN, _MORE = word("dates.month"), word("dates.month_more")
_MONTH = re.compile(
    rf"([0-9]{{4}})(?:-|/|\.|{_YEAR})([0-9]{{1,2}})({_MONTH_SIGN}{_MORE}?)?"
)
_MONTH_ALONE = re.compile(rf"([0-9]{{1,2}}){_MONTH_SIGN}{_MORE}?")
_DAY = re.compile(
    rf"([0-9]{{4}})(?:-|/|\.|{_YEAR})([0-9]{{1,2}})(?:-|/|\.|{_MONTH_SIGN})"
    rf"([0-9]{{1,2}}){_DAY_SIGN}?"
    r"(?:[T ]?00:00(?::00(?:\.0+)?)?)?"
)
_MONTH_DIGITS = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])")
_DAY_DIGITS = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])")
_SHORT_YEAR = re.compile(rf"([0-9]{{2}}){_YEAR}([0-9]{{1,2}}){_MONTH_SIGN}{_MORE}?")
_ERROR = re.compile(
    r"#(DIV/0!|REF!|N/A|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!|GETTING_DATA|FIELD!"
    r"|CONNECT!|BLOCKED!|UNKNOWN!|BUSY!|EXTERNAL!)",
    re.I,
)
WORD_JOIN = "、"
_WORD_ENDS = re.compile(r"[、,，;；\n]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{1,3}", re.I)
_SEVERAL = re.compile(rf"[、,;；~～{''.join(words('between'))}]")
_SPACE, _DIGIT = re.compile(r"\s+"), re.compile("[0-9]")
_BRANCH_CODE = re.compile(r"[A-Za-z0-9_\-./#]*[0-9][A-Za-z0-9_\-./#]*")


class Special(NamedTuple):
    """A cell that is neither number nor text: date, flag, error, no_value or link."""

    kind: str
    value: str


Cell = None | int | float | str | Special
Value = None | int | str | bool | date


def fold_width(text: str) -> str:
    """Half-width, without spaces at the ends or marks that nobody sees.

    An apostrophe before digits tells a spreadsheet that they are text.

    >>> fold_width("　１２次 "), fold_width("'12")
    ('12次', '12')
    """
    return _APOSTROPHE.sub("", text.translate(_WIDTH).strip())


def text_of(cell: Cell) -> str:
    """What a person sees in the cell."""
    if cell is None:
        return ""
    if isinstance(cell, Special):
        return cell.value
    return str(cell)


def fold_code(code: str) -> str:
    """A code as it is kept: one width, capitals, no white space.

    >>> fold_code("ｒ-1 ")
    'R-1'
    """
    return _compact(code).upper()


def is_blank(cell: Cell) -> bool:
    """Whether the cell says "not reported": nothing, /, -, — or 无; 0 does not."""
    if isinstance(cell, str):
        return len(cell) < CELL_CHARS and _compact(cell) in BLANK_WORDS
    return cell is None or (isinstance(cell, Special) and not cell.value.strip())


def fault_of_any_cell(cell: Cell) -> Fault | None:
    """What no cell of a table may hold, whatever its column."""
    if isinstance(cell, Special):
        if cell.kind == "error":
            return fault("E_CELL_ERROR", "cell")
        if cell.kind == "no_value":
            return fault("E_FORMULA_NO_VALUE", "cell")
        if cell.kind == "link":
            return fault("E_EXTERNAL_LINK", "cell")
    elif isinstance(cell, str):
        if len(cell) > CELL_CHARS:
            return fault("E_CELL_TOO_LONG", "cell", n=len(cell), most=CELL_CHARS)
        if _ERROR.fullmatch(_compact(cell)):
            return fault("E_CELL_ERROR", "cell")
        control = CONTROL.search(cell)
        if control:
            return fault("E_CONTROL_CHAR", "cell", sign=f"{ord(control[0]):04X}")
    return None


def converter(
    column: Column, registry: Registry, years: Iterable[int] = ()
) -> Callable[[Cell], Value | Fault]:
    """The function that turns cells of a column into values.

    Parameters
    ----------
    column
        Its type decides; words and max_chars are taken from it.
    registry
        Where units, sectors and groups are looked up.
    years
        Years that the title rows name; a month without a year takes the only one.

    Returns
    -------
    callable
        From a cell to its value: None where blank, codes for units, sectors, groups
        and words, "YYYY-MM" for months, date, whole number, bool or text; a Fault
        where the cell cannot be read without guessing.
    """
    titled = sorted(set(years))
    year = titled[0] if len(titled) == 1 else None
    hints = iter(range(NAME_HINTS))  # looking for a near name is slow

    def read(cell: Cell) -> Value | Fault:
        found = fault_of_any_cell(cell)
        if found:
            return found
        if column.type == "word":
            code = _words(column).get(fold_name(text_of(cell)))
            if code is not None:
                return code
        if is_blank(cell):
            return None
        if column.type == "count":
            return read_count(cell)
        if column.type == "month":
            return read_month(cell, year)
        if column.type == "date":
            return read_date(_dashed(cell))
        if column.type in ("unit", "sector", "group"):
            code = registry.resolve(_DIMENSION[column.type], fold_width(text_of(cell)))
            if code is not None:
                return code
            return _unknown_place(column.type, cell, registry, next(hints, None))
        if column.type in ("branch", "draw", "case"):
            return _read_code(cell, _noun(column.type))
        if column.type == "round":
            return _read_round(cell, len(registry.calendar.rounds))
        if column.type == "word":
            return fault("E_VALUE", "word", words=listed(column.words))
        if column.type == "words":
            return _read_words(column, cell)
        if column.type == "yes_no":
            return _read_yes_no(column, cell)
        return _read_text(column, cell)

    return read


def read_count(cell: Cell) -> int | Fault:
    """A whole number from 0 to ten million.

    >>> read_count("1,234次"), read_count("约30").code, read_count("（5）").code
    (1234, 'E_NUMBER', 'E_RANGE')
    """
    if isinstance(cell, float):
        if cell != int(cell):
            if cell < 0:
                return fault("E_RANGE", "negative")
            return fault("E_NUMBER", "decimal")
        cell = int(cell)
    if isinstance(cell, int):
        number = cell
    else:
        text = _compact(text_of(cell))
        if isinstance(cell, Special) or not _COUNT.fullmatch(text):
            if isinstance(cell, str) and _NEGATIVE.fullmatch(text):
                return fault("E_RANGE", "negative")
            return fault("E_NUMBER", "not_whole")
        digits = text.partition(".")[0].rstrip(_SIGNS).replace(",", "")
        # Python refuses to convert thousands of digits; ten tell that it is too many.
        number = int(digits.lstrip("0")[:10] or "0")
    if number < 0:
        return fault("E_RANGE", "negative")
    if number > LARGEST_COUNT:
        return fault("E_RANGE", "too_large", most=LARGEST_COUNT)
    return number


def holds_number(cell: Cell) -> bool:
    """Whether a count stands in the cell, be it wrong or out of range."""
    if isinstance(cell, Special):
        return cell.kind in ("error", "no_value", "link")
    if isinstance(cell, str):
        text = _compact(cell) if len(cell) < 40 else ""
        return bool(_COUNT.fullmatch(text) or _NEGATIVE.fullmatch(text))
    return cell is not None


def read_month(cell: Cell, year: int | None = None) -> str | Fault:
    """A month as YYYY-MM; `year` serves a month that stands without one.

    >>> read_month("２０１６年７月份"), read_month("7月", 2016), read_month(42552).code
    ('2016-07', '2016-07', 'E_DATE')
    >>> read_month(201607), read_month("16年7月")
    ('2016-07', '2016-07')
    """
    cell = _dashed(cell)
    if isinstance(cell, int | float):
        # 2016.7 typed as a number is plain; 2016.1 could be January or October.
        text = str(cell)
        if re.fullmatch(r"20[0-9]{2}\.([2-9]|1[12]|0[1-9])", text):
            return _month(*text.split("."))
        return fault("E_DATE", "number")
    day = read_date(cell)
    if isinstance(day, date):
        return f"{day:%Y-%m}"
    if not isinstance(cell, str):
        return fault("E_DATE", "not_month")
    text = _compact(cell)
    match = _MONTH.fullmatch(text)
    if match:
        return _month(match[1], match[2])
    match = _SHORT_YEAR.fullmatch(text)
    if match:
        return _month(f"20{match[1]}", match[2])
    match = _MONTH_ALONE.fullmatch(text)
    if match:
        if year is None:
            return fault("E_DATE", "no_year")
        return _month(str(year), match[1])
    return fault("E_DATE", "not_month")


def read_date(cell: Cell) -> date | Fault:
    """A day.

    >>> read_date("2016年7月15日")
    datetime.date(2016, 7, 15)
    """
    if isinstance(cell, Special) and cell.kind == "date":
        cell = cell.value
    if isinstance(cell, str):
        match = _DAY.fullmatch(_compact(cell))
        if match:
            try:
                return date(*map(int, match.groups()))
            except ValueError:
                return fault("E_DATE", "no_such_day")
    return fault("E_DATE", "not_day")


def _dashed(cell: Cell) -> Cell:
    """Six or eight digits that spell a month or day of this century, with dashes."""
    text = _compact(cell)[:20] if isinstance(cell, str) else str(cell)
    if isinstance(cell, Special):
        return cell
    match = _DAY_DIGITS.fullmatch(text) or _MONTH_DIGITS.fullmatch(text)
    return "-".join(match.groups()) if match else cell


def looks_like_branch_code(cell: Cell) -> bool:
    """Signature lines may run under the branch column; codes hold digits, no words."""
    if not isinstance(cell, str):
        return isinstance(cell, int)
    is_code = len(cell) < 100 and _BRANCH_CODE.fullmatch(_compact(cell))
    return bool(is_code) and isinstance(read_date(cell), Fault)


def _month(year: str, month: str) -> str | Fault:
    if 1 <= int(month) <= 12:
        return f"{year}-{int(month):02d}"
    return fault("E_DATE", "no_such_month")


@remember_short
def _compact(text: str) -> str:
    """Without white space, except between two digits: 90 40 are two figures."""
    return _SPACE.sub(_glue, fold_width(text))


def _glue(space: re.Match[str]) -> str:
    before, after = space.string[: space.start()], space.string[space.end() :]
    return " " if _DIGIT.match(before[-1:]) and _DIGIT.match(after[:1]) else ""


_LIKE_ENOUGH = 0.5
_DIMENSION = {"unit": "unit", "sector": "sector", "group": "supervision_group"}


def _noun(kind: str) -> str:
    return say(f"E_CODE.noun.{kind}")


def _unknown_place(
    kind: str, cell: Cell, registry: Registry, hint: int | None
) -> Fault:
    places: Mapping[str, Any] = {
        "unit": registry.units,
        "sector": registry.sectors,
        "group": registry.groups,
    }[kind]
    names = {
        name: place.name_zh
        for place in places.values()
        for name in (place.name_zh, *place.aliases)
    }
    near: list[str] = []
    if hint is not None:
        near = _near_names(text_of(cell)[:20], names, registry.confusable)
    if not near:
        return fault("E_CODE", "unknown", noun=_noun(kind))
    quoted = (say("form.quoted", name=names[name]) for name in near)
    meant = listed(dict.fromkeys(quoted), "or")
    return fault("E_CODE", "misspelt", noun=_noun(kind), meant=meant)


def _near_names(
    text: str, names: Iterable[str], confusable: Sequence[str]
) -> list[str]:
    """Names that were probably meant: one sign wrong, look-alikes first, else alike.

    >>> _near_names("闽候县", ["闽清县", "闽侯县"], ["候侯"])
    ['闽侯县']
    """
    text = fold_name(text)
    wrong: dict[str, tuple[str, str]] = {}
    for name in names:
        pairs = list(zip(text, fold_name(name), strict=False))
        differing = [pair for pair in pairs if pair[0] != pair[1]]
        if len(text) == len(fold_name(name)) > 1 and len(differing) == 1:
            wrong[name] = differing[0]
    alike = [
        n for n, (a, b) in wrong.items() if any({a, b} <= set(c) for c in confusable)
    ]
    if alike or wrong:
        return (alike or list(wrong))[:3]
    # 企业 is as like 非公企业 as 国有企业: none of them may be named alone.
    likeness = {n: difflib.SequenceMatcher(None, text, n).ratio() for n in names}
    most = max(likeness.values(), default=0)
    return [n for n in likeness if likeness[n] == most >= _LIKE_ENOUGH][:3]


def _read_code(cell: Cell, noun: str) -> str | Fault:
    if isinstance(cell, Special):
        return fault("E_CODE", "no_code", noun=noun)
    if isinstance(cell, int | float) and abs(cell) >= 10**LARGEST_DIGITS:
        return fault("E_CODE", "digits_lost", most=LARGEST_DIGITS)
    if isinstance(cell, float) and cell != int(cell):
        return fault("E_CODE", "decimal", noun=noun)
    code = _compact(text_of(cell))
    if _SCIENTIFIC.fullmatch(code):
        return fault("E_CODE", "scientific")
    if _SEVERAL.search(code):
        return fault("E_CODE", "several", noun=noun)
    if code in NO_BRANCH:
        return fault("E_CODE", "total", noun=noun)
    if " " in code:
        return fault("E_CODE", "space")
    if len(code) > CODE_CHARS:
        return fault("E_CELL_TOO_LONG", "code", n=len(code), most=CODE_CHARS)
    if code.startswith("/"):
        return fault("E_CODE", "slash")
    return fold_code(code)


def _read_round(cell: Cell, n_rounds: int) -> int | Fault:
    """The number of a round of the calendar.

    >>> _read_round("第2轮", 4), _read_round("第三轮", 4), _read_round(5, 4).code
    (2, 3, 'E_VALUE')
    """
    said = fold_name(text_of(cell)).removesuffix(".0")
    said = said.removeprefix(word("rounds.before")).removesuffix(word("rounds.after"))
    numbers = [str(number) for number in range(1, n_rounds + 1)]
    known = [*numbers, *words("rounds.numerals")[:n_rounds]]
    if said in known:
        return known.index(said) % n_rounds + 1
    return fault("E_VALUE", "word", words=listed(numbers, "or"))


def _read_yes_no(column: Column, cell: Cell) -> bool | Fault:
    known = column.words or YES_NO
    answers = {fold_name(said): answer == "yes" for said, answer in known.items()}
    answer = answers.get(fold_name(text_of(cell)))
    if answer is None and isinstance(cell, Special) and cell.kind == "flag":
        answer = cell.value == "TRUE"
    if answer is None:
        return fault("E_VALUE", "word", words=listed(known, "or"))
    return answer


def _read_words(column: Column, cell: Cell) -> str | Fault:
    known = _words(column)
    parts = [part for part in _WORD_ENDS.split(text_of(cell)) if part.strip()]
    codes = [known.get(fold_name(part)) for part in parts]
    if not codes or None in codes:
        return fault("E_VALUE", "words", words=listed(column.words))
    return WORD_JOIN.join(code for code in dict.fromkeys(codes) if code)


def _read_text(column: Column, cell: Cell) -> str | Fault:
    text = text_of(cell).strip(" \t\r\n\u3000\u00a0\u200b\u2028\u2029\ufeff")
    if len(text) > column.max_chars:
        return fault("E_CELL_TOO_LONG", "text", n=len(text), most=column.max_chars)
    return text


def _words(column: Column) -> dict[str, str]:
    codes = {fold_name(said): code for said, code in column.word_aliases.items()}
    codes |= {fold_name(code): code for code in column.words.values()}
    return codes | {fold_name(said): code for said, code in column.words.items()}
