"""docs/metrics.md and docs/glossary.md, written from the registry.

`python -m reports.documents` writes both; a test fails when they are stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_pipeline.registry import Column, Measure, Metric, Registry, load_registry
from reports.words import catalogue, wording

FOLDER = Path("docs")
GENERATED = "<!-- Generated from data_pipeline/registry; run `make docs`. -->"


def metrics_page(registry: Registry) -> str:
    """Every metric: formula, target and due date, where it can be cut, its quote."""
    lines = [GENERATED, "# Metrics", ""]
    lines += [
        "Each rate is a ratio of sums, computed after grouping. A ledger row in which",
        "either side is blank enters neither sum; it is counted as `n_blank`.",
        "",
    ]
    rows = [
        (f"[`{m.id}`](#{m.id})", m.label_zh, m.label_en, _formula(m))
        for m in registry.metrics.values()
    ]
    lines += _table(("id", "名称", "Name", "Formula"), rows)
    for metric in registry.metrics.values():
        lines += [
            "",
            f"## {metric.id}",
            "",
            f"{metric.label_zh} · {metric.label_en}",
            "",
        ]
        facts = [
            ("Formula", _formula(metric)),
            ("In words", _spoken_formula(registry, metric)),
            ("Unit", metric.unit),
            ("Better", metric.better),
            ("Target", _targets(metric)),
            ("Owed by", _owed_by(metric)),
            ("Window", _window(metric)),
            ("By", ", ".join(f"`{d}`" for d in metric.dimensions)),
            ("Theme", metric.theme),
            ("Also called", ", ".join((*metric.synonyms, *metric.synonyms_en))),
            ("Status", "" if metric.is_offered else metric.status),
            ("Note", f"{metric.note_zh} {metric.note_en}".strip()),
            ("Required by", f"“{metric.quote}”"),
        ]
        lines += _table(("", ""), [fact for fact in facts if fact[1]])
    return "\n".join(lines) + "\n"


def glossary_page(registry: Registry) -> str:
    """Every table of the lake and its columns, every place, the words of the code."""
    lines = [GENERATED, "# Glossary", "", "## Words of the code", ""]
    words = [(code, word["zh"]) for code, word in CODE_WORDS.items()]
    lines += _table(("Code", "中文"), words)
    for table in registry.lake_tables.values():
        origin = "" if table.name in registry.tables else " (written by a command)"
        lines += ["", f"## {table.sheet} → `{table.name}`{origin}", ""]
        lines += [f"{table.label_en}. One row per {' × '.join(table.key)}.", ""]
        rows = [
            (f"`{c.name}`", c.heading, "、".join(c.aliases), _type(c), c.definition_en)
            for c in table.columns
        ]
        lines += _table(("Column", "Heading", "Also read", "Type", "Meaning"), rows)
    lines += ["", "## Derived columns", ""]
    lines += _table(
        ("Column", "名称", "Meaning"),
        [(f"`{d.name}`", d.label_zh, d.label_en) for d in registry.derived.values()],
    )
    lines += ["", "## Measures", ""]
    measures = [m for t in registry.lake_tables.values() for m in t.measures]
    lines += _table(
        ("Measure", "名称", "Meaning", "How it is counted"),
        [(f"`{m.name}`", m.label_zh, m.label_en, _counted(m)) for m in measures],
    )
    lines += ["", "## Sectors (“1+6”: the 1 is the overall figure)", ""]
    lines += _table(
        ("Code", "名称", "Name", "Also read"),
        [
            (f"`{s.code}`", s.name_zh, s.name_en, "、".join(s.aliases))
            for s in registry.sectors.values()
        ],
    )
    lines += ["", "## Units", ""]
    lines += _table(
        ("Code", "名称", "Name", "Group", "Also read"),
        [
            (f"`{u.code}`", u.name_zh, u.name_en, u.group, "、".join(u.aliases))
            for u in registry.units.values()
        ],
    )
    lines += ["", "## Supervision groups", ""]
    lines += _table(
        ("Code", "名称", "Name", "Also read"),
        [
            (f"`{g.code}`", g.name_zh, g.name_en, "、".join(g.aliases))
            for g in registry.groups.values()
        ],
    )
    return "\n".join(lines) + "\n"


CODE_WORDS = catalogue.terms("documents.code")


def _counted(measure: Measure) -> str:
    """`n_covered` of `special_group` where mode is blank, state."""
    counted = f"`{measure.column}`" if measure.column else measure.aggregate
    where = [
        f"{name} is {' or '.join(code or 'blank' for code in codes)}"
        for name, codes in measure.where.items()
    ]
    condition = f" where {', '.join(where)}" if where else ""
    clock = f" by {', '.join(measure.clock)}" if measure.clock else ""
    return f"{counted} of `{measure.table}`{condition}, {measure.time}{clock}"


def _formula(metric: Metric) -> str:
    return f"`{metric.numerator}` / `{metric.denominator}`"


def _spoken_formula(registry: Registry, metric: Metric) -> str:
    return f"{registry.label(metric.numerator)} ÷ {registry.label(metric.denominator)}"


def _owed_by(metric: Metric) -> str:
    owed = metric.owed_by
    if owed is None:
        return ""
    kinds = f" ({', '.join(owed.kinds)})" if owed.kinds else ""
    return f"each {owed.place}{kinds}, {owed.each}"


def _targets(metric: Metric) -> str:
    parts = []
    for milestone in metric.milestones:
        value = wording.demand(milestone, metric.unit)
        parts.append(f"{value} by {milestone.due}" if milestone.due else value)
    return ", ".join(parts)


def _window(metric: Metric) -> str:
    return f"{metric.window.start} to {metric.window.end}" if metric.window else ""


def _type(column: Column) -> str:
    parts = [column.type]
    if column.kind:
        parts.append(column.kind)
    if column.required:
        parts.append("required")
    if column.words:
        parts.append("/".join(column.words))
    return ", ".join(parts)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(heading) + " |", "|" + " --- |" * len(heading)]
    for row in rows:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return lines


def write_pages(folder: Path, registry: Registry) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "metrics.md").write_text(metrics_page(registry), "utf-8")
    (folder / "glossary.md").write_text(glossary_page(registry), "utf-8")


if __name__ == "__main__":
    write_pages(FOLDER, load_registry())
