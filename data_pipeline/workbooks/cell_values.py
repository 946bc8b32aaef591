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

LARGEST_COUNT = 10_000_000
CELL_CHARS = 2_000
NAME_HINTS = 50
LARGEST_DIGITS = 15  # more of a number do not survive a spreadsheet
NO_BRANCH = frozenset("全部 全体 所有 各支部 全部支部 所有支部 合计 汇总".split())
BLANK_WORDS = frozenset(("", "/", "-", "--", "—", "——", "–", "无"))

# Full-width forms of ASCII. Compatibility folding would go further and read ² as 2.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTH |= dict.fromkeys((0x3000, 0x00A0, 0x2007, 0x202F), " ")
_WIDTH |= dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF), "")
_WIDTH |= dict.fromkeys((0x2212, 0xFE63), "-")

_APOSTROPHE = re.compile(r"^['’‘`]\s*(?=[0-9])")
_COUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0{1,2})?[次个人名家场]?")
_NEGATIVE = re.compile(r"-[0-9][0-9,]*(?:\.[0-9]+)?[次个人名家场]?|\([0-9][0-9,]*\)")
_MONTH = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(月份?)?")
_MONTH_ALONE = re.compile(r"([0-9]{1,2})月份?")
_DAY = re.compile(
    r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?"
    r"(?:[T ]?00:00(?::00(?:\.0+)?)?)?"
)
_MONTH_DIGITS = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])")
_DAY_DIGITS = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])")
_SHORT_YEAR = re.compile(r"([0-9]{2})年([0-9]{1,2})月份?")
_ERROR = re.compile(
    r"#(DIV/0!|REF!|N/A|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!|GETTING_DATA|FIELD!"
    r"|CONNECT!|BLOCKED!|UNKNOWN!|BUSY!|EXTERNAL!)",
    re.I,
)
# Besides control characters: what turns the direction of writing, half characters.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
WORD_JOIN = "、"
_WORD_ENDS = re.compile(r"[、,，;；\n]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{1,3}", re.I)
_SEVERAL = re.compile(r"[、,;；~～至]")
_SPACE, _DIGIT = re.compile(r"\s+"), re.compile("[0-9]")
_BRANCH_CODE = re.compile(r"[A-Za-z0-9_\-./#]*[0-9][A-Za-z0-9_\-./#]*")


class Special(NamedTuple):
    """A cell that is neither number nor text: date, flag, error, no_value or link."""

    kind: str
    value: str


class Fault(NamedTuple):
    """Why a cell has no value; an empty remedy stands for the usual one."""

    code: str
    reason: str
    remedy: str = ""


Cell = None | int | float | str | Special
Value = None | int | str | bool | date


def fold_width(text: str) -> str:
    """Half-width, without spaces at the ends or marks that nobody sees.

    An apostrophe before digits is how a spreadsheet is told that they are text.

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
    if not isinstance(cell, str):
        return cell is None or (isinstance(cell, Special) and not cell.value.strip())
    return len(cell) < CELL_CHARS and _compact(cell) in BLANK_WORDS


def fault_of_any_cell(cell: Cell) -> Fault | None:
    """What no cell of a table may hold, whatever its column."""
    if isinstance(cell, Special):
        if cell.kind == "error":
            return Fault("E_CELL_ERROR", "是错误值")
        if cell.kind == "no_value":
            return Fault("E_FORMULA_NO_VALUE", "是没有计算结果的公式")
        if cell.kind == "link":
            return Fault("E_EXTERNAL_LINK", "引用了另一个工作簿")
    elif isinstance(cell, str):
        if len(cell) > CELL_CHARS:
            reason = f"单元格有 {len(cell):,} 个字,超过 {CELL_CHARS:,} 个"
            return Fault("E_CELL_TOO_LONG", reason)
        if _ERROR.fullmatch(_compact(cell)):
            return Fault("E_CELL_ERROR", "是错误值")
        control = _CONTROL.search(cell)
        if control:
            return Fault("E_CONTROL_CHAR", f"含控制字符 U+{ord(control[0]):04X}")
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
        fault = fault_of_any_cell(cell)
        if fault:
            return fault
        if column.type == "word":
            word = _words(column).get(fold_name(text_of(cell)))
            if word is not None:
                return word
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
        if column.type in ("branch", "draw"):
            return _read_code(cell, _NOUN[column.type])
        if column.type == "word":
            return Fault("E_VALUE", f"只能填{'、'.join(column.words)}")
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
            code = "E_RANGE" if cell < 0 else "E_NUMBER"
            return Fault(code, "是负数" if cell < 0 else "不是整数")
        cell = int(cell)
    if isinstance(cell, int):
        number = cell
    else:
        text = _compact(text_of(cell))
        if isinstance(cell, Special) or not _COUNT.fullmatch(text):
            if isinstance(cell, str) and _NEGATIVE.fullmatch(text):
                return Fault("E_RANGE", "是负数")
            return Fault("E_NUMBER", "不是用阿拉伯数字写的整数")
        digits = text.partition(".")[0].rstrip("次个人名家场").replace(",", "")
        # Python refuses to convert thousands of digits; ten tell that it is too many.
        number = int(digits.lstrip("0")[:10] or "0")
    if number < 0:
        return Fault("E_RANGE", "是负数")
    if number > LARGEST_COUNT:
        return Fault("E_RANGE", f"大于 {LARGEST_COUNT:,},明显过大")
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
        return Fault("E_DATE", "是一个数字,看不出是哪年哪月")
    day = read_date(cell)
    if isinstance(day, date):
        return f"{day:%Y-%m}"
    if not isinstance(cell, str):
        return Fault("E_DATE", "不是年月")
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
            return Fault("E_DATE", "没有年份,标题行也没有写明是哪一年")
        return _month(str(year), match[1])
    return Fault("E_DATE", "不是年月")


def read_date(cell: Cell) -> date | Fault:
    """A day.

    >>> read_date("2016年7月15日")
    datetime.date(2016, 7, 15)
    """
    remedy = "请写成 2016-07-15 这样的日期后重新提交"
    if isinstance(cell, Special) and cell.kind == "date":
        cell = cell.value
    if isinstance(cell, str):
        match = _DAY.fullmatch(_compact(cell))
        if match:
            try:
                return date(*map(int, match.groups()))
            except ValueError:
                return Fault("E_DATE", "没有这一天", remedy)
    return Fault("E_DATE", "不是日期", remedy)


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
    return Fault("E_DATE", "没有这个月份")


def _compact(text: str) -> str:
    """Without white space, except between two digits: 90 40 are two figures."""
    return _SPACE.sub(_glue, fold_width(text))


def _glue(space: re.Match[str]) -> str:
    before, after = space.string[: space.start()], space.string[space.end() :]
    return " " if _DIGIT.match(before[-1:]) and _DIGIT.match(after[:1]) else ""


_DIMENSION = {"unit": "unit", "sector": "sector", "group": "supervision_group"}
_NOUN = {
    "unit": "单位",
    "sector": "领域",
    "group": "督导组",
    "branch": "支部代码",
    "draw": "抽查计划编号",
}


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
    remedy = ""
    if hint is not None:
        near = _near_names(text_of(cell)[:20], names, registry.confusable)
        meant = "或".join(f"“{name}”" for name in dict.fromkeys(names[n] for n in near))
        remedy = f"是否为{meant}?请核对后重新提交" if near else ""
    return Fault("E_CODE", f"不是已登记的{_NOUN[kind]}", remedy)


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
    return difflib.get_close_matches(text, names, n=1, cutoff=0.5)


def _read_code(cell: Cell, noun: str) -> str | Fault:
    if isinstance(cell, Special):
        return Fault("E_CODE", f"不是{noun}")
    if isinstance(cell, int | float) and abs(cell) >= 10**LARGEST_DIGITS:
        reason = f"是数字格式,超过 {LARGEST_DIGITS} 位的部分已丢失"
        return Fault("E_CODE", reason, "请把该列设为文本后重新填写代码")
    if isinstance(cell, float) and cell != int(cell):
        return Fault("E_CODE", f"是小数,不是{noun}")
    code = _compact(text_of(cell))
    if _SCIENTIFIC.fullmatch(code):
        reason = "是科学计数法,原来的代码已丢失"
        return Fault("E_CODE", reason, "请把该列设为文本后重新填写代码")
    if _SEVERAL.search(code):
        return Fault("E_CODE", f"像是几个{noun}", "请每行只填一个代码后重新提交")
    if code in NO_BRANCH:
        return Fault("E_CODE", f"不是{noun}", f"汇总行请把{noun}留空")
    if " " in code:
        return Fault("E_CODE", "代码中间有空格或换行,可能是两个代码")
    if len(code) > 64:
        return Fault("E_CELL_TOO_LONG", f"代码有 {len(code)} 个字,超过 64 个")
    if code.startswith("/"):
        return Fault("E_CODE", "代码不能以 / 开头")
    return fold_code(code)


def _read_yes_no(column: Column, cell: Cell) -> bool | Fault:
    words = column.words or YES_NO
    answers = {fold_name(word): answer == "yes" for word, answer in words.items()}
    answer = answers.get(fold_name(text_of(cell)))
    if answer is None and isinstance(cell, Special) and cell.kind == "flag":
        answer = cell.value == "TRUE"
    return Fault("E_VALUE", f"只能填{'或'.join(words)}") if answer is None else answer


def _read_words(column: Column, cell: Cell) -> str | Fault:
    known = _words(column)
    parts = [part for part in _WORD_ENDS.split(text_of(cell)) if part.strip()]
    words = [known.get(fold_name(part)) for part in parts]
    if not words or None in words:
        return Fault("E_VALUE", f"只能填{'、'.join(column.words)},几个之间用、隔开")
    return WORD_JOIN.join(word for word in dict.fromkeys(words) if word)


def _read_text(column: Column, cell: Cell) -> str | Fault:
    text = text_of(cell).strip(" \t\r\n\u3000\u00a0\u200b\u2028\u2029\ufeff")
    if len(text) > column.max_chars:
        reason = f"有 {len(text):,} 个字,超过 {column.max_chars} 个"
        return Fault("E_CELL_TOO_LONG", reason)
    return text


def _words(column: Column) -> dict[str, str]:
    words = {fold_name(code): code for code in column.words.values()}
    return words | {fold_name(word): code for word, code in column.words.items()}
