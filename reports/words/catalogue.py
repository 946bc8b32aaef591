"""The one home of words: every text, heading and word of a code, Chinese and English.

One TOML file of this folder for each subject, both languages side by side:

    title.zh = "口径"
    title.en = "Definitions"

A key reads `<file>[.<section>…].<key>`, so the text above is `definitions.title`. Names
of metrics, units and columns of incoming tables come from the registry instead. The
language is always an argument. One process serves many readers, so a language in a
module global would be somebody else's.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
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
    return term(key)[language].format(**values)


def term(key: str) -> Mapping[str, str]:
    """A text in every language.

    >>> term("wording.city")
    {'zh': '全市', 'en': 'City'}
    """
    found = all_terms().get(key)
    if found is None:
        raise KeyError(f"reports/words has no text {key!r}{_hint(key, all_terms())}")
    return found


def terms(section: str) -> Mapping[str, Mapping[str, str]]:
    """The terms of a section by their own keys, in the order of the file."""
    return {key: node for key, node in _section(section).items() if _is_term(node)}


def texts(section: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a section by language: {"zh": {key: text}, "en": {key: text}}."""
    found = terms(section)
    return {
        language: {key: term[language] for key, term in found.items()}
        for language in LANGUAGES
    }


@functools.cache
def all_terms() -> Mapping[str, Mapping[str, str]]:
    """Every term by its full key."""
    return dict(_flat(_tree(), ()))


@functools.cache
def _tree() -> Mapping[str, Any]:
    files = sorted(FOLDER.glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in files}


def _section(name: str) -> Mapping[str, Any]:
    node: Any = _tree()
    for part in name.split("."):
        if part not in node or _is_term(node[part]):
            known = {key.rpartition(".")[0] for key in all_terms()}
            raise KeyError(f"reports/words has no section {name!r}{_hint(name, known)}")
        node = node[part]
    return node


def _is_term(node: Any) -> bool:
    return node.keys() == LANGUAGES.keys()


def _flat(
    node: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, value in node.items():
        if not isinstance(value, Mapping):
            raise ValueError(
                f"reports/words: {'.'.join((*path, key))} is not said in each of "
                f"{', '.join(LANGUAGES)}"
            )
        if _is_term(value):
            yield ".".join((*path, key)), value
        else:
            yield from _flat(value, (*path, key))


def _hint(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


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
