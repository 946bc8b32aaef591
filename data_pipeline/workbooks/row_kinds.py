"""What a row of a sheet is: heading, title, note, units of measure, or data.

Each answer rests on the cells alone and of the table they may belong to; which
rows make a block, and what becomes of them, is for `sheet_layout`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from data_pipeline.registry import Registry, Table, fold_name
from data_pipeline.workbooks.cell_values import (
    Cell,
    converter,
    fold_width,
    holds_number,
    is_blank,
    looks_like_branch_code,
    read_date,
    read_month,
    text_of,
)
from data_pipeline.workbooks.recognised import any_of, remember_short, word, words
from data_pipeline.workbooks.refusal_words import Fault
from data_pipeline.workbooks.total_rows import is_total_label

HEADING_CHARS = 100
_LIKENESS = 0.75  # of a heading with a letter or two wrong

# How a line below a table begins that only signs or explains it.
_NOTE = re.compile(f"({any_of('notes.beginning_patterns')})")
# Who signs, alone in a row.
_OFFICE = re.compile(
    f"({any_of('notes.office_beginnings')}).*|.*({any_of('notes.office_ends')})"
)
# What is to be filled in to the right of it: a number there is no figure.
_LABEL = re.compile(
    f"({any_of('notes.label_leads')})?({any_of('notes.labels')}).{{0,8}}"
)
_NUMERAL = f"[{word('numerals.dates')}0-9]"
# 年, 月, 日
_PARTS_OF_A_DATE = tuple(word(f"dates.{part}") for part in ("year", "month", "day"))
_SIGNED = re.compile(
    rf"{_NUMERAL}{{4}}{_PARTS_OF_A_DATE[0]}{_NUMERAL}{{1,2}}{_PARTS_OF_A_DATE[1]}"
    rf"({_NUMERAL}{{1,3}}{_PARTS_OF_A_DATE[2]})?"
)
_STEMS = frozenset(word("numerals.stems"))
_TOPIC, _TOPIC_NUMBERS = words("headings.topic"), word("headings.topic_numbers")
_TOPIC_DIGIT = re.compile("([123])".join(_TOPIC))
# 党员数（人）, 支部数/个; a heading in per cent or 万人 is another column.
MEASURES = words("headings.measures")
_MEASURE = f"({word('headings.measure_label')}:)?({any_of('headings.measures')})"
_UNIT_OF_MEASURE = re.compile(
    rf"^\(?[0-9]{{1,2}}[.、)]|\(({any_of('headings.need')})\)$"
    rf"|[(\[【〔]{_MEASURE}[)\]】〕]$|[/,]{_MEASURE}$|\*$|^\*|:$"
)
_OTHER_MEASURE = re.compile(
    f"[%‰]|{any_of('headings.shares')}"
    f"|[{word('numerals.thousands')}]+({any_of('headings.single_measures')})?"
)
_SERIAL = re.compile(
    rf"\(?(\d{{1,5}}(\.\d{{1,3}})*|[{word('numerals.serials')}]+)[).、]?"
)
# What people write under a table: 填报人: 审核人: 注:
SIGNATURE = re.compile("[:\uff1a(\uff08]")
_HAN = re.compile("[\u3400-\u9fff]")


def headings_of(table: Table) -> dict[str, str]:
    """Every heading and alias of a table, folded, to the name of its column."""
    return {
        fold_heading(heading): column.name
        for column in table.columns
        for heading in (column.heading, *column.aliases)
    }


def fold_heading(text: str) -> str:
    """Headings are compared without spaces, (人), (必填), 1., the mark * and a colon.

    >>> fold_heading("第 1 专题发言人数（人）")
    '第一专题发言人数'
    """
    return text if len(text) > HEADING_CHARS else _fold(text)


@remember_short
def _fold(text: str) -> str:
    folded = _UNIT_OF_MEASURE.sub("", fold_name(text))
    return _TOPIC_DIGIT.sub(
        lambda match: _TOPIC_NUMBERS[int(match[1]) - 1].join(_TOPIC), folded
    )


def headings_in(cells: list[Cell], headings: Mapping[str, str]) -> dict[str, int]:
    """Columns that a row names, where it is a heading and no row of words."""
    found = {
        headings[folded]: index
        for index, cell in enumerate(cells)
        if isinstance(cell, str) and (folded := fold_heading(cell)) in headings
    }
    return found if len(found) >= 3 and len(found) * 2 > n_filled(cells) else {}


def resembles_heading(cells: list[Cell], headings: Iterable[str]) -> bool:
    """Whether a row is words most of which are, or nearly are, these headings."""
    texts = [fold_heading(text_of(c)) for c in cells if not is_blank(c)]
    if len(texts) < 4 or any(holds_number(cell) for cell in cells):
        return False
    known = list(headings)
    n_alike = sum(
        bool(difflib.get_close_matches(text[:40], known, n=1, cutoff=_LIKENESS))
        for text in texts
    )
    return n_alike >= 3 and n_alike * 2 > len(texts)


def other_measures(cells: list[Cell]) -> list[int] | None:
    """Of a row of units (个, 人, 次) the indexes of those that count no single ones.

    None for any other row.

    >>> other_measures(["单位", None, "个", "（人）", "%"]), other_measures(["甲"])
    ([4], None)
    """
    others, n_measures = [], 0
    for index, cell in enumerate(cells):
        text = plain(cell).strip("()[]【】")
        if is_blank(cell) or text.removesuffix(":") in words("headings.measure_rows"):
            continue
        if _OTHER_MEASURE.fullmatch(text):
            others.append(index)
        elif text not in MEASURES:
            return None
        n_measures += 1
    return others if n_measures else None


def is_serial(cell: Cell) -> bool:
    """Whether a cell only numbers its row: 12, (3), 四、"""
    return cell is None or bool(_SERIAL.fullmatch(plain(cell)))


def n_filled(cells: list[Cell]) -> int:
    return sum(not is_blank(cell) for cell in cells)


def plain(cell: Cell) -> str:
    """A text without white space, in half width, cut short."""
    return re.sub(r"\s", "", fold_width(text_of(cell)[:500]))


def is_note(cells: list[Cell]) -> bool:
    """Whether a row without data only signs or explains: 填报人: 审核人: 注:"""
    filled = [cell for cell in cells if not is_blank(cell)]
    texts = [plain(cell) for cell in filled]
    # One date or office alone is where somebody signed.
    if not texts or (
        len(texts) == 1
        and (
            _SIGNED.fullmatch(texts[0])
            or _OFFICE.fullmatch(texts[0])
            or not isinstance(read_date(filled[0]), Fault)
        )
    ):
        return True
    return any(_NOTE.match(text) or SIGNATURE.search(text) for text in texts)


def has_digits(cells: list[Cell], columns: Iterable[int]) -> bool:
    """Whether figures stand in these columns, be they as unreadable as 约30.

    Days and months are none, written in one cell or in several (2016 | 年 | 7 | 月),
    nor is what stands beside a line to be signed.
    """
    return any(
        re.search(r"\d", text_of(cells[i]))
        and not SIGNATURE.search(text_of(cells[i])[:5])
        and not _is_part_of_date(cells, i)
        and not _is_filled_in(cells, i)
        for i in columns
        if i < len(cells)
    )


def is_lone_text(cells: list[Cell], serials: Collection[int] = ()) -> bool:
    """Whether words stand in one cell of the row and nothing in the others."""
    filled = (c for i, c in enumerate(cells) if not is_blank(c) and i not in serials)
    first = next(filled, None)
    return (
        first is not None
        and next(filled, None) is None
        and bool(_HAN.search(text_of(first)))
        and not holds_number(first)
    )


def is_numbering_of_columns(cells: list[Cell]) -> bool:
    """Whether a row below the heading only numbers the columns: 甲 | 乙 | 1 | 2 | 3.

    >>> is_numbering_of_columns(["栏次", None, 1, "2", 3, 4, 5])
    True
    """
    texts = [plain(cell).strip("()") for cell in cells if not is_blank(cell)]
    while texts and texts[0] in {*_STEMS, *words("headings.column_numbers")}:
        texts.pop(0)
    if len(texts) < 5 or not texts[0].isdecimal():
        return False
    first = int(texts[0][:3])
    return first <= 10 and texts == [str(first + i) for i in range(len(texts))]


def _is_filled_in(cells: list[Cell], index: int) -> bool:
    before = next((plain(c) for c in reversed(cells[:index]) if not is_blank(c)), "")
    return bool(_LABEL.fullmatch(before))


def _comes_before_sign(cells: list[Cell], index: int) -> bool:
    after = text_of(cells[index + 1]) if index + 1 < len(cells) else ""
    return after.strip() in _PARTS_OF_A_DATE


def _is_part_of_date(cells: list[Cell], index: int) -> bool:
    cell = cells[index]
    return (
        _comes_before_sign(cells, index)
        or not isinstance(read_date(cell), Fault)
        or (isinstance(cell, str) and not isinstance(read_month(cell), Fault))
    )


class RowJudge:
    """Whether a row holds data, remembering what each distinct cell resolves to.

    Parameters
    ----------
    table, columns
        What the block holds, and column name to index among the cells.
    registry
        Where units, sectors and groups are looked up.
    years
        Years that the titles name.
    """

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, int],
        registry: Registry,
        years: Iterable[int],
    ) -> None:
        types = {column.name: column for column in table.columns}
        self._types = {i: types[name].type for name, i in columns.items()}
        self._readers = {
            index: converter(types[name], registry, years)
            for name, index in columns.items()
            if types[name].type in ("month", "date", "group", "unit", "sector")
        }
        self._keys = {columns[name] for name in table.key if name in columns}
        self._memory: dict[tuple[int, Cell], bool] = {}

    def __call__(self, cells: list[Cell]) -> bool:
        n_words = n_dated = 0
        for index, cell, kind in self._filled(cells):
            if kind == "count":
                if (
                    holds_number(cell)
                    and not _comes_before_sign(cells, index)
                    and not _is_filled_in(cells, index)
                ):
                    return True
            elif kind == "branch":
                if looks_like_branch_code(cell):
                    return True
            elif index in self._readers and self._resolves(index, cell):
                if kind in ("unit", "sector"):
                    return True
                n_dated += 1
            elif kind != "text" or index in self._keys:
                n_words += not SIGNATURE.search(text_of(cell))
        # An unknown unit beside a known month or group is a mistake in a row of
        # figures; one date alone is where somebody signed.
        return n_dated > 0 and n_dated + n_words > 2

    def is_surely(self, cells: list[Cell]) -> bool:
        """Whether a row above the heading is no title: keys and figures in place."""
        n_counts = n_keys = 0
        for index, cell, kind in self._filled(cells):
            n_counts += (
                kind == "count"
                and holds_number(cell)
                and not _is_part_of_date(cells, index)
            )
            n_keys += kind == "branch" and looks_like_branch_code(cell)
            n_keys += index in self._readers and self._resolves(index, cell)
        return n_keys + min(n_counts, 3) >= 3

    def figures_beside(self, cells: list[Cell]) -> list[int]:
        """Indexes of figures that stand under no count and are no key."""
        return [
            index
            for index, cell in enumerate(cells)
            if cell is not None
            and self._types.get(index) != "count"
            and holds_number(cell)
            and not (index in self._readers and self._resolves(index, cell))
        ]

    def is_title(self, cells: list[Cell]) -> bool:
        """Whether a row between two blocks entitles the lower one.

        One text, a line to be signed, or words over the headings: never a total, a
        figure or a row whose keys could not be read.
        """
        counts = [index for index, kind in self._types.items() if kind == "count"]
        if has_digits(cells, counts) or self.is_surely(cells):
            return False
        if n_filled(cells) == 1:
            return is_lone_text(cells) or is_note(cells)
        if any(is_total_label(cell) for cell in cells):
            return False
        n_keys = sum(not is_blank(cells[i]) for i in self._keys if i < len(cells))
        return is_note(cells) or n_keys <= 1

    def _filled(self, cells: list[Cell]) -> Iterator[tuple[int, Cell, str]]:
        """Cells under a heading that hold something, with the type of their column."""
        for index, cell in enumerate(cells):
            kind = self._types.get(index)
            if kind is not None and cell is not None and not is_blank(cell):
                yield index, cell, kind

    def _resolves(self, index: int, cell: Cell) -> bool:
        if (index, cell) not in self._memory:
            value = self._readers[index](cell)
            self._memory[index, cell] = not isinstance(value, Fault)
        return self._memory[index, cell]
