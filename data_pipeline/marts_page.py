"""docs/marts.md: every mart with its grain and columns, and how to ask it in SQL.

`python -m data_pipeline.marts_page` writes it from the models as the registry makes
them; a test fails when it is stale.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from data_pipeline.models import models
from data_pipeline.registry import Registry, load_registry
from data_pipeline.warehouse import outline_models
from data_pipeline.words import texts

PATH = Path("docs") / "marts.md"
HEAD = """\
<!-- Generated from data_pipeline/sql and data_pipeline/registry; run `make docs`. -->
# Marts

A snapshot is a folder of Parquet files, `marts/<snapshot>/` in the lake; `CURRENT` says
which one is read. Its files never change, so any tool may read them while the dashboard
runs, and nothing that is read can be damaged by it. Copy what you want to keep: a later
build takes old snapshots away.

From Python, with what the project installs:

```python
import duckdb
from pathlib import Path

lake = Path("parquet")
marts = lake / "marts" / (lake / "CURRENT").read_text().strip()
leaf = duckdb.read_parquet(str(marts / "leaf" / "*.parquet"))
print(
    duckdb.sql(
        "select unit, sum(numerator) / sum(denominator) as rate from leaf "
        "where metric = 'topic_1_coverage' and month = '2016-07' group by unit"
    )
)
```

With the DuckDB command line, without opening any file for writing:

```
duckdb -c "select month, sum(numerator), sum(denominator) from \
'parquet/marts/$(cat parquet/CURRENT)/leaf/*.parquet' \
where metric = 'topic_1_coverage' group by month order by month"
```

A rate is a ratio of sums: add numerators and denominators first, divide last. That is
the same figure as `python -m reports export topic_1_coverage --month 2016-07 --by unit`
gives. What checks support (`--basis verified`) is an estimate and no sum: ask the
command.
"""


def marts_page(registry: Registry) -> str:
    """The page: for each mart its grain in words, its columns, types and meaning."""
    known = _meanings(registry)
    columns = outline_models(registry)
    lines = [HEAD]
    for model in models(registry):
        if not model.is_mart:
            continue
        lines += [f"## {model.name}", "", f"{_grain(model.sql(registry))}.", ""]
        lines += ["| Column | Type | Meaning |", "| --- | --- | --- |"]
        for name, kind in columns[model.name]:
            lines.append(f"| `{name}` | {kind} | {known[name]} |")
        lines.append("")
    return "\n".join(lines)


def _grain(sql: str) -> str:
    """The comment that a model begins with; its first line says the grain."""
    comment = itertools.takewhile(lambda line: line.startswith("--"), sql.splitlines())
    words = ""
    for line in comment:
        sentence = line.removeprefix("--").strip()
        # A line that begins a sentence ends the one before.
        is_next = words and sentence[:1].isupper() and not words.endswith(".")
        words += f"{'.' if is_next else ''} {sentence}"
    words = words.strip().removeprefix("grain: ").removesuffix(".")
    return words[:1].upper() + words[1:]


def _meanings(registry: Registry) -> dict[str, str]:
    known = texts("marts.column", "en")
    known |= {derived.name: derived.label_en for derived in registry.derived.values()}
    for table in registry.lake_tables.values():
        for column in table.columns:
            known.setdefault(column.name, column.definition_en)
    return known


if __name__ == "__main__":
    PATH.write_text(marts_page(load_registry()), "utf-8")
