"""A registry in which every name that is shown holds a hostile text.

Names of units, sectors, groups, metrics, tables, pages and rules. Most texts are
refused when a registry is read; these are not, and must be harmless where they stand.
Some names begin with their text, others end with it.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from tests.extended_registry import copy_registry

HARMLESS = (
    "'; drop table ledger; -- K48",
    "read_text('/etc/passwd') K51",
    "'); attach '/tmp/K52.db'; --",
    "/tmp/evil-K54",
    "..%2f..%2fevil-K56",
    "CON.K58",
    "%s%nK63",
    "K77%00%0d%0aSet-Cookie:x",
    "K78+a%20b",
    "&D&K90 &A",
)
NAMED = re.compile(r'^((?:name|label|title|short)_(?:zh|en) = ")([^"\n]*)"$', re.M)
FILES = ("places.toml", "pages.toml", "rules.toml", "metrics/*.toml", "tables/*.toml")


def write_hostile_registry(folder: Path) -> Path:
    """The project's registry below `folder`, each name with the next of them."""
    registry = copy_registry(folder)
    # 10 texts and a turn of 3: each text comes to stand at either end.
    texts, is_first = itertools.cycle(HARMLESS), itertools.cycle((False, True, True))

    def with_text(found: re.Match) -> str:
        words = (found[2], next(texts))
        return f'{found[1]}{" ".join(words[::-1] if next(is_first) else words)}"'

    for pattern in FILES:
        for path in sorted(registry.glob(pattern)):
            path.write_text(NAMED.sub(with_text, path.read_text("utf-8")), "utf-8")
    return registry
