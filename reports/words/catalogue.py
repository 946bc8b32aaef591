"""Texts of the pages in Chinese and English, from the TOML files of this folder.

One TOML file per page and language, so that a key reads `<file>.<key>[.<key>…]`:
`text("en", "definitions.title")` is `title` in reports/words/en/definitions.toml.
Names of metrics, units and headings are not here: they come from the registry.
The language is always an argument. One process serves many readers, so a language in
a module global would be somebody else's.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LANGUAGES = {"zh": "中文", "en": "English"}
# What the document's lang attribute and screen readers want.
DOCUMENT_LANGUAGES = {"zh": "zh-CN", "en": "en"}
FOLDER = Path(__file__).parent


def text(language: str, key: str, **values: Any) -> str:
    """The text of `key` with its {placeholders} filled.

    Raises
    ------
    KeyError
        No such key, or a placeholder without a value.

    Examples
    --------
    >>> text("en", "frame.rows", n=18)
    '18 rows'
    """
    texts = all_texts(language)
    if key not in texts:
        near = difflib.get_close_matches(key, texts, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise KeyError(f"reports/words/{language} has no text {key!r}{hint}")
    return texts[key].format(**values)


@functools.cache
def all_texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its full key."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        texts.update(_flat(tomllib.loads(path.read_text("utf-8")), path.stem))
    return texts


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        full = f"{prefix}.{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, full)
        else:
            yield full, value


# What the browser's markdown makes a link of even without any sign of markup, and even
# when it is escaped: it looks for addresses in the finished text.
_BARE_LINK = re.compile(r"www(?=\.)|:(?=//)|@", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"  # has no width and allows no break


def plain(words: str) -> str:
    """`words` as st.markdown, captions and labels show them letter for letter.

    Names from ledgers and links are not ours: unescaped, an image in one of them would
    make the reader's browser call out, and `www.…` or `…@…` would be a live link.

    >>> plain("![x](a.b) *鼓楼*")
    '\\\\!\\\\[x\\\\]\\\\(a.b\\\\) \\\\*鼓楼\\\\*'
    >>> plain("www.a.b").replace(_WORD_JOINER, "|")
    'www|.a.b'
    """
    words = _BARE_LINK.sub(rf"\g<0>{_WORD_JOINER}", words)
    for sign in "\\`*_{}[]()<>#+-!|~$:":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\n", " ")
