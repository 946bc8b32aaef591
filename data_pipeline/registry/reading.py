"""From TOML files to entries; every fault is noted with its place and its remedy.

Reading never stops at a fault: what is broken is left out and its name remembered, so
that whatever names it is not called unknown on top of that.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data_pipeline.words import text

# Besides control characters: what turns the direction of writing, half characters.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
# What a page, paper or workbook would take for mark-up, a link, a formula or a place to
# fill in; names stand in all of them as they are.
MARKUP = re.compile(
    r"""[<>\[\]`*~$|\\{}#^="@\t\r\n\x85\u2028\u2029]|&[\w]+;|//|\.\./|www\.|:\w[\w/]*:"""
    r"""|(?<!\w)_|_(?!\w)|^\s*([-+\uff0b\uff0d\uff1d\uff20]|\d+[.)]\s)""",
    re.IGNORECASE,
)
# Keys of what people read; sentences have places to fill in.
_READ = re.compile(r"(?!sentence).*_(zh|en)|heading|sheet|aliases|synonyms|words.*")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
# What a key may hold, by the annotation of its field; words/registry.toml names each.
TOML_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "date": (date,),
    "tuple": (list,),
    "Mapping": (dict,),
    "Window": (dict,),
    "Verified": (dict,),
    "OwedBy": (dict,),
    "Cascade": (dict,),
}


class RegistryError(ValueError):
    """Faults in the registry files; one line each says where and what to write."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Faults:
    """The faults that were found so far, and the names of what they broke."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.broken: set[str] = set()

    def add(self, fault: str, /, **values: Any) -> None:
        """Note a fault by its key in words/registry.toml, once."""
        sentence = text("en", f"registry.{fault}", **values)
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def raise_any(self) -> None:
        if self.sentences:
            raise RegistryError(self.sentences)

    def is_known(
        self, place: str, value: Any, allowed: Iterable[str], *, counted_in: str = ""
    ) -> bool:
        """Whether a name is among those allowed; if not, what was probably meant.

        `counted_in`: the table of which it would be a count, were that one named.
        """
        choices = list(allowed)
        if value in choices:
            return True
        if value not in self.broken:
            near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.6)
            if counted_in:
                hint = text("en", "registry.counted_in", table=counted_in)
            elif near:
                hint = text("en", "registry.did_you_mean", near=near[0])
            else:
                hint = text("en", "registry.known_are", known=", ".join(choices))
            self.add("unknown", place=place, value=value, hint=hint)
        return False

    def is_name(self, place: str, value: Any) -> bool:
        """Whether SQL can take a name as it stands."""
        if isinstance(value, str) and IDENTIFIER.fullmatch(value):
            return True
        self.add("no_name", place=place, value=value)
        return False


def read_toml(path: Path, folder: Path, faults: Faults) -> dict[str, Any] | None:
    """The content of a file, None where it cannot be read."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        _check_signs(path.relative_to(folder).as_posix(), raw, faults)
        return raw
    except FileNotFoundError:
        faults.add("no_file", path=path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.add("not_toml", path=path.relative_to(folder), error=error)
    return None


def _check_signs(place: str, value: Any, faults: Faults, is_read: bool = False) -> None:
    """Note a text with a sign that nobody sees or, where it `is_read`, with mark-up."""
    if isinstance(value, dict):
        for key, one in value.items():
            _check_signs(place, key, faults, is_read=True)
            is_text = is_read or bool(_READ.fullmatch(key))
            _check_signs(f"{place}, key {key!a}", one, faults, is_text)
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            name = identity(one) if isinstance(one, dict) else None
            about = ascii(name).strip("'") if name else number
            _check_signs(f"{place} {about}", one, faults, is_read)
    elif isinstance(value, str):
        if found := CONTROL.search(value):
            sign = f"{ord(found[0]):04X}"
            faults.add("control", place=place, value=ascii(value), sign=sign)
        elif is_read and (found := MARKUP.search(value)):
            faults.add("markup", place=place, value=value, sign=found[0])


def read_folder(folder: Path, name: str, faults: Faults) -> dict[str, dict[str, Any]]:
    """The files of a folder by their stem, in the order that their key `order` gives.

    The stem is the name of what the file describes.
    """
    paths = sorted((folder / name).glob("*.toml"))
    if not paths:
        faults.add("empty_folder", folder=folder / name)
    files = {}
    for path in paths:
        place = f"{name}/{path.name}"
        raw = read_toml(path, folder, faults)
        is_name = faults.is_name(place, path.stem)
        if raw is None or not is_name:
            faults.broken.add(path.stem)
            continue
        if not isinstance(raw.get("order", 0), int):
            faults.add("order", place=place, value=raw["order"])
            raw["order"] = 0
        files[path.stem] = raw
    last = max((raw.get("order", 0) for raw in files.values()), default=0) + 1
    # Without an order a file comes after all others, by its name.
    return dict(sorted(files.items(), key=lambda file: file[1].get("order", last)))


def read_entry(
    kind: type, place: str, raw: Mapping[str, Any], faults: Faults, **given: Any
) -> Any:
    """A dataclass from a TOML table; None where a key is unknown, missing or wrong.

    `given` are fields that do not stand in the table.
    """
    fields = {f.name: f for f in dataclasses.fields(kind) if f.name not in given}
    before = len(faults.sentences)
    # A key that is missing because it is misspelt is one fault, not two.
    meant = set()
    for key in raw:
        if not faults.is_known(f"{place}, key", key, fields):
            meant.update(difflib.get_close_matches(key, fields, n=1, cutoff=0.6))
    for name, field in fields.items():
        is_required = (
            field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        )
        if is_required and name not in {*raw, *meant}:
            faults.add("no_key", place=place, name=name)
    for key, value in raw.items():
        if key in fields:
            check_type(f"{place}, key {key}", value, fields[key].type, faults)
    if len(faults.sentences) > before:
        for key in ("id", "name", "code"):
            if isinstance(raw.get(key), str):
                faults.broken.add(raw[key])
        return None
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    return kind(**values, **given)


def check_type(place: str, value: Any, annotation: str, faults: Faults) -> None:
    """Note a TOML value of another type than the field's annotation."""
    base = annotation.split(" |")[0].split("[")[0]
    if base not in TOML_TYPES:
        return
    allowed = TOML_TYPES[base]
    # A bool is an int to Python, and never to the person who wrote it.
    fits = isinstance(value, allowed) and isinstance(value, bool) == (base == "bool")
    if not fits:
        words = text("en", f"registry.types.{base}")
        faults.add("wrong_type", place=place, value=value, words=words)
    elif annotation == "tuple[str, ...]":
        for item in value:
            check_type(place, item, "str", faults)


def read_entries(
    kind: type, place: str, raw: Mapping[str, Any], key: str, faults: Faults
) -> list[Any]:
    """Every entry of a list of tables that could be read, each name once."""
    entries: dict[Any, Any] = {}
    for number, table in enumerate(list_tables(raw, key, place, faults), 1):
        name = identity(table) or number
        entry = read_entry(kind, f"{place}: {key} {name}", table, faults)
        if name in entries:
            faults.add("entry_twice", place=place, entry=key, name=name)
        elif entry is not None:
            entries[name] = entry
    return list(entries.values())


def identity(table: Mapping[str, Any]) -> Any:
    return table.get("id") or table.get("name") or table.get("code")


def list_tables(
    raw: Mapping[str, Any], key: str, place: str, faults: Faults
) -> list[dict[str, Any]]:
    entries = raw.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        faults.add("one_bracket", place=place, entry=key)
        return []
    return entries


def check_keys(
    place: str, raw: Mapping[str, Any], known: Iterable[str], faults: Faults
) -> None:
    """Note the keys of a file that do not exist."""
    for key in raw:
        faults.is_known(f"{place}, key", key, known)


def read_words(
    raw: Mapping[str, Any], key: str, place: str, faults: Faults
) -> tuple[str, ...]:
    words = raw.get(key, [])
    check_type(f"{place}: {key}", words, "tuple[str, ...]", faults)
    return tuple(words) if isinstance(words, list) else ()
