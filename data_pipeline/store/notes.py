"""A dictionary in many small files, of which a run reads and writes those it needs.

    <root>/lake/known.json            sealed: what is noted of the whole, and the parts
    <root>/lake/known/<seal>.json     one part each, sealed, never rewritten

An entry lies in the part that the checksum of its key names, so that looking it up
costs the same however many there are. A part that changes becomes another file; the
head, replaced last, says which of them count. Whoever is killed before leaves what was.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data_pipeline.disk import replace_file
from data_pipeline.store.sealing import SEAL, read_plain, seal_of, sealed_json

HEAD = "lake/known.json"
PARTS = "lake/known"
# So many entries to a part, up to twice as many before there are more parts.
_ROOMY = 512
Key, Value = tuple[Any, ...], tuple[Any, ...]
Part = dict[str, dict[Key, Value]]


class LostNotesError(RuntimeError):
    """A part is not there as it was written."""


class Notes:
    """Entries of several kinds, each with a key and a value of JSON scalars.

    `facts` is what the head says of the whole.
    """

    def __init__(self, root: Path, head: Mapping[str, Any] | None = None):
        head = head or {"parts": [""], "counts": {}}
        self._root = root
        self.facts: Mapping[str, Any] = head
        self._seals: list[str] = list(head["parts"])
        self._counts = collections.Counter(head["counts"])
        self._read: dict[int, Part] = {}
        self._changed: set[int] = set()

    @classmethod
    def take_up(cls, root: Path) -> Notes | None:
        """What was kept, None where there is nothing that can be believed."""
        head = _read_sealed(root / HEAD)
        try:
            return cls(root, head) if head else None
        except (TypeError, KeyError, ValueError):
            return None

    def count(self, kind: str) -> int:
        return self._counts[kind]

    def get(self, kind: str, key: Key) -> Value | None:
        """The value of a key, None where it has none. Raises LostNotesError."""
        return self._part(self._number(key)).get(kind, {}).get(key)

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]:
        """All entries of a kind, which reads all parts. Raises LostNotesError."""
        for number in range(len(self._seals)):
            yield from self._part(number).get(kind, {}).items()

    def put(self, kind: str, key: Key, value: Value) -> None:
        """Note a value. Raises LostNotesError."""
        number = self._number(key)
        entries = self._part(number).setdefault(kind, {})
        known = entries.get(key)
        if known != value:
            self._counts[kind] += known is None
            entries[key] = value
            self._changed.add(number)

    def keep(self, facts: Mapping[str, Any]) -> None:
        """Write what has changed, and the head with `facts`, last.

        Raises
        ------
        LostNotesError
            A part that has to be divided is not there.
        OSError
            It cannot be written: what was kept before stays.
        """
        if self._counts.total() > 2 * _ROOMY * len(self._seals):
            self._divide()
        folder = self._root / PARTS
        folder.mkdir(exist_ok=True)
        for number in sorted(self._changed):
            said = {
                kind: [list(entries), list(entries.values())]
                for kind, entries in self._read[number].items()
            }
            raw = {"number": number, "said": said}
            raw[SEAL] = self._seals[number] = seal_of(raw)
            content = json.dumps(raw, ensure_ascii=False).encode()
            # It only saves work: a part that a fall of power takes is made again.
            replace_file(self._path(number), content, sync=False)
        counts = {"parts": self._seals, "counts": dict(self._counts)}
        head = sealed_json({**facts, **counts}, indent=None)
        replace_file(self._root / HEAD, head, sync=False)
        self._changed.clear()
        for name in {*os.listdir(folder)} - {f"{seal}.json" for seal in self._seals}:
            (folder / name).unlink()

    def _divide(self) -> None:
        """Have so many parts that each is small."""
        kinds = {kind: dict(self.items(kind)) for kind in self._counts}
        n_parts = len(self._seals)
        while self._counts.total() > _ROOMY * n_parts:
            n_parts *= 2
        self._seals = [""] * n_parts
        self._read = {number: {} for number in range(n_parts)}
        self._changed = set(range(n_parts))
        for kind, entries in kinds.items():
            for key, value in entries.items():
                part = self._read[self._number(key)]
                part.setdefault(kind, {})[key] = value

    def _number(self, key: Key) -> int:
        if len(self._seals) == 1:
            return 0
        return zlib.crc32("\x1f".join(map(str, key)).encode()) % len(self._seals)

    def _path(self, number: int) -> Path:
        return self._root / PARTS / f"{self._seals[number]}.json"

    def _part(self, number: int) -> Part:
        if number not in self._read:
            self._read[number] = self._take(number) if self._seals[number] else {}
        return self._read[number]

    def _take(self, number: int) -> Part:
        raw = _read_sealed(self._path(number))
        if not raw or raw[SEAL] != self._seals[number]:
            raise LostNotesError(self._path(number))
        return {
            kind: dict(zip(map(tuple, keys), map(tuple, values), strict=True))
            for kind, (keys, values) in raw["said"].items()
        }


def kept_files(root: Path) -> list[str]:
    """The files below a root that hold what is noted."""
    head = _read_sealed(root / HEAD) or {}
    parts = [seal for seal in head.get("parts", ()) if seal]
    return [HEAD, *(f"{PARTS}/{seal}.json" for seal in parts)]


def _read_sealed(path: Path) -> dict[str, Any] | None:
    """What a sealed file says, None where it is not there or not as it was sealed."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        raw = json.loads(read_plain(path))
        if raw.get(SEAL) == seal_of(raw):
            return raw
    return None
