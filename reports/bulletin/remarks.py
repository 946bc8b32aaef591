"""What the office adds to a circular in its own words, with the day it is of."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from data_pipeline.workbooks.finding import PERSONAL_HEADING, holds_personal_number
from reports.words import catalogue

MOST_CHARS = 5_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIELD = re.compile(r"^[\s\d.\u3001]*([^\s:\uff1a]{1,8})[:\uff1a]")


class RemarksError(ValueError):
    """The remarks cannot be printed; the message says which line and why."""


class Remarks(NamedTuple):
    """`day` (YYYY-MM-DD) is as of when the remarks hold."""

    day: str
    paragraphs: tuple[str, ...]


def read_remarks(text: str, language: str = "zh", *, day: str = "") -> Remarks:
    """Remarks from a text: the day in its first line, one paragraph a line below it.

    Parameters
    ----------
    day
        As of when, where the text does not begin with it.

    Raises
    ------
    RemarksError
        No day, nothing below it, too long, or a line that holds a mobile or identity
        number or a field of a person (姓名：…): circulars speak of organisations only.
    """
    texts = catalogue.texts("bulletin.remarks")[language]
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    if not day:
        day = lines.pop(0) if lines else ""
    try:
        date.fromisoformat(day if _DAY.fullmatch(day) else "")
    except ValueError:
        raise RemarksError(texts["no_day"].format(line=day[:40])) from None
    if len(text) > MOST_CHARS:
        raise RemarksError(texts["too_long"].format(n=MOST_CHARS))
    for number, line in enumerate(lines, 1):
        field = _FIELD.match(line)
        is_person = bool(field and PERSONAL_HEADING.search(field[1].casefold()))
        if is_person or holds_personal_number(line):
            raise RemarksError(texts["personal"].format(number=number))
    paragraphs = tuple(line for line in lines if line)
    if not paragraphs:
        raise RemarksError(texts["nothing"])
    return Remarks(day, paragraphs)
