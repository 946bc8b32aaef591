"""Words that stand in TOML files, for everything that speaks to a person.

A folder of TOML files, one for each subject, the languages side by side:

    title.zh = "口径"
    title.en = "Definitions"

A word that follows the number of a value gives both its forms behind the value's name:

    flags.zh = "{n} 条线索"
    flags.en = "{n} {n:flag|flags}"

A key reads `<file>[.<section>…].<key>`. The standard library alone: the guarded child
process that opens workbooks imports this module, too.
"""

from __future__ import annotations

import difflib
import functools
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
_FORMS = re.compile(r"\{\w+:[^{}|]*\|[^{}|]*\}")  # {n:flag|flags}


class Text(str):
    """A text with words that follow the number of a value.

    >>> told = Text("{n} {n:flag|flags}")
    >>> told.format(n="1"), told.format(n=0), told.format(n="1,001")
    ('1 flag', '0 flags', '1,001 flags')
    """

    __slots__ = ()

    def format(self, *args: Any, **values: Any) -> str:
        return _BY_NUMBER.vformat(self, args, values)


class _ByNumber(string.Formatter):
    def format_field(self, value: Any, spec: str) -> str:
        one, parted, many = spec.partition("|")
        if not parted:
            return super().format_field(value, spec)
        return one if str(value) == "1" else many


_BY_NUMBER = _ByNumber()


class Catalogue:
    """The texts of a folder, read once, when the first of them is needed.

    Parameters
    ----------
    folder
        Where the TOML files lie.
    name
        What a fault calls the folder.
    required
        Languages that every text is said in; without any, one of them is enough.
    """

    def __init__(
        self, folder: Path, name: str, required: Sequence[str] = LANGUAGES
    ) -> None:
        self.folder, self.name, self.required = folder, name, tuple(required)

    def text(self, language: str, key: str, **values: Any) -> str:
        """The text of `key` with its {placeholders} filled.

        Raises
        ------
        KeyError
            No such key, not said in that language, or a placeholder without a value.
        """
        term = self.term(key)
        if language not in term:
            raise KeyError(f"{self.name}: {key} is not said in {language!r}")
        return term[language].format(**values)

    def term(self, key: str) -> Mapping[str, str]:
        """A text in every language that it is said in."""
        found = self.all_terms.get(key)
        if found is None:
            hint = _hint(key, self.all_terms)
            raise KeyError(f"{self.name} has no text {key!r}{hint}")
        return found

    def terms(self, section: str) -> Mapping[str, Mapping[str, str]]:
        """The terms of a section by their own keys, in the order of the file."""
        found = self._section(section)
        return {key: node for key, node in found.items() if _is_term(node)}

    def texts(self, section: str, language: str) -> dict[str, str]:
        """The texts of a section in one language, by their own keys."""
        return {key: term[language] for key, term in self.terms(section).items()}

    @functools.cached_property
    def all_terms(self) -> Mapping[str, Mapping[str, str]]:
        """Every term by its full key.

        Raises
        ------
        ValueError
            What stands there is no text in the languages that every text is said in.
        """
        return dict(self._flat(self._tree, ()))

    @functools.cached_property
    def _tree(self) -> Mapping[str, Any]:
        files = sorted(self.folder.glob("*.toml"))
        return {
            path.stem: _with_forms(tomllib.loads(path.read_text("utf-8")))
            for path in files
        }

    def _section(self, name: str) -> Mapping[str, Any]:
        node: Any = self._tree
        for part in name.split("."):
            if part not in node or _is_term(node[part]):
                known = {key.rpartition(".")[0] for key in self.all_terms}
                hint = _hint(name, known)
                raise KeyError(f"{self.name} has no section {name!r}{hint}")
            node = node[part]
        return node

    def _flat(
        self, node: Mapping[str, Any], path: tuple[str, ...]
    ) -> Iterator[tuple[str, Mapping[str, str]]]:
        for key, value in node.items():
            is_known = isinstance(value, Mapping) and (
                not _is_term(value) or value.keys() >= set(self.required)
            )
            if not is_known:
                languages = self.required or LANGUAGES
                raise ValueError(
                    f"{self.name}: {'.'.join((*path, key))} is not said in each of "
                    f"{', '.join(languages)}"
                )
            if _is_term(value):
                yield ".".join((*path, key)), value
            else:
                yield from self._flat(value, (*path, key))


def _with_forms(node: Any) -> Any:
    """A tree in which every text with forms for one and for many is a `Text`."""
    if isinstance(node, Mapping):
        return {key: _with_forms(value) for key, value in node.items()}
    is_text = isinstance(node, str) and _FORMS.search(node)
    return Text(node) if is_text else node


def _is_term(node: Any) -> bool:
    """Whether a node is a text by language: nothing below it but texts of languages."""
    return (
        isinstance(node, Mapping)
        and bool(node)
        and node.keys() <= set(LANGUAGES)
        and all(isinstance(said, str) for said in node.values())
    )


def _hint(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
