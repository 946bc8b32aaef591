"""A registry in which every name that is shown ends with a hostile text.

Names of units, sectors, groups, metrics, tables, pages and rules. Most texts are
refused when a registry is read; these are not, and must be harmless where they stand.
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
)
NAMED = re.compile(r'^((?:name|label|title|short)_(?:zh|en) = ")([^"\n]*)"$', re.M)
FILES = ("places.toml", "pages.toml", "rules.toml", "metrics/*.toml", "tables/*.toml")


def write_hostile_registry(folder: Path) -> Path:
    """The project's registry below `folder`, each name with the next of them."""
    registry = copy_registry(folder)
    texts = itertools.cycle(HARMLESS)

    def ending(found: re.Match) -> str:
        return f'{found[1]}{found[2]} {next(texts)}"'

    for pattern in FILES:
        for path in sorted(registry.glob(pattern)):
            path.write_text(NAMED.sub(ending, path.read_text("utf-8")), "utf-8")
    return registry
