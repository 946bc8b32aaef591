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

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from data_pipeline.words.catalogue import Catalogue

LANGUAGES = {"zh": "中文", "en": "English"}
# What the document's lang attribute and screen readers want.
DOCUMENT_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_CATALOGUE = Catalogue(Path(__file__).parent, "reports/words", tuple(LANGUAGES))


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
    return _CATALOGUE.text(language, key, **values)


def term(key: str) -> Mapping[str, str]:
    """A text in every language.

    >>> term("wording.city")
    {'zh': '全市', 'en': 'City'}
    """
    return _CATALOGUE.term(key)


def terms(section: str) -> Mapping[str, Mapping[str, str]]:
    """The terms of a section by their own keys, in the order of the file."""
    return _CATALOGUE.terms(section)


def texts(section: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a section by language: {"zh": {key: text}, "en": {key: text}}."""
    return {language: _CATALOGUE.texts(section, language) for language in LANGUAGES}


def all_terms() -> Mapping[str, Mapping[str, str]]:
    """Every term by its full key."""
    return _CATALOGUE.all_terms


# What stands on the line of the number before it: its sign, its unit, what it is of.
_UNIT = re.compile(r"(?<=\d) (?=%|个百分点|points?\b|pts\b)")
_OF = re.compile(r"(?<=\d) / (?=\d)")
# A sign of full width has its space within it. One that parts sentences stays in
# markdown all the same: ** between two letters would not end what is bold.
_AFTER_WIDE = re.compile(r"([，、。；：！？）]\**) (?=\S)")


def solid(words: str) -> str:
    """`words` for a screen: no line of them ends between a number and its unit.

    After a Chinese sign, which is as wide as a word, a space is a hair's breadth. Files
    and commands have the same words with plain spaces, which can be searched for.

    >>> solid("86.7 % (2 / 3), 5.5 points, 3 of 5").replace("\N{NO-BREAK SPACE}", "~")
    '86.7~% (2~/~3), 5.5~points, 3 of 5'
    >>> solid("**已完成。** 另有 6 个").replace("\N{HAIR SPACE}", "~")
    '**已完成。**~另有 6 个'
    """
    glued = _UNIT.sub("\N{NO-BREAK SPACE}", words)
    glued = _AFTER_WIDE.sub("\\1\N{HAIR SPACE}", glued)
    return _OF.sub("\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}", glued)


def letters(words: str) -> str:
    """`words` as st.html shows them letter for letter; they are `solid`, too.

    >>> letters("a < b & c")
    'a &lt; b &amp; c'
    """
    return escape(solid(words))


# What the browser's markdown makes a link of even without any sign of markup, and even
# when it is escaped: it looks for addresses in the finished text.
_BARE_LINK = re.compile(r"www(?=\.)|:(?=//)|@", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"  # has no width and allows no break
_SIGNS = "\\`*_{}[]()<>#+-!|~$:&"
_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in _SIGNS} | {"\n": " "})


def plain(words: str) -> str:
    """`words` as st.markdown, captions and labels show them letter for letter.

    Names from ledgers and links are not ours: unescaped, an image in one of them would
    make the reader's browser call out, and `www.…` or `…@…` would be a live link. They
    are `solid`, too.

    >>> plain("![x](a.b) *鼓楼*")
    '\\\\!\\\\[x\\\\]\\\\(a.b\\\\) \\\\*鼓楼\\\\*'
    >>> plain("www.a.b").replace(_WORD_JOINER, "|")
    'www|.a.b'
    """
    words = _BARE_LINK.sub(rf"\g<0>{_WORD_JOINER}", solid(words))
    return words.translate(_ESCAPED)
