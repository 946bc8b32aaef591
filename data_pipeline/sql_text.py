"""The SQL that runs: files as they lie, or templates filled with names of the registry.

A template (`.sql.jinja`) loops over names that the registry gives: count columns,
columns of a table, sources. It sees no data and no choice of a reader; the names were
checked as identifiers when the registry was loaded. What ran lies with its snapshot
under `compiled/`, and that is what the tests of the SQL read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2

from data_pipeline.measured_names import (
    measured_parts,
    row_names,
    staged_tables,
    stored_tables,
    tables_of_branches,
)
from data_pipeline.registry import ROLL_DIMENSIONS, Metric, Registry

SQL = Path(__file__).parent / "sql"
# The template of every table that has no model of its own.
STAGED = "staging/filed_table"
# The template of the rows that a metric counts.
ROWS = "filed_rows"
# The template of the metrics that count the rows of some tables.
MEASURED = "measured"
# The template of rates: of the leaf, or of the fine one with all that divides it.
RATES = "rates"
LEAVES = ("leaf", "fine_leaf")
# The template of the rows of a table of the lake that no later one has replaced.
IN_FORCE = "in_force_rows"
# The template of all rows of a table that has no model of its own.
STAGED_ROWS = "staged_rows"
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(SQL),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@functools.cache
def sql_text(name: str, registry: Registry) -> str:
    """The text of `sql/<name>.sql`, for a registry.

    >>> from data_pipeline.registry import load_registry
    >>> sql_text("marts/leaf", load_registry()).splitlines()[0][:22]
    '-- grain: metric x mon'
    """
    path = SQL / f"{name}.sql"
    if path.exists():
        return path.read_text("utf-8")
    names = _names(registry)
    if name.startswith(f"{ROWS}/"):
        side = row_names(registry)[name.removeprefix(f"{ROWS}/")]
        table = staged_tables(registry)[side["table"]]
        template = _TEMPLATES.get_template(f"{ROWS}.sql.jinja")
        return template.render(side=side, table=table)
    folder, _, table = name.rpartition("/")
    if folder == MEASURED:
        template = _TEMPLATES.get_template(f"{MEASURED}.sql.jinja")
        return template.render(names, measured=measured_parts(registry)[table])
    if folder == RATES:
        template = _TEMPLATES.get_template(f"{RATES}.sql.jinja")
        is_fine = table == "fine_leaf"
        kinds, words = (ROLL_DIMENSIONS, registry.categories) if is_fine else ((), ())
        finer = (*kinds, *words)
        return template.render(leaves=table, kinds=kinds, words=words, finer=finer)
    if folder == IN_FORCE:
        template = _TEMPLATES.get_template(f"{IN_FORCE}.sql.jinja")
        return template.render(table=stored_tables(registry)[table])
    templates = {"staging": STAGED, STAGED_ROWS: STAGED_ROWS}
    if folder in templates and (staged := staged_tables(registry).get(table)):
        template = _TEMPLATES.get_template(f"{templates[folder]}.sql.jinja")
        return template.render(table=staged)
    return _TEMPLATES.get_template(f"{name}.sql.jinja").render(names)


def all_names(registry: Registry | None = None) -> tuple[str, ...]:
    """Every file of sql/ by its name, as `sql_text` takes it.

    Without a registry those that every registry has, without its staged tables.
    """
    paths = (path.relative_to(SQL) for path in SQL.rglob("*.sql*"))
    names = {str(path).split(".sql")[0] for path in paths}
    names -= {STAGED, ROWS, STAGED_ROWS, IN_FORCE, MEASURED, RATES}
    names |= {f"{RATES}/{leaves}" for leaves in LEAVES}
    if registry:
        for table in staged_tables(registry):
            names |= {f"staging/{table}", f"{STAGED_ROWS}/{table}"}
        names |= {f"{IN_FORCE}/{table}" for table in stored_tables(registry)}
        names |= {f"{ROWS}/{metric}" for metric in row_names(registry)}
        names |= {f"{MEASURED}/{part}" for part in measured_parts(registry)}
    return tuple(sorted(names))


def write_compiled(folder: Path, registry: Registry) -> None:
    """Put every text that a snapshot is made and read by into a folder."""
    for name in all_names(registry):
        path = folder / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sql_text(name, registry), "utf-8")


@functools.cache
def _names(registry: Registry) -> dict[str, Any]:
    """All that a template sees: names, each an identifier."""
    ledger, spot_check = (registry.tables[name] for name in ("ledger", "spot_check"))
    derived = registry.derived.values()
    differences = [d for d in derived if d.table == "ledger"]
    known = (*ledger.counts, *(d.name for d in differences))
    # The count of a month's topic is that topic's column.
    counted = [d.name for d in derived if d.table == "ledger_sums" and not d.of_topic]
    metrics = registry.metrics.values()
    verified = dict.fromkeys(m.verified for m in metrics if m.verified)
    recounts = [v for v in verified if v.base]
    return {
        "ledger": {
            "counts": ledger.counts,
            "states": [c.name for c in ledger.columns if c.kind == "state"],
            "cumulative": [c.name for c in ledger.columns if c.kind == "cumulative"],
            "differences": differences,
            "known": known,
            "bits": {name: 2**position for position, name in enumerate(known)},
            "counted": counted,
            "summed": (*known, *counted),
            # Sides of the metrics that single rows are asked for.
            "clustered": _sides(known, (m for m in metrics if m.is_clustered)),
            "verified": _sides(known, (m for m in metrics if m.verified)),
        },
        "categories": registry.categories,
        "of_branches": tables_of_branches(registry),
        "stored_tables": list(stored_tables(registry).values()),
        "topics": [
            topic.id
            for topic in registry.calendar.topics
            if {f"n_branches_{topic.id}", f"n_speakers_{topic.id}"} <= set(known)
        ],
        "sources": {
            source: [d.name for d in derived if d.table == source]
            for source in dict.fromkeys(d.table for d in derived)
        },
        "spot_check": {
            "columns": [c.name for c in spot_check.columns],
            # What a check says of a branch, beside who, when and where.
            "said": [
                c.name for c in spot_check.columns if c.name not in spot_check.key
            ],
        },
        "verdicts": [v.column for v in verified if not v.base],
        "recounts": recounts,
        "bases": dict.fromkeys(v.base for v in recounts),
    }


def _sides(names: Sequence[str], metrics: Iterable[Metric]) -> list[str]:
    """Those of the names that a metric divides, or divides by, in their own order."""
    used = {side for m in metrics for side in (m.numerator, m.denominator)}
    return [name for name in names if name in used]
