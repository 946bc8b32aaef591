"""Why a file or a cell is refused, and what to do, in the words of words/refusals.toml.

The standard library alone: the guarded child process says what it saw, too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from data_pipeline.words import CATALOGUE, text

LANGUAGE = "zh"  # of everybody who files ledgers


class Fault(NamedTuple):
    """Why something is refused or left out, and what to do about it, in words."""

    code: str
    reason: str
    remedy: str


def say(key: str, /, **values: Any) -> str:
    """A text of words/refusals.toml."""
    return text(LANGUAGE, f"refusals.{key}", **values)


@functools.lru_cache(maxsize=1024)  # tried on most cells that are no date
def fault(code: str, why: str, /, **values: Any) -> Fault:
    """The reason `why` of a code, with its own remedy or else the usual one.

    `values` fill the places of both. A warning (W_…) has no remedy.

    Raises
    ------
    KeyError
        words/refusals.toml has no such reason, or a place stays empty.

    Examples
    --------
    >>> fault("E_CELL_TOO_LONG", "code", n=70, most=64)[1:]
    ('代码有 70 个字，超过 64 个', '请缩短内容后重新提交')
    """
    known, section = CATALOGUE.all_terms, f"refusals.{code}"
    own, usual = f"{section}.{why}.remedy", f"{section}.remedy"
    remedy = next((key for key in (own, usual) if key in known), None)
    return Fault(
        code,
        say(f"{code}.{why}.reason", **values),
        text(LANGUAGE, remedy, **values) if remedy else "",
    )


def listed(parts: Iterable[str], joiner: str = "and") -> str:
    """Parts of a sentence in a row.

    >>> listed(["甲", "乙"]), listed(["甲", "乙"], "or")
    ('甲、乙', '甲或乙')
    """
    return text(LANGUAGE, f"wording.{joiner}").join(parts)
