"""What is wrong with a file, said so that the person who filed it can mend it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from data_pipeline.workbooks.recognised import any_of
from data_pipeline.workbooks.refusal_words import Fault, say

VALUE_CHARS = 40
NAME_CHARS = 200
SCANNED_CHARS = 20_000
LISTED_FINDINGS = 10_000

# One to three separators of any kind may stand between the digits, letters may not.
_SEPARATOR = r"[^\w\n]{0,3}"
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{_SEPARATOR}|0)?(1[3-9]\d){_SEPARATOR}"
    rf"(\d{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d){_SEPARATOR}"
    rf"(\d{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d)(?!\d)"
)
_BIRTHDAY = (
    rf"(?:0[1-9]|1[0-2]){_SEPARATOR}(?:0{_SEPARATOR}[1-9]|[12]{_SEPARATOR}\d|3[01])"
)
_DIGITS_6 = rf"([1-9]{_SEPARATOR}" + _SEPARATOR.join([r"\d"] * 5) + ")"
_IDENTITY = re.compile(
    rf"(?<!\d){_DIGITS_6}{_SEPARATOR}(?:(?:18|19|20){_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}{_BIRTHDAY}{_SEPARATOR}\d{_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}[\dXx](?![\dA-Za-z])"
    rf"|\d{_SEPARATOR}\d{_SEPARATOR}{_BIRTHDAY}{_SEPARATOR}\d{_SEPARATOR}\d"
    rf"{_SEPARATOR}\d(?![\dA-Za-z]))"
)
_ELEVEN_DIGITS = re.compile(r"(?:\d\D*){11}")
# What our own files say of the snapshot and submission they are of: its time of day has
# as many digits as a mobile number.
_OUR_IDENTITIES = re.compile(r"(?<!\w)\d{8}T\d{12}Z-[0-9a-f]{8,12}(?!\w)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
PERSONAL_HEADING = re.compile(any_of("personal_heading_patterns"))


@dataclass(frozen=True)
class Finding:
    """One fault at one place; file-level faults have no sheet and no cell.

    >>> print(Finding("E_RANGE", "7月.xlsx", "台账", "I4", "党员总数", "-3",
    ...               "是负数", "请核对后重新提交").sentence())
    E_RANGE 7月.xlsx 台账!I4 党员总数=-3:是负数。请核对后重新提交。
    """

    code: str
    file: str
    sheet: str
    cell: str
    heading: str
    value: str
    reason: str
    remedy: str

    def sentence(self) -> str:
        """Code, file, place, heading, value, reason and remedy on one line."""
        place = "!".join(part for part in (self.sheet, self.cell) if part)
        subject = "=".join(part for part in (self.heading, self.value) if part)
        front = " ".join(
            part for part in (self.code, self.file, place, subject) if part
        )
        sentence = say("form.finding", front=front, reason=self.reason)
        return sentence + (
            say("form.remedy", remedy=self.remedy) if self.remedy else ""
        )


class Findings:
    """Collects what is wrong with one file, personal numbers masked.

    Attributes
    ----------
    found, warnings
        Faults, which turn the file away, and what was left out without harm.
    """

    def __init__(self, file: str) -> None:
        self._file = show(file, NAME_CHARS)
        self.found: list[Finding] = []
        self.warnings: list[Finding] = []

    def report(
        self,
        fault: Fault,
        *,
        sheet: str = "",
        cell: str = "",
        heading: str = "",
        value: object = "",
    ) -> None:
        """Add a fault at a place."""
        if len(self.found) == LISTED_FINDINGS:
            reason = say("form.more", n=LISTED_FINDINGS)
            usual = say(f"{fault.code}.remedy")
            place = (self._file, "", "", "", "")
            self.found.append(Finding(fault.code, *place, reason, usual))
        if len(self.found) > LISTED_FINDINGS:
            return
        place = (self._file, show(sheet), cell, show(heading), show(value))
        self.found.append(Finding(fault.code, *place, fault.reason, fault.remedy))

    def warn(self, fault: Fault, *, sheet: str, heading: str = "") -> None:
        place = (self._file, show(sheet), "", show(heading), "")
        warning = Finding(fault.code, *place, fault.reason, fault.remedy)
        if warning not in self.warnings:
            self.warnings.append(warning)


def holds_personal_number(text: str) -> bool:
    """Whether a mobile or identity number stands in a text, however it is spaced.

    >>> holds_personal_number("电话１３８ 0013-8000"), holds_personal_number("2016-07")
    (True, False)
    >>> holds_personal_number("快照 20161129T015641234255Z-3376acba")
    False
    """
    if len(text) < 11 or not _ELEVEN_DIGITS.search(text[:SCANNED_CHARS]):
        return False
    folded = _OUR_IDENTITIES.sub(" ", _fold(text[:SCANNED_CHARS]))
    return bool(_MOBILE.search(folded) or _IDENTITY.search(folded))


def show(value: object, max_chars: int = VALUE_CHARS) -> str:
    """A value as findings print it: short, on one line, personal numbers masked.

    >>> show("电话 13800138000")
    '电话 138****8000'
    """
    text = str(value)[:SCANNED_CHARS]
    if holds_personal_number(text):
        text = _IDENTITY.sub(r"\1************", _fold(text))
        text = _MOBILE.sub(r"\1****\3", text)
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    return text if len(text) <= max_chars else text[:max_chars] + "…"


def _fold(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
