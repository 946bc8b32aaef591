"""What the reader recognises in forms: the words of recognised.toml, by their key."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

PATTERNS = "_patterns"
REMEMBERED_CHARS, REMEMBERED_TEXTS = 64, 16_384


def _flat(node: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{lead}{key}.")
        else:
            yield f"{lead}{key}", value


_FILE = Path(__file__).with_suffix(".toml")
_WORDS = dict(_flat(tomllib.loads(_FILE.read_text("utf-8"))))


def word(key: str) -> str:
    """The one word of `key`, or signs that stand for each other.

    >>> word("dates.year")
    '年'

    Raises
    ------
    KeyError
        Nothing is recognised under this key.
    TypeError
        It holds several words.
    """
    found = _found(key)
    if not isinstance(found, str):
        raise TypeError(f"{_FILE.name}: {key} is a list; ask for its words")
    return found


def words(key: str) -> tuple[str, ...]:
    """The words of the list `key`; KeyError and TypeError as `word`.

    >>> words("headings.need")
    ('必填', '选填')
    """
    found = _found(key)
    if isinstance(found, str):
        raise TypeError(f"{_FILE.name}: {key} is one word, not a list")
    return tuple(found)


def any_of(key: str) -> str:
    """A regular expression, without brackets, for any of the words of the list `key`.

    >>> any_of("headings.need")
    '必填|选填'
    """
    found = words(key)
    return "|".join(found if key.endswith(PATTERNS) else map(re.escape, found))


def remember_short(read: Callable[[str], T]) -> Callable[[str], T]:
    """`read`, a pure function of a text, remembering its answers to short texts.

    The cells of a ledger say the same few words and names thousands of times; a long
    text is a note, which would only fill the memory.
    """
    remembered = functools.lru_cache(maxsize=REMEMBERED_TEXTS)(read)

    @functools.wraps(read)
    def answer(text: str) -> T:
        return (remembered if len(text) <= REMEMBERED_CHARS else read)(text)

    return answer


def _found(key: str) -> Any:
    if key not in _WORDS:
        near = difflib.get_close_matches(key, _WORDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise KeyError(f"{_FILE.name} has no {key!r}{hint}")
    return _WORDS[key]
